/* picture_file.c -- pictures as PNG (libpng) and JPEG (libjpeg). */
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "datalink/picture.h"

enum { JPEG_QUALITY = 90 };

bool picture_png(const struct picture *p, struct bytes *out, struct err *e)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = p->width,
                       .height = p->height,
                       .format = PNG_FORMAT_GRAY};
    png_alloc_size_t n = PNG_IMAGE_PNG_SIZE_MAX(image);
    char *to = bytes_reserve(out, n);
    if (to && png_image_write_to_memory(&image, to, &n, 0, p->gray, 0, NULL)) {
        out->len += n;
        return true;
    }
    return err_set(e, to ? ERR_INTERNAL : ERR_LIMIT, "the picture cannot be made: %s",
                   to ? image.message : "it is too large");
}

/* libjpeg ends the process on an error, unless it is told better. */
struct jpeg_trouble {
    struct jpeg_error_mgr manager;
    jmp_buf back;
};

static void leave(j_common_ptr jpeg)
{
    longjmp(((struct jpeg_trouble *)jpeg->err)->back, 1);
}

static void write_rows(struct jpeg_compress_struct *jpeg, const struct picture *p)
{
    jpeg->image_width = p->width;
    jpeg->image_height = p->height;
    jpeg->input_components = 1;
    jpeg->in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, JPEG_QUALITY, TRUE);
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = p->gray + (size_t)jpeg->next_scanline * p->width;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
}

bool picture_jpeg(const struct picture *p, struct bytes *out, struct err *e)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_trouble trouble;
    struct {
        unsigned char *at;
        unsigned long n;
    } volatile made = {NULL, 0}; /* what longjmp must not lose */
    volatile bool ok = false;
    jpeg.err = jpeg_std_error(&trouble.manager);
    trouble.manager.error_exit = leave;
    if (setjmp(trouble.back) == 0) {
        jpeg_create_compress(&jpeg);
        jpeg_mem_dest(&jpeg, (unsigned char **)(uintptr_t)&made.at,
                      (unsigned long *)(uintptr_t)&made.n);
        write_rows(&jpeg, p);
        ok = true;
    }
    jpeg_destroy_compress(&jpeg);
    if (ok)
        bytes_add(out, (str){(const char *)made.at, made.n});
    free(made.at);
    return (ok && !out->failed) || err_set(e, ERR_INTERNAL, "the picture cannot be made");
}
