/*
 * The plan's way: edits are events made against a version -> draft -> read-back -> the chair signs the
 * exact text -> one transaction on case and meeting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "hall.h"

static struct hall hall;
static struct fake_socket *chair, *scribe, *surgeon;
static struct fake_socket *all[3];

static int begin(void **state)
{
    (void)state;
    hall_open(&hall);
    chair = all[0] = enter(&hall, CHAIR, "");
    scribe = all[1] = enter(&hall, SCRIBE, "");
    surgeon = all[2] = enter(&hall, SURGEON, "");
    hall_begin(&hall, chair);
    return 0;
}
static int end(void **state)
{
    (void)state;
    hall_close(&hall);
    return 0;
}

static const char *set(const char *field, int base, const char *value)
{
    static char data[400];

    snprintf(data, sizeof data, "\"field\":\"%s\",\"base\":%d,\"value\":\"%s\"", field, base, value);
    return data;
}

static const char *part(json_t *detail, const char *key)
{
    return json_string_value(json_object_get(json_object_get(detail, "d"), key));
}

static void an_edit_is_seen_by_all_when_it_is_saved(void **state)
{
    (void)state;
    int64_t id;

    fake_store.hold = true;
    id = say(&hall, scribe, "plan.set", set("wishes", 0, "Home at Christmas"));
    assert_int_equal(events(surgeon, "plan.set"), 0);
    assert_string_equal(error_of(scribe, id), "none");
    fake_store_run();
    assert_true(is_ok(scribe, id));
    assert_int_equal(events(surgeon, "plan.set"), 1);
    assert_string_equal(part(last_event(surgeon, "plan.set"), "value"), "Home at Christmas");
}

static void an_edit_against_an_old_version_comes_back(void **state)
{
    (void)state;
    size_t before;

    done(&hall, scribe, "plan.set", set("wishes", 0, "One"));
    before = fake_store_length(case_id(0));
    assert_string_equal(error_of(chair, say(&hall, chair, "plan.set", set("wishes", 0, "Two"))), "stale");
    assert_int_equal(fake_store_length(case_id(0)), before);
    assert_string_equal(error_of(surgeon, say(&hall, surgeon, "plan.set", set("wishes", 1, "Mine"))), "denied");
}

static void two_edits_in_one_breath_the_second_stands_on_the_first(void **state)
{
    (void)state;
    int64_t one, two, three;

    fake_store.hold = true;
    one = say(&hall, scribe, "plan.set", set("wishes", 0, "H"));
    two = say(&hall, scribe, "plan.set", set("wishes", 1, "Ho"));
    three = say(&hall, scribe, "plan.set", set("wishes", 0, "late"));
    assert_string_equal(error_of(scribe, three), "stale"); /* refused at once: it depends on no disk */
    fake_store.fail_next = 1;
    fake_store_run();
    fake_store.hold = false;
    assert_string_equal(error_of(scribe, one), "sys");
    assert_string_equal(error_of(scribe, two), "sys");
    assert_int_equal(events(surgeon, "plan.set"), 0);
    done(&hall, scribe, "plan.set", set("wishes", 0, "Home")); /* version 0 again */
    assert_int_equal(events(surgeon, "plan.set"), 1);
}

static void fill(void)
{
    static const char *const fields[][2] = {
        { "answered", "Yes, after staging" }, { "kind", "pre_treatment" }, { "decision", "consensus" },
        { "wishes", "She wants to be home at Christmas" }, { "tells_who", "Dr Okafor" },
        { "tells_when", "2026-12-01" }, { "guideline", "discussed: NCCN 4.2026" },
        { "genetics", "not_applicable: tested in 2025" }, { "trials", "discussed" }, { "supportive", "not_discussed" },
    };
    static const char *const parts[][2] = {
        { "what", "Lobectomy" }, { "kind", "surgery" }, { "intent", "curative" }, { "owner", "Dr Brandt" },
        { "due", "2026-12-10" },
    };
    char name[100];

    for (size_t i = 0; i < VTB_COUNT(fields); i++)
        done(&hall, scribe, "plan.set", set(fields[i][0], 0, fields[i][1]));
    pass_with_beats(all, 3, 2000000); /* nobody types faster than the limit */
    done(&hall, scribe, "plan.line_add", "");
    for (size_t i = 0; i < VTB_COUNT(parts); i++) {
        snprintf(name, sizeof name, "line.%s.%s", part(last_event(chair, "plan.line_added"), "line"), parts[i][0]);
        done(&hall, scribe, "plan.set", set(name, 0, parts[i][1]));
    }
}

