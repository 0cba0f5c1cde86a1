/* example.c -- the smallest whole adapter: one table of made-up stars, computed row by row.
 * Copy it, replace the parts marked (1) to (4), and run tests/store_kit on the result;
 * docs/adapter.md walks through it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stores/store.h"

enum { NROW = 5000, BATCH = 1024, NCOLUMN = 5, TEXT_BYTES = 16 };

/* (1) The description: what a catalogue of this table should show. */
#define COLUMN(type_, length_, ...)                                                        \
    {                                                                                      \
        .size = sizeof(struct store_column), .type = type_, .length = length_,             \
        .null_fraction = NAN, .minimum = NAN, .maximum = NAN, __VA_ARGS__                  \
    }
static const struct store_column COLUMNS[NCOLUMN] = {
    COLUMN(STORE_I64, 1, .name = "id", .ucd = "meta.id;meta.main", .flags = STORE_KEY),
    COLUMN(STORE_F64, 1, .name = "ra", .unit = "deg", .ucd = "pos.eq.ra;meta.main"),
    COLUMN(STORE_F64, 1, .name = "dec", .unit = "deg", .ucd = "pos.eq.dec;meta.main"),
    COLUMN(STORE_F32, 1, .name = "mag", .unit = "mag", .ucd = "phot.mag",
           .flags = STORE_NULLABLE),
    COLUMN(STORE_TEXT, -1, .name = "name", .description = "designation"),
};
static const struct store_column *const COLUMN_LIST[NCOLUMN] = {
    &COLUMNS[0], &COLUMNS[1], &COLUMNS[2], &COLUMNS[3], &COLUMNS[4]};
static const struct store_table TABLE = {.size = sizeof TABLE,
                                         .ncolumn = NCOLUMN,
                                         .column = COLUMN_LIST,
                                         .name = "stars",
                                         .description = "made-up stars on a spiral",
                                         .lon_column = 1,
                                         .lat_column = 2,
                                         .hpx_column = -1,
                                         .row_estimate = NROW,
                                         .generation = 1};

struct store { /* (2) what open() found: connections, files, options */
    const struct store_host *host;
};
struct store_plan {
    struct store *store;
    const struct store_request *request; /* lives until the plan is dropped */
};
struct store_scan { /* one running request and the memory of its batch */
    const struct store_request *request;
    const struct store_host *host;
    const struct store_call *call;
    uint32_t irow;
    int64_t id[BATCH];
    double ra[BATCH], dec[BATCH];
    float mag[BATCH];
    uint8_t has_mag[BATCH / 8];
    char text[BATCH * TEXT_BYTES];
    uint32_t offset[BATCH + 1];
    struct store_vector vector[]; /* as many as the request wants */
};

static enum store_status fail(struct store_error *e, enum store_status status,
                              const char *words)
{
    snprintf(e->message, sizeof e->message, "%s", words);
    return status;
}

static enum store_status example_open(const struct store_host *host,
                                      const struct store_option *option, size_t noption,
                                      struct store **out, struct store_error *e)
{
    (void)option;
    if (noption > 0)
        return fail(e, STORE_INVALID, "the example store has no options");
    *out = calloc(1, sizeof **out);
    if (!*out)
        return fail(e, STORE_LIMIT, "no memory");
    (*out)->host = host;
    return STORE_OK;
}

static void example_close(struct store *s)
{
    free(s);
}

static enum store_status example_list(struct store *s, const char *const **name, size_t *n,
                                      struct store_error *e)
{
    static const char *const NAMES[] = {"stars"};
    (void)s, (void)e;
    *name = NAMES;
    *n = 1;
    return STORE_OK;
}

static enum store_status example_describe(struct store *s, const char *name,
                                          const struct store_table **out,
                                          struct store_error *e)
{
    (void)s;
    if (strcmp(name, TABLE.name) != 0)
        return fail(e, STORE_NOT_FOUND, "there is only the table stars");
    *out = &TABLE;
    return STORE_OK;
}

