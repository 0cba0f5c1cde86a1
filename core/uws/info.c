/* info.c -- what a job document says beyond the standard, in its jobInfo: the place in the
 * line, the progress, first results, and how long each stage of the run took. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/num.h"
#include "core/uws/uws_int.h"

enum { STAGES_BYTES = 2048 };
static const char STAGES_FILE[] = "stages";

/* Without it the job is still a job: failures leave it without stages. */
void uws_run_stages(struct uws_run *run, const struct uws_stage *stage, size_t n)
{
    struct bytes text;
    const char *path = arena_format(run->arena, "%s/%s", run->directory, STAGES_FILE);
    bytes_init(&text, STAGES_BYTES);
    for (size_t i = 0; i < n; i++)
        bytes_add_format(&text, "%s %.6f\n", stage[i].name, stage[i].seconds);
    int fd = path && !text.failed
                 ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)
                 : -1;
    bool ok = fd >= 0 && fd_write(fd, text.at, text.len);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !ok)
        unlink(path);
    bytes_free(&text);
}

static bool is_name(str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < 'a' || name.at[i] > 'z')
            return false;
    return name.len > 0;
}

/* The file lies where the operator may touch it: only what looks right is shown. */
static void add_stages(const struct page *page, const struct uws_job *job)
{
    char text[STAGES_BYTES];
    struct arena *arena = arena_new(64 * 1024);
    const char *path = arena ? files_path(page->uws, arena, job->id, STAGES_FILE) : NULL;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : 0;
    if (fd >= 0)
        close(fd);
    arena_free(arena);
    str rest = {text, n > 0 ? (size_t)n : 0};
    while (rest.len) {
        double seconds;
        str line = str_cut(&rest, '\n'), name = str_cut(&line, ' ');
        if (is_name(name) && num_parse_double(line, &seconds))
            bytes_add_format(page->out,
                             "<stage name=\"%.*s\" "
                             "seconds=\"%.6f\"/>\n",
                             STR_FMT(name), seconds);
    }
}

static void add_position(const struct page *page, const struct uws_job *job)
{
    struct err e = {0};
    uint64_t ahead = 0;
    if (page->uws->store->ahead(page->uws->store, job->id, &ahead, &e))
        bytes_add_format(page->out, "<position>%" PRIu64 "</position>\n", ahead + 1);
}

static void add_progress(const struct page *page, const struct uws_job *job)
{
    char progress[PROGRESS_BYTES];
    if (!work_progress(page->uws, job, progress))
        return;
    bytes_add_literal(page->out, "<progress>");
    bytes_add_xml(page->out, str_of(progress));
    bytes_add_literal(page->out, "</progress>\n");
}

static void add_preview(const struct page *page, const struct uws_job *job)
{
    if (!preview_exists(page->uws, job->id))
        return;
    bytes_add_literal(page->out, "<preview>");
    bytes_add_xml(page->out, str_of(page->list_url));
    bytes_add_format(page->out, "/%s/preview</preview>\n", job->id);
}

void xml_info(const struct page *page, const struct uws_job *job)
{
    static const char BEGIN[] = "<uws:jobInfo>\n", END[] = "</uws:jobInfo>\n";
    bytes_add(page->out, str_of(BEGIN));
    size_t before = page->out->len;
    if (job->phase == UWS_QUEUED)
        add_position(page, job);
    if (job->phase == UWS_EXECUTING) {
        add_progress(page, job);
        add_preview(page, job);
    }
    if (job_is_finished(job))
        add_stages(page, job);
    if (page->out->len == before)
        page->out->len -= sizeof BEGIN - 1;
    else
        bytes_add(page->out, str_of(END));
}
