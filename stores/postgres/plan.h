/* plan.h -- a request of the planner while it becomes a statement; shared by plan.c and
 * plan_sky.c only. */
#ifndef STORES_POSTGRES_PLAN_H
#define STORES_POSTGRES_PLAN_H

#include "stores/postgres/scan.h"

struct store_plan {
    struct store *store;
    struct listing *listing;
    const struct store_table *table;
    const struct store_request *request;
    struct arena *arena;
    struct bytes sql;
    struct store_parameter *parameter;
    size_t nparameter, capacity;        /* of parameter */
    const struct store_column **column; /* of the rows that come */
    uint32_t ncolumn;
};

/* What may be compared with what. */
enum value_class {
    CLASS_NUMBER,
    CLASS_BOOL,
    CLASS_TEXT,
    CLASS_TIME,
    CLASS_NULL,
    CLASS_OTHER
};
enum value_class plan_class(const struct store_plan *, const struct store_expr *);

/* Each appends to the statement; false: this cannot be said in it. */
bool plan_put_expr(struct store_plan *, const struct store_expr *, int depth);
bool plan_add_parameter(struct store_plan *, enum store_type, uint32_t count,
                        const void *value);
void plan_put_table(struct store_plan *);
/* STORE_IN_REGION: circles. */
bool plan_put_region(struct store_plan *, const struct store_expr *, int depth);

#endif
