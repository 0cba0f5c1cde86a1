/* What load makes of a file's columns: names, nulls, positions, the index, the counter. */
#include "core/ingest/derive.h"

#include <stdlib.h>

#include "core/ingest/names.h"
#include "core/sky/sky.h"
#include "tests/test.h"

/* --- a table in memory: one batch -------------------------------------------------- */

enum { COLUMNS_MAX = 8 };

struct table {
    struct rowsource source; /* first */
    struct store_column column[COLUMNS_MAX];
    const struct store_column *list[COLUMNS_MAX];
    struct store_vector vector[COLUMNS_MAX];
    uint32_t nrow;
    int nclosed;
    bool is_read;
};

static enum step table_next(struct rowsource *source, struct store_batch *batch,
                            struct err *e)
{
    struct table *t = (struct table *)source;
    (void)e;
    if (t->is_read)
        return STEP_END;
    t->is_read = true;
    *batch = (struct store_batch){sizeof *batch, t->nrow, t->vector};
    return STEP_ROWS;
}

static void table_close(struct rowsource *source)
{
    ((struct table *)source)->nclosed++;
}

static void begin(struct table *t, uint32_t nrow)
{
    *t = (struct table){.nrow = nrow};
    t->source.next = table_next;
    t->source.close = table_close;
    t->source.column = t->list;
}

static struct store_column *add(struct table *t, const char *name, enum store_type type,
                                const void *data, const uint32_t *offset)
{
    uint32_t i = t->source.ncolumn++;
    t->column[i] = (struct store_column){.size = sizeof t->column[i],
                                         .type = type,
                                         .length = type == STORE_TEXT ? -1 : 1,
                                         .name = name};
    t->list[i] = &t->column[i];
    t->vector[i] = (struct store_vector){data, offset, NULL};
    return &t->column[i];
}

static const double RA[3] = {10, 350.5, NAN}, DEC[3] = {-5, 89, 0};

/* --- names ------------------------------------------------------------------------- */

TEST(names_can_be_written_without_quotes) /* ADQL-2 */
{
    static const char *const NAME[][2] = {
        {"RAJ2000", "raj2000"},
        {"B-Mag", "b_mag"},
        {"Cstar U-Mag", "cstar_u_mag"},
        {"catalog.shortName", "catalog_shortname"},
        {"_2MASS", "n2mass"},
        {"where", "where_"},
        {"Size", "size_"},
        {"90% error", "n90_error"},
        {"__", "x"},
        {"\xc3\xa9t\xc3\xa9", "t"},
    };
    struct arena *arena = arena_new(1 << 16);
    for (size_t i = 0; i < sizeof NAME / sizeof *NAME; i++)
        CHECK_TEXT(ingest_name_clean(arena, str_of(NAME[i][0])), NAME[i][1]);
    char long_name[300];
    memset(long_name, 'a', sizeof long_name);
    CHECK(strlen(ingest_name_clean(arena, (str){long_name, sizeof long_name})) <= 60);
    const char *taken[] = {"a_b", "a_b_2"};
    CHECK_TEXT(ingest_name_unique(arena, STR("A-B"), taken, 2), "a_b_3");
    arena_free(arena);
}

TEST(tables_are_named_after_files)
{
    CHECK(str_eq(ingest_name_of_path("a/b.d/ngc.csv.gz"), STR("ngc")));
    CHECK(str_eq(ingest_name_of_path("ngc"), STR("ngc")));
}

/* --- positions --------------------------------------------------------------------- */

TEST(degrees_pass_and_get_an_index)
{
    struct table t;
    struct ingest_options o = {0};
    struct ingest_derived d;
    struct store_batch batch;
    struct err e = {0};
    begin(&t, 3);
    add(&t, "RA", STORE_F64, RA, NULL);
    add(&t, "Dec", STORE_F64, DEC, NULL);
    CHECK(ingest_derive(&t.source, &o, 0, &d, &e));
    CHECK_INT(d.rows->ncolumn, 3);
    CHECK_INT(d.lon, 0);
    CHECK_INT(d.lat, 1);
    CHECK_TEXT(d.rows->column[2]->name, "_hpx");
    CHECK(d.rows->next(d.rows, &batch, &e) == STEP_ROWS);
    const int64_t *hpx = batch.column[2].data;
    CHECK(hpx[0] == sky_healpix_of(29, 10, -5) && hpx[1] == sky_healpix_of(29, 350.5, 89));
    CHECK(!store_is_valid(&batch.column[2], 2)); /* no place without a right ascension */
    CHECK(!store_is_valid(&batch.column[0], 2)); /* NaN is null */
    CHECK(store_is_valid(&batch.column[1], 2));
    CHECK(d.rows->next(d.rows, &batch, &e) == STEP_END);
    CHECK_INT(*d.nrow, 3);
    d.rows->close(d.rows);
    CHECK_INT(t.nclosed, 1);
}

