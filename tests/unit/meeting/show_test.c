/* The shared picture. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct vtb_ask page(unsigned document, int64_t n)
{
    return (struct vtb_ask){ .kind = VTB_ASK_PAGE_SHOW, .u.page_show = { document_id(document), n } };
}

static void only_the_presenter_turns_the_page(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(ask(&w, SURGEON, page(0, 3)), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, page(0, 3)), VTB_DENIED); /* the chair may take the role, not the page */
    assert_int_equal(ask(&w, RADIOLOGIST, page(0, 3)), VTB_OK);
    assert_int_equal(w.shown->shown_page, 3);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_PRESENTER_PASS }), VTB_OK); /* nil: the chair */
    assert_int_equal(ask(&w, CHAIR, page(0, 4)), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, page(0, 5)), VTB_DENIED);
    world_free(&w);
}

static void only_pictures_of_the_running_case_are_shown(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, CHAIR, page(0, 1)), VTB_ABSENT); /* none runs */
    start_item(&w, 0);
    assert_int_equal(ask(&w, RADIOLOGIST, page(1, 1)), VTB_ABSENT);
    assert_int_equal(ask(&w, RADIOLOGIST, page(0, 6)), VTB_ABSENT); /* it has five */
    assert_int_equal(ask(&w, RADIOLOGIST, page(0, 5)), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_ITEM_NEXT,
                     .u.item_next.unsigned_plan = VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER }), VTB_OK);
    assert_int_equal(w.shown->shown_page, 0); /* nothing of the case before */
    assert_int_equal(ask(&w, CHAIR, page(0, 5)), VTB_ABSENT);
    world_free(&w);
}

static void a_new_page_starts_whole_and_a_settled_region_stays(void **state)
{
    struct world w;
    struct vtb_ask settle = { .kind = VTB_ASK_VIEW_SETTLE, .u.view_settle = { 100, 200, 5000, 3000 } };

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(ask(&w, RADIOLOGIST, settle), VTB_ABSENT);
    assert_int_equal(ask(&w, RADIOLOGIST, page(0, 1)), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, settle), VTB_OK);
    assert_int_equal(w.shown->view.w, 5000);
    assert_int_equal(ask(&w, RADIOLOGIST, page(0, 2)), VTB_OK);
    assert_int_equal(w.shown->view.w, 0);
    world_free(&w);
}

static void what_was_shown_is_remembered_for_the_plan(void **state)
{
    struct world w;
    struct vtb_t_picture pictures[10];

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(ask(&w, RADIOLOGIST, page(0, 2)), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, page(0, 1)), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, page(0, 2)), VTB_OK);
    assert_int_equal(vtb_meeting_pictures(w.shown, item_id(0), pictures, 10), 2);
    assert_int_equal(pictures[0].page, 2);
    assert_int_equal(pictures[0].digest.len, 64);
    assert_int_equal(vtb_meeting_pictures(w.shown, item_id(1), pictures, 10), 0);
    world_free(&w);
}

static void a_document_that_becomes_ready_while_the_case_runs_can_be_shown(void **state)
{
    struct world w;
    struct vtb_t_document late = document_of(7);

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(vtb_meeting_share(w.tail, case_id(1), &late, w.now_us, w.out), VTB_ABSENT);
    assert_int_equal(vtb_meeting_share(w.tail, case_id(0), &late, w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_int_equal(ask(&w, RADIOLOGIST, page(7, 5)), VTB_OK);
    world_free(&w);
}

static void hidden_is_nothing_shown_and_what_was_shown_stays_known(void **state)
{
    const struct vtb_ask hide = { .kind = VTB_ASK_PICTURE_HIDE }, call = { .kind = VTB_ASK_FOLLOWERS_CALL };
    struct vtb_ask show = { .kind = VTB_ASK_PAGE_SHOW, .u.page_show = { document_id(0), 2 } };
    struct vtb_t_picture pictures[4];
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(ask(&w, RADIOLOGIST, call), VTB_ABSENT); /* nothing to come back to */
    assert_int_equal(ask(&w, RADIOLOGIST, show), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, call), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, call), VTB_DENIED);
    assert_int_equal(ask(&w, SURGEON, hide), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, hide), VTB_OK); /* chair or presenter */
    assert_int_equal(w.shown->shown_page, 0);
    assert_int_equal(vtb_meeting_pictures(w.shown, item_id(0), pictures, 4), 1); /* it was shown, for the plan */
    assert_int_equal(ask(&w, RADIOLOGIST, show), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, hide), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, hide), VTB_OK); /* again: nothing changes */
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_presenter_turns_the_page),
        cmocka_unit_test(only_pictures_of_the_running_case_are_shown),
        cmocka_unit_test(a_new_page_starts_whole_and_a_settled_region_stays),
        cmocka_unit_test(what_was_shown_is_remembered_for_the_plan),
        cmocka_unit_test(a_document_that_becomes_ready_while_the_case_runs_can_be_shown),
        cmocka_unit_test(hidden_is_nothing_shown_and_what_was_shown_stays_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
