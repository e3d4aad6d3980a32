/*
 * ear.h - a listener behind a bad link: packets of a line in, what is heard out.
 *
 * It buffers by a fixed time, plays what has come by then, takes a gap's sound from RED, from the
 * packet sent twice, from in-band FEC, and conceals what is left. RED is read by vtb_red_parse,
 * which shares nothing with the writer.
 */
#ifndef TESTS_EAR_H
#define TESTS_EAR_H

#include <opus.h>

#include "link.h"
#include "line.h"

#define EAR_FRAMES 1500u /* 30 s */

struct ear_frame {
    bool here;
    uint32_t duration; /* of the packet that begins here */
    size_t len;
    uint8_t bytes[1275];
};

struct ear {
    enum vtb_rung_name rung;
    struct link *link;
    uint64_t hold_us;   /* from a frame's time to its playing */
    uint64_t rtt_us;    /* 0: asks for nothing; otherwise NACK with this round trip */
    uint16_t seq;
    struct ear_sent {
        uint32_t frame; /* number of its first 20 ms step */
        uint8_t type;
        size_t len;
        uint64_t again_us; /* when it is sent once more on demand; 0: not */
        uint8_t bytes[VTB_SHELF_PAYLOAD];
    } sent[EAR_FRAMES];
    uint64_t came[EAR_FRAMES / 64 + 1]; /* sequence numbers that arrived */
    struct ear_frame frames[EAR_FRAMES];
    uint32_t played;    /* steps */
    OpusDecoder *decoder;
    float *heard;       /* EAR_FRAMES * 960 */
    uint32_t packets, octets, received, copies, fec, concealed;
    uint32_t gap, longest_gap; /* steps concealed in a row */
};

struct ear *ear_open(enum vtb_rung_name rung, const struct link_config *cfg, uint64_t hold_us);
void ear_close(struct ear *ear);

/* What the line made in `tick`, which is 20 ms of time, and all that is due to be played. */
void ear_tick(struct ear *ear, const struct vtb_line *line, const struct vtb_shelf *shelf,
              uint32_t tick);

#endif
