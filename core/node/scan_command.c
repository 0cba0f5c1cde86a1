/* scan_command.c -- `colure scan`: what it needs of the configuration, then over to
 * core/ingest; a bar on a terminal, a line for each file that was refused. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/num.h"
#include "core/ingest/scan.h"
#include "core/node/config.h"
#include "core/node/node.h"

static const char HELP[] =
    "usage: colure scan --conf FILE [options] [ROOT | ROOT/FOLDER | ROOT/FILE]\n"
    "Registers data files below the roots of products and makes ivoa.obscore of them.\n"
    "  --dry-run            says what each file would give, changes nothing\n"
    "  --full               reads files too that have not changed\n"
    "  --tables             reads no files: makes the tables anew, of what is known\n"
    "  --base-url URL       what access_url begins with; default: node.base_url\n"
    "  --threads N          default: as many as there are processors, at most 8\n"
    "  --memory SIZE        of the engine that makes the tables; default: 512MB\n"
    "  --quiet              no bar and no lines about refused files\n";

struct arguments {
    const char *conf, *base_url, *memory, *only, *threads;
    bool is_dry, is_full, is_tables_only, is_quiet, has_help;
};

struct screen {
    bool has_bar, is_drawn, is_quiet;
};

/* --- what is said -------------------------------------------------------------------- */

static void wipe(struct screen *s)
{
    if (s->is_drawn)
        fputs("\r\x1b[K", stderr);
    s->is_drawn = false;
}

static void draw(struct screen *s, const struct scan_counts *c)
{
    if (!s->has_bar)
        return;
    wipe(s);
    fprintf(stderr, "   %llu files, %llu read, %llu unchanged, %llu refused",
            (unsigned long long)c->seen, (unsigned long long)c->read,
            (unsigned long long)c->unchanged, (unsigned long long)c->refused);
    fflush(stderr);
    s->is_drawn = true;
}

static void say(void *what, enum scan_event event, const char *path, const char *text,
                const struct scan_counts *c)
{
    struct screen *s = what;
    if (event == SCAN_PROGRESS) {
        draw(s, c);
        return;
    }
    if (s->is_quiet && event == SCAN_REFUSED)
        return;
    wipe(s);
    if (event == SCAN_TAKEN)
        printf("%s\n", text);
    else
        fprintf(stderr, "%s: %s: %s\n", event == SCAN_REFUSED ? "refused" : "warning", path,
                text);
}

static void say_end(const struct scan_counts *c, bool is_dry)
{
    printf("%llu files: %llu read, %llu unchanged, %llu refused, %llu forgotten; "
           "%llu products%s\n",
           (unsigned long long)c->seen, (unsigned long long)c->read,
           (unsigned long long)c->unchanged, (unsigned long long)c->refused,
           (unsigned long long)c->forgotten, (unsigned long long)c->products,
           is_dry ? " (nothing was changed)" : "");
}

/* --- arguments ----------------------------------------------------------------------- */

static bool read_arguments(int argc, char **argv, struct arguments *a)
{
    const struct {
        const char *name, **text;
        bool *flag;
    } OPTIONS[] = {{"--conf", &a->conf, NULL},
                   {"--base-url", &a->base_url, NULL},
                   {"--memory", &a->memory, NULL},
                   {"--threads", &a->threads, NULL},
                   {"--dry-run", NULL, &a->is_dry},
                   {"--full", NULL, &a->is_full},
                   {"--tables", NULL, &a->is_tables_only},
                   {"--quiet", NULL, &a->is_quiet},
                   {"--help", NULL, &a->has_help}};
    enum { NOPTIONS = sizeof OPTIONS / sizeof *OPTIONS };
    for (int i = 0; i < argc; i++) {
        size_t k = 0;
        while (k < NOPTIONS && strcmp(argv[i], OPTIONS[k].name) != 0)
            k++;
        if (k == NOPTIONS) {
            if (argv[i][0] == '-' || a->only)
                return false;
            a->only = argv[i];
        } else if (OPTIONS[k].flag)
            *OPTIONS[k].flag = true;
        else if (++i < argc)
            *OPTIONS[k].text = argv[i];
        else
            return false;
    }
    return a->conf || a->has_help;
}

