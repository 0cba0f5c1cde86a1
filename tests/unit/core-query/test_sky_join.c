/* test_sky_join.c -- joins on positions give the same rows by cells as by trying all pairs,
 * whatever the positions and radii, and get the plans that they are made for. */
#include "tests/unit/core-query/world.h"

TEST(constant_radii)
{
    CHECK_CASES({IDS "JOIN s.points AS p ON " NEAR("0"), CELLS, NULL},
                {IDS "JOIN s.points AS p ON " NEAR("1e-9"), CELLS, NULL},
                {IDS "JOIN s.points AS p ON " NEAR("0.3"), CELLS, NULL},
                {IDS "JOIN s.points AS p ON " NEAR("2.5"), CELLS, NULL},
                {IDS "JOIN s.points AS p ON " NEAR("20"), CELLS, NULL},
                {IDS "JOIN s.points AS p ON " NEAR("75"), CELLS, NULL},
                {IDS "JOIN s.points AS p ON " NEAR("90"), CELLS, NULL},
                {IDS "JOIN s.points AS p ON " NEAR("120"), NULL, NULL},
                {IDS "JOIN s.points AS p ON " NEAR("180"), NULL, NULL},
                {IDS "JOIN s.points AS p ON " NEAR("-1"), NULL, "180"});
}

/* ADQL-34: every spelling. */
TEST(spellings)
{
    CHECK_CASES(
        {IDS "JOIN s.points AS p ON DISTANCE(c.ra, c.dec, p.ra, p.dec) < 2", CELLS, NULL},
        {IDS "JOIN s.points AS p ON 2 >= DISTANCE(p.ra, p.dec, c.ra, c.dec)", CELLS, NULL},
        {IDS
         "JOIN s.points AS p ON DISTANCE(POINT(c.ra, c.dec), POINT(p.ra, p.dec)) * 3600 "
         "<= 3000",
         CELLS, NULL},
        {IDS "JOIN s.points AS p ON DISTANCE(c.ra, c.dec, p.ra, p.dec) BETWEEN 0.5 AND 2",
         CELLS, NULL},
        {IDS
         "JOIN s.points AS p ON CONTAINS(POINT(c.ra, c.dec), CIRCLE(POINT(p.ra, p.dec), "
         "2)) = 1",
         CELLS, NULL},
        {IDS "JOIN s.points AS p ON 0 < INTERSECTS(CIRCLE(p.ra, p.dec, 2), POINT(c.ra, "
             "c.dec))",
         CELLS, NULL},
        {IDS ", s.points AS p WHERE p.id > 3 AND (" NEAR("2") " AND c.id > 5)", CELLS,
         NULL},
        {IDS "JOIN s.points AS p ON DISTANCE(c.ra + 1, c.dec / 2, p.ra, p.dec) < 3", CELLS,
         NULL},
        {IDS "JOIN s.points AS p ON " NEAR("1") " OR p.id = c.id", NULL, NULL},
        {IDS "JOIN s.points AS p ON 0 = CONTAINS(POINT(p.ra, p.dec), CIRCLE(c.ra, c.dec, "
             "170))",
         NULL, NULL},
        {IDS "JOIN s.points AS p ON DISTANCE(c.ra, c.dec, p.ra, p.dec) > 170", NULL, NULL});
}

TEST(radii_of_rows)
{
    CHECK_CASES(
        {IDS "JOIN s.points AS p ON " NEAR("c.err"), CELLS, NULL},
        {IDS "JOIN s.points AS p ON " NEAR("c.err / 2"), CELLS, NULL},
        {IDS "JOIN s.points AS p ON " NEAR("SQRT(c.err) + c.id / 100"), CELLS, NULL},
        {IDS "JOIN s.points AS p ON CONTAINS(POINT(c.ra, c.dec), CIRCLE(p.ra, p.dec, "
             "c.err)) = 1",
         CELLS, NULL},
        {IDS "JOIN s.points AS p ON DISTANCE(c.ra, c.dec, p.ra, p.dec) <= c.wild", CELLS,
         NULL},
        {IDS "JOIN s.points AS p ON 3600 * DISTANCE(c.ra, c.dec, p.ra, p.dec) < 1000 * "
             "c.wild",
         CELLS, NULL},
        {IDS "LEFT JOIN s.points AS p ON DISTANCE(c.ra, c.dec, p.ra, p.dec) <= c.wild",
         CELLS, NULL},
        {IDS "JOIN s.points AS p ON " NEAR("c.err + p.r"), NULL, NULL},
        {IDS "JOIN s.points AS p ON " NEAR("c.wild"), CELLS, "radius"},
        {IDS "JOIN s.points AS p ON " NEAR("c.wild") " WHERE c.wild BETWEEN 0 AND 180",
         CELLS, NULL});
}

