/*
 * sound.c - binds seats to media peers: offers, gates, and the truth about who hears whom.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "signal/json.h"

#include <stdlib.h>
#include <string.h>

#define HEARING_FRESH_US (5u * 1000000u)
#define LOSING_PCT       5  /* of packets either way, or ... */
#define MADE_UP_PCT      3  /* ... of the voice: it may cost words, and the chair should know */
#define LOST_PCT         2  /* until it is less than that */
#define SMALL_ROOM       60 /* seats up to which everybody sees everybody's sound */

static void media_message(struct conn *conn, const char *kind, const char *sdp)
{
    json_t *message = json_pack("{s:s,s:s}", "t", "media", "k", kind);

    if (sdp) {
        json_t *relays = turn_servers(&conn->live->cfg.turn, conn->seat, vtb_wall_us());

        json_object_set_new(message, "sdp", json_string(sdp));
        if (relays)
            json_object_set_new(message, "ice", relays);
    }
    send_json(conn, message);
}

void sound_drop(struct conn *conn)
{
    struct vtb_live *live = conn->live;

    if (conn->peer.generation == 0)
        return;
    if (live->media && vtb_media_drop_peer(live->media, conn->peer) != VTB_OK)
        VTB_LOG(VTB_WARN, "media.drop", VTB_U64("peer", conn->peer.index));
    if (live->peers[conn->peer.index] == conn)
        live->peers[conn->peer.index] = NULL;
    conn->peer = (vtb_peer){ 0, 0 };
    conn->is_connected = conn->is_receiving = false;
    conn->has_link = conn->is_losing = conn->is_echoing = false;
}

void sound_ask(struct conn *conn)
{
    struct vtb_live *live = conn->live;

    sound_drop(conn);
    if (vtb_media_add_peer(live->media, conn->room->id, conn->local, &conn->peer) != VTB_OK) {
        conn->peer = (vtb_peer){ 0, 0 };
        media_message(conn, "full", NULL);
        return;
    }
    live->peers[conn->peer.index] = conn;
    sound_pair(conn);
    sound_gates(conn->room);
}

void sound_pair(struct conn *conn)
{
    if (conn->peer.generation && conn->ear_peer.generation &&
        vtb_media_pair(conn->live->media, conn->peer, conn->ear_peer) != VTB_OK)
        VTB_LOG(VTB_WARN, "media.pair", VTB_U64("peer", conn->peer.index));
}

enum vtb_err sound_answer(struct conn *conn, const struct vtb_ask_media_answer *answer)
{
    if (conn->peer.generation == 0)
        return VTB_ABSENT;
    return vtb_media_answer(conn->live->media, conn->peer, answer->sdp.at, answer->sdp.len);
}

static void set_gate(struct vtb_media *media, vtb_peer peer, bool hears, bool heard)
{
    if (peer.generation && vtb_media_set_gate(media, peer, hears, heard) != VTB_OK)
        VTB_LOG(VTB_WARN, "media.gate", VTB_U64("peer", peer.index));
}

/*
 * Who hears and who is heard, by whichever way. Closing follows the tail, so that it acts at once; opening needs
 * tail and shown, so that nobody hears what is not yet written down as theirs.
 */
void sound_gates(struct room *room)
{
    const struct vtb_meeting *tail = room_tail(room), *shown = room_shown(room);

    for (struct conn *conn = room->conns; conn; conn = conn->next_in_room) {
        const struct vtb_seat *now, *was;
        bool hears, heard;

        if (conn->peer.generation == 0 && conn->ear_peer.generation == 0)
            continue;
        now = vtb_meeting_seat(tail, conn->seat);
        was = vtb_meeting_seat(shown, conn->seat);
        hears = conn->state == CONN_IN && conn_watches(conn, tail) && conn_watches(conn, shown);
        heard = hears && now && was && !now->muted && !was->muted && !room->is_hushed[now - tail->seats] &&
                vtb_meeting_may_be_heard(tail, now) && vtb_meeting_may_be_heard(shown, was);
        set_gate(room->live->media, conn->peer, hears, heard);
        set_gate(room->live->media, conn->ear_peer, hears, heard && !conn->device); /* a device's ear has no voice */
    }
}

/* A wish to be silent holds even if the store fails and the log never hears of it (decision 4). */
void sound_hush(struct room *room, struct vtb_id seat, const struct conn *except)
{
    const struct vtb_meeting *meeting = room_tail(room);

    for (size_t i = 0; i < meeting->seats_n; i++)
        if ((vtb_id_is_nil(seat) || vtb_id_is(meeting->seats[i].id, seat)) &&
            !(except && vtb_id_is(meeting->seats[i].id, except->seat)))
            room->is_hushed[i] = true;
    sound_gates(room);
}

