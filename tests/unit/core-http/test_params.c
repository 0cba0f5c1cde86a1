/* test_params.c -- query strings, urlencoded bodies, multipart bodies, paths, Accept. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/http/http_int.h"
#include "tests/test.h"

static struct arena *arena;
static struct http_param *params;
static size_t nparam;
static struct err problem;

static void begin(void)
{
    arena_free(arena);
    arena = arena_new(64 << 20);
    params = NULL;
    nparam = 0;
    problem = (struct err){0};
}

static bool parse(const char *text)
{
    begin();
    return http_params_parse(arena, str_of(text), HTTP_FROM_QUERY, 1000, &params, &nparam,
                             &problem);
}

TEST(query_keeps_order_and_repeats)
{
    CHECK(parse("ID=a&id=b&&LANG=ADQL&empty&x=&=novalue"));
    CHECK_INT(nparam, 6);
    CHECK_TEXT(params[0].name.at, "ID");
    CHECK_TEXT(params[1].name.at, "id");
    CHECK_TEXT(params[1].value.at, "b");
    CHECK_TEXT(params[3].name.at, "empty");
    CHECK_INT(params[3].value.len, 0);
    CHECK_INT(params[5].name.len, 0);
}

/* DALI pitfall 10: both '+' and %20 are blanks. */
TEST(query_decodes_blanks_and_utf8)
{
    CHECK(parse("POS=CIRCLE+10%2010%2B5&q=%C3%A9&crlf=a%0D%0Ab"));
    CHECK_TEXT(params[0].value.at, "CIRCLE 10 10+5");
    CHECK_TEXT(params[1].value.at, "\xC3\xA9");
    CHECK_TEXT(params[2].value.at, "a\r\nb");
}

TEST(query_refuses_bad_escapes)
{
    static const char *const BAD[] = {"a=%",   "a=%4",  "a=%zz", "%=1",
                                      "a=%C3", "a=%00", "a=%ff"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (parse(BAD[i]))
            TEST_FAIL("%s was taken", BAD[i]);
        CHECK_INT(problem.kind, ERR_USAGE);
        CHECK(problem.message[0]);
    }
}

TEST(query_is_limited_in_number)
{
    begin();
    char *many = malloc(3 * 1001 + 1);
    for (int i = 0; i < 1001; i++)
        memcpy(many + 3 * i, "a=&", 4);
    CHECK(!http_params_parse(arena, str_of(many), HTTP_FROM_QUERY, 1000, &params, &nparam,
                             &problem));
    CHECK_INT(problem.kind, ERR_LIMIT);
    free(many);
}

/* ---- multipart ---- */

enum { VALUE_BYTES = 100000, PART_BYTES = 1 << 20 };

static struct http_request request;

/* Feeds the body in pieces of `step` bytes. */
static bool multipart(const char *type, const char *body, size_t n, size_t step)
{
    static struct http_header headers[1];
    begin();
    headers[0] = (struct http_header){STR("content-type"), str_of(type)};
    request = (struct http_request){.arena = arena,
                                    .headers = headers,
                                    .nheader = 1,
                                    .content_type = STR("multipart/form-data")};
    struct body_limits limits = {"/tmp", 1000, VALUE_BYTES, PART_BYTES, 4 << 20, NULL, 0};
    struct body *b = body_new(&request, limits, &problem);
    bool ok = b != NULL;
    for (size_t at = 0; ok && at < n; at += step)
        ok = body_feed(b, body + at, step < n - at ? step : n - at, &problem);
    ok = ok && body_finish(b, &problem);
    body_free(b);
    return ok;
}

static void read_file(const struct http_param *param, char *out, size_t max)
{
    struct err e = {0};
    int fd = http_param_open(param, &e);
    ssize_t n = fd < 0 ? -1 : read(fd, out, max - 1);
    out[n < 0 ? 0 : n] = '\0';
    if (fd >= 0)
        close(fd);
}

/* The boundary, the leading line end and the header order that STILTS sends. */
static const char STILTS_TYPE[] =
    "multipart/form-data; boundary=\"<<<--------------MULTIPART-BOUNDARY------->>>\"";
