/* page.c -- head, style, navigation and foot of HTML pages, and what they may load. */
#include "core/base/page.h"

#include <openssl/rand.h>
#include <stdio.h>

#include "core/base/base64.h"
#include "core/base/sha256.h"

/* In two pieces: a compiler need not take longer texts. */
static const char FRAME_STYLE[] =
    ":root{color-scheme:light dark;--ink:#1c2430;--soft:#535f6e;--paper:#fff;"
    "--tint:#f3f6f9;--line:#d5dde5;--edge:#7b8896;--link:#0b5cad;--bad:#a3231f;"
    "--good:#1d6b3a;--warn:#7a5200;--mark:#fff3c4;--bar:#7fb0e3}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#a5b2bf;--paper:#12171d;"
    "--tint:#1b222a;--line:#33404c;--edge:#76838f;--link:#7db8f2;--bad:#ff9a94;"
    "--good:#7fd6a0;--warn:#f0c36a;--mark:#4a3f12;--bar:#3f6fa3}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,'DejaVu Sans',sans-serif;overflow-wrap:break-word}"
    "main,.frame,footer{max-width:68rem;margin:0 auto;padding:0 1.2rem}"
    ".bar{background:var(--tint);border-bottom:1px solid var(--line)}"
    ".frame{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1.2rem;"
    "padding-top:.5rem;padding-bottom:.5rem}"
    ".frame nav{display:flex;flex-wrap:wrap;gap:.1rem .2rem;flex:1 1 auto}"
    ".frame nav a{padding:.3rem .6rem;border-radius:6px;text-decoration:none;"
    "color:var(--ink)}"
    ".frame nav a:hover{text-decoration:underline}"
    ".frame nav a[aria-current]{background:var(--link);color:var(--paper)}"
    ".frame nav a.brand{font-weight:700;padding-left:0;max-width:18rem;overflow:hidden;"
    "text-overflow:ellipsis;white-space:nowrap}"
    ".frame form{display:flex;gap:.4rem;flex:0 1 22rem}"
    ".frame input{min-width:0;width:100%;padding:.25rem .6rem}"
    ".frame button{padding:.25rem .7rem}"
    ".skip{position:absolute;left:-99rem}.skip:focus{left:.5rem;top:.5rem;z-index:9;"
    "background:var(--paper);padding:.4rem .8rem;border:2px solid var(--link)}"
    ":focus-visible{outline:3px solid var(--link);outline-offset:2px}";
static const char TEXT_STYLE[] =
    "h1{font-size:1.7rem;line-height:1.25;margin:1.2rem 0 .8rem}"
    "h2{font-size:1.25rem;margin:2rem 0 .4rem}h3{font-size:1.05rem;margin:1rem 0 .2rem}"
    "a{color:var(--link)}p,dd{max-width:46rem}"
    "code,pre,textarea{font-family:ui-monospace,'DejaVu Sans "
    "Mono',monospace;font-size:.92em}"
    "pre{background:var(--tint);border:1px solid var(--line);border-radius:6px;"
    "padding:.7rem .9rem;overflow-x:auto;white-space:pre-wrap}"
    "pre.error{border-left:4px solid var(--bad)}"
    "table{border-collapse:collapse;width:100%;font-size:.92rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;"
    "border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".scroll{overflow-x:auto}"
    "section{border-top:1px solid var(--line);margin-top:1.6rem}"
    "details{margin:.4rem 0;border:1px solid var(--line);border-radius:6px;padding:.4rem "
    ".8rem}"
    "summary{cursor:pointer}summary code{font-weight:600}"
    ".soft{color:var(--soft)}.bad{color:var(--bad)}.good{color:var(--good)}"
    ".warn{color:var(--warn)}dl{display:grid;grid-template-columns:max-content 1fr;"
    "gap:.2rem 1.2rem;margin:.4rem 0}dt{color:var(--soft)}dd{margin:0;min-width:0}"
    "textarea,input,select,button,.button{font-size:1rem;color:inherit;"
    "background:var(--paper);border:1px solid var(--edge);border-radius:6px;"
    "padding:.4rem .6rem}"
    "textarea{width:100%;min-height:8rem}"
    "button,.button{font-family:inherit;display:inline-block;background:var(--link);"
    "color:var(--paper);border-color:var(--link);cursor:pointer;text-decoration:none}"
    "button.plain,.button.plain{background:var(--paper);color:var(--link)}"
    "button:disabled{background:var(--tint);color:var(--soft);border-color:var(--line);"
    "cursor:default}"
    "label{margin-right:1rem}form.line{display:inline}[hidden]{display:none!important}"
    "#toasts{position:fixed;right:1rem;bottom:1rem;z-index:8;max-width:min(30rem,90vw)}"
    ".toast{background:var(--ink);color:var(--paper);padding:.5rem .9rem;border-radius:6px;"
    "margin:.4rem 0 0}.toast.bad{background:var(--bad)}"
    "footer{margin-top:3rem;padding-bottom:2rem;color:var(--soft);font-size:.9rem}"
    ".wide main,.wide .frame,.wide footer{max-width:none}"
    "table.result{width:auto}.result th,.result td{border:1px solid var(--line);"
    "padding:.15em .5em}.result th{background:var(--tint);position:sticky;top:0}"
    ".result th span{font-weight:normal}.result .k,.result "
    ".n{white-space:nowrap}.rows{overflow:auto;max-height:calc(100vh - "
    "5rem)}@media print{.rows{overflow:visible;max-height:none}}"
    "tr[aria-current]>*{background:var(--tint);box-shadow:inset 0 2px var(--link),inset 0 "
    "-2px var(--link)}"
    "@media(max-width:40rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}"
    ".frame form{flex:1 1 100%}main,.frame,footer{padding-left:.8rem;padding-right:.8rem}"
    "h1{font-size:1.4rem}}"
    "@media print{form,footer,.bar,.skip,button,.button{display:none}details{border:0}"
    "body{font-size:11pt}a{color:inherit}}";

