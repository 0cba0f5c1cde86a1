/* yaml.h -- a small YAML document as a tree in which every node knows its place, so that
 * errors can name line and column. For configuration, descriptions, ECSV headers. */
#ifndef CORE_BASE_YAML_H
#define CORE_BASE_YAML_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    int line, column; /* of its first character, from 1 */
    uint32_t nitem;   /* of a list; pairs of a map */
    uint32_t weight;  /* nodes below and with it, aliases counted in full */
    bool is_plain;    /* a scalar without quotes: may be a null, truth value or number */
    const char *tag;  /* an explicit tag ("!time"), or NULL */
    str text;         /* of a scalar; UTF-8; text.at ends in NUL and holds no other */
    const struct yaml_node *item; /* a list's items; a map's keys and values in turn */
};

struct yaml_limits {
    size_t max_bytes;     /* of the text */
    uint32_t max_depth;   /* of nesting */
    uint32_t max_nodes;   /* aliases counted in full, so that none multiplies the work */
    uint32_t max_aliases; /* 0: refused, with a word on what to do */
};

/* For files that people write: 4 MiB, 24 levels, 500 000 nodes, no aliases. */
extern const struct yaml_limits YAML_LIMITS;

/* The one document of `text`; an empty one is an empty plain scalar. Keys are scalars, each
 * once in its map. Nodes live in `arena`. NULL: ERR_USAGE with line and column, or
 * ERR_LIMIT. */
const struct yaml_node *yaml_parse(str text, const struct yaml_limits *, struct arena *,
                                   struct err *);

/* The same from a file. What cannot be read is ERR_NOT_FOUND. */
const struct yaml_node *yaml_parse_file(const char *path, const struct yaml_limits *,
                                        struct arena *, struct err *);

/* Pair i of a map (i < nitem). */
static inline const struct yaml_node *yaml_key(const struct yaml_node *map, uint32_t i)
{
    return &map->item[2 * (size_t)i];
}

static inline const struct yaml_node *yaml_value(const struct yaml_node *map, uint32_t i)
{
    return &map->item[2 * (size_t)i + 1];
}

/* The value of `key`; NULL: no such key, no map, or map == NULL. */
const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key);

/* Plain and empty, "~" or "null". Also true of NULL. */
bool yaml_is_null(const struct yaml_node *);

/* What a scalar says. Each returns false, and leaves *out alone, if it says something else.
 * Truth values are true/false, yes/no, on/off in any case; also of quoted scalars numbers
 * are numbers ("12"). */
bool yaml_bool(const struct yaml_node *, bool *out);
bool yaml_int(const struct yaml_node *, int64_t *out);
bool yaml_double(const struct yaml_node *, double *out);

/* The text of a scalar that is no null; else NULL. */
const char *yaml_text(const struct yaml_node *);

#endif
