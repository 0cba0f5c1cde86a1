/* kascade_sets.c -- finds tables of air showers in the catalog, what predicts their
 * particles, and the cuts that they can be given. */
#include <math.h>
#include <string.h>

#include "core/base/num.h"
#include "web/inside.h"
#include "web/kascade.h"

const struct kascade_word KASCADE_ROLE[KASCADE_NROLE] = {
#define X(role, text) {#role, text},
    KASCADE_ROLES(X)
#undef X
};

/* Names that experiments use, the likeliest first. */
enum { NAMES = 6 };
static const char *const NAME[KASCADE_NROLE][NAMES] = {
    [KASCADE_e] = {"e", "lge", "lg_energy", "log_energy", "true_e", "energy_log"},
    [KASCADE_ne] = {"ne", "lgne", "lg_ne", "log_ne", "electron_number"},
    [KASCADE_nmu] = {"nmu", "lgnmu", "lg_nmu", "log_nmu", "muon_number"},
    [KASCADE_ze] = {"ze", "zenith", "theta"},
    [KASCADE_az] = {"az", "azimuth", "phi"},
    [KASCADE_age] = {"age", "shower_age"},
    [KASCADE_x] = {"xc", "core_x", "x", "x_core"},
    [KASCADE_y] = {"yc", "core_y", "y", "y_core"},
    [KASCADE_type] = {"true_group", "true_type", "particle", "primary"}};
static const char *const MODEL[NAMES] = {"model", "hadronic_model", "interaction_model"};
static const char *const TYPE[NAMES] = {"predicted_group", "predicted_type", "prediction",
                                        "particle", "predicted_particle"};

static const struct catalog_column *find(const struct catalog_table *t,
                                         const char *const name[NAMES], bool is_text)
{
    for (int i = 0; i < NAMES && name[i]; i++)
        for (uint32_t k = 0; k < t->ncolumn; k++) {
            const struct catalog_column *c = &t->column[k];
            if (str_eq_fold(str_of(c->meta.name), str_of(name[i])) &&
                !(c->meta.flags & STORE_HIDDEN) &&
                (is_text ? c->meta.type == STORE_TEXT : web_is_number(&c->meta)))
                return c;
        }
    return NULL;
}

static bool look_at(const struct catalog_table *t, struct kascade_set *set)
{
    *set = (struct kascade_set){.table = t};
    for (int role = 0; role < KASCADE_NROLE; role++) {
        const struct catalog_column *c = find(t, NAME[role], role == KASCADE_type);
        set->column[role] = c ? web_adql(c) : NULL;
    }
    return set->column[KASCADE_ne] && set->column[KASCADE_nmu] && set->column[KASCADE_x] &&
           set->column[KASCADE_y];
}

uint32_t kascade_sets(const struct catalog *c, struct kascade_set out[KASCADE_SETS])
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < catalog_nschema(c); i++) {
        const struct catalog_schema *s = catalog_schema_at(c, i);
        for (uint32_t k = 0; k < s->ntable && n < KASCADE_SETS; k++)
            n += look_at(&s->table[k], &out[n]);
    }
    return n;
}

uint32_t kascade_predictions(const struct catalog *c, const struct kascade_set *set,
                             struct kascade_prediction out[KASCADE_PREDICTIONS])
{
    struct web_link link[WEB_LINKS];
    uint32_t nlink = web_links(c, set->table, link), n = 0;
    for (uint32_t i = 0; i < nlink && n < KASCADE_PREDICTIONS; i++) {
        const struct catalog_table *t = link[i].from;
        if (link[i].to != set->table || t == set->table || link[i].key->ncolumn != 1)
            continue;
        const struct catalog_column *type = find(t, TYPE, true),
                                    *model = find(t, MODEL, true);
        if (type)
            out[n++] = (struct kascade_prediction){.table = t,
                                                   .model = model ? web_adql(model) : NULL,
                                                   .type = web_adql(type),
                                                   .from = link[i].key->from_column[0],
                                                   .to = link[i].key->to_column[0]};
    }
    return n;
}

/* ---- cuts ---- */

static void add_cut(struct web_page *p, struct kascade_cut *out, uint32_t *n,
                    const struct kascade_cut *cut, const char *column)
{
    str text = web_param(p, cut->name);
    if (!column)
        return;
    struct kascade_cut *c = &out[*n];
    *c = *cut;
    c->before = arena_format(p->arena, "%s%s", column, cut->before);
    if (!c->before)
        return;
    c->value = c->open;
    if (text.len && (!num_parse_double(text, &c->value) || !isfinite(c->value)))
        c->value = c->open;
    ++*n;
}

/* Ranges as the experiment publishes them. */
uint32_t kascade_cuts(struct web_page *p, const struct kascade_set *set,
                      struct kascade_cut out[KASCADE_CUTS])
{
    static const struct {
        enum kascade_role role;
        struct kascade_cut cut;
    } CUT[] = {
        {KASCADE_ze,
         {"ze_max", "Zenith angle up to", "\xC2\xB0", " <= ", "", 60, 0, 60, 1, 0}},
        {KASCADE_age, {"age_min", "Age from", "", " >= ", "", 0.1, 0.1, 1.48, 0.02, 0}},
        {KASCADE_age, {"age_max", "Age up to", "", " <= ", "", 1.48, 0.1, 1.48, 0.02, 0}},
        {KASCADE_ne, {"ne_min", "lg Ne from", "", " >= ", "", 2, 2, 8.7, 0.1, 0}},
        {KASCADE_nmu, {"nmu_min", "lg N\xC2\xB5 from", "", " >= ", "", 2, 2, 7.7, 0.1, 0}},
        {KASCADE_e, {"e_min", "lg E from", "", " >= ", "", 13, 13, 19, 0.1, 0}},
    };
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof CUT / sizeof *CUT; i++)
        add_cut(p, out, &n, &CUT[i].cut, set->column[CUT[i].role]);
    const char *x = set->column[KASCADE_x], *y = set->column[KASCADE_y];
    const char *distance =
        arena_format(p->arena, "SQRT(%s * %s + %s * %s) <= ", x, x, y, y);
    struct kascade_cut cut = {"r_max", "Core within", "m", "", "", 130, 1, 130, 1, 0};
    if (distance)
        add_cut(p, out, &n, &cut, distance);
    return n;
}

const char *kascade_condition(struct web_page *p, const struct kascade_cut *cut,
                              uint32_t ncut)
{
    struct bytes b;
    bytes_init(&b, 1u << 16);
    for (uint32_t i = 0; i < ncut; i++) {
        if (cut[i].value == cut[i].open)
            continue;
        bytes_add(&b, b.len ? STR(" AND ") : STR(""));
        bytes_add(&b, str_of(cut[i].before));
        bytes_add_double(&b, cut[i].value);
        bytes_add(&b, str_of(cut[i].after));
    }
    const char *text = b.len ? arena_text(p->arena, bytes_str(&b)) : "";
    bytes_free(&b);
    return text ? text : "";
}
