/* errors.c -- the server's errors as outcomes of ours, in words for people. The client
 * never sees SQL, host names or secrets; the operator's log gets the server's own words. */
#include "stores/postgres/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOG_BYTES = 2000 };

enum store_status fail(struct store_error *e, enum store_status status, const char *format,
                       ...)
{
    if (e) {
        va_list list;
        va_start(list, format);
        vsnprintf(e->message, sizeof e->message, format, list);
        va_end(list);
    }
    return status;
}

/* By SQLSTATE, or its beginning; the first line that fits counts. Without words the
 * server's own first line is fit for people: it is about their values. */
static const struct error_class {
    const char *state;
    enum store_status status;
    const char *words;
} CLASSES[] = {
    {"22003", STORE_INVALID,
     "a number is out of range for its type; cast to a larger type (BIGINT, DOUBLE "
     "PRECISION) or narrow the rows"},
    {"22007", STORE_INVALID, NULL},
    {"22008", STORE_INVALID, NULL},
    {"22021", STORE_FAILED,
     "a text of the database is not valid UTF-8 and cannot be sent; leave its column out, "
     "and tell the operator"},
    {"22P05", STORE_FAILED,
     "a text of the database has no form in UTF-8; leave its column out, and tell the "
     "operator"},
    {"22P02", STORE_INVALID, NULL},
    {"22", STORE_INVALID, NULL},
    {"23", STORE_FAILED, "the database refuses these values"},
    {"25006", STORE_FAILED, "the store is read-only"},
    {"28", STORE_UNAVAILABLE,
     "the node cannot log in to its database; the operator must look at its password"},
    {"3D000", STORE_UNAVAILABLE, "the node's database is not there; tell the operator"},
    {"40", STORE_UNAVAILABLE,
     "the database stopped the query in favour of another change; try again"},
    {"42501", STORE_FAILED,
     "the node may not read this table in its database; the operator must grant SELECT on "
     "it"},
    {"42P01", STORE_FAILED,
     "a table of this query is no longer in the database; the operator must describe the "
     "store anew"},
    {"42703", STORE_FAILED,
     "a column of this query is no longer in its table; the operator must describe the "
     "store anew"},
    {"42804", STORE_FAILED,
     "a column of this query has another type than described; the operator must describe "
     "the store anew"},
    {"42846", STORE_FAILED,
     "a column of this query has another type than described; the operator must describe "
     "the store anew"},
    {"42883", STORE_FAILED,
     "the database has no such operation for the types of these columns; if a column "
     "changed its type, the operator must describe the store anew"},
    {"0A000", STORE_REFUSED, "the database cannot run such a statement"},
    {"42", STORE_FAILED, "the database did not understand the node's statement"},
    {"53100", STORE_LIMIT,
     "the database has no disk left for this query; ask for fewer rows, or sort and group "
     "less at once"},
    {"53200", STORE_LIMIT, "the database has no memory left for this query"},
    {"53300", STORE_UNAVAILABLE, "the database has too many connections now; try again"},
    {"53", STORE_LIMIT, "the query needs more than the database may use"},
    {"54", STORE_LIMIT, "the statement is too complex for the database"},
    {"55P03", STORE_UNAVAILABLE, "the table is locked by a change now; try again"},
    {"57014", STORE_CANCELLED, "the query was stopped"},
    {"57P", STORE_UNAVAILABLE, "the database is being stopped or started; try again soon"},
    {"58", STORE_FAILED, "the database could not read or write its files"},
    {"08", STORE_UNAVAILABLE, "the connection to the database was lost; try again"},
    {"XX", STORE_FAILED, "the database met an error of its own"},
};

static const struct error_class *class_of(const char *state)
{
    static const struct error_class UNKNOWN = {"", STORE_FAILED,
                                               "the database refused the query"};
    for (size_t i = 0; state && i < sizeof CLASSES / sizeof *CLASSES; i++)
        if (strncmp(state, CLASSES[i].state, strlen(CLASSES[i].state)) == 0)
            return &CLASSES[i];
    return &UNKNOWN;
}

