/* The two lanes of a socket. */
#include "lane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void push(struct web_lane *lane, size_t size, enum vtb_err expected)
{
    uint8_t *bytes = calloc(1, size + 1);
    struct vtb_blob *blob = vtb_blob_make(bytes, size);

    assert_int_equal(web_lane_push(lane, blob), expected);
    vtb_blob_unref(blob);
    free(bytes);
}

static void put(struct web_lane *lane, unsigned kind, const char *text)
{
    struct vtb_blob *blob = vtb_blob_make(text, strlen(text));

    web_lane_put(lane, kind, blob);
    vtb_blob_unref(blob);
}

static void take(struct web_lane *lane, const char *text)
{
    struct vtb_blob *blob = web_lane_take(lane);

    assert_non_null(blob);
    assert_int_equal(vtb_blob_len(blob), strlen(text));
    assert_memory_equal(vtb_blob_data(blob), text, strlen(text));
    vtb_blob_unref(blob);
}

static void the_ring_takes_its_limit_and_one_past_it_drops_all(void **state)
{
    struct web_lane *lane = calloc(1, sizeof *lane);

    (void)state;
    for (int i = 0; i < VTB_WEB_RING_EVENTS; i++)
        push(lane, 10, VTB_OK);
    push(lane, 10, VTB_LIMIT);
    assert_true(lane->is_behind);
    assert_true(web_lane_is_empty(lane));
    push(lane, 10, VTB_OK); /* dropped: the snapshot will hold it */
    assert_true(web_lane_is_empty(lane));
    free(lane);
}

static void the_ring_is_bounded_in_bytes_too(void **state)
{
    struct web_lane *lane = calloc(1, sizeof *lane);

    (void)state;
    for (int i = 0; i < 8; i++)
        push(lane, VTB_WEB_RING_BYTES / 8, VTB_OK);
    push(lane, 1, VTB_LIMIT);
    assert_int_equal(lane->bytes, 0);
    free(lane);
}

static void ordered_goes_first_and_slots_take_turns(void **state)
{
    struct web_lane *lane = calloc(1, sizeof *lane);
    struct vtb_blob *event = vtb_blob_make("event", 5);

    (void)state;
    put(lane, 1, "view old");
    put(lane, 1, "view new");
    put(lane, 6, "level");
    assert_int_equal(web_lane_push(lane, event), VTB_OK);
    vtb_blob_unref(event);
    take(lane, "event");
    take(lane, "view new");
    put(lane, 1, "view newer"); /* a busy slot does not starve the others */
    take(lane, "level");
    take(lane, "view newer");
    assert_null(web_lane_take(lane));
    free(lane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ring_takes_its_limit_and_one_past_it_drops_all),
        cmocka_unit_test(the_ring_is_bounded_in_bytes_too),
        cmocka_unit_test(ordered_goes_first_and_slots_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
