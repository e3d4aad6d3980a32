#include "rtc/frame.h"

#include "base/cursor.h"

#include <string.h>

enum vtb_err vtb_frame_parse(const uint8_t *data, size_t len, struct vtb_frame *out)
{
    struct vtb_cursor in = { .at = data, .left = len };
    struct vtb_frame frame;
    uint8_t first;

    if (len > VTB_FRAME_MAX)
        return VTB_LIMIT;
    first = vtb_cursor_u8(&in);
    frame.level = vtb_cursor_u8(&in);
    frame.seq = vtb_cursor_u16(&in);
    frame.timestamp = vtb_cursor_u32(&in);
    frame.payload = in.at;
    frame.len = in.left;
    if (in.bad || first != VTB_FRAME_VERSION << 4 || frame.level > 127 || frame.len == 0)
        return VTB_PARSE;
    *out = frame;
    return VTB_OK;
}

size_t vtb_frame_write(const struct vtb_frame *frame, uint8_t *out)
{
    out[0] = VTB_FRAME_VERSION << 4;
    out[1] = frame->level;
    vtb_put_u16(out + 2, frame->seq);
    vtb_put_u32(out + 4, frame->timestamp);
    memcpy(out + VTB_FRAME_HEADER, frame->payload, frame->len);
    return VTB_FRAME_HEADER + frame->len;
}
