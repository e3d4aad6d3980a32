/* Any bytes as RTCP; what is understood is written and read again. */
#include "rtc/rtcp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t out[VTB_RTCP_MAX];
    struct vtb_rtcp rtcp, again;
    size_t n;

    if (vtb_rtcp_parse(data, len, &rtcp))
        return 0;
    if (rtcp.blocks_n > VTB_RTCP_BLOCKS)
        abort();
    n = vtb_rtcp_write(rtcp.ssrc, rtcp.has_sender ? &rtcp.sender : NULL,
                       rtcp.blocks_n ? rtcp.blocks : NULL, "consilium", out);
    if (vtb_rtcp_parse(out, n, &again) || again.has_sender != rtcp.has_sender ||
        again.blocks_n != (rtcp.blocks_n > 0) ||
        (rtcp.blocks_n && memcmp(&again.blocks[0], &rtcp.blocks[0], sizeof rtcp.blocks[0]) != 0))
        abort();
    for (size_t i = 0; i < rtcp.blocks_n; i++)
        (void)vtb_rtcp_rtt_us(&rtcp.blocks[i], rtcp.sender.ntp);
    return 0;
}
