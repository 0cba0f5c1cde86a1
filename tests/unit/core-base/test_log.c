/* test_log.c -- lines as text and JSON, levels, and repeats that are left out. */
#include "core/base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

static char text[1024 * 1024];
static FILE *file;
static int stderr_fd;

static void begin(enum log_level level, bool json)
{
    file = tmpfile();
    fflush(stderr);
    stderr_fd = dup(STDERR_FILENO);
    CHECK(file && stderr_fd >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    log_setup(level, json);
}

static void end(void)
{
    log_flush();
    dup2(stderr_fd, STDERR_FILENO);
    close(stderr_fd);
    rewind(file);
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    log_setup(LOG_INFO, false);
}

static size_t count_lines(void)
{
    size_t n = 0;
    for (const char *c = text; *c; c++)
        n += *c == '\n';
    return n;
}

TEST(levels_leave_out_what_is_less)
{
    enum log_level level;
    begin(LOG_WARN, false);
    log_line(LOG_INFO, NULL, "not this");
    log_line(LOG_ERROR, "id7", "but this: %d", 12);
    end();
    CHECK(count_lines() == 1 && strstr(text, " error [id7] but this: 12\n"));
    CHECK(log_level_parse("WARN", &level) && level == LOG_WARN);
    CHECK(!log_level_parse("loud", &level) && !log_level_parse("", &level));
}

TEST(fields_in_both_forms)
{
    const struct log_field field[] = {{"path", "/a\"b\\c\nd", 0},
                                      {"rows", NULL, 12},
                                      {"ms", NULL, 1.25},
                                      {"x", NULL, NAN}};
    begin(LOG_INFO, true);
    log_event(LOG_INFO, "r\"1", "request", field, 4);
    end();
    CHECK(strstr(text,
                 "\"level\":\"info\",\"request\":\"r\\\"1\",\"message\":\"request\","
                 "\"path\":\"/a\\\"b\\\\c\\nd\",\"rows\":12,\"ms\":1.25,\"x\":null}\n"));
    begin(LOG_INFO, false);
    log_event(LOG_INFO, "r1", "request", field, 3);
    end();
    CHECK(strstr(text, "info  [r1] request path=/a\"b\\c d rows=12 ms=1.25\n"));
    CHECK_INT(count_lines(), 1);
}

TEST(repeats_are_left_out)
{
    uint64_t before = log_suppressed();
    begin(LOG_INFO, false);
    for (int i = 0; i < 500; i++)
        log_line(LOG_WARN, NULL, "the same again %d", i);
    log_line(LOG_WARN, NULL, "another");
    for (int i = 0; i < 100; i++)
        log_line(LOG_INFO, NULL, "news %d", i);
    end();
    CHECK_INT(count_lines(), 20 + 1 + 100);
    CHECK(strstr(text, "the same again 19") && !strstr(text, "the same again 20"));
    CHECK_INT(log_suppressed() - before, 480);
}

/* Each line is one JSON object. */
static void check_objects(void)
{
    for (char *line = text, *next; *line; line = next + 1) {
        next = strchr(line, '\n');
        CHECK(next && line[0] == '{' && next[-1] == '}');
    }
}

static void *talk(void *number)
{
    for (int i = 0; i < 200; i++)
        log_line(LOG_INFO, NULL, "thread %d says %d", (int)(intptr_t)number, i);
    return NULL;
}

TEST(lines_of_threads_are_whole)
{
    pthread_t thread[4];
    begin(LOG_INFO, true);
    for (intptr_t i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, talk, (void *)i);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    end();
    CHECK_INT(count_lines(), 800);
    check_objects();
}

/* The file's size once it is no longer 0; at most half a minute later. */
static long size_in_the_end(void)
{
    struct stat about = {0};
    for (int i = 0; i < 3000 && about.st_size == 0; i++) {
        usleep(10 * 1000);
        CHECK(fstat(fileno(file), &about) == 0);
    }
    return (long)about.st_size;
}

TEST(events_are_written_without_being_asked)
{
    begin(LOG_INFO, false);
    log_event(LOG_INFO, "r1", "request", NULL, 0);
    CHECK(size_in_the_end() > 0);
    end();
    CHECK_INT(count_lines(), 1);
}

TEST(events_that_wait_keep_the_order)
{
    begin(LOG_INFO, false);
    log_event(LOG_INFO, NULL, "first", NULL, 0);
    log_event(LOG_INFO, NULL, "second", NULL, 0);
    log_line(LOG_INFO, NULL, "third");
    CHECK(size_in_the_end() > 0);
    log_event(LOG_WARN, NULL, "fourth", NULL, 0);
    log_event(LOG_INFO, NULL, "fifth", NULL, 0);
    end();
    const char *at = text;
    for (size_t i = 0; i < 5; i++) {
        static const char *const WORD[] = {"first", "second", "third", "fourth", "fifth"};
        at = at ? strstr(at, WORD[i]) : NULL;
        CHECK(at);
    }
    CHECK_INT(count_lines(), 5);
}

static void *tell(void *number)
{
    for (int i = 0; i < 1000; i++)
        log_event(i % 100 ? LOG_INFO : LOG_WARN, number, "what happened", NULL, 0);
    return NULL;
}

TEST(more_events_than_are_held_keep_the_order)
{
    enum { LINES = 400 };
    char message[1001];
    begin(LOG_INFO, false);
    for (int i = 0; i < LINES; i++) {
        memset(message, 'x', sizeof message - 1);
        message[1000] = '\0';
        message[snprintf(message, 20, "number %d", i)] = ' ';
        log_event(LOG_INFO, NULL, message, NULL, 0);
    }
    end();
    CHECK_INT(count_lines(), LINES);
    const char *at = text;
    for (int i = 0; i < LINES && at; i++) {
        snprintf(message, sizeof message, "number %d ", i);
        at = strstr(at, message);
    }
    CHECK(at);
}

TEST(events_of_threads_are_whole)
{
    pthread_t thread[4];
    begin(LOG_INFO, true);
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, tell, (void *)"0123456789abcdef");
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    end();
    CHECK_INT(count_lines(), 4000);
    check_objects();
}

RUN_TESTS(T(levels_leave_out_what_is_less), T(fields_in_both_forms),
          T(repeats_are_left_out), T(lines_of_threads_are_whole),
          T(events_are_written_without_being_asked), T(events_that_wait_keep_the_order),
          T(more_events_than_are_held_keep_the_order), T(events_of_threads_are_whole))
