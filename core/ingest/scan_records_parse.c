/* scan_records_parse.c -- the section `records` of a template: a layout that is whole and
 * lies within its records, or a word about what is wrong, where. */
#include <stdio.h>

#include "core/ingest/scan_reader.h"
#include "core/ingest/scan_records.h"

enum { HEADER_MAX = 1 << 30, SIZE_MAX_BYTES = 16 << 20, FIELDS_MAX = 1000, PARTS_MAX = 64 };

static bool read_whole(struct reader *r, const struct yaml_node *node, const char *key,
                       int64_t least, int64_t most, int64_t *out)
{
    char what[96];
    snprintf(what, sizeof what, "must be a whole number from %lld to %lld",
             (long long)least, (long long)most);
    return (yaml_int(node, out) && *out >= least && *out <= most) ||
           complain(r, node, what, key);
}

static bool has_only(struct reader *r, const struct yaml_node *map, const char *const *key,
                     const char *known)
{
    for (uint32_t i = 0; i < map->nitem; i++) {
        const struct yaml_node *own = yaml_key(map, i);
        size_t k = 0;
        while (key[k] && !str_eq(own->text, str_of(key[k])))
            k++;
        if (!key[k])
            return complain(r, own, known, own->text.at);
    }
    return true;
}

/* --- parts ---------------------------------------------------------------------------- */

static bool read_type(struct reader *r, const struct yaml_node *node, struct scan_part *p)
{
    static const char *const TYPES[] = {"u1", "u2", "u4", "u8", "i1",
                                        "i2", "i4", "i8", "f4", "f8"};
    const char *text = yaml_text(node);
    for (size_t i = 0; text && i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(text, TYPES[i]) == 0) {
            p->kind = text[0];
            p->width = (uint8_t)(text[1] - '0');
            return true;
        }
    return complain(r, node, "must be one of u1 u2 u4 u8 i1 i2 i4 i8 f4 f8", "type");
}

static bool read_bits(struct reader *r, const struct yaml_node *node, struct scan_part *p)
{
    int64_t first, n;
    if (node->kind == YAML_LIST && node->nitem == 2 && yaml_int(&node->item[0], &first) &&
        yaml_int(&node->item[1], &n) && first >= 0 && n > 0 && first < 64 && n <= 64) {
        p->first_bit = (uint8_t)first;
        p->nbit = (uint8_t)n;
        return true;
    }
    return complain(r, node, "must be [the lowest bit, how many]", "bits");
}

static bool read_part_key(struct reader *r, const char *key, const struct yaml_node *node,
                          struct scan_part *p)
{
    if (strcmp(key, "type") == 0)
        return read_type(r, node, p);
    if (strcmp(key, "at") == 0)
        return read_whole(r, node, key, 0, r->size - 1, &p->at);
    if (strcmp(key, "bits") == 0)
        return read_bits(r, node, p);
    if (strcmp(key, "factor") == 0)
        return yaml_double(node, &p->factor) || complain(r, node, "must be a number", key);
    return true; /* of the field */
}

static bool read_part(struct reader *r, const struct yaml_node *map, struct scan_part *p)
{
    for (uint32_t i = 0; i < map->nitem; i++)
        if (!read_part_key(r, yaml_key(map, i)->text.at, yaml_value(map, i), p))
            return false;
    if (!p->kind)
        return complain(r, map, "needs a type", "a field");
    if (p->nbit && (p->kind == 'f' || p->first_bit + p->nbit > 8 * p->width))
        return complain(r, map, "has bits beyond its type", "a field");
    return true;
}

static bool read_parts(struct reader *r, const struct yaml_node *list,
                       const struct scan_part *whole, struct scan_record_field *f)
{
    static const char *const KEYS[] = {"type", "at", "bits", "factor", NULL};
    if (list->kind != YAML_LIST || list->nitem < 1 || list->nitem > PARTS_MAX)
        return complain(r, list, "must be a list of 1 to 64", "parts");
    f->part = arena_new_array(r->arena, struct scan_part, list->nitem);
    for (uint32_t i = 0; f->part && i < list->nitem; i++) {
        struct scan_part *p = &f->part[f->npart++];
        *p = *whole; /* what the field says holds for all its parts */
        if (list->item[i].kind != YAML_MAP)
            return complain(r, &list->item[i], "must be a map", "a part");
        if (!has_only(r, &list->item[i], KEYS,
                      "is not known here; there are: type at bits factor") ||
            !read_part(r, &list->item[i], p))
            return false;
    }
    return f->part || no_memory(r);
}

/* --- fields --------------------------------------------------------------------------- */

static bool lies_within(struct reader *r, const struct yaml_node *at,
                        const struct scan_record_field *f)
{
    for (uint32_t i = 0; i < f->npart; i++)
        if (f->part[i].at + f->part[i].width + (f->count - 1) * f->step > r->size)
            return complain(r, at, "reaches beyond the record", f->name);
    return true;
}

static bool read_one_part(struct reader *r, const struct yaml_node *map,
                          const struct scan_part *whole, struct scan_record_field *f)
{
    f->part = arena_new_one(r->arena, struct scan_part);
    if (!f->part)
        return no_memory(r);
    *f->part = *whole;
    f->npart = 1;
    return read_part(r, map, f->part);
}

