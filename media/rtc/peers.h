/*
 * peers.h - who a datagram belongs to: ICE-lite's state of every connection (RFC 8445, 7675).
 *
 * A peer is found by its address (fast path, a hash) or, in a check, by our ufrag. The ufrag is
 * worker number (1 character), index (2), random (9): a stranger is refused by one comparison,
 * before any HMAC. Addresses are learnt from authentic checks only; the last VTB_TUPLES of a peer
 * are kept, so that packets on the way during a change of network still arrive.
 *
 * Thread:    one. No lock, no clock: times are passed in. No allocation after create.
 */
#ifndef VTB_RTC_PEERS_H
#define VTB_RTC_PEERS_H

#include "base/err.h"
#include "base/id.h"
#include "rtc/addr.h"
#include "rtc/stun.h"

#define VTB_TUPLES     4
#define VTB_UFRAG      13
#define VTB_PWD        24
#define VTB_CONSENT_US (30u * 1000000u) /* RFC 7675, 5.1 */

struct vtb_tuple {
    uint8_t socket;
    struct vtb_addr addr; /* family 0: empty */
    uint64_t checked_us;  /* last authentic check */
};

struct vtb_link {
    vtb_peer peer; /* generation 0: free */
    char ufrag[VTB_UFRAG + 1], pwd[VTB_PWD + 1];
    struct vtb_tuple tuples[VTB_TUPLES];
    int selected;          /* index in tuples, -1: none yet */
    uint32_t strays;       /* packets in a row from another tuple than the selected */
    uint64_t consent_us;   /* last authentic check or packet */
};

struct vtb_peers;

VTB_MUST_USE enum vtb_err vtb_peers_create(uint8_t worker, uint32_t max, struct vtb_peers **out);
void vtb_peers_destroy(struct vtb_peers *peers); /* NULL is fine */

/* The caller chose the name. STALE if the index is taken; LIMIT if out of range. */
VTB_MUST_USE enum vtb_err vtb_peers_add(struct vtb_peers *peers, vtb_peer peer, uint64_t now_us,
                                        struct vtb_link **out);
/* ICE restart (RFC 8445, 9): a new ufrag and pwd. What is selected stays until a check with them comes. */
void vtb_peers_renew(struct vtb_peers *peers, struct vtb_link *link);
void vtb_peers_drop(struct vtb_peers *peers, vtb_peer peer);
struct vtb_link *vtb_peers_find(struct vtb_peers *peers, vtb_peer peer); /* NULL: gone */

/* The peer that owns this validated address; NULL: a stranger. */
struct vtb_link *vtb_peers_by_addr(struct vtb_peers *peers, uint8_t socket,
                                   const struct vtb_addr *from);

enum vtb_check { /* what became of a check */
    VTB_CHECK_REFUSED, /* not for us, not authentic, or too many from that source: say nothing */
    VTB_CHECK_OK,
    VTB_CHECK_MOVED,   /* authentic, and the selected address is another one now */
};
struct vtb_check_result {
    enum vtb_check what;
    struct vtb_link *link;
    size_t answer_len; /* of `answer`; 0 if refused */
};
/* Judges a datagram whose first byte says STUN and writes the answer. */
struct vtb_check_result vtb_peers_check(struct vtb_peers *peers, uint8_t socket,
                                        const struct vtb_addr *from, const uint8_t *data,
                                        size_t len, uint64_t now_us,
                                        uint8_t answer[static VTB_STUN_MAX]);

/*
 * Tells that an authenticated packet of `link` came from `from`. A client's media show which of its
 * pairs it uses; after a few in a row from another validated tuple that one is selected.
 * True: moved.
 */
bool vtb_peers_heard_from(struct vtb_link *link, uint8_t socket, const struct vtb_addr *from);

/*
 * Tells that an authenticated packet came from `from`: if that is the chosen pair, whoever is there
 * still wants what we send. RFC 7675 knows checks alone, but keys from DTLS prove no less, and some
 * peers (GStreamer 1.22) check once and then send keep-alives without integrity.
 */
void vtb_link_keep_consent(struct vtb_link *link, uint8_t socket, const struct vtb_addr *from, uint64_t now_us);

const struct vtb_tuple *vtb_link_selected(const struct vtb_link *link); /* NULL: none yet */
bool vtb_link_has_consent(const struct vtb_link *link, uint64_t now_us);

#endif
