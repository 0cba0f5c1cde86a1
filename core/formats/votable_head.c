/* votable_head.c -- see votable_head.h. */
#include "core/formats/votable_head.h"

#include <stdio.h>

#include "core/formats/formats.h"

#define PROLOGUE_OF(version)                                                               \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                         \
    "<VOTABLE version=\"" version "\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\""      \
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""                             \
    " xsi:schemaLocation=\"http://www.ivoa.net/xml/VOTable/v1.3"                           \
    " http://www.ivoa.net/xml/VOTable/votable-" version ".xsd\">\n"                        \
    "<RESOURCE type=\"results\">\n"

static const char *const PROLOGUE[] = {
    [VOTABLE_1_4] = PROLOGUE_OF("1.4"), [VOTABLE_1_5] = PROLOGUE_OF("1.5")};

/* Attribute values keep their line ends and tabs only as character references. */
static void add_value(struct bytes *b, const char *value)
{
    for (;;) {
        size_t n = strcspn(value, "\n\t\r");
        bytes_add_xml(b, (str){value, n});
        if (!value[n])
            return;
        bytes_add_format(b, "&#%d;", value[n]);
        value += n + 1;
    }
}

/* ` name="value"`; nothing without a value. */
static void add_attribute(struct bytes *b, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    bytes_add_char(b, ' ');
    bytes_add(b, str_of(name));
    bytes_add_literal(b, "=\"");
    add_value(b, value);
    bytes_add_char(b, '"');
}

static void add_description(struct bytes *b, const char *text)
{
    if (!text || !*text)
        return;
    bytes_add_literal(b, "<DESCRIPTION>");
    bytes_add_xml(b, str_of(text));
    bytes_add_literal(b, "</DESCRIPTION>\n");
}

static void add_info(struct bytes *b, const struct result_info *info)
{
    bytes_add_literal(b, "<INFO");
    add_attribute(b, "name", info->name);
    bytes_add_literal(b, " value=\"");
    add_value(b, info->value ? info->value : "");
    bytes_add_char(b, '"');
    add_attribute(b, "ucd", info->ucd);
    if (!info->text || !*info->text) {
        bytes_add_literal(b, "/>\n");
        return;
    }
    bytes_add_char(b, '>');
    bytes_add_xml(b, str_of(info->text));
    bytes_add_literal(b, "</INFO>\n");
}

/* --- COOSYS and TIMESYS -----------------------------------------------------------------
 */

/* A frame as descriptions name it, as the schema of 1.4 lists it, and as the vocabulary
 * refframe of 1.5 does; NULL: it cannot be said there. */
static const struct {
    const char *name, *term[2];
} FRAMES[] = {
    {"ICRS", {"ICRS", "ICRS"}},
    {"FK4", {"eq_FK4", "FK4"}},
    {"FK5", {"eq_FK5", "FK5"}},
    {"EQUATORIAL", {"eq_FK5", "EQUATORIAL"}},
    {"ECLIPTIC", {"ecl_FK5", "ECLIPTIC"}},
    {"GALACTIC", {"galactic", "GALACTIC"}},
    {"SUPER_GALACTIC", {"supergalactic", "SUPER_GALACTIC"}},
    {"AZ_EL", {NULL, "AZ_EL"}},
    {"BODY", {NULL, "BODY"}},
    {"GALACTIC_I", {NULL, "GALACTIC_I"}},
    {"GENERIC_GALACTIC", {NULL, "GENERIC_GALACTIC"}},
    {"eq_FK4", {"eq_FK4", "FK4"}},
    {"eq_FK5", {"eq_FK5", "FK5"}},
    {"ecl_FK4", {"ecl_FK4", "ecl_FK4"}},
    {"ecl_FK5", {"ecl_FK5", "ECLIPTIC"}},
    {"galactic", {"galactic", "GALACTIC"}},
    {"supergalactic", {"supergalactic", "SUPER_GALACTIC"}},
    {"xy", {"xy", NULL}},
    {"barycentric", {"barycentric", NULL}},
    {"geo_app", {"geo_app", "geo_app"}},
};

static const char *frame_of(const char *system, enum votable_version version)
{
    for (size_t i = 0; system && i < sizeof FRAMES / sizeof *FRAMES; i++)
        if (strcmp(system, FRAMES[i].name) == 0)
            return FRAMES[i].term[version];
    return NULL;
}

