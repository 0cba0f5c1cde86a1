/* simple.h -- what the services beside TAP have in common: cone search, SIA, SSA. */
#ifndef CORE_DALI_SIMPLE_H
#define CORE_DALI_SIMPLE_H

#include "core/dali/dali.h"

/* http_error_renderer: a VOTable with an INFO "Error", for the oldest clients, and
 * QUERY_STATUS, for the others; status 200 for what the parameters are to blame for.
 * Context: struct dali. */
struct http_response *dali_simple_error(void *dali, struct http_request *,
                                        const struct err *);

/* Has the node ivoa.obscore, and in it that column? NULL: any. */
bool dali_has_obscore(const struct dali *, const char *column);

/* `column OP number`; an infinite number: `column IS NOT NULL`. */
void dali_put_limit(struct bytes *, const char *column, const char *op, double limit);
/* The interval of two columns, which may be one, meets this one. */
void dali_put_overlap(struct bytes *, const char *from_column, const char *to_column,
                      double lo, double hi);

/* False, with ERR_USAGE: "NAME is "value", but must be `want`". */
bool dali_bad_value(const char *name, str value, const char *want, struct err *);

/* A parameter as a metadata answer describes it (FORMAT=METADATA). */
struct dali_input {
    const char *name, *unit, *value, *description; /* value: the default; "": none */
    const char *options;                           /* with commas between; NULL: any text */
};
/* PARAMs INPUT:NAME, for struct result_head, in the arena; NULL: no memory. */
const char *dali_input_params(const struct dali_input *, uint32_t n, struct arena *);

#endif
