/* test_tap_schema.c -- TAP_SCHEMA: what its tables are and what their rows say. */
#include "tests/unit/core-catalog/fixture.h"

#include "core/base/rows.h"

static const struct store_column *const EVENTS[] = {
    COLUMN("uuid", STORE_TEXT, -1), COLUMN("run", STORE_I32, 1),
    COLUMN("t", STORE_TIME_US, 1), COLUMN("dep", STORE_F32, 12),
    COLUMN("hpx", STORE_I64, 1)};
static const struct store_column *const RUNS[] = {COLUMN("run", STORE_I32, 1)};
static const struct store_table EVENTS_TABLE = {.size = sizeof EVENTS_TABLE,
                                                .ncolumn = 5,
                                                .column = EVENTS,
                                                .name = "events",
                                                .lon_column = -1,
                                                .lat_column = -1,
                                                .hpx_column = 4,
                                                .hpx_order = 9,
                                                .row_estimate = 1000};
static const struct store_table RUNS_TABLE = TABLE("runs", RUNS);
static const struct store_table *const TABLES[] = {&EVENTS_TABLE, &RUNS_TABLE};

static const char DESCRIPTION[] =
    "name: x\n"
    "description: Showers\n"
    "tables:\n"
    "- name: events\n"
    "  description: One shower\n"
    "  votable:utype: ut\n"
    "  columns:\n"
    "  - {name: uuid, datatype: char, length: 36, nullable: false, ivoa:ucd: meta.id}\n"
    "  - {name: run, ivoa:unit: '1', tap:principal: 1, tap:std: 1}\n"
    "  - {name: '\"time\"', colure:native: t}\n"
    "  - {name: dep, votable:arraysize: 3x4, description: Deposit}\n"
    "  indexes: [{name: i, columns: [run]}]\n"
    "  constraints:\n"
    "  - {name: k, \"@type\": ForeignKey, columns: [run, run], referencedColumns: "
    "[runs.run, "
    "runs.run], description: D}\n"
    "- name: runs\n"
    "  colure:view: true\n"
    "  columns: [{name: run}]\n";

static struct catalog *catalog;

static struct catalog *get(void)
{
    if (!catalog)
        catalog = build_tables(DESCRIPTION, TABLES, 2);
    if (!catalog)
        TEST_FAIL("%.800s", fault.message);
    return catalog;
}

static void print_cell(struct bytes *out, const struct store_column *c,
                       const struct store_vector *v, uint32_t i)
{
    if (!store_is_valid(v, i))
        bytes_add_literal(out, "-");
    else if (c->type == STORE_TEXT)
        bytes_add(out, (str){(const char *)v->data + v->offset[i],
                             v->offset[i + 1] - v->offset[i]});
    else if (c->type == STORE_I32)
        bytes_add_format(out, "%d", ((const int32_t *)v->data)[i]);
    else if (c->type == STORE_I64)
        bytes_add_format(out, "%lld", (long long)((const int64_t *)v->data)[i]);
    else
        bytes_add_format(out, "%g", ((const double *)v->data)[i]);
}

/* All rows, cells joined by '|'; *nbatch: how many batches. */
static const char *rows_of(const struct catalog *c, const char *table, int *nbatch)
{
    static struct bytes out;
    struct store_batch batch;
    struct err e = {0};
    bytes_init(&out, 1 << 24);
    struct rowsource *rows = catalog_tap_schema_rows(c, table, &e);
    if (!rows)
        TEST_FAIL("%.500s", e.message);
    enum step step;
    *nbatch = 0;
    while ((step = rows->next(rows, &batch, &e)) == STEP_ROWS) {
        ++*nbatch;
        for (uint32_t i = 0; i < batch.nrow; i++)
            for (uint32_t k = 0; k < rows->ncolumn; k++) {
                print_cell(&out, rows->column[k], &batch.column[k], i);
                bytes_add_char(&out, k + 1 < rows->ncolumn ? '|' : '\n');
            }
    }
    CHECK_INT(step, STEP_END);
    rows->close(rows);
    static char text[1 << 20];
    snprintf(text, sizeof text, "%.*s", (int)out.len, out.at);
    bytes_free(&out);
    return text;
}

static void check_rows(const char *table, const char *want)
{
    int nbatch;
    const char *text = rows_of(get(), table, &nbatch);
    if (strncmp(text, want, strlen(want)) != 0)
        TEST_FAIL("%s: %.900s", table, text);
}

