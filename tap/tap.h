/* tap.h -- Table Access Protocol 1.1: queries in ADQL, sync and async, and the metadata
 * that clients ask for first. Protocol words only; the work is below. */
#ifndef TAP_TAP_H
#define TAP_TAP_H

#include "core/dali/dali.h"
#include "core/http/http.h"
#include "core/uws/uws.h"

struct tap;

struct tap_options {
    struct dali *dali;      /* outlives the service */
    const char *job_folder; /* jobs and their results live here */
    unsigned workers;       /* async jobs at a time */
    /* Several nodes share the jobs: libpq's address of the database that keeps them and its
     * password (NULL: as libpq finds it); job_folder is then storage that all see. NULL:
     * they are this node's own. */
    const char *job_database, *job_password;
    double job_lease_s; /* 0: the default */
};

/* Opens the job list (which sets right what a crash left). NULL with *e. */
struct tap *tap_new(const struct tap_options *, struct err *e);
/* Adds /tap and everything below it. */
bool tap_routes(struct tap *, struct http_server *, struct err *e);
bool tap_start(struct tap *, struct err *e); /* jobs run from now on */
/* Jobs in each phase, workers, waiters. */
bool tap_count(struct tap *, struct uws_counts *, struct err *e);
/* No job begins any more, and long polls are answered; those that run go on. */
void tap_quiesce(struct tap *);
void tap_stop(struct tap *, double drain_s);
void tap_free(struct tap *);

#endif
