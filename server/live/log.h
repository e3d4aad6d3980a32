/*
 * log.h - open logs: one stream of events with its two folds (decision 2).
 *
 * `tail` is folded at append and read by decide; `shown` is folded when the store says durable
 * and is the only source of sends. If the store fails, `tail` becomes `shown` again and everything
 * decided on it fails with it. The last events stay at hand, so a short absence costs a few
 * events and not a snapshot.
 *
 * Thread: control. Ownership: the registry owns logs; open holds one use, close gives it back,
 * and a log nobody uses is forgotten after a minute. Callbacks never run inside the call.
 */
#ifndef VTB_LIVE_LOG_H
#define VTB_LIVE_LOG_H

#include "meeting/events.h"
#include "signal/signal.h"
#include "store/store.h"

#include <jansson.h>

struct vtb_logs;
struct vtb_log;

struct vtb_log_kind {
    enum vtb_stream stream;
    size_t state_size;                                        /* plain data, zeroed is empty */
    void (*fold)(void *state, const struct vtb_event *event); /* cannot fail */
};

VTB_MUST_USE enum vtb_err vtb_logs_create(struct vtb_store *store, struct vtb_logs **out);
void vtb_logs_destroy(struct vtb_logs *logs);

/* OK: ready calls with the log. ABSENT: the stream has no event (only if !may_begin). */
typedef void vtb_log_ready(void *ctx, enum vtb_err err, struct vtb_log *log);
VTB_MUST_USE enum vtb_err vtb_log_open(struct vtb_logs *logs, const struct vtb_log_kind *kind,
                                       struct vtb_id id, bool may_begin, vtb_log_ready *ready,
                                       void *ctx);
void vtb_log_close(struct vtb_log *log); /* NULL is fine */
/* Forgets unused logs; once a second. */
void vtb_logs_sweep(struct vtb_logs *logs, uint64_t mono_us);

struct vtb_id vtb_log_id(const struct vtb_log *log);
const void *vtb_log_tail(const struct vtb_log *log);
const void *vtb_log_shown(const struct vtb_log *log);
uint64_t vtb_log_seq(const struct vtb_log *log); /* of shown */

/* Called for each event after its fold into shown, in order. `data` is borrowed. */
typedef void vtb_log_watch(void *ctx, struct vtb_log *log, const struct vtb_event *event, json_t *data);
void vtb_log_watched(struct vtb_log *log, vtb_log_watch *watch, void *ctx); /* one watcher; NULL ends */

/* err OK: durable, folded and watched. Else nothing of it happened. */
typedef void vtb_log_done(void *ctx, enum vtb_err err);
/* Copies the events. `done` may be NULL. AGAIN: the store's box is full; nothing happened. */
VTB_MUST_USE enum vtb_err vtb_log_append(struct vtb_log *log, const struct vtb_events *events,
                                         vtb_log_done *done, void *ctx);
/* Two logs in one transaction: a plan is signed on the case and on the meeting, or on neither. */
VTB_MUST_USE enum vtb_err vtb_log_append_both(struct vtb_log *first, const struct vtb_events *one,
                                              struct vtb_log *second, const struct vtb_events *two,
                                              vtb_log_done *done, void *ctx);

/* Events after `seq`, oldest first; ABSENT when they are not all at hand. */
VTB_MUST_USE enum vtb_err vtb_log_since(struct vtb_log *log, uint64_t seq,
                                        void (*each)(void *ctx, const struct vtb_event *event),
                                        void *ctx);

#endif
