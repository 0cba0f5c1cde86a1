/* bind_call.c -- operators and functions: which overload is meant, what it gives. */
#include <math.h>
#include <stdio.h>

#include "adql/bind.h"
#include "adql/functions.h"

/* --- operators --- */

static const char *sign_of(unsigned op)
{
    switch (op) {
    case ADQL_OP_add:
    case ADQL_OP_pos:
        return "+";
    case ADQL_OP_sub:
    case ADQL_OP_neg:
        return "-";
    case ADQL_OP_mul:
        return "*";
    case ADQL_OP_concat:
        return "||";
    case ADQL_OP_bit_and:
        return "&";
    case ADQL_OP_bit_or:
        return "|";
    case ADQL_OP_bit_xor:
        return "^";
    case ADQL_OP_bit_not:
        return "~";
    case ADQL_OP_shift_left:
        return "<<";
    case ADQL_OP_shift_right:
        return ">>";
    default:
        return "/";
    }
}

static bool is_bitwise(unsigned op)
{
    return op >= ADQL_OP_bit_and && op <= ADQL_OP_shift_right;
}

static bool check_operand(struct binder *b, const struct adql_node *n,
                          const struct adql_node *operand)
{
    char words[96];
    enum adql_type type = (enum adql_type)operand->type;
    bool fits = n->op == ADQL_OP_concat ? type == ADQL_TEXT
                : is_bitwise(n->op)     ? adql_is_integer(type)
                                        : adql_is_number(type);
    if (fits || type == ADQL_NULL)
        return true;
    return FAIL_AT(b, operand, "`%s` needs %s, but %s is %s%s", sign_of(n->op),
                   n->op == ADQL_OP_concat ? "texts"
                   : is_bitwise(n->op)     ? "integers"
                                           : "numbers",
                   node_words(operand, words), type_phrase(type),
                   n->op == ADQL_OP_concat && adql_is_number(type)
                       ? ": write CAST(... AS VARCHAR)"
                       : "");
}

static bool bind_division(struct binder *b, struct adql_node *n)
{
    double divisor;
    if (adql_constant_number(n->child[1], &divisor) && divisor == 0)
        return FAIL_AT(b, n, "division by zero");
    if (adql_is_integer((enum adql_type)n->type))
        n->op = ADQL_OP_div_int; /* ADQL-29 */
    return true;
}

/* Integers give at least INTEGER, so that sums of small ones do not overflow. */
static enum adql_type arithmetic_type(enum adql_type type)
{
    if (type == ADQL_NULL)
        return ADQL_DOUBLE;
    return type < ADQL_INTEGER ? ADQL_INTEGER : type;
}

static bool bind_element(struct binder *b, struct adql_node *n)
{
    const struct adql_node *array = n->child[0], *index = n->child[1];
    const struct store_column *meta = array->meta;
    char words[96];
    bool is_list = array->type == ADQL_ARRAY ||
                   (array->type >= ADQL_POINT && array->type <= ADQL_POLYGON);
    if (!is_list)
        return FAIL_AT(b, n, "`[` needs an array, but %s is %s", node_words(array, words),
                       type_phrase(array->type));
    if (!adql_is_integer((enum adql_type)index->type))
        return FAIL_AT(b, index, "the index of an array must be an integer");
    if (index->kind == ADQL_LITERAL &&
        (index->integer < 1 || (meta && meta->length > 0 && index->integer > meta->length)))
        return FAIL_AT(b, index, "the array has no element %lld: the first is 1%s",
                       (long long)index->integer,
                       meta && meta->length > 0 ? ", and its length is fixed" : "");
    struct store_column element = {.type = meta ? meta->type : STORE_F64, .length = 1};
    n->type = (uint8_t)adql_type_of_column(&element);
    return true;
}

bool bind_operator(struct binder *b, struct adql_node *n)
{
    if (op_is_cast(n->op))
        return bind_cast(b, n);
    for (uint32_t i = 0; i < n->nchild; i++)
        if (!bind_node(b, n->child[i]))
            return false;
    if (n->op == ADQL_OP_element)
        return bind_element(b, n);
    enum adql_type type = ADQL_NULL;
    for (uint32_t i = 0; i < n->nchild; i++) {
        if (!check_operand(b, n, n->child[i]))
            return false;
        type = type_common(type, (enum adql_type)n->child[i]->type);
    }
    n->type = n->op == ADQL_OP_concat ? ADQL_TEXT : (uint8_t)arithmetic_type(type);
    return n->op != ADQL_OP_div_float || bind_division(b, n);
}

