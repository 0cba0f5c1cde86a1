/* docs.h -- private: the documentation in the node. */
#ifndef WEB_DOCS_H
#define WEB_DOCS_H

#include "web/parts.h"

/* Documents and pictures, read once; never changed. */
struct docs;
struct doc {
    const char *name; /* below docs/, without ".md": "tour", "decisions/003-meaning" */
    str content;
    bool is_picture;
};

/* From the folder "docs" among the assets; one that is not there gives no documents. NULL
 * with *e. */
struct docs *docs_read(const char *assets, struct err *e);
void docs_free(struct docs *);
uint32_t docs_count(const struct docs *);
const struct doc *docs_find(const struct docs *, str name); /* NULL: there is none */

/* Appends the document as HTML; *title as of markdown_render. */
bool docs_render(struct web_page *, const struct docs *, const struct doc *,
                 const char **title, struct err *e);

/* Head, frame and the way back to /docs. */
void docs_begin(struct web_page *, const char *title);
/* A link that opens the query in the workbench. */
void docs_run_link(struct web_page *, const char *query);

/* Handlers; context: struct web. */
http_handler docs_index_page, docs_document_page, docs_functions_page, docs_experiment_page;

#endif
