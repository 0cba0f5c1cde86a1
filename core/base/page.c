/* page.c -- head, style and foot of HTML pages. */
#include "core/base/page.h"

static const char STYLE[] =
    ":root{--ink:#1c2430;--soft:#5a6675;--paper:#fff;--tint:#f3f6f9;--line:#d5dde5;"
    "--link:#0b5cad;--bad:#a3231f}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#9fadbb;--paper:#12171d;"
    "--tint:#1b222a;--line:#33404c;--link:#7db8f2;--bad:#ff9a94}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,'DejaVu Sans',sans-serif}"
    "main,header,footer{max-width:68rem;margin:0 auto;padding:0 1.2rem}"
    "header{padding-top:1.4rem}h1{font-size:1.7rem;margin:.2rem 0 .8rem}"
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
    "td.n,th.n{text-align:right}.scroll{overflow-x:auto}"
    "section{border-top:1px solid var(--line);margin-top:1.6rem}"
    "details{margin:.4rem 0;border:1px solid var(--line);border-radius:6px;padding:.4rem "
    ".8rem}"
    "summary{cursor:pointer}summary code{font-weight:600}"
    ".soft{color:var(--soft)}dl{display:grid;grid-template-columns:max-content 1fr;"
    "gap:.2rem 1.2rem;margin:.4rem 0}dt{color:var(--soft)}dd{margin:0}"
    "textarea,input,select,button{font-size:1rem;color:inherit;background:var(--paper);"
    "border:1px solid var(--soft);border-radius:6px;padding:.4rem .6rem}"
    "textarea{width:100%;min-height:8rem}button{background:var(--link);color:var(--paper);"
    "border-color:var(--link);cursor:pointer}label{margin-right:1rem}"
    "footer{margin-top:3rem;padding-bottom:2rem;color:var(--soft);font-size:.9rem}"
    "@media print{form,footer{display:none}details{border:0}}";

void page_begin(struct bytes *b, const struct page_head *head)
{
    bytes_add_literal(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                         "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                         "content=\"width=device-width, initial-scale=1\"/>\n");
    if (head->refresh_s)
        bytes_add_format(b, "<meta http-equiv=\"refresh\" content=\"%u\"/>\n",
                         head->refresh_s);
    bytes_add_literal(b, "<title>");
    bytes_add_xml(b, str_of(head->title));
    bytes_add_literal(b, "</title>\n<style>");
    bytes_add(b, str_of(STYLE));
    bytes_add(b, str_of(head->style));
    bytes_add_literal(b, "</style>\n</head>\n<body>\n<header><h1>");
    bytes_add_xml(b, str_of(head->title));
    bytes_add_literal(b, "</h1></header>\n<main>\n");
}

void page_end(struct bytes *b)
{
    bytes_add_literal(b, "</main>\n<footer>Served by Colure, a node of the Virtual "
                         "Observatory.</footer>\n</body>\n</html>\n");
}
