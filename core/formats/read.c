/* read.c -- which reader reads a file, and the limits in force. */
#include "core/formats/input.h"
#include "core/formats/readers.h"

/* What a reader takes when the caller sets no limit of its own. */
static const struct read_limits LIMITS = {.max_rows = UINT64_C(100000000000),
                                          .max_bytes = UINT64_C(1) << 40,
                                          .max_columns = 10000,
                                          .max_depth = 64};

/* A word anywhere in a text, whatever its case. */
static bool has_word(str text, str word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (str_eq_fold((str){text.at + i, word.len}, word))
            return true;
    return false;
}

/* By the first character and the first line. */
static enum table_kind guess_text(str s)
{
    str line = {s.at, str_find(s, '\n')};
    if (s.len == 0)
        return TABLE_UNKNOWN;
    if (s.at[0] == '<' || s.at[0] == '\xFE' || s.at[0] == '\xFF')
        return TABLE_VOTABLE;
    if (s.at[0] == '[' || s.at[0] == '{')
        return TABLE_JSON;
    bool has_tab = str_find(line, '\t') < line.len,
         has_comma = str_find(line, ',') < line.len;
    if (has_tab && !has_comma)
        return TABLE_TSV;
    return has_comma || str_find(line, ';') < line.len ? TABLE_CSV : TABLE_UNKNOWN;
}

enum table_kind table_guess(str head, str content_type, str file_name)
{
    static const struct {
        const char *mark; /* of the first bytes */
        enum table_kind kind;
    } MARKS[] = {{"PAR1", TABLE_PARQUET},  {"SIMPLE  =", TABLE_FITS},
                 {"# %ECSV", TABLE_ECSV},  {"#%ECSV", TABLE_ECSV},
                 {"<?xml", TABLE_VOTABLE}, {"<VOTABLE", TABLE_VOTABLE}};
    static const struct {
        const char *word; /* in a media type, or at the end of a name */
        enum table_kind kind;
    } WORDS[] = {{"votable", TABLE_VOTABLE},
                 {"text/xml", TABLE_VOTABLE},
                 {"application/xml", TABLE_VOTABLE},
                 {"application/fits", TABLE_FITS},
                 {"image/fits", TABLE_FITS},
                 {"parquet", TABLE_PARQUET},
                 {"ecsv", TABLE_ECSV},
                 {"text/csv", TABLE_CSV},
                 {"tab-separated", TABLE_TSV},
                 {"json", TABLE_JSON},
                 {".vot", TABLE_VOTABLE},
                 {".xml", TABLE_VOTABLE},
                 {".fits", TABLE_FITS},
                 {".fit", TABLE_FITS},
                 {".csv", TABLE_CSV},
                 {".tsv", TABLE_TSV},
                 {".tab", TABLE_TSV}};
    str s = head.len >= 3 && memcmp(head.at, "\xEF\xBB\xBF", 3) == 0
                ? (str){head.at + 3, head.len - 3}
                : head;
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (str_starts_fold(s, str_of(MARKS[i].mark)))
            return MARKS[i].kind;
    str words[] = {content_type, file_name};
    for (size_t w = 0; w < 2; w++)
        for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
            if (has_word(words[w], str_of(WORDS[i].word)))
                return WORDS[i].kind;
    return guess_text(str_trim(s));
}

/* A guess from the file itself, decompressed, and its name. */
static enum table_kind guess_file(const char *path, uint64_t max_bytes, struct err *e)
{
    struct input *in = input_open(path, max_bytes, e);
    enum table_kind kind = TABLE_UNKNOWN;
    if (in && input_more(in, e)) {
        size_t n = input_left(in) < 4096 ? input_left(in) : 4096;
        kind = table_guess((str){in->at, n}, STR(""), str_of(path));
    }
    input_close(in);
    return kind;
}

static void set_default(uint64_t *limit, uint64_t value)
{
    if (*limit == 0)
        *limit = value;
}

static struct rowsource *read_parquet(const char *path, const struct read_options *o,
                                      struct err *e)
{
    if (o->parquet && o->parquet->read)
        return o->parquet->read(o->parquet->node, path, e);
    err_set(e, ERR_USAGE, "Parquet files cannot be read here; send VOTable, FITS or CSV");
    return NULL;
}

struct rowsource *table_read(const char *path, const struct read_options *options,
                             struct err *e)
{
    struct read_options o = *options;
    set_default(&o.limits.max_rows, LIMITS.max_rows);
    set_default(&o.limits.max_bytes, LIMITS.max_bytes);
    if (o.limits.max_columns == 0)
        o.limits.max_columns = LIMITS.max_columns;
    if (o.limits.max_depth == 0)
        o.limits.max_depth = LIMITS.max_depth;
    if (o.kind == TABLE_UNKNOWN)
        o.kind = guess_file(path, o.limits.max_bytes, e);
    switch (o.kind) {
    case TABLE_VOTABLE:
        return votable_read(path, &o, e);
    case TABLE_CSV:
    case TABLE_TSV:
    case TABLE_ECSV:
        return csv_read(path, &o, e);
    case TABLE_FITS:
        return fits_read(path, &o, e);
    case TABLE_JSON:
        return json_read(path, &o, e);
    case TABLE_PARQUET:
        return read_parquet(path, &o, e);
    case TABLE_UNKNOWN:
        break;
    }
    err_set(e, ERR_USAGE,
            "the file is no table that can be read: VOTable, FITS, CSV, TSV, "
            "ECSV, JSON or Parquet");
    return NULL;
}
