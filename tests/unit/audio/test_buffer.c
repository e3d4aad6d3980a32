/* What a source's buffer promises, with made-up packets: no codec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "audio/buffer.h"

static struct vtb_buffer buf;

static int setup(void **state)
{
    (void)state;
    memset(&buf, 0, sizeof buf);
    vtb_buffer_init(&buf);
    return 0;
}

/* The payload is the number itself, so a test sees which packet comes out. */
static enum vtb_buffer_kept push_as(uint16_t seq, uint32_t ts, uint8_t level, uint64_t now_us)
{
    uint8_t bytes[2] = { (uint8_t)(seq >> 8), (uint8_t)seq };
    struct vtb_buffer_packet p = { bytes, 2, ts, 960, seq, level, VTB_BUFFER_FRESH, false };

    return vtb_buffer_push(&buf, &p, now_us);
}

static enum vtb_buffer_kept push(uint16_t seq, uint64_t now_us)
{
    return push_as(seq, (uint32_t)(int16_t)seq * 960u, 30, now_us);
}

static struct vtb_buffer_packet packet;
static uint32_t missing;

static enum vtb_buffer_step next(uint64_t now_us)
{
    enum vtb_buffer_step step = vtb_buffer_next(&buf, now_us, &packet, &missing);

    if (step == VTB_BUFFER_PACKET || step == VTB_BUFFER_WARM)
        assert_int_equal(packet.payload[0] << 8 | packet.payload[1], packet.seq);
    return step;
}

static void expect_seq(uint16_t seq, uint64_t now_us)
{
    assert_int_equal(next(now_us), VTB_BUFFER_PACKET);
    assert_int_equal(packet.seq, seq);
}

static void playing_waits_10_ms_on_a_clean_network(void **state)
{
    (void)state;
    push(5, 0);
    assert_int_equal(next(0), VTB_BUFFER_NOTHING);
    assert_int_equal(next(9900), VTB_BUFFER_NOTHING);
    expect_seq(5, 10000);
    push(6, 20000);
    expect_seq(6, 30000);
    assert_int_equal(buf.delay.target, VTB_DELAY_LEAST);
}

static void reordered_packets_come_out_in_order_and_once(void **state)
{
    (void)state;
    assert_int_equal(push(11, 0), VTB_BUFFER_KEPT);
    assert_int_equal(push(10, 100), VTB_BUFFER_KEPT); /* before the first that came */
    assert_int_equal(push(13, 200), VTB_BUFFER_KEPT);
    assert_int_equal(push(12, 300), VTB_BUFFER_KEPT);
    assert_int_equal(push(12, 400), VTB_BUFFER_DUPLICATE);
    for (uint16_t seq = 10; seq <= 13; seq++)
        expect_seq(seq, 50000);
    assert_int_equal(push(12, 60000), VTB_BUFFER_LATE);
    assert_int_equal(next(60000), VTB_BUFFER_DRY);
}

static void numbers_and_timestamps_wrap(void **state)
{
    (void)state;
    uint32_t ts = 0u - 960u * 3u;

    for (uint32_t i = 0; i < 200000; i++) { /* three rounds of the sequence number */
        uint16_t seq = (uint16_t)(65530u + i);

        assert_int_equal(push_as(seq, ts + i * 960u, 30, i * 20000ull), VTB_BUFFER_KEPT);
        if (i >= 1)
            expect_seq((uint16_t)(seq - 1), i * 20000ull);
    }
    assert_int_equal(buf.figures.overrun, 0);
    assert_int_equal(buf.figures.lost, 0);
}

static void a_gap_is_told_packet_by_packet_and_the_last_time_what_follows(void **state)
{
    (void)state;
    push(1, 0);
    push(4, 0);
    expect_seq(1, 40000);
    assert_int_equal(next(40000), VTB_BUFFER_LOST);
    assert_int_equal(missing, 960);
    assert_int_equal(packet.len, 0); /* number 4 says nothing about number 2 */
    assert_int_equal(next(60000), VTB_BUFFER_LOST);
    assert_int_equal(missing, 960);
    assert_int_equal(packet.seq, 4); /* its FEC may hold number 3 */
    assert_int_equal(packet.len, 2);
    expect_seq(4, 80000);
    assert_int_equal(buf.figures.lost, 2);
}

