/* upload.c -- UPLOAD=name,uri: each named table, inline or by URL, becomes a source of
 * rows. Source: TAP 1.1 "Table upload", DALI "UPLOAD". */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tap/run.h"

enum { UPLOADS_MAX = 20 };

struct upload_item {
    str name, uri;
};

/* name "," uri; several joined by ";" as TAP 1.0 had it (a ";" in a URL needs %3B). */
static bool split_value(str value, struct upload_item item[UPLOADS_MAX], uint32_t *n,
                        struct err *e)
{
    while (value.at) {
        str pair = str_trim(str_cut(&value, ';'));
        if (pair.len == 0)
            continue;
        if (*n == UPLOADS_MAX)
            return err_set(e, ERR_LIMIT, "more than %d uploads in one request",
                           UPLOADS_MAX);
        str uri = pair;
        str name = str_trim(str_cut(&uri, ','));
        if (!uri.at)
            return err_set(e, ERR_USAGE,
                           "UPLOAD is \"%.*s\", but must be NAME,URI (for an inline table "
                           "NAME,param:PART)",
                           (int)(pair.len < 80 ? pair.len : 80), pair.at);
        item[(*n)++] = (struct upload_item){name, str_trim(uri)};
    }
    return true;
}

static bool check_name(const struct upload_item *item, uint32_t i, struct err *e)
{
    str name = item[i].name;
    if (!catalog_name_is_regular(name))
        return err_set(
            e, ERR_USAGE,
            "\"%.*s\" cannot name an uploaded table: a name is a letter followed "
            "by letters, digits and _, without schema, and no reserved word",
            (int)(name.len < 80 ? name.len : 80), name.at);
    for (uint32_t j = 0; j < i; j++)
        if (str_eq_fold(item[j].name, name))
            return err_set(e, ERR_USAGE,
                           "two uploads have the name %.*s; give each its own",
                           STR_FMT(name));
    return true;
}

static void close_fd(void *fd)
{
    close((int)(intptr_t)fd);
}

/* A path for an open file that the request holds until its end. */
static const char *fd_path(struct tap_call *c, int fd)
{
    if (!arena_defer(c->arena, close_fd, (void *)(intptr_t)fd))
        return NULL;
    return arena_format(c->arena, "/proc/self/fd/%d", fd);
}

static const char *inline_path(struct tap_call *c, str part, const struct http_param **p,
                               struct err *e)
{
    *p = NULL;
    for (size_t i = 0; i < c->nparam && !*p; i++)
        if (str_eq_fold(c->param[i].name, part) &&
            !str_eq_fold(c->param[i].name, STR("UPLOAD")))
            *p = &c->param[i];
    if (!*p) {
        err_set(e, ERR_USAGE,
                "UPLOAD names param:%.*s, but the request has no part of that name; send "
                "multipart/form-data with the table as that part",
                (int)(part.len < 80 ? part.len : 80), part.at);
        return NULL;
    }
    if ((*p)->bytes > dali_limits(c->dali)->upload_bytes) {
        err_set(e, ERR_LIMIT, "the upload %.*s has %llu bytes; the limit is %llu",
                STR_FMT(part), (unsigned long long)(*p)->bytes,
                (unsigned long long)dali_limits(c->dali)->upload_bytes);
        return NULL;
    }
    if ((*p)->path)
        return (*p)->path;
    int fd = http_param_open(*p, e);
    return fd < 0 ? NULL : fd_path(c, fd);
}

