/* examples.c -- /tap/examples: the catalog's examples as XHTML with RDFa (DALI-27 to 32),
 * and the page at /tap for people. */
#include <stdio.h>

#include "core/base/page.h"
#include "tap/run.h"

static void add_example(struct bytes *b, const struct catalog_example *x)
{
    bytes_add_format(b, "<div typeof=\"example\" id=\"%s\" resource=\"#%s\">\n", x->id,
                     x->id);
    bytes_add_literal(b, "<h2 property=\"name\">");
    bytes_add_xml(b, str_of(x->name));
    bytes_add_literal(b, "</h2>\n");
    if (x->description) {
        bytes_add_literal(b, "<p>");
        bytes_add_xml(b, str_of(x->description));
        bytes_add_literal(b, "</p>\n");
    }
    if (x->ntable)
        bytes_add_literal(b, "<p>Uses");
    for (uint32_t i = 0; i < x->ntable; i++) {
        bytes_add_format(b, "%s <em property=\"table\">", i ? "," : "");
        bytes_add_xml(b, str_of(x->table[i]));
        bytes_add_literal(b, "</em>");
    }
    if (x->ntable)
        bytes_add_literal(b, ".</p>\n");
    bytes_add_literal(b, "<pre property=\"query\">");
    bytes_add_xml(b, str_trim(str_of(x->query)));
    bytes_add_literal(b, "</pre>\n</div>\n");
}

/* ---- where nobody wrote examples, the first tables speak for themselves ---- */

enum { OWN_TABLES = 3, OWN_BYTES = 2048 };

static void add_own(struct bytes *b, const struct catalog_table *t, const char *kind,
                    const char *name, const char *query)
{
    char id[40], title[300];
    snprintf(id, sizeof id, "%s-%u", kind, (unsigned)t->index);
    snprintf(title, sizeof title, "%s %.200s", name, t->full_name);
    const struct catalog_example x = {
        .id = id, .name = title, .query = query, .ntable = 1, .table = &t->full_name};
    add_example(b, &x);
}

static void add_rows_example(struct bytes *b, const struct catalog_table *t)
{
    char query[OWN_BYTES];
    snprintf(query, sizeof query, "SELECT TOP 10 * FROM %.500s", t->full_name);
    add_own(b, t, "rows", "First rows of", query);
}

static void add_cone_example(struct bytes *b, const struct catalog_table *t)
{
    char query[OWN_BYTES];
    if (t->lon_column < 0 || t->lat_column < 0)
        return;
    snprintf(
        query, sizeof query,
        "SELECT TOP 100 *\nFROM %.500s\nWHERE 1 = CONTAINS(POINT('ICRS', %.300s, %.300s), "
        "CIRCLE('ICRS', 10, 20, 1))",
        t->full_name, t->column[t->lon_column].adql_name,
        t->column[t->lat_column].adql_name);
    add_own(b, t, "cone", "Around a position in", query);
}

static void add_own_examples(struct bytes *b, const struct catalog *catalog)
{
    for (uint32_t i = 0, n = 0; i < catalog_nschema(catalog); i++) {
        const struct catalog_schema *s = catalog_schema_at(catalog, i);
        bool is_own = str_eq_fold(str_of(s->name), STR("tap_schema"));
        for (uint32_t k = 0; !is_own && k < s->ntable && n < OWN_TABLES; k++, n++) {
            add_rows_example(b, &s->table[k]);
            add_cone_example(b, &s->table[k]);
        }
        if (n > 0)
            return; /* ids are unique within a schema */
    }
}

/* For machines first: strict XHTML without the frame of other pages, but not unkind to
 * those who read it. */
static const char STYLE[] = "html{color:#1c2430;background:#fff}"
                            "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;"
                            "margin:1rem auto;padding:0 1rem}"
                            "pre{white-space:pre-wrap;overflow-wrap:anywhere}";

struct http_response *tap_examples(void *context, struct http_request *request)
{
    struct tap *tap = context;
    const struct page_head head = {.style = STYLE};
    char policy[PAGE_POLICY_BYTES];
    struct bytes b;
    bytes_init(&b, 16 * 1024 * 1024);
    bytes_add_literal(&b,
                      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                      "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>"
                      "<title>Example queries</title><meta name=\"viewport\" "
                      "content=\"width=device-width, initial-scale=1\"/><link rel=\"icon\" "
                      "href=\"data:,\"/><style>");
    bytes_add(&b, str_of(STYLE));
    bytes_add_literal(&b, "</style></head>\n<body "
                          "vocab=\"http://www.ivoa.net/rdf/examples#\">\n<main>\n"
                          "<h1>Example queries</h1>\n<p><a href=\"");
    bytes_add_xml(&b, str_of(dali_base_url(tap->dali, request)));
    bytes_add_literal(&b, "/\">All that this node has</a></p>\n");
    const struct catalog *catalog = tap->dali->catalog(tap->dali->node);
    for (uint32_t i = 0; i < catalog_nexample(catalog); i++)
        add_example(&b, catalog_example_at(catalog, i));
    if (catalog_nexample(catalog) == 0)
        add_own_examples(&b, catalog);
    catalog_drop(catalog);
    bytes_add_literal(&b, "</main>\n</body>\n</html>\n");
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "application/xhtml+xml", &b);
    page_policy(&head, policy);
    http_reply_header(r, "Content-Security-Policy", policy);
    return r;
}

struct http_response *tap_page(void *context, struct http_request *request)
{
    static const char ASK[] = "?LANG=ADQL&amp;RESPONSEFORMAT=html&amp;"
                              "QUERY=SELECT+*+FROM+TAP_SCHEMA.tables";
    static const char *const PATH[][3] = {
        /* path, what a link to it needs, meaning */
        {"sync", ASK,
         "queries while you wait (GET or POST: LANG, QUERY, RESPONSEFORMAT, MAXREC, "
         "UPLOAD)"},
        {"async", "", "queries as jobs"},
        {"tables", "", "schemas, tables and columns (VOSI tables)"},
        {"examples", "", "example queries"},
        {"capabilities", "", "what the service can do (VOSI capabilities)"},
        {"availability", "", "whether it is up (VOSI availability)"},
        {"check", ASK, "is a query right, and what will it cost (JSON)"},
        {"explain", ASK, "what would run, and where, for a query"}};
    struct tap *tap = context;
    const char *base = dali_base_url(tap->dali, request);
    char policy[PAGE_POLICY_BYTES];
    struct bytes b;
    bytes_init(&b, 256 * 1024);
    const struct page_head head = {
        .title = "Table Access Protocol", .base = base, .site = tap->dali->title};
    page_begin(&b, &head);
    bytes_add_literal(
        &b, "<p>This is the address to give to TOPCAT, STILTS or pyvo.</p><dl>\n");
    for (size_t i = 0; i < sizeof PATH / sizeof *PATH; i++)
        bytes_add_format(&b, "<dt><a href=\"%s/tap/%s%s\">%s</a></dt><dd>%s</dd>\n", base,
                         PATH[i][0], PATH[i][1], PATH[i][0], PATH[i][2]);
    bytes_add_literal(&b, "</dl>\n");
    page_end(&b);
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "text/html; charset=utf-8", &b);
    page_policy(&head, policy);
    http_reply_header(r, "Content-Security-Policy", policy);
    return r;
}
