/* guests.c - guests are in the room for their own items and nowhere else (decision 9). */
#include "inner.h"

bool vtb_meeting_guest_may_be_in(const struct vtb_meeting *meeting, const struct vtb_id *items, size_t n)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);

    return item && meeting->phase == VTB_MEETING_OPEN && vtb_has_id(items, n, item->id);
}

static bool is_heard(const struct vtb_agenda_item *item)
{
    return item->state == VTB_ITEM_SIGNED || item->state == VTB_ITEM_DEFERRED || item->state == VTB_ITEM_LEFT_OPEN;
}

/* Minutes that the running item still has; at least one, since it is not over. */
static int64_t minutes_left(const struct vtb_agenda_item *item, int64_t now_us)
{
    int64_t end_us = item->started_us + (item->minutes + item->extended_min) * 60 * INT64_C(1000000);
    int64_t left = (end_us - now_us + 59 * INT64_C(1000000)) / (60 * INT64_C(1000000));

    return left < 1 ? 1 : left;
}

struct vtb_wait vtb_meeting_wait(const struct vtb_meeting *meeting, const struct vtb_id *items, size_t n,
                                 int64_t now_us)
{
    const struct vtb_agenda_item *running = vtb_meeting_running(meeting);
    struct vtb_wait wait = { .position = 0, .minutes = -1, .over = false };
    int64_t minutes = running ? minutes_left(running, now_us) : 0;
    int before = running ? 1 : 0;

    if (vtb_meeting_guest_may_be_in(meeting, items, n)) {
        wait.minutes = 0;
        return wait;
    }
    for (size_t i = 0; i < meeting->items_n; i++) {
        const struct vtb_agenda_item *item = &meeting->items[i];

        if (item == running || is_heard(item))
            continue;
        if (vtb_has_id(items, n, item->id)) {
            wait.position = before;
            if (meeting->phase == VTB_MEETING_OPEN)
                wait.minutes = (int)(minutes > 600 ? 600 : minutes);
            return wait;
        }
        before++;
        minutes += item->minutes;
    }
    wait.over = true;
    return wait;
}
