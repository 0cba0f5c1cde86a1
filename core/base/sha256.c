/* sha256.c -- see sha256.h; by OpenSSL. */
#include "core/base/sha256.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024 };

static bool add_file(EVP_MD_CTX *hash, int fd, char *buffer)
{
    for (off_t at = 0;;) {
        ssize_t n = pread(fd, buffer, PIECE_BYTES, at);
        if (n <= 0)
            return n == 0;
        if (!EVP_DigestUpdate(hash, buffer, (size_t)n))
            return false;
        at += n;
    }
}

bool sha256_file(int fd, unsigned char out[SHA256_BYTES])
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    char *buffer = malloc(PIECE_BYTES);
    bool ok = hash && buffer && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) &&
              add_file(hash, fd, buffer) && EVP_DigestFinal_ex(hash, out, NULL);
    EVP_MD_CTX_free(hash);
    free(buffer);
    return ok;
}

bool sha256_bytes(str text, unsigned char out[SHA256_BYTES])
{
    return EVP_Digest(text.at, text.len, out, NULL, EVP_sha256(), NULL) == 1;
}

void sha256_print(const unsigned char digest[SHA256_BYTES], char out[SHA256_HEX + 1])
{
    static const char HEX[] = "0123456789abcdef";
    for (int i = 0; i < SHA256_BYTES; i++) {
        out[2 * i] = HEX[digest[i] >> 4];
        out[2 * i + 1] = HEX[digest[i] & 15];
    }
    out[SHA256_HEX] = '\0';
}
