/* health.c -- asks every store now and then whether it is there, so that availability and
 * metrics say so, and a store that comes back is known to be back; and whether it is still
 * what is on disk. */
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/node/inside.h"

static const double CHECK_S = 5,
                    DOUBT_S = 1, /* longest check; how soon doubts are settled */
    AGAIN_S = 10;                /* how soon a refresh is asked for again */
enum { LATE_CHECKS = 2 };        /* so many in a row that take too long: it is down */

struct health {
    struct node *node;
    double every_s;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    unsigned *late; /* checks in a row, of each store */
};

static enum store_status ask_sql(const struct query_store *s, struct store_error *se)
{
    struct store_call call = {.size = sizeof call,
                              .deadline_ns = clock_deadline_ns(CHECK_S),
                              .request_id = "health"};
    struct store_session *session = NULL;
    enum store_status status = s->plugin->begin(s->store, &call, &session, se);
    if (status != STORE_OK)
        return status;
    if (s->plugin->execute)
        status = s->plugin->execute(session, &call, "SELECT 1", se);
    s->plugin->end(session);
    return status;
}

static enum store_status ask(struct node *n, const struct query_store *s,
                             struct store_error *se)
{
    const char *const *name;
    size_t count;
    if (s->plugin->dialect && s->plugin->begin)
        return ask_sql(s, se);
    pthread_mutex_lock(&n->describe_lock);
    enum store_status status = s->plugin->list(s->store, &name, &count, se);
    pthread_mutex_unlock(&n->describe_lock);
    return status;
}

static void set_state(struct node *n, uint32_t i, bool is_down, const char *why)
{
    struct dali_store *state = &n->store_state[i];
    if (atomic_load(&state->is_down) == is_down)
        return;
    atomic_store(&state->down_since_us, clock_now_us());
    atomic_store(&state->is_down, is_down);
    if (is_down)
        log_line(LOG_ERROR, NULL, "store %s is down: %s", n->store[i].name, why);
    else
        log_line(LOG_INFO, NULL, "store %s is back", n->store[i].name);
}

static void check(struct health *h, uint32_t i)
{
    struct node *n = h->node;
    struct store_error se = {.size = sizeof se};
    const struct catalog *snapshot = node_catalog(n);
    const struct query_store *store = catalog_stores(snapshot);
    atomic_store(&n->store_state[i].is_doubtful, false);
    enum store_status status = ask(n, &store[i], &se);
    catalog_drop(snapshot);
    h->late[i] = status == STORE_CANCELLED ? h->late[i] + 1 : 0;
    if (status == STORE_OK)
        set_state(n, i, false, "");
    else if (status == STORE_UNAVAILABLE || status == STORE_FAILED ||
             h->late[i] >= LATE_CHECKS) {
        atomic_fetch_add(&n->store_state[i].failures, 1);
        set_state(n, i, true,
                  status == STORE_CANCELLED ? "it does not answer in time" : se.message);
    }
}

static bool rest(struct health *h, double seconds)
{
    int64_t until = clock_deadline_ns(seconds);
    pthread_mutex_lock(&h->lock);
    while (!h->stop && clock_monotonic_ns() < until)
        clock_condition_wait(&h->wake, &h->lock, until);
    bool goes_on = !h->stop;
    pthread_mutex_unlock(&h->lock);
    return goes_on;
}

/* Whoever runs the node is not asked for a reload when only files were replaced (a scan has
 * made new tables). What fails is tried again after a while. */
static void look_for_replaced(struct health *h, int64_t *next_ns)
{
    if (clock_monotonic_ns() < *next_ns)
        return;
    const struct catalog *snapshot = node_catalog(h->node);
    bool is_outdated = opened_is_outdated(h->node, snapshot);
    catalog_drop(snapshot);
    if (is_outdated) {
        *next_ns = clock_deadline_ns(AGAIN_S);
        node_refresh_soon();
    }
}

/* Stores that are down or in doubt are asked at every turn, the others seldom. */
static void *health_run(void *context)
{
    struct health *h = context;
    int64_t next_ns = 0, next_refresh_ns = 0;
    while (rest(h, h->every_s < DOUBT_S ? h->every_s : DOUBT_S)) {
        bool all = clock_monotonic_ns() >= next_ns;
        if (all)
            next_ns = clock_deadline_ns(h->every_s);
        for (uint32_t i = 0; i < h->node->nstore; i++) {
            struct dali_store *state = &h->node->store_state[i];
            if (all || atomic_load(&state->is_doubtful) || atomic_load(&state->is_down))
                check(h, i);
        }
        look_for_replaced(h, &next_refresh_ns);
    }
    return NULL;
}

struct health *health_new(struct node *n, double every_s, struct err *e)
{
    struct health *h = calloc(1, sizeof *h);
    if (h)
        h->late = calloc(n->nstore + 1, sizeof *h->late);
    if (!h || !h->late) {
        free(h);
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    h->node = n;
    h->every_s = every_s;
    pthread_mutex_init(&h->lock, NULL);
    clock_condition_init(&h->wake);
    if (pthread_create(&h->thread, NULL, health_run, h) == 0)
        return h;
    err_set(e, ERR_BUSY, "the thread that looks after the stores cannot be started");
    free(h->late);
    free(h);
    return NULL;
}

void health_free(struct health *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    h->stop = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->lock);
    free(h->late);
    free(h);
}
