#include "rtc/rtcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void what_is_written_is_read(void **state)
{
    struct vtb_rtcp_sender sender = { .ntp = 0x0102030405060708, .timestamp = 960, .packets = 7,
                                      .octets = 700 };
    struct vtb_rtcp_block block = { .ssrc = 9, .fraction = 25, .lost = -1, .highest = 0x10005,
                                    .jitter = 48, .last_sr = 0x03040506, .delay_last_sr = 65536 };
    uint8_t out[VTB_RTCP_MAX];
    struct vtb_rtcp seen;
    size_t len;
    (void)state;

    len = vtb_rtcp_write(5, &sender, &block, "consilium", out);
    assert_int_equal(len % 4, 0);
    assert_int_equal(vtb_rtcp_parse(out, len, &seen), VTB_OK);
    assert_true(seen.has_sender && seen.has_report && !seen.bye);
    assert_int_equal(seen.ssrc, 5);
    assert_true(seen.sender.ntp == sender.ntp);
    assert_int_equal(seen.sender.octets, 700);
    assert_int_equal(seen.blocks_n, 1);
    assert_int_equal(seen.blocks[0].lost, -1); /* as webrtcbin begins */
    assert_int_equal(seen.blocks[0].fraction, 25);
    assert_int_equal(seen.blocks[0].highest, 0x10005);
    assert_int_equal(seen.blocks[0].delay_last_sr, 65536);

    len = vtb_rtcp_write(5, NULL, NULL, "a name that is much longer than 32 bytes are", out);
    assert_int_equal(vtb_rtcp_parse(out, len, &seen), VTB_OK);
    assert_true(seen.has_report && !seen.has_sender);
    assert_int_equal(seen.blocks_n, 0);

    len = vtb_rtcp_write_bye(5, out);
    assert_int_equal(vtb_rtcp_parse(out, len, &seen), VTB_OK);
    assert_true(seen.bye);
}

static void a_wrong_length_refuses_the_whole(void **state)
{
    struct vtb_rtcp_sender sender = { .packets = 7 };
    uint8_t out[VTB_RTCP_MAX];
    struct vtb_rtcp seen;
    size_t len = vtb_rtcp_write(5, &sender, NULL, "consilium", out);
    (void)state;

    assert_int_equal(vtb_rtcp_parse(out, 0, &seen), VTB_PARSE);
    for (size_t n = 1; n < len; n++)
        if (n != 28) /* the SR alone is a whole packet */
            assert_int_equal(vtb_rtcp_parse(out, n, &seen), VTB_PARSE);
    out[0] |= 31; /* says 31 blocks, has none */
    assert_int_equal(vtb_rtcp_parse(out, len, &seen), VTB_PARSE);
}

static void loss_is_counted_over_a_wrap(void **state)
{
    struct vtb_rtcp_receiver rx = { 0 };
    struct vtb_rtcp_block block;
    (void)state;

    for (uint32_t i = 0; i < 1000; i++)
        if (i % 10 != 9) /* the last one lost cannot be known */
            vtb_rtcp_received(&rx, 9, (uint16_t)(65000 + i), i * 960, i * 960);
    vtb_rtcp_report(&rx, 0, &block);
    assert_int_equal(block.lost, 99);
    assert_in_range(block.fraction, 24, 26);
    assert_int_equal(block.highest, 65000 + 998);
    assert_int_equal(block.jitter, 0);
    for (uint32_t i = 1000; i < 1100; i++)
        vtb_rtcp_received(&rx, 9, (uint16_t)(65000 + i), i * 960, i * 960 + (i % 2) * 480);
    vtb_rtcp_report(&rx, 0, &block);
    assert_int_equal(block.lost, 100); /* the one of before, known now */
    assert_in_range(block.fraction, 1, 3);
    assert_in_range(block.jitter, 400, 480);
    vtb_rtcp_report(&rx, 0, &block);
    assert_int_equal(block.fraction, 0);

    vtb_rtcp_received(&rx, 10, 5, 0, 0); /* another SSRC starts over */
    vtb_rtcp_report(&rx, 0, &block);
    assert_int_equal(block.lost, 0);
    assert_int_equal(block.ssrc, 10);
}

