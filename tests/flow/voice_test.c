/*
 * The voice's way: encode -> RTP with level -> SRTP -> [network] -> SRTP -> level -> buffer -> decode ->
 * mix -> encode once -> per receiver RTP, SRTP -> [network] -> SRTP -> decode. Real cores of media/rtc
 * and media/audio; the network is an array whose losses, delays and order come from a seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#include "audio/mix.h"
#include "hear.h"
#include "rtc/rtp.h"
#include "rtc/srtp.h"

#define PEOPLE   4u   /* three who speak in turn and one who listens */
#define TURN     200u /* steps of 20 ms */
#define STEPS    (3u * TURN + 25u)
#define LEVEL_ID 1u
#define PLAY_LAG 5u   /* steps between sending and playing, so that late packets still count */

struct packet {
    bool used;
    uint64_t at_step;
    unsigned to;
    size_t len;
    uint8_t data[1500];
};

struct net {
    uint32_t random;
    unsigned loss_pct, jitter_steps;
    struct packet flying[512];
    uint64_t sent, lost, reordered;
    uint64_t last_at[PEOPLE];
};

struct person {
    uint32_t source;
    struct hear said, heard;
    OpusEncoder *encoder;
    OpusDecoder *decoder;
    struct vtb_srtp *up_send, *up_receive, *down_send, *down_receive;
    uint16_t up_seq, down_seq;
    uint64_t first_down;  /* step of the first packet down */
    struct { bool there; size_t len; uint8_t data[1300]; } slots[STEPS + 64]; /* by RTP time */
    uint64_t unauthentic;
};

struct flow {
    struct vtb_mix *mix;
    struct person who[PEOPLE];
    struct net up, down;
    uint64_t step;
    unsigned tampered; /* of each hundred datagrams, this many have a bit flipped */
};

static struct hear voices[3];

static uint32_t roll(struct net *net)
{
    net->random = net->random * 1664525u + 1013904223u;
    return net->random >> 8;
}

static void send_to(struct net *net, unsigned to, uint64_t step, const uint8_t *data, size_t len)
{
    struct packet *slot = net->flying;

    net->sent++;
    if (roll(net) % 100 < net->loss_pct) {
        net->lost++;
        return;
    }
    while (slot->used)
        slot++;
    assert_true(slot < net->flying + VTB_COUNT(net->flying));
    *slot = (struct packet){ .used = true, .to = to, .len = len,
                             .at_step = step + (net->jitter_steps ? roll(net) % (net->jitter_steps + 1) : 0) };
    memcpy(slot->data, data, len);
    net->reordered += slot->at_step < net->last_at[to];
    net->last_at[to] = slot->at_step;
}

static struct packet *arrive(struct net *net, uint64_t step)
{
    for (size_t i = 0; i < VTB_COUNT(net->flying); i++)
        if (net->flying[i].used && net->flying[i].at_step <= step) {
            net->flying[i].used = false;
            return &net->flying[i];
        }
    return NULL;
}

static void open_pair(unsigned n, struct vtb_srtp **send, struct vtb_srtp **receive)
{
    struct vtb_srtp_master master = { .profile = VTB_SRTP_GCM_128 };

    memset(master.key, (int)n + 1, sizeof master.key);
    memset(master.salt, (int)n + 77, 12);
    assert_int_equal(vtb_srtp_open(&master, send), VTB_OK);
    assert_int_equal(vtb_srtp_open(&master, receive), VTB_OK);
}

static struct flow *flow_open(uint32_t seed, unsigned loss_pct, unsigned jitter_steps)
{
    struct flow *flow = calloc(1, sizeof *flow);
    struct vtb_mix_config cfg = { .max_speakers = 3, .bitrate = 32000 };

    assert_non_null(flow);
    assert_int_equal(vtb_mix_create(&cfg, &flow->mix), VTB_OK);
    flow->up = (struct net){ .random = seed, .loss_pct = loss_pct, .jitter_steps = jitter_steps };
    flow->down = (struct net){ .random = seed ^ 0x5bd1e995u, .loss_pct = loss_pct, .jitter_steps = jitter_steps };
    for (unsigned i = 0; i < PEOPLE; i++) {
        struct person *who = &flow->who[i];

        assert_int_equal(vtb_mix_add(flow->mix, &who->source), VTB_OK);
        vtb_mix_set_heard(flow->mix, who->source, true);
        open_pair(2 * i, &who->up_send, &who->up_receive);
        open_pair(2 * i + 1, &who->down_send, &who->down_receive);
        who->encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL);
        opus_encoder_ctl(who->encoder, OPUS_SET_BITRATE(32000));
        opus_encoder_ctl(who->encoder, OPUS_SET_COMPLEXITY(3));
        who->decoder = opus_decoder_create(48000, 1, NULL);
        who->up_seq = (uint16_t)(65500 + i); /* wraps on the way */
        who->down_seq = 100;
        who->said = (struct hear){ calloc(STEPS * VTB_MIX_FRAME, sizeof(float)), STEPS * VTB_MIX_FRAME };
        who->heard = (struct hear){ calloc(STEPS * VTB_MIX_FRAME, sizeof(float)), STEPS * VTB_MIX_FRAME };
        for (size_t s = 0; i < 3 && s < TURN * VTB_MIX_FRAME && s < voices[i].n; s++)
            who->said.at[i * TURN * VTB_MIX_FRAME + s] = voices[i].at[s];
    }
    return flow;
}

