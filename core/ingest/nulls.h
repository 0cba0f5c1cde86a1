/* nulls.h -- values that stand for "unknown" in files, made NULL. */
#ifndef CORE_INGEST_NULLS_H
#define CORE_INGEST_NULLS_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/ingest/ingest.h"
#include "stores/store.h"

struct ingest_nulls;

/* The rules of the options; is_clean: those only. Everything lives in the arena; the
 * columns must live as long. NULL: no memory, or *e says which rule names no column or
 * cannot be read as its column's type. */
struct ingest_nulls *ingest_nulls_new(struct arena *, const struct store_column *const *,
                                      uint32_t ncolumn, const struct ingest_options *,
                                      struct err *e);

/* The batch's columns with what is unknown marked as such: empty texts, NaN, and what the
 * rules say. The vectors live until the next call. False: no memory. */
bool ingest_nulls_apply(struct ingest_nulls *, const struct store_batch *,
                        struct store_vector *out);

#endif
