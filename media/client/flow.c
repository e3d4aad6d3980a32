/* flow.c - RTP and RTCP of one client, both ways. */
#include "inside.h"

#include "rtc/red.h"

#include <string.h>

#define FRAME_US    20000u
#define LATE_US     200000u  /* a program that slept longer leaves out what it missed */
#define REPORT_US   2500000u
#define CONCEAL_MAX 5760u    /* samples: 120 ms; longer losses become silence */

enum vtb_err client_open_flow(struct vtb_client *client, const struct vtb_dtls_keys *keys,
                              uint64_t now_us)
{
    enum vtb_err err = vtb_srtp_open(&keys->send, &client->send);

    if (!err)
        err = vtb_srtp_open(&keys->receive, &client->receive);
    if (err)
        return err;
    client->farewell = keys->farewell;
    client->has_farewell = true;
    client->speak_us = client->cfg.speak || client->cfg.speak_opus ? now_us : CLIENT_NEVER;
    /* Reports of many clients spread over the interval. */
    client->report_us = now_us + client->ssrc % REPORT_US;
    return VTB_OK;
}

/* What is missing before this packet: `lost` samples that were sent, `gap` samples of silence. */
static void missing_before(struct vtb_client *client, const struct vtb_rtp *rtp, uint64_t *gap,
                           size_t *lost)
{
    int32_t samples = (int32_t)(rtp->timestamp - client->expected_ts);
    uint32_t packets = (uint16_t)(rtp->seq - client->expected_seq);

    *gap = samples > 0 ? (uint64_t)samples : 0;
    *lost = (size_t)packets * VTB_CLIENT_FRAME;
    if (*lost > *gap)
        *lost = (size_t)*gap;
    if (*lost > CONCEAL_MAX)
        *lost = CONCEAL_MAX;
    *lost -= *lost % 120u;
    *gap -= *lost;
}

static void decode(struct vtb_client *client, const struct vtb_rtp *rtp)
{
    int16_t pcm[CLIENT_CODEC_MAX];
    uint64_t gap = 0;
    size_t lost = 0, n;

    if (client->hears && (int16_t)(uint16_t)(rtp->seq - client->expected_seq) < 0)
        return; /* its place has been filled */
    if (client->hears)
        missing_before(client, rtp, &gap, &lost);
    if (lost) {
        n = client_codec_conceal(client->codec, rtp->payload, rtp->payload_len, lost, pcm);
        if (n)
            client->cfg.hear(client->cfg.ctx, gap, pcm, n);
        gap = n ? 0 : gap + lost;
    }
    n = client_codec_decode(client->codec, rtp->payload, rtp->payload_len, pcm);
    if (!n)
        return;
    client->hears = true;
    client->expected_seq = (uint16_t)(rtp->seq + 1);
    client->expected_ts = rtp->timestamp + (uint32_t)n;
    client->cfg.hear(client->cfg.ctx, gap, pcm, n);
}

/* Who only listens in order needs no copies: the packet's own sound (RFC 2198, last block). */
static bool take_own_sound(struct vtb_rtp *rtp)
{
    struct vtb_red red;

    if (rtp->type == VTB_RTP_OPUS)
        return true;
    if (vtb_red_parse(rtp->payload, rtp->payload_len, VTB_RTP_OPUS, &red))
        return false;
    rtp->payload = red.blocks[red.n - 1].payload;
    rtp->payload_len = red.blocks[red.n - 1].len;
    return true;
}

static void read_rtcp(struct vtb_client *client, uint8_t *data, size_t len, uint64_t now_us)
{
    struct vtb_rtcp rtcp;

    if (vtb_srtp_unprotect_rtcp(client->receive, data, len, &len))
        return;
    client->stats.authenticated++;
    if (vtb_rtcp_parse(data, len, &rtcp))
        return;
    if (rtcp.has_sender)
        vtb_rtcp_received_sr(&client->rx, &rtcp.sender, now_us);
    for (size_t i = 0; i < rtcp.blocks_n; i++) {
        if (rtcp.blocks[i].ssrc != client->ssrc)
            continue;
        client->rtt_us = vtb_rtcp_rtt_us(&rtcp.blocks[i], vtb_rtcp_ntp(vtb_wall_us()));
        if (client->codec)
            client_codec_expect_loss(client->codec, (uint8_t)(rtcp.blocks[i].fraction * 100u / 256u));
    }
    for (size_t i = 0; client->mend && rtcp.missed_ssrc == client->ssrc && i < rtcp.missed_n; i++)
        client_mend_resend(client, rtcp.missed[i]);
}

