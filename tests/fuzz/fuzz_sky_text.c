/* fuzz_sky_text.c -- region and MOC text: what is accepted must print, read back as the
 * same, and answer questions without falling over. The first byte chooses the xtype. */
#include <stdint.h>
#include <stdlib.h>

#include "core/sky/sky.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void ask(const struct sky_region *region, struct err *e)
{
    struct sky_span span[16];
    struct sky_point center;
    double number;
    bool yes = false;
    size_t n = sky_region_cover(region, 12, span, 16);
    demand(n <= 16);
    (void)sky_region_contains_point(region, 10, 20);
    (void)sky_region_bounds(region, &center, &number);
    if (sky_region_area_deg2(region, &number, e))
        demand(number >= 0 && number < 41253);
    (void)sky_region_centroid(region, &center, e);
    if (sky_region_is_within(region, region, &yes, e))
        demand(yes || region->shape == SKY_MOC);
    (void)sky_region_intersects(region, region, &yes, e);
}

static void read_back(struct arena *arena, const struct sky_region *region)
{
    struct err e = {0};
    struct bytes first, second;
    bytes_init(&first, 1 << 22);
    bytes_init(&second, 1 << 22);
    if (sky_region_print_stcs(&first, region, &e)) {
        const struct sky_region *again =
            sky_region_parse(arena, SKY_XTYPE_REGION, bytes_str(&first), &e);
        demand(again || e.kind == ERR_LIMIT);
        if (again && sky_region_print_stcs(&second, again, &e))
            demand(str_eq(bytes_str(&first), bytes_str(&second)));
    }
    bytes_clear(&first);
    (void)sky_region_print_dali(&first, region, &e);
    bytes_clear(&first);
    (void)sky_region_print_numbers(&first, region, &e);
    bytes_free(&first);
    bytes_free(&second);
}

static void try_moc(struct arena *arena, str text)
{
    struct err e = {0};
    struct bytes out;
    const struct sky_moc *moc = sky_moc_parse(arena, text, &e);
    demand(moc || e.kind != ERR_NONE);
    if (!moc || moc->nspan > 1000)
        return;
    bytes_init(&out, 1 << 22);
    sky_moc_print(&out, moc);
    const struct sky_moc *again = sky_moc_parse(arena, bytes_str(&out), &e);
    demand(again && again->order == moc->order && again->nspan == moc->nspan);
    for (size_t i = 0; i < moc->nspan; i++)
        demand(again->span[i].lo == moc->span[i].lo &&
               again->span[i].hi == moc->span[i].hi);
    bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 4096)
        return 0;
    struct err e = {0};
    double degrees;
    str text = {(const char *)data + 1, size - 1};
    struct arena *arena = arena_new(64 << 20);
    const struct sky_region *region = sky_region_parse(
        arena, (enum sky_xtype)(data[0] % (SKY_XTYPE_REGION + 1)), text, &e);
    demand(region || e.kind != ERR_NONE);
    if (region) {
        ask(region, &e);
        read_back(arena, region);
    }
    try_moc(arena, text);
    if (sky_hms_parse(text, &degrees))
        demand(degrees >= 0 && degrees <= 360);
    if (sky_dms_parse(text, &degrees))
        demand(degrees >= -90 && degrees <= 90);
    arena_free(arena);
    return 0;
}
