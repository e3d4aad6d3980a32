/* Hands, the floor, microphones. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct vtb_ask mute_seat(enum who who)
{
    return (struct vtb_ask){ .kind = VTB_ASK_SEAT_MUTE, .u.seat_mute.seat = seat_id(who) };
}

static const struct vtb_ask raise_hand = { .kind = VTB_ASK_HAND_RAISE };
static const struct vtb_ask open_mic = { .kind = VTB_ASK_SOUND_MUTE, .u.sound_mute.muted = false };

static void arrivals_are_muted_and_only_the_owner_opens(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_true(seat(&w, SURGEON)->muted);
    assert_int_equal(ask(&w, SURGEON, open_mic), VTB_OK);
    assert_false(seat(&w, SURGEON)->muted);
    assert_int_equal(ask(&w, CHAIR, mute_seat(SURGEON)), VTB_OK);
    assert_true(seat(&w, SURGEON)->muted);
    assert_true(vtb_id_is(seat(&w, SURGEON)->muted_by, seat_id(CHAIR)));
    /* There is no request by which the chair could open it again: giving the floor does not. */
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_FLOOR_GIVE, .u.floor_give.seat = seat_id(SURGEON) }),
                     VTB_OK);
    assert_true(seat(&w, SURGEON)->muted);
    world_free(&w);
}

static void a_member_cannot_mute_another(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, SURGEON, open_mic), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, mute_seat(SURGEON)), VTB_DENIED);
    assert_int_equal(ask(&w, RADIOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_SEATS_MUTE }), VTB_DENIED);
    assert_false(seat(&w, SURGEON)->muted);
    world_free(&w);
}

static void mute_all_spares_the_one_who_asks(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, SURGEON, open_mic), VTB_OK);
    assert_int_equal(ask(&w, PATHOLOGIST, open_mic), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, open_mic), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_SEATS_MUTE }), VTB_OK);
    assert_true(seat(&w, SURGEON)->muted && seat(&w, PATHOLOGIST)->muted);
    assert_false(seat(&w, CHAIR)->muted);
    world_free(&w);
}

static void hands_stand_in_the_order_of_the_log(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, SURGEON, raise_hand), VTB_OK);
    assert_int_equal(ask(&w, PATHOLOGIST, raise_hand), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, raise_hand), VTB_OK); /* again: nothing changes */
    assert_int_equal(w.shown->hands_n, 2);
    assert_true(vtb_id_is(w.shown->hands[0].seat, seat_id(SURGEON)));
    /* Only the owner, chair or coordinator lowers a hand. */
    assert_int_equal(ask(&w, ONCOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_HAND_LOWER,
                                                           .u.hand_lower = { true, seat_id(SURGEON) } }), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_FLOOR_GIVE, .u.floor_give.seat = seat_id(SURGEON) }),
                     VTB_OK);
    assert_int_equal(w.shown->hands_n, 1);
    assert_true(vtb_id_is(w.shown->floor, seat_id(SURGEON)));
    assert_int_equal(ask(&w, PATHOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_HAND_LOWER }), VTB_OK);
    assert_int_equal(w.shown->hands_n, 0);
    world_free(&w);
}

static void leaving_lowers_the_hand_and_gives_the_floor_back(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_FLOOR_GIVE, .u.floor_give.seat = seat_id(SURGEON) }),
                     VTB_OK);
    assert_int_equal(ask(&w, SURGEON, raise_hand), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_LEAVE }), VTB_OK);
    assert_int_equal(w.shown->hands_n, 0);
    assert_true(vtb_id_is_nil(w.shown->floor));
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_FLOOR_GIVE, .u.floor_give.seat = seat_id(SURGEON) }),
                     VTB_ABSENT);
    world_free(&w);
}

static void the_two_hundredth_hand_goes_up_and_the_next_does_not(void **state)
{
    struct world w;
    struct vtb_ev_seat_joined card = { .role = VTB_T_MEMBER_ROLE_MEMBER, .name = VTB_LIT("x"),
                                       .specialty = VTB_LIT("other"), .confirmed = true };
    struct vtb_ask request = raise_hand;

    (void)state;
    world_make(&w);
    for (unsigned i = 0; i <= VTB_MAX_MEETING_HANDS; i++) {
        struct vtb_caller caller = { .role = VTB_T_MEMBER_ROLE_MEMBER };

        card.seat = caller.seat = id_of(1000 + i);
        card.person = caller.person = id_of(2000 + i);
        assert_int_equal(vtb_meeting_join(w.tail, &card, w.now_us, w.out), VTB_OK);
        world_fold(&w);
        assert_int_equal(vtb_meeting_decide(w.tail, &caller, &request, w.now_us, NULL, w.out),
                         i < VTB_MAX_MEETING_HANDS ? VTB_OK : VTB_LIMIT);
        world_fold(&w);
    }
    assert_int_equal(w.shown->hands_n, VTB_MAX_MEETING_HANDS);
    world_free(&w);
}

static void observers_have_no_hand(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(join(&w, OBSERVER), VTB_OK);
    assert_int_equal(ask(&w, OBSERVER, raise_hand), VTB_DENIED);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_are_muted_and_only_the_owner_opens),
        cmocka_unit_test(a_member_cannot_mute_another),
        cmocka_unit_test(mute_all_spares_the_one_who_asks),
        cmocka_unit_test(hands_stand_in_the_order_of_the_log),
        cmocka_unit_test(leaving_lowers_the_hand_and_gives_the_floor_back),
        cmocka_unit_test(the_two_hundredth_hand_goes_up_and_the_next_does_not),
        cmocka_unit_test(observers_have_no_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
