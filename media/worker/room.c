#include "worker.h"

#include <stdlib.h>

struct vtb_room *vtb_room_find(struct vtb_worker *w, struct vtb_id id)
{
    for (uint32_t i = 0; i < w->rooms_n; i++)
        if (vtb_id_is(w->rooms[i]->id, id))
            return w->rooms[i];
    return NULL;
}

enum vtb_err vtb_room_open(struct vtb_worker *w, struct vtb_id id)
{
    struct vtb_mix_config cfg = { .max_speakers = w->cfg.max_speakers, .bitrate = w->cfg.bitrate };
    struct vtb_room *room;
    enum vtb_err err;

    if (vtb_room_find(w, id))
        return VTB_OK;
    if (w->rooms_n == VTB_ROOMS_MAX)
        return VTB_LIMIT;
    room = calloc(1, sizeof *room);
    if (!room)
        return VTB_NOMEM;
    err = vtb_mix_create(&cfg, &room->mix);
    if (err) {
        free(room);
        return err;
    }
    room->id = id;
    w->rooms[w->rooms_n++] = room;
    vtb_count_set(&w->figures.rooms, w->rooms_n);
    return VTB_OK;
}

void vtb_room_count(struct vtb_worker *w, struct vtb_room *room)
{
    struct vtb_mix_figures now;

    vtb_mix_figures(room->mix, &now);
    vtb_count_add(&w->figures.encodes, now.encodes - room->counted.encodes);
    vtb_count_add(&w->figures.decodes, now.decodes - room->counted.decodes);
    room->counted = now;
}

void vtb_room_close(struct vtb_worker *w, struct vtb_room *room)
{
    vtb_room_count(w, room);
    vtb_taps_open(w, room, NULL);
    while (room->members_n)
        vtb_rtc_peer_drop(w, w->peers[room->members[0]]);
    for (uint32_t i = 0; i < w->rooms_n; i++)
        if (w->rooms[i] == room)
            w->rooms[i] = w->rooms[--w->rooms_n];
    vtb_count_set(&w->figures.rooms, w->rooms_n);
    vtb_lines_free(room);
    vtb_mix_destroy(room->mix);
    free(room);
}
