/*
 * decide.c - one table: a request of a browser and the small function that decides it.
 *
 * Order of the questions: is the meeting over, does the caller have a seat, does policy allow it, then the
 * request's own. A refused request leaves no event behind.
 */
#include "inner.h"

#include <assert.h>

static_assert((int)VTB_DEED_HELLO == (int)VTB_ASK_HELLO && (int)VTB_DEED_READBACK_END == (int)VTB_ASK_READBACK_END,
              "a request's deed has the request's number");

static const struct {
    vtb_decide_one *decide;
    bool wants_open; /* the room has been opened */
} table[VTB_ASK_KINDS] = {
    [VTB_ASK_HAND_RAISE] = { vtb_decide_hand_raise, false },
    [VTB_ASK_HAND_LOWER] = { vtb_decide_hand_lower, false },
    [VTB_ASK_FLOOR_GIVE] = { vtb_decide_floor_give, false },
    [VTB_ASK_SOUND_MUTE] = { vtb_decide_sound_mute, false },
    [VTB_ASK_SEAT_MUTE] = { vtb_decide_seat_mute, false },
    [VTB_ASK_SEATS_MUTE] = { vtb_decide_seats_mute, false },
    [VTB_ASK_MEETING_OPEN] = { vtb_decide_open, false },
    [VTB_ASK_MEETING_CLOSE] = { vtb_decide_close, true },
    [VTB_ASK_LEAVE] = { vtb_decide_leave, false },
    [VTB_ASK_ITEM_START] = { vtb_decide_item_start, true },
    [VTB_ASK_ITEM_NEXT] = { vtb_decide_item_next, true },
    [VTB_ASK_ITEM_EXTEND] = { vtb_decide_item_extend, true },
    [VTB_ASK_PRESENTER_PASS] = { vtb_decide_presenter_pass, true },
    [VTB_ASK_PAGE_SHOW] = { vtb_decide_page_show, true },
    [VTB_ASK_VIEW_SETTLE] = { vtb_decide_view_settle, true },
    [VTB_ASK_SEAT_CONFIRM] = { vtb_decide_seat_confirm, false },
    [VTB_ASK_CHAIR_OFFER] = { vtb_decide_chair_offer, false },
    [VTB_ASK_CHAIR_DECLINE] = { vtb_decide_chair_decline, false },
    [VTB_ASK_CHAIR_TAKE] = { vtb_decide_chair_take, false },
    [VTB_ASK_PICTURE_HIDE] = { vtb_decide_picture_hide, true },
    [VTB_ASK_FOLLOWERS_CALL] = { vtb_decide_followers_call, true },
    [VTB_ASK_PRESS_UNDO] = { vtb_decide_press_undo, false },
    [VTB_ASK_RECORDING_START] = { vtb_decide_recording_start, true },
    [VTB_ASK_RECORDING_PAUSE] = { vtb_decide_recording_pause, true },
    [VTB_ASK_RECORDING_GO_ON] = { vtb_decide_recording_go_on, true },
    [VTB_ASK_RECORDING_STOP] = { vtb_decide_recording_stop, false },
    [VTB_ASK_RECORDING_ACKNOWLEDGE] = { vtb_decide_recording_acknowledge, false },
};

bool vtb_meeting_takes(enum vtb_ask_kind kind)
{
    return (unsigned)kind < VTB_ASK_KINDS && table[kind].decide;
}

struct vtb_standing vtb_meeting_standing(const struct vtb_meeting *meeting, const struct vtb_caller *caller,
                                         struct vtb_id about)
{
    const struct vtb_seat *seat = vtb_meeting_seat(meeting, caller->seat);
    const struct vtb_seat *chair = vtb_meeting_chair(meeting);
    const struct vtb_seat *presenter = vtb_meeting_presenter(meeting);
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);

    if (!seat)
        return (struct vtb_standing){ .signed_in = true, .role = vtb_role_of(caller->role) };
    return (struct vtb_standing){
        .signed_in = true,
        .role = vtb_role_of(caller->role),
        .own_item = vtb_meeting_guest_may_be_in(meeting, seat->items, seat->items_n),
        .acting_chair = chair == seat,
        .presenter = presenter == seat,
        .own_seat = vtb_id_is(about, seat->id),
        .running_seat = item && vtb_seat_is_present(seat),
        .referrer = item && vtb_id_is(item->referrer, seat->person),
        .may_record = meeting->may_record,
    };
}

/* The seat that a request is about; the caller's own where it names none. */
static struct vtb_id seat_asked_about(const struct vtb_ask *ask, const struct vtb_caller *caller)
{
    switch ((unsigned)ask->kind) {
    case VTB_ASK_HAND_LOWER:
        return ask->u.hand_lower.has_seat ? ask->u.hand_lower.seat : caller->seat;
    case VTB_ASK_FLOOR_GIVE:
        return ask->u.floor_give.seat;
    case VTB_ASK_SEAT_MUTE:
        return ask->u.seat_mute.seat;
    case VTB_ASK_PRESENTER_PASS:
        return ask->u.presenter_pass.seat;
    case VTB_ASK_SEAT_CONFIRM:
        return ask->u.seat_confirm.seat;
    }
    return caller->seat;
}

static enum vtb_err admit(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_seat *seat = vtb_meeting_seat(q->meeting, q->caller->seat);
    struct vtb_standing standing;

    if (q->meeting->phase == VTB_MEETING_CLOSED && q->ask->kind != VTB_ASK_LEAVE)
        return vtb_events_refuse(out, VTB_CLOSED, "This meeting is over.");
    if (!q->caller->is_server) {
        if (!seat || !vtb_seat_is_present(seat))
            return vtb_events_refuse(out, VTB_ABSENT, "You are not in this meeting just now.");
        standing = vtb_meeting_standing(q->meeting, q->caller, seat_asked_about(q->ask, q->caller));
        if (!vtb_policy_may((enum vtb_deed)q->ask->kind, &standing))
            return vtb_events_refuse(out, VTB_DENIED, vtb_deed_refusal((enum vtb_deed)q->ask->kind));
    }
    if (table[q->ask->kind].wants_open && q->meeting->phase == VTB_MEETING_PLANNED)
        return vtb_events_refuse(out, VTB_DENIED, "The meeting is not open yet. Open it first.");
    return VTB_OK;
}

enum vtb_err vtb_meeting_decide(const struct vtb_meeting *meeting, const struct vtb_caller *caller,
                                const struct vtb_ask *ask, int64_t now_us, const struct vtb_meeting_facts *facts,
                                struct vtb_events *out)
{
    const struct vtb_question q = { meeting, caller, ask, facts };
    size_t before = out->n;
    enum vtb_err err;

    if (!vtb_meeting_takes(ask->kind))
        return vtb_events_refuse(out, VTB_ABSENT, "The meeting does not know this request.");
    out->now_us = now_us;
    out->by = caller->seat;
    out->message = NULL;
    err = admit(&q, out);
    if (!err)
        err = table[ask->kind].decide(&q, out);
    if (err)
        out->n = before;
    return err;
}
