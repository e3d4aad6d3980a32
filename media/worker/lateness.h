/*
 * lateness.h - how late the last 3000 ticks were: a ring of bucket numbers and their histogram, so
 * that a tick costs two additions and the percentile a walk of a thousand numbers.
 *
 * Thread: one. Pure.
 */
#ifndef VTB_WORKER_LATENESS_H
#define VTB_WORKER_LATENESS_H

#include <stddef.h>
#include <stdint.h>

#define VTB_LATENESS_TICKS   3000u
#define VTB_LATENESS_BUCKETS 1024u
#define VTB_LATENESS_STEP_US 50u /* the last bucket holds all above 51 ms */

struct vtb_lateness {
    uint16_t ring[VTB_LATENESS_TICKS];
    uint16_t buckets[VTB_LATENESS_BUCKETS];
    size_t used, next;
}; /* zero-initialised is valid */

void vtb_lateness_add(struct vtb_lateness *late, uint64_t late_us);
/* Upper edge of the bucket that holds the 99th percentile; 0 before the first tick. */
uint64_t vtb_lateness_p99_us(const struct vtb_lateness *late);

#endif
