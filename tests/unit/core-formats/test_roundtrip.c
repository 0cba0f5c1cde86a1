/* Every VOTable datatype through writers and back through readers: SELECT * of an upload is
 * exact (TAP-21), nulls and NaN apart where the format can tell them (VOT-9). */
#include "tests/unit/core-formats/tables.h"

static const char WANT[] =
    "truth,bits,tiny,small,middle,large,single,dual,text,wide,fixed,one,pos,list,complex,"
    "time,"
    "mjd,matrix,bytes\r\n"
    "true,1 0 1,7,-5,100000,1,0.1,0.3333333333333333,plain,\xC3\xA9\xE2\x82\xAC,abcd,x,10 "
    "-5,"
    "1 2 3 4 5 6,1 2,1970-01-01T00:00:00,0.3333333333333333,1 2 3 4 5 6,"
    "1 0 1 0 0 0 0 0 0\r\n"
    ",0 0 0,,,,,,,,,,,,,,,0,0 0 0 0 0 0,\r\n"
    "false,0 0 0,254,32767,-2147483647,9007199254740993,NaN,+Inf,\"<a&b> \"\"q\"\"\","
    "\xF0\x9F\x94\xAD,xy,y,1 2,0.5 1.5,3 -4,2017-07-14T02:40:00.123456,+Inf,"
    "-1 -2 -3 -4 -5 -6,1 1 1\r\n"
    "true,1 1 1,0,0,0,0,-0,5e-324,\"\",\"\",efg,z,3 4,,5 6,1969-12-31T23:59:59.999,5e-324,"
    "7 8 9 10 11 12,\r\n";

static char kept[65536];

/* A document of every type, kept while it is read. */
static str document(const char *format)
{
    const char *text = tables_write(tables_every_type(), format, NULL, ENDING_COMPLETE);
    if (!text)
        TEST_FAIL("%s: %.900s", format, tables_error.message);
    CHECK(tables_out.len < sizeof kept);
    memcpy(kept, tables_out.at, tables_out.len);
    return (str){kept, tables_out.len};
}

/* The first difference, with some of its surroundings. */
static void compare(const char *got, const char *want)
{
    size_t n = 0;
    while (got[n] && got[n] == want[n])
        n++;
    if (got[n] != want[n])
        TEST_FAIL("byte %zu: got ...%.60s, want ...%.60s", n, got + (n > 20 ? n - 20 : 0),
                  want + (n > 20 ? n - 20 : 0));
}

TEST(binary2)
{
    compare(tables_csv_of(document("votable/b2"), &(struct read_options){0}), WANT);
}

/* TABLEDATA cannot tell null floats from NaN, nor empty text and arrays from null. */
TEST(tabledata)
{
    char want[sizeof WANT + 40];
    const char *null_row = strstr(WANT, ",0 0 0,,,"), *rest = strchr(null_row, '\n') + 1;
    snprintf(want, sizeof want, "%.*s%s%s", (int)(null_row - WANT), WANT,
             ",0 0 0,,,,,NaN,NaN,,,,,NaN NaN,,NaN NaN,,0,0 0 0 0 0 0,\r\n", rest);
    char *empty = strstr(want, "5e-324,\"\",\"\",");
    memmove(empty + 9, empty + 13, strlen(empty + 13) + 1);
    memcpy(empty, "5e-324,,,", 9);
    compare(tables_csv_of(document("votable/td"), &(struct read_options){0}), want);
}

/* BINARY has no flags: floats, text, bytes and arrays of fixed length have no null. */
TEST(binary)
{
    char want[sizeof WANT + 40];
    const char *null_row = strstr(WANT, ",0 0 0,,,"), *rest = strchr(null_row, '\n') + 1;
    snprintf(want, sizeof want, "%.*s%s%s", (int)(null_row - WANT), WANT,
             ",0 0 0,,,,,NaN,NaN,,,,,NaN NaN,,NaN NaN,,0,0 0 0 0 0 0,\r\n", rest);
    char *empty = strstr(want, "5e-324,\"\",\"\",");
    memmove(empty + 9, empty + 13, strlen(empty + 13) + 1);
    memcpy(empty, "5e-324,,,", 9);
    compare(tables_csv_of(document("votable/b"), &(struct read_options){0}), want);
}

/* FITS: text is ASCII, NaN is null. */
TEST(fits)
{
    struct read_options options = {.kind = TABLE_FITS};
    const char *got = tables_csv_of(document("fits"), &options);
    CHECK(strstr(got,
                 "true,1 0 1,7,-5,100000,1,0.1,0.3333333333333333,plain,??,abcd,x,10 -5,"
                 "1 2 3 4 5 6,1 2,1970-01-01T00:00:00,0.3333333333333333,"));
    CHECK(strstr(got, "\r\n,0 0 0,,,,,,,,,,,NaN NaN,,NaN NaN,,0,0 0 0 0 0 0,\r\n"));
    CHECK(strstr(got, "9007199254740993,,+Inf,"));
}

/* Types and words of every column come back with the values. */
TEST(columns_come_back)
{
    struct rowsource *s = tables_open(document("votable/td"), &(struct read_options){0});
    CHECK(s != NULL);
    CHECK_INT(s->ncolumn, TABLES_NCOLUMN);
    CHECK_TEXT(s->column[0]->datatype, "boolean");
    CHECK_TEXT(s->column[1]->datatype, "bit");
    CHECK_TEXT(s->column[5]->ucd, "meta.id;meta.main");
    CHECK_TEXT(s->column[7]->unit, "deg");
    CHECK_TEXT(s->column[7]->coosys->system, "ICRS");
    CHECK_TEXT(s->column[7]->coosys->epoch, "J2016.0");
    CHECK_TEXT(s->column[9]->datatype, "unicodeChar");
    CHECK_TEXT(s->column[10]->arraysize, "4");
    CHECK_TEXT(s->column[12]->xtype, "point");
    CHECK_TEXT(s->column[13]->description, "as many <as>");
    CHECK_INT(s->column[15]->type, STORE_TIME_US);
    CHECK_TEXT(s->column[16]->timesys->timescale, "TT");
    CHECK_TEXT(s->column[16]->timesys->timeorigin, "MJD-origin");
    CHECK_TEXT(s->column[17]->arraysize, "2x3");
    CHECK_INT(s->column[17]->length, 6);
    CHECK_INT(s->column[18]->length, -1);
    s->close(s);
}

/* Written again, a document that was read is the same document. */
TEST(second_generation_is_the_same)
{
    static char first[65536];
    str text = document("votable/b2");
    memcpy(first, text.at, text.len);
    struct rowsource *s = tables_open(text, &(struct read_options){0});
    CHECK(s && tables_write(s, "votable/b2", NULL, ENDING_COMPLETE));
    CHECK_INT(tables_out.len, text.len);
    CHECK(memcmp(tables_out.at, first, text.len) == 0);
}

RUN_TESTS(T(binary2), T(tabledata), T(binary), T(fits), T(columns_come_back),
          T(second_generation_is_the_same))
