/*
 * snapshot.c - everything that is shown, for a browser that comes in: one message of at most
 * VTB_MAX_SNAPSHOT_BYTES, or two, the first of which says that more follows.
 *
 * Two are as much as the ordered lane of a socket takes (VTB_MAX_LANE_BYTES), so there is never a third. Nobody
 * new is seated where the meeting would leave no room for its case, which is bounded by the limits of a plan. A
 * browser that returns to a meeting which outgrew even that is told so.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "signal/json.h"

#define MORE_BYTES  12u   /* ,"more":true */
#define SLACK_BYTES 8192u /* of the lane, for the reply and what is sent in the same moment */
#define MOST_BYTES  (2u * VTB_MAX_SNAPSHOT_BYTES - SLACK_BYTES)
#define CASE_BYTES  (5u * VTB_MAX_PLAN_BYTES / 2u) /* text and wording of a read-back, and the draft beside them */

_Static_assert(MOST_BYTES + SLACK_BYTES <= VTB_MAX_LANE_BYTES, "both parts are queued at once");

struct gather {
    json_t *events;
    size_t bytes;       /* of the events as text, with a comma each */
    size_t *lengths;    /* of each event with its comma; in `arena` */
    size_t cap;
    struct vtb_arena *arena;
    const char *stream;
    struct vtb_id id;
};

static enum vtb_err keep_length(struct gather *gather, size_t len)
{
    size_t n = json_array_size(gather->events);

    if (n == gather->cap) {
        size_t cap = gather->cap ? 2 * gather->cap : 256;
        size_t *grown = vtb_arena_take(gather->arena, cap * sizeof *grown);

        if (!grown)
            return VTB_NOMEM;
        if (n)
            memcpy(grown, gather->lengths, n * sizeof *grown);
        gather->lengths = grown;
        gather->cap = cap;
    }
    gather->lengths[n] = len;
    gather->bytes += len;
    return gather->bytes > MOST_BYTES ? VTB_LIMIT : VTB_OK;
}

static enum vtb_err gather_event(void *ctx, const struct vtb_event *event)
{
    struct gather *gather = ctx;
    json_t *data = vtb_event_write(event);
    json_t *message = data ? event_json(gather->stream, gather->id, event, data) : NULL;
    enum vtb_err err = message ? keep_length(gather, json_dumpb(message, NULL, 0, JSON_COMPACT) + 1) : VTB_NOMEM;

    if (err) {
        json_decref(message);
        return err;
    }
    return json_array_append_new(gather->events, message) ? VTB_NOMEM : VTB_OK;
}

static json_t *you_json(const struct conn *conn)
{
    return json_pack("{s:o,s:o,s:s,s:s,s:b}", "seat", vtb_json_from_id(conn->seat), "person",
                     vtb_json_from_id(conn->session.person), "name", conn->session.name, "role",
                     vtb_t_member_role_name((enum vtb_t_member_role)conn->role), "guest", conn->is_guest);
}

/* The message without its events. */
static json_t *frame_json(const struct conn *conn)
{
    const struct room *room = conn->room;
    bool has_case = room_case_shown(room) != NULL;
    char case_text[VTB_ID_TEXT] = "";

    if (has_case)
        vtb_id_write(room->case_id, case_text);
    return json_pack("{s:s,s:o,s:I,s:s,s:I,s:I,s:[]}", "t", "snapshot", "you", you_json(conn), "meeting_n",
                     (json_int_t)vtb_log_seq(room->log), "case", case_text, "case_n",
                     (json_int_t)(has_case ? vtb_log_seq(room->case_log) : 0), "now_us", (json_int_t)vtb_wall_us(),
                     "events");
}

/* Events [from, to) of `gather` in the frame. */
static json_t *part_json(json_t *frame, const struct gather *gather, size_t from, size_t to, bool is_more)
{
    json_t *part = json_copy(frame), *events = json_array();

    for (size_t i = from; i < to; i++)
        json_array_append(events, json_array_get(gather->events, i));
    json_object_set_new(part, "events", events);
    if (is_more)
        json_object_set_new(part, "more", json_true());
    return part;
}

