/* samp_command.c -- `colure samp`: sends the address of a result to the tools on the same
 * desktop and says what each of them answered; who is there; where to look. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/num.h"
#include "core/node/node.h"
#include "core/samp/samp.h"

enum { ANSWER_S = 120 };

static const char HELP[] =
    "usage: colure samp send URL [--as table|image|spectrum | --mtype M] [--name N]\n"
    "                            [--to CLIENT]\n"
    "       colure samp point RA DEC [--to CLIENT]     degrees, ICRS\n"
    "       colure samp clients\n\n"
    "Speaks to the SAMP hub of this desktop: of $SAMP_HUB or ~/.samp. TOPCAT and Aladin "
    "start\n"
    "one by themselves. URL is of a result of the node, or the path of a file. Without "
    "--as\n"
    "its type says what it is. Without --to every tool that takes it gets it.\n";

struct arguments {
    const char *word[2]; /* URL; or RA, DEC */
    int nword;
    const char *as, *mtype, *name, *to;
};

static bool read_arguments(int argc, char **argv, struct arguments *a)
{
    const struct {
        const char *name;
        const char **text;
    } OPTIONS[] = {
        {"--as", &a->as}, {"--mtype", &a->mtype}, {"--name", &a->name}, {"--to", &a->to}};
    enum { NOPTION = sizeof OPTIONS / sizeof *OPTIONS };
    for (int i = 0; i < argc; i++) {
        size_t k = 0;
        while (k < NOPTION && strcmp(argv[i], OPTIONS[k].name) != 0)
            k++;
        if (k < NOPTION) {
            if (++i == argc)
                return false;
            *OPTIONS[k].text = argv[i];
        } else if (a->nword < 2 && strncmp(argv[i], "--", 2) != 0)
            a->word[a->nword++] = argv[i];
        else
            return false;
    }
    return !a->as || !a->mtype;
}

/* ---- the message ---- */

/* A path becomes the URL of the file. */
static const char *url_of(const char *word, struct arena *arena, struct err *e)
{
    if (strstr(word, "://"))
        return samp_url(arena, word);
    char *path = realpath(word, NULL);
    if (!path) {
        err_set(e, ERR_USAGE, "%.300s is neither a URL nor a file", word);
        return NULL;
    }
    const char *url = samp_url(arena, arena_format(arena, "file://%s", path));
    free(path);
    return url;
}

static bool read_as(const char *as, enum samp_content *content, struct err *e)
{
    static const struct {
        const char *word;
        enum samp_content content;
    } WORD[] = {{"table", SAMP_TABLE}, {"image", SAMP_IMAGE}, {"spectrum", SAMP_SPECTRUM}};
    for (size_t i = 0; i < sizeof WORD / sizeof *WORD; i++)
        if (strcmp(as, WORD[i].word) == 0) {
            *content = WORD[i].content;
            return true;
        }
    return err_set(e, ERR_USAGE, "--as is table, image or spectrum, not %.100s", as);
}

static bool is_web(const char *url)
{
    return str_starts_fold(str_of(url), STR("http://")) ||
           str_starts_fold(str_of(url), STR("https://"));
}

/* What it is, by the user's word or by its type; *type: its media type, NULL if unasked. */
static bool choose(const struct arguments *a, const char *url, struct arena *arena,
                   const char **mtype, const char **type, struct err *e)
{
    enum samp_content content = SAMP_TABLE, said = SAMP_TABLE;
    *mtype = a->mtype;
    if (a->as && !read_as(a->as, &said, e))
        return false;
    if (!is_web(url) && !a->as && !a->mtype)
        return err_set(e, ERR_USAGE,
                       "of a file say what it is: --as table, image or spectrum");
    if (is_web(url)) {
        struct err cause = {0};
        bool is_known = samp_look(url, arena, &content, type, &cause);
        if (!is_known && !*type) /* it cannot be had at all */
            return err_set(e, cause.kind, "%s", cause.message);
        if (!is_known && !a->as && !a->mtype)
            return err_set(e, cause.kind, "%s", cause.message);
        bool is_table = is_known && content <= SAMP_CSV_TABLE;
        if (a->as && !(said == SAMP_TABLE && is_table))
            content = said;
    } else
        content = said;
    if (!*mtype)
        *mtype = samp_content_mtype(content);
    return true;
}

/* A table's identity is its address: rows are highlighted by it (SAMP-19). */
static struct samp_value *load_params(const char *mtype, const char *url, const char *name,
                                      const char *type, struct arena *arena)
{
    static const struct {
        const char *mtype, *id;
    } ID[] = {{"table.load.", "table-id"},
              {"image.load.", "image-id"},
              {"spectrum.load.", "spectrum-id"},
              {"coverage.load.", "coverage-id"}};
    struct samp_value *params = samp_map(arena);
    bool ok = samp_add_text(arena, params, "url", url) &&
              samp_add_text(arena, params, "name", samp_ascii(arena, name ? name : url));
    for (size_t i = 0; ok && i < sizeof ID / sizeof *ID; i++)
        if (strncmp(mtype, ID[i].mtype, strlen(ID[i].mtype)) == 0)
            ok = samp_add_text(arena, params, ID[i].id, url);
    if (ok && strncmp(mtype, "spectrum.load.", strlen("spectrum.load.")) == 0) {
        struct samp_value *meta = samp_map(arena);
        ok =
            samp_add_text(arena, meta, "Access.Reference", url) &&
            samp_add_text(arena, meta, "Access.Format", type ? type : "application/fits") &&
            samp_add(params, "meta", meta);
    }
    return ok ? params : NULL;
}

/* ---- sending ---- */

