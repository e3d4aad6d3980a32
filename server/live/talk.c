/*
 * talk.c - how long each seat speaks at the running item, from who the media plane says is talking.
 *
 * Kept once a minute, when the plan is signed and when the item ends, so that a crash costs a minute at
 * most. A pause between words (500 ms) counts as speaking, by the media plane's own reckoning.
 */
#include "live/inner.h"

#include "base/clock.h"

#include <string.h>

#define KEEP_US  (60u * 1000000u)
#define STALE_US (5u * 1000000u) /* nobody is said to be silent: the media plane stands still */

/* To whoever talked since the last word of the media plane. */
static void count(struct talk *talk, uint64_t now_us)
{
    uint64_t us = now_us - talk->since_us;

    if (us > STALE_US)
        us = STALE_US;
    for (size_t i = 0; i < talk->now_n; i++)
        talk->ms[talk->now[i]] += (uint32_t)(us / 1000);
    talk->since_us = now_us;
}

static void keep(struct room *room)
{
    struct vtb_live *live = room->live;
    struct talk *talk = &room->talk;

    talk->kept_us = talk->since_us;
    if (vtb_meeting_talked(room_tail(room), talk->item, talk->ms, vtb_wall_us(), &live->events) != VTB_OK) {
        vtb_events_fini(&live->events);
        return;
    }
    if (live->events.n && room_append(room, NULL, NULL) != VTB_OK)
        return; /* said again in a minute */
    vtb_events_fini(&live->events);
    memset(talk->ms, 0, sizeof talk->ms);
}

/* The item that runs, and whether its plan is signed; what was said before belongs to the one before. */
void talk_follow(struct room *room, uint64_t now_us)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(room_tail(room));
    struct talk *talk = &room->talk;
    struct vtb_id id = item ? item->id : (struct vtb_id){ { 0 } };
    bool is_signed = item && !vtb_id_is_nil(item->plan), was_signed = talk->is_signed;

    if (!vtb_id_is_nil(talk->item))
        count(talk, now_us);
    if (!vtb_id_is(talk->item, id)) {
        if (!vtb_id_is_nil(talk->item))
            keep(room);
        memset(talk->ms, 0, sizeof talk->ms);
        talk->item = id;
        talk->is_signed = is_signed;
        talk->since_us = talk->kept_us = now_us;
        return;
    }
    talk->is_signed = is_signed;
    if (item && ((is_signed && !was_signed) || now_us - talk->kept_us >= KEEP_US))
        keep(room);
}

void talk_heard(struct room *room, const uint16_t *places, size_t n, uint64_t now_us)
{
    struct talk *talk = &room->talk;

    if (vtb_id_is_nil(talk->item))
        talk->since_us = now_us;
    else
        count(talk, now_us);
    talk->now_n = n < VTB_COUNT(talk->now) ? n : VTB_COUNT(talk->now);
    memcpy(talk->now, places, talk->now_n * sizeof *places);
}
