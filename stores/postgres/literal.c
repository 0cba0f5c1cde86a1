/* literal.c -- names and values as SQL writes them. */
#include "stores/postgres/internal.h"

#include "core/base/clock.h"
#include "core/base/num.h"

void put_name(struct bytes *out, str name)
{
    bytes_add_quoted(out, name, '"');
}

void put_literal(struct bytes *out, str text)
{
    bytes_add_quoted(out, text, '\'');
}

void put_dotted(struct bytes *out, str name)
{
    while (name.at) {
        put_name(out, str_cut(&name, '.'));
        if (name.at)
            bytes_add_char(out, '.');
    }
}

/* --- values ----------------------------------------------------------------------- */

/* Values may lie at any address: they are copied out. */
#define COPY(type)                                                                         \
    static type copy_##type(const void *data, size_t i)                                    \
    {                                                                                      \
        type value;                                                                        \
        memcpy(&value, (const char *)data + i * sizeof value, sizeof value);               \
        return value;                                                                      \
    }
COPY(uint8_t)
COPY(int16_t)
COPY(int32_t)
COPY(int64_t)
COPY(float)
COPY(double)

static void put_int(struct bytes *out, int64_t value)
{
    char text[NUM_TEXT_BYTES];
    bytes_add(out, (str){text, num_print_int(value, text)});
}

static void put_double(struct bytes *out, double value)
{
    char text[NUM_TEXT_BYTES];
    bytes_add(out, (str){text, num_print_double(value, text)});
}

static void put_float(struct bytes *out, float value)
{
    char text[NUM_TEXT_BYTES];
    bytes_add(out, (str){text, num_print_float(value, text)});
}

static void put_time(struct bytes *out, int64_t us)
{
    char text[CLOCK_TEXT_BYTES];
    if (us == INT64_MAX || us == INT64_MIN)
        bytes_add(out, us > 0 ? STR("infinity") : STR("-infinity"));
    else
        bytes_add(out, (str){text, clock_print_us(us, text)});
}

void put_plain(struct bytes *out, enum store_type type, const void *data, size_t i)
{
    switch (type) {
    case STORE_BOOL:
        bytes_add(out, copy_uint8_t(data, i) ? STR("true") : STR("false"));
        break;
    case STORE_U8:
        put_int(out, copy_uint8_t(data, i));
        break;
    case STORE_I16:
        put_int(out, copy_int16_t(data, i));
        break;
    case STORE_I32:
        put_int(out, copy_int32_t(data, i));
        break;
    case STORE_I64:
        put_int(out, copy_int64_t(data, i));
        break;
    case STORE_F32:
        put_float(out, copy_float(data, i));
        break;
    case STORE_F64:
        put_double(out, copy_double(data, i));
        break;
    case STORE_TIME_US:
        put_time(out, copy_int64_t(data, i));
        break;
    case STORE_TEXT:
        break; /* has no elements */
    }
}

void put_array(struct bytes *out, enum store_type type, const void *data, size_t first,
               size_t n)
{
    bytes_add_char(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            bytes_add_char(out, ',');
        put_plain(out, type, data, first + i);
    }
    bytes_add_char(out, '}');
}

void put_parameter(struct bytes *out, const struct store_parameter *p)
{
    bool is_array = p->type != STORE_TEXT && p->count != 1;
    bytes_add_literal(out, "CAST(");
    if (!p->value)
        bytes_add_literal(out, "NULL");
    else if (p->type == STORE_TEXT)
        put_literal(out, (str){p->value, p->count});
    else {
        bytes_add_char(out, '\'');
        if (is_array)
            put_array(out, p->type, p->value, 0, p->count);
        else
            put_plain(out, p->type, p->value, 0);
        bytes_add_char(out, '\'');
    }
    bytes_add_format(out, " AS %s%s)", postgres_dialect.type_name[p->type],
                     is_array && p->value ? "[]" : "");
}

/* --- parameters of statements that cannot have any (COPY) ------------------------- */

/* Up to the end of a quoted name or text, which begins at `at`; doubled quotes are two of
 * them. The node writes neither comments nor dollar quotes nor escape strings. */
static size_t quoted_bytes(const char *at)
{
    size_t n = 1;
    while (at[n] && at[n] != at[0])
        n++;
    return at[n] ? n + 1 : n;
}

bool put_inlined(struct bytes *out, const char *sql, const struct store_parameter *p,
                 size_t nparameter)
{
    while (*sql) {
        size_t n = strcspn(sql, "'\"$");
        bytes_add(out, (str){sql, n});
        sql += n;
        if (*sql == '\'' || *sql == '"') {
            n = quoted_bytes(sql);
            bytes_add(out, (str){sql, n});
            sql += n;
        } else if (*sql == '$') {
            size_t digits = strspn(sql + 1, "0123456789");
            int64_t number = 0;
            if (!num_parse_int((str){sql + 1, digits}, &number) || number < 1 ||
                (size_t)number > nparameter)
                return false;
            put_parameter(out, &p[number - 1]);
            sql += 1 + digits;
        }
    }
    return !out->failed;
}
