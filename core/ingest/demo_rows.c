/* demo_rows.c -- turns a demo table into a row source: buffers for one batch, filled row by
 * row, column after column. */
#include "core/ingest/demo.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/ingest/random.h"

enum {
    BATCH_BYTES = 1 << 20,
    BATCH_ROWS = 8192,
    TEXT_GUESS_BYTES = 24, /* of one text, to size a batch */
    TEXT_LIMIT_BYTES = 64 << 20
};

struct demo_row {
    const struct demo_column *def;
    uint32_t ncolumn, icolumn, irow;
    struct column_buffer {
        char *data;
        uint32_t *offset; /* texts only */
        uint8_t *valid;
        struct bytes text;
        bool has_null;
    } * buffer;
};

struct demo_source_rows {
    struct rowsource source; /* first: it is a rowsource */
    const struct demo_world *world;
    const struct demo_table *table;
    struct arena *arena;
    struct store_column *column;
    const struct store_column **column_list;
    struct store_vector *vector;
    struct demo_row row;
    uint32_t capacity, next_row, nrow;
};

/* --- putting ----------------------------------------------------------------------- */

static struct column_buffer *take_column(struct demo_row *row,
                                         const struct demo_column **def)
{
    assert(row->icolumn < row->ncolumn);
    *def = &row->def[row->icolumn];
    return &row->buffer[row->icolumn++];
}

static void end_text(struct column_buffer *buffer, uint32_t irow)
{
    buffer->offset[irow + 1] = (uint32_t)buffer->text.len;
}

void demo_put_null(struct demo_row *row)
{
    const struct demo_column *def;
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

void demo_put(struct demo_row *row, double x)
{
    if (isnan(x)) {
        demo_put_null(row);
        return;
    }
    const struct demo_column *def;
    struct column_buffer *buffer = take_column(row, &def);
    store_number(buffer->data, def->type, row->irow, x);
}

void demo_put_integer(struct demo_row *row, int64_t x)
{
    const struct demo_column *def;
    struct column_buffer *buffer = take_column(row, &def);
    if (def->type == STORE_I64 || def->type == STORE_TIME_US)
        ((int64_t *)(void *)buffer->data)[row->irow] = x;
    else
        store_number(buffer->data, def->type, row->irow, (double)x);
}

void demo_put_array(struct demo_row *row, const double *x)
{
    const struct demo_column *def;
    struct column_buffer *buffer = take_column(row, &def);
    size_t n = (size_t)def->length;
    for (size_t i = 0; i < n; i++)
        store_number(buffer->data, def->type, row->irow * n + i, x[i]);
}

void demo_put_text(struct demo_row *row, str text)
{
    const struct demo_column *def;
    struct column_buffer *buffer = take_column(row, &def);
    assert(def->type == STORE_TEXT);
    bytes_add(&buffer->text, text);
    end_text(buffer, row->irow);
}

void demo_put_place(struct demo_row *row, struct demo_place place)
{
    demo_put(row, random_rounded(place.ra_deg, 5));
    demo_put(row, random_rounded(place.dec_deg, 5));
}

void demo_put_uuid(struct demo_row *row, enum demo_stream stream, uint32_t irow)
{
    char text[RANDOM_UUID_BYTES];
    struct random r = random_at((uint64_t)stream | 0x80, irow);
    random_uuid(&r, text);
    demo_put_text(row, (str){text, sizeof text});
}

void demo_put_time(struct demo_row *row, int64_t t_ns)
{
    demo_put_integer(row, t_ns / 1000);
}

/* --- batches ----------------------------------------------------------------------- */

static uint32_t bytes_of(const struct demo_column *def)
{
    if (def->type == STORE_TEXT)
        return TEXT_GUESS_BYTES;
    return store_type_bytes(def->type) * (uint32_t)def->length;
}

static uint32_t rows_of_a_batch(const struct demo_table *table)
{
    uint32_t row_bytes = 1;
    for (uint32_t i = 0; i < table->ncolumn; i++)
        row_bytes += bytes_of(&table->column[i]);
    uint32_t n = BATCH_BYTES / row_bytes;
    return n < 1 ? 1 : n > BATCH_ROWS ? BATCH_ROWS : n;
}

static void begin_batch(struct demo_source_rows *rows)
{
    for (uint32_t i = 0; i < rows->table->ncolumn; i++) {
        struct column_buffer *buffer = &rows->row.buffer[i];
        bytes_clear(&buffer->text);
        buffer->has_null = false;
        memset(buffer->valid, 0xFF, (rows->capacity + 7) / 8);
    }
}

static bool fill_rows(struct demo_source_rows *rows, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        rows->row.irow = i;
        rows->row.icolumn = 0;
        rows->table->fill(rows->world, rows->next_row + i, &rows->row);
        assert(rows->row.icolumn == rows->table->ncolumn);
    }
    for (uint32_t i = 0; i < rows->table->ncolumn; i++)
        if (rows->row.buffer[i].text.failed)
            return false;
    return true;
}

