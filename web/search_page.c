/* search_page.c -- /search?q=: what was found, as a page and as JSON. The index is made for
 * each snapshot of the catalog once. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "web/inside.h"
#include "web/search.h"

enum { ON_PAGE = 50, QUERY_BYTES = 400 };

void web_search_init(struct web_search *s)
{
    pthread_mutex_init(&s->lock, NULL);
}

void web_search_free(struct web_search *s)
{
    search_index_drop(s->index);
    pthread_mutex_destroy(&s->lock);
}

struct search_index *web_search_index(struct web_search *s, const struct catalog *c)
{
    pthread_mutex_lock(&s->lock);
    if (!s->index || search_index_catalog(s->index) != c) {
        int64_t begun = clock_monotonic_ns();
        search_index_drop(s->index);
        s->index = search_index_new(c);
        log_line(LOG_DEBUG, NULL, "index of the search made in %.1f ms",
                 (double)(clock_monotonic_ns() - begun) / 1e6);
    }
    struct search_index *index = s->index ? search_index_keep(s->index) : NULL;
    pthread_mutex_unlock(&s->lock);
    return index;
}

/* ---- highlighting ---- */

static bool is_letter(char c)
{
    unsigned char u = (unsigned char)ascii_lower(c);
    return (u >= 'a' && u <= 'z') || (u >= '0' && u <= '9') || u >= 0x80;
}

/* Length of what was looked for at this place; 0: nothing. Short ones only where a word
 * begins. */
static size_t needle_at(const struct search_answer *a, str text, size_t at)
{
    enum { INSIDE = 4 };
    size_t best = 0;
    bool is_start = at == 0 || !is_letter(text.at[at - 1]);
    for (uint32_t i = 0; i < a->nneedle; i++) {
        str n = a->needle[i];
        if (n.len > best && n.len <= text.len - at && (is_start || n.len >= INSIDE) &&
            str_starts_fold((str){text.at + at, text.len - at}, n) &&
            (n.len > 1 || at + 1 == text.len || !is_letter(text.at[at + 1])))
            best = n.len;
    }
    return best;
}

