/*
 * recording.c - recordings: lists, one with who spoke when, its sound by ranges, its day of removal, its removal.
 *
 * Sound is opened and decrypted on the thread pool, a piece at a time; nothing of it may be kept by a cache.
 * Who listens is written down before the first byte goes out: once in a quarter of an hour for a person
 * and a recording, since a player asks for many ranges.
 */
#include "api/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "media/recordings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARD_US  (15u * 60u * 1000000u)
#define YEARS_US  (10 * 366 * 86400 * INT64_C(1000000))
#define NOT_YOURS "This recording is not shared with you."

/* ---- lists ---- */

static void listed(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err)
        call_answer_error(call, err, "The recordings cannot be listed just now. Try again.");
    else
        call_answer(call, json_incref(answer));
}

static void list_of_case(struct call *call)
{
    if (call_may(call, VTB_DEED_RECORDING_LIST))
        call_ask(call, VTB_FIND_RECORDINGS, json_pack("{s:o}", "case", id_json(call->id)), listed);
}

static void case_standing(struct call *call)
{
    call_standing(call, call->id, list_of_case);
}

void case_recordings(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, case_standing);
}

static void meeting_found(struct call *call, enum vtb_err err, json_t *answer)
{
    if (!err) {
        call->standing = session_standing(&call->session);
        call->standing.role = vtb_session_role(&call->session, json_id(json_object_get(answer, "board")));
    }
    if (err || !vtb_policy_may(VTB_DEED_RECORDING_LIST, &call->standing)) {
        call_answer_error(call, VTB_ABSENT, "This meeting is not shared with you.");
        return;
    }
    call_ask(call, VTB_FIND_MEETING_RECORDINGS, json_pack("{s:o}", "meeting", id_json(call->id)), listed);
}

static void list_of_meeting(struct call *call)
{
    call_ask(call, VTB_FIND_MEETING, json_pack("{s:o}", "meeting", id_json(call->id)), meeting_found);
}

void meeting_recordings(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, list_of_meeting);
}

static void list_of_board(struct call *call)
{
    call->standing = session_standing(&call->session);
    call->standing.role = vtb_session_role(&call->session, call->id);
    if (call_may(call, VTB_DEED_BOARD_RECORDINGS))
        call_ask(call, VTB_FIND_BOARD_RECORDINGS, json_pack("{s:o}", "board", id_json(call->id)), listed);
}

void board_recordings(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, list_of_board);
}

/* ---- one ---- */

/* Goes on in call->worked with the card in call->facts and the standing towards its case. */
static void found(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err) {
        call_answer_error(call, VTB_ABSENT, NOT_YOURS);
        return;
    }
    call->facts = json_incref(answer);
    call_standing(call, json_id(json_object_get(answer, "case")), call->worked);
}

static void find_it(struct call *call)
{
    call_ask(call, VTB_FIND_RECORDING, json_pack("{s:o}", "recording", id_json(call->id)), found);
}

void with_recording(struct call *call, struct vtb_web_request *req, call_next *next)
{
    call->worked = next;
    if (call_id(call, req, "id", &call->id))
        call_session(call, req, find_it);
}

bool recording_is(const struct call *call, const char *state)
{
    return strcmp(json_text(call->facts, "state"), state) == 0;
}

/* ---- the one before and the one after, of the same meeting, that the caller may hear as well ---- */

static void look_near(struct call *call);

static size_t place_of(const struct call *call)
{
    json_t *card;
    size_t i;

    json_array_foreach (call->list, i, card)
        if (vtb_id_is(json_id(json_object_get(card, "recording")), call->id))
            return i;
    return json_array_size(call->list);
}

static bool looks_after(const struct call *call)
{
    return json_object_get(call->facts, "before") != NULL;
}

/* What was found is said, and the next side is looked at: first before, then after. */
static void near_found(struct call *call, json_t *card)
{
    json_t *list = json_array();

    if (card)
        json_array_append_new(list, json_pack("{s:O,s:O,s:O}", "recording", json_object_get(card, "recording"), "began_us",
                                              json_object_get(card, "began_us"), "name", json_object_get(card, "name")));
    if (!looks_after(call)) {
        json_object_set_new(call->facts, "before", list);
        call->place = place_of(call);
        look_near(call);
        return;
    }
    json_object_set_new(call->facts, "after", list);
    json_object_del(call->facts, "board");
    call_answer(call, json_incref(call->facts));
}

static void near_standing(struct call *call)
{
    if (vtb_policy_may(VTB_DEED_RECORDING_PLAY, &call->standing))
        near_found(call, json_array_get(call->list, call->place));
    else
        look_near(call);
}

/* From call->place on, away from the recording itself. */
static void look_near(struct call *call)
{
    size_t n = json_array_size(call->list);

    while (looks_after(call) ? ++call->place < n : call->place > 0) {
        json_t *card;

        if (!looks_after(call))
            call->place--;
        card = json_array_get(call->list, call->place);
        if (strcmp(json_text(card, "state"), "ended") == 0) {
            call_standing(call, json_id(json_object_get(card, "case")), near_standing);
            return;
        }
    }
    near_found(call, NULL);
}

