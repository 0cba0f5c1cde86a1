/* fuzz_hdf5.c -- any bytes as an HDF5 file: its list, all its words and columns. libhdf5
 * may die in the process that it has for itself; here there is an answer or an error. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/hdf5/hdf5.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void measure(const struct hdf5_file *f)
{
    char word[HDF5_WORD_BYTES];
    for (uint32_t i = 0; i < f->nword; i++)
        if (!f->word[i].text || !f->word[i].object ||
            !hdf5_word(f, f->word[i].object, f->word[i].name, word))
            hdf5_word(f, NULL, "/x@y", word);
    for (uint32_t i = 0; i < f->ncolumn && i < 20; i++) {
        const struct hdf5_column *c = &f->column[i];
        struct hdf5_range r;
        struct err e = {0};
        bool ok = hdf5_range(f, c, &r, &e);
        if (ok == (e.kind != ERR_NONE) || (ok && r.n && c->is_number && r.least > r.most))
            abort();
        hdf5_unit(f, c);
        hdf5_word(f, NULL, c->dataset, word);
        if (hdf5_column(f, NULL, c->dataset) && !c->member &&
            hdf5_column(f, NULL, c->dataset)->member)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct err e = {0};
    struct arena *arena = arena_new(64 << 20);
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, len) != (ssize_t)len)
        abort();
    struct hdf5_file *f = hdf5_open(fd, arena, &e);
    if ((f == NULL) == (e.kind == ERR_NONE))
        abort();
    if (f)
        measure(f);
    arena_free(arena);
    close(fd);
    return 0;
}
