#include "rtc/peers.h"

#include "rtc/bucket.h"

#include <assert.h>
#include <stdlib.h>

#define STRAYS_MOVE    5
#define SELECTED_OLD_US 6000000u /* browsers check the pair in use at least every 5 s (RFC 7675) */

static const char ice_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct slot { /* of the address hash; linear probing, holes are closed at removal */
    uint32_t peer; /* index + 1; 0: empty */
    uint8_t tuple;
};

struct vtb_peers {
    uint8_t worker;
    uint32_t max;
    uint64_t key;
    size_t mask;
    struct vtb_link *links;
    struct slot *slots;
    struct vtb_buckets buckets;
};

enum vtb_err vtb_peers_create(uint8_t worker, uint32_t max, struct vtb_peers **out)
{
    struct vtb_peers *peers = calloc(1, sizeof *peers);
    size_t size = 16;

    if (!peers)
        return VTB_NOMEM;
    assert(worker < 64 && max <= 1u << 18); /* what one and three ufrag characters can say */
    while (size < (size_t)max * VTB_TUPLES * 2)
        size *= 2;
    peers->worker = worker;
    peers->max = max;
    peers->mask = size - 1;
    peers->links = calloc(max, sizeof *peers->links);
    peers->slots = calloc(size, sizeof *peers->slots);
    if (!peers->links || !peers->slots) {
        vtb_peers_destroy(peers);
        return VTB_NOMEM;
    }
    vtb_random(&peers->key, sizeof peers->key);
    vtb_buckets_init(&peers->buckets);
    *out = peers;
    return VTB_OK;
}

void vtb_peers_destroy(struct vtb_peers *peers)
{
    if (!peers)
        return;
    free(peers->links);
    free(peers->slots);
    free(peers);
}

static size_t home_of(const struct vtb_peers *peers, uint8_t socket, const struct vtb_addr *addr)
{
    return (size_t)vtb_addr_hash(addr, true, peers->key + socket) & peers->mask;
}

static const struct vtb_tuple *tuple_of(const struct vtb_peers *peers, const struct slot *slot)
{
    return &peers->links[slot->peer - 1].tuples[slot->tuple];
}

static struct slot *find_slot(const struct vtb_peers *peers, uint8_t socket,
                              const struct vtb_addr *addr)
{
    for (size_t at = home_of(peers, socket, addr); peers->slots[at].peer;
         at = (at + 1) & peers->mask) {
        const struct vtb_tuple *tuple = tuple_of(peers, &peers->slots[at]);

        if (tuple->socket == socket && vtb_addr_is(&tuple->addr, addr))
            return &peers->slots[at];
    }
    return NULL;
}

static void insert_slot(struct vtb_peers *peers, uint32_t index, uint8_t n)
{
    const struct vtb_tuple *tuple = &peers->links[index].tuples[n];
    size_t at = home_of(peers, tuple->socket, &tuple->addr);

    while (peers->slots[at].peer)
        at = (at + 1) & peers->mask;
    peers->slots[at] = (struct slot){ .peer = index + 1, .tuple = n };
}

/* Closes the hole so that no later entry becomes unreachable (Knuth, 6.4, algorithm R). */
static void remove_slot(struct vtb_peers *peers, struct slot *slot)
{
    size_t hole = (size_t)(slot - peers->slots);

    for (size_t at = (hole + 1) & peers->mask; peers->slots[at].peer;
         at = (at + 1) & peers->mask) {
        const struct vtb_tuple *tuple = tuple_of(peers, &peers->slots[at]);
        size_t home = home_of(peers, tuple->socket, &tuple->addr);

        if (((at - home) & peers->mask) >= ((at - hole) & peers->mask)) {
            peers->slots[hole] = peers->slots[at];
            hole = at;
        }
    }
    peers->slots[hole].peer = 0;
}

