/* Any bytes as RTP; every extension id is asked for. */
#include "rtc/rtp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_rtp rtp;
    size_t n;

    if (!vtb_rtp_parse_header(data, len, &rtp) && rtp.header_len > len)
        abort();
    if (vtb_rtp_parse(data, len, &rtp))
        return 0;
    if (rtp.header_len + rtp.payload_len > len)
        abort();
    for (unsigned id = 0; id < 256; id++) {
        const uint8_t *at = vtb_rtp_extension(&rtp, (uint8_t)id, &n);

        if (at && (at < data || at + n > data + rtp.header_len))
            abort();
        (void)vtb_rtp_level(&rtp, (uint8_t)id);
    }
    return 0;
}
