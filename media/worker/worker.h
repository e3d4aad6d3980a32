/*
 * worker.h - inside the media worker: one thread that owns rooms and peers.
 *
 *     commands -> worker.c -> room.c, peer.c          (control.c is the control thread's side)
 *     sockets  -> inbound.c -> stun | dtls -> handshake thread | srtp -> mix
 *     timer    -> tick.c -> mix -> lines.c -> serve.c -> srtp -> sockets;  reports.c every 200 ms a peer
 *     events   <- outbox.c
 *
 * Thread:    everything here but `commands`, `events` and `figures` belongs to the worker thread.
 * Ownership: the worker owns rooms and peers; a peer's room outlives it.
 * Blocks:    in epoll_wait alone. For a packet: no allocation, no lock, no log line.
 */
#ifndef VTB_WORKER_WORKER_H
#define VTB_WORKER_WORKER_H

#include "audio/ladder.h"
#include "audio/mix.h"
#include "base/count.h"
#include "base/mailbox.h"
#include "base/ring.h"
#include "handshake.h"
#include "lateness.h"
#include "line.h"
#include "media/media.h"
#include "recording/tap.h"
#include "rtc/dtls.h"
#include "rtc/peers.h"
#include "rtc/rtcp.h"
#include "rtc/rtp.h"
#include "rtc/sdp.h"
#include "rtc/sdp_device.h"
#include "rtc/srtp.h"
#include "rtc/udp.h"
#include "shelf.h"
#include "uplink.h"

#include <pthread.h>

#define VTB_TICK_US         20000u
#define VTB_TICKS_CATCH_UP  5u  /* beyond these a late worker skips the sound */
#define VTB_CARE_TICKS      10u /* each peer is looked after once in 200 ms */
#define VTB_OPENING_TICKS   22u /* 320 ms that a jitter buffer may hold, 80 in copies, the codec's own */
#define VTB_OWN_LINES       (2u * VTB_MIX_OWN_MAX) /* a speaker, and their other connection */
#define VTB_SLICE           512u  /* listeners served at once; a larger number is spread */
#define VTB_SLICES          5u    /* over at most so many parts of a tick, */
#define VTB_SLICE_US        2000u /* one in 2 ms */
#define VTB_RESENDS         16u   /* packets a listener may get again at once, */
#define VTB_RESENDS_CARE    5u    /* and so many more in 200 ms */
#define VTB_ROOMS_MAX       256u
#define VTB_TAPS_ENDING     64u /* as many as can be recorded at once */
#define VTB_FIRST_FLIGHT    8u  /* DTLS datagrams kept until the answer is in (measured: 2 to 7) */
#define VTB_DTLS_BUDGET     200u /* datagrams a peer may hand to the handshake thread */
#define VTB_CONNECT_US      30000000u /* answer to connected */
#define VTB_ANSWER_US       60000000u /* offer to answer */

struct vtb_media_cmd {
    enum {
        VTB_CMD_OPEN_ROOM,
        VTB_CMD_CLOSE_ROOM,
        VTB_CMD_ADD_PEER,
        VTB_CMD_ANSWER,
        VTB_CMD_RESTART,
        VTB_CMD_DROP_PEER,
        VTB_CMD_GATE,
        VTB_CMD_PAIR,
        VTB_CMD_TAP,     /* takes the tap; NULL ends the room's */
        VTB_CMD_TAP_OFF,
        VTB_CMD_STOP,
    } kind;
    struct vtb_id room;
    vtb_peer peer, other; /* other: PAIR */
    bool is_stream;       /* ADD_PEER */
    bool speaks;          /* ADD_PEER with an offer: which way its sound goes */
    bool hears, heard;
    bool is_off;         /* TAP_OFF */
    struct vtb_tap *tap; /* TAP: owned by the message */
    char hint[VTB_ADDR_TEXT];
    char *sdp; /* ANSWER, and the offer of an ADD_PEER: owned by the message */
    size_t sdp_len;
};

struct vtb_worker_figures {
    struct vtb_count ticks, ticks_late_5ms, ticks_skipped;
    struct vtb_count packets_in, packets_out, dropped_auth, dropped_unknown, dropped_source,
        stun_refused;
    struct vtb_count repeated, repeats_refused, listeners[VTB_RUNGS];
    struct vtb_count encodes, decodes, handshakes, handshakes_failed, lateness_us_p99, peers, rooms;
    struct vtb_count stream_out, stream_dropped;
};

