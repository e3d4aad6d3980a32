/*
 * taps.c - the worker's side of a recording: gives each tick's shared mix away, and forgets a tap only
 * when its end is in the ring (recording/tap.h).
 */
#include "worker.h"

#include "base/log.h"

static uint64_t due_us(const struct vtb_worker *w)
{
    return w->start_us + w->tick * VTB_TICK_US;
}

static void end(struct vtb_worker *w, struct vtb_tap *tap)
{
    if (vtb_tap_end(tap, due_us(w)))
        return;
    /* Its reader is stuck behind a disk. There are never more taps than places. */
    if (w->ending_n < VTB_TAPS_ENDING)
        w->ending[w->ending_n++] = tap;
}

void vtb_taps_open(struct vtb_worker *w, struct vtb_room *room, struct vtb_tap *take_tap)
{
    bool was_open = room && room->tap;

    if (!room) {
        if (take_tap) /* the recorder must hear of an end all the same */
            end(w, take_tap);
        return;
    }
    if (was_open)
        end(w, room->tap);
    room->tap = take_tap;
    /* The recording is a listener of the clear stream: it is made also when there is no other. */
    if (take_tap && !was_open && vtb_mix_open_stream(room->mix, VTB_STREAM_CLEAR, VTB_STREAM_CLEAR))
        VTB_LOG(VTB_WARN, "recording.stream.closed", VTB_ID("recording", take_tap->recording));
    if (!take_tap && was_open)
        vtb_mix_close_stream(room->mix, VTB_STREAM_CLEAR);
}

void vtb_taps_off(struct vtb_room *room, bool is_off)
{
    if (room->tap)
        vtb_tap_pause(room->tap, is_off);
}

void vtb_taps_put(struct vtb_worker *w, struct vtb_room *room)
{
    const struct vtb_mix_out *mixed = &w->mixed;
    struct vtb_tap_tick tick = { .due_us = due_us(w), .timestamp = room->timestamp };

    for (size_t i = 0; i < mixed->talkers_n && tick.talkers_n < VTB_TAP_TALKERS; i++) {
        const struct vtb_rtc_peer *peer = w->peers[room->by_source[mixed->talkers[i].source_index]];

        if (peer && peer->room == room)
            tick.talkers[tick.talkers_n++] = (struct vtb_tap_talker){ .peer = peer->id, .level = mixed->talkers[i].level };
    }
    vtb_tap_put(room->tap, &tick, mixed->shared.payload, mixed->shared.silent ? 0 : mixed->shared.len);
}

void vtb_taps_tick(struct vtb_worker *w)
{
    for (uint32_t i = 0; i < w->ending_n;) {
        if (vtb_tap_end(w->ending[i], due_us(w)))
            w->ending[i] = w->ending[--w->ending_n];
        else
            i++;
    }
}
