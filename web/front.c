/* front.c -- the front page: the experiments of this node at a glance, the ways in, a few
 * examples, the addresses of its services. Plain HTML, complete without scripts. */
#include <stdio.h>

#include "core/base/json.h"
#include "web/docs.h"
#include "web/inside.h"
#include "web/kascade.h"
#include "web/svg.h"

enum { CARDS = 24, EXAMPLES = 5, TABLES_ON_CARD = 3 };

struct sums {
    uint32_t nschema, ntable;
    int64_t nrow;
};

static int64_t rows_of(const struct catalog_schema *s)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < s->ntable; i++)
        n += s->table[i].row_estimate > 0 ? s->table[i].row_estimate : 0;
    return n;
}

static struct sums add_up(const struct catalog *c)
{
    struct sums sums = {0};
    for (uint32_t i = 0; i < catalog_nschema(c); i++) {
        const struct catalog_schema *s = catalog_schema_at(c, i);
        if (web_is_tap_schema(s->name))
            continue;
        sums.nschema++;
        sums.ntable += s->ntable;
        sums.nrow += rows_of(s);
    }
    return sums;
}

static void add_intro(struct web_page *p)
{
    struct sums sums = add_up(p->catalog);
    bytes_add_format(&p->b, "<p class=\"lead\">Look into, search and download %u ",
                     sums.nschema);
    bytes_add_format(&p->b, "%s with %u %s and ",
                     sums.nschema == 1 ? "collection" : "collections", sums.ntable,
                     sums.ntable == 1 ? "table" : "tables");
    web_count(&p->b, sums.nrow);
    bytes_add_literal(&p->b, " rows. No account is needed. Ask one question across all of "
                             "them, here or from TOPCAT, STILTS, Aladin, pyvo and "
                             "astroquery.</p>\n");
    web_text(p, "<p class=\"soft\">Published by <bdi>", p->dali->publisher, "</bdi></p>\n");
}

/* What the node has for newcomers. */
static void add_help(struct web_page *p)
{
    static const char *const PAGE[][2] = {
        {"tour", "A tour in pictures"},
        {"first-query", "your first query in five minutes"}};
    bytes_add_literal(&p->b, "<p>New here? ");
    for (size_t i = 0; i < sizeof PAGE / sizeof *PAGE; i++) {
        if (!docs_find(p->web->docs, str_of(PAGE[i][0])))
            continue;
        bytes_add_literal(&p->b, "<a href=\"");
        bytes_add_xml(&p->b, str_of(p->base));
        bytes_add_format(&p->b, "/docs/%s\">%s</a>, ", PAGE[i][0], PAGE[i][1]);
    }
    struct kascade_set set[KASCADE_SETS];
    if (kascade_sets(p->catalog, set) > 0) {
        bytes_add_literal(&p->b, "<a href=\"");
        bytes_add_xml(&p->b, str_of(p->base));
        bytes_add_literal(&p->b,
                          "/kascade\">the KASCADE classroom</a> (histograms and cuts "
                          "by hand), ");
    }
    bytes_add_literal(&p->b, "<a href=\"#words\">what the words mean</a>.</p>\n");
}

static void add_search(struct web_page *p)
{
    static const char *const TRY[] = {"energy", "zenith", "phys.energy", "right ascension"};
    bytes_add_literal(&p->b, "<form class=\"find\" method=\"get\" "
                             "action=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b,
                      "/search\"><label for=\"find\">What are you looking for?</label>"
                      "<input id=\"find\" type=\"search\" name=\"q\" maxlength=\"200\" "
                      "autocomplete=\"off\"/><button>Search</button></form>\n<p "
                      "class=\"soft\">For example");
    for (size_t i = 0; i < sizeof TRY / sizeof *TRY; i++) {
        bytes_add_literal(&p->b, " <a href=\"");
        bytes_add_xml(&p->b, str_of(p->base));
        bytes_add_literal(&p->b, "/search?q=");
        bytes_add_url(&p->b, str_of(TRY[i]));
        bytes_add_format(&p->b, "\">%s</a>", TRY[i]);
    }
    bytes_add_literal(&p->b, "</p>\n");
}

/* The tables with the most rows, largest first. */
static uint32_t largest_tables(const struct catalog_schema *s,
                               const struct catalog_table *out[TABLES_ON_CARD])
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->ntable; i++) {
        const struct catalog_table *t = &s->table[i];
        uint32_t at = n < TABLES_ON_CARD ? n++ : TABLES_ON_CARD;
        for (; at > 0 && out[at - 1]->row_estimate < t->row_estimate; at--)
            if (at < TABLES_ON_CARD)
                out[at] = out[at - 1];
        if (at < TABLES_ON_CARD)
            out[at] = t;
    }
    return n;
}

