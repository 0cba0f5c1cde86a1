/* test_tables.c -- tables of the duckdb store: received, kept in a database file, listed,
 * described, read again by a store that may only read. */
#include <unistd.h>

#include "core/sky/sky.h"
#include "tests/unit/stores/duck.h"

/* A feed of generated rows: every type, NULLs, empty values. */
enum { NROW = 5000, NCOLUMN = 10 };

#define COLUMN(name_, type_, length_, ...)                                                 \
    {                                                                                      \
        .size = sizeof(struct store_column), .name = (name_), .type = (type_),             \
        .length = (length_), __VA_ARGS__                                                   \
    }
static const struct store_column COLUMNS[NCOLUMN] = {
    COLUMN("id", STORE_I64, 1, .description = "it's the \"key\"", .flags = STORE_KEY),
    COLUMN("ra", STORE_F64, 1, .flags = STORE_NULLABLE),
    COLUMN("dec", STORE_F64, 1, .flags = STORE_NULLABLE),
    COLUMN("My Name", STORE_TEXT, -1, .flags = STORE_NULLABLE),
    COLUMN("flag", STORE_BOOL, 1, .flags = 0),
    COLUMN("small", STORE_I16, 1, .flags = STORE_NULLABLE),
    COLUMN("pair", STORE_F32, 2, .flags = STORE_NULLABLE),
    COLUMN("list", STORE_I32, -1, .flags = STORE_NULLABLE),
    COLUMN("t", STORE_TIME_US, 1, .flags = 0),
    COLUMN("byte", STORE_U8, 1, .flags = 0),
};

struct feed {
    struct store_feed feed;
    uint32_t given, batch_rows;
    enum store_status fails_with; /* after the first batch */
    struct store_vector vector[NCOLUMN];
    int64_t id[NROW], t[NROW];
    double ra[NROW], dec[NROW];
    char text[NROW * 8];
    uint32_t text_offset[NROW + 1], list_offset[NROW + 1];
    uint8_t flag[NROW], byte[NROW], valid[NROW / 8 + 1];
    int16_t small[NROW];
    float pair[2 * NROW];
    int32_t list[3 * NROW];
};

static double ra_of(int64_t id)
{
    return fmod((double)id * 77.7, 360);
}

static double dec_of(int64_t id)
{
    return fmod((double)id * 13.3, 180) - 90;
}

static void fill(struct feed *f, uint32_t i, int64_t id)
{
    f->id[i] = id;
    f->ra[i] = id % 50 == 7 ? NAN : ra_of(id);
    f->dec[i] = dec_of(id);
    int n = id % 9 ? snprintf(f->text + f->text_offset[i], 8, "n%lld", (long long)id) : 0;
    f->text_offset[i + 1] = f->text_offset[i] + (uint32_t)n;
    f->flag[i] = id % 3 == 0 ? 7 : 0; /* DuckDB must see 1 */
    f->small[i] = (int16_t)(id - 2500);
    f->pair[2 * i] = (float)id;
    f->pair[2 * i + 1] = (float)-id;
    f->list_offset[i + 1] = f->list_offset[i] + (uint32_t)(id % 4);
    for (uint32_t k = 0; k < id % 4; k++)
        f->list[f->list_offset[i] + k] = (int32_t)(id + k);
    f->t[i] = id * 1000000;
    f->byte[i] = (uint8_t)(id % 256);
    if (id % 10 != 4)
        f->valid[i / 8] = (uint8_t)(f->valid[i / 8] | 1u << i % 8);
}

static enum store_status feed_next(struct store_feed *base, struct store_batch *batch,
                                   struct store_error *e)
{
    struct feed *f = (struct feed *)base;
    if (f->given > 0 && f->fails_with != STORE_OK) {
        snprintf(e->message, sizeof e->message, "the feed broke");
        return f->fails_with;
    }
    uint32_t n = NROW - f->given < f->batch_rows ? NROW - f->given : f->batch_rows;
    if (n == 0)
        return STORE_END;
    memset(f->valid, 0, sizeof f->valid);
    for (uint32_t i = 0; i < n; i++)
        fill(f, i, f->given + i);
    f->given += n;
    const struct store_vector all[NCOLUMN] = {
        {.data = f->id},
        {.data = f->ra},
        {.data = f->dec},
        {.data = f->text, .offset = f->text_offset, .valid = f->valid},
        {.data = f->flag},
        {.data = f->small, .valid = f->valid},
        {.data = f->pair, .valid = f->valid},
        {.data = f->list, .offset = f->list_offset, .valid = f->valid},
        {.data = f->t},
        {.data = f->byte},
    };
    memcpy(f->vector, all, sizeof all);
    *batch = (struct store_batch){sizeof *batch, n, f->vector};
    return STORE_OK;
}

