/*
 * wording.c - the text that is read aloud: made once, here, and shown verbatim everywhere. Whose it is comes
 * first, advice comes last, one thing a line.
 */
#include "inner.h"

#include "record/canon.h"

struct text {
    char *at;
    size_t len, cap;
    bool is_full;
};

static void put_n(struct text *out, const char *bytes, size_t n)
{
    if (n > out->cap - out->len) {
        out->is_full = true;
        return;
    }
    memcpy(out->at + out->len, bytes, n);
    out->len += n;
}

static void put(struct text *out, const char *text)
{
    put_n(out, text, strlen(text));
}

static void put_number(struct text *out, size_t number)
{
    char digits[20];
    size_t n = sizeof digits;

    do {
        digits[--n] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    put_n(out, digits + n, sizeof digits - n);
}

/* Ends a line as a sentence, unless what a person typed ends it already. */
static void end_line(struct text *out)
{
    char last = out->len ? out->at[out->len - 1] : '\n';

    if (last != '.' && last != '?' && last != '!' && last != '\n')
        put(out, ".");
    if (last != '\n')
        put(out, "\n");
}

static void put_line(struct text *out, const char *label, const char *text)
{
    if (!text[0])
        return;
    put(out, label);
    put(out, ": ");
    put(out, text);
    end_line(out);
}

/* 2026-12-01 is read "1 December 2026"; anything else as it is. */
static void put_date(struct text *out, const char *date)
{
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };

    if (!vtb_is_date(vtb_str_of(date))) {
        put(out, date);
        return;
    }
    put_number(out, (size_t)((date[8] - '0') * 10 + date[9] - '0'));
    put(out, " ");
    put(out, months[(date[5] - '0') * 10 + date[6] - '0' - 1]);
    put(out, " ");
    put_n(out, date, 4);
}

/* "medical_oncology" is read "medical oncology". */
static void put_words(struct text *out, const char *code)
{
    size_t from = out->len;

    put(out, code);
    for (size_t i = from; i < out->len; i++)
        if (out->at[i] == '_')
            out->at[i] = ' ';
}

static void put_case(struct text *out, const struct vtb_case *record, const struct vtb_draft *draft)
{
    put(out, record->record.name);
    put(out, ", born ");
    put_date(out, record->record.birth_date);
    put(out, ", number ");
    put(out, record->record.local_id);
    end_line(out);
    put(out, record->record.diagnosis);
    if (record->record.stage[0]) {
        put(out, ", ");
        put(out, record->record.stage);
    }
    end_line(out);
    put(out, "Question");
    if (draft->question_by[0]) {
        put(out, ", asked by ");
        put(out, draft->question_by);
    }
    put(out, ": ");
    put(out, draft->question);
    end_line(out);
}

static void put_recommendation(struct text *out, size_t number, const struct vtb_plan_line *line)
{
    const char *intent = line->parts[VTB_PART_INTENT];

    put_number(out, number);
    put(out, ". ");
    put(out, line->parts[VTB_PART_WHAT]);
    put(out, " (");
    put(out, vtb_choice_label(&vtb_line_parts[VTB_PART_KIND], line->parts[VTB_PART_KIND]));
    if (intent[0]) {
        put(out, ", ");
        put_words(out, intent);
    }
    put(out, "). Who: ");
    put(out, line->parts[VTB_PART_OWNER]);
    put(out, ", by ");
    put_date(out, line->parts[VTB_PART_DUE]);
    if (line->parts[VTB_PART_WHERE][0]) {
        put(out, ", at ");
        put(out, line->parts[VTB_PART_WHERE]);
    }
    if (line->parts[VTB_PART_WAITS_FOR][0]) {
        put(out, ". Waits for: ");
        put(out, line->parts[VTB_PART_WAITS_FOR]);
    }
    end_line(out);
}

