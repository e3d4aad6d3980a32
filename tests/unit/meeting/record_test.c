/* Who may record, and that nobody is heard in a recording who was not told of it. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct vtb_ask start = { .kind = VTB_ASK_RECORDING_START };
static const struct vtb_ask pause_it = { .kind = VTB_ASK_RECORDING_PAUSE };
static const struct vtb_ask go_on = { .kind = VTB_ASK_RECORDING_GO_ON };
static const struct vtb_ask stop = { .kind = VTB_ASK_RECORDING_STOP };
static const struct vtb_ask acknowledge = { .kind = VTB_ASK_RECORDING_ACKNOWLEDGE };
static const struct vtb_ask open_mic = { .kind = VTB_ASK_SOUND_MUTE, .u.sound_mute.muted = false };
static const struct vtb_ask hand_chair_over = { .kind = VTB_ASK_CHAIR_OFFER,
                                                .u.chair_offer = { .has_seat = true } };

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

static void the_board_decides_whether_it_may_be_recorded(void **state)
{
    struct world *w = *state;

    assert_true(w->shown->may_record);
    w->tail->may_record = w->shown->may_record = false; /* as of a board whose policy does not say so */
    assert_int_equal(ask(w, CHAIR, start), VTB_DENIED);
    assert_int_equal(w->shown->recording, VTB_EV_RECORDING_SET_STATE_OFF);
}

static void a_frame_without_the_policy_allows_nothing(void **state)
{
    struct world *w = *state;
    struct vtb_event planned = { .kind = VTB_EVENT_MEETING_PLANNED, .u.meeting_planned = { .board = id_of(1) } };

    vtb_meeting_fold(w->shown, &planned); /* a log of before there were recordings */
    assert_false(w->shown->may_record);
}

static void only_the_chair_begins_and_ends_it(void **state)
{
    struct world *w = *state;
    static const enum who others[] = { COORDINATOR, SCRIBE, SURGEON, PATHOLOGIST };

    for (size_t i = 0; i < VTB_COUNT(others); i++)
        assert_int_equal(ask(w, others[i], start), VTB_DENIED);
    assert_int_equal(ask(w, CHAIR, start), VTB_OK);
    for (size_t i = 0; i < VTB_COUNT(others); i++) {
        assert_int_equal(ask(w, others[i], pause_it), VTB_DENIED);
        assert_int_equal(ask(w, others[i], go_on), VTB_DENIED);
        assert_int_equal(ask(w, others[i], stop), VTB_DENIED);
    }
    assert_int_equal(w->shown->recording, VTB_EV_RECORDING_SET_STATE_ON);
}

static void who_acts_as_chair_may_as_well(void **state)
{
    struct world *w = *state;
    struct vtb_ask offer = hand_chair_over;

    offer.u.chair_offer.seat = seat_id(SURGEON);
    assert_int_equal(ask(w, CHAIR, offer), VTB_OK);
    assert_int_equal(ask(w, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_CHAIR_TAKE }), VTB_OK);
    assert_int_equal(ask(w, SURGEON, start), VTB_OK);
    assert_int_equal(ask(w, CHAIR, stop), VTB_OK); /* the board's chair ends what another began */
}

static void every_microphone_closes_but_the_one_of_who_began(void **state)
{
    struct world *w = *state;

    assert_int_equal(ask(w, CHAIR, open_mic), VTB_OK);
    assert_int_equal(ask(w, SURGEON, open_mic), VTB_OK);
    assert_int_equal(ask(w, CHAIR, start), VTB_OK);
    assert_false(seat(w, CHAIR)->muted);
    assert_true(vtb_meeting_may_be_heard(w->shown, seat(w, CHAIR)));
    assert_true(seat(w, SURGEON)->muted);
    assert_false(vtb_meeting_may_be_heard(w->shown, seat(w, SURGEON)));
    assert_int_not_equal(w->shown->undo.press, VTB_PRESS_MUTE); /* nothing that a press takes back */
    assert_int_equal(ask(w, SURGEON, open_mic), VTB_DENIED);
    assert_int_equal(ask(w, SURGEON, acknowledge), VTB_OK);
    assert_true(seat(w, SURGEON)->muted); /* only its owner opens it */
    assert_int_equal(ask(w, SURGEON, open_mic), VTB_OK);
    assert_false(seat(w, SURGEON)->muted);
}

