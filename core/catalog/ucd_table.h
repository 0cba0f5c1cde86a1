/* ucd_table.h -- private: the UCD1+ word list 1.6. */
#ifndef CORE_CATALOG_UCD_TABLE_H
#define CORE_CATALOG_UCD_TABLE_H

#include <stddef.h>

struct ucd_word {
    const char *word;
    char code; /* P first only, S not first, Q E C V either */
    const char *meaning;
};

struct ucd_old { /* a deprecated word and what replaces it */
    const char *word, *instead;
};

/* Both in order without case. */
extern const struct ucd_word UCD_WORD[];
extern const size_t UCD_NWORD;
extern const struct ucd_old UCD_OLD[];
extern const size_t UCD_NOLD;

#endif
