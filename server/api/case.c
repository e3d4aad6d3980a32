/* case.c - intake, the record, and finding it again. */
#include "api/inner.h"

#include "record/gate.h"

#include <stdlib.h>
#include <string.h>

static void saved(struct call *call)
{
    const struct vtb_case *record = vtb_log_tail(call->log);

    call_answer(call, json_pack("{s:o,s:I}", "id", id_json(call->case_id), "version", (json_int_t)record->version));
}

static bool is_sealed_for(const struct call *call, const struct vtb_case *record);

/* The screen puts the sentence beside the field. */
static void refuse_field(struct call *call, const char *field, const char *message)
{
    json_t *problem = json_pack("{s:s,s:s,s:s}", "error", "parse", "message", message, "field", field);
    char *text = json_dumps(problem, JSON_COMPACT);
    struct vtb_web_header header = { "content-type", "application/json" };

    json_decref(problem);
    call_answer_with(call, 400, &header, 1, text ? text : "", text ? strlen(text) : 0);
    free(text);
}

static void log_for_save(struct call *call)
{
    const char *field = NULL;
    struct vtb_api *api = call->api;
    const struct vtb_case *record = vtb_log_tail(call->log);

    /* Who may not read the sealed plan cannot blank it by saving the rest. */
    if (record->version > 0 && is_sealed_for(call, record)) {
        call->body.case_save.record.referring_plan = vtb_str_of(record->record.referring_plan);
        if (vtb_id_is(call->body.case_save.record.referrer, call->session.person)) {
            call_answer_refusal(call, 403, "denied", "The referring plan is sealed until the board has spoken, so whoever "
                                "may not read it cannot become the referring clinician. Nothing was changed.");
            return;
        }
    }
    enum vtb_err err = vtb_case_save(vtb_log_tail(call->log), call->body.case_save.base, &call->body.case_save.record,
                                     call->session.person, vtb_str_of(call->session.name), now_us(), &api->events, &field);

    if (err == VTB_PARSE && field) {
        refuse_field(call, field, api->events.message ? api->events.message : "This field is not right.");
        vtb_events_fini(&api->events);
        return;
    }
    call_append(call, err, saved);
}

/* Whose case it is decides who may read and confirm, and the name stands in the plan: it is the account's, whatever the
 * browser calls them. */
static void referrer_found(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err == VTB_ABSENT) {
        refuse_field(call, "referrer", "This referring clinician has no account here. Choose somebody from the list.");
        return;
    }
    if (err) {
        call_answer_error(call, err, "The case could not be saved just now. Nothing was changed. Try again.");
        return;
    }
    json_object_set(call->root, "kept", answer); /* the name borrows from it */
    call->body.case_save.record.referrer_name = vtb_str_of(json_text(answer, "name"));
    call_log(call, &vtb_case_log, call->case_id, call->is_made, log_for_save);
}

static void find_referrer(struct call *call)
{
    if (vtb_id_is_nil(call->body.case_save.record.referrer))
        call_log(call, &vtb_case_log, call->case_id, call->is_made, log_for_save); /* the core says what is missing */
    else
        call_ask(call, VTB_FIND_PERSON, json_pack("{s:o}", "person", id_json(call->body.case_save.record.referrer)),
                 referrer_found);
}

static void make(struct call *call)
{
    struct vtb_t_case_record *record = &call->body.case_save.record;

    call->standing = session_standing(&call->session);
    if (!call_may(call, VTB_DEED_CASE_MAKE))
        return;
    if (vtb_id_is_nil(record->referrer)) /* whoever enters it refers it, unless they say who does */
        record->referrer = call->session.person;
    call->case_id = vtb_id_make(now_us());
    call->is_made = true;
    find_referrer(call);
}

void case_make(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && CALL_BODY(call, req, case_save, case_save))
        call_session(call, req, make);
}

static void may_save(struct call *call)
{
    if (call_may(call, VTB_DEED_CASE_SAVE))
        find_referrer(call);
}

static void put(struct call *call)
{
    call_standing(call, call->id, may_save);
}

void case_put(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id) && CALL_BODY(call, req, case_save, case_save))
        call_session(call, req, put);
}

/* ---- read ---- */

static json_t *gate_json(const struct vtb_case *record)
{
    struct vtb_gate_row rows[VTB_GATE_ROWS];
    json_t *list = json_array();

    vtb_gate(record, rows);
    for (size_t i = 0; i < VTB_GATE_ROWS; i++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:o}", "id", rows[i].id, "label", rows[i].label, "state",
            vtb_gate_state_name(rows[i].state), "detail", rows[i].detail, "owner", vtb_json_from_str(rows[i].owner)));
    return list;
}

/* The referring plan is sealed until the board has spoken: only who wrote it reads it before. */
static bool is_sealed_for(const struct call *call, const struct vtb_case *record)
{
    bool is_own = call->standing.referrer || call->standing.author;

    return !is_own && (record->plans_n == 0 || vtb_case_is_sealed(record));
}

