/* explain.c -- a plan as text for people: who gets which text, and what the store says. */
#include <stdlib.h>

#include "core/query/plan.h"

void query_explain_store(struct query *q, struct bytes *out)
{
    enum { PLAN_BYTES = 256 * 1024 };
    const struct query_store *s = plan_store(q);
    struct store_error se = {.size = sizeof se};
    struct store_session *session;
    struct bytes sql;
    if (q->nupload || q->ngather)
        return; /* what it speaks of is not there yet */
    char *text = malloc(PLAN_BYTES);
    bytes_init(&sql, q->sql.limit);
    if (text && s->plugin->explain_sql && plan_write(q, &sql, NULL, NULL) &&
        s->plugin->begin(s->store, &q->call, &session, &se) == STORE_OK) {
        if (s->plugin->explain_sql(session, sql.at, text, PLAN_BYTES))
            bytes_add(out, str_of(text));
        s->plugin->end(session);
    }
    bytes_free(&sql);
    free(text);
}

bool query_explain(struct query *q, bool with_store, struct bytes *out, struct err *e)
{
    bytes_add_literal(out, "The query, bound\n");
    if (!adql_explain_tree(q->tree, out, e))
        return false;
    for (uint32_t i = 0; i < q->nupload; i++)
        bytes_add_format(out, "\nTAP_UPLOAD.%s goes to the store as a temporary table%s\n",
                         q->request.upload[i].name,
                         q->upload[i].received.lon_column >= 0 ? ", indexed by position"
                                                               : "");
    for (uint32_t i = 0; i < q->ngather; i++) {
        const struct catalog_table *t = q->gather[i].used->table;
        bytes_add_format(out, "\n%s comes from store %s: %u columns, ", t->full_name,
                         q->env->store[t->store].name, q->gather[i].received.ncolumn);
        if (q->gather[i].nfilter)
            bytes_add_format(out, "those that meet %u of the conditions among ",
                             q->gather[i].nfilter);
        bytes_add_format(out, "%lld rows\n", (long long)t->row_estimate);
    }
    for (const struct plan_note *n = q->note; n; n = n->next)
        bytes_add_format(out, "%s%s\n", n == q->note ? "\n" : "", n->text);
    bytes_add_format(out, "\nStore %s runs\n%s\n", plan_store(q)->name, q->sql.at);
    if (with_store) {
        struct bytes plan;
        bytes_init(&plan, out->limit);
        query_explain_store(q, &plan);
        if (plan.len)
            bytes_add_literal(out, "\nThe store's own plan\n");
        bytes_add(out, bytes_str(&plan));
        bytes_free(&plan);
    }
    return !out->failed || err_set(e, ERR_LIMIT, "the explanation is too long");
}
