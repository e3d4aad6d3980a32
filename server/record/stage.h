/*
 * stage.h - the rule for stage texts: no T, N or M without its prefix c, p, y, r or a (UICC, AJCC).
 */
#ifndef VTB_RECORD_STAGE_H
#define VTB_RECORD_STAGE_H

#include "base/str.h"

/* "cT2a N1 M0" is read with one prefix for the group that follows; "T2a" and "pM0" are refused.
 * OK for an empty text and for stages that are not TNM (FIGO, Ann Arbor, ISS ...). PARSE: *out_message holds the
 * rule, an example and, where one is likely, the repair: "Stage needs a prefix, for example cT2a. You
 * probably mean cT2a." */
VTB_MUST_USE enum vtb_err vtb_stage_check(struct vtb_str stage, char *out_message, size_t cap);

#endif
