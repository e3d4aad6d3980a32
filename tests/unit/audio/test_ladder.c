/* A listener's rung follows what its receiver says: down at once, up slowly, whoever lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "audio/ladder.h"
#include "base/id.h"

#define SECOND 1000000u

struct link { /* a receiver that reports each 5 s on 50 packets a second */
    struct vtb_ladder ladder;
    uint64_t now_us;
};

static struct link linked(bool has_red)
{
    struct link link = { .now_us = 100 * SECOND };

    vtb_ladder_init(&link.ladder, has_red);
    return link;
}

static enum vtb_rung_name say(struct link *link, uint32_t lost_pct, uint32_t rtt_ms)
{
    struct vtb_ladder_report report = { .sent = 250, .fraction = (uint8_t)(lost_pct * 256 / 100),
                                        .rtt_ms = rtt_ms };

    link->now_us += 5 * SECOND;
    vtb_ladder_report(&link->ladder, &report, link->now_us);
    return vtb_ladder_rung(&link->ladder);
}

/* The same, and known to be a good link. */
static struct link known(bool has_red)
{
    struct link link = linked(has_red);

    say(&link, 0, 0);
    say(&link, 0, 0);
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_CLEAR);
    return link;
}

static void who_is_new_gets_copies_until_the_link_is_known(void **state)
{
    struct link red = linked(true), plain = linked(false), passive = linked(true), lossy = linked(true);
    (void)state;

    passive.ladder.passive = true;
    assert_int_equal(vtb_ladder_rung(&red.ladder), VTB_RUNG_CAREFUL);
    assert_int_equal(vtb_ladder_rung(&plain.ladder), VTB_RUNG_FEC);
    assert_int_equal(vtb_ladder_rung(&passive.ladder), VTB_RUNG_JOINED);
    assert_int_equal(say(&red, 0, 40), VTB_RUNG_CAREFUL);
    assert_int_equal(say(&red, 0, 40), VTB_RUNG_CLEAR);
    assert_int_equal(say(&lossy, 10, 40), VTB_RUNG_RED);
    assert_int_equal(say(&passive, 10, 40), VTB_RUNG_RED);
    assert_int_equal(say(&plain, 3, 40), VTB_RUNG_FEC);
}

/* 10 % lost in bursts of three in the mean: few packets may look like a full link, and are not taken for it. */
static void bursts_are_not_taken_for_a_full_link(void **state)
{
    unsigned lean = 0;
    uint32_t random = 1;
    (void)state;

    for (int run = 0; run < 200; run++) {
        struct link link = linked(true);
        bool bad = false;

        for (int report = 0; report < 60; report++) { /* five minutes */
            uint32_t lost = 0;
            struct vtb_ladder_report said = { .sent = 125, .rtt_ms = 40 };

            for (int i = 0; i < 125; i++) {
                random = random * 1664525u + 1013904223u;
                bad = random / 4294967296.0 < (bad ? 2.0 / 3 : 0.1 / 0.9 / 3);
                lost += bad;
            }
            said.fraction = (uint8_t)(lost * 256 / 125);
            vtb_ladder_report(&link.ladder, &said, link.now_us += 2500000);
            lean += link.ladder.squeeze.at != 0;
        }
    }
    assert_true(lean <= 120); /* of 12,000: one squeeze lasts for ten reports at least */
}

static void a_clean_link_stays_clear(void **state)
{
    struct link link = known(true);
    (void)state;

    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_CLEAR);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(say(&link, i % 7 == 0, 40 + (uint32_t)i % 30), VTB_RUNG_CLEAR);
}

static void one_report_of_loss_brings_copies(void **state)
{
    struct link red = known(true), plain = known(false);
    (void)state;

    assert_int_equal(say(&red, 3, 40), VTB_RUNG_RED);
    assert_int_equal(say(&plain, 3, 40), VTB_RUNG_FEC);
    assert_int_equal(say(&plain, 10, 40), VTB_RUNG_AGAIN);
}

static void copies_are_given_up_slowly_and_more_slowly_after_a_relapse(void **state)
{
    struct link link = known(false);
    int clean = 0, again = 0;
    (void)state;

    say(&link, 10, 40);
    while (say(&link, 0, 40) != VTB_RUNG_FEC)
        clean++;
    assert_in_range(clean, 2, 4);
    assert_int_equal(say(&link, 10, 40), VTB_RUNG_AGAIN); /* too early */
    while (say(&link, 0, 40) != VTB_RUNG_FEC)
        again++;
    assert_true(again > clean);
    for (int i = 0; i < 20; i++)
        say(&link, 0, 40);
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_CLEAR);
}

/* Ten minutes at loss on the thresholds: rungs change seldom, since each change may be heard. */
static void loss_at_a_threshold_does_not_flap(void **state)
{
    struct link link = known(true);
    enum vtb_rung_name was = VTB_RUNG_CLEAR;
    unsigned changes = 0;
    (void)state;

    for (int i = 0; i < 120; i++) {
        enum vtb_rung_name now = say(&link, i % 2 ? 6 : 4, 40);

        changes += now != was;
        was = now;
    }
    for (int i = 0; i < 120; i++) {
        enum vtb_rung_name now = say(&link, i % 2 ? 2 : 1, 40);

        changes += now != was;
        was = now;
    }
    assert_in_range(changes, 1, 4);
}

