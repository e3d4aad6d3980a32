/* snapshot.c - draft, read-back and newest signature as ordinary events with the times they had. */
#include "inner.h"

struct snap {
    const struct vtb_case *record;
    struct vtb_arena *arena;
    vtb_emit_event *emit;
    void *ctx;
    enum vtb_err err;
};

static void put(struct snap *snap, int64_t at_us, struct vtb_event event)
{
    if (snap->err)
        return;
    event.at_us = at_us;
    event.seq = 0;
    snap->err = snap->emit(snap->ctx, &event);
}

static void *take(struct snap *snap, size_t bytes)
{
    void *at = snap->err ? NULL : vtb_arena_take(snap->arena, bytes + 1);

    if (!at && !snap->err)
        snap->err = VTB_NOMEM;
    return at;
}

static void put_cell(struct snap *snap, struct vtb_field_name name, const struct vtb_cell *cell, const char *text)
{
    char *field;

    if (cell->version == 0 && vtb_id_is_nil(cell->lease))
        return;
    field = take(snap, VTB_FIELD_NAME_TEXT);
    if (!field)
        return;
    vtb_field_name_write(name, field);
    if (cell->version)
        put(snap, cell->set_us, (struct vtb_event){
            .kind = VTB_EVENT_PLAN_SET,
            .u.plan_set = { .field = vtb_str_of(field), .version = cell->version, .value = vtb_str_of(text),
                            .seat = cell->seat, .name = vtb_str_of(cell->name) } });
    if (!vtb_id_is_nil(cell->lease))
        put(snap, cell->lease_us, (struct vtb_event){
            .kind = VTB_EVENT_PLAN_TAKEN,
            .u.plan_taken = { .field = vtb_str_of(field), .seat = cell->lease,
                              .name = vtb_str_of(cell->lease_name) } });
}

static void put_draft(struct snap *snap)
{
    const struct vtb_draft *draft = &snap->record->draft;

    put(snap, draft->begun_us, (struct vtb_event){
        .kind = VTB_EVENT_PLAN_BEGUN,
        .u.plan_begun = { .plan = draft->plan, .version = draft->version, .supersedes = vtb_str_of(draft->supersedes),
                          .meeting = draft->meeting, .item = draft->item, .question = vtb_str_of(draft->question),
                          .question_by = vtb_str_of(draft->question_by) } });
    for (unsigned i = 0; i < VTB_PLAN_FIELDS; i++)
        put_cell(snap, (struct vtb_field_name){ .at = (uint8_t)i }, &draft->fields[i].cell, draft->fields[i].text);
    for (size_t i = 0; i < draft->lines_n; i++) {
        const struct vtb_plan_line *line = &draft->lines[i];

        put(snap, line->added_us, (struct vtb_event){ .kind = VTB_EVENT_PLAN_LINE_ADDED,
                                                      .u.plan_line_added = { .line = line->id, .at = (int64_t)i } });
        for (unsigned j = 0; j < VTB_LINE_PARTS; j++)
            put_cell(snap, (struct vtb_field_name){ .is_part = true, .at = (uint8_t)j, .line = line->id },
                     &line->cells[j], line->parts[j]);
    }
    for (size_t i = 0; i < draft->dissents_n; i++) {
        const struct vtb_plan_dissent *d = &draft->dissents[i];

        put(snap, d->at_us, (struct vtb_event){
            .kind = VTB_EVENT_PLAN_DISSENTED,
            .u.plan_dissented = { .seat = d->seat, .person = d->person, .name = vtb_str_of(d->name),
                                  .specialty = vtb_str_of(d->specialty), .text = vtb_str_of(d->text),
                                  .in_note = d->in_note } });
    }
    for (size_t i = 0; i < draft->notes_n; i++)
        put(snap, draft->notes[i].at_us, (struct vtb_event){
            .kind = VTB_EVENT_PLAN_NOTED,
            .u.plan_noted = { .note = draft->notes[i].id, .seat = draft->notes[i].seat,
                              .name = vtb_str_of(draft->notes[i].name), .text = vtb_str_of(draft->notes[i].text) } });
    if (draft->outcome_us)
        put(snap, draft->outcome_us, (struct vtb_event){
            .kind = VTB_EVENT_PLAN_OUTCOME,
            .u.plan_outcome = { .outcome = draft->outcome.at, .outcome_n = draft->outcome.n, .by = draft->outcome_by,
                                .name = vtb_str_of(draft->outcome_name) } });
}

