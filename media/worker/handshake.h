/*
 * handshake.h - the thread that does DTLS until the keys are out (decision 20), so that 0.4 ms of
 * elliptic curves never stand between two ticks of the mixer.
 *
 * The worker says open, feeds datagrams and gets one result a handshake. A finished handshake is
 * kept to repeat its last flight, until the worker has met its keys in use, at most 10 s. When the
 * last is over, what they took goes back to the system: a meeting of 500 began with 20 MB of them.
 * The worker keeps at most VTB_HANDSHAKES in flight.
 *
 * Thread:    post from the media worker; results are taken there.
 * Ownership: the worker owns it; stop joins the thread.
 */
#ifndef VTB_WORKER_HANDSHAKE_H
#define VTB_WORKER_HANDSHAKE_H

#include "base/id.h"
#include "rtc/addr.h"
#include "rtc/dtls.h"
#include "rtc/udp.h"

#define VTB_HANDSHAKES          64
#define VTB_HANDSHAKE_KEPT      256 /* finished ones that wait for their 10 s, 77 kB each */
#define VTB_HANDSHAKE_KEPT_US   10000000u
#define VTB_HANDSHAKE_LIMIT_US  20000000u

struct vtb_handshakes;

enum vtb_handshake_kind { VTB_HANDSHAKE_OPEN, VTB_HANDSHAKE_FEED, VTB_HANDSHAKE_DROP };

struct vtb_handshake_job {
    enum vtb_handshake_kind kind;
    vtb_peer peer;
    int fd;                  /* OPEN, FEED: where to send and to whom */
    struct vtb_addr to;
    uint8_t fingerprint[32]; /* OPEN */
    size_t len;
    uint8_t data[VTB_UDP_DATAGRAM]; /* FEED */
};

struct vtb_handshake_result {
    vtb_peer peer;
    enum vtb_err err; /* OK: keys. CLOSED may also follow an OK. */
    struct vtb_dtls_keys keys;
};

/* `wake` is called on the handshake thread when a result waits. `identity` is borrowed. */
VTB_MUST_USE enum vtb_err vtb_handshakes_start(struct vtb_dtls_identity *identity,
                                               void (*wake)(void *ctx), void *wake_ctx,
                                               struct vtb_handshakes **out);
void vtb_handshakes_stop(struct vtb_handshakes *hs); /* NULL is fine */

/* AGAIN: too much waits; a lost datagram is repeated by its sender. */
VTB_MUST_USE enum vtb_err vtb_handshakes_post(struct vtb_handshakes *hs,
                                              const struct vtb_handshake_job *job);
size_t vtb_handshakes_take(struct vtb_handshakes *hs, struct vtb_handshake_result *out, size_t max);

#endif
