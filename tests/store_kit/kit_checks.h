/* kit_checks.h -- what a store that scans answers: discovery, projection, honesty of its
 * claims, order, limits, groups, keys. */
#ifndef TESTS_STORE_KIT_KIT_CHECKS_H
#define TESTS_STORE_KIT_KIT_CHECKS_H

#include "tests/store_kit/kit_filter.h"

/* Runs check(k, table) for each table of a store opened for it. */
#define KIT_FOR_TABLES(check)                                                              \
    do {                                                                                   \
        struct kit kit_k_;                                                                 \
        size_t kit_n_;                                                                     \
        kit_open(&kit_k_);                                                                 \
        const char *const *kit_name_ = kit_list(&kit_k_, &kit_n_);                         \
        CHECK(kit_n_ > 0);                                                                 \
        for (size_t kit_i_ = 0; kit_i_ < kit_n_; kit_i_++)                                 \
            check(&kit_k_, kit_describe(&kit_k_, kit_name_[kit_i_]));                      \
        kit_close(&kit_k_);                                                                \
    } while (0)

/* --- discovery -------------------------------------------------------------------- */

static inline bool kit_is_number_column(const struct store_table *t, int32_t i)
{
    return i >= 0 && (uint32_t)i < t->ncolumn && t->column[i]->length == 1 &&
           t->column[i]->type >= STORE_U8 && t->column[i]->type <= STORE_F64;
}

static inline void kit_check_description(struct kit *k, const struct store_table *t)
{
    CHECK(t->size >= sizeof *t && t->ncolumn > 0 && t->row_estimate >= -1);
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        const struct store_column *c = t->column[i];
        CHECK(c->size >= sizeof *c && c->name && c->name[0] && c->type <= STORE_TIME_US);
        CHECK(c->length == -1 || c->length >= 1);
        CHECK(c->type != STORE_TEXT || c->length == -1);
        CHECK(isnan(c->minimum) == isnan(c->maximum) && !(c->minimum > c->maximum));
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(t->column[j]->name, c->name) == 0)
                TEST_FAIL("%s: two columns \"%s\"", t->name, c->name);
    }
    CHECK((t->lon_column < 0) == (t->lat_column < 0));
    CHECK(t->lon_column < 0 || kit_is_number_column(t, t->lon_column));
    CHECK(t->lat_column < 0 || kit_is_number_column(t, t->lat_column));
    CHECK(t->hpx_column < 0 || (kit_is_number_column(t, t->hpx_column) &&
                                t->column[t->hpx_column]->type == STORE_I64));
    CHECK(t->hpx_column < 0 || (t->hpx_order >= 0 && t->hpx_order <= 29));
    CHECK(kit_describe(k, t->name)->generation == t->generation);
}

TEST(discovery_is_consistent)
{
    KIT_FOR_TABLES(kit_check_description);
    struct kit k;
    size_t n, again;
    const struct store_table *t;
    kit_open(&k);
    const char *const *name = kit_list(&k, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(name[i], name[j]) != 0);
    kit_list(&k, &again);
    CHECK_INT(again, n);
    CHECK_INT(k.plugin->describe(k.store, "no such table", &t, &k.error), STORE_NOT_FOUND);
    CHECK(k.error.message[0]);
    kit_close(&k);
}

/* What the description says of the values holds for every one of them. */
static inline void kit_check_values(struct kit *k, const struct store_table *t)
{
    struct kit_rows rows;
    kit_all(k, t, &rows);
    for (uint64_t i = 0; i < rows.nrow; i++)
        for (uint32_t c = 0; c < t->ncolumn; c++) {
            const struct store_column *column = t->column[c];
            const struct kit_cell *cell = &kit_row(&rows, i)[c];
            bool may_be_null = column->flags & STORE_NULLABLE && column->null_fraction != 0;
            if (cell->is_null && !may_be_null)
                TEST_FAIL("%s.%s: a NULL that was not announced", t->name, column->name);
            if (cell->is_null)
                continue;
            CHECK(column->type != STORE_TEXT ||
                  str_is_utf8((str){cell->value, cell->count}, NULL));
            for (uint32_t e = 0; column->type == STORE_BOOL && e < cell->count; e++)
                CHECK(((const uint8_t *)cell->value)[e] <= 1);
            if (column->length != 1 || isnan(column->minimum))
                continue;
            double value = kit_number(column->type, cell, 0);
            if (value < column->minimum || value > column->maximum)
                TEST_FAIL("%s.%s: %.17g is outside of %.17g to %.17g", t->name,
                          column->name, value, column->minimum, column->maximum);
        }
    kit_rows_free(&rows);
}

