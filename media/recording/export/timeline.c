#include "timeline.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MILLION 1000000

struct vtb_timeline {
    json_t *root;
    json_t *events; /* borrowed from root */
    json_t *pages;
    uint32_t duration_ms;
};

const struct vtb_shown vtb_nothing_shown = { .page = -1, .x = -1 };

static bool is_number(json_t *value, json_int_t most)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= most;
}

static bool is_event(json_t *event, json_int_t before_ms, size_t pages)
{
    json_t *page = json_object_get(event, "page"), *pointer = json_object_get(event, "pointer"),
           *names = json_object_get(event, "names"), *name;
    size_t i;

    if (!is_number(json_object_get(event, "at_ms"), VTB_TIMELINE_MS_MAX) ||
        json_integer_value(json_object_get(event, "at_ms")) < before_ms ||
        (page != NULL) + (pointer != NULL) + (names != NULL) != 1)
        return false;
    if (page)
        return pages && is_number(page, (json_int_t)pages - 1);
    if (pointer)
        return json_is_null(pointer) || (json_array_size(pointer) == 2 && is_number(json_array_get(pointer, 0), MILLION) &&
                                         is_number(json_array_get(pointer, 1), MILLION));
    if (!json_is_array(names))
        return false;
    json_array_foreach (names, i, name)
        if (!json_is_string(name))
            return false;
    return true;
}

static enum vtb_err check(struct vtb_timeline *line)
{
    json_t *duration = json_object_get(line->root, "duration_ms"), *event, *page;
    json_int_t before = 0;
    size_t i;

    line->events = json_object_get(line->root, "events");
    line->pages = json_object_get(line->root, "pages");
    if (!is_number(duration, VTB_TIMELINE_MS_MAX) || !json_is_array(line->events) || !json_is_array(line->pages))
        return VTB_PARSE;
    if (json_array_size(line->pages) > VTB_TIMELINE_PAGES || json_array_size(line->events) > VTB_TIMELINE_EVENTS)
        return VTB_LIMIT;
    json_array_foreach (line->pages, i, page)
        if (!json_is_string(page))
            return VTB_PARSE;
    json_array_foreach (line->events, i, event) {
        if (!is_event(event, before, json_array_size(line->pages)))
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
    free(line);
}

uint32_t vtb_timeline_duration_ms(const struct vtb_timeline *line)
{
    return line->duration_ms;
}

size_t vtb_timeline_pages(const struct vtb_timeline *line)
{
    return json_array_size(line->pages);
}

const char *vtb_timeline_page(const struct vtb_timeline *line, size_t page)
{
    return json_string_value(json_array_get(line->pages, page));
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

void vtb_timeline_at(const struct vtb_timeline *line, uint32_t ms, size_t *cursor, struct vtb_shown *shown)
{
    for (; *cursor < json_array_size(line->events); ++*cursor) {
        json_t *event = json_array_get(line->events, *cursor);
        json_t *page = json_object_get(event, "page"), *pointer = json_object_get(event, "pointer");

        if (json_integer_value(json_object_get(event, "at_ms")) > ms)
            return;
        if (page) {
            shown->page = (int)json_integer_value(page);
            shown->x = -1; /* it pointed at the page before */
        } else if (pointer) {
            shown->x = json_is_null(pointer) ? -1 : (int32_t)json_integer_value(json_array_get(pointer, 0));
            shown->y = json_is_null(pointer) ? 0 : (int32_t)json_integer_value(json_array_get(pointer, 1));
        } else {
            join(json_object_get(event, "names"), shown->names);
        }
    }
}
