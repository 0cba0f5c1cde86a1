/* vocabulary.c -- vocabularies of the IVOA from files in "desise" form (Vocabularies in the
 * VO 2, "Desise"): JSON, which is YAML too, with terms and what is wider and narrower. */
#include <dirent.h>
#include <stdlib.h>

#include "core/base/yaml.h"
#include "core/catalog/near.h"
#include "core/catalog/snapshot.h"

enum { MAX_VOCABULARIES = 200, MAX_RELATIONS = 200000, SCRATCH_MAX_BYTES = 256 << 20 };

struct relation { /* numbers of terms */
    uint32_t wider, narrower;
};

struct catalog_vocabulary {
    const char *name; /* "messenger" */
    uint32_t nterm, nrelation;
    const char **term; /* sorted */
    struct relation *relation;
};

struct reader {
    struct arena *arena;
    const char *path;
    struct err *e;
    struct catalog_vocabulary *to;
};

static bool complain(struct reader *r, const struct yaml_node *at, const char *what)
{
    return err_set_at(r->e, ERR_USAGE, at->line, at->column, "%.300s:%d:%d: %s", r->path,
                      at->line, at->column, what);
}

/* --- reading --- */

static int compare_terms(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The number of a term ("uv", "#uv"), or nterm. */
static uint32_t find_term(const struct catalog_vocabulary *v, const char *name)
{
    if (*name == '#')
        name++;
    const char **at = bsearch(&name, v->term, v->nterm, sizeof *v->term, compare_terms);
    return at ? (uint32_t)(at - v->term) : v->nterm;
}

/* What a vocabulary says of terms that it does not have is of no use here. */
static void add_relation(struct catalog_vocabulary *v, const char *wider,
                         const char *narrower)
{
    struct relation r = {find_term(v, wider), find_term(v, narrower)};
    if (r.wider < v->nterm && r.narrower < v->nterm)
        v->relation[v->nrelation++] = r;
}

static void add_relations(struct catalog_vocabulary *v, const struct yaml_node *terms)
{
    for (uint32_t i = 0; i < terms->nitem; i++) {
        const char *name = yaml_text(yaml_key(terms, i));
        const struct yaml_node *narrower = yaml_find(yaml_value(terms, i), "narrower");
        const struct yaml_node *wider = yaml_find(yaml_value(terms, i), "wider");
        for (uint32_t k = 0; narrower && k < narrower->nitem; k++)
            add_relation(v, name, yaml_text(&narrower->item[k]));
        for (uint32_t k = 0; wider && k < wider->nitem; k++)
            add_relation(v, yaml_text(&wider->item[k]), name);
    }
}

/* A list of names, or nothing; *n: how many. */
static bool check_names(struct reader *r, const struct yaml_node *list, size_t *n)
{
    if (!list || yaml_is_null(list))
        return true;
    if (list->kind != YAML_LIST)
        return complain(r, list, "narrower and wider must be lists of terms");
    for (uint32_t i = 0; i < list->nitem; i++)
        if (!yaml_text(&list->item[i]))
            return complain(r, &list->item[i], "a term must be a text");
    *n += list->nitem;
    return true;
}

static bool read_terms(struct reader *r, const struct yaml_node *terms)
{
    struct catalog_vocabulary *v = r->to;
    size_t nrelation = 0;
    for (uint32_t i = 0; i < terms->nitem; i++) {
        const struct yaml_node *term = yaml_value(terms, i);
        if (term->kind != YAML_MAP || !yaml_text(yaml_key(terms, i)))
            return complain(r, yaml_key(terms, i), "a term must be a name and a map");
        if (!check_names(r, yaml_find(term, "narrower"), &nrelation) ||
            !check_names(r, yaml_find(term, "wider"), &nrelation))
            return false;
    }
    if (nrelation > MAX_RELATIONS)
        return complain(r, terms, "too many relations between terms");
    v->term = arena_new_array(r->arena, const char *, terms->nitem + 1);
    v->relation = arena_new_array(r->arena, struct relation, nrelation + 1);
    if (!v->term || !v->relation)
        return err_set(r->e, ERR_LIMIT, "no memory for the vocabulary %.300s", r->path);
    for (uint32_t i = 0; i < terms->nitem; i++) {
        v->term[i] = arena_text(r->arena, str_of(yaml_text(yaml_key(terms, i))));
        if (!v->term[i])
            return err_set(r->e, ERR_LIMIT, "no memory for the vocabulary %.300s", r->path);
    }
    v->nterm = terms->nitem;
    qsort(v->term, v->nterm, sizeof *v->term, compare_terms);
    add_relations(v, terms);
    return true;
}

/* http://www.ivoa.net/rdf/messenger: messenger */
static const char *name_of_uri(const char *uri)
{
    const char *at = uri ? strstr(uri, "/rdf/") : NULL;
    return at && at[5] ? at + 5 : NULL;
}

static bool read_file(struct reader *r, struct arena *scratch)
{
    struct err why = {0};
    const struct yaml_node *root = yaml_parse_file(r->path, &YAML_LIMITS, scratch, &why);
    if (!root)
        return err_set(r->e, why.kind, "%.300s:%d:%d: %.400s", r->path, why.line,
                       why.column, why.message);
    const struct yaml_node *terms = yaml_find(root, "terms");
    const char *name = name_of_uri(yaml_text(yaml_find(root, "uri")));
    if (!name)
        return complain(r, root, "needs a uri like http://www.ivoa.net/rdf/NAME");
    if (!terms || terms->kind != YAML_MAP || terms->nitem == 0)
        return complain(r, terms ? terms : root, "needs terms: a map of names");
    if (!(r->to->name = arena_text(r->arena, str_of(name))))
        return err_set(r->e, ERR_LIMIT, "no memory for the vocabulary %.300s", r->path);
    return read_terms(r, terms);
}

/* --- the folder --- */

static int is_vocabulary(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

static bool read_all(struct catalog *c, const char *folder, struct dirent **entry, int n,
                     struct err *e)
{
    if (n > MAX_VOCABULARIES)
        return err_set(e, ERR_LIMIT, "%.300s holds more than %d vocabularies", folder,
                       MAX_VOCABULARIES);
    c->vocabulary = arena_new_array(c->arena, struct catalog_vocabulary, (size_t)n + 1);
    struct arena *scratch = arena_new(SCRATCH_MAX_BYTES);
    bool ok = c->vocabulary && scratch;
    if (!ok)
        err_set(e, ERR_LIMIT, "no memory for vocabularies");
    for (int i = 0; ok && i < n; i++) {
        struct reader r = {c->arena, NULL, e, &c->vocabulary[i]};
        r.path = arena_format(scratch, "%s/%s", folder, entry[i]->d_name);
        ok = r.path && read_file(&r, scratch);
        c->nvocabulary += ok;
        arena_reset(scratch);
    }
    arena_free(scratch);
    return ok;
}

bool catalog_read_vocabularies(struct catalog *c, const char *folder, struct err *e)
{
    struct dirent **entry = NULL;
    int n = scandir(folder, &entry, is_vocabulary, alphasort);
    if (n < 0)
        return err_set(e, ERR_USAGE, "the folder of vocabularies %.300s cannot be read",
                       folder);
    bool ok = read_all(c, folder, entry, n, e);
    for (int i = 0; i < n; i++)
        free(entry[i]);
    free(entry);
    return ok;
}

/* --- asking --- */

bool catalog_has_vocabularies(const struct catalog *c)
{
    return c->nvocabulary > 0;
}

static const struct catalog_vocabulary *find_vocabulary(const struct catalog *c, str name,
                                                        struct err *e)
{
    char all[400] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < c->nvocabulary; i++) {
        const struct catalog_vocabulary *v = &c->vocabulary[i];
        if (str_eq(name, str_of(v->name)))
            return v;
        if (used + strlen(v->name) + 2 < sizeof all) {
            all[used++] = ' ';
            memcpy(all + used, v->name, strlen(v->name) + 1);
            used += strlen(v->name);
        }
    }
    err_set(e, ERR_USAGE, "this service has no vocabulary '%.*s'; it has%s",
            name.len < 60 ? (int)name.len : 60, name.at, *all ? all : " none");
    return NULL;
}

/* Marks all that is below what is marked. */
static void mark_narrower(const struct catalog_vocabulary *v, bool *marked)
{
    bool is_more = true;
    while (is_more) {
        is_more = false;
        for (uint32_t i = 0; i < v->nrelation; i++) {
            const struct relation *r = &v->relation[i];
            if (marked[r->wider] && !marked[r->narrower])
                marked[r->narrower] = is_more = true;
        }
    }
}

static bool no_such_term(const struct catalog_vocabulary *v, str term, struct err *e)
{
    int len = term.len < 60 ? (int)term.len : 60;
    const char *near = near_word(term, v->term, v->nterm);
    return err_set(e, ERR_USAGE, "the vocabulary %.60s has no term '%.*s'%s%.60s%s",
                   v->name, len, term.at, near ? "; did you mean '" : "", near ? near : "",
                   near ? "'?" : "");
}

bool catalog_narrower(const struct catalog *c, str vocabulary, str term,
                      struct arena *arena, const char *const **found, uint32_t *nfound,
                      struct err *e)
{
    const struct catalog_vocabulary *v = find_vocabulary(c, vocabulary, e);
    if (!v)
        return false;
    const char *name = arena_text(arena, term);
    bool *marked = arena_new_array(arena, bool, v->nterm);
    const char **list = arena_new_array(arena, const char *, v->nterm);
    if (!name || !marked || !list)
        return err_set(e, ERR_LIMIT, "no memory for the terms of a vocabulary");
    uint32_t i = find_term(v, name);
    if (i == v->nterm)
        return no_such_term(v, term, e);
    marked[i] = true;
    mark_narrower(v, marked);
    *nfound = 0;
    for (i = 0; i < v->nterm; i++)
        if (marked[i])
            list[(*nfound)++] = v->term[i];
    *found = list;
    return true;
}
