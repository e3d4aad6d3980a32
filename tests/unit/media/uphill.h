/*
 * uphill.h - one browser's way up, in numbers: it speaks, sends what browsers send (RED, in-band
 * FEC, packets again when asked), a network of tests/fixtures/sound/link loses and delays, and the
 * server's uplink, buffer and decoder make of it what they can. Nothing is real but the sound.
 */
#ifndef TESTS_UPHILL_H
#define TESTS_UPHILL_H

#include <stdbool.h>
#include <stdint.h>

#include "audio/mix.h"
#include "hear.h"
#include "link.h"

struct uphill_config {
    const struct hear *voice;
    double seconds;
    uint32_t frames;    /* of 20 ms in a packet: 1..6; 0 is 1 */
    uint32_t copies;    /* RED; Chromium: 1, Firefox: 0 */
    bool fec;           /* the browser was told of loss and adds in-band FEC (LBRR) */
    bool nack;          /* the server asks, the browser answers */
    uint32_t phase_us;  /* between a tick and the moment at which packets leave */
    struct link_config up, down; /* down: the way of the questions */
};

struct uphill_result {
    struct hear heard; /* what somebody who only listens hears; from sample 0 of the voice on */
    struct vtb_mix_uplink way;
    uint64_t asked, sent, lost;
    uint32_t delay_ms[64]; /* once a second, what the buffer waits */
    size_t seconds;
    uint32_t most_ms;      /* the most it ever waited */
};

/* `result->heard.at` is the caller's. */
void uphill(const struct uphill_config *cfg, struct uphill_result *result);

#endif
