/* binary_rows.c -- rows are laid out first (where each begins), then filled column by
 * column: one pass per column over some hundred rows that stay in the nearest cache. */
#include "core/formats/binary_rows.h"

#include "core/base/clock.h"
#include "core/formats/big_endian.h"
#include "core/formats/binary_cell.h"

struct chunk_text { /* the text of a chunk where it is not what the batch has */
    struct bytes text;
    uint32_t offset[BINARY_ROWS_MAX + 1];
    struct store_column column; /* of times: the same column as text */
};

struct binary_rows {
    struct field *field; /* times replaced by text */
    struct chunk_text **text;
    struct store_vector *vector; /* of the chunk, texts replaced */
    uint32_t nfield;
    size_t flag_bytes, fixed_bytes; /* of a row: flags, and all that is not variable */
    bool has_flags;
    struct arena *arena;
    size_t at[BINARY_ROWS_MAX];    /* where the next cell of each row goes */
    size_t begin[BINARY_ROWS_MAX]; /* where each row goes */
};

static bool make_text(struct binary_rows *r, uint32_t i)
{
    if (!r->text[i])
        r->text[i] = arena_new_one(r->arena, struct chunk_text);
    if (!r->text[i])
        return false;
    if (r->text[i]->text.limit == 0)
        bytes_init(&r->text[i]->text, UINT32_MAX);
    return true;
}

static bool replace_time(struct binary_rows *r, uint32_t i)
{
    if (!make_text(r, i))
        return false;
    struct store_column *c = &r->text[i]->column;
    *c = *r->field[i].column;
    c->type = STORE_TEXT;
    c->length = -1;
    r->field[i].column = c;
    return true;
}

struct binary_rows *binary_rows_new(const struct field *field, uint32_t n, bool has_flags,
                                    struct arena *a)
{
    struct binary_rows *r = arena_new_one(a, struct binary_rows);
    if (!r)
        return NULL;
    r->nfield = n;
    r->arena = a;
    r->has_flags = has_flags;
    r->flag_bytes = has_flags ? ((size_t)n + 7) / 8 : 0;
    r->field = arena_new_array(a, struct field, n + 1);
    r->text = arena_new_array(a, struct chunk_text *, n + 1);
    r->vector = arena_new_array(a, struct store_vector, n + 1);
    if (!r->field || !r->text || !r->vector)
        return NULL;
    for (uint32_t i = 0; i < n; i++) {
        r->field[i] = field[i];
        if (field[i].is_time && !replace_time(r, i))
            return NULL; /* nothing is allocated yet outside the arena */
        r->fixed_bytes += field[i].is_variable ? 4 : binary_fixed_bytes(&field[i]);
    }
    return r;
}

void binary_rows_free(struct binary_rows *r)
{
    for (uint32_t i = 0; r && i < r->nfield; i++)
        if (r->text[i])
            bytes_free(&r->text[i]->text);
}

bool binary_rows_replaced(const struct binary_rows *r, uint32_t i)
{
    return r->text[i] && !r->field[i].is_time;
}

/* A vector of times becomes one of text. */
static bool print_times(struct chunk_text *t, const struct store_vector *v, uint32_t n)
{
    const int64_t *us = v->data;
    bytes_clear(&t->text);
    for (uint32_t i = 0; i < n; i++) {
        char *to = bytes_reserve(&t->text, CLOCK_TEXT_BYTES);
        if (!to)
            return false;
        if (store_is_valid(v, i))
            t->text.len += clock_print_us(us[i], to);
        t->offset[i + 1] = (uint32_t)t->text.len;
    }
    return true;
}

static bool is_ascii(const char *at, size_t n)
{
    uint64_t any = 0, eight;
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        memcpy(&eight, at + i, 8);
        any |= eight;
    }
    for (; i < n; i++)
        any |= (uint64_t)(unsigned char)at[i];
    return (any & 0x8080808080808080u) == 0;
}

/* Text for `char`, with '?' for each character outside ASCII. */
static bool make_ascii(struct chunk_text *t, const struct store_vector *v, uint32_t n)
{
    const char *data = v->data;
    bytes_clear(&t->text);
    char *to = bytes_reserve(&t->text, (size_t)(v->offset[n] - v->offset[0]));
    if (!to)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = v->offset[i]; k < v->offset[i + 1]; k++) {
            unsigned char c = (unsigned char)data[k];
            if ((c & 0xC0) != 0x80)
                to[t->text.len++] = c < 0x80 ? (char)c : '?';
        }
        t->offset[i + 1] = (uint32_t)t->text.len;
    }
    return true;
}

/* Times are printed; `char` is made ASCII: a UTF-8 byte there makes Python clients give up
 * on the whole table. */
static bool take_text(struct binary_rows *r, uint32_t i, struct store_vector *v, uint32_t n)
{
    if (r->field[i].is_time) {
        if (!print_times(r->text[i], v, n))
            return false;
    } else {
        if (is_ascii((const char *)v->data + v->offset[0], v->offset[n] - v->offset[0]))
            return true;
        if (!make_text(r, i) || !make_ascii(r->text[i], v, n))
            return false;
    }
    v->data = r->text[i]->text.at;
    v->offset = r->text[i]->offset;
    return true;
}

