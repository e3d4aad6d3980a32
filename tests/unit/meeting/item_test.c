/* Moving from case to case. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct vtb_ask next(enum vtb_ask_item_next_unsigned choice)
{
    return (struct vtb_ask){ .kind = VTB_ASK_ITEM_NEXT, .u.item_next.unsigned_plan = choice };
}

static struct vtb_ask start(unsigned n)
{
    return (struct vtb_ask){ .kind = VTB_ASK_ITEM_START, .u.item_start.item = item_id(n) };
}

static void no_case_starts_before_the_room_is_open(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    assert_int_equal(join(&w, CHAIR), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, start(0)), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_MEETING_OPEN }), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, start(0)), VTB_OK);
    world_free(&w);
}

static void an_unsigned_plan_is_never_left_without_a_word(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(ask(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_REFUSE)), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, start(2)), VTB_DENIED);
    assert_true(vtb_id_is(vtb_meeting_running(w.shown)->id, item_id(0)));
    assert_int_equal(ask(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER)), VTB_OK);
    assert_int_equal(vtb_meeting_item(w.shown, item_id(0))->state, VTB_ITEM_DEFERRED);
    assert_true(vtb_id_is(vtb_meeting_running(w.shown)->id, item_id(1)));
    assert_int_equal(ask(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_LEAVE_OPEN)), VTB_OK);
    assert_int_equal(vtb_meeting_item(w.shown, item_id(1))->state, VTB_ITEM_LEFT_OPEN);
    world_free(&w);
}

static void a_read_back_is_finished_before_the_next_case(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(ask_with(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER), VTB_PLAN_READBACK), VTB_DENIED);
    assert_int_equal(ask_with(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_REFUSE), VTB_PLAN_SIGNED), VTB_OK);
    assert_int_equal(vtb_meeting_item(w.shown, item_id(0))->state, VTB_ITEM_SIGNED);
    world_free(&w);
}

static void a_case_left_open_can_be_taken_up_again(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(ask(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_LEAVE_OPEN)), VTB_OK);
    assert_int_equal(ask_with(&w, CHAIR, start(0), VTB_PLAN_SIGNED), VTB_OK);
    assert_true(vtb_id_is(vtb_meeting_running(w.shown)->id, item_id(0)));
    /* Then the next that was never heard. */
    assert_int_equal(ask_with(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_REFUSE), VTB_PLAN_SIGNED), VTB_OK);
    assert_true(vtb_id_is(vtb_meeting_running(w.shown)->id, item_id(2)));
    assert_int_equal(ask_with(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_REFUSE), VTB_PLAN_SIGNED), VTB_OK);
    assert_null(vtb_meeting_running(w.shown));
    assert_int_equal(ask(&w, CHAIR, next(VTB_ASK_ITEM_NEXT_UNSIGNED_REFUSE)), VTB_ABSENT);
    world_free(&w);
}

static void minutes_add_up(void **state)
{
    struct world w;
    struct vtb_ask more = { .kind = VTB_ASK_ITEM_EXTEND, .u.item_extend.minutes = 2 };

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(ask(&w, CHAIR, more), VTB_ABSENT);
    start_item(&w, 0);
    assert_int_equal(ask(&w, CHAIR, more), VTB_OK);
    assert_int_equal(ask(&w, CHAIR, more), VTB_OK);
    assert_int_equal(ask(&w, SURGEON, more), VTB_DENIED);
    assert_int_equal(vtb_meeting_running(w.shown)->extended_min, 4);
    world_free(&w);
}

static void a_closed_meeting_takes_nothing_but_leaving(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_MEETING_CLOSE }), VTB_DENIED);
    assert_int_equal(ask_with(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_MEETING_CLOSE }, VTB_PLAN_SIGNED), VTB_OK);
    assert_int_equal(vtb_meeting_item(w.shown, item_id(0))->state, VTB_ITEM_SIGNED);
    assert_int_equal(w.shown->phase, VTB_MEETING_CLOSED);
    assert_int_equal(ask(&w, CHAIR, start(1)), VTB_CLOSED);
    assert_int_equal(join(&w, CO_CHAIR), VTB_CLOSED);
    assert_int_equal(ask(&w, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_LEAVE }), VTB_OK);
    world_free(&w);
}

