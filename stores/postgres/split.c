/* split.c -- is a statement a scan that several connections may read in parts, and how are
 * the parts said? Why so: docs/decisions/013-split-scans.md */
#include "stores/postgres/split.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/num.h"

enum {
    SQL_BYTES = 128 << 20,
    LEAST_PAGES = 1024,     /* of a table that is worth it: 8 MB */
    PART_LEAST_PAGES = 256, /* what a statement costs is little beside so many */
    PART_MOST_PAGES = 4096, /* 32 MB: a tenth of a second */
    PARTS_EACH = 8,         /* so that all connections end at about the same time */
    TID_RANGES_SINCE = 140000
};
#define LEAST_ROWS 100000.0

bool split_is_worth(const struct store_session *x, int64_t limit, double nrow)
{
    const struct store *s = x->store;
    return s->readers > 1 && !s->has_citus && nrow >= LEAST_ROWS &&
           (limit < 0 || (double)limit >= nrow) && !x->has_temporary && !x->received &&
           PQserverVersion(x->pg) >= TID_RANGES_SINCE;
}

/* --- the parts -------------------------------------------------------------------- */

uint64_t split_part_pages(uint64_t npage, uint32_t nreader)
{
    uint64_t n = npage / ((uint64_t)nreader * PARTS_EACH) + 1;
    return n < PART_LEAST_PAGES  ? PART_LEAST_PAGES
           : n > PART_MOST_PAGES ? PART_MOST_PAGES
                                 : n;
}

static void put_bound(const struct split *sp, const char *sign, uint64_t page,
                      struct bytes *text)
{
    if (sp->alias) {
        put_name(text, str_of(sp->alias));
        bytes_add_char(text, '.');
    }
    bytes_add_format(text, "ctid %s CAST('(%llu,0)' AS tid)", sign,
                     (unsigned long long)page);
}

bool split_next_part(struct split *sp, struct bytes *text)
{
    if (sp->is_all_given)
        return false;
    bytes_add(text, bytes_str(&sp->before));
    put_bound(sp, ">=", sp->next_page, text);
    sp->next_page += sp->part_pages;
    sp->is_all_given = sp->next_page >= sp->npage;
    if (!sp->is_all_given) {
        bytes_add_literal(text, " AND ");
        put_bound(sp, "<", sp->next_page, text);
    }
    bytes_add(text, bytes_str(&sp->after));
    return true;
}

/* The statement round the place of the condition, its parameters written into it. */
static bool put_statement(struct split *sp, const struct store_plain *plain,
                          const char *sql, const struct store_parameter *p,
                          size_t nparameter)
{
    char *head = plain->at <= strlen(sql) ? strndup(sql, plain->at) : NULL;
    bool ok = head != NULL;
    bytes_add_literal(&sp->before, "COPY (");
    ok = ok && put_inlined(&sp->before, head, p, nparameter);
    bytes_add(&sp->before, plain->has_where ? STR("") : STR(" WHERE "));
    bytes_add(&sp->after, plain->has_where ? STR(" AND ") : STR(""));
    ok = ok && put_inlined(&sp->after, sql + plain->at, p, nparameter);
    bytes_add_literal(&sp->after, ") TO STDOUT (FORMAT binary)");
    bytes_add_format(&sp->lock, "LOCK TABLE %s IN ACCESS SHARE MODE", plain->table);
    free(head);
    return ok && bytes_text(&sp->before) && bytes_text(&sp->after) && bytes_text(&sp->lock);
}

/* --- the table -------------------------------------------------------------------- */

/* The snapshot is taken when the table is locked: what another connection sees by it lies
 * in the same pages until this transaction ends. Of partitions the largest counts: the
 * condition holds in each. */
