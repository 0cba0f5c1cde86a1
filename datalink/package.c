/* package.c -- where each byte of a package comes from. */
#include "datalink/package.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/num.h"

static const char MANIFEST_HEAD[] = "obs_publisher_did\tstatus\tfile\tbytes\tchecksum\n";

/* ---- what is in it already ---- */

static uint64_t hash_of(const char *root, const char *path)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (int k = 0; k < 2; k++)
        for (const char *c = k ? path : root; *c; c++)
            h = (h ^ (unsigned char)*c) * 1099511628211u;
    return h ? h : 1;
}

static bool grow_seen(struct package *p)
{
    uint32_t bits = p->seen_bits ? p->seen_bits + 2 : 8;
    uint64_t *more = arena_new_array(p->arena, uint64_t, (size_t)1 << bits);
    if (!more)
        return false;
    for (size_t i = 0; p->seen_bits && i < (size_t)1 << p->seen_bits; i++) {
        if (!p->seen[i])
            continue;
        size_t at = p->seen[i] & (((size_t)1 << bits) - 1);
        while (more[at])
            at = (at + 1) & (((size_t)1 << bits) - 1);
        more[at] = p->seen[i];
    }
    p->seen = more, p->seen_bits = bits;
    return true;
}

/* *is_new: it was not there, and is now. */
static bool note(struct package *p, const struct product *q, bool *is_new)
{
    uint64_t h = hash_of(q->root, q->path);
    if ((!p->seen_bits || p->n * 2 >= (uint32_t)1 << p->seen_bits) && !grow_seen(p))
        return false;
    size_t mask = ((size_t)1 << p->seen_bits) - 1, at = h & mask;
    while (p->seen[at] && p->seen[at] != h)
        at = (at + 1) & mask;
    *is_new = p->seen[at] == 0;
    p->seen[at] = h;
    return true;
}

/* ---- the plan ---- */

static bool add_line(struct package *p, const char *did, const char *status,
                     const struct package_file *f, const char *checksum, struct err *e)
{
    struct bytes line;
    const struct cutout_sink sink = spill_sink(p->manifest);
    bytes_init(&line, 64 * 1024);
    for (const char *c = did; *c; c++)
        bytes_add_char(&line, *c == '\t' || *c == '\n' ? ' ' : *c);
    bytes_add_format(&line, "\t%s\t", status);
    if (f)
        bytes_add_format(&line, "%s\t%llu\t%s", f->name, (unsigned long long)f->bytes,
                         checksum ? checksum : "");
    else
        bytes_add_literal(&line, "\t\t");
    bytes_add_char(&line, '\n');
    bool ok =
        !line.failed && sink.write(sink.context, p->manifest->bytes, line.at, line.len, e);
    bytes_free(&line);
    return ok || e->kind || err_set(e, ERR_LIMIT, "an ID is too long");
}

static bool add_file(struct package *p, const struct product *q, const struct stat *s,
                     struct package_file **out, struct err *e)
{
    if (p->n == p->room) {
        uint32_t room = p->room ? 2 * p->room : 64;
        struct package_file *more = arena_new_array(p->arena, struct package_file, room);
        if (more && p->n)
            memcpy(more, p->file, p->n * sizeof *more);
        if (!more)
            return err_set(e, ERR_LIMIT, "the list needs too much memory");
        p->file = more, p->room = room;
    }
    struct package_file *f = &p->file[p->n];
    const char *root = p->n ? f[-1].root : NULL;
    *f = (struct package_file){
        .bytes = (uint64_t)s->st_size,
        .modified_us = (int64_t)s->st_mtim.tv_sec * 1000000 + s->st_mtim.tv_nsec / 1000,
        .root = root && strcmp(root, q->root) == 0 ? root
                                                   : arena_text(p->arena, str_of(q->root)),
        .path = arena_text(p->arena, str_of(q->path)),
        .name = arena_format(p->arena, "%s/%s",
                             q->obs_collection ? q->obs_collection : "products", q->path)};
    if (!f->root || !f->path || !f->name)
        return err_set(e, ERR_LIMIT, "the list needs too much memory");
    p->n++;
    *out = f;
    return true;
}

