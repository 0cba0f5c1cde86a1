/* world.h -- a store with tables of positions, a catalog of it, and queries asked twice:
 * with joins as they are written, and with what the planners make of them. */
#ifndef TESTS_UNIT_CORE_QUERY_WORLD_H
#define TESTS_UNIT_CORE_QUERY_WORLD_H

#include "adql/adql.h"
#include "core/catalog/catalog.h"
#include "core/query/plan.h"
#include "tests/unit/stores/duck.h"

/* --- a store with tables -------------------------------------------------------------- */

/* Random, but the same every time. Positions: all over the sky, at and around the poles,
 * across longitude 0, at the borders of HEALPix faces, twice; none: NULL, NaN, beyond a
 * pole. Half of the points lie near cones. */
static const char MAKE_TABLES[] =
    "CREATE MACRO rnd(i, k) AS (hash(i * 1000 + k) % 1000003) / 1000003.0;"
    "CREATE TABLE cones AS SELECT i AS id, "
    "CASE i % 13 WHEN 4 THEN rnd(i, 1) - 0.5 WHEN 5 THEN 45 * (i % 9) + 2 * rnd(i, 1) - 1 "
    "WHEN 6 THEN NULL WHEN 7 THEN CASE WHEN i % 2 = 0 THEN 'nan'::DOUBLE ELSE 7 END "
    "WHEN 8 THEN 360 * rnd(i - 8, 1) WHEN 10 THEN 360 + rnd(i, 1) "
    "ELSE 360 * rnd(i, 1) END::DOUBLE AS ra, "
    "CASE i % 13 WHEN 1 THEN 90 - rnd(i, 2) WHEN 2 THEN rnd(i, 2) - 90 WHEN 3 THEN "
    "CASE WHEN i % 2 = 0 THEN 90 ELSE -90 END WHEN 7 THEN 95 "
    "WHEN 8 THEN degrees(asin(2 * rnd(i - 8, 2) - 1)) WHEN 9 THEN 41.8103 + rnd(i, 2) "
    "ELSE degrees(asin(2 * rnd(i, 2) - 1)) END::DOUBLE AS dec, "
    "[0e0, 0.1, 1, 5, 30, NULL, 'nan'][1 + i % 7]::DOUBLE AS err, "
    "[0e0, 0.1, 1, -1, 200, NULL, 'nan', 'inf', 7][1 + i % 9]::DOUBLE AS wild, "
    "CASE i % 17 WHEN 3 THEN NULL WHEN 4 THEN 'nan'::DOUBLE WHEN 5 THEN 'inf' WHEN 6 THEN "
    "'-inf' "
    "ELSE 60000 * rnd(i, 3) END::DOUBLE AS t, "
    "1300000000000000000 + (1e6 * rnd(i, 3))::BIGINT AS ns, (i % 50)::REAL / 7 AS r, "
    "(i % 5)::INTEGER AS grp FROM range(260) AS g(i);"
    "CREATE TABLE points AS SELECT i AS id, "
    "CASE WHEN i % 20 = 19 THEN NULL WHEN i % 2 = 0 THEN c.ra + CASE WHEN i % 10 = 0 THEN "
    "0 "
    "ELSE rnd(i, 1) / greatest(0.01, cos(radians(c.dec))) END ELSE 360 * rnd(i, 1) "
    "END::DOUBLE AS ra, CASE WHEN i % 2 = 0 THEN greatest(-90, least(90, c.dec + CASE WHEN "
    "i % 10 = 0 THEN 0 ELSE rnd(i, 2) - 0.5 END)) ELSE degrees(asin(2 * rnd(i, 2) - 1)) "
    "END::DOUBLE AS dec, c.t + CASE WHEN i % 3 = 0 THEN 0 ELSE 30 * rnd(i, 4) - 15 END AS "
    "t, "
    "c.ns + (i % 4) * 500 - 1000 AS ns, c.r + (i % 3)::REAL / 100 AS r, c.grp "
    "FROM range(520) AS g(i) JOIN cones AS c ON c.id = i % 260;"
    "CREATE TABLE bare AS SELECT * FROM points WHERE id % 3 = 0;"
    "ALTER TABLE cones ADD COLUMN _hpx BIGINT;"
    "UPDATE cones SET _hpx = sky_healpix_index(29, ra, dec);"
    "ALTER TABLE points ADD COLUMN _hpx BIGINT;"
    "UPDATE points SET _hpx = coalesce(sky_healpix_index(29, ra, dec), -1);"
    "COMMENT ON COLUMN cones._hpx IS 'HEALPix index of \"ra\" \"dec\"';"
    "COMMENT ON COLUMN points._hpx IS 'HEALPix index of \"ra\" \"dec\"';";

