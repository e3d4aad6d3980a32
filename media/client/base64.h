/*
 * base64.h - SDP on one line of consilium-voice's protocol (RFC 4648, section 4). Pure.
 */
#ifndef VTB_MEDIACLIENT_BASE64_H
#define VTB_MEDIACLIENT_BASE64_H

#include "base/err.h"

#define VTB_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes VTB_BASE64_LEN(len) characters and a terminator. */
void vtb_base64_write(const uint8_t *data, size_t len, char *out);

/* PARSE for a foreign character or wrong padding, LIMIT if it does not fit. */
VTB_MUST_USE enum vtb_err vtb_base64_read(const char *text, size_t len, uint8_t *out, size_t cap,
                                          size_t *out_len);

#endif
