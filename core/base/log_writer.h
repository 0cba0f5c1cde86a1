/* log_writer.h -- lines of the log to standard error: at once, or some together a little
 * later. Only log.c calls it. */
#ifndef CORE_BASE_LOG_WRITER_H
#define CORE_BASE_LOG_WRITER_H

#include "core/base/str.h"

/* Whole lines, each with its line end; safe from any thread; in the order of the calls. */

/* Written when it returns, behind all that waited. */
void log_write_now(str line);
/* Copied; written within a tenth of a second, or sooner when much waits. */
void log_write_later(str line);

#endif
