#include "live/log.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define RECENT    256
#define UNUSED_US (60u * 1000000u)

/* An event that owns its texts. */
struct owned {
    struct vtb_event event;
    json_t *data;
    struct vtb_arena arena;
};

struct waiter {
    vtb_log_ready *ready;
    void *ctx;
    bool may_begin;
    struct waiter *next;
};

struct vtb_log {
    struct vtb_logs *logs;
    struct vtb_log *next;
    const struct vtb_log_kind *kind;
    struct vtb_id id;
    uint32_t uses, epoch, pending;
    bool is_loaded;
    enum vtb_err load_err;
    struct waiter *waiters;
    uint64_t seq, unused_since_us;
    vtb_log_watch *watch;
    void *watch_ctx;
    struct owned *recent[RECENT]; /* by seq % RECENT */
    void *tail, *shown;
};

struct vtb_logs {
    struct vtb_store *store;
    struct vtb_log *first;
};

/* One append on its way: up to two parts. */
struct flight {
    struct part {
        struct vtb_log *log;
        uint32_t epoch;
        struct owned **events;
        size_t n;
    } part[2];
    size_t parts;
    vtb_log_done *done;
    void *ctx;
};

static void owned_free(struct owned *owned)
{
    if (!owned)
        return;
    json_decref(owned->data);
    vtb_arena_fini(&owned->arena);
    free(owned);
}

/* Parses `data` (reference taken) into an event of its own. */
static struct owned *owned_make(const char *name, json_t *take_data)
{
    struct owned *owned = calloc(1, sizeof *owned);

    if (!owned || !take_data) {
        json_decref(take_data);
        free(owned);
        return NULL;
    }
    owned->data = take_data;
    if (vtb_event_parse(name, take_data, &owned->arena, &owned->event) != VTB_OK) {
        owned_free(owned);
        return NULL;
    }
    return owned;
}

enum vtb_err vtb_logs_create(struct vtb_store *store, struct vtb_logs **out)
{
    struct vtb_logs *logs = calloc(1, sizeof *logs);

    if (!logs)
        return VTB_NOMEM;
    logs->store = store;
    *out = logs;
    return VTB_OK;
}

static void log_free(struct vtb_log *log)
{
    for (size_t i = 0; i < RECENT; i++)
        owned_free(log->recent[i]);
    while (log->waiters) {
        struct waiter *waiter = log->waiters;
        log->waiters = waiter->next;
        free(waiter);
    }
    free(log->tail);
    free(log->shown);
    free(log);
}

void vtb_logs_destroy(struct vtb_logs *logs)
{
    if (!logs)
        return;
    while (logs->first) {
        struct vtb_log *log = logs->first;
        logs->first = log->next;
        log_free(log);
    }
    free(logs);
}

static void keep_recent(struct vtb_log *log, struct owned *owned)
{
    struct owned **slot = &log->recent[owned->event.seq % RECENT];

    owned_free(*slot);
    *slot = owned;
}

static void fold_shown(struct vtb_log *log, struct owned *owned)
{
    log->kind->fold(log->shown, &owned->event);
    log->seq = owned->event.seq;
    keep_recent(log, owned);
}

static void answer_waiters(struct vtb_log *log)
{
    struct waiter *list = log->waiters;

    log->waiters = NULL;
    log->uses++; /* a callback may close what another one opens */
    while (list) {
        struct waiter *waiter = list;
        enum vtb_err err = log->load_err;

        list = waiter->next;
        if (!err && log->seq == 0 && !waiter->may_begin)
            err = VTB_ABSENT;
        if (err)
            log->uses--;
        waiter->ready(waiter->ctx, err, err ? NULL : log);
        free(waiter);
    }
    vtb_log_close(log);
}

static void loaded(void *ctx, enum vtb_err err, json_t *events)
{
    struct vtb_log *log = ctx;
    json_t *row;
    size_t i;

    log->pending--;
    log->load_err = err;
    memset(log->shown, 0, log->kind->state_size); /* a load that failed may have folded half */
    log->seq = 0;
    json_array_foreach (events, i, row) {
        struct owned *owned;
        json_t *data = json_object_get(row, "d");
        const char *by = json_string_value(json_object_get(row, "by"));

        if (json_is_null(data)) { /* its compartment was erased */
            log->seq = (uint64_t)json_integer_value(json_object_get(row, "n"));
            continue;
        }
        owned = owned_make(json_string_value(json_object_get(row, "k")), json_incref(data));
        if (!owned) {
            log->load_err = VTB_CORRUPT;
            break;
        }
        owned->event.seq = (uint64_t)json_integer_value(json_object_get(row, "n"));
        owned->event.at_us = json_integer_value(json_object_get(row, "at"));
        if (by && *by && vtb_id_parse(vtb_str_of(by), &owned->event.by) != VTB_OK)
            owned->event.by = (struct vtb_id){ { 0 } };
        fold_shown(log, owned);
    }
    if (log->load_err)
        VTB_LOG(VTB_ERROR, "log.load", VTB_ID("stream", log->id), VTB_ERR(log->load_err));
    memcpy(log->tail, log->shown, log->kind->state_size);
    log->is_loaded = !log->load_err;
    answer_waiters(log);
}

