/* healpix.c -- the HEALPix grid, NESTED ordering. The sphere is twelve square faces, four
 * around each pole and four on the equator; x runs along a face to the north-east, y to the
 * north-west (Gorski et al. 2005, ApJ 622, 759; Calabretta & Roukema 2007, MNRAS 381, 865).
 */
#include "core/sky/sky.h"

#include "core/sky/private.h"

/* Of each face's southern corner: its ring in units of nside, its longitude in 45 degrees.
 */
static const int face_ring[12] = {2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4};
static const int face_lon[12] = {1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7};

static bool cell_is_valid(int order, int64_t cell)
{
    return order >= 0 && order <= SKY_HEALPIX_ORDER_MAX && cell >= 0 &&
           cell < sky_healpix_count(order);
}

/* A zero between any two bits of a number below 2^32, and back. */
static uint64_t bits_spread(uint64_t v)
{
    v &= 0x00000000ffffffff;
    v = (v | v << 16) & 0x0000ffff0000ffff;
    v = (v | v << 8) & 0x00ff00ff00ff00ff;
    v = (v | v << 4) & 0x0f0f0f0f0f0f0f0f;
    v = (v | v << 2) & 0x3333333333333333;
    return (v | v << 1) & 0x5555555555555555;
}

static uint64_t bits_gather(uint64_t v)
{
    v &= 0x5555555555555555;
    v = (v | v >> 1) & 0x3333333333333333;
    v = (v | v >> 2) & 0x0f0f0f0f0f0f0f0f;
    v = (v | v >> 4) & 0x00ff00ff00ff00ff;
    v = (v | v >> 8) & 0x0000ffff0000ffff;
    return (v | v >> 16) & 0x00000000ffffffff;
}

struct face_cell sky_face_cell(int order, int64_t cell)
{
    uint64_t in_face = (uint64_t)cell & (((uint64_t)1 << (2 * order)) - 1);
    return (struct face_cell){(int)(cell >> (2 * order)), (int64_t)bits_gather(in_face),
                              (int64_t)bits_gather(in_face >> 1)};
}

int64_t sky_face_cell_index(int order, struct face_cell c)
{
    return ((int64_t)c.face << (2 * order)) |
           (int64_t)(bits_spread((uint64_t)c.x) | bits_spread((uint64_t)c.y) << 1);
}

void sky_face_position(int face, double x, double y, double *z, double *s, double *lon45)
{
    double ring = face_ring[face] - x - y; /* 0 at the north pole, 4 at the south pole */
    double width = 1;                      /* of the face there, as a part of 90 degrees */
    if (ring < 1 || ring > 3) {
        width = ring < 1 ? ring : 4 - ring;
        double t = width * width / 3;
        *z = ring < 1 ? 1 - t : t - 1;
        *s = width * sqrt((2 - t) / 3);
    } else {
        *z = (2 - ring) * (2.0 / 3);
        *s = sqrt((1 - *z) * (1 + *z));
    }
    *lon45 = width > 0 ? face_lon[face] + (x - y) / width : face_lon[face];
}

static struct sky_point face_point(int face, double x, double y)
{
    double z, s, lon45;
    sky_face_position(face, x, y, &z, &s, &lon45);
    return (struct sky_point){sky_lon_reduce(lon45 * 45), atan2(z, s) * SKY_DEG_PER_RAD};
}

static int64_t clamp(double value, int64_t most)
{
    return value < 0 ? 0 : value > (double)most ? most : (int64_t)value;
}

/* In the polar caps a face is a triangle that narrows toward its pole. */
static struct face_cell cell_in_cap(int64_t nside, double lon90, double lat_deg)
{
    int quarter = (int)lon90;
    double part = lon90 - quarter;
    double width = sqrt(6) * sin((90 - fabs(lat_deg)) * SKY_RAD_PER_DEG / 2);
    int64_t from_west = clamp((double)nside * width * part, nside - 1);
    int64_t from_east = clamp((double)nside * width * (1 - part), nside - 1);
    if (lat_deg > 0)
        return (struct face_cell){quarter, nside - 1 - from_east, nside - 1 - from_west};
    return (struct face_cell){quarter + 8, from_west, from_east};
}

/* In the belt rising and falling diagonals are straight lines; counted in faces they tell
 * the face, counted in cells they are x and y. */
static struct face_cell cell_in_belt(int order, double lon90, double z)
{
    double nside = (double)((int64_t)1 << order);
    int64_t rising = (int64_t)(nside * (lon90 + 0.5 + 0.75 * z));
    int64_t falling = (int64_t)(nside * (lon90 + 0.5 - 0.75 * z));
    int64_t mask = ((int64_t)1 << order) - 1;
    int face_up = (int)(rising >> order), face_down = (int)(falling >> order);
    int face = face_up == face_down  ? 4 + (face_up & 3)
               : face_up > face_down ? face_down & 3
                                     : 8 + (face_up & 3);
    return (struct face_cell){face, rising & mask, mask - (falling & mask)};
}

