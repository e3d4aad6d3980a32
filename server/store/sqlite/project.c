#include "sqlite/project.h"

#include <stdlib.h>

char *vtb_project_json(json_t *data, const char *member)
{
    return json_dumps(json_object_get(data, member), JSON_COMPACT | JSON_ENCODE_ANY);
}

static enum vtb_err project_meeting(struct vtb_db *db, const struct vtb_projected *at,
                                    const struct vtb_event *ev)
{
    if (ev->kind == VTB_EVENT_MEETING_PLANNED)
        return vtb_project_meeting_planned(db, at, &ev->u.meeting_planned);
    if (ev->kind == VTB_EVENT_AGENDA_SET)
        return vtb_project_agenda_set(db, at, &ev->u.agenda_set);
    if (ev->kind == VTB_EVENT_MEETING_OPENED)
        return vtb_project_meeting_opened(db, at, &ev->u.meeting_opened);
    if (ev->kind == VTB_EVENT_MEETING_ARCHIVED)
        return vtb_project_meeting_archived(db, at, &ev->u.meeting_archived);
    if (ev->kind == VTB_EVENT_MEETING_CLOSED)
        return vtb_project_meeting_closed(db, at, &ev->u.meeting_closed);
    if (ev->kind == VTB_EVENT_ITEM_STARTED)
        return vtb_project_item_started(db, at, &ev->u.item_started);
    if (ev->kind == VTB_EVENT_ITEM_ENDED)
        return vtb_project_item_ended(db, at, &ev->u.item_ended);
    if (ev->kind == VTB_EVENT_ITEM_TALKED)
        return vtb_project_item_talked(db, at, &ev->u.item_talked);
    if (ev->kind == VTB_EVENT_ITEM_UNDONE)
        return vtb_project_item_undone(db, at, &ev->u.item_undone);
    if (ev->kind == VTB_EVENT_ITEM_SIGNED)
        return vtb_project_item_signed(db, at, &ev->u.item_signed);
    if (ev->kind == VTB_EVENT_RECORDING_POLICY)
        return vtb_project_recording_policy(db, at, &ev->u.recording_policy);
    return VTB_OK; /* the room's life: folded by server/meeting, no rows */
}

/* A switch over all kinds, so that a new kind does not compile until somebody has decided here
 * whether it changes rows; long because there are that many kinds. */
