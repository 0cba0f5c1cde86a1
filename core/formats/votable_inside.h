/* votable_inside.h -- the document under votable_doc.c and votable_elements.c. */
#ifndef CORE_FORMATS_VOTABLE_INSIDE_H
#define CORE_FORMATS_VOTABLE_INSIDE_H

#include <libxml/parser.h>

#include "core/formats/votable_doc.h"

enum { TEXT_MAX_BYTES = 64 * 1024, TABLES_MAX = 1000 };

struct named_system { /* COOSYS or TIMESYS */
    struct named_system *next;
    const char *id;
    const struct store_coosys *coosys;
    const struct store_timesys *timesys;
};

struct votable_doc {
    struct input *input;
    const struct read_limits *limits;
    struct arena *arena;
    struct err *e; /* of the call at hand */
    xmlSAXHandler sax;
    xmlParserCtxtPtr parser;
    uint32_t depth,
        foreign_depth; /* foreign: depth at which another namespace began, or 0 */
    const xmlChar *namespace;
    struct named_system *systems;
    struct votable_table *table; /* all seen, in order */
    uint32_t ntable, wanted;     /* index of the one to read, or UINT32_MAX */
    struct votable_field *field; /* open */
    uint32_t field_depth;
    struct bytes text; /* of the element that is listened to */
    bool is_listening, is_error_info, in_table;
    enum votable_data data; /* being entered, in the wanted table */
    bool is_at_data, has_root;
    uint64_t skipped_lines; /* read by others: the parser's count is short of them */
    int extnum;
};

struct attributes { /* five pointers each: name, prefix, namespace, value, its end */
    const xmlChar **list;
    int count;
};

/* An element of the document's namespace begins. */
void votable_doc_element(struct votable_doc *, const char *name, struct attributes);

/* Records an error at the parser's line and stops the parser; returns false. */
bool votable_doc_fail(struct votable_doc *, enum err_kind, const char *what,
                      const char *detail);

#endif
