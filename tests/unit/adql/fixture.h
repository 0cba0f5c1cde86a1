/* fixture.h -- a small catalog, a plain dialect and one call from text to SQL, for the
 * tests of the query language. */
#ifndef TESTS_UNIT_ADQL_FIXTURE_H
#define TESTS_UNIT_ADQL_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "adql/adql.h"
#include "tests/test.h"

/* --- the store's tables --- */

#define FIELD(field_name, field_type, field_length)                                        \
    &(const struct store_column)                                                           \
    {                                                                                      \
        .size = sizeof(struct store_column), .name = field_name, .type = field_type,       \
        .length = field_length, .flags = STORE_NULLABLE, .minimum = NAN, .maximum = NAN,   \
        .null_fraction = NAN                                                               \
    }
#define STORE_TABLE(table_name, columns)                                                   \
    {                                                                                      \
        .size = sizeof(struct store_table), .ncolumn = sizeof columns / sizeof *columns,   \
        .column = columns, .name = table_name, .lon_column = -1, .lat_column = -1,         \
        .hpx_column = -1, .hpx_order = -1, .row_estimate = -1                              \
    }

static const struct store_column *const EVENTS[] = {
    FIELD("uuid", STORE_TEXT, -1),       FIELD("r", STORE_I32, 1),
    FIELD("datetime", STORE_TIME_US, 1), FIELD("ra", STORE_F64, 1),
    FIELD("dec", STORE_F64, 1),          FIELD("e", STORE_F64, 1),
    FIELD("flux", STORE_F32, 1),         FIELD("n", STORE_I16, 1),
    FIELD("good", STORE_BOOL, 1),        FIELD("name", STORE_TEXT, -1),
    FIELD("pos", STORE_F64, 2),          FIELD("fov", STORE_F64, -1),
    FIELD("s_region", STORE_TEXT, -1),   FIELD("deposit", STORE_F32, 252),
    FIELD("link", STORE_TEXT, -1),       FIELD("hpx", STORE_I64, 1)};
static const struct store_column *const RUNS[] = {
    FIELD("run", STORE_I32, 1), FIELD("date", STORE_TIME_US, 1), FIELD("ra", STORE_F64, 1),
    FIELD("comment", STORE_TEXT, -1)};
static const struct store_column *const STARS[] = {
    FIELD("id", STORE_I64, 1), FIELD("ra", STORE_F64, 1), FIELD("dec", STORE_F64, 1),
    FIELD("mag", STORE_F32, 1), FIELD("pos", STORE_F64, 2)};
static const struct store_column *const OBS[] = {
    FIELD("id", STORE_I64, 1), FIELD("flux", STORE_F32, 1), FIELD("band", STORE_TEXT, -1),
    FIELD("note", STORE_TEXT, -1)};
static const struct store_column *const T[] = {
    FIELD("a", STORE_I32, 1), FIELD("b", STORE_F64, 1), FIELD("c", STORE_TEXT, -1),
    FIELD("p", STORE_F64, 2), FIELD("k", STORE_I64, 1)};
static const struct store_column *const U[] = {
    FIELD("a", STORE_I32, 1), FIELD("d", STORE_F64, 1), FIELD("c", STORE_TEXT, -1)};
static const struct store_column *const TAB[] = {
    FIELD("size", STORE_I32, 1), FIELD("select", STORE_TEXT, -1),
    FIELD("Abc", STORE_I32, 1), FIELD("id", STORE_I64, 1)};

static const struct store_table STORE_TABLES[] = {
    STORE_TABLE("events", EVENTS), STORE_TABLE("runs", RUNS), STORE_TABLE("stars", STARS),
    STORE_TABLE("obs", OBS),       STORE_TABLE("t", T),       STORE_TABLE("u", U),
    STORE_TABLE("Tab", TAB)};

