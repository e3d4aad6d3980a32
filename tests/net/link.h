/*
 * link.h - what a bad link does to packets, one direction of it: the decisions alone.
 *
 *     in -> lost? (random, or bursts) -> stalled? -> queue of a slow sender -> delay, jitter -> out
 *
 * Loss is either independent, or the two-state model of Gilbert (Elliott's with a good state that
 * loses nothing and a bad one that loses all): a burst ends with probability 1/burst after each
 * packet, and begins so often that `loss` of all packets are lost. The sender is a FIFO of bounded
 * length that takes 8/rate seconds a byte; what does not fit is dropped (RFC 2680's loss, not ours).
 * Delay is delay +- jitter, evenly spread; packets do not overtake each other unless `reorders`.
 * During a stall nothing leaves; what waits leaves at its end in one burst, as after a hand-over.
 *
 * Seeded: the same seed, rule and packets give the same decisions. Pure: no clock, no socket.
 * Thread: the owner's. Times are microseconds of any monotonic clock.
 */
#ifndef VTB_NET_LINK_H
#define VTB_NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_LOST UINT64_MAX

struct link_rule {
    double loss;          /* 0..1, of packets */
    double burst;         /* mean length of a burst in packets; up to 1: independent losses */
    uint32_t delay_us, jitter_us; /* jitter_us <= delay_us */
    uint32_t rate_bps;    /* 0: no limit */
    uint32_t queue_bytes; /* that may wait for the sender; 0: 250 ms of `rate_bps` */
    bool reorders;
    bool no_udp;          /* UDP is dropped, the rest passes */
};

struct link_way {
    struct link_rule rule;
    uint64_t random;      /* state of the generator */
    bool in_burst;
    uint64_t free_us;     /* when the sender has sent what it holds */
    uint64_t last_us;     /* when the last packet leaves: none leaves before it */
    uint64_t stalled_us;  /* nothing leaves before */
    uint64_t passed, lost, full, refused; /* packets by fate */
};

void link_init(struct link_way *way, uint64_t seed);

/* When a packet of `len` bytes (IP and above) that comes at `now_us` leaves; LINK_LOST: never.
 * `now_us` never goes back. */
uint64_t link_take(struct link_way *way, uint64_t now_us, size_t len, bool is_udp);

/* From `now_us` on nothing leaves for `for_us`. */
void link_stall(struct link_way *way, uint64_t now_us, uint64_t for_us);

/* Obeys one command for one direction: "loss P", "burst P MEAN", "delay MS [JITTER]", "rate BITS
 * [QUEUE]", "udp on|off", "order on|off", "stall MS", "clear". False if it is none; then nothing
 * changed. `words` is terminated; it is not kept. */
bool link_obey(struct link_way *way, uint64_t now_us, const char *words);

/* IPv4 packet (RFC 791): is it UDP? False for anything else or too short. */
bool link_is_udp(const uint8_t *packet, size_t len);

#endif
