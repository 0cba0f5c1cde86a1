/* test_words.c -- reserved words (ADQL.md section 2) and the names around them. */
#include "tests/unit/adql/fixture.h"

/* The list of the standard, typed anew: SQL92, then ADQL. */
static const char RESERVED[] =
    "ABSOLUTE ACTION ADD ALL ALLOCATE ALTER AND ANY ARE AS ASC ASSERTION AT AUTHORIZATION "
    "AVG "
    "BEGIN BETWEEN BIT BIT_LENGTH BOTH BY CASCADE CASCADED CASE CAST CATALOG CHAR "
    "CHARACTER "
    "CHAR_LENGTH CHARACTER_LENGTH CHECK CLOSE COALESCE COLLATE COLLATION COLUMN COMMIT "
    "CONNECT "
    "CONNECTION CONSTRAINT CONSTRAINTS CONTINUE CONVERT CORRESPONDING COUNT CREATE CROSS "
    "CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR DATE DAY "
    "DEALLOCATE DECIMAL DECLARE DEFAULT DEFERRABLE DEFERRED DELETE DESC DESCRIBE "
    "DESCRIPTOR "
    "DIAGNOSTICS DISCONNECT DISTINCT DOMAIN DOUBLE DROP ELSE END ESCAPE EXCEPT EXCEPTION "
    "EXEC "
    "EXECUTE EXISTS EXTERNAL EXTRACT FALSE FETCH FIRST FLOAT FOR FOREIGN FOUND FROM FULL "
    "GET "
    "GLOBAL GO GOTO GRANT GROUP HAVING HOUR IDENTITY IMMEDIATE IN INDICATOR INITIALLY "
    "INNER "
    "INPUT INSENSITIVE INSERT INT INTEGER INTERSECT INTERVAL INTO IS ISOLATION JOIN KEY "
    "LANGUAGE LAST LEADING LEFT LEVEL LIKE LOCAL LOWER MATCH MAX MIN MINUTE MODULE MONTH "
    "NAMES "
    "NATIONAL NATURAL NCHAR NEXT NO NOT NULL NULLIF NUMERIC OCTET_LENGTH OF ON ONLY OPEN "
    "OPTION OR ORDER OUTER OUTPUT OVERLAPS PAD PARTIAL POSITION PRECISION PREPARE PRESERVE "
    "PRIMARY PRIOR PRIVILEGES PROCEDURE PUBLIC READ REAL REFERENCES RELATIVE RESTRICT "
    "REVOKE "
    "RIGHT ROLLBACK ROWS SCHEMA SCROLL SECOND SECTION SELECT SESSION SESSION_USER SET SIZE "
    "SMALLINT SOME SPACE SQL SQLCODE SQLERROR SQLSTATE SUBSTRING SUM SYSTEM_USER TABLE "
    "TEMPORARY THEN TIME TIMESTAMP TIMEZONE_HOUR TIMEZONE_MINUTE TO TRAILING TRANSACTION "
    "TRANSLATE TRANSLATION TRIM TRUE UNION UNIQUE UNKNOWN UPDATE UPPER USAGE USER USING "
    "VALUE "
    "VALUES VARCHAR VARYING VIEW WHEN WHENEVER WHERE WITH WORK WRITE YEAR ZONE "
    "ABS ACOS AREA ASIN ATAN ATAN2 BIGINT BOX CEILING CENTROID CIRCLE CONTAINS COORD1 "
    "COORD2 "
    "COORDSYS COS COT DEGREES DISTANCE EXP FLOOR ILIKE IN_UNIT INTERSECTS LOG LOG10 MOD "
    "OFFSET "
    "PI POINT POLYGON POWER RADIANS RAND REGION ROUND SIN SQRT TAN TOP TRUNCATE";

TEST(all_reserved_words) /* ADQL-2 */
{
    str rest = {RESERVED, sizeof RESERVED - 1};
    int n = 0;
    while (rest.at) {
        str word = str_cut(&rest, ' ');
        char lower[32];
        for (size_t i = 0; i < word.len; i++)
            lower[i] = ascii_lower(word.at[i]);
        if (!catalog_word_is_reserved(word) ||
            !catalog_word_is_reserved((str){lower, word.len}))
            TEST_FAIL("%.*s is not reserved", STR_FMT(word));
        CHECK(!catalog_word_is_reserved((str){word.at, word.len - 1}) ||
              strstr(RESERVED, word.at)); /* prefixes are words only if listed */
        n++;
    }
    CHECK_INT(n, 266);
}

TEST(no_other_words)
{
    static const char *const FREE[] = {"",          "a",  "limit",    "over",
                                       "partition", "ra", "dec",      "abs2",
                                       "selects",   "_",  "in_units", "Ångström"};
    for (size_t i = 0; i < sizeof FREE / sizeof *FREE; i++)
        if (catalog_word_is_reserved(str_of(FREE[i])))
            TEST_FAIL("%s is reserved", FREE[i]);
}

/* Every reserved word is refused as a column, and taken in quotes. */
TEST(reserved_words_as_names) /* ADQL-2, 3 */
{
    str rest = {RESERVED, sizeof RESERVED - 1};
    while (rest.at) {
        str word = str_cut(&rest, ' ');
        char query[128];
        snprintf(query, sizeof query, "SELECT a AS %.*s FROM t", STR_FMT(word));
        if (is_parsed(query) || !strstr(fault.message, "expected"))
            TEST_FAIL("%s: %.500s", query, fault.message);
        snprintf(query, sizeof query, "SELECT t.\"%.*s\" FROM t", STR_FMT(word));
        if (!is_parsed(query))
            TEST_FAIL("%s: %.500s", query, fault.message);
    }
}

TEST(regular_names) /* ADQL-2 */
{
    CHECK(catalog_name_is_regular(STR("ra")));
    CHECK(catalog_name_is_regular(STR("Ra_2")));
    CHECK(!catalog_name_is_regular(STR("")));
    CHECK(!catalog_name_is_regular(STR("_ra")));
    CHECK(!catalog_name_is_regular(STR("2ra")));
    CHECK(!catalog_name_is_regular(STR("r a")));
    CHECK(!catalog_name_is_regular(STR("gr\xC3\xB6sse")));
    CHECK(!catalog_name_is_regular(STR("Size")));
}

TEST(added_names_and_texts)
{
    written_begin();
    adql_add_name(&written, STR("ra"));
    bytes_add_char(&written, ' ');
    adql_add_name(&written, STR("date"));
    bytes_add_char(&written, ' ');
    adql_add_name(&written, STR("my \"col\""));
    bytes_add_char(&written, ' ');
    adql_add_text(&written, STR("it's"));
    CHECK_TEXT(written_text(), "ra \"date\" \"my \"\"col\"\"\" 'it''s'");
}

TEST(languages)
{
    enum adql_lang lang;
    CHECK(adql_lang_of(STR("ADQL"), &lang) && lang == ADQL_COLURE);
    CHECK(adql_lang_of(STR("adql-2.0"), &lang) && lang == ADQL_20);
    CHECK(adql_lang_of(STR("ADQL-2.1"), &lang) && lang == ADQL_21);
    CHECK(!adql_lang_of(STR("ADQL-3"), &lang));
    CHECK(!adql_lang_of(STR(""), &lang));
    CHECK(!adql_lang_of(STR("PQL"), &lang));
}

RUN_TESTS(T(all_reserved_words), T(no_other_words), T(reserved_words_as_names),
          T(regular_names), T(added_names_and_texts), T(languages))
