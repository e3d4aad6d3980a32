/* Reading a plan back (decisions 12 and 13). */
#include "board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static const struct vtb_ask start = { .kind = VTB_ASK_READBACK_START };

static struct vtb_ask window(bool running)
{
    return (struct vtb_ask){ .kind = VTB_ASK_READBACK_WINDOW, .u.readback_window.running = running };
}

static struct vtb_ask object(enum vtb_ev_readback_objected_kind kind, const char *text)
{
    return (struct vtb_ask){ .kind = VTB_ASK_READBACK_OBJECT, .u.readback_object = { kind, vtb_str_of(text) } };
}

static void every_rule_of_the_list_must_be_met(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    fill_plan(&b);
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    board_free(&b);
    /* Each rule alone stops it, with its own sentence. */
    for (size_t i = 0; i < VTB_SIGN_RULES; i++) {
        const struct vtb_sign_rule *rule = &vtb_sign_rules[i];

        board_make(&b);
        fill_plan(&b);
        if (rule->needs == VTB_NEEDS_LINES)
            assert_int_equal(plan_ask(&b, SCRIBE, (struct vtb_ask){ .kind = VTB_ASK_PLAN_LINE_REMOVE,
                                      .u.plan_line_remove.line = b.record->draft.lines[0].id }), VTB_OK);
        else if (rule->needs == VTB_NEEDS_LINE_PARTS)
            assert_int_equal(set_part(&b, b.record->draft.lines[0].id, "intent", 1, ""), VTB_OK); /* a therapy */
        else if (rule->needs == VTB_NEEDS_REASONS_IF_DISSENT)
            assert_int_equal(plan_ask(&b, PATHOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_PLAN_DISSENT,
                                      .u.plan_dissent = { VTB_LIT("No"), false } }), VTB_OK);
        else
            assert_int_equal(set_field(&b, SCRIBE, vtb_plan_fields[rule->fields[rule->fields_n - 1]].id, 1, ""), VTB_OK);
        assert_int_equal(plan_ask(&b, CHAIR, start), VTB_DENIED);
        assert_string_equal(b.message, rule->message);
        board_free(&b);
    }
}

/* The text to sign may have 64 kB less what signing adds to it (1 kB); attendance and pictures count. */
static void a_plan_of_64_kilobytes_is_read_back_and_one_byte_more_is_not(void **state)
{
    enum { CROWD = 80, MOST = VTB_MAX_PLAN_BYTES - 1024 };
    static struct vtb_t_attendance people[CROWD];
    static char sites[CROWD][161], names[CROWD][121], long_text[4001];
    struct vtb_caller chair = caller_of(CHAIR);
    struct board b;
    size_t spare;

    (void)state;
    board_make(&b);
    fill_plan(&b);
    memset(long_text, 'a', 4000);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, long_text), VTB_OK);
    assert_int_equal(set_field(&b, SCRIBE, "options", 0, long_text), VTB_OK);
    assert_int_equal(set_field(&b, SCRIBE, "would_change", 0, long_text), VTB_OK);
    board_look(&b);
    for (unsigned i = 0; i < CROWD; i++)
        people[i] = (struct vtb_t_attendance){ .person = id_of(9000 + i), .name = VTB_LIT("P"), .specialty = VTB_LIT("ssssssssssssssssssssssssssssssssssssssssssssssss"),
                                               .role = VTB_T_MEMBER_ROLE_OBSERVER, .joined_us = T0 };
    b.facts.attendance = people;
    b.facts.attendance_n = CROWD;
    assert_int_equal(vtb_case_decide(b.record, &chair, &start, b.world.now_us, &b.facts, b.out), VTB_OK);
    assert_true(b.out->at[0].u.readback_begun.text.len < MOST);
    spare = MOST - b.out->at[0].u.readback_begun.text.len;
    vtb_events_fini(b.out);
    for (unsigned i = 0; i < CROWD; i++) {
        size_t n = spare < 160 ? spare : 160;

        memset(sites[i], 's', n);
        people[i].site = (struct vtb_str){ sites[i], n };
        spare -= n;
        n = spare < 110 ? spare : 110;
        memset(names[i], 'P', n + 1);
        people[i].name = (struct vtb_str){ names[i], n + 1 };
        spare -= n;
    }
    assert_int_equal(spare, 0);
    assert_int_equal(vtb_case_decide(b.record, &chair, &start, b.world.now_us, &b.facts, b.out), VTB_OK);
    assert_int_equal(b.out->at[0].u.readback_begun.text.len, MOST);
    vtb_events_fini(b.out);
    people[CROWD - 1].specialty = VTB_LIT("sssssssssssssssssssssssssssssssssssssssssssssssss");
    assert_int_equal(vtb_case_decide(b.record, &chair, &start, b.world.now_us, &b.facts, b.out), VTB_LIMIT);
    board_free(&b);
}

