/*
 * srtp_crypt.h - the two ciphers behind srtp.c: bytes and an index in, bytes out; only keys inside.
 * Private to srtp.c and srtp_crypt.c.
 */
#ifndef VTB_RTC_SRTP_CRYPT_H
#define VTB_RTC_SRTP_CRYPT_H

#include "rtc/srtp.h"

struct evp_cipher_ctx_st;
struct evp_mac_ctx_st;

/* One half (RTP or RTCP) of a direction. */
struct vtb_srtp_half {
    enum vtb_srtp_profile profile;
    struct evp_cipher_ctx_st *seal, *open; /* CM: only `seal`, counter mode is its own inverse */
    struct evp_mac_ctx_st *mac;            /* CM only */
    uint8_t salt[14];
};

struct vtb_srtp_span {
    uint8_t *packet;
    size_t clear;  /* authenticated, not encrypted */
    size_t secret; /* encrypted */
    uint32_t ssrc;
    uint64_t index;       /* ROC << 16 | seq, or the SRTCP index */
    const uint8_t *word;  /* RTCP: E|index, 4 bytes; RTP: the ROC, 4 bytes */
    bool rtcp;
};

VTB_MUST_USE enum vtb_err vtb_srtp_half_init(struct vtb_srtp_half *half,
                                             enum vtb_srtp_profile profile, const uint8_t key[16],
                                             const uint8_t auth[20], const uint8_t salt[14]);
void vtb_srtp_half_fini(struct vtb_srtp_half *half);

#define VTB_SRTP_GCM_TAG 16
#define VTB_SRTP_CM_TAG  10

/* In place; `tag` gets 16 (GCM) or 10 (CM) bytes. False: the system failed. */
bool vtb_srtp_seal(struct vtb_srtp_half *half, const struct vtb_srtp_span *span, uint8_t *tag);
/* False: not authentic; the packet is as it was. */
bool vtb_srtp_unseal(struct vtb_srtp_half *half, const struct vtb_srtp_span *span,
                     const uint8_t *tag);

#endif
