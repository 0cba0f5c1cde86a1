/* descriptor.c -- service descriptors of SODA: the parameters that mean something to a
 * product, with what its data can give (DL-18 to 20, SODA-11). */
#include <math.h>
#include <stdio.h>

#include "core/base/num.h"
#include "datalink/inside.h"
#include "datalink/words.h"

static bool is_type(const struct product *p, const char *type)
{
    return p->dataproduct_type && strcmp(p->dataproduct_type, type) == 0;
}

static bool has_pixels(const struct product *p)
{
    return is_type(p, "image") || is_type(p, "cube");
}

static bool has_positions(const struct product *p)
{
    return (has_pixels(p) || is_type(p, "event")) && (p->s_region || isfinite(p->s_fov));
}

static bool has_bands(const struct product *p)
{
    bool has_axis = is_type(p, "event") || is_type(p, "spectrum") || p->em_xel > 1;
    return has_axis && isfinite(p->em_min) && isfinite(p->em_max);
}

static bool has_times(const struct product *p)
{
    bool has_axis = is_type(p, "event") || is_type(p, "timeseries") || p->t_xel > 1;
    return has_axis && isfinite(p->t_min) && isfinite(p->t_max);
}

static bool has_states(const struct product *p)
{
    return p->pol_states && p->pol_states[0] && p->pol_xel > 1;
}

static bool never(const struct product *p)
{
    (void)p;
    return false;
}

/* clang-format off */
static const struct { const char *word; bool (*means)(const struct product *); } MEANS[] = {
    {"POS", has_positions}, {"CIRCLE", has_positions}, {"POLYGON", has_positions},
    {"BAND", has_bands}, {"TIME", has_times}, {"POL", has_states}, {"PIXELS", has_pixels},
    {"CENTER", has_pixels}, {"SIZE", has_pixels}};
/* clang-format on */

bool product_takes(const struct product *p, const struct cutout_word *w)
{
    bool (*means)(const struct product *) = never;
    for (size_t i = 0; i < sizeof MEANS / sizeof *MEANS; i++)
        if (strcmp(MEANS[i].word, w->name) == 0)
            means = MEANS[i].means;
    return means(p);
}

bool product_is_cuttable(const struct product *p)
{
    bool takes = false;
    for (uint32_t i = 0; i < cutout_word_count(); i++)
        takes |= product_takes(p, cutout_word_at(i));
    return takes && product_is_fits(p);
}

/* ---- values ---- */

static void add_number(struct bytes *b, double value)
{
    char text[NUM_TEXT_BYTES];
    bytes_add(b, (str){text, num_print_double(value, text)});
}

static void add_limits(struct bytes *b, double min, double max)
{
    bytes_add_literal(b, "<VALUES><MIN value=\"");
    add_number(b, min);
    bytes_add_literal(b, "\"/><MAX value=\"");
    add_number(b, max);
    bytes_add_literal(b, "\"/></VALUES>");
}

/* The circle that covers it: ObsCore's s_fov is its diameter. */
static void add_circle(struct bytes *b, const struct product *p)
{
    if (!isfinite(p->s_ra) || !isfinite(p->s_dec) || !isfinite(p->s_fov))
        return;
    bytes_add_literal(b, "<VALUES><MAX value=\"");
    add_number(b, p->s_ra);
    bytes_add_char(b, ' ');
    add_number(b, p->s_dec);
    bytes_add_char(b, ' ');
    add_number(b, fmin(p->s_fov / 2, 180));
    bytes_add_literal(b, "\"/></VALUES>");
}

static void add_polygon(struct bytes *b, const struct product *p)
{
    if (!p->s_region)
        return;
    bytes_add_literal(b, "<VALUES><MAX value=\"");
    bytes_add_xml(b, str_of(p->s_region));
    bytes_add_literal(b, "\"/></VALUES>");
}

/* pol_states is "/I/Q/". */
static void add_states(struct bytes *b, const struct product *p)
{
    str rest = str_of(p->pol_states);
    bytes_add_literal(b, "<VALUES>");
    while (rest.at) {
        str state = str_cut(&rest, '/');
        if (state.len == 0)
            continue;
        bytes_add_literal(b, "<OPTION value=\"");
        bytes_add_xml(b, state);
        bytes_add_literal(b, "\"/>");
    }
    bytes_add_literal(b, "</VALUES>");
}

