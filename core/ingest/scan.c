/* scan.c -- `colure scan`: this thread walks, asks the registry what is known, and writes;
 * the pool's threads read. Work is committed in batches, so that a scan that was ended goes
 * on where it was. */
#include "core/ingest/scan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/ingest/scan_inside.h"

enum { ARENA_BYTES = 64 << 20, LOOK_BYTES = 1 << 20, BATCH_FILES = 500, MOST_THREADS = 8 };
static const int64_t BATCH_NS = 2000000000, PROGRESS_NS = 100000000;

struct scan {
    const struct scan_options *o;
    struct scan_counts *counts;
    struct arena *arena, *look; /* of the scan; of one look-up */
    struct scan_templates *templates;
    struct scan_pool *pool;
    int64_t number; /* of this scan: when it began */
    uint32_t nbatch;
    int64_t batch_ns, progress_ns;
    bool has_begun, is_due; /* the tables, for what this scan changed */
    struct err *e;
};

static void say(struct scan *s, enum scan_event event, const char *path, const char *text)
{
    if (s->o->say)
        s->o->say(s->o->what, event, path, text, s->counts);
}

static void say_progress(struct scan *s)
{
    int64_t now = clock_monotonic_ns();
    if (now - s->progress_ns < PROGRESS_NS)
        return;
    s->progress_ns = now;
    say(s, SCAN_PROGRESS, NULL, NULL);
}

/* --- batches ------------------------------------------------------------------------- */

static bool begin(struct scan *s)
{
    if (s->has_begun || s->o->is_dry)
        return true;
    s->has_begun = products_begin(s->o->registry, s->e);
    s->nbatch = 0;
    s->batch_ns = clock_monotonic_ns();
    return s->has_begun;
}

static bool end(struct scan *s, bool ok)
{
    bool had_begun = s->has_begun;
    s->has_begun = false;
    return !had_begun ? ok : products_end(s->o->registry, ok, s->e) && ok;
}

/* In the batch that is under way. */
static bool set_due(struct scan *s)
{
    if (s->is_due || s->o->is_dry)
        return true;
    s->is_due = products_set_tables_made(s->o->registry, 0, s->e);
    return s->is_due;
}

static bool end_full_batch(struct scan *s)
{
    if (!s->has_begun)
        return true;
    if (++s->nbatch < BATCH_FILES && clock_monotonic_ns() - s->batch_ns < BATCH_NS)
        return true;
    return end(s, true);
}

/* --- what a file gave ---------------------------------------------------------------- */

static void add_value(struct bytes *b, const struct product *p, const struct scan_field *f)
{
    const char *at = (const char *)p + f->at;
    char text[NUM_TEXT_BYTES];
    if (f->kind == SCAN_TEXT) {
        const char *value = *(const char *const *)(const void *)at;
        if (value)
            bytes_add_format(b, "\n    %s: %s", f->name, value);
    } else if (f->kind == SCAN_NUMBER) {
        double value = *(const double *)(const void *)at;
        if (isfinite(value))
            bytes_add_format(b, "\n    %s: %.*s", f->name,
                             (int)num_print_double(value, text), text);
    } else {
        int64_t value = *(const int64_t *)(const void *)at;
        if (value != PRODUCT_NONE)
            bytes_add_format(b, "\n    %s: %lld", f->name, (long long)value);
    }
}

static void say_products(struct scan *s, const struct scanned *f)
{
    if (f->alert) {
        const char *text =
            arena_format(s->look, "%s  [VOEvent] %s", f->path, f->alert->ivorn);
        say(s, SCAN_TAKEN, f->path, text ? text : f->alert->ivorn);
    }
    for (uint32_t i = 0; i < f->nproduct; i++) {
        struct bytes b;
        bytes_init(&b, 1 << 20);
        bytes_add_format(&b, "%s  [template %s]", f->product[i].local,
                         f->template_name ? f->template_name : "none");
        for (uint32_t k = 0; k < SCAN_NFIELDS; k++)
            add_value(&b, &f->product[i], &SCAN_FIELDS[k]);
        for (uint32_t k = 0; k < f->nlink; k++)
            if (f->link[k].iproduct == i)
                bytes_add_format(&b, "\n    %s %s", f->link[k].link.semantics,
                                 f->link[k].link.target ? f->link[k].link.target
                                                        : f->link[k].link.url);
        if (f->note)
            bytes_add_format(&b, "\n    (%s)", f->note);
        const char *text = bytes_text(&b);
        say(s, SCAN_TAKEN, f->path, text ? text : "too long to show");
        bytes_free(&b);
    }
}

