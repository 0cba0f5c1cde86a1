/* loader.c -- adapters by name: found, checked, kept; stores opened and closed. */
#include "stores/stores.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/str.h"
#include "stores/host.h"

enum { ADAPTERS_MAX = 32, STORES_MAX = 128, MEMORY_LIMIT = 1 << 20 };

struct loaded {
    const char *name;
    const struct store_plugin *plugin;
};

struct opened {
    const struct store_plugin *plugin;
    struct store *store;
};

struct stores {
    struct arena *arena;
    const char *plugin_dir;
    struct host_state state;
    struct store_host host;
    pthread_mutex_t lock; /* of the two lists */
    struct loaded loaded[ADAPTERS_MAX];
    struct opened opened[STORES_MAX];
    size_t nloaded, nopened;
};

struct stores *stores_new(const char *plugin_dir, const char *secret_dir, struct err *e)
{
    struct arena *arena = arena_new(MEMORY_LIMIT);
    struct stores *s = arena ? arena_new_one(arena, struct stores) : NULL;
    if (!s) {
        arena_free(arena);
        err_set(e, ERR_INTERNAL, "no memory for the list of stores");
        return NULL;
    }
    s->arena = arena;
    s->plugin_dir = arena_text(arena, str_of(plugin_dir));
    s->state.secret_dir = secret_dir ? arena_text(arena, str_of(secret_dir)) : NULL;
    s->host = host_table(&s->state);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void stores_free(struct stores *s)
{
    if (!s)
        return;
    while (s->nopened > 0) {
        struct opened *o = &s->opened[--s->nopened];
        o->plugin->close(o->store);
    }
    pthread_mutex_destroy(&s->lock);
    arena_free(s->arena);
}

const struct store_host *stores_host(const struct stores *s)
{
    return &s->host;
}

static bool is_adapter_name(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        char c = ascii_lower(name[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return n > 0 && n < 64;
}

/* The functions without which nothing works; the rest is optional. */
static const char *missing_function(const struct store_plugin *p)
{
    const struct {
        const char *name;
        bool is_there;
    } needed[] = {
        {"open", p->open},     {"close", p->close},
        {"list", p->list},     {"describe", p->describe},
        {"plan", p->plan},     {"drop_plan", p->drop_plan},
        {"start", p->start},   {"next", p->next},
        {"finish", p->finish}, {"end (it has begin)", !p->begin || p->end},
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!needed[i].is_there)
            return needed[i].name;
    return NULL;
}

static const struct store_plugin *check(const struct store_plugin *p, const char *path,
                                        struct err *e)
{
    if (!p) {
        err_set(e, ERR_INTERNAL,
                "adapter %s refuses this node: it does not know store ABI %u; build it "
                "against this node's stores/store.h",
                path, STORE_ABI);
        return NULL;
    }
    if (p->abi != STORE_ABI) {
        err_set(
            e, ERR_INTERNAL,
            "adapter %s speaks store ABI %u, this node %u; build it against this node's "
            "stores/store.h",
            path, p->abi, STORE_ABI);
        return NULL;
    }
    /* What ABI 1 began with; fields added later lie beyond and are optional. */
    bool is_short = p->size < offsetof(struct store_plugin, close_object) + sizeof(void *);
    const char *missing = is_short ? "most of the table" : missing_function(p);
    if (missing) {
        err_set(e, ERR_INTERNAL, "adapter %s lacks a required function: %s", path, missing);
        return NULL;
    }
    return p;
}

static const struct store_plugin *load(struct stores *s, const char *name, struct err *e)
{
    const char *path = arena_format(s->arena, "%s/%s.so", s->plugin_dir, name);
    void *handle = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!handle) {
        err_set(
            e, ERR_INTERNAL,
            "adapter \"%s\" cannot be loaded: %s; build it with make, or set the folder "
            "of adapters in the configuration",
            name, path ? dlerror() : "no memory");
        return NULL;
    }
    const struct store_plugin *(*entry)(const struct store_host *);
    void *symbol = dlsym(handle, "store_plugin_entry");
    if (!symbol) {
        err_set(e, ERR_INTERNAL,
                "%s is no store adapter: it does not export store_plugin_entry", path);
        return NULL;
    }
    memcpy(&entry, &symbol, sizeof entry);
    return check(entry(&s->host), path, e);
}

static const struct store_plugin *plugin_locked(struct stores *s, const char *name,
                                                struct err *e)
{
    for (size_t i = 0; i < s->nloaded; i++)
        if (strcmp(s->loaded[i].name, name) == 0)
            return s->loaded[i].plugin;
    if (s->nloaded == ADAPTERS_MAX) {
        err_set(e, ERR_LIMIT, "more than %d adapters", ADAPTERS_MAX);
        return NULL;
    }
    const struct store_plugin *plugin = load(s, name, e);
    if (plugin)
        s->loaded[s->nloaded++] =
            (struct loaded){arena_text(s->arena, str_of(name)), plugin};
    return plugin;
}

const struct store_plugin *stores_plugin(struct stores *s, const char *name, struct err *e)
{
    if (!is_adapter_name(name)) {
        err_set(e, ERR_USAGE, "\"%s\" is no name of an adapter: letters, digits, _ and -",
                name);
        return NULL;
    }
    pthread_mutex_lock(&s->lock);
    const struct store_plugin *plugin = plugin_locked(s, name, e);
    pthread_mutex_unlock(&s->lock);
    return plugin;
}

static bool keep(struct stores *s, const struct store_plugin *plugin, struct store *store)
{
    pthread_mutex_lock(&s->lock);
    bool has_room = s->nopened < STORES_MAX;
    if (has_room)
        s->opened[s->nopened++] = (struct opened){plugin, store};
    pthread_mutex_unlock(&s->lock);
    return has_room;
}

bool stores_open(struct stores *s, const char *adapter, const struct store_option *option,
                 size_t noption, const struct store_plugin **plugin, struct store **store,
                 struct err *e)
{
    struct store_error error = {.size = sizeof error};
    *store = NULL;
    *plugin = stores_plugin(s, adapter, e);
    if (!*plugin)
        return false;
    enum store_status status = (*plugin)->open(&s->host, option, noption, store, &error);
    if (status != STORE_OK)
        return stores_error(status, &error, e);
    if (!keep(s, *plugin, *store)) {
        (*plugin)->close(*store);
        *store = NULL;
        return err_set(e, ERR_LIMIT, "more than %d stores", STORES_MAX);
    }
    return true;
}

void stores_close(struct stores *s, struct store *store)
{
    const struct store_plugin *plugin = NULL;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->nopened && !plugin; i++)
        if (s->opened[i].store == store) {
            plugin = s->opened[i].plugin;
            memmove(&s->opened[i], &s->opened[i + 1],
                    (--s->nopened - i) * sizeof *s->opened);
        }
    pthread_mutex_unlock(&s->lock);
    if (plugin)
        plugin->close(store);
}

bool stores_is_outdated(const struct store_plugin *plugin, struct store *store)
{
    size_t known = offsetof(struct store_plugin, is_outdated) + sizeof plugin->is_outdated;
    return plugin->size >= known && plugin->is_outdated && plugin->is_outdated(store);
}

bool stores_error(enum store_status status, const struct store_error *error, struct err *e)
{
    static const struct {
        enum err_kind kind;
        const char *words;
    } TABLE[] = {
        [STORE_OK] = {ERR_INTERNAL, "the store did not fail"},
        [STORE_END] = {ERR_INTERNAL, "the store ended its rows too early"},
        [STORE_REFUSED] = {ERR_USAGE, "the store cannot do this"},
        [STORE_NOT_FOUND] = {ERR_NOT_FOUND, "the store has no such table"},
        [STORE_INVALID] = {ERR_USAGE, "the store found a fault in the query"},
        [STORE_LIMIT] = {ERR_LIMIT, "the query needs more memory or disk than it may use"},
        [STORE_CANCELLED] = {ERR_CANCELLED, "the query was cancelled or ran out of time"},
        [STORE_UNAVAILABLE] = {ERR_UNAVAILABLE, "the store is not available now"},
        [STORE_FAILED] = {ERR_INTERNAL, "the store failed"},
    };
    size_t at = (size_t)status < sizeof TABLE / sizeof *TABLE ? status : STORE_FAILED;
    bool has_words = error && error->message[0];
    return err_set(e, TABLE[at].kind, "%s", has_words ? error->message : TABLE[at].words);
}