static enum vtb_err project(struct vtb_db *db, const struct vtb_projected *at,
                            const struct vtb_event *ev)
{
    switch (ev->kind) {
    case VTB_EVENT_MEETING_PLANNED:
    case VTB_EVENT_AGENDA_SET:
    case VTB_EVENT_MEETING_OPENED:
    case VTB_EVENT_MEETING_CLOSED:
    case VTB_EVENT_MEETING_ARCHIVED:
    case VTB_EVENT_ITEM_STARTED:
    case VTB_EVENT_ITEM_ENDED:
    case VTB_EVENT_ITEM_SIGNED:
    case VTB_EVENT_ITEM_TALKED:
    case VTB_EVENT_ITEM_UNDONE:
    case VTB_EVENT_RECORDING_POLICY:
        return project_meeting(db, at, ev);
    case VTB_EVENT_CASE_SAVED:
        return vtb_project_case_saved(db, at, &ev->u.case_saved);
    case VTB_EVENT_DOCUMENT_ADDED:
        return vtb_project_document_added(db, at, &ev->u.document_added);
    case VTB_EVENT_DOCUMENT_READY:
        return vtb_project_document_ready(db, at, &ev->u.document_ready);
    case VTB_EVENT_DOCUMENT_FAILED:
        return vtb_project_document_failed(db, at, &ev->u.document_failed);
    case VTB_EVENT_DOCUMENT_REMOVED:
        return vtb_project_document_removed(db, at, &ev->u.document_removed);
    case VTB_EVENT_PLAN_BEGUN:
        return vtb_project_plan_begun(db, at, &ev->u.plan_begun);
    case VTB_EVENT_PLAN_SIGNED:
        return vtb_project_plan_signed(db, at, &ev->u.plan_signed);
    case VTB_EVENT_PLAN_COSIGNED:
        return vtb_project_plan_cosigned(db, at, &ev->u.plan_cosigned);
    case VTB_EVENT_PLAN_AMENDED:
        return vtb_project_plan_amended(db, at, &ev->u.plan_amended);
    case VTB_EVENT_PLAN_WITHDRAWN:
        return vtb_project_plan_withdrawn(db, at, &ev->u.plan_withdrawn);
    case VTB_EVENT_PLAN_SUPERSEDED:
        return vtb_project_plan_superseded(db, at, &ev->u.plan_superseded);
    case VTB_EVENT_PERSON_ADDED:
        return vtb_project_person_added(db, at, &ev->u.person_added);
    case VTB_EVENT_PERSON_SECRET:
        return vtb_project_person_secret(db, at, &ev->u.person_secret);
    case VTB_EVENT_BOARD_SAVED:
        return vtb_project_board_saved(db, at, &ev->u.board_saved);
    case VTB_EVENT_SESSION_OPENED:
        return vtb_project_session_opened(db, at, &ev->u.session_opened);
    case VTB_EVENT_SESSION_CLOSED:
        return vtb_project_session_closed(db, at, &ev->u.session_closed);
    case VTB_EVENT_SIGNIN_LINK:
        return vtb_project_signin_link(db, at, &ev->u.signin_link);
    case VTB_EVENT_INVITATION_MADE:
        return vtb_project_invitation_made(db, at, &ev->u.invitation_made);
    case VTB_EVENT_INVITATION_BOUND:
        return vtb_project_invitation_bound(db, at, &ev->u.invitation_bound);
    case VTB_EVENT_INVITATION_FREED:
        return vtb_project_invitation_freed(db, at, &ev->u.invitation_freed);
    case VTB_EVENT_DEVICE_MADE:
        return vtb_project_device_made(db, at, &ev->u.device_made);
    case VTB_EVENT_DEVICE_USED:
        return vtb_project_device_used(db, at, &ev->u.device_used);
    case VTB_EVENT_DEVICE_REVOKED:
        return vtb_project_device_revoked(db, at, &ev->u.device_revoked);
    case VTB_EVENT_CASE_VIEWED:
        return vtb_project_case_viewed(db, at, &ev->u.case_viewed);
    case VTB_EVENT_PLAN_EXPORTED:
        return vtb_project_plan_exported(db, at, &ev->u.plan_exported);
    case VTB_EVENT_RECORDING_BEGUN:
        return vtb_project_recording_begun(db, at, &ev->u.recording_begun);
    case VTB_EVENT_RECORDING_TIMED:
        return vtb_project_recording_timed(db, at, &ev->u.recording_timed);
    case VTB_EVENT_RECORDING_SPANS:
        return vtb_project_recording_spans(db, at, &ev->u.recording_spans);
    case VTB_EVENT_RECORDING_ENDED:
        return vtb_project_recording_ended(db, at, &ev->u.recording_ended);
    case VTB_EVENT_RECORDING_KEPT:
        return vtb_project_recording_kept(db, at, &ev->u.recording_kept);
    case VTB_EVENT_RECORDING_REMOVED:
        return vtb_project_recording_removed(db, at, &ev->u.recording_removed);
    case VTB_EVENT_RECORDING_FILM_ASKED:
        return vtb_project_recording_film_asked(db, at, &ev->u.recording_film_asked);
    case VTB_EVENT_RECORDING_FILM_ENDED:
        return vtb_project_recording_film_ended(db, at, &ev->u.recording_film_ended);
    case VTB_EVENT_RECORDING_FILM_REMOVED:
        return vtb_project_recording_film_removed(db, at, &ev->u.recording_film_removed);
    /* The log is all there is of these. */
    case VTB_EVENT_SEAT_JOINED:
    case VTB_EVENT_SEAT_AWAY:
    case VTB_EVENT_SEAT_BACK:
    case VTB_EVENT_SEAT_LEFT:
    case VTB_EVENT_SEAT_CONFIRMED:
    case VTB_EVENT_RECORDING_ACKNOWLEDGED:
    case VTB_EVENT_HAND_RAISED:
    case VTB_EVENT_HAND_LOWERED:
    case VTB_EVENT_FLOOR_GIVEN:
    case VTB_EVENT_SOUND_MUTED:
    case VTB_EVENT_SEAT_SPOKE:
    case VTB_EVENT_ITEM_EXTENDED:
    case VTB_EVENT_DOCUMENT_SHARED:
    case VTB_EVENT_PRESENTER_PASSED:
    case VTB_EVENT_CHAIR_ACTING:
    case VTB_EVENT_CHAIR_OFFERED:
    case VTB_EVENT_CHAIR_HANDED:
    case VTB_EVENT_PAGE_HIDDEN:
    case VTB_EVENT_FOLLOWERS_CALLED:
    case VTB_EVENT_PRESS_UNDONE:
    case VTB_EVENT_PAGE_SHOWN:
    case VTB_EVENT_VIEW_SETTLED:
    case VTB_EVENT_PLAN_TAKEN:
    case VTB_EVENT_PLAN_DROPPED:
    case VTB_EVENT_PLAN_SET:
    case VTB_EVENT_PLAN_LINE_ADDED:
    case VTB_EVENT_PLAN_LINE_REMOVED:
    case VTB_EVENT_PLAN_LINE_MOVED:
    case VTB_EVENT_PLAN_NOTED:
    case VTB_EVENT_PLAN_NOTE_CLOSED:
    case VTB_EVENT_PLAN_DISSENTED:
    case VTB_EVENT_PLAN_OUTCOME:
    case VTB_EVENT_READBACK_BEGUN:
    case VTB_EVENT_READBACK_LINE:
    case VTB_EVENT_READBACK_ACKED:
    case VTB_EVENT_READBACK_WINDOW:
    case VTB_EVENT_READBACK_OBJECTED:
    case VTB_EVENT_READBACK_ENDED:
    case VTB_EVENT_SIGNIN_REFUSED:
    case VTB_EVENT_RECORDING_SET:
    case VTB_EVENT_RECORDING_PLAYED:
        return VTB_OK;
    }
    return VTB_PARSE;
}

