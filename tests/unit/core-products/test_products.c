/* test_products.c -- the registry of products: found by DID, files opened below roots only,
 * links told both ways, forgotten when files go. */
#include "core/products/products.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

static char folder[64], registry[96];
static struct products *products;
static struct arena *arena;
static struct err err;

static void write_file(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void start(void)
{
    snprintf(folder, sizeof folder, "/tmp/colure_products_XXXXXX");
    CHECK(mkdtemp(folder));
    snprintf(registry, sizeof registry, "%s/registry.sqlite", folder);
    char path[200];
    snprintf(path, sizeof path, "%s/data", folder);
    CHECK_INT(mkdir(path, 0700), 0);
    struct product_root root = {"demo", path};
    err = (struct err){0};
    arena = arena_new(1 << 24);
    products = products_open(registry, &root, 1, &err);
    if (!products)
        TEST_FAIL("%s", err.message);
    CHECK(products_set_identity(products, "ivo://org.example", "http://localhost:8080",
                                &err));
}

static void stop(void)
{
    products_close(products);
    arena_free(arena);
    char command[2][200];
    snprintf(command[0], sizeof command[0], "%s", folder);
    products = NULL;
}

static struct product blank(void)
{
    struct product p = {
        .calib_level = 2, .obs_collection = "My Survey", .hdu = PRODUCT_NONE};
#define TEXT(name)
#define DOUBLE(name) p.name = NAN;
#define WHOLE(name) p.name = p.name ? p.name : PRODUCT_NONE;
    PRODUCT_COLUMNS(TEXT, DOUBLE, WHOLE)
#undef TEXT
#undef DOUBLE
#undef WHOLE
    return p;
}

static int64_t put(const char *path, const char *ext, const char *progenitor)
{
    struct product_file file = {.root = "demo", .path = path, .bytes = 5, .mapping = "m"};
    struct product p = blank();
    int64_t file_id, id;
    p.local = products_local(arena, path, ext);
    p.s_ra = 10.5;
    p.dataproduct_type = "image";
    p.content_type = "image/fits";
    CHECK(products_begin(products, &err));
    CHECK(products_put_file(products, &file, &file_id, &err));
    CHECK(products_put(products, file_id, &p, &id, &err));
    if (progenitor) {
        struct product_link link = {
            .semantics = "#progenitor", .target = progenitor, .bytes = PRODUCT_NONE};
        CHECK(products_put_link(products, id, &link, &err));
    }
    CHECK(products_end(products, true, &err));
    return file_id;
}

static bool find(const char *did, struct product *p)
{
    err = (struct err){0};
    return products_find(products, str_of(did), arena, p, &err);
}

TEST(found_by_did)
{
    start();
    put("sub/a b#1.fits", "SCI", NULL);
    struct product p;
    CHECK(find("ivo://org.example/My%20Survey?sub/a%20b%231.fits#SCI", &p));
    CHECK_TEXT(p.did, "ivo://org.example/My%20Survey?sub/a%20b%231.fits#SCI"); /* OBS-6 */
    CHECK_TEXT(p.path, "sub/a b#1.fits");
    CHECK_TEXT(p.dataproduct_type, "image");
    CHECK_NEAR(p.s_ra, 10.5, 0);
    CHECK(isnan(p.s_dec) && p.em_xel == PRODUCT_NONE && !p.target_name);
    CHECK_INT(p.nhdu_product, 1);
    /* encoded once more, and with another case of scheme and authority */
    CHECK(find("ivo%3A%2F%2Forg.example%2FMy%2520Survey%3Fsub%2Fa%2520b%25231.fits%23SCI",
               &p));
    CHECK(find("IVO://ORG.Example/My%20Survey?sub/a%20b%231.fits#SCI", &p));
    stop();
}

TEST(what_is_no_product)
{
    start();
    put("a.fits", NULL, NULL);
    struct product p;
    CHECK(!find("ivo://org.example/My%20Survey?b.fits", &p));
    CHECK_INT(err.kind, ERR_NOT_FOUND);
    CHECK(!find("ivo://other.example/My%20Survey?a.fits", &p));
    CHECK_INT(err.kind, ERR_NOT_FOUND);
    CHECK(!find("a.fits", &p));
    CHECK_INT(err.kind, ERR_USAGE);
    CHECK(!find("ivo://org.example/My%20Survey?a.fits%00", &p));
    CHECK_INT(err.kind, ERR_NOT_FOUND);
    char *text = arena_alloc(arena, 5001, 1);
    memset(text, 'i', 5000);
    CHECK(!find(text, &p));
    CHECK_INT(err.kind, ERR_USAGE);
    stop();
}

TEST(files_below_their_root)
{
    start();
    write_file("data/a.fits", "hello");
    write_file("secret", "secret");
    char path[200];
    snprintf(path, sizeof path, "%s/data/link", folder);
    CHECK_INT(symlink("../secret", path), 0);
    snprintf(path, sizeof path, "%s/data/up", folder);
    CHECK_INT(symlink("..", path), 0);
    snprintf(path, sizeof path, "%s/data/pipe", folder);
    CHECK_INT(mkfifo(path, 0600), 0);
    static const struct {
        const char *path;
        enum err_kind kind;
    } CASE[] = {{"a.fits", ERR_NONE},         {"gone", ERR_NOT_FOUND},
                {"link", ERR_FORBIDDEN},      {"up/secret", ERR_NOT_FOUND},
                {"../secret", ERR_FORBIDDEN}, {"/etc/passwd", ERR_FORBIDDEN},
                {"./a.fits", ERR_FORBIDDEN},  {"a.fits/x", ERR_NOT_FOUND},
                {"pipe", ERR_NOT_FOUND},      {"", ERR_FORBIDDEN}};
    struct product p = {.root = "demo"};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        err = (struct err){0};
        int fd = products_open_beside(products, &p, CASE[i].path, &err);
        CHECK_INT(err.kind, CASE[i].kind);
        CHECK_INT(fd >= 0, CASE[i].kind == ERR_NONE);
        if (fd >= 0)
            close(fd);
    }
    p.root = "other";
    err = (struct err){0};
    CHECK_INT(products_open_beside(products, &p, "a.fits", &err), -1);
    CHECK_INT(err.kind, ERR_UNAVAILABLE);
    stop();
}

