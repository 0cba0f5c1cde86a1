/* node.c -- opening and joining: stores, descriptions, engine, limits. */
#include "core/node/node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/node/inside.h"

enum { NODE_ARENA_BYTES = 256 * 1024 * 1024 };

const struct catalog *node_catalog(void *node)
{
    struct node *n = node;
    pthread_mutex_lock(&n->lock);
    const struct catalog *c = catalog_keep(n->catalog);
    pthread_mutex_unlock(&n->lock);
    return c;
}

struct dali *node_dali(struct node *n)
{
    return &n->dali;
}

const char *node_program_folder(struct arena *arena)
{
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    if (len <= 0 || (size_t)len == sizeof path)
        return ".";
    while (len > 0 && path[len - 1] != '/')
        len--;
    return arena_text(arena, (str){path, (size_t)(len > 1 ? len - 1 : len)});
}

const char *node_plugin_folder(struct arena *arena)
{
    const char *folder = getenv("COLURE_STORES");
    return folder ? folder : arena_format(arena, "%s/stores", node_program_folder(arena));
}

const char *node_assets_folder(struct arena *arena)
{
    static const char *const PLACE[] = {"web", "../web", "../../share/colure/web"};
    const char *folder = getenv("COLURE_WEB");
    for (size_t i = 0; !folder && i < sizeof PLACE / sizeof *PLACE; i++) {
        folder = arena_format(arena, "%s/%s", node_program_folder(arena), PLACE[i]);
        const char *known = arena_format(arena, "%s/base.js", folder ? folder : "");
        if (!known || access(known, R_OK) != 0)
            folder = NULL; /* another folder of that name */
    }
    return folder;
}

static bool make_folder(const char *path, struct err *e)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return true;
    return err_set(e, ERR_UNAVAILABLE, "the folder %s cannot be made: %s", path,
                   strerror(errno));
}

static bool make_folders(struct node *n, const struct config *c, struct err *e)
{
    n->spool_folder = arena_format(n->arena, "%s/spool", c->state_folder);
    n->temporary_folder = arena_format(n->arena, "%s/engine", c->state_folder);
    n->job_folder =
        c->job_folder ? c->job_folder : arena_format(n->arena, "%s/jobs", c->state_folder);
    n->cache_folder = arena_format(n->arena, "%s/products", c->state_folder);
    n->cutout_folder = arena_format(n->arena, "%s-cutouts", n->job_folder);
    return make_folder(c->state_folder, e) && make_folder(n->spool_folder, e) &&
           make_folder(n->temporary_folder, e) && make_folder(n->job_folder, e);
}

static bool has_option(const struct config_store *s, const char *name)
{
    for (size_t i = 0; i < s->noption; i++)
        if (str_eq(str_of(s->option[i].name), str_of(name)))
            return true;
    return false;
}

/* The engine's place for spilling and exporting, unless the configuration says otherwise.
 */
static bool add_engine_options(struct node *n, struct config_store *s)
{
    const struct store_option more[] = {{"spool_directory", n->spool_folder},
                                        {"temp_directory", n->temporary_folder},
                                        {"memory_limit", "1GB"}};
    struct store_option *all =
        arena_new_array(n->arena, struct store_option, s->noption + 3);
    if (!all)
        return false;
    if (s->noption)
        memcpy(all, s->option, s->noption * sizeof *all);
    s->option = all;
    for (int i = 0; i < 3; i++)
        if (!has_option(s, more[i].name))
            all[s->noption++] = more[i];
    return true;
}

static bool name_store(struct node *n, uint32_t i, struct config_store *s, struct err *e)
{
    struct query_store *q = &n->store[i];
    struct err why = {0};
    q->name = s->name;
    n->store_config[i] = s;
    q->plugin = stores_plugin(n->stores, s->adapter, &why);
    if (!q->plugin)
        return err_set(e, why.kind, "store %s: %s", s->name, why.message);
    if (q->plugin->dialect) {
        n->dialect[i] = adql_dialect_new(q->plugin->dialect, e);
        q->dialect = n->dialect[i];
        return q->dialect != NULL;
    }
    return true;
}

/* The first embedded store is the engine too; without one, an empty engine is opened. */
static bool name_stores(struct node *n, const struct config *c, struct err *e)
{
    struct config_store *own =
        arena_new_array(n->arena, struct config_store, c->nstore + 1);
    n->store = arena_new_array(n->arena, struct query_store, c->nstore + 1);
    n->dialect = arena_new_array(n->arena, struct adql_dialect *, c->nstore + 1);
    n->store_config = arena_new_array(n->arena, const struct config_store *, c->nstore + 1);
    if (!own || !n->store || !n->dialect || !n->store_config)
        return false;
    n->engine = c->nstore;
    for (uint32_t i = c->nstore; i-- > 0;) {
        own[i] = c->store[i];
        if (str_eq(str_of(own[i].adapter), STR("duckdb")))
            n->engine = i;
    }
    own[c->nstore] = (struct config_store){.name = "engine", .adapter = "duckdb"};
    if (!add_engine_options(n, &own[n->engine]))
        return false;
    uint32_t nstore = n->engine < c->nstore ? c->nstore : c->nstore + 1;
    for (; n->nstore < nstore; n->nstore++)
        if (!name_store(n, n->nstore, &own[n->nstore], e))
            return false;
    return true;
}

