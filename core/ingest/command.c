/* command.c -- the command lines of `colure load` and `colure demo-data`. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/num.h"
#include "core/ingest/ingest.h"

enum { NULLS_MAX = 64, EXIT_WRONG_USE = 2 };

static const char LOAD_HELP[] =
    "usage: colure load --into FILE --schema NAME [options] TABLE-FILE ...\n"
    "Loads FITS, CSV, TSV, ECSV, JSON, VOTable or Parquet files as one table.\n"
    "  --into FILE            the store's file; made if it is not there\n"
    "  --schema NAME          the schema, usually the experiment\n"
    "  --table NAME           the table; default: the first file's name\n"
    "  --describe FILE        writes a draft of the description file\n"
    "  --null [COLUMN=]VALUE  a value that means \"unknown\"; may be repeated\n"
    "  --ra NAME --dec NAME   the columns of the position; default: found by UCD and name\n"
    "  --angle deg|rad|hour|sexagesimal   how the position is written\n"
    "  --no-position          the table has no position on the sky\n"
    "  --row-number NAME      adds a column that counts the rows\n"
    "  --hdu N                FITS: the extension; default: the first table\n"
    "  --separator C          CSV: default: found out\n"
    "  --memory SIZE          at most so much memory, e.g. 1GB\n";

static const char DEMO_HELP[] = "usage: colure demo-data [--out FILE] [--products FOLDER] "
                                "[--events N] [--memory SIZE]\n"
                                "Writes the made-up data of docs/demo-data.md: tables to a "
                                "store file, FITS files into\n"
                                "a folder; N: KASCADE events, default 1000000.\n";

/* --- arguments --------------------------------------------------------------------- */

struct arguments {
    struct ingest_options load;
    struct ingest_null null[NULLS_MAX];
    struct ingest_demo_options demo;
    const char *memory, *path;
    bool has_help;
};

/* Takes one value; NULL in the table: the value itself is kept, or a flag is set. */
typedef bool take(struct arguments *, const char *value, struct err *);

/* COLUMN=VALUE, or VALUE alone for all columns. The text is cut in place. */
static bool take_null(struct arguments *a, const char *value, struct err *e)
{
    if (a->load.nnull == NULLS_MAX)
        return err_set(e, ERR_USAGE, "more than %d --null", NULLS_MAX);
    struct ingest_null *null = &a->null[a->load.nnull++];
    size_t at = str_find(str_of(value), '=');
    *null = (struct ingest_null){NULL, value};
    if (value[at] == '=') {
        char *column = strndup(value, at);
        if (!column)
            return err_set(e, ERR_LIMIT, "no memory");
        *null = (struct ingest_null){column, value + at + 1};
    }
    return true;
}

static bool take_angle(struct arguments *a, const char *value, struct err *e)
{
    static const struct {
        const char *name;
        enum ingest_angle angle;
    } ANGLES[] = {{"deg", INGEST_ANGLE_DEG},
                  {"rad", INGEST_ANGLE_RAD},
                  {"hour", INGEST_ANGLE_HOUR},
                  {"sexagesimal", INGEST_ANGLE_SEXAGESIMAL}};
    for (size_t i = 0; i < sizeof ANGLES / sizeof *ANGLES; i++)
        if (strcmp(value, ANGLES[i].name) == 0) {
            a->load.angle = ANGLES[i].angle;
            return true;
        }
    return err_set(e, ERR_USAGE, "--angle is deg, rad, hour or sexagesimal, not %s", value);
}

static bool take_separator(struct arguments *a, const char *value, struct err *e)
{
    bool is_tab = strcmp(value, "\\t") == 0 || strcmp(value, "tab") == 0;
    if (!is_tab && strlen(value) != 1)
        return err_set(e, ERR_USAGE, "--separator is one character, or tab");
    a->load.separator = is_tab ? '\t' : value[0];
    return true;
}

static bool take_hdu(struct arguments *a, const char *value, struct err *e)
{
    int64_t n;
    if (!num_parse_int(str_of(value), &n) || n < 0 || n > 9999)
        return err_set(e, ERR_USAGE, "--hdu is a number from 0, not %s", value);
    a->load.hdu = (int)n;
    return true;
}

static bool take_events(struct arguments *a, const char *value, struct err *e)
{
    int64_t n;
    if (!num_parse_int(str_of(value), &n) || n < 1000 || n > 10000000)
        return err_set(e, ERR_USAGE, "--events is a number from 1000 to 10000000, not %s",
                       value);
    a->demo.nevent = (uint32_t)n;
    return true;
}

#define AT(member) offsetof(struct arguments, member)

static const struct option {
    const char *name;
    enum { TEXT, FLAG, TAKE } kind;
    size_t at; /* TEXT, FLAG: where it goes */
    take *take;
} LOAD_OPTIONS[] = {
    {"--into", TEXT, AT(path), NULL},
    {"--schema", TEXT, AT(load.schema), NULL},
    {"--table", TEXT, AT(load.table), NULL},
    {"--describe", TEXT, AT(load.description_path), NULL},
    {"--null", TAKE, 0, take_null},
    {"--ra", TEXT, AT(load.ra_column), NULL},
    {"--dec", TEXT, AT(load.dec_column), NULL},
    {"--angle", TAKE, 0, take_angle},
    {"--no-position", FLAG, AT(load.has_no_position), NULL},
    {"--row-number", TEXT, AT(load.row_number), NULL},
    {"--hdu", TAKE, 0, take_hdu},
    {"--separator", TAKE, 0, take_separator},
    {"--memory", TEXT, AT(memory), NULL},
    {"--help", FLAG, AT(has_help), NULL},
    {0},
};

