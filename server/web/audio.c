/*
 * audio.c - a socket that carries sound: binary frames each way, nothing kept for long.
 *
 * It is a connection of its own, so a slide on its way never stands before a word. The kernel is told to
 * take little (TCP_NOTSENT_LOWAT, SO_SNDBUF): what waits, waits in our queue, where it can be dropped.
 */
#include "inner.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#define NOTSENT_BYTES 512   /* some three frames under TLS; epoll says writable below it */
#define SEND_BYTES    16384 /* on the way and not acknowledged: near a second at 50 small segments */

void web_audio_options(struct web_conn *conn)
{
    int fd = lws_get_socket_fd(conn->wsi), one = 1, lowat = NOTSENT_BYTES, send = SEND_BYTES;

    if (conn->is_proxied)
        return; /* a unix socket has none of these */
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof lowat) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof send) != 0)
        VTB_LOG(VTB_WARN, "web.audio_options");
}

/* A frame may come in pieces, as the segments fall; more than a frame is none. */
int web_audio_frame(struct web_conn *conn, const uint8_t *in, size_t len)
{
    struct web_socket *socket = conn->socket;
    struct vtb_web *web = conn->web;
    bool is_whole = lws_is_final_fragment(conn->wsi) != 0;

    if (!socket || socket->closing)
        return 0;
    if (!lws_frame_is_binary(conn->wsi)) {
        web_socket_end(conn, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "frames of sound only");
        return 0;
    }
    if (socket->text_len + len > VTB_WEB_FRAME_MAX) {
        web_socket_end(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "longer than a frame of sound");
        return 0;
    }
    if (!is_whole || socket->text_len) {
        if (!socket->text)
            socket->text = malloc(VTB_WEB_FRAME_MAX);
        if (!socket->text)
            return -1;
        if (len)
            memcpy(socket->text + socket->text_len, in, len);
        socket->text_len += len;
        if (!is_whole)
            return 0;
        in = socket->text;
        len = socket->text_len;
        socket->text_len = 0;
    }
    web->figures.frames_in++;
    if (conn->use->message)
        conn->use->message(conn->use->ctx, (vtb_web_socket){ conn->index, socket->generation }, conn->user,
                           (struct vtb_str){ (const char *)in, len });
    return 0;
}

static int write_frame(struct web_conn *conn, struct vtb_blob *blob)
{
    if (lws_write(conn->wsi, vtb_blob_data(blob), vtb_blob_len(blob), LWS_WRITE_BINARY) < 0)
        return -1;
    conn->web->figures.frames_out++;
    return 0;
}

/* A link that was choked takes again: one frame a turn of the loop, as everywhere. */
int web_audio_write(struct web_conn *conn)
{
    struct web_socket *socket = conn->socket;
    uint64_t dropped = socket->queue.dropped;
    struct vtb_blob *blob = web_queue_take(&socket->queue, vtb_mono_us());
    int err;

    conn->web->figures.frames_dropped += socket->queue.dropped - dropped;
    if (!blob)
        return 0;
    err = write_frame(conn, blob);
    vtb_blob_unref(blob);
    if (err)
        return -1;
    if (socket->queue.used)
        lws_callback_on_writable(conn->wsi);
    return 0;
}

void vtb_web_send_frame(struct vtb_web *web, vtb_web_socket handle, struct vtb_blob *blob)
{
    struct web_conn *conn = web_socket_find(web, handle);
    uint64_t dropped;

    if (!conn || conn->socket->closing || !conn->is_audio)
        return;
    /* Nearly always the link takes it at once: two system calls in place of the five and the turn of the loop that
     * asking for a writable callback costs, for each listener fifty times a second. lws keeps what the kernel takes
     * of a frame only in part, and calls itself choked until that is gone. */
    if (!conn->socket->queue.used && !lws_send_pipe_choked(conn->wsi)) {
        if (write_frame(conn, blob))
            shutdown(lws_get_socket_fd(conn->wsi), SHUT_RDWR); /* outside its callbacks lws is closed this way */
        return;
    }
    dropped = conn->socket->queue.dropped;
    web_queue_push(&conn->socket->queue, blob, vtb_mono_us());
    web->figures.frames_dropped += conn->socket->queue.dropped - dropped;
    lws_callback_on_writable(conn->wsi);
}
