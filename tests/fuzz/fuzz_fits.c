/* fuzz_fits.c -- any bytes as a FITS file, through CSV. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
const char *__asan_default_options(void);

/* cfitsio asks for as much memory as a header says, and minds when there is none. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    table_fuzz(data, len, TABLE_FITS, "csv");
    return 0;
}
