/* words.c -- the catalog in words for people: types, UCDs, titles. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/column.h"
#include "web/inside.h"
#include "web/parts.h"

const char *web_schema_title(const struct catalog_schema *s)
{
    return web_has(s->title) ? s->title : s->name;
}

bool web_is_tap_schema(const char *schema)
{
    return str_eq_fold(str_of(schema), STR("tap_schema"));
}

const struct catalog_schema *web_schema_of(const struct catalog *c,
                                           const struct catalog_table *t)
{
    for (uint32_t i = 0; i < catalog_nschema(c); i++) {
        const struct catalog_schema *s = catalog_schema_at(c, i);
        if (t >= s->table && t < s->table + s->ntable)
            return s;
    }
    return NULL;
}

uint32_t web_ncolumn(const struct catalog_table *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->ncolumn; i++)
        n += !(t->column[i].meta.flags & STORE_HIDDEN);
    return n;
}

bool web_store_is_down(const struct web_page *p, const struct catalog_table *t,
                       int64_t *since_us)
{
    if (!p->dali->store || t->store >= p->dali->env.nstore)
        return false;
    const struct dali_store *s = &p->dali->store[t->store];
    *since_us = atomic_load(&s->down_since_us);
    return atomic_load(&s->is_down);
}

void web_add_down(struct web_page *p, const struct catalog_table *t)
{
    int64_t since_us = 0;
    char when[CLOCK_TEXT_BYTES];
    if (!web_store_is_down(p, t, &since_us))
        return;
    clock_print_us(since_us / 1000000 * 1000000, when);
    bytes_add_literal(&p->b, "<p class=\"warning\" role=\"status\"><strong>The store of "
                             "this table does not answer</strong> since ");
    bytes_add(&p->b, str_of(when));
    bytes_add_literal(&p->b, " UTC. What the table is can be read here; its rows can be "
                             "had when the store is back.</p>\n");
}

void web_add_down_badge(struct web_page *p, const struct catalog_table *t)
{
    int64_t since_us;
    if (web_store_is_down(p, t, &since_us))
        bytes_add_literal(&p->b, " <span class=\"badge bad\">store down</span>");
}

const char *web_ucd_words(struct web_page *p, const struct store_column *c)
{
    return web_has(c->ucd) ? ucd_meaning(str_of(c->ucd), p->arena) : NULL;
}

struct word_pair {
    const char *word, *meaning;
};

static const char *meaning_of(const struct word_pair *pair, size_t n, const char *word)
{
    for (size_t i = 0; word && i < n; i++)
        if (str_eq_fold(str_of(pair[i].word), str_of(word)))
            return pair[i].meaning;
    return NULL;
}

static const char *xtype_words(const char *xtype)
{
    static const struct word_pair PAIR[] = {
        {"timestamp", "date and time (ISO 8601)"},
        {"point", "position on the sky (longitude, latitude)"},
        {"circle", "circle on the sky (longitude, latitude, radius)"},
        {"polygon", "polygon on the sky (longitude, latitude of each corner)"},
        {"range", "rectangle of longitudes and latitudes"},
        {"moc", "coverage of the sky (MOC)"},
        {"interval", "interval (from, to)"},
        {"region", "region on the sky"},
        {"shape", "shape on the sky"},
        {"multishape", "shapes on the sky"},
        {"uri", "address (URI)"},
        {"uuid", "identifier (UUID)"},
        {"json", "JSON text"},
        {"adql:timestamp", "date and time (ISO 8601)"},
        {"adql:point", "position on the sky"},
        {"adql:region", "region on the sky"},
        {"adql:clob", "long text"}};
    return meaning_of(PAIR, sizeof PAIR / sizeof *PAIR, xtype);
}

static const char *datatype_words(const char *datatype)
{
    static const struct word_pair PAIR[] = {{"boolean", "true or false"},
                                            {"bit", "bit"},
                                            {"unsignedByte", "whole number, 0 to 255"},
                                            {"short", "whole number (16 bit)"},
                                            {"int", "whole number (32 bit)"},
                                            {"long", "whole number (64 bit)"},
                                            {"float", "decimal number (single precision)"},
                                            {"double", "decimal number (double precision)"},
                                            {"floatComplex", "complex number"},
                                            {"doubleComplex", "complex number"}};
    return meaning_of(PAIR, sizeof PAIR / sizeof *PAIR, datatype);
}

static void add_text_words(struct bytes *b, const char *arraysize)
{
    str size = str_of(arraysize);
    bool is_open = size.len && size.at[size.len - 1] == '*';
    size.len -= is_open;
    if (size.len == 0)
        bytes_add_literal(b, "text");
    else if (str_eq(size, STR("1")) && !is_open)
        bytes_add_literal(b, "one character");
    else
        bytes_add_format(b, "text of %s%.*s characters", is_open ? "up to " : "",
                         STR_FMT(size));
}

void web_type_words(struct bytes *b, const struct store_column *c)
{
    char scratch[COLUMN_ARRAYSIZE_BYTES];
    const char *arraysize = column_arraysize(c, scratch);
    const char *words = xtype_words(c->xtype);
    if (words) {
        bytes_add(b, str_of(words));
        return;
    }
    if (c->type == STORE_TEXT || c->type == STORE_TIME_US) {
        add_text_words(b, arraysize);
        return;
    }
    words = datatype_words(column_datatype(c));
    bytes_add(b, str_of(words ? words : column_datatype(c)));
    if (arraysize && str_eq(str_of(arraysize), STR("*")))
        bytes_add_literal(b, ", a list of any length");
    else if (arraysize)
        bytes_add_format(b, ", an array of %s", arraysize);
}
