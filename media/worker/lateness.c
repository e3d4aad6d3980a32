#include "lateness.h"

void vtb_lateness_add(struct vtb_lateness *late, uint64_t late_us)
{
    uint64_t bucket = late_us / VTB_LATENESS_STEP_US;

    if (bucket >= VTB_LATENESS_BUCKETS)
        bucket = VTB_LATENESS_BUCKETS - 1;
    if (late->used == VTB_LATENESS_TICKS)
        late->buckets[late->ring[late->next]]--;
    else
        late->used++;
    late->ring[late->next] = (uint16_t)bucket;
    late->buckets[bucket]++;
    late->next = (late->next + 1) % VTB_LATENESS_TICKS;
}

uint64_t vtb_lateness_p99_us(const struct vtb_lateness *late)
{
    size_t above = late->used / 100; /* how many may be later */
    size_t seen = 0;

    if (late->used == 0)
        return 0;
    for (size_t i = VTB_LATENESS_BUCKETS; i-- > 0;) {
        seen += late->buckets[i];
        if (seen > above)
            return (i + 1) * VTB_LATENESS_STEP_US;
    }
    return 0;
}
