/* links.c -- /datalink/links: what belongs to each ID, a row a link, written while it is
 * sent (DL-1 to 17). */
#include <math.h>
#include <stdio.h>

#include "core/base/num.h"
#include "datalink/inside.h"

enum { MAX_IDS = 50000, OWN_DESCRIPTORS = 20, SCRATCH_BYTES = 8 << 20 };
enum { PACKAGE_MOST = 30 }; /* products in an address of the usual length */

struct links {
    struct datalink *service;
    struct http_request *request;
    const char *base;
    const struct http_param *next; /* the ID whose turn it is */
    uint32_t nid, idone;
    int64_t nrow, max_rows; /* -1: no limit */
    bool overflow;
    enum { HEAD, ROWS, TAIL, DONE } state;
    bool is_generic;  /* one descriptor for all, by reference to the column */
    struct bytes out; /* not sent yet, from `sent` on */
    size_t sent;
    struct bytes after; /* descriptors */
    uint32_t ndescriptor;
    struct arena *scratch; /* of one ID */
};

/* ---- the table's frame ---- */

static const char HEAD_TEXT[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\n"
    " <RESOURCE type=\"results\">\n"
    "  <INFO name=\"QUERY_STATUS\" value=\"OK\"/>\n"
    "  <INFO name=\"standardID\" value=\"ivo://ivoa.net/std/DataLink#links-1.1\"/>\n"
    "  <TABLE>\n"
    "   <FIELD ID=\"datalinkID\" name=\"ID\" datatype=\"char\" arraysize=\"*\" "
    "ucd=\"meta.id;meta.main\"><DESCRIPTION>whose link it is</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"access_url\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.ref.url\">"
    "<DESCRIPTION>where it can be had</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"service_def\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.ref\">"
    "<DESCRIPTION>or the service that makes it</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"error_message\" datatype=\"char\" arraysize=\"*\" "
    "ucd=\"meta.code.error\"><DESCRIPTION>or why there is none</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"description\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.note\">"
    "<DESCRIPTION>what it is, for people</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"semantics\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.code\">"
    "<DESCRIPTION>what it is, for programs</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"content_type\" datatype=\"char\" arraysize=\"*\" "
    "ucd=\"meta.code.mime\"><DESCRIPTION>media type</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"content_length\" datatype=\"long\" unit=\"byte\" "
    "ucd=\"phys.size;meta.file\"><DESCRIPTION>size</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"content_qualifier\" datatype=\"char\" arraysize=\"*\">"
    "<DESCRIPTION>kind of data product</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"local_semantics\" datatype=\"char\" arraysize=\"*\" "
    "ucd=\"meta.id.assoc\"><DESCRIPTION>what is alike among IDs</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"link_auth\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.code\">"
    "<DESCRIPTION>is a login needed?</DESCRIPTION></FIELD>\n"
    "   <FIELD name=\"link_authorized\" datatype=\"boolean\" ucd=\"meta.code\">"
    "<DESCRIPTION>may the present caller have it?</DESCRIPTION></FIELD>\n"
    "   <DATA><TABLEDATA>\n";

struct link { /* one row; NULL: null */
    const char *id, *url, *service, *error, *description, *semantics, *content_type,
        *qualifier, *local;
    int64_t bytes;
};

static void add_cell(struct bytes *b, const char *text)
{
    if (!text) {
        bytes_add_literal(b, "<TD/>");
        return;
    }
    bytes_add_literal(b, "<TD>");
    bytes_add_xml(b, str_of(text));
    bytes_add_literal(b, "</TD>");
}

static void add_row(struct links *l, const struct link *row)
{
    struct bytes *b = &l->out;
    bytes_add_literal(b, "<TR>");
    const char *const before[] = {row->id,          row->url,         row->service,
                                  row->error,       row->description, row->semantics,
                                  row->content_type};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        add_cell(b, before[i]);
    if (row->bytes >= 0)
        bytes_add_format(b, "<TD>%lld</TD>", (long long)row->bytes);
    else
        bytes_add_literal(b, "<TD/>");
    add_cell(b, row->qualifier);
    add_cell(b, row->local);
    if (row->error)
        bytes_add_literal(b, "<TD/><TD/></TR>\n");
    else
        bytes_add_literal(b, "<TD>false</TD><TD>T</TD></TR>\n");
    l->nrow++;
}

/* ---- the links of a product ---- */

/* clang-format off */
static const struct { const char *type, *term; } QUALIFIERS[] = {
    {"image", "#image"}, {"cube", "#cube"}, {"spectrum", "#spectrum"}, {"sed", "#sed"},
    {"event", "#event-list"}, {"timeseries", "#timeseries"}, {"visibility", "#visibility"},
    {"measurements", "#measurements"}};
/* clang-format on */

static const char *qualifier_of(const struct product *p)
{
    for (size_t i = 0; p->dataproduct_type && i < sizeof QUALIFIERS / sizeof *QUALIFIERS;
         i++)
        if (strcmp(p->dataproduct_type, QUALIFIERS[i].type) == 0)
            return QUALIFIERS[i].term;
    return NULL;
}

static const char *url_of(struct links *l, const char *path, const struct product *p)
{
    struct bytes b;
    bytes_init(&b, 64 * 1024);
    product_add_url(&b, l->base, path, p);
    const char *url = arena_text(l->scratch, bytes_str(&b));
    bytes_free(&b);
    return url;
}

static const char *with_id(struct links *l, const char *path, const char *id)
{
    struct bytes b;
    bytes_init(&b, 64 * 1024);
    bytes_add(&b, str_of(l->base));
    bytes_add(&b, str_of(path));
    bytes_add_url(&b, str_of(id));
    const char *url = arena_text(l->scratch, bytes_str(&b));
    bytes_free(&b);
    return url;
}

static void add_this(struct links *l, const char *id, const struct product *p)
{
    const char *description = "the data";
    if (p->hdu >= 0 && p->nhdu_product > 1)
        description = arena_format(l->scratch, "the file; the data are its HDU %lld",
                                   (long long)p->hdu);
    else if (p->obs_title)
        description = p->obs_title;
    add_row(l, &(struct link){.id = id,
                              .url = url_of(l, PRODUCT_FILE_PATH, p),
                              .description = description,
                              .semantics = "#this",
                              .content_type = product_media_type(p),
                              .bytes = p->bytes,
                              .qualifier = qualifier_of(p),
                              .local = "file"});
}

static void add_preview(struct links *l, const char *id, const struct product *p)
{
    if (product_has_preview(p))
        add_row(l, &(struct link){.id = id,
                                  .url = url_of(l, PRODUCT_PREVIEW_PATH, p),
                                  .description = "made small, to be looked at",
                                  .semantics = "#preview",
                                  .content_type = preview_media_type(p),
                                  .bytes = -1,
                                  .qualifier = "#image",
                                  .local = "preview"});
}

static const char *service_id(struct links *l, bool is_async, const struct product *p)
{
    const char *word = is_async ? "soda_async" : "soda_sync";
    if (l->is_generic)
        return word;
    const char *id = arena_format(l->scratch, "%s_%u", word, l->ndescriptor);
    if (id)
        descriptor_add(&l->after, id, l->base, is_async, p, NULL);
    return id;
}

static void add_cutouts(struct links *l, const char *id, const struct product *p)
{
    if (!product_is_cuttable(p))
        return;
    l->ndescriptor++;
    for (int is_async = 0; is_async < 2; is_async++)
        add_row(l,
                &(struct link){.id = id,
                               .service = service_id(l, is_async, p),
                               .description = is_async ? "cut-outs, made in the background"
                                                       : "a cut-out, at once",
                               .semantics = "#cutout",
                               .content_type = "application/fits",
                               .bytes = -1,
                               .qualifier = qualifier_of(p),
                               .local = is_async ? "cutout-job" : "cutout"});
}

static void add_registered(struct links *l, const char *id, const struct product_link *link)
{
    bool is_ours = link->target != NULL;
    add_row(
        l, &(struct link){
               .id = id,
               .url = is_ours ? with_id(l, "/datalink/links?ID=", link->target) : link->url,
               .description = link->description,
               .semantics = link->semantics,
               .content_type = is_ours ? "application/x-votable+xml;content=datalink"
                                       : link->content_type,
               .bytes = is_ours || link->bytes < 0 ? -1 : link->bytes,
               .qualifier = link->content_qualifier,
               .local = link->local_semantics});
}

/* The product with those of ours that it is linked with, as one tar. */
static void add_package(struct links *l, const char *id, const struct product_link *link,
                        size_t n)
{
    unsigned count = 1;
    struct bytes b;
    bytes_init(&b, 64 * 1024);
    bytes_add(&b, str_of(l->base));
    bytes_add_literal(&b, "/datalink/package?ID=");
    bytes_add_url(&b, str_of(id));
    for (size_t i = 0; i < n && count < PACKAGE_MOST; i++)
        if (link[i].target) {
            bytes_add_literal(&b, "&ID=");
            bytes_add_url(&b, str_of(link[i].target));
            count++;
        }
    const char *url = arena_text(l->scratch, bytes_str(&b));
    bytes_free(&b);
    if (count < 2)
        return;
    add_row(
        l, &(struct link){.id = id,
                          .url = url,
                          .description = arena_format(l->scratch,
                                                      "this and what it is linked with: %u "
                                                      "products as one tar file",
                                                      count),
                          .semantics = "#package",
                          .content_type = "application/x-tar",
                          .bytes = -1,
                          .local = "package"});
}

static bool add_links(struct links *l, const char *id, const struct product *p,
                      struct err *e)
{
    struct product_link *link;
    size_t n;
    if (!products_links(l->service->products, p, l->scratch, &link, &n, e))
        return false;
    add_this(l, id, p);
    add_preview(l, id, p);
    add_cutouts(l, id, p);
    for (size_t i = 0; i < n; i++)
        if (link[i].target || link[i].url)
            add_registered(l, id, &link[i]);
    add_package(l, id, link, n);
    return true;
}

/* Errors of one ID are rows (DL-13, 14). */
static void add_fault(struct links *l, const char *id, const struct err *e)
{
    const char *text =
        arena_format(l->scratch, "%s: %s", err_datalink_fault(e->kind), e->message);
    add_row(l, &(struct link){.id = id,
                              .error = text ? text : "FatalFault: out of memory",
                              .semantics = "#this",
                              .bytes = -1});
}

static void add_one(struct links *l, str value)
{
    struct product p;
    struct err e = {0};
    arena_reset(l->scratch);
    size_t rows = l->out.len;
    int64_t nrow = l->nrow;
    const char *id = arena_text(l->scratch, value);
    if (!id)
        return;
    if (datalink_find(l->service, value, l->scratch, &p, &e) && add_links(l, id, &p, &e))
        return;
    l->out.len = rows, l->nrow = nrow;
    add_fault(l, id, &e);
}

/* ---- the stream ---- */

static void add_tail(struct links *l)
{
    struct bytes *b = &l->out;
    bytes_add_literal(b, "   </TABLEDATA></DATA>\n  </TABLE>\n");
    if (l->overflow)
        bytes_add_literal(b, "  <INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\">"
                             "ask again for the IDs that are missing</INFO>\n");
    bytes_add_literal(b, " </RESOURCE>\n");
    if (l->is_generic)
        for (int is_async = 0; is_async < 2; is_async++)
            descriptor_add(&l->after, is_async ? "soda_async" : "soda_sync", l->base,
                           is_async, NULL, "datalinkID");
    bytes_add(b, bytes_str(&l->after));
    bytes_add_literal(b, " <RESOURCE type=\"meta\" utype=\"adhoc:this\" name=\"links\">\n"
                         "  <DESCRIPTION>links of data products</DESCRIPTION>\n"
                         "  <PARAM name=\"standardID\" datatype=\"char\" arraysize=\"*\" "
                         "value=\"ivo://ivoa.net/std/DataLink#links-1.1\"/>\n"
                         "  <PARAM name=\"accessURL\" datatype=\"char\" arraysize=\"*\" "
                         "value=\"");
    bytes_add_xml(b, str_of(l->base));
    bytes_add_literal(b, "/datalink/links\"/>\n"
                         "  <PARAM name=\"contentType\" datatype=\"char\" arraysize=\"*\" "
                         "value=\"application/x-votable+xml;content=datalink\"/>\n"
                         "  <GROUP name=\"inputParams\">\n"
                         "   <PARAM name=\"ID\" datatype=\"char\" arraysize=\"*\" "
                         "ucd=\"meta.id;meta.main\" value=\"\"/>\n"
                         "  </GROUP>\n </RESOURCE>\n</VOTABLE>\n");
}

/* Rows are cut between IDs only (DL-3, 4). */
static void add_rows(struct links *l, size_t enough)
{
    while (l->next && l->out.len < enough) {
        bool is_full = l->max_rows >= 0 && l->nrow >= l->max_rows;
        if (is_full || l->idone >= MAX_IDS) {
            l->overflow = true;
            break;
        }
        add_one(l, l->next->value);
        l->idone++;
        l->next = http_request_param(l->request, "ID", l->next);
    }
    if (!l->next || l->overflow)
        l->state = TAIL;
}

static void fill(struct links *l, size_t enough)
{
    bytes_clear(&l->out);
    l->sent = 0;
    if (l->state == HEAD) {
        bytes_add(&l->out, str_of(HEAD_TEXT));
        l->state = ROWS;
    }
    if (l->state == ROWS)
        add_rows(l, enough);
    if (l->state == TAIL) {
        add_tail(l);
        l->state = DONE;
    }
}

static ssize_t pull(void *context, char *to, size_t max)
{
    struct links *l = context;
    if (l->sent == l->out.len && l->state != DONE)
        fill(l, max);
    if (l->out.failed)
        return -1;
    size_t n = l->out.len - l->sent < max ? l->out.len - l->sent : max;
    memcpy(to, l->out.at + l->sent, n);
    l->sent += n;
    return (ssize_t)n;
}

static void end(void *context)
{
    struct links *l = context;
    http_request_note(l->request, "ids", (double)l->idone);
    bytes_free(&l->out);
    bytes_free(&l->after);
    arena_free(l->scratch);
}

/* ---- the request ---- */

/* What was asked for goes back as the type (DL-6, 7). NULL: we have no such format. */
static const char *content_type(struct http_request *request, struct err *e)
{
    str value;
    if (!dali_param(request->params, request->nparam, "RESPONSEFORMAT", &value, e))
        return NULL;
    str whole = str_trim(value), rest = whole, type = str_trim(str_cut(&rest, ';'));
    if (whole.len == 0 || str_eq_fold(whole, STR("votable")))
        return "application/x-votable+xml;content=datalink";
    if (str_eq_fold(type, STR("application/x-votable+xml")) ||
        str_eq_fold(type, STR("text/xml")))
        return arena_text(request->arena, whole);
    err_set(e, ERR_USAGE, "RESPONSEFORMAT %.*s: links come as VOTable only",
            (int)(whole.len < 80 ? whole.len : 80), whole.at);
    return NULL;
}

static bool read_maxrec(struct http_request *request, int64_t *rows, struct err *e)
{
    str value;
    *rows = -1;
    if (!dali_param(request->params, request->nparam, "MAXREC", &value, e))
        return false;
    value = str_trim(value);
    return value.len == 0 || (num_parse_int(value, rows) && *rows >= 0) ||
           err_set(e, ERR_USAGE, "MAXREC is a number of rows, 0 or more");
}

static struct http_response *fault(struct http_request *request, const struct err *e)
{
    struct err named = *e;
    snprintf(named.message, sizeof named.message, "%s: %.1100s",
             err_datalink_fault(e->kind), e->message);
    return http_reply_error(request, &named);
}

struct http_response *datalink_links(void *context, struct http_request *request)
{
    struct datalink *d = context;
    struct err e = {0};
    struct links *l = arena_new_one(request->arena, struct links);
    const char *type = content_type(request, &e);
    if (!type || !l || !read_maxrec(request, &l->max_rows, &e)) {
        if (!e.kind)
            err_set(&e, ERR_BUSY, "out of memory");
        return fault(request, &e);
    }
    l->service = d, l->request = request, l->base = dali_base_url(d->dali, request);
    l->next = http_request_param(request, "ID", NULL);
    for (const struct http_param *p = l->next; p && l->nid <= OWN_DESCRIPTORS;
         p = http_request_param(request, "ID", p))
        l->nid++;
    l->is_generic = l->nid > OWN_DESCRIPTORS;
    if (!(l->scratch = arena_new(SCRATCH_BYTES))) {
        err_set(&e, ERR_BUSY, "out of memory");
        return fault(request, &e);
    }
    bytes_init(&l->out, 64 << 20);
    bytes_init(&l->after, 16 << 20);
    struct http_response *r = http_reply(request, 200);
    http_reply_pull(r, type, pull, end, l);
    return r;
}
