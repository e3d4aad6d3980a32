#include "webm.h"

#include "base/cursor.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_MAX     512u /* everything but the cues */
#define CLUSTER_HEAD 14u  /* id 4, size 4, Timestamp 1 + 1 + 4 */
#define BLOCK_HEAD   7u   /* id 1, size 2, track 1, time 2, flags 1 */
#define CUE          19u  /* see put_cue */
#define CUES_HEAD    8u

const uint8_t vtb_opus_head[VTB_OPUS_HEAD] = {
    'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0,
};

enum vtb_err vtb_webm_plan_frame(struct vtb_webm_plan *plan, uint32_t slot, size_t len)
{
    struct vtb_webm_group *last = plan->groups_n ? &plan->groups[plan->groups_n - 1] : NULL;

    if (slot < plan->slots || len == 0 || len > VTB_WEBM_FRAME_MAX)
        return VTB_PARSE;
    if (slot >= VTB_WEBM_SLOTS_MAX)
        return VTB_LIMIT;
    if (!last || slot / VTB_WEBM_CLUSTER != last->slot / VTB_WEBM_CLUSTER) {
        if (plan->groups_n == plan->cap) {
            uint32_t cap = plan->cap ? 2 * plan->cap : 64;
            struct vtb_webm_group *groups = realloc(plan->groups, cap * sizeof *groups);

            if (!groups)
                return VTB_NOMEM;
            plan->groups = groups;
            plan->cap = cap;
        }
        last = &plan->groups[plan->groups_n++];
        *last = (struct vtb_webm_group){ .slot = slot };
    }
    last->bytes += (uint32_t)(BLOCK_HEAD + len);
    plan->slots = slot + 1;
    return VTB_OK;
}

void vtb_webm_plan_fini(struct vtb_webm_plan *plan)
{
    free(plan->groups);
    *plan = (struct vtb_webm_plan){ 0 };
}

/* ---- elements ---- */

struct out {
    uint8_t *bytes;
    size_t len;
};

static void put_bytes(struct out *out, const void *bytes, size_t len)
{
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
}

static void put_id(struct out *out, uint32_t id)
{
    uint8_t bytes[4];
    size_t skip = id > 0xffffff ? 0 : id > 0xffff ? 1 : id > 0xff ? 2 : 3;

    vtb_put_u32(bytes, id);
    put_bytes(out, bytes + skip, 4 - skip);
}

static void put_size4(struct out *out, uint32_t size)
{
    uint8_t bytes[4];

    vtb_put_u32(bytes, 0x10000000u | size);
    put_bytes(out, bytes, 4);
}

static void put_size8(struct out *out, uint64_t size)
{
    uint8_t bytes[8];

    vtb_put_u32(bytes, 0x01000000u | (uint32_t)(size >> 32));
    vtb_put_u32(bytes + 4, (uint32_t)size);
    put_bytes(out, bytes, 8);
}

static void put_data(struct out *out, uint32_t id, const void *data, uint8_t len) /* under 127 */
{
    uint8_t size = 0x80 | len;

    put_id(out, id);
    put_bytes(out, &size, 1);
    put_bytes(out, data, len);
}

static void put_uint(struct out *out, uint32_t id, uint32_t value) /* always four bytes: sizes are known ahead */
{
    uint8_t bytes[4];

    vtb_put_u32(bytes, value);
    put_data(out, id, bytes, 4);
}

static void put_float(struct out *out, uint32_t id, double value)
{
    uint64_t bits;
    uint8_t bytes[8];

    memcpy(&bits, &value, sizeof bits);
    vtb_put_u32(bytes, (uint32_t)(bits >> 32));
    vtb_put_u32(bytes + 4, (uint32_t)bits);
    put_data(out, id, bytes, 8);
}

/* A master: its size is written when its end is known. */
static size_t open_master(struct out *out, uint32_t id)
{
    put_id(out, id);
    put_size4(out, 0);
    return out->len;
}

static void close_master(struct out *out, size_t start)
{
    vtb_put_u32(out->bytes + start - 4, 0x10000000u | (uint32_t)(out->len - start));
}

static void put_ebml(struct out *out)
{
    size_t ebml = open_master(out, 0x1a45dfa3);

    put_uint(out, 0x4286, 1); /* EBMLVersion */
    put_uint(out, 0x42f7, 1);
    put_uint(out, 0x42f2, 4); /* longest id */
    put_uint(out, 0x42f3, 8); /* longest size */
    put_data(out, 0x4282, "webm", 4);
    put_uint(out, 0x4287, 4);
    put_uint(out, 0x4285, 2);
    close_master(out, ebml);
}

/* Where the masters lie, counted from the first byte in the Segment. */
struct places {
    uint32_t info, tracks, cues;
};

static void put_seek(struct out *out, uint32_t id, uint32_t at)
{
    uint8_t bytes[4];
    size_t seek = open_master(out, 0x4dbb);

    vtb_put_u32(bytes, id);
    put_data(out, 0x53ab, bytes, 4);
    put_uint(out, 0x53ac, at);
    close_master(out, seek);
}

static void put_tracks(struct out *out, struct vtb_id id)
{
    static const uint8_t preroll[4] = { 0x04, 0xc4, 0xb4, 0x00 }; /* 80 ms in ns; RFC 7845, 4.6 */
    size_t tracks = open_master(out, 0x1654ae6b), entry = open_master(out, 0xae), audio;

    put_uint(out, 0xd7, 1);
    put_data(out, 0x73c5, id.b + 8, 8); /* TrackUID: the random half of the id */
    put_uint(out, 0x83, 2);             /* audio */
    put_uint(out, 0x9c, 0);             /* no lacing */
    put_data(out, 0x86, "A_OPUS", 6);
    put_data(out, 0x63a2, vtb_opus_head, VTB_OPUS_HEAD);
    put_uint(out, 0x56aa, 0);
    put_data(out, 0x56bb, preroll, sizeof preroll);
    audio = open_master(out, 0xe1);
    put_float(out, 0xb5, 48000.0);
    put_uint(out, 0x9f, 1);
    close_master(out, audio);
    close_master(out, entry);
    close_master(out, tracks);
}