static bool put_file(struct scan *s, const struct scanned *f, const char *refusal,
                     bool is_again, int64_t *id, struct err *e)
{
    const char *mapping = is_again
                              ? ""
                              : arena_format(s->look, "%s %s", s->templates->fingerprint,
                                             f->template_name ? f->template_name : "");
    const struct product_file file = {.root = f->root,
                                      .path = f->path,
                                      .checksum = f->checksum,
                                      .bytes = f->bytes,
                                      .modified_us = f->modified_us,
                                      .refusal = refusal,
                                      .mapping = mapping,
                                      .scanned_us = s->number};
    return set_due(s) && products_put_file(s->o->registry, &file, id, e) &&
           products_mark(s->o->registry, *id, s->number, e);
}

static bool put_products(struct scan *s, const struct scanned *f, int64_t file_id,
                         struct err *e)
{
    if (f->alert && !products_put_alert(s->o->registry, file_id, f->alert, e))
        return false;
    for (uint32_t i = 0; i < f->nproduct; i++) {
        int64_t id;
        if (!products_put(s->o->registry, file_id, &f->product[i], &id, e))
            return false;
        for (uint32_t k = 0; k < f->nlink; k++)
            if (f->link[k].iproduct == i &&
                !products_put_link(s->o->registry, id, &f->link[k].link, e))
                return false;
    }
    return true;
}

static bool put_refusal(struct scan *s, const struct scanned *f, const char *why,
                        bool is_again)
{
    int64_t id;
    s->counts->refused++;
    say(s, SCAN_REFUSED, f->path, why);
    return s->o->is_dry || put_file(s, f, why, is_again, &id, s->e);
}

/* Two files with one identifier: the second is refused, and looked at again next time. */
static bool put_taken(struct scan *s, const struct scanned *f)
{
    struct err why = {0};
    int64_t id;
    if (!put_file(s, f, NULL, false, &id, s->e))
        return false;
    if (put_products(s, f, id, &why)) {
        s->counts->products += f->nproduct;
        return true;
    }
    return put_refusal(s, f,
                       "a file that is known already has products of the same "
                       "identifier: give one of them another collection",
                       true);
}

static bool store(struct scan *s, const struct scanned *f)
{
    arena_reset(s->look);
    s->counts->read++;
    s->counts->bytes += (uint64_t)f->bytes;
    if (!begin(s))
        return false;
    bool ok = true;
    if (f->refusal)
        ok = put_refusal(s, f, f->refusal, f->is_again);
    else if (s->o->is_dry) {
        s->counts->products += f->nproduct;
        say_products(s, f);
    } else
        ok = put_taken(s, f);
    say_progress(s);
    return ok && end_full_batch(s);
}

/* --- walking ------------------------------------------------------------------------- */

static bool store_next(struct scan *s)
{
    struct scanned *f = scan_pool_take(s->pool);
    bool ok = !f || store(s, f);
    if (f)
        scan_pool_put_back(s->pool, f);
    return ok;
}

/* What is under way; after a failure it is thrown away. */
static bool drain(struct scan *s, bool ok)
{
    struct scanned *f;
    while ((f = scan_pool_take(s->pool))) {
        ok = ok && store(s, f);
        scan_pool_put_back(s->pool, f);
    }
    return ok;
}

/* *yes: read before, by the same templates, and no different since. */
static bool look_up(struct scan *s, const char *root, const struct scan_found *found,
                    bool *yes)
{
    struct product_file known;
    bool is_known;
    *yes = false;
    arena_reset(s->look);
    if (s->o->is_dry)
        return true;
    if (!begin(s) ||
        !products_file(s->o->registry, root, found->path, s->look, &known, &is_known, s->e))
        return false;
    if (!is_known || s->o->is_full || known.bytes != found->bytes ||
        known.modified_us != found->modified_us || !known.mapping ||
        !str_starts_fold(str_of(known.mapping), str_of(s->templates->fingerprint)))
        return true;
    *yes = true;
    s->counts->unchanged++;
    return products_mark(s->o->registry, known.id, s->number, s->e) && end_full_batch(s);
}

