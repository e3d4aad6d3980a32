#include "api/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "media/recordings.h"

#include <stdlib.h>
#include <string.h>

#define REFUSALS_US   (UINT64_C(60) * 1000000)
#define REFUSALS_KEPT 60u

int64_t now_us(void)
{
    return vtb_wall_us();
}

json_t *id_json(struct vtb_id id)
{
    return vtb_json_from_id(id);
}

struct vtb_id json_id(json_t *from)
{
    struct vtb_id id = { { 0 } };

    if (!json_is_string(from) || vtb_id_parse(vtb_str_of(json_string_value(from)), &id) != VTB_OK)
        memset(&id, 0, sizeof id);
    return id;
}

const char *json_text(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

struct vtb_standing session_standing(const struct vtb_session *session)
{
    return (struct vtb_standing){ .role = vtb_session_highest(session), .signed_in = true,
                                  .administrator = session->administrator };
}

static void copy_field(char *to, size_t cap, struct vtb_str from)
{
    if (vtb_str_copy(from, to, cap) != VTB_OK)
        to[0] = '\0'; /* too long to be one of ours */
}

struct call *call_make(void *ctx, struct vtb_web_request *req)
{
    struct vtb_api *api = ctx;
    struct call *call = calloc(1, sizeof *call);

    if (!call) {
        vtb_web_answer_error(api->web, vtb_web_request_handle(req), VTB_NOMEM, "The server is out of memory.");
        return NULL;
    }
    call->api = api;
    call->handle = vtb_web_request_handle(req);
    copy_field(call->origin, sizeof call->origin, vtb_web_request_field(req, VTB_WEB_ORIGIN));
    if (vtb_cookie_read(vtb_web_request_field(req, VTB_WEB_COOKIE), VTB_COOKIE_DEVICE, call->device) != VTB_OK)
        call->device[0] = '\0';
    return call;
}

void call_free(struct call *call)
{
    vtb_log_close(call->log);
    json_decref(call->root);
    json_decref(call->facts);
    vtb_arena_fini(&call->arena);
    free(call->piece);
    free(call->out);
    vtb_recording_close(call->recording);
    vtb_film_order_fini(&call->order);
    json_decref(call->list);
    free(call);
}

bool call_is_late(struct call *call)
{
    if (!call->api->is_stopped)
        return false;
    call_free(call);
    return true;
}

bool call_body(struct call *call, struct vtb_web_request *req, call_parse *parse, void *out)
{
    struct vtb_str body = vtb_web_request_body(req);
    enum vtb_err err = vtb_json_load(body.at, body.len, VTB_MAX_MESSAGE_BYTES, &call->root);

    if (!err)
        err = parse(call->root, &call->arena, out);
    if (!err)
        return true;
    call_answer_error(call, err, err == VTB_LIMIT ? "A field is longer than it may be. Nothing was changed."
                                                  : "This was not understood. Nothing was changed.");
    return false;
}

bool call_id(struct call *call, struct vtb_web_request *req, const char *name, struct vtb_id *out)
{
    if (vtb_id_parse(vtb_web_request_param(req, name), out) == VTB_OK)
        return true;
    call_answer_error(call, VTB_ABSENT, "There is nothing at this address that is shared with you.");
    return false;
}

static void session_found(void *ctx, enum vtb_err err, const struct vtb_session *session)
{
    struct call *call = ctx;

    if (err == VTB_ABSENT) {
        call_answer_refusal(call, 401, "signed_out", "You are not signed in. What you typed is kept on this device.");
        return;
    }
    if (err) {
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
        return;
    }
    call->session = *session;
    call->next(call);
}

void call_session(struct call *call, struct vtb_web_request *req, call_next *next)
{
    call->next = next;
    vtb_sessions_find(call->api->cfg.sessions, vtb_web_request_field(req, VTB_WEB_COOKIE), session_found, call);
}

static void asked(void *ctx, enum vtb_err err, json_t *answer)
{
    struct call *call = ctx;

    call->answered(call, err, answer);
}

void call_ask(struct call *call, enum vtb_question question, json_t *take_params, call_answered *next)
{
    enum vtb_err err;

    call->answered = next;
    err = vtb_store_ask(call->api->cfg.store, question, take_params, asked, call);
    if (err)
        call_answer_error(call, err, "The server is busy. Try again in a second.");
}

/* ---- standing towards a case ---- */

static void guest_standing(struct call *call)
{
    const struct vtb_session *session = &call->session;

    call->standing.role = VTB_ROLE_GUEST;
    for (size_t i = 0; i < session->cases_n; i++)
        if (vtb_id_is(session->cases[i], call->case_id))
            call->standing.own_item = true;
}

static void standing_found(struct call *call, enum vtb_err err, json_t *facts)
{
    struct vtb_standing *standing = &call->standing;
    json_t *row;
    size_t i;

    if (err) {
        call_answer_error(call, err, "This case is not shared with you.");
        return;
    }
    *standing = (struct vtb_standing){ .signed_in = true, .administrator = call->session.administrator };
    standing->referrer = json_is_true(json_object_get(facts, "referrer"));
    standing->author = json_is_true(json_object_get(facts, "author"));
    standing->waiting = json_is_true(json_object_get(facts, "waiting"));
    standing->running_seat = vtb_live_runs_case(call->api->cfg.live, call->session.person, call->case_id);
    if (call->session.is_guest) {
        guest_standing(call);
    } else {
        json_array_foreach (json_object_get(facts, "roles"), i, row) {
            enum vtb_role role = vtb_session_role(&call->session, json_id(json_object_get(row, "board")));
            if (role != VTB_ROLE_NONE && (standing->role == VTB_ROLE_NONE || role < standing->role))
                standing->role = role;
        }
        if (standing->waiting && standing->role == VTB_ROLE_NONE)
            standing->role = vtb_session_highest(&call->session);
    }
    call->next(call);
}

void call_standing(struct call *call, struct vtb_id case_id, call_next *next)
{
    call->case_id = case_id;
    call->next = next;
    call_ask(call, VTB_FIND_STANDING,
             json_pack("{s:o,s:o,s:I}", "case", id_json(case_id), "person", id_json(call->session.person),
                       "now_us", (json_int_t)now_us()), standing_found);
}

bool call_may(struct call *call, enum vtb_deed deed)
{
    if (vtb_policy_may(deed, &call->standing))
        return true;
    /* A case that is not shared is answered like one that does not exist. */
    if (deed == VTB_DEED_CASE_VIEW || deed == VTB_DEED_PLAN_VIEW || deed == VTB_DEED_DOCUMENT_VIEW ||
        deed == VTB_DEED_DOCUMENT_TEXT || deed == VTB_DEED_TILE || deed == VTB_DEED_RECORDING_LIST ||
        deed == VTB_DEED_RECORDING_PLAY)
        call_answer_error(call, VTB_ABSENT, "This case is not shared with you.");
    else
        call_answer_error(call, VTB_DENIED, vtb_deed_refusal(deed));
    return false;
}

/* ---- writing ---- */

static void site_written(void *ctx, enum vtb_err err, const uint64_t *first_seq)
{
    struct call *call = ctx;

    (void)first_seq;
    if (err)
        call_answer_error(call, err, "It could not be written down. Nothing was changed. Try again.");
    else
        call->next(call);
}

void call_site(struct call *call, const struct vtb_event *events, size_t n, call_next *next)
{
    struct vtb_append part = { vtb_store_site(), VTB_STREAM_SITE, 0, events, n };
    enum vtb_err err;

    call->next = next;
    err = vtb_store_append(call->api->cfg.store, part, site_written, call);
    if (err)
        call_answer_error(call, err, "The server is busy. Try again in a second.");
}

void call_audit(struct call *call, struct vtb_event event)
{
    struct vtb_append part = { vtb_store_site(), VTB_STREAM_SITE, 0, &event, 1 };

    event.at_us = now_us();
    event.by = call->session.person;
    if (vtb_store_append(call->api->cfg.store, part, NULL, NULL) != VTB_OK)
        VTB_LOG(VTB_ERROR, "audit.lost", VTB_STR("kind", vtb_event_name(event.kind)));
}

/* Strangers may knock as often as they like: the log keeps a few a second of it and the count of the rest. */
void call_audit_refused(struct call *call, enum vtb_ev_signin_refused_how how, enum vtb_ev_signin_refused_why why)
{
    struct vtb_api *api = call->api;
    uint64_t now = vtb_mono_us();
    struct vtb_event event = { .kind = VTB_EVENT_SIGNIN_REFUSED, .u.signin_refused = { .how = how, .why = why } };

    if (now - api->refusals.since_us >= REFUSALS_US) {
        if (api->refusals.n > REFUSALS_KEPT)
            VTB_LOG(VTB_WARN, "signin.refusals_dropped", VTB_U64("n", api->refusals.n - REFUSALS_KEPT));
        api->refusals.since_us = now;
        api->refusals.n = 0;
    }
    if (++api->refusals.n <= REFUSALS_KEPT)
        call_audit(call, event);
}

static void log_ready(void *ctx, enum vtb_err err, struct vtb_log *log)
{
    struct call *call = ctx;

    if (err) {
        call_answer_error(call, err, "There is nothing at this address that is shared with you.");
        return;
    }
    call->log = log;
    call->next(call);
}

void call_log(struct call *call, const struct vtb_log_kind *kind, struct vtb_id id, bool may_begin,
              call_next *next)
{
    enum vtb_err err;

    vtb_log_close(call->log);
    call->log = NULL;
    call->next = next;
    err = vtb_log_open(vtb_live_logs(call->api->cfg.live), kind, id, may_begin, log_ready, call);
    if (err)
        call_answer_error(call, err, "The server is busy. Try again in a second.");
}

static void log_written(void *ctx, enum vtb_err err)
{
    struct call *call = ctx;

    if (err)
        call_answer_error(call, err, "It could not be written down. Nothing was changed. Try again.");
    else
        call->next(call);
}

void call_append(struct call *call, enum vtb_err decided, call_next *next)
{
    struct vtb_events *events = &call->api->events;
    const char *message = events->message;
    bool is_empty = events->n == 0;

    call->next = next;
    if (!decided && !is_empty) {
        decided = vtb_log_append(call->log, events, log_written, call);
        message = "The server is busy. Try again in a second.";
    }
    if (decided) /* the sentence may lie in the arena of the events */
        call_answer_error(call, decided, message ? message : "That cannot be done now.");
    vtb_events_fini(events);
    if (!decided && is_empty)
        next(call);
}

/* ---- PIN ---- */

static void check_secret(uv_work_t *work)
{
    struct call *call = work->data;

    call->work_err = vtb_secret_verify(call->work_secret, call->secret);
}

static void secret_checked(uv_work_t *work, int status)
{
    struct call *call = work->data;

    if (call_is_late(call))
        return;
    if (status || call->work_err) {
        call_audit_refused(call, VTB_EV_SIGNIN_REFUSED_HOW_PIN, VTB_EV_SIGNIN_REFUSED_WHY_WRONG);
        call_answer_refusal(call, 403, "pin", "That PIN is not right. Nothing was signed.");
        return;
    }
    vtb_throttle_good(call->api->throttle, call->session.person);
    call->worked(call);
}

static void pin_found(struct call *call, enum vtb_err err, json_t *answer)
{
    const char *hash = json_text(answer, "pin");

    if (err || !*hash || vtb_str_copy(vtb_str_of(hash), call->secret, sizeof call->secret) != VTB_OK) {
        call_answer_refusal(call, 403, "pin", "You have no PIN yet. Set one on your own page; your name at the top leads there.");
        return;
    }
    call->work.data = call;
    uv_queue_work(call->api->cfg.loop, &call->work, check_secret, secret_checked);
}

void call_pin(struct call *call, struct vtb_str pin, call_next *next)
{
    struct vtb_throttle *throttle = call->api->throttle;
    uint64_t mono = vtb_mono_us();

    if (vtb_throttle_try(throttle, call->session.person, mono) != VTB_OK) {
        call_answer_refusal(call, 429, "throttled", "Five wrong PINs. Wait a minute and try again. Nothing was signed.");
        return;
    }
    call->worked = next;
    call->work_secret = pin;
    call_ask(call, VTB_FIND_PIN, json_pack("{s:o}", "person", id_json(call->session.person)), pin_found);
}

/* ---- answers ---- */

void call_answer(struct call *call, json_t *take_answer)
{
    char *text = json_dumps(take_answer, JSON_COMPACT);

    json_decref(take_answer);
    if (text)
        vtb_web_answer_json(call->api->web, call->handle, 200, text, strlen(text));
    else
        vtb_web_answer_error(call->api->web, call->handle, VTB_NOMEM, "The server is out of memory.");
    free(text);
    call_free(call);
}

void call_answer_empty(struct call *call)
{
    vtb_web_answer(call->api->web, call->handle, 204, NULL, 0, NULL);
    call_free(call);
}

void call_answer_error(struct call *call, enum vtb_err err, const char *message)
{
    vtb_web_answer_error(call->api->web, call->handle, err, message);
    call_free(call);
}

void call_answer_refusal(struct call *call, int status, const char *word, const char *message)
{
    vtb_web_answer_refusal(call->api->web, call->handle, status, word, message);
    call_free(call);
}

void call_answer_with(struct call *call, int status, const struct vtb_web_header *headers, size_t n,
                      const void *bytes, size_t len)
{
    struct vtb_blob *blob = vtb_blob_make(bytes, len);

    vtb_web_answer(call->api->web, call->handle, status, headers, n, blob);
    vtb_blob_unref(blob);
    call_free(call);
}
