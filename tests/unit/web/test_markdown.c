/* test_markdown.c -- documents to HTML: links, ids, code with a link to run it, no raw
 * HTML. */
#include "tests/test.h"
#include "web/markdown.h"

static bool has(const void *context, const char *name)
{
    (void)context;
    return strcmp(name, "scale") == 0 || strcmp(name, "decisions/003-meaning") == 0 ||
           strcmp(name, "tour/1.png") == 0 || strcmp(name, "README") == 0;
}

static bool can_answer(const void *context, str query)
{
    (void)context;
    return str_starts_fold(query, STR("SELECT '"));
}

static char html[65536], title[1000];

static const char *render(const char *text, const char *folder)
{
    struct arena *arena = arena_new(8 << 20);
    struct err e = {0};
    struct bytes b;
    const char *found = NULL;
    const struct markdown_place place = {"http://node.example/a&b", folder, has, can_answer,
                                         NULL};
    bytes_init(&b, 60000);
    if (!arena || !markdown_render(str_of(text), &place, arena, &b, &found, &e))
        TEST_FAIL("%s", e.message);
    snprintf(html, sizeof html, "%s", bytes_text(&b));
    snprintf(title, sizeof title, "%s", found ? found : "(none)");
    bytes_free(&b);
    arena_free(arena);
    return html;
}

#define CHECK_HTML(text, folder, want) CHECK_TEXT(render(text, folder), want)

TEST(the_first_heading_is_the_title)
{
    CHECK_HTML("# A *good* `title`\n\nText.\n", "", "<p>Text.</p>\n");
    CHECK_TEXT(title, "A good title");
    CHECK_HTML("Text.\n", "", "<p>Text.</p>\n");
    CHECK_TEXT(title, "(none)");
    CHECK_HTML("## Who runs, when?\n", "",
               "<h2><span id=\"who-runs-when\"></span>Who runs, when?</h2>\n");
}

TEST(links)
{
    CHECK_HTML("[s](scale.md#big)", "",
               "<p><a href=\"http://node.example/a&amp;b/docs/scale#big\">s</a></p>\n");
    CHECK_HTML("[s](../scale.md)", "decisions/",
               "<p><a href=\"http://node.example/a&amp;b/docs/scale\">s</a></p>\n");
    CHECK_HTML(
        "[s](003-meaning.md)", "decisions/",
        "<p><a "
        "href=\"http://node.example/a&amp;b/docs/decisions/003-meaning\">s</a></p>\n");
    CHECK_HTML("[s](README.md)", "",
               "<p><a href=\"http://node.example/a&amp;b/docs\">s</a></p>\n");
    CHECK_HTML("[t](/table/a.b)", "",
               "<p><a href=\"http://node.example/a&amp;b/table/a.b\">t</a></p>\n");
    CHECK_HTML("[x](#y) [z](https://z.example/)", "",
               "<p><a href=\"#y\">x</a> <a href=\"https://z.example/\">z</a></p>\n");
    CHECK_HTML("![p](tour/1.png)", "",
               "<p><img src=\"http://node.example/a&amp;b/docs/tour/1.png\" alt=\"p\" "
               "/></p>\n");
}

TEST(links_to_what_is_not_here_are_words)
{
    CHECK_HTML("a [`b` c](../conf/demo.yaml) d", "", "<p>a <code>b</code> c d</p>\n");
    CHECK_HTML("a [](none.md) d", "", "<p>a  d</p>\n");
    CHECK_HTML("a [b](../../etc/passwd)", "decisions/", "<p>a b</p>\n");
}

TEST(addresses_are_the_nodes)
{
    CHECK_HTML("<http://localhost:8080/tap> and `http://localhost:8080`", "",
               "<p><a href=\"http://node.example/a&amp;b/tap\">http://node.example/"
               "a&amp;b/tap</a> and <code>http://node.example/a&amp;b</code></p>\n");
}

TEST(code_has_a_link_to_run_it)
{
    CHECK_HTML(
        "```sql\nSELECT '<b>' FROM t\n```\n", "",
        "<pre tabindex=\"0\"><code>SELECT &#39;&lt;b&gt;&#39; FROM t\n</code></pre>\n"
        "<p><a class=\"do\" href=\"http://node.example/a&amp;b/query?QUERY=SELECT%20"
        "%27%3Cb%3E%27%20FROM%20t\">Run it</a></p>\n");
    CHECK_HTML("```sql\nSELECT 1 FROM nowhere\n```\n", "",
               "<pre tabindex=\"0\"><code>SELECT 1 FROM nowhere\n</code></pre>\n");
    CHECK_HTML("    ls\n", "", "<pre tabindex=\"0\"><code>ls\n</code></pre>\n");
}

TEST(nothing_raw_comes_through)
{
    render("<script>alert(1)</script>\n\n[x](javascript:alert(1)) <b onclick=x>y</b>\n",
           "");
    CHECK(!strstr(html, "<script") && !strstr(html, "javascript") && !strstr(html, "<b"));
    render("| a |\n|---|\n| <i> |\n", "");
    CHECK(strstr(html, "<div class=\"scroll\" tabindex=\"0\"") && strstr(html, "</div>"));
    CHECK(!strstr(html, "<i>"));
}

RUN_TESTS(T(the_first_heading_is_the_title), T(links),
          T(links_to_what_is_not_here_are_words), T(addresses_are_the_nodes),
          T(code_has_a_link_to_run_it), T(nothing_raw_comes_through))
