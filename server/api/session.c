/* session.c - sign-in by demo link or password, sign-out, who am I. */
#include "api/inner.h"

#include "base/clock.h"
#include "record/canon.h"

#include <stdlib.h>
#include <string.h>

#define PASSWORDS_AT_ONCE 16
#define VTB_EMAIL_BYTES   256

static void joined(struct call *call)
{
    char cookie[VTB_COOKIE_TEXT], text[VTB_ID_TEXT];
    struct vtb_web_header headers[] = { { "set-cookie", cookie }, { "content-type", "application/json" } };
    char body[160];

    vtb_cookie_write(VTB_COOKIE_SESSION, call->text, VTB_SESSION_US / 1000000, cookie);
    vtb_id_write(call->session.person, text);
    int len = snprintf(body, sizeof body, "{\"meeting\":\"\",\"person\":\"%s\"}", text);
    call_answer_with(call, 200, headers, 2, body, (size_t)len);
}

static void open_session(struct call *call, enum vtb_ev_session_opened_how how)
{
    char token[VTB_TOKEN_TEXT], digest[VTB_DIGEST_TEXT];
    int64_t now = now_us();
    struct vtb_event event = { .kind = VTB_EVENT_SESSION_OPENED, .at_us = now, .by = call->session.person };

    vtb_token_make(token, digest);
    memcpy(call->text, token, sizeof token);
    event.u.session_opened = (struct vtb_ev_session_opened){
        .session = vtb_id_make(now), .person = call->session.person, .token = vtb_str_of(digest),
        .until_us = vtb_session_until(now, 0), .how = how, .invitation = vtb_str_of(""),
    };
    call_site(call, &event, 1, joined);
}

static void refused(struct call *call, enum vtb_ev_signin_refused_how how, enum vtb_ev_signin_refused_why why,
                    const char *message)
{
    call_audit_refused(call, how, why);
    call_answer_refusal(call, 403, "denied", message);
}

static void demo_found(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err || json_integer_value(json_object_get(answer, "until_us")) < now_us()) {
        refused(call, VTB_EV_SIGNIN_REFUSED_HOW_DEMO, err ? VTB_EV_SIGNIN_REFUSED_WHY_UNKNOWN
                : VTB_EV_SIGNIN_REFUSED_WHY_EXPIRED,
                "This sign-in link is not valid any more. The start of the server prints new ones.");
        return;
    }
    call->session.person = json_id(json_object_get(answer, "person"));
    open_session(call, VTB_EV_SESSION_OPENED_HOW_DEMO);
}

void session_demo(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);
    char digest[VTB_DIGEST_TEXT];

    if (!call || !CALL_BODY(call, req, session_demo, demo))
        return;
    if (!call->api->cfg.is_demo || vtb_token_digest(call->body.demo.token, digest) != VTB_OK) {
        refused(call, VTB_EV_SIGNIN_REFUSED_HOW_DEMO, VTB_EV_SIGNIN_REFUSED_WHY_UNKNOWN,
                "This sign-in link is not valid here.");
        return;
    }
    call_ask(call, VTB_FIND_SIGNIN_LINK, json_pack("{s:s}", "token", digest), demo_found);
}

/* ---- password ---- */

static struct vtb_id subject_of(struct vtb_str email)
{
    char folded[VTB_EMAIL_BYTES], hex[65];
    struct vtb_id id;
    size_t n = 0;

    /* Folded, so that case tricks buy no tries; digested, so that no other address stands for the same. */
    for (; n < email.len && n < sizeof folded; n++)
        folded[n] = (char)((unsigned char)email.at[n] | 0x20u);
    vtb_sha256_hex(folded, n, hex);
    memcpy(id.b, hex, sizeof id.b);
    return id;
}

static void check(uv_work_t *work)
{
    struct call *call = work->data;

    call->work_err = vtb_secret_verify(call->work_secret, call->secret);
}

