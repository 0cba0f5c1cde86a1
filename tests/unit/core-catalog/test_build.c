/* test_build.c -- descriptions laid over what stores report, and every kind of error. */
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

/* The table "x.events" of a file with these columns of it (after "  columns:\n"). */
static const struct catalog_table *build_columns(const char *columns)
{
    static char text[8192];
    snprintf(text, sizeof text, "name: x\ntables:\n- name: events\n  columns:\n%s",
             columns);
    catalog_drop(catalog);
    catalog = build_tables(text, TABLES, 2);
    return catalog ? catalog_find_table(catalog, plain("x"), plain("events"), NULL) : NULL;
}

static const struct store_column *build_column(const char *column)
{
    const struct catalog_table *table = build_columns(column);
    if (!table)
        TEST_FAIL("%.800s", report_text());
    return &table->column[0].meta;
}

/* That one column gives exactly this error, at line:column. */
static void check_column_error(const char *column, const char *want)
{
    if (build_columns(column))
        TEST_FAIL("no error for %s", column);
    if (strncmp(report_text(), want, strlen(want)) != 0)
        TEST_FAIL("report: %.800s", report_text());
}

static void check_error(const char *text, const char *want)
{
    catalog_drop(catalog);
    catalog = build_tables(text, TABLES, 2);
    if (catalog)
        TEST_FAIL("no error for %.500s", text);
    if (!strstr(report_text(), want))
        TEST_FAIL("report: %.800s", report_text());
    CHECK_INT(fault.kind, ERR_USAGE);
}

static const char *say(const char *text)
{
    return text ? text : "(none)";
}

/* --- types ------------------------------------------------------------------------------
 */

/* TAP.md section 8, VOT: datatype and arraysize of each kind of column */
TEST(types)
{
    static const struct {
        const char *column, *datatype, *arraysize, *xtype;
    } CASE[] = {
        {"  - {name: uuid}\n", "char", "*", NULL},
        {"  - {name: uuid, datatype: char, length: 36}\n", "char", "36", NULL},
        {"  - {name: uuid, datatype: string, length: 36}\n", "char", "36*", NULL},
        {"  - {name: uuid, datatype: text}\n", "char", "*", NULL},
        {"  - {name: uuid, datatype: unicode}\n", "unicodeChar", "*", NULL},
        {"  - {name: uuid, votable:datatype: unicodeChar}\n", "unicodeChar", "*", NULL},
        {"  - {name: uuid, votable:arraysize: '8*'}\n", "char", "8*", NULL},
        {"  - {name: r, datatype: int}\n", "int", NULL, NULL},
        {"  - {name: t, datatype: timestamp}\n", "char", "*", "timestamp"},
        {"  - {name: e}\n", "double", NULL, NULL},
        {"  - {name: dep, datatype: float}\n", "float", "252", NULL},
        {"  - {name: dep, votable:arraysize: '4x63'}\n", "float", "4x63", NULL},
        {"  - {name: dep, votable:datatype: floatComplex}\n", "floatComplex", "126", NULL},
        {"  - {name: trace, datatype: short}\n", "short", "*", NULL},
        {"  - {name: trace, votable:arraysize: '2x*'}\n", "short", "2x*", NULL},
        {"  - {name: blob, datatype: binary}\n", "unsignedByte", "*", NULL},
        {"  - {name: blob, votable:datatype: bit}\n", "bit", "*", NULL},
        {"  - {name: flag, datatype: boolean}\n", "boolean", NULL, NULL},
        {"  - {name: pt, votable:xtype: point}\n", "double", "2", "point"},
        {"  - {name: outline, votable:xtype: polygon}\n", "double", "*", "polygon"},
        {"  - {name: pt, votable:xtype: interval}\n", "double", "2", "interval"},
        {"  - {name: uuid, votable:xtype: uuid}\n", "char", "*", "uuid"},
        {"  - {name: uuid, votable:xtype: 'adql:REGION'}\n", "char", "*", "adql:REGION"},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        const struct store_column *c = build_column(CASE[i].column);
        if (strcmp(say(c->datatype), CASE[i].datatype) != 0 ||
            strcmp(say(c->arraysize), say(CASE[i].arraysize)) != 0 ||
            strcmp(say(c->xtype), say(CASE[i].xtype)) != 0)
            TEST_FAIL("%s gives %s %s %s", CASE[i].column, say(c->datatype),
                      say(c->arraysize), say(c->xtype));
    }
}

