/*
 * device.c - room systems: programs that speak (WHIP) or listen (WHEP) with a token, without our client.
 *
 * A room is a seat like any other, behind the same gates: a `conn` without a socket. Its microphone and its ear are
 * a media peer each, one session of HTTP each (VTB_MAX_DEVICE_SESSIONS), paired as one person's, so that a
 * room never hears itself. What a browser says of itself every two seconds (I am here, I hear you) is
 * said here for it, from what the media plane knows.
 *
 *     offer -> room loads -> seat -> media peer -> answer ... ended by DELETE, or lost after 30 s without consent
 *
 * A second microphone is refused while the first brings sound; else, and for the ear always, the later
 * session takes over: a room that lost its power has no time to wait for its own shadow.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(VTB_MAX_DEVICE_SESSIONS == VTB_LIVE_WAYS, "a microphone and an ear");

#define POSTS_US (UINT64_C(60) * 1000000)
#define BUSY     "The server is busy. Nothing was begun; try again in a second."

struct way {
    struct vtb_live_session session; /* name "": none */
    char ufrag[VTB_MEDIA_ICE_CHARS + 1];
    char *offer;                     /* until there is a seat to offer it to */
    size_t offer_len;
    bool is_connected;
    vtb_live_device_answered *done;  /* somebody waits for an answer */
    void *ctx;
};

struct device {
    struct conn *conn;
    struct vtb_id vouched_by;
    struct way ways[VTB_LIVE_WAYS];
};

static vtb_peer *peer_of(struct conn *conn, enum vtb_live_way way)
{
    return way == VTB_LIVE_SPEAKS ? &conn->peer : &conn->ear_peer;
}

static void answer(struct way *way, enum vtb_err err, const char *message, const char *sdp)
{
    vtb_live_device_answered *done = way->done;

    way->done = NULL;
    if (done)
        done(way->ctx, err, message, sdp, &way->session);
}

static void way_clear(struct way *way)
{
    free(way->offer);
    *way = (struct way){ 0 };
}

static void drop_peer(struct conn *conn, enum vtb_live_way which)
{
    struct vtb_live *live = conn->live;
    vtb_peer *peer = peer_of(conn, which);

    if (!peer->generation)
        return;
    if (live->media && vtb_media_drop_peer(live->media, *peer) != VTB_OK)
        VTB_LOG(VTB_WARN, "media.drop", VTB_U64("peer", peer->index));
    if (live->peers[peer->index] == conn)
        live->peers[peer->index] = NULL;
    *peer = (vtb_peer){ 0, 0 };
    if (which == VTB_LIVE_SPEAKS)
        conn->is_connected = conn->is_receiving = conn->is_echoing = false;
    conn->has_link = conn->is_losing = false;
}

static void append(struct conn *conn, enum vtb_err err)
{
    bool is_change = !err && conn->live->events.n > 0;

    if (is_change)
        (void)room_append(conn->room, NULL, NULL); /* logged there; the next second asks again */
    vtb_events_fini(&conn->live->events);
    if (is_change)
        sound_gates(conn->room);
}

/* The microphone is open while its program sends, as far as device.c of the meeting lets it. */
static void follow_microphone(struct conn *conn)
{
    struct vtb_live *live = conn->live;

    if (conn->state == CONN_IN && conn->room->log && !live->is_failing && conn->device->ways[VTB_LIVE_SPEAKS].is_connected)
        append(conn, vtb_meeting_device_opens(room_tail(conn->room), conn->seat, vtb_wall_us(), &live->events));
}

static void close_microphone(struct conn *conn, bool by_hand)
{
    struct vtb_live *live = conn->live;

    if (conn->state == CONN_IN && conn->room->log)
        append(conn, vtb_meeting_device_closes(room_tail(conn->room), conn->seat, by_hand, vtb_wall_us(), &live->events));
}

/* Both ways are over: the room gives back its seat. */
static void leave(struct conn *conn)
{
    struct vtb_live *live = conn->live;

    if (conn->state == CONN_IN && conn->room->log)
        append(conn, vtb_meeting_gone(room_tail(conn->room), conn->seat, vtb_wall_us(), &live->events));
    conn_over(conn, NULL, 1000);
}

static void way_end(struct conn *conn, enum vtb_live_way which, bool by_hand)
{
    struct device *device = conn->device;
    struct way *way = &device->ways[which];

    answer(way, VTB_CLOSED, "This session was ended while it was being set up.", NULL);
    drop_peer(conn, which);
    way_clear(way);
    if (which == VTB_LIVE_SPEAKS)
        close_microphone(conn, by_hand);
    if (!device->ways[VTB_LIVE_SPEAKS].session.name[0] && !device->ways[VTB_LIVE_LISTENS].session.name[0])
        leave(conn);
}

/* ---- from offer to answer ---- */

