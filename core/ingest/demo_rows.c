/* demo_rows.c -- a demo table as a row source, and what several of them put. */
#include <stdlib.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

void demo_put_place(struct made_row *row, struct demo_place place)
{
    made_put(row, random_rounded(place.ra_deg, 5));
    made_put(row, random_rounded(place.dec_deg, 5));
}

void demo_put_uuid(struct made_row *row, enum demo_stream stream, uint32_t irow)
{
    char text[RANDOM_UUID_BYTES];
    struct random r = random_at((uint64_t)stream | 0x80, irow);
    random_uuid(&r, text);
    made_put_text(row, (str){text, sizeof text});
}

void demo_put_time(struct made_row *row, int64_t t_ns)
{
    made_put_integer(row, t_ns / 1000);
}

struct demo_rows {
    struct rowsource source; /* first: it is a rowsource, that of `made` */
    struct rowsource *made;
    const struct demo_world *world;
    const struct demo_table *table;
    uint32_t irow, nrow;
};

static enum step next_row(void *what, struct made_row *row, struct err *e)
{
    struct demo_rows *rows = what;
    (void)e;
    if (rows->irow == rows->nrow)
        return STEP_END;
    rows->table->fill(rows->world, rows->irow++, row);
    return STEP_ROWS;
}

static enum step rows_next(struct rowsource *source, struct store_batch *batch,
                           struct err *e)
{
    struct demo_rows *rows = (struct demo_rows *)source;
    return rows->made->next(rows->made, batch, e);
}

static void rows_close(struct rowsource *source)
{
    struct demo_rows *rows = (struct demo_rows *)source;
    rows->made->close(rows->made);
    free(rows);
}

struct rowsource *demo_table_rows(const struct demo_world *world,
                                  const struct demo_table *table, struct err *e)
{
    struct demo_rows *rows = calloc(1, sizeof *rows);
    if (!rows) {
        err_set(e, ERR_LIMIT, "demo data: no memory");
        return NULL;
    }
    *rows = (struct demo_rows){.source.next = rows_next,
                               .source.close = rows_close,
                               .world = world,
                               .table = table,
                               .nrow = table->count(world)};
    rows->made = made_rows_new(table->column, table->ncolumn, next_row, rows, e);
    if (!rows->made) {
        free(rows);
        return NULL;
    }
    rows->source.column = rows->made->column;
    rows->source.ncolumn = rows->made->ncolumn;
    return &rows->source;
}
