/*
 * sign.c - the chair signs (decision 13): checked on the tail, signed over the exact text, and
 * written on the case and on the meeting in one transaction.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "record/sign.h"
#include "signal/json.h"

#include <stdlib.h>
#include <string.h>

struct signing {
    vtb_live_signed *done;
    void *ctx;
    struct vtb_id plan;
    int64_t version;
};

static void written(void *ctx, enum vtb_err err)
{
    struct signing *signing = ctx;

    signing->done(signing->ctx, err,
                  err ? "The plan could not be written down, so it is not signed. Try again." : NULL,
                  signing->plan, signing->version);
    free(signing);
}

/* Fills `record_events` (case) and live->events (meeting). */
static enum vtb_err decide(struct room *room, const struct vtb_caller *caller, struct vtb_str digest,
                           struct vtb_str reason, struct vtb_arena *arena, struct vtb_events *record_events)
{
    struct vtb_live *live = room->live;
    const struct vtb_case *record = room_case_tail(room);
    const struct vtb_draft *draft = &record->draft;
    /* The events borrow these until they are appended, so they live in the arena of the caller. */
    char *text_digest = vtb_arena_take(arena, 65), *signature = vtb_arena_take(arena, 129),
         *key = vtb_arena_take(arena, 65);
    struct vtb_plan_facts facts;
    struct vtb_str text;
    int64_t now = vtb_wall_us();

    if (!text_digest || !signature || !key)
        return VTB_NOMEM;
    VTB_TRY(vtb_plan_facts_of(room_tail(room), room->id, arena, &facts));
    VTB_TRY(vtb_case_sign_check(record, caller, digest, &facts, reason, record_events));
    VTB_TRY(vtb_case_signed_text(record, caller, now, reason, arena, &text, text_digest));
    VTB_TRY(vtb_sign(live->cfg.sign_seed, VTB_SEAL_PLAN, vtb_str_of(text_digest), signature));
    vtb_key_of_seed(live->cfg.sign_seed, key);
    VTB_TRY(vtb_case_signed(record, caller, room->case_id, text, text_digest, signature, key, now,
                            record_events));
    return vtb_meeting_item_signed(room_tail(room), draft->item, draft->plan, draft->version, now,
                                   &live->events);
}

static struct room *room_of(struct vtb_live *live, struct vtb_id meeting)
{
    struct room *room = live->rooms;

    while (room && !vtb_id_is(room->id, meeting))
        room = room->next;
    return room && room->log ? room : NULL;
}

static struct conn *conn_of_person(struct room *room, struct vtb_id person)
{
    for (struct conn *conn = room->conns; conn; conn = conn->next_in_room)
        if (conn->state == CONN_IN && vtb_id_is(conn->session.person, person))
            return conn;
    return NULL;
}

void vtb_live_sign(struct vtb_live *live, struct vtb_id meeting, struct vtb_id person,
                   struct vtb_str digest, struct vtb_str reason, vtb_live_signed *done, void *ctx)
{
    struct room *room = room_of(live, meeting);
    struct conn *conn = room ? conn_of_person(room, person) : NULL;
    struct vtb_events *record_events = calloc(1, sizeof *record_events);
    struct signing *signing = calloc(1, sizeof *signing);
    struct vtb_arena arena = { 0 };
    enum vtb_err err = VTB_NOMEM;
    const char *message = "Out of memory. Nothing was signed.";

    if (record_events && signing) {
        err = conn && room_case(room) ? VTB_OK : VTB_ABSENT;
        message = "Join the meeting to sign: nothing is being read back to you.";
    }
    if (!err) {
        struct vtb_caller caller = conn_caller(conn, room_tail(room));
        *signing = (struct signing){ done, ctx, room_case_tail(room)->draft.plan,
                                     room_case_tail(room)->draft.version };
        err = decide(room, &caller, digest, reason, &arena, record_events);
        message = record_events->message ? record_events->message : live->events.message;
    }
    if (!err) {
        err = vtb_log_append_both(room->case_log, record_events, room->log, &live->events, written, signing);
        message = "The server is busy. Nothing was signed. Try again.";
        if (!err)
            signing = NULL; /* `written` has it now */
    }
    if (err)
        done(ctx, err, message ? message : "It cannot be signed now.", (struct vtb_id){ { 0 } }, 0);
    vtb_events_fini(&live->events);
    if (record_events)
        vtb_events_fini(record_events);
    vtb_arena_fini(&arena);
    free(record_events);
    free(signing);
}

bool vtb_live_shows_document(struct vtb_live *live, struct vtb_id person, struct vtb_id document)
{
    for (struct room *room = live->rooms; room; room = room->next) {
        const struct conn *conn = room->log ? conn_of_person(room, person) : NULL;
        if (!conn || !conn_watches(conn, room_shown(room)))
            continue;
        for (size_t i = 0; i < room_shown(room)->documents_n; i++)
            if (vtb_id_is(room_shown(room)->documents[i].id, document))
                return true;
    }
    return false;
}

bool vtb_live_runs_case(struct vtb_live *live, struct vtb_id person, struct vtb_id case_id)
{
    for (struct room *room = live->rooms; room; room = room->next) {
        const struct conn *conn = room->log ? conn_of_person(room, person) : NULL;
        const struct vtb_agenda_item *item = conn ? vtb_meeting_running(room_shown(room)) : NULL;
        if (item && conn_watches(conn, room_shown(room)) && vtb_id_is(item->case_id, case_id))
            return true;
    }
    return false;
}