TEST(outer_joins)
{
    CHECK_CASES(
        {IDS "LEFT JOIN s.points AS p ON " NEAR("1"), CELLS, NULL},
        {IDS "RIGHT JOIN s.points AS p ON " NEAR("1"), CELLS, NULL},
        {IDS "RIGHT OUTER JOIN s.points AS p ON " NEAR("c.err"), CELLS, NULL},
        {"SELECT p.id, c.id AS c FROM s.points AS p LEFT JOIN s.cones AS c ON " NEAR("1"),
         CELLS, NULL},
        {IDS "FULL JOIN s.points AS p ON " NEAR("1"), NULL, NULL},
        {IDS "LEFT JOIN s.points AS p ON " NEAR("1") " AND c.id > 100 AND p.id > 50", CELLS,
         NULL},
        {IDS "LEFT JOIN s.points AS p ON " NEAR("1") " WHERE p.id IS NULL", CELLS, NULL},
        {IDS "LEFT JOIN s.points AS p ON c.grp = p.grp WHERE p.ns < c.ns AND " NEAR("1"),
         NULL, NULL},
        {IDS "LEFT JOIN s.points AS p ON c.ns > p.ns WHERE " NEAR("1"), CELLS, NULL},
        {"SELECT c.id, p.id AS p, b.id AS b FROM s.cones AS c LEFT JOIN (s.points AS p "
         "JOIN "
         "s.bare AS b ON DISTANCE(p.ra, p.dec, b.ra, b.dec) < 1) ON c.id = p.id",
         CELLS, NULL},
        {"SELECT c.id, p.id AS p, b.id AS b FROM s.cones AS c LEFT JOIN s.points AS p "
         "ON " NEAR(
             "1") " LEFT JOIN s.bare AS b ON DISTANCE(p.ra, p.dec, b.ra, b.dec) < 0.5",
         CELLS, NULL},
        {"SELECT c.id, p.id AS p, b.id AS b FROM s.bare AS b RIGHT JOIN (s.cones AS c LEFT "
         "JOIN s.points AS p ON " NEAR("1") ") ON DISTANCE(c.ra, c.dec, b.ra, b.dec) < 0.5",
         CELLS, NULL});
}

TEST(shapes_of_queries)
{
    CHECK_CASES(
        {"SELECT a.id, b.id AS b FROM s.points AS a JOIN s.points AS b ON DISTANCE(a.ra, "
         "a.dec, b.ra, b.dec) < 0.7",
         CELLS, NULL},
        {"SELECT a.id, COUNT(*) AS n FROM s.points AS a, s.points AS b WHERE "
         "DISTANCE(a.ra, "
         "a.dec, b.ra, b.dec) < 5 AND a.id < b.id GROUP BY a.id HAVING COUNT(*) > 1",
         CELLS, NULL},
        {"SELECT c.id, p.id AS p, b.id AS b FROM s.cones AS c JOIN s.points AS p ON " NEAR(
             "1") " JOIN s.bare AS b ON DISTANCE(c.ra, c.dec, b.ra, b.dec) < 0.5",
         CELLS, NULL},
        {"SELECT p.id, b.id AS b FROM s.points AS p JOIN s.bare AS b ON DISTANCE(p.ra, "
         "p.dec, "
         "b.ra, b.dec) < 0.2",
         CELLS, NULL},
        {"SELECT p.id FROM s.points AS p UNION SELECT p.id FROM s.points AS p JOIN s.cones "
         "AS "
         "c ON " NEAR("1"),
         CELLS, NULL},
        {"WITH q AS (SELECT ra, dec, id FROM s.cones WHERE id > 20) SELECT c.id, p.id AS "
         "p, "
         "d.id AS d FROM q AS c JOIN s.points AS p ON " NEAR(
             "0.5") " JOIN q AS d ON d.id = c.id",
         CELLS, NULL},
        {"SELECT c.id, p.id AS p FROM (SELECT ra, dec, id FROM s.cones WHERE id > 20) AS c "
         "JOIN (SELECT TOP 400 ra, dec, id FROM s.points ORDER BY id) AS p ON " NEAR("0.5"),
         CELLS, NULL},
        {"SELECT DISTINCT p.id FROM s.points AS p JOIN s.cones AS c ON " NEAR(
             "1") " WHERE c.grp = 3",
         CELLS, NULL},
        {IDS "JOIN s.points AS p ON c.grp = p.grp AND " NEAR("1"), NULL, NULL},
        {IDS "JOIN s.points AS p ON c.grp = p.grp WHERE " NEAR("1"), NULL, NULL});
}