static void the_round_trip_is_what_is_left(void **state)
{
    uint64_t sent = vtb_rtcp_ntp(1700000000000000), now = vtb_rtcp_ntp(1700000001300000);
    struct vtb_rtcp_block block = { .last_sr = (uint32_t)(sent >> 16), .delay_last_sr = 65536 };
    (void)state;

    assert_in_range(vtb_rtcp_rtt_us(&block, now), 299900, 300100);
    block.delay_last_sr = 10 * 65536; /* says it kept it longer than the time that passed */
    assert_int_equal(vtb_rtcp_rtt_us(&block, now), 0);
    block.last_sr = 0;
    assert_int_equal(vtb_rtcp_rtt_us(&block, now), 0);
    assert_true(vtb_rtcp_ntp(0) == 2208988800ull << 32);
}

static void a_nack_names_numbers_in_pairs(void **state)
{
    static const uint16_t seqs[] = { 65530, 65534, 2, 40, 41, 57, 58 };
    static const uint8_t bare[] = {
        0x81, 205, 0, 5, 0, 0, 0, 5, 0, 0, 0, 9, /* RFC 4585, 6.1: generic NACK of 9 by 5 */
        0xff, 0xfa, 0x00, 0x88,                  /* 65530, and 4 and 8 after it, over the wrap */
        0x00, 0x28, 0x00, 0x01,                  /* 40, 41 */
        0x00, 0x39, 0x00, 0x01,                  /* 57 is 17 after 40, one too far for its bits */
    };
    uint8_t out[VTB_RTCP_MAX];
    struct vtb_rtcp seen;
    size_t len = vtb_rtcp_write_nack(5, 9, seqs, 7, NULL, out);
    (void)state;

    assert_int_equal(len, sizeof bare);
    assert_memory_equal(out, bare, len);
    assert_int_equal(vtb_rtcp_parse(out, len, &seen), VTB_OK);
    assert_false(seen.has_report);
    assert_int_equal(seen.missed_ssrc, 9);
    assert_int_equal(seen.missed_n, 7);
    assert_memory_equal(seen.missed, seqs, sizeof seqs);
    len = vtb_rtcp_write_nack(5, 9, seqs, 7, "consilium", out);
    assert_true(len <= VTB_RTCP_MAX);
    assert_int_equal(out[1], 201); /* RFC 3550, 6.1: a compound begins with a report */
    assert_int_equal(vtb_rtcp_parse(out, len, &seen), VTB_OK);
    assert_true(seen.has_report && seen.ssrc == 5);
}

static void sixteen_numbers_far_apart_fit(void **state)
{
    uint16_t seqs[16];
    uint8_t out[VTB_RTCP_MAX];
    (void)state;

    for (uint16_t i = 0; i < 16; i++)
        seqs[i] = (uint16_t)(i * 20);
    assert_true(vtb_rtcp_write_nack(5, 9, seqs, 16, "a name of thirty-two characters.", out) <= VTB_RTCP_MAX);
}

/* Came late because it was asked for, not because the network is uneven. */
static void what_comes_again_is_no_jitter(void **state)
{
    struct vtb_rtcp_receiver rx = { 0 };
    struct vtb_rtcp_block block;
    (void)state;

    for (uint16_t i = 0; i < 100; i++) {
        if (i % 10 == 5)
            continue;
        vtb_rtcp_received(&rx, 1, i, i * 960u, i * 960u);
        if (i % 10 == 9)
            vtb_rtcp_received(&rx, 1, (uint16_t)(i - 4), (i - 4u) * 960u, i * 960u);
    }
    vtb_rtcp_report(&rx, 0, &block);
    assert_int_equal(block.jitter, 0);
    assert_int_equal(block.lost, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_wrong_length_refuses_the_whole),
        cmocka_unit_test(loss_is_counted_over_a_wrap),
        cmocka_unit_test(the_round_trip_is_what_is_left),
        cmocka_unit_test(a_nack_names_numbers_in_pairs),
        cmocka_unit_test(sixteen_numbers_far_apart_fit),
        cmocka_unit_test(what_comes_again_is_no_jitter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
