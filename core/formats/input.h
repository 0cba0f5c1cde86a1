/* input.h -- a local file as a window of UTF-8 bytes that moves forward; gzip and other
 * encodings are seen through. Private to this folder. */
#ifndef CORE_FORMATS_INPUT_H
#define CORE_FORMATS_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/str.h"

struct input {
    const char *at, *end; /* the window: the reader moves `at` on */
    bool is_end;          /* the file ends at `end` */
};

/* ERR_NOT_FOUND, ERR_UNAVAILABLE. max_bytes counts after decompression. */
struct input *input_open(const char *path, uint64_t max_bytes, struct err *);
void input_close(struct input *);

/* Reads more behind the window, which may move in memory but keeps its bytes. False: error
 * (ERR_LIMIT: more than max_bytes; ERR_USAGE: broken gzip or encoding). At the end of the
 * file only is_end changes. */
bool input_more(struct input *, struct err *);

/* True if n bytes are there; reads as needed. False: error, or the file is shorter. */
bool input_has(struct input *, size_t n, struct err *);

/* Takes the bytes as text in an encoding that iconv knows, from `at` on. */
bool input_recode(struct input *, const char *encoding, struct err *);

/* Line of `at`, from 1. */
uint64_t input_line(const struct input *);

/* A file that may be read anywhere: this one, or its decompressed content in a file without
 * a name in /tmp. -1 and an error. */
int input_plain_file(const char *path, uint64_t max_bytes, struct err *);

static inline size_t input_left(const struct input *in)
{
    return (size_t)(in->end - in->at);
}

#endif
