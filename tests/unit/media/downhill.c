#include "downhill.h"

#include <opus.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "mediaclient/player.h"
#include "rtc/nack.h"
#include "worker.h"

#define STEP_US  1000u
#define TAIL_US  1000000u
#define QUEUE    256u /* datagrams on the way */
#define ASK_US   10000u
#define MOST_US  300000u /* a browser asks for nothing that takes longer */
#define REPORT_US 2500000u

struct flight {
    struct link_way way;
    struct {
        uint64_t due_us;
        size_t len;
        uint8_t bytes[VTB_UDP_DATAGRAM];
    } queue[QUEUE];
    uint32_t head, tail;
};

struct ear {
    struct downhill_ear *is;
    struct vtb_rtc_peer *peer;
    struct vtb_link link;
    struct flight down, up;
    struct vtb_player *player;
    struct vtb_nack nack;
    struct vtb_rtcp_receiver rx;
    uint64_t ask_us, report_us;
};

static struct vtb_worker *worker;
static struct ear *ears;
static uint64_t now_us;
static uint8_t slot[VTB_UDP_DATAGRAM];

/* ---- in place of clock, sockets, keys and control ---- */

#define BEGAN_US 1700000000000000 /* some day */

int64_t vtb_wall_us(void) { return (int64_t)now_us + BEGAN_US; }
uint64_t vtb_mono_us(void) { return now_us; }

static void fly(struct flight *flight, const uint8_t *data, size_t len)
{
    uint64_t due_us = link_take(&flight->way, now_us, len + 28, true);

    if (due_us == LINK_LOST)
        return;
    if (flight->tail - flight->head == QUEUE)
        abort();
    flight->queue[flight->tail % QUEUE].due_us = due_us;
    flight->queue[flight->tail % QUEUE].len = len;
    memcpy(flight->queue[flight->tail++ % QUEUE].bytes, data, len);
}

uint8_t *vtb_udp_slot(struct vtb_udp *udp, size_t socket)
{
    (void)udp, (void)socket;
    return slot;
}

void vtb_udp_commit(struct vtb_udp *udp, size_t socket, const struct vtb_addr *to, size_t len)
{
    (void)udp, (void)socket;
    fly(&ears[to->port].down, slot, len);
}

size_t vtb_udp_flush(struct vtb_udp *udp)
{
    (void)udp;
    return 0;
}

#define SEAL 16u /* bytes that SRTP adds (GCM) */

static enum vtb_err sealed(size_t len, size_t *out_len)
{
    *out_len = len + SEAL;
    return VTB_OK;
}

enum vtb_err vtb_srtp_protect(struct vtb_srtp *s, uint8_t *packet, size_t len, size_t cap, size_t *out_len)
{
    (void)s, (void)packet, (void)cap;
    return sealed(len, out_len);
}

enum vtb_err vtb_srtp_protect_again(struct vtb_srtp *s, uint8_t *packet, size_t len, size_t cap, size_t *out_len)
{
    (void)s, (void)packet, (void)cap;
    return sealed(len, out_len);
}

enum vtb_err vtb_srtp_protect_rtcp(struct vtb_srtp *s, uint8_t *packet, size_t len, size_t cap, size_t *out_len)
{
    (void)s, (void)packet, (void)cap;
    return sealed(len, out_len);
}

enum vtb_err vtb_srtp_unprotect_rtcp(struct vtb_srtp *s, uint8_t *packet, size_t len, size_t *out_len)
{
    (void)s, (void)packet;
    *out_len = len - SEAL;
    return VTB_OK;
}

struct vtb_rtc_peer *vtb_rtc_peer_find(struct vtb_worker *w, vtb_peer id)
{
    struct vtb_rtc_peer *peer = id.generation ? w->peers[id.index] : NULL;

    return peer && vtb_peer_is(peer->id, id) ? peer : NULL;
}

void vtb_rtc_peer_gone(struct vtb_worker *w, struct vtb_rtc_peer *peer, enum vtb_media_event_kind kind,
                       enum vtb_err err)
{
    (void)w, (void)peer, (void)kind, (void)err;
    abort();
}

void vtb_rtc_peer_proved(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    (void)w, (void)peer;
}

void vtb_tell(struct vtb_worker *w, struct vtb_rtc_peer *peer, unsigned what)
{
    (void)w, (void)peer, (void)what;
}

void vtb_tell_link(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint64_t at_us)
{
    (void)w, (void)peer, (void)at_us;
}

void vtb_stream_send(struct vtb_worker *w, struct vtb_rtc_peer *peer, const struct vtb_mix_payload *payload)
{
    (void)w, (void)peer, (void)payload;
}

void vtb_stream_room_done(struct vtb_worker *w, const struct vtb_room *room)
{
    (void)w, (void)room;
}

/* ---- who speaks: straight into the mix ---- */

