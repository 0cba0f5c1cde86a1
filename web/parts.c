/* parts.c -- see parts.h. */
#include "web/parts.h"

#include <stdio.h>

#include "core/base/json.h"
#include "core/base/num.h"
#include "web/inside.h"

static void drop_catalog(void *catalog)
{
    catalog_drop(catalog);
}

bool web_page_open(struct web_page *p, struct web *web, struct http_request *request,
                   struct err *e)
{
    struct dali *d = web->dali;
    *p = (struct web_page){.web = web,
                           .dali = d,
                           .request = request,
                           .arena = request->arena,
                           .catalog = d->catalog(d->node),
                           .base = dali_base_url(d, request)};
    p->head = (struct page_head){.base = p->base,
                                 .site = d->title,
                                 .here = "/",
                                 .version = assets_version(web->assets)};
    static const char *const SCRIPT[] = {"browse.js", NULL};
    static const char *const SHEET[] = {"browse.css", NULL};
    p->head.script = SCRIPT;
    p->head.sheet = SHEET;
    bytes_init(&p->b, 64u << 20);
    p->wants_json = http_request_accepts(request, "application/json") >
                    http_request_accepts(request, "text/html");
    double xml = http_request_accepts(request, "application/xml");
    p->wants_xml = !http_request_is_browser(request) &&
                   xml > http_request_accepts(request, "text/html") &&
                   xml > http_request_accepts(request, "application/json");
    return arena_defer(request->arena, drop_catalog, (void *)(uintptr_t)p->catalog) ||
           err_set(e, ERR_LIMIT, "the request needs too much memory");
}

static bool drop_suffix(str *name, str suffix)
{
    if (name->len <= suffix.len ||
        !str_eq((str){name->at + name->len - suffix.len, suffix.len}, suffix))
        return false;
    name->len -= suffix.len;
    return true;
}

str web_page_name(struct web_page *p, size_t capture,
                  bool (*exists)(const struct web_page *, str))
{
    str name = p->request->captures[capture].value;
    if (exists(p, name))
        return name;
    if (drop_suffix(&name, STR(".json")))
        p->wants_json = true;
    else if (drop_suffix(&name, STR(".xml")))
        p->wants_xml = true;
    return name;
}

/* The text itself, or as much of it with an ellipsis, cut between characters. */
static void add_cut(struct bytes *b, str text, size_t most)
{
    bool is_long = text.len > most;
    if (is_long)
        for (text.len = most; text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80;
             text.len--) {
        }
    bytes_add(b, text);
    if (is_long)
        bytes_add_literal(b, "\xE2\x80\xA6");
}

void web_page_head(struct web_page *p, const char *title)
{
    enum { TITLE_MOST = 160 };
    struct bytes b;
    bytes_init(&b, 1024);
    add_cut(&b, str_of(title), TITLE_MOST);
    const char *cut = arena_text(p->arena, bytes_str(&b));
    bytes_free(&b);
    p->head.title = cut ? cut : "";
    p->head.style = p->head.style ? p->head.style : WEB_STYLE;
    page_begin(&p->b, &p->head);
}

struct http_response *web_page_reply(struct web_page *p)
{
    char policy[PAGE_POLICY_BYTES];
    page_policy(&p->head, policy);
    if (!p->wants_json)
        page_end(&p->b);
    struct http_response *r = http_reply(p->request, 200);
    http_reply_buffer(
        r, p->wants_json ? "application/json; charset=utf-8" : "text/html; charset=utf-8",
        &p->b);
    http_reply_header(r, "Content-Security-Policy", policy);
    http_reply_header(r, "Vary", "Accept");
    return r;
}

struct http_response *web_page_fail(struct web_page *p, const struct err *e)
{
    if (!p->wants_json) {
        bytes_free(&p->b);
        return http_reply_error(p->request, e);
    }
    bytes_clear(&p->b);
    json_open(&p->b, NULL, '{');
    json_int(&p->b, "status", err_http_status(e->kind));
    json_text(&p->b, "message", e->message);
    json_close(&p->b, '}');
    struct http_response *r = http_reply(p->request, err_http_status(e->kind));
    http_reply_buffer(r, "application/json; charset=utf-8", &p->b);
    http_reply_header(r, "Vary", "Accept");
    return r;
}

/* ---- pieces ---- */

void web_text(struct web_page *p, const char *before, const char *text, const char *after)
{
    if (!web_has(text))
        return;
    bytes_add(&p->b, str_of(before));
    bytes_add_xml(&p->b, str_of(text));
    bytes_add(&p->b, str_of(after));
}

void web_clip(struct web_page *p, const char *text, size_t most)
{
    struct bytes b;
    bytes_init(&b, most + 8);
    add_cut(&b, str_of(text), most);
    bytes_add_xml(&p->b, bytes_str(&b));
    bytes_free(&b);
}

void web_count(struct bytes *b, int64_t n)
{
    char digits[NUM_TEXT_BYTES];
    size_t len = num_print_int(n, digits);
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0 && digits[i - 1] != '-')
            bytes_add_literal(b, "\xE2\x80\xAF");
        bytes_add_char(b, digits[i]);
    }
}

