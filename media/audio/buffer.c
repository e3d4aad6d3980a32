#include "buffer.h"

#include <string.h>

#define FAR_AHEAD    1000
#define FAR_BEHIND   (-100)
#define REPAIR_ROOM  2880u /* samples held beyond the target while not chosen */
#define SHORT        (-240) /* samples by which the delay may be too short before sound is changed, */
#define SPARE        48    /* and too long, beyond a step */
#define LEFT_OVER    240   /* samples: less of a step is not worth taking out */
#define PATIENCE     150u  /* steps, 3 s: in speech a little too much is left alone so long */
#define MUCH         4800  /* samples of delay too much: in a hurry, after */
#define HURRY        25u   /* steps */
#define FAR_TOO_MUCH 9600
#define WARM         4     /* packets before the onset */

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
    struct vtb_buffer_figures figures = buf->figures;
    struct vtb_delay delay = buf->delay;

    memset(buf, 0, sizeof *buf);
    buf->figures = figures;
    buf->delay = delay;
    buf->duration = VTB_BUFFER_STEP;
    if (!delay.any)
        vtb_delay_init(&buf->delay);
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
                buf->figures.overrun++;
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

/* Not chosen: only the last part is of use, the older ones are let go and that is no loss. */
static void trim_hold(struct vtb_buffer *buf)
{
    uint32_t hold = buf->delay.target + REPAIR_ROOM;
    struct vtb_buffer_slot *slot;

    if (hold < VTB_BUFFER_HOLD)
        hold = VTB_BUFFER_HOLD;
    while (buf->count > 1 && (slot = oldest(buf)) &&
           ts_diff(buf->end_ts, slot->timestamp) > (int32_t)hold)
        skip_to(buf, (uint16_t)(slot->seq + 1), false);
}

/* Playing, and the source has run 320 ms ahead: back to the usual distance. */
static void trim_ahead(struct vtb_buffer *buf)
{
    struct vtb_buffer_slot *slot;

    if (ts_diff(buf->end_ts, buf->next_ts) <= (int32_t)VTB_BUFFER_AHEAD_MAX)
        return;
    while (buf->count > 1 && (slot = oldest(buf)) &&
           ts_diff(buf->end_ts, slot->timestamp) > (int32_t)(buf->delay.target + VTB_BUFFER_STEP))
        skip_to(buf, (uint16_t)(slot->seq + 1), true);
    slot = oldest(buf);
    if (slot) {
        buf->next_seq = slot->seq;
        buf->next_ts = slot->timestamp;
    }
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

/* A copy says nothing about what is new: it must fill a hole between what is known. */
static bool fits(struct vtb_buffer *buf, const struct vtb_buffer_packet *packet)
{
    struct vtb_buffer_slot *after;

    if (!vtb_buffer_misses(buf, packet->seq) || seq_diff(packet->seq, buf->next_seq) < 0)
        return false;
    if (buf->playing && ts_diff(packet->timestamp, buf->next_ts) < 0)
        return false;
    after = slot_of(buf, (uint16_t)(packet->seq + 1));
    return ts_diff(buf->end_ts, packet->timestamp) > 0 &&
           (!after || ts_diff(after->timestamp, packet->timestamp + packet->duration) >= 0);
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
            buf->figures.overrun++;
        }
    }
    memcpy(buf->bytes + pos % VTB_BUFFER_BYTES, payload, len);
    return pos;
}

bool vtb_buffer_misses(const struct vtb_buffer *buf, uint16_t seq)
{
    int back = seq_diff(buf->newest_seq, seq);

    return buf->any && back > 0 && back < 64 && !(buf->got >> back & 1);
}

static void mark(struct vtb_buffer *buf, uint16_t seq)
{
    int ahead = seq_diff(seq, buf->newest_seq);

    if (!buf->got) { /* the first: what was before it, perhaps behind a closed gate, is not missed */
        buf->got = ~0ull;
        return;
    }
    if (ahead > 0) {
        buf->got = ahead < 64 ? buf->got << ahead : 0;
        buf->newest_seq = seq;
        ahead = 0;
    }
    if (ahead > -64)
        buf->got |= 1ull << -ahead;
}

