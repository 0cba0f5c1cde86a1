/* floor_cutouts.c -- what cut-outs cost at least: cfitsio's section reads and nothing else.
 *     floor_cutouts SIZE < lines "FILE HDU X Y" (first pixel, from 1)
 * A file stays open while the lines name it. Prints seconds. */
#include <fitsio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/num.h"

enum { FILES = 16 };

static struct {
    char name[1024];
    int hdu;
    fitsfile *file;
} opened[FILES];

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static fitsfile *file_of(const char *name, int hdu)
{
    int status = 0, i = 0;
    for (; i < FILES && opened[i].file; i++)
        if (opened[i].hdu == hdu && strcmp(opened[i].name, name) == 0)
            return opened[i].file;
    if (i == FILES || fits_open_diskfile(&opened[i].file, name, READONLY, &status) ||
        fits_movabs_hdu(opened[i].file, hdu + 1, NULL, &status))
        exit(1);
    snprintf(opened[i].name, sizeof opened[i].name, "%s", name);
    opened[i].hdu = hdu;
    return opened[i].file;
}

int main(int argc, char **argv)
{
    char line[1200];
    int64_t size;
    if (argc != 2 || !num_parse_int(str_of(argv[1]), &size))
        return 2;
    float *pixel = malloc((size_t)(size * size) * sizeof *pixel);
    double begin = now_s();
    while (pixel && fgets(line, sizeof line, stdin)) {
        str rest = str_trim(str_of(line)), name = str_cut(&rest, ' ');
        int64_t hdu, at[2];
        int status = 0;
        if (!num_parse_int(str_cut(&rest, ' '), &hdu) ||
            !num_parse_int(str_cut(&rest, ' '), &at[0]) || !num_parse_int(rest, &at[1]))
            return 2;
        line[name.len] = '\0';
        long from[2] = {at[0], at[1]}, step[2] = {1, 1};
        long to[2] = {at[0] + size - 1, at[1] + size - 1};
        if (fits_read_subset(file_of(name.at, (int)hdu), TFLOAT, from, to, step, NULL,
                             pixel, NULL, &status))
            return 1;
    }
    printf("%.6f\n", now_s() - begin);
    free(pixel);
    return 0;
}
