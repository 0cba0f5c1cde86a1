/* readers.h -- the readers behind table_read(), and what they share. Private to this
 * folder. */
#ifndef CORE_FORMATS_READERS_H
#define CORE_FORMATS_READERS_H

#include "core/base/arena.h"
#include "core/formats/formats.h"
#include "core/formats/rows_build.h"

/* Limits and options as in table_read(), no limit of them 0. */
struct rowsource *votable_read(const char *path, const struct read_options *, struct err *);
struct rowsource *csv_read(const char *path, const struct read_options *, struct err *);
struct rowsource *fits_read(const char *path, const struct read_options *, struct err *);
struct rowsource *json_read(const char *path, const struct read_options *, struct err *);

/* The same for a plain FITS file that is open; fd is taken over. hdu 0: the first table;
 * else 1 is the first extension. */
struct rowsource *fits_read_fd(int fd, int hdu, const struct read_limits *, struct err *);

/* A column with everything unknown, nullable; in the arena. NULL: no memory. */
struct store_column *reader_column(struct arena *, const char *name, enum store_type,
                                   int32_t length);

/* Gives every column a name that no other has: absent ones become colN, repeated ones get
 * _2, _3 ... behind. Case is looked through, for SQL will. False: no memory. */
bool reader_unique_names(struct store_column **, uint32_t n, struct arena *);

/* A name as SQL likes it: letters, digits and underscores of ASCII; NULL: nothing is left.
 */
const char *reader_clean_name(str, struct arena *);

/* What every reader has; first in its struct. */
struct reader {
    struct rowsource source;
    struct arena *arena;
    struct store_column **column;
    struct rows_build rows;
    uint64_t nrow; /* read so far */
    bool is_end;
};

enum { READER_MAX_BYTES = 1 << 30 }; /* of a reader's arena: columns and a batch */

/* A zeroed struct that begins with a reader. NULL: ERR_BUSY. */
void *reader_new(size_t size, struct err *);
/* Once column[] is made: the batch, and the source. */
bool reader_begin(struct reader *, uint32_t ncolumn,
                  enum step (*next)(struct rowsource *, struct store_batch *, struct err *),
                  void (*close)(struct rowsource *), struct err *);
void reader_free(struct reader *);

bool reader_no_memory(struct err *);

#endif