static const char *const STYLE[] = {FRAME_STYLE, TEXT_STYLE};

static void add_links(struct bytes *b, const struct page_head *head)
{
    static const char *const ENTRY[][2] = {
        {"/", "Browse"},   {"/query", "Query"},        {"/plot", "Plot"},
        {"/jobs", "Jobs"}, {"/docs", "Documentation"},
    };
    bytes_add_literal(b, "<nav aria-label=\"Main\"><a class=\"brand\" href=\"");
    bytes_add_xml(b, str_of(head->base));
    bytes_add_literal(b, "/\">");
    bytes_add_xml(b, str_of(head->site ? head->site : "Colure"));
    bytes_add_literal(b, "</a>");
    for (size_t i = 0; i < sizeof ENTRY / sizeof *ENTRY; i++) {
        bytes_add_literal(b, "<a href=\"");
        bytes_add_xml(b, str_of(head->base));
        bytes_add_format(b, "%s\"%s>%s</a>", ENTRY[i][0],
                         head->here && str_eq(str_of(head->here), str_of(ENTRY[i][0]))
                             ? " aria-current=\"page\""
                             : "",
                         ENTRY[i][1]);
    }
    bytes_add_literal(b, "</nav>\n");
}

static void add_navigation(struct bytes *b, const struct page_head *head)
{
    bytes_add_literal(b, "<header class=\"bar\"><div class=\"frame\">");
    add_links(b, head);
    bytes_add_literal(b, "<form role=\"search\" method=\"get\" action=\"");
    bytes_add_xml(b, str_of(head->base));
    bytes_add_literal(b, "/search\"><input type=\"search\" name=\"q\" placeholder=\"Search "
                         "tables and columns\" aria-label=\"Search tables and columns\" "
                         "value=\"");
    bytes_add_xml(b, str_of(head->search));
    bytes_add_literal(b, "\"/><button>Search</button></form></div></header>\n");
}

/* One element for each name, its address between the two texts. */
static void add_assets(struct bytes *b, const struct page_head *head,
                       const char *const *name, const char *before, const char *after)
{
    for (; head->version && name && *name; name++) {
        bytes_add(b, str_of(before));
        bytes_add_xml(b, str_of(head->base));
        bytes_add_format(b, "/assets/@%s/%s%s", head->version, *name, after);
    }
}

static void add_style(struct bytes *b, const char *style)
{
    bytes_add_literal(b, "<style>");
    bytes_add(b, str_of(style));
    bytes_add_literal(b, "</style>\n");
}

