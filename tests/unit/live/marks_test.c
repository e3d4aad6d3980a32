/* Where the presenter points is kept at a bounded rate, and written by the time that the recording is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "live/inner.h"

#include "fakes.h"
#include "media/recordings.h"

#include <stdlib.h>
#include <unistd.h>

static struct vtb_mark read_one(const uint8_t *bytes, size_t i)
{
    return vtb_mark_of(bytes + i * VTB_MARK_BYTES);
}

static void ten_a_second_are_kept_and_that_it_went_is_never_left_out(void **state)
{
    static const uint8_t key[VTB_RECORDING_KEY] = { 7 };
    char dir[] = "/tmp/vtb-marks-XXXXXX";
    struct vtb_live *live = calloc(1, sizeof *live);
    struct vtb_ask pointer = { .kind = VTB_ASK_POINTER, .u.pointer = { .x = 5, .y = -6, .on = true } };
    struct vtb_ask view = { .kind = VTB_ASK_VIEW_LIVE, .u.view_live = { .x = 1, .y = 2, .w = 3, .h = 4 } };
    struct vtb_id id = vtb_id_make(1);
    struct marker *marker;
    uv_loop_t loop;
    uint8_t *bytes;
    size_t len;

    (void)state;
    assert_non_null(live);
    assert_non_null(mkdtemp(dir));
    uv_loop_init(&loop);
    live->cfg = (struct vtb_live_config){ .loop = &loop, .record_dir = dir, .record_key = key };
    fake_mono_us = 100000000;
    marker = marker_make(live, id, fake_mono_us);
    for (int i = 0; i < 100; i++) { /* a second, of a client that sends a hundred */
        marker_take(marker, &pointer);
        marker_take(marker, &view);
        fake_mono_us += 10000;
    }
    pointer.u.pointer.on = false;
    marker_take(marker, &pointer);
    marker_tick(marker); /* to the pool */
    fake_mono_us += 200000;
    pointer.u.pointer.on = true;
    marker_take(marker, &pointer); /* comes while that is written */
    marker_end(marker);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(vtb_marks_read(dir, key, id, &bytes, &len), VTB_OK);
    assert_int_equal(len % VTB_MARK_BYTES, 0);
    assert_in_range(len / VTB_MARK_BYTES, 20, 22);
    assert_int_equal(read_one(bytes, 0).kind, VTB_MARK_POINTER);
    assert_int_equal(read_one(bytes, 0).at_ms, 0);
    assert_int_equal(read_one(bytes, 0).y, -6);
    assert_int_equal(read_one(bytes, 1).kind, VTB_MARK_VIEW);
    assert_int_equal(read_one(bytes, 1).h, 4);
    assert_int_equal(read_one(bytes, len / VTB_MARK_BYTES - 2).kind, VTB_MARK_AWAY);
    assert_int_equal(read_one(bytes, len / VTB_MARK_BYTES - 1).at_ms, 1200);
    free(bytes);
    assert_int_equal(vtb_recording_destroy(dir, id), VTB_OK);
    rmdir(dir);
    uv_loop_close(&loop);
    free(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_a_second_are_kept_and_that_it_went_is_never_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
