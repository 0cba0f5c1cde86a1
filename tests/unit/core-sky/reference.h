/* reference.h -- reads reference.txt: one case a line, words between blanks. */
#ifndef TESTS_UNIT_CORE_SKY_REFERENCE_H
#define TESTS_UNIT_CORE_SKY_REFERENCE_H

#include <stdlib.h>

#include "core/base/num.h"
#include "core/sky/sky.h"
#include "tests/test.h"

enum { REFERENCE_WORDS = 64 };

struct reference {
    FILE *file;
    char *line;
    size_t capacity;
    int nword;
    str word[REFERENCE_WORDS];
    int ncase;
};

/* The next case of a kind, or false at the end (then all is closed, and there were some).
 */
static inline bool reference_next(struct reference *r, const char *kind)
{
    if (!r->file && !(r->file = fopen("tests/unit/core-sky/reference.txt", "r")))
        TEST_FAIL("reference.txt cannot be read: run the tests from the top folder");
    while (getline(&r->line, &r->capacity, r->file) > 0) {
        str rest = str_trim(str_of(r->line));
        r->nword = 0;
        while (rest.at && r->nword < REFERENCE_WORDS)
            r->word[r->nword++] = str_cut(&rest, ' ');
        if (str_eq(r->word[0], str_of(kind))) {
            r->ncase++;
            return true;
        }
    }
    fclose(r->file);
    free(r->line);
    CHECK(r->ncase > 0);
    return false;
}

static inline double reference_double(const struct reference *r, int i)
{
    double value = NAN;
    CHECK(i < r->nword && num_parse_double(r->word[i], &value));
    return value;
}

static inline int64_t reference_int(const struct reference *r, int i)
{
    int64_t value = 0;
    CHECK(i < r->nword && num_parse_int(r->word[i], &value));
    return value;
}

#endif
