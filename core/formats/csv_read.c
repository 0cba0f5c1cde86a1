/* csv_read.c -- CSV, TSV and ECSV files as rows. The file is read twice: first for the
 * types of the columns (ECSV declares them), then for the rows. */
#include <stdlib.h>

#include "core/formats/csv_rows.h"
#include "core/formats/ecsv.h"
#include "core/formats/infer.h"
#include "core/formats/readers.h"

enum { SNIFF_BYTES = 64 * 1024 };

struct csv {
    struct reader r;
    struct input *input;
    struct csv_rows text;
    struct ecsv_column *kind;
    uint32_t ncolumn;
    bool is_ecsv;
    struct bytes scratch;
    struct read_limits limits;
};

/* --- columns ----------------------------------------------------------------------------
 */

static bool wrong_cells(const struct csv *c, struct err *e)
{
    return err_set_at(e, ERR_USAGE, (int)c->text.line, 0,
                      "line %llu: %u cells, but there are %u columns",
                      (unsigned long long)c->text.line, c->text.ncell, c->ncolumn);
}

/* Looks at all rows. */
static bool survey(struct csv *c, struct infer *infer, struct err *e)
{
    bool is_end = false;
    while (csv_rows_next(&c->text, &is_end, e) && !is_end) {
        if (c->text.ncell != c->ncolumn)
            return wrong_cells(c, e);
        for (uint32_t i = 0; i < c->ncolumn; i++)
            if (!c->is_ecsv || c->kind[i].kind.type == STORE_TEXT)
                infer_see(&infer[i], c->text.cell[i].text);
    }
    return is_end;
}

static bool make_column(struct csv *c, uint32_t i, str header, struct err *e)
{
    const char *name = reader_clean_name(header, c->r.arena);
    struct store_column *column = reader_column(c->r.arena, name, STORE_TEXT, -1);
    c->r.column[i] = column;
    if (!column)
        return reader_no_memory(e);
    str whole = str_trim(header);
    if (whole.len && (!name || !str_eq(whole, str_of(name))))
        column->description = arena_text(c->r.arena, whole); /* the name as it was */
    return true;
}

/* The line of names. */
static bool read_names(struct csv *c, struct err *e)
{
    bool is_end;
    if (!csv_rows_next(&c->text, &is_end, e))
        return false;
    if (is_end)
        return err_set(e, ERR_USAGE, "the file has no line of column names");
    c->ncolumn = c->text.ncell;
    c->r.column = arena_new_array(c->r.arena, struct store_column *, c->ncolumn);
    c->kind = arena_new_array(c->r.arena, struct ecsv_column, c->ncolumn);
    if (!c->r.column || !c->kind)
        return reader_no_memory(e);
    for (uint32_t i = 0; i < c->ncolumn; i++)
        if (!make_column(c, i, c->text.cell[i].text, e))
            return false;
    return reader_unique_names(c->r.column, c->ncolumn, c->r.arena) || reader_no_memory(e);
}

/* ECSV repeats the names under its header. */
static bool check_names(struct csv *c, struct err *e)
{
    bool is_end;
    if (!csv_rows_next(&c->text, &is_end, e))
        return false;
    if (is_end)
        return err_set(e, ERR_USAGE, "the ECSV file has no line of column names");
    if (c->text.ncell != c->ncolumn)
        return wrong_cells(c, e);
    return reader_unique_names(c->r.column, c->ncolumn, c->r.arena) || reader_no_memory(e);
}

/* --- rows -------------------------------------------------------------------------------
 */

static bool take_cell(struct csv *c, uint32_t i, struct err *e)
{
    struct csv_cell cell = c->text.cell[i];
    const struct ecsv_column *k = &c->kind[i];
    if (k->kind.type == STORE_TEXT && cell.is_quoted && cell.text.len == 0 && !c->is_ecsv)
        return true; /* "" is empty text, not null */
    if (k->is_json) {
        bytes_clear(&c->scratch);
        bytes_add(&c->scratch, cell.text);
        if (c->scratch.len)
            ecsv_flatten(c->scratch.at, &c->scratch.len);
        cell.text = bytes_str(&c->scratch);
    }
    const char *problem = cell_parse(&c->r.rows, i, &k->kind, cell.text);
    if (!problem)
        return true;
    return err_set_at(
        e, ERR_USAGE, (int)c->text.line, 0, "line %llu, " FIELD_NAME ": \"%.*s\" %s",
        (unsigned long long)c->text.line, c->r.column[i]->name,
        (int)(cell.text.len < 40 ? cell.text.len : 40), cell.text.at, problem);
}

static bool take_row(struct csv *c, struct err *e)
{
    if (c->text.ncell != c->ncolumn)
        return wrong_cells(c, e);
    if (c->r.nrow++ == c->limits.max_rows)
        return err_set(e, ERR_LIMIT, "the table has more than %llu rows, the limit",
                       (unsigned long long)c->limits.max_rows);
    for (uint32_t i = 0; i < c->ncolumn; i++)
        if (!take_cell(c, i, e))
            return false;
    rows_build_end_row(&c->r.rows);
    return !c->r.rows.failed || reader_no_memory(e);
}

