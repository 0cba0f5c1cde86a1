/* fuzz_scan.c -- any bytes as a template and a FITS file under it, or one of records: what
 * `colure scan` does with a file. The template ends at a line "---"; without one there is
 * none. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/ingest/scan_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char folder[] = "/tmp/colure-fuzz-scan-XXXXXX";
static struct products *registry;

static void leave(void)
{
    static const char *const NAMES[] = {"x.fits", "x.bin"};
    products_close(registry);
    for (int i = 0; i < 2; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", folder, NAMES[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void enter(void)
{
    struct err e = {0};
    if (!mkdtemp(folder))
        abort();
    struct product_root root = {"r", folder};
    registry = products_open(":memory:", &root, 1, &e);
    if (!registry || !products_set_identity(registry, "ivo://x", "http://x", &e))
        abort();
    atexit(leave);
}

static void write_file(const char *name, str bytes)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, bytes.at, bytes.len) != (ssize_t)bytes.len)
        abort();
    close(fd);
}

static void check(const struct scanned *f)
{
    if ((f->refusal == NULL) == (f->nproduct == 0 && !f->alert))
        abort();
    for (uint32_t i = 0; i < f->nproduct; i++) {
        const struct product *p = &f->product[i];
        if (!p->local || !p->obs_collection || !p->obs_id || p->calib_level < 0 ||
            p->calib_level > 4 || p->em_min > p->em_max || p->t_min > p->t_max ||
            p->s_dec > 90 || p->s_dec < -90)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct scan_template t;
    struct err e = {0};
    str all = {(const char *)data, len}, text = {NULL, 0};
    const char *mark = memmem(data, len, "\n---\n", 5);
    if (!registry)
        enter();
    if (mark) {
        text = (str){all.at, (size_t)(mark - all.at)};
        all = (str){mark + 5, len - text.len - 5};
    }
    struct arena *arena = arena_new(64 << 20);
    bool has_template = mark && scan_template_parse(text, "t", arena, &t, &e);
    if (mark && !has_template && e.kind == ERR_NONE)
        abort();
    struct scan_templates templates = {.template = &t, .n = has_template};
    struct scanned f = {.arena = arena, .root = "r", .path = "x.fits"};
    if (has_template && t.records)
        f.path = "x.bin";
    write_file(f.path, all);
    scan_file(registry, &templates, &f);
    check(&f);
    arena_free(arena);
    return 0;
}
