/* votable_cells.c -- rows of BINARY and BINARY2 into columns, a column at a time. */
#include "core/formats/big_endian.h"
#include "core/formats/utf16.h"
#include "core/formats/votable_stream.h"

/* --- taking cells apart ------------------------------------------------------------------
 */

/* A column in a chunk: cell k is at raw + place[k] + skip. */
struct cells {
    const char *raw;
    const size_t *place;
    size_t skip;
    uint32_t n, first; /* rows, and the first one's number in the batch */
};

#define DEFINE_GATHER(bits)                                                                \
    static void gather##bits(const struct cells *c, char *to)                              \
    {                                                                                      \
        for (uint32_t k = 0; k < c->n; k++) {                                              \
            uint##bits##_t v = load_be##bits(c->raw + c->place[k] + c->skip);              \
            memcpy(to + k * sizeof v, &v, sizeof v);                                       \
        }                                                                                  \
    }

DEFINE_GATHER(16)
DEFINE_GATHER(32)
DEFINE_GATHER(64)

static bool is_true(char c)
{
    return c == 'T' || c == 't' || c == '1';
}

static bool is_null_boolean(char c)
{
    return c == '\0' || c == ' ' || c == '?';
}

static void put_elements(const struct cell_kind *kind, const char *from, size_t n, char *to)
{
    switch (kind->datatype) {
    case DATATYPE_BIT:
        for (size_t i = 0; i < n; i++)
            to[i] = (char)((uint8_t)from[i >> 3] >> (7 - (i & 7)) & 1);
        return;
    case DATATYPE_BOOLEAN:
        for (size_t i = 0; i < n; i++)
            to[i] = (char)is_true(from[i]);
        return;
    default:
        swap_be(from, to, n * DATATYPES[kind->datatype].parts,
                store_type_bytes(kind->type));
    }
}

static void take_scalars(struct rows_build *b, uint32_t i, const struct cell_kind *kind,
                         const struct cells *c)
{
    uint32_t size = b->column[i].cell_bytes;
    char *to = b->column[i].data + (size_t)c->first * size;
    if (size == 2)
        gather16(c, to);
    else if (size == 4)
        gather32(c, to);
    else if (size == 8 && DATATYPES[kind->datatype].parts == 1)
        gather64(c, to);
    else if (kind->datatype == DATATYPE_BIT)
        for (uint32_t k = 0; k < c->n; k++) /* astropy writes a single bit as 0x08 */
            to[k] = (c->raw[c->place[k] + c->skip] & 0x88) != 0;
    else
        for (uint32_t k = 0; k < c->n; k++)
            put_elements(kind, c->raw + c->place[k] + c->skip, 1, to + (size_t)k * size);
    for (uint32_t k = 0; kind->type == STORE_BOOL && k < c->n; k++)
        if (is_null_boolean(c->raw[c->place[k] + c->skip]))
            rows_build_null_at(b, i, c->first + k);
}

static void take_fixed(struct rows_build *b, uint32_t i,
                       const struct votable_column *column, const struct cells *c)
{
    if (column->nelement == 1) {
        take_scalars(b, i, &column->kind, c);
        return;
    }
    struct column_build *to = &b->column[i];
    for (uint32_t k = 0; k < c->n; k++)
        put_elements(&column->kind, c->raw + c->place[k] + c->skip, column->nelement,
                     to->data + (size_t)(c->first + k) * to->cell_bytes);
}

/* Text as it is kept: what follows a NUL is left out; strings of a two-dimensional cell
 * keep their places, padded by blanks. */
static str trim_text(struct binary_stream *s, const struct votable_column *column, str text)
{
    if (column->string_length == 0)
        return (str){text.at, str_find(text, '\0')};
    bytes_clear(&s->text);
    bytes_add(&s->text, text);
    for (size_t from = 0; from < s->text.len; from += column->string_length) {
        bool is_padding = false;
        for (size_t k = from; k < s->text.len && k < from + column->string_length; k++) {
            is_padding |= s->text.at[k] == '\0';
            if (is_padding)
                s->text.at[k] = ' ';
        }
    }
    return bytes_str(&s->text);
}

/* One cell of text of `bytes` bytes; count elements. */
static void take_text(struct binary_stream *s, struct rows_build *b, uint32_t i,
                      const char *from, size_t bytes)
{
    const struct votable_column *column = &s->layout->column[i];
    str text = {from, bytes};
    if (column->kind.datatype == DATATYPE_UNICODE) {
        struct bytes utf8;
        bytes_init(&utf8, 4 * (size_t)CELL_MAX_BYTES);
        utf16_add_utf8(from, (uint32_t)(bytes / 2), &utf8);
        text = bytes_str(&utf8);
        rows_build_add(b, i, trim_text(s, column, text));
        b->failed |= utf8.failed;
        bytes_free(&utf8);
    } else
        cell_add_text(b, i, trim_text(s, column, text));
    b->failed |= s->text.failed;
}

