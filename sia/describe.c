/* describe.c -- what SIA 2.0 takes, as a descriptor in each of its answers (SIA 2.0,
 * "Service self-description"; DataLink 1.1, "adhoc:this"), so that clients make a form of
 * it. */
#include "sia/inside.h"

#include "core/base/bytes.h"

/* clang-format off */
static const struct input {
    const char *name, *datatype, *arraysize, *xtype, *unit, *ucd, *options, *description;
} INPUTS[] = {
    {"POS", "char", "*", NULL, "deg", "pos.outline;obs", NULL,
     "CIRCLE lon lat radius, RANGE lon1 lon2 lat1 lat2 or POLYGON lon1 lat1 ...; ICRS"},
    {"BAND", "double", "2", "interval", "m", "em.wl;stat.interval", NULL, "wavelengths in vacuum"},
    {"TIME", "double", "2", "interval", "d", "time.interval;obs.exposure", NULL, "times, MJD"},
    {"POL", "char", "*", NULL, NULL, "meta.code;phys.polarization",
     SIA2_STATES, "a state of polarization"},
    {"FOV", "double", "2", "interval", "deg", "phys.angSize;instr.fov", NULL, "size of the field"},
    {"SPATRES", "double", "2", "interval", "arcsec", "pos.angResolution", NULL, "resolution on the sky"},
    {"SPECRP", "double", "2", "interval", NULL, "spect.resolution", NULL, "resolving power"},
    {"EXPTIME", "double", "2", "interval", "s", "time.duration;obs.exposure", NULL, "exposure time"},
    {"TIMERES", "double", "2", "interval", "s", "time.resolution", NULL, "resolution in time"},
    {"ID", "char", "*", NULL, NULL, "meta.ref.ivoid", NULL, "obs_publisher_did"},
    {"COLLECTION", "char", "*", NULL, NULL, "meta.id", NULL, "obs_collection"},
    {"FACILITY", "char", "*", NULL, NULL, "meta.id;instr.tel", NULL, "facility_name"},
    {"INSTRUMENT", "char", "*", NULL, NULL, "meta.id;instr", NULL, "instrument_name"},
    {"DPTYPE", "char", "*", NULL, NULL, "meta.code.class", "image cube", "dataproduct_type"},
    {"CALIB", "int", NULL, NULL, NULL, "meta.code;obs.calib", "0 1 2 3 4", "level of calibration"},
    {"TARGET", "char", "*", NULL, NULL, "meta.id;src", NULL, "target_name"},
    {"FORMAT", "char", "*", NULL, NULL, "meta.code.mime", NULL, "access_format"},
    {"MAXREC", "int", NULL, NULL, NULL, "meta.number", NULL, "at most so many rows"},
    {"RESPONSEFORMAT", "char", "*", NULL, NULL, "meta.code.mime", NULL, "format of the answer"},
};
/* clang-format on */

static void add_attribute(struct bytes *b, const char *name, const char *value)
{
    if (value)
        bytes_add_format(b, " %s=\"%s\"", name, value);
}

static void add_input(struct bytes *b, const struct input *p)
{
    bytes_add_format(b, "   <PARAM name=\"%s\" datatype=\"%s\"", p->name, p->datatype);
    add_attribute(b, "arraysize", p->arraysize);
    add_attribute(b, "xtype", p->xtype);
    add_attribute(b, "unit", p->unit);
    add_attribute(b, "ucd", p->ucd);
    /* a PARAM has a value; the client's comes in its place */
    const char *none = strcmp(p->datatype, "double") == 0 ? "NaN NaN"
                       : strcmp(p->datatype, "int") == 0  ? "0"
                                                          : "";
    bytes_add_format(b, " value=\"%s\">\n    <DESCRIPTION>%s</DESCRIPTION>\n", none,
                     p->description);
    str rest = str_of(p->options);
    if (p->options)
        bytes_add_literal(b, "    <VALUES>");
    while (p->options && rest.at) {
        str option = str_cut(&rest, ' ');
        bytes_add_format(b, "<OPTION value=\"%.*s\"/>", STR_FMT(option));
    }
    bytes_add(b, p->options ? STR("</VALUES>\n   </PARAM>\n") : STR("   </PARAM>\n"));
}

const char *sia2_description(const char *base, struct arena *arena)
{
    struct bytes b;
    bytes_init(&b, 64 * 1024);
    bytes_add_literal(&b, " <RESOURCE type=\"meta\" utype=\"adhoc:this\" name=\"this\">\n"
                          "  <PARAM name=\"standardID\" datatype=\"char\" arraysize=\"*\" "
                          "value=\"ivo://ivoa.net/std/SIA#query-2.0\"/>\n"
                          "  <PARAM name=\"accessURL\" datatype=\"char\" arraysize=\"*\" "
                          "value=\"");
    bytes_add_xml(&b, str_of(base));
    bytes_add_literal(&b, "/sia2\"/>\n  <GROUP name=\"inputParams\">\n");
    for (size_t i = 0; i < sizeof INPUTS / sizeof *INPUTS; i++)
        add_input(&b, &INPUTS[i]);
    bytes_add_literal(&b, "  </GROUP>\n </RESOURCE>\n");
    const char *text = b.failed ? NULL : arena_text(arena, bytes_str(&b));
    bytes_free(&b);
    return text;
}
