/*
 * note.c - notes to the scribe: anybody with a voice proposes a recommendation, a writer takes it with one press or
 * puts it aside. A note is talk, not record: it is in no text that is signed.
 */
#include "inner.h"

#include "record/canon.h"

static size_t place_of(const struct vtb_draft *draft, struct vtb_id note)
{
    size_t at = 0;

    while (at < draft->notes_n && !vtb_id_is(draft->notes[at].id, note))
        at++;
    return at;
}

void vtb_fold_note(struct vtb_draft *draft, const struct vtb_event *event)
{
    const struct vtb_ev_plan_noted *noted = &event->u.plan_noted;
    struct vtb_plan_note *note;
    size_t at;

    if (event->kind == VTB_EVENT_PLAN_NOTE_CLOSED) {
        at = place_of(draft, event->u.plan_note_closed.note);
        if (at == draft->notes_n)
            return;
        memmove(&draft->notes[at], &draft->notes[at + 1], (draft->notes_n - at - 1) * sizeof draft->notes[0]);
        draft->notes_n--;
        return;
    }
    if (draft->notes_n == VTB_MAX_NOTES || place_of(draft, noted->note) < draft->notes_n)
        return;
    note = &draft->notes[draft->notes_n++];
    note->id = noted->note;
    note->seat = noted->seat;
    VTB_KEEP(note->name, noted->name);
    VTB_KEEP(note->text, noted->text);
    note->at_us = event->at_us;
}

static enum vtb_err closed(struct vtb_id note, bool taken, struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PLAN_NOTE_CLOSED,
                                                   .u.plan_note_closed = { .note = note, .taken = taken } });
}

enum vtb_err vtb_plan_note(const struct vtb_plan_question *q, struct vtb_events *out)
{
    struct vtb_str text = { 0 };
    enum vtb_err err = vtb_nfc(q->ask->u.plan_note.text, &out->arena, &text);

    if (err)
        return vtb_events_refuse(out, err, "This text has characters that cannot be written. Type it again.");
    if (text.len == 0)
        return vtb_events_refuse(out, VTB_PARSE, "Write what the scribe should note.");
    if (q->record->draft.notes_n == VTB_MAX_NOTES)
        return vtb_events_refuse(out, VTB_LIMIT, "20 notes wait for the scribe. Send yours when some are taken.");
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_PLAN_NOTED,
        .u.plan_noted = { .note = vtb_line_id(q->record, out->now_us), .seat = q->caller->seat, .name = q->caller->name,
                          .text = text } });
}

/* A new recommendation with these words, and the note is gone. */
enum vtb_err vtb_plan_note_take(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_draft *draft = &q->record->draft;
    size_t at = place_of(draft, q->ask->u.plan_note_take.note);
    struct vtb_field_name name = { .is_part = true, .at = VTB_PART_WHAT };
    char *field = vtb_arena_take(&out->arena, VTB_FIELD_NAME_TEXT);
    const struct vtb_plan_note *note;
    enum vtb_err err;

    if (at == draft->notes_n)
        return vtb_events_refuse(out, VTB_ABSENT, "This note was taken or put aside already.");
    if (draft->lines_n == VTB_MAX_PLAN_LINES)
        return vtb_events_refuse(out, VTB_LIMIT, "A plan has at most 40 recommendations.");
    if (!field)
        return VTB_NOMEM;
    note = &draft->notes[at];
    if (vtb_draft_bytes(draft) + strlen(note->text) > VTB_PLAN_CONTENT_BYTES)
        return vtb_events_refuse(out, VTB_LIMIT, "The plan is full (16 kB of text). Shorten something first.");
    name.line = vtb_line_id(q->record, out->now_us);
    vtb_field_name_write(name, field);
    err = vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_PLAN_LINE_ADDED,
        .u.plan_line_added = { .line = name.line, .at = (int64_t)draft->lines_n } });
    if (!err)
        err = vtb_events_add(out, (struct vtb_event){
            .kind = VTB_EVENT_PLAN_SET,
            .u.plan_set = { .field = vtb_str_of(field), .version = 1, .value = vtb_str_of(note->text),
                            .seat = q->caller->seat, .name = q->caller->name } });
    return err ? err : closed(note->id, true, out);
}

/* By a writer, or by who wrote it. */
enum vtb_err vtb_plan_note_close(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_draft *draft = &q->record->draft;
    size_t at = place_of(draft, q->ask->u.plan_note_close.note);

    if (at == draft->notes_n)
        return VTB_OK; /* taken in the meantime */
    if (!vtb_id_is(draft->notes[at].seat, q->caller->seat) && !vtb_may(q, VTB_DEED_PLAN_NOTE_TAKE))
        return vtb_events_refuse(out, VTB_DENIED, "Only who wrote a note, or who writes the plan, puts it aside.");
    return closed(draft->notes[at].id, false, out);
}