TEST(wrong_types)
{
    check_column_error("  - {name: e, datatype: float}\n",
                       "5:25: the datatype is float here, but double in the store: write "
                       "'datatype: double'");
    check_column_error("  - {name: r, datatype: integer}\n",
                       "5:25: 'integer' is not a datatype: did you mean 'int'?");
    check_column_error("  - {name: r, votable:datatype: char}\n", "5:33: votable:datatype");
    check_column_error("  - {name: r, votable:arraysize: '5'}\n",
                       "5:34: votable:arraysize '5': the column holds single values");
    check_column_error("  - {name: dep, votable:arraysize: '4x4'}\n",
                       "5:36: votable:arraysize '4x4': the store's arrays have another");
    check_column_error("  - {name: trace, votable:arraysize: '4'}\n",
                       "5:38: votable:arraysize '4': arrays of this column differ");
    check_column_error("  - {name: dep, votable:arraysize: 'x'}\n",
                       "5:36: votable:arraysize 'x': an arraysize is");
    check_column_error("  - {name: dep, length: 252}\n", "5:25: 'length' is for texts");
    check_column_error("  - {name: uuid, votable:arraysize: '2x3'}\n",
                       "5:37: votable:arraysize '2x3': a text has one dimension");
    check_column_error("  - {name: pt, votable:xtype: circle}\n",
                       "5:31: the xtype circle needs an array of 3 float or double");
    check_column_error("  - {name: r, votable:xtype: moc}\n", "5:30: the xtype moc is for");
    check_column_error(
        "  - {name: r, votable:xtype: timestmap}\n",
        "5:30: 'timestmap' is not an xtype of DALI: did you mean 'timestamp'?");
    check_column_error("  - {name: pt, nullable: maybe}\n",
                       "5:26: 'nullable' of a column is true or false (1 or 0)");
}

/* --- words ------------------------------------------------------------------------------
 */

/* UCD-3, UNIT-7; standards win over the rules (UCD.md, "Pitfalls") */
TEST(units_and_ucds)
{
    check_column_error("  - {name: e, ivoa:unit: km s-1}\n",
                       "5:26: unit: a unit holds no blanks");
    check_column_error("  - {name: e, fits:tunit: sec}\n",
                       "5:27: unit: 'sec' is not a VOUnit: write s");
    check_column_error("  - {name: e, fits:tunit: s, ivoa:unit: s}\n",
                       "5:27: a column has ivoa:unit or fits:tunit, not both");
    check_column_error("  - {name: e, ivoa:ucd: phys.enrgy}\n",
                       "5:25: UCD: 'phys.enrgy' is not a word of UCD1+: did you mean "
                       "'phys.energy'?");
    check_column_error("  - {name: e, ivoa:ucd: meta.main;phys.energy}\n",
                       "5:25: UCD: 'meta.main' cannot come first");
    const struct store_column *c =
        build_column("  - {name: e, tap:std: 1, ivoa:ucd: obs.exposure, ivoa:unit: ''}\n");
    CHECK_TEXT(c->ucd, "obs.exposure");
    CHECK(!c->unit);
    CHECK(c->flags & STORE_STD);
    CHECK(strstr(report_text(), "5:37: warning: UCD: 'obs.exposure' cannot come first"));
}

TEST(flags)
{
    const struct store_column *c =
        build_column("  - {name: r, nullable: false, colure:no_search: true}\n"
                     "  - {name: e, tap:principal: 1}\n");
    CHECK_INT(c[0].flags, STORE_NO_SEARCH);
    const struct catalog_table *t = build_columns("  - {name: r, tap:principal: 0}\n"
                                                  "  - {name: e}\n");
    CHECK(t->column[0].meta.flags & STORE_PRINCIPAL); /* nothing chosen: all are */
    CHECK(t->column[1].meta.flags & STORE_NULLABLE);
}

