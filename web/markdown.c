/* markdown.c -- documents in Markdown to HTML by cmark-gfm, in its safe mode; the tree is
 * changed before it is written: links, ids of headings, code with a link to run it. */
#include "web/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <pthread.h>
#include <stdlib.h>

static const char HOME[] = "http://localhost:8080";

struct work {
    const struct markdown_place *place;
    struct arena *arena;
    unsigned ntable;
    bool has_failed;
};

/* ---- texts ---- */

/* The text with the node's own address; NULL: nothing to change. */
static const char *localize(struct work *w, const char *text)
{
    const char *at = text ? strstr(text, HOME) : NULL;
    if (!at)
        return NULL;
    struct bytes b;
    bytes_init(&b, 1 << 20);
    for (; at; at = strstr(text, HOME)) {
        bytes_add(&b, (str){text, (size_t)(at - text)});
        bytes_add(&b, str_of(w->place->base));
        text = at + strlen(HOME);
    }
    bytes_add(&b, str_of(text));
    const char *out = b.failed ? NULL : arena_text(w->arena, bytes_str(&b));
    bytes_free(&b);
    w->has_failed |= !out;
    return out;
}

/* Words of a heading or a link, without its marks. */
static void add_words(cmark_node *node, struct bytes *b)
{
    cmark_iter *iter = cmark_iter_new(node);
    while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
        cmark_node *n = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(n);
        if (cmark_iter_get_event_type(iter) != CMARK_EVENT_ENTER)
            continue;
        if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
            bytes_add(b, str_of(cmark_node_get_literal(n)));
        else if (type == CMARK_NODE_SOFTBREAK)
            bytes_add_char(b, ' ');
    }
    cmark_iter_free(iter);
}

static const char *words_of(struct work *w, cmark_node *node)
{
    struct bytes b;
    bytes_init(&b, 4096);
    add_words(node, &b);
    const char *text = b.failed ? NULL : arena_text(w->arena, bytes_str(&b));
    bytes_free(&b);
    w->has_failed |= !text;
    return text;
}

/* "Who runs when?" -> "who-runs-when", as GitHub does it. */
static const char *slug_of(struct work *w, cmark_node *heading)
{
    const char *words = words_of(w, heading);
    char *slug = words ? arena_text(w->arena, str_of(words)) : NULL;
    size_t n = 0;
    for (const char *c = words; slug && *c; c++) {
        bool is_letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                         (*c >= '0' && *c <= '9') || *c == '_' || *c == '-' || (*c & 0x80);
        if (is_letter || *c == ' ')
            slug[n++] = *c == ' ' ? '-' : ascii_lower(*c);
    }
    if (slug)
        slug[n] = '\0';
    return slug;
}

/* A node that writes this HTML and nothing else. */
static cmark_node *html_node(struct work *w, cmark_node_type type, struct bytes *b)
{
    cmark_node *node = cmark_node_new(type);
    const char *html = bytes_text(b);
    if (!html || !cmark_node_set_on_enter(node, html))
        w->has_failed = true;
    bytes_free(b);
    return node;
}

/* ---- links ---- */

/* Page of a document that another names by its file: "scale.md#x" -> "BASE/docs/scale#x";
 * in the arena. NULL: it is none of docs/. */
static const char *page_of(struct work *w, const char *url)
{
    static const char UP[] = "../";
    str rest = str_of(url), file = str_cut(&rest, '#');
    const char *folder = w->place->folder;
    if (str_starts_fold(file, str_of(UP))) {
        if (!*folder)
            return NULL;
        folder = "";
        file = (str){file.at + strlen(UP), file.len - strlen(UP)};
    }
    if (file.len > 3 && str_eq((str){file.at + file.len - 3, 3}, STR(".md")))
        file.len -= 3;
    const char *name = arena_format(w->arena, "%s%.*s", folder, STR_FMT(file));
    if (!name || !w->place->has(w->place->context, name))
        return NULL;
    if (strcmp(name, "README") == 0)
        return arena_format(w->arena, "%s/docs", w->place->base);
    return arena_format(w->arena, "%s/docs/%s%s%.*s", w->place->base, name,
                        rest.at ? "#" : "", STR_FMT(rest));
}

static bool is_absolute(const char *url)
{
    static const char *const START[] = {"http://", "https://", "mailto:", "#"};
    for (size_t i = 0; i < sizeof START / sizeof *START; i++)
        if (str_starts_fold(str_of(url), str_of(START[i])))
            return true;
    return false;
}

/* Its words stay, or a picture's description. */
static void unlink_node(cmark_node *link)
{
    for (cmark_node *n; (n = cmark_node_first_child(link));)
        cmark_node_insert_before(link, n);
    cmark_node_free(link);
}

static void mend_link(struct work *w, cmark_node *link)
{
    const char *url = cmark_node_get_url(link), *to;
    if (is_absolute(url))
        to = localize(w, url);
    else if (url[0] == '/')
        to = arena_format(w->arena, "%s%s", w->place->base, url);
    else {
        to = page_of(w, url);
        if (!to) {
            unlink_node(link);
            return;
        }
    }
    if (to)
        cmark_node_set_url(link, to);
}

