/* digest.c -- the checksum of a result, so that a resumed download can be proved whole:
 * made when the result is committed, kept in a file beside it. Source: RFC 9530
 * "Repr-Digest", and its forerunner "Digest". */
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/sha256.h"
#include "core/uws/uws_int.h"

enum { BASE64_BYTES = 45 };

/* SHA-256 of the file in base64, with NUL. */
static bool hash_file(int fd, char out[BASE64_BYTES])
{
    unsigned char digest[SHA256_BYTES];
    bool ok = sha256_file(fd, digest);
    if (ok)
        EVP_EncodeBlock((unsigned char *)out, digest, SHA256_BYTES);
    return ok;
}

static const char *digest_path(struct arena *arena, const char *path)
{
    return arena_format(arena, "%s.sha256", path);
}

/* Without a checksum a result is still a result: failures leave it without one. */
void digest_write(struct arena *arena, int fd, const char *path)
{
    char text[BASE64_BYTES];
    const char *beside = digest_path(arena, path);
    if (!beside || !hash_file(fd, text))
        return;
    int to = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0)
        return;
    bool ok = fd_write(to, text, BASE64_BYTES - 1);
    if (close(to) != 0 || !ok)
        unlink(beside);
}

void digest_reply(struct arena *arena, const char *path, struct http_response *r)
{
    char text[BASE64_BYTES] = {0};
    const char *beside = digest_path(arena, path);
    int fd = beside ? open(beside, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    ssize_t n = read(fd, text, BASE64_BYTES - 1);
    close(fd);
    const char *structured = arena_format(arena, "sha-256=:%s:", text);
    const char *plain = arena_format(arena, "SHA-256=%s", text);
    if (n != BASE64_BYTES - 1 || !structured || !plain)
        return;
    http_reply_header(r, "Repr-Digest", structured);
    http_reply_header(r, "Digest", plain);
}
