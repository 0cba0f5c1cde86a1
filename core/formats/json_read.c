/* json_read.c -- JSON files as rows: an array of objects or of arrays; {"data": [...]},
 * with "metadata" if it is there as json_write.c writes it; a GeoJSON FeatureCollection.
 * Read twice: for the names and types, then for the rows. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/num.h"
#include "core/formats/ecsv.h"
#include "core/formats/json_columns.h"
#include "core/formats/json_text.h"
#include "core/formats/readers.h"

struct json {
    struct reader r;
    struct input *input;
    struct json_columns columns;
    const char *metadata; /* the text of "metadata", or NULL */
    size_t metadata_len;
    bool is_features, has_types;
    struct read_limits limits;
    uint64_t row; /* being read, from 1 */
};

static bool fail(const struct json *j, const char *what, struct err *e)
{
    uint64_t line = input_line(j->input);
    err_set_at(e, ERR_USAGE, (int)line, 0, "line %llu: %s", (unsigned long long)line, what);
    return false;
}

/* --- finding the records ----------------------------------------------------------------
 */

/* Moves over blanks to the next character; false at the end of the file. */
static bool skip_blanks(struct json *j, struct err *e)
{
    struct input *in = j->input;
    for (;;) {
        in->at = json_skip(in->at, in->end);
        if (in->at < in->end)
            return true;
        if (in->is_end)
            return fail(j, "the file ends inside a value", e);
        if (!input_more(in, e))
            return false;
    }
}

/* The whole value in front of the input, which stays there. */
static bool peek_value(struct json *j, str *value, struct err *e)
{
    struct input *in = j->input;
    const char *problem = NULL;
    for (;;) {
        const char *end = json_value_end(in->at, in->end, j->limits.max_depth, &problem);
        if (end) {
            *value = (str){in->at, (size_t)(end - in->at)};
            return true;
        }
        if (problem)
            return fail(j, problem, e);
        if (in->is_end)
            return fail(j, "the file ends inside a value", e);
        if (!input_more(in, e))
            return false;
    }
}

static bool keep_metadata(struct json *j, str value, struct err *e)
{
    j->metadata = arena_text(j->r.arena, value);
    j->metadata_len = value.len;
    return j->metadata || reader_no_memory(e);
}

/* One member of the outer object. *is_found: the input stands inside the array of records.
 */
static bool outer_member(struct json *j, bool *is_found, struct err *e)
{
    str key, value;
    if (*j->input->at == ',') {
        j->input->at++;
        if (!skip_blanks(j, e))
            return false;
    }
    if (*j->input->at == '}')
        return fail(j, "there is no array of rows (\"data\" or \"features\")", e);
    if (!peek_value(j, &key, e))
        return false;
    bool is_features = str_eq(key, STR("\"features\"")),
         is_rows = is_features || str_eq(key, STR("\"data\"")),
         is_metadata = str_eq(key, STR("\"metadata\""));
    j->input->at = key.at + key.len;
    if (!skip_blanks(j, e))
        return false;
    if (*j->input->at != ':')
        return fail(j, "a colon is missing", e);
    j->input->at++;
    if (!skip_blanks(j, e))
        return false;
    if (is_rows && *j->input->at == '[') {
        j->is_features = is_features;
        *is_found = true;
        j->input->at++;
        return true;
    }
    if (!peek_value(j, &value, e))
        return false;
    j->input->at = value.at + value.len;
    return !is_metadata || value.at[0] != '[' || keep_metadata(j, value, e);
}

static bool find_records(struct json *j, struct err *e)
{
    bool is_found = false;
    if (input_has(j->input, 3, e) && memcmp(j->input->at, "\xEF\xBB\xBF", 3) == 0)
        j->input->at += 3;
    if (e->kind != ERR_NONE || !skip_blanks(j, e))
        return false;
    char open = *j->input->at++;
    if (open == '[')
        return true;
    if (open != '{')
        return fail(j, "this is no JSON array or object", e);
    while (!is_found)
        if (!skip_blanks(j, e) || !outer_member(j, &is_found, e))
            return false;
    return true;
}

