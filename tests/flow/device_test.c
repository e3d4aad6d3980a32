/* Room systems through the real room: the rules of their sessions, with nothing that can be late. */
#include "hall.h"

#include "limits/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

struct told {
    unsigned answers;
    enum vtb_err err;
    char message[200], sdp[64];
    struct vtb_live_session session;
};

static void answered(void *ctx, enum vtb_err err, const char *message, const char *sdp, const struct vtb_live_session *session)
{
    struct told *told = ctx;

    told->answers++;
    told->err = err;
    snprintf(told->message, sizeof told->message, "%s", message ? message : "");
    snprintf(told->sdp, sizeof told->sdp, "%s", sdp ? sdp : "");
    told->session = *session;
}

static struct vtb_live_device room_of(const struct hall *hall, bool vouched)
{
    return (struct vtb_live_device){ .id = id_of(700), .meeting = hall->meeting, .name = "Room 2", .site = "Klinikum",
                                     .vouched_by = vouched ? person_id(COORDINATOR) : (struct vtb_id){ { 0 } },
                                     .until_us = fake_wall_us + 3600 * SECOND };
}

static void settle(void)
{
    if (!fake_store.hold)
        fake_store_run();
    fake_web_turn();
}

/* The newest peer that a device brought; `speaks` its microphone, else its ear. */
static vtb_peer device_peer(bool speaks)
{
    for (uint32_t i = VTB_COUNT(fake_peers); i-- > 0;)
        if (fake_peers[i].is_there && fake_peers[i].is_device && fake_peers[i].speaks == speaks)
            return (vtb_peer){ i, fake_peers[i].generation };
    return (vtb_peer){ 0, 0 };
}

static struct fake_peer *row(vtb_peer peer)
{
    return &fake_peers[peer.index];
}

static struct told offer(struct hall *hall, const struct vtb_live_device *device, enum vtb_live_way way)
{
    static struct told told[16]; /* a late answer finds its place */
    static unsigned at;
    struct told *mine = &told[at++ % 16];

    *mine = (struct told){ 0 };
    vtb_live_device_offer(hall->live, device, way, "192.0.2.1", VTB_LIT("ufrag"), answered, mine);
    settle();
    if (mine->answers == 0) {
        vtb_peer peer = device_peer(way == VTB_LIVE_SPEAKS);
        char *sdp = strdup("v=0");

        if (peer.generation)
            fake_media_event(hall->live, (struct vtb_media_event){ .kind = VTB_MEDIA_ANSWER, .room = hall->meeting,
                                                                   .peer = peer, .sdp = sdp });
        else
            free(sdp);
    }
    return *mine;
}

static void happens(struct hall *hall, vtb_peer peer, enum vtb_media_event_kind kind)
{
    fake_media_event(hall->live, (struct vtb_media_event){ .kind = kind, .room = hall->meeting, .peer = peer,
                                                           .receiving = kind == VTB_MEDIA_UPLINK });
    settle();
}

static const char *last_kind(const struct hall *hall, size_t back)
{
    return fake_store_kind(hall->meeting, fake_store_length(hall->meeting) - 1 - back);
}

static int begin(void **state)
{
    struct hall *hall = calloc(1, sizeof *hall);

    assert_non_null(hall);
    hall_open(hall);
    *state = hall;
    return 0;
}
static int end(void **state)
{
    hall_close(*state);
    free(*state);
    return 0;
}

static void a_room_takes_a_seat_is_heard_and_hears(void **state)
{
    struct hall *hall = *state;
    struct fake_socket *chair = enter(hall, CHAIR, "");
    struct vtb_live_device device = room_of(hall, false);
    struct told speaks, listens;
    vtb_peer mic, ear;
    json_t *joined;

    hall_begin(hall, chair);
    speaks = offer(hall, &device, VTB_LIVE_SPEAKS);
    assert_int_equal(speaks.answers, 1);
    assert_int_equal(speaks.err, VTB_OK);
    assert_string_equal(speaks.sdp, "v=0");
    assert_int_equal(strlen(speaks.session.name), VTB_TOKEN_TEXT - 1);
    joined = json_object_get(last_event(chair, "seat.joined"), "d");
    assert_string_equal(json_string_value(json_object_get(joined, "name")), "Room 2");
    assert_true(json_is_true(json_object_get(joined, "device")));
    listens = offer(hall, &device, VTB_LIVE_LISTENS);
    assert_int_equal(listens.err, VTB_OK);
    assert_string_not_equal(listens.session.name, speaks.session.name);

    mic = device_peer(true);
    ear = device_peer(false);
    assert_true(vtb_peer_is(row(mic)->pair, ear)); /* so it never hears itself */
    assert_false(row(mic)->heard);                  /* not before its program is there */
    happens(hall, ear, VTB_MEDIA_CONNECTED);
    happens(hall, mic, VTB_MEDIA_CONNECTED);
    assert_string_equal(last_kind(hall, 0), "sound.muted");
    assert_true(row(mic)->heard);
    assert_true(row(ear)->hears);
    assert_false(row(ear)->heard); /* an ear has no voice */
    fake_pass(3 * SECOND);
    assert_int_equal(json_array_size(json_object_get(json_object_get(chair->slots[3], "d"), "seats")), 2);
    pass_with_beats(&chair, 1, 60 * SECOND); /* it stays without a browser's beat */
    assert_int_equal(events(chair, "seat.left"), 0);
}

