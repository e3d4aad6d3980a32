/* meeting.c - a meeting is planned, its agenda is read and saved. */
#include "api/inner.h"

#include "meeting/meeting.h"

#include <string.h>

static void made(struct call *call)
{
    const struct vtb_meeting *meeting = vtb_log_tail(call->log);

    call_answer(call, json_pack("{s:o,s:I}", "id", id_json(call->made), "version", (json_int_t)meeting->agenda_version));
}

/* ---- plan a meeting from the board's frame ---- */

static void log_for_plan(struct call *call)
{
    struct vtb_arena arena = { 0 };
    struct vtb_ev_board_saved board;
    struct vtb_ev_meeting_planned frame;
    enum vtb_err err = board_of(call->facts, &arena, &board);

    if (!err) {
        frame = (struct vtb_ev_meeting_planned){
            .board = board.board, .board_name = board.name, .starts_us = call->body.meeting_make.starts_us,
            .minutes = call->body.meeting_make.minutes, .timezone = board.timezone, .required = board.required,
            .required_n = board.required_n, .objection_s = board.objection_s, .members = board.members,
            .members_n = board.members_n, .has_recording = board.has_recording,
            .recording = board.recording == VTB_EV_MEETING_PLANNED_RECORDING_ALLOWED
                ? VTB_EV_MEETING_PLANNED_RECORDING_ALLOWED : VTB_EV_MEETING_PLANNED_RECORDING_OFF,
            .has_recording_days = board.has_recording_days, .recording_days = board.recording_days,
        };
        err = vtb_meeting_plan(vtb_log_tail(call->log), &frame, now_us(), &call->api->events);
    }
    call_append(call, err, made);
    vtb_arena_fini(&arena);
}

static void board_for_meeting(struct call *call, enum vtb_err err, json_t *answer)
{
    call->standing = session_standing(&call->session);
    call->standing.role = vtb_session_role(&call->session, call->id);
    if (err) {
        call_answer_error(call, err, "This board is not shared with you.");
        return;
    }
    if (!call_may(call, VTB_DEED_MEETING_MAKE))
        return;
    call->facts = json_incref(answer);
    call->made = vtb_id_make(now_us());
    call_log(call, &vtb_meeting_log, call->made, true, log_for_plan);
}

static void make(struct call *call)
{
    call_ask(call, VTB_FIND_BOARD, json_pack("{s:o}", "board", id_json(call->id)), board_for_meeting);
}

void meeting_make(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id) && CALL_BODY(call, req, meeting_make, meeting_make))
        call_session(call, req, make);
}

/* ---- the agenda builder ---- */

static void invitations_found(struct call *call, enum vtb_err err, json_t *answer)
{
    json_t *meeting = call->facts, *cards = json_array(), *row;
    size_t i;

    json_array_foreach (json_object_get(answer, "invitations"), i, row)
        json_array_append_new(cards, json_pack("{s:O,s:O,s:O,s:O,s:O,s:O,s:O}", "invitation",
            json_object_get(row, "invitation"), "name", json_object_get(row, "name"), "specialty",
            json_object_get(row, "specialty"), "site", json_object_get(row, "site"), "items",
            json_object_get(row, "items"), "bound", json_object_get(row, "bound"), "made_us", json_object_get(row, "made_us")));
    if (err) {
        json_decref(cards);
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
        return;
    }
    json_object_set_new(meeting, "invitations", cards);
    call->facts = NULL;
    call_answer(call, meeting);
}

static void pool_found(struct call *call, enum vtb_err err, json_t *answer)
{
    json_t *card;
    size_t i;

    if (err) {
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
        return;
    }
    json_array_foreach (json_object_get(answer, "cases"), i, card)
        card_finish(call->api, card);
    json_array_foreach (json_object_get(answer, "heard"), i, card)
        card_finish(call->api, card);
    json_object_set(call->facts, "pool", json_object_get(answer, "cases"));
    json_object_set(call->facts, "heard", json_object_get(answer, "heard"));
    call_ask(call, VTB_FIND_INVITATIONS, json_pack("{s:o}", "meeting", id_json(call->meeting)), invitations_found);
}

