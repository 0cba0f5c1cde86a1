/* demo.h -- the demonstration data: one made-up world, and tables that show it.
 *
 * The world holds what several experiments share (times, weather, partners, planted
 * truths); a table makes any of its rows from the world and the row's own random sequence.
 * Rows come in the order of time; the loader sorts them by place. docs/demo-data.md lists
 * the truths. */
#ifndef CORE_INGEST_DEMO_H
#define CORE_INGEST_DEMO_H

#include "core/base/arena.h"
#include "core/base/rows.h"
#include "core/ingest/made_rows.h"

/* Streams of random numbers, one for each kind of row. Never renumber: rows would change.
 */
enum demo_stream {
    DEMO_WEATHER = 1,
    DEMO_TIMES,
    DEMO_SHOWER,
    DEMO_KASCADE,
    DEMO_ARRAYS,
    DEMO_GRANDE,
    DEMO_LOPES,
    DEMO_TUNKA133,
    DEMO_TUNKAREX,
    DEMO_ANTENNA,
    DEMO_TRACE,
    DEMO_TAIGA_RUN,
    DEMO_TAIGA,
    DEMO_MC,
    DEMO_SOURCE,
    DEMO_ALERT,
    DEMO_BURST,
    DEMO_PLANT,
    DEMO_NIGHTS,
    DEMO_PRODUCT
};

/* --- places and times -------------------------------------------------------------- */

struct demo_place {
    double ra_deg, dec_deg;
};

/* A site's orientation on the sky, kept every few days: core/sky is exact but takes a tenth
 * of a millisecond a direction, too long for a million. */
struct demo_site {
    double lat_deg, lon_deg, height_m; /* geodetic, east positive */
    int64_t first_ns;
    uint32_t nframe;
    struct demo_frame *frame;
};

/* NULL: no memory. */
struct demo_site *demo_site_new(struct arena *, double lat_deg, double lon_deg,
                                double height_m, int64_t begin_ns, int64_t end_ns);

/* Where a direction seen from a site at a time lies on the sky, and back: az_deg from north
 * through east, zd_deg from the zenith; no refraction. Within 2 arcseconds of
 * sky_horizontal_to_icrs(), 15 on the day of a leap second. */
struct demo_place demo_place_of(const struct demo_site *, int64_t t_ns, double zd_deg,
                                double az_deg);
void demo_direction_of(const struct demo_site *, int64_t t_ns, struct demo_place,
                       double *zd_deg, double *az_deg);
double demo_separation_deg(struct demo_place, struct demo_place);
/* A place `distance_deg` away in direction `angle_deg` (from north through east). */
struct demo_place demo_place_near(struct demo_place, double distance_deg, double angle_deg);

#define DEMO_SECOND_NS 1000000000LL
double demo_mjd(int64_t t_ns);

/* --- the world --------------------------------------------------------------------- */

enum demo_plant_kind { DEMO_PLANT_BURST, DEMO_PLANT_ALERT, DEMO_PLANT_MUON_POOR };

struct demo_plant { /* a KASCADE shower that is there on purpose */
    int64_t t_ns;
    enum demo_plant_kind kind;
    uint32_t target; /* index of its burst or alert */
    double zd_deg, az_deg;
};

struct demo_event { /* a KASCADE trigger */
    int64_t t_ns;   /* since 1970 UTC, a multiple of 200 ns */
    int32_t plant;  /* index in demo_world.plant, or -1 */
    float lge;      /* log10(E/eV) */
};

struct demo_source {
    struct demo_place place;
    char name[48], class_name[8], assoc[32];
    double conf_95_deg, flux, index, index_error, significance, redshift; /* NaN: none */
};

struct demo_alert {
    int64_t t_ns;
    struct demo_place place;
    uint32_t source; /* UINT32_MAX: none near */
    bool has_showers;
};

struct demo_burst {
    int64_t t_ns;
    struct demo_place place;
    bool has_showers;
};

struct demo_pair { /* an event and its partner of another experiment */
    int64_t t_ns;
    uint32_t partner; /* UINT32_MAX: none */
};