void tell_operator(const struct store_host *host, const struct store_call *call, int level,
                   const char *text)
{
    char line[LOG_BYTES];
    const char *id = call && call->request_id ? call->request_id : "-";
    if (!host->log)
        return;
    snprintf(line, sizeof line, "postgres: request %s: %s", id, text);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    host->log(host, level, line);
}

/* Everything the server says but the statement. */
static void log_result(const struct store_session *x, const PGresult *r)
{
    static const int FIELDS[] = {PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY,
                                 PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT,
                                 PG_DIAG_CONTEXT};
    char text[LOG_BYTES];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS && len < sizeof text; i++) {
        const char *field = PQresultErrorField(r, FIELDS[i]);
        if (field)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? "; " : "",
                                    field);
    }
    tell_operator(x->store->host, x->call, LEVEL_WARN, text);
}

/* Words of our own that a template puts into the server's mouth: "colure: words|". */
static bool own_words(const char *message, str *words)
{
    static const char MARK[] = "colure: ";
    const char *at = message ? strstr(message, MARK) : NULL;
    if (!at)
        return false;
    words->at = at + sizeof MARK - 1;
    words->len = strcspn(words->at, "|\"\n");
    return true;
}

static enum store_status fail_lost(struct store_session *x, struct store_error *e)
{
    x->is_broken = true;
    tell_operator(x->store->host, x->call, LEVEL_WARN, PQerrorMessage(x->pg));
    return fail(e, STORE_UNAVAILABLE, "the connection to the database was lost; try again");
}

int32_t error_code(const char *state)
{
    int32_t code = 0;
    for (size_t i = 0; state && i < 5 && state[i]; i++)
        code = code * 36 + (state[i] <= '9' ? state[i] - '0' : state[i] - 'A' + 10);
    return code;
}

enum store_status fail_slow(struct store_error *e)
{
    return fail(e, STORE_LIMIT,
                "the query took longer than the database allows and was stopped; narrow it "
                "(TOP, a smaller region, fewer tables)");
}

enum store_status fail_result(struct store_session *x, const PGresult *r,
                              struct store_error *e)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *message = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    str words;
    if (!state)
        return fail_lost(x, e);
    const struct error_class *class = class_of(state);
    if (e)
        e->native_code = error_code(state);
    if (PQstatus(x->pg) == CONNECTION_BAD || strncmp(state, "57P", 3) == 0)
        x->is_broken = true;
    if (class->status == STORE_INVALID && own_words(message, &words))
        return fail(e, STORE_INVALID, "%.*s", STR_FMT(words));
    if (strcmp(state, "57014") == 0) {
        enum store_status stopped = guard_check(x, e);
        return stopped != STORE_OK ? stopped : fail_slow(e);
    }
    if (class->status != STORE_INVALID)
        log_result(x, r);
    return fail(e, class->status, "%s",
                class->words ? class->words
                : message    ? message
                             : "a value is invalid");
}

enum store_status fail_connect(const struct store_host *host, PGconn *pg,
                               struct store_error *e)
{
    const char *message = pg ? PQerrorMessage(pg) : "no memory for a connection";
    tell_operator(host, NULL, LEVEL_WARN, message);
    if (strstr(message, "password") || strstr(message, "authentication"))
        return fail(e, STORE_UNAVAILABLE, "%s", class_of("28000")->words);
    if (strstr(message, "too many") || strstr(message, "remaining connection slots"))
        return fail(e, STORE_UNAVAILABLE, "%s", class_of("53300")->words);
    if (strstr(message, "starting up") || strstr(message, "shutting down"))
        return fail(e, STORE_UNAVAILABLE, "%s", class_of("57P03")->words);
    if (strstr(message, "does not exist"))
        return fail(e, STORE_UNAVAILABLE,
                    "the node's database, or its user there, does not exist; tell the "
                    "operator");
    return fail(e, STORE_UNAVAILABLE,
                "the database cannot be reached now; try again, and tell the operator if "
                "it lasts");
}
