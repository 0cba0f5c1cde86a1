/* fuzz_csv.c -- any bytes as CSV or ECSV, through TABLEDATA. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    table_fuzz(data, len, TABLE_CSV, "votable/td");
    return 0;
}
