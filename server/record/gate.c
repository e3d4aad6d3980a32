/* gate.c - the rows of the gate. Whoever asked owns what is missing; documents that are on the way are coming. */
#include "record/gate.h"

#include "record/stage.h"

#include <string.h>

const char *vtb_gate_state_name(enum vtb_gate_state state)
{
    switch (state) {
    case VTB_GATE_THERE:
        return "there";
    case VTB_GATE_COMING:
        return "coming";
    case VTB_GATE_MISSING:
        return "missing";
    }
    return "missing";
}

static bool stage_is_right(const struct vtb_case *record, const char **out_detail)
{
    char message[200];

    if (record->record.stage[0] == '\0') {
        *out_detail = "Write the stage with its prefix, for example cT2a N1 M0, or that staging does not apply.";
        return false;
    }
    *out_detail = "Stage needs a prefix, for example cT2a.";
    return vtb_stage_check(vtb_str_of(record->record.stage), message, sizeof message) == VTB_OK;
}

/* No tumor found yet: there is nothing to stage. */
static bool needs_no_stage(const struct vtb_case *record)
{
    return record->record.diagnosis_kind == VTB_T_CASE_RECORD_DIAGNOSIS_KIND_NO_TUMOR_YET ||
           record->record.diagnosis_kind == VTB_T_CASE_RECORD_DIAGNOSIS_KIND_UNKNOWN_PRIMARY;
}

static enum vtb_gate_state documents_state(const struct vtb_case *record)
{
    enum vtb_gate_state state = VTB_GATE_MISSING;

    for (size_t i = 0; i < record->documents_n; i++) {
        const struct vtb_case_document *document = &record->documents[i];

        if (document->is_removed)
            continue;
        if (vtb_doc_is_ready(&document->doc))
            return VTB_GATE_THERE;
        if (document->doc.state == VTB_T_DOCUMENT_STATE_WAITING ||
            document->doc.state == VTB_T_DOCUMENT_STATE_RENDERING)
            state = VTB_GATE_COMING;
    }
    return state;
}

static struct vtb_gate_row row(const char *id, const char *label, bool there, const char *detail, const char *owner)
{
    return (struct vtb_gate_row){
        .id = id,
        .label = label,
        .detail = there ? "" : detail,
        .state = there ? VTB_GATE_THERE : VTB_GATE_MISSING,
        .owner = there ? (struct vtb_str){ 0 } : vtb_str_of(owner),
    };
}

void vtb_gate(const struct vtb_case *record, struct vtb_gate_row out[static VTB_GATE_ROWS])
{
    const char *who = record->record.referrer_name, *stage_detail = "";
    bool staged = needs_no_stage(record) || stage_is_right(record, &stage_detail);
    enum vtb_gate_state files = documents_state(record);
    size_t n = 0;

    out[n++] = row("question", "Question to the board", record->record.question[0], "Write the question.", who);
    out[n++] = row("diagnosis", "Diagnosis", record->record.diagnosis[0], "Write the diagnosis.", who);
    out[n++] = row("stage", "Stage", staged, stage_detail, who);
    out[n++] = row("birth_date", "Birth date", vtb_is_date(vtb_str_of(record->record.birth_date)),
                   "Write the birth date. It is one of two identifiers on every note.", who);
    out[n++] = row("local_id", "Local identifier", record->record.local_id[0],
                   "Write the number by which the referring site knows the patient.", who);
    out[n++] = row("ecog", "ECOG", record->record.ecog >= 0, "Write the performance status, 0 to 5.", who);
    out[n++] = row("history", "History", record->record.history[0], "Write what was done so far, or none.", who);
    out[n++] = row("comorbidity", "Other illness", record->record.comorbidity[0],
                   "Write other illness, or none.", who);
    out[n++] = row("wishes", "What the patient wants", record->record.wishes[0],
                   "Write what the patient wants, or that it is not known.", who);
    out[n++] = row("referring_plan", "Plan of the referring clinician", record->record.referring_plan[0],
                   "Write the plan you would follow. It stays sealed until the read-back.", who);
    out[n] = row("documents", "Imaging and pathology", files == VTB_GATE_THERE,
                 "Upload pictures or the deck.", who);
    if (files == VTB_GATE_COMING) {
        out[n].state = VTB_GATE_COMING;
        out[n].detail = "Uploaded; pages are being drawn.";
    }
}
