/* file.c -- /datalink/file: the products' files, whole or in ranges. */
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/base64.h"
#include "datalink/inside.h"

/* RFC 9530: "sha-256=:BASE64:" of "sha256:" and 64 digits. NULL: it is something else. */
static const char *digest_of(struct arena *arena, const char *checksum)
{
    unsigned char byte[32];
    char text[48] = "";
    if (!str_starts_fold(str_of(checksum), STR("sha256:")) || strlen(checksum) != 7 + 64)
        return NULL;
    for (int i = 0; i < 32; i++) {
        int value = 0;
        for (int j = 0; j < 2; j++) {
            const char *digit = strchr("0123456789abcdef", checksum[7 + 2 * i + j]);
            if (!digit)
                return NULL;
            value = 16 * value + (int)(digit - "0123456789abcdef");
        }
        byte[i] = (unsigned char)value;
    }
    text[base64_encode(byte, sizeof byte, text)] = 0;
    return arena_format(arena, "sha-256=:%s:", text);
}

static void add_headers(struct http_response *r, struct http_request *request,
                        const struct product *p, const struct stat *s)
{
    const char *name = product_file_name(request->arena, p);
    const char *disposition =
        name ? arena_format(request->arena, "inline; filename=\"%s\"", name) : NULL;
    if (disposition)
        http_reply_header(r, "Content-Disposition", disposition);
    /* Of the file as it was scanned; another one has another sum. */
    bool is_as_scanned =
        p->bytes == (int64_t)s->st_size && p->modified_us / 1000000 == s->st_mtim.tv_sec;
    const char *digest =
        p->checksum && is_as_scanned ? digest_of(request->arena, p->checksum) : NULL;
    if (digest)
        http_reply_header(r, "Repr-Digest", digest);
}

struct http_response *datalink_file(void *context, struct http_request *request)
{
    struct datalink *d = context;
    struct product p = {0};
    struct err e = {0};
    struct stat s;
    int fd = -1;
    if (datalink_find_path(d, request->rest, request->arena, &p, &e))
        fd = products_open_file(d->products, &p, &e);
    if (fd < 0)
        return http_reply_error(request, &e);
    struct http_response *r = http_reply(request, 200);
    if (fstat(fd, &s) == 0)
        add_headers(r, request, &p, &s);
    if (!http_reply_file(r, product_media_type(&p), fd, &e))
        return http_reply_error(request, &e);
    return r;
}
