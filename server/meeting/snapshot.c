/*
 * snapshot.c - the state as a short list of ordinary events, with the times they had.
 *
 * There is no second schema: a browser that comes late folds the same kinds as one that was there. What
 * happened to a seat before and after the start of the running item is put before and after item.started, so
 * that presence at the item folds alike.
 */
#include "inner.h"

struct snap {
    const struct vtb_meeting *meeting;
    const struct vtb_watcher *watcher;
    struct vtb_arena *arena;
    vtb_emit_event *emit;
    void *ctx;
    enum vtb_err err;
};

static void put(struct snap *snap, int64_t at_us, struct vtb_event event)
{
    struct vtb_event cut;

    if (snap->err)
        return;
    event.at_us = at_us;
    event.seq = 0;
    /* The view is asked as if the event had just been folded: the island of a guest has one wall. */
    if (vtb_meeting_view(snap->meeting, &event, snap->watcher, snap->arena, &cut))
        snap->err = snap->emit(snap->ctx, &cut);
}

static void *take(struct snap *snap, size_t bytes)
{
    void *at = snap->err ? NULL : vtb_arena_take(snap->arena, bytes + 1);

    if (!at && !snap->err)
        snap->err = VTB_NOMEM;
    return at;
}

static void put_frame(struct snap *snap)
{
    const struct vtb_meeting *m = snap->meeting;
    struct vtb_t_discipline *required = take(snap, m->required_n * sizeof *required);
    struct vtb_t_member *members = take(snap, m->members_n * sizeof *members);

    if (!required || !members || !m->is_planned)
        return;
    for (size_t i = 0; i < m->required_n; i++) {
        struct vtb_str *counts = take(snap, m->required[i].counts_n * sizeof *counts);

        if (!counts)
            return;
        for (size_t j = 0; j < m->required[i].counts_n; j++)
            counts[j] = vtb_str_of(m->required[i].counts[j]);
        required[i] = (struct vtb_t_discipline){ .name = vtb_str_of(m->required[i].name), .counts = counts,
                                                 .counts_n = m->required[i].counts_n, .min = m->required[i].min };
    }
    for (size_t i = 0; i < m->members_n; i++)
        members[i] = (struct vtb_t_member){ .person = m->members[i].person, .role = m->members[i].role,
                                            .name = vtb_str_of(m->members[i].name),
                                            .specialty = vtb_str_of(m->members[i].specialty),
                                            .site = vtb_str_of(m->members[i].site) };
    put(snap, m->planned_us, (struct vtb_event){
        .kind = VTB_EVENT_MEETING_PLANNED,
        .u.meeting_planned = { .board = m->board, .board_name = vtb_str_of(m->board_name),
                               .starts_us = m->starts_us, .minutes = m->minutes, .timezone = vtb_str_of(m->timezone),
                               .required = required, .required_n = m->required_n, .objection_s = m->objection_s,
                               .members = members, .members_n = m->members_n,
                               .has_recording = m->may_record,
                               .has_recording_days = m->record_days != 0, .recording_days = m->record_days,
                               .recording = VTB_EV_MEETING_PLANNED_RECORDING_ALLOWED } });
}

static void put_agenda(struct snap *snap)
{
    const struct vtb_meeting *m = snap->meeting;
    struct vtb_t_item *items = take(snap, m->items_n * sizeof *items);

    if (!items || m->agenda_version == 0)
        return;
    for (size_t i = 0; i < m->items_n; i++) {
        const struct vtb_agenda_item *from = &m->items[i];

        items[i] = (struct vtb_t_item){
            .item = from->id, .case_id = from->case_id, .minutes = from->minutes,
            .presenter = from->presenter, .presenter_name = vtb_str_of(from->presenter_name),
            .referrer = from->referrer, .referrer_name = vtb_str_of(from->referrer_name),
            .name = vtb_str_of(from->name), .birth_date = vtb_str_of(from->birth_date),
            .local_id = vtb_str_of(from->local_id), .diagnosis = vtb_str_of(from->diagnosis),
            .stage = vtb_str_of(from->stage), .question = vtb_str_of(from->question),
        };
    }
    put(snap, m->agenda_us, (struct vtb_event){
        .kind = VTB_EVENT_AGENDA_SET,
        .u.agenda_set = { .version = m->agenda_version, .items = items, .items_n = m->items_n } });
}

