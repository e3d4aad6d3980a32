/* rules.c - what a field may hold, and the first rule of sign-rules.json that a draft does not meet. */
#include "record/plan.h"

#include <string.h>

static bool is_blank(const char *text)
{
    return text[strspn(text, " \n")] == '\0';
}

static bool all_digits(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] < '0' || at[i] > '9')
            return false;
    return true;
}

static int number(const char *at, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < n; i++)
        value = value * 10 + (at[i] - '0');
    return value;
}

bool vtb_is_date(struct vtb_str text)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year, month, day, last;

    if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-' || !all_digits(text.at, 4) ||
        !all_digits(text.at + 5, 2) || !all_digits(text.at + 8, 2))
        return false;
    year = number(text.at, 4);
    month = number(text.at + 5, 2);
    day = number(text.at + 8, 2);
    if (year < 1800 || year > 2200 || month < 1 || month > 12)
        return false;
    last = days[month - 1] + (month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));
    return day >= 1 && day <= last;
}

/* discussed, not_applicable or not_discussed, alone or with ": why". */
static bool is_element(struct vtb_str value)
{
    static const struct vtb_str words[] = { VTB_LIT("discussed"), VTB_LIT("not_applicable"), VTB_LIT("not_discussed") };

    for (size_t i = 0; i < VTB_COUNT(words); i++)
        if (value.len >= words[i].len && memcmp(value.at, words[i].at, words[i].len) == 0 &&
            (value.len == words[i].len || value.at[words[i].len] == ':'))
            return true;
    return false;
}

static bool is_choice(const struct vtb_field_spec *spec, struct vtb_str value)
{
    for (size_t i = 0; i < spec->choices_n; i++)
        if (vtb_str_is(vtb_str_of(spec->choices[i].id), value))
            return true;
    return false;
}

enum vtb_err vtb_field_check(const struct vtb_field_spec *spec, struct vtb_str value, const char **out_message)
{
    if (value.len > spec->max_bytes) {
        *out_message = "This text is too long for its field. Shorten it.";
        return VTB_LIMIT;
    }
    if (value.len == 0)
        return VTB_OK;
    switch (spec->kind) {
    case VTB_FIELD_IS_TEXT:
        return VTB_OK;
    case VTB_FIELD_IS_CHOICE:
        *out_message = "Choose one of the list.";
        return is_choice(spec, value) ? VTB_OK : VTB_PARSE;
    case VTB_FIELD_IS_ELEMENT:
        *out_message = "Say whether it was discussed, does not apply, or was not discussed.";
        return is_element(value) ? VTB_OK : VTB_PARSE;
    case VTB_FIELD_IS_DATE:
        *out_message = "Write the date as year-month-day, for example 2026-12-01.";
        return vtb_is_date(value) ? VTB_OK : VTB_PARSE;
    }
    return VTB_PARSE;
}

const char *vtb_choice_label(const struct vtb_field_spec *spec, const char *id)
{
    for (size_t i = 0; i < spec->choices_n; i++)
        if (strcmp(spec->choices[i].id, id) == 0)
            return spec->choices[i].label;
    return id;
}

static bool find(const struct vtb_field_spec *specs, size_t n, struct vtb_str id, uint8_t *out)
{
    for (size_t i = 0; i < n; i++)
        if (vtb_str_is(vtb_str_of(specs[i].id), id)) {
            *out = (uint8_t)i;
            return true;
        }
    return false;
}

enum vtb_err vtb_field_name_parse(struct vtb_str text, struct vtb_field_name *out)
{
    static const struct vtb_str prefix = VTB_LIT("line.");
    size_t head = prefix.len + VTB_ID_TEXT - 1;

    memset(out, 0, sizeof *out);
    if (find(vtb_plan_fields, VTB_PLAN_FIELDS, text, &out->at))
        return VTB_OK;
    if (text.len <= head + 1 || memcmp(text.at, prefix.at, prefix.len) != 0 || text.at[head] != '.' ||
        vtb_id_parse((struct vtb_str){ text.at + prefix.len, VTB_ID_TEXT - 1 }, &out->line))
        return VTB_ABSENT;
    out->is_part = true;
    return find(vtb_line_parts, VTB_LINE_PARTS, (struct vtb_str){ text.at + head + 1, text.len - head - 1 }, &out->at)
               ? VTB_OK
               : VTB_ABSENT;
}

static bool is_therapy(const char *kind)
{
    const struct vtb_field_spec *spec = &vtb_line_parts[VTB_PART_KIND];

    for (size_t i = 0; i < spec->choices_n; i++)
        if (strcmp(spec->choices[i].id, kind) == 0)
            return spec->choices[i].is_therapy;
    return false;
}

static bool lines_are_whole(const struct vtb_draft *draft)
{
    for (size_t i = 0; i < draft->lines_n; i++) {
        const struct vtb_plan_line *line = &draft->lines[i];

        if (is_blank(line->parts[VTB_PART_WHAT]) || is_blank(line->parts[VTB_PART_KIND]) ||
            is_blank(line->parts[VTB_PART_OWNER]) || is_blank(line->parts[VTB_PART_DUE]))
            return false;
        if (is_therapy(line->parts[VTB_PART_KIND]) && is_blank(line->parts[VTB_PART_INTENT]))
            return false;
    }
    return true;
}

static bool fields_are_filled(const struct vtb_draft *draft, const struct vtb_sign_rule *rule)
{
    for (size_t i = 0; i < rule->fields_n; i++)
        if (is_blank(draft->fields[rule->fields[i]].text))
            return false;
    return true;
}

static bool is_met(const struct vtb_draft *draft, const struct vtb_sign_rule *rule)
{
    switch (rule->needs) {
    case VTB_NEEDS_FIELD:
    case VTB_NEEDS_FIELDS:
        return fields_are_filled(draft, rule);
    case VTB_NEEDS_LINES:
        return draft->lines_n > 0 || !is_blank(draft->fields[VTB_FIELD_NO_LINES].text);
    case VTB_NEEDS_LINE_PARTS:
        return lines_are_whole(draft);
    case VTB_NEEDS_REASONS_IF_DISSENT:
        return draft->dissents_n == 0 || !is_blank(draft->fields[VTB_FIELD_REASONS].text);
    case VTB_NEEDS_ELEMENT:
        return is_element(vtb_str_of(draft->fields[rule->fields[0]].text));
    }
    return false;
}

const struct vtb_sign_rule *vtb_rules_missing(const struct vtb_draft *draft, uint32_t rules_off)
{
    for (size_t i = 0; i < VTB_SIGN_RULES; i++) {
        const struct vtb_sign_rule *rule = &vtb_sign_rules[i];

        if (rule->is_policy && (rules_off >> i & 1))
            continue;
        if (!is_met(draft, rule))
            return rule;
    }
    return NULL;
}
