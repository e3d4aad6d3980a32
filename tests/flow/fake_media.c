/* fake_media.c - peers as rows of a table, gates as two flags. */
#include "fakes.h"

#include <assert.h>
#include <string.h>

struct fake_peer fake_peers[64];
struct fake_recording fake_recording;
static struct vtb_media_event queued[8];
static size_t queued_n;

void fake_media_open(void)
{
    memset(fake_peers, 0, sizeof fake_peers);
    memset(&fake_recording, 0, sizeof fake_recording);
    queued_n = 0;
}

enum vtb_err vtb_media_open_room(struct vtb_media *m, struct vtb_id room)
{
    (void)m;
    (void)room;
    return VTB_OK;
}
enum vtb_err vtb_media_close_room(struct vtb_media *m, struct vtb_id room)
{
    (void)m;
    (void)room;
    return VTB_OK;
}

static enum vtb_err add(struct vtb_id room, bool is_stream, vtb_peer *out)
{
    for (uint32_t i = 0; i < VTB_COUNT(fake_peers); i++) {
        if (fake_peers[i].is_there)
            continue;
        fake_peers[i] = (struct fake_peer){ .room = room, .is_there = true, .is_stream = is_stream,
                                            .generation = fake_peers[i].generation + 1 };
        *out = (vtb_peer){ i, fake_peers[i].generation };
        return VTB_OK;
    }
    return VTB_LIMIT;
}

enum vtb_err vtb_media_add_peer(struct vtb_media *m, struct vtb_id room, const char *local_hint, vtb_peer *out)
{
    (void)m;
    assert(strcmp(local_hint, "192.0.2.1") == 0);
    return add(room, false, out);
}
enum vtb_err vtb_media_offer_peer(struct vtb_media *m, struct vtb_id room, const char *local_hint, bool speaks,
                                  const char *sdp, size_t len, vtb_peer *out)
{
    enum vtb_err err = add(room, false, out);

    (void)m;
    (void)local_hint;
    assert(len > 0 && sdp[0]);
    if (!err) {
        fake_peers[out->index].is_device = true;
        fake_peers[out->index].speaks = speaks;
    }
    return err;
}
enum vtb_err vtb_media_add_stream_peer(struct vtb_media *m, struct vtb_id room, vtb_peer *out)
{
    (void)m;
    return add(room, true, out);
}

static struct fake_peer *of(vtb_peer peer)
{
    assert(peer.index < VTB_COUNT(fake_peers));
    return fake_peers[peer.index].generation == peer.generation ? &fake_peers[peer.index] : NULL;
}

enum vtb_err vtb_media_answer(struct vtb_media *m, vtb_peer peer, const char *sdp, size_t len)
{
    (void)m;
    (void)peer;
    (void)sdp;
    (void)len;
    return VTB_OK;
}
enum vtb_err vtb_media_restart(struct vtb_media *m, vtb_peer peer)
{
    (void)m;
    if (!of(peer))
        return VTB_ABSENT;
    of(peer)->restarts++;
    return VTB_OK;
}
enum vtb_err vtb_media_fragment(const char *text, size_t len, struct vtb_media_fragment *out)
{
    *out = (struct vtb_media_fragment){ .has_pwd = true };
    if (len < 5 || text[0] != 'u')
        return VTB_PARSE; /* a test's own offer is the ufrag */
    memcpy(out->ufrag, text, len < VTB_MEDIA_ICE_CHARS ? len : VTB_MEDIA_ICE_CHARS);
    return VTB_OK;
}
enum vtb_err vtb_media_drop_peer(struct vtb_media *m, vtb_peer peer)
{
    (void)m;
    if (of(peer))
        of(peer)->is_there = of(peer)->hears = of(peer)->heard = false;
    return VTB_OK;
}
enum vtb_err vtb_media_set_gate(struct vtb_media *m, vtb_peer peer, bool hears, bool heard)
{
    struct fake_peer *to = of(peer);

    (void)m;
    if (to) {
        to->hears = hears;
        to->heard = heard;
        to->gates++;
    }
    return VTB_OK;
}

enum vtb_err vtb_media_pair(struct vtb_media *m, vtb_peer one, vtb_peer other)
{
    (void)m;
    assert(of(one) && of(other));
    of(one)->pair = other;
    of(other)->pair = one;
    return VTB_OK;
}
enum vtb_err vtb_media_put_frame(struct vtb_media *m, vtb_peer peer, const uint8_t *data, size_t len)
{
    (void)m;
    if (len < 9 || data[0] != 0x10)
        return VTB_PARSE;
    of(peer)->frames += of(peer)->heard;
    return VTB_OK;
}

static struct vtb_media_frames frames;
const struct vtb_media_frames *vtb_media_frames(struct vtb_media *m)
{
    (void)m;
    return frames.to_n ? &frames : NULL;
}
void vtb_media_frames_done(struct vtb_media *m)
{
    (void)m;
    frames.to_n = 0;
}
void fake_media_frame(struct vtb_live *live, const vtb_peer *to, uint16_t n)
{
    frames.to_n = n;
    frames.len = 9;
    memcpy(frames.to, to, n * sizeof *to);
    vtb_live_media_turn(live);
}

size_t vtb_media_take(struct vtb_media *m, struct vtb_media_event *out, size_t max)
{
    size_t n = queued_n < max ? queued_n : max;

    (void)m;
    memcpy(out, queued, n * sizeof *out);
    queued_n = 0;
    return n;
}

const char *vtb_media_rung_name(uint8_t rung)
{
    return rung ? "red" : "clear";
}

void fake_media_event(struct vtb_live *live, struct vtb_media_event event)
{
    assert(queued_n < VTB_COUNT(queued));
    queued[queued_n++] = event;
    vtb_live_media_turn(live);
}

enum vtb_err vtb_media_record(struct vtb_media *m, struct vtb_id room, struct vtb_id recording)
{
    (void)m;
    (void)room;
    if (fake_recording.refuses)
        return VTB_LIMIT;
    fake_recording.recording = recording;
    fake_recording.is_off = false;
    fake_recording.begun++;
    return VTB_OK;
}
enum vtb_err vtb_media_record_off(struct vtb_media *m, struct vtb_id room, bool is_off)
{
    (void)m;
    (void)room;
    fake_recording.is_off = is_off;
    return VTB_OK;
}
enum vtb_err vtb_media_record_stop(struct vtb_media *m, struct vtb_id room)
{
    (void)m;
    (void)room;
    memset(&fake_recording.recording, 0, sizeof fake_recording.recording);
    fake_recording.ended++;
    return VTB_OK;
}
enum vtb_err vtb_media_record_finish(struct vtb_media *m, struct vtb_id recording)
{
    (void)m;
    (void)recording;
    fake_recording.finished++;
    return VTB_OK;
}
