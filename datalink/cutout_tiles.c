/* cutout_tiles.c -- pixels of many boxes of tile-compressed images: image by image and tile
 * by tile, so that each tile is unpacked once however many boxes lie on it. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datalink/cutout_inside.h"

enum { BOX_MOST_BYTES = 1 << 20, TILE_MOST_BYTES = 16 << 20, BOX_MOST_TILES = 4096 };
enum { MOST_THREADS = 4 };

static bool read_grid(const struct fits_hdu *h, struct cutout_grid *g)
{
    int64_t npixel = 1;
    g->naxis = h->naxis;
    for (int k = 0; k < h->naxis; k++) {
        char keyword[20];
        g->size[k] = h->size[k];
        snprintf(keyword, sizeof keyword, "ZTILE%d", k + 1);
        if (!fits_int(h, keyword, &g->tile[k]))
            g->tile[k] = k == 0 ? h->size[0] : 1;
        if (g->size[k] < 1 || g->tile[k] < 1)
            return false;
        if (g->tile[k] > g->size[k])
            g->tile[k] = g->size[k];
        npixel *= g->tile[k];
        if (npixel > TILE_MOST_BYTES / (int64_t)cutout_pixel_bytes(h))
            return false;
        g->count[k] = (g->size[k] - 1) / g->tile[k] + 1;
    }
    return true;
}

/* The header is read once for all boxes of an image. NULL: not tiles of ours. */
static const struct cutout_grid *grid_of(struct cutout_image *image)
{
    if (!image->grid_is_read)
        image->has_grid =
            image->hdu->kind == FITS_COMPRESSED && read_grid(image->hdu, &image->grid);
    image->grid_is_read = true;
    return image->has_grid ? &image->grid : NULL;
}

/* ---- what is wanted ---- */

static bool is_worth(const struct cutout_grid *g, struct cutout_want *w)
{
    const struct cutout_box *b = &w->box;
    int64_t ntile = 1, npixel = 1;
    for (int k = 0; k < b->naxis; k++) {
        if (b->step[k] != 1)
            return false;
        npixel *= g->tile[k];
        ntile *= (b->last[k] - 1) / g->tile[k] - (b->first[k] - 1) / g->tile[k] + 1;
        if (ntile > BOX_MOST_TILES)
            return false;
    }
    w->effort = (uint64_t)(ntile * npixel);
    return w->bytes > 0 && w->bytes <= BOX_MOST_BYTES;
}

bool cutout_want(struct cutout_file *f, const struct cutout_request *r,
                 struct cutout_want *w)
{
    struct err ignored = {0};
    *w = (struct cutout_want){.file = f, .image = cutout_image_meant(f, &ignored)};
    const struct cutout_grid *g = w->image ? grid_of(w->image) : NULL;
    if (!g)
        return false;
    if (cutout_box_find(w->image, r, &w->box, &ignored) != CUTOUT_DONE ||
        w->box.naxis != g->naxis)
        return false;
    w->bytes = cutout_pixel_bytes(w->image->hdu);
    for (int k = 0; k < w->box.naxis && w->bytes <= BOX_MOST_BYTES; k++)
        w->bytes *= (size_t)cutout_box_count(&w->box, k);
    return is_worth(g, w);
}

/* ---- which tiles ---- */

struct piece { /* a box's part of a tile */
    int64_t tile;
    struct cutout_want *want;
};

struct pieces {
    struct piece *at;
    size_t n, room;
};

static bool add_piece(struct pieces *p, int64_t tile, struct cutout_want *w)
{
    if (p->n == p->room) {
        size_t room = p->room ? 2 * p->room : 1024;
        struct piece *at = reallocarray(p->at, room, sizeof *at);
        if (!at)
            return false;
        p->at = at, p->room = room;
    }
    p->at[p->n++] = (struct piece){tile, w};
    return true;
}

/* The tile's number, first axis fastest. */
static int64_t tile_number(const struct cutout_grid *g, const int64_t *place)
{
    int64_t number = 0;
    for (int k = g->naxis - 1; k >= 0; k--)
        number = number * g->count[k] + place[k];
    return number;
}

static bool add_pieces(struct pieces *p, const struct cutout_grid *g, struct cutout_want *w)
{
    int64_t first[CUTOUT_AXES], last[CUTOUT_AXES], place[CUTOUT_AXES];
    for (int k = 0; k < g->naxis; k++) {
        place[k] = first[k] = (w->box.first[k] - 1) / g->tile[k];
        last[k] = (w->box.last[k] - 1) / g->tile[k];
    }
    for (int k = 0; k < g->naxis;) {
        if (k == 0 && !add_piece(p, tile_number(g, place), w))
            return false;
        if (++place[k] <= last[k])
            k = 0;
        else
            place[k] = first[k], k++;
    }
    return true;
}

static int compare_pieces(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    return (x->tile > y->tile) - (x->tile < y->tile);
}

/* ---- tiles to boxes ---- */

static void tile_box(const struct cutout_grid *g, int64_t number, struct cutout_box *b)
{
    b->naxis = g->naxis;
    for (int k = 0; k < g->naxis; k++) {
        b->first[k] = number % g->count[k] * g->tile[k] + 1;
        b->last[k] = b->first[k] + g->tile[k] - 1;
        if (b->last[k] > g->size[k])
            b->last[k] = g->size[k];
        b->step[k] = 1;
        number /= g->count[k];
    }
}

