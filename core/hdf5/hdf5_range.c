/* hdf5_range.c -- how far the values of a dataset reach, or those of one member of a
 * compound one: read as doubles, a slab of rows at a time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hdf5/hdf5_reader.h"

enum { AXES_MAX = 32, SLAB_VALUES = 1 << 20, ROW_VALUES = 1 << 23 };
static const hsize_t CHUNK_BYTES = (hsize_t)256 << 20;

struct column {
    hid_t dataset, space;
    hid_t memory; /* type in memory: doubles only */
    size_t width; /* doubles in an element */
    int naxis;
    hsize_t size[AXES_MAX];
    hsize_t nrow, row_elements; /* along the first axis; 1 and 1 of a scalar */
    hsize_t slab_rows;
    hsize_t element_bytes; /* in the file */
};

static bool refuse(char why[256], const char *what)
{
    snprintf(why, 256, "%s", what);
    return false;
}

/* What is compressed by others, or lies in other files, is not read. */
static bool check_storage(hid_t dataset, hsize_t *chunk_rows, char why[256])
{
    hsize_t chunk[AXES_MAX];
    bool is_good = true;
    hid_t how = H5Dget_create_plist(dataset);
    H5D_layout_t layout = H5Pget_layout(how);
    *chunk_rows = 1;
    if (H5Pget_external_count(how) > 0 || layout == H5D_VIRTUAL)
        is_good = refuse(why, "a dataset lies in another file, which is not followed");
    for (int i = 0; is_good && i < H5Pget_nfilters(how); i++) {
        unsigned flags, config;
        size_t nvalue = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(how, (unsigned)i, &flags, &nvalue, NULL, 0, NULL, &config);
        if (filter < 0 || filter >= H5Z_FILTER_RESERVED || H5Zfilter_avail(filter) <= 0)
            is_good = refuse(why, "a dataset is packed by a filter that libhdf5 has not");
    }
    if (is_good && layout == H5D_CHUNKED) {
        hid_t type = H5Dget_type(dataset);
        hsize_t bytes = H5Tget_size(type);
        int n = H5Pget_chunk(how, AXES_MAX, chunk);
        for (int i = 0; i < n; i++)
            bytes = chunk[i] && bytes > CHUNK_BYTES / chunk[i] ? CHUNK_BYTES + 1
                                                               : bytes * chunk[i];
        *chunk_rows = n > 0 && chunk[0] > 0 ? chunk[0] : 1;
        if (n <= 0 || bytes > CHUNK_BYTES)
            is_good = refuse(why, "a dataset has chunks of more than 256 MB");
        H5Tclose(type);
    }
    H5Pclose(how);
    return is_good;
}

/* A number, or an array of numbers, as doubles. < 0: neither. */
static hid_t as_doubles(hid_t type, size_t *width)
{
    *width = 1;
    if (H5Tget_class(type) != H5T_ARRAY)
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    hsize_t size[AXES_MAX];
    int n = H5Tget_array_ndims(type);
    if (n <= 0 || n > AXES_MAX || H5Tget_array_dims2(type, size) != n)
        return -1;
    for (int i = 0; i < n; i++) {
        if (size[i] == 0 || size[i] > ROW_VALUES / *width)
            return -1;
        *width *= (size_t)size[i];
    }
    return H5Tarray_create2(H5T_NATIVE_DOUBLE, (unsigned)n, size);
}

static hid_t member_as_doubles(hid_t type, const char *member, size_t *width)
{
    int i = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_member_index(type, member) : -1;
    hid_t own = i >= 0 ? H5Tget_member_type(type, (unsigned)i) : -1;
    hid_t doubles = own >= 0 && hdf5_reader_is_number(own) ? as_doubles(own, width) : -1;
    hid_t memory = doubles >= 0 ? H5Tcreate(H5T_COMPOUND, *width * sizeof(double)) : -1;
    if (memory >= 0 && H5Tinsert(memory, member, 0, doubles) < 0) {
        H5Tclose(memory);
        memory = -1;
    }
    if (doubles >= 0)
        H5Tclose(doubles);
    if (own >= 0)
        H5Tclose(own);
    return memory;
}

/* Nothing is packed tighter than a thousand times: a size beyond that is a lie, or all of
 * it is what stands for missing values. */
static bool check_size(const struct column *c, char why[256])
{
    double claimed = (double)c->nrow * (double)c->row_elements * (double)c->element_bytes;
    double stored = (double)H5Dget_storage_size(c->dataset);
    return claimed <= 1100 * (stored + (1 << 20)) ||
           refuse(why, "a dataset claims to hold far more than is stored");
}