/* The delay learns from every arrival, in time or not; after `mark`, which says what is missing. */
static void learn(struct vtb_buffer *buf, const struct vtb_buffer_packet *packet, uint64_t now_us)
{
    switch (packet->came) {
    case VTB_BUFFER_FRESH:
        vtb_delay_came(&buf->delay, packet->timestamp, packet->duration, now_us);
        if (packet->fec && vtb_buffer_misses(buf, (uint16_t)(packet->seq - 1)))
            vtb_delay_repaired(&buf->delay, packet->timestamp - packet->duration, packet->duration,
                               now_us);
        break;
    case VTB_BUFFER_COPY:
    case VTB_BUFFER_RESENT:
        vtb_delay_repaired(&buf->delay, packet->timestamp, packet->duration, now_us);
        break;
    }
}

static enum vtb_buffer_kept refuse(struct vtb_buffer *buf, enum vtb_buffer_kept why)
{
    if (why == VTB_BUFFER_LATE)
        buf->figures.late++;
    else
        buf->figures.duplicate++;
    return why;
}

static void insert(struct vtb_buffer *buf, const struct vtb_buffer_packet *packet)
{
    struct vtb_buffer_slot *slot = &buf->slots[packet->seq % VTB_BUFFER_SLOTS];

    if (slot->full) /* an older round of the ring that was never played */
        empty_slot(buf, slot);
    *slot = (struct vtb_buffer_slot){
        .timestamp = packet->timestamp,
        .duration = packet->duration,
        .seq = packet->seq,
        .len = (uint16_t)packet->len,
        .level = packet->level,
        .copy = packet->came == VTB_BUFFER_COPY,
        .repair = packet->came != VTB_BUFFER_FRESH,
    };
    slot->pos = store(buf, packet->payload, (uint32_t)packet->len);
    slot->full = true;
    buf->count++;
}

enum vtb_buffer_kept vtb_buffer_push(struct vtb_buffer *buf,
                                     const struct vtb_buffer_packet *packet, uint64_t now_us)
{
    bool first = !buf->any, hole = vtb_buffer_misses(buf, packet->seq), newest;

    if (packet->came == VTB_BUFFER_COPY && !hole)
        return VTB_BUFFER_DUPLICATE; /* the usual case, and nothing to count */
    buf->figures.packets += packet->came == VTB_BUFFER_FRESH;
    if (packet->came != VTB_BUFFER_COPY && slot_of(buf, packet->seq))
        return refuse(buf, VTB_BUFFER_DUPLICATE);
    if (packet->came == VTB_BUFFER_COPY ? !fits(buf, packet) : !place(buf, packet->seq)) {
        if (hole)
            learn(buf, packet, now_us);
        return refuse(buf, VTB_BUFFER_LATE);
    }
    newest = first || !buf->got || seq_diff(packet->seq, buf->newest_seq) > 0;
    insert(buf, packet);
    mark(buf, packet->seq);
    learn(buf, packet, now_us);
    if (newest)
        buf->end_ts = packet->timestamp + packet->duration;
    if (packet->came == VTB_BUFFER_COPY)
        buf->figures.copied++;
    else if (packet->came == VTB_BUFFER_RESENT)
        buf->figures.resent++;
    if (buf->playing)
        trim_ahead(buf);
    else
        trim_hold(buf);
    return VTB_BUFFER_KEPT;
}

static bool is_ripe(const struct vtb_buffer *buf, const struct vtb_buffer_slot *slot, uint64_t now_us)
{
    return vtb_delay_age(&buf->delay, slot->timestamp, now_us) >= (int32_t)buf->delay.target;
}

/* The first packet that is held at `level` or louder after one that is not; NULL: none. */
static struct vtb_buffer_slot *rise(struct vtb_buffer *buf, uint16_t seq, uint32_t level)
{
    bool was_soft = false;

    for (uint32_t i = 0; i < VTB_BUFFER_SLOTS; i++, seq++) {
        struct vtb_buffer_slot *slot = slot_of(buf, seq);

        if (slot && slot->level <= level && was_soft)
            return slot;
        was_soft = was_soft || (slot && slot->level > level);
    }
    return NULL;
}

/* Where the speech begins for which the source was chosen. A soft consonant is softer than its room may
 * be, so where the room is loud two packets more are played. */
