#include "base/ring.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Each index is written by one thread alone; on lines of their own, so that neither slows the other. */
struct vtb_ring {
    unsigned char *places;
    size_t item_size, capacity;
    alignas(64) _Atomic size_t written;
    alignas(64) _Atomic size_t read;
};

enum vtb_err vtb_ring_create(size_t item_size, size_t capacity, struct vtb_ring **out)
{
    size_t size = (item_size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct vtb_ring *ring = aligned_alloc(alignof(struct vtb_ring), sizeof *ring);

    assert(capacity && (capacity & (capacity - 1)) == 0);
    if (!ring)
        return VTB_NOMEM;
    ring->places = calloc(capacity, size);
    if (!ring->places) {
        free(ring);
        return VTB_NOMEM;
    }
    ring->item_size = size;
    ring->capacity = capacity;
    atomic_init(&ring->written, 0);
    atomic_init(&ring->read, 0);
    *out = ring;
    return VTB_OK;
}

void vtb_ring_destroy(struct vtb_ring *ring)
{
    if (!ring)
        return;
    free(ring->places);
    free(ring);
}

static void *place(const struct vtb_ring *ring, size_t n)
{
    return ring->places + (n & (ring->capacity - 1)) * ring->item_size;
}

void *vtb_ring_slot(struct vtb_ring *ring)
{
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);

    /* acquire: what the reader did with the place is over before it is written again */
    if (written - atomic_load_explicit(&ring->read, memory_order_acquire) == ring->capacity)
        return NULL;
    return place(ring, written);
}

void vtb_ring_post(struct vtb_ring *ring)
{
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);

    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

const void *vtb_ring_front(struct vtb_ring *ring)
{
    size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);

    if (atomic_load_explicit(&ring->written, memory_order_acquire) == read)
        return NULL;
    return place(ring, read);
}

void vtb_ring_done(struct vtb_ring *ring)
{
    size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);

    atomic_store_explicit(&ring->read, read + 1, memory_order_release);
}