static enum vtb_buffer_kept push_came(uint16_t seq, enum vtb_buffer_came came, uint64_t now_us)
{
    uint8_t bytes[2] = { (uint8_t)(seq >> 8), (uint8_t)seq };
    struct vtb_buffer_packet p = { bytes, 2, seq * 960u, 960, seq, 30, came, false };

    return vtb_buffer_push(&buf, &p, now_us);
}

static void what_comes_again_in_time_is_played(void **state)
{
    (void)state;
    push(1, 0);
    push(5, 0);
    expect_seq(1, 40000);
    assert_int_equal(next(40000), VTB_BUFFER_LOST);
    assert_int_equal(push_came(2, VTB_BUFFER_RESENT, 50000), VTB_BUFFER_LATE);
    assert_int_equal(push_came(3, VTB_BUFFER_RESENT, 50000), VTB_BUFFER_KEPT);
    assert_true(vtb_buffer_is_ready(&buf));
    expect_seq(3, 60000);
    assert_int_equal(next(80000), VTB_BUFFER_LOST);
    assert_int_equal(packet.seq, 5);
    expect_seq(5, 100000);
    assert_int_equal(buf.figures.resent, 1);
    assert_int_equal(buf.figures.lost, 2);
    assert_int_equal(buf.figures.late, 1);
}

static void a_copy_fills_a_hole_and_nothing_else(void **state)
{
    (void)state;
    push(1, 0);
    push(2, 20000);
    assert_int_equal(push_came(2, VTB_BUFFER_COPY, 40000), VTB_BUFFER_DUPLICATE); /* it is here */
    assert_int_equal(push_came(3, VTB_BUFFER_COPY, 40000), VTB_BUFFER_DUPLICATE); /* not missing yet */
    push(4, 60000);
    assert_true(vtb_buffer_misses(&buf, 3));
    assert_int_equal(push_came(3, VTB_BUFFER_COPY, 60000), VTB_BUFFER_KEPT);
    assert_false(vtb_buffer_misses(&buf, 3));
    assert_int_equal(push(3, 60000), VTB_BUFFER_DUPLICATE); /* the original, overtaken */
    for (uint16_t seq = 1; seq <= 4; seq++)
        expect_seq(seq, 80000);
    push(6, 100000);
    expect_seq(6, 180000 + 0 * (next(120000) == VTB_BUFFER_LOST));
    assert_int_equal(push_came(5, VTB_BUFFER_COPY, 180000), VTB_BUFFER_LATE);
    assert_int_equal(buf.figures.copied, 1);
}

/* Behind a closed gate somebody spoke; the first packet after it carries a copy of that. */
static void what_was_before_the_first_packet_does_not_come_in_as_a_copy(void **state)
{
    (void)state;
    push(50, 0);
    vtb_buffer_init(&buf); /* the gate closed, and opened again */
    push(80, 600000);
    assert_false(vtb_buffer_misses(&buf, 79));
    assert_int_equal(push_came(79, VTB_BUFFER_COPY, 600000), VTB_BUFFER_DUPLICATE);
    expect_seq(80, 620000);
}

/* A copy whose timestamp lies where other sound is must not move anything. */
static void a_copy_that_lies_about_its_time_is_refused(void **state)
{
    (void)state;
    static const uint32_t lies[] = { 0, 960 * 4, 960 * 50, 0u - 96000u };

    push(1, 0);
    push(2, 20000);
    expect_seq(1, 30000);
    push(4, 60000);
    for (size_t i = 0; i < VTB_COUNT(lies); i++) {
        struct vtb_buffer_packet p = { (const uint8_t *)"x", 1, lies[i], 960, 3, 30,
                                       VTB_BUFFER_COPY, false };

        assert_int_equal(vtb_buffer_push(&buf, &p, 60000), VTB_BUFFER_LATE);
    }
    expect_seq(2, 60000);
    assert_int_equal(next(80000), VTB_BUFFER_LOST);
    expect_seq(4, 100000);
}

