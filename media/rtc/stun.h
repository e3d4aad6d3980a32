/*
 * stun.h - the part of STUN (RFC 8489) that ICE-lite (RFC 8445) needs, and its mirror for clients.
 *
 * Reading has two steps so that a stranger costs little: vtb_stun_parse checks structure and
 * FINGERPRINT and finds USERNAME; the caller looks the user up; only then vtb_stun_is_authentic
 * spends an HMAC. Nothing may change state before it says yes. Nothing is ever answered to who
 * fails (no 400, no 401): an open STUN server amplifies.
 *
 * Pure: any thread. `struct vtb_stun` borrows the datagram.
 */
#ifndef VTB_RTC_STUN_H
#define VTB_RTC_STUN_H

#include "base/err.h"
#include "base/str.h"
#include "rtc/addr.h"

#define VTB_STUN_MAX      548 /* bytes: a check or answer never needs more (RFC 8489, 6.1) */
#define VTB_STUN_ID       12
#define VTB_STUN_ICE_CHARS 256 /* longest ufrag or pwd (RFC 8839, 5.4) */

enum vtb_stun_kind {
    VTB_STUN_REQUEST,    /* Binding request: a check */
    VTB_STUN_SUCCESS,
    VTB_STUN_ERROR,
    VTB_STUN_INDICATION, /* keep-alive of libnice: no integrity, ignored */
};

struct vtb_stun {
    enum vtb_stun_kind kind;
    uint8_t id[VTB_STUN_ID];
    struct vtb_str username; /* len 0: none */
    const uint8_t *datagram;
    size_t integrity_at;     /* offset of MESSAGE-INTEGRITY; 0: none */
    bool has_priority, use_candidate, controlling, controlled;
    uint32_t priority;
    struct vtb_addr mapped;  /* family 0: none */
    uint16_t error;          /* 300..699, 0: none */
};

/* PARSE unless it is a well-formed Binding message with a right FINGERPRINT at its end. */
VTB_MUST_USE enum vtb_err vtb_stun_parse(const uint8_t *data, size_t len, struct vtb_stun *out);

/* Does MESSAGE-INTEGRITY fit the short-term password? False if there is none. */
bool vtb_stun_is_authentic(const struct vtb_stun *msg, struct vtb_str password);

/* Answer to a check. Returns the length, 0 if the system failed. */
size_t vtb_stun_write_success(const struct vtb_stun *check, const struct vtb_addr *from,
                              struct vtb_str password, uint8_t out[static VTB_STUN_MAX]);

struct vtb_stun_check {
    uint8_t id[VTB_STUN_ID];
    struct vtb_str username; /* "theirs:ours" */
    struct vtb_str password; /* theirs */
    uint32_t priority;
    uint64_t tie_breaker;
    bool use_candidate;
};
/* A controlling agent's check. Returns the length, 0 if it does not fit or the system failed. */
size_t vtb_stun_write_check(const struct vtb_stun_check *check, uint8_t out[static VTB_STUN_MAX]);

#endif
