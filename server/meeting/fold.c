/* fold.c - one durable event at a time. Cannot fail: it runs alike live, after a crash and in a browser. */
#include "inner.h"

static void fold_page(struct vtb_meeting *meeting, const struct vtb_ev_page_shown *shown, int64_t at_us)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);
    const struct vtb_doc *doc = vtb_meeting_document(meeting, shown->document);
    struct vtb_shown_picture *picture;

    meeting->shown_document = shown->document;
    meeting->shown_page = (uint16_t)shown->page;
    VTB_KEEP(meeting->shown_digest, shown->digest);
    meeting->shown_us = at_us;
    memset(&meeting->view, 0, sizeof meeting->view);

    if (!item || meeting->pictures_n == VTB_MAX_PICTURES)
        return;
    for (size_t i = 0; i < meeting->pictures_n; i++) {
        picture = &meeting->pictures[i];
        if (vtb_id_is(picture->item, item->id) && vtb_id_is(picture->document, shown->document) &&
            picture->page == meeting->shown_page && strcmp(picture->digest, meeting->shown_digest) == 0)
            return;
    }
    picture = &meeting->pictures[meeting->pictures_n++];
    picture->item = item->id;
    picture->document = shown->document;
    picture->page = meeting->shown_page;
    picture->at_us = at_us;
    VTB_KEEP(picture->digest, shown->digest);
    VTB_KEEP(picture->title, doc ? vtb_str_of(doc->title) : VTB_LIT(""));
}

static void fold_view(struct vtb_meeting *meeting, const struct vtb_ev_view_settled *view, int64_t at_us)
{
    meeting->view.x = view->x;
    meeting->view.y = view->y;
    meeting->view.w = view->w;
    meeting->view.h = view->h;
    meeting->view.at_us = at_us;
}

static void fold_hand(struct vtb_meeting *meeting, const struct vtb_ev_hand_raised *raised, int64_t at_us)
{
    size_t place = meeting->hands_n;

    for (size_t i = 0; i < meeting->hands_n; i++)
        if (vtb_id_is(meeting->hands[i].seat, raised->seat))
            return;
    if (meeting->hands_n == VTB_MAX_MEETING_HANDS)
        return;
    if (raised->has_place && raised->place < (int64_t)place)
        place = (size_t)raised->place;
    memmove(&meeting->hands[place + 1], &meeting->hands[place], (meeting->hands_n - place) * sizeof meeting->hands[0]);
    meeting->hands[place].seat = raised->seat;
    meeting->hands[place].at_us = raised->has_since_us ? raised->since_us : at_us;
    meeting->hands_n++;
}

static void fold_closed(struct vtb_meeting *meeting, int64_t at_us)
{
    meeting->phase = VTB_MEETING_CLOSED;
    meeting->closed_us = at_us;
    meeting->hands_n = 0;
    meeting->floor = (struct vtb_id){ { 0 } };
    meeting->recording = VTB_EV_RECORDING_SET_STATE_OFF;
}

/* Events that change one seat or one item in place. */
static void fold_small(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    struct vtb_id who = { { 0 } };
    struct vtb_seat *seat;
    int at;

    switch ((unsigned)event->kind) {
    case VTB_EVENT_SEAT_AWAY:
        who = event->u.seat_away.seat;
        break;
    case VTB_EVENT_SEAT_BACK:
        who = event->u.seat_back.seat;
        break;
    case VTB_EVENT_SEAT_CONFIRMED:
        who = event->u.seat_confirmed.seat;
        break;
    case VTB_EVENT_SOUND_MUTED:
        who = event->u.sound_muted.seat;
        break;
    case VTB_EVENT_SEAT_SPOKE:
        who = event->u.seat_spoke.seat;
        break;
    }
    at = vtb_seat_place(meeting, who);
    if (at == VTB_NO_SEAT)
        return;
    seat = &meeting->seats[at];
    if (event->kind == VTB_EVENT_SEAT_CONFIRMED) {
        VTB_KEEP(seat->specialty, event->u.seat_confirmed.specialty);
        seat->confirmed = seat->is_confirmed_here = true;
    } else if (event->kind == VTB_EVENT_SEAT_SPOKE) {
        seat->spoke = true;
        seat->spoke_us = event->at_us;
    } else if (!vtb_seat_is_present(seat)) {
        return;
    } else if (event->kind == VTB_EVENT_SOUND_MUTED) {
        seat->muted = event->u.sound_muted.muted;
        seat->muted_by = event->u.sound_muted.by;
        seat->muted_us = event->at_us;
        vtb_fold_silenced(seat, &event->u.sound_muted);
    } else {
        seat->state = event->kind == VTB_EVENT_SEAT_AWAY ? VTB_SEAT_AWAY : VTB_SEAT_HERE;
        seat->away_us = event->kind == VTB_EVENT_SEAT_AWAY ? event->at_us : 0;
    }
}

static void fold_item_small(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    bool is_signed = event->kind == VTB_EVENT_ITEM_SIGNED;
    int at = vtb_item_place(meeting, is_signed ? event->u.item_signed.item : event->u.item_extended.item);

    if (at == VTB_NO_ITEM)
        return;
    if (is_signed) {
        meeting->items[at].plan = event->u.item_signed.plan;
        meeting->items[at].plan_version = event->u.item_signed.version;
        meeting->items[at].plan_us = event->at_us;
    } else {
        meeting->items[at].extended_min += event->u.item_extended.minutes;
        meeting->items[at].extended_us = event->at_us;
    }
}

