/* parts.h -- private: what the browser's pages share: the page that is being made, links,
 * numbers, words for types. */
#ifndef WEB_PARTS_H
#define WEB_PARTS_H

#include "core/base/page.h"
#include "core/dali/dali.h"
#include "web/web.h"

struct web_page {
    struct web *web;
    struct dali *dali;
    struct http_request *request;
    struct arena *arena;           /* the request's */
    const struct catalog *catalog; /* ends with the request */
    const char *base;              /* of the node, without a slash at its end */
    bool wants_json;
    bool wants_xml;        /* VOSI, of pages that have it */
    struct page_head head; /* of the frame; pages add what they need before web_page_head */
    /* Of the table that the page is about; NULL: not known (yet). */
    const struct statistics_table *statistics;
    const char *statistics_problem; /* why it cannot be known; NULL: none */
    struct bytes b;                 /* the body so far */
};

/* False with *e: no memory. */
bool web_page_open(struct web_page *, struct web *, struct http_request *, struct err *);
/* `name` is what a path captured: without ".json" or ".xml" at its end where that asks for
 * JSON or XML ("a.json" may be a name too: `exists` says so). */
str web_page_name(struct web_page *, size_t capture,
                  bool (*exists)(const struct web_page *, str));
/* Head and frame, with the styles of the browser. */
void web_page_head(struct web_page *, const char *title);
/* Ends the page (or the JSON) and answers. */
struct http_response *web_page_reply(struct web_page *);
struct http_response *web_page_fail(struct web_page *, const struct err *);

/* --- pieces of HTML: all text is escaped --- */

/* before + text + after; nothing at all without text. before and after are ours. */
void web_text(struct web_page *, const char *before, const char *text, const char *after);
/* Not more than `most` bytes of it, cut between characters, with an ellipsis. */
void web_clip(struct web_page *, const char *text, size_t most);
/* 1234567 with thin blanks. */
void web_count(struct bytes *, int64_t n);
/* A number for people: 4 significant digits. */
void web_number(struct bytes *, double);
void web_schema_link(struct web_page *, const struct catalog_schema *);
void web_table_link(struct web_page *, const struct catalog_table *);
void web_column_link(struct web_page *, const struct catalog_table *,
                     const struct catalog_column *);
void web_schema_url(struct web_page *, const struct catalog_schema *);
void web_table_url(struct web_page *, const struct catalog_table *);
void web_column_url(struct web_page *, const struct catalog_table *,
                    const struct catalog_column *);
/* The query as text with "run it" and "open in workbench". `what`: what it asks, in words;
 * NULL: nothing is said. */
void web_query(struct web_page *, const char *what, const char *query);
/* A row of a <dl>; nothing without text. `url` may be NULL; only http and https are
 * followed. */
void web_fact(struct web_page *, const char *name, const char *text, const char *url);
/* "page 2 of 7" with links that set `page` beside `other` ("&q=x", a part of a URL). */
void web_pager(struct web_page *, const char *path, const char *other, uint32_t page,
               uint32_t npage);
/* The parameter `page`, from 1 to npage; 1 without. */
uint32_t web_page_number(const struct web_page *, uint32_t npage);
/* A parameter's text, trimmed; empty without. */
str web_param(const struct web_page *, const char *name);

/* --- words --- */

const char *web_schema_title(const struct catalog_schema *);
/* "decimal number (64 bit)", "text of up to 12 characters", ... */
void web_type_words(struct bytes *, const struct store_column *);
/* NULL: no UCD, or one that is no word of the list. */
const char *web_ucd_words(struct web_page *, const struct store_column *);
const struct catalog_schema *web_schema_of(const struct catalog *,
                                           const struct catalog_table *);
bool web_is_tap_schema(const char *schema);
/* What a person wants to see first of a text: it is there. */
static inline bool web_has(const char *text)
{
    return text && *text;
}
/* Columns that are shown. */
uint32_t web_ncolumn(const struct catalog_table *);
/* Is the table's store down? *since_us: since when. */
bool web_store_is_down(const struct web_page *, const struct catalog_table *,
                       int64_t *since_us);
/* If it is: a warning that says since when, or a mark beside the table's name. */
void web_add_down(struct web_page *, const struct catalog_table *);
void web_add_down_badge(struct web_page *, const struct catalog_table *);

#endif
