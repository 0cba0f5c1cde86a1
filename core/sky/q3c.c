/* q3c.c -- the cells of Q3C (Koposov & Bartunov 2006, ASP Conf. 351, 735): the sphere
 * projected from its centre onto a cube, each side a quadtree. Sides: 0 north, 1 to 4
 * around the equator from longitude 0 on, 5 south. */
#include "core/sky/private.h"

enum { Q3C_ORDER = 30 }; /* 2^30 cells along an edge */

/* -1 to 1 along an edge, as the number of a cell. */
static int64_t cell_along(double x)
{
    double n = (double)((int64_t)1 << Q3C_ORDER);
    double cell = floor((x + 1) / 2 * n);
    return (int64_t)(cell < 0 ? 0 : cell >= n ? n - 1 : cell);
}

int64_t sky_q3c_of(double lon_deg, double lat_deg)
{
    if (!isfinite(lon_deg) || !(lat_deg >= -90 && lat_deg <= 90))
        return -1;
    double lon = fmod(lon_deg, 360);
    lon = lon < 0 ? lon + 360 : lon;
    int quarter = (int)((lon + 45) / 90) % 4;
    double turn = (lon - 90 * quarter) * SKY_RAD_PER_DEG, lat = lat_deg * SKY_RAD_PER_DEG;
    int face = quarter + 1;
    double x = tan(turn), y = tan(lat) / cos(turn);
    if (fabs(y) > 1) { /* beyond the side: it is on top or below */
        double sign = y > 0 ? 1 : -1;
        face = y > 0 ? 0 : 5;
        x = sin(lon * SKY_RAD_PER_DEG) / tan(lat) * sign;
        y = -cos(lon * SKY_RAD_PER_DEG) / tan(lat);
    }
    return sky_face_cell_index(Q3C_ORDER,
                               (struct face_cell){face, cell_along(x), cell_along(y)});
}
