/* soda.h -- the parameters of a SODA request, for sync and async. Private to datalink. */
#ifndef DATALINK_SODA_H
#define DATALINK_SODA_H

#include "datalink/inside.h"
#include "datalink/words.h"

/* What may be there several times in a job: each combination is one cut-out (SODA-5). */
enum soda_axis { SODA_ID, SODA_PLACE, SODA_BAND, SODA_TIME, SODA_AXES };
enum { SODA_MAX_VALUES = 10000 };

struct soda_value {
    const struct cutout_word *word; /* NULL: an ID */
    str value;
};

struct soda_params {
    struct soda_value *value[SODA_AXES];
    uint32_t n[SODA_AXES];
    struct soda_value *other; /* all of them hold for each cut-out */
    uint32_t nother;
};

/* Names in any case; what is no parameter of ours is left alone. ERR_USAGE: no ID, or more
 * than one value where `one_each`. */
bool soda_read(struct soda_params *, const struct http_param *, size_t n, bool one_each,
               struct arena *, struct err *);
/* How many combinations; and the i-th: its ID, its request. */
uint64_t soda_combinations(const struct soda_params *);
bool soda_combination(const struct soda_params *, uint64_t i, str *id,
                      struct cutout_request *, struct arena *, struct err *);

/* Finds, opens and cuts. *name: for the result's file. */
enum cutout_result soda_cut(struct datalink *, str id, const struct cutout_request *,
                            const struct cutout_sink *, struct arena *, uint64_t *bytes,
                            const char **name, struct err *);

#endif
