#include "join.h"

#include <opus.h>
#include <string.h>

/* Everything but the two bits that say how many frames there are. */
#define KIND 0xfcu
#define HEAD (1u + 2u * VTB_RUNG_FRAMES_MAX) /* bytes that joining may add: a count and lengths */

bool vtb_join_add(struct vtb_join *join, const uint8_t *packet, size_t len)
{
    if (join->n == VTB_RUNG_FRAMES_MAX || len == 0 || len > VTB_JOIN_MAX)
        return false;
    if (join->n && ((join->frame[0][0] & KIND) != (packet[0] & KIND) ||
                    join->bytes + len + HEAD > VTB_JOIN_MAX))
        return false;
    if (!join->n)
        join->bytes = 0;
    join->bytes += len;
    memcpy(join->frame[join->n], packet, len);
    join->len[join->n++] = (uint16_t)len;
    return true;
}

size_t vtb_join_take(struct vtb_join *join, uint8_t *out, size_t cap)
{
    /* Half a kilobyte on the stack: libopus only tells the size, and nothing outlives the call. */
    union {
        max_align_t align;
        uint8_t bytes[2048];
    } room;
    OpusRepacketizer *packer = (OpusRepacketizer *)room.bytes;
    opus_int32 len = 0;
    size_t n = join->n;

    join->n = 0;
    if (n == 1 && join->len[0] <= cap) {
        memcpy(out, join->frame[0], join->len[0]);
        return join->len[0];
    }
    if (n < 2 || (size_t)opus_repacketizer_get_size() > sizeof room)
        return 0;
    opus_repacketizer_init(packer);
    for (size_t i = 0; i < n; i++)
        if (opus_repacketizer_cat(packer, join->frame[i], (opus_int32)join->len[i]) != OPUS_OK)
            return 0;
    len = opus_repacketizer_out(packer, out, (opus_int32)cap);
    return len > 0 ? (size_t)len : 0;
}