void client_read_rtp(struct vtb_client *client, uint8_t *data, size_t len, uint64_t now_us)
{
    struct vtb_rtp rtp;

    if (!client->receive)
        return;
    client->stats.received++;
    client->stats.bytes += len;
    if (vtb_rtp_is_rtcp(data, len)) {
        read_rtcp(client, data, len, now_us);
        return;
    }
    if (vtb_srtp_unprotect(client->receive, data, len, &len))
        return;
    client->stats.authenticated++;
    if (vtb_rtp_parse(data, len, &rtp) || (rtp.type != VTB_RTP_OPUS && rtp.type != VTB_RTP_RED))
        return;
    client->stats.packets++;
    if (client->mend)
        client_mend_got(client, rtp.seq, now_us);
    vtb_rtcp_received(&client->rx, rtp.ssrc, rtp.seq, rtp.timestamp, (uint32_t)(now_us * 48 / 1000));
    if (client->cfg.packet) {
        struct vtb_heard heard = { now_us, rtp.timestamp, rtp.seq, rtp.type, rtp.payload, rtp.payload_len };

        client->cfg.packet(client->cfg.ctx, &heard);
    }
    if (client->cfg.hear && !client->dropped && take_own_sound(&rtp))
        decode(client, &rtp);
}

/* Asks the owner for 20 ms. Returns the payload's length, 0: nothing is to be sent. */
static size_t next_frame(struct vtb_client *client, uint8_t *payload, uint8_t *level)
{
    int16_t pcm[VTB_CLIENT_FRAME];
    bool sounds;

    *level = 127;
    if (client->cfg.speak_opus)
        return client->cfg.speak_opus(client->cfg.ctx, payload, VTB_CLIENT_PAYLOAD, level);
    sounds = client->cfg.speak(client->cfg.ctx, pcm);
    return client_codec_encode(client->codec, sounds ? pcm : NULL, payload, VTB_CLIENT_PAYLOAD,
                               level);
}

static void send_frame(struct vtb_client *client)
{
    uint8_t packet[CLIENT_PACKET + VTB_SRTP_GROWTH];
    uint8_t payload[VTB_CLIENT_PAYLOAD], level;
    size_t len = next_frame(client, payload, &level), head = VTB_RTP_HEADER;
    struct vtb_rtp rtp = { .type = VTB_RTP_OPUS, .seq = client->seq, .ssrc = client->ssrc,
                           .timestamp = client->timestamp };
    size_t red = 0;

    if (!len || len > sizeof payload || client->dropped)
        return;
    rtp.marker = level < 127 && !client->talking;
    client->talking = level < 127;
    if (client->mend && client->remote.red_first)
        red = client_mend_wrap(client->mend, client->timestamp, payload, len, packet + VTB_RTP_HEADER + 8,
                               CLIENT_PACKET - VTB_RTP_HEADER - 8);
    rtp.type = red ? VTB_RTP_RED : VTB_RTP_OPUS;
    vtb_rtp_write(&rtp, packet);
    if (!client->cfg.no_levels && client->remote.level_id)
        head = vtb_rtp_write_level(packet, client->remote.level_id, level);
    if (red) { /* written behind the longest header there is */
        memmove(packet + head, packet + VTB_RTP_HEADER + 8, red);
        len = red;
    } else {
        memcpy(packet + head, payload, len);
    }
    if (client->mend)
        client_mend_keep(client->mend, client->seq, packet, head + len);
    client->octets += (uint32_t)len;
    if (vtb_srtp_protect(client->send, packet, head + len, sizeof packet, &len))
        return;
    client_send(client, client->selected, packet, len);
    client->seq++;
    client->stats.sent++;
}

void client_speak_due(struct vtb_client *client, uint64_t now_us)
{
    if (now_us > client->speak_us + LATE_US) {
        uint64_t missed = (now_us - client->speak_us) / FRAME_US;

        client->speak_us += missed * FRAME_US;
        client->timestamp += (uint32_t)missed * VTB_CLIENT_FRAME;
    }
    while (client->speak_us <= now_us && !client->dropped) {
        send_frame(client);
        client->timestamp += VTB_CLIENT_FRAME;
        client->speak_us += FRAME_US;
    }
}

void client_report_due(struct vtb_client *client, uint64_t now_us)
{
    uint8_t out[VTB_RTCP_MAX + VTB_SRTP_GROWTH];
    struct vtb_rtcp_block block;
    struct vtb_rtcp_sender sender = {
        .ntp = vtb_rtcp_ntp(vtb_wall_us()), .timestamp = client->timestamp,
        .packets = (uint32_t)client->stats.sent, .octets = client->octets,
    };
    size_t len;

    client->report_us = now_us + REPORT_US;
    if (client->rx.started) {
        vtb_rtcp_report(&client->rx, now_us, &block);
        client->stats.lost = block.lost > 0 ? (uint64_t)block.lost : 0;
    }
    len = vtb_rtcp_write(client->ssrc, client->stats.sent ? &sender : NULL,
                         client->rx.started ? &block : NULL, "consilium", out);
    if (len && vtb_srtp_protect_rtcp(client->send, out, len, sizeof out, &len) == VTB_OK)
        client_send(client, client->selected, out, len);
}
