/* split_read.c -- the connections of a scan that is read in parts: one thread, one poll;
 * whoever has read its part takes the next. */
#include "stores/postgres/split.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { SQL_BYTES = 128 << 20, SETTINGS_BYTES = 1 << 16 };

/* --- one connection's statements -------------------------------------------------- */

static enum store_status send_text(struct reader *r, struct bytes *text,
                                   enum reader_state next, struct store_error *e)
{
    struct store_session *x = r->stream.session;
    enum store_status status = STORE_OK;
    if (!bytes_text(text))
        status = fail(e, STORE_LIMIT, "the statement is too long");
    else if (!PQsendQuery(x->pg, text->at) || PQflush(x->pg) < 0)
        status = fail_result(x, NULL, e);
    r->state = next;
    bytes_free(text);
    return status;
}

static enum store_status send_begin(const struct split *sp, struct reader *r,
                                    struct store_error *e)
{
    struct bytes text;
    bytes_init(&text, SQL_BYTES);
    bytes_add_literal(&text, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
                             "SET TRANSACTION SNAPSHOT ");
    put_literal(&text, str_of(sp->snapshot));
    bytes_add_literal(&text, "; ");
    bytes_add(&text, bytes_str(&sp->lock));
    /* Who waits to change the table waits for the lead: to wait behind him were for ever.
     */
    bytes_add_literal(&text, " NOWAIT; ");
    r->has_settings = put_settings(r->stream.session, &text);
    return send_text(r, &text, READER_BEGINS, e);
}

/* The next part; or it is told that there is none. Others who wait for a connection get
 * that of a partner. */
static enum store_status send_next(struct split *sp, struct reader *r,
                                   struct store_error *e)
{
    struct bytes text;
    bool is_wanted = r != sp->reader && session_is_wanted(sp->store);
    bytes_init(&text, SQL_BYTES);
    copy_drop_message(&r->stream);
    r->stream.has_header = false;
    if (!is_wanted && split_next_part(sp, &text))
        return send_text(r, &text, READER_STARTS, e);
    bytes_add_literal(&text, "COMMIT");
    return send_text(r, &text, READER_COMMITS, e);
}

/* --- partners --------------------------------------------------------------------- */

/* Its transaction, if it is in one, ends without effect. */
static void end_transaction(struct store_session *x)
{
    const struct store_call *call = x->call;
    session_drain(x);
    x->call = NULL; /* it ends although the call was stopped */
    guard_clear(x);
    if (!x->is_broken && PQtransactionStatus(x->pg) != PQTRANS_IDLE &&
        session_query(x, "ROLLBACK", NULL, NULL) != STORE_OK)
        x->is_broken = true;
    x->call = call;
    x->name[0] = '\0';
    x->timeout_ms = -1;
}

static void release_partner(struct split *sp, struct reader *r)
{
    struct store_session *x = r->stream.session;
    bool is_connected = r->state > READER_SETS;
    copy_drop_message(&r->stream);
    r->stream.session = NULL;
    r->state = READER_RESTS;
    if (x && is_connected)
        end_transaction(x);
    else if (x)
        x->is_broken = true; /* half made */
    if (x)
        session_end(x);
    else
        session_spare_unused(sp->store);
}

/* It could not join; the others read what it would have read. */
static void dismiss(struct split *sp, struct reader *r, const struct store_error *why)
{
    struct store_session *lead = sp->reader[0].stream.session;
    tell_operator(sp->store->host, lead->call, LEVEL_INFO,
                  why->message[0] ? why->message : "a connection did not join a scan");
    release_partner(sp, r);
}

static void begin_reader(struct store_scan *s, struct reader *r, struct store_error *e)
{
    struct split *sp = s->split;
    enum store_status status = STORE_OK;
    if (r->state == READER_CONNECTS)
        status = session_connect_begin(sp->store, &r->stream.session, e);
    if (status == STORE_OK) {
        r->stream.session->is_spare = true;
        r->stream.session->call = s->session->call;
        guard_clear(r->stream.session);
    }
    if (status == STORE_OK && r->state == READER_BEGINS)
        status = send_begin(sp, r, e);
    if (status != STORE_OK)
        dismiss(sp, r, e);
}

void split_begin_reader(struct store_scan *s, struct reader *r)
{
    struct store_error e = {.size = sizeof e};
    r->polling = PGRES_POLLING_WRITING;
    begin_reader(s, r, &e);
}