static const char DESCRIPTION_KASCADE[] =
    "name: kascade\n"
    "description: Air showers.\n"
    "tables:\n"
    "- name: events\n"
    "  description: One row for each shower.\n"
    "  colure:position: {lon: ra, lat: dec, healpix: hpx, healpix_order: 13}\n"
    "  columns:\n"
    "  - {name: uuid, datatype: char, length: 36, description: Identifier., "
    "ivoa:ucd: meta.id;meta.main}\n"
    "  - {name: run, 'colure:native': r, datatype: int, description: Run.}\n"
    "  - {name: datetime, datatype: timestamp, description: Time.}\n"
    "  - {name: ra, datatype: double, 'ivoa:unit': deg, 'ivoa:ucd': pos.eq.ra;meta.main, "
    "description: Right ascension.}\n"
    "  - {name: dec, datatype: double, 'ivoa:unit': deg, 'ivoa:ucd': pos.eq.dec;meta.main, "
    "description: Declination.}\n"
    "  - {name: e, datatype: double, 'ivoa:unit': eV, description: Energy.}\n"
    "  - {name: flux, datatype: float, 'ivoa:unit': Jy, description: Flux.}\n"
    "  - {name: n, datatype: short, description: Number.}\n"
    "  - {name: good, datatype: boolean, description: Good.}\n"
    "  - {name: name, datatype: char, length: 20, description: Name.}\n"
    "  - {name: pos, datatype: double, 'votable:arraysize': '2', 'votable:xtype': point, "
    "description: Position.}\n"
    "  - {name: fov, datatype: double, 'votable:arraysize': '*', 'votable:xtype': polygon, "
    "description: Field.}\n"
    "  - {name: s_region, datatype: char, 'votable:arraysize': '*', "
    "'votable:xtype': 'adql:REGION', description: Region.}\n"
    "  - {name: deposit, datatype: float, 'votable:arraysize': '252', "
    "description: Deposits.}\n"
    "  - {name: link, datatype: char, 'votable:arraysize': '*', 'colure:no_search': true, "
    "description: Link.}\n"
    "  - {name: hpx, datatype: long, 'colure:hidden': true, description: Index.}\n"
    "- name: runs\n"
    "  description: One row for each run.\n"
    "  columns:\n"
    "  - {name: run, datatype: int, description: Run.}\n"
    "  - {name: '\"date\"', 'colure:native': date, datatype: timestamp, "
    "description: Begin.}\n"
    "  - {name: ra, datatype: double, 'ivoa:unit': deg, description: Zenith.}\n"
    "  - {name: comment, datatype: char, 'votable:arraysize': '*', description: Words.}\n";

static const char DESCRIPTION_CAT[] =
    "name: cat\n"
    "description: Stars.\n"
    "tables:\n"
    "- name: stars\n"
    "  description: Stars.\n"
    "  columns:\n"
    "  - {name: id, datatype: long, description: Id.}\n"
    "  - {name: ra, datatype: double, 'ivoa:unit': deg, description: RA.}\n"
    "  - {name: dec, datatype: double, 'ivoa:unit': deg, description: Dec.}\n"
    "  - {name: mag, datatype: float, 'ivoa:unit': mag, description: Magnitude.}\n"
    "  - {name: pos, datatype: double, 'votable:arraysize': '2', 'votable:xtype': point, "
    "description: Position.}\n"
    "- name: obs\n"
    "  description: Observations.\n"
    "  columns:\n"
    "  - {name: id, datatype: long, description: Id.}\n"
    "  - {name: flux, datatype: float, 'ivoa:unit': Jy, description: Flux.}\n"
    "  - {name: band, datatype: char, length: 4, description: Band.}\n"
    "  - {name: note, datatype: char, 'votable:arraysize': '*', description: Note.}\n"
    "- name: t\n"
    "  description: Anything.\n"
    "  columns:\n"
    "  - {name: a, datatype: int, description: A.}\n"
    "  - {name: b, datatype: double, description: B.}\n"
    "  - {name: c, datatype: char, 'votable:arraysize': '*', description: C.}\n"
    "  - {name: p, datatype: double, 'votable:arraysize': '2', 'votable:xtype': point, "
    "description: P.}\n"
    "  - {name: k, datatype: long, description: K.}\n"
    "- name: u\n"
    "  description: Something else.\n"
    "  columns:\n"
    "  - {name: a, datatype: int, description: A.}\n"
    "  - {name: d, datatype: double, description: D.}\n"
    "  - {name: c, datatype: char, 'votable:arraysize': '*', description: C.}\n"
    "- name: '\"Tab\"'\n"
    "  colure:native: Tab\n"
    "  description: Names that need quotes.\n"
    "  columns:\n"
    "  - {name: '\"size\"', 'colure:native': size, datatype: int, description: Size.}\n"
    "  - {name: '\"select\"', 'colure:native': select, datatype: char, "
    "'votable:arraysize': '*', description: Select.}\n"
    "  - {name: '\"Abc\"', 'colure:native': Abc, datatype: int, description: Abc.}\n"
    "  - {name: id, datatype: long, description: Id.}\n";