const struct store_table **node_tables(struct arena *arena, const struct query_store *s,
                                       uint32_t *ntable, struct err *e)
{
    const char *const *name;
    size_t nname = 0;
    struct store_error se = {.size = sizeof se};
    enum store_status status = s->plugin->list(s->store, &name, &nname, &se);
    const struct store_table **table =
        arena_new_array(arena, const struct store_table *, nname + 1);
    for (size_t i = 0; table && status == STORE_OK && i < nname; i++)
        status = s->plugin->describe(s->store, name[i], &table[i], &se);
    *ntable = (uint32_t)nname;
    if (table && status == STORE_OK)
        return table;
    err_set(e, ERR_UNAVAILABLE, "store %s: its tables cannot be listed: %s", s->name,
            se.message);
    return NULL;
}

static struct catalog *build(struct node *n, const struct config *c,
                             const struct query_store *store, struct arena *arena,
                             struct bytes *report, struct err *e)
{
    struct catalog_source *source =
        arena_new_array(arena, struct catalog_source, c->nschema + 1);
    const struct store_table ***of_store =
        arena_new_array(arena, const struct store_table **, n->nstore + 1);
    uint32_t *count = arena_new_array(arena, uint32_t, n->nstore + 1);
    if (!source || !of_store || !count)
        return NULL;
    for (uint32_t i = 0; i < n->nstore; i++)
        if (!(of_store[i] = node_tables(arena, &store[i], &count[i], e)))
            return NULL;
    for (uint32_t i = 0; i < c->nschema; i++) {
        const struct config_schema *s = &c->schema[i];
        source[i] = (struct catalog_source){.path = s->file,
                                            .store = s->istore,
                                            .table = of_store[s->istore],
                                            .ntable = count[s->istore],
                                            .native_prefix = s->native_prefix,
                                            .quote = n->store[s->istore].dialect ? '"' : 0};
    }
    struct catalog *catalog = catalog_build(source, c->nschema, n->engine, report, e);
    for (uint32_t i = 0; report && catalog && i < c->nstore; i++)
        catalog_differences(catalog, i, of_store[i], count[i], report);
    if (catalog && c->vocabularies &&
        !catalog_read_vocabularies(catalog, c->vocabularies, e)) {
        catalog_drop(catalog);
        return NULL;
    }
    return catalog;
}

const struct catalog *node_build_catalog(struct node *n, const struct config *c,
                                         const struct catalog *before, struct arena *arena,
                                         struct bytes *report, struct err *e)
{
    const struct query_store *store = opened_stores(n, before, e);
    if (!store)
        return NULL;
    pthread_mutex_lock(&n->describe_lock);
    struct catalog *catalog = build(n, c, store, arena, report, e);
    pthread_mutex_unlock(&n->describe_lock);
    if (catalog)
        catalog_own_stores(catalog, store, opened_release);
    else
        opened_release((void *)(uintptr_t)store);
    return catalog;
}

static void fill_dali(struct node *n, const struct config *c)
{
    struct dali *d = &n->dali;
    *d = (struct dali){.title = c->title,
                       .publisher = c->publisher,
                       .contact = c->contact,
                       .ivoid = c->ivoid,
                       .software = "Colure/" NODE_VERSION,
                       .base_url = c->base_url,
                       .env = {.store = n->store, .nstore = n->nstore, .engine = n->engine},
                       .limits = &n->limits,
                       .catalog = node_catalog,
                       .node = n,
                       .up_since_us = clock_now_us()};
    d->spool.folder = n->spool_folder;
    d->spool.max_bytes = c->spool_bytes;
    d->formats = (struct format_options){.spool_dir = n->spool_folder,
                                         .spool_max_bytes = c->spool_bytes,
                                         .parquet = n->parquet};
    d->fetch.allow_private = c->allow_private_uploads;
    d->gate = n->gate;
    if (n->resolver) {
        d->env.resolve = resolver_find;
        d->env.resolve_what = n->resolver;
    }
    d->store = n->store_state;
}

struct node *node_open(const struct config *c, struct bytes *report, struct err *e)
{
    struct node *n = calloc(1, sizeof *n);
    if (!n)
        goto failed;
    pthread_mutex_init(&n->lock, NULL);
    pthread_mutex_init(&n->describe_lock, NULL);
    atomic_store(&n->reloaded_us, clock_now_us());
    n->arena = arena_new(NODE_ARENA_BYTES);
    n->limits = c->limits;
    n->gate = gate_new(&c->limits.gate);
    n->resolver = c->resolver ? resolver_new(c->resolver) : NULL;
    if (!n->arena || !n->gate || (c->resolver && !n->resolver) || !make_folders(n, c, e))
        goto failed;
    n->stores = stores_new(node_plugin_folder(n->arena), c->secret_folder, e);
    if (!n->stores || !name_stores(n, c, e))
        goto failed;
    n->store_state = arena_new_array(n->arena, struct dali_store, n->nstore + 1);
    if (!n->store_state)
        goto failed;
    n->config = c;
    n->parquet = node_parquet_new(NULL, n, n->spool_folder);
    n->catalog = n->parquet ? node_build_catalog(n, c, NULL, n->arena, report, e) : NULL;
    if (!n->catalog)
        goto failed;
    fill_dali(n, c);
    if (query_load_tap_schema(&n->dali.env, n->catalog, e))
        return n;

failed:
    err_set(e, ERR_BUSY, "out of memory");
    node_close(n);
    return NULL;
}

void node_close(struct node *n)
{
    if (!n)
        return;
    catalog_drop(n->catalog);
    node_parquet_free(n->parquet);
    stores_free(n->stores);
    for (uint32_t i = 0; i < n->nstore; i++)
        adql_dialect_free(n->dialect[i]);
    gate_free(n->gate);
    resolver_free(n->resolver);
    pthread_mutex_destroy(&n->lock);
    pthread_mutex_destroy(&n->describe_lock);
    arena_free(n->config_arena);
    arena_free(n->arena);
    free(n);
}
