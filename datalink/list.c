/* list.c -- tables of products and positions: columns are found by UCD, utype and name. */
#include "datalink/list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/column.h"
#include "core/base/num.h"
#include "core/formats/formats.h"

enum { MAX_UPLOADS = 10, MAX_ID_BYTES = 4096 };

/* ---- items ---- */

static bool add_item(struct list *l, struct list_item item, struct err *e)
{
    if (l->n == LIST_MAX_ITEMS)
        return err_set(e, ERR_LIMIT, "more than %d items in one request; split the list",
                       LIST_MAX_ITEMS);
    if (l->n == l->room) {
        uint32_t room = l->room ? 2 * l->room : 64;
        struct list_item *more = arena_new_array(l->arena, struct list_item, room);
        if (!more)
            return err_set(e, ERR_LIMIT, "the list needs too much memory");
        if (l->n)
            memcpy(more, l->item, l->n * sizeof *more);
        l->item = more, l->room = room;
    }
    l->item[l->n++] = item;
    return true;
}

/* A text of the list; the one of the row before when it is the same, as it often is. */
static const char *keep_text(struct list *l, str text, const char *before)
{
    if (before && str_eq(text, str_of(before)))
        return before;
    return arena_text(l->arena, text);
}

/* ---- columns ---- */

enum role { ROLE_LON, ROLE_LAT, ROLE_DID, ROLE_NAME, ROLES };

/* How well a column is known to play a role: by utype or UCD, or by its name. */
/* clang-format off */
static const struct { enum role role; char by; const char *text; } SIGNS[] = {
    {ROLE_DID, 'u', "obscore:Curation.PublisherDID"}, {ROLE_DID, 'u', "Curation.PublisherDID"},
    {ROLE_DID, 'n', "obs_publisher_did"}, {ROLE_DID, 'n', "publisher_did"}, {ROLE_DID, 'n', "did"},
    {ROLE_LON, 'c', "pos.eq.ra;meta.main"}, {ROLE_LON, 'c', "pos.eq.ra"}, {ROLE_LON, 'n', "ra"},
    {ROLE_LON, 'n', "ra_icrs"}, {ROLE_LON, 'n', "raj2000"}, {ROLE_LON, 'n', "_raj2000"},
    {ROLE_LON, 'n', "s_ra"},
    {ROLE_LAT, 'c', "pos.eq.dec;meta.main"}, {ROLE_LAT, 'c', "pos.eq.dec"}, {ROLE_LAT, 'n', "dec"},
    {ROLE_LAT, 'n', "de_icrs"}, {ROLE_LAT, 'n', "dej2000"}, {ROLE_LAT, 'n', "_dej2000"},
    {ROLE_LAT, 'n', "s_dec"},
    {ROLE_NAME, 'c', "meta.id;meta.main"}, {ROLE_NAME, 'n', "name"}, {ROLE_NAME, 'n', "id"},
    {ROLE_NAME, 'n', "source_id"}, {ROLE_NAME, 'n', "main_id"}, {ROLE_NAME, 'n', "target_name"}};
/* clang-format on */

static const char *trait(const struct store_column *c, char by)
{
    return by == 'u' ? c->utype : by == 'c' ? c->ucd : c->name;
}

static void find_roles(const struct store_column *const *column, uint32_t n,
                       int32_t found[ROLES])
{
    for (int k = 0; k < ROLES; k++)
        found[k] = -1;
    for (size_t s = 0; s < sizeof SIGNS / sizeof *SIGNS; s++)
        for (uint32_t i = 0; i < n && found[SIGNS[s].role] < 0; i++)
            if (str_eq_fold(str_of(trait(column[i], SIGNS[s].by)), str_of(SIGNS[s].text)))
                found[SIGNS[s].role] = (int32_t)i;
}

static bool is_degrees(const struct store_column *c)
{
    bool is_number = c->type >= STORE_U8 && c->type <= STORE_F64 && c->length == 1;
    return is_number && (!c->unit || !c->unit[0] || strcmp(c->unit, "deg") == 0 ||
                         strcmp(c->unit, "degrees") == 0);
}

/* "" of what has no text. */
static str text_at(const struct store_column *c, const struct store_vector *v, uint32_t i,
                   char buffer[NUM_TEXT_BYTES])
{
    if (!store_is_valid(v, i))
        return STR("");
    if (c->type == STORE_TEXT)
        return (str){(const char *)v->data + v->offset[i], v->offset[i + 1] - v->offset[i]};
    if (c->type == STORE_I64 && c->length == 1)
        return (str){buffer, num_print_int(((const int64_t *)v->data)[i], buffer)};
    double value = c->length == 1 ? column_number(c, v, i) : NAN;
    return isfinite(value) ? (str){buffer, num_print_double(value, buffer)} : STR("");
}

