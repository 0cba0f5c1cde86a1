/* ops.h -- every operation whose spelling differs between stores. A store's dialect
 * (struct store_dialect) gives a template for each op it can do; adql/ writes with them.
 * Comparisons, AND, OR, NOT, BETWEEN, IN, EXISTS, IS NULL and CASE are the same everywhere
 * and are no ops. Templates: $1 ... $9 and $*; `$o` in an aggregate or window function is
 * where OVER (...) goes when there is one (without it: behind the whole). Ops that take
 * more or fewer arguments are spelled with $*.
 *
 *   X(name, least, most)   least and most number of arguments; most -1: any number
 *
 * Representation of values: POINT, CIRCLE, POLYGON are lists of DOUBLE degrees ([lon,lat],
 * [lon,lat,r], [lon1,lat1,...]); BOX is a POLYGON; REGION is text (STC-S or DALI); MOC is
 * text (ASCII MOC). `kind` arguments are integers of enum adql_geometry. */
#ifndef ADQL_OPS_H
#define ADQL_OPS_H

enum adql_geometry {
    ADQL_GEOMETRY_POINT = 1,
    ADQL_GEOMETRY_CIRCLE,
    ADQL_GEOMETRY_POLYGON,
    ADQL_GEOMETRY_REGION,
    ADQL_GEOMETRY_MOC
};

/* clang-format off */
#define ADQL_OPS(X) \
    /* arithmetic; NULL for a zero divisor; div_int cuts toward zero */ \
    X(add, 2, 2) X(sub, 2, 2) X(mul, 2, 2) X(neg, 1, 1) X(pos, 1, 1) \
    X(div_float, 2, 2) X(div_int, 2, 2) \
    X(bit_and, 2, 2) X(bit_or, 2, 2) X(bit_xor, 2, 2) X(bit_not, 1, 1) \
    X(shift_left, 2, 2) X(shift_right, 2, 2) \
    /* text; LIKE has no escape character (ADQL-24) */ \
    X(concat, 2, 2) X(like, 2, 2) X(not_like, 2, 2) X(ilike, 2, 2) X(not_ilike, 2, 2) \
    X(lower, 1, 1) X(upper, 1, 1) \
    /* numeric functions; domain errors of row values give NULL; mod: the sign of $1 */ \
    X(abs, 1, 1) X(ceiling, 1, 1) X(floor, 1, 1) X(degrees, 1, 1) X(radians, 1, 1) \
    X(exp, 1, 1) X(log, 1, 1) X(log10, 1, 1) X(mod, 2, 2) \
    X(mod_real, 2, 2)        /* of reals: what MOD becomes when it is written */ \
    X(pi, 0, 0) X(power, 2, 2) \
    X(rand, 0, 0) X(rand_seed, 1, 1) X(round, 1, 1) X(round_n, 2, 2) \
    X(truncate, 1, 1) X(truncate_n, 2, 2) X(sqrt, 1, 1) \
    X(acos, 1, 1) X(asin, 1, 1) X(atan, 1, 1) X(atan2, 2, 2) \
    X(cos, 1, 1) X(cot, 1, 1) X(sin, 1, 1) X(tan, 1, 1) \
    X(coalesce, 1, -1) X(nullif, 2, 2) \
    /* casts (ADQL-40); _n: $2 is the length */ \
    X(cast_smallint, 1, 1) X(cast_integer, 1, 1) X(cast_bigint, 1, 1) \
    X(cast_real, 1, 1) X(cast_double, 1, 1) \
    X(cast_varchar, 1, 1) X(cast_varchar_n, 2, 2) X(cast_char_n, 2, 2) \
    X(cast_timestamp, 1, 1) X(cast_timestamp_text, 1, 1) \
    X(cast_point, 1, 1) X(cast_circle, 1, 1) X(cast_polygon, 1, 1) \
    /* geometry constructors; _p: from points */ \
    X(point, 2, 2) X(circle, 3, 3) X(circle_p, 2, 2) X(box, 4, 4) X(box_p, 3, 3) \
    X(polygon, 6, -1) X(polygon_p, 3, -1) X(region, 1, 1) X(moc, 1, 1) \
    X(moc_of, 3, 3)          /* order, kind, geometry */ \
    X(moc_union, 2, 2) X(moc_intersection, 2, 2) \
    /* geometry functions */ \
    X(coord1, 1, 1) X(coord2, 1, 1) X(coordsys, 1, 1) \
    X(distance, 4, 4)        /* lon1, lat1, lon2, lat2 */ \
    X(distance_p, 2, 2) \
    X(area, 2, 2)            /* kind, geometry */ \
    X(centroid, 2, 2)        /* kind, geometry */ \
    X(contains, 4, 4)        /* kind1, geometry1, kind2, geometry2: 1, 0 or NULL */ \
    X(intersects, 4, 4)      /* the same */ \
    X(contains_pc, 5, 5)     /* lon, lat, centre lon, centre lat, radius */ \
    X(contains_pg, 3, 3)     /* lon, lat, polygon */ \
    /* aggregates */ \
    X(count_star, 0, 0) X(count, 1, 1) X(count_distinct, 1, 1) \
    X(sum, 1, 1) X(sum_distinct, 1, 1) X(avg, 1, 1) X(avg_distinct, 1, 1) \
    X(min, 1, 1) X(max, 1, 1) X(string_agg, 2, 2) X(histogram, 4, 4) \
    /* the catalogue of user defined functions */ \
    X(healpix_index, 3, 3)   /* order, lon, lat */ \
    X(healpix_index_p, 2, 2) /* order, point */ \
    X(healpix_center, 2, 2)  /* order, index */ \
    X(ipix, 2, 2)            /* lon, lat: the cell of Q3C */ \
    /* lists of HEALPix cells, for planners: order, lon, lat, radius; none for NULL, NaN */ \
    X(cone_cells, 4, 4)      /* a circle's: radii outside of 0 to 180 are errors */ \
    X(near_cells, 4, 4)      /* DISTANCE <= $4: below 0 none, above 180 (as NaN is) all */ \
    X(epoch_prop_pos, 8, 8)  /* ra, dec, parallax, pmra, pmdec, rv, epoch from, to */ \
    X(geom_transform, 4, 4)  /* from, to (texts), kind, geometry */ \
    X(to_jd, 1, 1) X(to_mjd, 1, 1)            /* timestamp */ \
    X(to_jd_text, 1, 1) X(to_mjd_text, 1, 1)  /* DALI text */ \
    X(nocasematch, 2, 2) X(hasword, 2, 2) X(hashlist_has, 2, 2) \
    X(normal_random, 2, 2) X(interval_overlaps, 4, 4) \
    X(hms_to_degrees, 1, 1) X(dms_to_degrees, 1, 1) X(gavo_match, 2, 2) \
    X(in_unit, 2, 2)         /* value, factor */ \
    /* arrays: element 1 is the first */ \
    X(element, 2, 2) X(array_length, 1, 1) \
    /* window functions; the writer adds OVER (...) */ \
    X(row_number, 0, 0) X(rank, 0, 0) X(dense_rank, 0, 0) X(ntile, 1, 1) \
    X(lag, 1, 3) X(lead, 1, 3) X(first_value, 1, 1) X(last_value, 1, 1) \
    X(lateral, 0, 0)         /* the word before a query in FROM that asks what is before it */ \
    X(tablesample, 1, 1)     /* $1: percent; written behind the alias of a table */
/* clang-format on */

enum adql_op {
    ADQL_OP_NONE,
#define X(name, least, most) ADQL_OP_##name,
    ADQL_OPS(X)
#undef X
        ADQL_NOP
};

#endif
