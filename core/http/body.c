/* body.c -- a request's body as it comes in: forms become parameters, other types a text or
 * a file. Every byte held in memory and on disk is counted. */
#include <stdlib.h>
#include <unistd.h>

#include "core/http/http_int.h"

enum shape { SHAPE_URLENCODED, SHAPE_MULTIPART, SHAPE_RAW };

struct body {
    struct http_request *request;
    struct body_limits limits;
    enum shape shape;
    uint64_t total;
    struct multipart *multipart;
    struct http_param *params; /* those of the query string first */
    size_t nparam;
    /* What is being collected: the body, or one part of it. */
    struct bytes text;
    size_t text_limit; /* above, a file; for urlencoded bodies an error */
    struct spool spool;
    struct http_param *part;
    bool to_file; /* from the first byte on */
    size_t used;  /* value bytes of earlier parts */
    size_t held;  /* counted in limits.held */
    unsigned nfile;
};

static const struct {
    const char *type;
    enum shape shape;
} SHAPES[] = {
    {"application/x-www-form-urlencoded", SHAPE_URLENCODED},
    {"multipart/form-data", SHAPE_MULTIPART},
};

static bool part_begin(void *context, const struct part *, struct err *e);
static bool part_data(void *context, const char *bytes, size_t n, struct err *e);
static bool part_end(void *context, struct err *e);

struct body *body_new(struct http_request *request, struct body_limits limits,
                      struct err *e)
{
    struct body *b = calloc(1, sizeof *b);
    if (!b) {
        err_set(e, ERR_INTERNAL, "out of memory");
        return NULL;
    }
    *b = (struct body){
        .request = request, .limits = limits, .shape = SHAPE_RAW, .spool = {.fd = -1}};
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++)
        if (str_eq(request->content_type, str_of(SHAPES[i].type)))
            b->shape = SHAPES[i].shape;
    b->text_limit =
        b->shape == SHAPE_URLENCODED ? limits.max_value_bytes : VALUE_MEMORY_BYTES;
    bytes_init(&b->text, SIZE_MAX / 2);
    /* The array grows by doubling from what the query string's parser left. */
    b->params = (struct http_param *)request->params;
    b->nparam = request->nparam;
    if (b->shape == SHAPE_MULTIPART) {
        struct part_sink sink = {b, part_begin, part_data, part_end};
        b->multipart = multipart_new(request->arena,
                                     http_request_header(request, "Content-Type"), sink, e);
        if (!b->multipart) {
            body_free(b);
            return NULL;
        }
    }
    return b;
}

void body_free(struct body *b)
{
    if (!b)
        return;
    if (b->limits.held)
        atomic_fetch_sub(b->limits.held, b->held);
    if (b->spool.fd >= 0)
        close(b->spool.fd);
    multipart_free(b->multipart);
    bytes_free(&b->text);
    free(b);
}

/* ---- collecting bytes, in memory first ---- */

static bool hold(struct body *b, size_t n, struct err *e)
{
    if (!b->limits.held)
        return true;
    b->held += n;
    if (atomic_fetch_add(b->limits.held, n) + n > b->limits.max_held)
        return err_set(e, ERR_BUSY, "too many large requests at a time; try again soon");
    return true;
}

static bool spill(struct body *b, struct err *e)
{
    if (++b->nfile > MAX_FILES)
        return err_set(e, ERR_LIMIT, "more than %d uploaded files in one request",
                       MAX_FILES);
    b->spool.bytes = 0;
    b->spool.fd = spool_open(b->limits.spool_dir, e);
    if (b->spool.fd < 0 || !spool_write(b->spool.fd, b->text.at, b->text.len, e))
        return false;
    b->spool.bytes = b->text.len;
    bytes_clear(&b->text);
    return true;
}

static bool collect(struct body *b, const char *bytes, size_t n, struct err *e)
{
    bool fits = !b->to_file && b->spool.fd < 0 && n <= b->text_limit &&
                b->text.len <= b->text_limit - n;
    if (fits) {
        bytes_add(&b->text, (str){bytes, n});
        return b->text.failed ? err_set(e, ERR_INTERNAL, "out of memory") : hold(b, n, e);
    }
    if (b->shape == SHAPE_URLENCODED)
        return err_set(e, ERR_LIMIT,
                       "the form is larger than %zu bytes; send large values as files of a "
                       "multipart/form-data request",
                       b->text_limit);
    if (b->spool.fd < 0 && !spill(b, e))
        return false;
    b->spool.bytes += n;
    if (b->spool.bytes > b->limits.max_part_bytes)
        return err_set(e, ERR_LIMIT,
                       "an uploaded file is larger than the limit of %llu bytes",
                       (unsigned long long)b->limits.max_part_bytes);
    return spool_write(b->spool.fd, bytes, n, e);
}