TEST(sexagesimal_text_becomes_degrees)
{
    struct table t;
    struct ingest_options o = {0};
    struct ingest_derived d;
    struct store_batch batch;
    struct err e = {0};
    static const uint32_t RA_AT[] = {0, 11, 11, 22}, DEC_AT[] = {0, 11, 11, 15};
    begin(&t, 3);
    add(&t, "RA", STORE_TEXT, "00:11:06.9923:59:60.0", RA_AT);
    add(&t, "Dec", STORE_TEXT, "-12:49:22.3oops", DEC_AT);
    CHECK(ingest_derive(&t.source, &o, 0, &d, &e));
    CHECK_INT(d.rows->ncolumn, 5);
    CHECK_TEXT(d.rows->column[0]->name, "ra_text");
    CHECK_TEXT(d.rows->column[1]->name, "dec_text");
    CHECK_TEXT(d.rows->column[d.lon]->name, "ra");
    CHECK_TEXT(d.rows->column[d.lat]->name, "dec");
    CHECK_TEXT(d.rows->column[d.lon]->unit, "deg");
    CHECK(d.rows->next(d.rows, &batch, &e) == STEP_ROWS);
    CHECK_NEAR(((const double *)batch.column[d.lon].data)[0], (11 + 6.99 / 60) / 4, 1e-12);
    CHECK_NEAR(((const double *)batch.column[d.lat].data)[0],
               -(12 + 49 / 60.0 + 22.3 / 3600), 1e-12);
    for (uint32_t i = 1; i < 3; i++) /* empty; not a time */
        CHECK(!store_is_valid(&batch.column[d.lon], i) &&
              !store_is_valid(&batch.column[d.hpx], i));
    CHECK(!store_is_valid(&batch.column[0], 1) && store_is_valid(&batch.column[0], 2));
    d.rows->close(d.rows);
}

TEST(radians_and_hours_become_degrees)
{
    static const double RA_RAD[1] = {3.23615}, DEC_RAD[1] = {0.30592};
    for (int by_unit = 0; by_unit < 2; by_unit++) {
        struct table t;
        struct ingest_options o = {.angle =
                                       by_unit ? INGEST_ANGLE_GUESS : INGEST_ANGLE_RAD};
        struct ingest_derived d;
        struct store_batch batch;
        struct err e = {0};
        begin(&t, 1);
        add(&t, "ra", STORE_F64, RA_RAD, NULL)->unit = by_unit ? "rad" : NULL;
        add(&t, "dec", STORE_F64, DEC_RAD, NULL);
        CHECK(ingest_derive(&t.source, &o, 0, &d, &e));
        CHECK_TEXT(d.rows->column[0]->name, "ra_rad");
        CHECK(d.rows->next(d.rows, &batch, &e) == STEP_ROWS);
        CHECK_NEAR(((const double *)batch.column[d.lon].data)[0], 185.4177, 1e-3);
        CHECK_NEAR(((const double *)batch.column[d.lat].data)[0], 17.5279, 1e-3);
        d.rows->close(d.rows);
    }
    struct table t;
    struct ingest_options o = {.angle = INGEST_ANGLE_HOUR};
    struct ingest_derived d;
    struct store_batch batch;
    struct err e = {0};
    begin(&t, 1);
    add(&t, "ra", STORE_F64, RA_RAD, NULL);
    add(&t, "dec", STORE_F64, DEC_RAD, NULL);
    CHECK(ingest_derive(&t.source, &o, 0, &d, &e));
    CHECK_TEXT(d.rows->column[0]->name, "ra_hour");
    CHECK_TEXT(d.rows->column[1]->name, "dec_deg");
    CHECK(d.rows->next(d.rows, &batch, &e) == STEP_ROWS);
    CHECK_NEAR(((const double *)batch.column[d.lon].data)[0], 3.23615 * 15, 1e-9);
    CHECK_NEAR(((const double *)batch.column[d.lat].data)[0], 0.30592, 1e-12);
    d.rows->close(d.rows);
}

