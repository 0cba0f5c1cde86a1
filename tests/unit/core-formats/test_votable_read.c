/* VOTables that others write: versions, encodings, layouts (VOTable, "Reader duties"). */
#include "tests/unit/core-formats/tables.h"

#include "core/base/base64.h"

#define BEGIN "<VOTABLE version=\"1.4\"><RESOURCE><TABLE>"
#define END "</TABLE></RESOURCE></VOTABLE>"
#define ROWS(rows) "<DATA><TABLEDATA>" rows "</TABLEDATA></DATA>"

static const char *read_votable(const char *document)
{
    return tables_csv(document, TABLE_VOTABLE);
}

TEST(namespaces_and_prefixes)
{
    CHECK_TEXT(
        read_votable(
            "<?xml version='1.0'?><v:VOTABLE xmlns:v='http://www.ivoa.net/xml/VOTable/"
            "v1.1' version='1.1'><v:RESOURCE><v:TABLE><v:FIELD name='a' datatype='int'"
            "/><v:DATA><v:TABLEDATA><v:TR><v:TD>1</v:TD></v:TR></v:TABLEDATA>"
            "</v:DATA></v:TABLE></v:RESOURCE></v:VOTABLE>"),
        "a\r\n1\r\n");
    CHECK_TEXT(
        read_votable("<VOTABLE xmlns='http://vizier.u-strasbg.fr/VOTable' "
                     "version='1.0'><RESOURCE><TABLE><FIELD name='a' datatype='int'/>"
                     "<x:VODML xmlns:x='urn:m'><x:TABLE><x:FIELD name='no'/></x:TABLE>"
                     "</x:VODML>" ROWS("<TR><TD>2</TD></TR>") END),
        "a\r\n2\r\n");
}

/* The first TABLE with FIELDs; what else a document holds is passed over. */
TEST(which_table)
{
    CHECK_TEXT(read_votable(
                   "<VOTABLE><INFO name='x' value='y'/><RESOURCE type='meta'><PARAM "
                   "name='p' datatype='int' value='1'><VALUES null='5'/></PARAM>"
                   "<GROUP name='g'><PARAM name='q' datatype='char' value=''/></GROUP>"
                   "</RESOURCE><RESOURCE><TABLE name='empty'></TABLE></RESOURCE>"
                   "<RESOURCE><TABLE><PARAM name='r' datatype='int' value='3'/>"
                   "<FIELD name='a' datatype='int'/>" ROWS(
                       "<TR><TD>5</TD></TR>") "<INFO name='i' "
                                              "value='j'/></TABLE><TABLE><FIELD name='b' "
                                              "datatype='int'/>" ROWS("<TR><TD>9</TD></TR>")
                                                  END),
               "a\r\n5\r\n");
    CHECK_TEXT(read_votable(BEGIN "<FIELD name='a' datatype='int'/>" END), "a\r\n");
    CHECK_TEXT(read_votable("<VOTABLE><RESOURCE><TABLE ID='model'><FIELD name='a' "
                            "datatype='int'/></TABLE><TABLE ref='model'>" ROWS(
                                "<TR><TD>1</TD></TR>") END),
               "a\r\n1\r\n");
}

/* VOT-9, and the spellings of section 3. */
TEST(cells_of_tabledata)
{
    CHECK_TEXT(
        read_votable(BEGIN
                     "<FIELD name='b' datatype='boolean'/><FIELD name='i' "
                     "datatype='short'/><FIELD name='d' datatype='double'/><FIELD "
                     "name='s' datatype='char' arraysize='*'/>" ROWS(
                         "<TR><TD>T</TD><TD> +3 </TD><TD>.5</TD><TD> x </TD></TR>"
                         "<TR><TD>0</TD><TD>0x1F</TD><TD>1e5</TD><TD>a&lt;b&amp;&#65;"
                         "&#x42;</TD></TR>"
                         "<TR><TD>?</TD><TD/><TD>NaN</TD><TD></TD></TR>"
                         "<TR><TD>TRUE</TD><TD>0xFFFF</TD><TD>-Inf</TD><TD><![CDATA[<&]]>"
                         "!</TD></TR>"
                         "<TR ID='r'>\n <!-- c --> <TD >f</TD\n><TD encoding='none'>-1"
                         "</TD><?pi?><TD>3.</TD><TD>x<!-- y -->z</TD>\n</TR>") END),
        "b,i,d,s\r\ntrue,3,0.5,\" x \"\r\nfalse,31,100000,a<b&AB\r\n,,NaN,\r\n"
        "true,-1,-Inf,<&!\r\nfalse,-1,3,xz\r\n");
}

