/*
 * shelf.h - what a room has sent lately, once for all its listeners, and what of it went to whom.
 *
 * A payload lies here from when it is made until 64 kB more have been written: about a second with
 * every rung in use. Packets are written from it, RED takes its copies from it, and a packet asked
 * for again is made from the same bytes again; a listener keeps 16 bytes a packet.
 *
 * Pure; the worker's thread; no allocation. Zero-initialised is valid.
 */
#ifndef VTB_WORKER_SHELF_H
#define VTB_WORKER_SHELF_H

#include "base/err.h"

#define VTB_SHELF_BYTES   65536u
#define VTB_SHELF_PAYLOAD 1450u /* the longest: with header and seal it fits in a datagram */

struct vtb_shelf {
    uint32_t written; /* end of an endless stream, of which `bytes` holds the last part; wraps */
    uint8_t bytes[VTB_SHELF_BYTES];
};

/* Room for one payload; nothing older may be used while it is being written. */
uint8_t *vtb_shelf_slot(struct vtb_shelf *shelf);
/* The `len` bytes written into the slot stay, at the position returned. */
uint32_t vtb_shelf_keep(struct vtb_shelf *shelf, size_t len);
/* NULL: written over long ago. */
const uint8_t *vtb_shelf_at(const struct vtb_shelf *shelf, uint32_t pos, size_t len);

#define VTB_SENT_CSRC 4u /* voices of a mix */

struct vtb_sent { /* one packet to one listener: all that its bytes depend on */
    uint32_t pos, timestamp;
    uint16_t seq, len;
    uint8_t type;
    bool marker : 1, used : 1;
    bool asked : 1;  /* for again, at least once */
    uint8_t csrc_n;
    uint32_t csrc[VTB_SENT_CSRC];
    uint8_t repeats; /* how often it went out after the first time */
};

#define VTB_SENT 32u /* packets: 640 ms at 20 ms */

struct vtb_sent_list {
    struct vtb_sent of[VTB_SENT]; /* by seq modulo VTB_SENT */
};

void vtb_sent_note(struct vtb_sent_list *list, const struct vtb_sent *sent);
/* NULL: not among the last 32. */
struct vtb_sent *vtb_sent_find(struct vtb_sent_list *list, uint16_t seq);

#endif
