/* votable_binary.c -- the rows of BINARY and BINARY2: base64 is decoded in large pieces,
 * and whole rows are found in it. votable_cells.c takes them apart. */
#include "core/formats/big_endian.h"
#include "core/formats/sinks.h"
#include "core/formats/votable_stream.h"

#include <stdlib.h>

/* --- bytes ------------------------------------------------------------------------------
 */

static bool bad_base64(struct input *in, size_t at, struct err *e)
{
    in->at += at;
    uint64_t line = input_line(in);
    return err_set_at(e, ERR_USAGE, (int)line, 0,
                      "line %llu: the STREAM has a character that is no base64",
                      (unsigned long long)line);
}

/* Appends the bytes of the next piece of base64; *is_end at the end tag. */
static bool decode_piece(struct input *in, struct base64_decoder *decoder,
                         struct bytes *raw, bool *is_end, struct err *e)
{
    if (in->at == in->end) {
        if (in->is_end)
            return err_set(e, ERR_USAGE, "the document ends inside the STREAM");
        return input_more(in, e);
    }
    size_t n = input_left(in) < PIECE_BYTES ? input_left(in) : PIECE_BYTES, bad, got;
    const char *tag = memchr(in->at, '<', n);
    if (tag)
        n = (size_t)(tag - in->at);
    unsigned char *to = (unsigned char *)bytes_reserve(raw, base64_decoded_bytes(n));
    if (!to)
        return err_set(e, ERR_LIMIT, "a row of the STREAM is too long");
    if (!base64_decode(decoder, (str){in->at, n}, to, &got, &bad))
        return bad_base64(in, bad, e);
    raw->len += got;
    in->at += n;
    *is_end = tag != NULL;
    if (tag && !base64_decode_end(decoder))
        return bad_base64(in, 0, e);
    return true;
}

static bool more_bytes(struct binary_stream *s, struct err *e)
{
    if (s->at > PIECE_BYTES) {
        memmove(s->raw.at, s->raw.at + s->at, s->raw.len - s->at);
        s->raw.len -= s->at;
        s->at = 0;
    }
    return decode_piece(s->input, &s->decoder, &s->raw, &s->is_ended, e);
}

bool binary_stream_to_file(struct input *in, int fd, struct err *e)
{
    struct base64_decoder decoder = {0};
    struct spool_file file = {fd, 0, UINT64_MAX};
    struct bytes raw;
    bool is_end = false, ok = true;
    bytes_init(&raw, 4 * PIECE_BYTES);
    while (ok && !is_end) {
        bytes_clear(&raw);
        ok = decode_piece(in, &decoder, &raw, &is_end, e) &&
             format_spool_add(&file, raw.at, raw.len, e);
    }
    bytes_free(&raw);
    return ok;
}

/* --- life -------------------------------------------------------------------------------
 */

struct binary_stream *binary_stream_new(struct votable_layout *layout, bool has_flags,
                                        struct input *input, struct err *e)
{
    struct binary_stream *s = calloc(1, sizeof *s);
    size_t least = 0;
    if (s) {
        s->layout = layout;
        s->input = input;
        s->has_flags = has_flags;
        s->flag_bytes = has_flags ? ((size_t)layout->ncolumn + 7) / 8 : 0;
        bytes_init(&s->raw, (size_t)2 * CELL_MAX_BYTES);
        bytes_init(&s->text, 4 * (size_t)CELL_MAX_BYTES);
        least = s->flag_bytes;
        for (uint32_t i = 0; i < layout->ncolumn; i++) {
            s->nvariable += layout->column[i].is_variable;
            least += layout->column[i].is_variable
                         ? 4
                         : binary_stream_fixed_bytes(&layout->column[i]);
        }
        s->place = calloc(((size_t)s->nvariable + 1) * CHUNK_ROWS, sizeof *s->place);
    }
    if (s && s->place && least > 0)
        return s;
    if (s && least == 0)
        err_set(e, ERR_USAGE, "a row of this table has no bytes");
    else
        err_set(e, ERR_BUSY, "the node is out of memory; try again later");
    binary_stream_free(s);
    return NULL;
}

void binary_stream_free(struct binary_stream *s)
{
    if (!s)
        return;
    bytes_free(&s->raw);
    bytes_free(&s->text);
    free(s->place);
    free(s);
}