static const char STILTS_BODY[] =
    "\r\n--<<<--------------MULTIPART-BOUNDARY------->>>\r\n"
    "Content-Type: text/plain; charset=UTF-8\r\n"
    "Content-Disposition: form-data; name=\"QUERY\"\r\n\r\n"
    "SELECT *\r\nFROM TAP_UPLOAD.t1\r\n"
    "--<<<--------------MULTIPART-BOUNDARY------->>>\r\n"
    "content-disposition: form-data; filename=\"t1.vot\"; name=upload_t1\r\n"
    "CONTENT-TYPE: application/x-votable+xml\r\n\r\n"
    "<VOTABLE/>\r\n--<<<-- \r\n\r\n"
    "--<<<--------------MULTIPART-BOUNDARY------->>>--\r\n";

static void check_stilts(void)
{
    char file[100];
    CHECK_INT(request.nparam, 2);
    CHECK_TEXT(request.params[0].name.at, "QUERY");
    CHECK_TEXT(request.params[0].value.at, "SELECT *\r\nFROM TAP_UPLOAD.t1");
    CHECK(!request.params[0].is_file);
    CHECK_TEXT(request.params[1].name.at, "upload_t1");
    CHECK_TEXT(request.params[1].file_name, "t1.vot");
    CHECK_TEXT(request.params[1].content_type, "application/x-votable+xml");
    CHECK(request.params[1].is_file);
    read_file(&request.params[1], file, sizeof file);
    CHECK_TEXT(file, "<VOTABLE/>\r\n--<<<-- \r\n");
    CHECK_INT(request.params[1].bytes, 22);
}

/* DALI-2, DALI-14: the same result however the body is cut into pieces. */
TEST(multipart_of_stilts_in_pieces_of_every_size)
{
    for (size_t step = 1; step < sizeof STILTS_BODY; step++) {
        bool ok = multipart(STILTS_TYPE, STILTS_BODY, sizeof STILTS_BODY - 1, step);
        if (!ok)
            TEST_FAIL("step %zu: %.200s", step, problem.message);
        check_stilts();
    }
}

#define FORM(text)                                                                         \
    multipart("multipart/form-data; boundary=AaB", text, sizeof(text) - 1, 1000)

TEST(multipart_odd_but_right)
{
    /* no CRLF after the last boundary; preamble; epilogue; blanks behind the boundary */
    CHECK(FORM("preamble\r\n--AaB \t\r\nContent-Disposition: form-data; "
               "name=\"a\"\r\n\r\n1\r\n--AaB--"));
    CHECK_TEXT(request.params[0].value.at, "1");
    /* a value that is empty, and one whose boundary follows the headers at once */
    CHECK(FORM("--AaB\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--AaB\r\n"
               "Content-Disposition: form-data; name=b\r\n\r\n--AaB--\r\nepilogue --AaB"));
    CHECK_INT(request.nparam, 2);
    CHECK_INT(request.params[0].value.len, 0);
    CHECK_INT(request.params[1].value.len, 0);
    /* bare line feeds; folded header; escaped quote; name only in the extended form */
    CHECK(FORM("--AaB\nContent-Disposition: form-data;\n  name=\"a\\\"b\"\n\nx\ny\n--AaB\n"
               "Content-Disposition: form-data; name*=UTF-8''%C3%A9\n\nz\n--AaB--\n"));
    CHECK_TEXT(request.params[0].name.at, "a\"b");
    CHECK_TEXT(request.params[0].value.at, "x\ny");
    CHECK_TEXT(request.params[1].name.at, "\xC3\xA9");
    /* a longer boundary inside the data is data */
    CHECK(FORM("--AaB\r\nContent-Disposition: form-data; "
               "name=a\r\n\r\n1\r\n--AaBc\r\n2\r\n--AaB--"));
    CHECK_TEXT(request.params[0].value.at, "1\r\n--AaBc\r\n2");
}

