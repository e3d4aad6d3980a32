/* Programs that bring their own offer: one speaks, one listens, over real UDP on loopback. */
#include "browser.h"

#include "base/clock.h"
#include "media/media.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define PATIENCE_US 30000000u /* how long a promise may take on a slow machine; never asserted */
#define DEVICES     3

struct world {
    struct vtb_media *media;
    struct vtb_id room;
    struct {
        vtb_peer peer;
        struct browser browser;
        char *answer;
        bool connected, refused, receiving;
        enum vtb_err err;
        unsigned answers;
    } at[DEVICES];
    size_t n;
    uint64_t next_us;
    bool speaks[DEVICES];
};

static void nothing(void *ctx)
{
    (void)ctx;
}

static void world_open(struct world *w)
{
    struct vtb_media_config cfg = { .address = { "127.0.0.1" }, .addresses = 1, .max_speakers = 3, .bitrate = 24000,
                                    .notify = nothing, .own_addresses_only = true };

    *w = (struct world){ .room = vtb_id_make(vtb_wall_us()), .next_us = vtb_mono_us() };
    assert_int_equal(vtb_media_start(&cfg, &w->media), VTB_OK);
    assert_int_equal(vtb_media_open_room(w->media, w->room), VTB_OK);
}

static void world_close(struct world *w)
{
    vtb_media_stop(w->media);
    for (size_t i = 0; i < w->n; i++) {
        free(w->at[i].answer);
        browser_close(&w->at[i].browser);
    }
}

static void take_event(struct world *w, struct vtb_media_event *event)
{
    for (size_t i = 0; i < w->n; i++) {
        if (!vtb_peer_is(w->at[i].peer, event->peer))
            continue;
        assert_int_not_equal(event->kind, VTB_MEDIA_OFFER); /* a device gets none */
        if (event->kind == VTB_MEDIA_ANSWER) {
            free(w->at[i].answer);
            w->at[i].answer = event->sdp;
            w->at[i].answers++;
            event->sdp = NULL;
        }
        w->at[i].connected |= event->kind == VTB_MEDIA_CONNECTED;
        if (event->kind == VTB_MEDIA_UPLINK)
            w->at[i].receiving = event->receiving;
        if (event->kind == VTB_MEDIA_REFUSED) {
            w->at[i].refused = true;
            w->at[i].err = event->err;
        }
    }
    free(event->sdp);
}

