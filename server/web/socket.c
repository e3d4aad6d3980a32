/*
 * socket.c - WebSockets: admission, messages in, the two lanes out.
 *
 * Admission happens at the upgrade, where an HTTP answer can still be given; the subprotocol is
 * checked there as well, since lws would accept a client that offers none.
 */
#include "inner.h"

#include "base/cursor.h"

#include <stdlib.h>

/* A broadcast writes its frame header into the room in front of the shared bytes: the same
   bytes for every receiver, since frames of a server are not masked (RFC 6455, 5.1). */
_Static_assert(VTB_BLOB_ROOM >= LWS_PRE, "a blob has room for the frame header");

#define RELAPSE_US ((uint64_t)30 * 1000 * 1000)
#define CLOSE_MS   2000u

struct refusal {
    int status; /* 0: welcome */
    const char *word, *message;
};

static struct vtb_str header_of(struct web_conn *conn, enum lws_token_indexes token,
                                char *room, int cap)
{
    int n = lws_hdr_copy(conn->wsi, room, cap, token);

    return n > 0 ? (struct vtb_str){ room, (size_t)n } : (struct vtb_str){ NULL, 0 };
}

/* The path says which socket is meant, the subprotocol must agree. */
static struct refusal way_gate(struct web_conn *conn, const struct vtb_web_request *req)
{
    const struct vtb_web_config *cfg = &conn->web->cfg;
    char room[128];

    conn->is_audio = vtb_str_is(req->path, VTB_LIT("/ws/audio"));
    conn->use = conn->is_audio ? &cfg->audio : &cfg->live;
    if (!conn->use->admit || (!conn->is_audio && !vtb_str_is(req->path, VTB_LIT("/ws"))))
        return (struct refusal){ 404, "absent", "There is no socket at this address." };
    if (!web_text_has_token(header_of(conn, WSI_TOKEN_PROTOCOL, room, sizeof room),
                            conn->is_audio ? WEB_AUDIO : WEB_PROTOCOL))
        return (struct refusal){ 400, "protocol", conn->is_audio ? "This socket speaks " WEB_AUDIO " only."
                                                                 : "This socket speaks " WEB_PROTOCOL " only." };
    return (struct refusal){ 0 };
}

static struct refusal form_gate(struct web_conn *conn, const struct vtb_web_request *req)
{
    struct refusal no;
    char room[128];
    char *uri;
    int len;

