/* kascade.h -- private: the classroom page's data sets, found by what their columns are
 * called, wherever they are. */
#ifndef WEB_KASCADE_H
#define WEB_KASCADE_H

#include "web/plot_page.h"

/* clang-format off */
#define KASCADE_ROLES(X) /* role, what people read */ \
    X(e,    "lg energy") \
    X(ne,   "lg number of electrons, lg Ne") \
    X(nmu,  "lg number of muons, lg N\xC2\xB5") \
    X(ze,   "zenith angle") \
    X(az,   "azimuth") \
    X(age,  "shower age") \
    X(x,    "core position, x") \
    X(y,    "core position, y") \
    X(type, "true particle type")
/* clang-format on */

enum kascade_role {
#define X(role, text) KASCADE_##role,
    KASCADE_ROLES(X)
#undef X
        KASCADE_NROLE
};
extern const struct kascade_word {
    const char *word, *text;
} KASCADE_ROLE[KASCADE_NROLE];

enum { KASCADE_SETS = 12, KASCADE_PREDICTIONS = 4 };

struct kascade_prediction { /* a table that says, by model, which particle a shower was */
    const struct catalog_table *table;
    const char *model, *type; /* its columns, as ADQL has them; model NULL: one model */
    const char *from, *to;    /* columns that join it to the showers */
};

struct kascade_set {
    const struct catalog_table *table;
    const char *column[KASCADE_NROLE]; /* as ADQL has them; NULL: it has none */
};

/* Tables of showers: electrons, muons and a core position in each row. */
uint32_t kascade_sets(const struct catalog *, struct kascade_set out[KASCADE_SETS]);
uint32_t kascade_predictions(const struct catalog *, const struct kascade_set *,
                             struct kascade_prediction out[KASCADE_PREDICTIONS]);

/* The cuts that a form asks for. */
enum { KASCADE_CUTS = 8 };
struct kascade_cut {
    const char *name, *text, *unit;
    const char *before, *after;   /* condition: before + number + after */
    double open, low, high, step; /* open: where it cuts nothing */
    double value;
};
uint32_t kascade_cuts(struct web_page *, const struct kascade_set *,
                      struct kascade_cut out[KASCADE_CUTS]);
/* In the arena; "": no cut. */
const char *kascade_condition(struct web_page *, const struct kascade_cut *, uint32_t ncut);

#endif
