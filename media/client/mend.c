/*
 * mend.c - what a client does about losses, as Chromium does it (measured: media-spike.md, section 3).
 *
 * Its own sound: one copy of the frame before in each packet (RFC 2198) if the offer puts RED first,
 * in-band FEC once the other side reports losses, and packets sent again when asked for (RFC 4585,
 * 6.2.1). The mix: it asks for what is missing, if the offer says that this is answered.
 */
#include "inside.h"

#include "rtc/nack.h"
#include "rtc/red.h"

#include <stdlib.h>
#include <string.h>

#define KEPT     64u      /* packets: 1.3 s */
#define AGAIN_US 10000u
#define MOST_US  300000u  /* round trip: what is asked for later would come too late */

struct kept {
    uint16_t seq, len;
    uint8_t packet[CLIENT_PACKET];
};

struct client_mend {
    struct kept kept[KEPT]; /* by number; len 0: none */
    uint8_t before[VTB_RED_COPY_MAX]; /* the frame before, and when it was */
    size_t before_len;
    uint32_t before_ts;
    struct vtb_nack nack;
};

enum vtb_err client_mend_create(struct client_mend **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? VTB_OK : VTB_NOMEM;
}

void client_mend_destroy(struct client_mend *mend)
{
    free(mend);
}

size_t client_mend_wrap(struct client_mend *mend, uint32_t timestamp, const uint8_t *payload, size_t len,
                        uint8_t *out, size_t cap)
{
    struct vtb_red_block blocks[2];
    size_t n = 0, wrapped;

    if (mend->before_len && timestamp - mend->before_ts <= VTB_RED_OFFSET_MAX)
        blocks[n++] = (struct vtb_red_block){ mend->before, mend->before_len, timestamp - mend->before_ts };
    blocks[n++] = (struct vtb_red_block){ payload, len, 0 };
    wrapped = vtb_red_write(blocks, n, VTB_RTP_OPUS, out, cap);
    mend->before_len = len <= sizeof mend->before ? len : 0;
    mend->before_ts = timestamp;
    memcpy(mend->before, payload, mend->before_len);
    return wrapped;
}

void client_mend_keep(struct client_mend *mend, uint16_t seq, const uint8_t *packet, size_t len)
{
    struct kept *kept = &mend->kept[seq % KEPT];

    kept->len = len <= sizeof kept->packet ? (uint16_t)len : 0;
    kept->seq = seq;
    memcpy(kept->packet, packet, kept->len);
}

void client_mend_resend(struct vtb_client *client, uint16_t seq)
{
    const struct kept *kept = &client->mend->kept[seq % KEPT];
    uint8_t packet[CLIENT_PACKET + VTB_SRTP_GROWTH];
    size_t len;

    if (!kept->len || kept->seq != seq)
        return;
    memcpy(packet, kept->packet, kept->len);
    if (vtb_srtp_protect_again(client->send, packet, kept->len, sizeof packet, &len) == VTB_OK) {
        client_send(client, client->selected, packet, len);
        client->stats.again++;
    }
}

void client_mend_got(struct vtb_client *client, uint16_t seq, uint64_t now_us)
{
    if (!client->remote.nack)
        return;
    if (vtb_nack_got(&client->mend->nack, seq, now_us) == VTB_NACK_AGAIN)
        client->stats.repaired++;
    if (client->mend->nack.n && client->nack_us > now_us + AGAIN_US) {
        client->nack_us = now_us;
        client_touch(client);
    }
}

void client_mend_due(struct vtb_client *client, uint64_t now_us)
{
    uint8_t out[VTB_RTCP_MAX + VTB_SRTP_GROWTH];
    uint16_t seqs[VTB_NACK_ASKED];
    size_t n = vtb_nack_due(&client->mend->nack, client->rtt_us, MOST_US, now_us, seqs), len;

    client->nack_us = client->mend->nack.n ? now_us + AGAIN_US : CLIENT_NEVER;
    if (!n)
        return;
    len = vtb_rtcp_write_nack(client->ssrc, client->rx.ssrc, seqs, n, client->remote.reduced ? NULL : "consilium", out);
    if (len && vtb_srtp_protect_rtcp(client->send, out, len, sizeof out, &len) == VTB_OK)
        client_send(client, client->selected, out, len);
}
