/* test_build.c -- descriptions laid over what stores report, and every kind of error. */
#include "tests/unit/core-catalog/events.h"

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
        {"  - {name: uuid, datatype: string, length: 36}\n", "char", "*", NULL},
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

/* DALI-24, DALI-25: an xtype wants its datatype; one of our own wants a prefix. */
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
    c = build_tables("name: x\ntables: [{name: a, primaryKey: a, columns: [{name: a}]}]\n",
                     list, 1);
    CHECK(!c);
    CHECK(strstr(report_text(), "2:32: 'a' cannot be a primary key: 25 % of the store's"));
    with_nulls.null_fraction = 0;
    c = build_tables("name: x\ntables: [{name: a, primaryKey: a, columns: [{name: a}]}]\n",
                     list, 1);
    CHECK(c);
    CHECK_INT(catalog_find_table(c, plain("x"), plain("a"), NULL)->column[0].meta.flags &
                  (STORE_KEY | STORE_NULLABLE),
              STORE_KEY);
    catalog_drop(c);
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
}

/* VOSI-9 */
TEST(schema_of_no_tables)
{
    catalog_drop(catalog);
    catalog =
        build_tables("name: bare\ndescription: Nothing yet.\ntables: []\n", TABLES, 2);
    if (!catalog)
        TEST_FAIL("%.800s", report_text());
    CHECK(strstr(report_text(), "3:9: warning: the file describes no table yet"));
    CHECK_INT(catalog_nschema(catalog), 2); /* TAP_SCHEMA is there too */
    for (uint32_t i = 0; i < 2; i++) {
        const struct catalog_schema *s = catalog_schema_at(catalog, i);
        bool is_bare = strcmp(s->name, "bare") == 0;
        CHECK(is_bare ? s->ntable == 0 : s->ntable > 0);
        CHECK_TEXT(is_bare ? s->description : "Nothing yet.", "Nothing yet.");
    }
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

TEST(end)
{
    catalog_drop(catalog);
    catalog = NULL;
    bytes_free(&report);
}

RUN_TESTS(T(types), T(wrong_types), T(units_and_ucds), T(flags), T(statistics_and_nulls),
          T(smaller_structs), T(names), T(unknown_keys), T(schema_of_no_tables),
          T(schema_names), T(file_errors), T(all_errors_at_once), T(time_systems),
          T(coordinate_systems), T(positions), T(other_frames_are_no_position), T(end))
