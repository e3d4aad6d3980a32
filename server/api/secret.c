/*
 * secret.c - the own PIN and the own password, set or changed by the person.
 *
 * What is there already has to be known: the old one of the same kind, else the other kind. A wrong one counts as a
 * try (decision 13). Only an account that has neither, which a demo link alone can open, sets its first one freely.
 * Verifying and hashing (argon2id) happen in the thread pool, one after the other.
 */
#include "api/inner.h"

#include "base/clock.h"

#include <string.h>

#define PASSWORD_CHARACTERS 10 /* NIST SP 800-63B asks for 8; each more is a guess the less */
#define AT_ONCE             16

static bool is_pin(const struct call *call)
{
    return call->body.secret_set.kind == VTB_BODY_SECRET_SET_KIND_PIN;
}

static void changed(struct call *call)
{
    vtb_sessions_forget(call->api->cfg.sessions, call->session.digest); /* it says whether there is a PIN */
    call_answer_empty(call);
}

static void work(uv_work_t *work)
{
    struct call *call = work->data;

    call->work_err = call->secret[0] ? vtb_secret_verify(call->work_secret, call->secret) : VTB_OK;
    if (!call->work_err)
        call->work_err = vtb_secret_hash(call->body.secret_set.secret, call->message);
}

static void worked(uv_work_t *work, int status)
{
    struct call *call = work->data;
    struct vtb_event event = { .kind = VTB_EVENT_PERSON_SECRET, .at_us = now_us(), .by = call->session.person };

    call->api->passwords_running--;
    if (call_is_late(call))
        return;
    if (call->work_err == VTB_DENIED) {
        call_audit_refused(call, is_pin(call) ? VTB_EV_SIGNIN_REFUSED_HOW_PIN : VTB_EV_SIGNIN_REFUSED_HOW_PASSWORD,
                           VTB_EV_SIGNIN_REFUSED_WHY_WRONG);
        call_answer_refusal(call, 403, "old", "The present one was not right. Nothing was changed.");
        return;
    }
    if (status || call->work_err) {
        call_answer_error(call, VTB_AGAIN, "The server is busy. Nothing was changed. Try again in a second.");
        return;
    }
    vtb_throttle_good(call->api->throttle, call->session.person);
    event.u.person_secret = (struct vtb_ev_person_secret){
        .person = call->session.person, .hash = vtb_str_of(call->message),
        .kind = is_pin(call) ? VTB_EV_PERSON_SECRET_KIND_PIN : VTB_EV_PERSON_SECRET_KIND_PASSWORD };
    call_site(call, &event, 1, changed);
}

static void found(struct call *call, enum vtb_err err, json_t *answer)
{
    const char *pin = json_text(answer, "pin"), *password = json_text(answer, "password");
    const char *proof = is_pin(call) ? (*pin ? pin : password) : (*password ? password : pin);

    if (err || vtb_str_copy(vtb_str_of(proof), call->secret, sizeof call->secret) != VTB_OK) {
        call_answer_error(call, err ? err : VTB_PARSE, "The record cannot be read just now. Try again.");
        return;
    }
    call->work_secret = call->body.secret_set.old;
    call->work.data = call;
    call->api->passwords_running++;
    uv_queue_work(call->api->cfg.loop, &call->work, work, worked);
}

static size_t characters(struct vtb_str text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.at[i] & 0xc0u) != 0x80u; /* UTF-8: not a byte that goes on */
    return n;
}

static void change(struct call *call)
{
    struct vtb_str secret = call->body.secret_set.secret;

    call->standing = session_standing(&call->session);
    if (call->session.is_guest)
        call->standing.role = VTB_ROLE_GUEST; /* has no account */
    if (!call_may(call, VTB_DEED_SECRET_SET))
        return;
    if (is_pin(call) && vtb_pin_check(secret) != VTB_OK) {
        call_answer_error(call, VTB_PARSE, "A PIN has 4 to 12 digits, not all the same and not in a row like 1234.");
        return;
    }
    if (!is_pin(call) && characters(secret) < PASSWORD_CHARACTERS) {
        call_answer_error(call, VTB_PARSE, "A password has at least 10 characters. A short sentence is easy to keep in mind.");
        return;
    }
    if (call->api->passwords_running >= AT_ONCE) { /* each takes 64 MiB and a tenth of a second */
        call_answer_error(call, VTB_AGAIN, "Many people sign in just now. Try again in a second.");
        return;
    }
    if (vtb_throttle_try(call->api->throttle, call->session.person, vtb_mono_us()) != VTB_OK) {
        call_answer_refusal(call, 429, "throttled", "Five wrong tries. Wait a minute and try again. Nothing was changed.");
        return;
    }
    call_ask(call, VTB_FIND_PIN, json_pack("{s:o}", "person", id_json(call->session.person)), found);
}

void secret_put(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && CALL_BODY(call, req, secret_set, secret_set))
        call_session(call, req, change);
}
