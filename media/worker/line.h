/*
 * line.h - one rung at work in a room: 20 ms frames of its stream in, RTP payloads out.
 *
 *     frame -> [join to 20, 40 or 60 ms] -> [RED: copies of earlier ones] -> shelf
 *
 * Every listener of the line is sent the same payload. Lines of joined packets exist once a phase,
 * so that a third of their listeners is served in each tick and a listener can change at any of
 * them. A group ends early where frames cannot join (silence, another mode of the codec): packets may
 * then be shorter than the rung says, never longer.
 *
 * Pure; the worker's thread; no allocation. A line may be copied: the copy goes on for somebody who
 * gets another mix from now on.
 */
#ifndef VTB_WORKER_LINE_H
#define VTB_WORKER_LINE_H

#include "audio/join.h"
#include "audio/mix.h"
#include "shelf.h"

#define VTB_LINE_KEPT    8u  /* packets: more than the farthest copy */
#define VTB_LINE_PACKETS 2u  /* of one tick, at most */
#define VTB_LINE_REACH   12u /* ticks before a packet that its copies may hold */

struct vtb_line_packet {
    uint32_t pos;         /* on the shelf */
    uint16_t len;
    uint16_t plain;       /* bytes before the packet's own sound: 0 without copies */
    uint8_t back;         /* ticks before this one at which it begins */
};

struct vtb_line {
    enum vtb_rung_name name;
    uint8_t phase;        /* groups begin in ticks that leave this rest by the rung's frames */
    uint32_t users;       /* the owner's */
    struct vtb_join join;
    uint64_t joined_tick; /* of the first frame in `join` */
    struct {
        uint64_t tick;    /* at which it begins */
        uint32_t pos;
        uint16_t len;     /* 0: none */
    } kept[VTB_LINE_KEPT];
    uint32_t kept_at;     /* of the next */
    /* Of this tick: */
    bool silent;
    uint8_t packets_n;
    struct vtb_line_packet packets[VTB_LINE_PACKETS];
};

void vtb_line_init(struct vtb_line *line, enum vtb_rung_name name, uint8_t phase);

/* One tick: makes line->packets. */
void vtb_line_feed(struct vtb_line *line, struct vtb_shelf *shelf,
                   const struct vtb_mix_payload *frame, uint64_t tick);

/* True if a group ends before `tick`, so that a listener may come or go there. */
bool vtb_line_begins(const struct vtb_line *line, uint64_t tick);

#endif
