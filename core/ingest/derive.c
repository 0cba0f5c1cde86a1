/* derive.c -- see derive.h. Columns pass through untouched where they can: only their
 * validity bits are made anew when a value turns out to mean "unknown". */
#include "core/ingest/derive.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/ingest/names.h"
#include "core/ingest/nulls.h"
#include "core/sky/sky.h"

enum { ARENA_BYTES = 64 << 20 };

struct derive {
    struct rowsource source; /* first: it is a rowsource */
    struct rowsource *input;
    struct arena *arena;
    struct ingest_nulls *nulls;
    struct ingest_position position;
    struct store_column *column;
    const struct store_column **list;
    struct store_vector *vector;
    uint32_t ninput;
    int32_t ra, dec, counter, hpx; /* added columns, or -1 */
    uint32_t capacity;             /* rows of the buffers below */
    double *ra_deg, *dec_deg;
    int64_t *hpx_index, *count;
    uint8_t *ra_valid, *dec_valid, *hpx_valid;
    uint64_t first_row, nrow;
    double ra_max_deg, dec_max_deg;
};

/* --- columns ----------------------------------------------------------------------- */

static const char *suffix_of(enum ingest_angle angle, bool is_text)
{
    return is_text ? "text" : angle == INGEST_ANGLE_RAD ? "rad" : "hour";
}

/* Position columns that are not plain degrees step aside for those that are. */
static bool is_converted(const struct derive *d)
{
    const struct ingest_position *p = &d->position;
    if (p->ra < 0)
        return false;
    return p->angle != INGEST_ANGLE_DEG || d->input->column[p->ra]->type == STORE_TEXT ||
           d->input->column[p->dec]->type == STORE_TEXT;
}

static bool copy_column(struct derive *d, uint32_t i, const char **taken)
{
    const struct store_column *from = d->input->column[i];
    bool is_position = (int32_t)i == d->position.ra || (int32_t)i == d->position.dec;
    str name = str_of(from->name);
    if (is_position && is_converted(d)) {
        const char *aside = arena_format(
            d->arena, "%s_%s", from->name,
            (int32_t)i == d->position.dec && d->position.angle == INGEST_ANGLE_HOUR
                ? "deg"
                : suffix_of(d->position.angle, from->type == STORE_TEXT));
        name = str_of(aside);
    }
    d->column[i] = *from;
    d->column[i].flags |= STORE_NULLABLE;
    /* A range that the file tells does not hold once values became NULL. */
    d->column[i].minimum = d->column[i].maximum = d->column[i].null_fraction = NAN;
    d->column[i].name = taken[i] = ingest_name_unique(d->arena, name, taken, i);
    return taken[i] != NULL;
}

static int32_t add_column(struct derive *d, const char *name, enum store_type type,
                          const char *unit, const char *ucd, const char *description)
{
    int32_t i = (int32_t)d->source.ncolumn++;
    d->column[i] = (struct store_column){
        .size = sizeof(struct store_column),
        .type = type,
        .length = 1,
        .flags = STORE_NULLABLE,
        .name = name,
        .description = description,
        .unit = unit,
        .ucd = ucd,
        .minimum = NAN,
        .maximum = NAN,
        .null_fraction = NAN,
    };
    return i;
}

static bool add_columns(struct derive *d, const struct ingest_options *o,
                        const char **taken)
{
    uint32_t n = d->ninput;
    d->source.ncolumn = n;
    d->ra = d->dec = d->counter = d->hpx = -1;
    if (is_converted(d)) {
        const char *ra = ingest_name_unique(d->arena, STR("ra"), taken, n);
        const char *dec = ingest_name_unique(d->arena, STR("dec"), taken, n);
        if (!ra || !dec)
            return false;
        d->ra =
            add_column(d, ra, STORE_F64, "deg", "pos.eq.ra;meta.main",
                       "Right ascension in degrees, from the column written otherwise.");
        d->dec = add_column(d, dec, STORE_F64, "deg", "pos.eq.dec;meta.main",
                            "Declination in degrees, from the column written otherwise.");
    }
    if (o->row_number) {
        const char *name = ingest_name_unique(d->arena, str_of(o->row_number), taken, n);
        if (!name)
            return false;
        d->counter = add_column(d, name, STORE_I64, NULL, "meta.record",
                                "Number of the row in the file, from 1.");
    }
    if (d->position.ra >= 0) {
        d->hpx = add_column(d, INGEST_HPX_NAME, STORE_I64, NULL, "pos.healpix",
                            "HEALPix NESTED index of order 29 of the position.");
        d->column[d->hpx].flags |= STORE_HIDDEN;
    }
    return true;
}

static bool make_columns(struct derive *d, const struct ingest_options *o)
{
    uint32_t room = d->ninput + 4;
    const char **taken = arena_new_array(d->arena, const char *, room);
    d->column = arena_new_array(d->arena, struct store_column, room);
    d->list = arena_new_array(d->arena, const struct store_column *, room);
    d->vector = arena_new_array(d->arena, struct store_vector, room);
    if (!taken || !d->column || !d->list || !d->vector)
        return false;
    for (uint32_t i = 0; i < d->ninput; i++)
        if (!copy_column(d, i, taken))
            return false;
    if (!add_columns(d, o, taken))
        return false;
    for (uint32_t i = 0; i < d->source.ncolumn; i++)
        d->list[i] = &d->column[i];
    d->source.column = d->list;
    return true;
}

/* --- rows -------------------------------------------------------------------------- */

