/* votable_doc.c -- see votable_doc.h. No entity is expanded but XML's own five, no DTD is
 * read, nothing is fetched; depth, columns and sizes have limits. */
#include "core/formats/votable_doc.h"

#include <libxml/parserInternals.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/formats/votable_inside.h"
#include "core/formats/xml_scan.h"

enum { MARKUP_MAX_BYTES = 256 * 1024, ATTRIBUTES_MAX = 300 };

/* --- events -----------------------------------------------------------------------------
 */

static void check_root(struct votable_doc *d, const char *name, const xmlChar *namespace)
{
    d->has_root = true;
    d->namespace = namespace;
    if (strcmp(name, "VOTABLE") != 0)
        votable_doc_fail(d, ERR_USAGE, "this is no VOTable: its root element is ", name);
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix,
                     const xmlChar *namespace, int nnamespace, const xmlChar **namespaces,
                     int nattribute, int ndefaulted, const xmlChar **list)
{
    struct votable_doc *d = context;
    (void)prefix, (void)nnamespace, (void)namespaces, (void)ndefaulted;
    if (++d->depth > d->limits->max_depth) {
        votable_doc_fail(d, ERR_LIMIT, "elements are nested too deeply", "");
        return;
    }
    if (!d->has_root)
        check_root(d, (const char *)name, namespace);
    if (d->foreign_depth)
        return;
    if (!xmlStrEqual(namespace, d->namespace)) {
        d->foreign_depth = d->depth;
        return;
    }
    votable_doc_element(d, (const char *)name, (struct attributes){list, nattribute});
}

static void end_listening(struct votable_doc *d)
{
    str text = str_trim(bytes_str(&d->text));
    d->is_listening = false;
    if (d->is_error_info) {
        char message[400];
        size_t n = text.len < sizeof message - 1 ? text.len : sizeof message - 1;
        if (n)
            memcpy(message, text.at, n);
        message[n] = '\0';
        votable_doc_fail(d, ERR_USAGE,
                         "the document reports an error instead of a whole "
                         "table: ",
                         message);
    } else if (d->field)
        d->field->description = arena_text(d->arena, text);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix,
                   const xmlChar *namespace)
{
    struct votable_doc *d = context;
    (void)prefix, (void)namespace;
    if (d->foreign_depth) {
        if (d->foreign_depth == d->depth)
            d->foreign_depth = 0;
        d->depth--;
        return;
    }
    if (d->is_listening)
        end_listening(d);
    if (d->field && d->depth == d->field_depth)
        d->field = NULL;
    if (strcmp((const char *)name, "TABLE") == 0)
        d->in_table = false;
    d->depth--;
}

static void on_text(void *context, const xmlChar *text, int len)
{
    struct votable_doc *d = context;
    size_t n = (size_t)len, room = TEXT_MAX_BYTES - d->text.len;
    if (d->is_listening)
        bytes_add(&d->text, (str){(const char *)text, n < room ? n : room});
}

static void on_subset(void *context, const xmlChar *name, const xmlChar *external,
                      const xmlChar *system)
{
    (void)context, (void)name, (void)external, (void)system; /* read over, never fetched */
}

static void on_entity(void *context, const xmlChar *name, int type, const xmlChar *public,
                      const xmlChar *system, xmlChar *content)
{
    (void)type, (void)public, (void)system, (void)content;
    votable_doc_fail(context, ERR_USAGE, "entities are refused; the document declares ",
                     (const char *)name);
}

static void on_reference(void *context, const xmlChar *name)
{
    votable_doc_fail(context, ERR_USAGE, "unknown entity &", (const char *)name);
}

static void on_error(void *context, xmlErrorPtr problem)
{
    struct votable_doc *d = context;
    if (problem->level < XML_ERR_ERROR || problem->domain == XML_FROM_NAMESPACE)
        return;
    char text[200];
    str message = str_trim(str_of(problem->message));
    size_t n = message.len < sizeof text - 1 ? message.len : sizeof text - 1;
    if (n)
        memcpy(text, message.at, n);
    text[n] = '\0';
    votable_doc_fail(d, ERR_USAGE, "not well-formed XML: ", text);
}

/* --- life -------------------------------------------------------------------------------
 */

static void start_library(void)
{
    xmlInitParser();
}

