/* services.c -- what clients can do with the rows of a result: the links of data products.
 */
#include "core/dali/dali.h"

static const char ID_UTYPE[] = "Curation.PublisherDID"; /* ObsCore 1.1, obs_publisher_did */

static bool is_publisher_did(const struct store_column *c)
{
    str utype = str_of(c->utype);
    if (str_starts_fold(utype, STR("obscore:")))
        utype = (str){utype.at + 8, utype.len - 8};
    return str_eq_fold(utype, (str){ID_UTYPE, sizeof ID_UTYPE - 1});
}

static const char *descriptor(const struct dali *d, const char *base, struct arena *arena)
{
    static const char FORM[] =
        "<RESOURCE type=\"meta\" utype=\"adhoc:service\" name=\"links\" ID=\"links\">\n"
        "<DESCRIPTION>The data of each row and what belongs to them</DESCRIPTION>\n"
        "<PARAM name=\"standardID\" datatype=\"char\" arraysize=\"*\" "
        "value=\"ivo://ivoa.net/std/DataLink#links-1.1\"/>\n"
        "<PARAM name=\"accessURL\" datatype=\"char\" arraysize=\"*\" value=\"%s%s\"/>\n"
        "<PARAM name=\"contentType\" datatype=\"char\" arraysize=\"*\" "
        "value=\"application/x-votable+xml;content=datalink\"/>\n"
        "<GROUP name=\"inputParams\">\n"
        "<PARAM name=\"ID\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.id;meta.main\" "
        "value=\"\" ref=\"%s\"/>\n"
        "</GROUP>\n</RESOURCE>\n";
    struct bytes escaped;
    bytes_init(&escaped, 4096);
    bytes_add_xml(&escaped, str_of(base));
    const char *url = bytes_text(&escaped);
    const char *text =
        url ? arena_format(arena, FORM, url, d->links_path, DALI_LINKS_REF) : NULL;
    bytes_free(&escaped);
    return text;
}

void dali_add_links(const struct dali *d, const char *base, struct arena *arena,
                    struct result_head *head)
{
    if (!d->links_path || !base)
        return;
    for (uint32_t i = 0; i < head->ncolumn; i++)
        if (is_publisher_did(head->column[i])) {
            head->services = descriptor(d, base, arena);
            head->service_ref = DALI_LINKS_REF;
            head->service_column = i;
            return;
        }
}
