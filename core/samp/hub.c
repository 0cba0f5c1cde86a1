/* hub.c -- finding the hub of the user's desktop, joining it, calling other clients by it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/http/http.h"
#include "core/samp/samp.h"

enum { LOCK_BYTES = 16 * 1024, ANSWER_BYTES = 1 << 20, HUB_S = 10, MAX_CLIENTS = 500 };

#define HINT "start TOPCAT, Aladin or another tool with a SAMP hub first"

struct samp_hub {
    struct arena *arena;
    struct samp_lock lock;
    const char *key; /* private */
    const char *hub_id, *self_id;
};

/* ---- the lock file ---- */

static void note(struct samp_lock *lock, str key, str value, struct arena *arena)
{
    if (str_eq(key, STR("samp.secret")))
        lock->secret = arena_text(arena, value);
    else if (str_eq(key, STR("samp.hub.xmlrpc.url")))
        lock->url = arena_text(arena, value);
}

bool samp_lock_read(str text, const char *place, struct arena *arena,
                    struct samp_lock *lock, struct err *e)
{
    *lock = (struct samp_lock){.place = place};
    while (text.len) {
        str line = str_trim(str_cut(&text, '\n'));
        if (line.len && line.at[0] != '#') {
            str key = str_cut(&line, '=');
            note(lock, str_trim(key), str_trim(line), arena);
        }
    }
    if (lock->url && *lock->url && lock->secret && *lock->secret)
        return true;
    return err_set(e, ERR_UNAVAILABLE,
                   "%.300s is no lock file of a SAMP hub: samp.secret and "
                   "samp.hub.xmlrpc.url must stand in it",
                   place);
}

static bool read_file(const char *path, struct bytes *b, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        if (errno == ENOENT)
            return err_set(e, ERR_UNAVAILABLE, "no SAMP hub runs (there is no %.300s): %s",
                           path, HINT);
        return err_set(e, ERR_UNAVAILABLE, "%.300s cannot be read: %s", path,
                       strerror(errno));
    }
    ssize_t n = 1;
    while (n > 0) {
        char *to = bytes_reserve(b, 4096);
        n = to ? read(fd, to, 4096) : -1;
        if (n > 0)
            b->len += (size_t)n;
    }
    close(fd);
    return n == 0 ||
           err_set(e, ERR_UNAVAILABLE, "%.300s cannot be read as a lock file", path);
}

static bool keep(void *context, const char *at, size_t n, struct err *e)
{
    struct bytes *b = context;
    bytes_add(b, (str){at, n});
    return !b->failed || err_set(e, ERR_LIMIT, "the answer is too large");
}

static bool fetch(const char *url, struct bytes *b, struct err *e)
{
    struct http_fetched got;
    struct http_call call = {
        .url = url,
        .take = keep,
        .context = b,
        .limits = {.bytes = LOCK_BYTES, .seconds = HUB_S, .allow_private = true}};
    if (!http_client_call(&call, &got, e))
        return false;
    return got.status == 200 ||
           err_set(e, ERR_UNAVAILABLE, "%.300s answered with status %d", url, got.status);
}

/* Path of a file URL ("file:///a/b", "file://localhost/a", "file:/a"), or NULL. */
static const char *file_of(const char *url)
{
    static const char *const START[] = {"file://localhost/", "file:///", "file:/"};
    for (size_t i = 0; i < sizeof START / sizeof *START; i++)
        if (str_starts_fold(str_of(url), str_of(START[i])))
            return url + strlen(START[i]) - 1;
    return NULL;
}

static const char *default_place(struct arena *arena, struct err *e)
{
    const char *home = getenv("HOME");
    if (!home || !*home) {
        err_set(e, ERR_UNAVAILABLE, "HOME is not set: no lock file of a hub can be found");
        return NULL;
    }
    return arena_format(arena, "%s/.samp", home);
}

