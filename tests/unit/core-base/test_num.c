/* Numbers to text and back: exact both ways (VOTable, "shortest round-trip preferred"). */
#include "tests/test.h"

#include <float.h>
#include <stdlib.h>

#include "core/base/bytes.h"
#include "core/base/num.h"
#include "core/base/num_pow10.h"

/* The C library's conversions: the independent judges here. */
static double (*const library_double)(const char *, char **) = strtod;
static float (*const library_float)(const char *, char **) = strtof;

static const char *print_double(double value)
{
    static char text[NUM_TEXT_BYTES + 1];
    text[num_print_double(value, text)] = '\0';
    return text;
}

static const char *print_float(float value)
{
    static char text[NUM_TEXT_BYTES + 1];
    text[num_print_float(value, text)] = '\0';
    return text;
}

TEST(doubles_print_shortest)
{
    CHECK_TEXT(print_double(0.1), "0.1");
    CHECK_TEXT(print_double(1.0 / 3), "0.3333333333333333");
    CHECK_TEXT(print_double(5), "5");
    CHECK_TEXT(print_double(-0.0), "-0");
    CHECK_TEXT(print_double(266.41683708333335), "266.41683708333335");
    CHECK_TEXT(print_double(9007199254740993.0), "9007199254740992");
    CHECK_TEXT(print_double(1e16), "1e16");
    CHECK_TEXT(print_double(0.00001), "0.00001");
    CHECK_TEXT(print_double(1.5e-6), "1.5e-6");
    CHECK_TEXT(print_double(1e23), "1e23");
    CHECK_TEXT(print_double(5e-324), "5e-324");
    CHECK_TEXT(print_double(DBL_MAX), "1.7976931348623157e308");
    CHECK_TEXT(print_double(DBL_MIN), "2.2250738585072014e-308");
}

TEST(floats_print_shortest)
{
    CHECK_TEXT(print_float(0.1f), "0.1");
    CHECK_TEXT(print_float(3.14159274f), "3.1415927");
    CHECK_TEXT(print_float(16777216.0f), "16777216");
    CHECK_TEXT(print_float(FLT_MAX), "3.4028235e38");
    CHECK_TEXT(print_float(1e-45f), "1e-45");
}

/* DALI-11: the words of VOTable. */
TEST(special_values)
{
    double value;
    CHECK_TEXT(print_double((double)NAN), "NaN");
    CHECK_TEXT(print_double((double)INFINITY), "+Inf");
    CHECK_TEXT(print_float(-INFINITY), "-Inf");
    CHECK(num_parse_double(STR("NaN"), &value) && isnan(value));
    CHECK(num_parse_double(STR("nan"), &value) && isnan(value));
    CHECK(num_parse_double(STR("+Inf"), &value) && value > 0 && isinf(value));
    CHECK(num_parse_double(STR("-Infinity"), &value) && value < 0 && isinf(value));
    CHECK(num_parse_double(STR("1e999"), &value) && isinf(value));
    CHECK(num_parse_double(STR("1e-999"), &value) && value == 0);
}

TEST(texts_that_are_no_numbers)
{
    static const char *const WRONG[] = {"",   ".",    "-",    "e5",   "1e",    "1e+",
                                        " 1", "1 ",   "1,5",  "0x10", "1.2.3", "--1",
                                        "In", "Nan1", "+NaN", "1d5"};
    double value;
    float single;
    int64_t integer;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        if (num_parse_double(str_of(WRONG[i]), &value))
            TEST_FAIL("\"%s\" was read as %g", WRONG[i], value);
        CHECK(!num_parse_float(str_of(WRONG[i]), &single));
        CHECK(!num_parse_int(str_of(WRONG[i]), &integer));
    }
}

TEST(votable_spellings)
{
    double value;
    CHECK(num_parse_double(STR("12."), &value) && value == 12);
    CHECK(num_parse_double(STR(".5"), &value) && value == 0.5);
    CHECK(num_parse_double(STR("+3"), &value) && value == 3);
    CHECK(num_parse_double(STR("1E5"), &value) && value == 1e5);
}

