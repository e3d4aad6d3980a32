/*
 * What a browser gets depends on what it says of its link: over real UDP on loopback, through media.h
 * alone. The browser lies: it reports losses that loopback does not have.
 */
#include "browser.h"

#include "base/clock.h"
#include "base/log.h"
#include "media/media.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define PATIENCE_US 30000000u /* how long a promise may take on a slow machine; never asserted */

struct pair { /* two who speak: 440 and 1000 Hz */
    struct vtb_media *media;
    struct vtb_id room;
    struct {
        vtb_peer peer;
        char *offer;
        bool connected;
        struct vtb_media_link link;
        unsigned links;
    } seats[2];
    struct browser browsers[2];
    uint64_t next_us, report_us;
    uint8_t reports_lost; /* of 256, from browser 0, each half second; 0: it says nothing */
};

static void nothing(void *ctx)
{
    (void)ctx;
}

static void take(struct pair *p, struct vtb_media_event *event)
{
    for (size_t i = 0; i < 2; i++) {
        if (event->kind == VTB_MEDIA_TALKING || !vtb_peer_is(p->seats[i].peer, event->peer))
            continue;
        if (event->kind == VTB_MEDIA_OFFER) {
            p->seats[i].offer = event->sdp;
            event->sdp = NULL;
        }
        p->seats[i].connected |= event->kind == VTB_MEDIA_CONNECTED;
        if (event->kind == VTB_MEDIA_LINK) {
            p->seats[i].link = event->link;
            p->seats[i].links++;
        }
    }
    free(event->sdp);
}

static void step(struct pair *p)
{
    struct vtb_media_event event;
    uint64_t now_us = vtb_mono_us();

    while (vtb_media_take(p->media, &event, 1) == 1)
        take(p, &event);
    for (size_t i = 0; i < 2; i++)
        if (p->browsers[i].fd > 0)
            browser_pump(&p->browsers[i]);
    if (now_us >= p->next_us) {
        p->next_us += 20000;
        for (size_t i = 0; i < 2; i++)
            if (p->browsers[i].connected)
                browser_speak(&p->browsers[i]);
    }
    if (p->reports_lost && now_us >= p->report_us) {
        p->report_us = now_us + 500000;
        browser_report(&p->browsers[0], p->reports_lost);
    }
    (void)poll(NULL, 0, 1);
}

#define UNTIL(p, condition)                                                                   \
    do {                                                                                      \
        uint64_t end = vtb_mono_us() + PATIENCE_US;                                           \
        while (!(condition) && vtb_mono_us() < end)                                           \
            step(p);                                                                          \
        assert_true(condition);                                                               \
    } while (0)

static void pair_open(struct pair *p, bool takes_red)
{
    struct vtb_media_config cfg = { .address = { "127.0.0.1" }, .addresses = 1, .max_speakers = 3,
                                    .bitrate = 32000, .notify = nothing };
    char sdp[VTB_SDP_MAX + 1];
    size_t len;

    *p = (struct pair){ .room = vtb_id_make(vtb_wall_us()), .next_us = vtb_mono_us() };
    assert_int_equal(vtb_media_start(&cfg, &p->media), VTB_OK);
    assert_int_equal(vtb_media_open_room(p->media, p->room), VTB_OK);
    for (size_t i = 0; i < 2; i++) {
        struct browser *b = &p->browsers[i];

        browser_open(b, i ? 1000 : 440);
        b->takes_red = takes_red;
        assert_int_equal(vtb_media_add_peer(p->media, p->room, "", &p->seats[i].peer), VTB_OK);
        UNTIL(p, p->seats[i].offer);
        browser_read_offer(b, p->seats[i].offer);
        browser_write_answer(b, sdp, &len);
        assert_int_equal(vtb_media_answer(p->media, p->seats[i].peer, sdp, len), VTB_OK);
        browser_check(b, true);
        UNTIL(p, b->answers == 1);
        browser_hello(b);
        UNTIL(p, b->connected && p->seats[i].connected);
        assert_int_equal(vtb_media_set_gate(p->media, p->seats[i].peer, true, true), VTB_OK);
    }
    UNTIL(p, browser_hears(&p->browsers[0], 1000) > 0.9 && browser_hears(&p->browsers[1], 440) > 0.9);
}

static void pair_close(struct pair *p)
{
    vtb_media_stop(p->media);
    for (size_t i = 0; i < 2; i++) {
        free(p->seats[i].offer);
        browser_close(&p->browsers[i]);
    }
}