static const char *fetched_path(struct tap_call *c, const struct upload_item *item,
                                const char **content_type, struct err *e)
{
    struct http_fetch_limits limits = c->dali->fetch;
    struct http_fetched got;
    struct err why = {0};
    const char *url = arena_text(c->arena, item->uri);
    int fd = open(c->dali->spool.folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    const char *path = fd < 0 ? NULL : fd_path(c, fd);
    if (!url || !path) {
        err_set(e, ERR_UNAVAILABLE, "there is no place for the uploaded table just now");
        return NULL;
    }
    limits.bytes = dali_limits(c->dali)->upload_bytes;
    if (!http_fetch(url, &limits, c->cancel, fd, &got, &why)) {
        err_set(e, why.kind, "the upload %.*s could not be fetched: %s",
                STR_FMT(item->name), why.message);
        return NULL;
    }
    *content_type = arena_text(c->arena, str_of(got.content_type));
    return path;
}

static size_t read_head(const char *path, char *head, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : pread(fd, head, max, 0);
    if (fd >= 0)
        close(fd);
    return n > 0 ? (size_t)n : 0;
}

static struct rowsource *open_table(struct tap_call *c, const struct upload_item *item,
                                    const char *path, const char *content_type,
                                    const char *file_name, struct err *e)
{
    char head[4096];
    struct err why = {0};
    struct read_options o = {.parquet = c->dali->formats.parquet};
    o.limits = (struct read_limits){.max_rows = dali_limits(c->dali)->upload_rows,
                                    .max_bytes = dali_limits(c->dali)->upload_bytes * 4,
                                    .max_columns = dali_limits(c->dali)->upload_columns,
                                    .max_depth = 64};
    str start = {head, read_head(path, head, sizeof head)};
    o.kind = table_guess(start, str_of(content_type), str_of(file_name));
    if (start.len == 0)
        err_set(&why, ERR_USAGE, "it is empty");
    else if (o.kind == TABLE_UNKNOWN)
        err_set(&why, ERR_USAGE,
                "it is no table that the node reads (VOTable, CSV, TSV, ECSV, FITS, JSON, "
                "Parquet)");
    struct rowsource *rows = why.kind ? NULL : table_read(path, &o, &why);
    if (!rows)
        err_set_at(e, why.kind, 0, 0, "the uploaded table %.*s cannot be read: %s",
                   STR_FMT(item->name), why.message);
    return rows;
}

static struct rowsource *open_upload(struct tap_call *c, const struct upload_item *item,
                                     struct err *e)
{
    const struct http_param *part = NULL;
    const char *content_type = NULL, *path;
    if (str_starts_fold(item->uri, STR("param:")))
        path = inline_path(c, (str){item->uri.at + 6, item->uri.len - 6}, &part, e);
    else if (str_starts_fold(item->uri, STR("http://")) ||
             str_starts_fold(item->uri, STR("https://")))
        path = fetched_path(c, item, &content_type, e);
    else {
        err_set(e, ERR_USAGE,
                "the upload %.*s has the URI \"%.*s\"; the node takes param:, http: and "
                "https:",
                STR_FMT(item->name), (int)(item->uri.len < 80 ? item->uri.len : 80),
                item->uri.at);
        return NULL;
    }
    if (!path) {
        err_set(e, ERR_LIMIT, "the request needs too much memory");
        return NULL;
    }
    return open_table(c, item, path, part ? part->content_type : content_type,
                      part ? part->file_name : NULL, e);
}

static bool list_items(const struct tap_call *c, struct upload_item item[UPLOADS_MAX],
                       uint32_t *n, struct err *e)
{
    for (size_t i = 0; i < c->nparam; i++) {
        if (!str_eq_fold(c->param[i].name, STR("UPLOAD")))
            continue;
        if (c->param[i].path)
            return err_set(e, ERR_USAGE,
                           "UPLOAD is a file, but must be the text NAME,param:PART");
        if (!split_value(c->param[i].value, item, n, e))
            return false;
    }
    for (uint32_t i = 0; i < *n; i++)
        if (!check_name(item, i, e))
            return false;
    return true;
}

bool tap_uploads(struct tap_call *c, struct query_upload **upload, uint32_t *n,
                 struct err *e)
{
    struct upload_item item[UPLOADS_MAX];
    uint32_t nitem = 0;
    *upload = NULL;
    *n = 0;
    if (!list_items(c, item, &nitem, e))
        return false;
    *upload = arena_new_array(c->arena, struct query_upload, nitem + 1);
    for (uint32_t i = 0; *upload && i < nitem; i++) {
        char *name = arena_text(c->arena, item[i].name);
        struct rowsource *rows = name ? open_upload(c, &item[i], e) : NULL;
        if (!rows)
            goto failed;
        for (char *p = name; *p; p++)
            *p = ascii_lower(*p);
        (*upload)[(*n)++] = (struct query_upload){name, rows};
    }
    if (*upload)
        return true;
failed:
    for (uint32_t i = 0; i < *n; i++)
        (*upload)[i].rows->close((*upload)[i].rows);
    *n = 0;
    return err_set(e, ERR_LIMIT, "the request needs too much memory");
}
