/* constant.c -- the value of numeric expressions that no row changes. */
#include <math.h>

#include "adql/adql.h"

static const double DEGREE = 0.017453292519943295769;

static double one(enum adql_op op, double x)
{
    switch (op) {
    case ADQL_OP_neg:
        return -x;
    case ADQL_OP_pos:
    case ADQL_OP_cast_double:
        return x;
    case ADQL_OP_abs:
        return fabs(x);
    case ADQL_OP_ceiling:
        return ceil(x);
    case ADQL_OP_floor:
        return floor(x);
    case ADQL_OP_degrees:
        return x / DEGREE;
    case ADQL_OP_radians:
        return x * DEGREE;
    case ADQL_OP_exp:
        return exp(x);
    case ADQL_OP_log:
        return x > 0 ? log(x) : NAN;
    case ADQL_OP_log10:
        return x > 0 ? log10(x) : NAN;
    case ADQL_OP_sqrt:
        return sqrt(x);
    case ADQL_OP_acos:
        return acos(x);
    case ADQL_OP_asin:
        return asin(x);
    case ADQL_OP_atan:
        return atan(x);
    case ADQL_OP_cos:
        return cos(x);
    case ADQL_OP_cot:
        return 1 / tan(x);
    case ADQL_OP_sin:
        return sin(x);
    case ADQL_OP_tan:
        return tan(x);
    case ADQL_OP_round:
        return round(x);
    case ADQL_OP_truncate:
        return trunc(x);
    default:
        return INFINITY; /* no such operation here */
    }
}

static double two(enum adql_op op, double x, double y)
{
    switch (op) {
    case ADQL_OP_add:
        return x + y;
    case ADQL_OP_sub:
        return x - y;
    case ADQL_OP_mul:
        return x * y;
    case ADQL_OP_div_float:
        return y == 0 ? NAN : x / y;
    case ADQL_OP_div_int:
        return y == 0 ? NAN : trunc(x / y);
    case ADQL_OP_mod:
        return y == 0 ? NAN : fmod(x, y);
    case ADQL_OP_power:
        return pow(x, y);
    case ADQL_OP_atan2:
        return atan2(x, y);
    default:
        return INFINITY;
    }
}

static bool constant_literal(const struct adql_node *n, double *value)
{
    if (!adql_is_number((enum adql_type)n->type))
        return false;
    *value = n->type == ADQL_DOUBLE ? n->number : (double)n->integer;
    return true;
}

/* NaN (a domain error) counts as a value: the binder tells the user. */
bool adql_constant_number(const struct adql_node *n, double *value)
{
    double x, y;
    if (n->kind == ADQL_LITERAL)
        return constant_literal(n, value);
    if (n->kind != ADQL_CALL || n->nchild > 2)
        return false;
    if (n->nchild == 0) {
        *value = 3.14159265358979323846;
        return n->op == ADQL_OP_pi;
    }
    if (!adql_constant_number(n->child[0], &x))
        return false;
    if (n->nchild == 2 && !adql_constant_number(n->child[1], &y))
        return false;
    *value = n->nchild == 1 ? one((enum adql_op)n->op, x) : two((enum adql_op)n->op, x, y);
    return !isinf(*value);
}
