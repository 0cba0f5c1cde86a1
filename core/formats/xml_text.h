/* xml_text.h -- cell text into XML, fast where nothing needs escaping. */
#ifndef CORE_FORMATS_XML_TEXT_H
#define CORE_FORMATS_XML_TEXT_H

#include "core/base/str.h"

/* A character may grow to this many bytes. */
enum { XML_TEXT_GROWTH = 6 };

/* Writes text as XML content: & < > escaped, control characters that XML forbids left out
 * (VOT-12), bytes that are no UTF-8 replaced by U+FFFD, CR kept as a reference. Room:
 * XML_TEXT_GROWTH times its length. Returns the end. */
char *xml_text_put(str, char *to);

#endif
