/*
 * text.c - the canonical text of a plan, format "consilium.plan/1" (protocols/record/plan.schema.json).
 *
 * At read-back it is made without signer, signed_at and readback_digest, and with an empty quorum.reason; its
 * digest is what seats acknowledge. Signing adds these four and nothing else (signing.c).
 */
#include "build.h"
#include "inner.h"

#define DISCLAIMER "Advice to the treating physician, who decides with the patient"
#define MAX_PEOPLE 80   /* named in the text; more are counted, observers first */
#define MAX_SHOWN 60    /* likewise */

static json_t *case_of(struct vtb_build *b, const struct vtb_case *record, struct vtb_id case_id)
{
    json_t *o = vtb_build_object(b);

    vtb_build_id(b, o, "id", case_id);
    vtb_build_text(b, o, "name", vtb_str_of(record->record.name));
    vtb_build_text(b, o, "birth_date", vtb_str_of(record->record.birth_date));
    vtb_build_text(b, o, "local_id", vtb_str_of(record->record.local_id));
    vtb_build_text(b, o, "diagnosis", vtb_str_of(record->record.diagnosis));
    vtb_build_text(b, o, "stage", vtb_str_of(record->record.stage));
    return o;
}

static json_t *meeting_of(struct vtb_build *b, const struct vtb_plan_facts *facts)
{
    json_t *o = vtb_build_object(b);

    vtb_build_id(b, o, "id", facts->meeting);
    vtb_build_time(b, o, "starts_at", facts->starts_us);
    return o;
}

/* Filled fields; kind and decision stand at the top of the text. */
static json_t *fields_of(struct vtb_build *b, const struct vtb_draft *draft)
{
    json_t *o = vtb_build_object(b);

    for (unsigned i = 0; i < VTB_PLAN_FIELDS; i++)
        if (i != VTB_FIELD_KIND && i != VTB_FIELD_DECISION && draft->fields[i].text[0])
            vtb_build_text(b, o, vtb_plan_fields[i].id, vtb_str_of(draft->fields[i].text));
    return o;
}

static json_t *lines_of(struct vtb_build *b, const struct vtb_draft *draft)
{
    json_t *list = vtb_build_array(b);

    for (size_t i = 0; i < draft->lines_n; i++) {
        json_t *o = vtb_build_object(b);

        vtb_build_int(b, o, "n", (int64_t)i + 1);
        for (unsigned j = 0; j < VTB_LINE_PARTS; j++)
            vtb_build_text(b, o, vtb_line_parts[j].id, vtb_str_of(draft->lines[i].parts[j]));
        vtb_build_add(b, list, o);
    }
    return list;
}

static json_t *dissent_of(struct vtb_build *b, const struct vtb_draft *draft)
{
    json_t *list = vtb_build_array(b);

    for (size_t i = 0; i < draft->dissents_n; i++) {
        json_t *o;

        if (!draft->dissents[i].in_note) /* only if its author ticked so */
            continue;
        o = vtb_build_object(b);
        vtb_build_text(b, o, "name", vtb_str_of(draft->dissents[i].name));
        vtb_build_text(b, o, "specialty", vtb_str_of(draft->dissents[i].specialty));
        vtb_build_text(b, o, "text", vtb_str_of(draft->dissents[i].text));
        vtb_build_add(b, list, o);
    }
    return list;
}

static json_t *person_of(struct vtb_build *b, const struct vtb_t_attendance *row)
{
    json_t *o = vtb_build_object(b);

    vtb_build_id(b, o, "person", row->person);
    vtb_build_text(b, o, "name", row->name);
    vtb_build_text(b, o, "specialty", row->specialty);
    vtb_build_text(b, o, "site", row->site);
    vtb_build_text(b, o, "role", vtb_str_of(vtb_t_member_role_name(row->role)));
    vtb_build_time(b, o, "joined", row->joined_us);
    vtb_build_time(b, o, "left", row->left_us);
    vtb_build_bool(b, o, "here", row->here);
    vtb_build_bool(b, o, "confirmed", row->confirmed);
    return o;
}

/* Those who take part first; observers fill what is left. Returns how many were only counted. */
static json_t *attendance_of(struct vtb_build *b, const struct vtb_plan_facts *facts, int64_t *out_more)
{
    json_t *list = vtb_build_array(b);
    size_t named = 0;

    for (int observers = 0; observers < 2; observers++)
        for (size_t i = 0; i < facts->attendance_n; i++) {
            const struct vtb_t_attendance *row = &facts->attendance[i];

            if ((row->role == VTB_T_MEMBER_ROLE_OBSERVER) != (observers == 1) || named == MAX_PEOPLE)
                continue;
            vtb_build_add(b, list, person_of(b, row));
            named++;
        }
    *out_more = (int64_t)(facts->attendance_n - named);
    return list;
}