static enum vtb_err write_parts(json_t *frame, const struct gather *gather, struct snapshot *out)
{
    size_t n = json_array_size(gather->events), first = 0, bytes = json_dumpb(frame, NULL, 0, JSON_COMPACT);
    size_t all = bytes + gather->bytes - (n ? 1 : 0); /* the last has no comma */

    if (all <= VTB_MAX_SNAPSHOT_BYTES) {
        out->parts[0] = blob_of(part_json(frame, gather, 0, n, false));
        return out->parts[0] ? VTB_OK : VTB_NOMEM;
    }
    for (size_t used = bytes + MORE_BYTES; first < n; first++) {
        used += gather->lengths[first];
        if (used - 1 > VTB_MAX_SNAPSHOT_BYTES)
            break;
        all -= gather->lengths[first];
    }
    if (all > VTB_MAX_SNAPSHOT_BYTES - SLACK_BYTES)
        return VTB_LIMIT;
    out->parts[0] = blob_of(part_json(frame, gather, 0, first, true));
    out->parts[1] = blob_of(part_json(frame, gather, first, n, false));
    return out->parts[0] && out->parts[1] ? VTB_OK : VTB_NOMEM;
}

enum vtb_err snapshot_make(const struct conn *conn, struct snapshot *out)
{
    struct room *room = conn->room;
    struct vtb_arena arena = { 0 };
    struct vtb_watcher watcher = conn_watcher(conn);
    struct gather gather = { .events = json_array(), .arena = &arena, .stream = "meeting", .id = room->id };
    json_t *frame = frame_json(conn);
    enum vtb_err err = frame && gather.events ? VTB_OK : VTB_NOMEM;

    *out = (struct snapshot){ { NULL, NULL } };
    if (!err)
        err = vtb_meeting_snapshot(room_shown(room), &watcher, &arena, gather_event, &gather);
    if (!err && room_case_shown(room)) {
        gather.stream = "case";
        gather.id = room->case_id;
        err = vtb_case_snapshot(vtb_log_shown(room->case_log), &arena, gather_event, &gather);
    }
    if (!err)
        err = write_parts(frame, &gather, out);
    json_decref(frame);
    json_decref(gather.events);
    vtb_arena_fini(&arena);
    if (err) {
        VTB_LOG(VTB_ERROR, "snapshot", VTB_ID("meeting", room->id), VTB_ERR(err));
        vtb_blob_unref(out->parts[0]);
        vtb_blob_unref(out->parts[1]);
        *out = (struct snapshot){ { NULL, NULL } };
    }
    return err;
}

void snapshot_send(struct conn *conn, struct snapshot *take)
{
    for (size_t i = 0; i < VTB_COUNT(take->parts); i++) {
        if (take->parts[i])
            vtb_web_send(conn->live->web, conn->socket, take->parts[i]);
        vtb_blob_unref(take->parts[i]);
    }
    conn->live->figures.snapshots++;
}

void send_snapshot(struct conn *conn)
{
    struct snapshot whole;

    if (conn->device)
        return; /* has no screen */
    if (snapshot_make(conn, &whole))
        conn_over(conn, NULL, 1011); /* it comes again, and is told why at hello */
    else
        snapshot_send(conn, &whole);
}

/* Would the meeting, as staff see it, with one more seat still leave room for its case? */
enum vtb_err snapshot_takes(struct conn *conn, const struct vtb_ev_seat_joined *join)
{
    struct room *room = conn->room;
    struct vtb_arena arena = { 0 };
    struct vtb_watcher staff = { .is_guest = false };
    struct vtb_event event = { .kind = VTB_EVENT_SEAT_JOINED, .at_us = vtb_wall_us(), .u.seat_joined = *join };
    struct gather gather = { .events = json_array(), .arena = &arena, .stream = "meeting", .id = room->id };
    json_t *frame = frame_json(conn);
    enum vtb_err err = frame && gather.events ? VTB_OK : VTB_NOMEM;

    if (!err)
        err = vtb_meeting_snapshot(room_tail(room), &staff, &arena, gather_event, &gather);
    if (!err)
        err = gather_event(&gather, &event);
    if (!err && json_dumpb(frame, NULL, 0, JSON_COMPACT) + gather.bytes - 1 > MOST_BYTES - CASE_BYTES)
        err = VTB_LIMIT;
    json_decref(frame);
    json_decref(gather.events);
    vtb_arena_fini(&arena);
    return err;
}