static void the_text_is_locked_and_the_sealed_plan_revealed(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    fill_plan(&b);
    assert_true(vtb_case_is_sealed(b.record));
    assert_int_equal(plan_ask(&b, SCRIBE, start), VTB_DENIED); /* only the acting chair */
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    assert_false(vtb_case_is_sealed(b.record));
    assert_string_equal(b.record->readback.referring_plan, "Lobectomy, then adjuvant chemotherapy");
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "x"), VTB_DENIED);
    assert_int_equal(plan_ask(&b, SCRIBE, (struct vtb_ask){ .kind = VTB_ASK_PLAN_LINE_ADD }), VTB_DENIED);
    assert_int_equal(plan_ask(&b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_END }), VTB_OK);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "x"), VTB_OK);
    board_free(&b);
}

static void the_wording_says_whose_plan_it_is_and_what_was_decided(void **state)
{
    static const char *const said[] = {
        "Marlow, born 4 March 1962, number 12-345.\n", "Question, asked by Dr Okafor: Operate first?\n",
        "Decision: Consensus.\n", "1. Lobectomy (Surgery, curative). Who: Dr Brandt, by 10 December 2026.\n",
        "Genetics: does not apply, tested in 2025.\n", "Who tells the patient: Dr Okafor, 1 December 2026.\n",
        "Quorum is not met. Missing: Radiation oncology.\n",
        "Advice to the treating physician, who decides with the patient." };
    struct board b;

    (void)state;
    board_make(&b);
    fill_plan(&b);
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    for (size_t i = 0; i < VTB_COUNT(said); i++)
        if (!strstr(b.record->readback.wording, said[i])) {
            fprintf(stderr, "missing: %s\nin: %s\n", said[i], b.record->readback.wording);
            fail();
        }
    board_free(&b);
}

static void a_dissent_is_in_the_note_only_if_its_author_says_so(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    fill_plan(&b);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "Nodes are resectable"), VTB_OK);
    assert_int_equal(plan_ask(&b, PATHOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_PLAN_DISSENT,
                              .u.plan_dissent = { VTB_LIT("Sampling error"), false } }), VTB_OK);
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    assert_null(strstr(b.record->readback.text, "Sampling error"));
    /* Said in the read-back, for the note: the text is made anew, and who saw the old one saw the old one. */
    assert_int_equal(plan_ask(&b, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_READBACK_ACK,
                              .u.readback_ack.digest = vtb_str_of(b.record->readback.digest) }), VTB_OK);
    assert_int_equal(b.record->readback.acked_n, 1);
    assert_int_equal(plan_ask(&b, PATHOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_PLAN_DISSENT,
                              .u.plan_dissent = { VTB_LIT("Sampling error"), true } }), VTB_OK);
    assert_int_equal(b.record->draft.state, VTB_PLAN_READBACK);
    assert_non_null(strstr(b.record->readback.text, "Sampling error"));
    assert_non_null(strstr(b.record->readback.wording, "Dissent, Dr Ito, pathology: Sampling error."));
    assert_int_equal(b.record->readback.acked_n, 0);
    board_free(&b);
}

static void objections_stop_the_clock_unlock_or_restart(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    fill_plan(&b);
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    assert_int_equal(plan_ask(&b, CHAIR, window(true)), VTB_OK);
    b.world.now_us += 5 * SECOND;
    assert_int_equal(vtb_case_window_left_us(b.record, b.world.now_us), 15 * SECOND);
    assert_int_equal(plan_ask(&b, SURGEON, object(VTB_EV_READBACK_OBJECTED_KIND_NOT_READY, "")), VTB_OK);
    assert_false(b.record->readback.window_running);
    assert_int_equal(b.record->readback.window_left_s, 15);
    assert_int_equal(plan_ask(&b, SURGEON, object(VTB_EV_READBACK_OBJECTED_KIND_DISSENT, "")), VTB_PARSE);
    /* A dissent without reasons of the majority: back to discussion, so that they can be written. */
    assert_int_equal(plan_ask(&b, SURGEON, object(VTB_EV_READBACK_OBJECTED_KIND_DISSENT, "Too early")), VTB_OK);
    assert_int_equal(b.record->draft.state, VTB_PLAN_DRAFT);
    assert_int_equal(b.record->draft.dissents_n, 1);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "Nodes are resectable"), VTB_OK);
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    assert_int_equal(plan_ask(&b, SURGEON, object(VTB_EV_READBACK_OBJECTED_KIND_CORRECT, "It is the left lobe")), VTB_OK);
    assert_int_equal(b.record->draft.state, VTB_PLAN_DRAFT);
    board_free(&b);
}

static void an_objection_after_the_window_opens_it_again(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    read_back(&b);
    assert_true(b.record->readback.window_over);
    assert_int_equal(plan_ask(&b, ONCOLOGIST, object(VTB_EV_READBACK_OBJECTED_KIND_NOT_READY, "wait")), VTB_OK);
    assert_false(b.record->readback.window_over);
    assert_int_equal(b.record->readback.window_left_s, 20);
    board_free(&b);
}

