/*
 * The slide's way: socket -> policy -> decide -> log (durable) -> fold -> every ordered lane. What is
 * not durable is not shown; who must not see is sent nothing; who was away gets what was missed.
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

static const char *page(unsigned document, int n)
{
    static char data[100];

    snprintf(data, sizeof data, "\"document\":\"%s\",\"page\":%d", text_of(document_id(document)), n);
    return data;
}

static void nothing_is_sent_before_it_is_durable(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *radiologist = enter(&hall, RADIOLOGIST, "");
    int64_t id;

    hall_begin(&hall, chair);
    forget(chair);
    forget(radiologist);
    fake_store.hold = true;
    id = say(&hall, radiologist, "page.show", page(0, 3));
    assert_int_equal(json_array_size(chair->inbox), 0);
    assert_int_equal(json_array_size(radiologist->inbox), 0); /* not even the presenter's own screen */

    fake_store_run();
    assert_true(is_ok(radiologist, id));
    assert_int_equal(events(chair, "page.shown"), 1);
    assert_int_equal(events(radiologist, "page.shown"), 1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(last_event(chair, "page.shown"), "d"), "page")), 3);
    /* what is sent is what lies in the log, with its number */
    size_t n = (size_t)json_integer_value(json_object_get(last_event(chair, "page.shown"), "n"));
    assert_string_equal(fake_store_kind(hall.meeting, n - 1), "page.shown");
}

static void only_the_presenter_turns_pages_and_only_of_the_running_case(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *radiologist = enter(&hall, RADIOLOGIST, ""),
                       *surgeon = enter(&hall, SURGEON, "");
    size_t before;

    hall_begin(&hall, chair);
    before = fake_store_length(hall.meeting);
    assert_string_equal(error_of(surgeon, say(&hall, surgeon, "page.show", page(0, 2))), "denied");
    assert_string_equal(error_of(radiologist, say(&hall, radiologist, "page.show", page(1, 1))), "absent");
    assert_string_equal(error_of(radiologist, say(&hall, radiologist, "page.show", page(0, 6))), "absent");
    assert_int_equal(fake_store_length(hall.meeting), before); /* a refused request leaves no trace */
    done(&hall, radiologist, "page.show", page(0, 5));
    assert_int_equal(events(surgeon, "page.shown"), 1);
}

static void a_guest_gets_nothing_outside_the_own_item(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *radiologist = enter(&hall, RADIOLOGIST, "");
    struct fake_socket *guest = enter(&hall, GUEST_B, ""); /* of item 1 */
    char data[80];

    assert_int_equal(count(guest, "waiting"), 1);
    hall_begin(&hall, chair);
    done(&hall, radiologist, "page.show", page(0, 2));
    pass_with_beats((struct fake_socket *[]){ chair, radiologist, guest }, 3, 12000000);
    assert_int_equal(count(guest, "event"), 0);
    assert_int_equal(count(guest, "snapshot"), 0);
    assert_null(guest->slots[2]);
    assert_null(guest->slots[3]); /* not even who speaks or how many are there */
    assert_string_equal(error_of(guest, say(&hall, guest, "page.show", page(0, 1))), "denied");
    assert_true(count(guest, "waiting") >= 2); /* told anew where they stand */

    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_int_equal(count(guest, "snapshot") > 0, true);
    snprintf(data, sizeof data, "%s", text_of(case_id(1)));
    assert_string_equal(json_string_value(json_object_get(last(guest, "snapshot"), "case")), data);
    char *snapshot = json_dumps(last(guest, "snapshot"), 0);
    assert_null(strstr(snapshot, "Marlow")); /* the other patients are nobody's business */
    assert_null(strstr(snapshot, "Pike"));
    assert_non_null(strstr(snapshot, "Dawson"));
    free(snapshot);
    forget(guest);
    done(&hall, guest, "page.show", page(1, 2)); /* presents the own case */
    assert_int_equal(events(guest, "page.shown"), 1);

    done(&hall, chair, "item.next", "\"unsigned\":\"defer\"");
    forget(guest);
    done(&hall, chair, "item.extend", "\"minutes\":5");
    assert_int_equal(count(guest, "event"), 0);
}