static void show_batch(struct demo_source_rows *rows, struct store_batch *batch, uint32_t n)
{
    for (uint32_t i = 0; i < rows->table->ncolumn; i++) {
        const struct column_buffer *buffer = &rows->row.buffer[i];
        bool is_text = rows->table->column[i].type == STORE_TEXT;
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
    struct demo_source_rows *rows = (struct demo_source_rows *)source;
    uint32_t left = rows->nrow - rows->next_row;
    if (left == 0)
        return STEP_END;
    uint32_t n = left < rows->capacity ? left : rows->capacity;
    begin_batch(rows);
    if (!fill_rows(rows, n)) {
        err_set(e, ERR_LIMIT, "demo data: no memory for a batch of %s.%s",
                rows->table->schema, rows->table->name);
        return STEP_FAILED;
    }
    show_batch(rows, batch, n);
    rows->next_row += n;
    return STEP_ROWS;
}

static void rows_close(struct rowsource *source)
{
    struct demo_source_rows *rows = (struct demo_source_rows *)source;
    for (uint32_t i = 0; rows->row.buffer && i < rows->table->ncolumn; i++)
        bytes_free(&rows->row.buffer[i].text);
    arena_free(rows->arena);
    free(rows);
}

static bool make_buffers(struct demo_source_rows *rows)
{
    uint32_t n = rows->table->ncolumn;
    size_t nrow = rows->capacity;
    for (uint32_t i = 0; i < n; i++) {
        const struct demo_column *def = &rows->table->column[i];
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

static bool make_columns(struct demo_source_rows *rows)
{
    uint32_t n = rows->table->ncolumn;
    rows->column = arena_new_array(rows->arena, struct store_column, n);
    rows->column_list = arena_new_array(rows->arena, const struct store_column *, n);
    rows->vector = arena_new_array(rows->arena, struct store_vector, n);
    rows->row.buffer = arena_new_array(rows->arena, struct column_buffer, n);
    if (!rows->column || !rows->column_list || !rows->vector || !rows->row.buffer)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct demo_column *def = &rows->table->column[i];
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

struct rowsource *demo_table_rows(const struct demo_world *world,
                                  const struct demo_table *table, struct err *e)
{
    struct demo_source_rows *rows = calloc(1, sizeof *rows);
    if (!rows || !(rows->arena = arena_new(256u << 20))) {
        free(rows);
        err_set(e, ERR_LIMIT, "demo data: no memory");
        return NULL;
    }
    rows->world = world;
    rows->table = table;
    rows->capacity = rows_of_a_batch(table);
    rows->nrow = table->count(world);
    rows->row.def = table->column;
    rows->row.ncolumn = table->ncolumn;
    rows->source.next = rows_next;
    rows->source.close = rows_close;
    if (!make_columns(rows)) {
        rows_close(&rows->source);
        err_set(e, ERR_LIMIT, "demo data: no memory for a batch");
        return NULL;
    }
    rows->source.column = rows->column_list;
    rows->source.ncolumn = table->ncolumn;
    return &rows->source;
}
