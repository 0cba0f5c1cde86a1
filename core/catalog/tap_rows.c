/* tap_rows.c -- the rows of the TAP_SCHEMA tables, made from the snapshot as they are
 * pulled. */
#include <math.h>
#include <stdlib.h>

#include "core/base/num.h"
#include "core/catalog/snapshot.h"

enum { BATCH_ROWS = 1024, BATCH_TEXT_BYTES = 1 << 20, MAX_COLUMNS = 20 };

struct cell {
    bool is_null;
    const char *text;
    int64_t integer;
    double number;
};

/* Where the walk over the catalog is. Which of these count depends on the table. */
struct walk {
    uint32_t ischema, itable, icolumn, ikey, ipair;
};

struct vector {
    struct bytes text;
    uint32_t offset[BATCH_ROWS + 1];
    int64_t number[BATCH_ROWS]; /* or int32_t, double */
    uint8_t valid[BATCH_ROWS / 8];
};

struct tap_rows;

struct tap_table {
    const char *name;
    /* Moves to the next row at or after the walk's place; false: no more. */
    bool (*settle)(const struct catalog *, struct walk *);
    void (*advance)(struct walk *);
    void (*get)(const struct catalog *, const struct walk *, struct cell *row);
};

struct tap_rows {
    struct rowsource source; /* first: this is a rowsource */
    const struct catalog *catalog;
    const struct tap_table *kind;
    struct walk walk;
    const struct store_column *column[MAX_COLUMNS];
    struct store_vector out[MAX_COLUMNS];
    struct vector *vector; /* one for each column */
};

static struct cell text_cell(const char *text)
{
    return (struct cell){.is_null = !text, .text = text};
}

static struct cell int_cell(int64_t value)
{
    return (struct cell){.integer = value};
}

static struct cell double_cell(double value)
{
    return (struct cell){.is_null = isnan(value), .number = value};
}

static const struct catalog_table *table_at(const struct catalog *c, const struct walk *w)
{
    return &c->schema[w->ischema].table[w->itable];
}

/* --- schemas ----------------------------------------------------------------------------
 */

static bool settle_schema(const struct catalog *c, struct walk *w)
{
    return w->ischema < c->nschema;
}

static void advance_schema(struct walk *w)
{
    w->ischema++;
}

static void get_schema(const struct catalog *c, const struct walk *w, struct cell *row)
{
    const struct catalog_schema *schema = &c->schema[w->ischema];
    row[0] = text_cell(schema->adql_name);
    row[1] = text_cell(schema->utype);
    row[2] = text_cell(schema->description ? schema->description : schema->title);
    row[3] = int_cell(schema->index + 1);
}

/* --- tables -----------------------------------------------------------------------------
 */

static bool settle_table(const struct catalog *c, struct walk *w)
{
    for (; w->ischema < c->nschema; w->ischema++, w->itable = 0)
        if (w->itable < c->schema[w->ischema].ntable)
            return true;
    return false;
}

static void advance_table(struct walk *w)
{
    w->itable++;
}

static void get_table(const struct catalog *c, const struct walk *w, struct cell *row)
{
    const struct catalog_table *table = table_at(c, w);
    row[0] = text_cell(c->schema[w->ischema].adql_name);
    row[1] = text_cell(table->full_name);
    row[2] = text_cell(table->is_view ? "view" : "table");
    row[3] = text_cell(table->utype);
    row[4] = text_cell(table->description ? table->description : table->title);
    row[5] = int_cell(table->index + 1);
    row[6] =
        (struct cell){.is_null = table->row_estimate < 0, .integer = table->row_estimate};
}

/* --- columns ----------------------------------------------------------------------------
 */

static bool settle_column(const struct catalog *c, struct walk *w)
{
    for (; settle_table(c, w); w->itable++, w->icolumn = 0) {
        const struct catalog_table *table = table_at(c, w);
        for (; w->icolumn < table->ncolumn; w->icolumn++)
            if (!(table->column[w->icolumn].meta.flags & STORE_HIDDEN))
                return true;
    }
    return false;
}

