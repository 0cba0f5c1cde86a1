/* tables.h -- for the tests of formats: a table with every VOTable type, documents as
 * strings, and tables shown as CSV so that one comparison sees everything. */
#ifndef TESTS_UNIT_CORE_FORMATS_TABLES_H
#define TESTS_UNIT_CORE_FORMATS_TABLES_H

#include <stdlib.h>
#include <unistd.h>

#include "core/formats/formats.h"
#include "tests/test.h"

static struct bytes tables_out; /* the last document written */
static struct err tables_error; /* of the last call that failed */

static const struct format_options TABLES_OPTIONS = {"/tmp", 1 << 26, NULL};

/* A format by its short name. */
static inline const struct format *tables_format(const char *name)
{
    for (uint32_t i = 0; i < format_count(); i++)
        if (strcmp(format_at(i)->name, name) == 0)
            return format_at(i);
    TEST_FAIL("no format %s", name);
}

/* Takes what a spooled sink made. */
static inline void tables_take_spool(const struct sink *sink)
{
    char buffer[4096];
    ssize_t n;
    for (off_t at = 0; (n = pread(sink->spool_fd, buffer, sizeof buffer, at)) > 0; at += n)
        bytes_add(&tables_out, (str){buffer, (size_t)n});
}

/* Everything a source has, in a format; the source is closed. NULL: tables_error. */
static inline const char *tables_write(struct rowsource *source, const char *format,
                                       const struct result_head *like, enum ending ending)
{
    struct err e = {0};
    struct store_batch batch;
    struct result_head head = {.nrow = -1};
    if (like)
        head = *like;
    head.column = source->column;
    head.ncolumn = source->ncolumn;
    bytes_free(&tables_out);
    bytes_init(&tables_out, 1 << 28);
    struct sink *sink = format_sink(tables_format(format), &TABLES_OPTIONS, &e);
    bool ok = sink && sink->begin(sink, &head, &tables_out, &e);
    enum step step = STEP_FAILED;
    while (ok && (step = source->next(source, &batch, &e)) == STEP_ROWS)
        ok = sink->rows(sink, &batch, &tables_out, &e);
    ok = ok && step == STEP_END && sink->end(sink, ending, NULL, &tables_out, &e);
    if (ok && sink->is_spooled)
        tables_take_spool(sink);
    if (sink)
        sink->close(sink);
    source->close(source);
    tables_error = e;
    return ok ? bytes_text(&tables_out) : NULL;
}

/* A document in a file of its own, opened; NULL: tables_error. */
static inline struct rowsource *tables_open(str document,
                                            const struct read_options *options)
{
    char path[] = "/tmp/test-formats-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, document.at, document.len) != (ssize_t)document.len)
        TEST_FAIL("no file can be written");
    close(fd);
    tables_error = (struct err){0};
    struct rowsource *source = table_read(path, options, &tables_error);
    unlink(path);
    return source;
}

/* A document as CSV, or "ERROR: message". */
static inline const char *tables_csv_of(str document, const struct read_options *options)
{
    static struct bytes text;
    struct rowsource *source = tables_open(document, options);
    const char *csv = source ? tables_write(source, "csv", NULL, ENDING_COMPLETE) : NULL;
    bytes_free(&text);
    bytes_init(&text, 1 << 28);
    if (csv)
        bytes_add(&text, str_of(csv));
    else
        bytes_add_format(&text, "ERROR: %s", tables_error.message);
    return bytes_text(&text);
}

static inline const char *tables_csv(const char *document, enum table_kind kind)
{
    return tables_csv_of(str_of(document), &(struct read_options){.kind = kind});
}

/* Fails unless the document is refused with a message that holds `words`. */
static inline void tables_refused(const char *document, enum table_kind kind,
                                  const char *words)
{
    const char *text = tables_csv(document, kind);
    if (strncmp(text, "ERROR: ", 7) != 0)
        TEST_FAIL("read though it should be refused (%s): %.200s", words, text);
    if (!strstr(text, words))
        TEST_FAIL("%.300s does not say \"%s\"", text, words);
    CHECK(tables_error.kind == ERR_USAGE || tables_error.kind == ERR_LIMIT);
}

/* --- every type -------------------------------------------------------------------------
 */

enum { TABLES_NROW = 4, TABLES_NCOLUMN = 19 };

struct tables_source {
    struct rowsource source;
    const struct store_batch *batch;
    bool is_read;
};

static inline enum step tables_next(struct rowsource *source, struct store_batch *batch,
                                    struct err *e)
{
    struct tables_source *t = (struct tables_source *)source;
    (void)e;
    if (t->is_read)
        return STEP_END;
    t->is_read = true;
    *batch = *t->batch;
    return STEP_ROWS;
}

static inline void tables_close(struct rowsource *source)
{
    (void)source;
}

/* A source of one batch; it lives until the next one. */
static inline struct rowsource *tables_source(const struct store_column *const *column,
                                              uint32_t ncolumn,
                                              const struct store_batch *batch)
{
    static struct tables_source one;
    one =
        (struct tables_source){{column, ncolumn, tables_next, tables_close}, batch, false};
    return &one.source;
}