static void add_card_tables(struct web_page *p, const struct catalog_schema *s)
{
    const struct catalog_table *t[TABLES_ON_CARD];
    uint32_t n = largest_tables(s, t);
    if (n == 0) {
        bytes_add_literal(&p->b, "<p class=\"soft\">No tables yet</p>\n");
        return;
    }
    bytes_add_literal(&p->b, "<ul class=\"tables\">");
    for (uint32_t i = 0; i < n; i++) {
        bytes_add_literal(&p->b, "<li>");
        web_table_link(p, t[i]);
        if (t[i]->row_estimate >= 0) {
            bytes_add_literal(&p->b, " <span class=\"soft\">");
            web_count(&p->b, t[i]->row_estimate);
            bytes_add_literal(&p->b, " rows</span>");
        }
        web_add_down_badge(p, t[i]);
        bytes_add_literal(&p->b, "</li>");
    }
    if (s->ntable > n)
        bytes_add_format(&p->b, "<li class=\"soft\">and %u more</li>", s->ntable - n);
    bytes_add_literal(&p->b, "</ul>\n");
}

static void add_short_fact(struct web_page *p, const char *name, const char *text,
                           size_t most)
{
    if (!web_has(text))
        return;
    bytes_add_format(&p->b, "<dt>%s</dt><dd dir=\"auto\">", name);
    web_clip(p, text, most);
    bytes_add_literal(&p->b, "</dd>");
}

/* Where its largest tables with positions have rows. */
static const struct catalog_table *sky_table(const struct catalog_schema *s)
{
    const struct catalog_table *best = NULL;
    for (uint32_t i = 0; i < s->ntable; i++) {
        const struct catalog_table *t = &s->table[i];
        bool has_sky = (t->lon_column >= 0 && t->lat_column >= 0) || t->coverage_moc;
        if (has_sky && (!best || t->row_estimate > best->row_estimate))
            best = t;
    }
    return best;
}

/* True if its statistics are being computed. */
static bool is_pending(struct web_page *p, const struct catalog_table *t)
{
    if (!t)
        return false;
    web_get_statistics(p, t);
    return !p->statistics && !p->statistics_problem;
}

static void add_thumbnail(struct web_page *p, const struct catalog_schema *s)
{
    uint8_t level[SVG_SKY_CELLS];
    const struct catalog_table *best = sky_table(s);
    if (!best)
        return;
    if (is_pending(p, best))
        bytes_add_literal(&p->b, "<span data-pending=\"1\" hidden=\"hidden\"></span>");
    if (!web_sky_levels(best, p->statistics, level))
        return;
    for (uint32_t i = 0; i < SVG_SKY_CELLS; i++)
        level[i] = level[i] ? SVG_SKY_LEVELS : 0;
    double percent = svg_sky_fraction(level) * 100;
    const char *label = arena_format(p->arena, "Rows in %.2g percent of the sky", percent);
    svg_sky(&p->b, level, true, label ? label : "Map of the sky");
}

static void add_card(struct web_page *p, const struct catalog_schema *s)
{
    const struct catalog_origin *o = &s->origin;
    bytes_add_literal(&p->b, "<li class=\"card\"><h3>");
    web_schema_link(p, s);
    bytes_add_literal(&p->b, "</h3>\n");
    add_thumbnail(p, s);
    const char *what = web_has(o->what) ? o->what : s->description;
    if (web_has(what)) {
        bytes_add_literal(&p->b, "<p dir=\"auto\">");
        web_clip(p, what, 220);
        bytes_add_literal(&p->b, "</p>\n");
    }
    bytes_add_literal(&p->b, "<dl>");
    add_short_fact(p, "Where", o->where, 90);
    add_short_fact(p, "When", o->when, 90);
    add_short_fact(p, "Licence", o->licence, 60);
    add_short_fact(p, "Cite", o->citation, 130);
    bytes_add_literal(&p->b, "</dl>\n");
    add_card_tables(p, s);
    bytes_add_literal(&p->b, "</li>\n");
}

static void add_experiments(struct web_page *p)
{
    uint32_t n = catalog_nschema(p->catalog);
    uint32_t npage = (n + CARDS - 1) / CARDS, page = web_page_number(p, npage);
    bytes_add_literal(&p->b, "<section id=\"experiments\"><h2>Experiments and "
                             "collections</h2>\n<ul class=\"cards\">\n");
    for (uint32_t i = (page - 1) * CARDS; i < n && i < page * CARDS; i++)
        if (!web_is_tap_schema(catalog_schema_at(p->catalog, i)->name))
            add_card(p, catalog_schema_at(p->catalog, i));
    bytes_add_literal(&p->b, "</ul>\n");
    web_pager(p, "/", "#experiments", page, npage);
    bytes_add_literal(&p->b, "</section>\n");
}

