/*
 * request.c - one request of a seat: to the meeting, to the case, to sound, or to a lane.
 * Decided on the tail, answered when durable.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "signal/json.h"

#include <stdlib.h>
#include <string.h>

/* What waits for durability, to be answered. */
struct pending {
    struct conn *conn;
    int64_t id;
};

static struct pending *pending_make(struct conn *conn, int64_t id)
{
    struct pending *pending = calloc(1, sizeof *pending);

    if (pending) {
        *pending = (struct pending){ .conn = conn, .id = id };
        conn->refs++;
    }
    return pending;
}

static void durable(void *ctx, enum vtb_err err)
{
    struct pending *pending = ctx;
    struct conn *conn = pending->conn;

    if (!conn->is_closed && conn->state != CONN_OVER)
        send_reply(conn, pending->id, err,
                   err ? "It could not be written down. Your text is kept here; try again." : NULL);
    if (err && conn->room && conn->room->log) {
        room_follow(conn->room); /* an item that did not start, or did not end */
        sound_gates(conn->room); /* a recording that did not begin closed some */
    }
    conn_unref(conn);
    free(pending);
}

static void refuse(struct conn *conn, int64_t id, enum vtb_err err)
{
    struct vtb_live *live = conn->live;
    const char *message = live->events.message;

    if (err == VTB_AGAIN || err == VTB_NOMEM)
        message = "The server is busy. Try again in a second.";
    send_reply(conn, id, err, message);
    vtb_events_fini(&live->events);
}

struct vtb_caller conn_caller(const struct conn *conn, const struct vtb_meeting *meeting)
{
    const struct vtb_seat *seat = vtb_meeting_seat(meeting, conn->seat);

    return (struct vtb_caller){
        .seat = conn->seat, .person = conn->session.person, .role = (enum vtb_t_member_role)conn->role,
        .name = vtb_str_of(seat ? seat->name : conn->session.name),
        .specialty = vtb_str_of(seat ? seat->specialty : conn->session.specialty),
    };
}

/* Appends live->events to `log`, or answers at once if the decision changes nothing. */
static void commit(struct conn *conn, struct vtb_log *log, int64_t id)
{
    struct vtb_live *live = conn->live;
    struct pending *pending;
    enum vtb_err err;

    if (live->events.n == 0) {
        vtb_events_fini(&live->events);
        send_reply(conn, id, VTB_OK, NULL);
        return;
    }
    pending = pending_make(conn, id);
    err = pending ? vtb_log_append(log, &live->events, durable, pending) : VTB_NOMEM;
    if (err) {
        if (pending) {
            conn_unref(conn);
            free(pending);
        }
        refuse(conn, id, err);
        return;
    }
    vtb_events_fini(&live->events);
}

static void unhush(struct room *room, struct vtb_id id)
{
    const struct vtb_seat *seat = vtb_meeting_seat(room_tail(room), id);

    if (seat)
        room->is_hushed[seat - room_tail(room)->seats] = false;
}

