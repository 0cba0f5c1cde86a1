/* sinks.h -- the makers of all sinks, and what they share. Private to this folder. */
#ifndef CORE_FORMATS_SINKS_H
#define CORE_FORMATS_SINKS_H

#include "core/formats/field.h"
#include "core/formats/formats.h"

/* Each returns NULL with an error. The options live as long as the sink. */
struct sink *sink_votable_binary2(const struct format_options *, struct err *);
struct sink *sink_votable_binary(const struct format_options *, struct err *);
struct sink *sink_votable_tabledata(const struct format_options *, struct err *);
struct sink *sink_votable_binary2_1_5(const struct format_options *, struct err *);
struct sink *sink_votable_binary_1_5(const struct format_options *, struct err *);
struct sink *sink_votable_tabledata_1_5(const struct format_options *, struct err *);
struct sink *sink_csv(const struct format_options *, struct err *);
struct sink *sink_csv_without_header(const struct format_options *, struct err *);
struct sink *sink_tsv(const struct format_options *, struct err *);
struct sink *sink_fits(const struct format_options *, struct err *);
struct sink *sink_parquet(const struct format_options *, struct err *);
struct sink *sink_arrow(const struct format_options *, struct err *);
struct sink *sink_json(const struct format_options *, struct err *);
struct sink *sink_html(const struct format_options *, struct err *);
struct sink *sink_text(const struct format_options *, struct err *);

/* What every sink has; first in its struct. */
struct writer {
    struct sink sink;
    struct arena *arena; /* ends with the sink */
    const struct format_options *options;
    const struct result_head *head;
    struct field *field; /* of head->column */
};

/* A zeroed struct of `size` bytes that begins with a writer, its calls set. NULL: ERR_BUSY.
 */
void *writer_new(size_t size, const struct sink *calls, const struct format_options *,
                 struct err *);
/* Takes the head over and makes the fields. */
bool writer_begin(struct writer *, const struct result_head *, struct err *);
void writer_free(struct writer *);

/* Both return false. */
bool writer_no_memory(struct err *);
bool writer_too_long(struct err *); /* `out` cannot hold a row */

/* --- spool files ------------------------------------------------------------------------
 */

/* A file without a name in `dir` (NULL: /tmp), or -1 with ERR_UNAVAILABLE. */
int format_spool_open(const char *dir, struct err *);

/* Appends, counting against a limit of bytes. */
struct spool_file {
    int fd; /* -1: none */
    uint64_t size, limit;
};
bool format_spool_add(struct spool_file *, const void *data, size_t len, struct err *);
/* Appends all of another one from its position 0. */
bool format_spool_add_file(struct spool_file *, const struct spool_file *from,
                           struct err *);
void format_spool_close(struct spool_file *);

#endif
