/* inside.h -- private: what lives as long as the pages are served. */
#ifndef WEB_INSIDE_H
#define WEB_INSIDE_H

#include <pthread.h>

#include "web/assets.h"
#include "web/parts.h"
#include "web/search.h"
#include "web/statistics.h"

struct docs;
struct plot_cache;

struct web_search {
    pthread_mutex_t lock;
    struct search_index *index; /* NULL: not made yet */
};

struct web {
    struct dali *dali;
    struct assets *assets;
    struct docs *docs;
    struct plot_cache *plots;
    struct statistics *statistics;
    struct web_search search;
};

extern const char WEB_STYLE[]; /* CSS of the browser's pages, beside that of all pages */

/* The way to a page: home, schema, table; a NULL ends it. */
void web_crumbs(struct web_page *, const struct catalog_schema *,
                const struct catalog_table *);
/* Rows of a <dl>: licence, citation, who and when. */
void web_origin_facts(struct web_page *, const struct catalog_schema *);

enum { WEB_LINKS = 40 };
struct web_link { /* a foreign key */
    const struct catalog_key *key;
    const struct catalog_table *from, *to; /* to == NULL: it is not published */
};
/* Keys of a table, its own first, then those that point at it; at most WEB_LINKS. */
uint32_t web_links(const struct catalog *, const struct catalog_table *,
                   struct web_link out[WEB_LINKS]);
/* A query that follows the key, in the arena. */
const char *web_join(struct web_page *, const struct web_link *);

/* The table that the path names; NULL with *e. */
const struct catalog_table *web_find_table(struct web_page *, struct err *);
/* As a query writes it. */
const char *web_adql(const struct catalog_column *);
/* One number in each row. */
bool web_is_number(const struct store_column *);
/* A column whose UCD begins so, a principal one before others; NULL: none. is_number: only
 * numbers. */
const struct catalog_column *web_find_ucd(const struct catalog_table *, const char *ucd,
                                          bool is_number);
/* The column that says when, the one with the most values; NULL: none, or not known. */
const struct catalog_column *web_time_column(const struct web_page *,
                                             const struct catalog_table *);
void web_add_badges(struct web_page *, const struct store_column *);
/* Sections of a table's page. */
void web_add_columns(struct web_page *, const struct catalog_table *);
void web_add_send(struct web_page *, const struct catalog_table *);
void web_add_queries(struct web_page *, const struct catalog_table *);

enum { WEB_SAMPLE_COLUMNS = 60 };

/* --- what is computed from the data: glance.c, distribution.c --- */

/* Sets p->statistics. */
void web_get_statistics(struct web_page *, const struct catalog_table *);
/* NULL: not known. */
const struct statistics_column *web_column_statistics(const struct web_page *,
                                                      const struct catalog_column *);
/* "1.5 to 17.2 GeV"; is_short: rounded. */
void web_add_range(struct web_page *, const struct statistics_column *,
                   const struct store_column *, bool is_short);
/* A histogram in words. */
const char *web_bars_label(struct web_page *, const struct catalog_column *,
                           const struct statistics_column *);
/* Coverage as svg.h has it. False: not known, or nothing. */
bool web_sky_levels(const struct catalog_table *, const struct statistics_table *,
                    uint8_t *level);
/* Says that it is being computed, or why it is not. */
void web_add_pending(struct web_page *, const struct catalog_table *);
/* A row of a <dl>: until when the data go, which is how fresh they are. */
void web_add_newest(struct web_page *, const struct catalog_table *);
void web_add_glance(struct web_page *, const struct catalog_table *);
void web_add_sample(struct web_page *, const struct catalog_table *);
/* For a list of columns. */
void web_add_values(struct web_page *, const struct catalog_column *);
void web_add_distribution(struct web_page *, const struct catalog_table *,
                          const struct catalog_column *);
/* The member "statistics" of a column's and a table's object. */
void web_json_statistics(struct web_page *, const struct catalog_column *);
void web_json_table_statistics(struct web_page *);

/* The index of the search, of one snapshot. */
void web_search_init(struct web_search *);
void web_search_free(struct web_search *);
/* To be dropped; made when there is none of this catalog. NULL: no memory. */
struct search_index *web_search_index(struct web_search *, const struct catalog *);

/* The member "url": the address of a page, kind "schema" or "table". */
void web_json_url(struct web_page *, const char *kind, const char *name,
                  const char *column);
/* JSON objects; key as of json_open. */
void web_json_schema(struct web_page *, const char *key, const struct catalog_schema *);
void web_json_table(struct web_page *, const struct catalog_table *);
void web_json_column(struct web_page *, const char *key, const struct catalog_table *,
                     const struct catalog_column *);

/* Handlers; context: struct web. */
http_handler web_front_page, web_schema_page, web_search_page, web_table_page,
    web_column_page;
http_handler web_query_page, web_query_words, web_query_tables, web_jobs_page;
http_handler web_plot_data, web_plot_page, web_kascade_page;

#endif
