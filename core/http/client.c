/* client.c -- fetching from other services. The address is vetted at the moment of
 * connecting, so that no second name resolution can slip another one in; redirects are
 * followed here, each target vetted like the first. */
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/http/http_int.h"

enum { CONNECT_S = 20 };

struct transfer {
    const struct http_call *call;
    struct http_fetch_limits limits;
    struct http_fetched *got;
    struct err *e;
    CURL *curl;
    CURLM *multi;
    int64_t deadline_ns;
    char refused[64]; /* an address that may not be connected to */
    bool stopped;     /* *e says why */
};

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- callbacks ---- */

static curl_socket_t open_vetted(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct transfer *t = context;
    (void)purpose;
    if (!t->limits.allow_private && !address_is_public(&address->addr)) {
        address_print(&address->addr, t->refused, sizeof t->refused);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_bytes(char *bytes, size_t size, size_t n, void *context)
{
    struct transfer *t = context;
    n *= size;
    long status = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 300 && status < 400 && !t->limits.no_redirects)
        return n; /* the page of a redirect */
    t->got->status = (int)status;
    t->got->bytes += n;
    if (t->got->bytes > t->limits.bytes) {
        err_set(t->e, ERR_LIMIT, "%.200s gives more than %llu bytes", t->call->url,
                (unsigned long long)t->limits.bytes);
        t->stopped = true;
        return 0;
    }
    if (t->call->take(t->call->context, bytes, n, t->e))
        return n;
    err_set(t->e, ERR_CANCELLED, "the transfer was broken off");
    t->stopped = true;
    return 0;
}

static void wake(void *multi)
{
    curl_multi_wakeup(multi);
}

/* ---- one transfer ---- */

#define SET(option, value)                                                                 \
    ok = ok && curl_easy_setopt(t->curl, (option), (value)) == CURLE_OK

static bool set_options(struct transfer *t, const char *url, struct curl_slist *headers)
{
    const struct http_call *call = t->call;
    bool ok = true;
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_USERAGENT, "Colure (IVOA-client)");
    SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_vetted);
    SET(CURLOPT_OPENSOCKETDATA, t);
    SET(CURLOPT_WRITEFUNCTION, take_bytes);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_BUFFERSIZE, 128L * 1024);
    if (call->body.at) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
        SET(CURLOPT_POSTFIELDS, call->body.at);
    }
    if (call->method)
        SET(CURLOPT_CUSTOMREQUEST, call->method);
    if (call->method && strcmp(call->method, "HEAD") == 0)
        SET(CURLOPT_NOBODY, 1L);
    return ok || err_set(t->e, ERR_INTERNAL, "the HTTP client cannot be set up");
}

static bool add_header(struct curl_slist **list, struct arena *arena, const char *name,
                       str value, struct err *e)
{
    char *line = arena_format(arena, "%s: %.*s", name, STR_FMT(value));
    for (char *c = line; c && *c; c++)
        if ((unsigned char)*c < 0x20)
            *c = ' ';
    struct curl_slist *more = line ? curl_slist_append(*list, line) : NULL;
    if (!more)
        return err_set(e, ERR_INTERNAL, "out of memory");
    *list = more;
    return true;
}

static bool make_headers(const struct http_call *call, bool same_host, struct arena *arena,
                         struct curl_slist **list, struct err *e)
{
    bool ok = add_header(list, arena, "Expect", STR(""), e); /* no wait for 100 Continue */
    for (size_t i = 0; ok && same_host && i < call->nheader; i++) {
        const char *name = arena_text(arena, call->headers[i].name);
        ok = name && add_header(list, arena, name, call->headers[i].value, e);
    }
    if (ok && call->body.at && call->content_type)
        ok = add_header(list, arena, "Content-Type", str_of(call->content_type), e);
    return ok || err_set(e, ERR_INTERNAL, "out of memory");
}

static bool check_time(struct transfer *t)
{
    if (cancel_reason(t->call->cancel) != CANCEL_NOT)
        return err_set(t->e, ERR_CANCELLED, "the transfer from %.200s was cancelled",
                       t->call->url);
    if (clock_monotonic_ns() > t->deadline_ns)
        return err_set(t->e, ERR_TIMEOUT, "%.200s did not answer in %.0f seconds",
                       t->call->url, t->limits.seconds);
    return true;
}

/* Runs the loop until the transfer's end; *code is curl's verdict. */
static bool loop(struct transfer *t, CURLcode *code)
{
    for (;;) {
        int running = 0, left;
        if (curl_multi_perform(t->multi, &running) != CURLM_OK)
            return err_set(t->e, ERR_INTERNAL, "the HTTP client failed");
        CURLMsg *message = curl_multi_info_read(t->multi, &left);
        if (message && message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return true;
        }
        if (!check_time(t))
            return false;
        int64_t left_ms = (t->deadline_ns - clock_monotonic_ns()) / 1000000 + 1;
        curl_multi_poll(t->multi, NULL, 0, left_ms > 1000 ? 1000 : (int)left_ms, NULL);
    }
}

