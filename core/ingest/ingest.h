/* ingest.h -- brings tables into an embedded store file, ready to be served: `colure load`
 * for files, `colure demo-data` for a made-up federation of experiments. */
#ifndef CORE_INGEST_INGEST_H
#define CORE_INGEST_INGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/formats/formats.h"
#include "stores/stores.h"

/* --- the store file ---------------------------------------------------------------- */

struct ingest_target {
    struct stores *stores; /* where the adapter comes from */
    const char *adapter;   /* NULL: "duckdb" */
    const char *path;      /* the store's file; made if it is not there */
    const char *memory;    /* at most so much, "1GB"; NULL: the adapter's default */
};

/* --- files ------------------------------------------------------------------------- */

/* Values that mean "unknown" in a file and become NULL: in one column (its name in the
 * file, case folded) or in all of them (NULL). Numbers are compared as numbers, times as
 * times. */
struct ingest_null {
    const char *column, *value;
};

enum ingest_angle {
    INGEST_ANGLE_GUESS, /* by unit, else text is sexagesimal and numbers are degrees */
    INGEST_ANGLE_DEG,
    INGEST_ANGLE_RAD,
    INGEST_ANGLE_HOUR, /* right ascension in hours, declination in degrees */
    INGEST_ANGLE_SEXAGESIMAL
};

struct ingest_options {
    struct ingest_target target;
    const char *schema, *table; /* table NULL: after the first file's name */
    const char *const *path;    /* files of one table: their rows follow one another */
    uint32_t npath;
    enum table_kind kind; /* TABLE_UNKNOWN: by content and name */
    int hdu;              /* FITS: 0 = first table */
    char separator;       /* CSV: 0 = find out */
    const struct ingest_null *null;
    uint32_t nnull;
    const char *ra_column,
        *dec_column; /* names in the file; NULL: found by UCD, name, unit */
    enum ingest_angle angle;
    bool has_no_position; /* do not look for one */
    bool is_clean;        /* NULLs are marked already, NaN and empty texts are values */
    const char
        *row_number; /* name of a column to add that counts rows from 1; NULL: none */
    const char *description_path; /* where a drafted description file goes; NULL: nowhere */
    struct read_limits limits;    /* all zero: as many as there are, 64 GiB, 5000 columns */
    const struct parquet_engine *parquet; /* NULL: Parquet files are refused */
};

struct ingest_report {
    char table[128]; /* "schema.table" */
    uint64_t nrow;
    uint32_t ncolumn;
    char ra[64], dec[64];    /* position columns in degrees; empty: none */
    bool looks_like_radians; /* no position in degrees spreads over so little of the sky */
};

/* Loads files as one table, replacing a table of that name:
 *   names      lower case; what is no letter, digit or _ becomes _; a word of ADQL gets a _
 *   nulls      empty texts, NaN, and the values of `null`
 *   positions  ra, dec in degrees (ICRS is assumed): added beside columns that are written
 *              otherwise; these keep their values under NAME_text, NAME_rad or NAME_hour
 *   order      by place: rows are sorted by the added column _hpx, the HEALPix NESTED index
 *              of order 29 of the position; without one, as they came
 * The store is changed only if all went well. ERR_USAGE names the file and the place in it.
 */
bool ingest_load(const struct ingest_options *, struct ingest_report *, struct err *e);

/* --- made-up data ------------------------------------------------------------------ */

struct ingest_demo_options {
    struct ingest_target target;
    const char
        *product_folder; /* of FITS files; NULL: none; target.path may be NULL then */
    uint32_t nevent;     /* of KASCADE: 1000 .. 10 million; 0: a million */
    void (*progress)(void *what, const char *table, uint64_t nrow); /* NULL: none */
    void *what;
};

/* Writes all tables of docs/demo-data.md: always the same ones for the same `nevent`. */
bool ingest_demo(const struct ingest_demo_options *, struct err *e);

/* --- the command line -------------------------------------------------------------- */

/* `colure load ...` and `colure demo-data ...`: arguments after the
 * command's name. Return the exit status (0, 1: failed, 2: wrong usage) and write to
 * standard output and error. plugin_dir: where adapters are. parquet may be NULL. */
int ingest_main_load(int argc, char **argv, const char *plugin_dir,
                     const struct parquet_engine *parquet);
int ingest_main_demo(int argc, char **argv, const char *plugin_dir);

#endif