/* 60 ms lost between packets of 60 ms; 120 ms packets are the longest there are. */
static void long_packets_are_lost_and_played_whole(void **state)
{
    (void)state;
    static const uint32_t lengths[] = { 120, 480, 1920, 2880, 5760 };

    for (size_t i = 0; i < VTB_COUNT(lengths); i++) {
        uint32_t n = lengths[i];

        memset(&buf, 0, sizeof buf);
        vtb_buffer_init(&buf);
        for (uint16_t seq = 0; seq < 4; seq++) {
            uint8_t bytes[2] = { 0, (uint8_t)seq };
            struct vtb_buffer_packet p = { bytes, 2, seq * n, n, seq, 30, VTB_BUFFER_FRESH, false };

            if (seq != 2)
                vtb_buffer_push(&buf, &p, 0);
            if (seq < 2)
                expect_seq(seq, 500000);
        }
        assert_int_equal(next(500000), VTB_BUFFER_LOST);
        assert_int_equal(missing, n);
        assert_int_equal(packet.seq, 3);
        expect_seq(3, 500000);
        assert_int_equal(packet.duration, n);
    }
}

static void a_late_packet_is_played_and_its_gap_is_not_filled_twice(void **state)
{
    (void)state;
    push(1, 0);
    expect_seq(1, 40000);
    assert_int_equal(next(60000), VTB_BUFFER_DRY);
    push(2, 61000); /* late, not lost */
    expect_seq(2, 80000);
    assert_int_equal(next(100000), VTB_BUFFER_DRY);
    push(4, 101000); /* 3 is lost, and has been concealed already */
    expect_seq(4, 120000);
}

static void a_source_that_stops_is_concealed_for_100_ms_only(void **state)
{
    (void)state;
    push(1, 0);
    expect_seq(1, 40000);
    for (int i = 0; i < 5; i++)
        assert_int_equal(next(60000), VTB_BUFFER_DRY);
    assert_int_equal(next(60000), VTB_BUFFER_NOTHING);
    push_as(2, 2 * 960 + 48000, 30, 1020000); /* after a second of DTX */
    assert_int_equal(next(1020000), VTB_BUFFER_NOTHING); /* slack is built up anew */
    expect_seq(2, 1030000);
}

static void a_flood_costs_the_flooder_alone_and_stays_bounded(void **state)
{
    (void)state;
    uint64_t now = 0;

    for (uint16_t seq = 0; seq < 5000; seq++)
        push(seq, now);
    assert_true(buf.count <= VTB_BUFFER_SLOTS);
    next(40000);
    for (uint16_t seq = 5000; seq < 10000; seq++)
        push(seq, 40000);
    assert_true(vtb_buffer_ahead(&buf) <= VTB_BUFFER_AHEAD_MAX);
    assert_true(buf.figures.overrun > 4000);
    assert_int_equal(next(60000), VTB_BUFFER_PACKET);
    assert_true(packet.seq >= 9980); /* what is heard is recent */
}

static void large_packets_stay_within_8_kb(void **state)
{
    (void)state;
    uint8_t big[1275];

    for (uint16_t seq = 0; seq < 400; seq++) {
        struct vtb_buffer_packet p = { big, sizeof big, seq * 120u, 120, seq, 30, VTB_BUFFER_FRESH, false };

        memset(big, seq & 0xff, sizeof big);
        vtb_buffer_push(&buf, &p, 0);
    }
    for (uint16_t left = buf.count; left; left--) {
        enum vtb_buffer_step step = vtb_buffer_next(&buf, 50000, &packet, &missing);

        if (step == VTB_BUFFER_LOST)
            step = vtb_buffer_next(&buf, 50000, &packet, &missing);
        assert_true(step == VTB_BUFFER_PACKET || step == VTB_BUFFER_WARM);
        assert_int_equal(packet.len, sizeof big);
        memset(big, packet.seq & 0xff, sizeof big); /* nothing was overwritten while it was kept */
        assert_memory_equal(packet.payload, big, sizeof big);
    }
}

static void a_restarted_sender_is_heard_but_one_stray_packet_is_not(void **state)
{
    (void)state;
    push(100, 0);
    expect_seq(100, 40000);
    assert_int_equal(push(40000, 50000), VTB_BUFFER_LATE); /* broken or forged */
    assert_int_equal(push(101, 50000), VTB_BUFFER_KEPT);
    expect_seq(101, 60000);
    assert_int_equal(push(50000, 70000), VTB_BUFFER_LATE);
    assert_int_equal(push(50001, 90000), VTB_BUFFER_KEPT); /* two in a row: it restarted */
    assert_int_equal(push(50002, 110000), VTB_BUFFER_KEPT);
    expect_seq(50001, 130000);
}

