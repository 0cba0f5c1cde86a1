/* keys.c -- which keys a description file may have, and reading their values. */
#include "core/catalog/build.h"
#include "core/catalog/near.h"

enum shape {
    TEXT,
    INT,
    FLAG,  /* true, false, 1, 0 */
    TEXTS, /* a text or a list of texts */
    LIST,
    MAP,
    ANY
};

enum { REQUIRED = 1 };

struct rule {
    const char *key;
    enum shape shape;
    unsigned flags;
};

/* docs/descriptions.md explains them. */
/* clang-format off */
static const struct rule SCHEMA[] = {
    {"name", TEXT, REQUIRED}, {"tables", LIST, REQUIRED}, {"@id", TEXT, 0},
    {"description", TEXT, 0}, {"version", ANY, 0}, {"votable:utype", TEXT, 0},
    {"colure:title", TEXT, 0}, {"colure:origin", MAP, 0}, {"colure:coosys", MAP, 0},
    {"colure:timesys", MAP, 0}, {"colure:examples", LIST, 0}};

static const struct rule TABLE[] = {
    {"name", TEXT, REQUIRED}, {"columns", LIST, REQUIRED}, {"@id", TEXT, 0},
    {"description", TEXT, 0}, {"primaryKey", TEXTS, 0}, {"constraints", LIST, 0},
    {"indexes", LIST, 0}, {"columnGroups", ANY, 0}, {"tap:table_index", INT, 0},
    {"votable:utype", TEXT, 0}, {"mysql:engine", ANY, 0}, {"mysql:charset", ANY, 0},
    {"colure:native", TEXT, 0}, {"colure:title", TEXT, 0}, {"colure:view", FLAG, 0},
    {"colure:rows", INT, 0}, {"colure:position", MAP, 0}, {"colure:coosys", MAP, 0},
    {"colure:timesys", MAP, 0}};

static const struct rule COLUMN[] = {
    {"name", TEXT, REQUIRED}, {"@id", TEXT, 0}, {"description", TEXT, 0},
    {"datatype", TEXT, 0}, {"length", INT, 0}, {"nullable", FLAG, 0},
    {"ivoa:unit", TEXT, 0}, {"fits:tunit", TEXT, 0}, {"ivoa:ucd", TEXT, 0},
    {"votable:utype", TEXT, 0}, {"votable:xtype", TEXT, 0}, {"votable:arraysize", TEXT, 0},
    {"votable:datatype", TEXT, 0}, {"tap:principal", FLAG, 0}, {"tap:std", FLAG, 0},
    {"tap:column_index", INT, 0}, {"value", ANY, 0}, {"autoincrement", ANY, 0},
    {"precision", ANY, 0}, {"mysql:datatype", ANY, 0}, {"postgresql:datatype", ANY, 0},
    {"colure:native", TEXT, 0}, {"colure:no_search", FLAG, 0}, {"colure:hidden", FLAG, 0},
    {"colure:coosys", MAP, 0}, {"colure:timesys", MAP, 0}};

static const struct rule CONSTRAINT[] = {
    {"@type", TEXT, REQUIRED}, {"name", TEXT, REQUIRED}, {"@id", TEXT, 0},
    {"description", TEXT, 0}, {"columns", TEXTS, 0}, {"referencedColumns", TEXTS, 0},
    {"votable:utype", TEXT, 0}, {"expression", TEXT, 0}, {"deferrable", ANY, 0},
    {"initially", ANY, 0}, {"annotations", ANY, 0}, {"on_update", ANY, 0},
    {"on_delete", ANY, 0}};

static const struct rule INDEX[] = {
    {"name", TEXT, REQUIRED}, {"@id", TEXT, 0}, {"description", TEXT, 0},
    {"columns", TEXTS, 0}, {"expressions", ANY, 0}};

static const struct rule ORIGIN[] = {
    {"title", TEXT, 0}, {"publisher", TEXT, 0}, {"creator", TEXTS, 0}, {"contact", TEXT, 0},
    {"reference_url", TEXT, 0}, {"citation", TEXT, 0}, {"bibcode", TEXT, 0}, {"doi", TEXT, 0},
    {"licence", TEXT, 0}, {"licence_url", TEXT, 0}, {"ivoid", TEXT, 0},
    {"version", TEXT, 0}, {"release_date", TEXT, 0}, {"what", TEXT, 0}, {"where", TEXT, 0},
    {"when", TEXT, 0},    {"caveats", TEXT, 0}};

