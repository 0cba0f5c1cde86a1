/* votable_read.c -- VOTable documents of all versions and serializations as rows. A
 * document with text is read twice: the first time to see which timestamps come back the
 * same as times, and which strings are not what their FIELD says. */
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/formats/readers.h"
#include "core/formats/sinks.h"
#include "core/formats/votable_doc.h"
#include "core/formats/votable_rows.h"

enum { CELL_MAX_BYTES = 128 << 20 };

/* What the survey of a column's values told. */
struct verdict {
    bool is_time;   /* every value prints back to the same text */
    bool is_wide;   /* a char column with characters outside ASCII */
    bool is_string; /* declared as one character, but some cell has more */
};

struct votable {
    struct reader r;
    struct input *input;
    struct votable_doc *doc;
    struct votable_column *layout_column;
    struct votable_layout layout;
    enum votable_data data;
    struct tabledata *tabledata;
    struct binary_stream *binary;
    struct rowsource *fits;
    struct read_options options;
    bool is_survey; /* reads only text, to judge it */
};

/* --- columns ----------------------------------------------------------------------------
 */

static bool is_timestamp(const struct votable_field *f)
{
    str xtype = str_of(f->xtype);
    return str_eq_fold(xtype, STR("timestamp")) ||
           str_eq_fold(xtype, STR("adql:TIMESTAMP"));
}

static bool take_null(struct votable_column *c, const char *null)
{
    str s = str_trim(str_of(null));
    struct cell_kind *k = &c->kind;
    if (s.len == 0 || k->datatype == DATATYPE_BOOLEAN || k->datatype == DATATYPE_BIT)
        return false;
    if (k->type == STORE_F32 || k->type == STORE_F64)
        k->has_null = num_parse_double(s, &k->null_float);
    else if (k->type != STORE_TEXT && k->type != STORE_TIME_US)
        k->has_null = cell_parse_integer(s, k->datatype, &k->null_integer);
    return k->has_null;
}

static bool bad_field(struct err *e, const struct store_column *c, const char *what,
                      const char *value)
{
    return err_set(e, ERR_USAGE, "FIELD %.60s has %s \"%.60s\"", c->name ? c->name : "(?)",
                   what, value ? value : "");
}

/* How a column of this datatype and shape is kept. */
static bool shape_column(struct votable *v, const struct votable_field *f,
                         struct store_column *c, struct votable_column *l, struct err *e)
{
    struct cell_kind *k = &l->kind;
    uint32_t parts = DATATYPES[k->datatype].parts;
    if (!field_shape(str_trim(str_of(f->arraysize)), &l->nelement, &l->is_variable))
        return bad_field(e, c, "the arraysize", f->arraysize);
    uint64_t cell_bytes = (uint64_t)l->nelement * parts * 8;
    if (!l->is_variable && cell_bytes > CELL_MAX_BYTES)
        return bad_field(e, c, "too large an arraysize:", f->arraysize);
    k->type = c->type = DATATYPES[k->datatype].type;
    k->length = c->length =
        k->type == STORE_TEXT || l->is_variable ? -1 : (int32_t)(l->nelement * parts);
    bool is_scalar = !l->is_variable && l->nelement == 1;
    c->arraysize = is_scalar && k->type != STORE_TEXT ? NULL : f->arraysize;
    if (k->type == STORE_TEXT && is_scalar)
        c->arraysize = "1"; /* the writer takes that as a single character */
    size_t x = str_find(str_of(f->arraysize), 'x');
    int64_t length;
    if (k->type == STORE_TEXT && x < str_of(f->arraysize).len &&
        num_parse_int((str){f->arraysize, x}, &length))
        l->string_length = (uint32_t)length;
    k->is_skipped = v->is_survey && k->type != STORE_TEXT;
    return true;
}

/* What the survey found changes the column. */
static void apply_verdict(const struct verdict *verdict, struct store_column *c,
                          struct votable_column *l)
{
    if (verdict->is_time) {
        l->kind.type = c->type = STORE_TIME_US;
        l->kind.length = c->length = 1;
        c->datatype = NULL;
    }
    if (verdict->is_wide)
        c->datatype = "unicodeChar";
    if (verdict->is_string)
        c->arraysize = "*";
}

static bool make_column(struct votable *v, uint32_t i, const struct verdict *verdict,
                        struct err *e)
{
    const struct votable_field *f = &votable_doc_table(v->doc)->field[i];
    struct votable_column *l = &v->layout_column[i];
    const char *name = f->name && *f->name ? f->name : f->id;
    struct store_column *c = reader_column(v->r.arena, name, STORE_TEXT, -1);
    if (!c)
        return reader_no_memory(e);
    v->r.column[i] = c;
    if (!datatype_find(str_trim(str_of(f->datatype)), &l->kind.datatype))
        return bad_field(e, c, "the datatype", f->datatype);
    c->datatype = DATATYPES[l->kind.datatype].name;
    c->description = f->description;
    c->unit = f->unit;
    c->ucd = f->ucd;
    c->utype = f->utype;
    c->xtype = f->xtype && is_timestamp(f) ? "timestamp" : f->xtype;
    c->coosys = votable_doc_coosys(v->doc, f->ref);
    c->timesys = votable_doc_timesys(v->doc, f->ref);
    if (!shape_column(v, f, c, l, e))
        return false;
    if (take_null(l, f->null))
        c->null_literal = arena_text(v->r.arena, str_trim(str_of(f->null)));
    if (verdict)
        apply_verdict(&verdict[i], c, l);
    return true;
}

