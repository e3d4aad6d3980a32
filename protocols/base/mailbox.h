/*
 * mailbox.h - a bounded queue of values between two threads.
 *
 * Messages are copied by value: ids, never pointers to live objects (a blob reference or an
 * owned heap pointer whose ownership moves with the message is fine). Never waits, except
 * vtb_mailbox_wait for a thread that has nothing else to do.
 *
 * Thread: post from any; take from one. `wake` is called without the lock when an empty box
 *         gets its first message (uv_async_send, eventfd); NULL where the taker uses wait.
 */
#ifndef VTB_BASE_MAILBOX_H
#define VTB_BASE_MAILBOX_H

#include "base/err.h"

struct vtb_mailbox;

VTB_MUST_USE enum vtb_err vtb_mailbox_create(size_t item_size, size_t capacity,
                                             void (*wake)(void *ctx), void *wake_ctx,
                                             struct vtb_mailbox **out);
void vtb_mailbox_destroy(struct vtb_mailbox *box); /* NULL is fine; messages left are forgotten */

/* AGAIN when full (the caller decides), CLOSED after close. */
VTB_MUST_USE enum vtb_err vtb_mailbox_post(struct vtb_mailbox *box, const void *item);
/* Takes up to `max` messages into `out`; returns how many. */
size_t vtb_mailbox_take(struct vtb_mailbox *box, void *out, size_t max);
/* The same, but sleeps until something is there or the box is closed (then may return 0). */
size_t vtb_mailbox_wait(struct vtb_mailbox *box, void *out, size_t max);
void vtb_mailbox_close(struct vtb_mailbox *box);

#endif
