#include "ear.h"

#include "rtc/red.h"
#include "rtc/rtp.h"

#include <stdlib.h>
#include <string.h>

#define TICK_US 20000u

struct ear *ear_open(enum vtb_rung_name rung, const struct link_config *cfg, uint64_t hold_us)
{
    struct ear *ear = calloc(1, sizeof *ear);

    ear->rung = rung;
    ear->link = calloc(1, sizeof *ear->link);
    ear->hold_us = hold_us;
    ear->decoder = opus_decoder_create(48000, 1, NULL);
    ear->heard = calloc(EAR_FRAMES * 960, sizeof *ear->heard);
    link_open(ear->link, cfg);
    return ear;
}

void ear_close(struct ear *ear)
{
    opus_decoder_destroy(ear->decoder);
    free(ear->link);
    free(ear->heard);
    free(ear);
}

static void transmit(struct ear *ear, uint16_t seq, uint64_t now_us)
{
    uint8_t bytes[LINK_BYTES];

    memcpy(bytes, &seq, sizeof seq);
    memcpy(bytes + 2, ear->sent[seq].bytes, ear->sent[seq].len);
    ear->packets++;
    ear->octets += (uint32_t)ear->sent[seq].len + 56; /* RTP, GCM, UDP, IPv4 */
    (void)link_send(ear->link, bytes, ear->sent[seq].len + 2, now_us);
}

static void keep(struct ear *ear, uint32_t frame, const uint8_t *bytes, size_t len)
{
    struct ear_frame *to = &ear->frames[frame];

    if (to->here || frame < ear->played)
        return;
    to->here = true;
    to->len = len;
    to->duration = (uint32_t)opus_packet_get_nb_samples(bytes, (opus_int32)len, 48000) / 960;
    memcpy(to->bytes, bytes, len);
}

static void receive(struct ear *ear, const uint8_t *bytes, size_t len)
{
    struct vtb_red red;
    uint16_t seq;

    memcpy(&seq, bytes, sizeof seq);
    if (ear->came[seq / 64] >> seq % 64 & 1)
        return; /* SRTP's replay window */
    ear->came[seq / 64] |= 1ull << seq % 64;
    ear->received++;
    if (ear->sent[seq].type == VTB_RTP_OPUS) {
        keep(ear, ear->sent[seq].frame, bytes + 2, len - 2);
        return;
    }
    if (vtb_red_parse(bytes + 2, len - 2, VTB_RTP_OPUS, &red))
        abort();
    for (size_t i = 0; i < red.n; i++) {
        uint32_t frame = ear->sent[seq].frame - red.blocks[i].offset / 960;

        ear->copies += i + 1 < red.n && !ear->frames[frame].here && frame >= ear->played;
        keep(ear, frame, red.blocks[i].payload, red.blocks[i].len);
    }
}

/* What is due: a packet, the FEC of the one after a gap, or a guess. */
static void play(struct ear *ear)
{
    struct ear_frame *now = &ear->frames[ear->played];
    float *to = ear->heard + ear->played * 960;
    uint32_t steps = 1;
    int fec = -1;

    if (now->here) {
        steps = now->duration;
        if (opus_decode_float(ear->decoder, now->bytes, (opus_int32)now->len, to, 5760, 0) !=
            (int)steps * 960)
            abort();
        ear->gap = 0;
    } else {
        struct ear_frame *next = &ear->frames[ear->played + 1];

        if (next->here)
            fec = opus_decode_float(ear->decoder, next->bytes, (opus_int32)next->len, to, 960, 1);
        ear->fec += fec == 960;
        if (fec != 960) {
            ear->concealed++;
            if (opus_decode_float(ear->decoder, NULL, 0, to, 960, 0) != 960)
                abort();
        }
        ear->gap = next->here ? 0 : ear->gap + 1;
        if (ear->gap > ear->longest_gap)
            ear->longest_gap = ear->gap;
    }
    ear->played += steps;
}

/* A hole is seen when something newer comes; the question and the answer take a round trip. */
static void ask(struct ear *ear, uint64_t now_us)
{
    for (uint16_t seq = ear->seq > 30 ? (uint16_t)(ear->seq - 30) : 0; seq < ear->seq; seq++) {
        struct ear_sent *sent = &ear->sent[seq];

        if (sent->again_us && now_us >= sent->again_us) {
            sent->again_us = now_us + ear->rtt_us + 20000; /* asked once more if that is lost, too */
            if (!(ear->came[seq / 64] >> seq % 64 & 1))
                transmit(ear, seq, now_us);
        } else if (!sent->again_us && !(ear->came[seq / 64] >> seq % 64 & 1) && seq + 1 < ear->seq) {
            sent->again_us = now_us + ear->rtt_us;
        }
    }
}

void ear_tick(struct ear *ear, const struct vtb_line *line, const struct vtb_shelf *shelf,
              uint32_t tick)
{
    const struct vtb_rung *rung = vtb_rung_of(ear->rung);
    uint8_t in[LINK_BYTES];
    uint64_t now_us = (uint64_t)tick * TICK_US, us;
    size_t len;

    for (size_t i = 0; i < line->packets_n; i++) {
        const struct vtb_line_packet *packet = &line->packets[i];
        struct ear_sent *sent = &ear->sent[ear->seq];

        sent->frame = tick - packet->back;
        sent->type = packet->plain ? VTB_RTP_RED : VTB_RTP_OPUS;
        sent->len = packet->len;
        memcpy(sent->bytes, vtb_shelf_at(shelf, packet->pos, packet->len), packet->len);
        transmit(ear, ear->seq++, now_us);
        if (rung->again && ear->seq > rung->again)
            transmit(ear, (uint16_t)(ear->seq - 1 - rung->again), now_us);
    }
    if (ear->rtt_us)
        ask(ear, now_us);
    while ((len = link_take(ear->link, now_us, in, &us)) > 0)
        receive(ear, in, len);
    while ((uint64_t)ear->played * TICK_US + ear->hold_us <= now_us)
        play(ear);
}
