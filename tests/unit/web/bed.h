/*
 * bed.h - a live server in a thread of its own, and a client of raw sockets.
 *
 * The server's callbacks obey what the client sends: routes under /api, and words on the socket
 * ("ping", "flood N SIZE", "latest N", "bye"). bed_call runs a function on the server's thread.
 */
#ifndef BED_H
#define BED_H

#include "web/web.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define BED_SOCKETS 64
#define CHECK_EQ(a, b) assert_int_equal((a), (b))
#define CHECK(x) assert_true(x)

struct bed {
    struct vtb_web_config cfg;
    struct vtb_web *web;
    uv_loop_t loop;
    uv_async_t call;
    pthread_t thread;
    void (*fn)(struct bed *bed, void *ctx);
    void *fn_ctx;
    uv_sem_t started, called;
    enum vtb_err start_err;
    uint16_t port;
    bool is_stopped, is_call_open;

    /* the server thread's */
    vtb_web_handle late;
    int handled; /* how often a handler ran */
    vtb_web_socket sockets[BED_SOCKETS];
    size_t n_sockets;
    int opened, closed, resyncs, messages;
    size_t last_len;
    struct vtb_blob *big;
    char file[64]; /* of /api/file */
};

/* `change` may alter the configuration before the start; NULL is fine. */
struct bed *bed_start(void (*change)(struct vtb_web_config *cfg));
void bed_stop(struct bed *bed); /* politely, joins the thread, frees */
void bed_begin_stop(struct bed *bed);
void bed_call(struct bed *bed, void (*fn)(struct bed *bed, void *ctx), void *ctx);
struct vtb_web_figures bed_figures(struct bed *bed);

/* ---- client.c: every read waits at most 20 s ---- */
int client_open(const struct bed *bed);
int client_open_small(const struct bed *bed); /* with a small receive buffer */
void client_send(int fd, const char *text);
void client_send_bytes(int fd, const void *bytes, size_t len);
void client_sendf(int fd, const char *format, ...) VTB_PRINTF(2, 3);

struct reply {
    int status; /* 0: closed without an answer */
    char head[16384];
    uint8_t *body;
    size_t len;
};
/* Reads one answer by its content-length; `is_head`: no body follows. */
void client_reply(int fd, bool is_head, struct reply *out);
void reply_fini(struct reply *reply);
bool reply_has(const struct reply *reply, const char *line); /* a header line, case ignored */
bool client_is_closed(int fd); /* waits for the end; false if bytes come */
int client_status(int fd, const char *request); /* sends, reads one answer, frees it */

struct frame {
    int opcode; /* -1: the link ended */
    uint8_t *data; /* terminated */
    size_t len;
    int code; /* of a close frame */
};
#define WS_GOOD "Cookie: s=ok\r\n"
/* The upgrade; returns the HTTP status (101), 0 if closed. `extra` are more header lines. */
int ws_open(const struct bed *bed, int fd, const char *origin, const char *protocol,
            const char *extra);
int ws_open_at(const struct bed *bed, int fd, const char *path, const char *origin, const char *protocol,
               const char *extra);
int ws_good(const struct bed *bed); /* an admitted socket */
void ws_send(int fd, int opcode, bool is_final, const void *data, size_t len);
void ws_text(int fd, const char *text);
struct frame ws_read(int fd); /* the next frame, pings answered */
void frame_fini(struct frame *frame);

#endif
