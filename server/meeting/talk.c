/* talk.c - how long each seat has spoken at an item. Nothing in the room follows from it, so it is not
 * folded: the log keeps it, and the store sums it by specialty. */
#include "inner.h"

#define ROWS  64  /* of one event, protocols/signal/events.json */
#define LEAST 500 /* ms: a cough is not a contribution */

enum vtb_err vtb_meeting_talked(const struct vtb_meeting *meeting, struct vtb_id item, const uint32_t *ms, int64_t now_us,
                                struct vtb_events *out)
{
    struct vtb_t_talked *rows = vtb_arena_take(&out->arena, meeting->seats_n * sizeof *rows + 1);
    enum vtb_err err = rows ? VTB_OK : VTB_NOMEM;
    size_t n = 0;

    out->now_us = now_us;
    out->by = (struct vtb_id){ { 0 } };
    out->message = NULL;
    for (size_t i = 0; !err && i < meeting->seats_n; i++) {
        const struct vtb_seat *seat = &meeting->seats[i];

        if (ms[i] < LEAST)
            continue;
        rows[n++] = (struct vtb_t_talked){ .seat = seat->id, .person = seat->person,
                                           .specialty = vtb_str_of(seat->specialty), .ms = ms[i] };
    }
    for (size_t from = 0; !err && from < n; from += ROWS)
        err = vtb_events_add(out, (struct vtb_event){
            .kind = VTB_EVENT_ITEM_TALKED,
            .u.item_talked = { .item = item, .seats = rows + from, .seats_n = n - from < ROWS ? n - from : ROWS } });
    return err;
}
