/* fuzz_services.c -- parameters from strangers of the services that are queries (SIA 2,
 * SSA), and of cut-outs. Whatever a value holds, what is made of it is one condition of
 * ADQL: it stays within its own brackets. The first byte chooses the service. */
#include "core/http/http.h"
#include "datalink/words.h"
#include "sia/inside.h"
#include "ssa/inside.h"
#include "tests/unit/adql/fixture.h"

enum { MARK = 271828 };

static void fail(const char *what, str text)
{
    fprintf(stderr, "%s: %.*s\n", what, STR_FMT(text));
    abort();
}

static const struct catalog *snapshot(void *node)
{
    (void)node;
    return catalog_keep(fixture_catalog());
}

/* Texts in quotes go, with what is in them. */
static void drop_texts(char *text)
{
    bool is_inside = false;
    char *to = text;
    for (; *text; text++)
        if (*text == '\'')
            is_inside = !is_inside;
        else if (!is_inside)
            *to++ = *text;
    *to = 0;
}

/* The conditions stand between two of ours, and must leave both where they are. */
static void check_query(struct arena *arena, const struct bytes *conditions)
{
    struct err e = {0};
    struct bytes all, printed;
    bytes_init(&all, 1 << 22);
    bytes_init(&printed, 1 << 23);
    bytes_add_format(&all, "SELECT a FROM t WHERE %d > 0", MARK);
    bytes_add(&all, bytes_str(conditions));
    bytes_add_format(&all, " AND %d < 0 OFFSET 5", MARK);
    struct adql_query *q = adql_parse(bytes_str(&all), ADQL_COLURE, NULL, arena, &e);
    if (!q && e.kind != ERR_LIMIT && !strstr(e.message, "deep"))
        fail(e.message, bytes_str(&all));
    if (q && adql_write_adql(q, &printed, &e) && bytes_text(&printed)) {
        drop_texts(printed.at);
        if (!strstr(printed.at, "OFFSET 5") || strstr(printed.at, "UNION") ||
            strstr(printed.at + 1, "SELECT"))
            fail("another query", bytes_str(&all));
    }
    bytes_free(&all);
    bytes_free(&printed);
}

static void ask_service(struct arena *arena, struct http_request *request, bool is_ssa)
{
    struct dali dali = {.catalog = snapshot};
    struct err e = {0};
    struct bytes conditions;
    bytes_init(&conditions, 1 << 21);
    bool ok = is_ssa ? ssa_conditions(&conditions, &dali, request, &e)
                     : sia2_conditions(&conditions, request, arena, &e);
    if (ok != (e.kind == ERR_NONE) || (!ok && !e.message[0]))
        fail("a refusal without words", bytes_str(&conditions));
    if (ok && !conditions.failed)
        check_query(arena, &conditions);
    bytes_free(&conditions);
}

static void read_cutout(struct arena *arena, const struct http_request *request)
{
    struct cutout_request r = {0};
    struct err e = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < request->nparam; i++) {
        const struct cutout_word *w = cutout_word_find(request->params[i].name);
        ok = !w || w->read(&r, request->params[i].value, arena, &e);
    }
    ok = ok && cutout_request_check(&r, &e);
    if (ok != (e.kind == ERR_NONE))
        fail("a refusal without words", STR("cut-out"));
    if (ok && (r.npixel > CUTOUT_AXES || r.nstate > CUTOUT_STATES ||
               r.band_min_m > r.band_max_m || r.time_min_mjd > r.time_max_mjd))
        fail("limits that are none", STR("cut-out"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 1 << 16)
        return 0;
    (void)test_run_all;
    struct arena *arena = arena_new(64 << 20);
    struct http_param *params = NULL;
    struct http_request request = {.arena = arena};
    struct err e = {0};
    if (http_params_parse(arena, (str){(const char *)data + 1, size - 1}, HTTP_FROM_QUERY,
                          1000, &params, &request.nparam, &e)) {
        request.params = params;
        if (data[0] % 3 == 2)
            read_cutout(arena, &request);
        else
            ask_service(arena, &request, data[0] % 3 == 1);
    }
    arena_free(arena);
    return 0;
}