TEST(values_are_as_described)
{
    KIT_FOR_TABLES(kit_check_values);
}

/* --- projection ------------------------------------------------------------------- */

static inline void kit_check_projection(struct kit *k, const struct store_table *t)
{
    struct kit_rows all;
    kit_all(k, t, &all);
    for (int round = 0; round < 10; round++) {
        uint32_t column[8], n = 1 + kit_random(8);
        const struct store_column *columns[8];
        for (uint32_t i = 0; i < n; i++) {
            column[i] = kit_random(t->ncolumn);
            columns[i] = t->column[column[i]];
        }
        struct store_request r = kit_request(t);
        r.column = column;
        r.ncolumn = n;
        struct kit_answer a;
        kit_ask(k, &KIT_CALL, &r, columns, n, UINT64_MAX, &a);
        CHECK_INT(a.status, STORE_END);
        CHECK_INT(a.rows.nrow, all.nrow);
        for (uint64_t i = 0; i < all.nrow; i++)
            for (uint32_t c = 0; c < n; c++)
                CHECK(kit_same(columns[c]->type, &kit_row(&a.rows, i)[c],
                               &kit_row(&all, i)[column[c]]));
        kit_rows_free(&a.rows);
    }
    kit_rows_free(&all);
}

TEST(columns_come_as_wanted)
{
    KIT_FOR_TABLES(kit_check_projection);
}

/* --- honesty ---------------------------------------------------------------------- */

struct kit_sum {
    uint64_t nrow, hash;
};

static inline bool kit_all_true(const struct kit_rows *rows, uint64_t i,
                                const struct store_expr *const *filter, uint32_t n)
{
    for (uint32_t f = 0; f < n; f++)
        if (kit_judge(rows, i, filter[f]) != KIT_TRUE)
            return false;
    return true;
}

static inline struct kit_sum kit_filtered(const struct kit_rows *rows,
                                          const struct store_expr *const *filter,
                                          uint32_t n)
{
    struct kit_sum sum = {0};
    for (uint64_t i = 0; i < rows->nrow; i++)
        if (kit_all_true(rows, i, filter, n)) {
            sum.nrow++;
            sum.hash += kit_row_hash(rows, i);
        }
    return sum;
}

static inline void kit_check_claims(const struct kit_answer *a, const struct store_table *t,
                                    const struct store_expr *const *filter, uint32_t n)
{
    for (uint32_t f = 0; f < n; f++) {
        CHECK(a->claim[f] <= STORE_CLAIM_EXACT);
        for (uint64_t i = 0; a->claim[f] == STORE_CLAIM_EXACT && i < a->rows.nrow; i++)
            if (kit_judge(&a->rows, i, filter[f]) != KIT_TRUE)
                TEST_FAIL("%s: a filter (op %d) claimed EXACT let row %llu pass", t->name,
                          (int)filter[f]->op, (unsigned long long)i);
    }
}

static uint64_t kit_nfilter, kit_nexact, kit_nwanted; /* for the report */

/* Rows under the claims, filtered again, equal all rows filtered by the kit alone. */
static inline void kit_check_honesty(struct kit *k, const struct store_table *t)
{
    struct kit_rows all;
    kit_all(k, t, &all);
    for (int round = 0; round < 300; round++) {
        struct arena *arena = arena_new(KIT_ARENA_BYTES);
        struct kit_maker m = {arena, t, &all};
        const struct store_expr *filter[3];
        uint32_t n = 1 + kit_random(3);
        for (uint32_t f = 0; f < n; f++)
            filter[f] = kit_make_filter(&m, 0);
        struct store_request r = kit_request(t);
        r.filter = filter;
        r.nfilter = n;
        struct kit_answer a;
        kit_ask(k, &KIT_CALL, &r, t->column, t->ncolumn, UINT64_MAX, &a);
        if (a.status != STORE_END)
            TEST_FAIL("%s: %.600s", t->name, k->error.message);
        kit_check_claims(&a, t, filter, n);
        struct kit_sum want = kit_filtered(&all, filter, n);
        struct kit_sum got = kit_filtered(&a.rows, filter, n);
        if (want.nrow != got.nrow || want.hash != got.hash)
            TEST_FAIL("%s, round %d: %llu rows, not %llu", t->name, round,
                      (unsigned long long)got.nrow, (unsigned long long)want.nrow);
        for (uint32_t f = 0; f < n; f++)
            kit_nexact += a.claim[f] == STORE_CLAIM_EXACT;
        kit_nfilter += n;
        kit_nwanted += want.nrow;
        kit_rows_free(&a.rows);
        arena_free(arena);
    }
    kit_rows_free(&all);
}

