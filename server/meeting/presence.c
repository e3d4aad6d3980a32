/*
 * presence.c - who is here, and who acts as chair (decision 8).
 *
 * The chair acts while present (also while "coming back"); else the co-chair, else the coordinator. A chair who
 * returns acts again; the presenter role, once passed on, stays where it is.
 */
#include "inner.h"

static void begin(struct vtb_events *out, int64_t now_us)
{
    out->now_us = now_us;
    out->by = (struct vtb_id){ { 0 } };
    out->message = NULL;
}

static int rank_of(enum vtb_t_member_role role)
{
    switch (role) {
    case VTB_T_MEMBER_ROLE_CHAIR:
        return 3;
    case VTB_T_MEMBER_ROLE_CO_CHAIR:
        return 2;
    case VTB_T_MEMBER_ROLE_COORDINATOR:
        return 1;
    case VTB_T_MEMBER_ROLE_SCRIBE:
    case VTB_T_MEMBER_ROLE_MEMBER:
    case VTB_T_MEMBER_ROLE_OBSERVER:
    case VTB_T_MEMBER_ROLE_GUEST:
        break;
    }
    return 0;
}

/* Adds chair.acting if somebody else than now should act, once `gone` (nil: nobody) is away for good and
 * `come` (nil: nobody) with this role is there. */
static enum vtb_err settle_chair(const struct vtb_meeting *meeting, struct vtb_id gone, struct vtb_id come,
                                 enum vtb_t_member_role come_role, struct vtb_events *out)
{
    const struct vtb_seat *now = vtb_meeting_chair(meeting), *known = vtb_meeting_seat(meeting, come);
    struct vtb_id best = { { 0 } };
    int best_rank = 0;

    /* Handed over: stays there, unless that seat leaves or the board's chair returns from away. */
    if (meeting->is_handed && now && !vtb_id_is(now->id, gone) &&
        (come_role != VTB_T_MEMBER_ROLE_CHAIR || vtb_id_is_nil(come) || (known && vtb_seat_is_present(known))))
        return VTB_OK;

    if (now && !vtb_id_is(now->id, gone) && !vtb_id_is(now->id, come)) {
        best = now->id;
        best_rank = rank_of(now->role);
    }
    if (rank_of(come_role) > best_rank && !vtb_id_is_nil(come)) {
        best = come;
        best_rank = rank_of(come_role);
    }
    for (size_t i = 0; i < meeting->seats_n; i++) {
        const struct vtb_seat *seat = &meeting->seats[i];

        if (vtb_seat_is_present(seat) && !vtb_id_is(seat->id, gone) && rank_of(seat->role) > best_rank) {
            best = seat->id;
            best_rank = rank_of(seat->role);
        }
    }
    if (best_rank == 0 || vtb_id_is(best, meeting->chair))
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_CHAIR_ACTING, .u.chair_acting.seat = best });
}

/* The card of who joins. What board and invitation say is fixed by them; what chair or coordinator confirmed in this
 * meeting was said later and stays, whatever the card says. */
static struct vtb_ev_seat_joined card_of(const struct vtb_ev_seat_joined *join, const struct vtb_seat *known)
{
    struct vtb_ev_seat_joined card = *join;

    if (!known)
        return card;
    card.seat = known->id;
    if (known->is_confirmed_here) {
        card.confirmed = true;
        card.specialty = vtb_str_of(known->specialty);
    }
    return card;
}

enum vtb_err vtb_meeting_join(const struct vtb_meeting *meeting, const struct vtb_ev_seat_joined *join,
                              int64_t now_us, struct vtb_events *out)
{
    const struct vtb_seat *known = vtb_meeting_person(meeting, join->person);
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);
    struct vtb_ev_seat_joined card = card_of(join, known);
    size_t before = out->n;
    enum vtb_err err;

    begin(out, now_us);
    if (meeting->phase == VTB_MEETING_CLOSED)
        return vtb_events_refuse(out, VTB_CLOSED, "This meeting is over.");
    if (join->role == VTB_T_MEMBER_ROLE_GUEST && !vtb_meeting_guest_may_be_in(meeting, join->items, join->items_n))
        return vtb_events_refuse(out, VTB_DENIED, "Your case is not being discussed just now.");
    if (!known && meeting->seats_n == VTB_MAX_MEETING_SEATS)
        return vtb_events_refuse(out, VTB_LIMIT, "This meeting is full: it has 500 seats.");

    out->by = card.seat;
    err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SEAT_JOINED, .u.seat_joined = card });
    if (!err)
        err = settle_chair(meeting, (struct vtb_id){ { 0 } }, card.seat, card.role, out);
    /* The item's presenter comes late and nobody was passed the role in the meantime. */
    if (!err && item && meeting->presenter_us == 0 && vtb_id_is(item->presenter, card.person))
        err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PRESENTER_PASSED,
                                                      .u.presenter_passed.seat = card.seat });
    if (err)
        out->n = before;
    return err;
}

