/* test_tree.c -- what planners do with a bound tree: walk it, add to it, read the tables.
 */
#include "tests/unit/adql/fixture.h"

static struct adql_query *bound(const char *text)
{
    struct adql_query *q = try_parse(text, ADQL_COLURE);
    if (!try_bind(q))
        TEST_FAIL("%s: %.900s", text, fault.message);
    return q;
}

static const char *sql_of_query(struct adql_query *q)
{
    written_begin();
    if (!adql_write(q, fixture_dialect(), NULL, &written, NULL, &fault))
        return fault_text();
    return written_text();
}

static bool count_columns(struct adql_node *n, void *context)
{
    *(int *)context += n->kind == ADQL_COLUMN;
    return true;
}

static bool stop_at_calls(struct adql_node *n, void *context)
{
    *(int *)context += n->kind == ADQL_COLUMN;
    return n->kind != ADQL_CALL;
}

static void count_selects(struct adql_select *q, void *context)
{
    (void)q;
    ++*(int *)context;
}

static void count_from(struct adql_from *from, void *context)
{
    ((int *)context)[from->kind]++;
}

TEST(walks_reach_everything)
{
    struct adql_query *q = bound(
        "WITH w AS (SELECT a FROM u) SELECT t.a, ABS(b) FROM t JOIN w ON t.a = w.a WHERE "
        "EXISTS "
        "(SELECT d FROM u) AND t.a IN (SELECT a FROM u) GROUP BY t.a, b HAVING MAX(b) > 1 "
        "UNION SELECT x.a, SUM(x.a) OVER (PARTITION BY x.a ORDER BY x.a) FROM (SELECT a "
        "FROM u) x");
    int n = 0;
    adql_walk(q, count_columns, &n);
    CHECK_INT(n, 1 + 2 + 2 + 1 + 2 + 2 + 1 + 4 + 1);
    n = 0;
    adql_walk(q, stop_at_calls, &n);
    CHECK_INT(n, 1 + 1 + 2 + 1 + 2 + 2 + 0 + 1 + 1);
    n = 0;
    adql_walk_selects(q, count_selects, &n);
    CHECK_INT(n, 6);
    int kinds[4] = {0};
    adql_walk_from(q->body->term[0]->select, count_from, kinds);
    CHECK_INT(kinds[ADQL_FROM_TABLE], 1);
    CHECK_INT(kinds[ADQL_FROM_CTE], 1);
    CHECK_INT(kinds[ADQL_FROM_JOIN], 1);
}

TEST(index_ranges_beside_a_cone)
{
    struct adql_query *q = bound("SELECT run FROM kascade.events WHERE "
                                 "1 = CONTAINS(POINT(ra, dec), CIRCLE(10, 20, 1))");
    struct adql_select *s = q->body->select;
    struct adql_from *from = s->from[0];
    CHECK_INT(from->table->hpx_order, 13);
    struct adql_node *column =
        adql_new_column(fixture_arena, from, (uint32_t)from->table->hpx_column);
    const int64_t bound_values[] = {5, 7, 100, 100};
    CHECK(adql_select_and(fixture_arena, s,
                          adql_new_hpx_ranges(fixture_arena, column, bound_values, 2)));
    CHECK_TEXT(
        sql_of_query(q),
        "SELECT CAST(\"events\".\"r\" AS INTEGER) AS \"run\" FROM demo.\"events\" AS "
        "\"events\" WHERE 1 = contains_pc(\"events\".\"ra\", \"events\".\"dec\", 10, 20, "
        "1) "
        "AND (\"events\".\"hpx\" BETWEEN 5 AND 7 OR \"events\".\"hpx\" BETWEEN 100 AND "
        "100)");
    written_begin();
    CHECK(adql_write_adql(q, &written, &fault));
    CHECK_TEXT(written_text(),
               "SELECT events.run AS run FROM kascade.events AS events WHERE "
               "1 = CONTAINS(POINT(events.ra, events.dec), CIRCLE(10, 20, 1))");
}

TEST(no_ranges_is_never_true)
{
    struct adql_query *q = bound("SELECT run FROM kascade.events");
    struct adql_select *s = q->body->select;
    struct adql_node *column = adql_new_column(fixture_arena, s->from[0], 0);
    CHECK(adql_select_and(fixture_arena, s,
                          adql_new_hpx_ranges(fixture_arena, column, NULL, 0)));
    CHECK(strstr(sql_of_query(q), " WHERE (1 = 0)"));
    written_begin();
    CHECK(adql_write_adql(q, &written, &fault));
    CHECK_TEXT(written_text(), "SELECT events.run AS run FROM kascade.events AS events");
}

