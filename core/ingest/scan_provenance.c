/* scan_provenance.c -- lineage, made of the registry as tables of the Provenance Data Model
 * 1.0: products come of observations, or of other products by their links #progenitor and
 * #calibration; rows of ivoa.obscore come of scans, which templates configured. Each
 * product gives some rows of each table; what several share is there once. */
#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/ingest/scan_tables.h"

enum put { PUT, SKIP, NO_MORE };

/* Row `isub` of the product at hand. */
typedef enum put put_sub(struct scan_source *, size_t isub, struct made_row *);

/* --- names of things ----------------------------------------------------------------- */

static const char *authority(const struct scan_source *s)
{
    const char *a = products_authority(s->registry);
    return a ? a : "ivo://colure.invalid";
}

static const char *id_of(struct scan_source *s, const char *kind, const char *name)
{
    return arena_format(s->arena, "%s/%s?%s", authority(s), kind,
                        name ? products_local(s->arena, name, NULL) : "");
}

/* What stands behind the authority of a DID. */
static const char *key_of(const struct scan_source *s)
{
    size_t n = strlen(authority(s));
    return strlen(s->product.did) > n ? s->product.did + n + 1 : s->product.did;
}

static const char *record_id(struct scan_source *s)
{
    return arena_format(s->arena, "%s/ivoa.obscore?%s", authority(s), key_of(s));
}

/* The file's mapping is "FINGERPRINT TEMPLATE". */
static const char *template_of(const struct scan_source *s)
{
    const char *space = s->product.mapping ? strchr(s->product.mapping, ' ') : NULL;
    return space && space[1] ? space + 1 : "none";
}

static const char *scan_id(struct scan_source *s)
{
    char time[CLOCK_TEXT_BYTES];
    clock_print_us(s->product.scanned_us, time);
    return arena_format(s->arena, "%s/scan?%s/%s", authority(s), time,
                        products_local(s->arena, template_of(s), NULL));
}

static bool is_input(const struct product_link *l)
{
    return strcmp(l->semantics, "#progenitor") == 0 ||
           strcmp(l->semantics, "#calibration") == 0;
}

static const char *target_of(const struct product_link *l)
{
    return l->target ? l->target : l->url;
}

/* Links backwards: "made from this" of others is not an input, nor is the product itself.
 */
static bool is_used(const struct scan_source *s, size_t i)
{
    const struct product_link *l = &s->link[i];
    return is_input(l) && target_of(l) && strcmp(target_of(l), s->product.did) != 0;
}

static bool is_processed(const struct scan_source *s)
{
    for (size_t i = 0; i < s->nlink; i++)
        if (is_used(s, i))
            return true;
    return false;
}

static bool is_observed(const struct scan_source *s)
{
    return !is_processed(s) && (s->product.facility_name || isfinite(s->product.t_min));
}

/* What made the product; NULL: not known. */
static const char *maker_id(struct scan_source *s)
{
    if (is_processed(s))
        return arena_format(s->arena, "%s/processing?%s", authority(s), key_of(s));
    if (!is_observed(s))
        return NULL;
    return arena_format(s->arena, "%s/observation?%s/%s", authority(s),
                        products_local(s->arena, s->product.obs_collection, NULL),
                        products_local(s->arena, s->product.obs_id, NULL));
}

/* Not in the table yet, by its name. Without memory for more names it may come twice. */
static bool is_first(struct scan_source *s, const char *id)
{
    bool is_new = true;
    return id && (!scan_is_new(s, str_hash(str_of(id)), &is_new) || is_new);
}

static void put_us(struct made_row *row, int64_t us)
{
    if (us > 0)
        made_put_integer(row, us);
    else
        made_put_null(row);
}

static void put_mjd(struct made_row *row, double mjd)
{
    put_us(row, isfinite(mjd) && fabs(mjd) < 1e7 ? (int64_t)((mjd - 40587) * 86400e6) : 0);
}

static void put_texts(struct made_row *row, const char *a, const char *b, const char *c)
{
    scan_put_text(row, a);
    scan_put_text(row, b);
    scan_put_text(row, c);
}

/* --- entities ------------------------------------------------------------------------ */

