/* VOTable documents as they are written: what stands where (VOT-1 .. VOT-13, DALI-21, 22).
 */
#include "tests/unit/core-formats/tables.h"

#include <math.h>

#include "core/base/base64.h"

static bool has(const char *words)
{
    return strstr(tables_out.at, words) != NULL;
}

static void write_every(const char *format, enum ending ending)
{
    static const struct result_info infos[] = {
        {"QUERY", "SELECT a\nFROM \"t\" WHERE a < 1", NULL, NULL},
        {"citation", "doi:1", "meta.bib", "Someone & al."}};
    static const struct result_head head = {.table_name = "t<1>",
                                            .description = "all & more",
                                            .info = infos,
                                            .ninfo = 2,
                                            .nrow = 4,
                                            .overflow_text = "limit of 4 rows"};
    CHECK(tables_write(tables_every_type(), format, &head, ending));
}

/* VOT-1, VOT-11, TAP-35: status before the table; systems before their users. */
TEST(head_of_the_document)
{
    write_every("votable/td", ENDING_COMPLETE);
    CHECK(has("<VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\""));
    CHECK(has("<RESOURCE type=\"results\">\n<INFO name=\"QUERY_STATUS\" value=\"OK\"/>"));
    CHECK(has("value=\"SELECT a&#10;FROM &quot;t&quot; WHERE a &lt; 1\"/>"));
    CHECK(has("ucd=\"meta.bib\">Someone &amp; al.</INFO>"));
    CHECK(has("<COOSYS ID=\"coosys_1\" system=\"ICRS\" epoch=\"J2016.0\"/>"));
    CHECK(!has("coosys_2") && !has("BARYCENTER"));
    CHECK(has("<TIMESYS ID=\"timesys_1\" timeorigin=\"MJD-origin\" timescale=\"TT\" "
              "refposition=\"GEOCENTER\"/>"));
    CHECK(has("<TABLE name=\"t&lt;1&gt;\" nrows=\"4\">\n<DESCRIPTION>all &amp; more"));
    CHECK(!has("OVERFLOW") && !has("ERROR"));
}

/* VOT-1: 1.5 for who asks for it; it can say where positions are seen from. */
TEST(version_1_5)
{
    static const char *const FORMS[] = {"votable/td/1.5", "votable/b2/1.5",
                                        "votable/b/1.5"};
    for (int i = 0; i < 3; i++) {
        write_every(FORMS[i], ENDING_COMPLETE);
        CHECK(has("<VOTABLE version=\"1.5\"") && has("votable-1.5.xsd") && !has("1.4"));
        CHECK(has("<COOSYS ID=\"coosys_1\" system=\"ICRS\" epoch=\"J2016.0\" "
                  "refposition=\"BARYCENTER\"/>"));
    }
}

/* VOT-6: scalars have no arraysize, strings always have one, and never "1". */
TEST(fields)
{
    write_every("votable/td", ENDING_COMPLETE);
    CHECK(has("<FIELD name=\"small\" datatype=\"short\"/>"));
    CHECK(has("<FIELD name=\"text\" datatype=\"char\" arraysize=\"*\"/>"));
    CHECK(has("<FIELD name=\"fixed\" datatype=\"char\" arraysize=\"4\"/>"));
    CHECK(has("<FIELD name=\"one\" datatype=\"char\"/>"));
    CHECK(!has("arraysize=\"1\""));
    CHECK(has("<FIELD name=\"bits\" datatype=\"bit\" arraysize=\"3\"/>"));
    CHECK(has("<FIELD name=\"complex\" datatype=\"floatComplex\"/>"));
    CHECK(has("<FIELD name=\"dual\" datatype=\"double\" unit=\"deg\" ref=\"coosys_1\"/>"));
    CHECK(has("arraysize=\"2\" xtype=\"point\" ref=\"coosys_1\"/>"));
    CHECK(has(
        "<FIELD name=\"time\" datatype=\"char\" arraysize=\"*\" xtype=\"timestamp\"/>"));
    CHECK(has("<DESCRIPTION>as many &lt;as&gt;</DESCRIPTION>"));
    CHECK(!has("VALUES"));
}

/* VOT-10: integers in BINARY need a value for null; VOT-8: a stream in base64. */
TEST(binary_declares_nulls)
{
    write_every("votable/b", ENDING_COMPLETE);
    CHECK(has("<FIELD name=\"small\" datatype=\"short\">\n<VALUES null=\"-32768\"/>"));
    CHECK(has("<VALUES null=\"255\"/>") && has("<VALUES null=\"-9223372036854775808\"/>"));
    CHECK(has("<DATA><BINARY><STREAM encoding=\"base64\">"));
}

