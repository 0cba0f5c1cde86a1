/* output.c -- ObsCore in the words of SSA 1.1: its fields are known by utype (SSA-10). */
#include "ssa/inside.h"

struct output {
    const char *value;   /* ADQL; NULL: the node's publisher */
    const char *needs;   /* a column that ObsCore may lack; NULL: none */
    const char *instead; /* then; NULL: the field is left out */
    struct dali_shown shown;
};

#define SSA(word) "ssa:" word
#define PLACE "ssa:Char.SpatialAxis."
#define TIME "ssa:Char.TimeAxis."
#define BAND "ssa:Char.SpectralAxis."

/* clang-format off */
static const struct output OUTPUT[] = {
    {"access_url", NULL, NULL,
     {.make = DALI_DATA_URL, .utype = SSA("Access.Reference"), .ucd = "meta.ref.url", .description = "Address of the spectrum."}},
    {SSA_DATA_FORMAT, NULL, NULL,
     {.name = "format", .utype = SSA("Access.Format"), .ucd = "meta.code.mime", .description = "Media type of the spectrum."}},
    {"access_estsize", NULL, NULL, {.utype = SSA("Access.Size")}},
    {"'native'", NULL, NULL,
     {.name = "datamodel", .utype = SSA("Dataset.DataModel"), .description = "Data model: the files are as they were archived."}},
    {"'Spectrum'", NULL, NULL, {.name = "dataset_type", .utype = SSA("Dataset.Type"), .description = "Kind of data."}},
    {"em_xel", NULL, NULL, {.utype = SSA("Dataset.Length"), .ucd = "meta.number"}},
    {"COALESCE(obs_title, obs_id)", "obs_title", "obs_id",
     {.name = "title", .utype = SSA("DataID.Title"), .ucd = "meta.title;meta.dataset", .description = "Title."}},
    {"obs_creator_name", "obs_creator_name", NULL, {.utype = SSA("DataID.Creator")}},
    {"obs_collection", NULL, NULL, {.utype = SSA("DataID.Collection"), .ucd = ""}},
    {"instrument_name", NULL, NULL, {.utype = SSA("DataID.Instrument"), .ucd = "meta.id;instr"}},
    {"'survey'", NULL, NULL, {.name = "datasource", .utype = SSA("DataID.DataSource"), .description = "Where the data come from."}},
    {"'archival'", NULL, NULL, {.name = "creationtype", .utype = SSA("DataID.CreationType"), .description = "How the file is made."}},
    {NULL, NULL, NULL,
     {.name = "publisher", .utype = SSA("Curation.Publisher"), .ucd = "meta.curation", .description = "Publisher."}},
    {"bib_reference", "bib_reference", NULL, {.utype = SSA("Curation.Reference"), .ucd = "meta.bib.bibcode"}},
    {"obs_publisher_did", NULL, NULL, {.utype = SSA("Curation.PublisherDID"), .ucd = "meta.ref.url;meta.curation"}},
    {"data_rights", "data_rights", NULL, {.utype = SSA("Curation.Rights"), .ucd = ""}},
    {"target_name", NULL, NULL, {.utype = SSA("Target.Name"), .ucd = "meta.id;src"}},
    {"target_class", "target_class", NULL, {.utype = SSA("Target.Class"), .ucd = "src.class"}},
    {"'ICRS'", NULL, NULL, {.name = "spaceframe", .utype = SSA("CoordSys.SpaceFrame.Name"), .description = "Frame of positions."}},
    {"'UTC'", NULL, NULL,
     {.name = "timeframe", .utype = SSA("CoordSys.TimeFrame.Name"), .ucd = "time.scale", .description = "Scale of times."}},
    {"o_ucd", NULL, NULL, {.utype = SSA("Char.FluxAxis.Ucd"), .ucd = "meta.ucd"}},
    {"'em.wl'", NULL, NULL, {.name = "spectral_ucd", .utype = BAND "Ucd", .ucd = "meta.ucd", .description = "UCD of the spectral axis."}},
    {"s_fov", NULL, NULL, {.name = "aperture", .utype = PLACE "Coverage.Bounds.Extent", .ucd = "phys.angSize;instr.fov"}},
    {"s_region", NULL, NULL, {.utype = PLACE "Coverage.Support.Area", .ucd = "pos.outline;instr.fov"}},
    {"s_resolution / 3600", NULL, NULL,
     {.name = "s_resolution", .utype = PLACE "Resolution", .ucd = "pos.angResolution", .unit = "deg", .description = "Angular resolution."}},
    {"(t_min + t_max) / 2", NULL, NULL,
     {.name = "t_mid", .utype = TIME "Coverage.Location.Value", .ucd = "time.epoch", .unit = "d", .description = "Middle of the exposure, MJD."}},
    {"(t_max - t_min) * 86400", NULL, NULL,
     {.name = "t_extent", .utype = TIME "Coverage.Bounds.Extent", .ucd = "time.duration", .unit = "s", .description = "From its start to its end."}},
    {"t_min", NULL, NULL, {.utype = TIME "Coverage.Bounds.Start", .ucd = "time.start;obs.exposure"}},
    {"t_max", NULL, NULL, {.utype = TIME "Coverage.Bounds.Stop", .ucd = "time.end;obs.exposure"}},
    {"t_exptime", NULL, NULL, {.utype = TIME "Coverage.Support.Extent", .ucd = "time.duration;obs.exposure"}},
    {"t_resolution", NULL, NULL, {.utype = TIME "Resolution", .ucd = "time.resolution"}},
    {"(em_min + em_max) / 2", NULL, NULL,
     {.name = "em_mid", .utype = BAND "Coverage.Location.Value", .ucd = "em.wl;instr.bandpass", .unit = "m",
      .description = "Middle of the wavelengths."}},
    {"em_max - em_min", NULL, NULL,
     {.name = "em_extent", .utype = BAND "Coverage.Bounds.Extent", .ucd = "em.wl;instr.bandwidth", .unit = "m",
      .description = "From the shortest wavelength to the longest."}},
    {"em_min", NULL, NULL, {.utype = BAND "Coverage.Bounds.Start", .ucd = "em.wl;stat.min"}},
    {"em_max", NULL, NULL, {.utype = BAND "Coverage.Bounds.Stop", .ucd = "em.wl;stat.max"}},
    {"(em_min + em_max) / 2 / em_res_power", NULL, NULL,
     {.name = "em_resolution", .utype = BAND "Resolution", .ucd = "spect.resolution;em", .unit = "m",
      .description = "Width of a line in the middle."}},
    {"em_res_power", NULL, NULL, {.utype = BAND "ResPower", .ucd = "spect.resolution"}},
    {"s_ra, s_dec", NULL, NULL,
     {.make = DALI_PAIR, .name = "location", .utype = PLACE "Coverage.Location.Value", .ucd = "pos.eq",
      .description = "Position, ICRS."}},
};

