/* near.c -- "did you mean": the published name that is nearest to one that is not there. */
#include "core/catalog/near.h"

#include "core/catalog/snapshot.h"

enum { FAR = 1000, SCRATCH = 128 };

/* Spellings of one thing in different catalogues. */
static const char *const SYNONYM[][8] = {
    {"ra", "raj2000", "ra_icrs", "alpha", "right_ascension", "s_ra", "lon"},
    {"dec", "de", "dej2000", "de_icrs", "delta", "declination", "s_dec", "lat"},
    {"energy", "e", "lge", "log_energy"},
    {"time", "datetime", "mjd", "epoch", "t_min", "timestamp"},
    {"zenith", "ze", "zd", "theta"},
    {"azimuth", "az", "phi"},
    {"id", "uuid", "event_id", "source_id", "objectid"},
};

static bool is_synonym(str a, str b)
{
    for (size_t i = 0; i < sizeof SYNONYM / sizeof *SYNONYM; i++) {
        bool has_a = false, has_b = false;
        for (size_t k = 0; k < 8 && SYNONYM[i][k]; k++) {
            has_a = has_a || str_eq_fold(a, str_of(SYNONYM[i][k]));
            has_b = has_b || str_eq_fold(b, str_of(SYNONYM[i][k]));
        }
        if (has_a && has_b)
            return true;
    }
    return false;
}

/* Lower case, without '_', '-', blanks and quotes. */
static str squeeze(str name, char out[SCRATCH])
{
    size_t n = 0;
    for (size_t i = 0; i < name.len && n < SCRATCH; i++) {
        char c = ascii_lower(name.at[i]);
        if (c != '_' && c != '-' && c != ' ' && c != '"')
            out[n++] = c;
    }
    return (str){out, n};
}

/* True if `part` is one of the words that '_', '.' or digits separate in `whole`. */
static bool has_word(str whole, str part)
{
    size_t start = 0;
    for (size_t i = 0; i <= whole.len; i++) {
        char c = i < whole.len ? whole.at[i] : '_';
        if (c != '_' && c != '.' && !(c >= '0' && c <= '9'))
            continue;
        if (str_eq_fold((str){whole.at + start, i - start}, part))
            return true;
        start = i + 1;
    }
    return false;
}

static bool ends_fold(str text, str end)
{
    return text.len >= end.len &&
           str_eq_fold((str){text.at + text.len - end.len, end.len}, end);
}

static uint32_t length_gap(str a, str b)
{
    size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;
    return gap > 99 ? 99 : (uint32_t)gap;
}

uint32_t near_score(str wanted, str name)
{
    char a[SCRATCH], b[SCRATCH];
    if (str_eq_fold(wanted, name))
        return 0;
    if (wanted.len == 0 || name.len == 0)
        return FAR;
    str short_wanted = squeeze(wanted, a), short_name = squeeze(name, b);
    if (short_wanted.len > 0 && str_eq(short_wanted, short_name))
        return 1;
    size_t limit = wanted.len <= 2 ? 0 : wanted.len <= 5 ? 1 : wanted.len <= 9 ? 2 : 3;
    size_t distance = limit ? str_edit_distance(wanted, name, limit) : FAR;
    if (distance == 1)
        return 10;
    if (is_synonym(wanted, name))
        return 20;
    if (distance <= limit)
        return 100 * (uint32_t)distance;
    if (name.len >= 2 && has_word(wanted, name))
        return 300 + length_gap(wanted, name);
    if (wanted.len >= 2 && has_word(name, wanted))
        return 400 + length_gap(wanted, name);
    str shorter = wanted.len < name.len ? wanted : name;
    str longer = wanted.len < name.len ? name : wanted;
    if (shorter.len >= 3 &&
        (str_starts_fold(longer, shorter) || ends_fold(longer, shorter)))
        return 500 + length_gap(wanted, name);
    return FAR;
}

const char *near_word(str wanted, const char *const *word, size_t nword)
{
    const char *best = NULL;
    uint32_t least = FAR;
    for (size_t i = 0; i < nword; i++) {
        uint32_t score = near_score(wanted, str_of(word[i]));
        if (score < least) {
            least = score;
            best = word[i];
        }
    }
    return best;
}

const char *catalog_near_column(const struct catalog_table *table, str wanted)
{
    const struct catalog_column *best = NULL;
    uint32_t least = FAR;
    for (uint32_t i = 0; i < table->ncolumn; i++) {
        const struct catalog_column *column = &table->column[i];
        if (column->meta.flags & STORE_HIDDEN)
            continue;
        uint32_t score = near_score(wanted, str_of(column->meta.name));
        if (score < least) {
            least = score;
            best = column;
        }
    }
    if (!best)
        return NULL;
    return best->adql_name ? best->adql_name : best->meta.name;
}

/* A wrong schema counts for more than a slip in the table's name. */
static uint32_t table_score(const struct catalog_table *table, str schema, str wanted)
{
    uint32_t score = near_score(wanted, str_of(table->name));
    if (score == FAR || schema.len == 0)
        return score;
    uint32_t other = near_score(schema, str_of(table->schema));
    return score + (other == FAR ? 450 : other);
}

const char *catalog_near_table(const struct catalog *catalog, str schema, str wanted)
{
    const struct catalog_table *best = NULL;
    uint32_t least = FAR;
    for (uint32_t i = 0; i < catalog->ntable; i++) {
        uint32_t score = table_score(catalog->table[i], schema, wanted);
        if (score < least) {
            least = score;
            best = catalog->table[i];
        }
    }
    return best ? best->full_name : NULL;
}
