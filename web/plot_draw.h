/* plot_draw.h -- private: axes of drawn plots. */
#ifndef WEB_PLOT_DRAW_H
#define WEB_PLOT_DRAW_H

#include "web/plot.h"

enum { PLOT_MARKS = 24, PLOT_MARK_BYTES = 32 };

struct plot_scaling { /* from values to the drawing */
    enum plot_scale scale;
    double lo, hi;   /* of a log axis: logarithms */
    double from, to; /* px */
};
double plot_place(const struct plot_scaling *, double value);

struct plot_marks {
    int n;
    double at[PLOT_MARKS]; /* values */
    char text[PLOT_MARKS][PLOT_MARK_BYTES];
};
void plot_find_marks(const struct plot_scaling *, int about, struct plot_marks *);

#endif
