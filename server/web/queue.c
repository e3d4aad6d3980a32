#include "queue.h"

static struct vtb_blob *pop(struct web_queue *queue)
{
    struct vtb_blob *blob = queue->ring[queue->head].blob;

    queue->ring[queue->head].blob = NULL;
    queue->head = (queue->head + 1) % WEB_QUEUE_FRAMES;
    queue->used--;
    return blob;
}

static void drop_old(struct web_queue *queue, uint64_t now_us)
{
    while (queue->used && now_us - queue->ring[queue->head].at_us > WEB_QUEUE_US) {
        vtb_blob_unref(pop(queue));
        queue->dropped++;
    }
}

void web_queue_push(struct web_queue *queue, struct vtb_blob *blob, uint64_t now_us)
{
    unsigned at;

    drop_old(queue, now_us);
    if (queue->used == WEB_QUEUE_FRAMES) {
        vtb_blob_unref(pop(queue));
        queue->dropped++;
    }
    at = (queue->head + queue->used++) % WEB_QUEUE_FRAMES;
    queue->ring[at].blob = vtb_blob_ref(blob);
    queue->ring[at].at_us = now_us;
}

struct vtb_blob *web_queue_take(struct web_queue *queue, uint64_t now_us)
{
    drop_old(queue, now_us);
    return queue->used ? pop(queue) : NULL;
}

void web_queue_empty(struct web_queue *queue)
{
    while (queue->used)
        vtb_blob_unref(pop(queue));
}
