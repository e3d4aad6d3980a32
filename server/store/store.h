/*
 * store.h - what is durable: the logs of meetings, cases and the site, and the rows folded from them.
 *
 * Everything that changes is an event on a stream; rows are projections that the store writes in
 * the transaction of their events (sqlite/project_*.c). So there is one writing call, append, and
 * one reading call for rows, ask (ask.h lists the questions). A stream's log is read by load.
 *
 * Thread:    every function: the control thread. Inside are a writer and a reader, each with its
 *            own connection; `wake` is called on them and may do nothing but uv_async_send.
 *            Callbacks run inside vtb_store_turn, never inside the call that asked.
 * Ownership: events, texts and ids given are borrowed for the call (they are serialised at once);
 *            json given to ask is taken; json given to a callback is borrowed for the callback
 *            (json_incref keeps it).
 * Blocks:    start, stop: yes. All others: never.
 * Errors:    AGAIN (too much is waiting; nothing was queued, no callback), NOMEM, and as callback:
 *            SYS (disk full or SQL failure; see figures.failing_since_us), STALE (case.saved or
 *            agenda.set made against an older version), ABSENT, CORRUPT (a chain does not verify).
 * Times:     microseconds since 1970, UTC, unless a name says otherwise.
 */
#ifndef VTB_STORE_STORE_H
#define VTB_STORE_STORE_H

#include "base/err.h"
#include "base/id.h"
#include "signal/signal.h"
#include "store/ask.h"

#include <jansson.h>

struct vtb_store;

struct vtb_store_config {
    const char *data_dir;    /* made if absent; one process at a time serves it (SYS otherwise) */
    void (*wake)(void *ctx); /* any thread: make the control thread call vtb_store_turn soon */
    void *wake_ctx;
};

VTB_MUST_USE enum vtb_err vtb_store_start(const struct vtb_store_config *cfg,
                                          struct vtb_store **out_store);
/* Writes what waits, then calls the callbacks of everything that was asked. NULL is fine. */
void vtb_store_stop(struct vtb_store *store);

/* Runs finished callbacks. After each wake, and every second from a timer: while the disk fails,
 * turn is also what probes whether it works again. */
void vtb_store_turn(struct vtb_store *store);

/*
 * One part of a transaction: events for one stream, in order. seq is assigned in the order of
 * posting. The stream of VTB_STREAM_SITE is the nil id. A stream exists by its first event.
 *
 * epoch: if a part fails, later parts of its stream with the same or a lower epoch fail too, with
 * the same error, until one with a higher epoch comes: the caller rebuilds its tail and goes on
 * with epoch + 1. Epoch 0 is for callers without a tail: its failure concerns nobody else.
 */
struct vtb_append {
    struct vtb_id stream;
    enum vtb_stream kind;
    uint32_t epoch;
    const struct vtb_event *events; /* kind, at_us, by and u are used; seq is not */
    size_t n;                       /* 1..VTB_APPEND_EVENTS */
};

#define VTB_APPEND_PARTS 4
#define VTB_APPEND_EVENTS 512 /* muting all of 500 seats is one decision */

/* first_seq[i]: seq of the first event of part i; NULL unless err is OK. */
typedef void (*vtb_append_done)(void *ctx, enum vtb_err err, const uint64_t *first_seq);

VTB_MUST_USE enum vtb_err vtb_store_append(struct vtb_store *store, struct vtb_append part,
                                           vtb_append_done done, void *ctx);
/* All parts or none; at most VTB_APPEND_PARTS, no stream twice. `done` may be NULL. */
VTB_MUST_USE enum vtb_err vtb_store_append_many(struct vtb_store *store,
                                                const struct vtb_append *parts, size_t n,
                                                vtb_append_done done, void *ctx);

/* events: array of {"n": seq, "at": us, "by": id text or "", "k": kind, "d": data}, the shape the
 * socket uses, after `after_seq`, in order. The chain is verified as it is read. Empty when the
 * stream has none. Data of an erased compartment is null. NULL unless err is OK. */
typedef void (*vtb_load_done)(void *ctx, enum vtb_err err, json_t *events);
VTB_MUST_USE enum vtb_err vtb_store_load(struct vtb_store *store, struct vtb_id stream,
                                         uint64_t after_seq, vtb_load_done done, void *ctx);

/* answer: NULL unless err is OK. ABSENT: no such thing. PARSE: a parameter is missing. */
typedef void (*vtb_ask_done)(void *ctx, enum vtb_err err, json_t *answer);
VTB_MUST_USE enum vtb_err vtb_store_ask(struct vtb_store *store, enum vtb_question question,
                                        json_t *take_params, vtb_ask_done done, void *ctx);

/* Retention: takes the payloads of one compartment of a stream out for ever; the chain still verifies, rows
 * stay as they are. done as of append; first_seq is NULL. */
VTB_MUST_USE enum vtb_err vtb_store_erase(struct vtb_store *store, struct vtb_id stream,
                                          enum vtb_compartment compartment, vtb_append_done done,
                                          void *ctx);

struct vtb_store_figures {
    uint64_t commits;          /* transactions made durable */
    uint64_t events;           /* events made durable */
    uint64_t failures;         /* commands answered with SYS */
    uint32_t commit_p99_us;    /* of the last 1024 commits */
    uint32_t waiting;          /* appends that are not durable yet */
    uint32_t sync_us;          /* median sync measured at start */
    int64_t failing_since_us;  /* 0: the store works */
};
struct vtb_store_figures vtb_store_figures(const struct vtb_store *store);

/* The site's stream id. */
static inline struct vtb_id vtb_store_site(void)
{
    return (struct vtb_id){ { 0 } };
}

#endif