/* PQconnectPoll() when the socket is ready. */
static enum store_status connect_further(struct reader *r, struct store_error *e)
{
    struct store_session *x = r->stream.session;
    bool writes = r->polling == PGRES_POLLING_WRITING;
    struct pollfd fd = {.fd = PQsocket(x->pg), .events = writes ? POLLOUT : POLLIN};
    struct bytes text;
    if (poll(&fd, 1, 0) <= 0)
        return STORE_OK;
    r->polling = PQconnectPoll(x->pg);
    if (r->polling == PGRES_POLLING_FAILED || PQstatus(x->pg) == CONNECTION_BAD)
        return fail_connect(x->store->host, x->pg, e);
    if (r->polling != PGRES_POLLING_OK)
        return STORE_OK;
    if (PQsetnonblocking(x->pg, 1) != 0)
        return fail_connect(x->store->host, x->pg, e);
    bytes_init(&text, SETTINGS_BYTES);
    session_put_fixed(x->store, &text);
    return send_text(r, &text, READER_SETS, e);
}

/* --- results ---------------------------------------------------------------------- */

/* After a statement's last result. */
static enum store_status go_on(struct split *sp, struct reader *r, struct store_error *e)
{
    struct store_session *x = r->stream.session;
    switch (r->state) {
    case READER_SETS:
        r->state = READER_BEGINS;
        x->is_text_checked = sp->reader[0].stream.session->is_text_checked;
        return send_begin(sp, r, e);
    case READER_BEGINS:
        if (r->has_settings)
            settings_made(x);
        return send_next(sp, r, e);
    case READER_ENDS_PART:
        return send_next(sp, r, e);
    case READER_COMMITS:
        r->state = READER_RESTS;
        if (r != sp->reader) {
            r->stream.session = NULL;
            session_end(x);
        }
        return STORE_OK;
    default:
        x->is_broken = true;
        return fail(e, STORE_FAILED, "the database's answer is garbled");
    }
}

static enum store_status take_result(struct store_scan *s, struct reader *r,
                                     struct store_error *e)
{
    PGresult *result = PQgetResult(r->stream.session->pg);
    ExecStatusType kind = result ? PQresultStatus(result) : PGRES_EMPTY_QUERY;
    enum store_status status = STORE_OK;
    if (!result)
        status = go_on(s->split, r, e);
    else if (kind == PGRES_COPY_OUT && PQnfields(result) == (int)s->ncolumn)
        r->state = READER_COPIES;
    else if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
        status = fail_result(r->stream.session, result, e);
    PQclear(result);
    return status;
}

static bool awaits_result(const struct reader *r)
{
    return r->state != READER_CONNECTS && r->state != READER_COPIES &&
           r->state != READER_RESTS;
}

/* --- rows ------------------------------------------------------------------------- */

static enum store_status take_rows(struct store_scan *s, struct reader *r,
                                   struct batch_fill *f, bool *is_full,
                                   struct store_error *e)
{
    enum copy_step step;
    enum store_status status = copy_take(s, &r->stream, f, &step, e);
    *is_full = step == COPY_IS_FULL;
    if (step == COPY_IS_OVER)
        r->state = READER_ENDS_PART;
    return status;
}

/* What libpq holds of this connection, to its end: the socket says nothing of it. */
static enum store_status take_all(struct store_scan *s, struct reader *r,
                                  struct batch_fill *f, bool *is_full,
                                  struct store_error *e)
{
    enum store_status status = STORE_OK;
    while (status == STORE_OK && !*is_full) {
        if (r->state == READER_COPIES) {
            status = take_rows(s, r, f, is_full, e);
            if (r->state == READER_COPIES)
                break; /* for more rows, or for the next batch */
        } else if (awaits_result(r) && !PQisBusy(r->stream.session->pg))
            status = take_result(s, r, e);
        else
            break;
    }
    return status;
}

/* What has come on this connection, until the batch is full. */
static enum store_status step_reader(struct store_scan *s, struct reader *r,
                                     struct batch_fill *f, bool *is_full,
                                     struct store_error *e)
{
    if (r->state == READER_CONNECTS)
        return connect_further(r, e);
    enum store_status status = take_all(s, r, f, is_full, e);
    if (status != STORE_OK || *is_full || r->state == READER_RESTS)
        return status;
    struct store_session *x = r->stream.session;
    if (!PQconsumeInput(x->pg) || PQflush(x->pg) < 0)
        return fail_result(x, NULL, e);
    return take_all(s, r, f, is_full, e);
}