/* TAP-42, TAP-43, TAP-44, TAP-46 */
TEST(rows)
{
    check_rows("schemas", "x|-|Showers|1\ntap_schema|-|The tables and columns");
    check_rows("tables",
               "x|x.events|table|ut|One shower|1|1000\nx|x.runs|view|-|-|2|-\n"
               "tap_schema|tap_schema.schemas|table|-|The schemas of this service.|1|-");
    check_rows("columns", "x.events|uuid|char|36|-|36|-|-|-|meta.id|0|0|0|1|-|-|-\n"
                          "x.events|run|int|-|-|-|-|-|1|-|1|1|1|2|-|-|-\n"
                          "x.events|\"time\"|char|*|timestamp|-|-|-|-|-|0|0|0|3|-|-|-\n"
                          "x.events|dep|float|3x4|-|-|Deposit|-|-|-|0|0|0|4|-|-|-\n"
                          "x.runs|run|int|-|-|-|-|-|-|-|0|1|0|1|-|-|-\n"
                          "tap_schema.schemas|schema_name|char|*|");
    check_rows("keys",
               "x.k|x.events|x.runs|D|-\ntap_schema.tables_schema|tap_schema.tables|"
               "tap_schema.schemas|");
    check_rows("key_columns", "x.k|run|run\nx.k|run|run\n");
}

static const struct catalog_column *find(const char *table, const char *column)
{
    const struct catalog_table *t =
        catalog_find_table(get(), plain("TAP_SCHEMA"), plain(table), NULL);
    if (!t)
        TEST_FAIL("no table %s", table);
    const struct catalog_column *c = catalog_find_column(t, quoted(column));
    if (!c)
        TEST_FAIL("no column %s.%s", table, column);
    return c;
}

/* TAP-40, TAP-41 and section 5: names, order, types, not null, std */
TEST(describes_itself)
{
    static const struct {
        const char *table,
            *columns; /* '!' not null, 's' string, 'i' int; ours are not std */
    } WANT[] = {
        {"schemas", "schema_name:s! utype:s description:s schema_index:i"},
        {"tables", "schema_name:s! table_name:s! table_type:s! utype:s description:s "
                   "table_index:i"},
        {"columns", "table_name:s! column_name:s! datatype:s! arraysize:s xtype:s size:i "
                    "description:s utype:s unit:s ucd:s indexed:i! principal:i! std:i! "
                    "column_index:i"},
        {"keys", "key_id:s! from_table:s! target_table:s! description:s utype:s"},
        {"key_columns", "key_id:s! from_column:s! target_column:s!"},
    };
    for (size_t i = 0; i < sizeof WANT / sizeof *WANT; i++) {
        str rest = str_of(WANT[i].columns);
        for (uint32_t k = 0; rest.at; k++) {
            char name[32];
            str word = str_cut(&rest, ' ');
            str own = str_cut(&word, ':');
            snprintf(name, sizeof name, "%.*s", STR_FMT(own));
            const struct catalog_column *c = find(WANT[i].table, name);
            CHECK_INT(c->index, k);
            CHECK(c->meta.flags & STORE_STD);
            CHECK_INT(!(c->meta.flags & STORE_NULLABLE), word.len == 2);
            CHECK_TEXT(c->meta.datatype, word.at[0] == 's' ? "char" : "int");
            CHECK(word.at[0] == 'i' ? !c->meta.arraysize
                                    : strcmp(c->meta.arraysize, "*") == 0);
        }
    }
    CHECK_TEXT(find("columns", "size")->adql_name, "\"size\"");
    CHECK_INT(find("tables", "nrows")->meta.flags & STORE_STD, 0);
    CHECK_TEXT(find("tables", "nrows")->meta.datatype, "long");
}

/* TAP-48 */
TEST(own_foreign_keys)
{
    static const char *const WANT[] = {"tables schema_name tap_schema.schemas schema_name",
                                       "columns table_name tap_schema.tables table_name",
                                       "keys from_table tap_schema.tables table_name",
                                       "keys target_table tap_schema.tables table_name",
                                       "key_columns key_id tap_schema.keys key_id"};
    size_t n = 0;
    const struct catalog_schema *s = catalog_schema_at(get(), 1);
    for (uint32_t i = 0; i < s->ntable; i++)
        for (uint32_t k = 0; k < s->table[i].nkey; k++) {
            char text[200];
            const struct catalog_key *key = &s->table[i].key[k];
            snprintf(text, sizeof text, "%s %s %s %s", s->table[i].name,
                     key->from_column[0], key->target, key->to_column[0]);
            CHECK_TEXT(text, WANT[n++]);
        }
    CHECK_INT(n, 5);
}

