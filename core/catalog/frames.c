/* frames.c -- where and when: position columns, coordinate and time systems of columns. */
#include "core/base/num.h"
#include "core/catalog/build.h"
#include "core/catalog/near.h"

/* A kind of coordinates: what one COOSYS can be said of. */
enum family { NONE, EQUATORIAL, ECLIPTIC, GALACTIC, SUPERGALACTIC, HORIZONTAL, BODY, ANY };

/* IVOA vocabulary "refframe" and the older words of VOTable. */
/* clang-format off */
static const struct {
    const char *name;
    enum family family;
} SYSTEM[] = {
    {"ICRS", EQUATORIAL}, {"FK5", EQUATORIAL}, {"FK4", EQUATORIAL},
    {"EQUATORIAL", EQUATORIAL}, {"geo_app", EQUATORIAL}, {"eq_FK5", EQUATORIAL},
    {"eq_FK4", EQUATORIAL}, {"ECLIPTIC", ECLIPTIC}, {"ecl_FK5", ECLIPTIC},
    {"ecl_FK4", ECLIPTIC}, {"GALACTIC", GALACTIC}, {"GALACTIC_I", GALACTIC},
    {"GENERIC_GALACTIC", GALACTIC}, {"galactic", GALACTIC},
    {"SUPER_GALACTIC", SUPERGALACTIC}, {"supergalactic", SUPERGALACTIC},
    {"AZ_EL", HORIZONTAL}, {"BODY", BODY}, {"UNKNOWN", ANY}};

/* The first that a UCD holds decides. */
static const struct {
    const char *word;
    enum family family;
} WORD[] = {
    {"pos.galactic", GALACTIC}, {"pos.supergalactic", SUPERGALACTIC},
    {"pos.ecliptic", ECLIPTIC}, {"pos.az", HORIZONTAL}, {"pos.bodyrc", BODY},
    {"pos.earth", BODY}, {"pos.eq", EQUATORIAL}, {"pos.pm", EQUATORIAL},
    {"pos.parallax", EQUATORIAL}};

static const char *const REGION_XTYPE[] = {"point", "circle", "polygon", "range", "moc",
                                           "shape", "multishape"};
static const char *const TIMESCALE[] = {"UTC", "TAI", "TT",  "TDB", "TCB",
                                        "TCG", "GPS", "UT",  "UNKNOWN"};
static const char *const REFPOSITION[] = {"BARYCENTER", "GEOCENTER", "TOPOCENTER",
                                          "HELIOCENTER", "EMBARYCENTER", "UNKNOWN"};
/* clang-format on */

enum {
    NSYSTEM = sizeof SYSTEM / sizeof *SYSTEM,
    NWORD = sizeof WORD / sizeof *WORD,
    NREGION = sizeof REGION_XTYPE / sizeof *REGION_XTYPE,
    NTIMESCALE = sizeof TIMESCALE / sizeof *TIMESCALE,
    NREFPOSITION = sizeof REFPOSITION / sizeof *REFPOSITION
};

static const struct store_coosys ICRS = {.system = "ICRS"};
static const struct store_coosys GALACTIC_II = {.system = "GALACTIC"};
static const struct store_timesys UTC = {.timescale = "UTC", .refposition = "UNKNOWN"};

/* --- reading ----------------------------------------------------------------------------
 */

