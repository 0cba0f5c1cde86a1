/* made_rows.c -- rows that a program makes: buffers for one batch, filled row by row,
 * column after column. */
#include "core/ingest/made_rows.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/bytes.h"

enum {
    BATCH_BYTES = 1 << 20,
    BATCH_ROWS = 8192,
    TEXT_GUESS_BYTES = 24, /* of one text, to size a batch */
    TEXT_LIMIT_BYTES = 64 << 20
};

struct made_row {
    const struct made_column *def;
    uint32_t ncolumn, icolumn, irow;
    struct column_buffer {
        char *data;
        uint32_t *offset; /* texts only */
        uint8_t *valid;
        struct bytes text;
        bool has_null;
    } * buffer;
};

struct made_rows {
    struct rowsource source; /* first: it is a rowsource */
    const struct made_column *def;
    uint32_t ncolumn;
    made_next *make;
    void *what;
    struct arena *arena;
    struct store_column *column;
    const struct store_column **column_list;
    struct store_vector *vector;
    struct made_row row;
    uint32_t capacity;
    bool has_ended;
};

/* --- putting ----------------------------------------------------------------------- */

static struct column_buffer *take_column(struct made_row *row,
                                         const struct made_column **def)
{
    assert(row->icolumn < row->ncolumn);
    *def = &row->def[row->icolumn];
    return &row->buffer[row->icolumn++];
}

static void end_text(struct column_buffer *buffer, uint32_t irow)
{
    buffer->offset[irow + 1] = (uint32_t)buffer->text.len;
}

void made_put_null(struct made_row *row)
{
    const struct made_column *def;
    struct column_buffer *buffer = take_column(row, &def);
    assert(def->is_nullable);
    buffer->valid[row->irow >> 3] &= (uint8_t) ~(1u << (row->irow & 7));
    buffer->has_null = true;
    if (def->type == STORE_TEXT)
        end_text(buffer, row->irow);
}

static void store_number(char *data, enum store_type type, size_t at, double x)
{
    switch (type) {
    case STORE_F64:
        ((double *)(void *)data)[at] = x;
        break;
    case STORE_F32:
        ((float *)(void *)data)[at] = (float)x;
        break;
    case STORE_I32:
        ((int32_t *)(void *)data)[at] = (int32_t)x;
        break;
    case STORE_I16:
        ((int16_t *)(void *)data)[at] = (int16_t)x;
        break;
    default:
        assert(!"a number column of this type");
    }
}

void made_put(struct made_row *row, double x)
{
    if (isnan(x)) {
        made_put_null(row);
        return;
    }
    const struct made_column *def;
    struct column_buffer *buffer = take_column(row, &def);
    store_number(buffer->data, def->type, row->irow, x);
}

void made_put_integer(struct made_row *row, int64_t x)
{
    const struct made_column *def;
    struct column_buffer *buffer = take_column(row, &def);
    if (def->type == STORE_I64 || def->type == STORE_TIME_US)
        ((int64_t *)(void *)buffer->data)[row->irow] = x;
    else
        store_number(buffer->data, def->type, row->irow, (double)x);
}

void made_put_array(struct made_row *row, const double *x)
{
    const struct made_column *def;
    struct column_buffer *buffer = take_column(row, &def);
    size_t n = (size_t)def->length;
    for (size_t i = 0; i < n; i++)
        store_number(buffer->data, def->type, row->irow * n + i, x[i]);
}

void made_put_text(struct made_row *row, str text)
{
    const struct made_column *def;
    struct column_buffer *buffer = take_column(row, &def);
    assert(def->type == STORE_TEXT);
    bytes_add(&buffer->text, text);
    end_text(buffer, row->irow);
}

/* --- batches ----------------------------------------------------------------------- */

static uint32_t bytes_of(const struct made_column *def)
{
    if (def->type == STORE_TEXT)
        return TEXT_GUESS_BYTES;
    return store_type_bytes(def->type) * (uint32_t)def->length;
}

static uint32_t rows_of_a_batch(const struct made_column *column, uint32_t ncolumn)
{
    uint32_t row_bytes = 1;
    for (uint32_t i = 0; i < ncolumn; i++)
        row_bytes += bytes_of(&column[i]);
    uint32_t n = BATCH_BYTES / row_bytes;
    return n < 1 ? 1 : n > BATCH_ROWS ? BATCH_ROWS : n;
}

static void begin_batch(struct made_rows *rows)
{
    for (uint32_t i = 0; i < rows->ncolumn; i++) {
        struct column_buffer *buffer = &rows->row.buffer[i];
        bytes_clear(&buffer->text);
        buffer->has_null = false;
        memset(buffer->valid, 0xFF, (rows->capacity + 7) / 8);
    }
}

static bool is_text_lost(const struct made_rows *rows)
{
    for (uint32_t i = 0; i < rows->ncolumn; i++)
        if (rows->row.buffer[i].text.failed)
            return true;
    return false;
}

