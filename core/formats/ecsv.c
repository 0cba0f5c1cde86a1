/* ecsv.c -- see ecsv.h. */
#include "core/formats/ecsv.h"

#include "core/base/num.h"
#include "core/base/yaml.h"

enum { HEADER_MAX_BYTES = 4 << 20 };

bool ecsv_is_header(str head)
{
    return str_starts_fold(head, STR("# %ECSV ")) || str_starts_fold(head, STR("#%ECSV "));
}

/* clang-format off */
static const struct {
    const char *name;
    enum datatype datatype;
} TYPES[] = {
    {"bool", DATATYPE_BOOLEAN},  {"int8", DATATYPE_SHORT},     {"int16", DATATYPE_SHORT},
    {"int32", DATATYPE_INT},     {"int64", DATATYPE_LONG},     {"uint8", DATATYPE_UBYTE},
    {"uint16", DATATYPE_INT},    {"uint32", DATATYPE_LONG},    {"uint64", DATATYPE_LONG},
    {"float16", DATATYPE_FLOAT}, {"float32", DATATYPE_FLOAT},  {"float64", DATATYPE_DOUBLE},
    {"float128", DATATYPE_DOUBLE}, {"string", DATATYPE_CHAR},
    {"complex64", DATATYPE_CHAR}, {"complex128", DATATYPE_CHAR}, {"object", DATATYPE_CHAR},
};
/* clang-format on */

static bool find_type(str name, enum datatype *out)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (str_eq(name, str_of(TYPES[i].name))) {
            *out = TYPES[i].datatype;
            return true;
        }
    return false;
}

/* The YAML of the header: '#' and one blank taken off each line. */
static bool collect(struct input *in, struct bytes *yaml, struct err *e)
{
    for (;;) {
        const char *end = memchr(in->at, '\n', input_left(in));
        if (!end && !in->is_end) {
            if (!input_more(in, e))
                return false;
            continue;
        }
        end = end ? end : in->end;
        if (in->at == in->end || *in->at != '#')
            break;
        const char *at = in->at + 1;
        if (at < end && *at == ' ')
            at++;
        str line = {at, (size_t)(end - at)};
        if (!str_starts_fold(line, STR("%ECSV")))
            bytes_add(yaml, line);
        bytes_add_char(yaml, '\n'); /* lines keep their numbers */
        in->at = end < in->end ? end + 1 : end;
    }
    return !yaml->failed ||
           err_set(e, ERR_LIMIT, "the ECSV header is over %d bytes", HEADER_MAX_BYTES);
}

static const char *kept(const struct yaml_node *node, const char *key)
{
    const char *text = yaml_text(yaml_find(node, key));
    return text && *text ? text : NULL;
}

/* "float64[2,3]": a fixed array, "float64[null]": a variable one; the file's first axis
 * runs slowest, ours fastest. False: an unknown type. */
static bool take_subtype(const char *subtype, struct store_column *c, struct ecsv_column *k,
                         struct arena *a)
{
    str rest = str_of(subtype), type = str_cut(&rest, '[');
    if (!find_type(type, &k->kind.datatype) || k->kind.datatype == DATATYPE_CHAR ||
        rest.len < 2)
        return false;
    rest.len--;
    int64_t total = 1;
    const char *shape = NULL;
    bool is_variable = false;
    while (rest.at) {
        int64_t n;
        str axis = str_trim(str_cut(&rest, ','));
        if (str_eq(axis, STR("null")))
            is_variable = true;
        else if (!num_parse_int(axis, &n) || n < 1 || n > INT32_MAX / total / 16)
            return false;
        else {
            total *= n;
            shape = shape ? arena_format(a, "%.*sx%s", STR_FMT(axis), shape)
                          : arena_text(a, axis);
        }
    }
    k->is_json = true;
    c->length = is_variable ? -1 : (int32_t)total;
    c->arraysize = is_variable ? "*" : shape;
    return true;
}

