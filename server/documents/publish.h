/*
 * publish.h - what happens between two children: folders made, drawings measured, tiles checked
 * and moved to where they are served.
 *
 * Thread: the pool's. All block.
 */
#ifndef VTB_DOCUMENTS_PUBLISH_H
#define VTB_DOCUMENTS_PUBLISH_H

#include "documents.h"

#include <limits.h>

struct publish {
    char folder[PATH_MAX]; /* DATA/jobs/<document> */
    char tiles[PATH_MAX];  /* DATA/tiles/<document> */
    uid_t child_uid;       /* 0: the children are ourselves */
};

/* An empty job folder that the children may write. */
VTB_MUST_USE enum vtb_err publish_prepare(const struct publish *publish);

struct publish_drawing {
    uint32_t width, height;
    uint64_t png_bytes;
    bool alpha;
};

/* Looks at `name` in the job folder. ABSENT, PARSE: nothing usable was drawn. */
VTB_MUST_USE enum vtb_err publish_measure(const struct publish *publish, const char *name,
                                          struct publish_drawing *out_drawing);

/* Number of levels of a page, and the size of one of them. */
uint32_t publish_levels(uint32_t width, uint32_t height);
void publish_level_size(uint32_t width, uint32_t height, uint32_t levels, uint32_t z,
                        uint32_t *out_width, uint32_t *out_height);

/* Checks that each tile of the page is there, is a WebP of the size it must be, and that there is
 * nothing else; then moves them with one rename. Fills levels, bytes, digest, has_text of `page`,
 * which comes with number and size. PARSE: the drawing is not what it must be. */
VTB_MUST_USE enum vtb_err publish_page(const struct publish *publish, struct vtb_drawn_page *page);

/* All that was published is on disk; the job folder is gone. */
VTB_MUST_USE enum vtb_err publish_end(const struct publish *publish);

#endif
