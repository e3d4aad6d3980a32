/*
 * Who is on which line. A room has a line for each rung (and phase) that somebody is on, and one for
 * each who speaks, since they hear another mix. A line nobody is on is not fed and costs nothing.
 *
 * A listener moves where a group of frames ends, in silence if there is any soon, and otherwise where
 * the next stream makes a frame without prediction (audio/mix.h): sequence number and timestamp go
 * on in either case.
 */
#include "worker.h"

#include <stdlib.h>

#define SILENT_TICKS 2u
#define PATIENCE_UP  200u /* ticks: 4 s for a pause in speech when the link got better, */
#define PATIENCE     20u  /* 0.4 s when it got worse; */
#define PATIENCE_NARROW 100u /* 2 s where the bandwidth changes: 8 kbit/s are coded at another rate,
                              * which a decoder follows with a click of a third of full scale */

static struct vtb_line *line_at(struct vtb_room *room, uint8_t rung, uint8_t phase)
{
    struct vtb_line **line = &room->lines[rung][phase];

    if (!*line) {
        *line = malloc(sizeof **line); /* once for a room, when the first listener comes to it */
        if (*line)
            vtb_line_init(*line, rung, phase);
    }
    return *line;
}

void vtb_lines_free(struct vtb_room *room)
{
    for (uint32_t r = 0; r < VTB_RUNGS; r++)
        for (uint32_t p = 0; p < VTB_RUNG_FRAMES_MAX; p++)
            free(room->lines[r][p]);
    for (uint32_t i = 0; i < VTB_OWN_LINES; i++)
        free(room->own_lines[i]);
}

static bool enter(struct vtb_room *room, uint8_t rung, uint8_t phase, enum vtb_stream from)
{
    struct vtb_line *line = line_at(room, rung, phase);

    if (!line || vtb_mix_open_stream(room->mix, vtb_rung_of(rung)->stream, from))
        return false;
    if (line->users == 0)
        vtb_line_init(line, rung, phase); /* what it once held is of long ago */
    line->users++;
    return true;
}

static void leave(struct vtb_room *room, uint8_t rung, uint8_t phase)
{
    room->lines[rung][phase]->users--;
    vtb_mix_close_stream(room->mix, vtb_rung_of(rung)->stream);
}

void vtb_lines_air(struct vtb_rtc_peer *peer, bool on)
{
    if (peer->is_stream || on == peer->on_air)
        return;
    if (!on) {
        leave(peer->room, peer->rung, peer->phase);
    } else {
        const struct vtb_rung *rung;

        peer->rung = peer->wanted = (uint8_t)vtb_ladder_rung(&peer->ladder);
        rung = vtb_rung_of(peer->rung);
        peer->phase = (uint8_t)(peer->id.index % rung->frames);
        if (!enter(peer->room, peer->rung, peer->phase, rung->stream))
            return; /* no memory now: tried again with the next tick */
        vtb_mix_set_stream(peer->room->mix, peer->source, rung->stream);
    }
    peer->on_air = on;
}

/* A group of the old line ends here, and one of the new begins. */
static bool may_cross(const struct vtb_rtc_peer *peer, uint64_t next, uint8_t *out_phase)
{
    uint8_t was = vtb_rung_of(peer->rung)->frames, now = vtb_rung_of(peer->wanted)->frames;

    *out_phase = (uint8_t)(next % now);
    if (next % was != peer->phase)
        return false;
    /* Joined packets: listeners are spread over the phases. */
    return was == now || now == 1 || *out_phase == peer->id.index % now;
}

static uint32_t patience(const struct vtb_rtc_peer *peer)
{
    const struct vtb_rung *was = vtb_rung_of(peer->rung), *now = vtb_rung_of(peer->wanted);

    if (was->stream == now->stream && was->frames == now->frames)
        return 0; /* the same packets, with copies or without: nothing of it can be heard */
    if (peer->wanted < peer->rung)
        return PATIENCE_UP;
    return now->stream == VTB_STREAM_NARROW ? PATIENCE_NARROW : PATIENCE;
}

