/* The last press taken back within ten seconds. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct vtb_ask undo = { .kind = VTB_ASK_PRESS_UNDO };
static const struct vtb_ask open_mic = { .kind = VTB_ASK_SOUND_MUTE, .u.sound_mute.muted = false };
static const struct vtb_ask raise_hand = { .kind = VTB_ASK_HAND_RAISE };

static struct vtb_ask next(enum vtb_ask_item_next_unsigned unsigned_plan)
{
    return (struct vtb_ask){ .kind = VTB_ASK_ITEM_NEXT, .u.item_next.unsigned_plan = unsigned_plan };
}

static struct vtb_ask give(enum who who)
{
    return (struct vtb_ask){ .kind = VTB_ASK_FLOOR_GIVE, .u.floor_give.seat = seat_id(who) };
}

/* A case runs, a page of it is shown closer, the radiologist has spoken. */
static void in_the_first_case(struct world *w)
{
    world_make(w);
    open_room(w);
    start_item(w, 0);
    assert_int_equal(ask(w, RADIOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_PAGE_SHOW, .u.page_show = { document_id(0), 3 } }),
                     VTB_OK);
    assert_int_equal(ask(w, RADIOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_VIEW_SETTLE, .u.view_settle = { 10, 20, 30, 40 } }),
                     VTB_OK);
    assert_int_equal(vtb_meeting_spoke(w->tail, seat_id(RADIOLOGIST), w->now_us, w->out), VTB_OK);
    world_fold(w);
    w->now_us += 60 * SECOND;
}

static void next_case_taken_back_leaves_no_trace(void **state)
{
    struct world w;
    char *was, *now;

    (void)state;
    in_the_first_case(&w);
    was = dump(w.shown);
    assert_int_equal(ask(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER)), VTB_OK);
    assert_ptr_equal(vtb_meeting_running(w.shown), vtb_meeting_item(w.shown, item_id(1)));
    w.now_us += 9 * SECOND;
    assert_int_equal(ask(&w, CHAIR, undo), VTB_OK);
    now = dump(w.shown);
    assert_string_equal(was, now); /* page, view, presenter, who spoke, minutes, presence: as they were */
    assert_int_equal(ask(&w, CHAIR, undo), VTB_ABSENT); /* once */
    free(was);
    free(now);
    world_free(&w);
}

static void the_first_start_taken_back_lets_nothing_run(void **state)
{
    struct world w;
    char *was, *now;

    (void)state;
    world_make(&w);
    open_room(&w);
    was = dump(w.shown);
    assert_int_equal(ask(&w, COORDINATOR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_REFUSE)), VTB_OK);
    assert_int_equal(ask(&w, COORDINATOR, undo), VTB_OK);
    now = dump(w.shown);
    assert_string_equal(was, now);
    assert_null(vtb_meeting_running(w.shown));
    free(was);
    free(now);
    world_free(&w);
}

static void who_left_or_came_meanwhile_did_so_in_the_case_that_runs_again(void **state)
{
    struct vtb_t_attendance list[VTB_MAX_MEETING_SEATS];
    int64_t left_us = 0, came_us = 0;
    struct world w;
    size_t n;

    (void)state;
    in_the_first_case(&w);
    assert_int_equal(ask(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_LEAVE_OPEN)), VTB_OK);
    w.now_us += 2 * SECOND;
    assert_int_equal(ask(&w, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_LEAVE }), VTB_OK);
    assert_int_equal(join(&w, CO_CHAIR), VTB_OK);
    w.now_us += 2 * SECOND;
    assert_int_equal(ask(&w, CHAIR, undo), VTB_OK);
    n = vtb_meeting_attendance(w.shown, item_id(0), list, VTB_MAX_MEETING_SEATS);
    for (size_t i = 0; i < n; i++) {
        if (vtb_id_is(list[i].person, person_id(SURGEON)))
            left_us = list[i].left_us;
        if (vtb_id_is(list[i].person, person_id(CO_CHAIR)))
            came_us = list[i].joined_us;
    }
    assert_int_equal(left_us, w.now_us - 2 * SECOND);
    assert_int_equal(came_us, w.now_us - 2 * SECOND);
    world_free(&w);
}

