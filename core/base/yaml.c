/* yaml.c -- libyaml's events built into a tree, with an explicit stack and limits. */
#include "core/base/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "core/base/num.h"

const struct yaml_limits YAML_LIMITS = {
    .max_bytes = 4u << 20, .max_depth = 24, .max_nodes = 500000, .max_aliases = 0};

struct anchor {
    const char *name;
    const struct yaml_node *node; /* NULL while it is being built: no loops */
    struct anchor *older;
};

struct frame { /* a list or map that is not closed yet */
    struct yaml_node node;
    size_t first; /* its first child on the stack of nodes */
    struct anchor *anchor;
};

enum { MAX_FRAMES = 64 }; /* whatever the limits say */

struct builder {
    const struct yaml_limits *limits;
    struct arena *arena;
    struct err *e;
    struct frame frame[MAX_FRAMES];
    uint32_t nframe;
    struct yaml_node *node; /* finished children of open frames, in order */
    size_t nnode, capacity;
    uint32_t weight, naliases;
    struct anchor *anchors;
    struct yaml_node *root;
};

static bool no_memory(struct builder *b)
{
    return err_set(b->e, ERR_LIMIT, "YAML document: it needs too much memory");
}

static bool fail_at(struct builder *b, yaml_mark_t mark, enum err_kind kind,
                    const char *what)
{
    return err_set_at(b->e, kind, (int)mark.line + 1, (int)mark.column + 1, "%s", what);
}

static bool count_nodes(struct builder *b, uint32_t weight, yaml_mark_t mark)
{
    if (weight > b->limits->max_nodes || b->weight > b->limits->max_nodes - weight)
        return fail_at(b, mark, ERR_LIMIT, "too many YAML values in one document");
    b->weight += weight;
    return true;
}

/* Hands a finished node to the frame it belongs to. */
static bool push_node(struct builder *b, const struct yaml_node *node)
{
    if (b->nframe == 0) {
        b->root = arena_new_one(b->arena, struct yaml_node);
        if (!b->root)
            return no_memory(b);
        *b->root = *node;
        return true;
    }
    if (b->nnode == b->capacity) {
        size_t capacity = b->capacity ? 2 * b->capacity : 256;
        struct yaml_node *grown = realloc(b->node, capacity * sizeof *grown);
        if (!grown)
            return no_memory(b);
        b->node = grown;
        b->capacity = capacity;
    }
    b->node[b->nnode++] = *node;
    return true;
}

static struct anchor *add_anchor(struct builder *b, const yaml_char_t *name)
{
    struct anchor *a = arena_new_one(b->arena, struct anchor);
    if (!a)
        return NULL;
    a->name = arena_text(b->arena, str_of((const char *)name));
    a->older = b->anchors;
    b->anchors = a;
    return a->name ? a : NULL;
}

static bool set_anchor(struct builder *b, struct anchor *a, const struct yaml_node *node)
{
    struct yaml_node *copy = arena_new_one(b->arena, struct yaml_node);
    if (!copy)
        return no_memory(b);
    *copy = *node;
    a->node = copy;
    return true;
}

static bool set_tag(struct builder *b, struct yaml_node *node, const yaml_char_t *tag)
{
    if (!tag)
        return true;
    node->tag = arena_text(b->arena, str_of((const char *)tag));
    return node->tag || no_memory(b);
}

static bool on_scalar(struct builder *b, const yaml_event_t *event)
{
    str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    struct yaml_node node = {
        .kind = YAML_SCALAR,
        .line = (int)event->start_mark.line + 1,
        .column = (int)event->start_mark.column + 1,
        .weight = 1,
        .is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE,
    };
    if (str_find(text, '\0') < text.len)
        return fail_at(b, event->start_mark, ERR_USAGE, "a text holds a NUL character");
    if (!count_nodes(b, 1, event->start_mark))
        return false;
    node.text = (str){arena_text(b->arena, text), text.len};
    if (!node.text.at)
        return no_memory(b);
    if (!set_tag(b, &node, event->data.scalar.tag))
        return false;
    if (event->data.scalar.anchor) {
        struct anchor *a = add_anchor(b, event->data.scalar.anchor);
        if (!a)
            return no_memory(b);
        if (!set_anchor(b, a, &node))
            return false;
    }
    return push_node(b, &node);
}

