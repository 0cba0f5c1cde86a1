/* config.c -- YAML to struct config, by a table of keys. */
#include "core/node/config.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "core/base/yaml.h"

enum kind { TEXT, PATH, WHOLE, COUNT, NUMBER, TRUTH, SIZE, TEXTS }; /* COUNT: uint32_t */

struct key {
    const char *name;
    enum kind kind;
    size_t at; /* offset in struct config */
    double least, most;
};

#define AT(field) offsetof(struct config, field)

static const struct key NODE_KEYS[] = {
    {"title", TEXT, AT(title), 0, 0},
    {"publisher", TEXT, AT(publisher), 0, 0},
    {"contact", TEXT, AT(contact), 0, 0},
    {"ivoid", TEXT, AT(ivoid), 0, 0},
    {"base_url", TEXT, AT(base_url), 0, 0},
    {"address", TEXT, AT(address), 0, 0},
    {"port", WHOLE, AT(port), 1, 65535},
    {"resolver", TEXT, AT(resolver), 0, 0},
    {"vocabularies", PATH, AT(vocabularies), 0, 0},
    {"state_dir", PATH, AT(state_folder), 0, 0},
    {"secrets_dir", PATH, AT(secret_folder), 0, 0},
    {"workers", WHOLE, AT(workers), 1, 256},
    {"max_connections", WHOLE, AT(max_connections), 8, 100000},
    {"max_connections_per_client", WHOLE, AT(max_connections_per_ip), 0, 100000},
    {"drain_seconds", NUMBER, AT(drain_s), 0, 3600},
    {"health_seconds", NUMBER, AT(health_s), 0.1, 3600},
    {"log_json", TRUTH, AT(log_json), 0, 0},
    {"log_level", TEXT, AT(log_level_word), 0, 0},
    {"access_log", TRUTH, AT(access_log), 0, 0},
    {"trusted_proxies", TEXTS, AT(trusted_proxies), 0, 0},
    {NULL, TEXT, 0, 0, 0}};

static const struct key LIMIT_KEYS[] = {
    {"default_rows", WHOLE, AT(limits.default_rows), 0, 1e15},
    {"max_rows", WHOLE, AT(limits.max_rows), 1, 1e15},
    {"sync_seconds", NUMBER, AT(limits.sync_seconds), 0.1, 86400},
    {"async_seconds", NUMBER, AT(limits.async_seconds), 1, 1e8},
    {"max_async_seconds", NUMBER, AT(limits.max_async_seconds), 1, 1e8},
    {"job_lifetime_seconds", NUMBER, AT(limits.default_lifetime_s), 60, 1e9},
    {"max_job_lifetime_seconds", NUMBER, AT(limits.max_lifetime_s), 60, 1e9},
    {"upload_bytes", SIZE, AT(limits.upload_bytes), 1, 1e15},
    {"upload_rows", SIZE, AT(limits.upload_rows), 1, 1e15},
    {"upload_columns", COUNT, AT(limits.upload_columns), 1, 100000},
    {"short_queries", COUNT, AT(limits.gate.places[GATE_SHORT]), 1, 10000},
    {"long_queries", COUNT, AT(limits.gate.places[GATE_LONG]), 1, 10000},
    {"short_rows_read", WHOLE, AT(limits.short_rows_read), 0, 1e15},
    {"short_rows", WHOLE, AT(limits.short_rows), 0, 1e15},
    {"short_seconds", NUMBER, AT(limits.gate.short_s), 0, 86400},
    {"queue_length", COUNT, AT(limits.gate.line), 0, 1000000},
    {"queue_seconds", NUMBER, AT(limits.gate.wait_s), 0, 86400},
    {"client_queries", COUNT, AT(limits.gate.client_places), 0, 10000},
    {"client_queue_length", COUNT, AT(limits.gate.client_line), 0, 1000000},
    {"answer_bytes", SIZE, AT(limits.answer_bytes), 0, 1e18},
    {"result_bytes", SIZE, AT(limits.result_bytes), 0, 1e18},
    {"spool_bytes", SIZE, AT(spool_bytes), 1 << 20, 1e15},
    {"allow_private_uploads", TRUTH, AT(allow_private_uploads), 0, 0},
    {NULL, TEXT, 0, 0, 0}};

