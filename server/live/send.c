/*
 * send.c - what leaves the room: replies, events, lanes; snapshots in snapshot.c. One event is written once
 * and the blob is shared by every socket that may see it.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "signal/json.h"

#include <stdlib.h>
#include <string.h>

struct vtb_blob *blob_of(json_t *take_message)
{
    char *text = json_dumps(take_message, JSON_COMPACT);
    struct vtb_blob *blob = text ? vtb_blob_make(text, strlen(text)) : NULL;

    free(text);
    json_decref(take_message);
    return blob;
}

void send_json(struct conn *conn, json_t *take_message)
{
    struct vtb_blob *blob = blob_of(take_message);

    if (blob)
        vtb_web_send(conn->live->web, conn->socket, blob);
    vtb_blob_unref(blob);
}

void send_reply(struct conn *conn, int64_t id, enum vtb_err err, const char *message)
{
    json_t *reply = json_pack("{s:s,s:I,s:b}", "t", "reply", "re", (json_int_t)id, "ok", err == VTB_OK);

    if (err) {
        conn->live->figures.refused++;
        json_object_set_new(reply, "error", json_string(vtb_err_name(err)));
        json_object_set_new(reply, "message", json_string(message ? message : "That cannot be done now."));
    }
    send_json(conn, reply);
}

void send_notice(struct conn *conn, const char *kind, int64_t since_us)
{
    json_t *notice = json_pack("{s:s,s:s}", "t", "notice", "k", kind);

    if (since_us)
        json_object_set_new(notice, "since_us", json_integer(since_us));
    send_json(conn, notice);
}

json_t *event_json(const char *stream, struct vtb_id id, const struct vtb_event *event,
                          json_t *take_data)
{
    char text[VTB_ID_TEXT], by[VTB_ID_TEXT] = "";

    vtb_id_write(id, text);
    if (!vtb_id_is_nil(event->by))
        vtb_id_write(event->by, by);
    return json_pack("{s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:o}", "t", "event", "s", stream, "id", text, "n",
                     (json_int_t)event->seq, "at", (json_int_t)event->at_us, "by", by, "k",
                     vtb_event_name(event->kind), "d", take_data);
}

/* ---- who may see ---- */

struct vtb_watcher conn_watcher(const struct conn *conn)
{
    return (struct vtb_watcher){ .is_guest = conn->is_guest, .items = conn->items,
                                 .items_n = conn->items_n };
}

bool conn_watches(const struct conn *conn, const struct vtb_meeting *meeting)
{
    return !conn->is_guest || vtb_meeting_guest_may_be_in(meeting, conn->items, conn->items_n);
}

/* Guests' events are made singly; staff share one blob. */
static void send_event_to_guest(struct conn *conn, const struct vtb_event *event)
{
    struct vtb_arena arena = { 0 };
    struct vtb_watcher watcher = conn_watcher(conn);
    struct vtb_event cut;

    if (vtb_meeting_view(room_shown(conn->room), event, &watcher, &arena, &cut))
        send_json(conn, event_json("meeting", conn->room->id, &cut, vtb_event_write(&cut)));
    vtb_arena_fini(&arena);
}

/* Another case runs, or none. */
static bool is_turn(enum vtb_event_kind kind)
{
    return kind == VTB_EVENT_ITEM_STARTED || kind == VTB_EVENT_ITEM_ENDED || kind == VTB_EVENT_ITEM_UNDONE;
}

static void item_turned(struct room *room)
{
    struct conn *next;

    for (struct conn *conn = room->conns; conn; conn = next) {
        next = conn->next_in_room;
        if (!conn->is_guest)
            continue;
        bool watches = conn_watches(conn, room_shown(room));
        if (conn->state == CONN_WAITING && watches) {
            conn->state = CONN_HELLO;
            conn->hello_id = 0;
            conn_hello(conn);
        } else if (conn->state == CONN_IN && !watches) {
            conn->state = CONN_WAITING;
            send_waiting(conn);
        }
    }
    sound_gates(room);
}

void room_watch(void *ctx, struct vtb_log *log, const struct vtb_event *event, json_t *data)
{
    struct room *room = ctx;
    struct vtb_blob *blob = NULL;
    struct conn *next;

    (void)log;
    for (struct conn *conn = room->conns; conn; conn = next) {
        next = conn->next_in_room;
        if (conn->state != CONN_IN || conn->device)
            continue;
        if (conn->is_guest) {
            send_event_to_guest(conn, event);
            continue;
        }
        if (!blob)
            blob = blob_of(event_json("meeting", room->id, event, json_incref(data)));
        if (blob)
            vtb_web_send(room->live->web, conn->socket, blob);
    }
    vtb_blob_unref(blob);
    if (is_turn(event->kind))
        item_turned(room);
    recording_follow(room);
    if (room->owes_case && event->kind != VTB_EVENT_ITEM_ENDED && is_turn(event->kind))
        room_tell_case(room);
    if (event->kind == VTB_EVENT_SOUND_MUTED) {
        const struct vtb_seat *seat = vtb_meeting_seat(room_tail(room), event->u.sound_muted.seat);
        if (seat && !seat->muted) /* else it was muted again since */
            room->is_hushed[seat - room_tail(room)->seats] = false;
        sound_gates(room);
    }
    if (event->kind == VTB_EVENT_RECORDING_SET || event->kind == VTB_EVENT_RECORDING_ACKNOWLEDGED)
        sound_gates(room);
    if (event->kind == VTB_EVENT_MEETING_CLOSED)
        for (struct conn *conn = room->conns; conn; conn = conn->next_in_room)
            send_notice(conn, "ended", event->at_us);
}

