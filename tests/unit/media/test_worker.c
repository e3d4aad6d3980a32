/* The media plane through media.h alone, over real UDP on loopback. */
#include "browser.h"

#include "base/clock.h"
#include "base/log.h"
#include "limits/limits.h"
#include "media/media.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

_Static_assert(VTB_SDP_MAX == VTB_MAX_SDP_BYTES, "one limit, written twice: rtc knows no protocols");

#define PATIENCE_US 30000000u /* how long a promise may take on a slow machine; never asserted */

struct world {
    struct vtb_media *media;
    struct vtb_id room;
    struct {
        vtb_peer peer;
        struct browser *browser;
        char *offer;
        bool connected, gone, refused, moved, receiving;
        enum vtb_err err;
        unsigned links;
    } seats[VTB_MAX_HANDSHAKES_ALL + 1];
    size_t n;
    vtb_peer loudest; /* of the last TALKING */
    uint64_t next_us; /* of the next 20 ms frame */
    unsigned frames;
    bool speaks[VTB_MAX_HANDSHAKES_ALL + 1];
};

static void nothing(void *ctx)
{
    (void)ctx;
}

static void world_open(struct world *w)
{
    struct vtb_media_config cfg = { .address = { "127.0.0.1" }, .addresses = 1, .max_speakers = 3,
                                    .bitrate = 24000, .notify = nothing,
                                    .own_addresses_only = true };

    *w = (struct world){ .room = vtb_id_make(vtb_wall_us()), .next_us = vtb_mono_us() };
    assert_int_equal(vtb_media_start(&cfg, &w->media), VTB_OK);
    assert_int_equal(vtb_media_open_room(w->media, w->room), VTB_OK);
}

static void world_close(struct world *w)
{
    vtb_media_stop(w->media);
    for (size_t i = 0; i < w->n; i++) {
        free(w->seats[i].offer);
        browser_close(w->seats[i].browser);
        free(w->seats[i].browser);
    }
}

static void take_event(struct world *w, struct vtb_media_event *event)
{
    if (event->kind == VTB_MEDIA_TALKING) {
        if (event->talkers_n)
            w->loudest = event->talkers[0].peer;
        return;
    }
    for (size_t i = 0; i < w->n; i++) {
        if (!vtb_peer_is(w->seats[i].peer, event->peer))
            continue;
        if (event->kind == VTB_MEDIA_OFFER) {
            w->seats[i].offer = event->sdp;
            event->sdp = NULL;
        }
        w->seats[i].connected |= event->kind == VTB_MEDIA_CONNECTED;
        w->seats[i].moved |= event->kind == VTB_MEDIA_MOVED;
        w->seats[i].links += event->kind == VTB_MEDIA_LINK;
        if (event->kind == VTB_MEDIA_UPLINK)
            w->seats[i].receiving = event->receiving;
        if (event->kind == VTB_MEDIA_GONE || event->kind == VTB_MEDIA_REFUSED) {
            w->seats[i].gone |= event->kind == VTB_MEDIA_GONE;
            w->seats[i].refused |= event->kind == VTB_MEDIA_REFUSED;
            w->seats[i].err = event->err;
        }
    }
    free(event->sdp);
}

/* A millisecond of the world: events, sockets, and each 20 ms a frame of whoever speaks. */
static void step(struct world *w)
{
    struct vtb_media_event event;

    while (vtb_media_take(w->media, &event, 1) == 1)
        take_event(w, &event);
    for (size_t i = 0; i < w->n; i++)
        browser_pump(w->seats[i].browser);
    if (vtb_mono_us() >= w->next_us) {
        w->next_us += 20000;
        w->frames++;
        for (size_t i = 0; i < w->n; i++)
            if (w->speaks[i] && w->seats[i].browser->connected)
                browser_speak(w->seats[i].browser);
    }
    (void)poll(NULL, 0, 1);
}

