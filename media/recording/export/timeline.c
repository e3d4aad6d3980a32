#include "timeline.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 20000 /* px: protocols/limits.json */
#define FAR 100000 /* as in the room */

struct vtb_timeline {
    json_t *root;
    json_t *events; /* borrowed from root */
    struct vtb_page *pages;
    size_t pages_n;
    uint32_t duration_ms;
};

const struct vtb_shown vtb_nothing_shown = { .page = -1 };

static bool is_number(json_t *value, json_int_t most)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= most;
}

static bool is_place(json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= -FAR && json_integer_value(value) <= FAR;
}

static bool is_places(json_t *value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_place(json_array_get(value, i)))
            return false;
    return json_array_size(value) == n;
}

static bool is_view(json_t *view)
{
    return is_places(view, 4) && json_integer_value(json_array_get(view, 2)) > 0 &&
           json_integer_value(json_array_get(view, 3)) > 0;
}

static bool is_event(json_t *event, json_int_t before_ms, size_t pages)
{
    json_t *page = json_object_get(event, "page"), *pointer = json_object_get(event, "pointer"),
           *names = json_object_get(event, "names"), *view = json_object_get(event, "view"), *name;
    size_t i;

    if (!is_number(json_object_get(event, "at_ms"), VTB_TIMELINE_MS_MAX) ||
        json_integer_value(json_object_get(event, "at_ms")) < before_ms ||
        (page != NULL) + (view != NULL) + (pointer != NULL) + (names != NULL) != 1)
        return false;
    if (page)
        return json_is_null(page) || (pages && is_number(page, (json_int_t)pages - 1));
    if (view)
        return is_view(view);
    if (pointer)
        return json_is_null(pointer) || is_places(pointer, 2);
    if (!json_is_array(names))
        return false;
    json_array_foreach (names, i, name)
        if (!json_is_string(name))
            return false;
    return true;
}

static enum vtb_err take_pages(struct vtb_timeline *line, json_t *pages)
{
    size_t tiles = 0;

    line->pages_n = json_array_size(pages);
    line->pages = calloc(line->pages_n + 1, sizeof *line->pages);
    if (!line->pages)
        return VTB_NOMEM;
    for (size_t i = 0; i < line->pages_n; i++) {
        json_t *width = json_object_get(json_array_get(pages, i), "width"),
               *height = json_object_get(json_array_get(pages, i), "height");
        struct vtb_page *page = &line->pages[i];

        if (!is_number(width, SIDE) || !is_number(height, SIDE) || !json_integer_value(width) || !json_integer_value(height))
            return VTB_PARSE;
        *page = (struct vtb_page){ .width = (uint32_t)json_integer_value(width),
                                   .height = (uint32_t)json_integer_value(height), .first = tiles };
        if ((uint64_t)page->width * page->height > VTB_TIMELINE_PIXELS)
            return VTB_LIMIT;
        page->cols = (page->width + VTB_TIMELINE_TILE - 1) / VTB_TIMELINE_TILE;
        page->rows = (page->height + VTB_TIMELINE_TILE - 1) / VTB_TIMELINE_TILE;
        tiles += (size_t)page->cols * page->rows;
    }
    return VTB_OK;
}

static enum vtb_err check(struct vtb_timeline *line)
{
    json_t *duration = json_object_get(line->root, "duration_ms"), *pages, *event;
    json_int_t before = 0;
    enum vtb_err err;
    size_t i;

    line->events = json_object_get(line->root, "events");
    pages = json_object_get(line->root, "pages");
    if (!is_number(duration, VTB_TIMELINE_MS_MAX) || !json_is_array(line->events) || !json_is_array(pages))
        return VTB_PARSE;
    if (json_array_size(pages) > VTB_TIMELINE_PAGES || json_array_size(line->events) > VTB_TIMELINE_EVENTS)
        return VTB_LIMIT;
    err = take_pages(line, pages);
    if (err)
        return err;
    json_array_foreach (line->events, i, event) {
        if (!is_event(event, before, line->pages_n))
            return VTB_PARSE;
        before = json_integer_value(json_object_get(event, "at_ms"));
    }
    line->duration_ms = (uint32_t)json_integer_value(duration);
    return VTB_OK;
}

enum vtb_err vtb_timeline_parse(const char *text, size_t len, struct vtb_timeline **out)
{
    struct vtb_timeline *line;
    enum vtb_err err;

    if (len > VTB_TIMELINE_BYTES)
        return VTB_LIMIT;
    line = calloc(1, sizeof *line);
    if (!line)
        return VTB_NOMEM;
    line->root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    err = json_is_object(line->root) ? check(line) : VTB_PARSE;
    if (err) {
        vtb_timeline_destroy(line);
        return err;
    }
    *out = line;
    return VTB_OK;
}

void vtb_timeline_destroy(struct vtb_timeline *line)
{
    if (!line)
        return;
    json_decref(line->root);
    free(line->pages);
    free(line);
}

uint32_t vtb_timeline_duration_ms(const struct vtb_timeline *line)
{
    return line->duration_ms;
}

size_t vtb_timeline_pages(const struct vtb_timeline *line)
{
    return line->pages_n;
}

const struct vtb_page *vtb_timeline_page(const struct vtb_timeline *line, size_t page)
{
    return &line->pages[page];
}

/* As many whole names as fit. */
static void join(json_t *names, char out[static VTB_TIMELINE_NAMES])
{
    size_t len = 0, i;
    json_t *name;

    out[0] = '\0';
    json_array_foreach (names, i, name) {
        size_t n = json_string_length(name), gap = len ? 2 : 0;

        if (len + gap + n >= VTB_TIMELINE_NAMES)
            return;
        memcpy(out + len, ", ", gap);
        memcpy(out + len + gap, json_string_value(name), n);
        len += gap + n;
        out[len] = '\0';
    }
}

static int32_t place(json_t *list, size_t i)
{
    return (int32_t)json_integer_value(json_array_get(list, i));
}

void vtb_timeline_at(const struct vtb_timeline *line, uint32_t ms, size_t *cursor, struct vtb_shown *shown)
{
    for (; *cursor < json_array_size(line->events); ++*cursor) {
        json_t *event = json_array_get(line->events, *cursor);
        json_t *page = json_object_get(event, "page"), *pointer = json_object_get(event, "pointer"),
               *view = json_object_get(event, "view");

        if (json_integer_value(json_object_get(event, "at_ms")) > ms)
            return;
        if (page) {
            shown->page = json_is_null(page) ? -1 : (int)json_integer_value(page);
            shown->view_w = 0;
            shown->has_pointer = false; /* it pointed at the page before */
        } else if (view) {
            shown->view_x = place(view, 0);
            shown->view_y = place(view, 1);
            shown->view_w = place(view, 2);
            shown->view_h = place(view, 3);
        } else if (pointer) {
            shown->has_pointer = !json_is_null(pointer);
            shown->x = place(pointer, 0);
            shown->y = place(pointer, 1);
        } else {
            join(json_object_get(event, "names"), shown->names);
        }
    }
}