/* --- running ------------------------------------------------------------------------- */

/* ivo://AUTHORITY of the node's own identifier. */
static const char *authority_of(const struct config *c, struct arena *arena)
{
    str id = str_of(c->ivoid);
    if (!str_starts_fold(id, STR("ivo://")))
        return "ivo://colure.invalid";
    size_t n = sizeof "ivo://" - 1;
    while (n < id.len && id.at[n] != '/' && id.at[n] != '?' && id.at[n] != '#')
        n++;
    return arena_text(arena, (str){id.at, n});
}

static const char *base_url_of(const struct arguments *a, const struct config *c,
                               struct arena *arena)
{
    const char *url = a->base_url ? a->base_url : c->base_url;
    str text = str_of(
        url ? url : arena_format(arena, "http://localhost:%lld", (long long)c->port));
    while (text.len > 0 && text.at[text.len - 1] == '/')
        text.len--;
    return arena_text(arena, text);
}

static bool set_identity(struct products *registry, const struct arguments *a,
                         const struct config *c, struct arena *arena, struct err *e)
{
    const char *authority = authority_of(c, arena), *url = base_url_of(a, c, arena);
    if (!authority || !url)
        return err_set(e, ERR_LIMIT, "no memory");
    return products_set_identity(registry, authority, url, e);
}

static bool scan(const struct arguments *a, const struct config *c, struct arena *arena,
                 struct err *e)
{
    struct screen screen = {.has_bar = isatty(STDERR_FILENO) && !a->is_quiet,
                            .is_quiet = a->is_quiet};
    struct scan_counts counts;
    int64_t threads = 0;
    if (a->threads &&
        (!num_parse_int(str_of(a->threads), &threads) || threads < 1 || threads > 64))
        return err_set(e, ERR_USAGE, "--threads is a number from 1 to 64");
    if (!c->registry)
        return err_set(e, ERR_USAGE,
                       "%s: there is no section products: registry, tables, roots",
                       a->conf);
    /* A dry run looks at everything and leaves no trace. */
    struct products *registry =
        products_open(a->is_dry ? ":memory:" : c->registry, c->root, c->nroot, e);
    struct stores *stores =
        registry ? stores_new(node_plugin_folder(arena), NULL, e) : NULL;
    const struct scan_options o = {.registry = registry,
                                   .root = c->root,
                                   .nroot = c->nroot,
                                   .only = a->only,
                                   .template_folder = c->instruments,
                                   .version = NODE_VERSION,
                                   .target = {stores, NULL, c->product_tables, a->memory},
                                   .threads = (unsigned)threads,
                                   .is_dry = a->is_dry,
                                   .is_full = a->is_full,
                                   .is_tables_only = a->is_tables_only,
                                   .say = say,
                                   .what = &screen};
    bool ok =
        stores && set_identity(registry, a, c, arena, e) && ingest_scan(&o, &counts, e);
    wipe(&screen);
    if (ok)
        say_end(&counts, a->is_dry);
    stores_free(stores);
    products_close(registry);
    return ok;
}

int command_scan(int argc, char **argv)
{
    struct arguments a = {.memory = "512MB"};
    struct err e = {0};
    if (!read_arguments(argc, argv, &a)) {
        fputs(HELP, stderr);
        return 2;
    }
    if (a.has_help) {
        fputs(HELP, stdout);
        return EXIT_SUCCESS;
    }
    struct arena *arena = arena_new(64 << 20);
    const struct config *c = config_read(a.conf, arena, &e);
    bool ok = c && scan(&a, c, arena, &e);
    if (!ok)
        fprintf(stderr, "colure: %s\n", e.message);
    arena_free(arena);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
