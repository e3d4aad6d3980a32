/*
 * canon.h - canonical bytes of what is signed: RFC 8785 (JCS), limited.
 *
 * Allowed: objects, arrays, strings (UTF-8 in NFC, no control character but \n), integers within
 * +-(2^53 - 1), true, false, null. Everything else is refused with PARSE, never repaired: reals, NUL, lone
 * surrogates, U+FFFE and other noncharacters are JSON or Unicode that two programs may read differently.
 * Members are sorted by the UTF-16 code units of their names, nothing is padded, and only `"`, `\` and \n
 * are escaped. Pure: any thread.
 */
#ifndef VTB_RECORD_CANON_H
#define VTB_RECORD_CANON_H

#include "base/arena.h"
#include "base/str.h"

#include <jansson.h>

VTB_MUST_USE enum vtb_err vtb_canon_write(json_t *value, struct vtb_arena *arena, struct vtb_str *out);
/* Bytes from outside: *out_root (owned, may be NULL for "not wanted") if they are exactly the canonical form of
 * an object. PARSE: not JSON of the subset; CORRUPT: JSON, but other bytes; LIMIT, NOMEM. */
VTB_MUST_USE enum vtb_err vtb_canon_read(const char *bytes, size_t len, size_t max_bytes, json_t **out_root);

/* NFC, CRLF and CR to \n, tab to a space; PARSE for bad UTF-8 or another control character. */
VTB_MUST_USE enum vtb_err vtb_nfc(struct vtb_str text, struct vtb_arena *arena, struct vtb_str *out);

void vtb_sha256_hex(const void *bytes, size_t len, char out[static 65]);
/* Lower-case hex of `n` bytes, terminated. */
void vtb_hex_write(const uint8_t *bytes, size_t n, char *out);
/* Exactly 2n lower-case hex characters; PARSE. */
VTB_MUST_USE enum vtb_err vtb_hex_read(struct vtb_str text, uint8_t *out, size_t n);
/* "2026-11-24T20:50:05Z"; whole seconds, UTC. `out` holds 21 characters and the terminator. */
void vtb_time_write(int64_t us, char out[static 24]);

#endif
