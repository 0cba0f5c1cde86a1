/* cancel.h -- a token that says "stop": raised once, from any thread, never blocks. */
#ifndef CORE_BASE_CANCEL_H
#define CORE_BASE_CANCEL_H

#include <stdbool.h>
#include <stdint.h>

struct cancel;
struct cancel_watch;

enum cancel_reason { CANCEL_NOT, CANCEL_CLIENT_LEFT, CANCEL_ABORTED, CANCEL_SHUTDOWN };

/* NULL if there is no memory. Counted: new() gives one reference. */
struct cancel *cancel_new(void);
struct cancel *cancel_keep(struct cancel *);
void cancel_drop(struct cancel *);

void cancel_raise(struct cancel *, enum cancel_reason);
enum cancel_reason cancel_reason(const struct cancel *); /* NULL: CANCEL_NOT */

/* raise(what) is called from the raising thread, or at once if the token is raised already.
 * It must not block nor touch the token. NULL: no memory or no token. After unwatch()
 * returns raise() is not running and will not be called. */
struct cancel_watch *cancel_watch(struct cancel *, void (*raise)(void *), void *what);
void cancel_unwatch(struct cancel_watch *);

/* Sleeps until the token is raised or `seconds` are over; true if raised. */
bool cancel_sleep(struct cancel *, double seconds);

#endif
