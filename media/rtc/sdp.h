/*
 * sdp.h - the offer we make and the answer we read (RFC 8866, 8839, 8842, 9429), and both mirrored
 * for clients.
 *
 * A bounded template and a line reader of its own; one audio section, Opus 111 alone, no RED, NACK
 * or DTX (decision 18). What a reader does not need it steps over. Candidates of browsers are
 * ignored: the server learns addresses from checks alone.
 *
 * Pure: any thread. Errors: PARSE malformed; LIMIT longer than VTB_SDP_MAX or a line too long;
 * DENIED well-formed, but audio refused or without what we need (Opus 111, sha-256, mux, active).
 */
#ifndef VTB_RTC_SDP_H
#define VTB_RTC_SDP_H

#include "base/err.h"
#include "base/str.h"
#include "rtc/addr.h"
#include "rtc/stun.h"

#define VTB_SDP_MAX        8192
#define VTB_SDP_CANDIDATES 4
#define VTB_SDP_LEVEL_ID   1

struct vtb_sdp_local {
    uint64_t session;                            /* number in the o= line */
    struct vtb_addr candidates[VTB_SDP_CANDIDATES]; /* best first */
    size_t candidates_n; /* at least 1 for an offer; 0 is fine in an answer */
    const char *ufrag, *pwd;
    uint8_t fingerprint[32];                     /* SHA-256 of the certificate */
    uint32_t ssrc;
    bool sends, receives;
    uint32_t max_bitrate;                        /* bit/s asked from the other side; 0: no word */
};

struct vtb_sdp_remote {
    char ufrag[VTB_STUN_ICE_CHARS + 1], pwd[VTB_STUN_ICE_CHARS + 1];
    uint8_t fingerprint[32];
    bool sends, receives;  /* as seen from the writer of the text */
    uint8_t level_id;      /* extension id of the audio level; 0: not agreed */
    uint32_t ssrc;         /* first a=ssrc; 0: none said */
    struct vtb_addr candidates[VTB_SDP_CANDIDATES]; /* UDP, numeric, component 1 */
    size_t candidates_n;
};

/* ice-lite, actpass, sendrecv. `out` is terminated; *out_len without the terminator. */
VTB_MUST_USE enum vtb_err vtb_sdp_write_offer(const struct vtb_sdp_local *local,
                                              char out[static VTB_SDP_MAX + 1], size_t *out_len);
/* setup:active, direction from `sends` and `receives`, level extension on id VTB_SDP_LEVEL_ID. */
VTB_MUST_USE enum vtb_err vtb_sdp_write_answer(const struct vtb_sdp_local *local,
                                               char out[static VTB_SDP_MAX + 1], size_t *out_len);

VTB_MUST_USE enum vtb_err vtb_sdp_read_answer(const char *text, size_t len,
                                              struct vtb_sdp_remote *out);
VTB_MUST_USE enum vtb_err vtb_sdp_read_offer(const char *text, size_t len,
                                             struct vtb_sdp_remote *out);

#endif