static enum vtb_ev_item_ended_outcome outcome_of(enum vtb_item_state state)
{
    if (state == VTB_ITEM_SIGNED)
        return VTB_EV_ITEM_ENDED_OUTCOME_SIGNED;
    return state == VTB_ITEM_DEFERRED ? VTB_EV_ITEM_ENDED_OUTCOME_DEFERRED : VTB_EV_ITEM_ENDED_OUTCOME_LEFT_OPEN;
}

static void put_extended(struct snap *snap, const struct vtb_agenda_item *item)
{
    for (int64_t left = item->extended_min; left > 0; left -= 60)
        put(snap, item->extended_us, (struct vtb_event){
            .kind = VTB_EVENT_ITEM_EXTENDED,
            .u.item_extended = { .item = item->id, .minutes = left < 60 ? left : 60 } });
}

static void put_signed(struct snap *snap, const struct vtb_agenda_item *item)
{
    if (!vtb_id_is_nil(item->plan))
        put(snap, item->plan_us, (struct vtb_event){
            .kind = VTB_EVENT_ITEM_SIGNED,
            .u.item_signed = { .item = item->id, .plan = item->plan, .version = item->plan_version } });
}

/* Items that were heard, in the order in which they ran; their documents are nobody's business any more. */
static void put_past(struct snap *snap)
{
    const struct vtb_meeting *m = snap->meeting;

    for (uint32_t run = 1; run <= m->runs; run++)
        for (size_t i = 0; i < m->items_n; i++) {
            const struct vtb_agenda_item *item = &m->items[i];

            if (item->run != run || item->state == VTB_ITEM_RUNNING)
                continue;
            put(snap, item->started_us, (struct vtb_event){ .kind = VTB_EVENT_ITEM_STARTED,
                                                            .u.item_started.item = item->id });
            put_extended(snap, item);
            put_signed(snap, item);
            put(snap, item->ended_us, (struct vtb_event){
                .kind = VTB_EVENT_ITEM_ENDED,
                .u.item_ended = { .item = item->id, .outcome = outcome_of(item->state) } });
        }
}

static void put_joined(struct snap *snap, const struct vtb_seat *seat, int64_t at_us)
{
    put(snap, at_us, (struct vtb_event){
        .kind = VTB_EVENT_SEAT_JOINED,
        .u.seat_joined = { .seat = seat->id, .person = seat->person, .name = vtb_str_of(seat->name),
                           .specialty = vtb_str_of(seat->specialty), .site = vtb_str_of(seat->site),
                           .role = seat->role, .confirmed = seat->confirmed, .items = seat->items,
                           .items_n = seat->items_n, .has_device = seat->is_device, .device = seat->is_device,
                           .has_vouched_by = !vtb_id_is_nil(seat->vouched_by), .vouched_by = seat->vouched_by } });
}

static void put_left(struct snap *snap, const struct vtb_seat *seat, int64_t at_us)
{
    put(snap, at_us, (struct vtb_event){ .kind = VTB_EVENT_SEAT_LEFT, .u.seat_left.seat = seat->id });
}

/* The newest stay, where an earlier event of this seat began another one. */
static void put_last_stay(struct snap *snap, const struct vtb_seat *seat, int64_t open_since_us)
{
    if (seat->stay_us != open_since_us) {
        put_left(snap, seat, vtb_seat_is_present(seat) ? seat->left_us : seat->stay_us);
        put_joined(snap, seat, seat->stay_us);
    }
    if (!vtb_seat_is_present(seat))
        put_left(snap, seat, seat->left_us);
}