TEST(integers_to_their_limits)
{
    int64_t v;
    CHECK(num_parse_int(STR("9223372036854775807"), &v) && v == INT64_MAX);
    CHECK(num_parse_int(STR("-9223372036854775808"), &v) && v == INT64_MIN);
    CHECK(num_parse_int(STR("+0012"), &v) && v == 12);
    CHECK(!num_parse_int(STR("9223372036854775808"), &v));
    CHECK(!num_parse_int(STR("-9223372036854775809"), &v));
    CHECK(!num_parse_int(STR("99999999999999999999999"), &v));
    char text[NUM_TEXT_BYTES];
    static const int64_t VALUES[] = {
        0, 7, 10, 99999999, 100000000, INT64_MAX, INT64_MIN, -123456789, 1234567890123456};
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        size_t n = num_print_int(VALUES[i], text);
        char want[NUM_TEXT_BYTES];
        CHECK_INT(n, snprintf(want, sizeof want, "%lld", (long long)VALUES[i]));
        CHECK(memcmp(text, want, n) == 0);
    }
}

/* Decimals exactly between two doubles, or nearly, long and short. */
TEST(rounding_is_correct_in_hard_cases)
{
    static const char *const HARD[] = {
        "9007199254740993",
        "9007199254740992.99999999999999999999999999999999999999999999999999999999",
        "9007199254740993.00000000000000000000000000000000000000000000000000000001",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327208299439634110764e-324",
        "2.4703282292062328e-324",
        "1.7976931348623158079372897140530341507993413271e308",
        "1797693134862315807937289714053034150799341327100378269361737789804449682927647509"
        "46"
        "6490179775872e200",
        "1e-400",
        "6929495644600919.5",
        "3."
        "237883913302901289588352412501532174863037669423108059901297049552301970670676565"
        "78683578742587e0",
        "0."
        "000000000000000000000000000000000000000000000000000000000000000000000000001234567",
        "8.5445013e-11",
        "1090544144181609348835077142190"};
    for (size_t i = 0; i < sizeof HARD / sizeof *HARD; i++) {
        double got;
        float single;
        CHECK(num_parse_double(str_of(HARD[i]), &got));
        CHECK(num_parse_float(str_of(HARD[i]), &single));
        if (got != library_double(HARD[i], NULL) || single != library_float(HARD[i], NULL))
            TEST_FAIL("%s gives %a and %a", HARD[i], got, (double)single);
    }
}

static uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Any bits print to a text that both we and the C library read back as the same value, and
 * no text with a digit less does. */
TEST(random_values_come_back)
{
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = next_random();
        uint32_t half = (uint32_t)bits;
        double value, again;
        float single, single_again;
        memcpy(&value, &bits, sizeof value);
        memcpy(&single, &half, sizeof single);
        if (isnan(value) || isnan(single))
            continue;
        const char *text = print_double(value);
        CHECK(num_parse_double(str_of(text), &again) && again == value);
        CHECK(library_double(text, NULL) == value);
        text = print_float(single);
        CHECK(num_parse_float(str_of(text), &single_again) && single_again == single);
        CHECK(library_float(text, NULL) == single);
    }
}

TEST(no_shorter_text_comes_back)
{
    for (int i = 0; i < 20000; i++) {
        double value = (double)(next_random() % 3600000000) / 1e7 +
                       (double)(next_random() % 1000) * 1e-13;
        const char *text = print_double(value);
        size_t digits = 0;
        for (const char *p = text; *p && *p != 'e'; p++)
            digits += *p >= '0' && *p <= '9' && (digits || *p != '0');
        char shorter[40];
        if (digits < 2 || digits > 17)
            continue;
        snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, value);
        if (library_double(shorter, NULL) == value && library_double(text, NULL) == value &&
            text[strlen(text) - 1] != '0')
            TEST_FAIL("%s is shorter than %s", shorter, text);
    }
}

/* --- the table of powers, against long arithmetic ---------------------------------------
 */

enum { WORDS = 80 };

struct big { /* little-endian words */
    uint32_t word[WORDS];
};

