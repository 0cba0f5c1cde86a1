/* search_words.c -- words of texts, and words that mean the same in the field. */
#include "web/search.h"

static bool is_word_char(char c)
{
    unsigned char u = (unsigned char)ascii_lower(c);
    return (u >= 'a' && u <= 'z') || (u >= '0' && u <= '9') || u >= 0x80;
}

size_t search_next_word(str text, size_t *at, char word[SEARCH_WORD_BYTES])
{
    size_t n = 0;
    while (*at < text.len && !is_word_char(text.at[*at]))
        ++*at;
    for (; *at < text.len && is_word_char(text.at[*at]); ++*at)
        if (n < SEARCH_WORD_BYTES)
            word[n++] = ascii_lower(text.at[*at]);
    return n;
}

bool search_is_common(str word)
{
    static const char *const COMMON[] = {"a",   "an",   "and", "at", "by",
                                         "for", "from", "in",  "is", "of",
                                         "on",  "or",   "the", "to", "with"};
    for (size_t i = 0; i < sizeof COMMON / sizeof *COMMON; i++)
        if (str_eq(str_of(COMMON[i]), word))
            return true;
    return false;
}

/* Each line: words that are looked for together, whichever of them is asked. */
static const char *const GROUP[] = {
    "log log10 lg logarithm dex",
    "zenith zd ze theta zen",
    "azimuth az phi",
    "elevation altitude alt height",
    "energy en ene e0 erg",
    "ra raj2000 alpha ascension",
    "dec dej2000 decl declination delta",
    "longitude lon glon long",
    "latitude lat glat",
    "position coordinates direction coord pos",
    "time date datetime epoch mjd timestamp when",
    "duration exposure exptime interval t90 livetime",
    "muon muons mu nmu",
    "electron electrons ne nel",
    "hadron hadrons nhad ehad",
    "shower showers event events airshower",
    "core footprint xc yc impact",
    "distance dist separation parallax",
    "redshift z",
    "magnitude mag mags brightness photometry",
    "flux fluence brightness intensity",
    "error err uncertainty sigma stddev stat.error",
    "probability prob signalness likelihood",
    "identifier id name designation uuid ident",
    "temperature temp",
    "pressure barometric hpa",
    "wavelength wave lambda em.wl",
    "frequency freq nu em.freq",
    "spectrum spectra spectral",
    "image images picture cube",
    "gamma photon photons",
    "neutrino nu icecube",
    "grb burst bursts",
    "gw gravitational gravitationalwave",
    "depth xmax slant",
    "count counts number num",
    "polarisation polarization pol",
    "colour color",
    "velocity speed radialvelocity rv",
    "degree degrees deg",
    "second seconds sec s",
    "metre metres meter meters m",
    "electronvolt electronvolts ev",
    "kelvin celsius",
    "pointer pointing direction",
    "mass masses composition",
    "model models interaction",
    "class type kind category",
    "file files url access_url download",
};

static bool has_word(str group, str word)
{
    while (group.at)
        if (str_eq(str_cut(&group, ' '), word))
            return true;
    return false;
}

size_t search_synonyms(str word, str *out, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof GROUP / sizeof *GROUP; i++) {
        str group = str_of(GROUP[i]);
        if (!has_word(group, word))
            continue;
        while (group.at && n < most) {
            str other = str_cut(&group, ' ');
            if (!str_eq(other, word))
                out[n++] = other;
        }
    }
    return n;
}
