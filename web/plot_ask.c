/* plot_ask.c -- the parameters of a plot: each is read whole, names and conditions by
 * ADQL's own parser, and what goes into the query is written from the parser's tree. */
#include <math.h>
#include <stdio.h>

#include "adql/adql.h"
#include "core/base/num.h"
#include "web/plot.h"

const struct plot_word PLOT_KIND[PLOT_NKIND] = {
#define X(word, naxis, text) {#word, text, naxis},
    PLOT_KINDS(X)
#undef X
};
const struct plot_word PLOT_AGGREGATE[PLOT_NAGGREGATE] = {
#define X(word, adql) {#word, adql, 0},
    PLOT_AGGREGATES(X)
#undef X
};

static const struct adql_limits EXPRESSION_LIMITS = {PLOT_TEXT_BYTES, 40, 200, 20};

struct reader {
    const struct http_param *param;
    size_t nparam;
    const struct catalog *catalog;
    struct arena *arena;
    struct plot_ask *ask;
    struct err *e;
};

/* The trimmed value; empty: it is not there. False: twice, differently. */
static bool text_of(const struct reader *r, const char *name, size_t most, str *out)
{
    if (!dali_param(r->param, r->nparam, name, out, r->e))
        return false;
    *out = out->at ? str_trim(*out) : (str){"", 0};
    return out->len <= most ||
           err_set(r->e, ERR_LIMIT, "%s has more than %zu bytes", name, most);
}

static bool number_of(const struct reader *r, const char *name, double *out)
{
    str text = {0};
    *out = NAN;
    if (!text_of(r, name, 64, &text) || text.len == 0)
        return r->e->kind == ERR_NONE;
    if (num_parse_double(text, out) && isfinite(*out))
        return true;
    return err_set(r->e, ERR_USAGE, "%s=%.*s is no number", name, STR_FMT(text));
}

static bool count_of(const struct reader *r, const char *name, uint32_t most, uint32_t *out)
{
    str text = {0};
    int64_t n;
    if (!text_of(r, name, 64, &text) || text.len == 0)
        return r->e->kind == ERR_NONE;
    if (!num_parse_int(text, &n) || n < 0 || n > most)
        return err_set(r->e, ERR_USAGE, "%s=%.*s: a whole number from 0 to %u is wanted",
                       name, STR_FMT(text), most);
    *out = (uint32_t)n;
    return true;
}

static bool flag_of(const struct reader *r, const char *name, bool *out)
{
    str text = {0};
    if (!text_of(r, name, 64, &text))
        return false;
    *out = str_eq(text, STR("1")) || str_eq_fold(text, STR("on")) ||
           str_eq_fold(text, STR("true"));
    return *out || text.len == 0 || str_eq(text, STR("0")) ||
           str_eq_fold(text, STR("false")) ||
           err_set(r->e, ERR_USAGE, "%s=%.*s: 1 or 0 is wanted", name, STR_FMT(text));
}

static bool word_of(const struct reader *r, const char *name, const struct plot_word *word,
                    int nword, int *found)
{
    str text = {0};
    if (!text_of(r, name, 64, &text))
        return false;
    for (*found = 0; *found < nword; ++*found)
        if (str_eq_fold(text, str_of(word[*found].word)))
            return true;
    *found = 0;
    return text.len == 0 || err_set(r->e, ERR_USAGE,
                                    "%s=%.*s is not known; %s and the "
                                    "like are",
                                    name, STR_FMT(text), word[0].word);
}

/* An error of the parser is about this parameter, not about a query. */
static const char *blame(const struct reader *r, const char *name, const struct err *e)
{
    if (e->line > 0 && e->column > 0)
        err_set(r->e, e->kind, "%s, line %d, column %d: %s", name, e->line, e->column,
                e->message);
    else
        err_set(r->e, e->kind, "%s: %s", name, e->message);
    return NULL;
}

