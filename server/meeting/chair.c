/*
 * chair.c - the chair is handed over: offered by who acts, taken by who was offered it.
 *
 * It stays there until that seat leaves, or the board's chair takes it back or returns after being away
 * (decision 8). A guest or an observer is never offered it.
 */
#include "inner.h"

static bool may_chair(const struct vtb_seat *seat)
{
    return !seat->is_device && seat->role != VTB_T_MEMBER_ROLE_GUEST && seat->role != VTB_T_MEMBER_ROLE_OBSERVER;
}

static enum vtb_err offered(struct vtb_id seat, struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_CHAIR_OFFERED, .u.chair_offered.seat = seat });
}

enum vtb_err vtb_decide_chair_offer(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_ask_chair_offer *ask = &q->ask->u.chair_offer;
    const struct vtb_seat *to = ask->has_seat ? vtb_meeting_seat(q->meeting, ask->seat) : NULL;

    if (!ask->has_seat)
        return vtb_id_is_nil(q->meeting->offered) ? VTB_OK : offered((struct vtb_id){ { 0 } }, out);
    if (!to || !vtb_seat_is_present(to))
        return vtb_events_refuse(out, VTB_ABSENT, "This person is not in the meeting just now.");
    if (!may_chair(to))
        return vtb_events_refuse(out, VTB_DENIED, "Only a member of the board can take the chair.");
    if (to == vtb_meeting_chair(q->meeting))
        return vtb_events_refuse(out, VTB_DENIED, "You have the chair already.");
    return vtb_id_is(q->meeting->offered, to->id) ? VTB_OK : offered(to->id, out);
}

enum vtb_err vtb_decide_chair_decline(const struct vtb_question *q, struct vtb_events *out)
{
    if (!vtb_id_is(q->meeting->offered, q->caller->seat))
        return VTB_OK; /* taken back in the meantime */
    return offered((struct vtb_id){ { 0 } }, out);
}

enum vtb_err vtb_decide_chair_take(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_seat *own = vtb_meeting_seat(q->meeting, q->caller->seat);

    if (own && own == vtb_meeting_chair(q->meeting))
        return VTB_OK;
    if (own && own->role == VTB_T_MEMBER_ROLE_CHAIR)
        return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_CHAIR_ACTING,
                                                       .u.chair_acting.seat = own->id });
    if (!own || !vtb_id_is(q->meeting->offered, own->id))
        return vtb_events_refuse(out, VTB_DENIED, "The chair is not offered to you any more.");
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_CHAIR_HANDED, .u.chair_handed.seat = own->id });
}