static uint32_t onset(struct vtb_buffer *buf, uint16_t seq)
{
    uint32_t loudest = VTB_BUFFER_NO_LEVEL, level = VTB_BUFFER_ONSET_LEVEL;
    struct vtb_buffer_slot *slot;

    for (uint32_t i = 0; i < VTB_BUFFER_SLOTS; i++)
        if (buf->slots[i].full && buf->slots[i].level < loudest)
            loudest = buf->slots[i].level;
    if (loudest + VTB_BUFFER_ONSET_BELOW > level)
        level = loudest + VTB_BUFFER_ONSET_BELOW;
    slot = rise(buf, seq, level);
    if (slot)
        return slot->timestamp;
    slot = rise(buf, seq, loudest + VTB_BUFFER_ONSET_BELOW);
    return slot ? slot->timestamp - 2 * VTB_BUFFER_STEP : buf->end_ts - VTB_BUFFER_BACK;
}

/*
 * Starts to play with the newest packet that has waited for the target, or at the onset of speech if
 * that is earlier, so that a source which had to wait for its turn keeps its first syllable. What
 * that adds to the delay is taken out again (vtb_buffer_adjust).
 */
static bool start(struct vtb_buffer *buf, uint64_t now_us)
{
    struct vtb_buffer_slot *slot = oldest(buf), *from = NULL;
    uint32_t begin;
    uint16_t seq;

    if (!slot)
        return false;
    seq = slot->seq;
    begin = onset(buf, seq);
    for (uint32_t i = 0; i < VTB_BUFFER_SLOTS; i++, seq++) {
        struct vtb_buffer_slot *at = slot_of(buf, seq);

        if (!at)
            continue;
        if (!is_ripe(buf, at, now_us))
            break;
        from = at;
        if (ts_diff(at->timestamp, begin) >= 0 && at->level <= VTB_BUFFER_ONSET_FAINT)
            break;
    }
    if (!from)
        return false;
    /* As many as a decoder needs to be in tune; more would all be decoded in this step. */
    if (seq_diff(from->seq, slot->seq) > WARM) {
        skip_to(buf, (uint16_t)(from->seq - WARM), false);
        slot = oldest(buf);
    }
    buf->next_seq = slot->seq;
    buf->next_ts = slot->timestamp;
    buf->play_seq = from->seq;
    buf->warming = true;
    buf->dry = buf->high = 0;
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
        /* The level that came is that of the later packet: good for an onset, not to judge by. */
        .level = slot->copy ? VTB_BUFFER_NO_LEVEL : slot->level,
    };
}

/*
 * One lost packet before `slot`; how much of it is still to be filled, which is not what dry steps
 * have filled. The last of a gap takes what is left, but never plays a pause of the sender's (DTX)
 * as one. *out_last: `slot` follows.
 */
static uint32_t lose_one(struct vtb_buffer *buf, const struct vtb_buffer_slot *slot, bool *out_last)
{
    int32_t gap = ts_diff(slot->timestamp, buf->next_ts);
    uint32_t piece = gap > 0 ? (uint32_t)gap : 0, dry;

    *out_last = seq_diff(slot->seq, buf->next_seq) == 1 || piece <= buf->duration;
    if (piece > buf->duration)
        piece = buf->duration;
    if (*out_last) {
        buf->next_seq = slot->seq;
        buf->next_ts = slot->timestamp;
    } else {
        buf->next_seq++;
        buf->next_ts += piece;
    }
    buf->figures.lost++;
    dry = buf->dry < piece ? buf->dry : piece;
    buf->dry -= dry;
    return (piece - dry) / 120u * 120u; /* Opus conceals in units of 2.5 ms */
}

static enum vtb_buffer_step run_dry(struct vtb_buffer *buf, uint32_t *out_missing)
{
    if (buf->dry >= VTB_BUFFER_DRY_MAX) {
        buf->playing = false;
        return VTB_BUFFER_NOTHING;
    }
    buf->dry += VTB_BUFFER_STEP;
    buf->high = 0;
    buf->figures.dry++;
    *out_missing = VTB_BUFFER_STEP;
    return VTB_BUFFER_DRY;
}

/*
 * A lost packet that came back after dry steps have stood in for it: played, it would add to the
 * delay what repairs do not usually need. It is left out while the next one is here.
 */
static struct vtb_buffer_slot *past_repairs(struct vtb_buffer *buf, struct vtb_buffer_slot *slot,
                                            uint64_t now_us)
{
    while (slot->repair && slot->seq == buf->next_seq && buf->dry >= slot->duration &&
           buf->count > 1 &&
           vtb_delay_age(&buf->delay, slot->timestamp, now_us) >
               (int32_t)(buf->delay.target + VTB_BUFFER_STEP)) {
        buf->dry -= slot->duration;
        buf->next_seq++;
        buf->next_ts = slot->timestamp + slot->duration;
        buf->figures.lost++;
        empty_slot(buf, slot);
        slot = oldest(buf);
    }
    return slot;
}

