/* build.c -- description files and stores into one catalog; all errors at once. */
#include "core/catalog/build.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SCRATCH_MAX_BYTES = 1u << 30 };

/* --- reports ----------------------------------------------------------------------------
 */

static void report(struct build *b, const struct yaml_node *at, const char *kind,
                   const char *format, va_list args, bool is_error)
{
    char message[800], place[400];
    vsnprintf(message, sizeof message, format, args);
    if (at && at->line > 0)
        snprintf(place, sizeof place, "%.360s:%d:%d: ", b->path, at->line, at->column);
    else
        snprintf(place, sizeof place, "%.360s: ", b->path);
    if (is_error)
        err_set(b->e, ERR_USAGE, "%s%s", place, message);
    if (b->report)
        bytes_add_format(b->report, "%s%s%s\n", place, kind, message);
}

void build_error(struct build *b, const struct yaml_node *at, const char *format, ...)
{
    va_list args;
    if (++b->nerror > BUILD_MAX_REPORTED)
        return;
    va_start(args, format);
    report(b, at, "", format, args, true);
    va_end(args);
    if (b->nerror == BUILD_MAX_REPORTED && b->report)
        bytes_add_literal(b->report, "more errors are not listed\n");
}

void build_warning(struct build *b, const struct yaml_node *at, const char *format, ...)
{
    va_list args;
    if (b->nerror >= BUILD_MAX_REPORTED)
        return;
    va_start(args, format);
    report(b, at, "warning: ", format, args, false);
    va_end(args);
}

const char *build_copy(struct build *b, const char *text)
{
    if (!text)
        return NULL;
    const char *copy = arena_text(b->arena, str_of(text));
    b->is_full = b->is_full || !copy;
    return copy ? copy : "";
}

void *build_alloc(struct build *b, struct arena *arena, size_t count, size_t size)
{
    void *memory = arena_alloc(arena, count, size);
    b->is_full = b->is_full || !memory;
    return memory;
}

/* --- from drafts to the snapshot --------------------------------------------------------
 */

struct sorted_table {
    const struct draft_table *draft;
    uint32_t place; /* in the files */
};

static int compare_tables(const void *a, const void *b)
{
    const struct sorted_table *left = a, *right = b;
    if (left->draft->order != right->draft->order)
        return left->draft->order < right->draft->order ? -1 : 1;
    return left->place < right->place ? -1 : 1;
}

/* By tap:table_index, else in the order of the files. */
static void finish_schema(struct build *b, struct draft_schema *schema)
{
    struct sorted_table *sorted =
        build_new_array(b, b->scratch, struct sorted_table, schema->ntable + 1);
    struct catalog_table *table =
        build_new_array(b, b->arena, struct catalog_table, schema->ntable + 1);
    if (!sorted || !table)
        return;
    uint32_t n = 0;
    for (const struct draft_table *t = schema->first; t; t = t->next, n++)
        sorted[n] = (struct sorted_table){t, n};
    qsort(sorted, n, sizeof *sorted, compare_tables);
    for (uint32_t i = 0; i < n; i++) {
        table[i] = sorted[i].draft->table;
        table[i].index = i;
    }
    schema->schema.table = table;
    schema->schema.ntable = n;
}

static void finish(struct build *b)
{
    for (uint32_t i = 0; i < b->nschema; i++)
        for (struct draft_table *t = b->schema[i].first; t && !b->is_full; t = t->next)
            relations_keys(b, &b->schema[i], t);
    struct catalog_schema *schema =
        build_new_array(b, b->arena, struct catalog_schema, b->nschema);
    for (uint32_t i = 0; schema && i < b->nschema; i++) {
        finish_schema(b, &b->schema[i]);
        schema[i] = b->schema[i].schema;
    }
    if (b->is_full)
        return;
    b->catalog->schema = schema;
    b->catalog->nschema = b->nschema;
    b->is_full = !snapshot_index(b->catalog);
    if (b->is_full)
        return;
    describe_examples(b);
    b->catalog->example = b->example;
    b->catalog->nexample = b->nexample;
}

static bool begin(struct build *b, uint32_t nsource)
{
    b->catalog = snapshot_new();
    b->scratch = arena_new(SCRATCH_MAX_BYTES);
    if (!b->catalog || !b->scratch)
        return false;
    b->arena = b->catalog->arena;
    b->schema = build_new_array(b, b->scratch, struct draft_schema, nsource + 1);
    b->example = build_new_array(b, b->arena, struct catalog_example, BUILD_MAX_EXAMPLES);
    b->example_node =
        build_new_array(b, b->scratch, const struct yaml_node *, BUILD_MAX_EXAMPLES);
    b->example_path = build_new_array(b, b->scratch, const char *, BUILD_MAX_EXAMPLES);
    return !b->is_full;
}

struct catalog *catalog_build(const struct catalog_source *source, uint32_t nsource,
                              uint32_t tap_schema_store, struct bytes *out, struct err *e)
{
    struct build b = {.report = out, .e = e, .path = "catalog"};
    b.is_full = !begin(&b, nsource);
    for (uint32_t i = 0; i < nsource && !b.is_full; i++)
        describe_source(&b, &source[i]);
    if (!b.is_full)
        tap_schema_add(&b, tap_schema_store);
    if (!b.is_full)
        finish(&b);
    if (b.is_full)
        err_set(e, ERR_LIMIT, "the descriptions need too much memory");
    arena_free(b.scratch);
    if (!b.is_full && b.nerror == 0)
        return b.catalog;
    catalog_drop(b.catalog);
    return NULL;
}
