/* arrow_write.c -- the Arrow IPC stream format (Arrow columnar format, "IPC streaming
 * format"): a schema, a record batch for each batch, an end mark. Units, UCDs and the like
 * are metadata of the fields. Complex numbers are pairs, bits are booleans. */
#include "core/formats/flatbuffer.h"
#include "core/formats/sinks.h"

/* Numbers from Arrow's Message.fbs and Schema.fbs. */
enum { VERSION_V5 = 4, HEADER_SCHEMA = 1, HEADER_RECORD_BATCH = 3 };
enum arrow_type {
    TYPE_INT = 2,
    TYPE_FLOAT = 3,
    TYPE_UTF8 = 5,
    TYPE_BOOL = 6,
    TYPE_TIMESTAMP = 10,
    TYPE_LIST = 12,
    TYPE_FIXED_SIZE_LIST = 16
};
enum { UNIT_MICROSECOND = 2, PRECISION_SINGLE = 1, PRECISION_DOUBLE = 2 };

struct arrow {
    struct writer w;
    struct bytes meta, body; /* of one message */
    struct bytes nodes, buffers;
};

/* A message begun: its header table's offset is at `header`. */
static struct flat_table begin_message(struct arrow *w, uint8_t type)
{
    bytes_clear(&w->meta);
    bytes_clear(&w->body);
    bytes_add(&w->meta, (str){"\0\0\0", 4}); /* offset of the root */
    struct flat_table message = flat_table(&w->meta, "2148");
    flat_put(&w->meta, 0, message.at, 4);
    flat_put(&w->meta, message.field[0], VERSION_V5, 2);
    flat_put(&w->meta, message.field[1], type, 1);
    return message;
}

/* Continuation mark, length, metadata, body. */
static bool end_message(struct arrow *w, const struct flat_table *message,
                        struct bytes *out, struct err *e)
{
    flat_align(&w->body, 8);
    flat_put(&w->meta, message->field[3], w->body.len, 8);
    flat_align(&w->meta, 8);
    char mark[8] = {(char)0xFF, (char)0xFF, (char)0xFF, (char)0xFF};
    for (int i = 0; i < 4; i++)
        mark[4 + i] = (char)(uint8_t)(w->meta.len >> 8 * i);
    if (w->meta.failed || w->body.failed || w->nodes.failed || w->buffers.failed)
        return writer_too_long(e);
    size_t start = out->len;
    bytes_add(out, (str){mark, sizeof mark});
    bytes_add(out, bytes_str(&w->meta));
    bytes_add(out, bytes_str(&w->body));
    if (!out->failed)
        return true;
    out->len = start;
    return writer_too_long(e);
}

/* --- schema ------------------------------------------------------------------------------
 */

static enum arrow_type element_type(const struct field *f)
{
    switch (f->column->type) {
    case STORE_BOOL:
        return TYPE_BOOL;
    case STORE_F32:
    case STORE_F64:
        return TYPE_FLOAT;
    case STORE_TEXT:
        return TYPE_UTF8;
    case STORE_TIME_US:
        return TYPE_TIMESTAMP;
    default:
        return f->datatype == DATATYPE_BIT ? TYPE_BOOL : TYPE_INT;
    }
}

static bool is_list(const struct field *f)
{
    return f->column->type != STORE_TEXT && f->column->length != 1;
}

/* The table of a type, pointed to from `at`. */
static void add_type(struct bytes *b, size_t at, enum arrow_type type,
                     const struct field *f)
{
    static const char *const SIZES[] = {[TYPE_INT] = "41",
                                        [TYPE_FLOAT] = "2",
                                        [TYPE_UTF8] = "",
                                        [TYPE_BOOL] = "",
                                        [TYPE_TIMESTAMP] = "2",
                                        [TYPE_LIST] = "",
                                        [TYPE_FIXED_SIZE_LIST] = "4"};
    flat_align(b, 8);
    struct flat_table t = flat_table(b, SIZES[type]);
    flat_put(b, at, t.at - at, 4);
    switch (type) {
    case TYPE_INT:
        flat_put(b, t.field[0], 8 * (uint64_t)store_type_bytes(f->column->type), 4);
        flat_put(b, t.field[1], f->column->type != STORE_U8, 1);
        break;
    case TYPE_FLOAT:
        flat_put(b, t.field[0],
                 f->column->type == STORE_F32 ? PRECISION_SINGLE : PRECISION_DOUBLE, 2);
        break;
    case TYPE_TIMESTAMP:
        flat_put(b, t.field[0], UNIT_MICROSECOND, 2);
        break;
    case TYPE_FIXED_SIZE_LIST:
        flat_put(b, t.field[0], (uint64_t)f->column->length, 4);
        break;
    default:
        break;
    }
}

static void add_pair(struct bytes *b, size_t at, const char *key, const char *value)
{
    struct flat_table t = flat_table(b, "44");
    flat_put(b, at, t.at - at, 4);
    flat_string(b, t.field[0], str_of(key));
    flat_string(b, t.field[1], str_of(value));
}

