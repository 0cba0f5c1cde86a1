/* alerts.c -- alerts that files hold. */
#include <math.h>

#include "core/products/inside.h"

static void bind_time(sqlite3_stmt *s, int i, int64_t us)
{
    if (s && us == PRODUCT_NONE)
        sqlite3_bind_null(s, i);
    else if (s)
        sqlite3_bind_int64(s, i, us);
}

bool products_put_alert(struct products *p, int64_t file_id, const struct product_alert *a,
                        struct err *e)
{
    sqlite3_stmt *s = db_bind(&p->writer, SQL_PUT_ALERT, e, "ittttttttiidddd", file_id,
                              a->ivorn, a->role, a->author, a->concept, a->name,
                              a->description, a->cites, a->what, a->date_us, a->event_us,
                              a->ra_deg, a->dec_deg, a->error_deg, a->importance);
    bind_time(s, 10, a->date_us);
    bind_time(s, 11, a->event_us);
    return db_run(&p->writer, s, NULL, e);
}

bool products_walk_alerts(struct products *p, struct err *e)
{
    products_walk_end(p);
    return db_open(&p->walker, "the registry of products", p->path, PRODUCTS_SQL, e) &&
           db_bind(&p->walker, SQL_ALERTS, e, "") != NULL;
}

bool products_next_alert(struct products *p, struct arena *arena, struct product_alert *a,
                         struct err *e)
{
    sqlite3_stmt *s = p->walker.statements[SQL_ALERTS];
    if (db_step(&p->walker, s, e) != 1)
        return false;
    *a = (struct product_alert){
        .ivorn = db_text(arena, s, 0),
        .role = db_text(arena, s, 1),
        .author = db_text(arena, s, 2),
        .concept = db_text(arena, s, 3),
        .name = db_text(arena, s, 4),
        .description = db_text(arena, s, 5),
        .cites = db_text(arena, s, 6),
        .what = db_text(arena, s, 7),
        .date_us = product_whole(s, 8),
        .event_us = product_whole(s, 9),
        .ra_deg = product_number(s, 10),
        .dec_deg = product_number(s, 11),
        .error_deg = product_number(s, 12),
        .importance = product_number(s, 13),
    };
    return a->ivorn || err_set(e, ERR_INTERNAL, "out of memory");
}
