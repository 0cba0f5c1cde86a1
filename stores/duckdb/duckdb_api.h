/* duckdb_api.h -- the part of DuckDB's C API that this adapter uses, as a table of function
 * pointers filled at run time: the node builds and starts without the library.
 *
 * Names are DuckDB's without the prefix `duckdb_`: duckdb_open_ext is duck.open_ext.
 * Layouts and numbers are those of its public header, stable since 1.0 (scalar function
 * state and expression folding: 1.5). */
#ifndef STORES_DUCKDB_API_H
#define STORES_DUCKDB_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t duck_idx;
typedef enum { DUCK_OK = 0, DUCK_ERROR = 1 } duck_state;
typedef enum {
    DUCK_READY,
    DUCK_NOT_READY,
    DUCK_PENDING_ERROR,
    DUCK_NO_TASKS
} duck_pending_state;

/* clang-format off */
enum duck_type {
    DUCK_INVALID = 0, DUCK_BOOLEAN = 1, DUCK_TINYINT = 2, DUCK_SMALLINT = 3,
    DUCK_INTEGER = 4, DUCK_BIGINT = 5, DUCK_UTINYINT = 6, DUCK_USMALLINT = 7,
    DUCK_UINTEGER = 8, DUCK_UBIGINT = 9, DUCK_FLOAT = 10, DUCK_DOUBLE = 11,
    DUCK_TIMESTAMP = 12, DUCK_DATE = 13, DUCK_TIME = 14, DUCK_INTERVAL = 15,
    DUCK_HUGEINT = 16, DUCK_VARCHAR = 17, DUCK_BLOB = 18, DUCK_DECIMAL = 19,
    DUCK_TIMESTAMP_S = 20, DUCK_TIMESTAMP_MS = 21, DUCK_TIMESTAMP_NS = 22,
    DUCK_ENUM = 23, DUCK_LIST = 24, DUCK_STRUCT = 25, DUCK_MAP = 26, DUCK_UUID = 27,
    DUCK_UNION = 28, DUCK_BIT = 29, DUCK_TIME_TZ = 30, DUCK_TIMESTAMP_TZ = 31,
    DUCK_UHUGEINT = 32, DUCK_ARRAY = 33, DUCK_ANY = 34, DUCK_SQLNULL = 36
};
/* clang-format on */

enum { DUCK_STATEMENT_SELECT = 1 };

/* Opaque handles. */
typedef struct duck_database_s *duck_database;
typedef struct duck_connection_s *duck_connection;
typedef struct duck_config_s *duck_config;
typedef struct duck_prepared_s *duck_prepared;
typedef struct duck_pending_s *duck_pending;
typedef void *duck_task_state;
typedef struct duck_chunk_s *duck_chunk;
typedef struct duck_vector_s *duck_vector;
typedef struct duck_logical_s *duck_logical;
typedef struct duck_value_s *duck_value;
typedef struct duck_appender_s *duck_appender;
typedef struct duck_scalar_s *duck_scalar;
typedef struct duck_scalar_set_s *duck_scalar_set;
typedef struct duck_aggregate_s *duck_aggregate;
typedef struct duck_aggregate_state_s *duck_aggregate_state;
typedef struct duck_call_s *duck_call; /* duckdb_function_info */
typedef struct duck_init_s *duck_init; /* duckdb_init_info */

typedef struct { /* passed by value; the fields before the last are not for use */
    duck_idx column_count, row_count, rows_changed;
    void *columns;
    char *error_message;
    void *internal;
} duck_result;

typedef struct {
    int64_t micros;
} duck_timestamp;

typedef struct {
    uint64_t lower;
    int64_t upper;
} duck_hugeint;

typedef struct {
    double percentage;
    uint64_t done, total;
} duck_progress;

typedef struct { /* a row of a LIST vector: elements of the child vector */
    uint64_t offset, length;
} duck_list_entry;

typedef struct { /* a row of a VARCHAR or BLOB vector: up to 12 bytes lie inside */
    union {
        struct {
            uint32_t length;
            char prefix[4];
            char *at;
        } far;
        struct {
            uint32_t length;
            char bytes[12];
        } near;
    } value;
} duck_string;

static inline const char *duck_string_at(const duck_string *s)
{
    return s->value.near.length <= 12 ? s->value.near.bytes : s->value.far.at;
}

typedef void (*duck_free_function)(void *);
typedef void (*duck_scalar_function)(duck_call, duck_chunk input, duck_vector output);
typedef void (*duck_init_function)(duck_init);
typedef duck_idx (*duck_state_size)(duck_call);
typedef void (*duck_state_init)(duck_call, duck_aggregate_state);
typedef void (*duck_state_destroy)(duck_aggregate_state *, duck_idx);
typedef void (*duck_update)(duck_call, duck_chunk input, duck_aggregate_state *);
typedef void (*duck_combine)(duck_call, duck_aggregate_state *source,
                             duck_aggregate_state *target, duck_idx);
