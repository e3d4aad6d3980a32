/* item.c - opening and closing the room, and moving from case to case. */
#include "inner.h"

enum vtb_err vtb_decide_open(const struct vtb_question *q, struct vtb_events *out)
{
    if (q->meeting->phase == VTB_MEETING_OPEN)
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_MEETING_OPENED });
}

static enum vtb_err end_item(const struct vtb_agenda_item *item, enum vtb_ev_item_ended_outcome outcome,
                             struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_ITEM_ENDED,
                                                   .u.item_ended = { .item = item->id, .outcome = outcome } });
}

bool vtb_is_stray_guest(const struct vtb_seat *seat, struct vtb_id item)
{
    return seat->role == VTB_T_MEMBER_ROLE_GUEST && vtb_seat_is_present(seat) &&
           !vtb_has_id(seat->items, seat->items_n, item);
}

/* Guests leave with their item; those of the next one stay. Nobody of them acts or presents any more. */
static enum vtb_err guests_leave(const struct vtb_meeting *meeting, struct vtb_id next, struct vtb_events *out)
{
    enum vtb_err err = VTB_OK;

    for (size_t i = 0; i < meeting->seats_n && !err; i++)
        if (vtb_is_stray_guest(&meeting->seats[i], next))
            err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SEAT_LEFT,
                                                          .u.seat_left.seat = meeting->seats[i].id });
    return err;
}

/* The document without its pages, saying why: the room is told each page of what it can be shown. */
static struct vtb_t_document too_many_pages(const struct vtb_t_document *document)
{
    struct vtb_t_document left_out = *document;

    left_out.pages = NULL;
    left_out.pages_n = 0;
    left_out.state = VTB_T_DOCUMENT_STATE_FAILED;
    left_out.message = VTB_LIT("Not shown here: a meeting shows 1,000 pages of a case. Take another file out first.");
    return left_out;
}

/* The documents in their order, as far as the pages go. NULL: no memory. */
static const struct vtb_t_document *within_pages(const struct vtb_t_document *documents, size_t n,
                                                 struct vtb_events *out)
{
    struct vtb_t_document *list = vtb_arena_take(&out->arena, n * sizeof *list + 1);
    size_t pages = 0;

    for (size_t i = 0; list && i < n; i++) {
        bool fits = pages + documents[i].pages_n <= VTB_MAX_SHOWN_PAGES;

        list[i] = fits ? documents[i] : too_many_pages(&documents[i]);
        pages += list[i].pages_n;
    }
    return list;
}

static enum vtb_err start_item(const struct vtb_question *q, const struct vtb_agenda_item *item,
                               struct vtb_events *out)
{
    const struct vtb_seat *presenter = vtb_meeting_person(q->meeting, item->presenter);
    const struct vtb_t_document *documents;
    enum vtb_err err;

    if (q->facts->documents_n > VTB_MAX_DOCUMENTS)
        return vtb_events_refuse(out, VTB_LIMIT, "A case can show 40 documents. Remove some first.");
    documents = within_pages(q->facts->documents, q->facts->documents_n, out);
    if (!documents)
        return VTB_NOMEM;
    err = vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_ITEM_STARTED,
        .u.item_started = { .item = item->id, .documents = documents,
                            .documents_n = q->facts->documents_n },
    });
    if (err || !presenter || !vtb_seat_is_present(presenter) || vtb_is_stray_guest(presenter, item->id))
        return err; /* comes later: vtb_meeting_join gives it to them */
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PRESENTER_PASSED,
                                                   .u.presenter_passed.seat = presenter->id });
}

/* What becomes of the running item; refuses where a draft would be lost without a word. */
static enum vtb_err leave_item(const struct vtb_question *q, enum vtb_ask_item_next_unsigned choice,
                               struct vtb_events *out)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(q->meeting);

    switch (q->facts->plan) {
    case VTB_PLAN_SIGNED:
        return end_item(item, VTB_EV_ITEM_ENDED_OUTCOME_SIGNED, out);
    case VTB_PLAN_READBACK:
        return vtb_events_refuse(out, VTB_DENIED,
                                 "The plan is being read back. Sign it, or go back to the discussion first.");
    case VTB_PLAN_NONE:
    case VTB_PLAN_DRAFT:
        break;
    }
    switch (choice) {
    case VTB_ASK_ITEM_NEXT_UNSIGNED_REFUSE:
        break;
    case VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER:
        return end_item(item, VTB_EV_ITEM_ENDED_OUTCOME_DEFERRED, out);
    case VTB_ASK_ITEM_NEXT_UNSIGNED_LEAVE_OPEN:
        return end_item(item, VTB_EV_ITEM_ENDED_OUTCOME_LEFT_OPEN, out);
    }
    return vtb_events_refuse(out, VTB_DENIED, "The plan is not signed. Read it back and sign, defer the case, or "
                                              "leave the plan open and come back to it.");
}

