/* sky.c -- which columns are a position, and what index finds them: q3c, pg_sphere, or a
 * column of HEALPix cells. */
#include <string.h>

#include "core/base/num.h"
#include "stores/postgres/listing.h"

/* --- names of columns in expressions ---------------------------------------------- */

static bool is_name_byte(char c)
{
    c = ascii_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* argument ::= { "(" } name ...; name ::= letters | '"' any '"'. Cuts the name off. */
static str take_name(const char **at)
{
    *at += strspn(*at, "( ");
    str name = {*at, 0};
    if (**at == '"') {
        name.at++;
        name.len = strcspn(name.at, "\"");
        *at = name.at + name.len + (name.at[name.len] == '"');
        return name;
    }
    while (is_name_byte(name.at[name.len]))
        name.len++;
    *at += name.len;
    return name;
}

/* Names with "$" have no place in a template, those with a quote in no comment. */
static int32_t column_called(const struct store_table *t, str name)
{
    bool is_fit = name.len > 0 && !memchr(name.at, '$', name.len);
    for (uint32_t i = 0; is_fit && i < t->ncolumn; i++)
        if (str_eq(str_of(t->column[i]->name), name))
            return (int32_t)i;
    return -1;
}

static bool is_real(const struct store_table *t, int32_t i)
{
    return i >= 0 && t->column[i]->length == 1 &&
           (t->column[i]->type == STORE_F64 || t->column[i]->type == STORE_F32);
}

static void set_position(struct store_table *t, int32_t lon, int32_t lat)
{
    t->lon_column = lon;
    t->lat_column = lat;
    ((struct store_column *)(uintptr_t)t->column[lon])->flags |= STORE_INDEXED;
    ((struct store_column *)(uintptr_t)t->column[lat])->flags |= STORE_INDEXED;
}

/* --- indexed expressions ---------------------------------------------------------- */

/* The two columns of `first` lon `second` lat. False: the expression is another. */
static bool find_pair(const struct store_table *t, const char *expression,
                      const char *first, const char *second, int32_t pair[2])
{
    const char *at = strstr(expression, first);
    if (!at)
        return false;
    at += strlen(first);
    pair[0] = column_called(t, take_name(&at));
    at = strstr(at, second);
    if (!at)
        return false;
    at += strlen(second);
    pair[1] = column_called(t, take_name(&at));
    return is_real(t, pair[0]) && is_real(t, pair[1]);
}

/* The first position that is found counts; another index on it counts too. */
static bool take_position(struct store_table *t, const int32_t pair[2])
{
    if (t->lon_column < 0)
        set_position(t, pair[0], pair[1]);
    return t->lon_column == pair[0] && t->lat_column == pair[1];
}

static const char *add_template(struct arena *arena, const char *format,
                                const struct store_table *t)
{
    struct bytes out;
    bytes_init(&out, 4096);
    for (; *format; format++) {
        if (*format == 'L' || *format == 'B') { /* lon, lat of the table */
            bytes_add_literal(&out, "$1.");
            put_name(
                &out,
                str_of(t->column[*format == 'L' ? t->lon_column : t->lat_column]->name));
        } else
            bytes_add_char(&out, *format);
    }
    const char *text = arena_text(arena, bytes_str(&out));
    bytes_free(&out);
    return text;
}

/* Greater cones are no cones to pg_sphere, and slow in q3c. */
enum { NEAR_MOST_DEG = 45 };

static void read_q3c(struct arena *arena, struct store_table *t)
{
    t->near_join = add_template(arena, "q3c_join($2, $3, L, B, $4)", t);
    if (!t->near_cone)
        t->near_cone = add_template(arena, "q3c_radial_query(L, B, $2, $3, $4)", t);
    t->near_most_deg = NEAR_MOST_DEG;
}

static void read_sphere(struct arena *arena, struct store_table *t, const char *column)
{
    const char *cone = " <@ scircle(spoint(radians($2), radians($3)), radians($4)))";
    const char *point =
        column ? arena_format(arena, "($1.%s", column) : "(spoint(radians(L), radians(B))";
    const char *text = point ? arena_format(arena, "%s%s", point, cone) : NULL;
    if (!text || (column && strchr(column, '$')))
        return;
    t->near_cone = column ? text : add_template(arena, text, t);
    if (!t->near_join)
        t->near_join = t->near_cone;
    t->near_most_deg = NEAR_MOST_DEG;
}

void sky_read_index(struct arena *arena, struct store_table *t, const char *expression,
                    const char *column)
{
    int32_t pair[2];
    if (find_pair(t, expression, "q3c_ang2ipix(", ",", pair) && !column) {
        if (take_position(t, pair))
            read_q3c(arena, t);
    } else if (find_pair(t, expression, "spoint(radians(", "radians(", pair) &&
               take_position(t, pair))
        read_sphere(arena, t, column);
}

/* --- HEALPix columns -------------------------------------------------------------- */

/* comment ::= ... HEALPix ... order N ... "lon" ... "lat" ... */
static bool read_comment(const struct store_table *t, const char *comment, int64_t *order,
                         int32_t pair[2])
{
    const char *at = comment ? strstr(comment, "HEALPix") : NULL;
    at = at && strstr(at, "NESTED") ? strstr(at, "order ") : NULL;
    if (!at)
        return false;
    at += strlen("order ");
    if (!num_parse_int((str){at, strspn(at, "0123456789")}, order) || *order > 29)
        return false;
    for (int i = 0; i < 2; i++) {
        at = strchr(at, '"');
        pair[i] = at ? column_called(t, take_name(&at)) : -1;
        if (!is_real(t, pair[i]))
            return false;
    }
    return true;
}

void sky_find_healpix(struct store_table *t)
{
    int64_t order;
    int32_t pair[2];
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        const struct store_column *c = t->column[i];
        if (c->type != STORE_I64 || c->length != 1 || !(c->flags & STORE_INDEXED) ||
            !read_comment(t, c->description, &order, pair) || !take_position(t, pair))
            continue;
        t->hpx_column = (int32_t)i;
        t->hpx_order = (int32_t)order;
        return;
    }
}
