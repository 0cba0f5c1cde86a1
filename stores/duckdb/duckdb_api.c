/* duckdb_api.c -- finds libduckdb.so and fills the table of its functions. */
#include "stores/duckdb/duckdb_api.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct duck_api duck;

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static bool is_loaded;

enum { PATH_BYTES = 4096 };

static bool fill(void *library, struct duck_api *api, char *why, size_t len)
{
    void *symbol;
#define X(result, name, arguments)                                                         \
    symbol = dlsym(library, "duckdb_" #name);                                              \
    if (!symbol) {                                                                         \
        snprintf(why, len,                                                                 \
                 "libduckdb.so lacks the function duckdb_" #name                           \
                 ": DuckDB 1.5 or newer is needed; run tools/setup/duckdb");               \
        return false;                                                                      \
    }                                                                                      \
    memcpy(&api->name, &symbol, sizeof api->name);
    DUCK_FUNCTIONS(X)
#undef X
    return true;
}

/* The program's folder, without the last slash; "." if the system does not tell. */
static void program_folder(char out[PATH_BYTES])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_BYTES - 1);
    out[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = '\0';
    else
        snprintf(out, PATH_BYTES, ".");
}

static void *open_beside_program(char *tried, size_t len)
{
    static const char *const PLACES[] = {"../lib", "lib", "../build/lib"};
    char folder[PATH_BYTES], path[PATH_BYTES + 64];
    program_folder(folder);
    void *library = NULL;
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES && !library; i++) {
        snprintf(path, sizeof path, "%s/%s/libduckdb.so", folder, PLACES[i]);
        library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    }
    snprintf(tried, len, "no libduckdb.so in lib, ../lib or ../build/lib of %s", folder);
    return library;
}

/* The library's allocator (jemalloc) keeps freed memory for each thread that ever ran a
 * query: 300 kB for each connection. Small pieces alone are kept, then it is a third. It
 * reads its options when it is loaded; an operator's own come first. */
static void spare_memory(void)
{
    setenv("DUCKDB_JE_MALLOC_CONF", "tcache_max:2048", 0);
}

static bool load(const char *option_path, char *why, size_t len)
{
    const char *environment = getenv("DUCKDB_LIB");
    const char *path = environment && environment[0] ? environment : option_path;
    char tried[PATH_BYTES + 256];
    void *library;
    spare_memory();
    if (path && path[0]) {
        library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
        const char *reason = library ? "" : dlerror();
        snprintf(tried, sizeof tried, "%s", reason ? reason : "it cannot be loaded");
    } else
        library = open_beside_program(tried, sizeof tried);
    if (!library) {
        snprintf(why, len,
                 "the DuckDB library is missing: %.600s. Run tools/setup/duckdb, or set "
                 "DUCKDB_LIB or the store's option \"library\" to its path",
                 tried);
        return false;
    }
    struct duck_api api;
    if (!fill(library, &api, why, len)) {
        dlclose(library);
        return false;
    }
    duck = api;
    return true;
}

bool duck_load(const char *option_path, char *why, size_t len)
{
    pthread_mutex_lock(&load_lock);
    if (!is_loaded)
        is_loaded = load(option_path, why, len);
    bool ok = is_loaded;
    pthread_mutex_unlock(&load_lock);
    return ok;
}
