/* xmlrpc.c -- calls to a hub as XML, its answers as values. The answer comes from another
 * program: its size, depth and number of values are bounded, and it may have no DTD. */
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "core/samp/samp.h"

enum { MAX_BYTES = 1 << 20, MAX_VALUES = 20000, MAX_DEPTH = 16 };

/* ---- writing ---- */

static bool check_text(const char *text, struct err *e)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if ((*c < 0x20 && *c != '\t' && *c != '\n' && *c != '\r') || *c >= 0x7f)
            return err_set(e, ERR_USAGE,
                           "SAMP carries only ASCII text; byte 0x%02x in \"%.100s\"", *c,
                           text);
    return true;
}

static bool add_value(struct bytes *b, const struct samp_value *v, int depth,
                      struct err *e);

static bool add_members(struct bytes *b, const struct samp_value *v, int depth,
                        struct err *e)
{
    bool is_map = v->kind == SAMP_MAP;
    bytes_add(b, str_of(is_map ? "<struct>" : "<array><data>"));
    for (const struct samp_value *m = v->first; m; m = m->next) {
        if (is_map) {
            if (!check_text(m->name, e))
                return false;
            bytes_add_literal(b, "<member><name>");
            bytes_add_xml(b, str_of(m->name));
            bytes_add_literal(b, "</name>");
        }
        if (!add_value(b, m, depth + 1, e))
            return false;
        bytes_add(b, str_of(is_map ? "</member>" : ""));
    }
    bytes_add(b, str_of(is_map ? "</struct>" : "</data></array>"));
    return true;
}

static bool add_value(struct bytes *b, const struct samp_value *v, int depth, struct err *e)
{
    if (depth > MAX_DEPTH)
        return err_set(e, ERR_LIMIT, "a SAMP message is nested too deeply");
    bytes_add_literal(b, "<value>");
    if (v->kind == SAMP_TEXT) {
        if (!check_text(v->text, e))
            return false;
        bytes_add_literal(b, "<string>");
        bytes_add_xml(b, str_of(v->text));
        bytes_add_literal(b, "</string>");
    } else if (!add_members(b, v, depth, e))
        return false;
    bytes_add_literal(b, "</value>");
    return true;
}

bool samp_write_call(struct bytes *b, const char *method, const struct samp_value *params,
                     struct err *e)
{
    bytes_add_literal(b, "<?xml version=\"1.0\"?>\n<methodCall><methodName>");
    bytes_add_xml(b, str_of(method));
    bytes_add_literal(b, "</methodName><params>");
    for (const struct samp_value *p = params->first; p; p = p->next) {
        bytes_add_literal(b, "<param>");
        if (!add_value(b, p, 0, e))
            return false;
        bytes_add_literal(b, "</param>");
    }
    bytes_add_literal(b, "</params></methodCall>\n");
    return !b->failed || err_set(e, ERR_LIMIT, "a SAMP message is too large");
}

/* ---- reading ---- */

struct reader {
    struct arena *arena;
    struct err *e;
    uint32_t nvalue;
};

static const xmlNode *element(const xmlNode *parent, const char *name)
{
    for (const xmlNode *n = parent ? parent->children : NULL; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE && (!name || !strcmp((const char *)n->name, name)))
            return n;
    return NULL;
}

static const xmlNode *next_element(const xmlNode *n)
{
    do
        n = n->next;
    while (n && n->type != XML_ELEMENT_NODE);
    return n;
}

static bool is_named(const xmlNode *n, const char *name)
{
    return n && strcmp((const char *)n->name, name) == 0;
}

static bool no_answer(struct reader *r, const char *what)
{
    return err_set(r->e, ERR_UNAVAILABLE, "the hub's answer is no XML-RPC: %s", what);
}

