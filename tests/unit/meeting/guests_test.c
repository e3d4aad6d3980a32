/* The island of guests (decision 9): Okafor belongs to case 0, Lind to case 1. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static struct vtb_watcher watcher_of(enum who who, struct vtb_id *item)
{
    *item = item_id(who == GUEST_A ? 0 : 1);
    return (struct vtb_watcher){ .is_guest = true, .items = item, .items_n = 1 };
}

static enum vtb_err fold_into(void *ctx, const struct vtb_event *event)
{
    vtb_meeting_fold(ctx, event);
    return VTB_OK;
}

/* What the guest's browser holds after a snapshot, as text. */
static char *seen_by(const struct world *w, enum who who)
{
    struct vtb_id item;
    struct vtb_watcher watcher = watcher_of(who, &item);
    struct vtb_meeting *fresh = calloc(1, sizeof *fresh);
    struct vtb_arena arena = { 0 };
    char *text;

    assert_non_null(fresh);
    assert_int_equal(vtb_meeting_snapshot(w->shown, &watcher, &arena, fold_into, fresh), VTB_OK);
    vtb_arena_fini(&arena);
    text = dump(fresh);
    free(fresh);
    return text;
}

static void a_guest_is_in_the_room_only_for_the_own_case(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    open_room(&w);
    assert_int_equal(join(&w, GUEST_A), VTB_DENIED);
    start_item(&w, 0);
    assert_int_equal(join(&w, GUEST_A), VTB_OK);
    assert_int_equal(join(&w, GUEST_B), VTB_DENIED);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_ITEM_NEXT,
                     .u.item_next.unsigned_plan = VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER }), VTB_OK);
    assert_int_equal(seat(&w, GUEST_A)->state, VTB_SEAT_LEFT);
    assert_int_equal(ask(&w, GUEST_A, (struct vtb_ask){ .kind = VTB_ASK_HAND_RAISE }), VTB_ABSENT);
    assert_int_equal(join(&w, GUEST_B), VTB_OK);
    assert_ptr_equal(vtb_meeting_presenter(w.shown), seat(&w, GUEST_B)); /* presents the own case */
    world_free(&w);
}

static void a_guest_sees_nothing_of_another_case(void **state)
{
    static const char *const secret[] = { "Marlow", "Pike" };
    struct world w;
    char id[VTB_ID_TEXT], *text;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_int_equal(join(&w, GUEST_A), VTB_OK);
    assert_int_equal(ask(&w, RADIOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_PAGE_SHOW,
                     .u.page_show = { document_id(0), 2 } }), VTB_OK);
    text = seen_by(&w, GUEST_A);
    assert_non_null(strstr(text, "Marlow"));
    assert_null(strstr(text, "Dawson"));
    free(text);

    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_ITEM_NEXT,
                     .u.item_next.unsigned_plan = VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER }), VTB_OK);
    assert_int_equal(join(&w, GUEST_B), VTB_OK);
    text = seen_by(&w, GUEST_B);
    assert_non_null(strstr(text, "Dawson"));
    for (size_t i = 0; i < VTB_COUNT(secret); i++)
        assert_null(strstr(text, secret[i]));
    /* Neither the other case's ids, nor its guest, nor its pictures. */
    vtb_id_write(item_id(0), id);
    assert_null(strstr(text, id));
    vtb_id_write(document_id(0), id);
    assert_null(strstr(text, id));
    vtb_id_write(seat_id(GUEST_A), id);
    assert_null(strstr(text, id));
    free(text);
    world_free(&w);
}

static void outside_the_own_case_there_is_no_event_and_no_snapshot(void **state)
{
    struct world w;
    struct vtb_id item;
    struct vtb_watcher watcher = watcher_of(GUEST_B, &item);
    struct vtb_arena arena = { 0 };
    struct vtb_meeting *fresh = calloc(1, sizeof *fresh);
    struct vtb_event event = { .kind = VTB_EVENT_HAND_RAISED, .u.hand_raised.seat = seat_id(SURGEON) }, out;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_false(vtb_meeting_view(w.shown, &event, &watcher, &arena, &out));
    event = (struct vtb_event){ .kind = VTB_EVENT_MEETING_CLOSED };
    assert_false(vtb_meeting_view(w.shown, &event, &watcher, &arena, &out));
    assert_int_equal(vtb_meeting_snapshot(w.shown, &watcher, &arena, fold_into, fresh), VTB_DENIED);
    assert_int_equal(fresh->seats_n, 0);
    assert_false(fresh->is_planned);
    free(fresh);
    world_free(&w);
}

static void an_agenda_is_cut_to_the_own_items(void **state)
{
    struct world w;
    struct vtb_id item;
    struct vtb_watcher watcher = watcher_of(GUEST_A, &item), staff = { 0 };
    struct vtb_arena arena = { 0 };
    struct vtb_t_item items[2] = { { .item = item_id(1) }, { .item = item_id(0) } };
    struct vtb_event event = { .kind = VTB_EVENT_AGENDA_SET, .u.agenda_set = { 2, items, 2 } }, out;

    (void)state;
    world_make(&w);
    open_room(&w);
    start_item(&w, 0);
    assert_true(vtb_meeting_view(w.shown, &event, &watcher, &arena, &out));
    assert_int_equal(out.u.agenda_set.items_n, 1);
    assert_true(vtb_id_is(out.u.agenda_set.items[0].item, item_id(0)));
    assert_true(vtb_meeting_view(w.shown, &event, &staff, &arena, &out));
    assert_int_equal(out.u.agenda_set.items_n, 2);
    event = (struct vtb_event){ .kind = VTB_EVENT_CASE_SAVED };
    assert_false(vtb_meeting_view(w.shown, &event, &staff, &arena, &out)); /* another stream */
    vtb_arena_fini(&arena);
    world_free(&w);
}

static void the_waiting_page_knows_how_long(void **state)
{
    struct world w;
    struct vtb_id a = item_id(0), b = item_id(1);
    struct vtb_wait wait;

    (void)state;
    world_make(&w);
    wait = vtb_meeting_wait(w.shown, &b, 1, w.now_us);
    assert_int_equal(wait.position, 1);
    assert_int_equal(wait.minutes, -1); /* not open */
    open_room(&w);
    start_item(&w, 0); /* ten minutes */
    w.now_us += 4 * 60 * SECOND;
    wait = vtb_meeting_wait(w.shown, &b, 1, w.now_us);
    assert_int_equal(wait.position, 1);
    assert_int_equal(wait.minutes, 6);
    assert_false(wait.over);
    assert_int_equal(vtb_meeting_wait(w.shown, &a, 1, w.now_us).position, 0);
    assert_int_equal(ask(&w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_ITEM_NEXT,
                     .u.item_next.unsigned_plan = VTB_ASK_ITEM_NEXT_UNSIGNED_DEFER }), VTB_OK);
    assert_true(vtb_meeting_wait(w.shown, &a, 1, w.now_us).over);
    assert_true(vtb_meeting_guest_may_be_in(w.shown, &b, 1));
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_is_in_the_room_only_for_the_own_case),
        cmocka_unit_test(a_guest_sees_nothing_of_another_case),
        cmocka_unit_test(outside_the_own_case_there_is_no_event_and_no_snapshot),
        cmocka_unit_test(an_agenda_is_cut_to_the_own_items),
        cmocka_unit_test(the_waiting_page_knows_how_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