/* Once through all connections. */
static enum store_status step_all(struct store_scan *s, struct batch_fill *f, bool *is_full,
                                  struct store_error *e)
{
    struct split *sp = s->split;
    enum store_status status = STORE_OK;
    for (uint32_t i = 0; i < sp->nreader && status == STORE_OK && !*is_full; i++) {
        struct reader *r = &sp->reader[(sp->turn + i) % sp->nreader];
        status = step_reader(s, r, f, is_full, e);
        bool has_joined = r == sp->reader || r->state > READER_BEGINS;
        if (*is_full)
            sp->turn = (sp->turn + i + 1) % sp->nreader;
        if (status != STORE_OK && !has_joined) {
            dismiss(sp, r, e);
            status = STORE_OK;
        }
    }
    return status;
}

/* --- all connections -------------------------------------------------------------- */

static short events_of(const struct reader *r)
{
    if (r->state == READER_CONNECTS)
        return r->polling == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
    int is_unsent = PQflush(r->stream.session->pg);
    return is_unsent ? POLLIN | POLLOUT : POLLIN;
}

static enum store_status wait_for_any(struct store_scan *s, struct store_error *e)
{
    struct split *sp = s->split;
    struct pollfd fd[READERS_MAX + 1];
    nfds_t n = 0;
    for (uint32_t i = 0; i < sp->nreader; i++) {
        const struct reader *r = &sp->reader[i];
        if (r->state != READER_RESTS)
            fd[n++] = (struct pollfd){PQsocket(r->stream.session->pg), events_of(r), 0};
    }
    return session_wait_any(s->session, fd, n, sp->until_ns, e);
}

/* Those that connect still come too late when all parts are taken. */
static bool is_over(struct split *sp)
{
    for (uint32_t i = 0; i < sp->nreader; i++)
        if (sp->reader[i].state > READER_SETS && sp->reader[i].state != READER_RESTS)
            return false;
    for (uint32_t i = 1; i < sp->nreader; i++)
        if (sp->reader[i].state != READER_RESTS)
            release_partner(sp, &sp->reader[i]);
    return true;
}

static enum store_status fill(struct store_scan *s, struct batch_fill *f,
                              struct store_error *e)
{
    enum store_status status = STORE_OK;
    bool is_full = false;
    for (int ntry = 0; status == STORE_OK; ntry++) {
        uint32_t nrow = f->nrow;
        status = step_all(s, f, &is_full, e);
        s->has_ended = status == STORE_OK && !is_full && is_over(s->split);
        if (status != STORE_OK || is_full || s->has_ended)
            return status;
        ntry = f->nrow > nrow ? 0 : ntry;
        if (ntry > 0 && !copy_gathers(s, ntry))
            status = wait_for_any(s, e);
    }
    return status;
}

enum store_status split_fill(struct store_scan *s, uint32_t *nrow, struct store_error *e)
{
    struct batch_fill f = {0};
    struct split *sp = s->split;
    enum store_status status = fill(s, &f, e);
    *nrow = f.nrow < sp->nleft ? f.nrow : (uint32_t)sp->nleft;
    sp->nleft -= *nrow;
    if (status == STORE_OK && sp->nleft == 0)
        s->has_ended = true;
    return status;
}

void split_free(struct store_scan *s)
{
    struct split *sp = s->split;
    if (!sp)
        return;
    for (uint32_t i = 1; i < sp->nreader; i++) {
        struct reader *r = &sp->reader[i];
        if (r->stream.session)
            atomic_store(&r->stream.session->is_stopped,
                         atomic_load(&s->session->is_stopped));
        if (r->state != READER_RESTS)
            release_partner(sp, r);
    }
    copy_drop_message(&sp->reader[0].stream);
    if (!s->session->is_broken && PQtransactionStatus(s->session->pg) != PQTRANS_IDLE) {
        guard_off(s->session);
        end_transaction(s->session);
    }
    bytes_free(&sp->before);
    bytes_free(&sp->after);
    bytes_free(&sp->lock);
    free(sp);
    s->split = NULL;
}
