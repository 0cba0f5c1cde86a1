/* test_yaml.c -- the YAML reader: trees, places, limits. */
#include "core/base/yaml.h"

#include "core/base/bytes.h"
#include "tests/test.h"

static struct arena *arena;
static struct err e;

static const struct yaml_node *read_yaml(const char *text)
{
    arena_free(arena);
    arena = arena_new(1 << 20);
    e = (struct err){0};
    return yaml_parse(str_of(text), &YAML_LIMITS, arena, &e);
}

TEST(tree_and_places)
{
    const struct yaml_node *root = read_yaml("name: kascade\n"
                                             "tables:\n"
                                             "  - {name: events, rows: 12}\n"
                                             "  - name: \"runs\"\n");
    CHECK(root && root->kind == YAML_MAP);
    CHECK_INT(root->nitem, 2);
    CHECK_TEXT(yaml_text(yaml_find(root, "name")), "kascade");
    const struct yaml_node *tables = yaml_find(root, "tables");
    CHECK(tables->kind == YAML_LIST);
    CHECK_INT(tables->nitem, 2);
    CHECK_INT(tables->line, 3);
    CHECK_INT(tables->column, 3);
    int64_t rows = 0;
    CHECK(yaml_int(yaml_find(&tables->item[0], "rows"), &rows));
    CHECK_INT(rows, 12);
    const struct yaml_node *runs = yaml_find(&tables->item[1], "name");
    CHECK(!runs->is_plain);
    CHECK_INT(runs->line, 4);
    CHECK_INT(runs->column, 11);
    CHECK(!yaml_find(root, "nothing"));
    CHECK_INT(root->weight, 13);
}

TEST(columns_count_characters_not_bytes)
{
    const struct yaml_node *root = read_yaml("{\xC3\xA9: 1, b: 2}\n");
    CHECK(root);
    CHECK_INT(yaml_key(root, 1)->column, 8);
}

TEST(scalars)
{
    const struct yaml_node *root = read_yaml("a: ~\nb:\nc: 'null'\nd: On\ne: \"yes\"\n"
                                             "f: 1e3\ng: |\n  two\n  lines\nh: !time x\n");
    bool truth = false;
    double number = 0;
    int64_t integer = 7;
    CHECK(yaml_is_null(yaml_find(root, "a")));
    CHECK(yaml_is_null(yaml_find(root, "b")));
    CHECK(yaml_is_null(NULL));
    CHECK(!yaml_text(yaml_find(root, "a")));
    CHECK_TEXT(yaml_text(yaml_find(root, "c")), "null");
    CHECK(yaml_bool(yaml_find(root, "d"), &truth) && truth);
    CHECK(!yaml_bool(yaml_find(root, "e"), &truth));
    CHECK(yaml_double(yaml_find(root, "f"), &number) && number == 1000);
    CHECK(!yaml_int(yaml_find(root, "f"), &integer));
    CHECK_INT(integer, 7);
    CHECK_TEXT(yaml_text(yaml_find(root, "g")), "two\nlines\n");
    CHECK_TEXT(yaml_find(root, "h")->tag, "!time");
}

TEST(empty_document)
{
    CHECK(yaml_is_null(read_yaml("")));
    CHECK(yaml_is_null(read_yaml("# only a comment\n")));
}

static void check_error(const char *text, enum err_kind kind, int line, int column,
                        const char *part)
{
    const struct yaml_node *root = read_yaml(text);
    if (root)
        TEST_FAIL("\"%s\" was read", text);
    CHECK_INT(e.kind, kind);
    if (e.line != line || e.column != column || !strstr(e.message, part))
        TEST_FAIL("\"%s\" gave %d:%d: %.600s", text, e.line, e.column, e.message);
}

TEST(errors_say_where)
{
    check_error("a: 1\nb: 2\na: 3\n", ERR_USAGE, 3, 1, "'a' is here a second time");
    check_error("a: 1\n\tb: 2\n", ERR_USAGE, 2, 1, "TAB");
    check_error("a: [1, 2\n", ERR_USAGE, 2, 1, "not YAML");
    check_error("a: \xFF\n", ERR_USAGE, 1, 4, "UTF-8");
    check_error("? [a, b]\n: 1\n", ERR_USAGE, 1, 3, "key");
    check_error("a: \"\\0\"\n", ERR_USAGE, 1, 4, "NUL");
    check_error("a: 1\n---\nb: 2\n", ERR_USAGE, 2, 1, "second document");
    check_error("a: &x 1\nb: *x\n", ERR_USAGE, 2, 4, "write the value out");
}

TEST(limits)
{
    char deep[31];
    memset(deep, '[', 30);
    deep[30] = '\0';
    check_error(deep, ERR_LIMIT, 1, 25, "too deep");
    struct yaml_limits few = YAML_LIMITS;
    few.max_nodes = 3;
    CHECK(!yaml_parse(STR("[1, 2, 3]"), &few, arena, &(struct err){0}));
    CHECK(yaml_parse(STR("[1, 2]"), &few, arena, &(struct err){0}));
    few.max_bytes = 5;
    e = (struct err){0};
    CHECK(!yaml_parse(STR("[1, 2]"), &few, arena, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    struct arena *small = arena_new(64);
    e = (struct err){0};
    CHECK(!yaml_parse(STR("[1, 2, 3, 4, 5]"), &YAML_LIMITS, small, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    arena_free(small);
}

/* Nine levels of nine aliases would be 9^9 values. */
TEST(aliases_do_not_multiply)
{
    struct yaml_limits some = YAML_LIMITS;
    some.max_aliases = 1000;
    some.max_nodes = 10000;
    struct bytes b;
    bytes_init(&b, 1 << 16);
    bytes_add_literal(&b, "a0: &a0 x\n");
    for (int i = 1; i < 10; i++) {
        bytes_add_format(&b, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            bytes_add_format(&b, "%s*a%d", k ? "," : "", i - 1);
        bytes_add_literal(&b, "]\n");
    }
    e = (struct err){0};
    CHECK(!yaml_parse(bytes_str(&b), &some, arena, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    bytes_free(&b);
    e = (struct err){0};
    const struct yaml_node *root =
        yaml_parse(STR("a: &x [1, 2]\nb: *x\n"), &some, arena, &e);
    CHECK(root);
    CHECK_INT(yaml_find(root, "b")->nitem, 2);
    CHECK_INT(yaml_find(root, "b")->line, 2);
    CHECK(!yaml_parse(STR("a: &x [*x]\n"), &some, arena, &e));
    CHECK(strstr(e.message, "inside"));
}

TEST(files)
{
    e = (struct err){0};
    CHECK(!yaml_parse_file("/nonexistent/x.yaml", &YAML_LIMITS, arena, &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
    CHECK(strstr(e.message, "/nonexistent/x.yaml"));
    e = (struct err){0};
    CHECK(!yaml_parse_file("/", &YAML_LIMITS, arena, &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
}

RUN_TESTS(T(tree_and_places), T(columns_count_characters_not_bytes), T(scalars),
          T(empty_document), T(errors_say_where), T(limits), T(aliases_do_not_multiply),
          T(files))
