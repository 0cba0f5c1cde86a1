/* queue.h -- bytes between the thread that makes a body and the connection that sends it:
 * a little in memory; when the reader lags, the rest in a spool file. */
#ifndef CORE_DALI_QUEUE_H
#define CORE_DALI_QUEUE_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/bytes.h"

struct queue;
struct spool;

struct queue *queue_new(struct spool *);
void queue_free(struct queue *);

/* Writer: takes the content of `b` and leaves it empty. Blocks only while the spool is
 * full. False: the reader has gone. */
bool queue_put(struct queue *, struct bytes *b);
/* Writer: no more will come; `whole` is false when the body is not complete. */
void queue_end(struct queue *, bool whole);

/* Reader: blocks for bytes; 0 at the end of a whole body, -1 at the end of a broken one. */
ssize_t queue_take(struct queue *, char *to, size_t max);
/* Reader: wants no more. */
void queue_abandon(struct queue *);

#endif
