/*
 * red.h - redundant audio (RFC 2198): a packet that carries copies of the ones before it.
 *
 *      0                   1                   2                   3
 *     |1|  block type |  samples before this timestamp |  length    |   each copy, oldest first
 *     |0|  block type |                                                 the packet's own sound
 *
 * then the bytes of the blocks in the same order. An offset is at most 16383 samples (341 ms at
 * 48 kHz), a copy at most 1023 bytes.
 *
 * Pure: bytes in, struct out. Any thread.
 */
#ifndef VTB_RTC_RED_H
#define VTB_RTC_RED_H

#include "base/err.h"

#define VTB_RTP_RED        63 /* payload type that we offer */
#define VTB_RED_BLOCKS     32 /* with the packet's own; what libwebrtc reads at most */
#define VTB_RED_OFFSET_MAX 16383u
#define VTB_RED_COPY_MAX   1023u

struct vtb_red_block {
    const uint8_t *payload;
    size_t len;
    uint32_t offset; /* samples before the packet's timestamp; 0: the packet's own sound */
};

struct vtb_red {
    struct vtb_red_block blocks[VTB_RED_BLOCKS]; /* oldest first, the packet's own last */
    size_t n;                                    /* at least 1 */
};

/*
 * `out` borrows `data`. PARSE: cut off, more than VTB_RED_BLOCKS, a block whose type is not `type`,
 * no sound of its own, an empty copy or one that is not older than the next.
 */
VTB_MUST_USE enum vtb_err vtb_red_parse(const uint8_t *data, size_t len, uint8_t type,
                                        struct vtb_red *out);

/*
 * Writes `n` blocks, oldest first, the packet's own last; its bytes are the end of what is written.
 * Returns the length; 0: an offset or a length is beyond the format's limits, or `cap` is too small.
 */
size_t vtb_red_write(const struct vtb_red_block *blocks, size_t n, uint8_t type, uint8_t *out,
                     size_t cap);

#endif
