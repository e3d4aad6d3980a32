/*
 * web.h - HTTP/1.1 and WebSockets on the control thread's libuv loop (libwebsockets inside).
 *
 * A handler is called when a request is complete. It answers at once or keeps the handle and
 * answers later; a handle carries a generation, so an answer to a client that left does nothing.
 * A socket has two lanes: ordered (a bounded ring) and latest-wins (one slot a kind).
 *
 * Thread:    the control thread, for every function here. Callbacks run there as well and must
 *            not block; each may call any function of this header but start, stop and destroy.
 * Ownership: the caller owns the loop, the web owns requests and sockets. Text given to a
 *            callback is borrowed for the call. Blobs given to send and answer are borrowed: the
 *            web takes references of its own.
 * Limits:    see struct vtb_web_config; every buffer has one.
 * Sources:   RFC 9110, 9112 (HTTP), RFC 6455 (WebSocket).
 */
#ifndef VTB_WEB_WEB_H
#define VTB_WEB_WEB_H

#include "base/blob.h"
#include "base/err.h"
#include "base/str.h"

#include <uv.h>

struct vtb_web;
struct vtb_web_request; /* valid during the callback that was given it */

typedef struct {
    uint32_t index;
    uint32_t generation; /* never 0 for a live request */
} vtb_web_handle;

typedef struct {
    uint32_t index;
    uint32_t generation; /* never 0 for a live socket */
} vtb_web_socket;

static inline bool vtb_web_socket_is(vtb_web_socket a, vtb_web_socket b)
{
    return a.index == b.index && a.generation == b.generation;
}

/* ---- routes ---- */

/* HEAD is not here: a handler sees it as GET and the web leaves the body out. */
/* OPTIONS is for routes that programs of other origins use (CORS); a route without a row for it answers 405. */
enum vtb_web_method { VTB_WEB_GET, VTB_WEB_POST, VTB_WEB_PUT, VTB_WEB_PATCH, VTB_WEB_DELETE, VTB_WEB_OPTIONS };

enum { /* flags of a route */
    VTB_WEB_ANY_ORIGIN = 1, /* for programs that send no Origin; only where no cookie is read */
    VTB_WEB_LATE_BODY = 2,  /* call `gate` before a byte of the body is taken in */
};

#define VTB_WEB_BODY_SMALL ((size_t)64 * 1024)       /* JSON */
#define VTB_WEB_BODY_PIECE ((size_t)8 * 1024 * 1024) /* one piece of an upload */

struct vtb_web_route {
    enum vtb_web_method method;
    const char *path;  /* "/api/cases/{case}/deck"; a name in braces takes one segment; NULL ends */
    size_t body_cap;   /* bytes, at most VTB_WEB_BODY_PIECE; 0: a body is refused with 413 */
    void (*handle)(void *ctx, struct vtb_web_request *req);
    unsigned flags;
    void *ctx; /* of this handler; NULL: the ctx of the config */
};

/* ---- sockets: /ws, subprotocol consilium.v1 ---- */

#define VTB_WEB_MESSAGE_MAX ((size_t)64 * 1024) /* longer from a client: close 1009 */
#define VTB_WEB_RING_EVENTS 256
#define VTB_WEB_RING_BYTES  ((size_t)512 * 1024)
#define VTB_WEB_SLOTS       8

struct vtb_web_live {
    void *ctx;
    /* 0 accepts (and sets *out_user), else an HTTP status: 401, 403, 404, 409, 429, 503. Origin was checked. */
    int (*admit)(void *ctx, struct vtb_web_request *req, void **out_user);
    void (*opened)(void *ctx, vtb_web_socket socket, void *user);
    void (*message)(void *ctx, vtb_web_socket socket, void *user, struct vtb_str text);
    /* The ordered lane overflowed and was dropped, and the link takes bytes again: send a snapshot
       now (vtb_web_send). Ordered sends between the overflow and this call were dropped. */
    void (*resync)(void *ctx, vtb_web_socket socket, void *user);
    /* Once for every admitted user, also if the socket never opened (then `socket.generation` is 0). */
    void (*closed)(void *ctx, vtb_web_socket socket, void *user);
};

/*
 * Sound beside it: /ws/audio, subprotocol consilium.audio.v1, binary messages only, a connection of its own. The
 * same callbacks; `message` gets the bytes of one frame, `resync` is not called. What waits to be written is at
 * most 200 ms old (the oldest is dropped), and nothing is compressed.
 */