/* Pairs with a value, pointed to from `at`. */
static void add_pairs(struct bytes *b, size_t at, const char *const (*pair)[2], uint32_t n)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += pair[i][1] && *pair[i][1];
    size_t place = flat_offsets(b, at, count);
    for (uint32_t i = 0; i < n; i++)
        if (pair[i][1] && *pair[i][1]) {
            add_pair(b, place, pair[i][0], pair[i][1]);
            place += 4;
        }
}

static void add_metadata(struct bytes *b, size_t at, const struct field *f)
{
    const struct store_column *c = f->column;
    const char *const pairs[][2] = {
        {"datatype", DATATYPES[f->datatype].name},
        {"arraysize", f->arraysize},
        {"unit", c->unit},
        {"ucd", c->ucd},
        {"utype", c->utype},
        {"xtype", f->xtype},
        {"description", c->description},
    };
    add_pairs(b, at, pairs, sizeof pairs / sizeof *pairs);
}

/* Field: name, nullable, type_type, type, dictionary, children, custom_metadata */
static void add_field(struct bytes *b, size_t at, const struct field *f)
{
    bool list = is_list(f);
    struct flat_table t = flat_table(b, "4114044");
    flat_put(b, at, t.at - at, 4);
    flat_string(b, t.field[0], str_of(f->column->name));
    flat_put(b, t.field[1], 1, 1);
    enum arrow_type type = !list                   ? element_type(f)
                           : f->column->length < 0 ? TYPE_LIST
                                                   : TYPE_FIXED_SIZE_LIST;
    flat_put(b, t.field[2], type, 1);
    add_type(b, t.field[3], type, f);
    size_t child = flat_offsets(b, t.field[5], list);
    if (list) {
        struct flat_table item = flat_table(b, "411404");
        flat_put(b, child, item.at - child, 4);
        flat_string(b, item.field[0], STR("item"));
        flat_put(b, item.field[1], 1, 1);
        flat_put(b, item.field[2], element_type(f), 1);
        add_type(b, item.field[3], element_type(f), f);
        flat_offsets(b, item.field[5], 0);
    }
    add_metadata(b, t.field[6], f);
}

static bool begin(struct sink *sink, const struct result_head *head, struct bytes *out,
                  struct err *e)
{
    struct arrow *w = (struct arrow *)sink;
    if (!writer_begin(&w->w, head, e))
        return false;
    struct flat_table message = begin_message(w, HEADER_SCHEMA);
    struct flat_table schema = flat_table(&w->meta, "244");
    flat_put(&w->meta, message.field[2], schema.at - message.field[2], 4);
    size_t place = flat_offsets(&w->meta, schema.field[1], head->ncolumn);
    for (uint32_t i = 0; i < head->ncolumn; i++)
        add_field(&w->meta, place + 4 * (size_t)i, &w->w.field[i]);
    const char *const pairs[][2] = {{"table_name", head->table_name},
                                    {"description", head->description}};
    add_pairs(&w->meta, schema.field[2], pairs, 2);
    return end_message(w, &message, out, e);
}

/* --- record batches ----------------------------------------------------------------------
 */

static void add_number(struct bytes *b, uint64_t value)
{
    size_t at = b->len;
    if (!bytes_reserve(b, 8))
        return;
    b->len += 8;
    flat_put(b, at, value, 8);
}

/* Notes the body from `start` on as a buffer, and aligns what follows. */
static void end_buffer(struct arrow *w, size_t start)
{
    add_number(&w->buffers, start);
    add_number(&w->buffers, w->body.len - start);
    flat_align(&w->body, 8);
}

static void add_node(struct arrow *w, uint64_t length, uint64_t nulls)
{
    add_number(&w->nodes, length);
    add_number(&w->nodes, nulls);
}

static uint32_t count_nulls(const struct store_vector *v, uint32_t nrow)
{
    uint32_t n = 0;
    for (uint32_t i = 0; v->valid && i < nrow; i++)
        n += !store_is_valid(v, i);
    return n;
}

/* Validity: our bits are Arrow's. Without nulls an empty buffer will do. */
static void add_validity(struct arrow *w, const struct store_vector *v, uint32_t nrow,
                         uint32_t nulls)
{
    size_t start = w->body.len;
    if (nulls)
        bytes_add(&w->body, (str){(const char *)v->valid, ((size_t)nrow + 7) / 8});
    end_buffer(w, start);
}

