/* bulk_ahead.c -- positions come in any order, and neighbours on the sky share compressed
 * tiles: the pixels of a stretch of positions are brought together, then cut in the order
 * of the list. */
#include <stdlib.h>

#include "datalink/bulk.h"

enum { STRETCH_ITEMS = 1 << 16, STRETCH_BYTES = 32 << 20, STRETCH_FILES = 24 };
#define STRETCH_EFFORT (UINT64_C(4) << 30) /* pixels, if no tile were shared */

void bulk_drop_ahead(struct bulk *b)
{
    for (size_t i = 0; i < b->nwant; i++)
        free(b->want[i].data);
    free(b->want);
    b->want = NULL;
    b->nwant = b->want_at = 0;
}

struct stretch {
    unsigned nfile;
    size_t room, bytes;
    uint64_t effort;
};

/* Files of one stretch stay open together: fewer than there are places. */
static struct bulk_file *touch(struct bulk *b, struct stretch *s, const char *did)
{
    struct bulk_file *f = bulk_file_of(b, did);
    s->nfile += f->stretch != b->stretch;
    f->stretch = b->stretch;
    return f;
}

static bool add_want(struct bulk *b, struct stretch *s, const struct cutout_want *w)
{
    if (b->nwant == s->room) {
        size_t room = s->room ? 2 * s->room : 256;
        struct cutout_want *want = reallocarray(b->want, room, sizeof *want);
        if (!want)
            return false;
        b->want = want, s->room = room;
    }
    s->bytes += w->bytes, s->effort += w->effort;
    b->want[b->nwant++] = *w;
    return true;
}

/* False: no memory. */
static bool look_at(struct bulk *b, struct stretch *s, uint64_t i)
{
    struct cutout_request r;
    struct cutout_want w;
    struct err ignored = {0};
    const char *did = bulk_did(b, i);
    arena_reset(b->scratch);
    if (bulk_is_packed(did) || !bulk_request(b, bulk_item(b, i), &r, &ignored))
        return true;
    struct bulk_file *f = touch(b, s, did);
    if (!f->file || !cutout_want(f->file, &r, &w))
        return true;
    w.item = i;
    return add_want(b, s, &w);
}

static int compare_items(const void *a, const void *b)
{
    const struct cutout_want *x = a, *y = b;
    return (x->item > y->item) - (x->item < y->item);
}

void bulk_look_ahead(struct bulk *b)
{
    struct stretch s = {0};
    uint64_t end = b->total - b->next < STRETCH_ITEMS ? b->total : b->next + STRETCH_ITEMS;
    bulk_drop_ahead(b);
    b->ahead = b->next;
    b->stretch++;
    bool ok = true;
    while (ok && b->ahead < end && s.nfile < STRETCH_FILES && s.bytes < STRETCH_BYTES &&
           s.effort < STRETCH_EFFORT && cancel_reason(b->cancel) == CANCEL_NOT)
        ok = look_at(b, &s, b->ahead++);
    if (b->ahead == b->next)
        b->ahead++;
    if (b->nwant < 2)
        return;
    cutout_bring(b->want, b->nwant, b->cancel);
    qsort(b->want, b->nwant, sizeof *b->want, compare_items);
}

void bulk_offer(struct bulk *b, struct cutout_file *file)
{
    while (b->want_at < b->nwant && b->want[b->want_at].item < b->next)
        b->want_at++;
    const struct cutout_want *w = b->want_at < b->nwant ? &b->want[b->want_at] : NULL;
    cutout_offer(file, w && w->item == b->next ? w : NULL);
}