static bool bad_column(const struct yaml_node *node, const char *name, const char *what,
                       struct err *e)
{
    return err_set_at(e, ERR_USAGE, node->line, node->column,
                      "line %d: ECSV column %.60s: %s", node->line, name, what);
}

static bool make_column(const struct yaml_node *node, struct arena *a,
                        struct store_column **out, struct ecsv_column *k, struct err *e)
{
    const char *name = kept(node, "name"), *type = kept(node, "datatype"),
               *subtype = kept(node, "subtype");
    const struct yaml_node *meta = yaml_find(node, "meta");
    if (!name || !type)
        return bad_column(node, name ? name : "?", "name and datatype are needed", e);
    struct store_column *c = *out = reader_column(a, name, STORE_TEXT, -1);
    if (!c)
        return reader_no_memory(e);
    if (!find_type(str_of(type), &k->kind.datatype))
        return bad_column(node, name, "its datatype is unknown", e);
    c->length = k->kind.datatype == DATATYPE_CHAR ? -1 : 1;
    bool is_array = subtype && str_of(subtype).len && strchr(subtype, '[') &&
                    take_subtype(subtype, c, k, a);
    if (subtype && !is_array && strcmp(subtype, "json") == 0)
        c->xtype = "json";
    c->type = k->kind.type = DATATYPES[k->kind.datatype].type;
    k->kind.length = c->length;
    c->datatype = DATATYPES[k->kind.datatype].name;
    c->unit = kept(node, "unit");
    c->description = kept(node, "description");
    c->ucd = kept(meta, "ucd");
    c->utype = kept(meta, "utype");
    if (!c->xtype)
        c->xtype = kept(meta, "xtype");
    return true;
}

static char separator_of(const struct yaml_node *root)
{
    const struct yaml_node *node = yaml_find(root, "delimiter");
    return node && node->kind == YAML_SCALAR && node->text.len == 1 ? node->text.at[0]
                                                                    : ' ';
}

bool ecsv_read_header(struct input *in, const struct read_limits *limits, struct arena *a,
                      struct store_column ***column, struct ecsv_column **kind,
                      uint32_t *ncolumn, char *separator, struct err *e)
{
    struct bytes yaml;
    bytes_init(&yaml, HEADER_MAX_BYTES);
    const struct yaml_node *root = NULL, *list = NULL;
    if (collect(in, &yaml, e))
        root = yaml_parse(bytes_str(&yaml), &YAML_LIMITS, a, e);
    bytes_free(&yaml);
    if (!root)
        return false;
    list = yaml_find(root, "datatype");
    if (!list || list->kind != YAML_LIST || list->nitem == 0)
        return err_set(e, ERR_USAGE, "the ECSV header has no list of columns (datatype)");
    if (list->nitem > limits->max_columns)
        return err_set(e, ERR_LIMIT, "the table has %u columns; the limit is %u",
                       list->nitem, limits->max_columns);
    *ncolumn = list->nitem;
    *column = arena_new_array(a, struct store_column *, list->nitem);
    *kind = arena_new_array(a, struct ecsv_column, list->nitem);
    if (!*column || !*kind)
        return reader_no_memory(e);
    for (uint32_t i = 0; i < list->nitem; i++)
        if (!make_column(&list->item[i], a, &(*column)[i], &(*kind)[i], e))
            return false;
    *separator = separator_of(root);
    return true;
}

void ecsv_flatten(char *text, size_t *len)
{
    size_t n = 0;
    for (size_t i = 0; i < *len; i++) {
        char c = text[i];
        if (c == 'n' && *len - i >= 4 && memcmp(text + i, "null", 4) == 0) {
            memcpy(text + n, "NaN", 3);
            n += 3;
            i += 3;
        } else
            text[n++] = c == '[' || c == ']' || c == ',' || c == '"' ? ' ' : c;
    }
    *len = n;
}
