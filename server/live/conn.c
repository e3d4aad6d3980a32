/*
 * conn.c - one browser's socket: admitted, says hello, takes its seat, leaves.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "signal/json.h"

#include <stdlib.h>
#include <string.h>

void conn_unref(struct conn *conn)
{
    if (--conn->refs == 0) {
        vtb_blob_unref(conn->sound_sent);
        free(conn);
    }
}

_Static_assert(VTB_SESSION_ITEMS == VTB_MAX_MEETING_ITEMS, "the items of an invitation are copied whole");

struct conn *conn_make(struct vtb_live *live)
{
    struct conn *conn = calloc(1, sizeof *conn);

    if (!conn)
        return NULL;
    conn->live = live;
    conn->refs = 1;
    conn->tokens = BURST;
    conn->lane_tokens = LANE_PER_SECOND;
    conn->read_tokens = READ_BURST;
    conn->tokens_us = conn->read_us = conn->beat_us = conn->opened_us = vtb_mono_us();
    conn->next = live->conns;
    conn->link = &live->conns;
    if (conn->next)
        conn->next->link = &conn->next;
    live->conns = conn;
    live->figures.connections++;
    return conn;
}

void conn_forget(struct conn *conn)
{
    conn->is_closed = true;
    *conn->link = conn->next;
    if (conn->next)
        conn->next->link = conn->link;
    conn->live->figures.connections--;
    ear_drop(conn, EAR_SEAT_ENDED);
    sound_drop(conn);
    room_drop_conn(conn);
    conn_unref(conn);
}

static int admit(void *ctx, struct vtb_web_request *req, void **out_user)
{
    struct vtb_live *live = ctx;
    char token[VTB_TOKEN_TEXT];
    struct conn *conn;

    /* Whose cookie it is, is asked at hello: after a restart nothing is in memory yet. */
    if (vtb_cookie_read(vtb_web_request_field(req, VTB_WEB_COOKIE), VTB_COOKIE_SESSION, token) != VTB_OK)
        return 401;
    if (!live->media)
        return 503;
    conn = conn_make(live);
    if (!conn)
        return 503;
    if (vtb_token_digest(vtb_str_of(token), conn->digest) != VTB_OK ||
        vtb_str_copy(vtb_str_of(vtb_web_request_local(req)), conn->local, sizeof conn->local) != VTB_OK) {
        conn_forget(conn);
        return 401;
    }
    *out_user = conn;
    return 0;
}

static void opened(void *ctx, vtb_web_socket socket, void *user)
{
    struct conn *conn = user;

    (void)ctx;
    conn->socket = socket;
}

void room_drop_conn(struct conn *conn)
{
    struct room *room = conn->room;
    struct conn **at;

    if (!room)
        return;
    for (at = &room->conns; *at && *at != conn; at = &(*at)->next_in_room)
        ;
    if (*at)
        *at = conn->next_in_room;
    conn->room = NULL;
    if (!room->conns)
        room->empty_us = vtb_mono_us();
}

static void closed(void *ctx, vtb_web_socket socket, void *user)
{
    (void)ctx;
    (void)socket;
    conn_forget(user);
}

static void resync(void *ctx, vtb_web_socket socket, void *user)
{
    struct conn *conn = user;

    (void)ctx;
    (void)socket;
    if (conn->state == CONN_IN)
        send_snapshot(conn);
    else if (conn->state == CONN_WAITING)
        send_waiting(conn);
}

/* Puts a message over: the socket stays open just long enough to say why. */
void conn_over(struct conn *conn, const char *notice, unsigned code)
{
    if (conn->state == CONN_OVER)
        return;
    if (notice)
        send_notice(conn, notice, 0);
    conn->state = CONN_OVER;
    if (conn->device)
        device_over(conn); /* freed at the next tick */
    ear_drop(conn, EAR_SEAT_ENDED);
    sound_drop(conn);
    room_drop_conn(conn);
    vtb_web_socket_close(conn->live->web, conn->socket, code, notice ? notice : "");
}

static void hello_refused(struct conn *conn, enum vtb_err err, const char *message)
{
    send_reply(conn, conn->hello_id, err, message);
    conn->state = CONN_NEW;
    room_drop_conn(conn);
    if (conn->device)
        device_refused(conn, err, message);
}

