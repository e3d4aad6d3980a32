/*
 * recording.c - follows what the board wants (recording.set) with what the media plane does, and writes
 * down what became of it.
 *
 *     recording.set is shown and an item runs -> recording.begun durable -> vtb_media_record
 *     -> BEGAN: recording.timed; TURN, OFF: recording.spans -> ENDED or FAILED: recording.ended
 *
 * As with gates: it begins when that is shown, and stops, or goes off the record, with the decision.
 * A file is written down before it is made, so that whatever a crash leaves is found and finished at the
 * next start. Each item has a recording of its own, with its own key, day of removal and audience.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "media/recordings.h"
#include "signal/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_US (30u * 1000000u) /* a full disk must not fill the log as well */
#define SPANS   32u
#define VOICES  32u
#define DAY_US  (86400 * INT64_C(1000000))
#define SPANS_US (5u * 1000000u)   /* a turn waits no longer to be written down */
#define SWEEP_US (600u * 1000000u) /* between two looks for recordings whose day has come */

struct voice { /* who a peer was: it may be gone when its turn is told */
    vtb_peer peer;
    struct vtb_id seat, person;
    char name[121];
};

struct take { /* a recording whose end was not told */
    struct take *next;
    struct vtb_live *live;
    struct vtb_id id, meeting;
    struct room *room;   /* NULL: it ended for the room */
    bool is_written;     /* recording.begun is durable: media was told */
    struct voice voices[VOICES];
    unsigned voices_at;
    struct vtb_t_span spans[SPANS];
    struct { char seat[VTB_ID_TEXT], person[VTB_ID_TEXT], name[121]; } texts[SPANS];
    size_t spans_n;
    uint64_t spans_us;   /* since when the first waits */
    struct marker *marker; /* NULL: its sound has not begun, or no memory */
};

static void site_append(struct vtb_live *live, struct vtb_event event, vtb_append_done done, void *ctx)
{
    struct vtb_append part = { vtb_store_site(), VTB_STREAM_SITE, 0, &event, 1 };
    enum vtb_err err;

    event.at_us = vtb_wall_us();
    err = vtb_store_append(live->cfg.store, part, done, ctx);
    if (!err)
        return;
    VTB_LOG(VTB_ERROR, "recording.unlogged", VTB_STR("kind", vtb_event_name(event.kind)), VTB_ERR(err));
    if (done)
        done(ctx, err, NULL);
}

static struct take *find(struct vtb_live *live, struct vtb_id id)
{
    struct take *take = live->takes;

    while (take && !vtb_id_is(take->id, id))
        take = take->next;
    return take;
}

static void forget(struct take *take)
{
    struct take **at = &take->live->takes;

    while (*at != take)
        at = &(*at)->next;
    *at = take->next;
    if (take->room && take->room->take == take)
        take->room->take = NULL;
    marker_end(take->marker);
    free(take);
}

static void tell_lost(struct vtb_live *live, struct vtb_id id)
{
    site_append(live, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_ENDED,
                                          .u.recording_ended = { .recording = id, .is_lost = true } }, NULL, NULL);
}

/* ---- what the board wants ---- */

static const struct vtb_agenda_item *wanted(const struct room *room)
{
    const struct vtb_meeting *tail = room_tail(room), *shown = room_shown(room);
    const struct vtb_agenda_item *item = vtb_meeting_running(tail), *seen = vtb_meeting_running(shown);

    if (tail->recording == VTB_EV_RECORDING_SET_STATE_OFF || shown->recording == VTB_EV_RECORDING_SET_STATE_OFF ||
        !item || !seen || !vtb_id_is(item->id, seen->id))
        return NULL;
    return item;
}

static bool wants_off(const struct room *room)
{
    return room_tail(room)->recording == VTB_EV_RECORDING_SET_STATE_PAUSED ||
           room_shown(room)->recording == VTB_EV_RECORDING_SET_STATE_PAUSED;
}

static void begun_written(void *ctx, enum vtb_err err, const uint64_t *first_seq)
{
    struct take *take = ctx;
    struct room *room = take->room;
    struct vtb_live *live = take->live;

    (void)first_seq;
    if (room)
        room->flights--;
    if (!err && room && live->media)
        err = vtb_media_record(live->media, room->id, take->id);
    else if (!err)
        err = VTB_CLOSED; /* the item ended meanwhile: there will be no file */
    if (!err) {
        take->is_written = true;
        room->is_off_record = false;
        recording_follow(room);
        return;
    }
    if (err != VTB_CLOSED)
        VTB_LOG(VTB_ERROR, "recording.refused", VTB_ID("recording", take->id), VTB_ERR(err));
    if (room)
        room->retry_us = vtb_mono_us() + (err == VTB_CLOSED ? 0 : RETRY_US);
    tell_lost(live, take->id);
    forget(take);
}