#define UNTIL(w, condition)                                                                   \
    do {                                                                                      \
        uint64_t end = vtb_mono_us() + PATIENCE_US;                                           \
        while (!(condition) && vtb_mono_us() < end)                                           \
            step(w);                                                                          \
        assert_true(condition);                                                               \
    } while (0)

static struct vtb_media_figures figures(const struct world *w)
{
    struct vtb_media_figures f;

    vtb_media_figures(w->media, &f);
    return f;
}

static void ticks_pass(struct world *w, uint64_t n)
{
    uint64_t until = figures(w).ticks + n;

    UNTIL(w, figures(w).ticks >= until);
}

static size_t seat(struct world *w, double hz)
{
    size_t i = w->n++;

    w->seats[i].browser = calloc(1, sizeof *w->seats[i].browser);
    browser_open(w->seats[i].browser, hz);
    assert_int_equal(vtb_media_add_peer(w->media, w->room, "127.0.0.1", &w->seats[i].peer), VTB_OK);
    UNTIL(w, w->seats[i].offer);
    browser_read_offer(w->seats[i].browser, w->seats[i].offer);
    return i;
}

static void answer(struct world *w, size_t i)
{
    char sdp[VTB_SDP_MAX + 1];
    size_t len;

    browser_write_answer(w->seats[i].browser, sdp, &len);
    assert_int_equal(vtb_media_answer(w->media, w->seats[i].peer, sdp, len), VTB_OK);
}

static size_t connected_seat(struct world *w, double hz)
{
    size_t i = seat(w, hz);
    struct browser *b = w->seats[i].browser;

    answer(w, i);
    browser_check(b, true);
    UNTIL(w, b->answers == 1);
    browser_hello(b);
    UNTIL(w, b->connected && w->seats[i].connected);
    return i;
}

static void gate(struct world *w, size_t i, bool hears, bool is_heard)
{
    assert_int_equal(vtb_media_set_gate(w->media, w->seats[i].peer, hears, is_heard), VTB_OK);
}

static void two_who_speak_hear_each_other_and_not_themselves(void **state)
{
    struct world w;
    (void)state;

    world_open(&w);
    connected_seat(&w, 440);
    connected_seat(&w, 1000);
    gate(&w, 0, true, true);
    gate(&w, 1, true, true);
    w.speaks[0] = w.speaks[1] = true;
    UNTIL(&w, browser_hears(w.seats[0].browser, 1000) > 0.9 && w.seats[0].browser->packets > 60);
    UNTIL(&w, browser_hears(w.seats[1].browser, 440) > 0.9 && w.seats[1].browser->packets > 60);
    assert_true(browser_hears(w.seats[0].browser, 440) < 0.02);
    assert_true(browser_hears(w.seats[1].browser, 1000) < 0.02);
    assert_int_equal(w.seats[0].browser->gaps, 0);
    assert_int_equal(w.seats[0].browser->refused, 0);
    assert_true(w.seats[0].browser->seq < 0x4000 + 4096);
    UNTIL(&w, w.loudest.generation != 0);
    UNTIL(&w, w.seats[0].receiving && w.seats[1].receiving);
    UNTIL(&w, w.seats[0].browser->reports > 0 && w.seats[0].links > 0);

    /* silence: one frame of one byte in 400 ms keeps the way open, the clock of the stream goes on, then
     * the marker says "new" */
    w.speaks[0] = w.speaks[1] = false;
    UNTIL(&w, !w.seats[0].receiving);
    ticks_pass(&w, 60);
    unsigned packets = w.seats[0].browser->packets;
    uint32_t timestamp = w.seats[0].browser->timestamp;

    uint64_t ticks = figures(&w).ticks;
    ticks_pass(&w, 50);
    assert_true(w.seats[0].browser->packets - packets >= 2);
    assert_true(w.seats[0].browser->packets - packets <= (figures(&w).ticks - ticks) / 20 + 2);
    packets = w.seats[0].browser->packets;
    w.speaks[1] = true;
    UNTIL(&w, w.seats[0].browser->marker || w.seats[0].browser->packets > packets + 10);
    assert_true(w.seats[0].browser->timestamp - timestamp >= 50 * 960);
    assert_int_equal(w.seats[0].browser->gaps, 0);
    world_close(&w);
}

