/* hdf5.h -- HDF5 files read without trust: attributes as words, datasets and members of
 * compound ones as columns. libhdf5 runs in a process of its own for each file, which can
 * open nothing else; when it dies or takes too long, that is an error like any other. */
#ifndef CORE_HDF5_HDF5_H
#define CORE_HDF5_HDF5_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"

enum { HDF5_WORD_BYTES = 512 };

struct hdf5_word { /* an attribute */
    const char *object;
    const char *name;
    const char *text; /* numbers as text, several with blanks between */
};

struct hdf5_column { /* a dataset, or a member of a compound one */
    const char *dataset;
    const char *member; /* NULL: the dataset */
    const char *shape;  /* of the dataset: "65000x3800"; "1" of a scalar */
    bool is_number;
};

struct hdf5_file {
    const struct hdf5_word *word; /* as they stand in the file, by name */
    const struct hdf5_column *column;
    uint32_t nword, ncolumn;
    struct hdf5_reader *reader; /* private */
};

struct hdf5_range { /* of the finite values; of other columns n is the rows */
    uint64_t n;
    double least, most, sum, first; /* n == 0: undefined */
};

/* Reads what is in the file; `fd` stays the caller's. All of it lives in the arena, the
 * process too. NULL: ERR_USAGE, it is no HDF5 file, a damaged one, or beyond a limit;
 * ERR_BUSY, no process can be started. */
struct hdf5_file *hdf5_open(int fd, struct arena *, struct err *);

/* The text of a word, by the first of these that is there: OBJECT@NAME; NAME of `object`
 * (NULL: none is preferred); NAME of the root; the shape of the dataset that is called so
 * ("/a/b"), or one number of it ("/a/b[1]"). False: there is none. */
bool hdf5_word(const struct hdf5_file *, const char *object, const char *name,
               char out[HDF5_WORD_BYTES]);

/* A dataset by its path, or by its name in the group `object`; a member of the compound
 * dataset `object`; without an object the first dataset or member of that name. NULL. */
const struct hdf5_column *hdf5_column(const struct hdf5_file *, const char *object,
                                      const char *name);
/* What its attribute unit or units says, or NULL. */
const char *hdf5_unit(const struct hdf5_file *, const struct hdf5_column *);

/* All values of a column. False: the file is damaged, or they cannot be read (external
 * files, filters of others), or it takes too long. */
bool hdf5_range(const struct hdf5_file *, const struct hdf5_column *, struct hdf5_range *,
                struct err *);

#endif
