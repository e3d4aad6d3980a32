#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#define PAGE 4096u

struct vtb_arena_page {
    struct vtb_arena_page *next;
    size_t used, cap;
    alignas(max_align_t) unsigned char bytes[];
};

void *vtb_arena_take(struct vtb_arena *arena, size_t bytes)
{
    struct vtb_arena_page *page = arena->pages;
    size_t need = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);

    if (need < bytes)
        return NULL;
    if (!page || page->cap - page->used < need) {
        size_t cap = need > PAGE ? need : PAGE;
        page = calloc(1, sizeof *page + cap);
        if (!page)
            return NULL;
        page->cap = cap;
        page->next = arena->pages;
        arena->pages = page;
    }
    void *at = page->bytes + page->used;
    page->used += need;
    return at;
}

void vtb_arena_fini(struct vtb_arena *arena)
{
    while (arena->pages) {
        struct vtb_arena_page *page = arena->pages;
        arena->pages = page->next;
        free(page);
    }
}
