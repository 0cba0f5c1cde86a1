/* file.c -- a response that is a file: validators, conditions and byte ranges (RFC 9110,
 * "Conditional Requests" and "Range Requests"). */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/num.h"
#include "core/http/http_int.h"

/* ---- dates: own tables, because strftime speaks the locale's language ---- */

static const char DAYS[] = "SunMonTueWedThuFriSat";
static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void http_date_print(int64_t seconds, char out[HTTP_DATE_BYTES])
{
    time_t t = (time_t)seconds;
    struct tm tm;
    if (!gmtime_r(&t, &tm) || tm.tm_year < 0 || tm.tm_year > 8099)
        tm = (struct tm){.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
    snprintf(out, HTTP_DATE_BYTES, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
             DAYS + 3 * tm.tm_wday, tm.tm_mday, MONTHS + 3 * tm.tm_mon, tm.tm_year + 1900,
             tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool digits(str text, size_t at, size_t n, int *out)
{
    int64_t value;
    if (at + n > text.len || text.at[at] < '0' || text.at[at] > '9' ||
        !num_parse_int((str){text.at + at, n}, &value))
        return false;
    *out = (int)value;
    return true;
}

bool http_date_parse(str text, int64_t *seconds)
{
    struct tm tm = {0};
    static const char FORM[] = "Www, dd Mmm yyyy hh:mm:ss GMT";
    if (text.len != sizeof FORM - 1 || !str_eq((str){text.at + 25, 4}, STR(" GMT")))
        return false;
    if (!digits(text, 5, 2, &tm.tm_mday) || !digits(text, 12, 4, &tm.tm_year) ||
        !digits(text, 17, 2, &tm.tm_hour) || !digits(text, 20, 2, &tm.tm_min) ||
        !digits(text, 23, 2, &tm.tm_sec))
        return false;
    for (tm.tm_mon = 0; tm.tm_mon < 12; tm.tm_mon++)
        if (memcmp(MONTHS + 3 * tm.tm_mon, text.at + 8, 3) == 0)
            break;
    if (tm.tm_mon == 12)
        return false;
    tm.tm_year -= 1900;
    *seconds = (int64_t)timegm(&tm);
    return true;
}

/* ---- conditions ---- */

struct validators {
    char etag[100];
    int64_t modified; /* seconds since 1970 */
};

static bool lists_etag(str list, const char *etag)
{
    while (list.at) {
        str one = str_trim(str_cut(&list, ','));
        if (str_starts_fold(one, STR("W/")))
            one = (str){one.at + 2, one.len - 2};
        if (str_eq(one, STR("*")) || str_eq(one, str_of(etag)))
            return true;
    }
    return false;
}

static bool is_unmodified(const struct http_request *request, const struct validators *v)
{
    str match = http_request_header(request, "If-None-Match");
    if (match.at)
        return lists_etag(match, v->etag);
    int64_t since;
    str date = http_request_header(request, "If-Modified-Since");
    return date.at && http_date_parse(str_trim(date), &since) && v->modified <= since;
}

/* True unless If-Range says that the client's part is of another version. */
static bool range_still_fits(const struct http_request *request, const struct validators *v)
{
    str condition = str_trim(http_request_header(request, "If-Range"));
    int64_t date;
    if (condition.len == 0)
        return true;
    if (http_date_parse(condition, &date))
        return date == v->modified;
    return str_eq(condition, str_of(v->etag));
}

enum range { RANGE_NONE, RANGE_PART, RANGE_UNSATISFIABLE };

/* One range of bytes; several at a time are answered with the whole file, as is allowed. */
static enum range parse_range(str header, uint64_t size, uint64_t *first, uint64_t *length)
{
    str spec = str_trim(header);
    str unit = str_trim(str_cut(&spec, '='));
    if (!spec.at || !str_eq_fold(unit, STR("bytes")) || str_find(spec, ',') < spec.len)
        return RANGE_NONE;
    str last_text = str_trim(spec);
    str first_text = str_trim(str_cut(&last_text, '-'));
    if (!last_text.at)
        return RANGE_NONE;
    last_text = str_trim(last_text);
    int64_t a = -1, b = INT64_MAX;
    if ((first_text.len && (!num_parse_int(first_text, &a) || a < 0)) ||
        (last_text.len && (!num_parse_int(last_text, &b) || b < 0)) ||
        (!first_text.len && !last_text.len))
        return RANGE_NONE;
    if (!first_text.len) { /* the last b bytes */
        *length = (uint64_t)b < size ? (uint64_t)b : size;
        *first = size - *length;
        return *length ? RANGE_PART : RANGE_UNSATISFIABLE;
    }
    if (b < a)
        return RANGE_NONE;
    if ((uint64_t)a >= size)
        return RANGE_UNSATISFIABLE;
    *first = (uint64_t)a;
    *length = ((uint64_t)b < size ? (uint64_t)b + 1 : size) - *first;
    return RANGE_PART;
}

static void answer_range(struct http_response *r, const struct validators *v, uint64_t size)
{
    str header = http_request_header(r->request, "Range");
    uint64_t first = 0, length = size;
    if (!header.at || !range_still_fits(r->request, v))
        return;
    enum range range = parse_range(header, size, &first, &length);
    if (range == RANGE_NONE)
        return;
    char value[96];
    if (range == RANGE_UNSATISFIABLE) {
        snprintf(value, sizeof value, "bytes */%" PRIu64, size);
        r->status = 416;
        first = length = 0;
    } else {
        snprintf(value, sizeof value, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first,
                 first + length - 1, size);
        r->status = 206;
    }
    http_reply_header(r, "Content-Range", value);
    r->offset = first;
    r->length = length;
}

void http_reply_last_modified(struct http_response *r, int64_t seconds)
{
    char date[HTTP_DATE_BYTES];
    http_date_print(seconds, date);
    http_reply_header(r, "Last-Modified", date);
}

/* Tells the validators, and answers conditions and ranges of what they are about. */
static void answer_conditions(struct http_response *r, const struct validators *v,
                              uint64_t size)
{
    http_reply_header(r, "ETag", v->etag);
    http_reply_last_modified(r, v->modified);
    http_reply_header(r, "Accept-Ranges", "bytes");
    if (r->status != 200 || r->request->method != HTTP_GET)
        return;
    if (is_unmodified(r->request, v)) {
        r->status = 304;
        r->length = 0;
    } else
        answer_range(r, v, size);
}

static void set_validators(const struct stat *st, struct validators *v)
{
    snprintf(v->etag, sizeof v->etag, "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"",
             (uint64_t)st->st_size,
             (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec,
             (uint64_t)st->st_ino);
    v->modified = (int64_t)st->st_mtim.tv_sec;
}

bool http_reply_file(struct http_response *r, const char *content_type, int fd,
                     struct err *e)
{
    struct stat st;
    if (!r->request || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(e, r->request ? ERR_NOT_FOUND : ERR_INTERNAL,
                       "there is no such file");
    }
    response_close_body(r);
    r->kind = BODY_FILE;
    r->fd = fd;
    r->offset = 0;
    r->length = (uint64_t)st.st_size;
    if (content_type)
        http_reply_header(r, "Content-Type", content_type);
    struct validators v;
    set_validators(&st, &v);
    answer_conditions(r, &v, (uint64_t)st.st_size);
    return true;
}

void http_reply_body(struct http_response *r, const char *content_type,
                     const struct http_body *body)
{
    struct validators v = {.modified = body->modified};
    if (!r->request) {
        if (body->close)
            body->close(body->context);
        return;
    }
    response_close_body(r);
    r->kind = BODY_RANDOM;
    r->read = body->read;
    r->close = body->close;
    r->context = body->context;
    r->offset = 0;
    r->length = body->bytes;
    if (content_type)
        http_reply_header(r, "Content-Type", content_type);
    snprintf(v.etag, sizeof v.etag, "%s", body->etag);
    answer_conditions(r, &v, body->bytes);
}

bool http_reply_file_path(struct http_response *r, const char *content_type,
                          const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return err_set(e,
                       errno == ENOENT || errno == ELOOP || errno == ENOTDIR ? ERR_NOT_FOUND
                                                                             : ERR_INTERNAL,
                       "there is no such file");
    return http_reply_file(r, content_type, fd, e);
}

ssize_t response_read(struct http_response *r, uint64_t at, char *buffer, size_t max)
{
    if (r->kind == BODY_PULL)
        return r->pull(r->context, buffer, max);
    uint64_t left = at < r->length ? r->length - at : 0;
    if (left < max)
        max = (size_t)left;
    if (max == 0)
        return 0;
    if (r->kind == BODY_RANDOM)
        return r->read(r->context, r->offset + at, buffer, max);
    ssize_t n;
    do
        n = pread(r->fd, buffer, max, (off_t)(r->offset + at));
    while (n < 0 && errno == EINTR);
    return n > 0 ? n : -1; /* a file that shrank is a failure, not an end */
}