static bool may_sound(const struct conn *conn)
{
    struct vtb_caller caller;
    struct vtb_standing standing;

    if (conn->state == CONN_WAITING)
        return true; /* set up ahead and kept deaf, as for every guest */
    caller = conn_caller(conn, room_tail(conn->room));
    standing = vtb_meeting_standing(room_tail(conn->room), &caller, conn->seat);
    return vtb_policy_may(VTB_DEED_MEDIA_ASK, &standing);
}

static void give_offer(struct conn *conn, enum vtb_live_way which)
{
    struct vtb_live *live = conn->live;
    struct way *way = &conn->device->ways[which];
    vtb_peer *peer = peer_of(conn, which);
    enum vtb_err err = may_sound(conn) ? VTB_OK : VTB_DENIED;

    drop_peer(conn, which);
    way->is_connected = false;
    if (!err)
        err = vtb_media_offer_peer(live->media, conn->room->id, conn->local, which == VTB_LIVE_SPEAKS, way->offer,
                                   way->offer_len, peer);
    free(way->offer);
    way->offer = NULL;
    if (err) {
        *peer = (vtb_peer){ 0, 0 };
        answer(way, err == VTB_DENIED ? err : VTB_AGAIN, err == VTB_DENIED ? vtb_deed_refusal(VTB_DEED_MEDIA_ASK) : BUSY, NULL);
        way_end(conn, which, false);
        return;
    }
    live->peers[peer->index] = conn;
    sound_pair(conn);
    sound_gates(conn->room);
}

/* The seat stands, or the guest waits for its item: what was offered meanwhile goes to the media plane. */
void device_in(struct conn *conn)
{
    for (enum vtb_live_way way = 0; way < VTB_LIVE_WAYS && conn->state != CONN_OVER; way++)
        if (conn->device->ways[way].offer)
            give_offer(conn, way);
    if (conn->state == CONN_IN)
        follow_microphone(conn);
}

void device_refused(struct conn *conn, enum vtb_err err, const char *message)
{
    for (enum vtb_live_way way = 0; way < VTB_LIVE_WAYS; way++)
        answer(&conn->device->ways[way], err, message ? message : "That cannot be done now.", NULL);
    conn_over(conn, NULL, 1000);
}

void device_over(struct conn *conn)
{
    for (enum vtb_live_way way = 0; way < VTB_LIVE_WAYS; way++) {
        answer(&conn->device->ways[way], VTB_CLOSED, "This meeting is over, or the token was revoked.", NULL);
        drop_peer(conn, way);
        way_clear(&conn->device->ways[way]);
    }
}

static void device_free(struct conn *conn)
{
    device_over(conn);
    free(conn->device);
    conn->device = NULL;
    conn_forget(conn);
}

static struct conn *conn_of(struct vtb_live *live, struct vtb_id device, struct vtb_id meeting)
{
    for (struct conn *conn = live->conns; conn; conn = conn->next)
        if (conn->device && conn->state != CONN_OVER && vtb_id_is(conn->session.id, device) &&
            vtb_id_is(conn->meeting, meeting))
            return conn;
    return NULL;
}

static struct conn *device_make(struct vtb_live *live, const struct vtb_live_device *who, const char *local)
{
    struct device *device = calloc(1, sizeof *device);
    struct conn *conn = device ? conn_make(live) : NULL;

    if (!conn) {
        free(device);
        return NULL;
    }
    if (vtb_str_copy(vtb_str_of(local), conn->local, sizeof conn->local) != VTB_OK)
        conn->local[0] = '\0';
    conn->device = device;
    device->conn = conn;
    device->vouched_by = who->vouched_by;
    conn->meeting = who->meeting;
    conn->session = (struct vtb_session){ .id = who->id, .person = who->id, .meeting = who->meeting,
                                          .until_us = who->until_us, .is_guest = who->items_n > 0, .items_n = who->items_n };
    memcpy(conn->session.items, who->items, sizeof conn->session.items);
    memcpy(conn->session.name, who->name, sizeof conn->session.name);
    memcpy(conn->session.site, who->site, sizeof conn->session.site);
    conn->state = CONN_HELLO;
    return conn;
}

bool vtb_live_device_may(struct vtb_live *live, struct vtb_id device)
{
    uint64_t now = vtb_mono_us();
    size_t at = 0;

    for (size_t i = 0; i < VTB_COUNT(live->posts); i++) {
        if (vtb_id_is(live->posts[i].device, device)) {
            at = i;
            break;
        }
        if (live->posts[i].since_us < live->posts[at].since_us)
            at = i;
    }
    if (!vtb_id_is(live->posts[at].device, device) || now - live->posts[at].since_us >= POSTS_US) {
        live->posts[at].device = device;
        live->posts[at].since_us = now;
        live->posts[at].n = 0;
    }
    return live->posts[at].n++ < VTB_MAX_DEVICE_POSTS_MINUTE;
}

