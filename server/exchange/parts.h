/*
 * parts.h - members of a plan's JSON as text for print.
 *
 * The plan is signed, but not believed: whatever is missing or of another type reads as empty.
 * Pure: any thread. Results borrow from the JSON or are literals.
 */
#ifndef VTB_EXCHANGE_PARTS_H
#define VTB_EXCHANGE_PARTS_H

#include "plain.h"

#include <jansson.h>

/* A string member, or empty. */
struct vtb_str parts_str(const json_t *object, const char *name);
/* fields.<name>, or a member of the plan itself. */
struct vtb_str parts_field(const json_t *plan, const char *name);
/* Appends a string, an integer, or yes and no. */
void parts_add(GString *to, const json_t *object, const char *name);
bool parts_is(const json_t *object, const char *name); /* true, "true", "yes" */

/* Words of protocols/record/plan-fields.json for an id; the id itself where there are none. */
enum parts_list { PARTS_PLAN_KIND, PARTS_DECISION, PARTS_LINE_KIND, PARTS_INTENT, PARTS_REASON };
struct vtb_str parts_label(enum parts_list list, struct vtb_str id);

#endif