    if (lws_http_get_uri_and_method(conn->wsi, &uri, &len) != LWSHUMETH_GET ||
        lws_hdr_total_length(conn->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0 ||
        lws_hdr_total_length(conn->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return (struct refusal){ 400, "upgrade", "A socket is opened by a GET without a body." };
    no = way_gate(conn, req);
    if (no.status)
        return no;
    if (!vtb_str_is(header_of(conn, WSI_TOKEN_VERSION, room, sizeof room), VTB_LIT("13")) ||
        lws_hdr_total_length(conn->wsi, WSI_TOKEN_KEY) <= 0)
        return (struct refusal){ 400, "upgrade", "This is not a WebSocket of version 13." };
    return (struct refusal){ 0 };
}

static struct refusal policy_gate(struct web_conn *conn, struct vtb_web_request *req)
{
    struct vtb_web *web = conn->web;
    enum web_scheme scheme = conn->is_proxied ? WEB_EITHER : conn->is_tls ? WEB_HTTPS : WEB_HTTP;
    void *user = NULL;
    int status;

    if (web->is_stopping)
        return (struct refusal){ 503, "restarting",
                                 "The server is restarting. Try again in a moment." };
    if (!web_text_is_ours(&web->origins, scheme, req->fields[VTB_WEB_ORIGIN],
                          req->fields[VTB_WEB_HOST]))
        return (struct refusal){ 403, "origin", "This request did not come from this site." };
    status = conn->use->admit(conn->use->ctx, req, &user);
    if (status)
        return (struct refusal){ status, "denied", "You may not open this meeting's socket." };
    conn->is_admitted = true;
    conn->user = user;
    return (struct refusal){ 0 };
}

int web_socket_confirm(struct web_conn *conn)
{
    struct vtb_web_request *req = web_request_read(conn);
    struct refusal no;

    if (!req)
        return -1;
    conn->web->figures.requests++;
    no = form_gate(conn, req);
    if (!no.status)
        no = policy_gate(conn, req);
    if (no.status)
        web_answer_refuse_now(req, no.status, no.word, no.message);
    web_request_free(req);
    return no.status ? -1 : 0;
}

int web_socket_filter(struct web_conn *conn)
{
    return conn->is_admitted ? 0 : -1;
}

static vtb_web_socket handle_of(const struct web_conn *conn)
{
    return (vtb_web_socket){ conn->index, conn->socket->generation };
}

int web_socket_open(struct web_conn *conn)
{
    struct vtb_web *web = conn->web;
    struct web_socket *socket = calloc(1, sizeof *socket);

    if (!socket)
        return -1;
    socket->generation = web_generation(web);
    conn->socket = socket;
    web->figures.sockets++;
    web->figures.sockets_now++;
    if (web->is_stopping)
        web_socket_end(conn, LWS_CLOSE_STATUS_GOINGAWAY, "restarting");
    if (conn->is_audio)
        web_audio_options(conn);
    if (conn->use->opened)
        conn->use->opened(conn->use->ctx, handle_of(conn), conn->user);
    return 0;
}

static void lane_free(struct web_lane *lane)
{
    web_lane_drop_ring(lane);
    web_lane_drop_slots(lane);
}

void web_socket_gone(struct web_conn *conn)
{
    struct vtb_web *web = conn->web;
    vtb_web_socket handle = { conn->index, 0 };
    struct web_socket *socket = conn->socket;

    conn->socket = NULL;
    if (socket) {
        handle.generation = socket->generation;
        lane_free(&socket->lane);
        web_queue_empty(&socket->queue);
        free(socket->text);
        free(socket);
        web->figures.sockets_now--;
    }
    if (conn->is_admitted) {
        conn->is_admitted = false;
        if (conn->use->closed)
            conn->use->closed(conn->use->ctx, handle, conn->user);
    }
}

void web_socket_end(struct web_conn *conn, unsigned code, const char *reason)
{
    struct web_socket *socket = conn->socket;

    if (!socket || socket->closing)
        return;
    socket->closing = true;
    socket->code = code;
    snprintf(socket->reason, sizeof socket->reason, "%s", reason);
    web_lane_drop_slots(&socket->lane);
    web_queue_empty(&socket->queue);
    conn->kill_ms = web_now_ms(conn->web) + CLOSE_MS; /* a stalled reader never takes the frame */
    lws_callback_on_writable(conn->wsi);
}

/* ---- in ---- */

static int refuse_message(struct web_conn *conn, enum lws_close_status code, const char *why)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%s", why);

    lws_close_reason(conn->wsi, code, (unsigned char *)text, (size_t)n);
    return -1;
}

int web_socket_text(struct web_conn *conn, const uint8_t *in, size_t len)
{
    struct web_socket *socket = conn->socket;
    struct vtb_web *web = conn->web;
    bool is_whole = lws_is_final_fragment(conn->wsi) != 0;
    struct vtb_str text;

    if (!socket || socket->closing)
        return 0;
    if (lws_frame_is_binary(conn->wsi))
        return refuse_message(conn, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text only");
    if (socket->text_len + len > VTB_WEB_MESSAGE_MAX)
        return refuse_message(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "64 kB at most");
    if (is_whole && socket->text_len == 0) {
        text = (struct vtb_str){ (const char *)in, len };
    } else {
        if (!socket->text) {
            socket->text = malloc(VTB_WEB_MESSAGE_MAX);
            if (!socket->text)
                return -1;
        }
        if (len)
            memcpy(socket->text + socket->text_len, in, len);
        socket->text_len += len;
        if (!is_whole)
            return 0;
        text = (struct vtb_str){ (const char *)socket->text, socket->text_len };
    }
    web->figures.messages_in++;
    if (web->cfg.live.message)
        web->cfg.live.message(web->cfg.live.ctx, handle_of(conn), conn->user, text);
    /* Messages in pieces are rare: the room goes back at once. */
    free(socket->text);
    socket->text = NULL;
    socket->text_len = 0;
    return 0;
}

/* ---- out ---- */

/* lws_close_reason and -1 would lose the frame: with libuv, lws closes twice after a writable
   callback that failed, and the second time at once. So the frame is written here, and the peer
   answers it, or the sweep hangs up. */
static int send_close(struct web_conn *conn)
{
    struct web_socket *socket = conn->socket;
    size_t len = strlen(socket->reason);
    uint8_t frame[LWS_PRE + 4 + sizeof socket->reason], *at = frame + LWS_PRE;

    at[0] = 0x88; /* final, close (RFC 6455, 5.5.1) */
    at[1] = (uint8_t)(2 + len); /* at most 125: the reason has 123 bytes */
    vtb_put_u16(at + 2, (uint16_t)socket->code);
    memcpy(at + 4, socket->reason, len);
    socket->is_close_sent = true;
    conn->kill_ms = web_now_ms(conn->web) + CLOSE_MS;
    return lws_write(conn->wsi, at, len + 4, LWS_WRITE_RAW) < 0 ? -1 : 0;
}

int web_socket_peer_closes(struct web_conn *conn)
{
    return conn->socket && conn->socket->is_close_sent ? -1 : 0; /* it answers ours: done */
}

int web_socket_write(struct web_conn *conn)
{
    struct web_socket *socket = conn->socket;
    struct vtb_web *web = conn->web;
    struct vtb_blob *blob;
    size_t len;
    int sent;

    if (!socket || socket->is_close_sent)
        return 0;
    if (conn->is_audio && !socket->closing)
        return web_audio_write(conn);
    if (socket->lane.is_behind && !socket->closing) {
        socket->lane.is_behind = false;
        if (web->cfg.live.resync)
            web->cfg.live.resync(web->cfg.live.ctx, handle_of(conn), conn->user);
    }
    blob = web_lane_take(&socket->lane);
    if (!blob) {
        return socket->closing && !socket->is_close_sent ? send_close(conn) : 0;
    }
    len = vtb_blob_len(blob);
    sent = lws_write(conn->wsi, vtb_blob_data(blob), len, LWS_WRITE_TEXT);
    vtb_blob_unref(blob);
    if (sent < 0)
        return -1;
    web->figures.messages_out++;
    web->figures.bytes_out += len;
    if (socket->closing || socket->lane.is_behind || !web_lane_is_empty(&socket->lane))
        lws_callback_on_writable(conn->wsi);
    return 0;
}

struct web_conn *web_socket_find(struct vtb_web *web, vtb_web_socket socket)
{
    struct web_conn *conn = socket.index < web->cfg.fd_limit ? web->conns[socket.index] : NULL;

    if (!conn || !conn->socket || socket.generation == 0 ||
        conn->socket->generation != socket.generation)
        return NULL;
    return conn;
}

void vtb_web_send(struct vtb_web *web, vtb_web_socket handle, struct vtb_blob *blob)
{
    struct web_conn *conn = web_socket_find(web, handle);
    struct web_socket *socket;
    uint64_t now;

    if (!conn || conn->socket->closing)
        return;
    socket = conn->socket;
    if (web_lane_push(&socket->lane, blob)) {
        now = vtb_mono_us();
        web->figures.overflows++;
        if (socket->overflow_us && now - socket->overflow_us < RELAPSE_US) {
            web->figures.closed_slow++;
            web_socket_end(conn, 1013, "too slow");
            return;
        }
        socket->overflow_us = now;
    }
    lws_callback_on_writable(conn->wsi);
}

void vtb_web_send_latest(struct vtb_web *web, vtb_web_socket handle, unsigned kind,
                         struct vtb_blob *blob)
{
    struct web_conn *conn = web_socket_find(web, handle);

    if (!conn || conn->socket->closing || kind >= VTB_WEB_SLOTS)
        return;
    web_lane_put(&conn->socket->lane, kind, blob);
    lws_callback_on_writable(conn->wsi);
}

void vtb_web_socket_close(struct vtb_web *web, vtb_web_socket handle, unsigned code,
                          const char *reason)
{
    struct web_conn *conn = web_socket_find(web, handle);

    if (conn)
        web_socket_end(conn, code, reason);
}

void *vtb_web_socket_user(struct vtb_web *web, vtb_web_socket handle)
{
    struct web_conn *conn = web_socket_find(web, handle);

    return conn ? conn->user : NULL;
}
