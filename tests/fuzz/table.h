/* table.h -- for fuzz targets: any bytes as a table file. What is read must keep the
 * promises of a batch; what is refused must say why. */
#ifndef TESTS_FUZZ_TABLE_H
#define TESTS_FUZZ_TABLE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/formats/formats.h"

static inline void table_require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken promise: %s\n", what);
    abort();
}

static inline void table_check_column(const struct store_column *c,
                                      const struct store_vector *v, uint32_t nrow)
{
    table_require(v->data || c->length == 0, "data");
    if (c->length >= 0)
        return;
    for (uint32_t i = 0; i < nrow; i++) {
        table_require(v->offset[i] <= v->offset[i + 1], "offsets rise");
        str text = {(const char *)v->data + v->offset[i], v->offset[i + 1] - v->offset[i]};
        if (c->type == STORE_TEXT)
            table_require(str_is_utf8(text, NULL), "text is UTF-8");
    }
}

/* Writes every batch in a format that touches every byte, too. */
static inline void table_drain(struct rowsource *source, const char *format,
                               uint64_t max_rows)
{
    struct err e = {0};
    struct store_batch batch;
    struct bytes out;
    struct result_head head = {
        .column = source->column, .ncolumn = source->ncolumn, .nrow = -1};
    const struct format_options options = {"/tmp", 1 << 24, NULL};
    const struct format *f = NULL;
    for (uint32_t i = 0; i < format_count(); i++)
        if (strcmp(format_at(i)->name, format) == 0)
            f = format_at(i);
    struct sink *sink = format_sink(f, &options, &e);
    bytes_init(&out, 1 << 26);
    bool is_open = sink && sink->begin(sink, &head, &out, &e);
    enum step step;
    uint64_t nrow = 0;
    struct err read_error = {0};
    while ((step = source->next(source, &batch, &read_error)) == STEP_ROWS) {
        table_require(batch.nrow > 0, "a batch has rows");
        nrow += batch.nrow;
        for (uint32_t i = 0; i < source->ncolumn; i++)
            table_check_column(source->column[i], &batch.column[i], batch.nrow);
        bytes_clear(&out);
        is_open = is_open && sink->rows(sink, &batch, &out, &e);
    }
    table_require((step == STEP_FAILED) == (read_error.kind != ERR_NONE),
                  "errors are said");
    table_require(nrow <= max_rows, "the limit of rows holds");
    if (is_open)
        sink->end(sink, ENDING_COMPLETE, NULL, &out, &e);
    if (sink)
        sink->close(sink);
    bytes_free(&out);
}

static inline void table_fuzz(const uint8_t *data, size_t len, enum table_kind kind,
                              const char *format)
{
    enum { ROWS = 5000 };
    char path[64];
    int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, data, len) != (ssize_t)len)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct read_options options = {
        .kind = kind,
        .limits = {
            .max_rows = ROWS, .max_bytes = 1 << 22, .max_columns = 200, .max_depth = 20}};
    struct err e = {0};
    struct rowsource *source = table_read(path, &options, &e);
    table_require(source ? e.kind == ERR_NONE : e.kind != ERR_NONE && *e.message,
                  "a refusal has a reason");
    if (source) {
        for (uint32_t i = 0; i < source->ncolumn; i++)
            table_require(source->column[i]->name && *source->column[i]->name, "names");
        table_drain(source, format, ROWS);
        source->close(source);
    }
    close(fd);
}

#endif