/* For nodes that share one job list. */
static const struct key JOB_KEYS[] = {{"database", TEXT, AT(job_database), 0, 0},
                                      {"database_secret", TEXT, AT(job_secret), 0, 0},
                                      {"directory", PATH, AT(job_folder), 0, 0},
                                      {"lease_seconds", NUMBER, AT(job_lease_s), 2, 3600},
                                      {NULL, TEXT, 0, 0, 0}};

static const struct key WEB_KEYS[] = {{"assets", PATH, AT(assets), 0, 0},
                                      {NULL, TEXT, 0, 0, 0}};

struct reader {
    struct config *config;
    struct arena *arena;
    struct err *err;
};

static bool complain(struct reader *r, const struct yaml_node *where, const char *what,
                     const char *name)
{
    return err_set_at(r->err, ERR_USAGE, where->line, where->column, "%s:%d:%d: %s%s%s",
                      r->config->path, where->line, where->column, name, *name ? " " : "",
                      what);
}

static const char *resolve(struct reader *r, const char *path)
{
    if (path[0] == '/')
        return path;
    return arena_format(r->arena, "%s/%s", r->config->folder, path);
}

/* Sizes: 1000000, 64MB, 2GiB. */
static bool read_size(const struct yaml_node *n, double *value)
{
    static const struct {
        const char *unit;
        double factor;
    } UNIT[] = {{"kB", 1e3},     {"MB", 1e6},        {"GB", 1e9},          {"TB", 1e12},
                {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}};
    if (yaml_double(n, value))
        return true;
    for (size_t i = 0; i < sizeof UNIT / sizeof *UNIT; i++) {
        size_t len = strlen(UNIT[i].unit);
        if (n->kind != YAML_SCALAR || n->text.len <= len ||
            memcmp(n->text.at + n->text.len - len, UNIT[i].unit, len) != 0)
            continue;
        struct yaml_node number = *n;
        number.text = str_trim((str){n->text.at, n->text.len - len});
        number.is_plain = true;
        if (yaml_double(&number, value)) {
            *value *= UNIT[i].factor;
            return true;
        }
    }
    return false;
}

static bool set_number(struct reader *r, const struct key *k, const struct yaml_node *v)
{
    char *at = (char *)r->config + k->at;
    double number = 0;
    bool ok = k->kind == SIZE ? read_size(v, &number) : yaml_double(v, &number);
    bool is_whole = k->kind == NUMBER || number == floor(number);
    if (!ok || !is_whole || !(number >= k->least && number <= k->most))
        return complain(r, v,
                        arena_format(r->arena, "must be a %snumber from %g to %g",
                                     k->kind == NUMBER ? "" : "whole ", k->least, k->most),
                        k->name);
    if (k->kind == NUMBER)
        *(double *)at = number;
    else if (k->kind == COUNT)
        *(uint32_t *)at = (uint32_t)number;
    else
        *(int64_t *)at = (int64_t)number;
    return true;
}

/* One text, or a list of them. */
static bool set_texts(struct reader *r, const struct key *k, const struct yaml_node *v)
{
    uint32_t n = v->kind == YAML_LIST ? v->nitem : 1;
    const char **all = arena_new_array(r->arena, const char *, n + 1);
    for (uint32_t i = 0; all && i < n; i++) {
        all[i] = yaml_text(v->kind == YAML_LIST ? &v->item[i] : v);
        if (!all[i])
            return complain(r, v, "must be a list of texts", k->name);
    }
    *(const char *const **)((char *)r->config + k->at) = all;
    return all != NULL;
}

static bool set_value(struct reader *r, const struct key *k, const struct yaml_node *v)
{
    char *at = (char *)r->config + k->at;
    if (k->kind == TEXT || k->kind == PATH) {
        const char *text = yaml_text(v);
        if (!text)
            return complain(r, v, "must be a text", k->name);
        *(const char **)at = k->kind == PATH ? resolve(r, text) : text;
        return true;
    }
    if (k->kind == TEXTS)
        return set_texts(r, k, v);
    if (k->kind == TRUTH)
        return yaml_bool(v, (bool *)at) || complain(r, v, "must be true or false", k->name);
    return set_number(r, k, v);
}

static const char *list_keys(struct reader *r, const struct key *keys)
{
    const char *all = "is not known here; there are:";
    for (; keys->name && all; keys++)
        all = arena_format(r->arena, "%s %s", all, keys->name);
    return all ? all : "is not known here";
}

