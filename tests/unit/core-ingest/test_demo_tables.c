/* The demo tables as rows: ranges of every column, exact counts, identifiers that match. */
#include <stdlib.h>

#include "core/ingest/demo.h"
#include "tests/test.h"

static struct demo_world *world;

static const struct demo_world *the_world(void)
{
    struct err e = {0};
    if (!world)
        world = demo_world_new(DEMO_EVENTS, &e);
    if (!world)
        TEST_FAIL("%.500s", e.message);
    return world;
}

/* --- one column of a table, read through its row source ---------------------------- */

struct values {
    uint32_t n, nnull;
    double *number; /* NaN: null */
    char *text;     /* WIDTH bytes a row */
};

enum { WIDTH = 40 };

static double number_of(enum store_type type, const void *data, uint32_t i)
{
    switch (type) {
    case STORE_F64:
        return ((const double *)data)[i];
    case STORE_F32:
        return (double)((const float *)data)[i];
    case STORE_I32:
        return ((const int32_t *)data)[i];
    case STORE_I16:
        return ((const int16_t *)data)[i];
    default:
        return (double)((const int64_t *)data)[i];
    }
}

static void take(struct values *v, const struct store_column *c,
                 const struct store_vector *from, uint32_t nrow)
{
    for (uint32_t i = 0; i < nrow; i++, v->n++) {
        bool is_there = store_is_valid(from, i);
        v->nnull += !is_there;
        v->number[v->n] = NAN;
        if (c->type == STORE_TEXT) {
            uint32_t len = from->offset[i + 1] - from->offset[i];
            CHECK(len < WIDTH);
            memcpy(v->text + (size_t)v->n * WIDTH,
                   (const char *)from->data + from->offset[i], len);
        } else if (is_there)
            v->number[v->n] = number_of(c->type, from->data, i);
    }
}

static struct values column_of(const char *schema, const char *name, const char *column)
{
    struct err e = {0};
    struct store_batch batch;
    const struct demo_table *table = demo_table_find(schema, name);
    CHECK(table != NULL);
    uint32_t total = table->count(the_world()), icolumn = 0;
    struct rowsource *rows = demo_table_rows(the_world(), table, &e);
    CHECK(rows != NULL);
    while (icolumn < rows->ncolumn && strcmp(rows->column[icolumn]->name, column) != 0)
        icolumn++;
    CHECK(icolumn < rows->ncolumn);
    struct values v = {.number = calloc(total + 1, sizeof(double)),
                       .text = calloc(total + 1, WIDTH)};
    while (rows->next(rows, &batch, &e) == STEP_ROWS)
        take(&v, rows->column[icolumn], &batch.column[icolumn], batch.nrow);
    CHECK_INT(v.n, total);
    rows->close(rows);
    return v;
}

static void drop(struct values *v)
{
    free(v->number);
    free(v->text);
}

/* --- tests ------------------------------------------------------------------------- */

TEST(every_column_stays_in_its_range)
{
    static const struct {
        const char *schema, *table, *column;
        double low, high;
    } RANGE[] = {
        {"grande", "events", "xc", -500, 100},
        {"grande", "events", "yc", -600, 100},
        {"grande", "events", "ze", 0, 40},
        {"grande", "events", "nch", 4.05, 9},
        {"grande", "events", "nmu", 3.17, 8},
        {"grande", "events", "age", -0.385, 1.485},
        {"grande", "events", "dec", 0, 90},
        {"lopes", "events", "efieldmaxabs", 0, 5e4},
        {"lopes", "events", "ell_ew", 40, 90},
        {"lopes", "events", "ccheight_ns", 0, 20},
        {"lopes", "events", "geomag_angle", 0, 120},
        {"tunka133", "events", "e", 15.8, 18.2},
        {"tunka133", "events", "n_clusters", 1, 25},
        {"tunka133", "events", "xmax", 450, 700},
        {"tunka133", "events", "fwhm400", 20, 60},
        {"tunkarex", "events", "xmax", 500, 750},
        {"tunkarex", "events", "e", 16.8, 18.7},
        {"tunkarex", "events", "n_signal", 0, 20},
        {"taiga", "hillas", "image_size", 60, 1e5},
        {"taiga", "hillas", "width", 0.05, 0.5},
        {"taiga", "hillas", "length", 0.1, 1.2},
        {"taiga", "hillas", "alpha", 0, 90},
        {"taiga", "hillas", "energy", 1, 100},
        {"taiga", "hillas", "alt", 15, 90},
        {"taiga", "hillas", "gammaness", 0, 1},
        {"sources", "catalogue", "ra", 0, 360},
        {"sources", "catalogue", "spectral_index", 1.2, 4},
        {"alerts", "neutrino", "signalness", 0, 1},
        {"bursts", "grb", "t90", 0, 1000},
    };
    for (size_t i = 0; i < sizeof RANGE / sizeof *RANGE; i++) {
        struct values v = column_of(RANGE[i].schema, RANGE[i].table, RANGE[i].column);
        for (uint32_t k = 0; k < v.n; k++)
            if (!(isnan(v.number[k]) || (v.number[k] >= RANGE[i].low - 1e-6 &&
                                         v.number[k] <= RANGE[i].high + 1e-6)))
                TEST_FAIL("%s.%s.%s is %g", RANGE[i].schema, RANGE[i].table,
                          RANGE[i].column, v.number[k]);
        CHECK(v.n > v.nnull);
        drop(&v);
    }
}

