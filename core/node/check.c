/* check.c -- `colure check`: is the configuration right, do stores and descriptions agree?
 */
#include <stdio.h>

#include "core/node/node.h"

int command_check(int argc, char **argv)
{
    if (argc != 2 || !str_eq(str_of(argv[0]), STR("--conf"))) {
        fprintf(stderr, "usage: colure check --conf FILE\n");
        return 2;
    }
    struct err e = {0};
    struct bytes report;
    bytes_init(&report, 16 << 20);
    struct arena *arena = arena_new(64 << 20);
    const struct config *c = config_read(argv[1], arena, &e);
    struct node *n = c ? node_open(c, &report, &e) : NULL;
    if (report.len)
        fwrite(report.at, 1, report.len, stdout);
    const struct catalog *catalog = n ? node_catalog(n) : NULL;
    if (n)
        printf("%s: right; %u stores, %u schemas\n", argv[1], c->nstore,
               catalog_nschema(catalog));
    else if (report.len == 0)
        fprintf(stderr, "%s\n", e.message);
    else
        fprintf(stderr, "%s: not right\n", argv[1]);
    catalog_drop(catalog);
    node_close(n);
    bytes_free(&report);
    arena_free(arena);
    return n ? 0 : 1;
}
