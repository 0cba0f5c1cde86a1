/* test_felis.c -- drafts of description files, and the example of docs/descriptions.md. */
#include "tests/unit/core-catalog/fixture.h"

static const struct store_column RA = {.size = sizeof RA,
                                       .type = STORE_F64,
                                       .length = 1,
                                       .name = "RAJ2000",
                                       .minimum = 0.25,
                                       .maximum = 359.5,
                                       .null_fraction = 0};
static const struct store_column VELOCITY = {.size = sizeof VELOCITY,
                                             .type = STORE_F32,
                                             .length = 1,
                                             .flags = STORE_NULLABLE,
                                             .name = "rv",
                                             .description =
                                                 "Speed: \"away\" # from us\nor so",
                                             .unit = "km s-1",
                                             .ucd = "VELOC_HC",
                                             .minimum = NAN,
                                             .maximum = NAN,
                                             .null_fraction = 0.125};
static const struct store_column KEY = {.size = sizeof KEY,
                                        .type = STORE_I64,
                                        .length = 1,
                                        .flags = STORE_KEY,
                                        .name = "id",
                                        .minimum = NAN,
                                        .maximum = NAN,
                                        .null_fraction = NAN};
static const struct store_column BITS = {.size = sizeof BITS,
                                         .type = STORE_U8,
                                         .length = 16,
                                         .name = "bits",
                                         .datatype = "bit",
                                         .unit = "nonsense\n- x",
                                         .minimum = NAN,
                                         .maximum = NAN,
                                         .null_fraction = NAN};
static const struct store_column *const STARS[] = {
    &KEY,
    &RA,
    COLUMN("DEJ2000", STORE_F64, 1),
    &VELOCITY,
    &BITS,
    COLUMN("e_rv", STORE_F32, 1),
    COLUMN("gmag", STORE_F32, 1),
    COLUMN("sigma gmag", STORE_F32, 1),
    COLUMN("size", STORE_I32, 1),
    COLUMN("2MASS", STORE_TEXT, -1),
    COLUMN("2mass", STORE_TEXT, -1),
    COLUMN("\xC3\xA9t\xC3\xA9", STORE_I16, -1),
    COLUMN("when", STORE_TIME_US, 1),
    COLUMN("blob", STORE_U8, -1),
    COLUMN("ok", STORE_BOOL, 1),
    COLUMN("null", STORE_I32, 1),
    COLUMN("_hpx", STORE_I64, 1),
    COLUMN("bad\xFF", STORE_I32, 1),
    COLUMN("quo\"te", STORE_I32, 1),
    COLUMN("xtyped", STORE_F64, 2)};
static const struct store_table STARS_TABLE = {.size = sizeof STARS_TABLE,
                                               .ncolumn = sizeof STARS / sizeof *STARS,
                                               .column = STARS,
                                               .name = "demo.my.Star Table",
                                               .description = "Stars",
                                               .lon_column = 1,
                                               .lat_column = 2,
                                               .hpx_column = 16,
                                               .hpx_order = 12,
                                               .row_estimate = 12};
static const struct store_column *const SMALL[] = {COLUMN("x", STORE_F64, 1)};
static const struct store_table SMALL_TABLE = TABLE("my.table", SMALL);
static const struct store_table *const TABLES[] = {&STARS_TABLE, &SMALL_TABLE};

static const char *draft(void)
{
    static char text[1 << 16];
    struct bytes out;
    bytes_init(&out, sizeof text);
    CHECK(catalog_write_felis("My", TABLES, 2, &out));
    snprintf(text, sizeof text, "%.*s", (int)out.len, out.at);
    bytes_free(&out);
    return text;
}

static void check_part(const char *text, const char *part)
{
    if (!strstr(text, part))
        TEST_FAIL("no \"%s\" in %.800s", part, text);
}

TEST(what_a_draft_says)
{
    const char *text = draft();
    check_part(text, "name: my\n");
    check_part(text, "- name: star_table\n  colure:native: \"Star Table\"\n  # 12 rows\n"
                     "  description: Stars\n  primaryKey: id\n");
    check_part(text, "  - name: id\n    datatype: long\n    nullable: false\n"
                     "    ivoa:ucd: meta.id;meta.main  # guess\n");
    check_part(text,
               "  - name: raj2000\n    colure:native: RAJ2000\n    datatype: double\n"
               "    nullable: false\n    # 0.25 to 359.5\n    ivoa:unit: deg  # guess\n"
               "    ivoa:ucd: pos.eq.ra;meta.main  # guess\n");
    check_part(
        text,
        "    # 12.5 % NULL\n    description: \"Speed: \\\"away\\\" # from us\\nor so\"\n"
        "    ivoa:unit: km.s**-1  # guess: the data say km s-1\n"
        "    ivoa:ucd: spect.dopplerVeloc  # guess\n");
    check_part(text, "    votable:datatype: bit\n    votable:arraysize: \"16\"\n");
    check_part(text,
               "    # the data have a unit that VOUnits does not know: nonsense - x\n");
    check_part(text, "    ivoa:ucd: stat.error;spect.dopplerVeloc  # guess\n");
    check_part(text, "    ivoa:ucd: stat.error;phot.mag  # guess\n");
    check_part(text, "- name: size_\n    colure:native: size\n");
    check_part(text, "- name: c_2mass\n    colure:native: \"2MASS\"\n");
    check_part(text, "- name: c_2mass_2\n    colure:native: \"2mass\"\n");
    check_part(text,
               "  - name: blob\n    datatype: binary\n    votable:arraysize: \"*\"\n");
    check_part(text, "- name: null_\n    colure:native: \"null\"\n");
    check_part(text, "# column 18: its name is not UTF-8\n");
    check_part(text, "- name: table_\n  colure:native: table\n");
    CHECK(!strstr(text, "hpx"));
}