/* Finds role and items: a member by the board, a guest by the invitation, else by the agenda. */
static bool find_role(struct conn *conn, const struct vtb_meeting *meeting)
{
    const struct vtb_session *session = &conn->session;

    conn->items_n = 0;
    conn->is_guest = true;
    conn->role = VTB_T_MEMBER_ROLE_GUEST;
    if (conn->device && !session->is_guest) { /* watches, and is a guest of nothing */
        conn->role = VTB_T_MEMBER_ROLE_OBSERVER;
        conn->is_guest = false;
        return true;
    }
    if (session->is_guest) {
        if (!vtb_id_is(session->meeting, conn->room->id))
            return false;
        memcpy(conn->items, session->items, sizeof conn->items);
        conn->items_n = session->items_n;
        return true;
    }
    for (size_t i = 0; i < meeting->members_n; i++) {
        if (vtb_id_is(meeting->members[i].person, session->person)) {
            conn->role = meeting->members[i].role;
            conn->is_guest = conn->role == VTB_T_MEMBER_ROLE_GUEST;
            if (!conn->is_guest)
                return true;
        }
    }
    for (size_t i = 0; i < meeting->items_n; i++)
        if (vtb_id_is(meeting->items[i].presenter, session->person) ||
            vtb_id_is(meeting->items[i].referrer, session->person))
            conn->items[conn->items_n++] = meeting->items[i].id;
    return conn->items_n > 0;
}

static void conn_wait(struct conn *conn)
{
    conn->state = CONN_WAITING;
    send_reply(conn, conn->hello_id, VTB_OK, NULL);
    send_waiting(conn);
    if (conn->device)
        device_in(conn);
}

static void joined(void *ctx, enum vtb_err err)
{
    struct conn *conn = ctx;

    if (!conn->is_closed && conn->room && conn->state == CONN_HELLO) {
        conn->is_unlogged = err != VTB_OK; /* safety first: people join and hear (decision 4) */
        if (conn_watches(conn, room_shown(conn->room)))
            conn_in(conn);
        else
            conn_wait(conn); /* the item ended while its guest came in */
    }
    conn_unref(conn);
}

/* Another connection of this seat: it ends, unless it is alive elsewhere and nobody asked. */
static bool seat_is_free(struct conn *conn, struct vtb_id seat)
{
    for (struct conn *other = conn->room->conns; other; other = other->next_in_room) {
        if (other == conn || other->state != CONN_IN || !vtb_id_is(other->seat, seat))
            continue;
        bool is_stale = vtb_mono_us() - other->beat_us > AWAY_US ||
                        vtb_id_is(other->session.id, conn->session.id);
        if (!is_stale && !conn->hello.takeover)
            return false;
        conn_over(other, "taken_over", 4001);
        return true;
    }
    return true;
}

/* Somebody else's browser holds the seat now: it is taken over, not come back to. */
static bool has_other_session(const struct conn *conn, struct vtb_id seat)
{
    for (const struct conn *other = conn->room->conns; other; other = other->next_in_room)
        if (other != conn && other->state == CONN_IN && vtb_id_is(other->seat, seat) &&
            !vtb_id_is(other->session.id, conn->session.id))
            return true;
    return false;
}

static void take_seat(struct conn *conn)
{
    struct vtb_live *live = conn->live;
    const struct vtb_meeting *meeting = room_tail(conn->room);
    const struct vtb_seat *seat = vtb_meeting_person(meeting, conn->session.person);
    enum vtb_err err = VTB_OK;
    int64_t now = vtb_wall_us();
    bool was_alive;

    was_alive = seat && seat->state == VTB_SEAT_HERE && has_other_session(conn, seat->id);
    if (seat && seat->state != VTB_SEAT_LEFT && !seat_is_free(conn, seat->id)) {
        send_notice(conn, "seat_elsewhere", 0);
        hello_refused(conn, VTB_STALE, "You are in this meeting on another device. Take over here?");
        return;
    }
    conn->seat = seat ? seat->id : vtb_id_make(now);
    if (!seat || seat->state == VTB_SEAT_LEFT || was_alive) { /* another device arrives muted */
        struct vtb_ev_seat_joined join = {
            .seat = conn->seat, .person = conn->session.person, .name = vtb_str_of(conn->session.name),
            .specialty = vtb_str_of(conn->session.specialty), .site = vtb_str_of(conn->session.site),
            .role = (enum vtb_t_member_role)conn->role, .confirmed = conn->role != VTB_T_MEMBER_ROLE_OBSERVER && !conn->device, /* the board or the invitation fixed it (decision 9) */
            .items = conn->items, .items_n = conn->is_guest ? conn->items_n : 0,
        };

        if (conn->device) {
            join.has_device = join.device = true;
            join.vouched_by = device_vouched_by(conn);
            join.has_vouched_by = !vtb_id_is_nil(join.vouched_by);
        }
        err = seat ? VTB_OK : snapshot_takes(conn, &join);
        if (err) {
            hello_refused(conn, err, err == VTB_LIMIT ? "The room is full: with one more it could not be shown to "
                                                        "those who come in. Nothing was changed." : NULL);
            return;
        }
        err = vtb_meeting_join(meeting, &join, now, &live->events);
    } else if (seat->state == VTB_SEAT_AWAY) {
        err = vtb_meeting_back(meeting, seat->id, now, &live->events);
    }
    if (err) {
        const char *message = live->events.message;
        hello_refused(conn, err, message ? message : "The room is full.");
        vtb_events_fini(&live->events);
        return;
    }
    conn->refs++;
    if (live->events.n == 0) {
        vtb_events_fini(&live->events);
        joined(conn, VTB_OK);
        return;
    }
    err = room_append(conn->room, joined, conn);
    if (err)
        joined(conn, err);
}

