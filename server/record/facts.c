/* facts.c - what the meeting tells the plan. */
#include "inner.h"

enum vtb_err vtb_plan_facts_of(const struct vtb_meeting *meeting, struct vtb_id meeting_id, struct vtb_arena *arena,
                               struct vtb_plan_facts *out)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);
    const struct vtb_seat *chair = vtb_meeting_chair(meeting);
    struct vtb_id *seats = vtb_arena_take(arena, meeting->seats_n * sizeof *seats + 1);
    struct vtb_t_attendance *attendance = vtb_arena_take(arena, meeting->seats_n * sizeof *attendance + 1);
    struct vtb_t_picture *pictures = vtb_arena_take(arena, meeting->pictures_n * sizeof *pictures + 1);
    struct vtb_quorum *quorum = vtb_arena_take(arena, sizeof *quorum);

    if (!seats || !attendance || !pictures || !quorum)
        return VTB_NOMEM;
    *out = (struct vtb_plan_facts){
        .meeting = meeting_id,
        .board_name = vtb_str_of(meeting->board_name),
        .starts_us = meeting->starts_us,
        .objection_s = meeting->objection_s,
        .is_chair_here = chair && chair->state == VTB_SEAT_HERE,
        .seats = seats,
        .attendance = attendance,
        .pictures = pictures,
    };
    if (chair)
        out->chair = chair->id;
    for (size_t i = 0; i < meeting->seats_n; i++)
        if (meeting->seats[i].state != VTB_SEAT_LEFT && !meeting->seats[i].is_device) /* has no screen to read on */
            seats[out->seats_n++] = meeting->seats[i].id;
    if (!item)
        return VTB_OK;
    out->item = item->id;
    out->case_id = item->case_id;
    out->attendance_n = vtb_meeting_attendance(meeting, item->id, attendance, meeting->seats_n);
    out->pictures_n = vtb_meeting_pictures(meeting, item->id, pictures, meeting->pictures_n);
    vtb_meeting_quorum(meeting, item->id, quorum);
    out->quorum_met = quorum->met;
    out->missing = quorum->missing;
    out->missing_n = quorum->missing_n;
    return VTB_OK;
}