static enum vtb_err project_payload(struct vtb_db *db, struct vtb_projected *at, const char *kind,
                                    const char *payload, size_t len)
{
    struct vtb_arena arena = { 0 };
    struct vtb_event event = { 0 };
    enum vtb_err err;

    at->data = json_loadb(payload, len, JSON_REJECT_DUPLICATES, NULL);
    err = at->data ? vtb_event_parse(kind, at->data, &arena, &event) : VTB_PARSE;
    if (!err)
        err = project(db, at, &event);
    vtb_arena_fini(&arena);
    json_decref(at->data);
    return err;
}

enum vtb_err vtb_project(struct vtb_db *db, struct vtb_id stream, const struct vtb_record *record)
{
    struct vtb_projected at = { .stream = stream, .at_us = record->at_us, .by = record->by };

    return project_payload(db, &at, vtb_event_name(record->kind), record->payload, record->len);
}

struct rebuild {
    struct vtb_db *db;
    struct vtb_id stream;
};

static enum vtb_err project_logged(void *ctx, const struct vtb_logged *event)
{
    struct rebuild *rebuild = ctx;
    struct vtb_projected at = { .stream = rebuild->stream, .at_us = event->at_us, .by = event->by };

    if (!event->payload)
        return VTB_OK; /* erased on purpose: its row goes with it */
    return project_payload(rebuild->db, &at, event->kind, event->payload, event->len);
}

enum vtb_err vtb_project_all(struct vtb_db *db, const struct vtb_keys *keys)
{
    /* Parents first: people and boards (site), meetings, then cases, whose plans name meetings. */
    static const char order[] = "SELECT DISTINCT stream, stream_kind FROM events ORDER BY "
                                "CASE stream_kind WHEN 2 THEN 0 WHEN 0 THEN 1 ELSE 2 END, stream";
    sqlite3_stmt *stmt = NULL;
    int code = SQLITE_DONE;
    enum vtb_err err = vtb_db_exec(
        db, "DELETE FROM talk; DELETE FROM recording_spans; DELETE FROM recordings; DELETE FROM search; DELETE FROM views; DELETE FROM cosigned; DELETE FROM addenda;"
            "DELETE FROM plans; DELETE FROM documents; DELETE FROM cases; DELETE FROM items;"
            "DELETE FROM devices; DELETE FROM meetings; DELETE FROM invitation_items; DELETE FROM invitations;"
            "DELETE FROM signin_links; DELETE FROM sessions; DELETE FROM board_members;"
            "DELETE FROM boards; DELETE FROM persons;");

    if (!err)
        err = vtb_db_bind(db, order, &stmt, "");
    while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct rebuild rebuild = { .db = db };

        memcpy(rebuild.stream.b, sqlite3_column_blob(stmt, 0), sizeof rebuild.stream.b);
        err = vtb_chain_walk(db, keys, rebuild.stream, 0, project_logged, &rebuild);
    }
    if (stmt)
        sqlite3_reset(stmt);
    return err ? err : vtb_db_err(code);
}
