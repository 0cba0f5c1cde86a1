/* package.h -- the files of many products as one tar whose bytes are fixed by the list, so
 * that a broken download goes on where it ended. Private to datalink. */
#ifndef DATALINK_PACKAGE_H
#define DATALINK_PACKAGE_H

#include "datalink/list.h"
#include "datalink/spill.h"
#include "datalink/tar.h"

struct package_file {
    uint64_t at, bytes; /* of its header in the tar; of its data */
    int64_t modified_us;
    const char *root, *path, *name; /* name: in the tar */
};

struct package {
    struct datalink *service;
    struct arena *arena;
    struct package_file *file;
    uint32_t n, room;
    uint64_t *seen; /* hashes of what is in it: a set of 2^k */
    uint32_t seen_bits;
    struct spill *manifest;
    size_t manifest_head;
    uint64_t begin; /* of the first file: behind the manifest */
    uint64_t bytes; /* of the tar */
    int64_t modified_s;
    char etag[72];
    int fd; /* of file `open`; -1: none */
    uint32_t open;
};

/* Looks all products up and says where each file is to lie. What cannot be had is told in
 * the manifest, the first file. Everything lives in the arena. NULL with *e. */
struct package *package_new(struct datalink *, const struct list *, struct spool *,
                            struct cancel *, struct arena *, struct err *);
/* Bytes of the tar from `at` on, as http_body.read has it: -1, a file is not any more what
 * it was. */
ssize_t package_read(void *package, uint64_t at, char *buffer, size_t max);
void package_close(void *package);

/* Route handler of /datalink/package. */
struct http_response *datalink_package(void *datalink, struct http_request *);

#endif