static bool check_roles(const struct store_column *const *column, const int32_t role[ROLES],
                        struct err *e)
{
    if (role[ROLE_DID] < 0 && (role[ROLE_LON] < 0 || role[ROLE_LAT] < 0))
        return err_set(e, ERR_USAGE,
                       "the table has neither a column obs_publisher_did nor a position "
                       "(columns ra and dec, or the UCDs pos.eq.ra and pos.eq.dec)");
    for (int k = ROLE_LON; k <= ROLE_LAT; k++)
        if (role[k] >= 0 && !is_degrees(column[role[k]]))
            return err_set(e, ERR_USAGE, "the column %s must be a number of degrees",
                           column[role[k]]->name);
    if (role[ROLE_DID] >= 0 && column[role[ROLE_DID]]->type != STORE_TEXT)
        return err_set(e, ERR_USAGE, "the column %s must be text",
                       column[role[ROLE_DID]]->name);
    return true;
}

static bool add_row(struct list *l, const struct store_column *const *column,
                    const struct store_batch *b, uint32_t i, const int32_t role[ROLES],
                    struct err *e)
{
    char buffer[NUM_TEXT_BYTES];
    const struct list_item *before = l->n ? &l->item[l->n - 1] : NULL;
    struct list_item item = {.lon_deg = NAN, .lat_deg = NAN};
    if (l->has_positions) {
        item.lon_deg = column_number(column[role[ROLE_LON]], &b->column[role[ROLE_LON]], i);
        item.lat_deg = column_number(column[role[ROLE_LAT]], &b->column[role[ROLE_LAT]], i);
        if (!(fabs(item.lat_deg) <= 90) || !(fabs(item.lon_deg) <= 360))
            item.lon_deg = item.lat_deg = NAN;
    }
    const char **text[] = {&item.did, &item.name};
    const enum role of[] = {ROLE_DID, ROLE_NAME};
    for (int k = 0; k < 2; k++) {
        int32_t c = role[of[k]];
        if (c < 0)
            continue;
        const char *last = !before ? NULL : k == 0 ? before->did : before->name;
        str value = text_at(column[c], &b->column[c], i, buffer);
        if (value.len > MAX_ID_BYTES)
            value.len = MAX_ID_BYTES;
        if (!(*text[k] = keep_text(l, value, last)))
            return err_set(e, ERR_LIMIT, "the list needs too much memory");
    }
    return add_item(l, item, e);
}

/* Reads all rows and closes the source. */
static bool take_rows(struct list *l, struct rowsource *rows, struct cancel *cancel,
                      struct err *e)
{
    int32_t role[ROLES];
    find_roles(rows->column, rows->ncolumn, role);
    l->has_positions = role[ROLE_LON] >= 0 && role[ROLE_LAT] >= 0;
    bool ok = check_roles(rows->column, role, e);
    while (ok) {
        struct store_batch b;
        enum step step = rows->next(rows, &b, e);
        if (step != STEP_ROWS) {
            ok = step == STEP_END;
            break;
        }
        if (cancel && cancel_reason(cancel) != CANCEL_NOT)
            ok = err_set(e, ERR_CANCELLED, "cancelled");
        for (uint32_t i = 0; ok && i < b.nrow; i++)
            ok = add_row(l, rows->column, &b, i, role, e);
    }
    rows->close(rows);
    return ok;
}

/* ---- uploads ---- */

static const struct http_param *part_named(const struct list_ask *a, str name)
{
    for (size_t i = 0; i < a->nparam; i++)
        if (str_eq_fold(a->param[i].name, name) &&
            !str_eq_fold(a->param[i].name, STR("UPLOAD")))
            return &a->param[i];
    return NULL;
}

static void close_fd(void *fd)
{
    close((int)(intptr_t)fd);
}

static struct rowsource *open_part(struct datalink *d, const struct http_param *p,
                                   struct arena *arena, struct err *e)
{
    char start[4096];
    const struct dali_limits *limits = dali_limits(d->dali);
    int fd = http_param_open(p, e);
    if (fd < 0)
        return NULL;
    ssize_t n = pread(fd, start, sizeof start, 0);
    const char *path = arena_format(arena, "/proc/self/fd/%d", fd);
    if (!arena_defer(arena, close_fd, (void *)(intptr_t)fd) || !path) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    struct read_options o = {.kind =
                                 table_guess((str){start, n > 0 ? (size_t)n : 0},
                                             str_of(p->content_type), str_of(p->file_name)),
                             .parquet = d->dali->formats.parquet,
                             .limits = {.max_rows = LIST_MAX_ITEMS + 1,
                                        .max_bytes = limits->upload_bytes * 4,
                                        .max_columns = limits->upload_columns,
                                        .max_depth = 64}};
    if (p->bytes > limits->upload_bytes)
        err_set(e, ERR_LIMIT, "the uploaded table has more than %llu bytes",
                (unsigned long long)limits->upload_bytes);
    else if (o.kind == TABLE_UNKNOWN)
        err_set(e, ERR_USAGE,
                "what was uploaded is no table that the node reads (VOTable, CSV, TSV, "
                "ECSV, FITS, JSON, Parquet)");
    return e->kind ? NULL : table_read(path, &o, e);
}

