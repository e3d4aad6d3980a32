/* plan.c - a signed plan is read, taken out as JSON or PDF, and signed by the chair. */
#include "api/inner.h"

#include "exchange/note.h"
#include "record/sign.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading: the plan, then the standing towards its case ---- */

static void plan_found(struct call *call, enum vtb_err err, json_t *answer)
{
    call_next *next = call->worked;

    if (err) {
        call_answer_error(call, VTB_ABSENT, "This plan is not shared with you.");
        return;
    }
    call->facts = json_deep_copy(answer);
    call_standing(call, json_id(json_object_get(answer, "case")), next);
}

void with_plan(struct call *call, call_next *next)
{
    call->worked = next;
    call_ask(call, VTB_FIND_PLAN, json_pack("{s:o}", "plan", id_json(call->id)), plan_found);
}

static void audit(struct call *call, enum vtb_ev_plan_exported_form form)
{
    struct vtb_event event = { .kind = VTB_EVENT_PLAN_EXPORTED,
        .u.plan_exported = { .person = call->session.person, .plan = call->id, .form = form } };

    call_audit(call, event);
}

static const char *reason_words(const char *reason)
{
    if (strcmp(reason, "wrong_patient") == 0)
        return "Wrong patient";
    return strcmp(reason, "entered_in_error") == 0 ? "Entered in error" : reason;
}

static void leave_out(json_t *object, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        json_object_del(object, names[i]);
}

/* Who and with which signature stands in the file; the screen shows names. */
static void leave_out_of_each(json_t *acts)
{
    static const char *const inner[] = { "author", "signer", "digest", "signature" };
    json_t *act;
    size_t i;

    json_array_foreach (acts, i, act)
        leave_out(act, inner, VTB_COUNT(inner));
}

static void answer_screen(struct call *call)
{
    static const char *const inner[] = { "meeting", "item", "board", "board_name", "line", "signer", "supersedes",
                                         "superseded_by", "state_reason", "state_words", "state_by_name", "state_us" };
    json_t *plan = call->facts;
    const char *words = json_text(plan, "state_words");
    char text[1200];

    snprintf(text, sizeof text, "%s%s%s", reason_words(json_text(plan, "state_reason")), *words ? ": " : "", words);
    json_object_set_new(plan, "state_text", json_string(text));
    json_object_set_new(plan, "key_is_ours", json_boolean(strcmp(json_text(plan, "key"), call->api->key) == 0));
    leave_out(plan, inner, VTB_COUNT(inner));
    leave_out_of_each(json_object_get(plan, "addenda"));
    leave_out_of_each(json_object_get(plan, "cosigned"));
    call->facts = NULL;
    audit(call, VTB_EV_PLAN_EXPORTED_FORM_SCREEN);
    call_answer(call, plan);
}

/* ---- JSON: the file that `consilium verify` reads; later acts come from the case's log ---- */

struct file_events {
    struct vtb_event at[256];
    size_t n;
    json_t *kept[256];
};

static bool is_about(const struct vtb_event *event, struct vtb_id plan)
{
    /* The four kinds that a plan file carries. */
    if (event->kind == VTB_EVENT_PLAN_COSIGNED)
        return vtb_id_is(event->u.plan_cosigned.plan, plan);
    if (event->kind == VTB_EVENT_PLAN_AMENDED)
        return vtb_id_is(event->u.plan_amended.plan, plan);
    if (event->kind == VTB_EVENT_PLAN_WITHDRAWN)
        return vtb_id_is(event->u.plan_withdrawn.plan, plan);
    return event->kind == VTB_EVENT_PLAN_SUPERSEDED && vtb_id_is(event->u.plan_superseded.plan, plan);
}

static void take_events(struct call *call, json_t *rows, struct file_events *to)
{
    json_t *row;
    size_t i;

    json_array_foreach (rows, i, row) {
        struct vtb_event event = { 0 };
        json_t *data = json_object_get(row, "d");
        if (to->n == VTB_COUNT(to->at) || !json_is_object(data) ||
            vtb_event_parse(json_text(row, "k"), data, &call->arena, &event) != VTB_OK || !is_about(&event, call->id))
            continue;
        event.seq = (uint64_t)json_integer_value(json_object_get(row, "n"));
        event.at_us = json_integer_value(json_object_get(row, "at"));
        event.by = json_id(json_object_get(row, "by"));
        to->at[to->n++] = event;
    }
}

static void file_events_found(void *ctx, enum vtb_err err, json_t *rows)
{
    struct call *call = ctx;
    json_t *plan = call->facts;
    struct file_events *events = calloc(1, sizeof *events);
    struct vtb_str text = { 0 };
    char name[80], id[VTB_ID_TEXT];
    struct vtb_web_header headers[] = { { "content-type", "application/json" }, { "content-disposition", name } };

    if (!err)
        err = events ? VTB_OK : VTB_NOMEM;
    if (!err) {
        take_events(call, rows, events);
        struct vtb_plan_file file = { .text = vtb_str_of(json_text(plan, "text")), .digest = vtb_str_of(json_text(plan, "digest")),
            .signature = vtb_str_of(json_text(plan, "signature")), .key = vtb_str_of(json_text(plan, "key")),
            .events = events->at, .events_n = events->n };
        err = vtb_plan_file_write(&file, &call->arena, &text);
    }
    free(events);
    if (err) {
        call_answer_error(call, err, "The file could not be made. Nothing was changed.");
        return;
    }
    vtb_id_write(call->id, id);
    snprintf(name, sizeof name, "attachment; filename=\"plan-%s.json\"", id);
    audit(call, VTB_EV_PLAN_EXPORTED_FORM_JSON);
    call_answer_with(call, 200, headers, 2, text.at, text.len);
}

