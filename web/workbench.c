/* workbench.c -- /query: a form that asks a question without scripts, which web/assets/
 * workbench.js makes an editor with completion, estimates, jobs and uploads; and /jobs, the
 * queries that a person let run. */
#include "core/base/json.h"
#include "core/catalog/words.h"
#include "web/inside.h"

enum { QUERY_BYTES = 256 * 1024, EXAMPLES_SHOWN = 40 };

/* Parts of the page that a node may lack. */
static const struct {
    const char *name, *file;
} PARTS[] = {{"editor", "vendor/codemirror.js"},
             {"arrow", "vendor/arrow.js"},
             {"table", "table.js"},
             {"samp", "samp.js"}};

static const char *const SHEET[] = {"workbench.css", NULL};

static void add_formats(struct web_page *p)
{
    bytes_add_literal(&p->b, "<label>Format <select name=\"RESPONSEFORMAT\">"
                             "<option value=\"html\">table to look at</option>");
    for (uint32_t i = 0; i < format_count(); i++)
        if (format_at(i)->is_declared)
            bytes_add_format(&p->b, "<option value=\"%s\">%s</option>", format_at(i)->mime,
                             format_at(i)->name);
    bytes_add_literal(&p->b, "</select></label>\n");
}

/* What the address asks for, else the first example, else what every node can answer. */
static str first_query(const struct web_page *p)
{
    str query = web_param(p, "QUERY");
    if (query.len && query.len <= QUERY_BYTES)
        return query;
    if (catalog_nexample(p->catalog))
        return str_trim(str_of(catalog_example_at(p->catalog, 0)->query));
    return STR("SELECT TOP 10 * FROM tap_schema.tables");
}

static void add_form(struct web_page *p)
{
    str maxrec = web_param(p, "MAXREC");
    bytes_add_literal(&p->b, "<form id=\"ask\" method=\"post\" action=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(
        &p->b, "/tap/sync\">\n<input type=\"hidden\" name=\"LANG\" value=\"ADQL\"/>\n"
               "<p><label for=\"adql\">Query</label></p>\n"
               "<textarea id=\"adql\" name=\"QUERY\" rows=\"9\" spellcheck=\"false\" "
               "autocapitalize=\"off\">");
    bytes_add_xml(&p->b, first_query(p));
    bytes_add_literal(&p->b, "</textarea>\n<p id=\"choices\">");
    add_formats(p);
    bytes_add_literal(&p->b, "<label>At most <input name=\"MAXREC\" size=\"8\" "
                             "inputmode=\"numeric\" value=\"");
    bytes_add_xml(&p->b, maxrec.len ? maxrec : STR("1000"));
    bytes_add_literal(&p->b, "\"/> rows</label>\n<button id=\"run\">Run</button></p>\n"
                             "</form>\n");
}

static void add_example(struct web_page *p, const struct catalog_example *x)
{
    web_text(p, "<details><summary>", x->name, "</summary>");
    web_text(p, "<p>", x->description, "</p>");
    bytes_add_literal(&p->b, "<pre>");
    bytes_add_xml(&p->b, str_trim(str_of(x->query)));
    bytes_add_literal(&p->b, "</pre><p><a class=\"open\" href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/query?QUERY=");
    bytes_add_url(&p->b, str_trim(str_of(x->query)));
    bytes_add_literal(&p->b, "\">Put it into the editor</a></p></details>\n");
}

static void add_examples(struct web_page *p)
{
    uint32_t n = catalog_nexample(p->catalog);
    if (!n)
        return;
    bytes_add_literal(&p->b, "<section id=\"examples\"><h2>Examples</h2>\n");
    for (uint32_t i = 0; i < n && i < EXAMPLES_SHOWN; i++)
        add_example(p, catalog_example_at(p->catalog, i));
    bytes_add_literal(&p->b, "</section>\n");
}

static void add_missing(struct web_page *p)
{
    const char *missing = assets_missing(p->web->assets);
    web_text(p, "<p class=\"warn\">This node lacks something: ", missing, ".</p>\n");
}

/* A page with the frame, a nonce for the editor's styles, and one script. */
static struct http_response *open_page(struct web_page *p, void *web,
                                       struct http_request *request, const char *here,
                                       const char *title, const char *const *script)
{
    char nonce[PAGE_NONCE_BYTES];
    struct err e = {0};
    if (!web_page_open(p, web, request, &e))
        return web_page_fail(p, &e);
    p->head.here = here;
    p->head.script = script;
    p->head.sheet = SHEET;
    p->head.is_wide = true;
    if (page_nonce(nonce))
        p->head.nonce = arena_text(p->arena, str_of(nonce));
    p->wants_json = false;
    web_page_head(p, title);
    return NULL;
}

struct http_response *web_query_page(void *web, struct http_request *request)
{
    static const char *const SCRIPT[] = {"workbench.js", NULL};
    struct web_page p;
    struct http_response *failed =
        open_page(&p, web, request, "/query", "Ask in ADQL", SCRIPT);
    if (failed)
        return failed;
    add_missing(&p);
    bytes_add_literal(&p.b, "<div id=\"workbench\">\n");
    add_form(&p);
    bytes_add_literal(&p.b, "<div id=\"answer\"></div>\n</div>\n");
    bytes_add_literal(&p.b,
                      "<noscript><p>This form works as it is. With scripts the page "
                      "completes names, checks while you type, and shows what a query "
                      "will cost.</p></noscript>\n");
    add_examples(&p);
    return web_page_reply(&p);
}

