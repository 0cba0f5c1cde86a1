/* json_columns.h -- records of JSON as cells under flat names. Private to this folder. */
#ifndef CORE_FORMATS_JSON_COLUMNS_H
#define CORE_FORMATS_JSON_COLUMNS_H

#include "core/base/arena.h"
#include "core/formats/infer.h"

struct json_column {
    const char *path; /* as in the file: "a.b" of {"a": {"b": 1}} */
    struct infer infer;
    bool any_truth, any_numbers, any_json; /* booleans; arrays of numbers; anything else */
    struct cell_kind kind;
    uint32_t index;
    uint64_t row; /* that has its cell, from 1: a repeated name counts once */
};

/* The columns seen so far, found by path. */
struct json_columns {
    struct json_column **column;
    uint32_t ncolumn, capacity, limit, max_depth;
    uint32_t *slot; /* hash: index + 1; at most half full */
    uint32_t nslot;
    struct arena *arena;
    struct bytes path, text; /* scratch */
    const char *problem;     /* what was wrong with the last record */
};

bool json_columns_begin(struct json_columns *, struct arena *, uint32_t limit,
                        uint32_t max_depth);
void json_columns_free(struct json_columns *);

/* The column of a path; made when `is_new_allowed`. NULL: none (or problem). */
struct json_column *json_columns_find(struct json_columns *, str path, bool is_new_allowed);

/* Gives each value of a record to take(): objects inside are gone into, other values come
 * raw. Of GeoJSON features come the properties under their own names, the id, and a point
 * as lon and lat. False: json_columns.problem. */
bool json_columns_each(struct json_columns *, str record, bool is_feature,
                       bool (*take)(void *context, str path, str value), void *context);

enum json_kind {
    JSON_NULL,
    JSON_TRUTH,
    JSON_NUMBER,
    JSON_STRING,
    JSON_NUMBERS,
    JSON_OTHER
};
enum json_kind json_kind_of(str value);

#endif
