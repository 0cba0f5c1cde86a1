/* votable_elements.c -- what each element of a VOTable tells: tables, fields, systems,
 * where the rows are. */
#include "core/formats/votable_inside.h"

#include "core/base/num.h"

/* --- the attributes of an element -------------------------------------------------------
 */

/* The value, or NULL; libxml2 gives five pointers an attribute. */
static str attribute(struct attributes a, const char *name)
{
    for (int i = 0; i < a.count; i++) {
        const xmlChar **five = a.list + (ptrdiff_t)5 * i;
        if (!five[1] && strcmp((const char *)five[0], name) == 0)
            return (str){(const char *)five[3], (size_t)(five[4] - five[3])};
    }
    return (str){NULL, 0};
}

bool votable_doc_fail(struct votable_doc *d, enum err_kind kind, const char *what,
                      const char *detail)
{
    uint64_t line = d->skipped_lines + 1;
    if (d->parser->input && d->parser->input->line > 0)
        line = d->skipped_lines + (uint64_t)d->parser->input->line;
    if (d->e->kind == ERR_NONE)
        err_set_at(d->e, kind, (int)line, 0, "line %llu: %s%s", (unsigned long long)line,
                   what, detail);
    xmlStopParser(d->parser);
    return false;
}

/* libxml2 gives an ampersand in attributes as a reference, so that it is parsed again. */
static void unescape(char *text)
{
    static const char AMPERSAND[] = "&#38;";
    char *to = text;
    while (*text) {
        bool is_reference = strncmp(text, AMPERSAND, sizeof AMPERSAND - 1) == 0;
        *to++ = *text;
        text += is_reference ? sizeof AMPERSAND - 1 : 1;
    }
    *to = '\0';
}

/* The value kept in the arena. */
static const char *kept(struct votable_doc *d, struct attributes a, const char *name)
{
    str s = attribute(a, name);
    if (!s.at)
        return NULL;
    char *text = arena_text(d->arena, s);
    if (text)
        unescape(text);
    else
        votable_doc_fail(d, ERR_LIMIT, "too much metadata", "");
    return text;
}

/* --- elements ---------------------------------------------------------------------------
 */

static void start_table(struct votable_doc *d, struct attributes a)
{
    if (d->ntable == TABLES_MAX) {
        votable_doc_fail(d, ERR_LIMIT, "more TABLEs than can be looked at", "");
        return;
    }
    d->table[d->ntable++] = (struct votable_table){
        .id = kept(d, a, "ID"), .name = kept(d, a, "name"), .ref = kept(d, a, "ref")};
    d->in_table = true;
}

static struct votable_table *open_table(struct votable_doc *d)
{
    return d->in_table ? &d->table[d->ntable - 1] : NULL;
}

static bool grow_fields(struct votable_doc *d, struct votable_table *t)
{
    uint32_t capacity = t->capacity ? 2 * t->capacity : 16;
    struct votable_field *larger =
        arena_new_array(d->arena, struct votable_field, capacity);
    if (!larger)
        return votable_doc_fail(d, ERR_LIMIT, "too much metadata", "");
    if (t->nfield)
        memcpy(larger, t->field, t->nfield * sizeof *larger);
    t->field = larger;
    t->capacity = capacity;
    return true;
}

static void start_field(struct votable_doc *d, struct attributes a)
{
    struct votable_table *t = open_table(d);
    if (!t || d->wanted != UINT32_MAX)
        return;
    if (t->nfield >= d->limits->max_columns) {
        votable_doc_fail(d, ERR_LIMIT, "the table has more columns than the limit", "");
        return;
    }
    if (t->nfield == t->capacity && !grow_fields(d, t))
        return;
    struct votable_field *f = &t->field[t->nfield++];
    *f = (struct votable_field){kept(d, a, "name"),
                                kept(d, a, "ID"),
                                kept(d, a, "datatype"),
                                kept(d, a, "arraysize"),
                                kept(d, a, "unit"),
                                kept(d, a, "ucd"),
                                kept(d, a, "utype"),
                                kept(d, a, "xtype"),
                                kept(d, a, "ref"),
                                NULL,
                                NULL};
    d->field = f;
    d->field_depth = d->depth;
}

static void start_values(struct votable_doc *d, struct attributes a)
{
    if (d->field && d->depth == d->field_depth + 1)
        d->field->null = kept(d, a, "null");
}

static void listen_to(struct votable_doc *d)
{
    bytes_clear(&d->text);
    d->is_listening = true;
}

static void start_description(struct votable_doc *d, struct attributes a)
{
    (void)a;
    if (d->field && d->depth == d->field_depth + 1)
        listen_to(d);
}

/* An error document is no table (DALI-21, 22). */
static void start_info(struct votable_doc *d, struct attributes a)
{
    if (!str_eq_fold(attribute(a, "name"), STR("QUERY_STATUS")) ||
        !str_eq_fold(attribute(a, "value"), STR("ERROR")))
        return;
    d->is_error_info = true;
    listen_to(d);
}