/* The next record; *is_end at the end of the array. */
static bool next_record(struct json *j, str *record, bool *is_end, struct err *e)
{
    if (!skip_blanks(j, e))
        return false;
    if (*j->input->at == ',') {
        j->input->at++;
        if (!skip_blanks(j, e))
            return false;
    }
    *is_end = *j->input->at == ']';
    if (*is_end)
        return true;
    if (!peek_value(j, record, e))
        return false;
    j->row++;
    return true;
}

/* --- columns ----------------------------------------------------------------------------
 */

/* A name may be digits, with zeros in front that matter. */
static bool is_padded(str s)
{
    return s.len > 1 && s.at[0] == '0' && s.at[1] >= '0' && s.at[1] <= '9';
}

static bool see_value(void *context, str path, str value)
{
    struct json *j = context;
    enum json_kind kind = json_kind_of(value);
    struct json_column *c = json_columns_find(&j->columns, path, true);
    if (!c)
        return false;
    c->any_truth |= kind == JSON_TRUTH;
    c->any_numbers |= kind == JSON_NUMBERS;
    c->any_json |= kind == JSON_OTHER;
    if (kind == JSON_NUMBER)
        infer_see(&c->infer, value);
    c->infer.not_ascii |= kind == JSON_OTHER && !cell_is_ascii(value);
    if (kind != JSON_STRING)
        return true;
    bytes_clear(&j->columns.text);
    if (!json_add_string(&j->columns.text, value)) {
        j->columns.problem = "a string has a bad escape";
        return false;
    }
    str text = bytes_str(&j->columns.text);
    infer_see(&c->infer, is_padded(text) ? STR("text") : text);
    return true;
}

static bool each(struct json *j, str record, bool (*take)(void *, str, str), void *context,
                 struct err *e)
{
    bool ok = json_columns_each(&j->columns, record, j->is_features, take, context);
    if (!ok && e->kind == ERR_NONE)
        fail(j, j->columns.problem ? j->columns.problem : "the record cannot be read", e);
    j->input->at = record.at + record.len;
    return ok;
}

static bool survey(struct json *j, struct err *e)
{
    bool is_end = false;
    str record;
    while (next_record(j, &record, &is_end, e) && !is_end)
        if (!each(j, record, see_value, j, e))
            return false;
    return is_end;
}

static void choose_kind(struct json_column *c, const struct read_options *o)
{
    bool has_other = c->infer.any || c->any_json;
    enum store_type type = infer_type(&c->infer);
    if (c->any_json || (c->any_truth && (has_other || c->any_numbers)) ||
        (c->any_numbers && has_other) ||
        (type == STORE_TIME_US && o->keep_timestamps_as_text))
        type = STORE_TEXT;
    else if (c->any_truth)
        type = STORE_BOOL;
    else if (c->any_numbers)
        type = STORE_F64;
    c->kind = infer_kind(type);
    if (type == STORE_BOOL)
        c->kind.datatype = DATATYPE_BOOLEAN;
    if (type == STORE_F64 && c->any_numbers)
        c->kind.length = -1;
}

static bool make_columns(struct json *j, const struct read_options *o, struct err *e)
{
    uint32_t n = j->columns.ncolumn;
    if (n == 0)
        return err_set(e, ERR_USAGE, "the JSON file has no named values");
    j->r.column = arena_new_array(j->r.arena, struct store_column *, n);
    if (!j->r.column)
        return reader_no_memory(e);
    for (uint32_t i = 0; i < n; i++) {
        struct json_column *c = j->columns.column[i];
        const char *name = reader_clean_name(str_of(c->path), j->r.arena);
        choose_kind(c, o);
        struct store_column *column =
            reader_column(j->r.arena, name, c->kind.type, c->kind.length);
        if (!column)
            return reader_no_memory(e);
        column->datatype = infer_datatype(&c->infer, c->kind.type);
        if (c->kind.type == STORE_TIME_US)
            column->xtype = "timestamp";
        if (!name || strcmp(name, c->path) != 0)
            column->description = c->path;
        j->r.column[i] = column;
    }
    return reader_unique_names(j->r.column, n, j->r.arena) || reader_no_memory(e);
}