static void add_values(struct bytes *b, const struct cutout_word *w,
                       const struct product *p)
{
    str name = str_of(w->name);
    if (str_eq(name, STR("CIRCLE")))
        add_circle(b, p);
    else if (str_eq(name, STR("POLYGON")))
        add_polygon(b, p);
    else if (str_eq(name, STR("BAND")))
        add_limits(b, p->em_min, p->em_max);
    else if (str_eq(name, STR("TIME")))
        add_limits(b, p->t_min, p->t_max);
    else if (str_eq(name, STR("POL")))
        add_states(b, p);
}

/* ---- the descriptor ---- */

static void add_attribute(struct bytes *b, const char *name, const char *value)
{
    if (!value)
        return;
    bytes_add_format(b, " %s=\"", name);
    bytes_add_xml(b, str_of(value));
    bytes_add_char(b, '"');
}

static void add_text_param(struct bytes *b, const char *name, const char *value)
{
    bytes_add_format(b, "   <PARAM name=\"%s\" datatype=\"char\" arraysize=\"*\"", name);
    add_attribute(b, "value", value);
    bytes_add_literal(b, "/>\n");
}

static void add_id(struct bytes *b, const struct product *p, const char *ref)
{
    bytes_add_literal(b, "    <PARAM name=\"ID\" datatype=\"char\" arraysize=\"*\" "
                         "ucd=\"meta.id;meta.main\"");
    add_attribute(b, "value", p ? p->did : "");
    if (!p)
        add_attribute(b, "ref", ref);
    bytes_add_literal(b, "/>\n");
}

static void add_word(struct bytes *b, const struct cutout_word *w, const struct product *p)
{
    bytes_add_literal(b, "    <PARAM");
    add_attribute(b, "name", w->name);
    add_attribute(b, "datatype", w->datatype);
    add_attribute(b, "arraysize", w->arraysize);
    add_attribute(b, "xtype", w->xtype);
    add_attribute(b, "unit", w->unit);
    add_attribute(b, "ucd", w->ucd);
    bytes_add_literal(b, " value=\"\">\n     <DESCRIPTION>");
    bytes_add_xml(b, str_of(w->description));
    bytes_add_literal(b, "</DESCRIPTION>");
    if (p)
        add_values(b, w, p);
    bytes_add_literal(b, "\n    </PARAM>\n");
}

/* What else than FITS can be made of it. */
static void add_formats(struct bytes *b, const struct product *p)
{
    bytes_add_literal(
        b, "    <PARAM name=\"RESPONSEFORMAT\" datatype=\"char\" arraysize=\"*\" "
           "ucd=\"meta.code.mime\" value=\"\">\n"
           "     <DESCRIPTION>format of the result; optional</DESCRIPTION>"
           "<VALUES><OPTION value=\"application/fits\"/>");
    if (!p || has_pixels(p) || is_type(p, "spectrum"))
        bytes_add_literal(b, "<OPTION value=\"image/png\"/><OPTION value=\"image/jpeg\"/>");
    if (!p || is_type(p, "spectrum"))
        bytes_add_literal(b, "<OPTION value=\"application/x-votable+xml\"/>");
    bytes_add_literal(b, "</VALUES>\n    </PARAM>\n");
}

void descriptor_add(struct bytes *b, const char *xml_id, const char *base, bool is_async,
                    const struct product *p, const char *ref)
{
    char url[1024 + 16];
    snprintf(url, sizeof url, "%.1024s/soda/%s", base, is_async ? "async" : "sync");
    bytes_add_format(b,
                     "  <RESOURCE type=\"meta\" utype=\"adhoc:service\" ID=\"%s\" "
                     "name=\"%s\">\n   <DESCRIPTION>%s</DESCRIPTION>\n",
                     xml_id, xml_id,
                     is_async ? "cut-outs, made in the background" : "a cut-out");
    add_text_param(b, "standardID",
                   is_async ? "ivo://ivoa.net/std/SODA#async-1.0"
                            : "ivo://ivoa.net/std/SODA#sync-1.0");
    add_text_param(b, "accessURL", url);
    bytes_add_literal(b, "   <GROUP name=\"inputParams\">\n");
    add_id(b, p, ref);
    for (uint32_t i = 0; i < cutout_word_count(); i++)
        if (!p || product_takes(p, cutout_word_at(i)))
            add_word(b, cutout_word_at(i), p);
    add_formats(b, p);
    bytes_add_literal(b, "   </GROUP>\n  </RESOURCE>\n");
}
