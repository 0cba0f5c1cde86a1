/* inner.h -- private: queries that the node asks itself, for its pages: through the gate
 * like all others, behind them, never more than a few rows. */
#ifndef WEB_INNER_H
#define WEB_INNER_H

#include "core/dali/dali.h"
#include "core/formats/field.h"

struct inner {
    struct dali *dali;
    const struct catalog *catalog;
    struct cancel *cancel;
    int64_t deadline_ns;
    double limit_s;      /* behind deadline_ns, for messages */
    struct arena *arena; /* of the query; may be reset after it */
    const char *name;    /* whom it counts for, and its name in logs */
};

/* A batch of the answer; its columns are those of the SELECT. */
struct inner_rows {
    const struct field *field;
    const struct store_vector *column;
    uint32_t nrow;
};

/* Runs the query and gives its batches to `take` (false: no more is wanted). False with *e.
 */
bool inner_query(const struct inner *, str text, int64_t max_rows,
                 bool (*take)(void *what, const struct inner_rows *), void *what,
                 struct err *e);

/* A cell as a number: NaN when empty or no number. Times: microseconds. */
double inner_number(const struct inner_rows *, uint32_t icolumn, uint32_t irow);
/* A cell as text, at most about `most` bytes of it, in the arena; NULL: empty. */
const char *inner_text(const struct inner_rows *, uint32_t icolumn, uint32_t irow,
                       size_t most, struct arena *);

#endif