TEST(conditions_of_planners)
{
    struct arena *a;
    struct adql_query *q = bound("SELECT t.a FROM t JOIN u ON t.a = u.a");
    a = fixture_arena;
    struct adql_from *join = q->body->select->from[0];
    struct adql_node *column = adql_new_column(a, join->left, 1);
    struct adql_node *argument[] = {column, adql_new_double(a, -0.5)};
    struct adql_node *sum = adql_new_call(a, ADQL_OP_add, ADQL_DOUBLE, argument, 2);
    struct adql_node *less = adql_new_compare(a, ADQL_LT, sum, adql_new_integer(a, -3));
    struct adql_node *text = adql_new_compare(
        a, ADQL_EQ, adql_new_column(a, join->right, 2), adql_new_text(a, STR("it's")));
    CHECK(adql_join_and(a, join, adql_new_or(a, less, text)));
    CHECK(strstr(sql_of_query(q),
                 "ON (\"t\".\"a\" = \"u\".\"a\" AND ((\"t\".\"b\" + (-0.5e0)) < "
                 "(-3) OR \"u\".\"c\" = 'it''s'))"));
    written_begin();
    CHECK(adql_write_adql(q, &written, &fault));
    CHECK(strstr(written_text(), "t.b + -0.5 < -3") ||
          strstr(written_text(), "t.b + (-0.5)"));
    CHECK(is_accepted(written_text()));
}

TEST(tables_that_are_read)
{
    struct adql_query *q = bound("SELECT x.c FROM t AS x JOIN t AS y ON x.a = y.k, "
                                 "TAP_UPLOAD.mine AS m WHERE m.id = 1");
    CHECK_INT(q->ntable, 2);
    CHECK_TEXT(q->table[0].table->full_name, "cat.t");
    CHECK_INT(q->table[0].ncolumn, 3);
    CHECK_INT(q->table[0].column[0], 0);
    CHECK_INT(q->table[0].column[1], 2);
    CHECK_INT(q->table[0].column[2], 4);
    CHECK(!q->table[0].is_upload && q->table[1].is_upload);
    CHECK_INT(q->table[1].ncolumn, 1);
    CHECK_INT(q->table[1].column[0], 0);
}

TEST(metadata_of_results) /* TAP-34 */
{
    struct adql_query *q = bound(
        "SELECT e.ra, e.pos, s.id, e.name || 'x' AS label, DISTANCE(e.pos, s.pos) AS d, "
        "e.datetime, e.n + 1 AS n1 FROM kascade.events AS e LEFT JOIN cat.stars AS s "
        "ON e.run = s.id");
    CHECK_INT(q->ncolumn, 7);
    CHECK_TEXT(q->column[0]->unit, "deg");
    CHECK_TEXT(q->column[0]->ucd, "pos.eq.ra;meta.main");
    CHECK_TEXT(q->column[0]->description, "Right ascension.");
    CHECK_TEXT(q->column[1]->xtype, "point");
    CHECK_INT(q->column[1]->length, 2);
    CHECK(q->column[2]->flags & STORE_NULLABLE);
    CHECK_INT(q->column[3]->type, STORE_TEXT);
    CHECK(!q->column[3]->ucd && !q->column[3]->unit);
    CHECK_TEXT(q->column[4]->unit, "deg");
    CHECK_INT(q->column[4]->type, STORE_F64);
    CHECK_INT(q->column[5]->type, STORE_TIME_US);
    CHECK_TEXT(q->column[5]->xtype, "timestamp");
    CHECK_INT(q->column[6]->type, STORE_I32);
}

TEST(same_nodes)
{
    struct adql_query *q =
        bound("SELECT a + 1, a + 1, 1 + a, a + 2, COUNT(*), COUNT(*), SQRT(b), SQRT(a), "
              "CASE WHEN a = 1 THEN 1 END, CASE WHEN a = 1 THEN 1 END, CASE WHEN a <> 1 "
              "THEN 1 END "
              "FROM t GROUP BY a, b");
    struct adql_item *item = q->body->select->item;
    CHECK(adql_same_node(item[0].node, item[1].node));
    CHECK(!adql_same_node(item[0].node, item[2].node));
    CHECK(!adql_same_node(item[0].node, item[3].node));
    CHECK(adql_same_node(item[4].node, item[5].node));
    CHECK(!adql_same_node(item[6].node, item[7].node));
    CHECK(adql_same_node(item[8].node, item[9].node));
    CHECK(!adql_same_node(item[9].node, item[10].node));
}

TEST(explained_tree)
{
    struct adql_query *q =
        bound("SELECT TOP 5 run, COUNT(*) AS n FROM kascade.events WHERE "
              "ra < 5/2. GROUP BY run ORDER BY n DESC OFFSET 2");
    written_begin();
    CHECK(adql_explain_tree(q, &written, &fault));
    CHECK_TEXT(written_text(), "reads kascade.events: run ra\n"
                               "select top 5\n"
                               "  column 1: run INTEGER\n"
                               "    column events.run : INTEGER\n"
                               "  column 2: n BIGINT\n"
                               "    COUNT : BIGINT\n"
                               "  from kascade.events AS events\n"
                               "  where <\n"
                               "    column events.ra [deg] : DOUBLE\n"
                               "    div_float : DOUBLE = 2.5\n"
                               "      5 : INTEGER\n"
                               "      2. : DOUBLE\n"
                               "  group by column events.run : INTEGER\n"
                               "  order by column 2, descending\n"
                               "  offset 2\n");
    CHECK(!adql_explain_tree(try_parse("SELECT a FROM t", ADQL_COLURE), &written, &fault));
}

RUN_TESTS(T(walks_reach_everything), T(index_ranges_beside_a_cone),
          T(no_ranges_is_never_true), T(conditions_of_planners), T(tables_that_are_read),
          T(metadata_of_results), T(same_nodes), T(explained_tree))
