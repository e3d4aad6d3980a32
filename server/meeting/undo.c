/*
 * undo.c - the chair's last press taken back (experience 3.5): next case, more minutes, floor, mute.
 *
 * fold keeps what the press changed, before it changes it. Taking back is a press like any other: events whose
 * fold brings the former state, then press.undone. A mute cannot be taken back as sound, since only the owner opens
 * a microphone; what is taken back is that it was somebody else's doing.
 */
#include "inner.h"

#define UNDO_US (INT64_C(12) * 1000000) /* ten seconds on the screen, and the way here */

/* ---- fold: what a press would have to bring back ---- */

static struct vtb_undo *pressed(struct vtb_meeting *meeting, enum vtb_press press, const struct vtb_event *event)
{
    struct vtb_undo *undo = &meeting->undo;

    memset(undo, 0, sizeof *undo);
    undo->press = press;
    undo->by = event->by;
    undo->at_us = event->at_us;
    return undo;
}

static void keep_shown(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    struct vtb_undo *undo = pressed(meeting, VTB_PRESS_ITEM, event);

    undo->presenter = meeting->presenter;
    undo->presenter_us = meeting->presenter_us;
    undo->shown_document = meeting->shown_document;
    undo->shown_page = meeting->shown_page;
    undo->shown_us = meeting->shown_us;
    memcpy(undo->shown_digest, meeting->shown_digest, sizeof undo->shown_digest);
    memcpy(&undo->view, &meeting->view, sizeof undo->view);
    undo->runs = meeting->runs;
    undo->seats_n = meeting->seats_n;
    for (size_t i = 0; i < meeting->seats_n; i++) {
        undo->seats[i].spoke_us = meeting->seats[i].spoke_us;
        undo->seats[i].gap_us = meeting->seats[i].gap_us;
    }
}

static bool is_same_press(const struct vtb_undo *undo, enum vtb_press press, const struct vtb_event *event)
{
    return undo->press == press && undo->at_us == event->at_us && vtb_id_is(undo->by, event->by);
}

static void press_item(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    struct vtb_undo *undo = &meeting->undo;
    int at;

    if (event->kind == VTB_EVENT_ITEM_ENDED) {
        keep_shown(meeting, event);
        undo->back = event->u.item_ended.item;
        return;
    }
    if (!is_same_press(undo, VTB_PRESS_ITEM, event))
        keep_shown(meeting, event);
    at = vtb_item_place(meeting, event->u.item_started.item);
    if (at == VTB_NO_ITEM)
        return;
    undo->item = event->u.item_started.item;
    undo->was = meeting->items[at];
}

static void press_floor(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    struct vtb_undo *undo = pressed(meeting, VTB_PRESS_FLOOR, event);

    undo->seat = event->u.floor_given.seat;
    undo->floor = meeting->floor;
    for (size_t i = 0; i < meeting->hands_n; i++)
        if (vtb_id_is(meeting->hands[i].seat, undo->seat)) {
            undo->hand = (uint16_t)(i + 1);
            undo->hand_us = meeting->hands[i].at_us;
        }
}

void vtb_fold_press(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    const struct vtb_ev_sound_muted *muted = &event->u.sound_muted;
    struct vtb_undo *undo;

    if (vtb_id_is_nil(event->by))
        return; /* the server's doing */
    switch ((unsigned)event->kind) {
    case VTB_EVENT_ITEM_ENDED:
    case VTB_EVENT_ITEM_STARTED:
        press_item(meeting, event);
        break;
    case VTB_EVENT_ITEM_EXTENDED:
        undo = pressed(meeting, VTB_PRESS_MINUTES, event);
        undo->item = event->u.item_extended.item;
        undo->minutes = event->u.item_extended.minutes;
        break;
    case VTB_EVENT_FLOOR_GIVEN:
        press_floor(meeting, event);
        break;
    case VTB_EVENT_SOUND_MUTED:
        if (muted->muted && !vtb_id_is(muted->seat, event->by) && !vtb_id_is(muted->seat, muted->by) && !is_same_press(&meeting->undo, VTB_PRESS_MUTE, event))
            pressed(meeting, VTB_PRESS_MUTE, event);
        break;
    case VTB_EVENT_PRESS_UNDONE:
    case VTB_EVENT_MEETING_CLOSED:
        memset(&meeting->undo, 0, sizeof meeting->undo);
        break;
    }
}

/* ---- fold: a case runs again as if it had never stopped ---- */

/* Presence at the item that runs again: who came or left meanwhile did so in the item that is taken back. */
static void bridge_stay(struct vtb_meeting *meeting, size_t i, struct vtb_stay *stay, const struct vtb_stay *between)
{
    struct vtb_seat *seat = &meeting->seats[i];
    bool is_new = stay->joined_us == 0;

    if (is_new && between)
        *stay = *between;
    if (vtb_seat_is_present(seat)) {
        if (stay->joined_us == 0)
            stay->joined_us = seat->stay_us;
        stay->left_us = 0;
    } else if (stay->joined_us && stay->left_us == 0) {
        stay->left_us = seat->left_us;
    }
    if (!is_new || !stay->joined_us)
        seat->gap_us = i < meeting->undo.seats_n ? meeting->undo.seats[i].gap_us : 0;
}