static const struct rule COOSYS[] = {{"system", TEXT, REQUIRED}, {"equinox", TEXT, 0},
                                     {"epoch", TEXT, 0}, {"refposition", TEXT, 0}};

static const struct rule TIMESYS[] = {{"timescale", TEXT, REQUIRED},
                                      {"refposition", TEXT, REQUIRED},
                                      {"timeorigin", TEXT, 0}};

static const struct rule POSITION[] = {{"lon", TEXT, REQUIRED}, {"lat", TEXT, REQUIRED},
                                       {"healpix", TEXT, 0}, {"healpix_order", INT, 0}};

static const struct rule EXAMPLE[] = {{"id", TEXT, REQUIRED}, {"name", TEXT, REQUIRED},
                                      {"query", TEXT, REQUIRED}, {"description", TEXT, 0},
                                      {"tables", TEXTS, 0}};

static const struct rule VERSION[] = {{"current", TEXT, REQUIRED}, {"compatible", ANY, 0},
                                      {"read_compatible", ANY, 0}};

static const struct level {
    const char *what;
    const struct rule *rule;
    size_t nrule;
} LEVEL[] = {
#define RULES(array) array, sizeof array / sizeof *array
    [KEYS_SCHEMA] = {"a schema", RULES(SCHEMA)},
    [KEYS_TABLE] = {"a table", RULES(TABLE)},
    [KEYS_COLUMN] = {"a column", RULES(COLUMN)},
    [KEYS_CONSTRAINT] = {"a constraint", RULES(CONSTRAINT)},
    [KEYS_INDEX] = {"an index", RULES(INDEX)},
    [KEYS_ORIGIN] = {"colure:origin", RULES(ORIGIN)},
    [KEYS_COOSYS] = {"colure:coosys", RULES(COOSYS)},
    [KEYS_TIMESYS] = {"colure:timesys", RULES(TIMESYS)},
    [KEYS_POSITION] = {"colure:position", RULES(POSITION)},
    [KEYS_EXAMPLE] = {"an example", RULES(EXAMPLE)},
    [KEYS_VERSION] = {"a version", RULES(VERSION)},
};
/* clang-format on */

static const struct rule *find_rule(const struct level *level, const char *key)
{
    for (size_t i = 0; i < level->nrule; i++)
        if (strcmp(level->rule[i].key, key) == 0)
            return &level->rule[i];
    return NULL;
}

static const char *near_key(const struct level *level, str key)
{
    const char *word[32];
    for (size_t i = 0; i < level->nrule; i++)
        word[i] = level->rule[i].key;
    return near_word(key, word, level->nrule);
}

static bool is_flag(const struct yaml_node *node, bool *value)
{
    int64_t number;
    if (yaml_bool(node, value))
        return true;
    if (!yaml_int(node, &number) || number < 0 || number > 1)
        return false;
    *value = number == 1;
    return true;
}

static bool is_texts(const struct yaml_node *node)
{
    if (node->kind != YAML_LIST)
        return node->kind == YAML_SCALAR;
    for (uint32_t i = 0; i < node->nitem; i++)
        if (!yaml_text(&node->item[i]))
            return false;
    return true;
}

/* What is wanted, if the value is something else. */
static const char *wrong_shape(const struct yaml_node *node, enum shape shape)
{
    int64_t number;
    bool flag;
    switch (shape) {
    case TEXT:
        return node->kind == YAML_SCALAR ? NULL : "a text";
    case INT:
        return yaml_int(node, &number) && number >= 0 ? NULL : "a whole number, 0 or more";
    case FLAG:
        return is_flag(node, &flag) ? NULL : "true or false (1 or 0)";
    case TEXTS:
        return is_texts(node) ? NULL : "a text or a list of texts";
    case LIST:
        return node->kind == YAML_LIST ? NULL : "a list (each item begins with '- ')";
    case MAP:
        return node->kind == YAML_MAP ? NULL : "a map (name: value)";
    case ANY:
        break;
    }
    return NULL;
}

