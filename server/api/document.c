/*
 * document.c - uploads in pieces, imports, pages. The case's log says what became of a file;
 * half-uploaded files and pages being drawn are known here only.
 */
#include "api/inner.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define ABANDONED_US (UINT64_C(3600) * 1000000)

/* A document between its first byte and "ready": an upload, then an import. */
struct import {
    struct vtb_api *api;
    struct import *next;
    struct vtb_id document, case_id, by;
    char title[201], sha256[VTB_DOC_SHA256];
    enum vtb_doc_kind kind;
    uint64_t bytes;
    uint32_t done, total;
    bool is_importing;
    uint64_t touched_us;      /* of an upload: when its last piece came */
    struct vtb_log *log;
    struct vtb_t_page *pages; /* drawn so far */
    char (*digests)[65];
    size_t pages_n;
    struct vtb_event result;  /* waits for the log */
    char message[VTB_DOC_MESSAGE];
};

static struct import *import_find(struct vtb_api *api, struct vtb_id document)
{
    struct import *import = api->imports;

    while (import && !vtb_id_is(import->document, document))
        import = import->next;
    return import;
}

static struct import *import_make(struct vtb_api *api, struct vtb_id document, struct vtb_id case_id)
{
    struct import *import = calloc(1, sizeof *import);

    if (!import)
        return NULL;
    import->api = api;
    import->document = document;
    import->case_id = case_id;
    import->touched_us = vtb_mono_us();
    import->next = api->imports;
    api->imports = import;
    return import;
}

static void import_free(struct import *import)
{
    struct import **at;

    for (at = &import->api->imports; *at && *at != import; at = &(*at)->next)
        ;
    if (*at)
        *at = import->next;
    vtb_log_close(import->log);
    free(import->pages);
    free(import->digests);
    free(import);
}

void imports_free(struct vtb_api *api)
{
    while (api->imports) {
        api->imports->log = NULL; /* the logs are gone before the api */
        import_free(api->imports);
    }
}

static void erased(void *ctx, enum vtb_err err)
{
    (void)ctx;
    if (err)
        VTB_LOG(VTB_WARN, "upload.erase", VTB_ERR(err));
}

/* Uploads that nobody goes on with give back their place and their bytes. */
static void uploads_sweep(struct vtb_api *api)
{
    struct import *next;

    for (struct import *import = api->imports; import; import = next) {
        next = import->next;
        if (import->is_importing || import->log || vtb_mono_us() - import->touched_us < ABANDONED_US)
            continue;
        if (vtb_documents_erase(api->cfg.documents, import->document, NULL, erased, NULL) == VTB_OK)
            import_free(import);
    }
}

/* What is under way to this case and not in the store yet counts against its limits too. */
static uint64_t uploads_of(const struct vtb_api *api, struct vtb_id case_id, size_t *out_files)
{
    uint64_t bytes = 0;

    *out_files = 0;
    for (const struct import *import = api->imports; import; import = import->next)
        if (!import->is_importing && vtb_id_is(import->case_id, case_id)) {
            bytes += import->bytes;
            ++*out_files;
        }
    return bytes;
}

/* ---- what the screen shows ---- */

static json_t *pages_json(const struct import *import)
{
    json_t *pages = json_array();

    for (size_t i = 0; i < import->pages_n; i++)
        json_array_append_new(pages, vtb_t_page_write(&import->pages[i]));
    return pages;
}

json_t *document_progress(struct vtb_api *api, json_t *card)
{
    static const char *const keys[] = { "document", "title", "kind", "state", "message", "bytes", "received",
                                        "pages_done", "pages" };
    struct import *import = import_find(api, json_id(json_object_get(card, "document")));
    int64_t bytes = json_integer_value(json_object_get(card, "bytes"));
    size_t drawn = json_array_size(json_object_get(card, "pages"));

    if (import && import->is_importing) {
        json_object_set_new(card, "state", json_string("rendering"));
        json_object_set_new(card, "pages", pages_json(import));
        drawn = import->done;
    }
    json_object_set_new(card, "received", json_integer(bytes));
    json_object_set_new(card, "pages_done", json_integer((json_int_t)drawn));
    json_only(card, keys, VTB_COUNT(keys));
    return card;
}

static json_t *upload_json(const struct import *import)
{
    uint64_t offset = 0, size = 0;

    if (vtb_documents_offset(import->api->cfg.documents, import->document, &offset, &size) != VTB_OK)
        offset = 0;
    return json_pack("{s:o,s:I}", "document", id_json(import->document), "offset", (json_int_t)offset);
}

