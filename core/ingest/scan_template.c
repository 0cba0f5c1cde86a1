/* scan_template.c -- the instruments' templates: YAML to what scan_rule.c works with.
 * docs/products.md has all keys. */
#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/ingest/scan_inside.h"
#include "core/ingest/scan_reader.h"

enum { MAX_TEMPLATES = 1000, MAX_TEMPLATE_BYTES = 1 << 20 };

/* How files are read: with a new number the next scan reads all of them again. */
enum { READING = 2 };

/* clang-format off */
#define T(column) {#column, SCAN_TEXT, offsetof(struct product, column)},
#define D(column) {#column, SCAN_NUMBER, offsetof(struct product, column)},
#define I(column) {#column, SCAN_WHOLE, offsetof(struct product, column)},
const struct scan_field SCAN_FIELDS[] = {PRODUCT_COLUMNS(T, D, I)};
#undef T
#undef D
#undef I
/* clang-format on */
const uint32_t SCAN_NFIELDS = sizeof SCAN_FIELDS / sizeof *SCAN_FIELDS;

/* One text or a list of them, NULL-terminated. */
static const char *const *read_texts(struct reader *r, const struct yaml_node *v,
                                     const char *key)
{
    uint32_t n = v->kind == YAML_LIST ? v->nitem : 1;
    const char **all = arena_new_array(r->arena, const char *, n + 1);
    for (uint32_t i = 0; all && i < n; i++)
        if (!(all[i] = yaml_text(v->kind == YAML_LIST ? &v->item[i] : v))) {
            complain(r, v, "must be a text or a list of texts", key);
            return NULL;
        }
    if (!all)
        no_memory(r);
    return all;
}

static bool read_text(struct reader *r, const struct yaml_node *v, const char *key,
                      const char **out)
{
    *out = yaml_text(v);
    return *out || complain(r, v, "must be a text", key);
}

/* --- values -------------------------------------------------------------------------- */

static bool read_pairs(struct reader *r, const struct yaml_node *map, struct scan_value *v)
{
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map of texts to texts", "map");
    struct scan_pair *pair = arena_new_array(r->arena, struct scan_pair, map->nitem + 1);
    for (uint32_t i = 0; pair && i < map->nitem; i++) {
        pair[i].from = arena_text(r->arena, yaml_key(map, i)->text);
        if (!read_text(r, yaml_value(map, i), "map", &pair[i].to))
            return false;
    }
    v->pair = pair;
    v->npair = pair ? map->nitem : 0;
    return pair || no_memory(r);
}

static bool read_take(struct reader *r, const struct yaml_node *node, struct scan_value *v)
{
    static const char *const NAMES[] = {"min", "max", "mean", "sum", "first", "count"};
    const char *text = yaml_text(node);
    for (int i = 0; text && i < 6; i++)
        if (strcmp(text, NAMES[i]) == 0) {
            v->take = (enum scan_take)i;
            return true;
        }
    return complain(r, node, "must be min, max, mean, sum, first or count", "take");
}

static bool read_scale(struct reader *r, const struct yaml_node *node, struct scan_value *v)
{
    v->scale = yaml_text(node);
    if (v->scale && v->scale[0] && fits_scale_of(v->scale) != FITS_LOCAL)
        return true;
    return complain(r, node, "must be one of UTC, TAI, TT, TDB, TCG, TCB, GPS, UT1",
                    "scale");
}

