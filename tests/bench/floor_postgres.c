/* floor_postgres.c -- the least that can answer a question out of PostgreSQL over HTTP:
 *     floor_postgres CONNINFO PORT
 * libmicrohttpd, one pooled connection, hard-coded prepared statements, nothing else.
 * GET /key/ID and /cone/RA/DEC (0.1 degrees) answer lines of text. */
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/num.h"
#include "core/base/str.h"

static PGconn *connection;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char KEY[] = "SELECT id, ra, dec, gmag FROM bench.stars WHERE id=$1::bigint";
static const char CONE[] =
    "SELECT id, ra, dec, gmag FROM bench.stars WHERE spoint(radians(ra), radians(dec)) <@ "
    "scircle(spoint(radians($1::float8), radians($2::float8)), radians(0.1))";

static size_t print_rows(PGresult *r, char *out, size_t max)
{
    size_t n = 0;
    for (int row = 0; row < PQntuples(r); row++)
        for (int column = 0; column < PQnfields(r) && n < max; column++)
            n += (size_t)snprintf(out + n, max - n, "%s%c", PQgetvalue(r, row, column),
                                  column + 1 < PQnfields(r) ? ',' : '\n');
    return n < max ? n : max;
}

static size_t ask(const char *statement, int n, const char *const *values, char *out,
                  size_t max)
{
    pthread_mutex_lock(&lock);
    PGresult *r = PQexecPrepared(connection, statement, n, values, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    size_t len = print_rows(r, out, max);
    PQclear(r);
    return len;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *len, void **state)
{
    (void)context, (void)method, (void)version, (void)body, (void)len;
    static int begun;
    if (!*state) {
        *state = &begun;
        return MHD_YES;
    }
    char out[65536], where[256] = "";
    /* /key/ID, /cone/RA/DEC: the rest of the path */
    const char *rest = strchr(url + 1, '/');
    snprintf(where, sizeof where, "%s", rest ? rest + 1 : "");
    char *slash = strchr(where, '/');
    if (slash)
        *slash = '\0';
    const char *values[] = {where, slash ? slash + 1 : ""};
    size_t n = ask(slash ? "cone" : "key", slash ? 2 : 1, values, out, sizeof out);
    struct MHD_Response *r = MHD_create_response_from_buffer(n, out, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result ok = MHD_queue_response(c, 200, r);
    MHD_destroy_response(r);
    return ok;
}

static bool prepare(const char *name, const char *sql)
{
    PGresult *r = PQprepare(connection, name, sql, 0, NULL);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    if (!ok)
        fprintf(stderr, "floor_postgres: %s", PQresultErrorMessage(r));
    PQclear(r);
    return ok;
}

int main(int argc, char **argv)
{
    int64_t port = 0;
    if (argc != 3 || !num_parse_int(str_of(argv[2]), &port)) {
        fprintf(stderr, "usage: floor_postgres CONNINFO PORT\n");
        return 2;
    }
    connection = PQconnectdb(argv[1]);
    if (PQstatus(connection) != CONNECTION_OK || !prepare("key", KEY))
        return 1;
    prepare("cone", CONE); /* not there without pg_sphere */
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL,
        (uint16_t)port, NULL, NULL, answer, NULL, MHD_OPTION_THREAD_STACK_SIZE,
        (size_t)256 * 1024, MHD_OPTION_END);
    if (!daemon)
        return 1;
    puts("ready");
    fflush(stdout);
    int number;
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    sigwait(&stop, &number);
    MHD_stop_daemon(daemon);
    PQfinish(connection);
    return 0;
}
