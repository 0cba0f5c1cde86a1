/* search_index.c -- makes the index: all words of all documents, then sorted by word. */
#include <stdlib.h>

#include "core/base/bytes.h"
#include "web/search_index.h"

enum { NONE = UINT32_MAX, FIELD_BITS = 4, DOCUMENTS_MOST = 1 << (32 - FIELD_BITS) };

/* A word by its hash; places in the order in which they are found. */
struct builder {
    struct search_index *x;
    struct bytes text;
    uint32_t *begin, *slot, *place_word, *place;
    size_t nword, word_room, nslot, nplace, place_room;
    uint32_t document;
    struct arena *scratch; /* for meanings of UCDs */
    bool failed;
};

static void *grow(struct builder *b, void *at, size_t *room, size_t wanted, size_t size)
{
    if (wanted <= *room)
        return at;
    size_t more = *room * 2 > wanted ? *room * 2 : wanted + 1024;
    void *bigger = realloc(at, more * size);
    if (!bigger) {
        b->failed = true;
        return at;
    }
    *room = more;
    return bigger;
}

static str word_at(const struct builder *b, uint32_t i)
{
    const char *at = b->text.at + b->begin[i];
    return (str){at, strlen(at)};
}

static bool rehash(struct builder *b)
{
    size_t n = b->nslot ? b->nslot * 2 : 1 << 12;
    uint32_t *slot = calloc(n, sizeof *slot);
    if (!slot)
        return false;
    for (uint32_t i = 0; i < b->nword; i++) {
        size_t at = str_hash(word_at(b, i)) & (n - 1);
        while (slot[at])
            at = (at + 1) & (n - 1);
        slot[at] = i + 1;
    }
    free(b->slot);
    b->slot = slot;
    b->nslot = n;
    return true;
}

/* Its number; a new one when it was not there. */
static uint32_t number_of(struct builder *b, str word)
{
    if (b->nword * 2 >= b->nslot && !rehash(b)) {
        b->failed = true;
        return NONE;
    }
    size_t at = str_hash(word) & (b->nslot - 1);
    for (; b->slot[at]; at = (at + 1) & (b->nslot - 1))
        if (str_eq(word_at(b, b->slot[at] - 1), word))
            return b->slot[at] - 1;
    b->begin = grow(b, b->begin, &b->word_room, b->nword + 1, sizeof *b->begin);
    if (b->failed)
        return NONE;
    b->begin[b->nword] = (uint32_t)b->text.len;
    bytes_add(&b->text, word);
    bytes_add_char(&b->text, '\0');
    b->failed = b->failed || b->text.failed;
    b->slot[at] = (uint32_t)++b->nword;
    return (uint32_t)b->nword - 1;
}

static void add_word(struct builder *b, str word, enum search_field field)
{
    uint32_t number = word.len && !b->failed ? number_of(b, word) : NONE;
    size_t room = b->place_room;
    if (number == NONE)
        return;
    b->place_word = grow(b, b->place_word, &room, b->nplace + 1, sizeof *b->place_word);
    b->place = grow(b, b->place, &b->place_room, b->nplace + 1, sizeof *b->place);
    if (b->failed)
        return;
    b->place_word[b->nplace] = number;
    b->place[b->nplace++] = b->document << FIELD_BITS | field;
}

static void add_words(struct builder *b, const char *text, enum search_field field)
{
    char word[SEARCH_WORD_BYTES];
    size_t at = 0, n;
    while (text && (n = search_next_word(str_of(text), &at, word)) > 0)
        add_word(b, (str){word, n}, field);
}

/* As it stands, but for case and length. */
static void add_whole(struct builder *b, str text, enum search_field field)
{
    char word[SEARCH_WORD_BYTES];
    size_t n = 0;
    for (; n < text.len && n < SEARCH_WORD_BYTES; n++)
        word[n] = ascii_lower(text.at[n]);
    add_word(b, (str){word, n}, field);
}

static void add_ucd(struct builder *b, const char *ucd)
{
    str rest = str_of(ucd);
    if (rest.len == 0)
        return;
    while (rest.at)
        add_whole(b, str_trim(str_cut(&rest, ';')), SEARCH_UCD);
    add_words(b, ucd, SEARCH_UCD_PART);
    arena_reset(b->scratch);
    add_words(b, ucd_meaning(str_of(ucd), b->scratch), SEARCH_MEANING);
}

static void begin_document(struct builder *b, uint32_t schema, uint32_t table,
                           uint32_t column)
{
    b->document = b->x->ndocument;
    b->x->document[b->x->ndocument++] = (struct search_document){schema, table, column};
}

static void add_column(struct builder *b, const struct store_column *c)
{
    add_whole(b, str_of(c->name), SEARCH_NAME);
    add_words(b, c->name, SEARCH_NAME_PART);
    add_words(b, c->description, SEARCH_DESCRIPTION);
    add_ucd(b, c->ucd);
    if (c->unit && *c->unit) {
        add_whole(b, str_of(c->unit), SEARCH_UNIT);
        add_words(b, c->unit, SEARCH_UNIT_PART);
    }
    add_words(b, c->utype, SEARCH_ORIGIN);
}

