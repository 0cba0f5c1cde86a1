/* steps.c -- a plan as a tree for people: what is read where, what is brought to where, and
 * which statement joins it. Estimates only; no store is asked. */
#include "core/base/json.h"
#include "core/query/plan.h"

/* Columns that people know of. */
static uint32_t published(const struct catalog_table *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->ncolumn; i++)
        n += !(t->column[i].meta.flags & STORE_HIDDEN);
    return n;
}

static uint32_t read_and_published(const struct adql_used_table *used)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < used->ncolumn; i++)
        n += !(used->table->column[used->column[i]].meta.flags & STORE_HIDDEN);
    return n;
}

static void add_table(const struct query *q, const struct adql_used_table *used,
                      struct bytes *out)
{
    struct bytes text;
    bytes_init(&text, 4096);
    json_open(out, NULL, '{');
    bytes_add_format(&text, "Reads %.600s", used->table->full_name);
    json_str(out, "what", bytes_str(&text));
    bytes_clear(&text);
    bytes_add_format(&text, "%u of its %u columns, in store %s", read_and_published(used),
                     published(used->table), q->env->store[used->table->store].name);
    json_str(out, "detail", bytes_str(&text));
    json_count(out, "rows", used->table->row_estimate);
    json_close(out, '}');
    bytes_free(&text);
}

static const struct plan_gather *gathered(const struct query *q,
                                          const struct adql_used_table *used)
{
    for (uint32_t i = 0; i < q->ngather; i++)
        if (q->gather[i].used == used || q->gather[i].used->table == used->table)
            return &q->gather[i];
    return NULL;
}

static void add_gather(const struct query *q, const struct plan_gather *g,
                       struct bytes *out)
{
    struct bytes text;
    bytes_init(&text, 4096);
    json_open(out, NULL, '{');
    bytes_add_format(&text, "Brings %.600s from store %s to store %s",
                     g->used->table->full_name, q->env->store[g->used->table->store].name,
                     plan_store(q)->name);
    json_str(out, "what", bytes_str(&text));
    bytes_clear(&text);
    if (g->nfilter)
        bytes_add_format(&text,
                         "%u columns, only rows that meet %u of the query's "
                         "conditions",
                         g->received.ncolumn, g->nfilter);
    else
        bytes_add_format(&text, "%u columns, all rows", g->received.ncolumn);
    json_str(out, "detail", bytes_str(&text));
    json_count(out, "rows", g->used->table->row_estimate);
    json_close(out, '}');
    bytes_free(&text);
}

static void add_step(struct bytes *out, const char *what, const char *detail)
{
    json_open(out, NULL, '{');
    json_text(out, "what", what);
    json_text(out, "detail", detail);
    json_close(out, '}');
}

static void add_inputs(const struct query *q, struct bytes *out)
{
    for (uint32_t i = 0; i < q->nupload; i++) {
        bool near = q->upload[i].received.lon_column >= 0;
        json_open(out, NULL, '{');
        json_text(out, "what", "Sends an uploaded table to the store");
        json_text(out, "detail", q->request.upload[i].name);
        if (near) {
            json_open(out, "children", '[');
            add_step(out, "Indexes it by position", NULL);
            json_close(out, ']');
        }
        json_close(out, '}');
    }
    for (uint32_t i = 0; i < q->tree->ntable; i++) {
        const struct adql_used_table *used = &q->tree->table[i];
        const struct plan_gather *g = used->is_upload ? NULL : gathered(q, used);
        if (g)
            add_gather(q, g, out);
        else if (!used->is_upload)
            add_table(q, used, out);
    }
    for (const struct plan_note *n = q->note; n; n = n->next)
        add_step(out, "Uses an index across tables", n->text);
}

void query_explain_steps(const struct query *q, struct bytes *out)
{
    const struct query_cost cost = query_cost(q);
    json_open(out, NULL, '{');
    json_text(out, "what", "The answer");
    json_count(out, "rows", (int64_t)cost.rows_out);
    json_open(out, "children", '[');
    json_open(out, NULL, '{');
    struct bytes text;
    bytes_init(&text, 1024);
    bytes_add_format(&text, "Store %s runs one statement", plan_store(q)->name);
    json_str(out, "what", bytes_str(&text));
    bytes_free(&text);
    json_count(out, "rows", (int64_t)cost.rows_read);
    json_open(out, "children", '[');
    add_inputs(q, out);
    json_close(out, ']');
    json_close(out, '}');
    json_close(out, ']');
    json_close(out, '}');
}

const struct catalog_table *query_whole_table(const struct query *q)
{
    const struct adql_select *s = q->tree->body->select;
    if (!s || s->top >= 0 || s->where || s->is_grouped || s->having)
        return NULL;
    const struct catalog_table *largest = NULL;
    for (uint32_t i = 0; i < s->nfrom; i++) {
        const struct adql_from *f = s->from[i];
        if (f->kind == ADQL_FROM_TABLE && f->table && !f->is_upload &&
            f->sample_percent <= 0 &&
            (!largest || f->table->row_estimate > largest->row_estimate))
            largest = f->table;
    }
    return largest;
}
