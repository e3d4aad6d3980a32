#include "uphill.h"

#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "rtc/red.h"
#include "uplink.h"

#define HISTORY 256u /* packets a browser keeps: five seconds (libwebrtc) */

struct browser {
    const struct uphill_config *cfg;
    OpusEncoder *encoder;
    size_t frame; /* of 20 ms, the next to be said */
    uint16_t seq;
    uint32_t timestamp;
    struct {
        uint8_t opus[1276], packet[LINK_BYTES];
        size_t opus_len, packet_len;
        uint64_t resent_us;
    } history[HISTORY];
};

static struct browser browser;
static struct link up, down;
static struct vtb_uplink uplink;
static uint8_t bytes[LINK_BYTES];

static void start(const struct uphill_config *cfg)
{
    memset(&browser, 0, sizeof browser);
    memset(&uplink, 0, sizeof uplink);
    browser.cfg = cfg;
    browser.seq = 65500; /* over the wrap within a second */
    browser.timestamp = 0u - 96000u;
    browser.encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL);
    opus_encoder_ctl(browser.encoder, OPUS_SET_BITRATE(cfg->frames > 1 ? 16000 : 32000));
    opus_encoder_ctl(browser.encoder, OPUS_SET_COMPLEXITY(5));
    opus_encoder_ctl(browser.encoder, OPUS_SET_INBAND_FEC(cfg->fec));
    opus_encoder_ctl(browser.encoder, OPUS_SET_PACKET_LOSS_PERC(cfg->fec ? 10 : 0));
    link_open(&up, &cfg->up);
    link_open(&down, &cfg->down);
}

static uint8_t level_of(const float *pcm, size_t n)
{
    double sum = 1e-13 * (double)n;

    for (size_t i = 0; i < n; i++)
        sum += (double)pcm[i] * (double)pcm[i];
    return (uint8_t)fmin(127.0, fmax(0.0, -10.0 * log10(sum / (double)n)));
}

/* One packet with its copies, as libwebrtc builds them. */
static void speak(uint64_t now)
{
    uint32_t frames = browser.cfg->frames ? browser.cfg->frames : 1, samples = frames * 960;
    float pcm[6 * 960] = { 0 };
    size_t at = browser.seq % HISTORY;
    uint8_t *packet = browser.history[at].packet, *opus = browser.history[at].opus;
    struct vtb_rtp rtp = { .type = VTB_RTP_OPUS, .seq = browser.seq, .ssrc = 7,
                           .timestamp = browser.timestamp };
    struct vtb_red_block blocks[8];
    uint32_t n = 0;

    for (size_t i = 0; i < samples; i++) {
        size_t sample = browser.frame * 960 + i;

        pcm[i] = sample < browser.cfg->voice->n ? browser.cfg->voice->at[sample] : 0.0f;
    }
    int len = opus_encode_float(browser.encoder, pcm, (int)samples, opus, 1275);

    if (len <= 0)
        abort();
    browser.history[at].opus_len = (size_t)len;
    browser.history[at].resent_us = 0;
    vtb_rtp_write(&rtp, packet);
    size_t head = vtb_rtp_write_level(packet, 1, level_of(pcm, samples));

    for (uint32_t c = browser.cfg->copies; c > 0; c--) {
        size_t old = (uint16_t)(browser.seq - c) % HISTORY;

        if (browser.history[old].opus_len && browser.frame >= c * frames)
            blocks[n++] = (struct vtb_red_block){ browser.history[old].opus,
                                                  browser.history[old].opus_len, c * samples };
    }
    blocks[n++] = (struct vtb_red_block){ opus, (size_t)len, 0 };
    if (browser.cfg->copies) {
        packet[1] = VTB_RTP_RED;
        len = (int)vtb_red_write(blocks, n, VTB_RTP_OPUS, packet + head, LINK_BYTES - head);
    } else {
        memcpy(packet + head, opus, (size_t)len);
    }
    browser.history[at].packet_len = head + (size_t)len;
    link_send(&up, packet, head + (size_t)len, now);
    browser.seq++;
    browser.timestamp += samples;
    browser.frame += frames;
}

static void resend(uint16_t seq, uint64_t now)
{
    size_t at = seq % HISTORY, len = browser.history[at].packet_len;
    const uint8_t *packet = browser.history[at].packet;

    if (!len || (packet[2] << 8 | packet[3]) != seq)
        return;
    /* libwebrtc sends a packet again once a round trip at most */
    if (browser.history[at].resent_us && now < browser.history[at].resent_us + up.cfg.delay_us * 2)
        return;
    browser.history[at].resent_us = now;
    link_send(&up, packet, len, now);
}

