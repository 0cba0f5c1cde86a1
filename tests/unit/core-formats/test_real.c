/* Files of real experiments (COLURE_DATA or ../shared/data): shapes, a few values, and that
 * what is read comes back the same through BINARY2. Skipped where the files are absent. */
#include "tests/unit/core-formats/tables.h"

static const char *path_of(const char *file)
{
    static char path[512];
    const char *base = getenv("COLURE_DATA");
    snprintf(path, sizeof path, "%s/%s", base && *base ? base : "../shared/data", file);
    if (access(path, R_OK) != 0)
        TEST_SKIP("no file %s", path);
    return path;
}

/* The file as CSV. */
static const char *read_csv(const char *file, uint32_t ncolumn)
{
    struct err e = {0};
    struct rowsource *s = table_read(path_of(file), &(struct read_options){0}, &e);
    if (!s)
        TEST_FAIL("%s: %.900s", file, e.message);
    CHECK_INT(s->ncolumn, ncolumn);
    const char *csv = tables_write(s, "csv", NULL, ENDING_COMPLETE);
    if (!csv)
        TEST_FAIL("%s: %.900s", file, tables_error.message);
    return csv;
}

static uint32_t count_lines(const char *csv)
{
    uint32_t n = 0;
    for (; (csv = strchr(csv, '\n')); csv++)
        n++;
    return n;
}

/* Shape, and the same values after a turn through BINARY2. */
static void check_file(const char *file, uint32_t ncolumn, uint32_t nrow)
{
    char *first = strdup(read_csv(file, ncolumn));
    CHECK(first != NULL);
    if (nrow)
        CHECK_INT(count_lines(first), nrow + 1);
    struct err e = {0};
    struct rowsource *s = table_read(path_of(file), &(struct read_options){0}, &e);
    CHECK(s && tables_write(s, "votable/b2", NULL, ENDING_COMPLETE));
    char *votable = malloc(tables_out.len);
    size_t len = tables_out.len;
    CHECK(votable != NULL);
    memcpy(votable, tables_out.at, len);
    const char *again = tables_csv_of((str){votable, len}, &(struct read_options){0});
    bool is_same = strcmp(first, again) == 0;
    free(first);
    free(votable);
    if (!is_same)
        TEST_FAIL("%s is not the same after BINARY2", file);
}

TEST(fits_catalogues)
{
    check_file("catalogue/gaia_ngc188_results.fits", 11, 4876);
    check_file("gamma/fermi_4fgl_dr3_slim.fits", 34, 6659);
    check_file("gamma/fermi_3fhl_gll_psch_v13.fit.gz", 44, 1556);
    check_file("gamma/fermi_2pc_pulsars_v04.fits.gz", 88, 117);
    check_file("gamma/hess_hgps_catalog_v1.fits.gz", 78, 78);
    check_file("gamma/gammacat.fits.gz", 83, 166);
    check_file("spectrum/desi_coadd_5-169.fits", 81, 5);
    check_file("spectrum/tau_ceti_table.fits", 3, 5432);
}

TEST(hess_events)
{
    check_file("gamma/hess_dl3/obs-index.fits.gz", 31, 105);
    check_file("gamma/hess_dl3/hess_dl3_dr1_obs_id_023523.fits.gz", 5, 7613);
}

TEST(ecsv_tables)
{
    check_file("catalogue/2mass_ngc188_results.ecsv", 16, 5014);
    check_file("gamma/gammacat.ecsv", 83, 166);
    check_file("gamma/vtscat/2008ApJ_679.1427A_VER-000014-lc.ecsv", 5, 32);
}

TEST(csv_tables)
{
    check_file("kascade/kcdc_events_1.csv", 8, 2940);
    check_file("cosmic_ray/uhecr_five_observatories.csv", 10, 858);
    check_file("cosmic_ray/ta_hotspot_events.csv", 10, 72);
    check_file("gw/gwtc_confident.csv", 36, 90);
    check_file("grb/fermigbrst.csv", 5, 1956);
    check_file("neutrino/icecat1_gold_bronze_tracks.csv", 22, 348);
    check_file("catalogue/kids_dr4_sample.csv", 306, 5);
    check_file("catalogue/openngc_NGC.csv", 32, 13969);
}

TEST(json_tables)
{
    check_file("catalogue/d3_stars_mag6.json", 5, 5044);
    check_file("catalogue/messier.json", 9, 110);
    check_file("catalogue/bsc5-short.json", 9, 0);
}

TEST(irsa_votable)
{
    check_file("image/spitzer_example_catalog.vot.xml", 16, 224);
}

/* Values that must not change on the way. */
TEST(values)
{
    CHECK(strstr(read_csv("kascade/kcdc_events_1.csv", 8),
                 "\n13.8003,-47.631,-25.0629,18.6648,66.4032,2.86301,3.0407599999999997,"
                 "0.570595\r\n"));
    CHECK(strstr(read_csv("catalogue/d3_stars_mag6.json", 5),
                 "id,mag,bv,lon,lat\r\n88,5.71,0.911,0.2691,-48.8099\r\n"));
    CHECK(
        strstr(read_csv("catalogue/gaia_ngc188_results.fits", 11), "573941431864200576,"));
}

RUN_TESTS(T(fits_catalogues), T(hess_events), T(ecsv_tables), T(csv_tables), T(json_tables),
          T(irsa_votable), T(values))