TEST(statistics_and_nulls)
{
    struct store_column with_nulls = {.size = sizeof with_nulls,
                                      .type = STORE_F64,
                                      .length = 1,
                                      .flags = STORE_NULLABLE,
                                      .name = "a",
                                      .unit = "km s-1",
                                      .ucd = "phys.veloc",
                                      .minimum = 1,
                                      .maximum = 5,
                                      .null_fraction = 0.25};
    const struct store_column *const columns[] = {&with_nulls};
    const struct store_table table = TABLE("a", columns);
    const struct store_table *const list[] = {&table};
    struct catalog *c = build_tables(
        "name: x\ntables: [{name: a, colure:rows: 7, columns: [{name: a}]}]\n", list, 1);
    CHECK(c);
    const struct catalog_table *t = catalog_find_table(c, plain("x"), plain("a"), NULL);
    CHECK(t->column[0].meta.minimum == 1 && t->column[0].meta.maximum == 5);
    CHECK(t->column[0].meta.null_fraction == 0.25);
    CHECK(!t->column[0].meta.unit); /* the store's, but no VOUnit */
    CHECK_TEXT(t->column[0].meta.ucd, "phys.veloc");
    CHECK_INT(t->row_estimate, 7);
    catalog_drop(c);
    c = build_tables(
        "name: x\ntables: [{name: a, columns: [{name: a, nullable: false}]}]\n", list, 1);
    CHECK(!c);
    CHECK(strstr(report_text(), "2:50: 'nullable: false', but 25 % of the store's values"));
}

/* A store built against an older header has smaller structs. */
TEST(smaller_structs)
{
    struct store_column old = {.size = offsetof(struct store_column, minimum),
                               .type = STORE_I32,
                               .length = 1,
                               .name = "a",
                               .minimum = 5};
    const struct store_column *const columns[] = {&old};
    struct store_table table = TABLE("a", columns);
    table.size = offsetof(struct store_table, coverage_moc);
    table.row_estimate = 99;
    const struct store_table *const list[] = {&table};
    struct catalog *c =
        build_tables("name: x\ntables: [{name: a, columns: [{name: a}]}]\n", list, 1);
    CHECK(c);
    const struct catalog_table *t = catalog_find_table(c, plain("x"), plain("a"), NULL);
    CHECK(isnan(t->column[0].meta.minimum));
    CHECK_INT(t->row_estimate, -1);
    catalog_drop(c);
}

/* --- names ------------------------------------------------------------------------------
 */

TEST(names)
{
    check_column_error(
        "  - {name: date, colure:native: t}\n",
        "5:12: the name 'date' of a column is a word of ADQL: choose another "
        "one (and put the store's name into colure:native), or publish it with "
        "its quotes: name: '\"date\"'");
    check_column_error("  - {name: 2x, colure:native: t}\n",
                       "5:12: the name '2x' of a column is not a letter followed by");
    check_column_error("  - {name: '\"\"', colure:native: t}\n", "5:12: the quoted name");
    check_column_error("  - {name: '\"a\"b\"', colure:native: t}\n",
                       "5:12: the quoted name");
    check_column_error("  - {name: e}\n  - {name: E}\n",
                       "6:12: a second column 'e' (the first is in line 5)");
    check_column_error("  - {datatype: int}\n", "5:5: a column needs the key 'name'");
    check_column_error("  - {name: }\n", "5:12: 'name' of a column needs a value");
    check_column_error("  - e\n", "5:5: a column is written as a map");
    check_column_error("  - {name: ee}\n",
                       "5:12: the table 'events' of the store has no column 'ee'");
    check_column_error("  - {name: e, colure:native: E5}\n",
                       "5:30: the table 'events' of the store has no column 'E5'");
    CHECK_TEXT(build_column("  - {name: '\"a\"\"b\"', colure:native: e}\n")->name, "a\"b");
    CHECK_TEXT(catalog_schema_at(catalog, 0)->table->column[0].adql_name, "\"a\"\"b\"");
}

TEST(unknown_keys)
{
    check_column_error("  - {name: e, descripton: x}\n",
                       "5:15: unknown key 'descripton' of a column: did you mean "
                       "'description'?");
    check_column_error("  - {name: e, ucd: x}\n",
                       "5:15: unknown key 'ucd' of a column: did you mean 'ivoa:ucd'?");
    check_column_error("  - {name: e, qqq: x}\n", "5:15: unknown key 'qqq' of a column\n");
    check_error("name: x\ntabels: []\ntables: []\n",
                "2:1: unknown key 'tabels' of a schema: did you mean 'tables'?");
    check_error("name: x\n", "1:1: a schema needs the key 'tables'");
    check_error("[]\n", "1:1: a schema is written as a map");
    check_error("name: x\ntables: {}\n", "2:9: 'tables' of a schema is a list");
    check_error("name: x\ntables: []\n",
                "2:9: a description file needs at least one table");
}

