/* VOTables that are broken, lie, or attack: each is refused with the place and the reason
 * (TAP-25; limits in size, depth, count). */
#include "tests/unit/core-formats/tables.h"

#include "core/base/base64.h"

#define BEGIN "<VOTABLE version=\"1.4\"><RESOURCE><TABLE>"
#define END "</TABLE></RESOURCE></VOTABLE>"
#define INT "<FIELD name='a' datatype='int'/>"
#define ROWS(rows) "<DATA><TABLEDATA>" rows "</TABLEDATA></DATA>"

static void refused(const char *document, const char *words)
{
    tables_refused(document, TABLE_VOTABLE, words);
}

TEST(not_xml)
{
    refused("", "empty");
    refused("hello world", "XML");
    refused("<VOTABLE><RESOURCE></VOTABLE>", "line 1: not well-formed XML");
    refused("<html></html>", "no VOTable: its root element is html");
    refused("<VOTABLE/>", "no TABLE with FIELDs");
    refused(BEGIN "\n<FIELD name='a' datatype='int'>\n" END, "line 3");
    refused("<VOTABLE a='1' a='2'/>", "not well-formed");
}

TEST(documents_that_end_early)
{
    refused(BEGIN INT, "XML");
    refused(BEGIN INT "<DATA><TABLEDATA><TR><TD>1</TD></TR>", "ends inside row 2");
    refused(BEGIN INT "<DATA><TABLEDATA><TR><TD>1</T", "ends inside row 1");
    refused(BEGIN INT ROWS("<TR><TD>1</TD></TR>") "</TABLE>", "XML");
    refused(BEGIN INT "<DATA><BINARY><STREAM encoding='base64'>AAAA", "inside the STREAM");
}

TEST(fields_that_cannot_be)
{
    refused(BEGIN "<FIELD name='a' datatype='string'/>" END, "FIELD a has the datatype");
    refused(BEGIN "<FIELD name='a'/>" END, "datatype");
    refused(BEGIN "<FIELD name='a' datatype='int' arraysize='-1'/>" END,
            "arraysize \"-1\"");
    refused(BEGIN "<FIELD name='a' datatype='int' arraysize='3x'/>" END, "arraysize");
    refused(BEGIN "<FIELD name='a' datatype='int' arraysize='99999999999'/>" END,
            "arraysize");
    refused(BEGIN "<FIELD name='a' datatype='int' arraysize='65536x65536'/>" END,
            "arraysize");
    refused(BEGIN "<FIELD name='a' datatype='double' arraysize='100000000'/>" END,
            "FIELD a");
    refused(BEGIN "<FIELD name='a' datatype='double' arraysize='16000000'/>" END,
            "a row takes");
}

TEST(cells_that_do_not_fit)
{
    refused(BEGIN INT ROWS("<TR><TD>1</TD></TR>\n<TR><TD>x1</TD></TR>") END,
            "line 2, row 2, column a: \"x1\" is no integer");
    refused(BEGIN INT ROWS("<TR><TD>2147483648</TD></TR>") END, "is no integer");
    refused(BEGIN INT ROWS("<TR><TD>0x1FFFFFFFF</TD></TR>") END, "is no integer");
    refused(BEGIN INT ROWS("<TR><TD>1.5</TD></TR>") END, "is no integer");
    refused(BEGIN "<FIELD name='a' datatype='unsignedByte'/>" ROWS("<TR><TD>256</TD></TR>")
                END,
            "0 to 255");
    refused(BEGIN "<FIELD name='a' datatype='boolean'/>" ROWS("<TR><TD>yes</TD></TR>") END,
            "is no boolean");
    refused(BEGIN "<FIELD name='a' datatype='double'/>" ROWS("<TR><TD>1,5</TD></TR>") END,
            "is no number");
    refused(BEGIN
            "<FIELD name='a' datatype='int' arraysize='2'/>" ROWS("<TR><TD>1</TD></TR>")
                END,
            "too few");
    refused(BEGIN
            "<FIELD name='a' datatype='int' arraysize='2'/>" ROWS("<TR><TD>1 2 3</TD></TR>")
                END,
            "too many");
    refused(BEGIN
            "<FIELD name='a' datatype='bit' arraysize='2'/>" ROWS("<TR><TD>12</TD></TR>")
                END,
            "is no bit");
    refused(BEGIN "<FIELD name='a' datatype='floatComplex' arraysize='*'/>" ROWS(
                "<TR><TD>1 2 3</TD></TR>") END,
            "half a complex");
}

/* VOT-5: as many TD as FIELDs. */
TEST(rows_of_the_wrong_shape)
{
    refused(BEGIN INT ROWS("<TR><TD>1</TD><TD>2</TD></TR>") END,
            "row 1 has more than 1 cells, the table has 1 columns");
    refused(BEGIN INT INT ROWS("\n<TR><TD>1</TD></TR>") END,
            "line 2: row 1 has 1 cells, the table has 2 columns");
    refused(BEGIN INT ROWS("<TR/>") END, "0 cells");
    refused(BEGIN INT ROWS("<TR>x<TD>1</TD></TR>") END, "text between");
    refused(BEGIN INT ROWS("<TR><TH>1</TH></TR>") END, "no TD");
    refused(BEGIN INT ROWS("<TR><TD>1<b/></TD></TR>") END, "element inside");
    refused(BEGIN INT ROWS("<ROW><TD>1</TD></ROW>") END, "no TR");
    refused(BEGIN INT ROWS("<TR><TD>1</TR></TD>") END, "not closed");
    refused(BEGIN INT ROWS("<TR><TD>&nbsp;</TD></TR>") END, "unknown entity");
    refused(BEGIN INT ROWS("<TR><TD>&#x110000;</TD></TR>") END, "\"");
}

