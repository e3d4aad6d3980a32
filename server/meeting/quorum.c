/* quorum.c - which disciplines are here, who was in the room for an item, what was shown. */
#include "inner.h"

static bool counts_for(const struct vtb_seat *seat, const struct vtb_required *need, struct vtb_id item)
{
    if (!vtb_seat_is_present(seat) || !seat->confirmed || seat->is_device || vtb_is_stray_guest(seat, item))
        return false;
    for (size_t i = 0; i < need->counts_n; i++)
        if (strcmp(need->counts[i], seat->specialty) == 0)
            return true;
    return false;
}

void vtb_meeting_quorum(const struct vtb_meeting *meeting, struct vtb_id item, struct vtb_quorum *out)
{
    out->missing_n = 0;
    for (size_t i = 0; i < meeting->required_n; i++) {
        const struct vtb_required *need = &meeting->required[i];
        int64_t here = 0;

        for (size_t j = 0; j < meeting->seats_n; j++)
            here += counts_for(&meeting->seats[j], need, item);
        if (here < need->min)
            out->missing[out->missing_n++].discipline = vtb_str_of(need->name);
    }
    out->met = out->missing_n == 0;
}

static bool goes_before(const struct vtb_t_attendance *a, const struct vtb_t_attendance *b)
{
    return a->role != b->role ? a->role < b->role : a->joined_us < b->joined_us;
}

size_t vtb_meeting_attendance(const struct vtb_meeting *meeting, struct vtb_id id, struct vtb_t_attendance *out,
                              size_t cap)
{
    const struct vtb_agenda_item *item = vtb_meeting_item(meeting, id);
    bool runs = item && item == vtb_meeting_running(meeting);
    size_t n = 0;

    for (size_t i = 0; item && i < meeting->seats_n && n < cap; i++) {
        const struct vtb_seat *seat = &meeting->seats[i];
        const struct vtb_stay *stay = &item->stays[i];
        struct vtb_t_attendance row = {
            .person = seat->person,
            .name = vtb_str_of(seat->name),
            .specialty = vtb_str_of(seat->specialty),
            .site = vtb_str_of(seat->site),
            .role = seat->role,
            .joined_us = stay->joined_us,
            .left_us = stay->left_us,
            .here = runs && vtb_seat_is_present(seat),
            .confirmed = seat->confirmed,
        };
        size_t at = n;

        if (!stay->joined_us || seat->is_device)
            continue;
        if (!runs && row.left_us == 0)
            row.left_us = item->ended_us;
        for (; at > 0 && goes_before(&row, &out[at - 1]); at--)
            out[at] = out[at - 1];
        out[at] = row;
        n++;
    }
    return n;
}

size_t vtb_meeting_pictures(const struct vtb_meeting *meeting, struct vtb_id item, struct vtb_t_picture *out,
                            size_t cap)
{
    size_t n = 0;

    for (size_t i = 0; i < meeting->pictures_n && n < cap; i++) {
        const struct vtb_shown_picture *picture = &meeting->pictures[i];

        if (vtb_id_is(picture->item, item))
            out[n++] = (struct vtb_t_picture){
                .document = picture->document,
                .title = vtb_str_of(picture->title),
                .page = picture->page,
                .digest = vtb_str_of(picture->digest),
            };
    }
    return n;
}
