/* search.c -- see search.h: words of the question to words of the index, to documents. */
#include "web/search.h"

#include "web/search_index.h"

enum { NONE = UINT32_MAX, FIELD_BITS = 4, SYNONYMS = 12 };

static const uint8_t WEIGHT[] = {
#define X(name, weight) weight,
    SEARCH_FIELDS(X)
#undef X
};

struct term {
    str word;        /* lower case */
    uint32_t fields; /* bits of those it may stand in */
    uint32_t nsynonym;
    str synonym[SYNONYMS];
};

struct run {
    const struct search_index *x;
    struct search_answer *answer;
    struct term term[SEARCH_TERMS];
    uint32_t nterm;
    float *total, *best; /* of each document: all terms so far, the one at hand */
    uint16_t *mask;      /* terms found in it */
    uint16_t full;
};

/* ---- the question ---- */

static uint32_t fields_of(str *word)
{
    static const struct {
        const char *prefix;
        uint32_t fields;
    } PLACE[] = {{"ucd:", 1u << SEARCH_UCD | 1u << SEARCH_UCD_PART | 1u << SEARCH_MEANING},
                 {"unit:", 1u << SEARCH_UNIT | 1u << SEARCH_UNIT_PART},
                 {"name:", 1u << SEARCH_NAME | 1u << SEARCH_NAME_PART}};
    for (size_t i = 0; i < sizeof PLACE / sizeof *PLACE; i++) {
        str prefix = str_of(PLACE[i].prefix);
        if (!str_starts_fold(*word, prefix))
            continue;
        *word = (str){word->at + prefix.len, word->len - prefix.len};
        return PLACE[i].fields;
    }
    return UINT32_MAX;
}

static void add_needle(struct search_answer *a, str needle)
{
    if (a->nneedle < SEARCH_NEEDLES && needle.len)
        a->needle[a->nneedle++] = needle;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == '"';
}

/* A plural's singular, else empty. */
static str singular(str word, struct arena *arena)
{
    if (word.len > 4 && str_eq((str){word.at + word.len - 3, 3}, STR("ies"))) {
        const char *text = arena_format(arena, "%.*sy", (int)word.len - 3, word.at);
        return str_of(text);
    }
    bool is_plural =
        word.len > 3 && word.at[word.len - 1] == 's' && word.at[word.len - 2] != 's';
    return is_plural ? (str){word.at, word.len - 1} : (str){"", 0};
}

static void add_term(struct run *r, str word, uint32_t fields, struct arena *arena)
{
    struct term *t = &r->term[r->nterm++];
    *t = (struct term){.word = word, .fields = fields};
    t->nsynonym = (uint32_t)search_synonyms(word, t->synonym, SYNONYMS - 1);
    str one = singular(word, arena);
    if (one.len)
        t->synonym[t->nsynonym++] = one;
    add_needle(r->answer, word);
    for (uint32_t i = 0; i < t->nsynonym; i++)
        if (t->synonym[i].len > 1)
            add_needle(r->answer, t->synonym[i]);
}

static bool read_terms(struct run *r, str query, struct arena *arena)
{
    char *text = arena_text(arena, query);
    if (!text)
        return false;
    for (size_t i = 0; i < query.len; i++)
        text[i] = ascii_lower(text[i]);
    for (int pass = 0; pass < 2 && r->nterm == 0; pass++)
        for (size_t i = 0; i < query.len && r->nterm < SEARCH_TERMS;) {
            size_t from = i;
            while (i < query.len && !is_blank(text[i]))
                i++;
            str word = {text + from, i - from};
            uint32_t fields = fields_of(&word);
            word.len = word.len < SEARCH_WORD_BYTES ? word.len : SEARCH_WORD_BYTES;
            if (word.len && (pass == 1 || !search_is_common(word)))
                add_term(r, word, fields, arena);
            i++;
        }
    r->full = (uint16_t)((1u << r->nterm) - 1);
    return true;
}

/* ---- words ---- */

static bool contains(str text, str part)
{
    return part.len <= text.len && memmem(text.at, text.len, part.at, part.len) != NULL;
}

static bool starts(str text, str prefix)
{
    return prefix.len <= text.len && memcmp(text.at, prefix.at, prefix.len) == 0;
}

/* How well a word of the index fits, 0 to 1. */
static float fit(const struct term *t, str word)
{
    enum { INSIDE = 3, SYNONYM_PREFIX = 4 };
    if (starts(word, t->word))
        return word.len == t->word.len
                   ? 1.0F
                   : 0.45F + 0.3F * (float)t->word.len / (float)word.len;
    if (t->word.len >= INSIDE && contains(word, t->word))
        return 0.35F;
    for (uint32_t i = 0; i < t->nsynonym; i++) {
        str s = t->synonym[i];
        if (str_eq(word, s))
            return 0.6F;
        if (s.len >= SYNONYM_PREFIX && starts(word, s))
            return 0.4F;
    }
    return 0;
}

static void mark_places(struct run *r, const struct term *t, uint32_t iword, float fits)
{
    const struct search_index *x = r->x;
    for (uint32_t i = x->first[iword]; i < x->first[iword + 1]; i++) {
        uint32_t field = x->place[i] & ((1u << FIELD_BITS) - 1);
        uint32_t document = x->place[i] >> FIELD_BITS;
        float score = fits * (float)WEIGHT[field];
        if ((t->fields >> field & 1) && score > r->best[document])
            r->best[document] = score;
    }
}

