/* feed.c -- rows of ours as the feed that a store receives a table from. */
#include "core/query/plan.h"

static enum store_status feed_next(struct store_feed *feed, struct store_batch *batch,
                                   struct store_error *e)
{
    struct plan_feed *f = (struct plan_feed *)feed;
    (void)e; /* the error stays in f->err, whole */
    switch (f->rows->next(f->rows, batch, &f->err)) {
    case STEP_ROWS:
        return STORE_OK;
    case STEP_END:
        return STORE_END;
    default:
        return STORE_INVALID;
    }
}

struct plan_feed plan_feed_of(struct rowsource *rows)
{
    return (struct plan_feed){.feed = {sizeof(struct store_feed), feed_next}, .rows = rows};
}