static void fold_roles(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    if (event->kind == VTB_EVENT_PRESENTER_PASSED) {
        meeting->presenter = event->u.presenter_passed.seat;
        meeting->presenter_us = event->at_us;
    } else if (event->kind == VTB_EVENT_CHAIR_ACTING || event->kind == VTB_EVENT_CHAIR_HANDED) {
        meeting->is_handed = event->kind == VTB_EVENT_CHAIR_HANDED;
        meeting->chair = meeting->is_handed ? event->u.chair_handed.seat : event->u.chair_acting.seat;
        meeting->chair_us = event->at_us;
        meeting->offered = (struct vtb_id){ { 0 } }; /* made by somebody who no longer acts */
        meeting->offered_us = 0;
    } else if (event->kind == VTB_EVENT_CHAIR_OFFERED) {
        meeting->offered = event->u.chair_offered.seat;
        meeting->offered_us = vtb_id_is_nil(meeting->offered) ? 0 : event->at_us;
    } else { /* who has the floor no longer waits for it */
        vtb_fold_hand_lowered(meeting, event->u.floor_given.seat);
        meeting->floor = event->u.floor_given.seat;
        meeting->floor_us = event->at_us;
    }
}

/* Where the meeting as a whole stands. */
static void fold_phase(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    if (event->kind == VTB_EVENT_MEETING_OPENED) {
        meeting->phase = VTB_MEETING_OPEN;
        meeting->opened_us = event->at_us;
    } else if (event->kind == VTB_EVENT_MEETING_CLOSED) {
        fold_closed(meeting, event->at_us);
    } else {
        meeting->is_archived = true;
    }
}

/* The switch is over the meeting's own kinds; events of cases and of the site are none of its business. */
void vtb_meeting_fold(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    if (vtb_event_stream(event->kind) != VTB_STREAM_MEETING)
        return;
    if (event->seq)
        meeting->seq = event->seq;
    vtb_fold_press(meeting, event);
    switch ((unsigned)event->kind) {
    case VTB_EVENT_MEETING_PLANNED:
        vtb_fold_frame(meeting, &event->u.meeting_planned);
        meeting->planned_us = event->at_us;
        break;
    case VTB_EVENT_AGENDA_SET:
        vtb_fold_agenda(meeting, &event->u.agenda_set);
        meeting->agenda_us = event->at_us;
        break;
    case VTB_EVENT_MEETING_OPENED:
    case VTB_EVENT_MEETING_CLOSED:
    case VTB_EVENT_MEETING_ARCHIVED:
        fold_phase(meeting, event);
        break;
    case VTB_EVENT_RECORDING_POLICY:
    case VTB_EVENT_RECORDING_SET:
    case VTB_EVENT_RECORDING_ACKNOWLEDGED:
        vtb_fold_recording(meeting, event);
        break;
    case VTB_EVENT_SEAT_JOINED:
        vtb_fold_seat_joined(meeting, &event->u.seat_joined, event->at_us);
        break;
    case VTB_EVENT_SEAT_LEFT:
        vtb_fold_seat_left(meeting, event->u.seat_left.seat, event->at_us);
        break;
    case VTB_EVENT_SEAT_AWAY:
    case VTB_EVENT_SEAT_BACK:
    case VTB_EVENT_SEAT_CONFIRMED:
    case VTB_EVENT_SOUND_MUTED:
    case VTB_EVENT_SEAT_SPOKE:
        fold_small(meeting, event);
        break;
    case VTB_EVENT_HAND_RAISED:
        fold_hand(meeting, &event->u.hand_raised, event->at_us);
        break;
    case VTB_EVENT_HAND_LOWERED:
        vtb_fold_hand_lowered(meeting, event->u.hand_lowered.seat);
        break;
    case VTB_EVENT_FLOOR_GIVEN:
    case VTB_EVENT_PRESENTER_PASSED:
    case VTB_EVENT_CHAIR_ACTING:
    case VTB_EVENT_CHAIR_OFFERED:
    case VTB_EVENT_CHAIR_HANDED:
        fold_roles(meeting, event);
        break;
    case VTB_EVENT_ITEM_STARTED:
        vtb_fold_item_started(meeting, &event->u.item_started, event->at_us);
        break;
    case VTB_EVENT_ITEM_EXTENDED:
    case VTB_EVENT_ITEM_SIGNED:
        fold_item_small(meeting, event);
        break;
    case VTB_EVENT_ITEM_ENDED:
        vtb_fold_item_ended(meeting, &event->u.item_ended, event->at_us);
        break;
    case VTB_EVENT_DOCUMENT_SHARED:
        vtb_fold_document(meeting, &event->u.document_shared);
        break;
    case VTB_EVENT_PAGE_SHOWN:
        fold_page(meeting, &event->u.page_shown, event->at_us);
        break;
    case VTB_EVENT_PAGE_HIDDEN:
        vtb_fold_nothing_shown(meeting);
        break;
    case VTB_EVENT_ITEM_UNDONE:
        vtb_fold_item_undone(meeting, &event->u.item_undone);
        break;
    case VTB_EVENT_VIEW_SETTLED:
        fold_view(meeting, &event->u.view_settled, event->at_us);
        break;
    }
}
