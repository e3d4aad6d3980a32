/* invite.c - invitations: made and freed by the coordinator, previewed and exchanged by the guest. */
#include "api/inner.h"

#include <stdio.h>
#include <string.h>

static void link_answer(struct call *call)
{
    char url[600];

    /* The token stands in the fragment: it reaches no server log and no referrer. The origin is the
     * one the coordinator's browser told and the web compared with our hosts, so it is right behind a
     * proxy too, and never a host that somebody made up. */
    snprintf(url, sizeof url, "%s/j#%s", call->origin, call->text);
    call_answer(call, json_pack("{s:o,s:s}", "invitation", id_json(call->made), "url", url));
}

static struct vtb_standing board_standing(const struct vtb_session *session, struct vtb_id board)
{
    return (struct vtb_standing){ .role = vtb_session_role(session, board), .signed_in = true,
                                  .administrator = session->administrator };
}

/* ---- make ---- */

static void write_invitation(struct call *call)
{
    const struct vtb_body_invitation_make *body = &call->body.invitation_make;
    char token[VTB_TOKEN_TEXT], digest[VTB_DIGEST_TEXT];
    int64_t now = now_us();
    struct vtb_id person = vtb_id_make(now), known;
    struct vtb_event events[2] = { { .kind = VTB_EVENT_PERSON_ADDED, .at_us = now, .by = call->session.person },
                                   { .kind = VTB_EVENT_INVITATION_MADE, .at_us = now, .by = call->session.person } };
    bool is_known = vtb_id_parse(body->person, &known) == VTB_OK;
    json_t *meeting = call->facts;

    vtb_token_make(token, digest);
    memcpy(call->text, token, sizeof token);
    call->made = vtb_id_make(now);
    if (is_known)
        person = known;
    events[0].u.person_added = (struct vtb_ev_person_added){ .person = person, .name = body->name,
        .specialty = body->specialty, .site = body->site, .email = vtb_str_of(""), .administrator = false };
    events[1].u.invitation_made = (struct vtb_ev_invitation_made){
        .invitation = call->made, .meeting = call->meeting, .person = person, .name = body->name,
        .specialty = body->specialty, .site = body->site, .items = body->items, .items_n = body->items_n,
        .token = vtb_str_of(digest), .by = call->session.person,
        .until_us = vtb_invitation_until(json_integer_value(json_object_get(meeting, "starts_us")),
                                         json_integer_value(json_object_get(meeting, "minutes"))),
    };
    call_site(call, is_known ? events + 1 : events, is_known ? 1 : 2, link_answer);
}

static bool items_are_of(json_t *meeting, const struct vtb_id *items, size_t n)
{
    json_t *item;
    size_t k;

    for (size_t i = 0; i < n; i++) {
        bool found = false;
        json_array_foreach (json_object_get(meeting, "items"), k, item)
            found = found || vtb_id_is(json_id(json_object_get(item, "item")), items[i]);
        if (!found)
            return false;
    }
    return true;
}

/* The link would be a second key to the member's own seat, in the hands of whoever copies it. */
static bool is_member(json_t *meeting, struct vtb_str person)
{
    struct vtb_id id;
    json_t *member;
    size_t i;

    if (vtb_id_parse(person, &id) != VTB_OK)
        return false;

    json_array_foreach (json_object_get(meeting, "members"), i, member)
        if (vtb_id_is(json_id(json_object_get(member, "person")), id) && strcmp(json_text(member, "role"), "guest") != 0)
            return true;
    return false;
}

static void person_for_invitation(struct call *call, enum vtb_err err, json_t *answer)
{
    struct vtb_body_invitation_make *body = &call->body.invitation_make;

    if (err) {
        call_answer_error(call, err, "That person is not known here. Give a name instead.");
        return;
    }
    json_object_set(call->root, "kept", answer); /* texts below borrow from it */
    body->name = vtb_str_of(json_text(answer, "name"));
    body->specialty = vtb_str_of(json_text(answer, "specialty"));
    body->site = vtb_str_of(json_text(answer, "site"));
    write_invitation(call);
}

static void meeting_for_invitation(struct call *call, enum vtb_err err, json_t *meeting)
{
    const struct vtb_body_invitation_make *body = &call->body.invitation_make;

    if (err) {
        call_answer_error(call, err, "This meeting is not shared with you.");
        return;
    }
    call->standing = board_standing(&call->session, json_id(json_object_get(meeting, "board")));
    if (!call_may(call, VTB_DEED_INVITATION_MAKE))
        return;
    if (body->items_n == 0 || !items_are_of(meeting, body->items, body->items_n)) {
        call_answer_error(call, VTB_PARSE, "Choose at least one case of this meeting: a guest hears and sees nothing else.");
        return;
    }
    call->facts = json_incref(meeting);
    if (is_member(meeting, body->person)) {
        call_answer_error(call, VTB_PARSE, "This person is on the board and needs no invitation: they sign in.");
        return;
    }
    if (body->person.len) {
        call_ask(call, VTB_FIND_PERSON, json_pack("{s:o}", "person", vtb_json_from_str(body->person)),
                 person_for_invitation);
        return;
    }
    if (body->name.len == 0 || body->specialty.len == 0) {
        call_answer_error(call, VTB_PARSE, "A guest needs a name and a specialty.");
        return;
    }
    if (!vtb_specialty_is_known(body->specialty)) {
        call_answer_error(call, VTB_PARSE, "Choose the guest's specialty from the list: it counts for quorum.");
        return;
    }
    write_invitation(call);
}

