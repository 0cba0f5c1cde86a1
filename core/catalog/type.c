/* type.c -- the type of a column: what the description says against what the store has. */
#include "core/base/num.h"
#include "core/catalog/build.h"
#include "core/catalog/near.h"

/* A datatype of a description, and what it is in the store and in VOTable. */
struct felis_type {
    const char *name;
    enum store_type type;
    const char *votable;
};

/* clang-format off */
static const struct felis_type FELIS[] = { /* the first of a type names it */
    {"boolean",   STORE_BOOL,    "boolean"},
    {"byte",      STORE_U8,      "unsignedByte"},
    {"short",     STORE_I16,     "short"},
    {"int",       STORE_I32,     "int"},
    {"long",      STORE_I64,     "long"},
    {"float",     STORE_F32,     "float"},
    {"double",    STORE_F64,     "double"},
    {"string",    STORE_TEXT,    "char"},
    {"timestamp", STORE_TIME_US, "char"},
    {"binary",    STORE_U8,      "unsignedByte"},
    {"char",      STORE_TEXT,    "char"},
    {"unicode",   STORE_TEXT,    "unicodeChar"},
    {"text",      STORE_TEXT,    "char"},
};

/* Other VOTable datatypes that share a store type's layout. */
static const struct felis_type LAYOUT[] = {
    {"bit",           STORE_U8,   "bit"},
    {"unicodeChar",   STORE_TEXT, "unicodeChar"},
    {"floatComplex",  STORE_F32,  "floatComplex"},
    {"doubleComplex", STORE_F64,  "doubleComplex"},
};

/* DALI, "Literal values and xtypes": which type, how many numbers. */
enum xtype_form { XTYPE_TEXT, XTYPE_NUMBER, XTYPE_FLOAT };
static const struct xtype {
    const char *name;
    enum xtype_form form;
    int32_t length; /* -1: as many as there are */
} XTYPE[] = {
    {"timestamp",     XTYPE_TEXT,   0}, {"interval",  XTYPE_NUMBER, 2},
    {"multiinterval", XTYPE_NUMBER, -1}, {"point",    XTYPE_FLOAT,  2},
    {"circle",        XTYPE_FLOAT,  3}, {"polygon",   XTYPE_FLOAT, -1},
    {"range",         XTYPE_FLOAT,  4}, {"moc",       XTYPE_TEXT,   0},
    {"shape",         XTYPE_TEXT,   0}, {"multishape", XTYPE_TEXT,  0},
    {"hms",           XTYPE_TEXT,   0}, {"dms",       XTYPE_TEXT,   0},
    {"uri",           XTYPE_TEXT,   0}, {"uuid",      XTYPE_TEXT,   0},
    {"json",          XTYPE_TEXT,   0},
};
/* clang-format on */

enum { NFELIS = sizeof FELIS / sizeof *FELIS, NXTYPE = sizeof XTYPE / sizeof *XTYPE };

static bool is_text(const struct store_column *meta)
{
    return meta->type == STORE_TEXT || meta->type == STORE_TIME_US;
}

const char *type_felis_name(const struct store_column *column)
{
    if (column->type == STORE_U8 && column->length == -1)
        return "binary";
    for (size_t i = 0; i < NFELIS; i++)
        if (FELIS[i].type == column->type)
            return FELIS[i].name;
    return "string";
}

const char *type_of_layout(const struct store_column *column)
{
    for (size_t i = 0; column->datatype && i < sizeof LAYOUT / sizeof *LAYOUT; i++)
        if (strcmp(LAYOUT[i].votable, column->datatype) == 0 &&
            LAYOUT[i].type == column->type)
            return LAYOUT[i].votable;
    return NULL;
}

static const struct felis_type *find_type(struct build *b, const struct yaml_node *at)
{
    const char *word[NFELIS], *near;
    for (size_t i = 0; i < NFELIS; i++) {
        if (strcmp(FELIS[i].name, at->text.at) == 0)
            return &FELIS[i];
        word[i] = FELIS[i].name;
    }
    near = near_word(at->text, word, NFELIS);
    build_error(b, at,
                "'%.60s' is not a datatype%s%s%s (boolean byte short int long float "
                "double char string unicode text binary timestamp)",
                at->text.at, near ? ": did you mean '" : "", near ? near : "",
                near ? "'?" : "");
    return NULL;
}

