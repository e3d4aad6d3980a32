#include "line.h"

#include "rtc/red.h"
#include "rtc/rtp.h"

#include <string.h>

void vtb_line_init(struct vtb_line *line, enum vtb_rung_name name, uint8_t phase)
{
    memset(line, 0, sizeof *line);
    line->name = name;
    line->phase = phase;
    line->silent = true;
}

bool vtb_line_begins(const struct vtb_line *line, uint64_t tick)
{
    return tick % vtb_rung_of(line->name)->frames == line->phase;
}

/* The copies that the rung wants and the format allows, oldest first. */
static size_t copies(const struct vtb_line *line, const struct vtb_shelf *shelf,
                     struct vtb_red_block out[static VTB_RUNG_COPIES_MAX])
{
    const struct vtb_rung *rung = vtb_rung_of(line->name);
    size_t n = 0;

    for (size_t i = 0; i < rung->copies; i++) {
        uint32_t at = (line->kept_at - rung->copy_of[i]) % VTB_LINE_KEPT;
        uint64_t offset = (line->joined_tick - line->kept[at].tick) * VTB_MIX_FRAME;
        const uint8_t *bytes = vtb_shelf_at(shelf, line->kept[at].pos, line->kept[at].len);

        if (line->kept[at].len == 0 || line->kept[at].len > VTB_RED_COPY_MAX ||
            offset > VTB_RED_OFFSET_MAX || !bytes)
            continue;
        out[n++] = (struct vtb_red_block){ bytes, line->kept[at].len, (uint32_t)offset };
    }
    return n;
}

static void flush(struct vtb_line *line, struct vtb_shelf *shelf, uint64_t tick)
{
    struct vtb_red_block blocks[VTB_RUNG_COPIES_MAX + 1];
    uint8_t own[VTB_MIX_PAYLOAD_MAX];
    size_t len = vtb_join_take(&line->join, own, sizeof own);
    uint8_t *slot;
    size_t n, whole = 0;

    if (len == 0 || line->packets_n == VTB_LINE_PACKETS)
        return;
    slot = vtb_shelf_slot(shelf);
    n = copies(line, shelf, blocks);
    blocks[n] = (struct vtb_red_block){ own, len, 0 };
    if (n) /* what would not fit in a datagram goes without its copies */
        whole = vtb_red_write(blocks, n + 1, VTB_RTP_OPUS, slot, VTB_SHELF_PAYLOAD);
    if (!whole) {
        memcpy(slot, own, len);
        whole = len;
    }
    struct vtb_line_packet packet = { .pos = vtb_shelf_keep(shelf, whole), .len = (uint16_t)whole,
                                      .plain = (uint16_t)(whole - len),
                                      .back = (uint8_t)(tick - line->joined_tick) };

    line->packets[line->packets_n++] = packet;
    line->kept[line->kept_at % VTB_LINE_KEPT].tick = line->joined_tick;
    line->kept[line->kept_at % VTB_LINE_KEPT].pos = packet.pos + packet.plain;
    line->kept[line->kept_at % VTB_LINE_KEPT].len = (uint16_t)len;
    line->kept_at++;
}

void vtb_line_feed(struct vtb_line *line, struct vtb_shelf *shelf,
                   const struct vtb_mix_payload *frame, uint64_t tick)
{
    line->packets_n = 0;
    line->silent = frame->silent;
    if (line->join.n && tick != line->joined_tick + line->join.n)
        line->join.n = 0; /* ticks were skipped: nobody waits for that sound any more */
    if (frame->silent) {
        flush(line, shelf, tick);
        return;
    }
    if (!vtb_join_add(&line->join, frame->payload, frame->len)) {
        flush(line, shelf, tick);
        line->joined_tick = tick;
        if (!vtb_join_add(&line->join, frame->payload, frame->len))
            return; /* longer than any Opus frame */
    } else if (line->join.n == 1) {
        line->joined_tick = tick;
    }
    if (vtb_line_begins(line, tick + 1))
        flush(line, shelf, tick);
}
