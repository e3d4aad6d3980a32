/*
 * client.h - whole WebRTC audio clients, many in one thread: for the rehearsed meeting, for tests
 * and for the bench. Never linked into the server.
 *
 *     crew -> add (SDP offer in, SDP answer out) -> step, step, ... -> connected -> sound both ways
 *
 * A client is what a browser is to the server: full ICE agent, controlling (RFC 8445), with checks,
 * nomination, keep-alive and consent (RFC 7675); DTLS client (RFC 5763); SRTP (RFC 3711, 7714);
 * RTP with audio levels (RFC 3550, 6464); RTCP reports; Opus (RFC 6716). It has a UDP socket of its
 * own, since the server tells clients apart by address.
 *
 * A listener costs little: each packet is authenticated and counted, decoded only if `hear` is set.
 * A client with `speak` or `speak_opus` sends a frame every 20 ms, silence too, as browsers do.
 *
 * Thread:    a crew and its clients belong to one thread, which calls vtb_crew_step (or polls
 *            vtb_crew_fd with vtb_crew_wait_ms). Callbacks run inside step; they may add clients
 *            and drop any but not step.
 * Ownership: the crew owns its clients. Samples and payloads in callbacks are borrowed.
 * Blocks:    step for at most the time it is given.
 */
#ifndef VTB_MEDIACLIENT_CLIENT_H
#define VTB_MEDIACLIENT_CLIENT_H

#include "base/err.h"
#include "rtc/addr.h"

#define VTB_CLIENT_FRAME      960u /* samples: 20 ms at 48 kHz, mono */
#define VTB_CLIENT_SDP_MAX    8192u
#define VTB_CLIENTS_MAX       8192u
#define VTB_CLIENT_PAYLOAD    1275u

struct vtb_crew;
struct vtb_client;

struct vtb_heard {
    uint64_t at_us;      /* when the datagram was read, monotonic */
    uint32_t timestamp;  /* RTP, 48 kHz */
    uint16_t seq;
    uint8_t type;        /* payload type: Opus, or RED around it */
    const uint8_t *payload;
    size_t len;
};

struct vtb_client_config {
    void *ctx; /* given to every callback */

    void (*connected)(void *ctx); /* keys are there, sound flows */
    /* CLOSED: the server said goodbye; TIMEOUT: no connection within 15 s, or no consent for 30 s;
     * DENIED: wrong certificate. The client sends nothing any more; drop it. */
    void (*gone)(void *ctx, enum vtb_err why);

    /* Fills the next 20 ms; false is silence. At most one of the two. */
    bool (*speak)(void *ctx, int16_t pcm[static VTB_CLIENT_FRAME]);
    /* The same, already encoded: writes up to cap bytes, returns the length; 0 sends nothing. */
    size_t (*speak_opus)(void *ctx, uint8_t *out, size_t cap, uint8_t *out_level);

    /* Every authenticated packet of the mix, in order of arrival. */
    void (*packet)(void *ctx, const struct vtb_heard *heard);
    /* Decoded sound in order, placed by its timestamp: `gap` samples of silence lie before it (the
     * server sends nothing in silence). Lost packets are concealed. */
    void (*hear)(void *ctx, uint64_t gap, const int16_t *pcm, size_t n);

    uint32_t bitrate;  /* bit/s of `speak`; 0: 32000 */
    uint16_t first_seq; /* of what it sends; 0: random, far from a wrap */
    bool mends;        /* as Chromium: copies, sends again what is asked for, asks for what is missing */
    bool no_levels;    /* leaves out the level extension, as some clients do */
};

struct vtb_client_stats {
    uint64_t received;      /* SRTP and SRTCP datagrams */
    uint64_t authenticated; /* of these */
    uint64_t packets;       /* RTP packets of the mix */
    uint64_t lost;          /* gaps in their sequence numbers */
    uint64_t sent;          /* RTP packets */
    uint64_t bytes;         /* datagram bytes received */
    uint64_t again;         /* packets sent again, since they were asked for */
    uint64_t repaired;      /* packets received after they were asked for */
    bool connected, gone;
};

/*
 * One way for all clients instead of a socket each, for thousands of them: packets are numbered by
 * the slot of their client, and the owner gives each slot an address of its own. `fd` is readable
 * when packets wait; then `receive` is called and hands them in by vtb_crew_feed.
 */
struct vtb_crew_wire {
    void *ctx;
    int fd;
    void (*send)(void *ctx, uint32_t slot, const struct vtb_addr *to, const uint8_t *data, size_t len);
    void (*receive)(void *ctx, struct vtb_crew *crew);
};

VTB_MUST_USE enum vtb_err vtb_crew_create(struct vtb_crew **out_crew);
/* Before the first client is added. IPv4 candidates only. */
VTB_MUST_USE enum vtb_err vtb_crew_use_wire(struct vtb_crew *crew, const struct vtb_crew_wire *wire);
/* A packet for the client of `slot`, arrived at `at_us`; changed in place. Inside `receive` only. */
void vtb_crew_feed(struct vtb_crew *crew, uint32_t slot, uint8_t *data, size_t len, uint64_t at_us);
void vtb_crew_destroy(struct vtb_crew *crew); /* NULL is fine; says goodbye for every client */

/* Readable when step has something to do before vtb_crew_wait_ms is over. */
int vtb_crew_fd(const struct vtb_crew *crew);
int vtb_crew_wait_ms(const struct vtb_crew *crew); /* 0..1000 */

/* Reads, sends and fires what is due; waits for at most `wait_ms` when nothing is. */
VTB_MUST_USE enum vtb_err vtb_crew_step(struct vtb_crew *crew, int wait_ms);

/*
 * A client that answers `offer`; out_answer (terminated) is for the server. PARSE or DENIED: the
 * offer is not usable; ABSENT: it has no candidate that can be used; LIMIT: VTB_CLIENTS_MAX are there;
 * SYS: no socket.
 */
VTB_MUST_USE enum vtb_err vtb_client_add(struct vtb_crew *crew,
                                         const struct vtb_client_config *cfg, const char *offer,
                                         size_t offer_len, struct vtb_client **out_client,
                                         char out_answer[static VTB_CLIENT_SDP_MAX + 1]);
/* Says goodbye (close_notify) and frees. NULL is fine. */
void vtb_client_drop(struct vtb_client *client);

void vtb_client_stats(const struct vtb_client *client, struct vtb_client_stats *out);

/* As on a machine that went to another network: a new socket, and checks from there. */
VTB_MUST_USE enum vtb_err vtb_client_move(struct vtb_client *client);

#endif
