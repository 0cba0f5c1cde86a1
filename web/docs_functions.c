/* docs_functions.c -- /docs/adql-functions: every function of the query language, from the
 * parser's own table, with an example that runs. */
#include "adql/adql.h"
#include "web/docs.h"
#include "web/inside.h"

/* Groups in the order of the page. */
static const struct group {
    enum adql_feature feature;
    bool is_set; /* those over many rows have a group of their own */
    const char *id, *title, *words;
} GROUPS[] = {
    {ADQL_FEATURE_CORE, true, "sets", "Over many rows",
     "One value for all rows, or for each GROUP BY."},
    {ADQL_FEATURE_CORE, false, "mathematics", "Mathematics",
     "Angles are radians here, degrees in everything about the sky."},
    {ADQL_FEATURE_GEO, false, "sky", "Positions and regions on the sky", "Degrees, ICRS."},
    {ADQL_FEATURE_STRING, false, "text", "Text", NULL},
    {ADQL_FEATURE_CONDITIONAL, false, "conditional", "Values that may be missing", NULL},
    {ADQL_FEATURE_UNIT, false, "units", "Units", NULL},
    {ADQL_FEATURE_UDF, false, "vo", "Functions of the Virtual Observatory",
     "Agreed among services (ivo_), or common to many (gavo_, esdc_, MOC)."},
    {ADQL_FEATURE_UDF, true, "vo-sets", "Of the Virtual Observatory, over many rows", NULL},
    {ADQL_FEATURE_EXTENSION, false, "beyond", "Beyond the standard",
     "Windows and arrays: other services may not have them."}};

static bool belongs(const struct adql_function *f, const struct group *g)
{
    return f->feature == g->feature && f->is_aggregate == g->is_set;
}

/* ---- examples ---- */

/* A column whose values can be had in one of these units: for functions that read units. */
static const struct catalog_column *find_column(const struct web_page *p,
                                                const char *const *unit, const char *ucd,
                                                const struct catalog_table **table,
                                                const char **target)
{
    for (uint32_t i = 0; i < catalog_nschema(p->catalog); i++) {
        const struct catalog_schema *s = catalog_schema_at(p->catalog, i);
        for (uint32_t j = 0; j < s->ntable; j++) {
            *table = &s->table[j];
            for (uint32_t k = 0; k < s->table[j].ncolumn; k++) {
                const struct catalog_column *c = &s->table[j].column[k];
                if (!web_has(c->meta.unit) || c->meta.flags & STORE_HIDDEN ||
                    !web_is_number(&c->meta) ||
                    (ucd && !str_starts_fold(str_of(c->meta.ucd), str_of(ucd))))
                    continue;
                for (const char *const *u = unit; *u; u++) {
                    struct err no = {0};
                    double factor;
                    *target = *u;
                    if (unit_factor(str_of(c->meta.unit), str_of(*u), &factor, &no) &&
                        strcmp(c->meta.unit, *u) != 0)
                        return c;
                }
            }
        }
    }
    return NULL;
}

/* Of the functions whose argument is a column with a unit. */
static const char *unit_example(struct web_page *p, const struct adql_function *f)
{
    static const char *const ANY[] = {"GeV", "arcmin", "km", "cm", "min", "Pa", NULL},
                             *const SPECTRAL[] = {"m", "nm", NULL};
    bool is_spectral = strchr(f->pattern, 'l') && f->feature == ADQL_FEATURE_UDF;
    const struct catalog_table *t;
    const char *unit;
    if (strcmp(f->pattern, "nl") != 0)
        return NULL;
    const struct catalog_column *c =
        find_column(p, is_spectral ? SPECTRAL : ANY, is_spectral ? "em" : NULL, &t, &unit);
    if (!c)
        return NULL;
    return arena_format(p->arena, "SELECT TOP 5 %s, %s(%s, '%s') AS result FROM %s",
                        c->adql_name, f->name, c->adql_name, is_spectral ? "GHz" : unit,
                        t->full_name);
}

static const char *example_of(struct web_page *p, const struct adql_function *f)
{
    if (f->needs != ADQL_NEEDS_NOTHING)
        return NULL;
    if (!f->example)
        return unit_example(p, f);
    if (f->is_window)
        return arena_format(p->arena,
                            "SELECT TOP 5 table_name, %s AS result FROM tap_schema.tables",
                            f->example);
    return arena_format(p->arena, "SELECT TOP 1 %s AS result FROM tap_schema.tables",
                        f->example);
}

/* ---- the page ---- */

/* Declared only by a node that has what they need. */
static bool is_here(const struct web_page *p, const struct adql_function *f)
{
    if (f->needs == ADQL_NEEDS_RESOLVER)
        return p->dali->env.resolve != NULL;
    return f->needs != ADQL_NEEDS_VOCABULARIES || catalog_has_vocabularies(p->catalog);
}

static void add_function(struct web_page *p, const struct adql_function *f, bool is_first)
{
    const char *example = example_of(p, f);
    bytes_add_literal(&p->b, "<dt");
    if (is_first) {
        bytes_add_literal(&p->b, " id=\"");
        bytes_add_xml(&p->b, str_of(f->name));
        bytes_add_char(&p->b, '"');
    }
    web_text(p, "><code>", f->signature, "</code></dt>\n<dd>");
    web_text(p, "<p>", f->description, "");
    if (!is_here(p, f))
        bytes_add_literal(&p->b, " <span class=\"badge\">not set up on this node</span>");
    bytes_add_literal(&p->b, "</p>");
    if (example) {
        web_text(p, "<pre tabindex=\"0\"><code>", example, "</code></pre><p>");
        docs_run_link(p, example);
        bytes_add_literal(&p->b, "</p>");
    }
    bytes_add_literal(&p->b, "</dd>\n");
}

static void add_group(struct web_page *p, const struct group *g)
{
    const char *last = "";
    bytes_add_format(&p->b, "<section><h2 id=\"%s\">%s</h2>\n", g->id, g->title);
    web_text(p, "<p>", g->words, "</p>\n");
    bytes_add_literal(&p->b, "<dl class=\"functions\">\n");
    for (uint32_t i = 0; i < adql_function_count(); i++) {
        const struct adql_function *f = adql_function_at(i);
        if (!belongs(f, g))
            continue;
        add_function(p, f, strcmp(last, f->name) != 0);
        last = f->name;
    }
    bytes_add_literal(&p->b, "</dl></section>\n");
}

static void add_contents(struct web_page *p)
{
    bytes_add_literal(&p->b, "<p class=\"contents\">");
    for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++)
        bytes_add_format(&p->b, "<a href=\"#%s\">%s</a>", GROUPS[i].id, GROUPS[i].title);
    bytes_add_literal(&p->b, "</p>\n");
}

struct http_response *docs_functions_page(void *context, struct http_request *request)
{
    struct err e = {0};
    struct web_page p;
    if (!web_page_open(&p, context, request, &e))
        return web_page_fail(&p, &e);
    p.wants_json = false;
    docs_begin(&p, "Functions of ADQL");
    bytes_add_literal(
        &p.b, "<p class=\"lead\">What a query may call: made from the table that the "
              "node's own parser works with. Each example runs here. Words that are "
              "no functions, and what goes beyond the standard, are explained in <a "
              "href=\"");
    bytes_add_xml(&p.b, str_of(p.base));
    bytes_add_literal(&p.b, "/docs/adql\">the query language</a>.</p>\n");
    add_contents(&p);
    for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++)
        add_group(&p, &GROUPS[i]);
    return web_page_reply(&p);
}
