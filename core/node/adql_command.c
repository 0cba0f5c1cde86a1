/* adql_command.c -- `colure adql`: checks queries, explains them, prints the store's text.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/node/node.h"

static int usage(void)
{
    fprintf(stderr, "usage: colure adql --lines [--conf FILE] < QUERIES\n"
                    "       colure adql [--conf FILE] [--sql | --explain] QUERY\n");
    return 2;
}

/* One line: "ok", or "error LINE:COLUMN message". */
static void check_line(str query, const struct catalog *catalog)
{
    struct err e = {0};
    if (adql_check_line(query, catalog, &e))
        puts("ok");
    else
        printf("error %d:%d %s\n", e.line ? e.line : 1, e.column ? e.column : 1, e.message);
}

/* The lines are the answer: the exit status says only that all were read. */
static int check_lines(const struct catalog *catalog)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;
    while ((len = getline(&line, &capacity, stdin)) >= 0) {
        while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            len--;
        check_line((str){line, (size_t)len}, catalog);
    }
    free(line);
    return 0;
}

static bool print_canonical(str query, struct arena *arena, struct bytes *out,
                            struct err *e)
{
    struct adql_query *q = adql_parse(query, ADQL_COLURE, NULL, arena, e);
    return q && adql_write_adql(q, out, e);
}

static bool print_planned(struct node *n, str query, bool explain, struct arena *arena,
                          struct bytes *out, struct err *e)
{
    struct dali *d = node_dali(n);
    const struct catalog *catalog = node_catalog(n);
    struct query_request r = {.text = query,
                              .lang = ADQL_COLURE,
                              .max_rows = -1,
                              .deadline_ns = INT64_MAX,
                              .request_id = "adql"};
    struct query *q = query_prepare(&d->env, catalog, &r, arena, e);
    catalog_drop(catalog);
    if (q && explain)
        return query_explain(q, true, out, e);
    if (q)
        bytes_add(out, query_statement(q));
    return q != NULL;
}

static int show(struct node *n, str query, const char *what)
{
    struct err e = {0};
    struct bytes out;
    struct arena *arena = arena_new(64 << 20);
    bytes_init(&out, 64 << 20);
    bool ok = n ? print_planned(n, query, what && str_eq(str_of(what), STR("--explain")),
                                arena, &out, &e)
                : print_canonical(query, arena, &out, &e);
    if (!ok)
        adql_explain_error(query, &e, &out);
    fwrite(out.at, 1, out.len, ok ? stdout : stderr);
    if (ok)
        putchar('\n');
    bytes_free(&out);
    arena_free(arena);
    return ok ? 0 : 1;
}

struct adql_arguments {
    const char *conf, *what, *query;
    bool lines;
};

static bool read_arguments(int argc, char **argv, struct adql_arguments *a)
{
    *a = (struct adql_arguments){0};
    for (int i = 0; i < argc; i++) {
        str word = str_of(argv[i]);
        if (str_eq(word, STR("--lines")))
            a->lines = true;
        else if (str_eq(word, STR("--conf")) && i + 1 < argc)
            a->conf = argv[++i];
        else if (str_eq(word, STR("--sql")) || str_eq(word, STR("--explain")))
            a->what = argv[i];
        else if (a->query || str_starts_fold(word, STR("--")))
            return false;
        else
            a->query = argv[i];
    }
    return a->lines ? !a->query && !a->what : a->query && (!a->what || a->conf);
}

int command_adql(int argc, char **argv)
{
    struct adql_arguments a;
    struct err e = {0};
    if (!read_arguments(argc, argv, &a))
        return usage();
    struct arena *arena = arena_new(64 << 20);
    const struct config *c = a.conf ? config_read(a.conf, arena, &e) : NULL;
    struct node *n = c ? node_open(c, NULL, &e) : NULL;
    int status = 1;
    if (a.conf && !n)
        fprintf(stderr, "colure: %s\n", e.message);
    else if (a.lines) {
        const struct catalog *catalog = n ? node_catalog(n) : NULL;
        status = check_lines(catalog);
        catalog_drop(catalog);
    } else
        status = show(n, str_of(a.query), a.what);
    node_close(n);
    arena_free(arena);
    return status;
}