/* --- attacks ----------------------------------------------------------------------------
 */

TEST(entities_are_refused)
{
    refused("<!DOCTYPE VOTABLE [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" BEGIN
            "<DESCRIPTION>&x;</DESCRIPTION>" INT END,
            "entit");
    refused("<!DOCTYPE V [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
            "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]><VOTABLE>&c;</VOTABLE>",
            "entit");
    refused("<!DOCTYPE V [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><VOTABLE/>",
            "entit");
    refused(BEGIN "<DESCRIPTION>&x;</DESCRIPTION>" INT END, "x");
}

TEST(nothing_outside_is_read)
{
    refused(BEGIN INT
            "<DATA><BINARY><STREAM href='file:///etc/passwd'/></BINARY></DATA>" END,
            "not fetched");
    refused(BEGIN INT
            "<DATA><FITS><STREAM href='http://127.0.0.1/x.fits'/></FITS></DATA>" END,
            "not fetched");
    refused(BEGIN INT
            "<DATA><BINARY><STREAM encoding='gzip'>AAAA</STREAM></BINARY></DATA>" END,
            "base64");
}

TEST(limits)
{
    static char deep[20000], many[60000];
    size_t n = 0;
    for (int i = 0; i < 1000; i++)
        n += (size_t)snprintf(deep + n, sizeof deep - n, i ? "<RESOURCE>" : "<VOTABLE>");
    refused(deep, "nested too deeply");
    n = (size_t)snprintf(many, sizeof many, BEGIN);
    for (int i = 0; i < 40; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, INT);
    snprintf(many + n, sizeof many - n, ROWS("") END);
    struct read_options options = {.kind = TABLE_VOTABLE, .limits = {.max_columns = 39}};
    CHECK(strstr(tables_csv_of(str_of(many), &options), "more columns than the limit"));
    CHECK_INT(tables_error.kind, ERR_LIMIT);
    options.limits = (struct read_limits){.max_bytes = 600};
    CHECK(strstr(tables_csv_of(str_of(many), &options), "more bytes than the limit"));
    CHECK_INT(tables_error.kind, ERR_LIMIT);
    options.limits = (struct read_limits){.max_rows = 1};
    CHECK(strstr(
        tables_csv_of(STR(BEGIN INT ROWS("<TR><TD>1</TD></TR><TR><TD>2</TD></TR>") END),
                      &options),
        "more than 1 rows"));
    CHECK_TEXT(tables_csv_of(STR(BEGIN INT ROWS("<TR><TD>1</TD></TR>") END), &options),
               "a\r\n1\r\n");
}

TEST(tags_without_end)
{
    enum { SIZE = 2 << 20 };
    char *huge = malloc(SIZE);
    CHECK(huge != NULL);
    memset(huge, 'x', SIZE);
    memcpy(huge, "<VOTABLE a='", 12);
    huge[SIZE - 1] = '\0';
    const char *text = tables_csv(huge, TABLE_VOTABLE);
    free(huge);
    CHECK(strstr(text, "too long"));
}

TEST(tags_with_many_attributes)
{
    static char tag[20000];
    size_t n = (size_t)snprintf(tag, sizeof tag, "<VOTABLE");
    for (int i = 0; i < 1000; i++)
        n += (size_t)snprintf(tag + n, sizeof tag - n, " a%d='='", i);
    snprintf(tag + n, sizeof tag - n, "/>");
    refused(tag, "too many attributes");
}

/* --- streams ----------------------------------------------------------------------------
 */

static void stream_refused(const char *fields, const char *text, const char *words)
{
    char document[2000];
    snprintf(document, sizeof document,
             BEGIN
             "%s<DATA><BINARY2><STREAM encoding='base64'>%s</STREAM></BINARY2></DATA>" END,
             fields, text);
    refused(document, words);
}

TEST(streams_that_lie)
{
    const char *text = "<FIELD name='s' datatype='char' arraysize='*'/>";
    stream_refused(INT, "AAAAAA", "base64");
    stream_refused(INT, "AAAA!AAA", "no base64");
    stream_refused(INT, "AAAA", "ends inside row 1");
    stream_refused(INT, "AAAAAAAAAA==", "ends inside row 2");
    stream_refused(INT, "AAAA<TR/>", "ends inside row 1");
    stream_refused(text, "AP////8=", "row 1, column s: a cell of -1 elements");
    stream_refused(text, "AH////8=", "a cell of 2147483647 elements");
    stream_refused(text, "AAD///8=", "ends inside row 1");
    stream_refused("<FIELD name='d' datatype='double' arraysize='*'/>",
                   "AH////8=", "2147483647");
    refused(BEGIN "<FIELD name='e' datatype='char' arraysize='0'/><DATA><BINARY><STREAM "
                  "encoding='base64'>AAAA</STREAM></BINARY></DATA>" END,
            "a row of this table has no bytes");
}

/* A document that says it is compressed and is not, or is cut. */
TEST(broken_gzip)
{
    static const char CUT[] = "\x1F\x8B\x08\0\0\0\0\0\0\x03\xB3\x09\xF3\x0F";
    str document = {CUT, sizeof CUT - 1};
    CHECK(strstr(tables_csv_of(document, &(struct read_options){.kind = TABLE_VOTABLE}),
                 "compressed file"));
    CHECK_INT(tables_error.kind, ERR_USAGE);
}

RUN_TESTS(T(not_xml), T(documents_that_end_early), T(fields_that_cannot_be),
          T(cells_that_do_not_fit), T(rows_of_the_wrong_shape), T(entities_are_refused),
          T(nothing_outside_is_read), T(limits), T(tags_without_end),
          T(tags_with_many_attributes), T(streams_that_lie), T(broken_gzip))
