/* test_page.c -- the frame of pages and its policy; JSON; checksums of text. */
#include "core/base/json.h"
#include "core/base/page.h"
#include "core/base/sha256.h"
#include "tests/test.h"

static struct bytes b;

static const char *page(const struct page_head *head)
{
    bytes_free(&b);
    bytes_init(&b, 1 << 20);
    page_begin(&b, head);
    page_end(&b);
    return bytes_text(&b);
}

TEST(everything_is_escaped)
{
    const char *evil = "\"><script>alert(1)</script>";
    const char *text = page(&(struct page_head){
        .title = evil, .base = evil, .site = evil, .search = evil, .version = "1"});
    CHECK(text && !strstr(text, "<script>"));
    CHECK(strstr(text, "&lt;script&gt;"));
}

TEST(navigation_only_where_the_node_is_known)
{
    CHECK(!strstr(page(&(struct page_head){.title = "x"}), "<nav"));
    const char *text =
        page(&(struct page_head){.title = "x", .base = "http://n/a", .here = "/query"});
    CHECK(strstr(text, "href=\"http://n/a/query\" aria-current=\"page\""));
    CHECK(strstr(text, "<main id=\"main\">\n<h1>x</h1>"));
    CHECK(strstr(text, "href=\"#main\""));
}

TEST(assets_stand_under_their_version)
{
    static const char *const SCRIPT[] = {"a.js", NULL};
    struct page_head head = {.title = "x", .base = "http://n", .script = SCRIPT};
    CHECK(!strstr(page(&head), "a.js"));
    head.version = "v1";
    CHECK(strstr(page(&head), "<script type=\"module\" src=\"http://n/assets/@v1/a.js\">"));
}

TEST(the_policy_forbids_what_a_page_does_not_need)
{
    char policy[PAGE_POLICY_BYTES], nonce[PAGE_NONCE_BYTES], other[PAGE_NONCE_BYTES];
    page_policy(&(struct page_head){.style = "p{}"}, policy);
    CHECK(strstr(policy, "default-src 'none'; script-src 'self';"));
    CHECK(strstr(policy, "'sha256-") && !strstr(policy, "unsafe"));
    CHECK(page_nonce(nonce) && page_nonce(other) && strcmp(nonce, other) != 0);
    page_policy(&(struct page_head){.nonce = nonce}, policy);
    CHECK(strstr(policy, nonce));
    page_policy(&(struct page_head){.allow = PAGE_SKY}, policy);
    CHECK(strstr(policy, "script-src 'self' 'wasm-unsafe-eval'"));
    CHECK(!strstr(policy, "sha256-")); /* a hash would switch 'unsafe-inline' off */
}

TEST(checksum_of_text)
{
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1];
    CHECK(sha256_bytes(STR("abc"), digest));
    sha256_print(digest, hex);
    CHECK_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(json_with_commas_and_escapes)
{
    struct bytes j;
    bytes_init(&j, 4096);
    json_open(&j, NULL, '{');
    json_text(&j, "a", "x\"\n{");
    json_text(&j, "left_out", NULL);
    json_open(&j, "list", '[');
    json_int(&j, NULL, -1);
    json_text(&j, NULL, NULL);
    json_double(&j, NULL, NAN);
    json_bool(&j, NULL, true);
    json_close(&j, ']');
    json_count(&j, "n", -1);
    json_double(&j, "d", 0.5);
    json_close(&j, '}');
    CHECK_TEXT(bytes_text(&j),
               "{\"a\":\"x\\\"\\n{\",\"list\":[-1,null,null,true],\"d\":0.5}");
    bytes_free(&j);
}

RUN_TESTS(T(everything_is_escaped), T(navigation_only_where_the_node_is_known),
          T(assets_stand_under_their_version),
          T(the_policy_forbids_what_a_page_does_not_need), T(checksum_of_text),
          T(json_with_commas_and_escapes))
