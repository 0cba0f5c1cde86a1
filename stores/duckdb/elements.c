/* elements.c -- one element of DuckDB's as one of ours: numbers with range checks, times,
 * words of enumerations. The common types need none of this: their layout is ours. */
#include "stores/duckdb/scan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/base/rows.h"

__extension__ typedef __int128 wide;

struct number { /* an integer, or a real when is_real */
    bool is_real;
    wide i;
    double d;
};

#define DAY_US INT64_C(86400000000)

/* --- reading ---------------------------------------------------------------------- */

static wide wide_of(duck_hugeint h)
{
    return ((wide)h.upper) * ((wide)1 << 64) + (wide)h.lower;
}

static struct number read_integer(int type, const void *data, size_t i)
{
    struct number n = {0};
    switch (type) {
    case DUCK_BOOLEAN:
    case DUCK_UTINYINT:
        n.i = ((const uint8_t *)data)[i];
        break;
    case DUCK_TINYINT:
        n.i = (int)((const int8_t *)data)[i];
        break;
    case DUCK_SMALLINT:
        n.i = ((const int16_t *)data)[i];
        break;
    case DUCK_USMALLINT:
        n.i = ((const uint16_t *)data)[i];
        break;
    case DUCK_INTEGER:
    case DUCK_DATE:
        n.i = ((const int32_t *)data)[i];
        break;
    case DUCK_UINTEGER:
        n.i = ((const uint32_t *)data)[i];
        break;
    case DUCK_UBIGINT:
        n.i = ((const uint64_t *)data)[i];
        break;
    case DUCK_HUGEINT:
    case DUCK_UUID:
        n.i = wide_of(((const duck_hugeint *)data)[i]);
        break;
    default: /* BIGINT, TIME and the timestamps */
        n.i = ((const int64_t *)data)[i];
    }
    return n;
}

static struct number read_number(const struct scan_column *c, const void *data, size_t i)
{
    struct number n = {0};
    switch (c->source) {
    case DUCK_FLOAT:
        n.is_real = true;
        n.d = ((const float *)data)[i];
        return n;
    case DUCK_DOUBLE:
        n.is_real = true;
        n.d = ((const double *)data)[i];
        return n;
    case DUCK_UHUGEINT: /* beyond int128 only past 1.7e38: then it fits no integer of ours
                         */
        n.i = wide_of(((const duck_hugeint *)data)[i]);
        n.is_real = n.i < 0;
        n.d = (double)n.i + 0x1p128;
        return n;
    case DUCK_DECIMAL:
        n = read_integer(c->storage, data, i);
        n.is_real = c->scale > 0;
        n.d = (double)n.i / pow(10, c->scale);
        return n;
    default:
        return read_integer(c->source, data, i);
    }
}

/* --- writing ---------------------------------------------------------------------- */

/* A real becomes the integer nearest to it, halves away from zero. */
static bool to_integer(struct number n, int64_t least, int64_t most, int64_t *out)
{
    if (n.is_real) {
        double rounded = round(n.d);
        if (!(rounded >= -0x1p63 && rounded < 0x1p63))
            return false;
        n.i = (wide)rounded;
    }
    *out = (int64_t)n.i;
    return n.i >= least && n.i <= most;
}

static bool write_integer(enum store_type type, struct number n, void *out, size_t i)
{
    int64_t value;
    switch (type) {
    case STORE_BOOL:
        ((uint8_t *)out)[i] = n.is_real ? n.d != 0 : n.i != 0;
        return true;
    case STORE_U8:
        if (!to_integer(n, 0, UINT8_MAX, &value))
            return false;
        ((uint8_t *)out)[i] = (uint8_t)value;
        return true;
    case STORE_I16:
        if (!to_integer(n, INT16_MIN, INT16_MAX, &value))
            return false;
        ((int16_t *)out)[i] = (int16_t)value;
        return true;
    case STORE_I32:
        if (!to_integer(n, INT32_MIN, INT32_MAX, &value))
            return false;
        ((int32_t *)out)[i] = (int32_t)value;
        return true;
    default:
        if (!to_integer(n, INT64_MIN, INT64_MAX, &value))
            return false;
        ((int64_t *)out)[i] = value;
        return true;
    }
}

static bool write_number(enum store_type type, struct number n, void *out, size_t i)
{
    double d = n.is_real ? n.d : (double)n.i;
    if (type == STORE_F64) {
        ((double *)out)[i] = d;
        return true;
    }
    if (type != STORE_F32)
        return write_integer(type, n, out, i);
    ((float *)out)[i] = (float)d;
    return isinf(d) || !isinf((float)d);
}

static void write_nothing(enum store_type type, void *out, size_t i)
{
    if (type == STORE_F64)
        ((double *)out)[i] = NAN;
    else if (type == STORE_F32)
        ((float *)out)[i] = NAN;
    else
        memset((char *)out + i * store_type_bytes(type), 0, store_type_bytes(type));
}

/* --- the conversions -------------------------------------------------------------- */

static bool convert_same(const struct scan_column *c, const void *data,
                         const uint64_t *valid, size_t first, size_t n, void *out,
                         struct store_error *e)
{
    (void)e;
    memcpy(out, (const char *)data + first * c->element_bytes, n * c->element_bytes);
    for (size_t i = 0; valid && i < n; i++)
        if (!is_valid_at(valid, first + i))
            write_nothing(c->type, out, i);
    return true;
}

