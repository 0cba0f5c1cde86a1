/* formats.h -- rows to bytes and bytes to rows, one file per format. */
#ifndef CORE_FORMATS_FORMATS_H
#define CORE_FORMATS_FORMATS_H

#include "core/base/arena.h"
#include "core/base/rows.h"

struct format {
    const char *name;         /* "votable/b2" */
    const char *content_type; /* sent when the client named no media type itself */
    const char *extension;    /* ".vot" */
    const char *mime;         /* as declared in TAPRegExt outputFormat */
    const char *const *alias; /* NULL-ended: short forms and media types that select it */
    const char *ivo_id;       /* TAPRegExt output-... key; NULL: none */
    bool says_overflow;       /* false: the caller puts OVERFLOW into a header (DALI-23) */
    bool is_declared;         /* listed in capabilities */
};

uint32_t format_count(void);
const struct format *format_at(uint32_t);

/* RESPONSEFORMAT or FORMAT as given (TAP-11, DALI-12): short form or media type, case and
 * blanks folded, parameters honoured (serialization=TABLEDATA). Empty: VOTable BINARY2.
 * *content_type gets what to send: the client's own media type where it gave one (from
 * `arena`, which short forms do not need). NULL and ERR_USAGE naming what there is. */
const struct format *format_find(str wanted, struct arena *, const char **content_type,
                                 struct err *);

struct parquet_pair { /* of the key-value metadata */
    const char *key;
    str value;
};

/* Writes Parquet files: the embedded engine's work, given from above so that this folder
 * knows no store. All calls as in struct sink; the file appears at end(). NULL: none. */
struct parquet_engine {
    /* Opens a session that takes batches for these columns. */
    void *(*begin)(void *node, const struct result_head *, struct err *);
    bool (*rows)(void *session, const struct store_batch *, struct err *);
    /* Writes the file with these pairs in its footer (VOParquet: the VOTable header). */
    bool (*end)(void *session, const char *path, const struct parquet_pair *,
                uint32_t npair, struct err *);
    void (*close)(void *session);
    /* Rows of a Parquet file; owned by the caller. */
    struct rowsource *(*read)(void *node, const char *path, struct err *);
    void *node;
};

struct format_options {
    const char *spool_dir;    /* where FITS and Parquet are written first */
    uint64_t spool_max_bytes; /* ERR_LIMIT beyond */
    const struct parquet_engine *parquet;
};

/* The options live as long as the sink. */
struct sink *format_sink(const struct format *, const struct format_options *,
                         struct err *);

/* Compresses another sink's bytes with gzip, level 1 (fast) to 9; takes the inner sink
 * over, also when it fails. It flushes after each call, so that rows are not held back. A
 * spooled sink stays spooled: its file is compressed into another one in
 * options->spool_dir. */
struct sink *format_gzip(struct sink *inner, int level, const struct format_options *,
                         struct err *);

/* --- error documents --------------------------------------------------------------------
 */

/* A VOTable with QUERY_STATUS=ERROR (DALI-18, 20, 21), or the message as text. */
void format_error_votable(struct bytes *, const struct err *, const char *request_id);

/* --- reading (uploads, load) ------------------------------------------------------------
 */

enum table_kind {
    TABLE_UNKNOWN,
    TABLE_VOTABLE, /* all serializations */
    TABLE_CSV,
    TABLE_TSV,
    TABLE_ECSV,
    TABLE_FITS,
    TABLE_JSON,
    TABLE_PARQUET
};

/* From the first bytes, helped by a media type and a file name (either may be empty). */
enum table_kind table_guess(str head, str content_type, str file_name);

struct read_limits {              /* 0: the reader's own, which are generous but finite */
    uint64_t max_rows, max_bytes; /* bytes: after decompression */
    uint32_t max_columns;
    uint32_t max_depth; /* of XML and JSON */
};

struct read_options {
    enum table_kind kind;
    struct read_limits limits;
    int hdu;        /* FITS: 0 = first table */
    char separator; /* CSV: 0 = find out */
    const struct parquet_engine *parquet;
    bool keep_timestamps_as_text; /* else xtype timestamp becomes STORE_TIME_US */
};

/* Opens a table in a local file (gzip is seen through, within the limits). Rows stream; the
 * columns are known when it returns. Errors are ERR_USAGE or ERR_LIMIT and say where (line,
 * row, column name). Coordinates systems referenced by columns come along. */
struct rowsource *table_read(const char *path, const struct read_options *, struct err *);

#endif