struct vtb_flight { /* DTLS that came before the answer */
    size_t n;
    size_t len[VTB_FIRST_FLIGHT];
    uint8_t data[VTB_FIRST_FLIGHT][VTB_UDP_DATAGRAM];
};

enum vtb_peer_state { VTB_PEER_OFFERED, VTB_PEER_ANSWERED, VTB_PEER_CONNECTED, VTB_PEER_GONE };

enum { /* events that must not be lost when the box is full: told at the next turn */
    VTB_TELL_OFFER = 1,
    VTB_TELL_CONNECTED = 2,
    VTB_TELL_UPLINK = 4,
    VTB_TELL_ECHO = 32,
    VTB_TELL_GONE = 8, /* GONE or REFUSED, by `gone_kind` */
    VTB_TELL_ANSWER = 16,
};

struct vtb_room;

struct vtb_rtc_peer {
    vtb_peer id;
    struct vtb_room *room;
    struct vtb_link *link; /* NULL: a stream, or gone */
    bool is_stream;
    bool is_device;              /* it brought the offer */
    struct vtb_sdp_device *offer; /* until its answer is told; NULL after */
    uint8_t opus;                /* its payload type for Opus, both ways */
    vtb_peer twin; /* another connection of the same person; generation 0: none */
    uint32_t source; /* of the room's mix */
    enum vtb_peer_state state;
    uint64_t since_us; /* of the state */
    bool hears, heard;
    uint32_t opening;  /* ticks until an opened gate lets sound through */
    struct vtb_addr hint;

    /* handshake */
    bool in_flight;
    bool has_keys;      /* the browser showed that our last flight reached it */
    uint32_t dtls_left; /* of VTB_DTLS_BUDGET */
    uint8_t fingerprint[32];
    struct vtb_flight *flight; /* NULL: none came early */
    struct vtb_dtls_farewell farewell;

    /* down */
    struct vtb_srtp *send;
    bool wants_media; /* the answer's direction */
    bool paused;      /* nothing was sent in the last tick: the next packet carries the marker */
    bool on_air;      /* connected and hearing: counted as a user of its rung's line and stream */
    uint8_t rung, phase, wanted; /* enum vtb_rung_name; the line it is on, and where it should be */
    uint8_t open_ticks;   /* since the gate let sound through, up to 255 */
    uint8_t resends_left;
    uint16_t wanted_ticks; /* how long it has waited for a good moment to move */
    uint32_t quiet_ticks; /* of silence since the last frame; see serve.c */
    uint32_t ssrc, timestamp_base, packets, octets;
    uint16_t seq;
    uint64_t served_tick;
    uint64_t own_tick; /* when it last had a mix without its own voice, 0: never; that mix: */
    const struct vtb_mix_payload *own;
    struct vtb_line *own_line; /* NULL: it hears the line of its rung */
    struct vtb_ladder ladder;
    uint32_t reported, missed; /* packets sent until the last report; asked for again since then */
    struct vtb_sent_list sent;

    /* up */
    struct vtb_srtp *receive;
    uint8_t level_id;
    bool receiving;
    bool echoes; /* as last told */
    uint64_t last_rtp_us;
    struct vtb_rtcp_receiver stats;
    struct vtb_uplink uplink;
    bool reduced; /* RTCP may be of reduced size */

    /* reports */
    uint64_t report_us, link_us; /* next */
    uint8_t lost_down_pct, lost_up_pct;
    uint32_t jitter_down_ms;
    uint32_t rtt_ms;
    uint64_t told_packets, told_concealed; /* of the uplink, until the last LINK */

    unsigned tell;
    enum vtb_media_event_kind gone_kind;
    enum vtb_err gone_err;
};

struct vtb_room {
    struct vtb_id id;
    struct vtb_mix *mix;
    uint32_t timestamp; /* 48 kHz; goes on in silence */
    uint32_t members[VTB_MEDIA_PEERS_MAX];
    uint32_t members_n;
    uint32_t first;     /* where this tick's sending begins */
    uint32_t unserved;  /* members that still wait for this tick's packet */
    uint32_t streams_n; /* members whose way is a stream of control's */
    uint32_t by_source[VTB_MIX_SOURCES_MAX];
    struct vtb_line *lines[VTB_RUNGS][VTB_RUNG_FRAMES_MAX]; /* by phase; NULL: never used */
    struct vtb_line *own_lines[VTB_OWN_LINES];              /* NULL: never used */
    vtb_peer own_of[VTB_OWN_LINES];                         /* generation 0: free */
    bool own_fed[VTB_OWN_LINES];                            /* in this tick */
    struct vtb_shelf shelf;
    uint32_t sent_timestamp; /* of the tick that is being served */
    struct { uint32_t csrc, member; } voices[VTB_MIX_SPEAKERS_MAX]; /* and whose sound is in it: index of the peer */
    uint32_t voices_n;
    struct vtb_media_event talking; /* last told */
    struct vtb_mix_figures counted; /* already in the worker's figures */
    struct vtb_tap *tap; /* NULL: not recorded */
};

