/* gate.h -- how many queries run at a time; the others wait their turn, first come first
 * served, until their deadline. */
#ifndef CORE_DALI_GATE_H
#define CORE_DALI_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/cancel.h"
#include "core/base/err.h"

struct dali_gate;

struct dali_gate *gate_new(uint32_t places);
void gate_free(struct dali_gate *);

/* Takes a place. ERR_BUSY when the deadline comes first, ERR_CANCELLED with the token. */
bool gate_enter(struct dali_gate *, int64_t deadline_ns, struct cancel *, struct err *);
void gate_leave(struct dali_gate *);

uint32_t gate_running(struct dali_gate *);
uint32_t gate_waiting(struct dali_gate *);

#endif
