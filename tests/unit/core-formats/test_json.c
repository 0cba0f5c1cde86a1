/* JSON: arrays of objects, of arrays, GeoJSON, and what we write ourselves. */
#include "tests/unit/core-formats/tables.h"

static const char *json(const char *document)
{
    return tables_csv(document, TABLE_JSON);
}

TEST(objects)
{
    CHECK_TEXT(
        json("[ {\"a\": 1, \"b\": \"x\"}, {\"b\": \"\\u00e9\\n\\\"\", \"c\": true},\n"
             "{\"a\": null, \"c\": false} ]"),
        "a,b,c\r\n1,x,\r\n,\"\xC3\xA9\n\"\"\",true\r\n,,false\r\n");
    CHECK_TEXT(json("{\"n\": {\"x\": [1, {}]}, \"data\": [{\"a\": 1.5}]}"), "a\r\n1.5\r\n");
    CHECK_TEXT(json("[[1, \"x\"], [2.5, null]]"), "col1,col2\r\n1,x\r\n2.5,\r\n");
}

TEST(types)
{
    CHECK_TEXT(
        json("[{\"n\": \"6.70\", \"id\": \"007\", \"t\": \"2020-01-01T00:00:00\", "
             "\"v\": [1, 2.5], \"m\": [1, \"x\"], \"o\": {\"p\": 3}}]"),
        "n,id,t,v,m,o_p\r\n6.7,007,2020-01-01T00:00:00,1 2.5,\"[1, \"\"x\"\"]\",3\r\n");
    struct rowsource *s =
        tables_open(STR("[{\"n\": \"6.70\", \"id\": \"007\", \"v\": []}]"),
                    &(struct read_options){.kind = TABLE_JSON});
    CHECK_INT(s->column[0]->type, STORE_F64);
    CHECK_INT(s->column[1]->type, STORE_TEXT);
    CHECK_INT(s->column[2]->length, -1);
    s->close(s);
}

TEST(geojson)
{
    CHECK_TEXT(
        json(
            "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":88,"
            "\"properties\":{\"mag\":5.7},\"geometry\":{\"type\":\"Point\",\"coordinates\":"
            "[0.25,-48.5]}},{\"type\":\"Feature\",\"id\":89,\"properties\":{\"mag\":null},"
            "\"geometry\":null}]}"),
        "id,mag,lon,lat,geometry\r\n88,5.7,0.25,-48.5,\r\n89,,,,\r\n");
}

/* Our own documents come back exactly, integers beyond 2^53 and NaN too. */
TEST(our_own)
{
    static char copy[65536];
    CHECK(tables_write(tables_every_type(), "json", NULL, ENDING_OVERFLOW));
    CHECK(strstr(tables_out.at, "\"9007199254740993\",\"NaN\",\"Infinity\""));
    CHECK(strstr(tables_out.at, "\n],\n\"query_status\":\"OVERFLOW\"}"));
    snprintf(copy, sizeof copy, "%s", tables_out.at);
    const char *got = json(copy);
    CHECK(strstr(got, "true,1 0 1,7,-5,100000,1,0.1,0.3333333333333333,plain,"
                      "\xC3\xA9\xE2\x82\xAC,abcd,x,10 -5,1 2 3 4 5 6,1 2,"
                      "1970-01-01T00:00:00,0.3333333333333333,1 2 3 4 5 6,"));
    CHECK(strstr(got, "9007199254740993,NaN,+Inf,"));
    CHECK(strstr(got, "\r\n,0 0 0,,,,,,,,,,,,,,,0,0 0 0 0 0 0,\r\n"));
}

TEST(broken)
{
    tables_refused("", TABLE_JSON, "ends");
    tables_refused("17", TABLE_JSON, "no JSON array or object");
    tables_refused("[{\"a\": 1}", TABLE_JSON, "ends inside");
    tables_refused("[{\"a\": 1}\n{\"a\": }]", TABLE_JSON, "line 2: a value is missing");
    tables_refused("[{\"a\" 1}]", TABLE_JSON, "without a name");
    tables_refused("[1, 2]", TABLE_JSON, "neither an object nor an array");
    tables_refused("[{\"a\": \"\\x\"}]", TABLE_JSON, "bad escape");
    tables_refused("{\"a\": 1}", TABLE_JSON, "no array of rows");
    tables_refused("[]", TABLE_JSON, "no named values");
    tables_refused("[{\"a\": \"x]", TABLE_JSON, "ends inside");
}

TEST(nesting_is_limited)
{
    static char deep[5000];
    memset(deep, '[', sizeof deep - 1);
    tables_refused(deep, TABLE_JSON, "nested too deeply");
    char *p = deep;
    for (int i = 0; i < 500; i++)
        p += snprintf(p, 8, i ? "{\"a\":" : "[");
    tables_refused(deep, TABLE_JSON, "nested too deeply");
}

/* Names are counted like columns. */
TEST(columns_are_limited)
{
    struct read_options options = {.kind = TABLE_JSON, .limits = {.max_columns = 2}};
    CHECK(strstr(tables_csv_of(STR("[{\"a\":1,\"b\":2},{\"c\":3}]"), &options),
                 "more different names"));
}

RUN_TESTS(T(objects), T(types), T(geojson), T(our_own), T(broken), T(nesting_is_limited),
          T(columns_are_limited))