static void add_examples(struct web_page *p)
{
    uint32_t n = catalog_nexample(p->catalog);
    if (n == 0)
        return;
    bytes_add_literal(&p->b, "<section id=\"examples\"><h2>Questions to start with</h2>\n");
    for (uint32_t i = 0; i < n && i < EXAMPLES; i++) {
        const struct catalog_example *x = catalog_example_at(p->catalog, i);
        web_text(p, "<details><summary><bdi>", x->name, "</bdi></summary>\n");
        web_query(p, x->description, x->query);
        bytes_add_literal(&p->b, "</details>\n");
    }
    bytes_add_literal(&p->b, "<p><a href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_format(&p->b, "/tap/examples\">All %u examples</a></p></section>\n", n);
}

static void add_services(struct web_page *p)
{
    static const char *const SERVICE[][2] = {
        {"/tap", "the address for TOPCAT, STILTS, pyvo and Aladin (Table Access Protocol)"},
        {"/tap/examples", "example queries"},
        {"/tap/tables", "metadata of all tables (VOSI)"},
        {"/tap/capabilities", "what the service can do (VOSI)"},
        {"/tap/availability", "whether it is up (VOSI)"},
        {"/sia2", "images by position, band and time (Simple Image Access 2)"},
        {"/ssa", "spectra (Simple Spectral Access)"},
        {"/datalink/capabilities", "links between rows and files (DataLink)"},
        {"/soda/capabilities", "cut-outs of images and cubes (SODA)"}};
    enum { ALWAYS = 5, WITH_OBSCORE = 7 };
    size_t n = ALWAYS;
    if (catalog_find_full_name(p->catalog, STR("ivoa.obscore")))
        n = p->dali->links_path ? sizeof SERVICE / sizeof *SERVICE : WITH_OBSCORE;
    bytes_add_literal(&p->b, "<section id=\"services\"><h2>For programs</h2><dl>\n");
    for (size_t i = 0; i < n; i++) {
        bytes_add_literal(&p->b, "<dt><a href=\"");
        bytes_add_xml(&p->b, str_of(p->base));
        bytes_add_format(&p->b, "%s\">", SERVICE[i][0]);
        bytes_add_xml(&p->b, str_of(p->base));
        bytes_add_format(&p->b, "%s</a></dt><dd>%s</dd>\n", SERVICE[i][0], SERVICE[i][1]);
    }
    bytes_add_literal(&p->b, "</dl><p class=\"soft\">Every page here is also JSON: add "
                             "<code>.json</code> to its address, or ask for "
                             "<code>application/json</code>.</p></section>\n");
}

static void add_words(struct web_page *p)
{
    bytes_add_literal(
        &p->b,
        "<section id=\"words\"><h2>In plain words</h2><dl>\n"
        "<dt>Schema</dt><dd>The tables of one experiment or collection, under one "
        "name.</dd>\n"
        "<dt>Table</dt><dd>Rows of one kind of thing: an air shower, an alert, a source. "
        "Its full name is <code>schema.table</code>.</dd>\n"
        "<dt>Column</dt><dd>One quantity of each row, with its unit: an energy, a "
        "direction, a time.</dd>\n"
        "<dt>UCD</dt><dd>A word that says what a column measures, the same in all "
        "experiments: <code>phys.energy</code> is an energy wherever it stands.</dd>\n"
        "<dt>ADQL</dt><dd>The language of questions: <code>SELECT</code> columns "
        "<code>FROM</code> a table <code>WHERE</code> something holds.</dd>\n"
        "</dl></section>\n");
}

static void add_json(struct web_page *p)
{
    const struct catalog *c = p->catalog;
    int64_t pending = 0;
    json_open(&p->b, NULL, '{');
    json_text(&p->b, "title", p->dali->title);
    json_text(&p->b, "publisher", p->dali->publisher);
    for (uint32_t i = 0; i < catalog_nschema(c) && i < CARDS; i++)
        pending += is_pending(p, sky_table(catalog_schema_at(c, i)));
    json_int(&p->b, "pending_statistics", pending);
    json_open(&p->b, "schemas", '[');
    for (uint32_t i = 0; i < catalog_nschema(c); i++)
        web_json_schema(p, NULL, catalog_schema_at(c, i));
    json_close(&p->b, ']');
    json_close(&p->b, '}');
}

struct http_response *web_front_page(void *web, struct http_request *request)
{
    struct err e = {0};
    struct web_page p;
    if (!web_page_open(&p, web, request, &e))
        return web_page_fail(&p, &e);
    if (p.wants_json) {
        add_json(&p);
        return web_page_reply(&p);
    }
    web_page_head(&p, p.dali->title ? p.dali->title : "Colure");
    add_intro(&p);
    add_search(&p);
    add_help(&p);
    add_experiments(&p);
    add_examples(&p);
    add_services(&p);
    add_words(&p);
    return web_page_reply(&p);
}