static void flow_close(struct flow *flow)
{
    for (unsigned i = 0; i < PEOPLE; i++) {
        struct person *who = &flow->who[i];

        vtb_srtp_destroy(who->up_send);
        vtb_srtp_destroy(who->up_receive);
        vtb_srtp_destroy(who->down_send);
        vtb_srtp_destroy(who->down_receive);
        opus_encoder_destroy(who->encoder);
        opus_decoder_destroy(who->decoder);
        free(who->said.at);
        free(who->heard.at);
    }
    vtb_mix_destroy(flow->mix);
    free(flow);
}

static uint8_t level_of(const float *pcm)
{
    double power = 0.0;

    for (size_t i = 0; i < VTB_MIX_FRAME; i++)
        power += (double)pcm[i] * (double)pcm[i];
    return power > 0 ? (uint8_t)fmin(127.0, fmax(0.0, -10.0 * log10(power / VTB_MIX_FRAME))) : 127;
}

static void speak(struct flow *flow, unsigned i)
{
    struct person *who = &flow->who[i];
    const float *pcm = who->said.at + flow->step * VTB_MIX_FRAME;
    struct vtb_rtp rtp = { .type = VTB_RTP_OPUS, .seq = who->up_seq++, .ssrc = 1000 + i,
                           .timestamp = (uint32_t)(flow->step * VTB_MIX_FRAME) + i * 77777u };
    uint8_t packet[1500];
    size_t head, len;
    int coded;

    vtb_rtp_write(&rtp, packet);
    head = vtb_rtp_write_level(packet, LEVEL_ID, level_of(pcm));
    coded = opus_encode_float(who->encoder, pcm, VTB_MIX_FRAME, packet + head, 1200);
    assert_true(coded > 0);
    assert_int_equal(vtb_srtp_protect(who->up_send, packet, head + (size_t)coded, sizeof packet, &len), VTB_OK);
    if (flow->tampered && roll(&flow->up) % 100 < flow->tampered)
        packet[len / 2] ^= 1;
    send_to(&flow->up, i, flow->step, packet, len);
}

static void take_up(struct flow *flow)
{
    struct packet *in;

    while ((in = arrive(&flow->up, flow->step))) {
        struct person *who = &flow->who[in->to];
        struct vtb_rtp rtp;
        size_t len;

        if (vtb_srtp_unprotect(who->up_receive, in->data, in->len, &len)) {
            who->unauthentic++;
            continue;
        }
        assert_int_equal(vtb_rtp_parse(in->data, len, &rtp), VTB_OK);
        struct vtb_mix_packet packet = { .seq = rtp.seq, .timestamp = rtp.timestamp, .payload = rtp.payload,
                                         .len = rtp.payload_len, .level = vtb_rtp_level(&rtp, LEVEL_ID) };
        assert_int_equal(vtb_mix_push(flow->mix, who->source, &packet, flow->step * 20000), VTB_OK);
    }
}

static void send_down(struct flow *flow, unsigned i, const struct vtb_mix_payload *mix)
{
    struct person *who = &flow->who[i];
    struct vtb_rtp rtp = { .type = VTB_RTP_OPUS, .seq = who->down_seq, .ssrc = 5,
                           .timestamp = (uint32_t)(flow->step * VTB_MIX_FRAME) };
    uint8_t packet[1500];
    size_t len;

    if (mix->silent)
        return;
    who->down_seq++;
    vtb_rtp_write(&rtp, packet);
    memcpy(packet + VTB_RTP_HEADER, mix->payload, mix->len);
    assert_int_equal(vtb_srtp_protect(who->down_send, packet, VTB_RTP_HEADER + mix->len, sizeof packet, &len), VTB_OK);
    send_to(&flow->down, i, flow->step, packet, len);
}

static void take_down(struct flow *flow)
{
    struct packet *in;

    while ((in = arrive(&flow->down, flow->step))) {
        struct person *who = &flow->who[in->to];
        struct vtb_rtp rtp;
        size_t len;

        assert_int_equal(vtb_srtp_unprotect(who->down_receive, in->data, in->len, &len), VTB_OK);
        assert_int_equal(vtb_rtp_parse(in->data, len, &rtp), VTB_OK);
        size_t slot = rtp.timestamp / VTB_MIX_FRAME;
        who->slots[slot].there = true;
        who->slots[slot].len = rtp.payload_len;
        memcpy(who->slots[slot].data, rtp.payload, rtp.payload_len);
    }
}

