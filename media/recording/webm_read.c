#include "webm.h"

#include <string.h>

#define ID_SEGMENT 0x18538067u
#define ID_CLUSTER 0x1f43b675u
#define ID_TIME    0xe7u
#define ID_BLOCK   0xa3u
#define UNKNOWN    UINT64_MAX

void vtb_webm_reader_init(struct vtb_webm_reader *reader,
                          enum vtb_err (*frame)(void *ctx, uint32_t slot, const uint8_t *opus, size_t len), void *ctx)
{
    reader->frame = frame;
    reader->ctx = ctx;
    reader->skip = reader->cluster_ms = 0;
    reader->kept = 0;
}

struct element {
    uint32_t id;
    uint64_t size; /* or UNKNOWN */
    size_t head;   /* bytes of id and size */
};

/* RFC 8794, sections 4 and 5. AGAIN: needs more bytes. */
static enum vtb_err read_head(const uint8_t *at, size_t len, struct element *out)
{
    size_t id_len = 1, size_len = 1;
    uint64_t ones;

    if (len == 0)
        return VTB_AGAIN;
    while (id_len <= 4 && !(at[0] & 0x80u >> (id_len - 1)))
        id_len++;
    if (id_len > 4)
        return VTB_PARSE;
    if (len <= id_len)
        return VTB_AGAIN;
    while (size_len <= 8 && !(at[id_len] & 0x80u >> (size_len - 1)))
        size_len++;
    if (size_len > 8)
        return VTB_PARSE;
    if (len < id_len + size_len)
        return VTB_AGAIN;
    out->id = 0;
    for (size_t i = 0; i < id_len; i++)
        out->id = out->id << 8 | at[i];
    out->size = at[id_len] & (0xffu >> size_len);
    for (size_t i = 1; i < size_len; i++)
        out->size = out->size << 8 | at[id_len + i];
    ones = ((uint64_t)1 << (7 * size_len)) - 1;
    if (out->size == ones)
        out->size = UNKNOWN;
    out->head = id_len + size_len;
    return VTB_OK;
}

/* SimpleBlock: track 1, time relative to its cluster, flags without lacing. RFC 9559, 10.1 and 10.2. */
static enum vtb_err take_block(struct vtb_webm_reader *reader, const uint8_t *at, size_t len)
{
    int64_t ms;

    if (len < 5 || at[0] != 0x81 || (at[3] & 0x06) != 0 || len - 4 > VTB_WEBM_FRAME_MAX)
        return VTB_PARSE;
    ms = (int64_t)reader->cluster_ms + (int16_t)(uint16_t)(at[1] << 8 | at[2]);
    if (ms < 0 || ms >= (int64_t)VTB_WEBM_SLOTS_MAX * VTB_SLOT_MS)
        return VTB_PARSE;
    return reader->frame(reader->ctx, (uint32_t)((ms + VTB_SLOT_MS / 2) / VTB_SLOT_MS), at + 4, len - 4);
}

static enum vtb_err take_time(struct vtb_webm_reader *reader, const uint8_t *at, size_t len)
{
    if (len > 8)
        return VTB_PARSE;
    reader->cluster_ms = 0;
    for (size_t i = 0; i < len; i++)
        reader->cluster_ms = reader->cluster_ms << 8 | at[i];
    return reader->cluster_ms < (uint64_t)VTB_WEBM_SLOTS_MAX * VTB_SLOT_MS ? VTB_OK : VTB_PARSE;
}

/* One element at the start of what is kept. AGAIN: needs more bytes. */
static enum vtb_err take_element(struct vtb_webm_reader *reader, size_t *out_used)
{
    struct element element;
    enum vtb_err err = read_head(reader->bytes, reader->kept, &element);

    if (err)
        return err;
    *out_used = element.head;
    if (element.id == ID_SEGMENT || element.id == ID_CLUSTER)
        return VTB_OK; /* what is in it comes next; its size tells nothing new */
    if (element.size == UNKNOWN)
        return VTB_PARSE;
    if (element.id != ID_TIME && element.id != ID_BLOCK) {
        reader->skip = element.size;
        return VTB_OK;
    }
    if (element.size > sizeof reader->bytes - element.head)
        return VTB_PARSE;
    if (reader->kept - element.head < element.size)
        return VTB_AGAIN;
    *out_used += (size_t)element.size;
    return element.id == ID_TIME ? take_time(reader, reader->bytes + element.head, (size_t)element.size)
                                 : take_block(reader, reader->bytes + element.head, (size_t)element.size);
}

enum vtb_err vtb_webm_reader_take(struct vtb_webm_reader *reader, const uint8_t *bytes, size_t len)
{
    while (len) {
        size_t n;

        if (reader->skip) {
            n = reader->skip < len ? (size_t)reader->skip : len;
            reader->skip -= n;
            bytes += n;
            len -= n;
            continue;
        }
        n = sizeof reader->bytes - reader->kept;
        n = n < len ? n : len;
        memcpy(reader->bytes + reader->kept, bytes, n);
        reader->kept += n;
        bytes += n;
        len -= n;
        for (;;) {
            size_t used = 0, drop;
            enum vtb_err err = take_element(reader, &used);

            if (err == VTB_AGAIN)
                break;
            if (err)
                return err;
            drop = reader->kept - used; /* of what is kept, what may be skipped is dropped at once */
            drop = reader->skip < drop ? (size_t)reader->skip : drop;
            reader->skip -= drop;
            used += drop;
            reader->kept -= used;
            memmove(reader->bytes, reader->bytes + used, reader->kept);
        }
    }
    return VTB_OK;
}
