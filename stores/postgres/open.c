/* open.c -- options of the store, how libpq connects, what extensions the database has. */
#include "stores/postgres/internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/num.h"

enum { OPTIONS_BYTES = 1 << 20, KEYWORDS_MAX = 96, SECRET_BYTES = 1024 };

struct options {
    const char *url, *schemas, *password, *connections, *statement_timeout, *reconnect,
        *parallel_scans;
};

/* --- options ---------------------------------------------------------------------- */

static const struct option_name {
    const char *name;
    size_t at;
} OPTION_NAMES[] = {
    {"url", offsetof(struct options, url)},
    {"schemas", offsetof(struct options, schemas)},
    {"password", offsetof(struct options, password)},
    {"connections", offsetof(struct options, connections)},
    {"statement_timeout", offsetof(struct options, statement_timeout)},
    {"reconnect", offsetof(struct options, reconnect)},
    {"parallel_scans", offsetof(struct options, parallel_scans)},
};

static enum store_status read_option(struct options *o, const struct store_option *option,
                                     struct store_error *e)
{
    for (size_t i = 0; i < sizeof OPTION_NAMES / sizeof *OPTION_NAMES; i++)
        if (strcmp(option->name, OPTION_NAMES[i].name) == 0) {
            memcpy((char *)o + OPTION_NAMES[i].at, &option->value, sizeof option->value);
            return STORE_OK;
        }
    return fail(e, STORE_INVALID,
                "unknown option \"%s\" of a postgres store; there are url, schemas, "
                "password, connections, statement_timeout, reconnect and parallel_scans",
                option->name);
}

static enum store_status read_number(const char *name, const char *text, int64_t least,
                                     int64_t most, int64_t *value, struct store_error *e)
{
    if (!text || (num_parse_int(str_of(text), value) && *value >= least && *value <= most))
        return STORE_OK;
    return fail(e, STORE_INVALID, "%s must be a whole number from %lld to %lld, not \"%s\"",
                name, (long long)least, (long long)most, text);
}

/* names ::= name { "," name } */
static bool read_schemas(struct store *s, str names)
{
    const char **schema = arena_new_array(s->arena, const char *, names.len + 1);
    while (schema && names.at) {
        str name = str_trim(str_cut(&names, ','));
        if (name.len > 0 && !(schema[s->nschema++] = arena_text(s->arena, name)))
            return false;
    }
    s->schema = schema;
    return schema != NULL;
}

/* --- how libpq connects ----------------------------------------------------------- */

struct keywords {
    const char **keyword, **value;
    size_t n;
};

static void add_keyword(struct keywords *k, const char *keyword, const char *value)
{
    for (size_t i = 0; i < k->n; i++)
        if (strcmp(k->keyword[i], keyword) == 0)
            return; /* what the operator wrote counts */
    if (value && k->n + 1 < KEYWORDS_MAX) {
        k->keyword[k->n] = keyword;
        k->value[k->n++] = value;
    }
}

/* A dead network is noticed in seconds, by PQcancel too. */
static void add_defaults(struct keywords *k)
{
    static const char *const DEFAULTS[][2] = {{"fallback_application_name", "colure"},
                                              {"connect_timeout", "10"},
                                              {"keepalives_idle", "30"},
                                              {"keepalives_interval", "10"},
                                              {"keepalives_count", "3"},
                                              {"tcp_user_timeout", "20000"}};
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++)
        add_keyword(k, DEFAULTS[i][0], DEFAULTS[i][1]);
}

static enum store_status read_secret(struct store *s, const char *name, struct keywords *k,
                                     struct store_error *e)
{
    char secret[SECRET_BYTES];
    if (!name)
        return STORE_OK;
    if (!s->host->secret(s->host, name, secret, sizeof secret))
        return fail(e, STORE_INVALID,
                    "there is no secret \"%s\" (option password): put it into the folder "
                    "of secrets, or into the environment as COLURE_SECRET_...",
                    name);
    add_keyword(k, "password", arena_text(s->arena, str_of(secret)));
    explicit_bzero(secret, sizeof secret);
    return STORE_OK;
}

static enum store_status read_url(struct store *s, const struct options *o,
                                  struct store_error *e)
{
    struct keywords k = {arena_new_array(s->arena, const char *, KEYWORDS_MAX),
                         arena_new_array(s->arena, const char *, KEYWORDS_MAX), 0};
    char *why = NULL;
    PQconninfoOption *info = PQconninfoParse(o->url, &why);
    PQfreemem(why); /* it may quote the password */
    if (!k.keyword || !k.value || !info) {
        PQconninfoFree(info);
        return fail(e, STORE_INVALID,
                    "url is no address of a database: write "
                    "postgresql://user@host:port/database");
    }
    enum store_status status = STORE_OK;
    add_keyword(&k, "client_encoding", "UTF8");
    for (const PQconninfoOption *i = info; i->keyword; i++) {
        if (i->val && strcmp(i->keyword, "password") == 0)
            status = fail(e, STORE_INVALID,
                          "url holds a password: take it out, and name a secret in the "
                          "option password");
        else if (i->val)
            add_keyword(&k, arena_text(s->arena, str_of(i->keyword)),
                        arena_text(s->arena, str_of(i->val)));
    }
    PQconninfoFree(info);
    if (status == STORE_OK)
        status = read_secret(s, o->password, &k, e);
    add_defaults(&k);
    s->keyword = k.keyword;
    s->value = k.value;
    return status;
}

/* --- extensions ------------------------------------------------------------------- */

