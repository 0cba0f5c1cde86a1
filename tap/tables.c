/* tables.c -- /tap/tables: VOSI tables 1.1 with detail= and a document for each table. Made
 * from the catalog, as TAP_SCHEMA and result FIELDs are, so that all three agree. */
#include "core/base/column.h"
#include "core/dali/xml.h"
#include "tap/run.h"

enum { DOCUMENT_MAX_BYTES = 512 * 1024 * 1024 };

struct style {
    bool columns;   /* detail=max */
    bool esa_flags; /* the attribute that astroquery's TAP+ wants; only when it asks */
};

static void add_type(struct bytes *b, const struct store_column *c)
{
    char scratch[COLUMN_ARRAYSIZE_BYTES];
    const char *arraysize = column_arraysize(c, scratch);
    bytes_add_literal(b, "    <dataType xsi:type=\"vs:VOTableType\"");
    if (arraysize)
        bytes_add_format(b, " arraysize=\"%s\"", arraysize);
    if (c->xtype)
        bytes_add_format(b, " extendedType=\"%s\"", c->xtype);
    bytes_add_format(b, ">%s</dataType>\n", column_datatype(c));
}

static void add_column(struct bytes *b, const struct catalog_column *column,
                       const struct style *style)
{
    const struct store_column *c = &column->meta;
    bytes_add_format(b, "   <column std=\"%s\"%s>\n",
                     c->flags & STORE_STD ? "true" : "false",
                     style->esa_flags ? " esatapplus:flags=\"0\"" : "");
    xml_element(b, "    ", "name", column->adql_name);
    xml_element(b, "    ", "description", c->description);
    xml_element(b, "    ", "unit", c->unit);
    xml_element(b, "    ", "ucd", c->ucd);
    xml_element(b, "    ", "utype", c->utype);
    add_type(b, c);
    if (c->flags & STORE_INDEXED)
        bytes_add_literal(b, "    <flag>indexed</flag>\n");
    if (c->flags & STORE_KEY)
        bytes_add_literal(b, "    <flag>primary</flag>\n");
    if (c->flags & STORE_NULLABLE)
        bytes_add_literal(b, "    <flag>nullable</flag>\n");
    bytes_add_literal(b, "   </column>\n");
}

static void add_key(struct bytes *b, const struct catalog_key *k)
{
    bytes_add_literal(b, "   <foreignKey>\n");
    xml_element(b, "    ", "targetTable", k->target);
    for (uint32_t i = 0; i < k->ncolumn; i++) {
        bytes_add_literal(b, "    <fkColumn>\n");
        xml_element(b, "     ", "fromColumn", k->from_column[i]);
        xml_element(b, "     ", "targetColumn", k->to_column[i]);
        bytes_add_literal(b, "    </fkColumn>\n");
    }
    xml_element(b, "    ", "description", k->description);
    xml_element(b, "    ", "utype", k->utype);
    bytes_add_literal(b, "   </foreignKey>\n");
}

static void add_table_content(struct bytes *b, const struct catalog_table *t,
                              const struct style *style)
{
    xml_element(b, "   ", "name", t->full_name);
    xml_element(b, "   ", "title", t->title);
    xml_element(b, "   ", "description", t->description);
    xml_element(b, "   ", "utype", t->utype);
    if (t->row_estimate >= 0)
        bytes_add_format(b, "   <nrows>%lld</nrows>\n", (long long)t->row_estimate);
    for (uint32_t i = 0; style->columns && i < t->ncolumn; i++)
        if (!(t->column[i].meta.flags & STORE_HIDDEN))
            add_column(b, &t->column[i], style);
    for (uint32_t i = 0; style->columns && i < t->nkey; i++)
        add_key(b, &t->key[i]);
}

static const char *table_type(const struct catalog_table *t)
{
    return t->is_view ? "view" : "table";
}

static void add_schema(struct bytes *b, const struct catalog_schema *s,
                       const struct style *style)
{
    bytes_add_literal(b, " <schema>\n");
    xml_element(b, "  ", "name", s->name);
    xml_element(b, "  ", "title", s->title);
    xml_element(b, "  ", "description", s->description);
    xml_element(b, "  ", "utype", s->utype);
    for (uint32_t i = 0; i < s->ntable; i++) {
        bytes_add_format(b, "  <table type=\"%s\">\n", table_type(&s->table[i]));
        add_table_content(b, &s->table[i], style);
        bytes_add_literal(b, "  </table>\n");
    }
    bytes_add_literal(b, " </schema>\n");
}

static const char NAMESPACES[] = " xmlns:vosi=\"http://www.ivoa.net/xml/VOSITables/v1.0\""
                                 " xmlns:vs=\"http://www.ivoa.net/xml/VODataService/v1.1\""
                                 " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

static void add_namespaces(struct bytes *b, const struct style *style)
{
    bytes_add(b, str_of(NAMESPACES));
    if (style->esa_flags)
        bytes_add_literal(b, " xmlns:esatapplus=\"http://esa.int/xml/EsaTapPlus\"");
}

static void add_tableset(struct bytes *b, const struct catalog *catalog,
                         const struct style *style)
{
    bytes_add_literal(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vosi:tableset");
    add_namespaces(b, style);
    bytes_add_literal(b, ">\n");
    for (uint32_t i = 0; i < catalog_nschema(catalog); i++)
        add_schema(b, catalog_schema_at(catalog, i), style);
    bytes_add_literal(b, "</vosi:tableset>\n");
}

static bool add_one_table(struct bytes *b, const struct catalog *catalog, str name,
                          const struct style *style, struct err *e)
{
    const struct catalog_table *t = catalog_find_full_name(catalog, name);
    if (!t)
        return err_set(e, ERR_NOT_FOUND, "there is no table %.*s here",
                       (int)(name.len < 200 ? name.len : 200), name.at);
    bytes_add_literal(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vosi:table");
    add_namespaces(b, style);
    bytes_add_format(b, " type=\"%s\">\n", table_type(t));
    add_table_content(b, t, style);
    bytes_add_literal(b, "</vosi:table>\n");
    return true;
}

static bool read_style(const struct http_request *request, struct style *style,
                       struct err *e)
{
    str detail;
    style->esa_flags = http_request_param(request, "only_tables", NULL) ||
                       http_request_param(request, "tables", NULL);
    if (!dali_param(request->params, request->nparam, "detail", &detail, e))
        return false;
    style->columns = !str_eq(detail, STR("min"));
    if (detail.len == 0 || str_eq(detail, STR("min")) || str_eq(detail, STR("max")))
        return true;
    return err_set(e, ERR_USAGE, "detail is \"%.*s\", but may be min or max",
                   (int)(detail.len < 60 ? detail.len : 60), detail.at);
}

struct http_response *tap_tables(void *context, struct http_request *request)
{
    struct tap *tap = context;
    struct err e = {0};
    struct style style;
    struct bytes b;
    if (!read_style(request, &style, &e))
        return http_reply_error(request, &e);
    bytes_init(&b, DOCUMENT_MAX_BYTES);
    const struct catalog *catalog = tap->dali->catalog(tap->dali->node);
    bool ok = true;
    if (request->rest.len) {
        style.columns = true;
        ok = add_one_table(&b, catalog, request->rest, &style, &e);
    } else
        add_tableset(&b, catalog, &style);
    catalog_drop(catalog);
    if (!ok) {
        bytes_free(&b);
        return http_reply_error(request, &e);
    }
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "text/xml", &b);
    return r;
}