static void begin(struct room *room, const struct vtb_agenda_item *item)
{
    struct vtb_live *live = room->live;
    struct take *take = calloc(1, sizeof *take);
    int64_t now = vtb_wall_us();
    struct vtb_event event = { .kind = VTB_EVENT_RECORDING_BEGUN };

    if (!take)
        return;
    take->live = live;
    take->room = room;
    take->id = vtb_id_make(now);
    take->meeting = room->id;
    take->next = live->takes;
    live->takes = take;
    room->take = take;
    room->recorded_item = item->id;
    room->flights++;
    event.u.recording_begun = (struct vtb_ev_recording_begun){
        .recording = take->id, .meeting = room->id, .item = item->id, .case_id = item->case_id,
        .until_us = now + (room_tail(room)->record_days ? room_tail(room)->record_days : (int64_t)live->cfg.record_days) * DAY_US };
    site_append(live, event, begun_written, take);
}

/* The media plane has it: its end will be told. */
static void end(struct room *room)
{
    struct take *take = room->take;

    room->take = NULL;
    if (take->is_written && vtb_media_record_stop(room->live->media, room->id) != VTB_OK) {
        room->take = take; /* its mailbox is full: again in a second */
        return;
    }
    if (!take->is_written)
        room->flights--;
    take->room = NULL;
}

void recording_follow(struct room *room)
{
    const struct vtb_agenda_item *item;
    bool is_off;

    if (!room->log || !room->live->media || !room->live->cfg.record_dir)
        return;
    item = wanted(room);
    if (room->take && (!item || !vtb_id_is(item->id, room->recorded_item)))
        end(room);
    if (item && !room->take && vtb_mono_us() >= room->retry_us)
        begin(room, item);
    if (!room->take || !room->take->is_written)
        return;
    is_off = wants_off(room);
    if (is_off != room->is_off_record && vtb_media_record_off(room->live->media, room->id, is_off) == VTB_OK)
        room->is_off_record = is_off;
}

void recording_points(struct room *room, const struct vtb_ask *ask)
{
    if (room->take && room->take->is_written && !room->is_off_record && !wants_off(room))
        marker_take(room->take->marker, ask);
}

/* The room goes; its sound has ended with it. */
void recording_leave(struct room *room)
{
    if (room->take)
        room->take->room = NULL;
    room->take = NULL;
}

/* ---- what became of it ---- */

static void flush(struct take *take)
{
    if (take->spans_n)
        site_append(take->live, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_SPANS,
            .u.recording_spans = { .recording = take->id, .spans = take->spans, .spans_n = take->spans_n } }, NULL, NULL);
    take->spans_n = 0;
}

static void add_span(struct take *take, enum vtb_t_span_kind kind, const struct vtb_media_event *event,
                     const struct voice *voice)
{
    size_t n = take->spans_n++;

    take->texts[n].seat[0] = take->texts[n].person[0] = take->texts[n].name[0] = '\0';
    if (voice) {
        vtb_id_write(voice->seat, take->texts[n].seat);
        vtb_id_write(voice->person, take->texts[n].person);
        memcpy(take->texts[n].name, voice->name, sizeof voice->name);
    }
    take->spans[n] = (struct vtb_t_span){ .kind = kind, .from_ms = event->record.from_ms, .to_ms = event->record.to_ms,
        .seat = vtb_str_of(take->texts[n].seat), .person = vtb_str_of(take->texts[n].person),
        .name = vtb_str_of(take->texts[n].name) };
    if (n == 0)
        take->spans_us = vtb_mono_us();
    if (take->spans_n == SPANS)
        flush(take);
}

static struct voice *voice_of(struct take *take, vtb_peer peer)
{
    for (unsigned i = 0; i < VOICES; i++)
        if (peer.generation && vtb_peer_is(take->voices[i].peer, peer))
            return &take->voices[i];
    return NULL;
}

void recording_heard(struct room *room, const struct conn *conn, vtb_peer peer)
{
    struct take *take = room->take;
    struct voice *voice;

    if (!take || voice_of(take, peer))
        return;
    voice = &take->voices[take->voices_at++ % VOICES];
    voice->peer = peer;
    voice->seat = conn->seat;
    voice->person = conn->session.person;
    memcpy(voice->name, conn->session.name, sizeof voice->name);
}

