/* fake_store.c - streams in memory. An append is durable when fake_store_run says so. */
#include "fakes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define STREAMS 16

struct fake_store fake_store;

struct op {
    enum { APPEND, LOAD, ASK } kind;
    struct op *next;
    size_t parts;
    struct { struct vtb_id stream; uint32_t epoch; json_t *rows; } part[VTB_APPEND_PARTS];
    vtb_append_done appended;
    struct vtb_id stream;
    uint64_t after;
    vtb_load_done loaded;
    json_t *params;
    vtb_ask_done asked;
    void *ctx;
};

static struct { struct vtb_id id; json_t *rows; uint32_t failed_epoch; } streams[STREAMS];
static size_t streams_n;
static json_t *sessions;
static struct op *first;
static int64_t failing_since_us;
static bool is_running;

static size_t stream_of(struct vtb_id id)
{
    for (size_t i = 0; i < streams_n; i++)
        if (vtb_id_is(streams[i].id, id))
            return i;
    assert(streams_n < STREAMS);
    streams[streams_n].id = id;
    streams[streams_n].rows = json_array();
    streams[streams_n].failed_epoch = 0;
    return streams_n++;
}

static json_t *row_of(const struct vtb_event *event)
{
    char by[VTB_ID_TEXT] = "";

    if (!vtb_id_is_nil(event->by))
        vtb_id_write(event->by, by);
    return json_pack("{s:I,s:s,s:s,s:o}", "at", (json_int_t)event->at_us, "by", by, "k",
                     vtb_event_name(event->kind), "d", vtb_event_write(event));
}

static uint64_t keep(struct vtb_id id, json_t *row)
{
    json_t *rows = streams[stream_of(id)].rows;
    uint64_t seq = json_array_size(rows) + 1;

    json_object_set_new(row, "n", json_integer((json_int_t)seq));
    json_array_append(rows, row);
    return seq;
}

static struct op *push(struct op op)
{
    struct op *own = malloc(sizeof *own), **end = &first;

    assert(own);
    *own = op;
    own->next = NULL;
    while (*end)
        end = &(*end)->next;
    *end = own;
    return own;
}

enum vtb_err vtb_store_append_many(struct vtb_store *store, const struct vtb_append *parts, size_t n,
                                   vtb_append_done done, void *ctx)
{
    struct op op = { .kind = APPEND, .parts = n, .appended = done, .ctx = ctx };

    (void)store;
    assert(n >= 1 && n <= VTB_APPEND_PARTS);
    if (fake_store.full)
        return VTB_AGAIN;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n < 1 || parts[i].n > VTB_APPEND_EVENTS)
            return VTB_LIMIT; /* as the real one */
        op.part[i].stream = parts[i].stream;
        op.part[i].epoch = parts[i].epoch;
        op.part[i].rows = json_array();
        for (size_t k = 0; k < parts[i].n; k++)
            json_array_append_new(op.part[i].rows, row_of(&parts[i].events[k]));
    }
    fake_store.appends++;
    push(op);
    return VTB_OK;
}

enum vtb_err vtb_store_append(struct vtb_store *store, struct vtb_append part, vtb_append_done done, void *ctx)
{
    return vtb_store_append_many(store, &part, 1, done, ctx);
}

enum vtb_err vtb_store_load(struct vtb_store *store, struct vtb_id stream, uint64_t after_seq,
                            vtb_load_done done, void *ctx)
{
    (void)store;
    if (fake_store.full)
        return VTB_AGAIN;
    fake_store.loads++;
    push((struct op){ .kind = LOAD, .stream = stream, .after = after_seq, .loaded = done, .ctx = ctx });
    return VTB_OK;
}

enum vtb_err vtb_store_ask(struct vtb_store *store, enum vtb_question question, json_t *take_params,
                           vtb_ask_done done, void *ctx)
{
    (void)store;
    if (question == VTB_FIND_RECORDINGS_OPEN || question == VTB_FIND_RECORDINGS_DUE ||
        question == VTB_FIND_FILMS) {
        json_decref(take_params);
        take_params = json_null();
    } else {
        assert(question == VTB_FIND_SESSION);
    }
    push((struct op){ .kind = ASK, .params = take_params, .asked = done, .ctx = ctx });
    return VTB_OK;
}