static void add_head(struct bytes *b, const struct page_head *head)
{
    bytes_add_literal(b, "<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                         "content=\"width=device-width, initial-scale=1\"/>\n");
    if (head->refresh_s)
        bytes_add_format(b, "<meta http-equiv=\"refresh\" content=\"%u\"/>\n",
                         head->refresh_s);
    if (head->nonce)
        bytes_add_format(b, "<meta property=\"csp-nonce\" nonce=\"%s\"/>\n", head->nonce);
    bytes_add_literal(b, "<title>");
    bytes_add_xml(b, str_of(head->title));
    bytes_add_literal(b, "</title>\n");
    for (size_t i = 0; i < 2; i++)
        add_style(b, STYLE[i]);
    if (head->style)
        add_style(b, head->style);
    bytes_add_literal(b, "<link rel=\"icon\" href=\"data:,\"/>\n");
    if (head->base) { /* the search box of the navigation answers as one types */
        static const char *const SHEET[] = {"search.css", NULL}, *const SCRIPT[] = {
                                                                     "search.js", NULL};
        add_assets(b, head, SHEET, "<link rel=\"stylesheet\" href=\"", "\"/>\n");
        add_assets(b, head, SCRIPT, "<script type=\"module\" src=\"", "\"></script>\n");
    }
    add_assets(b, head, head->sheet, "<link rel=\"stylesheet\" href=\"", "\"/>\n");
    add_assets(b, head, head->script, "<script type=\"module\" src=\"", "\"></script>\n");
    bytes_add_literal(b, "</head>\n");
}

void page_begin(struct bytes *b, const struct page_head *head)
{
    bytes_add_literal(b, "<!DOCTYPE html>\n<html lang=\"en\"");
    if (head->base) {
        bytes_add_literal(b, " data-base=\"");
        bytes_add_xml(b, str_of(head->base));
        bytes_add_char(b, '"');
    }
    bytes_add_literal(b, ">\n");
    add_head(b, head);
    bytes_add(b, head->is_wide ? STR("<body class=\"wide\">\n") : STR("<body>\n"));
    bytes_add_literal(b, "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
    if (head->base)
        add_navigation(b, head);
    bytes_add_literal(b, "<main id=\"main\">\n");
    if (head->has_own_heading)
        return;
    bytes_add_literal(b, "<h1>");
    bytes_add_xml(b, str_of(head->title));
    bytes_add_literal(b, "</h1>\n");
}

void page_end(struct bytes *b)
{
    bytes_add_literal(b, "</main>\n<footer>Served by Colure, a node of the Virtual "
                         "Observatory.</footer>\n</body>\n</html>\n");
}

/* ---- what it may load -----------------------------------------------------------------
 */

static void add_hash(struct bytes *b, const char *style)
{
    unsigned char digest[SHA256_BYTES];
    char text[48];
    if (!sha256_bytes(str_of(style), digest))
        return; /* the page is then without style, never without protection */
    size_t n = base64_encode(digest, sizeof digest, text);
    bytes_add_format(b, " 'sha256-%.*s'", (int)n, text);
}

static void add_styles(struct bytes *b, const struct page_head *head)
{
    bytes_add_literal(b, "; style-src 'self'");
    if (head->allow & PAGE_SKY) {
        bytes_add_literal(b, " 'unsafe-inline'");
        return;
    }
    for (size_t i = 0; i < 2; i++)
        add_hash(b, STYLE[i]);
    if (head->style)
        add_hash(b, head->style);
    if (head->nonce)
        bytes_add_format(b, " 'nonce-%s'", head->nonce);
}

void page_policy(const struct page_head *head, char out[PAGE_POLICY_BYTES])
{
    bool sky = head->allow & PAGE_SKY;
    struct bytes b;
    bytes_init(&b, PAGE_POLICY_BYTES);
    bytes_add_literal(&b, "default-src 'none'; script-src 'self'");
    if (sky)
        bytes_add_literal(&b, " 'wasm-unsafe-eval'; worker-src 'self' blob:");
    add_styles(&b, head);
    bytes_add_literal(&b, "; connect-src 'self' http://localhost:21012 "
                          "http://127.0.0.1:21012");
    if (sky)
        bytes_add_literal(&b, " https: data: blob:");
    bytes_add_literal(&b, "; img-src 'self' data: blob:");
    if (sky)
        bytes_add_literal(&b, " https:; font-src 'self' data:");
    bytes_add_literal(&b, "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    snprintf(out, PAGE_POLICY_BYTES, "%.*s", (int)b.len, b.failed ? "" : b.at);
    if (b.failed)
        snprintf(out, PAGE_POLICY_BYTES, "default-src 'none'");
    bytes_free(&b);
}

bool page_nonce(char out[PAGE_NONCE_BYTES])
{
    unsigned char random[16];
    if (RAND_bytes(random, sizeof random) != 1)
        return false;
    out[base64_encode(random, sizeof random, out)] = '\0';
    return true;
}
