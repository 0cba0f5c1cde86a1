/* kascade.c -- GET /kascade: the classroom page. A data set, its first rows, its
 * distributions, the footprint, electrons against muons, cuts, and which particles the
 * showers were under each model of hadronic interactions. Whole without scripts. */
#include "web/kascade.h"

#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "web/inside.h"

struct lesson {
    struct web_page *p;
    struct kascade_set set[KASCADE_SETS];
    uint32_t nset;
    const struct kascade_set *chosen;
    struct kascade_cut cut[KASCADE_CUTS];
    uint32_t ncut;
    const char *condition; /* "": none */
    enum kascade_role shown;
};

static struct http_param param(const char *name, const char *value)
{
    return (struct http_param){.name = str_of(name), .value = str_of(value)};
}

static void choose(struct lesson *l)
{
    struct web_page *p = l->p;
    str table = web_param(p, "table"), role = web_param(p, "shown");
    l->nset = kascade_sets(p->catalog, l->set);
    l->chosen = l->nset ? &l->set[0] : NULL;
    for (uint32_t i = 0; i < l->nset; i++)
        if (str_eq_fold(table, str_of(l->set[i].table->full_name)))
            l->chosen = &l->set[i];
    if (!l->chosen)
        return;
    l->shown = l->chosen->column[KASCADE_e] ? KASCADE_e : KASCADE_ne;
    for (int i = 0; i < KASCADE_type; i++)
        if (l->chosen->column[i] && str_eq(role, str_of(KASCADE_ROLE[i].word)))
            l->shown = (enum kascade_role)i;
    l->ncut = kascade_cuts(p, l->chosen, l->cut);
    l->condition = kascade_condition(p, l->cut, l->ncut);
}

/* ---- the form ---- */

static void add_choices(const struct lesson *l)
{
    struct web_page *p = l->p;
    bytes_add_literal(&p->b, "<label>Data set <select name=\"table\" id=\"set\">\n");
    for (uint32_t i = 0; i < l->nset; i++) {
        const struct catalog_table *t = l->set[i].table;
        const struct catalog_schema *s = web_schema_of(p->catalog, t);
        const char *text = arena_format(p->arena, "%s: %s", s ? web_schema_title(s) : "",
                                        web_has(t->title) ? t->title : t->full_name);
        web_option(p, t->full_name, text ? text : t->full_name, &l->set[i] == l->chosen);
    }
    bytes_add_literal(&p->b, "</select></label>\n<label>Histogram of <select "
                             "name=\"shown\" id=\"shown\">\n");
    for (int i = 0; i < KASCADE_type; i++)
        if (l->chosen->column[i])
            web_option(p, KASCADE_ROLE[i].word, KASCADE_ROLE[i].text, (int)l->shown == i);
    bytes_add_literal(&p->b, "</select></label>\n");
}

static void add_cut(struct web_page *p, const struct kascade_cut *c)
{
    web_text(p, "<label class=\"cut\"><span>", c->text, "");
    web_text(p, " [", c->unit, "]");
    bytes_add_format(&p->b,
                     "</span> <input type=\"number\" name=\"%s\" min=\"%g\" max=\"%g\" "
                     "step=\"any\" data-step=\"%g\" data-open=\"%g\" value=\"",
                     c->name, c->low, c->high, c->step, c->open);
    bytes_add_double(&p->b, c->value);
    web_text(p, "\" data-cut=\"", c->before, "\"/></label>\n");
}

static void add_form(const struct lesson *l)
{
    struct web_page *p = l->p;
    bytes_add_literal(&p->b, "<form class=\"plot-form\" id=\"lesson\" method=\"get\" "
                             "action=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/kascade\">\n");
    add_choices(l);
    bytes_add_literal(&p->b, "<fieldset class=\"all cuts\"><legend>Quality cuts: only "
                             "showers with</legend><div class=\"plot-form\">\n");
    for (uint32_t i = 0; i < l->ncut; i++)
        add_cut(p, &l->cut[i]);
    bytes_add_literal(&p->b,
                      "</div></fieldset>\n<p><button>Show</button> <a class=\"button "
                      "plain\" id=\"no-cuts\" href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/kascade?table=");
    bytes_add_url(&p->b, str_of(l->chosen->table->full_name));
    bytes_add_literal(&p->b, "\">No cuts</a></p></form>\n");
}

