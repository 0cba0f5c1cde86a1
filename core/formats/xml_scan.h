/* xml_scan.h -- where a piece of markup ends, so that a push parser gets whole ones. */
#ifndef CORE_FORMATS_XML_SCAN_H
#define CORE_FORMATS_XML_SCAN_H

/* `at` is a '<'. The end of its tag, comment, CDATA section, processing instruction or
 * declaration; NULL: not before `end`. */
const char *xml_scan_markup(const char *at, const char *end);

#endif