enum vtb_buffer_step vtb_buffer_next(struct vtb_buffer *buf, uint64_t now_us,
                                     struct vtb_buffer_packet *out_packet, uint32_t *out_missing)
{
    struct vtb_buffer_slot *slot;

    *out_missing = 0;
    if (!buf->playing && !start(buf, now_us))
        return VTB_BUFFER_NOTHING;
    slot = oldest(buf);
    if (!slot)
        return run_dry(buf, out_missing);
    buf->warming = buf->warming && seq_diff(slot->seq, buf->play_seq) < 0;
    slot = past_repairs(buf, slot, now_us);
    while (slot->seq != buf->next_seq && !buf->warming) {
        bool last;
        uint32_t missing = lose_one(buf, slot, &last);

        hand_out(buf, slot, out_packet);
        if (!last)
            out_packet->len = 0;
        if (missing) {
            *out_missing = missing;
            return VTB_BUFFER_LOST;
        }
    }
    hand_out(buf, slot, out_packet);
    buf->next_seq = (uint16_t)(slot->seq + 1);
    buf->next_ts = slot->timestamp + slot->duration;
    buf->duration = slot->duration;
    buf->dry = 0;
    empty_slot(buf, slot);
    return buf->warming ? VTB_BUFFER_WARM : VTB_BUFFER_PACKET;
}

bool vtb_buffer_is_ready(const struct vtb_buffer *buf)
{
    const struct vtb_buffer_slot *slot = &buf->slots[buf->next_seq % VTB_BUFFER_SLOTS];

    return buf->playing && slot->full && slot->seq == buf->next_seq;
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

/* How long the next packet will have been here when it is needed, had nothing held it up. */
static int32_t wait_of_next(const struct vtb_buffer *buf, uint32_t decoded, uint64_t now_us)
{
    uint32_t steps = decoded / VTB_BUFFER_STEP * VTB_BUFFER_STEP;

    return vtb_delay_age(&buf->delay, buf->next_ts, now_us) + (int32_t)steps;
}

uint32_t vtb_buffer_delay(const struct vtb_buffer *buf, uint32_t decoded, uint64_t now_us)
{
    int32_t wait = wait_of_next(buf, decoded, now_us) + (int32_t)VTB_BUFFER_STEP +
                   (int32_t)(decoded % VTB_BUFFER_STEP);

    return buf->playing && wait > 0 ? (uint32_t)wait : 0;
}

/*
 * Samples that are decoded already stand before the next packet (`rest` of a step). They may go
 * without making it needed earlier; a whole step more may go if the next packet still waits for the
 * target then.
 */
int32_t vtb_buffer_adjust(struct vtb_buffer *buf, uint32_t decoded, uint64_t now_us,
                          uint32_t *out_hurry, bool *out_patient)
{
    int32_t rest = (int32_t)(decoded % VTB_BUFFER_STEP), more;

    *out_hurry = 0;
    *out_patient = false;
    if (!buf->playing || buf->warming || buf->dry) {
        buf->high = 0;
        return 0;
    }
    more = wait_of_next(buf, decoded, now_us) - (int32_t)buf->delay.target;
    if (more < SHORT) {
        buf->high = 0;
        *out_hurry = more < -(int32_t)VTB_BUFFER_STEP;
        /* Only when a whole step has come together the next packet is needed later. */
        return rest < (int32_t)VTB_BUFFER_STEP / 2 ? rest - (int32_t)VTB_BUFFER_STEP
                                                   : -(int32_t)VTB_BUFFER_STEP / 2;
    }
    if (more < (int32_t)VTB_BUFFER_STEP + SPARE && rest < LEFT_OVER) {
        buf->high = 0;
        return 0;
    }
    buf->high++;
    *out_patient = buf->high < (more < MUCH ? PATIENCE : HURRY);
    *out_hurry = more > FAR_TOO_MUCH ? 2 : more > MUCH ? 1 : 0;
    return more >= (int32_t)VTB_BUFFER_STEP + SPARE ? rest + (int32_t)VTB_BUFFER_STEP : rest;
}
