/*
 * talk.h - a room under test: speakers who encode real speech into vtb_mix, listeners who decode
 * what comes out. No time passes but the one that talk_step makes.
 */
#ifndef TESTS_TALK_H
#define TESTS_TALK_H

#include <opus.h>

#include "audio/mix.h"
#include "hear.h"

#define TALK_MAX 8u

struct talk_speaker {
    uint32_t source;
    OpusEncoder *encoder;
    const struct hear *voice; /* what it says; NULL: digital silence */
    size_t at, from;          /* sample of the voice; step at which it begins */
    bool sends_level, loops;
    uint8_t lie;              /* a level to declare instead, 255: the truth */
    uint32_t steps;           /* 20 ms steps in one packet: 1, 2 or 3; 0 is 1 */
    uint32_t drop_mod;        /* percentage of its packets that the network loses */
    /* From step stall_from to stall_to its packets wait in the network; then all come at once. */
    size_t stall_from, stall_to, stalled;
    struct talk_stalled {
        struct vtb_mix_packet packet;
        uint8_t bytes[400];
    } *backlog;
    uint16_t seq;
    uint32_t timestamp, random;
    /* What it hears: shared or its own mix, as the worker would send it. */
    OpusDecoder *decoder;
    struct hear heard;
    uint64_t own_packets;
};

struct talk {
    struct vtb_mix *mix;
    struct talk_speaker who[TALK_MAX];
    size_t n;
    uint64_t step;
    OpusDecoder *decoder; /* of somebody who only listens */
    struct hear heard;
    struct vtb_mix_out out;
};

void talk_open(struct talk *talk, uint32_t max_speakers, uint32_t bitrate);
void talk_close(struct talk *talk);
struct talk_speaker *talk_join(struct talk *talk, const struct hear *voice, size_t from_step);
void talk_step(struct talk *talk, size_t steps);

/* The sum of voices as it should be heard, `steps` long. The caller frees. */
struct hear talk_sum(const struct talk *talk, size_t steps, const struct talk_speaker *without);


#endif