/* astroYear ::= [JB]? digits ( . digits* )? */
static const char *astro_year(const char *text)
{
    str s = str_of(text);
    if (s.len && (s.at[0] == 'J' || s.at[0] == 'B'))
        s = (str){s.at + 1, s.len - 1};
    str whole = str_cut(&s, '.');
    bool ok = whole.len > 0;
    for (size_t i = 0; i < whole.len; i++)
        ok &= whole.at[i] >= '0' && whole.at[i] <= '9';
    for (size_t i = 0; i < s.len; i++)
        ok &= s.at[i] >= '0' && s.at[i] <= '9';
    return ok ? text : NULL;
}

static bool same(const char *a, const char *b)
{
    return str_eq(str_of(a), str_of(b));
}

static bool same_coosys(const void *left, const void *right)
{
    const struct store_coosys *a = left, *b = right;
    return same(a->system, b->system) && same(a->equinox, b->equinox) &&
           same(a->epoch, b->epoch) && same(a->refposition, b->refposition);
}

static bool same_timesys(const void *left, const void *right)
{
    const struct store_timesys *a = left, *b = right;
    return same(a->timescale, b->timescale) && same(a->refposition, b->refposition) &&
           same(a->timeorigin, b->timeorigin);
}

/* Different systems of a result; their number is their ID. */
struct systems {
    const char *prefix;
    bool (*is_same)(const void *, const void *);
    const void **list;
    uint32_t count;
};

/* The number of a system, from 1; added when new. 0: none. */
static uint32_t system_number(struct systems *s, const void *system)
{
    if (!system)
        return 0;
    for (uint32_t i = 0; i < s->count; i++)
        if (s->list[i] == system || s->is_same(s->list[i], system))
            return i + 1;
    s->list[s->count++] = system;
    return s->count;
}

static void add_coosys(struct bytes *b, uint32_t number, const struct store_coosys *c,
                       enum votable_version version)
{
    bytes_add_format(b, "<COOSYS ID=\"coosys_%u\"", number);
    add_attribute(b, "system", frame_of(c->system, version));
    add_attribute(b, "equinox", astro_year(c->equinox));
    add_attribute(b, "epoch", astro_year(c->epoch));
    if (version == VOTABLE_1_5)
        add_attribute(b, "refposition", c->refposition);
    bytes_add_literal(b, "/>\n");
}

static void add_timesys(struct bytes *b, uint32_t number, const struct store_timesys *t)
{
    bytes_add_format(b, "<TIMESYS ID=\"timesys_%u\"", number);
    add_attribute(b, "timeorigin", t->timeorigin);
    add_attribute(b, "timescale", t->timescale ? t->timescale : "UNKNOWN");
    add_attribute(b, "refposition", t->refposition ? t->refposition : "UNKNOWN");
    bytes_add_literal(b, "/>\n");
}

/* A system that the version can name. */
static const struct store_coosys *coosys_of(const struct field *f,
                                            enum votable_version version)
{
    const struct store_coosys *c = f->column->coosys;
    return c && frame_of(c->system, version) ? c : NULL;
}

/* --- FIELD ------------------------------------------------------------------------------
 */

/* "16*" as "*": astropy 5 takes a bounded text for one of fixed length in binary streams.
 */
static const char *plain_arraysize(const struct field *f)
{
    size_t len = f->arraysize ? strlen(f->arraysize) : 0;
    bool is_text = f->datatype == DATATYPE_CHAR || f->datatype == DATATYPE_UNICODE;
    bool is_bounded = len > 1 && f->arraysize[len - 1] == '*' && !strchr(f->arraysize, 'x');
    return is_text && is_bounded ? "*" : f->arraysize;
}

static void add_reference(struct bytes *b, const char *prefix, uint32_t number)
{
    bytes_add_literal(b, " ref=\"");
    bytes_add(b, str_of(prefix));
    bytes_add_char(b, '_');
    bytes_add_int(b, number);
    bytes_add_char(b, '"');
}

static void add_field(struct bytes *b, const struct field *f, const char *id,
                      const char *ref_prefix, uint32_t ref)
{
    const struct store_column *c = f->column;
    bytes_add_literal(b, "<FIELD");
    add_attribute(b, "ID", id);
    add_attribute(b, "name", c->name);
    add_attribute(b, "datatype", DATATYPES[f->datatype].name);
    add_attribute(b, "arraysize", plain_arraysize(f));
    add_attribute(b, "unit", c->unit);
    add_attribute(b, "ucd", c->ucd);
    add_attribute(b, "utype", c->utype);
    add_attribute(b, "xtype", f->xtype);
    if (ref)
        add_reference(b, ref_prefix, ref);
    bool has_content = (c->description && *c->description) || f->has_null;
    bytes_add(b, has_content ? STR(">\n") : STR("/>\n"));
    if (!has_content)
        return;
    add_description(b, c->description);
    if (f->has_null)
        bytes_add_format(b, "<VALUES null=\"%lld\"/>\n", (long long)f->null);
    bytes_add_literal(b, "</FIELD>\n");
}

