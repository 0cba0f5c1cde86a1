/* test_lock.c -- an opened store is locked: no SQL reads a file, loads code, attaches or
 * changes a setting; run() takes nothing but queries. */
#include <sys/stat.h>

#include "tests/unit/stores/duck.h"

enum { PATHS = 128 };

static char dir[32], database[PATHS], spool[PATHS], csv[PATHS];

static void make_files(void)
{
    snprintf(dir, sizeof dir, "/tmp/colure-lock-XXXXXX");
    CHECK(mkdtemp(dir) != NULL);
    snprintf(database, sizeof database, "%s/x.duckdb", dir);
    snprintf(spool, sizeof spool, "%s/spool", dir);
    snprintf(csv, sizeof csv, "%s/secret.csv", dir);
    FILE *f = fopen(csv, "w");
    CHECK(f != NULL);
    fputs("a,b\n1,2\n", f);
    fclose(f);
    CHECK(mkdir(spool, 0700) == 0);
}

static void drop_files(void)
{
    char path[PATHS + 32];
    static const char *const IN_SPOOL[] = {"spool/out.parquet", "spool/own.duckdb"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, IN_SPOOL[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/duckdb-temp", spool);
    rmdir(path);
    rmdir(spool);
    unlink(csv);
    unlink(database);
    rmdir(dir);
}

static void make_database(void)
{
    struct duck_store d;
    struct store_option option[] = {
        {"database", database}, {"attach", "demo"}, {"writable", "1"}};
    duck_open(&d, option, 3);
    DUCK_DO(&d, "CREATE SCHEMA demo.k");
    DUCK_DO(&d, "CREATE TABLE demo.k.t AS SELECT 42 AS x");
    duck_close(&d);
}

TEST(no_way_out)
{
    struct duck_store d;
    char sql[512], why[700] = "";
    make_files();
    make_database();
    struct store_option option[] = {
        {"database", database}, {"attach", "demo"}, {"spool_directory", spool}};
    duck_open(&d, option, 3);
    static const char *const FORBIDDEN[] = {
        "SELECT * FROM read_csv('%s')",
        "SELECT * FROM '%s'",
        "SELECT * FROM read_text('%s')",
        "SELECT * FROM read_blob('%s')",
        "SELECT * FROM glob('%s*')",
        "SELECT * FROM sniff_csv('%s')",
        "ATTACH '%s.db' AS other",
        "COPY (SELECT 1) TO '%s.out'",
        "COPY demo.k.t FROM '%s'",
        "EXPORT DATABASE '%s.dir'",
        "IMPORT DATABASE '%s.dir'",
        "LOAD '%s.duckdb_extension'",
        "INSTALL httpfs -- %s",
        "SET memory_limit = '100GB' -- %s",
        "SET enable_external_access = true -- %s",
        "SET lock_configuration = false -- %s",
        "SET temp_directory = '%s'",
        "SET allowed_directories = ['%s']",
        "RESET lock_configuration -- %s",
        "PRAGMA profiling_output = '%s.json'",
        "CREATE PERSISTENT SECRET s (TYPE s3) -- %s",
        "INSERT INTO demo.k.t VALUES (1) -- %s",
        "DROP TABLE demo.k.t -- %s",
        "CREATE TABLE demo.k.u AS SELECT 1 -- %s",
    };
    for (size_t i = 0; i < sizeof FORBIDDEN / sizeof *FORBIDDEN && !why[0]; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(sql, sizeof sql, FORBIDDEN[i], csv);
#pragma GCC diagnostic pop
        if (duck_do(&d, sql) == STORE_OK)
            snprintf(why, sizeof why, "allowed: %s", sql);
    }
    if (!why[0] && strcmp(duck_text(&d, "SELECT x FROM demo.k.t"), "42") != 0)
        snprintf(why, sizeof why, "the attached database cannot be read");
    duck_close(&d);
    drop_files();
    if (why[0])
        TEST_FAIL("%s", why);
}

/* Parquet goes to the one allowed folder, and nowhere else by way of "..". */
TEST(spool_is_the_only_place)
{
    struct duck_store d;
    char sql[512];
    make_files();
    struct store_option option[] = {{"spool_directory", spool}};
    duck_open(&d, option, 1);
    snprintf(sql, sizeof sql, "COPY (SELECT 7 AS a) TO '%s/out.parquet' (FORMAT parquet)",
             spool);
    enum store_status inside = duck_do(&d, sql);
    snprintf(sql, sizeof sql, "SELECT a FROM read_parquet('%s/out.parquet')", spool);
    bool is_read = strcmp(duck_text(&d, sql), "7") == 0;
    snprintf(sql, sizeof sql, "SELECT * FROM read_text('%s/../secret.csv')", spool);
    enum store_status outside = duck_do(&d, sql);
    duck_close(&d);
    drop_files();
    CHECK_INT(inside, STORE_OK);
    CHECK(is_read);
    CHECK_INT(outside, STORE_FAILED);
}

TEST(run_takes_queries_only)
{
    struct duck_store d;
    static const struct store_column COLUMN = {
        .size = sizeof COLUMN, .type = STORE_I64, .length = 1, .name = "x"};
    const struct store_column *columns[] = {&COLUMN};
    static const char *const NOT_QUERIES[] = {"CREATE TABLE t (x BIGINT)",
                                              "DELETE FROM t",
                                              "ATTACH ':memory:' AS a",
                                              "SET threads = 1",
                                              "SELECT 1; SELECT 2",
                                              "",
                                              "PRAGMA version",
                                              "CALL pg_sleep(1)"};
    duck_open(&d, NULL, 0);
    DUCK_DO(&d, "CREATE TABLE t (x BIGINT)");
    for (size_t i = 0; i < sizeof NOT_QUERIES / sizeof *NOT_QUERIES; i++) {
        struct store_scan *scan = NULL;
        enum store_status status = d.plugin->run(d.session, &DUCK_CALL, NOT_QUERIES[i],
                                                 NULL, 0, columns, 1, &scan, &d.error);
        if (status == STORE_OK || scan)
            TEST_FAIL("it ran: %s", NOT_QUERIES[i]);
    }
    duck_close(&d);
}

/* What people read has no path, no SQL, no stack of DuckDB's. */
TEST(errors_are_for_people)
{
    struct duck_store d;
    duck_open(&d, NULL, 0);
    CHECK_INT(duck_do(&d, "SELECT * FROM read_csv('/etc/hostname')"), STORE_FAILED);
    CHECK(strstr(d.error.message, "/etc") == NULL);
    CHECK_INT(duck_do(&d, "SELECT CAST('abc' || i AS INTEGER) FROM range(3) r(i)"),
              STORE_INVALID);
    CHECK(strstr(d.error.message, "LINE") == NULL && strchr(d.error.message, '\n') == NULL);
    CHECK(strstr(d.error.message, "SELECT") == NULL);
    CHECK_INT(duck_do(&d, "SELECT no_such_function(1)"), STORE_FAILED);
    duck_close(&d);
}

RUN_TESTS(T(no_way_out), T(spool_is_the_only_place), T(run_takes_queries_only),
          T(errors_are_for_people))
