/* receive.c -- a feed of batches becomes a temporary table: made, filled by binary COPY,
 * indexed and analysed in one transaction that may write. */
#include <endian.h>
#include <stdlib.h>

#include "core/base/column.h"
#include "core/base/rows.h"
#include "core/sky/sky.h"
#include "stores/postgres/received.h"
#include "stores/postgres/scan.h"

enum { SQL_BYTES = 1 << 22, SEND_BYTES = 1 << 18 };
#define ROW_BYTES ((size_t)1 << 30)

/* --- values in the server's binary form ------------------------------------------- */

static void put16(struct bytes *out, uint16_t v)
{
    v = htobe16(v);
    bytes_add(out, (str){(const char *)&v, sizeof v});
}

static void put32(struct bytes *out, uint32_t v)
{
    v = htobe32(v);
    bytes_add(out, (str){(const char *)&v, sizeof v});
}

static void put64(struct bytes *out, uint64_t v)
{
    v = htobe64(v);
    bytes_add(out, (str){(const char *)&v, sizeof v});
}

static void put_element(struct bytes *out, enum store_type type, const char *at)
{
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;
    switch (type) {
    case STORE_BOOL:
        put32(out, 1);
        bytes_add_char(out, *at != 0);
        break;
    case STORE_U8:
        put32(out, 2);
        put16(out, *(const uint8_t *)at);
        break;
    case STORE_I16:
        memcpy(&v16, at, sizeof v16);
        put32(out, 2);
        put16(out, v16);
        break;
    case STORE_I32:
    case STORE_F32:
        memcpy(&v32, at, sizeof v32);
        put32(out, 4);
        put32(out, v32);
        break;
    default:
        memcpy(&v64, at, sizeof v64);
        put32(out, 8);
        put64(out, type == STORE_TIME_US ? (uint64_t)time_for_server((int64_t)v64) : v64);
    }
}

static Oid element_oid(enum store_type type)
{
    const struct store_column one = {.type = type, .length = 1};
    return column_oid(&one);
}

/* array ::= ndim flags oid size lower { len element } */
static void put_elements(struct bytes *out, enum store_type type, const char *at,
                         uint32_t n)
{
    size_t begin = out->len, size = store_type_bytes(type);
    put32(out, 0); /* its length is put here at the end */
    put32(out, n > 0);
    put32(out, 0);
    put32(out, element_oid(type));
    if (n > 0) {
        put32(out, n);
        put32(out, 1);
    }
    for (uint32_t i = 0; i < n; i++)
        put_element(out, type, at + i * size);
    if (out->failed)
        return;
    uint32_t len = htobe32((uint32_t)(out->len - begin - 4));
    memcpy(out->at + begin, &len, sizeof len);
}

static void put_value(struct bytes *out, const struct store_column *c,
                      const struct store_vector *v, uint32_t irow)
{
    size_t size = store_type_bytes(c->type);
    bool is_variable = c->type == STORE_TEXT || c->length < 0;
    uint32_t n = is_variable ? v->offset[irow + 1] - v->offset[irow] : (uint32_t)c->length;
    size_t first = is_variable ? v->offset[irow] : (size_t)irow * n;
    const char *at = (const char *)v->data + first * size;
    if (!store_is_valid(v, irow))
        put32(out, UINT32_MAX);
    else if (c->type == STORE_TEXT || (c->type == STORE_U8 && c->length != 1)) {
        put32(out, n);
        bytes_add(out, (str){at, n});
    } else if (c->length == 1)
        put_element(out, c->type, at);
    else
        put_elements(out, c->type, at, n);
}

int64_t received_cell(const struct store_table *t, const struct store_batch *b,
                      uint32_t irow)
{
    uint32_t lon = (uint32_t)t->lon_column, lat = (uint32_t)t->lat_column;
    return sky_healpix_of(HPX_ORDER, column_number(t->column[lon], &b->column[lon], irow),
                          column_number(t->column[lat], &b->column[lat], irow));
}

static void put_cell(struct bytes *out, const struct store_table *t,
                     const struct store_batch *b, uint32_t irow)
{
    int64_t cell = received_cell(t, b, irow);
    put32(out, cell < 0 ? UINT32_MAX : 8);
    if (cell >= 0)
        put64(out, (uint64_t)cell);
}

