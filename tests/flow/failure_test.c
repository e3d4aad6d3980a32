/*
 * Bad luck between decision and disk (decisions 2 and 4): what failed never was, the person hears of
 * it, the next decision stands on firm ground, and people still join, hear and are silenced.
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
static struct fake_socket *chair, *radiologist, *surgeon;

static int begin(void **state)
{
    (void)state;
    hall_open(&hall);
    chair = enter(&hall, CHAIR, "");
    radiologist = enter(&hall, RADIOLOGIST, "");
    surgeon = enter(&hall, SURGEON, "");
    hall_begin(&hall, chair);
    return 0;
}
static int end(void **state)
{
    (void)state;
    hall_close(&hall);
    return 0;
}

static const char *page(int n)
{
    static char data[100];

    snprintf(data, sizeof data, "\"document\":\"%s\",\"page\":%d", text_of(document_id(0)), n);
    return data;
}

static void a_failed_append_is_told_and_never_was(void **state)
{
    (void)state;
    size_t before = fake_store_length(hall.meeting);
    int64_t id;

    forget(surgeon);
    fake_store.fail_next = 1;
    id = say(&hall, radiologist, "page.show", page(3));
    assert_string_equal(error_of(radiologist, id), "sys");
    assert_non_null(strstr(json_string_value(json_object_get(reply(radiologist, id), "message")), "could not be written"));
    assert_int_equal(json_array_size(surgeon->inbox), 0);
    assert_int_equal(fake_store_length(hall.meeting), before);
    done(&hall, radiologist, "page.show", page(4));
    assert_int_equal(events(surgeon, "page.shown"), 1);
}

static void what_was_decided_on_a_failed_tail_fails_with_it(void **state)
{
    (void)state;
    int64_t raised, given, lowered;
    char data[80];

    fake_store.hold = true;
    raised = say(&hall, surgeon, "hand.raise", "");
    snprintf(data, sizeof data, "\"seat\":\"%s\"", text_of(seat_in(surgeon)));
    given = say(&hall, chair, "floor.give", data); /* only thinkable because the hand is up in the tail */
    fake_store.fail_next = 1;                      /* the hand fails; the floor's append alone would pass */
    fake_store_run();
    fake_store.hold = false;
    assert_string_equal(error_of(surgeon, raised), "sys");
    assert_string_equal(error_of(chair, given), "sys");
    /* The tail is what is shown again: lowering a hand that is not up changes nothing. */
    size_t before = fake_store_length(hall.meeting);
    lowered = say(&hall, surgeon, "hand.lower", "");
    assert_true(is_ok(surgeon, lowered));
    assert_int_equal(fake_store_length(hall.meeting), before);
    done(&hall, surgeon, "hand.raise", "");
    assert_int_equal(fake_store_length(hall.meeting), before + 1);
}