static enum step next(struct rowsource *source, struct store_batch *batch, struct err *e)
{
    struct csv *c = (struct csv *)source;
    rows_build_clear(&c->r.rows);
    while (!c->r.is_end && !rows_build_is_full(&c->r.rows)) {
        if (!csv_rows_next(&c->text, &c->r.is_end, e))
            return STEP_FAILED;
        if (!c->r.is_end && !take_row(c, e))
            return STEP_FAILED;
    }
    if (c->r.rows.nrow == 0)
        return STEP_END;
    rows_build_batch(&c->r.rows, batch);
    return STEP_ROWS;
}

/* --- life -------------------------------------------------------------------------------
 */

static void close_source(struct rowsource *source)
{
    struct csv *c = (struct csv *)source;
    csv_rows_free(&c->text);
    bytes_free(&c->scratch);
    input_close(c->input);
    reader_free(&c->r);
}

/* Lines of '#' before the names say nothing that can be used. */
static bool skip_comments(struct csv *c, struct err *e)
{
    while (input_has(c->input, 1, e) && *c->input->at == '#') {
        const char *end = memchr(c->input->at, '\n', input_left(c->input));
        if (end)
            c->input->at = end + 1;
        else if (c->input->is_end)
            c->input->at = c->input->end;
        else if (!input_more(c->input, e))
            return false;
    }
    return e->kind == ERR_NONE;
}

static char choose_separator(struct csv *c, const struct read_options *o)
{
    if (o->separator)
        return o->separator;
    if (o->kind == TABLE_TSV)
        return '\t';
    size_t n = input_left(c->input) < SNIFF_BYTES ? input_left(c->input) : SNIFF_BYTES;
    return csv_guess_separator((str){c->input->at, n});
}

/* Up to the first row. */
static bool read_head(struct csv *c, const struct read_options *o, struct err *e)
{
    char separator = ' ';
    input_has(c->input, SNIFF_BYTES, e);
    if (e->kind != ERR_NONE)
        return false;
    if (input_left(c->input) >= 3 && memcmp(c->input->at, "\xEF\xBB\xBF", 3) == 0)
        c->input->at += 3;
    c->is_ecsv = ecsv_is_header((str){c->input->at, input_left(c->input)});
    if (c->is_ecsv) {
        if (!ecsv_read_header(c->input, &c->limits, c->r.arena, &c->r.column, &c->kind,
                              &c->ncolumn, &separator, e))
            return false;
    } else {
        if (!skip_comments(c, e))
            return false;
        separator = choose_separator(c, o);
    }
    uint64_t line = input_line(c->input);
    csv_rows_init(&c->text, c->input, separator, c->limits.max_columns);
    c->text.next_line = line;
    return c->is_ecsv ? check_names(c, e) : read_names(c, e);
}

static struct csv *open_file(const char *path, const struct read_options *o, struct err *e)
{
    struct csv *c = reader_new(sizeof *c, e);
    if (!c)
        return NULL;
    c->limits = o->limits;
    bytes_init(&c->scratch, 64 << 20);
    c->r.source.close = close_source;
    c->input = input_open(path, o->limits.max_bytes, e);
    if (c->input && read_head(c, o, e))
        return c;
    close_source(&c->r.source);
    return NULL;
}

/* What the survey found of column i; ECSV has said its types. */
static void choose_type(struct csv *c, uint32_t i, const struct infer *infer,
                        const struct read_options *o)
{
    struct store_column *column = c->r.column[i];
    enum store_type type = c->is_ecsv ? column->type : infer_type(infer);
    if (infer_datatype(infer, type))
        column->datatype = infer_datatype(infer, type);
    if (c->is_ecsv)
        return;
    if (type == STORE_TIME_US && o->keep_timestamps_as_text)
        type = STORE_TEXT;
    c->kind[i].kind = infer_kind(type);
    column->type = type;
    column->length = c->kind[i].kind.length;
    if (type == STORE_TIME_US)
        column->xtype = "timestamp";
}

/* The types that a first reading finds. */
static bool find_types(const char *path, const struct read_options *o, struct csv *c,
                       struct err *e)
{
    struct csv *first = open_file(path, o, e);
    struct infer *infer =
        first ? arena_new_array(c->r.arena, struct infer, c->ncolumn) : NULL;
    bool ok = infer && first->ncolumn == c->ncolumn && survey(first, infer, e);
    for (uint32_t i = 0; ok && i < c->ncolumn; i++)
        choose_type(c, i, &infer[i], o);
    if (first)
        close_source(&first->r.source);
    return ok || err_set(e, ERR_UNAVAILABLE, "the file changed while it was read");
}

struct rowsource *csv_read(const char *path, const struct read_options *o, struct err *e)
{
    struct csv *c = open_file(path, o, e);
    if (!c)
        return NULL;
    if (find_types(path, o, c, e) && reader_begin(&c->r, c->ncolumn, next, close_source, e))
        return &c->r.source;
    close_source(&c->r.source);
    return NULL;
}
