/*
 * echo.h - finds a device that sends the room's sound back: a loudspeaker into an open microphone
 * without echo cancellation.
 *
 * First by levels, which cost nothing: what a source was sent and what it sends, both in dB by steps of
 * 20 ms, are compared over 3 s at lags of 40 to 800 ms. Two looks, half a second apart, that are alike
 * (r over VTB_ECHO_LIKE) at the same lag are a suspicion; people who answer each other in one rhythm
 * raise it, too. Then by sound: 2.2 s of both are kept, as slopes at 8 kHz, and the loudest 0.75 s
 * of what came back are looked for in what was sent, around that lag. Only another copy of the same sound is found there
 * (r over VTB_ECHO_SAME): a person who repeats a sentence makes another one.
 *
 * It is over when four looks in a row, with the room speaking, are not alike, or the source is muted.
 *
 * Cost: two bytes a source and step, one look (5 us) a room and step, one search a room at a time,
 * 32 lags (60 us) a step for half a second.
 *
 * Pure; the owner's thread; no allocation.
 */
#ifndef VTB_AUDIO_ECHO_H
#define VTB_AUDIO_ECHO_H

#include "base/err.h"

#define VTB_ECHO_RING   256u  /* steps kept */
#define VTB_ECHO_WINDOW 150u  /* steps compared: 3 s */
#define VTB_ECHO_LEAST  2u    /* steps of lag, 40 ms */
#define VTB_ECHO_MOST   40u   /* 800 ms */
#define VTB_ECHO_EVERY  25u   /* steps from one look at a source to the next */
#define VTB_ECHO_LIKE   0.7f
#define VTB_ECHO_SAME   0.25f /* unrelated voices reach 0.1 in ten minutes, a loudspeaker 0.4 and more */
#define VTB_ECHO_NOBODY UINT32_MAX

#define VTB_ECHO_POINTS 160u  /* of a step at 8 kHz */
#define VTB_ECHO_STEPS  110u  /* recorded for a search: 2.2 s */
#define VTB_ECHO_PIECE  6000u /* points looked for: 0.75 s */

struct vtb_echo { /* of a source */
    uint8_t sent[VTB_ECHO_RING], back[VTB_ECHO_RING]; /* -dBov */
    uint16_t at, known; /* next place; steps since the start, up to the ring */
    uint16_t rest;      /* steps until the next look */
    uint8_t lag;        /* of the last look that was alike, steps; 0: it was not */
    uint8_t unlike;     /* looks in a row without likeness */
    uint8_t refuted;    /* searches that found nothing: the next one waits longer */
    bool found;
};

struct vtb_echo_probe { /* of a room: one search at a time */
    uint32_t who;       /* the owner's name for a source, or VTB_ECHO_NOBODY */
    uint32_t steps;     /* recorded so far */
    uint32_t from, to, next; /* lags to be searched, points */
    uint32_t piece; /* where what is looked for begins */
    float best;
    float sent_last, back_last;
    float sent[VTB_ECHO_STEPS * VTB_ECHO_POINTS], back[VTB_ECHO_STEPS * VTB_ECHO_POINTS];
};

/* A new source, or one that was muted. */
void vtb_echo_init(struct vtb_echo *echo);

void vtb_echo_probe_init(struct vtb_echo_probe *probe);

/* Each step: the level of what the source is sent, and of what it sends; 0 loudest..127. */
void vtb_echo_step(struct vtb_echo *echo, uint8_t sent, uint8_t back);

/* Each step for the probe's source: 960 samples of both at 48 kHz; NULL is silence. */
void vtb_echo_record(struct vtb_echo_probe *probe, const float *sent, const float *back);

/*
 * A look at source `who`, if it is time; begins, goes on with or ends a search. `delay_ms`: what its sound
 * waits between arrival and `back`. Changes echo->found. For the probe's source each step; for another
 * one a step in turn.
 */
void vtb_echo_turn(struct vtb_echo *echo, struct vtb_echo_probe *probe, uint32_t who, uint32_t delay_ms);

#endif
