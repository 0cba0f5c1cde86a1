/* CSV, TSV and ECSV: reading others' files, and what is written (TAP-36, RFC 4180). */
#include "tests/unit/core-formats/tables.h"

static const char *csv(const char *document)
{
    return tables_csv(document, TABLE_CSV);
}

TEST(separators_are_found)
{
    CHECK_TEXT(csv("a,b\n1,2\n"), "a,b\r\n1,2\r\n");
    CHECK_TEXT(csv("a;b\r\n1;\"x;y\"\r\n"), "a,b\r\n1,x;y\r\n");
    CHECK_TEXT(csv("a\tb\n1\tx y"), "a,b\r\n1,x y\r\n");
    CHECK_TEXT(csv("a|b\n1|2,5\n"), "a,b\r\n1,\"2,5\"\r\n");
    struct read_options options = {.kind = TABLE_CSV, .separator = ':'};
    CHECK_TEXT(tables_csv_of(STR("a:b\n1:2\n"), &options), "a,b\r\n1,2\r\n");
    CHECK_TEXT(tables_csv("a,b\tc\n1,2\t3\n", TABLE_TSV), "a_b,c\r\n\"1,2\",3\r\n");
}

TEST(quotes)
{
    CHECK_TEXT(csv("a,b\n\"x\"\"y\",\"line\none\"\n5\" lens,\n\"\",z\n"),
               "a,b\r\n\"x\"\"y\",\"line\none\"\r\n\"5\"\" lens\",\r\n\"\",z\r\n");
    tables_refused("a,b\n\"x,y\n", TABLE_CSV, "line 2: a quote is not closed");
    tables_refused("a,b\n\"x\"y,1\n", TABLE_CSV, "behind a closing quote");
}

TEST(names_are_cleaned)
{
    CHECK_TEXT(csv("B-Mag, ra (deg) ,,2nd,a,A\n1,2,3,4,5,6\n"),
               "B_Mag,ra_deg,col3,c2nd,a,A_2\r\n1,2,3,4,5,6\r\n");
    struct rowsource *s =
        tables_open(STR("B-Mag\n1\n"), &(struct read_options){.kind = TABLE_CSV});
    CHECK_TEXT(s->column[0]->description, "B-Mag");
    s->close(s);
}

static enum store_type type_of(const char *values)
{
    char document[500];
    snprintf(document, sizeof document, "a,b\n%s", values);
    struct rowsource *s =
        tables_open(str_of(document), &(struct read_options){.kind = TABLE_CSV});
    if (!s)
        TEST_FAIL("%.900s", tables_error.message);
    enum store_type type = s->column[0]->type;
    s->close(s);
    return type;
}

/* long > double > timestamp > text, over the whole file; empty is null. */
TEST(types_are_inferred)
{
    CHECK_INT(type_of("1,\n-5,\n,x\n"), STORE_I64);
    CHECK_INT(type_of("1,\n2.5,\n"), STORE_F64);
    CHECK_INT(type_of("1e5,\nNaN,\n"), STORE_F64);
    CHECK_INT(type_of("2020-01-01,\n2020-01-02 03:04:05.123456,\n"), STORE_TIME_US);
    CHECK_INT(type_of("2020-01-01T00:00:00.1234567,\n"), STORE_TEXT);
    CHECK_INT(type_of("1,\n2,\nthree,\n"), STORE_TEXT);
    CHECK_INT(type_of(",1\n,2\n"), STORE_TEXT);
    CHECK_INT(type_of("12345678901234567890,\n"), STORE_TEXT);
    CHECK_INT(type_of("9223372036854775807,\n"), STORE_I64);
}

TEST(what_stands_before_and_between)
{
    CHECK_TEXT(csv("\xEF\xBB\xBF# a comment\n#another\na,b\n\n1,2\n\r\n3,4"),
               "a,b\r\n1,2\r\n3,4\r\n");
    CHECK_TEXT(csv("a,b\n"), "a,b\r\n");
    tables_refused("", TABLE_CSV, "no line of column names");
}

TEST(rows_of_the_wrong_length)
{
    tables_refused("a,b\n1,2\n3\n", TABLE_CSV, "line 3: 1 cells, but there are 2 columns");
    tables_refused("a,b\n1,\"x\ny\"\n3,4,5\n", TABLE_CSV, "line 4: 3 cells");
    struct read_options options = {.kind = TABLE_CSV, .limits = {.max_columns = 2}};
    CHECK(strstr(tables_csv_of(STR("a,b,c\n"), &options), "more than 2 cells"));
    options.limits = (struct read_limits){.max_rows = 1};
    CHECK(strstr(tables_csv_of(STR("a\n1\n2\n"), &options), "more than 1 rows"));
}

