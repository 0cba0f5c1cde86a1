/* test_gate.c -- places, lines and clients: who may run, who goes first, who is refused. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/dali/gate.h"
#include "tests/test.h"

static struct dali_gate *gate;

static struct dali_gate *gate_of(uint32_t n_short, uint32_t n_long)
{
    struct gate_limits l = {.places = {n_short, n_long}};
    return gate_new(&l);
}

static bool enter(struct gate_pass *p, enum gate_pool pool, const char *client,
                  double seconds, struct err *e)
{
    struct gate_ask ask = {
        .pool = pool, .client = client, .deadline_ns = clock_deadline_ns(seconds)};
    return gate_enter(gate, p, &ask, e);
}

/* ---- many at once ---- */

static atomic_int inside[GATE_POOLS], most[GATE_POOLS], failures;

static void *visitor(void *number)
{
    static const char *const CLIENT[] = {"a", "b", "c", NULL};
    struct err e = {0};
    struct gate_pass pass;
    int i = (int)(intptr_t)number;
    enum gate_pool pool = i % 3 ? GATE_SHORT : GATE_LONG;
    for (int k = 0; k < 20; k++) {
        if (!enter(&pass, pool, CLIENT[i % 4], 60, &e)) {
            failures++;
            return NULL;
        }
        int now = atomic_fetch_add(&inside[pass.pool], 1) + 1;
        if (now > most[pass.pool])
            most[pass.pool] = now;
        usleep(200);
        atomic_fetch_sub(&inside[pass.pool], 1);
        gate_leave(gate, &pass);
    }
    return NULL;
}

TEST(the_gate_lets_so_many_in)
{
    enum { VISITORS = 40 };
    pthread_t thread[VISITORS];
    struct gate_counts c;
    gate = gate_of(3, 2);
    for (int i = 0; i < VISITORS; i++)
        pthread_create(&thread[i], NULL, visitor, (void *)(intptr_t)i);
    for (int i = 0; i < VISITORS; i++)
        pthread_join(thread[i], NULL);
    gate_count(gate, &c);
    CHECK_INT(failures, 0);
    CHECK(most[GATE_SHORT] <= 3 && most[GATE_SHORT] > 0);
    CHECK(most[GATE_LONG] <= 2 && most[GATE_LONG] > 0);
    CHECK_INT(c.running[GATE_SHORT] + c.running[GATE_LONG], 0);
    CHECK_INT(c.waiting[GATE_SHORT] + c.waiting[GATE_LONG], 0);
    CHECK_INT(c.clients, 0);
    CHECK_INT(c.entered[GATE_SHORT] + c.entered[GATE_LONG], VISITORS * 20);
    gate_free(gate);
}

/* ---- pools ---- */

TEST(a_look_up_does_not_wait_for_scans)
{
    struct gate_pass scan[2], look_up;
    struct err e = {0}, late = {0};
    gate = gate_of(1, 1);
    CHECK(enter(&scan[0], GATE_LONG, "a", 1, &e));
    CHECK(!enter(&scan[1], GATE_LONG, "a", 0.05, &late));
    CHECK_INT(late.kind, ERR_BUSY);
    CHECK(late.retry_after_s >= 1);
    CHECK(strstr(late.message, "long") && strstr(late.message, "position 1 of 1"));
    CHECK(enter(&look_up, GATE_SHORT, "a", 0.05, &e));
    gate_leave(gate, &look_up);
    gate_leave(gate, &scan[0]);
    gate_free(gate);
}

TEST(short_ones_use_long_places_that_nobody_wants)
{
    struct gate_pass p[2], scan;
    struct err e = {0}, late = {0};
    gate = gate_of(1, 1);
    CHECK(enter(&p[0], GATE_SHORT, NULL, 1, &e));
    CHECK(enter(&p[1], GATE_SHORT, NULL, 1, &e));
    CHECK_INT(p[1].pool, GATE_LONG);
    CHECK(!enter(&scan, GATE_LONG, NULL, 0.05, &late));
    gate_leave(gate, &p[0]);
    gate_leave(gate, &p[1]);
    CHECK(enter(&scan, GATE_LONG, NULL, 0.05, &e));
    gate_leave(gate, &scan);
    gate_free(gate);
}

