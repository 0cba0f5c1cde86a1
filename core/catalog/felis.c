/* felis.c -- drafts a description file from what a store reports (docs/descriptions.md). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/num.h"
#include "core/catalog/build.h"
#include "core/catalog/guess.h"

struct draft {
    struct bytes *out;
    struct arena *arena; /* the names given so far */
    const char *schema;
};

/* --- texts ------------------------------------------------------------------------------
 */

static bool is_plain(str text)
{
    static const char *const WORD[] = {"true", "false", "yes", "no", "on",
                                       "off",  "null",  "y",   "n"};
    for (size_t i = 0; i < sizeof WORD / sizeof *WORD; i++)
        if (str_eq_fold(text, str_of(WORD[i])))
            return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = ascii_lower(text.at[i]);
        bool is_letter = c >= 'a' && c <= 'z';
        bool is_more = (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ';' ||
                       c == '/' || c == '*' || c == '(' || c == ')' || c == '-';
        if (!is_letter && !(is_more && i > 0))
            return false;
    }
    return text.len > 0;
}

/* A scalar that YAML reads back as this text. */
static void add_text(struct bytes *out, str text)
{
    if (is_plain(text)) {
        bytes_add(out, text);
        return;
    }
    bytes_add_char(out, '"');
    bytes_add_json(out, text);
    bytes_add_char(out, '"');
}

static void add_pair(struct bytes *out, const char *indent, const char *key,
                     const char *text)
{
    bytes_add_format(out, "%s%s: ", indent, key);
    add_text(out, str_of(text));
}

/* Comments end with their line, whatever the text holds. */
static void add_comment(struct bytes *out, const char *text)
{
    for (; *text; text++)
        bytes_add_char(out, (unsigned char)*text < 0x20 || *text == 0x7F ? ' ' : *text);
}

static void add_number(struct bytes *out, const struct store_column *c, double value)
{
    char text[NUM_TEXT_BYTES];
    bytes_add(out, (str){text, c->type == STORE_F32 ? num_print_float((float)value, text)
                                                    : num_print_double(value, text)});
}

/* --- names ------------------------------------------------------------------------------
 */

/* A regular, unreserved name that is not in `names`, from any text. */
static const char *make_name(struct draft *d, struct catalog_names *names,
                             const char **taken, uint32_t *ntaken, const char *from,
                             const char *before)
{
    char base[BUILD_MAX_NAME - 8] = "", name[BUILD_MAX_NAME];
    size_t n = 0;
    for (; *from && n < sizeof base - 2; from++) {
        char c = ascii_lower(*from);
        bool is_letter = c >= 'a' && c <= 'z', is_digit = c >= '0' && c <= '9';
        if (n == 0 && !is_letter)
            n = (size_t)snprintf(base, sizeof base, "%s", before);
        if (is_letter || is_digit)
            base[n++] = c;
        else if (n > 0 && base[n - 1] != '_')
            base[n++] = '_';
    }
    if (n == 0)
        n = (size_t)snprintf(base, sizeof base, "%sx", before);
    if (catalog_word_is_reserved((str){base, n}))
        base[n++] = '_';
    base[n] = '\0';
    for (uint32_t i = 1;; i++) {
        snprintf(name, sizeof name, i > 1 ? "%s_%u" : "%s", base, (unsigned)i);
        uint64_t at = str_hash_fold(str_of(name));
        uint32_t k;
        while ((k = names_next(names, &at)) != UINT32_MAX)
            if (strcmp(taken[k], name) == 0)
                break;
        if (k == UINT32_MAX)
            break;
    }
    const char *copy = arena_text(d->arena, str_of(name));
    if (copy) {
        taken[*ntaken] = copy;
        names_put(names, str_hash_fold(str_of(copy)), (*ntaken)++);
    }
    return copy;
}

/* --- columns ----------------------------------------------------------------------------
 */