/* An ID whose file is there and new makes an entry; each makes a line of the manifest. */
static bool add_one(struct package *p, const char *did, struct arena *scratch,
                    struct err *e)
{
    struct product q;
    struct stat s;
    struct err why = {0};
    bool is_new;
    if (!datalink_find(p->service, str_of(did), scratch, &q, &why))
        return add_line(p, did, err_datalink_fault(why.kind), NULL, NULL, e);
    if (!note(p, &q, &is_new))
        return err_set(e, ERR_LIMIT, "the list needs too much memory");
    if (!is_new)
        return add_line(p, did, "same file as before", NULL, NULL, e);
    int fd = products_open_file(p->service->products, &q, &why);
    if (fd < 0)
        return add_line(p, did, err_datalink_fault(why.kind), NULL, NULL, e);
    bool ok = fstat(fd, &s) == 0;
    close(fd);
    struct package_file *f = NULL;
    if (!ok)
        return add_line(p, did, "TransientFault", NULL, NULL, e);
    bool is_as_scanned =
        q.bytes == (int64_t)s.st_size && q.modified_us / 1000000 == s.st_mtim.tv_sec;
    return add_file(p, &q, &s, &f, e) &&
           add_line(p, did, "ok", f, is_as_scanned ? q.checksum : NULL, e);
}

/* ---- the layout ---- */

static void hash_manifest(struct package *p, EVP_MD_CTX *hash)
{
    char buffer[32 << 10];
    for (uint64_t at = 0; at < p->manifest->bytes;) {
        ssize_t n = spill_read(p->manifest, at, buffer, sizeof buffer);
        if (n <= 0)
            return;
        EVP_DigestUpdate(hash, buffer, (size_t)n);
        at += (uint64_t)n;
    }
}

/* Bytes that are the same have the same tag; a file that changed has another time. */
static bool make_etag(struct package *p)
{
    static const char HEX[] = "0123456789abcdef";
    unsigned char digest[32];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool ok = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
    if (ok) {
        hash_manifest(p, hash);
        for (uint32_t i = 0; i < p->n; i++)
            EVP_DigestUpdate(hash, &p->file[i].modified_us, sizeof p->file[i].modified_us);
        ok = EVP_DigestFinal_ex(hash, digest, NULL);
    }
    EVP_MD_CTX_free(hash);
    p->etag[0] = p->etag[65] = '"';
    for (int i = 0; ok && i < 32; i++) {
        p->etag[1 + 2 * i] = HEX[digest[i] >> 4];
        p->etag[2 + 2 * i] = HEX[digest[i] & 15];
    }
    return ok;
}

static size_t head_of(const struct package_file *f, char out[TAR_HEAD_MAX])
{
    return tar_head(f->name, f->bytes, f->modified_us / 1000000, out);
}

static size_t manifest_head(const struct package *p, char out[TAR_HEAD_MAX])
{
    return tar_head("MANIFEST.tsv", p->manifest->bytes, 0, out);
}

static void lay_out(struct package *p)
{
    char head[TAR_HEAD_MAX];
    p->manifest_head = manifest_head(p, head);
    p->begin = p->manifest_head + tar_padded(p->manifest->bytes);
    p->bytes = p->begin;
    for (uint32_t i = 0; i < p->n; i++) {
        struct package_file *f = &p->file[i];
        f->at = p->bytes;
        p->bytes += head_of(f, head) + tar_padded(f->bytes);
        if (f->modified_us / 1000000 > p->modified_s)
            p->modified_s = f->modified_us / 1000000;
    }
    p->bytes += TAR_END_BYTES;
}

static bool add_all(struct package *p, const struct list *l, struct cancel *cancel,
                    struct err *e)
{
    const struct cutout_sink sink = spill_sink(p->manifest);
    struct arena *scratch = arena_new(PRODUCT_ARENA_BYTES);
    bool ok = scratch
                  ? sink.write(sink.context, 0, MANIFEST_HEAD, sizeof MANIFEST_HEAD - 1, e)
                  : err_set(e, ERR_BUSY, "out of memory");
    for (uint32_t i = 0; ok && i < l->n; i++) {
        arena_reset(scratch);
        ok = cancel_reason(cancel) == CANCEL_NOT ? add_one(p, l->item[i].did, scratch, e)
                                                 : err_set(e, ERR_CANCELLED, "cancelled");
    }
    arena_free(scratch);
    return ok;
}

