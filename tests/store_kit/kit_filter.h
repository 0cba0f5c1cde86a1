/* kit_filter.h -- filters made by chance from a table's own values, and what they mean: the
 * kit's own judge, by the three-valued logic of SQL and docs/decisions/003-meaning.md. */
#ifndef TESTS_STORE_KIT_KIT_FILTER_H
#define TESTS_STORE_KIT_KIT_FILTER_H

#include "core/sky/sky.h"
#include "tests/store_kit/kit.h"

enum kit_truth { KIT_FALSE, KIT_TRUE, KIT_UNKNOWN };

/* --- judging ---------------------------------------------------------------------- */

static inline struct kit_cell kit_operand(const struct kit_rows *rows, uint64_t row,
                                          const struct store_expr *x, enum store_type *type)
{
    if (x->op == STORE_COLUMN) {
        *type = rows->column[x->column]->type;
        return kit_row(rows, row)[x->column];
    }
    *type = x->type;
    return (struct kit_cell){.is_null = !x->value, .count = x->count, .value = x->value};
}

static inline enum kit_truth kit_judge_comparison(const struct kit_rows *rows, uint64_t row,
                                                  enum store_op op,
                                                  const struct store_expr *left,
                                                  const struct store_expr *right)
{
    enum store_type ta, tb;
    struct kit_cell a = kit_operand(rows, row, left, &ta);
    struct kit_cell b = kit_operand(rows, row, right, &tb);
    if (a.is_null || b.is_null)
        return KIT_UNKNOWN;
    int order = kit_compare(ta, &a, tb, &b);
    switch (op) {
    case STORE_EQ:
        return order == 0;
    case STORE_NE:
        return order != 0;
    case STORE_LT:
        return order < 0;
    case STORE_LE:
        return order <= 0;
    case STORE_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

/* Bytes of the character at the front of a text. */
static inline size_t kit_character(str s)
{
    size_t n = 1;
    while (n < s.len && ((unsigned char)s.at[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* % any run, _ one character, nothing else is special (ADQL-24). */
static inline bool kit_like(str text, str pattern)
{
    while (pattern.len > 0) {
        if (pattern.at[0] == '%') {
            str rest = {pattern.at + 1, pattern.len - 1};
            for (size_t skip = 0; skip <= text.len; skip++)
                if (kit_like((str){text.at + skip, text.len - skip}, rest))
                    return true;
            return false;
        }
        if (text.len == 0)
            return false;
        size_t n = pattern.at[0] == '_' ? kit_character(text) : 1;
        if (pattern.at[0] != '_' && pattern.at[0] != text.at[0])
            return false;
        text = (str){text.at + n, text.len - n};
        pattern = (str){pattern.at + 1, pattern.len - 1};
    }
    return text.len == 0;
}

static inline enum kit_truth kit_judge_region(const struct kit_rows *rows, uint64_t row,
                                              const struct store_expr *x)
{
    static const enum sky_xtype XTYPE[] = {SKY_XTYPE_CIRCLE, SKY_XTYPE_RANGE,
                                           SKY_XTYPE_POLYGON};
    enum store_type tlon, tlat;
    struct err e = {0};
    struct kit_cell lon = kit_operand(rows, row, x->arg[0], &tlon);
    struct kit_cell lat = kit_operand(rows, row, x->arg[1], &tlat);
    if (lon.is_null || lat.is_null)
        return KIT_UNKNOWN;
    double a = kit_number(tlon, &lon, 0), b = kit_number(tlat, &lat, 0);
    if (!isfinite(a) || !(b >= -90 && b <= 90))
        return KIT_UNKNOWN;
    struct arena *arena = arena_new(1 << 22);
    const struct sky_region *r = sky_region_of_numbers(
        arena, XTYPE[x->region->shape], x->region->coord_deg, x->region->ncoord, &e);
    if (!r)
        TEST_FAIL("region: %.500s", e.message);
    enum kit_truth yes = sky_region_contains_point(r, a, b);
    arena_free(arena);
    return yes;
}

static inline enum kit_truth kit_and(enum kit_truth a, enum kit_truth b)
{
    if (a == KIT_FALSE || b == KIT_FALSE)
        return KIT_FALSE;
    return a == KIT_TRUE && b == KIT_TRUE ? KIT_TRUE : KIT_UNKNOWN;
}

static inline enum kit_truth kit_not(enum kit_truth a)
{
    return a == KIT_UNKNOWN ? KIT_UNKNOWN : a == KIT_TRUE ? KIT_FALSE : KIT_TRUE;
}

static inline enum kit_truth kit_or(enum kit_truth a, enum kit_truth b)
{
    return kit_not(kit_and(kit_not(a), kit_not(b)));
}

static inline enum kit_truth kit_judge_in(const struct kit_rows *rows, uint64_t row,
                                          const struct store_expr *x)
{
    enum kit_truth truth = KIT_FALSE;
    for (uint32_t i = 1; i < x->narg; i++)
        truth =
            kit_or(truth, kit_judge_comparison(rows, row, STORE_EQ, x->arg[0], x->arg[i]));
    return truth;
}

static inline enum kit_truth kit_judge(const struct kit_rows *rows, uint64_t row,
                                       const struct store_expr *x)
{
    enum store_type ta, tb;
    enum kit_truth truth = x->op == STORE_OR ? KIT_FALSE : KIT_TRUE;
    switch (x->op) {
    case STORE_AND:
    case STORE_OR:
        for (uint32_t i = 0; i < x->narg; i++) {
            enum kit_truth one = kit_judge(rows, row, x->arg[i]);
            truth = x->op == STORE_OR ? kit_or(truth, one) : kit_and(truth, one);
        }
        return truth;
    case STORE_NOT:
        return kit_not(kit_judge(rows, row, x->arg[0]));
    case STORE_IS_NULL:
        return kit_operand(rows, row, x->arg[0], &ta).is_null;
    case STORE_IN:
        return kit_judge_in(rows, row, x);
    case STORE_BETWEEN:
        return kit_and(kit_judge_comparison(rows, row, STORE_GE, x->arg[0], x->arg[1]),
                       kit_judge_comparison(rows, row, STORE_LE, x->arg[0], x->arg[2]));
    case STORE_IN_REGION:
        return kit_judge_region(rows, row, x);
    case STORE_LIKE: {
        struct kit_cell a = kit_operand(rows, row, x->arg[0], &ta);
        struct kit_cell b = kit_operand(rows, row, x->arg[1], &tb);
        if (a.is_null || b.is_null)
            return KIT_UNKNOWN;
        return kit_like((str){a.value, a.count}, (str){b.value, b.count});
    }
    default:
        return kit_judge_comparison(rows, row, x->op, x->arg[0], x->arg[1]);
    }
}

/* --- making ----------------------------------------------------------------------- */

struct kit_maker {
    struct arena *arena;
    const struct store_table *table;
    const struct kit_rows *rows;
};

#define KIT_NEW(m, type, n) ((type *)kit_alloc((m)->arena, (n), sizeof(type)))
static inline void *kit_alloc(struct arena *arena, size_t n, size_t size)
{
    void *at = arena_alloc(arena, n, size);
    CHECK(at != NULL);
    return at;
}

static inline const struct store_expr *kit_expr(struct kit_maker *m, enum store_op op,
                                                uint32_t narg,
                                                const struct store_expr *const arg[])
{
    struct store_expr *x = KIT_NEW(m, struct store_expr, 1);
    const struct store_expr **copy = KIT_NEW(m, const struct store_expr *, narg + 1);
    for (uint32_t i = 0; i < narg; i++)
        copy[i] = arg[i];
    *x = (struct store_expr){.op = op, .narg = narg, .arg = copy};
    return x;
}

static inline const struct store_expr *kit_column_expr(struct kit_maker *m, uint32_t column)
{
    struct store_expr *x = KIT_NEW(m, struct store_expr, 1);
    *x = (struct store_expr){.op = STORE_COLUMN, .column = column};
    return x;
}

static inline const struct store_expr *
kit_literal(struct kit_maker *m, enum store_type type, const struct kit_cell *c)
{
    struct store_expr *x = KIT_NEW(m, struct store_expr, 1);
    *x = (struct store_expr){.op = STORE_LITERAL,
                             .type = type,
                             .count = c->count,
                             .value = c->is_null ? NULL : c->value};
    return x;
}

static inline bool kit_is_scalar(const struct store_column *c)
{
    return c->type == STORE_TEXT || c->length == 1;
}

static inline uint32_t kit_scalar_column(struct kit_maker *m)
{
    uint32_t c;
    do
        c = kit_random(m->table->ncolumn);
    while (!kit_is_scalar(m->table->column[c]));
    return c;
}

/* Some value of that column; now and then NULL or, for reals, NaN. */
static inline const struct store_expr *kit_some_value(struct kit_maker *m, uint32_t column)
{
    enum store_type type = m->table->column[column]->type;
    struct kit_cell none = {.is_null = true};
    uint32_t dice = kit_random(20);
    if (dice == 0 || m->rows->nrow == 0)
        return kit_literal(m, type, &none);
    if (dice == 1 && type == STORE_F64) {
        double *nan_value = KIT_NEW(m, double, 1);
        *nan_value = NAN;
        return kit_literal(m, type, &(struct kit_cell){false, 1, nan_value});
    }
    uint64_t row = kit_random((uint32_t)m->rows->nrow);
    return kit_literal(m, type, &kit_row(m->rows, row)[column]);
}

static inline const struct store_expr *kit_make_comparison(struct kit_maker *m)
{
    uint32_t c = kit_scalar_column(m);
    const struct store_expr *arg[2] = {kit_column_expr(m, c), kit_some_value(m, c)};
    uint32_t other = kit_scalar_column(m);
    if (kit_random(5) == 0 && m->table->column[other]->type == m->table->column[c]->type)
        arg[1] = kit_column_expr(m, other);
    return kit_expr(m, (enum store_op)(STORE_EQ + kit_random(6)), 2, arg);
}

static inline const struct store_expr *kit_make_set(struct kit_maker *m)
{
    uint32_t c = kit_scalar_column(m), n = 1 + kit_random(5);
    const struct store_expr *arg[6] = {kit_column_expr(m, c)};
    if (kit_random(2) == 0) {
        arg[1] = kit_some_value(m, c);
        arg[2] = kit_some_value(m, c);
        return kit_expr(m, STORE_BETWEEN, 3, arg);
    }
    for (uint32_t i = 1; i <= n; i++)
        arg[i] = kit_some_value(m, c);
    return kit_expr(m, STORE_IN, n + 1, arg);
}

static inline const struct store_expr *kit_make_is_null(struct kit_maker *m)
{
    const struct store_expr *arg[1] = {kit_column_expr(m, kit_random(m->table->ncolumn))};
    return kit_expr(m, STORE_IS_NULL, 1, arg);
}

/* A value with some of its bytes replaced by wild cards, or by a backslash. */
static inline const struct store_expr *kit_make_like(struct kit_maker *m)
{
    uint32_t c = kit_scalar_column(m);
    if (m->table->column[c]->type != STORE_TEXT || m->rows->nrow == 0)
        return kit_make_comparison(m);
    const struct kit_cell *some = &kit_row(m->rows, kit_random((uint32_t)m->rows->nrow))[c];
    char *pattern = KIT_NEW(m, char, some->count + 2);
    uint32_t n = 0;
    for (uint32_t i = 0; i < some->count && ((const uint8_t *)some->value)[i] < 0x80; i++)
        pattern[n++] =
            kit_random(4) ? ((const char *)some->value)[i] : "%_\\%"[kit_random(4)];
    if (kit_random(2))
        pattern[n++] = '%';
    struct kit_cell cell = {false, n, pattern};
    const struct store_expr *arg[2] = {kit_column_expr(m, c),
                                       kit_literal(m, STORE_TEXT, &cell)};
    return kit_expr(m, STORE_LIKE, 2, arg);
}

static inline const struct store_expr *kit_make_region(struct kit_maker *m)
{
    if (m->table->lon_column < 0)
        return kit_make_is_null(m);
    double lon = kit_random(3600) / 10.0, lat = (double)kit_random(1600) / 10 - 80;
    double size = 1 + kit_random(300) / 10.0;
    double up = lat + size > 89 ? 89 : lat + size;
    struct store_region *r = KIT_NEW(m, struct store_region, 1);
    double *coord = KIT_NEW(m, double, 8);
    const double circle[] = {lon, lat, size}, range[] = {lon, lon + size, lat, up};
    const double polygon[] = {lon, lat, lon + size, lat, lon + size / 2, up};
    r->shape = (enum store_shape)kit_random(3);
    const double *from = r->shape == STORE_CIRCLE  ? circle
                         : r->shape == STORE_RANGE ? range
                                                   : polygon;
    r->ncoord = r->shape == STORE_CIRCLE ? 3 : r->shape == STORE_RANGE ? 4 : 6;
    memcpy(coord, from, r->ncoord * sizeof *coord);
    r->coord_deg = coord;
    const struct store_expr *arg[2] = {kit_column_expr(m, (uint32_t)m->table->lon_column),
                                       kit_column_expr(m, (uint32_t)m->table->lat_column)};
    struct store_expr *x =
        (struct store_expr *)(uintptr_t)kit_expr(m, STORE_IN_REGION, 2, arg);
    x->region = r;
    return x;
}

static inline const struct store_expr *kit_make_filter(struct kit_maker *m, int depth)
{
    const struct store_expr *arg[3];
    uint32_t dice = kit_random(depth < 3 ? 14 : 9);
    if (dice < 4)
        return kit_make_comparison(m);
    if (dice < 6)
        return kit_make_set(m);
    if (dice < 7)
        return kit_make_is_null(m);
    if (dice < 8)
        return kit_make_like(m);
    if (dice < 9)
        return kit_make_region(m);
    uint32_t n = dice < 11 ? 1 : 2 + kit_random(2);
    for (uint32_t i = 0; i < n; i++)
        arg[i] = kit_make_filter(m, depth + 1);
    return kit_expr(m, dice < 11 ? STORE_NOT : dice < 13 ? STORE_AND : STORE_OR, n, arg);
}

#endif