struct mouth {
    const struct hear *voice;
    OpusEncoder *encoder;
    uint32_t source;
    uint32_t frame;
};

static void speak(struct mouth *mouth, struct vtb_room *room)
{
    float pcm[960] = { 0 };
    uint8_t bytes[1275];
    double sum = 1e-13 * 960;
    struct vtb_mix_packet packet = { .seq = (uint16_t)mouth->frame, .timestamp = mouth->frame * 960,
                                     .payload = bytes };
    int len;

    for (size_t i = 0; i < 960; i++) {
        int64_t at = ((int64_t)mouth->frame - (int64_t)DOWNHILL_LEAD) * 960 + (int64_t)i;

        pcm[i] = at >= 0 && at < (int64_t)mouth->voice->n ? mouth->voice->at[at] : 0.0f;
        sum += (double)pcm[i] * (double)pcm[i];
    }
    mouth->frame++;
    len = opus_encode_float(mouth->encoder, pcm, 960, bytes, sizeof bytes);
    if (len <= 0)
        abort();
    packet.len = (size_t)len;
    packet.level = (uint8_t)fmin(127.0, fmax(0.0, -10.0 * log10(sum / 960)));
    if (vtb_mix_push(room->mix, mouth->source, &packet, now_us))
        abort();
}

/* ---- who listens ---- */

static void ear_open(struct ear *ear, uint32_t at, struct vtb_room *room)
{
    struct vtb_rtc_peer *peer = calloc(1, sizeof *peer);

    ear->peer = peer;
    ear->link.tuples[0].addr = (struct vtb_addr){ .family = 4, .port = (uint16_t)at };
    *peer = (struct vtb_rtc_peer){
        .id = { .index = at, .generation = 1 }, .room = room, .link = &ear->link, .state = VTB_PEER_CONNECTED,
        .hears = true, .wants_media = true, .paused = true, .ssrc = 1000 + at, .seq = (uint16_t)(65400 + at),
        .resends_left = VTB_RESENDS, .report_us = 1000000 + at * 7919ull % 1000000, .link_us = UINT64_MAX,
    };
    vtb_ladder_init(&peer->ladder, ear->is->has_red);
    peer->ladder.is_new = !ear->is->is_known;
    peer->ladder.loss.at = !ear->is->is_known;
    if (vtb_mix_add(room->mix, &peer->source) || vtb_player_create(&ear->player))
        abort();
    room->by_source[peer->source] = at;
    room->members[room->members_n++] = at;
    worker->peers[at] = peer;
    link_init(&ear->down.way, 2 * ear->is->seed);
    link_init(&ear->up.way, 2 * ear->is->seed + 1);
    for (size_t i = 0; i < VTB_COUNT(ear->is->rules) && ear->is->rules[i]; i++)
        if (!link_obey(&ear->down.way, 0, ear->is->rules[i]) || !link_obey(&ear->up.way, 0, ear->is->rules[i]))
            abort();
    ear->is->report_us = ear->is->report_us ? ear->is->report_us : REPORT_US;
    ear->report_us = ear->is->seed * 2654435761u % ear->is->report_us;
    ear->ask_us = UINT64_MAX;
}

static void ear_close(struct ear *ear)
{
    struct vtb_player_stats stats;

    vtb_player_stats(ear->player, &stats);
    ear->is->made_up = (uint32_t)stats.concealed;
    ear->is->delay_ms = stats.delay_ms;
    ear->is->sent = ear->peer->packets;
    ear->is->lost = (uint32_t)(ear->down.way.lost + ear->down.way.full);
    ear->is->last = ear->peer->rung;
    vtb_player_destroy(ear->player);
    free(ear->peer);
}

static void hear_packet(struct ear *ear, uint8_t *data, size_t len)
{
    struct vtb_rtcp rtcp;
    struct vtb_rtp rtp;

    if (vtb_rtp_is_rtcp(data, len)) {
        if (!vtb_rtcp_parse(data, len, &rtcp) && rtcp.has_sender)
            vtb_rtcp_received_sr(&ear->rx, &rtcp.sender, now_us);
        return;
    }
    if (vtb_rtp_parse(data, len, &rtp))
        abort();
    vtb_rtcp_received(&ear->rx, rtp.ssrc, rtp.seq, rtp.timestamp, (uint32_t)(now_us * 48 / 1000));
    (void)vtb_nack_got(&ear->nack, rtp.seq, now_us);
    if (ear->nack.n && ear->ask_us > now_us + ASK_US)
        ear->ask_us = now_us;
    struct vtb_heard heard = { now_us, rtp.timestamp, rtp.seq, rtp.type, rtp.payload, rtp.payload_len };

    if (vtb_player_put(ear->player, &heard))
        abort();
}

