#include "live/inner.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

/* web knows no protocols; what it bounds is written in limits.json all the same. */
_Static_assert(VTB_WEB_MESSAGE_MAX == VTB_MAX_MESSAGE_BYTES, "limits.json: message_bytes");
_Static_assert(VTB_WEB_RING_EVENTS == VTB_MAX_LANE_EVENTS, "limits.json: lane_events");
_Static_assert(VTB_WEB_RING_BYTES == VTB_MAX_LANE_BYTES, "limits.json: lane_bytes");

/* Tells every seat when writing fails, and when it works again. */
static void watch_store(struct vtb_live *live)
{
    struct vtb_store_figures figures = vtb_store_figures(live->cfg.store);
    bool is_failing = figures.failing_since_us != 0;

    if (is_failing == live->is_failing)
        return;
    live->is_failing = is_failing;
    if (is_failing)
        live->failing_since_us = figures.failing_since_us;
    VTB_LOG(is_failing ? VTB_ERROR : VTB_INFO, is_failing ? "store.failing" : "store.works");
    for (struct room *room = live->rooms; room; room = room->next) {
        for (struct conn *conn = room->conns; conn; conn = conn->next_in_room) {
            if (conn->state != CONN_IN && conn->state != CONN_WAITING)
                continue;
            send_notice(conn, is_failing ? "not_writing" : "writing", live->failing_since_us);
            if (!is_failing && conn->is_unlogged) { /* takes the seat that could not be written */
                conn->is_unlogged = false;
                conn->state = CONN_HELLO;
                conn->hello_id = 0;
                conn_hello(conn);
            }
        }
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct vtb_live *live = timer->data;
    uint64_t now = vtb_mono_us();

    live->ticks++;
    for (struct room *room = live->rooms; room; room = room->next) {
        presence_tick(room, now);
        if (live->ticks % (1000 / TICK_MS) == 0) {
            sound_tick(room);
            recording_follow(room); /* beginning may have failed */
            if (room->log)
                room_follow(room); /* opening its case may have failed */
        }
    }
    if (live->ticks % (1000 / TICK_MS) == 0) {
        vtb_store_turn(live->cfg.store);
        watch_store(live);
        device_tick(live);
        conn_sweep(live, now);
        room_sweep(live, now);
        vtb_logs_sweep(live->logs, now);
        recording_tick(live, now);
    }
}

enum vtb_err vtb_live_create(const struct vtb_live_config *cfg, struct vtb_live **out)
{
    struct vtb_live *live = calloc(1, sizeof *live);
    enum vtb_err err;

    if (!live)
        return VTB_NOMEM;
    live->cfg = *cfg;
    err = vtb_logs_create(cfg->store, &live->logs);
    if (err) {
        free(live);
        return err;
    }
    uv_timer_init(cfg->loop, &live->tick);
    live->tick.data = live;
    uv_timer_start(&live->tick, on_tick, TICK_MS, TICK_MS);
    *out = live;
    return VTB_OK;
}

void vtb_live_attach(struct vtb_live *live, struct vtb_web *web, struct vtb_media *media)
{
    live->web = web;
    live->media = media;
    if (media && live->cfg.record_dir)
        recording_resume(live);
}

void vtb_live_stop(struct vtb_live *live)
{
    live->is_stopped = true;
    uv_timer_stop(&live->tick);
    if (!uv_is_closing((uv_handle_t *)&live->tick))
        uv_close((uv_handle_t *)&live->tick, NULL);
}

void vtb_live_destroy(struct vtb_live *live)
{
    if (!live)
        return;
    live->media = NULL;
    devices_free(live);
    while (live->rooms) {
        struct room *room = live->rooms;
        live->rooms = room->next;
        free(room);
    }
    recordings_free(live);
    vtb_logs_destroy(live->logs);
    free(live);
}

struct vtb_logs *vtb_live_logs(struct vtb_live *live)
{
    return live->logs;
}

void vtb_live_figures(const struct vtb_live *live, struct vtb_live_figures *out)
{
    *out = live->figures;
    out->waiting = 0;
    for (const struct room *room = live->rooms; room; room = room->next)
        for (const struct conn *conn = room->conns; conn; conn = conn->next_in_room)
            out->waiting += conn->state == CONN_WAITING;
}
