/*
 * media.h - all that server/ may see of the media plane.
 *
 * One worker thread owns rooms and peers. Commands go in by value and are answered by events;
 * nobody waits. A room is the sound of one meeting; a peer is one browser's connection.
 *
 *     open_room -> add_peer -> OFFER event (SDP to the browser) -> answer (SDP from the browser)
 *     -> CONNECTED -> ... HEARS / SILENT, TALKING ... -> drop_peer or GONE
 *
 * A device brings the offer (WHIP, WHEP): offer_peer -> ANSWER event (SDP to the device) -> CONNECTED ...
 *
 * Standards: ICE-lite (RFC 8445), DTLS-SRTP (RFC 5763, 5764, 7714), RTP (RFC 3550), Opus
 * (RFC 7587), levels (RFC 6464), offer/answer (RFC 9429).
 *
 * Thread:    every call from the control thread; `notify` is called on the media thread and may
 *            only wake the control thread, which then calls vtb_media_take.
 * Ownership: the media plane owns rooms and peers; names are ids with a generation.
 * Blocks:    start and stop only.
 */
#ifndef VTB_MEDIA_H
#define VTB_MEDIA_H

#include "base/err.h"
#include "base/id.h"

#define VTB_MEDIA_SDP_MAX    8192 /* bytes, protocols/limits.json sdp_bytes */
#define VTB_MEDIA_OFFER_MAX  16384 /* of a device, protocols/limits.json device_offer_bytes */
#define VTB_MEDIA_ICE_CHARS  256
#define VTB_MEDIA_ADDRESSES  4
#define VTB_MEDIA_PEERS_MAX  8192 /* whole process */
#define VTB_MEDIA_TALKERS    8
#define VTB_MEDIA_DIGEST     32   /* SHA-256 */
#define VTB_MEDIA_FRAME_MAX  1283 /* bytes: header and Opus packet, media/rtc/frame.h */
#define VTB_MEDIA_FRAME_EARS 64

struct vtb_media;

struct vtb_media_config {
    /* Numeric addresses, v4 or v6, one UDP socket each; at least one. */
    char address[VTB_MEDIA_ADDRESSES][46];
    size_t addresses;
    uint16_t port;            /* UDP, the same on every address; 0 lets the kernel choose one */
    bool own_addresses_only;  /* demo: drop datagrams whose source is not an address of this machine */
    uint32_t max_speakers;    /* 1..4, decoded and mixed; 3 by design */
    uint32_t bitrate;         /* bit/s of the clear stream, 6000..64000; 32000 by default */
    uint32_t join_from;       /* in rooms of so many, who only listens gets 60 ms packets; 0: never */
    void (*notify)(void *ctx);
    void *notify_ctx;
    const char *record_dir;    /* DATA/recordings, made at first use; NULL: nothing can be recorded */
    const uint8_t *record_key; /* 32 bytes, the site key for recordings; copied */
};

VTB_MUST_USE enum vtb_err vtb_media_start(const struct vtb_media_config *cfg,
                                          struct vtb_media **out);
uint16_t vtb_media_port(const struct vtb_media *media); /* the port that was bound */
/* Drops every peer, joins the threads, frees. NULL is fine. */
void vtb_media_stop(struct vtb_media *media);

/* All commands: AGAIN when the mailbox is full (nothing happened). `room` is the meeting's id. */
VTB_MUST_USE enum vtb_err vtb_media_open_room(struct vtb_media *m, struct vtb_id room);
VTB_MUST_USE enum vtb_err vtb_media_close_room(struct vtb_media *m, struct vtb_id room);

/*
 * Adds a peer; *out_peer is valid at once. `local_hint` is the numeric local address of the
 * signalling socket ("" if unknown): its candidate comes first. A new peer is muted and deaf
 * until told otherwise (set_gate): nobody arrives with an open microphone, and a guest hears
 * nothing before their item. LIMIT when VTB_MEDIA_PEERS_MAX are there.
 */
VTB_MUST_USE enum vtb_err vtb_media_add_peer(struct vtb_media *m, struct vtb_id room,
                                             const char *local_hint, vtb_peer *out_peer);
VTB_MUST_USE enum vtb_err vtb_media_answer(struct vtb_media *m, vtb_peer peer,
                                           const char *sdp, size_t len);
VTB_MUST_USE enum vtb_err vtb_media_drop_peer(struct vtb_media *m, vtb_peer peer);

