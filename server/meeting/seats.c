/* seats.c - folds who takes a seat and who leaves it, and how long each was there in the running item. */
#include "inner.h"

void vtb_fold_hand_lowered(struct vtb_meeting *meeting, struct vtb_id seat)
{
    for (size_t i = 0; i < meeting->hands_n; i++)
        if (vtb_id_is(meeting->hands[i].seat, seat)) {
            memmove(&meeting->hands[i], &meeting->hands[i + 1],
                    (meeting->hands_n - i - 1) * sizeof meeting->hands[0]);
            meeting->hands_n--;
            return;
        }
}

static struct vtb_stay *stay_of(struct vtb_meeting *meeting, int place)
{
    return meeting->running > 0 ? &meeting->items[meeting->running - 1].stays[place] : NULL;
}

static void begin_stay(struct vtb_meeting *meeting, int place, int64_t at_us)
{
    struct vtb_seat *seat = &meeting->seats[place];
    struct vtb_stay *stay = stay_of(meeting, place);

    if (!stay)
        return;
    if (stay->joined_us == 0) {
        int64_t started_us = meeting->items[meeting->running - 1].started_us;

        seat->gap_us = seat->left_us;
        stay->joined_us = at_us > started_us ? at_us : started_us;
    }
    stay->left_us = 0;
}

static void keep_card(struct vtb_seat *seat, const struct vtb_ev_seat_joined *joined)
{
    seat->id = joined->seat;
    seat->person = joined->person;
    VTB_KEEP(seat->name, joined->name);
    VTB_KEEP(seat->specialty, joined->specialty);
    VTB_KEEP(seat->site, joined->site);
    seat->role = joined->role;
    seat->confirmed = joined->confirmed;
    seat->is_device = joined->has_device && joined->device;
    seat->vouched_by = joined->has_vouched_by ? joined->vouched_by : (struct vtb_id){ { 0 } };
    seat->items_n = (uint8_t)(joined->items_n < VTB_MAX_MEETING_ITEMS ? joined->items_n : VTB_MAX_MEETING_ITEMS);
    for (size_t i = 0; i < seat->items_n; i++)
        seat->items[i] = joined->items[i];
}

void vtb_fold_seat_joined(struct vtb_meeting *meeting, const struct vtb_ev_seat_joined *joined, int64_t at_us)
{
    int place = vtb_seat_place(meeting, joined->seat);
    struct vtb_seat *seat;

    if (place == VTB_NO_SEAT) {
        if (meeting->seats_n == VTB_MAX_MEETING_SEATS)
            return;
        place = (int)meeting->seats_n++;
        meeting->seats[place].joined_us = at_us;
    }
    seat = &meeting->seats[place];
    keep_card(seat, joined);
    if (!vtb_seat_is_present(seat)) {
        seat->stay_us = at_us;
        begin_stay(meeting, place, at_us);
    }
    seat->state = VTB_SEAT_HERE;
    seat->away_us = 0;
    seat->muted = true; /* arrivals, and a new device, are always muted */
    seat->muted_by = (struct vtb_id){ { 0 } };
    seat->muted_us = 0;
}

void vtb_fold_seat_left(struct vtb_meeting *meeting, struct vtb_id id, int64_t at_us)
{
    int place = vtb_seat_place(meeting, id);
    struct vtb_seat *seat;
    struct vtb_stay *stay;

    if (place == VTB_NO_SEAT)
        return;
    seat = &meeting->seats[place];
    stay = stay_of(meeting, place);
    if (stay && stay->joined_us && vtb_seat_is_present(seat))
        stay->left_us = at_us;
    seat->state = VTB_SEAT_LEFT;
    seat->left_us = at_us;
    seat->away_us = 0;
    seat->muted = true;
    seat->muted_by = (struct vtb_id){ { 0 } };
    seat->muted_us = 0;
    vtb_fold_hand_lowered(meeting, id);
    if (vtb_id_is(meeting->offered, id)) {
        meeting->offered = (struct vtb_id){ { 0 } };
        meeting->offered_us = 0;
    }
    if (vtb_id_is(meeting->floor, id))
        meeting->floor = (struct vtb_id){ { 0 } };
}
