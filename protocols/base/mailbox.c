#include "base/mailbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct vtb_mailbox {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    void (*wake)(void *ctx);
    void *wake_ctx;
    size_t item_size, cap, head, used;
    bool closed;
    unsigned char *ring;
};

enum vtb_err vtb_mailbox_create(size_t item_size, size_t capacity, void (*wake)(void *ctx),
                                void *wake_ctx, struct vtb_mailbox **out)
{
    struct vtb_mailbox *box = calloc(1, sizeof *box);

    if (!box)
        return VTB_NOMEM;
    box->ring = calloc(capacity, item_size);
    if (!box->ring) {
        free(box);
        return VTB_NOMEM;
    }
    box->item_size = item_size;
    box->cap = capacity;
    box->wake = wake;
    box->wake_ctx = wake_ctx;
    pthread_mutex_init(&box->lock, NULL);
    pthread_cond_init(&box->filled, NULL);
    *out = box;
    return VTB_OK;
}

void vtb_mailbox_destroy(struct vtb_mailbox *box)
{
    if (!box)
        return;
    pthread_mutex_destroy(&box->lock);
    pthread_cond_destroy(&box->filled);
    free(box->ring);
    free(box);
}

enum vtb_err vtb_mailbox_post(struct vtb_mailbox *box, const void *item)
{
    enum vtb_err err = VTB_AGAIN;
    bool was_empty = false;

    pthread_mutex_lock(&box->lock);
    if (box->closed) {
        err = VTB_CLOSED;
    } else if (box->used < box->cap) {
        size_t slot = (box->head + box->used) % box->cap;
        was_empty = box->used++ == 0;
        memcpy(box->ring + slot * box->item_size, item, box->item_size);
        pthread_cond_signal(&box->filled);
        err = VTB_OK;
    }
    pthread_mutex_unlock(&box->lock);

    if (was_empty && box->wake)
        box->wake(box->wake_ctx);
    return err;
}

static size_t take_locked(struct vtb_mailbox *box, unsigned char *out, size_t max)
{
    size_t n = box->used < max ? box->used : max;

    for (size_t i = 0; i < n; i++) {
        memcpy(out + i * box->item_size, box->ring + box->head * box->item_size, box->item_size);
        box->head = (box->head + 1) % box->cap;
    }
    box->used -= n;
    return n;
}

size_t vtb_mailbox_take(struct vtb_mailbox *box, void *out, size_t max)
{
    size_t n;

    pthread_mutex_lock(&box->lock);
    n = take_locked(box, out, max);
    pthread_mutex_unlock(&box->lock);
    return n;
}

size_t vtb_mailbox_wait(struct vtb_mailbox *box, void *out, size_t max)
{
    size_t n;

    pthread_mutex_lock(&box->lock);
    while (box->used == 0 && !box->closed)
        pthread_cond_wait(&box->filled, &box->lock);
    n = take_locked(box, out, max);
    pthread_mutex_unlock(&box->lock);
    return n;
}

void vtb_mailbox_close(struct vtb_mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    box->closed = true;
    pthread_cond_broadcast(&box->filled);
    pthread_mutex_unlock(&box->lock);
}