/* Stays that began before the running item did; all of them where none runs. */
static void put_seats_before(struct snap *snap, const struct vtb_agenda_item *item)
{
    const struct vtb_meeting *m = snap->meeting;

    for (size_t i = 0; i < m->seats_n; i++) {
        const struct vtb_seat *seat = &m->seats[i];
        int64_t here_us = item ? item->stays[i].joined_us : 0; /* first time at the item, 0: never */

        if (item && here_us > item->started_us) {
            if (!seat->gap_us)
                continue; /* came for the first time while it ran */
            put_joined(snap, seat, seat->joined_us);
            put_left(snap, seat, seat->gap_us);
            continue;
        }
        put_joined(snap, seat, seat->joined_us);
        if (here_us == 0) {
            put_last_stay(snap, seat, seat->joined_us);
        } else if (seat->stay_us <= item->started_us && seat->stay_us != seat->joined_us) {
            put_left(snap, seat, vtb_seat_is_present(seat) ? seat->left_us : seat->stay_us);
            put_joined(snap, seat, seat->stay_us);
        }
    }
}

/* Stays that began in the running item, and what is true of each seat now. */
static void put_seats_after(struct snap *snap, const struct vtb_agenda_item *item)
{
    const struct vtb_meeting *m = snap->meeting;

    for (size_t i = 0; i < m->seats_n; i++) {
        const struct vtb_seat *seat = &m->seats[i];
        int64_t here_us = item ? item->stays[i].joined_us : 0;

        if (here_us && here_us > item->started_us) {
            put_joined(snap, seat, here_us);
            put_last_stay(snap, seat, here_us);
        } else if (here_us) {
            put_last_stay(snap, seat, seat->stay_us <= item->started_us ? seat->stay_us : seat->joined_us);
        }
        if (seat->state == VTB_SEAT_AWAY)
            put(snap, seat->away_us, (struct vtb_event){ .kind = VTB_EVENT_SEAT_AWAY, .u.seat_away.seat = seat->id });
        if (seat->muted_us)
            put(snap, seat->muted_us, (struct vtb_event){
                .kind = VTB_EVENT_SOUND_MUTED,
                .u.sound_muted = { .seat = seat->id, .muted = seat->muted, .by = seat->muted_by } });
        if (seat->acknowledged_us)
            put(snap, seat->acknowledged_us, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_ACKNOWLEDGED,
                .u.recording_acknowledged = { .seat = seat->id, .has_by = seat->is_device, .by = seat->vouched_by } });
        if (seat->spoke)
            put(snap, seat->spoke_us, (struct vtb_event){ .kind = VTB_EVENT_SEAT_SPOKE,
                                                          .u.seat_spoke.seat = seat->id });
    }
}

static void put_page(struct snap *snap, struct vtb_id document, int64_t page, const char *digest, int64_t at_us)
{
    put(snap, at_us, (struct vtb_event){
        .kind = VTB_EVENT_PAGE_SHOWN,
        .u.page_shown = { .document = document, .page = page, .digest = vtb_str_of(digest) } });
}

/* Every picture that was shown for the item; returns how many. */
static size_t put_pictures(struct snap *snap, const struct vtb_agenda_item *item)
{
    const struct vtb_meeting *m = snap->meeting;
    size_t n = 0;

    for (size_t i = 0; i < m->pictures_n; i++)
        if (vtb_id_is(m->pictures[i].item, item->id)) {
            put_page(snap, m->pictures[i].document, m->pictures[i].page, m->pictures[i].digest,
                     m->pictures[i].at_us);
            n++;
        }
    return n;
}

static void put_shown(struct snap *snap)
{
    const struct vtb_meeting *m = snap->meeting;

    if (!m->shown_page)
        return;
    put_page(snap, m->shown_document, m->shown_page, m->shown_digest, m->shown_us);
    if (m->view.at_us)
        put(snap, m->view.at_us, (struct vtb_event){
            .kind = VTB_EVENT_VIEW_SETTLED,
            .u.view_settled = { m->view.x, m->view.y, m->view.w, m->view.h } });
}