static void advance_column(struct walk *w)
{
    w->icolumn++;
}

/* The deprecated "size": n of the arraysizes "n" and "n*", else NULL (TAP-44). */
static struct cell size_cell(const char *arraysize)
{
    int64_t n;
    str text = str_of(arraysize);
    if (text.len && text.at[text.len - 1] == '*')
        text.len--;
    if (!num_parse_int(text, &n) || n > INT32_MAX)
        return (struct cell){.is_null = true};
    return int_cell(n);
}

static void get_column(const struct catalog *c, const struct walk *w, struct cell *row)
{
    const struct catalog_table *table = table_at(c, w);
    const struct catalog_column *column = &table->column[w->icolumn];
    const struct store_column *meta = &column->meta;
    row[0] = text_cell(table->full_name);
    row[1] = text_cell(column->adql_name);
    row[2] = text_cell(meta->datatype);
    row[3] = text_cell(meta->arraysize);
    row[4] = text_cell(meta->xtype);
    row[5] = size_cell(meta->arraysize);
    row[6] = text_cell(meta->description);
    row[7] = text_cell(meta->utype);
    row[8] = text_cell(meta->unit);
    row[9] = text_cell(meta->ucd);
    row[10] = int_cell((meta->flags & STORE_INDEXED) != 0);
    row[11] = int_cell((meta->flags & STORE_PRINCIPAL) != 0);
    row[12] = int_cell((meta->flags & STORE_STD) != 0);
    row[13] = int_cell(column->index + 1);
    bool is_number = meta->type != STORE_TIME_US; /* stores count microseconds */
    row[14] = double_cell(is_number ? meta->minimum : NAN);
    row[15] = double_cell(is_number ? meta->maximum : NAN);
    row[16] = double_cell(meta->null_fraction);
}

/* --- keys -------------------------------------------------------------------------------
 */

static bool settle_key(const struct catalog *c, struct walk *w)
{
    for (; settle_table(c, w); w->itable++, w->ikey = 0)
        if (w->ikey < table_at(c, w)->nkey)
            return true;
    return false;
}

static void advance_key(struct walk *w)
{
    w->ikey++;
}

static void get_key(const struct catalog *c, const struct walk *w, struct cell *row)
{
    const struct catalog_key *key = &table_at(c, w)->key[w->ikey];
    row[0] = text_cell(key->id);
    row[1] = text_cell(table_at(c, w)->full_name);
    row[2] = text_cell(key->target);
    row[3] = text_cell(key->description);
    row[4] = text_cell(key->utype);
}

static bool settle_pair(const struct catalog *c, struct walk *w)
{
    for (; settle_key(c, w); w->ikey++, w->ipair = 0)
        if (w->ipair < table_at(c, w)->key[w->ikey].ncolumn)
            return true;
    return false;
}

static void advance_pair(struct walk *w)
{
    w->ipair++;
}

static void get_pair(const struct catalog *c, const struct walk *w, struct cell *row)
{
    const struct catalog_key *key = &table_at(c, w)->key[w->ikey];
    row[0] = text_cell(key->id);
    row[1] = text_cell(key->from_column[w->ipair]);
    row[2] = text_cell(key->to_column[w->ipair]);
}

static const struct tap_table KIND[] = {
    {"schemas", settle_schema, advance_schema, get_schema},
    {"tables", settle_table, advance_table, get_table},
    {"columns", settle_column, advance_column, get_column},
    {"keys", settle_key, advance_key, get_key},
    {"key_columns", settle_pair, advance_pair, get_pair},
};

/* --- batches ----------------------------------------------------------------------------
 */

static void put_cell(struct vector *v, enum store_type type, uint32_t irow,
                     const struct cell *cell)
{
    if (!cell->is_null)
        v->valid[irow >> 3] |= (uint8_t)(1u << (irow & 7));
    if (type == STORE_TEXT) {
        bytes_add(&v->text, str_of(cell->is_null ? "" : cell->text));
        v->offset[irow + 1] = (uint32_t)v->text.len;
    } else if (type == STORE_I32)
        ((int32_t *)(void *)v->number)[irow] = (int32_t)cell->integer;
    else if (type == STORE_F64)
        ((double *)(void *)v->number)[irow] = cell->number;
    else
        v->number[irow] = cell->integer;
}