static void answer_json(struct call *call)
{
    enum vtb_err err = vtb_store_load(call->api->cfg.store, call->case_id, 0, file_events_found, call);

    if (err)
        call_answer_error(call, err, "The server is busy. Try again in a second.");
}

/* ---- PDF ---- */

static void draw_note(uv_work_t *work)
{
    struct call *call = work->data;
    json_t *plan = call->facts, *row;
    struct vtb_note note = { .plan = vtb_str_of(json_text(plan, "text")), .digest = vtb_str_of(json_text(plan, "digest")),
                             .state_reason = vtb_str_of(call->message), .key_fingerprint = vtb_str_of(call->text) };
    struct vtb_note_addendum addenda[100];
    struct vtb_note_cosigner cosigners[50];
    const char *state = json_text(plan, "state");
    size_t i;
    uint8_t *bytes = NULL;

    note.state = strcmp(state, "withdrawn") == 0    ? VTB_NOTE_WITHDRAWN
                 : strcmp(state, "superseded") == 0 ? VTB_NOTE_SUPERSEDED
                 : strcmp(state, "amended") == 0    ? VTB_NOTE_AMENDED
                                                    : VTB_NOTE_SIGNED;
    json_array_foreach (json_object_get(plan, "addenda"), i, row)
        if (note.addenda_n < VTB_COUNT(addenda))
            addenda[note.addenda_n++] = (struct vtb_note_addendum){ vtb_str_of(json_text(row, "author_name")),
                vtb_str_of(json_text(row, "reason")), vtb_str_of(json_text(row, "text")),
                json_integer_value(json_object_get(row, "at_us")) };
    json_array_foreach (json_object_get(plan, "cosigned"), i, row)
        if (note.cosigners_n < VTB_COUNT(cosigners))
            cosigners[note.cosigners_n++] = (struct vtb_note_cosigner){ vtb_str_of(json_text(row, "signer_name")),
                vtb_str_of(json_text(row, "role")), json_integer_value(json_object_get(row, "at_us")) };
    note.addenda = addenda;
    note.cosigners = cosigners;
    call->work_err = vtb_note_pdf(&note, &bytes, &call->out_len);
    call->out = (char *)bytes;
}

static void note_drawn(uv_work_t *work, int status)
{
    struct call *call = work->data;
    char name[80], id[VTB_ID_TEXT];
    struct vtb_web_header headers[] = { { "content-type", "application/pdf" }, { "content-disposition", name } };

    if (call_is_late(call))
        return;
    if (status || call->work_err) {
        call_answer_error(call, VTB_SYS, "The PDF could not be drawn. The plan itself is unharmed; take the JSON file.");
        return;
    }
    vtb_id_write(call->id, id);
    snprintf(name, sizeof name, "attachment; filename=\"plan-%s.pdf\"", id);
    audit(call, VTB_EV_PLAN_EXPORTED_FORM_PDF);
    call_answer_with(call, 200, headers, 2, call->out, call->out_len);
}

static void answer_pdf(struct call *call)
{
    char fingerprint[48];
    const char *words = json_text(call->facts, "state_words");

    vtb_key_fingerprint(vtb_str_of(json_text(call->facts, "key")), fingerprint);
    snprintf(call->text, sizeof call->text, "%s", fingerprint);
    snprintf(call->message, sizeof call->message, "%s%s%.300s", reason_words(json_text(call->facts, "state_reason")),
             *words ? ": " : "", words);
    call->work.data = call;
    uv_queue_work(call->api->cfg.loop, &call->work, draw_note, note_drawn);
}

static void view(struct call *call)
{
    if (!call_may(call, VTB_DEED_PLAN_VIEW))
        return;
    if (strcmp(call->form, "json") == 0)
        answer_json(call);
    else if (strcmp(call->form, "pdf") == 0)
        answer_pdf(call);
    else
        answer_screen(call);
}

static void get(struct call *call)
{
    with_plan(call, view);
}

void plan_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);
    struct vtb_str name = vtb_web_request_param(req, "id");

    if (!call)
        return;
    if (name.len == 41 && memcmp(name.at + 36, ".json", 5) == 0)
        memcpy(call->form, "json", 5);
    else if (name.len == 40 && memcmp(name.at + 36, ".pdf", 4) == 0)
        memcpy(call->form, "pdf", 4);
    if (call->form[0])
        name.len = 36;
    if (vtb_id_parse(name, &call->id) != VTB_OK) {
        call_answer_error(call, VTB_ABSENT, "This plan is not shared with you.");
        return;
    }
    call_session(call, req, get);
}

/* ---- sign ---- */

static void was_signed(void *ctx, enum vtb_err err, const char *message, struct vtb_id plan, int64_t version)
{
    struct call *call = ctx;

    if (err)
        call_answer_error(call, err, message);
    else
        call_answer(call, json_pack("{s:o,s:I}", "id", id_json(plan), "version", (json_int_t)version));
}

static void sign_now(struct call *call)
{
    const struct vtb_body_plan_sign *body = &call->body.plan_sign;

    vtb_live_sign(call->api->cfg.live, body->meeting, call->session.person, body->digest, body->reason, was_signed, call);
}

static void sign(struct call *call)
{
    call_pin(call, call->body.plan_sign.pin, sign_now); /* who may sign is asked by the core, at that moment */
}

void plan_sign(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && CALL_BODY(call, req, plan_sign, plan_sign))
        call_session(call, req, sign);
}

/* ---- the site's key ---- */

void site_key(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);
    char fingerprint[48];

    if (!call)
        return;
    vtb_key_fingerprint(vtb_str_of(call->api->key), fingerprint);
    call_answer(call, json_pack("{s:s,s:s}", "key", call->api->key, "fingerprint", fingerprint));
}
