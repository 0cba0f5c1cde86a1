/* sync.c -- /tap/sync: the query runs while the client waits (TAP-26). */
#include "core/base/clock.h"
#include "tap/run.h"

struct tap_call *tap_call_of(struct tap *tap, struct http_request *request)
{
    struct tap_call *c = arena_new_one(request->arena, struct tap_call);
    if (!c)
        return NULL;
    double limit_s = dali_limits(tap->dali)->sync_seconds;
    *c = (struct tap_call){.dali = tap->dali,
                           .param = request->params,
                           .nparam = request->nparam,
                           .arena = request->arena,
                           .cancel = request->cancel,
                           .deadline_ns = clock_deadline_ns(limit_s),
                           .request_id = request->id,
                           .user = request->user};
    tap_call_fill(c, request, dali_client_key(request), limit_s);
    return c;
}

struct http_response *tap_sync(void *context, struct http_request *request)
{
    struct tap *tap = context;
    struct err e = {0};
    struct dali_answer answer;
    struct tap_call *c = tap_call_of(tap, request);
    if (!c)
        err_set(&e, ERR_BUSY, "the node is out of memory; try again later");
    if (!c || !tap_run(c, &answer, &e))
        return http_reply_error(request, &e);
    return dali_reply(tap->dali, request, &answer);
}
