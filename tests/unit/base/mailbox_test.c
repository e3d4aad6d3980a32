/* Bounded, in order, nothing lost and nothing twice; the wake comes when an empty box is filled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/mailbox.h"

#define POSTERS 4u
#define EACH    20000u

struct letter { uint32_t from, n; };

static void count_wake(void *ctx)
{
    ++*(unsigned *)ctx;
}

static void a_full_box_says_again_and_a_closed_one_closed(void **state)
{
    (void)state;
    struct vtb_mailbox *box;
    unsigned wakes = 0;
    struct letter letter = { 1, 0 }, out[8];

    assert_int_equal(vtb_mailbox_create(sizeof letter, 3, count_wake, &wakes, &box), VTB_OK);
    for (letter.n = 0; letter.n < 3; letter.n++)
        assert_int_equal(vtb_mailbox_post(box, &letter), VTB_OK);
    assert_int_equal(wakes, 1); /* only the first fills an empty box */
    assert_int_equal(vtb_mailbox_post(box, &letter), VTB_AGAIN);
    assert_int_equal(vtb_mailbox_take(box, out, 2), 2);
    assert_int_equal(out[0].n, 0);
    assert_int_equal(out[1].n, 1);
    assert_int_equal(vtb_mailbox_post(box, &letter), VTB_OK); /* goes round the end of the ring */
    assert_int_equal(wakes, 1);
    assert_int_equal(vtb_mailbox_take(box, out, 8), 2);
    assert_int_equal(out[0].n, 2);
    assert_int_equal(out[1].n, 3);
    assert_int_equal(vtb_mailbox_take(box, out, 8), 0);
    assert_int_equal(vtb_mailbox_post(box, &letter), VTB_OK);
    assert_int_equal(wakes, 2);
    vtb_mailbox_close(box);
    assert_int_equal(vtb_mailbox_post(box, &letter), VTB_CLOSED);
    assert_int_equal(vtb_mailbox_wait(box, out, 8), 1); /* what was in it is still delivered */
    assert_int_equal(vtb_mailbox_wait(box, out, 8), 0); /* and nobody sleeps for ever */
    vtb_mailbox_destroy(box);
    vtb_mailbox_destroy(NULL);
}

struct poster { struct vtb_mailbox *box; uint32_t number; };

static void *post(void *ctx)
{
    struct poster *poster = ctx;

    for (uint32_t n = 0; n < EACH; n++) {
        struct letter letter = { poster->number, n };

        while (vtb_mailbox_post(poster->box, &letter) == VTB_AGAIN)
            sched_yield();
    }
    return NULL;
}

static void many_threads_post_and_each_ones_order_is_kept(void **state)
{
    (void)state;
    struct vtb_mailbox *box;
    struct poster posters[POSTERS];
    pthread_t threads[POSTERS];
    uint32_t next[POSTERS] = { 0 }, got = 0;
    struct letter letters[16];

    assert_int_equal(vtb_mailbox_create(sizeof letters[0], 64, NULL, NULL, &box), VTB_OK);
    for (uint32_t i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){ box, i };
        assert_int_equal(pthread_create(&threads[i], NULL, post, &posters[i]), 0);
    }
    while (got < POSTERS * EACH) {
        size_t n = vtb_mailbox_wait(box, letters, 16);

        for (size_t i = 0; i < n; i++)
            if (letters[i].n != next[letters[i].from]++)
                fail_msg("letter %u of %u came out of order", letters[i].n, letters[i].from);
        got += (uint32_t)n;
    }
    for (uint32_t i = 0; i < POSTERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(vtb_mailbox_take(box, letters, 16), 0);
    vtb_mailbox_destroy(box);
}

static void *take_until_closed(void *ctx)
{
    struct letter letter;
    uintptr_t n = 0;

    while (vtb_mailbox_wait(ctx, &letter, 1) == 1)
        n++;
    return (void *)n;
}

static void closing_wakes_who_waits(void **state)
{
    (void)state;
    struct vtb_mailbox *box;
    struct letter letter = { 0, 0 };
    pthread_t thread;
    void *taken;

    assert_int_equal(vtb_mailbox_create(sizeof letter, 64, NULL, NULL, &box), VTB_OK);
    assert_int_equal(pthread_create(&thread, NULL, take_until_closed, box), 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(vtb_mailbox_post(box, &letter), VTB_OK);
    vtb_mailbox_close(box);
    pthread_join(thread, &taken);
    assert_int_equal((uintptr_t)taken, 10);
    vtb_mailbox_destroy(box);
}

static void *drop_references(void *ctx)
{
    for (int i = 0; i < 10000; i++)
        vtb_blob_unref(ctx);
    return NULL;
}

/* The sanitizers see a blob that is freed twice, early or never. */
static void a_blob_is_freed_by_whoever_lets_go_last(void **state)
{
    (void)state;
    struct vtb_blob *blob = vtb_blob_make("abc", 3), *empty = vtb_blob_make(NULL, 0);
    pthread_t threads[4];

    assert_memory_equal(vtb_blob_data(blob), "abc", 3);
    assert_int_equal(vtb_blob_len(blob), 3);
    vtb_blob_data(blob)[-VTB_BLOB_ROOM] = 1; /* the room in front is there */
    for (int i = 0; i < 40000; i++)
        assert_ptr_equal(vtb_blob_ref(blob), blob);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, drop_references, blob), 0);
    vtb_blob_unref(blob); /* the maker's own */
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(vtb_blob_len(empty), 0);
    vtb_blob_unref(empty);
    vtb_blob_unref(NULL);
    assert_null(vtb_blob_make("", SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_box_says_again_and_a_closed_one_closed),
        cmocka_unit_test(many_threads_post_and_each_ones_order_is_kept),
        cmocka_unit_test(closing_wakes_who_waits),
        cmocka_unit_test(a_blob_is_freed_by_whoever_lets_go_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
