/* cutout_head.c -- the header of a cut-out: the image's own cards, with the reference
 * pixels moved. It is made once for an image; a cut-out changes a few cards of it. */
#include "datalink/cutout_inside.h"

#include <stdio.h>

#include "core/base/bytes.h"
#include "core/base/num.h"

/* Of the frame of a file, written anew; a "#" stands for digits. */
static const char *const DROPPED[] = {
    "SIMPLE",   "XTENSION", "BITPIX",  "NAXIS", "NAXIS#",   "EXTEND",   "PCOUNT",
    "GCOUNT",   "CHECKSUM", "DATASUM", "END",   "ZHECKSUM", "ZDATASUM", "ZQUANTIZ",
    "ZDITHER0", "ZBLANK",   "ZSCALE",  "ZZERO", "ZCMPTYPE", "ZIMAGE"};

static bool matches(const char *card, const char *pattern)
{
    size_t i = 0;
    for (; i < 8 && pattern[i] && pattern[i] != '#'; i++)
        if (card[i] != pattern[i])
            return false;
    bool has_digits = pattern[i] == '#';
    for (; has_digits && i < 8 && card[i] >= '0' && card[i] <= '9'; i++)
        ;
    for (; i < 8; i++)
        if (card[i] != ' ')
            return false;
    return true;
}

static bool is_dropped(const char *card)
{
    for (size_t i = 0; i < sizeof DROPPED / sizeof *DROPPED; i++)
        if (matches(card, DROPPED[i]))
            return true;
    return false;
}

/* PREFIXja: the axis (from 0) that a keyword is about, or -1. */
static int axis_of(const char *card, const char *prefix, bool has_versions)
{
    size_t n = strlen(prefix);
    if (memcmp(card, prefix, n) != 0 || card[n] < '1' || card[n] > '9')
        return -1;
    size_t i = n + 1;
    if (has_versions && i < 8 && card[i] >= 'A' && card[i] <= 'Z')
        i++;
    for (; i < 8; i++)
        if (card[i] != ' ')
            return -1;
    return card[n] - '1';
}

static bool value_of_card(const char *card, double *value)
{
    char keyword[9] = "";
    struct fits_hdu one = {.card = card, .ncard = 1};
    memcpy(keyword, card, 8);
    for (int i = 7; i >= 0 && keyword[i] == ' '; i--)
        keyword[i] = 0;
    char text[72];
    if (fits_double(&one, keyword, value))
        return true;
    /* Numbers between quotes count in the WCS (fits_wcs.c), so they move here too. */
    return fits_text(&one, keyword, text) &&
           num_parse_double(str_trim(str_of(text)), value);
}

static void note_shift(struct image_head *head, uint32_t icard, int axis, bool is_step)
{
    const char *card = head->card + (size_t)icard * FITS_CARD;
    struct image_shift *s = &head->shift[head->nshift];
    if (axis < 0 || axis >= CUTOUT_AXES || !value_of_card(card, &s->value))
        return;
    s->icard = icard, s->axis = axis, s->is_step = is_step;
    memcpy(s->keyword, card, 8);
    for (int i = 7; i >= 0 && s->keyword[i] == ' '; i--)
        s->keyword[i] = 0;
    head->nshift++;
}

static void note_shifts(struct image_head *head)
{
    for (uint32_t i = head->first_own; i < head->ncard; i++) {
        const char *card = head->card + (size_t)i * FITS_CARD;
        if (card[8] != '=')
            continue;
        int axis = axis_of(card, "CRPIX", true);
        axis = axis >= 0 ? axis : axis_of(card, "LTV", false);
        axis = axis >= 0 ? axis : axis_of(card, "CNPIX", false);
        if (axis >= 0)
            note_shift(head, i, axis, false);
        else
            note_shift(head, i, axis_of(card, "CDELT", true), true);
    }
}

static char *next_card(struct image_head *head)
{
    return head->card + (size_t)head->ncard++ * FITS_CARD;
}

