/* dissent.c - dissent in the dissenter's own words, and the outcome against the referring plan. */
#include "inner.h"

#include "record/canon.h"

static bool is_dissenter(const struct vtb_draft *draft, struct vtb_id person)
{
    for (size_t i = 0; i < draft->dissents_n; i++)
        if (vtb_id_is(draft->dissents[i].person, person))
            return true;
    return false;
}

/* The draft as it will be once `changed` is folded; in the arena, since it is large. */
static struct vtb_draft *changed_draft(const struct vtb_draft *draft, const struct vtb_event *changed,
                                       struct vtb_arena *arena)
{
    struct vtb_draft *copy = vtb_arena_take(arena, sizeof *copy);

    if (!copy)
        return NULL;
    *copy = *draft;
    if (changed->kind == VTB_EVENT_PLAN_DISSENTED)
        vtb_fold_dissent(copy, changed);
    else
        vtb_fold_outcome(copy, changed);
    return copy;
}

enum vtb_err vtb_add_restart(const struct vtb_plan_question *q, const struct vtb_event *changed,
                             struct vtb_events *out)
{
    struct vtb_draft *draft = changed_draft(&q->record->draft, changed, &out->arena);

    if (!draft)
        return VTB_NOMEM;
    if (!vtb_rules_missing(draft, q->facts->rules_off))
        return vtb_add_readback(q->record, draft, q->facts, out);
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_READBACK_ENDED, .u.readback_ended = { .by = q->caller->seat, .name = q->caller->name } });
}

enum vtb_err vtb_plan_dissent(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_ask_plan_dissent *ask = &q->ask->u.plan_dissent;
    const struct vtb_draft *draft = &q->record->draft;
    struct vtb_event event = { .kind = VTB_EVENT_PLAN_DISSENTED };
    struct vtb_str text = { 0 };
    enum vtb_err err = vtb_nfc(ask->text, &out->arena, &text);

    if (err)
        return vtb_events_refuse(out, err, "This text has characters that cannot be written. Type it again.");
    if (text.len == 0 && !is_dissenter(draft, q->caller->person))
        return VTB_OK;
    if (draft->dissents_n == VTB_MAX_DISSENTS && !is_dissenter(draft, q->caller->person))
        return vtb_events_refuse(out, VTB_LIMIT, "A plan holds at most 40 dissents.");
    if (ask->in_note && vtb_draft_bytes(draft) + text.len > VTB_PLAN_CONTENT_BYTES)
        return vtb_events_refuse(out, VTB_LIMIT, "The plan is full (16 kB of text). Shorten your dissent.");
    event.u.plan_dissented = (struct vtb_ev_plan_dissented){
        .seat = q->caller->seat, .person = q->caller->person, .name = q->caller->name,
        .specialty = q->caller->specialty, .text = text, .in_note = ask->in_note && text.len > 0,
    };
    err = vtb_events_add(out, event);
    if (!err && draft->state == VTB_PLAN_READBACK)
        err = vtb_add_restart(q, &event, out);
    return err;
}

static bool has(const struct vtb_outcomes *outcomes, enum vtb_ev_plan_outcome_outcome one)
{
    for (size_t i = 0; i < outcomes->n; i++)
        if (outcomes->at[i] == one)
            return true;
    return false;
}

static bool is_same(const struct vtb_outcomes *a, const struct vtb_outcomes *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!has(b, a->at[i]))
            return false;
    return true;
}

/* "Confirmed", "no plan before" and "not comparable" stand alone, and the first two need a plan or its absence. */
static const char *outcome_fault(const struct vtb_case *record, const struct vtb_outcomes *asked)
{
    bool had_plan = record->record.referring_plan[0] != '\0';

    if (asked->n == 0)
        return "Choose what the board's plan means for the plan before it.";
    if (asked->n > 1 && (has(asked, VTB_EV_PLAN_OUTCOME_OUTCOME_CONFIRMED) ||
                         has(asked, VTB_EV_PLAN_OUTCOME_OUTCOME_NO_PLAN_BEFORE) ||
                         has(asked, VTB_EV_PLAN_OUTCOME_OUTCOME_NOT_COMPARABLE)))
        return "Confirmed, no plan before and not comparable each stand alone.";
    if (has(asked, VTB_EV_PLAN_OUTCOME_OUTCOME_CONFIRMED) && !had_plan)
        return "No plan was recorded before the meeting, so none can be confirmed.";
    if (has(asked, VTB_EV_PLAN_OUTCOME_OUTCOME_NO_PLAN_BEFORE) && had_plan)
        return "A plan was recorded before the meeting. Compare with it.";
    return NULL;
}

enum vtb_err vtb_plan_outcome(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_ask_plan_outcome *ask = &q->ask->u.plan_outcome;
    const struct vtb_draft *draft = &q->record->draft;
    const struct vtb_outcomes *in_text = draft->outcome_us ? &draft->outcome : &q->record->readback.proposed;
    struct vtb_event event = { .kind = VTB_EVENT_PLAN_OUTCOME };
    struct vtb_outcomes asked = { .n = 0 };
    const char *fault;
    enum vtb_err err;

    for (size_t i = 0; i < ask->outcome_n && asked.n < 9; i++)
        if (!has(&asked, ask->outcome[i]))
            asked.at[asked.n++] = ask->outcome[i];
    fault = outcome_fault(q->record, &asked);
    if (fault)
        return vtb_events_refuse(out, VTB_PARSE, fault);
    event.u.plan_outcome = (struct vtb_ev_plan_outcome){ .outcome = ask->outcome, .outcome_n = ask->outcome_n,
                                                         .by = q->caller->seat, .name = q->caller->name };
    if (is_same(&asked, in_text)) { /* the text says so already: keep its order, so that its digest stands */
        event.u.plan_outcome.outcome = in_text->at;
        event.u.plan_outcome.outcome_n = in_text->n;
        return vtb_events_add(out, event);
    }
    event.at_us = out->now_us;
    err = vtb_events_add(out, event);
    if (!err)
        err = vtb_add_restart(q, &event, out);
    return err;
}
