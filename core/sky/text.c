/* text.c -- regions from text: DALI's shapes, SIA and SODA's POS, STC-S and ASCII MOCs. One
 * grammar for all; what an xtype does not allow is refused with the place and a reason.
 *
 *   regions    region { region }                                 several are a union
 *   region     WORD { frame | refpos | flavor } numbers [ "unit" "deg" ]
 *            | ("union" | "intersection" | "difference" | "not") { frame ... } "(" regions
 * ")" | "moc" ASCII-MOC                                    at the end of the text */
#include "core/sky/sky.h"

#include <stdio.h>

#include "core/base/num.h"
#include "core/sky/private.h"

struct parser {
    struct arena *arena;
    str text;
    size_t at;
    enum sky_frame frame;
    bool is_dali; /* only words and forms of DALI's shape */
    int depth;
    struct err *e;
};

typedef const struct sky_region *build_fn(struct parser *, const double *, size_t);

static bool text_error(struct parser *p, size_t at, enum err_kind kind, const char *what)
{
    int line = 1, column = 1;
    for (size_t i = 0; i < at && i < p->text.len; i++) {
        column = p->text.at[i] == '\n' ? 1 : column + 1;
        line += p->text.at[i] == '\n';
    }
    return err_set_at(p->e, kind, line, column, "region text, character %zu: %s", at + 1,
                      what);
}

/* --- tokens
 * -------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

static void skip_blanks(struct parser *p)
{
    while (p->at < p->text.len && is_blank(p->text.at[p->at]))
        p->at++;
}

static bool is_at_end(struct parser *p)
{
    skip_blanks(p);
    return p->at >= p->text.len;
}

static bool is_letter(char c)
{
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

/* The word or number at hand, without taking it; empty at the end and at parentheses. */
static str peek(struct parser *p)
{
    skip_blanks(p);
    size_t end = p->at;
    while (end < p->text.len && !is_blank(p->text.at[end]) && p->text.at[end] != '(' &&
           p->text.at[end] != ')')
        end++;
    return (str){p->text.at + p->at, end - p->at};
}

static bool is_word(str token)
{
    return token.len > 0 && is_letter(token.at[0]);
}

static bool accept_char(struct parser *p, char c)
{
    skip_blanks(p);
    if (p->at >= p->text.len || p->text.at[p->at] != c)
        return false;
    p->at++;
    return true;
}

static bool accept_word(struct parser *p, const char *word)
{
    str token = peek(p);
    if (!str_eq_fold(token, str_of(word)))
        return false;
    p->at += token.len;
    return true;
}

static size_t count_numbers(const struct parser *p)
{
    struct parser ahead = *p;
    size_t n = 0;
    for (str token; (token = peek(&ahead)).len > 0 && !is_word(token); n++)
        ahead.at += token.len;
    return n;
}

static bool read_numbers(struct parser *p, double *value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        str token = peek(p);
        bool is_open = str_eq_fold(token, STR("-Inf")) || str_eq_fold(token, STR("+Inf"));
        if (!num_parse_double(token, &value[i]) || (!is_open && !isfinite(value[i])))
            return text_error(p, p->at, ERR_USAGE, "expected a number");
        p->at += token.len;
    }
    return true;
}

/* --- shapes
 * -------------------------------------------------------------------------------- */

static const struct sky_region *build_point(struct parser *p, const double *v, size_t n)
{
    (void)n;
    return sky_region_point(p->arena, v[0], v[1], p->e);
}

static const struct sky_region *build_circle(struct parser *p, const double *v, size_t n)
{
    (void)n;
    return sky_region_circle(p->arena, v[0], v[1], v[2], p->e);
}

static const struct sky_region *build_ellipse(struct parser *p, const double *v, size_t n)
{
    (void)n;
    return sky_region_ellipse(p->arena, v[0], v[1], v[2], v[3], v[4], p->e);
}

static const struct sky_region *build_box(struct parser *p, const double *v, size_t n)
{
    (void)n;
    return sky_region_box(p->arena, v[0], v[1], v[2], v[3], p->e);
}