static void add_structure(struct image_head *head, const struct cutout_image *image,
                          bool is_extension)
{
    char keyword[20];
    if (is_extension)
        fits_put_card(next_card(head), "XTENSION", "'IMAGE   '", "an image");
    else
        fits_put_card(next_card(head), "SIMPLE", "T", "the FITS standard holds");
    fits_put_int(next_card(head), "BITPIX", image->hdu->bitpix, "kind of pixels");
    fits_put_int(next_card(head), "NAXIS", image->hdu->naxis, "axes");
    for (int i = 0; i < image->hdu->naxis; i++) {
        snprintf(keyword, sizeof keyword, "NAXIS%d", i + 1);
        fits_put_int(next_card(head), keyword, 0, NULL);
    }
    if (is_extension) {
        fits_put_int(next_card(head), "PCOUNT", 0, NULL);
        fits_put_int(next_card(head), "GCOUNT", 1, NULL);
    }
    fits_put_card(next_card(head), "DATASUM", "'0         '", "of the data");
    fits_put_card(next_card(head), "CHECKSUM", "'0000000000000000'", "of the HDU");
}

/* A reference pixel that the header leaves out is 0 (FITS WCS paper I); moved, it has to be
 * written. */
static void add_missing_references(struct image_head *head,
                                   const struct cutout_image *image)
{
    struct fits_hdu own = {.card = image->card, .ncard = image->ncard};
    char type[20], pixel[20], text[72];
    for (int i = 0; i < image->hdu->naxis; i++) {
        snprintf(type, sizeof type, "CTYPE%d", i + 1);
        snprintf(pixel, sizeof pixel, "CRPIX%d", i + 1);
        if (fits_text(&own, type, text) && !fits_card_find(&own, pixel))
            fits_put_double(next_card(head), pixel, 0, NULL);
    }
}

/* Words that an extension has from the primary header: all that say something of the
 * observation, nothing that is about pixels. */
static bool is_inherited(const char *card, const struct cutout_image *image)
{
    static const char *const KEPT[] = {
        "OBJECT", "TELESCOP", "INSTRUME", "OBSERVER", "DATE-OBS", "MJD-OBS", "EXPTIME",
        "FILTER", "ORIGIN",   "AUTHOR",   "REFERENC", "DATE-END", "MJD-END", "EXPOSURE"};
    struct fits_hdu own = {.card = image->card, .ncard = image->ncard};
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        if (matches(card, KEPT[i]))
            return !fits_card_find(&own, KEPT[i]);
    return false;
}

static bool make_head(struct cutout_file *f, struct cutout_image *image, bool is_extension,
                      struct err *e)
{
    struct image_head *head = &image->head[is_extension];
    const struct fits_hdu *primary = &f->fits->hdu[0];
    size_t most = image->ncard + 3 * CUTOUT_AXES + 32;
    head->card = arena_alloc(f->arena, most, FITS_CARD);
    head->shift = arena_new_array(f->arena, struct image_shift, image->ncard + CUTOUT_AXES);
    if (!head->card || !head->shift)
        return err_set(e, ERR_LIMIT, "the header needs too much memory");
    add_structure(head, image, is_extension);
    head->first_own = head->ncard;
    add_missing_references(head, image);
    for (uint32_t i = 0; i < image->ncard; i++)
        if (!is_dropped(image->card + (size_t)i * FITS_CARD))
            memcpy(next_card(head), image->card + (size_t)i * FITS_CARD, FITS_CARD);
    for (uint32_t i = 0; image->hdu->number > 0 && i < primary->ncard; i++)
        if (is_inherited(primary->card + (size_t)i * FITS_CARD, image) &&
            head->ncard + 1 < most)
            memcpy(next_card(head), primary->card + (size_t)i * FITS_CARD, FITS_CARD);
    note_shifts(head);
    image->has_head[is_extension] = true;
    return true;
}

/* Stretches a step along CD and PC too would want all versions of the WCS; only CDELT is
 * stepped, which WCSLIB multiplies with PC. With CD (and no CDELT) the column is. */
static void step_matrix(char *card, uint32_t ncard, const struct cutout_box *box)
{
    for (uint32_t i = 0; i < ncard; i++, card += FITS_CARD) {
        double value;
        char keyword[9] = "";
        if (memcmp(card, "CD", 2) != 0 || card[3] != '_' || card[2] < '1' || card[2] > '9')
            continue;
        int column = card[4] - '1';
        if (column < 0 || column >= box->naxis || box->step[column] == 1 ||
            !value_of_card(card, &value))
            continue;
        memcpy(keyword, card, card[5] == ' ' ? 5 : 6);
        fits_put_double(card, keyword, value * (double)box->step[column], NULL);
    }
}

