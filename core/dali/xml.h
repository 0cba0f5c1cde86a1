/* xml.h -- elements of VOSI documents, written one at a time. */
#ifndef CORE_DALI_XML_H
#define CORE_DALI_XML_H

#include "core/base/bytes.h"

/* <name>text</name> and a line end; nothing at all when text is NULL or empty. */
static inline void xml_element(struct bytes *b, const char *indent, const char *name,
                               const char *text)
{
    if (!text || !*text)
        return;
    bytes_add_format(b, "%s<%s>", indent, name);
    bytes_add_xml(b, str_of(text));
    bytes_add_format(b, "</%s>\n", name);
}

/* One VOSI or DALI capability with a single interface.
 *   type    "vs:ParamHTTP", "vr:WebBrowser"
 *   use     "full", "base"
 *   version NULL: none */
void xml_capability(struct bytes *, const char *standard_id, const char *type,
                    const char *version, const char *use, const char *base,
                    const char *path);

/* Root element of /capabilities with all namespaces, and its end. */
void xml_capabilities_begin(struct bytes *);
void xml_capabilities_end(struct bytes *);

#endif
