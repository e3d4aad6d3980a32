#include "hall.h"

#include "record/plan.h"
#include "signal/json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t seed[32] = { 7 };

const char *text_of(struct vtb_id id)
{
    static char buffers[8][VTB_ID_TEXT];
    static unsigned at;
    char *out = buffers[at++ % 8];

    vtb_id_write(id, out);
    return out;
}

const char *token_of(enum who who)
{
    static char tokens[PEOPLE][VTB_TOKEN_TEXT];

    snprintf(tokens[who], sizeof tokens[who], "%c%s", 'A' + (int)who, "AAAAAAAAAAAAAAAAAAAAA");
    return tokens[who];
}

/* ---- what is in the store before anybody comes ---- */

static enum vtb_err put_event(void *ctx, const struct vtb_event *event)
{
    const struct hall *hall = ctx;

    fake_store_put(hall->meeting, event);
    return VTB_OK;
}

static void put_meeting(struct hall *hall)
{
    struct world *world = calloc(1, sizeof *world);
    struct vtb_arena arena = { 0 };
    struct vtb_watcher staff = { 0 };
    enum vtb_err err;

    assert(world);
    world_make(world);
    err = vtb_meeting_snapshot(world->shown, &staff, &arena, put_event, hall);
    assert(err == VTB_OK);
    vtb_arena_fini(&arena);
    world_free(world);
    free(world);
}

static void put_case(unsigned n)
{
    static const char *const names[] = { "Marlow", "Dawson", "Pike" };
    struct vtb_case *record = calloc(1, sizeof *record);
    struct vtb_events *out = calloc(1, sizeof *out);
    struct vtb_t_document deck = document_of(n);
    struct vtb_t_case_record intake = {
        .name = vtb_str_of(names[n]), .birth_date = VTB_LIT("1962-03-04"), .local_id = VTB_LIT("12-345"),
        .site = VTB_LIT("Prairie Fork"), .diagnosis = VTB_LIT("Adenocarcinoma of the lung"),
        .stage = VTB_LIT("cT2a N1 M0"), .ecog = 1, .question = VTB_LIT("Operate first?"),
        .referring_plan = VTB_LIT("Lobectomy"), .referrer = person_id(n == 1 ? GUEST_B : GUEST_A),
        .referrer_name = VTB_LIT("Dr R") };
    const char *field = NULL;
    enum vtb_err err;

    assert(record && out);
    err = vtb_case_save(record, 0, &intake, person_id(COORDINATOR), VTB_LIT("Raman"), T0 - SECOND, out, &field);
    assert(err == VTB_OK);
    for (size_t i = 0; i < out->n; i++)
        fake_store_put(case_id(n), &out->at[i]);
    fake_store_put(case_id(n), &(struct vtb_event){ .kind = VTB_EVENT_DOCUMENT_ADDED, .at_us = T0 - SECOND,
        .u.document_added = { .document = deck.document, .title = deck.title, .kind = deck.kind, .bytes = 1000,
                              .sha256 = deck.pages[0].digest, .by = person_id(COORDINATOR) } });
    fake_store_put(case_id(n), &(struct vtb_event){ .kind = VTB_EVENT_DOCUMENT_READY, .at_us = T0 - SECOND,
        .u.document_ready = { .document = deck.document, .state = VTB_EV_DOCUMENT_READY_STATE_READY,
                              .pages = deck.pages, .pages_n = deck.pages_n } });
    vtb_events_fini(out);
    free(out);
    free(record);
}

static void put_session(const struct hall *hall, enum who who)
{
    struct vtb_caller caller = caller_of(who);
    char name[121];
    json_t *card;

    assert(vtb_str_copy(caller.name, name, sizeof name) == VTB_OK);
    card = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:s,s:I,s:[],s:n}", "session", text_of(id_of(900 + who)), "person",
                     text_of(person_id(who)), "name", name, "specialty", caller.specialty.at, "site", "Hub",
                     "administrator", 0, "has_pin", 1, "how", "password", "until_us",
                     (json_int_t)(fake_wall_us + 3600 * 12 * SECOND), "boards", "invitation");
    if (who >= GUEST_A) {
        unsigned item = who == GUEST_A ? 0 : 1;
        json_object_set_new(card, "invitation",
                            json_pack("{s:s,s:s,s:s,s:[s],s:[s]}", "invitation", text_of(id_of(950 + who)), "meeting",
                                      text_of(hall->meeting), "board", text_of(id_of(1)), "items",
                                      text_of(item_id(item)), "cases", text_of(case_id(item))));
    }
    fake_store_session(token_of(who), card);
}

void hall_open(struct hall *hall)
{
    static uv_loop_t loop; /* never run: its timer is ours */
    static int web, media; /* something to point at */
    struct vtb_live_config cfg = { .loop = &loop, .sign_seed = seed,
                                   .record_dir = "/nonexistent", .record_days = 90 };
    enum vtb_err err;

    *hall = (struct hall){ .meeting = id_of(2), .next_id = 1 };
    fake_store_open();
    fake_media_open();
    put_meeting(hall);
    for (unsigned i = 0; i < 3; i++)
        put_case(i);
    for (int i = 0; i < PEOPLE; i++)
        put_session(hall, (enum who)i);
    err = vtb_sessions_create(NULL, &hall->sessions);
    assert(err == VTB_OK);
    cfg.sessions = hall->sessions;
    err = vtb_live_create(&cfg, &hall->live);
    assert(err == VTB_OK);
    vtb_live_attach(hall->live, (struct vtb_web *)&web, (struct vtb_media *)&media);
    fake_web_open(vtb_live_sockets(hall->live), vtb_live_audio(hall->live));
}