static bool hears_now(const struct conn *conn)
{
    if (conn->device)
        return conn->state == CONN_IN && device_hears(conn);
    return conn->state == CONN_IN && (conn->is_connected || conn->ear_peer.generation) && conn->has_beat && conn->beat.hearing &&
           vtb_mono_us() - conn->beat_us < HEARING_FRESH_US;
}

/* A room that only speaks is nobody who should have heard. */
static bool could_hear(const struct conn *conn)
{
    return conn->state == CONN_IN && (!conn->device || conn->ear_peer.generation);
}

static const char *link_word(const struct conn *conn)
{
    if (!conn->has_beat || conn->beat.rtt_ms == 0)
        return "unknown";
    if (conn->is_losing && conn->beat.rtt_ms < 400)
        return "losing";
    return conn->beat.rtt_ms < 400 ? "good" : conn->beat.rtt_ms < 1500 ? "slow" : "very_slow";
}

static json_t *seats_json(const struct room *room)
{
    json_t *seats = json_array();

    for (const struct conn *conn = room->conns; conn; conn = conn->next_in_room)
        if (conn->state == CONN_IN)
            json_array_append_new(seats, json_pack("{s:o,s:b,s:b,s:s,s:s}", "seat", vtb_json_from_id(conn->seat),
                "hears", hears_now(conn), "echo", conn->is_echoing, "mic",
                vtb_ask_beat_mic_name(conn->has_beat ? conn->beat.mic : VTB_ASK_BEAT_MIC_NONE), "link",
                link_word(conn)));
    return seats;
}

/* Sends `sound` to one seat if it differs from the last one. */
static void tell(struct conn *conn, int heard_by, int could_hear, json_t *seats)
{
    json_t *message = json_pack("{s:s,s:s,s:{s:b,s:b,s:i,s:i,s:O}}", "t", "lane", "k", "sound", "d", "echo",
                                conn->is_echoing, "receiving", conn->is_receiving || conn->is_ear_receiving, "heard_by", heard_by, "could_hear",
                                could_hear, "seats", seats);
    char *text = json_dumps(message, JSON_COMPACT);
    struct vtb_blob *blob = text ? vtb_blob_make(text, strlen(text)) : NULL;

    if (blob && (!conn->sound_sent || vtb_blob_len(conn->sound_sent) != vtb_blob_len(blob) ||
                 memcmp(vtb_blob_data(conn->sound_sent), vtb_blob_data(blob), vtb_blob_len(blob)) != 0)) {
        vtb_web_send_latest(conn->live->web, conn->socket, SLOT_SOUND, blob);
        vtb_blob_unref(conn->sound_sent);
        conn->sound_sent = vtb_blob_ref(blob);
    }
    vtb_blob_unref(blob);
    free(text);
    json_decref(message);
}

static void tell_presenter(struct room *room)
{
    const struct vtb_seat *presenter = vtb_meeting_presenter(room_shown(room));
    struct conn *to = NULL, *slowest = NULL;
    int sharp = 0, coarse = 0, alone = 0;

    for (struct conn *conn = room->conns; conn; conn = conn->next_in_room) {
        if (conn->state != CONN_IN)
            continue;
        if (presenter && vtb_id_is(conn->seat, presenter->id)) {
            to = conn;
            continue;
        }
        if (!conn->has_beat)
            continue;
        alone += conn->beat.alone;
        sharp += conn->beat.picture == VTB_ASK_BEAT_PICTURE_SHARP;
        coarse += conn->beat.picture == VTB_ASK_BEAT_PICTURE_COARSE;
        if (conn->beat.picture == VTB_ASK_BEAT_PICTURE_COARSE && (!slowest || conn->beat.rtt_ms > slowest->beat.rtt_ms))
            slowest = conn;
    }
    if (to)
        send_lane(room, SLOT_FOLLOWERS, "followers",
                  json_pack("{s:i,s:i,s:i,s:s}", "sharp", sharp, "coarse", coarse, "alone", alone, "slowest",
                            slowest ? slowest->session.name : ""), to, NULL);
}

/* To everybody, or to one. */
static void tell_seats(struct room *room, const struct conn *only)
{
    json_t *all, *none;
    int hearing = 0, in = 0;

    for (struct conn *conn = room->conns; conn; conn = conn->next_in_room) {
        in += could_hear(conn);
        hearing += hears_now(conn);
    }
    all = seats_json(room);
    none = json_array();
    for (struct conn *conn = room->conns; conn; conn = conn->next_in_room) {
        bool sees_all = in <= SMALL_ROOM || conn->role <= VTB_T_MEMBER_ROLE_COORDINATOR;
        if (conn->state == CONN_IN && !conn->device && (!only || conn == only))
            tell(conn, hearing - hears_now(conn), in - 1, sees_all ? all : none);
    }
    json_decref(all);
    json_decref(none);
}