/* Everything in the Segment before the cues. Run twice: the first time to learn the places. */
static void put_front(struct out *out, const struct vtb_webm_plan *plan, struct vtb_id id, struct places *places)
{
    size_t start = out->len, seek = open_master(out, 0x114d9b74), info;

    put_seek(out, 0x1549a966, places->info);
    put_seek(out, 0x1654ae6b, places->tracks);
    put_seek(out, 0x1c53bb6b, places->cues);
    close_master(out, seek);
    places->info = (uint32_t)(out->len - start);
    info = open_master(out, 0x1549a966);
    put_uint(out, 0x2ad7b1, 1000000); /* times in ms */
    put_float(out, 0x4489, (double)plan->slots * VTB_SLOT_MS);
    put_data(out, 0x4d80, "consilium", 9);
    put_data(out, 0x5741, "consilium", 9);
    close_master(out, info);
    places->tracks = (uint32_t)(out->len - start);
    put_tracks(out, id);
    places->cues = (uint32_t)(out->len - start);
}

/* CuePoint { CueTime 4, CueTrackPositions { CueTrack 1, CueClusterPosition 4 } }, 19 bytes. */
static void put_cue(struct out *out, uint32_t ms, uint32_t at)
{
    static const uint8_t point[] = { 0xbb, 0x91 }, positions[] = { 0xb7, 0x89, 0xf7, 0x81, 0x01 };

    put_bytes(out, point, sizeof point);
    put_uint(out, 0xb3, ms);
    put_bytes(out, positions, sizeof positions);
    put_uint(out, 0xf1, at);
}

static uint64_t clusters_bytes(const struct vtb_webm_plan *plan)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < plan->groups_n; i++)
        bytes += CLUSTER_HEAD + plan->groups[i].bytes;
    return bytes;
}

uint64_t vtb_webm_plan_bytes(const struct vtb_webm_plan *plan)
{
    uint8_t bytes[HEAD_MAX];
    struct out out = { bytes, 0 };
    struct places places = { 0, 0, 0 };

    put_ebml(&out);
    put_id(&out, 0x18538067);
    put_size8(&out, 0);
    put_front(&out, plan, (struct vtb_id){ { 0 } }, &places);
    return out.len + CUES_HEAD + (uint64_t)CUE * plan->groups_n + clusters_bytes(plan);
}

enum vtb_err vtb_webm_writer_begin(struct vtb_webm_writer *writer, struct vtb_id id)
{
    const struct vtb_webm_plan *plan = writer->plan;
    size_t cues = CUES_HEAD + (size_t)CUE * plan->groups_n, start;
    struct out out = { malloc(HEAD_MAX + cues), 0 };
    struct places places = { 0, 0, 0 };
    uint64_t total = vtb_webm_plan_bytes(plan), at;
    enum vtb_err err;

    if (!out.bytes)
        return VTB_NOMEM;
    if (total > UINT32_MAX) {
        free(out.bytes);
        return VTB_LIMIT;
    }
    put_ebml(&out);
    put_id(&out, 0x18538067);
    put_size8(&out, total - out.len - 8);
    start = out.len;
    put_front(&out, plan, id, &places);
    out.len = start;
    put_front(&out, plan, id, &places);
    put_id(&out, 0x1c53bb6b);
    put_size4(&out, CUE * plan->groups_n);
    at = places.cues + cues;
    for (uint32_t i = 0; i < plan->groups_n; i++) {
        put_cue(&out, plan->groups[i].slot * VTB_SLOT_MS, (uint32_t)at);
        at += CLUSTER_HEAD + plan->groups[i].bytes;
    }
    writer->group = 0;
    err = writer->bytes(writer->ctx, out.bytes, out.len);
    free(out.bytes);
    return err;
}

static enum vtb_err begin_cluster(struct vtb_webm_writer *writer)
{
    const struct vtb_webm_group *group = &writer->plan->groups[writer->group++];
    uint8_t bytes[CLUSTER_HEAD];
    struct out out = { bytes, 0 };

    writer->base = group->slot;
    put_id(&out, 0x1f43b675);
    put_size4(&out, 6 + group->bytes);
    put_uint(&out, 0xe7, group->slot * VTB_SLOT_MS);
    return writer->bytes(writer->ctx, bytes, out.len);
}

enum vtb_err vtb_webm_writer_frame(struct vtb_webm_writer *writer, uint32_t slot, const uint8_t *opus, size_t len)
{
    const struct vtb_webm_plan *plan = writer->plan;
    uint8_t head[BLOCK_HEAD] = { 0xa3, 0, 0, 0x81, 0, 0, 0x80 };
    enum vtb_err err = VTB_OK;

    if (len > VTB_WEBM_FRAME_MAX)
        return VTB_PARSE;
    if (writer->group < plan->groups_n && slot == plan->groups[writer->group].slot)
        err = begin_cluster(writer);
    if (err)
        return err;
    vtb_put_u16(head + 1, (uint16_t)(0x4000u | (4 + len)));
    vtb_put_u16(head + 4, (uint16_t)((slot - writer->base) * VTB_SLOT_MS));
    err = writer->bytes(writer->ctx, head, sizeof head);
    return err ? err : writer->bytes(writer->ctx, opus, len);
}
