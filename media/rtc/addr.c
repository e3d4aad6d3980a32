#include "rtc/addr.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static void set_v6(struct vtb_addr *addr, const uint8_t ip[static 16])
{
    if (memcmp(ip, mapped, sizeof mapped) == 0) {
        addr->family = 4;
        memcpy(addr->ip, ip + 12, 4);
    } else {
        addr->family = 6;
        memcpy(addr->ip, ip, 16);
    }
}

enum vtb_err vtb_addr_parse(const char *ip, uint16_t port, struct vtb_addr *out)
{
    struct vtb_addr addr = { .port = port };
    uint8_t v6[16];

    if (inet_pton(AF_INET, ip, addr.ip) == 1)
        addr.family = 4;
    else if (inet_pton(AF_INET6, ip, v6) == 1)
        set_v6(&addr, v6);
    else
        return VTB_PARSE;
    *out = addr;
    return VTB_OK;
}

void vtb_addr_write(const struct vtb_addr *addr, char out[static VTB_ADDR_TEXT])
{
    out[0] = '\0';
    if (addr->family)
        (void)inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->ip, out, VTB_ADDR_TEXT);
}

enum vtb_err vtb_addr_from_socket(const struct sockaddr_storage *from, struct vtb_addr *out)
{
    struct vtb_addr addr = { 0 };

    if (from->ss_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, from, sizeof v4);
        addr.family = 4;
        memcpy(addr.ip, &v4.sin_addr, 4);
        addr.port = ntohs(v4.sin_port);
    } else if (from->ss_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, from, sizeof v6);
        set_v6(&addr, v6.sin6_addr.s6_addr);
        addr.port = ntohs(v6.sin6_port);
    } else {
        return VTB_PARSE;
    }
    *out = addr;
    return VTB_OK;
}

socklen_t vtb_addr_to_socket(const struct vtb_addr *addr, struct sockaddr_storage *to)
{
    memset(to, 0, sizeof *to);
    if (addr->family == 4) {
        struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(addr->port) };

        memcpy(&v4.sin_addr, addr->ip, 4);
        memcpy(to, &v4, sizeof v4);
        return sizeof v4;
    }
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(addr->port) };

    memcpy(&v6.sin6_addr, addr->ip, 16);
    memcpy(to, &v6, sizeof v6);
    return sizeof v6;
}

bool vtb_addr_same_ip(const struct vtb_addr *a, const struct vtb_addr *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, a->family == 4 ? 4 : 16) == 0;
}

bool vtb_addr_is(const struct vtb_addr *a, const struct vtb_addr *b)
{
    return a->port == b->port && vtb_addr_same_ip(a, b);
}

/* The finishing step of MurmurHash3: each bit of the input reaches each bit of the output. */
static uint64_t stir(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdu;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 33;
}

uint64_t vtb_addr_hash(const struct vtb_addr *addr, bool with_port, uint64_t key)
{
    uint64_t half[2] = { 0, 0 };

    memcpy(half, addr->ip, addr->family == 4 ? 4 : 16);
    key = stir(key ^ half[0]);
    key = stir(key ^ half[1] ^ addr->family);
    return with_port ? stir(key ^ addr->port) : key;
}