static void forget_tuple(struct vtb_peers *peers, struct vtb_link *link, uint8_t n)
{
    struct vtb_tuple *tuple = &link->tuples[n];
    struct slot *slot;

    if (!tuple->addr.family)
        return;
    slot = find_slot(peers, tuple->socket, &tuple->addr);
    if (slot)
        remove_slot(peers, slot);
    *tuple = (struct vtb_tuple){ 0 };
    if (link->selected == n)
        link->selected = -1;
}

static void secret(char *out, size_t len)
{
    uint8_t random[VTB_PWD];

    vtb_random(random, len);
    for (size_t i = 0; i < len; i++)
        out[i] = ice_chars[random[i] & 63];
    out[len] = '\0';
}

void vtb_peers_renew(struct vtb_peers *peers, struct vtb_link *link)
{
    uint32_t index = link->peer.index;

    secret(link->ufrag, VTB_UFRAG);
    link->ufrag[0] = ice_chars[peers->worker];
    link->ufrag[1] = ice_chars[index >> 12 & 63];
    link->ufrag[2] = ice_chars[index >> 6 & 63];
    link->ufrag[3] = ice_chars[index & 63];
    secret(link->pwd, VTB_PWD);
}

enum vtb_err vtb_peers_add(struct vtb_peers *peers, vtb_peer peer, uint64_t now_us,
                           struct vtb_link **out)
{
    struct vtb_link *link;

    if (peer.index >= peers->max)
        return VTB_LIMIT;
    link = &peers->links[peer.index];
    if (link->peer.generation)
        return VTB_STALE;
    *link = (struct vtb_link){ .peer = peer, .selected = -1, .consent_us = now_us };
    vtb_peers_renew(peers, link);
    *out = link;
    return VTB_OK;
}

void vtb_peers_drop(struct vtb_peers *peers, vtb_peer peer)
{
    struct vtb_link *link = vtb_peers_find(peers, peer);

    if (!link)
        return;
    for (uint8_t i = 0; i < VTB_TUPLES; i++)
        forget_tuple(peers, link, i);
    *link = (struct vtb_link){ .selected = -1 };
}

struct vtb_link *vtb_peers_find(struct vtb_peers *peers, vtb_peer peer)
{
    if (peer.index >= peers->max || !peer.generation ||
        !vtb_peer_is(peers->links[peer.index].peer, peer))
        return NULL;
    return &peers->links[peer.index];
}

struct vtb_link *vtb_peers_by_addr(struct vtb_peers *peers, uint8_t socket,
                                   const struct vtb_addr *from)
{
    struct slot *slot = find_slot(peers, socket, from);

    return slot ? &peers->links[slot->peer - 1] : NULL;
}

static int ice_value(char c)
{
    const char *at = c ? memchr(ice_chars, c, 64) : NULL;

    return at ? (int)(at - ice_chars) : -1;
}

/* Our ufrag is what stands before the colon. One comparison refuses a stranger. */
static struct vtb_link *link_of(const struct vtb_peers *peers, struct vtb_str username)
{
    struct vtb_link *link;
    uint32_t index = 0;

    if (username.len <= VTB_UFRAG || username.at[VTB_UFRAG] != ':' ||
        username.at[0] != ice_chars[peers->worker])
        return NULL;
    for (size_t i = 1; i <= 3; i++) {
        int value = ice_value(username.at[i]);

        if (value < 0)
            return NULL;
        index = index << 6 | (uint32_t)value;
    }
    if (index >= peers->max)
        return NULL;
    link = &peers->links[index];
    return link->peer.generation && vtb_secret_is(link->ufrag, VTB_UFRAG, username.at, VTB_UFRAG)
        ? link : NULL;
}

/* The place for a new address: an empty one, else the longest unchecked that is not in use. */
static uint8_t oldest_tuple(const struct vtb_link *link)
{
    uint8_t oldest = link->selected == 0 ? 1 : 0;

    for (uint8_t i = 0; i < VTB_TUPLES; i++) {
        if (!link->tuples[i].addr.family)
            return i;
        if (i != link->selected && link->tuples[i].checked_us < link->tuples[oldest].checked_us)
            oldest = i;
    }
    return oldest;
}

