/* search.h -- full-text search over the catalog: names, titles, descriptions, UCDs and what
 * they mean, units. An index belongs to one snapshot, is immutable, and counted. */
#ifndef WEB_SEARCH_H
#define WEB_SEARCH_H

#include "core/base/arena.h"
#include "core/catalog/catalog.h"

struct search_index;

/* Keeps the catalog. NULL: no memory. */
struct search_index *search_index_new(const struct catalog *);
struct search_index *search_index_keep(struct search_index *);
void search_index_drop(struct search_index *);
const struct catalog *search_index_catalog(const struct search_index *);

struct search_hit { /* of a table: column NULL; of a schema: table NULL too */
    const struct catalog_schema *schema;
    const struct catalog_table *table;
    const struct catalog_column *column;
    double score;
};

enum { SEARCH_TERMS = 12, SEARCH_NEEDLES = 64, SEARCH_HITS = 200 };

struct search_answer {
    struct search_hit *hit; /* the best first */
    uint32_t nhit;          /* of them, at most SEARCH_HITS */
    uint32_t total;         /* all that were found */
    uint32_t nneedle;       /* what was looked for, lower case: to be highlighted */
    str needle[SEARCH_NEEDLES];
};

/* All words must be found: in the thing itself, or partly in what it belongs to. A word may
 * be the beginning or a part of one, a synonym ("zenith", "log10"), or bound to a place:
 * ucd:phys.energy, unit:deg, name:ra. Tables are found too by words of several columns.
 * False: no memory. */
bool search_run(const struct search_index *, str query, struct arena *,
                struct search_answer *);

/* --- words; for the parts of the search --- */

enum { SEARCH_WORD_BYTES = 64 };

/* The next word of a text, lower-cased into `word`, cut at SEARCH_WORD_BYTES; its length;
 * 0: none. *at is moved behind it. */
size_t search_next_word(str text, size_t *at, char word[SEARCH_WORD_BYTES]);
/* Words that mean the same, at most `most`; how many. */
size_t search_synonyms(str word, str *out, size_t most);
/* A word too common to look for when there are others. */
bool search_is_common(str word);

#endif