/* Another session of this way that must not be pushed out. */
static const char *taken(const struct conn *conn, enum vtb_live_way which)
{
    if (!conn)
        return NULL;
    if (conn->device->ways[which].done)
        return "This room is being connected already. Try again in a moment.";
    if (which == VTB_LIVE_SPEAKS && conn->is_receiving)
        return "This room speaks already, by another connection. End that one first, or make a token of its own.";
    return NULL;
}

void vtb_live_device_offer(struct vtb_live *live, const struct vtb_live_device *who, enum vtb_live_way which,
                           const char *local, struct vtb_str sdp, vtb_live_device_answered *done, void *ctx)
{
    struct conn *conn = conn_of(live, who->id, who->meeting);
    const char *message = taken(conn, which);
    struct vtb_live_session none = { .etag = 0 };
    struct vtb_media_fragment ice;
    char digest[VTB_DIGEST_TEXT];
    bool is_new = !conn;
    struct way *way;

    if (message || vtb_media_fragment(sdp.at, sdp.len, &ice) != VTB_OK || !live->media) {
        done(ctx, message ? VTB_STALE : live->media ? VTB_PARSE : VTB_AGAIN,
             message ? message : live->media ? "This is no session description (SDP)." : BUSY, NULL, &none);
        return;
    }
    conn = is_new ? device_make(live, who, local) : conn;
    way = conn ? &conn->device->ways[which] : NULL;
    if (way)
        way_clear(way);
    if (way && (way->offer = malloc(sdp.len ? sdp.len : 1)) != NULL) {
        memcpy(way->offer, sdp.at, sdp.len);
        way->offer_len = sdp.len;
        memcpy(way->ufrag, ice.ufrag, sizeof way->ufrag);
        vtb_token_make(way->session.name, digest);
        way->session.device = who->id;
        way->session.way = which;
        way->session.etag = 1;
        way->done = done;
        way->ctx = ctx;
    } else {
        done(ctx, VTB_NOMEM, BUSY, NULL, &none);
        if (conn && is_new)
            conn_over(conn, NULL, 1000);
        return;
    }
    if (!is_new && (conn->state == CONN_IN || conn->state == CONN_WAITING))
        give_offer(conn, which);
    else if (is_new && !room_enter(live, conn, who->meeting))
        device_refused(conn, VTB_AGAIN, "The meeting cannot be opened just now. Try again in a second.");
}

/* ---- a session, by the name that stands in its address ---- */

static struct way *find(struct vtb_live *live, struct vtb_str name, struct conn **out_conn)
{
    for (struct conn *conn = live->conns; conn && name.len; conn = conn->next)
        for (enum vtb_live_way way = 0; conn->device && way < VTB_LIVE_WAYS; way++)
            if (vtb_str_is(name, vtb_str_of(conn->device->ways[way].session.name))) {
                *out_conn = conn;
                return &conn->device->ways[way];
            }
    return NULL;
}

bool vtb_live_device_session(struct vtb_live *live, struct vtb_str name, struct vtb_live_session *out)
{
    struct conn *conn;
    struct way *way = find(live, name, &conn);

    if (way)
        *out = way->session;
    return way != NULL;
}

bool vtb_live_device_is_ice(struct vtb_live *live, struct vtb_str name, const char *ufrag)
{
    struct conn *conn;
    struct way *way = find(live, name, &conn);

    return way && strcmp(way->ufrag, ufrag) == 0;
}

void vtb_live_device_restart(struct vtb_live *live, struct vtb_str name, const char *ufrag,
                             vtb_live_device_answered *done, void *ctx)
{
    struct vtb_live_session none = { .etag = 0 };
    struct conn *conn = NULL;
    struct way *way = find(live, name, &conn);
    enum vtb_err err = !way ? VTB_ABSENT : way->done ? VTB_AGAIN : VTB_OK;

    if (!err)
        err = vtb_media_restart(live->media, *peer_of(conn, way->session.way));
    if (!err)
        err = vtb_str_copy(vtb_str_of(ufrag), way->ufrag, sizeof way->ufrag);
    if (err) {
        done(ctx, err, err == VTB_ABSENT ? "There is no such session." : BUSY, NULL, way ? &way->session : &none);
        return;
    }
    way->session.etag++;
    way->done = done;
    way->ctx = ctx;
}

bool vtb_live_device_end(struct vtb_live *live, struct vtb_str name)
{
    struct conn *conn = NULL;
    struct way *way = find(live, name, &conn);

    if (way)
        way_end(conn, way->session.way, true);
    return way != NULL;
}

json_t *vtb_live_relays(const struct vtb_live *live, struct vtb_id whom)
{
    return turn_servers(&live->cfg.turn, whom, vtb_wall_us());
}