static const struct dali_input INPUT[] = {
    {"POS", "deg", "", "Centre of the search: ra,dec (ICRS).", NULL},
    {"SIZE", "deg", "0.1", "Diameter of the search.", NULL},
    {"BAND", "m", "", "Wavelengths in vacuum: a list of values and ranges (1E-7/3E-6), or the name of a band.", NULL},
    {"TIME", NULL, "", "When: a list of dates and ranges of ISO 8601 (1998-05-21/1999), UTC.", NULL},
    {"FORMAT", NULL, "ALL", "Media types of the spectra, with commas between, or a word.",
     "ALL,COMPLIANT,NATIVE,VOTABLE,FITS,XML,GRAPHIC,METADATA"},
    {"SPECRP", NULL, "", "Least spectral resolving power.", NULL},
    {"SPATRES", "deg", "", "Largest angular resolution.", NULL},
    {"TIMERES", "s", "", "Largest resolution in time.", NULL},
    {"TARGETNAME", NULL, "", "Name of the target.", NULL},
    {"TARGETCLASS", NULL, "", "Classes of targets, with commas between.", NULL},
    {"COLLECTION", NULL, "", "Name of the collection, or a part of it.", NULL},
    {"PUBDID", NULL, "", "Identifier given by the publisher.", NULL},
    {"TOP", NULL, "", "How many spectra at most.", NULL},
    {"MAXREC", NULL, "", "How many rows at most; more are an overflow.", NULL},
};
/* clang-format on */

enum { OUTPUTS = sizeof OUTPUT / sizeof *OUTPUT, INPUTS = sizeof INPUT / sizeof *INPUT };

const struct dali_shown *ssa_columns(struct bytes *b, const struct dali *d,
                                     struct arena *arena, uint32_t *n)
{
    struct dali_shown *shown = arena_new_array(arena, struct dali_shown, OUTPUTS);
    *n = 0;
    for (uint32_t i = 0; shown && i < OUTPUTS; i++) {
        const struct output *o = &OUTPUT[i];
        bool has = !o->needs || dali_has_obscore(d, o->needs);
        if (!has && !o->instead)
            continue;
        bytes_add(b, *n ? STR(", ") : STR(""));
        if (o->value)
            bytes_add(b, str_of(has ? o->value : o->instead));
        else
            adql_add_text(b, str_of(d->publisher ? d->publisher : "unknown"));
        shown[(*n)++] = o->shown;
    }
    return shown;
}

const char *ssa_inputs(struct arena *arena)
{
    return dali_input_params(INPUT, INPUTS, arena);
}