/*
 * A peer that brings its own offer: a program that speaks WHIP (`speaks`: it is heard and hears nothing) or
 * WHEP (it hears). Its Opus may have any payload type; all that is not audio is answered with port 0.
 * REFUSED says why not: PARSE, LIMIT; ABSENT no Opus; DENIED lacks rtcp-mux, sha-256, ICE or a DTLS client, or its
 * direction is the other one.
 */
VTB_MUST_USE enum vtb_err vtb_media_offer_peer(struct vtb_media *m, struct vtb_id room, const char *local_hint,
                                               bool speaks, const char *sdp, size_t len, vtb_peer *out_peer);
/* ICE restart of such a peer: an ANSWER event follows whose sdp is a fragment (RFC 8840) with the new ufrag and pwd. */
VTB_MUST_USE enum vtb_err vtb_media_restart(struct vtb_media *m, vtb_peer peer);
/* Reads such a fragment, or the ICE part of an offer. Any thread. PARSE, LIMIT. */
struct vtb_media_fragment {
    char ufrag[VTB_MEDIA_ICE_CHARS + 1]; /* "": none is said */
    bool has_pwd;
    size_t candidates_n;
};
VTB_MUST_USE enum vtb_err vtb_media_fragment(const char *text, size_t len, struct vtb_media_fragment *out);

/* hears: the room is sent to the peer. heard: the peer's voice may enter the mix. Takes effect
 * within one 20 ms tick. A peer that does not hear is sent no media at all; one that begins to
 * hear gets nothing that was said before: sound starts 440 ms after the gate opened. */
VTB_MUST_USE enum vtb_err vtb_media_set_gate(struct vtb_media *m, vtb_peer peer, bool hears,
                                             bool heard);

/*
 * ---- peers whose packets travel by a stream of the caller's, where UDP does not pass ----
 *
 * The same room, the same gate, the same events (CONNECTED, UPLINK, TALKING, GONE); no offer and no answer. Frames
 * (media/rtc/frame.h: 8 bytes of header and an Opus packet) go in and out by rings without a lock.
 */
VTB_MUST_USE enum vtb_err vtb_media_add_stream_peer(struct vtb_media *m, struct vtb_id room,
                                                    vtb_peer *out_peer);
/* Both are one person's connections: neither brings the own voice back, and while UDP brings packets
 * those of the stream are not mixed. In one room. */
VTB_MUST_USE enum vtb_err vtb_media_pair(struct vtb_media *m, vtb_peer one, vtb_peer other);
/* A frame that came from the peer. PARSE, LIMIT: it is no frame. AGAIN: dropped, the worker stands still. */
VTB_MUST_USE enum vtb_err vtb_media_put_frame(struct vtb_media *m, vtb_peer peer, const uint8_t *data,
                                              size_t len);
/* One frame and to whom it goes. A frame for more peers than fit comes again for the rest. */
struct vtb_media_frames {
    uint16_t len, to_n;
    vtb_peer to[VTB_MEDIA_FRAME_EARS];
    uint8_t data[VTB_MEDIA_FRAME_MAX];
};
/* After `notify`: the oldest that waits, NULL: none; borrowed until done, which must follow. */
const struct vtb_media_frames *vtb_media_frames(struct vtb_media *m);
void vtb_media_frames_done(struct vtb_media *m);

/*
 * ---- recording (media/recording/README.md) ----
 *
 * From now to stop, in a file of its own; `recording` is a new id and becomes the file's name. One at
 * a time a room: a second one ends the first. What was said before, up to 360 ms, stays out. Off the
 * record no sample leaves the mix, within one tick; the time line goes on, in silence. The end
 * comes by itself with the room's. DENIED: no record_dir. LIMIT: 64 are running.
 *
 *     record -> RECORD_BEGAN ... RECORD_TURN, RECORD_OFF ... stop -> RECORD_ENDED or RECORD_FAILED
 */
VTB_MUST_USE enum vtb_err vtb_media_record(struct vtb_media *m, struct vtb_id room, struct vtb_id recording);
VTB_MUST_USE enum vtb_err vtb_media_record_off(struct vtb_media *m, struct vtb_id room, bool is_off);
VTB_MUST_USE enum vtb_err vtb_media_record_stop(struct vtb_media *m, struct vtb_id room);
/* After a crash, for each recording whose end was not told: RECORD_ENDED or RECORD_FAILED follows. */
VTB_MUST_USE enum vtb_err vtb_media_record_finish(struct vtb_media *m, struct vtb_id recording);