size_t binary_stream_fixed_bytes(const struct votable_column *c)
{
    if (c->kind.datatype == DATATYPE_BIT)
        return ((size_t)c->nelement + 7) / 8;
    return (size_t)c->nelement * DATATYPES[c->kind.datatype].bytes;
}

bool binary_stream_variable_bytes(const struct votable_column *c, uint32_t count,
                                  size_t *bytes)
{
    uint32_t size = DATATYPES[c->kind.datatype].bytes;
    *bytes =
        c->kind.datatype == DATATYPE_BIT ? ((size_t)count + 7) / 8 : (size_t)count * size;
    return count <= INT32_MAX && *bytes <= CELL_MAX_BYTES;
}

/* --- finding rows -----------------------------------------------------------------------
 */

static bool bad_count(const struct binary_stream *s, uint32_t i, uint64_t row,
                      uint32_t count, struct err *e)
{
    return err_set(e, ERR_USAGE, "row %llu, " FIELD_NAME ": a cell of %lld elements",
                   (unsigned long long)row + 1, s->layout->column[i].name,
                   (long long)(int32_t)count);
}

/* Notes the places of row k of the chunk and moves *at behind it. False with e: an
 * impossible cell; without: the row is not whole yet. */
static bool place_row(struct binary_stream *s, uint32_t k, size_t *at, struct err *e)
{
    const struct votable_layout *l = s->layout;
    size_t p = *at + s->flag_bytes, segment = 0, bytes;
    s->place[k] = p - s->flag_bytes;
    for (uint32_t i = 0; i < l->ncolumn; i++) {
        const struct votable_column *c = &l->column[i];
        if (!c->is_variable) {
            p += binary_stream_fixed_bytes(c);
            continue;
        }
        if (p + 4 > s->raw.len)
            return false;
        uint32_t count = load_be32(s->raw.at + p);
        if (!binary_stream_variable_bytes(c, count, &bytes))
            return bad_count(s, i, l->nrow + k, count, e);
        p += 4 + bytes;
        s->place[++segment * CHUNK_ROWS + k] = p;
    }
    *at = p;
    return p <= s->raw.len;
}

/* Whole rows from s->at on, at most `max`; *end gets where they end. */
static uint32_t place_rows(struct binary_stream *s, uint32_t max, size_t *end,
                           struct err *e)
{
    size_t at = s->at;
    *end = at;
    for (uint32_t k = 0; k < max; k++) {
        if (!place_row(s, k, &at, e))
            return k;
        *end = at;
    }
    return max;
}

/* --- rows -------------------------------------------------------------------------------
 */

static uint32_t rows_wanted(const struct binary_stream *s, const struct rows_build *b)
{
    uint64_t left = s->layout->max_rows - s->layout->nrow;
    uint32_t room = b->capacity - b->nrow;
    if (room > CHUNK_ROWS)
        room = CHUNK_ROWS;
    return left < room ? (uint32_t)left : room;
}

/* Nothing more comes: is that the end of a row? */
static bool end_rows(const struct binary_stream *s, struct err *e)
{
    if (s->at == s->raw.len)
        return true;
    if (s->layout->nrow == s->layout->max_rows)
        return err_set(e, ERR_LIMIT, "the table has more than %llu rows, the limit",
                       (unsigned long long)s->layout->max_rows);
    return err_set(e, ERR_USAGE,
                   "the STREAM ends inside row %llu; do the FIELDs describe these data?",
                   (unsigned long long)s->layout->nrow + 1);
}

bool binary_stream_read(struct binary_stream *s, struct rows_build *b, bool *is_end,
                        struct err *e)
{
    *is_end = false;
    while (!rows_build_is_full(b)) {
        size_t end;
        uint32_t wanted = rows_wanted(s, b), n = place_rows(s, wanted, &end, e);
        if (n && !binary_stream_take_rows(s, b, n, e))
            return false;
        s->at = end;
        s->layout->nrow += n;
        if (e->kind != ERR_NONE)
            return false;
        if (n)
            continue;
        if (s->is_ended || wanted == 0) {
            *is_end = s->is_ended;
            if (!end_rows(s, e))
                return false;
            if (s->is_ended)
                return true;
        }
        if (!more_bytes(s, e))
            return false;
    }
    return true;
}
