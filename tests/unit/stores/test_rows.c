/* test_rows.c -- rows of the duckdb store as batches: every type, every shape, and streams.
 */
#include "tests/unit/stores/duck.h"

static struct store_scan *start(struct duck_store *d, const char *sql,
                                const struct store_column *column, size_t n)
{
    const struct store_column *columns[16];
    struct store_scan *scan = NULL;
    for (size_t i = 0; i < n; i++)
        columns[i] = &column[i];
    d->error.message[0] = '\0';
    enum store_status status =
        d->plugin->run(d->session, &DUCK_CALL, sql, NULL, 0, columns, n, &scan, &d->error);
    if (status != STORE_OK)
        TEST_FAIL("%.200s: %.400s", sql, d->error.message);
    return scan;
}

#define COLUMN(t, n)                                                                       \
    {                                                                                      \
        .size = sizeof(struct store_column), .type = (t), .length = (n), .name = "x"       \
    }

/* One column of one batch, which must have `nrow` rows. */
static struct store_vector one(struct duck_store *d, struct store_scan **scan,
                               const char *sql, enum store_type type, int32_t length,
                               uint32_t nrow)
{
    const struct store_column column = COLUMN(type, length);
    struct store_batch batch;
    *scan = start(d, sql, &column, 1);
    enum store_status status = d->plugin->next(*scan, &batch, &d->error);
    if (status != STORE_OK)
        TEST_FAIL("%.200s: %.400s", sql, d->error.message);
    CHECK_INT(batch.nrow, nrow);
    return batch.column[0];
}

/* VALUES of `from` as column type `to`: row 0 is the least, row 1 the greatest, row 2 NULL.
 */
static void check_number(struct duck_store *d, const char *from, enum store_type to,
                         double least, double most)
{
    char sql[400];
    struct store_scan *scan;
    snprintf(sql, sizeof sql,
             "SELECT CAST(x AS %s) FROM (VALUES (%.17g), (%.17g), (NULL)) t(x)", from,
             least, most);
    struct store_vector v = one(d, &scan, sql, to, 1, 3);
    double got[2];
    for (int i = 0; i < 2; i++) {
        const void *at = v.data;
        got[i] = to == STORE_U8 || to == STORE_BOOL ? ((const uint8_t *)at)[i]
                 : to == STORE_I16                  ? ((const int16_t *)at)[i]
                 : to == STORE_I32                  ? ((const int32_t *)at)[i]
                 : to == STORE_I64                  ? (double)((const int64_t *)at)[i]
                 : to == STORE_F32                  ? (double)((const float *)at)[i]
                                                    : ((const double *)at)[i];
    }
    if (got[0] != least || got[1] != most)
        TEST_FAIL("%s: %.17g %.17g", from, got[0], got[1]);
    CHECK(store_is_valid(&v, 0) && store_is_valid(&v, 1) && !store_is_valid(&v, 2));
    d->plugin->finish(scan);
}

TEST(every_number_type)
{
    static const struct {
        const char *from;
        enum store_type to;
        double least, most;
    } TYPES[] = {
        {"BOOLEAN", STORE_BOOL, 0, 1},
        {"UTINYINT", STORE_U8, 0, 255},
        {"TINYINT", STORE_I16, -128, 127},
        {"SMALLINT", STORE_I16, -32768, 32767},
        {"USMALLINT", STORE_I32, 0, 65535},
        {"INTEGER", STORE_I32, -2147483648.0, 2147483647},
        {"UINTEGER", STORE_I64, 0, 4294967295.0},
        {"BIGINT", STORE_I64, -9007199254740992.0, 9007199254740992.0},
        {"HUGEINT", STORE_I64, -9007199254740992.0, 9007199254740992.0},
        {"HUGEINT", STORE_F64, -1e30, 1e30},
        {"UBIGINT", STORE_F64, 0, 0x1p63},
        {"UHUGEINT", STORE_F64, 0, 0x1p127},
        {"FLOAT", STORE_F32, -1.5, 0x1p100},
        {"FLOAT", STORE_F64, -1.5, 0x1p100},
        {"DOUBLE", STORE_F64, -1e300, 1e300},
        {"DECIMAL(4,1)", STORE_F64, -12.5, 99.5},
        {"DECIMAL(18,3)", STORE_F64, -12.125, 123456789.125},
        {"DECIMAL(38,2)", STORE_F64, -12.5, 12345678901234.25},
        {"INTEGER", STORE_F64, -5, 5},
        {"BIGINT", STORE_I16, -5, 5},
        {"INTEGER", STORE_I64, -5, 5},
    };
    struct duck_store d;
    duck_open(&d, NULL, 0);
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        check_number(&d, TYPES[i].from, TYPES[i].to, TYPES[i].least, TYPES[i].most);
    duck_close(&d);
}

