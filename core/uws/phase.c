/* phase.c -- the words of the phases. */
#include "core/uws/uws.h"

static const char *const WORDS[] = {
#define X(phase) #phase,
    UWS_PHASES(X)
#undef X
};

const char *uws_phase_word(enum uws_phase phase)
{
    return WORDS[phase];
}

bool uws_phase_parse(str word, enum uws_phase *phase)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (str_eq(word, str_of(WORDS[i]))) {
            *phase = (enum uws_phase)i;
            return true;
        }
    return false;
}
