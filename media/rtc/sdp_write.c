#include "rtc/sdp.h"

#include "rtc/red.h"
#include "rtc/rtp.h"
#include "rtc/sdp_text.h"

#include <stdio.h>

#define THIN_BITRATE 16000u /* bit/s */

static const char *direction(const struct vtb_sdp_local *local)
{
    if (local->sends)
        return local->receives ? "sendrecv" : "sendonly";
    return local->receives ? "recvonly" : "inactive";
}

/* The order is what the client sends first; 63 first makes Chromium send copies. */
static void media_line(struct vtb_sdp_text *text, const struct vtb_sdp_local *local, bool offer, unsigned port)
{
    if (offer && local->uplink == VTB_SDP_UPLINK_FULL)
        vtb_sdp_put(text, "m=audio %u UDP/TLS/RTP/SAVPF %d %d", port, VTB_RTP_RED, VTB_RTP_OPUS);
    else if (offer || local->red)
        vtb_sdp_put(text, "m=audio %u UDP/TLS/RTP/SAVPF %d %d", port, VTB_RTP_OPUS, VTB_RTP_RED);
    else
        vtb_sdp_put(text, "m=audio %u UDP/TLS/RTP/SAVPF %d", port, VTB_RTP_OPUS);
}

static void opus_lines(struct vtb_sdp_text *text, const struct vtb_sdp_local *local, bool offer)
{
    bool thin = offer && local->uplink == VTB_SDP_UPLINK_THIN;
    uint32_t bitrate = thin && (!local->max_bitrate || local->max_bitrate > THIN_BITRATE)
                           ? THIN_BITRATE : local->max_bitrate;
    char most[40] = "";

    if (bitrate)
        snprintf(most, sizeof most, ";maxaveragebitrate=%u", bitrate);
    vtb_sdp_put(text, "a=rtpmap:%d opus/48000/2", VTB_RTP_OPUS);
    vtb_sdp_put(text, "a=fmtp:%d minptime=10;useinbandfec=1%s%s", VTB_RTP_OPUS, most,
         thin ? ";usedtx=1" : "");
    if (offer || local->nack)
        vtb_sdp_put(text, "a=rtcp-fb:%d nack", VTB_RTP_OPUS);
    if (offer || local->red) {
        vtb_sdp_put(text, "a=rtpmap:%d red/48000/2", VTB_RTP_RED);
        vtb_sdp_put(text, "a=fmtp:%d %d/%d", VTB_RTP_RED, VTB_RTP_OPUS, VTB_RTP_OPUS);
    }
    if (thin) {
        vtb_sdp_put(text, "a=ptime:60");
        vtb_sdp_put(text, "a=maxptime:60");
    }
}

static enum vtb_err write(const struct vtb_sdp_local *local, bool offer,
                          char out[static VTB_SDP_MAX + 1], size_t *out_len)
{
    struct vtb_sdp_text text = { .out = out };
    struct vtb_addr none = { .family = 4, .port = 9 }; /* "no address yet", RFC 8840, 4.3.1 */
    const struct vtb_addr *first = local->candidates_n ? &local->candidates[0] : &none;
    int version = first->family == 4 ? 4 : 6;
    char ip[VTB_ADDR_TEXT];

    vtb_addr_write(first, ip);
    vtb_sdp_put(&text, "v=0");
    vtb_sdp_put(&text, "o=- %llu 1 IN IP%d %s", (unsigned long long)local->session, version, ip);
    vtb_sdp_put(&text, "s=-");
    vtb_sdp_put(&text, "t=0 0");
    if (offer)
        vtb_sdp_put(&text, "a=ice-lite");
    vtb_sdp_put(&text, "a=group:BUNDLE 0");
    vtb_sdp_put(&text, "a=msid-semantic: WMS *");
    media_line(&text, local, offer, first->port);
    vtb_sdp_put(&text, "c=IN IP%d %s", version, ip);
    vtb_sdp_put(&text, "a=rtcp:%u IN IP%d %s", first->port, version, ip);
    if (local->candidates_n)
        vtb_sdp_put_candidates(&text, local);
    vtb_sdp_put(&text, "a=ice-ufrag:%s", local->ufrag);
    vtb_sdp_put(&text, "a=ice-pwd:%s", local->pwd);
    vtb_sdp_put_fingerprint(&text, local->fingerprint);
    vtb_sdp_put(&text, "a=setup:%s", offer ? "actpass" : "active");
    vtb_sdp_put(&text, "a=mid:0");
    vtb_sdp_put(&text, "a=extmap:%d urn:ietf:params:rtp-hdrext:ssrc-audio-level", VTB_SDP_LEVEL_ID);
    vtb_sdp_put(&text, "a=%s", direction(local));
    if (local->sends)
        vtb_sdp_put(&text, "a=msid:mix mix0");
    vtb_sdp_put(&text, "a=rtcp-mux");
    vtb_sdp_put(&text, "a=rtcp-rsize");
    opus_lines(&text, local, offer);
    if (local->sends) {
        vtb_sdp_put(&text, "a=ssrc:%u cname:consilium", local->ssrc);
        vtb_sdp_put(&text, "a=ssrc:%u msid:mix mix0", local->ssrc);
    }
    if (text.full)
        return VTB_LIMIT;
    *out_len = text.len;
    return VTB_OK;
}

enum vtb_err vtb_sdp_write_offer(const struct vtb_sdp_local *local,
                                 char out[static VTB_SDP_MAX + 1], size_t *out_len)
{
    if (local->candidates_n < 1 || local->candidates_n > VTB_SDP_CANDIDATES)
        return VTB_LIMIT;
    return write(local, true, out, out_len);
}

enum vtb_err vtb_sdp_write_answer(const struct vtb_sdp_local *local,
                                  char out[static VTB_SDP_MAX + 1], size_t *out_len)
{
    if (local->candidates_n > VTB_SDP_CANDIDATES)
        return VTB_LIMIT;
    return write(local, false, out, out_len);
}