static void big_multiply(struct big *b, uint32_t by)
{
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (uint64_t)b->word[i] * by;
        b->word[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static int big_bits(const struct big *b)
{
    for (int i = WORDS - 1; i >= 0; i--)
        if (b->word[i])
            return 32 * i + 32 - __builtin_clz(b->word[i]);
    return 0;
}

static unsigned big_bit(const struct big *b, int i)
{
    return i < 0 ? 0 : b->word[i / 32] >> (i % 32) & 1;
}

static int big_compare(const struct big *a, const struct big *b)
{
    for (int i = WORDS - 1; i >= 0; i--)
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

static void big_double_plus(struct big *b, int bit)
{
    for (int i = WORDS - 1; i > 0; i--)
        b->word[i] = b->word[i] << 1 | b->word[i - 1] >> 31;
    b->word[0] = b->word[0] << 1 | (uint32_t)bit;
}

static void big_subtract(struct big *a, const struct big *b)
{
    int64_t borrow = 0;
    for (int i = 0; i < WORDS; i++) {
        borrow += (int64_t)a->word[i] - b->word[i];
        a->word[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
}

/* The top 128 bits of 10^k and whether something is left below. */
static num_u128 top_of_power(int k, bool *is_inexact)
{
    struct big b = {{1}};
    for (int i = 0; i < k; i++)
        big_multiply(&b, 10);
    num_u128 top = 0;
    int bits = big_bits(&b);
    for (int i = 1; i <= 128; i++)
        top = top << 1 | (num_u128)big_bit(&b, bits - i);
    *is_inexact = false;
    for (int i = bits - 129; i >= 0; i--)
        *is_inexact |= big_bit(&b, i);
    return top;
}

/* The top 128 bits of 10^-k, by long division. */
static num_u128 top_of_inverse(int k, bool *is_inexact)
{
    struct big divisor = {{1}}, rest = {{1}};
    for (int i = 0; i < k; i++)
        big_multiply(&divisor, 10);
    num_u128 top = 0;
    for (int bits = 0; bits < 128;) {
        big_double_plus(&rest, 0);
        unsigned bit = big_compare(&rest, &divisor) >= 0;
        if (bit)
            big_subtract(&rest, &divisor);
        if (bit || bits) {
            top = top << 1 | (num_u128)bit;
            bits++;
        }
    }
    *is_inexact = true;
    return top;
}

/* Logs and metrics print through bytes_add_double(), which has a short way for these. */
TEST(thousandths_are_as_short_and_come_back)
{
    uint64_t state = 12345;
    struct bytes b;
    bytes_init(&b, 1000);
    for (int i = 0; i < 200000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        int64_t n = (int64_t)((state >> 20) % (i % 2 ? 100000 : 2000000000000));
        double value = (double)n / 1000;
        bytes_clear(&b);
        bytes_add_double(&b, value);
        const char *text = bytes_text(&b);
        bool same = text && library_double(text, NULL) == value;
        if (!same || strlen(text) > strlen(print_double(value)))
            TEST_FAIL("%s is printed as %s", print_double(value), text);
    }
    bytes_free(&b);
}

TEST(table_of_powers)
{
    for (int k = NUM_POW10_MIN; k <= NUM_POW10_MAX; k += k % 7 == 0 ? 1 : 3) {
        bool is_inexact;
        num_u128 top =
            k < 0 ? top_of_inverse(-k, &is_inexact) : top_of_power(k, &is_inexact);
        top += is_inexact;
        struct num_pow10 got = NUM_POW10[k - NUM_POW10_MIN];
        if (got.hi != (uint64_t)(top >> 64) || got.lo != (uint64_t)top)
            TEST_FAIL("10^%d is wrong", k);
    }
}

RUN_TESTS(T(doubles_print_shortest), T(floats_print_shortest), T(special_values),
          T(texts_that_are_no_numbers), T(votable_spellings), T(integers_to_their_limits),
          T(rounding_is_correct_in_hard_cases), T(random_values_come_back),
          T(no_shorter_text_comes_back), T(thousandths_are_as_short_and_come_back),
          T(table_of_powers))
