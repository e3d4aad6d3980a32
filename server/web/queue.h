/*
 * queue.h - what waits to be written to a socket that carries sound: at most 200 ms of it.
 *
 * Sound that is late is worth nothing and would only make what follows late as well, so the oldest
 * goes: when a frame has waited 200 ms, and when a place is needed. The link is then heard with a
 * gap, never with a delay that grows.
 *
 * Pure bookkeeping of blob references; the time is an argument.
 */
#ifndef VTB_WEB_QUEUE_H
#define VTB_WEB_QUEUE_H

#include "base/blob.h"

#define WEB_QUEUE_FRAMES 16u     /* 200 ms of 20 ms frames, and those that make good for a late tick */
#define WEB_QUEUE_US     200000u

struct web_queue {
    struct {
        struct vtb_blob *blob;
        uint64_t at_us;
    } ring[WEB_QUEUE_FRAMES];
    unsigned head, used;
    uint64_t dropped;
}; /* zero-initialised is valid */

void web_queue_push(struct web_queue *queue, struct vtb_blob *blob, uint64_t now_us); /* takes a reference */
/* The oldest that is not too old, the caller's from here; NULL: nothing. */
struct vtb_blob *web_queue_take(struct web_queue *queue, uint64_t now_us);
void web_queue_empty(struct web_queue *queue);

#endif