/* ---- blocks ---- */

static void mend_heading(struct work *w, cmark_node *heading)
{
    struct bytes b;
    const char *slug = slug_of(w, heading);
    if (!slug)
        return;
    bytes_init(&b, 8192);
    bytes_add_literal(&b, "<span id=\"");
    bytes_add_xml(&b, str_of(slug));
    bytes_add_literal(&b, "\"></span>");
    cmark_node_prepend_child(heading, html_node(w, CMARK_NODE_CUSTOM_INLINE, &b));
}

/* Blocks that are wider than a phone are scrolled by keys, too. */
static void mend_code(struct work *w, cmark_node *code)
{
    struct bytes b;
    const char *text = cmark_node_get_literal(code), *here = localize(w, text);
    bool is_query = strcmp(cmark_node_get_fence_info(code), "sql") == 0 &&
                    w->place->can_answer(w->place->context, str_trim(str_of(text)));
    bytes_init(&b, 1 << 20);
    bytes_add_literal(&b, "<pre tabindex=\"0\"><code>");
    bytes_add_xml(&b, str_of(here ? here : text));
    bytes_add_literal(&b, "</code></pre>\n");
    if (is_query) {
        bytes_add_literal(&b, "<p><a class=\"do\" href=\"");
        bytes_add_xml(&b, str_of(w->place->base));
        bytes_add_literal(&b, "/query?QUERY=");
        bytes_add_url(&b, str_trim(str_of(text)));
        bytes_add_literal(&b, "\">Run it</a></p>\n");
    }
    cmark_node_insert_before(code, html_node(w, CMARK_NODE_CUSTOM_BLOCK, &b));
    cmark_node_free(code);
}

static void mend_table(struct work *w, cmark_node *table)
{
    struct bytes b;
    bytes_init(&b, 256);
    bytes_add_format(&b,
                     "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                     "aria-label=\"Table %u\">",
                     ++w->ntable);
    cmark_node_insert_before(table, html_node(w, CMARK_NODE_CUSTOM_BLOCK, &b));
    bytes_init(&b, 256);
    bytes_add_literal(&b, "</div>\n");
    cmark_node_insert_after(table, html_node(w, CMARK_NODE_CUSTOM_BLOCK, &b));
}

static void mend(struct work *w, cmark_node *n)
{
    const char *text;
    switch (cmark_node_get_type(n)) {
    case CMARK_NODE_HEADING:
        mend_heading(w, n);
        return;
    case CMARK_NODE_CODE_BLOCK:
        mend_code(w, n);
        return;
    case CMARK_NODE_LINK:
    case CMARK_NODE_IMAGE:
        mend_link(w, n);
        return;
    case CMARK_NODE_TEXT:
    case CMARK_NODE_CODE:
        text = localize(w, cmark_node_get_literal(n));
        if (text)
            cmark_node_set_literal(n, text);
        return;
    default:
        if (strcmp(cmark_node_get_type_string(n), "table") == 0)
            mend_table(w, n);
    }
}

/* Does the walk come by once only? */
static bool is_leaf(cmark_node *n)
{
    cmark_node_type type = cmark_node_get_type(n);
    return type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE ||
           type == CMARK_NODE_CODE_BLOCK;
}

/* What mend() frees has been left by the walk before. */
static void mend_all(struct work *w, cmark_node *root)
{
    cmark_iter *iter = cmark_iter_new(root);
    cmark_event_type event;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *n = cmark_iter_get_node(iter);
        if (n != root && (event == CMARK_EVENT_EXIT || is_leaf(n)))
            mend(w, n);
    }
    cmark_iter_free(iter);
}

static const char *take_title(struct work *w, cmark_node *root)
{
    cmark_node *first = cmark_node_first_child(root);
    if (!first || cmark_node_get_type(first) != CMARK_NODE_HEADING ||
        cmark_node_get_heading_level(first) != 1)
        return NULL;
    const char *title = words_of(w, first);
    cmark_node_free(first);
    return title;
}

/* ---- all of it ---- */

static cmark_node *parse(str text, cmark_parser *parser)
{
    cmark_syntax_extension *tables = cmark_find_syntax_extension("table");
    if (tables)
        cmark_parser_attach_syntax_extension(parser, tables);
    cmark_parser_feed(parser, text.at, text.len);
    return cmark_parser_finish(parser);
}

bool markdown_render(str text, const struct markdown_place *place, struct arena *arena,
                     struct bytes *out, const char **title, struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    enum { OPTIONS = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8 };
    pthread_once(&once, cmark_gfm_core_extensions_ensure_registered);
    struct work w = {.place = place, .arena = arena};
    cmark_parser *parser = cmark_parser_new(OPTIONS);
    cmark_node *root = parse(text, parser);
    *title = take_title(&w, root);
    mend_all(&w, root);
    char *html =
        cmark_render_html(root, OPTIONS, cmark_parser_get_syntax_extensions(parser));
    bytes_add(out, str_of(html));
    free(html);
    cmark_node_free(root);
    cmark_parser_free(parser);
    return !w.has_failed || err_set(e, ERR_INTERNAL, "a document is too large to be shown");
}