static void make(struct call *call)
{
    call_ask(call, VTB_FIND_MEETING, json_pack("{s:o}", "meeting", id_json(call->meeting)), meeting_for_invitation);
}

void invitation_make(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->meeting) && CALL_BODY(call, req, invitation_make, invitation_make))
        call_session(call, req, make);
}

/* ---- free another device, or a new link ---- */

static void freed(struct call *call)
{
    vtb_live_end_invitation(call->api->cfg.live, call->id);
    call_answer_empty(call);
}

static void invitation_to_free(struct call *call, enum vtb_err err, json_t *answer)
{
    struct vtb_event event = { .kind = VTB_EVENT_INVITATION_FREED, .at_us = now_us(), .by = call->session.person,
                               .u.invitation_freed = { .invitation = call->id } };

    if (err) {
        call_answer_error(call, err, "There is no such invitation.");
        return;
    }
    call->standing = board_standing(&call->session, json_id(json_object_get(answer, "board")));
    if (call_may(call, VTB_DEED_INVITATION_FREE))
        call_site(call, &event, 1, freed);
}

static void free_device(struct call *call)
{
    call_ask(call, VTB_FIND_INVITATION, json_pack("{s:o}", "invitation", id_json(call->id)), invitation_to_free);
}

void invitation_free(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, free_device);
}

/* The old link has ended, and with it what was opened by it. */
static void renewed(struct call *call)
{
    vtb_live_end_invitation(call->api->cfg.live, call->id);
    link_answer(call);
}

static void invitation_to_renew(struct call *call, enum vtb_err err, json_t *answer)
{
    char token[VTB_TOKEN_TEXT], digest[VTB_DIGEST_TEXT];
    struct vtb_id items[VTB_MAX_MEETING_ITEMS];
    size_t n = 0, i;
    json_t *item;
    struct vtb_event event = { .kind = VTB_EVENT_INVITATION_MADE, .at_us = now_us(), .by = call->session.person };

    if (err) {
        call_answer_error(call, err, "There is no such invitation.");
        return;
    }
    call->standing = board_standing(&call->session, json_id(json_object_get(answer, "board")));
    if (!call_may(call, VTB_DEED_INVITATION_LINK))
        return;
    json_array_foreach (json_object_get(answer, "items"), i, item)
        if (n < VTB_MAX_MEETING_ITEMS)
            items[n++] = json_id(item);
    vtb_token_make(token, digest);
    memcpy(call->text, token, sizeof token);
    call->made = call->id;
    event.u.invitation_made = (struct vtb_ev_invitation_made){
        .invitation = call->id, .meeting = json_id(json_object_get(answer, "meeting")),
        .person = json_id(json_object_get(answer, "person")), .name = vtb_str_of(json_text(answer, "name")),
        .specialty = vtb_str_of(json_text(answer, "specialty")), .site = vtb_str_of(json_text(answer, "site")),
        .items = items, .items_n = n, .token = vtb_str_of(digest), .by = call->session.person,
        .until_us = json_integer_value(json_object_get(answer, "until_us")),
    };
    call_site(call, &event, 1, renewed);
}

static void renew(struct call *call)
{
    call_ask(call, VTB_FIND_INVITATION, json_pack("{s:o}", "invitation", id_json(call->id)), invitation_to_renew);
}

void invitation_link(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, renew);
}

/* ---- the guest ---- */

static enum vtb_bind bind_of(struct call *call, json_t *answer)
{
    char device[VTB_DIGEST_TEXT] = "";

    if (call->device[0] && vtb_token_digest(vtb_str_of(call->device), device) != VTB_OK)
        device[0] = '\0';
    return vtb_invitation_bind(vtb_str_of(json_text(answer, "device")), vtb_str_of(device),
                               json_integer_value(json_object_get(answer, "until_us")), now_us());
}

static void refuse_link(struct call *call, enum vtb_ev_signin_refused_why why)
{
    call_audit_refused(call, VTB_EV_SIGNIN_REFUSED_HOW_INVITATION, why);
    if (why == VTB_EV_SIGNIN_REFUSED_WHY_BOUND)
        call_answer_refusal(call, 409, "bound", "This link was opened on another device. The coordinator can free it.");
    else if (why == VTB_EV_SIGNIN_REFUSED_WHY_EXPIRED)
        call_answer_refusal(call, 410, "expired", "This link has ended. Ask the coordinator for a new one.");
    else
        call_answer_refusal(call, 404, "absent", "This link is not known. Ask the coordinator for a new one.");
}

