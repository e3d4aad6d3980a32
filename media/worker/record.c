#include "record.h"

#include "base/log.h"
#include "recording/recorder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_US   2000
#define WAITS_MAX 500 /* a second: then the event is lost, and the next start finds the file */

struct vtb_record {
    struct vtb_recorder *recorder;
    struct vtb_worker *worker;
};

static enum vtb_media_event_kind kind_of(enum vtb_recorder_event_kind kind)
{
    switch (kind) {
    case VTB_RECORDER_BEGAN:
        return VTB_MEDIA_RECORD_BEGAN;
    case VTB_RECORDER_TURN:
        return VTB_MEDIA_RECORD_TURN;
    case VTB_RECORDER_OFF:
        return VTB_MEDIA_RECORD_OFF;
    case VTB_RECORDER_BROKEN:
        return VTB_MEDIA_RECORD_BROKEN;
    case VTB_RECORDER_ENDED:
        return VTB_MEDIA_RECORD_ENDED;
    case VTB_RECORDER_FAILED:
        return VTB_MEDIA_RECORD_FAILED;
    }
    return VTB_MEDIA_RECORD_FAILED;
}

/* On a thread of the recorder, which may wait a little: it is behind a ring. */
static void tell(void *ctx, const struct vtb_recorder_event *from)
{
    struct vtb_record *record = ctx;
    struct vtb_media_event event = { .kind = kind_of(from->kind), .peer = from->peer, .err = from->err };

    event.record.id = from->recording;
    event.record.began_us = from->began_us;
    event.record.from_ms = from->from_ms;
    event.record.to_ms = from->to_ms;
    event.record.duration_ms = from->info.duration_ms;
    event.record.bytes = from->info.bytes;
    event.record.was_cut = from->info.was_cut;
    memcpy(event.record.digest, from->digest, sizeof event.record.digest);
    for (unsigned i = 0; i < WAITS_MAX; i++) {
        if (vtb_mailbox_post(record->worker->events, &event) != VTB_AGAIN)
            return;
        usleep(WAIT_US);
    }
    VTB_LOG(VTB_WARN, "recording.event.lost", VTB_ID("recording", from->recording));
}

enum vtb_err vtb_record_create(const struct vtb_media_config *cfg, struct vtb_worker *worker, struct vtb_record **out)
{
    struct vtb_record *record = calloc(1, sizeof *record);
    struct vtb_recorder_config recorder = { .dir = cfg->record_dir, .key = cfg->record_key,
                                            .teller = { tell, record } };
    enum vtb_err err;

    if (!record)
        return VTB_NOMEM;
    record->worker = worker;
    err = vtb_recorder_start(&recorder, &record->recorder);
    if (err) {
        free(record);
        return err;
    }
    *out = record;
    return VTB_OK;
}

enum vtb_err vtb_record_begin(struct vtb_record *record, struct vtb_id room, struct vtb_id recording)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_TAP, .room = room };
    enum vtb_err err = vtb_tap_create(recording, &cmd.tap);

    if (err)
        return err;
    err = vtb_recorder_begin(record->recorder, cmd.tap);
    if (err) {
        vtb_tap_destroy(cmd.tap);
        return err;
    }
    err = vtb_mailbox_post(record->worker->commands, &cmd);
    /* No worker has it: its end is ours to say, into a ring that is empty. */
    if (err && !vtb_tap_end(cmd.tap, 0))
        VTB_LOG(VTB_ERROR, "recording.end.lost", VTB_ID("recording", recording));
    return err;
}

enum vtb_err vtb_record_finish(struct vtb_record *record, struct vtb_id recording)
{
    return vtb_recorder_finish(record->recorder, recording);
}

void vtb_record_destroy(struct vtb_record *record)
{
    if (!record)
        return;
    vtb_recorder_stop(record->recorder);
    free(record);
}

void vtb_record_figures(const struct vtb_record *record, struct vtb_media_figures *out)
{
    struct vtb_recorder_figures figures;

    if (!record)
        return;
    figures = vtb_recorder_figures(record->recorder);
    out->recordings = figures.now;
    out->record_dropped = figures.frames_dropped;
}