/* The rows the screen shows, and no more. */
static json_t *agenda_rows(struct vtb_api *api, json_t *items, bool arranges)
{
    static const char *const keep[] = { "item", "case", "name", "birth_date", "local_id", "diagnosis", "stage",
        "question", "minutes", "presenter", "presenter_name", "referrer", "referrer_name", "gaps", "documents", "state", "talk" };
    json_t *item;
    size_t i;

    json_array_foreach (items, i, item) {
        card_judge(api, item);
        json_only(item, keep, VTB_COUNT(keep));
        if (!arranges) /* how long each discipline spoke is for who runs the board, not a score for all */
            json_object_set_new(item, "talk", json_array());
    }
    return json_incref(items);
}

static void meeting_found(struct call *call, enum vtb_err err, json_t *answer)
{
    struct vtb_id board = json_id(json_object_get(answer, "board"));
    enum vtb_role role = vtb_session_role(&call->session, board);
    call->standing = session_standing(&call->session);
    call->standing.role = role;
    if (err || !vtb_policy_may(VTB_DEED_MEETING_VIEW, &call->standing)) {
        call_answer_error(call, err ? err : VTB_ABSENT, "This meeting is not shared with you.");
        return;
    }
    call->facts = json_pack("{s:O,s:O,s:O,s:O,s:O,s:O,s:O,s:O,s:s,s:o,s:[],s:[],s:[],s:O,s:O}", "meeting",
        json_object_get(answer, "meeting"), "board", json_object_get(answer, "board"), "board_name",
        json_object_get(answer, "board_name"), "timezone", json_object_get(answer, "timezone"), "starts_us",
        json_object_get(answer, "starts_us"), "minutes", json_object_get(answer, "minutes"), "state",
        json_object_get(answer, "state"), "version", json_object_get(answer, "version"), "role",
        vtb_t_member_role_name((enum vtb_t_member_role)(role - VTB_ROLE_CHAIR)), "items",
        agenda_rows(call->api, json_object_get(answer, "items"), vtb_policy_may(VTB_DEED_AGENDA_SAVE, &call->standing)), "pool", "heard", "invitations",
        "members", json_object_get(answer, "members"), "required", json_object_get(answer, "required"));
    if (!vtb_policy_may(VTB_DEED_AGENDA_SAVE, &call->standing)) {
        json_t *meeting = call->facts;
        call->facts = NULL;
        call_answer(call, meeting);
        return;
    }
    call_ask(call, VTB_FIND_POOL, json_pack("{s:o,s:I}", "board", id_json(board), "now_us", (json_int_t)now_us()), pool_found);
}

static void meeting(struct call *call)
{
    call_ask(call, VTB_FIND_MEETING, json_pack("{s:o}", "meeting", id_json(call->meeting)), meeting_found);
}

void meeting_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->meeting))
        call_session(call, req, meeting);
}

/* ---- save the agenda: each case's card is read, so that the item carries who it is ---- */

static void agenda_case_next(struct call *call);

static void log_for_agenda(struct call *call)
{
    struct vtb_t_item items[VTB_MAX_MEETING_ITEMS];
    struct vtb_arena arena = { 0 };
    size_t n = json_array_size(call->facts);
    enum vtb_err err = VTB_OK;

    for (size_t i = 0; i < n && !err; i++)
        err = vtb_t_item_parse(json_array_get(call->facts, i), &arena, &items[i]);
    if (!err)
        err = vtb_meeting_agenda(vtb_log_tail(call->log), call->body.agenda_save.base, items, n, now_us(),
                                 &call->api->events);
    call->made = call->meeting;
    call_append(call, err, made);
    vtb_arena_fini(&arena);
}

