/* test_samp.c -- values, XML-RPC both ways, lock files, what a URL is. */
#include "core/samp/samp.h"
#include "tests/test.h"

static struct arena *arena;

TEST(memory_is_made)
{
    arena = arena_new(64 << 20);
    CHECK(arena);
}

static const struct samp_value *answer(const char *value, struct err *e)
{
    const char *xml = arena_format(
        arena,
        "<?xml version='1.0'?><methodResponse><params><param>%s</param></params>"
        "</methodResponse>",
        value);
    return samp_read_answer(str_of(xml), arena, e);
}

/* SAMP-1: only strings, lists and maps are sent; markup in them is escaped. */
TEST(a_call_is_written)
{
    struct err e = {0};
    struct bytes b;
    bytes_init(&b, 1 << 16);
    struct samp_value *params = samp_list(arena), *map = samp_map(arena);
    CHECK(samp_add_text(arena, params, NULL, "key"));
    CHECK(samp_add_text(arena, map, "url", "http://x/?a=1&b=<2>"));
    CHECK(samp_add(params, NULL, map));
    CHECK(samp_write_call(&b, "samp.hub.notify", params, &e));
    CHECK_TEXT(
        bytes_text(&b),
        "<?xml version=\"1.0\"?>\n<methodCall><methodName>samp.hub.notify</methodName>"
        "<params><param><value><string>key</string></value></param><param><value>"
        "<struct><member><name>url</name><value><string>http://x/?a=1&amp;b=&lt;2&gt;"
        "</string></value></member></struct></value></param></params></methodCall>\n");
    bytes_free(&b);
}

/* SAMP-1: a value with byte 0x01 or a letter past ASCII is refused before sending. */
TEST(forbidden_characters_are_not_sent)
{
    static const char *const BAD[] = {"a\x01", "caf\xC3\xA9", "\x7f"};
    for (size_t i = 0; i < 3; i++) {
        struct err e = {0};
        struct bytes b;
        bytes_init(&b, 1 << 16);
        struct samp_value *params = samp_list(arena);
        CHECK(samp_add_text(arena, params, NULL, BAD[i]));
        CHECK(!samp_write_call(&b, "m", params, &e));
        CHECK_INT(e.kind, ERR_USAGE);
        bytes_free(&b);
    }
    CHECK_TEXT(samp_ascii(arena, "caf\xC3\xA9 \xF0\x9F\x8C\x8C\x01."), "caf? ??.");
    CHECK_TEXT(samp_url(arena, "http://x/\xC3\xA9 b"), "http://x/%C3%A9%20b");
}