#define COMMON_COLUMNS                                                                     \
    "  - {name: id, datatype: long, description: x.}\n"                                    \
    "  - {name: ra, datatype: double, 'ivoa:unit': deg, 'ivoa:ucd': pos.eq.ra;meta.main, " \
    "description: x.}\n"                                                                   \
    "  - {name: dec, datatype: double, 'ivoa:unit': deg, 'ivoa:ucd': "                     \
    "pos.eq.dec;meta.main, description: x.}\n"                                             \
    "  - {name: t, datatype: double, description: x.}\n"                                   \
    "  - {name: ns, datatype: long, description: x.}\n"                                    \
    "  - {name: r, datatype: float, description: x.}\n"                                    \
    "  - {name: grp, datatype: int, description: x.}\n"
static const char DESCRIPTION[] =
    "name: s\ndescription: x.\ntables:\n"
    "- name: cones\n  description: x.\n  columns:\n" COMMON_COLUMNS
    "  - {name: err, datatype: double, description: x.}\n"
    "  - {name: wild, datatype: double, description: x.}\n"
    "- name: points\n  description: x.\n  columns:\n" COMMON_COLUMNS
    "- name: bare\n  description: x.\n  columns:\n" COMMON_COLUMNS;

struct world {
    struct duck_store duck;
    struct adql_dialect *dialect;
    struct query_store store[2];
    struct duck_store engine; /* of world_divide() */
    struct query_env env;
    struct catalog *catalog;
};

static inline void build_catalog(struct world *w, uint32_t store)
{
    char path[] = "/tmp/colure-test-XXXXXX";
    const char *const *name;
    const struct store_table *table[8];
    size_t n;
    struct err e = {0};
    struct store_error *se = &w->duck.error;
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    bool written = write(fd, DESCRIPTION, sizeof DESCRIPTION - 1) > 0;
    close(fd);
    CHECK(w->duck.plugin->list(w->duck.store, &name, &n, se) == STORE_OK && n <= 8);
    for (size_t i = 0; i < n; i++)
        CHECK(w->duck.plugin->describe(w->duck.store, name[i], &table[i], se) == STORE_OK);
    struct catalog_source source = {.path = path,
                                    .store = store,
                                    .table = table,
                                    .ntable = (uint32_t)n,
                                    .native_prefix = "main.",
                                    .quote = '"'};
    w->catalog = written ? catalog_build(&source, 1, 0, NULL, &e) : NULL;
    unlink(path);
    if (!w->catalog)
        TEST_FAIL("%.700s", e.message);
}

/* Tables s.cones, s.points and s.bare that a script makes in main. */
static inline void world_make(struct world *w, const char *script)
{
    struct err e = {0};
    *w = (struct world){0};
    duck_open(&w->duck, NULL, 0);
    DUCK_DO(&w->duck, script);
    w->dialect = adql_dialect_new(w->duck.plugin->dialect, &e);
    CHECK(w->dialect != NULL);
    w->store[0] = (struct query_store){"duckdb", w->duck.plugin, w->duck.store, w->dialect};
    w->env = (struct query_env){.store = w->store, .nstore = 1};
    build_catalog(w, 0);
}

static inline void world_open(struct world *w)
{
    world_make(w, MAKE_TABLES);
}

static inline void world_load_tap_schema(struct world *w)
{
    struct err e = {0};
    if (!query_load_tap_schema(&w->env, w->catalog, &e))
        TEST_FAIL("%.700s", e.message);
}

/* The engine becomes a store of its own, which holds TAP_SCHEMA only. */
static inline void world_divide(struct world *w)
{
    duck_open(&w->engine, NULL, 0);
    w->store[1] = w->store[0];
    w->store[0].plugin = w->engine.plugin;
    w->store[0].store = w->engine.store;
    w->env.nstore = 2;
    catalog_drop(w->catalog);
    build_catalog(w, 1);
    world_load_tap_schema(w);
}

