/* fuzz_votable.c -- any bytes as a VOTable document, through BINARY2. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    table_fuzz(data, len, TABLE_VOTABLE, "votable/b2");
    return 0;
}