TEST(too_deep_is_not_sent)
{
    struct err e = {0};
    struct bytes b;
    bytes_init(&b, 1 << 16);
    struct samp_value *params = samp_list(arena), *at = params;
    for (int i = 0; i < 40; i++) {
        struct samp_value *inner = samp_list(arena);
        CHECK(samp_add(at, NULL, inner));
        at = inner;
    }
    CHECK(!samp_write_call(&b, "m", params, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    bytes_free(&b);
}

/* SAMP pitfall 7: a value without a type is a string. */
TEST(answers_are_read)
{
    struct err e = {0};
    const struct samp_value *v = answer(
        "<value><struct><member><name>samp.private-key</name><value>k&amp;1</value></"
        "member>"
        "<member><name>n</name><value><int>7</int></value></member>"
        "<member><name>l</name><value><array><data><value><string>a</string></value>"
        "<value><![CDATA[<b>]]></value></data></array></value></member></struct></value>",
        &e);
    CHECK(v && v->kind == SAMP_MAP);
    CHECK_TEXT(samp_get_text(v, "samp.private-key"), "k&1");
    CHECK_TEXT(samp_get_text(v, "n"), "7");
    CHECK_TEXT(samp_get_text(v, "none"), "");
    const struct samp_value *list = samp_get(v, "l");
    CHECK(list && list->kind == SAMP_LIST && list->first && list->first->next);
    CHECK_TEXT(list->first->text, "a");
    CHECK_TEXT(list->first->next->text, "<b>");
    CHECK(!samp_get(list, "l") && !samp_get(NULL, "l"));
}

TEST(faults_are_errors)
{
    struct err e = {0};
    CHECK(!samp_read_answer(
        STR("<methodResponse><fault><value><struct><member><name>faultCode</name><value>"
            "<int>1</int></value></member><member><name>faultString</name><value>No such "
            "client</value></member></struct></value></fault></methodResponse>"),
        arena, &e));
    CHECK_INT(e.kind, ERR_USAGE);
    CHECK_TEXT(e.message, "the hub refuses: No such client");
}

TEST(what_is_no_answer_is_refused)
{
    static const char *const BAD[] = {
        "",
        "<html/>",
        "<methodResponse",
        "<methodResponse><params><param><name/></param></params></methodResponse>",
        "<!DOCTYPE methodResponse [<!ENTITY a 'b'>]><methodResponse><params><param><value>"
        "&a;</value></param></params></methodResponse>",
        "<methodResponse><params><param><value><struct><member><value/></member></struct>"
        "</value></param></params></methodResponse>",
        "<methodResponse><params><param><value><array><data><x/></data></array></value>"
        "</param></params></methodResponse>"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        struct err e = {0};
        CHECK(!samp_read_answer(str_of(BAD[i]), arena, &e));
        CHECK_INT(e.kind, ERR_UNAVAILABLE);
    }
}

static const char *nested(int n)
{
    struct bytes b;
    bytes_init(&b, 1 << 20);
    for (int i = 0; i < n; i++)
        bytes_add_literal(&b, "<value><array><data>");
    for (int i = 0; i < n; i++)
        bytes_add_literal(&b, "</data></array></value>");
    const char *text = arena_text(arena, bytes_str(&b));
    bytes_free(&b);
    return text;
}

TEST(answers_are_bounded)
{
    struct err deep = {0}, fine = {0}, many = {0};
    CHECK(answer(nested(16), &fine));
    CHECK(!answer(nested(40), &deep));
    CHECK_INT(deep.kind, ERR_UNAVAILABLE);
    struct bytes b;
    bytes_init(&b, 1 << 20);
    bytes_add_literal(&b, "<value><array><data>");
    for (int i = 0; i < 20001; i++)
        bytes_add_literal(&b, "<value>1</value>");
    bytes_add_literal(&b, "</data></array></value>");
    CHECK(!answer(arena_text(arena, bytes_str(&b)), &many));
    CHECK_INT(many.kind, ERR_UNAVAILABLE);
    bytes_free(&b);
}

/* SAMP-8: key=value lines, comments, unknown keys passed over. */
TEST(lock_files)
{
    struct err e = {0}, bad = {0};
    struct samp_lock lock;
    CHECK(
        samp_lock_read(STR("# hub\r\nsamp.secret=a=b\r\n\nx=y\nsamp.hub.xmlrpc.url=http://"
                           "localhost:1/x\nsamp.profile.version=1.3"),
                       "/h/.samp", arena, &lock, &e));
    CHECK_TEXT(lock.secret, "a=b");
    CHECK_TEXT(lock.url, "http://localhost:1/x");
    CHECK(!samp_lock_read(STR("samp.secret=a\n"), "/h/.samp", arena, &lock, &bad));
    CHECK_INT(bad.kind, ERR_UNAVAILABLE);
}

static const char *cards(const char *const *card, size_t n)
{
    struct bytes b;
    bytes_init(&b, 1 << 16);
    for (size_t i = 0; i < n; i++)
        bytes_add_format(&b, "%-80s", card[i]);
    const char *text = arena_text(arena, bytes_str(&b));
    bytes_free(&b);
    return text;
}

TEST(what_a_url_is)
{
    static const char *const TABLE[] = {"SIMPLE  =                    T",
                                        "NAXIS   =                    0", "END",
                                        "XTENSION= 'BINTABLE'"};
    static const char *const IMAGE[] = {"SIMPLE  =                    T",
                                        "NAXIS   =                    2", "END"};
    static const char *const PACKED[] = {"NAXIS   =                    0",
                                         "XTENSION= 'BINTABLE'",
                                         "ZIMAGE  =                    T"};
    static const char *const MOC[] = {"NAXIS   =                    0",
                                      "XTENSION= 'BINTABLE'", "MOCORDER=         10"};
    enum samp_content c;
    str fits = STR("application/fits");
    CHECK(samp_content_of(STR("Application/X-VOTable+xml; content=datalink"), STR(""), &c));
    CHECK_TEXT(samp_content_mtype(c), "table.load.votable");
    CHECK(samp_content_of(STR("text/csv;header=present"), STR(""), &c));
    CHECK_TEXT(samp_content_mtype(c), "table.load.csv");
    CHECK(samp_content_of(fits, str_of(cards(TABLE, 4)), &c));
    CHECK_TEXT(samp_content_mtype(c), "table.load.fits");
    CHECK(samp_content_of(fits, str_of(cards(IMAGE, 3)), &c));
    CHECK_TEXT(samp_content_mtype(c), "image.load.fits");
    CHECK(samp_content_of(fits, str_of(cards(PACKED, 3)), &c));
    CHECK_TEXT(samp_content_mtype(c), "image.load.fits");
    CHECK(samp_content_of(fits, str_of(cards(MOC, 3)), &c));
    CHECK_TEXT(samp_content_mtype(c), "coverage.load.moc.fits");
    CHECK(!samp_content_of(STR("text/html"), STR(""), &c));
    CHECK(!samp_content_of(STR(""), STR(""), &c));
}

TEST(memory_is_given_back)
{
    arena_free(arena);
    arena = NULL;
}

RUN_TESTS(T(memory_is_made), T(a_call_is_written), T(forbidden_characters_are_not_sent),
          T(too_deep_is_not_sent), T(answers_are_read), T(faults_are_errors),
          T(what_is_no_answer_is_refused), T(answers_are_bounded), T(lock_files),
          T(what_a_url_is), T(memory_is_given_back))