static bool make_columns(struct votable *v, const struct verdict *verdict, struct err *e)
{
    uint32_t n = votable_doc_table(v->doc)->nfield;
    v->r.column = arena_new_array(v->r.arena, struct store_column *, n);
    v->layout_column = arena_new_array(v->r.arena, struct votable_column, n);
    if (!v->r.column || !v->layout_column)
        return reader_no_memory(e);
    for (uint32_t i = 0; i < n; i++)
        if (!make_column(v, i, verdict, e))
            return false;
    if (!reader_unique_names(v->r.column, n, v->r.arena))
        return reader_no_memory(e);
    for (uint32_t i = 0; i < n; i++)
        v->layout_column[i].name = v->r.column[i]->name;
    v->layout = (struct votable_layout){v->layout_column, n, 0, v->options.limits.max_rows};
    return true;
}

/* --- encodings --------------------------------------------------------------------------
 */

/* The encoding of an XML declaration; empty: none is given. */
static str declared_encoding(str head)
{
    if (!str_starts_fold(head, STR("<?xml")))
        return STR("");
    head.len = str_find(head, '>');
    const char *at = memmem(head.at, head.len, "encoding", 8);
    if (!at)
        return STR("");
    str rest = {at + 8, head.len - (size_t)(at + 8 - head.at)};
    str_cut(&rest, '=');
    rest = str_trim(rest);
    if (rest.len < 2 || (rest.at[0] != '"' && rest.at[0] != '\''))
        return STR("");
    str value = {rest.at + 1, rest.len - 1};
    return str_cut(&value, rest.at[0]);
}

/* Turns the input into UTF-8, by byte order mark or declaration. */
static bool take_encoding(struct votable *v, struct err *e)
{
    struct input *in = v->input;
    if (!input_has(in, 4, e))
        return e->kind == ERR_NONE && err_set(e, ERR_USAGE, "the document is empty");
    unsigned char b[4];
    memcpy(b, in->at, 4);
    if ((b[0] == 0xFE && b[1] == 0xFF) || (b[0] == 0xFF && b[1] == 0xFE))
        return input_recode(in, "UTF-16", e);
    if (b[0] == '<' && b[1] == 0)
        return input_recode(in, "UTF-16LE", e);
    if (b[0] == 0 && b[1] == '<')
        return input_recode(in, "UTF-16BE", e);
    if (b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF)
        in->at += 3;
    str name =
        declared_encoding((str){in->at, input_left(in) < 400 ? input_left(in) : 400});
    if (name.len == 0 || str_eq_fold(name, STR("UTF-8")) ||
        str_eq_fold(name, STR("US-ASCII")) || str_eq_fold(name, STR("ASCII")))
        return true;
    char text[41];
    size_t n = name.len < sizeof text - 1 ? name.len : sizeof text - 1;
    memcpy(text, name.at, n);
    text[n] = '\0';
    return input_recode(in, text, e);
}

/* --- rows -------------------------------------------------------------------------------
 */

static bool end_document(struct votable *v, struct err *e)
{
    v->r.is_end = true;
    return v->data == VOTABLE_NO_DATA || votable_doc_read_tail(v->doc, e);
}

static enum step next(struct rowsource *source, struct store_batch *batch, struct err *e)
{
    struct votable *v = (struct votable *)source;
    bool is_end = v->data == VOTABLE_NO_DATA;
    if (v->r.is_end)
        return STEP_END;
    if (v->fits)
        return v->fits->next(v->fits, batch, e);
    rows_build_clear(&v->r.rows);
    if (v->tabledata && !tabledata_read(v->tabledata, &v->r.rows, &is_end, e))
        return STEP_FAILED;
    if (v->binary && !binary_stream_read(v->binary, &v->r.rows, &is_end, e))
        return STEP_FAILED;
    if (is_end && !end_document(v, e))
        return STEP_FAILED;
    if (v->r.rows.nrow == 0)
        return STEP_END;
    rows_build_batch(&v->r.rows, batch);
    return STEP_ROWS;
}

static void close_source(struct rowsource *source)
{
    struct votable *v = (struct votable *)source;
    tabledata_free(v->tabledata);
    binary_stream_free(v->binary);
    if (v->fits)
        v->fits->close(v->fits);
    votable_doc_free(v->doc);
    input_close(v->input);
    reader_free(&v->r);
}

