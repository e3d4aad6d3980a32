/* A room system is a seat without a person: its microphone, its silence, recordings, quorum and attendance. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct vtb_ask record = { .kind = VTB_ASK_RECORDING_START };
static const struct vtb_ask stop = { .kind = VTB_ASK_RECORDING_STOP };

static struct vtb_id room_id(void)
{
    return id_of(800);
}

/* Comes in; `vouched`: the coordinator answers for what is recorded there. */
static void room_joins(struct world *w, bool vouched)
{
    struct vtb_ev_seat_joined join = { .seat = room_id(), .person = id_of(801), .name = VTB_LIT("Room 2"),
        .site = VTB_LIT("Klinikum"), .role = VTB_T_MEMBER_ROLE_OBSERVER, .has_device = true, .device = true,
        .has_vouched_by = vouched, .vouched_by = person_id(COORDINATOR) };

    assert_int_equal(vtb_meeting_join(w->tail, &join, w->now_us, w->out), VTB_OK);
    world_fold(w);
}

static void room_opens(struct world *w)
{
    assert_int_equal(vtb_meeting_device_opens(w->tail, room_id(), w->now_us, w->out), VTB_OK);
    world_fold(w);
}

static void room_closes(struct world *w, bool by_hand)
{
    assert_int_equal(vtb_meeting_device_closes(w->tail, room_id(), by_hand, w->now_us, w->out), VTB_OK);
    world_fold(w);
}

static void room_leaves(struct world *w)
{
    assert_int_equal(vtb_meeting_gone(w->tail, room_id(), w->now_us, w->out), VTB_OK);
    world_fold(w);
}

static void the_chair_mutes(struct world *w)
{
    struct vtb_ask mute = { .kind = VTB_ASK_SEAT_MUTE, .u.seat_mute.seat = room_id() };

    assert_int_equal(ask(w, CHAIR, mute), VTB_OK);
}

static const struct vtb_seat *room(const struct world *w)
{
    return vtb_meeting_seat(w->shown, room_id());
}

static int begin(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    world_make(w);
    open_room(w);
    start_item(w, 0);
    *state = w;
    return 0;
}
static int end(void **state)
{
    world_free(*state);
    free(*state);
    return 0;
}

static void its_microphone_is_open_while_its_program_sends(void **state)
{
    struct world *w = *state;

    room_joins(w, false);
    assert_true(room(w)->is_device && room(w)->muted);
    room_opens(w);
    assert_false(room(w)->muted);
    assert_int_equal(vtb_meeting_device_opens(w->tail, room_id(), w->now_us, w->out), VTB_OK);
    assert_int_equal(w->out->n, 0); /* asked every second, said once */
    room_closes(w, false);
    assert_true(room(w)->muted);
    room_opens(w);
    assert_false(room(w)->muted);
}

/* A link that broke is no hand: only who ends the program in the room opens what the chair closed. */
static void what_the_chair_closed_the_room_alone_opens(void **state)
{
    struct world *w = *state;

    room_joins(w, false);
    room_opens(w);
    the_chair_mutes(w);
    room_opens(w);
    assert_true(room(w)->muted);
    room_leaves(w); /* the link is lost, and comes back */
    room_joins(w, false);
    room_opens(w);
    assert_true(room(w)->muted);
    assert_true(vtb_id_is(room(w)->muted_by, seat_id(CHAIR))); /* everybody sees by whom */
    room_leaves(w);
    room_joins(w, false);
    room_opens(w);
    assert_true(room(w)->muted);

    room_closes(w, true);
    room_leaves(w);
    room_joins(w, false);
    room_opens(w);
    assert_false(room(w)->muted);
}

