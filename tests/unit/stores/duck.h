/* duck.h -- a duckdb store for tests: opened once a test, asked in SQL, answered as text.
 */
#ifndef TESTS_UNIT_STORES_DUCK_H
#define TESTS_UNIT_STORES_DUCK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/num.h"
#include "stores/stores.h"
#include "tests/test.h"
#include "tests/unit/stores/tsan.h"

struct duck_store {
    struct stores *stores;
    const struct store_plugin *plugin;
    struct store *store;
    struct store_session *session;
    struct store_error error;
};

static const struct store_call DUCK_CALL = {
    .size = sizeof DUCK_CALL, .deadline_ns = INT64_MAX, .request_id = "test"};

/* The folder of adapters: as tests/run says, else where make puts them. */
static inline const char *duck_plugins(void)
{
    const char *dir = getenv("COLURE_STORES");
    return dir ? dir : "build/stores";
}

static inline bool duck_has_library(void)
{
    const char *path = getenv("DUCKDB_LIB");
    return access(path && path[0] ? path : "build/lib/libduckdb.so", R_OK) == 0;
}

static inline void duck_close(struct duck_store *d)
{
    if (d->session)
        d->plugin->end(d->session);
    stores_free(d->stores);
    *d = (struct duck_store){0};
}

/* Fails the test when the store cannot be opened. */
static inline void duck_open(struct duck_store *d, const struct store_option *option,
                             size_t n)
{
    struct err e = {0};
    struct store_option options[16] = {{"library", "build/lib/libduckdb.so"},
                                       {"threads", DUCK_THREADS}};
    *d = (struct duck_store){.error = {.size = sizeof d->error}};
    if (!duck_has_library())
        TEST_SKIP("no libduckdb.so: run tools/setup/duckdb");
    for (size_t i = 0; i < n; i++)
        options[i + 2] = option[i];
    d->stores = stores_new(duck_plugins(), NULL, &e);
    if (!d->stores ||
        !stores_open(d->stores, "duckdb", options, n + 2, &d->plugin, &d->store, &e))
        TEST_FAIL("%.700s", e.message);
    if (d->plugin->begin(d->store, &DUCK_CALL, &d->session, &d->error) != STORE_OK)
        TEST_FAIL("%.700s", d->error.message);
}

static inline enum store_status duck_do(struct duck_store *d, const char *sql)
{
    d->error.message[0] = '\0';
    return d->plugin->execute(d->session, &DUCK_CALL, sql, &d->error);
}

#define DUCK_DO(d, sql)                                                                    \
    do {                                                                                   \
        if (duck_do((d), (sql)) != STORE_OK)                                               \
            TEST_FAIL("%.300s: %.500s", (sql), (d)->error.message);                        \
    } while (0)

/* The first value of `sql` as VARCHAR; "NULL", or "STATUS: message" of a failure. It lives
 * until the next call. */
static inline const char *duck_text(struct duck_store *d, const char *sql)
{
    static char text[700];
    static const char *const STATUS[] = {"ok",        "no rows",     "refused",
                                         "not found", "invalid",     "limit",
                                         "cancelled", "unavailable", "failed"};
    char whole[8192];
    struct store_column column = {
        .size = sizeof column, .type = STORE_TEXT, .length = -1, .name = "x"};
    const struct store_column *columns[] = {&column};
    struct store_scan *scan = NULL;
    struct store_batch batch;
    snprintf(whole, sizeof whole, "SELECT CAST(x AS VARCHAR) FROM (%s) AS t(x)", sql);
    d->error.message[0] = '\0';
    enum store_status status = d->plugin->run(d->session, &DUCK_CALL, whole, NULL, 0,
                                              columns, 1, &scan, &d->error);
    if (status == STORE_OK)
        status = d->plugin->next(scan, &batch, &d->error);
    const struct store_vector *v = status == STORE_OK ? &batch.column[0] : NULL;
    if (!v)
        snprintf(text, sizeof text, "%s: %.500s", STATUS[status], d->error.message);
    else if (!store_is_valid(v, 0))
        snprintf(text, sizeof text, "NULL");
    else
        snprintf(text, sizeof text, "%.*s", (int)(v->offset[1] - v->offset[0]),
                 (const char *)v->data + v->offset[0]);
    if (scan)
        d->plugin->finish(scan);
    return text;
}

/* The spelling of an op with its arguments put in; NULL: the dialect lacks it. */
static inline const char *duck_spell(struct duck_store *d, const char *op,
                                     const char *const *argument, size_t n)
{
    static char out[8192];
    const struct store_dialect *dialect = d->plugin->dialect;
    const char *t = NULL;
    for (size_t i = 0; i < dialect->nspelling; i++)
        if (strcmp(dialect->spelling[i].op, op) == 0)
            t = dialect->spelling[i].sql;
    if (!t)
        return NULL;
    size_t len = 0;
    for (; *t && len < sizeof out - 1; t++) {
        if (*t != '$') {
            out[len++] = *t;
            continue;
        }
        t++;
        for (size_t k = 0; k < n; k++)
            if (*t == '*' || (size_t)(*t - '1') == k)
                len += (size_t)snprintf(out + len, sizeof out - len, "%s%s",
                                        *t == '*' && k ? ", " : "", argument[k]);
    }
    out[len < sizeof out ? len : sizeof out - 1] = '\0';
    return out;
}

#endif