static void add_systems(struct bytes *b, const struct systems *coosys,
                        const struct systems *timesys, enum votable_version version)
{
    for (uint32_t i = 0; i < coosys->count; i++)
        add_coosys(b, i + 1, coosys->list[i], version);
    for (uint32_t i = 0; i < timesys->count; i++)
        add_timesys(b, i + 1, timesys->list[i]);
}

static void add_table(struct bytes *b, const struct result_head *head,
                      const struct field *field, enum votable_version version,
                      struct systems *coosys, struct systems *timesys)
{
    bytes_add_literal(b, "<TABLE");
    add_attribute(b, "name", head->table_name);
    if (head->nrow >= 0)
        bytes_add_format(b, " nrows=\"%lld\"", (long long)head->nrow);
    bytes_add_literal(b, ">\n");
    add_description(b, head->description);
    for (uint32_t i = 0; i < head->ncolumn; i++) {
        uint32_t ref = system_number(coosys, coosys_of(&field[i], version));
        uint32_t time_ref = system_number(timesys, field[i].column->timesys);
        const char *id =
            head->services && i == head->service_column ? head->service_ref : NULL;
        add_field(b, &field[i], id, ref ? "coosys" : "timesys", ref ? ref : time_ref);
    }
}

void votable_add_head(struct bytes *b, const struct result_head *head,
                      const struct field *field, enum votable_version version,
                      struct arena *a)
{
    static const struct result_info OK = {.name = "QUERY_STATUS", .value = "OK"};
    uint32_t n = head->ncolumn + 1;
    struct systems coosys = {"coosys", same_coosys, arena_new_array(a, const void *, n), 0};
    struct systems timesys = {"timesys", same_timesys, arena_new_array(a, const void *, n),
                              0};
    if (!coosys.list || !timesys.list) {
        b->failed = true;
        return;
    }
    for (uint32_t i = 0; i < head->ncolumn; i++) {
        system_number(&coosys, coosys_of(&field[i], version));
        system_number(&timesys, field[i].column->timesys);
    }
    bytes_add(b, str_of(PROLOGUE[version]));
    add_info(b, &OK);
    for (uint32_t i = 0; i < head->ninfo; i++)
        add_info(b, &head->info[i]);
    add_systems(b, &coosys, &timesys, version);
    if (head->params)
        bytes_add(b, str_of(head->params));
    add_table(b, head, field, version, &coosys, &timesys);
}

void votable_add_tail(struct bytes *b, const struct result_head *head, enum ending ending,
                      const struct err *why)
{
    struct result_info info = {.name = "QUERY_STATUS"};
    if (ending == ENDING_OVERFLOW) {
        info.value = "OVERFLOW";
        info.text = head->overflow_text;
    } else if (ending == ENDING_FAILED) {
        info.value = "ERROR";
        info.text = why && *why->message ? why->message : "the query failed";
    }
    if (info.value)
        add_info(b, &info);
    bytes_add_literal(b, "</RESOURCE>\n");
    if (head->services)
        bytes_add(b, str_of(head->services));
    bytes_add_literal(b, "</VOTABLE>\n");
}

/* --- error documents --------------------------------------------------------------------
 */

void format_error_votable(struct bytes *b, const struct err *e, const char *request_id)
{
    char place[64] = "";
    if (e->line > 0 && !strstr(e->message, "line "))
        snprintf(place, sizeof place, " (line %d, column %d)", e->line, e->column);
    bytes_add(b, str_of(PROLOGUE[VOTABLE_1_4]));
    bytes_add_literal(b, "<INFO name=\"QUERY_STATUS\" value=\"ERROR\">");
    bytes_add_xml(b, str_of(*e->message ? e->message : "the request failed"));
    bytes_add_xml(b, str_of(place));
    bytes_add_literal(b, "</INFO>\n");
    if (request_id)
        add_info(b, &(struct result_info){.name = "REQUEST_ID", .value = request_id});
    bytes_add_literal(b, "</RESOURCE>\n</VOTABLE>\n");
}