TEST(arrays)
{
    CHECK_TEXT(
        read_votable(BEGIN
                     "<FIELD name='f' datatype='int' arraysize='2'/><FIELD name='v' "
                     "datatype='double' arraysize='3x*'/><FIELD name='t' "
                     "datatype='bit' arraysize='5'/><FIELD name='c' "
                     "datatype='doubleComplex' arraysize='2'/><FIELD name='n' "
                     "datatype='float' arraysize='1'/>" ROWS(
                         "<TR><TD>1\n 2</TD><TD>1 2 3 4 5 6</TD><TD>10110</TD><TD>1 2 "
                         "3 4</TD><TD>7</TD></TR>"
                         "<TR><TD/><TD/><TD>0 0 0 0 1</TD><TD>0 0 0 0</TD><TD/></TR>") END),
        "f,v,t,c,n\r\n1 2,1 2 3 4 5 6,1 0 1 1 0,1 2 3 4,7\r\n,,0 0 0 0 1,0 0 0 0,\r\n");
}

/* VOT-10: magic nulls in every serialization; they are echoed. */
TEST(magic_nulls)
{
    const char *document = BEGIN
        "<FIELD name='a' datatype='int'><VALUES null='-99'/></FIELD><FIELD name='h' "
        "datatype='short'><VALUES null='0xFF'/></FIELD><FIELD name='f' datatype='float'>"
        "<VALUES null='-1'/></FIELD>" ROWS(
            "<TR><TD>-99</TD><TD>255</TD><TD>-1</TD></TR><TR>"
            "<TD>99</TD><TD>254</TD><TD>1</TD></TR>") END;
    CHECK_TEXT(read_votable(document), "a,h,f\r\n,,\r\n99,254,1\r\n");
    struct rowsource *s = tables_open(str_of(document), &(struct read_options){0});
    CHECK_TEXT(s->column[0]->null_literal, "-99");
    CHECK(tables_write(s, "votable/td", NULL, ENDING_COMPLETE));
    CHECK(strstr(tables_out.at, "<VALUES null=\"-99\"/>"));
}

TEST(names_are_made_good)
{
    CHECK_TEXT(read_votable(BEGIN
                            "<FIELD name='a' datatype='int'/><FIELD ID='x' "
                            "datatype='int'/><FIELD datatype='int'/><FIELD name='A' "
                            "datatype='int'/><FIELD name='p &amp; q' datatype='int'/>" END),
               "a,x,col3,A_2,p & q\r\n");
}

/* A text column says more than it declares: no value is cut. */
TEST(strings_that_are_not_what_they_declare)
{
    struct rowsource *s = tables_open(
        STR(BEGIN "<FIELD name='one' datatype='char'/><FIELD name='word' datatype='char'/>"
                  "<FIELD name='wide' datatype='char' arraysize='9*'/>" ROWS(
                      "<TR><TD>x</TD><TD>word</TD><TD>caf\xC3\xA9</TD></TR>") END),
        &(struct read_options){0});
    CHECK(s != NULL);
    CHECK_TEXT(s->column[0]->arraysize, "1");
    CHECK_TEXT(s->column[1]->arraysize, "*");
    CHECK_TEXT(s->column[2]->datatype, "unicodeChar");
    CHECK(tables_write(s, "votable/b2", NULL, ENDING_COMPLETE));
    static char copy[4096];
    snprintf(copy, sizeof copy, "%s", tables_out.at);
    CHECK_TEXT(read_votable(copy), "one,word,wide\r\nx,word,caf\xC3\xA9\r\n");
}

static enum store_type time_type(const char *values, bool keep_text)
{
    char document[2000];
    snprintf(document, sizeof document,
             BEGIN "<FIELD name='t' datatype='char' arraysize='*' xtype='adql:TIMESTAMP'/>"
                   "<DATA><TABLEDATA>%s</TABLEDATA></DATA>" END,
             values);
    struct read_options options = {.keep_timestamps_as_text = keep_text};
    struct rowsource *s = tables_open(str_of(document), &options);
    CHECK(s != NULL);
    enum store_type type = s->column[0]->type;
    CHECK_TEXT(s->column[0]->xtype, "timestamp");
    s->close(s);
    return type;
}

/* Times are times only if every one prints back to the same text (TAP-21). */
TEST(timestamps)
{
    CHECK_INT(time_type("<TR><TD>2020-01-02T03:04:05</TD></TR><TR><TD/></TR>", false),
              STORE_TIME_US);
    CHECK_INT(time_type("<TR><TD>2020-01-02T03:04:05</TD></TR>", true), STORE_TEXT);
    CHECK_INT(time_type("<TR><TD>2020-01-02T03:04:05.123</TD></TR>", false), STORE_TIME_US);
    CHECK_INT(time_type("<TR><TD>2020-01-02T03:04:05.100000</TD></TR>", false), STORE_TEXT);
    CHECK_INT(time_type("<TR><TD>2020-01-02</TD></TR>", false), STORE_TEXT);
    CHECK_INT(time_type("<TR><TD>2020-01-02T03:04:05Z</TD></TR>", false), STORE_TEXT);
    CHECK_INT(time_type("<TR><TD>yesterday</TD></TR>", false), STORE_TEXT);
}

