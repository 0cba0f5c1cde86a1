/* kit_sql.h -- SQL stores: a table of every type goes in by receive() and comes back by
 * run(), value by value; sessions are apart; statements fail as errors. */
#ifndef TESTS_STORE_KIT_KIT_SQL_H
#define TESTS_STORE_KIT_KIT_SQL_H

#include "tests/store_kit/kit_checks.h"

enum { KIT_SQL_COLUMNS = 14, KIT_SQL_ROWS = 2500, KIT_LONG = 20000 };

#define KIT_COLUMN(name_, type_, length_)                                                  \
    {                                                                                      \
        .size = sizeof(struct store_column), .name = (name_), .type = (type_),             \
        .length = (length_), .flags = STORE_NULLABLE, .minimum = NAN, .maximum = NAN,      \
        .null_fraction = NAN                                                               \
    }
static const struct store_column KIT_SQL_COLUMN[KIT_SQL_COLUMNS] = {
    KIT_COLUMN("c_id", STORE_I64, 1),        KIT_COLUMN("c_bool", STORE_BOOL, 1),
    KIT_COLUMN("c_u8", STORE_U8, 1),         KIT_COLUMN("c_i16", STORE_I16, 1),
    KIT_COLUMN("c_i32", STORE_I32, 1),       KIT_COLUMN("c_i64", STORE_I64, 1),
    KIT_COLUMN("c_f32", STORE_F32, 1),       KIT_COLUMN("c_f64", STORE_F64, 1),
    KIT_COLUMN("c_text", STORE_TEXT, -1),    KIT_COLUMN("c_time", STORE_TIME_US, 1),
    KIT_COLUMN("c_pair", STORE_F64, 2),      KIT_COLUMN("c_list", STORE_F32, -1),
    KIT_COLUMN("c_integers", STORE_I16, -1), KIT_COLUMN("c_bytes", STORE_U8, -1),
};
static const struct store_column *kit_sql_columns[KIT_SQL_COLUMNS];

/* Stores without arrays get the first ten columns. */
static inline uint32_t kit_sql_ncolumn(const struct kit *k)
{
    for (uint32_t i = 0; i < KIT_SQL_COLUMNS; i++)
        kit_sql_columns[i] = &KIT_SQL_COLUMN[i];
    const struct store_dialect *d = k->plugin->dialect;
    return d && d->fixed_array && d->variable_array ? KIT_SQL_COLUMNS : 10;
}

/* --- one value ------------------------------------------------------------------------ */

static inline bool kit_value_is_null(uint32_t c, int64_t id)
{
    return c > 0 && (id + c) % 7 == 3;
}

/* Element k of a value: the ends of the ranges, NaN and infinities among ordinary ones. */
static inline void kit_value_number(enum store_type type, int64_t id, uint32_t k, void *out)
{
    static const double REALS[] = {0, -0.0, NAN, INFINITY, -INFINITY, 0.1, 1e-30, -3.5e30};
    bool is_least = id % 11 == 1, is_most = id % 11 == 2;
    double real = id % 5 == 0 ? REALS[(id / 5 + k) % 8] : (double)id * 1.25 - k;
    switch (type) {
    case STORE_BOOL:
        *(uint8_t *)out = (uint8_t)((id + k) % 2);
        break;
    case STORE_U8:
        *(uint8_t *)out = (uint8_t)(is_most ? 255 : id + k);
        break;
    case STORE_I16:
        *(int16_t *)out = is_least ? INT16_MIN : is_most ? INT16_MAX : (int16_t)(id - k);
        break;
    case STORE_I32:
        *(int32_t *)out = is_least ? INT32_MIN : is_most ? INT32_MAX : (int32_t)(id * 1000);
        break;
    case STORE_F32:
        *(float *)out = (float)real;
        break;
    case STORE_F64:
        *(double *)out = real;
        break;
    case STORE_TIME_US: /* years 1 to 9999 */
        *(int64_t *)out = is_least  ? INT64_C(-62135596800000000)
                          : is_most ? INT64_C(253402300799999999)
                                    : id * INT64_C(86400000001);
        break;
    default:
        *(int64_t *)out = is_least ? INT64_MIN + 1 : is_most ? INT64_MAX : id << 30;
    }
}

static inline uint32_t kit_value_text(int64_t id, char out[64])
{
    static const char *const TEXTS[] = {
        "",           " blanks ", "it's \"quoted\"", "\xc3\xa9t\xc3\xa9", "twelve bytes",
        "line\nline", "100%_\\"};
    if (id % 3 == 0)
        return (uint32_t)snprintf(out, 64, "%s", TEXTS[id / 3 % 7]);
    return (uint32_t)snprintf(out, 64, "row number %lld of the kit", (long long)id);
}

static inline uint32_t kit_value_length(const struct store_column *c, int64_t id)
{
    if (c->length > 0)
        return (uint32_t)c->length;
    return id % 500 == 250 ? KIT_LONG : (uint32_t)(id % 5);
}