/* Fills the vectors; returns the number of rows. */
static uint32_t fill(struct tap_rows *rows)
{
    struct cell row[MAX_COLUMNS];
    uint32_t n = 0;
    size_t nbyte = 0;
    while (n < BATCH_ROWS && nbyte < BATCH_TEXT_BYTES &&
           rows->kind->settle(rows->catalog, &rows->walk)) {
        rows->kind->get(rows->catalog, &rows->walk, row);
        for (uint32_t i = 0; i < rows->source.ncolumn; i++) {
            put_cell(&rows->vector[i], rows->column[i]->type, n, &row[i]);
            nbyte += row[i].text ? strlen(row[i].text) : 8;
        }
        rows->kind->advance(&rows->walk);
        n++;
    }
    return n;
}

static enum step rows_next(struct rowsource *source, struct store_batch *batch,
                           struct err *e)
{
    struct tap_rows *rows = (struct tap_rows *)source;
    for (uint32_t i = 0; i < source->ncolumn; i++) {
        bytes_clear(&rows->vector[i].text);
        memset(rows->vector[i].valid, 0, sizeof rows->vector[i].valid);
    }
    uint32_t n = fill(rows);
    if (n == 0)
        return STEP_END;
    for (uint32_t i = 0; i < source->ncolumn; i++) {
        struct vector *v = &rows->vector[i];
        if (v->text.failed) {
            err_set(e, ERR_LIMIT, "no memory for the rows of TAP_SCHEMA");
            return STEP_FAILED;
        }
        rows->out[i] = (struct store_vector){.data = v->number, .valid = v->valid};
        if (rows->column[i]->type == STORE_TEXT) {
            rows->out[i].data = v->text.at ? v->text.at : "";
            rows->out[i].offset = v->offset;
        }
    }
    *batch = (struct store_batch){.size = sizeof *batch, .nrow = n, .column = rows->out};
    return STEP_ROWS;
}

static void rows_close(struct rowsource *source)
{
    struct tap_rows *rows = (struct tap_rows *)source;
    if (!rows)
        return;
    for (uint32_t i = 0; rows->vector && i < source->ncolumn; i++)
        bytes_free(&rows->vector[i].text);
    catalog_drop(rows->catalog);
    free(rows->vector);
    free(rows);
}

static const struct tap_table *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof KIND / sizeof *KIND; i++)
        if (strcmp(KIND[i].name, name) == 0)
            return &KIND[i];
    return NULL;
}

struct rowsource *catalog_tap_schema_rows(const struct catalog *catalog, const char *name,
                                          struct err *e)
{
    const struct catalog_table *table =
        catalog_find_table(catalog, (struct catalog_name){STR("tap_schema"), true},
                           (struct catalog_name){str_of(name), true}, NULL);
    const struct tap_table *kind = find_kind(name);
    if (!table || !kind) {
        err_set(e, ERR_NOT_FOUND, "TAP_SCHEMA has no table '%s'", name);
        return NULL;
    }
    struct tap_rows *rows = calloc(1, sizeof *rows);
    struct vector *vector = calloc(table->ncolumn, sizeof *vector);
    if (!rows || !vector) {
        free(rows);
        free(vector);
        err_set(e, ERR_LIMIT, "no memory for the rows of TAP_SCHEMA");
        return NULL;
    }
    rows->catalog = catalog_keep(catalog);
    rows->kind = kind;
    rows->vector = vector;
    for (uint32_t i = 0; i < table->ncolumn; i++) {
        rows->column[i] = &table->column[i].meta;
        bytes_init(&vector[i].text, UINT32_MAX);
    }
    rows->source = (struct rowsource){.column = rows->column,
                                      .ncolumn = table->ncolumn,
                                      .next = rows_next,
                                      .close = rows_close};
    return &rows->source;
}
