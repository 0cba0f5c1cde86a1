/* first.c -- see first.h. Rows are encoded once; each document is what was encoded so far
 * and the end of a document without rows, which is the end of every one. */
#include "core/dali/first.h"

#include <stdlib.h>
#include <string.h>

struct first {
    struct rowsource source; /* must be first */
    struct rowsource *inner;
    struct result_head head;
    struct sink *sink;           /* NULL: no more rows are wanted */
    struct bytes body, end, out; /* encoded rows; what ends them; both */
    uint32_t nrow;
    first_taker *take;
    void *what;
};

static void stop(struct first *f)
{
    if (f->sink)
        f->sink->close(f->sink);
    f->sink = NULL;
    bytes_free(&f->body);
    bytes_free(&f->end);
    bytes_free(&f->out);
}

static void tell(struct first *f)
{
    bytes_clear(&f->out);
    bytes_add(&f->out, bytes_str(&f->body));
    bytes_add(&f->out, bytes_str(&f->end));
    if (!f->out.failed)
        f->take(f->what, bytes_str(&f->out), f->nrow);
}

/* The first rows of the batch, as many as are wanted still. */
static void add(struct first *f, struct store_batch batch)
{
    struct err e = {0};
    if (batch.nrow > FIRST_ROWS - f->nrow)
        batch.nrow = FIRST_ROWS - f->nrow;
    if (!f->sink->rows(f->sink, &batch, &f->body, &e)) {
        stop(f);
        return;
    }
    f->nrow += batch.nrow;
    tell(f);
    if (f->nrow == FIRST_ROWS)
        stop(f);
}

static enum step next(struct rowsource *source, struct store_batch *batch, struct err *e)
{
    struct first *f = (struct first *)source;
    enum step step = f->inner->next(f->inner, batch, e);
    if (step == STEP_ROWS && f->sink)
        add(f, *batch);
    return step;
}

static void close_first(struct rowsource *source)
{
    struct first *f = (struct first *)source;
    stop(f);
    f->inner->close(f->inner);
    free(f);
}

static struct sink *new_sink(const struct format_options *options)
{
    struct err e = {0};
    const char *type;
    const struct format *json = format_find(STR("json"), NULL, &type, &e);
    return json ? format_sink(json, options, &e) : NULL;
}

/* The end of a document without rows. */
static bool make_end(struct first *f, const struct format_options *options)
{
    struct err e = {0};
    struct sink *sink = new_sink(options);
    bool ok = sink && sink->begin(sink, &f->head, &f->end, &e);
    bytes_clear(&f->end);
    ok = ok && sink->end(sink, ENDING_OVERFLOW, NULL, &f->end, &e);
    if (sink)
        sink->close(sink);
    return ok;
}

struct rowsource *rows_first(struct rowsource *inner, const struct result_head *head,
                             const char *text, const struct format_options *options,
                             first_taker *take, void *what)
{
    struct err e = {0};
    struct first *f = calloc(1, sizeof *f);
    if (!f)
        return inner;
    *f = (struct first){.source = {inner->column, inner->ncolumn, next, close_first},
                        .inner = inner,
                        .head = *head,
                        .take = take,
                        .what = what};
    f->head.overflow_text = text;
    bytes_init(&f->body, FIRST_MAX_BYTES);
    bytes_init(&f->end, FIRST_MAX_BYTES);
    bytes_init(&f->out, FIRST_MAX_BYTES + 4096);
    f->sink = new_sink(options);
    if (f->sink && make_end(f, options) && f->sink->begin(f->sink, &f->head, &f->body, &e))
        return &f->source;
    stop(f);
    free(f);
    return inner;
}
