/* hall.h - a board meeting around the real server/live: people dial in and say what browsers say. */
#ifndef VTB_TESTS_FLOW_HALL_H
#define VTB_TESTS_FLOW_HALL_H

#include "fakes.h"
#include "meeting_world/world.h"

struct hall {
    struct vtb_live *live;
    struct vtb_sessions *sessions;
    struct vtb_id meeting;
    int64_t next_id;
};

/* Planned, three items with cases and decks, nobody here. The store answers by itself. */
void hall_open(struct hall *hall);
void hall_close(struct hall *hall);
/* Everybody's hello is answered; the chair opens the meeting and starts item 0. */
void hall_begin(struct hall *hall, struct fake_socket *chair);

/* A browser of `who` connects and says hello; `extra` goes into hello ("" or "\"takeover\":true"). */
struct fake_socket *enter(struct hall *hall, enum who who, const char *extra);
/* One request; returns its id. The store is run unless it holds. */
int64_t say(struct hall *hall, struct fake_socket *socket, const char *kind, const char *data);
/* The reply to a request, NULL: none yet. */
json_t *reply(const struct fake_socket *socket, int64_t id);
bool is_ok(const struct fake_socket *socket, int64_t id);
/* The error word of the reply; "" where it was fine, "none" where there is no reply. */
const char *error_of(const struct fake_socket *socket, int64_t id);
/* Says and asserts that it was done. */
void done(struct hall *hall, struct fake_socket *socket, const char *kind, const char *data);

size_t count(const struct fake_socket *socket, const char *type);        /* messages of this t */
size_t events(const struct fake_socket *socket, const char *kind);       /* events of this k */
json_t *last(const struct fake_socket *socket, const char *type);        /* newest of this t, or NULL */
json_t *last_event(const struct fake_socket *socket, const char *kind);  /* newest of this k, or NULL */
bool noticed(const struct fake_socket *socket, const char *kind);
void forget(struct fake_socket *socket); /* empties the inbox */
void beat_all(struct fake_socket **sockets, size_t n);
/* A beat of each of these every two seconds while so much time passes. */
void pass_with_beats(struct fake_socket **sockets, size_t n, uint64_t us);

const char *text_of(struct vtb_id id); /* one of eight rotating buffers */
const char *token_of(enum who who);
struct vtb_id seat_in(const struct fake_socket *socket); /* own seat, from the snapshot */

#endif
