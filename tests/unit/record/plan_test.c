/* Writing a plan together (decision 11). */
#include "board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static struct vtb_ask take(const char *field)
{
    return (struct vtb_ask){ .kind = VTB_ASK_PLAN_TAKE, .u.plan_take.field = vtb_str_of(field) };
}

static void one_person_writes_a_field_and_the_chair_can_take_it(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    assert_int_equal(plan_ask(&b, SCRIBE, take("reasons")), VTB_OK);
    assert_int_equal(plan_ask(&b, COORDINATOR, take("reasons")), VTB_DENIED);
    assert_string_equal(b.message, "Okoye writes here now. The chair can take it.");
    assert_int_equal(set_field(&b, COORDINATOR, "reasons", 0, "x"), VTB_DENIED);
    assert_int_equal(plan_ask(&b, SURGEON, take("options")), VTB_DENIED); /* members propose, they do not write */
    assert_int_equal(plan_ask(&b, CHAIR, take("reasons")), VTB_OK);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "mine"), VTB_DENIED);
    assert_int_equal(set_field(&b, CHAIR, "reasons", 0, "theirs"), VTB_OK);
    board_free(&b);
}

static void text_against_an_older_version_is_refused_and_says_whose_is_newer(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "one"), VTB_OK);
    assert_int_equal(set_field(&b, CHAIR, "reasons", 0, "two"), VTB_STALE);
    assert_string_equal(b.message, "Okoye changed this in the meantime. Keep yours or take theirs.");
    assert_string_equal(field_text(&b, VTB_FIELD_REASONS), "one");
    assert_int_equal(set_field(&b, CHAIR, "reasons", 1, "two"), VTB_OK);
    assert_int_equal(b.record->draft.fields[VTB_FIELD_REASONS].cell.version, 2);
    board_free(&b);
}

static void a_lease_ends_when_its_holder_is_gone(void **state)
{
    struct board b;
    struct vtb_id line;
    char id[VTB_ID_TEXT], field[80];

    (void)state;
    board_make(&b);
    line = add_line(&b);
    vtb_id_write(line, id);
    snprintf(field, sizeof field, "line.%s.what", id);
    assert_int_equal(plan_ask(&b, SCRIBE, take(field)), VTB_OK);
    assert_int_equal(plan_ask(&b, SCRIBE, take("reasons")), VTB_OK);
    assert_int_equal(vtb_case_seat_gone(b.record, seat_id(SCRIBE), b.world.now_us, b.out), VTB_OK);
    assert_int_equal(b.out->n, 2);
    board_fold(&b);
    assert_int_equal(plan_ask(&b, COORDINATOR, take("reasons")), VTB_OK);
    assert_int_equal(plan_ask(&b, COORDINATOR, take(field)), VTB_OK);
    board_free(&b);
}

static void lines_keep_their_order(void **state)
{
    struct board b;
    struct vtb_id line[3];

    (void)state;
    board_make(&b);
    for (size_t i = 0; i < 3; i++)
        line[i] = add_line(&b);
    assert_int_equal(set_part(&b, line[2], "what", 0, "third"), VTB_OK);
    assert_int_equal(plan_ask(&b, SCRIBE, (struct vtb_ask){ .kind = VTB_ASK_PLAN_LINE_MOVE,
                              .u.plan_line_move = { line[2], 0 } }), VTB_OK);
    assert_true(vtb_id_is(b.record->draft.lines[0].id, line[2]));
    assert_string_equal(b.record->draft.lines[0].parts[VTB_PART_WHAT], "third");
    assert_int_equal(plan_ask(&b, SCRIBE, (struct vtb_ask){ .kind = VTB_ASK_PLAN_LINE_REMOVE,
                              .u.plan_line_remove.line = line[0] }), VTB_OK);
    assert_int_equal(b.record->draft.lines_n, 2);
    assert_true(vtb_id_is(b.record->draft.lines[1].id, line[1]));
    assert_int_equal(set_part(&b, line[0], "what", 0, "lost"), VTB_ABSENT);
    board_free(&b);
}

static void the_fortieth_line_fits_and_the_next_does_not(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    for (size_t i = 0; i < VTB_MAX_PLAN_LINES; i++)
        (void)add_line(&b);
    assert_int_equal(plan_ask(&b, SCRIBE, (struct vtb_ask){ .kind = VTB_ASK_PLAN_LINE_ADD }), VTB_LIMIT);
    board_free(&b);
}

static void a_plan_that_is_full_takes_no_more_text(void **state)
{
    static char big[VTB_MAX_PLAN_FIELD_BYTES + 1];
    static const char *const fields[] = { "answered", "reasons", "options", "would_change" };
    struct board b;

    (void)state;
    board_make(&b);
    memset(big, 'a', VTB_MAX_PLAN_FIELD_BYTES);
    for (size_t i = 0; i < VTB_COUNT(fields); i++)
        assert_int_equal(set_field(&b, SCRIBE, fields[i], 0, big), VTB_OK);
    assert_int_equal(set_field(&b, SCRIBE, "wishes", 0, "a"), VTB_LIMIT);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 1, "short"), VTB_OK);
    assert_int_equal(set_field(&b, SCRIBE, "wishes", 0, "a"), VTB_OK);
    board_free(&b);
}

static void what_is_saved_is_in_normal_form(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "Beltra\xcc\x81n\tagrees"), VTB_OK);
    assert_string_equal(field_text(&b, VTB_FIELD_REASONS), "Beltr\xc3\xa1n agrees");
    board_free(&b);
}

