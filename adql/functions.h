/* functions.h -- look-ups in the function table, for parser and binder. */
#ifndef ADQL_FUNCTIONS_H
#define ADQL_FUNCTIONS_H

#include "adql/adql.h"

/* The overloads of a name (any case), next to each other; NULL: no such function. */
const struct adql_function *function_find(str name, uint32_t *noverload);
/* The name nearest to this one, or NULL. */
const struct adql_function *function_near(str name);
/* True if it may be called with n arguments. */
bool function_takes(const struct adql_function *, uint32_t n);
/* Signatures of all overloads: "A(x) or A(x, y)"; cut to fit. */
void function_signatures(const struct adql_function *, uint32_t noverload, char *out,
                         size_t len);

#endif