static bool take_size(struct column *c, hsize_t chunk_rows, char why[256])
{
    c->naxis = H5Sget_simple_extent_ndims(c->space);
    if (c->naxis < 0 || c->naxis > AXES_MAX ||
        H5Sget_simple_extent_dims(c->space, c->size, NULL) != c->naxis)
        return refuse(why, "the size of a dataset cannot be read");
    c->nrow = c->naxis > 0 ? c->size[0] : H5Sget_simple_extent_npoints(c->space) > 0;
    c->row_elements = 1;
    for (int i = 1; i < c->naxis; i++) {
        if (c->size[i] > ROW_VALUES / c->row_elements)
            return refuse(why, "a row of a dataset has more than 8 million values");
        c->row_elements *= c->size[i];
        if (c->row_elements == 0)
            return true;
    }
    hsize_t values = c->row_elements * c->width;
    if (values > ROW_VALUES)
        return refuse(why, "a row of a dataset has more than 8 million values");
    c->slab_rows = values < SLAB_VALUES ? SLAB_VALUES / values : 1;
    if (chunk_rows <= ROW_VALUES / values && c->slab_rows < chunk_rows)
        c->slab_rows = chunk_rows;
    if (c->slab_rows > chunk_rows) /* no chunk is unpacked twice */
        c->slab_rows -= c->slab_rows % chunk_rows;
    return true;
}

static void add_values(struct hdf5_range *r, const double *value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double v = value[i];
        if (!isfinite(v))
            continue;
        if (r->n++ == 0)
            r->first = r->least = r->most = v;
        r->least = v < r->least ? v : r->least;
        r->most = v > r->most ? v : r->most;
        r->sum += v;
    }
}

static bool read_slab(const struct column *c, hsize_t from, hsize_t nrow, double *out)
{
    hsize_t start[AXES_MAX] = {from}, count[AXES_MAX] = {nrow};
    hsize_t elements = nrow * c->row_elements;
    for (int i = 1; i < c->naxis; i++)
        count[i] = c->size[i];
    if (c->naxis == 0)
        return H5Dread(c->dataset, c->memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
    hid_t flat = H5Screate_simple(1, &elements, NULL);
    bool ok =
        H5Sselect_hyperslab(c->space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
        H5Dread(c->dataset, c->memory, flat, c->space, H5P_DEFAULT, out) >= 0;
    H5Sclose(flat);
    return ok;
}

static bool read_all(const struct column *c, struct hdf5_range *r, char why[256])
{
    hsize_t most = c->nrow < c->slab_rows ? c->nrow : c->slab_rows;
    size_t row_values = (size_t)c->row_elements * c->width;
    if (c->nrow == 0 || row_values == 0)
        return true;
    double *value = calloc((size_t)most * row_values, sizeof *value);
    if (!value)
        return refuse(why, "there is no memory for a dataset");
    bool ok = true;
    for (hsize_t at = 0; ok && at < c->nrow; at += most) {
        hsize_t n = c->nrow - at < most ? c->nrow - at : most;
        ok = read_slab(c, at, n, value);
        if (ok)
            add_values(r, value, (size_t)n * row_values);
    }
    free(value);
    return ok || refuse(why, "a dataset cannot be read");
}

static bool measure(struct column *c, const char *member, struct hdf5_range *r,
                    char why[256])
{
    hsize_t chunk_rows;
    hid_t type = H5Dget_type(c->dataset);
    bool is_number = member || hdf5_reader_is_number(type);
    c->memory = !is_number ? -1
                : member   ? member_as_doubles(type, member, &c->width)
                           : as_doubles(type, &c->width);
    c->element_bytes = H5Tget_size(type);
    H5Tclose(type);
    c->space = H5Dget_space(c->dataset);
    bool ok = c->space >= 0 && check_storage(c->dataset, &chunk_rows, why);
    if (ok && c->memory >= 0)
        ok = take_size(c, chunk_rows, why) && check_size(c, why) && read_all(c, r, why);
    else if (ok && take_size(c, 1, why))
        r->n = c->nrow; /* no numbers: there is nothing but their count */
    if (c->memory >= 0)
        H5Tclose(c->memory);
    if (c->space >= 0)
        H5Sclose(c->space);
    return ok;
}

bool hdf5_reader_range(hid_t file, const char *dataset, const char *member,
                       struct hdf5_range *r, char why[256])
{
    struct column c = {.width = 1};
    *r = (struct hdf5_range){.least = NAN, .most = NAN, .first = NAN};
    c.dataset = H5Dopen2(file, dataset, H5P_DEFAULT);
    if (c.dataset < 0)
        return refuse(why, "a dataset cannot be opened");
    bool ok = measure(&c, member, r, why);
    H5Dclose(c.dataset);
    return ok;
}