void web_number(struct bytes *b, double value)
{
    const double MOST = 1e9; /* of whole numbers that are written out */
    bool is_whole = value > -MOST && value < MOST && value == (double)(int64_t)value;
    if (is_whole)
        web_count(b, (int64_t)value);
    else
        bytes_add_format(b, "%.4g", value);
}

void web_schema_url(struct web_page *p, const struct catalog_schema *s)
{
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/schema/");
    bytes_add_url(&p->b, str_of(s->name));
}

void web_table_url(struct web_page *p, const struct catalog_table *t)
{
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/table/");
    bytes_add_url(&p->b, str_of(t->full_name));
}

void web_column_url(struct web_page *p, const struct catalog_table *t,
                    const struct catalog_column *c)
{
    web_table_url(p, t);
    bytes_add_char(&p->b, '/');
    bytes_add_url(&p->b, str_of(c->meta.name));
}

void web_schema_link(struct web_page *p, const struct catalog_schema *s)
{
    bytes_add_literal(&p->b, "<a href=\"");
    web_schema_url(p, s);
    bytes_add_literal(&p->b, "\"><bdi>");
    web_clip(p, web_schema_title(s), 120);
    bytes_add_literal(&p->b, "</bdi></a>");
}

void web_table_link(struct web_page *p, const struct catalog_table *t)
{
    bytes_add_literal(&p->b, "<a href=\"");
    web_table_url(p, t);
    bytes_add_literal(&p->b, "\"><code>");
    web_clip(p, t->full_name, 120);
    bytes_add_literal(&p->b, "</code></a>");
}

void web_column_link(struct web_page *p, const struct catalog_table *t,
                     const struct catalog_column *c)
{
    bytes_add_literal(&p->b, "<a href=\"");
    web_column_url(p, t, c);
    bytes_add_literal(&p->b, "\"><code>");
    web_clip(p, c->meta.name, 80);
    bytes_add_literal(&p->b, "</code></a>");
}

static void add_query_link(struct web_page *p, const char *path, const char *query,
                           const char *label)
{
    bytes_add_literal(&p->b, " <a class=\"do\" href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add(&p->b, str_of(path));
    bytes_add_url(&p->b, str_trim(str_of(query)));
    bytes_add_format(&p->b, "\">%s</a>", label);
}

void web_query(struct web_page *p, const char *what, const char *query)
{
    bytes_add_literal(&p->b, "<div class=\"query\">");
    web_text(p, "<p><bdi>", what, "</bdi></p>");
    web_text(p, "<pre tabindex=\"0\">", query, "</pre>");
    bytes_add_literal(&p->b, "<p>");
    add_query_link(p,
                   "/tap/sync?LANG=ADQL&amp;RESPONSEFORMAT=html&amp;MAXREC=1000"
                   "&amp;QUERY=",
                   query, "Run it");
    add_query_link(p, "/query?QUERY=", query, "Open in the workbench");
    bytes_add_literal(&p->b, "</p></div>\n");
}

static bool is_web_url(const char *url)
{
    return str_starts_fold(str_of(url), STR("https://")) ||
           str_starts_fold(str_of(url), STR("http://"));
}

void web_fact(struct web_page *p, const char *name, const char *text, const char *url)
{
    if (!web_has(text))
        return;
    bytes_add_format(&p->b, "<dt>%s</dt><dd dir=\"auto\">", name);
    if (web_has(url) && is_web_url(url)) {
        web_text(p, "<a rel=\"noreferrer\" href=\"", url, "\">");
        web_text(p, "", text, "</a>");
    } else {
        web_text(p, "", text, "");
    }
    bytes_add_literal(&p->b, "</dd>\n");
}

void web_pager(struct web_page *p, const char *path, const char *other, uint32_t page,
               uint32_t npage)
{
    static const struct {
        int step;
        const char *label;
    } WAY[] = {{-1, "Previous"}, {1, "Next"}};
    if (npage < 2)
        return;
    bytes_add_format(&p->b, "<nav class=\"pager\" aria-label=\"Pages\">Page %u of %u", page,
                     npage);
    for (size_t i = 0; i < 2; i++) {
        int64_t to = (int64_t)page + WAY[i].step;
        if (to < 1 || to > npage)
            continue;
        bytes_add_literal(&p->b, " <a href=\"");
        bytes_add_xml(&p->b, str_of(p->base));
        bytes_add(&p->b, str_of(path));
        bytes_add_format(&p->b, "?page=%lld", (long long)to);
        bytes_add_xml(&p->b, str_of(other));
        bytes_add_format(&p->b, "\">%s</a>", WAY[i].label);
    }
    bytes_add_literal(&p->b, "</nav>\n");
}

uint32_t web_page_number(const struct web_page *p, uint32_t npage)
{
    int64_t n;
    if (!num_parse_int(web_param(p, "page"), &n) || n < 1 || npage == 0)
        return 1;
    return n > npage ? npage : (uint32_t)n;
}

str web_param(const struct web_page *p, const char *name)
{
    const struct http_param *param = http_request_param(p->request, name, NULL);
    return param ? str_trim(param->value) : (str){"", 0};
}
