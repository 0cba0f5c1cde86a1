/* json_columns.c -- see json_columns.h. */
#include "core/formats/json_columns.h"

#include "core/base/num.h"
#include "core/formats/json_text.h"

enum { FIRST_SLOTS = 64, PATH_MAX_BYTES = 4096, TEXT_MAX_BYTES = 256 << 20 };

bool json_columns_begin(struct json_columns *j, struct arena *arena, uint32_t limit,
                        uint32_t max_depth)
{
    *j = (struct json_columns){.arena = arena,
                               .limit = limit,
                               .max_depth = max_depth,
                               .nslot = FIRST_SLOTS,
                               .slot = arena_new_array(arena, uint32_t, FIRST_SLOTS)};
    bytes_init(&j->path, PATH_MAX_BYTES);
    bytes_init(&j->text, TEXT_MAX_BYTES);
    return j->slot != NULL;
}

void json_columns_free(struct json_columns *j)
{
    bytes_free(&j->path);
    bytes_free(&j->text);
}

/* The slot of a path: its own, or the free one where it belongs. */
static uint32_t *slot_of(struct json_columns *j, str path)
{
    uint32_t mask = j->nslot - 1;
    for (uint32_t i = (uint32_t)str_hash(path) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &j->slot[i];
        if (*slot == 0 || str_eq(str_of(j->column[*slot - 1]->path), path))
            return slot;
    }
}

static bool grow(struct json_columns *j)
{
    uint32_t capacity = j->capacity ? 2 * j->capacity : 16;
    struct json_column **larger = arena_new_array(j->arena, struct json_column *, capacity);
    uint32_t *slots = arena_new_array(j->arena, uint32_t, 4 * (size_t)capacity);
    if (!larger || !slots)
        return false;
    if (j->ncolumn)
        memcpy(larger, j->column, j->ncolumn * sizeof *larger);
    j->column = larger;
    j->capacity = capacity;
    j->slot = slots;
    j->nslot = 4 * capacity;
    for (uint32_t i = 0; i < j->ncolumn; i++)
        *slot_of(j, str_of(larger[i]->path)) = i + 1;
    return true;
}

struct json_column *json_columns_find(struct json_columns *j, str path, bool is_new_allowed)
{
    uint32_t *slot = slot_of(j, path);
    if (*slot)
        return j->column[*slot - 1];
    if (!is_new_allowed)
        return NULL;
    if (j->ncolumn == j->limit) {
        j->problem = "there are more different names than columns are allowed";
        return NULL;
    }
    struct json_column *c = arena_new_one(j->arena, struct json_column);
    if (!c || (j->ncolumn == j->capacity && !grow(j)) ||
        !(c->path = arena_text(j->arena, path))) {
        j->problem = "there is no memory for the columns";
        return NULL;
    }
    c->index = j->ncolumn;
    j->column[j->ncolumn++] = c;
    *slot_of(j, path) = j->ncolumn;
    return c;
}

/* --- records ----------------------------------------------------------------------------
 */

static bool is_numbers(str s)
{
    bool any = false;
    for (size_t i = 1; i + 1 < s.len; i++) {
        if (!strchr("0123456789+-.eE, \t\r\n", s.at[i]))
            return false;
        any |= s.at[i] >= '0' && s.at[i] <= '9';
    }
    return any || s.len == 2;
}

enum json_kind json_kind_of(str s)
{
    double number;
    if (str_eq(s, STR("null")))
        return JSON_NULL;
    if (str_eq(s, STR("true")) || str_eq(s, STR("false")))
        return JSON_TRUTH;
    if (s.at[0] == '"')
        return JSON_STRING;
    if (s.at[0] == '[' && is_numbers(s))
        return JSON_NUMBERS;
    return num_parse_double(s, &number) ? JSON_NUMBER : JSON_OTHER;
}

struct walk {
    struct json_columns *j;
    bool is_feature;
    bool (*take)(void *, str, str);
    void *context;
};

/* A point's coordinates; anything else stays JSON. */
static bool take_geometry(struct walk *w, str value)
{
    str key, member, coordinates = {NULL, 0}, part;
    bool is_point = false;
    const char *at = value.at + 1, *end = value.at + value.len;
    while (json_next_member(&at, end, w->j->max_depth, &key, &member, &w->j->problem)) {
        is_point |= str_eq(key, STR("\"type\"")) && str_eq(member, STR("\"Point\""));
        if (str_eq(key, STR("\"coordinates\"")))
            coordinates = member;
    }
    if (w->j->problem)
        return false;
    if (!is_point || coordinates.len < 2 || coordinates.at[0] != '[')
        return w->take(w->context, STR("geometry"), value);
    static const str NAMES[] = {{"lon", 3}, {"lat", 3}};
    at = coordinates.at + 1;
    end = coordinates.at + coordinates.len;
    for (int i = 0; i < 2; i++)
        if (json_next_element(&at, end, 2, &part, &w->j->problem) &&
            !w->take(w->context, NAMES[i], part))
            return false;
    return w->j->problem == NULL;
}

static bool walk_object(struct walk *w, str object, uint32_t depth);

/* One member, its key already on the path from `start` on. */
static bool walk_member(struct walk *w, str value, size_t start, uint32_t depth)
{
    struct bytes *path = &w->j->path;
    str name = start < path->len ? (str){path->at + start, path->len - start} : STR("");
    if (w->is_feature && depth == 0) {
        if (str_eq(name, STR("type")) || str_eq(name, STR("bbox")))
            return true;
        if (str_eq(name, STR("geometry")) && value.at[0] == '{')
            return take_geometry(w, value);
        if (str_eq(name, STR("properties")))
            path->len = start;
    }
    if (value.at[0] == '{')
        return walk_object(w, value, depth + 1);
    return w->take(w->context, bytes_str(path), value);
}

static bool walk_object(struct walk *w, str object, uint32_t depth)
{
    struct json_columns *j = w->j;
    const char *at = object.at + 1, *end = object.at + object.len;
    str key, value;
    size_t kept = j->path.len;
    if (depth > j->max_depth)
        return false;
    while (json_next_member(&at, end, j->max_depth, &key, &value, &j->problem)) {
        if (j->path.len)
            bytes_add_char(&j->path, '.');
        size_t start = j->path.len;
        if (!json_add_string(&j->path, key) || j->path.failed) {
            j->problem = "a name is not well written or too long";
            return false;
        }
        if (!walk_member(w, value, start, depth))
            return false;
        j->path.len = kept;
    }
    return j->problem == NULL;
}

static bool walk_array(struct walk *w, str array)
{
    struct json_columns *j = w->j;
    const char *at = array.at + 1, *end = array.at + array.len;
    str value;
    for (uint32_t i = 1; json_next_element(&at, end, j->max_depth, &value, &j->problem);
         i++) {
        bytes_clear(&j->path);
        bytes_add_format(&j->path, "col%u", i);
        if (!w->take(w->context, bytes_str(&j->path), value))
            return false;
    }
    return j->problem == NULL;
}

bool json_columns_each(struct json_columns *j, str record, bool is_feature,
                       bool (*take)(void *context, str path, str value), void *context)
{
    struct walk w = {j, is_feature, take, context};
    bytes_clear(&j->path);
    j->path.failed = false;
    j->problem = NULL;
    if (record.at[0] == '[')
        return walk_array(&w, record);
    if (record.at[0] == '{')
        return walk_object(&w, record, 0);
    j->problem = "a record is neither an object nor an array";
    return false;
}
