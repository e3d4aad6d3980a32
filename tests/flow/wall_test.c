/*
 * The wall between items when the disk is not in step with the room: what was decided is not yet
 * written, or never will be. A guest of one item sees nothing of another, nobody writes into the
 * wrong patient's plan, and a session that ended hears nothing more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hall.h"

#define LEAVE_OPEN "\"unsigned\":\"leave_open\""

static struct hall hall;

static int open_hall(void **state)
{
    (void)state;
    hall_open(&hall);
    return 0;
}
static int close_hall(void **state)
{
    (void)state;
    hall_close(&hall);
    return 0;
}

static bool heard_of(const struct fake_socket *socket, const char *word)
{
    char *all = json_dumps(socket->inbox, 0);
    bool found = all && strstr(all, word);

    free(all);
    return found;
}

static const char *case_in(const struct fake_socket *socket)
{
    return json_string_value(json_object_get(last(socket, "snapshot"), "case"));
}

/* The case of the next item is open while its start is not written yet, and a guest fell behind. */
static void a_guest_sees_nothing_of_an_item_that_is_only_decided_on(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *guest = enter(&hall, GUEST_A, ""),
                       *next = enter(&hall, GUEST_B, "");
    struct vtb_web_live sockets = vtb_live_sockets(hall.live);

    hall_begin(&hall, chair);
    forget(chair);
    forget(guest);
    forget(next);
    fake_store.hold_appends = true;
    (void)say(&hall, chair, "item.next", LEAVE_OPEN);
    sockets.resync(sockets.ctx, guest->id, guest->user);
    assert_int_equal(count(guest, "snapshot"), 1);
    assert_string_equal(case_in(guest), "");
    assert_int_equal(json_array_size(next->inbox), 0);
    fake_store.hold_appends = false;
    fake_store_run();
    assert_false(heard_of(guest, "Dawson"));
    assert_int_equal(count(guest, "waiting"), 1);
    assert_string_equal(case_in(chair), text_of(case_id(1)));
    assert_string_equal(case_in(next), text_of(case_id(1)));
}

/* The start of the next item fails on the disk after its case was opened. */
static void a_plan_is_never_written_into_the_case_of_an_item_that_did_not_start(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *guest = enter(&hall, GUEST_A, "");
    size_t other;

    hall_begin(&hall, chair);
    fake_store.hold_appends = true;
    int64_t id = say(&hall, chair, "item.next", LEAVE_OPEN);
    fake_store.hold_appends = false;
    fake_store.fail_next = 1;
    fake_store_run();
    assert_string_equal(error_of(chair, id), "sys");

    other = fake_store_length(case_id(1));
    forget(guest);
    done(&hall, chair, "plan.take", "\"field\":\"wishes\"");
    assert_int_equal(fake_store_length(case_id(1)), other);
    assert_int_equal(events(guest, "plan.taken"), 1); /* the plan of the own item goes on */
    assert_false(heard_of(guest, "Dawson"));
}

static void a_guest_whose_item_ends_while_they_come_in_waits(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *guest;

    hall_begin(&hall, chair);
    fake_store.hold_appends = true;
    (void)say(&hall, chair, "item.next", LEAVE_OPEN);
    guest = enter(&hall, GUEST_A, "");
    fake_store.hold_appends = false;
    fake_store_run();
    fake_web_turn();
    assert_int_equal(guest->code, 0);
    assert_int_equal(count(guest, "snapshot"), 0);
    assert_int_equal(count(guest, "waiting"), 1);
}

static void two_browsers_that_come_in_the_same_moment_share_no_seat(void **state)
{
    (void)state;
    struct fake_socket *one = fake_dial(token_of(SURGEON)), *two = fake_dial(token_of(SURGEON));
    char data[80];

    snprintf(data, sizeof data, "\"meeting\":\"%s\"", text_of(hall.meeting));
    fake_store.hold_appends = true;
    (void)say(&hall, one, "hello", data);
    (void)say(&hall, two, "hello", data);
    fake_store.hold_appends = false;
    fake_store_run();
    fake_web_turn();
    assert_int_equal(one->is_over + two->is_over, 1);
    assert_true(noticed(one->is_over ? one : two, "taken_over"));
}

