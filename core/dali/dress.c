/* dress.c -- the columns of an answer in the words of another standard: two numbers beside
 * each other as an array, the address of the data instead of that of their links. */
#include <math.h>

#include "core/base/column.h"
#include "core/dali/ask.h"

struct dressed {
    struct rowsource source; /* must be first */
    struct rowsource *inner;
    const struct dali_shown *shown;
    uint32_t nshown;
    struct store_vector *vector;
    struct bytes *made, *offset; /* of each column that is made */
};

static bool is_pair(const struct dali_shown *s)
{
    return s->make == DALI_PAIR || s->make == DALI_INT_PAIR;
}

static const char *word(const char *wanted, const char *own)
{
    return !wanted ? own : *wanted ? wanted : NULL;
}

static void dress(struct store_column *c, const struct dali_shown *shown)
{
    c->name = word(shown->name, c->name);
    c->ucd = word(shown->ucd, c->ucd);
    c->utype = word(shown->utype, c->utype);
    c->unit = word(shown->unit, c->unit);
    c->xtype = word(shown->xtype, c->xtype);
    c->description = word(shown->description, c->description);
    if (!is_pair(shown))
        return;
    c->type = shown->make == DALI_INT_PAIR ? STORE_I32 : STORE_F64;
    c->length = 2;
    c->datatype = c->arraysize = NULL;
}

/* What is no int is 0. */
static int32_t int_of(double x)
{
    return x >= 0 && x <= INT32_MAX ? (int32_t)x : 0;
}

static bool join(const struct dali_shown *shown, const struct store_column *const *column,
                 const struct store_vector *from, uint32_t nrow, struct bytes *made)
{
    bool is_int = shown->make == DALI_INT_PAIR;
    bytes_clear(made);
    char *to = bytes_reserve(made, (size_t)nrow * 2 * sizeof(double));
    for (uint32_t i = 0; to && i < nrow; i++)
        for (uint32_t k = 0; k < 2; k++) {
            double x = column_number(column[k], &from[k], i);
            if (is_int)
                ((int32_t *)(void *)to)[2 * i + k] = int_of(x);
            else
                ((double *)(void *)to)[2 * i + k] = x;
        }
    return to != NULL;
}

/* ".../datalink/links?ID=X" as ".../soda/sync?ID=X"; what is no such address stays. */
static bool point_at_data(const struct store_vector *from, uint32_t nrow,
                          struct bytes *made, struct bytes *offset)
{
    static const str OLD = {"/datalink/links?ID=", sizeof "/datalink/links?ID=" - 1};
    bytes_clear(made);
    bytes_clear(offset);
    for (uint32_t i = 0; i <= nrow; i++) {
        uint32_t at = (uint32_t)made->len;
        bytes_add(offset, (str){(const char *)&at, sizeof at});
        if (i == nrow)
            break;
        str url = {(const char *)from->data + from->offset[i],
                   from->offset[i + 1] - from->offset[i]};
        size_t k = 0;
        while (k + OLD.len <= url.len && memcmp(url.at + k, OLD.at, OLD.len) != 0)
            k++;
        bool is_links = k + OLD.len <= url.len;
        bytes_add(made, (str){url.at, is_links ? k : url.len});
        if (!is_links)
            continue;
        bytes_add_literal(made, "/soda/sync?ID=");
        bytes_add(made, (str){url.at + k + OLD.len, url.len - k - OLD.len});
    }
    return !made->failed && !offset->failed;
}

/* Column k of the answer from column `at` of the query on. */
static bool make(struct dressed *d, uint32_t k, uint32_t at, const struct store_batch *from)
{
    const struct store_vector *v = &from->column[at];
    d->vector[k] = *v;
    enum dali_make how = k < d->nshown ? d->shown[k].make : DALI_AS_IS;
    if (how == DALI_AS_IS)
        return true;
    bool is_url = how == DALI_DATA_URL;
    bool ok = is_url
                  ? point_at_data(v, from->nrow, &d->made[k], &d->offset[k])
                  : join(&d->shown[k], &d->inner->column[at], v, from->nrow, &d->made[k]);
    const void *offset = is_url ? d->offset[k].at : NULL;
    d->vector[k] = (struct store_vector){
        .data = d->made[k].at ? d->made[k].at : "", .offset = offset, .valid = v->valid};
    return ok;
}

