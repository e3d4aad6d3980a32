/* Who counts, and who was there for which case. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static bool misses(const struct world *w, const char *discipline)
{
    struct vtb_quorum quorum;

    vtb_meeting_quorum(w->shown, item_id(0), &quorum);
    assert_int_equal(quorum.met, quorum.missing_n == 0);
    for (size_t i = 0; i < quorum.missing_n; i++)
        if (vtb_str_is(quorum.missing[i].discipline, vtb_str_of(discipline)))
            return true;
    return false;
}

static void confirm(struct world *w, enum who who, const char *specialty)
{
    assert_int_equal(ask(w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_SEAT_CONFIRM,
                         .u.seat_confirm = { seat_id(who), vtb_str_of(specialty) } }), VTB_OK);
}

static void an_observer_counts_only_once_confirmed(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(join(&w, OBSERVER), VTB_OK);
    assert_true(misses(&w, "Radiation oncology"));
    assert_int_equal(ask(&w, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_SEAT_CONFIRM,
                         .u.seat_confirm = { seat_id(OBSERVER), VTB_LIT("radiation_oncology") } }), VTB_DENIED);
    confirm(&w, OBSERVER, "radiation_oncology");
    assert_false(misses(&w, "Radiation oncology"));
    /* Leaving and coming back does not undo what the chair confirmed. */
    assert_int_equal(ask(&w, OBSERVER, (struct vtb_ask){ .kind = VTB_ASK_LEAVE }), VTB_OK);
    assert_true(misses(&w, "Radiation oncology"));
    assert_int_equal(join(&w, OBSERVER), VTB_OK);
    assert_false(misses(&w, "Radiation oncology"));
    world_free(&w);
}

static void only_a_specialty_of_the_list_is_confirmed(void **state)
{
    static const char *const bad[] = { "", "Radiation oncology", "radiation_oncology ", "RADIOLOGY", "wizardry" };
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(join(&w, OBSERVER), VTB_OK);
    for (size_t i = 0; i < VTB_COUNT(bad); i++)
        assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_SEAT_CONFIRM,
                             .u.seat_confirm = { seat_id(OBSERVER), vtb_str_of(bad[i]) } }), VTB_PARSE);
    assert_false(seat(&w, OBSERVER)->confirmed);
    assert_true(misses(&w, "Radiation oncology"));
    world_free(&w);
}

/* The radiologist is here for radiation oncology today: the chair said so after the board's list was made. */
static void what_the_chair_changed_outlives_a_lost_link(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    confirm(&w, RADIOLOGIST, "radiation_oncology");
    assert_true(misses(&w, "Radiology"));
    assert_false(misses(&w, "Radiation oncology"));
    assert_int_equal(vtb_meeting_gone(w.tail, seat_id(RADIOLOGIST), w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_int_equal(join(&w, RADIOLOGIST), VTB_OK);
    assert_string_equal(seat(&w, RADIOLOGIST)->specialty, "radiation_oncology");
    assert_false(misses(&w, "Radiation oncology"));
    world_free(&w);
}

static void two_surgeons_are_needed_and_the_chair_is_one_of_them(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_false(misses(&w, "Surgery"));
    assert_int_equal(vtb_meeting_away(w.tail, seat_id(SURGEON), w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_false(misses(&w, "Surgery")); /* coming back */
    assert_int_equal(vtb_meeting_gone(w.tail, seat_id(SURGEON), w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_true(misses(&w, "Surgery"));
    world_free(&w);
}

static const struct vtb_t_attendance *row_of(const struct vtb_t_attendance *rows, size_t n, enum who who)
{
    for (size_t i = 0; i < n; i++)
        if (vtb_id_is(rows[i].person, person_id(who)))
            return &rows[i];
    return NULL;
}

static void attendance_is_right_for_late_joiners_and_for_those_who_left_and_came_back(void **state)
{
    struct world w;
    struct vtb_t_attendance rows[20];
    const struct vtb_t_attendance *row;
    int64_t started_us, left_us;
    size_t n;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, PATHOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_LEAVE }), VTB_OK); /* before the case */
    w.now_us += 10 * SECOND;
    started_us = w.now_us;
    start_item(&w, 0);
    w.now_us += 10 * SECOND;
    left_us = w.now_us;
    assert_int_equal(ask(&w, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_LEAVE }), VTB_OK);
    assert_int_equal(ask(&w, ONCOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_LEAVE }), VTB_OK);
    w.now_us += 10 * SECOND;
    assert_int_equal(join(&w, SURGEON), VTB_OK);
    assert_int_equal(join(&w, CO_CHAIR), VTB_OK);
    n = vtb_meeting_attendance(w.shown, item_id(0), rows, 20);
    row = row_of(rows, n, SURGEON); /* left and came back */
    assert_non_null(row);
    assert_int_equal(row->joined_us, started_us);
    assert_int_equal(row->left_us, 0);
    assert_true(row->here);
    row = row_of(rows, n, ONCOLOGIST); /* left */
    assert_non_null(row);
    assert_int_equal(row->left_us, left_us);
    assert_false(row->here);
    row = row_of(rows, n, CO_CHAIR); /* late */
    assert_non_null(row);
    assert_int_equal(row->joined_us, w.now_us);
    assert_null(row_of(rows, n, PATHOLOGIST)); /* never here in this case */
    assert_int_equal(rows[0].role, VTB_T_MEMBER_ROLE_CHAIR);
    assert_int_equal(rows[1].role, VTB_T_MEMBER_ROLE_CO_CHAIR);
    world_free(&w);
}

static void first_voice_is_said_once_a_case(void **state)
{
    struct world w;
    uint64_t seq;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(vtb_meeting_spoke(w.tail, seat_id(SURGEON), w.now_us, w.out), VTB_OK);
    assert_int_equal(w.out->n, 0); /* no case runs */
    start_item(&w, 0);
    assert_int_equal(vtb_meeting_spoke(w.tail, seat_id(SURGEON), w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_true(seat(&w, SURGEON)->spoke);
    seq = w.seq;
    assert_int_equal(vtb_meeting_spoke(w.tail, seat_id(SURGEON), w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_int_equal(w.seq, seq);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_ITEM_NEXT,
                     .u.item_next.unsigned_plan = VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER }), VTB_OK);
    assert_false(seat(&w, SURGEON)->spoke);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_observer_counts_only_once_confirmed),
        cmocka_unit_test(only_a_specialty_of_the_list_is_confirmed),
        cmocka_unit_test(what_the_chair_changed_outlives_a_lost_link),
        cmocka_unit_test(two_surgeons_are_needed_and_the_chair_is_one_of_them),
        cmocka_unit_test(attendance_is_right_for_late_joiners_and_for_those_who_left_and_came_back),
        cmocka_unit_test(first_voice_is_said_once_a_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