enum vtb_media_event_kind {
    VTB_MEDIA_OFFER,     /* sdp: heap text owned by the taker (free) */
    VTB_MEDIA_ANSWER,    /* to a device's offer, or after its restart; sdp as above */
    VTB_MEDIA_REFUSED,   /* the answer, or the device's offer, was not usable; err says why; the peer is gone */
    VTB_MEDIA_CONNECTED, /* DTLS done, keys in place */
    VTB_MEDIA_MOVED,     /* the peer's address changed; sound goes on */
    VTB_MEDIA_GONE,      /* close_notify, 30 s without consent (RFC 7675), or handshake timed out */
    VTB_MEDIA_UPLINK,    /* state of the peer's own packets changed: receiving says which */
    VTB_MEDIA_TALKING,   /* room's loudest now, at most 5 a second, only on change */
    VTB_MEDIA_ECHO,      /* the peer sends the room's own sound back, or does so no more: echoes */
    VTB_MEDIA_LINK,      /* once in 5 s a peer whose packets are UDP: link */
    VTB_MEDIA_RECORD_BEGAN,  /* the file is there and takes sound; record.began_us */
    VTB_MEDIA_RECORD_TURN,   /* `peer` had the word; told when it is over, up to 1.2 s later */
    VTB_MEDIA_RECORD_OFF,    /* it was off the record */
    VTB_MEDIA_RECORD_BROKEN, /* the disk failed: it goes on unrecorded; ENDED or FAILED follows the stop */
    VTB_MEDIA_RECORD_ENDED,  /* sealed, indexed, playable (media/recordings.h) */
    VTB_MEDIA_RECORD_FAILED, /* nothing can be played; err: ABSENT nothing was in it, SYS the disk ... */
};

/* How a peer's packets travel: since its last LINK, unless said otherwise. */
struct vtb_media_link {
    uint8_t rung;          /* what it is sent: vtb_media_rung_name */
    uint8_t lost_down_pct; /* of our packets, before RED and FEC repair anything */
    uint8_t lost_up_pct;   /* of its own, likewise */
    uint8_t made_up_pct;   /* of its voice: what no copy, FEC or repeat brought back in time */
    uint16_t jitter_down_ms, jitter_up_ms; /* of the last report */
    uint16_t delay_up_ms;  /* what its packets are made to wait, to be in order */
    uint16_t rtt_ms;       /* 0: unknown */
};

#define VTB_MEDIA_RUNGS 11
/* "clear", "joined", "fec", "red" ...; media/audio/rung.h has the table. Any thread. */
const char *vtb_media_rung_name(uint8_t rung);

struct vtb_media_event {
    enum vtb_media_event_kind kind;
    struct vtb_id room;
    vtb_peer peer;
    enum vtb_err err;
    bool echoes;    /* ECHO */
    bool receiving; /* UPLINK: authenticated RTP came within the last second */
    char *sdp;
    struct {
        vtb_peer peer;
        uint8_t level; /* 0..127, -dBov: 0 is loudest */
    } talkers[VTB_MEDIA_TALKERS];
    size_t talkers_n;
    struct vtb_media_link link; /* LINK */
    struct {                /* RECORD_*; room is nil */
        struct vtb_id id;
        uint64_t began_us;  /* BEGAN: monotonic; position_ms of a thing = (its time - began_us) / 1000 */
        uint32_t from_ms, to_ms; /* TURN, OFF: positions */
        uint32_t duration_ms;    /* ENDED */
        uint64_t bytes;          /* ENDED: of the WebM */
        bool was_cut;            /* ENDED: the server ended first; at most a second is missing */
        uint8_t digest[VTB_MEDIA_DIGEST]; /* ENDED: of the WebM */
    } record;
};

/* Takes up to `max` events; returns how many. */
size_t vtb_media_take(struct vtb_media *m, struct vtb_media_event *out, size_t max);

/* Figures for /metrics; a snapshot without locks, each value on its own is exact. */
struct vtb_media_figures {
    uint64_t ticks, ticks_late_5ms, ticks_skipped;
    uint64_t packets_in, packets_out, dropped_auth, dropped_unknown, dropped_source, stun_refused;
    uint64_t encodes, decodes, handshakes, handshakes_failed;
    uint64_t lateness_us_p99; /* of the last 3000 ticks */
    uint64_t stream_out, stream_dropped; /* frames to streams; dropped because control did not take them */
    uint64_t repeated, repeats_refused; /* packets sent again on demand (NACK); too old or too many */
    uint32_t listeners[VTB_MEDIA_RUNGS]; /* now, by rung */
    uint64_t record_dropped;  /* 20 ms frames that no ring had room for, of recordings that ended */
    uint32_t peers, rooms, recordings;
};
void vtb_media_figures(const struct vtb_media *m, struct vtb_media_figures *out);

#endif
