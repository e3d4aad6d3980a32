/*
 * lane.h - the two lanes of one socket: an ordered ring and a slot a kind.
 *
 * Pure bookkeeping of blob references, no I/O. Overflow drops the whole ring: half a history is
 * worth nothing, a snapshot replaces it.
 */
#ifndef VTB_WEB_LANE_H
#define VTB_WEB_LANE_H

#include "web/web.h"

struct web_lane {
    struct vtb_blob *ring[VTB_WEB_RING_EVENTS];
    size_t head, used, bytes;
    struct vtb_blob *slots[VTB_WEB_SLOTS];
    unsigned next; /* slot whose turn it is */
    bool is_behind;
};

/* LIMIT: the ring was full and is now empty, is_behind is set; while it is, pushes are dropped (OK). */
VTB_MUST_USE enum vtb_err web_lane_push(struct web_lane *lane, struct vtb_blob *blob);
void web_lane_put(struct web_lane *lane, unsigned kind, struct vtb_blob *blob);
/* The next to be written, the caller's from here: ordered first, then the slots in turn. NULL: nothing. */
struct vtb_blob *web_lane_take(struct web_lane *lane);
bool web_lane_is_empty(const struct web_lane *lane);
void web_lane_drop_ring(struct web_lane *lane);
void web_lane_drop_slots(struct web_lane *lane);

#endif
