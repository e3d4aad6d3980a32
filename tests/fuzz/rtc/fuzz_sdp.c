/* Any text as answer and as offer. What is accepted must be whole. */
#include "rtc/sdp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must_be_whole(const struct vtb_sdp_remote *remote)
{
    size_t ufrag = strnlen(remote->ufrag, sizeof remote->ufrag);
    size_t pwd = strnlen(remote->pwd, sizeof remote->pwd);

    if (ufrag < 4 || ufrag > 256 || pwd < 22 || pwd > 256 ||
        remote->candidates_n > VTB_SDP_CANDIDATES)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_sdp_remote remote;

    if (!vtb_sdp_read_answer((const char *)data, len, &remote))
        must_be_whole(&remote);
    if (!vtb_sdp_read_offer((const char *)data, len, &remote))
        must_be_whole(&remote);
    return 0;
}
