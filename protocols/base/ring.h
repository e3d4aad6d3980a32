/*
 * ring.h - a bounded queue of values from one thread to one other, without a lock: for paths on
 * which a mailbox's mutex would let a preempted reader hold up a writer that has a deadline.
 *
 * The writer fills the place it is given and posts it; the reader looks at the front and says done.
 * Nothing is copied in between and nobody is woken: who writes says how the reader learns of it.
 *
 * Thread: slot and post from one thread, front and done from one other.
 * Ownership: a place belongs to the writer until post, to the reader until done.
 */
#ifndef VTB_BASE_RING_H
#define VTB_BASE_RING_H

#include "base/err.h"

struct vtb_ring;

/* `capacity`: a power of two. NOMEM otherwise only. */
VTB_MUST_USE enum vtb_err vtb_ring_create(size_t item_size, size_t capacity, struct vtb_ring **out);
void vtb_ring_destroy(struct vtb_ring *ring); /* NULL is fine; what is left is forgotten */

/* The next free place, aligned for any type, with what lay there before; NULL when full. Asking twice gives
 * the same place. */
void *vtb_ring_slot(struct vtb_ring *ring);
void vtb_ring_post(struct vtb_ring *ring); /* after a slot that was not NULL */

const void *vtb_ring_front(struct vtb_ring *ring); /* the oldest; NULL when empty */
void vtb_ring_done(struct vtb_ring *ring);         /* after a front that was not NULL */

#endif
