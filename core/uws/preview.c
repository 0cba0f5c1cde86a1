/* preview.c -- what a job has so far, kept beside its results while it runs. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/uws/uws_int.h"

enum { PATH_BYTES = 4096 };

/* Readers have the whole of one or of the next: it gets its name when it is complete. */
bool uws_run_preview(struct uws_run *run, str json)
{
    char path[PATH_BYTES], part[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/" PREVIEW_FILE, run->directory);
    int m = snprintf(part, sizeof part, "%s/" PREVIEW_FILE ".part%u", run->directory,
                     run->attempt);
    if (n < 0 || (size_t)n >= sizeof path || m < 0 || (size_t)m >= sizeof part)
        return false;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool ok = fd_write(fd, json.at, json.len);
    ok = close(fd) == 0 && ok && rename(part, path) == 0;
    if (!ok)
        unlink(part);
    return ok;
}

bool preview_exists(const struct uws *uws, const char *id)
{
    char path[PATH_BYTES];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/%s/" PREVIEW_FILE, uws->options.directory, id);
    return n > 0 && (size_t)n < sizeof path && lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}
