/*
 * presence.c - who is here (decision 8): 6 s without a sign of life is "coming back", 15 s is
 * gone. Time is a request made by the server; the log records what followed from it.
 */
#include "live/inner.h"

#include "base/clock.h"

static size_t seat_index(const struct vtb_meeting *meeting, const struct vtb_seat *seat)
{
    return (size_t)(seat - meeting->seats);
}

void presence_seen(struct conn *conn)
{
    struct room *room = conn->room;
    const struct vtb_meeting *meeting;
    const struct vtb_seat *seat;

    conn->beat_us = vtb_mono_us();
    if (!room || !room->log || conn->state != CONN_IN)
        return;
    meeting = room_tail(room);
    seat = vtb_meeting_seat(meeting, conn->seat);
    if (!seat)
        return;
    room->seat_beat_us[seat_index(meeting, seat)] = conn->beat_us;
    if (seat->state == VTB_SEAT_LEFT && !conn->is_unlogged) { /* a machine that slept while its socket stayed open */
        conn->state = CONN_HELLO;
        conn->hello_id = 0;
        conn_hello(conn);
    } else if (seat->state == VTB_SEAT_AWAY) {
        if (vtb_meeting_back(meeting, seat->id, vtb_wall_us(), &room->live->events) == VTB_OK)
            (void)room_append(room, NULL, NULL); /* tried again at the next beat */
        vtb_events_fini(&room->live->events);
    }
}

static void case_follows(struct room *room, struct vtb_id seat, bool is_gone)
{
    struct vtb_live *live = room->live;
    const struct vtb_seat *chair = vtb_meeting_chair(room_tail(room));
    enum vtb_err err = VTB_OK;

    if (!room_case(room))
        return;
    if (is_gone)
        err = vtb_case_seat_gone(room_case_tail(room), seat, vtb_wall_us(), &live->events);
    else if (chair && vtb_id_is(chair->id, seat))
        err = vtb_case_window_stand(room_case_tail(room), vtb_wall_us(), &live->events);
    if (!err && live->events.n)
        err = vtb_log_append(room->case_log, &live->events, NULL, NULL);
    (void)err; /* the next tick asks again: the state has not changed */
    vtb_events_fini(&live->events);
}

static void seat_silent(struct room *room, const struct vtb_seat *seat, uint64_t silent_us)
{
    struct vtb_live *live = room->live;
    struct vtb_id id = seat->id;
    enum vtb_err err;

    if (silent_us >= GONE_US) {
        case_follows(room, id, true);
        err = vtb_meeting_gone(room_tail(room), id, vtb_wall_us(), &live->events);
    } else if (silent_us >= AWAY_US && seat->state == VTB_SEAT_HERE) {
        case_follows(room, id, false);
        err = vtb_meeting_away(room_tail(room), id, vtb_wall_us(), &live->events);
    } else {
        return;
    }
    if (!err)
        (void)room_append(room, NULL, NULL); /* asked again at the next tick */
    vtb_events_fini(&live->events);
    sound_gates(room);
}

/* Anyone but the chair who speaks stops the objection window (experience 3.5); the chair goes on. */
static void voice_tick(struct room *room, uint64_t now_us)
{
    struct vtb_live *live = room->live;

    if (!room_case(room) || !room->voice_us || now_us < room->voice_us + VOICE_US)
        return;
    room->voice_us = now_us; /* still speaking when the chair goes on: stops it again */
    if (vtb_case_window_stand(room_case_tail(room), vtb_wall_us(), &live->events) == VTB_OK && live->events.n &&
        vtb_log_append(room->case_log, &live->events, NULL, NULL) != VTB_OK)
        live->events.message = NULL; /* the next tick tries again */
    vtb_events_fini(&live->events);
}

static void window_tick(struct room *room)
{
    struct vtb_live *live = room->live;

    if (!room_case(room) || vtb_case_window_left_us(room_case_tail(room), vtb_wall_us()) != 0)
        return;
    if (vtb_case_window_over(room_case_tail(room), vtb_wall_us(), &live->events) == VTB_OK &&
        live->events.n && vtb_log_append(room->case_log, &live->events, NULL, NULL) != VTB_OK)
        live->events.message = NULL; /* the next tick tries again */
    vtb_events_fini(&live->events);
}

/* A guest whose item ended keeps the connection and gives back the seat. */
static void guests_out(struct room *room)
{
    struct vtb_live *live = room->live;

    for (struct conn *conn = room->conns; conn; conn = conn->next_in_room) {
        const struct vtb_seat *seat;
        if (conn->state != CONN_WAITING)
            continue;
        if (conn_watches(conn, room_shown(room)) && conn_watches(conn, room_tail(room))) {
            conn->state = CONN_HELLO; /* sent out by a decision that was never written down */
            conn->hello_id = 0;
            conn_hello(conn);
            continue;
        }
        if (vtb_mono_us() - conn->waiting_us > 10u * 1000000u)
            send_waiting(conn);
        seat = vtb_meeting_person(room_tail(room), conn->session.person);
        if (!seat || seat->state == VTB_SEAT_LEFT)
            continue;
        if (vtb_meeting_gone(room_tail(room), seat->id, vtb_wall_us(), &live->events) == VTB_OK)
            (void)room_append(room, NULL, NULL);
        vtb_events_fini(&live->events);
    }
}

void presence_tick(struct room *room, uint64_t now_us)
{
    const struct vtb_meeting *meeting;

    if (!room->log || room->live->is_failing)
        return; /* nothing could be written: nobody is sent away */
    meeting = room_tail(room);
    for (size_t i = 0; i < meeting->seats_n; i++)
        if (meeting->seats[i].state != VTB_SEAT_LEFT && now_us > room->seat_beat_us[i])
            seat_silent(room, &meeting->seats[i], now_us - room->seat_beat_us[i]);
    guests_out(room);
    voice_tick(room, now_us);
    window_tick(room);
}
