/* browse_json.c -- the pages of the browser as JSON: the same content for programs. */
#include <math.h>

#include "core/base/column.h"
#include "core/base/json.h"
#include "web/inside.h"

/* The address of the page as a person's browser wants it. */
void web_json_url(struct web_page *p, const char *kind, const char *name,
                  const char *column)
{
    struct bytes url;
    bytes_init(&url, 1u << 20);
    bytes_add(&url, str_of(p->base));
    bytes_add_format(&url, "/%s/", kind);
    bytes_add_url(&url, str_of(name));
    if (column) {
        bytes_add_char(&url, '/');
        bytes_add_url(&url, str_of(column));
    }
    json_str(&p->b, "url", bytes_str(&url));
    bytes_free(&url);
}

static void add_origin(struct web_page *p, const struct catalog_origin *o)
{
    const struct {
        const char *name, *text;
    } FACT[] = {{"title", o->title},
                {"publisher", o->publisher},
                {"creator", o->creator},
                {"contact", o->contact},
                {"reference_url", o->reference_url},
                {"citation", o->citation},
                {"bibcode", o->bibcode},
                {"doi", o->doi},
                {"licence", o->licence},
                {"licence_url", o->licence_url},
                {"ivoid", o->ivoid},
                {"version", o->version},
                {"release_date", o->release_date},
                {"what", o->what},
                {"where", o->where},
                {"when", o->when}};
    json_open(&p->b, "origin", '{');
    for (size_t i = 0; i < sizeof FACT / sizeof *FACT; i++)
        json_text(&p->b, FACT[i].name, FACT[i].text);
    json_close(&p->b, '}');
}

void web_json_schema(struct web_page *p, const char *key, const struct catalog_schema *s)
{
    json_open(&p->b, key, '{');
    json_text(&p->b, "name", s->name);
    json_text(&p->b, "adql_name", s->adql_name);
    web_json_url(p, "schema", s->name, NULL);
    json_text(&p->b, "title", s->title);
    json_text(&p->b, "description", s->description);
    json_text(&p->b, "utype", s->utype);
    add_origin(p, &s->origin);
    json_open(&p->b, "tables", '[');
    for (uint32_t i = 0; i < s->ntable; i++) {
        const struct catalog_table *t = &s->table[i];
        json_open(&p->b, NULL, '{');
        json_text(&p->b, "name", t->full_name);
        web_json_url(p, "table", t->full_name, NULL);
        json_text(&p->b, "title", t->title);
        json_text(&p->b, "description", t->description);
        json_count(&p->b, "rows", t->row_estimate);
        json_int(&p->b, "ncolumns", web_ncolumn(t));
        json_close(&p->b, '}');
    }
    json_close(&p->b, ']');
    json_close(&p->b, '}');
}

void web_json_column(struct web_page *p, const char *key, const struct catalog_table *t,
                     const struct catalog_column *c)
{
    const struct store_column *m = &c->meta;
    char scratch[COLUMN_ARRAYSIZE_BYTES];
    struct bytes words;
    bytes_init(&words, 1u << 16);
    web_type_words(&words, m);
    json_open(&p->b, key, '{');
    json_text(&p->b, "name", m->name);
    json_text(&p->b, "adql_name", c->adql_name);
    web_json_url(p, "table", t->full_name, m->name);
    json_text(&p->b, "description", m->description);
    json_text(&p->b, "unit", m->unit);
    json_text(&p->b, "ucd", m->ucd);
    json_text(&p->b, "ucd_meaning", web_ucd_words(p, m));
    json_text(&p->b, "utype", m->utype);
    json_text(&p->b, "datatype", column_datatype(m));
    json_text(&p->b, "arraysize", column_arraysize(m, scratch));
    json_text(&p->b, "xtype", m->xtype);
    json_str(&p->b, "type_words", bytes_str(&words));
    json_bool(&p->b, "indexed", m->flags & STORE_INDEXED);
    json_bool(&p->b, "key", m->flags & STORE_KEY);
    json_bool(&p->b, "principal", m->flags & STORE_PRINCIPAL);
    json_bool(&p->b, "std", m->flags & STORE_STD);
    json_bool(&p->b, "nullable", m->flags & STORE_NULLABLE);
    json_double(&p->b, "minimum", m->minimum);
    json_double(&p->b, "maximum", m->maximum);
    json_double(&p->b, "null_fraction", m->null_fraction);
    web_json_statistics(p, c);
    json_close(&p->b, '}');
    bytes_free(&words);
}

static void add_key(struct web_page *p, const struct web_link *l)
{
    json_open(&p->b, NULL, '{');
    json_text(&p->b, "from", l->from->full_name);
    json_text(&p->b, "target", l->to ? l->to->full_name : l->key->target);
    json_text(&p->b, "description", l->key->description);
    json_open(&p->b, "columns", '[');
    for (uint32_t i = 0; i < l->key->ncolumn; i++) {
        json_open(&p->b, NULL, '{');
        json_text(&p->b, "from", l->key->from_column[i]);
        json_text(&p->b, "target", l->key->to_column[i]);
        json_close(&p->b, '}');
    }
    json_close(&p->b, ']');
    json_text(&p->b, "join", web_join(p, l));
    json_close(&p->b, '}');
}

static void add_keys(struct web_page *p, const struct catalog_table *t)
{
    struct web_link link[WEB_LINKS];
    uint32_t n = web_links(p->catalog, t, link);
    json_open(&p->b, "keys", '[');
    for (uint32_t i = 0; i < n; i++)
        add_key(p, &link[i]);
    json_close(&p->b, ']');
}

static void add_store(struct web_page *p, const struct catalog_table *t)
{
    int64_t since_us = 0;
    if (t->store >= p->dali->env.nstore)
        return;
    json_open(&p->b, "store", '{');
    json_text(&p->b, "name", p->dali->env.store[t->store].name);
    json_bool(&p->b, "is_down", web_store_is_down(p, t, &since_us));
    json_close(&p->b, '}');
}

void web_json_table(struct web_page *p, const struct catalog_table *t)
{
    const struct catalog_schema *s = web_schema_of(p->catalog, t);
    json_open(&p->b, NULL, '{');
    json_text(&p->b, "name", t->full_name);
    web_json_url(p, "table", t->full_name, NULL);
    json_text(&p->b, "schema", t->schema);
    json_text(&p->b, "title", t->title);
    json_text(&p->b, "description", t->description);
    json_text(&p->b, "utype", t->utype);
    json_text(&p->b, "type", t->is_view ? "view" : "table");
    json_count(&p->b, "rows", t->row_estimate);
    add_store(p, t);
    web_json_table_statistics(p);
    if (t->lon_column >= 0 && t->lat_column >= 0) {
        json_text(&p->b, "longitude", t->column[t->lon_column].meta.name);
        json_text(&p->b, "latitude", t->column[t->lat_column].meta.name);
    }
    json_text(&p->b, "coverage_moc", t->coverage_moc);
    if (s)
        add_origin(p, &s->origin);
    add_keys(p, t);
    json_open(&p->b, "columns", '[');
    for (uint32_t i = 0; i < t->ncolumn; i++)
        if (!(t->column[i].meta.flags & STORE_HIDDEN))
            web_json_column(p, NULL, t, &t->column[i]);
    json_close(&p->b, ']');
    json_close(&p->b, '}');
}
