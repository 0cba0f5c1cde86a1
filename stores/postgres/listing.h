/* listing.h -- the snapshot of the server's catalog, and what its indexes say of the sky.
 */
#ifndef STORES_POSTGRES_LISTING_H
#define STORES_POSTGRES_LISTING_H

#include "stores/postgres/internal.h"

struct listing {
    atomic_int references;
    struct arena *arena;
    struct store_table *table;
    const char **name;
    size_t n;
};

/* statistics.c: null fractions, ranges of numbers, foreign keys. */
enum store_status statistics_read(struct listing *, struct store_session *,
                                  struct store_error *);

/* --- sky.c ------------------------------------------------------------------------ */

/* An indexed expression of the table, as the server prints it: q3c_ang2ipix(lon, lat) or
 * spoint(radians(lon), radians(lat)) say which columns are a position, and how cones are
 * looked up. `column`: the name (quoted) of a column that holds it, or NULL. Others are
 * left as they are. */
void sky_read_index(struct arena *, struct store_table *, const char *expression,
                    const char *column);
/* A column of cells whose comment says so: HEALPix NESTED order N of "lon" "lat". */
void sky_find_healpix(struct store_table *);

#endif
