/* links.c -- how tables hang together: their foreign keys in both directions, with the JOIN
 * that follows each. */
#include <stdio.h>

#include "web/inside.h"

static bool is_target(const struct catalog_table *t, const struct catalog_key *k)
{
    return str_eq_fold(str_of(k->target), str_of(t->full_name));
}

uint32_t web_links(const struct catalog *c, const struct catalog_table *t,
                   struct web_link out[WEB_LINKS])
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->nkey && n < WEB_LINKS; i++)
        out[n++] =
            (struct web_link){.key = &t->key[i],
                              .from = t,
                              .to = catalog_find_full_name(c, str_of(t->key[i].target))};
    for (uint32_t i = 0; i < catalog_nschema(c); i++) {
        const struct catalog_schema *s = catalog_schema_at(c, i);
        for (uint32_t j = 0; j < s->ntable; j++)
            for (uint32_t k = 0; k < s->table[j].nkey && n < WEB_LINKS; k++)
                if (&s->table[j] != t && is_target(t, &s->table[j].key[k]))
                    out[n++] = (struct web_link){
                        .key = &s->table[j].key[k], .from = &s->table[j], .to = t};
    }
    return n;
}

/* A column by its name in a key, as a query writes it. */
static const char *adql_name(const struct catalog_table *t, const char *name)
{
    const struct catalog_column *c =
        t ? catalog_find_column(t, (struct catalog_name){str_of(name), true}) : NULL;
    return c && c->adql_name ? c->adql_name : name;
}

const char *web_join(struct web_page *p, const struct web_link *l)
{
    struct bytes b;
    const char *to = l->to ? l->to->full_name : l->key->target;
    bytes_init(&b, 1u << 16);
    bytes_add_format(&b, "SELECT TOP 20 *\nFROM %s AS a\nJOIN %s AS b ON ",
                     l->from->full_name, to);
    for (uint32_t i = 0; i < l->key->ncolumn; i++)
        bytes_add_format(&b, "%sa.%s = b.%s", i ? " AND " : "",
                         adql_name(l->from, l->key->from_column[i]),
                         adql_name(l->to, l->key->to_column[i]));
    const char *text = arena_text(p->arena, bytes_str(&b));
    bytes_free(&b);
    return text;
}