/* ---- rows ---- */

static const char *rows_query(const struct lesson *l, int top)
{
    struct bytes b;
    bytes_init(&b, 1u << 16);
    bytes_add_format(&b, "SELECT TOP %d ", top);
    bool is_first = true;
    for (int i = 0; i < KASCADE_NROLE; i++)
        if (l->chosen->column[i]) {
            bytes_add(&b, is_first ? STR("") : STR(", "));
            bytes_add(&b, str_of(l->chosen->column[i]));
            is_first = false;
        }
    bytes_add_literal(&b, " FROM ");
    bytes_add(&b, str_of(l->chosen->table->full_name));
    if (*l->condition) {
        bytes_add_literal(&b, " WHERE ");
        bytes_add(&b, str_of(l->condition));
    }
    const char *text = arena_text(l->p->arena, bytes_str(&b));
    bytes_free(&b);
    return text ? text : "";
}

static void add_cells(const struct lesson *l, const struct plot_rows *r)
{
    struct web_page *p = l->p;
    bytes_add_literal(&p->b, "<div class=\"scroll\" tabindex=\"0\"><table><tr>");
    for (int i = 0; i < KASCADE_NROLE; i++)
        if (l->chosen->column[i])
            web_text(p, "<th scope=\"col\" class=\"n\">", l->chosen->column[i], "</th>");
    bytes_add_literal(&p->b, "</tr>\n");
    for (uint32_t i = 0; i < r->nrow; i++) {
        bytes_add_literal(&p->b, "<tr>");
        for (uint32_t k = 0; k < r->ncolumn; k++) {
            bytes_add_literal(&p->b, "<td class=\"n\">");
            web_text(p, "", r->text[k][i], "");
            bytes_add_literal(&p->b, "</td>");
        }
        bytes_add_literal(&p->b, "</tr>\n");
    }
    bytes_add_literal(&p->b, "</table></div>\n");
}

static void add_rows(const struct lesson *l)
{
    enum { FIRST = 8 };
    struct web_page *p = l->p;
    struct plot_rows r = {0};
    struct err e = {0};
    struct plot_call call = {.dali = p->dali,
                             .request = p->request,
                             .deadline_ns =
                                 clock_deadline_ns(dali_limits(p->dali)->sync_seconds),
                             .wants_text = true};
    const char *query = rows_query(l, FIRST);
    bytes_add_literal(&p->b, "<section id=\"rows\"><h2>First rows</h2>\n");
    bytes_add_literal(&p->b, "<div id=\"first-rows\">\n");
    if (plot_run(&call, query, p->arena, &r, &e))
        add_cells(l, &r);
    else
        web_text(p, "<p class=\"warning\" role=\"alert\">", e.message, "</p>\n");
    bytes_add_literal(&p->b, "</div>\n<details class=\"adql\"><summary>The ADQL that made "
                             "it</summary>\n");
    web_query(p, NULL, query);
    bytes_add_literal(&p->b, "</details></section>\n");
}

/* ---- figures ---- */

static void add_histogram(const struct lesson *l)
{
    struct web_page *p = l->p;
    const char *column = l->chosen->column[l->shown];
    const char *title = arena_format(p->arena, "Histogram of %s", column);
    struct http_param with[] = {param("table", l->chosen->table->full_name),
                                param("kind", "histogram"), param("x", column),
                                param("where", l->condition)};
    web_text(p, "<section id=\"histogram\"><h2 id=\"shown-title\">",
             KASCADE_ROLE[l->shown].text, "</h2>\n");
    web_figure(p, &(struct web_figure){.param = with,
                                       .nparam = 4,
                                       .title = title ? title : "Histogram",
                                       .is_log = true,
                                       .links = true});
    bytes_add_literal(&p->b, "</section>\n");
}

