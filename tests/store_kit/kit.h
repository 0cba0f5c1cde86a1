/* kit.h -- the store kit: asks any adapter through stores/store.h and keeps the answers, so
 * that the checks can judge them by themselves. */
#ifndef TESTS_STORE_KIT_KIT_H
#define TESTS_STORE_KIT_KIT_H

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/rows.h"
#include "core/base/str.h"
#include "stores/stores.h"
#include "tests/test.h"
#include "tests/unit/stores/tsan.h"

#define KIT_ARENA_BYTES ((size_t)1 << 30)
enum { KIT_ROWS_MAX = 1000000, KIT_FILTERS_MAX = 8, KIT_OPTIONS_MAX = 16 };

/* The store under test: set by main(), opened by each check. */
static const char *kit_adapter;
static struct store_option kit_option[KIT_OPTIONS_MAX];
static size_t kit_noption;

struct kit { /* one opened store */
    struct stores *stores;
    const struct store_plugin *plugin;
    struct store *store;
    struct store_error error;
};

struct kit_cell { /* lives in an arena */
    bool is_null;
    uint32_t count; /* elements; TEXT: bytes */
    const void *value;
};

struct kit_rows {
    struct arena *arena;
    const struct store_column *const *column;
    uint32_t ncolumn;
    uint64_t nrow, capacity;
    struct kit_cell *cell; /* row by row */
};

struct kit_answer { /* what a request gave */
    enum store_status status;
    struct store_offer offer;
    enum store_claim claim[KIT_FILTERS_MAX];
    struct kit_rows rows;
    uint64_t nbatch;
};

static const struct store_call KIT_CALL = {
    .size = sizeof KIT_CALL, .deadline_ns = INT64_MAX, .request_id = "store-kit"};

/* --- opening ---------------------------------------------------------------------- */

static inline void kit_close(struct kit *k)
{
    stores_free(k->stores);
    *k = (struct kit){0};
}

static inline void kit_open(struct kit *k)
{
    struct err e = {0};
    const char *dir = getenv("COLURE_STORES");
    *k = (struct kit){.error = {.size = sizeof k->error}};
    k->stores = stores_new(dir ? dir : "build/stores", NULL, &e);
    if (!k->stores || !stores_open(k->stores, kit_adapter, kit_option, kit_noption,
                                   &k->plugin, &k->store, &e))
        TEST_FAIL("%.700s", e.message);
}

/* The names, listed anew. */
static inline const char *const *kit_list(struct kit *k, size_t *n)
{
    const char *const *name = NULL;
    if (k->plugin->list(k->store, &name, n, &k->error) != STORE_OK)
        TEST_FAIL("list: %.600s", k->error.message);
    return name;
}

static inline const struct store_table *kit_describe(struct kit *k, const char *table)
{
    const struct store_table *t = NULL;
    if (k->plugin->describe(k->store, table, &t, &k->error) != STORE_OK)
        TEST_FAIL("%s: %.600s", table, k->error.message);
    return t;
}

/* --- keeping rows ----------------------------------------------------------------- */

static inline void kit_rows_begin(struct kit_rows *rows,
                                  const struct store_column *const *column,
                                  uint32_t ncolumn)
{
    *rows = (struct kit_rows){
        .arena = arena_new(KIT_ARENA_BYTES), .column = column, .ncolumn = ncolumn};
    CHECK(rows->arena != NULL);
}

static inline void kit_rows_free(struct kit_rows *rows)
{
    arena_free(rows->arena);
    free(rows->cell);
    *rows = (struct kit_rows){0};
}

static inline void kit_keep_cell(struct arena *arena, const struct store_column *c,
                                 const struct store_vector *v, uint32_t i,
                                 struct kit_cell *out)
{
    size_t size = store_type_bytes(c->type);
    size_t first = (size_t)i * (size_t)(c->length > 0 ? c->length : 0);
    *out = (struct kit_cell){.is_null = !store_is_valid(v, i)};
    out->count = c->length > 0 ? (uint32_t)c->length : 0;
    if (c->type == STORE_TEXT || c->length < 0) {
        CHECK(v->offset != NULL && v->offset[i] <= v->offset[i + 1]);
        first = v->offset[i];
        out->count = v->offset[i + 1] - v->offset[i];
        CHECK(!out->is_null || out->count == 0); /* a null row is empty */
    }
    if (out->is_null)
        return;
    char *copy = arena_alloc(arena, out->count * size + 1, 1);
    CHECK(copy != NULL);
    if (out->count > 0)
        memcpy(copy, (const char *)v->data + first * size, out->count * size);
    out->value = copy;
}

static inline void kit_keep_batch(struct kit_rows *rows, const struct store_batch *b)
{
    CHECK(b->nrow > 0);
    CHECK(rows->nrow + b->nrow <= KIT_ROWS_MAX);
    if (rows->nrow + b->nrow > rows->capacity) {
        rows->capacity = (rows->nrow + b->nrow) * 2;
        rows->cell =
            realloc(rows->cell, rows->capacity * rows->ncolumn * sizeof *rows->cell);
        CHECK(rows->cell != NULL);
    }
    for (uint32_t c = 0; c < rows->ncolumn; c++)
        CHECK(((uintptr_t)b->column[c].data & 7) == 0);
    for (uint32_t i = 0; i < b->nrow; i++, rows->nrow++)
        for (uint32_t c = 0; c < rows->ncolumn; c++)
            kit_keep_cell(rows->arena, rows->column[c], &b->column[c], i,
                          &rows->cell[rows->nrow * rows->ncolumn + c]);
}

