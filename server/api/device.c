/* device.c - room systems of a board: tokens made, listed and revoked by its coordinator or chair. */
#include "api/inner.h"

#include <string.h>

#define LONGEST_US  (INT64_C(366) * 86400 * 1000000)
#define NOT_SHARED  "This board is not shared with you."

/* On the board `id`: false and answered when the caller may not even see it, or may not do this. */
static bool may_on_board(struct call *call, struct vtb_id board, enum vtb_deed deed)
{
    call->standing = session_standing(&call->session);
    call->standing.role = call->session.is_guest ? VTB_ROLE_GUEST : vtb_session_role(&call->session, board);
    if (!vtb_policy_may(VTB_DEED_BOARD_VIEW, &call->standing)) {
        call_answer_error(call, VTB_ABSENT, NOT_SHARED);
        return false;
    }
    return call_may(call, deed);
}

/* ---- make ---- */

static void made(struct call *call)
{
    call_answer(call, json_pack("{s:o,s:s}", "device", id_json(call->made), "token", call->text));
}

static void write_device(struct call *call)
{
    const struct vtb_body_device_make *body = &call->body.device_make;
    struct vtb_event event = { .kind = VTB_EVENT_DEVICE_MADE, .at_us = now_us(), .by = call->session.person };
    char digest[VTB_DIGEST_TEXT];

    vtb_token_make(call->text, digest);
    call->made = vtb_id_make(event.at_us);
    event.u.device_made = (struct vtb_ev_device_made){
        .device = call->made, .board = call->id, .has_meeting = body->meeting.len > 0, .meeting = call->meeting,
        .items = body->items, .items_n = body->items_n, .name = body->name, .site = body->site,
        .token = vtb_str_of(digest), .until_us = body->until_us, .vouches = body->vouches, .by = call->session.person };
    call_site(call, &event, 1, made);
}

static void counted(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err)
        call_answer_error(call, err, "The record cannot be read just now. Nothing was made. Try again.");
    else if (json_integer_value(json_object_get(answer, "live")) >= VTB_MAX_BOARD_DEVICES)
        call_answer_refusal(call, 409, "limit", "This board has 50 room systems. Revoke one that is not needed any more.");
    else
        write_device(call);
}

static void count_devices(struct call *call)
{
    call_ask(call, VTB_FIND_DEVICES, json_pack("{s:o,s:I}", "board", id_json(call->id), "now_us", (json_int_t)now_us()),
             counted);
}

static bool has_item(json_t *meeting, struct vtb_id id)
{
    json_t *item;
    size_t i;

    json_array_foreach (json_object_get(meeting, "items"), i, item)
        if (vtb_id_is(json_id(json_object_get(item, "item")), id))
            return true;
    return false;
}

static void meeting_found(struct call *call, enum vtb_err err, json_t *meeting)
{
    const struct vtb_body_device_make *body = &call->body.device_make;

    if (err || !vtb_id_is(json_id(json_object_get(meeting, "board")), call->id)) {
        call_answer_error(call, VTB_ABSENT, "This board has no such meeting.");
        return;
    }
    if (strcmp(json_text(meeting, "state"), "closed") == 0) {
        call_answer_refusal(call, 409, "closed", "That meeting is over. Choose one to come.");
        return;
    }
    for (size_t i = 0; i < body->items_n; i++)
        if (!has_item(meeting, body->items[i])) {
            call_answer_error(call, VTB_PARSE, "A case that was chosen is not on that meeting's agenda.");
            return;
        }
    count_devices(call);
}

static void make(struct call *call)
{
    const struct vtb_body_device_make *body = &call->body.device_make;
    int64_t now = now_us();

    if (!may_on_board(call, call->id, VTB_DEED_DEVICE_MAKE))
        return;
    if (body->name.len == 0) {
        call_answer_error(call, VTB_PARSE, "Give the room a name. Everybody in the meeting sees it.");
    } else if (body->until_us <= now || body->until_us > now + LONGEST_US) {
        call_answer_refusal(call, 422, "day", "Choose a last day to come, at most a year away.");
    } else if (body->meeting.len) {
        if (vtb_id_parse(body->meeting, &call->meeting) == VTB_OK)
            call_ask(call, VTB_FIND_MEETING, json_pack("{s:o}", "meeting", id_json(call->meeting)), meeting_found);
        else
            call_answer_error(call, VTB_PARSE, "That is no meeting.");
    } else if (body->items_n) {
        call_answer_error(call, VTB_PARSE, "Cases can be chosen for one meeting only.");
    } else {
        count_devices(call);
    }
}

void device_make(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id) && CALL_BODY(call, req, device_make, device_make))
        call_session(call, req, make);
}

/* ---- list ---- */

static void listed(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err)
        call_answer_error(call, err, "The room systems cannot be listed just now. Try again.");
    else
        call_answer(call, json_pack("{s:O}", "devices", json_object_get(answer, "devices")));
}

static void list(struct call *call)
{
    if (may_on_board(call, call->id, VTB_DEED_DEVICE_LIST))
        call_ask(call, VTB_FIND_DEVICES, json_pack("{s:o,s:I}", "board", id_json(call->id), "now_us", (json_int_t)now_us()),
                 listed);
}

void device_list(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, list);
}

/* ---- revoke ---- */

static void revoked(struct call *call)
{
    vtb_live_end_session(call->api->cfg.live, call->id); /* its session is the device itself */
    call_answer_empty(call);
}

static void to_revoke(struct call *call, enum vtb_err err, json_t *answer)
{
    struct vtb_event event = { .kind = VTB_EVENT_DEVICE_REVOKED, .at_us = now_us(), .by = call->session.person,
                               .u.device_revoked = { .device = call->id, .by = call->session.person } };

    if (err)
        call_answer_error(call, VTB_ABSENT, "There is no such room system.");
    else if (may_on_board(call, json_id(json_object_get(answer, "board")), VTB_DEED_DEVICE_REVOKE))
        call_site(call, &event, 1, revoked);
}

static void find_device(struct call *call)
{
    call_ask(call, VTB_FIND_DEVICE, json_pack("{s:o,s:I}", "device", id_json(call->id), "now_us", (json_int_t)now_us()),
             to_revoke);
}

void device_revoke(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, find_device);
}