static void a_guest_of_the_own_item_learns_nothing_of_others(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *guest = enter(&hall, GUEST_A, "");
    char *all;

    hall_begin(&hall, chair);
    assert_true(count(guest, "snapshot") > 0);
    all = json_dumps(guest->inbox, 0);
    assert_null(strstr(all, "Dawson"));
    assert_null(strstr(all, text_of(case_id(1))));
    free(all);
}

static void after_a_short_absence_exactly_the_missed_events_come(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *radiologist = enter(&hall, RADIOLOGIST, ""),
                       *surgeon = enter(&hall, SURGEON, "");
    char extra[300];
    json_int_t seen, seen_case, expect;
    json_t *message;
    size_t i, n = 0;

    hall_begin(&hall, chair);
    done(&hall, radiologist, "page.show", page(0, 1));
    seen = json_integer_value(json_object_get(last_event(surgeon, "page.shown"), "n"));
    seen_case = (json_int_t)fake_store_length(case_id(0));
    fake_hang_up(surgeon);
    for (int p = 2; p <= 4; p++)
        done(&hall, radiologist, "page.show", page(0, p));

    snprintf(extra, sizeof extra, "\"last_meeting\":%lld,\"case\":\"%s\",\"last_case\":%lld", (long long)seen,
             text_of(case_id(0)), (long long)seen_case);
    surgeon = enter(&hall, SURGEON, extra);
    assert_int_equal(count(surgeon, "snapshot"), 0);
    expect = seen;
    json_array_foreach (surgeon->inbox, i, message) {
        if (!json_object_get(message, "n"))
            continue;
        assert_int_equal(json_integer_value(json_object_get(message, "n")), ++expect);
        n++;
    }
    assert_int_equal(n, 3);
    assert_int_equal(events(surgeon, "page.shown"), 3);
    assert_int_equal(expect, fake_store_length(hall.meeting));
}

static void a_number_from_the_future_or_another_case_gets_a_snapshot(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *surgeon;
    char extra[200];

    hall_begin(&hall, chair);
    surgeon = enter(&hall, SURGEON, "\"last_meeting\":99999");
    assert_int_equal(count(surgeon, "snapshot"), 1);
    fake_hang_up(surgeon);
    snprintf(extra, sizeof extra, "\"last_meeting\":%zu,\"case\":\"%s\",\"last_case\":1", fake_store_length(hall.meeting),
             text_of(case_id(2)));
    surgeon = enter(&hall, SURGEON, extra);
    assert_int_equal(count(surgeon, "snapshot"), 1);
}

static void a_new_process_goes_on_from_the_log(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *radiologist = enter(&hall, RADIOLOGIST, "");
    struct vtb_live_config cfg = { .sessions = hall.sessions };
    static int web, media;
    json_int_t seen;
    char extra[200];

    hall_begin(&hall, chair);
    done(&hall, radiologist, "page.show", page(0, 4));
    seen = json_integer_value(json_object_get(last_event(chair, "page.shown"), "n"));
    size_t length = fake_store_length(hall.meeting);
    struct vtb_id seat = seat_in(chair);
    fake_web_close(); /* kill -9: no goodbye is written */
    fake_store_run();
    vtb_live_stop(hall.live);
    vtb_live_destroy(hall.live);
    assert_int_equal(fake_store_length(hall.meeting), length);
    assert_int_equal(vtb_live_create(&cfg, &hall.live), VTB_OK);
    vtb_live_attach(hall.live, (struct vtb_web *)&web, (struct vtb_media *)&media);
    fake_web_open(vtb_live_sockets(hall.live), vtb_live_audio(hall.live));

    snprintf(extra, sizeof extra, "\"last_meeting\":%lld,\"case\":\"%s\",\"last_case\":%zu", (long long)seen,
             text_of(case_id(0)), fake_store_length(case_id(0)));
    chair = enter(&hall, CHAIR, extra);
    forget(chair);
    radiologist = enter(&hall, RADIOLOGIST, "");
    char *snapshot = json_dumps(last(radiologist, "snapshot"), 0);
    assert_non_null(strstr(snapshot, text_of(seat))); /* the chair has the same seat as before */
    assert_non_null(strstr(snapshot, "\"page.shown\""));
    free(snapshot);
    done(&hall, radiologist, "page.show", page(0, 5)); /* still the presenter, of the same item */
    assert_int_equal(events(chair, "page.shown"), 1);
}