static struct feed the_feed;

static enum store_status receive(struct duck_store *d, const char *name,
                                 uint32_t batch_rows, enum store_status fails_with)
{
    const struct store_column *columns[NCOLUMN];
    for (size_t i = 0; i < NCOLUMN; i++)
        columns[i] = &COLUMNS[i];
    struct store_table table = {.size = sizeof table,
                                .ncolumn = NCOLUMN,
                                .column = columns,
                                .name = name,
                                .description = "a table of tests",
                                .lon_column = 1,
                                .lat_column = 2,
                                .hpx_column = -1};
    the_feed = (struct feed){.feed = {sizeof(struct store_feed), feed_next},
                             .batch_rows = batch_rows,
                             .fails_with = fails_with};
    return d->plugin->receive(d->session, &DUCK_CALL, &table, &the_feed.feed, &d->error);
}

/* Each row against the formulas of fill(), in SQL. */
static void check_rows(struct duck_store *d, const char *table)
{
    static const struct {
        const char *what, *want;
    } CHECKS[] = {
        {"count(*)", "5000"},
        {"count(DISTINCT id)", "5000"},
        {"count(*) FILTER (isnan(ra))", "100"},
        {"count(*) FILTER (\"My Name\" IS NULL)", "500"},
        {"count(*) FILTER (\"My Name\" = '')", "501"},
        {"bool_and(\"My Name\" IS NULL OR \"My Name\" = '' OR \"My Name\" = 'n' || id)",
         "true"},
        {"bool_and(flag = (id % 3 = 0))", "true"},
        {"bool_and(small IS NULL AND id % 10 = 4 OR small = id - 2500)", "true"},
        {"bool_and(pair IS NULL AND id % 10 = 4 OR pair[1] = id AND pair[2] = -id)",
         "true"},
        {"bool_and(list IS NULL AND id % 10 = 4 OR len(list) = id % 4)", "true"},
        {"bool_and(id % 4 < 3 OR list IS NULL OR list[3] = id + 2)", "true"},
        {"bool_and(epoch_us(t) = id * 1000000)", "true"},
        {"bool_and(byte = id % 256)", "true"},
        {"count(_hpx)", "4900"},
        {"bool_and(_hpx IS NULL OR _hpx = sky_healpix_index(29, ra, dec))", "true"},
    };
    char sql[400];
    for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++) {
        snprintf(sql, sizeof sql, "SELECT %s FROM %s", CHECKS[i].what, table);
        const char *got = duck_text(d, sql);
        if (strcmp(got, CHECKS[i].want) != 0)
            TEST_FAIL("%s is %.300s", sql, got);
    }
}

TEST(received_as_a_temporary_table)
{
    struct duck_store d;
    duck_open(&d, NULL, 0);
    static const uint32_t SIZES[] = {5000, 2048, 1000, 3};
    for (size_t i = 0; i < 4; i++) {
        char name[20];
        snprintf(name, sizeof name, "upload%zu", i);
        if (receive(&d, name, SIZES[i], STORE_OK) != STORE_OK)
            TEST_FAIL("%.500s", d.error.message);
        check_rows(&d, name);
    }
    duck_close(&d);
}

TEST(a_feed_that_fails_leaves_nothing)
{
    struct duck_store d;
    duck_open(&d, NULL, 0);
    CHECK_INT(receive(&d, "broken", 100, STORE_INVALID), STORE_INVALID);
    CHECK(strcmp(d.error.message, "the feed broke") == 0);
    CHECK(strncmp(duck_text(&d, "SELECT count(*) FROM broken"), "failed", 6) == 0);
    CHECK_INT(receive(&d, "broken", 100, STORE_OK), STORE_OK); /* the name is free */
    duck_close(&d);
}

TEST(a_table_that_stays_needs_leave)
{
    struct duck_store d;
    duck_open(&d, NULL, 0);
    CHECK_INT(receive(&d, "nowhere.k.t", 1000, STORE_OK), STORE_INVALID);
    CHECK(strstr(d.error.message, "writable") != NULL);
    CHECK_INT(receive(&d, "a.b.c.d", 1000, STORE_OK), STORE_INVALID);
    CHECK_INT(receive(&d, "kept.rows", 1000, STORE_OK),
              STORE_OK); /* in memory: TAP_SCHEMA */
    check_rows(&d, "kept.rows");
    CHECK_INT(receive(&d, "kept.rows", 1000, STORE_OK), STORE_OK); /* replaces it */
    CHECK_TEXT(duck_text(&d, "SELECT count(*) FROM kept.rows"), "5000");
    duck_close(&d);
}

