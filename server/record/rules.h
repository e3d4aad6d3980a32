/*
 * rules.h - the fields of a plan and the one list of what must be there before it is signed.
 *
 * The tables are made at build time from protocols/record/plan-fields.json and sign-rules.json, which the
 * web client reads too. Pure: any thread.
 */
#ifndef VTB_RECORD_RULES_H
#define VTB_RECORD_RULES_H

#include "base/id.h"
#include "record_tables/plan_tables.h" /* VTB_PLAN_FIELDS, VTB_LINE_PARTS, their enums and sizes */

enum vtb_field_kind { VTB_FIELD_IS_TEXT, VTB_FIELD_IS_CHOICE, VTB_FIELD_IS_ELEMENT, VTB_FIELD_IS_DATE };

struct vtb_choice {
    const char *id, *label;
    bool is_therapy; /* of a line's kind: needs an intent */
};
struct vtb_field_spec {
    const char *id, *label;
    enum vtb_field_kind kind;
    size_t max_bytes;
    const struct vtb_choice *choices;
    size_t choices_n;
};
extern const struct vtb_field_spec vtb_plan_fields[VTB_PLAN_FIELDS];
extern const struct vtb_field_spec vtb_line_parts[VTB_LINE_PARTS];

enum vtb_rule_needs {
    VTB_NEEDS_FIELD, VTB_NEEDS_FIELDS, VTB_NEEDS_LINES, VTB_NEEDS_LINE_PARTS, VTB_NEEDS_REASONS_IF_DISSENT,
    VTB_NEEDS_ELEMENT,
};
struct vtb_sign_rule {
    const char *id, *label, *message;
    enum vtb_rule_needs needs;
    uint8_t fields[4];
    uint8_t fields_n;
    bool is_policy; /* a board may switch it off: bit of vtb_plan_facts.rules_off by place in the table */
};
extern const struct vtb_sign_rule vtb_sign_rules[VTB_SIGN_RULES];

struct vtb_draft;
/* The first rule that the draft does not meet, or NULL: it can be read back. */
const struct vtb_sign_rule *vtb_rules_missing(const struct vtb_draft *draft, uint32_t rules_off);

/* A field of the draft ("kind") or a part of a line ("line.<uuid>.owner"). */
struct vtb_field_name {
    bool is_part;
    uint8_t at;         /* into vtb_plan_fields or vtb_line_parts */
    struct vtb_id line; /* of a part */
};
VTB_MUST_USE enum vtb_err vtb_field_name_parse(struct vtb_str text, struct vtb_field_name *out); /* ABSENT */
/* May this text stand in this field? Empty always may. PARSE with a sentence, LIMIT. */
VTB_MUST_USE enum vtb_err vtb_field_check(const struct vtb_field_spec *spec, struct vtb_str value,
                                          const char **out_message);
/* Label of a choice, or the id itself where it is none. */
const char *vtb_choice_label(const struct vtb_field_spec *spec, const char *id);

/* YYYY-MM-DD of the Gregorian calendar, 1800 to 2200. */
bool vtb_is_date(struct vtb_str text);

#endif
