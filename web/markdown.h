/* markdown.h -- private: documents written in Markdown as pieces of pages. */
#ifndef WEB_MARKDOWN_H
#define WEB_MARKDOWN_H

#include "core/base/arena.h"
#include "core/base/bytes.h"
#include "core/base/err.h"

struct markdown_place {
    const char *base;   /* of the node: what http://localhost:8080 in a text stands for */
    const char *folder; /* of the document below docs/: "" or "decisions/" */
    /* Is there such a document or picture below docs/? ("tour", "tour/1.png") */
    bool (*has)(const void *context, const char *name);
    /* Can this node answer the query? Only such queries have a link to run them. */
    bool (*can_answer)(const void *context, str query);
    const void *context;
};

/* Appends HTML without the first heading, whose text becomes *title (in the arena; NULL: it
 * has none). Headings get ids as GitHub makes them; links to other documents of docs/ lead
 * to their pages, to other files of the source nowhere; a fenced block of "sql" has a link
 * that opens it in the workbench. Raw HTML is left out. `text` is one of our own files. */
bool markdown_render(str text, const struct markdown_place *, struct arena *,
                     struct bytes *, const char **title, struct err *);

#endif
