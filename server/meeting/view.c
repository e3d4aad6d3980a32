/* view.c - which event goes to whom, and cut to what. The table in events.json gives the audience of a kind;
 * here is what it means for a guest. */
#include "inner.h"

/* The seat that an event is about, or NULL. */
static const struct vtb_id *seat_of(const struct vtb_event *event)
{
    switch ((unsigned)event->kind) {
    case VTB_EVENT_SEAT_JOINED:
        return &event->u.seat_joined.seat;
    case VTB_EVENT_SEAT_AWAY:
        return &event->u.seat_away.seat;
    case VTB_EVENT_SEAT_BACK:
        return &event->u.seat_back.seat;
    case VTB_EVENT_SEAT_LEFT:
        return &event->u.seat_left.seat;
    case VTB_EVENT_SEAT_CONFIRMED:
        return &event->u.seat_confirmed.seat;
    case VTB_EVENT_HAND_RAISED:
        return &event->u.hand_raised.seat;
    case VTB_EVENT_HAND_LOWERED:
        return &event->u.hand_lowered.seat;
    case VTB_EVENT_CHAIR_OFFERED:
        return &event->u.chair_offered.seat;
    case VTB_EVENT_CHAIR_HANDED:
        return &event->u.chair_handed.seat;
    case VTB_EVENT_FLOOR_GIVEN:
        return &event->u.floor_given.seat;
    case VTB_EVENT_SOUND_MUTED:
        return &event->u.sound_muted.seat;
    case VTB_EVENT_RECORDING_ACKNOWLEDGED:
        return &event->u.recording_acknowledged.seat;
    case VTB_EVENT_SEAT_SPOKE:
        return &event->u.seat_spoke.seat;
    }
    return NULL;
}

/* The item that an event is about, or NULL. */
static const struct vtb_id *item_of(const struct vtb_event *event)
{
    switch ((unsigned)event->kind) {
    case VTB_EVENT_ITEM_STARTED:
        return &event->u.item_started.item;
    case VTB_EVENT_ITEM_EXTENDED:
        return &event->u.item_extended.item;
    case VTB_EVENT_ITEM_ENDED:
        return &event->u.item_ended.item;
    case VTB_EVENT_ITEM_SIGNED:
        return &event->u.item_signed.item;
    case VTB_EVENT_DOCUMENT_SHARED:
        return &event->u.document_shared.item;
    }
    return NULL;
}

/* A guest sees staff, and guests with whom an own item is shared. */
static bool sees_seat(const struct vtb_seat *seat, const struct vtb_watcher *watcher)
{
    if (seat->role != VTB_T_MEMBER_ROLE_GUEST)
        return true;
    for (size_t i = 0; i < seat->items_n; i++)
        if (vtb_has_id(watcher->items, watcher->items_n, seat->items[i]))
            return true;
    return false;
}

static bool cut_agenda(const struct vtb_watcher *watcher, struct vtb_arena *arena, struct vtb_event *event)
{
    struct vtb_ev_agenda_set *agenda = &event->u.agenda_set;
    struct vtb_t_item *own = vtb_arena_take(arena, agenda->items_n * sizeof *own + 1);
    size_t n = 0;

    if (!own)
        return false;
    for (size_t i = 0; i < agenda->items_n; i++)
        if (vtb_has_id(watcher->items, watcher->items_n, agenda->items[i].item))
            own[n++] = agenda->items[i];
    agenda->items = own;
    agenda->items_n = n;
    return true;
}

static bool cut_seat_items(const struct vtb_watcher *watcher, struct vtb_arena *arena, struct vtb_event *event)
{
    struct vtb_ev_seat_joined *joined = &event->u.seat_joined;
    struct vtb_id *own = vtb_arena_take(arena, joined->items_n * sizeof *own + 1);
    size_t n = 0;

    if (!own)
        return false;
    for (size_t i = 0; i < joined->items_n; i++)
        if (vtb_has_id(watcher->items, watcher->items_n, joined->items[i]))
            own[n++] = joined->items[i];
    joined->items = own;
    joined->items_n = n;
    return true;
}

bool vtb_meeting_view(const struct vtb_meeting *meeting, const struct vtb_event *event,
                      const struct vtb_watcher *watcher, struct vtb_arena *arena, struct vtb_event *out)
{
    const struct vtb_id *item_id, *seat_id;
    const struct vtb_seat *seat;
    bool is_own_item;

    if (vtb_event_stream(event->kind) != VTB_STREAM_MEETING)
        return false;
    *out = *event;
    if (!watcher->is_guest)
        return true;

    item_id = item_of(event);
    is_own_item = item_id && vtb_has_id(watcher->items, watcher->items_n, *item_id);
    if (vtb_event_audience(event->kind) == VTB_AUDIENCE_STAFF || (item_id && !is_own_item))
        return false;
    /* Outside the own items a guest gets nothing; the end of the own item is still theirs. */
    if (!vtb_meeting_guest_may_be_in(meeting, watcher->items, watcher->items_n) &&
        !(event->kind == VTB_EVENT_ITEM_ENDED && is_own_item))
        return false;
    seat_id = seat_of(event);
    seat = seat_id ? vtb_meeting_seat(meeting, *seat_id) : NULL;
    if (seat && !sees_seat(seat, watcher))
        return false;
    if (event->kind == VTB_EVENT_AGENDA_SET)
        return cut_agenda(watcher, arena, out);
    if (event->kind == VTB_EVENT_SEAT_JOINED)
        return cut_seat_items(watcher, arena, out);
    return true;
}