bool samp_lock_find(struct arena *arena, struct samp_lock *lock, struct err *e)
{
    static const char START[] = "std-lockurl:";
    const char *hub = getenv("SAMP_HUB");
    bool is_given = hub && *hub;
    if (is_given && strncmp(hub, START, strlen(START)) != 0)
        return err_set(e, ERR_USAGE,
                       "SAMP_HUB is \"%.200s\": only std-lockurl:URL is understood", hub);
    const char *place = is_given ? hub + strlen(START) : default_place(arena, e);
    if (!place)
        return err_set(e, ERR_INTERNAL, "out of memory");
    const char *path = is_given ? file_of(place) : place;
    struct bytes b;
    bytes_init(&b, LOCK_BYTES);
    bool ok = (path ? read_file(path, &b, e) : fetch(place, &b, e)) &&
              samp_lock_read(bytes_str(&b), place, arena, lock, e);
    bytes_free(&b);
    return ok;
}

/* ---- calls ---- */

/* A refused connection means a hub that died without tidying up. */
static void say_dead(const struct samp_lock *lock, const struct err *cause, struct err *e)
{
    if (cause->kind != ERR_UNAVAILABLE)
        err_set(e, cause->kind, "%s", cause->message);
    else
        err_set(
            e, ERR_UNAVAILABLE,
            "the SAMP hub of %.300s does not answer (%.300s): it ended without removing "
            "that file; %s",
            lock->place, cause->message, HINT);
}

static const struct samp_value *call_hub(const struct samp_lock *lock, struct arena *arena,
                                         const char *method,
                                         const struct samp_value *params, int seconds,
                                         struct err *e)
{
    struct bytes out, in;
    struct http_fetched got = {0};
    struct err cause = {0};
    const struct samp_value *answer = NULL;
    bytes_init(&out, ANSWER_BYTES);
    bytes_init(&in, ANSWER_BYTES);
    if (!samp_write_call(&out, method, params, e))
        goto out;
    struct http_call call = {.url = lock->url,
                             .body = bytes_str(&out),
                             .content_type = "text/xml",
                             .take = keep,
                             .context = &in,
                             .limits = {.bytes = ANSWER_BYTES,
                                        .seconds = seconds,
                                        .no_redirects = true,
                                        .allow_private = true}};
    if (!http_client_call(&call, &got, &cause))
        say_dead(lock, &cause, e);
    else if (got.status != 200)
        err_set(e, ERR_UNAVAILABLE, "the SAMP hub answered with status %d", got.status);
    else
        answer = samp_read_answer(bytes_str(&in), arena, e);

out:
    bytes_free(&out);
    bytes_free(&in);
    return answer;
}

/* The call samp.hub.METHOD with the key before the other parameters, which may be NULL. */
static const struct samp_value *ask(struct samp_hub *hub, const char *method,
                                    struct samp_value *first, struct samp_value *second,
                                    struct samp_value *third, int seconds, struct err *e)
{
    struct samp_value *params = samp_list(hub->arena);
    if (!samp_add(params, NULL, samp_text(hub->arena, hub->key))) {
        err_set(e, ERR_INTERNAL, "out of memory");
        return NULL;
    }
    samp_add(params, NULL, first);
    samp_add(params, NULL, second);
    samp_add(params, NULL, third);
    return call_hub(&hub->lock, hub->arena, method, params, seconds, e);
}

/* ---- joining ---- */

static bool register_us(struct samp_hub *hub, struct err *e)
{
    struct samp_value *params = samp_list(hub->arena);
    if (!samp_add_text(hub->arena, params, NULL, hub->lock.secret))
        return err_set(e, ERR_INTERNAL, "out of memory");
    const struct samp_value *got =
        call_hub(&hub->lock, hub->arena, "samp.hub.register", params, HUB_S, e);
    hub->key = samp_get_text(got, "samp.private-key");
    hub->hub_id = samp_get_text(got, "samp.hub-id");
    hub->self_id = samp_get_text(got, "samp.self-id");
    if (got && !*hub->key)
        return err_set(e, ERR_UNAVAILABLE, "the SAMP hub gives no key");
    return got != NULL;
}