static bool on_alias(struct builder *b, const yaml_event_t *event)
{
    if (++b->naliases > b->limits->max_aliases)
        return fail_at(b, event->start_mark, ERR_USAGE,
                       b->limits->max_aliases == 0
                           ? "aliases (*name) are not read here: write the value out"
                           : "too many aliases (*name): write the values out");
    const struct anchor *a = b->anchors;
    const char *name = (const char *)event->data.alias.anchor;
    while (a && strcmp(a->name, name) != 0)
        a = a->older;
    if (!a || !a->node)
        return fail_at(b, event->start_mark, ERR_USAGE,
                       a ? "an alias stands inside the value that it names"
                         : "an alias (*name) without an anchor (&name) before it");
    struct yaml_node node = *a->node;
    node.line = (int)event->start_mark.line + 1;
    node.column = (int)event->start_mark.column + 1;
    return count_nodes(b, node.weight, event->start_mark) && push_node(b, &node);
}

static bool on_open(struct builder *b, const yaml_event_t *event, enum yaml_kind kind,
                    const yaml_char_t *tag, const yaml_char_t *anchor)
{
    if (b->nframe >= b->limits->max_depth || b->nframe >= MAX_FRAMES)
        return fail_at(b, event->start_mark, ERR_LIMIT, "YAML values are nested too deep");
    if (!count_nodes(b, 1, event->start_mark))
        return false;
    struct frame f = {
        .node = {.kind = kind,
                 .line = (int)event->start_mark.line + 1,
                 .column = (int)event->start_mark.column + 1,
                 .weight = 1},
        .first = b->nnode,
    };
    if (!set_tag(b, &f.node, tag))
        return false;
    if (anchor && !(f.anchor = add_anchor(b, anchor)))
        return no_memory(b);
    b->frame[b->nframe++] = f;
    return true;
}

struct sorted_key {
    const struct yaml_node *key;
};

static int compare_keys(const void *a, const void *b)
{
    const struct yaml_node *left = ((const struct sorted_key *)a)->key;
    const struct yaml_node *right = ((const struct sorted_key *)b)->key;
    int order = strcmp(left->text.at, right->text.at);
    if (order != 0)
        return order;
    return left->line != right->line ? (left->line < right->line ? -1 : 1)
                                     : left->column - right->column;
}

static bool check_repeats(struct builder *b, const struct yaml_node *map)
{
    struct sorted_key *sorted = malloc((map->nitem + 1) * sizeof *sorted);
    if (!sorted)
        return no_memory(b);
    for (uint32_t i = 0; i < map->nitem; i++)
        sorted[i].key = yaml_key(map, i);
    qsort(sorted, map->nitem, sizeof *sorted, compare_keys);
    bool ok = true;
    for (uint32_t i = 1; i < map->nitem && ok; i++) {
        const struct yaml_node *key = sorted[i].key, *first = sorted[i - 1].key;
        if (str_eq(key->text, first->text))
            ok = err_set_at(b->e, ERR_USAGE, key->line, key->column,
                            "the key '%.*s' is here a second time (first in line %d)",
                            STR_FMT(key->text), first->line);
    }
    free(sorted);
    return ok;
}

static bool check_keys(struct builder *b, const struct yaml_node *map)
{
    for (uint32_t i = 0; i < map->nitem; i++)
        if (yaml_key(map, i)->kind != YAML_SCALAR)
            return err_set_at(b->e, ERR_USAGE, yaml_key(map, i)->line,
                              yaml_key(map, i)->column, "a key must be a simple text");
    return check_repeats(b, map);
}

static bool on_close(struct builder *b)
{
    struct frame f = b->frame[--b->nframe];
    size_t n = b->nnode - f.first;
    struct yaml_node *item = arena_new_array(b->arena, struct yaml_node, n + 1);
    if (!item)
        return no_memory(b);
    for (size_t i = 0; i < n; i++) {
        item[i] = b->node[f.first + i];
        f.node.weight += item[i].weight;
    }
    b->nnode = f.first;
    f.node.item = item;
    f.node.nitem = (uint32_t)(f.node.kind == YAML_MAP ? n / 2 : n);
    if (f.node.kind == YAML_MAP && !check_keys(b, &f.node))
        return false;
    if (f.anchor && !set_anchor(b, f.anchor, &f.node))
        return false;
    return push_node(b, &f.node);
}

