/* Presence (decision 8) on a clock of our own: 6 s coming back, 15 s gone, and who acts then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "hall.h"

static struct hall hall;
static struct fake_socket *chair, *radiologist, *surgeon, *coordinator;

static int begin(void **state)
{
    (void)state;
    hall_open(&hall);
    chair = enter(&hall, CHAIR, "");
    coordinator = enter(&hall, COORDINATOR, "");
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

static bool is_about(json_t *event, struct vtb_id seat)
{
    const char *of = json_string_value(json_object_get(json_object_get(event, "d"), "seat"));

    return of && strcmp(of, text_of(seat)) == 0;
}

static void six_seconds_are_coming_back_and_fifteen_are_gone(void **state)
{
    (void)state;
    struct fake_socket *others[] = { chair, coordinator, surgeon };
    struct vtb_id seat = seat_in(radiologist);

    beat_all((struct fake_socket *[]){ radiologist }, 1);
    fake_hang_up(radiologist); /* the presenter's link breaks */
    forget(surgeon);
    pass_with_beats(others, 3, 5750000);
    assert_int_equal(events(surgeon, "seat.away"), 0);
    pass_with_beats(others, 3, 500000);
    assert_int_equal(events(surgeon, "seat.away"), 1);
    assert_true(is_about(last_event(surgeon, "seat.away"), seat));
    assert_int_equal(events(surgeon, "presenter.passed"), 0); /* keeps the role so far */
    pass_with_beats(others, 3, 8500000);                     /* 14.75 s */
    assert_int_equal(events(surgeon, "seat.left"), 0);
    pass_with_beats(others, 3, 500000);
    assert_int_equal(events(surgeon, "seat.left"), 1);
    assert_int_equal(events(surgeon, "presenter.passed"), 1);
    done(&hall, chair, "page.show", "\"document\":\"019a0000-0000-7000-8000-0000000001f4\",\"page\":2");
}

static void back_within_fifteen_seconds_nothing_was_lost(void **state)
{
    (void)state;
    struct fake_socket *others[] = { chair, coordinator, surgeon };
    struct vtb_id seat = seat_in(radiologist);
    char extra[200];

    done(&hall, radiologist, "hand.raise", "");
    done(&hall, radiologist, "sound.mute", "\"muted\":false");
    fake_hang_up(radiologist);
    pass_with_beats(others, 3, 10000000);
    snprintf(extra, sizeof extra, "\"last_meeting\":1");
    radiologist = enter(&hall, RADIOLOGIST, extra);
    assert_int_equal(events(surgeon, "seat.back"), 1);
    assert_int_equal(events(surgeon, "hand.lowered"), 0);
    assert_true(events(surgeon, "seat.joined") <= 4); /* no second joining, so no second muting */
    done(&hall, radiologist, "page.show", "\"document\":\"019a0000-0000-7000-8000-0000000001f4\",\"page\":3");
    assert_true(is_about(last_event(surgeon, "seat.back"), seat));
}

static void a_silent_link_that_speaks_again_has_its_seat_again(void **state)
{
    (void)state;
    struct fake_socket *others[] = { chair, coordinator, surgeon };
    struct vtb_id seat = seat_in(radiologist);

    pass_with_beats(others, 3, 20000000); /* a laptop that slept: the socket never closed */
    assert_int_equal(events(surgeon, "seat.left"), 1);
    forget(radiologist);
    beat_all((struct fake_socket *[]){ radiologist }, 1);
    assert_int_equal(count(radiologist, "snapshot"), 1);
    assert_memory_equal(seat_in(radiologist).b, seat.b, 16);
    assert_string_equal(error_of(radiologist, say(&hall, radiologist, "hand.raise", "")), "");
}

static bool may_only_the_chair(int64_t id)
{
    const char *message = json_string_value(json_object_get(reply(coordinator, id), "message"));

    return message && strstr(message, "Only the acting chair");
}

static void the_coordinator_acts_while_the_chair_is_away_and_hands_back(void **state)
{
    (void)state;
    struct fake_socket *others[] = { coordinator, radiologist, surgeon };
    struct vtb_id chairs = seat_in(chair);

    forget(surgeon);
    fake_hang_up(chair);
    assert_true(may_only_the_chair(say(&hall, coordinator, "readback.start", "")));
    pass_with_beats(others, 3, 15500000);
    assert_int_equal(events(surgeon, "chair.acting"), 1);
    assert_true(is_about(last_event(surgeon, "chair.acting"), seat_in(coordinator)));
    assert_false(may_only_the_chair(say(&hall, coordinator, "readback.start", ""))); /* now it is the plan that lacks something */
    chair = enter(&hall, CHAIR, "");
    assert_int_equal(events(surgeon, "chair.acting"), 2);
    assert_true(is_about(last_event(surgeon, "chair.acting"), chairs));
}