static void put_facts(const struct split *sp, const char *table, struct bytes *sql)
{
    bytes_add_literal(sql, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; ");
    bytes_add(sql, bytes_str(&sp->lock));
    bytes_add_literal(sql, "; WITH RECURSIVE part(oid) AS (SELECT CAST(CAST(");
    put_literal(sql, str_of(table));
    bytes_add_literal(
        sql,
        " AS regclass) AS oid) UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i "
        "JOIN part p ON i.inhparent = p.oid) SELECT max(pg_relation_size(c.oid) / "
        "CAST(current_setting('block_size') AS bigint)), bool_and(c.relkind = 'p' OR "
        "(c.relkind = 'r' AND c.relpersistence <> 't' AND a.amname = 'heap')), "
        "pg_export_snapshot() FROM part p JOIN pg_catalog.pg_class c ON c.oid = p.oid "
        "LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam");
}

static bool read_facts(struct split *sp, const PGresult *r)
{
    int64_t npage = 0;
    size_t n = PQntuples(r) == 1 && PQnfields(r) == 3 ? strlen(PQgetvalue(r, 0, 2)) : 0;
    if (n == 0 || n >= SNAPSHOT_BYTES || strcmp(PQgetvalue(r, 0, 1), "t") != 0 ||
        !num_parse_int(str_of(PQgetvalue(r, 0, 0)), &npage) || npage < LEAST_PAGES)
        return false;
    memcpy(sp->snapshot, PQgetvalue(r, 0, 2), n + 1);
    sp->npage = (uint64_t)npage;
    return true;
}

/* *fits false with STORE_OK: no such table; there is no transaction then. */
static enum store_status look_at_table(struct split *sp, struct store_session *x,
                                       const char *table, bool *fits, struct store_error *e)
{
    struct bytes sql;
    PGresult *r = NULL;
    bytes_init(&sql, SQL_BYTES);
    put_facts(sp, table, &sql);
    enum store_status status = bytes_text(&sql) ? session_query(x, sql.at, &r, e)
                                                : fail(e, STORE_LIMIT, "no memory");
    bytes_free(&sql);
    *fits = status == STORE_OK && read_facts(sp, r);
    PQclear(r);
    bool may_go_on =
        status == STORE_OK || (status != STORE_CANCELLED && !x->is_broken && x->pg);
    if (*fits || !may_go_on)
        return status;
    return session_query(x, "ROLLBACK", NULL, e);
}

/* --- starting --------------------------------------------------------------------- */

/* What others can spare; *nreader counts the lead. NULL: no memory, or nobody is free. */
static struct split *split_new(struct store_session *x, const struct store_plain *plain)
{
    uint32_t most = x->store->readers < READERS_MAX ? x->store->readers : READERS_MAX;
    struct split *sp = calloc(1, sizeof *sp + most * sizeof *sp->reader);
    if (!sp)
        return NULL;
    sp->store = x->store;
    sp->alias = plain->alias;
    sp->nleft = plain->limit < 0 ? UINT64_MAX : (uint64_t)plain->limit;
    bytes_init(&sp->before, SQL_BYTES);
    bytes_init(&sp->after, SQL_BYTES);
    bytes_init(&sp->lock, SQL_BYTES);
    sp->until_ns = x->store->statement_ms > 0
                       ? clock_monotonic_ns() + x->store->statement_ms * 1000000
                       : INT64_MAX;
    sp->reader[0].stream.session = x;
    sp->reader[0].state = READER_STARTS;
    for (sp->nreader = 1; sp->nreader < most; sp->nreader++) {
        struct reader *r = &sp->reader[sp->nreader];
        if (!session_spare(x->store, &r->stream.session))
            break;
        r->state = r->stream.session ? READER_BEGINS : READER_CONNECTS;
    }
    return sp;
}

static enum store_status start_lead(struct store_scan *s, struct store_error *e)
{
    struct bytes text;
    bytes_init(&text, SQL_BYTES);
    split_next_part(s->split, &text);
    enum store_status status = bytes_text(&text)
                                   ? copy_start(s, text.at, e)
                                   : fail(e, STORE_LIMIT, "the statement is too long");
    bytes_free(&text);
    s->split->reader[0].state = READER_COPIES;
    return status;
}

enum store_status split_start(struct store_scan *s, const char *sql,
                              const struct store_parameter *p, size_t nparameter,
                              bool *is_split, struct store_error *e)
{
    struct store_session *x = s->session;
    const struct store_plain *plain = x->call->plain;
    struct split *sp = s->split = split_new(x, plain);
    *is_split = false;
    if (!sp || sp->nreader == 1 || !put_statement(sp, plain, sql, p, nparameter)) {
        split_free(s);
        return STORE_OK;
    }
    enum store_status status = copy_settings(x, e);
    if (status == STORE_OK)
        status = look_at_table(sp, x, plain->table, is_split, e);
    if (status != STORE_OK || !*is_split) {
        choose_not_split(x->store, s->hash);
        split_free(s);
        return status;
    }
    sp->part_pages = split_part_pages(sp->npage, sp->nreader);
    status = start_lead(s, e);
    for (uint32_t i = 1; status == STORE_OK && i < sp->nreader; i++)
        split_begin_reader(s, &sp->reader[i]);
    return status;
}