static inline void kit_value(struct arena *arena, uint32_t c, int64_t id,
                             struct kit_cell *out)
{
    const struct store_column *column = &KIT_SQL_COLUMN[c];
    *out = (struct kit_cell){.is_null = kit_value_is_null(c, id)};
    if (out->is_null)
        return;
    if (c == 0 || column->type == STORE_TEXT) {
        char *text = kit_alloc(arena, 64, 1);
        out->count = c == 0 ? 1 : kit_value_text(id, text);
        if (c == 0)
            memcpy(text, &id, sizeof id);
        out->value = text;
        return;
    }
    size_t size = store_type_bytes(column->type);
    out->count = kit_value_length(column, id);
    char *data = kit_alloc(arena, out->count + 1, size);
    for (uint32_t k = 0; k < out->count; k++)
        kit_value_number(column->type, id, k, data + k * size);
    out->value = data;
}

/* --- the feed ------------------------------------------------------------------------- */

struct kit_feed {
    struct store_feed feed;
    uint32_t ncolumn, batch_rows;
    int64_t next_id;
    struct arena *arena; /* of the batch */
    struct store_vector vector[KIT_SQL_COLUMNS];
};

static inline void kit_feed_column(struct kit_feed *f, uint32_t c, uint32_t n)
{
    const struct store_column *column = &KIT_SQL_COLUMN[c];
    size_t size = store_type_bytes(column->type), used = 0, capacity = 1 << 16;
    bool is_variable = column->length < 0;
    uint32_t *offset = kit_alloc(f->arena, n + 1, sizeof *offset);
    uint8_t *valid = kit_alloc(f->arena, n / 8 + 1, 1);
    char *data = kit_alloc(f->arena, capacity, 1);
    for (uint32_t i = 0; i < n; i++) {
        struct kit_cell cell;
        kit_value(f->arena, c, f->next_id + i, &cell);
        size_t bytes = size * cell.count;
        if (cell.is_null)
            bytes = is_variable ? 0 : size * (size_t)column->length;
        while (used + bytes > capacity) {
            char *longer = kit_alloc(f->arena, capacity * 2, 1);
            memcpy(longer, data, used);
            data = longer;
            capacity *= 2;
        }
        if (!cell.is_null && bytes > 0)
            memcpy(data + used, cell.value, bytes);
        used += bytes;
        offset[i + 1] = (uint32_t)(used / size);
        valid[i / 8] = (uint8_t)(valid[i / 8] | !cell.is_null << i % 8);
    }
    f->vector[c] = (struct store_vector){data, is_variable ? offset : NULL, valid};
}

static inline enum store_status kit_feed_next(struct store_feed *base,
                                              struct store_batch *b, struct store_error *e)
{
    struct kit_feed *f = (struct kit_feed *)base;
    (void)e;
    uint32_t left = KIT_SQL_ROWS - (uint32_t)f->next_id;
    uint32_t n = left < f->batch_rows ? left : f->batch_rows;
    if (n == 0)
        return STORE_END;
    arena_reset(f->arena);
    for (uint32_t c = 0; c < f->ncolumn; c++)
        kit_feed_column(f, c, n);
    f->next_id += n;
    *b = (struct store_batch){sizeof *b, n, f->vector};
    return STORE_OK;
}

static inline void kit_send(struct kit *k, struct store_session *x, const char *name,
                            uint32_t batch_rows)
{
    uint32_t n = kit_sql_ncolumn(k);
    struct kit_feed feed = {.feed = {sizeof feed.feed, kit_feed_next},
                            .ncolumn = n,
                            .batch_rows = batch_rows,
                            .arena = arena_new(KIT_ARENA_BYTES)};
    struct store_table table = {.size = sizeof table,
                                .ncolumn = n,
                                .column = kit_sql_columns,
                                .name = name,
                                .lon_column = -1,
                                .lat_column = -1,
                                .hpx_column = -1,
                                .row_estimate = -1};
    enum store_status status =
        k->plugin->receive(x, &KIT_CALL, &table, &feed.feed, &k->error);
    arena_free(feed.arena);
    if (status != STORE_OK)
        TEST_FAIL("receive: %.600s", k->error.message);
}

/* --- the checks ----------------------------------------------------------------------- */

static inline struct store_session *kit_begin(struct kit *k)
{
    struct store_session *x = NULL;
    kit_open(k);
    if (!k->plugin->begin || !k->plugin->receive || !k->plugin->run) {
        kit_close(k);
        TEST_SKIP("%s is not an SQL store", kit_adapter);
    }
    if (k->plugin->begin(k->store, &KIT_CALL, &x, &k->error) != STORE_OK)
        TEST_FAIL("begin: %.600s", k->error.message);
    return x;
}

