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
                               "UPDATE recordings SET state = 'removed', removed_us = ?, removed_why = ?, removed_by = ?, "
                               "removed_reason = ?, film = 'none', film_bytes = 0, film_until_us = 0 WHERE id = ?",
                               "isttd", at->at_us, vtb_ev_recording_removed_why_name(ev->why), ev->person, ev->reason,
                               ev->recording);
}

/* ---- films: what is said of one whose recording was removed meanwhile changes no row ---- */

VTB_PROJECT(recording_film_asked)
{
    (void)at;
    return vtb_db_run(db,
                      "UPDATE recordings SET film = 'making', film_bytes = 0, film_until_us = 0 "
                      "WHERE id = ? AND state <> 'removed'",
                      "d", ev->recording);
}

static const char *film_word(enum vtb_ev_recording_film_ended_how how)
{
    switch (how) {
    case VTB_EV_RECORDING_FILM_ENDED_HOW_MADE:
        return "ready";
    case VTB_EV_RECORDING_FILM_ENDED_HOW_FAILED:
        return "failed";
    case VTB_EV_RECORDING_FILM_ENDED_HOW_INTERRUPTED:
        return "interrupted";
    case VTB_EV_RECORDING_FILM_ENDED_HOW_CANCELLED:
        return "none";
    }
    return "none";
}

VTB_PROJECT(recording_film_ended)
{
    (void)at;
    return vtb_db_run(db,
                      "UPDATE recordings SET film = ?, film_bytes = ?, film_until_us = ? "
                      "WHERE id = ? AND state <> 'removed'",
                      "siid", film_word(ev->how), ev->bytes, ev->until_us, ev->recording);
}

VTB_PROJECT(recording_film_removed)
{
    (void)at;
    return vtb_db_run(db, "UPDATE recordings SET film = 'none', film_bytes = 0, film_until_us = 0 WHERE id = ?", "d",
                      ev->recording);
}
