/*
 * film.c - the film of a recording: asked for, how far it is, taken out, removed. Who asks, what became of it and who
 * takes it out is written down; the film itself is server/films' and media/recording's.
 */
#include "api/inner.h"

#include "base/log.h"
#include "media/recordings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILM_US (3 * INT64_C(86400) * 1000000) /* why three days: server/films/README.md */
#define BUSY    "The server is busy. Try again in a second."

/* ---- how far it is ---- */

json_t *film_json(struct call *call)
{
    json_t *film = json_object_get(call->facts, "film");
    json_int_t until = json_integer_value(json_object_get(film, "until_us")),
               recording = json_integer_value(json_object_get(call->facts, "until_us"));
    const char *state = json_text(film, "state");
    struct vtb_film_progress progress = { 0 };

    if (call->api->cfg.films && vtb_films_progress(call->api->cfg.films, call->id, &progress))
        state = progress.ahead ? "waiting" : "making";
    return json_pack("{s:s,s:I,s:I,s:O,s:I}", "state", state, "percent", (json_int_t)progress.percent, "ahead",
                     (json_int_t)progress.ahead, "bytes", json_object_get(film, "bytes"), "until_us",
                     until && recording < until ? recording : until);
}

/* Those who may have one made see how it goes. */
static bool may_film(struct call *call)
{
    if (!call_may(call, VTB_DEED_RECORDING_PLAY) || !call_may(call, VTB_DEED_RECORDING_FILM))
        return false;
    if (call->api->cfg.films && recording_is(call, "ended"))
        return true;
    call_answer_refusal(call, 409, "not-there", "There is nothing that a film could be made of.");
    return false;
}

static void tell(struct call *call)
{
    if (may_film(call))
        call_answer(call, film_json(call));
}

void film_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        with_recording(call, req, tell);
}

/* ---- asked for ---- */

static void write_end(struct vtb_api *api, struct vtb_id recording, enum vtb_ev_recording_film_ended_how how, uint64_t bytes,
                      const char *sha256)
{
    struct vtb_event event = { .kind = VTB_EVENT_RECORDING_FILM_ENDED, .at_us = now_us(), .u.recording_film_ended = {
        .recording = recording, .how = how, .bytes = (int64_t)bytes, .sha256 = vtb_str_of(sha256),
        .until_us = how == VTB_EV_RECORDING_FILM_ENDED_HOW_MADE ? now_us() + FILM_US : 0 } };
    struct vtb_append part = { vtb_store_site(), VTB_STREAM_SITE, 0, &event, 1 };

    if (!api->is_stopped && vtb_store_append(api->cfg.store, part, NULL, NULL) != VTB_OK)
        VTB_LOG(VTB_ERROR, "films.unlogged", VTB_ID("recording", recording)); /* the next start says: interrupted */
}

void vtb_api_film_over(void *ctx, const struct vtb_film_end *end)
{
    switch (end->how) {
    case VTB_FILM_MADE:
        write_end(ctx, end->recording, VTB_EV_RECORDING_FILM_ENDED_HOW_MADE, end->bytes, end->sha256);
        return;
    case VTB_FILM_FAILED:
        write_end(ctx, end->recording, VTB_EV_RECORDING_FILM_ENDED_HOW_FAILED, 0, "");
        return;
    case VTB_FILM_CANCELLED:
        write_end(ctx, end->recording, VTB_EV_RECORDING_FILM_ENDED_HOW_CANCELLED, 0, "");
        return;
    }
}

static void written(struct call *call)
{
    enum vtb_err err = vtb_films_ask(call->api->cfg.films, &call->order);

    if (err && err != VTB_STALE) { /* STALE: somebody pressed at the same moment, and it is being made */
        write_end(call->api, call->id, VTB_EV_RECORDING_FILM_ENDED_HOW_FAILED, 0, "");
        call_answer_error(call, err, "Eight films wait already. Try again when one of them is made.");
        return;
    }
    call_answer(call, film_json(call));
}

static void make_order(uv_work_t *work)
{
    struct call *call = work->data;
    uint8_t *marks = NULL;
    size_t len = 0;

    call->work_err = vtb_marks_read(call->api->cfg.record_dir, call->api->cfg.record_key, call->id, &marks, &len);
    if (call->work_err == VTB_ABSENT)
        call->work_err = VTB_OK; /* nobody pointed */
    if (!call->work_err)
        call->work_err = vtb_film_order_make(call->id, (uint32_t)json_integer_value(json_object_get(call->facts, "duration_ms")),
                                             call->list, json_object_get(call->facts, "spans"), marks, marks ? len : 0,
                                             &call->order);
    free(marks);
}

static void order_made(uv_work_t *work, int status)
{
    struct call *call = work->data;
    struct vtb_event asked = { .kind = VTB_EVENT_RECORDING_FILM_ASKED, .at_us = now_us(), .by = call->session.person,
        .u.recording_film_asked = { .person = call->session.person, .recording = call->id } };

    if (call_is_late(call))
        return;
    if (status || call->work_err)
        call_answer_error(call, VTB_SYS, "A film cannot be made of this recording: its marks are damaged, or it is too long.");
    else
        call_site(call, &asked, 1, written);
}

