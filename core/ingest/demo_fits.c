/* demo_fits.c -- see demo_fits.h. */
#include "core/ingest/demo_fits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/fits/fits_file.h"
#include "core/ingest/random.h"

static void add_card(struct demo_fits *f, const char *keyword, const char *value)
{
    char card[FITS_CARD];
    fits_put_card(card, keyword, value, NULL);
    bytes_add(&f->out, (str){card, sizeof card});
}

static void pad(struct demo_fits *f, char with)
{
    while (f->out.len % FITS_BLOCK && !f->out.failed)
        bytes_add_char(&f->out, with);
}

void demo_fits_begin(struct demo_fits *f)
{
    bytes_init(&f->out, 64 << 20);
}

void demo_fits_text(struct demo_fits *f, const char *keyword, const char *value)
{
    char text[80];
    snprintf(text, sizeof text, "'%-8.66s'", value);
    add_card(f, keyword, text);
}

/* Rounded, so that a mathematical library that differs in the last bit changes no file. */
void demo_fits_number(struct demo_fits *f, const char *keyword, double value)
{
    char card[FITS_CARD];
    fits_put_double(card, keyword, random_rounded(value, 9), NULL);
    bytes_add(&f->out, (str){card, sizeof card});
}

void demo_fits_whole(struct demo_fits *f, const char *keyword, int64_t value)
{
    char card[FITS_CARD];
    fits_put_int(card, keyword, value, NULL);
    bytes_add(&f->out, (str){card, sizeof card});
}

static void begin_hdu(struct demo_fits *f, const char *kind, int bitpix)
{
    if (f->out.len == 0)
        add_card(f, "SIMPLE", "T");
    else
        demo_fits_text(f, "XTENSION", kind);
    demo_fits_whole(f, "BITPIX", bitpix);
}

static void end_shape(struct demo_fits *f, bool is_first, const char *name)
{
    if (!is_first) {
        demo_fits_whole(f, "PCOUNT", 0);
        demo_fits_whole(f, "GCOUNT", 1);
    } else
        add_card(f, "EXTEND", "T");
    if (name)
        demo_fits_text(f, "EXTNAME", name);
}

void demo_fits_image(struct demo_fits *f, const char *name, int naxis, const int *size)
{
    char keyword[24];
    bool is_first = f->out.len == 0;
    begin_hdu(f, "IMAGE", -32);
    demo_fits_whole(f, "NAXIS", naxis);
    for (int i = 0; i < naxis; i++) {
        snprintf(keyword, sizeof keyword, "NAXIS%d", i + 1);
        demo_fits_whole(f, keyword, size[i]);
    }
    end_shape(f, is_first, name);
}

void demo_fits_table(struct demo_fits *f, const char *name,
                     const struct demo_fits_column *column, int ncolumn, int row_bytes,
                     int nrow)
{
    char keyword[24];
    begin_hdu(f, "BINTABLE", 8);
    demo_fits_whole(f, "NAXIS", 2);
    demo_fits_whole(f, "NAXIS1", row_bytes);
    demo_fits_whole(f, "NAXIS2", nrow);
    demo_fits_whole(f, "PCOUNT", 0);
    demo_fits_whole(f, "GCOUNT", 1);
    demo_fits_whole(f, "TFIELDS", ncolumn);
    for (int i = 0; i < ncolumn; i++) {
        snprintf(keyword, sizeof keyword, "TTYPE%d", i + 1);
        demo_fits_text(f, keyword, column[i].name);
        snprintf(keyword, sizeof keyword, "TFORM%d", i + 1);
        demo_fits_text(f, keyword, column[i].form);
        snprintf(keyword, sizeof keyword, "TUNIT%d", i + 1);
        if (column[i].unit)
            demo_fits_text(f, keyword, column[i].unit);
    }
    demo_fits_text(f, "EXTNAME", name);
}

void demo_fits_wcs(struct demo_fits *f, const char *projection, double ra_deg,
                   double dec_deg, double pixel_deg, int width, int height, double turn_deg)
{
    char type[16];
    double c = cos(turn_deg * M_PI / 180), s = sin(turn_deg * M_PI / 180);
    snprintf(type, sizeof type, "RA---%s", projection);
    demo_fits_text(f, "CTYPE1", type);
    snprintf(type, sizeof type, "DEC--%s", projection);
    demo_fits_text(f, "CTYPE2", type);
    demo_fits_text(f, "CUNIT1", "deg");
    demo_fits_text(f, "CUNIT2", "deg");
    demo_fits_number(f, "CRVAL1", ra_deg);
    demo_fits_number(f, "CRVAL2", dec_deg);
    demo_fits_number(f, "CRPIX1", (width + 1) / 2.0);
    demo_fits_number(f, "CRPIX2", (height + 1) / 2.0);
    demo_fits_number(f, "CD1_1", -pixel_deg * c);
    demo_fits_number(f, "CD1_2", pixel_deg * s);
    demo_fits_number(f, "CD2_1", pixel_deg * s);
    demo_fits_number(f, "CD2_2", pixel_deg * c);
    demo_fits_text(f, "RADESYS", "ICRS");
}

void demo_fits_end_header(struct demo_fits *f)
{
    char card[FITS_CARD];
    memset(card, ' ', sizeof card);
    memcpy(card, "END", 3);
    bytes_add(&f->out, (str){card, sizeof card});
    pad(f, ' ');
}

static void add_big_endian(struct demo_fits *f, uint64_t bits, int n)
{
    for (int i = n - 1; i >= 0; i--)
        bytes_add_char(&f->out, (char)(bits >> (8 * i) & 0xFF));
}

void demo_fits_float(struct demo_fits *f, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    add_big_endian(f, bits, 4);
}

void demo_fits_double(struct demo_fits *f, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    add_big_endian(f, bits, 8);
}

void demo_fits_long(struct demo_fits *f, int64_t value)
{
    add_big_endian(f, (uint64_t)value, 8);
}

void demo_fits_end_data(struct demo_fits *f)
{
    pad(f, '\0');
}

bool demo_fits_write(struct demo_fits *f, const char *folder, const char *name,
                     struct err *e)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = f->out.failed ? NULL : fopen(path, "wbe");
    bool ok = out && fwrite(f->out.at, 1, f->out.len, out) == f->out.len;
    ok = (!out || fclose(out) == 0) && ok;
    bytes_free(&f->out);
    return ok || err_set(e, ERR_UNAVAILABLE, "%s cannot be written", path);
}