static void put_begun(struct snap *snap)
{
    const struct vtb_readback *back = &snap->record->readback;
    struct vtb_t_missing *missing = take(snap, back->missing_n * sizeof *missing);
    struct vtb_t_attendance *people = take(snap, back->attendance_n * sizeof *people);
    struct vtb_t_picture *pictures = take(snap, back->pictures_n * sizeof *pictures);

    if (!missing || !people || !pictures)
        return;
    for (size_t i = 0; i < back->missing_n; i++)
        missing[i].discipline = vtb_str_of(back->missing[i]);
    for (size_t i = 0; i < back->attendance_n; i++) {
        const struct vtb_kept_attendance *from = &back->attendance[i];

        people[i] = (struct vtb_t_attendance){
            .person = from->person, .name = vtb_str_of(from->name), .specialty = vtb_str_of(from->specialty),
            .site = vtb_str_of(from->site), .role = from->role, .joined_us = from->joined_us,
            .left_us = from->left_us, .here = from->here, .confirmed = from->confirmed };
    }
    for (size_t i = 0; i < back->pictures_n; i++)
        pictures[i] = (struct vtb_t_picture){ .document = back->pictures[i].document,
                                              .title = vtb_str_of(back->pictures[i].title),
                                              .page = back->pictures[i].page,
                                              .digest = vtb_str_of(back->pictures[i].digest) };
    put(snap, back->begun_us, (struct vtb_event){
        .kind = VTB_EVENT_READBACK_BEGUN,
        .by = back->begun_by,
        .u.readback_begun = {
            .digest = vtb_str_of(back->digest), .text = vtb_str_of(back->text), .wording = vtb_str_of(back->wording),
            .lines = back->lines, .quorum_met = back->quorum_met, .missing = missing, .missing_n = back->missing_n,
            .attendance = people, .attendance_n = back->attendance_n, .pictures = pictures,
            .pictures_n = back->pictures_n, .referring_plan = vtb_str_of(back->referring_plan),
            .proposed = back->proposed.at, .proposed_n = back->proposed.n } });
}

static void put_readback(struct snap *snap)
{
    const struct vtb_readback *back = &snap->record->readback;

    put_begun(snap);
    if (back->line_us)
        put(snap, back->line_us, (struct vtb_event){ .kind = VTB_EVENT_READBACK_LINE, .u.readback_line.n = back->line });
    for (size_t i = 0; i < back->acked_n; i++)
        put(snap, back->acked[i].at_us, (struct vtb_event){
            .kind = VTB_EVENT_READBACK_ACKED,
            .u.readback_acked = { .seat = back->acked[i].seat, .digest = vtb_str_of(back->digest) } });
    for (size_t i = 0; i < back->objections_n; i++) {
        const struct vtb_objection *o = &back->objections[i];

        put(snap, o->at_us, (struct vtb_event){
            .kind = VTB_EVENT_READBACK_OBJECTED,
            .u.readback_objected = { .seat = o->seat, .name = vtb_str_of(o->name), .kind = o->kind,
                                     .text = vtb_str_of(o->text) } });
    }
    if (back->window_us)
        put(snap, back->window_us, (struct vtb_event){
            .kind = VTB_EVENT_READBACK_WINDOW,
            .u.readback_window = { .running = back->window_running, .left_s = back->window_left_s } });
}

static void put_signed(struct snap *snap, const struct vtb_signed_plan *plan)
{
    put(snap, plan->signed_us, (struct vtb_event){
        .kind = VTB_EVENT_PLAN_SIGNED,
        .u.plan_signed = { .plan = plan->plan, .version = plan->version, .case_id = plan->case_id,
                           .meeting = plan->meeting, .item = plan->item, .digest = vtb_str_of(plan->digest),
                           .text = vtb_str_of(snap->record->signed_text), .signature = vtb_str_of(plan->signature),
                           .key = vtb_str_of(plan->key), .signer = plan->signer,
                           .signer_name = vtb_str_of(plan->signer_name) } });
}

enum vtb_err vtb_case_snapshot(const struct vtb_case *record, struct vtb_arena *arena, vtb_emit_event *emit,
                               void *ctx)
{
    struct snap snap = { record, arena, emit, ctx, VTB_OK };
    const struct vtb_signed_plan *newest = record->plans_n ? &record->plans[record->plans_n - 1] : NULL;

    if (record->draft.state == VTB_PLAN_NONE)
        return VTB_OK;
    put_draft(&snap);
    if (record->draft.state == VTB_PLAN_READBACK)
        put_readback(&snap);
    if (record->draft.state == VTB_PLAN_SIGNED && newest && vtb_id_is(newest->plan, record->draft.plan))
        put_signed(&snap, newest);
    return snap.err;
}