static void a_new_peer_is_muted_and_deaf_and_a_closed_gate_lets_nothing_through(void **state)
{
    struct world w;
    unsigned packets;
    (void)state;

    world_open(&w);
    connected_seat(&w, 440);
    connected_seat(&w, 1000);
    w.speaks[0] = w.speaks[1] = true;
    ticks_pass(&w, 50);
    assert_int_equal(w.seats[0].browser->packets + w.seats[1].browser->packets, 0);

    gate(&w, 0, false, true);
    gate(&w, 1, true, false);
    UNTIL(&w, browser_hears(w.seats[1].browser, 440) > 0.9 && w.seats[1].browser->packets > 30);
    assert_int_equal(w.seats[0].browser->packets, 0); /* heard, but does not hear */

    gate(&w, 1, false, false);
    ticks_pass(&w, 3);
    packets = w.seats[1].browser->packets;
    ticks_pass(&w, 50);
    assert_int_equal(w.seats[1].browser->packets, packets);
    assert_int_equal(w.seats[0].browser->packets, 0); /* 1 was never heard */
    world_close(&w);
}

/* The two-tone test of a guest: 440 Hz is another item's talk and ends when the gate opens. */
static void who_begins_to_hear_gets_nothing_that_was_said_before(void **state)
{
    struct world w;
    (void)state;

    world_open(&w);
    connected_seat(&w, 440);
    connected_seat(&w, 1000);
    connected_seat(&w, 300);
    gate(&w, 0, true, true);
    gate(&w, 1, true, false);
    w.speaks[0] = true;
    UNTIL(&w, browser_hears(w.seats[1].browser, 440) > 0.9 && w.seats[1].browser->packets > 60);
    for (int round = 0; round < 5; round++) {
        struct browser *guest = w.seats[2].browser;
        unsigned packets = guest->packets;

        w.seats[0].browser->hz = 2000;
        gate(&w, 2, true, false);
        guest->heard_n = 0;
        UNTIL(&w, guest->packets >= packets + 10 && guest->heard_n >= 9600);
        assert_true(browser_hears(guest, 440) < 0.004); /* one frame of it in ten would be 0.01 */
        UNTIL(&w, browser_hears(guest, 2000) > 0.8);
        gate(&w, 2, false, false);
        ticks_pass(&w, 3);
        packets = guest->packets;
        w.seats[0].browser->hz = 440;
        ticks_pass(&w, 20);
        assert_int_equal(guest->packets, packets);
    }
    world_close(&w);
}

static void what_comes_before_the_answer_is_kept(void **state)
{
    struct world w;
    size_t i;
    (void)state;

    world_open(&w);
    i = seat(&w, 440);
    browser_check(w.seats[i].browser, true);
    UNTIL(&w, w.seats[i].browser->answers == 1);
    browser_hello(w.seats[i].browser);
    ticks_pass(&w, 2);
    assert_false(w.seats[i].browser->connected);
    answer(&w, i);
    UNTIL(&w, w.seats[i].browser->connected && w.seats[i].connected);
    assert_int_equal(figures(&w).handshakes, 1);
    world_close(&w);
}

/* Does the server's answer to the first flight lie in the socket? Not read: the handshake stays under way. */
static size_t answered(const struct world *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->n; i++) {
        struct pollfd fd = { .fd = w->seats[i].browser->fd, .events = POLLIN };

        n += poll(&fd, 1, 0) == 1;
    }
    return n;
}