static void a_second_device_asks_before_it_takes_the_seat(void **state)
{
    (void)state;
    struct fake_socket *other;
    char card[VTB_TOKEN_TEXT] = "ZAAAAAAAAAAAAAAAAAAAAA";

    fake_store_session(card, json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:s,s:I,s:[],s:n}", "session", text_of(id_of(999)),
                                       "person", text_of(person_id(SURGEON)), "name", "Dr Brandt", "specialty",
                                       "surgery", "site", "Hub", "administrator", 0, "has_pin", 1, "how", "password",
                                       "until_us", (json_int_t)(fake_wall_us + 3600 * SECOND), "boards", "invitation"));
    beat_all((struct fake_socket *[]){ surgeon }, 1);
    other = fake_dial(card);
    char data[100];
    snprintf(data, sizeof data, "\"meeting\":\"%s\"", text_of(hall.meeting));
    int64_t id = say(&hall, other, "hello", data);
    assert_string_equal(error_of(other, id), "stale");
    assert_true(noticed(other, "seat_elsewhere"));
    assert_false(surgeon->is_over);
    snprintf(data, sizeof data, "\"meeting\":\"%s\",\"takeover\":true", text_of(hall.meeting));
    done(&hall, other, "hello", data);
    assert_true(surgeon->is_over);
    assert_int_equal(surgeon->code, 4001);
    assert_true(noticed(surgeon, "taken_over"));
    assert_int_equal(count(other, "snapshot"), 1);
}

static void a_stranger_gets_no_socket_and_no_seat(void **state)
{
    (void)state;
    struct fake_socket *stranger;
    char data[100];

    assert_null(fake_dial("short"));
    stranger = fake_dial("YAAAAAAAAAAAAAAAAAAAAA"); /* a token nobody has */
    assert_non_null(stranger);
    snprintf(data, sizeof data, "\"meeting\":\"%s\"", text_of(hall.meeting));
    (void)say(&hall, stranger, "hello", data);
    assert_true(stranger->is_over);
    assert_int_equal(stranger->code, 4401);
    assert_int_equal(count(stranger, "snapshot") + count(stranger, "event"), 0);
}

/* Decision 9: what the board's list or the coordinator's invitation says is fixed by it; a self-given specialty is not. */
static void the_specialty_of_an_invitation_counts_and_that_of_an_observer_waits(void **state)
{
    (void)state;
    char data[200];

    enter(&hall, GUEST_A, "");
    assert_true(json_is_true(json_object_get(json_object_get(last_event(chair, "seat.joined"), "d"), "confirmed")));
    struct fake_socket *observer = enter(&hall, OBSERVER, "");
    assert_true(json_is_false(json_object_get(json_object_get(last_event(chair, "seat.joined"), "d"), "confirmed")));
    snprintf(data, sizeof data, "\"seat\":\"%s\",\"specialty\":\"%s\"", text_of(seat_in(observer)), "palm reading");
    assert_string_equal(error_of(chair, say(&hall, chair, "seat.confirm", data)), "parse");
    snprintf(data, sizeof data, "\"seat\":\"%s\",\"specialty\":\"%s\"", text_of(seat_in(observer)), "radiation_oncology");
    assert_string_equal(error_of(observer, say(&hall, observer, "seat.confirm", data)), "denied");
    done(&hall, chair, "seat.confirm", data);
    assert_int_equal(events(observer, "seat.confirmed"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(six_seconds_are_coming_back_and_fifteen_are_gone, begin, end),
        cmocka_unit_test_setup_teardown(back_within_fifteen_seconds_nothing_was_lost, begin, end),
        cmocka_unit_test_setup_teardown(a_silent_link_that_speaks_again_has_its_seat_again, begin, end),
        cmocka_unit_test_setup_teardown(the_coordinator_acts_while_the_chair_is_away_and_hands_back, begin, end),
        cmocka_unit_test_setup_teardown(a_second_device_asks_before_it_takes_the_seat, begin, end),
        cmocka_unit_test_setup_teardown(a_stranger_gets_no_socket_and_no_seat, begin, end),
        cmocka_unit_test_setup_teardown(the_specialty_of_an_invitation_counts_and_that_of_an_observer_waits, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
