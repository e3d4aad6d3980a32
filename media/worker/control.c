/*
 * The control thread's side of media.h: names peers, posts commands, takes events. The table of
 * names is the control thread's own, so a name is valid at once and needs no lock.
 */
#include "record.h"
#include "worker.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

struct name {
    uint32_t generation; /* of the peer that has it, or of the next */
    bool used;
};

struct vtb_media {
    struct vtb_worker *worker;
    struct vtb_record *record; /* NULL: nothing can be recorded */
    struct name names[VTB_MEDIA_PEERS_MAX];
    /* Free indices, longest free first: a late packet for one who left finds no successor soon. */
    uint32_t free[VTB_MEDIA_PEERS_MAX];
    uint32_t free_first, free_n;
};

enum vtb_err vtb_media_start(const struct vtb_media_config *cfg, struct vtb_media **out)
{
    struct vtb_media *m;
    enum vtb_err err;

    if (cfg->max_speakers < 1 || cfg->max_speakers > VTB_MIX_SPEAKERS_MAX || cfg->bitrate < 6000 ||
        cfg->bitrate > 64000)
        return VTB_PARSE;
    m = calloc(1, sizeof *m);
    if (!m)
        return VTB_NOMEM;
    for (uint32_t i = 0; i < VTB_MEDIA_PEERS_MAX; i++) {
        m->names[i].generation = 1;
        m->free[i] = i;
    }
    m->free_n = VTB_MEDIA_PEERS_MAX;
    err = vtb_worker_create(cfg, &m->worker);
    if (!err && cfg->record_dir) {
        err = vtb_record_create(cfg, m->worker, &m->record);
        if (err) {
            vtb_worker_stop(m->worker);
            vtb_worker_destroy(m->worker);
        }
    }
    if (err) {
        free(m);
        return err;
    }
    *out = m;
    return VTB_OK;
}

uint16_t vtb_media_port(const struct vtb_media *media)
{
    return vtb_udp_port(media->worker->udp);
}

void vtb_media_stop(struct vtb_media *media)
{
    if (!media)
        return;
    vtb_worker_stop(media->worker); /* every recording has its end now */
    vtb_record_destroy(media->record);
    vtb_worker_destroy(media->worker);
    free(media);
}

static bool is_live(const struct vtb_media *m, vtb_peer peer)
{
    return peer.index < VTB_MEDIA_PEERS_MAX && m->names[peer.index].used &&
           m->names[peer.index].generation == peer.generation;
}

static void release(struct vtb_media *m, vtb_peer peer)
{
    struct name *name;

    if (!is_live(m, peer))
        return;
    name = &m->names[peer.index];
    name->used = false;
    /* Never 0, which is no peer, nor all ones, which ends the handshake thread. */
    name->generation = name->generation >= UINT32_MAX - 1 ? 1 : name->generation + 1;
    m->free[(m->free_first + m->free_n++) % VTB_MEDIA_PEERS_MAX] = peer.index;
}

static enum vtb_err post(struct vtb_media *m, const struct vtb_media_cmd *cmd)
{
    return vtb_mailbox_post(m->worker->commands, cmd);
}

enum vtb_err vtb_media_open_room(struct vtb_media *m, struct vtb_id room)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_OPEN_ROOM, .room = room };

    return post(m, &cmd);
}

enum vtb_err vtb_media_close_room(struct vtb_media *m, struct vtb_id room)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_CLOSE_ROOM, .room = room };

    return post(m, &cmd);
}

static enum vtb_err add(struct vtb_media *m, struct vtb_media_cmd *cmd, vtb_peer *out_peer)
{
    enum vtb_err err;

    if (m->free_n == 0)
        return VTB_LIMIT;
    cmd->peer.index = m->free[m->free_first];
    cmd->peer.generation = m->names[cmd->peer.index].generation;
    err = post(m, cmd);
    if (err)
        return err;
    m->names[cmd->peer.index].used = true;
    m->free_first = (m->free_first + 1) % VTB_MEDIA_PEERS_MAX;
    m->free_n--;
    *out_peer = cmd->peer;
    return VTB_OK;
}

