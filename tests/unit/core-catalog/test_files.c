/* test_files.c -- foreign keys, order, examples, and several files or stores in one
 * catalog. */
#include "tests/unit/core-catalog/events.h"

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
    check_error("name: x\ncolure:origin: {doi: 'https://doi.org/10.1/x'}\ntables: []\n",
                "2:22: a doi is written like 10.1000/abc");
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

RUN_TESTS(T(foreign_keys), T(wrong_keys), T(order_of_tables_and_columns), T(schema_words),
          T(examples), T(one_schema_of_two_files), T(listed_names), T(many_errors_are_cut))
