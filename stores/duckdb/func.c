/* func.c -- from DuckDB's vectors to cells and back, and the registration. */
#include "stores/duckdb/func.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MAX = 10, TEXT_BYTES = 256 << 20, SHAPE_BYTES_MAX = 256 << 20 };

/* --- arguments -------------------------------------------------------------------- */

struct argument {
    char type;
    const void *data;
    const uint64_t *valid;
    const double *list;         /* 'v': the child's data */
    const uint64_t *list_valid; /* NULL: all elements are there */
};

static size_t read_arguments(const struct func *f, duck_chunk input,
                             struct argument argument[ARGUMENTS_MAX])
{
    size_t n = 0;
    for (; f->signature[n] != '>'; n++) {
        duck_vector v = duck.data_chunk_get_vector(input, n);
        argument[n] = (struct argument){.type = f->signature[n],
                                        .data = duck.vector_get_data(v),
                                        .valid = duck.vector_get_validity(v)};
        if (argument[n].type == 'v') {
            duck_vector child = duck.list_vector_get_child(v);
            argument[n].list = duck.vector_get_data(child);
            argument[n].list_valid = duck.vector_get_validity(child);
        }
    }
    return n;
}

/* A list with a NULL in it is no geometry: it counts as NULL. */
static void read_list(const struct argument *a, duck_idx row, struct cell *c)
{
    duck_list_entry entry = ((const duck_list_entry *)a->data)[row];
    c->list = a->list + entry.offset;
    c->nlist = entry.length;
    for (uint64_t i = 0; a->list_valid && i < entry.length; i++)
        if (!has_value(a->list_valid, entry.offset + i))
            c->is_null = true;
}

static struct cell read_cell(const struct argument *a, duck_idx row)
{
    struct cell c = {.is_null = !has_value(a->valid, row)};
    if (c.is_null)
        return c;
    switch (a->type) {
    case 'd':
        c.d = ((const double *)a->data)[row];
        break;
    case 'i':
        c.i = ((const int32_t *)a->data)[row];
        break;
    case 't':
    case 'b': {
        const duck_string *s = (const duck_string *)a->data + row;
        c.text = (str){duck_string_at(s), s->value.near.length};
        break;
    }
    case 'h': {
        duck_hugeint h = ((const duck_hugeint *)a->data)[row];
        c.i = (int64_t)h.lower;
        c.d = (double)h.upper; /* for the one function that looks whether it fits */
        break;
    }
    case 'v':
        read_list(a, row, &c);
        break;
    default: /* 'l', 's' */
        c.i = ((const int64_t *)a->data)[row];
    }
    return c;
}

/* --- results ---------------------------------------------------------------------- */

struct output {
    char type;
    duck_vector vector;
    uint64_t *valid; /* NULL until a row is NULL */
    duck_idx nlist, capacity;
};

uint64_t *valid_of(duck_vector v)
{
    duck.vector_ensure_validity_writable(v);
    return duck.vector_get_validity(v);
}

static void write_null(struct output *o, duck_idx row)
{
    if (!o->valid)
        o->valid = valid_of(o->vector);
    set_null(o->valid, row);
    if (o->type == 'v')
        ((duck_list_entry *)duck.vector_get_data(o->vector))[row] =
            (duck_list_entry){o->nlist, 0};
}

static bool write_list(struct output *o, duck_idx row, const struct cell *c)
{
    if (o->nlist + c->nlist > o->capacity) {
        o->capacity = (o->nlist + c->nlist) * 2;
        if (duck.list_vector_reserve(o->vector, o->capacity) != DUCK_OK)
            return false;
    }
    double *child = duck.vector_get_data(duck.list_vector_get_child(o->vector));
    if (c->nlist > 0)
        memcpy(child + o->nlist, c->list, c->nlist * sizeof *child);
    ((duck_list_entry *)duck.vector_get_data(o->vector))[row] =
        (duck_list_entry){o->nlist, c->nlist};
    o->nlist += c->nlist;
    return duck.list_vector_set_size(o->vector, o->nlist) == DUCK_OK;
}

static bool write_cell(struct output *o, duck_idx row, const struct cell *c)
{
    if (c->is_null) {
        write_null(o, row);
        return true;
    }
    void *data = duck.vector_get_data(o->vector);
    switch (o->type) {
    case 'd':
        ((double *)data)[row] = c->d;
        return true;
    case 'i':
        ((int32_t *)data)[row] = (int32_t)c->i;
        return true;
    case 't':
    case 'b':
        duck.vector_assign_string_element_len(o->vector, row, c->text.len ? c->text.at : "",
                                              c->text.len);
        return true;
    case 'v':
        return write_list(o, row, c);
    default:
        ((int64_t *)data)[row] = c->i;
        return true;
    }
}

/* --- running ---------------------------------------------------------------------- */

static bool run_row(struct func_run *run, const struct func *f,
                    const struct argument *argument, size_t n, duck_idx row,
                    struct output *out)
{
    struct cell cell[ARGUMENTS_MAX], result = {0};
    bool has_null = false;
    for (size_t k = 0; k < n; k++) {
        cell[k] = read_cell(&argument[k], row);
        has_null |= cell[k].is_null;
    }
    bytes_clear(&run->text);
    bytes_clear(&run->number);
    if (has_null && !f->takes_null)
        result.is_null = true;
    else if (!f->row(run, cell, &result))
        return false;
    if (run->text.failed || run->number.failed || !write_cell(out, row, &result))
        return err_set(&run->err, ERR_LIMIT, "no memory for a value of %s", f->name);
    return true;
}

