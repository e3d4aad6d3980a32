/*
 * inner.h - what the files of this room share. Control thread; nobody outside live includes it.
 */
#ifndef VTB_LIVE_INNER_H
#define VTB_LIVE_INNER_H

#include "limits/limits.h"
#include "live/live.h"
#include "meeting/meeting.h"
#include "record/plan.h"

#define TICK_MS          250
#define STRANGER_US      (15u * 1000000u)  /* a socket that has not said whose it is by then is closed */
#define AWAY_US          (6u * 1000000u)
#define GONE_US          (15u * 1000000u)
#define VOICE_US         (600u * 1000u)    /* of speaking, no cough, stops the objection window */
#define BURST            20.0 /* writing requests a seat may send at once */
#define LANE_PER_SECOND  40.0
#define READ_PER_SECOND  100.0 /* messages of any kind; twice what a busy browser sends */
#define READ_BURST       300.0

/* Slots of the latest-wins lane. */
enum { SLOT_POINTER, SLOT_VIEW, SLOT_TALKING, SLOT_SOUND, SLOT_BEAT, SLOT_FOLLOWERS, SLOT_LINK };

enum { /* close codes of a socket for sound, known to the client (web-client/src/net/web-sound.ts) */
    EAR_REPLACED = 4001,
    EAR_MALFORMED = 4400,
    EAR_SEAT_ENDED = 4404,
    EAR_TOO_MANY = 4429,
};

enum conn_state {
    CONN_NEW,     /* admitted; no hello yet */
    CONN_HELLO,   /* hello came; session, room or seat are being found */
    CONN_WAITING, /* a guest whose item does not run: gets nothing of the meeting */
    CONN_IN,      /* has a seat and everything that is shown */
    CONN_OVER,    /* taken over or left; the socket is closing */
};

struct room;
struct take;
struct device;

struct conn {
    struct vtb_live *live;
    struct conn *next_in_room;
    struct conn *next, **link; /* in the list of all sockets */
    uint64_t opened_us;
    unsigned refs;          /* the socket, and each callback on its way */
    bool is_closed;
    vtb_web_socket socket;
    char digest[VTB_DIGEST_TEXT];
    char local[46];         /* our end of the socket: first media candidate */
    struct vtb_session session;
    enum conn_state state;
    struct room *room;
    struct vtb_id seat;
    enum vtb_t_member_role role;
    struct vtb_id items[VTB_MAX_MEETING_ITEMS]; /* of a guest, or of a referrer who is no member */
    size_t items_n;
    bool is_guest;
    struct { bool takeover, has_last; uint64_t meeting, record; struct vtb_id case_id; } hello;
    int64_t hello_id;
    bool is_unlogged;       /* in the room while the store fails: the seat is not in the log yet */

    uint64_t beat_us;       /* monotonic; last sign of life */
    struct vtb_ask_beat beat;
    bool has_beat;
    double tokens, lane_tokens;
    uint64_t tokens_us;
    double read_tokens;
    uint64_t read_us;

    vtb_peer peer;          /* generation 0: none */
    bool is_connected, is_receiving;
    struct device *device;  /* a room system: there is no socket; NULL: a person */
    struct vtb_id meeting;  /* of a device, also before its room is there */
    struct ear *ear;        /* the web connection for sound, NULL: none */
    vtb_peer ear_peer;      /* its peer, or a device's ear; generation 0: none */
    bool is_ear_receiving;
    struct vtb_media_link measured, told; /* how the sound travels; as last told to the seat, rounded */
    bool has_link, is_losing;
    bool is_echoing;        /* the device returns the sound of the room */
    struct vtb_blob *sound_sent; /* last `sound` message, to send changes only */
    uint64_t waiting_us;    /* last `waiting` message */
};

struct talk {             /* talk.c */
    struct vtb_id item;   /* nil: none runs */
    bool is_signed;
    uint64_t since_us;    /* counted so far */
    uint64_t kept_us;     /* last time it went to the log */
    uint16_t now[VTB_MEDIA_TALKERS]; /* places of the seats that talk */
    size_t now_n;
    uint32_t ms[VTB_MAX_MEETING_SEATS]; /* by place of the seat, since then */
};

