/* infos.c -- INFO elements of a result: DataOrigin (who made this, from what, when) and the
 * request itself. Source: "DataOrigin in the VO" note, DALI "INFO elements". */
#include "core/base/clock.h"
#include "core/dali/dali.h"

enum { SERVICE_INFOS = 8, ORIGIN_INFOS = 10 };

struct info_list {
    struct result_info *at;
    uint32_t n;
};

static void add(struct info_list *l, const char *name, const char *value, const char *ucd)
{
    if (value && *value)
        l->at[l->n++] = (struct result_info){.name = name, .value = value, .ucd = ucd};
}

static void add_service(struct info_list *l, const struct dali *d, const char *protocol,
                        const char *query, const char *now)
{
    add(l, "server_software", d->software, NULL);
    add(l, "service_protocol", protocol, NULL);
    add(l, "publisher", d->publisher, NULL);
    add(l, "contact", d->contact, NULL);
    add(l, "service_ivoid", d->ivoid, NULL);
    add(l, "request_date", now, NULL);
    add(l, "query", query, NULL);
}

static void add_origin(struct info_list *l, const struct catalog_schema *s)
{
    const struct catalog_origin *o = &s->origin;
    add(l, "data_ivoid", o->ivoid, NULL);
    add(l, "resource_title", o->title, NULL);
    add(l, "creator", o->creator, NULL);
    add(l, "resource_version", o->version, NULL);
    add(l, "citation", o->citation, "meta.bib");
    add(l, "publication_id", o->bibcode, "meta.bib.bibcode");
    add(l, "publication_id", o->doi, "meta.ref.doi");
    add(l, "publication_date", o->release_date, NULL);
    add(l, "rights", o->licence, NULL);
    add(l, "rights_uri", o->licence_url, NULL);
    add(l, "reference_url", o->reference_url, NULL);
}

static const struct catalog_schema *schema_of(const struct catalog *c,
                                              const struct catalog_table *t)
{
    for (uint32_t i = 0; i < catalog_nschema(c); i++)
        if (strcmp(catalog_schema_at(c, i)->name, t->schema) == 0)
            return catalog_schema_at(c, i);
    return NULL;
}

static bool is_first_of_schema(const struct catalog_table *const *table, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++)
        if (strcmp(table[j]->schema, table[i]->schema) == 0)
            return false;
    return true;
}

bool dali_infos(const struct dali *d, const struct catalog *catalog, const char *protocol,
                str query_text, const struct catalog_table *const *table, uint32_t ntable,
                struct arena *arena, struct result_head *head)
{
    struct info_list l = {0};
    l.at = arena_new_array(arena, struct result_info,
                           SERVICE_INFOS + (size_t)ntable * ORIGIN_INFOS);
    char now[CLOCK_TEXT_BYTES];
    clock_print_utc(clock_now_us(), now);
    const char *query = arena_text(arena, query_text);
    const char *date = arena_text(arena, str_of(now));
    if (!l.at || !query || !date)
        return false;
    add_service(&l, d, protocol, query, date);
    for (uint32_t i = 0; i < ntable; i++) {
        const struct catalog_schema *s =
            is_first_of_schema(table, i) ? schema_of(catalog, table[i]) : NULL;
        if (s)
            add_origin(&l, s);
    }
    head->info = l.at;
    head->ninfo = l.n;
    return true;
}