TEST(values_out_of_range_are_errors)
{
    static const struct {
        const char *sql;
        enum store_type to;
    } CASES[] = {
        {"SELECT 300::INTEGER", STORE_U8},        {"SELECT 40000::INTEGER", STORE_I16},
        {"SELECT 3000000000::BIGINT", STORE_I32}, {"SELECT 1e30::HUGEINT", STORE_I64},
        {"SELECT 'nan'::DOUBLE", STORE_I32},      {"SELECT 1e300::DOUBLE", STORE_F32},
    };
    struct duck_store d;
    duck_open(&d, NULL, 0);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct store_column column = COLUMN(CASES[i].to, 1);
        struct store_batch batch;
        struct store_scan *scan = start(&d, CASES[i].sql, &column, 1);
        if (d.plugin->next(scan, &batch, &d.error) != STORE_INVALID)
            TEST_FAIL("%s fits?", CASES[i].sql);
        CHECK(strstr(d.error.message, "\"x\"") != NULL);
        d.plugin->finish(scan);
    }
    duck_close(&d);
}

static void check_text(struct duck_store *d, const char *sql, const char *want)
{
    struct store_scan *scan;
    struct store_vector v = one(d, &scan, sql, STORE_TEXT, -1, 1);
    size_t n = v.offset[1] - v.offset[0];
    if (n != strlen(want) || memcmp((const char *)v.data + v.offset[0], want, n) != 0)
        TEST_FAIL("%s gives \"%.*s\"", sql, (int)n, (const char *)v.data + v.offset[0]);
    d->plugin->finish(scan);
}

TEST(every_type_that_comes_as_text)
{
    struct duck_store d;
    duck_open(&d, NULL, 0);
    DUCK_DO(&d, "CREATE TYPE mood AS ENUM ('sad', 'a rather long and happy mood', '')");
    check_text(&d, "SELECT ''", "");
    check_text(&d, "SELECT 'twelve bytes'", "twelve bytes");
    check_text(&d, "SELECT 'thirteen bytes'", "thirteen bytes");
    check_text(&d, "SELECT 'na\xc3\xafve'", "na\xc3\xafve");
    check_text(&d, "SELECT 'a rather long and happy mood'::mood",
               "a rather long and happy mood");
    check_text(&d, "SELECT ''::mood", "");
    check_text(&d, "SELECT UUID '5c8d4ad0-b15d-4dc9-8f6c-ff9d7ac7a4c3'",
               "5c8d4ad0-b15d-4dc9-8f6c-ff9d7ac7a4c3");
    check_text(&d, "SELECT TIME '01:02:03.5'", "01:02:03.500");
    check_text(&d, "SELECT DATE '2001-02-03'", "2001-02-03");
    check_text(&d, "SELECT TIMESTAMP '2001-02-03 04:05:06'", "2001-02-03T04:05:06");
    check_text(&d, "SELECT 42", "42");
    check_text(&d, "SELECT 1.5::DOUBLE", "1.5");
    check_text(&d, "SELECT '{\"a\": 1}'::JSON", "{\"a\": 1}");
    duck_close(&d);
}

