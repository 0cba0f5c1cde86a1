/* store.c -- what all keepers of jobs have in common: their words and their limits. */
#include "core/uws/store.h"

#include <string.h>

/* Kinds are kept as words: their numbers may change from version to version. */
static const char *const KIND_WORDS[] = {NULL,
#define X(kind, http, uws, fault) #kind,
                                         ERR_KINDS(X)
#undef X
};

const char *store_kind_word(enum err_kind kind)
{
    return KIND_WORDS[kind];
}

enum err_kind store_kind(const char *word)
{
    for (size_t i = 1; word && i < sizeof KIND_WORDS / sizeof *KIND_WORDS; i++)
        if (strcmp(word, KIND_WORDS[i]) == 0)
            return (enum err_kind)i;
    return word ? ERR_INTERNAL : ERR_NONE;
}

bool store_check_quota(struct uws_quota quota, int64_t jobs, int64_t queued, bool is_new,
                       bool queues, struct err *e)
{
    if (is_new && quota.max_jobs && jobs >= (int64_t)quota.max_jobs)
        return err_set(e, ERR_FORBIDDEN,
                       "you have %lld jobs, which is the limit; delete some of them first",
                       (long long)jobs);
    if (queues && quota.max_queued && queued >= (int64_t)quota.max_queued)
        return err_set(
            e, ERR_BUSY,
            "%lld of your jobs are waiting or running, which is the limit; wait for "
            "some of them to end",
            (long long)queued);
    return true;
}

bool store_check_editable(enum uws_phase phase, struct err *e)
{
    return phase == UWS_PENDING || phase == UWS_HELD ||
           err_set(
               e, ERR_FORBIDDEN,
               "the parameters of a job can be changed while it is PENDING, not when it "
               "is %s",
               uws_phase_word(phase));
}

bool store_no_job(const char *id, struct err *e)
{
    return err_set(e, ERR_NOT_FOUND, "there is no job %.64s", id);
}

bool store_no_room(struct err *e)
{
    return err_set(e, ERR_LIMIT, "the list of jobs takes too much memory");
}

bool store_move_ends(const struct uws_move *move)
{
    return move->to == UWS_COMPLETED || move->to == UWS_ERROR || move->to == UWS_ABORTED;
}