static void run_append(struct op *op)
{
    uint64_t seq[VTB_APPEND_PARTS];
    bool fails = fake_store.failing || fake_store.fail_next > 0;

    if (fake_store.fail_next > 0)
        fake_store.fail_next--;
    for (size_t i = 0; i < op->parts; i++) /* what was decided on a tail that failed, fails too */
        if (op->part[i].epoch && op->part[i].epoch <= streams[stream_of(op->part[i].stream)].failed_epoch)
            fails = true;
    for (size_t i = 0; i < op->parts; i++) {
        size_t at = stream_of(op->part[i].stream), k;
        json_t *row;

        if (fails && op->part[i].epoch > streams[at].failed_epoch)
            streams[at].failed_epoch = op->part[i].epoch;
        json_array_foreach (op->part[i].rows, k, row) {
            uint64_t n = fails ? 0 : keep(op->part[i].stream, row);
            if (k == 0)
                seq[i] = n;
        }
        json_decref(op->part[i].rows);
    }
    if (op->appended)
        op->appended(op->ctx, fails ? VTB_SYS : VTB_OK, fails ? NULL : seq);
}

static void run_load(struct op *op)
{
    json_t *rows = streams[stream_of(op->stream)].rows, *out = json_array(), *row;
    size_t i;

    json_array_foreach (rows, i, row)
        if ((uint64_t)json_integer_value(json_object_get(row, "n")) > op->after)
            json_array_append(out, row);
    op->loaded(op->ctx, VTB_OK, out);
    json_decref(out);
}

static void run_ask(struct op *op)
{
    if (json_is_null(op->params)) {
        json_t *answer = json_pack("{s:O*}", "recordings", fake_store.recordings);

        op->asked(op->ctx, VTB_OK, answer);
        json_decref(answer);
        return;
    }

    json_t *card = json_object_get(sessions, json_string_value(json_object_get(op->params, "token")));

    op->asked(op->ctx, card ? VTB_OK : VTB_ABSENT, card);
    json_decref(op->params);
}

static struct op *next_op(void)
{
    struct op **at = &first, *op;

    while ((fake_store.reads_first || fake_store.hold_appends) && *at && (*at)->kind == APPEND)
        at = &(*at)->next;
    if (!*at && fake_store.hold_appends)
        return NULL;
    if (!*at)
        at = &first;
    op = *at;
    *at = op->next;
    return op;
}

void fake_store_run(void)
{
    if (is_running)
        return;
    is_running = true;
    for (struct op *op; first && (op = next_op());) {
        switch (op->kind) {
        case APPEND:
            run_append(op);
            break;
        case LOAD:
            run_load(op);
            break;
        case ASK:
            run_ask(op);
            break;
        }
        free(op);
    }
    is_running = false;
}

void vtb_store_turn(struct vtb_store *store)
{
    (void)store;
    if (!fake_store.hold)
        fake_store_run();
}

struct vtb_store_figures vtb_store_figures(const struct vtb_store *store)
{
    (void)store;
    if (!fake_store.failing)
        failing_since_us = 0;
    else if (!failing_since_us)
        failing_since_us = fake_wall_us;
    return (struct vtb_store_figures){ .failing_since_us = failing_since_us };
}

void fake_store_open(void)
{
    memset(&fake_store, 0, sizeof fake_store);
    sessions = json_object();
    failing_since_us = 0;
}

void fake_store_close(void)
{
    fake_store_run();
    for (size_t i = 0; i < streams_n; i++)
        json_decref(streams[i].rows);
    streams_n = 0;
    json_decref(sessions);
    sessions = NULL;
}

void fake_store_put(struct vtb_id stream, const struct vtb_event *event)
{
    json_t *row = row_of(event);

    (void)keep(stream, row);
    json_decref(row);
}

size_t fake_store_length(struct vtb_id stream)
{
    return json_array_size(streams[stream_of(stream)].rows);
}

const char *fake_store_kind(struct vtb_id stream, size_t at)
{
    json_t *row = json_array_get(streams[stream_of(stream)].rows, at);

    return row ? json_string_value(json_object_get(row, "k")) : "";
}

json_t *fake_store_data(struct vtb_id stream, size_t at)
{
    return json_object_get(json_array_get(streams[stream_of(stream)].rows, at), "d");
}

void fake_store_session(const char *token, json_t *take_card)
{
    char digest[VTB_DIGEST_TEXT];
    enum vtb_err err = vtb_token_digest(vtb_str_of(token), digest);

    assert(err == VTB_OK);
    json_object_set_new(sessions, digest, take_card);
}

size_t fake_store_waiting(void)
{
    size_t n = 0;

    for (const struct op *op = first; op; op = op->next)
        n++;
    return n;
}