void conn_hello(struct conn *conn)
{
    const struct vtb_meeting *meeting = room_tail(conn->room);

    if (!find_role(conn, meeting)) {
        hello_refused(conn, VTB_ABSENT, "This meeting is not shared with you.");
        return;
    }
    if (meeting->phase == VTB_MEETING_CLOSED) {
        send_notice(conn, "ended", meeting->closed_us);
        hello_refused(conn, VTB_CLOSED, "This meeting is over.");
        return;
    }
    /* An item that is only decided on lets nobody in, one that is decided to end neither. */
    if (conn_watches(conn, room_shown(conn->room)) && conn_watches(conn, meeting))
        take_seat(conn);
    else
        conn_wait(conn);
}

void conn_in(struct conn *conn)
{
    struct snapshot whole = { { NULL, NULL } };
    bool is_caught_up = conn->device || missed_is_short(conn); /* a device is shown nothing */
    enum vtb_err err = is_caught_up ? VTB_OK : snapshot_make(conn, &whole);

    if (err) {
        hello_refused(conn, err, err == VTB_LIMIT ? "This meeting has grown too large to be sent to a browser that "
                                                    "comes in now. Those who are in go on; nothing was lost." : NULL);
        return;
    }
    /* Two browsers that came in the same moment: the seat is the later one's. */
    for (struct conn *other = conn->room->conns; other; other = other->next_in_room)
        if (other != conn && other->state == CONN_IN && vtb_id_is(other->seat, conn->seat))
            conn_over(other, "taken_over", 4001);
    conn->state = CONN_IN;
    sound_gates(conn->room); /* a guest's sound was set up while waiting */
    presence_seen(conn);
    send_reply(conn, conn->hello_id, VTB_OK, NULL);
    if (conn->device)
        device_in(conn);
    else if (is_caught_up)
        send_missed(conn);
    else
        snapshot_send(conn, &whole);
    conn->hello.has_last = false;
    if (conn->live->is_failing)
        send_notice(conn, "not_writing", conn->live->failing_since_us);
}

static void session_found(void *ctx, enum vtb_err err, const struct vtb_session *session)
{
    struct conn *conn = ctx;

    if (!conn->is_closed && conn->state == CONN_HELLO) {
        if (err == VTB_ABSENT) {
            conn_over(conn, "signed_out", 4401);
        } else if (err) {
            hello_refused(conn, err, "The record cannot be read just now. Trying again helps.");
        } else {
            struct vtb_id meeting = conn->seat; /* kept there until the room is known */
            conn->session = *session;
            conn->seat = (struct vtb_id){ { 0 } };
            if (session->is_guest && !vtb_id_is(session->meeting, meeting))
                hello_refused(conn, VTB_ABSENT, "This meeting is not shared with you.");
            else if (!room_enter(conn->live, conn, meeting))
                hello_refused(conn, VTB_AGAIN, "The meeting cannot be opened just now.");
        }
    }
    conn_unref(conn);
}

static void hello(struct conn *conn, const struct vtb_ask *ask)
{
    const struct vtb_ask_hello *said = &ask->u.hello;

    if (conn->state != CONN_NEW) {
        send_reply(conn, ask->id, VTB_STALE, "Said already.");
        return;
    }
    conn->hello_id = ask->id;
    conn->hello.takeover = said->has_takeover && said->takeover;
    conn->hello.has_last = said->has_last_meeting;
    conn->hello.meeting = said->has_last_meeting ? (uint64_t)said->last_meeting : 0;
    conn->hello.record = said->has_last_case ? (uint64_t)said->last_case : 0;
    conn->hello.case_id = said->has_case_id ? said->case_id : (struct vtb_id){ { 0 } };
    conn->state = CONN_HELLO;
    conn->seat = said->meeting;
    conn->refs++;
    vtb_sessions_find_digest(conn->live->cfg.sessions, conn->digest, session_found, conn);
}

