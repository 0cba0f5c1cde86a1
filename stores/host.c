/* host.c -- what the node gives an adapter: log, secrets, cancel. A call's token is a
 * `struct cancel`. */
#include "stores/host.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/str.h"

enum { NAME_MAX_BYTES = 64, PATH_MAX_BYTES = 1024 };

static void host_log(const struct store_host *host, int level, const char *message)
{
    (void)host;
    int least = level < LOG_DEBUG ? LOG_DEBUG : level > LOG_ERROR ? LOG_ERROR : level;
    log_line((enum log_level)least, NULL, "%s", message);
}

/* Letters, digits, "_", "-", ".": no name of a secret leads out of its folder. */
static bool is_plain_name(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n > NAME_MAX_BYTES || name[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = ascii_lower(name[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("_-.", c)))
            return false;
    }
    return true;
}

static bool secret_from_environment(const char *name, char *out, size_t len)
{
    char key[NAME_MAX_BYTES + 20] = "COLURE_SECRET_";
    size_t n = strlen(key);
    for (; *name && n < sizeof key - 1; name++)
        key[n++] = *name == '-' || *name == '.' ? '_' : ascii_upper(*name);
    key[n] = '\0';
    const char *value = getenv(key);
    if (!value || strlen(value) >= len)
        return false;
    memcpy(out, value, strlen(value) + 1);
    return true;
}

/* A secret that others of the machine may read is no secret: it is used, with a warning. */
static void warn_if_open(int fd, const char *name)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        log_line(LOG_WARN, NULL,
                 "the file of secret \"%s\" can be read by others; chmod 600 it", name);
}

static bool secret_from_file(const char *dir, const char *name, char *out, size_t len)
{
    char path[PATH_MAX_BYTES];
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    warn_if_open(fd, name);
    ssize_t got = read(fd, out, len);
    close(fd);
    if (got < 0 || (size_t)got >= len)
        return false;
    out[got] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    return true;
}

static bool host_secret(const struct store_host *host, const char *name, char *out,
                        size_t len)
{
    const struct host_state *state = host->node;
    if (len == 0 || !is_plain_name(name))
        return false;
    if (secret_from_environment(name, out, len))
        return true;
    return state->secret_dir && secret_from_file(state->secret_dir, name, out, len);
}

static bool host_is_cancelled(const struct store_host *host, const struct store_call *call)
{
    (void)host;
    if (!call)
        return false;
    if (cancel_reason(call->cancel) != CANCEL_NOT)
        return true;
    return call->deadline_ns != INT64_MAX && clock_monotonic_ns() >= call->deadline_ns;
}

static void *host_watch(const struct store_host *host, const struct store_call *call,
                        void (*raise)(void *), void *what)
{
    (void)host;
    return call ? cancel_watch(call->cancel, raise, what) : NULL;
}

static void host_unwatch(const struct store_host *host, void *watch)
{
    (void)host;
    cancel_unwatch(watch);
}

struct store_host host_table(struct host_state *state)
{
    return (struct store_host){
        .abi = STORE_ABI,
        .size = sizeof(struct store_host),
        .log = host_log,
        .secret = host_secret,
        .is_cancelled = host_is_cancelled,
        .watch = host_watch,
        .unwatch = host_unwatch,
        .node = state,
    };
}