/* Whatever is heard on the new rung: the other one, and not oneself. */
static void hears_the_other_only(struct pair *p)
{
    struct browser *b = &p->browsers[0];
    struct vtb_media_figures f;
    unsigned packets;

    b->heard_n = 0;
    packets = b->packets;
    UNTIL(p, b->packets >= packets + 20 && b->heard_n == 48000);
    assert_true(browser_hears(b, 1000) > 0.9);
    assert_true(browser_hears(b, 440) < 0.001);
    assert_int_equal(b->named_self, 0);
    assert_int_equal(b->gaps, 0);   /* the sequence goes on, */
    vtb_media_figures(p->media, &f);
    assert_true(b->jumps <= f.ticks_skipped); /* and so does the time, but where the machine stood still */
}

static void who_loses_gets_each_packet_twice_and_the_others_do_not(void **state)
{
    static struct pair p;
    (void)state;

    pair_open(&p, false);
    assert_int_equal(p.browsers[0].twice, 0);
    UNTIL(&p, p.browsers[0].named > 20 && p.browsers[1].named > 20); /* the packets say whose voice is in them */
    assert_int_equal(p.browsers[0].csrc, p.browsers[1].ssrc);
    assert_int_equal(p.browsers[1].csrc, p.browsers[0].ssrc);
    p.reports_lost = 26; /* 10 % */
    UNTIL(&p, p.browsers[0].twice > 20);
    hears_the_other_only(&p);
    assert_int_equal(p.browsers[1].twice, 0);
    assert_int_equal(p.browsers[1].longest, 960);
    UNTIL(&p, p.seats[0].links && strcmp(vtb_media_rung_name(p.seats[0].link.rung), "again") == 0);
    assert_int_equal(p.seats[0].link.lost_down_pct, 10);
    pair_close(&p);
}

static uint32_t on_rung(struct pair *p, const char *name)
{
    struct vtb_media_figures f;
    uint8_t rung = 0;

    while (strcmp(vtb_media_rung_name(rung), name) != 0)
        rung++;
    vtb_media_figures(p->media, &f);
    return f.listeners[rung];
}

static void who_reads_red_gets_copies_instead(void **state)
{
    static struct pair p;
    (void)state;

    pair_open(&p, true);
    UNTIL(&p, on_rung(&p, "careful") == 2); /* nothing is known of their links */
    p.reports_lost = 26;
    UNTIL(&p, on_rung(&p, "red") == 1 && on_rung(&p, "careful") == 1);
    p.browsers[0].red = 0;
    hears_the_other_only(&p);
    assert_true(p.browsers[0].red > 0);
    assert_int_equal(p.browsers[0].twice, 0);
    pair_close(&p);
}

static void a_full_link_gets_joined_packets_of_a_leaner_sound(void **state)
{
    static struct pair p;
    (void)state;

    pair_open(&p, false);
    p.reports_lost = 140; /* 55 % */
    UNTIL(&p, p.browsers[0].longest == 2880);
    hears_the_other_only(&p);
    p.browsers[1].longest = 0;
    UNTIL(&p, p.browsers[1].longest);
    assert_int_equal(p.browsers[1].longest, 960);
    UNTIL(&p, on_rung(&p, "fec") == 1); /* the other one stayed */
    pair_close(&p);
}

/* A packet asked for again comes as it was, a few times; without end is answered with nothing. */
static void what_is_missed_is_sent_again_and_not_without_end(void **state)
{
    static struct pair p;
    struct vtb_media_figures before, after;
    struct browser *b = &p.browsers[0];
    uint16_t last[8];
    unsigned twice;
    uint64_t ticks;
    (void)state;

    pair_open(&p, false);
    for (uint16_t i = 0; i < 8; i++)
        last[i] = (uint16_t)(b->seq - i);
    twice = b->twice;
    browser_miss(b, last, 8);
    UNTIL(&p, b->twice == twice + 8); /* twice: sealed alike, byte for byte */

    vtb_media_figures(p.media, &before);
    for (int i = 0; i < 2000; i++) {
        uint16_t any[8];

        for (uint16_t k = 0; k < 8; k++)
            any[k] = (uint16_t)(b->seq - (unsigned)rand() % 200);
        browser_miss(b, any, 8);
        if (i % 20 == 0)
            step(&p);
    }
    ticks = before.ticks + 20;
    UNTIL(&p, (vtb_media_figures(p.media, &after), after.ticks >= ticks));
    assert_true(after.repeated - before.repeated <= 16 + 5 * ((after.ticks - before.ticks) / 10 + 2));
    assert_true(after.repeats_refused > before.repeats_refused);
    hears_the_other_only(&p);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_loses_gets_each_packet_twice_and_the_others_do_not),
        cmocka_unit_test(who_reads_red_gets_copies_instead),
        cmocka_unit_test(a_full_link_gets_joined_packets_of_a_leaner_sound),
        cmocka_unit_test(what_is_missed_is_sent_again_and_not_without_end),
    };

    vtb_log_level(VTB_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
