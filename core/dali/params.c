/* params.c -- DALI parameters: names without case, single ones once, their values. */
#include "core/base/num.h"
#include "core/dali/dali.h"
#include "core/dali/simple.h"

bool dali_param(const struct http_param *params, size_t n, const char *name, str *value,
                struct err *e)
{
    const struct http_param *found = NULL;
    *value = (str){NULL, 0};
    for (size_t i = 0; i < n; i++) {
        if (!str_eq_fold(params[i].name, str_of(name)))
            continue;
        if (params[i].path)
            return err_set(e, ERR_LIMIT, "parameter %s is too long (%llu bytes)", name,
                           (unsigned long long)params[i].bytes);
        if (found && !str_eq(*value, params[i].value))
            return err_set(e, ERR_USAGE,
                           "parameter %s was given more than once, with different values; "
                           "give it once",
                           name);
        found = &params[i];
        *value = found->value;
        if (!value->at)
            value->at = "";
    }
    return true;
}

bool dali_maxrec(const struct http_param *params, size_t n,
                 const struct dali_limits *limits, int64_t *rows, struct err *e)
{
    str text;
    if (!dali_param(params, n, "MAXREC", &text, e))
        return false;
    *rows = limits->default_rows;
    text = str_trim(text);
    if (text.len == 0)
        return true;
    int64_t wanted;
    size_t digits = 0;
    while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
        digits++;
    if (digits != text.len)
        return dali_bad_value("MAXREC", text, "a whole number of rows, 0 or more", e);
    if (!num_parse_int(text, &wanted) || wanted > limits->max_rows)
        wanted = limits->max_rows;
    *rows = wanted;
    return true;
}

const struct format *dali_format(const struct http_param *params, size_t n, bool format_too,
                                 struct arena *arena, const char **content_type,
                                 struct err *e)
{
    str wanted;
    if (!dali_param(params, n, "RESPONSEFORMAT", &wanted, e))
        return NULL;
    if (!wanted.at && format_too && !dali_param(params, n, "FORMAT", &wanted, e))
        return NULL;
    return format_find(str_trim(wanted), arena, content_type, e);
}