static void ended(struct vtb_live *live, struct take *take, const struct vtb_media_event *event)
{
    char hex[2 * VTB_MEDIA_DIGEST + 1] = "";
    bool is_lost = event->kind == VTB_MEDIA_RECORD_FAILED;

    if (take) {
        flush(take);
        if (is_lost && take->room)
            take->room->retry_us = vtb_mono_us() + RETRY_US;
        forget(take);
    }
    live->sweep_us = 0; /* found late, its day may have come before its end was known */
    for (size_t i = 0; i < VTB_MEDIA_DIGEST && !is_lost; i++)
        snprintf(hex + 2 * i, 3, "%02x", event->record.digest[i]);
    VTB_LOG(is_lost ? VTB_ERROR : VTB_INFO, is_lost ? "recording.lost" : "recording.ended",
            VTB_ID("recording", event->record.id), VTB_U64("ms", event->record.duration_ms), VTB_ERR(event->err));
    site_append(live, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_ENDED, .u.recording_ended = {
        .recording = event->record.id, .is_lost = is_lost, .was_cut = event->record.was_cut,
        .duration_ms = event->record.duration_ms, .bytes = (int64_t)event->record.bytes, .sha256 = vtb_str_of(hex) } },
        NULL, NULL);
}

void recording_take(struct vtb_live *live, const struct vtb_media_event *event, const struct conn *speaker)
{
    struct take *take = find(live, event->record.id);

    if (event->kind == VTB_MEDIA_RECORD_ENDED || event->kind == VTB_MEDIA_RECORD_FAILED) {
        ended(live, take, event);
        return;
    }
    if (!take)
        return;
    if (event->kind == VTB_MEDIA_RECORD_BEGAN) {
        if (!take->marker)
            take->marker = marker_make(live, take->id, event->record.began_us);
        int64_t began = vtb_wall_us() - (int64_t)(vtb_mono_us() - event->record.began_us);

        site_append(live, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_TIMED,
            .u.recording_timed = { .recording = take->id, .began_us = began } }, NULL, NULL);
    } else if (event->kind == VTB_MEDIA_RECORD_TURN) {
        if (take->room && speaker)
            recording_heard(take->room, speaker, event->peer);
        add_span(take, VTB_T_SPAN_KIND_TURN, event, voice_of(take, event->peer));
    } else if (event->kind == VTB_MEDIA_RECORD_OFF) {
        add_span(take, VTB_T_SPAN_KIND_OFF, event, NULL);
    } else if (event->kind == VTB_MEDIA_RECORD_BROKEN && take->room) {
        take->room->retry_us = vtb_mono_us() + RETRY_US;
        end(take->room); /* what there is is finished */
    }
}

/* ---- after a crash ---- */

static void finish_open(void *ctx, enum vtb_err err, json_t *answer)
{
    struct vtb_live *live = ctx;
    json_t *card;
    size_t i;

    if (err)
        VTB_LOG(VTB_ERROR, "recording.resume", VTB_ERR(err));
    json_array_foreach (json_object_get(answer, "recordings"), i, card) {
        struct vtb_id id;

        if (vtb_id_parse(vtb_str_of(json_string_value(json_object_get(card, "recording"))), &id) || find(live, id))
            continue;
        err = live->media ? vtb_media_record_finish(live->media, id) : VTB_CLOSED;
        if (err)
            VTB_LOG(VTB_ERROR, "recording.resume", VTB_ID("recording", id), VTB_ERR(err));
    }
}

void recording_resume(struct vtb_live *live)
{
    enum vtb_err err = vtb_store_ask(live->cfg.store, VTB_FIND_RECORDINGS_OPEN, json_object(), finish_open, live);

    films_sweep(live, true);
    if (err)
        VTB_LOG(VTB_ERROR, "recording.resume", VTB_ERR(err));
}

/* ---- removal ---- */

struct removal {
    uv_work_t work;
    struct vtb_live *live;
    struct vtb_ev_recording_removed about;
    char sha256[65], reason[401], person[VTB_ID_TEXT];
    struct vtb_id by;
    enum vtb_err err;
    vtb_live_removed *done;
    void *ctx;
};

static void destroy_file(uv_work_t *work)
{
    struct removal *removal = work->data;

    removal->err = vtb_recording_destroy(removal->live->cfg.record_dir, removal->about.recording);
}

static void removal_over(void *ctx, enum vtb_err err, const uint64_t *first_seq)
{
    struct removal *removal = ctx;

    (void)first_seq;
    if (removal->done)
        removal->done(removal->ctx, err);
    free(removal);
}

