/* bind_spectral.c -- gavo_specconv, ivo_specconv (LineTAP draft): wavelengths, frequencies
 * and photon energies into each other. The node works out one constant; the store
 * multiplies or divides by it. */
#include <stdio.h>

#include "adql/bind.h"

static const double LIGHT_M_S = 299792458, PLANCK_J_S = 6.62607015e-34;

enum quantity { LENGTH, FREQUENCY, ENERGY };

/* What the unit measures, and its size in m, Hz or J. */
static bool measure(str unit, enum quantity *quantity, double *size)
{
    static const char *const UNITS[] = {"m", "Hz", "J"};
    for (int i = 0; i < 3; i++) {
        struct err ignored = {0};
        if (unit.len && unit_factor(unit, str_of(UNITS[i]), size, &ignored)) {
            *quantity = (enum quantity)i;
            return true;
        }
    }
    return false;
}

/* The frequency in Hz of one such unit. */
static double in_hertz(enum quantity quantity, double size)
{
    return quantity == LENGTH   ? LIGHT_M_S / size
           : quantity == ENERGY ? size / PLANCK_J_S
                                : size;
}

static bool no_such_unit(struct binder *b, const struct adql_node *place, str unit)
{
    return FAIL_AT(b, place,
                   "\"%.*s\" is no unit of a wavelength, a frequency or an energy",
                   (int)(unit.len < 60 ? unit.len : 60), unit.at);
}

/* (value, [from,] to): the node becomes value * k or k / value. */
bool bind_spectral(struct binder *b, struct adql_node *n)
{
    struct adql_node *value = n->child[0], *target = n->child[n->nchild - 1];
    const struct adql_node *source = n->nchild == 3 ? n->child[1] : value;
    str from =
        n->nchild == 3 ? source->text : str_of(value->meta ? value->meta->unit : NULL);
    enum quantity quantity[2];
    double size[2];
    if (!measure(from, &quantity[0], &size[0]))
        return no_such_unit(b, source, from);
    if (!measure(target->text, &quantity[1], &size[1]))
        return no_such_unit(b, target, target->text);

    double hertz[2] = {in_hertz(quantity[0], size[0]), in_hertz(quantity[1], size[1])};
    /* A frequency is value * hertz[0], or hertz[0] / value of a length; the result
     * likewise. */
    bool is_inverse = (quantity[0] == LENGTH) != (quantity[1] == LENGTH);
    double factor = quantity[1] == LENGTH ? hertz[1] / hertz[0] : hertz[0] / hertz[1];
    struct adql_node *constant = adql_new_double(b->arena, factor);
    struct adql_node **child = arena_new_array(b->arena, struct adql_node *, 2);
    if (!constant || !child)
        return bind_no_memory(b);
    child[0] = is_inverse ? constant : value;
    child[1] = is_inverse ? value : constant;
    n->child = child;
    n->nchild = 2;
    n->op = is_inverse ? ADQL_OP_div_float : ADQL_OP_mul;
    n->text = (str){NULL, 0};
    n->function = NULL;
    return true;
}