/* UPLOAD=NAME,param:PART; the rows of each. */
static bool open_uploads(struct datalink *d, const struct list_ask *a, struct arena *arena,
                         struct query_upload upload[MAX_UPLOADS], uint32_t *n,
                         struct err *e)
{
    *n = 0;
    for (size_t i = 0; i < a->nparam; i++) {
        if (!str_eq_fold(a->param[i].name, STR("UPLOAD")))
            continue;
        str uri = a->param[i].value, name = str_trim(str_cut(&uri, ','));
        uri = str_trim(uri);
        const struct http_param *part = NULL;
        if (str_starts_fold(uri, STR("param:")))
            part = part_named(a, (str){uri.at + 6, uri.len - 6});
        if (*n == MAX_UPLOADS)
            return err_set(e, ERR_LIMIT, "more than %d uploads", MAX_UPLOADS);
        if (!part)
            return err_set(e, ERR_USAGE,
                           "UPLOAD is NAME,param:PART with the table as that part of a "
                           "multipart/form-data request");
        upload[*n].name = arena_text(arena, name);
        upload[*n].rows = open_part(d, part, arena, e);
        if (!upload[*n].rows)
            return false;
        (*n)++;
    }
    return true;
}

static void close_uploads(const struct query_upload *upload, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        upload[i].rows->close(upload[i].rows);
}

/* ---- queries ---- */

static bool take_query(struct datalink *d, const struct list_ask *a, str text,
                       struct query_upload *upload, uint32_t nupload, struct arena *arena,
                       struct list *l, struct err *e)
{
    struct dali_run run = {.dali = d->dali,
                           .request = a->request,
                           .client = a->client,
                           .request_id = a->request_id,
                           .cancel = a->cancel,
                           .deadline_ns = a->deadline_ns,
                           .limit_s = a->limit_s};
    const struct query_request q = {.text = text,
                                    .lang = ADQL_COLURE,
                                    .max_rows = LIST_MAX_ITEMS,
                                    .user = a->user,
                                    .upload = upload,
                                    .nupload = nupload};
    dali_run_begin(&run);
    struct query *query = dali_run_prepare(&run, &q, arena, e);
    struct rowsource *rows = query ? dali_run_open(&run, query, LIST_MAX_ITEMS, e) : NULL;
    bool ok = rows && take_rows(l, rows, a->cancel, e);
    if (ok && run.overflow)
        ok = err_set(e, ERR_LIMIT, "the query lists more than %d items", LIST_MAX_ITEMS);
    dali_run_end(&run, e);
    return ok;
}

/* ---- plain IDs ---- */

static bool add_lines(struct list *l, const struct http_param *p, struct err *e)
{
    int fd = http_param_open(p, e);
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    bool ok = f != NULL;
    if (!f && fd >= 0)
        close(fd);
    while (ok && (n = getline(&line, &room, f)) >= 0) {
        str did = str_trim((str){line, (size_t)n});
        if (did.len > MAX_ID_BYTES)
            ok = err_set(e, ERR_USAGE, "an ID has more than %d bytes", MAX_ID_BYTES);
        else if (did.len > 0) {
            struct list_item item = {NAN, NAN, arena_text(l->arena, did), NULL};
            ok = item.did ? add_item(l, item, e)
                          : err_set(e, ERR_LIMIT, "the list needs too much memory");
        }
    }
    free(line);
    if (f)
        fclose(f);
    return ok;
}

static bool take_ids(const struct list_ask *a, struct list *l, struct err *e)
{
    for (size_t i = 0; i < a->nparam; i++) {
        const struct http_param *p = &a->param[i];
        if (!str_eq_fold(p->name, STR("ID")))
            continue;
        if (p->is_file || p->path) {
            if (!add_lines(l, p, e))
                return false;
            continue;
        }
        struct list_item item = {NAN, NAN, arena_text(l->arena, str_trim(p->value)), NULL};
        if (!item.did)
            return err_set(e, ERR_LIMIT, "the list needs too much memory");
        if (!add_item(l, item, e))
            return false;
    }
    return l->n > 0 ||
           err_set(e, ERR_USAGE,
                   "nothing is listed: send ID (one or many, or a file with one "
                   "a line), QUERY, or a table by UPLOAD");
}

bool list_has_table(const struct http_param *param, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_fold(param[i].name, STR("UPLOAD")) ||
            str_eq_fold(param[i].name, STR("QUERY")))
            return true;
    return false;
}

bool list_read(struct datalink *d, const struct list_ask *a, struct arena *arena,
               struct list *l, struct err *e)
{
    struct query_upload upload[MAX_UPLOADS];
    uint32_t nupload = 0;
    str query;
    *l = (struct list){.arena = arena};
    if (!dali_param(a->param, a->nparam, "QUERY", &query, e))
        return false;
    if (!open_uploads(d, a, arena, upload, &nupload, e)) {
        close_uploads(upload, nupload);
        return false;
    }
    if (str_trim(query).len > 0) /* the uploads are the query's from now on */
        return take_query(d, a, query, upload, nupload, arena, l, e);
    if (nupload == 1)
        return take_rows(l, upload[0].rows, a->cancel, e);
    close_uploads(upload, nupload);
    if (nupload > 1)
        return err_set(e, ERR_USAGE, "several tables need a QUERY that joins them");
    return take_ids(a, l, e);
}