static size_t to_boundary(str text, size_t at)
{
    while (at > 0 && at < text.len && ((unsigned char)text.at[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* At most `most` bytes of a text around the first hit, hits marked. */
static void add_marked(struct web_page *p, const struct search_answer *a, const char *all,
                       size_t most)
{
    enum { BEFORE = 60, LOOK = 20000 };
    str text = str_of(all);
    size_t from = 0, hit = 0;
    while (hit < text.len && hit < LOOK && !needle_at(a, text, hit))
        hit++;
    if (text.len > most && hit < text.len && hit < LOOK && hit > most - BEFORE)
        from = to_boundary(text, hit - BEFORE);
    size_t to = text.len - from > most ? to_boundary(text, from + most) : text.len;
    bytes_add(&p->b, str_of(from ? "\xE2\x80\xA6" : ""));
    for (size_t i = from, plain = from; i <= to; i++) {
        size_t n = i < to ? needle_at(a, text, i) : 0;
        if (n == 0 && i < to)
            continue;
        bytes_add_xml(&p->b, (str){text.at + plain, i - plain});
        if (n == 0)
            break;
        n = n < to - i ? n : to - i;
        bytes_add_literal(&p->b, "<mark>");
        bytes_add_xml(&p->b, (str){text.at + i, n});
        bytes_add_literal(&p->b, "</mark>");
        i += n - 1;
        plain = i + 1;
    }
    bytes_add(&p->b, str_of(to < text.len ? "\xE2\x80\xA6" : ""));
}

/* ---- the page ---- */

static void add_name(struct web_page *p, const struct search_answer *a,
                     const struct search_hit *h)
{
    bytes_add_literal(&p->b, "<a href=\"");
    if (h->column)
        web_column_url(p, h->table, h->column);
    else if (h->table)
        web_table_url(p, h->table);
    else
        web_schema_url(p, h->schema);
    bytes_add(&p->b, h->table ? STR("\"><code>") : STR("\"><bdi>"));
    add_marked(p, a,
               h->column  ? h->column->meta.name
               : h->table ? h->table->full_name
                          : web_schema_title(h->schema),
               100);
    bytes_add(&p->b, h->table ? STR("</code></a>") : STR("</bdi></a>"));
}

static void add_column_words(struct web_page *p, const struct search_answer *a,
                             const struct store_column *c)
{
    const char *words = web_ucd_words(p, c);
    if (web_has(c->unit)) {
        bytes_add_literal(&p->b, " <span class=\"badge\">");
        add_marked(p, a, c->unit, 40);
        bytes_add_literal(&p->b, "</span>");
    }
    if (!web_has(c->ucd))
        return;
    bytes_add_literal(&p->b, "<br/><span class=\"soft\">");
    if (words)
        add_marked(p, a, words, 120);
    bytes_add_literal(&p->b, " <code>");
    add_marked(p, a, c->ucd, 80);
    bytes_add_literal(&p->b, "</code></span>");
}

static void add_hit(struct web_page *p, const struct search_answer *a,
                    const struct search_hit *h)
{
    const char *description = h->column  ? h->column->meta.description
                              : h->table ? h->table->description
                                         : h->schema->description;
    bytes_add_literal(&p->b, "<li><span class=\"badge kind\">");
    bytes_add(&p->b, str_of(h->column ? "column" : h->table ? "table" : "collection"));
    bytes_add_literal(&p->b, "</span> ");
    add_name(p, a, h);
    if (h->column) {
        bytes_add_literal(&p->b, " in ");
        web_table_link(p, h->table);
    }
    if (h->table)
        web_add_down_badge(p, h->table);
    if (web_has(description)) {
        bytes_add_literal(&p->b, "<br/><span dir=\"auto\">");
        add_marked(p, a, description, 220);
        bytes_add_literal(&p->b, "</span>");
    }
    if (h->column)
        add_column_words(p, a, &h->column->meta);
    bytes_add_literal(&p->b, "</li>\n");
}

static void add_help(struct web_page *p)
{
    bytes_add_literal(
        &p->b, "<section><h2>How to search</h2><ul>\n"
               "<li>Words of names, descriptions, units and meanings: <code>zenith</code>, "
               "<code>muon number</code>, <code>log10 eV</code>.</li>\n"
               "<li>A UCD: <code>phys.energy</code>. Tables that have both: "
               "<code>ucd:phys.energy ucd:pos.eq.ra</code>.</li>\n"
               "<li>A place only: <code>name:ra</code>, <code>unit:deg</code>, "
               "<code>ucd:time.epoch</code>.</li>\n"
               "</ul></section>\n");
}

static void add_page(struct web_page *p, str query, const struct search_answer *a)
{
    const char *shown = arena_text(p->arena, query);
    p->head.search = shown;
    p->head.here = "/";
    web_page_head(p, query.len ? "Search" : "What are you looking for?");
    if (query.len) {
        bytes_add_format(&p->b, "<p role=\"status\">%u found for <strong><bdi>", a->total);
        web_clip(p, shown ? shown : "", 120);
        bytes_add_literal(&p->b, "</bdi></strong>");
        if (a->nhit > ON_PAGE)
            bytes_add_format(&p->b, "; the best %d are shown", ON_PAGE);
        bytes_add_literal(&p->b, ".</p>\n");
    }
    if (a->nhit) {
        bytes_add_literal(&p->b, "<ol class=\"hits\">\n");
        for (uint32_t i = 0; i < a->nhit && i < ON_PAGE; i++)
            add_hit(p, a, &a->hit[i]);
        bytes_add_literal(&p->b, "</ol>\n");
    }
    add_help(p);
}

/* ---- JSON ---- */

static void add_json_hit(struct web_page *p, const struct search_hit *h)
{
    struct bytes *b = &p->b;
    const struct store_column *c = h->column ? &h->column->meta : NULL;
    json_open(b, NULL, '{');
    json_text(b, "kind", c ? "column" : h->table ? "table" : "schema");
    json_text(b, "name", c ? c->name : h->table ? h->table->full_name : h->schema->name);
    json_text(b, "schema", h->schema->name);
    json_text(b, "table", h->table ? h->table->full_name : NULL);
    json_text(b, "title",
              c          ? NULL
              : h->table ? h->table->title
                         : web_schema_title(h->schema));
    json_text(b, "description",
              c          ? c->description
              : h->table ? h->table->description
                         : h->schema->description);
    if (c) {
        json_text(b, "unit", c->unit);
        json_text(b, "ucd", c->ucd);
        json_text(b, "ucd_meaning", web_ucd_words(p, c));
    }
    json_count(b, "rows", h->table && !c ? h->table->row_estimate : -1);
    web_json_url(p, c || h->table ? "table" : "schema",
                 h->table ? h->table->full_name : h->schema->name, c ? c->name : NULL);
    json_double(b, "score", (double)(int64_t)(h->score * 10) / 10);
    json_close(b, '}');
}

static void add_json(struct web_page *p, str query, const struct search_answer *a)
{
    json_open(&p->b, NULL, '{');
    json_str(&p->b, "q", query);
    json_int(&p->b, "total", a->total);
    json_open(&p->b, "needles", '[');
    for (uint32_t i = 0; i < a->nneedle; i++)
        json_str(&p->b, NULL, a->needle[i]);
    json_close(&p->b, ']');
    json_open(&p->b, "hits", '[');
    for (uint32_t i = 0; i < a->nhit && i < ON_PAGE; i++)
        add_json_hit(p, &a->hit[i]);
    json_close(&p->b, ']');
    json_close(&p->b, '}');
}

static str cut(str text)
{
    if (text.len > QUERY_BYTES)
        text.len = to_boundary(text, QUERY_BYTES);
    return text;
}

struct http_response *web_search_page(void *web, struct http_request *request)
{
    struct err e = {0};
    struct web_page p;
    struct search_answer answer;
    if (!web_page_open(&p, web, request, &e))
        return web_page_fail(&p, &e);
    str query = cut(web_param(&p, "q"));
    struct search_index *index = web_search_index(&p.web->search, p.catalog);
    bool ok = index && search_run(index, query, p.arena, &answer);
    search_index_drop(index);
    if (!ok) {
        err_set(&e, ERR_LIMIT, "the search needs too much memory");
        return web_page_fail(&p, &e);
    }
    if (p.wants_json || str_eq(request->path, STR("/search.json"))) {
        p.wants_json = true;
        add_json(&p, query, &answer);
    } else {
        add_page(&p, query, &answer);
    }
    return web_page_reply(&p);
}