/* --- the table -------------------------------------------------------------------- */

bool received_is_positioned(const struct store_table *t)
{
    return t->lon_column >= 0 && t->lat_column >= 0 && t->hpx_column < 0;
}

void received_put_type(struct bytes *sql, const struct store_column *c)
{
    const struct store_dialect *d = &postgres_dialect;
    bool is_bytes = c->type == STORE_U8 && c->length != 1;
    bool is_array = c->type != STORE_TEXT && c->length != 1 && !is_bytes;
    bytes_add(sql, str_of(is_bytes ? d->bytes_type : d->type_name[c->type]));
    bytes_add(sql, is_array ? STR("[]") : STR(""));
}

static void put_create(struct bytes *sql, const struct store_table *t)
{
    bytes_add_literal(sql, "BEGIN READ WRITE; CREATE TEMPORARY TABLE ");
    put_name(sql, str_of(t->name));
    bytes_add_literal(sql, " (");
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        if (i)
            bytes_add_literal(sql, ", ");
        put_name(sql, str_of(t->column[i]->name));
        bytes_add_char(sql, ' ');
        received_put_type(sql, t->column[i]);
    }
    if (received_is_positioned(t))
        bytes_add_literal(sql, ", \"" HPX_COLUMN "\" bigint");
    bytes_add_literal(sql, "); COPY ");
    put_name(sql, str_of(t->name));
    bytes_add_literal(sql, " FROM STDIN (FORMAT binary)");
}

static void put_finish(const struct store *s, struct bytes *sql,
                       const struct store_table *t)
{
    if (received_is_positioned(t)) {
        bytes_add_literal(sql, "CREATE INDEX ON ");
        put_name(sql, str_of(t->name));
        bytes_add_literal(sql, " (\"" HPX_COLUMN "\"); ");
    }
    if (received_is_positioned(t) && s->has_q3c) {
        bytes_add_literal(sql, "CREATE INDEX ON ");
        put_name(sql, str_of(t->name));
        bytes_add_literal(sql, " (q3c_ang2ipix(");
        put_name(sql, str_of(t->column[t->lon_column]->name));
        bytes_add_literal(sql, ", ");
        put_name(sql, str_of(t->column[t->lat_column]->name));
        bytes_add_literal(sql, ")); ");
    }
    bytes_add_literal(sql, "ANALYZE ");
    put_name(sql, str_of(t->name));
    bytes_add_literal(sql, "; COMMIT");
}

/* --- sending ---------------------------------------------------------------------- */

static enum store_status send_bytes(struct store_session *x, struct bytes *out,
                                    struct store_error *e)
{
    enum store_status status = STORE_OK;
    int sent = 0;
    if (out->failed)
        return fail(e, STORE_LIMIT, "a row of the table is too long to be received");
    while (status == STORE_OK && out->len > 0 &&
           (sent = PQputCopyData(x->pg, out->at, (int)out->len)) == 0)
        status = session_wait(x, true, e);
    if (status == STORE_OK && sent < 0)
        return fail_result(x, NULL, e);
    bytes_clear(out);
    return status == STORE_OK ? session_flush(x, e) : status;
}

static enum store_status send_batch(struct store_session *x, const struct store_table *t,
                                    const struct store_batch *b, struct bytes *out,
                                    struct store_error *e)
{
    enum store_status status = guard_check(x, e);
    for (uint32_t i = 0; i < b->nrow && status == STORE_OK; i++) {
        put16(out, (uint16_t)(t->ncolumn + received_is_positioned(t)));
        for (uint32_t k = 0; k < t->ncolumn; k++)
            put_value(out, t->column[k], &b->column[k], i);
        if (received_is_positioned(t))
            put_cell(out, t, b, i);
        if (out->len > SEND_BYTES || out->failed)
            status = send_bytes(x, out, e);
    }
    return status;
}