static bool read_section(struct reader *r, const struct yaml_node *map,
                         const struct key *keys)
{
    if (!map)
        return true;
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map of keys and values here", "there");
    for (uint32_t i = 0; i < map->nitem; i++) {
        const struct yaml_node *key = yaml_key(map, i);
        const struct key *k = keys;
        while (k->name && !str_eq(str_of(k->name), key->text))
            k++;
        if (!k->name)
            return complain(r, key, list_keys(r, keys), arena_text(r->arena, key->text));
        if (!set_value(r, k, yaml_value(map, i)))
            return false;
    }
    return true;
}

/* Options that are paths are relative to the configuration file, as all paths in it are. */
static bool is_path_option(const char *name)
{
    return str_starts_fold(str_of(name), STR("attach.")) ||
           str_eq(str_of(name), STR("temp_directory")) ||
           str_eq(str_of(name), STR("library")) || str_eq(str_of(name), STR("database"));
}

static bool read_options(struct reader *r, const struct yaml_node *map,
                         struct config_store *store)
{
    if (!map)
        return true;
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map of names and values", "options");
    store->option = arena_new_array(r->arena, struct store_option, map->nitem + 1);
    for (uint32_t i = 0; store->option && i < map->nitem; i++) {
        const char *name = arena_text(r->arena, yaml_key(map, i)->text);
        const char *value = yaml_text(yaml_value(map, i));
        if (!value)
            return complain(r, yaml_value(map, i), "must have a value", name);
        if (is_path_option(name))
            value = resolve(r, value);
        store->option[store->noption++] = (struct store_option){name, value};
    }
    return store->option != NULL;
}

static bool read_store(struct reader *r, const struct yaml_node *map,
                       struct config_store *store)
{
    store->name = yaml_text(yaml_find(map, "name"));
    store->adapter = yaml_text(yaml_find(map, "adapter"));
    if (!store->name || !store->adapter)
        return complain(r, map, "needs name and adapter", "a store");
    return read_options(r, yaml_find(map, "options"), store);
}

static bool read_stores(struct reader *r, const struct yaml_node *list)
{
    struct config *c = r->config;
    if (!list)
        return true;
    if (list->kind != YAML_LIST)
        return complain(r, list, "must be a list of stores (name, adapter, options)",
                        "stores");
    c->store = arena_new_array(r->arena, struct config_store, list->nitem + 1);
    for (uint32_t i = 0; c->store && i < list->nitem; i++) {
        if (!read_store(r, &list->item[i], &c->store[i]))
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (str_eq(str_of(c->store[j].name), str_of(c->store[i].name)))
                return complain(r, &list->item[i], "is there already", c->store[i].name);
        c->nstore++;
    }
    return c->store != NULL;
}

static bool read_schema(struct reader *r, const struct yaml_node *map,
                        struct config_schema *schema)
{
    struct config *c = r->config;
    const char *file = yaml_text(yaml_find(map, "file"));
    schema->store = yaml_text(yaml_find(map, "store"));
    schema->native_prefix = yaml_text(yaml_find(map, "native_prefix"));
    if (!file || !schema->store)
        return complain(r, map, "needs file and store", "a schema");
    schema->file = resolve(r, file);
    for (schema->istore = 0; schema->istore < c->nstore; schema->istore++)
        if (str_eq(str_of(c->store[schema->istore].name), str_of(schema->store)))
            return true;
    return complain(r, yaml_find(map, "store"), "is none of the stores above",
                    schema->store);
}

static bool read_schemas(struct reader *r, const struct yaml_node *list)
{
    struct config *c = r->config;
    if (!list)
        return true;
    if (list->kind != YAML_LIST)
        return complain(r, list, "must be a list of schemas (file, store, native_prefix)",
                        "schemas");
    c->schema = arena_new_array(r->arena, struct config_schema, list->nitem + 1);
    for (uint32_t i = 0; c->schema && i < list->nitem; i++, c->nschema++)
        if (!read_schema(r, &list->item[i], &c->schema[i]))
            return false;
    return c->schema != NULL;
}

static bool read_root(struct reader *r, const struct yaml_node *map,
                      struct product_root *root)
{
    const char *path = yaml_text(yaml_find(map, "path"));
    root->name = yaml_text(yaml_find(map, "name"));
    if (!root->name || !path)
        return complain(r, map, "needs name and path", "a root of products");
    root->path = resolve(r, path);
    return root->path != NULL;
}

