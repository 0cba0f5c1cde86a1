/* FITS: the header that is written (FITS 4.0, "Binary table extension"), and the tables
 * that cfitsio makes. */
#include <fitsio.h>

#include "core/base/base64.h"
#include "tests/unit/core-formats/tables.h"

/* The value of a card, as text; "" without it. */
static const char *card(const char *keyword)
{
    static char value[81];
    for (size_t at = 0; at + 80 <= tables_out.len && at < 40000; at += 80)
        if (strncmp(tables_out.at + at, keyword, 8) == 0) {
            memcpy(value, tables_out.at + at + 10, 70);
            value[70] = '\0';
            char *end = value + 70;
            while (end > value && end[-1] == ' ')
                *--end = '\0';
            return value + strspn(value, " ");
        }
    return "";
}

TEST(header)
{
    struct result_head head = {.nrow = -1, .table_name = "it's"};
    CHECK(tables_write(tables_every_type(), "fits", &head, ENDING_OVERFLOW));
    CHECK_INT(tables_out.len % 2880, 0);
    CHECK_TEXT(card("XTENSION"), "'BINTABLE'");
    CHECK_TEXT(card("NAXIS2  "), "4");
    CHECK_TEXT(card("TFIELDS "), "19");
    CHECK_TEXT(card("EXTNAME "), "'it''s   '");
    CHECK_TEXT(card("TTYPE2  "), "'bits    '");
    CHECK_TEXT(card("TFORM2  "), "'3X      '");
    CHECK_TEXT(card("TNULL4  "), "-32768");
    CHECK_TEXT(card("TUNIT7  "), "'mag     '");
    CHECK_TEXT(card("TUCD6   "), "'meta.id;meta.main'");
    CHECK_TEXT(card("TXTYP13 "), "'point   '");
    CHECK_TEXT(card("TFORM9  "), "'9A      '");
    CHECK_TEXT(card("TFORM14 "), "'1PD(6)  '");
    CHECK_TEXT(card("TDIM18  "), "'(2,3)   '");
    CHECK_TEXT(card("TCOMM14 "), "'as many <as>'");
    CHECK_TEXT(card("PCOUNT  "), "76"); /* 8 doubles, 12 bytes */
    CHECK(strstr(tables_out.at + 2880, "QUERY_STATUS = OVERFLOW"));
}

/* Integers whose null must be found: all values of a byte are taken. */
TEST(nulls_of_full_columns)
{
    enum { N = 257 };
    static uint8_t bytes[N], valid[N / 8 + 1];
    static int16_t shorts[N];
    static const struct store_column columns[] = {
        {.type = STORE_U8, .length = 1, .name = "b"},
        {.type = STORE_I16, .length = 1, .name = "s"}};
    const struct store_column *column[] = {&columns[0], &columns[1]};
    for (int i = 0; i < N; i++) {
        bytes[i] = (uint8_t)i;
        shorts[i] = INT16_MIN;
        valid[i / 8] = (uint8_t)(valid[i / 8] | (i != 256) << i % 8);
    }
    const struct store_vector vectors[] = {{bytes, NULL, valid}, {shorts, NULL, valid}};
    const struct store_batch batch = {sizeof batch, N, vectors};
    CHECK(tables_write(tables_source(column, 2, &batch), "fits", NULL, ENDING_COMPLETE));
    CHECK_TEXT(card("TFORM1  "), "'1I      '");
    CHECK_TEXT(card("TNULL1  "), "-1");
    CHECK_TEXT(card("TNULL2  "), "32767");
    static char copy[20000];
    memcpy(copy, tables_out.at, tables_out.len);
    const char *csv = tables_csv_of((str){copy, tables_out.len}, &(struct read_options){0});
    CHECK(strncmp(csv, "b,s\r\n0,-32768\r\n", 15) == 0);
    CHECK_TEXT(csv + strlen(csv) - 15, "255,-32768\r\n,\r\n");
}

TEST(limits_of_fits)
{
    static struct store_column columns[1000];
    static const struct store_column *column[1000];
    for (int i = 0; i < 1000; i++) {
        columns[i] = (struct store_column){.type = STORE_U8, .length = 1, .name = "x"};
        column[i] = &columns[i];
    }
    struct err e = {0};
    struct bytes out = {0};
    struct result_head head = {.column = column, .ncolumn = 1000, .nrow = -1};
    struct sink *s = format_sink(tables_format("fits"), &TABLES_OPTIONS, &e);
    CHECK(s && !s->begin(s, &head, &out, &e));
    s->close(s);
    CHECK(strstr(e.message, "at most 999 columns"));
}