TEST(every_time_type)
{
    static const char *const TYPES[] = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS",
                                        "TIMESTAMP_NS", "TIMESTAMPTZ"};
    struct duck_store d;
    struct store_scan *scan;
    char sql[200];
    duck_open(&d, NULL, 0);
    for (size_t i = 0; i < 5; i++) {
        snprintf(sql, sizeof sql, "SELECT '2000-01-01 00:00:01'::%s", TYPES[i]);
        struct store_vector v = one(&d, &scan, sql, STORE_TIME_US, 1, 1);
        CHECK_INT(*(const int64_t *)v.data, INT64_C(946684801000000));
        d.plugin->finish(scan);
    }
    struct store_vector v = one(&d, &scan, "SELECT DATE '1969-12-31'", STORE_TIME_US, 1, 1);
    CHECK_INT(*(const int64_t *)v.data, INT64_C(-86400000000));
    d.plugin->finish(scan);
    v = one(&d, &scan, "SELECT '1969-12-31 23:59:59.9999995'::TIMESTAMP_NS", STORE_TIME_US,
            1, 1);
    CHECK_INT(*(const int64_t *)v.data, -1); /* cut toward the past */
    d.plugin->finish(scan);
    duck_close(&d);
}

TEST(nan_and_infinity_pass)
{
    struct duck_store d;
    struct store_scan *scan;
    duck_open(&d, NULL, 0);
    struct store_vector v =
        one(&d, &scan, "SELECT x FROM (VALUES ('nan'::DOUBLE), ('-inf')) t(x)", STORE_F64,
            1, 2);
    CHECK(isnan(((const double *)v.data)[0]) && ((const double *)v.data)[1] == -INFINITY);
    d.plugin->finish(scan);
    duck_close(&d);
}

static void check_list(const struct store_vector *v, uint32_t row, const double *want,
                       uint32_t n)
{
    CHECK(store_is_valid(v, row));
    CHECK_INT(v->offset[row + 1] - v->offset[row], n);
    for (uint32_t i = 0; i < n; i++)
        CHECK_NEAR(((const double *)v->data)[v->offset[row] + i], want[i], 0);
}

TEST(arrays)
{
    struct duck_store d;
    struct store_scan *scan;
    duck_open(&d, NULL, 0);
    struct store_vector v = one(
        &d, &scan, "SELECT x FROM (VALUES ([1.0, 2]::DOUBLE[]), ([]), (NULL), ([3])) t(x)",
        STORE_F64, -1, 4);
    check_list(&v, 0, (const double[]){1, 2}, 2);
    check_list(&v, 1, NULL, 0);
    CHECK(!store_is_valid(&v, 2) && v.offset[2] == v.offset[3]);
    check_list(&v, 3, (const double[]){3}, 1);
    d.plugin->finish(scan);
    v = one(&d, &scan, "SELECT x FROM (VALUES ([1, NULL, 3]::FLOAT[]), ([4])) t(x)",
            STORE_F64, -1, 2);
    CHECK(isnan(((const double *)v.data)[1]) && ((const double *)v.data)[3] == 4);
    d.plugin->finish(scan);
    v = one(&d, &scan,
            "SELECT x FROM (VALUES ([1, 2]::SMALLINT[2]), (NULL), ([5, 6])) t(x)",
            STORE_I16, 2, 3);
    CHECK(((const int16_t *)v.data)[1] == 2 && ((const int16_t *)v.data)[5] == 6);
    CHECK(!store_is_valid(&v, 1) && v.offset == NULL);
    d.plugin->finish(scan);
    v = one(&d, &scan, "SELECT [1, 2, 3]::DOUBLE[]", STORE_F64, 3, 1);
    CHECK_NEAR(((const double *)v.data)[2], 3, 0);
    d.plugin->finish(scan);
    v = one(&d, &scan, "SELECT [1, 2]::DOUBLE[2]", STORE_F64, -1, 1);
    check_list(&v, 0, (const double[]){1, 2}, 2);
    d.plugin->finish(scan);
    v = one(&d, &scan, "SELECT '\\x01\\xFF'::BLOB", STORE_U8, -1, 1);
    CHECK(v.offset[1] == 2 && ((const uint8_t *)v.data)[1] == 255);
    d.plugin->finish(scan);
    duck_close(&d);
}