/* --- functions --- */

static bool fits(char letter, const struct adql_node *n)
{
    enum adql_type type = (enum adql_type)n->type;
    if (type == ADQL_NULL && letter != 'l')
        return true;
    switch (letter) {
    case 'n':
        return adql_is_number(type);
    case 'i':
        return adql_is_integer(type);
    case 's':
        return type == ADQL_TEXT;
    case 'l':
        return type == ADQL_TEXT && n->kind == ADQL_LITERAL;
    case 't':
        return type == ADQL_TIMESTAMP || type == ADQL_TEXT;
    case 'p':
        return type == ADQL_POINT;
    case 'm':
        return type == ADQL_MOC;
    case 'g':
        return adql_is_geometry(type);
    case 'a':
        return type == ADQL_ARRAY;
    default:
        return type != ADQL_CONDITION;
    }
}

static const char *letter_words(char letter)
{
    switch (letter) {
    case 'n':
        return "a number";
    case 'i':
        return "an integer";
    case 's':
        return "text";
    case 'l':
        return "a text literal";
    case 't':
        return "a timestamp";
    case 'p':
        return "a POINT";
    case 'm':
        return "a MOC";
    case 'g':
        return "a geometry";
    default:
        return "an array";
    }
}

/* The letter of argument i when the pattern begins at its first argument. */
static char letter_at(const char *pattern, uint32_t i)
{
    size_t len = strlen(pattern);
    if (len && pattern[len - 1] == '+')
        len--;
    return i < len ? pattern[i] : len ? pattern[len - 1] : '\0';
}

/* The first argument that does not fit, or n->nchild; *skip: 1 for a coordinate system. */
static uint32_t misfit(const struct adql_function *f, const struct adql_node *n,
                       uint32_t *skip)
{
    bool has_system = f->pattern[0] == 'c';
    const char *pattern = f->pattern + has_system;
    *skip = has_system && n->nchild && fits('l', n->child[0]);
    for (uint32_t i = *skip; i < n->nchild; i++)
        if (!fits(letter_at(pattern, i - *skip), n->child[i]))
            return i;
    return n->nchild;
}

static bool wrong_arguments(struct binder *b, const struct adql_node *n,
                            const struct adql_function *f, uint32_t noverload)
{
    char signatures[500], words[96];
    const struct adql_function *nearest = NULL;
    uint32_t skip, furthest = 0;
    function_signatures(f, noverload, signatures, sizeof signatures);
    for (uint32_t i = 0; i < noverload; i++) {
        if (!function_takes(&f[i], n->nchild))
            continue;
        uint32_t at = misfit(&f[i], n, &skip);
        if (!nearest || at > furthest) {
            nearest = &f[i];
            furthest = at;
        }
    }
    if (!nearest || furthest >= n->nchild)
        return FAIL_AT(b, n, "%s cannot be called with %u argument%s: %s", f->name,
                       n->nchild, n->nchild == 1 ? "" : "s", signatures);
    misfit(nearest, n, &skip);
    const struct adql_node *argument = n->child[furthest];
    char letter =
        letter_at(nearest->pattern + (nearest->pattern[0] == 'c'), furthest - skip);
    return FAIL_AT(b, argument, "argument %u of %s must be %s, but %s is %s: %s",
                   furthest + 1, f->name, letter_words(letter), node_words(argument, words),
                   type_phrase(argument->type), signatures);
}

static bool unknown_function(struct binder *b, const struct adql_node *n)
{
    int len = (int)(n->text.len < 80 ? n->text.len : 80);
    const struct adql_function *near = function_near(n->text);
    if (near)
        return FAIL_AT(b, n, "no function `%.*s`; did you mean %s?", len, n->text.at,
                       near->signature);
    return FAIL_AT(b, n, "no function `%.*s`; the capabilities of this service list all",
                   len, n->text.at);
}

