/*
 * ear.c - the sound of a seat over a web connection of its own, where UDP does not pass.
 *
 * It belongs to the seat's signalling socket, by the same cookie: it is admitted while that is in the room
 * (or waits for its item), ends with it, and hears and is heard by the same gate (sound_gates). A frame
 * that is none, or too many, ends it with a code that says so.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES_PER_SECOND 75.0  /* 20 ms frames are 50; a clock may be off, a stall made good for */
#define FRAMES_BURST      100.0 /* what a link that stood still for two seconds brings at once */

struct ear {
    struct vtb_live *live;
    struct conn *conn; /* NULL: the seat's socket ended first */
    vtb_web_socket socket;
    double tokens;
    uint64_t tokens_us;
};

/* The socket of the meeting that this cookie opened and that is let in. */
static struct conn *find_seat(struct vtb_live *live, const char *digest, struct vtb_id meeting)
{
    for (struct conn *conn = live->conns; conn; conn = conn->next)
        if ((conn->state == CONN_IN || conn->state == CONN_WAITING) && conn->room &&
            vtb_id_is(conn->room->id, meeting) && strcmp(conn->digest, digest) == 0)
            return conn;
    return NULL;
}

static int admit(void *ctx, struct vtb_web_request *req, void **out_user)
{
    struct vtb_live *live = ctx;
    char token[VTB_TOKEN_TEXT], digest[VTB_DIGEST_TEXT];
    struct vtb_id meeting;
    struct conn *conn;
    struct ear *ear;

    if (vtb_cookie_read(vtb_web_request_field(req, VTB_WEB_COOKIE), VTB_COOKIE_SESSION, token) != VTB_OK ||
        vtb_token_digest(vtb_str_of(token), digest) != VTB_OK)
        return 401;
    if (!live->media)
        return 503;
    if (vtb_id_parse(vtb_web_request_query(req, "meeting"), &meeting) != VTB_OK)
        return 404;
    conn = find_seat(live, digest, meeting);
    if (!conn)
        return 403;
    ear = calloc(1, sizeof *ear);
    if (!ear)
        return 503;
    ear_drop(conn, EAR_REPLACED);
    *ear = (struct ear){ .live = live, .conn = conn, .tokens = FRAMES_BURST, .tokens_us = vtb_mono_us() };
    conn->ear = ear;
    *out_user = ear;
    return 0;
}

static void opened(void *ctx, vtb_web_socket socket, void *user)
{
    struct ear *ear = user;
    struct conn *conn = ear->conn;
    struct vtb_live *live = ctx;

    ear->socket = socket;
    if (!conn) {
        vtb_web_socket_close(live->web, socket, EAR_SEAT_ENDED, "the seat's socket ended");
        return;
    }
    if (!live->media || vtb_media_add_stream_peer(live->media, conn->room->id, &conn->ear_peer) != VTB_OK) {
        conn->ear_peer = (vtb_peer){ 0, 0 };
        ear_drop(conn, 1013);
        return;
    }
    live->peers[conn->ear_peer.index] = conn;
    sound_pair(conn);
    sound_gates(conn->room);
}

static bool may_send(struct ear *ear)
{
    uint64_t now = vtb_mono_us();

    ear->tokens += (double)(now - ear->tokens_us) / 1e6 * FRAMES_PER_SECOND;
    ear->tokens_us = now;
    if (ear->tokens > FRAMES_BURST)
        ear->tokens = FRAMES_BURST;
    ear->tokens -= 1.0;
    return ear->tokens >= 0;
}

static void frame(void *ctx, vtb_web_socket socket, void *user, struct vtb_str bytes)
{
    struct ear *ear = user;
    struct conn *conn = ear->conn;
    struct vtb_live *live = ctx;

    (void)socket;
    if (!conn || conn->ear_peer.generation == 0)
        return;
    if (!may_send(ear)) {
        live->figures.refused++;
        ear_drop(conn, EAR_TOO_MANY);
        return;
    }
    switch (vtb_media_put_frame(live->media, conn->ear_peer, (const uint8_t *)bytes.at, bytes.len)) {
    case VTB_PARSE: case VTB_LIMIT:
        live->figures.refused++;
        ear_drop(conn, EAR_MALFORMED);
        break;
    case VTB_OK: case VTB_AGAIN: case VTB_ABSENT: case VTB_DENIED: case VTB_STALE: case VTB_TIMEOUT:
    case VTB_CLOSED: case VTB_NOMEM: case VTB_SYS: case VTB_CORRUPT:
        break; /* a frame lost on the way down */
    }
}

static void closed(void *ctx, vtb_web_socket socket, void *user)
{
    struct ear *ear = user;

    (void)ctx;
    (void)socket;
    if (ear->conn)
        ear_drop(ear->conn, 0);
    free(ear);
}

static const char *words_of(unsigned code)
{
    return code == EAR_MALFORMED ? "not a frame of sound" : code == EAR_TOO_MANY ? "too many frames"
         : code == EAR_REPLACED ? "opened again" : code == 1013 ? "the room is full" : "";
}

/* The seat hears and speaks by UDP alone from here. The socket, if it is open, ends with `code` (0: it has ended). */
void ear_drop(struct conn *conn, unsigned code)
{
    struct vtb_live *live = conn->live;
    struct ear *ear = conn->ear;

    if (!ear)
        return;
    conn->ear = NULL;
    ear->conn = NULL;
    if (conn->ear_peer.generation) {
        if (live->media && vtb_media_drop_peer(live->media, conn->ear_peer) != VTB_OK)
            VTB_LOG(VTB_WARN, "media.drop", VTB_U64("peer", conn->ear_peer.index));
        if (live->peers[conn->ear_peer.index] == conn)
            live->peers[conn->ear_peer.index] = NULL;
    }
    conn->ear_peer = (vtb_peer){ 0, 0 };
    conn->is_ear_receiving = false;
    if (code && ear->socket.generation)
        vtb_web_socket_close(live->web, ear->socket, code, words_of(code));
}

/* After media notified: one buffer for all who are to have this frame. */
void ear_turn(struct vtb_live *live)
{
    const struct vtb_media_frames *frames;

    while (live->media && (frames = vtb_media_frames(live->media)) != NULL) {
        struct vtb_blob *blob = vtb_blob_make(frames->data, frames->len);

        for (size_t i = 0; blob && i < frames->to_n; i++) {
            struct conn *conn = live->peers[frames->to[i].index];

            if (conn && conn->ear && vtb_peer_is(conn->ear_peer, frames->to[i]))
                vtb_web_send_frame(live->web, conn->ear->socket, blob);
        }
        vtb_blob_unref(blob);
        vtb_media_frames_done(live->media);
    }
}

struct vtb_web_live vtb_live_audio(struct vtb_live *live)
{
    return (struct vtb_web_live){ .ctx = live, .admit = admit, .opened = opened, .message = frame, .closed = closed };
}
