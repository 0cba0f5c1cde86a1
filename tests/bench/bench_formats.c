/* bench_formats.c -- rows a second of the formats on the ten-column table of the design:
 * one long, two double, five float, one short, one char*. One core, from memory to memory,
 * and from files in /tmp for reading. Prints NAME, OURS, OTHER, UNIT, GOAL. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/formats/formats.h"

enum { NROW = 8192, NCOLUMN = 10, REPEATS = 5, FILE_BATCHES = 64 };

static struct store_column columns[NCOLUMN];
static const struct store_column *column[NCOLUMN];
static struct store_vector vectors[NCOLUMN];
static struct store_batch batch;
static struct result_head head;

static int64_t ids[NROW];
static double positions[2][NROW];
static float magnitudes[5][NROW];
static int16_t flags[NROW];
static char names[NROW * 16];
static uint32_t name_at[NROW + 1];

/* Of this process: other work on the machine does not count. */
static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The same numbers in every run. */
static double next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

static void add_column(int i, const char *name, enum store_type type, const void *data)
{
    columns[i] = (struct store_column){
        .size = sizeof columns[i], .type = type, .length = 1, .name = name};
    column[i] = &columns[i];
    vectors[i] = (struct store_vector){data, NULL, NULL};
}

static void make_table(void)
{
    static const char *const NAMES[] = {"m1", "m2", "m3", "m4", "m5"};
    uint32_t at = 0;
    for (int i = 0; i < NROW; i++) {
        ids[i] = INT64_C(4000000000000000000) + (int64_t)(next_random() * 1e17);
        positions[0][i] = next_random() * 360;
        positions[1][i] = next_random() * 180 - 90;
        for (int k = 0; k < 5; k++)
            magnitudes[k][i] = (float)(next_random() * 20);
        flags[i] = (int16_t)(i * 7);
        name_at[i] = at;
        at += (uint32_t)snprintf(names + at, 16, "NAME %06d", i);
    }
    name_at[NROW] = at;
    add_column(0, "id", STORE_I64, ids);
    add_column(1, "ra", STORE_F64, positions[0]);
    add_column(2, "dec", STORE_F64, positions[1]);
    for (int k = 0; k < 5; k++)
        add_column(3 + k, NAMES[k], STORE_F32, magnitudes[k]);
    add_column(8, "flag", STORE_I16, flags);
    add_column(9, "name", STORE_TEXT, names);
    columns[9].length = -1;
    vectors[9].offset = name_at;
    batch = (struct store_batch){sizeof batch, NROW, vectors};
    head = (struct result_head){.column = column, .ncolumn = NCOLUMN, .nrow = -1};
}

static void die(const char *what, const struct err *e)
{
    fprintf(stderr, "bench_formats: %s: %s\n", what, e->message);
    exit(1);
}

static struct sink *open_sink(const char *name, struct bytes *out)
{
    static const struct format_options OPTIONS = {"/tmp", UINT64_C(4) << 30, NULL};
    struct err e = {0};
    const char *type;
    struct arena *arena = arena_new(1 << 16);
    const struct format *format = format_find(str_of(name), arena, &type, &e);
    struct sink *sink = format ? format_sink(format, &OPTIONS, &e) : NULL;
    if (!sink || !sink->begin(sink, &head, out, &e))
        die(name, &e);
    arena_free(arena);
    return sink;
}

/* Seconds that `nbatch` batches take to encode. */
static double encode(const char *name, int nbatch)
{
    struct err e = {0};
    struct bytes out;
    bytes_init(&out, (size_t)1 << 30);
    struct sink *sink = open_sink(name, &out);
    double start = cpu_seconds();
    for (int i = 0; i < nbatch; i++) {
        bytes_clear(&out);
        if (!sink->rows(sink, &batch, &out, &e))
            die(name, &e);
    }
    if (!sink->end(sink, ENDING_COMPLETE, NULL, &out, &e))
        die(name, &e);
    double seconds = cpu_seconds() - start;
    sink->close(sink);
    bytes_free(&out);
    return seconds;
}

static int by_value(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static void print_line(const char *what, double seconds[REPEATS], double nrow,
                       const char *goal)
{
    qsort(seconds, REPEATS, sizeof *seconds, by_value);
    printf("%s\t%.2f\t\tMrows/s\t%s\n", what, nrow / seconds[REPEATS / 2] / 1e6, goal);
    fflush(stdout);
}

static void bench_encode(const char *what, const char *format, int nbatch, const char *goal)
{
    double seconds[REPEATS];
    encode(format, nbatch / 4 + 1);
    for (int i = 0; i < REPEATS; i++)
        seconds[i] = encode(format, nbatch);
    print_line(what, seconds, (double)nbatch * NROW, goal);
}

static void write_file(const char *path, const char *format)
{
    struct err e = {0};
    struct bytes out;
    bytes_init(&out, (size_t)1 << 30);
    FILE *file = fopen(path, "wb");
    if (!file)
        die(path, &e);
    struct sink *sink = open_sink(format, &out);
    bool ok = true;
    for (int i = 0; ok && i < FILE_BATCHES; i++)
        ok = sink->rows(sink, &batch, &out, &e);
    if (!ok || !sink->end(sink, ENDING_COMPLETE, NULL, &out, &e))
        die(format, &e);
    fwrite(out.at, 1, out.len, file);
    char buffer[65536];
    ssize_t n = 0;
    for (off_t at = 0; sink->is_spooled; at += n) {
        n = pread(sink->spool_fd, buffer, sizeof buffer, at);
        if (n <= 0)
            break;
        fwrite(buffer, 1, (size_t)n, file);
    }
    fclose(file);
    sink->close(sink);
    bytes_free(&out);
}

static double decode(const char *path)
{
    struct err e = {0};
    struct read_options options = {.kind = TABLE_UNKNOWN};
    struct store_batch rows;
    enum step step;
    uint64_t nrow = 0;
    double start = cpu_seconds();
    struct rowsource *source = table_read(path, &options, &e);
    if (!source)
        die(path, &e);
    while ((step = source->next(source, &rows, &e)) == STEP_ROWS)
        nrow += rows.nrow;
    source->close(source);
    if (step != STEP_END || nrow != (uint64_t)FILE_BATCHES * NROW)
        die(path, &e);
    return cpu_seconds() - start;
}

static void bench_decode(const char *what, const char *format, const char *goal)
{
    double seconds[REPEATS];
    char path[] = "/tmp/bench-formats-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        die(path, &(struct err){0});
    close(fd);
    write_file(path, format);
    for (int i = 0; i < REPEATS; i++)
        seconds[i] = decode(path);
    unlink(path);
    print_line(what, seconds, (double)FILE_BATCHES * NROW, goal);
}

int main(void)
{
    make_table();
    bench_encode("encode binary2", "votable/b2", 400, ">=10");
    bench_encode("encode tabledata", "votable/td", 60, ">=2.5");
    bench_encode("encode binary", "votable/b", 400, "");
    bench_encode("encode csv", "csv", 60, "");
    bench_encode("encode fits", "fits", 60, "");
    bench_encode("encode arrow", "arrow", 400, "");
    bench_encode("encode json", "json", 20, "");
    bench_decode("upload binary2", "votable/b2", ">=3");
    bench_decode("upload tabledata", "votable/td", ">=0.6");
    bench_decode("upload csv", "csv", "");
    bench_decode("upload fits", "fits", "");
    bench_decode("upload json", "json", "");
    return 0;
}
