/*
 * timeline.h - what is seen at each moment of an export: page, pointer, names of who speaks.
 *
 *     { "duration_ms": 600000, "pages": ["p1.png", ...],
 *       "events": [ { "at_ms": 0, "page": 0 }, { "at_ms": 900, "pointer": [250000, 500000] },
 *                   { "at_ms": 950, "pointer": null }, { "at_ms": 1000, "names": ["Dr. A"] }, ... ] }
 *
 * Events in order of time; each changes one thing and leaves the others. Pointer in millionths of the
 * page. Paths are relative to the folder of the time line.
 *
 * Pure but for the allocator; thread: any. Limits: below.
 */
#ifndef VTB_EXPORT_TIMELINE_H
#define VTB_EXPORT_TIMELINE_H

#include "base/err.h"

#define VTB_TIMELINE_BYTES  ((size_t)16 * 1024 * 1024)
#define VTB_TIMELINE_PAGES  2000u
#define VTB_TIMELINE_EVENTS 200000u
#define VTB_TIMELINE_NAMES  240u /* bytes of all names that are shown at once */
#define VTB_TIMELINE_MS_MAX (24u * 3600u * 1000u)

struct vtb_timeline;

struct vtb_shown {
    int page;      /* -1: none yet */
    int32_t x, y;  /* millionths; x -1: no pointer */
    char names[VTB_TIMELINE_NAMES];
};

/* PARSE: not as above, or not in order; LIMIT; NOMEM. */
VTB_MUST_USE enum vtb_err vtb_timeline_parse(const char *text, size_t len, struct vtb_timeline **out);
void vtb_timeline_destroy(struct vtb_timeline *line); /* NULL is fine */
uint32_t vtb_timeline_duration_ms(const struct vtb_timeline *line);
size_t vtb_timeline_pages(const struct vtb_timeline *line);
const char *vtb_timeline_page(const struct vtb_timeline *line, size_t page); /* borrowed */
/* What is seen at `ms`; asked in order of time. `cursor` begins as 0, `shown` as vtb_nothing_shown. */
void vtb_timeline_at(const struct vtb_timeline *line, uint32_t ms, size_t *cursor, struct vtb_shown *shown);
extern const struct vtb_shown vtb_nothing_shown;

#endif
