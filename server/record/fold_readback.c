/* fold_readback.c - the read-back and the signed plans. */
#include "inner.h"

static void keep_attendance(struct vtb_readback *back, const struct vtb_ev_readback_begun *begun)
{
    back->attendance_n = begun->attendance_n < VTB_MAX_MEETING_SEATS ? begun->attendance_n : VTB_MAX_MEETING_SEATS;
    for (size_t i = 0; i < back->attendance_n; i++) {
        const struct vtb_t_attendance *from = &begun->attendance[i];
        struct vtb_kept_attendance *to = &back->attendance[i];

        to->person = from->person;
        VTB_KEEP(to->name, from->name);
        VTB_KEEP(to->specialty, from->specialty);
        VTB_KEEP(to->site, from->site);
        to->role = from->role;
        to->joined_us = from->joined_us;
        to->left_us = from->left_us;
        to->here = from->here;
        to->confirmed = from->confirmed;
    }
    back->pictures_n = begun->pictures_n < VTB_MAX_PICTURES ? begun->pictures_n : VTB_MAX_PICTURES;
    for (size_t i = 0; i < back->pictures_n; i++) {
        back->pictures[i].document = begun->pictures[i].document;
        VTB_KEEP(back->pictures[i].title, begun->pictures[i].title);
        back->pictures[i].page = (uint16_t)begun->pictures[i].page;
        VTB_KEEP(back->pictures[i].digest, begun->pictures[i].digest);
    }
}

static void free_leases(struct vtb_draft *draft)
{
    for (size_t i = 0; i < VTB_PLAN_FIELDS; i++)
        draft->fields[i].cell.lease = (struct vtb_id){ { 0 } };
    for (size_t i = 0; i < draft->lines_n; i++)
        for (size_t j = 0; j < VTB_LINE_PARTS; j++)
            draft->lines[i].cells[j].lease = (struct vtb_id){ { 0 } };
}

static void fold_begun(struct vtb_case *record, const struct vtb_event *event)
{
    const struct vtb_ev_readback_begun *begun = &event->u.readback_begun;
    struct vtb_readback *back = &record->readback;

    memset(back, 0, sizeof *back);
    back->begun_us = event->at_us;
    back->begun_by = event->by;
    VTB_KEEP(back->digest, begun->digest);
    VTB_KEEP(back->text, begun->text);
    VTB_KEEP(back->wording, begun->wording);
    VTB_KEEP(back->referring_plan, begun->referring_plan);
    back->lines = begun->lines;
    back->quorum_met = begun->quorum_met;
    back->missing_n = begun->missing_n < VTB_MAX_DISCIPLINES ? begun->missing_n : VTB_MAX_DISCIPLINES;
    for (size_t i = 0; i < back->missing_n; i++)
        VTB_KEEP(back->missing[i], begun->missing[i].discipline);
    keep_attendance(back, begun);
    back->proposed.n = begun->proposed_n < 9 ? begun->proposed_n : 9;
    for (size_t i = 0; i < back->proposed.n; i++)
        back->proposed.at[i] = begun->proposed[i];
    free_leases(&record->draft);
    record->draft.state = VTB_PLAN_READBACK;
    record->is_revealed = true;
}

static void fold_acked(struct vtb_readback *back, const struct vtb_event *event)
{
    const struct vtb_ev_readback_acked *acked = &event->u.readback_acked;

    if (!vtb_str_is(acked->digest, vtb_str_of(back->digest)) || back->acked_n == VTB_MAX_MEETING_SEATS)
        return;
    for (size_t i = 0; i < back->acked_n; i++)
        if (vtb_id_is(back->acked[i].seat, acked->seat))
            return;
    back->acked[back->acked_n].seat = acked->seat;
    back->acked[back->acked_n].at_us = event->at_us;
    back->acked_n++;
}

static void fold_objected(struct vtb_readback *back, const struct vtb_event *event)
{
    const struct vtb_ev_readback_objected *said = &event->u.readback_objected;
    struct vtb_objection *to;

    if (back->objections_n == VTB_MAX_OBJECTIONS)
        return;
    to = &back->objections[back->objections_n++];
    to->seat = said->seat;
    VTB_KEEP(to->name, said->name);
    VTB_KEEP(to->text, said->text);
    to->kind = said->kind;
    to->at_us = event->at_us;
}