static bool grow(struct derive *d, uint32_t nrow)
{
    if (nrow <= d->capacity)
        return true;
    size_t n = ((nrow > 2 * d->capacity ? nrow : 2 * d->capacity) + 1023u) & ~1023u;
    d->ra_deg = arena_new_array(d->arena, double, n);
    d->dec_deg = arena_new_array(d->arena, double, n);
    d->hpx_index = arena_new_array(d->arena, int64_t, n);
    d->count = arena_new_array(d->arena, int64_t, n);
    d->ra_valid = arena_new_array(d->arena, uint8_t, n / 8);
    d->dec_valid = arena_new_array(d->arena, uint8_t, n / 8);
    d->hpx_valid = arena_new_array(d->arena, uint8_t, n / 8);
    d->capacity = (uint32_t)n;
    return d->ra_deg && d->dec_deg && d->hpx_index && d->count && d->ra_valid &&
           d->dec_valid && d->hpx_valid;
}

static void mark(uint8_t *valid, uint32_t irow, bool is_there)
{
    uint8_t bit = (uint8_t)(1u << (irow & 7));
    valid[irow >> 3] =
        (uint8_t)(is_there ? valid[irow >> 3] | bit : valid[irow >> 3] & ~bit);
}

static void note_width(double deg, double *widest)
{
    if (fabs(deg) > *widest)
        *widest = fabs(deg);
}

static void derive_positions(struct derive *d, uint32_t nrow)
{
    const struct ingest_position *p = &d->position;
    for (uint32_t i = 0; i < nrow; i++) {
        double ra =
            ingest_position_deg(&d->column[p->ra], &d->vector[p->ra], i, p->angle, false);
        double dec =
            ingest_position_deg(&d->column[p->dec], &d->vector[p->dec], i, p->angle, true);
        int64_t hpx =
            isnan(ra) || isnan(dec) ? -1 : sky_healpix_of(INGEST_HPX_ORDER, ra, dec);
        d->ra_deg[i] = ra;
        d->dec_deg[i] = dec;
        d->hpx_index[i] = hpx;
        mark(d->ra_valid, i, !isnan(ra));
        mark(d->dec_valid, i, !isnan(dec));
        mark(d->hpx_valid, i, hpx >= 0);
        note_width(ra, &d->ra_max_deg);
        note_width(dec, &d->dec_max_deg);
    }
}

static void show_added(struct derive *d, uint32_t nrow)
{
    if (d->ra >= 0) {
        d->vector[d->ra] = (struct store_vector){d->ra_deg, NULL, d->ra_valid};
        d->vector[d->dec] = (struct store_vector){d->dec_deg, NULL, d->dec_valid};
    }
    if (d->hpx >= 0)
        d->vector[d->hpx] = (struct store_vector){d->hpx_index, NULL, d->hpx_valid};
    if (d->counter >= 0) {
        for (uint32_t i = 0; i < nrow; i++)
            d->count[i] = (int64_t)(d->first_row + d->nrow + i + 1);
        d->vector[d->counter] = (struct store_vector){d->count, NULL, NULL};
    }
}

static enum step derive_next(struct rowsource *source, struct store_batch *batch,
                             struct err *e)
{
    struct derive *d = (struct derive *)source;
    struct store_batch in;
    enum step step = d->input->next(d->input, &in, e);
    if (step != STEP_ROWS)
        return step;
    if (!grow(d, in.nrow) || !ingest_nulls_apply(d->nulls, &in, d->vector)) {
        err_set(e, ERR_LIMIT, "no memory for %u rows at once", (unsigned)in.nrow);
        return STEP_FAILED;
    }
    if (d->position.ra >= 0)
        derive_positions(d, in.nrow);
    show_added(d, in.nrow);
    d->nrow += in.nrow;
    *batch =
        (struct store_batch){.size = sizeof *batch, .nrow = in.nrow, .column = d->vector};
    return STEP_ROWS;
}

static void derive_close(struct rowsource *source)
{
    struct derive *d = (struct derive *)source;
    d->input->close(d->input);
    arena_free(d->arena);
    free(d);
}

/* --- opening ----------------------------------------------------------------------- */

static bool prepare(struct derive *d, const struct ingest_options *o, struct err *e)
{
    if (!ingest_position_find(o, d->input->column, d->ninput, &d->position, e))
        return false;
    d->nulls = ingest_nulls_new(d->arena, d->input->column, d->ninput, o, e);
    if (!d->nulls)
        return err_set(e, ERR_LIMIT, "no memory for %u columns", (unsigned)d->ninput);
    if (!make_columns(d, o))
        return err_set(e, ERR_LIMIT, "no memory for %u columns", (unsigned)d->ninput);
    return true;
}

bool ingest_derive(struct rowsource *input, const struct ingest_options *o,
                   uint64_t first_row, struct ingest_derived *out, struct err *e)
{
    struct derive *d = calloc(1, sizeof *d);
    struct arena *arena = d ? arena_new(ARENA_BYTES) : NULL;
    if (!arena) {
        free(d);
        input->close(input);
        return err_set(e, ERR_LIMIT, "no memory to read a table");
    }
    d->input = input;
    d->arena = arena;
    d->ninput = input->ncolumn;
    d->first_row = first_row;
    d->source.next = derive_next;
    d->source.close = derive_close;
    if (!prepare(d, o, e)) {
        derive_close(&d->source);
        return false;
    }
    bool is_added = d->ra >= 0;
    *out = (struct ingest_derived){
        .rows = &d->source,
        .lon = is_added ? d->ra : d->position.ra,
        .lat = is_added ? d->dec : d->position.dec,
        .hpx = d->hpx,
        .position = d->position,
        .nrow = &d->nrow,
        .ra_max_deg = &d->ra_max_deg,
        .dec_max_deg = &d->dec_max_deg,
    };
    return true;
}
