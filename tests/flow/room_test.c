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
        cmocka_unit_test_setup_teardown(all_five_hundred_are_muted_at_once, open_hall, close_hall),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