static void a_round_trip_that_grows_gets_fewer_bits_and_no_copies(void **state)
{
    struct link link = known(true);
    (void)state;

    for (int i = 0; i < 5; i++)
        say(&link, 0, 300); /* a satellite: far, not full */
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_CLEAR);
    assert_int_equal(say(&link, 0, 1500), VTB_RUNG_CLEAR); /* once is a hiccup */
    assert_int_equal(say(&link, 0, 300), VTB_RUNG_CLEAR);
    say(&link, 0, 520);
    assert_int_equal(say(&link, 0, 560), VTB_RUNG_PAIRED);
    say(&link, 0, 1200);
    assert_int_equal(say(&link, 0, 1200), VTB_RUNG_LEAN);
    say(&link, 8, 1200);
    assert_int_equal(say(&link, 8, 1200), VTB_RUNG_SURVIVAL);
    for (int i = 0; i < 40; i++)
        say(&link, 0, 300);
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_CLEAR);
}

static void a_lean_link_that_only_loses_gets_copies(void **state)
{
    struct link red = known(true), plain = known(false);
    (void)state;

    say(&red, 0, 100);
    for (int i = 0; i < 3; i++)
        say(&red, 0, 900);
    assert_int_equal(say(&red, 0, 900), VTB_RUNG_LEAN);
    assert_int_equal(say(&red, 10, 110), VTB_RUNG_LEAN_RED);
    say(&plain, 0, 100);
    for (int i = 0; i < 4; i++)
        say(&plain, 0, 900);
    assert_int_equal(say(&plain, 10, 110), VTB_RUNG_LEAN_AGAIN);
}

static void copies_that_make_it_worse_are_taken_back(void **state)
{
    struct link link = known(true);
    (void)state;

    assert_int_equal(say(&link, 8, 0), VTB_RUNG_RED); /* no round trip known */
    assert_int_equal(say(&link, 30, 0), VTB_RUNG_RED); /* once may be a long burst */
    assert_int_not_equal(say(&link, 30, 0), VTB_RUNG_RED);
    for (int i = 0; i < 4; i++)
        say(&link, 40, 0);
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_SURVIVAL);
}

static void who_has_no_red_is_not_given_up_because_copies_hide_the_loss(void **state)
{
    struct link link = known(false);
    (void)state;

    assert_int_equal(say(&link, 10, 40), VTB_RUNG_AGAIN);
    for (int i = 0; i < 20; i++) /* 10 % twice is 1 % */
        assert_int_equal(say(&link, 1, 40), VTB_RUNG_AGAIN);
}

static void what_was_repaired_on_demand_counts_as_lost(void **state)
{
    struct link link = known(true);
    struct vtb_ladder_report report = { .sent = 250, .missed = 25, .rtt_ms = 30 };
    (void)state;

    vtb_ladder_report(&link.ladder, &report, link.now_us += 5 * SECOND);
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_RED);
    assert_in_range(link.ladder.lost_pm, 95, 105);
}

static void silence_proves_nothing(void **state)
{
    struct link link = known(true);
    struct vtb_ladder_report one_of_three = { .sent = 3, .fraction = 85 };
    (void)state;

    for (int i = 0; i < 5; i++)
        vtb_ladder_report(&link.ladder, &one_of_three, link.now_us += 5 * SECOND);
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_CLEAR);
}

static void who_only_listens_gets_joined_packets_until_it_loses(void **state)
{
    struct link link = linked(true);
    (void)state;

    link.ladder.passive = true;
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_JOINED);
    assert_int_equal(say(&link, 10, 40), VTB_RUNG_RED);
}

/* Absurd, forged and far too many reports: always a rung, at most one step a second, and back to
 * the clear one when the nonsense ends. */
static void nonsense_moves_nothing_for_long(void **state)
{
    struct link link = known(true);
    struct vtb_ladder_report nothing_sent = { .sent = 0, .fraction = 255, .rtt_ms = 1 };
    (void)state;

    for (int i = 0; i < 10000; i++)
        vtb_ladder_report(&link.ladder, &nothing_sent, link.now_us);
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_CLEAR);

    uint64_t end_us = link.now_us + 20 * SECOND;
    unsigned changes = 0;
    enum vtb_rung_name was = VTB_RUNG_CLEAR;

    while (link.now_us < end_us) {
        struct vtb_ladder_report report;

        vtb_random(&report, sizeof report);
        link.now_us += 1000;
        vtb_ladder_report(&link.ladder, &report, link.now_us);
        assert_true(vtb_ladder_rung(&link.ladder) < VTB_RUNGS);
        changes += vtb_ladder_rung(&link.ladder) != was;
        was = vtb_ladder_rung(&link.ladder);
    }
    assert_true(changes <= 21);
    for (int i = 0; i < 200; i++)
        say(&link, 0, 40);
    assert_int_equal(vtb_ladder_rung(&link.ladder), VTB_RUNG_CLEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_new_gets_copies_until_the_link_is_known),
        cmocka_unit_test(bursts_are_not_taken_for_a_full_link),
        cmocka_unit_test(a_clean_link_stays_clear),
        cmocka_unit_test(one_report_of_loss_brings_copies),
        cmocka_unit_test(copies_are_given_up_slowly_and_more_slowly_after_a_relapse),
        cmocka_unit_test(loss_at_a_threshold_does_not_flap),
        cmocka_unit_test(a_round_trip_that_grows_gets_fewer_bits_and_no_copies),
        cmocka_unit_test(a_lean_link_that_only_loses_gets_copies),
        cmocka_unit_test(copies_that_make_it_worse_are_taken_back),
        cmocka_unit_test(who_has_no_red_is_not_given_up_because_copies_hide_the_loss),
        cmocka_unit_test(what_was_repaired_on_demand_counts_as_lost),
        cmocka_unit_test(silence_proves_nothing),
        cmocka_unit_test(who_only_listens_gets_joined_packets_until_it_loses),
        cmocka_unit_test(nonsense_moves_nothing_for_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
