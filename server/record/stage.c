/*
 * stage.c - a small reader of TNM texts.
 *
 * A T, N or M with its value ("T2a", "N0", "M1b", "Tis", "Nx") is a TNM part. It needs one of c, p, y, r, a
 * right before it, or stands in a group whose first part has one ("cT2a N1 M0", as it is written everywhere).
 * "pM0" is refused: nobody can prove the absence of metastasis by pathology (UICC).
 */
#include "record/stage.h"

#include <stdio.h>

struct part {
    size_t from, to; /* without the prefix */
    bool has_prefix;
    bool is_path;    /* prefix ends with p: p, yp, rp */
    char letter;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || ((unsigned char)c & 0x80);
}

static bool is_prefix(char c)
{
    return c == 'c' || c == 'p' || c == 'y' || c == 'r' || c == 'a';
}

/* Value after the letter: 0-4 with letters and suffixes, X, is, a (Ta). Returns its end, or `at` if it is none. */
static size_t value_end(struct vtb_str s, size_t at, char letter)
{
    size_t end = at;

    if (end < s.len && s.at[end] >= '0' && s.at[end] <= '4') {
        end++;
        while (end < s.len && s.at[end] >= 'a' && s.at[end] <= 'd')
            end++;
        if (end + 1 < s.len && s.at[end] == 'm' && s.at[end + 1] == 'i')
            end += 2;
    } else if (end < s.len && (s.at[end] == 'X' || s.at[end] == 'x')) {
        end++;
    } else if (letter == 'T' && end + 1 < s.len && s.at[end] == 'i' && s.at[end + 1] == 's') {
        end += 2;
    } else if (letter == 'T' && end < s.len && s.at[end] == 'a') {
        end++;
    }
    /* What goes on as a word is another one ("T4N2" goes on with a part and is fine). */
    if (end > at && end < s.len && is_word(s.at[end]) && s.at[end] != 'N' && s.at[end] != 'M' && !is_prefix(s.at[end]))
        return at;
    return end;
}

static bool next_part(struct vtb_str s, size_t *at, struct part *out)
{
    for (size_t i = *at; i < s.len; i++) {
        size_t from = i, end;

        if (s.at[i] != 'T' && s.at[i] != 'N' && s.at[i] != 'M')
            continue;
        while (from > *at && is_prefix(s.at[from - 1]))
            from--;
        if (from > *at && from > 0 && is_word(s.at[from - 1]))
            continue; /* inside another word, such as MSH6 or KIT */
        end = value_end(s, i + 1, s.at[i]);
        if (end == i + 1)
            continue;
        *out = (struct part){ .from = i, .to = end, .has_prefix = from < i,
                              .is_path = from < i && s.at[i - 1] == 'p', .letter = s.at[i] };
        *at = end;
        return true;
    }
    return false;
}

/* A group is parts that follow each other with nothing but spaces, commas and brackets' content between. */
static bool goes_on(struct vtb_str s, size_t from, size_t to)
{
    bool in_bracket = false;

    for (size_t i = from; i < to; i++) {
        char c = s.at[i];

        if (c == '(')
            in_bracket = true;
        else if (c == ')')
            in_bracket = false;
        else if (!in_bracket && c != ' ' && c != ',' && c != '+' && c != '-' && !is_prefix(c))
            return false;
    }
    return true;
}

enum vtb_err vtb_stage_check(struct vtb_str stage, char *out_message, size_t cap)
{
    size_t at = 0, last_end = 0;
    bool group_has_prefix = false;
    struct part part;

    while (next_part(stage, &at, &part)) {
        if (!goes_on(stage, last_end, part.from))
            group_has_prefix = false;
        if (part.has_prefix)
            group_has_prefix = true;
        if (!group_has_prefix) {
            snprintf(out_message, cap,
                     "Stage needs a prefix, for example cT2a. You probably mean c%.*s.",
                     (int)(part.to - part.from), stage.at + part.from);
            return VTB_PARSE;
        }
        if (part.letter == 'M' && part.is_path && stage.at[part.from + 1] == '0') {
            snprintf(out_message, cap, "M0 cannot be pathological. You probably mean cM0.");
            return VTB_PARSE;
        }
        last_end = part.to;
    }
    return VTB_OK;
}
