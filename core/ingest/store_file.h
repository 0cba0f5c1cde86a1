/* store_file.h -- a store opened for writing: takes rows, makes sorted tables of them. */
#ifndef CORE_INGEST_STORE_FILE_H
#define CORE_INGEST_STORE_FILE_H

#include "core/base/err.h"
#include "core/base/rows.h"
#include "core/ingest/derive.h"
#include "core/ingest/ingest.h"

struct store_file;

/* Opens the target and begins one session. NULL with *e. */
struct store_file *store_file_open(const struct ingest_target *, struct err *e);
void store_file_close(struct store_file *);

/* Takes all rows of one part of a table. Does not close the rows. */
bool store_file_receive(struct store_file *, const struct ingest_derived *, struct err *e);

/* Makes schema.table of the parts received since the last call, in place of an older one:
 * sorted by the HEALPix column if there is one, else in their order. The parts are gone
 * afterwards, also when it fails. */
bool store_file_make_table(struct store_file *, const char *schema, const char *table,
                           struct err *e);

/* Writes everything through to the file. */
bool store_file_finish(struct store_file *, struct err *e);

#endif
