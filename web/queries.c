/* queries.c -- questions that a table can be asked, made from what its columns mean. */
#include <stdio.h>

#include "web/inside.h"

enum { EXAMPLES = 6, FIRST_COLUMNS = 8 };

const char *web_adql(const struct catalog_column *c)
{
    return c->adql_name ? c->adql_name : c->meta.name;
}

static bool starts_ucd(const struct store_column *c, const char *ucd)
{
    return web_has(c->ucd) && str_starts_fold(str_of(c->ucd), str_of(ucd));
}

bool web_is_number(const struct store_column *c)
{
    return c->length == 1 && c->type >= STORE_U8 && c->type <= STORE_F64 && !c->xtype;
}

const struct catalog_column *web_find_ucd(const struct catalog_table *t, const char *ucd,
                                          bool is_number)
{
    const struct catalog_column *found = NULL;
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        const struct store_column *c = &t->column[i].meta;
        if (c->flags & (STORE_HIDDEN | STORE_NO_SEARCH) || !starts_ucd(c, ucd) ||
            (is_number ? !web_is_number(c) : c->length != 1 && c->type != STORE_TEXT))
            continue;
        if (c->flags & STORE_PRINCIPAL)
            return &t->column[i];
        if (!found)
            found = &t->column[i];
    }
    return found;
}

static const char *first_rows(struct web_page *p, const struct catalog_table *t)
{
    struct bytes b;
    uint32_t n = 0;
    bytes_init(&b, 1u << 16);
    bytes_add_literal(&b, "SELECT TOP 20 ");
    for (uint32_t i = 0; i < t->ncolumn && n < FIRST_COLUMNS; i++)
        if (t->column[i].meta.flags & STORE_PRINCIPAL &&
            !(t->column[i].meta.flags & STORE_HIDDEN))
            bytes_add_format(&b, "%s%s", n++ ? ", " : "", web_adql(&t->column[i]));
    if (n < 2) {
        bytes_clear(&b);
        bytes_add_literal(&b, "SELECT TOP 20 *");
    }
    bytes_add_format(&b, "\nFROM %s", t->full_name);
    const char *text = arena_text(p->arena, bytes_str(&b));
    bytes_free(&b);
    return text;
}

static void add(struct web_page *p, const char *what, const char *query)
{
    if (query)
        web_query(p, what, query);
}

static void add_position(struct web_page *p, const struct catalog_table *t)
{
    if (t->lon_column < 0 || t->lat_column < 0)
        return;
    const char *lon = web_adql(&t->column[t->lon_column]);
    const char *lat = web_adql(&t->column[t->lat_column]);
    add(p, "Which rows lie within 5 degrees of the Crab nebula?",
        arena_format(
            p->arena,
            "SELECT TOP 100 *\nFROM %s\nWHERE DISTANCE(%s, %s, 83.633, 22.014) < 5",
            t->full_name, lon, lat));
}

static void add_latest(struct web_page *p, const struct catalog_table *t)
{
    const struct catalog_column *c = web_find_ucd(t, "time.", false);
    if (!c || c->meta.length != 1)
        return;
    add(p, "What came last?",
        arena_format(p->arena, "SELECT TOP 20 *\nFROM %s\nORDER BY %s DESC", t->full_name,
                     web_adql(c)));
}

/* The smallest table of another schema that has positions and enough rows. */
static const struct catalog_table *neighbour(const struct catalog *c,
                                             const struct catalog_table *t)
{
    enum { ENOUGH = 50 };
    const struct catalog_table *best = NULL;
    for (uint32_t i = 0; i < catalog_nschema(c); i++) {
        const struct catalog_schema *s = catalog_schema_at(c, i);
        for (uint32_t j = 0; j < s->ntable; j++) {
            const struct catalog_table *o = &s->table[j];
            bool fits = o->lon_column >= 0 && o->lat_column >= 0 &&
                        o->row_estimate >= ENOUGH &&
                        !str_eq(str_of(o->schema), str_of(t->schema));
            if (fits && (!best || o->row_estimate < best->row_estimate))
                best = o;
        }
    }
    return best;
}

/* Any two tables with positions can be joined by them. */
static void add_match(struct web_page *p, const struct catalog_table *t)
{
    const struct catalog_table *o =
        t->lon_column >= 0 && t->lat_column >= 0 ? neighbour(p->catalog, t) : NULL;
    if (!o)
        return;
    const char *what =
        arena_format(p->arena,
                     "Which rows lie within a degree of one in %s? (Any two tables with "
                     "positions can be joined so.)",
                     o->full_name);
    add(p, what,
        arena_format(p->arena,
                     "SELECT TOP 20 *\nFROM %s AS a\nJOIN %s AS b ON DISTANCE(a.%s, a.%s, "
                     "b.%s, b.%s) < 1",
                     t->full_name, o->full_name, web_adql(&t->column[t->lon_column]),
                     web_adql(&t->column[t->lat_column]),
                     web_adql(&o->column[o->lon_column]),
                     web_adql(&o->column[o->lat_column])));
}

/* A column that is a logarithm or a plain number of energies, counted in bins. */
static void add_spectrum(struct web_page *p, const struct catalog_table *t)
{
    const struct catalog_column *c = web_find_ucd(t, "phys.energy", true);
    if (!c)
        c = web_find_ucd(t, "em.energy", true);
    if (!c)
        return;
    bool is_log =
        web_has(c->meta.unit) && str_starts_fold(str_of(c->meta.unit), STR("log"));
    const char *name = web_adql(c);
    const char *value = is_log ? name : arena_format(p->arena, "LOG10(%s)", name);
    if (!value)
        return;
    add(p, "How are the energies distributed? (ten bins in each decade)",
        arena_format(p->arena,
                     "SELECT FLOOR(10 * %s) / 10 AS lg_energy, COUNT(*) AS n\nFROM "
                     "%s\nWHERE %s > 0\nGROUP BY FLOOR(10 * %s) / 10\nORDER BY lg_energy",
                     value, t->full_name, name, value));
}

static bool is_of_table(const struct catalog_example *x, const struct catalog_table *t)
{
    for (uint32_t i = 0; i < x->ntable; i++)
        if (str_eq_fold(str_of(x->table[i]), str_of(t->full_name)))
            return true;
    return false;
}

static void add_examples(struct web_page *p, const struct catalog_table *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < catalog_nexample(p->catalog) && n < EXAMPLES; i++) {
        const struct catalog_example *x = catalog_example_at(p->catalog, i);
        if (!is_of_table(x, t))
            continue;
        n++;
        web_text(p, "<details><summary><bdi>", x->name, "</bdi></summary>\n");
        web_query(p, x->description, x->query);
        bytes_add_literal(&p->b, "</details>\n");
    }
}

void web_add_queries(struct web_page *p, const struct catalog_table *t)
{
    bytes_add_literal(&p->b, "<section id=\"queries\"><h2>Questions to ask it</h2>\n");
    add(p, "What does a row look like?", first_rows(p, t));
    add_position(p, t);
    add_latest(p, t);
    add_spectrum(p, t);
    add_match(p, t);
    add_examples(p, t);
    bytes_add_literal(&p->b, "</section>\n");
}