static bool on_event(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return !b->root || fail_at(b, event->start_mark, ERR_USAGE,
                                   "a second document begins here: one is read");
    case YAML_SCALAR_EVENT:
        return on_scalar(b, event);
    case YAML_ALIAS_EVENT:
        return on_alias(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(b, event, YAML_LIST, event->data.sequence_start.tag,
                       event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return on_open(b, event, YAML_MAP, event->data.mapping_start.tag,
                       event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(b);
    default:
        return true;
    }
}

/* libyaml gives a byte offset for bytes it cannot read, else marks. */
static bool set_parse_error(const yaml_parser_t *parser, str text, struct err *e)
{
    const char *problem = parser->problem ? parser->problem : "not readable";
    if (parser->error == YAML_MEMORY_ERROR)
        return err_set(e, ERR_LIMIT, "YAML document: it needs too much memory");
    if (parser->error == YAML_READER_ERROR) {
        size_t end = parser->problem_offset < text.len ? parser->problem_offset : text.len;
        int line = 1, column = 1;
        for (size_t i = 0; i < end; i++) {
            column = text.at[i] == '\n' ? 1 : column + 1;
            line += text.at[i] == '\n';
        }
        return err_set_at(e, ERR_USAGE, line, column, "not YAML: %s (save it as UTF-8)",
                          problem);
    }
    bool is_tab = parser->problem_mark.index < text.len &&
                  text.at[parser->problem_mark.index] == '\t';
    return err_set_at(e, ERR_USAGE, (int)parser->problem_mark.line + 1,
                      (int)parser->problem_mark.column + 1, "not YAML: %s%s%s%s", problem,
                      parser->context ? " " : "", parser->context ? parser->context : "",
                      is_tab ? " (a TAB: indent with blanks)" : "");
}

static bool read_events(struct builder *b, yaml_parser_t *parser, str text)
{
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return set_parse_error(parser, text, b->e);
        bool is_end = event.type == YAML_STREAM_END_EVENT;
        bool ok = on_event(b, &event);
        yaml_event_delete(&event);
        if (!ok || is_end)
            return ok;
    }
}

const struct yaml_node *yaml_parse(str text, const struct yaml_limits *limits,
                                   struct arena *arena, struct err *e)
{
    static const struct yaml_node EMPTY = {.kind = YAML_SCALAR,
                                           .line = 1,
                                           .column = 1,
                                           .weight = 1,
                                           .is_plain = true,
                                           .text = {"", 0}};
    if (text.len > limits->max_bytes) {
        err_set(e, ERR_LIMIT, "the document is longer than %zu bytes: split it",
                limits->max_bytes);
        return NULL;
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        err_set(e, ERR_LIMIT, "no memory to read YAML");
        return NULL;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.at, text.len);
    struct builder b = {.limits = limits, .arena = arena, .e = e};
    bool ok = read_events(&b, &parser, text);
    yaml_parser_delete(&parser);
    free(b.node);
    if (!ok)
        return NULL;
    return b.root ? b.root : &EMPTY;
}

/* At most `max` bytes and one more, so that the parser sees what is too long. */
static char *read_all(FILE *file, size_t max, struct arena *arena, size_t *len)
{
    char *buffer = malloc(max + 1);
    if (!buffer)
        return NULL;
    *len = fread(buffer, 1, max + 1, file);
    char *text = ferror(file) ? NULL : arena_text(arena, (str){buffer, *len});
    free(buffer);
    return text;
}

const struct yaml_node *yaml_parse_file(const char *path, const struct yaml_limits *limits,
                                        struct arena *arena, struct err *e)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        err_set(e, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
        return NULL;
    }
    size_t len = 0;
    errno = 0;
    char *text = read_all(file, limits->max_bytes, arena, &len);
    int why = errno;
    fclose(file);
    if (!text) {
        err_set(e, ERR_NOT_FOUND, "%s: %s", path, why ? strerror(why) : "no memory");
        return NULL;
    }
    return yaml_parse((str){text, len}, limits, arena, e);
}

const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (uint32_t i = 0; i < map->nitem; i++)
        if (strcmp(yaml_key(map, i)->text.at, key) == 0)
            return yaml_value(map, i);
    return NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
    if (!node)
        return true;
    if (node->kind != YAML_SCALAR || !node->is_plain)
        return false;
    return node->text.len == 0 || str_eq(node->text, STR("~")) ||
           str_eq_fold(node->text, STR("null"));
}

bool yaml_bool(const struct yaml_node *node, bool *out)
{
    static const char *const WORDS[] = {"false", "true", "no", "yes", "off", "on"};
    if (!node || node->kind != YAML_SCALAR || !node->is_plain)
        return false;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (str_eq_fold(node->text, str_of(WORDS[i]))) {
            *out = i % 2 == 1;
            return true;
        }
    return false;
}

bool yaml_int(const struct yaml_node *node, int64_t *out)
{
    int64_t value;
    if (!node || node->kind != YAML_SCALAR || !num_parse_int(node->text, &value))
        return false;
    *out = value;
    return true;
}

bool yaml_double(const struct yaml_node *node, double *out)
{
    double value;
    if (!node || node->kind != YAML_SCALAR || !num_parse_double(node->text, &value))
        return false;
    *out = value;
    return true;
}

const char *yaml_text(const struct yaml_node *node)
{
    if (!node || node->kind != YAML_SCALAR || yaml_is_null(node))
        return NULL;
    return node->text.at;
}
