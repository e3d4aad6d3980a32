/* project_recording.c - rows of recordings, from the site's stream. */
#include "sqlite/project.h"

VTB_PROJECT(recording_begun)
{
    return vtb_db_run(db,
                      "INSERT INTO recordings (id, meeting, item, case_id, state, began_us, until_us) "
                      "VALUES (?, ?, ?, ?, 'begun', ?, ?)",
                      "ddddii", ev->recording, ev->meeting, ev->item, ev->case_id, at->at_us, ev->until_us);
}

VTB_PROJECT(recording_timed)
{
    (void)at;
    return vtb_db_change(db, "UPDATE recordings SET began_us = ? WHERE id = ?", "id", ev->began_us, ev->recording);
}

VTB_PROJECT(recording_spans)
{
    enum vtb_err err = VTB_OK;

    (void)at;
    for (size_t i = 0; i < ev->spans_n && !err; i++)
        err = vtb_db_run(db,
                         "INSERT INTO recording_spans (recording, kind, from_ms, to_ms, seat, person, name) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?)",
                         "dsiittt", ev->recording, vtb_t_span_kind_name(ev->spans[i].kind), ev->spans[i].from_ms,
                         ev->spans[i].to_ms, ev->spans[i].seat, ev->spans[i].person, ev->spans[i].name);
    return err;
}

VTB_PROJECT(recording_ended)
{
    (void)at;
    return vtb_db_change(db,
                         "UPDATE recordings SET state = ?, duration_ms = ?, bytes = ?, sha256 = ?, was_cut = ? "
                         "WHERE id = ? AND state <> 'removed'",
                         "siitid", ev->is_lost ? "lost" : "ended", ev->duration_ms, ev->bytes, ev->sha256,
                         (int64_t)ev->was_cut, ev->recording);
}

VTB_PROJECT(recording_kept)
{
    (void)at;
    return vtb_db_change(db, "UPDATE recordings SET until_us = ? WHERE id = ?", "id", ev->until_us, ev->recording);
}

/* Who spoke when goes with the sound; that it was there, and why it is not, stays. */
VTB_PROJECT(recording_removed)
{
    enum vtb_err err = vtb_db_run(db, "DELETE FROM recording_spans WHERE recording = ?", "d", ev->recording);

    return err ? err
               : vtb_db_change(db,
                               "UPDATE recordings SET state = 'removed', removed_us = ?, removed_why = ?, removed_by = ? "
                               "WHERE id = ?",
                               "istd", at->at_us, vtb_ev_recording_removed_why_name(ev->why), ev->person, ev->recording);
}
