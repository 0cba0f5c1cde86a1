/* check.c -- does a query hold, alone or against a catalog? */
#include "adql/adql.h"

enum { CHECK_BYTES = 64 << 20 };

bool adql_check_line(str query, const struct catalog *catalog, struct err *e)
{
    struct arena *arena = arena_new(CHECK_BYTES);
    if (!arena)
        return err_set(e, ERR_LIMIT, "no memory to read the query");
    struct adql_query *q = adql_parse(query, ADQL_COLURE, NULL, arena, e);
    bool ok = q != NULL;
    if (ok && catalog)
        ok = adql_bind(q, &(struct adql_scope){.catalog = catalog}, arena, e);
    arena_free(arena);
    return ok;
}