TEST(arrays_that_do_not_fit)
{
    struct duck_store d;
    const struct store_column three = COLUMN(STORE_F64, 3),
                              integers = COLUMN(STORE_I32, -1);
    struct store_batch batch;
    duck_open(&d, NULL, 0);
    struct store_scan *scan = start(&d, "SELECT [1, 2]::DOUBLE[]", &three, 1);
    CHECK_INT(d.plugin->next(scan, &batch, &d.error), STORE_INVALID);
    d.plugin->finish(scan);
    scan = start(&d, "SELECT [1, NULL]::INTEGER[]", &integers, 1);
    CHECK_INT(d.plugin->next(scan, &batch, &d.error), STORE_INVALID);
    CHECK(strstr(d.error.message, "NULL") != NULL);
    d.plugin->finish(scan);
    duck_close(&d);
}

TEST(types_that_cannot_be_sent)
{
    static const char *const SQL[] = {"SELECT {'a': 1}", "SELECT MAP {'a': 1}",
                                      "SELECT [['a']]", "SELECT [[1]]", "SELECT 'text'"};
    struct duck_store d;
    const struct store_column column = COLUMN(STORE_F64, 1);
    const struct store_column *columns[] = {&column};
    duck_open(&d, NULL, 0);
    for (size_t i = 0; i < sizeof SQL / sizeof *SQL; i++) {
        struct store_scan *scan = NULL;
        CHECK_INT(d.plugin->run(d.session, &DUCK_CALL, SQL[i], NULL, 0, columns, 1, &scan,
                                &d.error),
                  STORE_FAILED);
        CHECK(scan == NULL);
    }
    struct store_scan *scan = NULL;
    CHECK_INT(d.plugin->run(d.session, &DUCK_CALL, "SELECT 1, 2", NULL, 0, columns, 1,
                            &scan, &d.error),
              STORE_FAILED);
    duck_close(&d);
}

/* Long arrays: batches stay near 1 MiB, or are one row. */
TEST(batches_are_bounded_by_bytes)
{
    struct duck_store d;
    struct store_batch batch;
    const struct store_column column[] = {COLUMN(STORE_I64, 1), COLUMN(STORE_F64, -1)};
    duck_open(&d, NULL, 0);
    struct store_scan *scan = start(
        &d, "SELECT i, [CAST(i AS DOUBLE) FOR k IN range(10000)] FROM range(500) AS r(i)",
        column, 2);
    int64_t next = 0;
    while (d.plugin->next(scan, &batch, &d.error) == STORE_OK) {
        CHECK(batch.nrow >= 1 && batch.nrow <= (1 << 20) / 80000 + 1);
        for (uint32_t i = 0; i < batch.nrow; i++, next++) {
            CHECK_INT(((const int64_t *)batch.column[0].data)[i], next);
            const uint32_t *offset = batch.column[1].offset;
            CHECK_INT(offset[i + 1] - offset[i], 10000);
            CHECK_NEAR(((const double *)batch.column[1].data)[offset[i] + 9999],
                       (double)next, 0);
        }
    }
    CHECK_INT(next, 500);
    d.plugin->finish(scan);
    const struct store_column text = COLUMN(STORE_TEXT, -1);
    scan = start(&d, "SELECT repeat('x', 3000000) FROM range(3)", &text, 1);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(d.plugin->next(scan, &batch, &d.error), STORE_OK);
        CHECK_INT(batch.nrow, 1);
        CHECK_INT(batch.column[0].offset[1], 3000000);
    }
    CHECK_INT(d.plugin->next(scan, &batch, &d.error), STORE_END);
    d.plugin->finish(scan);
    duck_close(&d);
}

/* All kinds of columns side by side; sparse filters make small chunks, which are gathered.
 */