static void decide_meeting(struct conn *conn, const struct vtb_ask *ask, const struct vtb_meeting_facts *facts)
{
    struct room *room = conn->room;
    struct vtb_caller caller = conn_caller(conn, room_tail(room));
    bool is_item = room_tail(room)->undo.press == VTB_PRESS_ITEM;
    enum vtb_err err = vtb_meeting_decide(room_tail(room), &caller, ask, vtb_wall_us(), facts,
                                          &conn->live->events);

    if (err) {
        refuse(conn, ask->id, err);
        return;
    }
    if (ask->kind == VTB_ASK_SOUND_MUTE && !ask->u.sound_mute.muted && conn->live->events.n == 0)
        unhush(room, conn->seat); /* the log never knew of the silence */
    commit(conn, room->log, ask->id);
    recording_follow(room); /* off, and off the record, act at once */
    switch (ask->kind) {
    case VTB_ASK_SOUND_MUTE: /* safety acts at once, the log follows */
        if (ask->u.sound_mute.muted)
            sound_hush(room, conn->seat, NULL);
        else
            sound_gates(room);
        break;
    case VTB_ASK_SEAT_MUTE:
        sound_hush(room, ask->u.seat_mute.seat, NULL);
        break;
    case VTB_ASK_SEATS_MUTE:
        sound_hush(room, (struct vtb_id){ { 0 } }, conn);
        break;
    case VTB_ASK_RECORDING_START: case VTB_ASK_RECORDING_GO_ON:
        sound_gates(room); /* who was not told yet is not heard from now on */
        break;
    case VTB_ASK_ITEM_START: case VTB_ASK_ITEM_NEXT: case VTB_ASK_MEETING_CLOSE:
        room_item_changed(room);
        break;
    case VTB_ASK_PRESS_UNDO:
        if (is_item)
            room_item_changed(room);
        break;
    case VTB_ASK_LEAVE:
        conn_over(conn, NULL, 1000);
        break;
    case VTB_ASK_RECORDING_PAUSE: case VTB_ASK_RECORDING_STOP: case VTB_ASK_RECORDING_ACKNOWLEDGE:
    case VTB_ASK_CHAIR_OFFER: case VTB_ASK_CHAIR_DECLINE: case VTB_ASK_CHAIR_TAKE: case VTB_ASK_PICTURE_HIDE:
    case VTB_ASK_FOLLOWERS_CALL:
    case VTB_ASK_HELLO: case VTB_ASK_BEAT: case VTB_ASK_MEDIA_ASK: case VTB_ASK_MEDIA_ANSWER:
    case VTB_ASK_POINTER: case VTB_ASK_VIEW_LIVE: case VTB_ASK_HAND_RAISE: case VTB_ASK_HAND_LOWER:
    case VTB_ASK_FLOOR_GIVE: case VTB_ASK_MEETING_OPEN: case VTB_ASK_ITEM_EXTEND:
    case VTB_ASK_PRESENTER_PASS: case VTB_ASK_PAGE_SHOW: case VTB_ASK_VIEW_SETTLE:
    case VTB_ASK_SEAT_CONFIRM: case VTB_ASK_PLAN_TAKE: case VTB_ASK_PLAN_DROP: case VTB_ASK_PLAN_SET:
    case VTB_ASK_PLAN_LINE_ADD: case VTB_ASK_PLAN_LINE_REMOVE: case VTB_ASK_PLAN_LINE_MOVE:
    case VTB_ASK_PLAN_NOTE: case VTB_ASK_PLAN_NOTE_TAKE: case VTB_ASK_PLAN_NOTE_CLOSE:
    case VTB_ASK_PLAN_DISSENT: case VTB_ASK_PLAN_OUTCOME: case VTB_ASK_READBACK_START:
    case VTB_ASK_READBACK_LINE: case VTB_ASK_READBACK_ACK: case VTB_ASK_READBACK_WINDOW:
    case VTB_ASK_READBACK_OBJECT: case VTB_ASK_READBACK_END:
        break;
    }
}

/* ---- starting an item needs the documents of its case: its log is opened first ---- */

struct start {
    struct conn *conn;
    struct vtb_ask ask;
};

static void start_with(void *ctx, enum vtb_err err, struct vtb_log *log)
{
    struct start *start = ctx;
    struct conn *conn = start->conn;
    struct vtb_arena arena = { 0 };
    struct vtb_t_document list[VTB_MAX_DOCUMENTS];
    struct vtb_meeting_facts facts = { 0 };

    if (!conn->is_closed && conn->state == CONN_IN) {
        if (err && err != VTB_ABSENT) {
            send_reply(conn, start->ask.id, err, "The case cannot be read just now. Try again.");
        } else {
            const struct vtb_agenda_item *running = vtb_meeting_running(room_tail(conn->room));
            if (log)
                facts.documents_n = vtb_case_documents(vtb_log_shown(log), &arena, list, VTB_MAX_DOCUMENTS);
            facts.documents = list;
            if (running && room_case(conn->room))
                facts.plan = vtb_case_plan_state(room_case_tail(conn->room), running->id);
            decide_meeting(conn, &start->ask, &facts);
        }
    }
    vtb_arena_fini(&arena);
    vtb_log_close(log);
    conn_unref(conn);
    free(start);
}

/* Ends the running item without starting another: only its own plan matters. */
static void decide_alone(struct conn *conn, const struct vtb_ask *ask)
{
    const struct vtb_agenda_item *running = vtb_meeting_running(room_tail(conn->room));
    struct vtb_meeting_facts facts = { 0 };

    if (running && room_case(conn->room))
        facts.plan = vtb_case_plan_state(room_case_tail(conn->room), running->id);
    decide_meeting(conn, ask, &facts);
}

static void start_item(struct conn *conn, const struct vtb_ask *ask)
{
    const struct vtb_meeting *meeting = room_tail(conn->room);
    const struct vtb_agenda_item *item = vtb_meeting_item(meeting, vtb_meeting_item_for(meeting, ask));
    struct start *start;

    if (!item) { /* no next one: item.next ends the running item; the core says what is wrong */
        decide_alone(conn, ask);
        return;
    }
    start = calloc(1, sizeof *start);
    if (!start) {
        refuse(conn, ask->id, VTB_NOMEM);
        return;
    }
    start->conn = conn;
    start->ask = *ask; /* these requests are plain values */
    conn->refs++;
    if (vtb_log_open(conn->live->logs, &vtb_case_log, item->case_id, false, start_with, start) != VTB_OK) {
        conn_unref(conn);
        free(start);
        refuse(conn, ask->id, VTB_AGAIN);
    }
}

