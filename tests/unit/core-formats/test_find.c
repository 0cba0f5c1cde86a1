/* RESPONSEFORMAT: short forms and media types (DALI-12, DALI section 5; TAP-11, 12). */
#include "core/formats/formats.h"
#include "tests/test.h"

static struct arena *arena;
static const char *type;
static struct err error;

static const char *find(const char *wanted)
{
    if (!arena)
        arena = arena_new(1 << 20);
    error = (struct err){0};
    const struct format *f = format_find(str_of(wanted), arena, &type, &error);
    return f ? f->name : "none";
}

TEST(nothing_asked_is_votable)
{
    CHECK_TEXT(find(""), "votable/b2");
    CHECK_TEXT(type, "application/x-votable+xml");
    CHECK_TEXT(find("  "), "votable/b2");
}

TEST(short_forms_in_any_case)
{
    CHECK_TEXT(find("VOTable"), "votable/b2");
    CHECK_TEXT(find("votable/td"), "votable/td");
    CHECK_TEXT(type, "application/x-votable+xml;serialization=TABLEDATA");
    CHECK_TEXT(find("CSV"), "csv");
    CHECK_TEXT(type, "text/csv;header=present");
    CHECK_TEXT(find("tsv"), "tsv");
    CHECK_TEXT(find("FITS"), "fits");
    CHECK_TEXT(find("text"), "text");
    CHECK_TEXT(find("html"), "html");
    CHECK_TEXT(find("parquet"), "parquet");
}

/* DALI-12: the answer bears the client's own media type. */
TEST(media_types_come_back)
{
    CHECK_TEXT(find("text/xml"), "votable/b2");
    CHECK_TEXT(type, "text/xml");
    CHECK_TEXT(find("application/x-votable+xml"), "votable/b2");
    CHECK_TEXT(type, "application/x-votable+xml");
    CHECK_TEXT(find("application/x-votable+xml ; Serialization = tabledata"), "votable/td");
    CHECK_TEXT(type, "application/x-votable+xml;Serialization=tabledata");
    CHECK_TEXT(find("application/x-votable+xml;serialization=BINARY"), "votable/b");
    CHECK_TEXT(find("text/csv"), "csv");
    CHECK_TEXT(type, "text/csv;header=present");
    CHECK_TEXT(find("text/csv;header=absent"), "csv/no-header");
    CHECK_TEXT(type, "text/csv;header=absent");
    CHECK_TEXT(find("application/fits"), "fits");
    CHECK_TEXT(find("text/plain; charset=UTF-8"), "text");
}

TEST(unknown_formats_are_refused_by_name)
{
    CHECK_TEXT(find("application/pdf"), "none");
    CHECK_INT(error.kind, ERR_USAGE);
    CHECK(strstr(error.message, "\"application/pdf\"") &&
          strstr(error.message, "votable/td"));
    CHECK_TEXT(find("text/csv;header=maybe"), "none");
    CHECK_TEXT(find("application/x-votable+xml;serialization=FITS"), "none");
    CHECK_TEXT(find(";;;"), "none");
}

/* What goes into a header holds no line end. */
TEST(no_header_injection)
{
    CHECK_TEXT(find("text/xml\r\nX-Evil: 1"), "none");
    find("text/xml;\r\n charset=utf-8");
    CHECK(!strpbrk(type, "\r\n"));
    char longer[5000];
    memset(longer, ' ', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    memcpy(longer + 4000, "csv", 3);
    CHECK_TEXT(find(longer), "none");
}

/* TAPRegExt: what capabilities say must find its own format. */
TEST(declared_formats_find_themselves)
{
    for (uint32_t i = 0; i < format_count(); i++) {
        const struct format *f = format_at(i);
        if (f->is_declared)
            CHECK_TEXT(find(f->mime), f->name);
        for (const char *const *alias = f->alias; *alias; alias++)
            CHECK_TEXT(find(*alias), f->name);
    }
}

RUN_TESTS(T(nothing_asked_is_votable), T(short_forms_in_any_case), T(media_types_come_back),
          T(unknown_formats_are_refused_by_name), T(no_header_injection),
          T(declared_formats_find_themselves))