static bool is_meant(const struct samp_client *client, const char *to)
{
    return !to || str_eq_fold(str_of(client->id), str_of(to)) ||
           str_eq_fold(str_of(client->name), str_of(to));
}

/* Says what the tool answered. */
static bool report(const struct samp_client *client, const struct samp_value *answer,
                   const struct err *e)
{
    if (!answer) {
        printf("%s: no answer: %s\n", client->name, e->message);
        return false;
    }
    const char *status = samp_get_text(answer, "samp.status");
    const struct samp_value *error = samp_get(answer, "samp.error");
    const char *words = samp_get_text(error, "samp.errortxt");
    bool is_ok = strcmp(status, "samp.ok") == 0,
         is_warning = !strcmp(status, "samp.warning");
    if (is_ok)
        printf("%s: done\n", client->name);
    else
        printf("%s: %s: %s\n", client->name,
               is_warning ? "done, with a warning" : "refused",
               *words ? words : "no reason given");
    return is_ok || is_warning;
}

static bool send_to_all(struct samp_hub *hub, const char *mtype, struct samp_value *params,
                        const char *to, struct err *e)
{
    uint32_t n, nmeant = 0, nfailed = 0;
    const struct samp_client *client = samp_clients(hub, mtype, &n, e);
    if (!client)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_meant(&client[i], to))
            continue;
        struct err cause = {0};
        nmeant++;
        nfailed +=
            !report(&client[i], samp_call(hub, &client[i], mtype, params, ANSWER_S, &cause),
                    &cause);
    }
    if (!nmeant && to)
        return err_set(
            e, ERR_NOT_FOUND,
            "no tool named %.100s takes %.100s; `colure samp clients` says who is "
            "there",
            to, mtype);
    if (!nmeant)
        return err_set(e, ERR_NOT_FOUND,
                       "a SAMP hub runs, but no tool there takes %.100s; start TOPCAT or "
                       "Aladin",
                       mtype);
    return !nfailed ||
           err_set(e, ERR_USAGE, "%u of %u tools did not take it", nfailed, nmeant);
}

static bool send_url(struct samp_hub *hub, const struct arguments *a, struct arena *arena,
                     struct err *e)
{
    const char *mtype = NULL, *type = NULL, *url = url_of(a->word[0], arena, e);
    if (!url)
        return err_set(e, ERR_INTERNAL, "out of memory");
    if (!choose(a, url, arena, &mtype, &type, e))
        return false;
    struct samp_value *params = load_params(mtype, url, a->name, type, arena);
    if (!params)
        return err_set(e, ERR_INTERNAL, "out of memory");
    return send_to_all(hub, mtype, params, a->to, e);
}

static bool point(struct samp_hub *hub, const struct arguments *a, struct arena *arena,
                  struct err *e)
{
    double ra, dec;
    if (!num_parse_double(str_of(a->word[0]), &ra) ||
        !num_parse_double(str_of(a->word[1]), &dec) || !(ra >= 0 && ra <= 360) ||
        !(dec >= -90 && dec <= 90))
        return err_set(e, ERR_USAGE,
                       "a position is RA from 0 to 360 and DEC from -90 to 90, in degrees");
    struct samp_value *params = samp_map(arena);
    if (!samp_add_text(arena, params, "ra", a->word[0]) ||
        !samp_add_text(arena, params, "dec", a->word[1]))
        return err_set(e, ERR_INTERNAL, "out of memory");
    return send_to_all(hub, "coord.pointAt.sky", params, a->to, e);
}

static bool list_clients(struct samp_hub *hub, const struct arguments *a,
                         struct arena *arena, struct err *e)
{
    uint32_t n;
    const struct samp_client *client = samp_clients(hub, NULL, &n, e);
    (void)a;
    (void)arena;
    for (uint32_t i = 0; client && i < n; i++) {
        printf("%s (%s):", client[i].name, client[i].id);
        const struct samp_value *s = client[i].subscriptions;
        for (s = s ? s->first : NULL; s; s = s->next)
            printf(" %s", s->name ? s->name : "");
        putchar('\n');
    }
    if (client && n == 0)
        puts("A SAMP hub runs, but nobody has joined it.");
    return client != NULL;
}

static const struct action {
    const char *word;
    int nword;
    bool (*run)(struct samp_hub *, const struct arguments *, struct arena *, struct err *);
} ACTIONS[] = {{"send", 1, send_url}, {"point", 2, point}, {"clients", 0, list_clients}};

static bool run(const struct action *action, const struct arguments *a, struct err *e)
{
    struct arena *arena = arena_new(64 << 20);
    struct samp_lock lock;
    struct samp_hub *hub = NULL;
    bool ok = arena && samp_lock_find(arena, &lock, e);
    if (ok)
        hub = samp_join(&lock, arena, e);
    ok = hub && action->run(hub, a, arena, e);
    samp_leave(hub);
    arena_free(arena);
    return ok;
}

int command_samp(int argc, char **argv)
{
    struct err e = {0};
    if (argc && (!strcmp(argv[0], "--help") || !strcmp(argv[0], "help"))) {
        fputs(HELP, stdout);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; argc && i < sizeof ACTIONS / sizeof *ACTIONS; i++) {
        struct arguments a = {0};
        if (strcmp(argv[0], ACTIONS[i].word) != 0)
            continue;
        if (!read_arguments(argc - 1, argv + 1, &a) || a.nword != ACTIONS[i].nword)
            break;
        if (run(&ACTIONS[i], &a, &e))
            return EXIT_SUCCESS;
        fprintf(stderr, "colure: %s\n", e.message);
        return EXIT_FAILURE;
    }
    fputs(HELP, stderr);
    return 2;
}
