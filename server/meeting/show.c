/* show.c - the shared picture and who moves it. Only pictures of the running item's case (decision 23). */
#include "inner.h"

enum vtb_err vtb_decide_page_show(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_ask_page_show *ask = &q->ask->u.page_show;
    const struct vtb_doc *doc;

    if (!vtb_meeting_running(q->meeting))
        return vtb_events_refuse(out, VTB_ABSENT, "No case is being discussed. Pictures are shown when one runs.");
    doc = vtb_meeting_document(q->meeting, ask->document);
    if (!doc)
        return vtb_events_refuse(out, VTB_ABSENT, "Only pictures of the case that runs now can be shown.");
    if (!vtb_doc_is_ready(doc) || ask->page < 1 || ask->page > doc->pages_n)
        return vtb_events_refuse(out, VTB_ABSENT, "This page cannot be shown.");
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_PAGE_SHOWN,
        .u.page_shown = { .document = ask->document, .page = ask->page,
                          .digest = vtb_str_of(doc->pages[ask->page - 1].digest) },
    });
}

enum vtb_err vtb_decide_view_settle(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_ask_view_settle *ask = &q->ask->u.view_settle;

    if (!q->meeting->shown_page)
        return vtb_events_refuse(out, VTB_ABSENT, "No picture is shown.");
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_VIEW_SETTLED,
                                                   .u.view_settled = { ask->x, ask->y, ask->w, ask->h } });
}

enum vtb_err vtb_decide_picture_hide(const struct vtb_question *q, struct vtb_events *out)
{
    if (!q->meeting->shown_page)
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PAGE_HIDDEN });
}

enum vtb_err vtb_decide_followers_call(const struct vtb_question *q, struct vtb_events *out)
{
    if (!q->meeting->shown_page)
        return vtb_events_refuse(out, VTB_ABSENT, "No picture is shown. There is nothing to come back to.");
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_FOLLOWERS_CALLED });
}

/* Passing it to whoever acts as chair gives it to the chair's office (nil), so that it follows the office. */
enum vtb_err vtb_decide_presenter_pass(const struct vtb_question *q, struct vtb_events *out)
{
    struct vtb_id to = q->ask->u.presenter_pass.seat;
    const struct vtb_seat *seat = vtb_meeting_seat(q->meeting, to);

    if (!vtb_meeting_running(q->meeting))
        return vtb_events_refuse(out, VTB_ABSENT, "No case is being discussed. There is nothing to present.");
    if (!vtb_id_is_nil(to) && (!seat || !vtb_seat_is_present(seat)))
        return vtb_events_refuse(out, VTB_ABSENT, "This person is not in the meeting just now.");
    if (seat && seat->is_device)
        return vtb_events_refuse(out, VTB_DENIED, "A room system has no screen to present with.");
    if (seat && seat == vtb_meeting_chair(q->meeting))
        to = (struct vtb_id){ { 0 } };
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PRESENTER_PASSED,
                                                   .u.presenter_passed.seat = to });
}