static inline void world_close(struct world *w)
{
    if (w->engine.session)
        duck_close(&w->engine);
    catalog_drop(w->catalog);
    adql_dialect_free(w->dialect);
    duck_close(&w->duck);
}

/* --- an uploaded table ---------------------------------------------------------------- */

enum { UPLOADED = 90 };

struct uploaded {
    struct rowsource source;
    bool is_given;
    int64_t id[UPLOADED];
    double ra[UPLOADED], dec[UPLOADED];
    struct store_vector vector[3];
};

#define UPLOAD_COLUMN(name_, type_)                                                        \
    &(const struct store_column)                                                           \
    {                                                                                      \
        .size = sizeof(struct store_column), .type = (type_), .length = 1,                 \
        .name = (name_), .minimum = NAN, .maximum = NAN, .null_fraction = NAN              \
    }
static const struct store_column *const UPLOAD_COLUMNS[] = {
    UPLOAD_COLUMN("id", STORE_I64), UPLOAD_COLUMN("ra", STORE_F64),
    UPLOAD_COLUMN("dec", STORE_F64)};

static inline enum step uploaded_next(struct rowsource *source, struct store_batch *batch,
                                      struct err *e)
{
    struct uploaded *u = (struct uploaded *)source;
    (void)e;
    if (u->is_given)
        return STEP_END;
    u->is_given = true;
    *batch = (struct store_batch){sizeof *batch, UPLOADED, u->vector};
    return STEP_ROWS;
}

static inline void uploaded_close(struct rowsource *source)
{
    free(source);
}

static inline struct rowsource *uploaded_new(void)
{
    struct uploaded *u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    u->source = (struct rowsource){UPLOAD_COLUMNS, 3, uploaded_next, uploaded_close};
    for (int i = 0; i < UPLOADED; i++) {
        u->id[i] = i;
        u->ra[i] = i % 10 == 9 ? NAN : fmod(i * 77.7, 360);
        u->dec[i] = fmod(i * 13.3, 180) - 90;
    }
    u->vector[0].data = u->id;
    u->vector[1].data = u->ra;
    u->vector[2].data = u->dec;
    return &u->source;
}

/* --- running a query ------------------------------------------------------------------ */

enum { COLUMNS_MAX = 3, ROWS_MAX = 400000, STATEMENT_BYTES = 6000 };

struct answer {
    uint32_t n, ncolumn;
    int64_t (*row)[COLUMNS_MAX]; /* NULL is INT64_MIN */
    struct err err;
    char statement[STATEMENT_BYTES], explained[STATEMENT_BYTES], adql[STATEMENT_BYTES];
};

static inline void take(struct answer *a, const struct store_batch *b)
{
    for (uint32_t i = 0; i < b->nrow && a->n < ROWS_MAX; i++, a->n++)
        for (uint32_t k = 0; k < a->ncolumn; k++) {
            const struct store_vector *v = &b->column[k];
            a->row[a->n][k] =
                !store_is_valid(v, i) ? INT64_MIN : ((const int64_t *)v->data)[i];
        }
}

static inline int compare_rows(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    for (int k = 0; k < COLUMNS_MAX; k++)
        if (x[k] != y[k])
            return x[k] < y[k] ? -1 : 1;
    return 0;
}

static inline void remember(struct query *q, struct answer *a)
{
    struct bytes out;
    struct err e = {0};
    bytes_init(&out, 1 << 20);
    snprintf(a->statement, sizeof a->statement, "%.*s", STR_FMT(query_statement(q)));
    if (query_explain(q, false, &out, &e) && bytes_text(&out)) {
        const char *from = strstr(out.at, "joined by");
        snprintf(a->explained, sizeof a->explained, "%.500s", from ? from : "");
    }
    bytes_clear(&out);
    if (adql_write_adql(q->tree, &out, &e))
        snprintf(a->adql, sizeof a->adql, "%.*s", STR_FMT(bytes_str(&out)));
    bytes_free(&out);
}

