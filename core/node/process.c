/* process.c -- what the kernel says of the process, under the names that all programs use
 * for it in Prometheus. */
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/node/metrics.h"

static void add(struct bytes *b, const char *name, const char *type, const char *help,
                double value)
{
    bytes_add_format(b, "# HELP %s %s\n# TYPE %s %s\n%s %.17g\n", name, help, name, type,
                     name, value);
}

/* The words of a file of one line; fields counted from 0. */
static double field_of(const char *path, int field)
{
    char text[2048];
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text, f) : 0;
    int64_t value = 0;
    if (f)
        fclose(f);
    str rest = {text, n}, word = {NULL, 0};
    for (int i = 0; i <= field; i++)
        word = str_cut(&rest, ' ');
    return num_parse_int(str_trim(word), &value) ? (double)value : 0;
}

static double count_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = 0;
    while (folder && readdir(folder))
        n++;
    if (folder)
        closedir(folder);
    return n > 3 ? n - 3 : 0; /* ".", ".." and the folder itself */
}

static double started_s(void)
{
    const int start_ticks = 21; /* /proc/self/stat: the name before it has no blank */
    double ticks = (double)sysconf(_SC_CLK_TCK);
    struct timespec boot;
    clock_gettime(CLOCK_BOOTTIME, &boot);
    return (double)clock_now_us() / 1e6 - (double)boot.tv_sec +
           field_of("/proc/self/stat", start_ticks) / ticks;
}

void metrics_process(struct bytes *b)
{
    struct rusage used;
    struct rlimit files;
    double page = (double)sysconf(_SC_PAGESIZE);
    const int threads = 19;
    if (getrusage(RUSAGE_SELF, &used) == 0)
        add(b, "process_cpu_seconds_total", "counter", "processor time of the process",
            (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    add(b, "process_virtual_memory_bytes", "gauge", "virtual memory of the process",
        field_of("/proc/self/statm", 0) * page);
    add(b, "process_resident_memory_bytes", "gauge", "resident memory of the process",
        field_of("/proc/self/statm", 1) * page);
    add(b, "process_threads", "gauge", "threads of the process",
        field_of("/proc/self/stat", threads));
    add(b, "process_open_fds", "gauge", "open files and sockets", count_files());
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        add(b, "process_max_fds", "gauge", "files and sockets that may be open",
            (double)files.rlim_cur);
    add(b, "process_start_time_seconds", "gauge", "start of the process since 1970-01-01",
        started_s());
}
