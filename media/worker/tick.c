/*
 * The 20 ms step. The timer is absolute: tick n is due at start + n * 20 ms whatever came between.
 * A late worker does up to five ticks at once; what is older is silence that nobody can use any
 * more, so it is skipped, and only the RTP time goes on.
 */
#include "worker.h"

#include "base/clock.h"

#define LATE_US    5000u
#define TALK_TICKS 10u /* at most five TALKING a second */
#define OWN_US     10000000u
#define PASSIVE_TICKS 1500u /* 30 s without a word */

static void tick_room(struct vtb_worker *w, struct vtb_room *room, uint64_t now_us)
{
    vtb_mix_tick(room->mix, now_us, &w->mixed);
    if (room->tap)
        vtb_taps_put(w, room);
    vtb_lines_feed(w, room);
    vtb_serve_room(w, room);
    room->timestamp += VTB_MIX_FRAME;
    if (w->tick % TALK_TICKS == 0)
        vtb_tell_talking(w, room, &w->mixed);
}

/* Who only listens, in a room of many, is sent joined packets: a third of the sends. */
static void look_at_listeners(struct vtb_worker *w)
{
    uint64_t listeners[VTB_RUNGS] = { 0 };

    for (uint32_t i = 0; i < VTB_MEDIA_PEERS_MAX; i++) {
        struct vtb_rtc_peer *peer = w->peers[i];

        if (!peer || !peer->on_air)
            continue;
        listeners[peer->rung]++;
        peer->ladder.passive = w->cfg.join_from && peer->room->members_n >= w->cfg.join_from &&
                               (!peer->own_tick || w->tick - peer->own_tick > PASSIVE_TICKS);
    }
    for (uint32_t r = 0; r < VTB_RUNGS; r++)
        vtb_count_set(&w->figures.listeners[r], listeners[r]);
}

static void once_a_second(struct vtb_worker *w, uint64_t now_us)
{
    vtb_count_set(&w->figures.lateness_us_p99, vtb_lateness_p99_us(&w->lateness));
    for (uint32_t i = 0; i < w->rooms_n; i++)
        vtb_room_count(w, w->rooms[i]);
    look_at_listeners(w);
    if (w->cfg.own_addresses_only && now_us >= w->own_us) {
        vtb_udp_own_refresh(&w->own);
        w->own_us = now_us + OWN_US;
    }
}

static void one_tick(struct vtb_worker *w, uint64_t now_us)
{
    uint64_t due_us = w->start_us + w->tick * VTB_TICK_US;
    uint64_t late_us = now_us > due_us ? now_us - due_us : 0;

    vtb_serve_rest(w);
    vtb_lateness_add(&w->lateness, late_us);
    if (late_us > LATE_US)
        vtb_count_add(&w->figures.ticks_late_5ms, 1);
    vtb_count_add(&w->figures.ticks, 1);
    vtb_stream_inbound(w);
    for (uint32_t i = 0; i < w->rooms_n; i++)
        tick_room(w, w->rooms[i], due_us); /* when it was due: the buffers' clock has no hiccups */
    vtb_taps_tick(w);
    vtb_stream_tick_done(w);
    vtb_serve_begin(w, now_us);
    for (uint32_t i = (uint32_t)(w->tick % VTB_CARE_TICKS); i < VTB_MEDIA_PEERS_MAX;
         i += VTB_CARE_TICKS)
        if (w->peers[i])
            vtb_report_care(w, w->peers[i], now_us);
    vtb_count_add(&w->figures.packets_out, vtb_udp_flush(w->udp));
    if (w->tick % 50 == 0)
        once_a_second(w, now_us);
    w->tick++;
}

static uint64_t last_due(const struct vtb_worker *w, uint64_t now_us)
{
    return now_us < w->start_us ? 0 : (now_us - w->start_us) / VTB_TICK_US + 1;
}

uint64_t vtb_ticks_due(const struct vtb_worker *w, uint64_t now_us)
{
    uint64_t due = last_due(w, now_us);

    return due > w->tick ? due - w->tick : 0;
}

void vtb_tick(struct vtb_worker *w, uint64_t now_us)
{
    uint64_t due = last_due(w, now_us);

    if (due > w->tick + VTB_TICKS_CATCH_UP) {
        vtb_serve_rest(w);

        uint64_t skip = due - w->tick - VTB_TICKS_CATCH_UP;

        for (uint32_t i = 0; i < w->rooms_n; i++)
            w->rooms[i]->timestamp += (uint32_t)(skip * VTB_MIX_FRAME);
        vtb_count_add(&w->figures.ticks_skipped, skip);
        w->tick += skip;
    }
    while (w->tick < due)
        one_tick(w, vtb_mono_us());
}
