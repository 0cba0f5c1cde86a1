/* tsan.h -- for the thread sanitizer: DuckDB's library is not instrumented, so the order
 * that its own atomics make cannot be seen. */
#ifndef TESTS_UNIT_STORES_TSAN_H
#define TESTS_UNIT_STORES_TSAN_H

#ifdef __SANITIZE_THREAD__
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:libduckdb.so\nrace:libduckdb.so\n"
           "called_from_lib:libstdc++.so.6\nrace:libstdc++.so.6\n";
}
#define DUCK_THREADS "1"
#else
#define DUCK_THREADS "2"
#endif

#endif
