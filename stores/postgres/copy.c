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

static enum store_status garbled(struct store_scan *s, struct store_error *e)
{
    s->session->is_broken = true;
    return fail(e, STORE_FAILED, "the database's answer is garbled");
}

/* Rows that come fast are let gather for a moment: a server that must wake its reader for
 * each 8 kB spends a good part of its time on that. */
static enum store_status wait_for_input(struct store_scan *s, int ntry,
                                        struct store_error *e)
{
    static const struct timespec MOMENT = {.tv_nsec = GATHER_NS};
    if (ntry == 0)
        return STORE_OK; /* there may be more than was read at once */
    bool is_fast = s->nflow >= FAST_ROWS;
    s->nflow = 0;
    if (!is_fast || ntry > 1)
        return session_wait(s->session, false, e);
    nanosleep(&MOMENT, NULL);
    return STORE_OK;
}

/* The next message. STORE_END: there is none. */
static enum store_status next_message(struct store_scan *s, struct store_error *e)
{
    struct store_session *x = s->session;
    if (s->row)
        PQfreemem(s->row);
    s->row = NULL;
    for (int ntry = 0;; ntry++) {
        int n = PQgetCopyData(x->pg, &s->row, 1);
        if (n > 0) {
            s->at = s->row;
            s->left = (size_t)n;
            s->nflow++;
            return STORE_OK;
        }
        if (n < 0)
            return STORE_END;
        enum store_status status = wait_for_input(s, ntry, e);
        if (status != STORE_OK)
            return status;
        if (!PQconsumeInput(x->pg))
            return fail_result(x, NULL, e);
    }
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

static enum store_status take_header(struct store_scan *s, struct store_error *e)
{
    if (s->left < HEADER_BYTES || memcmp(s->at, SIGNATURE, sizeof SIGNATURE) != 0)
        return garbled(s, e);
    size_t extra = get32(s->at + HEADER_BYTES - 4);
    if (extra > s->left - HEADER_BYTES)
        return garbled(s, e);
    s->at += HEADER_BYTES + extra;
    s->left -= HEADER_BYTES + extra;
    s->has_header = true;
    return STORE_OK;
}

/* row ::= ncolumn { len value }; ncolumn -1: the end, which the server says again. */
static enum store_status take_row(struct store_scan *s, uint32_t irow, size_t *bytes,
                                  struct store_error *e)
{
    const char *at = s->at + 2;
    size_t left = s->left - 2;
    if (s->left < 2 || get16(s->at) != s->ncolumn)
        return garbled(s, e);
    for (uint32_t k = 0; k < s->ncolumn; k++) {
        int32_t len = left >= 4 ? (int32_t)get32(at) : -2;
        if (len < -1 || (len > 0 && (size_t)len > left - 4))
            return garbled(s, e);
        enum store_status status = column_put(&s->column[k], irow, at + 4, len, e);
        if (status != STORE_OK)
            return status;
        size_t n = 4 + (len > 0 ? (size_t)len : 0);
        at += n;
        left -= n;
    }
    *bytes += s->left - left;
    s->at = at;
    s->left = left;
    return STORE_OK;
}

enum store_status copy_fill(struct store_scan *s, uint32_t *nrow, struct store_error *e)
{
    size_t bytes = 0;
    *nrow = 0;
    while (*nrow < s->limit && bytes < BATCH_BYTES) {
        enum store_status status = STORE_OK;
        if (s->left == 0)
            status = next_message(s, e);
        if (status == STORE_END)
            return end_copy(s, e);
        if (status == STORE_OK && !s->has_header)
            status = take_header(s, e);
        if (status != STORE_OK)
            return status;
        if (s->left >= 2 && get16(s->at) == UINT16_MAX) {
            s->left = 0;
            continue;
        }
        if (s->left == 0)
            continue;
        status = take_row(s, *nrow, &bytes, e);
        if (status != STORE_OK)
            return status;
        ++*nrow;
    }
    return STORE_OK;
}