static int by_text(const void *a, const void *b)
{
    return memcmp(a, b, WIDTH);
}

static uint32_t count_found(const struct values *in, const struct values *sorted)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->n; i++)
        n += bsearch(in->text + (size_t)i * WIDTH, sorted->text, sorted->n, WIDTH,
                     by_text) != NULL;
    return n;
}

TEST(uuids_are_unique_and_shared)
{
    struct values kascade = column_of("kascade", "events", "uuid");
    struct values grande = column_of("grande", "events", "uuid");
    struct values lopes = column_of("lopes", "events", "uuid");
    struct values arrays = column_of("kascade", "arrays", "uuid");
    qsort(kascade.text, kascade.n, WIDTH, by_text);
    for (uint32_t i = 1; i < kascade.n; i++)
        CHECK(by_text(kascade.text + (size_t)i * WIDTH,
                      kascade.text + (size_t)(i - 1) * WIDTH) > 0);
    CHECK_INT(count_found(&grande, &kascade), 22000);
    CHECK_INT(count_found(&lopes, &kascade), 3058);
    CHECK_INT(count_found(&arrays, &kascade), 1000);
    qsort(grande.text, grande.n, WIDTH, by_text);
    CHECK_INT(count_found(&lopes, &grande), 2796);
    drop(&kascade);
    drop(&grande);
    drop(&lopes);
    drop(&arrays);
}

static uint32_t count_where(const char *schema, const char *table, const char *column,
                            double low, double high)
{
    struct values v = column_of(schema, table, column);
    uint32_t n = 0;
    for (uint32_t i = 0; i < v.n; i++)
        n += v.number[i] >= low && v.number[i] <= high;
    drop(&v);
    return n;
}

TEST(counts_are_those_of_the_document)
{
    CHECK_INT(count_where("lopes", "events", "efieldmaxabs", 3000, 1e9), 37);
    CHECK_INT(count_where("taiga", "hillas", "gammaness", 0.88, 1), 200);
    CHECK_INT(count_where("taiga", "runs", "run_id", 1, 1e9), 400);
    CHECK_INT(count_where("kascade", "arrays", "uuid", 0, 0), 0);
    CHECK_INT(count_where("tunkarex", "traces", "trace_id", 1, 1e9), 360);
    CHECK_INT(count_where("tunkarex", "antennas", "antenna_id", 1, 63), 63);
    CHECK_INT(count_where("mc", "mass_groups", "group_id", 1, 5), 5);
    CHECK_INT(count_where("kascade", "conditions", "p", 960, 1040), 128779);
}

TEST(samples_have_their_labels)
{
    static const uint32_t WANT[2][5] = {{900, 250, 500, 700, 550},
                                        {1000, 500, 300, 180, 200}};
    static const char *const LABEL[5] = {"p", "He", "C&O", "Si", "Fe"};
    struct values group = column_of("mc", "showers", "true_group");
    struct values sample = column_of("mc", "showers", "sample_id");
    uint32_t got[2][5] = {{0}};
    CHECK_INT(group.n, 5080);
    for (uint32_t i = 0; i < group.n; i++)
        for (int k = 0; k < 5; k++)
            got[(int)sample.number[i] - 1][k] +=
                strcmp(group.text + (size_t)i * WIDTH, LABEL[k]) == 0;
    for (int s = 0; s < 2; s++)
        for (int k = 0; k < 5; k++)
            CHECK_INT(got[s][k], WANT[s][k]);
    drop(&group);
    drop(&sample);
}