/* --- a database file -------------------------------------------------------------- */

static char directory[32], database[64];

static void make_database(void)
{
    struct duck_store d;
    snprintf(directory, sizeof directory, "/tmp/colure-tables-XXXXXX");
    CHECK(mkdtemp(directory) != NULL);
    snprintf(database, sizeof database, "%s/x.duckdb", directory);
    struct store_option option[] = {
        {"database", database}, {"attach", "demo"}, {"writable", "1"}};
    duck_open(&d, option, 3);
    if (receive(&d, "sky.stars", 1000, STORE_OK) != STORE_OK)
        TEST_FAIL("%.500s", d.error.message);
    check_rows(&d, "demo.sky.stars");
    if (receive(&d, "sky.copy", 1000, STORE_OK) !=
        STORE_OK) /* has a key of the same name */
        TEST_FAIL("%.500s", d.error.message);
    DUCK_DO(&d, "CREATE TABLE demo.sky.other (k INTEGER PRIMARY KEY, d DECIMAL(8, 2), "
                "s STRUCT(a INTEGER), u UUID, b BLOB, w VARCHAR[])");
    DUCK_DO(&d, "COMMENT ON COLUMN demo.sky.other.d IS 'a decimal'");
    DUCK_DO(&d, "CREATE VIEW demo.sky.bright AS SELECT id, small FROM demo.sky.stars");
    duck_close(&d);
}

static void drop_database(void)
{
    unlink(database);
    rmdir(directory);
}

static const struct store_table *describe(struct duck_store *d, const char *name)
{
    const struct store_table *t = NULL;
    if (d->plugin->describe(d->store, name, &t, &d->error) != STORE_OK)
        TEST_FAIL("%.500s", d->error.message);
    return t;
}

static void check_stars(const struct store_table *t)
{
    CHECK_TEXT(t->name, "sky.stars");
    CHECK_TEXT(t->description, "a table of tests");
    CHECK_INT(t->ncolumn, NCOLUMN + 1);
    CHECK_INT(t->row_estimate, NROW);
    CHECK_INT(t->lon_column, 1);
    CHECK_INT(t->lat_column, 2);
    CHECK_INT(t->hpx_column, NCOLUMN);
    CHECK_INT(t->hpx_order, 29);
    CHECK(t->column[NCOLUMN]->flags & STORE_HIDDEN);
    CHECK(t->column[0]->flags & STORE_INDEXED); /* the key that was received */
    CHECK(t->column[1]->flags & STORE_INDEXED); /* by way of HEALPix */
    CHECK(!(t->column[4]->flags & STORE_INDEXED));
    for (uint32_t i = 0; i < NCOLUMN; i++) {
        CHECK_TEXT(t->column[i]->name, COLUMNS[i].name);
        CHECK_INT(t->column[i]->type, COLUMNS[i].type);
        CHECK_INT(t->column[i]->length, COLUMNS[i].length);
    }
    CHECK_TEXT(t->column[0]->description, "it's the \"key\"");
    CHECK_NEAR(t->column[0]->minimum, 0, 0);
    CHECK_NEAR(t->column[0]->maximum, NROW - 1, 0);
    CHECK_NEAR(t->column[0]->null_fraction, 0, 0);
    CHECK(isnan(t->column[5]->null_fraction));
    CHECK_NEAR(t->column[8]->maximum, (NROW - 1) * 1e6, 0);
    CHECK(isnan(t->column[3]->minimum));
}

static void check_other(const struct store_table *t)
{
    CHECK_INT(t->ncolumn, 4); /* without the STRUCT and the list of texts */
    CHECK(t->column[0]->flags & STORE_KEY);
    CHECK_INT(t->column[1]->type, STORE_F64);
    CHECK_TEXT(t->column[1]->description, "a decimal");
    CHECK_INT(t->column[2]->type, STORE_TEXT);
    CHECK_INT(t->column[3]->type, STORE_U8);
    CHECK_INT(t->column[3]->length, -1);
    CHECK_INT(t->hpx_column, -1);
}