#define VTB_WEB_FRAME_MAX ((size_t)1283) /* longer from a client: close 1009 */

/* ---- life ---- */

struct vtb_web_config { /* all text is copied */
    uv_loop_t *loop;
    const char *const *addresses; /* "127.0.0.1", "::1", "0.0.0.0"; "::" takes both families */
    size_t n_addresses;
    uint16_t port;                /* 0: a free one, see vtb_web_port */
    const char *unix_path;        /* for a reverse proxy, or NULL; X-Forwarded-For is believed here only */
    const char *cert, *key;       /* PEM paths, both or neither */
    const char *root;             /* the web client's dist folder, or NULL */
    const char *const *hosts;     /* names allowed in Origin beside localhost, *.localhost and loopback */
    size_t n_hosts;
    uint32_t fd_limit;            /* connections served at once; 0: 4096 */
    uint32_t per_address;         /* connections of one address; 0: 64, loopback unlimited */
    uint32_t new_per_second;      /* of one address; 0: 20, loopback unlimited */
    size_t bodies_bytes;          /* all request bodies together; 0: 256 MiB */
    uint32_t body_window_ms;      /* a body must bring 1 kB/s over this; 0: 30,000 */
    uint32_t answer_ms;           /* a handler that has not answered by then: 504; 0: 60,000 */
    const struct vtb_web_route *routes; /* static; ends with path NULL */
    void *ctx;                    /* of the handlers */
    /* With VTB_WEB_LATE_BODY: 0 goes on, else a status that is answered without reading the body. */
    int (*gate)(void *ctx, struct vtb_web_request *req);
    struct vtb_web_live live;     /* admit NULL: no sockets */
    struct vtb_web_live audio;    /* admit NULL: none for sound */
};

/* Listens at once. SYS: an address is taken or a certificate does not load (logged, with which). */
VTB_MUST_USE enum vtb_err vtb_web_start(const struct vtb_web_config *cfg, struct vtb_web **out_web);
/* SIGHUP: static files and certificate anew. CORRUPT: the pair does not load, the old one serves on. */
VTB_MUST_USE enum vtb_err vtb_web_reload(struct vtb_web *web);
/* Closes sockets with 1001 "restarting", lets answers finish for up to 2 s, then calls `stopped`
   once from the loop. The caller closes its handles, lets uv_run return and calls destroy. */
void vtb_web_stop(struct vtb_web *web, void (*stopped)(void *ctx), void *ctx);
/* After uv_run returned (turns the loop once more). NULL is fine. Never from a callback. */
void vtb_web_destroy(struct vtb_web *web);
uint16_t vtb_web_port(const struct vtb_web *web); /* of the first address */

/* ---- a request: text is empty where absent ---- */

enum vtb_web_field {
    VTB_WEB_COOKIE, VTB_WEB_ORIGIN, VTB_WEB_HOST, VTB_WEB_IF_NONE_MATCH, VTB_WEB_IF_RANGE,
    VTB_WEB_RANGE, VTB_WEB_CONTENT_TYPE, VTB_WEB_ACCEPT_ENCODING, VTB_WEB_ACCEPT_LANGUAGE,
    VTB_WEB_USER_AGENT, VTB_WEB_AUTHORIZATION, VTB_WEB_ACCEPT, VTB_WEB_IF_MATCH, VTB_WEB_FIELDS
};

vtb_web_handle vtb_web_request_handle(const struct vtb_web_request *req);
enum vtb_web_method vtb_web_request_method(const struct vtb_web_request *req);
struct vtb_str vtb_web_request_path(const struct vtb_web_request *req);                /* decoded */
struct vtb_str vtb_web_request_param(const struct vtb_web_request *req, const char *name); /* {name} */
struct vtb_str vtb_web_request_query(const struct vtb_web_request *req, const char *name); /* decoded */
struct vtb_str vtb_web_request_field(const struct vtb_web_request *req, enum vtb_web_field field);
struct vtb_str vtb_web_request_cookie(const struct vtb_web_request *req, const char *name);
struct vtb_str vtb_web_request_body(const struct vtb_web_request *req);
/* Moves the body out, e.g. to write it to a file; free() it. NULL if empty or already taken. */
VTB_MUST_USE uint8_t *vtb_web_request_body_take(struct vtb_web_request *req, size_t *out_len);
const char *vtb_web_request_peer(const struct vtb_web_request *req);  /* "192.0.2.7", "2001:db8::1" */
const char *vtb_web_request_local(const struct vtb_web_request *req); /* our end, for media candidates; "" behind a proxy */
bool vtb_web_request_is_tls(const struct vtb_web_request *req);

