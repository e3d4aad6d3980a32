/* Who speaks for how long is kept with the item, and whose device echoes is told to those who can act. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "hall.h"
#include "live/inner.h"

#define SOUND 3 /* SLOT_SOUND of server/live */

static struct hall hall;
static struct fake_socket *chair, *surgeon, *radiologist;

static int begin(void **state)
{
    (void)state;
    hall_open(&hall);
    return 0;
}
static int end(void **state)
{
    (void)state;
    hall_close(&hall);
    return 0;
}

static vtb_peer connect_sound(struct fake_socket *socket)
{
    vtb_peer peer = { 0, 0 };

    done(&hall, socket, "media.ask", "");
    for (uint32_t i = 0; i < VTB_COUNT(fake_peers); i++)
        if (fake_peers[i].is_there)
            peer = (vtb_peer){ i, fake_peers[i].generation };
    return peer;
}

static void talk(const vtb_peer *peers, size_t n)
{
    struct vtb_media_event event = { .kind = VTB_MEDIA_TALKING, .room = hall.meeting, .talkers_n = n };

    for (size_t i = 0; i < n; i++) {
        event.talkers[i].peer = peers[i];
        event.talkers[i].level = 25;
    }
    fake_media_event(hall.live, event);
    fake_store_run();
}

static void pass(uint64_t us)
{
    struct fake_socket *all[] = { chair, surgeon, radiologist };

    pass_with_beats(all, VTB_COUNT(all), us);
}

/* Sum over the log's item.talked of this item, in ms, of a seat. */
static int64_t talked(struct vtb_id item, struct vtb_id seat, const char *specialty)
{
    int64_t sum = 0;

    for (size_t i = 0; i < fake_store_length(hall.meeting); i++) {
        json_t *data = fake_store_data(hall.meeting, i), *row;
        size_t r;

        if (strcmp(fake_store_kind(hall.meeting, i), "item.talked") != 0 ||
            strcmp(json_string_value(json_object_get(data, "item")), text_of(item)) != 0)
            continue;
        json_array_foreach (json_object_get(data, "seats"), r, row) {
            if (strcmp(json_string_value(json_object_get(row, "seat")), text_of(seat)) != 0)
                continue;
            assert_string_equal(json_string_value(json_object_get(row, "specialty")), specialty);
            sum += json_integer_value(json_object_get(row, "ms"));
        }
    }
    return sum;
}

static void come_in(void)
{
    chair = enter(&hall, CHAIR, "");
    surgeon = enter(&hall, SURGEON, "");
    radiologist = enter(&hall, RADIOLOGIST, "");
    hall_begin(&hall, chair);
}

static void talk_time_is_kept_by_seat_and_specialty_with_the_item(void **state)
{
    (void)state;
    vtb_peer both[2];

    come_in();
    both[0] = connect_sound(surgeon);
    both[1] = connect_sound(radiologist);
    talk(both, 1);
    pass(7 * SECOND);
    talk(both, 2); /* at once: both count */
    pass(3 * SECOND);
    talk(both, 0);
    pass(20 * SECOND); /* silence counts for nobody */
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_in_range(talked(item_id(0), seat_in(surgeon), "surgery"), 9900, 10300);
    assert_in_range(talked(item_id(0), seat_in(radiologist), "radiology"), 2900, 3300);
    talk(both + 1, 1); /* of the next item, and of no other */
    pass(2 * SECOND);
    talk(both, 0);
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_in_range(talked(item_id(1), seat_in(radiologist), "radiology"), 1900, 2300);
    assert_in_range(talked(item_id(0), seat_in(radiologist), "radiology"), 2900, 3300);
}

static void a_crash_costs_a_minute_at_most_and_a_failing_store_nothing(void **state)
{
    (void)state;
    vtb_peer peer;

    come_in();
    peer = connect_sound(surgeon);
    for (int i = 0; i < 65; i++) {
        talk(&peer, 1); /* as the media plane says it: on change of level, some times a second */
        pass(SECOND);
    }
    assert_in_range(talked(item_id(0), seat_in(surgeon), "surgery"), 55000, 65000); /* while the item runs */
    fake_store.failing = true;
    for (int i = 0; i < 65; i++) {
        talk(&peer, 1);
        pass(SECOND);
    }
    fake_store.failing = false;
    talk(&peer, 0);
    pass(65 * SECOND);
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_true(talked(item_id(0), seat_in(surgeon), "surgery") >= 60000);
}

static void nobody_gets_hours_for_a_worker_that_stands_still(void **state)
{
    (void)state;
    vtb_peer peer;

    come_in();
    peer = connect_sound(surgeon);
    talk(&peer, 1);
    fake_mono_us += 3600u * SECOND;
    talk(&peer, 0);
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_in_range(talked(item_id(0), seat_in(surgeon), "surgery"), 1, 5100);
}

static json_t *sound_of(const struct fake_socket *socket)
{
    return json_object_get(socket->slots[SOUND], "d");
}

static bool seat_echoes(const struct fake_socket *as_seen_by, const struct fake_socket *who)
{
    json_t *row;
    size_t i;

    json_array_foreach (json_object_get(sound_of(as_seen_by), "seats"), i, row)
        if (strcmp(json_string_value(json_object_get(row, "seat")), text_of(seat_in(who))) == 0)
            return json_is_true(json_object_get(row, "echo"));
    return false;
}

static void whose_device_echoes_is_told_at_once_and_when_it_is_over(void **state)
{
    (void)state;
    vtb_peer peer;

    come_in();
    peer = connect_sound(surgeon);
    fake_media_event(hall.live, (struct vtb_media_event){ .kind = VTB_MEDIA_ECHO, .peer = peer, .echoes = true });
    assert_true(json_is_true(json_object_get(sound_of(surgeon), "echo")));
    assert_false(json_is_true(json_object_get(sound_of(chair), "echo")));
    assert_true(seat_echoes(chair, surgeon));
    assert_false(seat_echoes(chair, radiologist));
    fake_media_event(hall.live, (struct vtb_media_event){ .kind = VTB_MEDIA_ECHO, .peer = peer, .echoes = false });
    assert_false(json_is_true(json_object_get(sound_of(surgeon), "echo")) || seat_echoes(chair, surgeon));
    /* Whoever leaves with an echo comes back without one. */
    fake_media_event(hall.live, (struct vtb_media_event){ .kind = VTB_MEDIA_ECHO, .peer = peer, .echoes = true });
    fake_media_event(hall.live, (struct vtb_media_event){ .kind = VTB_MEDIA_GONE, .peer = peer });
    pass(2 * SECOND);
    assert_false(seat_echoes(chair, surgeon));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(talk_time_is_kept_by_seat_and_specialty_with_the_item, begin, end),
        cmocka_unit_test_setup_teardown(a_crash_costs_a_minute_at_most_and_a_failing_store_nothing, begin, end),
        cmocka_unit_test_setup_teardown(nobody_gets_hours_for_a_worker_that_stands_still, begin, end),
        cmocka_unit_test_setup_teardown(whose_device_echoes_is_told_at_once_and_when_it_is_over, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
