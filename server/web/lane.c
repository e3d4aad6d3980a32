#include "lane.h"

enum vtb_err web_lane_push(struct web_lane *lane, struct vtb_blob *blob)
{
    if (lane->is_behind)
        return VTB_OK; /* the snapshot will hold it */
    if (lane->used == VTB_WEB_RING_EVENTS || lane->bytes + vtb_blob_len(blob) > VTB_WEB_RING_BYTES) {
        web_lane_drop_ring(lane);
        lane->is_behind = true;
        return VTB_LIMIT;
    }
    lane->ring[(lane->head + lane->used) % VTB_WEB_RING_EVENTS] = vtb_blob_ref(blob);
    lane->used++;
    lane->bytes += vtb_blob_len(blob);
    return VTB_OK;
}

void web_lane_put(struct web_lane *lane, unsigned kind, struct vtb_blob *blob)
{
    vtb_blob_ref(blob);
    vtb_blob_unref(lane->slots[kind]);
    lane->slots[kind] = blob;
}

struct vtb_blob *web_lane_take(struct web_lane *lane)
{
    struct vtb_blob *blob;

    if (lane->used) {
        blob = lane->ring[lane->head];
        lane->ring[lane->head] = NULL;
        lane->head = (lane->head + 1) % VTB_WEB_RING_EVENTS;
        lane->used--;
        lane->bytes -= vtb_blob_len(blob);
        return blob;
    }
    for (unsigned i = 0; i < VTB_WEB_SLOTS; i++) {
        unsigned kind = (lane->next + i) % VTB_WEB_SLOTS;

        if (lane->slots[kind]) {
            blob = lane->slots[kind];
            lane->slots[kind] = NULL;
            lane->next = (kind + 1) % VTB_WEB_SLOTS;
            return blob;
        }
    }
    return NULL;
}

bool web_lane_is_empty(const struct web_lane *lane)
{
    if (lane->used)
        return false;
    for (unsigned i = 0; i < VTB_WEB_SLOTS; i++)
        if (lane->slots[i])
            return false;
    return true;
}

void web_lane_drop_ring(struct web_lane *lane)
{
    while (lane->used) {
        vtb_blob_unref(lane->ring[lane->head]);
        lane->ring[lane->head] = NULL;
        lane->head = (lane->head + 1) % VTB_WEB_RING_EVENTS;
        lane->used--;
    }
    lane->bytes = 0;
}

void web_lane_drop_slots(struct web_lane *lane)
{
    for (unsigned i = 0; i < VTB_WEB_SLOTS; i++) {
        vtb_blob_unref(lane->slots[i]);
        lane->slots[i] = NULL;
    }
}