static void put_running(struct snap *snap, const struct vtb_agenda_item *item)
{
    const struct vtb_meeting *m = snap->meeting;
    struct vtb_t_document *documents = take(snap, m->documents_n * sizeof *documents);
    struct vtb_event started = { .kind = VTB_EVENT_ITEM_STARTED };

    for (size_t i = 0; documents && i < m->documents_n && !snap->err; i++)
        snap->err = vtb_doc_view(&m->documents[i], snap->arena, &documents[i]);
    if (snap->err)
        return;
    started.u.item_started = (struct vtb_ev_item_started){ .item = item->id, .documents = documents,
                                                           .documents_n = m->documents_n };
    put(snap, item->started_us, started);
    /* Taken up again and nothing shown yet: the pictures of its first run, then the start that clears the wall. */
    if (put_pictures(snap, item) && !m->shown_page)
        put(snap, item->started_us, started);
    put_extended(snap, item);
    put_signed(snap, item);
}

static void put_floor(struct snap *snap)
{
    const struct vtb_meeting *m = snap->meeting;

    /* The floor first: being given it lowers a hand, which may have been raised again since. */
    if (!vtb_id_is_nil(m->floor))
        put(snap, m->floor_us, (struct vtb_event){ .kind = VTB_EVENT_FLOOR_GIVEN, .u.floor_given.seat = m->floor });
    for (size_t i = 0; i < m->hands_n; i++)
        put(snap, m->hands[i].at_us, (struct vtb_event){ .kind = VTB_EVENT_HAND_RAISED,
                                                         .u.hand_raised.seat = m->hands[i].seat });
    if (m->chair_us && m->is_handed)
        put(snap, m->chair_us, (struct vtb_event){ .kind = VTB_EVENT_CHAIR_HANDED, .u.chair_handed.seat = m->chair });
    else if (m->chair_us)
        put(snap, m->chair_us, (struct vtb_event){ .kind = VTB_EVENT_CHAIR_ACTING, .u.chair_acting.seat = m->chair });
    if (m->offered_us)
        put(snap, m->offered_us, (struct vtb_event){ .kind = VTB_EVENT_CHAIR_OFFERED,
                                                     .u.chair_offered.seat = m->offered });
    if (m->presenter_us)
        put(snap, m->presenter_us, (struct vtb_event){ .kind = VTB_EVENT_PRESENTER_PASSED,
                                                       .u.presenter_passed.seat = m->presenter });
}

enum vtb_err vtb_meeting_snapshot(const struct vtb_meeting *meeting, const struct vtb_watcher *watcher,
                                  struct vtb_arena *arena, vtb_emit_event *emit, void *ctx)
{
    struct snap snap = { meeting, watcher, arena, emit, ctx, VTB_OK };
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);

    if (watcher->is_guest && !vtb_meeting_guest_may_be_in(meeting, watcher->items, watcher->items_n))
        return VTB_DENIED;
    put_frame(&snap);
    put_agenda(&snap);
    if (meeting->opened_us)
        put(&snap, meeting->opened_us, (struct vtb_event){ .kind = VTB_EVENT_MEETING_OPENED });
    if (meeting->recording_us)
        put(&snap, meeting->recording_us, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_SET,
                                                              .u.recording_set.state = meeting->recording });
    put_past(&snap);
    put_seats_before(&snap, item);
    if (item)
        put_running(&snap, item);
    put_seats_after(&snap, item);
    put_floor(&snap);
    if (item)
        put_shown(&snap);
    if (meeting->closed_us)
        put(&snap, meeting->closed_us, (struct vtb_event){ .kind = VTB_EVENT_MEETING_CLOSED });
    return snap.err;
}
