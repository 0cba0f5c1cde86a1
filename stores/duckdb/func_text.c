/* func_text.c -- casts as ADQL 2.1 has them ("CAST"), and functions of words from the
 * catalogue of ADQL user defined functions. */
#include "stores/duckdb/func.h"

#include <math.h>

#include "core/base/clock.h"
#include "core/base/num.h"

enum { SHOWN_BYTES = 60 }; /* of a text in an error message */

static str shown(str text)
{
    return text.len <= SHOWN_BYTES ? text : (str){text.at, SHOWN_BYTES};
}

/* --- to integers ------------------------------------------------------------------ */

/* To the nearest integer, halves away from zero. */
static bool integer_of_real(struct func_run *run, const struct cell *x, struct cell *result)
{
    double rounded = round(x[0].d);
    if (!(rounded >= -0x1p63 && rounded < 0x1p63))
        return err_set(&run->err, ERR_USAGE, "%.17g is out of the range of integers",
                       x[0].d);
    result->i = (int64_t)rounded;
    return true;
}

static bool integer_of_integer(struct func_run *run, const struct cell *x,
                               struct cell *result)
{
    (void)run;
    result->i = x[0].i;
    return true;
}

/* The cell of a HUGEINT has its lower half as `i`, its upper half as `d`. */
static bool integer_of_huge(struct func_run *run, const struct cell *x, struct cell *result)
{
    result->i = x[0].i;
    if (x[0].d == (x[0].i < 0 ? -1 : 0))
        return true;
    return err_set(&run->err, ERR_USAGE, "an integer is out of the range of BIGINT");
}

static bool integer_of_text(struct func_run *run, const struct cell *x, struct cell *result)
{
    str text = str_trim(x[0].text);
    struct cell real = {0};
    if (num_parse_int(text, &result->i))
        return true;
    if (num_parse_double(text, &real.d))
        return integer_of_real(run, &real, result);
    return err_set(&run->err, ERR_USAGE, "\"%.*s\" is not a number", STR_FMT(shown(text)));
}

/* --- to text and times ------------------------------------------------------------ */

static size_t count_characters(str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return n;
}

/* "Too small a target" is an error, never a shorter text (ADQL-40). */
static bool varchar_n(struct func_run *run, const struct cell *x, struct cell *result)
{
    result->text = x[0].text;
    size_t n = count_characters(x[0].text);
    if (x[1].i >= 0 && n <= (uint64_t)x[1].i)
        return true;
    return err_set(&run->err, ERR_USAGE, "a text of %zu characters does not fit into %lld",
                   n, (long long)x[1].i);
}

static bool timestamp_of_text(struct func_run *run, const struct cell *x,
                              struct cell *result)
{
    if (clock_parse_us(x[0].text, &result->i))
        return true;
    return err_set(&run->err, ERR_USAGE,
                   "\"%.*s\" is not a timestamp; write YYYY-MM-DDThh:mm:ss",
                   STR_FMT(shown(x[0].text)));
}

static bool timestamp_text(struct func_run *run, const struct cell *x, struct cell *result)
{
    char *out = bytes_reserve(&run->text, CLOCK_TEXT_BYTES);
    if (out)
        result->text = (str){out, clock_print_us(x[0].i, out)};
    return true;
}

static bool hms_to_degrees(struct func_run *run, const struct cell *x, struct cell *result)
{
    (void)run;
    result->is_null = !sky_hms_parse(x[0].text, &result->d);
    return true;
}

static bool dms_to_degrees(struct func_run *run, const struct cell *x, struct cell *result)
{
    (void)run;
    result->is_null = !sky_dms_parse(x[0].text, &result->d);
    return true;
}

/* --- words ------------------------------------------------------------------------ */

/* Letters and digits; bytes beyond ASCII belong to words. */
static bool is_word_byte(char c)
{
    c = ascii_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* The next word of *text, which is cut off; len 0: there is none. */
static str take_word(str *text)
{
    while (text->len > 0 && !is_word_byte(text->at[0]))
        *text = (str){text->at + 1, text->len - 1};
    str word = {text->at, 0};
    while (word.len < text->len && is_word_byte(text->at[word.len]))
        word.len++;
    *text = (str){text->at + word.len, text->len - word.len};
    return word;
}

static bool has_one_word(str haystack, str word)
{
    for (str w = take_word(&haystack); w.len > 0; w = take_word(&haystack))
        if (str_eq_fold(w, word))
            return true;
    return false;
}

/* ivo_hasword: all words of the needle occur in the haystack. */
static bool hasword(struct func_run *run, const struct cell *x, struct cell *result)
{
    (void)run;
    str needle = x[1].text;
    size_t nword = 0, nfound = 0;
    for (str w = take_word(&needle); w.len > 0; w = take_word(&needle)) {
        nword++;
        nfound += has_one_word(x[0].text, w);
    }
    result->i = nword > 0 && nfound == nword;
    return true;
}

/* ivo_hashlist_has: one of the words between "#". */
static bool hashlist_has(struct func_run *run, const struct cell *x, struct cell *result)
{
    (void)run;
    str list = x[0].text;
    if (str_find(x[1].text, '#') < x[1].text.len)
        return true;
    while (list.at && result->i == 0)
        result->i = str_eq_fold(str_cut(&list, '#'), x[1].text);
    return true;
}

const struct func func_text[] = {
    {.name = "adql_integer", .signature = "l>l", .row = integer_of_integer},
    {.name = "adql_integer", .signature = "h>l", .row = integer_of_huge},
    {.name = "adql_integer", .signature = "d>l", .row = integer_of_real},
    {.name = "adql_integer", .signature = "t>l", .row = integer_of_text},
    {.name = "adql_varchar_n", .signature = "ti>t", .row = varchar_n},
    {.name = "adql_timestamp", .signature = "t>s", .row = timestamp_of_text},
    {.name = "adql_timestamp", .signature = "s>s", .row = integer_of_integer},
    {.name = "adql_timestamp_text", .signature = "s>t", .row = timestamp_text},
    {.name = "adql_hms", .signature = "t>d", .row = hms_to_degrees},
    {.name = "adql_dms", .signature = "t>d", .row = dms_to_degrees},
    {.name = "adql_hasword", .signature = "tt>i", .row = hasword},
    {.name = "adql_hashlist_has", .signature = "tt>i", .row = hashlist_has},
};
const size_t func_text_n = sizeof func_text / sizeof *func_text;