TEST(schema_names)
{
    check_error("name: TAP_SCHEMA\ntables: [{name: runs, columns: [{name: run}]}]\n",
                "1:7: the schema 'tap_schema' is the node's own");
    check_error("name: tap_upload\ntables: [{name: runs, columns: [{name: run}]}]\n",
                "1:7: the schema 'tap_upload' is the node's own");
    check_error("name: x\ntables: [{name: rans, columns: [{name: run}]}]\n",
                "2:17: the store has no table 'rans'; the nearest is 'runs'");
    check_error("name: x\ntables:\n- {name: runs, columns: [{name: run}]}\n"
                "- {name: RUNS, columns: [{name: run}]}\n",
                "4:10: a second table 'runs' in the schema 'x'");
    check_error("name: x\ntables: [{name: runs, columns: []}]\n",
                "2:32: a table needs columns");
}

TEST(file_errors)
{
    check_error("name: x\n  y: z\n", "2:4: not YAML");
    check_error("a: &b 1\nc: *b\n", "2:4: aliases (*name) are not read here");
    struct catalog_source source = {.path = "/nonexistent/a.yaml"};
    struct err e = {0};
    CHECK(!catalog_build(&source, 1, 0, NULL, &e));
    CHECK(strstr(e.message, "/nonexistent/a.yaml"));
}

/* All errors are collected, the first one also in err; they name file, line and column. */
TEST(all_errors_at_once)
{
    check_error(
        "name: x\nfoo: 1\ntables:\n- name: events\n  columns:\n  - {name: e, bar: 1}\n",
        "2:1: unknown key 'foo' of a schema\n6:15: unknown key 'bar' of a column\n");
    char want[100];
    snprintf(want, sizeof want, "%s:2:1: unknown key", description_path());
    CHECK(strncmp(fault.message, want, strlen(want)) == 0);
}

/* --- frames -----------------------------------------------------------------------------
 */

static const struct catalog_table *build_frames(const char *top, const char *columns)
{
    static char text[8192];
    snprintf(text, sizeof text, "name: x\n%s\ntables:\n- name: events\n  columns:\n%s", top,
             columns);
    catalog_drop(catalog);
    catalog = build_tables(text, TABLES, 2);
    if (!catalog)
        TEST_FAIL("%.800s", report_text());
    return catalog_find_table(catalog, plain("x"), plain("events"), NULL);
}

/* VOT-11: no time origin where there is a calendar year; DALI: timestamps are UTC */
TEST(time_systems)
{
    const struct catalog_table *t = build_frames(
        "colure:timesys: {timescale: TT, refposition: GEOCENTER, timeorigin: MJD-origin}",
        "  - {name: t}\n"
        "  - {name: mjd, ivoa:unit: d, ivoa:ucd: time.epoch}\n"
        "  - {name: e, ivoa:unit: s, ivoa:ucd: time.epoch}\n"
        "  - {name: ra, ivoa:unit: d, ivoa:ucd: time.duration}\n"
        "  - {name: dec, ivoa:unit: yr, ivoa:ucd: time.start}\n"
        "  - {name: r, ivoa:unit: s, ivoa:ucd: time.epoch, colure:timesys: {timescale: "
        "UTC, "
        "refposition: UNKNOWN, timeorigin: 2440587.5}}\n");
    CHECK_TEXT(t->column[0].meta.timesys->timescale, "TT");
    CHECK(!t->column[0].meta.timesys->timeorigin);
    CHECK_TEXT(t->column[1].meta.timesys->timeorigin, "MJD-origin");
    CHECK(!t->column[2].meta.timesys);
    CHECK(!t->column[3].meta.timesys);
    CHECK(!t->column[4].meta.timesys->timeorigin);
    CHECK_TEXT(t->column[5].meta.timesys->timeorigin, "2440587.5");
    t = build_frames("", "  - {name: t}\n  - {name: mjd, ivoa:ucd: time.epoch}\n");
    CHECK_TEXT(t->column[0].meta.timesys->timescale, "UTC");
    CHECK_TEXT(t->column[0].meta.timesys->refposition, "UNKNOWN");
    CHECK(!t->column[1].meta.timesys);
    check_column_error(
        "  - {name: t, colure:timesys: {timescale: UTC, refposition: UNKNOWN, "
        "timeorigin: MJD-origin}}\n",
        "5:31: times with a calendar year have no timeorigin");
    check_column_error(
        "  - {name: e, colure:timesys: {timescale: UTC, refposition: UNKNOWN}}\n",
        "5:31: times that are numbers need a timeorigin");
    check_column_error(
        "  - {name: e, colure:timesys: {timescale: utc, refposition: UNKNOWN}}\n",
        "5:43: 'utc' is not a timescale: did you mean 'UTC'?");
    check_column_error(
        "  - {name: e, colure:timesys: {timescale: UTC, refposition: UNKNOWN, "
        "timeorigin: then}}\n",
        "5:82: timeorigin is MJD-origin");
}

