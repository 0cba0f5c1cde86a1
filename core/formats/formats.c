/* formats.c -- the table of formats, and how a client's wish finds one of them. */
#include "core/formats/formats.h"

#include "core/formats/sinks.h"

#define TAPREGEXT "ivo://ivoa.net/std/TAPRegExt#output-votable-"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

struct entry {
    struct format format;
    struct sink *(*make)(const struct format_options *, struct err *);
};

/* The first one is the default. An alias is a short form, or a media type with those of its
 * parameters that select; a charset that is UTF-8 may be added to each. */
static const struct entry FORMATS[] = {
    {{"votable/b2", "application/x-votable+xml", ".vot",
      "application/x-votable+xml;serialization=BINARY2",
      NAMES("votable", "application/x-votable+xml", "text/xml", "application/xml",
            "votable/b2", "votable/binary2",
            "application/x-votable+xml;serialization=binary2",
            "text/xml;serialization=binary2"),
      TAPREGEXT "binary2", true, true},
     sink_votable_binary2},
    {{"votable/td", "application/x-votable+xml;serialization=TABLEDATA", ".vot",
      "application/x-votable+xml;serialization=TABLEDATA",
      NAMES("votable/td", "votabletd", "votable/tabledata",
            "application/x-votable+xml;serialization=tabledata",
            "text/xml;serialization=tabledata"),
      TAPREGEXT "td", true, true},
     sink_votable_tabledata},
    {{"votable/b", "application/x-votable+xml;serialization=BINARY", ".vot",
      "application/x-votable+xml;serialization=BINARY",
      NAMES("votable/b", "votable/binary", "application/x-votable+xml;serialization=binary",
            "text/xml;serialization=binary"),
      TAPREGEXT "binary", true, true},
     sink_votable_binary},
    {{"votable/b2/1.5", "application/x-votable+xml;serialization=BINARY2;version=1.5",
      ".vot", "application/x-votable+xml;serialization=BINARY2;version=1.5",
      NAMES("application/x-votable+xml;version=1.5", "text/xml;version=1.5",
            "application/x-votable+xml;serialization=binary2;version=1.5",
            "application/x-votable+xml;version=1.5;serialization=binary2"),
      NULL, true, false},
     sink_votable_binary2_1_5},
    {{"votable/td/1.5", "application/x-votable+xml;serialization=TABLEDATA;version=1.5",
      ".vot", "application/x-votable+xml;serialization=TABLEDATA;version=1.5",
      NAMES("application/x-votable+xml;serialization=tabledata;version=1.5",
            "application/x-votable+xml;version=1.5;serialization=tabledata"),
      NULL, true, false},
     sink_votable_tabledata_1_5},
    {{"votable/b/1.5", "application/x-votable+xml;serialization=BINARY;version=1.5", ".vot",
      "application/x-votable+xml;serialization=BINARY;version=1.5",
      NAMES("application/x-votable+xml;serialization=binary;version=1.5",
            "application/x-votable+xml;version=1.5;serialization=binary"),
      NULL, true, false},
     sink_votable_binary_1_5},
    {{"csv", "text/csv;header=present", ".csv", "text/csv;header=present",
      NAMES("csv", "text/csv", "text/csv;header=present"), NULL, false, true},
     sink_csv},
    {{"csv/no-header", "text/csv;header=absent", ".csv", "text/csv;header=absent",
      NAMES("text/csv;header=absent"), NULL, false, false},
     sink_csv_without_header},
    {{"tsv", "text/tab-separated-values", ".tsv", "text/tab-separated-values",
      NAMES("tsv", "text/tab-separated-values"), NULL, false, true},
     sink_tsv},
    {{"fits", "application/fits", ".fits", "application/fits",
      NAMES("fits", "application/fits"), NULL, false, true},
     sink_fits},
    {{"parquet", "application/vnd.apache.parquet", ".parquet",
      "application/vnd.apache.parquet",
      NAMES("parquet", "application/vnd.apache.parquet", "application/x-parquet"), NULL,
      true, true},
     sink_parquet},
    {{"arrow", "application/vnd.apache.arrow.stream", ".arrows",
      "application/vnd.apache.arrow.stream",
      NAMES("arrow", "application/vnd.apache.arrow.stream"), NULL, false, true},
     sink_arrow},
    {{"json", "application/json", ".json", "application/json",
      NAMES("json", "application/json"), NULL, true, true},
     sink_json},
    {{"html", "text/html;charset=utf-8", ".html", "text/html", NAMES("html", "text/html"),
      NULL, true, true},
     sink_html},
    {{"text", "text/plain;charset=utf-8", ".txt", "text/plain",
      NAMES("text", "txt", "text/plain"), NULL, true, true},
     sink_text},
};