TEST(a_short_one_that_gives_many_rows_becomes_long)
{
    struct gate_limits l = {.places = {1, 1}, .short_rows = 1000};
    struct gate_pass p[4];
    struct err e = {0}, late = {0};
    struct gate_counts c;
    gate = gate_new(&l);
    CHECK(enter(&p[0], GATE_LONG, NULL, 1, &e));
    CHECK(enter(&p[1], GATE_SHORT, NULL, 1, &e));
    gate_rows(gate, &p[1], 1000);
    CHECK_INT(p[1].pool, GATE_SHORT);
    gate_rows(gate, &p[1], 1001);
    CHECK_INT(p[1].pool, GATE_LONG);
    CHECK(enter(&p[2], GATE_SHORT, NULL, 0.05, &e)); /* its place is free again */
    gate_rows(gate, &p[2], 5000); /* but no more so than there are short places */
    CHECK_INT(p[2].pool, GATE_SHORT);
    CHECK(!enter(&p[3], GATE_SHORT, NULL, 0.05, &late));
    gate_count(gate, &c);
    CHECK_INT(c.demoted, 1);
    CHECK_INT(c.running[GATE_LONG], 2);
    for (int i = 0; i < 3; i++)
        gate_leave(gate, &p[i]);
    gate_count(gate, &c);
    CHECK_INT(c.running[GATE_LONG] + c.running[GATE_SHORT], 0);
    gate_free(gate);
}

TEST(a_short_one_that_takes_long_becomes_long)
{
    struct gate_limits l = {.places = {1, 1}, .short_s = 0.02};
    struct gate_pass p[3];
    struct err e = {0};
    gate = gate_new(&l);
    CHECK(enter(&p[0], GATE_LONG, NULL, 1, &e));
    CHECK(enter(&p[1], GATE_SHORT, NULL, 1, &e));
    CHECK(enter(&p[2], GATE_SHORT, NULL, 60, &e)); /* while it waits, p[1] turns out long */
    CHECK_INT(p[1].pool, GATE_LONG);
    for (int i = 0; i < 3; i++)
        gate_leave(gate, &p[i]);
    gate_free(gate);
}

/* ---- fairness ---- */

struct guest {
    const char *client;
    enum gate_pool pool;
    pthread_t thread;
};

static char order[16];
static atomic_int norder;

static void *guest_run(void *what)
{
    struct guest *g = what;
    struct gate_pass pass;
    struct err e = {0};
    if (enter(&pass, g->pool, g->client, 60, &e)) {
        order[atomic_fetch_add(&norder, 1)] = g->client[0];
        gate_leave(gate, &pass);
    }
    return NULL;
}

static void wait_for_line(uint32_t n)
{
    struct gate_counts c;
    do {
        usleep(1000);
        gate_count(gate, &c);
    } while (c.waiting[GATE_LONG] != n);
}

TEST(who_has_less_running_goes_first)
{
    struct gate_pass a1, a2;
    struct err e = {0};
    struct guest guest[] = {{"a", GATE_LONG, 0}, {"a", GATE_LONG, 0}, {"b", GATE_LONG, 0}};
    memset(order, 0, sizeof order);
    norder = 0;
    gate = gate_of(1, 2);
    CHECK(enter(&a1, GATE_LONG, "a", 1, &e) && enter(&a2, GATE_LONG, "a", 1, &e));
    for (uint32_t i = 0; i < 3; i++) {
        pthread_create(&guest[i].thread, NULL, guest_run, &guest[i]);
        wait_for_line(i + 1);
    }
    gate_leave(gate, &a1);
    for (int i = 0; i < 3; i++)
        pthread_join(guest[i].thread, NULL);
    CHECK_TEXT(order, "baa");
    gate_leave(gate, &a2);
    gate_free(gate);
}

TEST(one_client_gets_so_many_places)
{
    struct gate_limits l = {.places = {1, 3}, .client_places = 2};
    struct gate_pass p[4];
    struct err e = {0}, late = {0};
    gate = gate_new(&l);
    CHECK(enter(&p[0], GATE_LONG, "a", 1, &e) && enter(&p[1], GATE_LONG, "a", 1, &e));
    CHECK(!enter(&p[2], GATE_LONG, "a", 0.05, &late));
    CHECK_INT(late.kind, ERR_BUSY);
    CHECK(enter(&p[2], GATE_LONG, "b", 0.05, &e));
    for (int i = 0; i < 3; i++)
        gate_leave(gate, &p[i]);
    gate_free(gate);
}

/* ---- limits of waiting ---- */

