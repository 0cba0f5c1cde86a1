/* columns.c -- the columns of a table as a list that can be narrowed without scripts. */
#include <stdio.h>
#include <strings.h>

#include "web/inside.h"

enum { COLUMNS = 250 };

struct choice { /* which columns are shown, and in which order */
    str text, order;
    bool principal_only;
};

static const struct {
    const char *word, *label;
} ORDER[] = {{"", "as in the table"},
             {"name", "by name"},
             {"unit", "by unit"},
             {"ucd", "by what they measure"}};

static bool has_text(const char *where, str what)
{
    str s = str_of(where);
    for (size_t i = 0; i + what.len <= s.len; i++)
        if (str_eq_fold((str){s.at + i, what.len}, what))
            return true;
    return false;
}

static bool is_chosen(const struct choice *choice, const struct store_column *c)
{
    if (c->flags & STORE_HIDDEN ||
        (choice->principal_only && !(c->flags & STORE_PRINCIPAL)))
        return false;
    return choice->text.len == 0 || has_text(c->name, choice->text) ||
           has_text(c->description, choice->text) || has_text(c->ucd, choice->text) ||
           has_text(c->unit, choice->text);
}

void web_add_badges(struct web_page *p, const struct store_column *c)
{
    static const struct {
        uint32_t flag;
        const char *word, *title;
    } BADGE[] = {{STORE_KEY, "key", "tells rows apart"},
                 {STORE_INDEXED, "indexed", "fast to search by"},
                 {STORE_PRINCIPAL, "principal", "one of the most important columns"},
                 {STORE_STD, "standard", "defined by a standard of the IVOA"}};
    for (size_t i = 0; i < sizeof BADGE / sizeof *BADGE; i++)
        if (c->flags & BADGE[i].flag)
            bytes_add_format(&p->b, " <span class=\"badge\" title=\"%s\">%s</span>",
                             BADGE[i].title, BADGE[i].word);
}

static void add_row(struct web_page *p, const struct catalog_table *t,
                    const struct catalog_column *column)
{
    const struct store_column *c = &column->meta;
    const char *words = web_ucd_words(p, c);
    bytes_add_literal(&p->b, "<tr><th scope=\"row\">");
    web_column_link(p, t, column);
    web_add_badges(p, c);
    bytes_add_literal(&p->b, "</th><td>");
    if (web_has(c->unit))
        web_clip(p, c->unit, 40);
    bytes_add_literal(&p->b, "</td><td dir=\"auto\">");
    if (web_has(c->description))
        web_clip(p, c->description, 300);
    if (words) {
        bytes_add_literal(&p->b, "<br/><span class=\"soft\">");
        web_clip(p, words, 160);
        bytes_add_literal(&p->b, "</span>");
    }
    bytes_add_literal(&p->b, "</td><td class=\"vals\">");
    web_add_values(p, column);
    bytes_add_literal(&p->b, "</td><td class=\"soft\">");
    web_type_words(&p->b, c);
    bytes_add_literal(&p->b, "</td></tr>\n");
}

static void add_form(struct web_page *p, const struct choice *choice)
{
    bytes_add_literal(&p->b, "<form class=\"filter\" method=\"get\" action=\"#columns\">"
                             "<label>Name, unit or meaning <input type=\"search\" "
                             "name=\"filter\" maxlength=\"100\" value=\"");
    bytes_add_xml(&p->b, choice->text);
    bytes_add_format(&p->b,
                     "\"/></label><label><input type=\"checkbox\" name=\"principal\" "
                     "value=\"1\"%s/> principal only</label><label>Order <select "
                     "name=\"order\">",
                     choice->principal_only ? " checked=\"checked\"" : "");
    for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++)
        bytes_add_format(
            &p->b, "<option value=\"%s\"%s>%s</option>", ORDER[i].word,
            str_eq(choice->order, str_of(ORDER[i].word)) ? " selected=\"selected\"" : "",
            ORDER[i].label);
    bytes_add_literal(&p->b, "</select></label><button>Show</button></form>\n");
}