static void its_sessions_end_by_hand_or_with_the_link(void **state)
{
    struct hall *hall = *state;
    struct fake_socket *chair = enter(hall, CHAIR, "");
    struct vtb_live_device device = room_of(hall, false);
    struct told speaks, listens;
    struct vtb_live_session session;

    hall_begin(hall, chair);
    speaks = offer(hall, &device, VTB_LIVE_SPEAKS);
    listens = offer(hall, &device, VTB_LIVE_LISTENS);
    happens(hall, device_peer(true), VTB_MEDIA_CONNECTED);
    assert_true(vtb_live_device_session(hall->live, vtb_str_of(speaks.session.name), &session));
    assert_int_equal(session.way, VTB_LIVE_SPEAKS);
    assert_true(vtb_live_device_end(hall->live, vtb_str_of(speaks.session.name)));
    settle();
    assert_false(vtb_live_device_end(hall->live, vtb_str_of(speaks.session.name)));
    assert_string_equal(last_kind(hall, 0), "sound.muted"); /* the ear stays */
    assert_int_equal(device_peer(true).generation, 0);
    assert_int_equal(events(chair, "seat.left"), 0);
    happens(hall, device_peer(false), VTB_MEDIA_GONE); /* 30 s without consent */
    assert_int_equal(events(chair, "seat.left"), 1);
    assert_false(vtb_live_device_session(hall->live, vtb_str_of(listens.session.name), &session));
    fake_pass(2 * SECOND);
    assert_int_equal(offer(hall, &device, VTB_LIVE_LISTENS).err, VTB_OK); /* and may come again */
}

static void a_second_microphone_waits_and_an_ear_takes_over(void **state)
{
    struct hall *hall = *state;
    struct fake_socket *chair = enter(hall, CHAIR, "");
    struct vtb_live_device device = room_of(hall, false);
    struct vtb_live_session session;
    struct told first, second;
    vtb_peer mic;

    assert_int_equal(VTB_MAX_DEVICE_SESSIONS, 2);
    hall_begin(hall, chair);
    first = offer(hall, &device, VTB_LIVE_SPEAKS);
    mic = device_peer(true);
    happens(hall, mic, VTB_MEDIA_CONNECTED);
    happens(hall, mic, VTB_MEDIA_UPLINK);
    second = offer(hall, &device, VTB_LIVE_SPEAKS);
    assert_int_equal(second.err, VTB_STALE);
    assert_true(row(mic)->is_there);
    fake_media_event(hall->live, (struct vtb_media_event){ .kind = VTB_MEDIA_UPLINK, .room = hall->meeting, .peer = mic });
    second = offer(hall, &device, VTB_LIVE_SPEAKS); /* the first has fallen silent: a program that crashed */
    assert_int_equal(second.err, VTB_OK);
    assert_false(row(mic)->is_there && row(mic)->generation == mic.generation);
    assert_false(vtb_live_device_session(hall->live, vtb_str_of(first.session.name), &session));

    first = offer(hall, &device, VTB_LIVE_LISTENS);
    second = offer(hall, &device, VTB_LIVE_LISTENS);
    assert_int_equal(second.err, VTB_OK);
    assert_false(vtb_live_device_session(hall->live, vtb_str_of(first.session.name), &session));
    assert_int_equal(events(chair, "seat.joined"), 1); /* one seat all the time */
}

