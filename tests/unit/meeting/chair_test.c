/* The chair is handed over, taken, taken back; and decision 8 stays true. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct vtb_ask take = { .kind = VTB_ASK_CHAIR_TAKE };
static const struct vtb_ask decline = { .kind = VTB_ASK_CHAIR_DECLINE };
static const struct vtb_ask no_offer = { .kind = VTB_ASK_CHAIR_OFFER };
static const struct vtb_ask mute_all = { .kind = VTB_ASK_SEATS_MUTE };

static struct vtb_ask offer(enum who who)
{
    return (struct vtb_ask){ .kind = VTB_ASK_CHAIR_OFFER, .u.chair_offer = { true, seat_id(who) } };
}

static void assert_chair(const struct world *w, enum who who)
{
    assert_ptr_equal(vtb_meeting_chair(w->shown), seat(w, who));
}

static void leave(struct world *w, enum who who)
{
    assert_int_equal(vtb_meeting_gone(w->tail, seat_id(who), w->now_us, w->out), VTB_OK);
    world_fold(w);
}

static void nobody_gets_the_chair_unasked(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, SURGEON, take), VTB_DENIED);
    assert_int_equal(ask(&w, COORDINATOR, offer(SURGEON)), VTB_DENIED); /* only who acts gives it away */
    assert_int_equal(ask(&w, CHAIR, offer(SURGEON)), VTB_OK);
    assert_chair(&w, CHAIR); /* offered is not taken */
    assert_int_equal(ask(&w, PATHOLOGIST, take), VTB_DENIED);
    assert_int_equal(ask(&w, SURGEON, take), VTB_OK);
    assert_chair(&w, SURGEON);
    assert_true(vtb_id_is_nil(w.shown->offered));
    assert_int_equal(ask(&w, SURGEON, mute_all), VTB_OK); /* acts with all that belongs to it */
    assert_int_equal(ask(&w, CHAIR, offer(PATHOLOGIST)), VTB_DENIED);
    world_free(&w);
}

static void an_offer_can_be_declined_and_taken_back(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, CHAIR, offer(SURGEON)), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, decline), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, take), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, offer(SURGEON)), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, no_offer), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, take), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, offer(SURGEON)), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, offer(PATHOLOGIST)), VTB_OK); /* another one: the first is over */
    assert_int_equal(ask(&w, SURGEON, take), VTB_DENIED);
    assert_int_equal(ask(&w, PATHOLOGIST, take), VTB_OK);
    assert_chair(&w, PATHOLOGIST);
    world_free(&w);
}

static void the_chair_takes_it_back(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, CHAIR, offer(SURGEON)), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, take), VTB_OK);
    assert_int_equal(ask(&w, CO_CHAIR, take), VTB_ABSENT); /* is not here */
    assert_int_equal(ask(&w, CHAIR, take), VTB_OK);
    assert_chair(&w, CHAIR);
    world_free(&w);
}

static void who_was_handed_it_keeps_it_whoever_comes(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, CHAIR, offer(SURGEON)), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, take), VTB_OK);
    assert_int_equal(join(&w, CO_CHAIR), VTB_OK);
    assert_chair(&w, SURGEON);
    assert_int_equal(join(&w, CHAIR), VTB_OK); /* another device of the chair, who never left */
    assert_chair(&w, SURGEON);
    leave(&w, CHAIR);
    assert_chair(&w, SURGEON);
    assert_int_equal(join(&w, CHAIR), VTB_OK); /* who returns has the chair again */
    assert_chair(&w, CHAIR);
    world_free(&w);
}

static void when_the_holder_leaves_it_falls_back(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, CHAIR, offer(SURGEON)), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, take), VTB_OK);
    leave(&w, SURGEON);
    assert_chair(&w, CHAIR);
    assert_int_equal(join(&w, SURGEON), VTB_OK); /* and does not come back with them */
    assert_chair(&w, CHAIR);
    assert_int_equal(ask(&w, CHAIR, offer(SURGEON)), VTB_OK);
    leave(&w, SURGEON);
    assert_true(vtb_id_is_nil(w.shown->offered)); /* an offer ends with the seat */
    world_free(&w);
}

static void guests_and_observers_are_not_offered_it(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(join(&w, OBSERVER), VTB_OK);
    assert_int_equal(join(&w, GUEST_A), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, offer(OBSERVER)), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, offer(GUEST_A)), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, offer(GUEST_B)), VTB_ABSENT);
    assert_int_equal(ask(&w, GUEST_A, take), VTB_DENIED);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_gets_the_chair_unasked),
        cmocka_unit_test(an_offer_can_be_declined_and_taken_back),
        cmocka_unit_test(the_chair_takes_it_back),
        cmocka_unit_test(who_was_handed_it_keeps_it_whoever_comes),
        cmocka_unit_test(when_the_holder_leaves_it_falls_back),
        cmocka_unit_test(guests_and_observers_are_not_offered_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
