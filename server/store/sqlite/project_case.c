/* project_case.c - rows of a case's stream: intake and documents. */
#include "sqlite/project.h"

#include <stdlib.h>

static enum vtb_err insert_case(struct vtb_db *db, const struct vtb_projected *at,
                                const struct vtb_ev_case_saved *ev, const char *record)
{
    const struct vtb_t_case_record *r = &ev->record;

    return vtb_db_run(db,
                      "INSERT INTO cases (id, version, record, name, birth_date, local_id, diagnosis, stage, "
                      "question, referrer, referrer_name, author, made_us, saved_us) "
                      "VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      "dsttttttdtdii", at->stream, record, r->name, r->birth_date, r->local_id,
                      r->diagnosis, r->stage, r->question, r->referrer, r->referrer_name, ev->by,
                      at->at_us, at->at_us);
}

/* Two people save at once: the second's version is not the next one. */
VTB_PROJECT(case_saved)
{
    VTB_AUTO(vtb_free_ptr) char *record = vtb_project_json(at->data, "record");
    const struct vtb_t_case_record *r = &ev->record;
    enum vtb_err err;

    if (!record)
        return VTB_NOMEM;
    if (ev->version == 1) {
        err = insert_case(db, at, ev, record);
    } else {
        err = vtb_db_change(db,
                            "UPDATE cases SET version = ?1, record = ?2, name = ?3, birth_date = ?4, "
                            "local_id = ?5, diagnosis = ?6, stage = ?7, question = ?8, referrer = ?9, "
                            "referrer_name = ?10, saved_us = ?11 WHERE id = ?12 AND version = ?1 - 1",
                            "isttttttdtid", ev->version, record, r->name, r->birth_date, r->local_id,
                            r->diagnosis, r->stage, r->question, r->referrer, r->referrer_name,
                            at->at_us, at->stream);
        err = err == VTB_ABSENT ? VTB_STALE : err;
    }
    return err ? err : vtb_project_search(db, at->stream);
}

VTB_PROJECT(document_added)
{
    return vtb_db_run(db,
                      "INSERT INTO documents (id, case_id, title, kind, bytes, sha256, by, added_us) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                      "ddtsitdi", ev->document, at->stream, ev->title,
                      vtb_t_document_kind_name(ev->kind), ev->bytes, ev->sha256, ev->by,
                      at->at_us);
}

VTB_PROJECT(document_ready)
{
    VTB_AUTO(vtb_free_ptr) char *pages = vtb_project_json(at->data, "pages");

    if (!pages)
        return VTB_NOMEM;
    return vtb_db_change(db,
                         "UPDATE documents SET state = ?, message = ?, pages = ? WHERE id = ? AND case_id = ?",
                         "stsdd", vtb_ev_document_ready_state_name(ev->state), ev->message, pages,
                         ev->document, at->stream);
}

VTB_PROJECT(document_failed)
{
    return vtb_db_change(db,
                         "UPDATE documents SET state = 'failed', message = ? WHERE id = ? AND case_id = ?",
                         "tdd", ev->message, ev->document, at->stream);
}

VTB_PROJECT(document_removed)
{
    return vtb_db_change(db, "UPDATE documents SET removed = 1 WHERE id = ? AND case_id = ?", "dd",
                         ev->document, at->stream);
}