/* "not_applicable: tested in 2025" is read "does not apply, tested in 2025". */
static void put_element(struct text *out, const char *label, const char *text)
{
    static const struct { const char *word, *said; } words[] = {
        { "discussed", "discussed" },
        { "not_applicable", "does not apply" },
        { "not_discussed", "not discussed" },
    };

    for (size_t i = 0; i < VTB_COUNT(words); i++) {
        size_t len = strlen(words[i].word);

        if (strncmp(text, words[i].word, len) != 0)
            continue;
        put(out, label);
        put(out, ": ");
        put(out, words[i].said);
        text += len;
        text += strspn(text, ": ");
        if (*text) {
            put(out, ", ");
            put(out, text);
        }
        end_line(out);
        return;
    }
}

static void put_field(struct text *out, const struct vtb_draft *draft, unsigned at)
{
    const struct vtb_field_spec *spec = &vtb_plan_fields[at];

    if (spec->kind == VTB_FIELD_IS_ELEMENT)
        put_element(out, spec->label, draft->fields[at].text);
    else if (spec->kind == VTB_FIELD_IS_CHOICE)
        put_line(out, spec->label, vtb_choice_label(spec, draft->fields[at].text));
    else
        put_line(out, spec->label, draft->fields[at].text);
}

static void put_advice(struct text *out, const struct vtb_draft *draft)
{
    put_field(out, draft, VTB_FIELD_ANSWERED);
    put_field(out, draft, VTB_FIELD_KIND);
    put_field(out, draft, VTB_FIELD_DECISION);
    put_field(out, draft, VTB_FIELD_STAGE_AGREED);
    put_field(out, draft, VTB_FIELD_WISHES);
    for (size_t i = 0; i < draft->lines_n; i++)
        put_recommendation(out, i + 1, &draft->lines[i]);
    if (draft->lines_n == 0)
        put_field(out, draft, VTB_FIELD_NO_LINES);
    for (unsigned i = VTB_FIELD_REASONS; i <= VTB_FIELD_WOULD_CHANGE; i++)
        put_field(out, draft, i);
    put(out, "Who tells the patient: ");
    put(out, draft->fields[VTB_FIELD_TELLS_WHO].text);
    put(out, ", ");
    put_date(out, draft->fields[VTB_FIELD_TELLS_WHEN].text);
    end_line(out);
    for (size_t i = 0; i < draft->dissents_n; i++) {
        if (!draft->dissents[i].in_note)
            continue;
        put(out, "Dissent, ");
        put(out, draft->dissents[i].name);
        put(out, ", ");
        put_words(out, draft->dissents[i].specialty);
        put(out, ": ");
        put(out, draft->dissents[i].text);
        end_line(out);
    }
}

static void put_room(struct text *out, const struct vtb_case *record, const struct vtb_plan_facts *facts,
                     const struct vtb_outcomes *outcome)
{
    put_line(out, "Plan before the meeting", record->record.referring_plan);
    put(out, "Against the plan before: ");
    for (size_t i = 0; i < outcome->n; i++) {
        if (i > 0)
            put(out, ", ");
        put_words(out, vtb_ev_plan_outcome_outcome_name(outcome->at[i]));
    }
    end_line(out);
    if (facts->quorum_met) {
        put(out, "Quorum is met.\n");
    } else {
        put(out, "Quorum is not met. Missing: ");
        for (size_t i = 0; i < facts->missing_n; i++) {
            if (i > 0)
                put(out, ", ");
            put_n(out, facts->missing[i].discipline.at, facts->missing[i].discipline.len);
        }
        end_line(out);
    }
    put(out, "Advice to the treating physician, who decides with the patient.");
}

enum vtb_err vtb_plan_wording(const struct vtb_case *record, const struct vtb_draft *draft,
                              const struct vtb_plan_facts *facts, const struct vtb_outcomes *outcome,
                              struct vtb_arena *arena, struct vtb_str *out)
{
    struct text text = { .at = vtb_arena_take(arena, VTB_MAX_PLAN_BYTES), .cap = VTB_MAX_PLAN_BYTES };

    if (!text.at)
        return VTB_NOMEM;
    put_case(&text, record, draft);
    put_advice(&text, draft);
    put_room(&text, record, facts, outcome);
    if (text.is_full)
        return VTB_LIMIT;
    return vtb_nfc((struct vtb_str){ text.at, text.len }, arena, out);
}