static void run_again(struct vtb_meeting *meeting, int at, const struct vtb_agenda_item *undone,
                      const struct vtb_ev_item_undone *event)
{
    const struct vtb_undo *undo = &meeting->undo;
    struct vtb_agenda_item *item = &meeting->items[at];

    item->state = VTB_ITEM_RUNNING;
    item->ended_us = 0;
    meeting->running = at + 1;
    meeting->documents_n = event->documents_n < VTB_MAX_DOCUMENTS ? event->documents_n : VTB_MAX_DOCUMENTS;
    for (size_t i = 0; i < meeting->documents_n; i++)
        vtb_doc_keep(&meeting->documents[i], &event->documents[i]);
    meeting->presenter = undo->presenter;
    meeting->presenter_us = undo->presenter_us;
    meeting->shown_document = undo->shown_document;
    meeting->shown_page = undo->shown_page;
    meeting->shown_us = undo->shown_us;
    memcpy(meeting->shown_digest, undo->shown_digest, sizeof meeting->shown_digest);
    memcpy(&meeting->view, &undo->view, sizeof meeting->view);
    for (size_t i = 0; i < meeting->seats_n; i++)
        bridge_stay(meeting, i, &item->stays[i], undone ? &undone->stays[i] : NULL);
}

void vtb_fold_item_undone(struct vtb_meeting *meeting, const struct vtb_ev_item_undone *event)
{
    const struct vtb_undo *undo = &meeting->undo;
    int at = vtb_item_place(meeting, event->item), back = vtb_item_place(meeting, event->back);
    struct vtb_agenda_item *undone = at == VTB_NO_ITEM ? NULL : &meeting->items[at];

    if (undo->press != VTB_PRESS_ITEM || !vtb_id_is(undo->item, event->item) || !vtb_id_is(undo->back, event->back))
        return; /* decided against another state: cannot be, and changes nothing */
    meeting->running = 0;
    meeting->documents_n = 0;
    vtb_fold_nothing_shown(meeting);
    meeting->presenter = (struct vtb_id){ { 0 } };
    meeting->presenter_us = 0;
    if (back != VTB_NO_ITEM)
        run_again(meeting, back, undone, event);
    for (size_t i = 0; i < meeting->seats_n; i++) {
        meeting->seats[i].spoke_us = i < undo->seats_n ? undo->seats[i].spoke_us : 0;
        meeting->seats[i].spoke = meeting->seats[i].spoke_us != 0;
    }
    if (undone) {
        undone->state = undo->was.state; /* minutes and names may have been edited since: those stay */
        undone->started_us = undo->was.started_us;
        undone->ended_us = undo->was.ended_us;
        undone->extended_min = undo->was.extended_min;
        undone->extended_us = undo->was.extended_us;
        undone->run = undo->was.run;
        memcpy(undone->stays, undo->was.stays, sizeof undone->stays);
        meeting->runs = undo->runs;
    }
}

/* ---- decide ---- */

static enum vtb_ev_item_undone_was was_of(enum vtb_item_state state)
{
    switch (state) {
    case VTB_ITEM_PLANNED:
    case VTB_ITEM_RUNNING:
        break;
    case VTB_ITEM_SIGNED:
        return VTB_EV_ITEM_UNDONE_WAS_SIGNED;
    case VTB_ITEM_DEFERRED:
        return VTB_EV_ITEM_UNDONE_WAS_DEFERRED;
    case VTB_ITEM_LEFT_OPEN:
        return VTB_EV_ITEM_UNDONE_WAS_LEFT_OPEN;
    }
    return VTB_EV_ITEM_UNDONE_WAS_PLANNED;
}

/* Guests of the item that runs again come back by themselves; those of the other leave with it. */
static enum vtb_err guests_leave(const struct vtb_meeting *meeting, struct vtb_id back, struct vtb_events *out)
{
    enum vtb_err err = VTB_OK;

    for (size_t i = 0; i < meeting->seats_n && !err; i++)
        if (vtb_is_stray_guest(&meeting->seats[i], back))
            err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SEAT_LEFT,
                                                          .u.seat_left.seat = meeting->seats[i].id });
    return err;
}