/* Text of an element without child elements. */
static const char *text_of(struct reader *r, const xmlNode *node)
{
    struct bytes b;
    bytes_init(&b, MAX_BYTES);
    for (const xmlNode *n = node->children; n; n = n->next)
        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) && n->content)
            bytes_add(&b, str_of((const char *)n->content));
    const char *text = b.failed ? NULL : arena_text(r->arena, bytes_str(&b));
    bytes_free(&b);
    if (!text)
        err_set(r->e, ERR_LIMIT, "the hub's answer is too large");
    return text;
}

static struct samp_value *read_value(struct reader *r, const xmlNode *node, int depth);

static struct samp_value *read_list(struct reader *r, const xmlNode *array, int depth)
{
    struct samp_value *list = samp_list(r->arena);
    const xmlNode *data = element(array, "data");
    for (const xmlNode *n = element(data, NULL); list && n; n = next_element(n)) {
        if (!samp_add(list, NULL, read_value(r, n, depth + 1)))
            return NULL;
    }
    return list;
}

static struct samp_value *read_map(struct reader *r, const xmlNode *structure, int depth)
{
    struct samp_value *map = samp_map(r->arena);
    for (const xmlNode *n = element(structure, NULL); map && n; n = next_element(n)) {
        const xmlNode *name = element(n, "name"), *value = element(n, "value");
        if (!is_named(n, "member") || !name || !value) {
            no_answer(r, "a struct without names or values");
            return NULL;
        }
        const char *text = text_of(r, name);
        if (!text || !samp_add(map, text, read_value(r, value, depth + 1)))
            return NULL;
    }
    return map;
}

static struct samp_value *read_value(struct reader *r, const xmlNode *node, int depth)
{
    if (!is_named(node, "value")) {
        no_answer(r, "something else where a value should be");
        return NULL;
    }
    if (depth > MAX_DEPTH || ++r->nvalue > MAX_VALUES) {
        err_set(r->e, ERR_UNAVAILABLE, "the hub's answer has too many values");
        return NULL;
    }
    const xmlNode *inner = element(node, NULL);
    if (is_named(inner, "array"))
        return read_list(r, inner, depth);
    if (is_named(inner, "struct"))
        return read_map(r, inner, depth);
    /* <value>text</value> is a string too; numbers come as they are written */
    return samp_text(r->arena, text_of(r, inner ? inner : node));
}

static void *read_fault(struct reader *r, const xmlNode *fault)
{
    const struct samp_value *v = read_value(r, element(fault, "value"), 0);
    const char *words = samp_get_text(v, "faultString");
    err_set(r->e, ERR_USAGE, "the hub refuses: %.600s", *words ? words : "no reason given");
    return NULL;
}

static const struct samp_value *read_document(struct reader *r, const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement(doc);
    if (doc->intSubset || doc->extSubset || !is_named(root, "methodResponse")) {
        no_answer(r, "another document");
        return NULL;
    }
    const xmlNode *fault = element(root, "fault");
    if (fault)
        return read_fault(r, fault);
    const xmlNode *param = element(element(root, "params"), "param");
    const xmlNode *value = element(param, "value");
    if (!param) /* some answer nothing with nothing */
        return samp_text(r->arena, "");
    if (!value) {
        no_answer(r, "an answer without a value");
        return NULL;
    }
    return read_value(r, value, 0);
}

const struct samp_value *samp_read_answer(str xml, struct arena *arena, struct err *e)
{
    struct reader r = {.arena = arena, .e = e};
    if (xml.len > MAX_BYTES) {
        err_set(e, ERR_UNAVAILABLE, "the hub's answer is too large");
        return NULL;
    }
    xmlDoc *doc = xmlReadMemory(xml.len ? xml.at : "", (int)xml.len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc) {
        no_answer(&r, "it is not well-formed");
        return NULL;
    }
    const struct samp_value *v = read_document(&r, doc);
    xmlFreeDoc(doc);
    if (!v)
        err_set(e, ERR_INTERNAL, "out of memory");
    return v;
}
