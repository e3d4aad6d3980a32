/* fold.c - the draft: one durable event of the case at a time. Cannot fail. */
#include "inner.h"

static struct vtb_cell *cell_of(struct vtb_draft *draft, struct vtb_str field, char **out_text, size_t *out_cap)
{
    struct vtb_field_name name;
    int line = 0;

    if (vtb_field_name_parse(field, &name))
        return NULL;
    if (!name.is_part) {
        *out_text = draft->fields[name.at].text;
        *out_cap = sizeof draft->fields[name.at].text;
        return &draft->fields[name.at].cell;
    }
    line = vtb_line_place(draft, name.line);
    if (line < 0)
        return NULL;
    *out_text = draft->lines[line].parts[name.at];
    *out_cap = sizeof draft->lines[line].parts[name.at];
    return &draft->lines[line].cells[name.at];
}

static void free_lease(struct vtb_cell *cell)
{
    cell->lease = (struct vtb_id){ { 0 } };
    cell->lease_name[0] = '\0';
    cell->lease_us = 0;
}

static void fold_cell(struct vtb_draft *draft, const struct vtb_event *event)
{
    struct vtb_str field = event->kind == VTB_EVENT_PLAN_SET     ? event->u.plan_set.field
                           : event->kind == VTB_EVENT_PLAN_TAKEN ? event->u.plan_taken.field
                                                                 : event->u.plan_dropped.field;
    size_t cap = 0;
    char *text = NULL;
    struct vtb_cell *cell = cell_of(draft, field, &text, &cap);

    if (!cell)
        return;
    if (event->kind == VTB_EVENT_PLAN_SET) {
        vtb_keep_bytes(text, cap, event->u.plan_set.value);
        cell->version = event->u.plan_set.version;
        cell->seat = event->u.plan_set.seat;
        VTB_KEEP(cell->name, event->u.plan_set.name);
        cell->set_us = event->at_us;
    } else if (event->kind == VTB_EVENT_PLAN_TAKEN) {
        cell->lease = event->u.plan_taken.seat;
        VTB_KEEP(cell->lease_name, event->u.plan_taken.name);
        cell->lease_us = event->at_us;
    } else {
        free_lease(cell);
    }
}

static void move_line(struct vtb_draft *draft, size_t from, size_t to)
{
    /* One line is swapped along with its neighbours: 12 kB on the stack, and no order of copies to get wrong. */
    for (; from < to; from++) {
        struct vtb_plan_line spare = draft->lines[from];
        draft->lines[from] = draft->lines[from + 1];
        draft->lines[from + 1] = spare;
    }
    for (; from > to; from--) {
        struct vtb_plan_line spare = draft->lines[from];
        draft->lines[from] = draft->lines[from - 1];
        draft->lines[from - 1] = spare;
    }
}

static void fold_line(struct vtb_draft *draft, const struct vtb_event *event)
{
    int at;

    if (event->kind == VTB_EVENT_PLAN_LINE_ADDED) {
        size_t to = (size_t)event->u.plan_line_added.at;

        if (draft->lines_n == VTB_MAX_PLAN_LINES || vtb_line_place(draft, event->u.plan_line_added.line) >= 0)
            return;
        memset(&draft->lines[draft->lines_n], 0, sizeof draft->lines[0]);
        draft->lines[draft->lines_n].id = event->u.plan_line_added.line;
        draft->lines[draft->lines_n].added_us = event->at_us;
        move_line(draft, draft->lines_n, to < draft->lines_n ? to : draft->lines_n);
        draft->lines_n++;
        return;
    }
    at = vtb_line_place(draft, event->kind == VTB_EVENT_PLAN_LINE_MOVED ? event->u.plan_line_moved.line
                                                                       : event->u.plan_line_removed.line);
    if (at < 0)
        return;
    if (event->kind == VTB_EVENT_PLAN_LINE_MOVED) {
        size_t to = (size_t)event->u.plan_line_moved.to;

        move_line(draft, (size_t)at, to < draft->lines_n ? to : draft->lines_n - 1);
    } else {
        move_line(draft, (size_t)at, draft->lines_n - 1);
        draft->lines_n--;
    }
}

static void fold_begun(struct vtb_case *record, const struct vtb_event *event)
{
    const struct vtb_ev_plan_begun *begun = &event->u.plan_begun;
    struct vtb_draft *draft = &record->draft;

    memset(draft, 0, sizeof *draft);
    draft->state = VTB_PLAN_DRAFT;
    draft->plan = begun->plan;
    draft->meeting = begun->meeting;
    draft->item = begun->item;
    draft->version = begun->version;
    draft->begun_us = event->at_us;
    VTB_KEEP(draft->supersedes, begun->supersedes);
    VTB_KEEP(draft->question, begun->question);
    VTB_KEEP(draft->question_by, begun->question_by);
    memset(&record->readback, 0, sizeof record->readback);
    record->is_revealed = false;
}

