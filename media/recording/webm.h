/*
 * webm.h - reads the live stream that the muxer wrote, and writes the finished file.
 *
 * The live stream has clusters of unknown size and no index: browsers play it but cannot seek in it.
 * The finished file has the same frames, not a byte of sound changed, with duration and index
 * (cues) in front, so that a browser seeks with one range request:
 *
 *     EBML, Segment { SeekHead, Info { Duration }, Tracks, Cues, Cluster { Timestamp, SimpleBlock ... } ... }
 *
 * Two passes over the frames: the first (plan) gives the size of everything, the second writes, so
 * neither the stream nor the file is ever in memory or, in plain, on the disk. A remux by ffmpeg or
 * GStreamer would need a seekable plain copy of the whole (cues in front are written last) in a
 * memory file, a child process and 100 MB of packages; measured here, an hour takes about 0.1 s.
 *
 * Time is counted in slots of 20 ms: every slot of a recording has its frame, silent or not.
 *
 * Thread: the owner's. Blocks: never, no I/O. Sources: RFC 8794 (EBML), RFC 9559 (Matroska), the
 * WebM container guidelines, RFC 7845 section 5.1 (OpusHead).
 */
#ifndef VTB_RECORDING_WEBM_H
#define VTB_RECORDING_WEBM_H

#include "base/err.h"
#include "base/id.h"

#define VTB_SLOT_MS         20u
#define VTB_WEBM_FRAME_MAX  1275u /* bytes; RFC 6716, 3.4 */
#define VTB_WEBM_CLUSTER    250u  /* slots of a finished cluster: 5 s, one cue each */
#define VTB_WEBM_SLOTS_MAX  (24u * 3600u * 50u)
#define VTB_OPUS_HEAD       19u

/* 48 kHz, mono, no pre-skip: a recording begins amid a stream, there is no start to skip. */
extern const uint8_t vtb_opus_head[VTB_OPUS_HEAD];

/* ---- reading ---- */

struct vtb_webm_reader {
    enum vtb_err (*frame)(void *ctx, uint32_t slot, const uint8_t *opus, size_t len);
    void *ctx;
    uint64_t skip;       /* bytes of an element that is of no interest */
    uint64_t cluster_ms;
    size_t kept;
    uint8_t bytes[VTB_WEBM_FRAME_MAX + 64];
};

void vtb_webm_reader_init(struct vtb_webm_reader *reader,
                          enum vtb_err (*frame)(void *ctx, uint32_t slot, const uint8_t *opus, size_t len), void *ctx);
/* Any pieces. PARSE: no stream of our muxer; else what `frame` says. A cut end is no error. */
VTB_MUST_USE enum vtb_err vtb_webm_reader_take(struct vtb_webm_reader *reader, const uint8_t *bytes, size_t len);

/* ---- writing ---- */

struct vtb_webm_group { /* becomes a cluster */
    uint32_t slot;      /* of its first frame */
    uint32_t bytes;     /* of its blocks */
};

struct vtb_webm_plan {
    struct vtb_webm_group *groups;
    uint32_t groups_n, cap;
    uint32_t slots; /* one past the last frame's */
};

/* First pass. PARSE: frames not in order or too long; LIMIT: over a day; NOMEM. */
VTB_MUST_USE enum vtb_err vtb_webm_plan_frame(struct vtb_webm_plan *plan, uint32_t slot, size_t len);
void vtb_webm_plan_fini(struct vtb_webm_plan *plan);
uint64_t vtb_webm_plan_bytes(const struct vtb_webm_plan *plan); /* of the file */

struct vtb_webm_writer {
    const struct vtb_webm_plan *plan; /* borrowed */
    enum vtb_err (*bytes)(void *ctx, const uint8_t *bytes, size_t len);
    void *ctx;
    uint32_t group; /* next */
    uint32_t base;  /* slot of the cluster that is written */
};

/* Second pass: everything up to the first cluster; then each frame of the plan, in order. */
VTB_MUST_USE enum vtb_err vtb_webm_writer_begin(struct vtb_webm_writer *writer, struct vtb_id id);
VTB_MUST_USE enum vtb_err vtb_webm_writer_frame(struct vtb_webm_writer *writer, uint32_t slot, const uint8_t *opus,
                                                size_t len);

#endif
