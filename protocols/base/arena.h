/*
 * arena.h - memory that lives and dies with one message. Not thread-safe.
 */
#ifndef VTB_BASE_ARENA_H
#define VTB_BASE_ARENA_H

#include "base/err.h"

struct vtb_arena_page;
struct vtb_arena {
    struct vtb_arena_page *pages;
}; /* zero-initialised is valid and empty */

/* Zeroed, aligned for any object. NULL when out of memory. */
void *vtb_arena_take(struct vtb_arena *arena, size_t bytes);
void vtb_arena_fini(struct vtb_arena *arena);

#endif
