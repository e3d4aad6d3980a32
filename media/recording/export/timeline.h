/*
 * timeline.h - what is seen at each moment of an export: page, the part of it, pointer, names of who speaks.
 *
 *     { "duration_ms": 600000, "pages": [ { "width": 1280, "height": 960 }, ... ],
 *       "events": [ { "at_ms": 0, "page": 0 }, { "at_ms": 500, "view": [2500, 0, 5000, 3750] },
 *                   { "at_ms": 900, "pointer": [2500, 5000] }, { "at_ms": 950, "pointer": null },
 *                   { "at_ms": 1000, "names": ["Dr. A"] }, { "at_ms": 2000, "page": null }, ... ] }
 *
 * Events in order of time; each changes one thing and leaves the others, but for a page, which comes whole and
 * without a pointer; null hides it. Pages have the size of the level of their tiles. Views (x, y, width, height) and
 * pointers are in 1/10000 of the page's width, both ways, as in the room; a view may reach beyond the page.
 *
 * Pure but for the allocator; thread: any. Limits: below.
 */
#ifndef VTB_EXPORT_TIMELINE_H
#define VTB_EXPORT_TIMELINE_H

#include "base/err.h"

#define VTB_TIMELINE_BYTES  ((size_t)32 * 1024 * 1024)
#define VTB_TIMELINE_PAGES  2000u
#define VTB_TIMELINE_EVENTS 400000u
#define VTB_TIMELINE_NAMES  240u /* bytes of all names that are shown at once */
#define VTB_TIMELINE_MS_MAX (24u * 3600u * 1000u)
#define VTB_TIMELINE_PIXELS (24u * 1000u * 1000u) /* of one page: 96 MB while it is seen */
#define VTB_TIMELINE_UNIT   10000
#define VTB_TIMELINE_TILE   512u

struct vtb_timeline;

struct vtb_page {
    uint32_t width, height; /* px */
    uint32_t cols, rows;    /* of tiles */
    size_t first;           /* how many tiles the pages before it have */
};

struct vtb_shown {
    int page;                      /* -1: none */
    int32_t view_x, view_y, view_w, view_h; /* view_w 0: the whole page */
    bool has_pointer;
    int32_t x, y;
    char names[VTB_TIMELINE_NAMES];
};

/* PARSE: not as above, or not in order; LIMIT; NOMEM. */
VTB_MUST_USE enum vtb_err vtb_timeline_parse(const char *text, size_t len, struct vtb_timeline **out);
void vtb_timeline_destroy(struct vtb_timeline *line); /* NULL is fine */
uint32_t vtb_timeline_duration_ms(const struct vtb_timeline *line);
size_t vtb_timeline_pages(const struct vtb_timeline *line);
const struct vtb_page *vtb_timeline_page(const struct vtb_timeline *line, size_t page); /* borrowed */
/* What is seen at `ms`; asked in order of time. `cursor` begins as 0, `shown` as vtb_nothing_shown. */
void vtb_timeline_at(const struct vtb_timeline *line, uint32_t ms, size_t *cursor, struct vtb_shown *shown);
extern const struct vtb_shown vtb_nothing_shown;

#endif