static void agenda_case_found(struct call *call, enum vtb_err err, json_t *answer)
{
    const struct vtb_body_agenda_item *from = &call->body.agenda_save.items[call->number];
    json_t *record = json_object_get(answer, "record");
    struct vtb_id item;

    if (err) {
        call_answer_error(call, err, "One of these cases does not exist. Nothing was changed.");
        return;
    }
    if (vtb_id_parse(from->item, &item) != VTB_OK)
        item = vtb_id_make(now_us());
    json_array_append_new(call->facts, json_pack("{s:o,s:o,s:I,s:o,s:s,s:O,s:O,s:O,s:O,s:O,s:O,s:O,s:O}", "item", id_json(item),
        "case", id_json(from->case_id), "minutes", (json_int_t)from->minutes, "presenter", id_json(from->presenter),
        "presenter_name", "", "referrer", json_object_get(record, "referrer"), "referrer_name",
        json_object_get(record, "referrer_name"), "name", json_object_get(record, "name"), "birth_date",
        json_object_get(record, "birth_date"), "local_id", json_object_get(record, "local_id"), "diagnosis",
        json_object_get(record, "diagnosis"), "stage", json_object_get(record, "stage"), "question",
        json_object_get(record, "question")));
    agenda_case_next(call);
}

static void presenter_found(struct call *call, enum vtb_err err, json_t *answer)
{
    json_t *item = json_array_get(call->facts, json_array_size(call->facts) - 1);

    if (err) {
        call_answer_error(call, err, "One of the presenters is not known here. Nothing was changed.");
        return;
    }
    json_object_set(item, "presenter_name", json_object_get(answer, "name"));
    call->number++;
    agenda_case_next(call);
}

/* Putting a case on an agenda shows it to the whole board, so it is for those who may see it. */
static void agenda_case_standing(struct call *call)
{
    if (call_may(call, VTB_DEED_CASE_VIEW))
        call_ask(call, VTB_FIND_CASE, json_pack("{s:o}", "case", id_json(call->case_id)), agenda_case_found);
}

static void agenda_case_next(struct call *call)
{
    const struct vtb_body_agenda_save *body = &call->body.agenda_save;

    if (json_array_size(call->facts) > (size_t)call->number) {
        call_ask(call, VTB_FIND_PERSON,
                 json_pack("{s:o}", "person", id_json(body->items[call->number].presenter)), presenter_found);
        return;
    }
    if ((size_t)call->number == body->items_n) {
        call_log(call, &vtb_meeting_log, call->meeting, false, log_for_agenda);
        return;
    }
    call_standing(call, body->items[call->number].case_id, agenda_case_standing);
}

static void meeting_for_agenda(struct call *call, enum vtb_err err, json_t *answer)
{
    call->standing = session_standing(&call->session);
    call->standing.role = vtb_session_role(&call->session, json_id(json_object_get(answer, "board")));
    if (err) {
        call_answer_error(call, err, "This meeting is not shared with you.");
        return;
    }
    if (!call_may(call, VTB_DEED_AGENDA_SAVE))
        return;
    call->facts = json_array();
    agenda_case_next(call);
}

static void save(struct call *call)
{
    call_ask(call, VTB_FIND_MEETING, json_pack("{s:o}", "meeting", id_json(call->meeting)), meeting_for_agenda);
}

void agenda_put(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->meeting) && CALL_BODY(call, req, agenda_save, agenda_save))
        call_session(call, req, save);
}

/* ---- out of the lists: the log forgets nothing ---- */

static void log_for_archive(struct call *call)
{
    enum vtb_err err = vtb_meeting_archive(vtb_log_tail(call->log), call->api->cfg.is_demo, now_us(), &call->api->events);

    if (!err && call->api->events.n)
        call->api->events.at[0].by = call->session.person;
    if (!err && call->api->events.n == 0)
        call_answer_empty(call);
    else
        call_append(call, err, call_answer_empty);
}

static void meeting_for_archive(struct call *call, enum vtb_err err, json_t *answer)
{
    call->standing = session_standing(&call->session);
    call->standing.role = vtb_session_role(&call->session, json_id(json_object_get(answer, "board")));
    if (err || !vtb_policy_may(VTB_DEED_MEETING_VIEW, &call->standing))
        call_answer_error(call, VTB_ABSENT, "This meeting is not shared with you.");
    else if (call_may(call, VTB_DEED_MEETING_ARCHIVE))
        call_log(call, &vtb_meeting_log, call->meeting, false, log_for_archive);
}

static void archive(struct call *call)
{
    call_ask(call, VTB_FIND_MEETING, json_pack("{s:o}", "meeting", id_json(call->meeting)), meeting_for_archive);
}

void meeting_delete(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->meeting))
        call_session(call, req, archive);
}