TEST(multipart_binary_is_kept_byte_by_byte)
{
    static const char HEAD[] =
        "--AaB\r\nContent-Disposition: form-data; name=t; filename=x\r\n\r\n";
    static const char TAIL[] = "\r\n--AaB--\r\n";
    size_t n = 300000;
    char *body = malloc(sizeof HEAD + n + sizeof TAIL), *back = malloc(n + 2);
    memcpy(body, HEAD, sizeof HEAD - 1);
    unsigned seed = 7;
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1103515245 + 12345;
        body[sizeof HEAD - 1 + i] =
            "\r\n-A\0a\xff"[seed >> 16 & 7]; /* boundary-like noise */
    }
    memcpy(body + sizeof HEAD - 1 + n, TAIL, sizeof TAIL);
    CHECK(multipart("multipart/form-data; boundary=AaB", body,
                    sizeof HEAD + n + sizeof TAIL - 2, 977));
    CHECK_INT(request.params[0].bytes, n);
    int fd = http_param_open(&request.params[0], &problem);
    CHECK(fd >= 0);
    CHECK_INT(read(fd, back, n + 1), n);
    CHECK(memcmp(back, body + sizeof HEAD - 1, n) == 0);
    close(fd);
    free(body);
    free(back);
}

/* `n` bytes of text in a part without a file name. */
static bool text_part(size_t n)
{
    struct bytes body;
    bytes_init(&body, 8 << 20);
    bytes_add_literal(&body, "--AaB\r\nContent-Disposition: form-data; name=t\r\n\r\n");
    memset(bytes_reserve(&body, n), 'x', n);
    body.len += n;
    bytes_add_literal(&body, "\r\n--AaB--");
    bool ok = multipart("multipart/form-data; boundary=AaB", body.at, body.len, 65536);
    bytes_free(&body);
    return ok;
}

TEST(multipart_large_text_goes_to_a_file)
{
    CHECK(text_part(VALUE_BYTES));
    CHECK(!request.params[0].is_file);
    CHECK_INT(request.params[0].value.len, VALUE_BYTES);
    CHECK(text_part(VALUE_BYTES + 1));
    CHECK(request.params[0].is_file);
    CHECK_INT(request.params[0].value.len, 0);
    CHECK_INT(request.params[0].bytes, VALUE_BYTES + 1);
    CHECK(text_part(PART_BYTES));
    CHECK(!text_part(PART_BYTES + 1));
    CHECK_INT(problem.kind, ERR_LIMIT);
}

TEST(multipart_errors_are_said)
{
    static const struct {
        const char *type, *body;
        enum err_kind kind;
        const char *words;
    } BAD[] = {
        {"multipart/form-data", "x", ERR_USAGE, "boundary"},
        {"multipart/form-data; boundary=", "x", ERR_USAGE, "boundary"},
        {"multipart/form-data; boundary=b", "nothing of the kind", ERR_USAGE, "boundary"},
        {"multipart/form-data; boundary=b",
         "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1", ERR_USAGE,
         "last boundary"},
        {"multipart/form-data; boundary=b", "--b\r\nX: y\r\n\r\n1\r\n--b--", ERR_USAGE,
         "no name"},
        {"multipart/form-data; boundary=b",
         "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--b--", ERR_USAGE,
         "UTF-8"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (multipart(BAD[i].type, BAD[i].body, strlen(BAD[i].body), 7))
            TEST_FAIL("case %zu was taken", i);
        CHECK_INT(problem.kind, BAD[i].kind);
        CHECK(strstr(problem.message, BAD[i].words));
    }
}

TEST(multipart_floods_are_stopped)
{
    struct bytes flood;
    bytes_init(&flood, 8 << 20);
    for (int i = 0; i < 1001; i++)
        bytes_add_literal(&flood,
                          "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n");
    bytes_add_literal(&flood, "--b--\r\n");
    CHECK(!multipart("multipart/form-data; boundary=b", flood.at, flood.len, 4096));
    CHECK_INT(problem.kind, ERR_LIMIT);
    bytes_clear(&flood);
    bytes_add_literal(&flood, "--b\r\nX: ");
    for (int i = 0; i < 20000; i++)
        bytes_add_char(&flood, 'y');
    CHECK(!multipart("multipart/form-data; boundary=b", flood.at, flood.len, 100));
    CHECK_INT(problem.kind, ERR_LIMIT);
    bytes_free(&flood);
}

TEST(parameter_is_saved_as_a_file)
{
    char path[] = "/tmp/colure-test-XXXXXX", text[200];
    CHECK(mkdtemp(path));
    char file[64];
    snprintf(file, sizeof file, "%s/a", path);
    CHECK(multipart(STILTS_TYPE, STILTS_BODY, sizeof STILTS_BODY - 1, 10));
    CHECK(http_param_save(&request.params[1], file, &problem));
    CHECK(
        !http_param_save(&request.params[1], file, &problem)); /* never over another file */
    problem = (struct err){0};
    int fd = open(file, O_RDONLY);
    CHECK_INT(read(fd, text, sizeof text), 22);
    close(fd);
    unlink(file);
    CHECK(http_param_save(&request.params[0], file, &problem));
    fd = open(file, O_RDONLY);
    CHECK_INT(read(fd, text, sizeof text), 28);
    close(fd);
    unlink(file);
    CHECK_INT(rmdir(path), 0); /* no temporary file is left */
}

/* ---- paths and Accept ---- */

static const char *path_of(const char *raw)
{
    struct path path;
    begin();
    return path_parse(arena, str_of(raw), &path, &problem) ? path.text.at : NULL;
}

TEST(paths_are_made_normal)
{
    CHECK_TEXT(path_of("/"), "/");
    CHECK_TEXT(path_of("/tap"), "/tap");
    CHECK_TEXT(path_of("/tap//sync/"), "/tap/sync");
    CHECK_TEXT(path_of("/t%61p/a+b/%C3%A9"), "/tap/a+b/\xC3\xA9");
    CHECK_TEXT(path_of("/a/b%2Fc"), "/a/b/c");
}

TEST(paths_never_climb)
{
    static const char *const BAD[] = {
        "/..",       "/a/../b",     "/%2e%2e/x", "/.",   "/a/%2E/b", "/a%00b", "/%",
        "/..%2fetc", "/a%2f..%2fb", "/..%5cx",   "/%ff", "x",        ""};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (path_of(BAD[i]))
            TEST_FAIL("%s was taken", BAD[i]);
        CHECK_INT(problem.kind, ERR_USAGE);
    }
    CHECK_TEXT(path_of("/..a/a../..."), "/..a/a../...");
    CHECK_TEXT(path_of("/%252e%252e/"), "/%2e%2e"); /* decoded once only */
}

