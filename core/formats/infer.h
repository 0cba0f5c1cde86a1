/* infer.h -- the type of a column from the text of its values. Private to this folder. */
#ifndef CORE_FORMATS_INFER_H
#define CORE_FORMATS_INFER_H

#include "core/formats/cell_parse.h"

struct infer { /* begin with all zero */
    bool any, not_long, not_double, not_time;
};

/* Looks at one value; empty ones are null and say nothing. */
void infer_see(struct infer *, str value);

/* The first of these that all values are: long, double, time, text. Text without values. */
enum store_type infer_type(const struct infer *);

/* How cells of such a column are read. */
struct cell_kind infer_kind(enum store_type);

#endif