static json_t *uploading_card(const struct import *import)
{
    uint64_t offset = 0, size = 0;

    if (vtb_documents_offset(import->api->cfg.documents, import->document, &offset, &size) != VTB_OK)
        offset = import->bytes;
    return json_pack("{s:o,s:s,s:s,s:s,s:s,s:I,s:I,s:i,s:[]}", "document", id_json(import->document), "title", import->title,
                     "kind", "unknown", "state", "uploading", "message", "", "bytes", (json_int_t)import->bytes, "received",
                     (json_int_t)offset, "pages_done", 0, "pages");
}

json_t *document_uploading(struct vtb_api *api, struct vtb_id document, struct vtb_id person)
{
    const struct import *import = import_find(api, document);

    return import && !import->is_importing && vtb_id_is(import->by, person) ? uploading_card(import) : NULL;
}

int vtb_api_gate(void *ctx, struct vtb_web_request *req)
{
    struct vtb_id document;

    /* Names are not to be guessed; whose it is, is asked when the session is known. */
    return vtb_id_parse(vtb_web_request_param(req, "id"), &document) == VTB_OK && import_find(ctx, document) ? 0 : 404;
}

/* ---- begin ---- */

static void room_left(struct call *call, enum vtb_err err, json_t *answer)
{
    const struct vtb_body_document_begin *body = &call->body.document_begin;
    struct import *import;
    size_t files;
    uint64_t under_way;

    uploads_sweep(call->api);
    under_way = uploads_of(call->api, call->case_id, &files);
    if (err || !vtb_documents_case_takes((uint64_t)json_integer_value(json_object_get(answer, "bytes")) + under_way,
                                         (uint64_t)body->bytes)) {
        call_answer_error(call, err ? err : VTB_LIMIT, "This case holds 2 GB already. Remove a file first.");
        return;
    }
    if (json_integer_value(json_object_get(answer, "files")) + (int64_t)files >= VTB_MAX_DOCUMENTS) {
        call_answer_error(call, VTB_LIMIT, "This case holds 40 files already. Remove one first.");
        return;
    }
    import = import_make(call->api, vtb_id_make(now_us()), call->case_id);
    if (!import) {
        call_answer_error(call, VTB_NOMEM, "The server is out of memory.");
        return;
    }
    import->bytes = (uint64_t)body->bytes;
    import->by = call->session.person;
    err = vtb_str_copy(body->title, import->title, sizeof import->title);
    if (!err)
        err = vtb_documents_begin(call->api->cfg.documents, import->document, import->bytes);
    if (err) {
        import_free(import);
        call_answer_error(call, err, "Too many uploads run just now. Try again in a minute.");
        return;
    }
    call_answer(call, upload_json(import));
}

static void may_begin(struct call *call)
{
    if (call_may(call, VTB_DEED_DOCUMENT_BEGIN))
        call_ask(call, VTB_FIND_UPLOADS, json_pack("{s:o}", "case", id_json(call->case_id)), room_left);
}

static void begin(struct call *call)
{
    call_standing(call, call->id, may_begin);
}

void document_begin(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id) && CALL_BODY(call, req, document_begin, document_begin))
        call_session(call, req, begin);
}

/* ---- pieces ---- */

static struct import *own_upload(struct call *call)
{
    struct import *import = import_find(call->api, call->id);

    call->standing = session_standing(&call->session);
    call->standing.uploader = import && vtb_id_is(import->by, call->session.person);
    if (import && !import->is_importing && vtb_policy_may(VTB_DEED_DOCUMENT_WRITE, &call->standing)) {
        import->touched_us = vtb_mono_us();
        return import;
    }
    call_answer_error(call, VTB_ABSENT, "This upload is not known any more. Choose the file again.");
    return NULL;
}

static void piece_kept(void *ctx, enum vtb_err err)
{
    struct call *call = ctx;
    struct import *import = import_find(call->api, call->id);

    if (err || !import)
        call_answer_error(call, err ? err : VTB_ABSENT, "This piece was not kept. It is sent again.");
    else
        call_answer(call, upload_json(import));
}

