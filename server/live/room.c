/*
 * room.c - the life of a room: its meeting's log, and the log of the case whose item runs.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define EMPTY_US (60u * 1000000u)

static void fold_meeting(void *state, const struct vtb_event *event)
{
    struct vtb_meeting *meeting = state;

    vtb_meeting_fold(meeting, event);
}
static void fold_case(void *state, const struct vtb_event *event)
{
    struct vtb_case *record = state;

    vtb_case_fold(record, event);
}
const struct vtb_log_kind vtb_meeting_log = { VTB_STREAM_MEETING, sizeof(struct vtb_meeting), fold_meeting };
const struct vtb_log_kind vtb_case_log = { VTB_STREAM_CASE, sizeof(struct vtb_case), fold_case };

const struct vtb_meeting *room_tail(const struct room *room)
{
    return vtb_log_tail(room->log);
}
const struct vtb_meeting *room_shown(const struct room *room)
{
    return vtb_log_shown(room->log);
}
/* An item that was decided on may never be written down, and what is shown lags behind: without
 * this comparison a guest of one item could see, and a scribe write, the plan of another. */
static struct vtb_log *case_of(const struct room *room, const struct vtb_meeting *meeting)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);

    return item && room->case_log && vtb_id_is(item->case_id, room->case_id) ? room->case_log : NULL;
}
struct vtb_log *room_case(const struct room *room)
{
    return case_of(room, room_tail(room));
}
struct vtb_log *room_case_shown(const struct room *room)
{
    return case_of(room, room_shown(room));
}
const struct vtb_case *room_case_tail(const struct room *room)
{
    struct vtb_log *log = room_case(room);

    return log ? vtb_log_tail(log) : NULL;
}

enum vtb_err room_append(struct room *room, vtb_log_done *done, void *ctx)
{
    struct vtb_live *live = room->live;
    enum vtb_err err = live->events.n ? vtb_log_append(room->log, &live->events, done, ctx) : VTB_OK;

    if (err)
        VTB_LOG(VTB_WARN, "room.append", VTB_ID("meeting", room->id), VTB_ERR(err));
    vtb_events_fini(&live->events);
    if (!err)
        recording_follow(room);
    return err;
}

static void room_free(struct room *room)
{
    struct vtb_live *live = room->live;
    struct room **at;

    for (at = &live->rooms; *at && *at != room; at = &(*at)->next)
        ;
    if (*at)
        *at = room->next;
    live->figures.rooms--;
    recording_leave(room);
    if (room->log && live->media && vtb_media_close_room(live->media, room->id) != VTB_OK)
        VTB_LOG(VTB_WARN, "room.media", VTB_ID("meeting", room->id));
    if (room->log)
        vtb_log_watched(room->log, NULL, NULL);
    if (room->case_log)
        vtb_log_watched(room->case_log, NULL, NULL);
    vtb_log_close(room->log);
    vtb_log_close(room->case_log);
    free(room);
}

/* The draft of the running item is there, or was there already: everybody gets the whole state. */
void room_tell_case(struct room *room)
{
    room->owes_case = room->case_log && !room_case_shown(room);
    if (room->owes_case)
        return; /* said when the start of the item is shown */
    for (struct conn *conn = room->conns; conn; conn = conn->next_in_room)
        if (conn->state == CONN_IN && conn_watches(conn, room_shown(room)))
            send_snapshot(conn);
}

static void case_begun(void *ctx, enum vtb_err err)
{
    struct room *room = ctx;

    (void)err; /* without a draft the room goes on; the plan says so */
    room->flights--;
    room_tell_case(room);
}

/* Opens the draft for the running item; called when case log and running item stand in the tail. */
void room_begin_case(struct room *room)
{
    struct vtb_live *live = room->live;
    const struct vtb_meeting *meeting = room_tail(room);
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);
    struct vtb_arena arena = { 0 };
    struct vtb_plan_facts facts;
    enum vtb_err err;

    if (!item || !room_case(room))
        return;
    if (!vtb_id_is_nil(item->plan) && item->plan_us >= item->started_us) {
        room_tell_case(room); /* signed in this run, which goes on after a restart or an undo: no new draft */
        return;
    }
    err = vtb_plan_facts_of(meeting, room->id, &arena, &facts);
    if (!err)
        err = vtb_case_begin(room_case_tail(room), vtb_id_make(vtb_wall_us()), &facts,
                             vtb_str_of(item->question), vtb_str_of(item->referrer_name), vtb_wall_us(),
                             &live->events);
    if (!err && live->events.n) {
        err = vtb_log_append(room->case_log, &live->events, case_begun, room);
        room->flights += err == VTB_OK;
    } else {
        room_tell_case(room);
    }
    if (err)
        VTB_LOG(VTB_WARN, "plan.begin", VTB_ID("meeting", room->id), VTB_ERR(err));
    vtb_events_fini(&live->events);
    vtb_arena_fini(&arena);
}

