/* search.c -- RA, DEC and SR become a query of the table, with the names that cone search
 * wants for what it must have. */
#include <math.h>

#include "core/base/num.h"
#include "core/dali/ask.h"
#include "core/dali/simple.h"
#include "scs/inside.h"

struct search {
    const struct catalog_table *table;
    uint32_t id;
    double ra_deg, dec_deg, radius_deg;
    int64_t verbosity; /* 1 .. 3 */
};

/* --- parameters ------------------------------------------------------------------------
 */

static bool read_degrees(const struct http_request *request, const char *name,
                         double *value, struct err *e)
{
    str text;
    if (!dali_param(request->params, request->nparam, name, &text, e))
        return false;
    text = str_trim(text);
    if (text.len == 0)
        return err_set(e, ERR_USAGE,
                       "%s is missing: a cone search needs RA, DEC and SR, all in degrees "
                       "(ICRS)",
                       name);
    if (text.at[0] == '+')
        text = (str){text.at + 1, text.len - 1};
    if (num_parse_double(text, value) && isfinite(*value))
        return true;
    return dali_bad_value(name, text, "a number of degrees", e);
}

/* What is no VERB is left alone (SCS-4). */
static int64_t read_verbosity(const struct http_request *request)
{
    const struct http_param *p = http_request_param(request, "VERB", NULL);
    int64_t verbosity;
    bool ok = p && num_parse_int(str_trim(p->value), &verbosity);
    return ok && verbosity >= 1 && verbosity <= 3 ? verbosity : 2;
}

static bool read_search(struct dali *d, struct http_request *request, struct search *s,
                        struct err *e)
{
    s->table = scs_table(d, request, &s->id, e);
    if (!s->table || !read_degrees(request, "RA", &s->ra_deg, e) ||
        !read_degrees(request, "DEC", &s->dec_deg, e) ||
        !read_degrees(request, "SR", &s->radius_deg, e))
        return false;
    s->verbosity = read_verbosity(request);
    if (fabs(s->dec_deg) > 90)
        return err_set(e, ERR_USAGE, "DEC is %g, but lies between -90 and 90 degrees",
                       s->dec_deg);
    if (fabs(s->ra_deg) > 360)
        return err_set(e, ERR_USAGE, "RA is %g, but lies between 0 and 360 degrees",
                       s->ra_deg);
    if (s->radius_deg < 0 || s->radius_deg > 180)
        return err_set(e, ERR_USAGE, "SR is %g, but lies between 0 and 180 degrees",
                       s->radius_deg);
    return true;
}

/* --- columns ---------------------------------------------------------------------------
 */

static bool is_compulsory(const struct search *s, uint32_t i)
{
    return i == s->id || (int32_t)i == s->table->lon_column ||
           (int32_t)i == s->table->lat_column;
}

/* VERB 1: the principal columns; 2: the standard ones too; 3: all. Where a table says
 * nothing of its columns, 2 gives all. */
static bool is_wanted(const struct search *s, uint32_t i, bool says_nothing)
{
    uint32_t flags = s->table->column[i].meta.flags;
    if (flags & STORE_HIDDEN)
        return false;
    if (is_compulsory(s, i) || s->verbosity == 3)
        return true;
    if (s->verbosity == 1)
        return flags & STORE_PRINCIPAL;
    return says_nothing || (flags & (STORE_PRINCIPAL | STORE_STD));
}

static bool says_nothing(const struct catalog_table *t)
{
    for (uint32_t i = 0; i < t->ncolumn; i++)
        if (t->column[i].meta.flags & (STORE_PRINCIPAL | STORE_STD))
            return false;
    return true;
}

/* Of columns without a role: there is one main position only. */
static const char *without_main(const char *ucd, struct arena *arena)
{
    static const str MAIN = {";meta.main", sizeof ";meta.main" - 1};
    str s = str_of(ucd);
    if (s.len > MAIN.len && str_eq_fold((str){s.at + s.len - MAIN.len, MAIN.len}, MAIN))
        return arena_text(arena, (str){s.at, s.len - MAIN.len});
    return NULL;
}