static int learn(struct vtb_peers *peers, struct vtb_link *link, uint8_t socket,
                 const struct vtb_addr *from, uint64_t now_us)
{
    struct slot *slot = find_slot(peers, socket, from);
    uint8_t n;

    if (slot && &peers->links[slot->peer - 1] == link) {
        link->tuples[slot->tuple].checked_us = now_us;
        return slot->tuple;
    }
    if (slot) /* the address is another's now: who proves the newer password has it */
        forget_tuple(peers, &peers->links[slot->peer - 1], slot->tuple);
    n = oldest_tuple(link);
    forget_tuple(peers, link, n);
    link->tuples[n] = (struct vtb_tuple){ .socket = socket, .addr = *from, .checked_us = now_us };
    insert_slot(peers, link->peer.index, n);
    return n;
}

static bool may_select(const struct vtb_link *link, const struct vtb_stun *msg, int n,
                       uint64_t now_us)
{
    if (link->selected < 0)
        return true;
    if (link->selected == n)
        return false;
    return msg->use_candidate ||
           link->tuples[link->selected].checked_us + SELECTED_OLD_US < now_us;
}

struct vtb_check_result vtb_peers_check(struct vtb_peers *peers, uint8_t socket,
                                        const struct vtb_addr *from, const uint8_t *data,
                                        size_t len, uint64_t now_us,
                                        uint8_t answer[static VTB_STUN_MAX])
{
    struct vtb_check_result result = { .what = VTB_CHECK_REFUSED };
    struct vtb_stun msg;
    struct vtb_link *link;
    struct vtb_str pwd;
    int n;

    if (vtb_stun_parse(data, len, &msg) || msg.kind != VTB_STUN_REQUEST)
        return result;
    link = link_of(peers, msg.username);
    if (!link || !vtb_buckets_take(&peers->buckets, from, now_us))
        return result;
    pwd = (struct vtb_str){ link->pwd, VTB_PWD };
    if (!vtb_stun_is_authentic(&msg, pwd))
        return result;

    n = learn(peers, link, socket, from, now_us);
    link->consent_us = now_us;
    result.what = VTB_CHECK_OK;
    result.link = link;
    if (may_select(link, &msg, n, now_us)) {
        if (link->selected >= 0)
            result.what = VTB_CHECK_MOVED;
        link->selected = n;
        link->strays = 0;
    }
    result.answer_len = vtb_stun_write_success(&msg, from, pwd, answer);
    return result;
}

bool vtb_peers_heard_from(struct vtb_link *link, uint8_t socket, const struct vtb_addr *from)
{
    for (int i = 0; i < VTB_TUPLES; i++) {
        const struct vtb_tuple *tuple = &link->tuples[i];

        if (tuple->socket != socket || !vtb_addr_is(&tuple->addr, from))
            continue;
        if (i == link->selected) {
            link->strays = 0;
            return false;
        }
        if (++link->strays < STRAYS_MOVE)
            return false;
        link->strays = 0;
        link->selected = i;
        return true;
    }
    return false;
}

void vtb_link_keep_consent(struct vtb_link *link, uint8_t socket, const struct vtb_addr *from, uint64_t now_us)
{
    const struct vtb_tuple *tuple = vtb_link_selected(link);

    if (tuple && tuple->socket == socket && vtb_addr_is(&tuple->addr, from))
        link->consent_us = now_us;
}

const struct vtb_tuple *vtb_link_selected(const struct vtb_link *link)
{
    return link->selected < 0 ? NULL : &link->tuples[link->selected];
}

bool vtb_link_has_consent(const struct vtb_link *link, uint64_t now_us)
{
    return now_us - link->consent_us <= VTB_CONSENT_US;
}
