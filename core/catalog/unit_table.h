/* unit_table.h -- private: the known units of VOUnits 1.1 with their sizes. */
#ifndef CORE_CATALOG_UNIT_TABLE_H
#define CORE_CATALOG_UNIT_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* What a unit measures. Angles and things that are counted are kept apart from pure
 * numbers, so that `count/s` does not become `Hz`. */
/* clang-format off */
enum unit_base {
    UNIT_KG, UNIT_M, UNIT_S, UNIT_A, UNIT_K, UNIT_MOL, UNIT_CD, UNIT_DEG, UNIT_COUNT,
    UNIT_PHOTON, UNIT_PIXEL, UNIT_VOXEL, UNIT_ADU, UNIT_BEAM, UNIT_BIN, UNIT_CHAN,
    UNIT_MAG, UNIT_DB, UNIT_SUN, UNIT_BIT,
    UNIT_NBASE
};
/* clang-format on */

enum { UNIT_DECIMAL = 1, UNIT_BINARY = 2, UNIT_DEPRECATED = 4 };

struct unit_known {
    const char *symbol;
    unsigned flags; /* which prefixes it takes; deprecated */
    double factor;  /* to the base units: factor * 10^exponent */
    int8_t exponent;
    int8_t power[UNIT_NBASE];
};

struct unit_prefix {
    const char *symbol;
    double factor; /* of binary prefixes; 1 for decimal ones */
    int8_t exponent;
};

struct unit_wrong { /* what people write, and what is meant */
    const char *symbol, *instead;
};

extern const struct unit_known UNIT_KNOWN[];
extern const size_t UNIT_NKNOWN;
extern const struct unit_prefix UNIT_PREFIX_DECIMAL[]; /* "da" before "d" */
extern const size_t UNIT_NPREFIX_DECIMAL;
extern const struct unit_prefix UNIT_PREFIX_BINARY[];
extern const size_t UNIT_NPREFIX_BINARY;
extern const struct unit_wrong UNIT_WRONG[];
extern const size_t UNIT_NWRONG;

#endif