static void add_range(struct bytes *out, const struct store_column *c)
{
    bool has_range = isfinite(c->minimum) && isfinite(c->maximum) && c->length == 1 &&
                     c->type != STORE_TEXT && c->type != STORE_TIME_US &&
                     c->type != STORE_BOOL;
    if (!has_range && !(c->null_fraction > 0))
        return;
    bytes_add_literal(out, "    # ");
    if (has_range) {
        add_number(out, c, c->minimum);
        bytes_add_literal(out, " to ");
        add_number(out, c, c->maximum);
    }
    if (c->null_fraction > 0)
        bytes_add_format(out, "%s%.3g %% NULL", has_range ? "; " : "",
                         100 * c->null_fraction);
    bytes_add_char(out, '\n');
}

static void add_type(struct bytes *out, const struct store_column *c)
{
    const char *layout = type_of_layout(c);
    bytes_add_format(out, "    datatype: %s\n", type_felis_name(c));
    if (layout)
        bytes_add_format(out, "    votable:datatype: %s\n", layout);
    bool is_complex = layout && strstr(layout, "Complex");
    int32_t length = is_complex && c->length > 0 ? c->length / 2 : c->length;
    bool is_text = c->type == STORE_TEXT || c->type == STORE_TIME_US;
    if (!is_text && length > 1)
        bytes_add_format(out, "    votable:arraysize: \"%d\"\n", (int)length);
    else if (!is_text && length == -1)
        bytes_add_literal(out, "    votable:arraysize: \"*\"\n");
    if (c->xtype && c->type != STORE_TIME_US && type_fits_xtype(c, c->xtype)) {
        add_pair(out, "    ", "votable:xtype", c->xtype);
        bytes_add_char(out, '\n');
    }
    if (!(c->flags & STORE_NULLABLE))
        bytes_add_literal(out, "    nullable: false\n");
}

/* The store's unit if it is one, its likeness in VOUnits, or the guess. */
static void add_unit(struct bytes *out, const struct store_column *c, const char *guessed)
{
    char scratch[160], better[96];
    const char *own = c->unit && *c->unit ? c->unit : NULL;
    bool is_good = own && !unit_problem(str_of(own), scratch);
    if (is_good) {
        add_pair(out, "    ", "ivoa:unit", own);
        bytes_add_char(out, '\n');
    } else if (own && guess_unit(own, better)) {
        add_pair(out, "    ", "ivoa:unit", better);
        bytes_add_literal(out, "  # guess: the data say ");
        add_comment(out, own);
        bytes_add_char(out, '\n');
    } else if (own) {
        bytes_add_literal(out, "    # the data have a unit that VOUnits does not know: ");
        add_comment(out, own);
        bytes_add_char(out, '\n');
    } else if (guessed) {
        add_pair(out, "    ", "ivoa:unit", guessed);
        bytes_add_literal(out, "  # guess\n");
    }
}

static void add_ucd(struct bytes *out, const struct store_column *c, const char *guessed)
{
    char scratch[160];
    if (c->ucd && *c->ucd && !ucd_problem(str_of(c->ucd), scratch)) {
        add_pair(out, "    ", "ivoa:ucd", c->ucd);
        bytes_add_char(out, '\n');
    } else if (*guessed) {
        add_pair(out, "    ", "ivoa:ucd", guessed);
        bytes_add_literal(out, "  # guess\n");
    }
}

static bool is_angle(const struct store_column *c)
{
    return (c->type == STORE_F64 || c->type == STORE_F32) && c->length == 1;
}

/* What the store knows as position is no guess to it, but ICRS is to be confirmed. */
static struct guess guess_in_table(const struct store_table *t, uint32_t i,
                                   bool *has_main_id)
{
    struct guess g = guess_column(t->column[i]);
    bool is_lon = (int32_t)i == t->lon_column, is_lat = (int32_t)i == t->lat_column;
    if ((is_lon || is_lat) && is_angle(t->column[i])) {
        snprintf(g.ucd, sizeof g.ucd, "pos.eq.%s;meta.main", is_lon ? "ra" : "dec");
        g.unit = "deg";
    } else if (strcmp(g.ucd, "meta.id") == 0 && !*has_main_id) {
        snprintf(g.ucd, sizeof g.ucd, "meta.id;meta.main");
        *has_main_id = true;
    }
    return g;
}