/* A check sent after the hello is answered: the worker is past the hello, and what came is no answer to that. */
static void refused_hello(struct world *w, size_t i)
{
    struct browser *last = w->seats[i].browser;
    struct pollfd fd = { .fd = last->fd, .events = POLLIN };
    uint8_t first = 0xff;

    browser_check(last, true);
    assert_int_equal(poll(&fd, 1, PATIENCE_US / 1000), 1);
    assert_true(recv(last->fd, &first, 1, MSG_PEEK | MSG_TRUNC) > 0);
    assert_true(first <= 3); /* STUN, RFC 7983 */
}

/* A flood of first flights costs the handshake thread a bounded queue; who is not taken repeats, as DTLS does. */
static void sixty_four_handshakes_run_at_once_and_one_more_waits(void **state)
{
    struct world w;
    uint64_t patience;
    (void)state;

    world_open(&w);
    for (size_t i = 0; i <= VTB_MAX_HANDSHAKES_ALL; i++) {
        assert_int_equal(seat(&w, 440), i);
        answer(&w, i);
        browser_check(w.seats[i].browser, true);
        UNTIL(&w, w.seats[i].browser->answers == 1);
    }
    for (size_t i = 0; i <= VTB_MAX_HANDSHAKES_ALL; i++)
        browser_hello(w.seats[i].browser);
    patience = vtb_mono_us() + PATIENCE_US;
    while (answered(&w) < VTB_MAX_HANDSHAKES_ALL && vtb_mono_us() < patience)
        (void)poll(NULL, 0, 1);
    assert_int_equal(answered(&w), VTB_MAX_HANDSHAKES_ALL);
    refused_hello(&w, VTB_MAX_HANDSHAKES_ALL);
    /* It repeats its hello by its own timer. A new one could meet a server that already answers the first. */
    UNTIL(&w, w.seats[VTB_MAX_HANDSHAKES_ALL].connected);
    /* One a seat: whatever it repeated, each peer had a single one. */
    assert_int_equal(figures(&w).handshakes, VTB_MAX_HANDSHAKES_ALL + 1);
    world_close(&w);
}

static void who_is_dropped_is_told_and_the_name_is_gone(void **state)
{
    struct world w;
    size_t i;
    (void)state;

    world_open(&w);
    i = connected_seat(&w, 440);
    assert_int_equal(vtb_media_drop_peer(w.media, w.seats[i].peer), VTB_OK);
    UNTIL(&w, w.seats[i].browser->closed);
    assert_int_equal(vtb_media_drop_peer(w.media, w.seats[i].peer), VTB_ABSENT);
    assert_int_equal(vtb_media_set_gate(w.media, w.seats[i].peer, true, true), VTB_ABSENT);
    UNTIL(&w, figures(&w).peers == 0);
    assert_false(w.seats[i].gone); /* who asked is not told */
    world_close(&w);
}

static void a_browser_that_closes_is_gone_at_once(void **state)
{
    struct world w;
    size_t i;
    (void)state;

    world_open(&w);
    i = connected_seat(&w, 440);
    browser_leave(w.seats[i].browser);
    UNTIL(&w, w.seats[i].gone);
    assert_int_equal(w.seats[i].err, VTB_CLOSED);
    UNTIL(&w, figures(&w).peers == 0);
    world_close(&w);
}

static void closing_the_room_ends_its_peers(void **state)
{
    struct world w;
    (void)state;

    world_open(&w);
    connected_seat(&w, 440);
    seat(&w, 500);
    assert_int_equal(vtb_media_close_room(w.media, w.room), VTB_OK);
    UNTIL(&w, w.seats[0].gone && w.seats[1].gone);
    UNTIL(&w, figures(&w).rooms == 0 && figures(&w).peers == 0);
    world_close(&w);
}

