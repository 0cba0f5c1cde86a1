/* answer.c -- small results as text, for the adapter's own questions. */
#include "stores/duckdb/internal.h"

enum store_status answer_open(struct answer *a, const struct store_host *host,
                              duck_connection connection, const char *sql,
                              struct store_error *e)
{
    *a = (struct answer){.is_open = true};
    if (duck.query(connection, sql, &a->result) == DUCK_OK)
        return STORE_OK;
    enum store_status status = fail_duck(host, duck.result_error(&a->result), e);
    answer_close(a);
    return status;
}

bool answer_next(struct answer *a)
{
    if (!a->is_open)
        return false;
    if (a->chunk && ++a->row < a->nrow)
        return true;
    do {
        duck.destroy_data_chunk(&a->chunk);
        a->chunk = duck.fetch_chunk(a->result);
        a->nrow = a->chunk ? duck.data_chunk_get_size(a->chunk) : 0;
        a->row = 0;
    } while (a->chunk && a->nrow == 0);
    return a->chunk != NULL;
}

str answer_text(const struct answer *a, duck_idx column)
{
    duck_vector vector = duck.data_chunk_get_vector(a->chunk, column);
    const uint64_t *valid = duck.vector_get_validity(vector);
    if (valid && !(valid[a->row / 64] >> (a->row % 64) & 1))
        return (str){NULL, 0};
    const duck_string *s = (const duck_string *)duck.vector_get_data(vector) + a->row;
    return (str){duck_string_at(s), s->value.near.length};
}

void answer_close(struct answer *a)
{
    if (!a->is_open)
        return;
    duck.destroy_data_chunk(&a->chunk);
    duck.destroy_result(&a->result);
    a->is_open = false;
}

enum store_status statement_run(const struct store_host *host, duck_connection connection,
                                const char *sql, struct store_error *e)
{
    duck_result result;
    enum store_status status = STORE_OK;
    if (duck.query(connection, sql, &result) != DUCK_OK)
        status = fail_duck(host, duck.result_error(&result), e);
    duck.destroy_result(&result);
    return status;
}
