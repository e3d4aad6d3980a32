/* board.c - today, people, boards, meetings and their agenda. */
#include "api/inner.h"

#include "record/gate.h"

#include <stdio.h>
#include <string.h>

#define DAY_US (INT64_C(86400) * 1000000)

void json_only(json_t *object, const char *const *keys, size_t n)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe (object, next, key, value) {
        size_t i = 0;
        while (i < n && strcmp(keys[i], key) != 0)
            i++;
        if (i == n)
            json_object_del(object, key);
    }
}

void card_judge(struct vtb_api *api, json_t *card)
{
    struct vtb_gate_row rows[VTB_GATE_ROWS];
    struct vtb_arena arena = { 0 };
    struct vtb_event saved = { .kind = VTB_EVENT_CASE_SAVED };
    json_t *gaps = json_array(), *record = json_object_get(card, "record");
    int64_t ready = json_integer_value(json_object_get(card, "documents_ready"));
    int there = 0;

    if (record && vtb_t_case_record_parse(record, &arena, &saved.u.case_saved.record) == VTB_OK) {
        saved.u.case_saved.version = 1;
        vtb_case_fold(api->scratch, &saved);
        api->scratch->documents_n = 0;
        for (int64_t i = 0; i < ready && api->scratch->documents_n < VTB_MAX_DOCUMENTS; i++) {
            struct vtb_case_document *document = &api->scratch->documents[api->scratch->documents_n++];
            document->is_removed = false;
            document->doc.state = VTB_T_DOCUMENT_STATE_READY;
            document->doc.pages_n = 1;
        }
        vtb_gate(api->scratch, rows);
        for (size_t i = 0; i < VTB_GATE_ROWS; i++) {
            there += rows[i].state == VTB_GATE_THERE;
            if (rows[i].state == VTB_GATE_MISSING)
                json_array_append_new(gaps, json_string(rows[i].label));
        }
    }
    vtb_arena_fini(&arena);
    json_object_set_new(card, "gaps", gaps);
    json_object_set_new(card, "complete", json_integer(there));
    json_object_set_new(card, "needed", json_integer(VTB_GATE_ROWS));
}

void card_finish(struct vtb_api *api, json_t *card)
{
    static const char *const keys[] = { "case", "name", "birth_date", "local_id", "diagnosis", "stage", "question",
        "referrer_name", "plan", "plan_state", "plan_line", "meeting_us", "board_name", "gaps", "complete", "needed" };

    card_judge(api, card);
    json_only(card, keys, VTB_COUNT(keys));
}

static void cards_finish(struct vtb_api *api, json_t *cards)
{
    json_t *card;
    size_t i;

    json_array_foreach (cards, i, card)
        card_finish(api, card);
}

/* ---- today ---- */

static void need(json_t *needs, const char *kind, const char *text, const char *detail, json_t *card,
                 const char *meeting, const char *board)
{
    json_array_append_new(needs, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "kind", kind, "text", text, "detail", detail,
                                           "case", card ? json_text(card, "case") : "", "meeting", meeting, "board", board));
}

static void needs_of_meeting(json_t *needs, json_t *meeting)
{
    const char *role = json_text(meeting, "role");
    bool is_head = strcmp(role, "chair") == 0 || strcmp(role, "co_chair") == 0 || strcmp(role, "coordinator") == 0;
    json_t *item, *gap;
    char text[200], detail[300];
    size_t i, k;

    if (!is_head || strcmp(json_text(meeting, "state"), "closed") == 0)
        return;
    if (json_array_size(json_object_get(meeting, "items")) == 0)
        need(needs, "agenda", "The agenda is empty", "Choose cases for this meeting.", NULL,
             json_text(meeting, "meeting"), json_text(meeting, "board"));
    json_array_foreach (json_object_get(meeting, "items"), i, item) {
        size_t used = 0, n = json_array_size(json_object_get(item, "gaps"));
        if (n == 0)
            continue;
        snprintf(text, sizeof text, "%s: %zu %s missing", json_text(item, "name"), n, n == 1 ? "part is" : "parts are");
        json_array_foreach (json_object_get(item, "gaps"), k, gap)
            if (used < sizeof detail - 130)
                used += (size_t)snprintf(detail + used, sizeof detail - used, "%s%s", k ? ", " : "", json_string_value(gap));
        need(needs, "material", text, detail, item, json_text(meeting, "meeting"), json_text(meeting, "board"));
    }
}

