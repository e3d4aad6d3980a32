/* intake.c - saving a case, opening a draft, and leases of people who are gone. */
#include "inner.h"

#include "record/canon.h"
#include "record/stage.h"

static void begin(struct vtb_events *out, int64_t now_us)
{
    out->now_us = now_us;
    out->by = (struct vtb_id){ { 0 } };
    out->message = NULL;
}

static bool is_before(struct vtb_str date, int64_t now_us)
{
    char today[24];

    vtb_time_write(now_us + INT64_C(14) * 3600 * 1000000, today); /* it may be tomorrow already where they are */
    return memcmp(date.at, today, 10) <= 0;
}

/* The first fault of an intake, with the field to put it beside. */
static enum vtb_err check_intake(const struct vtb_t_case_record *intake, int64_t now_us, struct vtb_events *out,
                                 const char **out_field)
{
    char message[200] = "";
    struct vtb_str kept;
    enum vtb_err err;

    *out_field = "birth_date";
    if (!vtb_is_date(intake->birth_date) || !is_before(intake->birth_date, now_us))
        return vtb_events_refuse(out, VTB_PARSE,
                                 "Write the birth date as year-month-day, for example 1962-03-04, not in the future.");
    *out_field = "stage";
    if (vtb_stage_check(intake->stage, message, sizeof message)) {
        err = vtb_events_text(out, vtb_str_of(message), &kept);
        return err ? err : vtb_events_refuse(out, VTB_PARSE, kept.at);
    }
    *out_field = "name";
    if (intake->name.len == 0)
        return vtb_events_refuse(out, VTB_PARSE, "Write the patient's name or pseudonym.");
    *out_field = "local_id";
    if (intake->local_id.len == 0)
        return vtb_events_refuse(out, VTB_PARSE, "Write the number by which the referring site knows the patient.");
    *out_field = "referrer";
    if (vtb_id_is_nil(intake->referrer))
        return vtb_events_refuse(out, VTB_PARSE, "Choose the referring clinician.");
    *out_field = NULL;
    return VTB_OK;
}

enum vtb_err vtb_case_save(const struct vtb_case *record, int64_t base, const struct vtb_t_case_record *intake,
                           struct vtb_id by, struct vtb_str by_name, int64_t now_us, struct vtb_events *out,
                           const char **out_field)
{
    enum vtb_err err;

    begin(out, now_us);
    out->by = by;
    *out_field = NULL;
    if (base != record->version)
        return vtb_events_refuse_for(out, VTB_STALE, record->saved_by_name[0] ? record->saved_by_name : "Somebody",
                                     " changed this case in the meantime. Your text is still here.");
    if (record->draft.state == VTB_PLAN_READBACK)
        return vtb_events_refuse(out, VTB_DENIED, "The plan of this case is being read back. Save when it is signed.");
    err = check_intake(intake, now_us, out, out_field);
    if (err)
        return err;
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_CASE_SAVED,
        .u.case_saved = { .version = record->version + 1, .record = *intake, .by = by, .by_name = by_name } });
}

enum vtb_err vtb_case_begin(const struct vtb_case *record, struct vtb_id plan, const struct vtb_plan_facts *facts,
                            struct vtb_str question, struct vtb_str question_by, int64_t now_us,
                            struct vtb_events *out)
{
    const struct vtb_signed_plan *last = record->plans_n ? &record->plans[record->plans_n - 1] : NULL;
    struct vtb_event event = { .kind = VTB_EVENT_PLAN_BEGUN };
    char text[VTB_ID_TEXT] = "";
    enum vtb_err err;

    begin(out, now_us);
    if (vtb_id_is_nil(facts->item))
        return VTB_ABSENT;
    if (vtb_id_is(record->draft.item, facts->item) &&
        (record->draft.state == VTB_PLAN_DRAFT || record->draft.state == VTB_PLAN_READBACK))
        return VTB_OK; /* the same item goes on where it stopped */
    if (last && last->state != VTB_WITHDRAWN)
        vtb_id_write(last->plan, text);
    event.u.plan_begun = (struct vtb_ev_plan_begun){
        .plan = plan, .version = last ? last->version + 1 : 1, .meeting = facts->meeting, .item = facts->item,
        .question = question, .question_by = question_by,
    };
    err = vtb_events_text(out, vtb_str_of(text), &event.u.plan_begun.supersedes);
    return err ? err : vtb_events_add(out, event);
}

static enum vtb_err drop(const struct vtb_cell *cell, struct vtb_field_name name, struct vtb_id seat,
                         struct vtb_events *out)
{
    struct vtb_event event = { .kind = VTB_EVENT_PLAN_DROPPED };
    char text[VTB_FIELD_NAME_TEXT];
    enum vtb_err err;

    if (!vtb_id_is(cell->lease, seat))
        return VTB_OK;
    vtb_field_name_write(name, text);
    err = vtb_events_text(out, vtb_str_of(text), &event.u.plan_dropped.field);
    return err ? err : vtb_events_add(out, event);
}

enum vtb_err vtb_case_seat_gone(const struct vtb_case *record, struct vtb_id seat, int64_t now_us,
                                struct vtb_events *out)
{
    const struct vtb_draft *draft = &record->draft;
    size_t before = out->n;
    enum vtb_err err = VTB_OK;

    begin(out, now_us);
    if (draft->state != VTB_PLAN_DRAFT || vtb_id_is_nil(seat))
        return VTB_OK;
    for (unsigned i = 0; i < VTB_PLAN_FIELDS && !err; i++)
        err = drop(&draft->fields[i].cell, (struct vtb_field_name){ .at = (uint8_t)i }, seat, out);
    for (size_t i = 0; i < draft->lines_n; i++)
        for (unsigned j = 0; j < VTB_LINE_PARTS && !err; j++)
            err = drop(&draft->lines[i].cells[j],
                       (struct vtb_field_name){ .is_part = true, .at = (uint8_t)j, .line = draft->lines[i].id }, seat,
                       out);
    if (err)
        out->n = before;
    return err;
}
