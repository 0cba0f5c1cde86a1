/* infer.h -- the type of a column from the text of its values. Private to this folder. */
#ifndef CORE_FORMATS_INFER_H
#define CORE_FORMATS_INFER_H

#include "core/formats/cell_parse.h"

struct infer { /* begin with all zero */
    bool any, not_long, not_double, not_time, not_ascii;
};

/* Looks at one value; empty ones are null and say nothing. */
void infer_see(struct infer *, str value);

/* The first of these that all values are: long, double, time, text. Text without values. */
enum store_type infer_type(const struct infer *);

/* The VOTable datatype of such a column; NULL: the one implied. Text outside ASCII is
 * unicodeChar, for clients cannot read it as char. */
const char *infer_datatype(const struct infer *, enum store_type);

/* How cells of such a column are read. */
struct cell_kind infer_kind(enum store_type);

#endif