static void put_entity(struct made_row *row, const char *id, const char *name,
                       const char *location, const char *type, const char *comment)
{
    put_texts(row, id, name, location);
    made_put_null(row); /* generatedattime */
    put_texts(row, comment, type, NULL);
}

static enum put put_product(struct scan_source *s, struct made_row *row)
{
    const struct product *p = &s->product;
    scan_put_text(row, p->did);
    scan_put_text(row, p->obs_title ? p->obs_title : p->obs_id);
    scan_put_url(row, s, p);
    scan_put_time(row, p->obs_creation_date);
    put_texts(row, p->checksum, "dataset", p->dataproduct_type);
    return PUT;
}

static enum put put_record(struct scan_source *s, struct made_row *row)
{
    put_texts(row, record_id(s), "row of ivoa.obscore", "ivoa.obscore");
    put_us(row, s->product.scanned_us);
    put_texts(row, NULL, "record", NULL);
    return PUT;
}

/* What a link points to and is no product here. */
static enum put put_other(struct scan_source *s, const struct product_link *l,
                          struct made_row *row)
{
    struct product found;
    struct err ignored = {0};
    if ((l->target &&
         products_find(s->registry, str_of(l->target), s->arena, &found, &ignored)) ||
        !is_first(s, target_of(l)))
        return SKIP;
    put_entity(row, target_of(l), l->description, l->url, "dataset", NULL);
    return PUT;
}

static enum put sub_entity(struct scan_source *s, size_t isub, struct made_row *row)
{
    if (isub == 0)
        return put_product(s, row);
    if (isub == 1)
        return put_record(s, row);
    if (isub == 2) {
        const char *id = id_of(s, "collection", s->product.obs_collection);
        if (!is_first(s, id))
            return SKIP;
        put_entity(row, id, s->product.obs_collection, NULL, "collection", NULL);
        return PUT;
    }
    if (isub - 3 >= s->nlink)
        return NO_MORE;
    return is_used(s, isub - 3) ? put_other(s, &s->link[isub - 3], row) : SKIP;
}

static enum put sub_member(struct scan_source *s, size_t isub, struct made_row *row)
{
    if (isub > 0)
        return NO_MORE;
    scan_put_text(row, id_of(s, "collection", s->product.obs_collection));
    scan_put_text(row, s->product.did);
    return PUT;
}

/* --- activities ---------------------------------------------------------------------- */

static enum put sub_activity(struct scan_source *s, size_t isub, struct made_row *row)
{
    const struct product *p = &s->product;
    if (isub > 1)
        return NO_MORE;
    const char *id = isub == 0 ? scan_id(s) : maker_id(s);
    if (!is_first(s, id))
        return SKIP;
    scan_put_text(row, id);
    if (isub == 0) {
        scan_put_text(row, arena_format(s->arena, "scan with template %s", template_of(s)));
        put_us(row, s->product.scanned_us);
        made_put_null(row);
        put_texts(row, NULL, NULL, "scan");
        return PUT;
    }
    bool is_observation = is_observed(s);
    scan_put_text(row, p->obs_id);
    put_mjd(row, is_observation ? p->t_min : NAN);
    put_mjd(row, is_observation ? p->t_max : NAN);
    put_texts(row, NULL, p->proposal_id, is_observation ? "observation" : "processing");
    return PUT;
}

static enum put sub_description(struct scan_source *s, size_t isub, struct made_row *row)
{
    static const char *const ROWS[][4] = {
        {"scan", "colure scan", "Reduction", "Reads files, fills ivoa.obscore."},
        {"observation", "observation", "Observation", "Takes the data."},
        {"processing", "processing", "Reduction", "Makes a product of others."}};
    if (isub >= 3)
        return NO_MORE;
    if (!is_first(s, ROWS[isub][0]))
        return SKIP;
    put_texts(row, ROWS[isub][0], ROWS[isub][1], isub == 0 ? s->version : NULL);
    put_texts(row, ROWS[isub][3], NULL, ROWS[isub][2]);
    return PUT;
}