static void case_opened(void *ctx, enum vtb_err err, struct vtb_log *log)
{
    struct room *room = ctx;
    const struct vtb_agenda_item *item = vtb_meeting_running(room_tail(room));

    room->case_loading = false;
    if (err || !item || !vtb_id_is(item->case_id, vtb_log_id(log))) {
        if (!err)
            vtb_log_close(log);
        if (item)
            room_item_changed(room); /* the item changed meanwhile */
        return;
    }
    room->case_log = log;
    room->case_id = vtb_log_id(log);
    vtb_log_watched(log, case_watch, room);
    room_begin_case(room);
}

/* After a decision that starts or ends an item: the right case log, at once closed gates. */
void room_item_changed(struct room *room)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(room_tail(room));

    sound_gates(room);
    recording_follow(room);
    talk_follow(room, vtb_mono_us());
    if (item && room->case_log && vtb_id_is(room->case_id, item->case_id)) {
        room_begin_case(room);
        return;
    }
    if (room->case_log) {
        vtb_log_watched(room->case_log, NULL, NULL);
        vtb_log_close(room->case_log);
        room->case_log = NULL;
        room->case_id = (struct vtb_id){ { 0 } };
        room->owes_case = false;
    }
    if (!item || room->case_loading)
        return;
    room->case_loading = vtb_log_open(room->live->logs, &vtb_case_log, item->case_id, false,
                                      case_opened, room) == VTB_OK;
}

void room_follow(struct room *room)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(room_tail(room));
    bool fits = item ? room->case_loading || room_case(room) : !room->case_log;

    if (!fits)
        room_item_changed(room);
}

static void meeting_opened(void *ctx, enum vtb_err err, struct vtb_log *log)
{
    struct room *room = ctx;
    struct conn *next;

    if (err) {
        for (struct conn *conn = room->conns; conn; conn = next) {
            next = conn->next_in_room;
            send_reply(conn, conn->hello_id, err, err == VTB_ABSENT
                       ? "This meeting is not shared with you." : "The meeting cannot be read just now.");
            conn->state = CONN_NEW;
            room_drop_conn(conn);
            if (conn->device)
                device_refused(conn, err == VTB_ABSENT ? VTB_CLOSED : err, err == VTB_ABSENT ? "There is no such meeting." : NULL);
        }
        room_free(room);
        return;
    }
    room->log = log;
    if (vtb_media_open_room(room->live->media, room->id) != VTB_OK)
        VTB_LOG(VTB_ERROR, "room.media", VTB_ID("meeting", room->id)); /* seeing and writing go on */
    vtb_log_watched(log, room_watch, room);
    /* After a crash the log says who was here: they have six seconds to come back. */
    for (size_t i = 0; i < VTB_MAX_MEETING_SEATS; i++)
        room->seat_beat_us[i] = vtb_mono_us();
    for (struct conn *conn = room->conns; conn; conn = next) {
        next = conn->next_in_room;
        if (conn->state == CONN_HELLO)
            conn_hello(conn);
    }
    if (vtb_meeting_running(room_tail(room)))
        room_item_changed(room);
}

struct room *room_enter(struct vtb_live *live, struct conn *conn, struct vtb_id meeting)
{
    struct room *room = live->rooms;

    while (room && !vtb_id_is(room->id, meeting))
        room = room->next;
    if (!room) {
        room = calloc(1, sizeof *room);
        if (!room)
            return NULL;
        room->live = live;
        room->id = meeting;
        if (vtb_log_open(live->logs, &vtb_meeting_log, meeting, false, meeting_opened, room) != VTB_OK) {
            free(room);
            return NULL;
        }
        room->next = live->rooms;
        live->rooms = room;
        live->figures.rooms++;
    }
    conn->room = room;
    conn->next_in_room = room->conns;
    room->conns = conn;
    room->empty_us = 0;
    if (room->log)
        conn_hello(conn);
    return room;
}

static bool is_everybody_gone(const struct room *room)
{
    const struct vtb_meeting *meeting = room_tail(room);

    for (size_t i = 0; i < meeting->seats_n; i++)
        if (meeting->seats[i].state != VTB_SEAT_LEFT)
            return false;
    return true;
}

void room_sweep(struct vtb_live *live, uint64_t now_us)
{
    struct room *next;

    for (struct room *room = live->rooms; room; room = next) {
        next = room->next;
        if (room->log && !room->conns && room->empty_us && now_us - room->empty_us > EMPTY_US &&
            !room->case_loading && room->flights == 0 && is_everybody_gone(room))
            room_free(room);
    }
}
