/*
 * feed.h - what the export is given on its standard input, and by nothing else: no file, no argument and no
 * environment says a word of a patient.
 *
 *     "VTBFILM1"
 *     u32 length, time line (timeline.h)
 *     for each page of the time line, row by row: u32 length, a tile (WebP, 512 px, smaller at the right and lower edge;
 *     length 0: it is not there any more, and its place stays dark)
 *     the sound, WebM, until the end
 *
 * Numbers are big-endian. Tiles stay as they came until their page is drawn.
 *
 * Thread: the caller's. Blocks: reading. Limits: timeline.h, and 256 MB of tiles.
 */
#ifndef VTB_EXPORT_FEED_H
#define VTB_EXPORT_FEED_H

#include "timeline.h"

#define VTB_FEED_TILE_BYTES  (2u * 1024 * 1024)
#define VTB_FEED_TILES_BYTES ((size_t)256 * 1024 * 1024)

struct vtb_feed_tile {
    uint8_t *at;
    size_t len;
};

struct vtb_feed {
    struct vtb_timeline *line;
    struct vtb_feed_tile *tiles; /* of all pages, one after the other */
    size_t tiles_n;
};

/* Reads up to the sound, which is left in `fd`. PARSE, LIMIT, NOMEM; CLOSED: the input ended. */
VTB_MUST_USE enum vtb_err vtb_feed_read(int fd, struct vtb_feed *out);
void vtb_feed_fini(struct vtb_feed *feed);

#endif
