/*
 * browser.h - a small WebRTC client for the worker's tests: ICE controlling, DTLS client, SRTP, a
 * tone as voice. It does what it is told step by step and waits for nothing.
 */
#ifndef VTB_TEST_BROWSER_H
#define VTB_TEST_BROWSER_H

#include "rtc/dtls.h"
#include "rtc/rtp.h"
#include "rtc/sdp.h"
#include "rtc/srtp.h"
#include "rtc/stun.h"

#include <opus/opus.h>

struct browser {
    int fd;
    struct vtb_sdp_remote server;
    uint8_t opus; /* payload type; 0: that of our own offers */
    struct vtb_addr to; /* the candidate in use */
    char ufrag[9], pwd[25], username[80];
    struct vtb_dtls_identity *identity;
    struct vtb_dtls *dtls;
    struct vtb_dtls_keys keys;
    struct vtb_srtp *send, *receive;
    bool connected, closed;

    unsigned answers;    /* authentic answers to our checks */
    unsigned strangers;  /* datagrams that are none of ours */
    unsigned packets, refused, reports;
    bool has_seq, marker; /* of the last packet */
    uint16_t seq;
    uint32_t timestamp;
    unsigned gaps;       /* breaks in the sequence */
    unsigned jumps;      /* breaks in the time while something is said */
    bool takes_red;      /* says so in its answer */
    unsigned red;        /* packets with a copy of an earlier one */
    unsigned twice;      /* packets that came a second time, the same byte for byte */
    unsigned longest;    /* samples of one packet */
    uint32_t last_samples;
    uint32_t csrc;       /* the first voice of the last packet that named any */
    unsigned named, named_self; /* packets that name a voice; that name this browser's own */
    struct { /* by sequence number, as they came */
        uint16_t seq, len;
        uint8_t bytes[1500];
    } came[64];

    OpusEncoder *encoder;
    OpusDecoder *decoder;
    double hz, phase;
    uint16_t out_seq;
    uint32_t out_timestamp, ssrc;
    uint8_t last_sent[1500];
    size_t last_sent_len;
    int16_t heard[48000]; /* the last second of decoded sound */
    size_t heard_n;
};

void browser_open(struct browser *b, double hz);
void browser_close(struct browser *b);
void browser_new_socket(struct browser *b); /* as after a change of network */

void browser_read_offer(struct browser *b, const char *sdp);
void browser_write_answer(struct browser *b, char out[static VTB_SDP_MAX + 1], size_t *out_len);

/* As a program that speaks WHIP or WHEP: brings the offer, with video beside and a payload type of its own. */
void browser_write_device_offer(struct browser *b, bool speaks, char out[static VTB_SDP_MAX + 1], size_t *out_len);
void browser_read_device_answer(struct browser *b, const char *sdp);
void browser_read_fragment(struct browser *b, const char *sdp); /* after a restart of ICE */

void browser_check(struct browser *b, bool use_candidate);
void browser_hello(struct browser *b); /* the first DTLS flight */
void browser_pump(struct browser *b);  /* reads all that waits */
void browser_speak(struct browser *b); /* one 20 ms frame of the tone, level -20 dBov */
void browser_raw(struct browser *b, const void *data, size_t len);
void browser_report(struct browser *b, uint8_t fraction); /* RR: so much of 256 was lost */
void browser_miss(struct browser *b, const uint16_t *seqs, size_t n); /* NACK, at most 16 */
void browser_leave(struct browser *b); /* close_notify */

/* Share of the energy of the last second that is at `hz`, 0..1. */
double browser_hears(const struct browser *b, double hz);

#endif