static void share_document(struct room *room, const struct vtb_ev_document_ready *ready)
{
    const struct vtb_case *record = vtb_log_shown(room->case_log);
    struct vtb_arena arena = { 0 };
    struct vtb_t_document list[VTB_MAX_DOCUMENTS];
    size_t n = vtb_case_documents(record, &arena, list, VTB_MAX_DOCUMENTS);

    for (size_t i = 0; i < n; i++) {
        if (!vtb_id_is(list[i].document, ready->document))
            continue;
        if (vtb_meeting_share(room_tail(room), room->case_id, &list[i], vtb_wall_us(),
                              &room->live->events) == VTB_OK)
            (void)room_append(room, NULL, NULL); /* logged there; a later snapshot shows it */
        vtb_events_fini(&room->live->events);
    }
    vtb_arena_fini(&arena);
}

void case_watch(void *ctx, struct vtb_log *log, const struct vtb_event *event, json_t *data)
{
    struct room *room = ctx;
    struct vtb_blob *blob;

    if (log != room->case_log)
        return;
    if (event->kind == VTB_EVENT_DOCUMENT_READY)
        share_document(room, &event->u.document_ready);
    if (vtb_event_audience(event->kind) == VTB_AUDIENCE_STAFF)
        return; /* intake is read over HTTP, where each opening is logged */
    if (!room_case_shown(room))
        return; /* a snapshot follows when its item has started for everybody */
    blob = blob_of(event_json("case", room->case_id, event, json_incref(data)));
    for (struct conn *conn = room->conns; conn && blob; conn = conn->next_in_room)
        if (conn->state == CONN_IN && conn_watches(conn, room_shown(room)))
            vtb_web_send(room->live->web, conn->socket, blob);
    vtb_blob_unref(blob);
}

/* ---- what a browser that was away missed ---- */

struct resend {
    struct conn *conn;
    const char *stream;
    struct vtb_id id;
    bool is_case;
};

static void resend_event(void *ctx, const struct vtb_event *event)
{
    struct resend *to = ctx;

    if (!to->is_case && to->conn->is_guest)
        send_event_to_guest(to->conn, event);
    else if (!to->is_case || vtb_event_audience(event->kind) != VTB_AUDIENCE_STAFF)
        send_json(to->conn, event_json(to->stream, to->id, event, vtb_event_write(event)));
}

static void count_event(void *ctx, const struct vtb_event *event)
{
    bool *turned = ctx;

    if (is_turn(event->kind))
        *turned = true;
}

/* A short absence costs the missed events; a longer one, or one with a change of item, a snapshot. */
bool missed_is_short(const struct conn *conn)
{
    const struct room *room = conn->room;
    bool turned = false;

    return conn->hello.has_last && !conn->is_guest &&
           vtb_log_since(room->log, conn->hello.meeting, count_event, &turned) == VTB_OK && !turned &&
           room->case_log == room_case_shown(room) && vtb_id_is(conn->hello.case_id, room->case_id) &&
           (!room->case_log || vtb_log_since(room->case_log, conn->hello.record, count_event, &turned) == VTB_OK);
}

void send_missed(struct conn *conn)
{
    struct room *room = conn->room;
    struct resend meeting = { conn, "meeting", room->id, false };
    struct resend record = { conn, "case", room->case_id, true };

    if (vtb_log_since(room->log, conn->hello.meeting, resend_event, &meeting) != VTB_OK ||
        (room->case_log && vtb_log_since(room->case_log, conn->hello.record, resend_event, &record) != VTB_OK))
        send_snapshot(conn);
}

void send_waiting(struct conn *conn)
{
    const struct vtb_meeting *meeting = room_shown(conn->room);
    struct vtb_wait wait = vtb_meeting_wait(meeting, conn->items, conn->items_n, vtb_wall_us());

    conn->waiting_us = vtb_mono_us();
    send_json(conn, json_pack("{s:s,s:s,s:b,s:i,s:i,s:b,s:s}", "t", "waiting", "board_name",
                              meeting->board_name, "opened", meeting->phase == VTB_MEETING_OPEN, "position",
                              wait.position, "minutes", wait.minutes, "over", wait.over, "name",
                              conn->session.name));
}

void send_lane(struct room *room, unsigned slot, const char *kind, json_t *take_data,
               const struct conn *only, const struct conn *except)
{
    struct vtb_blob *blob = blob_of(json_pack("{s:s,s:s,s:o}", "t", "lane", "k", kind, "d", take_data));

    for (struct conn *conn = room->conns; conn && blob; conn = conn->next_in_room)
        if (conn->state == CONN_IN && conn != except && (!only || conn == only) &&
            !conn->device && conn_watches(conn, room_shown(room)))
            vtb_web_send_latest(room->live->web, conn->socket, slot, blob);
    vtb_blob_unref(blob);
}