static struct vtb_log *log_make(struct vtb_logs *logs, const struct vtb_log_kind *kind,
                                struct vtb_id id)
{
    struct vtb_log *log = calloc(1, sizeof *log);

    if (!log)
        return NULL;
    log->tail = calloc(1, kind->state_size);
    log->shown = calloc(1, kind->state_size);
    if (!log->tail || !log->shown) {
        log_free(log);
        return NULL;
    }
    log->logs = logs;
    log->kind = kind;
    log->id = id;
    log->epoch = 1;
    log->next = logs->first;
    logs->first = log;
    return log;
}

static struct vtb_log *find(struct vtb_logs *logs, enum vtb_stream stream, struct vtb_id id)
{
    for (struct vtb_log *log = logs->first; log; log = log->next)
        if (log->kind->stream == stream && vtb_id_is(log->id, id))
            return log;
    return NULL;
}

/* An answer is never given inside the call: a loaded log answers by loading nothing. */
static void nothing_loaded(void *ctx, enum vtb_err err, json_t *events)
{
    struct vtb_log *log = ctx;

    (void)err;
    (void)events;
    log->pending--;
    answer_waiters(log);
}

enum vtb_err vtb_log_open(struct vtb_logs *logs, const struct vtb_log_kind *kind, struct vtb_id id,
                          bool may_begin, vtb_log_ready *ready, void *ctx)
{
    struct vtb_log *log = find(logs, kind->stream, id);
    struct waiter *waiter = calloc(1, sizeof *waiter), **end;
    enum vtb_err err = VTB_NOMEM;

    if (!log)
        log = log_make(logs, kind, id);
    if (!log || !waiter) {
        free(waiter);
        return err;
    }
    if (log->is_loaded || log->pending == 0) {
        /* A failed load is tried again from the start. */
        err = log->is_loaded ? vtb_store_load(logs->store, id, UINT64_MAX >> 1, nothing_loaded, log)
                             : vtb_store_load(logs->store, id, 0, loaded, log);
        if (err) {
            free(waiter);
            return err;
        }
        log->pending++;
    }
    *waiter = (struct waiter){ .ready = ready, .ctx = ctx, .may_begin = may_begin };
    for (end = &log->waiters; *end; end = &(*end)->next)
        ;
    *end = waiter;
    log->uses++;
    return VTB_OK;
}

void vtb_log_close(struct vtb_log *log)
{
    if (!log)
        return;
    if (--log->uses == 0)
        log->unused_since_us = vtb_mono_us();
}

void vtb_logs_sweep(struct vtb_logs *logs, uint64_t mono_us)
{
    struct vtb_log **at = &logs->first;

    while (*at) {
        struct vtb_log *log = *at;
        /* What was asked for and is not there is not kept: ids are free to make up. */
        if (log->uses == 0 && log->pending == 0 && (log->seq == 0 || mono_us - log->unused_since_us > UNUSED_US)) {
            *at = log->next;
            log_free(log);
        } else {
            at = &log->next;
        }
    }
}

struct vtb_id vtb_log_id(const struct vtb_log *log)
{
    return log->id;
}
const void *vtb_log_tail(const struct vtb_log *log)
{
    return log->tail;
}
const void *vtb_log_shown(const struct vtb_log *log)
{
    return log->shown;
}
uint64_t vtb_log_seq(const struct vtb_log *log)
{
    return log->seq;
}

void vtb_log_watched(struct vtb_log *log, vtb_log_watch *watch, void *ctx)
{
    log->watch = watch;
    log->watch_ctx = ctx;
}

static void part_free(struct part *part)
{
    for (size_t i = 0; i < part->n; i++)
        owned_free(part->events[i]);
    free(part->events);
}