int64_t sky_healpix_of(int order, double lon_deg, double lat_deg)
{
    if (order < 0 || order > SKY_HEALPIX_ORDER_MAX || !isfinite(lon_deg) ||
        !(fabs(lat_deg) <= 90))
        return -1;
    double lon90 = sky_lon_reduce(lon_deg) / 90;
    if (lon90 >= 4)
        lon90 = 0;
    double z = sin(lat_deg * SKY_RAD_PER_DEG);
    bool is_cap = fabs(z) > 2.0 / 3;
    return sky_face_cell_index(order, is_cap
                                          ? cell_in_cap((int64_t)1 << order, lon90, lat_deg)
                                          : cell_in_belt(order, lon90, z));
}

bool sky_healpix_center(int order, int64_t cell, struct sky_point *center)
{
    if (!cell_is_valid(order, cell))
        return false;
    struct face_cell c = sky_face_cell(order, cell);
    double size = 1.0 / (double)((int64_t)1 << order);
    *center = face_point(c.face, ((double)c.x + 0.5) * size, ((double)c.y + 0.5) * size);
    return true;
}

bool sky_healpix_boundary(int order, int64_t cell, int step, struct sky_point *out)
{
    if (!cell_is_valid(order, cell) || step < 1 || step > 1024)
        return false;
    struct face_cell c = sky_face_cell(order, cell);
    double size = 1.0 / (double)((int64_t)1 << order);
    for (int i = 0; i < step; i++) {
        double part = (double)i / step;
        double x0 = (double)c.x * size, x1 = (double)(c.x + 1) * size;
        double y0 = (double)c.y * size, y1 = (double)(c.y + 1) * size;
        out[i] = face_point(c.face, x1 - part * size, y1);
        out[step + i] = face_point(c.face, x0, y1 - part * size);
        out[2 * step + i] = face_point(c.face, x0 + part * size, y0);
        out[3 * step + i] = face_point(c.face, x1, y0 + part * size);
    }
    return true;
}

/* --- neighbours --------------------------------------------------------------------------
 */

/* Over one side of a face. Where two polar faces meet, x and y change places. */
static struct face_cell over_side(struct face_cell c, int64_t nside)
{
    int row = c.face / 4, k = c.face % 4, east = (k + 1) & 3, west = (k + 3) & 3;
    bool is_ne = c.x >= nside, is_nw = c.y >= nside, is_sw = c.x < 0;
    int64_t last = nside - 1;
    if (row == 0 && is_ne)
        return (struct face_cell){east, c.y, last};
    if (row == 0 && is_nw)
        return (struct face_cell){west, last, c.x};
    if (row == 2 && is_sw)
        return (struct face_cell){8 + west, c.y, 0};
    if (row == 2 && !is_ne && !is_nw)
        return (struct face_cell){8 + east, 0, c.x};
    if (is_ne)
        return (struct face_cell){row == 1 ? k : 4 + east, 0, c.y};
    if (is_nw)
        return (struct face_cell){row == 1 ? west : 4 + k, c.x, 0};
    if (is_sw)
        return (struct face_cell){row == 0 ? 4 + k : 8 + west, last, c.y};
    return (struct face_cell){row == 0 ? 4 + east : 8 + k, c.x, last};
}

/* Over a corner; false where only three faces meet. */
static bool over_corner(struct face_cell c, int64_t nside, struct face_cell *to)
{
    int row = c.face / 4, k = c.face % 4;
    int64_t last = nside - 1;
    bool is_north = c.x > 0 && c.y > 0, is_south = c.x < 0 && c.y < 0;
    if (row == 1) { /* on the equator: east and west */
        if (is_north || is_south)
            return false;
        bool is_east = c.x > 0;
        *to = is_east ? (struct face_cell){4 + ((k + 1) & 3), 0, last}
                      : (struct face_cell){4 + ((k + 3) & 3), last, 0};
        return true;
    }
    if (!is_north && !is_south)
        return false;
    bool is_pole = is_north == (row == 0);
    int face = is_pole ? 4 * row + ((k + 2) & 3) : 8 - 4 * row + k;
    int64_t at = row == 0 ? last : 0; /* its northern corner, or its southern one */
    *to = (struct face_cell){face, at, at};
    return true;
}

bool sky_healpix_neighbours(int order, int64_t cell, int64_t out[8])
{
    static const int step_x[8] = {-1, -1, 0, 1, 1, 1, 0, -1};
    static const int step_y[8] = {0, 1, 1, 1, 0, -1, -1, -1};
    if (!cell_is_valid(order, cell))
        return false;
    int64_t nside = (int64_t)1 << order;
    struct face_cell c = sky_face_cell(order, cell);
    for (int i = 0; i < 8; i++) {
        struct face_cell to = {c.face, c.x + step_x[i], c.y + step_y[i]};
        bool x_out = to.x < 0 || to.x >= nside, y_out = to.y < 0 || to.y >= nside;
        bool exists = true;
        if (x_out && y_out)
            exists = over_corner(to, nside, &to);
        else if (x_out || y_out)
            to = over_side(to, nside);
        out[i] = exists ? sky_face_cell_index(order, to) : -1;
    }
    return true;
}