#define VTB_STREAM_IN  512u /* frames; a tick takes them all */
#define VTB_STREAM_OUT 256u /* places, one for each frame and VTB_MEDIA_FRAME_EARS listeners */

struct vtb_stream_in {
    vtb_peer peer;
    uint64_t arrived_us;
    uint32_t timestamp;
    uint16_t seq, len;
    uint8_t level;
    uint8_t payload[VTB_MIX_PAYLOAD_MAX];
};

struct vtb_stream_send {
    vtb_peer to;
    const struct vtb_mix_payload *payload;
};

struct vtb_streams {
    struct vtb_ring *in, *out; /* vtb_stream_in from control; vtb_media_frames to it */
    struct vtb_stream_send sends[VTB_MEDIA_PEERS_MAX]; /* of the room and tick in hand */
    uint32_t sends_n;
    bool posted;
};

struct vtb_worker {
    pthread_t thread;
    struct vtb_media_config cfg;
    struct vtb_addr addresses[VTB_MEDIA_ADDRESSES]; /* with the port */
    struct vtb_udp *udp;
    struct vtb_udp_own own;
    uint64_t own_us; /* next refresh */
    struct vtb_peers *links;
    struct vtb_dtls_identity *identity;
    uint8_t fingerprint[32];
    struct vtb_handshakes *handshakes;
    uint32_t handshakes_n; /* in flight */
    int epoll, timer, wake;
    struct vtb_mailbox *commands, *events;
    bool stopping;

    uint64_t start_us, tick; /* tick n is due at start_us + n * VTB_TICK_US */
    struct vtb_lateness lateness;
    struct vtb_room *rooms[VTB_ROOMS_MAX];
    uint32_t rooms_n;
    struct vtb_rtc_peer *peers[VTB_MEDIA_PEERS_MAX];
    uint32_t untold; /* peers with something to tell */
    struct vtb_mix_out mixed;
    struct vtb_tap *ending[VTB_TAPS_ENDING]; /* their last word did not fit into their ring yet */
    uint32_t ending_n;
    uint64_t serving_tick, slice_us; /* whose packets are being sent; when the next part is due */
    uint32_t slice;                  /* listeners of one part */
    bool is_serving;
    struct vtb_streams streams;
    struct vtb_handshake_job job;
    struct vtb_udp_datagram received[VTB_UDP_BATCH];
    struct vtb_worker_figures figures;
};

/* worker.c */
VTB_MUST_USE enum vtb_err vtb_worker_create(const struct vtb_media_config *cfg,
                                            struct vtb_worker **out);
void vtb_worker_stop(struct vtb_worker *w);    /* joins the thread; events can still be posted and taken */
void vtb_worker_destroy(struct vtb_worker *w); /* after stop */

/* room.c */
struct vtb_room *vtb_room_find(struct vtb_worker *w, struct vtb_id id);
VTB_MUST_USE enum vtb_err vtb_room_open(struct vtb_worker *w, struct vtb_id id);
void vtb_room_close(struct vtb_worker *w, struct vtb_room *room); /* its peers are gone before */
void vtb_room_count(struct vtb_worker *w, struct vtb_room *room);

/* taps.c */
void vtb_taps_open(struct vtb_worker *w, struct vtb_room *room, struct vtb_tap *take_tap); /* NULL: ends it */
void vtb_taps_off(struct vtb_room *room, bool is_off);
void vtb_taps_put(struct vtb_worker *w, struct vtb_room *room);
void vtb_taps_tick(struct vtb_worker *w);

/* peer.c */
struct vtb_rtc_peer *vtb_rtc_peer_find(struct vtb_worker *w, vtb_peer id);
VTB_MUST_USE enum vtb_err vtb_rtc_peer_add(struct vtb_worker *w, struct vtb_room *room,
                                           const struct vtb_media_cmd *cmd, uint64_t now_us);
void vtb_rtc_peer_answer(struct vtb_worker *w, struct vtb_rtc_peer *peer, const char *sdp,
                         size_t len, uint64_t now_us);