static bool convert_number(const struct scan_column *c, const void *data,
                           const uint64_t *valid, size_t first, size_t n, void *out,
                           struct store_error *e)
{
    static const char *const NAMES[] = {
        "boolean",        "byte", "16 bit integer", "32 bit integer",
        "64 bit integer", "real", "double"};
    for (size_t i = 0; i < n; i++) {
        if (!is_valid_at(valid, first + i))
            write_nothing(c->type, out, i);
        else if (!write_number(c->type, read_number(c, data, first + i), out, i)) {
            fail(e, STORE_INVALID, "column \"%s\": a value is out of the range of a %s",
                 c->name, NAMES[c->type]);
            return false;
        }
    }
    return true;
}

/* Microseconds since 1970; false for DuckDB's infinite times and for overflow. */
static bool time_us(const struct scan_column *c, const void *data, size_t i, int64_t *us)
{
    int64_t value = (int64_t)read_integer(c->source, data, i).i;
    switch (c->source) {
    case DUCK_DATE:
        return !__builtin_mul_overflow(value, DAY_US, us);
    case DUCK_TIMESTAMP_S:
        return !__builtin_mul_overflow(value, INT64_C(1000000), us);
    case DUCK_TIMESTAMP_MS:
        return !__builtin_mul_overflow(value, INT64_C(1000), us);
    case DUCK_TIMESTAMP_NS:
        *us = value / 1000 - (value % 1000 < 0);
        return true;
    default:
        *us = value;
        return true;
    }
}

static bool convert_time(const struct scan_column *c, const void *data,
                         const uint64_t *valid, size_t first, size_t n, void *out,
                         struct store_error *e)
{
    for (size_t i = 0; i < n; i++) {
        ((int64_t *)out)[i] = 0;
        if (is_valid_at(valid, first + i) &&
            !time_us(c, data, first + i, (int64_t *)out + i)) {
            fail(e, STORE_INVALID, "column \"%s\": a time is out of range", c->name);
            return false;
        }
    }
    return true;
}

/* --- as text ---------------------------------------------------------------------- */

static size_t print_word(const struct scan_column *c, const void *data, size_t i,
                         char out[PRINT_BYTES])
{
    (void)out; /* words are handled by column.c: they may be long */
    uint64_t at = (uint64_t)read_integer(c->storage, data, i).i;
    return at < c->nword ? at : 0;
}

static size_t print_uuid(const struct scan_column *c, const void *data, size_t i,
                         char out[PRINT_BYTES])
{
    (void)c;
    duck_hugeint h = ((const duck_hugeint *)data)[i];
    uint64_t high = (uint64_t)h.upper ^ (UINT64_C(1) << 63); /* stored for sorting */
    return (size_t)snprintf(out, PRINT_BYTES, "%08x-%04x-%04x-%04x-%012llx",
                            (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff),
                            (unsigned)(high & 0xffff), (unsigned)(h.lower >> 48),
                            (unsigned long long)(h.lower & 0xffffffffffff));
}

static size_t print_time(const struct scan_column *c, const void *data, size_t i,
                         char out[PRINT_BYTES])
{
    char text[CLOCK_TEXT_BYTES];
    int64_t us;
    if (!time_us(c, data, i, &us))
        return 0;
    size_t n = clock_print_us(us, text), skip = 0;
    if (c->source == DUCK_TIME) {
        skip = strlen("1970-01-01T");
        if (us == DAY_US)
            return (size_t)snprintf(out, PRINT_BYTES, "24:00:00");
    }
    if (c->source == DUCK_DATE)
        n -= strlen("T00:00:00");
    memcpy(out, text + skip, n - skip);
    return n - skip;
}

static size_t print_number(const struct scan_column *c, const void *data, size_t i,
                           char out[PRINT_BYTES])
{
    struct number n = read_number(c, data, i);
    if (c->source == DUCK_FLOAT)
        return num_print_float((float)n.d, out);
    int64_t value;
    if (!n.is_real && to_integer(n, INT64_MIN, INT64_MAX, &value))
        return num_print_int(value, out);
    return num_print_double(n.is_real ? n.d : (double)n.i, out);
}

/* --- choosing --------------------------------------------------------------------- */

static bool is_time(int source)
{
    return source == DUCK_TIMESTAMP || source == DUCK_TIMESTAMP_TZ || source == DUCK_DATE ||
           source == DUCK_TIMESTAMP_S || source == DUCK_TIMESTAMP_MS ||
           source == DUCK_TIMESTAMP_NS;
}

static bool is_number(int source)
{
    return (source >= DUCK_BOOLEAN && source <= DUCK_DOUBLE) || source == DUCK_HUGEINT ||
           source == DUCK_UHUGEINT || source == DUCK_DECIMAL;
}

static bool has_our_layout(int source, enum store_type type)
{
    return duck_type_of(type) == source ||
           (type == STORE_TIME_US && source == DUCK_TIMESTAMP_TZ);
}

static bool choose_print(struct scan_column *c)
{
    if (c->source == DUCK_ENUM)
        c->print = print_word;
    else if (c->source == DUCK_UUID)
        c->print = print_uuid;
    else if (is_time(c->source) || c->source == DUCK_TIME)
        c->print = print_time;
    else if (is_number(c->source))
        c->print = print_number;
    return c->print != NULL;
}

bool elements_choose(struct scan_column *c)
{
    c->element_bytes = store_type_bytes(c->type);
    c->is_same_layout = has_our_layout(c->source, c->type);
    if (c->type == STORE_TEXT)
        return choose_print(c);
    if (c->is_same_layout)
        c->convert = convert_same;
    else if (c->type == STORE_TIME_US)
        c->convert = is_time(c->source) ? convert_time : NULL;
    else
        c->convert =
            is_number(c->source) || c->source == DUCK_SQLNULL ? convert_number : NULL;
    return c->convert != NULL;
}