static void too_many_requests_are_refused_and_later_ones_are_not(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, "");
    size_t refused = 0, burst = 40;

    hall_begin(&hall, chair);
    fake_pass(5000000);
    size_t before = fake_store_length(hall.meeting);
    for (size_t i = 0; i < burst; i++)
        refused += strcmp(error_of(chair, say(&hall, chair, i % 2 ? "hand.lower" : "hand.raise", "")), "limit") == 0;
    assert_int_equal(burst - refused, 20); /* the burst */
    assert_true(fake_store_length(hall.meeting) - before <= 20);
    beat_all(&chair, 1);
    fake_pass(1000000);
    refused = 0;
    for (size_t i = 0; i < burst; i++)
        refused += strcmp(error_of(chair, say(&hall, chair, i % 2 ? "hand.lower" : "hand.raise", "")), "limit") == 0;
    assert_int_equal(burst - refused, VTB_MAX_REQUESTS_PER_SECOND); /* and one second's worth after it */
}

static void pointers_are_seen_by_all_but_the_sender_and_never_written(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *radiologist = enter(&hall, RADIOLOGIST, "");
    size_t before;

    hall_begin(&hall, chair);
    before = fake_store_length(hall.meeting);
    fake_say(radiologist, "{\"k\":\"pointer\",\"d\":{\"x\":500,\"y\":700,\"on\":true}}");
    assert_non_null(chair->slots[0]);
    assert_null(radiologist->slots[0]);
    fake_say(chair, "{\"k\":\"pointer\",\"d\":{\"x\":1,\"y\":1,\"on\":true}}"); /* not the presenter */
    assert_null(radiologist->slots[0]);
    assert_int_equal(fake_store_length(hall.meeting), before);
    for (int i = 0; i < 100; i++)
        fake_say(radiologist, "{\"k\":\"pointer\",\"d\":{\"x\":500,\"y\":700,\"on\":true}}");
    assert_true(chair->slot_sends[0] <= 41); /* a flood costs the flooder */
    done(&hall, radiologist, "page.show", page(0, 2)); /* and not the own requests */
}

static void what_is_no_message_is_refused_and_harms_nobody(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "[]", "{", "nonsense", "{\"id\":1}", "{\"id\":1,\"k\":\"x\",\"d\":{}}",
        "{\"id\":1,\"k\":\"hand.raise\",\"d\":{\"more\":1}}", "{\"id\":1,\"k\":\"page.show\",\"d\":{\"page\":1}}",
        "{\"id\":1,\"k\":5,\"d\":{}}", "{\"id\":1,\"k\":\"hand.raise\",\"d\":[]}" };
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *other = enter(&hall, SURGEON, "");
    size_t before = fake_store_length(hall.meeting);

    forget(chair);
    forget(other);
    for (size_t i = 0; i < VTB_COUNT(bad); i++) {
        fake_say(chair, bad[i]);
        assert_int_equal(count(chair, "reply"), i + 1);
        assert_string_equal(json_string_value(json_object_get(last(chair, "reply"), "error")), "parse");
    }
    assert_int_equal(json_array_size(other->inbox), 0);
    assert_int_equal(fake_store_length(hall.meeting), before);
    assert_int_equal(chair->code, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_sent_before_it_is_durable, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(only_the_presenter_turns_pages_and_only_of_the_running_case, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_guest_gets_nothing_outside_the_own_item, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_guest_of_the_own_item_learns_nothing_of_others, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(after_a_short_absence_exactly_the_missed_events_come, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_number_from_the_future_or_another_case_gets_a_snapshot, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_new_process_goes_on_from_the_log, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(too_many_requests_are_refused_and_later_ones_are_not, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(pointers_are_seen_by_all_but_the_sender_and_never_written, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(what_is_no_message_is_refused_and_harms_nobody, open_hall, close_hall),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
