/* names.c -- the hash of names, and what ADQL allows as an identifier. */
#include "core/catalog/names.h"

#include <stdlib.h>

#include "core/catalog/catalog.h"

struct catalog_names *names_new(struct arena *arena, uint32_t n)
{
    uint32_t size = 4;
    while (size < 1u << 30 && size < 2 * (uint64_t)n)
        size *= 2;
    struct catalog_names *names = arena_new_one(arena, struct catalog_names);
    if (!names)
        return NULL;
    names->mask = size - 1;
    names->slot = arena_new_array(arena, uint32_t, size);
    return names->slot ? names : NULL;
}

void names_put(struct catalog_names *names, uint64_t hash, uint32_t number)
{
    uint32_t i = (uint32_t)(hash ^ hash >> 32) & names->mask;
    while (names->slot[i] != 0)
        i = (i + 1) & names->mask;
    names->slot[i] = number + 1;
}

uint32_t names_next(const struct catalog_names *names, uint64_t *at)
{
    uint32_t i = (uint32_t)(*at ^ *at >> 32) & names->mask;
    uint32_t found = names->slot[i];
    *at = (i + 1) & names->mask; /* below 2^32: the fold above leaves it alone */
    return found - 1;
}

bool name_is_regular(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = ascii_lower(name.at[i]);
        bool is_letter = c >= 'a' && c <= 'z';
        bool is_more = (c >= '0' && c <= '9') || c == '_';
        if (!is_letter && !(is_more && i > 0))
            return false;
    }
    return name.len > 0;
}

/* ADQL 2.1, "Reserved words", in order. */
/* clang-format off */
static const char *const RESERVED[] = {
    "abs", "absolute", "acos", "action", "add", "all", "allocate", "alter", "and", "any",
    "are", "area", "as", "asc", "asin", "assertion", "at", "atan", "atan2", "authorization",
    "avg", "begin", "between", "bigint", "bit", "bit_length", "both", "box", "by", "cascade",
    "cascaded", "case", "cast", "catalog", "ceiling", "centroid", "char", "char_length",
    "character", "character_length", "check", "circle", "close", "coalesce", "collate",
    "collation", "column", "commit", "connect", "connection", "constraint", "constraints",
    "contains", "continue", "convert", "coord1", "coord2", "coordsys", "corresponding",
    "cos", "cot", "count", "create", "cross", "current", "current_date", "current_time",
    "current_timestamp", "current_user", "cursor", "date", "day", "deallocate", "decimal",
    "declare", "default", "deferrable", "deferred", "degrees", "delete", "desc", "describe",
    "descriptor", "diagnostics", "disconnect", "distance", "distinct", "domain", "double",
    "drop", "else", "end", "end-exec", "escape", "except", "exception", "exec", "execute",
    "exists", "exp", "external", "extract", "false", "fetch", "first", "float", "floor",
    "for", "foreign", "found", "from", "full", "get", "global", "go", "goto", "grant",
    "group", "having", "hour", "identity", "ilike", "immediate", "in", "in_unit",
    "indicator", "initially", "inner", "input", "insensitive", "insert", "int", "integer",
    "intersect", "intersects", "interval", "into", "is", "isolation", "join", "key",
    "language", "last", "leading", "left", "level", "like", "local", "log", "log10",
    "lower", "match", "max", "min", "minute", "mod", "module", "month", "names", "national",
    "natural", "nchar", "next", "no", "not", "null", "nullif", "numeric", "octet_length",
    "of", "offset", "on", "only", "open", "option", "or", "order", "outer", "output",
    "overlaps", "pad", "partial", "pi", "point", "polygon", "position", "power",
    "precision", "prepare", "preserve", "primary", "prior", "privileges", "procedure",
    "public", "radians", "rand", "read", "real", "references", "region", "relative",
    "restrict", "revoke", "right", "rollback", "round", "rows", "schema", "scroll",
    "second", "section", "select", "session", "session_user", "set", "sin", "size",
    "smallint", "some", "space", "sql", "sqlcode", "sqlerror", "sqlstate", "sqrt",
    "substring", "sum", "system_user", "table", "tan", "temporary", "then", "time",
    "timestamp", "timezone_hour", "timezone_minute", "to", "top", "trailing", "transaction",
    "translate", "translation", "trim", "true", "truncate", "union", "unique", "unknown",
    "update", "upper", "usage", "user", "using", "value", "values", "varchar", "varying",
    "view", "when", "whenever", "where", "with", "work", "write", "year", "zone"};
/* clang-format on */

static int compare_word(const void *key, const void *entry)
{
    str word = *(const str *)key;
    str reserved = str_of(*(const char *const *)entry);
    for (size_t i = 0; i < word.len && i < reserved.len; i++) {
        char a = ascii_lower(word.at[i]), b = reserved.at[i];
        if (a != b)
            return (unsigned char)a - (unsigned char)b;
    }
    return word.len == reserved.len ? 0 : word.len < reserved.len ? -1 : 1;
}

bool catalog_word_is_reserved(str word)
{
    return bsearch(&word, RESERVED, sizeof RESERVED / sizeof *RESERVED, sizeof *RESERVED,
                   compare_word) != NULL;
}

bool catalog_name_needs_quotes(str name)
{
    if (!name_is_regular(name) || catalog_word_is_reserved(name))
        return true;
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] != ascii_lower(name.at[i]))
            return true;
    return false;
}

const char *name_in_adql(struct arena *arena, str name)
{
    if (!catalog_name_needs_quotes(name))
        return arena_text(arena, name);
    char *text = arena_alloc(arena, 2 * name.len + 3, 1);
    if (!text)
        return NULL;
    size_t n = 0;
    text[n++] = '"';
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '"')
            text[n++] = '"';
        text[n++] = name.at[i];
    }
    text[n] = '"';
    return text;
}
