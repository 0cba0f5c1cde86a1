/* All bytes or none of the promise: pieces that a pipe takes one by one, signals in
 * between, places of a file, and a device that is full. */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/fd.h"

enum { MANY = 1 << 20 };

static _Atomic int signals;

static void on_signal(int number)
{
    (void)number;
    signals++;
}

struct reader {
    pthread_t writer;
    int fd;
    size_t n;
    bool is_same;
};

/* Takes a little at a time, and interrupts the writer before each. */
static void *read_slowly(void *context)
{
    struct reader *r = context;
    unsigned char piece[4096];
    ssize_t n;
    r->is_same = true;
    while (pthread_kill(r->writer, SIGUSR1), (n = read(r->fd, piece, sizeof piece)) != 0) {
        if (n < 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            r->is_same &= piece[i] == (unsigned char)((r->n + (size_t)i) * 7);
        r->n += (size_t)n;
    }
    return NULL;
}

/* No SA_RESTART: the system says EINTR, or gives less than was asked for; or EAGAIN, with
 * O_NONBLOCK in the flags. */
static void fill_a_pipe(int flags)
{
    struct sigaction action = {.sa_handler = on_signal};
    unsigned char *data = malloc(MANY);
    int ends[2];
    pthread_t thread;
    for (size_t i = 0; data && i < MANY; i++)
        data[i] = (unsigned char)(i * 7);
    CHECK(data && sigaction(SIGUSR1, &action, NULL) == 0 && pipe(ends) == 0);
    CHECK_INT(fcntl(ends[1], F_SETFL, flags), 0);
    struct reader r = {.writer = pthread_self(), .fd = ends[0]};
    CHECK_INT(pthread_create(&thread, NULL, read_slowly, &r), 0);
    CHECK(fd_write(ends[1], data, MANY));
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
    CHECK_INT(r.n, MANY);
    CHECK(r.is_same);
    CHECK(signals > 0);
    free(data);
}

TEST(a_pipe_in_pieces_with_signals)
{
    fill_a_pipe(0);
}

TEST(a_pipe_that_does_not_block)
{
    fill_a_pipe(O_NONBLOCK);
}

TEST(a_pipe_that_nobody_reads)
{
    int ends[2];
    char data[100] = "";
    signal(SIGPIPE, SIG_IGN);
    CHECK(pipe2(ends, O_NONBLOCK) == 0);
    close(ends[0]);
    CHECK(!fd_write(ends[1], data, sizeof data));
    CHECK_INT(errno, EPIPE);
    close(ends[1]);
}

TEST(places_of_a_file)
{
    char text[8] = "";
    FILE *file = tmpfile();
    CHECK(file);
    int fd = fileno(file);
    CHECK(fd_write(fd, "ab", 2));
    CHECK(fd_write_at(fd, 4, "ef", 2));
    CHECK(fd_write_at(fd, 2, "cd", 2));
    CHECK(fd_write(fd, "CD", 2)); /* where it stood */
    CHECK(fd_write(fd, NULL, 0) && fd_write_at(fd, 0, NULL, 0));
    CHECK_INT(pread(fd, text, sizeof text, 0), 6);
    CHECK_TEXT(text, "abCDef");
    fclose(file);
}

TEST(failures_say_why)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    CHECK(full >= 0 && !fd_write(full, "a", 1));
    CHECK_INT(errno, ENOSPC);
    CHECK(!fd_write_at(full, 0, "a", 1));
    CHECK_INT(errno, ENOSPC);
    close(full);
    CHECK(!fd_write(-1, "a", 1));
    CHECK_INT(errno, EBADF);
}

RUN_TESTS(T(a_pipe_in_pieces_with_signals), T(a_pipe_that_does_not_block),
          T(a_pipe_that_nobody_reads), T(places_of_a_file), T(failures_say_why))