struct room {
    struct vtb_live *live;
    struct room *next;
    struct vtb_id id;
    struct vtb_log *log;        /* NULL while it loads */
    /* Opened as soon as the item is decided on. Whoever reads or writes it asks room_case or
     * room_case_shown, which compare it with the running item. NULL: none runs, or it loads. */
    struct vtb_log *case_log;
    struct vtb_id case_id;
    bool case_loading;
    bool owes_case;             /* the case stands ready before the start of its item is shown */
    unsigned flights;           /* appends that come back to this room: it is not freed before */
    struct conn *conns;
    uint64_t empty_us;          /* since when nobody is here; 0: somebody is */
    uint64_t seat_beat_us[VTB_MAX_MEETING_SEATS]; /* by index of the seat */
    /* By index of the seat: muted, whether or not that could be written down; until an unmute is. It is the seat's and
     * not the socket's: who reconnects while the store fails is as silent as before (decision 4). */
    bool is_hushed[VTB_MAX_MEETING_SEATS];
    uint64_t voice_us;          /* since when somebody but the chair speaks; 0: nobody does */
    struct take *take;          /* what is recorded now; NULL: nothing */
    struct vtb_id recorded_item;
    bool is_off_record;
    struct talk talk;
    uint64_t retry_us;          /* a recording that failed is not begun again before */
};

struct vtb_live {
    struct vtb_live_config cfg;
    struct vtb_web *web;
    struct vtb_media *media;
    struct vtb_logs *logs;
    struct room *rooms;
    struct conn *conns;         /* every admitted socket that is not closed */
    struct vtb_events events;   /* of the decision in hand */
    uv_timer_t tick;
    bool is_failing;
    int64_t failing_since_us;
    uint64_t ticks;
    struct conn *peers[VTB_MEDIA_PEERS_MAX]; /* by peer.index */
    struct vtb_live_figures figures;
    struct { struct vtb_id device; uint64_t since_us; uint32_t n; } posts[64]; /* of late */
    struct take *takes;         /* recordings whose end was not told */
    uint64_t sweep_us;          /* next look for recordings to remove */
    bool is_sweeping, is_stopped;
};

/* conn.c */
void conn_unref(struct conn *conn);
struct conn *conn_make(struct vtb_live *live); /* NULL: no memory */
void conn_forget(struct conn *conn);           /* its socket, or device, is gone */
void conn_hello(struct conn *conn);   /* the room is loaded: takes a seat, waits, or is refused */
void conn_in(struct conn *conn);      /* the seat stands: sends what is shown */
void conn_over(struct conn *conn, const char *notice, unsigned code);
void conn_sweep(struct vtb_live *live, uint64_t now_us);
void room_drop_conn(struct conn *conn);
/* request.c */
void request_take(struct conn *conn, const struct vtb_ask *ask);
struct vtb_caller conn_caller(const struct conn *conn, const struct vtb_meeting *meeting);
/* room.c */
struct room *room_enter(struct vtb_live *live, struct conn *conn, struct vtb_id meeting);
const struct vtb_meeting *room_tail(const struct room *room);
const struct vtb_meeting *room_shown(const struct room *room);
/* The case of the item that runs in the tail (what may be written), and in what is shown (what may
 * be seen); NULL while the log that is open belongs to another item, or none is. */
struct vtb_log *room_case(const struct room *room);
struct vtb_log *room_case_shown(const struct room *room);
const struct vtb_case *room_case_tail(const struct room *room);
/* Appends live->events to the meeting's log and empties them; logs a failure. */
enum vtb_err room_append(struct room *room, vtb_log_done *done, void *ctx);
void room_item_changed(struct room *room); /* after a decision that starts or ends an item */
void room_begin_case(struct room *room);
void room_tell_case(struct room *room);    /* the whole state to everybody, once the case may be seen */
void room_follow(struct room *room);       /* the case log belongs to the running item, or is set right */
void room_sweep(struct vtb_live *live, uint64_t now_us);
/* send.c */
void send_json(struct conn *conn, json_t *take_message);
void send_reply(struct conn *conn, int64_t id, enum vtb_err err, const char *message);
void send_notice(struct conn *conn, const char *kind, int64_t since_us);
bool missed_is_short(const struct conn *conn); /* the events since the last seen are enough, no snapshot is needed */
void send_missed(struct conn *conn);
void send_waiting(struct conn *conn);
void send_lane(struct room *room, unsigned slot, const char *kind, json_t *take_data,
               const struct conn *only, const struct conn *except);
