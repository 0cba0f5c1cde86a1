/* plot_page.h -- private: plots as parts of pages. */
#ifndef WEB_PLOT_PAGE_H
#define WEB_PLOT_PAGE_H

#include "web/parts.h"
#include "web/plot.h"

struct web_figure {
    const struct http_param *param; /* of /plot/data; names are literals */
    size_t nparam;
    const char *title; /* in words, for those who do not see it */
    bool is_log;       /* heights of a histogram */
    bool links;        /* to the plot page */
    bool is_pie;       /* of facets */
};
/* Draws it, or says why not (false). */
bool web_figure(struct web_page *, const struct web_figure *);
/* An <option>. */
void web_option(struct web_page *, const char *value, const char *text, bool is_chosen);
/* CSS of pages with figures, in the arena. */
const char *web_plot_style(struct web_page *);
/* a=b&c=d, without what is empty. */
void web_plot_params(struct bytes *, const struct http_param *, size_t nparam);

#endif
