/* project_meeting.c - rows of a meeting's stream: the date, the agenda, how each item ended. */
#include "sqlite/project.h"

#include <stdlib.h>

VTB_PROJECT(meeting_planned)
{
    VTB_AUTO(vtb_free_ptr) char *required = vtb_project_json(at->data, "required");
    VTB_AUTO(vtb_free_ptr) char *members = vtb_project_json(at->data, "members");

    if (!required || !members)
        return VTB_NOMEM;
    return vtb_db_run(
        db,
        "INSERT INTO meetings (id, board, board_name, starts_us, minutes, timezone, required, objection_s, members, recording) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET board_name = excluded.board_name, "
        "starts_us = excluded.starts_us, minutes = excluded.minutes, timezone = excluded.timezone, "
        "required = excluded.required, objection_s = excluded.objection_s, members = excluded.members, "
        "recording = excluded.recording",
        "ddtiitsiss", at->stream, ev->board, ev->board_name, ev->starts_us, ev->minutes,
        ev->timezone, required, ev->objection_s, members, vtb_project_recording(ev->has_recording, ev->recording));
}

static enum vtb_err save_item(struct vtb_db *db, struct vtb_id meeting, size_t place,
                              const struct vtb_t_item *item)
{
    return vtb_db_run(
        db,
        "INSERT INTO items (id, meeting, place, case_id, minutes, presenter, presenter_name, referrer, "
        "referrer_name, name, birth_date, local_id, diagnosis, stage, question) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "place = excluded.place, minutes = excluded.minutes, presenter = excluded.presenter, "
        "presenter_name = excluded.presenter_name, referrer = excluded.referrer, "
        "referrer_name = excluded.referrer_name, name = excluded.name, birth_date = excluded.birth_date, "
        "local_id = excluded.local_id, diagnosis = excluded.diagnosis, stage = excluded.stage, "
        "question = excluded.question",
        "ddididtdttttttt", item->item, meeting, (int64_t)place, item->case_id, item->minutes,
        item->presenter, item->presenter_name, item->referrer, item->referrer_name, item->name,
        item->birth_date, item->local_id, item->diagnosis, item->stage, item->question);
}

/* The list as given; what was heard or runs stays even if the list has forgotten it. */
VTB_PROJECT(agenda_set)
{
    enum vtb_err err = vtb_db_change(
        db, "UPDATE meetings SET version = ?1 WHERE id = ?2 AND version = ?1 - 1", "id", ev->version,
        at->stream);

    if (err)
        return err == VTB_ABSENT ? VTB_STALE : err;
    err = vtb_db_run(db, "UPDATE items SET place = -1 WHERE meeting = ?", "d", at->stream);
    for (size_t i = 0; i < ev->items_n && !err; i++)
        err = save_item(db, at->stream, i, &ev->items[i]);
    if (!err)
        err = vtb_db_run(db, "DELETE FROM items WHERE meeting = ? AND place = -1 AND state = 'planned'",
                         "d", at->stream);
    return err;
}

VTB_PROJECT(meeting_opened)
{
    (void)ev;
    return vtb_db_change(db, "UPDATE meetings SET state = 'open', opened_us = ?, closed_us = 0 WHERE id = ?",
                         "id", at->at_us, at->stream);
}

VTB_PROJECT(meeting_closed)
{
    (void)ev;
    enum vtb_err err = vtb_db_change(
        db, "UPDATE meetings SET state = 'closed', closed_us = ? WHERE id = ?", "id", at->at_us,
        at->stream);

    if (!err) /* nothing runs in a closed meeting */
        err = vtb_db_run(db,
                         "UPDATE items SET state = 'left_open', ended_us = ? "
                         "WHERE meeting = ? AND state = 'running'",
                         "id", at->at_us, at->stream);
    return err;
}

VTB_PROJECT(meeting_archived)
{
    (void)ev;
    return vtb_db_change(db, "UPDATE meetings SET archived_us = ? WHERE id = ?", "id", at->at_us, at->stream);
}

VTB_PROJECT(item_started)
{
    return vtb_db_change(db, "UPDATE items SET state = 'running', started_us = ? WHERE id = ? AND meeting = ?", "idd",
                         at->at_us, ev->item, at->stream);
}

VTB_PROJECT(item_ended)
{
    return vtb_db_change(db, "UPDATE items SET state = ?, ended_us = ? WHERE id = ? AND meeting = ?",
                         "sidd", vtb_ev_item_ended_outcome_name(ev->outcome), at->at_us, ev->item,
                         at->stream);
}

/* Whoever is nil has no row. */
VTB_PROJECT(item_undone)
{
    enum vtb_err err = vtb_db_run(db, "UPDATE items SET state = ? WHERE id = ? AND meeting = ?", "sdd",
                                  vtb_ev_item_undone_was_name(ev->was), ev->item, at->stream);

    if (!err)
        err = vtb_db_run(db, "UPDATE items SET state = 'running', ended_us = 0 WHERE id = ? AND meeting = ?", "dd",
                         ev->back, at->stream);
    return err;
}

VTB_PROJECT(item_signed)
{
    return vtb_db_change(db, "UPDATE items SET plan = ? WHERE id = ? AND meeting = ?", "ddd",
                         ev->plan, ev->item, at->stream);
}

/* The policy was changed after the meeting was planned: the join page tells people what holds now. */
VTB_PROJECT(recording_policy)
{
    return vtb_db_change(db, "UPDATE meetings SET recording = ? WHERE id = ?", "sd",
                         vtb_ev_meeting_planned_recording_name(ev->recording), at->stream);
}

VTB_PROJECT(item_talked)
{
    enum vtb_err err = VTB_OK;

    (void)at;
    for (size_t i = 0; i < ev->seats_n && !err; i++)
        err = vtb_db_run(db,
                         "INSERT INTO talk (item, seat, person, specialty, ms) VALUES (?, ?, ?, ?, ?) "
                         "ON CONFLICT (item, seat, specialty) DO UPDATE SET ms = ms + excluded.ms",
                         "dddti", ev->item, ev->seats[i].seat, ev->seats[i].person, ev->seats[i].specialty,
                         ev->seats[i].ms);
    return err;
}
