/*
 * join.h - several Opus frames of one stream in one packet (RFC 6716, 3.2), without encoding again.
 *
 * Frames join only if they are of one kind: mode, bandwidth and length stand once, in the TOC byte.
 *
 * Thread: the owner's. No allocation. Standards: RFC 6716 section 3.2.
 */
#ifndef VTB_AUDIO_JOIN_H
#define VTB_AUDIO_JOIN_H

#include "base/err.h"
#include "rung.h"

#define VTB_JOIN_MAX 1275u /* bytes of one packet */

struct vtb_join {
    size_t n, bytes;
    uint16_t len[VTB_RUNG_FRAMES_MAX];
    uint8_t frame[VTB_RUNG_FRAMES_MAX][VTB_JOIN_MAX];
};

/* Copies `packet` (one 20 ms frame). False: it is of another kind than what is there, or together they
 * would be longer than VTB_JOIN_MAX; take that first. */
bool vtb_join_add(struct vtb_join *join, const uint8_t *packet, size_t len);

/* Writes what was added as one packet and forgets it. Returns its length; 0 if there was nothing,
 * or if it would be longer than `cap`. */
size_t vtb_join_take(struct vtb_join *join, uint8_t *out, size_t cap);

#endif
