/* send.c -- the place of the button "Send to TOPCAT, Aladin" on a table's page
 * (assets/send.js). Without scripts there is nothing to press. */
#include "web/inside.h"

enum { ROWS = 10000 }; /* as many as a person wants to see of a large table */

void web_add_send(struct web_page *p, const struct catalog_table *t)
{
    const char *query =
        arena_format(p->arena, "SELECT TOP %d * FROM %s", ROWS, t->full_name);
    if (!query || !p->head.version)
        return;
    bytes_add_literal(&p->b, "<p><span class=\"samp\" data-url=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/tap/sync?LANG=ADQL&amp;RESPONSEFORMAT=votable&amp;QUERY=");
    bytes_add_url(&p->b, str_of(query));
    web_text(p, "\" data-name=\"", t->full_name, "\"");
    if (t->row_estimate > ROWS) {
        bytes_add_literal(&p->b, " data-label=\"Send the first ");
        web_count(&p->b, ROWS);
        bytes_add_literal(&p->b, " rows to TOPCAT, Aladin\"");
    }
    bytes_add_literal(&p->b, "></span></p>\n");
}