/* STEP_END: there is no further row, but n before. */
static enum step fill_rows(struct made_rows *rows, uint32_t *n, struct err *e)
{
    enum step step = STEP_ROWS;
    for (*n = 0; *n < rows->capacity && step == STEP_ROWS; *n += step == STEP_ROWS) {
        rows->row.irow = *n;
        rows->row.icolumn = 0;
        step = rows->make(rows->what, &rows->row, e);
        assert(step != STEP_ROWS || rows->row.icolumn == rows->ncolumn);
    }
    if (step == STEP_FAILED || !is_text_lost(rows))
        return step;
    err_set(e, ERR_LIMIT, "no memory for a batch of rows");
    return STEP_FAILED;
}

static void show_batch(struct made_rows *rows, struct store_batch *batch, uint32_t n)
{
    for (uint32_t i = 0; i < rows->ncolumn; i++) {
        const struct column_buffer *buffer = &rows->row.buffer[i];
        bool is_text = rows->def[i].type == STORE_TEXT;
        rows->vector[i] = (struct store_vector){
            .data = !is_text          ? buffer->data
                    : buffer->text.at ? buffer->text.at
                                      : "",
            .offset = buffer->offset,
            .valid = buffer->has_null ? buffer->valid : NULL,
        };
    }
    *batch = (struct store_batch){.size = sizeof *batch, .nrow = n, .column = rows->vector};
}

static enum step rows_next(struct rowsource *source, struct store_batch *batch,
                           struct err *e)
{
    struct made_rows *rows = (struct made_rows *)source;
    uint32_t n = 0;
    if (rows->has_ended)
        return STEP_END;
    begin_batch(rows);
    enum step step = fill_rows(rows, &n, e);
    rows->has_ended = step != STEP_ROWS;
    if (step == STEP_FAILED || n == 0)
        return step;
    show_batch(rows, batch, n);
    return STEP_ROWS;
}

static void rows_close(struct rowsource *source)
{
    struct made_rows *rows = (struct made_rows *)source;
    for (uint32_t i = 0; rows->row.buffer && i < rows->ncolumn; i++)
        bytes_free(&rows->row.buffer[i].text);
    arena_free(rows->arena);
    free(rows);
}

static bool make_buffers(struct made_rows *rows)
{
    uint32_t n = rows->ncolumn;
    size_t nrow = rows->capacity;
    for (uint32_t i = 0; i < n; i++) {
        const struct made_column *def = &rows->def[i];
        struct column_buffer *buffer = &rows->row.buffer[i];
        bytes_init(&buffer->text, TEXT_LIMIT_BYTES);
        buffer->valid = arena_alloc(rows->arena, nrow / 8 + 1, 1);
        if (def->type == STORE_TEXT)
            buffer->offset = arena_new_array(rows->arena, uint32_t, nrow + 1);
        else
            buffer->data = arena_alloc(rows->arena, nrow, bytes_of(def));
        if (!buffer->valid || (!buffer->data && !buffer->offset))
            return false;
    }
    return true;
}

static bool make_columns(struct made_rows *rows)
{
    uint32_t n = rows->ncolumn;
    rows->column = arena_new_array(rows->arena, struct store_column, n);
    rows->column_list = arena_new_array(rows->arena, const struct store_column *, n);
    rows->vector = arena_new_array(rows->arena, struct store_vector, n);
    rows->row.buffer = arena_new_array(rows->arena, struct column_buffer, n);
    if (!rows->column || !rows->column_list || !rows->vector || !rows->row.buffer)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct made_column *def = &rows->def[i];
        rows->column[i] = (struct store_column){
            .size = sizeof(struct store_column),
            .type = def->type,
            .length = def->type == STORE_TEXT ? -1 : def->length,
            .flags = def->is_nullable ? STORE_NULLABLE : 0,
            .name = def->name,
            .minimum = NAN,
            .maximum = NAN,
            .null_fraction = NAN,
        };
        rows->column_list[i] = &rows->column[i];
    }
    return make_buffers(rows);
}

struct rowsource *made_rows_new(const struct made_column *column, uint32_t ncolumn,
                                made_next *next, void *what, struct err *e)
{
    struct made_rows *rows = calloc(1, sizeof *rows);
    if (!rows || !(rows->arena = arena_new(256u << 20))) {
        free(rows);
        err_set(e, ERR_LIMIT, "no memory for rows");
        return NULL;
    }
    rows->def = rows->row.def = column;
    rows->ncolumn = rows->row.ncolumn = ncolumn;
    rows->make = next;
    rows->what = what;
    rows->capacity = rows_of_a_batch(column, ncolumn);
    rows->source.next = rows_next;
    rows->source.close = rows_close;
    if (!make_columns(rows)) {
        rows_close(&rows->source);
        err_set(e, ERR_LIMIT, "no memory for a batch of rows");
        return NULL;
    }
    rows->source.column = rows->column_list;
    rows->source.ncolumn = ncolumn;
    return &rows->source;
}
