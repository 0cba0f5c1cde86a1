/* type.c -- the types of expressions, and how they lie in a result. */
#include "adql/bind.h"

#include <math.h>
#include <stdio.h>

const char *adql_type_name(enum adql_type type)
{
    static const char *const NAMES[] = {[ADQL_UNTYPED] = "untyped",
                                        [ADQL_NULL] = "NULL",
                                        [ADQL_CONDITION] = "condition",
                                        [ADQL_BOOLEAN] = "BOOLEAN",
                                        [ADQL_BYTE] = "BYTE",
                                        [ADQL_SMALLINT] = "SMALLINT",
                                        [ADQL_INTEGER] = "INTEGER",
                                        [ADQL_BIGINT] = "BIGINT",
                                        [ADQL_REAL] = "REAL",
                                        [ADQL_DOUBLE] = "DOUBLE",
                                        [ADQL_TEXT] = "TEXT",
                                        [ADQL_TIMESTAMP] = "TIMESTAMP",
                                        [ADQL_POINT] = "POINT",
                                        [ADQL_CIRCLE] = "CIRCLE",
                                        [ADQL_POLYGON] = "POLYGON",
                                        [ADQL_REGION] = "REGION",
                                        [ADQL_MOC] = "MOC",
                                        [ADQL_ARRAY] = "ARRAY"};
    return NAMES[type];
}

const char *type_phrase(unsigned type)
{
    static const char *const PHRASES[] = {[ADQL_UNTYPED] = "untyped",
                                          [ADQL_NULL] = "NULL",
                                          [ADQL_CONDITION] = "a condition",
                                          [ADQL_BOOLEAN] = "a BOOLEAN",
                                          [ADQL_BYTE] = "a BYTE",
                                          [ADQL_SMALLINT] = "a SMALLINT",
                                          [ADQL_INTEGER] = "an INTEGER",
                                          [ADQL_BIGINT] = "a BIGINT",
                                          [ADQL_REAL] = "a REAL",
                                          [ADQL_DOUBLE] = "a DOUBLE",
                                          [ADQL_TEXT] = "text",
                                          [ADQL_TIMESTAMP] = "a TIMESTAMP",
                                          [ADQL_POINT] = "a POINT",
                                          [ADQL_CIRCLE] = "a CIRCLE",
                                          [ADQL_POLYGON] = "a POLYGON",
                                          [ADQL_REGION] = "a REGION",
                                          [ADQL_MOC] = "a MOC",
                                          [ADQL_ARRAY] = "an ARRAY"};
    return PHRASES[type];
}

static enum adql_type type_of_text(const char *xtype)
{
    str x = str_of(xtype);
    if (str_eq_fold(x, STR("adql:region")) || str_eq_fold(x, STR("region")))
        return ADQL_REGION;
    return str_eq_fold(x, STR("moc")) ? ADQL_MOC : ADQL_TEXT;
}

static enum adql_type type_of_array(const struct store_column *c)
{
    str x = str_of(c->xtype);
    bool is_float = c->type == STORE_F64 || c->type == STORE_F32;
    if (is_float && c->length == 2 && str_eq_fold(x, STR("point")))
        return ADQL_POINT;
    if (is_float && c->length == 3 && str_eq_fold(x, STR("circle")))
        return ADQL_CIRCLE;
    return is_float && str_eq_fold(x, STR("polygon")) ? ADQL_POLYGON : ADQL_ARRAY;
}

enum adql_type adql_type_of_column(const struct store_column *c)
{
    static const uint8_t SCALARS[] = {
        [STORE_BOOL] = ADQL_BOOLEAN, [STORE_U8] = ADQL_BYTE,
        [STORE_I16] = ADQL_SMALLINT, [STORE_I32] = ADQL_INTEGER,
        [STORE_I64] = ADQL_BIGINT,   [STORE_F32] = ADQL_REAL,
        [STORE_F64] = ADQL_DOUBLE,   [STORE_TIME_US] = ADQL_TIMESTAMP};
    if (c->type == STORE_TEXT)
        return type_of_text(c->xtype);
    return c->length == 1 ? (enum adql_type)SCALARS[c->type] : type_of_array(c);
}