TEST(lines_are_bounded)
{
    struct gate_limits l = {.places = {1, 1}, .line = 2, .client_line = 1};
    struct gate_pass held, p;
    struct err e = {0}, own = {0}, full = {0};
    struct gate_counts c;
    struct guest guest[] = {{"a", GATE_LONG, 0}, {"b", GATE_LONG, 0}};
    gate = gate_new(&l);
    norder = 0;
    CHECK(enter(&held, GATE_LONG, "z", 1, &e));
    pthread_create(&guest[0].thread, NULL, guest_run, &guest[0]);
    wait_for_line(1);
    CHECK(!enter(&p, GATE_LONG, "a", 60, &own));
    CHECK(own.kind == ERR_BUSY && strstr(own.message, "no more than 1 of one client"));
    pthread_create(&guest[1].thread, NULL, guest_run, &guest[1]);
    wait_for_line(2);
    CHECK(!enter(&p, GATE_LONG, "c", 60, &full));
    CHECK(full.kind == ERR_BUSY && strstr(full.message, "2 wait already"));
    CHECK(full.retry_after_s >= 1);
    gate_leave(gate, &held);
    pthread_join(guest[0].thread, NULL);
    pthread_join(guest[1].thread, NULL);
    gate_count(gate, &c);
    CHECK_INT(c.refused[GATE_LINE_FULL], 1);
    CHECK_INT(c.refused[GATE_CLIENT_LINE_FULL], 1);
    CHECK_INT(c.clients, 0);
    gate_free(gate);
}

static atomic_uint told_position;

static void tell(void *what, const struct gate_place *place)
{
    (void)what;
    told_position = place->position;
}

TEST(jobs_wait_longer_and_hear_their_position)
{
    struct gate_limits l = {.places = {1, 1}, .line = 1, .wait_s = 0.02};
    struct gate_pass held, p;
    struct err e = {0}, late = {0};
    struct gate_ask job = {.pool = GATE_LONG,
                           .is_patient = true,
                           .deadline_ns = clock_deadline_ns(0.3),
                           .waits = tell};
    gate = gate_new(&l);
    CHECK(enter(&held, GATE_LONG, NULL, 1, &e));
    CHECK(!enter(&p, GATE_LONG, NULL, 60, &late)); /* wait_s */
    CHECK_INT(late.kind, ERR_BUSY);
    int64_t before = clock_monotonic_ns();
    CHECK(!gate_enter(gate, &p, &job, &e)); /* its own deadline */
    CHECK(clock_monotonic_ns() - before >= 200000000);
    CHECK_INT(told_position, 1);
    gate_leave(gate, &held);
    gate_free(gate);
}

TEST(waiting_ends_with_the_client_and_the_node)
{
    static const enum cancel_reason WHY[] = {CANCEL_CLIENT_LEFT, CANCEL_SHUTDOWN};
    static const enum err_kind KIND[] = {ERR_CANCELLED, ERR_UNAVAILABLE};
    struct gate_pass held, p;
    struct err e = {0};
    gate = gate_of(1, 1);
    CHECK(enter(&held, GATE_LONG, NULL, 1, &e));
    for (int i = 0; i < 2; i++) {
        struct err left = {0};
        struct cancel *token = cancel_new();
        struct gate_ask ask = {
            .pool = GATE_LONG, .deadline_ns = CLOCK_NEVER, .cancel = token};
        cancel_raise(token, WHY[i]);
        CHECK(!gate_enter(gate, &p, &ask, &left));
        CHECK_INT(left.kind, KIND[i]);
        cancel_drop(token);
    }
    gate_leave(gate, &held);
    gate_free(gate);
}

TEST(new_limits_let_waiting_ones_in)
{
    struct gate_limits more = {.places = {1, 2}};
    struct guest guest = {"a", GATE_LONG, 0};
    struct gate_pass held;
    struct err e = {0};
    norder = 0;
    gate = gate_of(1, 1);
    CHECK(enter(&held, GATE_LONG, NULL, 1, &e));
    pthread_create(&guest.thread, NULL, guest_run, &guest);
    wait_for_line(1);
    gate_set_limits(gate, &more);
    pthread_join(guest.thread, NULL);
    CHECK_INT(norder, 1);
    gate_leave(gate, &held);
    gate_free(gate);
}

RUN_TESTS(T(the_gate_lets_so_many_in), T(a_look_up_does_not_wait_for_scans),
          T(short_ones_use_long_places_that_nobody_wants),
          T(a_short_one_that_gives_many_rows_becomes_long),
          T(a_short_one_that_takes_long_becomes_long), T(who_has_less_running_goes_first),
          T(one_client_gets_so_many_places), T(lines_are_bounded),
          T(jobs_wait_longer_and_hear_their_position),
          T(waiting_ends_with_the_client_and_the_node), T(new_limits_let_waiting_ones_in))