/* RFC 4585, 6.2.1, found at the end of the compound. */
static void read_nack(const uint8_t *rtcp, size_t len, uint64_t now)
{
    struct vtb_cursor in = { .at = rtcp, .left = len };

    while (in.left) {
        uint8_t flags = vtb_cursor_u8(&in), type = vtb_cursor_u8(&in);
        size_t words = vtb_cursor_u16(&in);
        struct vtb_cursor body = { .at = vtb_cursor_take(&in, 4 * words), .left = 4 * words };

        if (in.bad)
            abort();
        if (type != 205 || (flags & 31) != 1)
            continue;
        vtb_cursor_skip(&body, 8);
        while (body.left) {
            uint16_t seq = vtb_cursor_u16(&body), bits = vtb_cursor_u16(&body);

            resend(seq, now);
            for (uint16_t i = 0; i < 16; i++)
                if (bits >> i & 1)
                    resend((uint16_t)(seq + 1 + i), now);
        }
    }
}

static void deliver(struct vtb_mix *mix, uint32_t source, uint64_t now)
{
    uint8_t rtcp[VTB_RTCP_MAX];
    uint64_t at;
    size_t len;

    while ((len = link_take(&up, now, bytes, &at))) {
        struct vtb_rtp rtp;

        if (vtb_rtp_parse(bytes, len, &rtp))
            abort();
        vtb_uplink_packet(&uplink, mix, source, &rtp, vtb_rtp_level(&rtp, 1), now);
        if (!browser.cfg->nack)
            continue;
        len = vtb_uplink_ask(&uplink, mix, source, 9, true,
                             browser.cfg->up.delay_us + browser.cfg->down.delay_us, now, rtcp);
        if (len)
            link_send(&down, rtcp, len, now);
    }
    while ((len = link_take(&down, now, bytes, &at)))
        read_nack(bytes, len, now);
}

static void listen(OpusDecoder *decoder, const struct vtb_mix_payload *in, struct hear *heard)
{
    float *pcm = heard->at + heard->n;

    heard->n += VTB_MIX_FRAME;
    if (in->silent)
        memset(pcm, 0, VTB_MIX_FRAME * sizeof *pcm);
    else if (opus_decode_float(decoder, in->payload, (opus_int32)in->len, pcm, (int)VTB_MIX_FRAME,
                               0) != (int)VTB_MIX_FRAME)
        abort();
}

static void note(struct uphill_result *r, const struct vtb_mix *mix, uint32_t source, uint64_t now)
{
    vtb_mix_uplink(mix, source, now, &r->way);
    if (r->way.delay_ms > r->most_ms)
        r->most_ms = r->way.delay_ms;
    if (now % 1000000 == 0 && r->seconds < 64)
        r->delay_ms[r->seconds++] = r->way.delay_ms;
}

void uphill(const struct uphill_config *cfg, struct uphill_result *r)
{
    struct vtb_mix_config room = { .max_speakers = 3, .bitrate = 64000 };
    uint32_t frames = cfg->frames ? cfg->frames : 1, source;
    uint64_t end = (uint64_t)(cfg->seconds * 1e6) + 1000000, first = 20000u * frames + cfg->phase_us;
    OpusDecoder *decoder = opus_decoder_create(48000, 1, NULL);
    struct vtb_mix *mix;
    struct vtb_mix_out out;

    memset(r, 0, sizeof *r);
    r->heard.at = malloc((size_t)(end / 20000 + 1) * VTB_MIX_FRAME * sizeof(float));
    if (vtb_mix_create(&room, &mix) || vtb_mix_add(mix, &source))
        abort();
    vtb_mix_set_heard(mix, source, true);
    start(cfg);
    for (uint64_t now = 0; now < end; now += 1000) {
        if (now >= first && (now - first) % (20000u * frames) == 0 && now < end - 1000000)
            speak(now);
        deliver(mix, source, now);
        if (now % 20000)
            continue;
        vtb_mix_tick(mix, now, &out);
        listen(decoder, &out.shared, &r->heard);
        if (now < end - 1000000)
            note(r, mix, source, now);
    }
    r->asked = uplink.nack.asked;
    r->sent = up.sent;
    r->lost = up.lost;
    opus_decoder_destroy(decoder);
    opus_encoder_destroy(browser.encoder);
    vtb_mix_destroy(mix);
}