static void sound_follows_a_browser_that_moves(void **state)
{
    struct world w;
    unsigned packets;
    (void)state;

    world_open(&w);
    connected_seat(&w, 440);
    connected_seat(&w, 1000);
    gate(&w, 0, true, true);
    gate(&w, 1, true, true);
    w.speaks[0] = w.speaks[1] = true;
    UNTIL(&w, w.seats[0].browser->packets > 10);
    browser_new_socket(w.seats[0].browser);
    packets = w.seats[0].browser->packets;
    browser_check(w.seats[0].browser, true);
    UNTIL(&w, w.seats[0].moved && w.seats[0].browser->packets > packets + 10);
    UNTIL(&w, browser_hears(w.seats[0].browser, 1000) > 0.8);
    world_close(&w);
}

static void a_bad_answer_is_refused(void **state)
{
    struct world w;
    size_t i;
    (void)state;

    world_open(&w);
    i = seat(&w, 440);
    assert_int_equal(vtb_media_answer(w.media, w.seats[i].peer, "v=0\r\n", 5), VTB_OK);
    UNTIL(&w, w.seats[i].refused);
    assert_int_equal(w.seats[i].err, VTB_PARSE);
    assert_int_equal(vtb_media_answer(w.media, w.seats[i].peer, "v=0\r\n", 5), VTB_ABSENT);
    world_close(&w);
}

static void the_wrong_certificate_gets_no_keys(void **state)
{
    struct world w;
    size_t i;
    char sdp[VTB_SDP_MAX + 1];
    size_t len;
    char *hex;
    (void)state;

    world_open(&w);
    i = seat(&w, 440);
    browser_write_answer(w.seats[i].browser, sdp, &len);
    hex = strstr(sdp, "sha-256 ") + 8;
    *hex = *hex == '0' ? '1' : '0';
    assert_int_equal(vtb_media_answer(w.media, w.seats[i].peer, sdp, len), VTB_OK);
    browser_check(w.seats[i].browser, true);
    UNTIL(&w, w.seats[i].browser->answers == 1);
    browser_hello(w.seats[i].browser);
    UNTIL(&w, w.seats[i].gone);
    assert_int_equal(w.seats[i].err, VTB_DENIED);
    assert_int_equal(figures(&w).handshakes_failed, 1);
    world_close(&w);
}

static void strangers_get_no_answer_and_disturb_nobody(void **state)
{
    struct world w;
    struct browser *evil = calloc(1, sizeof *evil);
    struct vtb_media_figures before;
    uint8_t junk[1500];
    (void)state;

    world_open(&w);
    connected_seat(&w, 440);
    connected_seat(&w, 1000);
    gate(&w, 0, true, true);
    gate(&w, 1, true, true);
    w.speaks[0] = w.speaks[1] = true;
    UNTIL(&w, w.seats[0].browser->packets > 10);

    browser_open(evil, 100);
    browser_read_offer(evil, w.seats[0].offer);
    before = figures(&w);
    for (int i = 0; i < 500; i++) {
        vtb_random(junk, sizeof junk);
        browser_raw(evil, junk, (size_t)(1 + i * 2));
    }
    evil->username[5] = evil->username[5] == 'x' ? 'y' : 'x'; /* an ufrag nobody has */
    browser_check(evil, true);
    browser_read_offer(evil, w.seats[0].offer);
    evil->server.pwd[3] = evil->server.pwd[3] == 'x' ? 'y' : 'x';
    browser_check(evil, true);
    browser_hello(evil); /* DTLS from an address that no check made known */
    UNTIL(&w, figures(&w).stun_refused >= before.stun_refused + 2);
    UNTIL(&w, figures(&w).dropped_unknown > before.dropped_unknown);

    /* a recorded packet sent again, from the right address and from elsewhere */
    before = figures(&w);
    memcpy(junk, w.seats[0].browser->last_sent, w.seats[0].browser->last_sent_len);
    for (int i = 0; i < 10; i++)
        browser_raw(w.seats[0].browser, junk, w.seats[0].browser->last_sent_len);
    UNTIL(&w, figures(&w).dropped_auth >= before.dropped_auth + 9);
    browser_raw(evil, junk, w.seats[0].browser->last_sent_len);
    ticks_pass(&w, 20);

    browser_pump(evil);
    assert_int_equal(evil->answers + evil->strangers + evil->packets + evil->refused, 0);
    assert_false(evil->closed);
    assert_int_equal(figures(&w).handshakes, 2);
    assert_false(w.seats[0].gone || w.seats[1].gone || w.seats[0].moved);
    UNTIL(&w, browser_hears(w.seats[0].browser, 1000) > 0.9);
    assert_int_equal(w.seats[0].browser->gaps, 0);
    browser_close(evil);
    free(evil);
    world_close(&w);
}