static bool read_field(struct reader *r, const struct yaml_node *map,
                       struct scan_record_field *f)
{
    static const char *const KEYS[] = {"type", "at",    "bits", "factor", "offset",
                                       "unit", "count", "step", "parts",  NULL};
    struct scan_part whole = {.factor = 1};
    f->count = 1;
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map: type, at", f->name);
    if (!has_only(
            r, map, KEYS,
            "is not known here; there are: type at bits factor offset unit count step "
            "parts"))
        return false;
    const struct yaml_node *parts = yaml_find(map, "parts"), *v;
    if (parts) {
        for (uint32_t i = 0; i < map->nitem; i++)
            if (!read_part_key(r, yaml_key(map, i)->text.at, yaml_value(map, i), &whole))
                return false;
        if (!read_parts(r, parts, &whole, f))
            return false;
    } else if (!read_one_part(r, map, &whole, f))
        return false;
    if ((v = yaml_find(map, "offset")) && !yaml_double(v, &f->offset))
        return complain(r, v, "must be a number", "offset");
    if ((v = yaml_find(map, "unit")) && !(f->unit = yaml_text(v)))
        return complain(r, v, "must be a text", "unit");
    if ((v = yaml_find(map, "count")) && !read_whole(r, v, "count", 1, r->size, &f->count))
        return false;
    f->step = f->part[0].width;
    if ((v = yaml_find(map, "step")) && !read_whole(r, v, "step", 1, r->size, &f->step))
        return false;
    return lies_within(r, map, f);
}

static bool read_fields(struct reader *r, const struct yaml_node *map,
                        struct scan_records *out)
{
    if (map->kind != YAML_MAP || map->nitem > FIELDS_MAX)
        return complain(r, map, "must be a map of at most 1000 names and places", "fields");
    out->field = arena_new_array(r->arena, struct scan_record_field, map->nitem + 1);
    for (uint32_t i = 0; out->field && i < map->nitem; i++) {
        struct scan_record_field *f = &out->field[out->nfield++];
        f->name = arena_text(r->arena, yaml_key(map, i)->text);
        if (!f->name)
            return no_memory(r);
        if (!read_field(r, yaml_value(map, i), f))
            return false;
    }
    return out->field || no_memory(r);
}

/* --- marks ---------------------------------------------------------------------------- */

static int digit(char c)
{
    static const char DIGITS[] = "0123456789abcdef";
    const char *at = c ? strchr(DIGITS, ascii_lower(c)) : NULL;
    return at ? (int)(at - DIGITS) : -1;
}

static bool read_mark(struct reader *r, const struct yaml_node *key,
                      const struct yaml_node *value, struct scan_mark *m)
{
    const char *text = yaml_text(value);
    size_t n = text ? strlen(text) : 0;
    if (!yaml_int(key, &m->at) || m->at < 0)
        return complain(r, key, "is no place in a record", key->text.at);
    bool is_good = n >= 2 && n % 2 == 0 && n / 2 <= sizeof m->byte;
    for (size_t i = 0; is_good && i < n; i++) {
        is_good = digit(text[i]) >= 0;
        m->byte[i / 2] = (uint8_t)(m->byte[i / 2] << 4 | (digit(text[i]) & 15));
    }
    if (!is_good)
        return complain(r, value, "must be 1 to 16 bytes in hexadecimal digits, quoted",
                        "a mark");
    m->n = (uint8_t)(n / 2);
    return m->at + m->n <= r->size ||
           complain(r, key, "reaches beyond the record", "a mark");
}

static bool read_marks(struct reader *r, const struct yaml_node *map,
                       struct scan_records *out)
{
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map of places and bytes", "marks");
    out->mark = arena_new_array(r->arena, struct scan_mark, map->nitem + 1);
    for (uint32_t i = 0; out->mark && i < map->nitem; i++)
        if (!read_mark(r, yaml_key(map, i), yaml_value(map, i), &out->mark[out->nmark++]))
            return false;
    return out->mark || no_memory(r);
}

/* --- all ------------------------------------------------------------------------------ */

static bool read_order(struct reader *r, const struct yaml_node *node, bool *is_big)
{
    const char *text = yaml_text(node);
    *is_big = text && strcmp(text, "big") == 0;
    return *is_big || (text && strcmp(text, "little") == 0) ||
           complain(r, node, "must be little or big", "byte_order");
}

static bool read_all(struct reader *r, const struct yaml_node *map,
                     struct scan_records *out)
{
    static const char *const KEYS[] = {"header", "size",   "byte_order",
                                       "marks",  "fields", NULL};
    const struct yaml_node *v;
    if (map->kind != YAML_MAP)
        return complain(r, map, "must be a map: size, fields", "records");
    if (!has_only(r, map, KEYS,
                  "is not known here; there are: header size byte_order marks fields"))
        return false;
    if (!(v = yaml_find(map, "size")))
        return complain(r, map, "needs the size of a record", "records");
    if (!read_whole(r, v, "size", 1, SIZE_MAX_BYTES, &out->size))
        return false;
    r->size = out->size;
    if ((v = yaml_find(map, "header")) &&
        !read_whole(r, v, "header", 0, HEADER_MAX, &out->header))
        return false;
    if (!(v = yaml_find(map, "byte_order")))
        return complain(r, map, "needs byte_order, little or big", "records");
    if (!read_order(r, v, &out->is_big))
        return false;
    if ((v = yaml_find(map, "marks")) && !read_marks(r, v, out))
        return false;
    v = yaml_find(map, "fields");
    return !v || read_fields(r, v, out);
}

struct scan_records *scan_records_parse(const struct yaml_node *map, const char *name,
                                        struct arena *arena, struct err *e)
{
    struct reader r = {.name = name, .arena = arena, .e = e};
    struct scan_records *out = arena_new_one(arena, struct scan_records);
    if (!out)
        no_memory(&r);
    return out && read_all(&r, map, out) ? out : NULL;
}