static void previewed(struct call *call, enum vtb_err err, json_t *answer)
{
    enum vtb_bind bind;
    json_t *view;

    if (err) {
        refuse_link(call, VTB_EV_SIGNIN_REFUSED_WHY_UNKNOWN);
        return;
    }
    bind = bind_of(call, answer);
    if (bind == VTB_BIND_ENDED) {
        refuse_link(call, VTB_EV_SIGNIN_REFUSED_WHY_EXPIRED);
        return;
    }
    view = json_pack("{s:O,s:O,s:O,s:O,s:O,s:O,s:O,s:O,s:b,s:i,s:b}", "name", json_object_get(answer, "name"), "specialty",
                     json_object_get(answer, "specialty"), "site", json_object_get(answer, "site"), "board_name",
                     json_object_get(answer, "board_name"), "meeting", json_object_get(answer, "meeting"), "starts_us",
                     json_object_get(answer, "starts_us"), "minutes", json_object_get(answer, "minutes"), "state",
                     json_object_get(answer, "meeting_state"), "recorded",
                     strcmp(json_text(answer, "recording"), "allowed") == 0, "items",
                     (int)json_array_size(json_object_get(answer, "items")), "bound_elsewhere", bind == VTB_BIND_OTHER);
    call_answer(call, view);
}

static void find_by_token(struct call *call, call_answered *next)
{
    char digest[VTB_DIGEST_TEXT];

    if (vtb_token_digest(call->body.token.token, digest) != VTB_OK) {
        refuse_link(call, VTB_EV_SIGNIN_REFUSED_WHY_UNKNOWN);
        return;
    }
    call_ask(call, VTB_FIND_INVITATION, json_pack("{s:s}", "token", digest), next);
}

void invitation_preview(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && CALL_BODY(call, req, invitation_token, token))
        find_by_token(call, previewed);
}

static void exchanged(struct call *call)
{
    char session[VTB_COOKIE_TEXT], device[VTB_COOKIE_TEXT], meeting[VTB_ID_TEXT], person[VTB_ID_TEXT], body[200];
    int64_t seconds = (json_integer_value(json_object_get(call->facts, "until_us")) - now_us()) / 1000000;
    struct vtb_web_header headers[] = { { "set-cookie", session }, { "set-cookie", device },
                                        { "content-type", "application/json" } };

    vtb_cookie_write(VTB_COOKIE_SESSION, call->text, seconds, session);
    vtb_cookie_write(VTB_COOKIE_DEVICE, call->device, INT64_C(400) * 24 * 3600, device);
    vtb_id_write(json_id(json_object_get(call->facts, "meeting")), meeting);
    vtb_id_write(json_id(json_object_get(call->facts, "person")), person);
    int len = snprintf(body, sizeof body, "{\"meeting\":\"%s\",\"person\":\"%s\"}", meeting, person);
    call_answer_with(call, 200, headers, 3, body, (size_t)len);
}

static void exchange(struct call *call, enum vtb_err err, json_t *answer)
{
    char token[VTB_TOKEN_TEXT], digest[VTB_DIGEST_TEXT], device[VTB_DIGEST_TEXT];
    struct vtb_event events[2];
    enum vtb_bind bind;
    size_t n = 0;
    int64_t now = now_us();

    if (err) {
        refuse_link(call, VTB_EV_SIGNIN_REFUSED_WHY_UNKNOWN);
        return;
    }
    bind = bind_of(call, answer);
    if (bind == VTB_BIND_ENDED || bind == VTB_BIND_OTHER) {
        refuse_link(call, bind == VTB_BIND_OTHER ? VTB_EV_SIGNIN_REFUSED_WHY_BOUND : VTB_EV_SIGNIN_REFUSED_WHY_EXPIRED);
        return;
    }
    call->facts = json_incref(answer);
    call->session.person = json_id(json_object_get(answer, "person"));
    if (!call->device[0])
        vtb_token_make(call->device, device);
    else if (vtb_token_digest(vtb_str_of(call->device), device) != VTB_OK)
        vtb_token_make(call->device, device);
    if (bind == VTB_BIND_FIRST)
        events[n++] = (struct vtb_event){ .kind = VTB_EVENT_INVITATION_BOUND, .at_us = now, .by = call->session.person,
            .u.invitation_bound = { .invitation = json_id(json_object_get(answer, "invitation")),
                                    .device = vtb_str_of(device) } };
    vtb_token_make(token, digest);
    memcpy(call->text, token, sizeof token);
    events[n++] = (struct vtb_event){ .kind = VTB_EVENT_SESSION_OPENED, .at_us = now, .by = call->session.person,
        .u.session_opened = { .session = vtb_id_make(now), .person = call->session.person, .token = vtb_str_of(digest),
                              .until_us = vtb_session_until(now, json_integer_value(json_object_get(answer, "until_us"))),
                              .how = VTB_EV_SESSION_OPENED_HOW_INVITATION,
                              .invitation = vtb_str_of(json_text(answer, "invitation")) } };
    call_site(call, events, n, exchanged);
}

void invitation_exchange(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && CALL_BODY(call, req, invitation_token, token))
        find_by_token(call, exchange);
}
