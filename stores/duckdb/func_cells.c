/* func_cells.c -- the HEALPix cells of a cone as a list, for joins on cells; cells of Q3C;
 * coverages of cells (MOC) put together. */
#include "stores/duckdb/func.h"

#include <math.h>

struct cone_lists { /* the result: a list of BIGINT for each row */
    duck_vector vector;
    duck_list_entry *entry;
    int64_t *cell;
    size_t n, capacity;
};

static bool lists_reserve(struct cone_lists *l, size_t capacity)
{
    if (duck.list_vector_reserve(l->vector, capacity) != DUCK_OK)
        return false;
    l->cell = duck.vector_get_data(duck.list_vector_get_child(l->vector));
    l->capacity = capacity;
    return true;
}

static bool add_cone(struct cone_lists *l, double lon, double lat, double radius, int order)
{
    size_t room = l->capacity - l->n;
    size_t n = sky_cone_cells(lon, lat, radius, order, l->cell + l->n, room);
    if (n > room) {
        if (!lists_reserve(l, 2 * (l->n + n)))
            return false;
        sky_cone_cells(lon, lat, radius, order, l->cell + l->n, n);
    }
    l->n += n;
    return true;
}

/* order, lon, lat, radius. What is no position has no cells; nor has NULL. */
static void cone_cells(duck_call call, duck_chunk input, duck_vector output)
{
    duck_idx nrow = duck.data_chunk_get_size(input);
    duck_vector orders = duck.data_chunk_get_vector(input, 0);
    const int32_t *order = duck.vector_get_data(orders);
    const uint64_t *order_valid = duck.vector_get_validity(orders);
    struct doubles lon = doubles_of(input, 1), lat = doubles_of(input, 2);
    struct doubles radius = doubles_of(input, 3);
    struct cone_lists l = {.vector = output, .entry = duck.vector_get_data(output)};
    bool ok = lists_reserve(&l, 8 * nrow + 8);
    for (duck_idx i = 0; ok && i < nrow; i++) {
        size_t first = l.n;
        bool is_there = has_value(order_valid, i) && has_value(lon.valid, i) &&
                        has_value(lat.valid, i) && has_value(radius.valid, i);
        if (is_there && !isnan(radius.at[i]) &&
            !(radius.at[i] >= 0 && radius.at[i] <= 180)) {
            duck.scalar_function_set_error(
                call, "the radius of a circle must be 0 to 180 degrees");
            return;
        }
        ok = !is_there || add_cone(&l, lon.at[i], lat.at[i], radius.at[i], order[i]);
        l.entry[i] = (duck_list_entry){first, l.n - first};
    }
    if (!ok || duck.list_vector_set_size(output, l.n) != DUCK_OK)
        duck.scalar_function_set_error(call, "no memory for the cells of cones");
}

static bool q3c_index(struct func_run *run, const struct cell *x, struct cell *result)
{
    (void)run;
    result->i = sky_q3c_of(x[0].d, x[1].d);
    result->is_null = result->i < 0;
    return true;
}

typedef const struct sky_moc *moc_join(struct arena *, const struct sky_moc *,
                                       const struct sky_moc *, struct err *);

static bool join_mocs(struct func_run *run, const struct cell *x, struct cell *result,
                      moc_join *join)
{
    struct arena *arena = row_arena(run);
    const struct sky_moc *a = arena ? sky_moc_parse(arena, x[0].text, &run->err) : NULL;
    const struct sky_moc *b = a ? sky_moc_parse(arena, x[1].text, &run->err) : NULL;
    const struct sky_moc *moc = b ? join(arena, a, b, &run->err) : NULL;
    if (!moc)
        return false;
    sky_moc_print(&run->text, moc);
    result->text = bytes_str(&run->text);
    return true;
}

static bool moc_union(struct func_run *run, const struct cell *x, struct cell *result)
{
    return join_mocs(run, x, result, sky_moc_union);
}

static bool moc_intersection(struct func_run *run, const struct cell *x,
                             struct cell *result)
{
    return join_mocs(run, x, result, sky_moc_intersection);
}

const struct func func_cells[] = {
    {.name = "sky_cone_cells", .signature = "iddd>w", .chunk = cone_cells},
    {.name = "sky_q3c_index", .signature = "dd>l", .row = q3c_index},
    {.name = "sky_moc_union", .signature = "tt>t", .row = moc_union},
    {.name = "sky_moc_intersection", .signature = "tt>t", .row = moc_intersection},
};
const size_t func_cells_n = sizeof func_cells / sizeof *func_cells;
