/* find.c - looking things up in a meeting. */
#include "inner.h"

int vtb_seat_place(const struct vtb_meeting *meeting, struct vtb_id seat)
{
    for (size_t i = 0; i < meeting->seats_n; i++)
        if (vtb_id_is(meeting->seats[i].id, seat))
            return (int)i;
    return VTB_NO_SEAT;
}

int vtb_item_place(const struct vtb_meeting *meeting, struct vtb_id item)
{
    for (size_t i = 0; i < meeting->items_n; i++)
        if (vtb_id_is(meeting->items[i].id, item))
            return (int)i;
    return VTB_NO_ITEM;
}

bool vtb_has_id(const struct vtb_id *list, size_t n, struct vtb_id id)
{
    for (size_t i = 0; i < n; i++)
        if (vtb_id_is(list[i], id))
            return true;
    return false;
}

const struct vtb_doc *vtb_meeting_document(const struct vtb_meeting *meeting, struct vtb_id document)
{
    for (size_t i = 0; i < meeting->documents_n; i++)
        if (vtb_id_is(meeting->documents[i].id, document))
            return &meeting->documents[i];
    return NULL;
}

const struct vtb_seat *vtb_meeting_seat(const struct vtb_meeting *meeting, struct vtb_id seat)
{
    int at = vtb_seat_place(meeting, seat);

    return at == VTB_NO_SEAT ? NULL : &meeting->seats[at];
}

const struct vtb_seat *vtb_meeting_person(const struct vtb_meeting *meeting, struct vtb_id person)
{
    for (size_t i = 0; i < meeting->seats_n; i++)
        if (vtb_id_is(meeting->seats[i].person, person))
            return &meeting->seats[i];
    return NULL;
}

const struct vtb_agenda_item *vtb_meeting_item(const struct vtb_meeting *meeting, struct vtb_id item)
{
    int at = vtb_item_place(meeting, item);

    return at == VTB_NO_ITEM ? NULL : &meeting->items[at];
}

const struct vtb_agenda_item *vtb_meeting_running(const struct vtb_meeting *meeting)
{
    return meeting->running > 0 ? &meeting->items[meeting->running - 1] : NULL;
}

/* After the running one (or the one that ran last) comes the first that was never heard, then from the top. */
struct vtb_id vtb_meeting_next(const struct vtb_meeting *meeting)
{
    size_t from = 0;

    for (size_t i = 0; i < meeting->items_n; i++)
        if (meeting->items[i].run && meeting->items[i].run == meeting->runs)
            from = i + 1;
    for (size_t step = 0; step < meeting->items_n; step++) {
        const struct vtb_agenda_item *item = &meeting->items[(from + step) % meeting->items_n];

        if (item->state == VTB_ITEM_PLANNED)
            return item->id;
    }
    return (struct vtb_id){ { 0 } };
}

struct vtb_id vtb_meeting_item_for(const struct vtb_meeting *meeting, const struct vtb_ask *ask)
{
    switch ((unsigned)ask->kind) {
    case VTB_ASK_ITEM_START:
        return ask->u.item_start.item;
    case VTB_ASK_ITEM_NEXT:
        return vtb_meeting_next(meeting);
    case VTB_ASK_PRESS_UNDO:
        return meeting->undo.press == VTB_PRESS_ITEM ? meeting->undo.back : (struct vtb_id){ { 0 } };
    }
    return (struct vtb_id){ { 0 } };
}

const struct vtb_seat *vtb_meeting_chair(const struct vtb_meeting *meeting)
{
    const struct vtb_seat *seat = vtb_meeting_seat(meeting, meeting->chair);

    return seat && vtb_seat_is_present(seat) ? seat : NULL;
}

const struct vtb_seat *vtb_meeting_presenter(const struct vtb_meeting *meeting)
{
    const struct vtb_seat *seat = vtb_meeting_seat(meeting, meeting->presenter);

    return seat && vtb_seat_is_present(seat) ? seat : vtb_meeting_chair(meeting);
}