TEST(subqueries)
{
    CHECK_CASES({"SELECT c.id FROM s.cones AS c WHERE EXISTS (SELECT 1 FROM s.points AS p "
                 "WHERE " NEAR("0.2") ")",
                 CELLS, NULL},
                {"SELECT c.id FROM s.cones AS c WHERE NOT EXISTS (SELECT 1 FROM s.points "
                 "AS p WHERE " NEAR("c.err") " AND p.id > 10)",
                 CELLS, NULL},
                {"SELECT p.id FROM s.points AS p WHERE EXISTS (SELECT 1 FROM s.cones AS c "
                 "WHERE " NEAR("c.err") ")",
                 CELLS, NULL},
                {"SELECT c.id, (SELECT COUNT(*) FROM s.points AS p WHERE " NEAR(
                     "1") ") AS n FROM s.cones AS c",
                 CELLS, NULL},
                {"SELECT c.id FROM s.cones AS c WHERE c.id IN (SELECT p.id FROM s.points "
                 "AS p WHERE " NEAR("90") ")",
                 CELLS, NULL},
                {"SELECT c.id FROM s.cones AS c WHERE EXISTS (SELECT 1 FROM s.points AS p "
                 "LEFT JOIN "
                 "s.bare AS b ON p.id = b.id WHERE b.id IS NULL AND " NEAR("1") ")",
                 CELLS, NULL},
                {"SELECT c.id FROM s.cones AS c WHERE EXISTS (SELECT 1 FROM s.points AS p "
                 "JOIN s.bare "
                 "AS b ON DISTANCE(p.ra, p.dec, b.ra, b.dec) < 1 WHERE p.grp = c.grp AND "
                 "b.id < c.id)",
                 CELLS, NULL});
}

TEST(uploads)
{
    CHECK_CASES(
        {"SELECT m.id, p.id AS p FROM TAP_UPLOAD.mine AS m JOIN s.points AS p ON "
         "DISTANCE(m.ra, m.dec, p.ra, p.dec) < 3",
         CELLS, NULL},
        {"SELECT m.id, p.id AS p FROM TAP_UPLOAD.mine AS m LEFT JOIN s.points AS p ON "
         "DISTANCE(m.ra, m.dec, p.ra, p.dec) < 3",
         CELLS, NULL},
        {"SELECT m.id, n.id AS n FROM TAP_UPLOAD.mine AS m JOIN TAP_UPLOAD.mine AS n ON "
         "DISTANCE(m.ra, m.dec, n.ra, n.dec) < 20",
         CELLS, NULL});
}

TEST(explained)
{
    static struct answer a;
    struct world w;
    world_open(&w);
    ask(&w, IDS "JOIN s.points AS p ON " NEAR("1"), false, &a);
    free(a.row);
    world_close(&w);
    CHECK(strncmp(a.explained, "joined by HEALPix cells of order ", 33) == 0);
}

RUN_TESTS(T(constant_radii), T(spellings), T(radii_of_rows), T(outer_joins),
          T(shapes_of_queries), T(subqueries), T(uploads), T(explained))
