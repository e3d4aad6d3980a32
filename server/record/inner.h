/*
 * inner.h - what the files of this folder share and nobody else sees.
 */
#ifndef VTB_RECORD_INNER_H
#define VTB_RECORD_INNER_H

#include "record/plan.h"

/* Place of a line, or -1. */
int vtb_line_place(const struct vtb_draft *draft, struct vtb_id line);
/* Cell and text of a field or line part; NULL if the line is not there. */
const struct vtb_cell *vtb_draft_cell(const struct vtb_draft *draft, struct vtb_field_name name);
const char *vtb_draft_text(const struct vtb_draft *draft, struct vtb_field_name name);
const struct vtb_field_spec *vtb_field_spec_of(struct vtb_field_name name);
size_t vtb_draft_bytes(const struct vtb_draft *draft); /* of all texts */
/* "line.<uuid>.<part>" or the field's id. */
#define VTB_FIELD_NAME_TEXT 64
void vtb_field_name_write(struct vtb_field_name name, char out[static VTB_FIELD_NAME_TEXT]);
bool vtb_is_seated(const struct vtb_plan_facts *facts, struct vtb_id seat);

/* Parts of fold. */
void vtb_fold_dissent(struct vtb_draft *draft, const struct vtb_event *event);
void vtb_fold_note(struct vtb_draft *draft, const struct vtb_event *event);
void vtb_fold_outcome(struct vtb_draft *draft, const struct vtb_event *event);
void vtb_fold_case_saved(struct vtb_case *record, const struct vtb_event *event);
void vtb_fold_case_document(struct vtb_case *record, const struct vtb_event *event);
void vtb_fold_readback(struct vtb_case *record, const struct vtb_event *event);
void vtb_fold_signed_plans(struct vtb_case *record, const struct vtb_event *event);

/* One request a function; see the table in decide.c. */
struct vtb_plan_question {
    const struct vtb_case *record;
    const struct vtb_caller *caller;
    const struct vtb_ask *ask;
    const struct vtb_plan_facts *facts;
};
typedef enum vtb_err vtb_plan_decide_one(const struct vtb_plan_question *q, struct vtb_events *out);
vtb_plan_decide_one vtb_plan_take, vtb_plan_drop, vtb_plan_set, vtb_plan_line_add, vtb_plan_line_remove,
    vtb_plan_line_move, vtb_plan_dissent, vtb_plan_outcome, vtb_readback_start, vtb_readback_line, vtb_readback_ack,
    vtb_readback_window, vtb_readback_object, vtb_readback_end, vtb_plan_note, vtb_plan_note_take, vtb_plan_note_close;
/* What policy says to this caller here. */
bool vtb_may(const struct vtb_plan_question *q, enum vtb_deed deed);
/* A fresh id for a line or a note, made of what is known here. */
struct vtb_id vtb_line_id(const struct vtb_case *record, int64_t now_us);

/* Adds readback.begun for a draft (maybe changed by what was just decided): rules, canonical text, wording.
 * DENIED with the rule's message; LIMIT when it is too long to sign. */
VTB_MUST_USE enum vtb_err vtb_add_readback(const struct vtb_case *record, const struct vtb_draft *draft,
                                           const struct vtb_plan_facts *facts, struct vtb_events *out);
/* The same, or readback.ended by this caller where a rule is not met any more. `changed`: what event will fold. */
VTB_MUST_USE enum vtb_err vtb_add_restart(const struct vtb_plan_question *q, const struct vtb_event *changed,
                                          struct vtb_events *out);
/* The canonical text without signer and time, and its wording (text.c, wording.c). */
VTB_MUST_USE enum vtb_err vtb_plan_text(const struct vtb_case *record, const struct vtb_draft *draft,
                                        const struct vtb_plan_facts *facts, const struct vtb_outcomes *outcome,
                                        struct vtb_str wording, struct vtb_arena *arena, struct vtb_str *out);
VTB_MUST_USE enum vtb_err vtb_plan_wording(const struct vtb_case *record, const struct vtb_draft *draft,
                                           const struct vtb_plan_facts *facts, const struct vtb_outcomes *outcome,
                                           struct vtb_arena *arena, struct vtb_str *out);
struct vtb_outcomes vtb_propose_outcome(const struct vtb_case *record, const struct vtb_draft *draft);
/* Seconds left of the window at this time, 0..120, as events say it. */
int64_t vtb_window_left_s(const struct vtb_case *record, int64_t now_us);

#endif
