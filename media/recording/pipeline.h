/*
 * pipeline.h - Opus frames in, a WebM stream out; the one file of the server with GStreamer in it.
 *
 *     our pad -> webmmux -> our pad
 *
 * The muxer is driven by hand: a push runs it on the caller's thread and has given its bytes to the
 * sink when it returns. So there is no thread, no queue and no clock of GStreamer's, nothing is
 * behind what was pushed, and two hours can be pushed in a second. (media-spike measured `appsrc !
 * opusparse ! webmmux ! filesink`; without opusparse nothing was ever written. What is missing there
 * is only the OpusHead in the caps, which opusparse makes. We know it, and so need no plugin of the
 * "bad" set and no streaming thread.) streamable=true: the muxer never seeks back in what may be
 * sealed already; the finished file is made by finish.c.
 *
 * Thread: the recorder's. Blocks: the first create of a process loads GStreamer (about 10 ms).
 * Figures: 3 µs a frame, 0.02 % of a core a room.
 */
#ifndef VTB_RECORDING_PIPELINE_H
#define VTB_RECORDING_PIPELINE_H

#include "base/err.h"

struct vtb_pipeline;

struct vtb_pipeline_sink {
    /* Borrowed for the call. Not OK: the push that caused it fails with the same. */
    enum vtb_err (*bytes)(void *ctx, const uint8_t *bytes, size_t len);
    void *ctx;
};

/* SYS: GStreamer or its matroska plugin is not installed (logged). */
VTB_MUST_USE enum vtb_err vtb_pipeline_create(struct vtb_pipeline_sink sink, struct vtb_pipeline **out);
/* One frame of 20 ms, at `slot` times 20 ms; slots in order. */
VTB_MUST_USE enum vtb_err vtb_pipeline_push(struct vtb_pipeline *pipeline, uint32_t slot, const uint8_t *opus, size_t len);
void vtb_pipeline_destroy(struct vtb_pipeline *pipeline); /* NULL is fine */

#endif
