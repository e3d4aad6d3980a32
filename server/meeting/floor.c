/* floor.c - hands, the floor, and microphones. Only the owner opens a microphone. */
#include "inner.h"

static bool has_hand(const struct vtb_meeting *meeting, struct vtb_id seat)
{
    for (size_t i = 0; i < meeting->hands_n; i++)
        if (vtb_id_is(meeting->hands[i].seat, seat))
            return true;
    return false;
}

static enum vtb_err lower(struct vtb_id seat, struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_HAND_LOWERED, .u.hand_lowered.seat = seat });
}

enum vtb_err vtb_decide_hand_raise(const struct vtb_question *q, struct vtb_events *out)
{
    if (has_hand(q->meeting, q->caller->seat))
        return VTB_OK;
    if (q->meeting->hands_n == VTB_MAX_MEETING_HANDS)
        return vtb_events_refuse(out, VTB_LIMIT, "200 hands are up. Raise yours when some are down.");
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_HAND_RAISED,
                                                   .u.hand_raised.seat = q->caller->seat });
}

enum vtb_err vtb_decide_hand_lower(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_ask_hand_lower *ask = &q->ask->u.hand_lower;
    struct vtb_id seat = ask->has_seat ? ask->seat : q->caller->seat;

    return has_hand(q->meeting, seat) ? lower(seat, out) : VTB_OK;
}

enum vtb_err vtb_decide_floor_give(const struct vtb_question *q, struct vtb_events *out)
{
    struct vtb_id seat = q->ask->u.floor_give.seat;
    const struct vtb_seat *to = vtb_meeting_seat(q->meeting, seat);
    enum vtb_err err;

    if (!to || !vtb_seat_is_present(to))
        return vtb_events_refuse(out, VTB_ABSENT, "This person is not in the meeting just now.");
    err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_FLOOR_GIVEN, .u.floor_given.seat = seat });
    if (!err && has_hand(q->meeting, seat))
        err = lower(seat, out);
    return err;
}

static enum vtb_err mute(const struct vtb_seat *seat, bool muted, struct vtb_id by, struct vtb_events *out)
{
    if (seat->muted == muted)
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SOUND_MUTED,
                                                   .u.sound_muted = { .seat = seat->id, .muted = muted, .by = by } });
}

enum vtb_err vtb_decide_sound_mute(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_seat *own = vtb_meeting_seat(q->meeting, q->caller->seat);

    if (!own)
        return VTB_ABSENT;
    if (!q->ask->u.sound_mute.muted && !vtb_meeting_may_be_heard(q->meeting, own))
        return vtb_events_refuse(out, VTB_DENIED, "This meeting is being recorded. Your microphone opens when you have "
                                                  "acknowledged that.");
    return mute(own, q->ask->u.sound_mute.muted, own->id, out);
}

enum vtb_err vtb_decide_seat_mute(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_seat *seat = vtb_meeting_seat(q->meeting, q->ask->u.seat_mute.seat);

    if (!seat || !vtb_seat_is_present(seat))
        return vtb_events_refuse(out, VTB_ABSENT, "This person is not in the meeting just now.");
    return mute(seat, true, q->caller->seat, out);
}

enum vtb_err vtb_decide_seats_mute(const struct vtb_question *q, struct vtb_events *out)
{
    for (size_t i = 0; i < q->meeting->seats_n; i++) {
        const struct vtb_seat *seat = &q->meeting->seats[i];
        enum vtb_err err = VTB_OK;

        if (vtb_seat_is_present(seat) && !vtb_id_is(seat->id, q->caller->seat))
            err = mute(seat, true, q->caller->seat, out);
        if (err)
            return err;
    }
    return VTB_OK;
}
