#include "rtc/sdp.h"

#include "rtc/red.h"
#include "rtc/rtp.h"

#include <stdarg.h>
#include <stdio.h>

#define THIN_BITRATE 16000u /* bit/s */

struct text {
    char *out; /* VTB_SDP_MAX + 1 bytes */
    size_t len;
    bool full;
};

VTB_PRINTF(2, 3) static void line(struct text *text, const char *format, ...)
{
    size_t room = VTB_SDP_MAX + 1 - text->len;
    va_list args;
    int n;

    if (text->full)
        return;
    va_start(args, format);
    n = vsnprintf(text->out + text->len, room, format, args);
    va_end(args);
    if (n < 0 || (size_t)n + 2 >= room) {
        text->full = true;
        return;
    }
    text->len += (size_t)n;
    text->out[text->len++] = '\r';
    text->out[text->len++] = '\n';
    text->out[text->len] = '\0';
}

static void fingerprint_line(struct text *text, const uint8_t digest[static 32])
{
    char hex[32 * 3 + 1];

    for (size_t i = 0; i < 32; i++)
        snprintf(hex + 3 * i, 4, "%02X%s", digest[i], i < 31 ? ":" : "");
    line(text, "a=fingerprint:sha-256 %s", hex);
}

/* RFC 8445, 5.1.2.1: host candidates, one component; the list's order is the local preference. */
static void candidate_lines(struct text *text, const struct vtb_sdp_local *local)
{
    for (size_t i = 0; i < local->candidates_n; i++) {
        char ip[VTB_ADDR_TEXT];
        uint32_t priority = 126u << 24 | (uint32_t)(65535 - i) << 8 | 255;

        vtb_addr_write(&local->candidates[i], ip);
        line(text, "a=candidate:%zu 1 udp %u %s %u typ host", i + 1, priority, ip,
             local->candidates[i].port);
    }
    line(text, "a=end-of-candidates");
}

static const char *direction(const struct vtb_sdp_local *local)
{
    if (local->sends)
        return local->receives ? "sendrecv" : "sendonly";
    return local->receives ? "recvonly" : "inactive";
}

/* The order is what the client sends first; 63 first makes Chromium send copies. */
static void media_line(struct text *text, const struct vtb_sdp_local *local, bool offer, unsigned port)
{
    if (offer && local->uplink == VTB_SDP_UPLINK_FULL)
        line(text, "m=audio %u UDP/TLS/RTP/SAVPF %d %d", port, VTB_RTP_RED, VTB_RTP_OPUS);
    else if (offer || local->red)
        line(text, "m=audio %u UDP/TLS/RTP/SAVPF %d %d", port, VTB_RTP_OPUS, VTB_RTP_RED);
    else
        line(text, "m=audio %u UDP/TLS/RTP/SAVPF %d", port, VTB_RTP_OPUS);
}

static void opus_lines(struct text *text, const struct vtb_sdp_local *local, bool offer)
{
    bool thin = offer && local->uplink == VTB_SDP_UPLINK_THIN;
    uint32_t bitrate = thin && (!local->max_bitrate || local->max_bitrate > THIN_BITRATE)
                           ? THIN_BITRATE : local->max_bitrate;
    char most[40] = "";

    if (bitrate)
        snprintf(most, sizeof most, ";maxaveragebitrate=%u", bitrate);
    line(text, "a=rtpmap:%d opus/48000/2", VTB_RTP_OPUS);
    line(text, "a=fmtp:%d minptime=10;useinbandfec=1%s%s", VTB_RTP_OPUS, most,
         thin ? ";usedtx=1" : "");
    if (offer || local->nack)
        line(text, "a=rtcp-fb:%d nack", VTB_RTP_OPUS);
    if (offer || local->red) {
        line(text, "a=rtpmap:%d red/48000/2", VTB_RTP_RED);
        line(text, "a=fmtp:%d %d/%d", VTB_RTP_RED, VTB_RTP_OPUS, VTB_RTP_OPUS);
    }
    if (thin) {
        line(text, "a=ptime:60");
        line(text, "a=maxptime:60");
    }
}

static enum vtb_err write(const struct vtb_sdp_local *local, bool offer,
                          char out[static VTB_SDP_MAX + 1], size_t *out_len)
{
    struct text text = { .out = out };
    struct vtb_addr none = { .family = 4, .port = 9 }; /* "no address yet", RFC 8840, 4.3.1 */
    const struct vtb_addr *first = local->candidates_n ? &local->candidates[0] : &none;
    int version = first->family == 4 ? 4 : 6;
    char ip[VTB_ADDR_TEXT];

    vtb_addr_write(first, ip);
    line(&text, "v=0");
    line(&text, "o=- %llu 1 IN IP%d %s", (unsigned long long)local->session, version, ip);
    line(&text, "s=-");
    line(&text, "t=0 0");
    if (offer)
        line(&text, "a=ice-lite");
    line(&text, "a=group:BUNDLE 0");
    line(&text, "a=msid-semantic: WMS *");
    media_line(&text, local, offer, first->port);
    line(&text, "c=IN IP%d %s", version, ip);
    line(&text, "a=rtcp:%u IN IP%d %s", first->port, version, ip);
    if (local->candidates_n)
        candidate_lines(&text, local);
    line(&text, "a=ice-ufrag:%s", local->ufrag);
    line(&text, "a=ice-pwd:%s", local->pwd);
    fingerprint_line(&text, local->fingerprint);
    line(&text, "a=setup:%s", offer ? "actpass" : "active");
    line(&text, "a=mid:0");
    line(&text, "a=extmap:%d urn:ietf:params:rtp-hdrext:ssrc-audio-level", VTB_SDP_LEVEL_ID);
    line(&text, "a=%s", direction(local));
    if (local->sends)
        line(&text, "a=msid:mix mix0");
    line(&text, "a=rtcp-mux");
    line(&text, "a=rtcp-rsize");
    opus_lines(&text, local, offer);
    if (local->sends) {
        line(&text, "a=ssrc:%u cname:consilium", local->ssrc);
        line(&text, "a=ssrc:%u msid:mix mix0", local->ssrc);
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