static void patch(struct image_head *head, char *card, const struct cutout_box *box)
{
    bool has_steps = false;
    for (int i = 0; i < box->naxis; i++) {
        char keyword[20];
        snprintf(keyword, sizeof keyword, "NAXIS%d", i + 1);
        fits_put_int(card + (3 + i) * FITS_CARD, keyword, cutout_box_count(box, i), NULL);
        has_steps |= box->step[i] != 1;
    }
    for (uint32_t i = 0; i < head->nshift; i++) {
        const struct image_shift *s = &head->shift[i];
        if (s->axis >= box->naxis)
            continue;
        double first = (double)box->first[s->axis], step = (double)box->step[s->axis];
        if (s->is_step ? step == 1 : first == 1 && step == 1)
            continue;
        double value = s->is_step ? s->value * step : (s->value - first) / step + 1;
        if (!s->is_step && step == 1)
            value = s->value - (first - 1);
        fits_put_double(card + (size_t)s->icard * FITS_CARD, s->keyword, value,
                        s->is_step ? NULL : "moved by the cut-out");
    }
    if (has_steps)
        step_matrix(card, head->ncard, box);
}

static void put_history(char card[FITS_CARD], const char *text)
{
    size_t n = strlen(text);
    memset(card, ' ', FITS_CARD);
    memcpy(card, "HISTORY", 7);
    n = n < 72 ? n : 72;
    for (size_t i = 0; i < n; i++) /* FITS knows printable ASCII only */
        card[8 + i] = text[i] >= 32 && text[i] < 127 ? text[i] : '?';
}

static void add_history(struct bytes *out, const struct cutout_box *box,
                        const struct cutout_request *r)
{
    char line[300], *card;
    int n = snprintf(line, sizeof line, "cut-out of HDU %d, pixels ", box->hdu);
    for (int i = 0; i < box->naxis; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, "%s%lld:%lld", i ? "," : "",
                      (long long)box->first[i], (long long)box->last[i]);
    if (r->origin) {
        for (size_t at = 0, all = strlen(r->origin); at < all; at += 72) {
            if (!(card = bytes_reserve(out, FITS_CARD)))
                return;
            put_history(card, r->origin + at);
            out->len += FITS_CARD;
        }
    }
    if ((card = bytes_reserve(out, FITS_CARD)) != NULL) {
        put_history(card, line);
        out->len += FITS_CARD;
    }
}

bool cutout_head_write(struct cutout_file *f, struct cutout_image *image,
                       const struct cutout_box *box, const struct cutout_request *r,
                       bool is_extension, struct bytes *out, struct err *e)
{
    struct image_head *head = &image->head[is_extension];
    size_t begin = out->len;
    if (!image->has_head[is_extension] && !make_head(f, image, is_extension, e))
        return false;
    char *to = bytes_reserve(out, (size_t)head->ncard * FITS_CARD);
    if (!to)
        return err_set(e, ERR_LIMIT, "the header needs too much memory");
    memcpy(to, head->card, (size_t)head->ncard * FITS_CARD);
    out->len += (size_t)head->ncard * FITS_CARD;
    patch(head, to, box);
    add_history(out, box, r);
    size_t n = out->len - begin, whole = (size_t)fits_padded(n + FITS_CARD);
    if (!(to = bytes_reserve(out, whole - n)))
        return err_set(e, ERR_LIMIT, "the header needs too much memory");
    memset(to, ' ', whole - n);
    memcpy(to, "END", 3);
    out->len += whole - n;
    return !out->failed || err_set(e, ERR_LIMIT, "the header needs too much memory");
}

void cutout_checksum(char *header, size_t n, uint32_t data_sum)
{
    char text[24], code[17];
    struct fits_hdu h = {.card = header, .ncard = (uint32_t)(n / FITS_CARD)};
    char *data = (char *)(uintptr_t)fits_card_find(&h, "DATASUM");
    char *check = (char *)(uintptr_t)fits_card_find(&h, "CHECKSUM");
    if (!data || !check)
        return;
    snprintf(text, sizeof text, "'%-10u'", data_sum);
    fits_put_card(data, "DATASUM", text, "of the data");
    fits_put_card(check, "CHECKSUM", "'0000000000000000'", "of the HDU");
    fits_sum_text(fits_sum(data_sum, header, n), code);
    snprintf(text, sizeof text, "'%s'", code);
    fits_put_card(check, "CHECKSUM", text, "of the HDU");
}