static bool read_roots(struct reader *r, const struct yaml_node *roots)
{
    struct config *c = r->config;
    c->root = arena_new_array(r->arena, struct product_root, roots->nitem + 1);
    for (uint32_t i = 0; c->root && i < roots->nitem; i++, c->nroot++) {
        if (!read_root(r, &roots->item[i], &c->root[i]))
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (str_eq(str_of(c->root[j].name), str_of(c->root[i].name)))
                return complain(r, &roots->item[i], "is there already", c->root[i].name);
    }
    return c->root != NULL;
}

static bool read_products(struct reader *r, const struct yaml_node *map)
{
    struct config *c = r->config;
    const char **const to[] = {&c->registry, &c->product_tables, &c->instruments};
    static const char *const NAME[] = {"registry", "tables", "instruments"};
    const struct yaml_node *roots = NULL;
    for (uint32_t i = 0; map && map->kind == YAML_MAP && i < map->nitem; i++) {
        const struct yaml_node *key = yaml_key(map, i), *value = yaml_value(map, i);
        size_t k = 0;
        while (k < 3 && !str_eq(str_of(NAME[k]), key->text))
            k++;
        if (k < 3 && yaml_text(value))
            *to[k] = resolve(r, yaml_text(value));
        else if (str_eq(key->text, STR("roots")) && value->kind == YAML_LIST)
            roots = value;
        else
            return complain(r, key,
                            "is not so: products has registry, tables, instruments (paths) "
                            "and roots (a list of name, path)",
                            arena_text(r->arena, key->text));
    }
    if (map && (!c->registry || !roots))
        return complain(r, map, "must hold registry and a list of roots (name, path)",
                        "products");
    return !map || read_roots(r, roots);
}

static bool check_sections(struct reader *r, const struct yaml_node *root)
{
    static const char *const NAME[] = {"node",    "limits",   "jobs", "stores",
                                       "schemas", "products", "web"};
    enum { NAMES = sizeof NAME / sizeof *NAME };
    if (root->kind != YAML_MAP)
        return complain(r, root,
                        "must hold node, limits, jobs, stores, schemas, products and web",
                        "a configuration");
    for (uint32_t i = 0; i < root->nitem; i++) {
        const struct yaml_node *key = yaml_key(root, i);
        size_t n = 0;
        while (n < NAMES && !str_eq(str_of(NAME[n]), key->text))
            n++;
        if (n == NAMES)
            return complain(
                r, key,
                "is not known here; there are: node limits jobs stores schemas products "
                "web",
                arena_text(r->arena, key->text));
    }
    return true;
}

static bool check_jobs(struct reader *r, const struct yaml_node *jobs)
{
    const struct config *c = r->config;
    if (c->job_database && !c->job_folder)
        return complain(r, jobs,
                        "needs a directory that all nodes see, for the results of jobs",
                        "a database of jobs");
    if (c->job_secret && !c->job_database)
        return complain(r, jobs, "is of no use without database", "database_secret");
    return true;
}

/* Where the key of a section stands: for what is wrong with its value. */
static const struct yaml_node *value_of(const struct yaml_node *root, const char *section,
                                        const char *key)
{
    const struct yaml_node *map = yaml_find(root, section);
    const struct yaml_node *value = map ? yaml_find(map, key) : NULL;
    return value ? value : root;
}

/* What several values say together, or a table cannot. */
static bool check_values(struct reader *r, const struct yaml_node *root)
{
    struct config *c = r->config;
    struct err why = {0};
    if (c->log_level_word && !log_level_parse(c->log_level_word, &c->log_level))
        return complain(r, value_of(root, "node", "log_level"),
                        "must be debug, info, warn or error", "log_level");
    if (!http_proxies_check(c->trusted_proxies, &why))
        return complain(r, value_of(root, "node", "trusted_proxies"), why.message,
                        "trusted_proxies:");
    if (c->limits.default_rows > c->limits.max_rows)
        return complain(r, value_of(root, "limits", "default_rows"),
                        "must not be more than max_rows", "default_rows");
    if (c->limits.async_seconds > c->limits.max_async_seconds)
        return complain(r, value_of(root, "limits", "async_seconds"),
                        "must not be more than max_async_seconds", "async_seconds");
    c->limits.gate.short_rows = (uint64_t)c->limits.short_rows;
    return true;
}