static const struct sky_region *build_polygon(struct parser *p, const double *v, size_t n)
{
    return sky_region_polygon(p->arena, v, n / 2, p->e);
}

static const struct sky_region *build_range(struct parser *p, const double *v, size_t n)
{
    (void)n;
    return sky_region_range(p->arena, v[0], v[1], v[2], v[3], p->e);
}

/* STC-S gives two corners. */
static const struct sky_region *build_interval(struct parser *p, const double *v, size_t n)
{
    (void)n;
    return sky_region_range(p->arena, v[0], v[2], v[1], v[3], p->e);
}

static const struct sky_region *build_all(struct parser *p, const double *v, size_t n)
{
    (void)v, (void)n;
    return sky_region_all(p->arena, p->e);
}

enum { ANY_PAIRS = -1 };

static const struct shape {
    const char *word;
    build_fn *build;
    int nnumber;
    bool is_dali;
    const char *form;
} shapes[] = {
    {"circle", build_circle, 3, true, "a circle is: longitude latitude radius"},
    {"polygon", build_polygon, ANY_PAIRS, true,
     "a polygon is: at least three pairs of longitude latitude"},
    {"range", build_range, 4, true, "a range is: lonmin lonmax latmin latmax"},
    {"point", build_point, 2, false, "a point is: longitude latitude"},
    {"position", build_point, 2, false, "a position is: longitude latitude"},
    {"ellipse", build_ellipse, 5, false,
     "an ellipse is: longitude latitude semi-major semi-minor position-angle"},
    {"box", build_box, 4, false, "a box is: longitude latitude width height"},
    {"positioninterval", build_interval, 4, false,
     "a position interval is: lonmin latmin lonmax latmax"},
    {"allsky", build_all, 0, false, "AllSky has no numbers"},
};

/* Reference positions and flavors of STC-S; they change nothing here. */
static const char *const ignored[] = {
    "barycenter",      "geocenter",   "topocenter", "heliocenter", "embarycenter",
    "unknownrefpos",   "relocatable", "lsr",        "lsrk",        "lsrd",
    "galactic_center", "spherical2",  "cartesian2",
};

static void read_frame(struct parser *p, enum sky_frame *frame)
{
    for (;;) {
        str token = peek(p);
        bool is_known = sky_frame_parse(token, true, frame);
        for (size_t i = 0; i < sizeof ignored / sizeof *ignored && !is_known; i++)
            is_known = str_eq_fold(token, str_of(ignored[i]));
        if (!is_known || p->is_dali)
            return;
        p->at += token.len;
    }
}

static bool read_unit(struct parser *p)
{
    if (p->is_dali || !accept_word(p, "unit"))
        return true;
    size_t at = p->at;
    if (!accept_word(p, "deg"))
        return text_error(p, at, ERR_USAGE, "only the unit deg is understood");
    while (accept_word(p, "deg"))
        ;
    return true;
}

/* The numbers of a shape, built, turned to ICRS. The builder's own errors get the place. */
static const struct sky_region *build_shape(struct parser *p, const struct shape *shape,
                                            enum sky_frame frame, size_t start)
{
    size_t n = count_numbers(p);
    bool is_right =
        shape->nnumber == ANY_PAIRS ? n >= 6 && n % 2 == 0 : n == (size_t)shape->nnumber;
    if (!is_right || n > 2 * SKY_VERTEX_MAX + 2) {
        char what[160];
        snprintf(what, sizeof what, "%s; here are %zu numbers", shape->form, n);
        text_error(p, start, ERR_USAGE, what);
        return NULL;
    }
    double *value = arena_new_array(p->arena, double, n + 1);
    if (!value) {
        text_error(p, start, ERR_LIMIT, "no memory for this shape");
        return NULL;
    }
    if (!read_numbers(p, value, n) || !read_unit(p))
        return NULL;
    struct err inner = {0}, *outer = p->e;
    p->e = &inner;
    const struct sky_region *region = shape->build(p, value, n);
    if (region)
        region = sky_region_transform(p->arena, frame, SKY_ICRS, region, &inner);
    p->e = outer;
    if (!region)
        text_error(p, start, inner.kind, inner.message);
    return region;
}