void vtb_lines_move(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    const struct vtb_rung *was = vtb_rung_of(peer->rung);
    uint8_t phase;

    if (peer->wanted == peer->rung) {
        peer->wanted_ticks = 0;
        return;
    }
    if (peer->wanted_ticks < UINT16_MAX)
        peer->wanted_ticks++;
    if (peer->quiet_ticks < SILENT_TICKS && peer->wanted_ticks < patience(peer))
        return;
    if (!may_cross(peer, w->serving_tick + 1, &phase) ||
        !enter(peer->room, peer->wanted, phase, was->stream))
        return;
    leave(peer->room, peer->rung, peer->phase);
    peer->rung = peer->wanted;
    peer->phase = phase;
    peer->wanted_ticks = 0;
    vtb_mix_set_stream(peer->room->mix, peer->source, vtb_rung_of(peer->rung)->stream);
    if (peer->own_line)
        vtb_line_init(peer->own_line, peer->rung, peer->phase);
}

/* ---- each tick ---- */

/* Begun as a copy of the line the peer was on, with what waits there to be joined. */
static void give_own(struct vtb_room *room, struct vtb_rtc_peer *peer, uint32_t *out_at)
{
    uint32_t at = 0;

    while (at < VTB_OWN_LINES && !vtb_peer_is(room->own_of[at], peer->id))
        at++;
    if (at == VTB_OWN_LINES) {
        at = 0;
        while (at < VTB_OWN_LINES && room->own_of[at].generation)
            at++;
        if (at == VTB_OWN_LINES)
            return;
        if (!room->own_lines[at])
            room->own_lines[at] = malloc(sizeof *room->own_lines[at]);
        if (!room->own_lines[at])
            return;
        *room->own_lines[at] = *room->lines[peer->rung][peer->phase];
        room->own_of[at] = peer->id;
        peer->own_line = room->own_lines[at];
    }
    *out_at = at;
}

/* Whose voice is in the mix never gets it back: without a line of their own they get nothing. */
static void feed_own(struct vtb_worker *w, struct vtb_room *room, struct vtb_rtc_peer *peer)
{
    uint32_t at = VTB_OWN_LINES;

    if (!peer->on_air)
        return;
    give_own(room, peer, &at);
    if (at == VTB_OWN_LINES)
        return;
    room->own_fed[at] = true;
    vtb_line_feed(peer->own_line, &room->shelf, peer->own, w->tick);
}

static void end_own(struct vtb_worker *w, struct vtb_room *room)
{
    for (uint32_t i = 0; i < VTB_OWN_LINES; i++) {
        struct vtb_rtc_peer *peer;

        if (!room->own_of[i].generation || room->own_fed[i])
            continue;
        peer = vtb_rtc_peer_find(w, room->own_of[i]);
        if (peer)
            peer->own_line = NULL;
        room->own_of[i] = (vtb_peer){ 0 };
    }
}

/* The same person's other connection must not bring the own voice back either. */
static struct vtb_rtc_peer *twin_of(struct vtb_worker *w, const struct vtb_rtc_peer *peer)
{
    struct vtb_rtc_peer *twin = vtb_rtc_peer_find(w, peer->twin);

    return twin && twin->room == peer->room && twin->own_tick != w->tick ? twin : NULL;
}

static void hand_own(struct vtb_worker *w, struct vtb_room *room, struct vtb_rtc_peer *peer,
                     const struct vtb_mix_payload *mix)
{
    peer->own_tick = w->tick;
    peer->own = mix;
    if (!peer->is_stream)
        feed_own(w, room, peer);
}

void vtb_lines_feed(struct vtb_worker *w, struct vtb_room *room)
{
    for (uint32_t i = 0; i < VTB_OWN_LINES; i++)
        room->own_fed[i] = false;
    for (size_t i = 0; i < w->mixed.own_n; i++) {
        struct vtb_rtc_peer *peer = w->peers[room->by_source[w->mixed.own[i].source_index]], *twin;

        if (!peer || peer->room != room || peer->own_tick == w->tick)
            continue;
        hand_own(w, room, peer, &w->mixed.own[i].mix);
        twin = twin_of(w, peer);
        if (twin)
            hand_own(w, room, twin, &w->mixed.own[i].mix);
    }
    end_own(w, room);
    for (uint32_t r = 0; r < VTB_RUNGS; r++) {
        const struct vtb_mix_payload *frame = &w->mixed.streams[vtb_rung_of(r)->stream];

        for (uint32_t p = 0; p < vtb_rung_of(r)->frames; p++)
            if (room->lines[r][p] && room->lines[r][p]->users)
                vtb_line_feed(room->lines[r][p], &room->shelf, frame, w->tick);
    }
}
