/* scan_tables.c -- ivoa.obscore and ivoa.obsplan, made of the registry in a store file of
 * their own, which takes the place of the older one when it is whole. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/ingest/derive.h"
#include "core/ingest/made_rows.h"
#include "core/ingest/scan_tables.h"
#include "core/ingest/store_file.h"
#include "core/sky/sky.h"

static const char FORMAT[] = "application/x-votable+xml;content=datalink";

/* --- what is made of a product ------------------------------------------------------- */

void scan_put_text(struct made_row *row, const char *text)
{
    if (text && text[0])
        made_put_text(row, str_of(text));
    else
        made_put_null(row);
}

static void put_whole(struct made_row *row, int64_t value)
{
    if (value == PRODUCT_NONE)
        made_put_null(row);
    else
        made_put_integer(row, value);
}

void scan_put_time(struct made_row *row, const char *text)
{
    int64_t us;
    if (text && clock_parse_us(str_of(text), &us))
        made_put_integer(row, us);
    else
        made_put_null(row);
}

/* Documents of links, not files: what a client gets is what it can do with the product. */
void scan_put_url(struct made_row *row, struct scan_source *s, const struct product *p)
{
    struct bytes *b = &s->text;
    const char *base = products_base_url(s->registry);
    bytes_clear(b);
    bytes_add(b, str_of(base ? base : "http://localhost:8080"));
    bytes_add_literal(b, "/datalink/links?ID=");
    bytes_add_url(b, str_of(p->did));
    made_put_text(row, bytes_str(b));
}

/* In STC-S: the outline, else a circle of the field, else all the sky. */
static void put_region(struct made_row *row, struct bytes *b, const struct product *p)
{
    bytes_clear(b);
    if (p->s_region)
        bytes_add_format(b, "Polygon ICRS %s", p->s_region);
    else if (p->s_fov >= 360)
        bytes_add_literal(b, "AllSky ICRS");
    else if (isfinite(p->s_ra) && isfinite(p->s_dec) && p->s_fov > 0)
        bytes_add_format(b, "Circle ICRS %.9g %.9g %.9g", p->s_ra, p->s_dec, p->s_fov / 2);
    if (b->len)
        made_put_text(row, bytes_str(b));
    else
        made_put_null(row);
}

/* A circle around the footprint, exact or wider; false: there is no footprint. */
static bool bounds_of(struct scan_source *s, const struct product *p,
                      struct sky_point *centre, double *radius_deg)
{
    struct err ignored = {0};
    if (p->s_region) {
        const struct sky_region *r =
            sky_region_parse(s->arena, SKY_XTYPE_POLYGON, str_of(p->s_region), &ignored);
        return r && sky_region_bounds(r, centre, radius_deg);
    }
    *centre = (struct sky_point){p->s_ra, p->s_dec};
    *radius_deg = p->s_fov / 2;
    if (p->s_fov >= 360)
        *centre = (struct sky_point){0, 0};
    return p->s_fov > 0 && isfinite(centre->lon_deg) && isfinite(centre->lat_deg);
}

/* The box around it on the unit sphere, which conditions on footprints are tried on first.
 */
static void put_box(struct scan_source *s, struct made_row *row, const struct product *p)
{
    struct sky_point centre;
    double radius_deg;
    bool has_bounds = bounds_of(s, p, &centre, &radius_deg);
    struct sky_vec v =
        sky_vec_of(has_bounds ? centre.lon_deg : 0, has_bounds ? centre.lat_deg : 0);
    const double along[] = {v.x, v.y, v.z};
    for (int k = 0; k < 3; k++) {
        double angle = acos(fmin(fmax(along[k], -1), 1));
        double radius = has_bounds ? (radius_deg + 1e-7) * M_PI / 180 : NAN;
        made_put(row, has_bounds ? cos(fmin(angle + radius, M_PI)) : NAN);
        made_put(row, has_bounds ? cos(fmax(angle - radius, 0)) : NAN);
    }
}

/* --- ivoa.obscore -------------------------------------------------------------------- */

