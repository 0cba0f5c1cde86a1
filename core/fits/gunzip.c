/* gunzip.c -- a gzip file unpacked into memory that the system may swap, not the heap. */
#include "core/fits/gunzip.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/fd.h"

static bool unpack(gzFile in, int out, struct err *e)
{
    char buffer[1 << 16];
    uint64_t at = 0;
    int n;
    while ((n = gzread(in, buffer, sizeof buffer)) > 0) {
        if (at + (uint64_t)n > GUNZIP_MAX_BYTES)
            return err_set(e, ERR_LIMIT,
                           "the file is larger than %d MB without gzip; it can be had as a "
                           "whole only",
                           GUNZIP_MAX_BYTES >> 20);
        if (!fd_write(out, buffer, (size_t)n))
            return err_set(e, ERR_BUSY, "out of memory for a file without gzip");
        at += (uint64_t)n;
    }
    return n == 0 || err_set(e, ERR_USAGE, "the gzip file is damaged");
}

int gunzip_open(int fd, struct err *e)
{
    unsigned char magic[2] = {0};
    if (pread(fd, magic, 2, 0) != 2 || magic[0] != 0x1F || magic[1] != 0x8B)
        return fd;
    int out = memfd_create("fits", MFD_CLOEXEC);
    gzFile in = lseek(fd, 0, SEEK_SET) == 0 ? gzdopen(fd, "rb") : NULL;
    if (!in)
        close(fd);
    bool ok = in && out >= 0 ? unpack(in, out, e)
                             : err_set(e, ERR_BUSY, "out of memory or files");
    if (in)
        gzclose(in);
    if (!ok && out >= 0)
        close(out);
    return ok ? out : -1;
}
