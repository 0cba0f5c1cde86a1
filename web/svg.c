/* svg.c -- see svg.h: histograms and the diagram of keys. */
#include "web/svg.h"

#include <stdio.h>

void svg_bars(struct bytes *b, const int64_t *bin, uint32_t nbin, int width, int height,
              const char *label)
{
    int64_t most = 1;
    for (uint32_t i = 0; i < nbin; i++)
        most = bin[i] > most ? bin[i] : most;
    bytes_add_format(b,
                     "<svg class=\"bars\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                     "height=\"%d\" preserveAspectRatio=\"none\" ",
                     width, height, width, height);
    if (label) {
        bytes_add_literal(b, "role=\"img\" aria-label=\"");
        bytes_add_xml(b, str_of(label));
        bytes_add_literal(b, "\"><path d=\"");
    } else {
        bytes_add_literal(b, "aria-hidden=\"true\"><path d=\"");
    }
    double step = (double)width / (nbin ? nbin : 1);
    for (uint32_t i = 0; i < nbin; i++) {
        double h = (double)bin[i] / (double)most * height;
        if (bin[i] > 0)
            bytes_add_format(b, "M%.4g %dv-%.3gh%.4gV%dz", i * step, height, h < 1 ? 1 : h,
                             step * 0.9, height);
    }
    bytes_add_literal(b, "\"/></svg>");
}

/* ---- keys ---- */

enum { BOX_WIDTH = 220, BOX_HEIGHT = 40, ROW = 56, WIDTH = 780, GAP = 60, NAME_MOST = 28 };

static void add_name(struct bytes *b, const char *name, size_t most)
{
    str s = str_of(name);
    if (s.len <= most) {
        bytes_add_xml(b, s);
        return;
    }
    for (s.len = most - 1; s.len && ((unsigned char)s.at[s.len] & 0xC0) == 0x80; s.len--) {
    }
    bytes_add_xml(b, s);
    bytes_add_literal(b, "\xE2\x80\xA6");
}

static void add_box(struct bytes *b, int x, int y, const struct svg_box *box, bool is_own)
{
    if (box->url) {
        bytes_add_literal(b, "<a href=\"");
        bytes_add_xml(b, str_of(box->url));
        bytes_add_literal(b, "\">");
    }
    bytes_add_format(b,
                     "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                     "rx=\"6\"/>",
                     is_own ? "own" : "box", x, y, BOX_WIDTH, BOX_HEIGHT);
    bytes_add_format(b, "<text x=\"%d\" y=\"%d\">", x + BOX_WIDTH / 2,
                     y + (box->by ? BOX_HEIGHT / 2 - 2 : BOX_HEIGHT / 2 + 5));
    add_name(b, box->name, NAME_MOST);
    bytes_add_literal(b, "</text>");
    if (box->by) {
        bytes_add_format(b, "<text class=\"by\" x=\"%d\" y=\"%d\">", x + BOX_WIDTH / 2,
                         y + BOX_HEIGHT / 2 + 13);
        add_name(b, box->by, NAME_MOST + 6);
        bytes_add_literal(b, "</text>");
    }
    bytes_add(b, box->url ? STR("</a>") : STR(""));
}

/* From one side of a box to another box: bent once, with its head at the end. */
static void add_arrow(struct bytes *b, int x1, int y1, int x2, int y2)
{
    int middle = (x1 + x2) / 2;
    bytes_add_format(b,
                     "<path class=\"arrow\" d=\"M%d %dC%d %d %d %d %d %d\" "
                     "marker-end=\"url(#head)\"/>",
                     x1, y1, middle, y1, middle, y2, x2 - 6, y2);
}

void svg_keys(struct bytes *b, const char *name, const struct svg_box *left, uint32_t nleft,
              const struct svg_box *right, uint32_t nright)
{
    uint32_t most = nleft > nright ? nleft : nright;
    int height = (int)(most ? most : 1) * ROW, centre = height / 2;
    int x_own = nleft ? (WIDTH - BOX_WIDTH) / 2 : 0, x_right = x_own + BOX_WIDTH + GAP;
    int width = nright ? x_right + BOX_WIDTH : x_own + BOX_WIDTH;
    bytes_add_format(
        b,
        "<svg class=\"keys%s\" viewBox=\"-2 -2 %d %d\" width=\"%d\" role=\"group\" "
        "aria-label=\"Tables that it joins\"><defs><marker id=\"head\" "
        "viewBox=\"0 0 8 8\" refX=\"2\" refY=\"4\" markerWidth=\"8\" "
        "markerHeight=\"8\" orient=\"auto\"><path class=\"head\" d=\"M0 "
        "0L8 4L0 8z\"/></marker></defs>",
        nleft && nright ? "" : " narrow", width + 4, height + 4, width + 4);
    for (uint32_t i = 0; i < nleft; i++) {
        int y = (int)(i * 2 + 1) * height / (int)(nleft * 2);
        add_arrow(b, BOX_WIDTH, y, x_own, centre);
        add_box(b, 0, y - BOX_HEIGHT / 2, &left[i], false);
    }
    for (uint32_t i = 0; i < nright; i++) {
        int y = (int)(i * 2 + 1) * height / (int)(nright * 2);
        add_arrow(b, x_own + BOX_WIDTH, centre, x_right, y);
        add_box(b, x_right, y - BOX_HEIGHT / 2, &right[i], false);
    }
    const struct svg_box own = {name, NULL, NULL};
    add_box(b, x_own, centre - BOX_HEIGHT / 2, &own, true);
    bytes_add_literal(b, "</svg>\n");
}
