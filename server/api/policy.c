/*
 * policy.c - whether a board's meetings may be recorded, and how long recordings are kept.
 *
 * board.saved, by whoever set it; then recording.policy in each meeting of the board that is not over, so that what was
 * planned before follows: nobody who switched it off finds next week's meeting recorded. What is being recorded goes on
 * until the chair ends it.
 */
#include "api/inner.h"

#include "meeting/meeting.h"

#include <string.h>

#define DAY_US (INT64_C(86400) * 1000000)

static void next_meeting(struct call *call);

static void tell_meeting(struct call *call)
{
    const struct vtb_body_board_recording *set = &call->body.board_recording;
    enum vtb_err err = vtb_meeting_record_policy(vtb_log_tail(call->log),
                                                 set->recording == VTB_EV_MEETING_PLANNED_RECORDING_ALLOWED, set->days,
                                                 &call->api->events);

    call_append(call, err, next_meeting);
}

static void next_meeting(struct call *call)
{
    json_t *meeting = json_array_get(call->list, call->place++);

    while (meeting && strcmp(json_text(meeting, "state"), "closed") == 0)
        meeting = json_array_get(call->list, call->place++);
    if (meeting)
        call_log(call, &vtb_meeting_log, json_id(json_object_get(meeting, "meeting")), false, tell_meeting);
    else
        call_answer_empty(call);
}

static void meetings_found(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err) {
        call_answer_error(call, err, "The board is set, but meetings that are planned could not be told. Save it again.");
        return;
    }
    call->list = json_incref(json_object_get(answer, "meetings"));
    next_meeting(call);
}

static void saved(struct call *call)
{
    call_ask(call, VTB_FIND_MEETINGS,
             json_pack("{s:o,s:I,s:I}", "board", id_json(call->id), "from_us", (json_int_t)(now_us() - 2 * DAY_US), "to_us",
                       (json_int_t)(now_us() + 730 * DAY_US)), meetings_found);
}

static void board_found(struct call *call, enum vtb_err err, json_t *answer)
{
    struct vtb_event event = { .kind = VTB_EVENT_BOARD_SAVED, .at_us = now_us(), .by = call->session.person };
    struct vtb_ev_board_saved *board = &event.u.board_saved;

    call->standing = session_standing(&call->session);
    call->standing.role = vtb_session_role(&call->session, call->id);
    if (err || !vtb_policy_may(VTB_DEED_BOARD_VIEW, &call->standing)) {
        call_answer_error(call, err ? err : VTB_ABSENT, "This board is not shared with you.");
        return;
    }
    if (!call_may(call, VTB_DEED_BOARD_RECORDING))
        return;
    call->facts = json_deep_copy(answer);
    err = board_of(call->facts, &call->arena, board);
    if (err) {
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
        return;
    }
    board->has_recording = board->has_recording_days = true;
    board->recording = call->body.board_recording.recording;
    board->recording_days = call->body.board_recording.days;
    call_site(call, &event, 1, saved);
}

static void set(struct call *call)
{
    call_ask(call, VTB_FIND_BOARD, json_pack("{s:o}", "board", id_json(call->id)), board_found);
}

void board_recording_put(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id) && CALL_BODY(call, req, board_recording, board_recording))
        call_session(call, req, set);
}
