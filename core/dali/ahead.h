/* ahead.h -- rows fetched ahead: a source whose batches another thread pulls from the store
 * while the caller makes bytes of those before. */
#ifndef CORE_DALI_AHEAD_H
#define CORE_DALI_AHEAD_H

#include "core/base/rows.h"

/* Takes `inner` over, which is pulled by a thread of its own from now on, a few batches
 * ahead (copies: a batch lives only until the next is pulled). close() waits for a pull
 * that is under way; whoever cancels the query ends that soon. NULL, and `inner` is still
 * the caller's: no memory or no thread. */
struct rowsource *rows_ahead(struct rowsource *inner);

#endif
