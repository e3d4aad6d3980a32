#include "meeting/events.h"

enum vtb_err vtb_events_add(struct vtb_events *events, struct vtb_event event)
{
    if (events->n == VTB_EVENTS_MAX)
        return VTB_LIMIT;
    event.seq = 0;
    event.at_us = events->now_us;
    event.by = events->by;
    events->at[events->n++] = event;
    return VTB_OK;
}

enum vtb_err vtb_events_text(struct vtb_events *events, struct vtb_str text, struct vtb_str *out)
{
    char *copy = vtb_arena_take(&events->arena, text.len + 1);

    if (!copy)
        return VTB_NOMEM;
    if (text.len)
        memcpy(copy, text.at, text.len);
    *out = (struct vtb_str){ copy, text.len };
    return VTB_OK;
}

enum vtb_err vtb_events_refuse(struct vtb_events *events, enum vtb_err err, const char *message)
{
    events->message = message;
    return err;
}

enum vtb_err vtb_events_refuse_for(struct vtb_events *events, enum vtb_err err, const char *name, const char *rest)
{
    size_t a = strlen(name), b = strlen(rest);
    char *text = vtb_arena_take(&events->arena, a + b + 1);

    if (text) {
        memcpy(text, name, a);
        memcpy(text + a, rest, b);
    }
    return vtb_events_refuse(events, err, text);
}

void vtb_events_fini(struct vtb_events *events)
{
    vtb_arena_fini(&events->arena);
    events->n = 0;
    events->message = NULL;
}
