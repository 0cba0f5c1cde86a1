/* error.c -- errors as documents: a VOTable that clients parse (DALI-18 to 21), text, or a
 * page for browsers. All show the place in the query, when there is one. */
#include <stdio.h>

#include "core/base/page.h"
#include "core/dali/dali.h"

enum { DOCUMENT_MAX_BYTES = 256 * 1024, SHOWN_QUERY_BYTES = 64 * 1024 };

/* The message with its place: "line 1, column 8: ...". */
static void place_message(const struct err *from, struct err *to)
{
    *to = (struct err){.kind = from->kind};
    if (from->line > 0)
        snprintf(to->message, sizeof to->message, "line %d, column %d: %.1100s", from->line,
                 from->column, from->message);
    else
        snprintf(to->message, sizeof to->message, "%s", from->message);
}

static str query_of(const struct http_request *request)
{
    const struct http_param *p = http_request_param(request, "QUERY", NULL);
    return p && !p->path && p->value.len <= SHOWN_QUERY_BYTES ? p->value : (str){NULL, 0};
}

static void add_text(struct bytes *b, const struct http_request *request,
                     const struct err *e)
{
    str query = query_of(request);
    if (e->line > 0 && query.at)
        adql_explain_error(query, e, b);
    else {
        bytes_add(b, str_of(e->message));
        bytes_add_char(b, '\n');
    }
}

static void add_page(struct bytes *b, const struct dali *d,
                     const struct http_request *request, const struct err *e)
{
    struct bytes text;
    bytes_init(&text, DOCUMENT_MAX_BYTES);
    add_text(&text, request, e);
    const char *title = e->kind == ERR_NOT_FOUND ? "Not found" : "That did not work";
    page_begin(b, &(struct page_head){
                      .title = title, .base = dali_base_url(d, request), .site = d->title});
    bytes_add_literal(b, "<pre class=\"error\">");
    bytes_add_xml(b, bytes_str(&text));
    bytes_add_literal(b, "</pre>\n<p>Request ");
    bytes_add_xml(b, str_of(request->id));
    bytes_add_format(b, ", status %d. <a href=\"%s/\">Back to the front page</a>.</p>\n",
                     err_http_status(e->kind), request->base_url ? request->base_url : "");
    page_end(b);
    bytes_free(&text);
}

enum form { FORM_VOTABLE, FORM_TEXT, FORM_HTML };

static bool asks_for(const struct http_request *request, const char *form)
{
    static const char *const NAME[] = {"RESPONSEFORMAT", "FORMAT"};
    for (int i = 0; i < 2; i++) {
        const struct http_param *p = http_request_param(request, NAME[i], NULL);
        if (p && (str_eq_fold(p->value, str_of(form)) ||
                  (str_starts_fold(p->value, STR("text/")) &&
                   str_eq_fold((str){p->value.at + 5, p->value.len - 5}, str_of(form)))))
            return true;
    }
    return false;
}

static enum form choose_form(const struct http_request *request)
{
    if (asks_for(request, "text") || asks_for(request, "plain"))
        return FORM_TEXT;
    if (asks_for(request, "html"))
        return FORM_HTML;
    return http_request_is_browser(request) ? FORM_HTML : FORM_VOTABLE;
}

static void say_when(struct http_response *r, struct http_request *request,
                     const struct err *e)
{
    enum { RETRY_S = 10 };
    if (e->kind != ERR_BUSY && e->kind != ERR_UNAVAILABLE)
        return;
    const char *seconds = arena_format(request->arena, "%d",
                                       e->retry_after_s > 0 ? e->retry_after_s : RETRY_S);
    if (seconds)
        http_reply_header(r, "Retry-After", seconds);
}

void dali_protect_page(struct http_response *r)
{
    char policy[PAGE_POLICY_BYTES];
    page_policy(&(struct page_head){0}, policy);
    http_reply_header(r, "Content-Security-Policy", policy);
}

struct http_response *dali_render_error(void *dali, struct http_request *request,
                                        const struct err *e)
{
    static const char *const TYPE[] = {"application/x-votable+xml",
                                       "text/plain; charset=utf-8",
                                       "text/html; charset=utf-8"};
    struct http_response *r = http_reply(request, err_http_status(e->kind));
    enum form form = choose_form(request);
    struct err placed;
    struct bytes b;
    bytes_init(&b, DOCUMENT_MAX_BYTES);
    place_message(e, &placed);
    if (form == FORM_VOTABLE)
        format_error_votable(&b, &placed, request->id);
    else if (form == FORM_TEXT)
        add_text(&b, request, e);
    else
        add_page(&b, dali, request, e);
    http_reply_buffer(r, TYPE[form], &b);
    if (form == FORM_HTML)
        dali_protect_page(r);
    say_when(r, request, e);
    return r;
}