/* What a device brought: answered, or refused. */
void vtb_rtc_peer_offer(struct vtb_worker *w, struct vtb_rtc_peer *peer, const struct vtb_media_cmd *cmd,
                        uint64_t now_us);
void vtb_rtc_peer_restart(struct vtb_worker *w, struct vtb_rtc_peer *peer);
void vtb_rtc_peer_dtls(struct vtb_worker *w, struct vtb_rtc_peer *peer,
                       const struct vtb_udp_datagram *datagram, uint64_t now_us);
void vtb_rtc_peer_keys(struct vtb_worker *w, const struct vtb_handshake_result *result,
                       uint64_t now_us);
/* Something authentic came: nobody will ask for the last flight again, its 77 kB are given back. */
void vtb_rtc_peer_proved(struct vtb_worker *w, struct vtb_rtc_peer *peer);
void vtb_rtc_peer_gate(struct vtb_worker *w, struct vtb_rtc_peer *peer, bool hears, bool heard);
/* Ends the connection at once; the peer stays in the table until control has been told. */
void vtb_rtc_peer_gone(struct vtb_worker *w, struct vtb_rtc_peer *peer,
                       enum vtb_media_event_kind kind, enum vtb_err err);
/* Ends and frees without an event. */
void vtb_rtc_peer_drop(struct vtb_worker *w, struct vtb_rtc_peer *peer);

/* inbound.c; returns how many datagrams were read, VTB_UDP_BATCH means that more may wait */
size_t vtb_inbound(struct vtb_worker *w, size_t socket, uint64_t now_us);

/* tick.c: how many are due, and does them */
uint64_t vtb_ticks_due(const struct vtb_worker *w, uint64_t now_us);
void vtb_tick(struct vtb_worker *w, uint64_t now_us);

/* serve.c: what a tick has made, sent to everybody, in parts where they are many */
void vtb_serve_room(struct vtb_worker *w, struct vtb_room *room); /* after its lines were fed */
void vtb_serve_begin(struct vtb_worker *w, uint64_t now_us);       /* after the last room */
void vtb_serve_some(struct vtb_worker *w, uint64_t now_us); /* the part that is due */
void vtb_serve_rest(struct vtb_worker *w);                  /* all that is left of the tick */
/* A packet of the last half second once more, as it was. False: it is too old, or was enough. Asked for the
 * first time it counts as missed. */
bool vtb_serve_again(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint16_t seq, bool is_asked);

/* lines.c: a room's lines, and who is on which */
void vtb_lines_feed(struct vtb_worker *w, struct vtb_room *room);
void vtb_lines_free(struct vtb_room *room);
void vtb_lines_air(struct vtb_rtc_peer *peer, bool on);
/* After the peer was served: to the rung it should be on, if this is a good moment. */
void vtb_lines_move(struct vtb_worker *w, struct vtb_rtc_peer *peer);

/* reports.c */
void vtb_report_care(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint64_t now_us);
void vtb_report_rtcp(struct vtb_worker *w, struct vtb_rtc_peer *peer,
                     const struct vtb_udp_datagram *datagram, uint64_t now_us);

/* stream_peer.c */
VTB_MUST_USE enum vtb_err vtb_streams_create(struct vtb_streams *streams);
void vtb_streams_destroy(struct vtb_streams *streams);
void vtb_stream_pair(struct vtb_rtc_peer *one, struct vtb_rtc_peer *other);
void vtb_stream_inbound(struct vtb_worker *w); /* before the tick */
void vtb_stream_send(struct vtb_worker *w, struct vtb_rtc_peer *peer,
                     const struct vtb_mix_payload *payload); /* borrowed until room_done */
void vtb_stream_room_done(struct vtb_worker *w, const struct vtb_room *room);
void vtb_stream_tick_done(struct vtb_worker *w);
VTB_MUST_USE enum vtb_err vtb_stream_put(struct vtb_streams *streams, vtb_peer peer, const uint8_t *data,
                                         size_t len, uint64_t now_us); /* control thread */

/* outbox.c */
void vtb_tell(struct vtb_worker *w, struct vtb_rtc_peer *peer, unsigned what);
void vtb_tell_untold(struct vtb_worker *w);
void vtb_tell_moved(struct vtb_worker *w, const struct vtb_rtc_peer *peer);
void vtb_tell_link(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint64_t now_us);
void vtb_tell_talking(struct vtb_worker *w, struct vtb_room *room, const struct vtb_mix_out *mixed);

#endif
