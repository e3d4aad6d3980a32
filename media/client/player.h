/*
 * player.h - what an ear behind a bad link hears: a jitter buffer like a browser's.
 *
 * Packets go in with the time they arrived, sound comes out by the clock, 10 ms at a time. The
 * buffer is modelled on libwebrtc's NetEQ, read and measured, not copied:
 *
 * - a late packet is played when it comes, if nothing else was there, and the delay grows by that;
 *   a later packet is waited for, never played early;
 * - what is missing is taken from a copy (RFC 2198), from in-band FEC of the next packet, or made up
 *   by the decoder; a copy that comes too late is learnt from, too, so the next one is waited for;
 * - the delay aimed at is the 95 % quantile of the worst delay of each 500 ms, or what costs least
 *   when 1 % of packets too late counts as much as 20 ms of delay, whichever is more;
 * - what is too much is dropped in pauses, and in speech a pitch period at a time.
 *
 * Thread: the owner's. Times are microseconds of one monotonic clock and never go back.
 * Ownership: packets are copied. Allocates in create and put.
 */
#ifndef VTB_MEDIACLIENT_PLAYER_H
#define VTB_MEDIACLIENT_PLAYER_H

#include "client.h"

#define VTB_PLAYER_STEP    480u   /* samples of one pull: 10 ms */
#define VTB_PLAYER_STEP_US 10000u

struct vtb_player;

struct vtb_player_stats {
    uint64_t played, copies, fec, concealed; /* steps of 10 ms by where their sound came from */
    uint64_t late;                           /* packets that came after their place was filled */
    uint64_t shortened, stretched;           /* samples left out and put in to change the delay */
    uint32_t delay_ms;                       /* of what plays: arrival of the fastest packet to ear */
    uint32_t delay_max_ms;
};

VTB_MUST_USE enum vtb_err vtb_player_create(struct vtb_player **out);
void vtb_player_destroy(struct vtb_player *player); /* NULL is fine */

/* A packet of the mix; `heard->at_us` is its arrival. */
VTB_MUST_USE enum vtb_err vtb_player_put(struct vtb_player *player, const struct vtb_heard *heard);

/* The 10 ms that end at `now_us`; silence before the first packet. */
void vtb_player_pull(struct vtb_player *player, uint64_t now_us, int16_t pcm[static VTB_PLAYER_STEP]);

void vtb_player_stats(const struct vtb_player *player, struct vtb_player_stats *out);

#endif