/* clang-format off */
#define TEXT(name) {name, STORE_TEXT, 1, true}
#define REAL(name) {name, STORE_F64, 1, true}
#define LONG(name) {name, STORE_I64, 1, true}
#define TIME(name) {name, STORE_TIME_US, 1, true}
static const struct made_column OBSCORE[] = {
    TEXT("dataproduct_type"), {"calib_level", STORE_I32, 1, true}, TEXT("obs_collection"),
    TEXT("obs_id"), TEXT("obs_publisher_did"), TEXT("access_url"), TEXT("access_format"),
    LONG("access_estsize"), TEXT("target_name"), REAL("s_ra"), REAL("s_dec"), REAL("s_fov"),
    TEXT("s_region"), REAL("s_resolution"), LONG("s_xel1"), LONG("s_xel2"), REAL("t_min"),
    REAL("t_max"), REAL("t_exptime"), REAL("t_resolution"), LONG("t_xel"), REAL("em_min"),
    REAL("em_max"), REAL("em_res_power"), LONG("em_xel"), TEXT("o_ucd"), TEXT("pol_states"),
    LONG("pol_xel"), TEXT("facility_name"), TEXT("instrument_name"),
    TEXT("dataproduct_subtype"), TEXT("target_class"), TIME("obs_creation_date"),
    TEXT("obs_creator_name"), TEXT("obs_title"), TEXT("bib_reference"), TEXT("data_rights"),
    TIME("obs_release_date"), REAL("s_pixel_scale"), TEXT("em_ucd"), TEXT("o_unit"),
    TEXT("proposal_id"), LONG("ev_xel"), REAL("energy_min"), REAL("energy_max"),
    REAL("s_region_xmin"), REAL("s_region_xmax"), REAL("s_region_ymin"),
    REAL("s_region_ymax"), REAL("s_region_zmin"), REAL("s_region_zmax")};
static const struct made_column OBSPLAN[] = {
    REAL("t_planning"), TEXT("target_name"), TEXT("obs_id"), TEXT("obs_collection"),
    REAL("s_ra"), REAL("s_dec"), REAL("s_fov"), TEXT("s_region"), REAL("s_resolution"),
    REAL("t_min"), REAL("t_max"), REAL("t_exptime"), REAL("t_resolution"), REAL("em_min"),
    REAL("em_max"), REAL("em_res_power"), TEXT("o_ucd"), TEXT("pol_states"),
    LONG("pol_xel"), TEXT("facility_name"), TEXT("instrument_name"), REAL("t_plan_exptime"),
    TEXT("category"), {"priority", STORE_I32, 1, true}, TEXT("execution_status"),
    TEXT("tracking_type")};
/* clang-format on */

static void put_identity(struct scan_source *s, struct made_row *row,
                         const struct product *p)
{
    scan_put_text(row, p->dataproduct_type);
    put_whole(row, p->calib_level);
    scan_put_text(row, p->obs_collection);
    scan_put_text(row, p->obs_id);
    scan_put_text(row, p->did);
    scan_put_url(row, s, p);
    scan_put_text(row, FORMAT);
    made_put_integer(row, (p->bytes + 999) / 1000); /* kbyte */
    scan_put_text(row, p->target_name);
}

static void put_coverage(struct scan_source *s, struct made_row *row,
                         const struct product *p)
{
    made_put(row, p->s_ra);
    made_put(row, p->s_dec);
    made_put(row, p->s_fov);
    put_region(row, &s->text, p);
    made_put(row, p->s_resolution);
    put_whole(row, p->s_xel1);
    put_whole(row, p->s_xel2);
    made_put(row, p->t_min);
    made_put(row, p->t_max);
    made_put(row, p->t_exptime);
    made_put(row, p->t_resolution);
    put_whole(row, p->t_xel);
    made_put(row, p->em_min);
    made_put(row, p->em_max);
    made_put(row, p->em_res_power);
    put_whole(row, p->em_xel);
    scan_put_text(row, p->o_ucd);
    scan_put_text(row, p->pol_states);
    put_whole(row, p->pol_xel);
    scan_put_text(row, p->facility_name);
    scan_put_text(row, p->instrument_name);
}