static bool has_id(const struct vtb_id *ids, size_t n, struct vtb_id id)
{
    for (size_t i = 0; i < n; i++)
        if (vtb_id_is(ids[i], id))
            return true;
    return false;
}

/* Removes what the invitation does not name: the rows are of the person, who may be more elsewhere. */
static void keep_invited(json_t *rows, const char *key, const struct vtb_id *ids, size_t n)
{
    for (size_t i = json_array_size(rows); i-- > 0;)
        if (!has_id(ids, n, json_id(json_object_get(json_array_get(rows, i), key))))
            json_array_remove(rows, i);
}

static void keep_invited_meeting(const struct vtb_session *session, json_t *meetings)
{
    json_t *meeting;
    size_t i;

    keep_invited(meetings, "meeting", &session->meeting, 1);
    json_array_foreach (meetings, i, meeting) {
        keep_invited(json_object_get(meeting, "items"), "item", session->items, session->items_n);
        json_object_set_new(meeting, "role", json_string("guest"));
    }
}

static void unsigned_found(struct call *call, enum vtb_err err, json_t *answer)
{
    json_t *today = call->facts, *needs = json_array(), *row;
    size_t i;

    if (err) {
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
        return;
    }
    json_array_foreach (json_object_get(today, "meetings"), i, row)
        needs_of_meeting(needs, row);
    json_array_foreach (json_object_get(answer, "cases"), i, row)
        need(needs, "unsigned", "A plan was not signed", json_text(row, "question"), row, json_text(row, "meeting"), "");
    cards_finish(call->api, json_object_get(answer, "cases"));
    json_object_set_new(today, "needs", needs);
    json_object_set_new(today, "unsigned", answer ? json_incref(json_object_get(answer, "cases")) : json_array());
    json_object_set_new(today, "now_us", json_integer(now_us()));
    call->facts = NULL;
    call_answer(call, today);
}

static void my_cases_found(struct call *call, enum vtb_err err, json_t *answer)
{
    json_t *cases = json_object_get(answer, "cases");

    if (err) {
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
        return;
    }
    if (call->session.is_guest)
        keep_invited(cases, "case", call->session.cases, call->session.cases_n);
    while (json_array_size(cases) > 50)
        json_array_remove(cases, json_array_size(cases) - 1);
    cards_finish(call->api, cases);
    json_object_set(call->facts, "cases", cases);
    if (call->session.is_guest) {
        unsigned_found(call, VTB_OK, NULL); /* nobody's chair */
        return;
    }
    call_ask(call, VTB_FIND_UNSIGNED, json_pack("{s:o}", "person", id_json(call->session.person)), unsigned_found);
}

/* A meeting of the store as a meeting_card; items keep what a card shows. */
static json_t *meeting_card(struct vtb_api *api, json_t *meeting, const char *role)
{
    json_t *items = json_array(), *item;
    size_t i;

    json_array_foreach (json_object_get(meeting, "items"), i, item) {
        card_judge(api, item);
        json_array_append_new(items, json_pack("{s:O,s:O,s:O,s:O,s:O,s:O,s:O}", "item", json_object_get(item, "item"),
            "case", json_object_get(item, "case"), "name", json_object_get(item, "name"), "minutes",
            json_object_get(item, "minutes"), "state", json_object_get(item, "state"), "gaps", json_object_get(item, "gaps"),
            "presenter_name", json_object_get(item, "presenter_name")));
    }
    return json_pack("{s:O,s:O,s:O,s:O,s:O,s:O,s:o,s:s}", "meeting", json_object_get(meeting, "meeting"), "board",
                     json_object_get(meeting, "board"), "board_name", json_object_get(meeting, "board_name"), "starts_us",
                     json_object_get(meeting, "starts_us"), "minutes", json_object_get(meeting, "minutes"), "state",
                     json_object_get(meeting, "state"), "items", items, "role", role);
}

static json_t *meeting_cards(struct vtb_api *api, json_t *meetings, const char *role)
{
    json_t *cards = json_array(), *meeting;
    size_t i;

    json_array_foreach (meetings, i, meeting)
        if (json_array_size(cards) < 60)
            json_array_append_new(cards, meeting_card(api, meeting, role ? role : json_text(meeting, "role")));
    return cards;
}

