/* column.c -- store types in VOTable's words. */
#include "core/base/column.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *column_implied_datatype(enum store_type type)
{
    static const char *const NAME[] = {"boolean", "unsignedByte", "short", "int", "long",
                                       "float",   "double",       "char",  "char"};
    return NAME[type];
}

const char *column_datatype(const struct store_column *c)
{
    return c->datatype ? c->datatype : column_implied_datatype(c->type);
}

static bool is_complex(const struct store_column *c)
{
    return c->datatype && strstr(c->datatype, "Complex") != NULL;
}

const char *column_arraysize(const struct store_column *c,
                             char scratch[COLUMN_ARRAYSIZE_BYTES])
{
    if (c->arraysize)
        return c->arraysize[0] ? c->arraysize : NULL;
    if (c->type == STORE_TEXT || c->type == STORE_TIME_US || c->length < 0)
        return "*";
    int n = is_complex(c) ? c->length / 2 : c->length;
    if (n == 1)
        return NULL;
    snprintf(scratch, COLUMN_ARRAYSIZE_BYTES, "%d", n);
    return scratch;
}

double column_number(const struct store_column *c, const struct store_vector *v,
                     uint32_t irow)
{
    if (!store_is_valid(v, irow))
        return NAN;
    switch (c->type) {
    case STORE_U8:
        return ((const uint8_t *)v->data)[irow];
    case STORE_I16:
        return ((const int16_t *)v->data)[irow];
    case STORE_I32:
        return ((const int32_t *)v->data)[irow];
    case STORE_I64:
        return (double)((const int64_t *)v->data)[irow];
    case STORE_F32:
        return (double)((const float *)v->data)[irow];
    case STORE_F64:
        return ((const double *)v->data)[irow];
    default:
        return NAN;
    }
}