/* Token buckets: writing requests, and lane messages, each its own. */
static bool may_send(struct conn *conn, enum vtb_ask_kind kind)
{
    uint64_t now = vtb_mono_us();
    double passed = (double)(now - conn->tokens_us) / 1e6;
    bool is_lane = kind == VTB_ASK_BEAT || kind == VTB_ASK_POINTER || kind == VTB_ASK_VIEW_LIVE;
    double *tokens = is_lane ? &conn->lane_tokens : &conn->tokens;

    conn->tokens_us = now;
    conn->tokens += passed * VTB_MAX_REQUESTS_PER_SECOND;
    conn->lane_tokens += passed * LANE_PER_SECOND;
    if (conn->tokens > BURST)
        conn->tokens = BURST;
    if (conn->lane_tokens > LANE_PER_SECOND)
        conn->lane_tokens = LANE_PER_SECOND;
    if (*tokens < 1.0)
        return false;
    *tokens -= 1.0;
    return true;
}

/* Before anything is parsed: a flood of nonsense costs the others nothing. */
static bool may_read(struct conn *conn)
{
    uint64_t now = vtb_mono_us();

    conn->read_tokens += (double)(now - conn->read_us) / 1e6 * READ_PER_SECOND;
    conn->read_us = now;
    if (conn->read_tokens > READ_BURST)
        conn->read_tokens = READ_BURST;
    conn->read_tokens -= 1.0;
    return conn->read_tokens >= 0;
}

static void take_message(struct conn *conn, json_t *root, struct vtb_arena *arena)
{
    const char *kind = json_string_value(json_object_get(root, "k"));
    json_t *data = json_object_get(root, "d");
    struct vtb_ask ask = { 0 };
    int64_t id = 0;
    enum vtb_err err;

    if (json_object_get(root, "id") &&
        vtb_json_int(json_object_get(root, "id"), 0, INT64_C(9007199254740991), &id) != VTB_OK)
        id = 0;
    err = kind && data ? vtb_ask_parse(kind, data, arena, &ask) : VTB_PARSE;
    ask.id = id;
    if (err) {
        conn->live->figures.refused++;
        send_reply(conn, id, err, err == VTB_LIMIT ? "That is too long." : "That message is not understood.");
        return;
    }
    if (!may_send(conn, ask.kind)) {
        send_reply(conn, id, VTB_LIMIT, "Too many at once. Wait a second.");
        return;
    }
    conn->live->figures.requests++;
    if (ask.kind == VTB_ASK_HELLO)
        hello(conn, &ask);
    else
        request_take(conn, &ask);
}

static void message(void *ctx, vtb_web_socket socket, void *user, struct vtb_str text)
{
    struct conn *conn = user;
    struct vtb_arena arena = { 0 };
    json_t *root = NULL;
    enum vtb_err err;

    (void)ctx;
    (void)socket;
    if (conn->state == CONN_OVER)
        return;
    if (!may_read(conn)) {
        conn->live->figures.refused++;
        conn_over(conn, NULL, 1008);
        return;
    }
    err = vtb_json_load(text.at, text.len, VTB_MAX_MESSAGE_BYTES, &root);
    if (err) {
        conn->live->figures.refused++;
        send_reply(conn, 0, err, "That message is not understood.");
        return;
    }
    take_message(conn, root, &arena);
    vtb_arena_fini(&arena);
    json_decref(root);
}

/* ---- a session ends while its sockets are open ---- */

static bool is_of(const struct conn *conn, struct vtb_id session, struct vtb_id invitation)
{
    return vtb_id_is_nil(invitation) ? vtb_id_is(conn->session.id, session)
                                     : conn->session.is_guest && vtb_id_is(conn->session.invitation, invitation);
}

static void end_sockets(struct vtb_live *live, struct vtb_id session, struct vtb_id invitation)
{
    for (struct conn *conn = live->conns; conn; conn = conn->next)
        if (is_of(conn, session, invitation))
            conn_over(conn, "signed_out", 4401);
}

/* Admission sees the form of a cookie only; whoever never says hello holds a place for nothing. A session that ran out
 * while its socket was open is as much over as one that was signed out of. */
void conn_sweep(struct vtb_live *live, uint64_t now_us)
{
    for (struct conn *conn = live->conns; conn; conn = conn->next)
        if (!vtb_id_is_nil(conn->session.id) && conn->session.until_us <= vtb_wall_us())
            conn_over(conn, "signed_out", 4401);
        else if (conn->state == CONN_NEW && vtb_id_is_nil(conn->session.id) && now_us - conn->opened_us > STRANGER_US)
            conn_over(conn, NULL, 1008);
}

void vtb_live_end_session(struct vtb_live *live, struct vtb_id session)
{
    end_sockets(live, session, (struct vtb_id){ { 0 } });
}

void vtb_live_end_invitation(struct vtb_live *live, struct vtb_id invitation)
{
    vtb_sessions_forget_invitation(live->cfg.sessions, invitation);
    end_sockets(live, (struct vtb_id){ { 0 } }, invitation);
}

struct vtb_web_live vtb_live_sockets(struct vtb_live *live)
{
    return (struct vtb_web_live){ .ctx = live, .admit = admit, .opened = opened, .message = message,
                                  .resync = resync, .closed = closed };
}