static void add_plane(const struct lesson *l, const char *heading, const char *words,
                      enum kascade_role x, enum kascade_role y)
{
    struct web_page *p = l->p;
    struct http_param with[] = {
        param("table", l->chosen->table->full_name), param("kind", "histogram2d"),
        param("x", l->chosen->column[x]), param("y", l->chosen->column[y]),
        param("where", l->condition)};
    web_text(p, "<section><h2>", heading, "</h2>\n");
    web_text(p, "<p>", words, "</p>\n");
    web_figure(p, &(struct web_figure){
                      .param = with, .nparam = 5, .title = heading, .links = true});
    bytes_add_literal(&p->b, "</section>\n");
}

/* ---- particles ---- */

/* which: an ADQL condition of the table itself; NULL: all. key: NULL when the table holds
 * the showers. */
static void add_pie(const struct lesson *l, const char *title,
                    const struct kascade_prediction *k, const char *type, const char *model)
{
    struct web_page *p = l->p;
    struct bytes all, mine;
    bytes_init(&mine, 1u << 16);
    bytes_init(&all, 1u << 16);
    if (model) {
        bytes_add(&mine, str_of(k->model));
        bytes_add_literal(&mine, " = ");
        bytes_add_quoted(&mine, str_of(model), '\'');
    }
    bytes_add(&all, bytes_str(&mine));
    if (k && *l->condition)
        bytes_add_format(&all, "%s%s IN (SELECT %s FROM %s WHERE %s)",
                         all.len ? " AND " : "", k->from, k->to,
                         l->chosen->table->full_name, l->condition);
    else if (*l->condition)
        bytes_add(&all, str_of(l->condition));
    const char *where = arena_text(p->arena, bytes_str(&all));
    struct http_param with[] = {
        param("table", (k ? k->table : l->chosen->table)->full_name),
        param("kind", "facets"), param("x", type), param("n", "12"), param("where", where)};
    bytes_add_literal(&p->b, "<div class=\"pie\" data-base-where=\"");
    bytes_add_xml(&p->b, bytes_str(&mine));
    if (k)
        web_text(p, "\" data-key=\"", k->from, "");
    if (k)
        web_text(p, "\" data-to=\"", k->to, "");
    web_text(p, "\"><h3>", title, "</h3>\n");
    web_figure(
        p, &(struct web_figure){
               .param = with, .nparam = 5, .title = title, .links = true, .is_pie = true});
    bytes_add_literal(&p->b, "</div>\n");
    bytes_free(&all);
    bytes_free(&mine);
}

/* One for each model that the table knows. */
static void add_models(const struct lesson *l, const struct kascade_prediction *k)
{
    struct web_page *p = l->p;
    struct http_param with[] = {param("table", k->table->full_name),
                                param("kind", "facets"),
                                param("x", k->model ? k->model : k->type), param("n", "8")};
    struct err e = {0};
    struct plot_ask ask;
    bool was_kept;
    if (!k->model) {
        add_pie(l, "As predicted", k, k->type, NULL);
        return;
    }
    const struct plot_data *d =
        plot_read_params(with, 4, p->catalog, p->arena, &ask, &e)
            ? plot_get(p->web->plots, p->dali, p->request, p->catalog, &ask, &was_kept, &e)
            : NULL;
    if (!d)
        web_text(p, "<p class=\"warning\" role=\"alert\">", e.message, "</p>\n");
    for (uint32_t i = 0; d && i < d->ncell; i++)
        if (d->label[d->cell[i].x]) {
            const char *title = arena_format(p->arena, "Model %s", d->label[d->cell[i].x]);
            add_pie(l, title ? title : "Model", k, k->type, d->label[d->cell[i].x]);
        }
    plot_drop(d);
}