/* Nothing comes last. */
static int compare_texts(const char *a, const char *b)
{
    if (!web_has(a) || !web_has(b))
        return web_has(b) - web_has(a);
    return strcasecmp(a, b);
}

static const char *sort_text(const struct store_column *c, str order)
{
    return str_eq(order, STR("name"))   ? c->name
           : str_eq(order, STR("unit")) ? c->unit
                                        : c->ucd;
}

/* Of equals, the first in the table comes first. */
static void sort_list(const struct catalog_table *t, str order, uint32_t *list, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        uint32_t one = list[i], at = i;
        const char *text = sort_text(&t->column[one].meta, order);
        for (; at > 0 &&
               compare_texts(sort_text(&t->column[list[at - 1]].meta, order), text) > 0;
             at--)
            list[at] = list[at - 1];
        list[at] = one;
    }
}

static bool is_order(str word)
{
    for (size_t i = 1; i < sizeof ORDER / sizeof *ORDER; i++)
        if (str_eq(word, str_of(ORDER[i].word)))
            return true;
    return false;
}

static uint32_t list_chosen(const struct catalog_table *t, const struct choice *choice,
                            struct arena *arena, uint32_t **list)
{
    uint32_t n = 0;
    *list = arena_new_array(arena, uint32_t, t->ncolumn + 1);
    for (uint32_t i = 0; *list && i < t->ncolumn; i++)
        if (is_chosen(choice, &t->column[i].meta))
            (*list)[n++] = i;
    if (*list && is_order(choice->order))
        sort_list(t, choice->order, *list, n);
    return n;
}

static const char *other_parameters(struct web_page *p, const struct choice *choice)
{
    struct bytes b;
    bytes_init(&b, 4096);
    if (choice->text.len) {
        bytes_add_literal(&b, "&filter=");
        bytes_add_url(&b, choice->text);
    }
    if (choice->principal_only)
        bytes_add_literal(&b, "&principal=1");
    if (is_order(choice->order)) {
        bytes_add_literal(&b, "&order=");
        bytes_add_url(&b, choice->order);
    }
    bytes_add_literal(&b, "#columns");
    const char *text = arena_text(p->arena, bytes_str(&b));
    bytes_free(&b);
    return text ? text : "";
}

static void add_pager(struct web_page *p, const struct catalog_table *t,
                      const struct choice *choice, uint32_t page, uint32_t npage)
{
    struct bytes path;
    bytes_init(&path, 1u << 16);
    bytes_add_literal(&path, "/table/");
    bytes_add_url(&path, str_of(t->full_name));
    const char *text = bytes_text(&path);
    if (text)
        web_pager(p, text, other_parameters(p, choice), page, npage);
    bytes_free(&path);
}

void web_add_columns(struct web_page *p, const struct catalog_table *t)
{
    enum { WORTH_A_FILTER = 8 };
    struct choice choice = {.text = web_param(p, "filter"),
                            .order = web_param(p, "order"),
                            .principal_only = web_param(p, "principal").len > 0};
    uint32_t *list, total = web_ncolumn(t);
    uint32_t n = list_chosen(t, &choice, p->arena, &list);
    uint32_t npage = (n + COLUMNS - 1) / COLUMNS, page = web_page_number(p, npage);
    bytes_add_literal(&p->b, "<section id=\"columns\"><h2>Columns</h2>\n");
    if (total > WORTH_A_FILTER)
        add_form(p, &choice);
    if (n != total)
        bytes_add_format(&p->b, "<p role=\"status\">%u of %u columns.</p>\n", n, total);
    bytes_add_literal(
        &p->b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
               "aria-label=\"Columns\"><table class=\"columns\"><thead><tr>"
               "<th>Column</th><th>Unit</th><th>Meaning</th><th>Values</th><th>Kind</th>"
               "</tr></thead>\n<tbody>");
    for (uint32_t i = (page - 1) * COLUMNS; i < n && i < page * COLUMNS; i++)
        add_row(p, t, &t->column[list[i]]);
    bytes_add_literal(&p->b, "</tbody></table></div>\n");
    add_pager(p, t, &choice, page, npage);
    bytes_add_literal(&p->b, "</section>\n");
}