static void names_are_not_used_again_at_once_and_have_a_limit(void **state)
{
    struct world w;
    vtb_peer first, second, other;
    size_t n = 0;
    enum vtb_err err;
    struct vtb_media_event event;
    (void)state;

    world_open(&w);
    assert_int_equal(vtb_media_add_peer(w.media, w.room, "", &first), VTB_OK);
    assert_int_equal(vtb_media_drop_peer(w.media, first), VTB_OK);
    assert_int_equal(vtb_media_add_peer(w.media, w.room, "", &second), VTB_OK);
    assert_false(vtb_peer_is(first, second));
    assert_int_not_equal(first.index, second.index);
    do { /* the box may be full: take what is there and go on */
        err = vtb_media_add_peer(w.media, w.room, "", &other);
        n += !err;
        while (vtb_media_take(w.media, &event, 1) == 1)
            free(event.sdp);
    } while (!err || err == VTB_AGAIN);
    assert_int_equal(err, VTB_LIMIT);
    assert_int_equal(n + 1, VTB_MEDIA_PEERS_MAX);
    world_close(&w);
}

static void a_bad_configuration_is_refused(void **state)
{
    struct vtb_media_config cfg = { .address = { "127.0.0.1" }, .addresses = 1, .max_speakers = 3,
                                    .bitrate = 24000 };
    struct vtb_media *media;
    (void)state;

    cfg.max_speakers = 5;
    assert_int_equal(vtb_media_start(&cfg, &media), VTB_PARSE);
    cfg.max_speakers = 3;
    cfg.bitrate = 1000;
    assert_int_equal(vtb_media_start(&cfg, &media), VTB_PARSE);
    cfg.bitrate = 24000;
    memcpy(cfg.address[0], "somewhere", 10);
    assert_int_equal(vtb_media_start(&cfg, &media), VTB_PARSE);
    memcpy(cfg.address[0], "192.0.2.250", 12); /* not of this machine */
    assert_int_equal(vtb_media_start(&cfg, &media), VTB_SYS);
    cfg.addresses = 0;
    assert_int_equal(vtb_media_start(&cfg, &media), VTB_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_who_speak_hear_each_other_and_not_themselves),
        cmocka_unit_test(a_new_peer_is_muted_and_deaf_and_a_closed_gate_lets_nothing_through),
        cmocka_unit_test(who_begins_to_hear_gets_nothing_that_was_said_before),
        cmocka_unit_test(what_comes_before_the_answer_is_kept),
        cmocka_unit_test(sixty_four_handshakes_run_at_once_and_one_more_waits),
        cmocka_unit_test(who_is_dropped_is_told_and_the_name_is_gone),
        cmocka_unit_test(a_browser_that_closes_is_gone_at_once),
        cmocka_unit_test(closing_the_room_ends_its_peers),
        cmocka_unit_test(sound_follows_a_browser_that_moves),
        cmocka_unit_test(a_bad_answer_is_refused),
        cmocka_unit_test(the_wrong_certificate_gets_no_keys),
        cmocka_unit_test(strangers_get_no_answer_and_disturb_nobody),
        cmocka_unit_test(names_are_not_used_again_at_once_and_have_a_limit),
        cmocka_unit_test(a_bad_configuration_is_refused),
    };

    vtb_log_level(VTB_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
