/* HTML, text, Arrow, Parquet and gzip; which reader a file gets. */
#include <zlib.h>

#include "tests/unit/core-formats/tables.h"

static const char *hostile(const char *format)
{
    static const char text[] = "<script>x</script>javascript:1https://a.b/?q=\"'>&"
                               "\x1B[31mred";
    static const uint32_t at[] = {0, 18, 30, 49, 57};
    static const struct store_column c = {.type = STORE_TEXT,
                                          .length = -1,
                                          .name = "<b>t</b>",
                                          .unit = "m<s",
                                          .description = "\"><script>"};
    static const struct store_column *const column[] = {&c};
    static const struct store_vector vector = {text, at, NULL};
    static const struct store_batch batch = {sizeof batch, 4, &vector};
    struct result_head head = {.nrow = -1, .table_name = "</title>"};
    const char *got =
        tables_write(tables_source(column, 1, &batch), format, &head, ENDING_COMPLETE);
    CHECK(got != NULL);
    return got;
}

TEST(html_lets_nothing_run)
{
    const char *page = hostile("html");
    CHECK(!strstr(page, "<script") && !strstr(page, "<b>") && !strstr(page, "\"><s"));
    CHECK(strstr(page, "<td class=\"k\">&lt;script&gt;x&lt;/script&gt;</td>"));
    CHECK(strstr(page, "<td class=\"k\">javascript:1</td>"));
    CHECK(strstr(page, "<a rel=\"noopener nofollow\" "
                       "href=\"https://a.b/?q=&quot;&#39;&gt;&amp;\">"));
    CHECK(strstr(page, "<title>&lt;/title&gt;</title>"));
    CHECK(strstr(page, "4 rows."));
}

TEST(html_says_that_there_is_more)
{
    struct result_head head = {.nrow = -1, .overflow_text = "limit of <4> rows"};
    const char *page = tables_write(tables_every_type(), "html", &head, ENDING_OVERFLOW);
    CHECK(page && strstr(page, "There are more: limit of &lt;4&gt; rows"));
}

TEST(html_says_what_was_asked)
{
    static const struct result_info info = {.name = "query",
                                            .value = "SELECT '<b>' FROM t"};
    struct result_head head = {.nrow = -1,
                               .info = &info,
                               .ninfo = 1,
                               .page_base = "http://h/x",
                               .page_version = "1"};
    const char *page = tables_write(tables_every_type(), "html", &head, ENDING_COMPLETE);
    CHECK(page && strstr(page, "<pre>SELECT &#39;&lt;b&gt;&#39; FROM t</pre>"));
    CHECK(
        strstr(page, "href=\"http://h/x/query?QUERY=SELECT%20%27%3Cb%3E%27%20FROM%20t\""));
    head.page_version = NULL; /* a node without pages */
    page = tables_write(tables_every_type(), "html", &head, ENDING_COMPLETE);
    CHECK(page && !strstr(page, "<details"));
}

TEST(text_is_aligned_and_tame)
{
    const char *text = hostile("text");
    CHECK(!strchr(text, '\x1B'));
    static const int32_t n[] = {5, -100};
    static const char names[] = "caf\xC3\xA9yes";
    static const uint32_t at[] = {0, 5, 8};
    static const struct store_column columns[] = {
        {.type = STORE_I32, .length = 1, .name = "n", .unit = "m"},
        {.type = STORE_TEXT, .length = -1, .name = "word"},
        {.type = STORE_I32, .length = 1, .name = "k"}};
    static const struct store_column *const column[] = {&columns[0], &columns[1],
                                                        &columns[2]};
    static const struct store_vector vectors[] = {
        {n, NULL, NULL}, {names, at, NULL}, {n, NULL, NULL}};
    static const struct store_batch batch = {sizeof batch, 2, vectors};
    CHECK_TEXT(
        tables_write(tables_source(column, 3, &batch), "text", NULL, ENDING_COMPLETE),
        "   n  word     k\n   m            \n----  ----  ----\n   5  caf\xC3\xA9     5\n"
        "-100  yes   -100\n(2 rows)\n");
}

/* --- Arrow ------------------------------------------------------------------------------
 */

static uint32_t word_at(size_t at)
{
    uint32_t v;
    memcpy(&v, tables_out.at + at, 4);
    return v;
}

/* Arrow IPC: every message begins with the mark and a length, all in steps of 8 bytes; the
 * stream ends with a message of no length. pyarrow reads it (tests/clients). */
TEST(arrow_messages)
{
    CHECK(tables_write(tables_every_type(), "arrow", NULL, ENDING_COMPLETE));
    CHECK_INT(tables_out.len % 8, 0);
    CHECK_INT(word_at(0), 0xFFFFFFFF);
    uint32_t schema = word_at(4);
    CHECK_INT((schema + 8) % 8, 0);
    CHECK_INT(word_at(8 + schema), 0xFFFFFFFF);
    CHECK(memmem(tables_out.at, schema, "meta.id;meta.main", 17));
    CHECK(memmem(tables_out.at, schema, "floatComplex", 12));
    CHECK_INT(word_at(tables_out.len - 8), 0xFFFFFFFF);
    CHECK_INT(word_at(tables_out.len - 4), 0);
}