/* DALI-22: OVERFLOW behind the table; TAP section 9: at most one, OK or ERROR before. */
TEST(overflow_is_said_behind_the_table)
{
    write_every("votable/b2", ENDING_OVERFLOW);
    const char *table = strstr(tables_out.at, "</TABLE>");
    CHECK(table &&
          strstr(table, "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\">limit of 4 "
                        "rows</INFO>\n</RESOURCE>\n</VOTABLE>"));
}

/* DALI-22: a late failure is an INFO, and the document is whole. */
TEST(late_failure_is_an_info)
{
    struct err e = {0}, why = {0};
    struct result_head head = {.nrow = -1};
    struct rowsource *source = tables_every_type();
    struct store_batch batch;
    head.column = source->column;
    head.ncolumn = source->ncolumn;
    err_set(&why, ERR_TIMEOUT, "stopped after <60> s");
    bytes_free(&tables_out);
    bytes_init(&tables_out, 1 << 20);
    struct sink *s = format_sink(tables_format("votable/b2"), &TABLES_OPTIONS, &e);
    CHECK(s->begin(s, &head, &tables_out, &e));
    CHECK(source->next(source, &batch, &e) == STEP_ROWS);
    CHECK(s->rows(s, &batch, &tables_out, &e));
    CHECK(s->end(s, ENDING_FAILED, &why, &tables_out, &e));
    s->close(s);
    CHECK(bytes_text(&tables_out));
    CHECK(
        has("</STREAM></BINARY2></DATA>\n</TABLE>\n<INFO name=\"QUERY_STATUS\" "
            "value=\"ERROR\">stopped after &lt;60&gt; s</INFO>\n</RESOURCE>\n</VOTABLE>"));
    static char copy[65536];
    snprintf(copy, sizeof copy, "%s", tables_out.at);
    bytes_free(&tables_out);
    tables_refused(copy, TABLE_VOTABLE, "stopped after <60> s");
}

/* Other formats cannot say it: the caller must break the transfer. */
TEST(other_formats_cannot_fail_late)
{
    static const char *const NAMES[] = {"csv",  "tsv",   "json", "html",
                                        "text", "arrow", "fits"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        struct err e = {0}, why = {.kind = ERR_TIMEOUT, .message = "late"};
        struct rowsource *source = tables_every_type();
        struct result_head head = {
            .nrow = -1, .column = source->column, .ncolumn = source->ncolumn};
        bytes_free(&tables_out);
        bytes_init(&tables_out, 1 << 20);
        struct sink *s = format_sink(tables_format(NAMES[i]), &TABLES_OPTIONS, &e);
        CHECK(s && s->begin(s, &head, &tables_out, &e));
        if (s->end(s, ENDING_FAILED, &why, &tables_out, &e))
            TEST_FAIL("%s says that it can", NAMES[i]);
        s->close(s);
        bytes_free(&tables_out);
    }
}

/* VOT-7, VOT-8: the worked row of VOTable BINARY2: 7, null, 1.5; the greater end first, no
 * padding. */
TEST(binary2_bytes)
{
    static const unsigned char WANT[] = {0x40, 0,    0, 0, 7, 0, 0, 0, 0,
                                         0x3F, 0xF8, 0, 0, 0, 0, 0, 0};
    static const int32_t ids[] = {7};
    static const uint32_t name_at[] = {0, 0};
    static const double xs[] = {1.5};
    static const uint8_t none[] = {0};
    static const struct store_column columns[] = {
        {.type = STORE_I32, .length = 1, .name = "id"},
        {.type = STORE_TEXT, .length = -1, .name = "name"},
        {.type = STORE_F64, .length = 1, .name = "x"}};
    const struct store_column *column[] = {&columns[0], &columns[1], &columns[2]};
    const struct store_vector vectors[] = {
        {ids, NULL, NULL}, {"", name_at, none}, {xs, NULL, NULL}};
    const struct store_batch batch = {sizeof batch, 1, vectors};
    char text[64]; /* whole groups of three go out at once, the rest at the end */
    size_t n = base64_encode(WANT, 15, text);
    text[n++] = '\n';
    n += base64_encode(WANT + 15, 2, text + n);
    text[n] = '\0';
    CHECK(tables_write(tables_source(column, 3, &batch), "votable/b2", NULL,
                       ENDING_COMPLETE));
    CHECK(has(text));
}

/* VOT-12: what XML cannot hold is left out or replaced, never written. */
TEST(characters_that_xml_forbids)
{
    static const char text[] = "a\x01"
                               "b\xFF"
                               "c\r\n\t<]]>\xEF\xBF\xBE&\xC3\xA9";
    static const uint32_t text_at[] = {0, sizeof text - 1};
    static const struct store_column c = {.type = STORE_TEXT, .length = -1, .name = "t"};
    const struct store_column *column[] = {&c};
    const struct store_vector vector = {text, text_at, NULL};
    const struct store_batch batch = {sizeof batch, 1, &vector};
    CHECK(tables_write(tables_source(column, 1, &batch), "votable/td", NULL,
                       ENDING_COMPLETE));
    CHECK(has("<TD>ab\xEF\xBF\xBD"
              "c&#13;\n\t&lt;]]&gt;\xEF\xBF\xBD&amp;\xC3\xA9</TD>"));
}

