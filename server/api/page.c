/* page.c - a document's state, its text, its tiles, and its removal: what needs the right to see it. */
#include "api/inner.h"

#include <stdio.h>
#include <string.h>

/* Which case a document belongs to, and what the caller may do there; then `next`. */
static void document_found(struct call *call, enum vtb_err err, json_t *answer)
{
    call_next *next = call->worked;

    if (err) {
        call_answer_error(call, VTB_ABSENT, "This file is not shared with you.");
        return;
    }
    call->facts = json_incref(answer);
    call_standing(call, json_id(json_object_get(answer, "case")), next);
}

static void with_document(struct call *call, call_next *next)
{
    call->worked = next;
    call_ask(call, VTB_FIND_DOCUMENT, json_pack("{s:o}", "document", id_json(call->id)), document_found);
}

/* ---- GET /api/documents/{id} ---- */

static void card(struct call *call)
{
    json_t *answer;

    if (!call_may(call, VTB_DEED_DOCUMENT_VIEW))
        return;
    answer = document_progress(call->api, json_incref(call->facts));
    call_answer(call, answer);
}

static void get(struct call *call)
{
    json_t *uploading = document_uploading(call->api, call->id, call->session.person);

    if (uploading)
        call_answer(call, uploading); /* how much has arrived: the browser goes on from there */
    else
        with_document(call, card);
}

void document_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, get);
}

/* ---- text of a page, for screen readers ---- */

static void text_read(void *ctx, enum vtb_err err, struct vtb_blob *blob)
{
    struct call *call = ctx;
    struct vtb_web_header headers[] = { { "content-type", "text/plain; charset=utf-8" },
                                        { "cache-control", "private, max-age=43200" } };

    if (err)
        call_answer_error(call, err, "This page has no text.");
    else
        call_answer_with(call, 200, headers, 2, vtb_blob_data(blob), vtb_blob_len(blob));
}

static void read_text(struct call *call)
{
    enum vtb_err err = vtb_documents_text(call->api->cfg.documents, call->id, (uint32_t)call->number, text_read, call);

    if (err)
        call_answer_error(call, err, "This page has no text.");
}

static void may_text(struct call *call)
{
    if (call_may(call, VTB_DEED_DOCUMENT_TEXT))
        read_text(call);
}

static void text(struct call *call)
{
    if (vtb_live_shows_document(call->api->cfg.live, call->session.person, call->id))
        read_text(call); /* answered from memory: the room shows it now */
    else
        with_document(call, may_text);
}

static bool small_number(struct vtb_str digits, int64_t *out)
{
    int64_t value = 0;

    if (digits.len == 0 || digits.len > 6)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return false;
        value = value * 10 + (digits.at[i] - '0');
    }
    *out = value;
    return true;
}

void document_text(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (!call || !call_id(call, req, "id", &call->id))
        return;
    if (!small_number(vtb_web_request_param(req, "page"), &call->number)) {
        call_answer_error(call, VTB_ABSENT, "There is no such page.");
        return;
    }
    call_session(call, req, text);
}

/* ---- tiles ---- */

struct address {
    uint32_t z, x, y;
};

static struct address address_of(const struct call *call)
{
    /* z in the top byte, 24 bits for x and y: parsed and bounded in tile_get. */
    return (struct address){ (uint32_t)(call->number >> 48), (uint32_t)(call->number >> 24 & 0xffffff),
                             (uint32_t)(call->number & 0xffffff) };
}

static void tile_read(void *ctx, enum vtb_err err, struct vtb_blob *blob)
{
    struct call *call = ctx;
    char etag[100];
    struct vtb_web_header headers[] = { { "content-type", "image/webp" },
        { "cache-control", "private, max-age=43200, immutable" }, { "etag", etag } };
    struct address at = address_of(call);

    if (err) {
        call_answer_error(call, err, "There is no such tile.");
        return;
    }
    snprintf(etag, sizeof etag, "\"%.32s-%u-%u-%u\"", call->text, at.z, at.x, at.y);
    vtb_web_answer(call->api->web, call->handle, 200, headers, 3, blob);
    call_free(call);
}

static void read_tile(struct call *call)
{
    struct address at = address_of(call);
    enum vtb_err err = vtb_documents_tile(call->api->cfg.documents, call->id, call->text, at.z, at.x, at.y, tile_read, call);

    if (err)
        call_answer_error(call, err, "There is no such tile.");
}

static void may_tile(struct call *call)
{
    if (call_may(call, VTB_DEED_TILE))
        read_tile(call);
}

static void tile(struct call *call)
{
    if (vtb_live_shows_document(call->api->cfg.live, call->session.person, call->id))
        read_tile(call);
    else
        with_document(call, may_tile);
}

void tile_get(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);
    struct vtb_str place = vtb_web_request_param(req, "xy");
    const char *mid = place.len ? memchr(place.at, '_', place.len) : NULL;
    int64_t z, x, y;

    if (!call || !call_id(call, req, "document", &call->id))
        return;
    if (!mid || !small_number(vtb_web_request_param(req, "z"), &z) || z > 12 ||
        !small_number((struct vtb_str){ place.at, (size_t)(mid - place.at) }, &x) ||
        !small_number((struct vtb_str){ mid + 1, place.len - (size_t)(mid - place.at) - 1 }, &y) ||
        vtb_str_copy(vtb_web_request_param(req, "digest"), call->text, 65) != VTB_OK) {
        call_answer_error(call, VTB_ABSENT, "There is no such tile.");
        return;
    }
    call->number = z << 48 | x << 24 | y;
    call_session(call, req, tile);
}

/* ---- removal ---- */

static void log_for_removal(struct call *call)
{
    struct vtb_events *events = &call->api->events;
    enum vtb_err err = vtb_events_add(events, (struct vtb_event){ .kind = VTB_EVENT_DOCUMENT_REMOVED,
        .u.document_removed = { .document = call->id } });

    if (!err) {
        events->at[events->n - 1].at_us = now_us();
        events->at[events->n - 1].by = call->session.person;
    }
    call_append(call, err, call_answer_empty);
}

static void may_remove(struct call *call)
{
    if (call_may(call, VTB_DEED_DOCUMENT_REMOVE))
        call_log(call, &vtb_case_log, call->case_id, false, log_for_removal);
}

static void remove_it(struct call *call)
{
    with_document(call, may_remove);
}

void document_remove(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, remove_it);
}
