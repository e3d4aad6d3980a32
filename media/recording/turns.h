/*
 * turns.h - from who is loud in each 20 ms to who had the word: turns of speaking, in slots.
 *
 * A turn begins with the first slot a peer talks in and ends when it was silent for a second; a
 * breath ends no turn. A turn shorter than 300 ms (a cough, a "yes") is none.
 *
 * Pure: any thread, no time but the slots it is given.
 */
#ifndef VTB_RECORDING_TURNS_H
#define VTB_RECORDING_TURNS_H

#include "tap.h"

#define VTB_TURNS_OPEN  16u
#define VTB_TURN_BREATH 50u /* slots */
#define VTB_TURN_LEAST  15u

struct vtb_turn {
    vtb_peer peer;
    uint32_t from, to; /* slots; `to` is the first of silence */
};

struct vtb_turns {
    struct vtb_turn open[VTB_TURNS_OPEN];
    uint32_t open_n;
};

/* Adds one slot; `ended` is called for each turn that is over. A 17th at once is not noticed. */
void vtb_turns_add(struct vtb_turns *turns, uint32_t slot, const struct vtb_tap_talker *talkers, size_t n,
                   void (*ended)(void *ctx, const struct vtb_turn *turn), void *ctx);
/* The recording is over, or off the record: so is every turn. */
void vtb_turns_end(struct vtb_turns *turns, void (*ended)(void *ctx, const struct vtb_turn *turn), void *ctx);

#endif
