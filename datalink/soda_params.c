/* soda_params.c -- parameters of SODA into cut-outs: one, or all combinations. */
#include "datalink/soda.h"

static const char *const AXIS_NAME[SODA_AXES] = {"ID", "POS, CIRCLE, POLYGON or CENTER",
                                                 "BAND", "TIME"};

/* The axis that a parameter multiplies along; SODA_AXES: none. */
static enum soda_axis axis_of(const struct cutout_word *w)
{
    static const struct {
        const char *name;
        enum soda_axis axis;
    } AXES[] = {{"POS", SODA_PLACE},    {"CIRCLE", SODA_PLACE}, {"POLYGON", SODA_PLACE},
                {"CENTER", SODA_PLACE}, {"BAND", SODA_BAND},    {"TIME", SODA_TIME}};
    for (size_t i = 0; i < sizeof AXES / sizeof *AXES; i++)
        if (strcmp(w->name, AXES[i].name) == 0)
            return AXES[i].axis;
    return SODA_AXES;
}

static bool take(struct soda_params *s, const struct http_param *p, bool one_each,
                 struct err *e)
{
    const struct cutout_word *w = NULL;
    enum soda_axis axis = SODA_ID;
    if (!str_eq_fold(p->name, STR("ID"))) {
        if (!(w = cutout_word_find(p->name)))
            return true;
        axis = axis_of(w);
    }
    if (p->is_file)
        return err_set(e, ERR_USAGE, "%.*s is a value, not a file", STR_FMT(p->name));
    if (axis == SODA_AXES) {
        for (uint32_t i = 0; i < s->nother; i++)
            if (s->other[i].word == w && !w->may_repeat)
                return err_set(e, ERR_USAGE, "MultiValuedParamNotSupported: %s once only",
                               w->name);
        s->other[s->nother++] = (struct soda_value){w, p->value};
        return true;
    }
    if (one_each && s->n[axis] > 0)
        return err_set(e, ERR_USAGE,
                       "MultiValuedParamNotSupported: one value of %s at a time; several "
                       "make several cut-outs at /soda/async",
                       AXIS_NAME[axis]);
    s->value[axis][s->n[axis]++] = (struct soda_value){w, p->value};
    return true;
}

bool soda_read(struct soda_params *s, const struct http_param *param, size_t n,
               bool one_each, struct arena *arena, struct err *e)
{
    *s = (struct soda_params){.other = arena_new_array(arena, struct soda_value, n + 1)};
    for (int k = 0; k < SODA_AXES; k++)
        if (!(s->value[k] = arena_new_array(arena, struct soda_value, n + 1)) || !s->other)
            return err_set(e, ERR_LIMIT, "too many parameters");
    for (size_t i = 0; i < n; i++)
        if (!take(s, &param[i], one_each, e))
            return false;
    if (s->n[SODA_ID] == 0 || str_trim(s->value[SODA_ID][0].value).len == 0)
        return err_set(e, ERR_USAGE,
                       "there is no ID; send the obs_publisher_did of a data product");
    if (soda_combinations(s) > SODA_MAX_VALUES)
        return err_set(e, ERR_LIMIT, "that would be more than %d cut-outs",
                       SODA_MAX_VALUES);
    return true;
}

uint64_t soda_combinations(const struct soda_params *s)
{
    uint64_t all = 1;
    for (int k = 0; k < SODA_AXES && all <= SODA_MAX_VALUES; k++)
        all *= s->n[k] ? s->n[k] : 1;
    return all;
}

bool soda_combination(const struct soda_params *s, uint64_t i, str *id,
                      struct cutout_request *r, struct arena *arena, struct err *e)
{
    *r = (struct cutout_request){0};
    for (int k = 0; k < SODA_AXES; k++) {
        if (s->n[k] == 0)
            continue;
        const struct soda_value *v = &s->value[k][i % s->n[k]];
        i /= s->n[k];
        if (k == SODA_ID)
            *id = v->value;
        else if (!v->word->read(r, v->value, arena, e))
            return false;
    }
    for (uint32_t j = 0; j < s->nother; j++)
        if (!s->other[j].word->read(r, s->other[j].value, arena, e))
            return false;
    return cutout_request_check(r, e);
}