static const char *written(const struct reader *r, const char *name,
                           const struct adql_node *node)
{
    struct bytes b;
    struct err e = {0};
    bytes_init(&b, 1u << 20);
    const char *text =
        adql_write_adql_node(node, &b, &e) ? arena_text(r->arena, bytes_str(&b)) : NULL;
    bytes_free(&b);
    if (!text)
        err_set(r->e, ERR_LIMIT, "%s needs too much memory", name);
    return text;
}

static const char *condition_of(const struct reader *r, const char *name, str text)
{
    struct err e = {0};
    struct adql_node *node = adql_parse_condition(text, &EXPRESSION_LIMITS, r->arena, &e);
    return node ? written(r, name, node) : blame(r, name, &e);
}

/* A column's name as it is published needs no quotes here; all else is ADQL. */
static const char *value_of(const struct reader *r, const char *name, str text)
{
    struct err e = {0};
    if (r->ask->table) {
        const struct catalog_column *c =
            catalog_find_column(r->ask->table, (struct catalog_name){text, true});
        if (c)
            return c->adql_name ? c->adql_name : c->meta.name;
    }
    struct adql_node *node = adql_parse_value(text, &EXPRESSION_LIMITS, r->arena, &e);
    return node ? written(r, name, node) : blame(r, name, &e);
}

static bool read_query(struct reader *r, str text)
{
    struct err e = {0};
    struct bytes with, from;
    struct adql_query *q = adql_parse(text, ADQL_COLURE, NULL, r->arena, &e);
    if (!q)
        return blame(r, "query", &e) != NULL;
    bytes_init(&with, 1u << 20);
    bytes_init(&from, 1u << 20);
    if (adql_write_adql_from(q, &with, &from, r->e)) {
        r->ask->with = arena_text(r->arena, bytes_str(&with));
        r->ask->from =
            arena_format(r->arena, "%.*s AS rows_of_query", STR_FMT(bytes_str(&from)));
    }
    bytes_free(&with);
    bytes_free(&from);
    return (r->ask->with && r->ask->from) ||
           err_set(r->e, ERR_LIMIT, "query needs too much memory");
}

static bool read_table(struct reader *r, str name)
{
    struct plot_ask *a = r->ask;
    a->table = catalog_find_full_name(r->catalog, name);
    a->with = "";
    a->from = a->table ? a->table->full_name : NULL;
    return a->table ||
           err_set(r->e, ERR_NOT_FOUND, "there is no table %.*s; /tap/tables has them all",
                   (int)(name.len < 100 ? name.len : 100), name.at);
}

static bool read_source(struct reader *r)
{
    str table = {0}, query = {0};
    if (!text_of(r, "table", 512, &table) || !text_of(r, "query", PLOT_QUERY_BYTES, &query))
        return false;
    if (table.len && query.len)
        return err_set(r->e, ERR_USAGE, "either table or query, not both");
    if (query.len)
        return read_query(r, query);
    if (table.len)
        return read_table(r, table);
    return err_set(r->e, ERR_USAGE,
                   "which table? Say table=SCHEMA.TABLE, or query=SELECT "
                   "...");
}

/* A table with positions knows its own sky. */
static const char *position(const struct plot_ask *a, int which)
{
    const struct catalog_table *t = a->table;
    int32_t i = !t ? -1 : which == 0 ? t->lon_column : t->lat_column;
    if (a->kind != PLOT_sky || i < 0)
        return NULL;
    return t->column[i].adql_name ? t->column[i].adql_name : t->column[i].meta.name;
}