static enum vtb_err undo_item(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_undo *undo = &q->meeting->undo;
    const struct vtb_agenda_item *running = vtb_meeting_running(q->meeting);
    bool as_then = running ? vtb_id_is(running->id, undo->item) : vtb_id_is_nil(undo->item);
    enum vtb_err err;

    if (!as_then || (!vtb_id_is_nil(undo->back) && !vtb_meeting_item(q->meeting, undo->back)))
        return vtb_events_refuse(out, VTB_STALE, "Something else happened since. Nothing was taken back.");
    if ((running && !vtb_id_is_nil(running->plan) && running->plan_us >= running->started_us) ||
        q->facts->plan == VTB_PLAN_READBACK || q->facts->plan == VTB_PLAN_SIGNED)
        return vtb_events_refuse(out, VTB_DENIED, "The plan of this case is being read back or signed. It stays.");
    if (q->facts->documents_n > VTB_MAX_DOCUMENTS)
        return vtb_events_refuse(out, VTB_LIMIT, "A case can show 40 documents. Remove some first.");
    err = guests_leave(q->meeting, undo->back, out);
    if (!err)
        err = vtb_events_add(out, (struct vtb_event){
            .kind = VTB_EVENT_ITEM_UNDONE,
            .u.item_undone = { .item = undo->item, .was = was_of(undo->was.state), .back = undo->back,
                               .documents = q->facts->documents, .documents_n = q->facts->documents_n } });
    return err;
}

static enum vtb_err undo_minutes(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_undo *undo = &q->meeting->undo;
    const struct vtb_agenda_item *item = vtb_meeting_running(q->meeting);

    if (!item || !vtb_id_is(item->id, undo->item))
        return vtb_events_refuse(out, VTB_STALE, "This case is over. Nothing was taken back.");
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_ITEM_EXTENDED, .u.item_extended = { .item = item->id, .minutes = -undo->minutes } });
}

static enum vtb_err undo_floor(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_undo *undo = &q->meeting->undo;
    const struct vtb_seat *seat = vtb_meeting_seat(q->meeting, undo->seat);
    const struct vtb_seat *before = vtb_meeting_seat(q->meeting, undo->floor);
    struct vtb_id to = before && vtb_seat_is_present(before) ? before->id : (struct vtb_id){ { 0 } };
    enum vtb_err err;

    if (!vtb_id_is(q->meeting->floor, undo->seat))
        return vtb_events_refuse(out, VTB_STALE, "Somebody else has the floor by now. Nothing was taken back.");
    for (size_t i = 0; i < q->meeting->hands_n; i++)
        if (vtb_id_is(q->meeting->hands[i].seat, to))
            to = (struct vtb_id){ { 0 } }; /* being given the floor would lower that hand */
    err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_FLOOR_GIVEN, .u.floor_given.seat = to });
    if (err || !undo->hand || !seat || !vtb_seat_is_present(seat) || q->meeting->hands_n == VTB_MAX_MEETING_HANDS)
        return err;
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_HAND_RAISED,
        .u.hand_raised = { .seat = seat->id, .has_place = true, .place = undo->hand - 1, .has_since_us = true,
                           .since_us = undo->hand_us } });
}

static enum vtb_err undo_mute(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_undo *undo = &q->meeting->undo;
    enum vtb_err err = VTB_OK;

    for (size_t i = 0; i < q->meeting->seats_n && !err; i++) {
        const struct vtb_seat *seat = &q->meeting->seats[i];

        if (vtb_seat_is_present(seat) && seat->muted && seat->muted_us == undo->at_us &&
            vtb_id_is(seat->muted_by, undo->by))
            err = vtb_events_add(out, (struct vtb_event){
                .kind = VTB_EVENT_SOUND_MUTED,
                .u.sound_muted = { .seat = seat->id, .muted = true, .by = seat->id } });
    }
    return err;
}

enum vtb_err vtb_decide_press_undo(const struct vtb_question *q, struct vtb_events *out)
{
    static const enum vtb_ev_press_undone_what what[] = {
        [VTB_PRESS_ITEM] = VTB_EV_PRESS_UNDONE_WHAT_ITEM, [VTB_PRESS_MINUTES] = VTB_EV_PRESS_UNDONE_WHAT_MINUTES,
        [VTB_PRESS_FLOOR] = VTB_EV_PRESS_UNDONE_WHAT_FLOOR, [VTB_PRESS_MUTE] = VTB_EV_PRESS_UNDONE_WHAT_MUTE };
    const struct vtb_undo *undo = &q->meeting->undo;
    enum vtb_err err = VTB_OK;

    if (undo->press == VTB_PRESS_NONE || !vtb_id_is(undo->by, q->caller->seat))
        return vtb_events_refuse(out, VTB_ABSENT, "There is nothing of yours to take back.");
    if (out->now_us - undo->at_us > UNDO_US)
        return vtb_events_refuse(out, VTB_STALE, "The ten seconds are over. Nothing was taken back.");
    switch (undo->press) {
    case VTB_PRESS_NONE:
        break;
    case VTB_PRESS_ITEM:
        err = undo_item(q, out);
        break;
    case VTB_PRESS_MINUTES:
        err = undo_minutes(q, out);
        break;
    case VTB_PRESS_FLOOR:
        err = undo_floor(q, out);
        break;
    case VTB_PRESS_MUTE:
        err = undo_mute(q, out);
        break;
    }
    if (err)
        return err;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PRESS_UNDONE,
                                                   .u.press_undone.what = what[undo->press] });
}
