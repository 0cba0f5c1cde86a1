/* differences.c -- what a store holds now beside what its descriptions say: not errors, but
 * what a person who keeps the descriptions wants to know. */
#include <stdio.h>

#include "core/catalog/build.h"

enum { MAX_NAMED = 20 }; /* in one line */

/* "a, b, c and 7 more" */
struct names {
    struct bytes text;
    uint32_t n;
};

static void add_name(struct names *list, const char *name)
{
    if (list->n++ < MAX_NAMED)
        bytes_add_format(&list->text, "%s%.128s", list->n > 1 ? ", " : "", name);
}

static void print_names(struct names *list, const char *what, struct bytes *out)
{
    const char *text = bytes_text(&list->text);
    if (list->n && text) {
        bytes_add_format(out, "note: %s%s", what, text);
        if (list->n > MAX_NAMED)
            bytes_add_format(out, " and %u more", (unsigned)(list->n - MAX_NAMED));
        bytes_add_char(out, '\n');
    }
    bytes_free(&list->text);
}

static void begin_names(struct names *list)
{
    *list = (struct names){0};
    bytes_init(&list->text, 1 << 16);
}

static const struct catalog_column *find_native(const struct catalog_table *t,
                                                const char *name)
{
    for (uint32_t i = 0; i < t->ncolumn; i++)
        if (strcmp(t->column[i].native, name) == 0)
            return &t->column[i];
    return NULL;
}

static void compare_columns(const struct catalog_table *t, const struct store_table *store,
                            struct bytes *out)
{
    struct names missing, nullable;
    begin_names(&missing);
    begin_names(&nullable);
    for (uint32_t i = 0; i < store->ncolumn; i++) {
        const struct store_column *c = store->column[i];
        const struct catalog_column *found = find_native(t, c->name);
        if (!found)
            add_name(&missing, c->name);
        else if ((c->flags & STORE_NULLABLE) && !(found->meta.flags & STORE_NULLABLE) &&
                 !(found->meta.flags & STORE_HIDDEN) && !(c->null_fraction == 0))
            add_name(&nullable, c->name);
    }
    char what[300];
    snprintf(what, sizeof what, "%.128s: not described, so not published: ", t->full_name);
    print_names(&missing, what, out);
    snprintf(what, sizeof what,
             "%.128s: never NULL by the description, but the store allows "
             "it: ",
             t->full_name);
    print_names(&nullable, what, out);
}

static const struct catalog_table *find_table(const struct catalog *c, uint32_t store,
                                              const char *listed)
{
    for (uint32_t i = 0; i < c->ntable; i++)
        if (c->table[i]->store == store && strcmp(c->table[i]->store_name, listed) == 0)
            return c->table[i];
    return NULL;
}

/* What stands before the table's own name. */
static str schema_of(const char *listed)
{
    const char *dot = strrchr(listed, '.');
    return (str){listed, dot ? (size_t)(dot - listed) : 0};
}

/* Is any table of that schema of the store published? Then the others are of interest. */
static bool is_served(const struct catalog *c, uint32_t store, str schema)
{
    for (uint32_t i = 0; i < c->ntable; i++)
        if (c->table[i]->store == store &&
            str_eq(schema_of(c->table[i]->store_name), schema))
            return true;
    return false;
}

void catalog_differences(const struct catalog *c, uint32_t store,
                         const struct store_table *const *table, uint32_t ntable,
                         struct bytes *out)
{
    struct names missing;
    begin_names(&missing);
    for (uint32_t i = 0; i < ntable; i++) {
        const struct catalog_table *found = find_table(c, store, table[i]->name);
        if (found)
            compare_columns(found, table[i], out);
        else if (is_served(c, store, schema_of(table[i]->name)))
            add_name(&missing, table[i]->name);
    }
    print_names(&missing,
                "tables of the store that are not described, so not published: ", out);
}
