#include "tap.h"

#include <stdlib.h>
#include <string.h>

enum vtb_err vtb_tap_create(struct vtb_id recording, struct vtb_tap **out)
{
    struct vtb_tap *tap = calloc(1, sizeof *tap);
    enum vtb_err err;

    if (!tap)
        return VTB_NOMEM;
    tap->recording = recording;
    tap->opening = VTB_TAP_OPENING;
    err = vtb_ring_create(sizeof(struct vtb_tap_frame), VTB_TAP_FRAMES, &tap->ring);
    if (err) {
        free(tap);
        return err;
    }
    *out = tap;
    return VTB_OK;
}

void vtb_tap_destroy(struct vtb_tap *tap)
{
    if (!tap)
        return;
    vtb_ring_destroy(tap->ring);
    free(tap);
}

void vtb_tap_put(struct vtb_tap *tap, const struct vtb_tap_tick *tick, const uint8_t *payload, size_t len)
{
    struct vtb_tap_frame *at = vtb_ring_slot(tap->ring);
    /* A place keeps what lay there before: nothing of an older frame is looked at. */
    bool is_silent = tap->is_paused || tap->opening || len > VTB_TAP_PAYLOAD;

    if (!at) {
        vtb_count_add(&tap->dropped, 1);
    } else {
        at->tick = *tick;
        at->is_end = false;
        at->is_paused = tap->is_paused;
        at->len = is_silent ? 0 : (uint16_t)len;
        if (is_silent)
            at->tick.talkers_n = 0; /* nor who spoke */
        if (at->len)
            memcpy(at->payload, payload, len);
        vtb_ring_post(tap->ring);
    }
    if (tap->opening && !tap->is_paused)
        tap->opening--;
}

void vtb_tap_pause(struct vtb_tap *tap, bool is_paused)
{
    if (is_paused)
        tap->opening = VTB_TAP_OPENING;
    tap->is_paused = is_paused;
}

bool vtb_tap_end(struct vtb_tap *tap, uint64_t due_us)
{
    struct vtb_tap_frame *at = vtb_ring_slot(tap->ring);

    if (!at)
        return false;
    at->tick = (struct vtb_tap_tick){ .due_us = due_us };
    at->is_end = true;
    at->is_paused = false;
    at->len = 0;
    vtb_ring_post(tap->ring);
    return true;
}