static void add_table(struct builder *b, const struct catalog_table *t)
{
    add_whole(b, str_of(t->full_name), SEARCH_NAME);
    add_whole(b, str_of(t->name), SEARCH_NAME);
    add_words(b, t->name, SEARCH_NAME_PART);
    add_words(b, t->title, SEARCH_TITLE);
    add_words(b, t->description, SEARCH_DESCRIPTION);
}

static void add_schema(struct builder *b, const struct catalog_schema *s)
{
    const struct catalog_origin *o = &s->origin;
    const char *const text[] = {o->what,  o->where,   o->when,
                                o->title, o->creator, o->publisher};
    add_whole(b, str_of(s->name), SEARCH_NAME);
    add_words(b, s->name, SEARCH_NAME_PART);
    add_words(b, s->title, SEARCH_TITLE);
    add_words(b, s->description, SEARCH_DESCRIPTION);
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        add_words(b, text[i], SEARCH_ORIGIN);
}

static size_t count_documents(const struct catalog *c)
{
    size_t n = catalog_nschema(c);
    for (uint32_t i = 0; i < catalog_nschema(c); i++) {
        const struct catalog_schema *s = catalog_schema_at(c, i);
        n += s->ntable;
        for (uint32_t j = 0; j < s->ntable; j++)
            n += s->table[j].ncolumn;
    }
    return n;
}

static void add_all(struct builder *b)
{
    const struct catalog *c = b->x->catalog;
    for (uint32_t i = 0; i < catalog_nschema(c); i++) {
        const struct catalog_schema *s = catalog_schema_at(c, i);
        begin_document(b, i, NONE, NONE);
        add_schema(b, s);
        for (uint32_t j = 0; j < s->ntable && !b->failed; j++) {
            begin_document(b, i, j, NONE);
            add_table(b, &s->table[j]);
            for (uint32_t k = 0; k < s->table[j].ncolumn && !b->failed; k++) {
                if (s->table[j].column[k].meta.flags & STORE_HIDDEN)
                    continue;
                begin_document(b, i, j, k);
                add_column(b, &s->table[j].column[k].meta);
            }
        }
    }
}

/* Places by word; those of a word stay in the order of documents. */
static bool sort_places(struct builder *b)
{
    struct search_index *x = b->x;
    x->nword = (uint32_t)b->nword;
    x->first = calloc(b->nword + 2, sizeof *x->first);
    x->place = calloc(b->nplace + 1, sizeof *x->place);
    x->begin = calloc(b->nword + 1, sizeof *x->begin);
    if (!x->first || !x->place || !x->begin)
        return false;
    for (size_t i = 0; i < b->nplace; i++)
        x->first[b->place_word[i] + 2]++;
    for (size_t i = 2; i <= b->nword + 1; i++)
        x->first[i] += x->first[i - 1];
    for (size_t i = 0; i < b->nplace; i++)
        x->place[x->first[b->place_word[i] + 1]++] = b->place[i];
    if (b->nword)
        memcpy(x->begin, b->begin, b->nword * sizeof *x->begin);
    x->begin[b->nword] = (uint32_t)b->text.len;
    x->text = b->text.at;
    b->text.at = NULL;
    return true;
}

static bool build(struct search_index *x)
{
    enum { TEXT_MOST = 1 << 30, SCRATCH = 1 << 20 };
    struct builder b = {.x = x, .scratch = arena_new(SCRATCH)};
    bytes_init(&b.text, TEXT_MOST);
    size_t n = count_documents(x->catalog);
    x->document = n < DOCUMENTS_MOST ? calloc(n + 1, sizeof *x->document) : NULL;
    bool ok = b.scratch && x->document;
    if (ok) {
        add_all(&b);
        ok = !b.failed && sort_places(&b);
    }
    if (b.text.at)
        bytes_free(&b.text);
    free(b.begin);
    free(b.slot);
    free(b.place_word);
    free(b.place);
    arena_free(b.scratch);
    return ok;
}

struct search_index *search_index_new(const struct catalog *c)
{
    struct search_index *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    atomic_store(&x->count, 1);
    x->catalog = catalog_keep_words(c);
    if (build(x))
        return x;
    search_index_drop(x);
    return NULL;
}

struct search_index *search_index_keep(struct search_index *x)
{
    atomic_fetch_add(&x->count, 1);
    return x;
}

void search_index_drop(struct search_index *x)
{
    if (!x || atomic_fetch_sub(&x->count, 1) != 1)
        return;
    catalog_drop_words(x->catalog);
    free(x->document);
    free(x->text);
    free(x->begin);
    free(x->first);
    free(x->place);
    free(x);
}

const struct catalog *search_index_catalog(const struct search_index *x)
{
    return x->catalog;
}