static enum put sub_used(struct scan_source *s, size_t isub, struct made_row *row)
{
    if (isub == 0) {
        put_texts(row, scan_id(s), s->product.did, "data product");
        put_us(row, s->product.scanned_us);
        return PUT;
    }
    if (isub - 1 >= s->nlink)
        return NO_MORE;
    if (!is_used(s, isub - 1))
        return SKIP;
    const struct product_link *l = &s->link[isub - 1];
    put_texts(row, maker_id(s), target_of(l), l->semantics + 1);
    made_put_null(row);
    return PUT;
}

static enum put sub_generated(struct scan_source *s, size_t isub, struct made_row *row)
{
    if (isub > 1)
        return NO_MORE;
    if (isub == 1 && !maker_id(s))
        return SKIP;
    if (isub == 0)
        put_texts(row, record_id(s), scan_id(s), "record");
    else
        put_texts(row, s->product.did, maker_id(s), "data product");
    return PUT;
}

static enum put sub_derived(struct scan_source *s, size_t isub, struct made_row *row)
{
    if (isub > s->nlink)
        return NO_MORE;
    if (isub > 0 && !is_used(s, isub - 1))
        return SKIP;
    scan_put_text(row, isub == 0 ? record_id(s) : s->product.did);
    scan_put_text(row, isub == 0 ? s->product.did : target_of(&s->link[isub - 1]));
    return PUT;
}

/* --- agents -------------------------------------------------------------------------- */

static const char *software_id(struct scan_source *s)
{
    return id_of(s, "software",
                 arena_format(s->arena, "colure-%s", s->version ? s->version : ""));
}

static enum put sub_agent(struct scan_source *s, size_t isub, struct made_row *row)
{
    const struct product *p = &s->product;
    const char *name[] = {"Colure", authority(s), p->facility_name, p->obs_creator_name};
    if (isub > 3)
        return NO_MORE;
    const char *id = isub == 0   ? software_id(s)
                     : isub == 1 ? authority(s)
                                 : id_of(s, isub == 2 ? "facility" : "creator", name[isub]);
    if (!name[isub] || !is_first(s, id))
        return SKIP;
    put_texts(row, id, name[isub], isub == 0 ? "SoftwareAgent" : "Organization");
    scan_put_text(row, isub == 0 ? s->version : NULL);
    return PUT;
}

static enum put sub_associated(struct scan_source *s, size_t isub, struct made_row *row)
{
    const char *id = isub == 0 ? scan_id(s) : maker_id(s);
    if (isub > 1)
        return NO_MORE;
    if (isub == 1 && (!is_observed(s) || !s->product.facility_name))
        return SKIP;
    if (!is_first(s, id))
        return SKIP;
    put_texts(row, id,
              isub == 0 ? software_id(s) : id_of(s, "facility", s->product.facility_name),
              isub == 0 ? "Operator" : "Observer");
    return PUT;
}

static enum put sub_attributed(struct scan_source *s, size_t isub, struct made_row *row)
{
    if (isub > 1)
        return NO_MORE;
    if (isub == 1 && !s->product.obs_creator_name)
        return SKIP;
    put_texts(row, s->product.did,
              isub == 0 ? authority(s) : id_of(s, "creator", s->product.obs_creator_name),
              isub == 0 ? "Publisher" : "Creator");
    return PUT;
}

/* --- templates ----------------------------------------------------------------------- */

static const char *config_id(struct scan_source *s)
{
    return id_of(s, "template", s->product.mapping);
}

static enum put sub_config(struct scan_source *s, size_t isub, struct made_row *row)
{
    if (isub > 0)
        return NO_MORE;
    if (!s->product.mapping || !is_first(s, config_id(s)))
        return SKIP;
    put_texts(row, config_id(s), template_of(s),
              arena_format(s->arena, "%s.yaml", template_of(s)));
    scan_put_text(
        row, arena_format(s->arena, "templates and program: %.16s", s->product.mapping));
    return PUT;
}

static enum put sub_configured(struct scan_source *s, size_t isub, struct made_row *row)
{
    if (isub > 0)
        return NO_MORE;
    if (!s->product.mapping || !is_first(s, scan_id(s)))
        return SKIP;
    put_texts(row, scan_id(s), "ConfigFile", config_id(s));
    return PUT;
}