/* Plays the step sent PLAY_LAG ago; what is missing then is concealed. */
static void play(struct flow *flow, unsigned i)
{
    struct person *who = &flow->who[i];
    size_t slot = flow->step - PLAY_LAG;
    float *out = who->heard.at + flow->step * VTB_MIX_FRAME;

    if (flow->step < PLAY_LAG)
        return;
    if (who->slots[slot].there)
        assert_int_equal(opus_decode_float(who->decoder, who->slots[slot].data, (opus_int32)who->slots[slot].len, out,
                                           VTB_MIX_FRAME, 0), VTB_MIX_FRAME);
    else
        assert_int_equal(opus_decode_float(who->decoder, NULL, 0, out, VTB_MIX_FRAME, 0), VTB_MIX_FRAME);
}

static void run(struct flow *flow)
{
    static struct vtb_mix_out out;

    for (flow->step = 0; flow->step < STEPS; flow->step++) {
        for (unsigned i = 0; i < 3; i++)
            speak(flow, i);
        take_up(flow);
        vtb_mix_tick(flow->mix, flow->step * 20000, &out);
        for (unsigned i = 0; i < PEOPLE; i++) {
            const struct vtb_mix_payload *mine = &out.shared;

            for (size_t o = 0; o < out.own_n; o++)
                if (out.own[o].source_index == flow->who[i].source)
                    mine = &out.own[o].mix;
            send_down(flow, i, mine);
        }
        take_down(flow);
        for (unsigned i = 0; i < PEOPLE; i++)
            play(flow, i);
    }
}

/* What speaker `from` said, in what `to` heard. */
static struct hear_match match(const struct flow *flow, unsigned from, unsigned to)
{
    struct hear ref = hear_band(flow->who[from].said.at, flow->who[from].said.n);
    struct hear got = hear_band(flow->who[to].heard.at, flow->who[to].heard.n);
    struct hear_match result = hear_compare(&ref, &got, 400);

    free(ref.at);
    free(got.at);
    return result;
}

static void every_pair_hears_and_nobody_hears_oneself(void **state)
{
    (void)state;
    struct flow *flow = flow_open(1, 0, 0);

    run(flow);
    for (unsigned from = 0; from < 3; from++)
        for (unsigned to = 0; to < PEOPLE; to++) {
            struct hear_match m = match(flow, from, to);

            print_message("    %u -> %u: mean r %.3f, %zu of %zu windows, %d ms\n", from, to, m.mean, m.good, m.windows,
                          m.delay_ms);
            assert_true(m.windows >= 3);
            if (from == to)
                assert_true(m.mean < 0.2);
            else
                assert_true(hear_is_heard(&m));
        }
    flow_close(flow);
}

static void a_network_that_loses_and_mixes_up_packets_is_heard_through(void **state)
{
    (void)state;
    struct flow *flow = flow_open(7, 2, 2);
    struct vtb_mix_figures figures;

    run(flow);
    vtb_mix_figures(flow->mix, &figures);
    print_message("    up: %llu of %llu lost, %llu out of order; concealed %llu\n", (unsigned long long)flow->up.lost,
                  (unsigned long long)flow->up.sent, (unsigned long long)flow->up.reordered,
                  (unsigned long long)(figures.concealed + figures.repaired));
    assert_true(flow->up.lost > 10 && flow->up.reordered > 10 && figures.concealed + figures.repaired > 0);
    for (unsigned from = 0; from < 3; from++)
        for (unsigned to = 0; to < PEOPLE; to++) {
            struct hear_match m = match(flow, from, to);

            print_message("    %u -> %u: mean r %.3f, %zu of %zu windows\n", from, to, m.mean, m.good, m.windows);
            assert_true(from == to ? m.mean < 0.2 : m.mean > 0.7);
        }
    flow_close(flow);
}

static void the_same_seed_gives_the_same_sound(void **state)
{
    (void)state;
    struct flow *one = flow_open(7, 2, 2), *two = flow_open(7, 2, 2), *other = flow_open(8, 2, 2);
    size_t bytes = STEPS * VTB_MIX_FRAME * sizeof(float);

    run(one);
    run(two);
    run(other);
    for (unsigned i = 0; i < PEOPLE; i++)
        assert_memory_equal(one->who[i].heard.at, two->who[i].heard.at, bytes);
    assert_memory_not_equal(one->who[3].heard.at, other->who[3].heard.at, bytes);
    flow_close(one);
    flow_close(two);
    flow_close(other);
}

static void what_was_tampered_with_is_dropped_and_harms_nothing_else(void **state)
{
    (void)state;
    struct flow *flow = flow_open(3, 0, 0);

    flow->tampered = 3;
    run(flow);
    assert_true(flow->who[0].unauthentic > 5);
    for (unsigned from = 0; from < 3; from++)
        assert_true(match(flow, from, 3).mean > 0.7);
    flow_close(flow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_hears_and_nobody_hears_oneself),
        cmocka_unit_test(a_network_that_loses_and_mixes_up_packets_is_heard_through),
        cmocka_unit_test(the_same_seed_gives_the_same_sound),
        cmocka_unit_test(what_was_tampered_with_is_dropped_and_harms_nothing_else),
    };
    int failed;

    voices[0] = hear_voice("anna");
    voices[1] = hear_voice("ben");
    voices[2] = hear_voice("cleo");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < 3; i++)
        free(voices[i].at);
    return failed;
}