static void a_source_that_is_not_chosen_holds_280_ms(void **state)
{
    (void)state;
    for (uint16_t seq = 0; seq < 100; seq++)
        push_as(seq, seq * 960u, 127, seq * 20000ull);
    assert_int_equal(buf.count, 14);
    assert_int_equal(buf.figures.overrun, 0); /* nothing was lost, it was never wanted */
    /* Chosen: the older ones warm the decoder up, the newest that has waited 10 ms is played. */
    for (uint16_t seq = 94; seq < 98; seq++) {
        assert_int_equal(next(1980000), VTB_BUFFER_WARM);
        assert_int_equal(packet.seq, seq);
    }
    expect_seq(98, 1980000);
}

static void speech_that_had_to_wait_is_played_from_its_onset(void **state)
{
    (void)state;
    for (uint16_t seq = 0; seq < 100; seq++)
        push_as(seq, seq * 960u, seq >= 96 ? 28 : 127, seq * 20000ull);
    for (uint16_t seq = 92; seq < 96; seq++) {
        assert_int_equal(next(2000000), VTB_BUFFER_WARM);
        assert_int_equal(packet.seq, seq);
    }
    expect_seq(96, 2000000);
}

/* As long as a louder newcomer may have to wait (level.h). */
static void an_onset_of_260_ms_ago_is_still_there(void **state)
{
    (void)state;
    for (uint16_t seq = 0; seq < 100; seq++)
        push_as(seq, seq * 960u, seq >= 88 ? 28 : 127, seq * 20000ull);
    while (next(2000000) == VTB_BUFFER_WARM)
        ;
    assert_int_equal(packet.seq, 88);
}

static void a_soft_voice_and_a_loud_room_have_their_onset(void **state)
{
    static const struct { uint8_t room, voice; uint16_t first; } in[] = { { 80, 58, 93 }, { 44, 20, 91 } };

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(in); i++) {
        memset(&buf, 0, sizeof buf);
        vtb_buffer_init(&buf);
        for (uint16_t seq = 0; seq < 100; seq++)
            push_as(seq, seq * 960u, seq >= 93 ? in[i].voice : in[i].room, seq * 20000ull);
        while (next(2000000) == VTB_BUFFER_WARM)
            ;
        assert_int_equal(packet.seq, in[i].first);
    }
}

static void who_has_talked_for_longer_is_joined_100_ms_back(void **state)
{
    (void)state;
    for (uint16_t seq = 0; seq < 100; seq++)
        push_as(seq, seq * 960u, 28, seq * 20000ull);
    while (next(2000000) == VTB_BUFFER_WARM)
        ;
    assert_int_equal(packet.seq, 95);
}

static void warming_up_ends_for_good(void **state)
{
    (void)state;
    speech_that_had_to_wait_is_played_from_its_onset(NULL);
    for (uint32_t i = 100; i < 70000; i++) {
        push_as((uint16_t)i, i * 960u, 28, i * 20000ull);
        expect_seq((uint16_t)(i - 3), i * 20000ull);
    }
}

static uint32_t hurry;
static bool patient;

/* Steps until the buffer asks for a change; a packet comes and one is played in each. */
static int steps_until_adjusted(uint16_t *seq, uint64_t *now, int32_t *by)
{
    for (int i = 1; i <= 500; i++) {
        push(++*seq, *now);
        *now += 20000;
        *by = vtb_buffer_adjust(&buf, 0, *now, &hurry, &patient);
        if (*by && !patient)
            return i;
        assert_int_equal(next(*now), VTB_BUFFER_PACKET);
    }
    return 0;
}

static void too_much_delay_is_taken_out_gently_and_a_lot_at_once(void **state)
{
    (void)state;
    uint64_t now = 0;
    uint16_t seq = 0;
    int32_t by;

    push(0, 0);
    while (seq < 2) {
        now += 20000;
        push(++seq, now);
    }
    now += 10000;
    expect_seq(0, now); /* two packets wait behind it */
    now += 10000;
    assert_in_range(steps_until_adjusted(&seq, &now, &by), 149, 151); /* 3 s */
    assert_int_equal(by, 960);
    assert_int_equal(hurry, 0);
    for (int i = 0; i < 5; i++, now += 20000) /* 100 ms more: nobody took a step */
        push(++seq, now);
    for (int i = 0; i < 30; i++, now += 20000) {
        push(++seq, now);
        (void)vtb_buffer_adjust(&buf, 0, now, &hurry, &patient);
        assert_int_equal(next(now), VTB_BUFFER_PACKET);
    }
    assert_true(vtb_buffer_adjust(&buf, 0, now, &hurry, &patient) > 0);
    assert_true(hurry >= 1 && !patient);
}