/* Each role has one column (SCS-7); the UCDs of 1.03. */
static struct dali_shown shown_as(const struct search *s, uint32_t i, struct arena *arena)
{
    const struct store_column *c = &s->table->column[i].meta;
    if (i == s->id) /* made text by the query, and so without the words of its column */
        return (struct dali_shown){
            .ucd = "ID_MAIN", .unit = "", .description = c->description};
    if ((int32_t)i == s->table->lon_column)
        return (struct dali_shown){
            .ucd = "POS_EQ_RA_MAIN", .unit = "deg", .description = c->description};
    if ((int32_t)i == s->table->lat_column)
        return (struct dali_shown){
            .ucd = "POS_EQ_DEC_MAIN", .unit = "deg", .description = c->description};
    return (struct dali_shown){.ucd = without_main(c->ucd, arena)};
}

static void put_column(struct bytes *b, const struct search *s, uint32_t i)
{
    const struct catalog_column *c = &s->table->column[i];
    str name = str_of(c->adql_name ? c->adql_name : c->meta.name);
    bool is_position =
        (int32_t)i == s->table->lon_column || (int32_t)i == s->table->lat_column;
    const char *as = i == s->id && c->meta.type != STORE_TEXT   ? "VARCHAR"
                     : is_position && c->meta.type != STORE_F64 ? "DOUBLE PRECISION"
                                                                : NULL;
    if (as)
        bytes_add_literal(b, "CAST(");
    bytes_add(b, name);
    if (!as)
        return;
    bytes_add_literal(b, " AS ");
    bytes_add(b, str_of(as));
    bytes_add_literal(b, ") AS ");
    bytes_add(b, name);
}

static const struct dali_shown *put_columns(struct bytes *b, const struct search *s,
                                            struct arena *arena, uint32_t *n)
{
    const struct catalog_table *t = s->table;
    struct dali_shown *shown = arena_new_array(arena, struct dali_shown, t->ncolumn);
    bool nothing = says_nothing(t);
    *n = 0;
    for (uint32_t i = 0; shown && i < t->ncolumn; i++) {
        if (!is_wanted(s, i, nothing))
            continue;
        bytes_add(b, *n ? STR(", ") : STR(""));
        put_column(b, s, i);
        shown[(*n)++] = shown_as(s, i, arena);
    }
    return shown;
}

/* --- the search ------------------------------------------------------------------------
 */

static void put_position(struct bytes *b, const struct search *s)
{
    const struct catalog_column *c = s->table->column;
    const struct catalog_column *lon = &c[s->table->lon_column],
                                *lat = &c[s->table->lat_column];
    bytes_add_literal(b, "POINT(");
    bytes_add(b, str_of(lon->adql_name ? lon->adql_name : lon->meta.name));
    bytes_add_literal(b, ", ");
    bytes_add(b, str_of(lat->adql_name ? lat->adql_name : lat->meta.name));
    bytes_add_char(b, ')');
}

static void put_condition(struct bytes *b, const struct search *s)
{
    bytes_add_literal(b, " WHERE 1 = CONTAINS(");
    put_position(b, s);
    bytes_add_literal(b, ", CIRCLE(");
    bytes_add_double(b, s->ra_deg);
    bytes_add_literal(b, ", ");
    bytes_add_double(b, s->dec_deg);
    bytes_add_literal(b, ", ");
    bytes_add_double(b, s->radius_deg);
    bytes_add_literal(b, "))");
}

struct http_response *scs_search(void *dali, struct http_request *request)
{
    enum { TEXT_BYTES = 1 << 20 };
    struct err e = {0};
    struct search s;
    struct bytes text;
    if (!read_search(dali, request, &s, &e))
        return http_reply_error(request, &e);
    struct dali_ask ask = {.dali = dali,
                           .request = request,
                           .protocol = "ivo://ivoa.net/std/ConeSearch",
                           .file_name = s.table->name,
                           .text = &text};
    bytes_init(&text, TEXT_BYTES);
    bytes_add_literal(&text, "SELECT ");
    ask.shown = put_columns(&text, &s, request->arena, &ask.nshown);
    text.failed |= !ask.shown;
    bytes_add_literal(&text, " FROM ");
    bytes_add(&text, str_of(s.table->full_name));
    put_condition(&text, &s);
    return dali_ask(&ask);
}
