#include "rtc/sdp_text.h"

#include <stdarg.h>
#include <stdio.h>

void vtb_sdp_put(struct vtb_sdp_text *text, const char *format, ...)
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

void vtb_sdp_put_fingerprint(struct vtb_sdp_text *text, const uint8_t digest[static 32])
{
    char hex[32 * 3 + 1];

    for (size_t i = 0; i < 32; i++)
        snprintf(hex + 3 * i, 4, "%02X%s", digest[i], i < 31 ? ":" : "");
    vtb_sdp_put(text, "a=fingerprint:sha-256 %s", hex);
}

void vtb_sdp_put_candidates(struct vtb_sdp_text *text, const struct vtb_sdp_local *local)
{
    for (size_t i = 0; i < local->candidates_n; i++) {
        char ip[VTB_ADDR_TEXT];
        uint32_t priority = 126u << 24 | (uint32_t)(65535 - i) << 8 | 255;

        vtb_addr_write(&local->candidates[i], ip);
        vtb_sdp_put(text, "a=candidate:%zu 1 udp %u %s %u typ host", i + 1, priority, ip,
                    local->candidates[i].port);
    }
    vtb_sdp_put(text, "a=end-of-candidates");
}
