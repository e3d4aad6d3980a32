/*
 * gate.h - what a case needs before it can be heard: rows for the intake screen and the agenda.
 */
#ifndef VTB_RECORD_GATE_H
#define VTB_RECORD_GATE_H

#include "record/plan.h"

#define VTB_GATE_ROWS 11

enum vtb_gate_state { VTB_GATE_THERE, VTB_GATE_COMING, VTB_GATE_MISSING };
struct vtb_gate_row {      /* answers.json gate_row; static texts, but for `owner` which borrows from the case */
    const char *id, *label, *detail;
    enum vtb_gate_state state;
    struct vtb_str owner;
};
/* Always VTB_GATE_ROWS rows, in the order of the screen. */
void vtb_gate(const struct vtb_case *record, struct vtb_gate_row out[static VTB_GATE_ROWS]);
const char *vtb_gate_state_name(enum vtb_gate_state state); /* there, coming, missing */

#endif
