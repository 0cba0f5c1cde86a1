/* scan_records.h -- files of records of one size, as a template describes them: named
 * fields at fixed places, numbers, groups of bits, sums of such. */
#ifndef CORE_INGEST_SCAN_RECORDS_H
#define CORE_INGEST_SCAN_RECORDS_H

#include "core/base/yaml.h"
#include "core/fits/fits_column.h"

struct scan_part {           /* a number in a record */
    char kind;               /* u, i, f */
    uint8_t width;           /* bytes: 1, 2, 4, 8 */
    uint8_t first_bit, nbit; /* of the number, the lowest is 0; nbit 0: all of it */
    int64_t at;
    double factor;
};

struct scan_record_field {
    const char *name, *unit; /* unit NULL: it says none */
    struct scan_part *part;  /* the value is their sum, each times its factor */
    uint32_t npart;
    int64_t count, step; /* so many values, so many bytes from each to the next */
    double offset;
};

struct scan_mark { /* bytes that every record has at the same place */
    int64_t at;
    uint8_t byte[16];
    uint8_t n;
};

struct scan_records {
    int64_t header, size; /* bytes before the first record, of each */
    bool is_big;
    struct scan_mark *mark;
    struct scan_record_field *field;
    uint32_t nmark, nfield;
};

/* The section `records` of a template; `name` is the template's, for errors. In the arena.
 * NULL with *e. */
struct scan_records *scan_records_parse(const struct yaml_node *, const char *name,
                                        struct arena *, struct err *);

/* Is a file of so many bytes one of whole records, all with their marks? False: ERR_USAGE
 * says what is wrong. *nrecord: how many it has. */
bool scan_records_check(const struct scan_records *, int fd, int64_t bytes,
                        int64_t *nrecord, struct err *);

/* NULL: no field of that name. */
const struct scan_record_field *scan_records_field(const struct scan_records *,
                                                   const char *name);

/* All values of a field in `nrecord` records. False: the file cannot be read. */
bool scan_records_range(const struct scan_records *, int fd, int64_t nrecord,
                        const struct scan_record_field *, struct fits_range *,
                        struct err *);

#endif
