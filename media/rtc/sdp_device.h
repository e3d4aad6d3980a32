/*
 * sdp_device.h - offers of programs that are no browser client of ours, and the answers to them: WHIP
 * (RFC 9725) and WHEP (draft-ietf-wish-whep), as OBS, GStreamer and room systems speak them.
 *
 * The other side chooses the payload type and may offer more than we take: of all sections the first audio
 * section with Opus is taken, every other is answered with port 0 (RFC 3264, 6). RFC 9725, 4.4.1 would rather
 * have such an offer refused whole; but OBS always offers video, and a board wants its voice.
 * We answer as DTLS server (setup:passive), ICE-lite, with all candidates; theirs are ignored.
 *
 * Pure: any thread. Errors: PARSE malformed; LIMIT too long, or too many sections; ABSENT no Opus is offered;
 * DENIED well-formed, but without what we need (rtcp-mux, sha-256, a DTLS client, ICE).
 */
#ifndef VTB_RTC_SDP_DEVICE_H
#define VTB_RTC_SDP_DEVICE_H

#include "rtc/sdp.h"

#define VTB_SDP_OFFER_MAX 16384 /* bytes: every codec of a browser's video beside the audio */
#define VTB_SDP_SECTIONS  8
#define VTB_SDP_TOKEN     32    /* characters of a mid, a protocol, a format */

struct vtb_sdp_section { /* what its answer has to repeat; texts are terminated */
    char kind[16], proto[VTB_SDP_TOKEN + 1], format[VTB_SDP_TOKEN + 1], mid[VTB_SDP_TOKEN + 1];
};

struct vtb_sdp_device {
    struct vtb_sdp_section sections[VTB_SDP_SECTIONS];
    size_t sections_n, audio; /* audio: which one is taken */
    bool is_bundled;          /* ... and stands in the BUNDLE group (RFC 9143) */
    char ufrag[VTB_STUN_ICE_CHARS + 1], pwd[VTB_STUN_ICE_CHARS + 1];
    uint8_t fingerprint[32];
    bool sends, receives; /* as seen from the writer of the offer */
    uint8_t opus;         /* payload type, 0..127 */
    uint8_t level_id;     /* extension id of the audio level; 0: not offered */
    bool nack, reduced;
};

VTB_MUST_USE enum vtb_err vtb_sdp_read_device(const char *text, size_t len, struct vtb_sdp_device *out);
/* `local`: session, candidates (1 at least), ufrag, pwd, fingerprint, ssrc, sends, receives, max_bitrate. */
VTB_MUST_USE enum vtb_err vtb_sdp_write_device(const struct vtb_sdp_device *device,
                                               const struct vtb_sdp_local *local,
                                               char out[static VTB_SDP_MAX + 1], size_t *out_len);

/*
 * A fragment (RFC 8840, application/trickle-ice-sdpfrag) or a whole description: whose ICE session it speaks of.
 * Candidates are counted and otherwise stepped over: addresses are learnt from checks.
 */
struct vtb_sdp_fragment {
    char ufrag[VTB_STUN_ICE_CHARS + 1], pwd[VTB_STUN_ICE_CHARS + 1]; /* the first; "": none said */
    size_t candidates_n;
    bool is_complete; /* end-of-candidates */
};
VTB_MUST_USE enum vtb_err vtb_sdp_read_fragment(const char *text, size_t len, struct vtb_sdp_fragment *out);
/* Our side after an ICE restart: new ufrag and pwd, the same candidates. */
VTB_MUST_USE enum vtb_err vtb_sdp_write_fragment(const struct vtb_sdp_local *local,
                                                 char out[static VTB_SDP_MAX + 1], size_t *out_len);

#endif