/* Compares one batch, whose first row is that of `id`. */
static inline void kit_check_batch(struct arena *arena, const struct store_batch *batch,
                                   uint32_t ncolumn, int64_t id)
{
    for (uint32_t i = 0; i < batch->nrow; i++) {
        arena_reset(arena);
        for (uint32_t c = 0; c < ncolumn; c++) {
            struct kit_cell want, got;
            kit_value(arena, c, id + i, &want);
            kit_keep_cell(arena, kit_sql_columns[c], &batch->column[c], i, &got);
            if (!kit_same(kit_sql_columns[c]->type, &want, &got))
                TEST_FAIL("%s: row %lld comes back changed", KIT_SQL_COLUMN[c].name,
                          (long long)id + i);
        }
    }
}

static inline void kit_check_back(struct kit *k, struct store_session *x, const char *name)
{
    char sql[600];
    uint32_t n = kit_sql_ncolumn(k);
    size_t len = (size_t)snprintf(sql, sizeof sql, "SELECT ");
    for (uint32_t c = 0; c < n; c++)
        len += (size_t)snprintf(sql + len, sizeof sql - len, "%s%s", c ? ", " : "",
                                KIT_SQL_COLUMN[c].name);
    snprintf(sql + len, sizeof sql - len, " FROM %s ORDER BY c_id", name);
    struct store_scan *scan = NULL;
    struct store_batch batch;
    struct arena *arena = arena_new(KIT_ARENA_BYTES);
    int64_t id = 0;
    enum store_status status =
        k->plugin->run(x, &KIT_CALL, sql, NULL, 0, kit_sql_columns, n, &scan, &k->error);
    while (status == STORE_OK) {
        status = k->plugin->next(scan, &batch, &k->error);
        if (status == STORE_OK) {
            kit_check_batch(arena, &batch, n, id);
            id += batch.nrow;
        }
    }
    if (status != STORE_END)
        TEST_FAIL("run: %.600s", k->error.message);
    k->plugin->finish(scan);
    arena_free(arena);
    CHECK_INT(id, KIT_SQL_ROWS);
}

TEST(what_is_received_comes_back)
{
    struct kit k;
    struct store_session *x = kit_begin(&k);
    static const uint32_t SIZES[] = {KIT_SQL_ROWS, 1000, 7};
    for (size_t i = 0; i < 3; i++) {
        char name[20];
        snprintf(name, sizeof name, "kit_table_%zu", i);
        kit_send(&k, x, name, SIZES[i]);
        kit_check_back(&k, x, name);
    }
    k.plugin->end(x);
    kit_close(&k);
}

TEST(sessions_are_apart)
{
    struct kit k;
    struct store_session *x = kit_begin(&k), *other = NULL;
    struct store_scan *scan = NULL;
    kit_send(&k, x, "kit_private", 500);
    CHECK_INT(k.plugin->begin(k.store, &KIT_CALL, &other, &k.error), STORE_OK);
    k.error.message[0] = '\0';
    enum store_status status =
        k.plugin->run(other, &KIT_CALL, "SELECT c_id FROM kit_private", NULL, 0,
                      kit_sql_columns, 1, &scan, &k.error);
    CHECK(status > STORE_END && scan == NULL && k.error.message[0]);
    kit_check_back(&k, x, "kit_private");
    k.plugin->end(x);
    k.plugin->end(other);
    kit_close(&k);
}

TEST(a_stopped_statement_does_not_run)
{
    struct kit k;
    struct store_session *x = kit_begin(&k);
    struct store_scan *scan = NULL;
    struct store_call late = KIT_CALL;
    late.deadline_ns = clock_monotonic_ns() - 1;
    kit_send(&k, x, "kit_late", 500);
    CHECK_INT(k.plugin->run(x, &late, "SELECT c_id FROM kit_late", NULL, 0, kit_sql_columns,
                            1, &scan, &k.error),
              STORE_CANCELLED);
    kit_check_back(&k, x, "kit_late"); /* the session is good for more */
    k.plugin->end(x);
    kit_close(&k);
}

TEST(a_bad_statement_is_an_error)
{
    struct kit k;
    struct store_session *x = kit_begin(&k);
    struct store_scan *scan = NULL;
    static const char *const BAD[] = {"SELECT", "SELECT 1 FROM no_such_table_of_the_kit",
                                      "nonsense", "SELECT 1; SELECT 2"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        k.error.message[0] = '\0';
        enum store_status status = k.plugin->run(x, &KIT_CALL, BAD[i], NULL, 0,
                                                 kit_sql_columns, 1, &scan, &k.error);
        CHECK(status > STORE_END && scan == NULL && k.error.message[0]);
    }
    kit_send(&k, x, "kit_after", 500);
    kit_check_back(&k, x, "kit_after");
    k.plugin->end(x);
    kit_close(&k);
}

#define KIT_SQL_CHECKS                                                                     \
    T(what_is_received_comes_back), T(sessions_are_apart),                                 \
        T(a_stopped_statement_does_not_run), T(a_bad_statement_is_an_error)

#endif
