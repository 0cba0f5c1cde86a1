/* votable_write.c -- VOTable documents in TABLEDATA, BINARY and BINARY2, row by row as they
 * come. A late failure ends the document well-formed, with an INFO that says what failed.
 */
#include "core/base/base64.h"
#include "core/formats/binary_rows.h"
#include "core/formats/sinks.h"
#include "core/formats/votable_head.h"
#include "core/formats/xml_text.h"

enum { RAW_MAX_BYTES = 1 << 30 };

enum serialization { SERIALIZATION_TABLEDATA, SERIALIZATION_BINARY, SERIALIZATION_BINARY2 };

struct votable {
    struct writer w;
    enum serialization serialization;
    enum votable_version version;
    struct binary_rows *rows;
    struct bytes
        raw; /* big-endian rows that are not base64 yet: under 3 bytes after a call */
};

/* BINARY marks null integers by a value: the least one, unless the column names another. */
static void choose_nulls(struct votable *w)
{
    static const int64_t NULLS[] = {[DATATYPE_UBYTE] = UINT8_MAX,
                                    [DATATYPE_SHORT] = INT16_MIN,
                                    [DATATYPE_INT] = INT32_MIN,
                                    [DATATYPE_LONG] = INT64_MIN};
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++) {
        struct field *f = &w->w.field[i];
        if (f->has_null || f->datatype < DATATYPE_UBYTE || f->datatype > DATATYPE_LONG ||
            !f->is_scalar)
            continue;
        f->has_null = true;
        f->null = NULLS[f->datatype];
    }
}

static bool begin(struct sink *sink, const struct result_head *head, struct bytes *out,
                  struct err *e)
{
    static const char *const OPEN[] = {"<DATA><TABLEDATA>\n",
                                       "<DATA><BINARY><STREAM encoding=\"base64\">\n",
                                       "<DATA><BINARY2><STREAM encoding=\"base64\">\n"};
    struct votable *w = (struct votable *)sink;
    if (!writer_begin(&w->w, head, e))
        return false;
    if (w->serialization == SERIALIZATION_BINARY)
        choose_nulls(w);
    if (w->serialization != SERIALIZATION_TABLEDATA) {
        w->rows = binary_rows_new(w->w.field, head->ncolumn,
                                  w->serialization == SERIALIZATION_BINARY2, w->w.arena);
        if (!w->rows)
            return writer_no_memory(e);
    }
    votable_add_head(out, head, w->w.field, w->version, w->w.arena);
    bytes_add(out, str_of(OPEN[w->serialization]));
    return !out->failed || writer_no_memory(e);
}

/* --- BINARY, BINARY2 --------------------------------------------------------------------
 */

/* Encodes all whole groups of three bytes, or all bytes at the end. */
static bool flush_raw(struct votable *w, bool is_end, struct bytes *out)
{
    size_t n = is_end ? w->raw.len : w->raw.len - w->raw.len % 3;
    if (n == 0)
        return true;
    char *to = bytes_reserve(out, base64_encoded_bytes(n) + 1);
    if (!to)
        return false;
    size_t len = base64_encode(w->raw.at, n, to);
    to[len] = '\n';
    out->len += len + 1;
    memmove(w->raw.at, w->raw.at + n, w->raw.len - n);
    w->raw.len -= n;
    return true;
}

static bool binary_rows(struct votable *w, const struct store_batch *b, struct bytes *out,
                        struct err *e)
{
    for (uint32_t from = 0; from < b->nrow; from += BINARY_ROWS_MAX) {
        uint32_t left = b->nrow - from;
        if (!binary_rows_add(w->rows, b, from,
                             left < BINARY_ROWS_MAX ? left : BINARY_ROWS_MAX, &w->raw, e))
            return false;
        if (!flush_raw(w, false, out))
            return writer_too_long(e);
    }
    return true;
}

/* --- TABLEDATA --------------------------------------------------------------------------
 */

/* Room for the tags and scalars of a row, which is the same in all rows. */
static size_t constant_bytes(const struct votable *w)
{
    size_t n = sizeof "<TR></TR>\n";
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++) {
        const struct field *f = &w->w.field[i];
        n += sizeof "<TD></TD>" + 8 * (size_t)f->nelement + FIELD_ELEMENT_BYTES;
    }
    return n;
}

/* Room for the text and arrays of this row. */
static size_t row_bytes(const struct votable *w, const struct store_batch *b, uint32_t irow)
{
    size_t n = 0;
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++) {
        const struct field *f = &w->w.field[i];
        if (f->column->length == 1)
            continue;
        size_t count = field_cell(f, &b->column[i], irow).count;
        n += count * (f->column->type == STORE_TEXT ? (size_t)XML_TEXT_GROWTH
                                                    : (size_t)FIELD_ELEMENT_BYTES);
    }
    return n;
}

/* A null as a whole cell: empty (VOT-9), but NaN for floats, which votlint does not allow
 * to be empty, and as many elements as a fixed array must have. */