/* When nothing fits: words that differ by a letter or two. */
static void find_near(struct run *r, const struct term *t)
{
    enum { SHORT = 4, LONG = 7 };
    if (t->word.len < SHORT)
        return;
    size_t limit = t->word.len >= LONG ? 2 : 1;
    for (uint32_t i = 0; i < r->x->nword; i++) {
        str word = search_word(r->x, i);
        if (word.len + limit < t->word.len || word.len > t->word.len + limit ||
            str_edit_distance(word, t->word, limit) > limit)
            continue;
        mark_places(r, t, i, 0.3F);
        add_needle(r->answer, word);
    }
}

static bool any_best(const struct run *r)
{
    for (uint32_t i = 0; i < r->x->ndocument; i++)
        if (r->best[i] > 0)
            return true;
    return false;
}

static void find_term(struct run *r, uint32_t iterm)
{
    const struct term *t = &r->term[iterm];
    memset(r->best, 0, r->x->ndocument * sizeof *r->best);
    for (uint32_t i = 0; i < r->x->nword; i++) {
        float fits = fit(t, search_word(r->x, i));
        if (fits > 0)
            mark_places(r, t, i, fits);
    }
    if (!any_best(r))
        find_near(r, t);
    for (uint32_t i = 0; i < r->x->ndocument; i++)
        if (r->best[i] > 0) {
            r->total[i] += r->best[i];
            r->mask[i] = (uint16_t)(r->mask[i] | 1u << iterm);
        }
}

/* ---- documents ---- */

/* The best stay, in order; of equals the first found. */
static void add_hit(struct run *r, const struct search_document *d, double score)
{
    struct search_answer *a = r->answer;
    a->total++;
    if (a->nhit == SEARCH_HITS && score <= a->hit[SEARCH_HITS - 1].score)
        return;
    uint32_t at = a->nhit < SEARCH_HITS ? a->nhit++ : SEARCH_HITS - 1;
    for (; at > 0 && a->hit[at - 1].score < score; at--)
        a->hit[at] = a->hit[at - 1];
    const struct catalog_schema *s = catalog_schema_at(r->x->catalog, d->schema);
    const struct catalog_table *t = d->table == NONE ? NULL : &s->table[d->table];
    a->hit[at] =
        (struct search_hit){.schema = s,
                            .table = t,
                            .column = t && d->column != NONE ? &t->column[d->column] : NULL,
                            .score = score};
}

static double weight_of(const struct run *r, const struct search_document *d)
{
    const struct catalog_schema *s = catalog_schema_at(r->x->catalog, d->schema);
    double weight = str_eq_fold(str_of(s->name), STR("tap_schema")) ? 0.4 : 1;
    if (d->table == NONE)
        return weight * 1.5;
    if (d->column == NONE)
        return weight * 1.25;
    bool is_principal = s->table[d->table].column[d->column].meta.flags & STORE_PRINCIPAL;
    return is_principal ? weight * 1.15 : weight;
}

/* A table with its columns: documents from..to, the table's own first. */
static void judge_table(struct run *r, uint32_t schema, uint32_t from, uint32_t to)
{
    const struct search_document *d = r->x->document;
    uint16_t above = r->mask[schema], own = r->mask[from], columns = 0;
    bool has_column = false;
    float sum = 0;
    for (uint32_t i = from + 1; i < to; i++) {
        columns |= r->mask[i];
        if (!r->mask[i] || (r->mask[i] | own | above) != r->full)
            continue;
        has_column = true;
        double score = r->total[i];
        if (r->mask[i] != r->full)
            score += 0.4 * (r->total[from] + r->total[schema]);
        add_hit(r, &d[i], score * weight_of(r, &d[i]));
    }
    for (uint32_t i = from + 1; i < to && !has_column; i++)
        sum = r->total[i] > sum ? r->total[i] : sum;
    if (own && (own | above) == r->full)
        add_hit(r, &d[from],
                (r->total[from] + 0.4 * (own == r->full ? 0 : r->total[schema])) *
                    weight_of(r, &d[from]));
    else if (!has_column && columns && (columns | own | above) == r->full)
        add_hit(r, &d[from], (0.5 * (double)sum + r->total[from]) * weight_of(r, &d[from]));
}

static void judge_all(struct run *r)
{
    const struct search_index *x = r->x;
    uint32_t schema = 0;
    for (uint32_t i = 0; i < x->ndocument;) {
        if (x->document[i].table == NONE) {
            schema = i;
            if (r->mask[i] == r->full)
                add_hit(r, &x->document[i], r->total[i] * weight_of(r, &x->document[i]));
            i++;
            continue;
        }
        uint32_t end = i + 1;
        while (end < x->ndocument && x->document[end].column != NONE)
            end++;
        judge_table(r, schema, i, end);
        i = end;
    }
}

bool search_run(const struct search_index *x, str query, struct arena *arena,
                struct search_answer *answer)
{
    enum { QUERY_MOST = 400 };
    struct run *r = arena_new_one(arena, struct run);
    *answer = (struct search_answer){
        .hit = arena_new_array(arena, struct search_hit, SEARCH_HITS)};
    if (!r || !answer->hit)
        return false;
    *r = (struct run){.x = x,
                      .answer = answer,
                      .total = arena_new_array(arena, float, x->ndocument + 1),
                      .best = arena_new_array(arena, float, x->ndocument + 1),
                      .mask = arena_new_array(arena, uint16_t, x->ndocument + 1)};
    query.len = query.len < QUERY_MOST ? query.len : QUERY_MOST;
    if (!r->total || !r->best || !r->mask || !read_terms(r, query, arena))
        return false;
    if (r->nterm == 0)
        return true;
    for (uint32_t i = 0; i < r->nterm; i++)
        find_term(r, i);
    judge_all(r);
    return true;
}