static bool introduce(struct samp_hub *hub, struct err *e)
{
    struct samp_value *about = samp_map(hub->arena);
    bool ok = samp_add_text(hub->arena, about, "samp.name", "colure") &&
              samp_add_text(hub->arena, about, "samp.description.text",
                            "Sends results of a Virtual Observatory node");
    return (ok || err_set(e, ERR_INTERNAL, "out of memory")) &&
           ask(hub, "samp.hub.declareMetadata", about, NULL, NULL, HUB_S, e);
}

struct samp_hub *samp_join(const struct samp_lock *lock, struct arena *arena, struct err *e)
{
    struct samp_hub *hub = arena_new_one(arena, struct samp_hub);
    if (!hub) {
        err_set(e, ERR_INTERNAL, "out of memory");
        return NULL;
    }
    *hub = (struct samp_hub){.arena = arena, .lock = *lock};
    if (!register_us(hub, e))
        return NULL;
    if (introduce(hub, e))
        return hub;
    samp_leave(hub);
    return NULL;
}

void samp_leave(struct samp_hub *hub)
{
    struct err ignored = {0};
    if (hub)
        (void)ask(hub, "samp.hub.unregister", NULL, NULL, NULL, HUB_S, &ignored);
}

/* ---- clients ---- */

static const char *name_of(struct samp_hub *hub, const char *id, struct err *e)
{
    const struct samp_value *about =
        ask(hub, "samp.hub.getMetadata", samp_text(hub->arena, id), NULL, NULL, HUB_S, e);
    const char *name = samp_get_text(about, "samp.name");
    return *name ? name : id;
}

static bool add_client(struct samp_hub *hub, struct samp_client *to, const char *id)
{
    struct err gone = {0}; /* it may have left meanwhile */
    to->id = id;
    to->name = name_of(hub, id, &gone);
    to->subscriptions = gone.kind
                            ? NULL
                            : ask(hub, "samp.hub.getSubscriptions",
                                  samp_text(hub->arena, id), NULL, NULL, HUB_S, &gone);
    return !gone.kind;
}

const struct samp_client *samp_clients(struct samp_hub *hub, const char *mtype, uint32_t *n,
                                       struct err *e)
{
    const struct samp_value *ids =
        mtype ? ask(hub, "samp.hub.getSubscribedClients", samp_text(hub->arena, mtype),
                    NULL, NULL, HUB_S, e)
              : ask(hub, "samp.hub.getRegisteredClients", NULL, NULL, NULL, HUB_S, e);
    struct samp_client *client =
        arena_new_array(hub->arena, struct samp_client, MAX_CLIENTS);
    *n = 0;
    if (!ids)
        return NULL;
    if (!client) {
        err_set(e, ERR_INTERNAL, "out of memory");
        return NULL;
    }
    for (const struct samp_value *v = ids->first; v && *n < MAX_CLIENTS; v = v->next) {
        const char *id = mtype ? v->name : v->text;
        if (id && strcmp(id, hub->hub_id) != 0 && strcmp(id, hub->self_id) != 0 &&
            add_client(hub, &client[*n], id))
            (*n)++;
    }
    return client;
}

/* ---- messages ---- */

const struct samp_value *samp_call(struct samp_hub *hub, const struct samp_client *client,
                                   const char *mtype, struct samp_value *params,
                                   int seconds, struct err *e)
{
    enum { SPARE_S = 5 }; /* so that the hub, which knows more, gives up first */
    struct arena *a = hub->arena;
    struct samp_value *message = samp_map(a);
    if (!samp_add_text(a, message, "samp.mtype", mtype) ||
        !samp_add(message, "samp.params", params)) {
        err_set(e, ERR_INTERNAL, "out of memory");
        return NULL;
    }
    return ask(hub, "samp.hub.callAndWait", samp_text(a, client->id), message,
               samp_text(a, arena_format(a, "%d", seconds)), seconds + SPARE_S, e);
}
