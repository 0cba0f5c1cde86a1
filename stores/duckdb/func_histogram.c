/* func_histogram.c -- ivo_histogram(value, lower, upper, nbins): an aggregate that counts
 * values into nbins cells between two below and above; NULL counts as below. */
#include "stores/duckdb/func.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS_MAX = 100000 };

struct histogram {
    int64_t *count; /* nbins + 2; NULL: no row yet */
    int32_t nbins;
};

static duck_idx state_size(duck_call call)
{
    (void)call;
    return sizeof(struct histogram);
}

static void state_init(duck_call call, duck_aggregate_state state)
{
    (void)call;
    *(struct histogram *)(void *)state = (struct histogram){0};
}

static void state_destroy(duck_aggregate_state *state, duck_idx n)
{
    for (duck_idx i = 0; i < n; i++)
        free(((struct histogram *)(void *)state[i])->count);
}

static const char *begin(struct histogram *h, int32_t nbins)
{
    if (nbins < 1 || nbins > BINS_MAX)
        return "the number of bins must be 1 to 100000";
    if (h->count && h->nbins != nbins)
        return "the number of bins must be the same for all rows of a group";
    if (!h->count)
        h->count = calloc((size_t)nbins + 2, sizeof *h->count);
    h->nbins = nbins;
    return h->count ? NULL : "no memory for a histogram";
}

/* Cell 0 below `lower`, cells 1 to nbins between, the last from `upper` on; NaN is greater
 * than all. */
static size_t cell_of(double value, double lower, double upper, int32_t nbins)
{
    if (isnan(value) || value >= upper)
        return (size_t)nbins + 1;
    if (value < lower)
        return 0;
    double at = floor((value - lower) / (upper - lower) * nbins);
    return 1 + (size_t)(at < nbins ? at : nbins - 1);
}

static void update(duck_call call, duck_chunk input, duck_aggregate_state *state)
{
    struct doubles value = doubles_of(input, 0), lower = doubles_of(input, 1);
    struct doubles upper = doubles_of(input, 2);
    duck_vector v = duck.data_chunk_get_vector(input, 3);
    const int32_t *nbins = duck.vector_get_data(v);
    const uint64_t *valid = duck.vector_get_validity(v);
    duck_idx n = duck.data_chunk_get_size(input);
    for (duck_idx i = 0; i < n; i++) {
        struct histogram *h = (struct histogram *)(void *)state[i];
        bool has_bounds = has_value(lower.valid, i) && has_value(upper.valid, i) &&
                          has_value(valid, i) && lower.at[i] < upper.at[i];
        const char *problem =
            has_bounds ? begin(h, nbins[i])
                       : "the lower bound of a histogram must be less than the upper";
        if (problem) {
            duck.aggregate_function_set_error(call, problem);
            return;
        }
        double x = has_value(value.valid, i) ? value.at[i] : -INFINITY;
        h->count[cell_of(x, lower.at[i], upper.at[i], nbins[i])]++;
    }
}

static void combine(duck_call call, duck_aggregate_state *source,
                    duck_aggregate_state *target, duck_idx n)
{
    for (duck_idx i = 0; i < n; i++) {
        struct histogram *from = (struct histogram *)(void *)source[i];
        struct histogram *to = (struct histogram *)(void *)target[i];
        if (!from->count)
            continue;
        const char *problem = begin(to, from->nbins);
        if (problem) {
            duck.aggregate_function_set_error(call, problem);
            return;
        }
        for (int32_t k = 0; k < from->nbins + 2; k++)
            to->count[k] += from->count[k];
    }
}

static void finalize(duck_call call, duck_aggregate_state *state, duck_vector result,
                     duck_idx n, duck_idx offset)
{
    duck_idx at = duck.list_vector_get_size(result);
    for (duck_idx i = 0; i < n; i++) {
        const struct histogram *h = (const struct histogram *)(void *)state[i];
        duck_idx length = h->count ? (duck_idx)h->nbins + 2 : 0;
        if (duck.list_vector_reserve(result, at + length) != DUCK_OK) {
            duck.aggregate_function_set_error(call, "no memory for a histogram");
            return;
        }
        int32_t *child = duck.vector_get_data(duck.list_vector_get_child(result));
        for (duck_idx k = 0; k < length; k++)
            child[at + k] = h->count[k] > INT32_MAX ? INT32_MAX : (int32_t)h->count[k];
        ((duck_list_entry *)duck.vector_get_data(result))[offset + i] =
            (duck_list_entry){at, length};
        if (!h->count)
            set_null(valid_of(result), offset + i);
        at += length;
        (void)duck.list_vector_set_size(result, at); /* reserved above: cannot fail */
    }
}

enum store_status histogram_register(const struct store_host *host,
                                     duck_connection connection, struct store_error *e)
{
    static const int PARAMETERS[] = {DUCK_DOUBLE, DUCK_DOUBLE, DUCK_DOUBLE, DUCK_INTEGER};
    (void)host;
    duck_aggregate a = duck.create_aggregate_function();
    duck.aggregate_function_set_name(a, "adql_histogram");
    for (size_t i = 0; i < 4; i++) {
        duck_logical type = duck.create_logical_type(PARAMETERS[i]);
        duck.aggregate_function_add_parameter(a, type);
        duck.destroy_logical_type(&type);
    }
    duck_logical element = duck.create_logical_type(DUCK_INTEGER);
    duck_logical list = duck.create_list_type(element);
    duck.aggregate_function_set_return_type(a, list);
    duck.destroy_logical_type(&list);
    duck.destroy_logical_type(&element);
    duck.aggregate_function_set_functions(a, state_size, state_init, update, combine,
                                          finalize);
    duck.aggregate_function_set_destructor(a, state_destroy);
    duck.aggregate_function_set_special_handling(a);
    bool ok = duck.register_aggregate_function(connection, a) == DUCK_OK;
    duck.destroy_aggregate_function(&a);
    return ok ? STORE_OK
              : fail(e, STORE_FAILED, "DuckDB does not take the function adql_histogram");
}