/* The three models differ: QGSJET is right most often. */
TEST(predictions_differ_by_model)
{
    static const char *const MODEL[3] = {"QGSJET", "EPOS", "SIBYLL"};
    struct values model = column_of("mc", "predictions", "model");
    struct values right = column_of("mc", "predictions", "is_right");
    double part[3] = {0};
    CHECK_INT(model.n, 3 * 5080);
    for (uint32_t i = 0; i < model.n; i++)
        for (int k = 0; k < 3; k++)
            if (strcmp(model.text + (size_t)i * WIDTH, MODEL[k]) == 0)
                part[k] += right.number[i] / 5080;
    CHECK(part[0] > part[1] && part[1] > part[2]);
    CHECK(part[2] > 0.4 && part[0] < 0.95);
    drop(&model);
    drop(&right);
}

TEST(names_are_unique)
{
    static const char *const TABLE[][3] = {{"alerts", "neutrino", "name"},
                                           {"bursts", "grb", "name"},
                                           {"sources", "catalogue", "name"}};
    for (size_t t = 0; t < 3; t++) {
        struct values v = column_of(TABLE[t][0], TABLE[t][1], TABLE[t][2]);
        qsort(v.text, v.n, WIDTH, by_text);
        for (uint32_t i = 1; i < v.n; i++)
            if (by_text(v.text + (size_t)i * WIDTH, v.text + (size_t)(i - 1) * WIDTH) == 0)
                TEST_FAIL("%s twice", v.text + (size_t)i * WIDTH);
        drop(&v);
    }
}

static uint32_t count_with_three(bool has_signal[8001][64])
{
    uint32_t n = 0;
    for (int i = 0; i < 8001; i++) {
        int antennas = 0;
        for (int k = 0; k < 64; k++)
            antennas += has_signal[i][k];
        n += antennas >= 3;
    }
    return n;
}

/* A pulse of SNR 10 stands ten times the noise over the pedestal. */
TEST(traces_show_their_pulses)
{
    struct err e = {0};
    struct store_batch batch;
    struct rowsource *rows =
        demo_table_rows(the_world(), demo_table_find("tunkarex", "traces"), &e);
    CHECK(rows != NULL);
    static bool has_signal[8001][64]; /* by event and antenna */
    uint32_t strong = 0, seen = 0;
    while (rows->next(rows, &batch, &e) == STEP_ROWS) {
        const float *snr = batch.column[6].data;
        const int16_t *adc = batch.column[7].data;
        for (uint32_t i = 0; i < batch.nrow; i++) {
            double most = 0, noise = 0;
            for (uint32_t k = 0; k < 1024; k++) {
                double x = adc[i * 1024 + k] - 2042.7;
                most = fabs(x) > most ? fabs(x) : most;
                noise += k >= 600 ? x * x / 424 : 0;
            }
            CHECK(sqrt(noise) > 8 && sqrt(noise) < 13);
            if (snr[i] > 10) {
                strong++;
                has_signal[((const int32_t *)batch.column[1].data)[i]]
                          [((const int16_t *)batch.column[2].data)[i]] = true;
                CHECK(most / 10.5 > snr[i] - 3.5F);
            }
            seen++;
        }
    }
    CHECK_INT(seen, 360);
    CHECK_INT(strong, 53);
    CHECK_INT(count_with_three(has_signal), 4);
    rows->close(rows);
}

/* Every table streams in batches of at most about a mebibyte, complete to its last row. */
TEST(batches_are_bounded)
{
    for (uint32_t t = 0; demo_table_at(t); t++) {
        struct err e = {0};
        struct store_batch batch;
        const struct demo_table *table = demo_table_at(t);
        struct rowsource *rows = demo_table_rows(the_world(), table, &e);
        uint32_t nrow = 0;
        CHECK(rows != NULL);
        while (rows->next(rows, &batch, &e) == STEP_ROWS) {
            CHECK(batch.nrow >= 1 && batch.nrow <= 8192);
            nrow += batch.nrow;
        }
        CHECK_INT(nrow, table->count(the_world()));
        rows->close(rows);
    }
}

TEST(end)
{
    demo_world_free(world);
    world = NULL;
}

RUN_TESTS(T(every_column_stays_in_its_range), T(uuids_are_unique_and_shared),
          T(counts_are_those_of_the_document), T(samples_have_their_labels),
          T(predictions_differ_by_model), T(names_are_unique), T(traces_show_their_pulses),
          T(batches_are_bounded), T(end))