static double accepts(const char *accept, const char *type)
{
    struct http_header header = {STR("ACCEPT"), str_of(accept)};
    struct http_request r = {.headers = &header, .nheader = 1};
    return http_request_accepts(&r, type);
}

TEST(accept_prefers_the_closest_range)
{
    const char *browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    CHECK_NEAR(accepts(browser, "text/html"), 1, 0);
    CHECK_NEAR(accepts(browser, "text/xml"), 0.8, 0);
    CHECK_NEAR(accepts(browser, "application/xml"), 0.9, 0);
    CHECK_NEAR(accepts("text/*;q=0.3, text/html;level=1;q=0.7, */*;q=0.5", "text/html"),
               0.7, 0);
    CHECK_NEAR(accepts("text/*;q=0.3, */*;q=0.5", "text/plain"), 0.3, 0);
    CHECK_NEAR(accepts("application/json", "text/xml"), 0, 0);
    CHECK_NEAR(accepts("", "text/xml"), 1, 0);
}

TEST(http_dates_both_ways)
{
    char text[HTTP_DATE_BYTES];
    int64_t seconds = 0;
    http_date_print(784111777, text);
    CHECK_TEXT(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(http_date_parse(str_of(text), &seconds));
    CHECK_INT(seconds, 784111777);
    CHECK(!http_date_parse(STR("Sunday, 06-Nov-94 08:49:37 GMT"), &seconds));
    CHECK(!http_date_parse(STR("Sun, 06 Xxx 1994 08:49:37 GMT"), &seconds));
    arena_free(arena);
    arena = NULL;
}

RUN_TESTS(T(query_keeps_order_and_repeats), T(query_decodes_blanks_and_utf8),
          T(query_refuses_bad_escapes), T(query_is_limited_in_number),
          T(multipart_of_stilts_in_pieces_of_every_size), T(multipart_odd_but_right),
          T(multipart_binary_is_kept_byte_by_byte), T(multipart_large_text_goes_to_a_file),
          T(multipart_errors_are_said), T(multipart_floods_are_stopped),
          T(parameter_is_saved_as_a_file), T(paths_are_made_normal), T(paths_never_climb),
          T(accept_prefers_the_closest_range), T(http_dates_both_ways))
