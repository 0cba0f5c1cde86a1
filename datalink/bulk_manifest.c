/* bulk_manifest.c -- what came of each position: as CSV in a tar, as a table in FITS. */
#include <math.h>
#include <stdio.h>

#include "core/base/num.h"
#include "core/fits/fits_file.h"
#include "datalink/bulk.h"
#include "datalink/tar.h"

static const char *const STATUS[] = {"ok", "outside", "failed"};

/* ---- CSV ---- */

static void add_text(struct bytes *b, const char *text)
{
    bytes_add_char(b, '"');
    for (; text && *text; text++) {
        if (*text == '"')
            bytes_add_char(b, '"');
        bytes_add_char(b, *text == '\n' || *text == '\r' ? ' ' : *text);
    }
    bytes_add_char(b, '"');
}

static void add_number(struct bytes *b, double value)
{
    char text[NUM_TEXT_BYTES];
    if (isfinite(value))
        bytes_add(b, (str){text, num_print_double(value, text)});
}

static void add_line(struct bulk *b, uint64_t i, struct bytes *out)
{
    const struct list_item *item = bulk_item(b, i);
    const struct bulk_outcome *o = &b->outcome[i];
    bytes_add_format(out, "%llu,", (unsigned long long)i + 1);
    add_text(out, item->name);
    bytes_add_char(out, ',');
    add_number(out, item->lon_deg);
    bytes_add_char(out, ',');
    add_number(out, item->lat_deg);
    bytes_add_char(out, ',');
    add_text(out, bulk_did(b, i));
    bytes_add_format(out, ",%s,", STATUS[o->status]);
    if (o->status == BULK_OK) {
        arena_reset(b->scratch);
        add_text(out, bulk_file_name(b, i, b->scratch));
    }
    bytes_add_char(out, ',');
    if (o->message)
        add_text(out, o->message);
    bytes_add_char(out, '\n');
}

bool bulk_manifest_csv(struct bulk *b, struct bytes *out, struct err *e)
{
    static const char HEAD[] = "row,name,ra,dec,obs_publisher_did,status,file,message\n";
    char head[TAR_HEAD_MAX];
    struct bytes text;
    bytes_init(&text, (size_t)1 << 30);
    bytes_add(&text, (str){HEAD, sizeof HEAD - 1});
    for (uint64_t i = 0; i < b->total; i++)
        add_line(b, i, &text);
    bytes_add(out, (str){head, tar_head("MANIFEST.csv", text.len, 0, head)});
    bytes_add(out, bytes_str(&text));
    for (size_t n = text.len; n < tar_padded(text.len); n++)
        bytes_add_char(out, 0);
    bool ok = !text.failed && !out->failed;
    bytes_free(&text);
    return ok || err_set(e, ERR_LIMIT, "the manifest needs too much memory");
}

/* ---- FITS ---- */

static uint32_t longer(uint32_t n, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    return len > n ? (uint32_t)len : n;
}

static size_t row_bytes(const struct bulk *b)
{
    return 8 + b->name_bytes + 8 + 8 + b->did_bytes + 8 + 4 + b->message_bytes;
}

static char *next_card(char **card)
{
    *card += FITS_CARD;
    return *card - FITS_CARD;
}

static void put_column(char **card, int number, const char *name, const char *form,
                       uint32_t bytes, const char *unit)
{
    char keyword[16], value[40];
    snprintf(keyword, sizeof keyword, "TTYPE%d", number);
    snprintf(value, sizeof value, "'%-8s'", name);
    fits_put_card(next_card(card), keyword, value, NULL);
    snprintf(keyword, sizeof keyword, "TFORM%d", number);
    if (bytes)
        snprintf(value, sizeof value, "'%uA'", bytes);
    else
        snprintf(value, sizeof value, "'%-8s'", form);
    fits_put_card(next_card(card), keyword, value, NULL);
    if (!unit)
        return;
    snprintf(keyword, sizeof keyword, "TUNIT%d", number);
    snprintf(value, sizeof value, "'%-8s'", unit);
    fits_put_card(next_card(card), keyword, value, NULL);
}

