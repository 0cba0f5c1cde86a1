/* samp.h -- talking to the tools on the same desktop (TOPCAT, Aladin, notebooks): SAMP 1.3,
 * Standard Profile, as a client that sends and waits for answers but is not called itself.
 */
#ifndef CORE_SAMP_SAMP_H
#define CORE_SAMP_SAMP_H

#include "core/base/arena.h"
#include "core/base/bytes.h"
#include "core/base/err.h"

/* ---- values: texts, lists, maps and nothing else (SAMP-1) ---------------------------- */

enum samp_kind { SAMP_TEXT, SAMP_LIST, SAMP_MAP };

struct samp_value {
    enum samp_kind kind;
    const char *name; /* as a member of a map; else NULL */
    const char *text; /* TEXT; else NULL */
    struct samp_value *first, *last, *next;
};

/* In the arena, or NULL. A text is taken as it is: see samp_ascii. */
struct samp_value *samp_text(struct arena *, const char *text);
struct samp_value *samp_list(struct arena *);
struct samp_value *samp_map(struct arena *);
/* Hangs `child` on a list (name NULL) or a map. False: one of them is NULL. */
bool samp_add(struct samp_value *parent, const char *name, struct samp_value *child);
bool samp_add_text(struct arena *, struct samp_value *map, const char *name,
                   const char *text);

/* The member of a map, or NULL; also when `map` is NULL or none. */
const struct samp_value *samp_get(const struct samp_value *map, const char *name);
/* Its text; "" when there is none. */
const char *samp_get_text(const struct samp_value *map, const char *name);

/* What SAMP may carry: printable ASCII, tab, line ends. Each other character becomes '?'.
 * NULL: no memory. */
const char *samp_ascii(struct arena *, const char *text);
/* A URL for a message: blanks and non-ASCII bytes percent-encoded. NULL: no memory. */
const char *samp_url(struct arena *, const char *url);

/* ---- XML-RPC ------------------------------------------------------------------------- */

/* Appends the document of a call. False: a text has a character that SAMP forbids, or it is
 * nested too deeply. */
bool samp_write_call(struct bytes *, const char *method, const struct samp_value *params,
                     struct err *e);

/* The one value of a methodResponse; scalars of any type come as texts. A fault is an error
 * of kind USAGE with the hub's words; what is no XML-RPC, or larger than its limits (1 MiB,
 * 20,000 values, 16 deep), one of kind UNAVAILABLE. NULL with *e. */
const struct samp_value *samp_read_answer(str xml, struct arena *, struct err *e);

/* ---- the hub ------------------------------------------------------------------------- */

struct samp_lock {
    const char *place; /* the file or URL, for messages */
    const char *url, *secret;
};

/* Reads the text of a lock file (SAMP-8). */
bool samp_lock_read(str text, const char *place, struct arena *, struct samp_lock *,
                    struct err *e);
/* The lock file of the user: $SAMP_HUB, or .samp in $HOME. UNAVAILABLE: no hub runs. */
bool samp_lock_find(struct arena *, struct samp_lock *, struct err *e);

struct samp_hub;

/* Registers and says who we are. Lives in the arena; leave it with samp_leave. */
struct samp_hub *samp_join(const struct samp_lock *, struct arena *, struct err *e);
/* Says good-bye; NULL is allowed. Failures do not matter any more. */
void samp_leave(struct samp_hub *);

struct samp_client {
    const char *id, *name; /* name: the id when it gave none */
    const struct samp_value *subscriptions;
};

/* All clients but us and the hub itself, with names. `mtype` NULL: all; else those that
 * take it. An array in the arena (may be empty: *n is 0); NULL with *e. */
const struct samp_client *samp_clients(struct samp_hub *, const char *mtype, uint32_t *n,
                                       struct err *e);

/* Sends and waits for the answer. False with *e: the hub or the client failed. The answer's
 * status is for the caller to look at. */
const struct samp_value *samp_call(struct samp_hub *, const struct samp_client *,
                                   const char *mtype, struct samp_value *params,
                                   int seconds, struct err *e);

/* ---- what is behind a URL ------------------------------------------------------------ */

enum samp_content {
    SAMP_TABLE,
    SAMP_FITS_TABLE,
    SAMP_CSV_TABLE,
    SAMP_IMAGE,
    SAMP_SPECTRUM,
    SAMP_COVERAGE,
    SAMP_NCONTENT
};

const char *samp_content_mtype(enum samp_content);

/* From a media type and the first bytes (may be empty). False: it is nothing that tools
 * take. */
bool samp_content_of(str content_type, str first_bytes, enum samp_content *);

/* Asks for the type (HEAD) and, where FITS may be a table or an image, for the first bytes.
 * *type gets the media type, in the arena. */
bool samp_look(const char *url, struct arena *, enum samp_content *, const char **type,
               struct err *e);

#endif
