#include "rtc/sdp_device.h"

#include "rtc/sdp_text.h"

#include <stdio.h>

static const char *direction(const struct vtb_sdp_local *local)
{
    return local->sends ? local->receives ? "sendrecv" : "sendonly" : local->receives ? "recvonly" : "inactive";
}

static void put_mid(struct vtb_sdp_text *text, const struct vtb_sdp_section *section)
{
    if (section->mid[0])
        vtb_sdp_put(text, "a=mid:%s", section->mid);
}

static void put_rejected(struct vtb_sdp_text *text, const struct vtb_sdp_section *section)
{
    vtb_sdp_put(text, "m=%s 0 %s %s", section->kind, section->proto, section->format);
    vtb_sdp_put(text, "c=IN IP4 0.0.0.0");
    put_mid(text, section);
    vtb_sdp_put(text, "a=inactive");
}

static void put_opus(struct vtb_sdp_text *text, const struct vtb_sdp_device *device,
                     const struct vtb_sdp_local *local)
{
    char most[40] = "";

    if (local->max_bitrate)
        snprintf(most, sizeof most, ";maxaveragebitrate=%u", local->max_bitrate);
    vtb_sdp_put(text, "a=rtpmap:%u opus/48000/2", device->opus);
    vtb_sdp_put(text, "a=fmtp:%u minptime=10;useinbandfec=1%s", device->opus, most);
    if (device->nack)
        vtb_sdp_put(text, "a=rtcp-fb:%u nack", device->opus);
}

static void put_audio(struct vtb_sdp_text *text, const struct vtb_sdp_device *device,
                      const struct vtb_sdp_local *local)
{
    const struct vtb_sdp_section *section = &device->sections[device->audio];
    const struct vtb_addr *first = &local->candidates[0];
    char ip[VTB_ADDR_TEXT];

    vtb_addr_write(first, ip);
    vtb_sdp_put(text, "m=audio %u %s %u", first->port, section->proto, device->opus);
    vtb_sdp_put(text, "c=IN IP%d %s", first->family == 4 ? 4 : 6, ip);
    vtb_sdp_put(text, "a=rtcp:%u IN IP%d %s", first->port, first->family == 4 ? 4 : 6, ip);
    vtb_sdp_put_candidates(text, local);
    vtb_sdp_put(text, "a=ice-ufrag:%s", local->ufrag);
    vtb_sdp_put(text, "a=ice-pwd:%s", local->pwd);
    vtb_sdp_put_fingerprint(text, local->fingerprint);
    vtb_sdp_put(text, "a=setup:passive");
    put_mid(text, section);
    if (device->level_id)
        vtb_sdp_put(text, "a=extmap:%u urn:ietf:params:rtp-hdrext:ssrc-audio-level", device->level_id);
    vtb_sdp_put(text, "a=%s", direction(local));
    vtb_sdp_put(text, "a=rtcp-mux");
    if (device->reduced)
        vtb_sdp_put(text, "a=rtcp-rsize");
    put_opus(text, device, local);
    if (!local->sends)
        return;
    vtb_sdp_put(text, "a=msid:mix mix0");
    vtb_sdp_put(text, "a=ssrc:%u cname:consilium", local->ssrc);
    vtb_sdp_put(text, "a=ssrc:%u msid:mix mix0", local->ssrc);
}

enum vtb_err vtb_sdp_write_device(const struct vtb_sdp_device *device, const struct vtb_sdp_local *local,
                                  char out[static VTB_SDP_MAX + 1], size_t *out_len)
{
    struct vtb_sdp_text text = { .out = out };
    char ip[VTB_ADDR_TEXT];

    if (local->candidates_n < 1 || local->candidates_n > VTB_SDP_CANDIDATES)
        return VTB_LIMIT;
    vtb_addr_write(&local->candidates[0], ip);
    vtb_sdp_put(&text, "v=0");
    vtb_sdp_put(&text, "o=- %llu 1 IN IP%d %s", (unsigned long long)local->session,
                local->candidates[0].family == 4 ? 4 : 6, ip);
    vtb_sdp_put(&text, "s=-");
    vtb_sdp_put(&text, "t=0 0");
    vtb_sdp_put(&text, "a=ice-lite");
    if (device->is_bundled)
        vtb_sdp_put(&text, "a=group:BUNDLE %s", device->sections[device->audio].mid);
    vtb_sdp_put(&text, "a=msid-semantic: WMS *");
    for (size_t i = 0; i < device->sections_n; i++)
        if (i == device->audio)
            put_audio(&text, device, local);
        else
            put_rejected(&text, &device->sections[i]);
    if (text.full)
        return VTB_LIMIT;
    *out_len = text.len;
    return VTB_OK;
}

enum vtb_err vtb_sdp_write_fragment(const struct vtb_sdp_local *local, char out[static VTB_SDP_MAX + 1],
                                    size_t *out_len)
{
    struct vtb_sdp_text text = { .out = out };

    if (local->candidates_n > VTB_SDP_CANDIDATES)
        return VTB_LIMIT;
    vtb_sdp_put(&text, "a=ice-lite");
    vtb_sdp_put(&text, "a=ice-ufrag:%s", local->ufrag);
    vtb_sdp_put(&text, "a=ice-pwd:%s", local->pwd);
    vtb_sdp_put_candidates(&text, local);
    if (text.full)
        return VTB_LIMIT;
    *out_len = text.len;
    return VTB_OK;
}