/* Rows: small values; null but for the last; extremes; empty. One source at a time. */
static inline struct rowsource *tables_every_type(void)
{
    static const uint8_t valid[] = {0x0D}; /* rows 0, 2, 3 */
    static const uint8_t truth[] = {1, 0, 0, 1}, tiny[] = {7, 0, 254, 0};
    static const uint8_t bits[] = {1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1};
    static const int16_t small[] = {-5, 0, 32767, 0};
    static const int32_t middle[] = {100000, 0, -2147483647, 0};
    static const int64_t large[] = {1, 0, INT64_C(9007199254740993), 0};
    static const float single[] = {0.1f, 0, NAN, -0.0f};
    static const double dual[] = {1.0 / 3, 0, INFINITY, 5e-324};
    static const char text[] = "plain<a&b> \"q\"";
    static const uint32_t text_at[] = {0, 5, 5, 14, 14};
    static const char wide[] = "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\xAD";
    static const uint32_t wide_at[] = {0, 5, 5, 9, 9};
    static const char fixed[] = "abcdxyefg";
    static const uint32_t fixed_at[] = {0, 4, 4, 6, 9};
    static const char one[] = "xyz";
    static const uint32_t one_at[] = {0, 1, 1, 2, 3};
    static const double points[] = {10, -5, 0, 0, 1, 2, 3, 4};
    static const double shape[] = {1, 2, 3, 4, 5, 6, 0.5, 1.5};
    static const uint32_t shape_at[] = {0, 6, 6, 8, 8};
    static const float complex[] = {1, 2, 0, 0, 3, -4, 5, 6};
    static const int64_t times[] = {0, 0, INT64_C(1500000000123456), INT64_C(-1000)};
    static const int16_t matrix[] = {1,  2,  3,  4,  5,  6,  0, 0, 0, 0,  0,  0,
                                     -1, -2, -3, -4, -5, -6, 7, 8, 9, 10, 11, 12};
    static const uint32_t bits_at[] = {0, 9, 9, 12, 12};
    static const struct store_coosys icrs = {"ICRS", NULL, "J2016.0", "BARYCENTER"};
    static const struct store_timesys tt = {"TT", "GEOCENTER", "MJD-origin"};
    static const struct store_column columns[TABLES_NCOLUMN] = {
        {.type = STORE_BOOL, .length = 1, .name = "truth"},
        {.type = STORE_U8,
         .length = 3,
         .name = "bits",
         .datatype = "bit",
         .arraysize = "3"},
        {.type = STORE_U8, .length = 1, .name = "tiny"},
        {.type = STORE_I16, .length = 1, .name = "small"},
        {.type = STORE_I32, .length = 1, .name = "middle"},
        {.type = STORE_I64, .length = 1, .name = "large", .ucd = "meta.id;meta.main"},
        {.type = STORE_F32, .length = 1, .name = "single", .unit = "mag"},
        {.type = STORE_F64, .length = 1, .name = "dual", .unit = "deg", .coosys = &icrs},
        {.type = STORE_TEXT, .length = -1, .name = "text"},
        {.type = STORE_TEXT, .length = -1, .name = "wide", .datatype = "unicodeChar"},
        {.type = STORE_TEXT, .length = -1, .name = "fixed", .arraysize = "4"},
        {.type = STORE_TEXT, .length = -1, .name = "one", .arraysize = "1"},
        {.type = STORE_F64,
         .length = 2,
         .name = "pos",
         .xtype = "point",
         .arraysize = "2",
         .coosys = &icrs},
        {.type = STORE_F64, .length = -1, .name = "list", .description = "as many <as>"},
        {.type = STORE_F32, .length = 2, .name = "complex", .datatype = "floatComplex"},
        {.type = STORE_TIME_US, .length = 1, .name = "time"},
        {.type = STORE_F64, .length = 1, .name = "mjd", .unit = "d", .timesys = &tt},
        {.type = STORE_I16, .length = 6, .name = "matrix", .arraysize = "2x3"},
        {.type = STORE_U8, .length = -1, .name = "bytes"},
    };
    static const struct store_vector vectors[TABLES_NCOLUMN] = {
        {truth, NULL, valid},   {bits, NULL, NULL},       {tiny, NULL, valid},
        {small, NULL, valid},   {middle, NULL, valid},    {large, NULL, valid},
        {single, NULL, valid},  {dual, NULL, valid},      {text, text_at, valid},
        {wide, wide_at, valid}, {fixed, fixed_at, valid}, {one, one_at, valid},
        {points, NULL, valid},  {shape, shape_at, valid}, {complex, NULL, valid},
        {times, NULL, valid},   {dual, NULL, NULL},       {matrix, NULL, NULL},
        {bits, bits_at, valid},
    };
    static const struct store_column *column[TABLES_NCOLUMN];
    static struct store_batch batch;
    for (int i = 0; i < TABLES_NCOLUMN; i++)
        column[i] = &columns[i];
    batch = (struct store_batch){sizeof batch, TABLES_NROW, vectors};
    return tables_source(column, TABLES_NCOLUMN, &batch);
}

#endif