static bool add_table_head(struct bulk *b, struct bytes *out)
{
    char *block = bytes_reserve(out, FITS_BLOCK), *card = block;
    if (!block)
        return false;
    b->name_bytes = b->did_bytes = b->message_bytes = 1;
    for (uint64_t i = 0; i < b->total; i++) {
        b->name_bytes = longer(b->name_bytes, bulk_item(b, i)->name);
        b->did_bytes = longer(b->did_bytes, bulk_did(b, i));
        b->message_bytes = longer(b->message_bytes, b->outcome[i].message);
    }
    memset(block, ' ', FITS_BLOCK);
    fits_put_card(next_card(&card), "XTENSION", "'BINTABLE'", NULL);
    fits_put_int(next_card(&card), "BITPIX", 8, NULL);
    fits_put_int(next_card(&card), "NAXIS", 2, NULL);
    fits_put_int(next_card(&card), "NAXIS1", (int64_t)row_bytes(b), NULL);
    fits_put_int(next_card(&card), "NAXIS2", (int64_t)b->total, NULL);
    fits_put_int(next_card(&card), "PCOUNT", 0, NULL);
    fits_put_int(next_card(&card), "GCOUNT", 1, NULL);
    fits_put_int(next_card(&card), "TFIELDS", 8, NULL);
    fits_put_card(next_card(&card), "EXTNAME", "'MANIFEST'", "what came of each position");
    put_column(&card, 1, "ROW", "1K", 0, NULL);
    put_column(&card, 2, "NAME", NULL, b->name_bytes, NULL);
    put_column(&card, 3, "RA", "1D", 0, "deg");
    put_column(&card, 4, "DEC", "1D", 0, "deg");
    put_column(&card, 5, "OBS_PUBLISHER_DID", NULL, b->did_bytes, NULL);
    put_column(&card, 6, "STATUS", NULL, 8, NULL);
    put_column(&card, 7, b->form == BULK_CUBE ? "PLANE" : "HDU", "1J", 0, NULL);
    put_column(&card, 8, "MESSAGE", NULL, b->message_bytes, NULL);
    memcpy(card, "END", 3);
    out->len += FITS_BLOCK;
    b->nbyte = 0;
    return true;
}

static char *put_text(char *at, const char *text, size_t n)
{
    size_t len = text ? strlen(text) : 0;
    memset(at, 0, n);
    if (len)
        memcpy(at, text, len < n ? len : n);
    return at + n;
}

static char *put_eight(char *at, uint64_t word)
{
    word = __builtin_bswap64(word);
    memcpy(at, &word, 8);
    return at + 8;
}

static char *put_double(char *at, double value)
{
    uint64_t word;
    memcpy(&word, &value, 8);
    return put_eight(at, word);
}

static bool add_table_row(struct bulk *b, uint64_t i, struct bytes *out)
{
    const struct list_item *item = bulk_item(b, i);
    const struct bulk_outcome *o = &b->outcome[i];
    uint32_t place = __builtin_bswap32(o->place);
    char *at = bytes_reserve(out, row_bytes(b));
    if (!at)
        return false;
    at = put_eight(at, i + 1);
    at = put_text(at, item->name, b->name_bytes);
    at = put_double(at, item->lon_deg);
    at = put_double(at, item->lat_deg);
    at = put_text(at, bulk_did(b, i), b->did_bytes);
    at = put_text(at, STATUS[o->status], 8);
    memcpy(at, &place, 4);
    put_text(at + 4, o->message, b->message_bytes);
    out->len += row_bytes(b);
    b->nbyte += row_bytes(b);
    return true;
}

bool bulk_manifest_table(struct bulk *b, struct bytes *out, bool *done, struct err *e)
{
    enum { ROWS = 200 };
    bool ok = b->manifest_next > 0 || add_table_head(b, out);
    for (int i = 0; ok && i < ROWS && b->manifest_next < b->total; i++)
        ok = add_table_row(b, b->manifest_next++, out);
    *done = b->manifest_next == b->total;
    while (ok && *done && b->nbyte % FITS_BLOCK != 0) {
        bytes_add_char(out, 0);
        b->nbyte++;
    }
    return (ok && !out->failed) ||
           err_set(e, ERR_LIMIT, "the manifest needs too much memory");
}
