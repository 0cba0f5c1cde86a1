/* events.h -- the store tables of the tests that build catalogs, and their errors. */
#ifndef TESTS_UNIT_CORE_CATALOG_EVENTS_H
#define TESTS_UNIT_CORE_CATALOG_EVENTS_H

#include "tests/unit/core-catalog/fixture.h"

static const struct store_column *const EVENTS[] = {
    COLUMN("uuid", STORE_TEXT, -1), COLUMN("r", STORE_I32, 1),
    COLUMN("t", STORE_TIME_US, 1),  COLUMN("mjd", STORE_F64, 1),
    COLUMN("e", STORE_F64, 1),      COLUMN("ra", STORE_F64, 1),
    COLUMN("dec", STORE_F64, 1),    COLUMN("dep", STORE_F32, 252),
    COLUMN("trace", STORE_I16, -1), COLUMN("outline", STORE_F64, -1),
    COLUMN("pt", STORE_F64, 2),     COLUMN("blob", STORE_U8, -1),
    COLUMN("flag", STORE_BOOL, 1),  COLUMN("hpx", STORE_I64, 1),
    COLUMN("glon", STORE_F64, 1)};
static const struct store_column *const RUNS[] = {COLUMN("run", STORE_I32, 1),
                                                  COLUMN("begin", STORE_TIME_US, 1)};
static const struct store_table EVENTS_TABLE = {.size = sizeof EVENTS_TABLE,
                                                .ncolumn = sizeof EVENTS / sizeof *EVENTS,
                                                .column = EVENTS,
                                                .name = "events",
                                                .lon_column = 5,
                                                .lat_column = 6,
                                                .hpx_column = 13,
                                                .hpx_order = 12,
                                                .coverage_moc = "5/1-3",
                                                .row_estimate = 1000};
static const struct store_table RUNS_TABLE = TABLE("runs", RUNS);
static const struct store_table *const TABLES[] = {&EVENTS_TABLE, &RUNS_TABLE};

static struct catalog *catalog;

/* That a file gives this error, among others perhaps. */
static inline void check_error(const char *text, const char *want)
{
    catalog_drop(catalog);
    catalog = build_tables(text, TABLES, 2);
    if (catalog)
        TEST_FAIL("no error for %.500s", text);
    if (!strstr(report_text(), want))
        TEST_FAIL("report: %.800s", report_text());
    CHECK_INT(fault.kind, ERR_USAGE);
}

#endif