static void the_agenda_keeps_what_ran_and_takes_no_stale_order(void **state)
{
    struct world w;
    struct vtb_t_item items[2] = { { .item = item_id(2), .case_id = case_id(2), .minutes = 5 },
                                   { .item = item_id(0), .case_id = case_id(0), .minutes = 7 } };

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(vtb_meeting_agenda(w.tail, 0, items, 2, w.now_us, w.out), VTB_STALE);
    assert_int_equal(vtb_meeting_agenda(w.tail, 1, items, 1, w.now_us, w.out), VTB_DENIED); /* drops what runs */
    assert_int_equal(vtb_meeting_agenda(w.tail, 1, items, 2, w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_int_equal(w.shown->items_n, 2);
    assert_true(vtb_id_is(vtb_meeting_running(w.shown)->id, item_id(0)));
    assert_int_equal(vtb_meeting_running(w.shown)->minutes, 7);
    assert_int_equal(vtb_meeting_running(w.shown)->state, VTB_ITEM_RUNNING);
    items[1] = items[0];
    assert_int_equal(vtb_meeting_agenda(w.tail, 2, items, 2, w.now_us, w.out), VTB_PARSE); /* twice */
    world_free(&w);
}

static void thirty_cases_fit_and_thirty_one_do_not(void **state)
{
    struct world w;
    struct vtb_t_item items[VTB_MAX_MEETING_ITEMS + 1] = { 0 };

    (void)state;
    world_make(&w);
    for (unsigned i = 0; i <= VTB_MAX_MEETING_ITEMS; i++)
        items[i] = (struct vtb_t_item){ .item = id_of(1000 + i), .case_id = id_of(2000 + i), .minutes = 1 };
    assert_int_equal(vtb_meeting_agenda(w.tail, 1, items, VTB_MAX_MEETING_ITEMS + 1, w.now_us, w.out), VTB_LIMIT);
    assert_int_equal(vtb_meeting_agenda(w.tail, 1, items, VTB_MAX_MEETING_ITEMS, w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_int_equal(w.shown->items_n, VTB_MAX_MEETING_ITEMS);
    /* A full agenda is replaced whole. */
    for (unsigned i = 0; i < VTB_MAX_MEETING_ITEMS; i++)
        items[i].item = i % 2 ? id_of(1000 + VTB_MAX_MEETING_ITEMS - i) : id_of(3000 + i);
    assert_int_equal(vtb_meeting_agenda(w.tail, 2, items, VTB_MAX_MEETING_ITEMS, w.now_us, w.out), VTB_OK);
    world_fold(&w);
    for (unsigned i = 0; i < VTB_MAX_MEETING_ITEMS; i++)
        assert_true(vtb_id_is(w.shown->items[i].id, items[i].item));
    world_free(&w);
}

static void a_meeting_that_is_over_can_be_archived_but_not_with_a_plan_in_it(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(vtb_meeting_archive(w.tail, true, w.now_us, w.out), VTB_DENIED);
    assert_int_equal(vtb_meeting_item_signed(w.tail, item_id(0), id_of(77), 1, w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_int_equal(ask_with(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_MEETING_CLOSE }, VTB_PLAN_SIGNED), VTB_OK);
    assert_int_equal(vtb_meeting_archive(w.tail, false, w.now_us, w.out), VTB_DENIED);
    vtb_events_fini(w.out);
    assert_int_equal(vtb_meeting_archive(w.tail, true, w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_true(w.shown->is_archived);
    assert_int_equal(vtb_meeting_archive(w.tail, true, w.now_us, w.out), VTB_OK);
    assert_int_equal(w.out->n, 0);
    world_free(&w);
}

/* The room is told every page of what it can be shown; a thousand of them are an event of 110 kB. */
static void a_thousand_pages_of_a_case_are_shown_and_a_file_too_many_says_so(void **state)
{
    static struct vtb_t_page pages[VTB_MAX_PDF_PAGES];
    struct vtb_t_document documents[3], late = document_of(7);
    struct vtb_caller chair = caller_of(CHAIR);
    struct vtb_ask begin = start(0);
    struct vtb_meeting_facts facts = { .documents = documents, .documents_n = 3 };
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    for (size_t i = 0; i < VTB_MAX_PDF_PAGES; i++)
        pages[i] = document_of(0).pages[0];
    for (unsigned i = 0; i < 3; i++) {
        documents[i] = document_of(i);
        documents[i].pages = pages;
        documents[i].pages_n = i < 2 ? VTB_MAX_SHOWN_PAGES / 2 : 1;
    }
    assert_int_equal(vtb_meeting_decide(w.tail, &chair, &begin, w.now_us, &facts, w.out), VTB_OK);
    world_fold(&w);
    assert_int_equal(w.shown->documents_n, 3);
    assert_int_equal(w.shown->documents[1].pages_n, VTB_MAX_SHOWN_PAGES / 2);
    assert_int_equal(w.shown->documents[1].state, VTB_T_DOCUMENT_STATE_READY);
    assert_int_equal(w.shown->documents[2].pages_n, 0);
    assert_int_equal(w.shown->documents[2].state, VTB_T_DOCUMENT_STATE_FAILED);
    assert_non_null(strstr(w.shown->documents[2].message, "1,000 pages"));
    /* One that comes while the case is heard counts with the others; the same one anew does not count twice. */
    assert_int_equal(vtb_meeting_share(w.tail, case_id(0), &late, w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_int_equal(w.shown->documents[3].pages_n, 0);
    assert_int_equal(vtb_meeting_share(w.tail, case_id(0), &documents[1], w.now_us, w.out), VTB_OK);
    world_fold(&w);
    assert_int_equal(w.shown->documents[1].pages_n, VTB_MAX_SHOWN_PAGES / 2);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_case_starts_before_the_room_is_open),
        cmocka_unit_test(an_unsigned_plan_is_never_left_without_a_word),
        cmocka_unit_test(a_read_back_is_finished_before_the_next_case),
        cmocka_unit_test(a_case_left_open_can_be_taken_up_again),
        cmocka_unit_test(minutes_add_up),
        cmocka_unit_test(a_meeting_that_is_over_can_be_archived_but_not_with_a_plan_in_it),
        cmocka_unit_test(a_thousand_pages_of_a_case_are_shown_and_a_file_too_many_says_so),
        cmocka_unit_test(a_closed_meeting_takes_nothing_but_leaving),
        cmocka_unit_test(the_agenda_keeps_what_ran_and_takes_no_stale_order),
        cmocka_unit_test(thirty_cases_fit_and_thirty_one_do_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