static char *put_null(const struct field *f, char *to)
{
    bool is_float = f->datatype >= DATATYPE_FLOAT;
    if (f->is_variable || f->is_text || (f->is_scalar && !is_float) ||
        (!is_float && f->datatype != DATATYPE_BOOLEAN)) {
        memcpy(to, "<TD/>", 5);
        return to + 5;
    }
    memcpy(to, "<TD>", 4);
    to += 4;
    for (uint32_t i = 0; i < f->nelement * DATATYPES[f->datatype].parts; i++) {
        if (i)
            *to++ = ' ';
        memcpy(to, is_float ? "NaN" : "?  ", 3);
        to += is_float ? 3 : 1;
    }
    memcpy(to, "</TD>", 5);
    return to + 5;
}

static char *put_cell(const struct field *f, const struct store_vector *v, uint32_t irow,
                      char *to)
{
    if (!store_is_valid(v, irow))
        return put_null(f, to);
    memcpy(to, "<TD>", 4);
    to += 4;
    if (f->column->type == STORE_TEXT) {
        struct cell cell = field_cell(f, v, irow);
        to = xml_text_put((str){cell.at, cell.count}, to);
    } else
        to = field_print(f, v, irow, to);
    memcpy(to, "</TD>", 5);
    return to + 5;
}

static bool text_rows(struct votable *w, const struct store_batch *b, struct bytes *out,
                      struct err *e)
{
    size_t constant = constant_bytes(w);
    for (uint32_t irow = 0; irow < b->nrow; irow++) {
        char *to = bytes_reserve(out, constant + row_bytes(w, b, irow)), *start = to;
        if (!to)
            return writer_too_long(e);
        memcpy(to, "<TR>", 4);
        to += 4;
        for (uint32_t i = 0; i < w->w.head->ncolumn; i++)
            to = put_cell(&w->w.field[i], &b->column[i], irow, to);
        memcpy(to, "</TR>\n", 6);
        out->len += (size_t)(to + 6 - start);
    }
    return true;
}

/* ----------------------------------------------------------------------------------------
 */

static bool rows(struct sink *sink, const struct store_batch *b, struct bytes *out,
                 struct err *e)
{
    struct votable *w = (struct votable *)sink;
    if (w->serialization == SERIALIZATION_TABLEDATA)
        return text_rows(w, b, out, e);
    return binary_rows(w, b, out, e);
}

/* Says which columns lost characters, so that it does not pass unseen. */
static void note_replaced(const struct votable *w, struct bytes *notes)
{
    for (uint32_t i = 0; w->rows && i < w->w.head->ncolumn; i++) {
        if (!binary_rows_replaced(w->rows, i))
            continue;
        bytes_add_literal(notes, "<INFO name=\"warning\" value=\"replaced characters\">"
                                 "column ");
        bytes_add_xml(notes, str_of(w->w.head->column[i]->name));
        bytes_add_literal(notes, " is declared as char, which holds ASCII only: other "
                                 "characters were written as ?. Ask for "
                                 "votable/td or csv to have them.</INFO>\n");
    }
}

static bool end(struct sink *sink, enum ending ending, const struct err *why,
                struct bytes *out, struct err *e)
{
    static const char *const CLOSE[] = {"</TABLEDATA></DATA>\n",
                                        "</STREAM></BINARY></DATA>\n",
                                        "</STREAM></BINARY2></DATA>\n"};
    struct votable *w = (struct votable *)sink;
    out->failed = false; /* a failed append left whole rows */
    if (!flush_raw(w, true, out))
        return writer_too_long(e);
    bytes_add(out, str_of(CLOSE[w->serialization]));
    bytes_add_literal(out, "</TABLE>\n");
    note_replaced(w, out);
    votable_add_tail(out, w->w.head, ending, why);
    return !out->failed || writer_no_memory(e);
}

static void close_sink(struct sink *sink)
{
    struct votable *w = (struct votable *)sink;
    binary_rows_free(w->rows);
    bytes_free(&w->raw);
    writer_free(&w->w);
}

static struct sink *make(enum serialization serialization, enum votable_version version,
                         const struct format_options *options, struct err *e)
{
    static const struct sink CALLS = {false, -1, begin, rows, end, close_sink};
    struct votable *w = writer_new(sizeof *w, &CALLS, options, e);
    if (!w)
        return NULL;
    w->serialization = serialization;
    w->version = version;
    bytes_init(&w->raw, RAW_MAX_BYTES);
    return &w->w.sink;
}

#define MAKER(name, serialization, version)                                                \
    struct sink *sink_votable_##name(const struct format_options *options, struct err *e)  \
    {                                                                                      \
        return make(serialization, version, options, e);                                   \
    }
MAKER(binary2, SERIALIZATION_BINARY2, VOTABLE_1_4)
MAKER(binary, SERIALIZATION_BINARY, VOTABLE_1_4)
MAKER(tabledata, SERIALIZATION_TABLEDATA, VOTABLE_1_4)
MAKER(binary2_1_5, SERIALIZATION_BINARY2, VOTABLE_1_5)
MAKER(binary_1_5, SERIALIZATION_BINARY, VOTABLE_1_5)
MAKER(tabledata_1_5, SERIALIZATION_TABLEDATA, VOTABLE_1_5)