/* What lay in memory where a row is null is not sent. */
TEST(arrow_nulls_are_blank)
{
    static const char secrets[] = "first...password";
    static const uint8_t flags[] = {0, 1}, valid[] = {1};
    static const struct store_column columns[] = {
        {.type = STORE_I64, .length = 1, .name = "n", .flags = STORE_NULLABLE},
        {.type = STORE_BOOL, .length = 1, .name = "b", .flags = STORE_NULLABLE}};
    static const struct store_column *const column[] = {&columns[0], &columns[1]};
    static const struct store_vector vectors[] = {{secrets, NULL, valid},
                                                  {flags, NULL, valid}};
    static const struct store_batch batch = {sizeof batch, 2, vectors};
    static const char wanted[24] = "first...";
    CHECK(tables_write(tables_source(column, 2, &batch), "arrow", NULL, ENDING_COMPLETE));
    CHECK(!memmem(tables_out.at, tables_out.len, "password", 8));
    const char *at = memmem(tables_out.at, tables_out.len, "first...", 8);
    CHECK(at && memcmp(at, wanted, 16) == 0);
    at += 16; /* the validity of the other column, then its values */
    CHECK(at + 16 <= tables_out.at + tables_out.len && at[0] == 1 && at[8] == 0);
}

/* --- Parquet, by a stand-in for the engine -----------------------------------------------
 */

struct stand_in {
    uint32_t nrow;
    bool is_closed;
    char version[40];
    char content[8000];
};

static void *engine_begin(void *node, const struct result_head *head, struct err *e)
{
    (void)e;
    return head->ncolumn == TABLES_NCOLUMN ? node : NULL;
}

static bool engine_rows(void *session, const struct store_batch *b, struct err *e)
{
    struct stand_in *s = session;
    (void)e;
    s->nrow += b->nrow;
    return true;
}

static bool engine_end(void *session, const char *path, const struct parquet_pair *pair,
                       uint32_t npair, struct err *e)
{
    struct stand_in *s = session;
    FILE *f = fopen(path, "wb");
    (void)e;
    if (!f || npair != 2)
        return false;
    fputs("PAR1", f);
    fclose(f);
    snprintf(s->version, sizeof s->version, "%s %.*s", pair[0].key, STR_FMT(pair[0].value));
    snprintf(s->content, sizeof s->content, "%s %.*s", pair[1].key, STR_FMT(pair[1].value));
    return true;
}

static void engine_close(void *session)
{
    ((struct stand_in *)session)->is_closed = true;
}

/* VOParquet: the VOTable header travels in the footer. */
TEST(parquet_by_an_engine)
{
    struct stand_in s = {0};
    const struct parquet_engine engine = {engine_begin, engine_rows, engine_end,
                                          engine_close, NULL,        &s};
    const struct format_options options = {"/tmp", 1 << 20, &engine};
    struct err e = {0};
    struct bytes out = {0};
    struct rowsource *source = tables_every_type();
    struct store_batch batch;
    struct result_head head = {
        .column = source->column, .ncolumn = source->ncolumn, .nrow = -1};
    struct sink *sink = format_sink(tables_format("parquet"), &options, &e);
    CHECK(sink && sink->is_spooled && sink->begin(sink, &head, &out, &e));
    CHECK_INT(source->next(source, &batch, &e), STEP_ROWS);
    CHECK(sink->rows(sink, &batch, &out, &e));
    CHECK(sink->end(sink, ENDING_OVERFLOW, NULL, &out, &e));
    char mark[5] = "";
    CHECK_INT(pread(sink->spool_fd, mark, 4, 0), 4);
    sink->close(sink);
    CHECK_TEXT(mark, "PAR1");
    CHECK(s.is_closed && s.nrow == 4);
    CHECK_TEXT(s.version, "IVOA.VOTable-Parquet.version 1.0");
    CHECK(strstr(s.content, "IVOA.VOTable-Parquet.content <?xml") &&
          strstr(s.content, "<FIELD name=\"dual\" datatype=\"double\" unit=\"deg\"") &&
          strstr(s.content, "value=\"OVERFLOW\"") && !strstr(s.content, "<DATA>"));
    e = (struct err){0};
    CHECK(!format_sink(tables_format("parquet"), &TABLES_OPTIONS, &e));
    CHECK_INT(e.kind, ERR_USAGE);
}

/* --- gzip -------------------------------------------------------------------------------
 */

