/* scs.c -- routes, and which tables can be searched. */
#include "core/dali/simple.h"
#include "scs/inside.h"

static bool has_ucd(const struct catalog_column *c, const char *ucd)
{
    return !(c->meta.flags & STORE_HIDDEN) && str_eq_fold(str_of(c->meta.ucd), str_of(ucd));
}

static bool is_name(const struct catalog_column *c)
{
    return c->meta.type == STORE_TEXT ||
           (c->meta.length == 1 && c->meta.type >= STORE_I16 && c->meta.type <= STORE_I64);
}

static bool find_ucd(const struct catalog_table *t, const char *ucd, uint32_t *found)
{
    for (*found = 0; *found < t->ncolumn; ++*found)
        if (has_ucd(&t->column[*found], ucd) && is_name(&t->column[*found]))
            return true;
    return false;
}

/* The only column of the primary key. */
static bool find_key(const struct catalog_table *t, uint32_t *found)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->ncolumn; i++)
        if ((t->column[i].meta.flags & STORE_KEY) && is_name(&t->column[i])) {
            *found = i;
            n++;
        }
    return n == 1;
}

/* What tells rows apart comes first: obs_collection is a meta.id too. */
bool scs_identifier(const struct catalog_table *t, uint32_t *id)
{
    return t->lon_column >= 0 && t->lat_column >= 0 &&
           (find_ucd(t, "meta.id;meta.main", id) || find_key(t, id) ||
            find_ucd(t, "meta.ref.ivoid", id) || find_ucd(t, "meta.record", id) ||
            find_ucd(t, "meta.id", id));
}

static void drop_catalog(void *catalog)
{
    catalog_drop(catalog);
}

const struct catalog_table *scs_table(struct dali *d, struct http_request *request,
                                      uint32_t *id, struct err *e)
{
    str name = request->captures[0].value;
    const struct catalog *c = d->catalog(d->node);
    if (!arena_defer(request->arena, drop_catalog, (void *)(uintptr_t)c)) {
        catalog_drop(c);
        err_set(e, ERR_LIMIT, "the request needs too much memory");
        return NULL;
    }
    const struct catalog_table *t = catalog_find_full_name(c, name);
    if (!t) {
        err_set(e, ERR_NOT_FOUND, "there is no table %.*s; /tap/tables has them all",
                (int)(name.len < 100 ? name.len : 100), name.at);
        return NULL;
    }
    if (scs_identifier(t, id))
        return t;
    err_set(e, ERR_NOT_FOUND,
            "%s cannot be searched by cones: it has no position or no identifier (UCD "
            "meta.id); ask TAP",
            t->full_name);
    return NULL;
}

bool scs_routes(struct dali *d, struct http_server *server, struct err *e)
{
    const struct http_route route[] = {
        {.methods = HTTP_GET | HTTP_POST,
         .pattern = "/scs/{table}",
         .handle = scs_search,
         .context = d,
         .render_error = dali_simple_error,
         .render_context = d},
        {.methods = HTTP_GET,
         .pattern = "/scs/{table}/capabilities",
         .handle = scs_capabilities,
         .context = d},
        {.methods = HTTP_GET,
         .pattern = "/scs/{table}/availability",
         .handle = dali_availability,
         .context = d},
    };
    return http_server_route(server, route, sizeof route / sizeof *route, e);
}