/* A char column cannot hold more than ASCII in BINARY2, and says so. */
TEST(replaced_characters_are_noted)
{
    static const char text[] = "na\xC3\xAFve";
    static const uint32_t text_at[] = {0, sizeof text - 1};
    static const struct store_column c = {.type = STORE_TEXT, .length = -1, .name = "<t>"};
    const struct store_column *column[] = {&c};
    const struct store_vector vector = {text, text_at, NULL};
    const struct store_batch batch = {sizeof batch, 1, &vector};
    CHECK(tables_write(tables_source(column, 1, &batch), "votable/b2", NULL,
                       ENDING_COMPLETE));
    CHECK(has("</TABLE>\n<INFO name=\"warning\" value=\"replaced characters\">column "
              "&lt;t&gt; is declared as char"));
}

/* What does not fit its declared size is an error, not a cut value. */
TEST(too_long_for_its_declaration)
{
    static const char text[] = "abcde";
    static const uint32_t text_at[] = {0, 5};
    static const struct store_column c = {
        .type = STORE_TEXT, .length = -1, .name = "t", .arraysize = "4"};
    const struct store_column *column[] = {&c};
    const struct store_vector vector = {text, text_at, NULL};
    const struct store_batch batch = {sizeof batch, 1, &vector};
    CHECK(!tables_write(tables_source(column, 1, &batch), "votable/b2", NULL,
                        ENDING_COMPLETE));
    CHECK(
        strstr(tables_error.message, "column t is declared as char[4], but a value has 5"));
}

TEST(error_document)
{
    struct err e = {.kind = ERR_USAGE, .line = 2, .column = 8, .message = "no column <x>"};
    struct bytes b;
    bytes_init(&b, 1 << 16);
    format_error_votable(&b, &e, "r-1");
    CHECK(bytes_text(&b));
    CHECK(strstr(b.at,
                 "<INFO name=\"QUERY_STATUS\" value=\"ERROR\">no column &lt;x&gt; (line "
                 "2, column 8)</INFO>\n<INFO name=\"REQUEST_ID\" value=\"r-1\"/>"));
    static char copy[4096];
    snprintf(copy, sizeof copy, "%s", b.at);
    bytes_free(&b);
    tables_refused(copy, TABLE_VOTABLE, "no column <x>");
}

/* Batches that are slices, with lengths about the size of a chunk. */
TEST(many_rows_in_odd_batches)
{
    enum { N = 1500 };
    static int32_t ids[N];
    static uint32_t name_at[N + 1];
    static char names[N * 8];
    static uint8_t valid[N / 8 + 1];
    static const struct store_column columns[] = {
        {.type = STORE_I32, .length = 1, .name = "id"},
        {.type = STORE_TEXT, .length = -1, .name = "name"}};
    const struct store_column *column[] = {&columns[0], &columns[1]};
    uint32_t at = 0;
    for (int i = 0; i < N; i++) {
        ids[i] = i;
        at += i % 3 ? (uint32_t)snprintf(names + at, 8, "n%d", i) : 0;
        name_at[i + 1] = at;
        valid[i / 8] = (uint8_t)(valid[i / 8] | (i % 3 != 0) << i % 8);
    }
    const struct store_vector vectors[] = {{ids, NULL, NULL}, {names, name_at, valid}};
    for (uint32_t n = 505; n <= N; n += 331) {
        const struct store_batch batch = {sizeof batch, n, vectors};
        CHECK(tables_write(tables_source(column, 2, &batch), "votable/b2", NULL,
                           ENDING_COMPLETE));
        static char copy[1 << 16];
        CHECK(tables_out.len < sizeof copy);
        memcpy(copy, tables_out.at, tables_out.len);
        const char *csv =
            tables_csv_of((str){copy, tables_out.len}, &(struct read_options){0});
        const char *p = strchr(csv, '\n') + 1;
        for (uint32_t i = 0; i < n; i++) {
            char line[32];
            int len = i % 3 ? snprintf(line, sizeof line, "%u,n%u\r\n", i, i)
                            : snprintf(line, sizeof line, "%u,\r\n", i);
            CHECK(strncmp(p, line, (size_t)len) == 0);
            p += len;
        }
        CHECK_INT(*p, '\0');
    }
}

RUN_TESTS(T(head_of_the_document), T(version_1_5), T(fields), T(binary_declares_nulls),
          T(overflow_is_said_behind_the_table), T(late_failure_is_an_info),
          T(other_formats_cannot_fail_late), T(binary2_bytes),
          T(characters_that_xml_forbids), T(replaced_characters_are_noted),
          T(too_long_for_its_declaration), T(error_document), T(many_rows_in_odd_batches))
