/* project_site.c - rows of the site's stream: people, boards, sign-in, invitations, room systems, who looked. */
#include "sqlite/project.h"

#include <stdlib.h>

VTB_PROJECT(person_added)
{
    (void)at;
    return vtb_db_run(db,
                      "INSERT INTO persons (id, name, specialty, site, email, administrator) "
                      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
                      "specialty = excluded.specialty, site = excluded.site, email = excluded.email, "
                      "administrator = excluded.administrator",
                      "dtttti", ev->person, ev->name, ev->specialty, ev->site, ev->email,
                      (int64_t)ev->administrator);
}

VTB_PROJECT(person_secret)
{
    (void)at;
    switch (ev->kind) {
    case VTB_EV_PERSON_SECRET_KIND_PASSWORD:
        return vtb_db_change(db, "UPDATE persons SET password = ? WHERE id = ?", "td", ev->hash,
                             ev->person);
    case VTB_EV_PERSON_SECRET_KIND_PIN:
        return vtb_db_change(db, "UPDATE persons SET pin = ? WHERE id = ?", "td", ev->hash,
                             ev->person);
    }
    return VTB_PARSE;
}

static enum vtb_err save_members(struct vtb_db *db, const struct vtb_ev_board_saved *ev)
{
    enum vtb_err err = vtb_db_run(db, "DELETE FROM board_members WHERE board = ?", "d", ev->board);

    for (size_t i = 0; i < ev->members_n && !err; i++)
        err = vtb_db_run(db, "INSERT INTO board_members (board, person, role) VALUES (?, ?, ?)",
                         "dds", ev->board, ev->members[i].person,
                         vtb_t_member_role_name(ev->members[i].role));
    return err;
}

VTB_PROJECT(board_saved)
{
    VTB_AUTO(vtb_free_ptr) char *required = vtb_project_json(at->data, "required");
    VTB_AUTO(vtb_free_ptr) char *members = vtb_project_json(at->data, "members");

    if (!required || !members)
        return VTB_NOMEM;
    enum vtb_err err = vtb_db_run(
        db,
        "INSERT INTO boards (id, name, tumor_group, timezone, rrule, minutes, required, objection_s, members, "
        "recording, recording_days) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
        "tumor_group = excluded.tumor_group, timezone = excluded.timezone, rrule = excluded.rrule, "
        "minutes = excluded.minutes, required = excluded.required, objection_s = excluded.objection_s, "
        "members = excluded.members, recording = excluded.recording, recording_days = excluded.recording_days",
        "dttttisissi", ev->board, ev->name, ev->tumor_group, ev->timezone, ev->rrule, ev->minutes,
        required, ev->objection_s, members, vtb_project_recording(ev->has_recording, ev->recording),
        ev->has_recording_days ? ev->recording_days : 0);
    return err ? err : save_members(db, ev);
}

VTB_PROJECT(session_opened)
{
    return vtb_db_run(db,
                      "INSERT INTO sessions (id, person, token, opened_us, until_us, how, invitation) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?)",
                      "ddtiist", ev->session, ev->person, ev->token, at->at_us, ev->until_us,
                      vtb_ev_session_opened_how_name(ev->how), ev->invitation);
}

VTB_PROJECT(session_closed)
{
    return vtb_db_change(db, "UPDATE sessions SET closed_us = ? WHERE id = ?", "id", at->at_us,
                         ev->session);
}

VTB_PROJECT(signin_link)
{
    (void)at;
    return vtb_db_run(db,
                      "INSERT INTO signin_links (token, person, until_us) VALUES (?, ?, ?) "
                      "ON CONFLICT (token) DO UPDATE SET until_us = excluded.until_us",
                      "tdi", ev->token, ev->person, ev->until_us);
}

/* What was opened with the old link or on the old device ends with it. */
static enum vtb_err end_sessions(struct vtb_db *db, struct vtb_id invitation, int64_t at_us)
{
    return vtb_db_run(db,
                      "UPDATE sessions SET closed_us = ? WHERE invitation = ? AND closed_us = 0",
                      "id", at_us, invitation);
}

/* The same invitation made again has a new token: the old link ends, and so does its device. */
VTB_PROJECT(invitation_made)
{
    enum vtb_err err = vtb_db_run(
        db,
        "INSERT INTO invitations (id, meeting, person, name, specialty, site, token, until_us, by, made_us) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
        "specialty = excluded.specialty, site = excluded.site, token = excluded.token, "
        "until_us = excluded.until_us, by = excluded.by, made_us = excluded.made_us, device = ''",
        "dddttttidi", ev->invitation, ev->meeting, ev->person, ev->name, ev->specialty, ev->site,
        ev->token, ev->until_us, ev->by, at->at_us);

    if (!err)
        err = vtb_db_run(db, "DELETE FROM invitation_items WHERE invitation = ?", "d", ev->invitation);
    for (size_t i = 0; i < ev->items_n && !err; i++)
        err = vtb_db_run(db, "INSERT OR IGNORE INTO invitation_items (invitation, item) VALUES (?, ?)",
                         "dd", ev->invitation, ev->items[i]);
    return err ? err : end_sessions(db, ev->invitation, at->at_us);
}

/* Two exchanges at once: the first binds, the second finds it bound. */
VTB_PROJECT(invitation_bound)
{
    (void)at;
    enum vtb_err err = vtb_db_change(
        db, "UPDATE invitations SET device = ?1 WHERE id = ?2 AND device IN ('', ?1)", "td",
        ev->device, ev->invitation);
    return err == VTB_ABSENT ? VTB_STALE : err;
}

VTB_PROJECT(invitation_freed)
{
    enum vtb_err err = vtb_db_change(db, "UPDATE invitations SET device = '' WHERE id = ?", "d",
                                     ev->invitation);
    return err ? err : end_sessions(db, ev->invitation, at->at_us);
}

VTB_PROJECT(device_made)
{
    VTB_AUTO(vtb_free_ptr) char *items = vtb_project_json(at->data, "items");
    char meeting[VTB_ID_TEXT] = "";

    if (!items)
        return VTB_NOMEM;
    if (ev->has_meeting)
        vtb_id_write(ev->meeting, meeting);
    return vtb_db_run(db,
                      "INSERT INTO devices (id, board, meeting, items, name, site, token, vouches, by, made_us, until_us) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      "ddsstttidii", ev->device, ev->board, meeting, items, ev->name, ev->site, ev->token,
                      (int64_t)ev->vouches, ev->by, at->at_us, ev->until_us);
}

/* Who used it after it was revoked did so in the moment in which it was. */
VTB_PROJECT(device_used)
{
    return vtb_db_change(db, "UPDATE devices SET used_us = ? WHERE id = ?", "id", at->at_us, ev->device);
}

VTB_PROJECT(device_revoked)
{
    return vtb_db_run(db, "UPDATE devices SET revoked_us = ? WHERE id = ? AND revoked_us = 0", "id", at->at_us,
                      ev->device);
}

VTB_PROJECT(case_viewed)
{
    return vtb_db_run(db,
                      "INSERT INTO views (case_id, plan, person, at_us, how) VALUES (?, '', ?, ?, ?)",
                      "ddis", ev->case_id, ev->person, at->at_us, vtb_ev_case_viewed_how_name(ev->how));
}

VTB_PROJECT(plan_exported)
{
    return vtb_db_run(db,
                      "INSERT INTO views (case_id, plan, person, at_us, how) VALUES ('', ?, ?, ?, ?)",
                      "ddis", ev->plan, ev->person, at->at_us, vtb_ev_plan_exported_form_name(ev->form));
}
