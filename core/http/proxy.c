/* proxy.c -- who asks when a proxy stands in front: X-Forwarded-For counts only as far as
 * proxies that the operator named have written it. */
#include <arpa/inet.h>
#include <stdlib.h>

#include "core/base/num.h"
#include "core/http/http_int.h"

enum { MAX_PROXIES = 256, MAX_HOPS = 32, BITS_V4 = 32, BITS_V6 = 128 };

struct network {
    struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
    unsigned bits;
};

struct proxies {
    size_t n;
    struct network network[MAX_PROXIES];
};

/* Texts with a port or brackets are no addresses here. */
static bool read_address(str text, struct in6_addr *out, bool *is_v4)
{
    char copy[INET6_ADDRSTRLEN];
    struct in_addr v4;
    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    *is_v4 = inet_pton(AF_INET, copy, &v4) == 1;
    if (!*is_v4)
        return inet_pton(AF_INET6, copy, out) == 1;
    memset(out, 0, sizeof *out);
    out->s6_addr[10] = out->s6_addr[11] = 0xFF;
    memcpy(out->s6_addr + 12, &v4, sizeof v4);
    return true;
}

static bool read_network(const char *text, struct network *out, struct err *e)
{
    str rest = str_of(text), address = str_cut(&rest, '/');
    bool is_v4;
    int64_t bits;
    if (!read_address(str_trim(address), &out->address, &is_v4))
        goto bad;
    bits = is_v4 ? BITS_V4 : BITS_V6;
    if (rest.at && (!num_parse_int(str_trim(rest), &bits) || bits < 0 ||
                    bits > (is_v4 ? BITS_V4 : BITS_V6)))
        goto bad;
    out->bits = (unsigned)bits + (is_v4 ? BITS_V6 - BITS_V4 : 0);
    return true;

bad:
    return err_set(e, ERR_USAGE,
                   "%.100s is no address or network of a proxy; write 127.0.0.1 or "
                   "10.0.0.0/8 or fd00::/8",
                   text);
}

struct proxies *proxies_new(const char *const *text, struct err *e)
{
    struct proxies *p = calloc(1, sizeof *p);
    if (!p)
        err_set(e, ERR_INTERNAL, "out of memory");
    for (; p && text && *text; text++) {
        bool fits = p->n < MAX_PROXIES ||
                    err_set(e, ERR_LIMIT, "more than %d trusted proxies", MAX_PROXIES);
        if (!fits || !read_network(*text, &p->network[p->n], e)) {
            free(p);
            return NULL;
        }
        p->n++;
    }
    return p;
}

void proxies_free(struct proxies *p)
{
    free(p);
}

static bool is_within(const struct in6_addr *a, const struct network *n)
{
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    if (memcmp(a->s6_addr, n->address.s6_addr, whole) != 0)
        return false;
    unsigned mask = 0xFF00u >> rest & 0xFF;
    return rest == 0 || ((a->s6_addr[whole] ^ n->address.s6_addr[whole]) & mask) == 0;
}

bool proxies_have(const struct proxies *p, str address)
{
    struct in6_addr a;
    bool is_v4;
    if (p->n == 0 || !read_address(address, &a, &is_v4))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (is_within(&a, &p->network[i]))
            return true;
    return false;
}

/* The last words of all X-Forwarded-For headers, at most MAX_HOPS. */
static size_t read_hops(const struct http_request *request, str hop[MAX_HOPS])
{
    size_t n = 0;
    for (size_t i = 0; i < request->nheader; i++) {
        str rest = request->headers[i].value;
        if (!str_eq_fold(request->headers[i].name, STR("X-Forwarded-For")))
            continue;
        while (rest.at) {
            if (n == MAX_HOPS)
                memmove(hop, hop + 1, --n * sizeof *hop);
            hop[n++] = str_trim(str_cut(&rest, ','));
        }
    }
    return n;
}

str proxies_client(const struct proxies *p, const struct http_request *request, str peer)
{
    str hop[MAX_HOPS], client = peer;
    struct in6_addr a;
    bool is_v4;
    size_t n = proxies_have(p, peer) ? read_hops(request, hop) : 0;
    while (n && proxies_have(p, client) && read_address(hop[n - 1], &a, &is_v4))
        client = hop[--n];
    return client;
}

bool http_proxies_check(const char *const *text, struct err *e)
{
    struct proxies *p = proxies_new(text, e);
    proxies_free(p);
    return p != NULL;
}
