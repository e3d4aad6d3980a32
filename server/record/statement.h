/* statement.h - the object that stands for a later act, for sign.h and for the file. */
#ifndef VTB_RECORD_STATEMENT_H
#define VTB_RECORD_STATEMENT_H

#include "build.h"
#include "record/sign.h"

/* Owned by the caller; NULL when build->err. Kinds: plan.cosigned, .amended, .withdrawn, .superseded. */
json_t *vtb_statement_object(struct vtb_build *build, const struct vtb_event *event, struct vtb_str plan_digest);

#endif
