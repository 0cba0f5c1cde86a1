/* command.c -- `colure cutout`: a cut-out of a local file, for scripts. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/num.h"
#include "datalink/datalink.h"
#include "datalink/sinks.h"
#include "datalink/words.h"

struct arguments {
    const char *file, *out;
    int64_t hdu;
    struct cutout_request request;
};

static bool read_option(struct arguments *a, const char *name, const char *value,
                        struct arena *arena, struct err *e)
{
    const struct cutout_word *word = cutout_word_find(str_of(name));
    if (word)
        return word->read(&a->request, str_of(value), arena, e);
    if (strcmp(name, "out") == 0)
        a->out = value;
    else if (strcmp(name, "hdu") != 0 || !num_parse_int(str_of(value), &a->hdu) ||
             a->hdu < 0 || a->hdu > 100000)
        return err_set(e, ERR_USAGE, "--%s %s is not understood", name, value);
    return true;
}

static bool read_arguments(int argc, char **argv, struct arguments *a, struct arena *arena,
                           struct err *e)
{
    *a = (struct arguments){.hdu = -1};
    for (int i = 0; i < argc; i++)
        if (strncmp(argv[i], "--", 2) != 0)
            a->file = argv[i];
        else if (i + 1 >= argc)
            return err_set(e, ERR_USAGE, "%s needs a value", argv[i]);
        else if (!read_option(a, argv[i] + 2, argv[i + 1], arena, e))
            return false;
        else
            i++;
    if (!a->file || !a->out) {
        err_set(e, ERR_USAGE,
                "usage: colure cutout FILE --out FILE [--hdu N] [--pos SHAPE] "
                "[--circle \"LON LAT R\"] [--polygon ...] [--band \"MIN MAX\"] "
                "[--time \"MIN MAX\"] [--pol STATE]... [--pixels A:B,C:D] "
                "[--center \"LON LAT\" --size \"W H\"]");
        return false;
    }
    return cutout_request_check(&a->request, e);
}

static enum cutout_result cut(const struct arguments *a, struct arena *arena, struct err *e)
{
    uint64_t bytes;
    int in = open(a->file, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        err_set(e, ERR_NOT_FOUND, "%s cannot be opened", a->file);
        return CUTOUT_FAILED;
    }
    struct cutout_file *file = cutout_open(in, (int)a->hdu, arena, e);
    if (!file)
        return CUTOUT_FAILED;
    int out = open(a->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out < 0) {
        err_set(e, ERR_UNAVAILABLE, "%s cannot be written", a->out);
        return CUTOUT_FAILED;
    }
    struct cutout_sink sink = {sink_file_write, &out};
    enum cutout_result result = cutout_write(file, &a->request, &sink, &bytes, e);
    close(out);
    if (result != CUTOUT_DONE)
        unlink(a->out);
    return result;
}

int datalink_cutout_command(int argc, char **argv)
{
    struct arguments a;
    struct err e = {0};
    struct arena *arena = arena_new(512 << 20);
    int status = 2;
    if (arena && read_arguments(argc, argv, &a, arena, &e) && a.file && a.out) {
        enum cutout_result result = cut(&a, arena, &e);
        status = result == CUTOUT_DONE ? 0 : result == CUTOUT_EMPTY ? 3 : 1;
        if (status == 3)
            fprintf(stderr, "colure: nothing of what was asked for is in %s\n", a.file);
    }
    if (e.kind)
        fprintf(stderr, "colure: %s\n", e.message);
    arena_free(arena);
    return status;
}
