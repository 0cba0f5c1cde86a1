/* style.c -- CSS of pages of text, beside that of all pages; assets/browse.css has that of
 * the schema browser. */
#include "web/inside.h"

const char WEB_STYLE[] =
    ".lead{font-size:1.08rem;max-width:52rem}main{overflow-wrap:anywhere}"
    "article{max-width:56rem}article img{max-width:100%;height:auto;border:1px solid "
    "var(--line);border-radius:8px}article li{margin:.2rem 0}"
    "dl.functions{display:block}.functions "
    "dt{color:inherit;margin-top:1rem;scroll-margin-top:4rem}"
    ".functions dd{margin:0 0 0 1rem}.functions p{margin:.2rem 0}";
