/* cell_parse.c -- see cell_parse.h. */
#include "core/formats/cell_parse.h"

#include "core/base/clock.h"
#include "core/base/num.h"

bool cell_is_ascii(str s)
{
    uint64_t any = 0, eight;
    size_t i = 0;
    for (; s.len - i >= 8; i += 8) {
        memcpy(&eight, s.at + i, 8);
        any |= eight;
    }
    for (; i < s.len; i++)
        any |= (uint64_t)(unsigned char)s.at[i];
    return (any & 0x8080808080808080u) == 0;
}

void cell_add_text(struct rows_build *b, uint32_t i, str s)
{
    if (cell_is_ascii(s) || str_is_utf8(s, NULL)) {
        rows_build_add(b, i, s);
        return;
    }
    char *to = rows_build_room(b, i, 2 * s.len), *start = to;
    for (size_t k = 0; to && k < s.len; k++) {
        unsigned char c = (unsigned char)s.at[k];
        if (c >= 0x80)
            *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(c < 0x80 ? c : 0x80 | (c & 0x3F));
    }
    if (to)
        b->column[i].used += (size_t)(to - start);
}

/* --- numbers ----------------------------------------------------------------------------
 */

static bool parse_hex(str s, uint64_t *out)
{
    uint64_t value = 0;
    if (s.len == 0 || s.len > 16)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = ascii_lower(s.at[i]);
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 16;
        if (digit > 15)
            return false;
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

/* Hexadecimal gives the bits: 0xFFFF is -1 as a short. */
static bool hex_integer(str s, enum datatype d, int64_t *out)
{
    uint64_t bits;
    if (!parse_hex((str){s.at + 2, s.len - 2}, &bits))
        return false;
    unsigned width = 8u * DATATYPES[d].bytes;
    if (width < 64 && bits >> width)
        return false;
    if (d != DATATYPE_UBYTE && width < 64 && bits >> (width - 1))
        bits |= UINT64_MAX << width;
    *out = (int64_t)bits;
    return true;
}

bool cell_parse_integer(str s, enum datatype d, int64_t *out)
{
    if (s.len > 2 && s.at[0] == '0' && ascii_lower(s.at[1]) == 'x')
        return hex_integer(s, d, out);
    return num_parse_int(s, out) && *out >= DATATYPES[d].least && *out <= DATATYPES[d].most;
}

static const char *const PROBLEMS[] = {
    [DATATYPE_BOOLEAN] = "is no boolean (true or false)",
    [DATATYPE_BIT] = "is no bit (0 or 1)",
    [DATATYPE_UBYTE] = "is no integer from 0 to 255",
    [DATATYPE_SHORT] = "is no integer from -32768 to 32767",
    [DATATYPE_INT] = "is no integer from -2147483648 to 2147483647",
    [DATATYPE_LONG] = "is no integer of 64 bits",
    [DATATYPE_CHAR] = "is no time (YYYY-MM-DDThh:mm:ss)",
    [DATATYPE_UNICODE] = "is no time (YYYY-MM-DDThh:mm:ss)",
    [DATATYPE_FLOAT] = "is no number",
    [DATATYPE_DOUBLE] = "is no number",
    [DATATYPE_FLOAT_COMPLEX] = "is no number",
    [DATATYPE_DOUBLE_COMPLEX] = "is no number",
};

static bool parse_boolean(str s, char *to)
{
    static const char *const WORDS[] = {"false", "true", "f", "t", "0", "1"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (str_eq_fold(s, str_of(WORDS[i]))) {
            *to = (char)(i & 1);
            return true;
        }
    *to = 0;
    return str_eq(s, STR("?"));
}

static void put_integer(int64_t value, uint32_t bytes, char *to)
{
    int16_t i16 = (int16_t)value;
    int32_t i32 = (int32_t)value;
    switch (bytes) {
    case 1:
        *to = (char)value;
        break;
    case 2:
        memcpy(to, &i16, sizeof i16);
        break;
    case 4:
        memcpy(to, &i32, sizeof i32);
        break;
    default:
        memcpy(to, &value, sizeof value);
    }
}

/* One element, or a part of a complex one. */
static bool parse_element(const struct cell_kind *k, str s, char *to)
{
    int64_t integer;
    switch (k->type) {
    case STORE_BOOL:
        return parse_boolean(s, to);
    case STORE_F32:;
        float f32;
        if (!num_parse_float(s, &f32))
            return false;
        memcpy(to, &f32, sizeof f32);
        return true;
    case STORE_F64:;
        double f64;
        if (!num_parse_double(s, &f64))
            return false;
        memcpy(to, &f64, sizeof f64);
        return true;
    case STORE_TIME_US:
        if (!clock_parse_us(s, &integer))
            return false;
        memcpy(to, &integer, sizeof integer);
        return true;
    default:
        if (!cell_parse_integer(s, k->datatype, &integer))
            return false;
        put_integer(integer, store_type_bytes(k->type), to);
        return true;
    }
}

/* --- cells ------------------------------------------------------------------------------
 */

/* The next element in front of *s: a word; of bits, a digit. */
static bool next_element(str *s, bool is_bit, str *word)
{
    *s = str_trim(*s);
    if (s->len == 0)
        return false;
    size_t n = is_bit ? 1 : 0;
    while (!is_bit && n < s->len && !strchr(" \t\r\n", s->at[n]))
        n++;
    *word = (str){s->at, n ? n : 1};
    *s = (str){s->at + word->len, s->len - word->len};
    return true;
}

static bool parse_part(const struct cell_kind *k, str word, char *to)
{
    if (k->datatype != DATATYPE_BIT)
        return parse_element(k, word, to);
    *to = (char)(word.at[0] - '0');
    return word.at[0] == '0' || word.at[0] == '1';
}

static const char *parse_array(struct rows_build *b, uint32_t i, const struct cell_kind *k,
                               str s)
{
    uint32_t size = store_type_bytes(k->type), count = 0;
    struct column_build *c = &b->column[i];
    str word;
    while (next_element(&s, k->datatype == DATATYPE_BIT, &word)) {
        if (k->length >= 0 && count == (uint32_t)k->length)
            return "has too many elements";
        char *to = k->length < 0 ? rows_build_room(b, i, size)
                                 : rows_build_cell(b, i) + (size_t)count * size;
        if (!to)
            return NULL;
        if (!parse_part(k, word, to))
            return PROBLEMS[k->datatype];
        c->used += k->length < 0 ? size : 0;
        count++;
    }
    if (k->length >= 0 && count != (uint32_t)k->length)
        return "has too few elements";
    if (count % DATATYPES[k->datatype].parts)
        return "has half a complex number";
    return NULL;
}

bool cell_is_null(const struct cell_kind *k, const char *at)
{
    float f32;
    double f64;
    int64_t i64 = 0;
    switch (k->type) {
    case STORE_F32:
        memcpy(&f32, at, sizeof f32);
        return (double)f32 == k->null_float;
    case STORE_F64:
        memcpy(&f64, at, sizeof f64);
        return f64 == k->null_float;
    case STORE_U8:
        return (uint8_t)*at == k->null_integer;
    case STORE_I16:;
        int16_t i16;
        memcpy(&i16, at, sizeof i16);
        return i16 == k->null_integer;
    case STORE_I32:;
        int32_t i32;
        memcpy(&i32, at, sizeof i32);
        return i32 == k->null_integer;
    case STORE_I64:
        memcpy(&i64, at, sizeof i64);
        return i64 == k->null_integer;
    default:
        return false;
    }
}

const char *cell_parse(struct rows_build *b, uint32_t i, const struct cell_kind *k, str s)
{
    if (k->is_skipped || s.len == 0) {
        rows_build_null(b, i);
        return NULL;
    }
    if (k->type == STORE_TEXT) {
        cell_add_text(b, i, s);
        return NULL;
    }
    s = str_trim(s);
    if (s.len == 0) {
        rows_build_null(b, i);
        return NULL;
    }
    if (k->length != 1 || k->datatype == DATATYPE_BIT)
        return parse_array(b, i, k, s);
    if (!parse_element(k, s, rows_build_cell(b, i)))
        return PROBLEMS[k->datatype];
    if ((k->has_null && cell_is_null(k, rows_build_cell(b, i))) ||
        (k->type == STORE_BOOL && s.at[0] == '?'))
        rows_build_null(b, i);
    return NULL;
}
