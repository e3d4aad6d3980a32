#include "rtc/rtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void what_is_written_is_read(void **state)
{
    struct vtb_rtp rtp = { .marker = true, .type = 111, .seq = 65535, .timestamp = 0xfffffffe,
                           .ssrc = 0x12345678 }, seen;
    uint8_t packet[64] = { 0 };
    (void)state;

    vtb_rtp_write(&rtp, packet);
    memcpy(packet + 12, "voice", 5);
    assert_int_equal(vtb_rtp_parse(packet, 17, &seen), VTB_OK);
    assert_true(seen.marker);
    assert_int_equal(seen.type, 111);
    assert_int_equal(seen.seq, 65535);
    assert_int_equal(seen.timestamp, 0xfffffffe);
    assert_int_equal(seen.ssrc, 0x12345678);
    assert_int_equal(seen.payload_len, 5);
    assert_int_equal(seen.header_len, 12);
    assert_int_equal(vtb_rtp_level(&seen, 1), VTB_RTP_LEVEL_UNKNOWN);

    assert_int_equal(vtb_rtp_write_level(packet, 1, 33), 20);
    assert_int_equal(vtb_rtp_parse(packet, 20, &seen), VTB_OK);
    assert_int_equal(vtb_rtp_level(&seen, 1), 33);
    assert_int_equal(vtb_rtp_level(&seen, 2), VTB_RTP_LEVEL_UNKNOWN);
    assert_int_equal(vtb_rtp_level(&seen, 0), VTB_RTP_LEVEL_UNKNOWN);
}

static void both_forms_of_extensions_are_read(void **state)
{
    /* one byte: padding, id 3 of 2 bytes, id 1 of 1 byte */
    static const uint8_t one[] = { 0x90, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0xbe, 0xde, 0, 2,
                                   0x00, 0x31, 0xaa, 0xbb, 0x10, 0x85, 0x00, 0x00, 'x' };
    /* two bytes: id 3 of 0 bytes, padding, id 1 of 1 byte */
    static const uint8_t two[] = { 0x90, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0x10, 0x00, 0, 2,
                                   0x03, 0x00, 0x00, 0x01, 0x01, 0x7f, 0x00, 0x00, 'x' };
    /* id 15 in the one-byte form ends the list */
    static const uint8_t stop[] = { 0x90, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0xbe, 0xde, 0, 1,
                                    0xf0, 0x10, 0x85, 0x00, 'x' };
    /* the element says 16 bytes and the block has 3 */
    static const uint8_t cut[] = { 0x90, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0xbe, 0xde, 0, 1,
                                   0x1f, 0x01, 0x02, 0x03, 'x' };
    struct vtb_rtp rtp;
    (void)state;

    assert_int_equal(vtb_rtp_parse(one, sizeof one, &rtp), VTB_OK);
    assert_int_equal(rtp.payload_len, 1);
    assert_int_equal(vtb_rtp_level(&rtp, 1), 5); /* without the V bit */
    assert_int_equal(vtb_rtp_parse(two, sizeof two, &rtp), VTB_OK);
    assert_int_equal(vtb_rtp_level(&rtp, 1), 127);
    assert_int_equal(vtb_rtp_level(&rtp, 3), VTB_RTP_LEVEL_UNKNOWN);
    assert_int_equal(vtb_rtp_parse(stop, sizeof stop, &rtp), VTB_OK);
    assert_int_equal(vtb_rtp_level(&rtp, 1), VTB_RTP_LEVEL_UNKNOWN);
    assert_int_equal(vtb_rtp_parse(cut, sizeof cut, &rtp), VTB_OK);
    assert_int_equal(vtb_rtp_level(&rtp, 1), VTB_RTP_LEVEL_UNKNOWN);
}

static void the_voices_of_a_mix_are_named_in_its_header(void **state)
{
    uint8_t packet[VTB_RTP_HEADER + 4 * VTB_RTP_CSRC_MAX + 1] = { 0 };
    const uint32_t voices[] = { 0x01020304, 0xfffefdfc, 3, 4, 5 };
    struct vtb_rtp rtp = { .type = VTB_RTP_OPUS, .seq = 7, .timestamp = 8, .ssrc = 9 };
    (void)state;

    vtb_rtp_write(&rtp, packet);
    assert_int_equal(vtb_rtp_write_csrc(packet, voices, 0), VTB_RTP_HEADER);
    assert_int_equal(packet[0], 0x80);
    assert_int_equal(vtb_rtp_write_csrc(packet, voices, 2), VTB_RTP_HEADER + 8);
    assert_int_equal(packet[0], 0x82);
    assert_memory_equal(packet + VTB_RTP_HEADER, "\1\2\3\4\xff\xfe\xfd\xfc", 8);
    assert_int_equal(vtb_rtp_parse(packet, sizeof packet, &rtp), VTB_OK);
    assert_int_equal(rtp.header_len, VTB_RTP_HEADER + 8);
    assert_int_equal(vtb_rtp_write_csrc(packet, voices, 5), VTB_RTP_HEADER + 4 * VTB_RTP_CSRC_MAX);
}

static void what_does_not_fit_is_refused(void **state)
{
    uint8_t packet[16] = { 0x80, 111 };
    struct vtb_rtp rtp;
    (void)state;

    for (size_t len = 0; len < 12; len++)
        assert_int_equal(vtb_rtp_parse(packet, len, &rtp), VTB_PARSE);
    packet[0] = 0x40; /* version 1 */
    assert_int_equal(vtb_rtp_parse(packet, 16, &rtp), VTB_PARSE);
    packet[0] = 0x8f; /* fifteen CSRCs */
    assert_int_equal(vtb_rtp_parse(packet, 16, &rtp), VTB_PARSE);
    packet[0] = 0xa0; /* padding of 0, of more than there is, of all there is */
    assert_int_equal(vtb_rtp_parse(packet, 16, &rtp), VTB_PARSE);
    packet[15] = 5;
    assert_int_equal(vtb_rtp_parse(packet, 16, &rtp), VTB_PARSE);
    packet[15] = 4;
    assert_int_equal(vtb_rtp_parse(packet, 16, &rtp), VTB_OK);
    assert_int_equal(rtp.payload_len, 0);
    packet[0] = 0x90; /* extension longer than the packet */
    packet[15] = 1;
    assert_int_equal(vtb_rtp_parse(packet, 16, &rtp), VTB_PARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(both_forms_of_extensions_are_read),
        cmocka_unit_test(the_voices_of_a_mix_are_named_in_its_header),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