/* Once a second. */
void sound_tick(struct room *room)
{
    if (!room->log)
        return;
    tell_seats(room, NULL);
    tell_presenter(room);
    talk_follow(room, vtb_mono_us());
}

/* ---- events of the media plane ---- */

static struct conn *conn_of(struct vtb_live *live, vtb_peer peer)
{
    struct conn *conn = peer.index < VTB_MEDIA_PEERS_MAX ? live->peers[peer.index] : NULL;

    return conn && (vtb_peer_is(conn->peer, peer) || vtb_peer_is(conn->ear_peer, peer)) ? conn : NULL;
}

/* A person who changes from one way to the other talks by both for a moment. */
static bool is_named(const struct vtb_live *live, const struct vtb_media_event *event, size_t n, const struct conn *conn)
{
    for (size_t i = 0; i < n; i++)
        if (live->peers[event->talkers[i].peer.index] == conn)
            return true;
    return false;
}

/* The first voice of a seat in an item is an event. */
static void spoke(struct room *room, struct conn *conn)
{
    struct vtb_live *live = room->live;
    const struct vtb_meeting *meeting = room_tail(room);
    const struct vtb_seat *seat = vtb_meeting_seat(meeting, conn->seat);

    if (!seat || !vtb_meeting_running(meeting) || seat->spoke)
        return;
    if (vtb_meeting_spoke(meeting, seat->id, vtb_wall_us(), &live->events) == VTB_OK)
        (void)room_append(room, NULL, NULL); /* said again with the next word */
    vtb_events_fini(&live->events);
}

static void talking(struct vtb_live *live, const struct vtb_media_event *event)
{
    json_t *seats = json_array();
    struct room *room = live->rooms;
    const struct vtb_seat *chair;
    uint16_t places[VTB_MEDIA_TALKERS];
    size_t places_n = 0;
    bool others = false;

    while (room && !vtb_id_is(room->id, event->room))
        room = room->next;
    chair = room && room->log ? vtb_meeting_chair(room_tail(room)) : NULL;
    for (size_t i = 0; room && i < event->talkers_n; i++) {
        struct conn *conn = conn_of(live, event->talkers[i].peer);
        if (!conn || conn->state != CONN_IN || is_named(live, event, i, conn))
            continue;
        const struct vtb_seat *seat = room->log ? vtb_meeting_seat(room_tail(room), conn->seat) : NULL;
        json_array_append_new(seats, json_pack("{s:o,s:i}", "seat", vtb_json_from_id(conn->seat), "level",
                                               (int)event->talkers[i].level));
        others = others || !chair || !vtb_id_is(chair->id, conn->seat);
        spoke(room, conn);
        if (seat)
            places[places_n++] = (uint16_t)(seat - room_tail(room)->seats);
        recording_heard(room, conn, event->talkers[i].peer);
    }
    if (room && room->log)
        talk_heard(room, places, places_n, vtb_mono_us());
    if (room && room->voice_us == 0 && others)
        room->voice_us = vtb_mono_us();
    else if (room && !others)
        room->voice_us = 0;
    if (room && room->log)
        send_lane(room, SLOT_TALKING, "talking", json_pack("{s:o}", "seats", seats), NULL, NULL);
    else
        json_decref(seats);
}

/* Whoever is not received any more is told at once, not with the next second. */
static void uplink(struct conn *conn, const struct vtb_media_event *event)
{
    bool was = conn->is_receiving || conn->is_ear_receiving;

    if (vtb_peer_is(conn->ear_peer, event->peer))
        conn->is_ear_receiving = event->receiving;
    else
        conn->is_receiving = event->receiving;
    if (conn->room && conn->room->log && was != (conn->is_receiving || conn->is_ear_receiving))
        tell_seats(conn->room, conn);
}

/* Told at once to those who can do something about it: everybody hears it. */
static void echo(struct conn *conn, bool echoes)
{
    if (conn->is_echoing == echoes)
        return;
    conn->is_echoing = echoes;
    VTB_LOG(VTB_INFO, "media.echo", VTB_U64("peer", conn->peer.index), VTB_U64("found", echoes));
    if (conn->room && conn->room->log)
        tell_seats(conn->room, NULL);
}

/* So coarse that a link which stays as it is says nothing: what a person can tell apart. */
static uint8_t round_pct(uint8_t pct)
{
    return (uint8_t)(pct <= 5 ? pct : (pct + 2u) / 5u * 5u);
}

static uint16_t round_ms(uint16_t ms)
{
    return (uint16_t)(ms > 65000 ? 65000u : (ms + 10u) / 20u * 20u);
}

