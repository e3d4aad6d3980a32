/* The printed plan: all of it is there, on paper that says whose it is, whatever was typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "exchange/note.h"

#define DIGEST "7f3a91c20be455d8a1f06b7ec9342d18e05b447790ad13fc8826d9b15ec07a62"

/* fontconfig keeps a few hundred bytes for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

static char shown[4000000]; /* what a tool said about the last note */

static void tool(const char *name, const char *option, const uint8_t *pdf, size_t len)
{
    char path[] = "/tmp/vtb-note-XXXXXX";
    int file = mkstemp(path), pipes[2], status;
    size_t got = 0;
    ssize_t n;
    pid_t pid;

    assert_true(file >= 0);
    assert_int_equal(write(file, pdf, len), (ssize_t)len);
    assert_int_equal(pipe(pipes), 0);
    pid = fork();
    if (pid == 0) {
        dup2(pipes[1], 1);
        close(pipes[0]);
        if (option)
            execl(name, name, option, path, "-", (char *)NULL);
        else
            execl(name, name, path, (char *)NULL);
        _exit(126);
    }
    close(pipes[1]);
    while ((n = read(pipes[0], shown + got, sizeof shown - 1 - got)) > 0)
        got += (size_t)n;
    shown[got] = '\0';
    close(pipes[0]);
    close(file);
    waitpid(pid, &status, 0);
    unlink(path);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Runs of white space become one space, so that line breaks do not matter; form feeds stay. */
static void squeeze(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        bool blank = *from == ' ' || *from == '\n' || *from == '\t';

        if (!blank)
            *to++ = *from;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    }
    *to = '\0';
}

static json_t *marlow(void)
{
    json_t *plan = json_load_file(VTB_SOURCE_DIR "/tests/unit/exchange/marlow.json", 0, NULL);

    assert_non_null(plan);
    return plan;
}

static enum vtb_err print(const json_t *plan, const struct vtb_note *like, uint8_t **pdf, size_t *len)
{
    struct vtb_note note = *like;
    char *text = json_dumps(plan, JSON_COMPACT);
    enum vtb_err err;

    note.plan = vtb_str_of(text);
    note.digest = VTB_LIT(DIGEST);
    note.key_fingerprint = VTB_LIT("4b1d 9c02 77ae 03f8 5d61 e2c9 8a40 1f37");
    err = vtb_note_pdf(&note, pdf, len);
    free(text);
    return err;
}

/* The note as text in reading order, pages ended by form feeds. */
static unsigned text_of(const json_t *plan, const struct vtb_note *like)
{
    uint8_t *pdf;
    size_t len;
    unsigned pages = 0;

    assert_int_equal(print(plan, like, &pdf, &len), VTB_OK);
    tool("/usr/bin/pdftotext", "-raw", pdf, len);
    free(pdf);
    squeeze(shown);
    for (const char *at = shown; *at; at++)
        pages += *at == '\f';
    return pages;
}

static void assert_shown(const char *words)
{
    if (!strstr(shown, words))
        fail_msg("not in the note: %s\n%s", words, shown);
}

/* Every text of the JSON that is meant for people. */
static void assert_all_shown(const json_t *value, const char *name)
{
    static const char *const not_for_people[] = {
        "id", "document", "digest", "joined", "left", "starts_at", "held_at", "signed_at", "due", "kind",
        "intent", "decision", "birth_date", "tells_when", "format", "stage", "guideline", "genetics",
        "trials", "supportive",
    };
    const char *key;
    json_t *member;
    size_t i;

    for (i = 0; i < sizeof not_for_people / sizeof *not_for_people; i++)
        if (!strcmp(name, not_for_people[i]) && json_is_string(value))
            return;
    if (json_is_string(value)) {
        char *copy = strdup(json_string_value(value));

        squeeze(copy);
        assert_shown(copy);
        free(copy);
    }
    json_array_foreach(value, i, member)
        assert_all_shown(member, name);
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
        assert_all_shown(member, key);
}

static void every_word_of_the_plan_is_printed(void **state)
{
    static const char *const order[] = {
        "Question", "Diagnosis and agreed stage", "What the patient wants", "Recommendation: majority",
        "Brain MRI", "Reasons", "Dissent: Dr Hana Sato", "Discussed", "Present at the decision, quorum met",
        "Read back", "Signed", "7f3a 91c2 0be4",
    };
    json_t *plan = marlow();
    const char *at = shown;

    (void)state;
    text_of(plan, &(struct vtb_note){ 0 });
    assert_all_shown(plan, "");
    assert_shown("14 March 1959");
    assert_shown("25 Nov 2026");
    assert_shown("Genetics: does not apply, no indication");
    assert_shown("(surgery, curative; waits for: CT after cycle 3)");
    assert_shown("7f3a 91c2 0be4 55d8 a1f0 6b7e c934 2d18 e05b 4477 90ad 13fc 8826 d9b1 5ec0 7a62");
    assert_shown("19 November 2026, 07:51 UTC");
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        at = strstr(at, order[i]);
        if (!at)
            fail_msg("out of order: %s", order[i]);
    }
    json_decref(plan);
}

