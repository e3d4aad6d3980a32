/*
 * project.h - writes the rows that follow from an event, in the event's transaction.
 *
 * One function an event kind; kinds that change no row are listed in project.c. A projection reads
 * the payload that was stored, so a row made today and one made by a rebuild are the same.
 *
 * Errors: STALE (an older version of an agenda or a case, an e-mail that somebody has), ABSENT
 *         (names a meeting, plan ... that is not there).
 */
#ifndef VTB_STORE_PROJECT_H
#define VTB_STORE_PROJECT_H

#include "signal/signal.h"
#include "sqlite/chain.h"

struct vtb_projected {
    struct vtb_id stream;
    int64_t at_us;
    struct vtb_id by;
    json_t *data; /* the payload as JSON, for members that are kept whole */
};

VTB_MUST_USE enum vtb_err vtb_project(struct vtb_db *db, struct vtb_id stream,
                                      const struct vtb_record *record);
/* Empties all rows and makes them anew from the log; the log itself is not touched. In a transaction. */
VTB_MUST_USE enum vtb_err vtb_project_all(struct vtb_db *db, const struct vtb_keys *keys);

#define VTB_PROJECT(noun)                                                                          \
    enum vtb_err vtb_project_##noun(struct vtb_db *db, const struct vtb_projected *at,             \
                                    const struct vtb_ev_##noun *ev)
/* The policy as its row has it: logs of before there were recordings say nothing, and that is off. */
static inline const char *vtb_project_recording(bool has, enum vtb_ev_meeting_planned_recording recording)
{
    return vtb_ev_meeting_planned_recording_name(has ? recording : VTB_EV_MEETING_PLANNED_RECORDING_OFF);
}
/* project_meeting.c */
VTB_PROJECT(meeting_planned);
VTB_PROJECT(agenda_set);
VTB_PROJECT(meeting_opened);
VTB_PROJECT(meeting_closed);
VTB_PROJECT(meeting_archived);
VTB_PROJECT(item_started);
VTB_PROJECT(item_ended);
VTB_PROJECT(item_talked);
VTB_PROJECT(item_undone);
VTB_PROJECT(item_signed);
VTB_PROJECT(recording_policy);
/* project_case.c */
VTB_PROJECT(case_saved);
VTB_PROJECT(document_added);
VTB_PROJECT(document_ready);
VTB_PROJECT(document_failed);
VTB_PROJECT(document_removed);
/* project_plan.c */
VTB_PROJECT(plan_begun);
VTB_PROJECT(plan_signed);
VTB_PROJECT(plan_cosigned);
VTB_PROJECT(plan_amended);
VTB_PROJECT(plan_withdrawn);
VTB_PROJECT(plan_superseded);
/* project_site.c */
VTB_PROJECT(person_added);
VTB_PROJECT(person_secret);
VTB_PROJECT(board_saved);
VTB_PROJECT(session_opened);
VTB_PROJECT(session_closed);
VTB_PROJECT(signin_link);
VTB_PROJECT(invitation_made);
VTB_PROJECT(invitation_bound);
VTB_PROJECT(invitation_freed);
VTB_PROJECT(device_made);
VTB_PROJECT(device_used);
VTB_PROJECT(device_revoked);
VTB_PROJECT(case_viewed);
VTB_PROJECT(plan_exported);
/* project_recording.c */
VTB_PROJECT(recording_begun);
VTB_PROJECT(recording_timed);
VTB_PROJECT(recording_spans);
VTB_PROJECT(recording_ended);
VTB_PROJECT(recording_kept);
VTB_PROJECT(recording_removed);
VTB_PROJECT(recording_film_asked);
VTB_PROJECT(recording_film_ended);
VTB_PROJECT(recording_film_removed);

/* The search row of a case, after its record or its newest plan changed (project_plan.c). */
VTB_MUST_USE enum vtb_err vtb_project_search(struct vtb_db *db, struct vtb_id case_id);
/* A member of `data` as compact JSON text; the caller frees. NULL: no memory. */
char *vtb_project_json(json_t *data, const char *member);

#endif