static void events_loaded(void *ctx, enum vtb_err err, json_t *events)
{
    struct call *call = ctx;

    if (call_is_late(call))
        return;
    call->work.data = call;
    if (!err)
        call->list = recording_moments(events, call->facts);
    if (err || uv_queue_work(call->api->cfg.loop, &call->work, make_order, order_made) != 0)
        call_answer_error(call, err ? err : VTB_AGAIN, BUSY);
}

static void make(struct call *call)
{
    struct vtb_film_progress progress;
    enum vtb_err err;

    if (!may_film(call))
        return;
    if (vtb_films_progress(call->api->cfg.films, call->id, &progress)) {
        call_answer(call, film_json(call)); /* pressed twice, or by two people */
        return;
    }
    if (!vtb_films_have_room(call->api->cfg.films)) {
        call_answer_error(call, VTB_AGAIN, "Eight films wait already. Try again when one of them is made.");
        return;
    }
    err = vtb_store_load(call->api->cfg.store, json_id(json_object_get(call->facts, "meeting")), 0, events_loaded, call);
    if (err)
        call_answer_error(call, err, BUSY);
}

void film_make(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        with_recording(call, req, make);
}

/* ---- given up, removed ---- */

static void destroy(uv_work_t *work)
{
    struct call *call = work->data;

    call->work_err = vtb_film_destroy(call->api->cfg.record_dir, call->id);
}

static void destroyed(uv_work_t *work, int status)
{
    struct call *call = work->data;
    char person[VTB_ID_TEXT];
    struct vtb_event removed = { .kind = VTB_EVENT_RECORDING_FILM_REMOVED, .at_us = now_us(), .by = call->session.person,
        .u.recording_film_removed = { .recording = call->id, .why = VTB_EV_RECORDING_REMOVED_WHY_ASKED } };

    if (call_is_late(call))
        return;
    vtb_id_write(call->session.person, person);
    removed.u.recording_film_removed.person = vtb_str_of(person);
    if (status || call->work_err)
        call_answer_error(call, VTB_SYS, "The film could not be removed just now. Try again.");
    else
        call_site(call, &removed, 1, call_answer_empty);
}

static void drop(struct call *call)
{
    if (!may_film(call))
        return;
    if (vtb_films_cancel(call->api->cfg.films, call->id)) {
        call_answer_empty(call);
        return;
    }
    call->work.data = call;
    if (uv_queue_work(call->api->cfg.loop, &call->work, destroy, destroyed) != 0)
        call_answer_error(call, VTB_AGAIN, BUSY);
}

void film_drop(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        with_recording(call, req, drop);
}

/* ---- taken out ---- */

static void answer_film(struct call *call)
{
    json_t *film = json_object_get(call->facts, "film");
    char etag[60], disposition[80];
    time_t began = (time_t)(json_integer_value(json_object_get(call->facts, "began_us")) / 1000000);
    struct tm day;

    gmtime_r(&began, &day);
    snprintf(etag, sizeof etag, "\"%llx\"", (unsigned long long)json_integer_value(json_object_get(film, "until_us")));
    /* No name of a patient: a browser shows it in its list of downloads, and others look over the shoulder. */
    strftime(disposition, sizeof disposition, "attachment; filename=\"recording-%Y-%m-%d.webm\"", &day);
    recording_answer_bytes(call, "video/webm", etag, disposition);
}

static void open_film(uv_work_t *work)
{
    struct call *call = work->data;

    call->work_err = vtb_film_open(call->api->cfg.record_dir, call->api->cfg.record_key, call->id, &call->recording);
}

static void film_opened(uv_work_t *work, int status)
{
    struct call *call = work->data;
    struct vtb_event taken = { .kind = VTB_EVENT_RECORDING_PLAYED, .at_us = now_us(), .by = call->session.person,
        .u.recording_played = { .person = call->session.person, .recording = call->id,
                                .how = VTB_EV_RECORDING_PLAYED_HOW_EXPORT } };

    if (call_is_late(call))
        return;
    if (status || call->work_err) {
        VTB_LOG(VTB_ERROR, "films.unreadable", VTB_ID("recording", call->id), VTB_ERR(call->work_err));
        call_answer_error(call, VTB_SYS, "The film cannot be read. Make it again.");
        return;
    }
    if (recording_is_new_listener(call->api, call->session.person, call->id, true))
        call_site(call, &taken, 1, answer_film);
    else
        answer_film(call); /* more of the same download */
}

static void take(struct call *call)
{
    if (!may_film(call))
        return;
    call->work.data = call;
    if (strcmp(json_text(json_object_get(call->facts, "film"), "state"), "ready") != 0)
        call_answer_refusal(call, 409, "not-there", "There is no film of this recording now. Make one.");
    else if (uv_queue_work(call->api->cfg.loop, &call->work, open_film, film_opened) != 0)
        call_answer_error(call, VTB_AGAIN, BUSY);
}

void film_bytes(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call)
        with_recording(call, req, take);
}