/* Elements from .. to - 1; truth values become bits. */
static void add_elements(struct arrow *w, const struct field *f,
                         const struct store_vector *v, size_t from, size_t to)
{
    uint32_t size = store_type_bytes(f->column->type);
    const char *data = (const char *)v->data + from * size;
    size_t start = w->body.len, n = to - from;
    if (element_type(f) != TYPE_BOOL)
        bytes_add(&w->body, (str){data, n * size});
    else {
        char *bits = bytes_reserve(&w->body, (n + 7) / 8);
        if (bits) {
            memset(bits, 0, (n + 7) / 8);
            for (size_t i = 0; i < n; i++)
                bits[i >> 3] = (char)(bits[i >> 3] | (data[i] != 0) << (i & 7));
            w->body.len += (n + 7) / 8;
        }
    }
    end_buffer(w, start);
}

/* The place of a null row may hold whatever lay in memory before: nobody is to see it. */
static void blank_nulls(struct arrow *w, const struct field *f,
                        const struct store_vector *v, uint32_t nrow, size_t start)
{
    size_t n = (size_t)f->column->length, size = n * store_type_bytes(f->column->type);
    for (uint32_t i = 0; !w->body.failed && i < nrow; i++) {
        if (store_is_valid(v, i))
            continue;
        if (element_type(f) != TYPE_BOOL)
            memset(w->body.at + start + i * size, 0, size);
        for (size_t k = i * n; element_type(f) == TYPE_BOOL && k < (i + 1) * n; k++)
            w->body.at[start + (k >> 3)] &= (char)~(1 << (k & 7));
    }
}

/* Offsets, counted from this batch's first element. */
static void add_offsets(struct arrow *w, const struct store_vector *v, uint32_t nrow)
{
    size_t start = w->body.len;
    char *to = bytes_reserve(&w->body, ((size_t)nrow + 1) * 4);
    if (to)
        w->body.len += ((size_t)nrow + 1) * 4;
    for (uint32_t i = 0; to && i <= nrow; i++) {
        uint32_t offset = v->offset[i] - v->offset[0];
        memcpy(to + 4 * (size_t)i, &offset, 4);
    }
    end_buffer(w, start);
}

static void add_vector(struct arrow *w, const struct field *f, const struct store_vector *v,
                       uint32_t nrow)
{
    uint32_t nulls = count_nulls(v, nrow);
    size_t from = 0, to = nrow;
    add_node(w, nrow, nulls);
    add_validity(w, v, nrow, nulls);
    if (f->column->length < 0) {
        add_offsets(w, v, nrow);
        from = v->offset[0];
        to = v->offset[nrow];
    } else
        to *= (size_t)f->column->length;
    if (is_list(f)) {
        add_node(w, to - from, 0);
        end_buffer(w, w->body.len);
    }
    size_t start = w->body.len;
    add_elements(w, f, v, from, to);
    if (nulls && f->column->length > 0)
        blank_nulls(w, f, v, nrow, start);
}

static bool rows(struct sink *sink, const struct store_batch *b, struct bytes *out,
                 struct err *e)
{
    struct arrow *w = (struct arrow *)sink;
    struct flat_table message = begin_message(w, HEADER_RECORD_BATCH);
    struct flat_table batch = flat_table(&w->meta, "844");
    flat_put(&w->meta, message.field[2], batch.at - message.field[2], 4);
    flat_put(&w->meta, batch.field[0], b->nrow, 8);
    bytes_clear(&w->nodes);
    bytes_clear(&w->buffers);
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++)
        add_vector(w, &w->w.field[i], &b->column[i], b->nrow);
    flat_structs(&w->meta, batch.field[1], (uint32_t)(w->nodes.len / 16));
    bytes_add(&w->meta, bytes_str(&w->nodes));
    flat_structs(&w->meta, batch.field[2], (uint32_t)(w->buffers.len / 16));
    bytes_add(&w->meta, bytes_str(&w->buffers));
    return end_message(w, &message, out, e);
}

static bool end(struct sink *sink, enum ending ending, const struct err *why,
                struct bytes *out, struct err *e)
{
    (void)sink, (void)why;
    if (ending == ENDING_FAILED)
        return false; /* without its end mark the stream is visibly cut */
    bytes_add(out, (str){"\xFF\xFF\xFF\xFF\0\0\0", 8});
    return !out->failed || writer_too_long(e);
}

static void close_sink(struct sink *sink)
{
    struct arrow *w = (struct arrow *)sink;
    bytes_free(&w->meta);
    bytes_free(&w->body);
    bytes_free(&w->nodes);
    bytes_free(&w->buffers);
    writer_free(&w->w);
}

struct sink *sink_arrow(const struct format_options *options, struct err *e)
{
    enum { MESSAGE_MAX_BYTES = 1 << 30 };
    static const struct sink CALLS = {false, -1, begin, rows, end, close_sink};
    struct arrow *w = writer_new(sizeof *w, &CALLS, options, e);
    if (!w)
        return NULL;
    bytes_init(&w->meta, MESSAGE_MAX_BYTES);
    bytes_init(&w->body, MESSAGE_MAX_BYTES);
    bytes_init(&w->nodes, MESSAGE_MAX_BYTES);
    bytes_init(&w->buffers, MESSAGE_MAX_BYTES);
    return &w->w.sink;
}