static void each_page_says_whose_it_is(unsigned pages, const char *state_words)
{
    char *at = shown;

    for (unsigned page = 1; page <= pages; page++) {
        char *end = strchr(at, '\f'), number[32];

        assert_non_null(end);
        *end = '\0';
        snprintf(number, sizeof number, "page %u of %u", page, pages);
        assert_non_null(strstr(at, number));
        assert_non_null(strstr(at, "Marlow, June"));
        assert_non_null(strstr(at, "14 March 1959"));
        assert_non_null(strstr(at, "PF 00412"));
        assert_non_null(strstr(at, state_words));
        assert_non_null(strstr(at, "Advice to the treating physician, who decides with the patient"));
        at = end + 1;
    }
}

static void every_page_carries_identity_and_version(void **state)
{
    json_t *plan = marlow();
    unsigned pages = text_of(plan, &(struct vtb_note){ 0 });

    (void)state;
    assert_true(pages >= 1 && pages <= 2);
    each_page_says_whose_it_is(pages, "version 1, signed");
    json_decref(plan);
}

static void a_plan_that_does_not_stand_says_so_on_every_page(void **state)
{
    static const struct vtb_note_addendum later = { VTB_LIT("Dr Ingrid Solheim"), VTB_LIT("new_result"),
                                                    VTB_LIT("STK11: no mutation found."),
                                                    1795161302000000 };
    struct vtb_note note = { .state = VTB_NOTE_WITHDRAWN, .state_reason = VTB_LIT("Wrong patient.") };
    json_t *plan = marlow();
    unsigned pages;

    (void)state;
    pages = text_of(plan, &note);
    assert_shown("Reason: Wrong patient.");
    each_page_says_whose_it_is(pages, "Withdrawn. Do not act on this plan.");
    note.state = VTB_NOTE_SUPERSEDED;
    each_page_says_whose_it_is(text_of(plan, &note), "Superseded. A later plan");
    note = (struct vtb_note){ .state = VTB_NOTE_AMENDED, .addenda = &later, .addenda_n = 1 };
    pages = text_of(plan, &note);
    assert_shown("Addendum 1: new result, Dr Ingrid Solheim, 20 November 2026");
    assert_shown("STK11: no mutation found.");
    each_page_says_whose_it_is(pages, "Corrected, see the addendum");
    json_decref(plan);
}

static void the_same_plan_gives_the_same_bytes(void **state)
{
    json_t *plan = marlow();
    uint8_t *first, *second;
    size_t first_len, second_len;

    (void)state;
    assert_int_equal(print(plan, &(struct vtb_note){ 0 }, &first, &first_len), VTB_OK);
    assert_int_equal(print(plan, &(struct vtb_note){ 0 }, &second, &second_len), VTB_OK);
    assert_int_equal(first_len, second_len);
    assert_memory_equal(first, second, first_len);
    tool("/usr/bin/pdfinfo", NULL, first, first_len);
    assert_non_null(strstr(shown, "Tagged:          yes"));
    assert_non_null(strstr(shown, "JavaScript:      no"));
    assert_null(strstr(shown, "Marlow")); /* not in the window's title */
    free(first);
    free(second);
    json_decref(plan);
}

/* No letter outside the margins, on any page. */
static void assert_within_margins(const json_t *plan)
{
    uint8_t *pdf;
    size_t len, words = 0;
    double x0, y0, x1, y1;

    assert_int_equal(print(plan, &(struct vtb_note){ 0 }, &pdf, &len), VTB_OK);
    tool("/usr/bin/pdftotext", "-bbox", pdf, len);
    free(pdf);
    for (const char *at = shown; (at = strstr(at, "<word ")); at++, words++) {
        assert_int_equal(sscanf(at, "<word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\"", &x0, &y0,
                                &x1, &y1), 4);
        if (x0 < 50 || x1 > 546 || y0 < 20 || y1 > 830)
            fail_msg("outside: %.80s", at);
    }
    assert_true(words > 50);
}

static void set_field(json_t *plan, const char *name, const char *text)
{
    assert_int_equal(json_object_set_new(json_object_get(plan, "fields"), name, json_string(text)), 0);
}