struct votable_doc *votable_doc_new(struct input *input, const struct read_limits *limits,
                                    struct arena *arena, struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
    struct votable_doc *d = calloc(1, sizeof *d);
    struct votable_table *tables = arena_new_array(arena, struct votable_table, TABLES_MAX);
    if (!d || !tables) {
        free(d);
        err_set(e, ERR_BUSY, "the node is out of memory; try again later");
        return NULL;
    }
    *d = (struct votable_doc){.input = input,
                              .limits = limits,
                              .arena = arena,
                              .table = tables,
                              .wanted = UINT32_MAX,
                              .extnum = 1,
                              .sax = {.initialized = XML_SAX2_MAGIC,
                                      .startElementNs = on_start,
                                      .endElementNs = on_end,
                                      .characters = on_text,
                                      .cdataBlock = on_text,
                                      .internalSubset = on_subset,
                                      .entityDecl = on_entity,
                                      .reference = on_reference,
                                      .serror = on_error}};
    bytes_init(&d->text, TEXT_MAX_BYTES + 1);
    d->parser = xmlCreatePushParserCtxt(&d->sax, d, NULL, 0, NULL);
    if (!d->parser) {
        votable_doc_free(d);
        err_set(e, ERR_BUSY, "the node is out of memory; try again later");
        return NULL;
    }
    /* The input is UTF-8 by now, whatever the declaration says. No NOENT, no DTDLOAD, no
     * XINCLUDE, no HUGE. */
    xmlCtxtUseOptions(d->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    return d;
}

void votable_doc_free(struct votable_doc *d)
{
    if (!d)
        return;
    if (d->parser) {
        if (d->parser->myDoc)
            xmlFreeDoc(d->parser->myDoc);
        xmlFreeParserCtxt(d->parser);
    }
    bytes_free(&d->text);
    free(d);
}

/* --- reading ----------------------------------------------------------------------------
 */

static bool feed(struct votable_doc *d, const char *end)
{
    while (d->input->at < end && d->e->kind == ERR_NONE) {
        ptrdiff_t n = end - d->input->at;
        n = n < INT_MAX / 2 ? n : INT_MAX / 2;
        xmlParseChunk(d->parser, d->input->at, (int)n, 0);
        d->input->at += n;
    }
    return d->e->kind == ERR_NONE;
}

/* Feeds text and the markup behind it; all that is left at the end of the file. */
static bool feed_piece(struct votable_doc *d)
{
    struct input *in = d->input;
    const char *start = memchr(in->at, '<', input_left(in));
    const char *end = start ? xml_scan_markup(start, in->end) : NULL;
    if (end && start[1] != '!' && xml_scan_attributes(start, end) > ATTRIBUTES_MAX)
        return votable_doc_fail(d, ERR_LIMIT, "a tag has too many attributes", "");
    if (end)
        return feed(d, end);
    if (in->is_end)
        return feed(d, in->end);
    if (start && in->end - start > MARKUP_MAX_BYTES)
        return votable_doc_fail(d, ERR_LIMIT, "a tag or comment is too long", "");
    if (start && !feed(d, start))
        return false;
    if (!start && !feed(d, in->end))
        return false;
    return input_more(in, d->e);
}

static bool finish(struct votable_doc *d)
{
    if (d->e->kind == ERR_NONE)
        xmlParseChunk(d->parser, "", 0, 1);
    return d->e->kind == ERR_NONE;
}

/* The table without data that is read if no better one came: the first with fields. */
static void take_empty_table(struct votable_doc *d)
{
    for (uint32_t i = 0; d->wanted == UINT32_MAX && i < d->ntable; i++)
        if (d->table[i].nfield)
            d->wanted = i;
}

bool votable_doc_read_head(struct votable_doc *d, enum votable_data *data, struct err *e)
{
    d->e = e;
    *data = VOTABLE_NO_DATA;
    while (!d->is_at_data && (!d->input->is_end || input_left(d->input)))
        if (!feed_piece(d))
            return false;
    if (e->kind != ERR_NONE)
        return false;
    if (d->is_at_data) {
        *data = d->data;
        return true;
    }
    if (!finish(d))
        return false;
    take_empty_table(d);
    if (d->wanted == UINT32_MAX)
        return err_set(e, ERR_USAGE, "the VOTable has no TABLE with FIELDs");
    return true;
}

bool votable_doc_read_tail(struct votable_doc *d, struct err *e)
{
    d->e = e;
    if (d->parser->input && d->parser->input->line > 0)
        d->skipped_lines = input_line(d->input) - (uint64_t)d->parser->input->line;
    while (!d->input->is_end || input_left(d->input))
        if (!feed_piece(d))
            return false;
    return finish(d);
}

const struct votable_table *votable_doc_table(const struct votable_doc *d)
{
    return &d->table[d->wanted];
}

int votable_doc_extnum(const struct votable_doc *d)
{
    return d->extnum;
}

static const struct named_system *find_system(const struct votable_doc *d, const char *id,
                                              bool is_time)
{
    for (const struct named_system *s = d->systems; id && s; s = s->next)
        if (strcmp(s->id, id) == 0 && (is_time ? s->timesys != NULL : s->coosys != NULL))
            return s;
    return NULL;
}

const struct store_coosys *votable_doc_coosys(const struct votable_doc *d, const char *id)
{
    const struct named_system *s = find_system(d, id, false);
    return s ? s->coosys : NULL;
}

const struct store_timesys *votable_doc_timesys(const struct votable_doc *d, const char *id)
{
    const struct named_system *s = find_system(d, id, true);
    return s ? s->timesys : NULL;
}
