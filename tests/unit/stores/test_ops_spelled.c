/* test_ops_spelled.c -- the duckdb dialect spells every operation of adql/ops.h, none that
 * is not there, and uses no argument that the operation does not have. */
#include "adql/ops.h"
#include "tests/unit/stores/duck.h"

static const struct op {
    const char *name;
    int least, most;
} OPS[] = {
#define X(name, least, most) {#name, least, most},
    ADQL_OPS(X)
#undef X
};
enum { NOPS = sizeof OPS / sizeof *OPS };

static const struct store_dialect *dialect(void)
{
    struct err e = {0};
    struct stores *stores = stores_new(duck_plugins(), NULL, &e);
    const struct store_plugin *plugin = stores ? stores_plugin(stores, "duckdb", &e) : NULL;
    stores_free(stores); /* the adapter stays in memory */
    if (!plugin)
        TEST_FAIL("%.700s", e.message);
    return plugin->dialect;
}

static const struct op *find_op(const char *name)
{
    for (size_t i = 0; i < NOPS; i++)
        if (strcmp(OPS[i].name, name) == 0)
            return &OPS[i];
    return NULL;
}

TEST(every_op_is_spelled)
{
    const struct store_dialect *d = dialect();
    for (size_t i = 0; i < NOPS; i++) {
        size_t n = 0;
        for (size_t k = 0; k < d->nspelling; k++)
            n += strcmp(d->spelling[k].op, OPS[i].name) == 0;
        if (n != 1)
            TEST_FAIL("op %s is spelled %zu times", OPS[i].name, n);
    }
}

TEST(every_spelling_is_of_an_op)
{
    const struct store_dialect *d = dialect();
    for (size_t k = 0; k < d->nspelling; k++)
        if (!find_op(d->spelling[k].op))
            TEST_FAIL("%s is no op", d->spelling[k].op);
}

TEST(templates_use_the_arguments_there_are)
{
    const struct store_dialect *d = dialect();
    for (size_t k = 0; k < d->nspelling; k++) {
        const struct op *op = find_op(d->spelling[k].op);
        for (const char *at = strchr(d->spelling[k].sql, '$'); op && at;
             at = strchr(at + 1, '$')) {
            bool is_list = at[1] == '*';
            int number = at[1] - '0';
            if (!is_list && (number < 1 || (op->most >= 0 && number > op->most)))
                TEST_FAIL("%s: %s", op->name, d->spelling[k].sql);
            if (op->least != op->most && !is_list)
                TEST_FAIL("%s takes a list but is spelled %s", op->name,
                          d->spelling[k].sql);
        }
    }
}

RUN_TESTS(T(every_op_is_spelled), T(every_spelling_is_of_an_op),
          T(templates_use_the_arguments_there_are))
