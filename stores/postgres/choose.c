/* choose.c -- whether a statement's rows come by COPY (many) or from a prepared statement
 * (few): by its LIMIT, by what statements of this shape gave before, else by what the
 * server's planner expects. */
#include "stores/postgres/internal.h"

#include <string.h>

#include "core/base/num.h"

enum {
    FEW_ROWS = 2000,  /* under it COPY gains nothing over a kept plan */
    MANY_ROWS = 20000 /* an answer of so many shows that the planner was wrong */
};
enum { SQL_BYTES = 128 << 20 };

/* Texts that differ in numbers and quoted values only have one shape. */
uint64_t choose_hash(const char *sql)
{
    uint64_t h = 5381; /* times 33 needs no multiplication: texts have thousands of bytes */
    for (bool is_text = false; *sql; sql++) {
        if (*sql == '\'')
            is_text = !is_text;
        else if (!is_text && (*sql < '0' || *sql > '9'))
            h = h * 33 + (unsigned char)*sql;
    }
    return h ? h : 1;
}

/* number ::= digits | CAST($N AS bigint); leaves *at behind it. -1: neither. */
static int64_t number_at(const char **at, const struct store_parameter *p, size_t n)
{
    static const char BEFORE[] = "CAST($", AFTER[] = " AS bigint)";
    int64_t number = -1;
    bool is_parameter = strncmp(*at, BEFORE, sizeof BEFORE - 1) == 0;
    *at += is_parameter ? sizeof BEFORE - 1 : 0;
    size_t digits = strspn(*at, "0123456789");
    if (!num_parse_int((str){*at, digits}, &number))
        return -1;
    *at += digits;
    if (!is_parameter)
        return number;
    if (strncmp(*at, AFTER, sizeof AFTER - 1) != 0 || number < 1 || (size_t)number > n ||
        p[number - 1].type != STORE_I64 || !p[number - 1].value)
        return -1;
    *at += sizeof AFTER - 1;
    memcpy(&number, p[number - 1].value, sizeof number);
    return number;
}

/* ... LIMIT number [OFFSET digits] at the end; -1: none. */
static int64_t limit_of(const char *sql, const struct store_parameter *p, size_t n)
{
    static const char WORD[] = " LIMIT ";
    const char *at = NULL;
    for (const char *next = sql; (next = strstr(next, WORD)); next++)
        at = next + sizeof WORD - 1;
    int64_t limit = at ? number_at(&at, p, n) : -1;
    if (limit >= 0 && strncmp(at, " OFFSET ", 8) == 0)
        at += 8 + strspn(at + 8, "0123456789");
    return limit >= 0 && *at == '\0' ? limit : -1;
}

static struct choice known(struct store *s, uint64_t hash)
{
    pthread_mutex_lock(&s->lock);
    struct choice c = s->choice[hash % CHOICES_MAX];
    pthread_mutex_unlock(&s->lock);
    return c.hash == hash ? c : (struct choice){0};
}

static void remember(struct store *s, uint64_t hash, bool is_large, bool is_scan)
{
    pthread_mutex_lock(&s->lock);
    s->choice[hash % CHOICES_MAX] = (struct choice){hash, is_large, is_scan};
    pthread_mutex_unlock(&s->lock);
}

void choose_not_split(struct store *s, uint64_t hash)
{
    remember(s, hash, true, false);
}

void choose_learn(struct store *s, uint64_t hash, uint64_t nrow, bool was_large)
{
    if (was_large ? nrow < FEW_ROWS / 2 : nrow > MANY_ROWS)
        remember(s, hash, !was_large, false);
}

/* line ::= ... "(cost=0.00..1.00 rows=N width=8)" ... */
static double rows_in(const char *line)
{
    static const char WORD[] = " rows=";
    const char *at = strstr(line, WORD);
    double nrow = 0;
    at += at ? sizeof WORD - 1 : 0;
    return at && num_parse_double((str){at, strspn(at, "0123456789")}, &nrow) ? nrow : 0;
}

static bool expects_many(const PGresult *plan)
{
    return PQntuples(plan) > 0 && rows_in(PQgetvalue(plan, 0, 0)) > FEW_ROWS;
}

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

double choose_scan_rows(const PGresult *plan)
{
    static const char ARROW[] = "->  ";
    double nrow = 0;
    for (int i = 0; i < PQntuples(plan); i++) {
        const char *line = PQgetvalue(plan, i, 0), *at = line + strspn(line, " ");
        if (begins(at, "SubPlan") || begins(at, "InitPlan") || begins(at, "CTE "))
            return 0;
        if (i > 0 && !begins(at, ARROW))
            continue; /* what a node says of itself */
        at += i > 0 ? sizeof ARROW - 1 : 0;
        bool is_limit = begins(at, "Limit "), is_scan = begins(at, "Seq Scan on ");
        if (!is_limit && !is_scan && !begins(at, "Append "))
            return 0;
        if (!is_limit && nrow <= 0)
            nrow = rows_in(at); /* of the Append, or of the one scan */
    }
    return nrow;
}

static enum store_status ask_planner(struct store_session *x, const char *sql,
                                     const struct store_parameter *p, size_t nparameter,
                                     struct way *way, struct store_error *e)
{
    struct bytes text;
    bytes_init(&text, SQL_BYTES);
    bytes_add_literal(&text, "EXPLAIN ");
    PGresult *plan = NULL;
    enum store_status status =
        put_inlined(&text, sql, p, nparameter) && bytes_text(&text)
            ? session_query(x, text.at, &plan, e)
            : fail(e, STORE_LIMIT, "the statement is too long, or misses a parameter");
    if (status == STORE_OK) {
        way->is_large = expects_many(plan);
        way->nscan = choose_scan_rows(plan);
    }
    PQclear(plan);
    bytes_free(&text);
    return status;
}

enum store_status choose_way(struct store_session *x, const char *sql, uint64_t hash,
                             const struct store_parameter *p, size_t nparameter,
                             struct way *way, struct store_error *e)
{
    const struct store_plain *plain = call_plain(x->call);
    int64_t limit = limit_of(sql, p, nparameter);
    *way = (struct way){0};
    if (limit >= 0 && limit <= FEW_ROWS)
        return STORE_OK;
    struct choice c = known(x->store, hash);
    way->is_large = c.is_large;
    if (c.hash && !(c.is_scan && plain))
        return STORE_OK;
    enum store_status status = ask_planner(x, sql, p, nparameter, way, e);
    if (status == STORE_OK)
        remember(x->store, hash, way->is_large,
                 plain && split_is_worth(x, plain->limit, way->nscan));
    return status;
}
