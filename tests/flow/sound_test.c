/*
 * Sound over a web connection of its own (server/live/ear.c): who gets one, that it hears and speaks by the
 * same gate as UDP, and how it ends. Policy is asked in one place; this is the second door to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "hall.h"
#include "live/inner.h"

static struct hall hall;
static const uint8_t voice[] = { 0x10, 20, 0, 1, 0, 0, 3, 0xc0, 0x78 };

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

static vtb_peer newest_peer(void)
{
    vtb_peer peer = { 0, 0 };

    for (uint32_t i = 0; i < VTB_COUNT(fake_peers); i++)
        if (fake_peers[i].is_there)
            peer = (vtb_peer){ i, fake_peers[i].generation };
    return peer;
}

/* The seat's second socket, and its peer. */
static struct fake_socket *open_ear(enum who who, struct fake_peer **out_peer)
{
    int status;
    struct fake_socket *ear = fake_dial_audio(token_of(who), text_of(hall.meeting), &status);

    assert_non_null(ear);
    if (out_peer) {
        *out_peer = &fake_peers[newest_peer().index];
        assert_true((*out_peer)->is_stream);
    }
    return ear;
}

static int refused(const char *token, const char *meeting)
{
    int status = 0;

    assert_null(fake_dial_audio(token, meeting, &status));
    return status;
}

static void only_a_seat_of_this_meeting_and_this_browser_gets_one(void **state)
{
    (void)state;
    assert_int_equal(refused(token_of(SURGEON), text_of(hall.meeting)), 403); /* not in the room */
    struct fake_socket *surgeon = enter(&hall, SURGEON, "");

    assert_int_equal(refused(token_of(RADIOLOGIST), text_of(hall.meeting)), 403); /* another's browser */
    assert_int_equal(refused(token_of(SURGEON), text_of(item_id(0))), 403);       /* another meeting */
    assert_int_equal(refused(token_of(SURGEON), "all"), 404);
    assert_int_equal(refused("nonsense", text_of(hall.meeting)), 401);
    (void)open_ear(SURGEON, NULL);
    fake_hang_up(surgeon);
    assert_int_equal(refused(token_of(SURGEON), text_of(hall.meeting)), 403); /* and only while it is in the room */
}

static void a_seat_hears_and_speaks_by_it_as_by_udp(void **state)
{
    (void)state;
    struct fake_socket *surgeon = enter(&hall, SURGEON, ""), *ear;
    struct fake_peer *peer;
    vtb_peer id;

    ear = open_ear(SURGEON, &peer);
    id = newest_peer();
    assert_true(peer->hears);
    assert_false(peer->heard); /* muted, as everybody arrives */
    fake_frame(ear, voice, sizeof voice);
    assert_int_equal(peer->frames, 0);
    done(&hall, surgeon, "sound.mute", "\"muted\":false");
    assert_true(peer->heard);
    fake_frame(ear, voice, sizeof voice);
    assert_int_equal(peer->frames, 1);

    fake_media_frame(hall.live, &id, 1);
    assert_int_equal(ear->frames, 1);
    fake_media_frame(hall.live, &(vtb_peer){ id.index, id.generation + 1 }, 1); /* of one who left */
    assert_int_equal(ear->frames, 1);

    (void)say(&hall, surgeon, "sound.mute", "\"muted\":true");
    assert_false(peer->heard);
    assert_int_equal(surgeon->code, 0);
}

