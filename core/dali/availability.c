/* availability.c -- VOSI availability. */
#include "core/base/clock.h"
#include "core/dali/dali.h"

struct http_response *dali_availability(void *dali, struct http_request *request)
{
    const struct dali *d = dali;
    struct bytes b;
    char since[CLOCK_TEXT_BYTES];
    bytes_init(&b, 64 * 1024);
    clock_print_utc(d->up_since_us, since);
    bytes_add_literal(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          "<avl:availability "
                          "xmlns:avl=\"http://www.ivoa.net/xml/VOSIAvailability/v1.0\">\n"
                          " <avl:available>true</avl:available>\n");
    bytes_add_format(&b, " <avl:upSince>%s</avl:upSince>\n", since);
    bytes_add_literal(&b, " <avl:note>accepting queries</avl:note>\n</avl:availability>\n");
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "text/xml", &b);
    http_reply_header(r, "Cache-Control", "no-cache");
    return r;
}

const char *dali_base_url(const struct dali *d, const struct http_request *request)
{
    return d->base_url ? d->base_url : request->base_url;
}