static void the_chair_silences_a_room_and_a_lost_link_does_not_open_it(void **state)
{
    struct hall *hall = *state;
    struct fake_socket *chair = enter(hall, CHAIR, "");
    struct vtb_live_device device = room_of(hall, false);
    struct told told;
    char ask[80];
    json_t *seat;

    hall_begin(hall, chair);
    told = offer(hall, &device, VTB_LIVE_SPEAKS);
    happens(hall, device_peer(true), VTB_MEDIA_CONNECTED);
    seat = json_object_get(json_object_get(last_event(chair, "seat.joined"), "d"), "seat");
    snprintf(ask, sizeof ask, "\"seat\":\"%s\"", json_string_value(seat));
    done(hall, chair, "seat.mute", ask);
    assert_false(row(device_peer(true))->heard);
    fake_pass(5 * SECOND);
    assert_false(row(device_peer(true))->heard);
    happens(hall, device_peer(true), VTB_MEDIA_GONE);
    fake_pass(SECOND);
    told = offer(hall, &device, VTB_LIVE_SPEAKS);
    happens(hall, device_peer(true), VTB_MEDIA_CONNECTED);
    assert_false(row(device_peer(true))->heard);
    assert_true(vtb_live_device_end(hall->live, vtb_str_of(told.session.name))); /* somebody in the room */
    settle();
    fake_pass(SECOND);
    (void)offer(hall, &device, VTB_LIVE_SPEAKS);
    happens(hall, device_peer(true), VTB_MEDIA_CONNECTED);
    assert_true(row(device_peer(true))->heard);
}

static void a_room_that_nobody_vouched_for_is_silent_while_it_is_recorded(void **state)
{
    struct hall *hall = *state;
    struct fake_socket *chair = enter(hall, CHAIR, "");
    struct vtb_live_device mute = room_of(hall, false), vouched = room_of(hall, true);
    vtb_peer one, other;

    vouched.id = id_of(702);
    hall_begin(hall, chair);
    (void)offer(hall, &mute, VTB_LIVE_SPEAKS);
    one = device_peer(true);
    happens(hall, one, VTB_MEDIA_CONNECTED);
    (void)offer(hall, &vouched, VTB_LIVE_SPEAKS);
    other = device_peer(true);
    happens(hall, other, VTB_MEDIA_CONNECTED);
    assert_true(row(one)->heard && row(other)->heard);
    done(hall, chair, "recording.start", "");
    assert_false(row(one)->heard);
    assert_true(row(other)->heard);
    json_t *said = json_object_get(last_event(chair, "recording.acknowledged"), "d");
    assert_string_equal(json_string_value(json_object_get(said, "by")), text_of(person_id(COORDINATOR)));
    done(hall, chair, "recording.stop", "");
    fake_pass(2 * SECOND);
    assert_true(row(one)->heard);
}