static void the_delay_that_is_right_is_left_alone(void **state)
{
    (void)state;
    uint64_t now = 0;
    uint16_t seq = 0;
    int32_t by;

    push(0, 0);
    now += 12000;
    expect_seq(0, now);
    now += 8000;
    assert_int_equal(steps_until_adjusted(&seq, &now, &by), 0);
}

/* One packet in five is lost and comes again after 50 ms: soon it is waited for. */
static void the_delay_grows_to_what_repairs_need_and_shrinks_without(void **state)
{
    (void)state;
    uint32_t before;

    for (uint16_t i = 0; i < 200; i++) {
        uint64_t now = i * 20000ull;

        if (i % 5)
            push(i, now);
        if (i > 10 && i % 5 == 3)
            push_came((uint16_t)(i - 3), VTB_BUFFER_RESENT, now - 10000);
    }
    before = buf.delay.target;
    assert_in_range(before, 2400, 2880); /* 50 to 60 ms */
    for (uint16_t i = 200; i < 2500; i++) /* slowly: for half a minute or so it is kept in mind */
        push(i, i * 20000ull);
    assert_int_equal(buf.delay.target, VTB_DELAY_LEAST);
}

/* A busy machine holds up one packet in sixty for 19 ms: that is waited for, not run dry and caught up
 * with each time. */
static void what_comes_late_now_and_then_keeps_the_delay_still(void **state)
{
    (void)state;
    uint32_t settled = 0;

    for (uint16_t i = 0; i < 3000; i++) {
        push(i, i * 20000ull + (i % 60 == 59 ? 19000 : 0)); /* in order, and nearly a packet late */
        if (i == 1000)
            settled = buf.delay.target;
        if (i > 1000)
            assert_int_equal(buf.delay.target, settled);
    }
    assert_in_range(settled, 912, 1200); /* 19 to 25 ms */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(playing_waits_10_ms_on_a_clean_network, setup),
        cmocka_unit_test_setup(reordered_packets_come_out_in_order_and_once, setup),
        cmocka_unit_test_setup(numbers_and_timestamps_wrap, setup),
        cmocka_unit_test_setup(a_gap_is_told_packet_by_packet_and_the_last_time_what_follows,
                               setup),
        cmocka_unit_test_setup(what_comes_again_in_time_is_played, setup),
        cmocka_unit_test_setup(a_copy_fills_a_hole_and_nothing_else, setup),
        cmocka_unit_test_setup(what_was_before_the_first_packet_does_not_come_in_as_a_copy, setup),
        cmocka_unit_test_setup(a_copy_that_lies_about_its_time_is_refused, setup),
        cmocka_unit_test_setup(long_packets_are_lost_and_played_whole, setup),
        cmocka_unit_test_setup(a_late_packet_is_played_and_its_gap_is_not_filled_twice, setup),
        cmocka_unit_test_setup(a_source_that_stops_is_concealed_for_100_ms_only, setup),
        cmocka_unit_test_setup(a_flood_costs_the_flooder_alone_and_stays_bounded, setup),
        cmocka_unit_test_setup(large_packets_stay_within_8_kb, setup),
        cmocka_unit_test_setup(a_restarted_sender_is_heard_but_one_stray_packet_is_not, setup),
        cmocka_unit_test_setup(a_source_that_is_not_chosen_holds_280_ms, setup),
        cmocka_unit_test_setup(speech_that_had_to_wait_is_played_from_its_onset, setup),
        cmocka_unit_test_setup(an_onset_of_260_ms_ago_is_still_there, setup),
        cmocka_unit_test_setup(a_soft_voice_and_a_loud_room_have_their_onset, setup),
        cmocka_unit_test_setup(who_has_talked_for_longer_is_joined_100_ms_back, setup),
        cmocka_unit_test_setup(warming_up_ends_for_good, setup),
        cmocka_unit_test_setup(too_much_delay_is_taken_out_gently_and_a_lot_at_once, setup),
        cmocka_unit_test_setup(the_delay_that_is_right_is_left_alone, setup),
        cmocka_unit_test_setup(the_delay_grows_to_what_repairs_need_and_shrinks_without, setup),
        cmocka_unit_test_setup(what_comes_late_now_and_then_keeps_the_delay_still, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
