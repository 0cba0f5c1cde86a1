/* input.c -- see input.h. The chain is file, inflate, iconv, window; the middle two only
 * where needed. */
#include "core/formats/input.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "core/formats/sinks.h"

enum { STEP_BYTES = 256 * 1024, WINDOW_MAX_BYTES = 1 << 30, AUTO_GZIP = 15 + 16 };

struct source {
    struct input input; /* first: a source is an input */
    int fd;
    uint64_t left; /* bytes that may still be read, after decompression */
    char *buffer;  /* of the window */
    size_t capacity;
    uint64_t line; /* of the buffer's first byte */
    bool is_gzip, is_inflated_end, has_iconv;
    z_stream z;
    unsigned char *packed; /* compressed bytes */
    iconv_t iconv;
    char *raw; /* bytes before iconv */
    size_t nraw;
};

static ssize_t read_file(struct source *s, void *to, size_t max, struct err *e)
{
    ssize_t n;
    do
        n = read(s->fd, to, max);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        err_set(e, ERR_UNAVAILABLE, "the file cannot be read: %s", strerror(errno));
    return n;
}

/* Inflated bytes; gzip members follow one another. */
static ssize_t read_gzip(struct source *s, char *to, size_t max, struct err *e)
{
    s->z.next_out = (Bytef *)to;
    s->z.avail_out = (uInt)max;
    while (s->z.avail_out == max) {
        if (s->z.avail_in == 0) {
            ssize_t n = read_file(s, s->packed, STEP_BYTES, e);
            if (n < 0)
                return -1;
            if (n == 0 && s->is_inflated_end)
                return 0;
            if (n == 0) {
                err_set(e, ERR_USAGE, "the compressed file ends too early");
                return -1;
            }
            s->z.next_in = s->packed;
            s->z.avail_in = (uInt)n;
        }
        if (s->is_inflated_end && *s->z.next_in != 0x1F)
            return 0; /* padding behind the last member */
        if (s->is_inflated_end)
            inflateReset(&s->z);
        int done = inflate(&s->z, Z_NO_FLUSH);
        s->is_inflated_end = done == Z_STREAM_END;
        if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR) {
            err_set(e, ERR_USAGE, "the compressed file is broken: %s",
                    s->z.msg ? s->z.msg : "bad data");
            return -1;
        }
    }
    return (ssize_t)(max - s->z.avail_out);
}

/* Bytes as in the file, decompressed and counted. */
static ssize_t read_bytes(struct source *s, char *to, size_t max, struct err *e)
{
    ssize_t n = s->is_gzip ? read_gzip(s, to, max, e) : read_file(s, to, max, e);
    if (n > 0 && (uint64_t)n > s->left) {
        err_set(e, ERR_LIMIT, "the file has more bytes than the limit allows");
        return -1;
    }
    if (n > 0)
        s->left -= (uint64_t)n;
    return n;
}

/* UTF-8 of the next bytes. At least four bytes of room. */
static ssize_t read_recoded(struct source *s, char *to, size_t max, struct err *e)
{
    char *out = to;
    size_t room = max;
    while (room == max) {
        ssize_t n = read_bytes(s, s->raw + s->nraw, STEP_BYTES - s->nraw, e);
        if (n < 0)
            return -1;
        s->nraw += (size_t)n;
        if (s->nraw == 0)
            return 0;
        char *in = s->raw;
        size_t left = s->nraw;
        size_t done = iconv(s->iconv, &in, &left, &out, &room);
        bool is_cut = done == (size_t)-1 && errno == EINVAL && n == 0;
        if (is_cut || (done == (size_t)-1 && errno == EILSEQ)) {
            err_set(e, ERR_USAGE, "the file is not in the encoding that it declares");
            return -1;
        }
        memmove(s->raw, in, left);
        s->nraw = left;
    }
    return (ssize_t)(max - room);
}

static uint64_t count_lines(const char *at, const char *end)
{
    uint64_t n = 0;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        n++;
        at++;
    }
    return n;
}

/* Room behind the window: what is consumed goes, then the buffer grows. */
static bool make_room(struct source *s, struct err *e)
{
    struct input *in = &s->input;
    size_t kept = input_left(in);
    s->line += count_lines(s->buffer, in->at);
    if (kept)
        memmove(s->buffer, in->at, kept);
    in->at = s->buffer;
    in->end = s->buffer + kept;
    if (s->capacity - kept >= STEP_BYTES / 2)
        return true;
    if (s->capacity >= WINDOW_MAX_BYTES)
        return err_set(e, ERR_LIMIT, "line %llu: a value, a row or a tag is too long",
                       (unsigned long long)s->line);
    char *larger = realloc(s->buffer, s->capacity * 2);
    if (!larger)
        return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
    s->buffer = larger;
    s->capacity *= 2;
    in->at = larger;
    in->end = larger + kept;
    return true;
}