/* --- combinations
 * --------------------------------------------------------------------------- */

static const struct sky_region *parse_region(struct parser *);

struct children {
    const struct sky_region **at;
    size_t n, capacity;
};

static bool add_child(struct parser *p, struct children *children,
                      const struct sky_region *region)
{
    if (children->n == children->capacity) {
        size_t capacity = children->capacity ? 2 * children->capacity : 8;
        const struct sky_region **at =
            capacity <= SKY_CHILD_MAX
                ? arena_new_array(p->arena, const struct sky_region *, capacity)
                : NULL;
        if (!at)
            return text_error(p, p->at, ERR_LIMIT, "too many regions in one text");
        for (size_t i = 0; i < children->n; i++)
            at[i] = children->at[i];
        children->at = at;
        children->capacity = capacity;
    }
    children->at[children->n++] = region;
    return true;
}

/* Up to the closing parenthesis, or to the end of the text. */
static bool parse_regions(struct parser *p, bool until_parenthesis, struct children *out)
{
    for (;;) {
        if (until_parenthesis ? accept_char(p, ')') : is_at_end(p))
            return true;
        if (is_at_end(p))
            return text_error(p, p->at, ERR_USAGE, "expected ) before the end");
        const struct sky_region *region = parse_region(p);
        if (!region || !add_child(p, out, region))
            return false;
    }
}

static const struct sky_region *combine(struct parser *p, enum sky_shape shape,
                                        const struct children *children)
{
    return sky_region_combine(p->arena, shape, children->at, children->n, p->e);
}

static const struct combination {
    const char *word;
    enum sky_shape shape;
    size_t least, most;
    const char *form;
} combinations[] = {
    {"union", SKY_UNION, 1, SKY_CHILD_MAX, "Union is: ( region region ... )"},
    {"intersection", SKY_INTERSECTION, 1, SKY_CHILD_MAX,
     "Intersection is: ( region region ... )"},
    {"difference", SKY_INTERSECTION, 2, 2, "Difference is: ( region region )"},
    {"not", SKY_NOT, 1, 1, "Not is: ( region )"},
};

/* a without b is a and not b. */
static bool negate_second(struct parser *p, struct children *children)
{
    children->at[1] = sky_region_combine(p->arena, SKY_NOT, &children->at[1], 1, p->e);
    return children->at[1] != NULL;
}

static const struct sky_region *
parse_combination(struct parser *p, const struct combination *combination, size_t start)
{
    struct children children = {0};
    enum sky_frame outer = p->frame;
    bool ok = false;
    if (++p->depth > SKY_DEPTH_MAX) {
        text_error(p, start, ERR_LIMIT, "regions are nested too deep (16 is the limit)");
        return NULL;
    }
    read_frame(p, &p->frame);
    if (accept_char(p, '('))
        ok = parse_regions(p, true, &children);
    else if (combination->shape == SKY_NOT) {
        const struct sky_region *region = parse_region(p);
        ok = region && add_child(p, &children, region);
    } else
        text_error(p, p->at, ERR_USAGE, "expected ( here");
    p->frame = outer;
    p->depth--;
    if (!ok)
        return NULL;
    if (children.n < combination->least || children.n > combination->most) {
        text_error(p, start, ERR_USAGE, combination->form);
        return NULL;
    }
    if (combination->least == 2 && !negate_second(p, &children))
        return NULL;
    return combine(p, combination->shape, &children);
}

static const struct sky_region *parse_moc(struct parser *p)
{
    str rest = {p->text.at + p->at, p->text.len - p->at};
    const struct sky_moc *moc = sky_moc_parse(p->arena, rest, p->e);
    p->at = p->text.len;
    return moc ? sky_region_of_moc(p->arena, moc, p->e) : NULL;
}

static const struct sky_region *unknown_word(struct parser *p, size_t start)
{
    text_error(p, start, ERR_USAGE,
               p->is_dali ? "expected circle, polygon or range"
                          : "expected a shape: point, circle, polygon, range, position, "
                            "ellipse, box, positioninterval, allsky, union, intersection, "
                            "difference, not, or moc");
    return NULL;
}

