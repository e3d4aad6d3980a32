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
    struct vtb_buffer_packet p = { bytes, 2, ts, 960, seq, level };

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

static void playing_waits_40_ms(void **state)
{
    (void)state;
    push(5, 0);
    assert_int_equal(next(0), VTB_BUFFER_NOTHING);
    push(6, 20000);
    assert_int_equal(next(39999), VTB_BUFFER_NOTHING);
    expect_seq(5, 40000);
    expect_seq(6, 60000);
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
        if (i >= 2)
            expect_seq((uint16_t)(seq - 2), i * 20000ull);
    }
    assert_int_equal(buf.overrun, 0);
}

static void a_gap_says_how_much_is_missing_and_what_follows(void **state)
{
    (void)state;
    push(1, 0);
    push(4, 0);
    expect_seq(1, 40000);
    assert_int_equal(next(40000), VTB_BUFFER_LOST);
    assert_int_equal(missing, 2 * 960);
    assert_int_equal(packet.seq, 4); /* its FEC may hold number 3 */
    expect_seq(4, 60000);
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
    push_as(2, 2 * 960 + 48000, 30, 1000000); /* after a second of DTX */
    assert_int_equal(next(1000000), VTB_BUFFER_NOTHING); /* slack is built up anew */
    expect_seq(2, 1040000);
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
    assert_true(buf.overrun > 4000);
    assert_int_equal(next(60000), VTB_BUFFER_PACKET);
    assert_true(packet.seq >= 9985); /* what is heard is recent */
}

static void large_packets_stay_within_8_kb(void **state)
{
    (void)state;
    uint8_t big[1275];

    for (uint16_t seq = 0; seq < 400; seq++) {
        struct vtb_buffer_packet p = { big, sizeof big, seq * 120u, 120, seq, 30 };

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

static void a_source_that_is_not_chosen_holds_100_ms(void **state)
{
    (void)state;
    for (uint16_t seq = 0; seq < 100; seq++)
        push_as(seq, seq * 960u, 127, seq * 20000ull);
    assert_int_equal(buf.count, 5);
    assert_int_equal(buf.overrun, 0); /* nothing was lost, it was never wanted */
    /* Chosen: the two oldest warm the decoder up, the last 60 ms are played. */
    assert_int_equal(next(2000000), VTB_BUFFER_WARM);
    assert_int_equal(packet.seq, 95);
    assert_int_equal(next(2000000), VTB_BUFFER_WARM);
    expect_seq(97, 2000000);
}

static void speech_that_had_to_wait_is_played_from_its_onset(void **state)
{
    (void)state;
    for (uint16_t seq = 0; seq < 100; seq++)
        push_as(seq, seq * 960u, seq >= 96 ? 28 : 127, seq * 20000ull);
    assert_int_equal(next(2000000), VTB_BUFFER_WARM);
    assert_int_equal(packet.seq, 95);
    expect_seq(96, 2000000);
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

static void too_much_delay_shrinks_after_a_second_or_in_a_pause(void **state)
{
    (void)state;
    int steps = 0;

    push(0, 0);
    expect_seq(0, 40000);
    for (uint16_t seq = 1; seq < 7; seq++)
        push(seq, 40000);
    while (!vtb_buffer_settle(&buf, 0, false))
        steps++;
    assert_in_range(steps + 1, 50, 60);
    steps = 0;
    while (!vtb_buffer_settle(&buf, 0, true))
        steps++;
    assert_in_range(steps + 1, 1, 10);
    for (int i = 0; i < 5; i++)
        next(60000);
    for (int i = 0; i < 200; i++) /* 20 ms ahead is what it should be */
        assert_false(vtb_buffer_settle(&buf, 0, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(playing_waits_40_ms, setup),
        cmocka_unit_test_setup(reordered_packets_come_out_in_order_and_once, setup),
        cmocka_unit_test_setup(numbers_and_timestamps_wrap, setup),
        cmocka_unit_test_setup(a_gap_says_how_much_is_missing_and_what_follows, setup),
        cmocka_unit_test_setup(a_late_packet_is_played_and_its_gap_is_not_filled_twice, setup),
        cmocka_unit_test_setup(a_source_that_stops_is_concealed_for_100_ms_only, setup),
        cmocka_unit_test_setup(a_flood_costs_the_flooder_alone_and_stays_bounded, setup),
        cmocka_unit_test_setup(large_packets_stay_within_8_kb, setup),
        cmocka_unit_test_setup(a_restarted_sender_is_heard_but_one_stray_packet_is_not, setup),
        cmocka_unit_test_setup(a_source_that_is_not_chosen_holds_100_ms, setup),
        cmocka_unit_test_setup(speech_that_had_to_wait_is_played_from_its_onset, setup),
        cmocka_unit_test_setup(warming_up_ends_for_good, setup),
        cmocka_unit_test_setup(too_much_delay_shrinks_after_a_second_or_in_a_pause, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