static bool same_texts(const char *const *a, const char *const *b)
{
    for (; a && b && *a && *b; a++, b++)
        if (!str_eq(str_of(*a), str_of(*b)))
            return false;
    return (!a || !*a) == (!b || !*b);
}

static bool same_value(const struct key *k, const char *a, const char *b)
{
    const char *const *one = (const char *const *)a, *const *other = (const char *const *)b;
    switch (k->kind) {
    case TEXT:
    case PATH:
        return *one == *other || (*one && *other && str_eq(str_of(*one), str_of(*other)));
    case TEXTS:
        return same_texts(*(const char *const *const *)a, *(const char *const *const *)b);
    case TRUTH:
        return *a == *b;
    case COUNT:
        return memcmp(a, b, sizeof(uint32_t)) == 0;
    default:
        return memcmp(a, b, sizeof(int64_t)) == 0;
    }
}

/* A reload changes the log; the command line may set the state folder. */
static bool is_for_the_start(const struct key *k)
{
    return k->at != AT(state_folder) && k->at != AT(log_json) &&
           k->at != AT(log_level_word);
}

const char *config_difference(const struct config *a, const struct config *b)
{
    for (const struct key *k = NODE_KEYS; k->name; k++)
        if (is_for_the_start(k) &&
            !same_value(k, (const char *)a + k->at, (const char *)b + k->at))
            return k->name;
    if (a->spool_bytes != b->spool_bytes)
        return "spool_bytes";
    if (a->allow_private_uploads != b->allow_private_uploads)
        return "allow_private_uploads";
    return NULL;
}

static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : arena_text(arena, (str){path, (size_t)(slash - path)});
}

static void set_defaults(struct config *c)
{
    c->title = "Colure";
    c->address = "::";
    c->port = 8080;
    c->workers = 4;
    c->max_connections = 512;
    c->drain_s = 10;
    c->health_s = 10;
    c->log_level = LOG_INFO;
    c->access_log = true;
    c->spool_bytes = UINT64_C(16) << 30;
    c->limits = (struct dali_limits){.default_rows = 100000,
                                     .max_rows = 20000000,
                                     .sync_seconds = 60,
                                     .async_seconds = 3600,
                                     .max_async_seconds = 86400,
                                     .default_lifetime_s = 7 * 86400,
                                     .max_lifetime_s = 60 * 86400,
                                     .upload_bytes = UINT64_C(256) << 20,
                                     .upload_rows = 10000000,
                                     .upload_columns = 2000,
                                     .gate = {.places = {8, 4},
                                              .line = 1000,
                                              .wait_s = 30,
                                              .short_s = 2,
                                              .short_rows = 20000},
                                     .short_rows_read = 1000000,
                                     .short_rows = 20000,
                                     .answer_bytes = UINT64_C(2) << 30,
                                     .result_bytes = UINT64_C(16) << 30};
}

struct config *config_read(const char *path, struct arena *arena, struct err *e)
{
    struct config *c = arena ? arena_new_one(arena, struct config) : NULL;
    struct reader r = {c, arena, e};
    if (!c) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    set_defaults(c);
    c->path = path;
    c->folder = folder_of(arena, path);
    c->state_folder = resolve(&r, "state");
    struct err why = {0};
    const struct yaml_node *root = yaml_parse_file(path, &YAML_LIMITS, arena, &why);
    if (!root) {
        err_set_at(e, why.kind, why.line, why.column, "%s:%d:%d: %s", path, why.line,
                   why.column, why.message);
        return NULL;
    }
    bool ok = check_sections(&r, root) &&
              read_section(&r, yaml_find(root, "node"), NODE_KEYS) &&
              read_section(&r, yaml_find(root, "limits"), LIMIT_KEYS) &&
              read_section(&r, yaml_find(root, "jobs"), JOB_KEYS) &&
              read_section(&r, yaml_find(root, "web"), WEB_KEYS) &&
              check_jobs(&r, yaml_find(root, "jobs")) &&
              read_stores(&r, yaml_find(root, "stores")) &&
              read_schemas(&r, yaml_find(root, "schemas")) &&
              read_products(&r, yaml_find(root, "products")) && check_values(&r, root);
    if (ok && c->nstore == 0)
        ok = err_set(e, ERR_USAGE, "%s: there are no stores; add a list `stores`", path);
    return ok ? c : NULL;
}
