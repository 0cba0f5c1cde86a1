/* describe_command.c -- `colure describe`: a draft of a description from what a store says
 * of its tables; the store is one of a configuration, or at an address. */
#include <stdio.h>
#include <stdlib.h>

#include "core/node/inside.h"

enum { ARENA_BYTES = 256 << 20, DRAFT_BYTES = 64 << 20 };

struct wanted {
    const char *conf, *store; /* of a configuration, or */
    const char *url;          /* a store alone */
    const char *schema;
};

static const char USAGE[] =
    "usage: colure describe URL SCHEMA\n"
    "       colure describe --conf FILE --store NAME --schema SCHEMA\n"
    "Prints a draft of the description of the tables in that schema, for a person to "
    "finish:\n"
    "guesses are marked. URL: postgres://user@host/database; its password comes from "
    "PGPASSWORD\n"
    "or the password file of libpq.\n";

static bool read_arguments(int argc, char **argv, struct wanted *w)
{
    *w = (struct wanted){0};
    if (argc == 2 && strstr(argv[0], "://")) {
        w->url = argv[0];
        w->schema = argv[1];
        return true;
    }
    for (int i = 0; i + 1 < argc; i += 2) {
        if (str_eq(str_of(argv[i]), STR("--conf")))
            w->conf = argv[i + 1];
        else if (str_eq(str_of(argv[i]), STR("--store")))
            w->store = argv[i + 1];
        else if (str_eq(str_of(argv[i]), STR("--schema")))
            w->schema = argv[i + 1];
        else
            return false;
    }
    return argc % 2 == 0 && w->conf && w->store && w->schema;
}

/* Which adapter speaks to an address. */
static const struct {
    const char *scheme, *adapter;
} SCHEMES[] = {{"postgres://", "postgres"}, {"postgresql://", "postgres"}};

static bool store_of_url(const struct wanted *w, struct arena *arena,
                         struct config_store *s, struct err *e)
{
    struct store_option *option = arena_new_array(arena, struct store_option, 2);
    if (!option)
        return err_set(e, ERR_BUSY, "out of memory");
    option[0] = (struct store_option){"url", w->url};
    option[1] = (struct store_option){"schemas", w->schema};
    *s = (struct config_store){.name = "at the address", .option = option, .noption = 2};
    for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++)
        if (str_starts_fold(str_of(w->url), str_of(SCHEMES[i].scheme)))
            s->adapter = SCHEMES[i].adapter;
    return s->adapter ||
           err_set(e, ERR_USAGE,
                   "no store has an address of this kind; there are postgres:// "
                   "and, for all others, --conf FILE --store NAME");
}

static bool store_of_conf(const struct wanted *w, const struct config *c,
                          struct config_store *s, struct err *e)
{
    for (uint32_t i = 0; c && i < c->nstore; i++)
        if (str_eq(str_of(c->store[i].name), str_of(w->store))) {
            *s = c->store[i];
            return true;
        }
    return err_set(e, ERR_USAGE, "there is no store %s in %s", w->store, w->conf);
}

/* Keeps the tables of that schema: its name stands before the table's own. */
static uint32_t keep_schema(const struct store_table **table, uint32_t ntable,
                            const char *schema)
{
    uint32_t kept = 0;
    for (uint32_t k = 0; k < ntable; k++) {
        const char *at = strstr(table[k]->name, schema);
        bool starts = at && (at == table[k]->name || at[-1] == '.');
        if (starts && at[strlen(schema)] == '.')
            table[kept++] = table[k];
    }
    return kept;
}

static bool draft(const struct wanted *w, const struct config_store *s,
                  const char *secret_folder, struct arena *arena, struct bytes *out,
                  struct err *e)
{
    struct query_store q = {.name = s->name};
    uint32_t ntable = 0;
    struct stores *stores = stores_new(node_plugin_folder(arena), secret_folder, e);
    bool ok = stores && stores_open(stores, s->adapter, s->option, s->noption, &q.plugin,
                                    &q.store, e);
    const struct store_table **table = ok ? node_tables(arena, &q, &ntable, e) : NULL;
    uint32_t kept = table ? keep_schema(table, ntable, w->schema) : 0;
    if (table && kept == 0)
        err_set(e, ERR_USAGE, "the store %s has no tables in schema %s", s->name,
                w->schema);
    ok = kept > 0 && (catalog_write_felis(w->schema, table, kept, out) ||
                      err_set(e, ERR_LIMIT, "the draft is too long"));
    stores_free(stores);
    return ok;
}

int command_describe(int argc, char **argv)
{
    struct wanted w;
    struct config_store store = {0};
    struct config *c = NULL;
    struct err e = {0};
    struct bytes out;
    if (!read_arguments(argc, argv, &w)) {
        fputs(USAGE, stderr);
        return 2;
    }
    struct arena *arena = arena_new(ARENA_BYTES);
    bytes_init(&out, DRAFT_BYTES);
    if (w.conf)
        c = config_read(w.conf, arena, &e);
    bool ok =
        (w.conf ? store_of_conf(&w, c, &store, &e) : store_of_url(&w, arena, &store, &e)) &&
        draft(&w, &store, c ? c->secret_folder : NULL, arena, &out, &e);
    if (ok)
        fwrite(out.at, 1, out.len, stdout);
    else
        fprintf(stderr, "colure: %s\n", e.message);
    bytes_free(&out);
    arena_free(arena);
    return ok ? 0 : 1;
}