/* Bytes that are no UTF-8 are taken as Latin-1. */
TEST(latin_1)
{
    CHECK_TEXT(csv("a,b\n\xE9t\xE9,1\n"), "a,b\r\n\xC3\xA9t\xC3\xA9,1\r\n");
}

/* --- ECSV -------------------------------------------------------------------------------
 */

TEST(ecsv)
{
    static const char DOCUMENT[] =
        "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n"
        "# - {name: id, datatype: int64, description: 'a, b'}\n"
        "# - {name: flux, unit: mJy, datatype: float32, meta: {ucd: phot.flux}}\n"
        "# - {name: ok, datatype: bool}\n"
        "# - {name: pos, datatype: string, subtype: 'float64[2]'}\n"
        "# - {name: img, datatype: string, subtype: 'int32[2,3]'}\n"
        "# - {name: many, datatype: string, subtype: 'float64[null]'}\n"
        "# - {name: s, datatype: string}\n"
        "# meta: !!omap\n# - {k: v}\n"
        "id,flux,ok,pos,img,many,s\n"
        "1,2.5,True,\"[1.5,2]\",\"[[1,2,3],[4,5,6]]\",\"[1,null]\",x\n"
        ",,,,,[],\n";
    CHECK_TEXT(tables_csv(DOCUMENT, TABLE_UNKNOWN),
               "id,flux,ok,pos,img,many,s\r\n1,2.5,true,1.5 2,1 2 3 4 5 6,1 NaN,x\r\n"
               ",,,,,,\r\n");
    struct rowsource *s = tables_open(str_of(DOCUMENT), &(struct read_options){0});
    CHECK_INT(s->column[0]->type, STORE_I64);
    CHECK_TEXT(s->column[0]->description, "a, b");
    CHECK_TEXT(s->column[1]->unit, "mJy");
    CHECK_TEXT(s->column[1]->ucd, "phot.flux");
    CHECK_TEXT(s->column[4]->arraysize, "3x2"); /* the first axis runs fastest here */
    s->close(s);
}

TEST(ecsv_with_blanks)
{
    CHECK_TEXT(
        tables_csv("# %ECSV 0.9\n# ---\n# datatype:\n# - {name: e, datatype: float64}\n"
                   "# - {name: n, datatype: string}\ne n\n0.3   \"a b\"\n nan  \"\"\n",
                   TABLE_ECSV),
        "e,n\r\n0.3,a b\r\nNaN,\r\n");
}

TEST(broken_ecsv)
{
    tables_refused("# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a}\na\n", TABLE_ECSV,
                   "line 4: ECSV column a");
    tables_refused("# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int3}\na\n",
                   TABLE_ECSV, "datatype is unknown");
    tables_refused("# %ECSV 1.0\n# ---\n# meta: {}\na\n", TABLE_ECSV, "no list of columns");
    tables_refused(
        "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int32}\na\nx\n",
        TABLE_ECSV, "line 6, column a: \"x\" is no integer");
}

/* --- writing ----------------------------------------------------------------------------
 */

TEST(cells_that_would_break_rows)
{
    static const char text[] = "a,b\"c\"\r\n\td\0e x plain";
    static const uint32_t at[] = {0, 3, 6, 9, 11, 13, 15, 15, 20};
    static const struct store_column c = {.type = STORE_TEXT, .length = -1, .name = "t,1"};
    const struct store_column *column[] = {&c};
    const struct store_vector vector = {text, at, NULL};
    const struct store_batch batch = {sizeof batch, 8, &vector};
    CHECK_TEXT(
        tables_write(tables_source(column, 1, &batch), "csv", NULL, ENDING_COMPLETE),
        "\"t,1\"\r\n\"a,b\"\r\n\"\"\"c\"\"\"\r\n\"\r\n\t\"\r\nd\r\n\"e \"\r\n\"x \"\r\n"
        "\"\"\r\nplain\r\n");
    CHECK_TEXT(tables_write(tables_source(column, 1, &batch), "tsv", NULL, ENDING_COMPLETE),
               "t,1\na,b\n\"c\"\n   \nd\ne \nx \n\nplain\n");
    CHECK_TEXT(tables_write(tables_source(column, 1, &batch), "csv/no-header", NULL,
                            ENDING_COMPLETE),
               "\"a,b\"\r\n\"\"\"c\"\"\"\r\n\"\r\n\t\"\r\nd\r\n\"e \"\r\n\"x "
               "\"\r\n\"\"\r\nplain\r\n");
}

RUN_TESTS(T(separators_are_found), T(quotes), T(names_are_cleaned), T(types_are_inferred),
          T(what_stands_before_and_between), T(rows_of_the_wrong_length), T(latin_1),
          T(ecsv), T(ecsv_with_blanks), T(broken_ecsv), T(cells_that_would_break_rows))
