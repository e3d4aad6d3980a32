/* random.h - seeded requests, the same on every machine (xorshift64*). */
#ifndef VTB_TEST_RANDOM_H
#define VTB_TEST_RANDOM_H

#include "world.h"

struct dice {
    uint64_t state;
};
static inline unsigned roll(struct dice *dice, unsigned sides)
{
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return (unsigned)((dice->state * UINT64_C(2685821657736338717)) >> 33) % sides;
}

/* One random thing happens; *out_refused_wrongly is set if policy says no and it was decided all the same. */
void happen(struct world *w, struct dice *dice, bool *out_refused_wrongly);

#endif
