/* schedule.c - the frame and the running order, as the schedule changes them. */
#include "inner.h"

static void begin(struct vtb_events *out, int64_t now_us)
{
    out->now_us = now_us;
    out->by = (struct vtb_id){ { 0 } };
    out->message = NULL;
}

enum vtb_err vtb_meeting_plan(const struct vtb_meeting *meeting, const struct vtb_ev_meeting_planned *frame,
                              int64_t now_us, struct vtb_events *out)
{
    begin(out, now_us);
    if (meeting->phase == VTB_MEETING_CLOSED)
        return vtb_events_refuse(out, VTB_CLOSED, "This meeting is over.");
    if (frame->required_n > VTB_MAX_DISCIPLINES || frame->members_n > VTB_MAX_MEMBERS)
        return vtb_events_refuse(out, VTB_LIMIT, "A board has at most 12 disciplines and 100 members.");
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_MEETING_PLANNED, .u.meeting_planned = *frame });
}

static bool keeps(const struct vtb_t_item *items, size_t n, const struct vtb_agenda_item *old)
{
    for (size_t i = 0; i < n; i++)
        if (vtb_id_is(items[i].item, old->id))
            return vtb_id_is(items[i].case_id, old->case_id);
    return false;
}

enum vtb_err vtb_meeting_agenda(const struct vtb_meeting *meeting, int64_t base, const struct vtb_t_item *items,
                                size_t n, int64_t now_us, struct vtb_events *out)
{
    begin(out, now_us);
    if (meeting->phase == VTB_MEETING_CLOSED)
        return vtb_events_refuse(out, VTB_CLOSED, "This meeting is over.");
    if (base != meeting->agenda_version)
        return vtb_events_refuse(out, VTB_STALE, "The agenda was changed in the meantime. Look at it and order again.");
    if (n > VTB_MAX_MEETING_ITEMS)
        return vtb_events_refuse(out, VTB_LIMIT, "A meeting hears at most 30 cases.");
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (vtb_id_is(items[i].item, items[j].item) || vtb_id_is(items[i].case_id, items[j].case_id))
                return vtb_events_refuse(out, VTB_PARSE, "A case stands on the agenda twice. Remove one.");
    for (size_t i = 0; i < meeting->items_n; i++)
        if (meeting->items[i].run > 0 && !keeps(items, n, &meeting->items[i]))
            return vtb_events_refuse(out, VTB_DENIED,
                                     "A case that runs or was heard cannot be taken off the agenda.");
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_AGENDA_SET,
        .u.agenda_set = { .version = meeting->agenda_version + 1, .items = items, .items_n = n } });
}

enum vtb_err vtb_meeting_archive(const struct vtb_meeting *meeting, bool may_hide_plans, int64_t now_us,
                                 struct vtb_events *out)
{
    begin(out, now_us);
    if (meeting->phase != VTB_MEETING_CLOSED)
        return vtb_events_refuse(out, VTB_DENIED, "Close the meeting first: people may still come in.");
    for (size_t i = 0; i < meeting->items_n && !may_hide_plans; i++)
        if (!vtb_id_is_nil(meeting->items[i].plan))
            return vtb_events_refuse(out, VTB_DENIED, "A plan was signed in this meeting, so it stays in the list.");
    if (meeting->is_archived)
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_MEETING_ARCHIVED });
}
