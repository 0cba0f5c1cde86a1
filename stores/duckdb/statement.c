/* statement.c -- prepared statements: made, kept, given their parameters. */
#include "stores/duckdb/internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/rows.h"

static void forget(struct statement *s)
{
    duck.destroy_prepare(&s->prepared);
    free(s->sql);
    *s = (struct statement){0};
}

void statements_free(struct store_session *x)
{
    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        if (x->statement[i].sql)
            forget(&x->statement[i]);
}

/* The slot of this text, else a free one or the one that was not used for longest. */
static struct statement *slot_of(struct store_session *x, str sql, uint64_t hash)
{
    struct statement *oldest = &x->statement[0];
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        struct statement *s = &x->statement[i];
        if (s->sql && s->hash == hash && str_eq(str_of(s->sql), sql))
            return s;
        if (s->used < oldest->used)
            oldest = s;
    }
    if (oldest->sql)
        forget(oldest);
    return oldest;
}

static enum store_status prepare(struct store_session *x, const char *sql,
                                 duck_prepared *out, struct store_error *e)
{
    if (duck.prepare(x->connection, sql, out) != DUCK_OK) {
        enum store_status status = guard_fail(x, duck.prepare_error(*out), e);
        duck.destroy_prepare(out);
        return status;
    }
    if (duck.prepared_statement_type(*out) == DUCK_STATEMENT_SELECT)
        return STORE_OK;
    duck.destroy_prepare(out);
    return fail(e, STORE_INVALID, "only a query that reads can be run");
}

/* Two texts that share a place push each other out: then they are not kept, no more. */
static bool has_run_before(struct store *s, uint64_t hash)
{
    return atomic_exchange(&s->seen[hash % SEEN_MAX], hash) == hash;
}

/* Temporary tables end with their session, and so would what is kept of it. */
static bool is_worth_keeping(struct store_session *x, str sql, uint64_t hash,
                             size_t nparameter)
{
    if (x->is_dirty || sql.len > STATEMENT_BYTES)
        return false;
    return has_run_before(x->store, hash) || nparameter > 0;
}

enum store_status statement_prepare(struct store_session *x, const char *sql,
                                    size_t nparameter, duck_prepared *out, bool *is_kept,
                                    struct store_error *e)
{
    uint64_t hash = str_hash(str_of(sql));
    *is_kept = is_worth_keeping(x, str_of(sql), hash, nparameter);
    if (!*is_kept)
        return prepare(x, sql, out, e);
    struct statement *s = slot_of(x, str_of(sql), hash);
    s->used = ++x->tick;
    uint64_t generation = atomic_load(&x->store->generation);
    if (s->sql && s->generation != generation)
        forget(s);
    if (s->sql) {
        *out = s->prepared;
        return duck.clear_bindings(*out) == DUCK_OK ? STORE_OK : STORE_FAILED;
    }
    enum store_status status = prepare(x, sql, out, e);
    if (status != STORE_OK)
        return status;
    size_t n = strlen(sql) + 1;
    s->sql = malloc(n);
    *is_kept = s->sql != NULL;
    if (*is_kept) {
        memcpy(s->sql, sql, n);
        s->hash = hash;
        s->used = x->tick;
        s->generation = generation;
        s->prepared = *out;
    }
    return STORE_OK;
}

/* --- parameters --------------------------------------------------------------------------
 */

/* Values may lie at any address: they are copied out. */
#define AT(type, p, i) copy_##type((const char *)(p)->value + (i) * sizeof(type))
#define COPY(type)                                                                         \
    static type copy_##type(const char *at)                                                \
    {                                                                                      \
        type value;                                                                        \
        memcpy(&value, at, sizeof value);                                                  \
        return value;                                                                      \
    }
COPY(uint8_t)
COPY(int16_t)
COPY(int32_t)
COPY(int64_t)
COPY(float)
COPY(double)

static duck_state bind_scalar(duck_prepared s, duck_idx at, const struct store_parameter *p)
{
    switch (p->type) {
    case STORE_BOOL:
        return duck.bind_boolean(s, at, AT(uint8_t, p, 0) != 0);
    case STORE_U8:
        return duck.bind_uint8(s, at, AT(uint8_t, p, 0));
    case STORE_I16:
        return duck.bind_int16(s, at, AT(int16_t, p, 0));
    case STORE_I32:
        return duck.bind_int32(s, at, AT(int32_t, p, 0));
    case STORE_I64:
        return duck.bind_int64(s, at, AT(int64_t, p, 0));
    case STORE_F32:
        return duck.bind_float(s, at, AT(float, p, 0));
    case STORE_F64:
        return duck.bind_double(s, at, AT(double, p, 0));
    case STORE_TIME_US:
        return duck.bind_timestamp(s, at, (duck_timestamp){AT(int64_t, p, 0)});
    case STORE_TEXT:
        return duck.bind_varchar_length(s, at, p->value, p->count);
    }
    return DUCK_ERROR;
}

static duck_value element_value(const struct store_parameter *p, uint32_t i)
{
    switch (p->type) {
    case STORE_BOOL:
        return duck.create_bool(AT(uint8_t, p, i) != 0);
    case STORE_U8:
        return duck.create_uint8(AT(uint8_t, p, i));
    case STORE_I16:
        return duck.create_int16(AT(int16_t, p, i));
    case STORE_I32:
        return duck.create_int32(AT(int32_t, p, i));
    case STORE_I64:
        return duck.create_int64(AT(int64_t, p, i));
    case STORE_F32:
        return duck.create_float(AT(float, p, i));
    case STORE_F64:
        return duck.create_double(AT(double, p, i));
    case STORE_TIME_US:
        return duck.create_timestamp((duck_timestamp){AT(int64_t, p, i)});
    case STORE_TEXT:
        break;
    }
    return NULL;
}

static duck_state bind_list(duck_prepared s, duck_idx at, const struct store_parameter *p)
{
    size_t n = p->count;
    duck_value *element = calloc(n ? n : 1, sizeof *element);
    duck_logical type = duck.create_logical_type(duck_type_of(p->type));
    duck_state state = DUCK_ERROR;
    for (uint32_t i = 0; element && i < n; i++)
        element[i] = element_value(p, i);
    if (element) {
        duck_value list = duck.create_list_value(type, element, n);
        state = duck.bind_value(s, at, list);
        duck.destroy_value(&list);
    }
    for (uint32_t i = 0; element && i < n; i++)
        duck.destroy_value(&element[i]);
    duck.destroy_logical_type(&type);
    free(element);
    return state;
}

enum store_status statement_bind(struct store_session *x, duck_prepared s,
                                 const struct store_parameter *p, size_t n,
                                 struct store_error *e)
{
    if (duck.nparams(s) != n)
        return fail(e, STORE_FAILED, "the statement has %llu parameters, not %zu",
                    (unsigned long long)duck.nparams(s), n);
    for (size_t i = 0; i < n; i++) {
        duck_state state;
        if (!p[i].value)
            state = duck.bind_null(s, i + 1);
        else if (p[i].type == STORE_TEXT || p[i].count == 1)
            state = bind_scalar(s, i + 1, &p[i]);
        else
            state = bind_list(s, i + 1, &p[i]);
        if (state != DUCK_OK)
            return guard_fail(x, duck.prepare_error(s), e);
    }
    return STORE_OK;
}