/* True if the count is right once a coordinate system is left out. */
static bool count_fits(const struct adql_function *f, uint32_t n)
{
    const char *pattern = f->pattern + (f->pattern[0] == 'c');
    size_t len = strlen(pattern);
    bool is_open = len && pattern[len - 1] == '+';
    return is_open ? n >= len - 1 : n == len;
}

static const struct adql_function *choose(const struct adql_function *f, uint32_t noverload,
                                          const struct adql_node *n, uint32_t *skip)
{
    for (uint32_t i = 0; i < noverload; i++)
        if (misfit(&f[i], n, skip) == n->nchild && count_fits(&f[i], n->nchild - *skip))
            return &f[i];
    return NULL;
}

/* Aggregates stand outside WHERE, ON and GROUP BY, and not in each other. */
static bool enter_aggregate(struct binder *b, const struct adql_node *n)
{
    static const char *const CLAUSES[] = {
        [CLAUSE_FROM] = "ON", [CLAUSE_WHERE] = "WHERE", [CLAUSE_GROUP] = "GROUP BY"};
    struct level *l = b->level;
    if (l->in_aggregate)
        return FAIL_AT(b, n, "%.*s(...) stands inside another aggregate function",
                       STR_FMT(n->text));
    if (l->clause == CLAUSE_FROM || l->clause == CLAUSE_WHERE || l->clause == CLAUSE_GROUP)
        return FAIL_AT(b, n,
                       "%.*s(...) cannot stand in %s: conditions on aggregates go after "
                       "HAVING",
                       STR_FMT(n->text), CLAUSES[l->clause]);
    l->has_aggregate = true;
    return true;
}

/* RANGE counts in units of what is sorted by: one number, whole if the distances are to be
 * added to integers. */
static bool check_range(struct binder *b, const struct adql_window *w,
                        const struct adql_node *distance)
{
    char words[96];
    if (!distance || w->unit != ADQL_FRAME_RANGE)
        return true;
    if (w->norder != 1)
        return FAIL_AT(b, distance,
                       "RANGE with a distance needs exactly one term after ORDER BY");
    const struct adql_node *by = w->order[0].node;
    if (!adql_is_number((enum adql_type)by->type))
        return FAIL_AT(b, by, "RANGE with a distance sorts by a number, but %s is %s",
                       node_words(by, words), type_phrase(by->type));
    return distance->type != ADQL_DOUBLE || !adql_is_integer((enum adql_type)by->type) ||
           FAIL_AT(b, distance, "the distance must be a whole number as %s is one",
                   node_words(by, words));
}

static bool check_frame(struct binder *b, const struct adql_node *n)
{
    const struct adql_window *w = n->window;
    bool takes_frame = n->function->is_aggregate || n->op == ADQL_OP_first_value ||
                       n->op == ADQL_OP_last_value;
    if (w->unit != ADQL_FRAME_NONE && !takes_frame)
        return FAIL_AT(b, n,
                       "%s looks at its whole partition and takes no ROWS or RANGE: "
                       "aggregates, FIRST_VALUE and LAST_VALUE do",
                       n->function->name);
    return check_range(b, w, w->first.distance) && check_range(b, w, w->last.distance);
}

static bool bind_window(struct binder *b, struct adql_node *n)
{
    struct adql_window *w = n->window;
    struct level *l = b->level;
    if (l->clause != CLAUSE_SELECT && l->clause != CLAUSE_ORDER)
        return FAIL_AT(b, n,
                       "a function with OVER may stand only in the select list and in "
                       "ORDER BY");
    if (l->in_window || l->in_aggregate)
        return FAIL_AT(b, n, "a function with OVER cannot stand inside another one");
    l->in_window = true;
    for (uint32_t i = 0; i < w->npartition; i++)
        if (!bind_node(b, w->partition[i]))
            return false;
    for (uint32_t i = 0; i < w->norder; i++)
        if (!bind_node(b, w->order[i].node))
            return false;
    l->in_window = false;
    return true;
}

static bool bind_arguments(struct binder *b, struct adql_node *n, bool is_aggregate)
{
    bool was = b->level->in_aggregate;
    if (is_aggregate) {
        if (!enter_aggregate(b, n))
            return false;
        b->level->in_aggregate = true;
    }
    for (uint32_t i = 0; i < n->nchild; i++)
        if (!bind_node(b, n->child[i]))
            return false;
    b->level->in_aggregate = was;
    return true;
}

