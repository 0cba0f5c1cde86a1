/* fuzz_adql.c -- any bytes as a query: parse, print canonically and read that again, bind,
 * write SQL and ADQL, explain, point at the error. What was accepted must be accepted again
 * in the form in which it is printed. */
#include "tests/unit/adql/fixture.h"

static void fail(const char *what, str text)
{
    fprintf(stderr, "%s: %.*s\n%s\n", what, STR_FMT(text), fault_text());
    abort();
}

static struct adql_query *parse(struct arena *a, str text, enum adql_lang lang)
{
    arena_reset(a);
    fault = (struct err){0};
    return adql_parse(text, lang, NULL, a, &fault);
}

static bool bind(struct arena *a, struct adql_query *q)
{
    struct adql_scope scope = {.catalog = fixture_catalog(),
                               .upload = &UPLOAD,
                               .nupload = 1,
                               .resolve = fixture_resolve};
    return adql_bind(q, &scope, a, &fault);
}

/* The canonical text of a query, which must be its own canonical text. */
static void print_twice(struct arena *a, struct adql_query *q, struct bytes *once)
{
    struct err e = {0};
    struct bytes twice;
    bytes_init(&twice, 1 << 22);
    bytes_clear(once);
    if (!adql_write_adql(q, once, &e))
        goto out;
    q = parse(a, bytes_str(once), ADQL_20);
    if (!q) {
        if (fault.kind != ERR_LIMIT && !strstr(fault.message, "deep"))
            fail("canonical text is refused", bytes_str(once));
        goto out;
    }
    if (adql_write_adql(q, &twice, &e) && !str_eq(bytes_str(once), bytes_str(&twice)))
        fail("canonical text is not stable", bytes_str(once));

out:
    bytes_free(&twice);
}

/* Laid out, it is the same query: ERR_INTERNAL would say that it is not. Once more, nothing
 * changes. */
static void lay_out(struct arena *a, str text, enum adql_lang lang, struct bytes *once)
{
    struct bytes twice;
    bytes_init(&twice, 1 << 22);
    bytes_clear(once);
    arena_reset(a);
    fault = (struct err){0};
    if (!adql_layout(text, lang, a, once, &fault)) {
        if (fault.kind == ERR_INTERNAL)
            fail("the layout is another query", text);
    } else if (adql_layout(bytes_str(once), lang, a, &twice, &fault) &&
               !str_eq(bytes_str(once), bytes_str(&twice)))
        fail("the layout is not stable", bytes_str(once));
    bytes_free(&twice);
}

static void write_all(struct arena *a, struct adql_query *q, struct bytes *out)
{
    struct adql_write_options o = {.row_limit = 7, .use_parameters = true};
    struct adql_parameters p;
    bytes_clear(out);
    adql_write(q, fixture_dialect(), NULL, out, NULL, &fault);
    bytes_clear(out);
    fault = (struct err){0};
    adql_write(q, fixture_dialect(), &o, out, &p, &fault);
    bytes_clear(out);
    adql_explain_tree(q, out, &fault);
    bytes_clear(out);
    fault = (struct err){0};
    if (!adql_write_adql(q, out, &fault))
        return;
    q = parse(a, bytes_str(out), ADQL_20);
    if (q ? !bind(a, q) && fault.kind != ERR_LIMIT
          : fault.kind != ERR_LIMIT && !strstr(fault.message, "deep"))
        fail("a bound query is refused as ADQL", bytes_str(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    static struct bytes out;
    str text = {(const char *)data, size};
    if (!arena) {
        arena = arena_new(64u << 20);
        bytes_init(&out, 1 << 22);
    }
    (void)test_run_all;
    out.failed = false;
    enum adql_lang lang = size && data[0] == '(' ? ADQL_20 : ADQL_COLURE;
    struct adql_query *q = parse(arena, text, lang);
    if (q)
        print_twice(arena, q, &out);
    if (q)
        lay_out(arena, text, lang, &out);
    else {
        bytes_clear(&out);
        adql_explain_error(text, &fault, &out);
    }
    q = parse(arena, text, lang);
    if (q && bind(arena, q))
        write_all(arena, q, &out);
    else if (strchr(fault.message, '\n') || fault.kind == ERR_NONE ||
             fault.kind == ERR_INTERNAL)
        fail("a bad error", text);
    return 0;
}