TEST(claims_are_honest)
{
    KIT_FOR_TABLES(kit_check_honesty);
    CHECK(kit_nwanted > 0); /* or the filters were no test */
}

/* --- order and limit -------------------------------------------------------------- */

/* Rows by the first n sort keys. */
static inline int kit_sort_order(const struct kit_rows *rows, const struct kit_cell *a,
                                 const struct kit_cell *b, const struct store_sort *sort,
                                 uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct kit_cell *x = &a[sort[i].column], *y = &b[sort[i].column];
        enum store_type type = rows->column[sort[i].column]->type;
        int order;
        if (x->is_null || y->is_null)
            order = (x->is_null - y->is_null) * (sort[i].nulls_first ? -1 : 1);
        else
            order = kit_compare(type, x, type, y) * (sort[i].descending ? -1 : 1);
        if (order != 0)
            return order;
    }
    return 0;
}

static const struct kit_rows *kit_sorting;
static const struct store_sort *kit_sorting_by;
static uint32_t kit_sorting_n;
static inline int kit_sort_compare(const void *a, const void *b)
{
    return kit_sort_order(kit_sorting, kit_row(kit_sorting, *(const uint64_t *)a),
                          kit_row(kit_sorting, *(const uint64_t *)b), kit_sorting_by,
                          kit_sorting_n);
}

/* Row numbers of `rows` in the order of the keys; the caller frees them. */
static inline uint64_t *kit_sorted(const struct kit_rows *rows,
                                   const struct store_sort *sort, uint32_t n)
{
    uint64_t *index = malloc((rows->nrow + 1) * sizeof *index);
    CHECK(index != NULL);
    for (uint64_t i = 0; i < rows->nrow; i++)
        index[i] = i;
    kit_sorting = rows;
    kit_sorting_by = sort;
    kit_sorting_n = n;
    qsort(index, rows->nrow, sizeof *index, kit_sort_compare);
    return index;
}

static inline void kit_check_limited(const struct kit_rows *all, const struct kit_answer *a,
                                     const struct store_request *r)
{
    uint64_t limit = (uint64_t)r->limit;
    CHECK_INT(a->rows.nrow, all->nrow < limit ? all->nrow : limit);
    uint64_t *index = kit_sorted(all, r->sort, r->nsort);
    for (uint64_t i = 0; i < a->rows.nrow; i++)
        CHECK(kit_sort_order(all, kit_row(&a->rows, i), kit_row(all, index[i]), r->sort,
                             r->nsort) == 0);
    free(index);
}

static inline void kit_check_order(struct kit *k, const struct store_table *t)
{
    struct kit_rows all;
    struct kit_maker m = {NULL, t, &all};
    kit_all(k, t, &all);
    for (int round = 0; round < 30; round++) {
        struct store_sort sort[2];
        struct store_request r = kit_request(t);
        r.sort = sort;
        r.nsort = 1 + kit_random(2);
        r.limit = round % 3 ? (int64_t)kit_random(50) : -1;
        for (uint32_t i = 0; i < r.nsort; i++)
            sort[i] = (struct store_sort){kit_scalar_column(&m), kit_random(2) == 0,
                                          kit_random(2) == 0};
        struct kit_answer a;
        kit_ask(k, &KIT_CALL, &r, t->column, t->ncolumn, UINT64_MAX, &a);
        CHECK_INT(a.status, STORE_END);
        CHECK(a.offer.sorted <= r.nsort);
        for (uint64_t i = 1; i < a.rows.nrow; i++)
            CHECK(kit_sort_order(&a.rows, kit_row(&a.rows, i - 1), kit_row(&a.rows, i),
                                 sort, a.offer.sorted) <= 0);
        CHECK(!a.offer.limited || (r.limit >= 0 && a.offer.sorted == r.nsort));
        if (a.offer.limited)
            kit_check_limited(&all, &a, &r);
        else
            CHECK_INT(a.rows.nrow, all.nrow);
        kit_rows_free(&a.rows);
    }
    kit_rows_free(&all);
}

TEST(order_and_limit_are_kept)
{
    KIT_FOR_TABLES(kit_check_order);
}

/* --- groups ----------------------------------------------------------------------- */

