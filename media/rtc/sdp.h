/*
 * sdp.h - the offer we make and the answer we read (RFC 8866, 8839, 8842, 9429), and both mirrored
 * for clients.
 *
 * A bounded template and a line reader of its own; one audio section with Opus 111 and RED 63
 * (RFC 2198), generic NACK (RFC 4585). What a reader does not need it steps over. Candidates of
 * browsers are ignored: the server learns addresses from checks alone.
 *
 * The offer decides what a client sends (measured, media-spike.md section 3): Chromium sends RED, one
 * copy in each packet, only if 63 stands first and has its fmtp line; Firefox and webrtcbin answer
 * 111 alone. None of them echoes the NACK line, all but webrtcbin answer a NACK.
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

/* What an offer asks a client to send. */
enum vtb_sdp_uplink {
    VTB_SDP_UPLINK_FULL, /* 20 ms, with a copy where the client can: about 75 kbit/s on the wire */
    VTB_SDP_UPLINK_THIN, /* 60 ms of 16 kbit/s, no copies, silence left out (DTX): about 24 kbit/s */
};

struct vtb_sdp_local {
    uint64_t session;                            /* number in the o= line */
    struct vtb_addr candidates[VTB_SDP_CANDIDATES]; /* best first */
    size_t candidates_n; /* at least 1 for an offer; 0 is fine in an answer */
    const char *ufrag, *pwd;
    uint8_t fingerprint[32];                     /* SHA-256 of the certificate */
    uint32_t ssrc;
    bool sends, receives;
    uint32_t max_bitrate;                        /* bit/s asked from the other side; 0: no word */
    enum vtb_sdp_uplink uplink;                  /* offer only */
    bool red, nack;                              /* answer only: 63 is taken; NACKs are answered */
};

struct vtb_sdp_remote {
    char ufrag[VTB_STUN_ICE_CHARS + 1], pwd[VTB_STUN_ICE_CHARS + 1];
    uint8_t fingerprint[32];
    bool sends, receives;  /* as seen from the writer of the text */
    uint8_t level_id;      /* extension id of the audio level; 0: not agreed */
    uint32_t ssrc;         /* first a=ssrc; 0: none said */
    bool red;              /* it reads (and may send) RED as 63 */
    bool red_first;        /* 63 stands before 111: it would rather have RED */
    bool reduced;          /* RTCP of reduced size (RFC 5506) */
    bool nack;             /* it says so for 111; browsers answer NACKs without */
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