/* Every 5 s from media: to its own seat if it changed; whether words may be lost, to those who see seats. */
static void linked(struct conn *conn, const struct vtb_media_link *link)
{
    uint8_t worst = link->lost_down_pct > link->lost_up_pct ? link->lost_down_pct : link->lost_up_pct;
    struct vtb_media_link told = {
        .rung = link->rung,
        .lost_down_pct = round_pct(link->lost_down_pct),
        .lost_up_pct = round_pct(link->lost_up_pct),
        .made_up_pct = round_pct(link->made_up_pct),
        .jitter_down_ms = round_ms(link->jitter_down_ms),
        .jitter_up_ms = round_ms(link->jitter_up_ms),
        .delay_up_ms = round_ms(link->delay_up_ms),
        .rtt_ms = round_ms(link->rtt_ms),
    };

    conn->is_losing = worst >= LOSING_PCT || link->made_up_pct >= MADE_UP_PCT ||
                      (conn->is_losing && (worst >= LOST_PCT || link->made_up_pct));
    conn->measured = *link;
    if (conn->state != CONN_IN || (conn->has_link && memcmp(&told, &conn->told, sizeof told) == 0))
        return;
    conn->told = told;
    conn->has_link = true;
    if (conn->room && conn->room->log)
        send_lane(conn->room, SLOT_LINK, "link",
                  json_pack("{s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:i}", "rung", vtb_media_rung_name(told.rung),
                            "lost_down", told.lost_down_pct, "lost_up", told.lost_up_pct, "made_up",
                            told.made_up_pct, "jitter_down", told.jitter_down_ms, "jitter_up",
                            told.jitter_up_ms, "delay_up", told.delay_up_ms, "rtt", told.rtt_ms),
                  conn, NULL);
}

size_t vtb_live_links(const struct vtb_live *live, struct vtb_live_link *out, size_t max)
{
    size_t n = 0;

    for (const struct room *room = live->rooms; room; room = room->next)
        for (const struct conn *conn = room->conns; conn && n < max; conn = conn->next_in_room)
            if (conn->has_link && (conn->peer.generation || (conn->device && conn->ear_peer.generation)))
                out[n++] = (struct vtb_live_link){ conn->peer.generation ? conn->peer.index : conn->ear_peer.index,
                                                   conn->measured };
    return n;
}

static void take(struct vtb_live *live, struct vtb_media_event *event)
{
    struct conn *conn = event->kind == VTB_MEDIA_TALKING ? NULL : conn_of(live, event->peer);

    if (device_take(conn, event)) {
        free(event->sdp);
        return;
    }
    switch (event->kind) {
    case VTB_MEDIA_OFFER:
        if (conn)
            media_message(conn, "offer", event->sdp);
        break;
    case VTB_MEDIA_CONNECTED:
        if (conn && vtb_peer_is(conn->ear_peer, event->peer)) {
            sound_gates(conn->room);
        } else if (conn) {
            conn->is_connected = true;
            media_message(conn, "connected", NULL);
            sound_gates(conn->room);
        }
        break;
    case VTB_MEDIA_REFUSED:
    case VTB_MEDIA_GONE:
        if (conn && vtb_peer_is(conn->ear_peer, event->peer)) {
            conn->ear_peer = (vtb_peer){ 0, 0 };
            live->peers[event->peer.index] = NULL;
            ear_drop(conn, 1013);
        } else if (conn) {
            live->peers[conn->peer.index] = NULL;
            conn->peer = (vtb_peer){ 0, 0 };
            conn->is_connected = conn->is_receiving = conn->is_echoing = false;
            media_message(conn, event->kind == VTB_MEDIA_GONE ? "gone" : "refused", NULL);
        }
        break;
    case VTB_MEDIA_UPLINK:
        if (conn)
            uplink(conn, event);
        break;
    case VTB_MEDIA_ECHO:
        if (conn)
            echo(conn, event->echoes);
        break;
    case VTB_MEDIA_TALKING:
        talking(live, event);
        break;
    case VTB_MEDIA_LINK:
        if (conn && conn->device)
            event->link = device_link(conn, event);
        if (conn)
            linked(conn, &event->link);
        break;
    case VTB_MEDIA_ANSWER: /* of a device that left meanwhile */
    case VTB_MEDIA_MOVED:
        break;
    case VTB_MEDIA_RECORD_BEGAN:
    case VTB_MEDIA_RECORD_TURN:
    case VTB_MEDIA_RECORD_OFF:
    case VTB_MEDIA_RECORD_BROKEN:
    case VTB_MEDIA_RECORD_ENDED:
    case VTB_MEDIA_RECORD_FAILED:
        recording_take(live, event, conn);
        break;
    }
    free(event->sdp);
}

void vtb_live_media_turn(struct vtb_live *live)
{
    struct vtb_media_event events[32];
    size_t n;

    while (live->media && (n = vtb_media_take(live->media, events, VTB_COUNT(events))) > 0)
        for (size_t i = 0; i < n; i++)
            take(live, &events[i]);
    ear_turn(live);
}