static void decide_case(struct conn *conn, const struct vtb_ask *ask)
{
    struct room *room = conn->room;
    struct vtb_arena arena = { 0 };
    struct vtb_caller caller = conn_caller(conn, room_tail(room));
    struct vtb_plan_facts facts;
    enum vtb_err err;

    if (!room_case(room)) {
        send_reply(conn, ask->id, VTB_ABSENT, "No case is being heard. The plan opens with the next case.");
        return;
    }
    err = vtb_plan_facts_of(room_tail(room), room->id, &arena, &facts);
    if (!err)
        err = vtb_case_decide(room_case_tail(room), &caller, ask, vtb_wall_us(), &facts, &conn->live->events);
    if (err)
        refuse(conn, ask->id, err);
    else
        commit(conn, room->case_log, ask->id);
    vtb_arena_fini(&arena);
}

/* ---- lanes ---- */

static void lane_of_presenter(struct conn *conn, const struct vtb_ask *ask)
{
    const struct vtb_seat *presenter = vtb_meeting_presenter(room_shown(conn->room));
    json_t *data = vtb_ask_write(ask);

    if (!data || !presenter || !vtb_id_is(presenter->id, conn->seat)) {
        json_decref(data); /* a pointer of yesterday's presenter is worth no answer */
        return;
    }
    json_object_set_new(data, "seat", vtb_json_from_id(conn->seat));
    recording_points(conn->room, ask);
    if (ask->kind == VTB_ASK_POINTER)
        send_lane(conn->room, SLOT_POINTER, "pointer", data, NULL, conn);
    else
        send_lane(conn->room, SLOT_VIEW, "view.live", data, NULL, conn);
}

static void beat(struct conn *conn, const struct vtb_ask *ask)
{
    json_t *message;

    conn->beat = ask->u.beat;
    conn->has_beat = true;
    presence_seen(conn);
    message = json_pack("{s:s,s:s,s:{s:I,s:I}}", "t", "lane", "k", "beat", "d", "now_us",
                        (json_int_t)vtb_wall_us(), "sent", (json_int_t)ask->u.beat.sent);
    char *text = json_dumps(message, JSON_COMPACT);
    struct vtb_blob *blob = text ? vtb_blob_make(text, strlen(text)) : NULL;
    if (blob)
        vtb_web_send_latest(conn->live->web, conn->socket, SLOT_BEAT, blob);
    vtb_blob_unref(blob);
    free(text);
    json_decref(message);
}

static void answer_sound(struct conn *conn, const struct vtb_ask *ask)
{
    enum vtb_err err = sound_answer(conn, &ask->u.media_answer);

    send_reply(conn, ask->id, err, err ? "Sound was not set up. It is tried again." : NULL);
}

void request_take(struct conn *conn, const struct vtb_ask *ask)
{
    conn->beat_us = vtb_mono_us();
    if (ask->kind == VTB_ASK_BEAT) {
        beat(conn, ask);
        return;
    }
    if (conn->state == CONN_WAITING && ask->kind == VTB_ASK_MEDIA_ASK) {
        sound_ask(conn); /* set up ahead and kept deaf, so the own item is heard from its first word */
        send_reply(conn, ask->id, VTB_OK, NULL);
        return;
    }
    if (conn->state == CONN_WAITING && ask->kind == VTB_ASK_MEDIA_ANSWER) {
        answer_sound(conn, ask);
        return;
    }
    if (conn->state == CONN_WAITING && ask->kind == VTB_ASK_LEAVE) {
        send_reply(conn, ask->id, VTB_OK, NULL);
        conn_over(conn, NULL, 1000);
        return;
    }
    if (conn->state != CONN_IN) {
        send_reply(conn, ask->id, VTB_DENIED, "You are not in the room.");
        return;
    }
    if (ask->kind == VTB_ASK_POINTER || ask->kind == VTB_ASK_VIEW_LIVE) {
        lane_of_presenter(conn, ask);
    } else if (ask->kind == VTB_ASK_MEDIA_ASK) {
        sound_ask(conn);
        send_reply(conn, ask->id, VTB_OK, NULL);
    } else if (ask->kind == VTB_ASK_MEDIA_ANSWER) {
        answer_sound(conn, ask);
    } else if (ask->kind == VTB_ASK_ITEM_START || ask->kind == VTB_ASK_ITEM_NEXT || ask->kind == VTB_ASK_PRESS_UNDO) {
        start_item(conn, ask);
    } else if (ask->kind == VTB_ASK_MEETING_CLOSE) {
        decide_alone(conn, ask);
    } else if (vtb_case_takes(ask->kind)) {
        decide_case(conn, ask);
    } else if (ask->kind == VTB_ASK_RECORDING_START && !conn->live->cfg.record_dir) {
        send_reply(conn, ask->id, VTB_DENIED, "This server keeps no recordings.");
    } else if (vtb_meeting_takes(ask->kind)) {
        struct vtb_meeting_facts facts = { 0 };
        decide_meeting(conn, ask, &facts);
    }
}