/* ---- answers: the first one counts, later ones and those to clients that left do nothing ---- */

struct vtb_web_header {
    const char *name; /* lower case, without colon: "content-type", "etag", "cache-control", "set-cookie" */
    const char *value;
};

/* Status 200 with an "etag" becomes 304 where it matches, and 206 or 416 where a range was asked for.
   Security headers, content-length, date and (if absent) cache-control: no-store are added. `body` may be NULL. */
void vtb_web_answer(struct vtb_web *web, vtb_web_handle handle, int status,
                    const struct vtb_web_header *headers, size_t n_headers, struct vtb_blob *body);
/* The same from an open regular file, read off the loop in pieces. Takes `take_fd`, always. */
void vtb_web_answer_file(struct vtb_web *web, vtb_web_handle handle,
                         const struct vtb_web_header *headers, size_t n_headers, int take_fd);
/* The same from what `read` gives, on a thread of the pool, one piece at a time: bytes `at` .. `at + len` of
 * `total`, or how many were read (fewer: the answer is broken off). `close` comes once, on the loop or, after
 * a read that was under way, from it; always, also when the client left. */
struct vtb_web_reader {
    size_t (*read)(void *ctx, uint64_t at, uint8_t *out, size_t len);
    void (*close)(void *ctx);
    void *ctx;
};
void vtb_web_answer_reader(struct vtb_web *web, vtb_web_handle handle, const struct vtb_web_header *headers,
                           size_t n_headers, struct vtb_web_reader take_reader, size_t total);
void vtb_web_answer_json(struct vtb_web *web, vtb_web_handle handle, int status,
                         const char *json, size_t len); /* copied */
/* {"error":"denied","message":"A sentence for a person."}; status by the error: PARSE 400, DENIED 403,
   ABSENT 404, STALE 409, LIMIT 413, AGAIN 503, TIMEOUT 504, CLOSED 503, the rest 500. */
void vtb_web_answer_error(struct vtb_web *web, vtb_web_handle handle, enum vtb_err err,
                          const char *message);
/* The same with a status and a word of the caller's, e.g. 401 "signed-out". */
void vtb_web_answer_refusal(struct vtb_web *web, vtb_web_handle handle, int status,
                            const char *word, const char *message);

/* ---- sockets: to one that closed, all do nothing ---- */

/* Ordered lane; one text message a blob. Sending one blob to many sockets copies nothing. */
void vtb_web_send(struct vtb_web *web, vtb_web_socket socket, struct vtb_blob *blob);
/* Latest-wins lane: replaces what waits in slot `kind` (0..VTB_WEB_SLOTS-1). */
void vtb_web_send_latest(struct vtb_web *web, vtb_web_socket socket, unsigned kind,
                         struct vtb_blob *blob);
/* Audio sockets only; one binary message a blob. */
void vtb_web_send_frame(struct vtb_web *web, vtb_web_socket socket, struct vtb_blob *blob);
/* What is queued in the ordered lane goes first, then the close frame (1000..1013, 4000..4999).
   `reason` at most 123 bytes, copied. */
void vtb_web_socket_close(struct vtb_web *web, vtb_web_socket socket, unsigned code,
                          const char *reason);
void *vtb_web_socket_user(struct vtb_web *web, vtb_web_socket socket); /* NULL if closed */

/* ---- figures, for /metrics; counters since start unless named _now ---- */

struct vtb_web_figures {
    uint64_t connections_now, sockets_now, bodies_bytes_now;
    uint64_t connections, refused_address, requests, answers_4xx, answers_5xx, slow_bodies;
    uint64_t sockets, messages_in, messages_out, bytes_out, overflows, closed_slow;
    uint64_t frames_in, frames_out, frames_dropped; /* of audio sockets; dropped: waited 200 ms */
};
void vtb_web_figures(const struct vtb_web *web, struct vtb_web_figures *out);

#endif
