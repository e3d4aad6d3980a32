/*
 * sdp_words.h - lines and words of SDP, shared by its readers (RFC 8866). Inside media/rtc.
 *
 * Pure: any thread. What is returned borrows from what was given.
 */
#ifndef VTB_RTC_SDP_WORDS_H
#define VTB_RTC_SDP_WORDS_H

#include "base/err.h"
#include "base/str.h"
#include "rtc/stun.h"

bool vtb_sdp_starts(struct vtb_str text, struct vtb_str with, struct vtb_str *out_rest);
/* The next word, blank separated; len 0 at the end. */
struct vtb_str vtb_sdp_word(struct vtb_str *rest);
bool vtb_sdp_number(struct vtb_str text, uint32_t max, uint32_t *out);
/* RFC 8839, 5.4: letters, digits, + and /. */
bool vtb_sdp_secret(struct vtb_str text, size_t min, char out[static VTB_STUN_ICE_CHARS + 1]);
/* ABSENT: another hash, which may stand beside it (RFC 8122, 5). `out` may be half written on PARSE. */
VTB_MUST_USE enum vtb_err vtb_sdp_fingerprint(struct vtb_str rest, uint8_t out[static 32]);
/* Of an extmap line; 0: it is not that of the audio level (RFC 6464). */
uint8_t vtb_sdp_level_id(struct vtb_str rest);
/* False: the attribute is no direction. */
bool vtb_sdp_direction(struct vtb_str text, bool *sends, bool *receives);
/* The next line without its end; LIMIT: too long, PARSE: not x=. */
VTB_MUST_USE enum vtb_err vtb_sdp_line(struct vtb_str *rest, struct vtb_str *out_line);

#endif