/* The island: a guest outside the own item gets nothing by this way either, and nothing of theirs is taken. */
static void a_guests_way_follows_the_own_item(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *guest = enter(&hall, GUEST_A, "");
    struct fake_peer *peer;
    struct fake_socket *ear = open_ear(GUEST_A, &peer); /* while waiting: laid ahead, deaf and mute */

    assert_false(peer->hears || peer->heard);
    fake_frame(ear, voice, sizeof voice);
    assert_int_equal(peer->frames, 0);
    hall_begin(&hall, chair);
    assert_true(peer->hears);
    done(&hall, guest, "sound.mute", "\"muted\":false");
    assert_true(peer->heard);
    fake_store.hold_appends = true;
    (void)say(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_false(peer->hears || peer->heard); /* with the decision, before it is written */
    fake_frame(ear, voice, sizeof voice);
    assert_int_equal(peer->frames, 0);
    fake_store.hold_appends = false;
    fake_store_run();
    assert_false(peer->hears || peer->heard);
}

static void both_ways_of_a_seat_are_one_persons(void **state)
{
    (void)state;
    struct fake_socket *surgeon = enter(&hall, SURGEON, "");
    vtb_peer udp, ear;

    done(&hall, surgeon, "media.ask", "");
    udp = newest_peer();
    (void)open_ear(SURGEON, NULL);
    ear = newest_peer();
    assert_true(vtb_peer_is(fake_peers[udp.index].pair, ear));
    done(&hall, surgeon, "media.ask", ""); /* UDP is probed anew: the pair is, too */
    assert_true(fake_peers[ear.index].is_there);
    assert_true(vtb_peer_is(fake_peers[fake_peers[ear.index].pair.index].pair, ear));

    fake_media_event(hall.live, (struct vtb_media_event){ .kind = VTB_MEDIA_UPLINK, .peer = ear, .receiving = true });
    fake_pass(1000000);
    json_t *said = surgeon->slots[3]; /* SLOT_SOUND */
    assert_true(json_is_true(json_object_get(json_object_get(said, "d"), "receiving")));
    fake_media_event(hall.live, (struct vtb_media_event){ .kind = VTB_MEDIA_UPLINK, .peer = ear, .receiving = false });
    said = surgeon->slots[3]; /* at once */
    assert_true(json_is_false(json_object_get(json_object_get(said, "d"), "receiving")));
}

static const char *word_of(const struct fake_socket *to, const struct fake_socket *about)
{
    json_t *seat, *seats = json_object_get(json_object_get(to->slots[3], "d"), "seats"); /* SLOT_SOUND */
    size_t i;

    json_array_foreach(seats, i, seat)
        if (strcmp(json_string_value(json_object_get(seat, "seat")), text_of(seat_in(about))) == 0)
            return json_string_value(json_object_get(seat, "link"));
    return "";
}

static void how_a_link_is_reaches_its_own_seat_on_change_and_the_chair_as_a_word(void **state)
{
    (void)state;
    struct fake_socket *chair = enter(&hall, CHAIR, ""), *surgeon = enter(&hall, SURGEON, "");
    struct fake_socket *both[] = { chair, surgeon };
    struct vtb_media_event event = { .kind = VTB_MEDIA_LINK };
    struct vtb_live_link links[4];

    done(&hall, surgeon, "media.ask", "");
    event.peer = newest_peer();
    event.link = (struct vtb_media_link){ .rung = 1, .lost_down_pct = 11, .rtt_ms = 47 };
    fake_media_event(hall.live, event);
    json_t *told = json_object_get(surgeon->slots[6], "d"); /* SLOT_LINK */
    assert_string_equal(json_string_value(json_object_get(told, "rung")), "red");
    assert_int_equal(json_integer_value(json_object_get(told, "lost_down")), 10); /* rounded */
    assert_int_equal(json_integer_value(json_object_get(told, "rtt")), 40);
    assert_null(chair->slots[6]); /* the figures are one's own */
    pass_with_beats(both, 2, 2000000);
    assert_string_equal(word_of(chair, surgeon), "losing");

    event.link.lost_down_pct = 9; /* the same to a person: no byte */
    event.link.rtt_ms = 44;
    fake_media_event(hall.live, event);
    assert_int_equal(surgeon->slot_sends[6], 1);
    assert_int_equal(vtb_live_links(hall.live, links, 4), 1);
    assert_int_equal(links[0].link.lost_down_pct, 9); /* operators see what was measured */

    event.link = (struct vtb_media_link){ .lost_down_pct = 3, .rtt_ms = 44 };
    fake_media_event(hall.live, event);
    pass_with_beats(both, 2, 2000000);
    assert_string_equal(word_of(chair, surgeon), "losing"); /* not yet well */
    event.link.lost_down_pct = 0;
    fake_media_event(hall.live, event);
    pass_with_beats(both, 2, 2000000);
    assert_string_equal(word_of(chair, surgeon), "good");
    assert_int_equal(surgeon->slot_sends[6], 3);
}

static void what_is_no_frame_and_what_is_too_many_end_it_with_a_reason(void **state)
{
    (void)state;
    (void)enter(&hall, SURGEON, "");
    struct fake_peer *peer;
    struct fake_socket *ear = open_ear(SURGEON, &peer);

    fake_frame(ear, "frame", 5);
    assert_int_equal(ear->code, 4400);
    assert_false(peer->is_there);
    fake_web_turn();
    ear = open_ear(SURGEON, &peer);
    for (int i = 0; i < 50 * 20; i++) { /* twenty seconds of sound in time, and what a stall held back */
        fake_frame(ear, voice, sizeof voice);
        fake_mono_us += 20000;
    }
    for (int i = 0; i < 100; i++)
        fake_frame(ear, voice, sizeof voice);
    assert_int_equal(ear->code, 0);
    for (int i = 0; i < 30; i++)
        fake_frame(ear, voice, sizeof voice);
    assert_int_equal(ear->code, 4429);
    assert_false(peer->is_there);
}

static void it_ends_with_the_seat_and_a_second_one_replaces_it(void **state)
{
    (void)state;
    struct fake_socket *surgeon = enter(&hall, SURGEON, "");
    struct fake_peer *peer;
    struct fake_socket *first = open_ear(SURGEON, NULL), *second = open_ear(SURGEON, &peer);

    assert_int_equal(first->code, 4001);
    fake_web_turn();
    assert_true(peer->is_there);
    fake_hang_up(surgeon);
    assert_int_equal(second->code, 4404);
    assert_false(peer->is_there);
    fake_web_turn();

    surgeon = enter(&hall, SURGEON, "");
    second = open_ear(SURGEON, &peer);
    fake_hang_up(second); /* the link breaks: the seat stays */
    assert_false(peer->is_there);
    assert_int_equal(surgeon->code, 0);
    (void)open_ear(SURGEON, &peer);
    (void)say(&hall, surgeon, "leave", "");
    assert_false(peer->is_there);
}

/* The vector is coturn's rule, reckoned elsewhere: base64(HMAC-SHA1(secret, name)). */
static void a_relay_is_offered_with_a_password_that_ends_by_itself(void **state)
{
    static const char *const names[] = { "relay.example.org" };
    struct vtb_live_turn turn = { names, 1, "north-wind-and-sun" };
    struct vtb_id seat = { { 1, 2, 3, 4, 5, 6, 0x77, 8, 0x89, 10, 11, 12, 13, 14, 15, 16 } };
    json_t *ice = turn_servers(&turn, seat, INT64_C(1764000000000000)), *relay = json_array_get(ice, 0);
    (void)state;

    assert_int_equal(json_array_size(json_object_get(relay, "urls")), 3);
    assert_string_equal(json_string_value(json_array_get(json_object_get(relay, "urls"), 2)),
                        "turns:relay.example.org:443?transport=tcp");
    assert_string_equal(json_string_value(json_object_get(relay, "username")),
                        "1764014400:01020304-0506-7708-890a-0b0c0d0e0f10");
    assert_string_equal(json_string_value(json_object_get(relay, "credential")), "jipmaEyaob2S1FDd+ijGnGFjHgI=");
    json_decref(ice);
    turn.n = 0;
    assert_null(turn_servers(&turn, seat, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_a_seat_of_this_meeting_and_this_browser_gets_one, begin, end),
        cmocka_unit_test_setup_teardown(a_seat_hears_and_speaks_by_it_as_by_udp, begin, end),
        cmocka_unit_test_setup_teardown(a_guests_way_follows_the_own_item, begin, end),
        cmocka_unit_test_setup_teardown(both_ways_of_a_seat_are_one_persons, begin, end),
        cmocka_unit_test_setup_teardown(how_a_link_is_reaches_its_own_seat_on_change_and_the_chair_as_a_word, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_frame_and_what_is_too_many_end_it_with_a_reason, begin, end),
        cmocka_unit_test(a_relay_is_offered_with_a_password_that_ends_by_itself),
        cmocka_unit_test_setup_teardown(it_ends_with_the_seat_and_a_second_one_replaces_it, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