/* Bytes before that pixel in a box's own. */
static size_t offset_in(const struct cutout_box *b, const int64_t *place, size_t width)
{
    size_t at = 0;
    for (int k = b->naxis - 1; k >= 0; k--)
        at = at * (size_t)cutout_box_count(b, k) + (size_t)(place[k] - b->first[k]);
    return at * width;
}

/* The pixels that both have, a run of the first axis at a time. */
static void copy_piece(const struct cutout_box *tile, const char *pixels,
                       struct cutout_want *w, size_t width)
{
    int64_t first[CUTOUT_AXES] = {0}, last[CUTOUT_AXES] = {0}, place[CUTOUT_AXES] = {0};
    int n = tile->naxis, k;
    for (k = 0; k < n; k++) {
        first[k] = tile->first[k] > w->box.first[k] ? tile->first[k] : w->box.first[k];
        last[k] = tile->last[k] < w->box.last[k] ? tile->last[k] : w->box.last[k];
        place[k] = first[k];
    }
    size_t run = (size_t)(last[0] - first[0] + 1) * width;
    do {
        memcpy(w->data + offset_in(&w->box, place, width),
               pixels + offset_in(tile, place, width), run);
        for (k = 1; k < n && ++place[k] > last[k]; k++)
            place[k] = first[k];
    } while (k < n);
}

static bool unpack(struct cutout_image *image, const struct cutout_grid *g,
                   const struct pieces *p, const struct cancel *cancel)
{
    size_t width = cutout_pixel_bytes(image->hdu), most = width;
    for (int k = 0; k < g->naxis; k++)
        most *= (size_t)g->tile[k];
    char *pixels = malloc(most);
    bool ok = pixels != NULL;
    for (size_t i = 0; ok && i < p->n;) {
        struct cutout_box tile = {0};
        struct err ignored = {0};
        size_t npixel = 1;
        int64_t number = p->at[i].tile;
        tile_box(g, number, &tile);
        for (int k = 0; k < g->naxis; k++)
            npixel *= (size_t)cutout_box_count(&tile, k);
        ok = cancel_reason(cancel) == CANCEL_NOT &&
             cutout_tiles_read(image, &tile, pixels, npixel, &ignored);
        for (; ok && i < p->n && p->at[i].tile == number; i++)
            copy_piece(&tile, pixels, p->at[i].want, width);
    }
    free(pixels);
    return ok;
}

static void drop_data(struct cutout_want *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(w[i].data);
        w[i].data = NULL;
    }
}

/* The wants of one image. */
static void bring_image(struct cutout_want *w, size_t n, const struct cancel *cancel)
{
    const struct cutout_grid *g = &w->image->grid; /* read when they were wanted */
    struct pieces p = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = (w[i].data = malloc(w[i].bytes)) && add_pieces(&p, g, &w[i]);
    if (ok && p.n)
        qsort(p.at, p.n, sizeof *p.at, compare_pieces);
    if (!ok || !unpack(w->image, g, &p, cancel))
        drop_data(w, n);
    free(p.at);
}

/* ---- images side by side ---- */

struct work {
    struct cutout_want *want;
    size_t n, next;
    const struct cancel *cancel;
    pthread_mutex_t lock; /* of next */
};

/* The next image's wants, which lie together. */
static size_t take_image(struct work *k, struct cutout_want **w)
{
    pthread_mutex_lock(&k->lock);
    size_t from = k->next, to = from;
    while (to < k->n && k->want[to].image == k->want[from].image)
        to++;
    k->next = to;
    pthread_mutex_unlock(&k->lock);
    *w = k->want + from;
    return to - from;
}

static void *run_images(void *work)
{
    struct work *k = work;
    struct cutout_want *w;
    for (size_t n; (n = take_image(k, &w)) > 0;)
        bring_image(w, n, k->cancel);
    return NULL;
}

static size_t count_images(const struct cutout_want *w, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += i == 0 || w[i].image != w[i - 1].image;
    return count;
}

static int compare_images(const void *a, const void *b)
{
    const struct cutout_want *x = a, *y = b;
    return ((uintptr_t)x->image > (uintptr_t)y->image) -
           ((uintptr_t)x->image < (uintptr_t)y->image);
}

void cutout_bring(struct cutout_want *w, size_t n, struct cancel *cancel)
{
    pthread_t helper[MOST_THREADS];
    unsigned nhelper = 0;
    struct work k = {.want = w, .n = n, .cancel = cancel};
    qsort(w, n, sizeof *w, compare_images);
    long most = sysconf(_SC_NPROCESSORS_ONLN), nimage = (long)count_images(w, n);
    if (most > MOST_THREADS)
        most = MOST_THREADS;
    if (most > nimage)
        most = nimage;
    if (!fits_is_reentrant())
        most = 1;
    pthread_mutex_init(&k.lock, NULL);
    while (nhelper + 1 < most && !pthread_create(&helper[nhelper], NULL, run_images, &k))
        nhelper++;
    run_images(&k);
    while (nhelper > 0)
        pthread_join(helper[--nhelper], NULL);
    pthread_mutex_destroy(&k.lock);
}

void cutout_offer(struct cutout_file *f, const struct cutout_want *w)
{
    for (struct cutout_image *i = f->image; i; i = i->next)
        i->brought = w && w->image == i && w->data ? w : NULL;
}