/* Sets type and VOTable datatype; returns what the description says, or NULL. */
static const struct felis_type *set_datatype(struct build *b, const struct yaml_node *node,
                                             struct store_column *meta, bool has_store)
{
    const struct yaml_node *at = yaml_find(node, "datatype");
    const struct felis_type *said = yaml_text(at) ? find_type(b, at) : NULL;
    const char *stored = has_store ? type_of_layout(meta) : NULL;
    if (said && has_store) {
        bool is_binary = strcmp(said->name, "binary") == 0;
        if (said->type != meta->type || (is_binary && meta->length == 1)) {
            build_error(b, at,
                        "the datatype is %s here, but %s%s in the store: write "
                        "'datatype: %s'",
                        said->name, type_felis_name(meta),
                        meta->length == 1 || is_text(meta) ? "" : " (an array)",
                        type_felis_name(meta));
            said = NULL;
        }
    } else if (said) {
        meta->type = said->type;
        meta->length =
            said->type == STORE_TEXT || strcmp(said->name, "binary") == 0 ? -1 : 1;
    }
    for (size_t i = 0; i < NFELIS; i++)
        if (FELIS[i].type == meta->type) {
            meta->datatype = FELIS[i].votable;
            break;
        }
    if (said)
        meta->datatype = said->votable;
    if (stored)
        meta->datatype = stored;
    return said;
}

/* votable:datatype chooses among the datatypes of one layout. */
static void set_votable_datatype(struct build *b, const struct yaml_node *node,
                                 struct store_column *meta)
{
    const struct yaml_node *at = yaml_find(node, "votable:datatype");
    const char *text = yaml_text(at);
    if (!text)
        return;
    for (size_t i = 0; i < sizeof LAYOUT / sizeof *LAYOUT; i++)
        if (strcmp(LAYOUT[i].votable, text) == 0 && LAYOUT[i].type == meta->type) {
            meta->datatype = LAYOUT[i].votable;
            return;
        }
    for (size_t i = 0; i < NFELIS; i++)
        if (strcmp(FELIS[i].votable, text) == 0 && FELIS[i].type == meta->type) {
            meta->datatype = FELIS[i].votable;
            return;
        }
    build_error(b, at, "votable:datatype '%.60s' does not fit the store's type (%s)", text,
                type_felis_name(meta));
}

/* --- arraysize --------------------------------------------------------------------------
 */

struct shape {
    int64_t elements; /* of the fixed dimensions, 1 if there is none */
    uint32_t ndim;
    bool is_open; /* ends in '*' */
};

/* arraysize ::= { digits "x" } ( digits | digits "*" | "*" ) */
static bool parse_shape(str text, struct shape *shape)
{
    *shape = (struct shape){.elements = 1};
    if (text.len == 0 || text.len > 60)
        return false;
    if (text.at[text.len - 1] == '*') {
        shape->is_open = true;
        text.len--;
        if (text.len == 0)
            return true;
    }
    bool is_after_x = text.at[text.len - 1] == 'x';
    if (is_after_x && !shape->is_open)
        return false;
    text.len -= is_after_x;
    while (text.at) {
        int64_t n;
        if (!num_parse_int(str_cut(&text, 'x'), &n) || n < 1 || n > INT32_MAX ||
            shape->elements > INT32_MAX / n)
            return false;
        shape->elements *= n;
        shape->ndim++;
    }
    return true;
}

static bool is_complex(const struct store_column *meta)
{
    return strcmp(meta->datatype, "floatComplex") == 0 ||
           strcmp(meta->datatype, "doubleComplex") == 0;
}

/* Elements as VOTable counts them; -1: as many as there are. */
static int32_t votable_length(const struct store_column *meta)
{
    return meta->length > 0 && is_complex(meta) ? meta->length / 2 : meta->length;
}

static const char *shape_problem(const struct shape *shape, const struct store_column *meta,
                                 bool has_store)
{
    if (is_text(meta))
        return shape->ndim > 1 ? "a text has one dimension: \"*\", \"36\" or \"36*\""
                               : NULL;
    if (!has_store)
        return NULL;
    int32_t length = votable_length(meta);
    if (length == -1)
        return shape->is_open
                   ? NULL
                   : "arrays of this column differ in length in the store: write "
                     "\"*\"";
    if (shape->is_open || shape->elements != length)
        return length == 1
                   ? "the column holds single values in the store: leave arraysize out"
                   : "the store's arrays have another length";
    return NULL;
}

static const char *count_text(struct build *b, int64_t n, const char *end)
{
    const char *text = arena_format(b->arena, "%lld%s", (long long)n, end);
    b->is_full = b->is_full || !text;
    return text;
}