TEST(coordinate_systems)
{
    const struct catalog_table *t =
        build_frames("colure:coosys: {system: ICRS, epoch: J2015.5}",
                     "  - {name: ra, ivoa:unit: deg, ivoa:ucd: pos.eq.ra;meta.main}\n"
                     "  - {name: dec, ivoa:unit: deg, ivoa:ucd: pos.eq.dec;meta.main}\n"
                     "  - {name: glon, ivoa:unit: deg, ivoa:ucd: pos.galactic.lon}\n"
                     "  - {name: e, ivoa:ucd: phys.energy}\n"
                     "  - {name: pt, votable:xtype: point}\n"
                     "  - {name: mjd, ivoa:ucd: pos.eq.ra, colure:coosys: {system: FK4, "
                     "equinox: B1950}}\n");
    CHECK_TEXT(t->column[0].meta.coosys->epoch, "J2015.5");
    CHECK_TEXT(t->column[2].meta.coosys->system, "GALACTIC");
    CHECK(!t->column[3].meta.coosys);
    CHECK(t->column[4].meta.coosys == t->column[0].meta.coosys);
    CHECK_TEXT(t->column[5].meta.coosys->equinox, "B1950");
    CHECK_INT(t->lon_column, 0);
    check_column_error("  - {name: ra, colure:coosys: {system: icrs}}\n",
                       "5:40: 'icrs' is not a system: did you mean 'ICRS'?");
    check_column_error("  - {name: ra, colure:coosys: {system: ICRS, epoch: now}}\n",
                       "5:53: 'now' is not a year");
}

TEST(positions)
{
    const struct catalog_table *t =
        build_columns("  - {name: e}\n  - {name: r_a, colure:native: ra}\n"
                      "  - {name: dec}\n");
    CHECK_INT(t->lon_column, 1);
    CHECK_INT(t->lat_column, 2);
    CHECK_INT(t->hpx_column, 3);
    CHECK_INT(t->hpx_order, 12);
    CHECK_TEXT(t->column[3].native, "hpx");
    CHECK(t->column[3].meta.flags & STORE_HIDDEN);
    CHECK_TEXT(t->coverage_moc, "5/1-3");
    CHECK_TEXT(t->column[1].meta.coosys->system, "ICRS");
    t = build_columns("  - {name: e}\n");
    CHECK_INT(t->lon_column, -1);
    t = build_columns("  - {name: mjd, ivoa:unit: deg, ivoa:ucd: pos.eq.ra;meta.main}\n"
                      "  - {name: e, ivoa:unit: deg, ivoa:ucd: pos.eq.dec;meta.main}\n");
    CHECK_INT(t->lon_column, 0);
    CHECK_INT(t->hpx_column, -1); /* the store's index is of another position */
    check_column_error("  - {name: e}\n  colure:position: {lon: ee, lat: e}\n",
                       "6:26: colure:position: the table has no column 'ee'");
    check_column_error(
        "  - {name: e}\n  - {name: r}\n  colure:position: {lon: r, lat: e}\n",
        "7:20: colure:position wants two single float or double columns");
    check_column_error("  - {name: ra}\n  - {name: dec}\n"
                       "  colure:position: {lon: ra, lat: dec}\n"
                       "  colure:coosys: {system: FK4}\n"
                       "  - {name: x}\n",
                       "9:3: not YAML");
}

/* Nothing but ICRS passes for a position. */
TEST(other_frames_are_no_position)
{
    const struct catalog_table *t = build_columns(
        "  - {name: ra, ivoa:ucd: pos.eq.ra}\n  - {name: dec, ivoa:ucd: pos.eq.dec}\n"
        "  colure:coosys: {system: FK4}\n");
    CHECK_INT(t->lon_column, -1);
    CHECK(strstr(report_text(), "warning: no searches on the sky: 'ra' is in FK4"));
    check_column_error("  - {name: ra, ivoa:ucd: pos.eq.ra}\n  - {name: dec}\n"
                       "  colure:coosys: {system: FK4}\n"
                       "  colure:position: {lon: ra, lat: dec}\n",
                       "8:20: colure:position is in ICRS, but 'ra' is in FK4");
}

