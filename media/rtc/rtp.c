#include "rtc/rtp.h"

#include "base/cursor.h"

#define ONE_BYTE 0xbede /* RFC 8285, 4.2 */
#define TWO_BYTE 0x1000 /* RFC 8285, 4.3; the low four bits are the application's */

static enum vtb_err parse(const uint8_t *data, size_t len, bool padded, struct vtb_rtp *out)
{
    struct vtb_cursor in = { .at = data, .left = len };
    uint8_t flags = vtb_cursor_u8(&in);
    uint8_t type = vtb_cursor_u8(&in);
    struct vtb_rtp rtp = { .marker = type >> 7, .type = type & 0x7f };

    rtp.seq = vtb_cursor_u16(&in);
    rtp.timestamp = vtb_cursor_u32(&in);
    rtp.ssrc = vtb_cursor_u32(&in);
    vtb_cursor_skip(&in, 4u * (flags & 0x0f)); /* CSRC list */
    if (flags & 0x10) {
        rtp.extension_profile = vtb_cursor_u16(&in);
        rtp.extension_len = 4u * vtb_cursor_u16(&in);
        rtp.extension = vtb_cursor_take(&in, rtp.extension_len);
    }
    size_t pad = 0;

    if (padded && flags & 0x20) {
        pad = in.left ? in.at[in.left - 1] : 0;
        if (pad == 0)
            return VTB_PARSE;
    }
    if (in.bad || flags >> 6 != 2 || pad > in.left)
        return VTB_PARSE;
    rtp.header_len = len - in.left;
    rtp.payload = in.at;
    rtp.payload_len = in.left - pad;
    *out = rtp;
    return VTB_OK;
}

enum vtb_err vtb_rtp_parse(const uint8_t *data, size_t len, struct vtb_rtp *out)
{
    return parse(data, len, true, out);
}

enum vtb_err vtb_rtp_parse_header(const uint8_t *data, size_t len, struct vtb_rtp *out)
{
    return parse(data, len, false, out); /* the pad count is still encrypted */
}

const uint8_t *vtb_rtp_extension(const struct vtb_rtp *rtp, uint8_t id, size_t *out_len)
{
    struct vtb_cursor in = { .at = rtp->extension, .left = rtp->extension_len };
    bool one = rtp->extension_profile == ONE_BYTE;

    if (!rtp->extension || id == 0 || (!one && (rtp->extension_profile & 0xfff0) != TWO_BYTE))
        return NULL;
    while (in.left) {
        uint8_t head = vtb_cursor_u8(&in);
        uint8_t found = one ? head >> 4 : head;

        if (found == 0)
            continue; /* padding; in the one-byte form its length nibble is to be ignored */
        if (one && found == 15)
            return NULL; /* "stop here" */
        size_t n = one ? (head & 0x0f) + 1u : vtb_cursor_u8(&in);
        const uint8_t *at = vtb_cursor_take(&in, n);

        if (in.bad)
            return NULL;
        if (found == id) {
            *out_len = n;
            return at;
        }
    }
    return NULL;
}

uint8_t vtb_rtp_level(const struct vtb_rtp *rtp, uint8_t id)
{
    size_t len;
    const uint8_t *at = vtb_rtp_extension(rtp, id, &len);

    if (!at || len < 1)
        return VTB_RTP_LEVEL_UNKNOWN;
    return at[0] & 0x7f; /* the V bit says nothing without DTX (measured with both browsers) */
}

void vtb_rtp_write(const struct vtb_rtp *rtp, uint8_t out[static VTB_RTP_HEADER])
{
    out[0] = 0x80;
    out[1] = (uint8_t)((rtp->marker ? 0x80 : 0) | (rtp->type & 0x7f));
    vtb_put_u16(out + 2, rtp->seq);
    vtb_put_u32(out + 4, rtp->timestamp);
    vtb_put_u32(out + 8, rtp->ssrc);
}

size_t vtb_rtp_write_csrc(uint8_t *packet, const uint32_t *csrc, size_t n)
{
    if (n > VTB_RTP_CSRC_MAX)
        n = VTB_RTP_CSRC_MAX;
    packet[0] = (uint8_t)((packet[0] & 0xf0) | n);
    for (size_t i = 0; i < n; i++)
        vtb_put_u32(packet + VTB_RTP_HEADER + 4 * i, csrc[i]);
    return VTB_RTP_HEADER + 4 * n;
}

size_t vtb_rtp_write_level(uint8_t *packet, uint8_t id, uint8_t level)
{
    uint8_t *at = packet + VTB_RTP_HEADER;

    packet[0] |= 0x10;
    vtb_put_u16(at, ONE_BYTE);
    vtb_put_u16(at + 2, 1);
    at[4] = (uint8_t)(id << 4);
    at[5] = (uint8_t)(0x80 | (level & 0x7f));
    at[6] = at[7] = 0;
    return VTB_RTP_HEADER + 8;
}
