/* resolver.c -- names of objects to positions, by a service that answers like CDS's Sesame
 * in its plain form: a line "%J RA DEC" in degrees. What was asked lately is remembered,
 * and a service that does not answer is left alone for a while. */
#include "core/node/resolver.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/http/http.h"

enum {
    KNOWN = 512,      /* names that are remembered, each at the place of its hash */
    NAME_BYTES = 100, /* of a name */
    ANSWER_BYTES = 1 << 18,
    ANSWER_SECONDS = 8,
    SILENT_SECONDS = 30, /* after a failure */
    REMEMBER_SECONDS = 86400
};

struct known {
    char name[NAME_BYTES + 1];
    double lon, lat; /* NaN: nobody knows it */
    int64_t until_ns;
};

struct resolver {
    const char *url;
    pthread_mutex_t lock; /* of what follows */
    int64_t silent_until_ns;
    struct known known[KNOWN];
};

struct resolver *resolver_new(const char *url)
{
    struct resolver *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->url = url;
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void resolver_free(struct resolver *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* --- what is remembered --- */

static struct known *place_of(struct resolver *r, str name)
{
    return &r->known[str_hash(name) % KNOWN];
}

static bool recall(struct resolver *r, str name, struct known *found, bool *is_silent)
{
    int64_t now = clock_monotonic_ns();
    pthread_mutex_lock(&r->lock);
    *found = *place_of(r, name);
    *is_silent = now < r->silent_until_ns;
    pthread_mutex_unlock(&r->lock);
    return now < found->until_ns && str_eq(name, str_of(found->name));
}

static void remember(struct resolver *r, str name, double lon, double lat)
{
    struct known k = {
        .lon = lon, .lat = lat, .until_ns = clock_deadline_ns(REMEMBER_SECONDS)};
    memcpy(k.name, name.at, name.len);
    pthread_mutex_lock(&r->lock);
    *place_of(r, name) = k;
    pthread_mutex_unlock(&r->lock);
}

static void keep_silent(struct resolver *r)
{
    pthread_mutex_lock(&r->lock);
    r->silent_until_ns = clock_deadline_ns(SILENT_SECONDS);
    pthread_mutex_unlock(&r->lock);
}

/* --- asking --- */

static bool take(void *context, const char *at, size_t n, struct err *e)
{
    struct bytes *answer = context;
    bytes_add(answer, (str){at, n});
    return !answer->failed || err_set(e, ERR_LIMIT, "its answer is too long");
}

/* The numbers of a line "%J RA DEC ..."; false: there is none. */
static bool read_position(str answer, double *lon, double *lat)
{
    while (answer.at) {
        str line = str_trim(str_cut(&answer, '\n'));
        if (!str_starts_fold(line, STR("%J ")))
            continue;
        line = str_trim((str){line.at + 3, line.len - 3});
        str ra = str_cut(&line, ' ');
        line = str_trim(line);
        str dec = str_cut(&line, ' ');
        return num_parse_double(ra, lon) && num_parse_double(dec, lat) && *lon >= 0 &&
               *lon <= 360 && *lat >= -90 && *lat <= 90;
    }
    return false;
}

static bool ask(struct resolver *r, str name, double *lon, double *lat, struct err *e)
{
    struct bytes url, answer;
    struct http_fetched got = {0};
    struct err why = {0};
    bytes_init(&url, 4096);
    bytes_init(&answer, ANSWER_BYTES);
    bytes_add(&url, str_of(r->url));
    bytes_add_url(&url, name);
    struct http_call call = {.url = bytes_text(&url),
                             .take = take,
                             .context = &answer,
                             .limits = {.bytes = ANSWER_BYTES,
                                        .seconds = ANSWER_SECONDS,
                                        .allow_private = true}};
    bool answered = call.url && http_client_call(&call, &got, &why) && got.status == 200;
    *lon = *lat = NAN;
    if (answered && !read_position(bytes_str(&answer), lon, lat))
        *lon = *lat = NAN;
    if (!answered) {
        keep_silent(r);
        err_set(e, ERR_UNAVAILABLE, "the name resolver does not answer (%.300s)",
                why.kind ? why.message : "not with status 200");
    }
    bytes_free(&url);
    bytes_free(&answer);
    return answered;
}

bool resolver_find(void *resolver, str name, double *lon, double *lat, struct err *e)
{
    struct resolver *r = resolver;
    struct known found;
    bool is_silent;
    name = str_trim(name);
    if (name.len == 0 || name.len > NAME_BYTES)
        return err_set(e, ERR_USAGE, "a name has 1 to %d bytes", NAME_BYTES);
    if (!recall(r, name, &found, &is_silent)) {
        if (is_silent)
            return err_set(e, ERR_UNAVAILABLE,
                           "the name resolver did not answer just now; try again in %d s",
                           SILENT_SECONDS);
        if (!ask(r, name, &found.lon, &found.lat, e))
            return false;
        remember(r, name, found.lon, found.lat);
    }
    *lon = found.lon;
    *lat = found.lat;
    return !isnan(*lon) || err_set(e, ERR_USAGE, "nobody knows this name");
}