enum vtb_err vtb_media_add_peer(struct vtb_media *m, struct vtb_id room, const char *local_hint,
                                vtb_peer *out_peer)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_ADD_PEER, .room = room };

    if (vtb_str_copy(vtb_str_of(local_hint), cmd.hint, sizeof cmd.hint))
        cmd.hint[0] = '\0'; /* no numeric address is that long: an unknown hint */
    return add(m, &cmd, out_peer);
}

enum vtb_err vtb_media_add_stream_peer(struct vtb_media *m, struct vtb_id room, vtb_peer *out_peer)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_ADD_PEER, .room = room, .is_stream = true };

    return add(m, &cmd, out_peer);
}

static char *copy_of(const char *text, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

enum vtb_err vtb_media_offer_peer(struct vtb_media *m, struct vtb_id room, const char *local_hint, bool speaks,
                                  const char *sdp, size_t len, vtb_peer *out_peer)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_ADD_PEER, .room = room, .speaks = speaks, .sdp_len = len };
    enum vtb_err err;

    if (len > VTB_MEDIA_OFFER_MAX)
        return VTB_LIMIT;
    if (vtb_str_copy(vtb_str_of(local_hint), cmd.hint, sizeof cmd.hint))
        cmd.hint[0] = '\0';
    cmd.sdp = copy_of(sdp, len);
    err = cmd.sdp ? add(m, &cmd, out_peer) : VTB_NOMEM;
    if (err)
        free(cmd.sdp);
    return err;
}

enum vtb_err vtb_media_restart(struct vtb_media *m, vtb_peer peer)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_RESTART, .peer = peer };

    return is_live(m, peer) ? post(m, &cmd) : VTB_ABSENT;
}

_Static_assert(VTB_MEDIA_ICE_CHARS == VTB_STUN_ICE_CHARS && VTB_MEDIA_OFFER_MAX == VTB_SDP_OFFER_MAX,
               "one limit, written twice: server/ does not see rtc/");

enum vtb_err vtb_media_fragment(const char *text, size_t len, struct vtb_media_fragment *out)
{
    struct vtb_sdp_fragment found;
    enum vtb_err err = vtb_sdp_read_fragment(text, len, &found);

    if (err)
        return err;
    memcpy(out->ufrag, found.ufrag, sizeof out->ufrag);
    out->has_pwd = found.pwd[0] != '\0';
    out->candidates_n = found.candidates_n;
    return VTB_OK;
}

enum vtb_err vtb_media_pair(struct vtb_media *m, vtb_peer one, vtb_peer other)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_PAIR, .peer = one, .other = other };

    return is_live(m, one) && is_live(m, other) ? post(m, &cmd) : VTB_ABSENT;
}

enum vtb_err vtb_media_put_frame(struct vtb_media *m, vtb_peer peer, const uint8_t *data, size_t len)
{
    return is_live(m, peer) ? vtb_stream_put(&m->worker->streams, peer, data, len, vtb_mono_us()) : VTB_ABSENT;
}

const struct vtb_media_frames *vtb_media_frames(struct vtb_media *m)
{
    return vtb_ring_front(m->worker->streams.out);
}

void vtb_media_frames_done(struct vtb_media *m)
{
    vtb_ring_done(m->worker->streams.out);
}

enum vtb_err vtb_media_answer(struct vtb_media *m, vtb_peer peer, const char *sdp, size_t len)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_ANSWER, .peer = peer, .sdp_len = len };
    enum vtb_err err;

    if (!is_live(m, peer))
        return VTB_ABSENT;
    if (len > VTB_MEDIA_SDP_MAX)
        return VTB_LIMIT;
    cmd.sdp = copy_of(sdp, len);
    if (!cmd.sdp)
        return VTB_NOMEM;
    err = post(m, &cmd);
    if (err)
        free(cmd.sdp);
    return err;
}

