/* json_write.c -- {"metadata":[...],"data":[[...],...],"query_status":"OK"}, as several TAP
 * services write it. Null is null. What JSON numbers cannot hold is text: "NaN",
 * "Infinity",
 * "-Infinity", and integers beyond 2^53, whose digits JavaScript would lose. */
#include <math.h>

#include "core/base/num.h"
#include "core/formats/sinks.h"

struct json {
    struct writer w;
    bool has_rows;
};

/* "name":"value" after what stands there; nothing without a value. */
static void add_member(struct bytes *b, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    char last = b->len ? b->at[b->len - 1] : '{';
    if (last != '{')
        bytes_add_char(b, ',');
    bytes_add_format(b, "\"%s\":\"", name);
    bytes_add_json(b, str_of(value));
    bytes_add_char(b, '"');
}

static void add_metadata(struct bytes *b, const struct field *f)
{
    const struct store_column *c = f->column;
    bytes_add_char(b, '{');
    add_member(b, "name", c->name);
    add_member(b, "datatype", DATATYPES[f->datatype].name);
    add_member(b, "arraysize", f->arraysize);
    add_member(b, "xtype", f->xtype);
    add_member(b, "unit", c->unit);
    add_member(b, "ucd", c->ucd);
    add_member(b, "utype", c->utype);
    add_member(b, "description", c->description);
    bytes_add_char(b, '}');
}

static bool begin(struct sink *sink, const struct result_head *head, struct bytes *out,
                  struct err *e)
{
    struct json *w = (struct json *)sink;
    if (!writer_begin(&w->w, head, e))
        return false;
    bytes_add_literal(out, "{\"metadata\":[");
    for (uint32_t i = 0; i < head->ncolumn; i++) {
        bytes_add(out, i ? STR(",\n") : STR("\n"));
        add_metadata(out, &w->w.field[i]);
    }
    bytes_add_literal(out, "\n],\n\"data\":[");
    return !out->failed || writer_too_long(e);
}

static void add_double(struct bytes *b, double value, bool is_float)
{
    char text[NUM_TEXT_BYTES];
    if (isnan(value))
        bytes_add_literal(b, "\"NaN\"");
    else if (isinf(value))
        bytes_add(b, value > 0 ? STR("\"Infinity\"") : STR("\"-Infinity\""));
    else
        bytes_add(b, (str){text, is_float ? num_print_float((float)value, text)
                                          : num_print_double(value, text)});
}

static void add_integer(struct bytes *b, int64_t value)
{
    const int64_t SAFE = INT64_C(1) << 53;
    char text[NUM_TEXT_BYTES];
    str number = {text, num_print_int(value, text)};
    bool is_safe = value >= -SAFE && value <= SAFE;
    if (!is_safe)
        bytes_add_char(b, '"');
    bytes_add(b, number);
    if (!is_safe)
        bytes_add_char(b, '"');
}

static void add_element(struct bytes *b, const struct field *f, struct cell one)
{
    float f32;
    double f64;
    switch (f->column->type) {
    case STORE_BOOL:
        bytes_add(b, *one.at ? STR("true") : STR("false"));
        return;
    case STORE_F32:
        memcpy(&f32, one.at, sizeof f32);
        add_double(b, (double)f32, true);
        return;
    case STORE_F64:
        memcpy(&f64, one.at, sizeof f64);
        add_double(b, f64, false);
        return;
    default:
        add_integer(b, field_integer(f, one));
    }
}

static void add_text(struct bytes *b, str s)
{
    bytes_add_char(b, '"');
    bytes_add_json(b, s);
    bytes_add_char(b, '"');
}

static void add_cell(struct bytes *b, const struct field *f, const struct store_vector *v,
                     uint32_t irow)
{
    struct cell cell = field_cell(f, v, irow);
    char time[2 * NUM_TEXT_BYTES];
    if (!store_is_valid(v, irow)) {
        bytes_add_literal(b, "null");
        return;
    }
    if (f->column->type == STORE_TEXT)
        add_text(b, (str){cell.at, cell.count});
    else if (f->is_time && cell.count == 1)
        add_text(b, (str){time, (size_t)(field_print(f, v, irow, time) - time)});
    else if (f->is_scalar && cell.count == 1)
        add_element(b, f, cell);
    else {
        uint32_t size = store_type_bytes(f->column->type);
        bytes_add_char(b, '[');
        for (uint32_t i = 0; i < cell.count; i++) {
            if (i)
                bytes_add_char(b, ',');
            add_element(b, f, (struct cell){cell.at + (size_t)i * size, 1});
        }
        bytes_add_char(b, ']');
    }
}

static bool rows(struct sink *sink, const struct store_batch *b, struct bytes *out,
                 struct err *e)
{
    struct json *w = (struct json *)sink;
    for (uint32_t irow = 0; irow < b->nrow; irow++) {
        size_t start = out->len;
        bytes_add(out, w->has_rows ? STR(",\n[") : STR("\n["));
        for (uint32_t i = 0; i < w->w.head->ncolumn; i++) {
            if (i)
                bytes_add_char(out, ',');
            add_cell(out, &w->w.field[i], &b->column[i], irow);
        }
        bytes_add_char(out, ']');
        if (out->failed) {
            out->len = start;
            return writer_too_long(e);
        }
        w->has_rows = true;
    }
    return true;
}

static bool end(struct sink *sink, enum ending ending, const struct err *why,
                struct bytes *out, struct err *e)
{
    const struct json *w = (struct json *)sink;
    (void)why;
    if (ending == ENDING_FAILED)
        return false;
    bytes_add_literal(out, "\n],\n\"query_status\":\"");
    bytes_add(out, ending == ENDING_OVERFLOW ? STR("OVERFLOW\"") : STR("OK\""));
    if (ending == ENDING_OVERFLOW)
        add_member(out, "message", w->w.head->overflow_text);
    bytes_add_literal(out, "}\n");
    return !out->failed || writer_too_long(e);
}

static void close_sink(struct sink *sink)
{
    writer_free((struct writer *)sink);
}

struct sink *sink_json(const struct format_options *options, struct err *e)
{
    static const struct sink CALLS = {false, -1, begin, rows, end, close_sink};
    struct json *w = writer_new(sizeof *w, &CALLS, options, e);
    return w ? &w->w.sink : NULL;
}