struct package *package_new(struct datalink *d, const struct list *l, struct spool *spool,
                            struct cancel *cancel, struct arena *arena, struct err *e)
{
    struct package *p = arena_new_one(arena, struct package);
    if (!p || !(p->manifest = spill_new(arena, spool, cancel, CLOCK_NEVER))) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    p->service = d, p->arena = arena, p->fd = -1;
    if (l->n && !l->item[0].did) {
        err_set(e, ERR_USAGE, "the table has no column obs_publisher_did");
        return NULL;
    }
    if (!add_all(p, l, cancel, e))
        return NULL;
    lay_out(p);
    if (make_etag(p))
        return p;
    err_set(e, ERR_INTERNAL, "the package cannot be named");
    return NULL;
}

/* ---- bytes ---- */

/* The last file that begins at or before the place. */
static uint32_t file_at(const struct package *p, uint64_t at)
{
    uint32_t low = 0, high = p->n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (p->file[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool open_file(struct package *p, uint32_t i)
{
    struct stat s;
    struct err e = {0};
    const struct package_file *f = &p->file[i];
    const struct product q = {.root = f->root, .path = f->path};
    package_close(p);
    p->fd = products_open_file(p->service->products, &q, &e);
    p->open = i;
    return p->fd >= 0 && fstat(p->fd, &s) == 0 && (uint64_t)s.st_size == f->bytes &&
           (int64_t)s.st_mtim.tv_sec * 1000000 + s.st_mtim.tv_nsec / 1000 == f->modified_us;
}

static size_t at_most(uint64_t n, size_t max)
{
    return n < max ? (size_t)n : max;
}

/* One stretch: of a header, of data, of what fills the last block. */
static ssize_t read_zeros(uint64_t left, char *buffer, size_t max)
{
    size_t n = at_most(left, max);
    memset(buffer, 0, n);
    return (ssize_t)n;
}

static ssize_t read_head(const char *head, size_t bytes, uint64_t at, char *buffer,
                         size_t max)
{
    size_t n = at_most(bytes - at, max);
    memcpy(buffer, head + at, n);
    return (ssize_t)n;
}

static ssize_t read_manifest(struct package *p, uint64_t at, char *buffer, size_t max)
{
    char head[TAR_HEAD_MAX];
    size_t nhead = manifest_head(p, head);
    if (at < nhead)
        return read_head(head, nhead, at, buffer, max);
    if (at - nhead < p->manifest->bytes)
        return spill_read(p->manifest, at - nhead, buffer, max);
    return read_zeros(p->begin - at, buffer, max);
}

static ssize_t read_file(struct package *p, uint32_t i, uint64_t at, char *buffer,
                         size_t max)
{
    char head[TAR_HEAD_MAX];
    const struct package_file *f = &p->file[i];
    size_t nhead = head_of(f, head);
    if (at < nhead)
        return read_head(head, nhead, at, buffer, max);
    at -= nhead;
    if (at >= f->bytes)
        return read_zeros(tar_padded(f->bytes) - at, buffer, max);
    if ((p->fd < 0 || p->open != i) && !open_file(p, i))
        return -1;
    ssize_t n = pread(p->fd, buffer, at_most(f->bytes - at, max), (off_t)at);
    return n > 0 ? n : -1;
}

static ssize_t read_stretch(struct package *p, uint64_t at, char *buffer, size_t max)
{
    if (at < p->begin)
        return read_manifest(p, at, buffer, max);
    if (at >= p->bytes - TAR_END_BYTES)
        return read_zeros(p->bytes - at, buffer, max);
    uint32_t i = p->fd >= 0 && p->file[p->open].at <= at ? p->open : file_at(p, at);
    while (i + 1 < p->n && p->file[i + 1].at <= at)
        i++;
    return read_file(p, i, at - p->file[i].at, buffer, max);
}

ssize_t package_read(void *package, uint64_t at, char *buffer, size_t max)
{
    struct package *p = package;
    size_t done = 0;
    while (done < max && at + done < p->bytes) {
        ssize_t n = read_stretch(p, at + done, buffer + done, max - done);
        if (n <= 0)
            return done > 0 ? (ssize_t)done : -1; /* it fails again at the next call */
        done += (size_t)n;
    }
    return (ssize_t)done;
}

void package_close(void *package)
{
    struct package *p = package;
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}