enum adql_type type_common(enum adql_type a, enum adql_type b)
{
    if (a == ADQL_NULL || a == b)
        return b;
    if (b == ADQL_NULL)
        return a;
    if (adql_is_number(a) && adql_is_number(b)) {
        enum adql_type wide = a > b ? a : b, narrow = a > b ? b : a;
        bool loses = wide == ADQL_REAL && (narrow == ADQL_INTEGER || narrow == ADQL_BIGINT);
        return loses ? ADQL_DOUBLE : wide;
    }
    bool is_time =
        (a == ADQL_TIMESTAMP && b == ADQL_TEXT) || (b == ADQL_TIMESTAMP && a == ADQL_TEXT);
    return is_time ? ADQL_TIMESTAMP : ADQL_UNTYPED;
}

const char *node_words(const struct adql_node *n, char out[96])
{
    int len = (int)(n->text.len < 40 ? n->text.len : 40);
    if (n->kind == ADQL_COLUMN && n->meta)
        snprintf(out, 96, "`%.60s`", n->meta->name);
    else if (n->kind == ADQL_LITERAL && n->type == ADQL_TEXT)
        snprintf(out, 96, "'%.*s'", len, n->text.at);
    else if (n->kind == ADQL_LITERAL && n->text.len)
        snprintf(out, 96, "%.*s", len, n->text.at);
    else if (n->kind == ADQL_CALL && n->text.len)
        snprintf(out, 96, "%.*s(...)", len, n->text.at);
    else
        snprintf(out, 96, n->kind == ADQL_SUBQUERY ? "the subquery" : "the expression");
    return out;
}

struct store_column type_store_column(enum adql_type type)
{
    static const struct {
        enum store_type type;
        int32_t length;
        const char *xtype, *arraysize;
    } LAYOUTS[] = {
        [ADQL_UNTYPED] = {STORE_TEXT, -1, NULL, NULL},
        [ADQL_NULL] = {STORE_TEXT, -1, NULL, NULL},
        [ADQL_CONDITION] = {STORE_BOOL, 1, NULL, NULL},
        [ADQL_BOOLEAN] = {STORE_BOOL, 1, NULL, NULL},
        [ADQL_BYTE] = {STORE_U8, 1, NULL, NULL},
        [ADQL_SMALLINT] = {STORE_I16, 1, NULL, NULL},
        [ADQL_INTEGER] = {STORE_I32, 1, NULL, NULL},
        [ADQL_BIGINT] = {STORE_I64, 1, NULL, NULL},
        [ADQL_REAL] = {STORE_F32, 1, NULL, NULL},
        [ADQL_DOUBLE] = {STORE_F64, 1, NULL, NULL},
        [ADQL_TEXT] = {STORE_TEXT, -1, NULL, NULL},
        [ADQL_TIMESTAMP] = {STORE_TIME_US, 1, "timestamp", NULL},
        [ADQL_POINT] = {STORE_F64, 2, "point", NULL},
        [ADQL_CIRCLE] = {STORE_F64, 3, "circle", NULL},
        [ADQL_POLYGON] = {STORE_F64, -1, "polygon", NULL},
        [ADQL_REGION] = {STORE_TEXT, -1, "adql:REGION", NULL},
        [ADQL_MOC] = {STORE_TEXT, -1, "moc", NULL},
        [ADQL_ARRAY] = {STORE_F64, -1, NULL, NULL},
    };
    return (struct store_column){.size = sizeof(struct store_column),
                                 .type = LAYOUTS[type].type,
                                 .length = LAYOUTS[type].length,
                                 .flags = STORE_NULLABLE,
                                 .xtype = LAYOUTS[type].xtype,
                                 .arraysize = LAYOUTS[type].arraysize,
                                 .minimum = NAN,
                                 .maximum = NAN,
                                 .null_fraction = NAN};
}
