/*
 * text.h - the small readers of header text. Pure: bytes in, value out.
 */
#ifndef VTB_WEB_TEXT_H
#define VTB_WEB_TEXT_H

#include "base/err.h"
#include "base/str.h"

/* Digits only, no sign, no space; at most 2^53. PARSE otherwise. */
VTB_MUST_USE enum vtb_err web_text_length(struct vtb_str text, uint64_t *out);

/* The value of one cookie; empty if absent. Cookie lines may be joined by spaces (libwebsockets). */
struct vtb_str web_text_cookie(struct vtb_str line, const char *name);

/* Weak comparison of If-None-Match (RFC 9110, 13.1.2): a list, W/ ignored, * matches all. */
bool web_text_has_etag(struct vtb_str list, struct vtb_str etag);

/* Accept-Encoding names gzip and does not forbid it by q=0. */
bool web_text_takes_gzip(struct vtb_str accept);

enum web_range { WEB_RANGE_NONE, WEB_RANGE_ONE, WEB_RANGE_OUTSIDE };
/* One range "bytes=a-b", "a-", "-n" of `total` bytes; several or unreadable: NONE (RFC 9110, 14.2). */
enum web_range web_text_range(struct vtb_str text, uint64_t total, uint64_t *out_at,
                              uint64_t *out_end);

struct web_origins {
    char **hosts; /* lower case names without port */
    size_t n;
};
enum web_scheme { WEB_HTTP, WEB_HTTPS, WEB_EITHER };
/* The Origin is this very site: its authority is the Host asked for, and the name is ours. */
bool web_text_is_ours(const struct web_origins *origins, enum web_scheme scheme,
                      struct vtb_str origin, struct vtb_str host);
bool web_text_is_loopback(struct vtb_str name); /* localhost, *.localhost, 127.x.y.z, [::1] */
struct vtb_str web_text_host_name(struct vtb_str authority); /* without the port */

/* The last address of X-Forwarded-For, the one our own proxy saw; empty if it is none. */
struct vtb_str web_text_forwarded(struct vtb_str list);

/* A comma list holds the token, ASCII case ignored. */
bool web_text_has_token(struct vtb_str list, const char *token);

#endif