static void near_listed(struct call *call, enum vtb_err err, json_t *answer)
{
    if (err) {
        call_answer_error(call, err, "The recording cannot be shown just now. Try again.");
        return;
    }
    call->list = json_incref(json_object_get(answer, "recordings"));
    call->place = place_of(call);
    look_near(call);
}

static void case_loaded(void *ctx, enum vtb_err err, json_t *events)
{
    struct call *call = ctx;

    if (call_is_late(call))
        return;
    if (!err) /* a case whose log cannot be read has a decision to be found by ear */
        recording_add_read_backs(json_object_get(call->facts, "moments"), events, call->facts);
    call_ask(call, VTB_FIND_MEETING_RECORDINGS, json_pack("{s:O}", "meeting", json_object_get(call->facts, "meeting")),
             near_listed);
}

static void events_loaded(void *ctx, enum vtb_err err, json_t *events)
{
    struct call *call = ctx;

    if (call_is_late(call))
        return;
    if (err) {
        call_answer_error(call, err, "The recording cannot be shown just now. Try again.");
        return;
    }
    json_object_set_new(call->facts, "moments", recording_moments(events, call->facts));
    err = vtb_store_load(call->api->cfg.store, json_id(json_object_get(call->facts, "case")), 0, case_loaded, call);
    if (err)
        call_answer_error(call, err, "The server is busy. Try again in a second.");
}

static void show(struct call *call)
{
    enum vtb_err err;

    if (!call_may(call, VTB_DEED_RECORDING_PLAY))
        return;
    json_object_set_new(call->facts, "may_remove",
                        json_boolean(vtb_policy_may(VTB_DEED_RECORDING_REMOVE, &call->standing)));
    json_object_set_new(call->facts, "may_film", json_boolean(call->api->cfg.films && recording_is(call, "ended") &&
                                                              vtb_policy_may(VTB_DEED_RECORDING_FILM, &call->standing)));
    json_object_set_new(call->facts, "film", film_json(call));
    err = vtb_store_load(call->api->cfg.store, json_id(json_object_get(call->facts, "meeting")), 0, events_loaded, call);
    if (err)
        call_answer_error(call, err, "The server is busy. Try again in a second.");
}

void recording_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        with_recording(call, req, show);
}

/* ---- sound ---- */

static size_t read_sound(void *ctx, uint64_t at, uint8_t *out, size_t len)
{
    size_t n = 0;

    return vtb_recording_read(ctx, at, out, len, &n) == VTB_OK ? n : 0;
}

static void close_sound(void *ctx)
{
    vtb_recording_close(ctx);
}

void recording_answer_bytes(struct call *call, const char *type, const char *etag, const char *disposition)
{
    struct vtb_recording *rec = call->recording;
    struct vtb_web_header headers[] = { { "content-type", type }, { "cache-control", "no-store" }, { "etag", etag },
                                        { "content-disposition", disposition } };
    struct vtb_web_reader reader = { read_sound, close_sound, rec };

    call->recording = NULL; /* the answer's now */
    vtb_web_answer_reader(call->api->web, call->handle, headers, VTB_COUNT(headers), reader,
                          (size_t)vtb_recording_info(rec).bytes);
    call_free(call);
}

static void answer_sound(struct call *call)
{
    char etag[40];

    snprintf(etag, sizeof etag, "\"%.32s\"", json_text(call->facts, "sha256"));
    recording_answer_bytes(call, "audio/webm", etag, "inline");
}

bool recording_is_new_listener(struct vtb_api *api, struct vtb_id person, struct vtb_id recording, bool is_film)
{
    uint64_t now = vtb_mono_us();
    size_t oldest = 0;

    for (size_t i = 0; i < VTB_COUNT(api->listeners); i++) {
        if (api->listeners[i].until_us > now && vtb_id_is(api->listeners[i].person, person) &&
            vtb_id_is(api->listeners[i].recording, recording) && api->listeners[i].is_film == is_film)
            return false;
        if (api->listeners[i].until_us < api->listeners[oldest].until_us)
            oldest = i;
    }
    api->listeners[oldest].person = person;
    api->listeners[oldest].recording = recording;
    api->listeners[oldest].is_film = is_film;
    api->listeners[oldest].until_us = now + HEARD_US;
    return true;
}

static void open_sound(uv_work_t *work)
{
    struct call *call = work->data;

    call->work_err = vtb_recording_open(call->api->cfg.record_dir, call->api->cfg.record_key, call->id, &call->recording);
}