/* UCDs decide before names; without any position there is no index. */
TEST(positions_are_found)
{
    struct table t;
    struct ingest_options o = {0};
    struct ingest_position p;
    struct err e = {0};
    begin(&t, 3);
    add(&t, "ra", STORE_F64, RA, NULL);
    add(&t, "dec", STORE_F64, DEC, NULL);
    add(&t, "x", STORE_F64, RA, NULL)->ucd = "pos.eq.ra;meta.main";
    add(&t, "y", STORE_F64, DEC, NULL)->ucd = "POS.EQ.DEC;meta.main";
    CHECK(ingest_position_find(&o, t.list, 4, &p, &e));
    CHECK_INT(p.ra, 2);
    CHECK_INT(p.dec, 3);
    CHECK(ingest_position_find(&o, t.list, 2, &p, &e));
    CHECK_INT(p.ra, 0);
    CHECK(ingest_position_find(&o, t.list, 1, &p, &e));
    CHECK_INT(p.ra, -1);
    o.has_no_position = true;
    CHECK(ingest_position_find(&o, t.list, 4, &p, &e));
    CHECK_INT(p.ra, -1);
    o = (struct ingest_options){.ra_column = "ra", .dec_column = "delta"};
    CHECK(!ingest_position_find(&o, t.list, 4, &p, &e));
    CHECK(e.kind == ERR_USAGE && strstr(e.message, "delta"));
}

/* --- nulls ------------------------------------------------------------------------- */

TEST(numbers_that_mean_unknown_become_null)
{
    static const float ELEVATION[3] = {56.2F, -999, 0};
    static const int32_t EPOCH[3] = {54863, 0, 5};
    static const int64_t DAY[3] = {0, -2208988800000000, 7}; /* second: 1900-01-01 */
    static const uint32_t NAME_AT[] = {0, 4, 4, 5};
    const struct ingest_null null[] = {
        {"Elevation", "-999"}, {"epoch", "0"}, {"day", "1900-01-01"}, {NULL, "None"}};
    struct table t;
    struct ingest_options o = {.null = null, .nnull = 4, .row_number = "row"};
    struct ingest_derived d;
    struct store_batch batch;
    struct err e = {0};
    begin(&t, 3);
    add(&t, "elevation", STORE_F32, ELEVATION, NULL);
    add(&t, "epoch", STORE_I32, EPOCH, NULL);
    add(&t, "day", STORE_TIME_US, DAY, NULL);
    add(&t, "name", STORE_TEXT, "Nonex", NAME_AT);
    CHECK(ingest_derive(&t.source, &o, 100, &d, &e));
    CHECK(d.rows->next(d.rows, &batch, &e) == STEP_ROWS);
    static const bool VALID[4][3] = {{true, false, true},
                                     {true, false, true},
                                     {true, false, true},
                                     {false, false, true}};
    for (int c = 0; c < 4; c++)
        for (uint32_t i = 0; i < 3; i++)
            if (store_is_valid(&batch.column[c], i) != VALID[c][i])
                TEST_FAIL("column %d row %u", c, (unsigned)i);
    CHECK_TEXT(d.rows->column[4]->name, "row");
    d.rows->close(d.rows);
}

TEST(rows_are_counted_across_files)
{
    struct table t;
    struct ingest_options o = {.row_number = "nr", .has_no_position = true};
    struct ingest_derived d;
    struct store_batch batch;
    struct err e = {0};
    begin(&t, 3);
    add(&t, "ra", STORE_F64, RA, NULL);
    CHECK(ingest_derive(&t.source, &o, 100, &d, &e));
    CHECK_INT(d.rows->ncolumn, 2);
    CHECK_INT(d.hpx, -1);
    CHECK(d.rows->next(d.rows, &batch, &e) == STEP_ROWS);
    const int64_t *nr = batch.column[1].data;
    CHECK(nr[0] == 101 && nr[2] == 103);
    d.rows->close(d.rows);
}

TEST(rules_that_cannot_hold_are_errors)
{
    static const struct ingest_null RULE[] = {{"nosuch", "1"}, {"ra", "black"}};
    for (int i = 0; i < 2; i++) {
        struct table t;
        struct ingest_options o = {.null = &RULE[i], .nnull = 1};
        struct ingest_derived d;
        struct err e = {0};
        begin(&t, 3);
        add(&t, "ra", STORE_F64, RA, NULL);
        CHECK(!ingest_derive(&t.source, &o, 0, &d, &e));
        CHECK(e.kind == ERR_USAGE && strstr(e.message, RULE[i].column));
        CHECK_INT(t.nclosed, 1);
    }
}

RUN_TESTS(T(names_can_be_written_without_quotes), T(tables_are_named_after_files),
          T(degrees_pass_and_get_an_index), T(sexagesimal_text_becomes_degrees),
          T(radians_and_hours_become_degrees), T(positions_are_found),
          T(numbers_that_mean_unknown_become_null), T(rows_are_counted_across_files),
          T(rules_that_cannot_hold_are_errors))