enum { NFORMAT = sizeof FORMATS / sizeof *FORMATS, WANTED_MAX_BYTES = 200 };

uint32_t format_count(void)
{
    return NFORMAT;
}

const struct format *format_at(uint32_t i)
{
    return &FORMATS[i].format;
}

/* Without blanks, quotes and control characters: so media types compare, and may stand in
 * a header. */
static str clean(str wanted, char out[WANTED_MAX_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < wanted.len && n < WANTED_MAX_BYTES; i++)
        if ((unsigned char)wanted.at[i] > ' ' && wanted.at[i] != '"')
            out[n++] = wanted.at[i];
    return (str){out, n};
}

/* Takes `;charset=utf-8` out of a media type: everything here is UTF-8. */
static str without_charset(str clean, char out[WANTED_MAX_BYTES])
{
    size_t n = 0;
    str rest = clean;
    while (rest.at) {
        str part = str_cut(&rest, ';');
        if (str_eq_fold(part, STR("charset=utf-8")) ||
            str_eq_fold(part, STR("charset=us-ascii")) || (part.len == 0 && n))
            continue;
        if (n)
            out[n++] = ';';
        memcpy(out + n, part.at, part.len);
        n += part.len;
    }
    return (str){out, n};
}

static const struct entry *find_alias(str name)
{
    for (uint32_t i = 0; i < NFORMAT; i++)
        for (const char *const *alias = FORMATS[i].format.alias; *alias; alias++)
            if (str_eq_fold(name, str_of(*alias)))
                return &FORMATS[i];
    return NULL;
}

static const struct format *unknown_format(str wanted, struct err *e)
{
    char names[400] = "";
    size_t n = 0;
    for (uint32_t i = 0; i < NFORMAT; i++) {
        str name = str_of(FORMATS[i].format.name);
        if (!FORMATS[i].format.is_declared || n + name.len + 3 > sizeof names)
            continue;
        if (n) {
            memcpy(names + n, ", ", 2);
            n += 2;
        }
        memcpy(names + n, name.at, name.len + 1);
        n += name.len;
    }
    err_set(e, ERR_USAGE, "unknown response format \"%.*s\"; there is %s",
            (int)(wanted.len < 80 ? wanted.len : 80), wanted.at, names);
    return NULL;
}

/* What to call the answer: the client's own media type where it gave one (DALI-12); the
 * format's when that says more of the same type. */
static const char *answer_type(str wanted, const struct format *f, struct arena *arena)
{
    str own = str_of(f->content_type);
    if (str_find(wanted, '/') == wanted.len || str_starts_fold(wanted, STR("votable/")))
        return f->content_type;
    if (str_find(wanted, ';') == wanted.len && str_starts_fold(own, wanted) &&
        (own.len == wanted.len || own.at[wanted.len] == ';'))
        return f->content_type;
    return arena_text(arena, wanted);
}

const struct format *format_find(str text, struct arena *arena, const char **content_type,
                                 struct err *e)
{
    char clean_text[WANTED_MAX_BYTES], plain_text[WANTED_MAX_BYTES + 1];
    str wanted = clean(text, clean_text);
    const struct entry *entry = FORMATS;
    if (wanted.len)
        entry = find_alias(without_charset(wanted, plain_text));
    if (!entry || text.len >= WANTED_MAX_BYTES)
        return unknown_format(wanted, e);
    *content_type = entry->format.content_type;
    if (wanted.len)
        *content_type = answer_type(wanted, &entry->format, arena);
    if (*content_type)
        return &entry->format;
    err_set(e, ERR_LIMIT, "the request is too long");
    return NULL;
}

struct sink *format_sink(const struct format *format, const struct format_options *options,
                         struct err *e)
{
    for (uint32_t i = 0; i < NFORMAT; i++)
        if (format == &FORMATS[i].format)
            return FORMATS[i].make(options, e);
    err_set(e, ERR_INTERNAL, "format \"%s\" is not in the table of formats", format->name);
    return NULL;
}
