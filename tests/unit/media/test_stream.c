/* Peers without UDP, through media.h alone: frames in, frames out, the same room and the same gate. */
#include "browser.h"

#include "base/clock.h"
#include "base/log.h"
#include "media/media.h"
#include "rtc/frame.h"

#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define PATIENCE_US 30000000u /* how long a promise may take on a slow machine; never asserted */
#define SEATS       4
#define WINDOW      14400u /* samples of sound that are judged: 300 ms, tones need no more */

struct seat {
    vtb_peer peer;
    bool is_stream, speaks, connected, gone, receiving;
    struct browser voice; /* tone, codec and what was heard; of a stream without its socket */
    char *offer;
    unsigned frames;
    uint32_t timestamp; /* of the last frame */
    uint16_t seq;
};

struct world {
    struct vtb_media *media;
    struct vtb_id room;
    struct seat seats[SEATS];
    size_t n;
    vtb_peer crowd[200];
    unsigned crowd_frames[200];
    uint64_t places; /* of the ring, that came */
    uint64_t next_us;
};

static void nothing(void *ctx)
{
    (void)ctx;
}

static void world_open(struct world *w)
{
    struct vtb_media_config cfg = { .address = { "127.0.0.1" }, .addresses = 1, .max_speakers = 3,
                                    .bitrate = 24000, .notify = nothing };

    *w = (struct world){ .room = vtb_id_make(vtb_wall_us()), .next_us = vtb_mono_us() };
    assert_int_equal(vtb_media_start(&cfg, &w->media), VTB_OK);
    assert_int_equal(vtb_media_open_room(w->media, w->room), VTB_OK);
}

static void world_close(struct world *w)
{
    vtb_media_stop(w->media);
    for (size_t i = 0; i < w->n; i++) {
        browser_close(&w->seats[i].voice);
        free(w->seats[i].offer);
    }
}

static void take_event(struct world *w, struct vtb_media_event *event)
{
    for (size_t i = 0; event->kind != VTB_MEDIA_TALKING && i < w->n; i++) {
        struct seat *seat = &w->seats[i];

        if (!vtb_peer_is(seat->peer, event->peer))
            continue;
        seat->connected |= event->kind == VTB_MEDIA_CONNECTED;
        seat->gone |= event->kind == VTB_MEDIA_GONE;
        if (event->kind == VTB_MEDIA_UPLINK)
            seat->receiving = event->receiving;
        if (event->kind == VTB_MEDIA_OFFER) {
            seat->offer = event->sdp;
            event->sdp = NULL;
        }
    }
    free(event->sdp);
}

static void hear(struct seat *seat, const uint8_t *data, size_t len)
{
    struct browser *b = &seat->voice;
    struct vtb_frame frame;
    int16_t pcm[5760];

    assert_int_equal(vtb_frame_parse(data, len, &frame), VTB_OK);
    if (seat->frames++)
        assert_true(frame.timestamp - seat->timestamp >= 960 && (frame.timestamp - seat->timestamp) % 960 == 0);
    seat->timestamp = frame.timestamp;
    assert_int_equal(opus_decode(b->decoder, frame.payload, (opus_int32)frame.len, pcm, 5760, 0), 960);
    if (b->heard_n + 960 > WINDOW) {
        memmove(b->heard, b->heard + 960, (WINDOW - 960) * sizeof b->heard[0]);
        b->heard_n -= 960;
    }
    memcpy(b->heard + b->heard_n, pcm, 960 * sizeof pcm[0]);
    b->heard_n += 960;
}

static void hear_all(struct world *w)
{
    const struct vtb_media_frames *frames;

    while ((frames = vtb_media_frames(w->media)) != NULL) {
        w->places++;
        for (size_t k = 0; k < frames->to_n; k++) {
            for (size_t i = 0; i < w->n; i++)
                if (vtb_peer_is(w->seats[i].peer, frames->to[k]))
                    hear(&w->seats[i], frames->data, frames->len);
            for (size_t i = 0; i < VTB_COUNT(w->crowd); i++)
                w->crowd_frames[i] += vtb_peer_is(w->crowd[i], frames->to[k]);
        }
        vtb_media_frames_done(w->media);
    }
}

static void speak(struct world *w, struct seat *seat)
{
    struct browser *b = &seat->voice;
    uint8_t opus[1275], bytes[VTB_FRAME_MAX];
    struct vtb_frame frame = { .level = 20, .seq = seat->seq++, .payload = opus };
    int16_t pcm[960];

    for (size_t i = 0; i < 960; i++) {
        pcm[i] = (int16_t)(6000 * sin(b->phase));
        b->phase += 2 * 3.14159265358979 * b->hz / 48000;
    }
    frame.timestamp = frame.seq * 960u;
    frame.len = (size_t)opus_encode(b->encoder, pcm, 960, opus, sizeof opus);
    assert_int_equal(vtb_media_put_frame(w->media, seat->peer, bytes, vtb_frame_write(&frame, bytes)), VTB_OK);
}