/* What is in the place of a file: said each time, kept once. */
static bool take_reason(struct scan *s, const char *root, const struct scan_found *found)
{
    const struct scanned f = {.root = root,
                              .path = found->path,
                              .bytes = found->bytes,
                              .modified_us = found->modified_us};
    struct product_file known;
    bool is_known = false;
    arena_reset(s->look);
    if (!begin(s) || (!s->o->is_dry && !products_file(s->o->registry, root, found->path,
                                                      s->look, &known, &is_known, s->e)))
        return false;
    if (!is_known || !known.refusal || strcmp(known.refusal, found->reason) != 0)
        return put_refusal(s, &f, found->reason, true) && end_full_batch(s);
    s->counts->refused++;
    say(s, SCAN_REFUSED, found->path, found->reason);
    return products_mark(s->o->registry, known.id, s->number, s->e) && end_full_batch(s);
}

static bool take_found(struct scan *s, const char *root, const struct scan_found *found)
{
    bool is_unchanged;
    s->counts->seen++;
    say_progress(s);
    if (found->reason)
        return take_reason(s, root, found);
    if (!look_up(s, root, found, &is_unchanged))
        return false;
    while (!is_unchanged && !scan_pool_give(s->pool, root, found->path))
        if (!store_next(s))
            return false;
    return true;
}

static bool forget(struct scan *s, const char *root, const char *only, bool is_whole)
{
    int64_t n = 0;
    if (s->o->is_dry)
        return true;
    if (!is_whole) {
        say(s, SCAN_WARNING, root,
            "a folder in it could not be read: files that are gone are kept for now");
        return true;
    }
    if (!begin(s) || !products_forget(s->o->registry, root, only, s->number, &n, s->e))
        return false;
    s->counts->forgotten += (uint64_t)n;
    return (n == 0 || set_due(s)) && end(s, true);
}

static bool walk_root(struct scan *s, const struct product_root *root, const char *only)
{
    struct scan_found found;
    struct scan_walk *walk = scan_walk_new(root->path, only, s->e);
    bool ok = walk != NULL;
    while (ok && scan_walk_next(walk, &found))
        ok = take_found(s, root->name, &found);
    ok = drain(s, ok) && forget(s, root->name, only, scan_walk_is_whole(walk));
    scan_walk_free(walk);
    return end(s, ok);
}

/* "" for the whole root, what stands behind its name and a slash, or NULL: another root. */
static const char *part_of(const char *only, const char *root)
{
    size_t n = strlen(root);
    if (!only)
        return "";
    if (strncmp(only, root, n) != 0 || (only[n] != '\0' && only[n] != '/'))
        return NULL;
    return only[n] ? only + n + 1 : "";
}

static bool walk_roots(struct scan *s)
{
    bool has_some = false;
    for (size_t i = 0; i < s->o->nroot; i++) {
        const char *only = part_of(s->o->only, s->o->root[i].name);
        if (!only)
            continue;
        has_some = true;
        if (!walk_root(s, &s->o->root[i], only))
            return false;
    }
    return has_some || err_set(s->e, ERR_USAGE, "%s is none of the roots of products",
                               s->o->only ? s->o->only : "there is nothing: it");
}

/* --- all of it ----------------------------------------------------------------------- */

static unsigned threads_of(const struct scan_options *o)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    if (o->threads > 0)
        return o->threads;
    return n < 1 ? 1 : n > MOST_THREADS ? MOST_THREADS : (unsigned)n;
}

static bool read_files(struct scan *s)
{
    s->templates =
        scan_templates_read(s->o->template_folder, s->o->version, s->arena, s->e);
    s->pool = s->templates
                  ? scan_pool_new(threads_of(s->o), s->o->registry, s->templates, s->e)
                  : NULL;
    bool ok = s->pool && walk_roots(s);
    scan_pool_free(s->pool);
    return ok;
}

bool ingest_scan(const struct scan_options *o, struct scan_counts *counts, struct err *e)
{
    struct scan s = {.o = o,
                     .counts = counts,
                     .arena = arena_new(ARENA_BYTES),
                     .look = arena_new(LOOK_BYTES),
                     .number = clock_now_us(),
                     .e = e};
    *counts = (struct scan_counts){0};
    bool ok = (s.arena && s.look) || err_set(e, ERR_LIMIT, "no memory for a scan");
    ok = ok && (o->is_tables_only || read_files(&s));
    say(&s, SCAN_PROGRESS, NULL, NULL);
    if (ok && o->target.path && !o->is_dry &&
        (o->is_tables_only || products_tables_made(o->registry) != scan_tables_layout() ||
         access(o->target.path, F_OK) != 0))
        ok = scan_make_tables(o, e) &&
             products_set_tables_made(o->registry, scan_tables_layout(), e);
    arena_free(s.look);
    arena_free(s.arena);
    return ok;
}
