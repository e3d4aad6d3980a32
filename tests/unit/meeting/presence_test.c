/* Presence and who acts as chair (decision 8). */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void gone(struct world *w, enum who who)
{
    assert_int_equal(vtb_meeting_gone(w->tail, seat_id(who), w->now_us, w->out), VTB_OK);
    world_fold(w);
}

static void away(struct world *w, enum who who)
{
    assert_int_equal(vtb_meeting_away(w->tail, seat_id(who), w->now_us, w->out), VTB_OK);
    world_fold(w);
}

static void back(struct world *w, enum who who)
{
    assert_int_equal(vtb_meeting_back(w->tail, seat_id(who), w->now_us, w->out), VTB_OK);
    world_fold(w);
}

static void a_person_keeps_one_seat_on_any_device(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    assert_int_equal(join(&w, SURGEON), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_SOUND_MUTE }), VTB_OK);
    assert_false(seat(&w, SURGEON)->muted);
    assert_int_equal(join(&w, SURGEON), VTB_OK); /* the other device */
    assert_int_equal(w.shown->seats_n, 1);
    assert_true(seat(&w, SURGEON)->muted);
    world_free(&w);
}

static void coming_back_keeps_hand_presenter_and_open_microphone(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(ask(&w, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_HAND_RAISE }), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_HAND_RAISE }), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_SOUND_MUTE }), VTB_OK);
    away(&w, SURGEON);
    away(&w, RADIOLOGIST);
    assert_ptr_equal(vtb_meeting_presenter(w.shown), seat(&w, RADIOLOGIST));
    back(&w, RADIOLOGIST);
    back(&w, SURGEON);
    assert_int_equal(w.shown->hands_n, 2);
    assert_true(vtb_id_is(w.shown->hands[0].seat, seat_id(SURGEON)));
    assert_false(seat(&w, RADIOLOGIST)->muted);
    assert_int_equal(seat(&w, RADIOLOGIST)->state, VTB_SEAT_HERE);
    world_free(&w);
}

static void a_presenter_gone_gives_the_role_to_the_chair_and_does_not_get_it_back(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_ptr_equal(vtb_meeting_presenter(w.shown), seat(&w, RADIOLOGIST));
    gone(&w, RADIOLOGIST);
    assert_ptr_equal(vtb_meeting_presenter(w.shown), seat(&w, CHAIR));
    assert_int_equal(join(&w, RADIOLOGIST), VTB_OK);
    assert_ptr_equal(vtb_meeting_presenter(w.shown), seat(&w, CHAIR));
    world_free(&w);
}

static void a_presenter_who_comes_late_gets_the_role(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    gone(&w, RADIOLOGIST);
    start_item(&w, 0);
    assert_ptr_equal(vtb_meeting_presenter(w.shown), seat(&w, CHAIR));
    assert_int_equal(join(&w, RADIOLOGIST), VTB_OK);
    assert_ptr_equal(vtb_meeting_presenter(w.shown), seat(&w, RADIOLOGIST));
    world_free(&w);
}

static void co_chair_then_coordinator_act_and_a_returning_chair_has_the_chair_again(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(join(&w, CO_CHAIR), VTB_OK);
    assert_ptr_equal(vtb_meeting_chair(w.shown), seat(&w, CHAIR));
    away(&w, CHAIR);
    assert_ptr_equal(vtb_meeting_chair(w.shown), seat(&w, CHAIR)); /* for 15 s */
    gone(&w, CHAIR);
    assert_ptr_equal(vtb_meeting_chair(w.shown), seat(&w, CO_CHAIR));
    gone(&w, CO_CHAIR);
    assert_ptr_equal(vtb_meeting_chair(w.shown), seat(&w, COORDINATOR));
    gone(&w, COORDINATOR);
    assert_null(vtb_meeting_chair(w.shown)); /* a member never acts */
    assert_int_equal(join(&w, CHAIR), VTB_OK);
    assert_ptr_equal(vtb_meeting_chair(w.shown), seat(&w, CHAIR));
    world_free(&w);
}

static void leaving_twice_says_it_once(void **state)
{
    struct world w;
    uint64_t seq;

    (void)state;
    world_make(&w);
    open_room(&w);
    gone(&w, SURGEON);
    seq = w.seq;
    gone(&w, SURGEON);
    assert_int_equal(w.seq, seq);
    assert_int_equal(ask(&w, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_HAND_RAISE }), VTB_ABSENT);
    assert_int_equal(vtb_meeting_back(w.tail, seat_id(SURGEON), w.now_us, w.out), VTB_ABSENT);
    world_free(&w);
}

static void the_five_hundredth_seat_is_taken_and_the_next_refused(void **state)
{
    struct world w;
    struct vtb_ev_seat_joined card = { .role = VTB_T_MEMBER_ROLE_OBSERVER, .name = VTB_LIT("x"),
                                       .specialty = VTB_LIT("other") };

    (void)state;
    world_make(&w);
    for (unsigned i = 0; i <= VTB_MAX_MEETING_SEATS; i++) {
        enum vtb_err want = i < VTB_MAX_MEETING_SEATS ? VTB_OK : VTB_LIMIT;

        card.seat = id_of(1000 + i);
        card.person = id_of(2000 + i);
        assert_int_equal(vtb_meeting_join(w.tail, &card, w.now_us, w.out), want);
        world_fold(&w);
    }
    assert_int_equal(w.shown->seats_n, VTB_MAX_MEETING_SEATS);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_keeps_one_seat_on_any_device),
        cmocka_unit_test(coming_back_keeps_hand_presenter_and_open_microphone),
        cmocka_unit_test(a_presenter_gone_gives_the_role_to_the_chair_and_does_not_get_it_back),
        cmocka_unit_test(a_presenter_who_comes_late_gets_the_role),
        cmocka_unit_test(co_chair_then_coordinator_act_and_a_returning_chair_has_the_chair_again),
        cmocka_unit_test(leaving_twice_says_it_once),
        cmocka_unit_test(the_five_hundredth_seat_is_taken_and_the_next_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