/* Newest first. A draft that a later meeting left behind is in the log; the list names the open one. */
static void only_last_draft(json_t *plans)
{
    for (size_t i = json_array_size(plans); i-- > 1;)
        if (strcmp(json_text(json_array_get(plans, i), "state"), "draft") == 0)
            json_array_remove(plans, i);
}

static void case_facts(struct call *call, enum vtb_err err, json_t *answer)
{
    const struct vtb_case *record = vtb_log_shown(call->log);
    json_t *full, *documents = json_array(), *row, *intake;
    static const char *const plan_keys[] = { "plan", "version", "state", "signed_us", "signer_name", "board_name", "digest" };
    static const char *const item_keys[] = { "meeting", "item", "board_name", "starts_us", "started_us", "state" };
    bool sealed = is_sealed_for(call, record);
    size_t i;
    struct vtb_event viewed = { .kind = VTB_EVENT_CASE_VIEWED, .u.case_viewed = { .person = call->session.person,
        .case_id = call->case_id, .how = VTB_EV_CASE_VIEWED_HOW_SCREEN } };

    if (err) {
        json_decref(documents);
        call_answer_error(call, err, "This case is not shared with you.");
        return;
    }
    intake = json_deep_copy(json_object_get(answer, "record"));
    if (sealed)
        json_object_set_new(intake, "referring_plan", json_string(""));
    json_array_foreach (json_object_get(answer, "documents"), i, row)
        json_array_append_new(documents, document_progress(call->api, json_incref(row)));
    only_last_draft(json_object_get(answer, "plans"));
    json_array_foreach (json_object_get(answer, "plans"), i, row)
        json_only(row, plan_keys, VTB_COUNT(plan_keys));
    json_array_foreach (json_object_get(answer, "items"), i, row)
        json_only(row, item_keys, VTB_COUNT(item_keys));
    full = json_pack("{s:o,s:O,s:o,s:b,s:b,s:o,s:O,s:o,s:O}", "case", id_json(call->case_id), "version",
                     json_object_get(answer, "version"), "record", intake, "sealed", sealed, "may_edit",
                     vtb_policy_may(VTB_DEED_CASE_SAVE, &call->standing), "documents", documents, "plans",
                     json_object_get(answer, "plans"), "gate", gate_json(record), "items", json_object_get(answer, "items"));
    call_audit(call, viewed);
    call_answer(call, full);
}

static void case_log_ready(struct call *call)
{
    call_ask(call, VTB_FIND_CASE, json_pack("{s:o}", "case", id_json(call->case_id)), case_facts);
}

static void may_view(struct call *call)
{
    if (call_may(call, VTB_DEED_CASE_VIEW))
        call_log(call, &vtb_case_log, call->case_id, false, case_log_ready);
}

static void view(struct call *call)
{
    call_standing(call, call->id, may_view);
}

void case_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, view);
}

/* ---- records ---- */

static void records_found(struct call *call, enum vtb_err err, json_t *answer)
{
    json_t *card;
    size_t i;

    if (err) {
        call_answer_error(call, err, "The record cannot be searched just now. Try again.");
        return;
    }
    /* Words are found by their beginnings: with a count, anybody could spell out who is in the record. */
    if (!vtb_policy_may(VTB_DEED_RECORDS_COUNT, &call->standing))
        json_object_set_new(answer, "hidden", json_integer(0));
    json_array_foreach (json_object_get(answer, "cases"), i, card) {
        struct vtb_event viewed = { .kind = VTB_EVENT_CASE_VIEWED, .u.case_viewed = { .person = call->session.person,
            .case_id = json_id(json_object_get(card, "case")), .how = VTB_EV_CASE_VIEWED_HOW_SEARCH } };
        card_finish(call->api, card);
        call_audit(call, viewed);
    }
    call_answer(call, json_incref(answer));
}

static void records(struct call *call)
{
    json_t *params;

    call->standing = session_standing(&call->session);
    if (!call_may(call, VTB_DEED_RECORDS))
        return;
    params = json_pack("{s:o,s:s,s:I,s:I}", "person", id_json(call->session.person), "q", call->text, "page",
                       (json_int_t)call->number, "now_us", (json_int_t)now_us());
    if (call->session.is_guest) /* who came by an invitation sees what it names, whatever else they are */
        json_object_set_new(params, "invitation", id_json(call->session.invitation));
    call_ask(call, VTB_FIND_SEARCH, params, records_found);
}

/* Digits only; 0 where there is no number. */
static int64_t number_of(struct vtb_str text)
{
    int64_t value = 0;

    if (text.len == 0 || text.len > 15)
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return 0;
        value = value * 10 + (text.at[i] - '0');
    }
    return value;
}

void records_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (!call)
        return;
    if (vtb_str_copy(vtb_web_request_query(req, "q"), call->text, sizeof call->text) != VTB_OK) {
        call_answer_error(call, VTB_LIMIT, "Search for fewer words.");
        return;
    }
    call->number = number_of(vtb_web_request_query(req, "page"));
    if (call->number > 50000)
        call->number = 50000;
    call_session(call, req, records);
}