static void checked(uv_work_t *work, int status)
{
    struct call *call = work->data;

    call->api->passwords_running--;
    if (call_is_late(call))
        return;
    if (status || call->work_err || vtb_id_is_nil(call->session.person)) {
        refused(call, VTB_EV_SIGNIN_REFUSED_HOW_PASSWORD, VTB_EV_SIGNIN_REFUSED_WHY_WRONG,
                "Address or password is not right.");
        return;
    }
    vtb_throttle_good(call->api->throttle, subject_of(call->body.password.email));
    open_session(call, VTB_EV_SESSION_OPENED_HOW_PASSWORD);
}

static void email_found(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err && err != VTB_ABSENT) {
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
        return;
    }
    if (!err) {
        call->session.person = json_id(json_object_get(answer, "person"));
        if (vtb_str_copy(vtb_str_of(json_text(answer, "password")), call->secret, sizeof call->secret) != VTB_OK)
            call->secret[0] = '\0';
    }
    call->work_secret = call->body.password.password;
    call->work.data = call;
    call->api->passwords_running++;
    uv_queue_work(call->api->cfg.loop, &call->work, check, checked); /* the same time whether known or not */
}

void session_password(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (!call || !CALL_BODY(call, req, session_password, password))
        return;
    if (call->api->passwords_running >= PASSWORDS_AT_ONCE) { /* each takes 64 MiB and a tenth of a second */
        call_answer_error(call, VTB_AGAIN, "Many people sign in just now. Try again in a second.");
        return;
    }
    if (vtb_throttle_try(call->api->throttle, subject_of(call->body.password.email), vtb_mono_us()) != VTB_OK) {
        call_answer_refusal(call, 429, "throttled", "Five wrong tries. Wait a minute and try again.");
        return;
    }
    call_ask(call, VTB_FIND_PERSON_BY_EMAIL,
             json_pack("{s:o}", "email", vtb_json_from_str(call->body.password.email)), email_found);
}

/* ---- sign-out, me ---- */

static void ended(struct call *call)
{
    char cookie[VTB_COOKIE_TEXT];
    struct vtb_web_header headers[] = { { "set-cookie", cookie },
                                        { "clear-site-data", "\"cache\", \"storage\"" } };

    vtb_sessions_forget(call->api->cfg.sessions, call->session.digest);
    vtb_live_end_session(call->api->cfg.live, call->session.id);
    vtb_cookie_write(VTB_COOKIE_SESSION, "", 0, cookie);
    call_answer_with(call, 204, headers, 2, "", 0);
}

static void end(struct call *call)
{
    struct vtb_event event = { .kind = VTB_EVENT_SESSION_CLOSED, .at_us = now_us(), .by = call->session.person,
                               .u.session_closed = { .session = call->session.id } };

    call_site(call, &event, 1, ended);
}

void session_end(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        call_session(call, req, end);
}

static void me(struct call *call)
{
    const struct vtb_session *session = &call->session;
    json_t *boards = json_array();

    for (size_t i = 0; i < session->boards_n; i++) {
        /* vtb_role counts NONE first; the words are those of the schema. */
        enum vtb_t_member_role role = (enum vtb_t_member_role)(session->boards[i].role - VTB_ROLE_CHAIR);
        if (session->boards[i].role == VTB_ROLE_NONE)
            continue;
        json_array_append_new(boards, json_pack("{s:o,s:s,s:s}", "board", id_json(session->boards[i].board),
                                                "name", session->boards[i].name, "role", vtb_t_member_role_name(role)));
    }
    call_answer(call, json_pack("{s:o,s:s,s:s,s:s,s:b,s:b,s:b,s:b,s:o}", "person", id_json(session->person), "name",
                                session->name, "specialty", session->specialty, "site", session->site,
                                "administrator", session->administrator, "has_pin", session->has_pin, "demo",
                                call->api->cfg.is_demo, "guest", session->is_guest, "boards", boards));
}

void session_me(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        call_session(call, req, me);
}