TEST(encodings)
{
    CHECK_TEXT(read_votable("<?xml version='1.0' encoding='ISO-8859-1'?>" BEGIN
                            "<FIELD name='s' datatype='unicodeChar' arraysize='*'/>" ROWS(
                                "<TR><TD>\xE9t\xE9</TD></TR>") END),
               "s\r\n\xC3\xA9t\xC3\xA9\r\n");
    CHECK_TEXT(read_votable("\xEF\xBB\xBF" BEGIN "<FIELD name='a' datatype='int'/>" END),
               "a\r\n");
    static const char PLAIN[] =
        BEGIN "<FIELD name='a' datatype='int'/>" ROWS("<TR><TD>8</TD></TR>") END;
    static char wide[2 * sizeof PLAIN + 2] = "\xFE\xFF";
    for (size_t i = 0; i < sizeof PLAIN - 1; i++)
        wide[3 + 2 * i] = PLAIN[i];
    str document = {wide, 2 * sizeof PLAIN};
    CHECK_TEXT(tables_csv_of(document, &(struct read_options){.kind = TABLE_VOTABLE}),
               "a\r\n8\r\n");
}

/* A DOCTYPE is read over; nothing is fetched. */
TEST(doctype_is_harmless)
{
    CHECK_TEXT(read_votable("<?xml version='1.0'?><!DOCTYPE VOTABLE SYSTEM "
                            "'http://127.0.0.1:1/x.dtd'>" BEGIN
                            "<FIELD name='a' datatype='int'/>" END),
               "a\r\n");
}

/* --- binary -----------------------------------------------------------------------------
 */

static const char *binary(const char *fields, const char *tag, const char *bytes, size_t n)
{
    static char document[8192];
    char text[4096];
    text[base64_encode(bytes, n, text)] = '\0';
    snprintf(document, sizeof document,
             BEGIN "%s<DATA><%s><STREAM encoding='base64'>%s</STREAM></%s></DATA>" END,
             fields, tag, text, tag);
    return document;
}

#define BINARY(fields, tag, bytes) binary(fields, tag, bytes, sizeof bytes - 1)

TEST(binary_cells)
{
    const char *fields =
        "<FIELD name='b' datatype='boolean'/><FIELD name='t' datatype='bit' "
        "arraysize='10'/><FIELD name='u' datatype='unsignedByte'/><FIELD "
        "name='s' datatype='char' arraysize='4'/><FIELD name='w' "
        "datatype='unicodeChar' arraysize='*'/><FIELD name='v' "
        "datatype='short' arraysize='*'/>";
    CHECK_TEXT(read_votable(BINARY(fields, "BINARY",
                                   "T\xA0\x40\xFE"
                                   "ab\0z"
                                   "\0\0\0\2\0A\xC3\xA9\0\0\0\1\xFF\xFF"
                                   "?\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")),
               "b,t,u,s,w,v\r\n"
               "true,1 0 1 0 0 0 0 0 0 1,254,ab,A\xEC\x8E\xA9,-1\r\n,0 0 0 0 0 0 0 0 0 "
               "0,0,,,\r\n");
}

TEST(binary2_flags)
{
    const char *fields = "<FIELD name='i' datatype='int'/><FIELD name='s' datatype='char' "
                         "arraysize='*'/><FIELD name='d' datatype='double'/>";
    CHECK_TEXT(read_votable(BINARY(fields, "BINARY2",
                                   "\x40\0\0\0\7\0\0\0\0\x3F\xF8\0\0\0\0\0\0"
                                   "\xA0\0\0\0\0\0\0\0\0\x7F\xF8\0\0\0\0\0\0")),
               "i,s,d\r\n7,,1.5\r\n,\"\",\r\n");
}

/* Two-dimensional char: strings keep their places. */
TEST(two_dimensional_strings)
{
    const char *fields = "<FIELD name='s' datatype='char' arraysize='4x2'/>";
    CHECK_TEXT(read_votable(BINARY(fields, "BINARY2", "\0ab\0\0cd\0\0")),
               "s\r\n\"ab  cd  \"\r\n");
}

/* nrows is a hint that may lie. */
TEST(nrows_is_not_believed)
{
    CHECK_TEXT(read_votable("<VOTABLE><RESOURCE><TABLE nrows='1000000000'><FIELD name='a' "
                            "datatype='int'/>" ROWS("<TR><TD>1</TD></TR>") END),
               "a\r\n1\r\n");
}

RUN_TESTS(T(namespaces_and_prefixes), T(which_table), T(cells_of_tabledata), T(arrays),
          T(magic_nulls), T(names_are_made_good), T(strings_that_are_not_what_they_declare),
          T(timestamps), T(encodings), T(doctype_is_harmless), T(binary_cells),
          T(binary2_flags), T(two_dimensional_strings), T(nrows_is_not_believed))
