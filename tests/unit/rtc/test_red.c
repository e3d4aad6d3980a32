#include "rtc/red.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A packet with one copy as Chromium sends it: copy of 3 bytes 960 samples ago, then 4 bytes. */
static const uint8_t one_copy[] = { 0x80 | 111, 960 >> 6, (960 & 0x3f) << 2, 3, 111,
                                    'a', 'b', 'c', 'd', 'e', 'f', 'g' };

static void a_copy_and_the_sound_itself_are_read(void **state)
{
    struct vtb_red red;
    (void)state;

    assert_int_equal(vtb_red_parse(one_copy, sizeof one_copy, 111, &red), VTB_OK);
    assert_int_equal(red.n, 2);
    assert_int_equal(red.blocks[0].offset, 960);
    assert_int_equal(red.blocks[0].len, 3);
    assert_memory_equal(red.blocks[0].payload, "abc", 3);
    assert_int_equal(red.blocks[1].offset, 0);
    assert_int_equal(red.blocks[1].len, 4);
    assert_memory_equal(red.blocks[1].payload, "defg", 4);
}

static void sound_without_a_copy_is_read(void **state)
{
    static const uint8_t plain[] = { 111, 'x' };
    struct vtb_red red;
    (void)state;

    assert_int_equal(vtb_red_parse(plain, sizeof plain, 111, &red), VTB_OK);
    assert_int_equal(red.n, 1);
    assert_int_equal(red.blocks[0].len, 1);
}

/* `copies` of 2 bytes each, offsets 960 * copies .. 960, and 2 bytes of sound. */
static size_t build(uint8_t *out, uint32_t copies, uint32_t step)
{
    uint8_t *at = out;

    for (uint32_t i = copies; i > 0; i--) {
        uint32_t offset = i * step;

        *at++ = 0x80 | 111;
        *at++ = (uint8_t)(offset >> 6);
        *at++ = (uint8_t)(offset << 2);
        *at++ = 2;
    }
    *at++ = 111;
    for (uint32_t i = 0; i < 2 * (copies + 1); i++)
        *at++ = (uint8_t)i;
    return (size_t)(at - out);
}

static void thirty_two_blocks_are_read_and_no_more(void **state)
{
    uint8_t packet[256];
    struct vtb_red red;
    (void)state;

    assert_int_equal(vtb_red_parse(packet, build(packet, 31, 480), 111, &red), VTB_OK);
    assert_int_equal(red.n, 32);
    assert_int_equal(red.blocks[0].offset, 31 * 480);
    assert_int_equal(red.blocks[31].payload[0], 62);
    assert_int_equal(vtb_red_parse(packet, build(packet, 32, 480), 111, &red), VTB_PARSE);
}

static void offsets_up_to_341_ms_are_read(void **state)
{
    uint8_t packet[64];
    struct vtb_red red;
    (void)state;

    assert_int_equal(vtb_red_parse(packet, build(packet, 1, 16383), 111, &red), VTB_OK);
    assert_int_equal(red.blocks[0].offset, 16383);
}

static void every_cut_is_refused(void **state)
{
    struct vtb_red red;
    (void)state;

    for (size_t len = 0; len <= sizeof one_copy - 4; len++) { /* the own sound may be 1..4 bytes */
        uint8_t *exact = malloc(len + 1); /* reading behind it is seen by the sanitizer */

        memcpy(exact, one_copy, len);
        assert_int_equal(vtb_red_parse(exact, len, 111, &red), VTB_PARSE);
        free(exact);
    }
}

static void malformed_shapes_are_refused_and_nothing_is_written(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } bad[] = {
        { 0, 0x80 | 110 },        /* copy of another codec */
        { 4, 13 },                /* own sound of another codec */
        { 4, 0x80 | 111 },        /* no header without F bit */
        { 3, 0 },                 /* empty copy */
        { 3, 8 },                 /* copy longer than the packet */
        { 2, 0xff },              /* length with its high bits */
    };
    struct vtb_red red = { .n = 77 };
    uint8_t packet[64];
    (void)state;

    for (size_t i = 0; i < VTB_COUNT(bad); i++) {
        memcpy(packet, one_copy, sizeof one_copy);
        packet[bad[i].at] = bad[i].value;
        assert_int_equal(vtb_red_parse(packet, sizeof one_copy, 111, &red), VTB_PARSE);
        assert_int_equal(red.n, 77);
    }
    memcpy(packet, one_copy, sizeof one_copy);
    packet[1] = packet[2] = 0; /* a copy of itself */
    assert_int_equal(vtb_red_parse(packet, sizeof one_copy, 111, &red), VTB_PARSE);
    size_t len = build(packet, 2, 960);

    memcpy(packet + 4, packet, 4); /* two copies of one age */
    assert_int_equal(vtb_red_parse(packet, len, 111, &red), VTB_PARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_and_the_sound_itself_are_read),
        cmocka_unit_test(sound_without_a_copy_is_read),
        cmocka_unit_test(thirty_two_blocks_are_read_and_no_more),
        cmocka_unit_test(offsets_up_to_341_ms_are_read),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(malformed_shapes_are_refused_and_nothing_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
