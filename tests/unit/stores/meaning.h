/* meaning.h -- checks of operations as the duckdb dialect spells them: op, arguments,
 * value. */
#ifndef TESTS_UNIT_STORES_MEANING_H
#define TESTS_UNIT_STORES_MEANING_H

#include "tests/unit/stores/duck.h"

struct meaning {
    const char *op, *argument[9],
        *want; /* want: a value as text, or the start of an error */
};

static inline void check_meanings(const struct meaning *m, size_t n)
{
    struct duck_store d;
    char sql[9000], why[800] = "";
    duck_open(&d, NULL, 0);
    for (size_t i = 0; i < n && !why[0]; i++) {
        size_t narg = 0;
        while (narg < 9 && m[i].argument[narg])
            narg++;
        const char *spelled = duck_spell(&d, m[i].op, m[i].argument, narg);
        snprintf(sql, sizeof sql, "SELECT %s", spelled ? spelled : "'not spelled'");
        const char *got = duck_text(&d, sql);
        bool is_error = strchr(m[i].want, ':') && strncmp(m[i].want, "invalid", 7) == 0;
        bool ok = is_error ? strncmp(got, m[i].want, strlen(m[i].want)) == 0
                           : strcmp(got, m[i].want) == 0;
        if (!ok)
            snprintf(why, sizeof why, "%.300s gives \"%.300s\", want \"%s\"", sql, got,
                     m[i].want);
    }
    duck_close(&d);
    if (why[0])
        TEST_FAIL("%s", why);
}

#define CHECK_MEANINGS(...)                                                                \
    do {                                                                                   \
        static const struct meaning m_[] = {__VA_ARGS__};                                  \
        check_meanings(m_, sizeof m_ / sizeof *m_);                                        \
    } while (0)

#endif
