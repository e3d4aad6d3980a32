/*
 * address.c - how many connections one address has, and how many it opened this second.
 *
 * IPv6 is counted by /64, since one subscriber has 2^64 addresses. Clinics share a NAT, so the
 * limits are options.
 */
#include "inner.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

struct web_address {
    struct web_address *next;
    uint8_t key[8]; /* 0,0,0,0,v4 or the first half of v6 */
    bool is_v6;
    uint32_t connections;
    uint64_t second;
    uint32_t opened;
};

/* v4 behind a dual-stack listener reads ::ffff:a.b.c.d: the same address. False for unix. */
static bool key_of(const struct sockaddr_storage *peer, uint8_t key[static 8], bool *out_v6)
{
    memset(key, 0, 8);
    *out_v6 = false;
    if (peer->ss_family == AF_INET) {
        memcpy(key + 4, &((const struct sockaddr_in *)peer)->sin_addr, 4);
        return true;
    }
    if (peer->ss_family == AF_INET6) {
        const struct in6_addr *a = &((const struct sockaddr_in6 *)peer)->sin6_addr;

        if (IN6_IS_ADDR_V4MAPPED(a)) {
            memcpy(key + 4, a->s6_addr + 12, 4);
        } else {
            memcpy(key, a->s6_addr, 8);
            *out_v6 = true;
        }
        return true;
    }
    return false;
}

void web_address_write(const struct sockaddr_storage *from, char out[static WEB_ADDRESS_TEXT])
{
    uint8_t key[8];
    bool is_v6;

    out[0] = '\0';
    if (!key_of(from, key, &is_v6))
        return;
    if (is_v6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)from)->sin6_addr, out,
                  WEB_ADDRESS_TEXT);
    else
        inet_ntop(AF_INET, key + 4, out, WEB_ADDRESS_TEXT);
}

static struct web_address **bucket_of(struct vtb_web *web, const uint8_t key[static 8])
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < 8; i++)
        h = (h ^ key[i]) * 16777619u;
    return &web->buckets[h % WEB_BUCKETS];
}

static struct web_address *find_or_add(struct vtb_web *web, const struct sockaddr_storage *peer)
{
    struct web_address *address, **bucket;
    uint8_t key[8];
    bool is_v6;

    if (!key_of(peer, key, &is_v6))
        return NULL;
    bucket = bucket_of(web, key);
    for (address = *bucket; address; address = address->next)
        if (address->is_v6 == is_v6 && memcmp(address->key, key, 8) == 0)
            return address;
    address = calloc(1, sizeof *address);
    if (!address)
        return NULL;
    memcpy(address->key, key, 8);
    address->is_v6 = is_v6;
    address->next = *bucket;
    *bucket = address;
    return address;
}

static bool is_loopback(const struct sockaddr_storage *peer)
{
    uint8_t key[8];
    bool is_v6;

    if (!key_of(peer, key, &is_v6))
        return false;
    return is_v6 ? IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)peer)->sin6_addr)
                 : key[4] == 127;
}

bool web_address_may(struct vtb_web *web, const struct sockaddr_storage *peer)
{
    /* Three browsers of a demo, or a proxy on this machine, are one address and no attack. */
    bool is_home = is_loopback(peer);
    uint32_t most = is_home && web->is_home_free ? UINT32_MAX : web->cfg.per_address;
    uint32_t fastest = is_home && web->is_home_fast ? UINT32_MAX : web->cfg.new_per_second;
    struct web_address *address;
    uint64_t second = web_now_ms(web) / 1000;

    if (peer->ss_family == AF_UNIX)
        return true;
    address = find_or_add(web, peer);
    if (!address)
        return false;
    if (address->second != second) {
        address->second = second;
        address->opened = 0;
    }
    if (address->connections >= most || address->opened >= fastest)
        return false;
    address->opened++;
    return true;
}

struct web_address *web_address_ref(struct vtb_web *web, const struct sockaddr_storage *peer)
{
    struct web_address *address = find_or_add(web, peer);

    if (address)
        address->connections++;
    return address;
}

void web_address_unref(struct web_address *address)
{
    if (address)
        address->connections--; /* the sweep frees it */
}

void web_address_sweep(struct vtb_web *web)
{
    uint64_t second = web_now_ms(web) / 1000;

    for (size_t i = 0; i < WEB_BUCKETS; i++)
        for (struct web_address **at = &web->buckets[i]; *at;) {
            struct web_address *address = *at;

            if (address->connections == 0 && address->second != second) {
                *at = address->next;
                free(address);
            } else {
                at = &address->next;
            }
        }
}

void web_address_fini(struct vtb_web *web)
{
    for (size_t i = 0; i < WEB_BUCKETS; i++)
        while (web->buckets[i]) {
            struct web_address *address = web->buckets[i];

            web->buckets[i] = address->next;
            free(address);
        }
}
