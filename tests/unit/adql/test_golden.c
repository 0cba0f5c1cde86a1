/* test_golden.c -- runs tests/golden/adql/NAME.txt: queries with what must come of them.
 *
 *   # title             begins a case; rule ids belong here
 *   ? query             one line or more
 *   @ 2.0               the language, if it is not ADQL
 *   = text              the query in canonical form
 *   > text              the statement in the plain dialect
 *   ~ text              the bound query as ADQL
 *   : text              the result's columns: name TYPE [unit], ...
 *   ! text              LINE:COLUMN: the error
 *
 * With ADQL_GOLDEN=print it prints the files anew, with what came instead of what should;
 * cases without any expectation get a statement or an error. */
#include "tests/unit/adql/fixture.h"

#include <dirent.h>

enum { MAX_TEXT = 16384 };

struct expectation {
    char kind;
    char text[MAX_TEXT];
};

struct golden {
    char title[512], query[MAX_TEXT];
    enum adql_lang lang;
    struct expectation expected[6];
    int nexpected;
};

static bool is_printing;
static int nfailed;

/* --- what comes of a query --- */

static const char *columns_of(struct adql_query *q)
{
    written_begin();
    for (uint32_t i = 0; i < q->ncolumn; i++) {
        const struct store_column *c = q->column[i];
        bytes_add_format(&written, "%s%s %s", i ? ", " : "", c->name,
                         adql_type_name((enum adql_type)q->body->output[i].type));
        if (c->unit && *c->unit)
            bytes_add_format(&written, " [%s]", c->unit);
    }
    return written_text();
}

static const char *result_of(const struct golden *g, char kind)
{
    struct adql_query *q = try_parse(g->query, g->lang);
    written_begin();
    if (!q)
        return fault_text();
    if (kind == '=')
        return adql_write_adql(q, &written, &fault) ? written_text() : fault_text();
    if (!try_bind(q))
        return fault_text();
    if (kind == ':')
        return columns_of(q);
    if (kind == '~')
        return adql_write_adql(q, &written, &fault) ? written_text() : fault_text();
    return adql_write(q, fixture_dialect(), NULL, &written, NULL, &fault) ? written_text()
                                                                          : fault_text();
}

/* --- one case --- */

static void print_case(const struct golden *g)
{
    printf("# %s\n", g->title);
    for (const char *line = g->query; *line;) {
        int n = (int)strcspn(line, "\n");
        printf("? %.*s\n", n, line);
        line += n + (line[n] == '\n');
    }
    if (g->lang != ADQL_COLURE)
        printf("@ %s\n", g->lang == ADQL_20 ? "2.0" : "2.1");
    for (int i = 0; i < g->nexpected; i++) {
        const char *got = result_of(g, g->expected[i].kind);
        printf("%c %s\n", fault.kind ? '!' : g->expected[i].kind, got);
    }
    if (g->nexpected == 0) {
        const char *got = result_of(g, '>');
        printf("%c %s\n", fault.kind ? '!' : '>', got);
    }
    printf("\n");
}

static void run_case(const struct golden *g, const char *file)
{
    if (is_printing) {
        print_case(g);
        return;
    }
    bool ok = g->nexpected > 0;
    if (!ok)
        printf("not ok %s: %s: nothing is expected\n", file, g->title);
    for (int i = 0; i < g->nexpected && ok; i++) {
        char kind = g->expected[i].kind;
        const char *got = result_of(g, kind);
        bool failed = fault.kind != ERR_NONE;
        ok = failed == (kind == '!') && strcmp(got, g->expected[i].text) == 0;
        if (!ok)
            printf("not ok %s: %s: got \"%s\", want \"%s\"\n", file, g->title, got,
                   g->expected[i].text);
    }
    if (ok)
        printf("ok %s: %s\n", file, g->title);
    else
        nfailed++;
}

/* --- files --- */

static void add_line(struct golden *g, char kind, const char *text)
{
    if (kind == '?') {
        size_t used = strlen(g->query);
        snprintf(g->query + used, sizeof g->query - used, "%s%s", used ? "\n" : "", text);
    } else if (kind == '@')
        g->lang = strcmp(text, "2.0") == 0 ? ADQL_20 : ADQL_21;
    else if (g->nexpected < 6) {
        struct expectation *x = &g->expected[g->nexpected++];
        x->kind = kind;
        snprintf(x->text, sizeof x->text, "%s", text);
    }
}

static void run_file(const char *path, const char *name)
{
    static char line[MAX_TEXT];
    static struct golden g;
    FILE *f = fopen(path, "r");
    if (!f) {
        printf("not ok %s: cannot be opened\n", path);
        nfailed++;
        return;
    }
    g = (struct golden){.lang = ADQL_COLURE};
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        const char *text = line[0] && line[1] == ' ' ? line + 2 : line + (line[0] != '\0');
        if (line[0] == '#') {
            if (g.query[0])
                run_case(&g, name);
            g = (struct golden){.lang = ADQL_COLURE};
            snprintf(g.title, sizeof g.title, "%.500s", text);
        } else if (line[0])
            add_line(&g, line[0], text);
    }
    if (g.query[0])
        run_case(&g, name);
    fclose(f);
}

static int is_text(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 4 && strcmp(d->d_name + n - 4, ".txt") == 0;
}

int main(int argc, char **argv)
{
    struct dirent **entry;
    (void)test_run_all; /* this program names its tests itself */
    is_printing = getenv("ADQL_GOLDEN") != NULL;
    if (argc > 1) {
        run_file(argv[1], argv[1]);
        return nfailed > 0;
    }
    int n = scandir("tests/golden/adql", &entry, is_text, alphasort);
    if (n <= 0) {
        printf("not ok golden: tests/golden/adql is empty or not found\n");
        return 1;
    }
    for (int i = 0; i < n; i++) {
        char path[600];
        snprintf(path, sizeof path, "tests/golden/adql/%s", entry[i]->d_name);
        run_file(path, entry[i]->d_name);
        free(entry[i]);
    }
    free(entry);
    return nfailed > 0;
}
