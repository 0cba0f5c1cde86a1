/* capabilities.c -- /tap/capabilities: what the service can do, in TAPRegExt's words, made
 * from the function table and the format table, so that it cannot disagree with them. */
#include "core/dali/xml.h"
#include "tap/run.h"

static const char STD[] = "ivo://ivoa.net/std/";

static void add_feature(struct bytes *b, const struct adql_declared *d)
{
    bytes_add_literal(b, "    <feature>\n");
    xml_element(b, "     ", "form", d->form);
    xml_element(b, "     ", "description", d->description);
    bytes_add_literal(b, "    </feature>\n");
}

/* What a function needs of the node, the node has. */
static bool is_able(const struct dali *d, const struct adql_declared *f)
{
    if (f->needs == ADQL_NEEDS_RESOLVER)
        return d->env.resolve != NULL;
    if (f->needs != ADQL_NEEDS_VOCABULARIES)
        return true;
    const struct catalog *catalog = d->catalog(d->node);
    bool has_some = catalog_has_vocabularies(catalog);
    catalog_drop(catalog);
    return has_some;
}

static void add_features(struct bytes *b, const struct dali *dali,
                         enum adql_feature feature)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < adql_declared_count(); i++) {
        const struct adql_declared *d = adql_declared_at(i);
        if (d->feature != feature || !is_able(dali, d))
            continue;
        if (n++ == 0)
            bytes_add_format(b, "   <languageFeatures type=\"%s\">\n",
                             adql_feature_type(feature));
        add_feature(b, d);
    }
    if (n)
        bytes_add_literal(b, "   </languageFeatures>\n");
}

/* COALESCE works but is not declared: its key is newer than the validator of Debian 12,
 * which calls it an error (docs/decisions/005-declared-features.md). */
static bool is_declared(enum adql_feature f)
{
    return adql_feature_type(f) && f != ADQL_FEATURE_CONDITIONAL;
}

static void add_language(struct bytes *b, const struct dali *d)
{
    bytes_add_format(b,
                     "  <language>\n   <name>ADQL</name>\n"
                     "   <version ivo-id=\"%sADQL#v2.0\">2.0</version>\n"
                     "   <version ivo-id=\"%sADQL#v2.1\">2.1</version>\n"
                     "   <description>ADQL 2.1 with all optional features</description>\n",
                     STD, STD);
    for (int f = 0; f < ADQL_NFEATURE; f++)
        if (is_declared((enum adql_feature)f))
            add_features(b, d, (enum adql_feature)f);
    bytes_add_literal(b, "  </language>\n");
}

/* Aliases that are the mime itself or longer media types of other formats are left out. */
static void add_format(struct bytes *b, const struct format *f)
{
    bytes_add_literal(b, "  <outputFormat");
    if (f->ivo_id)
        bytes_add_format(b, " ivo-id=\"%s\"", f->ivo_id);
    bytes_add_literal(b, ">\n");
    xml_element(b, "   ", "mime", f->mime);
    for (const char *const *alias = f->alias; alias && *alias; alias++)
        if (strcmp(*alias, f->mime) != 0)
            xml_element(b, "   ", "alias", *alias);
    bytes_add_literal(b, "  </outputFormat>\n");
}

static void add_uploads(struct bytes *b)
{
    static const char *const METHOD[] = {"upload-inline", "upload-http", "upload-https"};
    for (int i = 0; i < 3; i++)
        bytes_add_format(b, "  <uploadMethod ivo-id=\"%sTAPRegExt#%s\"/>\n", STD,
                         METHOD[i]);
}

static void add_limits(struct bytes *b, const struct dali_limits *l)
{
    bytes_add_format(b,
                     "  <retentionPeriod><default>%.0f</default><hard>%.0f</hard>"
                     "</retentionPeriod>\n"
                     "  <executionDuration><default>%.0f</default><hard>%.0f</hard>"
                     "</executionDuration>\n",
                     l->default_lifetime_s, l->max_lifetime_s, l->async_seconds,
                     l->max_async_seconds);
    bytes_add_format(b,
                     "  <outputLimit><default unit=\"row\">%lld</default>"
                     "<hard unit=\"row\">%lld</hard></outputLimit>\n"
                     "  <uploadLimit><default unit=\"byte\">%llu</default>"
                     "<hard unit=\"byte\">%llu</hard></uploadLimit>\n",
                     (long long)l->default_rows, (long long)l->max_rows,
                     (unsigned long long)l->upload_bytes,
                     (unsigned long long)l->upload_bytes);
}

/* Data models are declared where their tables are (OBS-11): clients look for services so.
 */
static void add_models(struct bytes *b, const struct dali *d)
{
    static const struct {
        const char *table, *id, *name;
    } MODELS[] = {
        {"obscore", "ivo://ivoa.net/std/ObsCore#core-1.1", "ObsCore-1.1"},
        {"obsplan", "ivo://ivoa.net/std/ObsLocTAP#table-1.0", "ObsLocTAP-1.0"},
    };
    const struct catalog *catalog = d->catalog(d->node);
    bool is_ambiguous;
    for (size_t i = 0; i < sizeof MODELS / sizeof *MODELS; i++)
        if (catalog_find_table(catalog, (struct catalog_name){STR("ivoa"), false},
                               (struct catalog_name){str_of(MODELS[i].table), false},
                               &is_ambiguous))
            bytes_add_format(b, "  <dataModel ivo-id=\"%s\">%s</dataModel>\n", MODELS[i].id,
                             MODELS[i].name);
    catalog_drop(catalog);
}

static void add_tap(struct bytes *b, const struct dali *d, const char *base)
{
    bytes_add_format(
        b,
        " <capability standardID=\"%sTAP\" xsi:type=\"tr:TableAccess\">\n"
        "  <interface xsi:type=\"vs:ParamHTTP\" role=\"std\" version=\"1.1\">\n"
        "   <accessURL use=\"base\">",
        STD);
    bytes_add_xml(b, str_of(base));
    bytes_add_literal(b, "/tap</accessURL>\n  </interface>\n");
    add_models(b, d);
    add_language(b, d);
    for (uint32_t i = 0; i < format_count(); i++)
        if (format_at(i)->is_declared)
            add_format(b, format_at(i));
    add_uploads(b);
    add_limits(b, dali_limits(d));
    bytes_add_literal(b, " </capability>\n");
}

struct http_response *tap_capabilities(void *context, struct http_request *request)
{
    struct tap *tap = context;
    const char *base = dali_base_url(tap->dali, request);
    struct bytes b;
    bytes_init(&b, 4 * 1024 * 1024);
    xml_capabilities_begin(&b);
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#capabilities", "vs:ParamHTTP", "1.0",
                   "full", base, "/tap/capabilities");
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#availability", "vs:ParamHTTP", "1.0",
                   "full", base, "/tap/availability");
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#tables-1.1", "vs:ParamHTTP", "1.1", "full",
                   base, "/tap/tables");
    xml_capability(&b, "ivo://ivoa.net/std/DALI#examples", "vr:WebBrowser", NULL, "full",
                   base, "/tap/examples");
    add_tap(&b, tap->dali, base);
    xml_capabilities_end(&b);
    struct http_response *r = http_reply(request, 200);
    http_reply_last_modified(r, tap->dali->up_since_us / 1000000);
    http_reply_buffer(r, "text/xml", &b);
    return r;
}
