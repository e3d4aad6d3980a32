/*
 * dtls.h - DTLS 1.2 handshakes that end in SRTP keys (RFC 5763, 5764, 8827).
 *
 * An identity is one self-signed ECDSA P-256 certificate, made at start, kept in memory only. A
 * handshake is fed one datagram at a time and sends through a callback; it never touches a
 * socket. The peer's certificate is compared with the fingerprint of its SDP before any key is
 * handed out. One cipher suite, ECDHE-ECDSA-AES128-GCM-SHA256, which browsers and OpenSSL share.
 *
 * After vtb_dtls_is_done the handshake may be destroyed; keep it ~10 s and feed it, so that a lost
 * last flight is repeated. vtb_dtls_farewell outlives it (100 bytes instead of 77 kB) and reads
 * and writes the one record that still matters: close_notify.
 *
 * Thread:    an identity may be shared by threads once made; a handshake belongs to one thread.
 * Blocks:    never; a handshake step takes about 0.4 ms.
 */
#ifndef VTB_RTC_DTLS_H
#define VTB_RTC_DTLS_H

#include "base/err.h"
#include "rtc/srtp.h"

struct vtb_dtls_identity;
struct vtb_dtls;

VTB_MUST_USE enum vtb_err vtb_dtls_identity_create(struct vtb_dtls_identity **out);
void vtb_dtls_identity_destroy(struct vtb_dtls_identity *identity); /* NULL is fine */
void vtb_dtls_identity_fingerprint(const struct vtb_dtls_identity *identity,
                                   uint8_t out[static 32]);

struct vtb_dtls_farewell {
    uint8_t read_key[16], write_key[16], read_iv[4], write_iv[4];
};

struct vtb_dtls_keys {
    struct vtb_srtp_master send, receive;
    struct vtb_dtls_farewell farewell;
};

struct vtb_dtls_config {
    struct vtb_dtls_identity *identity; /* borrowed, must outlive the handshake */
    bool client;
    uint8_t fingerprint[32]; /* SHA-256 that the peer's certificate must have */
    void (*send)(void *ctx, const uint8_t *datagram, size_t len);
    void *send_ctx;
};

/* A client sends its first flight here. */
VTB_MUST_USE enum vtb_err vtb_dtls_create(const struct vtb_dtls_config *cfg, struct vtb_dtls **out);
void vtb_dtls_destroy(struct vtb_dtls *dtls); /* NULL is fine; sends nothing */

/* One datagram. DENIED: wrong certificate or no common SRTP profile; CLOSED: the peer closed;
 * SYS: the handshake failed. After an error only destroy is allowed. */
VTB_MUST_USE enum vtb_err vtb_dtls_feed(struct vtb_dtls *dtls, const uint8_t *datagram, size_t len);

/* Milliseconds until vtb_dtls_tick wants to be called; -1: never. */
int vtb_dtls_wait_ms(struct vtb_dtls *dtls);
/* Repeats a flight whose time has come. TIMEOUT when given up. */
VTB_MUST_USE enum vtb_err vtb_dtls_tick(struct vtb_dtls *dtls);

bool vtb_dtls_is_done(const struct vtb_dtls *dtls);
/* AGAIN until done. */
VTB_MUST_USE enum vtb_err vtb_dtls_keys(struct vtb_dtls *dtls, struct vtb_dtls_keys *out);

/* Is this datagram an authentic close_notify or fatal alert? */
bool vtb_dtls_is_farewell(const struct vtb_dtls_farewell *keys, const uint8_t *datagram,
                          size_t len);
/* Writes close_notify; call it once for these keys. Returns the length, 0 if the system failed. */
#define VTB_DTLS_FAREWELL 39
size_t vtb_dtls_write_farewell(const struct vtb_dtls_farewell *keys,
                               uint8_t out[static VTB_DTLS_FAREWELL]);

#endif