/* Reads back, confirms the outcome as proposed, and lets the window pass. Returns the digest. */
static const char *read_back(void)
{
    static char digest[65];
    json_t *proposed;
    char *list, data[600];

    done(&hall, chair, "readback.start", "");
    snprintf(digest, sizeof digest, "%s", part(last_event(surgeon, "readback.begun"), "digest"));
    proposed = json_object_get(json_object_get(last_event(chair, "readback.begun"), "d"), "proposed");
    list = json_dumps(proposed, 0);
    snprintf(data, sizeof data, "\"outcome\":%s", list ? list : "[]");
    free(list);
    done(&hall, chair, "plan.outcome", data);
    snprintf(data, sizeof data, "\"digest\":\"%s\"", digest);
    done(&hall, surgeon, "readback.ack", data);
    done(&hall, chair, "readback.window", "\"running\":true");
    pass_with_beats(all, 3, 22000000);
    return digest;
}

struct outcome {
    bool came;
    enum vtb_err err;
    char message[300];
    struct vtb_id plan;
};

static void was_signed(void *ctx, enum vtb_err err, const char *message, struct vtb_id plan, int64_t version)
{
    struct outcome *outcome = ctx;

    (void)version;
    outcome->came = true;
    outcome->err = err;
    outcome->plan = plan;
    snprintf(outcome->message, sizeof outcome->message, "%s", message ? message : "");
}

static struct outcome sign_as(enum who who, const char *digest, const char *reason)
{
    struct outcome outcome = { 0 };

    vtb_live_sign(hall.live, hall.meeting, person_id(who), vtb_str_of(digest), vtb_str_of(reason), was_signed, &outcome);
    if (!fake_store.hold)
        fake_store_run();
    return outcome;
}

static void what_all_saw_is_what_is_signed_on_case_and_meeting_at_once(void **state)
{
    (void)state;
    struct outcome outcome;
    const char *digest;
    size_t on_case, on_meeting;

    fill();
    digest = read_back();
    on_case = fake_store_length(case_id(0));
    on_meeting = fake_store_length(hall.meeting);
    outcome = sign_as(CHAIR, digest, "The quorum is short; the case cannot wait.");
    assert_int_equal(outcome.err, VTB_OK);
    assert_int_equal(fake_store_length(case_id(0)), on_case + 1);
    assert_int_equal(fake_store_length(hall.meeting), on_meeting + 1);
    assert_string_equal(fake_store_kind(case_id(0), on_case), "plan.signed");
    assert_string_equal(fake_store_kind(hall.meeting, on_meeting), "item.signed");
    assert_int_equal(events(surgeon, "plan.signed"), 1);
    assert_int_equal(events(surgeon, "item.signed"), 1);
    /* A signed plan never changes. */
    assert_string_not_equal(error_of(scribe, say(&hall, scribe, "plan.set", set("wishes", 1, "Else"))), "");
    done(&hall, chair, "meeting.close", ""); /* the running item is signed: nothing is open */
    assert_true(noticed(surgeon, "ended"));
}

static void a_signature_that_was_not_written_is_on_neither(void **state)
{
    (void)state;
    struct outcome outcome;
    const char *digest;
    size_t on_case, on_meeting;

    fill();
    digest = read_back();
    on_case = fake_store_length(case_id(0));
    on_meeting = fake_store_length(hall.meeting);
    fake_store.fail_next = 1;
    outcome = sign_as(CHAIR, digest, "The quorum is short; the case cannot wait.");
    assert_true(outcome.came);
    assert_int_equal(outcome.err, VTB_SYS);
    assert_non_null(strstr(outcome.message, "not signed"));
    assert_int_equal(fake_store_length(case_id(0)), on_case);
    assert_int_equal(fake_store_length(hall.meeting), on_meeting);
    assert_int_equal(events(surgeon, "plan.signed") + events(surgeon, "item.signed"), 0);
    outcome = sign_as(CHAIR, digest, "The quorum is short; the case cannot wait."); /* the same again works */
    assert_int_equal(outcome.err, VTB_OK);
    assert_int_equal(events(surgeon, "plan.signed"), 1);
}

static void only_the_acting_chair_signs_and_only_the_text_that_is_shown(void **state)
{
    (void)state;
    const char *digest;
    char other[65];

    fill();
    assert_int_not_equal(sign_as(CHAIR, "", "").err, VTB_OK); /* nothing is read back yet */
    digest = read_back();
    snprintf(other, sizeof other, "%s", digest);
    other[0] = other[0] == 'a' ? 'b' : 'a';
    assert_int_equal(sign_as(SURGEON, digest, "reason").err, VTB_DENIED);
    assert_int_not_equal(sign_as(CHAIR, other, "reason").err, VTB_OK);
    assert_int_equal(sign_as(GUEST_B, digest, "reason").err, VTB_ABSENT); /* not in the room */
    assert_int_equal(events(surgeon, "plan.signed"), 0);
}

