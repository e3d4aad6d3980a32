/* Any message as a frame of sound; what is understood lies within and is written back as it came. */
#include "rtc/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t out[VTB_FRAME_MAX];
    struct vtb_frame frame;
    enum vtb_err err = vtb_frame_parse(data, len, &frame);

    if (err == VTB_LIMIT ? len <= VTB_FRAME_MAX : err && err != VTB_PARSE)
        abort();
    if (err)
        return 0;
    if (frame.payload != data + VTB_FRAME_HEADER || frame.len + VTB_FRAME_HEADER != len ||
        frame.len == 0 || frame.level > 127)
        abort();
    if (vtb_frame_write(&frame, out) != len || memcmp(out, data, len) != 0)
        abort();
    return 0;
}