/* Gives the spool to the request; its name, or NULL and *e. */
static const char *keep_spool(struct body *b, struct err *e)
{
    int fd = b->spool.fd;
    b->spool.fd = -1;
    return spool_keep(b->request->arena, fd, e);
}

static bool keep_text(struct body *b, str *out, struct err *e)
{
    char *copy = arena_text(b->request->arena, bytes_str(&b->text));
    if (!copy)
        return err_set(e, ERR_LIMIT, "the request takes too much memory");
    *out = (str){copy, b->text.len};
    bytes_clear(&b->text);
    return true;
}

/* ---- parts of a form ---- */

static bool is_text_type(const char *type)
{
    return !type || str_starts_fold(str_of(type), STR("text/"));
}

static bool part_begin(void *context, const struct part *part, struct err *e)
{
    struct body *b = context;
    b->part =
        params_add(b->request->arena, b->limits.max_params, &b->params, &b->nparam, e);
    if (!b->part)
        return false;
    *b->part = (struct http_param){.name = part->name,
                                   .origin = HTTP_FROM_BODY,
                                   .file_name = part->file_name,
                                   .content_type = part->content_type};
    b->to_file = part->file_name != NULL;
    b->text_limit = !is_text_type(part->content_type) ? VALUE_MEMORY_BYTES
                    : b->limits.max_value_bytes > b->used
                        ? b->limits.max_value_bytes - b->used
                        : 0;
    /* An empty file is a file too. */
    return !b->to_file || spill(b, e);
}

static bool part_data(void *context, const char *bytes, size_t n, struct err *e)
{
    return collect(context, bytes, n, e);
}

static bool check_value(struct http_param *param, struct err *e)
{
    size_t bad;
    bool is_text =
        str_is_utf8(param->value, &bad) && !memchr(param->value.at, '\0', param->value.len);
    if (!is_text && !is_text_type(param->content_type))
        param->is_file = true;
    else if (!is_text)
        return err_set(e, ERR_USAGE, "the value of the parameter %.60s is not UTF-8 text",
                       param->name.at);
    return true;
}

static bool part_end(void *context, struct err *e)
{
    struct body *b = context;
    struct http_param *param = b->part;
    if (b->spool.fd >= 0) {
        param->is_file = true;
        param->bytes = b->spool.bytes;
        param->value = STR("");
        param->path = keep_spool(b, e);
        return param->path != NULL;
    }
    param->bytes = b->text.len;
    b->used += b->text.len;
    return keep_text(b, &param->value, e) && check_value(param, e);
}

/* ---- the whole ---- */

bool body_feed(struct body *b, const char *bytes, size_t n, struct err *e)
{
    b->total += n;
    if (b->total > b->limits.max_body_bytes)
        return err_set(e, ERR_LIMIT,
                       "the request's body is larger than the limit of %llu bytes",
                       (unsigned long long)b->limits.max_body_bytes);
    return b->multipart ? multipart_feed(b->multipart, bytes, n, e)
                        : collect(b, bytes, n, e);
}

static bool finish_raw(struct body *b, struct err *e)
{
    b->request->body_bytes = b->total;
    if (b->spool.fd < 0)
        return keep_text(b, &b->request->body, e);
    b->request->body_path = keep_spool(b, e);
    return b->request->body_path != NULL;
}

bool body_finish(struct body *b, struct err *e)
{
    bool ok;
    if (b->shape == SHAPE_RAW)
        ok = finish_raw(b, e);
    else if (b->multipart)
        ok = multipart_finish(b->multipart, e);
    else
        ok = http_params_parse(b->request->arena, bytes_str(&b->text), HTTP_FROM_BODY,
                               b->limits.max_params, &b->params, &b->nparam, e);
    b->request->params = b->params;
    b->request->nparam = b->nparam;
    bytes_free(&b->text);
    return ok;
}