static bool explain(struct transfer *t, CURLcode code)
{
    if (t->stopped)
        return false;
    if (t->refused[0])
        return err_set(t->e, ERR_USAGE,
                       "%.200s leads to the address %s, which is not on the open internet; "
                       "nothing is fetched from there",
                       t->call->url, t->refused);
    return err_set(t->e, ERR_UNAVAILABLE, "cannot fetch %.200s: %s", t->call->url,
                   curl_easy_strerror(code));
}

static bool run(struct transfer *t)
{
    CURLcode code = CURLE_OK;
    struct cancel_watch *watch = cancel_watch(t->call->cancel, wake, t->multi);
    bool ok = curl_multi_add_handle(t->multi, t->curl) == CURLM_OK && loop(t, &code);
    cancel_unwatch(watch);
    curl_multi_remove_handle(t->multi, t->curl);
    if (!ok)
        return err_set(t->e, ERR_INTERNAL, "the HTTP client cannot be set up");
    return code == CURLE_OK || explain(t, code);
}

static void note_answer(struct transfer *t, const char *url)
{
    long status = 0;
    char *type = NULL;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->curl, CURLINFO_CONTENT_TYPE, &type);
    t->got->status = (int)status;
    snprintf(t->got->content_type, sizeof t->got->content_type, "%s", type ? type : "");
    snprintf(t->got->url, sizeof t->got->url, "%s", url);
}

/* ---- redirects ---- */

static bool same_host(const char *a, const char *b)
{
    str rest_a = str_of(a), rest_b = str_of(b);
    for (int i = 0; i < 3; i++) /* scheme:, nothing, host:port */
        if (!str_eq_fold(str_cut(&rest_a, '/'), str_cut(&rest_b, '/')))
            return false;
    return true;
}

/* One request to `url`. *next is where it redirects to (in the arena), or NULL. */
static bool step(struct transfer *t, const char *url, struct arena *arena,
                 const char **next)
{
    struct curl_slist *headers = NULL;
    *next = NULL;
    t->curl = curl_easy_init();
    t->multi = curl_multi_init();
    bool ok = t->curl && t->multi &&
              make_headers(t->call, same_host(url, t->call->url), arena, &headers, t->e) &&
              set_options(t, url, headers) && run(t);
    if (ok) {
        char *target = NULL;
        note_answer(t, url);
        curl_easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &target);
        if (target && !t->limits.no_redirects) {
            *next = arena_text(arena, str_of(target));
            ok = *next || err_set(t->e, ERR_INTERNAL, "out of memory");
        }
    }
    curl_easy_cleanup(t->curl);
    if (t->multi)
        curl_multi_cleanup(t->multi);
    curl_slist_free_all(headers);
    return ok || err_set(t->e, ERR_INTERNAL, "out of memory");
}

static bool follow(struct transfer *t, struct arena *arena)
{
    const char *url = t->call->url;
    for (unsigned i = 0;; i++) {
        const char *next;
        if (!url_vet(url, t->limits.allow_private, t->e) || !step(t, url, arena, &next))
            return false;
        if (!next)
            return true;
        if (i == t->limits.redirects || t->call->body.at)
            return err_set(t->e, ERR_UNAVAILABLE, "%.200s redirects too often, to %.200s",
                           t->call->url, next);
        url = next;
    }
}

static void fill_limits(struct http_fetch_limits *limits)
{
    if (!limits->bytes)
        limits->bytes = (uint64_t)100 << 20;
    if (!(limits->seconds > 0))
        limits->seconds = 60;
    if (!limits->redirects)
        limits->redirects = 5;
}

bool http_client_call(const struct http_call *call, struct http_fetched *got, struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_curl);
    struct arena *arena = arena_new(1 << 20);
    if (!arena)
        return err_set(e, ERR_INTERNAL, "out of memory");
    struct transfer t = {.call = call, .limits = call->limits, .got = got, .e = e};
    fill_limits(&t.limits);
    t.deadline_ns = clock_deadline_ns(t.limits.seconds);
    *got = (struct http_fetched){0};
    bool ok = follow(&t, arena);
    arena_free(arena);
    return ok;
}

/* ---- fetching into a file ---- */

struct file_sink {
    int fd;
    struct http_fetched *got;
};

static bool take_to_file(void *context, const char *bytes, size_t n, struct err *e)
{
    struct file_sink *sink = context;
    if (sink->got->status >= 400)
        return true; /* its words are for people, not for the file */
    return spool_write(sink->fd, bytes, n, e);
}

bool http_fetch(const char *url, const struct http_fetch_limits *limits,
                struct cancel *cancel, int fd, struct http_fetched *got, struct err *e)
{
    struct file_sink sink = {fd, got};
    struct http_call call = {.url = url,
                             .take = take_to_file,
                             .context = &sink,
                             .limits = *limits,
                             .cancel = cancel};
    if (!http_client_call(&call, got, e))
        return false;
    if (got->status >= 200 && got->status < 300)
        return true;
    return err_set(e, got->status >= 500 ? ERR_UNAVAILABLE : ERR_USAGE,
                   "%.200s answered with status %d", url, got->status);
}
