#include "rtc/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void what_is_written_is_read(void **state)
{
    const uint8_t voice[] = { 0x78, 1, 2, 3 };
    struct vtb_frame frame = { .level = 42, .seq = 65535, .timestamp = 0xfffffc40, .payload = voice,
                               .len = sizeof voice }, seen;
    uint8_t bytes[VTB_FRAME_MAX];
    size_t len;
    (void)state;

    len = vtb_frame_write(&frame, bytes);
    assert_int_equal(len, 12);
    assert_int_equal(vtb_frame_parse(bytes, len, &seen), VTB_OK);
    assert_int_equal(seen.level, 42);
    assert_int_equal(seen.seq, 65535);
    assert_int_equal(seen.timestamp, 0xfffffc40);
    assert_int_equal(seen.len, sizeof voice);
    assert_memory_equal(seen.payload, voice, sizeof voice);
}

static void what_is_no_frame_is_refused_and_nothing_is_written(void **state)
{
    uint8_t bytes[VTB_FRAME_MAX + 1] = { 0x10, 20, 0, 1, 0, 0, 3, 0xc0, 0x78 };
    struct vtb_frame seen = { .seq = 7 };
    (void)state;

    for (size_t len = 0; len <= VTB_FRAME_HEADER; len++)
        assert_int_equal(vtb_frame_parse(bytes, len, &seen), VTB_PARSE);
    assert_int_equal(vtb_frame_parse(bytes, VTB_FRAME_MAX + 1, &seen), VTB_LIMIT);
    bytes[0] = 0x20; /* another version */
    assert_int_equal(vtb_frame_parse(bytes, 9, &seen), VTB_PARSE);
    bytes[0] = 0x11; /* a bit that means nothing */
    assert_int_equal(vtb_frame_parse(bytes, 9, &seen), VTB_PARSE);
    bytes[0] = 0x10;
    bytes[1] = 128; /* no level */
    assert_int_equal(vtb_frame_parse(bytes, 9, &seen), VTB_PARSE);
    assert_int_equal(seen.seq, 7);
    bytes[1] = 127;
    assert_int_equal(vtb_frame_parse(bytes, VTB_FRAME_MAX, &seen), VTB_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_no_frame_is_refused_and_nothing_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
