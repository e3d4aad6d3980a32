/*
 * count.h - a figure that one thread writes and others read.
 *
 * Each value on its own is exact; two read together may be of different moments. No lock, no
 * ordering: never use one to publish other memory.
 */
#ifndef VTB_BASE_COUNT_H
#define VTB_BASE_COUNT_H

#include <stdatomic.h>
#include <stdint.h>

struct vtb_count {
    _Atomic uint64_t value;
};

static inline void vtb_count_add(struct vtb_count *count, uint64_t n)
{
    atomic_fetch_add_explicit(&count->value, n, memory_order_relaxed);
}
static inline void vtb_count_set(struct vtb_count *count, uint64_t n)
{
    atomic_store_explicit(&count->value, n, memory_order_relaxed);
}
static inline uint64_t vtb_count_read(const struct vtb_count *count)
{
    return atomic_load_explicit(&count->value, memory_order_relaxed);
}

#endif
