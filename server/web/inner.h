/*
 * inner.h - what the files of this room share. Not for other rooms.
 *
 * A connection (one TCP or unix socket) owns at most one request in flight and, after an
 * upgrade, one socket. Handles are {index of the connection, generation}: request and socket
 * generations come from one counter, so a handle never fits a later tenant of the same place.
 */
#ifndef VTB_WEB_INNER_H
#define VTB_WEB_INNER_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "lane.h"
#include "queue.h"
#include "text.h"
#include "web/web.h"

#include <libwebsockets.h>
#include <sys/socket.h>

#define WEB_PROTOCOL     "consilium.v1"
#define WEB_AUDIO        "consilium.audio.v1"
#define WEB_ADDRESS_TEXT 46
#define WEB_PARAMS       8
#define WEB_ARGS         32
#define WEB_PIECE        ((size_t)65536) /* most written in one turn of the loop */
#define WEB_LINGER_BYTES ((size_t)1024 * 1024)
#define WEB_LINGER_MS    2000u

struct web_fixed;
struct web_file;

struct web_pair {
    struct vtb_str name, value;
};

enum web_stage {
    WEB_READING,  /* the body comes in */
    WEB_HANDLING, /* the caller has it */
    WEB_WRITING,  /* an answer is set */
    WEB_LINGER,   /* refused and answered; the rest of the body is swallowed, then we close */
};

struct vtb_web_request {
    struct web_conn *conn;
    uint32_t generation;
    enum web_stage stage;
    enum vtb_web_method method;
    bool is_head, is_empty_body, close_after;
    bool is_unsure; /* where its body ends is not known */
    bool is_broken; /* its answer could not be built */
    struct vtb_arena arena; /* all text below */
    struct vtb_str path, fields[VTB_WEB_FIELDS];
    char peer[WEB_ADDRESS_TEXT];
    struct web_pair args[WEB_ARGS];
    size_t n_args;
    const struct vtb_web_route *route;
    struct web_pair params[WEB_PARAMS];
    size_t n_params;

    uint8_t *body;
    size_t body_len, body_room, body_declared;
    uint64_t window_ms; /* start of the running minimum-rate window */
    size_t window_bytes;
    uint64_t due_ms; /* handling: the 504; lingering: the end */
    size_t swallowed;

    uint8_t *head; /* LWS_PRE bytes of room, then the header text (and a small body) */
    size_t head_len;
    struct vtb_blob *blob;
    size_t at, end; /* what of blob or file is still to be written */
    struct web_file *file;
};

struct web_socket {
    uint32_t generation;
    struct web_lane lane;
    struct web_queue queue; /* audio */
    uint8_t *text; /* the message that is coming in */
    size_t text_len;
    bool closing, is_close_sent;
    unsigned code;
    char reason[124];
    uint64_t overflow_us; /* of the last overflow, 0 for none */
};

struct web_conn {
    struct vtb_web *web;
    struct lws *wsi;
    uint32_t index;
    struct web_address *address; /* NULL behind a proxy */
    char peer[WEB_ADDRESS_TEXT], local[WEB_ADDRESS_TEXT];
    bool is_proxied, is_tls;
    bool is_audio;                  /* of the socket: which of the two protocols */
    const struct vtb_web_live *use; /* its callbacks; set at the upgrade */
    struct vtb_web_request *req;
    struct web_socket *socket;
    bool is_admitted; /* `user` is the caller's; live.closed is owed */
    void *user;
    uint64_t kill_ms; /* the sweep closes it hard then; 0 never */
};

#define WEB_BUCKETS 1024

struct vtb_web {
    struct vtb_web_config cfg; /* numbers, callbacks; text below */
    struct web_origins origins;
    char *cert, *key, *root, *unix_path;
    char *csp;
    struct lws_context *lws;
    struct lws_vhost **vhosts;
    size_t n_vhosts;
    uint16_t port;
    struct web_conn **conns; /* cfg.fd_limit places */
    uint32_t *free_places;
    size_t n_free;
    uint32_t generation;
    struct web_address *buckets[WEB_BUCKETS];
    struct web_fixed *fixed;
    uv_timer_t sweep;
    bool has_timer, is_stopping, is_closed;
    bool is_home_free, is_home_fast; /* the limits by address spare loopback */
    uint64_t stop_ms;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
    struct vtb_web_figures figures;
};