/* --- keys -------------------------------------------------------------------------------
 */

static const char *relations(const char *constraint)
{
    static char text[4096];
    snprintf(text, sizeof text,
             "name: x\ntables:\n"
             "- name: events\n  columns:\n"
             "  - {name: run, colure:native: r, \"@id\": \"#events.run\"}\n"
             "  - {name: e}\n"
             "  primaryKey: \"#events.run\"\n"
             "  indexes: [{name: i, columns: [e, run]}]\n"
             "%s"
             "- name: runs\n  columns: [{name: run, \"@id\": \"#runs.run\"}]\n",
             constraint);
    return text;
}

static const struct catalog_key *build_key(const char *columns, const char *referenced)
{
    static char text[1000];
    snprintf(text, sizeof text,
             "  constraints:\n  - {name: k, \"@type\": ForeignKey, columns: %s, "
             "referencedColumns: %s}\n",
             columns, referenced);
    catalog_drop(catalog);
    catalog = build_tables(relations(text), TABLES, 2);
    if (!catalog)
        TEST_FAIL("%.800s", report_text());
    return catalog_find_table(catalog, plain("x"), plain("events"), NULL)->key;
}

TEST(foreign_keys)
{
    static const char *const WAYS[] = {"runs.run", "[runs.run]", "[x.runs.run]",
                                       "[\"#runs.run\"]", "[RUNS.RUN]"};
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        const struct catalog_key *key =
            build_key(i % 2 ? "[\"#events.run\"]" : "run", WAYS[i]);
        CHECK_TEXT(key->id, "x.k");
        CHECK_TEXT(key->target, "x.runs");
        CHECK_TEXT(key->from_column[0], "run");
        CHECK_TEXT(key->to_column[0], "run");
    }
    const struct catalog_table *t =
        catalog_find_table(catalog, plain("x"), plain("events"), NULL);
    CHECK(t->column[0].meta.flags & STORE_KEY);
    CHECK(!(t->column[0].meta.flags & STORE_INDEXED));
    CHECK(t->column[1].meta.flags & STORE_INDEXED);
    build_key("e", "runs.run");
    CHECK(strstr(report_text(),
                 "warning: the columns of a foreign key differ in type (double "
                 "and int)"));
}

TEST(wrong_keys)
{
    static const struct {
        const char *constraint, *want;
    } CASE[] = {
        {"{name: k, \"@type\": ForeignKey, columns: rum, referencedColumns: runs.run}",
         "10:45: the table 'events' has no column 'rum': did you mean 'run'?"},
        {"{name: k, \"@type\": ForeignKey, columns: run, referencedColumns: runs.rum}",
         "10:69: 'runs.rum' is no column"},
        {"{name: k, \"@type\": ForeignKey, columns: run}", "10:5: a foreign key needs"},
        {"{name: k, \"@type\": ForeignKey, columns: [run, e], referencedColumns: "
         "[runs.run, "
         "events.e]}",
         "10:85: the referenced columns of a foreign key are in one table"},
        {"{name: k, \"@type\": Foreign, columns: run}",
         "10:24: 'Foreign' is not a constraint"},
        {"{name: k, \"@type\": Unique, columns: nope}", "10:41: the table 'events' has no"},
        {"{name: k}", "10:5: a constraint needs the key '@type'"},
    };
    char text[500];
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        snprintf(text, sizeof text, "  constraints:\n  - %s\n", CASE[i].constraint);
        check_error(relations(text), CASE[i].want);
    }
    check_error(relations("  constraints:\n"
                          "  - {name: k, \"@type\": ForeignKey, columns: run, "
                          "referencedColumns: runs.run}\n"
                          "  - {name: K, \"@type\": ForeignKey, columns: run, "
                          "referencedColumns: runs.run}\n"),
                "11:12: a second foreign key of this name");
    check_error(
        "name: x\ntables: [{name: runs, primaryKey: rum, columns: [{name: run}]}]\n",
        "2:35: the table 'runs' has no column 'rum'");
}