void hall_close(struct hall *hall)
{
    fake_store.hold = false;
    fake_store_run();
    fake_web_close();
    fake_store_run();
    vtb_live_stop(hall->live);
    vtb_live_destroy(hall->live);
    vtb_sessions_destroy(hall->sessions);
    fake_store_close();
}

/* ---- what browsers say ---- */

static void settle(void)
{
    if (!fake_store.hold)
        fake_store_run();
    fake_web_turn();
}

int64_t say(struct hall *hall, struct fake_socket *socket, const char *kind, const char *data)
{
    char text[8192];
    int64_t id = hall->next_id++;
    int len = snprintf(text, sizeof text, "{\"id\":%lld,\"k\":\"%s\",\"d\":{%s}}", (long long)id, kind, data);

    assert(len > 0 && (size_t)len < sizeof text);
    fake_say(socket, text);
    settle();
    return id;
}

struct fake_socket *enter(struct hall *hall, enum who who, const char *extra)
{
    struct fake_socket *socket = fake_dial(token_of(who));
    char data[400];

    assert(socket);
    snprintf(data, sizeof data, "\"meeting\":\"%s\"%s%s", text_of(hall->meeting), *extra ? "," : "", extra);
    done(hall, socket, "hello", data);
    return socket;
}

void hall_begin(struct hall *hall, struct fake_socket *chair)
{
    char data[80];

    done(hall, chair, "meeting.open", "");
    snprintf(data, sizeof data, "\"item\":\"%s\"", text_of(item_id(0)));
    done(hall, chair, "item.start", data);
}

json_t *reply(const struct fake_socket *socket, int64_t id)
{
    json_t *message;
    size_t i;

    json_array_foreach (socket->inbox, i, message)
        if (json_integer_value(json_object_get(message, "re")) == id &&
            strcmp(json_string_value(json_object_get(message, "t")), "reply") == 0)
            return message;
    return NULL;
}

bool is_ok(const struct fake_socket *socket, int64_t id)
{
    return json_is_true(json_object_get(reply(socket, id), "ok"));
}

const char *error_of(const struct fake_socket *socket, int64_t id)
{
    json_t *message = reply(socket, id);

    if (!message)
        return "none";
    return json_is_true(json_object_get(message, "ok")) ? ""
                                                        : json_string_value(json_object_get(message, "error"));
}

void done(struct hall *hall, struct fake_socket *socket, const char *kind, const char *data)
{
    int64_t id = say(hall, socket, kind, data);

    if (!is_ok(socket, id)) {
        char *text = reply(socket, id) ? json_dumps(reply(socket, id), 0) : NULL;
        fprintf(stderr, "%s: %s\n", kind, text ? text : "no reply");
        free(text);
        abort();
    }
}

static bool has(json_t *message, const char *key, const char *word)
{
    const char *value = json_string_value(json_object_get(message, key));

    return value && strcmp(value, word) == 0;
}

size_t count(const struct fake_socket *socket, const char *type)
{
    json_t *message;
    size_t i, n = 0;

    json_array_foreach (socket->inbox, i, message)
        n += has(message, "t", type);
    return n;
}

size_t events(const struct fake_socket *socket, const char *kind)
{
    json_t *message;
    size_t i, n = 0;

    json_array_foreach (socket->inbox, i, message)
        n += has(message, "t", "event") && has(message, "k", kind);
    return n;
}

json_t *last(const struct fake_socket *socket, const char *type)
{
    json_t *message, *found = NULL;
    size_t i;

    json_array_foreach (socket->inbox, i, message)
        if (has(message, "t", type))
            found = message;
    return found;
}

json_t *last_event(const struct fake_socket *socket, const char *kind)
{
    json_t *message, *found = NULL;
    size_t i;

    json_array_foreach (socket->inbox, i, message)
        if (has(message, "t", "event") && has(message, "k", kind))
            found = message;
    return found;
}

bool noticed(const struct fake_socket *socket, const char *kind)
{
    json_t *message;
    size_t i;

    json_array_foreach (socket->inbox, i, message)
        if (has(message, "t", "notice") && has(message, "k", kind))
            return true;
    return false;
}

void forget(struct fake_socket *socket)
{
    json_array_clear(socket->inbox);
}

void beat_all(struct fake_socket **sockets, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!sockets[i]->is_over)
            fake_say(sockets[i], "{\"k\":\"beat\",\"d\":{\"hearing\":true,\"mic\":\"on\",\"rtt_ms\":40,"
                                 "\"picture\":\"sharp\",\"alone\":false,\"sent\":1}}");
    settle();
}

void pass_with_beats(struct fake_socket **sockets, size_t n, uint64_t us)
{
    while (us > 0) {
        uint64_t step = us < 2000000 ? us : 2000000;

        beat_all(sockets, n);
        fake_pass(step);
        us -= step;
    }
    beat_all(sockets, n);
}

struct vtb_id seat_in(const struct fake_socket *socket)
{
    struct vtb_id id = { { 0 } };
    json_t *you = json_object_get(last(socket, "snapshot"), "you");
    enum vtb_err err = vtb_json_id(json_object_get(you, "seat"), &id);

    assert(err == VTB_OK);
    return id;
}
