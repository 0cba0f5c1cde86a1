/* fill_registry.c -- a registry of data products for tests, from lines on standard input.
 * Usage: fill_registry REGISTRY AUTHORITY BASE_URL ROOT FOLDER
 *   product<TAB>path=a.fits<TAB>hdu=1<TAB>ext=SCI<TAB>obs_collection=demo<TAB>s_ra=10...
 *   link<TAB>semantics=#progenitor<TAB>target=ivo://...      (of the product before)
 * Products of one file stand one after another. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/num.h"
#include "core/products/products.h"

struct filling {
    struct products *registry;
    struct arena *arena;
    const char *root, *folder;
    char path[1024]; /* of the file so far */
    int64_t file, product;
};

static const char *word_of(str line, const char *key, struct arena *arena)
{
    while (line.at) {
        str pair = str_cut(&line, '\t'), name = str_cut(&pair, '=');
        if (pair.at && str_eq(name, str_of(key)))
            return arena_text(arena, pair);
    }
    return NULL;
}

static int64_t whole(const char *text)
{
    int64_t value;
    return text && num_parse_int(str_of(text), &value) ? value : PRODUCT_NONE;
}

static double number(const char *text)
{
    double value;
    return text && num_parse_double(str_of(text), &value) ? value : NAN;
}

static bool put_file(struct filling *f, const char *path, struct err *e)
{
    struct stat s = {0};
    if (strcmp(f->path, path) == 0)
        return true;
    stat(arena_format(f->arena, "%s/%s", f->folder, path), &s);
    snprintf(f->path, sizeof f->path, "%s", path);
    struct product_file file = {.root = f->root,
                                .path = path,
                                .bytes = s.st_size,
                                .modified_us = (int64_t)s.st_mtim.tv_sec * 1000000};
    return products_put_file(f->registry, &file, &f->file, e);
}

static bool put_product(struct filling *f, str line, struct err *e)
{
    const char *path = word_of(line, "path", f->arena);
    struct product p = {.hdu = whole(word_of(line, "hdu", f->arena))};
    if (!path || !put_file(f, path, e))
        return path ? false : err_set(e, ERR_USAGE, "a product needs a path");
    p.local = products_local(f->arena, path, word_of(line, "ext", f->arena));
#define T(name) p.name = word_of(line, #name, f->arena);
#define D(name) p.name = number(word_of(line, #name, f->arena));
#define I(name) p.name = whole(word_of(line, #name, f->arena));
    PRODUCT_COLUMNS(T, D, I)
#undef T
#undef D
#undef I
    return products_put(f->registry, f->file, &p, &f->product, e);
}

static bool put_link(struct filling *f, str line, struct err *e)
{
    struct product_link link = {
        .semantics = word_of(line, "semantics", f->arena),
        .target = word_of(line, "target", f->arena),
        .url = word_of(line, "url", f->arena),
        .description = word_of(line, "description", f->arena),
        .content_type = word_of(line, "content_type", f->arena),
        .content_qualifier = word_of(line, "content_qualifier", f->arena),
        .local_semantics = word_of(line, "local_semantics", f->arena),
        .bytes = whole(word_of(line, "bytes", f->arena))};
    return products_put_link(f->registry, f->product, &link, e);
}

int main(int argc, char **argv)
{
    static char text[1 << 20];
    struct err e = {0};
    if (argc != 6)
        return 2;
    struct product_root root = {argv[4], argv[5]};
    struct filling f = {.registry = products_open(argv[1], &root, 1, &e),
                        .arena = arena_new(64 << 20),
                        .root = argv[4],
                        .folder = argv[5]};
    bool ok = f.registry && products_set_identity(f.registry, argv[2], argv[3], &e) &&
              products_begin(f.registry, &e);
    bool has_begun = ok;
    while (ok && fgets(text, sizeof text, stdin)) {
        arena_reset(f.arena);
        str line = str_trim(str_of(text)), rest = line, word = str_cut(&rest, '\t');
        if (str_eq(word, STR("product")))
            ok = put_product(&f, line, &e);
        else if (str_eq(word, STR("link")))
            ok = put_link(&f, line, &e);
    }
    if (has_begun)
        ok = products_end(f.registry, ok, &e);
    if (!ok)
        fprintf(stderr, "fill_registry: %s\n", e.message);
    products_close(f.registry);
    arena_free(f.arena);
    return ok ? 0 : 1;
}