static void nothing_typed_breaks_out(void **state)
{
    json_t *plan = marlow();
    char long_word[4001];

    (void)state;
    memset(long_word, 'W', 4000);
    long_word[4000] = '\0';
    set_field(plan, "reasons", "<b>bold</b> & <span size='900000'>huge</span> %s%n \\n");
    set_field(plan, "options", long_word);
    set_field(plan, "wishes", "not \xe2\x80\xae" "evil\xe2\x80\xac mirrored \xe2\x81\xa6x\xe2\x81\xa9");
    set_field(plan, "would_change", "a\x01" "b\x7f" "c\xc2\x85" "d\xf3\xa0\x81\x81" "e\xe2\x80\xa8" "f");
    set_field(plan, "answered", "患者は手術を希望する。\xd8\xa7\xd9\x84\xd8\xb9\xd9\x84\xd8\xa7\xd8\xac");
    assert_within_margins(plan);
    text_of(plan, &(struct vtb_note){ 0 });
    assert_shown("<b>bold</b> & <span size='900000'>huge</span> %s%n \\n"); /* as typed */
    assert_shown("not evil mirrored x");
    assert_shown("abcde f");
    assert_shown("患者は手術を希望する。");
    size_t letters = 0;

    for (const char *at = shown; (at = strchr(at, 'W')); at++)
        letters++;
    assert_true(letters >= 4000); /* broken over lines, none lost */
    assert_null(strstr(shown, "W-"));    /* and no hyphen that nobody signed */
    assert_null(strstr(shown, "W\xe2\x80\x90"));
    json_decref(plan);
}

/* Forty marks on one letter would cover the lines above. */
static void marks_do_not_pile_up(void **state)
{
    json_t *plan = marlow();
    char text[200] = "dose e";
    size_t marks = 0;

    (void)state;
    for (int i = 0; i < 40; i++)
        strncat(text, "\xcc\x81", 3);
    set_field(plan, "reasons", text);
    text_of(plan, &(struct vtb_note){ 0 });
    for (const char *at = shown; (at = strstr(at, "\xcc\x81")); at++)
        marks++;
    assert_true(marks <= 4);
    json_decref(plan);
}

/* A name in another direction cannot carry the words beside it to another place. */
static void a_right_to_left_name_stays_in_its_place(void **state)
{
    json_t *plan = marlow();
    json_t *signer = json_object_get(plan, "signer");

    (void)state;
    json_object_set_new(signer, "name", json_string("\xd7\x93\xd7\xa8 \xd7\x9b\xd7\x94\xd7\x9f"));
    json_object_set_new(signer, "role", json_string("chair"));
    text_of(plan, &(struct vtb_note){ 0 });
    assert_shown("chair, 19 November 2026, 07:51 UTC");
    json_decref(plan);
}

static void the_largest_plan_is_printed_whole(void **state)
{
    json_t *plan = marlow(), *lines = json_array();
    char what[1000];
    unsigned pages;

    (void)state;
    for (int i = 0; i < 40; i++) {
        json_t *line = json_object();

        snprintf(what, sizeof what, "Line number %d begins; %0600d ends", i, i);
        json_object_set_new(line, "what", json_string(what));
        json_object_set_new(line, "owner", json_string("Dr Okafor"));
        json_array_append_new(lines, line);
    }
    json_object_set_new(plan, "lines", lines);
    snprintf(what, sizeof what, "%0900d", 7);
    for (int i = 0; i < 9; i++) {
        json_t *one = json_object();

        json_object_set_new(one, "name", json_string("Dr Hana Sato"));
        json_object_set_new(one, "text", json_string(what));
        json_array_append_new(json_object_get(plan, "dissent"), one);
    }
    assert_within_margins(plan);
    pages = text_of(plan, &(struct vtb_note){ 0 });
    for (int i = 0; i < 40; i++) {
        snprintf(what, sizeof what, "Line number %d begins;", i);
        assert_shown(what);
    }
    assert_true(pages > 3 && pages < 40);
    each_page_says_whose_it_is(pages, "version 1, signed");
    json_decref(plan);
}

static void an_open_plan_says_why_there_is_no_line(void **state)
{
    json_t *plan = marlow(), *quorum = json_object_get(plan, "quorum");

    (void)state;
    json_object_set_new(plan, "lines", json_array());
    set_field(plan, "no_lines", "The pathology is not final.");
    json_object_set_new(quorum, "met", json_false());
    json_array_append_new(json_object_get(quorum, "missing"), json_string("Radiology"));
    json_object_set_new(quorum, "reason", json_string("Treatment starts tomorrow."));
    text_of(plan, &(struct vtb_note){ 0 });
    assert_shown("Because: The pathology is not final.");
    assert_shown("quorum not met");
    assert_shown("Missing: Radiology.");
    assert_shown("Signed without quorum because: Treatment starts tomorrow.");
    json_decref(plan);
}