TEST(links_both_ways)
{
    start();
    const char *raw = "ivo://org.example/My%20Survey?raw.fits";
    put("raw.fits", NULL, NULL);
    put("made.fits", NULL, raw);
    struct product p;
    struct product_link *link;
    size_t n;
    CHECK(find("ivo://org.example/My%20Survey?made.fits", &p));
    CHECK(products_links(products, &p, arena, &link, &n, &err));
    CHECK_INT(n, 1);
    CHECK_TEXT(link[0].semantics, "#progenitor");
    CHECK_TEXT(link[0].target, raw);
    CHECK(find(raw, &p));
    CHECK(products_links(products, &p, arena, &link, &n, &err));
    CHECK_INT(n, 1);
    CHECK_TEXT(link[0].semantics, "#derivation");
    CHECK_TEXT(link[0].target, "ivo://org.example/My%20Survey?made.fits");
    stop();
}

TEST(forgotten_when_not_seen)
{
    start();
    int64_t kept = put("one/a.fits", NULL, NULL), n;
    put("one/b.fits", NULL, NULL);
    put("two/c.fits", NULL, NULL);
    CHECK(products_begin(products, &err));
    CHECK(products_mark(products, kept, 7, &err));
    CHECK(products_forget(products, "demo", "one", 7, &n, &err));
    CHECK(products_end(products, true, &err));
    CHECK_INT(n, 1);
    struct product p;
    CHECK(find("ivo://org.example/My%20Survey?one/a.fits", &p));
    CHECK(!find("ivo://org.example/My%20Survey?one/b.fits", &p));
    CHECK(find("ivo://org.example/My%20Survey?two/c.fits", &p));
    int64_t count = 0;
    err = (struct err){0};
    CHECK(products_walk_begin(products, &err));
    while (products_walk_next(products, arena, &p, &err))
        count++;
    CHECK_INT(count, 2);
    CHECK_INT(err.kind, ERR_NONE);
    products_walk_end(products);
    stop();
}

TEST(tables_are_due_until_made)
{
    start();
    CHECK(products_set_tables_made(products, 7, &err));
    CHECK_INT(products_tables_made(products), 7);
    CHECK(products_begin(products, &err));
    CHECK(products_set_tables_made(products, 0, &err));
    CHECK(!products_end(products, false, &err)); /* rolled back */
    CHECK_INT(products_tables_made(products), 7);
    CHECK(products_set_identity(products, products_authority(products),
                                products_base_url(products), &err));
    CHECK_INT(products_tables_made(products), 7);
    CHECK(
        products_set_identity(products, "ivo://org.example", "https://new.example", &err));
    CHECK_INT(products_tables_made(products), 0);
    stop();
}

RUN_TESTS(T(found_by_did), T(what_is_no_product), T(files_below_their_root),
          T(links_both_ways), T(forgotten_when_not_seen), T(tables_are_due_until_made))
