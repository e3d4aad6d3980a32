/* Any bytes from the wire, and as a packet to send: what is sealed must open, what is not, not. */
#include "rtc/srtp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void one(enum vtb_srtp_profile profile, const uint8_t *data, size_t len)
{
    struct vtb_srtp_master master = { .profile = profile, .key = { 1 }, .salt = { 2 } };
    struct vtb_srtp *send, *receive;
    uint8_t packet[2048 + VTB_SRTP_GROWTH];
    size_t n;

    if (len > 2048 || vtb_srtp_open(&master, &send) || vtb_srtp_open(&master, &receive))
        return;
    memcpy(packet, data, len);
    if (!vtb_srtp_unprotect(receive, packet, len, &n) ||
        !vtb_srtp_unprotect_rtcp(receive, packet, len, &n))
        abort();
    if (!vtb_srtp_protect(send, packet, len, sizeof packet, &n) && n <= 2048 &&
        (vtb_srtp_unprotect(receive, packet, n, &n) || n != len || memcmp(packet, data, len) != 0))
        abort();
    memcpy(packet, data, len);
    if (!vtb_srtp_protect_rtcp(send, packet, len, sizeof packet, &n) && n <= 2048 &&
        (vtb_srtp_unprotect_rtcp(receive, packet, n, &n) || n != len ||
         memcmp(packet, data, len) != 0))
        abort();
    vtb_srtp_destroy(send);
    vtb_srtp_destroy(receive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    one(VTB_SRTP_GCM_128, data, len);
    one(VTB_SRTP_CM_SHA1_80, data, len);
    return 0;
}