static json_t *quorum_of(struct vtb_build *b, const struct vtb_plan_facts *facts)
{
    json_t *o = vtb_build_object(b), *missing = vtb_build_array(b);

    vtb_build_bool(b, o, "met", facts->quorum_met);
    for (size_t i = 0; i < facts->missing_n; i++) {
        struct vtb_str name = { 0 };

        if (!b->err)
            b->err = vtb_nfc(facts->missing[i].discipline, b->arena, &name);
        vtb_build_add(b, missing, b->err ? NULL : json_stringn(name.at, name.len));
    }
    vtb_build_put(b, o, "missing", missing);
    vtb_build_text(b, o, "reason", VTB_LIT(""));
    return o;
}

static json_t *pictures_of(struct vtb_build *b, const struct vtb_plan_facts *facts)
{
    json_t *list = vtb_build_array(b);

    for (size_t i = 0; i < facts->pictures_n && i < MAX_SHOWN; i++) {
        json_t *o = vtb_build_object(b);

        vtb_build_id(b, o, "document", facts->pictures[i].document);
        vtb_build_text(b, o, "title", facts->pictures[i].title);
        vtb_build_int(b, o, "page", facts->pictures[i].page);
        vtb_build_text(b, o, "digest", facts->pictures[i].digest);
        vtb_build_add(b, list, o);
    }
    return list;
}

static json_t *outcome_of(struct vtb_build *b, const struct vtb_outcomes *outcome)
{
    json_t *list = vtb_build_array(b);

    for (size_t i = 0; i < outcome->n; i++)
        vtb_build_add(b, list, b->err ? NULL : json_string(vtb_ev_plan_outcome_outcome_name(outcome->at[i])));
    return list;
}

static void put_draft(struct vtb_build *b, json_t *o, const struct vtb_case *record, const struct vtb_draft *draft)
{
    const char *lacking = draft->fields[VTB_FIELD_NOT_AVAILABLE].text;

    vtb_build_id(b, o, "plan", draft->plan);
    vtb_build_int(b, o, "version", draft->version);
    vtb_build_text(b, o, "supersedes", vtb_str_of(draft->supersedes));
    vtb_build_id(b, o, "item", draft->item);
    vtb_build_text(b, o, "question", vtb_str_of(draft->question));
    vtb_build_text(b, o, "question_by", vtb_str_of(draft->question_by));
    vtb_build_text(b, o, "kind", vtb_str_of(draft->fields[VTB_FIELD_KIND].text));
    vtb_build_text(b, o, "decision", vtb_str_of(draft->fields[VTB_FIELD_DECISION].text));
    vtb_build_put(b, o, "fields", fields_of(b, draft));
    vtb_build_put(b, o, "lines", lines_of(b, draft));
    vtb_build_put(b, o, "dissent", dissent_of(b, draft));
    vtb_build_text(b, o, "not_available", vtb_str_of(lacking[0] ? lacking : record->record.not_available));
}

enum vtb_err vtb_plan_text(const struct vtb_case *record, const struct vtb_draft *draft,
                           const struct vtb_plan_facts *facts, const struct vtb_outcomes *outcome,
                           struct vtb_str wording, struct vtb_arena *arena, struct vtb_str *out)
{
    struct vtb_build b = { .arena = arena };
    json_t *o = vtb_build_object(&b);
    int64_t more = 0;

    vtb_build_text(&b, o, "format", VTB_LIT("consilium.plan/1"));
    vtb_build_text(&b, o, "disclaimer", VTB_LIT(DISCLAIMER));
    vtb_build_put(&b, o, "case", case_of(&b, record, facts->case_id));
    vtb_build_text(&b, o, "board", facts->board_name);
    vtb_build_put(&b, o, "meeting", meeting_of(&b, facts));
    put_draft(&b, o, record, draft);
    vtb_build_put(&b, o, "outcome", outcome_of(&b, outcome));
    vtb_build_text(&b, o, "referring_plan", vtb_str_of(record->record.referring_plan));
    vtb_build_put(&b, o, "attendance", attendance_of(&b, facts, &more));
    vtb_build_int(&b, o, "attendance_more", more);
    vtb_build_put(&b, o, "quorum", quorum_of(&b, facts));
    vtb_build_put(&b, o, "pictures", pictures_of(&b, facts));
    vtb_build_int(&b, o, "pictures_more",
                  facts->pictures_n > MAX_SHOWN ? (int64_t)facts->pictures_n - MAX_SHOWN : 0);
    vtb_build_text(&b, o, "wording", wording);
    return vtb_build_write(&b, o, out);
}
