/* xml.c -- the frame of VOSI capabilities documents (VOSI-3, 4, 5). */
#include "core/dali/xml.h"

void xml_capabilities_begin(struct bytes *b)
{
    bytes_add_literal(
        b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vosi:capabilities\n"
           "  xmlns:vosi=\"http://www.ivoa.net/xml/VOSICapabilities/v1.0\"\n"
           "  xmlns:vr=\"http://www.ivoa.net/xml/VOResource/v1.0\"\n"
           "  xmlns:vs=\"http://www.ivoa.net/xml/VODataService/v1.1\"\n"
           "  xmlns:tr=\"http://www.ivoa.net/xml/TAPRegExt/v1.0\"\n"
           "  xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"\n"
           "  xsi:schemaLocation=\"http://www.ivoa.net/xml/VOSICapabilities/v1.0 "
           "http://www.ivoa.net/xml/VOSICapabilities/v1.0\n"
           "    http://www.ivoa.net/xml/VODataService/v1.1 "
           "http://www.ivoa.net/xml/VODataService/v1.1\n"
           "    http://www.ivoa.net/xml/TAPRegExt/v1.0 "
           "http://www.ivoa.net/xml/TAPRegExt/v1.0\">\n");
}

void xml_capabilities_end(struct bytes *b)
{
    bytes_add_literal(b, "</vosi:capabilities>\n");
}

void xml_capability(struct bytes *b, const char *standard_id, const char *type,
                    const char *version, const char *use, const char *base,
                    const char *path)
{
    bytes_add_format(b,
                     " <capability standardID=\"%s\">\n"
                     "  <interface xsi:type=\"%s\" role=\"std\"",
                     standard_id, type);
    if (version)
        bytes_add_format(b, " version=\"%s\"", version);
    bytes_add_format(b, ">\n   <accessURL use=\"%s\">", use);
    bytes_add_xml(b, str_of(base));
    bytes_add(b, str_of(path));
    bytes_add_literal(b, "</accessURL>\n  </interface>\n </capability>\n");
}
