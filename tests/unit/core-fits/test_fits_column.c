/* Words and columns of FITS files: values, nulls, scaling, ranges. */
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/fits/fits_column.h"
#include "core/fits/fits_word.h"
#include "tests/test.h"

static char file[4 * FITS_BLOCK];
static size_t nfile;

static void add_card(const char *text)
{
    memset(file + nfile, ' ', FITS_CARD);
    memcpy(file + nfile, text, strlen(text));
    nfile += FITS_CARD;
}

static void pad(char with)
{
    while (nfile % FITS_BLOCK)
        file[nfile++] = with;
}

static void add_bytes(uint64_t bits, int n)
{
    for (int i = n - 1; i >= 0; i--)
        file[nfile++] = (char)(bits >> (8 * i) & 0xFF);
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Two rows: J with TNULL and TSCAL, 2D, 3A. */
static void make(void)
{
    static const char *const PRIMARY[] = {"SIMPLE  =                    T",
                                          "BITPIX  =                    8",
                                          "NAXIS   =                    0",
                                          "OBJECT  = 'it''s  '           / a comment",
                                          "EMPTY   = ''",
                                          "HIERARCH ESO OBS ID = 42 / number",
                                          "HIERARCH ESO OBS NAME = 'long / name'",
                                          "END"};
    static const char *const TABLE[] = {
        "XTENSION= 'BINTABLE'",           "BITPIX  =                    8",
        "NAXIS   =                    2", "NAXIS1  =                   23",
        "NAXIS2  =                    2", "PCOUNT  =                    0",
        "GCOUNT  =                    1", "TFIELDS =                    3",
        "TTYPE1  = 'COUNT   '",           "TFORM1  = 'J       '",
        "TSCAL1  =                  0.5", "TZERO1  =                  1.0",
        "TNULL1  =                  -99", "TTYPE2  = 'Pair    '",
        "TFORM2  = '2D      '",           "TUNIT2  = 'nm      '",
        "TTYPE3  = 'NAME    '",           "TFORM3  = '3A      '",
        "EXTNAME = 'EVENTS  '",           "END"};
    nfile = 0;
    for (size_t i = 0; i < sizeof PRIMARY / sizeof *PRIMARY; i++)
        add_card(PRIMARY[i]);
    pad(' ');
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
        add_card(TABLE[i]);
    pad(' ');
    add_bytes(4, 4), add_bytes(bits_of(2.5), 8), add_bytes(bits_of(-1), 8);
    add_bytes(0x414243, 3);
    add_bytes((uint32_t)-99, 4), add_bytes(bits_of(NAN), 8), add_bytes(bits_of(7), 8);
    add_bytes(0x414243, 3);
    pad('\0');
}

static struct fits_file *open_file(struct arena *arena)
{
    struct err e = {0};
    int fd = memfd_create("t", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, file, nfile) == (ssize_t)nfile);
    return fits_file_open(fd, -1, arena, &e);
}

TEST(words)
{
    char word[FITS_WORD_BYTES];
    struct arena *arena = arena_new(1 << 20);
    make();
    struct fits_file *f = open_file(arena);
    CHECK(f != NULL);
    const struct fits_hdu *h = &f->hdu[0];
    CHECK(fits_word(h, "OBJECT", word));
    CHECK_TEXT(word, "it's");
    CHECK(!fits_word(h, "EMPTY", word));
    CHECK(!fits_word(h, "NOTHERE", word));
    CHECK(fits_word(h, "ESO OBS ID", word));
    CHECK_TEXT(word, "42");
    CHECK(fits_word(h, "ESO OBS NAME", word));
    CHECK_TEXT(word, "long / name");
    CHECK(!fits_word(h, "ESO OBS", word));
    fits_name(&f->hdu[1], word);
    CHECK_TEXT(word, "EVENTS");
    arena_free(arena);
}

TEST(columns)
{
    struct err e = {0};
    uint32_t n;
    struct fits_range r;
    struct arena *arena = arena_new(1 << 20);
    make();
    struct fits_file *f = open_file(arena);
    struct fits_column *c = fits_columns(&f->hdu[1], &n, arena, &e);
    CHECK(c && n == 3);
    CHECK(fits_column_find(c, n, "name") == NULL); /* no number */
    const struct fits_column *count = fits_column_find(c, n, "count");
    const struct fits_column *pair = fits_column_find(c, n, "PAIR");
    CHECK(count == &c[0] && pair == &c[1]);
    CHECK_TEXT(pair->unit, "nm");
    CHECK(fits_column_range(f, &f->hdu[1], count, &r, &e));
    CHECK_INT(r.n, 1); /* the other is null */
    CHECK(r.least == 3 && r.most == 3);
    CHECK(fits_column_range(f, &f->hdu[1], pair, &r, &e));
    CHECK_INT(r.n, 3); /* the fourth is NaN */
    CHECK(r.least == -1 && r.most == 7 && r.sum == 8.5 && r.first == 2.5);
    CHECK(isnan(fits_column_value(pair, (const unsigned char *)file, 2)));
    arena_free(arena);
}

TEST(columns_that_do_not_fit)
{
    struct err e = {0};
    uint32_t n;
    struct arena *arena = arena_new(1 << 20);
    make();
    memcpy(strstr(file, "'2D      '"), "'9D      '", 10);
    struct fits_file *f = open_file(arena);
    CHECK(fits_columns(&f->hdu[1], &n, arena, &e) == NULL);
    CHECK_INT(e.kind, ERR_USAGE);
    arena_free(arena);
}

RUN_TESTS(T(words), T(columns), T(columns_that_do_not_fit))