/* A draft is valid input for catalog_build as it stands. */
TEST(a_draft_is_valid)
{
    struct catalog *c = build_tables(draft(), TABLES, 2);
    if (!c)
        TEST_FAIL("%.800s", report_text());
    CHECK(report.len == 0);
    const struct catalog_table *t =
        catalog_find_table(c, plain("my"), plain("star_table"), NULL);
    CHECK(t);
    CHECK_TEXT(t->store_name, "demo.my.Star Table");
    CHECK_TEXT(t->native, "\"demo\".\"my\".\"Star Table\"");
    CHECK_INT(t->ncolumn, 19);
    CHECK_INT(t->lon_column, 1);
    CHECK_INT(t->hpx_column, 18);
    CHECK_TEXT(t->column[3].meta.description, "Speed: \"away\" # from us or so");
    CHECK_TEXT(t->column[3].meta.unit, "km.s**-1");
    CHECK_TEXT(catalog_find_column(t, plain("c_2mass_2"))->native, "2mass");
    CHECK_TEXT(catalog_find_column(t, plain("quo_te"))->native, "quo\"te");
    CHECK(t->column[0].meta.flags & STORE_KEY);
    CHECK(catalog_find_table(c, plain("my"), plain("table_"), NULL));
    catalog_drop(c);
}

TEST(a_full_buffer_is_said)
{
    struct bytes out;
    bytes_init(&out, 300);
    CHECK(!catalog_write_felis("my", TABLES, 2, &out));
    bytes_free(&out);
}

/* The names that the demo experiments use get the UCDs that their people would give. */
TEST(guesses)
{
    static const struct {
        const char *name, *unit, *ucd;
    } CASE[] = {{"ze", "deg", "pos.az.zd"},
                {"core_x", "m", "pos.cartesian.x"},
                {"pmRA", "mas/yr", "pos.pm;pos.eq.ra"},
                {"parallax_error", "mas", "stat.error;pos.parallax.trig"},
                {"t_min", NULL, "time.start"},
                {"event_id", NULL, "meta.id;meta.main"},
                {"lge", "log(eV)", "phys.energy"}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        const struct store_column *const columns[] = {COLUMN(CASE[i].name, STORE_F64, 1)};
        const struct store_table table = TABLE("t", columns);
        const struct store_table *const list[] = {&table};
        struct bytes out;
        char want[100];
        bytes_init(&out, 1 << 16);
        CHECK(catalog_write_felis("x", list, 1, &out));
        snprintf(want, sizeof want, "    ivoa:ucd: %s  # guess\n", CASE[i].ucd);
        check_part(bytes_text(&out), want);
        snprintf(want, sizeof want, "    ivoa:unit: %s  # guess\n", CASE[i].unit);
        if (CASE[i].unit)
            check_part(bytes_text(&out), want);
        bytes_free(&out);
    }
}

/* --- the document -----------------------------------------------------------------------
 */

static const struct store_column *const ARRAY_EVENTS[] = {
    COLUMN("uuid", STORE_TEXT, -1),
    COLUMN("r", STORE_I32, 1),
    COLUMN("datetime", STORE_TIME_US, 1),
    COLUMN("gt", STORE_I32, 1),
    COLUMN("e", STORE_F64, 1),
    COLUMN("ra", STORE_F64, 1),
    COLUMN("dec", STORE_F64, 1),
    COLUMN("edeposit", STORE_F32, 252)};
static const struct store_column *const RUNS[] = {COLUMN("run", STORE_I32, 1),
                                                  COLUMN("date", STORE_TIME_US, 1)};

static void read_example(char *out, size_t size)
{
    char line[400];
    size_t n = 0;
    bool is_inside = false;
    FILE *f = fopen("docs/descriptions.md", "r");
    if (!f)
        TEST_SKIP("docs/descriptions.md is not here: run from the top of the tree");
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "```", 3) == 0) {
            if (is_inside)
                break;
            is_inside = strncmp(line, "```yaml", 7) == 0;
        } else if (is_inside)
            n += (size_t)snprintf(out + n, size - n, "%s", line);
    }
    fclose(f);
}

TEST(the_documented_example_is_valid)
{
    static char text[1 << 14];
    const struct store_table events = TABLE("array_events", ARRAY_EVENTS);
    const struct store_table runs = TABLE("runs", RUNS);
    const struct store_table *const tables[] = {&events, &runs};
    read_example(text, sizeof text);
    struct catalog *c = build_tables(text, tables, 2);
    if (!c)
        TEST_FAIL("%.800s", report_text());
    CHECK(report.len == 0);
    CHECK_TEXT(catalog_schema_at(c, 0)->origin.bibcode, "2018EPJC...78..741H");
    CHECK_TEXT(catalog_schema_at(c, 0)->origin.doi, "10.1140/epjc/s10052-018-6221-2");
    CHECK_TEXT(catalog_example_at(c, 0)->table[0], "kascade.events");
    catalog_drop(c);
    bytes_free(&report);
}

RUN_TESTS(T(what_a_draft_says), T(a_draft_is_valid), T(a_full_buffer_is_said), T(guesses),
          T(the_documented_example_is_valid))