/* COUNT(*), COUNT(c), MIN(c), MAX(c) of the whole table; a store may decline. */
static inline void kit_check_groups(struct kit *k, const struct store_table *t)
{
    struct kit_rows all;
    kit_all(k, t, &all);
    struct store_column count = {
        .size = sizeof count, .type = STORE_I64, .length = 1, .name = "n"};
    for (uint32_t c = 0; c < t->ncolumn; c++) {
        const struct store_column *x = t->column[c];
        if (!kit_is_scalar(x) || x->type == STORE_BOOL)
            continue;
        const struct store_column *columns[4] = {&count, &count, x, x};
        const struct store_group group[4] = {
            {STORE_COUNT_ROWS, 0}, {STORE_COUNT, c}, {STORE_MIN, c}, {STORE_MAX, c}};
        struct store_request r = kit_request(t);
        r.aggregate = group;
        r.naggregate = 4;
        struct store_plan *plan = NULL;
        struct store_offer offer = {.size = sizeof offer};
        CHECK_INT(k->plugin->plan(k->store, &KIT_CALL, &r, &offer, &plan, &k->error),
                  STORE_OK);
        k->plugin->drop_plan(plan);
        if (!offer.grouped)
            continue;
        struct kit_answer a;
        kit_ask(k, &KIT_CALL, &r, columns, 4, UINT64_MAX, &a);
        CHECK_INT(a.status, STORE_END);
        CHECK_INT(a.rows.nrow, 1);
        const struct kit_cell *got = kit_row(&a.rows, 0);
        const struct kit_cell *least = NULL, *most = NULL;
        int64_t n = 0;
        for (uint64_t i = 0; i < all.nrow; i++) {
            const struct kit_cell *cell = &kit_row(&all, i)[c];
            if (cell->is_null)
                continue;
            n++;
            if (!least || kit_compare(x->type, cell, x->type, least) < 0)
                least = cell;
            if (!most || kit_compare(x->type, cell, x->type, most) > 0)
                most = cell;
        }
        CHECK_INT(*(const int64_t *)got[0].value, all.nrow);
        CHECK_INT(*(const int64_t *)got[1].value, n);
        CHECK(least ? kit_same(x->type, &got[2], least) : got[2].is_null);
        CHECK(most ? kit_same(x->type, &got[3], most) : got[3].is_null);
        kit_rows_free(&a.rows);
    }
    kit_rows_free(&all);
}

TEST(groups_are_right_where_given)
{
    KIT_FOR_TABLES(kit_check_groups);
}

/* --- key lists -------------------------------------------------------------------- */

static inline bool kit_is_key(const struct kit_cell *cell, enum store_type type,
                              const struct store_vector *keys, uint32_t n)
{
    for (uint32_t i = 0; i < n && !cell->is_null; i++) {
        size_t size = store_type_bytes(type);
        struct kit_cell key = {false, 1, (const char *)keys->data + i * size};
        if (kit_compare(type, cell, type, &key) == 0)
            return true;
    }
    return false;
}

static inline void kit_check_keys_of(struct kit *k, const struct store_table *t,
                                     const struct kit_rows *all, uint32_t c)
{
    enum { NKEY = 20 };
    double data[NKEY]; /* room for any type */
    enum store_type type = t->column[c]->type;
    size_t size = store_type_bytes(type);
    uint32_t n = 0;
    for (uint32_t i = 0; i < NKEY; i++) {
        const struct kit_cell *cell = &kit_row(all, kit_random((uint32_t)all->nrow))[c];
        if (!cell->is_null)
            memcpy((char *)data + n++ * size, cell->value, size);
    }
    if (n == 0)
        return;
    struct store_vector vector = {.data = data};
    struct store_batch batch = {sizeof batch, n, &vector};
    struct store_keys keys = {c, &batch};
    struct store_request r = kit_request(t);
    r.keys = &keys;
    struct kit_answer a;
    kit_ask(k, &KIT_CALL, &r, t->column, t->ncolumn, UINT64_MAX, &a);
    CHECK_INT(a.status, STORE_END);
    uint64_t want = 0, got = 0;
    for (uint64_t i = 0; i < all->nrow; i++)
        want += kit_is_key(&kit_row(all, i)[c], type, &vector, n);
    for (uint64_t i = 0; i < a.rows.nrow; i++)
        got += kit_is_key(&kit_row(&a.rows, i)[c], type, &vector, n);
    CHECK_INT(got, want);
    if (a.offer.keys == STORE_CLAIM_EXACT)
        CHECK_INT(a.rows.nrow, got);
    kit_rows_free(&a.rows);
}

static inline void kit_check_keys(struct kit *k, const struct store_table *t)
{
    struct kit_rows all;
    kit_all(k, t, &all);
    for (uint32_t c = 0; c < t->ncolumn && all.nrow > 0; c++)
        if (t->column[c]->length == 1)
            kit_check_keys_of(k, t, &all, c);
    kit_rows_free(&all);
}

TEST(key_lists_lose_nothing)
{
    KIT_FOR_TABLES(kit_check_keys);
}

#endif
