/* html_write.c -- a result as a page to read: one table, everything escaped, no scripts. */
#include "core/base/num.h"
#include "core/base/page.h"
#include "core/formats/sinks.h"

enum {
    SHORT = 40,         /* texts of so many bytes stay on one line */
    LONGEST_LINK = 6000 /* bytes of a query that an address holds */
};

struct html {
    struct writer w;
    uint64_t nrow;
};

static void add_heading(struct bytes *b, const struct store_column *c)
{
    bytes_add_literal(b, "<th scope=\"col\"");
    if (c->description && *c->description) {
        bytes_add_literal(b, " title=\"");
        bytes_add_xml(b, str_of(c->description));
        bytes_add_char(b, '"');
    }
    bytes_add_char(b, '>');
    bytes_add_xml(b, str_of(c->name));
    if (c->unit && *c->unit) {
        bytes_add_literal(b, "<br><span>");
        bytes_add_xml(b, str_of(c->unit));
        bytes_add_literal(b, "</span>");
    }
    bytes_add_literal(b, "</th>");
}

static void add_element(struct bytes *b, const char *before, const char *text,
                        const char *after)
{
    bytes_add(b, str_of(before));
    bytes_add_xml(b, str_of(text));
    bytes_add(b, str_of(after));
}

/* What was asked, and where it can be changed: the page is no dead end. */
static void add_query(struct bytes *b, const struct result_head *head)
{
    str query = {"", 0};
    for (uint32_t i = 0; i < head->ninfo; i++)
        if (str_eq(str_of(head->info[i].name), STR("query")))
            query = str_of(head->info[i].value);
    if (!head->page_version || !head->page_base || query.len == 0)
        return;
    bytes_add_literal(b, "<details><summary>The query</summary><pre>");
    bytes_add_xml(b, query);
    bytes_add_literal(b, "</pre>");
    if (query.len <= LONGEST_LINK) {
        bytes_add_literal(b, "<p><a class=\"button plain\" href=\"");
        bytes_add_xml(b, str_of(head->page_base));
        bytes_add_literal(b, "/query?QUERY=");
        bytes_add_url(b, query);
        bytes_add_literal(b, "\">Change it in the workbench</a></p>");
    }
    bytes_add_literal(b, "</details>\n");
}

static bool begin(struct sink *sink, const struct result_head *head, struct bytes *out,
                  struct err *e)
{
    struct html *w = (struct html *)sink;
    const char *title = head->table_name ? head->table_name : "Query result";
    if (!writer_begin(&w->w, head, e))
        return false;
    static const char *const SCRIPT[] = {"send.js", NULL};
    page_begin(out, &(struct page_head){.title = title,
                                        .base = head->page_base,
                                        .site = head->page_site,
                                        .version = head->page_version,
                                        .script = SCRIPT,
                                        .here = "/query",
                                        .is_wide = true});
    if (head->description)
        add_element(out, "<p>", head->description, "</p>\n");
    if (head->page_version) /* a button to TOPCAT, where scripts run */
        add_element(out, "<p><span class=\"samp\" data-url=\"?\" data-name=\"", title,
                    "\"></span></p>\n");
    add_query(out, head);
    bytes_add_literal(out, "<div class=\"rows\" tabindex=\"0\" role=\"region\" "
                           "aria-label=\"Rows\">\n<table class=\"result\" "
                           "data-table-id=\"?\">\n<thead><tr>");
    for (uint32_t i = 0; i < head->ncolumn; i++)
        add_heading(out, head->column[i]);
    bytes_add_literal(out, "</tr></thead>\n<tbody>\n");
    return !out->failed || writer_too_long(e);
}

/* http and https addresses become links; any other scheme stays text. */
static void add_text(struct bytes *b, str s)
{
    bool is_link =
        (str_starts_fold(s, STR("http://")) || str_starts_fold(s, STR("https://"))) &&
        str_find(s, ' ') == s.len;
    if (is_link) {
        bytes_add_literal(b, "<a rel=\"noopener nofollow\" href=\"");
        bytes_add_xml(b, s);
        bytes_add_literal(b, "\">");
    }
    bytes_add_xml(b, s);
    if (is_link)
        bytes_add_literal(b, "</a>");
}

static void add_cell(struct bytes *b, const struct field *f, const struct store_vector *v,
                     uint32_t irow)
{
    if (!store_is_valid(v, irow)) {
        bytes_add_literal(b, "<td></td>");
        return;
    }
    if (f->column->type == STORE_TEXT) {
        struct cell cell = field_cell(f, v, irow);
        bytes_add(b, cell.count <= SHORT ? STR("<td class=\"k\">") : STR("<td>"));
        add_text(b, (str){cell.at, cell.count});
    } else {
        const char *start = f->is_text ? "<td class=\"k\">" : "<td class=\"n\">";
        bytes_add(b, str_of(f->is_scalar ? start : "<td>"));
        char *to = bytes_reserve(b, field_print_bytes(f, v, irow));
        if (to)
            b->len += (size_t)(field_print(f, v, irow, to) - to);
    }
    bytes_add_literal(b, "</td>");
}

static bool rows(struct sink *sink, const struct store_batch *b, struct bytes *out,
                 struct err *e)
{
    struct html *w = (struct html *)sink;
    for (uint32_t irow = 0; irow < b->nrow; irow++) {
        size_t start = out->len;
        bytes_add_literal(out, "<tr>");
        for (uint32_t i = 0; i < w->w.head->ncolumn; i++)
            add_cell(out, &w->w.field[i], &b->column[i], irow);
        bytes_add_literal(out, "</tr>\n");
        if (out->failed) {
            out->len = start;
            return writer_too_long(e);
        }
        w->nrow++;
    }
    return true;
}

static bool end(struct sink *sink, enum ending ending, const struct err *why,
                struct bytes *out, struct err *e)
{
    const struct html *w = (struct html *)sink;
    (void)why;
    if (ending == ENDING_FAILED)
        return false;
    bytes_add_format(out, "</tbody></table></div>\n<p>%llu row%s.",
                     (unsigned long long)w->nrow, w->nrow == 1 ? "" : "s");
    if (ending == ENDING_OVERFLOW) {
        const char *text = w->w.head->overflow_text;
        bytes_add_literal(out, " <strong>There are more: ");
        bytes_add_xml(out, str_of(text ? text : "the row limit was reached."));
        bytes_add_literal(out, "</strong>");
    }
    bytes_add_literal(out, "</p>\n");
    page_end(out);
    return !out->failed || writer_too_long(e);
}

static void close_sink(struct sink *sink)
{
    writer_free((struct writer *)sink);
}

struct sink *sink_html(const struct format_options *options, struct err *e)
{
    static const struct sink CALLS = {false, -1, begin, rows, end, close_sink};
    struct html *w = writer_new(sizeof *w, &CALLS, options, e);
    return w ? &w->w.sink : NULL;
}