static void piece(struct call *call)
{
    struct import *import = own_upload(call);
    struct vtb_blob *blob;
    enum vtb_err err;

    if (!import)
        return;
    if (call->piece_len == 0) { /* asks where to go on */
        call_answer(call, upload_json(import));
        return;
    }
    blob = vtb_blob_make(call->piece, call->piece_len);
    err = blob ? vtb_documents_append(call->api->cfg.documents, import->document, (uint64_t)call->number, blob, piece_kept, call)
               : VTB_NOMEM;
    vtb_blob_unref(blob);
    if (err == VTB_STALE || err == VTB_AGAIN) /* says where it stands: the browser goes on from there */
        call_answer(call, upload_json(import));
    else if (err)
        call_answer_error(call, err, "This piece was not kept. It is sent again.");
}

void document_piece(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);
    struct vtb_str offset;

    if (!call || !call_id(call, req, "id", &call->id))
        return;
    offset = vtb_web_request_query(req, "offset");
    for (size_t i = 0; i < offset.len && i < 12; i++)
        call->number = call->number * 10 + (offset.at[i] >= '0' && offset.at[i] <= '9' ? offset.at[i] - '0' : 0);
    call->piece = vtb_web_request_body_take(req, &call->piece_len);
    call_session(call, req, piece);
}

/* ---- import ---- */

static void result_written(void *ctx, enum vtb_err err)
{
    struct import *import = ctx;

    if (err)
        VTB_LOG(VTB_ERROR, "import.lost", VTB_ID("document", import->document), VTB_ERR(err));
    import_free(import); /* unfinished imports are queued again at the next start */
}

static void append_result(void *ctx, enum vtb_err err, struct vtb_log *log)
{
    struct import *import = ctx;
    struct vtb_events *events = &import->api->events;

    import->log = log;
    if (!err)
        err = vtb_events_add(events, import->result);
    if (!err) {
        events->at[events->n - 1].at_us = now_us();
        err = vtb_log_append(log, events, result_written, import);
    }
    vtb_events_fini(events);
    if (err)
        result_written(import, err);
}

static void imported(void *ctx, const struct vtb_doc_result *result)
{
    struct import *import = ctx;
    struct vtb_log *log = import->log;

    memcpy(import->message, result->message, sizeof import->message);
    if (result->state == VTB_DOC_FAILED) {
        import->result = (struct vtb_event){ .kind = VTB_EVENT_DOCUMENT_FAILED,
            .u.document_failed = { .document = import->document, .message = vtb_str_of(import->message) } };
    } else {
        import->result = (struct vtb_event){ .kind = VTB_EVENT_DOCUMENT_READY, .u.document_ready = {
            .document = import->document, .message = vtb_str_of(import->message),
            .state = result->state == VTB_DOC_READY ? VTB_EV_DOCUMENT_READY_STATE_READY : VTB_EV_DOCUMENT_READY_STATE_PARTLY,
            .pages = import->pages, .pages_n = import->pages_n } };
    }
    import->log = NULL;
    append_result(import, log ? VTB_OK : VTB_SYS, log);
}

static void page_drawn(void *ctx, uint32_t pages_done, uint32_t pages_total, const struct vtb_drawn_page *page)
{
    struct import *import = ctx;

    import->done = pages_done;
    import->total = pages_total;
    if (!import->pages) {
        import->pages = calloc(VTB_MAX_PDF_PAGES, sizeof *import->pages);
        import->digests = calloc(VTB_MAX_PDF_PAGES, sizeof *import->digests);
    }
    if (!import->pages || !import->digests || !page || !page->digest[0] || import->pages_n == VTB_MAX_PDF_PAGES)
        return;
    memcpy(import->digests[import->pages_n], page->digest, 65);
    import->pages[import->pages_n] = (struct vtb_t_page){ .width = page->width_px, .height = page->height_px,
        .levels = page->levels, .digest = vtb_str_of(import->digests[import->pages_n]) };
    import->pages_n++;
}

static void import_now(struct import *import)
{
    enum vtb_err err = vtb_documents_import(import->api->cfg.documents, import->document, import->sha256, import->kind,
                                            page_drawn, imported, import);

    if (!err) {
        import->is_importing = true;
        return;
    }
    VTB_LOG(VTB_WARN, "import.refused", VTB_ID("document", import->document), VTB_ERR(err));
    import_free(import);
}

/* ---- finish: the file is stored, the case says so, pages are drawn ---- */

