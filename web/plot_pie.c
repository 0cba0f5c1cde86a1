/* plot_pie.c -- shares of values as a pie, with their numbers beside it. */
#include <math.h>

#include "web/plot.h"

enum { SIZE = 220, COLOURS = 6, LINE = 28 };

/* A kind of nucleus has one colour in all pies of a page; what else there is shares six. */
static uint32_t colour_of(const char *label, uint32_t rank)
{
    static const char *const KNOWN[] = {"p", "He", "C&O", "Si", "Fe"};
    for (uint32_t i = 0; label && i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (str_eq(str_of(label), str_of(KNOWN[i])))
            return i;
    return rank % COLOURS;
}

static void add_slice(struct bytes *b, double from, double share, uint32_t colour)
{
    const double pi = 3.14159265358979323846, c = SIZE / 2.0, r = SIZE * 0.45;
    double a = 2 * pi * from - pi / 2, z = 2 * pi * (from + share) - pi / 2;
    if (share > 0.9999)
        bytes_add_format(b,
                         "<circle class=\"slice slice%u\" cx=\"%.1f\" cy=\"%.1f\" "
                         "r=\"%.1f\"/>",
                         colour, c, c, r);
    else
        bytes_add_format(
            b,
            "<path class=\"slice slice%u\" d=\"M%.1f %.1fL%.2f %.2fA%.1f %.1f 0 "
            "%d 1 %.2f %.2fz\"/>",
            colour, c, c, c + r * cos(a), c + r * sin(a), r, r, share > 0.5, c + r * cos(z),
            c + r * sin(z));
}

void plot_write_pie(struct bytes *b, const struct plot_data *d, const char *title)
{
    double from = 0, all = d->nin > 0 ? (double)d->nin : 1;
    uint32_t height = d->ncell * LINE + 30 > SIZE ? d->ncell * LINE + 30 : SIZE;
    bytes_add_format(b,
                     "<svg class=\"plot plot-pie\" viewBox=\"0 0 %d %u\" role=\"img\" "
                     "aria-label=\"",
                     2 * SIZE, height);
    bytes_add_xml(b, str_of(title));
    bytes_add_literal(b, "\">");
    for (uint32_t i = 0; i < d->ncell; i++) {
        const char *label = d->label[d->cell[i].x];
        double share = (double)d->cell[i].n / all;
        add_slice(b, from, share, colour_of(label, i));
        from += share;
        bytes_add_format(b,
                         "<rect class=\"slice slice%u\" x=\"%d\" y=\"%u\" width=\"16\" "
                         "height=\"16\" rx=\"3\"/><text x=\"%d\" y=\"%u\">",
                         colour_of(label, i), SIZE + 18, 24 + i * LINE, SIZE + 42,
                         37 + i * LINE);
        bytes_add_xml(b, str_of(label ? label : "(NULL)"));
        bytes_add_format(b, "  %.1f %%  (%lld)</text>", 100 * share,
                         (long long)d->cell[i].n);
    }
    bytes_add_literal(b, "</svg>\n");
}