static enum store_status send_rows(struct store_session *x, const struct store_table *t,
                                   struct store_feed *feed, struct store_error *e)
{
    static const char HEADER[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
    struct bytes out;
    struct store_batch batch;
    enum store_status status = STORE_OK;
    bytes_init(&out, ROW_BYTES);
    bytes_add(&out, (str){HEADER, sizeof HEADER});
    while (status == STORE_OK) {
        status = feed->next(feed, &batch, e);
        if (status == STORE_OK)
            status = send_batch(x, t, &batch, &out, e);
    }
    if (status == STORE_END) {
        put16(&out, UINT16_MAX);
        status = send_bytes(x, &out, e);
    }
    bytes_free(&out);
    return status;
}

static enum store_status end_rows(struct store_session *x, struct store_error *e)
{
    PGresult *r;
    int ended;
    enum store_status status = STORE_OK;
    while ((ended = PQputCopyEnd(x->pg, NULL)) == 0 && status == STORE_OK)
        status = session_wait(x, true, e);
    if (ended < 0)
        return fail_result(x, NULL, e);
    status = session_flush(x, e);
    do {
        r = NULL;
        if (status == STORE_OK)
            status = session_result(x, &r, e);
        if (r && PQresultStatus(r) != PGRES_COMMAND_OK && status == STORE_OK)
            status = fail_result(x, r, e);
        PQclear(r);
    } while (status == STORE_OK && r);
    return status;
}

static enum store_status query_of(struct store_session *x, struct bytes *sql,
                                  struct store_error *e)
{
    const char *text = bytes_text(sql);
    enum store_status status = text
                                   ? session_query(x, text, NULL, e)
                                   : fail(e, STORE_LIMIT, "the table has too many columns");
    bytes_clear(sql);
    return status;
}

/* A failure leaves no transaction open; who asked hears of the failure, not of this. */
static void roll_back(struct store_session *x)
{
    session_drain(x);
    if (x->is_broken || PQtransactionStatus(x->pg) == PQTRANS_IDLE)
        return;
    PGresult *r = NULL;
    guard_clear(x);
    const struct store_call *call = x->call;
    x->call = NULL;
    if (session_query(x, "ROLLBACK", &r, NULL) != STORE_OK)
        x->is_broken = true;
    PQclear(r);
    x->call = call;
}

/* Citus joins a temporary table by sending it about; values in the statement go along with
 * it to each shard. */
static enum store_status receive_values(struct store_session *x,
                                        const struct store_call *call,
                                        const struct store_table *table,
                                        struct store_feed *feed, struct store_error *e)
{
    scan_finish(x->scan);
    enum store_status status = guard_on(x, call, e);
    if (status != STORE_OK)
        return status;
    status = received_take(x, table, feed, e);
    guard_off(x);
    return status;
}

/* 42501: this role may not; 25006, 0A000 (of BEGIN): this server may not, it is a replica.
 */
static bool may_not_write(const struct store_error *e)
{
    static const char *const STATES[] = {"42501", "25006", "0A000"};
    for (size_t i = 0; i < sizeof STATES / sizeof *STATES; i++)
        if (e->native_code == error_code(STATES[i]))
            return true;
    return false;
}

enum store_status session_receive(struct store_session *x, const struct store_call *call,
                                  const struct store_table *table, struct store_feed *feed,
                                  struct store_error *e)
{
    struct bytes sql;
    struct store_error why = {.size = sizeof why};
    if (x->store->has_citus)
        return receive_values(x, call, table, feed, e);
    scan_finish(x->scan);
    enum store_status status = guard_on(x, call, e);
    if (status != STORE_OK)
        return status;
    bytes_init(&sql, SQL_BYTES);
    put_create(&sql, table);
    status = query_of(x, &sql, &why);
    bool by_values = status != STORE_OK && may_not_write(&why);
    x->has_temporary |= status == STORE_OK;
    if (status == STORE_OK)
        status = send_rows(x, table, feed, e);
    else if (!by_values)
        fail(e, status, "%s", why.message);
    if (status == STORE_OK)
        status = end_rows(x, e);
    put_finish(x->store, &sql, table);
    if (status == STORE_OK)
        status = query_of(x, &sql, e);
    if (status != STORE_OK)
        roll_back(x);
    if (by_values)
        status = received_take(x, table, feed, e);
    guard_off(x);
    bytes_free(&sql);
    return status;
}
