/*
 * marks.c - where the presenter points and looks is kept while it is recorded, sealed beside the sound.
 *
 * Ten a second at most of pointer and of view, and nothing off the record. What came in a second is written in the
 * pool; a kill of the process loses no more than that. Measured: somebody who points all the time costs 0.76 MB an
 * hour, beside 11 MB of sound; a usual meeting a quarter of it. They lie beside the recording and not in the log because
 * they are worth nothing without it, and must go with it.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "media/recordings.h"

#include <stdlib.h>
#include <string.h>

#define HELD     32u      /* of a second: 10 pointers, 10 views, and some on their way */
#define APART_US 95000u   /* ten a second, and a clock that is not exact */
#define WRITE_US 1000000u

struct marker {
    struct vtb_live *live;
    struct vtb_id recording;
    uint64_t began_us;  /* monotonic, of the first sound */
    uint64_t last_us[VTB_MARK_VIEW + 1], written_us;
    struct vtb_mark held[HELD], out[HELD]; /* out: the pool's while is_busy */
    size_t held_n, out_n;
    struct vtb_marks *file; /* the pool's while is_busy */
    bool is_busy, is_over, is_failed;
    uv_work_t work;
    enum vtb_err err;
};

struct marker *marker_make(struct vtb_live *live, struct vtb_id recording, uint64_t began_us)
{
    struct marker *marker = calloc(1, sizeof *marker);

    if (!marker)
        return NULL;
    marker->live = live;
    marker->recording = recording;
    marker->began_us = began_us;
    marker->written_us = vtb_mono_us();
    return marker;
}

static void write_run(uv_work_t *work)
{
    struct marker *marker = work->data;
    const struct vtb_live_config *cfg = &marker->live->cfg;

    marker->err = marker->file ? VTB_OK : vtb_marks_create(cfg->record_dir, cfg->record_key, marker->recording, &marker->file);
    if (!marker->err)
        marker->err = vtb_marks_append(marker->file, marker->out, marker->out_n);
}

static void free_if_over(struct marker *marker);

static void write_done(uv_work_t *work, int status)
{
    struct marker *marker = work->data;

    marker->is_busy = false;
    if ((status || marker->err) && !marker->is_failed) {
        marker->is_failed = true; /* the sound goes on without them */
        VTB_LOG(VTB_ERROR, "recording.marks", VTB_ID("recording", marker->recording), VTB_ERR(marker->err));
    }
    free_if_over(marker);
}

static void write_held(struct marker *marker)
{
    memcpy(marker->out, marker->held, marker->held_n * sizeof *marker->held);
    marker->out_n = marker->held_n;
    marker->held_n = 0;
    marker->written_us = vtb_mono_us();
    marker->work.data = marker;
    marker->is_busy = uv_queue_work(marker->live->cfg.loop, &marker->work, write_run, write_done) == 0;
}

static void free_if_over(struct marker *marker)
{
    if (!marker->is_over || marker->is_busy)
        return;
    if (marker->held_n && !marker->is_failed && !marker->live->is_stopped) {
        write_held(marker);
        if (marker->is_busy)
            return;
    }
    vtb_marks_close(marker->file);
    free(marker);
}

void marker_take(struct marker *marker, const struct vtb_ask *ask)
{
    uint64_t now = vtb_mono_us();
    struct vtb_mark mark = { .kind = VTB_MARK_POINTER };

    if (!marker || marker->is_failed || marker->held_n == HELD || now < marker->began_us)
        return;
    if (ask->kind == VTB_ASK_VIEW_LIVE) {
        mark = (struct vtb_mark){ .kind = VTB_MARK_VIEW, .x = (int32_t)ask->u.view_live.x, .y = (int32_t)ask->u.view_live.y,
                                  .w = (int32_t)ask->u.view_live.w, .h = (int32_t)ask->u.view_live.h };
    } else if (ask->u.pointer.on) {
        mark.x = (int32_t)ask->u.pointer.x;
        mark.y = (int32_t)ask->u.pointer.y;
    } else {
        mark.kind = VTB_MARK_AWAY; /* that it went is never left out */
    }
    if (mark.kind != VTB_MARK_AWAY && now - marker->last_us[mark.kind] < APART_US)
        return;
    marker->last_us[mark.kind] = now;
    mark.at_ms = (uint32_t)((now - marker->began_us) / 1000);
    marker->held[marker->held_n++] = mark;
}

void marker_tick(struct marker *marker)
{
    if (marker && marker->held_n && !marker->is_busy && !marker->is_failed && vtb_mono_us() - marker->written_us >= WRITE_US)
        write_held(marker);
}

void marker_end(struct marker *marker)
{
    if (!marker)
        return;
    marker->is_over = true;
    free_if_over(marker);
}
