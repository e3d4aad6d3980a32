#include "buffer.h"

#include <string.h>

#define SETTLE_STEPS 10u /* 0.2 s, one window of the depth watch */
#define SETTLE_HIGH  5u  /* windows: one second */
#define FAR_AHEAD    1000
#define FAR_BEHIND   (-100)

/* Both wrap: the difference says which is newer (RFC 1982). */
static int seq_diff(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(a - b);
}

static int32_t ts_diff(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static struct vtb_buffer_slot *slot_of(struct vtb_buffer *buf, uint16_t seq)
{
    struct vtb_buffer_slot *slot = &buf->slots[seq % VTB_BUFFER_SLOTS];

    return slot->full && slot->seq == seq ? slot : NULL;
}

static void empty_slot(struct vtb_buffer *buf, struct vtb_buffer_slot *slot)
{
    slot->full = false;
    buf->count--;
}

void vtb_buffer_init(struct vtb_buffer *buf)
{
    uint64_t overrun = buf->overrun;

    memset(buf, 0, sizeof *buf);
    buf->overrun = overrun;
}

/* Forgets what lies before `seq`; `counted` when that is a loss for the listener. */
static void skip_to(struct vtb_buffer *buf, uint16_t seq, bool counted)
{
    int steps = seq_diff(seq, buf->next_seq);

    for (uint32_t i = 0; i < VTB_BUFFER_SLOTS && steps > 0; i++) {
        struct vtb_buffer_slot *slot = &buf->slots[i];

        if (slot->full && seq_diff(slot->seq, seq) < 0) {
            empty_slot(buf, slot);
            if (counted)
                buf->overrun++;
        }
    }
    buf->next_seq = seq;
}

/* The oldest packet that is here, or NULL. */
static struct vtb_buffer_slot *oldest(struct vtb_buffer *buf)
{
    uint16_t seq = buf->next_seq;

    if (!buf->count)
        return NULL;
    for (uint32_t i = 0; i < VTB_BUFFER_SLOTS; i++, seq++) {
        struct vtb_buffer_slot *slot = slot_of(buf, seq);

        if (slot)
            return slot;
    }
    return NULL;
}

/* Not chosen: only the last 100 ms are of use, the older ones are let go and that is no loss. */
static void trim_hold(struct vtb_buffer *buf)
{
    struct vtb_buffer_slot *newest = slot_of(buf, buf->newest_seq), *slot;

    if (!newest)
        return;
    while ((slot = oldest(buf)) && slot != newest &&
           ts_diff(newest->timestamp, slot->timestamp) >= (int32_t)VTB_BUFFER_HOLD)
        skip_to(buf, (uint16_t)(slot->seq + 1), false);
}

/* Playing, and the source has run 240 ms ahead: back to the usual distance. */
static void trim_ahead(struct vtb_buffer *buf)
{
    struct vtb_buffer_slot *slot;

    if (ts_diff(buf->end_ts, buf->next_ts) <= (int32_t)VTB_BUFFER_AHEAD_MAX)
        return;
    while ((slot = oldest(buf)) && slot->seq != buf->newest_seq &&
           ts_diff(buf->end_ts, slot->timestamp) > (int32_t)VTB_BUFFER_TARGET) {
        buf->next_ts = slot->timestamp + slot->duration;
        skip_to(buf, (uint16_t)(slot->seq + 1), true);
    }
    slot = oldest(buf);
    if (slot)
        buf->next_ts = slot->timestamp;
}

/*
 * Where the packet stands. False: it is not kept. A far-off number is kept only when its successor
 * has followed, so one broken packet cannot move the player (RFC 3550 appendix A.1).
 */
static bool place(struct vtb_buffer *buf, uint16_t seq)
{
    int diff = seq_diff(seq, buf->next_seq);

    if (!buf->any) {
        buf->any = true;
        buf->next_seq = buf->newest_seq = seq;
        return true;
    }
    if (diff > FAR_AHEAD || diff < FAR_BEHIND) {
        bool restarted = buf->stray && seq == buf->stray_seq;

        buf->stray = true;
        buf->stray_seq = (uint16_t)(seq + 1);
        if (!restarted)
            return false;
        vtb_buffer_init(buf);
        buf->any = true;
        buf->next_seq = buf->newest_seq = seq;
        return true;
    }
    buf->stray = false;
    if (diff < 0) { /* reordered around the start of what is held: the start moves back */
        if (buf->playing || seq_diff(buf->newest_seq, seq) >= (int)VTB_BUFFER_SLOTS)
            return false;
        buf->next_seq = seq;
        return true;
    }
    if (diff >= (int)VTB_BUFFER_SLOTS) {
        skip_to(buf, (uint16_t)(seq - (VTB_BUFFER_SLOTS - 1)), buf->playing);
        if (buf->playing) {
            struct vtb_buffer_slot *slot = oldest(buf);

            if (slot)
                buf->next_ts = slot->timestamp;
        }
    }
    return true;
}

/* Copies the bytes behind the last ones; what they overwrite is lost. */
static uint32_t store(struct vtb_buffer *buf, const uint8_t *payload, uint32_t len)
{
    uint32_t at = buf->written % VTB_BUFFER_BYTES, pos;

    if (at + len > VTB_BUFFER_BYTES) /* payloads are contiguous */
        buf->written += VTB_BUFFER_BYTES - at;
    pos = buf->written;
    buf->written += len;
    for (uint32_t i = 0; i < VTB_BUFFER_SLOTS; i++) {
        struct vtb_buffer_slot *slot = &buf->slots[i];

        if (slot->full && buf->written - slot->pos > VTB_BUFFER_BYTES) {
            empty_slot(buf, slot);
            buf->overrun++;
        }
    }
    memcpy(buf->bytes + pos % VTB_BUFFER_BYTES, payload, len);
    return pos;
}

enum vtb_buffer_kept vtb_buffer_push(struct vtb_buffer *buf,
                                     const struct vtb_buffer_packet *packet, uint64_t now_us)
{
    struct vtb_buffer_slot *slot;
    uint32_t end = packet->timestamp + packet->duration;
    bool first = !buf->any;

    if (slot_of(buf, packet->seq))
        return VTB_BUFFER_DUPLICATE;
    if (!place(buf, packet->seq))
        return VTB_BUFFER_LATE;
    slot = &buf->slots[packet->seq % VTB_BUFFER_SLOTS];
    if (slot->full) /* an older round of the ring that was never played */
        empty_slot(buf, slot);
    *slot = (struct vtb_buffer_slot){
        .arrived_us = now_us,
        .timestamp = packet->timestamp,
        .duration = packet->duration,
        .seq = packet->seq,
        .len = (uint16_t)packet->len,
        .level = packet->level,
    };
    slot->pos = store(buf, packet->payload, (uint32_t)packet->len);
    slot->full = true;
    buf->count++;
    if (first || buf->count == 1 || seq_diff(packet->seq, buf->newest_seq) >= 0) {
        buf->newest_seq = packet->seq;
        buf->end_ts = end;
    }
    if (buf->playing)
        trim_ahead(buf);
    else
        trim_hold(buf);
    return VTB_BUFFER_KEPT;
}

/*
 * Starts to play: 60 ms before the newest end, or at the onset of speech if that is earlier, so
 * that a source which had to wait for its turn keeps its first syllable. The distance shrinks
 * again in the next pause (vtb_buffer_settle).
 */
static bool start(struct vtb_buffer *buf, uint64_t now_us)
{
    struct vtb_buffer_slot *slot = oldest(buf), *from = NULL;
    uint16_t seq;

    if (!slot || now_us < slot->arrived_us + VTB_BUFFER_WAIT_US)
        return false;
    buf->next_seq = seq = slot->seq;
    for (uint32_t i = 0; i < VTB_BUFFER_SLOTS && !from; i++, seq++) {
        slot = slot_of(buf, seq);
        if (slot && (slot->level <= VTB_BUFFER_ONSET_LEVEL || seq == buf->newest_seq ||
                     ts_diff(buf->end_ts, slot->timestamp) <= (int32_t)VTB_BUFFER_TARGET))
            from = slot;
    }
    if (!from)
        return false;
    buf->play_seq = from->seq;
    buf->warming = true;
    buf->next_ts = slot_of(buf, buf->next_seq)->timestamp;
    buf->dry = 0;
    buf->low = UINT32_MAX;
    buf->steps = buf->high_windows = 0;
    buf->playing = true;
    return true;
}

static void hand_out(struct vtb_buffer *buf, const struct vtb_buffer_slot *slot,
                     struct vtb_buffer_packet *out)
{
    *out = (struct vtb_buffer_packet){
        .payload = buf->bytes + slot->pos % VTB_BUFFER_BYTES,
        .len = slot->len,
        .timestamp = slot->timestamp,
        .duration = slot->duration,
        .seq = slot->seq,
        .level = slot->level,
    };
}

/* How much of a gap is still to be filled: not what dry steps have already filled. */
static uint32_t gap_left(const struct vtb_buffer *buf, const struct vtb_buffer_slot *slot)
{
    int32_t gap = ts_diff(slot->timestamp, buf->next_ts);

    if (gap <= (int32_t)buf->dry)
        return 0;
    gap -= (int32_t)buf->dry;
    if (gap > (int32_t)VTB_BUFFER_DRY_MAX) /* a long pause is not played as one */
        return 0;
    return (uint32_t)gap / 120u * 120u; /* Opus conceals in units of 2.5 ms */
}

enum vtb_buffer_step vtb_buffer_next(struct vtb_buffer *buf, uint64_t now_us,
                                     struct vtb_buffer_packet *out_packet, uint32_t *out_missing)
{
    struct vtb_buffer_slot *slot;
    bool warm;

    *out_missing = 0;
    if (!buf->playing && !start(buf, now_us))
        return VTB_BUFFER_NOTHING;
    slot = oldest(buf);
    if (!slot) {
        if (buf->dry >= VTB_BUFFER_DRY_MAX) {
            buf->playing = false;
            return VTB_BUFFER_NOTHING;
        }
        buf->dry += 960u;
        *out_missing = 960u;
        return VTB_BUFFER_DRY;
    }
    hand_out(buf, slot, out_packet);
    buf->warming = buf->warming && seq_diff(slot->seq, buf->play_seq) < 0;
    warm = buf->warming;
    if (slot->seq != buf->next_seq) {
        uint32_t missing = gap_left(buf, slot);

        buf->next_seq = slot->seq;
        buf->next_ts = slot->timestamp;
        buf->dry = 0;
        if (missing && !warm) {
            *out_missing = missing;
            return VTB_BUFFER_LOST;
        }
    }
    buf->next_seq = (uint16_t)(slot->seq + 1);
    buf->next_ts = slot->timestamp + slot->duration;
    buf->dry = 0;
    empty_slot(buf, slot);
    return warm ? VTB_BUFFER_WARM : VTB_BUFFER_PACKET;
}

void vtb_buffer_rest(struct vtb_buffer *buf)
{
    buf->playing = false;
    trim_hold(buf);
}

uint32_t vtb_buffer_ahead(const struct vtb_buffer *buf)
{
    int32_t ahead = ts_diff(buf->end_ts, buf->next_ts);

    return buf->count && ahead > 0 ? (uint32_t)ahead : 0;
}

bool vtb_buffer_settle(struct vtb_buffer *buf, uint32_t decoded, bool quiet)
{
    uint32_t depth = vtb_buffer_ahead(buf) + decoded;
    bool due;

    if (!buf->playing)
        return false;
    if (depth < buf->low)
        buf->low = depth;
    if (++buf->steps < SETTLE_STEPS)
        return false;
    buf->high_windows = buf->low >= VTB_BUFFER_TARGET ? buf->high_windows + 1 : 0;
    buf->low = UINT32_MAX;
    buf->steps = 0;
    due = buf->high_windows >= SETTLE_HIGH || (buf->high_windows && quiet);
    if (due)
        buf->high_windows = 0;
    return due;
}
