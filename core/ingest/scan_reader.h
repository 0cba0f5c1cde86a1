/* scan_reader.h -- a template that is being read: what its sections share to complain. */
#ifndef CORE_INGEST_SCAN_READER_H
#define CORE_INGEST_SCAN_READER_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/yaml.h"

struct reader {
    const char *name; /* of the file */
    struct arena *arena;
    struct err *e;
    int64_t size; /* of a record; section `records` alone */
};

/* False, with *e: file, line and column, `text` and what is wrong with it. */
static inline bool complain(struct reader *r, const struct yaml_node *at, const char *what,
                            const char *text)
{
    return err_set_at(r->e, ERR_USAGE, at->line, at->column, "%s:%d:%d: %s %s", r->name,
                      at->line, at->column, text, what);
}

static inline bool no_memory(struct reader *r)
{
    return err_set(r->e, ERR_LIMIT, "%s: too much memory for a template", r->name);
}

#endif