static enum vtb_err part_make(struct part *part, struct vtb_log *log, const struct vtb_events *events)
{
    *part = (struct part){ .log = log, .epoch = log->epoch };
    part->events = calloc(events->n ? events->n : 1, sizeof(struct owned *));
    if (!part->events)
        return VTB_NOMEM;
    for (size_t i = 0; i < events->n; i++) {
        const struct vtb_event *from = &events->at[i];
        struct owned *owned = owned_make(vtb_event_name(from->kind), vtb_event_write(from));
        if (!owned) {
            part_free(part);
            return VTB_NOMEM;
        }
        owned->event.at_us = from->at_us;
        owned->event.by = from->by;
        part->events[part->n++] = owned;
    }
    return VTB_OK;
}

/* The store failed: what was decided on this tail is void, also what is still on its way. */
static void rebuild(struct part *part)
{
    struct vtb_log *log = part->log;

    if (part->epoch != log->epoch)
        return;
    log->epoch++;
    memcpy(log->tail, log->shown, log->kind->state_size);
}

static void part_durable(struct part *part, uint64_t seq)
{
    struct vtb_log *log = part->log;

    for (size_t i = 0; i < part->n; i++) {
        struct owned *owned = part->events[i];

        part->events[i] = NULL;
        owned->event.seq = seq + i;
        fold_shown(log, owned);
        if (log->watch)
            log->watch(log->watch_ctx, log, &owned->event, owned->data);
    }
}

static void landed(void *ctx, enum vtb_err err, const uint64_t *first_seq)
{
    struct flight *flight = ctx;

    for (size_t i = 0; i < flight->parts; i++) {
        flight->part[i].log->pending--;
        if (err)
            rebuild(&flight->part[i]);
        else
            part_durable(&flight->part[i], first_seq[i]);
        part_free(&flight->part[i]);
    }
    if (flight->done)
        flight->done(flight->ctx, err);
    for (size_t i = 0; i < flight->parts; i++)
        vtb_log_close(flight->part[i].log);
    free(flight);
}

static enum vtb_err launch(struct flight *flight)
{
    struct vtb_append parts[2];
    struct vtb_event *events[2] = { NULL, NULL };
    enum vtb_err err = VTB_OK;

    for (size_t i = 0; i < flight->parts && !err; i++) {
        struct part *part = &flight->part[i];
        events[i] = calloc(part->n, sizeof *events[i]);
        if (!events[i]) {
            err = VTB_NOMEM;
            break;
        }
        for (size_t k = 0; k < part->n; k++)
            events[i][k] = part->events[k]->event;
        parts[i] = (struct vtb_append){ part->log->id, part->log->kind->stream, part->epoch,
                                        events[i], part->n };
    }
    if (!err)
        err = vtb_store_append_many(flight->part[0].log->logs->store, parts, flight->parts, landed,
                                    flight);
    free(events[0]);
    free(events[1]);
    return err;
}

enum vtb_err vtb_log_append_both(struct vtb_log *first, const struct vtb_events *one,
                                 struct vtb_log *second, const struct vtb_events *two,
                                 vtb_log_done *done, void *ctx)
{
    struct flight *flight = calloc(1, sizeof *flight);
    enum vtb_err err = VTB_NOMEM;

    if (!flight)
        return err;
    flight->done = done;
    flight->ctx = ctx;
    err = part_make(&flight->part[0], first, one);
    if (err)
        goto fail;
    flight->parts = 1;
    if (second) {
        err = part_make(&flight->part[1], second, two);
        if (err)
            goto fail;
        flight->parts = 2;
    }
    err = launch(flight);
    if (err)
        goto fail;
    for (size_t i = 0; i < flight->parts; i++) {
        struct part *part = &flight->part[i];
        part->log->pending++;
        part->log->uses++;
        for (size_t k = 0; k < part->n; k++)
            part->log->kind->fold(part->log->tail, &part->events[k]->event);
    }
    return VTB_OK;

fail:
    for (size_t i = 0; i < flight->parts; i++)
        part_free(&flight->part[i]);
    free(flight);
    return err;
}

enum vtb_err vtb_log_append(struct vtb_log *log, const struct vtb_events *events,
                            vtb_log_done *done, void *ctx)
{
    return vtb_log_append_both(log, events, NULL, NULL, done, ctx);
}

enum vtb_err vtb_log_since(struct vtb_log *log, uint64_t seq,
                           void (*each)(void *ctx, const struct vtb_event *event), void *ctx)
{
    if (seq > log->seq || log->seq - seq > RECENT)
        return VTB_ABSENT;
    for (uint64_t n = seq + 1; n <= log->seq; n++) {
        const struct owned *owned = log->recent[n % RECENT];
        if (!owned || owned->event.seq != n)
            return VTB_ABSENT;
    }
    for (uint64_t n = seq + 1; n <= log->seq; n++)
        each(ctx, &log->recent[n % RECENT]->event);
    return VTB_OK;
}