static bool read_axis(struct reader *r, int which)
{
    static const char *const WORD[2][5] = {{"x", "xmin", "xmax", "xlog", "bins"},
                                           {"y", "ymin", "ymax", "ylog", "ybins"}};
    const char *const *word = WORD[which];
    struct plot_axis_ask *axis = &r->ask->axis[which];
    uint32_t most = PLOT_KIND[r->ask->kind].naxis == 2 && r->ask->kind != PLOT_series
                        ? PLOT_MAX_BINS_2D
                        : PLOT_MAX_BINS;
    str text = {0};
    if (!text_of(r, word[0], PLOT_TEXT_BYTES, &text) || !number_of(r, word[1], &axis->lo) ||
        !number_of(r, word[2], &axis->hi) || !flag_of(r, word[3], &axis->is_log) ||
        !count_of(r, word[4], most, &axis->nbin))
        return false;
    axis->expression = text.len ? value_of(r, word[0], text) : position(r->ask, which);
    if (!axis->expression)
        return err_set(r->e, ERR_USAGE, "which column? Say %s=COLUMN", word[0]);
    if (axis->lo >= axis->hi)
        return err_set(r->e, ERR_USAGE, "%s=%g is not below %s=%g", word[1], axis->lo,
                       word[2], axis->hi);
    if (axis->is_log && (axis->lo <= 0 || axis->hi <= 0))
        return err_set(r->e, ERR_USAGE, "a logarithmic axis begins above 0: %s, %s",
                       word[1], word[2]);
    return true;
}

static bool read_weight(struct reader *r)
{
    struct plot_ask *a = r->ask;
    str text = {0};
    int aggregate;
    if (!text_of(r, "weight", PLOT_TEXT_BYTES, &text) ||
        !word_of(r, "aggregate", PLOT_AGGREGATE, PLOT_NAGGREGATE, &aggregate))
        return false;
    a->aggregate = (enum plot_aggregate)aggregate;
    if (a->aggregate == PLOT_count || a->kind == PLOT_series)
        return true;
    a->weight = text.len ? value_of(r, "weight", text) : NULL;
    return a->weight || err_set(r->e, ERR_USAGE,
                                "which column is to be summed up? Say "
                                "weight=COLUMN");
}

static bool read_condition(struct reader *r)
{
    str text = {0};
    if (!text_of(r, "where", PLOT_TEXT_BYTES, &text))
        return false;
    if (text.len)
        r->ask->condition = condition_of(r, "where", text);
    return text.len == 0 || r->ask->condition;
}

static bool make_key(struct reader *r)
{
    struct plot_ask *a = r->ask;
    const struct plot_axis_ask *x = &a->axis[0], *y = &a->axis[1];
    a->key =
        arena_format(r->arena, "%d %d %u %u|%s%s|%s|%s|%s %a %a %u %d|%s %a %a %u %d",
                     (int)a->kind, (int)a->aggregate, a->order, a->nfacet, a->with, a->from,
                     a->condition ? a->condition : "", a->weight ? a->weight : "",
                     x->expression, x->lo, x->hi, x->nbin, x->is_log,
                     y->expression ? y->expression : "", y->lo, y->hi, y->nbin, y->is_log);
    return a->key || err_set(r->e, ERR_LIMIT, "the request needs too much memory");
}

bool plot_read_params(const struct http_param *param, size_t nparam,
                      const struct catalog *catalog, struct arena *arena,
                      struct plot_ask *ask, struct err *e)
{
    enum { ORDER = 4, FACETS = 20 };
    struct reader r = {param, nparam, catalog, arena, ask, e};
    int kind;
    *ask = (struct plot_ask){.order = ORDER, .nfacet = FACETS};
    if (!word_of(&r, "kind", PLOT_KIND, PLOT_NKIND, &kind))
        return false;
    ask->kind = (enum plot_kind)kind;
    if (!read_source(&r) || !count_of(&r, "order", PLOT_MAX_ORDER, &ask->order) ||
        !count_of(&r, "n", PLOT_MAX_FACETS, &ask->nfacet) || !read_condition(&r))
        return false;
    for (uint32_t i = 0; i < 2 && i < PLOT_KIND[kind].naxis; i++)
        if (!read_axis(&r, (int)i))
            return false;
    return read_weight(&r) && make_key(&r);
}

bool plot_read(struct http_request *request, const struct catalog *catalog,
               struct plot_ask *ask, struct err *e)
{
    return plot_read_params(request->params, request->nparam, catalog, request->arena, ask,
                            e);
}