/* --- "metadata" -------------------------------------------------------------------------
 */

struct described {
    struct json *j;
    struct store_column *column;
};

static bool take_word(void *context, str path, str value)
{
    struct described *d = context;
    struct store_column *c = d->column;
    const struct {
        const char *name;
        const char **to;
    } WORDS[] = {{"name", &c->name},           {"datatype", &c->datatype},
                 {"unit", &c->unit},           {"ucd", &c->ucd},
                 {"utype", &c->utype},         {"xtype", &c->xtype},
                 {"arraysize", &c->arraysize}, {"description", &c->description}};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (!str_eq(path, str_of(WORDS[i].name)) || value.at[0] != '"')
            continue;
        bytes_clear(&d->j->columns.text);
        if (!json_add_string(&d->j->columns.text, value))
            return false;
        *WORDS[i].to = arena_text(d->j->r.arena, bytes_str(&d->j->columns.text));
    }
    return true;
}

/* A column that is described in full; false: it is not, so types are inferred. */
static bool describe_column(struct json *j, str object, struct store_column **out)
{
    struct described d = {j, reader_column(j->r.arena, NULL, STORE_TEXT, -1)};
    enum datatype datatype;
    uint32_t n;
    bool is_variable;
    if (!d.column || object.at[0] != '{' ||
        !json_columns_each(&j->columns, object, false, take_word, &d) || !d.column->name ||
        !datatype_find(str_of(d.column->datatype), &datatype) ||
        !field_shape(str_of(d.column->arraysize), &n, &is_variable) || n > INT32_MAX / 32)
        return false;
    *out = d.column;
    d.column->type = DATATYPES[datatype].type;
    if (d.column->type != STORE_TEXT && !is_variable)
        d.column->length = (int32_t)(n * DATATYPES[datatype].parts);
    if (d.column->type == STORE_TEXT && !d.column->arraysize)
        d.column->arraysize = "1";
    char path[32];
    snprintf(path, sizeof path, "col%u", j->columns.ncolumn + 1);
    struct json_column *c = json_columns_find(&j->columns, str_of(path), true);
    if (!c)
        return false;
    c->kind = (struct cell_kind){
        .datatype = datatype, .type = d.column->type, .length = d.column->length};
    return true;
}

static bool describe_columns(struct json *j)
{
    const char *at = j->metadata + 1, *end = j->metadata + j->metadata_len, *problem = NULL;
    struct store_column *list[1024];
    uint32_t n = 0;
    str value;
    while (json_next_element(&at, end, j->limits.max_depth, &value, &problem)) {
        if (n == sizeof list / sizeof *list || !describe_column(j, value, &list[n]))
            return false;
        n++;
    }
    j->r.column = arena_new_array(j->r.arena, struct store_column *, (size_t)n + 1);
    if (problem || n == 0 || !j->r.column)
        return false;
    memcpy(j->r.column, list, n * sizeof *list);
    j->has_types = true;
    return reader_unique_names(j->r.column, n, j->r.arena);
}

/* --- rows -------------------------------------------------------------------------------
 */

struct filling {
    struct json *j;
    struct err *e;
};

/* What cell_parse() gets: strings unescaped, arrays without brackets. */
static bool cell_text(struct json *j, const struct json_column *c, str value, str *text)
{
    struct bytes *b = &j->columns.text;
    bytes_clear(b);
    *text = value;
    if (value.at[0] == '"') {
        bool ok = json_add_string(b, value);
        *text = bytes_str(b);
        return ok && !b->failed;
    }
    if (value.at[0] != '[' || c->kind.type == STORE_TEXT)
        return true;
    bytes_add(b, value);
    if (b->failed)
        return false;
    ecsv_flatten(b->at, &b->len);
    *text = bytes_str(b);
    return true;
}

