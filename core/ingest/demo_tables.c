/* demo_tables.c -- the list of the demo tables, in the order in which they are loaded. */
#include "core/ingest/demo.h"

static const struct demo_table *const TABLE[] = {
    &DEMO_TABLE_KASCADE_EVENTS,     &DEMO_TABLE_KASCADE_ARRAYS,
    &DEMO_TABLE_KASCADE_CONDITIONS, &DEMO_TABLE_GRANDE_EVENTS,
    &DEMO_TABLE_LOPES_EVENTS,       &DEMO_TABLE_TUNKA133_EVENTS,
    &DEMO_TABLE_TUNKAREX_EVENTS,    &DEMO_TABLE_TUNKAREX_ANTENNAS,
    &DEMO_TABLE_TUNKAREX_TRACES,    &DEMO_TABLE_TAIGA_RUNS,
    &DEMO_TABLE_TAIGA_HILLAS,       &DEMO_TABLE_MC_MASS_GROUPS,
    &DEMO_TABLE_MC_SHOWERS,         &DEMO_TABLE_MC_PREDICTIONS,
    &DEMO_TABLE_SOURCES_CATALOGUE,  &DEMO_TABLE_ALERTS_NEUTRINO,
    &DEMO_TABLE_BURSTS_GRB,         NULL,
};

const struct demo_table *demo_table_at(uint32_t i)
{
    return TABLE[i];
}

const struct demo_table *demo_table_find(const char *schema, const char *name)
{
    for (uint32_t i = 0; demo_table_at(i); i++)
        if (strcmp(demo_table_at(i)->schema, schema) == 0 &&
            strcmp(demo_table_at(i)->name, name) == 0)
            return demo_table_at(i);
    return NULL;
}