/* Whoever made the token said that they tell those in the room: their name stands in the acknowledgement. */
static void who_vouched_acknowledges_the_recording(void **state)
{
    struct world *w = *state;
    const struct vtb_event *said = NULL;

    room_joins(w, true);
    room_opens(w);
    assert_int_equal(ask(w, CHAIR, record), VTB_OK);
    assert_true(room(w)->acknowledged_us > 0);
    assert_false(room(w)->muted);
    assert_true(vtb_meeting_may_be_heard(w->shown, room(w)));

    assert_int_equal(ask(w, CHAIR, stop), VTB_OK);
    room_leaves(w);
    assert_int_equal(ask(w, CHAIR, record), VTB_OK);
    room_joins(w, true); /* comes while it is on */
    assert_int_equal(vtb_meeting_device_opens(w->tail, room_id(), w->now_us, w->out), VTB_OK);
    for (size_t i = 0; i < w->out->n; i++)
        if (w->out->at[i].kind == VTB_EVENT_RECORDING_ACKNOWLEDGED)
            said = &w->out->at[i];
    assert_non_null(said);
    assert_true(said->u.recording_acknowledged.has_by &&
                vtb_id_is(said->u.recording_acknowledged.by, person_id(COORDINATOR)));
    world_fold(w);
    assert_false(room(w)->muted);
}

static void a_room_that_nobody_vouched_for_is_not_heard_in_a_recording(void **state)
{
    struct world *w = *state;

    room_joins(w, false);
    room_opens(w);
    assert_int_equal(ask(w, CHAIR, record), VTB_OK);
    assert_true(room(w)->muted);
    room_opens(w);
    assert_true(room(w)->muted);
    assert_false(vtb_meeting_may_be_heard(w->shown, room(w)));
    assert_int_equal(ask(w, CHAIR, stop), VTB_OK);
    room_opens(w);
    assert_false(room(w)->muted);
}

static void it_is_no_attendee_and_counts_for_no_quorum(void **state)
{
    struct world *w = *state;
    struct vtb_t_attendance before[20], after[20];
    size_t n = vtb_meeting_attendance(w->shown, item_id(0), before, 20);
    struct vtb_ask hand = { .kind = VTB_ASK_PRESENTER_PASS, .u.presenter_pass.seat = room_id() };
    struct vtb_ask chair = { .kind = VTB_ASK_CHAIR_OFFER, .u.chair_offer = { .has_seat = true, .seat = room_id() } };

    room_joins(w, true);
    assert_int_equal(vtb_meeting_attendance(w->shown, item_id(0), after, 20), n);
    assert_false(room(w)->confirmed);
    assert_int_equal(ask(w, CHAIR, hand), VTB_DENIED);
    assert_int_equal(ask(w, CHAIR, chair), VTB_DENIED);
}

static enum vtb_err fold(void *ctx, const struct vtb_event *event)
{
    vtb_meeting_fold(ctx, event);
    return VTB_OK;
}

static void a_browser_that_comes_late_sees_the_same_room(void **state)
{
    struct world *w = *state;
    struct vtb_meeting *late = calloc(1, sizeof *late);
    struct vtb_arena arena = { 0 };
    struct vtb_watcher staff = { .is_guest = false };
    char *one, *other;

    assert_non_null(late);
    room_joins(w, true);
    assert_int_equal(ask(w, CHAIR, record), VTB_OK);
    room_opens(w);
    the_chair_mutes(w);
    assert_int_equal(vtb_meeting_snapshot(w->shown, &staff, &arena, fold, late), VTB_OK);
    one = dump(w->shown);
    other = dump(late);
    assert_string_equal(one, other);
    free(one);
    free(other);
    free(late);
    vtb_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(its_microphone_is_open_while_its_program_sends, begin, end),
        cmocka_unit_test_setup_teardown(what_the_chair_closed_the_room_alone_opens, begin, end),
        cmocka_unit_test_setup_teardown(who_vouched_acknowledges_the_recording, begin, end),
        cmocka_unit_test_setup_teardown(a_room_that_nobody_vouched_for_is_not_heard_in_a_recording, begin, end),
        cmocka_unit_test_setup_teardown(it_is_no_attendee_and_counts_for_no_quorum, begin, end),
        cmocka_unit_test_setup_teardown(a_browser_that_comes_late_sees_the_same_room, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
