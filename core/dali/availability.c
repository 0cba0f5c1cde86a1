/* availability.c -- VOSI availability: whether queries are taken, and which data cannot be
 * had because their store does not answer. */
#include "core/base/clock.h"
#include "core/dali/dali.h"

static uint32_t store_of(const struct catalog_schema *s)
{
    return s->ntable ? s->table[0].store : UINT32_MAX;
}

static bool is_down(const struct dali *d, uint32_t store)
{
    return d->store && store < d->env.nstore && atomic_load(&d->store[store].is_down);
}

static bool is_of_people(const struct catalog_schema *s)
{
    return !str_eq_fold(str_of(s->name), STR("tap_schema"));
}

/* A note for each store that is down: its schemas, and since when. True if there is one
 * whose data can be had. */
static bool add_stores(const struct dali *d, const struct catalog *c, struct bytes *notes)
{
    bool any_up = false, any = false;
    for (uint32_t store = 0; store < d->env.nstore; store++) {
        uint32_t n = 0;
        char since[CLOCK_TEXT_BYTES];
        for (uint32_t i = 0; i < catalog_nschema(c); i++) {
            const struct catalog_schema *s = catalog_schema_at(c, i);
            if (store_of(s) != store || !is_of_people(s))
                continue;
            any = true;
            any_up |= !is_down(d, store);
            if (!is_down(d, store))
                continue;
            bytes_add(notes,
                      n++ ? STR(", ") : STR(" <avl:note>not available now: schema "));
            bytes_add_xml(notes, str_of(s->adql_name));
        }
        if (n == 0)
            continue;
        clock_print_utc(atomic_load(&d->store[store].down_since_us), since);
        bytes_add_format(notes,
                         "; the store does not answer since %s and is asked again "
                         "every few seconds</avl:note>\n",
                         since);
    }
    return any_up || !any;
}

struct http_response *dali_availability(void *dali, struct http_request *request)
{
    struct dali *d = dali;
    struct bytes b, notes;
    char since[CLOCK_TEXT_BYTES];
    bytes_init(&b, 64 * 1024);
    bytes_init(&notes, 32 * 1024);
    const struct catalog *c = d->catalog(d->node);
    bool is_stopping = atomic_load(&d->is_stopping);
    bool can = add_stores(d, c, &notes) && !is_stopping;
    catalog_drop(c);
    clock_print_utc(d->up_since_us, since);
    bytes_add_format(&b,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<avl:availability "
                     "xmlns:avl=\"http://www.ivoa.net/xml/VOSIAvailability/v1.0\">\n"
                     " <avl:available>%s</avl:available>\n <avl:upSince>%s</avl:upSince>\n",
                     can ? "true" : "false", since);
    bytes_add_format(&b, " <avl:note>%s</avl:note>\n",
                     is_stopping ? "not available: the node is stopping"
                     : can       ? "accepting queries"
                                 : "not available: no store answers");
    bytes_add(&b, bytes_str(&notes));
    bytes_add_literal(&b, "</avl:availability>\n");
    bytes_free(&notes);
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "text/xml", &b);
    http_reply_header(r, "Cache-Control", "no-cache");
    return r;
}

const char *dali_base_url(const struct dali *d, const struct http_request *request)
{
    return d->base_url ? d->base_url : request->base_url;
}
