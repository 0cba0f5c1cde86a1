/* scan_voevent.c -- alert packets in XML (VOEvent 1.1, 2.0): one row of voevent.alerts
 * each. Read by libxml2 without the network; a packet with a document type, and so with
 * entities, is refused. */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <math.h>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/ingest/scan_tables.h"
#include "core/sky/sky.h"

enum { WHAT_BYTES = 1 << 20, MAX_DEPTH = 8 };

/* --- the tree ------------------------------------------------------------------------ */

static bool is_named(const xmlNode *n, const char *name)
{
    return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0;
}

static xmlNode *child_of(xmlNode *n, const char *name)
{
    for (xmlNode *c = n ? n->children : NULL; c; c = c->next)
        if (is_named(c, name))
            return c;
    return NULL;
}

/* Down a path of names, NULL-terminated. */
static xmlNode *follow(xmlNode *n, const char *const *name)
{
    for (; *name && n; name++)
        n = child_of(n, *name);
    return n;
}

static const char *keep(struct arena *arena, xmlChar *text)
{
    str t = str_trim(str_of((const char *)text));
    const char *kept = t.len ? arena_text(arena, t) : NULL;
    xmlFree(text);
    return kept;
}

static const char *text_of(struct arena *arena, xmlNode *n)
{
    return n ? keep(arena, xmlNodeGetContent(n)) : NULL;
}

static const char *attribute(struct arena *arena, xmlNode *n, const char *name)
{
    return n ? keep(arena, xmlGetNoNsProp(n, (const xmlChar *)name)) : NULL;
}

static double number_of(const char *text)
{
    double value;
    return text && num_parse_double(str_of(text), &value) && isfinite(value) ? value : NAN;
}

static int64_t time_of(const char *text)
{
    int64_t us;
    return text && clock_parse_us(str_of(text), &us) ? us : PRODUCT_NONE;
}

/* --- parts of a packet --------------------------------------------------------------- */

static void add_params(struct bytes *b, struct arena *arena, xmlNode *n, const char *group,
                       int depth)
{
    for (xmlNode *c = n ? n->children : NULL; c && depth < MAX_DEPTH; c = c->next) {
        const char *name = attribute(arena, c, "name");
        if (is_named(c, "Group"))
            add_params(b, arena, c, name, depth + 1);
        if (!is_named(c, "Param") || !name)
            continue;
        const char *value = attribute(arena, c, "value");
        bytes_add(b, b->len ? STR(", \"") : STR("{\""));
        if (group) {
            bytes_add_json(b, str_of(group));
            bytes_add_char(b, '.');
        }
        bytes_add_json(b, str_of(name));
        bytes_add_literal(b, "\": \"");
        bytes_add_json(b, str_of(value));
        bytes_add_char(b, '"');
    }
}

/* The parameters as one JSON object; NULL: none. */
static const char *what_of(struct arena *arena, xmlNode *what)
{
    struct bytes b;
    bytes_init(&b, WHAT_BYTES);
    add_params(&b, arena, what, NULL, 0);
    if (b.len)
        bytes_add_char(&b, '}');
    const char *text = b.len && !b.failed ? arena_text(arena, bytes_str(&b)) : NULL;
    bytes_free(&b);
    return text;
}

static void take_place(struct arena *arena, xmlNode *root, struct product_alert *a)
{
    static const char *const COORDS[] = {"WhereWhen", "ObsDataLocation",
                                         "ObservationLocation", "AstroCoords", NULL};
    static const char *const TIME[] = {"Time", "TimeInstant", "ISOTime", NULL};
    static const char *const LON[] = {"Position2D", "Value2", "C1", NULL};
    static const char *const LAT[] = {"Position2D", "Value2", "C2", NULL};
    static const char *const ERROR[] = {"Position2D", "Error2Radius", NULL};
    struct err ignored = {0};
    xmlNode *coords = follow(root, COORDS);
    const char *system = attribute(arena, coords, "coord_system_id");
    a->event_us = time_of(text_of(arena, follow(coords, TIME)));
    double lon = number_of(text_of(arena, follow(coords, LON)));
    double lat = number_of(text_of(arena, follow(coords, LAT)));
    a->error_deg = number_of(text_of(arena, follow(coords, ERROR)));
    if (system && strstr(system, "GAL")) {
        struct sky_point p = sky_frame_transform(SKY_GALACTIC, SKY_ICRS, lon, lat);
        lon = p.lon_deg, lat = p.lat_deg;
    }
    bool is_place = sky_position_check(lon, lat, &ignored);
    a->ra_deg = is_place ? sky_lon_reduce(lon) : NAN;
    a->dec_deg = is_place ? lat : NAN;
}