/* Plans, starts, reads to the end or to `most` rows, finishes. a->status is that of the
 * call that failed, STORE_END, or STORE_OK when it was left early. kit_rows_free(&a->rows).
 */
static inline void kit_ask(struct kit *k, const struct store_call *call,
                           const struct store_request *request,
                           const struct store_column *const *column, uint32_t ncolumn,
                           uint64_t most, struct kit_answer *a)
{
    struct store_plan *plan = NULL;
    struct store_scan *scan = NULL;
    struct store_batch batch;
    *a = (struct kit_answer){.offer = {.size = sizeof a->offer}};
    a->offer.claim = a->claim;
    kit_rows_begin(&a->rows, column, ncolumn);
    a->status = k->plugin->plan(k->store, call, request, &a->offer, &plan, &k->error);
    if (a->status == STORE_OK)
        a->status = k->plugin->start(plan, call, &scan, &k->error);
    while (a->status == STORE_OK && a->rows.nrow < most) {
        a->status = k->plugin->next(scan, &batch, &k->error);
        if (a->status == STORE_OK) {
            kit_keep_batch(&a->rows, &batch);
            a->nbatch++;
        }
    }
    if (scan)
        k->plugin->finish(scan);
    if (plan)
        k->plugin->drop_plan(plan);
}

enum { KIT_COLUMNS_MAX = 256 };
static const uint32_t *kit_identity(void)
{
    static uint32_t column[KIT_COLUMNS_MAX];
    for (uint32_t i = 0; i < KIT_COLUMNS_MAX; i++)
        column[i] = i;
    return column;
}

/* All columns of a table, by position. */
static inline struct store_request kit_request(const struct store_table *t)
{
    CHECK(t->ncolumn <= KIT_COLUMNS_MAX);
    return (struct store_request){.size = sizeof(struct store_request),
                                  .table = t->name,
                                  .column = kit_identity(),
                                  .ncolumn = t->ncolumn,
                                  .limit = -1};
}

/* The whole table, as the store gives it when nothing is asked. */
static inline void kit_all(struct kit *k, const struct store_table *t,
                           struct kit_rows *rows)
{
    struct store_request r = kit_request(t);
    struct kit_answer a;
    kit_ask(k, &KIT_CALL, &r, t->column, t->ncolumn, UINT64_MAX, &a);
    if (a.status != STORE_END)
        TEST_FAIL("%s: %.600s", t->name, k->error.message);
    *rows = a.rows;
}

static inline const struct kit_cell *kit_row(const struct kit_rows *rows, uint64_t i)
{
    return &rows->cell[i * rows->ncolumn];
}

/* --- comparing -------------------------------------------------------------------- */

static inline double kit_number(enum store_type type, const struct kit_cell *c, uint32_t i)
{
    switch (type) {
    case STORE_BOOL:
    case STORE_U8:
        return ((const uint8_t *)c->value)[i];
    case STORE_I16:
        return ((const int16_t *)c->value)[i];
    case STORE_I32:
        return ((const int32_t *)c->value)[i];
    case STORE_F32:
        return (double)((const float *)c->value)[i];
    case STORE_F64:
        return ((const double *)c->value)[i];
    default:
        return (double)((const int64_t *)c->value)[i];
    }
}

/* NaN equals itself and is greater than all numbers (003-meaning.md). */
static inline int kit_order(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

/* Of two values that are there; text byte by byte, 64 bit integers exactly. */
static inline int kit_compare(enum store_type ta, const struct kit_cell *a,
                              enum store_type tb, const struct kit_cell *b)
{
    if (ta == STORE_TEXT) {
        uint32_t n = a->count < b->count ? a->count : b->count;
        int order = n ? memcmp(a->value, b->value, n) : 0;
        return order ? order : (a->count > b->count) - (a->count < b->count);
    }
    if ((ta == STORE_I64 || ta == STORE_TIME_US) && ta == tb) {
        int64_t x = *(const int64_t *)a->value, y = *(const int64_t *)b->value;
        return (x > y) - (x < y);
    }
    return kit_order(kit_number(ta, a, 0), kit_number(tb, b, 0));
}

/* The same value, element by element. */
static inline bool kit_same(enum store_type type, const struct kit_cell *a,
                            const struct kit_cell *b)
{
    if (a->is_null || b->is_null)
        return a->is_null == b->is_null;
    if (a->count != b->count)
        return false;
    if (type == STORE_TEXT ||
        ((type == STORE_I64 || type == STORE_TIME_US) && a->count == 1))
        return kit_compare(type, a, type, b) == 0;
    for (uint32_t i = 0; i < a->count; i++)
        if (kit_order(kit_number(type, a, i), kit_number(type, b, i)) != 0)
            return false;
    return true;
}

/* A number that equal rows share: sums of it compare sets of rows. */
static inline uint64_t kit_row_hash(const struct kit_rows *rows, uint64_t i)
{
    uint64_t h = 1469598103934665603u;
    for (uint32_t c = 0; c < rows->ncolumn; c++) {
        const struct kit_cell *cell = &kit_row(rows, i)[c];
        size_t n =
            cell->is_null ? 0 : cell->count * store_type_bytes(rows->column[c]->type);
        str bytes = {n ? cell->value : "", n};
        h = (h ^ (cell->is_null ? 77 : str_hash(bytes))) * 1099511628211u;
    }
    return h;
}

/* --- chance, the same in every run ------------------------------------------------ */

static uint64_t kit_seed = 88172645463325252u;
static inline uint32_t kit_random(uint32_t below)
{
    kit_seed ^= kit_seed << 13;
    kit_seed ^= kit_seed >> 7;
    kit_seed ^= kit_seed << 17;
    return (uint32_t)((kit_seed >> 11) % below);
}

#endif
