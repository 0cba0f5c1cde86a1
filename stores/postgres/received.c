/* received.c -- a table received where no temporary one may be made (a role without
 * TEMPORARY, a replica): its values stand before the statement, as arrays of texts. */
#include "stores/postgres/received.h"

#include <stdlib.h>

#include "core/base/rows.h"

enum { TAKE_BYTES = 64 << 20 };

struct received {
    struct received *next;
    struct bytes sql; /* "name" ("column", ...) AS MATERIALIZED (SELECT ...) */
};

void received_free(struct store_session *x)
{
    while (x->received) {
        struct received *r = x->received;
        x->received = r->next;
        bytes_free(&r->sql);
        free(r);
    }
}

bool received_put(const struct store_session *x, const char *sql, struct bytes *out)
{
    static const char WITH[] = "WITH ";
    bool has_with = strncmp(sql, WITH, sizeof WITH - 1) == 0;
    for (const struct received *r = x->received; r; r = r->next) {
        bytes_add(out, r == x->received ? STR("WITH ") : STR(", "));
        bytes_add(out, bytes_str(&r->sql));
    }
    if (x->received && has_with) {
        bytes_add_literal(out, ", ");
        sql += sizeof WITH - 1;
    } else if (x->received)
        bytes_add_char(out, ' ');
    bytes_add(out, str_of(sql));
    return !out->failed;
}

/* --- values ----------------------------------------------------------------------- */

static void put_hex(struct bytes *out, const unsigned char *at, size_t n)
{
    static const char DIGITS[] = "0123456789abcdef";
    bytes_add_literal(out, "\\x");
    for (size_t i = 0; i < n; i++) {
        bytes_add_char(out, DIGITS[at[i] >> 4]);
        bytes_add_char(out, DIGITS[at[i] & 15]);
    }
}

/* The value in the server's text form. */
static void put_value(struct bytes *out, const struct store_column *c,
                      const struct store_vector *v, uint32_t irow)
{
    bool is_variable = c->type == STORE_TEXT || c->length < 0;
    uint32_t n = is_variable ? v->offset[irow + 1] - v->offset[irow] : (uint32_t)c->length;
    size_t first = is_variable ? v->offset[irow] : (size_t)irow * n;
    const char *at = (const char *)v->data + first * store_type_bytes(c->type);
    if (c->type == STORE_TEXT)
        bytes_add(out, (str){at, n});
    else if (c->type == STORE_U8 && c->length != 1)
        put_hex(out, (const unsigned char *)at, n);
    else if (c->length == 1)
        put_plain(out, c->type, at, 0);
    else
        put_array(out, c->type, at, 0, n);
}

/* An element of an array in a text literal: quotes and backslashes escaped, and quotes of
 * the literal doubled. */
static void put_element(struct bytes *out, str text)
{
    bytes_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            bytes_add_char(out, '\\');
        if (text.at[i] == '\'')
            bytes_add_char(out, '\'');
        bytes_add_char(out, text.at[i]);
    }
    bytes_add_char(out, '"');
}

struct taker {
    const struct store_table *table;
    uint32_t ncolumn;     /* with that of the cells */
    struct bytes *column; /* {"a",NULL, ... of each */
    struct bytes value;
    size_t bytes;
};

static void take_row(struct taker *t, const struct store_batch *b, uint32_t irow)
{
    for (uint32_t k = 0; k < t->ncolumn; k++) {
        struct bytes *out = &t->column[k];
        bool is_cell = k == t->table->ncolumn;
        int64_t cell = is_cell ? received_cell(t->table, b, irow) : 0;
        bytes_add(out, out->len ? STR(",") : STR("{"));
        if (cell < 0 || (!is_cell && !store_is_valid(&b->column[k], irow))) {
            bytes_add_literal(out, "NULL");
            continue;
        }
        bytes_clear(&t->value);
        if (is_cell)
            put_plain(&t->value, STORE_I64, &cell, 0);
        else
            put_value(&t->value, t->table->column[k], &b->column[k], irow);
        put_element(out, bytes_str(&t->value));
    }
}

static enum store_status take_rows(struct taker *t, struct store_session *x,
                                   struct store_feed *feed, struct store_error *e)
{
    struct store_batch batch;
    enum store_status status;
    while ((status = feed->next(feed, &batch, e)) == STORE_OK) {
        for (uint32_t i = 0; i < batch.nrow; i++)
            take_row(t, &batch, i);
        size_t bytes = 0;
        for (uint32_t k = 0; k < t->ncolumn; k++)
            bytes += t->column[k].failed ? TAKE_BYTES : t->column[k].len;
        if (bytes >= TAKE_BYTES)
            return fail(e, STORE_LIMIT,
                        "the table is too long for a database that lets the node make no "
                        "temporary tables (64 MB)");
        status = guard_check(x, e);
        if (status != STORE_OK)
            return status;
    }
    return status == STORE_END ? STORE_OK : status;
}

static void put_names(struct bytes *out, const struct taker *t)
{
    for (uint32_t k = 0; k < t->ncolumn; k++) {
        bytes_add(out, k ? STR(", ") : STR(" ("));
        put_name(out,
                 str_of(k < t->table->ncolumn ? t->table->column[k]->name : HPX_COLUMN));
    }
    bytes_add_char(out, ')');
}

static void put_table(struct bytes *out, const struct taker *t)
{
    put_name(out, str_of(t->table->name));
    put_names(out, t);
    bytes_add_literal(out, " AS MATERIALIZED (SELECT ");
    for (uint32_t k = 0; k < t->ncolumn; k++) {
        bytes_add_format(out, "%sCAST(c%u AS ", k ? ", " : "", k);
        if (k < t->table->ncolumn)
            received_put_type(out, t->table->column[k]);
        else
            bytes_add_literal(out, "bigint");
        bytes_add_char(out, ')');
    }
    for (uint32_t k = 0; k < t->ncolumn; k++) {
        bytes_add(out, k ? STR(", CAST('") : STR(" FROM unnest(CAST('"));
        bytes_add(out, t->column[k].len ? bytes_str(&t->column[k]) : STR("{"));
        bytes_add_literal(out, "}' AS text[])");
    }
    bytes_add_literal(out, ") AS u (");
    for (uint32_t k = 0; k < t->ncolumn; k++)
        bytes_add_format(out, "%sc%u", k ? ", " : "", k);
    bytes_add_literal(out, "))");
}

enum store_status received_take(struct store_session *x, const struct store_table *table,
                                struct store_feed *feed, struct store_error *e)
{
    struct taker t = {.table = table,
                      .ncolumn = table->ncolumn + received_is_positioned(table)};
    struct received *r = calloc(1, sizeof *r), **end = &x->received;
    t.column = calloc((size_t)t.ncolumn + 1, sizeof *t.column);
    if (!r || !t.column) {
        free(r);
        free(t.column);
        return fail(e, STORE_LIMIT, "no memory for a table");
    }
    bytes_init(&t.value, TAKE_BYTES);
    for (uint32_t k = 0; k < t.ncolumn; k++)
        bytes_init(&t.column[k], TAKE_BYTES);
    enum store_status status = take_rows(&t, x, feed, e);
    if (status == STORE_OK) {
        bytes_init(&r->sql, 2 * (size_t)TAKE_BYTES);
        put_table(&r->sql, &t);
        while (*end)
            end = &(*end)->next;
        *end = r;
    } else
        free(r);
    for (uint32_t k = 0; k < t.ncolumn; k++)
        bytes_free(&t.column[k]);
    bytes_free(&t.value);
    free(t.column);
    return status;
}