static const struct option DEMO_OPTIONS[] = {
    {"--out", TEXT, AT(path), NULL},
    {"--products", TEXT, AT(demo.product_folder), NULL},
    {"--events", TAKE, 0, take_events},
    {"--memory", TEXT, AT(memory), NULL},
    {"--help", FLAG, AT(has_help), NULL},
    {0},
};

static const struct option *find_option(const struct option *list, const char *name)
{
    for (; list->name; list++)
        if (strcmp(list->name, name) == 0)
            return list;
    return NULL;
}

static bool take_option(struct arguments *a, const struct option *option, const char *value,
                        struct err *e)
{
    if (option->kind == TAKE)
        return option->take(a, value, e);
    if (option->kind == FLAG)
        *(bool *)(void *)((char *)a + option->at) = true;
    else
        *(const char **)(void *)((char *)a + option->at) = value;
    return true;
}

/* *nrest arguments that are no options remain, at the front of argv. */
static bool read_arguments(struct arguments *a, const struct option *list, int argc,
                           char **argv, int *nrest, struct err *e)
{
    *nrest = 0;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            argv[(*nrest)++] = argv[i];
            continue;
        }
        const struct option *option = find_option(list, argv[i]);
        if (!option)
            return err_set(e, ERR_USAGE, "unknown option %s", argv[i]);
        if (option->kind != FLAG && i + 1 == argc)
            return err_set(e, ERR_USAGE, "%s needs a value", argv[i]);
        const char *value = option->kind != FLAG ? argv[++i] : NULL;
        if (!take_option(a, option, value, e))
            return false;
    }
    return true;
}

/* The first line of the help says how; the rest is for --help. */
static int wrong_use(const struct err *e, const char *help)
{
    int line = (int)str_find(str_of(help), '\n');
    fprintf(stderr, "colure: %s\n%.*s\nMore: --help\n", e->message, line, help);
    return EXIT_WRONG_USE;
}

static int failed(const struct err *e)
{
    if (e->line > 0)
        fprintf(stderr, "colure: line %d: %s\n", e->line, e->message);
    else
        fprintf(stderr, "colure: %s\n", e->message);
    return EXIT_FAILURE;
}

static void free_nulls(struct arguments *a)
{
    for (uint32_t i = 0; i < a->load.nnull; i++)
        free((char *)(uintptr_t)a->null[i].column);
}

/* --- load -------------------------------------------------------------------------- */

static void print_report(const struct ingest_report *r)
{
    printf("%s: %llu rows, %u columns", r->table, (unsigned long long)r->nrow,
           (unsigned)r->ncolumn);
    if (r->ra[0])
        printf(", position %s, %s", r->ra, r->dec);
    printf("\n");
    if (r->looks_like_radians)
        fprintf(stderr,
                "colure: warning: all of %s lies near (0, 0); if %s and %s are radians, "
                "load again with --angle rad\n",
                r->table, r->ra, r->dec);
}

static int run_load(struct arguments *a, const char *plugin_dir)
{
    struct err e = {0};
    struct ingest_report report;
    struct stores *stores = stores_new(plugin_dir, NULL, &e);
    if (!stores)
        return failed(&e);
    a->load.target = (struct ingest_target){stores, NULL, a->path, a->memory};
    bool is_loaded = ingest_load(&a->load, &report, &e);
    stores_free(stores);
    if (!is_loaded)
        return failed(&e);
    print_report(&report);
    return EXIT_SUCCESS;
}

int ingest_main_load(int argc, char **argv, const char *plugin_dir,
                     const struct parquet_engine *parquet)
{
    struct arguments a = {.load.parquet = parquet};
    struct err e = {0};
    int nrest;
    a.load.null = a.null;
    bool is_read = read_arguments(&a, LOAD_OPTIONS, argc, argv, &nrest, &e);
    a.load.path = (const char *const *)argv;
    a.load.npath = (uint32_t)nrest;
    int status = EXIT_SUCCESS;
    if (a.has_help)
        printf("%s", LOAD_HELP);
    else if (!is_read)
        status = wrong_use(&e, LOAD_HELP);
    else if (!a.path || !a.load.schema || nrest == 0) {
        err_set(&e, ERR_USAGE, "load needs --into, --schema and at least one file");
        status = wrong_use(&e, LOAD_HELP);
    } else
        status = run_load(&a, plugin_dir);
    free_nulls(&a);
    return status;
}

/* --- demo data --------------------------------------------------------------------- */

static void say_table(void *what, const char *table, uint64_t nrow)
{
    (void)what;
    printf("%s: %llu rows\n", table, (unsigned long long)nrow);
    fflush(stdout);
}

static int run_demo(struct arguments *a, const char *plugin_dir)
{
    struct err e = {0};
    struct stores *stores = stores_new(plugin_dir, NULL, &e);
    if (!stores)
        return failed(&e);
    a->demo.target = (struct ingest_target){stores, NULL, a->path, a->memory};
    a->demo.progress = say_table;
    bool is_written = ingest_demo(&a->demo, &e);
    stores_free(stores);
    return is_written ? EXIT_SUCCESS : failed(&e);
}

int ingest_main_demo(int argc, char **argv, const char *plugin_dir)
{
    struct arguments a = {0};
    struct err e = {0};
    int nrest;
    bool is_read = read_arguments(&a, DEMO_OPTIONS, argc, argv, &nrest, &e);
    if (a.has_help) {
        printf("%s", DEMO_HELP);
        return EXIT_SUCCESS;
    }
    if (is_read && ((!a.path && !a.demo.product_folder) || nrest > 0))
        is_read = err_set(&e, ERR_USAGE,
                          "demo-data needs --out FILE or --products FOLDER, and no more");
    return is_read ? run_demo(&a, plugin_dir) : wrong_use(&e, DEMO_HELP);
}