static void check_stream(struct duck_store *d, int step)
{
    char sql[600];
    const struct store_column column[] = {COLUMN(STORE_I64, 1),  COLUMN(STORE_TEXT, -1),
                                          COLUMN(STORE_F64, 1),  COLUMN(STORE_F32, 2),
                                          COLUMN(STORE_I32, -1), COLUMN(STORE_BOOL, 1)};
    struct store_batch batch;
    enum store_status status;
    snprintf(sql, sizeof sql,
             "SELECT i, 'row ' || i, CASE WHEN i %% 3 = 0 THEN NULL ELSE i / 2 END, "
             "[i, -i]::FLOAT[2], CASE WHEN i %% 5 = 0 THEN NULL ELSE "
             "CAST(range(i %% 4) AS INTEGER[]) END, i %% 2 = 0 "
             "FROM range(200000) AS r(i) WHERE hash(i) %% %d = 0 OR i < 5 ORDER BY i",
             step);
    struct store_scan *scan = start(d, sql, column, 6);
    int64_t last = -1;
    while ((status = d->plugin->next(scan, &batch, &d->error)) == STORE_OK)
        for (uint32_t r = 0; r < batch.nrow; r++) {
            const struct store_vector *c = batch.column;
            int64_t i = ((const int64_t *)c[0].data)[r];
            char text[32];
            int n = snprintf(text, sizeof text, "row %lld", (long long)i);
            CHECK(i > last);
            last = i;
            CHECK_INT(c[1].offset[r + 1] - c[1].offset[r], n);
            CHECK(memcmp((const char *)c[1].data + c[1].offset[r], text, (size_t)n) == 0);
            CHECK_INT(store_is_valid(&c[2], r), i % 3 != 0);
            CHECK(i % 3 == 0 || ((const double *)c[2].data)[r] == (double)i / 2);
            CHECK(((const float *)c[3].data)[2 * r + 1] == (float)-i);
            CHECK_INT(store_is_valid(&c[4], r), i % 5 != 0);
            CHECK_INT(c[4].offset[r + 1] - c[4].offset[r], i % 5 ? i % 4 : 0);
            CHECK_INT(((const uint8_t *)c[5].data)[r], i % 2 == 0);
        }
    if (status != STORE_END)
        TEST_FAIL("%.500s", d->error.message);
    CHECK(last > 190000);
    d->plugin->finish(scan);
}

TEST(streams_of_mixed_columns)
{
    struct duck_store d;
    duck_open(&d, NULL, 0);
    check_stream(&d, 1);
    check_stream(&d, 7);
    check_stream(&d, 500);
    duck_close(&d);
}

/* Sparse rows come in few batches, dense ones without a copy. */
TEST(small_chunks_are_gathered)
{
    struct duck_store d;
    struct store_batch batch;
    const struct store_column column = COLUMN(STORE_I64, 1);
    duck_open(&d, NULL, 0);
    DUCK_DO(&d, "CREATE TABLE g AS SELECT i FROM range(1000000) AS r(i)");
    struct store_scan *scan = start(&d, "SELECT i FROM g WHERE i % 20 = 3", &column, 1);
    uint64_t nrow = 0, nbatch = 0;
    while (d.plugin->next(scan, &batch, &d.error) == STORE_OK) {
        nrow += batch.nrow;
        nbatch++;
    }
    d.plugin->finish(scan);
    CHECK_INT(nrow, 50000);
    CHECK(nbatch < 200); /* DuckDB makes some 490 chunks of about 102 rows */
    duck_close(&d);
}

TEST(an_error_in_the_middle)
{
    struct duck_store d;
    struct store_batch batch;
    const struct store_column column = COLUMN(STORE_I32, 1);
    enum store_status status;
    duck_open(&d, NULL, 0);
    struct store_scan *scan = start(
        &d,
        "SELECT CAST(CASE WHEN i = 400000 THEN 'x' ELSE CAST(i AS VARCHAR) END AS INTEGER) "
        "FROM range(500000) AS r(i)",
        &column, 1);
    uint64_t nrow = 0;
    while ((status = d.plugin->next(scan, &batch, &d.error)) == STORE_OK)
        nrow += batch.nrow;
    CHECK_INT(status, STORE_INVALID);
    CHECK(nrow > 100000 && nrow <= 400000);
    CHECK(strstr(d.error.message, "'x'") != NULL);
    d.plugin->finish(scan);
    CHECK_TEXT(duck_text(&d, "SELECT 1"), "1"); /* the session goes on */
    duck_close(&d);
}

RUN_TESTS(T(every_number_type), T(values_out_of_range_are_errors),
          T(every_type_that_comes_as_text), T(every_time_type), T(nan_and_infinity_pass),
          T(arrays), T(arrays_that_do_not_fit), T(types_that_cannot_be_sent),
          T(batches_are_bounded_by_bytes), T(streams_of_mixed_columns),
          T(small_chunks_are_gathered), T(an_error_in_the_middle))