enum vtb_err vtb_media_drop_peer(struct vtb_media *m, vtb_peer peer)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_DROP_PEER, .peer = peer };
    enum vtb_err err;

    if (!is_live(m, peer))
        return VTB_ABSENT;
    err = post(m, &cmd);
    if (!err)
        release(m, peer);
    return err;
}

enum vtb_err vtb_media_set_gate(struct vtb_media *m, vtb_peer peer, bool hears, bool heard)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_GATE, .peer = peer, .hears = hears,
                                 .heard = heard };

    return is_live(m, peer) ? post(m, &cmd) : VTB_ABSENT;
}

enum vtb_err vtb_media_record(struct vtb_media *m, struct vtb_id room, struct vtb_id recording)
{
    return m->record ? vtb_record_begin(m->record, room, recording) : VTB_DENIED;
}

enum vtb_err vtb_media_record_off(struct vtb_media *m, struct vtb_id room, bool is_off)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_TAP_OFF, .room = room, .is_off = is_off };

    return post(m, &cmd);
}

enum vtb_err vtb_media_record_stop(struct vtb_media *m, struct vtb_id room)
{
    struct vtb_media_cmd cmd = { .kind = VTB_CMD_TAP, .room = room };

    return post(m, &cmd);
}

enum vtb_err vtb_media_record_finish(struct vtb_media *m, struct vtb_id recording)
{
    return m->record ? vtb_record_finish(m->record, recording) : VTB_DENIED;
}

size_t vtb_media_take(struct vtb_media *m, struct vtb_media_event *out, size_t max)
{
    size_t n = vtb_mailbox_take(m->worker->events, out, max);

    for (size_t i = 0; i < n; i++)
        if (out[i].kind == VTB_MEDIA_GONE || out[i].kind == VTB_MEDIA_REFUSED)
            release(m, out[i].peer);
    return n;
}

void vtb_media_figures(const struct vtb_media *m, struct vtb_media_figures *out)
{
    const struct vtb_worker_figures *f = &m->worker->figures;

    *out = (struct vtb_media_figures){
        .ticks = vtb_count_read(&f->ticks),
        .ticks_late_5ms = vtb_count_read(&f->ticks_late_5ms),
        .ticks_skipped = vtb_count_read(&f->ticks_skipped),
        .packets_in = vtb_count_read(&f->packets_in),
        .packets_out = vtb_count_read(&f->packets_out),
        .dropped_auth = vtb_count_read(&f->dropped_auth),
        .dropped_unknown = vtb_count_read(&f->dropped_unknown),
        .dropped_source = vtb_count_read(&f->dropped_source),
        .stun_refused = vtb_count_read(&f->stun_refused),
        .encodes = vtb_count_read(&f->encodes),
        .decodes = vtb_count_read(&f->decodes),
        .handshakes = vtb_count_read(&f->handshakes),
        .handshakes_failed = vtb_count_read(&f->handshakes_failed),
        .repeated = vtb_count_read(&f->repeated),
        .repeats_refused = vtb_count_read(&f->repeats_refused),
        .lateness_us_p99 = vtb_count_read(&f->lateness_us_p99),
        .stream_out = vtb_count_read(&f->stream_out),
        .stream_dropped = vtb_count_read(&f->stream_dropped),
        .peers = (uint32_t)vtb_count_read(&f->peers),
        .rooms = (uint32_t)vtb_count_read(&f->rooms),
    };
    for (size_t r = 0; r < VTB_MEDIA_RUNGS; r++)
        out->listeners[r] = (uint32_t)vtb_count_read(&f->listeners[r]);
    vtb_record_figures(m->record, out);
}

_Static_assert(VTB_MEDIA_RUNGS == VTB_RUNGS, "one table, counted twice: server/ does not see audio/");

const char *vtb_media_rung_name(uint8_t rung)
{
    return rung < VTB_RUNGS ? vtb_rung_of(rung)->name : "";
}
