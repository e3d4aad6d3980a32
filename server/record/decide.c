/* decide.c - one table: a request about the plan and the small function that decides it. */
#include "inner.h"

static const struct {
    vtb_plan_decide_one *decide;
    bool in_draft, in_readback; /* when it may be asked */
} table[VTB_ASK_KINDS] = {
    [VTB_ASK_PLAN_TAKE] = { vtb_plan_take, true, false },
    [VTB_ASK_PLAN_DROP] = { vtb_plan_drop, true, true },
    [VTB_ASK_PLAN_SET] = { vtb_plan_set, true, false },
    [VTB_ASK_PLAN_LINE_ADD] = { vtb_plan_line_add, true, false },
    [VTB_ASK_PLAN_LINE_REMOVE] = { vtb_plan_line_remove, true, false },
    [VTB_ASK_PLAN_LINE_MOVE] = { vtb_plan_line_move, true, false },
    [VTB_ASK_PLAN_NOTE] = { vtb_plan_note, true, true },
    [VTB_ASK_PLAN_NOTE_TAKE] = { vtb_plan_note_take, true, false },
    [VTB_ASK_PLAN_NOTE_CLOSE] = { vtb_plan_note_close, true, true },
    [VTB_ASK_PLAN_DISSENT] = { vtb_plan_dissent, true, true },
    [VTB_ASK_PLAN_OUTCOME] = { vtb_plan_outcome, false, true },
    [VTB_ASK_READBACK_START] = { vtb_readback_start, true, false },
    [VTB_ASK_READBACK_LINE] = { vtb_readback_line, false, true },
    [VTB_ASK_READBACK_ACK] = { vtb_readback_ack, false, true },
    [VTB_ASK_READBACK_WINDOW] = { vtb_readback_window, false, true },
    [VTB_ASK_READBACK_OBJECT] = { vtb_readback_object, false, true },
    [VTB_ASK_READBACK_END] = { vtb_readback_end, false, true },
};

bool vtb_case_takes(enum vtb_ask_kind kind)
{
    return (unsigned)kind < VTB_ASK_KINDS && table[kind].decide;
}

bool vtb_may(const struct vtb_plan_question *q, enum vtb_deed deed)
{
    struct vtb_standing standing = {
        .signed_in = true,
        .role = vtb_role_of(q->caller->role),
        .own_item = true, /* a guest has a seat here only while the own item runs (meeting/guests.c) */
        .acting_chair = vtb_id_is(q->facts->chair, q->caller->seat) && !vtb_id_is_nil(q->caller->seat),
        .running_seat = true,
        .own_seat = true,
        .referrer = vtb_id_is(q->record->record.referrer, q->caller->person),
    };

    return vtb_policy_may(deed, &standing);
}

static enum vtb_err admit(const struct vtb_plan_question *q, struct vtb_events *out)
{
    enum vtb_plan_state state = q->record->draft.state;
    enum vtb_ask_kind kind = q->ask->kind;

    if (vtb_id_is_nil(q->facts->item) || !vtb_id_is(q->record->draft.item, q->facts->item))
        return vtb_events_refuse(out, VTB_ABSENT, "This case is not being discussed just now.");
    if (!q->caller->is_server) {
        if (!vtb_is_seated(q->facts, q->caller->seat))
            return vtb_events_refuse(out, VTB_ABSENT, "You are not in this meeting just now.");
        if (!vtb_may(q, (enum vtb_deed)kind))
            return vtb_events_refuse(out, VTB_DENIED, vtb_deed_refusal((enum vtb_deed)kind));
    }
    if ((state == VTB_PLAN_DRAFT && table[kind].in_draft) || (state == VTB_PLAN_READBACK && table[kind].in_readback))
        return VTB_OK;
    switch (state) {
    case VTB_PLAN_NONE:
        return vtb_events_refuse(out, VTB_ABSENT, "No plan is open.");
    case VTB_PLAN_DRAFT:
        return vtb_events_refuse(out, VTB_DENIED, "The plan is not being read back.");
    case VTB_PLAN_READBACK:
        return vtb_events_refuse(out, VTB_DENIED, "The plan is being read back and is locked. Object to change it.");
    case VTB_PLAN_SIGNED:
        return vtb_events_refuse(out, VTB_DENIED, "The plan is signed and never changes. Write an addendum.");
    }
    return VTB_DENIED;
}

enum vtb_err vtb_case_decide(const struct vtb_case *record, const struct vtb_caller *caller,
                             const struct vtb_ask *ask, int64_t now_us, const struct vtb_plan_facts *facts,
                             struct vtb_events *out)
{
    const struct vtb_plan_question q = { record, caller, ask, facts };
    size_t before = out->n;
    enum vtb_err err;

    if (!vtb_case_takes(ask->kind))
        return vtb_events_refuse(out, VTB_ABSENT, "The plan does not know this request.");
    out->now_us = now_us;
    out->by = caller->seat;
    out->message = NULL;
    err = admit(&q, out);
    if (!err)
        err = table[ask->kind].decide(&q, out);
    if (err)
        out->n = before;
    return err;
}
