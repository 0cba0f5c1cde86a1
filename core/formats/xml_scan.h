/* xml_scan.h -- where a piece of markup ends, so that a push parser gets whole ones. */
#ifndef CORE_FORMATS_XML_SCAN_H
#define CORE_FORMATS_XML_SCAN_H

/* `at` is a '<'. The end of its tag, comment, CDATA section, processing instruction or
 * declaration; NULL: not before `end`. */
const char *xml_scan_markup(const char *at, const char *end);

/* Attributes of a whole tag. Looking for repeated ones takes a parser time that grows with
 * their square. */
unsigned xml_scan_attributes(const char *at, const char *end);

#endif