struct demo_run { /* one TAIGA run: half an hour at one target */
    int64_t t_ns;
    uint32_t target; /* index in DEMO_TARGET */
    uint32_t ngamma; /* planted gamma rays: images DEMO_GAMMA_FIRST + k * DEMO_GAMMA_STEP */
};
enum { DEMO_GAMMA_FIRST = 37, DEMO_GAMMA_STEP = 19, DEMO_GAMMA_MAX = 24 };

struct demo_world {
    struct arena *arena;
    struct demo_site *karlsruhe, *tunka;
    uint32_t nevent, nhour, nplant;
    struct demo_event *event;            /* KASCADE, by time */
    struct demo_plant *plant;            /* by time */
    float *temperature_k, *pressure_hpa; /* an hour each, from DEMO_KASCADE_BEGIN */
    uint32_t nsource, nalert, nburst;
    struct demo_source *source;
    struct demo_alert *alert; /* by time */
    struct demo_burst *burst; /* by time */
    uint32_t ngrande, nlopes;
    struct demo_pair *grande; /* by time; partner: KASCADE event */
    uint32_t *lopes;          /* KASCADE events, by time */
    uint32_t ntunka133, ntunkarex;
    int64_t *tunka133;          /* times, ascending */
    struct demo_pair *tunkarex; /* by time; partner: Tunka-133 event */
    uint32_t nrun, nhillas;
    struct demo_run *run;
    struct demo_pair *hillas; /* by run; partner: Tunka-133 event */
};

/* How many of each; the defaults are what the documentation counts. */
enum {
    DEMO_EVENTS = 1000000,
    DEMO_GRANDE_EVENTS = 100000,
    DEMO_GRANDE_SHARED = 22000,
    DEMO_LOPES_EVENTS = 3058,
    DEMO_SOURCES = 1500,
    DEMO_ALERTS = 400,
    DEMO_ALERTS_NEAR_SOURCE = 40,
    DEMO_ALERTS_WITH_SHOWERS = 3,
    DEMO_SHOWERS_PER_ALERT = 8,
    DEMO_BURSTS = 2000,
    DEMO_BURSTS_WITH_SHOWERS = 5,
    DEMO_SHOWERS_PER_BURST = 12,
    DEMO_MUON_POOR = 60,
    DEMO_THUNDERSTORM = 37,
    DEMO_TUNKA133_EVENTS = 50000,
    DEMO_TUNKAREX_EVENTS = 8000,
    DEMO_TUNKAREX_SHARED = 1200,
    DEMO_ANTENNAS = 63,
    DEMO_TRACE_EVENTS = 20,
    DEMO_ARRAY_EVENTS = 1000,
    DEMO_HILLAS = 200000,
    DEMO_RUNS = 400,
    DEMO_HILLAS_GAMMA = 200,
    DEMO_HILLAS_SHARED = 150,
    DEMO_MC_SHOWERS = 5080
};

/* 1998-05-08T14:35:00 and 2013-01-15T09:40:43 UTC, the span of the KASCADE runs. */
#define DEMO_KASCADE_BEGIN (894638100LL * DEMO_SECOND_NS)
#define DEMO_KASCADE_END (1358239243LL * DEMO_SECOND_NS)

/* A world with about `nevent` KASCADE events (1000 .. 10 million); the other experiments
 * shrink with it where they share events. NULL: no memory. */
struct demo_world *demo_world_new(uint32_t nevent, struct err *);
void demo_world_free(struct demo_world *);

/* Steps of demo_world_new, in their order; each returns false for lack of memory. */
bool demo_world_sites(struct demo_world *);
bool demo_world_weather(struct demo_world *);
bool demo_world_sky(struct demo_world *);    /* sources, alerts, bursts and their showers */
bool demo_world_events(struct demo_world *); /* KASCADE times and energies */
bool demo_world_partners(struct demo_world *); /* Grande and LOPES */
bool demo_world_tunka(struct demo_world *);    /* Tunka-133, Tunka-Rex, TAIGA */