static void run_rows(duck_call call, duck_chunk input, duck_vector output)
{
    const struct func *f = duck.scalar_function_get_extra_info(call);
    struct func_run run = {.state = state_of(call)};
    struct argument argument[ARGUMENTS_MAX];
    size_t n = read_arguments(f, input, argument);
    struct output out = {.type = f->signature[n + 1], .vector = output};
    if (!run.state)
        return;
    bytes_init(&run.text, TEXT_BYTES);
    bytes_init(&run.number, TEXT_BYTES);
    duck_idx nrow = duck.data_chunk_get_size(input);
    for (duck_idx row = 0; row < nrow; row++)
        if (!run_row(&run, f, argument, n, row, &out)) {
            duck.scalar_function_set_error(call, run.err.message);
            break;
        }
    bytes_free(&run.text);
    bytes_free(&run.number);
}

static void run_real(duck_call call, duck_chunk input, duck_vector output)
{
    const struct func *f = duck.scalar_function_get_extra_info(call);
    struct doubles in = doubles_of(input, 0);
    double *out = duck.vector_get_data(output);
    duck_idx n = duck.data_chunk_get_size(input);
    uint64_t *valid = NULL;
    for (duck_idx i = 0; i < n; i++) {
        bool is_there = has_value(in.valid, i);
        out[i] = is_there ? f->real(in.at[i]) : 0;
        if (!is_there || (isnan(out[i]) && !isnan(in.at[i]))) {
            valid = valid ? valid : valid_of(output);
            set_null(valid, i);
        }
    }
}

struct doubles doubles_of(duck_chunk input, duck_idx column)
{
    duck_vector v = duck.data_chunk_get_vector(input, column);
    return (struct doubles){duck.vector_get_data(v), duck.vector_get_validity(v)};
}

/* --- what a thread keeps ---------------------------------------------------------- */

static void state_free(void *what)
{
    struct func_state *s = what;
    if (!s)
        return;
    for (size_t i = 0; i < 2; i++) {
        arena_free(s->shape[i].arena);
        bytes_free(&s->shape[i].packed);
    }
    free(s);
}

static void state_init(duck_init init)
{
    struct func_state *s = calloc(1, sizeof *s);
    if (!s)
        return; /* state_of() says so */
    for (size_t i = 0; i < 2; i++)
        bytes_init(&s->shape[i].packed, SHAPE_BYTES_MAX);
    duck.scalar_function_init_set_state(init, s, state_free);
}

struct func_state *state_of(duck_call call)
{
    struct func_state *s = duck.scalar_function_get_state(call);
    if (!s)
        duck.scalar_function_set_error(call, "no memory for a function's state");
    return s;
}

/* --- registration ----------------------------------------------------------------- */

static duck_logical type_of(char letter)
{
    static const struct {
        char letter;
        int type;
    } TYPES[] = {{'d', DUCK_DOUBLE},   {'i', DUCK_INTEGER}, {'l', DUCK_BIGINT},
                 {'h', DUCK_HUGEINT},  {'t', DUCK_VARCHAR}, {'b', DUCK_BLOB},
                 {'s', DUCK_TIMESTAMP}};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (TYPES[i].letter == letter)
            return duck.create_logical_type(TYPES[i].type);
    duck_logical element =
        duck.create_logical_type(letter == 'w' ? DUCK_BIGINT : DUCK_DOUBLE);
    duck_logical list = duck.create_list_type(element);
    duck.destroy_logical_type(&element);
    return list;
}

static bool add_to_set(duck_scalar_set set, const struct func *f)
{
    duck_scalar s = duck.create_scalar_function();
    const char *letter = f->signature;
    duck.scalar_function_set_name(s, f->name);
    for (; *letter != '>'; letter++) {
        duck_logical type = type_of(*letter);
        duck.scalar_function_add_parameter(s, type);
        duck.destroy_logical_type(&type);
    }
    duck_logical type = type_of(letter[1]);
    duck.scalar_function_set_return_type(s, type);
    duck.destroy_logical_type(&type);
    /* NULLs are our matter: DuckDB's own handling only covers constants. */
    duck.scalar_function_set_special_handling(s);
    duck.scalar_function_set_extra_info(s, (void *)(uintptr_t)f, NULL);
    duck.scalar_function_set_init(s, state_init);
    duck.scalar_function_set_function(s, f->chunk  ? f->chunk
                                         : f->real ? run_real
                                                   : run_rows);
    bool ok = duck.add_scalar_function_to_set(set, s) == DUCK_OK;
    duck.destroy_scalar_function(&s);
    return ok;
}

/* Rows of one name follow one another: they are the overloads of one function. */
static enum store_status register_table(duck_connection connection, const struct func *f,
                                        size_t n, struct store_error *e)
{
    for (size_t i = 0; i < n;) {
        const char *name = f[i].name;
        duck_scalar_set set = duck.create_scalar_function_set(name);
        bool ok = true;
        for (; i < n && strcmp(f[i].name, name) == 0; i++)
            ok = ok && add_to_set(set, &f[i]);
        ok = ok && duck.register_scalar_function_set(connection, set) == DUCK_OK;
        duck.destroy_scalar_function_set(&set);
        if (!ok)
            return fail(e, STORE_FAILED, "DuckDB does not take the function %s", name);
    }
    return STORE_OK;
}

enum store_status functions_register(const struct store_host *host,
                                     duck_connection connection, struct store_error *e)
{
    enum store_status status = register_table(connection, func_math, func_math_n, e);
    if (status == STORE_OK)
        status = register_table(connection, func_text, func_text_n, e);
    if (status == STORE_OK)
        status = register_table(connection, func_sky, func_sky_n, e);
    if (status == STORE_OK)
        status = register_table(connection, func_cells, func_cells_n, e);
    if (status == STORE_OK)
        status = histogram_register(host, connection, e);
    return status;
}
