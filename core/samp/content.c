/* content.c -- which message a URL is for: by its media type and, since FITS files hold
 * images and tables under one type, by the first bytes. */
#include "core/http/http.h"
#include "core/samp/samp.h"

enum { LOOK_BYTES = 20 * 2880, LOOK_S = 30, CARD = 80 };

static const char *const MTYPE[SAMP_NCONTENT] = {
    [SAMP_TABLE] = "table.load.votable",
    [SAMP_FITS_TABLE] = "table.load.fits",
    [SAMP_CSV_TABLE] = "table.load.csv",
    [SAMP_IMAGE] = "image.load.fits",
    [SAMP_SPECTRUM] = "spectrum.load.ssa-generic",
    [SAMP_COVERAGE] = "coverage.load.moc.fits"};

const char *samp_content_mtype(enum samp_content content)
{
    return MTYPE[content];
}

/* Does a card of the headers begin so? */
static bool has_card(str bytes, str start)
{
    for (size_t i = 0; i + CARD <= bytes.len; i += CARD)
        if (memcmp(bytes.at + i, start.at, start.len) == 0)
            return true;
    return false;
}

/* The first cards of a table's header come within the first bytes, for a primary array that
 * is none has no data. */
static enum samp_content fits_content(str bytes)
{
    if (has_card(bytes, STR("MOCORDER=")) || has_card(bytes, STR("MOCORD_S=")))
        return SAMP_COVERAGE;
    bool has_no_image = has_card(bytes, STR("NAXIS   =                    0"));
    bool has_table = has_card(bytes, STR("XTENSION= 'BINTABLE")) ||
                     has_card(bytes, STR("XTENSION= 'TABLE"));
    /* a compressed image is a table to the eye only */
    bool is_compressed = has_card(bytes, STR("ZIMAGE  ="));
    return has_no_image && has_table && !is_compressed ? SAMP_FITS_TABLE : SAMP_IMAGE;
}

bool samp_content_of(str content_type, str first_bytes, enum samp_content *content)
{
    static const struct {
        const char *type;
        enum samp_content content;
    } KNOWN[] = {{"application/x-votable+xml", SAMP_TABLE},
                 {"text/x-votable+xml", SAMP_TABLE},
                 {"application/x-votable", SAMP_TABLE},
                 {"text/xml", SAMP_TABLE},
                 {"application/xml", SAMP_TABLE},
                 {"text/csv", SAMP_CSV_TABLE},
                 {"application/fits", SAMP_IMAGE},
                 {"image/fits", SAMP_IMAGE},
                 {"image/x-fits", SAMP_IMAGE}};
    str type = str_trim(str_cut(&content_type, ';'));
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (str_eq_fold(type, str_of(KNOWN[i].type))) {
            *content = KNOWN[i].content;
            if (*content == SAMP_IMAGE && first_bytes.len)
                *content = fits_content(first_bytes);
            return true;
        }
    return false;
}

struct start {
    char at[LOOK_BYTES];
    size_t len;
};

/* Enough is enough: the rest of the file is not wanted. */
static bool take_start(void *context, const char *at, size_t n, struct err *e)
{
    struct start *s = context;
    (void)e;
    size_t room = sizeof s->at - s->len;
    memcpy(s->at + s->len, at, n < room ? n : room);
    s->len += n < room ? n : room;
    return s->len < sizeof s->at;
}

static bool ask(const char *url, const char *method, struct start *s,
                struct http_fetched *got, struct err *e)
{
    const struct http_header part = {STR("Range"), STR("bytes=0-57599")};
    bool is_get = method == NULL;
    struct http_call call = {.url = url,
                             .method = method,
                             .headers = &part,
                             .nheader = is_get ? 1 : 0,
                             .take = take_start,
                             .context = s,
                             .limits = {.seconds = LOOK_S, .allow_private = true}};
    struct err broken = {0};
    if (http_client_call(&call, got, &broken) || (is_get && s->len == sizeof s->at))
        return true;
    return err_set(e, broken.kind, "%s", broken.message);
}

static bool check_status(const char *url, int status, struct err *e)
{
    if (status >= 200 && status < 300)
        return true;
    return err_set(e, status < 500 ? ERR_USAGE : ERR_UNAVAILABLE,
                   "%.500s answers with status %d; the tools could not load it either", url,
                   status);
}

static bool is_fits(const char *content_type)
{
    enum samp_content content;
    return samp_content_of(str_of(content_type), STR(""), &content) &&
           content == SAMP_IMAGE;
}

bool samp_look(const char *url, struct arena *arena, enum samp_content *content,
               const char **type, struct err *e)
{
    struct http_fetched got = {0}, part = {0};
    struct start *s = arena_new_one(arena, struct start);
    if (!s)
        return err_set(e, ERR_INTERNAL, "out of memory");
    if (!ask(url, "HEAD", s, &got, e) || !check_status(url, got.status, e))
        return false;
    s->len = 0;
    if (is_fits(got.content_type) && !ask(url, NULL, s, &part, e))
        return false;
    *type = arena_text(arena, str_of(got.content_type));
    if (!*type)
        return err_set(e, ERR_INTERNAL, "out of memory");
    str bytes = {s->at, s->len};
    if (samp_content_of(str_of(got.content_type), bytes, content))
        return true;
    return err_set(e, ERR_USAGE,
                   "%.500s has the type \"%.100s\", which says nothing to the tools; say "
                   "what it is: --as table, image or spectrum",
                   url, got.content_type);
}
