/*
 * sdp_text.h - lines of SDP, shared by its writers. Inside media/rtc. Pure: any thread.
 */
#ifndef VTB_RTC_SDP_TEXT_H
#define VTB_RTC_SDP_TEXT_H

#include "rtc/sdp.h"

struct vtb_sdp_text {
    char *out; /* VTB_SDP_MAX + 1 bytes, terminated after each line */
    size_t len;
    bool full; /* a line did not fit; none is added any more */
};

VTB_PRINTF(2, 3) void vtb_sdp_put(struct vtb_sdp_text *text, const char *format, ...);
void vtb_sdp_put_fingerprint(struct vtb_sdp_text *text, const uint8_t digest[static 32]);
/* RFC 8445, 5.1.2.1: host candidates, one component; the list's order is the local preference. */
void vtb_sdp_put_candidates(struct vtb_sdp_text *text, const struct vtb_sdp_local *local);

#endif