void room_watch(void *ctx, struct vtb_log *log, const struct vtb_event *event, json_t *data);
void case_watch(void *ctx, struct vtb_log *log, const struct vtb_event *event, json_t *data);
json_t *event_json(const char *stream, struct vtb_id id, const struct vtb_event *event, json_t *take_data);
struct vtb_blob *blob_of(json_t *take_message);
/* snapshot.c */
struct snapshot { struct vtb_blob *parts[2]; };
/* LIMIT: what is shown outgrew two messages; out is empty then. */
VTB_MUST_USE enum vtb_err snapshot_make(const struct conn *conn, struct snapshot *out);
void snapshot_send(struct conn *conn, struct snapshot *take);
void send_snapshot(struct conn *conn); /* both, for one that is in; puts it over where that fails */
/* LIMIT: with this seat the meeting would leave no room for a case in a snapshot. */
VTB_MUST_USE enum vtb_err snapshot_takes(struct conn *conn, const struct vtb_ev_seat_joined *join);
/* presence.c */
void presence_tick(struct room *room, uint64_t now_us);
void presence_seen(struct conn *conn);
/* sound.c */
void sound_ask(struct conn *conn);
enum vtb_err sound_answer(struct conn *conn, const struct vtb_ask_media_answer *answer);
void sound_drop(struct conn *conn);
void sound_gates(struct room *room);
void sound_hush(struct room *room, struct vtb_id seat, const struct conn *except); /* nil: all */
void sound_tick(struct room *room);
void sound_pair(struct conn *conn); /* both ways of a seat are one person's */
/* recording.c */
void recording_follow(struct room *room); /* after anything that changed tail or shown; cheap */
void recording_leave(struct room *room);
void recording_heard(struct room *room, const struct conn *conn, vtb_peer peer); /* this peer talks, and is this seat */
void recording_take(struct vtb_live *live, const struct vtb_media_event *event, const struct conn *speaker);
void recording_resume(struct vtb_live *live);
void recording_tick(struct vtb_live *live, uint64_t now_us); /* once a second */
void recordings_free(struct vtb_live *live);
/* Of the room, while it is recorded and not off the record; else nothing. */
void recording_points(struct room *room, const struct vtb_ask *ask);
/* marks.c: NULL is fine everywhere. */
struct marker;
struct marker *marker_make(struct vtb_live *live, struct vtb_id recording, uint64_t began_us);
void marker_take(struct marker *marker, const struct vtb_ask *ask);
void marker_tick(struct marker *marker); /* once a second */
void marker_end(struct marker *marker);  /* frees it when all is written */
/* film_sweep.c: films whose hour has come, and, `is_start`, those that the last end of the server cut off. */
void films_sweep(struct vtb_live *live, bool is_start);
/* talk.c */
void talk_follow(struct room *room, uint64_t now_us); /* once a second, and when an item begins or ends */
void talk_heard(struct room *room, const uint16_t *places, size_t n, uint64_t now_us); /* these, and nobody else */
/* turn.c: for `ice` of an offer; NULL: no relay is configured */
json_t *turn_servers(const struct vtb_live_turn *turn, struct vtb_id seat, int64_t now_us);
/* ear.c */
void ear_drop(struct conn *conn, unsigned code);
void ear_turn(struct vtb_live *live);

/* device.c */
void device_in(struct conn *conn);
void device_refused(struct conn *conn, enum vtb_err err, const char *message);
void device_over(struct conn *conn);
bool device_take(struct conn *conn, const struct vtb_media_event *event);
struct vtb_media_link device_link(const struct conn *conn, const struct vtb_media_event *event);
bool device_hears(const struct conn *conn);
struct vtb_id device_vouched_by(const struct conn *conn);
void device_tick(struct vtb_live *live);
void devices_free(struct vtb_live *live);

bool conn_watches(const struct conn *conn, const struct vtb_meeting *meeting);
struct vtb_watcher conn_watcher(const struct conn *conn);

#endif