static void too_late_or_not_ones_own_or_overtaken(void **state)
{
    struct world w;

    (void)state;
    in_the_first_case(&w);
    assert_int_equal(ask(&w, CHAIR, undo), VTB_STALE); /* the start was a minute ago */
    assert_int_equal(ask(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER)), VTB_OK);
    assert_int_equal(ask(&w, COORDINATOR, undo), VTB_ABSENT);
    assert_int_equal(ask(&w, SURGEON, undo), VTB_DENIED);
    assert_int_equal(ask_with(&w, CHAIR, undo, VTB_PLAN_READBACK), VTB_DENIED);
    w.now_us += 13 * SECOND;
    assert_int_equal(ask(&w, CHAIR, undo), VTB_STALE);
    world_free(&w);
}

static void minutes_given_are_taken_back(void **state)
{
    struct world w;

    (void)state;
    in_the_first_case(&w);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_ITEM_EXTEND, .u.item_extend.minutes = 5 }), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_ITEM_EXTEND, .u.item_extend.minutes = 2 }), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, undo), VTB_OK); /* the last one only */
    assert_int_equal(vtb_meeting_running(w.shown)->extended_min, 5);
    world_free(&w);
}

static void the_floor_goes_back_and_the_hand_to_its_place(void **state)
{
    struct world w;
    int64_t since_us;

    (void)state;
    in_the_first_case(&w);
    assert_int_equal(ask(&w, CHAIR, give(PATHOLOGIST)), VTB_OK);
    since_us = w.now_us;
    assert_int_equal(ask(&w, SURGEON, raise_hand), VTB_OK);
    assert_int_equal(ask(&w, ONCOLOGIST, raise_hand), VTB_OK);
    w.now_us += 30 * SECOND;
    assert_int_equal(ask(&w, CHAIR, give(SURGEON)), VTB_OK);
    assert_int_equal(w.shown->hands_n, 1);
    assert_int_equal(ask(&w, CHAIR, undo), VTB_OK);
    assert_true(vtb_id_is(w.shown->floor, seat_id(PATHOLOGIST)));
    assert_int_equal(w.shown->hands_n, 2);
    assert_true(vtb_id_is(w.shown->hands[0].seat, seat_id(SURGEON))); /* first again, and waits as long as before */
    assert_int_equal(w.shown->hands[0].at_us, since_us);
    world_free(&w);
}

static void a_mute_taken_back_opens_no_microphone(void **state)
{
    struct world w;

    (void)state;
    in_the_first_case(&w);
    assert_int_equal(ask(&w, SURGEON, open_mic), VTB_OK);
    assert_int_equal(ask(&w, PATHOLOGIST, open_mic), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_SEATS_MUTE }), VTB_OK);
    assert_true(vtb_id_is(seat(&w, SURGEON)->muted_by, seat_id(CHAIR)));
    w.now_us += SECOND;
    assert_int_equal(ask(&w, CHAIR, undo), VTB_OK);
    assert_true(seat(&w, SURGEON)->muted && seat(&w, PATHOLOGIST)->muted); /* only oneself opens it */
    assert_true(vtb_id_is(seat(&w, SURGEON)->muted_by, seat_id(SURGEON))); /* but it is nobody else's doing any more */
    assert_int_equal(ask(&w, SURGEON, open_mic), VTB_OK);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_case_taken_back_leaves_no_trace),
        cmocka_unit_test(the_first_start_taken_back_lets_nothing_run),
        cmocka_unit_test(who_left_or_came_meanwhile_did_so_in_the_case_that_runs_again),
        cmocka_unit_test(too_late_or_not_ones_own_or_overtaken),
        cmocka_unit_test(minutes_given_are_taken_back),
        cmocka_unit_test(the_floor_goes_back_and_the_hand_to_its_place),
        cmocka_unit_test(a_mute_taken_back_opens_no_microphone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