/* The chunk as vectors of its own, that begin at row 0; `from` is a multiple of 8. */
static bool take_vectors(struct binary_rows *r, const struct store_batch *b, uint32_t from,
                         uint32_t n)
{
    for (uint32_t i = 0; i < r->nfield; i++) {
        const struct store_column *c = r->field[i].column;
        struct store_vector *v = &r->vector[i];
        *v = b->column[i];
        if (v->valid)
            v->valid += from / 8;
        if (r->field[i].is_time)
            v->data = (const int64_t *)v->data + from;
        else if (c->length < 0)
            v->offset += from;
        else
            v->data = (const char *)v->data +
                      (size_t)from * (uint32_t)c->length * store_type_bytes(c->type);
        if (r->field[i].datatype == DATATYPE_CHAR && !take_text(r, i, v, n))
            return false;
    }
    return true;
}

/* Fills begin[]; returns the bytes of all rows. */
static size_t lay_out(struct binary_rows *r, uint32_t n)
{
    size_t *size = r->begin, total = 0;
    for (uint32_t k = 0; k < n; k++)
        size[k] = r->flag_bytes + r->fixed_bytes;
    for (uint32_t i = 0; i < r->nfield; i++) {
        const struct field *f = &r->field[i];
        const struct store_vector *v = &r->vector[i];
        if (!f->is_variable)
            continue;
        if (f->datatype == DATATYPE_CHAR)
            for (uint32_t k = 0; k < n; k++)
                size[k] += v->offset[k + 1] - v->offset[k];
        else
            for (uint32_t k = 0; k < n; k++)
                if (store_is_valid(v, k))
                    size[k] += binary_variable_size(f, field_cell(f, v, k)).bytes;
    }
    for (uint32_t k = 0; k < n; k++) {
        size_t bytes = size[k];
        r->begin[k] = total;
        total += bytes;
    }
    return total;
}

/* One bit a column, the first one highest; 1 is null. */
static void put_flags(struct binary_rows *r, uint32_t n, char *to)
{
    for (uint32_t k = 0; k < n; k++)
        memset(to + r->begin[k], 0, r->flag_bytes);
    for (uint32_t i = 0; i < r->nfield; i++) {
        const struct store_vector *v = &r->vector[i];
        if (!v->valid)
            continue;
        for (uint32_t k = 0; k < n; k++) {
            int is_null = !(v->valid[k >> 3] >> (k & 7) & 1);
            char *flag = to + r->begin[k] + i / 8;
            *flag = (char)(*flag | is_null << (7 - i % 8));
        }
    }
}

/* A variable column: counts and elements; at[] moves behind them. */
static void put_variable(struct binary_rows *r, uint32_t i, uint32_t n, size_t skip,
                         char *base)
{
    const struct field *f = &r->field[i];
    const struct store_vector *v = &r->vector[i];
    for (uint32_t k = 0; k < n; k++) {
        char *to = base + r->at[k] + skip;
        struct binary_size size = {0, 0};
        if (store_is_valid(v, k)) {
            struct cell cell = field_cell(f, v, k);
            size = binary_variable_size(f, cell);
            binary_put_elements(f, cell, size.count, to + 4);
        }
        store_be32(to, size.count);
        r->at[k] += skip + 4 + size.bytes;
    }
}

/* Text is the common case: its bytes, null or not, are what lay_out() counted. */
static void put_char(struct binary_rows *r, uint32_t i, uint32_t n, size_t skip, char *base)
{
    const struct store_vector *v = &r->vector[i];
    for (uint32_t k = 0; k < n; k++) {
        char *to = base + r->at[k] + skip;
        uint32_t count = v->offset[k + 1] - v->offset[k];
        store_be32(to, count);
        if (count)
            memcpy(to + 4, (const char *)v->data + v->offset[k], count);
        r->at[k] += skip + 4 + count;
    }
}

/* BINARY has no flags: a null must be the column's null value, and only a null may. */
static bool check_null(const struct binary_rows *r, uint32_t i, uint32_t n, struct err *e)
{
    const struct field *f = &r->field[i];
    const struct store_vector *v = &r->vector[i];
    if (r->has_flags || !f->is_scalar || !f->has_null)
        return true;
    for (uint32_t k = 0; k < n; k++)
        if (store_is_valid(v, k) && field_integer(f, field_cell(f, v, k)) == f->null)
            return err_set(e, ERR_USAGE,
                           FIELD_NAME " has the value %lld, which stands for null in "
                                      "BINARY; ask for BINARY2 (votable/b2)",
                           f->column->name, (long long)f->null);
    return true;
}

static bool put_columns(struct binary_rows *r, uint32_t n, char *base, struct err *e)
{
    static const struct binary_null NULLS = {.boolean = '?'};
    size_t skip = 0; /* bytes between at[] and the next cell: the same in every row */
    for (uint32_t k = 0; k < n; k++)
        r->at[k] = r->begin[k] + r->flag_bytes;
    for (uint32_t i = 0; i < r->nfield; i++) {
        const struct field *f = &r->field[i];
        if (f->is_variable) {
            if (f->datatype == DATATYPE_CHAR)
                put_char(r, i, n, skip, base);
            else
                put_variable(r, i, n, skip, base);
            skip = 0;
            continue;
        }
        if (!check_null(r, i, n, e) ||
            !binary_put_fixed(f, &r->vector[i], n, NULLS, base + skip, r->at, e))
            return false;
        skip += binary_fixed_bytes(f);
    }
    return true;
}

bool binary_rows_add(struct binary_rows *r, const struct store_batch *b, uint32_t from,
                     uint32_t n, struct bytes *out, struct err *e)
{
    if (!take_vectors(r, b, from, n))
        return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
    size_t bytes = lay_out(r, n);
    char *base = bytes_reserve(out, bytes);
    if (!base)
        return err_set(e, ERR_LIMIT, "rows of %zu bytes are too long to send", bytes / n);
    put_flags(r, n, base);
    if (!put_columns(r, n, base, e))
        return false;
    out->len += bytes;
    return true;
}