static void who_was_there_is_told_apart(void **state)
{
    json_t *plan = marlow(), *first = json_array_get(json_object_get(plan, "attendance"), 0);
    json_t *last = json_array_get(json_object_get(plan, "attendance"), 5);

    (void)state;
    json_object_set_new(first, "role", json_string("chair"));
    json_object_set_new(first, "here", json_true());
    json_object_set_new(first, "left", json_string("2026-11-19T09:00:00Z")); /* later than the decision */
    json_object_set_new(last, "here", json_false());
    json_object_set_new(last, "specialty", json_string("radiation_oncology"));
    json_object_set_new(last, "confirmed", json_false());
    json_object_set_new(plan, "attendance_more", json_integer(4));
    json_object_set_new(plan, "pictures_more", json_integer(7));
    json_object_set_new(plan, "supersedes", json_string("01a1cd0d-0000-7000-8000-000000000001"));
    text_of(plan, &(struct vtb_note){ 0 });
    assert_shown("Dr Ingrid Solheim, Hub (chair);");
    assert_shown("Dr Karin Vries, Hub (specialty not confirmed, left before the decision).");
    assert_shown("Radiation oncology: ");
    assert_shown("And 4 more, named in the record.");
    assert_shown("And 7 more, listed in the record.");
    assert_shown("This plan replaces An earlier plan of this case, 01a1cd0d-0000-7000-8000-000000000001.");
    json_decref(plan);
}

static enum vtb_err print_text(const char *text, size_t len)
{
    struct vtb_note note = { .plan = { text, len } };
    uint8_t *pdf;
    size_t pdf_len;

    return vtb_note_pdf(&note, &pdf, &pdf_len); /* must fail: nothing to free */
}

static void what_is_not_a_plan_is_refused(void **state)
{
    static const char nobody[] = "{\"format\":\"consilium.plan/1\",\"case\":{\"name\":\"X\"}}";
    static const char foreign[] = "{\"format\":\"other\",\"case\":{\"name\":\"X\",\"local_id\":\"1\"}}";
    char *huge = calloc(1, 65537);

    (void)state;
    memset(huge, ' ', 65537);
    assert_int_equal(print_text("", 0), VTB_PARSE);
    assert_int_equal(print_text("[]", 2), VTB_PARSE);
    assert_int_equal(print_text("{", 1), VTB_PARSE);
    assert_int_equal(print_text(foreign, sizeof foreign - 1), VTB_PARSE);
    assert_int_equal(print_text(nobody, sizeof nobody - 1), VTB_PARSE); /* one identifier is none */
    assert_int_equal(print_text(huge, 65536), VTB_PARSE);
    assert_int_equal(print_text(huge, 65537), VTB_LIMIT);
    free(huge);
}

/* The words on paper are the words on the screen. */
static void labels_are_those_of_the_record(void **state)
{
    json_t *tables = json_load_file(VTB_SOURCE_DIR "/protocols/record/plan-fields.json", 0, NULL);
    const char *const lists[] = { "fields", "line_parts" };
    json_t *field;
    size_t i;

    (void)state;
    assert_non_null(tables);
    for (size_t list = 0; list < 2; list++) {
        json_array_foreach(json_object_get(tables, lists[list]), i, field) {
            json_t *options = json_object_get(field, "options");
            const char *id = json_string_value(json_object_get(field, "id"));

            for (size_t j = 0; j < json_array_size(options); j++) {
                json_t *plan = marlow(), *line = json_array_get(json_object_get(plan, "lines"), 0);
                const char *option = json_string_value(json_array_get(options, j));
                const char *label =
                    json_string_value(json_array_get(json_object_get(field, "labels"), j));

                json_object_set_new(list ? line : plan, id, json_string(option));
                text_of(plan, &(struct vtb_note){ 0 });
                assert_shown(label + 1); /* its first letter may be small */
                json_decref(plan);
            }
        }
    }
    json_decref(tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_of_the_plan_is_printed),
        cmocka_unit_test(every_page_carries_identity_and_version),
        cmocka_unit_test(a_plan_that_does_not_stand_says_so_on_every_page),
        cmocka_unit_test(the_same_plan_gives_the_same_bytes),
        cmocka_unit_test(nothing_typed_breaks_out),
        cmocka_unit_test(marks_do_not_pile_up),
        cmocka_unit_test(a_right_to_left_name_stays_in_its_place),
        cmocka_unit_test(the_largest_plan_is_printed_whole),
        cmocka_unit_test(an_open_plan_says_why_there_is_no_line),
        cmocka_unit_test(who_was_there_is_told_apart),
        cmocka_unit_test(what_is_not_a_plan_is_refused),
        cmocka_unit_test(labels_are_those_of_the_record),
    };

    return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
