/*
 * srtp.h - SRTP and SRTCP, one direction of one connection.
 *
 * AEAD_AES_128_GCM (RFC 7714) and AES_CM_128_HMAC_SHA1_80 (RFC 3711) on OpenSSL contexts that are
 * made once and reused for each packet: no allocation, no lock a packet.
 *
 * A direction knows up to VTB_SRTP_STREAMS SSRCs. A receiver starts with roll-over count 0; if the
 * packet does not authenticate near a wrap it tries the count before and after, so a stream whose
 * first packets were lost around sequence number 65535 still opens (libsrtp issue 567). State
 * changes only after a packet authenticated. Replay windows hold 128 packets.
 *
 * Thread:    the one that owns the connection.
 * Ownership: create gives it, destroy takes it and wipes the keys.
 * Errors:    PARSE not RTP/RTCP; DENIED does not authenticate; STALE replayed or too old;
 *            LIMIT no room in the buffer or one SSRC too many.
 */
#ifndef VTB_RTC_SRTP_H
#define VTB_RTC_SRTP_H

#include "base/err.h"

#define VTB_SRTP_STREAMS 4
#define VTB_SRTP_GROWTH  20 /* protect adds at most this: a GCM tag and, for RTCP, the index */

enum vtb_srtp_profile {
    VTB_SRTP_NONE = 0,
    VTB_SRTP_CM_SHA1_80 = 0x0001, /* numbers of RFC 5764, 4.1.2 and RFC 7714, 14.2 */
    VTB_SRTP_GCM_128 = 0x0007,
};

struct vtb_srtp_master {
    enum vtb_srtp_profile profile;
    uint8_t key[16];
    uint8_t salt[14]; /* GCM: 12 are used, the rest 0 */
};

/* Session keys, as derived by RFC 3711, 4.3. */
struct vtb_srtp_keys {
    enum vtb_srtp_profile profile;
    uint8_t rtp_key[16], rtp_auth[20], rtp_salt[14];
    uint8_t rtcp_key[16], rtcp_auth[20], rtcp_salt[14];
};

struct vtb_srtp;

VTB_MUST_USE enum vtb_err vtb_srtp_derive(const struct vtb_srtp_master *master,
                                          struct vtb_srtp_keys *out);
VTB_MUST_USE enum vtb_err vtb_srtp_create(const struct vtb_srtp_keys *keys, struct vtb_srtp **out);
/* derive and create in one. */
VTB_MUST_USE enum vtb_err vtb_srtp_open(const struct vtb_srtp_master *master,
                                        struct vtb_srtp **out);
void vtb_srtp_destroy(struct vtb_srtp *srtp); /* NULL is fine */

/*
 * In place. `cap` is the size of the buffer; *out_len is written on success only. A sender's
 * sequence numbers must go up by less than 32768 a packet; the roll-over count is kept here.
 */
VTB_MUST_USE enum vtb_err vtb_srtp_protect(struct vtb_srtp *srtp, uint8_t *packet, size_t len,
                                           size_t cap, size_t *out_len);
/*
 * The same packet once more, byte for byte as it was given to protect the first time, so that what
 * comes out is the same, too. The same number with other bytes would give the key away (GCM): the
 * caller must have kept all that the packet was made of. STALE: it was never protected, or more than
 * 128 packets ago.
 */
VTB_MUST_USE enum vtb_err vtb_srtp_protect_again(struct vtb_srtp *srtp, uint8_t *packet, size_t len,
                                                 size_t cap, size_t *out_len);
VTB_MUST_USE enum vtb_err vtb_srtp_unprotect(struct vtb_srtp *srtp, uint8_t *packet, size_t len,
                                             size_t *out_len);
VTB_MUST_USE enum vtb_err vtb_srtp_protect_rtcp(struct vtb_srtp *srtp, uint8_t *packet, size_t len,
                                                size_t cap, size_t *out_len);
VTB_MUST_USE enum vtb_err vtb_srtp_unprotect_rtcp(struct vtb_srtp *srtp, uint8_t *packet,
                                                  size_t len, size_t *out_len);

#endif