/* --- the catalog --- */

static void fixture_write(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(2);
    }
}

static const struct catalog *fixture_catalog(void)
{
    static const struct catalog *catalog;
    static const struct store_table *table[7];
    char path[2][64];
    struct bytes report;
    struct err e = {0};
    if (catalog)
        return catalog;
    for (int i = 0; i < 7; i++)
        table[i] = &STORE_TABLES[i];
    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof path[i], "/tmp/colure-adql-%d-%d.yaml", (int)getpid(), i);
        fixture_write(path[i], i ? DESCRIPTION_CAT : DESCRIPTION_KASCADE);
    }
    struct catalog_source source[2] = {{.path = path[0],
                                        .store = 1,
                                        .table = table,
                                        .ntable = 2,
                                        .quote = '"',
                                        .native_prefix = "demo."},
                                       {.path = path[1],
                                        .store = 1,
                                        .table = table + 2,
                                        .ntable = 5,
                                        .quote = '"',
                                        .native_prefix = "demo."}};
    bytes_init(&report, 1 << 20);
    struct catalog *built = catalog_build(source, 2, 0, &report, &e);
    if (built && catalog_read_vocabularies(built, "tests/data/vocabularies", &e))
        catalog = built;
    if (!catalog) {
        fprintf(stderr, "%s\n%s\n", e.message, bytes_text(&report));
        exit(2);
    }
    bytes_free(&report);
    unlink(path[0]);
    unlink(path[1]);
    return catalog;
}

/* An uploaded table, as core/query makes them. */
static const struct catalog_column UPLOAD_COLUMNS[] = {
    {.meta = {.size = sizeof(struct store_column),
              .type = STORE_I32,
              .length = 1,
              .name = "ID"},
     .adql_name = "ID",
     .native = "c0",
     .index = 0},
    {.meta = {.size = sizeof(struct store_column),
              .type = STORE_F64,
              .length = 1,
              .name = "RAJ2000",
              .unit = "deg"},
     .adql_name = "RAJ2000",
     .native = "c1",
     .index = 1},
    {.meta = {.size = sizeof(struct store_column),
              .type = STORE_F64,
              .length = 1,
              .name = "my col"},
     .adql_name = "\"my col\"",
     .native = "c2",
     .index = 2}};
static const struct catalog_table UPLOAD = {.schema = "tap_upload",
                                            .name = "mine",
                                            .full_name = "TAP_UPLOAD.mine",
                                            .ncolumn = 3,
                                            .column = UPLOAD_COLUMNS,
                                            .lon_column = -1,
                                            .lat_column = -1,
                                            .hpx_column = -1,
                                            .row_estimate = -1,
                                            .native = "\"up_0\""};

static bool fixture_resolve(void *context, str identifier, double *lon, double *lat,
                            struct err *e)
{
    (void)context;
    if (!str_eq(identifier, STR("M 1")))
        return err_set(e, ERR_USAGE, "nobody knows it");
    *lon = 83.63;
    *lat = 22.01;
    return true;
}

/* --- a plain dialect: every op is a function of its own name, but for arithmetic --- */

