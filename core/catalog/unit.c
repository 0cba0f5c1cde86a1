/* unit.c -- VOUnits 1.1: a recursive-descent parser that also measures the unit. Each rule
 * of the standard's grammar ("VOUnits grammar") is a function of the same name. */
#include <math.h>
#include <stdio.h>

#include "core/base/num.h"
#include "core/catalog/catalog.h"
#include "core/catalog/unit_table.h"

enum { SCRATCH = 160, MAX_UNIT_BYTES = 256, MAX_DEPTH = 16 };

struct measure {
    double factor, exponent; /* factor * 10^exponent leads to the base units */
    double power[UNIT_NBASE];
    bool is_function; /* log, ln, exp: no factor leads to another unit */
    bool is_opaque;   /* holds a quoted unit: only itself */
};

struct unit_parser {
    str text;
    size_t at;
    int depth;
    const char *problem; /* the first one */
    char *scratch;
};

#define PROBLEM(p, ...)                                                                    \
    (snprintf((p)->scratch, SCRATCH, __VA_ARGS__), set_problem((p), (p)->scratch))

static bool set_problem(struct unit_parser *p, const char *problem)
{
    if (!p->problem)
        p->problem = problem;
    return false;
}

static char peek(const struct unit_parser *p, size_t ahead)
{
    return p->at + ahead < p->text.len ? p->text.at[p->at + ahead] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static bool accept(struct unit_parser *p, const char *token)
{
    size_t len = strlen(token);
    if (p->text.len - p->at < len || memcmp(p->text.at + p->at, token, len) != 0)
        return false;
    p->at += len;
    return true;
}

static void raise_measure(struct measure *m, double power)
{
    m->factor = pow(m->factor, power);
    m->exponent *= power;
    for (size_t i = 0; i < UNIT_NBASE; i++)
        m->power[i] *= power;
}

static void multiply(struct measure *m, const struct measure *by, double sign)
{
    m->factor *= sign > 0 ? by->factor : 1 / by->factor;
    m->exponent += sign * by->exponent;
    for (size_t i = 0; i < UNIT_NBASE; i++)
        m->power[i] += sign * by->power[i];
    m->is_function = m->is_function || by->is_function;
    m->is_opaque = m->is_opaque || by->is_opaque;
}

/* --- numbers ----------------------------------------------------------------------------
 */

static size_t digits(const struct unit_parser *p, size_t from)
{
    size_t n = 0;
    while (is_digit(peek(p, from + n)))
        n++;
    return n;
}

/* The number that the next `len` characters are. */
static bool take_number(struct unit_parser *p, size_t len, double *value)
{
    if (!num_parse_double((str){p->text.at + p->at, len}, value))
        return set_problem(p, "a number in the unit is not readable");
    p->at += len;
    return true;
}

/* int ::= [sign] digits */
static bool integer(struct unit_parser *p, double *value)
{
    size_t sign = peek(p, 0) == '-' || peek(p, 0) == '+';
    size_t n = digits(p, sign);
    if (n == 0)
        return set_problem(p, "a power is an integer (m**2, m**-1) or a fraction in "
                              "parentheses (m**(1/2), m**(0.5))");
    return take_number(p, sign + n, value);
}

/* power ::= int | "(" int ")" | "(" FLOAT ")" | "(" int "/" INT ")" */
static bool power(struct unit_parser *p, double *value)
{
    if (!accept(p, "(")) {
        if (!integer(p, value))
            return false;
        if (peek(p, 0) == '.' && is_digit(peek(p, 1)))
            return set_problem(p, "a fraction as power stands in parentheses: m**(0.5)");
        return true;
    }
    size_t sign = peek(p, 0) == '-' || peek(p, 0) == '+';
    size_t whole = digits(p, sign);
    size_t fraction = peek(p, sign + whole) == '.' ? digits(p, sign + whole + 1) : 0;
    if (fraction > 0) {
        if (!take_number(p, sign + whole + 1 + fraction, value))
            return false;
    } else if (!integer(p, value))
        return false;
    if (fraction == 0 && accept(p, "/")) {
        double below = 0;
        if (!is_digit(peek(p, 0)) || !integer(p, &below) || below == 0)
            return set_problem(p, "a fraction as power is written m**(1/2)");
        *value /= below;
    }
    return accept(p, ")") || set_problem(p, "a ')' is missing after a power");
}

/* VOUFLOAT: 0.ddd or ddd[.ddd] without a leading zero, each with an optional exponent. */
static bool voufloat(struct unit_parser *p, double *value)
{
    size_t whole = digits(p, 0);
    size_t fraction = peek(p, whole) == '.' ? digits(p, whole + 1) : 0;
    bool has_zero = peek(p, 0) == '0';
    if (has_zero && (whole > 1 || fraction == 0))
        return set_problem(p, "a scale factor has no leading zero (25.4mm, 0.1nm)");
    size_t n = whole + (fraction ? fraction + 1 : 0);
    if (peek(p, n) == 'e' || peek(p, n) == 'E') {
        size_t sign = peek(p, n + 1) == '-' || peek(p, n + 1) == '+';
        size_t exponent = digits(p, n + 1 + sign);
        n += exponent ? 1 + sign + exponent : 0; /* else the e is a unit's: 1eV */
    }
    return take_number(p, n, value);
}

/* scale ::= "10" [ "**" power ] | "1" | VOUFLOAT; 1 if there is none. */
static bool scale(struct unit_parser *p, struct measure *m)
{
    double value = 1;
    *m = (struct measure){.factor = 1};
    if (!is_digit(peek(p, 0)))
        return true;
    if (peek(p, 0) == '1' && peek(p, 1) == '0' && peek(p, 2) == '*') {
        p->at += 2;
        if (!accept(p, "**"))
            return set_problem(p, "a power of ten is written 10**3");
        if (!power(p, &m->exponent))
            return false;
    } else if (!voufloat(p, &value))
        return false;
    m->factor = value;
    if (!isfinite(value) || value <= 0 || fabs(m->exponent) > 300)
        return set_problem(p, "the scale factor of the unit is out of range");
    return true;
}

/* --- symbols ----------------------------------------------------------------------------
 */

static const struct unit_known *find_known(str symbol)
{
    for (size_t i = 0; i < UNIT_NKNOWN; i++)
        if (str_eq(symbol, str_of(UNIT_KNOWN[i].symbol)))
            return &UNIT_KNOWN[i];
    return NULL;
}

static void set_known(struct measure *m, const struct unit_known *known,
                      const struct unit_prefix *prefix)
{
    m->factor = known->factor * prefix->factor;
    m->exponent = known->exponent + prefix->exponent;
    for (size_t i = 0; i < UNIT_NBASE; i++)
        m->power[i] = known->power[i];
}

/* The unit behind one of the prefixes; *forbidden when it is known but takes none. */
static bool set_prefixed(struct measure *m, str symbol, const struct unit_prefix *prefix,
                         size_t nprefix, unsigned flag, const struct unit_known **forbidden)
{
    for (size_t i = 0; i < nprefix; i++) {
        size_t len = strlen(prefix[i].symbol);
        if (symbol.len <= len || memcmp(symbol.at, prefix[i].symbol, len) != 0)
            continue;
        const struct unit_known *known =
            find_known((str){symbol.at + len, symbol.len - len});
        if (!known)
            continue;
        if (known->flags & flag) {
            set_known(m, known, &prefix[i]);
            return true;
        }
        *forbidden = known;
    }
    return false;
}

static bool unknown_symbol(struct unit_parser *p, str symbol)
{
    int len = (int)(symbol.len < 40 ? symbol.len : 40);
    for (size_t i = 0; i < UNIT_NWRONG; i++)
        if (str_eq(symbol, str_of(UNIT_WRONG[i].symbol)))
            return PROBLEM(p, "'%.*s' is not a VOUnit: write %s", len, symbol.at,
                           UNIT_WRONG[i].instead);
    for (size_t i = 0; i < UNIT_NKNOWN; i++)
        if (str_eq_fold(symbol, str_of(UNIT_KNOWN[i].symbol)))
            return PROBLEM(p, "'%.*s' is not a VOUnit: write %s (case counts)", len,
                           symbol.at, UNIT_KNOWN[i].symbol);
    return PROBLEM(p,
                   "'%.*s' is not a VOUnit (quote it on purpose if there is none: '%.*s')",
                   len, symbol.at, len, symbol.at);
}

/* "Symbol resolution": the whole symbol, then binary, then decimal prefixes. */
static bool resolve(struct unit_parser *p, str symbol, struct measure *m)
{
    const struct unit_known *forbidden = NULL, *known = find_known(symbol);
    if (known) {
        set_known(m, known, &(struct unit_prefix){.factor = 1});
        return true;
    }
    if (set_prefixed(m, symbol, UNIT_PREFIX_BINARY, UNIT_NPREFIX_BINARY, UNIT_BINARY,
                     &forbidden) ||
        set_prefixed(m, symbol, UNIT_PREFIX_DECIMAL, UNIT_NPREFIX_DECIMAL, UNIT_DECIMAL,
                     &forbidden))
        return true;
    for (size_t i = 0; i < UNIT_NWRONG; i++) /* kB and uas look like a prefix too */
        if (str_eq(symbol, str_of(UNIT_WRONG[i].symbol)))
            return unknown_symbol(p, symbol);
    if (forbidden)
        return PROBLEM(p, "'%.*s': the unit %s does not take this prefix",
                       (int)(symbol.len < 40 ? symbol.len : 40), symbol.at,
                       forbidden->symbol);
    return unknown_symbol(p, symbol);
}

static bool is_decimal_prefix(str text)
{
    for (size_t i = 0; i < UNIT_NPREFIX_DECIMAL; i++)
        if (str_eq(text, str_of(UNIT_PREFIX_DECIMAL[i].symbol)))
            return true;
    return false;
}

/* QSTRING: taken literally, known to nobody. */
static bool quoted(struct unit_parser *p, struct measure *m)
{
    size_t from = p->at;
    while (p->at < p->text.len && p->text.at[p->at] != '\'')
        p->at++;
    if (p->at == from || !accept(p, "'"))
        return set_problem(p, "a quoted unit is not closed, or is empty");
    m->is_opaque = true;
    return true;
}

/* --- grammar ----------------------------------------------------------------------------
 */

static bool expr(struct unit_parser *p, struct measure *m);

/* operand ::= [scale] expr */
static bool operand(struct unit_parser *p, struct measure *m)
{
    struct measure part;
    if (!scale(p, m) || !expr(p, &part))
        return false;
    multiply(m, &part, 1);
    return true;
}

/* STRING "(" operand ")" */
static bool function(struct unit_parser *p, str name, struct measure *m)
{
    static const char *const FUNCTION[] = {"log", "ln", "exp", "sqrt"};
    size_t i = 0;
    while (i < 4 && !str_eq(name, str_of(FUNCTION[i])))
        i++;
    if (i == 4)
        return PROBLEM(p, "'%.*s(...)' is not a function of VOUnits: log, ln, exp or sqrt",
                       (int)(name.len < 40 ? name.len : 40), name.at);
    if (!operand(p, m))
        return false;
    if (!accept(p, ")"))
        return set_problem(p, "a ')' is missing in the unit");
    if (i == 3)
        raise_measure(m, 0.5);
    else
        m->is_function = true;
    return true;
}

/* unit ::= STRING | QSTRING | STRING QSTRING | "%" */
static bool unit(struct unit_parser *p, str symbol, struct measure *m)
{
    if (symbol.len == 0)
        return accept(p, "%") ? resolve(p, STR("%"), m) : accept(p, "'") && quoted(p, m);
    if (!accept(p, "'"))
        return resolve(p, symbol, m);
    if (!is_decimal_prefix(symbol))
        return PROBLEM(p, "'%.*s' before a quoted unit is not a prefix",
                       (int)(symbol.len < 40 ? symbol.len : 40), symbol.at);
    return quoted(p, m);
}

/* term ::= unit [ "**" power ] */
static bool term(struct unit_parser *p, str symbol, struct measure *m)
{
    if (!unit(p, symbol, m))
        return false;
    if (accept(p, "**")) {
        double value = 1;
        if (!power(p, &value))
            return false;
        raise_measure(m, value);
        return true;
    }
    char c = peek(p, 0);
    if (is_digit(c) || c == '-' || c == '+' || c == '^')
        return set_problem(p, "a power is written with '**': cm**2, s**-1");
    if (c == '*')
        return set_problem(p, "a product is written with '.': m.s");
    return true;
}

/* uexpr ::= term | STRING "(" operand ")" | "(" expr ")" */
static bool uexpr(struct unit_parser *p, struct measure *m)
{
    *m = (struct measure){.factor = 1};
    if (accept(p, "("))
        return expr(p, m) && (accept(p, ")") || set_problem(p, "a ')' is missing"));
    str symbol = {p->text.at + p->at, 0};
    while (is_letter(peek(p, symbol.len)))
        symbol.len++;
    char c = peek(p, 0);
    if (symbol.len == 0 && c != '%' && c != '\'')
        return c == '\0' ? set_problem(p, "the unit ends where a symbol should stand")
                         : PROBLEM(p, "a unit's symbol should stand where '%c' stands", c);
    p->at += symbol.len;
    return symbol.len && accept(p, "(") ? function(p, symbol, m) : term(p, symbol, m);
}

/* expr ::= product | product "/" uexpr; product ::= uexpr { "." uexpr } */
static bool expr(struct unit_parser *p, struct measure *m)
{
    struct measure part;
    if (++p->depth > MAX_DEPTH)
        return set_problem(p, "the unit is nested too deep");
    if (!uexpr(p, m))
        return false;
    while (accept(p, ".")) {
        if (!uexpr(p, &part))
            return false;
        multiply(m, &part, 1);
    }
    if (accept(p, "/")) {
        if (!uexpr(p, &part))
            return false;
        multiply(m, &part, -1);
        if (peek(p, 0) == '/')
            return set_problem(p, "one '/' is allowed: write erg/(s.cm**2)");
        if (peek(p, 0) == '.')
            return set_problem(p,
                               "after '/' stands one unit: write parentheses around more");
    }
    p->depth--;
    return true;
}

static bool check_characters(struct unit_parser *p)
{
    if (p->text.len == 0)
        return set_problem(p, "the unit is empty: leave it out");
    if (p->text.len > MAX_UNIT_BYTES)
        return set_problem(p, "the unit is too long");
    for (size_t i = 0; i < p->text.len; i++) {
        unsigned char c = (unsigned char)p->text.at[i];
        if (c == ' ' || c == '\t')
            return set_problem(p, "a unit holds no blanks: write km/s or km.s**-1");
        if (c < 0x21 || c > 0x7E)
            return set_problem(p, "a unit is plain ASCII: write um, Angstrom, deg");
    }
    return true;
}

/* input ::= expr | scale expr | "1" */
static bool input(struct unit_parser *p, struct measure *m)
{
    *m = (struct measure){.factor = 1};
    if (!check_characters(p))
        return false;
    if (str_eq(p->text, STR("1")))
        return true;
    if (!operand(p, m))
        return false;
    if (p->at < p->text.len)
        return PROBLEM(p, "'%c' is in the wrong place of the unit", peek(p, 0));
    if (!isfinite(m->factor) || m->factor <= 0 || !isfinite(m->exponent))
        return set_problem(p, "the unit is out of range");
    return true;
}

static const char *measure_unit(str text, struct measure *m, char scratch[SCRATCH])
{
    struct unit_parser p = {.text = text, .scratch = scratch};
    return input(&p, m) ? NULL : p.problem;
}

static bool is_reserved(str text)
{
    return str_eq(text, STR("unknown")) || str_eq(text, STR("UNKNOWN"));
}

const char *unit_problem(str text, char scratch[SCRATCH])
{
    struct measure m;
    return is_reserved(text) ? NULL : measure_unit(text, &m, scratch);
}

static bool measure_or_fail(str text, struct measure *m, struct err *e)
{
    char scratch[SCRATCH];
    if (is_reserved(text))
        return err_set(e, ERR_USAGE, "the unit of the value is not known (\"%.*s\")",
                       STR_FMT(text));
    const char *problem = measure_unit(text, m, scratch);
    if (problem)
        return err_set(e, ERR_USAGE, "unit \"%.*s\": %s",
                       (int)(text.len < 80 ? text.len : 80), text.at, problem);
    return true;
}

static bool is_same_kind(const struct measure *a, const struct measure *b)
{
    for (size_t i = 0; i < UNIT_NBASE; i++)
        if (fabs(a->power[i] - b->power[i]) > 1e-9)
            return false;
    return true;
}

bool unit_factor(str from, str to, double *factor, struct err *e)
{
    struct measure a, b;
    if (from.len == 0 && to.len == 0) {
        *factor = 1;
        return true;
    }
    if (from.len == 0)
        return err_set(e, ERR_USAGE,
                       "the value has no unit: it cannot be given in \"%.*s\"",
                       (int)(to.len < 80 ? to.len : 80), to.at);
    if (to.len == 0)
        return err_set(e, ERR_USAGE,
                       "the unit wanted is empty; the value has the unit \"%.*s\"",
                       (int)(from.len < 80 ? from.len : 80), from.at);
    if (!measure_or_fail(from, &a, e) || !measure_or_fail(to, &b, e))
        return false;
    if (str_eq(from, to)) {
        *factor = 1;
        return true;
    }
    if (a.is_function || b.is_function || a.is_opaque || b.is_opaque)
        return err_set(
            e, ERR_USAGE,
            "no factor leads from \"%.*s\" to \"%.*s\": a function of a unit and "
            "a quoted unit are only themselves",
            STR_FMT(from), STR_FMT(to));
    if (!is_same_kind(&a, &b))
        return err_set(e, ERR_USAGE, "\"%.*s\" and \"%.*s\" measure different things",
                       STR_FMT(from), STR_FMT(to));
    double exponent = a.exponent - b.exponent; /* a power of ten, exact if it can be */
    *factor = a.factor / b.factor;
    *factor = exponent < 0 ? *factor / pow(10, -exponent) : *factor * pow(10, exponent);
    if (!isfinite(*factor) || *factor <= 0)
        return err_set(e, ERR_USAGE, "the factor from \"%.*s\" to \"%.*s\" is out of range",
                       STR_FMT(from), STR_FMT(to));
    return true;
}