/* --- RING ordering -----------------------------------------------------------------------
 */

/* Ring i (1 to 4 nside - 1): a quarter's number of cells, cells before it, and whether its
 * first cell starts at longitude 0 instead of being centred there. */
struct ring {
    int64_t quarter, before;
    bool is_centered;
};

static struct ring ring_of(int64_t nside, int64_t i)
{
    if (i < nside)
        return (struct ring){i, 2 * i * (i - 1), false};
    if (i > 3 * nside) {
        int64_t k = 4 * nside - i;
        return (struct ring){k, 12 * nside * nside - 2 * k * (k + 1), false};
    }
    return (struct ring){nside, 2 * nside * (nside - 1) + (i - nside) * 4 * nside,
                         ((i - nside) & 1) != 0};
}

int64_t sky_healpix_nest_to_ring(int order, int64_t cell)
{
    if (!cell_is_valid(order, cell))
        return -1;
    int64_t nside = (int64_t)1 << order;
    struct face_cell c = sky_face_cell(order, cell);
    int64_t i = face_ring[c.face] * nside - c.x - c.y - 1;
    struct ring ring = ring_of(nside, i);
    /* Longitude of the centre, in eighths of a quarter's cells; odd unless centred. */
    int64_t lon = face_lon[c.face] * ring.quarter + c.x - c.y;
    if (lon < 0)
        lon += 8 * ring.quarter;
    int64_t in_ring = (ring.is_centered ? lon : lon - 1) / 2;
    return ring.before + in_ring % (4 * ring.quarter);
}

static int64_t ring_holding(int64_t nside, int64_t index)
{
    int64_t cap = 2 * nside * (nside - 1), all = 12 * nside * nside;
    bool is_south = index >= all - cap;
    if (!is_south && index >= cap)
        return nside + (index - cap) / (4 * nside);
    int64_t from_pole = is_south ? all - 1 - index : index;
    int64_t i = (int64_t)((1 + sqrt(1 + 2 * (double)from_pole)) / 2);
    while (2 * i * (i - 1) > from_pole) /* the square root may be one off */
        i--;
    while (2 * i * (i + 1) <= from_pole)
        i++;
    return is_south ? 4 * nside - i : i;
}

int64_t sky_healpix_ring_to_nest(int order, int64_t cell)
{
    if (!cell_is_valid(order, cell))
        return -1;
    int64_t nside = (int64_t)1 << order;
    int64_t i = ring_holding(nside, cell);
    struct ring ring = ring_of(nside, i);
    int64_t lon = 2 * (cell - ring.before) + (ring.is_centered ? 0 : 1);
    for (int face = 0; face < 12; face++) {
        int64_t sum = face_ring[face] * nside - i - 1;
        int64_t difference = lon - face_lon[face] * ring.quarter;
        if (difference > 4 * ring.quarter)
            difference -= 8 * ring.quarter;
        if (difference < -4 * ring.quarter)
            difference += 8 * ring.quarter;
        int64_t x2 = sum + difference, y2 = sum - difference;
        if (x2 >= 0 && y2 >= 0 && x2 < 2 * nside && y2 < 2 * nside && (x2 & 1) == 0)
            return sky_face_cell_index(order, (struct face_cell){face, x2 / 2, y2 / 2});
    }
    return -1; /* cannot be: the faces cover every ring */
}

/* --- sizes
 * --------------------------------------------------------------------------------- */

/* The widest cells touch the belt's border from the pole's side: from their centre at z =
 * 2/3 to their northern corner. */
double sky_healpix_radius_deg(int order)
{
    double nside = ldexp(1, order);
    double t = 1 - 1 / nside;
    double z = 1 - t * t / 3, s = t * sqrt((2 - t * t / 3) / 3);
    double lon = SKY_PI / (4 * nside);
    struct sky_vec center = {sqrt(5) / 3 * cos(lon), sqrt(5) / 3 * sin(lon), 2.0 / 3};
    struct sky_vec corner = {s, 0, z};
    return vec_angle(center, corner) * SKY_DEG_PER_RAD;
}

int sky_healpix_order_for(double radius_deg)
{
    /* The narrowest cells are 0.7 / nside radians from side to opposite side. */
    double narrowest_deg = 0.7 * SKY_DEG_PER_RAD;
    if (!(radius_deg >= 0 && radius_deg <= narrowest_deg))
        return -1;
    int order = 0;
    while (order < SKY_HEALPIX_ORDER_MAX && radius_deg <= narrowest_deg / 2) {
        narrowest_deg /= 2;
        order++;
    }
    return order;
}