static void my_meetings_found(struct call *call, enum vtb_err err, json_t *answer)
{
    json_t *cards;

    if (err) {
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
        return;
    }
    if (call->session.is_guest)
        keep_invited_meeting(&call->session, json_object_get(answer, "meetings"));
    cards = meeting_cards(call->api, json_object_get(answer, "meetings"), NULL);
    while (json_array_size(cards) > 20)
        json_array_remove(cards, json_array_size(cards) - 1);
    call->facts = json_pack("{s:o}", "meetings", cards);
    call_ask(call, VTB_FIND_MY_CASES, json_pack("{s:o}", "person", id_json(call->session.person)), my_cases_found);
}

static void today(struct call *call)
{
    call->standing = session_standing(&call->session);
    if (!call_may(call, VTB_DEED_TODAY))
        return;
    call_ask(call, VTB_FIND_MY_MEETINGS,
             json_pack("{s:o,s:I,s:I}", "person", id_json(call->session.person), "from_us",
                       (json_int_t)(now_us() - DAY_US / 2), "to_us", (json_int_t)(now_us() + 30 * DAY_US)), my_meetings_found);
}

void today_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        call_session(call, req, today);
}

/* ---- people ---- */

static void people_found(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err)
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
    else
        call_answer(call, json_incref(answer));
}

static void people(struct call *call)
{
    call->standing = session_standing(&call->session);
    if (call_may(call, VTB_DEED_PEOPLE))
        call_ask(call, VTB_FIND_PEOPLE, json_pack("{s:s}", "q", call->text), people_found);
}

void people_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (!call)
        return;
    if (vtb_str_copy(vtb_web_request_query(req, "q"), call->text, 61) != VTB_OK)
        call->text[0] = '\0';
    call_session(call, req, people);
}

/* ---- a board ---- */

enum vtb_err board_of(json_t *answer, struct vtb_arena *arena, struct vtb_ev_board_saved *out)
{
    if (json_integer_value(json_object_get(answer, "recording_days")) == 0)
        json_object_del(answer, "recording_days"); /* a board that does not say */
    return vtb_ev_board_saved_parse(answer, arena, out);
}

static void board_meetings_found(struct call *call, enum vtb_err err, json_t *answer)
{
    json_t *board = call->facts, *meetings = json_object_get(answer, "meetings");
    enum vtb_role role = vtb_session_role(&call->session, call->id);
    const char *word = vtb_t_member_role_name((enum vtb_t_member_role)(role - VTB_ROLE_CHAIR));
    size_t n = json_array_size(meetings);
    int64_t next;

    if (err) {
        call_answer_error(call, err, "The record cannot be read just now. Try again.");
        return;
    }
    next = n ? json_integer_value(json_object_get(json_array_get(meetings, n - 1), "starts_us")) + 7 * DAY_US : now_us() + 7 * DAY_US;
    while (next < now_us())
        next += 7 * DAY_US;
    json_object_set_new(board, "meetings", meeting_cards(call->api, meetings, word));
    json_object_set_new(board, "role", json_string(word));
    json_object_set_new(board, "next_suggested_us", json_integer(next));
    call->facts = NULL;
    call_answer(call, board);
}

static void board_found(struct call *call, enum vtb_err err, json_t *answer)
{
    call->standing = session_standing(&call->session);
    call->standing.role = vtb_session_role(&call->session, call->id);
    if (err || !vtb_policy_may(VTB_DEED_BOARD_VIEW, &call->standing)) {
        call_answer_error(call, err ? err : VTB_ABSENT, "This board is not shared with you.");
        return;
    }
    call->facts = json_deep_copy(answer);
    if (json_integer_value(json_object_get(answer, "recording_days")) == 0)
        json_object_set_new(call->facts, "recording_days", json_integer(call->api->cfg.record_days));
    json_object_set_new(call->facts, "may_set_recording",
                        json_boolean(call->api->cfg.record_dir && vtb_policy_may(VTB_DEED_BOARD_RECORDING, &call->standing)));
    call_ask(call, VTB_FIND_MEETINGS,
             json_pack("{s:o,s:I,s:I}", "board", id_json(call->id), "from_us", (json_int_t)(now_us() - 120 * DAY_US),
                       "to_us", (json_int_t)(now_us() + 365 * DAY_US)), board_meetings_found);
}

static void board(struct call *call)
{
    call_ask(call, VTB_FIND_BOARD, json_pack("{s:o}", "board", id_json(call->id)), board_found);
}

void board_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, board);
}