static void step(struct world *w)
{
    struct vtb_media_event event;

    while (vtb_media_take(w->media, &event, 1) == 1)
        take_event(w, &event);
    hear_all(w);
    for (size_t i = 0; i < w->n; i++)
        if (!w->seats[i].is_stream)
            browser_pump(&w->seats[i].voice);
    if (vtb_mono_us() >= w->next_us) {
        w->next_us += 20000;
        for (size_t i = 0; i < w->n; i++) {
            if (w->seats[i].speaks && w->seats[i].is_stream)
                speak(w, &w->seats[i]);
            else if (w->seats[i].speaks)
                browser_speak(&w->seats[i].voice);
        }
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

static struct seat *stream_seat(struct world *w, double hz, bool hears, bool heard)
{
    struct seat *seat = &w->seats[w->n++];

    browser_open(&seat->voice, hz);
    seat->is_stream = true;
    assert_int_equal(vtb_media_add_stream_peer(w->media, w->room, &seat->peer), VTB_OK);
    UNTIL(w, seat->connected);
    assert_int_equal(vtb_media_set_gate(w->media, seat->peer, hears, heard), VTB_OK);
    return seat;
}

static struct seat *udp_seat(struct world *w, double hz)
{
    struct seat *seat = &w->seats[w->n++];
    char sdp[VTB_SDP_MAX + 1];
    size_t len;

    browser_open(&seat->voice, hz);
    assert_int_equal(vtb_media_add_peer(w->media, w->room, "127.0.0.1", &seat->peer), VTB_OK);
    UNTIL(w, seat->offer);
    browser_read_offer(&seat->voice, seat->offer);
    browser_write_answer(&seat->voice, sdp, &len);
    assert_int_equal(vtb_media_answer(w->media, seat->peer, sdp, len), VTB_OK);
    browser_check(&seat->voice, true);
    UNTIL(w, seat->voice.answers == 1);
    browser_hello(&seat->voice);
    UNTIL(w, seat->voice.connected && seat->connected);
    assert_int_equal(vtb_media_set_gate(w->media, seat->peer, true, true), VTB_OK);
    return seat;
}

static void two_streams_hear_each_other_and_not_themselves(void **state)
{
    struct world w;
    struct seat *a, *b;
    (void)state;

    world_open(&w);
    a = stream_seat(&w, 440, true, true);
    b = stream_seat(&w, 1000, true, true);
    a->speaks = b->speaks = true;
    UNTIL(&w, a->frames > 20 && browser_hears(&a->voice, 1000) > 0.9);
    UNTIL(&w, b->frames > 20 && browser_hears(&b->voice, 440) > 0.9);
    assert_true(browser_hears(&a->voice, 440) < 0.02);
    assert_true(browser_hears(&b->voice, 1000) < 0.02);
    assert_true(a->receiving && b->receiving);

    a->speaks = b->speaks = false;
    UNTIL(&w, !a->receiving);
    ticks_pass(&w, 20); /* silence: a frame in 400 ms says that the way is open */
    unsigned frames = a->frames;
    uint64_t ticks = figures(&w).ticks;
    ticks_pass(&w, 42);
    assert_true(a->frames - frames >= 2);
    assert_true(a->frames - frames <= (figures(&w).ticks - ticks) / 20 + 2);

    assert_int_equal(vtb_media_drop_peer(w.media, a->peer), VTB_OK);
    assert_int_equal(vtb_media_put_frame(w.media, a->peer, (const uint8_t *)"", 0), VTB_ABSENT);
    UNTIL(&w, figures(&w).peers == 1);
    world_close(&w);
}

static void a_closed_gate_lets_nothing_through_either_way(void **state)
{
    struct world w;
    struct seat *guest, *member;
    unsigned frames;
    (void)state;

    world_open(&w);
    member = stream_seat(&w, 440, true, true);
    guest = stream_seat(&w, 1000, false, false); /* outside the own item */
    member->speaks = guest->speaks = true;
    UNTIL(&w, guest->receiving);
    ticks_pass(&w, 30);
    assert_int_equal(guest->frames, 0);
    assert_true(browser_hears(&member->voice, 1000) < 0.02);

    guest->voice.heard_n = 0;
    assert_int_equal(vtb_media_set_gate(w.media, guest->peer, true, true), VTB_OK);
    UNTIL(&w, guest->frames > 20 && browser_hears(&guest->voice, 440) > 0.9);
    UNTIL(&w, browser_hears(&member->voice, 1000) > 0.9);

    assert_int_equal(vtb_media_set_gate(w.media, guest->peer, false, false), VTB_OK);
    ticks_pass(&w, 4);
    frames = guest->frames;
    member->voice.heard_n = 0;
    ticks_pass(&w, 25);
    assert_int_equal(guest->frames, frames);
    assert_true(browser_hears(&member->voice, 1000) < 0.02);
    world_close(&w);
}

/* While a person changes from one way to the other both are there: heard once, and no own voice comes back. */
static void one_person_with_two_ways_is_heard_once_and_does_not_hear_themselves(void **state)
{
    struct world w;
    struct seat *udp, *stream, *other;
    (void)state;

    world_open(&w);
    other = stream_seat(&w, 1000, true, true);
    udp = udp_seat(&w, 440);
    stream = stream_seat(&w, 440, true, true);
    assert_int_equal(vtb_media_pair(w.media, udp->peer, stream->peer), VTB_OK);

    stream->speaks = other->speaks = true;
    UNTIL(&w, udp->voice.packets > 20 && browser_hears(&udp->voice, 1000) > 0.9);
    assert_true(browser_hears(&udp->voice, 440) < 0.02);
    assert_true(browser_hears(&stream->voice, 440) < 0.02);
    UNTIL(&w, browser_hears(&other->voice, 440) > 0.9);

    udp->speaks = true; /* both ways bring packets: those of the stream are not mixed */
    stream->voice.hz = 2000;
    UNTIL(&w, udp->receiving);
    ticks_pass(&w, 15);
    other->voice.heard_n = 0;
    UNTIL(&w, other->voice.heard_n == WINDOW && browser_hears(&other->voice, 440) > 0.9);
    assert_true(browser_hears(&other->voice, 2000) < 0.02);

    udp->speaks = false; /* UDP falls silent, as when a firewall closes it: the stream has the voice */
    UNTIL(&w, browser_hears(&other->voice, 2000) > 0.9);
    world_close(&w);
}

static void what_is_no_frame_is_refused(void **state)
{
    struct world w;
    struct seat *a;
    uint8_t bytes[VTB_FRAME_MAX + 1] = { 0x10, 20, 0, 0, 0, 0, 0, 0, 0xff };
    (void)state;

    world_open(&w);
    a = stream_seat(&w, 440, true, true);
    assert_int_equal(vtb_media_put_frame(w.media, a->peer, bytes, 3), VTB_PARSE);
    assert_int_equal(vtb_media_put_frame(w.media, a->peer, bytes, sizeof bytes), VTB_LIMIT);
    assert_int_equal(vtb_media_put_frame(w.media, a->peer, bytes, 9), VTB_OK); /* no Opus: the mix refuses it */
    ticks_pass(&w, 10);
    assert_false(a->gone);
    world_close(&w);
}

/* Two hundred listeners of one voice: each gets each frame, and a frame is written four times, not two hundred. */
static void a_frame_is_written_once_for_many(void **state)
{
    struct world w;
    struct seat *a;
    uint64_t places;
    (void)state;

    world_open(&w);
    a = stream_seat(&w, 440, true, true);
    for (size_t i = 0; i < VTB_COUNT(w.crowd); i++) {
        assert_int_equal(vtb_media_add_stream_peer(w.media, w.room, &w.crowd[i]), VTB_OK);
        assert_int_equal(vtb_media_set_gate(w.media, w.crowd[i], true, false), VTB_OK);
    }
    a->speaks = true;
    UNTIL(&w, w.crowd_frames[0] > 10 && w.crowd_frames[199] > 10);
    places = w.places;
    unsigned frames = w.crowd_frames[7];
    ticks_pass(&w, 25);
    assert_in_range(w.crowd_frames[7] - frames, 20, 60);
    assert_true(w.places - places <= (uint64_t)(w.crowd_frames[7] - frames + 1) * 5); /* 4 and the own mix of who speaks */
    assert_int_equal(figures(&w).stream_dropped, 0);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_streams_hear_each_other_and_not_themselves),
        cmocka_unit_test(a_closed_gate_lets_nothing_through_either_way),
        cmocka_unit_test(one_person_with_two_ways_is_heard_once_and_does_not_hear_themselves),
        cmocka_unit_test(what_is_no_frame_is_refused),
        cmocka_unit_test(a_frame_is_written_once_for_many),
    };

    vtb_log_level(VTB_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