static const struct adql_dialect *fixture_dialect(void)
{
    static struct store_spelling spelling[ADQL_NOP];
    static char text[ADQL_NOP][48];
    static struct adql_dialect *dialect;
    static struct store_dialect store = {.size = sizeof store,
                                         .name = "plain",
                                         .type_name = {"BOOLEAN", "UTINYINT", "SMALLINT",
                                                       "INTEGER", "BIGINT", "FLOAT",
                                                       "DOUBLE", "VARCHAR", "TIMESTAMP"},
                                         .fixed_array = "$1[$2]",
                                         .variable_array = "$1[]",
                                         .parameter = "$%u",
                                         .spelling = spelling};
    static const struct store_spelling OWN[] = {
        {"add", "($1 + $2)"},       {"sub", "($1 - $2)"},
        {"mul", "($1 * $2)"},       {"neg", "(-$1)"},
        {"pos", "(+$1)"},           {"div_float", "($1 / $2)"},
        {"div_int", "($1 // $2)"},  {"concat", "($1 || $2)"},
        {"like", "($1 LIKE $2)"},   {"not_like", "($1 NOT LIKE $2)"},
        {"ilike", "($1 ILIKE $2)"}, {"not_ilike", "($1 NOT ILIKE $2)"},
        {"count_star", "count(*)"}, {"count_distinct", "count(DISTINCT $1)"},
        {"element", "($1)[$2]"},    {"tablesample", "TABLESAMPLE ($1 PERCENT)"}};
    struct err e = {0};
    if (dialect)
        return dialect;
#define X(name, least, most)                                                               \
    snprintf(text[ADQL_OP_##name], 48, most == 0 ? #name "()" : #name "($*)");             \
    spelling[store.nspelling++] = (struct store_spelling){#name, text[ADQL_OP_##name]};
    ADQL_OPS(X)
#undef X
    /* fixed numbers of arguments, since the writer may have flattened them */
    for (size_t i = 0; i < store.nspelling; i++) {
#define X(name, least, most)                                                               \
    if (most > 0 && least == most && strcmp(spelling[i].op, #name) == 0) {                 \
        size_t n = (size_t)snprintf(text[ADQL_OP_##name], 48, #name "($1");                \
        for (int k = 2; k <= most; k++)                                                    \
            n += (size_t)snprintf(text[ADQL_OP_##name] + n, 48 - n, ", $%d", k);           \
        snprintf(text[ADQL_OP_##name] + n, 48 - n, ")");                                   \
    }
        ADQL_OPS(X)
#undef X
        for (size_t k = 0; k < sizeof OWN / sizeof *OWN; k++)
            if (strcmp(spelling[i].op, OWN[k].op) == 0)
                spelling[i].sql = OWN[k].sql;
    }
    dialect = adql_dialect_new(&store, &e);
    if (!dialect) {
        fprintf(stderr, "%s\n", e.message);
        exit(2);
    }
    return dialect;
}

/* --- from text on --- */

static struct arena *fixture_arena;
static struct err fault;

static struct adql_query *try_parse(const char *text, enum adql_lang lang)
{
    if (!fixture_arena)
        fixture_arena = arena_new(256u << 20);
    arena_reset(fixture_arena);
    fault = (struct err){0};
    return adql_parse(str_of(text), lang, NULL, fixture_arena, &fault);
}

static bool try_bind(struct adql_query *q)
{
    struct adql_scope scope = {.catalog = fixture_catalog(),
                               .upload = &UPLOAD,
                               .nupload = 1,
                               .resolve = fixture_resolve};
    return q && adql_bind(q, &scope, fixture_arena, &fault);
}

/* "LINE:COLUMN: message" of the last failure. */
static const char *fault_text(void)
{
    static char text[1400];
    snprintf(text, sizeof text, "%d:%d: %s", fault.line, fault.column, fault.message);
    return text;
}

/* Its length is the compiler's no business. */
static __attribute__((noinline, unused)) const char *message_of(const struct err *e)
{
    return e->message;
}

static struct bytes written;

static const char *written_text(void)
{
    const char *text = bytes_text(&written);
    return text ? text : "(too long)";
}

static void written_begin(void)
{
    if (written.limit == 0)
        bytes_init(&written, 64u << 20);
    bytes_clear(&written);
    written.failed = false;
}

/* The statement of a query, or its error. */
static inline const char *sql_of(const char *text)
{
    struct adql_query *q = try_parse(text, ADQL_COLURE);
    written_begin();
    if (!try_bind(q) || !adql_write(q, fixture_dialect(), NULL, &written, NULL, &fault))
        return fault_text();
    return written_text();
}

/* Canonical text of the query, or its error. */
static inline const char *canonical_of(const char *text)
{
    struct adql_query *q = try_parse(text, ADQL_COLURE);
    written_begin();
    if (!q || !adql_write_adql(q, &written, &fault))
        return fault_text();
    return written_text();
}

/* Both of them, for tests of acceptance alone. */
static inline bool is_accepted(const char *text)
{
    return try_bind(try_parse(text, ADQL_COLURE));
}

static inline bool is_parsed(const char *text)
{
    return try_parse(text, ADQL_COLURE) != NULL;
}

#endif