/* Text and variable arrays, a cell at a time; cell k ends where offset[k + 1] says. */
static void take_growing(struct binary_stream *s, struct rows_build *b, uint32_t i,
                         const struct cells *c)
{
    const struct votable_column *column = &s->layout->column[i];
    struct column_build *to = &b->column[i];
    size_t bytes = binary_stream_fixed_bytes(column);
    uint32_t count = column->nelement;
    for (uint32_t k = 0; k < c->n && !b->failed; k++) {
        const char *from = c->raw + c->place[k] + c->skip;
        if (column->is_variable) {
            count = load_be32(from);
            binary_stream_variable_bytes(column, count, &bytes);
            from += 4;
        }
        if (column->kind.is_skipped)
            bytes = 0;
        else if (column->kind.type == STORE_TEXT)
            take_text(s, b, i, from, bytes);
        else {
            size_t room =
                (size_t)count * DATATYPES[column->kind.datatype].parts * to->element_bytes;
            char *at = rows_build_room(b, i, room);
            if (at && count) {
                put_elements(&column->kind, from, count, at);
                to->used += room;
            }
        }
        to->offset[c->first + k + 1] = (uint32_t)(to->used / to->element_bytes);
    }
}

/* Times are text that is parsed at once. */
static bool take_times(struct binary_stream *s, struct rows_build *b, uint32_t i,
                       const struct cells *c, struct err *e)
{
    const struct votable_column *column = &s->layout->column[i];
    size_t bytes = binary_stream_fixed_bytes(column);
    uint32_t row = b->nrow;
    for (uint32_t k = 0; k < c->n; k++) {
        const char *from = c->raw + c->place[k] + c->skip;
        if (column->is_variable) {
            binary_stream_variable_bytes(column, load_be32(from), &bytes);
            from += 4;
        }
        str text = {from, bytes};
        if (column->kind.datatype == DATATYPE_UNICODE) {
            bytes_clear(&s->text);
            utf16_add_utf8(from, (uint32_t)(bytes / 2), &s->text);
            text = bytes_str(&s->text);
        }
        text = (str){text.at, str_find(text, '\0')};
        b->nrow = c->first + k;
        const char *problem = cell_parse(b, i, &column->kind, text);
        if (problem)
            return err_set(e, ERR_USAGE, "row %llu, " FIELD_NAME ": \"%.*s\" %s",
                           (unsigned long long)s->layout->nrow + k + 1, column->name,
                           (int)(text.len < 40 ? text.len : 40), text.at, problem);
    }
    b->nrow = row;
    return true;
}

/* --- nulls ------------------------------------------------------------------------------
 */

static void take_flags(const struct binary_stream *s, struct rows_build *b, uint32_t n,
                       uint32_t first)
{
    for (uint32_t k = 0; k < n; k++) {
        const char *flags = s->raw.at + s->place[k];
        for (size_t byte = 0; byte < s->flag_bytes; byte++)
            for (uint32_t bit = 0; flags[byte] && bit < 8; bit++)
                if ((uint8_t)flags[byte] << bit & 0x80 && byte * 8 + bit < b->ncolumn)
                    rows_build_null_at(b, (uint32_t)byte * 8 + bit, first + k);
    }
}

/* Without flags, text of no length and the magic value mean null; the latter with flags,
 * too. */
static void take_magic(struct rows_build *b, uint32_t i,
                       const struct votable_column *column, bool has_flags, uint32_t n,
                       uint32_t first)
{
    const struct column_build *c = &b->column[i];
    if (column->kind.type == STORE_TEXT && c->offset && !has_flags)
        for (uint32_t k = first; k < first + n; k++)
            if (c->offset[k] == c->offset[k + 1])
                rows_build_null_at(b, i, k);
    if (!column->kind.has_null || column->kind.length != 1)
        return;
    for (uint32_t k = first; k < first + n; k++)
        if (cell_is_null(&column->kind, c->data + (size_t)k * c->cell_bytes))
            rows_build_null_at(b, i, k);
}

/* --- rows -------------------------------------------------------------------------------
 */

static bool take_columns(struct binary_stream *s, struct rows_build *b, uint32_t n,
                         struct err *e)
{
    const size_t *place = s->place;
    size_t skip = s->flag_bytes;
    for (uint32_t i = 0; i < s->layout->ncolumn; i++) {
        const struct votable_column *column = &s->layout->column[i];
        struct cells c = {s->raw.at, place, skip, n, b->nrow};
        if (column->kind.type == STORE_TIME_US) {
            if (!take_times(s, b, i, &c, e))
                return false;
        } else if (b->column[i].offset)
            take_growing(s, b, i, &c);
        else if (!column->kind.is_skipped)
            take_fixed(b, i, column, &c);
        skip += binary_stream_fixed_bytes(column);
        if (column->is_variable) {
            place += CHUNK_ROWS;
            skip = 0;
        }
    }
    return true;
}

bool binary_stream_take_rows(struct binary_stream *s, struct rows_build *b, uint32_t n,
                             struct err *e)
{
    if (!take_columns(s, b, n, e))
        return false;
    if (b->failed)
        return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
    for (uint32_t i = 0; i < b->ncolumn; i++) {
        const struct column_build *c = &b->column[i];
        if (c->offset)
            b->variable_bytes +=
                (size_t)(c->offset[b->nrow + n] - c->offset[b->nrow]) * c->element_bytes;
        take_magic(b, i, &s->layout->column[i], s->has_flags, n, b->nrow);
    }
    if (s->has_flags)
        take_flags(s, b, n, b->nrow);
    b->nrow += n;
    return true;
}