enum vtb_err vtb_decide_item_start(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_agenda_item *running = vtb_meeting_running(q->meeting);
    const struct vtb_agenda_item *item = vtb_meeting_item(q->meeting, q->ask->u.item_start.item);
    enum vtb_err err = VTB_OK;

    if (!item)
        return vtb_events_refuse(out, VTB_ABSENT, "This case is not on the agenda.");
    if (item == running)
        return VTB_OK;
    if (running)
        err = leave_item(q, VTB_ASK_ITEM_NEXT_UNSIGNED_REFUSE, out);
    if (!err)
        err = guests_leave(q->meeting, item->id, out);
    if (!err)
        err = start_item(q, item, out);
    return err;
}

enum vtb_err vtb_decide_item_next(const struct vtb_question *q, struct vtb_events *out)
{
    struct vtb_id id = vtb_meeting_next(q->meeting);
    const struct vtb_agenda_item *next = vtb_meeting_item(q->meeting, id);
    enum vtb_err err = VTB_OK;

    if (!vtb_meeting_running(q->meeting) && !next)
        return vtb_events_refuse(out, VTB_ABSENT, "Every case of this meeting was heard.");
    if (vtb_meeting_running(q->meeting))
        err = leave_item(q, q->ask->u.item_next.unsigned_plan, out);
    if (!err)
        err = guests_leave(q->meeting, id, out);
    if (!err && next)
        err = start_item(q, next, out);
    return err;
}

enum vtb_err vtb_decide_item_extend(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(q->meeting);

    if (!item)
        return vtb_events_refuse(out, VTB_ABSENT, "No case is being discussed.");
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_ITEM_EXTENDED,
        .u.item_extended = { .item = item->id, .minutes = q->ask->u.item_extend.minutes },
    });
}

enum vtb_err vtb_decide_close(const struct vtb_question *q, struct vtb_events *out)
{
    enum vtb_err err = VTB_OK;

    if (vtb_meeting_running(q->meeting)) {
        if (q->facts->plan != VTB_PLAN_SIGNED)
            return vtb_events_refuse(out, VTB_DENIED, "A case is still open. Sign its plan, defer it or leave it "
                                                      "open with Next, then close the meeting.");
        err = leave_item(q, VTB_ASK_ITEM_NEXT_UNSIGNED_REFUSE, out);
    }
    if (!err)
        err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_MEETING_CLOSED });
    return err;
}

enum vtb_err vtb_meeting_item_signed(const struct vtb_meeting *meeting, struct vtb_id item, struct vtb_id plan,
                                     int64_t version, int64_t now_us, struct vtb_events *out)
{
    const struct vtb_agenda_item *signed_item = vtb_meeting_item(meeting, item);

    out->now_us = now_us;
    out->by = (struct vtb_id){ { 0 } };
    out->message = NULL;
    if (!signed_item)
        return VTB_ABSENT;
    if (vtb_id_is(signed_item->plan, plan))
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_ITEM_SIGNED, .u.item_signed = { .item = item, .plan = plan, .version = version } });
}

enum vtb_err vtb_meeting_share(const struct vtb_meeting *meeting, struct vtb_id case_id,
                               const struct vtb_t_document *document, int64_t now_us, struct vtb_events *out)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);
    size_t pages = document->pages_n;

    out->now_us = now_us;
    out->by = (struct vtb_id){ { 0 } };
    out->message = NULL;
    if (!item || !vtb_id_is(item->case_id, case_id))
        return VTB_ABSENT;
    if (!vtb_meeting_document(meeting, document->document) && meeting->documents_n == VTB_MAX_DOCUMENTS)
        return vtb_events_refuse(out, VTB_LIMIT, "A case can show 40 documents. Remove some first.");
    for (size_t i = 0; i < meeting->documents_n; i++)
        if (!vtb_id_is(meeting->documents[i].id, document->document))
            pages += meeting->documents[i].pages_n;
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_DOCUMENT_SHARED,
        .u.document_shared = { .item = item->id, .document = pages > VTB_MAX_SHOWN_PAGES ? too_many_pages(document)
                                                                                         : *document } });
}
