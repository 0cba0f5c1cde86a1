/* parquet_write.c -- Parquet by the engine that the node lends, with the VOTable header in
 * the footer as the VOParquet convention wants it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/formats/sinks.h"
#include "core/formats/votable_head.h"

struct parquet {
    struct writer w;
    const struct parquet_engine *engine;
    void *session;
    char *dir; /* a directory of our own in spool_dir: the engine writes by name */
    char *path;
};

enum { HEADER_MAX_BYTES = 64 << 20 };

static bool make_path(struct parquet *w, struct err *e)
{
    const char *dir = w->w.options->spool_dir ? w->w.options->spool_dir : "/tmp";
    w->dir = arena_format(w->w.arena, "%s/parquet-XXXXXX", dir);
    if (!w->dir)
        return writer_no_memory(e);
    if (!mkdtemp(w->dir)) {
        w->dir = NULL;
        return err_set(e, ERR_UNAVAILABLE, "no spool directory can be made: %s",
                       strerror(errno));
    }
    w->path = arena_format(w->w.arena, "%s/result.parquet", w->dir);
    return w->path || writer_no_memory(e);
}

static bool begin(struct sink *sink, const struct result_head *head, struct bytes *out,
                  struct err *e)
{
    struct parquet *w = (struct parquet *)sink;
    (void)out;
    if (!writer_begin(&w->w, head, e) || !make_path(w, e))
        return false;
    w->session = w->engine->begin(w->engine->node, head, e);
    return w->session != NULL;
}

static bool rows(struct sink *sink, const struct store_batch *b, struct bytes *out,
                 struct err *e)
{
    struct parquet *w = (struct parquet *)sink;
    (void)out;
    return w->engine->rows(w->session, b, e);
}

/* Opens the file and takes its name away; checks its size. */
static bool take_file(struct parquet *w, struct err *e)
{
    int fd = open(w->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_INTERNAL, "the engine wrote no Parquet file");
    w->w.sink.spool_fd = fd;
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0 || (uint64_t)size > w->w.options->spool_max_bytes)
        return err_set(e, ERR_LIMIT,
                       "the Parquet file is over %llu bytes, the most that may be spooled; "
                       "ask for fewer rows",
                       (unsigned long long)w->w.options->spool_max_bytes);
    return true;
}

static bool end(struct sink *sink, enum ending ending, const struct err *why,
                struct bytes *out, struct err *e)
{
    struct parquet *w = (struct parquet *)sink;
    struct bytes header;
    (void)why, (void)out;
    if (ending == ENDING_FAILED || !w->session)
        return false;
    bytes_init(&header, HEADER_MAX_BYTES);
    votable_add_head(&header, w->w.head, w->w.field, VOTABLE_1_4, w->w.arena);
    bytes_add_literal(&header, "</TABLE>\n");
    votable_add_tail(&header, w->w.head, ending, NULL);
    struct parquet_pair pairs[] = {{"IVOA.VOTable-Parquet.version", STR("1.0")},
                                   {"IVOA.VOTable-Parquet.content", bytes_str(&header)}};
    bool ok = !header.failed || writer_no_memory(e);
    ok = ok && w->engine->end(w->session, w->path, pairs, 2, e) && take_file(w, e);
    bytes_free(&header);
    return ok;
}

static void close_sink(struct sink *sink)
{
    struct parquet *w = (struct parquet *)sink;
    if (w->session)
        w->engine->close(w->session);
    if (w->path)
        unlink(w->path);
    if (w->dir)
        rmdir(w->dir);
    if (w->w.sink.spool_fd >= 0)
        close(w->w.sink.spool_fd);
    writer_free(&w->w);
}

struct sink *sink_parquet(const struct format_options *options, struct err *e)
{
    static const struct sink CALLS = {true, -1, begin, rows, end, close_sink};
    if (!options->parquet) {
        err_set(e, ERR_USAGE,
                "this node has no engine that writes Parquet; ask for FITS, "
                "Arrow or VOTable");
        return NULL;
    }
    struct parquet *w = writer_new(sizeof *w, &CALLS, options, e);
    if (!w)
        return NULL;
    w->engine = options->parquet;
    return &w->w.sink;
}
