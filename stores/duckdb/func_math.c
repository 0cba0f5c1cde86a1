/* func_math.c -- the functions of ADQL 2.1, "Mathematical and Trigonometrical functions",
 * whose domain errors DuckDB reports and we make NULL. */
#include <math.h>

#include "stores/duckdb/func.h"

static double square_root(double x)
{
    return x < 0 ? NAN : sqrt(x);
}

static double natural_log(double x)
{
    return x <= 0 ? NAN : log(x);
}

static double decimal_log(double x)
{
    return x <= 0 ? NAN : log10(x);
}

static double cotangent(double x)
{
    return x == 0 ? NAN : 1 / tan(x);
}

/* The pole of a negative power of zero is a domain error too; overflow is infinity. */
static bool power(struct func_run *run, const struct cell *x, struct cell *result)
{
    (void)run;
    result->d = pow(x[0].d, x[1].d);
    bool has_nan = isnan(x[0].d) || isnan(x[1].d);
    bool is_pole = x[0].d == 0 && x[1].d < 0;
    result->is_null = is_pole || (isnan(result->d) && !has_nan);
    return true;
}

/* Touching counts; an interval whose bounds are reversed overlaps nothing. */
static bool interval_overlaps(struct func_run *run, const struct cell *x,
                              struct cell *result)
{
    (void)run;
    double a1 = x[0].d, b1 = x[1].d, a2 = x[2].d, b2 = x[3].d;
    result->i = a1 <= b1 && a2 <= b2 && a1 <= b2 && a2 <= b1;
    return true;
}

const struct func func_math[] = {
    {.name = "adql_sqrt", .signature = "d>d", .real = square_root},
    {.name = "adql_log", .signature = "d>d", .real = natural_log},
    {.name = "adql_log10", .signature = "d>d", .real = decimal_log},
    {.name = "adql_acos", .signature = "d>d", .real = acos},
    {.name = "adql_asin", .signature = "d>d", .real = asin},
    {.name = "adql_cos", .signature = "d>d", .real = cos},
    {.name = "adql_sin", .signature = "d>d", .real = sin},
    {.name = "adql_tan", .signature = "d>d", .real = tan},
    {.name = "adql_cot", .signature = "d>d", .real = cotangent},
    {.name = "adql_power", .signature = "dd>d", .row = power},
    {.name = "adql_interval_overlaps", .signature = "dddd>i", .row = interval_overlaps},
};
const size_t func_math_n = sizeof func_math / sizeof *func_math;
