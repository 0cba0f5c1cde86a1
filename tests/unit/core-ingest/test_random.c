/* The generator must give the same numbers everywhere: the demo data are counted on. */
#include "core/ingest/random.h"

#include "tests/test.h"

/* SplitMix64 from state 0: the reference values of its author's test. */
TEST(bits_are_splitmix64)
{
    struct random r = {0};
    CHECK(random_bits(&r) == 0xE220A8397B1DCDAFull);
    CHECK(random_bits(&r) == 0x6E789E6AA1B965F4ull);
    CHECK(random_bits(&r) == 0x06C45D188009454Full);
}

TEST(rows_are_apart)
{
    struct random a = random_at(1, 0), b = random_at(1, 1), c = random_at(2, 0),
                  again = random_at(1, 0);
    uint64_t x = random_bits(&a);
    CHECK(x == random_bits(&again));
    CHECK(x != random_bits(&b) && x != random_bits(&c));
}

TEST(unit_is_even_and_open)
{
    struct random r = random_at(3, 0);
    double sum = 0, least = 1, most = 0;
    for (int i = 0; i < 100000; i++) {
        double u = random_unit(&r);
        sum += u;
        least = u < least ? u : least;
        most = u > most ? u : most;
    }
    CHECK(least > 0 && most < 1);
    CHECK_NEAR(sum / 100000, 0.5, 0.004);
}

TEST(normal_has_its_moments)
{
    struct random r = random_at(4, 0);
    double sum = 0, square = 0;
    for (int i = 0; i < 100000; i++) {
        double x = random_normal(&r);
        sum += x;
        square += x * x;
    }
    CHECK_NEAR(sum / 100000, 0, 0.015);
    CHECK_NEAR(square / 100000, 1, 0.02);
}

TEST(power_law_falls_as_told)
{
    struct random r = random_at(5, 0);
    int above = 0;
    for (int i = 0; i < 100000; i++) {
        double x = random_power(&r, 2.7, 1, 1e9);
        CHECK(x >= 1 && x <= 1e9);
        above += x > 10;
    }
    CHECK_NEAR(above, 100000 * pow(10, -1.7), 200);
}

TEST(clipped_normal_stays_inside)
{
    struct random r = random_at(6, 0);
    for (int i = 0; i < 10000; i++) {
        double x = random_normal_in(&r, 0, 5, -1, 2);
        CHECK(x >= -1 && x <= 2);
    }
    CHECK_NEAR(random_normal_in(&r, 100, 0.1, -1, 2), 2, 0);
}

TEST(uuid_is_version_4)
{
    struct random r = random_at(7, 0);
    char text[RANDOM_UUID_BYTES];
    random_uuid(&r, text);
    CHECK(text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-');
    CHECK(text[14] == '4');
    CHECK(strchr("89ab", text[19]) != NULL);
}

RUN_TESTS(T(bits_are_splitmix64), T(rows_are_apart), T(unit_is_even_and_open),
          T(normal_has_its_moments), T(power_law_falls_as_told),
          T(clipped_normal_stays_inside), T(uuid_is_version_4))