/* Of functions whose type follows their arguments. */
static bool result_type(struct binder *b, struct adql_node *n)
{
    enum adql_type first = n->nchild ? (enum adql_type)n->child[0]->type : ADQL_NULL;
    n->type = (uint8_t)first;
    if (n->op == ADQL_OP_sum || n->op == ADQL_OP_sum_distinct)
        n->type = adql_is_integer(first) ? ADQL_BIGINT : ADQL_DOUBLE;
    else if (n->op == ADQL_OP_mod || n->op == ADQL_OP_abs) {
        enum adql_type type =
            n->nchild == 2 ? type_common(first, (enum adql_type)n->child[1]->type) : first;
        n->type = (uint8_t)arithmetic_type(type);
    } else if (n->op == ADQL_OP_geom_transform)
        n->type = n->child[2]->type;
    else if (n->op == ADQL_OP_min || n->op == ADQL_OP_max) {
        if (adql_is_geometry(first) || first == ADQL_ARRAY)
            return FAIL_AT(b, n->child[0],
                           "%.*s(...) needs values with an order: %s has none",
                           STR_FMT(n->text), type_phrase(first));
    }
    if (n->type == ADQL_ARRAY)
        n->meta = n->child[0]->meta;
    return true;
}

/* Errors that need no row: MOD by 0, LOG(0), SQRT(-1) ... */
static bool check_domain(struct binder *b, const struct adql_node *n)
{
    double value;
    if (n->nchild == 0 || n->nchild > 2)
        return true;
    if (n->op == ADQL_OP_mod && adql_constant_number(n->child[1], &value) && value == 0)
        return FAIL_AT(b, n, "division by zero in MOD");
    if (n->function->result == ADQL_DOUBLE && adql_constant_number(n, &value) &&
        isnan(value))
        return FAIL_AT(b, n, "%.*s is not defined for this argument", STR_FMT(n->text));
    return true;
}

static void distinct_op(struct adql_node *n)
{
    static const uint16_t OPS[][2] = {{ADQL_OP_count, ADQL_OP_count_distinct},
                                      {ADQL_OP_sum, ADQL_OP_sum_distinct},
                                      {ADQL_OP_avg, ADQL_OP_avg_distinct}};
    for (size_t i = 0; n->is_distinct && i < sizeof OPS / sizeof *OPS; i++)
        if (n->op == OPS[i][0])
            n->op = OPS[i][1];
}

static bool check_window(struct binder *b, const struct adql_node *n,
                         const struct adql_function *f)
{
    if (!n->window && f->is_window)
        return FAIL_AT(b, n, "%s needs a window: %s", f->name, f->signature);
    if (n->window && !f->is_window && !f->is_aggregate)
        return FAIL_AT(b, n, "%s cannot be used with OVER", f->name);
    return true;
}

/* The overload that fits the bound arguments. */
static bool bind_overload(struct binder *b, struct adql_node *n,
                          const struct adql_function *f, uint32_t noverload)
{
    uint32_t skip = 0;
    n->function = choose(f, noverload, n, &skip);
    if (!n->function)
        return wrong_arguments(b, n, f, noverload);
    n->child += skip; /* the coordinate system says nothing (ADQL-30) */
    n->nchild -= skip;
    n->op = n->function->op;
    n->type = n->function->result;
    distinct_op(n);
    if (n->type == ADQL_UNTYPED && !result_type(b, n))
        return false;
    return check_domain(b, n) && bind_special(b, n);
}

bool bind_call(struct binder *b, struct adql_node *n)
{
    uint32_t noverload;
    const struct adql_function *f = function_find(n->text, &noverload);
    if (!f)
        return unknown_function(b, n);
    if (!check_window(b, n, f) || (n->window && !bind_window(b, n)))
        return false;
    n->is_aggregate = f->is_aggregate && !n->window;
    if (!bind_arguments(b, n, n->is_aggregate))
        return false;
    if (n->op != ADQL_OP_count_star)
        return bind_overload(b, n, f, noverload) && (!n->window || check_frame(b, n));
    n->function = f;
    n->type = ADQL_BIGINT;
    return !n->window || check_frame(b, n);
}