static void added(struct call *call)
{
    struct import *import = import_find(call->api, call->id);
    json_t *card;

    if (!import) {
        call_answer_error(call, VTB_ABSENT, "This upload is not known any more. Choose the file again.");
        return;
    }
    card = uploading_card(import);
    json_object_set_new(card, "state", json_string("waiting"));
    json_object_set_new(card, "kind", json_string(import->kind == VTB_DOC_PDF ? "pdf" : "image"));
    json_object_set_new(card, "received", json_integer((json_int_t)import->bytes));
    import->log = call->log;
    call->log = NULL;
    import_now(import);
    call_answer(call, card);
}

static void log_for_document(struct call *call)
{
    struct import *import = import_find(call->api, call->id);
    struct vtb_events *events = &call->api->events;
    enum vtb_err err = import ? VTB_OK : VTB_ABSENT;

    if (import)
        err = vtb_events_add(events, (struct vtb_event){ .kind = VTB_EVENT_DOCUMENT_ADDED, .u.document_added = {
            .document = import->document, .title = vtb_str_of(import->title),
            .kind = import->kind == VTB_DOC_PDF ? VTB_T_DOCUMENT_KIND_PDF : VTB_T_DOCUMENT_KIND_IMAGE,
            .bytes = (int64_t)import->bytes, .sha256 = vtb_str_of(import->sha256), .by = import->by } });
    if (!err) {
        events->at[events->n - 1].at_us = now_us();
        events->at[events->n - 1].by = call->session.person;
    }
    call_append(call, err, added);
}

static void stored(void *ctx, const struct vtb_doc_upload *upload)
{
    struct call *call = ctx;
    struct import *import = import_find(call->api, call->id);

    if (upload->err || !import) {
        if (import && upload->err == VTB_PARSE)
            import_free(import);
        snprintf(call->message, sizeof call->message, "%s", upload->message);
        call_answer_error(call, upload->err ? upload->err : VTB_ABSENT,
                          call->message[0] ? call->message : "The file could not be stored. Try again.");
        return;
    }
    memcpy(import->sha256, upload->sha256, sizeof import->sha256);
    import->kind = upload->kind;
    call->case_id = import->case_id;
    call_log(call, &vtb_case_log, import->case_id, false, log_for_document);
}

static void finish(struct call *call)
{
    struct import *import = own_upload(call);
    enum vtb_err err;

    if (!import)
        return;
    err = vtb_documents_finish(call->api->cfg.documents, import->document, stored, call);
    if (err)
        call_answer_error(call, err, "The file is not complete yet. It goes on where it stopped.");
}

void document_finish(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id))
        call_session(call, req, finish);
}

/* ---- after a restart ---- */

static void resume_with(void *ctx, enum vtb_err err, struct vtb_log *log)
{
    struct import *import = ctx;

    import->log = log;
    if (err)
        import_free(import);
    else
        import_now(import);
}

static void unfinished_found(void *ctx, enum vtb_err err, json_t *answer)
{
    struct vtb_api *api = ctx;
    json_t *row;
    size_t i;

    if (err)
        VTB_LOG(VTB_ERROR, "imports.resume", VTB_ERR(err));
    json_array_foreach (json_object_get(answer, "documents"), i, row) {
        struct import *import = import_make(api, json_id(json_object_get(row, "document")), json_id(json_object_get(row, "case")));
        if (!import)
            return;
        /* The store keeps pdf or image; which image is sniffed again by the decoder. */
        import->kind = strcmp(json_text(row, "kind"), "pdf") == 0 ? VTB_DOC_PDF : VTB_DOC_JPEG;
        import->bytes = (uint64_t)json_integer_value(json_object_get(row, "bytes"));
        if (vtb_str_copy(vtb_str_of(json_text(row, "sha256")), import->sha256, sizeof import->sha256) != VTB_OK ||
            vtb_str_copy(vtb_str_of(json_text(row, "title")), import->title, sizeof import->title) != VTB_OK ||
            vtb_log_open(vtb_live_logs(api->cfg.live), &vtb_case_log, import->case_id, false, resume_with, import) != VTB_OK)
            import_free(import);
    }
}

void vtb_api_resume(struct vtb_api *api)
{
    vtb_documents_forget_uploads(api->cfg.documents); /* whose case was known in memory only: chosen again */
    if (vtb_store_ask(api->cfg.store, VTB_FIND_IMPORTS, json_object(), unfinished_found, api) != VTB_OK)
        VTB_LOG(VTB_ERROR, "imports.resume", VTB_STR("err", "busy"));
}
