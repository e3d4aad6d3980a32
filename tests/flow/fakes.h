/*
 * fakes.h - the edges of server/live without a network, a disk or a clock: the linker takes these
 * functions in place of server/web, server/store, media and libuv's timer.
 *
 * Nothing moves by itself. Time goes on in fake_pass, the store answers in fake_store_run (never
 * inside the call that asked, as the real one), sockets close in fake_web_turn.
 */
#ifndef VTB_TESTS_FLOW_FAKES_H
#define VTB_TESTS_FLOW_FAKES_H

#include "live/live.h"

/* ---- clock ---- */
extern int64_t fake_wall_us;
extern uint64_t fake_mono_us;
/* Time in steps of the room's own tick; the timer fires, finished store work is called back. */
void fake_pass(uint64_t us);

/* ---- web ---- */
struct fake_socket {
    vtb_web_socket id;
    void *user;
    const struct vtb_web_live *use; /* the seat's socket, or the one for sound */
    size_t frames;              /* sent to a socket for sound */
    json_t *inbox;              /* array: every ordered message, oldest first */
    json_t *slots[VTB_WEB_SLOTS]; /* newest of each latest-wins kind, or NULL */
    size_t slot_sends[VTB_WEB_SLOTS];
    unsigned code;              /* of the close frame; 0: open */
    bool is_over;               /* the room was told that it closed */
};
struct vtb_web_request {
    char cookie[200];
    const char *meeting;
};
void fake_web_open(struct vtb_web_live live, struct vtb_web_live audio);
void fake_web_close(void);
struct fake_socket *fake_dial(const char *token); /* NULL: not admitted */
/* The second socket, for sound. NULL: not admitted, *out_status says with what. */
struct fake_socket *fake_dial_audio(const char *token, const char *meeting, int *out_status);
void fake_frame(struct fake_socket *socket, const void *bytes, size_t len);
void fake_hang_up(struct fake_socket *socket);    /* the link breaks */
void fake_say(struct fake_socket *socket, const char *text);
void fake_web_turn(void);                         /* closes that were asked for happen */

/* ---- store ---- */
struct fake_store {
    bool hold;          /* answers wait until fake_store_run */
    bool hold_appends;  /* the reader answers, the writer does not: two threads are not in step */
    bool failing;       /* appends fail with SYS, figures say since when */
    bool full;          /* appends and loads are refused with AGAIN */
    bool reads_first;   /* loads that wait are answered before appends: the real one has two threads */
    unsigned fail_next; /* so many of the next appends fail, once */
    json_t *recordings; /* what any question for recordings is answered with; borrowed, NULL: none */
    size_t appends, loads;
};
extern struct fake_store fake_store;
void fake_store_open(void);
void fake_store_close(void);
void fake_store_run(void); /* makes durable (or fails) what waits, until nothing is left */
/* Before the room opens: an event already in the log. */
void fake_store_put(struct vtb_id stream, const struct vtb_event *event);
size_t fake_store_length(struct vtb_id stream);
const char *fake_store_kind(struct vtb_id stream, size_t at); /* kind of event `at` (0..) */
json_t *fake_store_data(struct vtb_id stream, size_t at);       /* its data; borrowed */
/* Who is behind a token; `card` is the answer of VTB_FIND_SESSION, taken. */
void fake_store_session(const char *token, json_t *take_card);
size_t fake_store_waiting(void);

/* ---- media ---- */
struct fake_peer {
    struct vtb_id room;
    bool is_there, hears, heard;
    uint32_t generation;
    size_t gates; /* how often a gate was set */
    bool is_stream, is_device, speaks;
    unsigned restarts;
    size_t frames; /* that came by the stream */
    vtb_peer pair;
};
extern struct fake_peer fake_peers[64];
struct fake_recording { /* of the only room */
    struct vtb_id recording; /* nil: none is under way */
    bool is_off;
    bool refuses;            /* the media plane says LIMIT */
    unsigned begun, ended, finished;
};
extern struct fake_recording fake_recording;
void fake_media_open(void);
void fake_media_frame(struct vtb_live *live, const vtb_peer *to, uint16_t n); /* a frame for these */
void fake_media_event(struct vtb_live *live, struct vtb_media_event event);

#endif