static bool read_value_key(struct reader *r, const char *key, const struct yaml_node *node,
                           struct scan_value *v)
{
    if (strcmp(key, "word") == 0)
        return (v->word = read_texts(r, node, key)) != NULL;
    if (strcmp(key, "map") == 0)
        return read_pairs(r, node, v);
    if (strcmp(key, "take") == 0)
        return read_take(r, node, v);
    if (strcmp(key, "factor") == 0)
        return yaml_double(node, &v->factor) || complain(r, node, "must be a number", key);
    if (strcmp(key, "data") == 0)
        return yaml_bool(node, &v->is_data) || complain(r, node, "must be true", key);
    if (strcmp(key, "offset") == 0)
        return yaml_double(node, &v->offset) || complain(r, node, "must be a number", key);
    if (strcmp(key, "scale") == 0)
        return read_scale(r, node, v);
    const char **texts[] = {&v->text, &v->column, &v->hdu, &v->unit, &v->since};
    static const char *const NAMES[] = {"value", "column", "hdu", "unit", "since"};
    for (int i = 0; i < 5; i++)
        if (strcmp(key, NAMES[i]) == 0)
            return read_text(r, node, key, texts[i]);
    return complain(r, node,
                    "is not known here; there are: value word column data hdu take unit "
                    "factor offset since scale map",
                    key);
}

static bool read_value(struct reader *r, const struct yaml_node *node, struct scan_value *v)
{
    v->factor = 1;
    if (node->kind == YAML_SCALAR)
        return read_text(r, node, v->field->name, &v->text);
    if (node->kind != YAML_MAP)
        return complain(r, node, "must be a value, or a map that says where it stands",
                        v->field->name);
    for (uint32_t i = 0; i < node->nitem; i++)
        if (!read_value_key(r, yaml_key(node, i)->text.at, yaml_value(node, i), v))
            return false;
    if ((v->text != NULL) + (v->word != NULL) + (v->column != NULL) + v->is_data == 1)
        return true;
    return complain(r, node, "needs one of value, word, column, data", v->field->name);
}

static const struct scan_field *find_field(str name)
{
    for (uint32_t i = 0; i < SCAN_NFIELDS; i++)
        if (str_eq(str_of(SCAN_FIELDS[i].name), name))
            return &SCAN_FIELDS[i];
    return NULL;
}

static bool read_set(struct reader *r, const struct yaml_node *map, struct scan_rule *rule)
{
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map of columns and values", "set");
    rule->value = arena_new_array(r->arena, struct scan_value, map->nitem + 1);
    for (uint32_t i = 0; rule->value && i < map->nitem; i++) {
        const struct yaml_node *key = yaml_key(map, i);
        struct scan_value *v = &rule->value[rule->nvalue++];
        v->field = find_field(key->text);
        if (!v->field)
            return complain(r, key, "is no column of a product (see docs/products.md)",
                            key->text.at);
        if (!read_value(r, yaml_value(map, i), v))
            return false;
    }
    return rule->value || no_memory(r);
}

/* --- links --------------------------------------------------------------------------- */

static bool read_link(struct reader *r, const struct yaml_node *map, struct scan_link *link)
{
    const struct {
        const char *name, **to;
    } KEYS[] = {{"semantics", &link->semantics},
                {"target", &link->target},
                {"url", &link->url},
                {"description", &link->description},
                {"content_type", &link->content_type},
                {"content_qualifier", &link->content_qualifier},
                {"local_semantics", &link->local_semantics}};
    enum { NKEYS = sizeof KEYS / sizeof *KEYS };
    for (uint32_t i = 0; map->kind == YAML_MAP && i < map->nitem; i++) {
        const struct yaml_node *key = yaml_key(map, i);
        size_t k = 0;
        while (k < NKEYS && !str_eq(str_of(KEYS[k].name), key->text))
            k++;
        if (k == NKEYS)
            return complain(r, key, "is no part of a link", key->text.at);
        if (!read_text(r, yaml_value(map, i), KEYS[k].name, KEYS[k].to))
            return false;
    }
    if (link->semantics && (link->target != NULL) + (link->url != NULL) == 1)
        return true;
    return complain(r, map, "needs semantics, and one of target and url", "a link");
}

static bool read_links(struct reader *r, const struct yaml_node *list,
                       struct scan_rule *rule)
{
    if (list->kind != YAML_LIST)
        return complain(r, list, "must be a list of links", "links");
    rule->link = arena_new_array(r->arena, struct scan_link, list->nitem + 1);
    for (uint32_t i = 0; rule->link && i < list->nitem; i++)
        if (!read_link(r, &list->item[i], &rule->link[rule->nlink++]))
            return false;
    return rule->link || no_memory(r);
}

