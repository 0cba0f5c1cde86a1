/* fuzz_json.c -- any bytes as JSON, through CSV. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    table_fuzz(data, len, TABLE_JSON, "csv");
    return 0;
}
