/* bench_adql.c -- microseconds from text to SQL: parse, bind and write, arena reset
 * between. Median of rounds; prints NAME <tab> OURS <tab> OTHER <tab> UNIT <tab> GOAL. */
#include "tests/unit/adql/fixture.h"

#include <time.h>

enum { ROUNDS = 31, REPEATS = 400 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

struct work {
    const struct catalog *catalog;
    const struct adql_dialect *dialect;
    struct arena *arena;
    struct bytes sql;
};

static void run_once(struct work *w, str text)
{
    struct err e = {0};
    struct adql_scope scope = {.catalog = w->catalog};
    struct adql_write_options options = {.row_limit = 20001};
    arena_reset(w->arena);
    bytes_clear(&w->sql);
    struct adql_query *q = adql_parse(text, ADQL_COLURE, NULL, w->arena, &e);
    if (!q || !adql_bind(q, &scope, w->arena, &e) ||
        !adql_write(q, w->dialect, &options, &w->sql, NULL, &e)) {
        fprintf(stderr, "bench_adql: %s\n", e.message);
        exit(1);
    }
}

static void measure(struct work *w, const char *name, const char *text, const char *goal)
{
    double us[ROUNDS];
    for (int i = 0; i < REPEATS; i++)
        run_once(w, str_of(text));
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_us();
        for (int i = 0; i < REPEATS; i++)
            run_once(w, str_of(text));
        us[round] = (now_us() - start) / REPEATS;
    }
    qsort(us, ROUNDS, sizeof *us, by_size);
    printf("%s\t%.3g\t\tus\t%s\n", name, us[ROUNDS / 2], goal);
}

int main(void)
{
    (void)test_run_all;
    struct work w = {fixture_catalog(), fixture_dialect(), arena_new(64u << 20), {0}};
    bytes_init(&w.sql, 1u << 20);
    measure(&w, "adql cone",
            "SELECT TOP 100 uuid, ra, dec, e FROM kascade.events WHERE 1 = CONTAINS("
            "POINT('ICRS', ra, dec), CIRCLE('ICRS', 83.63, 22.01, 0.5))",
            "<=10");
    measure(&w, "adql join",
            "SELECT s.id, COUNT(*) AS n, AVG(o.flux) AS mean_flux, MAX(s.mag) AS faintest "
            "FROM cat.stars AS s JOIN cat.obs AS o ON s.id = o.id "
            "WHERE o.band IN ('g', 'r') AND s.mag BETWEEN 10 AND 15 "
            "GROUP BY s.id HAVING COUNT(*) > 2 ORDER BY mean_flux DESC",
            "<=30");
    bytes_free(&w.sql);
    arena_free(w.arena);
    return 0;
}