/* ---- what the media plane tells ---- */

static const char *refusal(enum vtb_err err)
{
    return err == VTB_ABSENT ? "No Opus audio is offered (opus/48000). Nothing else is taken."
         : err == VTB_DENIED ? "The offer lacks what is needed: rtcp-mux, a sha-256 fingerprint, ICE, setup actpass or active, "
                               "and the right direction (sendonly to speak, recvonly to listen)."
         : err == VTB_PARSE ? "This is no session description (SDP)."
         : err == VTB_LIMIT ? "The offer has more parts, or longer ones, than are read." : BUSY;
}

/* As live.h says it: DENIED is the policy's word, and LIMIT that of a full meeting. */
static enum vtb_err offer_err(enum vtb_err err)
{
    return err == VTB_DENIED || err == VTB_LIMIT ? VTB_CORRUPT : err;
}

/* True: it was a device's. */
bool device_take(struct conn *conn, const struct vtb_media_event *event)
{
    enum vtb_live_way which;
    struct way *way;

    if (!conn || !conn->device)
        return false;
    which = vtb_peer_is(conn->ear_peer, event->peer) ? VTB_LIVE_LISTENS : VTB_LIVE_SPEAKS;
    way = &conn->device->ways[which];
    if (event->kind == VTB_MEDIA_ANSWER) {
        answer(way, VTB_OK, NULL, event->sdp);
    } else if (event->kind == VTB_MEDIA_CONNECTED) {
        way->is_connected = true;
        conn->is_connected = conn->device->ways[VTB_LIVE_SPEAKS].is_connected;
        sound_gates(conn->room);
        follow_microphone(conn);
    } else if (event->kind == VTB_MEDIA_REFUSED || event->kind == VTB_MEDIA_GONE) {
        conn->live->peers[event->peer.index] = NULL;
        *peer_of(conn, which) = (vtb_peer){ 0, 0 };
        if (which == VTB_LIVE_SPEAKS)
            conn->is_connected = conn->is_receiving = false;
        answer(way, event->kind == VTB_MEDIA_GONE ? VTB_CLOSED : offer_err(event->err), refusal(event->err), NULL);
        way_end(conn, which, false);
    } else {
        return false;
    }
    return true;
}

/* One link of a person: the way up as its microphone has it, the way down as its ear. */
struct vtb_media_link device_link(const struct conn *conn, const struct vtb_media_event *event)
{
    struct vtb_media_link link = conn->measured, now = event->link;

    if (vtb_peer_is(conn->ear_peer, event->peer)) {
        link.rung = now.rung;
        link.lost_down_pct = now.lost_down_pct;
        link.jitter_down_ms = now.jitter_down_ms;
    } else {
        link.lost_up_pct = now.lost_up_pct;
        link.made_up_pct = now.made_up_pct;
        link.jitter_up_ms = now.jitter_up_ms;
        link.delay_up_ms = now.delay_up_ms;
    }
    link.rtt_ms = now.rtt_ms ? now.rtt_ms : link.rtt_ms;
    return link;
}

bool device_hears(const struct conn *conn)
{
    return conn->device->ways[VTB_LIVE_LISTENS].is_connected;
}

struct vtb_id device_vouched_by(const struct conn *conn)
{
    return conn->device->vouched_by;
}

/* ---- time ---- */

static void say_for_it(struct conn *conn)
{
    conn->has_beat = true;
    conn->beat = (struct vtb_ask_beat){ .hearing = device_hears(conn),
        .mic = conn->device->ways[VTB_LIVE_SPEAKS].is_connected ? VTB_ASK_BEAT_MIC_ON : VTB_ASK_BEAT_MIC_NONE,
        .rtt_ms = conn->has_link ? conn->measured.rtt_ms ? conn->measured.rtt_ms : 1 : 0,
        .picture = VTB_ASK_BEAT_PICTURE_NONE };
    presence_seen(conn);
}

/* Once a second. */
void device_tick(struct vtb_live *live)
{
    struct conn *next;

    for (struct conn *conn = live->conns; conn; conn = next) {
        next = conn->next;
        if (!conn->device)
            continue;
        if (conn->state != CONN_OVER && conn->room && conn->room->log &&
            room_tail(conn->room)->phase == VTB_MEETING_CLOSED)
            conn_over(conn, NULL, 1000);
        if (conn->state == CONN_OVER) {
            device_free(conn);
            continue;
        }
        if (conn->state == CONN_IN || conn->state == CONN_WAITING)
            say_for_it(conn);
        follow_microphone(conn);
    }
}

void devices_free(struct vtb_live *live)
{
    struct conn *next;

    for (struct conn *conn = live->conns; conn; conn = next) {
        next = conn->next;
        if (conn->device)
            device_free(conn);
    }
}