static const struct sky_region *parse_region(struct parser *p)
{
    str word = peek(p);
    size_t start = p->at;
    p->at += word.len;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (str_eq_fold(word, str_of(shapes[i].word)) &&
            (shapes[i].is_dali || !p->is_dali)) {
            enum sky_frame frame = p->frame;
            read_frame(p, &frame);
            return build_shape(p, &shapes[i], frame, start);
        }
    for (size_t i = 0; i < sizeof combinations / sizeof *combinations && !p->is_dali; i++)
        if (str_eq_fold(word, str_of(combinations[i].word)))
            return parse_combination(p, &combinations[i], start);
    if (str_eq_fold(word, STR("moc")) && !p->is_dali && p->depth == 0)
        return parse_moc(p);
    return unknown_word(p, start);
}

/* --- entries
 * ---------------------------------------------------------------------------------- */

static const struct sky_region *parse_all(struct parser *p, bool may_be_many)
{
    struct children children = {0};
    if (!parse_regions(p, false, &children))
        return NULL;
    if (children.n == 0) {
        unknown_word(p, 0);
        return NULL;
    }
    if (children.n > 1 && !may_be_many) {
        text_error(p, p->at, ERR_USAGE, "only one shape is allowed here");
        return NULL;
    }
    return children.n == 1 ? children.at[0] : combine(p, SKY_UNION, &children);
}

/* Bare numbers; the shape's word before them is let pass. */
static const struct sky_region *parse_bare(struct parser *p, const char *word)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (strcmp(shapes[i].word, word) != 0)
            continue;
        accept_word(p, word);
        skip_blanks(p);
        const struct sky_region *region = build_shape(p, &shapes[i], SKY_ICRS, p->at);
        if (region && !is_at_end(p)) {
            text_error(p, p->at, ERR_USAGE, shapes[i].form);
            return NULL;
        }
        return region;
    }
    return NULL;
}

/* Digits and a slash, perhaps after an s, begin a MOC. */
static bool looks_like_moc(str text)
{
    text = str_trim(text);
    size_t i = text.len && ascii_lower(text.at[0]) == 's' ? 1 : 0;
    while (i < text.len &&
           (is_blank(text.at[i]) || (text.at[i] >= '0' && text.at[i] <= '9')))
        i++;
    return i > 0 && i < text.len && text.at[i] == '/';
}

const struct sky_region *sky_region_parse(struct arena *arena, enum sky_xtype xtype,
                                          str text, struct err *e)
{
    static const char *const word[] = {"point", "circle", "polygon", "range"};
    struct parser p = {.arena = arena, .text = text, .e = e};
    switch (xtype) {
    case SKY_XTYPE_SHAPE:
    case SKY_XTYPE_MULTISHAPE:
        p.is_dali = true;
        return parse_all(&p, xtype == SKY_XTYPE_MULTISHAPE);
    case SKY_XTYPE_MOC:
        return parse_moc(&p);
    case SKY_XTYPE_REGION:
        return looks_like_moc(text) ? parse_moc(&p) : parse_all(&p, true);
    default:
        return parse_bare(&p, word[xtype]);
    }
}

const struct sky_region *sky_region_of_numbers(struct arena *arena, enum sky_xtype xtype,
                                               const double *value, size_t n, struct err *e)
{
    if (xtype == SKY_XTYPE_POINT && n == 2)
        return sky_region_point(arena, value[0], value[1], e);
    if (xtype == SKY_XTYPE_CIRCLE && n == 3)
        return sky_region_circle(arena, value[0], value[1], value[2], e);
    if (xtype == SKY_XTYPE_POLYGON && n >= 6 && n % 2 == 0)
        return sky_region_polygon(arena, value, n / 2, e);
    if (xtype == SKY_XTYPE_RANGE && n == 4)
        return sky_region_range(arena, value[0], value[1], value[2], value[3], e);
    err_set(
        e, ERR_USAGE,
        "%zu numbers make no such shape: a point has 2, a circle 3, a range 4, a polygon "
        "6 or more in pairs",
        n);
    return NULL;
}
