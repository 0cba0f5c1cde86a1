/* gate.h -- who may run now. Queries that are expected to be short have places of their
 * own, so that a look-up never waits behind scans; a client that has less running goes
 * before one that has more; who must wait too long is told so at once.
 *
 *   pools     A short query may also use a long place that nobody waits for. One that turns
 *             out long (seconds, rows) counts as long from then on: its short place is free
 *             again. At most so many do as there are short places, so that never more than
 *             long + 2 * short queries run.
 *   order     Within a pool: the client with the fewest queries running, then who came
 *             first. */
#ifndef CORE_DALI_GATE_H
#define CORE_DALI_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/cancel.h"
#include "core/base/err.h"

enum gate_pool { GATE_SHORT, GATE_LONG, GATE_POOLS };

struct gate_limits {
    uint32_t places[GATE_POOLS]; /* queries at a time; 0: 1 */
    uint32_t line;               /* that may wait in each pool; 0: no limit */
    uint32_t client_places;      /* one client's queries at a time; 0: no limit */
    uint32_t client_line;        /* one client's that wait; 0: no limit */
    double wait_s;               /* longest wait; 0: no limit */
    double short_s;              /* a short query that runs longer is long; 0: never */
    uint64_t short_rows;         /* ... that gives more rows; 0: never */
};

struct gate_place { /* in the line, as the one who waits sees it */
    uint32_t position, waiting;
    enum gate_pool pool;
};

struct gate_ask {
    enum gate_pool pool;
    const char *client; /* whom it counts for; NULL: nobody */
    int64_t deadline_ns;
    bool is_patient; /* a job: `line`, `client_line` and `wait_s` do not count */
    struct cancel *cancel;
    /* Called now and then while it waits. NULL: nobody looks. */
    void (*waits)(void *what, const struct gate_place *);
    void *what;
};

struct dali_gate;
struct gate_client;

/* A place that is held: the caller's memory from gate_enter to gate_leave. */
struct gate_pass {
    struct gate_pass *next, **link;
    struct gate_client *client;
    enum gate_pool pool; /* whose place it holds */
    bool is_short;       /* was expected to be short */
    int64_t entered_ns;
};

struct dali_gate *gate_new(const struct gate_limits *);
void gate_free(struct dali_gate *);
/* From now on; who runs or waits already stays. */
void gate_set_limits(struct dali_gate *, const struct gate_limits *);

/* Takes a place. ERR_BUSY with retry_after_s when a limit or the deadline comes first,
 * ERR_CANCELLED with the token. */
bool gate_enter(struct dali_gate *, struct gate_pass *, const struct gate_ask *,
                struct err *);
/* The query has given so many rows. From the thread that holds the pass. */
void gate_rows(struct dali_gate *, struct gate_pass *, uint64_t nrow);
void gate_leave(struct dali_gate *, struct gate_pass *);

enum gate_refusal { GATE_LINE_FULL, GATE_CLIENT_LINE_FULL, GATE_WAITED, GATE_REFUSALS };

struct gate_counts {
    uint32_t places[GATE_POOLS], running[GATE_POOLS], waiting[GATE_POOLS];
    uint64_t entered[GATE_POOLS], refused[GATE_REFUSALS];
    uint64_t demoted; /* short ones that became long */
    uint32_t clients; /* that run or wait */
};
void gate_count(struct dali_gate *, struct gate_counts *);

/* "short", "long". */
const char *gate_pool_name(enum gate_pool);

#endif
