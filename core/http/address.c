/* address.c -- which addresses and URLs a node may be asked to fetch from. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "core/base/num.h"
#include "core/http/http_int.h"

struct block4 {
    uint32_t net;
    int bits;
};

/* Not reachable over the open internet: IANA IPv4 Special-Purpose Address Registry, and
 * multicast and reserved space. */
static const struct block4 PRIVATE4[] = {
    {0x00000000, 8},  /* this network */
    {0x0A000000, 8},  /* private */
    {0x64400000, 10}, /* shared (carrier NAT) */
    {0x7F000000, 8},  /* loopback */
    {0xA9FE0000, 16}, /* link-local, cloud metadata */
    {0xAC100000, 12}, /* private */
    {0xC0000000, 24}, /* IETF protocols */
    {0xC0000200, 24}, /* documentation */
    {0xC0586300, 24}, /* 6to4 relay */
    {0xC0A80000, 16}, /* private */
    {0xC6120000, 15}, /* benchmarks */
    {0xC6336400, 24}, /* documentation */
    {0xCB007100, 24}, /* documentation */
    {0xE0000000, 3},  /* multicast, reserved, broadcast */
};

struct block6 {
    unsigned char net[8];
    int bits;
};

/* Within 2000::/3, which alone is global unicast. */
static const struct block6 PRIVATE6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, /* IETF protocols, Teredo, ORCHID */
    {{0x20, 0x01, 0x0D, 0xB8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4: IPv4 inside */
    {{0x3F, 0xFF, 0x00}, 20},       /* documentation */
};

static bool is_public4(uint32_t address)
{
    for (size_t i = 0; i < sizeof PRIVATE4 / sizeof *PRIVATE4; i++)
        if ((address ^ PRIVATE4[i].net) >> (32 - PRIVATE4[i].bits) == 0)
            return false;
    return true;
}

static bool begins_with(const unsigned char *address, const unsigned char *net, int bits)
{
    for (int i = 0; i < bits; i++)
        if ((address[i / 8] ^ net[i / 8]) & (0x80 >> i % 8))
            return false;
    return true;
}

static bool is_public6(const unsigned char *address)
{
    static const unsigned char GLOBAL[1] = {0x20};
    if (!begins_with(address, GLOBAL, 3))
        return false;
    for (size_t i = 0; i < sizeof PRIVATE6 / sizeof *PRIVATE6; i++)
        if (begins_with(address, PRIVATE6[i].net, PRIVATE6[i].bits))
            return false;
    return true;
}

bool address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_public4(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return is_public6(((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr);
    return false;
}

void address_print(const struct sockaddr *address, char *out, size_t max)
{
    const void *bytes = NULL;
    int family = address->sa_family;
    if (family == AF_INET)
        bytes = &((const struct sockaddr_in *)address)->sin_addr;
    else if (family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
        bytes = v6;
        if (IN6_IS_ADDR_V4MAPPED(v6)) {
            family = AF_INET;
            bytes = v6->s6_addr + 12;
        }
    }
    if (!bytes || !inet_ntop(family, bytes, out, (socklen_t)max))
        snprintf(out, max, "unknown");
}

/* ---- URLs ---- */

static bool vet_scheme(const char *scheme, struct err *e)
{
    if (scheme && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0))
        return true;
    return err_set(e, ERR_USAGE, "only http and https URLs can be fetched, not %.20s:",
                   scheme ? scheme : "");
}

static bool vet_port(const char *port, bool allow_private, struct err *e)
{
    int64_t n;
    if (allow_private || !port || !num_parse_int(str_of(port), &n) || n >= 1024 ||
        n == 80 || n == 443)
        return true;
    return err_set(e, ERR_USAGE, "port %s is no web port; nothing is fetched from it",
                   port);
}

bool url_vet(const char *url, bool allow_private, struct err *e)
{
    char *scheme = NULL, *user = NULL, *port = NULL, *host = NULL;
    CURLU *parsed = curl_url();
    bool ok = false;
    if (!parsed || strlen(url) > 8192 || curl_url_set(parsed, CURLUPART_URL, url, 0) != 0 ||
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) != 0) {
        /* Schemes that curl was not built for end here: name them all the same. */
        const char *colon = strchr(url, ':');
        ok = err_set(e, ERR_USAGE, "cannot read the URL '%.200s'%s", url,
                     colon ? "; only absolute http and https URLs can be fetched" : "");
        goto out;
    }
    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0);
    curl_url_get(parsed, CURLUPART_USER, &user, 0);
    curl_url_get(parsed, CURLUPART_PORT, &port, 0);
    if (!vet_scheme(scheme, e) || !vet_port(port, allow_private, e))
        goto out;
    ok =
        !user || err_set(e, ERR_USAGE, "a URL with a user name or password is not fetched");
out:
    curl_free(scheme);
    curl_free(user);
    curl_free(port);
    curl_free(host);
    curl_url_cleanup(parsed);
    return ok;
}
