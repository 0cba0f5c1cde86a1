/* search_index.h -- private: the index of a search. A document is a schema, a table or a
 * column; each word knows the documents it stands in and the field there. */
#ifndef WEB_SEARCH_INDEX_H
#define WEB_SEARCH_INDEX_H

#include <stdatomic.h>

#include "web/search.h"

/* clang-format off */
#define SEARCH_FIELDS(X) /* field, what a hit in it counts */ \
    X(NAME, 100)      /* all of a name */ \
    X(NAME_PART, 55)  \
    X(UCD, 85)        /* a whole word of a UCD: phys.energy */ \
    X(UCD_PART, 40)   \
    X(MEANING, 35)    /* of the UCD, in words */ \
    X(UNIT, 60)       \
    X(UNIT_PART, 45)  \
    X(TITLE, 50)      \
    X(DESCRIPTION, 18) \
    X(ORIGIN, 10)     /* what, where, who of an experiment */
/* clang-format on */

enum search_field {
#define X(name, weight) SEARCH_##name,
    SEARCH_FIELDS(X)
#undef X
        SEARCH_FIELD_COUNT
};

struct search_document {
    uint32_t schema, table, column; /* UINT32_MAX: none */
};

struct search_index {
    _Atomic uint32_t count;
    const struct catalog *catalog;
    uint32_t ndocument, nword;
    struct search_document *document;
    char *text;      /* all words, each behind a NUL, and a NUL at the end */
    uint32_t *begin; /* of each word in text; nword + 1 */
    uint32_t *first; /* of each word's places; nword + 1 */
    uint32_t *place; /* document << 4 | field */
};

static inline str search_word(const struct search_index *x, uint32_t i)
{
    return (str){x->text + x->begin[i], x->begin[i + 1] - x->begin[i] - 1};
}

#endif