/* --- rows ---------------------------------------------------------------------------- */

static bool next_product(struct scan_source *s, struct err *e)
{
    s->has_product = scan_next_product(s, &s->product, e);
    s->isub = s->nlink = 0;
    if (s->has_product && s->product.nlink > 0)
        s->has_product =
            products_links(s->registry, &s->product, s->arena, &s->link, &s->nlink, e);
    return s->has_product;
}

static enum step next_row(struct scan_source *s, put_sub *sub, struct made_row *row,
                          struct err *e)
{
    for (;;) {
        enum put put = s->has_product ? sub(s, s->isub++, row) : NO_MORE;
        if (put == PUT)
            return STEP_ROWS;
        if (put == NO_MORE && !next_product(s, e))
            return e->kind ? STEP_FAILED : STEP_END;
    }
}

/* clang-format off */
#define NEXT(name) \
    static enum step next_##name(void *what, struct made_row *row, struct err *e) \
    { \
        return next_row(what, sub_##name, row, e); \
    }
NEXT(entity) NEXT(member) NEXT(activity) NEXT(description) NEXT(used) NEXT(generated)
NEXT(derived) NEXT(agent) NEXT(associated) NEXT(attributed) NEXT(config) NEXT(configured)

#define TEXT(name) {name, STORE_TEXT, 1, true}
#define TIME(name) {name, STORE_TIME_US, 1, true}
static const struct made_column
    ENTITY[] = {TEXT("id"), TEXT("name"), TEXT("location"), TIME("generatedattime"),
                TEXT("comment"), TEXT("entity_type"), TEXT("dataproduct_type")},
    MEMBER[] = {TEXT("collection_id"), TEXT("entity_id")},
    ACTIVITY[] = {TEXT("id"), TEXT("name"), TIME("starttime"), TIME("endtime"),
                  TEXT("comment"), TEXT("proposal_id"), TEXT("activitydescription_id")},
    DESCRIPTION[] = {TEXT("id"), TEXT("name"), TEXT("version"), TEXT("description"),
                     TEXT("docurl"), TEXT("type")},
    USED[] = {TEXT("activity_id"), TEXT("entity_id"), TEXT("role"), TIME("used_time")},
    GENERATED[] = {TEXT("entity_id"), TEXT("activity_id"), TEXT("role")},
    DERIVED[] = {TEXT("generatedentity_id"), TEXT("usedentity_id")},
    AGENT[] = {TEXT("id"), TEXT("name"), TEXT("type"), TEXT("comment")},
    ASSOCIATED[] = {TEXT("activity_id"), TEXT("agent_id"), TEXT("role")},
    ATTRIBUTED[] = {TEXT("entity_id"), TEXT("agent_id"), TEXT("role")},
    CONFIG[] = {TEXT("id"), TEXT("name"), TEXT("location"), TEXT("comment")},
    CONFIGURED[] = {TEXT("activity_id"), TEXT("artefacttype"), TEXT("configfile_id")};

#define TABLE(name, columns, next) \
    {"provenance", name, columns, sizeof columns / sizeof *columns, NULL, NULL, false, next}
const struct scan_table SCAN_PROVENANCE[] = {
    TABLE("entity", ENTITY, next_entity),
    TABLE("hadmember", MEMBER, next_member),
    TABLE("activity", ACTIVITY, next_activity),
    TABLE("activitydescription", DESCRIPTION, next_description),
    TABLE("used", USED, next_used),
    TABLE("wasgeneratedby", GENERATED, next_generated),
    TABLE("wasderivedfrom", DERIVED, next_derived),
    TABLE("agent", AGENT, next_agent),
    TABLE("wasassociatedwith", ASSOCIATED, next_associated),
    TABLE("wasattributedto", ATTRIBUTED, next_attributed),
    TABLE("configfile", CONFIG, next_config),
    TABLE("wasconfiguredby", CONFIGURED, next_configured)};
/* clang-format on */
const size_t SCAN_NPROVENANCE = sizeof SCAN_PROVENANCE / sizeof *SCAN_PROVENANCE;
