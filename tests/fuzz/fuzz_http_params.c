/* fuzz_http_params.c -- query strings, paths and multipart bodies from strangers. The first
 * byte chooses the parser, the second the size of the pieces in which a body comes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/http/http_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_params(struct arena *arena, str text)
{
    struct http_param *params = NULL;
    size_t n = 0;
    struct err e = {0};
    if (http_params_parse(arena, text, HTTP_FROM_QUERY, 1000, &params, &n, &e) !=
        (e.kind == ERR_NONE))
        abort();
    for (size_t i = 0; e.kind == ERR_NONE && i < n; i++)
        if (!str_is_utf8(params[i].value, NULL) ||
            strlen(params[i].value.at) != params[i].value.len)
            abort();
}

static void fuzz_path(struct arena *arena, str text)
{
    struct path path;
    struct err e = {0};
    if (path_parse(arena, text, &path, &e) && strstr(path.text.at, "/../"))
        abort();
}

/* All pieces at once must give what many small ones give. */
static size_t body_size(struct arena *arena, str text, size_t step)
{
    struct http_header header = {STR("Content-Type"),
                                 STR("multipart/form-data; boundary=\"-b\"")};
    struct http_request request = {.arena = arena,
                                   .headers = &header,
                                   .nheader = 1,
                                   .content_type = STR("multipart/form-data")};
    struct body_limits limits = {"/tmp", 100, 1 << 16, 1 << 20, 1 << 20, NULL, 0};
    struct err e = {0};
    struct body *body = body_new(&request, limits, &e);
    bool ok = body != NULL;
    for (size_t at = 0; ok && at < text.len; at += step)
        ok = body_feed(body, text.at + at, step < text.len - at ? step : text.len - at, &e);
    ok = ok && body_finish(body, &e);
    if (ok != (e.kind == ERR_NONE))
        abort();
    size_t sum = ok ? 1 : 0;
    for (size_t i = 0; ok && i < request.nparam; i++)
        sum += 1000 + request.params[i].name.len + request.params[i].bytes;
    body_free(body);
    return sum;
}

static void fuzz_body(struct arena *arena, str text, size_t step)
{
    if (body_size(arena, text, step) != body_size(arena, text, text.len + 1))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct arena *arena = arena_new(64 << 20);
    str text = {(const char *)data + 2, size - 2};
    if (data[0] % 3 == 0)
        fuzz_params(arena, text);
    else if (data[0] % 3 == 1)
        fuzz_path(arena, text);
    else
        fuzz_body(arena, text, (size_t)data[1] % 16 + 1);
    arena_free(arena);
    return 0;
}
