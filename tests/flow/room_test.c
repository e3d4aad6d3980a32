/* A full room: 500 seats and 30 items. What a browser is sent on arrival, and what muting all costs. */
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

/* Names, sites and questions as long as people have them. */
static void put_seats(unsigned n, bool are_open)
{
    char name[121], site[161];

    for (unsigned i = 0; i < n; i++) {
        struct vtb_id seat = id_of(3000 + i);

        snprintf(name, sizeof name, "Dr Maximiliane Oberlaender-Weiss %u", i);
        snprintf(site, sizeof site, "Regional Medical Centre of the Northern Lakes, house %u", i % 40);
        fake_store_put(hall.meeting, &(struct vtb_event){ .kind = VTB_EVENT_SEAT_JOINED, .at_us = T0 + i, .by = seat,
            .u.seat_joined = { .seat = seat, .person = id_of(5000 + i), .name = vtb_str_of(name),
                               .specialty = VTB_LIT("medical_oncology"), .site = vtb_str_of(site),
                               .role = VTB_T_MEMBER_ROLE_OBSERVER } });
        if (are_open)
            fake_store_put(hall.meeting, &(struct vtb_event){ .kind = VTB_EVENT_SOUND_MUTED, .at_us = T0 + i, .by = seat,
                .u.sound_muted = { .seat = seat, .muted = false, .by = seat } });
    }
}

static void put_agenda(unsigned n)
{
    struct vtb_t_item items[VTB_MAX_MEETING_ITEMS];
    char question[200];

    memset(question, 'q', sizeof question);
    for (unsigned i = 0; i < n; i++)
        items[i] = (struct vtb_t_item){
            .item = item_id(i), .case_id = i < 3 ? case_id(i) : id_of(7000 + i), .minutes = 10, .presenter = person_id(RADIOLOGIST),
            .presenter_name = VTB_LIT("Dr Beltran"), .referrer = person_id(GUEST_A), .referrer_name = VTB_LIT("Dr Okafor"),
            .name = VTB_LIT("Marlow, Theodora Wilhelmina"), .birth_date = VTB_LIT("1962-03-04"), .local_id = VTB_LIT("12-345-678"),
            .diagnosis = VTB_LIT("Adenocarcinoma of the lung, left upper lobe"), .stage = VTB_LIT("cT2a N1 M0 (UICC 8)"),
            .question = { question, sizeof question } };
    fake_store_put(hall.meeting, &(struct vtb_event){ .kind = VTB_EVENT_AGENDA_SET, .at_us = T0,
        .u.agenda_set = { .version = 2, .items = items, .items_n = n } });
}

static size_t bytes_of(json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    size_t n = strlen(text);

    free(text);
    return n;
}

static void the_snapshot_of_a_full_room_is_below_its_limit(void **state)
{
    (void)state;
    struct fake_socket *chair, *guest;

    put_agenda(VTB_MAX_MEETING_ITEMS);
    put_seats(VTB_MAX_MEETING_SEATS - 2, false);
    chair = enter(&hall, CHAIR, "");
    print_message("    staff: %zu bytes\n", bytes_of(last(chair, "snapshot")));
    assert_true(bytes_of(last(chair, "snapshot")) <= VTB_MAX_SNAPSHOT_BYTES);
    hall_begin(&hall, chair);
    guest = enter(&hall, GUEST_A, "");
    print_message("    guest: %zu bytes\n", bytes_of(last(guest, "snapshot")));
    assert_true(bytes_of(last(guest, "snapshot")) <= VTB_MAX_SNAPSHOT_BYTES);
    /* The 501st is told, and the room goes on. */
    struct fake_socket *late = fake_dial(token_of(SURGEON));
    char data[100];
    snprintf(data, sizeof data, "\"meeting\":\"%s\"", text_of(hall.meeting));
    assert_string_equal(error_of(late, say(&hall, late, "hello", data)), "limit");
    done(&hall, chair, "hand.raise", "");
}