/* All rows, sorted; they are BIGINT. Without memory: nothing. */
static inline void ask(struct world *w, const char *text, bool plain, struct answer *a)
{
    struct query_upload upload = {"mine", uploaded_new()};
    struct query_request r = {.text = str_of(text),
                              .max_rows = -1,
                              .deadline_ns = INT64_MAX,
                              .request_id = "test",
                              .upload = &upload,
                              .nupload = 1,
                              .plain_joins = plain};
    struct arena *arena = arena_new(64 << 20);
    struct store_batch batch;
    enum step step = STEP_FAILED;
    *a = (struct answer){.row = calloc(ROWS_MAX, sizeof *a->row)};
    struct query *q = query_prepare(&w->env, w->catalog, &r, arena, &a->err);
    if (q)
        remember(q, a);
    struct rowsource *rows = q ? query_open(q, &a->err) : NULL;
    if (rows) {
        a->ncolumn = rows->ncolumn;
        while ((step = rows->next(rows, &batch, &a->err)) == STEP_ROWS)
            take(a, &batch);
        rows->close(rows);
    }
    arena_free(arena);
    qsort(a->row, a->n, sizeof *a->row, compare_rows);
}

/* Empty when both are the same. */
static inline void compare_answers(const struct answer *plain, const struct answer *planned,
                                   char why[400])
{
    uint32_t i = 0;
    why[0] = '\0';
    while (i < plain->n && i < planned->n &&
           compare_rows(plain->row[i], planned->row[i]) == 0)
        i++;
    if (strcmp(plain->err.message, planned->err.message) != 0)
        snprintf(why, 400, "errors \"%.150s\" and \"%.150s\"", plain->err.message,
                 planned->err.message);
    else if (plain->n != planned->n)
        snprintf(why, 400, "%u rows instead of %u", planned->n, plain->n);
    else if (i < plain->n)
        snprintf(why, 400, "row %u is %lld %lld instead of %lld %lld", i,
                 (long long)planned->row[i][0], (long long)planned->row[i][1],
                 (long long)plain->row[i][0], (long long)plain->row[i][1]);
}

/* The same but for brackets. */
static inline bool same_words(const char *a, const char *b)
{
    for (; *a || *b; a++, b++) {
        a += strspn(a, "()");
        b += strspn(b, "()");
        if (*a != *b)
            return false;
        if (!*a)
            break;
    }
    return true;
}

struct join_case {
    const char *sql;
    const char *has;   /* what the statement must have; NULL: it must stay as it is */
    const char *error; /* NULL: rows, at least one */
};

static inline void check_case(struct world *w, const struct join_case *c)
{
    static struct answer plain, planned;
    char why[900], difference[400];
    ask(w, c->sql, true, &plain);
    ask(w, c->sql, false, &planned);
    compare_answers(&plain, &planned, difference);
    free(plain.row);
    free(planned.row);
    bool is_as_written = strcmp(plain.statement, planned.statement) == 0;
    why[0] = '\0';
    if (!same_words(plain.adql, planned.adql)) /* partners are told nothing of plans */
        snprintf(why, sizeof why, "as ADQL: %.700s", planned.adql);
    else if (difference[0])
        snprintf(why, sizeof why, "%s", difference);
    else if (c->error && !strstr(planned.err.message, c->error))
        snprintf(why, sizeof why, "no error, or \"%.200s\"", planned.err.message);
    else if (!c->error && (planned.err.message[0] || planned.n == 0))
        snprintf(why, sizeof why, "%u rows %.200s", planned.n, planned.err.message);
    else if (c->has ? !strstr(planned.statement, c->has) : !is_as_written)
        snprintf(why, sizeof why, "plan: %.700s", planned.statement);
    if (why[0]) {
        world_close(w);
        TEST_FAIL("%.250s: %.650s", c->sql, why);
    }
}

static inline void check_cases(const struct join_case *c, size_t n)
{
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < n; i++)
        check_case(&w, &c[i]);
    world_close(&w);
}

#define CHECK_CASES(...)                                                                   \
    do {                                                                                   \
        static const struct join_case c_[] = {__VA_ARGS__};                                \
        check_cases(c_, sizeof c_ / sizeof *c_);                                           \
    } while (0)

#define NEAR(radius) "1 = CONTAINS(POINT(p.ra, p.dec), CIRCLE(c.ra, c.dec, " radius "))"
#define IDS "SELECT c.id, p.id AS p FROM s.cones AS c "
#define CELLS "sky_cone_cells"
#define LOOKUP "LATERAL (SELECT"

#endif