static void add_column(struct draft *d, const struct store_table *t, uint32_t i,
                       const char *name, bool *has_main_id)
{
    struct store_column c = column_of_store(t->column[i]);
    struct guess g = guess_in_table(t, i, has_main_id);
    bytes_add_format(d->out, "  - name: %s\n", name);
    if (strcmp(name, c.name) != 0) {
        add_pair(d->out, "    ", "colure:native", c.name);
        bytes_add_char(d->out, '\n');
    }
    add_type(d->out, &c);
    add_range(d->out, &c);
    if (c.description && *c.description) {
        add_pair(d->out, "    ", "description", c.description);
        bytes_add_char(d->out, '\n');
    }
    add_unit(d->out, &c, g.unit);
    add_ucd(d->out, &c, g.ucd);
}

static bool add_columns(struct draft *d, const struct store_table *t)
{
    uint32_t ntaken = 0;
    bool has_main_id = false;
    struct catalog_names *names = names_new(d->arena, t->ncolumn);
    const char **taken = arena_new_array(d->arena, const char *, t->ncolumn + 1);
    if (!names || !taken)
        return false;
    bytes_add_literal(d->out, "  columns:\n");
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        const char *native = t->column[i]->name;
        if ((int32_t)i == t->hpx_column && t->ncolumn > 1)
            continue; /* stays in use, unseen */
        if (!str_is_utf8(str_of(native), NULL)) {
            bytes_add_format(d->out, "  # column %u: its name is not UTF-8\n", i + 1);
            continue;
        }
        const char *name = make_name(d, names, taken, &ntaken, native, "c_");
        if (!name)
            return false;
        add_column(d, t, i, name, &has_main_id);
    }
    return true;
}

/* --- tables -----------------------------------------------------------------------------
 */

/* The table's name alone, without the schema and what else is before it. */
static str own_name(const struct draft *d, const char *listed, bool *is_enough)
{
    str name = str_of(listed), before = {0};
    for (size_t dot; (dot = str_find(name, '.')) < name.len;) {
        before = (str){name.at, dot};
        name = (str){name.at + dot + 1, name.len - dot - 1};
    }
    *is_enough = !before.at || str_eq_fold(before, str_of(d->schema));
    return name;
}

static void add_primary_key(struct draft *d, const struct store_table *t)
{
    uint32_t nkey = 0, key = 0;
    for (uint32_t i = 0; i < t->ncolumn; i++)
        if ((t->column[i]->flags & STORE_KEY) && (int32_t)i != t->hpx_column) {
            nkey++;
            key = i;
        }
    bool is_name = nkey == 1 && !catalog_name_needs_quotes(str_of(t->column[key]->name));
    if (is_name)
        bytes_add_format(d->out, "  primaryKey: %s\n", t->column[key]->name);
}

/* Names that the draft publishes as they are: no other can be told from here. */
static bool is_kept(const char *name)
{
    return !catalog_name_needs_quotes(str_of(name));
}

static void add_list(struct bytes *out, const char *key, const char *before,
                     const char *const *name, uint32_t n)
{
    bytes_add_format(out, "    %s: [", key);
    for (uint32_t i = 0; i < n; i++)
        bytes_add_format(out, "%s%s%s", i ? ", " : "", before, name[i]);
    bytes_add_literal(out, "]\n");
}

static bool can_write(struct draft *d, const struct store_foreign_key *k, str *target)
{
    bool is_enough;
    *target = own_name(d, k->target, &is_enough);
    bool ok = is_enough && is_kept(target->at) && is_kept(k->name);
    for (uint32_t i = 0; i < k->ncolumn; i++)
        ok = ok && is_kept(k->column[i]) && is_kept(k->target_column[i]);
    return ok;
}

