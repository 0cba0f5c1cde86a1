/* copy.c -- rows of COPY (FORMAT binary) straight into the columns of a batch. */
#include <endian.h>
#include <string.h>
#include <time.h>

#include "stores/postgres/scan.h"

static const char SIGNATURE[] = "PGCOPY\n\377\r\n"; /* its NUL belongs to it */
enum { HEADER_BYTES = 19 };
/* So many rows between two waits come fast; so long they may gather. */
enum { FAST_ROWS = 64, GATHER_NS = 100000 };

static uint16_t get16(const char *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return be16toh(v);
}

static uint32_t get32(const char *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return be32toh(v);
}

static enum store_status garbled(struct copy_stream *c, struct store_error *e)
{
    c->session->is_broken = true;
    return fail(e, STORE_FAILED, "the database's answer is garbled");
}

static enum store_status take_header(struct copy_stream *c, struct store_error *e)
{
    if (c->left < HEADER_BYTES || memcmp(c->at, SIGNATURE, sizeof SIGNATURE) != 0)
        return garbled(c, e);
    size_t extra = get32(c->at + HEADER_BYTES - 4);
    if (extra > c->left - HEADER_BYTES)
        return garbled(c, e);
    c->at += HEADER_BYTES + extra;
    c->left -= HEADER_BYTES + extra;
    c->has_header = true;
    return STORE_OK;
}

/* row ::= ncolumn { len value }; ncolumn -1: the end, which the server says again. */
static enum store_status take_row(struct store_scan *s, struct copy_stream *c,
                                  struct batch_fill *f, struct store_error *e)
{
    const char *at = c->at + 2;
    size_t left = c->left - 2;
    if (c->left < 2 || get16(c->at) != s->ncolumn)
        return garbled(c, e);
    for (uint32_t k = 0; k < s->ncolumn; k++) {
        int32_t len = left >= 4 ? (int32_t)get32(at) : -2;
        if (len < -1 || (len > 0 && (size_t)len > left - 4))
            return garbled(c, e);
        enum store_status status = column_put(&s->column[k], f->nrow, at + 4, len, e);
        if (status != STORE_OK)
            return status;
        size_t n = 4 + (len > 0 ? (size_t)len : 0);
        at += n;
        left -= n;
    }
    f->bytes += c->left - left;
    f->nrow++;
    c->at = at;
    c->left = left;
    return STORE_OK;
}

/* What the message at hand says: the header, a row, the end. */
static enum store_status take_part(struct store_scan *s, struct copy_stream *c,
                                   struct batch_fill *f, struct store_error *e)
{
    if (!c->has_header)
        return take_header(c, e);
    if (c->left >= 2 && get16(c->at) == UINT16_MAX) {
        c->left = 0;
        return STORE_OK;
    }
    return take_row(s, c, f, e);
}

void copy_drop_message(struct copy_stream *c)
{
    if (c->row)
        PQfreemem(c->row);
    c->row = NULL;
    c->left = 0;
}

enum store_status copy_take(struct store_scan *s, struct copy_stream *c,
                            struct batch_fill *f, enum copy_step *step,
                            struct store_error *e)
{
    enum store_status status = STORE_OK;
    *step = COPY_IS_FULL;
    while (status == STORE_OK && f->nrow < s->limit && f->bytes < BATCH_BYTES) {
        if (c->left == 0) {
            copy_drop_message(c);
            int n = PQgetCopyData(c->session->pg, &c->row, 1);
            *step = n < 0 ? COPY_IS_OVER : COPY_WAITS;
            if (n <= 0)
                return STORE_OK;
            *step = COPY_IS_FULL;
            c->at = c->row;
            c->left = (size_t)n;
            s->nflow++;
        }
        status = take_part(s, c, f, e);
    }
    return status;
}

/* --- one connection --------------------------------------------------------------- */

/* Rows that come fast are let gather for a moment: a server that must wake its reader for
 * each 8 kB spends a good part of its time on that. */
bool copy_gathers(struct store_scan *s, int ntry)
{
    static const struct timespec MOMENT = {.tv_nsec = GATHER_NS};
    bool is_fast = s->nflow >= FAST_ROWS;
    s->nflow = 0;
    if (!is_fast || ntry > 1)
        return false;
    nanosleep(&MOMENT, NULL);
    return true;
}

static enum store_status wait_for_input(struct store_scan *s, int ntry,
                                        struct store_error *e)
{
    if (ntry > 0 && !copy_gathers(s, ntry)) { /* at first there may be more to be read */
        enum store_status status = session_wait(s->session, false, e);
        if (status != STORE_OK)
            return status;
    }
    return PQconsumeInput(s->session->pg) ? STORE_OK : fail_result(s->session, NULL, e);
}

/* After the rows: did the statement succeed? */
static enum store_status end_copy(struct store_scan *s, struct store_error *e)
{
    PGresult *r;
    enum store_status status = STORE_OK;
    do {
        status = session_result(s->session, &r, e);
        if (status == STORE_OK && r && PQresultStatus(r) != PGRES_COMMAND_OK)
            status = fail_result(s->session, r, e);
        PQclear(r);
    } while (status == STORE_OK && r);
    s->has_ended = status == STORE_OK;
    return status;
}

enum store_status copy_fill(struct store_scan *s, uint32_t *nrow, struct store_error *e)
{
    struct batch_fill f = {0};
    enum copy_step step = COPY_WAITS;
    enum store_status status = STORE_OK;
    for (int ntry = 0; status == STORE_OK && step == COPY_WAITS; ntry++) {
        uint32_t nflow = s->nflow;
        status = copy_take(s, &s->stream, &f, &step, e);
        if (s->nflow != nflow)
            ntry = 0;
        if (status == STORE_OK && step == COPY_WAITS)
            status = wait_for_input(s, ntry, e);
    }
    *nrow = f.nrow;
    return status == STORE_OK && step == COPY_IS_OVER ? end_copy(s, e) : status;
}