static void take_packet(struct arena *arena, xmlNode *root, struct product_alert *a)
{
    static const char *const DATE[] = {"Who", "Date", NULL};
    static const char *const AUTHOR[] = {"Who", "AuthorIVORN", NULL};
    static const char *const CITE[] = {"Citations", "EventIVORN", NULL};
    static const char *const NAME[] = {"Inference", "Name", NULL};
    xmlNode *why = child_of(root, "Why"), *inference = child_of(why, "Inference");
    a->ivorn = attribute(arena, root, "ivorn");
    a->role = attribute(arena, root, "role");
    a->author = text_of(arena, follow(root, AUTHOR));
    a->date_us = time_of(text_of(arena, follow(root, DATE)));
    a->importance = number_of(attribute(arena, why, "importance"));
    xmlNode *concept = child_of(why, "Concept");
    a->concept = text_of(arena, concept ? concept : child_of(inference, "Concept"));
    a->name = text_of(arena, follow(why, NAME));
    xmlNode *description = child_of(root, "Description");
    a->description =
        text_of(arena, description ? description : child_of(why, "Description"));
    a->cites = text_of(arena, follow(root, CITE));
    a->what = what_of(arena, child_of(root, "What"));
    take_place(arena, root, a);
}

bool scan_voevent(struct scan_subject *s, str xml)
{
    struct product_alert *a = arena_new_one(s->arena, struct product_alert);
    xmlDoc *doc = xmlReadMemory(xml.at, (int)xml.len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                    XML_PARSE_NOCDATA);
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    if (!a)
        err_set(s->e, ERR_LIMIT, "no memory for a packet");
    else if (!root)
        err_set(s->e, ERR_USAGE, "it is no well-formed XML");
    else if (doc->intSubset || doc->extSubset)
        err_set(s->e, ERR_USAGE, "it has a document type, which VOEvent forbids");
    else
        take_packet(s->arena, root, a);
    xmlFreeDoc(doc);
    if (!s->e->kind && !a->ivorn)
        err_set(s->e, ERR_USAGE, "the VOEvent has no ivorn");
    if (!s->e->kind)
        s->out->alert = a;
    return !s->e->kind;
}

/* --- voevent.alerts ------------------------------------------------------------------ */

/* clang-format off */
#define TEXT(name) {name, STORE_TEXT, 1, true}
#define REAL(name) {name, STORE_F64, 1, true}
#define TIME(name) {name, STORE_TIME_US, 1, true}
static const struct made_column ALERTS[] = {
    TEXT("ivorn"), TEXT("role"), TIME("event_time"), REAL("ra"), REAL("dec"),
    REAL("error_radius"), TEXT("concept"), TEXT("name"), REAL("importance"), TIME("packet_date"),
    TEXT("author_ivorn"), TEXT("cites"), TEXT("description"), TEXT("what")};
/* clang-format on */

static void put_time(struct made_row *row, int64_t us)
{
    if (us == PRODUCT_NONE)
        made_put_null(row);
    else
        made_put_integer(row, us);
}

static enum step next_alert(void *what, struct made_row *row, struct err *e)
{
    struct scan_source *s = what;
    struct product_alert a;
    arena_reset(s->arena);
    if (!products_next_alert(s->registry, s->arena, &a, e))
        return e->kind ? STEP_FAILED : STEP_END;
    scan_put_text(row, a.ivorn);
    scan_put_text(row, a.role);
    put_time(row, a.event_us);
    made_put(row, a.ra_deg);
    made_put(row, a.dec_deg);
    made_put(row, a.error_deg);
    scan_put_text(row, a.concept);
    scan_put_text(row, a.name);
    made_put(row, a.importance);
    put_time(row, a.date_us);
    scan_put_text(row, a.author);
    scan_put_text(row, a.cites);
    scan_put_text(row, a.description);
    scan_put_text(row, a.what);
    return STEP_ROWS;
}

const struct scan_table SCAN_ALERTS = {
    "voevent", "alerts", ALERTS, sizeof ALERTS / sizeof *ALERTS,
    "ra",      "dec",    true,   next_alert};
