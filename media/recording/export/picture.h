/*
 * picture.h - frames of an export: pages as GStreamer decodes them, with the pointer drawn on top.
 *
 * 1280 x 720, BGRx; a page keeps its shape, with dark borders. One page is decoded at a time and kept
 * until another is shown.
 *
 * Thread: the caller's. Blocks: while a page is decoded.
 */
#ifndef VTB_EXPORT_PICTURE_H
#define VTB_EXPORT_PICTURE_H

#include "timeline.h"

#include <gst/gst.h>

#define VTB_PICTURE_WIDTH  1280
#define VTB_PICTURE_HEIGHT 720
#define VTB_PICTURE_BYTES  ((size_t)VTB_PICTURE_WIDTH * VTB_PICTURE_HEIGHT * 4)

struct vtb_picture {
    const struct vtb_timeline *line;
    const char *folder; /* of the time line */
    int page;           /* what `bytes` shows; -1: nothing */
    struct { int x, y, w, h; } place; /* of the page in the frame, for the pointer */
    uint8_t *bytes;
};

VTB_MUST_USE enum vtb_err vtb_picture_init(struct vtb_picture *picture, const struct vtb_timeline *line,
                                           const char *folder);
void vtb_picture_fini(struct vtb_picture *picture);
/* A new frame. ABSENT: the page cannot be decoded. */
VTB_MUST_USE enum vtb_err vtb_picture_draw(struct vtb_picture *picture, const struct vtb_shown *shown, GstBuffer **out);

#endif