/* The FITS file inside; its columns keep their types and take our words. */
static bool open_fits(struct votable *v, struct err *e)
{
    int fd = format_spool_open(NULL, e);
    if (fd < 0)
        return false;
    if (!binary_stream_to_file(v->input, fd, e) || !votable_doc_read_tail(v->doc, e)) {
        close(fd);
        return false;
    }
    v->fits = fits_read_fd(fd, votable_doc_extnum(v->doc), &v->options.limits, e);
    if (!v->fits)
        return false;
    if (v->fits->ncolumn != v->layout.ncolumn)
        return err_set(e, ERR_USAGE, "the FITS table has %u columns, the VOTable %u FIELDs",
                       v->fits->ncolumn, v->layout.ncolumn);
    for (uint32_t i = 0; i < v->layout.ncolumn; i++) {
        const struct store_column *inner = v->fits->column[i];
        struct store_column *c = v->r.column[i];
        c->type = inner->type;
        c->length = inner->length;
        c->datatype = inner->datatype;
        c->arraysize = inner->arraysize;
        c->null_literal = inner->null_literal;
    }
    return true;
}

static bool open_rows(struct votable *v, struct err *e)
{
    switch (v->data) {
    case VOTABLE_TABLEDATA:
        v->tabledata = tabledata_new(&v->layout, v->input, e);
        return v->tabledata != NULL;
    case VOTABLE_BINARY:
    case VOTABLE_BINARY2:
        v->binary = binary_stream_new(&v->layout, v->data == VOTABLE_BINARY2, v->input, e);
        return v->binary != NULL;
    case VOTABLE_FITS:
        return v->is_survey || open_fits(v, e);
    default:
        return true;
    }
}

/* Opens the document; without verdict for the survey, that reads only text. */
static struct votable *open_document(const char *path, const struct read_options *o,
                                     const struct verdict *verdict, struct err *e)
{
    struct votable *v = reader_new(sizeof *v, e);
    if (!v)
        return NULL;
    v->options = *o;
    v->is_survey = verdict == NULL;
    v->input = input_open(path, o->limits.max_bytes, e);
    bool ok = v->input && take_encoding(v, e);
    if (ok)
        v->doc = votable_doc_new(v->input, &v->options.limits, v->r.arena, e);
    ok = ok && v->doc && votable_doc_read_head(v->doc, &v->data, e) &&
         make_columns(v, verdict, e) && open_rows(v, e) &&
         reader_begin(&v->r, v->layout.ncolumn, next, close_source, e);
    if (ok)
        return v;
    close_source(&v->r.source);
    return NULL;
}

/* --- the survey -------------------------------------------------------------------------
 */

static bool prints_back(str text)
{
    int64_t us;
    char again[CLOCK_TEXT_BYTES];
    return clock_parse_us(text, &us) &&
           str_eq(text, (str){again, clock_print_us(us, again)});
}

static void survey_column(const struct votable_column *c, const struct store_vector *column,
                          uint32_t nrow, struct verdict *verdict)
{
    const char *data = column->data;
    uint32_t all = column->offset[nrow] - column->offset[0];
    if (c->kind.datatype == DATATYPE_CHAR && !verdict->is_wide)
        verdict->is_wide = !cell_is_ascii((str){data + column->offset[0], all});
    bool is_char = !c->is_variable && c->nelement == 1;
    for (uint32_t i = 0; (verdict->is_time || is_char) && i < nrow; i++) {
        str s = {data + column->offset[i], column->offset[i + 1] - column->offset[i]};
        if (!store_is_valid(column, i))
            continue;
        verdict->is_string |= is_char && s.len > 1;
        verdict->is_time = verdict->is_time && prints_back(s);
    }
}

/* Reads all text once. */
static bool survey(struct votable *v, struct verdict *verdict, struct err *e)
{
    struct store_batch batch;
    enum step step;
    for (uint32_t i = 0; i < v->layout.ncolumn; i++)
        verdict[i].is_time = v->r.column[i]->type == STORE_TEXT &&
                             is_timestamp(&votable_doc_table(v->doc)->field[i]) &&
                             !v->options.keep_timestamps_as_text;
    while ((step = next(&v->r.source, &batch, e)) == STEP_ROWS)
        for (uint32_t i = 0; i < v->layout.ncolumn; i++)
            if (v->r.column[i]->type == STORE_TEXT)
                survey_column(&v->layout_column[i], &batch.column[i], batch.nrow,
                              &verdict[i]);
    return step == STEP_END;
}

static bool has_text(const struct votable *v)
{
    bool any = false;
    for (uint32_t i = 0; i < v->layout.ncolumn; i++)
        any |= v->r.column[i]->type == STORE_TEXT;
    return any && v->data != VOTABLE_FITS && v->data != VOTABLE_NO_DATA;
}

struct rowsource *votable_read(const char *path, const struct read_options *o,
                               struct err *e)
{
    struct verdict *verdict = NULL;
    struct votable *found = NULL, *first = open_document(path, o, NULL, e);
    bool ok = first != NULL;
    if (ok) {
        verdict = arena_new_array(first->r.arena, struct verdict, first->layout.ncolumn);
        ok = verdict || reader_no_memory(e);
    }
    if (ok && has_text(first))
        ok = survey(first, verdict, e);
    if (ok)
        found = open_document(path, o, verdict, e);
    if (first)
        close_source(&first->r.source);
    return found ? &found->r.source : NULL;
}