typedef void (*duck_finalize)(duck_call, duck_aggregate_state *, duck_vector result,
                              duck_idx n, duck_idx offset);

/* clang-format off */
#define DUCK_FUNCTIONS(X)                                                                   \
    X(const char *, library_version, (void))                                                \
    X(void, free, (void *))                                                                 \
    X(duck_idx, vector_size, (void))                                                        \
    X(duck_state, create_config, (duck_config *))                                           \
    X(duck_state, set_config, (duck_config, const char *, const char *))                    \
    X(void, destroy_config, (duck_config *))                                                \
    X(duck_state, open_ext, (const char *, duck_database *, duck_config, char **))          \
    X(void, close, (duck_database *))                                                       \
    X(duck_state, connect, (duck_database, duck_connection *))                              \
    X(void, disconnect, (duck_connection *))                                                \
    X(void, interrupt, (duck_connection))                                                   \
    X(duck_progress, query_progress, (duck_connection))                                     \
    X(duck_state, query, (duck_connection, const char *, duck_result *))                    \
    X(void, destroy_result, (duck_result *))                                                \
    X(const char *, result_error, (duck_result *))                                          \
    X(duck_idx, column_count, (duck_result *))                                              \
    X(duck_logical, column_logical_type, (duck_result *, duck_idx))                         \
    X(duck_chunk, fetch_chunk, (duck_result))                                               \
    X(duck_state, prepare, (duck_connection, const char *, duck_prepared *))                \
    X(void, destroy_prepare, (duck_prepared *))                                             \
    X(const char *, prepare_error, (duck_prepared))                                         \
    X(int, prepared_statement_type, (duck_prepared))                                        \
    X(duck_idx, nparams, (duck_prepared))                                                   \
    X(duck_state, clear_bindings, (duck_prepared))                                          \
    X(duck_state, bind_null, (duck_prepared, duck_idx))                                     \
    X(duck_state, bind_boolean, (duck_prepared, duck_idx, bool))                            \
    X(duck_state, bind_uint8, (duck_prepared, duck_idx, uint8_t))                           \
    X(duck_state, bind_int16, (duck_prepared, duck_idx, int16_t))                           \
    X(duck_state, bind_int32, (duck_prepared, duck_idx, int32_t))                           \
    X(duck_state, bind_int64, (duck_prepared, duck_idx, int64_t))                           \
    X(duck_state, bind_float, (duck_prepared, duck_idx, float))                             \
    X(duck_state, bind_double, (duck_prepared, duck_idx, double))                           \
    X(duck_state, bind_timestamp, (duck_prepared, duck_idx, duck_timestamp))                \
    X(duck_state, bind_varchar_length, (duck_prepared, duck_idx, const char *, duck_idx))   \
    X(duck_state, bind_value, (duck_prepared, duck_idx, duck_value))                        \
    X(duck_state, pending_prepared_streaming, (duck_prepared, duck_pending *))              \
    X(const char *, pending_error, (duck_pending))                                          \
    X(duck_state, execute_pending, (duck_pending, duck_result *))                           \
    X(void, destroy_pending, (duck_pending *))                                              \
    X(duck_pending_state, pending_execute_task, (duck_pending))                                            \
    X(duck_task_state, create_task_state, (duck_database))                                  \
    X(void, execute_tasks_state, (duck_task_state))                                         \
    X(void, finish_execution, (duck_task_state))                                            \
    X(void, destroy_task_state, (duck_task_state))                                          \
    X(duck_value, create_bool, (bool))                                                      \
    X(duck_value, create_uint8, (uint8_t))                                                  \
    X(duck_value, create_int16, (int16_t))                                                  \
    X(duck_value, create_int32, (int32_t))                                                  \
    X(duck_value, create_int64, (int64_t))                                                  \
    X(duck_value, create_float, (float))                                                    \
    X(duck_value, create_double, (double))                                                  \
    X(duck_value, create_timestamp, (duck_timestamp))                                       \
    X(duck_value, create_list_value, (duck_logical, duck_value *, duck_idx))                \
    X(void, destroy_value, (duck_value *))                                                  \
    X(duck_logical, create_logical_type, (int))                                             \
    X(duck_logical, create_list_type, (duck_logical))                                       \
    X(duck_logical, create_array_type, (duck_logical, duck_idx))                            \
    X(void, destroy_logical_type, (duck_logical *))                                         \
    X(int, get_type_id, (duck_logical))                                                     \
    X(uint8_t, decimal_scale, (duck_logical))                                               \
    X(int, decimal_internal_type, (duck_logical))                                           \
    X(int, enum_internal_type, (duck_logical))                                              \
    X(uint32_t, enum_dictionary_size, (duck_logical))                                       \
    X(char *, enum_dictionary_value, (duck_logical, duck_idx))                              \
    X(duck_logical, list_type_child_type, (duck_logical))                                   \
    X(duck_logical, array_type_child_type, (duck_logical))                                  \
    X(duck_idx, array_type_array_size, (duck_logical))                                      \
    X(duck_chunk, create_data_chunk, (duck_logical *, duck_idx))                            \
    X(void, destroy_data_chunk, (duck_chunk *))                                             \
    X(void, data_chunk_reset, (duck_chunk))                                                 \
    X(duck_idx, data_chunk_get_column_count, (duck_chunk))                                  \
    X(duck_vector, data_chunk_get_vector, (duck_chunk, duck_idx))                           \
    X(duck_idx, data_chunk_get_size, (duck_chunk))                                          \
    X(void, data_chunk_set_size, (duck_chunk, duck_idx))                                    \
    X(void *, vector_get_data, (duck_vector))                                               \
    X(uint64_t *, vector_get_validity, (duck_vector))                                       \
    X(void, vector_ensure_validity_writable, (duck_vector))                                 \
    X(void, vector_assign_string_element_len, (duck_vector, duck_idx, const char *, duck_idx)) \
    X(duck_vector, list_vector_get_child, (duck_vector))                                    \
    X(duck_idx, list_vector_get_size, (duck_vector))                                        \
    X(duck_state, list_vector_set_size, (duck_vector, duck_idx))                            \
    X(duck_state, list_vector_reserve, (duck_vector, duck_idx))                             \
    X(duck_vector, array_vector_get_child, (duck_vector))                                   \
    X(duck_state, appender_create_ext, (duck_connection, const char *, const char *,        \
                                        const char *, duck_appender *))                     \
    X(duck_state, append_data_chunk, (duck_appender, duck_chunk))                           \
    X(const char *, appender_error, (duck_appender))                                        \
    X(duck_state, appender_close, (duck_appender))                                          \
    X(duck_state, appender_destroy, (duck_appender *))                                      \
    X(duck_scalar, create_scalar_function, (void))                                          \
    X(void, destroy_scalar_function, (duck_scalar *))                                       \
    X(void, scalar_function_set_name, (duck_scalar, const char *))                          \
    X(void, scalar_function_set_varargs, (duck_scalar, duck_logical))                       \
    X(void, scalar_function_set_special_handling, (duck_scalar))                            \
    X(void, scalar_function_add_parameter, (duck_scalar, duck_logical))                     \
    X(void, scalar_function_set_return_type, (duck_scalar, duck_logical))                   \
    X(void, scalar_function_set_extra_info, (duck_scalar, void *, duck_free_function))      \
    X(void, scalar_function_set_function, (duck_scalar, duck_scalar_function))              \
    X(void, scalar_function_set_init, (duck_scalar, duck_init_function))                    \
    X(void, scalar_function_init_set_state, (duck_init, void *, duck_free_function))        \
    X(void *, scalar_function_get_state, (duck_call))                                       \
    X(void *, scalar_function_get_extra_info, (duck_call))                                  \
    X(void, scalar_function_set_error, (duck_call, const char *))                           \
    X(duck_scalar_set, create_scalar_function_set, (const char *))                          \
    X(void, destroy_scalar_function_set, (duck_scalar_set *))                               \
    X(duck_state, add_scalar_function_to_set, (duck_scalar_set, duck_scalar))               \
    X(duck_state, register_scalar_function_set, (duck_connection, duck_scalar_set))         \
    X(duck_aggregate, create_aggregate_function, (void))                                    \
    X(void, destroy_aggregate_function, (duck_aggregate *))                                 \
    X(void, aggregate_function_set_name, (duck_aggregate, const char *))                    \
    X(void, aggregate_function_add_parameter, (duck_aggregate, duck_logical))               \
    X(void, aggregate_function_set_return_type, (duck_aggregate, duck_logical))             \
    X(void, aggregate_function_set_functions, (duck_aggregate, duck_state_size,             \
                                               duck_state_init, duck_update, duck_combine,  \
                                               duck_finalize))                              \
    X(void, aggregate_function_set_destructor, (duck_aggregate, duck_state_destroy))        \
    X(void, aggregate_function_set_special_handling, (duck_aggregate))                      \
    X(void, aggregate_function_set_error, (duck_call, const char *))                        \
    X(duck_state, register_aggregate_function, (duck_connection, duck_aggregate))
/* clang-format on */

struct duck_api {
#define X(result, name, arguments) result(*name) arguments;
    DUCK_FUNCTIONS(X)
#undef X
};

/* The one library of the process; filled by duck_load(), constant from then on. */
extern struct duck_api duck;

/* Loads the library from the environment variable DUCKDB_LIB, else `option_path` (may be
 * NULL), else ../lib, lib and ../build/lib beside the program. The first success holds for
 * the process. False: `why` says what was tried and what to do. Safe from any thread. */
bool duck_load(const char *option_path, char *why, size_t len);

#endif
