/* case.c - reading a case: its record, documents, cells of the draft, signed plans. */
#include "inner.h"

int vtb_line_place(const struct vtb_draft *draft, struct vtb_id line)
{
    for (size_t i = 0; i < draft->lines_n; i++)
        if (vtb_id_is(draft->lines[i].id, line))
            return (int)i;
    return -1;
}

const struct vtb_cell *vtb_draft_cell(const struct vtb_draft *draft, struct vtb_field_name name)
{
    int line = name.is_part ? vtb_line_place(draft, name.line) : 0;

    if (!name.is_part)
        return &draft->fields[name.at].cell;
    return line < 0 ? NULL : &draft->lines[line].cells[name.at];
}

const char *vtb_draft_text(const struct vtb_draft *draft, struct vtb_field_name name)
{
    int line = name.is_part ? vtb_line_place(draft, name.line) : 0;

    if (!name.is_part)
        return draft->fields[name.at].text;
    return line < 0 ? NULL : draft->lines[line].parts[name.at];
}

const struct vtb_field_spec *vtb_field_spec_of(struct vtb_field_name name)
{
    return name.is_part ? &vtb_line_parts[name.at] : &vtb_plan_fields[name.at];
}

size_t vtb_draft_bytes(const struct vtb_draft *draft)
{
    size_t bytes = 0;

    for (size_t i = 0; i < VTB_PLAN_FIELDS; i++)
        bytes += strlen(draft->fields[i].text);
    for (size_t i = 0; i < draft->lines_n; i++)
        for (size_t j = 0; j < VTB_LINE_PARTS; j++)
            bytes += strlen(draft->lines[i].parts[j]);
    for (size_t i = 0; i < draft->dissents_n; i++)
        bytes += draft->dissents[i].in_note ? strlen(draft->dissents[i].text) : 0;
    return bytes;
}

void vtb_field_name_write(struct vtb_field_name name, char out[static VTB_FIELD_NAME_TEXT])
{
    char *to = out;

    if (name.is_part) {
        memcpy(out, "line.", 5);
        vtb_id_write(name.line, out + 5);
        to = out + 5 + VTB_ID_TEXT - 1;
        *to++ = '.';
    }
    vtb_keep_bytes(to, VTB_FIELD_NAME_TEXT - (size_t)(to - out), vtb_str_of(vtb_field_spec_of(name)->id));
}

bool vtb_is_seated(const struct vtb_plan_facts *facts, struct vtb_id seat)
{
    for (size_t i = 0; i < facts->seats_n; i++)
        if (vtb_id_is(facts->seats[i], seat))
            return true;
    return false;
}

void vtb_case_record_view(const struct vtb_case *record, struct vtb_t_case_record *out)
{
    *out = (struct vtb_t_case_record){
        .name = vtb_str_of(record->record.name),
        .is_pseudonym = record->record.is_pseudonym,
        .birth_date = vtb_str_of(record->record.birth_date),
        .sex = record->record.sex,
        .local_id = vtb_str_of(record->record.local_id),
        .site = vtb_str_of(record->record.site),
        .diagnosis = vtb_str_of(record->record.diagnosis),
        .diagnosis_code = vtb_str_of(record->record.diagnosis_code),
        .diagnosis_kind = record->record.diagnosis_kind,
        .stage = vtb_str_of(record->record.stage),
        .stage_system = vtb_str_of(record->record.stage_system),
        .ecog = record->record.ecog,
        .biomarkers = vtb_str_of(record->record.biomarkers),
        .comorbidity = vtb_str_of(record->record.comorbidity),
        .history = vtb_str_of(record->record.history),
        .wishes = vtb_str_of(record->record.wishes),
        .not_available = vtb_str_of(record->record.not_available),
        .question = vtb_str_of(record->record.question),
        .question_kind = record->record.question_kind,
        .referring_plan = vtb_str_of(record->record.referring_plan),
        .referrer = record->record.referrer,
        .referrer_name = vtb_str_of(record->record.referrer_name),
        .urgency = record->record.urgency,
    };
}

size_t vtb_case_documents(const struct vtb_case *record, struct vtb_arena *arena, struct vtb_t_document *out,
                          size_t cap)
{
    size_t n = 0;

    for (size_t i = 0; i < record->documents_n && n < cap; i++) {
        const struct vtb_case_document *document = &record->documents[i];

        if (document->is_removed || !vtb_doc_is_ready(&document->doc))
            continue;
        if (vtb_doc_view(&document->doc, arena, &out[n]))
            return 0;
        n++;
    }
    return n;
}

const struct vtb_signed_plan *vtb_case_plan(const struct vtb_case *record, struct vtb_id plan)
{
    for (size_t i = 0; i < record->plans_n; i++)
        if (vtb_id_is(record->plans[i].plan, plan))
            return &record->plans[i];
    return NULL;
}

enum vtb_plan_state vtb_case_plan_state(const struct vtb_case *record, struct vtb_id item)
{
    return vtb_id_is(record->draft.item, item) ? record->draft.state : VTB_PLAN_NONE;
}

bool vtb_case_is_sealed(const struct vtb_case *record)
{
    return !record->is_revealed;
}
