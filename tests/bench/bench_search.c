/* bench_search.c -- milliseconds from a question to its answer over 5,000 tables with
 * 100,000 columns, the slowest of several questions; and what the index costs. Prints NAME
 * <tab> OURS <tab> OTHER <tab> UNIT <tab> GOAL. */
#include "tests/unit/web/made_catalog.h"

#include <time.h>

#include "web/search.h"

enum { ROUNDS = 21, SCHEMAS = 100, TABLES = 50, COLUMNS = 20 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median of rounds. */
static double measure(const struct search_index *x, const char *query, struct arena *arena)
{
    double ms[ROUNDS];
    struct search_answer answer;
    for (int i = 0; i < ROUNDS; i++) {
        arena_reset(arena);
        double begun = now_ms();
        if (!search_run(x, str_of(query), arena, &answer))
            exit(1);
        ms[i] = now_ms() - begun;
    }
    qsort(ms, ROUNDS, sizeof *ms, by_size);
    return ms[ROUNDS / 2];
}

int main(void)
{
    static const char *const QUERY[] = {"e",        "energy",        "phys.energy",
                                        "zenith",   "log10 eV",      "quantity table run",
                                        "nonsense", "enrgy handbok", "experiment7 ra"};
    struct arena *arena = arena_new(256u << 20);
    struct catalog *c = made_catalog(SCHEMAS, TABLES, COLUMNS);
    double begun = now_ms();
    struct search_index *x = search_index_new(c);
    double made = now_ms() - begun, slowest = 0;
    if (!x || !arena)
        return 1;
    for (size_t i = 0; i < sizeof QUERY / sizeof *QUERY; i++) {
        double ms = measure(x, QUERY[i], arena);
        fprintf(stderr, "search %-20s %.2f ms\n", QUERY[i], ms);
        slowest = ms > slowest ? ms : slowest;
    }
    printf("search 5,000 tables, slowest question\t%.3f\t\tms\t<=20\n", slowest);
    printf("search index of 100,000 columns\t%.1f\t\tms\t<=2000\n", made);
    search_index_drop(x);
    catalog_drop(c);
    arena_free(arena);
    return 0;
}