static void next_fails(bool reads_first)
{
    int64_t id;
    size_t first_case, second_case;

    fake_store.reads_first = reads_first;
    fake_store.fail_next = 1;
    id = say(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_string_equal(error_of(chair, id), "sys");
    pass_with_beats((struct fake_socket *[]){ chair, radiologist, surgeon }, 3, 1500000);
    first_case = fake_store_length(case_id(0));
    second_case = fake_store_length(case_id(1));
    done(&hall, radiologist, "page.show", page(2)); /* the first case's deck */
    done(&hall, chair, "plan.set", "\"field\":\"wishes\",\"base\":0,\"value\":\"Home at Christmas\"");
    assert_int_equal(fake_store_length(case_id(0)), first_case + 1); /* written on the case that runs */
    assert_int_equal(fake_store_length(case_id(1)), second_case);
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    done(&hall, chair, "plan.set", "\"field\":\"wishes\",\"base\":0,\"value\":\"None\"");
    assert_true(fake_store_length(case_id(1)) > second_case);
}
static void a_failed_next_leaves_the_old_case_in_place(void **state)
{
    (void)state;
    next_fails(false);
}
static void also_when_the_next_case_was_read_before_the_failure(void **state)
{
    (void)state;
    next_fails(true);
}

static void a_full_store_is_said_at_once_and_changes_nothing(void **state)
{
    (void)state;
    size_t before = fake_store_length(hall.meeting);
    int64_t id;

    fake_store.full = true;
    id = say(&hall, radiologist, "page.show", page(3));
    assert_string_equal(error_of(radiologist, id), "again");
    fake_store.full = false;
    assert_int_equal(fake_store_length(hall.meeting), before);
    done(&hall, radiologist, "page.show", page(3));
    assert_int_equal(fake_store_length(hall.meeting), before + 1);
}

static void all_are_told_when_nothing_is_written_and_when_it_is_again(void **state)
{
    (void)state;
    struct fake_socket *everybody[] = { chair, radiologist, surgeon };
    struct fake_socket *late;
    size_t before;

    fake_store.failing = true;
    pass_with_beats(everybody, 3, 2000000);
    for (size_t i = 0; i < 3; i++)
        assert_true(noticed(everybody[i], "not_writing"));
    assert_true(json_integer_value(json_object_get(last(chair, "notice"), "since_us")) > 0);
    /* Plan edits are refused; nobody is sent away for silence that cannot be written down. */
    assert_string_equal(error_of(chair, say(&hall, chair, "plan.set", "\"field\":\"wishes\",\"base\":0,\"value\":\"x\"")), "sys");
    /* People still join, see and hear. */
    late = enter(&hall, PATHOLOGIST, "");
    assert_int_equal(count(late, "snapshot"), 1);
    assert_true(noticed(late, "not_writing"));
    done(&hall, late, "media.ask", "");
    assert_true(fake_peers[0].hears);
    fake_pass(20000000);
    before = fake_store_length(hall.meeting);

    fake_store.failing = false;
    pass_with_beats((struct fake_socket *[]){ chair, radiologist, surgeon, late }, 4, 4000000);
    assert_true(noticed(late, "writing"));
    assert_true(fake_store_length(hall.meeting) > before); /* the late seat is written down now */
    assert_string_equal(error_of(late, say(&hall, late, "hand.raise", "")), "");
}

/* ---- gates ---- */

static struct fake_peer *with_sound(struct fake_socket *socket)
{
    struct fake_peer *free_one = fake_peers;

    while (free_one->is_there)
        free_one++;
    done(&hall, socket, "media.ask", "");
    assert_true(free_one->is_there);
    return free_one;
}

static void a_gate_closes_with_the_decision_and_opens_when_durable(void **state)
{
    (void)state;
    struct fake_peer *peer = with_sound(surgeon);

    assert_true(peer->hears);
    assert_false(peer->heard); /* nobody arrives with an open microphone */
    fake_store.hold = true;
    (void)say(&hall, surgeon, "sound.mute", "\"muted\":false");
    assert_false(peer->heard); /* not before it is written down */
    fake_store_run();
    assert_true(peer->heard);
    (void)say(&hall, surgeon, "sound.mute", "\"muted\":true");
    assert_false(peer->heard); /* at once */
    fake_store_run();
    assert_false(peer->heard);
}

static void silence_that_could_not_be_written_down_is_silence_still(void **state)
{
    (void)state;
    struct fake_peer *peer = with_sound(surgeon);
    char data[80];

    done(&hall, surgeon, "sound.mute", "\"muted\":false");
    assert_true(peer->heard);
    fake_store.failing = true;
    assert_string_equal(error_of(surgeon, say(&hall, surgeon, "sound.mute", "\"muted\":true")), "sys");
    assert_false(peer->heard);
    (void)enter(&hall, PATHOLOGIST, ""); /* something else sets the gates anew */
    with_sound(chair);
    assert_false(peer->heard);
    fake_store.failing = false;
    pass_with_beats((struct fake_socket *[]){ chair, radiologist, surgeon }, 3, 3000000);
    assert_false(peer->heard);
    done(&hall, surgeon, "sound.mute", "\"muted\":false"); /* own wish */
    assert_true(peer->heard);

    fake_store.failing = true; /* the same when the chair asks for it */
    snprintf(data, sizeof data, "\"seat\":\"%s\"", text_of(seat_in(surgeon)));
    assert_string_equal(error_of(chair, say(&hall, chair, "seat.mute", data)), "sys");
    assert_false(peer->heard);
    with_sound(radiologist);
    assert_false(peer->heard);
    fake_store.failing = false;
}

/* The link breaks and comes back while nothing can be written: the new socket is as silent as the old one was. */
static void silence_that_could_not_be_written_down_outlives_a_reconnect(void **state)
{
    (void)state;
    struct fake_peer *peer = with_sound(surgeon);
    char data[80];

    done(&hall, surgeon, "sound.mute", "\"muted\":false");
    assert_true(peer->heard);
    fake_store.failing = true;
    snprintf(data, sizeof data, "\"seat\":\"%s\"", text_of(seat_in(surgeon)));
    assert_string_equal(error_of(chair, say(&hall, chair, "seat.mute", data)), "sys");
    assert_false(peer->heard);
    fake_hang_up(surgeon);
    surgeon = enter(&hall, SURGEON, "");
    peer = with_sound(surgeon);
    assert_true(peer->hears);
    assert_false(peer->heard);
    fake_store.failing = false;
    pass_with_beats((struct fake_socket *[]){ chair, radiologist, surgeon }, 3, 3000000);
    assert_false(peer->heard);
    done(&hall, surgeon, "sound.mute", "\"muted\":false");
    assert_true(peer->heard);
}

static void a_guests_gates_follow_the_own_item(void **state)
{
    (void)state;
    struct fake_socket *guest = enter(&hall, GUEST_B, "");
    struct fake_peer *peer = with_sound(guest);
    int64_t id;

    assert_false(peer->hears || peer->heard);
    fake_store.hold = true;
    id = say(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_false(peer->hears); /* the own item is not yet theirs */
    fake_store_run();
    fake_store.hold = false;
    fake_store_run();
    assert_true(is_ok(chair, id));
    assert_true(peer->hears);
    assert_false(peer->heard);
    done(&hall, guest, "sound.mute", "\"muted\":false");
    assert_true(peer->heard);
    fake_store.hold = true;
    (void)say(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    fake_store_run(); /* the case's log is opened, then it is decided */
    assert_false(peer->hears || peer->heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_failed_append_is_told_and_never_was, begin, end),
        cmocka_unit_test_setup_teardown(what_was_decided_on_a_failed_tail_fails_with_it, begin, end),
        cmocka_unit_test_setup_teardown(a_failed_next_leaves_the_old_case_in_place, begin, end),
        cmocka_unit_test_setup_teardown(also_when_the_next_case_was_read_before_the_failure, begin, end),
        cmocka_unit_test_setup_teardown(a_full_store_is_said_at_once_and_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(all_are_told_when_nothing_is_written_and_when_it_is_again, begin, end),
        cmocka_unit_test_setup_teardown(a_gate_closes_with_the_decision_and_opens_when_durable, begin, end),
        cmocka_unit_test_setup_teardown(silence_that_could_not_be_written_down_is_silence_still, begin, end),
        cmocka_unit_test_setup_teardown(silence_that_could_not_be_written_down_outlives_a_reconnect, begin, end),
        cmocka_unit_test_setup_teardown(a_guests_gates_follow_the_own_item, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
