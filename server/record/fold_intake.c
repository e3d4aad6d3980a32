/* fold_intake.c - what intake saved, and the documents of the case. */
#include "inner.h"

void vtb_fold_case_saved(struct vtb_case *record, const struct vtb_event *event)
{
    const struct vtb_t_case_record *from = &event->u.case_saved.record;

    record->version = event->u.case_saved.version;
    record->saved_us = event->at_us;
    record->saved_by = event->u.case_saved.by;
    VTB_KEEP(record->saved_by_name, event->u.case_saved.by_name);
    VTB_KEEP(record->record.name, from->name);
    VTB_KEEP(record->record.birth_date, from->birth_date);
    VTB_KEEP(record->record.local_id, from->local_id);
    VTB_KEEP(record->record.site, from->site);
    VTB_KEEP(record->record.diagnosis, from->diagnosis);
    VTB_KEEP(record->record.diagnosis_code, from->diagnosis_code);
    VTB_KEEP(record->record.stage, from->stage);
    VTB_KEEP(record->record.stage_system, from->stage_system);
    VTB_KEEP(record->record.biomarkers, from->biomarkers);
    VTB_KEEP(record->record.comorbidity, from->comorbidity);
    VTB_KEEP(record->record.history, from->history);
    VTB_KEEP(record->record.wishes, from->wishes);
    VTB_KEEP(record->record.not_available, from->not_available);
    VTB_KEEP(record->record.question, from->question);
    VTB_KEEP(record->record.referring_plan, from->referring_plan);
    VTB_KEEP(record->record.referrer_name, from->referrer_name);
    record->record.is_pseudonym = from->is_pseudonym;
    record->record.sex = from->sex;
    record->record.diagnosis_kind = from->diagnosis_kind;
    record->record.question_kind = from->question_kind;
    record->record.urgency = from->urgency;
    record->record.ecog = from->ecog;
    record->record.referrer = from->referrer;
}

static struct vtb_id document_of(const struct vtb_event *event)
{
    switch ((unsigned)event->kind) {
    case VTB_EVENT_DOCUMENT_ADDED:
        return event->u.document_added.document;
    case VTB_EVENT_DOCUMENT_READY:
        return event->u.document_ready.document;
    case VTB_EVENT_DOCUMENT_FAILED:
        return event->u.document_failed.document;
    }
    return event->u.document_removed.document;
}

/* Its place, or that of a removed one when all are taken, or documents_n. */
static size_t place_of(const struct vtb_case *record, struct vtb_id document)
{
    for (size_t i = 0; i < record->documents_n; i++)
        if (vtb_id_is(record->documents[i].doc.id, document))
            return i;
    if (record->documents_n < VTB_MAX_DOCUMENTS)
        return record->documents_n;
    for (size_t i = 0; i < record->documents_n; i++)
        if (record->documents[i].is_removed)
            return i;
    return VTB_MAX_DOCUMENTS;
}

static void add_document(struct vtb_case *record, size_t at, const struct vtb_event *event)
{
    const struct vtb_ev_document_added *added = &event->u.document_added;
    struct vtb_case_document *document = &record->documents[at];

    if (at == record->documents_n)
        record->documents_n++;
    memset(document, 0, sizeof *document);
    document->doc.id = added->document;
    VTB_KEEP(document->doc.title, added->title);
    document->doc.kind = added->kind;
    document->doc.state = VTB_T_DOCUMENT_STATE_WAITING;
    document->bytes = added->bytes;
    document->added_us = event->at_us;
    VTB_KEEP(document->sha256, added->sha256);
    document->by = added->by;
}

void vtb_fold_case_document(struct vtb_case *record, const struct vtb_event *event)
{
    size_t at = place_of(record, document_of(event));
    struct vtb_case_document *document;

    if (at == VTB_MAX_DOCUMENTS)
        return;
    if (event->kind == VTB_EVENT_DOCUMENT_ADDED) {
        add_document(record, at, event);
        return;
    }
    document = &record->documents[at];
    if (at == record->documents_n || !vtb_id_is(document->doc.id, document_of(event)))
        return;
    if (event->kind == VTB_EVENT_DOCUMENT_READY) {
        const struct vtb_ev_document_ready *ready = &event->u.document_ready;

        document->doc.state = ready->state == VTB_EV_DOCUMENT_READY_STATE_PARTLY ? VTB_T_DOCUMENT_STATE_PARTLY
                                                                                 : VTB_T_DOCUMENT_STATE_READY;
        VTB_KEEP(document->doc.message, ready->message);
        vtb_doc_keep_pages(&document->doc, ready->pages, ready->pages_n);
    } else if (event->kind == VTB_EVENT_DOCUMENT_FAILED) {
        document->doc.state = VTB_T_DOCUMENT_STATE_FAILED;
        VTB_KEEP(document->doc.message, event->u.document_failed.message);
    } else {
        document->is_removed = true;
    }
}
