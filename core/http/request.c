/* request.c -- questions to a request: headers, parameters, what it accepts. */
#include "core/http/http.h"

#include "core/base/num.h"

str http_request_header(const struct http_request *request, const char *name)
{
    str wanted = str_of(name);
    for (size_t i = 0; i < request->nheader; i++)
        if (str_eq_fold(request->headers[i].name, wanted))
            return request->headers[i].value;
    return (str){NULL, 0};
}

const struct http_param *http_request_param(const struct http_request *request,
                                            const char *name,
                                            const struct http_param *after)
{
    str wanted = str_of(name);
    size_t from = after ? (size_t)(after - request->params) + 1 : 0;
    for (size_t i = from; i < request->nparam; i++)
        if (str_eq_fold(request->params[i].name, wanted))
            return &request->params[i];
    return NULL;
}

str http_request_capture(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->ncapture; i++)
        if (strcmp(request->captures[i].name, name) == 0)
            return request->captures[i].value;
    return (str){NULL, 0};
}

/* How closely a media range of Accept fits the type: 0 not at all, 3 exactly. */
static int range_fit(str range, str type)
{
    if (str_eq_fold(range, type))
        return 3;
    str minor = range, type_minor = type;
    str major = str_cut(&minor, '/');
    if (!minor.at || !str_eq(minor, STR("*")))
        return 0;
    if (str_eq(major, STR("*")))
        return 1;
    return str_eq_fold(major, str_cut(&type_minor, '/')) ? 2 : 0;
}

static double quality(str parameters)
{
    while (parameters.at) {
        str parameter = str_trim(str_cut(&parameters, ';'));
        str name = str_trim(str_cut(&parameter, '='));
        double q;
        if (parameter.at && str_eq_fold(name, STR("q")) &&
            num_parse_double(str_trim(parameter), &q))
            return q >= 0 && q <= 1 ? q : 0;
    }
    return 1;
}

bool http_request_is_browser(const struct http_request *request)
{
    static const char XHTML[] = "application/xhtml+xml";
    str accept = http_request_header(request, "Accept");
    return accept.at && memmem(accept.at, accept.len, XHTML, sizeof XHTML - 1) != NULL;
}

double http_request_accepts(const struct http_request *request, const char *media_type)
{
    str accept = http_request_header(request, "Accept");
    if (!accept.at || str_trim(accept).len == 0)
        return 1;
    double best = 0;
    int closest = 0;
    while (accept.at) {
        str range = str_cut(&accept, ',');
        str type = str_trim(str_cut(&range, ';'));
        int fit = range_fit(type, str_of(media_type));
        if (fit > closest) {
            closest = fit;
            best = quality(range);
        }
    }
    return best;
}

void http_request_note(struct http_request *request, const char *name, double value)
{
    if (!name || request->nnote == HTTP_MAX_NOTES)
        return;
    request->notes[request->nnote].name = name;
    request->notes[request->nnote++].value = value;
}