static bool take_value(void *context, str path, str value)
{
    struct filling *f = context;
    struct json *j = f->j;
    struct json_column *c = json_columns_find(&j->columns, path, false);
    str text;
    if (!c || c->row == j->row)
        return true;
    uint32_t i = c->index;
    c->row = j->row;
    if (json_kind_of(value) == JSON_NULL) {
        rows_build_null(&j->r.rows, i);
        return true;
    }
    if (!cell_text(j, c, value, &text)) {
        j->columns.problem = "a string has a bad escape";
        return false;
    }
    if (c->kind.type == STORE_TEXT && text.len == 0)
        return true; /* empty, not null */
    const char *problem = cell_parse(&j->r.rows, i, &c->kind, text);
    if (problem)
        err_set(f->e, ERR_USAGE, "row %llu, " FIELD_NAME ": \"%.*s\" %s",
                (unsigned long long)j->row, j->r.column[i]->name,
                (int)(text.len < 40 ? text.len : 40), text.at, problem);
    return !problem;
}

static bool take_record(struct json *j, str record, struct err *e)
{
    struct filling f = {j, e};
    if (j->row > j->limits.max_rows)
        return err_set(e, ERR_LIMIT, "the table has more than %llu rows, the limit",
                       (unsigned long long)j->limits.max_rows);
    if (!each(j, record, take_value, &f, e))
        return false;
    for (uint32_t i = 0; i < j->columns.ncolumn; i++)
        if (j->columns.column[i]->row != j->row)
            rows_build_null(&j->r.rows, i);
    rows_build_end_row(&j->r.rows);
    return !j->r.rows.failed || reader_no_memory(e);
}

static enum step next(struct rowsource *source, struct store_batch *batch, struct err *e)
{
    struct json *j = (struct json *)source;
    str record;
    rows_build_clear(&j->r.rows);
    while (!j->r.is_end && !rows_build_is_full(&j->r.rows)) {
        if (!next_record(j, &record, &j->r.is_end, e))
            return STEP_FAILED;
        if (!j->r.is_end && !take_record(j, record, e))
            return STEP_FAILED;
    }
    if (j->r.rows.nrow == 0)
        return STEP_END;
    rows_build_batch(&j->r.rows, batch);
    return STEP_ROWS;
}

/* --- life -------------------------------------------------------------------------------
 */

static void close_source(struct rowsource *source)
{
    struct json *j = (struct json *)source;
    json_columns_free(&j->columns);
    input_close(j->input);
    reader_free(&j->r);
}

/* Opens the file and stands before the first record. */
static bool open_records(struct json *j, const char *path, struct err *e)
{
    input_close(j->input);
    j->row = 0;
    j->input = input_open(path, j->limits.max_bytes, e);
    return j->input && find_records(j, e);
}

/* Do rows of arrays follow that "metadata" describes in full? */
static bool take_description(struct json *j, struct err *e)
{
    if (!j->metadata || !skip_blanks(j, e) || *j->input->at == '{' || describe_columns(j))
        return true;
    json_columns_free(&j->columns);
    j->has_types = false;
    return json_columns_begin(&j->columns, j->r.arena, j->limits.max_columns,
                              j->limits.max_depth);
}

struct rowsource *json_read(const char *path, const struct read_options *o, struct err *e)
{
    struct json *j = reader_new(sizeof *j, e);
    if (!j)
        return NULL;
    j->limits = o->limits;
    bool ok = json_columns_begin(&j->columns, j->r.arena, o->limits.max_columns,
                                 o->limits.max_depth) ||
              reader_no_memory(e);
    ok = ok && open_records(j, path, e) && take_description(j, e);
    if (ok && !j->has_types)
        ok = survey(j, e) && make_columns(j, o, e) && open_records(j, path, e);
    if (ok && reader_begin(&j->r, j->columns.ncolumn, next, close_source, e))
        return &j->r.source;
    close_source(&j->r.source);
    return NULL;
}