static enum step dressed_next(struct rowsource *source, struct store_batch *b,
                              struct err *e)
{
    struct dressed *d = (struct dressed *)source;
    struct store_batch from;
    enum step step = d->inner->next(d->inner, &from, e);
    if (step != STEP_ROWS)
        return step;
    uint32_t at = 0;
    for (uint32_t k = 0; k < source->ncolumn; k++) {
        if (!make(d, k, at, &from)) {
            err_set(e, ERR_BUSY, "the node is out of memory; try again later");
            return STEP_FAILED;
        }
        at += k < d->nshown && is_pair(&d->shown[k]) ? 2 : 1;
    }
    *b = from;
    b->column = d->vector;
    return STEP_ROWS;
}

static void dressed_close(struct rowsource *source)
{
    struct dressed *d = (struct dressed *)source;
    for (uint32_t k = 0; k < source->ncolumn; k++) {
        bytes_free(&d->made[k]);
        bytes_free(&d->offset[k]);
    }
    d->inner->close(d->inner);
}

/* Copies of the columns that are shown, the second ones of pairs left out. */
static const struct store_column **copies(const struct result_head *head,
                                          const struct dali_shown *shown, uint32_t nshown,
                                          uint32_t nout, struct arena *arena)
{
    const struct store_column **column =
        arena_new_array(arena, const struct store_column *, nout + 1);
    struct store_column *copy = arena_new_array(arena, struct store_column, nout + 1);
    uint32_t at = 0;
    for (uint32_t k = 0; column && copy && k < nout; k++, at++) {
        copy[k] = *head->column[at];
        column[k] = &copy[k];
        if (k >= nshown)
            continue;
        dress(&copy[k], &shown[k]);
        at += is_pair(&shown[k]);
    }
    return copy ? column : NULL;
}

static bool wrap(struct dali_answer *answer, struct dressed *d, struct arena *arena)
{
    enum { COLUMN_BYTES = 1 << 30 };
    uint32_t n = answer->head.ncolumn;
    d->vector = arena_new_array(arena, struct store_vector, n + 1);
    d->made = arena_new_array(arena, struct bytes, n + 1);
    d->offset = arena_new_array(arena, struct bytes, n + 1);
    for (uint32_t k = 0; d->made && d->offset && k < n; k++) {
        bytes_init(&d->made[k], COLUMN_BYTES);
        bytes_init(&d->offset[k], COLUMN_BYTES);
    }
    d->inner = answer->rows;
    d->source = (struct rowsource){.column = answer->head.column,
                                   .ncolumn = n,
                                   .next = dressed_next,
                                   .close = dressed_close};
    answer->rows = &d->source;
    return d->vector && d->made && d->offset;
}

bool dali_dress(struct dali_answer *answer, const struct dali_shown *shown, uint32_t nshown,
                struct arena *arena, struct err *e)
{
    struct result_head *head = &answer->head;
    uint32_t npair = 0, nmade = 0;
    for (uint32_t k = 0; k < nshown; k++) {
        npair += is_pair(&shown[k]);
        nmade += shown[k].make != DALI_AS_IS;
    }
    if (nshown == 0)
        return true;
    if (nshown + npair > head->ncolumn)
        return err_set(e, ERR_INTERNAL, "the query gives fewer columns than its service");
    const struct store_column **column =
        copies(head, shown, nshown, head->ncolumn - npair, arena);
    struct dressed *d = arena_new_one(arena, struct dressed);
    if (!column || !d)
        return err_set(e, ERR_LIMIT, "the request needs too much memory");
    head->column = column;
    head->ncolumn -= npair;
    d->shown = shown;
    d->nshown = nshown;
    return nmade == 0 || wrap(answer, d, arena) ||
           err_set(e, ERR_LIMIT, "the request needs too much memory");
}