void vtb_fold_dissent(struct vtb_draft *draft, const struct vtb_event *event)
{
    const struct vtb_ev_plan_dissented *said = &event->u.plan_dissented;
    struct vtb_plan_dissent *dissent;
    size_t at = 0;

    while (at < draft->dissents_n && !vtb_id_is(draft->dissents[at].person, said->person))
        at++;
    if (said->text.len == 0) {
        for (; at + 1 < draft->dissents_n; at++)
            draft->dissents[at] = draft->dissents[at + 1];
        if (at < draft->dissents_n)
            draft->dissents_n--;
        return;
    }
    if (at == VTB_MAX_DISSENTS)
        return;
    if (at == draft->dissents_n)
        draft->dissents_n++;
    dissent = &draft->dissents[at];
    dissent->seat = said->seat;
    dissent->person = said->person;
    VTB_KEEP(dissent->name, said->name);
    VTB_KEEP(dissent->specialty, said->specialty);
    VTB_KEEP(dissent->text, said->text);
    dissent->in_note = said->in_note;
    dissent->at_us = event->at_us;
}

void vtb_fold_outcome(struct vtb_draft *draft, const struct vtb_event *event)
{
    const struct vtb_ev_plan_outcome *outcome = &event->u.plan_outcome;

    draft->outcome.n = outcome->outcome_n < 9 ? outcome->outcome_n : 9;
    for (size_t i = 0; i < draft->outcome.n; i++)
        draft->outcome.at[i] = outcome->outcome[i];
    draft->outcome_by = outcome->by;
    VTB_KEEP(draft->outcome_name, outcome->name);
    draft->outcome_us = event->at_us;
}

/* The switch is over the case's own kinds; events of meetings and of the site are none of its business. */
void vtb_case_fold(struct vtb_case *record, const struct vtb_event *event)
{
    if (vtb_event_stream(event->kind) != VTB_STREAM_CASE)
        return;
    if (event->seq)
        record->seq = event->seq;
    switch ((unsigned)event->kind) {
    case VTB_EVENT_CASE_SAVED:
        vtb_fold_case_saved(record, event);
        break;
    case VTB_EVENT_DOCUMENT_ADDED:
    case VTB_EVENT_DOCUMENT_READY:
    case VTB_EVENT_DOCUMENT_FAILED:
    case VTB_EVENT_DOCUMENT_REMOVED:
        vtb_fold_case_document(record, event);
        break;
    case VTB_EVENT_PLAN_BEGUN:
        fold_begun(record, event);
        break;
    case VTB_EVENT_PLAN_TAKEN:
    case VTB_EVENT_PLAN_DROPPED:
    case VTB_EVENT_PLAN_SET:
        fold_cell(&record->draft, event);
        break;
    case VTB_EVENT_PLAN_LINE_ADDED:
    case VTB_EVENT_PLAN_LINE_REMOVED:
    case VTB_EVENT_PLAN_LINE_MOVED:
        fold_line(&record->draft, event);
        break;
    case VTB_EVENT_PLAN_NOTED:
    case VTB_EVENT_PLAN_NOTE_CLOSED:
        vtb_fold_note(&record->draft, event);
        break;
    case VTB_EVENT_PLAN_DISSENTED:
        vtb_fold_dissent(&record->draft, event);
        break;
    case VTB_EVENT_PLAN_OUTCOME:
        vtb_fold_outcome(&record->draft, event);
        break;
    case VTB_EVENT_READBACK_BEGUN:
    case VTB_EVENT_READBACK_LINE:
    case VTB_EVENT_READBACK_ACKED:
    case VTB_EVENT_READBACK_WINDOW:
    case VTB_EVENT_READBACK_OBJECTED:
    case VTB_EVENT_READBACK_ENDED:
        vtb_fold_readback(record, event);
        break;
    case VTB_EVENT_PLAN_SIGNED:
    case VTB_EVENT_PLAN_COSIGNED:
    case VTB_EVENT_PLAN_AMENDED:
    case VTB_EVENT_PLAN_WITHDRAWN:
    case VTB_EVENT_PLAN_SUPERSEDED:
        vtb_fold_signed_plans(record, event);
        break;
    }
}