/* web.c */
uint32_t web_generation(struct vtb_web *web);
uint64_t web_now_ms(const struct vtb_web *web); /* the loop's time */
void web_finish(struct vtb_web *web);           /* first destroy, timer closed, caller told */

/* edge.c: the callback of both protocols */
int web_edge(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t len);
struct web_conn *web_conn_of(struct lws *wsi);
void web_conn_forget(struct web_conn *conn); /* request and socket go, the place stays */
void web_conn_free(struct web_conn *conn);

/* listen.c */
VTB_MUST_USE enum vtb_err web_listen(struct vtb_web *web);

/* tls.c */
VTB_MUST_USE enum vtb_err web_tls_check(const char *cert, const char *key);

/* address.c: connections and new connections a second, by address (IPv6 by /64) */
bool web_address_may(struct vtb_web *web, const struct sockaddr_storage *peer);
struct web_address *web_address_ref(struct vtb_web *web, const struct sockaddr_storage *peer);
void web_address_unref(struct web_address *address); /* NULL is fine */
void web_address_sweep(struct vtb_web *web);
void web_address_fini(struct vtb_web *web);
void web_address_write(const struct sockaddr_storage *from, char out[static WEB_ADDRESS_TEXT]);

/* request.c */
int web_request_begin(struct web_conn *conn);
int web_request_body(struct web_conn *conn, const uint8_t *in, size_t len);
int web_request_complete(struct web_conn *conn);
struct vtb_web_request *web_request_read(struct web_conn *conn); /* headers only; NULL no memory */
void web_request_free(struct vtb_web_request *req);
struct vtb_web_request *web_request_find(struct vtb_web *web, vtb_web_handle handle);

/* route.c: the best row, or NULL; *out_known says whether the path exists with another method */
const struct vtb_web_route *web_route_find(const struct vtb_web_route *routes,
                                           enum vtb_web_method method, struct vtb_str path,
                                           struct web_pair params[static WEB_PARAMS],
                                           size_t *out_n, unsigned *out_methods);

/* answer.c */
void web_answer_refuse(struct vtb_web_request *req, int status, const char *word,
                       const char *message, const char *allow);
/* In an upgrade: writes the refusal before lws hangs up. */
void web_answer_refuse_now(struct vtb_web_request *req, int status, const char *word,
                           const char *message);
bool web_answer_set(struct vtb_web_request *req, int status, const struct vtb_web_header *headers,
                    size_t n, const uint8_t *body, size_t total, size_t at, size_t end);
int web_answer_write(struct web_conn *conn); /* one piece; -1 closes */
int web_write_bytes(struct web_conn *conn, uint8_t *at, size_t len, enum lws_write_protocol how);
const char *web_status_words(int status);
const struct vtb_web_header *web_header_named(const struct vtb_web_header *headers, size_t n,
                                              const char *name);
struct web_span {
    int status;
    size_t at, end;
    char text[64]; /* content-range, or empty */
};
struct web_span web_span_of(const struct vtb_web_request *req, int status,
                            const struct vtb_web_header *headers, size_t n, size_t total);

/* file.c */
void web_file_drop(struct web_file *file); /* the request went; a read in flight ends by itself */
int web_file_write(struct vtb_web_request *req); /* what was read */
int web_file_next(struct vtb_web_request *req);  /* reads on */

/* fixed.c */
VTB_MUST_USE enum vtb_err web_fixed_load(const char *root, struct web_fixed **out_fixed);
void web_fixed_free(struct web_fixed *fixed);
bool web_fixed_answer(struct vtb_web_request *req); /* false: no such file */

/* socket.c */
int web_socket_confirm(struct web_conn *conn); /* the upgrade: 0 goes on, else closes */
int web_socket_filter(struct web_conn *conn);
int web_socket_open(struct web_conn *conn);
int web_socket_text(struct web_conn *conn, const uint8_t *in, size_t len);
int web_socket_write(struct web_conn *conn);
int web_socket_peer_closes(struct web_conn *conn);
void web_socket_gone(struct web_conn *conn);
void web_socket_end(struct web_conn *conn, unsigned code, const char *reason);

struct web_conn *web_socket_find(struct vtb_web *web, vtb_web_socket socket); /* NULL: closed */

/* audio.c */
void web_audio_options(struct web_conn *conn);
int web_audio_frame(struct web_conn *conn, const uint8_t *in, size_t len);
int web_audio_write(struct web_conn *conn);

/* sweep.c: once a second, 20 times a second while stopping */
void web_sweep(uv_timer_t *timer);

#endif
