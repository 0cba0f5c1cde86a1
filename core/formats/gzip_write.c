/* gzip_write.c -- a sink around another sink that compresses what it writes. */
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "core/formats/sinks.h"

struct gzip {
    struct sink sink; /* first: a gzip is a sink */
    struct sink *inner;
    const struct format_options *options;
    z_stream z;
    struct bytes plain; /* what the inner sink wrote in this call */
};

enum { PLAIN_MAX_BYTES = 1 << 30, GZIP_WINDOW = 15 + 16, OUT_STEP_BYTES = 64 * 1024 };

/* Compresses into `out`; `flush` as in zlib. */
static bool deflate_into(struct gzip *g, str plain, int flush, struct bytes *out,
                         struct err *e)
{
    int done;
    g->z.next_in = (Bytef *)(uintptr_t)plain.at;
    g->z.avail_in = (uInt)plain.len; /* at most PLAIN_MAX_BYTES */
    do {
        char *to = bytes_reserve(out, OUT_STEP_BYTES);
        if (!to)
            return writer_too_long(e);
        g->z.next_out = (Bytef *)to;
        g->z.avail_out = OUT_STEP_BYTES;
        done = deflate(&g->z, flush);
        out->len += OUT_STEP_BYTES - g->z.avail_out;
        if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR)
            return err_set(e, ERR_INTERNAL, "the answer could not be compressed");
    } while (g->z.avail_out == 0 || (flush == Z_FINISH && done != Z_STREAM_END));
    return true;
}

static bool pass_on(struct gzip *g, int flush, struct bytes *out, struct err *e)
{
    bool ok = deflate_into(g, bytes_str(&g->plain), flush, out, e);
    bytes_clear(&g->plain);
    return ok;
}

static bool begin(struct sink *sink, const struct result_head *head, struct bytes *out,
                  struct err *e)
{
    struct gzip *g = (struct gzip *)sink;
    if (!g->inner->begin(g->inner, head, &g->plain, e))
        return false;
    return g->inner->is_spooled || pass_on(g, Z_SYNC_FLUSH, out, e);
}

static bool rows(struct sink *sink, const struct store_batch *b, struct bytes *out,
                 struct err *e)
{
    struct gzip *g = (struct gzip *)sink;
    bool ok = g->inner->rows(g->inner, b, &g->plain, e);
    if (g->inner->is_spooled)
        return ok;
    return pass_on(g, Z_SYNC_FLUSH, out, e) && ok; /* whole rows before the failure, too */
}

/* The inner sink's file, compressed into another one. */
static bool compress_spool(struct gzip *g, struct err *e)
{
    struct spool_file to = {format_spool_open(g->options->spool_dir, e), 0,
                            g->options->spool_max_bytes};
    char *buffer = malloc(OUT_STEP_BYTES);
    bool ok = to.fd >= 0 && (buffer || writer_no_memory(e));
    struct bytes out;
    ssize_t n = 1;
    bytes_init(&out, PLAIN_MAX_BYTES);
    for (off_t at = 0; ok && n > 0; at += n) {
        n = pread(g->inner->spool_fd, buffer, OUT_STEP_BYTES, at);
        str plain = {buffer, n > 0 ? (size_t)n : 0};
        ok = n >= 0 || err_set(e, ERR_INTERNAL, "the spool file cannot be read");
        ok = ok && deflate_into(g, plain, n ? Z_NO_FLUSH : Z_FINISH, &out, e) &&
             format_spool_add(&to, out.at, out.len, e);
        bytes_clear(&out);
    }
    free(buffer);
    bytes_free(&out);
    if (ok)
        g->sink.spool_fd = to.fd;
    else
        format_spool_close(&to);
    return ok;
}

static bool end(struct sink *sink, enum ending ending, const struct err *why,
                struct bytes *out, struct err *e)
{
    struct gzip *g = (struct gzip *)sink;
    if (!g->inner->end(g->inner, ending, why, &g->plain, e))
        return false; /* without its trailer the stream is visibly cut */
    return g->inner->is_spooled ? compress_spool(g, e) : pass_on(g, Z_FINISH, out, e);
}

static void close_sink(struct sink *sink)
{
    struct gzip *g = (struct gzip *)sink;
    g->inner->close(g->inner);
    if (g->sink.spool_fd >= 0)
        close(g->sink.spool_fd);
    deflateEnd(&g->z);
    bytes_free(&g->plain);
    free(g);
}

struct sink *format_gzip(struct sink *inner, int level,
                         const struct format_options *options, struct err *e)
{
    struct gzip *g = calloc(1, sizeof *g);
    if (!g || deflateInit2(&g->z, level, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY)) {
        free(g);
        inner->close(inner);
        writer_no_memory(e);
        return NULL;
    }
    g->sink = (struct sink){inner->is_spooled, -1, begin, rows, end, close_sink};
    g->inner = inner;
    g->options = options;
    bytes_init(&g->plain, PLAIN_MAX_BYTES);
    return &g->sink;
}