/* What a document is after gzip and gunzip. */
static void gzip_and_back(const char *format)
{
    struct err e = {0};
    struct bytes packed;
    struct rowsource *source = tables_every_type();
    struct store_batch batch;
    struct result_head head = {
        .column = source->column, .ncolumn = source->ncolumn, .nrow = -1};
    struct sink *s = format_gzip(format_sink(tables_format(format), &TABLES_OPTIONS, &e), 1,
                                 &TABLES_OPTIONS, &e);
    bytes_init(&packed, 1 << 20);
    CHECK(s && s->begin(s, &head, &packed, &e));
    CHECK_INT(source->next(source, &batch, &e), STEP_ROWS);
    CHECK(s->rows(s, &batch, &packed, &e) && s->end(s, ENDING_COMPLETE, NULL, &packed, &e));
    char buffer[4096];
    ssize_t n;
    for (off_t at = 0;
         s->is_spooled && (n = pread(s->spool_fd, buffer, sizeof buffer, at)) > 0; at += n)
        bytes_add(&packed, (str){buffer, (size_t)n});
    s->close(s);
    CHECK(tables_write(tables_every_type(), format, NULL, ENDING_COMPLETE));
    static unsigned char plain[1 << 16];
    z_stream z = {.next_in = (Bytef *)packed.at,
                  .avail_in = (uInt)packed.len,
                  .next_out = plain,
                  .avail_out = sizeof plain};
    CHECK(inflateInit2(&z, 15 + 16) == Z_OK);
    CHECK_INT(inflate(&z, Z_FINISH), Z_STREAM_END);
    CHECK_INT(z.avail_in, 0);
    inflateEnd(&z);
    bytes_free(&packed);
    CHECK_INT(z.total_out, tables_out.len);
    CHECK(memcmp(plain, tables_out.at, tables_out.len) == 0);
}

TEST(gzip_of_a_stream)
{
    gzip_and_back("votable/td");
    gzip_and_back("csv");
}

TEST(gzip_of_a_spooled_file)
{
    gzip_and_back("fits");
}

/* Compresses; the result is static. */
static str gzip(const char *plain, size_t n)
{
    static unsigned char packed[1 << 16];
    z_stream z = {.next_in = (Bytef *)(uintptr_t)plain, .avail_in = (uInt)n};
    z.next_out = packed;
    z.avail_out = sizeof packed;
    CHECK(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    int done = deflate(&z, Z_FINISH);
    str result = {(char *)packed, z.total_out};
    deflateEnd(&z);
    CHECK_INT(done, Z_STREAM_END);
    return result;
}

/* A compressed upload is seen through; a bomb meets the limit. */
TEST(compressed_input)
{
    enum { BOMB = 8000000 };
    CHECK_TEXT(tables_csv_of(gzip("a,b\n1,2\n", 8), &(struct read_options){0}),
               "a,b\r\n1,2\r\n");
    static char plain[BOMB];
    memset(plain, '1', BOMB);
    for (int i = 0; i < BOMB; i += 10)
        plain[i] = '\n';
    struct read_options options = {.kind = TABLE_CSV, .limits = {.max_bytes = 100000}};
    CHECK(strstr(tables_csv_of(gzip(plain, BOMB), &options), "more bytes than the limit"));
    CHECK_INT(tables_error.kind, ERR_LIMIT);
}

/* --- which reader ------------------------------------------------------------------------
 */

TEST(guesses)
{
    static const struct {
        const char *head, *type, *name;
        enum table_kind kind;
    } CASES[] = {{"<?xml version='1.0'?><VOTABLE", "", "", TABLE_VOTABLE},
                 {"\xEF\xBB\xBF<VOTABLE>", "text/csv", "", TABLE_VOTABLE},
                 {"SIMPLE  =                    T", "", "", TABLE_FITS},
                 {"PAR1", "", "x.csv", TABLE_PARQUET},
                 {"# %ECSV 1.0", "text/csv", "", TABLE_ECSV},
                 {" [ {", "", "", TABLE_JSON},
                 {"a,b\n", "", "", TABLE_CSV},
                 {"a\tb\n", "", "", TABLE_TSV},
                 {"a;b", "", "", TABLE_CSV},
                 {"x", "application/x-votable+xml", "", TABLE_VOTABLE},
                 {"x", "text/tab-separated-values", "", TABLE_TSV},
                 {"x", "", "T.VOT", TABLE_VOTABLE},
                 {"x\n1", "", "up.csv.gz", TABLE_CSV},
                 {"hello", "", "", TABLE_UNKNOWN},
                 {"", "", "", TABLE_UNKNOWN}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (table_guess(str_of(CASES[i].head), str_of(CASES[i].type),
                        str_of(CASES[i].name)) != CASES[i].kind)
            TEST_FAIL("case %zu: %s", i, CASES[i].head);
    tables_refused("hello", TABLE_UNKNOWN, "no table that can be read");
    tables_refused("PAR1", TABLE_UNKNOWN, "Parquet");
    struct err e = {0};
    CHECK(!table_read("/nonexistent/x", &(struct read_options){.kind = TABLE_CSV}, &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
}

RUN_TESTS(T(html_lets_nothing_run), T(html_says_that_there_is_more),
          T(html_says_what_was_asked), T(text_is_aligned_and_tame), T(arrow_messages),
          T(arrow_nulls_are_blank), T(parquet_by_an_engine), T(gzip_of_a_stream),
          T(gzip_of_a_spooled_file), T(compressed_input), T(guesses))