static void check_pair(struct build *b, const struct level *level,
                       const struct yaml_node *key, const struct yaml_node *value)
{
    const struct rule *rule = find_rule(level, key->text.at);
    if (!rule) {
        const char *near = near_key(level, key->text);
        build_error(b, key, "unknown key '%.60s' of %s%s%s%s", key->text.at, level->what,
                    near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
        return;
    }
    if (yaml_is_null(value)) {
        if (rule->flags & REQUIRED)
            build_error(b, value, "'%s' of %s needs a value", rule->key, level->what);
        return;
    }
    const char *wanted = wrong_shape(value, rule->shape);
    if (wanted)
        build_error(b, value, "'%s' of %s is %s", rule->key, level->what, wanted);
}

bool keys_check(struct build *b, const struct yaml_node *map, enum key_level which)
{
    const struct level *level = &LEVEL[which];
    if (map->kind != YAML_MAP) {
        build_error(b, map, "%s is written as a map (name: value)", level->what);
        return false;
    }
    for (uint32_t i = 0; i < map->nitem; i++)
        check_pair(b, level, yaml_key(map, i), yaml_value(map, i));
    for (size_t i = 0; i < level->nrule; i++)
        if ((level->rule[i].flags & REQUIRED) && !yaml_find(map, level->rule[i].key))
            build_error(b, map, "%s needs the key '%s'", level->what, level->rule[i].key);
    return true;
}

/* --- values -----------------------------------------------------------------------------
 */

const char *key_text(const struct yaml_node *map, const char *key)
{
    return yaml_text(yaml_find(map, key));
}

bool key_flag(const struct yaml_node *map, const char *key, bool otherwise)
{
    bool value = otherwise;
    const struct yaml_node *node = yaml_find(map, key);
    return node && is_flag(node, &value) ? value : otherwise;
}

int64_t key_int(const struct yaml_node *map, const char *key, int64_t otherwise)
{
    int64_t value = otherwise;
    return yaml_int(yaml_find(map, key), &value) && value >= 0 ? value : otherwise;
}

uint32_t key_count(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *node = yaml_find(map, key);
    if (yaml_is_null(node) || !is_texts(node))
        return 0;
    return node->kind == YAML_LIST ? node->nitem : 1;
}

const struct yaml_node *key_item(const struct yaml_node *map, const char *key, uint32_t i)
{
    const struct yaml_node *node = yaml_find(map, key);
    return node->kind == YAML_LIST ? &node->item[i] : node;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *key_prose(struct build *b, const struct yaml_node *map, const char *key)
{
    const char *text = key_text(map, key);
    if (!text)
        return NULL;
    str from = str_trim(str_of(text));
    char *out = build_new_array(b, b->arena, char, from.len + 1);
    if (!out || from.len == 0)
        return NULL;
    size_t n = 0;
    for (size_t i = 0; i < from.len; i++)
        if (!is_blank(from.at[i]))
            out[n++] = from.at[i];
        else if (!is_blank(from.at[i - 1]))
            out[n++] = ' ';
    return out;
}

/* --- names ------------------------------------------------------------------------------
 */

static bool is_quoted_name(str text)
{
    return text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"';
}

/* The text between the quotes; "" is a quote. False: a quote stands alone, or nothing is
 * there. */
static bool unquote(str text, char *out)
{
    size_t n = 0;
    for (size_t i = 1; i + 1 < text.len; i++) {
        if (text.at[i] == '"' && (i + 2 >= text.len || text.at[++i] != '"'))
            return false;
        out[n++] = text.at[i];
    }
    out[n] = '\0';
    return n > 0;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    return false;
}

static bool check_regular(struct build *b, const struct yaml_node *at, const char *what,
                          const char *text)
{
    bool is_word = catalog_word_is_reserved(str_of(text));
    if (!is_word && name_is_regular(str_of(text)))
        return true;
    build_error(
        b, at,
        "the name '%.60s' of %s %s: choose another one (and put the store's name into "
        "colure:native), or publish it with its quotes: name: '\"%.60s\"'",
        text, what,
        is_word ? "is a word of ADQL" : "is not a letter followed by letters, digits, _",
        text);
    return false;
}

bool key_name(struct build *b, const struct yaml_node *at, const char *what,
              const char **name, const char **adql)
{
    const char *text = yaml_text(at);
    if (!text) /* reported with the keys */
        return false;
    size_t len = strlen(text);
    if (len > BUILD_MAX_NAME || has_control(text)) {
        build_error(b, at, "the name of %s is longer than %d bytes, or has a line end",
                    what, BUILD_MAX_NAME);
        return false;
    }
    char *own = build_new_array(b, b->arena, char, len + 1);
    if (!own)
        return false;
    if (is_quoted_name((str){text, len})) {
        if (!unquote((str){text, len}, own)) {
            build_error(b, at, "the quoted name of %s is empty or holds a single \"", what);
            return false;
        }
    } else if (!check_regular(b, at, what, text))
        return false;
    else
        for (size_t i = 0; i < len; i++)
            own[i] = ascii_lower(text[i]);
    *name = own;
    *adql = name_in_adql(b->arena, str_of(own));
    b->is_full = b->is_full || !*adql;
    return *adql != NULL;
}
