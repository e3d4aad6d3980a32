/*
 * identity.h - passwords and PINs, tokens, cookies, devices, and how long a session lives.
 *
 * Secrets are 128 random bits, shown once as base64url and kept as the hex of their SHA-256:
 * who reads the database can sign in as nobody.
 *
 * Thread:    any, but vtb_secret_hash and vtb_secret_verify take a tenth of a second and 64 MiB
 *            (libsodium's "interactive" limits): call them in the thread pool. The throttle
 *            belongs to the thread that uses it.
 * Ownership: nothing is kept; out buffers are the caller's.
 * Sources:   RFC 9106 (argon2id), RFC 4648 section 5 (base64url), RFC 6265bis (__Host-).
 */
#ifndef VTB_IDENTITY_IDENTITY_H
#define VTB_IDENTITY_IDENTITY_H

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

/* Before anything else, once, on any thread. */
VTB_MUST_USE enum vtb_err vtb_identity_init(void);

/* ---- passwords and PINs ---- */
#define VTB_SECRET_TEXT  128 /* argon2id text of libsodium, terminated */
#define VTB_SECRET_BYTES 200 /* longest password */
#define VTB_PIN_DIGITS   4   /* least; 12 at most */

/* LIMIT: longer than VTB_SECRET_BYTES; NOMEM: no 64 MiB just now. */
VTB_MUST_USE enum vtb_err vtb_secret_hash(struct vtb_str secret, char out[static VTB_SECRET_TEXT]);
/* OK, or DENIED. An empty `hash` (nobody of that name) costs the same time and is DENIED. */
VTB_MUST_USE enum vtb_err vtb_secret_verify(struct vtb_str secret, const char *hash);
/* PARSE: not 4 to 12 digits, or one digit repeated, or a run like 1234 or 9876. */
VTB_MUST_USE enum vtb_err vtb_pin_check(struct vtb_str pin);

/* ---- relays ---- */
#define VTB_RELAY_PASSWORD 32
/* base64(HMAC-SHA1(secret, name)) for a TURN relay that knows the secret (draft-uberti-behave-turn-rest-00). */
VTB_MUST_USE enum vtb_err vtb_relay_password(const char *secret, const char *name, char out[static VTB_RELAY_PASSWORD]);

/* ---- tokens ---- */
#define VTB_TOKEN_TEXT  23 /* 22 characters of base64url for 128 bits, terminated */
#define VTB_DIGEST_TEXT 65 /* SHA-256 in hex, terminated */

void vtb_token_make(char out_token[static VTB_TOKEN_TEXT], char out_digest[static VTB_DIGEST_TEXT]);
/* The digest under which a token from outside is looked up. PARSE: cannot be a token. */
VTB_MUST_USE enum vtb_err vtb_token_digest(struct vtb_str token, char out[static VTB_DIGEST_TEXT]);

/* ---- cookies (decision 10) ---- */
#define VTB_COOKIE_SESSION "__Host-vtb"
#define VTB_COOKIE_DEVICE  "__Host-vtb-device" /* a random token that outlives sessions: binds invitations */
#define VTB_COOKIE_TEXT    200

/* The value of Set-Cookie. max_age_s 0 ends the cookie (token is then ignored). */
void vtb_cookie_write(const char *name, const char *token, int64_t max_age_s,
                      char out[static VTB_COOKIE_TEXT]);
/* Finds `name` in a Cookie header. ABSENT: not there; PARSE: there twice, or not a token. */
VTB_MUST_USE enum vtb_err vtb_cookie_read(struct vtb_str header, const char *name,
                                          char out_token[static VTB_TOKEN_TEXT]);

/* ---- invitations and sessions (decisions 9, 28) ---- */
#define VTB_SESSION_US   (INT64_C(12) * 3600 * 1000000)
#define VTB_IDLE_LOCK_US (INT64_C(15) * 60 * 1000000)

enum vtb_bind {
    VTB_BIND_FIRST, /* not bound yet: bind to this device (invitation.bound) */
    VTB_BIND_SAME,  /* this is the device */
    VTB_BIND_OTHER, /* another device: the coordinator must free it */
    VTB_BIND_ENDED, /* 12 h after the meeting have passed */
};
/* bound: stored digest or ""; device: digest of the caller's device token or "". */
enum vtb_bind vtb_invitation_bind(struct vtb_str bound, struct vtb_str device, int64_t until_us,
                                  int64_t now_us);
/* 12 h after the planned end: what invitation.made and a guest's session carry as until_us. */
int64_t vtb_invitation_until(int64_t starts_us, int64_t minutes);
/* An account's session: 12 h. A guest's: until the invitation ends. */
int64_t vtb_session_until(int64_t now_us, int64_t invitation_until_us /* 0: an account */);
/* The screen locks after 15 min without a touch, not while an item runs. */
bool vtb_session_locks(int64_t touched_us, int64_t now_us, bool item_runs);

/* ---- five tries (decision 13) ---- */
struct vtb_throttle; /* bounded: of 4096 subjects it forgets the one with fewest failures, then the oldest */
VTB_MUST_USE enum vtb_err vtb_throttle_create(struct vtb_throttle **out);
void vtb_throttle_destroy(struct vtb_throttle *throttle); /* NULL is fine */
/* OK, or AGAIN after 5 failures: then one try a minute, doubling to 15 min. A try counts as failed until
 * vtb_throttle_good says otherwise, so tries in flight together cannot pass together. `subject`: a
 * person's id, or any 16 bytes that stand for an address or an e-mail. */
VTB_MUST_USE enum vtb_err vtb_throttle_try(struct vtb_throttle *throttle, struct vtb_id subject,
                                           uint64_t mono_us);
void vtb_throttle_good(struct vtb_throttle *throttle, struct vtb_id subject);
int64_t vtb_throttle_wait_s(const struct vtb_throttle *throttle, struct vtb_id subject,
                            uint64_t mono_us); /* for the sentence to the person */

#endif
