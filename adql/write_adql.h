/* write_adql.h -- what the two files of the ADQL writer share. */
#ifndef ADQL_WRITE_ADQL_H
#define ADQL_WRITE_ADQL_H

#include "adql/adql.h"

struct printer {
    struct bytes *out;
    bool is_bound;
    bool failed;
};

void print_set(struct printer *, const struct adql_set *);
void print_subquery(struct printer *, const struct adql_set *);
void print_node(struct printer *, const struct adql_node *);
void print_name(struct printer *, const struct adql_name *);
void print_path(struct printer *, const struct adql_path *);
void print_order(struct printer *, const struct adql_order *, uint32_t norder);
/* True if nothing is left once the planner's nodes are left out. */
bool is_planners(const struct adql_node *);

#endif