static void the_window_stands_while_the_chair_is_away(void **state)
{
    (void)state;
    struct fake_socket *others[] = { scribe, surgeon };
    const char *digest;

    fill();
    done(&hall, chair, "readback.start", "");
    digest = part(last_event(surgeon, "readback.begun"), "digest");
    done(&hall, chair, "readback.window", "\"running\":true");
    fake_hang_up(chair);
    pass_with_beats(others, 2, 30000000);
    json_t *window = json_object_get(last_event(surgeon, "readback.window"), "d");
    assert_true(json_is_false(json_object_get(window, "running")));
    assert_true(json_integer_value(json_object_get(window, "left_s")) > 0);
    assert_int_not_equal(sign_as(CHAIR, digest, "reason").err, VTB_OK);
}

static void a_leaver_gives_back_the_field(void **state)
{
    (void)state;
    struct fake_socket *others[] = { chair, surgeon };

    done(&hall, scribe, "plan.take", "\"field\":\"wishes\"");
    assert_int_equal(events(surgeon, "plan.taken"), 1);
    fake_hang_up(scribe);
    pass_with_beats(others, 2, 16000000);
    assert_int_equal(events(surgeon, "plan.dropped"), 1);
}

static void the_referring_plan_is_sealed_until_read_back(void **state)
{
    (void)state;
    char *seen;

    seen = json_dumps(surgeon->inbox, 0);
    assert_null(strstr(seen, "referring_plan\": \"Lobectomy"));
    free(seen);
    fill();
    done(&hall, chair, "readback.start", "");
    assert_string_equal(part(last_event(surgeon, "readback.begun"), "referring_plan"), "Lobectomy");
}

/* The running item's plan as the newest snapshot tells it: "draft", "signed", or "" for none. */
static const char *plan_told(const struct fake_socket *socket)
{
    json_t *event, *list = json_object_get(last(socket, "snapshot"), "events");
    const char *is = "";
    size_t i;

    json_array_foreach (list, i, event) {
        const char *kind = json_string_value(json_object_get(event, "k"));
        if (strcmp(kind, "plan.begun") == 0)
            is = "draft";
        if (strcmp(kind, "plan.signed") == 0)
            is = "signed";
    }
    return is;
}

static void a_change_of_case_taken_back_brings_the_plan_back_as_it_was(void **state)
{
    (void)state;
    size_t on_case;

    done(&hall, scribe, "plan.set", set("wishes", 0, "Home"));
    on_case = fake_store_length(case_id(0));
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    forget(surgeon);
    assert_string_equal(error_of(scribe, say(&hall, scribe, "press.undo", "")), "denied");
    done(&hall, chair, "press.undo", "");
    assert_int_equal(events(surgeon, "press.undone"), 1);
    assert_string_equal(plan_told(surgeon), "draft");
    done(&hall, scribe, "plan.set", set("wishes", 1, "Home at Christmas")); /* the same draft goes on */
    assert_int_equal(fake_store_length(case_id(0)), on_case + 1);
    pass_with_beats(all, 3, 2000000);
    done(&hall, scribe, "plan.set", set("wishes", 2, ""));
    pass_with_beats(all, 3, 2000000);
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    pass_with_beats(all, 3, 14000000);
    assert_string_equal(error_of(chair, say(&hall, chair, "press.undo", "")), "stale");
}

static void a_signed_plan_stays_signed_when_its_case_runs_again_by_an_undo(void **state)
{
    (void)state;
    const char *digest;
    size_t on_case;

    fill();
    digest = read_back();
    assert_int_equal(sign_as(CHAIR, digest, "The quorum is short; the case cannot wait.").err, VTB_OK);
    on_case = fake_store_length(case_id(0));
    done(&hall, chair, "item.next", "\"unsigned\":\"refuse\"");
    forget(surgeon);
    done(&hall, chair, "press.undo", "");
    assert_string_equal(plan_told(surgeon), "signed");
    assert_int_equal(fake_store_length(case_id(0)), on_case); /* no new draft was begun */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_edit_is_seen_by_all_when_it_is_saved, begin, end),
        cmocka_unit_test_setup_teardown(an_edit_against_an_old_version_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(two_edits_in_one_breath_the_second_stands_on_the_first, begin, end),
        cmocka_unit_test_setup_teardown(what_all_saw_is_what_is_signed_on_case_and_meeting_at_once, begin, end),
        cmocka_unit_test_setup_teardown(a_signature_that_was_not_written_is_on_neither, begin, end),
        cmocka_unit_test_setup_teardown(only_the_acting_chair_signs_and_only_the_text_that_is_shown, begin, end),
        cmocka_unit_test_setup_teardown(the_window_stands_while_the_chair_is_away, begin, end),
        cmocka_unit_test_setup_teardown(a_leaver_gives_back_the_field, begin, end),
        cmocka_unit_test_setup_teardown(the_referring_plan_is_sealed_until_read_back, begin, end),
        cmocka_unit_test_setup_teardown(a_change_of_case_taken_back_brings_the_plan_back_as_it_was, begin, end),
        cmocka_unit_test_setup_teardown(a_signed_plan_stays_signed_when_its_case_runs_again_by_an_undo, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