static void a_dissent_is_the_dissenters_own(void **state)
{
    struct board b;
    struct vtb_ask dissent = { .kind = VTB_ASK_PLAN_DISSENT, .u.plan_dissent = { VTB_LIT("Too early"), true } };

    (void)state;
    board_make(&b);
    assert_int_equal(plan_ask(&b, PATHOLOGIST, dissent), VTB_OK);
    assert_string_equal(b.record->draft.dissents[0].name, "Dr Ito");
    dissent.u.plan_dissent.text = VTB_LIT("Too early, in my view");
    assert_int_equal(plan_ask(&b, PATHOLOGIST, dissent), VTB_OK);
    assert_int_equal(b.record->draft.dissents_n, 1);
    dissent.u.plan_dissent.text = VTB_LIT("");
    assert_int_equal(plan_ask(&b, SURGEON, dissent), VTB_OK); /* has none: nothing to take back */
    assert_int_equal(b.record->draft.dissents_n, 1);
    assert_int_equal(plan_ask(&b, PATHOLOGIST, dissent), VTB_OK);
    assert_int_equal(b.record->draft.dissents_n, 0);
    board_free(&b);
}

static void an_intake_with_a_fault_is_refused_beside_its_field(void **state)
{
    struct board b;
    struct vtb_t_case_record intake;
    const char *field = NULL;

    (void)state;
    board_make(&b);
    vtb_case_record_view(b.record, &intake);
    intake.stage = VTB_LIT("T2a");
    assert_int_equal(vtb_case_save(b.record, 1, &intake, person_id(CHAIR), VTB_LIT("x"), b.world.now_us, b.out, &field),
                     VTB_PARSE);
    assert_string_equal(field, "stage");
    assert_non_null(strstr(b.out->message, "cT2a"));
    intake.stage = VTB_LIT("cT2a");
    intake.birth_date = VTB_LIT("2099-01-01");
    assert_int_equal(vtb_case_save(b.record, 1, &intake, person_id(CHAIR), VTB_LIT("x"), b.world.now_us, b.out, &field),
                     VTB_PARSE);
    assert_string_equal(field, "birth_date");
    intake.birth_date = VTB_LIT("1962-03-04");
    assert_int_equal(vtb_case_save(b.record, 0, &intake, person_id(CHAIR), VTB_LIT("x"), b.world.now_us, b.out, &field),
                     VTB_STALE);
    assert_int_equal(vtb_case_save(b.record, 1, &intake, person_id(CHAIR), VTB_LIT("x"), b.world.now_us, b.out, &field),
                     VTB_OK);
    board_free(&b);
}

static void only_people_in_the_room_write(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    assert_int_equal(plan_ask(&b, CO_CHAIR, take("reasons")), VTB_ABSENT); /* not joined */
    assert_int_equal(ask(&b.world, SCRIBE, (struct vtb_ask){ .kind = VTB_ASK_LEAVE }), VTB_OK);
    assert_int_equal(plan_ask(&b, SCRIBE, take("reasons")), VTB_ABSENT);
    board_free(&b);
}

static void a_note_to_the_scribe_is_taken_with_one_press(void **state)
{
    struct vtb_ask note = { .kind = VTB_ASK_PLAN_NOTE, .u.plan_note.text = VTB_LIT("Brain MRI before surgery") };
    struct vtb_ask take_it = { .kind = VTB_ASK_PLAN_NOTE_TAKE }, aside = { .kind = VTB_ASK_PLAN_NOTE_CLOSE };
    struct board b;

    (void)state;
    board_make(&b);
    assert_int_equal(plan_ask(&b, SURGEON, note), VTB_OK); /* members propose */
    assert_int_equal(b.record->draft.notes_n, 1);
    take_it.u.plan_note_take.note = aside.u.plan_note_close.note = b.record->draft.notes[0].id;
    assert_int_equal(plan_ask(&b, RADIOLOGIST, take_it), VTB_DENIED); /* writers take */
    assert_int_equal(plan_ask(&b, RADIOLOGIST, aside), VTB_DENIED);
    assert_int_equal(plan_ask(&b, SCRIBE, take_it), VTB_OK);
    assert_int_equal(b.record->draft.notes_n, 0);
    assert_int_equal(b.record->draft.lines_n, 1);
    assert_string_equal(b.record->draft.lines[0].parts[VTB_PART_WHAT], "Brain MRI before surgery");
    assert_int_equal(plan_ask(&b, SCRIBE, take_it), VTB_ABSENT); /* once */
    assert_int_equal(plan_ask(&b, SURGEON, note), VTB_OK);
    aside.u.plan_note_close.note = b.record->draft.notes[0].id;
    assert_int_equal(plan_ask(&b, SURGEON, aside), VTB_OK); /* the own one can be taken back */
    assert_int_equal(b.record->draft.notes_n, 0);
    for (unsigned i = 0; i < VTB_MAX_NOTES; i++)
        assert_int_equal(plan_ask(&b, SURGEON, note), VTB_OK);
    assert_int_equal(plan_ask(&b, SURGEON, note), VTB_LIMIT);
    board_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_person_writes_a_field_and_the_chair_can_take_it),
        cmocka_unit_test(text_against_an_older_version_is_refused_and_says_whose_is_newer),
        cmocka_unit_test(a_lease_ends_when_its_holder_is_gone),
        cmocka_unit_test(lines_keep_their_order),
        cmocka_unit_test(the_fortieth_line_fits_and_the_next_does_not),
        cmocka_unit_test(a_plan_that_is_full_takes_no_more_text),
        cmocka_unit_test(what_is_saved_is_in_normal_form),
        cmocka_unit_test(a_dissent_is_the_dissenters_own),
        cmocka_unit_test(an_intake_with_a_fault_is_refused_beside_its_field),
        cmocka_unit_test(only_people_in_the_room_write),
        cmocka_unit_test(a_note_to_the_scribe_is_taken_with_one_press),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