static void add_system(struct votable_doc *d, struct attributes a, const void *coosys,
                       const void *timesys)
{
    struct named_system *s = arena_new_one(d->arena, struct named_system);
    const char *id = kept(d, a, "ID");
    if (!s || !id)
        return;
    *s = (struct named_system){d->systems, id, coosys, timesys};
    d->systems = s;
}

static void start_coosys(struct votable_doc *d, struct attributes a)
{
    struct store_coosys *c = arena_new_one(d->arena, struct store_coosys);
    if (!c)
        return;
    *c = (struct store_coosys){kept(d, a, "system"), kept(d, a, "equinox"),
                               kept(d, a, "epoch"), kept(d, a, "refposition")};
    add_system(d, a, c, NULL);
}

static void start_timesys(struct votable_doc *d, struct attributes a)
{
    struct store_timesys *t = arena_new_one(d->arena, struct store_timesys);
    if (!t)
        return;
    *t = (struct store_timesys){kept(d, a, "timescale"), kept(d, a, "refposition"),
                                kept(d, a, "timeorigin")};
    add_system(d, a, NULL, t);
}

/* A TABLE/@ref takes the fields of the table with that ID. */
static bool take_reference(struct votable_doc *d, struct votable_table *t)
{
    for (uint32_t i = 0; t->ref && t->nfield == 0 && i + 1 < d->ntable; i++)
        if (d->table[i].id && strcmp(d->table[i].id, t->ref) == 0) {
            t->field = d->table[i].field;
            t->nfield = d->table[i].nfield;
            return t->nfield > 0;
        }
    return false;
}

/* Is this the table to read? The first one with fields; or, when that is a model without
 * data, the first one made after it. */
static void start_data(struct votable_doc *d, struct attributes a)
{
    struct votable_table *t = open_table(d);
    (void)a;
    if (!t || d->wanted != UINT32_MAX || (t->nfield == 0 && !take_reference(d, t)))
        return;
    for (uint32_t i = 0; i + 1 < d->ntable; i++)
        if (d->table[i].nfield && d->table[i].field != t->field)
            return; /* a table before had fields and no rows */
    d->wanted = d->ntable - 1;
}

static bool is_wanted(const struct votable_doc *d)
{
    return d->in_table && d->wanted == d->ntable - 1 && !d->is_at_data;
}

static void start_tabledata(struct votable_doc *d, struct attributes a)
{
    (void)a;
    if (!is_wanted(d) || d->data != VOTABLE_NO_DATA)
        return;
    d->data = VOTABLE_TABLEDATA;
    d->is_at_data = true;
}

static void start_binary(struct votable_doc *d, struct attributes a)
{
    (void)a;
    if (is_wanted(d) && d->data == VOTABLE_NO_DATA)
        d->data = VOTABLE_BINARY;
}

static void start_binary2(struct votable_doc *d, struct attributes a)
{
    (void)a;
    if (is_wanted(d) && d->data == VOTABLE_NO_DATA)
        d->data = VOTABLE_BINARY2;
}

static void start_fits(struct votable_doc *d, struct attributes a)
{
    int64_t extnum;
    if (!is_wanted(d) || d->data != VOTABLE_NO_DATA)
        return;
    d->data = VOTABLE_FITS;
    if (num_parse_int(str_trim(attribute(a, "extnum")), &extnum) && extnum > 0 &&
        extnum < 10000)
        d->extnum = (int)extnum;
}

static void start_stream(struct votable_doc *d, struct attributes a)
{
    if (!is_wanted(d) || d->data == VOTABLE_NO_DATA)
        return;
    str encoding = attribute(a, "encoding");
    if (attribute(a, "href").len)
        votable_doc_fail(d, ERR_USAGE,
                         "the data are in another file (STREAM/@href), which is "
                         "not fetched; send them inline",
                         "");
    else if (encoding.len && !str_eq_fold(encoding, STR("base64")))
        votable_doc_fail(d, ERR_USAGE,
                         "a STREAM inside the document must have "
                         "encoding=\"base64\"",
                         "");
    d->is_at_data = true;
}

static const struct element {
    const char *name;
    void (*start)(struct votable_doc *, struct attributes);
} ELEMENTS[] = {
    {"TABLE", start_table},     {"FIELD", start_field},
    {"VALUES", start_values},   {"DESCRIPTION", start_description},
    {"INFO", start_info},       {"COOSYS", start_coosys},
    {"TIMESYS", start_timesys}, {"DATA", start_data},
    {"BINARY", start_binary},   {"TABLEDATA", start_tabledata},
    {"BINARY2", start_binary2}, {"FITS", start_fits},
    {"STREAM", start_stream},
};

void votable_doc_element(struct votable_doc *d, const char *name, struct attributes a)
{
    for (size_t i = 0; i < sizeof ELEMENTS / sizeof *ELEMENTS; i++)
        if (strcmp(name, ELEMENTS[i].name) == 0) {
            ELEMENTS[i].start(d, a);
            return;
        }
}