/* --- several files, order, examples -----------------------------------------------------
 */

TEST(order_of_tables_and_columns)
{
    catalog_drop(catalog);
    catalog =
        build_tables("name: x\ntables:\n"
                     "- {name: events, tap:table_index: 2, columns: [{name: e}, {name: ra, "
                     "tap:column_index: 5}, {name: dec, tap:column_index: 4}]}\n"
                     "- {name: runs, tap:table_index: 1, columns: [{name: run}]}\n",
                     TABLES, 2);
    CHECK(catalog);
    const struct catalog_schema *s = catalog_schema_at(catalog, 0);
    CHECK_TEXT(s->table[0].name, "runs");
    CHECK_INT(s->table[0].index, 0);
    CHECK_TEXT(s->table[1].column[0].meta.name, "dec");
    CHECK_TEXT(s->table[1].column[1].meta.name, "ra");
    CHECK_TEXT(s->table[1].column[2].meta.name, "e");
    CHECK_INT(s->table[1].column[2].index, 2);
    CHECK_INT(s->table[1].lon_column, 1);
}

TEST(schema_words)
{
    catalog_drop(catalog);
    catalog =
        build_tables("name: x\ndescription: |\n  Two\n  lines.\nversion: {current: v2}\n"
                     "votable:utype: u\ncolure:title: T\n"
                     "colure:origin: {creator: [a, b], licence: CC0, ivoid: ivo://a/b, "
                     "what: \"a\\nb\"}\n"
                     "tables: [{name: runs, colure:view: true, colure:title: R, "
                     "columns: [{name: run}]}]\n",
                     TABLES, 2);
    CHECK(catalog);
    const struct catalog_schema *s = catalog_schema_at(catalog, 0);
    CHECK_TEXT(s->description, "Two lines.");
    CHECK_TEXT(s->title, "T");
    CHECK_TEXT(s->utype, "u");
    CHECK_TEXT(s->origin.creator, "a; b");
    CHECK_TEXT(s->origin.version, "v2");
    CHECK_TEXT(s->origin.what, "a\nb");
    CHECK(!s->origin.bibcode);
    CHECK(s->table[0].is_view);
    CHECK_TEXT(s->table[0].title, "R");
    check_error("name: x\ncolure:origin: {ivoid: 'http://x'}\ntables: []\n",
                "2:24: an ivoid begins with ivo://");
}

TEST(examples)
{
    static const char TEMPLATE[] =
        "name: x\ntables: [{name: runs, columns: [{name: run}]}]\ncolure:examples:\n%s";
    char text[1000];
    snprintf(text, sizeof text, TEMPLATE,
             "- {id: a-1, name: A, query: 'SELECT x.runs.run FROM X.Runs, y.x.runs2'}\n"
             "- {id: b, name: B, query: SELECT 1, tables: [tap_schema.TABLES]}\n"
             "- {id: c, name: C, query: SELECT a FROM xx.runs}\n");
    catalog_drop(catalog);
    catalog = build_tables(text, TABLES, 2);
    if (!catalog)
        TEST_FAIL("%.800s", report_text());
    CHECK_INT(catalog_nexample(catalog), 3);
    CHECK_INT(catalog_example_at(catalog, 0)->ntable, 1);
    CHECK_TEXT(catalog_example_at(catalog, 0)->table[0], "x.runs");
    CHECK_TEXT(catalog_example_at(catalog, 1)->table[0], "tap_schema.tables");
    CHECK_INT(catalog_example_at(catalog, 2)->ntable, 0);
    snprintf(text, sizeof text, TEMPLATE, "- {id: 1a, name: A, query: q}\n");
    check_error(text, "4:8: an example's id is");
    snprintf(text, sizeof text, TEMPLATE,
             "- {id: a, name: A, query: q}\n- {id: a, name: A, query: q}\n");
    check_error(text, "5:8: a second example 'a'");
    snprintf(text, sizeof text, TEMPLATE, "- {id: a, name: A, query: q, tables: x.run}\n");
    check_error(text, "4:38: no table 'x.run' in the node");
}