static void who_comes_late_is_asked_too(void **state)
{
    struct world *w = *state;

    assert_int_equal(ask(w, CHAIR, start), VTB_OK);
    assert_int_equal(join(w, GUEST_A), VTB_OK);
    assert_int_equal(ask(w, GUEST_A, open_mic), VTB_DENIED);
    assert_int_equal(ask(w, GUEST_A, acknowledge), VTB_OK);
    assert_int_equal(ask(w, GUEST_A, open_mic), VTB_OK);
    assert_int_equal(join(w, GUEST_A), VTB_OK); /* another device: the person was told */
    assert_int_equal(ask(w, GUEST_A, open_mic), VTB_OK);
}

static void off_the_record_everybody_may_speak_and_on_it_only_who_was_told(void **state)
{
    struct world *w = *state;

    assert_int_equal(ask(w, CHAIR, start), VTB_OK);
    assert_int_equal(ask(w, CHAIR, pause_it), VTB_OK);
    assert_int_equal(ask(w, SURGEON, open_mic), VTB_OK);
    assert_int_equal(ask(w, PATHOLOGIST, acknowledge), VTB_OK);
    assert_int_equal(ask(w, PATHOLOGIST, open_mic), VTB_OK);
    assert_int_equal(ask(w, CHAIR, go_on), VTB_OK);
    assert_true(seat(w, SURGEON)->muted);
    assert_false(seat(w, PATHOLOGIST)->muted);
}

static void the_next_recording_asks_anew(void **state)
{
    struct world *w = *state;

    assert_int_equal(ask(w, SURGEON, acknowledge), VTB_STALE);
    assert_int_equal(ask(w, CHAIR, start), VTB_OK);
    assert_int_equal(ask(w, SURGEON, acknowledge), VTB_OK);
    assert_int_equal(ask(w, CHAIR, stop), VTB_OK);
    assert_int_equal(ask(w, SURGEON, open_mic), VTB_OK);
    assert_int_equal(ask(w, CHAIR, start), VTB_OK);
    assert_true(seat(w, SURGEON)->muted);
    assert_int_equal(ask(w, SURGEON, open_mic), VTB_DENIED);
}

static void nothing_that_does_not_run_is_paused(void **state)
{
    struct world *w = *state;

    assert_int_equal(ask(w, CHAIR, pause_it), VTB_DENIED);
    assert_int_equal(ask(w, CHAIR, go_on), VTB_DENIED);
    assert_int_equal(ask(w, CHAIR, stop), VTB_OK);
    assert_int_equal(w->shown->recording_us, 0);
}

static void a_change_of_the_policy_reaches_a_meeting_that_was_planned(void **state)
{
    struct world *w = *state;
    struct vtb_event off = { .kind = VTB_EVENT_RECORDING_POLICY,
                             .u.recording_policy = { .recording = VTB_EV_MEETING_PLANNED_RECORDING_OFF } };
    struct vtb_events out = { 0 };

    assert_int_equal(vtb_meeting_record_policy(w->tail, true, 0, &out), VTB_OK);
    assert_int_equal(out.n, 0); /* it knows that */
    assert_int_equal(vtb_meeting_record_policy(w->tail, true, 30, &out), VTB_OK);
    assert_int_equal(out.n, 1);
    vtb_meeting_fold(w->tail, &out.at[0]);
    assert_int_equal(w->tail->record_days, 30);
    assert_true(w->tail->may_record);
    vtb_events_fini(&out);
    assert_int_equal(ask(w, CHAIR, start), VTB_OK);
    vtb_meeting_fold(w->tail, &off);
    vtb_meeting_fold(w->shown, &off);
    assert_int_equal(w->shown->recording, VTB_EV_RECORDING_SET_STATE_ON); /* what runs goes on */
    assert_int_equal(w->shown->record_days, 0);
    assert_int_equal(ask(w, CHAIR, stop), VTB_OK);
    assert_int_equal(ask(w, CHAIR, start), VTB_DENIED); /* and is not begun again */
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(the_board_decides_whether_it_may_be_recorded),
        IN_ROOM(a_frame_without_the_policy_allows_nothing),
        IN_ROOM(only_the_chair_begins_and_ends_it),
        IN_ROOM(who_acts_as_chair_may_as_well),
        IN_ROOM(every_microphone_closes_but_the_one_of_who_began),
        IN_ROOM(who_comes_late_is_asked_too),
        IN_ROOM(off_the_record_everybody_may_speak_and_on_it_only_who_was_told),
        IN_ROOM(the_next_recording_asks_anew),
        IN_ROOM(nothing_that_does_not_run_is_paused),
        IN_ROOM(a_change_of_the_policy_reaches_a_meeting_that_was_planned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