/* A spool that may not grow is a clean error. */
TEST(spool_is_bounded)
{
    static const struct format_options small = {"/tmp", 100, NULL};
    struct err e = {0};
    struct bytes out = {0};
    struct rowsource *source = tables_every_type();
    struct store_batch batch;
    struct result_head head = {
        .column = source->column, .ncolumn = source->ncolumn, .nrow = -1};
    struct sink *s = format_sink(tables_format("fits"), &small, &e);
    CHECK(s && s->begin(s, &head, &out, &e) && s->is_spooled);
    CHECK_INT(source->next(source, &batch, &e), STEP_ROWS);
    CHECK(!s->rows(s, &batch, &out, &e));
    s->close(s);
    CHECK_INT(e.kind, ERR_LIMIT);
    CHECK(strstr(e.message, "100 bytes"));
}

/* --- reading what cfitsio writes --------------------------------------------------------
 */

static char path[64];
static int status;

static fitsfile *create(int kind, int n, const char *names[], const char *forms[])
{
    fitsfile *f = NULL;
    int fd;
    snprintf(path, sizeof path, "/tmp/test-fits-XXXXXX");
    fd = mkstemp(path);
    close(fd);
    unlink(path);
    status = 0;
    fits_create_diskfile(&f, path, &status);
    fits_create_tbl(f, kind, 0, n, (char **)(uintptr_t)names, (char **)(uintptr_t)forms,
                    NULL, NULL, &status);
    return f;
}

static const char *finish(fitsfile *f, int hdu)
{
    static struct bytes text;
    fits_close_file(f, &status);
    if (status)
        TEST_FAIL("cfitsio could not write the file: %d", status);
    struct read_options options = {.hdu = hdu};
    struct err e = {0};
    struct rowsource *s = table_read(path, &options, &e);
    unlink(path);
    if (!s)
        TEST_FAIL("%.900s", e.message);
    const char *csv = tables_write(s, "csv", NULL, ENDING_COMPLETE);
    if (!csv)
        TEST_FAIL("%.900s", tables_error.message);
    bytes_free(&text);
    bytes_init(&text, 1 << 20);
    bytes_add(&text, str_of(csv));
    return bytes_text(&text);
}

/* TSCAL, TZERO, TNULL, unsigned integers, logicals. */
TEST(scaled_and_unsigned_columns)
{
    const char *names[] = {"scaled", "u16", "u32", "s8", "truth", "n"};
    const char *forms[] = {"I", "U", "V", "S", "L", "J"};
    fitsfile *f = create(BINARY_TBL, 6, names, forms);
    double scale = 0.5, zero = 10;
    long null = -7;
    fits_update_key(f, TDOUBLE, "TSCAL1", &scale, NULL, &status);
    fits_update_key(f, TDOUBLE, "TZERO1", &zero, NULL, &status);
    fits_update_key(f, TLONG, "TNULL6", &null, NULL, &status);
    fits_set_hdustruc(f, &status);
    double scaled[] = {11, 9.5};
    unsigned short u16[] = {65535, 0};
    unsigned u32[] = {4294967295u, 1};
    signed char s8[] = {-128, 127};
    char truth[] = {1, 0};
    int n[] = {-7, 3};
    fits_write_col(f, TDOUBLE, 1, 1, 1, 2, scaled, &status);
    fits_write_col(f, TUSHORT, 2, 1, 1, 2, u16, &status);
    fits_write_col(f, TUINT, 3, 1, 1, 2, u32, &status);
    fits_write_col(f, TSBYTE, 4, 1, 1, 2, s8, &status);
    fits_write_col(f, TLOGICAL, 5, 1, 1, 2, truth, &status);
    fits_write_col(f, TINT, 6, 1, 1, 2, n, &status);
    CHECK_TEXT(finish(f, 0),
               "scaled,u16,u32,s8,truth,n\r\n11,65535,4294967295,-128,true,\r\n"
               "9.5,0,1,127,false,3\r\n");
}

