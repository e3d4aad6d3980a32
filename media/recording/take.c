#include "take.h"

#include "file.h"
#include "pipeline.h"
#include "turns.h"
#include "webm.h"

#include "base/log.h"

#include <stdlib.h>

#define SLOT_US ((uint64_t)VTB_SLOT_MS * 1000)

/* A packet without a frame: hybrid, 20 ms, mono. Decoders conceal from their own state, which after
 * the encoder's tail of silence is silence; another mode would reset what the next word builds on. */
static const uint8_t nothing[1] = { 0x78 };

struct vtb_take {
    const char *dir;
    const uint8_t *key;
    struct vtb_tap *tap;
    struct vtb_teller teller;
    struct vtb_live_file *file;
    struct vtb_pipeline *pipeline;
    struct vtb_turns turns;
    uint64_t base_us;
    uint32_t next; /* slot */
    bool has_file, has_begun, has_ended, is_broken;
    bool is_off;
    uint32_t off_from;
    uint64_t flush_us, sync_us; /* next */
};

static void tell(struct vtb_take *take, struct vtb_recorder_event event)
{
    event.recording = take->tap->recording;
    take->teller.tell(take->teller.ctx, &event);
}

static enum vtb_err write_bytes(void *ctx, const uint8_t *bytes, size_t len)
{
    struct vtb_take *take = ctx;

    return vtb_live_file_append(take->file, bytes, len);
}

enum vtb_err vtb_take_create(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_tap *tap,
                             struct vtb_teller teller, struct vtb_take **out)
{
    struct vtb_take *take = calloc(1, sizeof *take);

    if (!take)
        return VTB_NOMEM;
    take->dir = dir;
    take->key = key;
    take->tap = tap;
    take->teller = teller;
    *out = take;
    return VTB_OK;
}

void vtb_take_open(struct vtb_take *take)
{
    enum vtb_err err = vtb_live_file_create(take->dir, take->key, take->tap->recording, VTB_SEAL_LIVE, &take->file);

    if (!err) {
        take->has_file = true;
        err = vtb_pipeline_create((struct vtb_pipeline_sink){ write_bytes, take }, &take->pipeline);
    }
    if (!err)
        return;
    VTB_LOG(VTB_ERROR, "recording.not_begun", VTB_ID("recording", take->tap->recording), VTB_ERR(err));
    take->is_broken = true;
    if (!take->has_file) /* with a file, the finish finds nothing in it and says so */
        tell(take, (struct vtb_recorder_event){ .kind = VTB_RECORDER_FAILED, .err = err });
}

/* The tap is drained to its end all the same, or the worker's ring would fill. */
static void broke(struct vtb_take *take, enum vtb_err err)
{
    if (take->is_broken)
        return;
    take->is_broken = true;
    VTB_LOG(VTB_ERROR, "recording.broken", VTB_ID("recording", take->tap->recording), VTB_ERR(err));
    tell(take, (struct vtb_recorder_event){ .kind = VTB_RECORDER_BROKEN, .err = err });
}

static void push(struct vtb_take *take, const uint8_t *opus, size_t len)
{
    enum vtb_err err = VTB_OK;

    if (take->next >= VTB_WEBM_SLOTS_MAX)
        err = VTB_LIMIT;
    else if (!take->is_broken)
        err = vtb_pipeline_push(take->pipeline, take->next++, opus, len);
    if (err)
        broke(take, err);
}

static void fill(struct vtb_take *take, uint64_t up_to)
{
    while (take->next < up_to && !take->is_broken)
        push(take, nothing, sizeof nothing);
}

static void turn_ended(void *ctx, const struct vtb_turn *turn)
{
    tell(ctx, (struct vtb_recorder_event){ .kind = VTB_RECORDER_TURN, .peer = turn->peer,
                                           .from_ms = turn->from * VTB_SLOT_MS, .to_ms = turn->to * VTB_SLOT_MS });
}

static void follow_pause(struct vtb_take *take, uint32_t slot, bool is_off)
{
    if (is_off == take->is_off)
        return;
    take->is_off = is_off;
    if (is_off) {
        vtb_turns_end(&take->turns, turn_ended, take);
        take->off_from = slot;
    } else {
        tell(take, (struct vtb_recorder_event){ .kind = VTB_RECORDER_OFF, .from_ms = take->off_from * VTB_SLOT_MS,
                                                .to_ms = slot * VTB_SLOT_MS });
    }
}

static void take_frame(struct vtb_take *take, const struct vtb_tap_frame *frame)
{
    uint64_t slot;

    if (!take->has_begun) {
        take->has_begun = true;
        take->base_us = frame->tick.due_us;
        if (!take->is_broken && !frame->is_end)
            tell(take, (struct vtb_recorder_event){ .kind = VTB_RECORDER_BEGAN, .began_us = frame->tick.due_us });
    }
    slot = frame->tick.due_us < take->base_us ? 0 : (frame->tick.due_us - take->base_us + SLOT_US / 2) / SLOT_US;
    if (slot > VTB_WEBM_SLOTS_MAX)
        slot = VTB_WEBM_SLOTS_MAX;
    fill(take, slot);
    if (frame->is_end) {
        follow_pause(take, take->next, false);
        vtb_turns_end(&take->turns, turn_ended, take);
        take->has_ended = true;
        return;
    }
    if (slot < take->next || take->is_broken)
        return; /* two ticks in one slot cannot be: due times are 20 ms apart */
    follow_pause(take, (uint32_t)slot, frame->is_paused);
    vtb_turns_add(&take->turns, (uint32_t)slot, frame->tick.talkers, frame->tick.talkers_n, turn_ended, take);
    if (frame->len)
        push(take, frame->payload, frame->len);
    else
        push(take, nothing, sizeof nothing);
}

bool vtb_take_turn(struct vtb_take *take, uint64_t now_us)
{
    const struct vtb_tap_frame *frame;
    enum vtb_err err = VTB_OK;

    while (!take->has_ended && (frame = vtb_ring_front(take->tap->ring)) != NULL) {
        take_frame(take, frame);
        vtb_ring_done(take->tap->ring);
    }
    if (take->is_broken)
        return !take->has_ended;
    if (now_us >= take->flush_us) {
        err = vtb_live_file_flush(take->file);
        take->flush_us = now_us + VTB_TAKE_FLUSH_US;
    }
    if (!err && now_us >= take->sync_us) {
        err = vtb_live_file_sync(take->file);
        take->sync_us = now_us + VTB_TAKE_SYNC_US;
    }
    if (err)
        broke(take, err);
    return !take->has_ended;
}

void vtb_take_destroy(struct vtb_take *take)
{
    if (!take)
        return;
    vtb_pipeline_destroy(take->pipeline);
    if (take->file && vtb_live_file_close(take->file, take->has_ended && !take->is_broken))
        VTB_LOG(VTB_ERROR, "recording.close.failed");
    vtb_tap_destroy(take->tap);
    free(take);
}

struct vtb_id vtb_take_id(const struct vtb_take *take)
{
    return take->tap->recording;
}

bool vtb_take_has_file(const struct vtb_take *take)
{
    return take->has_file;
}

uint64_t vtb_take_dropped(const struct vtb_take *take)
{
    return vtb_count_read(&take->tap->dropped);
}