enum vtb_err vtb_meeting_away(const struct vtb_meeting *meeting, struct vtb_id seat, int64_t now_us,
                              struct vtb_events *out)
{
    const struct vtb_seat *who = vtb_meeting_seat(meeting, seat);

    begin(out, now_us);
    if (!who || who->state != VTB_SEAT_HERE)
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SEAT_AWAY, .u.seat_away.seat = seat });
}

enum vtb_err vtb_meeting_back(const struct vtb_meeting *meeting, struct vtb_id seat, int64_t now_us,
                              struct vtb_events *out)
{
    const struct vtb_seat *who = vtb_meeting_seat(meeting, seat);

    begin(out, now_us);
    if (!who || who->state == VTB_SEAT_LEFT)
        return vtb_events_refuse(out, VTB_ABSENT, "You are not in this meeting just now.");
    if (who->state == VTB_SEAT_HERE)
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SEAT_BACK, .u.seat_back.seat = seat });
}

enum vtb_err vtb_add_seat_left(const struct vtb_meeting *meeting, const struct vtb_seat *seat, struct vtb_events *out)
{
    size_t before = out->n;
    enum vtb_err err;

    err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SEAT_LEFT, .u.seat_left.seat = seat->id });
    if (!err && vtb_id_is(meeting->presenter, seat->id))
        err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PRESENTER_PASSED }); /* nil: the chair */
    if (!err && vtb_id_is(meeting->chair, seat->id))
        err = settle_chair(meeting, seat->id, (struct vtb_id){ { 0 } }, VTB_T_MEMBER_ROLE_GUEST, out);
    if (err)
        out->n = before;
    return err;
}

enum vtb_err vtb_meeting_gone(const struct vtb_meeting *meeting, struct vtb_id seat, int64_t now_us,
                              struct vtb_events *out)
{
    const struct vtb_seat *who = vtb_meeting_seat(meeting, seat);

    begin(out, now_us);
    if (!who || !vtb_seat_is_present(who))
        return VTB_OK;
    return vtb_add_seat_left(meeting, who, out);
}

enum vtb_err vtb_decide_leave(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_seat *who = vtb_meeting_seat(q->meeting, q->caller->seat);

    if (!who || !vtb_seat_is_present(who))
        return VTB_OK;
    return vtb_add_seat_left(q->meeting, who, out);
}

enum vtb_err vtb_meeting_spoke(const struct vtb_meeting *meeting, struct vtb_id seat, int64_t now_us,
                               struct vtb_events *out)
{
    const struct vtb_seat *who = vtb_meeting_seat(meeting, seat);

    begin(out, now_us);
    if (!who || !vtb_seat_is_present(who) || who->spoke || !vtb_meeting_running(meeting))
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SEAT_SPOKE, .u.seat_spoke.seat = seat });
}

enum vtb_err vtb_decide_seat_confirm(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_ask_seat_confirm *ask = &q->ask->u.seat_confirm;
    const struct vtb_seat *who = vtb_meeting_seat(q->meeting, ask->seat);
    struct vtb_event event = { .kind = VTB_EVENT_SEAT_CONFIRMED, .u.seat_confirmed.seat = ask->seat };

    if (!who)
        return vtb_events_refuse(out, VTB_ABSENT, "This person is not in the meeting.");
    if (!vtb_specialty_is_known(ask->specialty)) /* another word would count for nothing, and be printed in the plan */
        return vtb_events_refuse(out, VTB_PARSE, "Choose the specialty that counts from the list.");
    if (who->confirmed && vtb_str_is(vtb_str_of(who->specialty), ask->specialty))
        return VTB_OK;
    event.u.seat_confirmed.specialty = ask->specialty;
    return vtb_events_add(out, event);
}
