/* types.c -- DuckDB's types and ours. */
#include "stores/duckdb/internal.h"

#include "core/base/num.h"

static const struct {
    int duck;
    const char *sql;
} OURS[] = {
    [STORE_BOOL] = {DUCK_BOOLEAN, "BOOLEAN"},
    [STORE_U8] = {DUCK_UTINYINT, "UTINYINT"},
    [STORE_I16] = {DUCK_SMALLINT, "SMALLINT"},
    [STORE_I32] = {DUCK_INTEGER, "INTEGER"},
    [STORE_I64] = {DUCK_BIGINT, "BIGINT"},
    [STORE_F32] = {DUCK_FLOAT, "FLOAT"},
    [STORE_F64] = {DUCK_DOUBLE, "DOUBLE"},
    [STORE_TEXT] = {DUCK_VARCHAR, "VARCHAR"},
    [STORE_TIME_US] = {DUCK_TIMESTAMP, "TIMESTAMP"},
};

/* What a column of a database becomes. */
static const struct {
    const char *duck;
    enum store_type type;
    const char *xtype;
} THEIRS[] = {
    {"BOOLEAN", STORE_BOOL, NULL},
    {"UTINYINT", STORE_U8, NULL},
    {"TINYINT", STORE_I16, NULL},
    {"SMALLINT", STORE_I16, NULL},
    {"USMALLINT", STORE_I32, NULL},
    {"INTEGER", STORE_I32, NULL},
    {"UINTEGER", STORE_I64, NULL},
    {"BIGINT", STORE_I64, NULL},
    {"UBIGINT", STORE_F64, NULL},
    {"HUGEINT", STORE_F64, NULL},
    {"UHUGEINT", STORE_F64, NULL},
    {"FLOAT", STORE_F32, NULL},
    {"DOUBLE", STORE_F64, NULL},
    {"VARCHAR", STORE_TEXT, NULL},
    {"JSON", STORE_TEXT, NULL},
    {"UUID", STORE_TEXT, "uuid"},
    {"TIME", STORE_TEXT, NULL},
    {"DATE", STORE_TIME_US, "timestamp"},
    {"TIMESTAMP", STORE_TIME_US, "timestamp"},
    {"TIMESTAMP_S", STORE_TIME_US, "timestamp"},
    {"TIMESTAMP_MS", STORE_TIME_US, "timestamp"},
    {"TIMESTAMP_NS", STORE_TIME_US, "timestamp"},
    {"TIMESTAMP WITH TIME ZONE", STORE_TIME_US, "timestamp"},
};

int duck_type_of(enum store_type type)
{
    return OURS[type].duck;
}

static bool scalar_type(str name, enum store_type *type, const char **xtype)
{
    *xtype = NULL;
    if (str_starts_fold(name, STR("DECIMAL("))) {
        *type = STORE_F64;
        return true;
    }
    if (str_starts_fold(name, STR("ENUM("))) {
        *type = STORE_TEXT;
        return name.at[name.len - 1] == ')';
    }
    for (size_t i = 0; i < sizeof THEIRS / sizeof *THEIRS; i++)
        if (str_eq_fold(name, str_of(THEIRS[i].duck))) {
            *type = THEIRS[i].type;
            *xtype = THEIRS[i].xtype;
            return true;
        }
    return false;
}

/* type ::= scalar | scalar "[" [ size ] "]" */
bool store_type_of(str name, enum store_type *type, int32_t *length, const char **xtype)
{
    *length = 1;
    if (str_eq_fold(name, STR("BLOB"))) {
        *type = STORE_U8;
        *length = -1;
        *xtype = NULL;
        return true;
    }
    if (name.len > 0 && name.at[name.len - 1] == ']') {
        size_t open = name.len;
        while (open > 0 && name.at[open - 1] != '[')
            open--;
        int64_t size = -1;
        str digits = {name.at + open, name.len - open - 1};
        if (open == 0 || (digits.len > 0 && !num_parse_int(digits, &size)) ||
            size > INT32_MAX)
            return false;
        *length = (int32_t)size;
        name.len = open - 1;
    }
    if (!scalar_type(name, type, xtype) || (*type == STORE_TEXT && *length != 1))
        return false;
    if (*type == STORE_TEXT)
        *length = -1;
    return true;
}

void put_type(struct bytes *out, const struct store_column *c)
{
    bytes_add(out, str_of(OURS[c->type].sql));
    if (c->type == STORE_TEXT || c->length == 1)
        return;
    if (c->length > 0)
        bytes_add_format(out, "[%d]", (int)c->length);
    else
        bytes_add_literal(out, "[]");
}

duck_logical logical_type_of(enum store_type type, int32_t length)
{
    duck_logical element = duck.create_logical_type(OURS[type].duck);
    if (type == STORE_TEXT || length == 1)
        return element;
    duck_logical whole = length > 0 ? duck.create_array_type(element, (duck_idx)length)
                                    : duck.create_list_type(element);
    duck.destroy_logical_type(&element);
    return whole;
}