/* (3) What is promised. The offer comes with every claim at NONE: the node then filters,
 * sorts and cuts by itself. Claim more only where the meaning is the same. */
static enum store_status example_plan(struct store *s, const struct store_call *call,
                                      const struct store_request *request,
                                      struct store_offer *offer, struct store_plan **out,
                                      struct store_error *e)
{
    const struct store_table *table;
    if (s->host->is_cancelled(s->host, call))
        return fail(e, STORE_CANCELLED, "stopped");
    enum store_status status = example_describe(s, request->table, &table, e);
    if (status != STORE_OK)
        return status;
    for (uint32_t i = 0; i < request->ncolumn; i++)
        if (request->column[i] >= NCOLUMN)
            return fail(e, STORE_INVALID, "there is no such column");
    *out = calloc(1, sizeof **out);
    if (!*out)
        return fail(e, STORE_LIMIT, "no memory");
    **out = (struct store_plan){s, request};
    offer->row_estimate = NROW;
    return STORE_OK;
}

static void example_drop_plan(struct store_plan *p)
{
    free(p);
}

static enum store_status example_start(struct store_plan *p, const struct store_call *call,
                                       struct store_scan **out, struct store_error *e)
{
    *out = calloc(1, sizeof **out + p->request->ncolumn * sizeof *(*out)->vector);
    if (!*out)
        return fail(e, STORE_LIMIT, "no memory");
    (*out)->request = p->request;
    (*out)->host = p->store->host;
    (*out)->call = call;
    return STORE_OK;
}

static void make_row(struct store_scan *s, uint32_t i, uint32_t id) /* (4) the rows */
{
    s->id[i] = id;
    s->ra[i] = fmod(id * 137.50776405003785, 360); /* the golden angle */
    s->dec[i] = asin(2 * (id + 0.5) / NROW - 1) * 57.29577951308232;
    s->mag[i] = id % 11 == 5 ? NAN : (float)(id % 200) / 10;
    s->has_mag[i / 8] = (uint8_t)(s->has_mag[i / 8] | (id % 7 != 3) << i % 8);
    char *at = s->text + s->offset[i];
    int n = id % 13 ? snprintf(at, TEXT_BYTES, "EX %u", id) : 0; /* some are empty */
    s->offset[i + 1] = s->offset[i] + (uint32_t)n;
}

static enum store_status example_next(struct store_scan *s, struct store_batch *batch,
                                      struct store_error *e)
{
    const struct store_vector all[NCOLUMN] = {
        {.data = s->id},
        {.data = s->ra},
        {.data = s->dec},
        {.data = s->mag, .valid = s->has_mag},
        {.data = s->text, .offset = s->offset},
    };
    if (s->host->is_cancelled(s->host, s->call))
        return fail(e, STORE_CANCELLED, "stopped");
    uint32_t n = NROW - s->irow < BATCH ? NROW - s->irow : BATCH;
    if (n == 0)
        return STORE_END;
    memset(s->has_mag, 0, sizeof s->has_mag);
    for (uint32_t i = 0; i < n; i++)
        make_row(s, i, s->irow + i);
    for (uint32_t k = 0; k < s->request->ncolumn; k++)
        s->vector[k] = all[s->request->column[k]]; /* only what is wanted, in that order */
    s->irow += n;
    *batch = (struct store_batch){.size = sizeof *batch, .nrow = n, .column = s->vector};
    return STORE_OK;
}

static void example_finish(struct store_scan *s)
{
    free(s);
}

const struct store_plugin *store_plugin_entry(const struct store_host *host)
{
    static const struct store_plugin PLUGIN = {.abi = STORE_ABI,
                                               .size = sizeof PLUGIN,
                                               .name = "example",
                                               .version = "1",
                                               .open = example_open,
                                               .close = example_close,
                                               .list = example_list,
                                               .describe = example_describe,
                                               .plan = example_plan,
                                               .drop_plan = example_drop_plan,
                                               .start = example_start,
                                               .next = example_next,
                                               .finish = example_finish};
    return host && host->abi == STORE_ABI ? &PLUGIN : NULL;
}