/* TAP-47: unique names */
TEST(unique_names)
{
    for (uint32_t i = 0; i < catalog_nschema(get()); i++) {
        const struct catalog_schema *s = catalog_schema_at(get(), i);
        for (uint32_t k = 0; k < s->ntable; k++)
            CHECK(catalog_find_table(get(), quoted(s->name), quoted(s->table[k].name),
                                     NULL) == &s->table[k]);
    }
}

/* TAP_SCHEMA is no store's: the caller says where it is. */
TEST(where_it_is)
{
    const struct catalog_table *t =
        catalog_find_table(get(), plain("tap_schema"), plain("tables"), NULL);
    CHECK_INT(t->store, 0);
    CHECK_TEXT(t->native, "tap_schema.tables");
    CHECK_TEXT(t->full_name, "tap_schema.tables");
    struct err e = {0};
    CHECK(!catalog_tap_schema_rows(get(), "nothing", &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
}

/* clients.md section 5, fault 8: texts beyond ASCII are unicodeChar */
TEST(descriptions_beyond_ascii)
{
    CHECK_TEXT(find("columns", "description")->meta.datatype, "char");
    struct catalog *c = build_tables("name: x\ntables: [{name: runs, columns: [{name: run, "
                                     "description: \"\xC3\xA9t\xC3\xA9\"}]}]\n",
                                     TABLES, 2);
    CHECK(c);
    const struct catalog_table *t =
        catalog_find_table(c, plain("tap_schema"), plain("columns"), NULL);
    CHECK_TEXT(catalog_find_column(t, plain("description"))->meta.datatype, "unicodeChar");
    CHECK_TEXT(catalog_find_column(t, plain("unit"))->meta.datatype, "char");
    catalog_drop(c);
}

/* Ranges are in the column's own unit: not the store's count of a timestamp. */
TEST(ranges)
{
    struct store_column columns[2] = {*COLUMN("a", STORE_F64, 1),
                                      *COLUMN("b", STORE_TIME_US, 1)};
    for (int i = 0; i < 2; i++) {
        columns[i].minimum = 1;
        columns[i].maximum = 2;
        columns[i].null_fraction = 0.5;
    }
    const struct store_column *const list[] = {&columns[0], &columns[1]};
    const struct store_table table = TABLE("t", list);
    const struct store_table *const tables[] = {&table};
    struct catalog *c = build_tables(
        "name: x\ntables: [{name: t, columns: [{name: a}, {name: b}]}]\n", tables, 1);
    int nbatch;
    CHECK(c);
    const char *rows = rows_of(c, "columns", &nbatch);
    CHECK(strstr(rows, "x.t|a|double|-|-|-|-|-|-|-|0|1|0|1|1|2|0.5\n"));
    CHECK(strstr(rows, "x.t|b|char|*|timestamp|-|-|-|-|-|0|1|0|2|-|-|0.5\n"));
    catalog_drop(c);
}

/* Many rows come in bounded batches, and the source keeps its catalog. */
TEST(batches)
{
    enum { N = 3000 };
    static struct store_column columns[N];
    static const struct store_column *list[N];
    static char names[N][16];
    struct bytes text;
    bytes_init(&text, 1 << 20);
    bytes_add_literal(&text, "name: x\ntables:\n- name: big\n  columns:\n");
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "c%d", i);
        columns[i] = *COLUMN(names[i], STORE_I32, 1);
        list[i] = &columns[i];
        bytes_add_format(&text, "  - {name: c%d}\n", i);
    }
    const struct store_table big = TABLE("big", list);
    const struct store_table *const tables[] = {&big};
    struct catalog *c = build_tables(bytes_text(&text), tables, 1);
    if (!c)
        TEST_FAIL("%.500s", fault.message);
    int nbatch;
    const char *rows = rows_of(c, "columns", &nbatch);
    CHECK_INT(nbatch, 3);
    CHECK(strstr(rows, "x.big|c2999|int|"));
    struct err e = {0};
    struct store_batch batch;
    struct rowsource *source = catalog_tap_schema_rows(c, "columns", &e);
    catalog_drop(c);
    CHECK_INT(source->next(source, &batch, &e), STEP_ROWS);
    CHECK_INT(batch.nrow, 1024);
    source->close(source);
    bytes_free(&text);
}

TEST(end)
{
    catalog_drop(catalog);
    catalog = NULL;
    bytes_free(&report);
}

RUN_TESTS(T(rows), T(describes_itself), T(own_foreign_keys), T(unique_names),
          T(where_it_is), T(descriptions_beyond_ascii), T(ranges), T(batches), T(end))