TEST(listed_and_described)
{
    struct duck_store d;
    const char *const *name;
    size_t n;
    make_database();
    struct store_option option[] = {{"database", database}, {"attach", "demo"}};
    duck_open(&d, option, 2);
    CHECK_INT(d.plugin->list(d.store, &name, &n, &d.error), STORE_OK);
    CHECK_INT(n, 4);
    CHECK_TEXT(name[0], "sky.bright");
    CHECK_TEXT(name[1], "sky.copy");
    CHECK_TEXT(name[3], "sky.stars");
    check_stars(describe(&d, "sky.stars"));
    uint64_t generation = describe(&d, "sky.stars")->generation;
    CHECK(describe(&d, "demo.sky.stars")->generation == generation);
    check_other(describe(&d, "sky.other"));
    CHECK_INT(describe(&d, "sky.bright")->ncolumn, 2);
    const struct store_table *t;
    CHECK_INT(d.plugin->describe(d.store, "sky.none", &t, &d.error), STORE_NOT_FOUND);
    CHECK_INT(d.plugin->list(d.store, &name, &n, &d.error), STORE_OK);
    CHECK(describe(&d, "sky.stars")->generation == generation);
    CHECK_INT(receive(&d, "demo.sky.stars", 1000, STORE_OK), STORE_INVALID); /* read only */
    duck_close(&d);
    drop_database();
}

/* Two databases: names carry the database; rows are in the order of the index. */
TEST(several_databases)
{
    struct duck_store d;
    char second[80];
    const char *const *name;
    size_t n;
    make_database();
    snprintf(second, sizeof second, "%s/y.duckdb", directory);
    struct store_option make[] = {{"attach.other", second}, {"writable", "1"}};
    duck_open(&d, make, 2);
    CHECK_INT(receive(&d, "other.k.t", 1000, STORE_OK), STORE_OK);
    duck_close(&d);
    struct store_option option[] = {
        {"database", database}, {"attach", "demo"}, {"attach.other", second}};
    duck_open(&d, option, 3);
    CHECK_INT(d.plugin->list(d.store, &name, &n, &d.error), STORE_OK);
    CHECK_INT(n, 5);
    CHECK_TEXT(name[0], "demo.sky.bright");
    CHECK_TEXT(name[4], "other.k.t");
    CHECK_TEXT(duck_text(&d,
                         "SELECT count(*) FROM (SELECT _hpx < lag(_hpx) OVER () AS down "
                         "FROM other.k.t) t WHERE down"),
               "0");
    duck_close(&d);
    unlink(second);
    drop_database();
}

/* More rows than memory: a load sorts them on disk, beside its file. */
TEST(a_load_spills)
{
    struct duck_store d;
    make_database();
    struct store_option option[] = {{"database", database},
                                    {"attach", "demo"},
                                    {"writable", "1"},
                                    {"memory_limit", "60MB"}};
    duck_open(&d, option, 4);
    enum store_status status =
        duck_do(&d, "CREATE TABLE demo.sky.big AS SELECT i, hash(i) AS h, hash(i + 1) AS g "
                    "FROM range(4000000) AS r(i) ORDER BY h");
    const char *n = duck_text(&d, "SELECT count(*) FROM demo.sky.big");
    bool is_whole = strcmp(n, "4000000") == 0;
    duck_close(&d);
    drop_database();
    CHECK_INT(status, STORE_OK);
    CHECK(is_whole);
    CHECK(access(directory, F_OK) != 0); /* nothing is left beside it */
}

TEST(a_missing_database_says_so)
{
    struct err e = {0};
    struct stores *s = stores_new(duck_plugins(), NULL, &e);
    const struct store_plugin *p;
    struct store *store;
    struct store_option option[] = {{"library", "build/lib/libduckdb.so"},
                                    {"database", "/nonexistent/x.duckdb"}};
    if (!duck_has_library())
        TEST_SKIP("no libduckdb.so: run tools/setup/duckdb");
    CHECK(!stores_open(s, "duckdb", option, 2, &p, &store, &e));
    CHECK(strstr(e.message, "/nonexistent/x.duckdb") && strstr(e.message, "colure load"));
    e = (struct err){0};
    option[1] = (struct store_option){"attach.memory", "/tmp/x"};
    CHECK(!stores_open(s, "duckdb", option, 2, &p, &store, &e));
    CHECK(strstr(e.message, "memory") != NULL);
    stores_free(s);
}

RUN_TESTS(T(received_as_a_temporary_table), T(a_feed_that_fails_leaves_nothing),
          T(a_table_that_stays_needs_leave), T(listed_and_described), T(several_databases),
          T(a_load_spills), T(a_missing_database_says_so))