/* A room at a referring clinic is a guest: deaf until its own case runs, and after it. */
static void a_guest_s_room_hears_its_own_item_alone(void **state)
{
    struct hall *hall = *state;
    struct fake_socket *chair = enter(hall, CHAIR, "");
    struct vtb_live_device device = room_of(hall, false);
    vtb_peer ear;

    device.items[0] = item_id(1);
    device.items_n = 1;
    hall_begin(hall, chair); /* item 0 runs */
    assert_int_equal(offer(hall, &device, VTB_LIVE_LISTENS).err, VTB_OK);
    ear = device_peer(false);
    happens(hall, ear, VTB_MEDIA_CONNECTED);
    assert_false(row(ear)->hears);
    assert_int_equal(events(chair, "seat.joined"), 0);
    done(hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    fake_pass(SECOND);
    assert_true(row(ear)->hears);
    done(hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_false(row(ear)->hears);
}

static void it_ends_with_the_token_and_with_the_meeting(void **state)
{
    struct hall *hall = *state;
    struct fake_socket *chair = enter(hall, CHAIR, "");
    struct vtb_live_device device = room_of(hall, false);
    struct vtb_live_session session;
    struct told told;

    hall_begin(hall, chair);
    told = offer(hall, &device, VTB_LIVE_LISTENS);
    vtb_live_end_session(hall->live, device.id); /* revoked */
    assert_int_equal(device_peer(false).generation, 0);
    assert_false(vtb_live_device_session(hall->live, vtb_str_of(told.session.name), &session));

    fake_pass(SECOND);
    device.until_us = fake_wall_us + 3 * SECOND; /* runs out */
    assert_int_equal(offer(hall, &device, VTB_LIVE_LISTENS).err, VTB_OK);
    fake_pass(5 * SECOND);
    assert_int_equal(device_peer(false).generation, 0);

    device.until_us = fake_wall_us + 3600 * SECOND;
    assert_int_equal(offer(hall, &device, VTB_LIVE_LISTENS).err, VTB_OK);
    for (unsigned i = 0; i < 3; i++)
        done(hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    done(hall, chair, "meeting.close", "");
    fake_pass(2 * SECOND);
    assert_int_equal(device_peer(false).generation, 0);
    told = offer(hall, &device, VTB_LIVE_LISTENS);
    assert_int_equal(told.err, VTB_CLOSED);
}

static void what_the_media_plane_refuses_is_told_with_words(void **state)
{
    struct hall *hall = *state;
    struct vtb_live_device device = room_of(hall, false);
    struct told told = { 0 };

    vtb_live_device_offer(hall->live, &device, VTB_LIVE_SPEAKS, "", VTB_LIT("no offer"), answered, &told);
    assert_int_equal(told.err, VTB_PARSE);
    told = (struct told){ 0 };
    vtb_live_device_offer(hall->live, &device, VTB_LIVE_SPEAKS, "", VTB_LIT("ufrag"), answered, &told);
    settle();
    fake_media_event(hall->live, (struct vtb_media_event){ .kind = VTB_MEDIA_REFUSED, .room = hall->meeting,
                                                           .peer = device_peer(true), .err = VTB_DENIED });
    assert_int_equal(told.answers, 1);
    assert_int_equal(told.err, VTB_CORRUPT);
    assert_non_null(strstr(told.message, "rtcp-mux"));
}

static void a_restart_has_a_new_tag_and_the_old_names_end(void **state)
{
    struct hall *hall = *state;
    struct vtb_live_device device = room_of(hall, false);
    struct told told = offer(hall, &device, VTB_LIVE_LISTENS), again = { 0 };
    struct vtb_str name = vtb_str_of(told.session.name);

    assert_int_equal(told.session.etag, 1);
    assert_true(vtb_live_device_is_ice(hall->live, name, "ufrag"));
    vtb_live_device_restart(hall->live, name, "other", answered, &again);
    assert_int_equal(again.answers, 0);
    fake_media_event(hall->live, (struct vtb_media_event){ .kind = VTB_MEDIA_ANSWER, .room = hall->meeting,
                                                           .peer = device_peer(false), .sdp = strdup("a=ice-lite") });
    assert_int_equal(again.err, VTB_OK);
    assert_int_equal(again.session.etag, 2);
    assert_int_equal(row(device_peer(false))->restarts, 1);
    assert_false(vtb_live_device_is_ice(hall->live, name, "ufrag"));
    vtb_live_device_restart(hall->live, VTB_LIT("nobody"), "other", answered, &again);
    assert_int_equal(again.err, VTB_ABSENT);
}

static void it_calls_so_often_a_minute_and_not_once_more(void **state)
{
    struct hall *hall = *state;

    for (unsigned i = 0; i < VTB_MAX_DEVICE_POSTS_MINUTE; i++)
        assert_true(vtb_live_device_may(hall->live, id_of(700)));
    assert_false(vtb_live_device_may(hall->live, id_of(700)));
    assert_true(vtb_live_device_may(hall->live, id_of(701)));
    fake_pass(61 * SECOND);
    assert_true(vtb_live_device_may(hall->live, id_of(700)));
}

static void how_its_link_is_stands_in_the_figures(void **state)
{
    struct hall *hall = *state;
    struct fake_socket *chair = enter(hall, CHAIR, "");
    struct vtb_live_device device = room_of(hall, false);
    struct vtb_live_link links[4];
    struct vtb_media_event event = { .kind = VTB_MEDIA_LINK, .room = hall->meeting };

    hall_begin(hall, chair);
    (void)offer(hall, &device, VTB_LIVE_SPEAKS);
    (void)offer(hall, &device, VTB_LIVE_LISTENS);
    event.peer = device_peer(true);
    event.link = (struct vtb_media_link){ .lost_up_pct = 7, .jitter_up_ms = 12, .rtt_ms = 40 };
    fake_media_event(hall->live, event);
    event.peer = device_peer(false);
    event.link = (struct vtb_media_link){ .lost_down_pct = 3, .rung = 1 };
    fake_media_event(hall->live, event);
    assert_int_equal(vtb_live_links(hall->live, links, 4), 1); /* one participant */
    assert_int_equal(links[0].link.lost_up_pct, 7);
    assert_int_equal(links[0].link.lost_down_pct, 3);
    assert_int_equal(links[0].link.rtt_ms, 40);
    fake_pass(2 * SECOND);
    json_t *seats = json_object_get(json_object_get(chair->slots[3], "d"), "seats"), *seat;
    size_t i, losing = 0;
    json_array_foreach (seats, i, seat)
        losing += strcmp(json_string_value(json_object_get(seat, "link")), "losing") == 0;
    assert_int_equal(losing, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_room_takes_a_seat_is_heard_and_hears),
        TEST(its_sessions_end_by_hand_or_with_the_link),
        TEST(a_second_microphone_waits_and_an_ear_takes_over),
        TEST(the_chair_silences_a_room_and_a_lost_link_does_not_open_it),
        TEST(a_room_that_nobody_vouched_for_is_silent_while_it_is_recorded),
        TEST(a_guest_s_room_hears_its_own_item_alone),
        TEST(it_ends_with_the_token_and_with_the_meeting),
        TEST(what_the_media_plane_refuses_is_told_with_words),
        TEST(a_restart_has_a_new_tag_and_the_old_names_end),
        TEST(it_calls_so_often_a_minute_and_not_once_more),
        TEST(how_its_link_is_stands_in_the_figures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