static void put_optional(struct made_row *row, const struct product *p)
{
    scan_put_text(row, p->dataproduct_subtype);
    scan_put_text(row, p->target_class);
    scan_put_time(row, p->obs_creation_date);
    scan_put_text(row, p->obs_creator_name);
    scan_put_text(row, p->obs_title);
    scan_put_text(row, p->bib_reference);
    scan_put_text(row, p->data_rights);
    scan_put_time(row, p->obs_release_date);
    made_put(row, p->s_pixel_scale);
    scan_put_text(row, p->em_ucd);
    scan_put_text(row, p->o_unit);
    scan_put_text(row, p->proposal_id);
    put_whole(row, p->ev_xel);
    made_put(row, p->energy_min);
    made_put(row, p->energy_max);
}

bool scan_next_product(struct scan_source *s, struct product *p, struct err *e)
{
    arena_reset(s->arena);
    return products_walk_next(s->registry, s->arena, p, e);
}

static enum step next_obscore(void *what, struct made_row *row, struct err *e)
{
    struct scan_source *s = what;
    struct product p;
    if (!scan_next_product(s, &p, e))
        return e->kind ? STEP_FAILED : STEP_END;
    put_identity(s, row, &p);
    put_coverage(s, row, &p);
    put_optional(row, &p);
    put_box(s, row, &p);
    return STEP_ROWS;
}

/* --- ivoa.obsplan -------------------------------------------------------------------- */

/* Was this observation met before? Keeps it. Numbers of names, not the names: two of 2^64
 * are not the same by chance. False: no memory. */
bool scan_is_new(struct scan_source *s, uint64_t hash, bool *is_new)
{
    hash |= hash == 0;
    if (2 * (s->nseen + 1) > s->nslot) {
        size_t n = s->nslot ? 2 * s->nslot : 1024;
        uint64_t *more = calloc(n, sizeof *more);
        if (!more)
            return false;
        for (size_t i = 0; i < s->nslot; i++)
            if (s->seen[i]) {
                size_t at = s->seen[i] & (n - 1);
                while (more[at])
                    at = (at + 1) & (n - 1);
                more[at] = s->seen[i];
            }
        free(s->seen);
        s->seen = more;
        s->nslot = n;
    }
    size_t at = hash & (s->nslot - 1);
    while (s->seen[at] && s->seen[at] != hash)
        at = (at + 1) & (s->nslot - 1);
    *is_new = s->seen[at] == 0;
    s->nseen += *is_new;
    s->seen[at] = hash;
    return true;
}

static uint64_t observation_of(const struct product *p)
{
    return str_hash(str_of(p->obs_collection)) * 31 + str_hash(str_of(p->obs_id));
}

static void put_performed(struct scan_source *s, struct made_row *row,
                          const struct product *p)
{
    made_put(row, p->t_min); /* nobody kept the plan: it was made by then */
    scan_put_text(row, p->target_name);
    scan_put_text(row, p->obs_id);
    scan_put_text(row, p->obs_collection);
    made_put(row, p->s_ra);
    made_put(row, p->s_dec);
    made_put(row, p->s_fov);
    put_region(row, &s->text, p);
    made_put(row, p->s_resolution);
    made_put(row, p->t_min);
    made_put(row, p->t_max);
    made_put(row, isfinite(p->t_exptime) ? p->t_exptime : (p->t_max - p->t_min) * 86400);
    made_put(row, p->t_resolution);
    made_put(row, p->em_min);
    made_put(row, p->em_max);
    made_put(row, p->em_res_power);
    scan_put_text(row, p->o_ucd);
    scan_put_text(row, p->pol_states);
    put_whole(row, p->pol_xel);
    scan_put_text(row, p->facility_name);
    scan_put_text(row, p->instrument_name);
    made_put(row, p->t_exptime);
    scan_put_text(row, "Fixed");
    made_put_integer(row, 0);
    scan_put_text(row, "Performed");
    scan_put_text(row, "Sidereal");
}

/* One row for each observation whose time and telescope are known. */
static enum step next_obsplan(void *what, struct made_row *row, struct err *e)
{
    struct scan_source *s = what;
    struct product p;
    bool is_new = false;
    while (!is_new) {
        if (!scan_next_product(s, &p, e))
            return e->kind ? STEP_FAILED : STEP_END;
        if (!p.facility_name || isnan(p.t_min) || isnan(p.t_max))
            continue;
        if (!scan_is_new(s, observation_of(&p), &is_new)) {
            err_set(e, ERR_LIMIT, "no memory for the observations");
            return STEP_FAILED;
        }
    }
    put_performed(s, row, &p);
    return STEP_ROWS;
}