static void step(struct world *w)
{
    struct vtb_media_event event;

    while (vtb_media_take(w->media, &event, 1) == 1)
        take_event(w, &event);
    for (size_t i = 0; i < w->n; i++)
        browser_pump(&w->at[i].browser);
    if (vtb_mono_us() >= w->next_us) {
        w->next_us += 20000;
        for (size_t i = 0; i < w->n; i++)
            if (w->speaks[i] && w->at[i].browser.connected)
                browser_speak(&w->at[i].browser);
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

static size_t connected(struct world *w, bool speaks, double hz)
{
    char sdp[VTB_SDP_MAX + 1];
    size_t i = w->n++, len;
    struct browser *b = &w->at[i].browser;

    browser_open(b, hz);
    browser_write_device_offer(b, speaks, sdp, &len);
    assert_int_equal(vtb_media_offer_peer(w->media, w->room, "127.0.0.1", speaks, sdp, len, &w->at[i].peer), VTB_OK);
    UNTIL(w, w->at[i].answer);
    browser_read_device_answer(b, w->at[i].answer);
    assert_int_equal(b->server.sends, !speaks);
    assert_int_equal(b->server.receives, speaks);
    browser_check(b, true);
    UNTIL(w, b->answers == 1);
    browser_hello(b);
    UNTIL(w, b->connected && w->at[i].connected);
    return i;
}

static void gate(struct world *w, size_t i, bool hears, bool is_heard)
{
    assert_int_equal(vtb_media_set_gate(w->media, w->at[i].peer, hears, is_heard), VTB_OK);
}

/* A room with both ways hears the other and not itself; each program's payload type is its own. */
static void a_room_speaks_and_listens(void **state)
{
    struct world w;
    (void)state;

    world_open(&w);
    (void)connected(&w, true, 440);  /* 0: the room speaks */
    (void)connected(&w, false, 440); /* 1: the same room listens */
    (void)connected(&w, true, 1000); /* 2: somebody else */
    assert_int_equal(vtb_media_pair(w.media, w.at[0].peer, w.at[1].peer), VTB_OK);
    gate(&w, 0, true, true);
    gate(&w, 1, true, false);
    gate(&w, 2, true, true);
    w.speaks[0] = w.speaks[2] = true;
    UNTIL(&w, w.at[0].receiving && w.at[2].receiving);
    UNTIL(&w, w.at[1].browser.packets > 100 && browser_hears(&w.at[1].browser, 1000) > 0.9);
    assert_true(browser_hears(&w.at[1].browser, 440) < 0.02);
    assert_int_equal(w.at[1].browser.red, 0);
    assert_int_equal(w.at[0].browser.packets, 0); /* who only speaks is sent nothing */
    world_close(&w);
}

/* RFC 9725, 4.3.3: new names, the sound goes on, and the old names open nothing any more. */
static void a_restart_of_ice_keeps_the_sound(void **state)
{
    struct world w;
    struct browser *b = &w.at[0].browser;
    char old[80];
    unsigned answers, packets;
    (void)state;

    world_open(&w);
    (void)connected(&w, false, 0);
    (void)connected(&w, true, 1000);
    gate(&w, 0, true, false);
    gate(&w, 1, true, true);
    w.speaks[1] = true;
    UNTIL(&w, b->packets > 20);
    memcpy(old, b->username, sizeof old);
    assert_int_equal(vtb_media_restart(w.media, w.at[0].peer), VTB_OK);
    UNTIL(&w, w.at[0].answers == 2);
    answers = b->answers;
    browser_check(b, true); /* with the old names */
    packets = b->packets;
    UNTIL(&w, b->packets > packets + 20);
    assert_int_equal(b->answers, answers);

    browser_read_fragment(b, w.at[0].answer);
    assert_string_not_equal(b->username, old);
    browser_new_socket(b);
    browser_check(b, true);
    UNTIL(&w, b->answers == answers + 1);
    packets = b->packets;
    UNTIL(&w, b->packets > packets + 20);
    assert_int_equal(b->refused, 0);
    world_close(&w);
}

static enum vtb_err refusal(struct world *w, bool speaks, const char *sdp, size_t len)
{
    size_t i = 0;

    w->n = 1;
    w->at[i].refused = false;
    assert_int_equal(vtb_media_offer_peer(w->media, w->room, "", speaks, sdp, len, &w->at[i].peer), VTB_OK);
    UNTIL(w, w->at[i].refused);
    assert_null(w->at[i].answer);
    return w->at[i].err;
}

static void what_cannot_be_taken_is_refused_with_a_reason(void **state)
{
    char sdp[VTB_SDP_MAX + 1], big[VTB_MEDIA_OFFER_MAX + 1];
    struct vtb_media_fragment fragment;
    struct vtb_media_figures figures;
    struct world w;
    vtb_peer peer;
    size_t len;
    (void)state;

    world_open(&w);
    browser_open(&w.at[0].browser, 0);
    browser_write_device_offer(&w.at[0].browser, true, sdp, &len);
    assert_int_equal(refusal(&w, false, sdp, len), VTB_DENIED); /* it would speak, and was to listen */
    assert_int_equal(refusal(&w, true, sdp, 20), VTB_PARSE);
    assert_int_equal(refusal(&w, true, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", 32), VTB_ABSENT);
    memset(big, 'a', sizeof big);
    assert_int_equal(vtb_media_offer_peer(w.media, w.room, "", true, big, sizeof big, &peer), VTB_LIMIT);
    assert_int_equal(vtb_media_restart(w.media, w.at[0].peer), VTB_ABSENT);
    assert_int_equal(vtb_media_fragment(sdp, len, &fragment), VTB_OK);
    assert_string_equal(fragment.ufrag, w.at[0].browser.ufrag);
    vtb_media_figures(w.media, &figures);
    assert_int_equal(figures.peers, 0);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_room_speaks_and_listens),
        cmocka_unit_test(a_restart_of_ice_keeps_the_sound),
        cmocka_unit_test(what_cannot_be_taken_is_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