static const char EXTENSIONS[] =
    "SELECT a.name, n.nspname, a.default_version FROM pg_catalog.pg_available_extensions a "
    "LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name "
    "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
    "WHERE a.name IN ('q3c', 'pg_sphere') OR e.oid IS NOT NULL UNION ALL "
    "SELECT e.extname, n.nspname, e.extversion FROM pg_catalog.pg_extension e "
    "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'citus'";

/* The version that Debian 12 ships cannot be created on the PostgreSQL that it ships. */
static void hint_at_sphere(const struct store *s, const char *version)
{
    static atomic_flag has_told = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&has_told))
        return;
    tell_operator(
        s->host, NULL, LEVEL_INFO,
        strcmp(version, "1.2.0") == 0
            ? "pg_sphere 1.2.0 is installed on the server, but not created in this "
              "database. If CREATE EXTENSION pg_sphere fails with \"commutator operator @> "
              "is already the commutator of operator <@\" (PostgreSQL 15.20 and its like): "
              "take the COMMUTATOR clauses out of the two obsolete operators @ in "
              "pg_sphere--1.2.0.sql, or index positions by q3c or by a HEALPix column"
            : "pg_sphere is installed on the server, but not created in this database: "
              "CREATE EXTENSION pg_sphere would let indexes on spoint be used");
}

static enum store_status read_extensions(struct store *s, struct store_session *x,
                                         struct store_error *e)
{
    PGresult *r;
    struct bytes path;
    enum store_status status = session_query(x, EXTENSIONS, &r, e);
    bytes_init(&path, 1 << 16);
    for (int i = 0; status == STORE_OK && i < PQntuples(r); i++) {
        bool is_q3c = strcmp(PQgetvalue(r, i, 0), "q3c") == 0;
        bool is_sphere = strcmp(PQgetvalue(r, i, 0), "pg_sphere") == 0;
        if (PQgetisnull(r, i, 1)) {
            if (is_sphere)
                hint_at_sphere(s, PQgetvalue(r, i, 2));
            continue;
        }
        s->has_citus |= strcmp(PQgetvalue(r, i, 0), "citus") == 0;
        s->has_q3c |= is_q3c;
        s->has_sphere |= is_sphere;
        if (strcmp(PQgetvalue(r, i, 1), "pg_catalog") == 0)
            continue;
        bytes_add_literal(&path, ", ");
        put_name(&path, str_of(PQgetvalue(r, i, 1)));
    }
    if (status == STORE_OK) {
        s->extensions = arena_text(s->arena, bytes_str(&path));
        PQclear(r);
    }
    bytes_free(&path);
    return status == STORE_OK && !s->extensions
               ? fail(e, STORE_LIMIT, "too many extensions")
               : status;
}

/* --- open and close --------------------------------------------------------------- */

static struct store *store_new(const struct store_host *host)
{
    struct arena *arena = arena_new(OPTIONS_BYTES);
    struct store *s = arena ? arena_new_one(arena, struct store) : NULL;
    if (!s) {
        arena_free(arena);
        return NULL;
    }
    s->host = host;
    s->arena = arena;
    s->extensions = "";
    pthread_mutex_init(&s->lock, NULL);
    clock_condition_init(&s->changed);
    return s;
}

static enum store_status set_up(struct store *s, const struct options *o,
                                struct store_error *e)
{
    int64_t most = 24, timeout_s = 0, reconnect_s = 10, readers = 2;
    enum store_status status =
        read_number("connections", o->connections, 1, 1000, &most, e);
    if (status == STORE_OK)
        status = read_number("statement_timeout", o->statement_timeout, 0, 1000000,
                             &timeout_s, e);
    if (status == STORE_OK)
        status = read_number("reconnect", o->reconnect, 0, 3600, &reconnect_s, e);
    if (status == STORE_OK)
        status = read_number("parallel_scans", o->parallel_scans, 1, 16, &readers, e);
    if (status != STORE_OK)
        return status;
    s->readers = (uint32_t)readers;
    s->most = (uint32_t)most;
    s->statement_ms = timeout_s * 1000;
    s->reconnect_ms = reconnect_s * 1000;
    if (o->schemas && !read_schemas(s, str_of(o->schemas)))
        return fail(e, STORE_LIMIT, "no memory for the names of schemas");
    return read_url(s, o, e);
}

/* A first connection: it says what is wrong with the address, and what extensions there
 * are. Later ones find their functions, so this one is not kept. */
static enum store_status look_round(struct store *s, struct store_error *e)
{
    struct store_session *x;
    enum store_status status = session_connect(s, NULL, &x, e);
    if (status != STORE_OK)
        return status;
    status = read_extensions(s, x, e);
    session_free(x);
    return status;
}

enum store_status store_open(const struct store_host *host,
                             const struct store_option *option, size_t noption,
                             struct store **out, struct store_error *e)
{
    struct options o = {0};
    *out = NULL;
    for (size_t i = 0; i < noption; i++) {
        enum store_status status = read_option(&o, &option[i], e);
        if (status != STORE_OK)
            return status;
    }
    if (!o.url)
        return fail(e, STORE_INVALID,
                    "a postgres store needs the option url: "
                    "postgresql://user@host:port/database");
    struct store *s = store_new(host);
    if (!s)
        return fail(e, STORE_LIMIT, "no memory for a store");
    enum store_status status = set_up(s, &o, e);
    if (status == STORE_OK)
        status = look_round(s, e);
    if (status == STORE_OK)
        *out = s;
    else
        store_close(s);
    return status;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    while (s->idle) {
        struct store_session *session = s->idle;
        s->idle = session->next;
        session_free(session);
    }
    listing_drop(s->listing);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    arena_free(s->arena);
}