static const char *word_of_list(struct build *b, const struct yaml_node *map,
                                const char *key, const char *const *word, size_t nword)
{
    const struct yaml_node *at = yaml_find(map, key);
    const char *text = yaml_text(at);
    if (!text)
        return NULL;
    for (size_t i = 0; i < nword; i++)
        if (strcmp(word[i], text) == 0)
            return word[i];
    const char *near = near_word(at->text, word, nword);
    build_error(b, at, "'%.60s' is not a %s%s%s%s", text, key,
                near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
    return NULL;
}

/* astroYear: J2015.5, B1950, 2000 (VOTable, COOSYS). */
static const char *read_year(struct build *b, const struct yaml_node *map, const char *key)
{
    double year;
    const struct yaml_node *at = yaml_find(map, key);
    const char *text = yaml_text(at);
    if (!text)
        return NULL;
    str number = str_of(*text == 'J' || *text == 'B' ? text + 1 : text);
    bool is_plain = number.len > 0 && number.at[0] >= '0' && number.at[0] <= '9';
    for (size_t i = 0; i < number.len; i++)
        is_plain = is_plain &&
                   (number.at[i] == '.' || (number.at[i] >= '0' && number.at[i] <= '9'));
    if (!is_plain || !num_parse_double(number, &year)) {
        build_error(b, at, "'%.60s' is not a year: J2000, J2015.5 or B1950", text);
        return NULL;
    }
    return build_copy(b, text);
}

static const struct store_coosys *read_coosys(struct build *b, const struct yaml_node *map)
{
    const char *name[NSYSTEM];
    if (yaml_is_null(map) || !keys_check(b, map, KEYS_COOSYS))
        return NULL;
    for (size_t i = 0; i < NSYSTEM; i++)
        name[i] = SYSTEM[i].name;
    struct store_coosys *coosys = build_new_array(b, b->arena, struct store_coosys, 1);
    if (!coosys)
        return NULL;
    coosys->system = word_of_list(b, map, "system", name, NSYSTEM);
    coosys->equinox = read_year(b, map, "equinox");
    coosys->epoch = read_year(b, map, "epoch");
    coosys->refposition = word_of_list(b, map, "refposition", REFPOSITION, NREFPOSITION);
    return coosys->system ? coosys : NULL;
}

static const char *read_origin(struct build *b, const struct yaml_node *map)
{
    double day;
    const struct yaml_node *at = yaml_find(map, "timeorigin");
    const char *text = yaml_text(at);
    if (!text)
        return NULL;
    if (strcmp(text, "MJD-origin") == 0 || strcmp(text, "JD-origin") == 0 ||
        (num_parse_double(str_of(text), &day) && day >= -1e9 && day <= 1e9))
        return build_copy(b, text);
    build_error(b, at,
                "timeorigin is MJD-origin, JD-origin or a Julian date (2440587.5), "
                "not '%.60s'",
                text);
    return NULL;
}

static void read_timesys(struct build *b, const struct yaml_node *map,
                         struct frames *frames)
{
    if (yaml_is_null(map) || !keys_check(b, map, KEYS_TIMESYS))
        return;
    struct store_timesys *timesys = build_new_array(b, b->arena, struct store_timesys, 2);
    if (!timesys)
        return;
    timesys->timescale = word_of_list(b, map, "timescale", TIMESCALE, NTIMESCALE);
    timesys->refposition = word_of_list(b, map, "refposition", REFPOSITION, NREFPOSITION);
    timesys->timeorigin = read_origin(b, map);
    if (!timesys->timescale || !timesys->refposition)
        return;
    timesys[1] = timesys[0];
    timesys[1].timeorigin = NULL;
    frames->timesys = timesys;
    frames->calendar = timesys->timeorigin ? &timesys[1] : timesys;
}

void frames_read(struct build *b, const struct yaml_node *map, struct frames *frames)
{
    const struct store_coosys *coosys = read_coosys(b, yaml_find(map, "colure:coosys"));
    if (coosys)
        frames->coosys = coosys;
    read_timesys(b, yaml_find(map, "colure:timesys"), frames);
}

/* --- columns ----------------------------------------------------------------------------
 */

static bool has_word(const char *ucd, const char *word)
{
    size_t len = strlen(word);
    for (str rest = str_of(ucd); rest.at;) {
        str part = str_cut(&rest, ';');
        if (str_starts_fold(part, str_of(word)) && (part.len == len || part.at[len] == '.'))
            return true;
    }
    return false;
}

static enum family family_of_column(const struct store_column *meta)
{
    for (size_t i = 0; meta->ucd && i < NWORD; i++)
        if (has_word(meta->ucd, WORD[i].word))
            return WORD[i].family;
    for (size_t i = 0; meta->xtype && i < NREGION; i++)
        if (strcmp(meta->xtype, REGION_XTYPE[i]) == 0)
            return ANY;
    return NONE;
}

static enum family family_of_system(const char *system)
{
    for (size_t i = 0; i < NSYSTEM; i++)
        if (strcmp(SYSTEM[i].name, system) == 0)
            return SYSTEM[i].family;
    return NONE;
}

static void set_coosys(struct store_column *meta, const struct frames *own,
                       const struct frames *inherited)
{
    enum family family = family_of_column(meta);
    if (own->coosys)
        meta->coosys = own->coosys;
    if (meta->coosys || family == NONE)
        return;
    if (inherited->coosys) {
        enum family system = family_of_system(inherited->coosys->system);
        if (system == family || system == ANY || family == ANY)
            meta->coosys = inherited->coosys;
    }
    if (!meta->coosys && family == GALACTIC)
        meta->coosys = &GALACTIC_II;
}

static bool is_unit(const struct store_column *meta, const char *unit)
{
    return meta->unit && strcmp(meta->unit, unit) == 0;
}

static bool is_calendar(const struct store_column *meta)
{
    return meta->type == STORE_TIME_US ||
           (meta->xtype && strcmp(meta->xtype, "timestamp") == 0) || is_unit(meta, "yr") ||
           is_unit(meta, "a") || is_unit(meta, "Ba");
}

static bool is_time(const struct store_column *meta)
{
    static const char *const TIME[] = {"time.epoch", "time.start", "time.end"};
    str ucd = str_of(meta->ucd);
    str first = str_cut(&ucd, ';');
    for (size_t i = 0; i < 3; i++)
        if (str_eq_fold(first, str_of(TIME[i])))
            return true;
    return false;
}

static void set_timesys(struct build *b, const struct yaml_node *at,
                        struct store_column *meta, const struct frames *own,
                        const struct frames *inherited)
{
    bool is_stamp = meta->type == STORE_TIME_US ||
                    (meta->xtype && strcmp(meta->xtype, "timestamp") == 0);
    if (own->timesys) {
        if (is_calendar(meta) && own->timesys->timeorigin)
            build_error(b, at,
                        "times with a calendar year have no timeorigin: take it out");
        if (!is_calendar(meta) && !own->timesys->timeorigin)
            build_error(b, at,
                        "times that are numbers need a timeorigin (MJD-origin, "
                        "JD-origin or a Julian date)");
        meta->timesys = own->timesys;
    }
    if (meta->timesys)
        return;
    if (is_stamp || (is_time(meta) && is_calendar(meta)))
        meta->timesys = inherited->calendar;
    else if (is_time(meta) && is_unit(meta, "d") && inherited->timesys &&
             inherited->timesys->timeorigin)
        meta->timesys = inherited->timesys;
    if (is_stamp && !meta->timesys) /* DALI: undeclared timestamps are UTC */
        meta->timesys = &UTC;
}

/* --- position ---------------------------------------------------------------------------
 */

static int32_t find_named(struct build *b, struct draft_table *t,
                          const struct yaml_node *map, const char *key)
{
    const struct yaml_node *at = yaml_find(map, key);
    const char *text = yaml_text(at);
    if (!text)
        return -1;
    for (uint32_t i = 0; i < t->table.ncolumn; i++)
        if (str_eq_fold(str_of(text), str_of(t->column[i].meta.name)))
            return (int32_t)i;
    const char *near = catalog_near_column(&t->table, str_of(text));
    build_error(b, at, "colure:position: the table has no column '%.60s'%s%s%s", text,
                near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
    return -1;
}

static bool is_angle(const struct store_column *meta)
{
    return (meta->type == STORE_F64 || meta->type == STORE_F32) && meta->length == 1 &&
           (!meta->unit || is_unit(meta, "deg"));
}

static void read_position(struct build *b, struct draft_table *t,
                          const struct yaml_node *map)
{
    struct catalog_table *table = &t->table;
    if (!keys_check(b, map, KEYS_POSITION))
        return;
    int32_t lon = find_named(b, t, map, "lon"), lat = find_named(b, t, map, "lat");
    int32_t hpx = find_named(b, t, map, "healpix");
    if (lon < 0 || lat < 0)
        return;
    if (!is_angle(&t->column[lon].meta) || !is_angle(&t->column[lat].meta)) {
        build_error(b, map,
                    "colure:position wants two single float or double columns in deg");
        return;
    }
    table->lon_column = lon;
    table->lat_column = lat;
    if (hpx < 0)
        return;
    int64_t order = key_int(map, "healpix_order", -1);
    if (t->column[hpx].meta.type != STORE_I64 || t->column[hpx].meta.length != 1)
        build_error(b, yaml_find(map, "healpix"), "a HEALPix column is a single long");
    else if (order < 0 || order > 29)
        build_error(b, map, "healpix needs healpix_order, 0 to 29");
    else {
        table->hpx_column = hpx;
        table->hpx_order = (int32_t)order;
    }
}

static int32_t find_published(const struct draft_table *t, int32_t of_store)
{
    if (of_store < 0 || (uint32_t)of_store >= t->store->ncolumn)
        return -1;
    for (uint32_t i = 0; i < t->table.ncolumn; i++)
        if (strcmp(t->column[i].native, t->store->column[of_store]->name) == 0)
            return (int32_t)i;
    return -1;
}

static int32_t find_ucd(const struct draft_table *t, const char *ucd)
{
    for (uint32_t i = 0; i < t->table.ncolumn; i++)
        if (t->column[i].meta.ucd && strcmp(t->column[i].meta.ucd, ucd) == 0 &&
            is_angle(&t->column[i].meta))
            return (int32_t)i;
    return -1;
}

/* What the description says, else the store, else the UCDs. */
static void set_position(struct build *b, struct draft_table *t)
{
    const struct yaml_node *map = yaml_find(t->node, "colure:position");
    struct catalog_table *table = &t->table;
    if (!yaml_is_null(map))
        read_position(b, t, map);
    if (table->lon_column < 0 && t->store) {
        table->lon_column = find_published(t, t->store->lon_column);
        table->lat_column = find_published(t, t->store->lat_column);
    }
    if (table->lon_column < 0 || table->lat_column < 0) {
        table->lon_column = find_ucd(t, "pos.eq.ra;meta.main");
        table->lat_column = find_ucd(t, "pos.eq.dec;meta.main");
    }
    if (table->lon_column < 0 || table->lat_column < 0)
        table->lon_column = table->lat_column = -1;
}

/* Searches on the sky are in ICRS: nothing else may pass for it. */
static void check_icrs(struct build *b, struct draft_table *t)
{
    if (t->table.lon_column < 0)
        return;
    struct store_column *lon = &t->column[t->table.lon_column].meta;
    struct store_column *lat = &t->column[t->table.lat_column].meta;
    lon->coosys = lon->coosys ? lon->coosys : &ICRS;
    lat->coosys = lat->coosys ? lat->coosys : &ICRS;
    if (strcmp(lon->coosys->system, "ICRS") == 0 &&
        strcmp(lat->coosys->system, "ICRS") == 0)
        return;
    const struct yaml_node *at = yaml_find(t->node, "colure:position");
    if (at)
        build_error(b, at, "colure:position is in ICRS, but '%s' is in %s", lon->name,
                    lon->coosys->system);
    else
        build_warning(b, t->node, "no searches on the sky: '%s' is in %s, not ICRS",
                      lon->name, lon->coosys->system);
    t->table.lon_column = t->table.lat_column = t->table.hpx_column = -1;
}

/* The store's indexes count if they are of the same position. */
static void set_healpix(struct build *b, struct draft_table *t)
{
    struct catalog_table *table = &t->table;
    if (table->lon_column < 0 || !t->store)
        return;
    if (find_published(t, t->store->lon_column) != table->lon_column ||
        find_published(t, t->store->lat_column) != table->lat_column)
        return;
    table->near_cone = build_copy(b, t->store->near_cone);
    table->near_join = build_copy(b, t->store->near_join);
    table->near_most_deg = t->store->near_most_deg;
    if (table->hpx_column >= 0)
        return;
    table->hpx_column = find_published(t, t->store->hpx_column);
    table->hpx_order = table->hpx_column < 0 ? -1 : t->store->hpx_order;
    table->coverage_moc = build_copy(b, t->store->coverage_moc);
}

void frames_set(struct build *b, struct draft_table *t, struct frames inherited)
{
    t->table.lon_column = t->table.lat_column = -1;
    t->table.hpx_column = t->table.hpx_order = -1;
    frames_read(b, t->node, &inherited);
    for (uint32_t i = 0; i < t->table.ncolumn; i++) {
        struct frames own = {0};
        frames_read(b, t->column_node[i], &own);
        set_coosys(&t->column[i].meta, &own, &inherited);
        set_timesys(b, yaml_find(t->column_node[i], "colure:timesys"), &t->column[i].meta,
                    &own, &inherited);
    }
    set_position(b, t);
    check_icrs(b, t);
    set_healpix(b, t);
}