/* ---- 256 kB, to the byte ---- */

#define CROWD 498
#define ROOM_OF_ONE 250 /* how much longer the texts of one seat can be made */

/* How much there is to tell: bytes more in names and sites (each one byte of the snapshot), how many were unmuted
 * once, and how many left and came again. */
struct crowd { size_t bytes, open, again; bool has_surgeon; };

static void put_crowd(struct crowd crowd)
{
    size_t bytes = crowd.bytes;

    char name[121], site[161];

    for (unsigned i = 0; i < CROWD; i++) {
        struct vtb_id seat = id_of(3000 + i);
        size_t more = bytes < ROOM_OF_ONE ? bytes : ROOM_OF_ONE;
        size_t in_name = more > 155 ? more - 155 : 0;

        snprintf(name, sizeof name, "P%.*s", (int)in_name,
                 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
        memset(site, 's', sizeof site);
        site[more - in_name] = '\0';
        bytes -= more;
        struct vtb_event joined = { .kind = VTB_EVENT_SEAT_JOINED, .at_us = T0 + i, .by = seat,
            .u.seat_joined = { .seat = seat, .person = id_of(5000 + i), .name = vtb_str_of(name), .specialty = VTB_LIT("radiology"),
                               .site = vtb_str_of(site), .role = VTB_T_MEMBER_ROLE_OBSERVER } };
        fake_store_put(hall.meeting, &joined);
        if (i < crowd.again) {
            fake_store_put(hall.meeting, &(struct vtb_event){ .kind = VTB_EVENT_SEAT_LEFT, .at_us = T0 + 1000, .by = seat,
                                                              .u.seat_left.seat = seat });
            joined.at_us = T0 + 2000;
            fake_store_put(hall.meeting, &joined);
        }
        if (i < crowd.open)
            fake_store_put(hall.meeting, &(struct vtb_event){ .kind = VTB_EVENT_SOUND_MUTED, .at_us = T0 + 3000, .by = seat,
                .u.sound_muted = { .seat = seat, .muted = false, .by = seat } });
    }
    assert_int_equal(bytes, 0);
}

/* The surgeon was here before: a browser that comes back is not counted as one more. */
static void put_surgeon(void)
{
    fake_store_put(hall.meeting, &(struct vtb_event){ .kind = VTB_EVENT_SEAT_JOINED, .at_us = T0, .by = seat_id(SURGEON),
        .u.seat_joined = { .seat = seat_id(SURGEON), .person = person_id(SURGEON), .name = VTB_LIT("Dr S"),
                           .specialty = VTB_LIT("surgery"), .role = VTB_T_MEMBER_ROLE_MEMBER, .confirmed = true } });
}

struct arrival { size_t parts, bytes[2], events; const char *error; };

/* Another hall with that crowd: what the surgeon is sent on arrival. */
static struct arrival arrive(struct crowd crowd)
{
    struct arrival got = { .error = "" };
    char data[100];
    struct fake_socket *surgeon;
    int64_t asked;
    json_t *message;
    size_t i;

    hall_close(&hall);
    hall_open(&hall);
    put_crowd(crowd);
    if (crowd.has_surgeon)
        put_surgeon();
    surgeon = fake_dial(token_of(SURGEON));
    snprintf(data, sizeof data, "\"meeting\":\"%s\"", text_of(hall.meeting));
    asked = say(&hall, surgeon, "hello", data);
    if (!is_ok(surgeon, asked))
        got.error = error_of(surgeon, asked);
    json_array_foreach (surgeon->inbox, i, message) {
        if (strcmp(json_string_value(json_object_get(message, "t")), "snapshot") != 0)
            continue;
        assert_in_range(got.parts, 0, 1);
        got.events += json_array_size(json_object_get(message, "events"));
        got.bytes[got.parts++] = bytes_of(message);
    }
    if (got.parts == 2)
        assert_null(json_object_get(last(surgeon, "snapshot"), "more"));
    return got;
}

static void a_snapshot_has_256_kilobytes_and_one_byte_more_makes_two(void **state)
{
    (void)state;
    struct crowd crowd = { .bytes = 50000, .has_surgeon = true };
    struct arrival one = arrive(crowd), two;

    assert_int_equal(one.parts, 1);
    crowd.bytes += VTB_MAX_SNAPSHOT_BYTES - one.bytes[0];
    one = arrive(crowd);
    assert_int_equal(one.parts, 1);
    assert_int_equal(one.bytes[0], VTB_MAX_SNAPSHOT_BYTES);
    crowd.bytes++;
    two = arrive(crowd);
    assert_int_equal(two.parts, 2);
    assert_in_range(two.bytes[0], 1, VTB_MAX_SNAPSHOT_BYTES);
    assert_in_range(two.bytes[1], 1, VTB_MAX_SNAPSHOT_BYTES);
    assert_int_equal(two.events, one.events);
}

/* Before the two messages are full nobody else is seated: the rest belongs to the case. */
static void one_more_is_refused_where_no_room_would_be_left_for_the_case(void **state)
{
    (void)state;
    size_t most = 2 * VTB_MAX_SNAPSHOT_BYTES - 8192 - 5 * VTB_MAX_PLAN_BYTES / 2;
    struct crowd crowd = { .bytes = 10000, .open = 300 };
    struct arrival came = arrive(crowd), late;

    assert_int_equal(came.parts, 1);
    crowd.bytes += most - came.bytes[0];
    came = arrive(crowd);
    assert_string_equal(came.error, "");
    assert_int_equal(came.parts, 2);
    crowd.bytes++;
    late = arrive(crowd);
    assert_string_equal(late.error, "limit");
    assert_int_equal(late.parts, 0);
}

/* What is in the log already cannot be refused: who comes back to too much is told, and no half of it is sent. */
static void a_meeting_that_outgrew_two_messages_is_not_sent_in_halves(void **state)
{
    (void)state;
    size_t most = 2 * VTB_MAX_SNAPSHOT_BYTES - 8192, all = 0;
    struct crowd crowd = { .open = CROWD, .again = 477, .has_surgeon = true };
    struct arrival got = arrive(crowd);

    assert_int_equal(got.parts, 2);
    while (got.parts == 2 && crowd.again < CROWD) {
        assert_in_range(got.bytes[0], 1, VTB_MAX_SNAPSHOT_BYTES);
        assert_in_range(got.bytes[1], 1, VTB_MAX_SNAPSHOT_BYTES - 8192);
        all = got.bytes[0] + got.bytes[1];
        crowd.again++;
        got = arrive(crowd);
    }
    assert_string_equal(got.error, "limit");
    assert_int_equal(got.parts, 0);
    assert_in_range(all, most - 2000, most); /* it was nearly full before */
}

static void all_five_hundred_are_muted_at_once(void **state)
{
    (void)state;
    struct fake_socket *chair;

    put_seats(VTB_MAX_MEETING_SEATS - 1, true);
    chair = enter(&hall, CHAIR, "");
    /* They would be silent for too long if nobody spoke for them; the demand is one request. */
    done(&hall, chair, "seats.mute", "");
    assert_int_equal(events(chair, "sound.muted"), VTB_MAX_MEETING_SEATS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_snapshot_of_a_full_room_is_below_its_limit, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_snapshot_has_256_kilobytes_and_one_byte_more_makes_two, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(one_more_is_refused_where_no_room_would_be_left_for_the_case, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(a_meeting_that_outgrew_two_messages_is_not_sent_in_halves, open_hall, close_hall),
        cmocka_unit_test_setup_teardown(all_five_hundred_are_muted_at_once, open_hall, close_hall),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
