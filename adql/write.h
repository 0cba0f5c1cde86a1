/* write.h -- what the SQL writer's files share. The writer goes on after a failure (the
 * buffer and the error remember it) and is asked once at the end. */
#ifndef ADQL_WRITE_H
#define ADQL_WRITE_H

#include "adql/dialect.h"

struct writer {
    const struct adql_dialect *dialect;
    const struct adql_write_options *options;
    struct bytes *out;
    struct err *err;
    struct arena *arena; /* of parameter values; NULL: literals inline */
    struct adql_parameters *parameters;
    uint32_t parameter_capacity;
    bool is_ordered; /* the items may be ordered by their positions */
    bool is_inline;  /* inside a grouped SELECT: its terms must be alike in text */
    bool failed;
};

/* --- write_expr.c --- */
void write_node(struct writer *, const struct adql_node *);
/* The same, where its order matters: text goes by the bytes. */
void write_ordered(struct writer *, const struct adql_node *);
void write_name(struct writer *, const char *name); /* in double quotes */
void write_literal(struct writer *, const struct adql_node *);
void write_double(struct bytes *, double);
/* CAST(node AS the store's type of this column). */
void write_type(struct writer *, enum store_type, int32_t length);
void write_operand_as(struct writer *, const struct adql_node *, enum adql_type);

/* The number of a LIMIT: a parameter, when statements have them. */
void write_limit(struct writer *, int64_t limit);

/* --- frame.c --- */
void write_frame(struct bytes *, const struct adql_window *); /* nothing if there is none */

/* --- write_call.c --- */
void write_call(struct writer *, const struct adql_node *);
void write_like(struct writer *, const struct adql_node *);
void write_sample(struct writer *, const struct adql_from *);

/* --- write.c --- */
/* limit: of the rows; -1: none. output: what the columns are cast to and called. */
void write_set(struct writer *, const struct adql_set *, const struct adql_output *output,
               int64_t limit, bool is_result);
void write_subquery(struct writer *, const struct adql_set *);
void write_order(struct writer *, const struct adql_order *, uint32_t norder);
void write_int(struct bytes *, int64_t);

#endif