static bool read_rule(struct reader *r, const struct yaml_node *map, struct scan_rule *rule,
                      bool is_top)
{
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map: hdu, set, links", "a product");
    for (uint32_t i = 0; i < map->nitem; i++) {
        const struct yaml_node *key = yaml_key(map, i), *v = yaml_value(map, i);
        if (str_eq(key->text, STR("set"))) {
            if (!read_set(r, v, rule))
                return false;
        } else if (str_eq(key->text, STR("links"))) {
            if (!read_links(r, v, rule))
                return false;
        } else if (str_eq(key->text, STR("hdu"))) {
            rule->is_file = v->kind == YAML_SCALAR && str_eq(v->text, STR("file"));
            if (!rule->is_file && !(rule->hdu = read_texts(r, v, "hdu")))
                return false;
        } else if (!is_top)
            return complain(r, key, "is not known here; there are: hdu set links",
                            key->text.at);
    }
    return true;
}

/* --- conditions ---------------------------------------------------------------------- */

static bool read_header(struct reader *r, const struct yaml_node *map,
                        struct scan_template *t)
{
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map of header words and patterns", "header");
    struct scan_condition *c =
        arena_new_array(r->arena, struct scan_condition, map->nitem + 1);
    for (uint32_t i = 0; c && i < map->nitem; i++) {
        c[i].word = arena_text(r->arena, yaml_key(map, i)->text);
        c[i].glob = read_texts(r, yaml_value(map, i), "header");
        if (!c[i].word || !c[i].glob)
            return c[i].word ? false : no_memory(r);
    }
    t->condition = c;
    t->ncondition = c ? map->nitem : 0;
    return c || no_memory(r);
}

static bool read_match(struct reader *r, const struct yaml_node *map,
                       struct scan_template *t)
{
    for (uint32_t i = 0; map->kind == YAML_MAP && i < map->nitem; i++) {
        const struct yaml_node *key = yaml_key(map, i), *v = yaml_value(map, i);
        if (str_eq(key->text, STR("path")) && !(t->path = read_texts(r, v, "path")))
            return false;
        if (str_eq(key->text, STR("root")) && !(t->root = read_texts(r, v, "root")))
            return false;
        if (str_eq(key->text, STR("header")) && !read_header(r, v, t))
            return false;
        if (!str_eq(key->text, STR("path")) && !str_eq(key->text, STR("root")) &&
            !str_eq(key->text, STR("header")))
            return complain(r, key, "is not known here; there are: path root header",
                            key->text.at);
    }
    return map->kind == YAML_MAP ||
           complain(r, map, "must be a map: path, root, header", "match");
}

/* --- whole templates ----------------------------------------------------------------- */

static bool check_keys(struct reader *r, const struct yaml_node *map)
{
    static const char *const KEYS[] = {"name",     "description", "match", "set",
                                       "products", "links",       "hdu",   "records"};
    enum { NKEYS = sizeof KEYS / sizeof *KEYS };
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map: name, match, set or products",
                        "a template");
    for (uint32_t i = 0; i < map->nitem; i++) {
        const struct yaml_node *key = yaml_key(map, i);
        size_t k = 0;
        while (k < NKEYS && !str_eq(str_of(KEYS[k]), key->text))
            k++;
        if (k == NKEYS)
            return complain(r, key,
                            "is not known here; there are: name description match set "
                            "products links hdu records",
                            key->text.at);
    }
    return true;
}

/* Either `products`, a list, or the one product in the template itself. */
static bool read_rules(struct reader *r, const struct yaml_node *map,
                       struct scan_template *t)
{
    const struct yaml_node *list = yaml_find(map, "products");
    uint32_t n = list && list->kind == YAML_LIST ? list->nitem : 1;
    if (list && (list->kind != YAML_LIST || yaml_find(map, "set")))
        return complain(r, list, "must be a list, without set beside it", "products");
    t->rule = arena_new_array(r->arena, struct scan_rule, n + 1);
    if (!t->rule)
        return no_memory(r);
    for (uint32_t i = 0; i < n; i++)
        if (!read_rule(r, list ? &list->item[i] : map, &t->rule[t->nrule++], !list))
            return false;
    return true;
}