TEST(strings_bits_and_arrays)
{
    const char *names[] = {"s", "four", "bits", "v", "vs", "e"};
    const char *forms[] = {"6A", "12A3", "9X", "1PJ", "1PA", "3E"};
    fitsfile *f = create(BINARY_TBL, 6, names, forms);
    char s1[] = "ab ", s2[] = "xyzxyz", f1[] = "a", f2[] = "bc", f3[] = "", f4[] = "def";
    char *s[] = {s1, s2}, *four[] = {f1, f2, f3, f4};
    char text[] = "long text", bits[] = {1, 0, 0, 0, 0, 0, 0, 1, 1}, *word[] = {text};
    int v[] = {1, 2, 3};
    float e[] = {1, NAN, 3};
    fits_write_col_str(f, 1, 1, 1, 2, s, &status);
    fits_write_col_str(f, 2, 1, 1, 4, four, &status);
    fits_write_col_bit(f, 3, 1, 1, 9, bits, &status);
    fits_write_col(f, TINT, 4, 1, 1, 3, v, &status);
    fits_write_col_str(f, 5, 1, 1, 1, word, &status);
    fits_write_col(f, TFLOAT, 6, 1, 1, 3, e, &status);
    CHECK_TEXT(finish(f, 1),
               "s,four,bits,v,vs,e\r\nab,a  bc    def,1 0 0 0 0 0 0 1 1,1 2 3,long text,"
               "1 NaN 3\r\nxyzxyz,\"            \",0 0 0 0 0 0 0 0 0,,,0 0 0\r\n");
}

TEST(ascii_tables)
{
    const char *names[] = {"name", "n", "x"};
    const char *forms[] = {"A8", "I6", "F10.4"};
    fitsfile *f = create(ASCII_TBL, 3, names, forms);
    char one[] = "one", two[] = "two words", *name[] = {one, two};
    int n[] = {12, -5};
    double x[] = {1.25, -0.5};
    fits_write_col_str(f, 1, 1, 1, 2, name, &status);
    fits_write_col(f, TINT, 2, 1, 1, 2, n, &status);
    fits_write_col(f, TDOUBLE, 3, 1, 1, 2, x, &status);
    CHECK_TEXT(finish(f, 0), "name,n,x\r\none,12,1.25\r\ntwo word,-5,-0.5\r\n");
}

TEST(what_is_no_table)
{
    tables_refused("SIMPLE  =                    T", TABLE_FITS, "FITS");
    tables_refused("hello", TABLE_FITS, "no FITS file");
    fitsfile *f = NULL;
    long axes[] = {2, 2};
    snprintf(path, sizeof path, "/tmp/test-fits-image");
    unlink(path);
    status = 0;
    fits_create_diskfile(&f, path, &status);
    fits_create_img(f, 16, 2, axes, &status);
    fits_close_file(f, &status);
    struct err e = {0};
    CHECK(!table_read(path, &(struct read_options){0}, &e));
    unlink(path);
    CHECK(strstr(e.message, "has no table"));
}

/* A table in FITS inside a VOTable takes the VOTable's words. */
TEST(fits_inside_votable)
{
    static char fits[30000], document[60000];
    CHECK(tables_write(tables_every_type(), "fits", NULL, ENDING_COMPLETE));
    CHECK(tables_out.len < sizeof fits);
    memcpy(fits, tables_out.at, tables_out.len);
    size_t n = (size_t)snprintf(document, sizeof document, "<VOTABLE><RESOURCE><TABLE>");
    for (int i = 0; i < TABLES_NCOLUMN; i++)
        n += (size_t)snprintf(document + n, sizeof document - n,
                              "<FIELD name='f%d' datatype='int' unit='m'/>", i);
    n += (size_t)snprintf(document + n, sizeof document - n,
                          "<DATA><FITS extnum='1'><STREAM encoding='base64'>");
    n += base64_encode(fits, tables_out.len, document + n);
    snprintf(document + n, sizeof document - n,
             "</STREAM></FITS></DATA></TABLE></RESOURCE></VOTABLE>");
    struct rowsource *s = tables_open(str_of(document), &(struct read_options){0});
    if (!s)
        TEST_FAIL("%.900s", tables_error.message);
    CHECK_TEXT(s->column[3]->name, "f3");
    CHECK_TEXT(s->column[3]->unit, "m");
    CHECK_INT(s->column[3]->type, STORE_I16);
    const char *csv = tables_write(s, "csv", NULL, ENDING_COMPLETE);
    CHECK(csv && strstr(csv, "\r\ntrue,1 0 1,7,-5,100000,1,0.1,"));
}

RUN_TESTS(T(header), T(nulls_of_full_columns), T(limits_of_fits), T(spool_is_bounded),
          T(scaled_and_unsigned_columns), T(strings_bits_and_arrays), T(ascii_tables),
          T(what_is_no_table), T(fits_inside_votable))