/* The certificate: written when the file is gone; if that fails, the next sweep removes and certifies again. */
static void file_destroyed(uv_work_t *work, int status)
{
    struct removal *removal = work->data;
    struct vtb_event event = { .kind = VTB_EVENT_RECORDING_REMOVED, .by = removal->by };

    if (removal->live->is_stopped) {
        removal_over(removal, VTB_CLOSED, NULL); /* gone, uncertified: the next start looks again */
        return;
    }
    if (status || removal->err) {
        VTB_LOG(VTB_ERROR, "recording.removal", VTB_ID("recording", removal->about.recording), VTB_ERR(removal->err));
        removal_over(removal, VTB_SYS, NULL);
        return;
    }
    removal->about.sha256 = vtb_str_of(removal->sha256);
    removal->about.reason = vtb_str_of(removal->reason);
    removal->about.person = vtb_str_of(removal->person);
    event.u.recording_removed = removal->about;
    site_append(removal->live, event, removal_over, removal);
}

static struct vtb_id id_of(json_t *card, const char *name)
{
    struct vtb_id id = { { 0 } };

    if (vtb_id_parse(vtb_str_of(json_string_value(json_object_get(card, name))), &id))
        memset(&id, 0, sizeof id);
    return id;
}

enum vtb_err vtb_live_remove_recording(struct vtb_live *live, json_t *card, struct vtb_id person, struct vtb_str reason,
                                       vtb_live_removed *done, void *ctx)
{
    struct removal *removal;

    if (!live->cfg.record_dir)
        return VTB_DENIED;
    removal = calloc(1, sizeof *removal);
    if (!removal)
        return VTB_NOMEM;
    removal->live = live;
    removal->work.data = removal;
    removal->done = done;
    removal->ctx = ctx;
    removal->by = person;
    removal->about = (struct vtb_ev_recording_removed){
        .recording = id_of(card, "recording"), .meeting = id_of(card, "meeting"), .case_id = id_of(card, "case"),
        .began_us = json_integer_value(json_object_get(card, "began_us")),
        .duration_ms = json_integer_value(json_object_get(card, "duration_ms")),
        .why = vtb_id_is_nil(person) ? VTB_EV_RECORDING_REMOVED_WHY_EXPIRED : VTB_EV_RECORDING_REMOVED_WHY_ASKED };
    if (!vtb_id_is_nil(person))
        vtb_id_write(person, removal->person);
    if (vtb_str_copy(vtb_str_of(json_string_value(json_object_get(card, "sha256"))), removal->sha256,
                     sizeof removal->sha256) ||
        vtb_str_copy(reason, removal->reason, sizeof removal->reason)) {
        free(removal);
        return VTB_LIMIT;
    }
    if (uv_queue_work(live->cfg.loop, &removal->work, destroy_file, file_destroyed) != 0) {
        free(removal);
        return VTB_SYS;
    }
    return VTB_OK;
}

static void remove_due(void *ctx, enum vtb_err err, json_t *answer)
{
    struct vtb_live *live = ctx;
    json_t *card;
    size_t i;

    live->is_sweeping = false;
    if (live->is_stopped)
        return;
    json_array_foreach (json_object_get(answer, "recordings"), i, card)
        if (vtb_live_remove_recording(live, card, (struct vtb_id){ { 0 } }, VTB_LIT(""), NULL, NULL) != VTB_OK)
            err = VTB_SYS;
    if (err)
        VTB_LOG(VTB_ERROR, "recording.sweep", VTB_ERR(err));
}

/* Once a second: what waits is written; now and then, what is due is removed. */
void recording_tick(struct vtb_live *live, uint64_t now_us)
{
    for (struct take *take = live->takes; take; take = take->next) {
        if (take->spans_n && now_us - take->spans_us > SPANS_US)
            flush(take);
        marker_tick(take->marker);
    }
    if (now_us < live->sweep_us || live->is_sweeping || !live->cfg.record_dir)
        return;
    live->sweep_us = now_us + SWEEP_US;
    films_sweep(live, false);
    live->is_sweeping = vtb_store_ask(live->cfg.store, VTB_FIND_RECORDINGS_DUE,
                                      json_pack("{s:I}", "now_us", (json_int_t)vtb_wall_us()), remove_due, live) == VTB_OK;
}

void recordings_free(struct vtb_live *live)
{
    while (live->takes) {
        struct take *take = live->takes;

        live->takes = take->next;
        marker_end(take->marker);
        free(take);
    }
}