static void the_window_stands_while_the_chair_is_away(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    fill_plan(&b);
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    assert_int_equal(plan_ask(&b, CHAIR, window(true)), VTB_OK);
    b.world.now_us += 8 * SECOND;
    assert_int_equal(vtb_case_window_stand(b.record, b.world.now_us, b.out), VTB_OK);
    board_fold(&b);
    b.world.now_us += 60 * SECOND;
    assert_int_equal(vtb_case_window_left_us(b.record, b.world.now_us), -1);
    assert_int_equal(vtb_case_window_over(b.record, b.world.now_us, b.out), VTB_OK);
    assert_int_equal(b.out->n, 0);
    assert_int_equal(plan_ask(&b, CHAIR, window(true)), VTB_OK);
    assert_int_equal(vtb_case_window_left_us(b.record, b.world.now_us), 12 * SECOND);
    board_free(&b);
}

static void only_who_displays_this_text_counts_as_no_objection(void **state)
{
    struct board b;
    struct vtb_reached reached;
    char old[65];

    (void)state;
    board_make(&b);
    fill_plan(&b);
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    memcpy(old, b.record->readback.digest, sizeof old);
    assert_int_equal(plan_ask(&b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_END }), VTB_OK);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "other"), VTB_OK);
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    assert_int_equal(plan_ask(&b, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_READBACK_ACK,
                              .u.readback_ack.digest = vtb_str_of(old) }), VTB_STALE);
    assert_int_equal(plan_ask(&b, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_READBACK_ACK,
                              .u.readback_ack.digest = vtb_str_of(b.record->readback.digest) }), VTB_OK);
    assert_int_equal(plan_ask(&b, ONCOLOGIST, object(VTB_EV_READBACK_OBJECTED_KIND_NOT_READY, "")), VTB_OK);
    board_look(&b);
    reached = vtb_case_reached(b.record, &b.facts);
    assert_int_equal(reached.no_objection, 1);
    assert_int_equal(reached.objected, 1);
    assert_int_equal(reached.not_reached, b.facts.seats_n - 2);
    board_free(&b);
}

static void another_outcome_than_the_text_says_is_read_back_anew(void **state)
{
    static const enum vtb_ev_plan_outcome_outcome changed[] = { VTB_EV_PLAN_OUTCOME_OUTCOME_CHANGED_TREATMENT };
    static const enum vtb_ev_plan_outcome_outcome both[] = { VTB_EV_PLAN_OUTCOME_OUTCOME_CONFIRMED,
                                                             VTB_EV_PLAN_OUTCOME_OUTCOME_MORE_TESTS };
    static const enum vtb_ev_plan_outcome_outcome none[] = { VTB_EV_PLAN_OUTCOME_OUTCOME_NO_PLAN_BEFORE };
    struct vtb_ask outcome = { .kind = VTB_ASK_PLAN_OUTCOME, .u.plan_outcome = { both, 2 } };
    struct board b;
    char digest[65];

    (void)state;
    board_make(&b);
    fill_plan(&b);
    assert_int_equal(plan_ask(&b, CHAIR, start), VTB_OK);
    assert_int_equal(b.record->readback.proposed.n, 1);
    assert_int_equal(b.record->readback.proposed.at[0], VTB_EV_PLAN_OUTCOME_OUTCOME_CONFIRMED); /* lobectomy was the plan */
    memcpy(digest, b.record->readback.digest, sizeof digest);
    assert_int_equal(plan_ask(&b, CHAIR, outcome), VTB_PARSE);
    outcome.u.plan_outcome = (struct vtb_ask_plan_outcome){ none, 1 };
    assert_int_equal(plan_ask(&b, CHAIR, outcome), VTB_PARSE);
    assert_int_equal(plan_ask(&b, SURGEON, outcome), VTB_DENIED); /* chair or referrer */
    outcome.u.plan_outcome = (struct vtb_ask_plan_outcome){ changed, 1 };
    assert_int_equal(plan_ask(&b, CHAIR, outcome), VTB_OK);
    assert_string_not_equal(b.record->readback.digest, digest);
    assert_non_null(strstr(b.record->readback.text, "\"outcome\":[\"changed_treatment\"]"));
    assert_true(b.record->draft.outcome_us != 0);
    memcpy(digest, b.record->readback.digest, sizeof digest);
    assert_int_equal(plan_ask(&b, CHAIR, outcome), VTB_OK); /* the same again: the text stands */
    assert_string_equal(b.record->readback.digest, digest);
    board_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_of_the_list_must_be_met),
        cmocka_unit_test(a_plan_of_64_kilobytes_is_read_back_and_one_byte_more_is_not),
        cmocka_unit_test(the_text_is_locked_and_the_sealed_plan_revealed),
        cmocka_unit_test(the_wording_says_whose_plan_it_is_and_what_was_decided),
        cmocka_unit_test(a_dissent_is_in_the_note_only_if_its_author_says_so),
        cmocka_unit_test(objections_stop_the_clock_unlock_or_restart),
        cmocka_unit_test(an_objection_after_the_window_opens_it_again),
        cmocka_unit_test(the_window_stands_while_the_chair_is_away),
        cmocka_unit_test(only_who_displays_this_text_counts_as_no_objection),
        cmocka_unit_test(another_outcome_than_the_text_says_is_read_back_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
