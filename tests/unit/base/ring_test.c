#include "base/ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct item {
    uint64_t n;
    unsigned char filler[41]; /* no round size: places must be aligned all the same */
};

static void a_full_ring_gives_no_place_and_what_is_read_makes_one_free(void **state)
{
    struct vtb_ring *ring;
    struct item *slot;
    (void)state;

    assert_int_equal(vtb_ring_create(sizeof(struct item), 4, &ring), VTB_OK);
    assert_null(vtb_ring_front(ring));
    for (uint64_t i = 0; i < 4; i++) {
        slot = vtb_ring_slot(ring);
        assert_non_null(slot);
        assert_int_equal((uintptr_t)slot % _Alignof(max_align_t), 0);
        assert_ptr_equal(vtb_ring_slot(ring), slot); /* not posted yet: the same place */
        slot->n = i;
        vtb_ring_post(ring);
    }
    assert_null(vtb_ring_slot(ring));
    assert_int_equal(((const struct item *)vtb_ring_front(ring))->n, 0);
    vtb_ring_done(ring);
    assert_non_null(vtb_ring_slot(ring));
    assert_int_equal(((const struct item *)vtb_ring_front(ring))->n, 1);
    vtb_ring_destroy(ring);
    vtb_ring_destroy(NULL);
}

#define MANY 200000u

static void *write_many(void *ctx)
{
    for (uint64_t i = 0; i < MANY;) {
        struct item *slot = vtb_ring_slot(ctx);

        if (!slot) {
            sched_yield();
            continue;
        }
        slot->n = i;
        memset(slot->filler, (int)(i & 0xff), sizeof slot->filler);
        vtb_ring_post(ctx);
        i++;
    }
    return NULL;
}

static void between_two_threads_all_arrives_whole_and_in_order(void **state)
{
    struct vtb_ring *ring;
    pthread_t writer;
    (void)state;

    assert_int_equal(vtb_ring_create(sizeof(struct item), 64, &ring), VTB_OK);
    assert_int_equal(pthread_create(&writer, NULL, write_many, ring), 0);
    for (uint64_t i = 0; i < MANY;) {
        const struct item *item = vtb_ring_front(ring);

        if (!item) {
            sched_yield();
            continue;
        }
        if (item->n != i || item->filler[0] != (i & 0xff) || item->filler[40] != (i & 0xff))
            fail_msg("item %llu is torn or out of order", (unsigned long long)i);
        vtb_ring_done(ring);
        i++;
    }
    pthread_join(writer, NULL);
    assert_null(vtb_ring_front(ring));
    vtb_ring_destroy(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_ring_gives_no_place_and_what_is_read_makes_one_free),
        cmocka_unit_test(between_two_threads_all_arrives_whole_and_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
