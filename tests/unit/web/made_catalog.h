/* made_catalog.h -- catalogs made by hand for tests of the pages: of any size. */
#ifndef TESTS_UNIT_WEB_MADE_CATALOG_H
#define TESTS_UNIT_WEB_MADE_CATALOG_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/catalog/snapshot.h"

struct made_column {
    const char *name, *unit, *ucd, *description;
};

static struct catalog_column made_column(uint32_t index, const struct made_column *c)
{
    return (struct catalog_column){.index = index,
                                   .native = c->name,
                                   .meta = {.size = sizeof(struct store_column),
                                            .type = STORE_F64,
                                            .length = 1,
                                            .name = c->name,
                                            .unit = c->unit,
                                            .ucd = c->ucd,
                                            .description = c->description,
                                            .minimum = NAN,
                                            .maximum = NAN,
                                            .null_fraction = NAN}};
}

static void made_table(struct catalog_table *t, struct arena *arena, const char *schema,
                       const char *name, const char *description,
                       const struct made_column *column, uint32_t ncolumn)
{
    struct catalog_column *c = arena_new_array(arena, struct catalog_column, ncolumn + 1);
    for (uint32_t i = 0; i < ncolumn; i++)
        c[i] = made_column(i, &column[i]);
    *t = (struct catalog_table){.schema = schema,
                                .name = name,
                                .full_name = arena_format(arena, "%s.%s", schema, name),
                                .description = description,
                                .native = name,
                                .store_name = name,
                                .ncolumn = ncolumn,
                                .column = c,
                                .lon_column = -1,
                                .lat_column = -1,
                                .hpx_column = -1,
                                .row_estimate = -1};
}

/* nschema schemas of ntable tables of ncolumn columns, in words of the field. */
static struct catalog *made_catalog(uint32_t nschema, uint32_t ntable, uint32_t ncolumn)
{
    static const struct made_column KIND[] = {
        {"energy", "log(eV)", "phys.energy", "Common logarithm of the energy in eV"},
        {"ze", "deg", "pos.az.zd", "Angle between the axis and the vertical"},
        {"az", "deg", "pos.az.azi", "Azimuth, north through east"},
        {"ra", "deg", "pos.eq.ra;meta.main", "Right ascension of the arrival direction"},
        {"dec", "deg", "pos.eq.dec;meta.main", "Declination of the arrival direction"},
        {"mjd", "d", "time.epoch", "Time as modified Julian date"},
        {"nmu", "", "meta.number;phys.particle", "Number of muons on the ground"},
        {"flux", "erg/s/cm**2", "phot.flux.density", "Flux density in the band"}};
    enum { NKIND = sizeof KIND / sizeof *KIND };
    struct catalog *c = snapshot_new();
    struct catalog_schema *schema =
        arena_new_array(c->arena, struct catalog_schema, nschema);
    struct made_column *column = malloc((ncolumn ? ncolumn : 1) * sizeof *column);
    for (uint32_t i = 0; i < nschema; i++) {
        struct catalog_table *t =
            arena_new_array(c->arena, struct catalog_table, ntable + 1);
        const char *name = arena_format(c->arena, "experiment%u", i);
        for (uint32_t j = 0; j < ntable; j++) {
            for (uint32_t k = 0; k < ncolumn; k++) {
                column[k] = KIND[k % NKIND];
                if (k >= NKIND)
                    column[k].name = arena_format(c->arena, "%s_%u_%u", column[k].name,
                                                  i * ntable + j, k);
                column[k].description = arena_format(
                    c->arena, "%s, quantity %u of table %u; see the handbook of run %u",
                    column[k].description, k, j, i * 37 + j);
            }
            made_table(&t[j], c->arena, name, arena_format(c->arena, "events%u", j),
                       "One row for each air shower", column, ncolumn);
            t[j].index = j;
        }
        schema[i] = (struct catalog_schema){.name = name,
                                            .adql_name = name,
                                            .title = arena_format(c->arena, "Array %u", i),
                                            .description = "Air showers of one array",
                                            .index = i,
                                            .ntable = ntable,
                                            .table = t};
    }
    free(column);
    c->nschema = nschema;
    c->schema = schema;
    snapshot_index(c);
    return c;
}

#endif