static void add_particles(const struct lesson *l)
{
    struct web_page *p = l->p;
    struct kascade_prediction prediction[KASCADE_PREDICTIONS];
    uint32_t n = kascade_predictions(p->catalog, l->chosen, prediction);
    bytes_add_literal(&p->b, "<section id=\"particles\"><h2>Which particles were "
                             "they?</h2>\n");
    if (n == 0 && !l->chosen->column[KASCADE_type])
        bytes_add_literal(&p->b, "<p>No table of this node says which particles made these "
                                 "showers. Choose a simulated data set to see it.</p>\n");
    else
        bytes_add_literal(&p->b,
                          "<p>What a classifier says that the primary particles were: it "
                          "learned from simulations, and those rest on a model of hadronic "
                          "interactions. Other models, other shares.</p>\n");
    bytes_add_literal(&p->b, "<div class=\"pies\">\n");
    if (l->chosen->column[KASCADE_type])
        add_pie(l, "As simulated", NULL, l->chosen->column[KASCADE_type], NULL);
    for (uint32_t i = 0; i < n; i++)
        add_models(l, &prediction[i]);
    bytes_add_literal(&p->b, "</div></section>\n");
}

static void add_lesson(const struct lesson *l)
{
    struct web_page *p = l->p;
    bytes_add_literal(&p->b,
                      "<p class=\"lead\">Cosmic rays make showers of particles in the air. "
                      "An array of detectors on the ground counts electrons and muons, and "
                      "from them finds the energy and the kind of what came in. Choose a "
                      "data set, cut away what is badly measured, and look.</p>\n");
    add_form(l);
    bytes_add_literal(&p->b, "<p id=\"cut-text\">");
    if (*l->condition)
        web_text(p, "Cuts: <code>", l->condition, "</code>");
    else
        bytes_add_literal(&p->b, "No cuts: all showers.");
    bytes_add_literal(&p->b, "</p>\n");
    add_histogram(l);
    bytes_add_literal(&p->b, "<div class=\"planes\">\n");
    add_plane(
        l, "Footprint: where the shower cores fell",
        "Each cell counts showers whose centre fell there; the array is in the middle.",
        KASCADE_x, KASCADE_y);
    add_plane(l, "Electrons against muons",
              "Heavy nuclei make more muons for the same number of electrons.", KASCADE_ne,
              KASCADE_nmu);
    bytes_add_literal(&p->b, "</div>\n");
    add_particles(l);
    add_rows(l);
    bytes_add_literal(&p->b, "<p>The table: ");
    web_table_link(p, l->chosen->table);
    bytes_add_literal(&p->b, "</p>\n");
}

static const char STYLE[] =
    ".cuts{border:1px solid var(--line);border-radius:6px;padding:.2rem .9rem .6rem}"
    ".cuts legend{font-weight:600;padding:0 .4rem}"
    ".plot-form .cut{grid-template-columns:minmax(0,1fr) 5.5rem;align-items:center}"
    ".cut span{grid-column:1/-1}"
    ".cut input[type=range]{padding:0;accent-color:var(--link);min-height:24px}"
    ".planes,.pies{display:grid;gap:0 1.5rem;grid-template-columns:"
    "repeat(auto-fit,minmax(min(100%,26rem),1fr))}.planes>*,.pies>*{min-width:0}"
    ".pies{grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr))}"
    ".plot-pie{max-width:30rem}.plot.plot-pie text{font-size:14px}";

struct http_response *web_kascade_page(void *context, struct http_request *request)
{
    static const char *const SCRIPT[] = {"kascade.js", NULL};
    struct web_page p;
    struct err e = {0};
    if (!web_page_open(&p, context, request, &e))
        return web_page_fail(&p, &e);
    struct lesson *l = arena_new_one(p.arena, struct lesson);
    if (!l) {
        err_set(&e, ERR_LIMIT, "the page needs too much memory");
        return web_page_fail(&p, &e);
    }
    l->p = &p;
    p.wants_json = false;
    p.head.here = NULL;
    p.head.script = SCRIPT;
    p.head.style = arena_format(p.arena, "%s%s%s", WEB_STYLE, PLOT_STYLE, STYLE);
    choose(l);
    web_page_head(&p, "Cosmic rays in the classroom");
    if (l->chosen)
        add_lesson(l);
    else
        bytes_add_literal(&p.b, "<p>This node has no table of air showers: one with the "
                                "numbers of electrons and muons and the position of the "
                                "core.</p>\n");
    return web_page_reply(&p);
}
