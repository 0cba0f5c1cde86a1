/* votable_doc.h -- a VOTable document around its rows. libxml2 reads all markup but what is
 * inside the wanted TABLEDATA or STREAM; there the document stops and lets the row readers
 * take the input, then it goes on to the end. Private to this folder. */
#ifndef CORE_FORMATS_VOTABLE_DOC_H
#define CORE_FORMATS_VOTABLE_DOC_H

#include "core/base/arena.h"
#include "core/formats/field.h"
#include "core/formats/formats.h"
#include "core/formats/input.h"

enum votable_data {
    VOTABLE_NO_DATA, /* no DATA: a table of no rows */
    VOTABLE_TABLEDATA,
    VOTABLE_BINARY,
    VOTABLE_BINARY2,
    VOTABLE_FITS
};

struct votable_field { /* a FIELD as written; NULL: absent */
    const char *name, *id, *datatype, *arraysize, *unit, *ucd, *utype, *xtype, *ref, *null;
    const char *description;
};

struct votable_table {
    const char *id, *name, *ref;
    struct votable_field *field;
    uint32_t nfield, capacity;
};

struct votable_doc;

/* The input stands at the document's start and stays the caller's; the arena holds all that
 * is told about the document. NULL: no memory. */
struct votable_doc *votable_doc_new(struct input *, const struct read_limits *,
                                    struct arena *, struct err *);
void votable_doc_free(struct votable_doc *);

/* Reads up to the data of the first TABLE with FIELDs (DALI-21; VOTable reader duties); the
 * input then stands behind <TABLEDATA> or <STREAM>. ERR_USAGE with the line: not
 * well-formed, no VOTable, no table, data by href, an error document. */
bool votable_doc_read_head(struct votable_doc *, enum votable_data *, struct err *);

/* Valid after the head. */
const struct votable_table *votable_doc_table(const struct votable_doc *);
int votable_doc_extnum(const struct votable_doc *); /* of FITS; 1 unless given */
/* By the ID that a FIELD refers to; NULL: no such. */
const struct store_coosys *votable_doc_coosys(const struct votable_doc *, const char *id);
const struct store_timesys *votable_doc_timesys(const struct votable_doc *, const char *id);

/* Reads from </TABLEDATA> or </STREAM> to the end, so that a document which is cut or says
 * that it failed is an error. */
bool votable_doc_read_tail(struct votable_doc *, struct err *);

#endif
