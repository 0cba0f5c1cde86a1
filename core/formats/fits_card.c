/* fits_card.c -- see fits_card.h. */
#include "core/formats/fits_card.h"

#include <stdio.h>

#include "core/base/num.h"

enum { CARD = 80 };

static void pad_to(struct bytes *b, size_t multiple)
{
    size_t fill = (multiple - b->len % multiple) % multiple;
    char *to = bytes_reserve(b, fill);
    if (!to)
        return;
    memset(to, ' ', fill);
    b->len += fill;
}

/* "KEYWORD = " */
static void add_keyword(struct bytes *b, const char *keyword, uint32_t index)
{
    char name[24];
    int n = index ? snprintf(name, sizeof name, "%s%u", keyword, index)
                  : snprintf(name, sizeof name, "%s", keyword);
    bytes_add_format(b, "%-8.*s= ", n, name);
}

static void add_right(struct bytes *b, const char *value)
{
    bytes_add_format(b, "%20s", value);
    pad_to(b, CARD);
}

void fits_card_int(struct bytes *b, const char *keyword, uint32_t index, int64_t value)
{
    char text[NUM_TEXT_BYTES + 1];
    text[num_print_int(value, text)] = '\0';
    add_keyword(b, keyword, index);
    add_right(b, text);
}

void fits_card_true(struct bytes *b, const char *keyword)
{
    add_keyword(b, keyword, 0);
    add_right(b, "T");
}

char fits_ascii(str s, size_t *used)
{
    unsigned char c = (unsigned char)s.at[0];
    *used = 1;
    if (c >= 0x20 && c < 0x7F)
        return (char)c;
    while (c >= 0x80 && *used < s.len && ((unsigned char)s.at[*used] & 0xC0) == 0x80)
        ++*used;
    return c < 0x20 ? ' ' : '?';
}

/* A piece of text in at most `room` characters, quotes doubled; the rest stays in *s. */
static void add_piece(struct bytes *b, str *s, size_t room)
{
    while (s->len && room) {
        size_t used;
        char c = fits_ascii(*s, &used);
        size_t need = c == '\'' ? 2 : 1;
        if (need > room)
            return;
        if (need == 2)
            bytes_add_char(b, c);
        bytes_add_char(b, c);
        room -= need;
        *s = (str){s->at + used, s->len - used};
    }
}

void fits_card_text(struct bytes *b, const char *keyword, uint32_t index, str value)
{
    enum { ROOM = CARD - 10 - 3 }; /* after the keyword: two quotes and an ampersand */
    add_keyword(b, keyword, index);
    for (;;) {
        size_t start = b->len;
        bytes_add_char(b, '\'');
        add_piece(b, &value, ROOM);
        if (value.len)
            bytes_add_char(b, '&');
        while (b->len - start < 9 && !b->failed)
            bytes_add_char(b, ' ');
        bytes_add_char(b, '\'');
        pad_to(b, CARD);
        if (value.len == 0 || b->failed)
            return;
        bytes_add_literal(b, "CONTINUE  ");
    }
}

void fits_card_comment(struct bytes *b, str text)
{
    do {
        bytes_add_literal(b, "COMMENT ");
        for (size_t n = 0, used; text.len && n < CARD - 8; n++) {
            bytes_add_char(b, fits_ascii(text, &used));
            text = (str){text.at + used, text.len - used};
        }
        pad_to(b, CARD);
    } while (text.len && !b->failed);
}

void fits_card_end(struct bytes *b)
{
    bytes_add_literal(b, "END");
    pad_to(b, FITS_BLOCK);
}