struct http_response *web_jobs_page(void *web, struct http_request *request)
{
    static const char *const SCRIPT[] = {"jobs.js", NULL};
    struct web_page p;
    struct http_response *failed = open_page(&p, web, request, "/jobs", "Jobs", SCRIPT);
    if (failed)
        return failed;
    bytes_add_literal(
        &p.b,
        "<p>A query that takes long runs as a job: you may leave, and come back for "
        "its result. Jobs made without logging in are known to nobody but whoever has "
        "their address; this browser keeps the addresses of those made here.</p>\n"
        "<div id=\"jobs\"></div>\n<noscript><p>Without scripts this page cannot know "
        "your jobs. <a href=\"");
    bytes_add_xml(&p.b, str_of(p.base));
    bytes_add_literal(&p.b,
                      "/tap/async\">The list of the jobs of your login</a> works, and "
                      "so does the address of each job.</p></noscript>\n");
    return web_page_reply(&p);
}

/* ---- what the editor knows, as JSON ---------------------------------------------------
 */

static void add_functions(struct web_page *p)
{
    json_open(&p->b, "functions", '[');
    for (uint32_t i = 0; i < adql_function_count(); i++) {
        const struct adql_function *f = adql_function_at(i);
        bool is_there =
            f->needs == ADQL_NEEDS_NOTHING ||
            (f->needs == ADQL_NEEDS_RESOLVER && p->dali->env.resolve) ||
            (f->needs == ADQL_NEEDS_VOCABULARIES && catalog_has_vocabularies(p->catalog));
        if (!is_there)
            continue;
        json_open(&p->b, NULL, '{');
        json_text(&p->b, "name", f->name);
        json_text(&p->b, "signature", f->signature);
        json_text(&p->b, "description", f->description);
        json_text(&p->b, "example", f->example);
        json_bool(&p->b, "aggregate", f->is_aggregate);
        json_bool(&p->b, "window", f->is_window);
        json_close(&p->b, '}');
    }
    json_close(&p->b, ']');
}

static void add_words(struct web_page *p)
{
    json_open(&p->b, "words", '[');
    for (int i = WORD_NONE + 1; i < NWORD; i++)
        json_text(&p->b, NULL, word_text((enum word)i));
    json_close(&p->b, ']');
}

static void add_format_names(struct web_page *p)
{
    json_open(&p->b, "formats", '[');
    for (uint32_t i = 0; i < format_count(); i++) {
        if (!format_at(i)->is_declared)
            continue;
        json_open(&p->b, NULL, '{');
        json_text(&p->b, "name", format_at(i)->name);
        json_text(&p->b, "mime", format_at(i)->mime);
        json_text(&p->b, "extension", format_at(i)->extension);
        json_close(&p->b, '}');
    }
    json_close(&p->b, ']');
}

static struct http_response *json_page(struct web_page *p)
{
    json_close(&p->b, '}');
    return web_page_reply(p);
}

struct http_response *web_query_words(void *web, struct http_request *request)
{
    struct web_page p;
    struct err e = {0};
    if (!web_page_open(&p, web, request, &e))
        return web_page_fail(&p, &e);
    p.wants_json = true;
    json_open(&p.b, NULL, '{');
    add_functions(&p);
    add_words(&p);
    add_format_names(&p);
    json_open(&p.b, "have", '{');
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++)
        json_bool(&p.b, PARTS[i].name, assets_have(p.web->assets, PARTS[i].file));
    json_close(&p.b, '}');
    json_bool(&p.b, "resolver", p.dali->env.resolve != NULL);
    json_count(&p.b, "upload_bytes", (int64_t)dali_limits(p.dali)->upload_bytes);
    return json_page(&p);
}

struct http_response *web_query_tables(void *web, struct http_request *request)
{
    struct web_page p;
    struct err e = {0};
    if (!web_page_open(&p, web, request, &e))
        return web_page_fail(&p, &e);
    p.wants_json = true;
    json_open(&p.b, NULL, '{');
    json_open(&p.b, "schemas", '[');
    for (uint32_t i = 0; i < catalog_nschema(p.catalog); i++) {
        const struct catalog_schema *s = catalog_schema_at(p.catalog, i);
        json_open(&p.b, NULL, '{');
        json_text(&p.b, "name", s->adql_name);
        json_text(&p.b, "title", s->title);
        json_open(&p.b, "tables", '[');
        for (uint32_t k = 0; k < s->ntable; k++) {
            json_open(&p.b, NULL, '{');
            json_text(&p.b, "name", s->table[k].full_name);
            json_text(&p.b, "title", s->table[k].title);
            json_count(&p.b, "rows", s->table[k].row_estimate);
            json_close(&p.b, '}');
        }
        json_close(&p.b, ']');
        json_close(&p.b, '}');
    }
    json_close(&p.b, ']');
    return json_page(&p);
}