/* Two files may fill one schema; the first describes it. */
TEST(one_schema_of_two_files)
{
    char second[80];
    snprintf(second, sizeof second, "%s.2", description_path());
    FILE *f = fopen(second, "w");
    CHECK(f);
    fputs(
        "name: x\ndescription: other\ntables:\n- {name: events, columns: [{name: run, "
        "colure:native: r}], constraints: [{name: k, \"@type\": ForeignKey, columns: run, "
        "referencedColumns: runs.run}]}\n",
        f);
    fclose(f);
    write_description(
        "name: x\ndescription: first\ntables: [{name: runs, columns: [{name: run}]}]\n");
    struct catalog_source source[] = {
        {.path = description_path(), .store = 1, .table = TABLES, .ntable = 2},
        {.path = second, .store = 2, .table = TABLES, .ntable = 2, .native_prefix = "db."}};
    struct err e = {0};
    bytes_clear(&report);
    struct catalog *c = catalog_build(source, 2, 0, &report, &e);
    unlink(second);
    unlink(description_path());
    if (!c)
        TEST_FAIL("%.500s", e.message);
    CHECK_INT(catalog_nschema(c), 2);
    CHECK_TEXT(catalog_schema_at(c, 0)->description, "first");
    CHECK_INT(catalog_schema_at(c, 0)->ntable, 2);
    CHECK(strstr(report_text(), "warning: 'description' of the schema 'x' is passed over"));
    const struct catalog_table *t =
        catalog_find_table(c, plain("x"), plain("events"), NULL);
    CHECK_INT(t->store, 2);
    CHECK_TEXT(t->native, "db.events");
    CHECK_TEXT(t->key[0].target, "x.runs");
    catalog_drop(c);
}

/* Stores list "schema.table" or "database.schema.table". */
TEST(listed_names)
{
    static const struct {
        const char *listed, *prefix, *native, *want;
    } CASE[] = {
        {"demo.x.runs", "demo.x.", NULL, "demo.x.\"runs\""},
        {"x.runs", "demo.x.", NULL, "demo.x.\"runs\""},
        {"runs", "demo.x.", NULL, "demo.x.\"runs\""},
        {"x.runs", NULL, NULL, "\"x\".\"runs\""},
        {"db.X.Runs", NULL, NULL, "\"db\".\"X\".\"Runs\""},
        {"other.runs", NULL, "other.runs", "\"other\".\"runs\""},
        {"y.runs", "demo.x.", NULL, NULL},
        {"y.runs", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        struct store_table table = RUNS_TABLE;
        table.name = CASE[i].listed;
        const struct store_table *const list[] = {&table};
        char text[200];
        snprintf(text, sizeof text,
                 "name: x\ntables: [{name: runs%s%s, columns: [{name: run}]}]\n",
                 CASE[i].native ? ", colure:native: " : "",
                 CASE[i].native ? CASE[i].native : "");
        write_description(text);
        struct catalog_source source = {.path = description_path(),
                                        .table = list,
                                        .ntable = 1,
                                        .native_prefix = CASE[i].prefix,
                                        .quote = '"'};
        struct err e = {0};
        struct catalog *c = catalog_build(&source, 1, 0, NULL, &e);
        unlink(description_path());
        if ((c != NULL) != (CASE[i].want != NULL))
            TEST_FAIL("case %d: %.500s", (int)i, e.message);
        if (!c)
            continue;
        const struct catalog_table *t =
            catalog_find_table(c, plain("x"), plain("runs"), NULL);
        CHECK_TEXT(t->native, CASE[i].want);
        CHECK_TEXT(t->store_name, CASE[i].listed);
        catalog_drop(c);
    }
}

TEST(many_errors_are_cut)
{
    struct bytes text;
    bytes_init(&text, 1 << 20);
    bytes_add_literal(&text, "name: x\ntables:\n- name: events\n  columns:\n");
    for (int i = 0; i < 300; i++)
        bytes_add_format(&text, "  - {name: nothing%d}\n", i);
    check_error(bytes_text(&text), "more errors are not listed");
    bytes_free(&text);
    catalog_drop(catalog);
    catalog = NULL;
    bytes_free(&report);
}

RUN_TESTS(T(types), T(wrong_types), T(units_and_ucds), T(flags), T(statistics_and_nulls),
          T(smaller_structs), T(names), T(unknown_keys), T(schema_names), T(file_errors),
          T(all_errors_at_once), T(time_systems), T(coordinate_systems), T(positions),
          T(other_frames_are_no_position), T(foreign_keys), T(wrong_keys),
          T(order_of_tables_and_columns), T(schema_words), T(examples),
          T(one_schema_of_two_files), T(listed_names), T(many_errors_are_cut))
