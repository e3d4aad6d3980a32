/* What waits for a socket that carries sound, on a clock that is a number. */
#include "queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MS UINT64_C(1000)

static void push(struct web_queue *queue, uint8_t n, uint64_t at_ms)
{
    struct vtb_blob *blob = vtb_blob_make(&n, 1);

    web_queue_push(queue, blob, at_ms * MS);
    vtb_blob_unref(blob);
}

/* -1: nothing */
static int take(struct web_queue *queue, uint64_t at_ms)
{
    struct vtb_blob *blob = web_queue_take(queue, at_ms * MS);
    int n = blob ? *vtb_blob_data(blob) : -1;

    vtb_blob_unref(blob);
    return n;
}

static void what_waits_no_longer_than_200_ms_comes_in_order(void **state)
{
    struct web_queue queue = { 0 };
    (void)state;

    for (uint8_t i = 0; i < 10; i++)
        push(&queue, i, 20u * i);
    for (int i = 0; i < 10; i++)
        assert_int_equal(take(&queue, 200), i);
    assert_int_equal(take(&queue, 200), -1);
    assert_int_equal(queue.dropped, 0);
}

static void what_waited_longer_is_dropped_and_the_newest_stays(void **state)
{
    struct web_queue queue = { 0 };
    (void)state;

    for (uint8_t i = 0; i < 10; i++)
        push(&queue, i, 20u * i);
    assert_int_equal(take(&queue, 301), 6); /* of 120 ms: 181 ms old; the one before waited 201 */
    assert_int_equal(queue.dropped, 6);
    assert_int_equal(take(&queue, 1000), -1);
    assert_int_equal(queue.dropped, 9);
}

static void a_link_that_stands_still_holds_no_more_than_its_places(void **state)
{
    struct web_queue queue = { 0 };
    (void)state;

    for (uint8_t i = 0; i < 100; i++)
        push(&queue, i, i); /* faster than sound: a worker that made good for a stall */
    assert_int_equal(queue.used, WEB_QUEUE_FRAMES);
    assert_int_equal(queue.dropped, 100 - WEB_QUEUE_FRAMES);
    assert_int_equal(take(&queue, 100), 100 - (int)WEB_QUEUE_FRAMES);
    for (uint8_t i = 0; i < 200; i++) /* ten seconds without a write */
        push(&queue, i, 1000u + 20u * i);
    assert_true(queue.used <= 11);
    assert_int_equal(take(&queue, 1000 + 20 * 199), 199 - 10);
    web_queue_empty(&queue);
    assert_int_equal(queue.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_no_longer_than_200_ms_comes_in_order),
        cmocka_unit_test(what_waited_longer_is_dropped_and_the_newest_stays),
        cmocka_unit_test(a_link_that_stands_still_holds_no_more_than_its_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