/* --- files --------------------------------------------------------------------------- */

/* clang-format off */
static const struct scan_table TABLES[] = {
    {"ivoa", "obscore", OBSCORE, sizeof OBSCORE / sizeof *OBSCORE, "s_ra", "s_dec", false, next_obscore},
    {"ivoa", "obsplan", OBSPLAN, sizeof OBSPLAN / sizeof *OBSPLAN, "s_ra", "s_dec", false, next_obsplan}};
/* clang-format on */

static bool make_table(struct store_file *file, const struct scan_table *t,
                       const struct scan_options *o, struct err *e)
{
    const struct ingest_options options = {.is_clean = true,
                                           .has_no_position = !t->lon,
                                           .ra_column = t->lon,
                                           .dec_column = t->lat,
                                           .angle = INGEST_ANGLE_DEG};
    struct scan_source s = {
        .registry = o->registry, .arena = arena_new(4 << 20), .version = o->version};
    struct ingest_derived derived;
    bytes_init(&s.text, 1 << 20);
    struct rowsource *rows =
        s.arena ? made_rows_new(t->column, t->ncolumn, t->next, &s, e) : NULL;
    bool ok = rows && (t->is_of_alerts ? products_walk_alerts(o->registry, e)
                                       : products_walk_begin(o->registry, e));
    if (rows && !ok)
        rows->close(rows);
    ok = ok && ingest_derive(rows, &options, 0, &derived, e);
    if (ok) {
        ok = store_file_receive(file, &derived, e) &&
             store_file_make_table(file, t->schema, t->name, e);
        derived.rows->close(derived.rows);
    }
    products_walk_end(o->registry);
    free(s.seen);
    bytes_free(&s.text);
    arena_free(s.arena);
    return ok || err_set(e, ERR_LIMIT, "no memory for the table %s", t->name);
}

static bool make_tables(const struct ingest_target *target, const struct scan_options *o,
                        struct err *e)
{
    struct store_file *file = store_file_open(target, e);
    bool ok = file != NULL;
    for (size_t i = 0; ok && i < sizeof TABLES / sizeof *TABLES; i++)
        ok = make_table(file, &TABLES[i], o, e);
    for (size_t i = 0; ok && i < SCAN_NPROVENANCE; i++)
        ok = make_table(file, &SCAN_PROVENANCE[i], o, e);
    ok = ok && make_table(file, &SCAN_ALERTS, o, e);
    ok = ok && store_file_finish(file, e);
    store_file_close(file);
    return ok;
}

static uint64_t add_layout(uint64_t hash, const struct scan_table *t)
{
    hash = hash * 31 + str_hash(str_of(t->name));
    for (uint32_t i = 0; i < t->ncolumn; i++)
        hash =
            hash * 31 + str_hash(str_of(t->column[i].name)) + (uint64_t)t->column[i].type;
    return hash;
}

int scan_tables_layout(void)
{
    uint64_t hash = 1;
    for (size_t i = 0; i < sizeof TABLES / sizeof *TABLES; i++)
        hash = add_layout(hash, &TABLES[i]);
    for (size_t i = 0; i < SCAN_NPROVENANCE; i++)
        hash = add_layout(hash, &SCAN_PROVENANCE[i]);
    return (int)(add_layout(hash, &SCAN_ALERTS) % 2147483646) + 1;
}

bool scan_make_tables(const struct scan_options *o, struct err *e)
{
    char made[4096];
    if ((size_t)snprintf(made, sizeof made, "%s.new", o->target.path) >= sizeof made)
        return err_set(e, ERR_USAGE, "the name of the store file is too long");
    struct ingest_target target = o->target;
    target.path = made;
    unlink(made);
    if (!make_tables(&target, o, e)) {
        unlink(made);
        return false;
    }
    return rename(made, o->target.path) == 0 ||
           err_set(e, ERR_UNAVAILABLE, "%s cannot be put in its place", made);
}