/* --- showers ----------------------------------------------------------------------- */

struct demo_shower {
    double lge, lgne, lgnmu; /* log10 of energy in eV, electrons, muons */
    double zd_deg, az_deg, x_m, y_m, age;
};

/* The shower of a KASCADE event, as the event and its partners saw it. */
void demo_shower_of(const struct demo_world *, uint32_t ievent, struct demo_shower *);

/* log10(E/eV) from the Kaskade formula of electron and muon numbers, with its correction
 * for the zenith angle. */
double demo_energy_of(double lgne, double lgnmu, double zd_deg);

/* log10 of the electron number that gives lge; NaN if there is none in 2 .. 8.7. */
double demo_electrons_of(double lge, double lgnmu, double zd_deg);

struct random;
/* log10(E/eV) from the all-particle spectrum (E^-2.7, E^-3.1 above 10^15.6) past the
 * trigger's turn-on. */
double demo_spectrum(struct random *);

/* The run (877 .. 7417) and the event number in it. Numbers rise with time; those of
 * KASCADE are odd, those that only Grande saw even. */
void demo_run_of(int64_t t_ns, bool is_grande_only, int32_t *run, int32_t *event);

/* log10(E/eV) of a Tunka-133 event. */
double demo_tunka133_energy(uint32_t ievent);
void demo_tunka133_direction(uint32_t ievent, double *zd_deg, double *az_deg);

/* The target of a TAIGA run: its name and place. */
struct demo_target {
    const char *name;
    struct demo_place place;
    bool is_on; /* off: a field without a source, for the background */
};
enum { DEMO_TARGETS = 5 };
extern const struct demo_target DEMO_TARGET[DEMO_TARGETS];

/* Hour of the weather tables at a time within the runs. */
uint32_t demo_hour_of(const struct demo_world *, int64_t t_ns);

/* --- tables ------------------------------------------------------------------------ */

/* Two columns: right ascension and declination. */
void demo_put_place(struct made_row *, struct demo_place);
/* A UUID of stream and row. */
void demo_put_uuid(struct made_row *, enum demo_stream, uint32_t row);
/* A timestamp column, from nanoseconds (cut to microseconds). */
void demo_put_time(struct made_row *, int64_t t_ns);

struct demo_table {
    const char *schema, *name;
    const struct made_column *column;
    uint32_t ncolumn;
    uint32_t (*count)(const struct demo_world *);
    void (*fill)(const struct demo_world *, uint32_t irow, struct made_row *);
};

/* NULL at the end of the list; not to be asked beyond. */
const struct demo_table *demo_table_at(uint32_t i);
const struct demo_table *demo_table_find(const char *schema, const char *name);

/* Its rows, by time. The world must outlive the source. */
struct rowsource *demo_table_rows(const struct demo_world *, const struct demo_table *,
                                  struct err *);

/* --- files ------------------------------------------------------------------------- */

/* Writes some tens of small FITS files below a folder that exists: images, a cube, spectra,
 * event lists, always the same. */
bool demo_products(const char *folder, struct err *);

extern const struct demo_table DEMO_TABLE_KASCADE_EVENTS, DEMO_TABLE_KASCADE_ARRAYS,
    DEMO_TABLE_KASCADE_CONDITIONS, DEMO_TABLE_GRANDE_EVENTS, DEMO_TABLE_LOPES_EVENTS,
    DEMO_TABLE_TUNKA133_EVENTS, DEMO_TABLE_TUNKAREX_EVENTS, DEMO_TABLE_TUNKAREX_ANTENNAS,
    DEMO_TABLE_TUNKAREX_TRACES, DEMO_TABLE_TAIGA_RUNS, DEMO_TABLE_TAIGA_HILLAS,
    DEMO_TABLE_MC_MASS_GROUPS, DEMO_TABLE_MC_SHOWERS, DEMO_TABLE_MC_PREDICTIONS,
    DEMO_TABLE_SOURCES_CATALOGUE, DEMO_TABLE_ALERTS_NEUTRINO, DEMO_TABLE_BURSTS_GRB;

#endif