static bool add_foreign_keys(struct draft *d, const struct store_table *t)
{
    bool has_head = false;
    for (uint32_t i = 0; i < t->nforeign; i++) {
        const struct store_foreign_key *k = &t->foreign[i];
        str target;
        if (!can_write(d, k, &target)) {
            bytes_add_literal(d->out, "  # a foreign key leads to ");
            add_comment(d->out, k->target);
            bytes_add_char(d->out, '\n');
            continue;
        }
        bytes_add_format(d->out, "%s  - name: %s\n    \"@type\": ForeignKey\n",
                         has_head ? "" : "  constraints:\n", k->name);
        has_head = true;
        add_list(d->out, "columns", "", k->column, k->ncolumn);
        const char *before = arena_format(d->arena, "%.*s.", STR_FMT(target));
        if (!before)
            return false;
        add_list(d->out, "referencedColumns", before, k->target_column, k->ncolumn);
    }
    return true;
}

static bool add_table(struct draft *d, const struct store_table *t, const char *name)
{
    bool is_enough;
    str own = own_name(d, t->name, &is_enough);
    bytes_add_format(d->out, "- name: %s\n", name);
    if (!is_enough || !str_eq(own, str_of(name))) {
        bytes_add_literal(d->out, "  colure:native: ");
        add_text(d->out, is_enough ? own : str_of(t->name));
        bytes_add_char(d->out, '\n');
    }
    if (t->row_estimate >= 0)
        bytes_add_format(d->out, "  # %lld rows\n", (long long)t->row_estimate);
    if (t->description && *t->description) {
        add_pair(d->out, "  ", "description", t->description);
        bytes_add_char(d->out, '\n');
    }
    add_primary_key(d, t);
    return add_columns(d, t) && add_foreign_keys(d, t);
}

static bool add_tables(struct draft *d, const struct store_table *const *table,
                       uint32_t ntable)
{
    uint32_t ntaken = 0;
    bool is_enough;
    struct catalog_names *names = names_new(d->arena, ntable);
    const char **taken = arena_new_array(d->arena, const char *, ntable + 1);
    if (!names || !taken)
        return false;
    for (uint32_t i = 0; i < ntable; i++) {
        str own = own_name(d, table[i]->name, &is_enough);
        if (table[i]->ncolumn == 0 || !str_is_utf8(own, NULL)) {
            bytes_add_format(
                d->out, "# table %u has no columns, or a name that is not UTF-8\n", i + 1);
            continue;
        }
        const char *name = make_name(d, names, taken, &ntaken, own.at, "t_");
        if (!name || !add_table(d, table[i], name))
            return false;
    }
    return true;
}

bool catalog_write_felis(const char *schema, const struct store_table *const *table,
                         uint32_t ntable, struct bytes *out)
{
    struct draft d = {.out = out, .arena = arena_new(256u << 20), .schema = schema};
    struct catalog_names *names = d.arena ? names_new(d.arena, 1) : NULL;
    const char *taken[1];
    uint32_t ntaken = 0;
    const char *name = names ? make_name(&d, names, taken, &ntaken, schema, "s_") : NULL;
    bool is_written = name != NULL;
    if (name) {
        bytes_add_literal(
            out, "# A draft from what the store reports. Please go through it: say what "
                 "each table\n# and column is, correct what is marked as a guess, take "
                 "out what is not to be\n# published. The keys are explained in "
                 "docs/descriptions.md.\n");
        bytes_add_format(out, "name: %s\n", name);
        bytes_add_format(out, "description: Tables of %s.  # guess\n\ntables:\n", name);
        is_written = add_tables(&d, table, ntable);
    }
    arena_free(d.arena);
    return is_written && !out->failed;
}