static void ask(struct ear *ear)
{
    uint8_t out[VTB_RTCP_MAX + SEAL];
    uint16_t seqs[VTB_NACK_ASKED];
    size_t n = vtb_nack_due(&ear->nack, 0, MOST_US, now_us, seqs);

    ear->ask_us = ear->nack.n ? now_us + ASK_US : UINT64_MAX;
    if (n)
        fly(&ear->up, out, vtb_rtcp_write_nack(7, ear->rx.ssrc, seqs, n, NULL, out) + SEAL);
}

static void report(struct ear *ear)
{
    uint8_t out[VTB_RTCP_MAX + SEAL];
    struct vtb_rtcp_block block;

    ear->report_us += ear->is->report_us;
    if (!ear->rx.started)
        return;
    vtb_rtcp_report(&ear->rx, now_us, &block);
    fly(&ear->up, out, vtb_rtcp_write(7, NULL, &block, "ear", out) + SEAL);
}

static void ear_step(struct ear *ear)
{
    while (ear->down.head != ear->down.tail && ear->down.queue[ear->down.head % QUEUE].due_us <= now_us) {
        size_t at = ear->down.head++ % QUEUE;

        hear_packet(ear, ear->down.queue[at].bytes, ear->down.queue[at].len - SEAL);
    }
    if (!ear->is->no_nack && now_us >= ear->ask_us)
        ask(ear);
    if (now_us >= ear->report_us)
        report(ear);
    while (ear->up.head != ear->up.tail && ear->up.queue[ear->up.head % QUEUE].due_us <= now_us) {
        size_t at = ear->up.head++ % QUEUE;
        struct vtb_udp_datagram datagram = { .data = ear->up.queue[at].bytes, .len = ear->up.queue[at].len };

        vtb_report_rtcp(worker, ear->peer, &datagram, now_us);
    }
    if (now_us % 10000)
        return;
    int16_t pcm[VTB_PLAYER_STEP];

    vtb_player_pull(ear->player, now_us, pcm);
    if (now_us <= DOWNHILL_LEAD * VTB_TICK_US)
        return;
    for (size_t i = 0; i < VTB_PLAYER_STEP; i++)
        ear->is->heard.at[ear->is->heard.n++] = (float)pcm[i] / 32768.0f;
}

/* As in tick.c, without what needs a socket. */
static void tick(struct vtb_room *room, struct mouth *mouth, uint32_t n)
{
    speak(mouth, room);
    vtb_mix_tick(room->mix, now_us, &worker->mixed);
    vtb_lines_feed(worker, room);
    vtb_serve_room(worker, room);
    room->timestamp += VTB_MIX_FRAME;
    vtb_serve_begin(worker, now_us);
    vtb_serve_rest(worker);
    for (uint32_t i = 0; i < n; i++) {
        struct downhill_ear *is = ears[i].is;

        if (i % VTB_CARE_TICKS == worker->tick % VTB_CARE_TICKS)
            vtb_report_care(worker, ears[i].peer, now_us);
        if (worker->tick >= DOWNHILL_LEAD)
            is->on[ears[i].peer->rung]++;
        is->moves += worker->tick && is->last != (enum vtb_rung_name)ears[i].peer->rung;
        is->last = ears[i].peer->rung;
    }
    worker->tick++;
}

void downhill(const struct hear *voice, struct downhill_ear *of, uint32_t n)
{
    struct vtb_mix_config cfg = { .max_speakers = 3, .bitrate = 32000 };
    struct vtb_room *room = calloc(1, sizeof *room);
    struct mouth mouth = { .voice = voice, .encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL) };
    uint64_t end_us = DOWNHILL_LEAD * VTB_TICK_US + voice->n * 1000 / 48 + TAIL_US;

    worker = calloc(1, sizeof *worker);
    ears = calloc(n, sizeof *ears);
    if (!room || !worker || !ears || vtb_mix_create(&cfg, &room->mix) || vtb_mix_add(room->mix, &mouth.source))
        abort();
    worker->rooms[worker->rooms_n++] = room;
    vtb_mix_set_heard(room->mix, mouth.source, true);
    room->by_source[mouth.source] = VTB_MEDIA_PEERS_MAX - 1; /* nobody of the room */
    opus_encoder_ctl(mouth.encoder, OPUS_SET_BITRATE(48000));
    now_us = 0;
    for (uint32_t i = 0; i < n; i++) {
        ears[i].is = &of[i];
        ear_open(&ears[i], i, room);
        of[i].heard.at = calloc(voice->n + 2 * 48000, sizeof(float));
    }
    for (; now_us < end_us; now_us += STEP_US) {
        if (now_us % VTB_TICK_US == 0)
            tick(room, &mouth, n);
        for (uint32_t i = 0; i < n; i++)
            ear_step(&ears[i]);
    }
    for (uint32_t i = 0; i < n; i++)
        ear_close(&ears[i]);
    vtb_lines_free(room);
    vtb_mix_destroy(room->mix);
    opus_encoder_destroy(mouth.encoder);
    free(room);
    free(worker);
    free(ears);
}