bool input_more(struct input *in, struct err *e)
{
    struct source *s = (struct source *)in;
    if (in->is_end)
        return true;
    if (!make_room(s, e))
        return false;
    char *to = s->buffer + input_left(in);
    size_t max = s->capacity - input_left(in);
    ssize_t n = s->has_iconv ? read_recoded(s, to, max, e) : read_bytes(s, to, max, e);
    if (n < 0)
        return false;
    in->end += n;
    in->is_end = n == 0;
    return true;
}

bool input_has(struct input *in, size_t n, struct err *e)
{
    while (input_left(in) < n && !in->is_end)
        if (!input_more(in, e))
            return false;
    return input_left(in) >= n;
}

uint64_t input_line(const struct input *in)
{
    const struct source *s = (const struct source *)in;
    return s->line + count_lines(s->buffer, in->at);
}

bool input_recode(struct input *in, const char *encoding, struct err *e)
{
    struct source *s = (struct source *)in;
    size_t kept = input_left(in);
    if (s->has_iconv || kept > STEP_BYTES)
        return err_set(e, ERR_INTERNAL, "the encoding was asked for too late");
    s->iconv = iconv_open("UTF-8", encoding);
    if (s->iconv == (iconv_t)-1)
        return err_set(e, ERR_USAGE, "unknown encoding \"%.40s\"; send UTF-8", encoding);
    s->has_iconv = true;
    s->raw = malloc(STEP_BYTES);
    if (!s->raw)
        return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
    memcpy(s->raw, in->at, kept);
    s->nraw = kept;
    in->end = in->at;
    in->is_end = false;
    return input_more(in, e);
}

/* Looks at the first two bytes for the mark of gzip. */
static bool begin_gzip(struct source *s, struct err *e)
{
    unsigned char mark[2];
    s->is_gzip = pread(s->fd, mark, 2, 0) == 2 && mark[0] == 0x1F && mark[1] == 0x8B;
    if (!s->is_gzip)
        return true;
    s->packed = malloc(STEP_BYTES);
    if (s->packed && inflateInit2(&s->z, AUTO_GZIP) == Z_OK)
        return true;
    free(s->packed);
    s->packed = NULL;
    return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
}

struct input *input_open(const char *path, uint64_t max_bytes, struct err *e)
{
    struct source *s = calloc(1, sizeof *s);
    if (s)
        s->buffer = malloc(STEP_BYTES);
    if (!s || !s->buffer) {
        free(s);
        err_set(e, ERR_BUSY, "the node is out of memory; try again later");
        return NULL;
    }
    s->capacity = STEP_BYTES;
    s->left = max_bytes;
    s->line = 1;
    s->input.at = s->input.end = s->buffer;
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0)
        err_set(e, ERR_NOT_FOUND, "the table cannot be opened: %s", strerror(errno));
    if (s->fd < 0 || !begin_gzip(s, e)) {
        input_close(&s->input);
        return NULL;
    }
    return &s->input;
}

void input_close(struct input *in)
{
    struct source *s = (struct source *)in;
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    if (s->packed)
        inflateEnd(&s->z);
    if (s->has_iconv)
        iconv_close(s->iconv);
    free(s->packed);
    free(s->raw);
    free(s->buffer);
    free(s);
}

int input_plain_file(const char *path, uint64_t max_bytes, struct err *e)
{
    struct input *in = input_open(path, max_bytes, e);
    struct source *s = (struct source *)in;
    if (in && !s->is_gzip && lseek(s->fd, 0, SEEK_END) <= (off_t)max_bytes) {
        int fd = s->fd;
        s->fd = -1; /* the file itself will do */
        input_close(in);
        return fd;
    }
    struct spool_file file = {in ? format_spool_open(NULL, e) : -1, 0, max_bytes};
    bool ok = file.fd >= 0;
    while (ok && !in->is_end) {
        ok = input_more(in, e) && format_spool_add(&file, in->at, input_left(in), e);
        in->at = in->end;
    }
    input_close(in);
    if (!ok)
        format_spool_close(&file);
    return ok ? file.fd : -1;
}
