/* xml_scan.c -- see xml_scan.h. */
#include "core/formats/xml_scan.h"

#include "core/base/str.h"

static const char *behind(const char *at, const char *end, const char *mark)
{
    size_t n = strlen(mark);
    const char *hit =
        (size_t)(end - at) < n ? NULL : memmem(at, (size_t)(end - at), mark, n);
    return hit ? hit + n : NULL;
}

/* True of a quote and of what is inside; *quote: which one is open. */
static inline bool is_quoted(char c, char *quote)
{
    if (*quote) {
        *quote = c == *quote ? '\0' : *quote;
        return true;
    }
    if (c == '"' || c == '\'')
        *quote = c;
    return *quote != '\0';
}

/* '>' inside quotes is content. */
static const char *behind_tag(const char *at, const char *end)
{
    char quote = '\0';
    for (; at < end; at++)
        if (!is_quoted(*at, &quote) && *at == '>')
            return at + 1;
    return NULL;
}

const char *xml_scan_markup(const char *at, const char *end)
{
    str s = {at, (size_t)(end - at)};
    if (str_starts_fold(s, STR("<!--")))
        return behind(at + 4, end, "-->");
    if (str_starts_fold(s, STR("<![CDATA[")))
        return behind(at + 9, end, "]]>");
    if (str_starts_fold(s, STR("<?")))
        return behind(at + 2, end, "?>");
    /* "<!" may still become a comment or CDATA */
    if (s.len < 9 && s.len > 1 && at[1] == '!')
        return NULL;
    return behind_tag(at + 1, end);
}

unsigned xml_scan_attributes(const char *at, const char *end)
{
    unsigned n = 0;
    char quote = '\0';
    for (; at < end; at++)
        n += !is_quoted(*at, &quote) && *at == '=';
    return n;
}
