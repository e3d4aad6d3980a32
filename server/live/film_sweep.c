/*
 * film_sweep.c - films whose hour has come are removed; what a stop or a crash cut off is written down as that. Nothing of
 * one that was cut off is on the disk but, at worst, a half that was being sealed.
 */
#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "media/recordings.h"

#include <stdlib.h>

struct sweep {
    uv_work_t work;
    struct vtb_live *live;
    struct vtb_id recording;
    bool is_due;
    enum vtb_err err;
};

static void destroy(uv_work_t *work)
{
    struct sweep *sweep = work->data;

    sweep->err = vtb_film_destroy(sweep->live->cfg.record_dir, sweep->recording);
}

static void destroyed(uv_work_t *work, int status)
{
    struct sweep *sweep = work->data;
    struct vtb_event event = { .kind = VTB_EVENT_RECORDING_FILM_REMOVED, .at_us = vtb_wall_us(),
        .u.recording_film_removed = { .recording = sweep->recording, .why = VTB_EV_RECORDING_REMOVED_WHY_EXPIRED,
                                      .person = VTB_LIT("") } };
    struct vtb_append part = { vtb_store_site(), VTB_STREAM_SITE, 0, &event, 1 };

    if (!sweep->is_due) {
        event.kind = VTB_EVENT_RECORDING_FILM_ENDED;
        event.u.recording_film_ended = (struct vtb_ev_recording_film_ended){ .recording = sweep->recording,
            .how = VTB_EV_RECORDING_FILM_ENDED_HOW_INTERRUPTED, .sha256 = VTB_LIT("") };
    }
    /* Not written down: the next sweep does it again. */
    if (!sweep->live->is_stopped &&
        (status || sweep->err || vtb_store_append(sweep->live->cfg.store, part, NULL, NULL) != VTB_OK))
        VTB_LOG(VTB_ERROR, "films.sweep", VTB_ID("recording", sweep->recording), VTB_ERR(sweep->err));
    free(sweep);
}

static void sweep_all(struct vtb_live *live, json_t *recordings, bool is_due)
{
    json_t *recording;
    size_t i;

    json_array_foreach (recordings, i, recording) {
        struct sweep *sweep = calloc(1, sizeof *sweep);

        if (!sweep)
            return;
        sweep->live = live;
        sweep->is_due = is_due;
        sweep->work.data = sweep;
        if (vtb_id_parse(vtb_str_of(json_string_value(recording)), &sweep->recording) ||
            uv_queue_work(live->cfg.loop, &sweep->work, destroy, destroyed) != 0)
            free(sweep);
    }
}

static void due_found(void *ctx, enum vtb_err err, json_t *answer)
{
    struct vtb_live *live = ctx;

    if (err)
        VTB_LOG(VTB_ERROR, "films.sweep", VTB_ERR(err));
    else if (!live->is_stopped)
        sweep_all(live, json_object_get(answer, "due"), true);
}

static void cut_found(void *ctx, enum vtb_err err, json_t *answer)
{
    struct vtb_live *live = ctx;

    due_found(ctx, err, answer);
    if (!err && !live->is_stopped)
        sweep_all(live, json_object_get(answer, "making"), false);
}

void films_sweep(struct vtb_live *live, bool is_start)
{
    enum vtb_err err = live->cfg.record_dir
                           ? vtb_store_ask(live->cfg.store, VTB_FIND_FILMS, json_pack("{s:I}", "now_us", (json_int_t)vtb_wall_us()),
                                           is_start ? cut_found : due_found, live)
                           : VTB_OK;

    if (err)
        VTB_LOG(VTB_ERROR, "films.sweep", VTB_ERR(err));
}
