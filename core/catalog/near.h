/* near.h -- private: how near two names are, for "did you mean". */
#ifndef CORE_CATALOG_NEAR_H
#define CORE_CATALOG_NEAR_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/str.h"

/* 0: the same but for case; 1000 and more: nothing in common. */
uint32_t near_score(str wanted, str name);

/* The nearest of some words, or NULL. */
const char *near_word(str wanted, const char *const *word, size_t nword);

#endif
