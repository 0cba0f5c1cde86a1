/* Base64: both kernels against RFC 4648, in pieces, with blanks, and broken. */
#include "tests/test.h"

#include <stdlib.h>

#include "core/base/base64.h"

enum { MOST = 2000 };

static const char *encode(const void *data, size_t n)
{
    static char text[MOST * 2];
    text[base64_encode(data, n, text)] = '\0';
    return text;
}

/* Decodes in pieces of `step`; returns the length, or -1. */
static int decode(const char *text, size_t step, unsigned char *out)
{
    struct base64_decoder d = {0};
    unsigned char piece[MOST * 2];
    size_t len = strlen(text), n, bad;
    int total = 0;
    for (size_t at = 0; at < len; at += step) {
        str s = {text + at, len - at < step ? len - at : step};
        if (!base64_decode(&d, s, piece, &n, &bad))
            return -1;
        memcpy(out + total, piece, n);
        total += (int)n;
    }
    return base64_decode_end(&d) ? total : -1;
}

TEST(rfc_4648_vectors)
{
    static const char *const PAIRS[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    unsigned char out[64];
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        CHECK(strcmp(encode(PAIRS[i][0], strlen(PAIRS[i][0])), PAIRS[i][1]) == 0);
        CHECK_INT(decode(PAIRS[i][1], 100, out), strlen(PAIRS[i][0]));
        CHECK(memcmp(out, PAIRS[i][0], strlen(PAIRS[i][0])) == 0);
    }
}

/* All lengths about the width of the kernels; all byte values. */
TEST(every_length_comes_back)
{
    unsigned char data[MOST], out[MOST + 64];
    for (int i = 0; i < MOST; i++)
        data[i] = (unsigned char)(i * 151 + i / 7);
    for (size_t n = 0; n < 300; n++) {
        const char *text = encode(data + n, n);
        CHECK_INT(strlen(text), base64_encoded_bytes(n));
        CHECK_INT(decode(text, 5000, out), n);
        CHECK(memcmp(out, data + n, n) == 0);
        CHECK_INT(decode(text, 7, out), n);
        CHECK(memcmp(out, data + n, n) == 0);
    }
}

TEST(blanks_may_stand_anywhere)
{
    unsigned char out[64];
    CHECK_INT(decode(" Zm 9v\r\nYm\tFy \n", 100, out), 6);
    CHECK(memcmp(out, "foobar", 6) == 0);
    CHECK_INT(decode("Zg =\n= \n", 3, out), 1);
}

TEST(broken_text_is_refused)
{
    static const char *const WRONG[] = {"Zm9v!",   "Zm9",      "Zm9vY", "Z===",
                                        "=",       "Zg==Zg==", "Zm9v=", "Zg=a",
                                        "Zm\x80v", "Zg",       "Zg==="};
    unsigned char out[64];
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        if (decode(WRONG[i], 100, out) >= 0)
            TEST_FAIL("\"%s\" was decoded", WRONG[i]);
}

/* A wrong character is found wherever it stands in a wide block. */
TEST(position_of_a_wrong_character)
{
    char text[129];
    unsigned char out[256];
    for (size_t wrong = 0; wrong < 128; wrong++) {
        struct base64_decoder d = {0};
        size_t n, bad = 999;
        memset(text, 'A', 128);
        text[wrong] = wrong % 2 ? '-' : '\xC3';
        CHECK(!base64_decode(&d, (str){text, 128}, out, &n, &bad));
        CHECK_INT(bad, wrong);
    }
}

RUN_TESTS(T(rfc_4648_vectors), T(every_length_comes_back), T(blanks_may_stand_anywhere),
          T(broken_text_is_refused), T(position_of_a_wrong_character))