static void sound_opened(uv_work_t *work, int status)
{
    struct call *call = work->data;
    struct vtb_event played = { .kind = VTB_EVENT_RECORDING_PLAYED, .at_us = now_us(), .by = call->session.person,
        .u.recording_played = { .person = call->session.person, .recording = call->id } };

    if (call_is_late(call))
        return;
    if (status || call->work_err) {
        VTB_LOG(VTB_ERROR, "recording.unreadable", VTB_ID("recording", call->id), VTB_ERR(call->work_err));
        call_answer_error(call, VTB_SYS, "This recording cannot be read: its file is missing, damaged, or of another "
                                         "site. The administrator finds which in the server's log.");
        return;
    }
    if (recording_is_new_listener(call->api, call->session.person, call->id, false))
        call_site(call, &played, 1, answer_sound); /* nobody listens who is not written down */
    else
        answer_sound(call);
}

static void play(struct call *call)
{
    if (!call_may(call, VTB_DEED_RECORDING_PLAY))
        return;
    if (!recording_is(call, "ended") || !call->api->cfg.record_dir) {
        call_answer_refusal(call, 409, "not-there",
                            recording_is(call, "begun")  ? "This is still being recorded. Its sound is there when the item is over."
                            : recording_is(call, "lost") ? "Nothing of this recording can be played."
                                                        : "This recording was removed.");
        return;
    }
    call->work.data = call;
    if (uv_queue_work(call->api->cfg.loop, &call->work, open_sound, sound_opened) != 0)
        call_answer_error(call, VTB_AGAIN, "The server is busy. Try again in a second.");
}

void recording_sound(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        with_recording(call, req, play);
}

/* ---- where the presenter pointed ---- */

static void read_marks(uv_work_t *work)
{
    struct call *call = work->data;
    uint8_t *marks;

    call->work_err = vtb_marks_read(call->api->cfg.record_dir, call->api->cfg.record_key, call->id, &marks, &call->out_len);
    if (!call->work_err)
        call->out = (char *)marks;
}

static void marks_read(uv_work_t *work, int status)
{
    struct call *call = work->data;
    struct vtb_web_header headers[] = { { "content-type", "application/octet-stream" }, { "cache-control", "no-store" } };

    if (call_is_late(call))
        return;
    if (status || (call->work_err && call->work_err != VTB_ABSENT)) /* ABSENT: nobody pointed */
        call_answer_error(call, VTB_SYS, "Where the presenter pointed cannot be read. The sound and the pages are not touched.");
    else
        call_answer_with(call, 200, headers, VTB_COUNT(headers), call->out, call->out ? call->out_len : 0);
}

static void answer_marks(struct call *call)
{
    if (!call_may(call, VTB_DEED_RECORDING_PLAY))
        return;
    call->work.data = call;
    if (!recording_is(call, "ended") || !call->api->cfg.record_dir)
        call_answer_refusal(call, 409, "not-there", "Nothing of this recording can be shown.");
    else if (uv_queue_work(call->api->cfg.loop, &call->work, read_marks, marks_read) != 0)
        call_answer_error(call, VTB_AGAIN, "The server is busy. Try again in a second.");
}

void recording_marks(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        with_recording(call, req, answer_marks);
}

/* ---- how long it is kept ---- */

static void keep(struct call *call)
{
    int64_t until = call->body.recording_keep.until_us;
    struct vtb_event kept = { .kind = VTB_EVENT_RECORDING_KEPT, .at_us = now_us(), .by = call->session.person,
                              .u.recording_kept = { .recording = call->id, .until_us = until } };

    if (!call_may(call, VTB_DEED_RECORDING_PLAY) || !call_may(call, VTB_DEED_RECORDING_KEEP))
        return;
    if (recording_is(call, "removed"))
        call_answer_refusal(call, 409, "not-there", "This recording was removed.");
    else if (until < now_us() || until > now_us() + YEARS_US)
        call_answer_refusal(call, 422, "day", "Choose a day to come, at most ten years away. To remove it now, remove it.");
    else
        call_site(call, &kept, 1, call_answer_empty);
}

void recording_keep(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && CALL_BODY(call, req, recording_keep, recording_keep))
        with_recording(call, req, keep);
}

/* ---- removal ---- */

static void removed(void *ctx, enum vtb_err err)
{
    struct call *call = ctx;

    if (call_is_late(call))
        return;
    if (err)
        call_answer_error(call, err, "The recording could not be removed just now. Nothing was certified; try again.");
    else
        call_answer_empty(call);
}

static void remove_it(struct call *call)
{
    enum vtb_err err;

    if (!call_may(call, VTB_DEED_RECORDING_PLAY) || !call_may(call, VTB_DEED_RECORDING_REMOVE))
        return;
    if (recording_is(call, "begun") || recording_is(call, "removed")) {
        call_answer_refusal(call, 409, "not-there",
                            recording_is(call, "begun") ? "This is still being recorded. End the recording first."
                                                       : "This recording was removed before.");
        return;
    }
    if (call->api->cfg.films)
        vtb_films_cancel(call->api->cfg.films, call->id);
    err = vtb_live_remove_recording(call->api->cfg.live, call->facts, call->session.person,
                                    call->body.recording_remove.reason, removed, call);
    if (err)
        removed(call, err);
}

void recording_remove(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && CALL_BODY(call, req, recording_remove, recording_remove))
        with_recording(call, req, remove_it);
}