bool scan_template_parse(str text, const char *name, struct arena *arena,
                         struct scan_template *t, struct err *e)
{
    struct reader r = {.name = name, .arena = arena, .e = e};
    struct err why = {0};
    *t = (struct scan_template){.name = name};
    const struct yaml_node *map = yaml_parse(text, &YAML_LIMITS, arena, &why);
    if (!map)
        return err_set_at(e, why.kind, why.line, why.column, "%s:%d:%d: %.900s", name,
                          why.line, why.column, why.message);
    if (!check_keys(&r, map))
        return false;
    const struct yaml_node *match = yaml_find(map, "match"), *own = yaml_find(map, "name");
    if (own && !read_text(&r, own, "name", &t->name))
        return false;
    const struct yaml_node *records = yaml_find(map, "records");
    if (records && !(t->records = scan_records_parse(records, name, arena, e)))
        return false;
    return (!match || read_match(&r, match, t)) && read_rules(&r, map, t);
}

/* --- folders ------------------------------------------------------------------------- */

static int is_template(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 5 && d->d_name[0] != '.' && strcmp(d->d_name + n - 5, ".yaml") == 0;
}

static bool read_file(const char *path, struct arena *arena, str *text, struct err *e)
{
    FILE *f = fopen(path, "rbe");
    char *at = f ? arena_alloc(arena, MAX_TEMPLATE_BYTES + 1, 1) : NULL;
    if (f && !at)
        fclose(f);
    if (!at)
        return err_set(e, f ? ERR_LIMIT : ERR_NOT_FOUND, "%s cannot be read", path);
    size_t n = fread(at, 1, MAX_TEMPLATE_BYTES + 1, f);
    fclose(f);
    *text = (str){at, n};
    return n <= MAX_TEMPLATE_BYTES ||
           err_set(e, ERR_LIMIT, "%s is longer than %d bytes", path, MAX_TEMPLATE_BYTES);
}

static bool read_one(const char *folder, const char *name, struct arena *arena,
                     struct scan_template *t, uint64_t *hash, struct err *e)
{
    const char *path = arena_format(arena, "%s/%s", folder, name);
    str text = {NULL, 0};
    if (!path || !read_file(path, arena, &text, e) ||
        !scan_template_parse(text, path, arena, t, e))
        return path ? false : err_set(e, ERR_LIMIT, "no memory for templates");
    if (t->name == path)
        t->name = arena_text(arena, (str){name, strlen(name) - 5});
    *hash = *hash * 1099511628211u ^ str_hash(text);
    return t->name != NULL;
}

struct scan_templates *scan_templates_read(const char *folder, const char *version,
                                           struct arena *arena, struct err *e)
{
    struct scan_templates *all = arena_new_one(arena, struct scan_templates);
    struct dirent **list = NULL;
    int n = folder ? scandir(folder, &list, is_template, alphasort) : 0;
    uint64_t hash = str_hash(str_of(version)) ^ READING;
    bool ok =
        all && (n >= 0 || err_set(e, ERR_NOT_FOUND,
                                  "the folder of templates %s cannot be read", folder));
    if (ok && n > MAX_TEMPLATES)
        ok = err_set(e, ERR_LIMIT, "more than %d templates in %s", MAX_TEMPLATES, folder);
    struct scan_template *t =
        ok ? arena_new_array(arena, struct scan_template, (size_t)n + 1) : NULL;
    for (int i = 0; t && ok && i < n; i++)
        ok = read_one(folder, list[i]->d_name, arena, &t[all->n++], &hash, e);
    for (int i = 0; i < n; i++)
        free(list[i]);
    free(list);
    if (!ok || !t) {
        err_set(e, ERR_LIMIT, "no memory for templates");
        return NULL;
    }
    all->template = t;
    snprintf(all->fingerprint, sizeof all->fingerprint, "%016llx",
             (unsigned long long)hash);
    return all;
}