static void set_arraysize(struct build *b, const struct yaml_node *node,
                          const struct felis_type *said, struct store_column *meta,
                          bool has_store)
{
    struct shape shape;
    const struct yaml_node *at = yaml_find(node, "votable:arraysize");
    const char *text = yaml_text(at);
    int64_t length = key_int(node, "length", 0);
    const char *stored = has_store && length == 0 ? meta->arraysize : NULL;
    if (text) {
        const char *problem = parse_shape(str_of(text), &shape)
                                  ? shape_problem(&shape, meta, has_store)
                                  : "an arraysize is \"252\", \"*\", \"3x4\" or \"36*\"";
        if (problem) {
            build_error(b, at, "votable:arraysize '%.60s': %s", text, problem);
            return;
        }
        if (!has_store && !is_text(meta))
            meta->length = shape.is_open ? -1 : (int32_t)shape.elements;
        bool is_scalar = !shape.is_open && shape.elements == 1 && !is_text(meta);
        meta->arraysize = is_scalar ? NULL : build_copy(b, text);
    } else if (stored && parse_shape(str_of(stored), &shape) &&
               !shape_problem(&shape, meta, has_store) && shape.elements > 1)
        meta->arraysize = build_copy(b, stored);
    else if (meta->type == STORE_TEXT && length > 0 && said &&
             strcmp(said->name, "char") == 0)
        meta->arraysize = count_text(b, length, "");
    else if (is_text(meta) || meta->length == -1)
        meta->arraysize = "*";
    else
        meta->arraysize =
            votable_length(meta) == 1 ? NULL : count_text(b, votable_length(meta), "");
}

/* --- xtype ------------------------------------------------------------------------------
 */

static const struct xtype *find_xtype(struct build *b, const struct yaml_node *at)
{
    const char *word[NXTYPE], *near;
    for (size_t i = 0; i < NXTYPE; i++) {
        if (strcmp(XTYPE[i].name, at->text.at) == 0)
            return &XTYPE[i];
        word[i] = XTYPE[i].name;
    }
    near = near_word(at->text, word, NXTYPE);
    build_error(b, at,
                "'%.60s' is not an xtype of DALI%s%s%s (one of your own needs a prefix: "
                "'name:%.40s')",
                at->text.at, near ? ": did you mean '" : "", near ? near : "",
                near ? "'?" : "", at->text.at);
    return NULL;
}

static bool fits_xtype(const struct xtype *xtype, const struct store_column *meta)
{
    if (xtype->form == XTYPE_TEXT)
        return meta->type == STORE_TEXT ||
               (meta->type == STORE_TIME_US && strcmp(xtype->name, "timestamp") == 0);
    bool is_float = meta->type == STORE_F32 || meta->type == STORE_F64;
    bool is_number = is_float || (meta->type >= STORE_I16 && meta->type <= STORE_I64);
    return (xtype->form == XTYPE_FLOAT ? is_float : is_number) &&
           (meta->length == xtype->length || (xtype->length == -1 && meta->length > 1));
}

static void set_xtype(struct build *b, const struct yaml_node *node,
                      struct store_column *meta)
{
    const struct yaml_node *at = yaml_find(node, "votable:xtype");
    const char *text = yaml_text(at);
    if (!text) {
        const char *stored =
            meta->xtype && type_fits_xtype(meta, meta->xtype) ? meta->xtype : NULL;
        meta->xtype = meta->type == STORE_TIME_US ? "timestamp" : build_copy(b, stored);
        return;
    }
    meta->xtype = build_copy(b, text);
    if (str_find(str_of(text), ':') < strlen(text))
        return;
    const struct xtype *xtype = find_xtype(b, at);
    if (!xtype || fits_xtype(xtype, meta))
        return;
    if (xtype->form == XTYPE_TEXT)
        build_error(b, at, "the xtype %s is for texts, the store has %s", text,
                    type_felis_name(meta));
    else if (xtype->length > 0)
        build_error(b, at, "the xtype %s needs an array of %d %s", text, (int)xtype->length,
                    xtype->form == XTYPE_FLOAT ? "float or double" : "numbers");
    else
        build_error(b, at, "the xtype %s needs an array of float or double", text);
}

bool type_fits_xtype(const struct store_column *column, const char *name)
{
    if (str_find(str_of(name), ':') < strlen(name))
        return true;
    for (size_t i = 0; i < NXTYPE; i++)
        if (strcmp(XTYPE[i].name, name) == 0)
            return fits_xtype(&XTYPE[i], column);
    return false;
}

void type_set(struct build *b, const struct yaml_node *node, struct store_column *meta,
              bool has_store)
{
    const struct yaml_node *length = yaml_find(node, "length");
    const struct felis_type *said = set_datatype(b, node, meta, has_store);
    set_votable_datatype(b, node, meta);
    if (is_complex(meta) && meta->length != -1 && meta->length % 2 != 0)
        build_error(b, yaml_find(node, "votable:datatype"),
                    "a complex number is two numbers: the store's arrays have %d",
                    (int)meta->length);
    if (length && !yaml_is_null(length) && !is_text(meta) &&
        key_int(node, "length", 1) > 1 && !(said && strcmp(said->name, "binary") == 0))
        build_error(b, length,
                    "'length' is for texts; the length of an array is "
                    "votable:arraysize");
    set_arraysize(b, node, said, meta, has_store);
    set_xtype(b, node, meta);
}