void vtb_fold_readback(struct vtb_case *record, const struct vtb_event *event)
{
    struct vtb_readback *back = &record->readback;

    if (event->kind == VTB_EVENT_READBACK_BEGUN) {
        fold_begun(record, event);
    } else if (record->draft.state != VTB_PLAN_READBACK) {
        return;
    } else if (event->kind == VTB_EVENT_READBACK_LINE) {
        back->line = event->u.readback_line.n;
        back->line_us = event->at_us;
    } else if (event->kind == VTB_EVENT_READBACK_ACKED) {
        fold_acked(back, event);
    } else if (event->kind == VTB_EVENT_READBACK_WINDOW) {
        back->window_running = event->u.readback_window.running;
        back->window_left_s = event->u.readback_window.left_s;
        back->window_over = back->window_left_s == 0;
        back->window_us = event->at_us;
    } else if (event->kind == VTB_EVENT_READBACK_OBJECTED) {
        fold_objected(back, event);
    } else {
        record->draft.state = VTB_PLAN_DRAFT;
        record->draft.outcome.n = 0; /* the text may change: the outcome is confirmed anew */
        record->draft.outcome_us = 0;
    }
}

static struct vtb_signed_plan *plan_of(struct vtb_case *record, struct vtb_id plan)
{
    for (size_t i = 0; i < record->plans_n; i++)
        if (vtb_id_is(record->plans[i].plan, plan))
            return &record->plans[i];
    return NULL;
}

static void fold_signed(struct vtb_case *record, const struct vtb_event *event)
{
    const struct vtb_ev_plan_signed *from = &event->u.plan_signed;
    struct vtb_signed_plan *to;

    if (plan_of(record, from->plan)) /* a signed plan never changes */
        return;
    if (record->plans_n == VTB_MAX_CASE_PLANS) { /* the oldest falls out of memory, not out of the log */
        memmove(&record->plans[0], &record->plans[1], sizeof record->plans - sizeof record->plans[0]);
        record->plans_n--;
    }
    to = &record->plans[record->plans_n++];
    memset(to, 0, sizeof *to);
    to->plan = from->plan;
    to->meeting = from->meeting;
    to->item = from->item;
    to->case_id = from->case_id;
    to->signer = from->signer;
    to->version = from->version;
    to->signed_us = event->at_us;
    VTB_KEEP(to->digest, from->digest);
    VTB_KEEP(to->signature, from->signature);
    VTB_KEEP(to->key, from->key);
    VTB_KEEP(to->signer_name, from->signer_name);
    VTB_KEEP(record->signed_text, from->text);
    if (vtb_id_is(record->draft.plan, from->plan))
        record->draft.state = VTB_PLAN_SIGNED;
}

void vtb_fold_signed_plans(struct vtb_case *record, const struct vtb_event *event)
{
    struct vtb_signed_plan *plan = NULL;

    if (event->kind == VTB_EVENT_PLAN_SIGNED) {
        fold_signed(record, event);
    } else if (event->kind == VTB_EVENT_PLAN_COSIGNED) {
        plan = plan_of(record, event->u.plan_cosigned.plan);
        if (plan && plan->cosigned < VTB_COUNT(plan->cosigners))
            plan->cosigners[plan->cosigned++] = event->u.plan_cosigned.signer;
    } else if (event->kind == VTB_EVENT_PLAN_AMENDED) {
        plan = plan_of(record, event->u.plan_amended.plan);
        if (plan) {
            plan->addenda++;
            if (plan->state == VTB_SIGNED)
                plan->state = VTB_AMENDED;
        }
    } else if (event->kind == VTB_EVENT_PLAN_WITHDRAWN) {
        plan = plan_of(record, event->u.plan_withdrawn.plan);
        if (plan) {
            plan->state = VTB_WITHDRAWN;
            VTB_KEEP(plan->state_text, event->u.plan_withdrawn.text);
        }
    } else {
        plan = plan_of(record, event->u.plan_superseded.plan);
        if (plan && plan->state != VTB_WITHDRAWN) {
            plan->state = VTB_SUPERSEDED;
            plan->superseded_by = event->u.plan_superseded.by_plan;
            VTB_KEEP(plan->state_text, event->u.plan_superseded.reason);
        }
    }
}