static void the_sockets_of_a_session_end_with_it(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *surgeon = enter(&hall, SURGEON, ""),
                       *guest = enter(&hall, GUEST_A, "");

    hall_begin(&hall, chair);
    vtb_live_end_session(hall.live, id_of(900 + SURGEON));
    vtb_live_end_invitation(hall.live, id_of(950 + GUEST_A));
    assert_int_equal(surgeon->code, 4401);
    assert_int_equal(guest->code, 4401);
    assert_int_equal(chair->code, 0);
    fake_web_turn();
    done(&hall, chair, "item.extend", "\"minutes\":5");
    assert_false(heard_of(guest, "item.extended"));
}

static void a_socket_ends_when_its_session_has_lasted_twelve_hours(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, "");
    char data[100];

    fake_wall_us += INT64_C(12) * 3600 * SECOND - 2 * SECOND; /* 12 h but two seconds later by the wall clock */
    fake_pass(1000000);
    assert_int_equal(chair->code, 0);
    fake_pass(2000000);
    assert_int_equal(chair->code, 4401);
    assert_true(noticed(chair, "signed_out"));
    fake_web_turn();
    chair = fake_dial(token_of(CHAIR)); /* the cookie is worth nothing any more */
    snprintf(data, sizeof data, "\"meeting\":\"%s\"", text_of(hall.meeting));
    (void)say(&hall, chair, "hello", data);
    assert_int_equal(chair->code, 4401);
    assert_int_equal(count(chair, "snapshot"), 0);
}

static void count_found(void *ctx, enum vtb_err err, const struct vtb_session *session)
{
    size_t *found = ctx;

    (void)session;
    *found += err == VTB_OK;
}

/* Signed out while the store was being asked who it is: the answer is too old to be kept. */
static void a_session_that_ended_is_not_remembered(void **state)
{
    (void)state;
    char digest[VTB_DIGEST_TEXT];
    size_t found = 0;

    assert_int_equal(vtb_token_digest(vtb_str_of(token_of(SURGEON)), digest), VTB_OK);
    fake_store.hold = true;
    vtb_sessions_find_digest(hall.sessions, digest, count_found, &found);
    vtb_sessions_forget(hall.sessions, digest);
    fake_store_run();
    assert_int_equal(found, 1);
    vtb_sessions_find_digest(hall.sessions, digest, count_found, &found);
    assert_int_equal(found, 1); /* asked anew: no answer yet */
    assert_int_equal(fake_store_waiting(), 1);
    fake_store_run();
}

static void an_invitation_opens_no_other_meeting(void **state)
{
    (void)state;
    struct fake_socket *guest = fake_dial(token_of(GUEST_A));
    char data[80];
    size_t loads = fake_store.loads;

    snprintf(data, sizeof data, "\"meeting\":\"%s\"", text_of(id_of(777)));
    assert_string_equal(error_of(guest, say(&hall, guest, "hello", data)), "absent");
    assert_int_equal(fake_store.loads, loads); /* and costs no room */
}

static void whoever_says_nothing_is_not_kept(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *silent = fake_dial("ZZZZZZZZZZZZZZZZZZZZZA");

    assert_non_null(silent); /* the form of the cookie is right, its session is nobody's */
    pass_with_beats((struct fake_socket *[]){ chair }, 1, 14000000);
    assert_int_equal(silent->code, 0);
    pass_with_beats((struct fake_socket *[]){ chair }, 1, 4000000);
    assert_int_equal(silent->code, 1008);
    assert_int_equal(chair->code, 0);
}

static void a_flood_is_cut_off(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *flood = enter(&hall, SURGEON, "");

    for (int i = 0; i < 1000 && !flood->code; i++)
        fake_say(flood, "{");
    assert_int_equal(flood->code, 1008);
    done(&hall, chair, "meeting.open", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_guest_sees_nothing_of_an_item_that_is_only_decided_on, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_plan_is_never_written_into_the_case_of_an_item_that_did_not_start, open_hall,
                                        close_hall),
        cmocka_unit_test_setup_teardown(a_guest_whose_item_ends_while_they_come_in_waits, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(two_browsers_that_come_in_the_same_moment_share_no_seat, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_socket_ends_when_its_session_has_lasted_twelve_hours, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(the_sockets_of_a_session_end_with_it, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_session_that_ended_is_not_remembered, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(an_invitation_opens_no_other_meeting, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(whoever_says_nothing_is_not_kept, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_flood_is_cut_off, open_hall, close_hall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
