/*
 * propose.c - what the board's plan seems to mean for the plan before it. Only a proposal: chair or
 * referring clinician confirms it, and confirming something else changes the text and reads it back anew.
 */
#include "inner.h"

#define WORD_MIN 4

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || ((unsigned char)c & 0x80);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool has_word(const char *text, const char *word, size_t len)
{
    for (; *text; text++) {
        size_t n = 0;

        while (n < len && text[n] && lower(text[n]) == lower(word[n]))
            n++;
        if (n == len)
            return true;
    }
    return false;
}

/* At least half of the longer words of `what` stand in the plan before. */
static bool is_mentioned(const char *what, const char *before)
{
    size_t words = 0, found = 0, len;

    for (const char *at = what; *at; at += len) {
        len = 0;
        while (is_letter(at[len]))
            len++;
        if (len >= WORD_MIN) {
            words++;
            found += has_word(before, at, len);
        }
        if (len == 0)
            len = 1;
    }
    return words == 0 || 2 * found >= words;
}

static void add(struct vtb_outcomes *out, enum vtb_ev_plan_outcome_outcome one)
{
    for (size_t i = 0; i < out->n; i++)
        if (out->at[i] == one)
            return;
    out->at[out->n++] = one;
}

static void compare_line(const struct vtb_plan_line *line, const char *before, struct vtb_outcomes *out)
{
    const char *kind = line->parts[VTB_PART_KIND];

    if (is_mentioned(line->parts[VTB_PART_WHAT], before))
        return;
    if (strncmp(kind, "test_", 5) == 0 || strcmp(kind, "genetics_referral") == 0)
        add(out, VTB_EV_PLAN_OUTCOME_OUTCOME_MORE_TESTS);
    else if (strcmp(kind, "trial_referral") == 0)
        add(out, VTB_EV_PLAN_OUTCOME_OUTCOME_TRIAL_ADDED);
    else if (strcmp(kind, "supportive") == 0 || strcmp(kind, "palliative") == 0)
        add(out, VTB_EV_PLAN_OUTCOME_OUTCOME_CHANGED_SUPPORTIVE);
    else if (strcmp(kind, "second_board") != 0 && strcmp(kind, "other") != 0)
        add(out, VTB_EV_PLAN_OUTCOME_OUTCOME_CHANGED_TREATMENT);
}

struct vtb_outcomes vtb_propose_outcome(const struct vtb_case *record, const struct vtb_draft *draft)
{
    const char *before = record->record.referring_plan, *stage = draft->fields[VTB_FIELD_STAGE_AGREED].text;
    struct vtb_outcomes out = { .n = 0 };

    if (before[0] == '\0') {
        add(&out, VTB_EV_PLAN_OUTCOME_OUTCOME_NO_PLAN_BEFORE);
        return out;
    }
    if (stage[0] && strcmp(stage, record->record.stage) != 0)
        add(&out, VTB_EV_PLAN_OUTCOME_OUTCOME_CHANGED_STAGE);
    for (size_t i = 0; i < draft->lines_n; i++)
        compare_line(&draft->lines[i], before, &out);
    if (out.n == 0)
        add(&out, draft->lines_n ? VTB_EV_PLAN_OUTCOME_OUTCOME_CONFIRMED : VTB_EV_PLAN_OUTCOME_OUTCOME_NOT_COMPARABLE);
    return out;
}
