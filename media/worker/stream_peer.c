/*
 * A peer whose packets travel by a stream that control owns (the browser's web connection): frames
 * in, frames out. It is a source and a listener of the room like any other, behind the same gate;
 * only that nothing is sealed here and no socket is touched. Both ways are rings without a lock.
 *
 * Out: one frame is written once and goes with the names of all who are to have it, so that control
 * can hand one buffer to hundreds of sockets. In: taken at the tick, the only moment at which it counts.
 */
#include "worker.h"

#include "rtc/frame.h"

#include <string.h>

#define TWIN_TALKS_US 200000u /* the other way of the same person brought packets so lately: it has the voice */

enum vtb_err vtb_streams_create(struct vtb_streams *streams)
{
    enum vtb_err err = vtb_ring_create(sizeof(struct vtb_stream_in), VTB_STREAM_IN, &streams->in);

    return err ? err : vtb_ring_create(sizeof(struct vtb_media_frames), VTB_STREAM_OUT, &streams->out);
}

void vtb_streams_destroy(struct vtb_streams *streams)
{
    vtb_ring_destroy(streams->in);
    vtb_ring_destroy(streams->out);
}

void vtb_stream_pair(struct vtb_rtc_peer *one, struct vtb_rtc_peer *other)
{
    if (one->room != other->room)
        return;
    one->twin = other->id;
    other->twin = one->id;
}

/* A person with two ways sends by one at a time, so who speaks is heard once. UDP, the better one, wins. */
static bool twin_has_the_voice(struct vtb_worker *w, const struct vtb_rtc_peer *peer, uint64_t now_us)
{
    const struct vtb_rtc_peer *twin = vtb_rtc_peer_find(w, peer->twin);

    return twin && twin->receiving && now_us - twin->last_rtp_us < TWIN_TALKS_US;
}

static void take(struct vtb_worker *w, const struct vtb_stream_in *in)
{
    struct vtb_rtc_peer *peer = vtb_rtc_peer_find(w, in->peer);
    struct vtb_mix_packet packet = { .seq = in->seq, .timestamp = in->timestamp, .payload = in->payload,
                                     .len = in->len, .level = in->level };

    if (!peer || !peer->is_stream || peer->state != VTB_PEER_CONNECTED)
        return;
    vtb_count_add(&w->figures.packets_in, 1);
    if (twin_has_the_voice(w, peer, in->arrived_us))
        return;
    peer->last_rtp_us = in->arrived_us;
    if (!peer->receiving) {
        peer->receiving = true;
        vtb_tell(w, peer, VTB_TELL_UPLINK);
    }
    if (!peer->heard)
        return;
    /* The mix counts what it refuses; there is nobody here to tell. */
    enum vtb_err refused = vtb_mix_push(peer->room->mix, peer->source, &packet, in->arrived_us);

    (void)refused;
}

void vtb_stream_inbound(struct vtb_worker *w)
{
    const struct vtb_stream_in *in;

    while ((in = vtb_ring_front(w->streams.in)) != NULL) {
        take(w, in);
        vtb_ring_done(w->streams.in);
    }
}

void vtb_stream_send(struct vtb_worker *w, struct vtb_rtc_peer *peer, const struct vtb_mix_payload *payload)
{
    peer->packets++;
    w->streams.sends[w->streams.sends_n++] = (struct vtb_stream_send){ peer->id, payload };
}

/* One ring place: a frame and up to VTB_MEDIA_FRAME_EARS of those who wait for this payload. */
static bool post_some(struct vtb_worker *w, const struct vtb_room *room, const struct vtb_mix_payload *payload)
{
    struct vtb_streams *streams = &w->streams;
    struct vtb_media_frames *out = vtb_ring_slot(streams->out);
    struct vtb_frame frame = { .seq = (uint16_t)(room->timestamp / VTB_MIX_FRAME), .timestamp = room->timestamp,
                               .payload = payload->payload, .len = payload->len };
    uint32_t kept = 0;

    if (!out)
        return false;
    out->to_n = 0;
    for (uint32_t i = 0; i < streams->sends_n; i++) {
        if (streams->sends[i].payload == payload && out->to_n < VTB_MEDIA_FRAME_EARS)
            out->to[out->to_n++] = streams->sends[i].to;
        else
            streams->sends[kept++] = streams->sends[i];
    }
    streams->sends_n = kept;
    out->len = (uint16_t)vtb_frame_write(&frame, out->data);
    vtb_count_add(&w->figures.stream_out, out->to_n);
    vtb_ring_post(streams->out);
    streams->posted = true;
    return true;
}

void vtb_stream_room_done(struct vtb_worker *w, const struct vtb_room *room)
{
    struct vtb_streams *streams = &w->streams;

    while (streams->sends_n) {
        if (!post_some(w, room, streams->sends[0].payload)) { /* control stands still: old sound is worth nothing */
            vtb_count_add(&w->figures.stream_dropped, streams->sends_n);
            streams->sends_n = 0;
        }
    }
}

void vtb_stream_tick_done(struct vtb_worker *w)
{
    if (!w->streams.posted)
        return;
    w->streams.posted = false;
    w->cfg.notify(w->cfg.notify_ctx);
}

/* ---- the control thread's ends of the rings ---- */

enum vtb_err vtb_stream_put(struct vtb_streams *streams, vtb_peer peer, const uint8_t *data, size_t len,
                            uint64_t now_us)
{
    struct vtb_stream_in *in;
    struct vtb_frame frame;
    enum vtb_err err = vtb_frame_parse(data, len, &frame);

    if (err)
        return err;
    in = vtb_ring_slot(streams->in);
    if (!in)
        return VTB_AGAIN;
    in->peer = peer;
    in->arrived_us = now_us;
    in->timestamp = frame.timestamp;
    in->seq = frame.seq;
    in->level = frame.level;
    in->len = (uint16_t)frame.len;
    memcpy(in->payload, frame.payload, frame.len);
    vtb_ring_post(streams->in);
    return VTB_OK;
}
