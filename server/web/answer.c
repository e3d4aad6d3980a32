/*
 * answer.c - the header text, and an answer written piece by piece.
 *
 * HTTP/1.1 is plain text, so the header is built here: every line of it is ours, the security
 * headers are on every answer, and a value with a line break in it is dropped, not sent.
 */
#include "inner.h"

#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#define HEAD_ROOM  ((size_t)8192)
#define SMALL_BODY ((size_t)16384) /* goes in one write with the header */

static const struct {
    int status;
    const char *words;
} reasons[] = {
    { 200, "OK" },           { 201, "Created" },          { 202, "Accepted" },
    { 204, "No Content" },   { 206, "Partial Content" },  { 302, "Found" },
    { 303, "See Other" },    { 304, "Not Modified" },     { 400, "Bad Request" },
    { 401, "Unauthorized" }, { 403, "Forbidden" },        { 404, "Not Found" },
    { 405, "Method Not Allowed" }, { 408, "Request Timeout" }, { 409, "Conflict" },
    { 410, "Gone" },         { 411, "Length Required" },  { 412, "Precondition Failed" },
    { 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
    { 416, "Range Not Satisfiable" }, { 422, "Unprocessable Content" },
    { 423, "Locked" },       { 428, "Precondition Required" }, { 429, "Too Many Requests" },
    { 500, "Internal Server Error" }, { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" }, { 507, "Insufficient Storage" },
};

const char *web_status_words(int status)
{
    for (size_t i = 0; i < VTB_COUNT(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].words;
    return "Answer";
}

struct head {
    char *text;
    size_t len;
    bool is_full;
};

static void put(struct head *head, const char *format, ...) VTB_PRINTF(2, 3);
static void put(struct head *head, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(head->text + head->len, HEAD_ROOM - head->len, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= HEAD_ROOM - head->len)
        head->is_full = true;
    else
        head->len += (size_t)n;
}

const struct vtb_web_header *web_header_named(const struct vtb_web_header *headers, size_t n,
                                              const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(headers[i].name, name) == 0)
            return &headers[i];
    return NULL;
}

static bool may_send(const struct vtb_web_header *header)
{
    static const char *const ours[] = { "content-length", "transfer-encoding", "connection",
                                        "date", "content-range" };

    for (size_t i = 0; i < VTB_COUNT(ours); i++)
        if (strcasecmp(header->name, ours[i]) == 0)
            return false;
    for (const char *c = header->value; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            return false;
    return true;
}

static void put_security(struct head *head, const struct vtb_web_request *req)
{
    const struct web_conn *conn = req->conn;
    struct vtb_str name = web_text_host_name(req->fields[VTB_WEB_HOST]);

    put(head,
        "content-security-policy: %s\r\n"
        "x-content-type-options: nosniff\r\n"
        "referrer-policy: no-referrer\r\n"
        "permissions-policy: microphone=(self), camera=(), geolocation=(), display-capture=()\r\n"
        "cross-origin-opener-policy: same-origin\r\n"
        "cross-origin-resource-policy: same-origin\r\n",
        conn->web->csp);
    /* localhost keeps no promise: the next program on that port may have no certificate. */
    if (conn->is_tls && !web_text_is_loopback(name))
        put(head, "strict-transport-security: max-age=31536000\r\n");
}

static void put_date(struct head *head)
{
    time_t now = (time_t)(vtb_wall_us() / 1000000);
    struct tm tm;
    char text[40];

    if (gmtime_r(&now, &tm) && strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm))
        put(head, "date: %s\r\n", text);
}

struct web_span web_span_of(const struct vtb_web_request *req, int status,
                            const struct vtb_web_header *headers, size_t n, size_t total)
{
    struct web_span span = { .status = status, .at = 0, .end = total };
    const struct vtb_web_header *etag = web_header_named(headers, n, "etag");
    struct vtb_str tag = vtb_str_of(etag ? etag->value : NULL);
    struct vtb_str only_if = req->fields[VTB_WEB_IF_RANGE];
    uint64_t at = 0, end = 0;

    if (status != 200 || !etag || req->method != VTB_WEB_GET)
        return span;
    if (web_text_has_etag(req->fields[VTB_WEB_IF_NONE_MATCH], tag)) {
        span.status = 304;
        span.end = 0;
        return span;
    }
    if (req->fields[VTB_WEB_RANGE].len == 0 || req->is_head ||
        (only_if.len && !vtb_str_is(only_if, tag)))
        return span;
    switch (web_text_range(req->fields[VTB_WEB_RANGE], total, &at, &end)) {
    case WEB_RANGE_NONE:
        break;
    case WEB_RANGE_ONE:
        span.status = 206;
        span.at = (size_t)at;
        span.end = (size_t)end;
        snprintf(span.text, sizeof span.text, "bytes %zu-%zu/%zu", span.at, span.end - 1, total);
        break;
    case WEB_RANGE_OUTSIDE:
        span.status = 416;
        span.end = 0;
        snprintf(span.text, sizeof span.text, "bytes */%zu", total);
        break;
    }
    return span;
}

/* Builds the header, and puts the body behind it where it is small and in memory. */
static bool build(struct vtb_web_request *req, struct web_span span,
                  const struct vtb_web_header *headers, size_t n, const uint8_t *body)
{
    bool is_bodyless = span.status == 304 || span.status == 204;
    size_t len = span.end - span.at;
    struct head head = { 0 };

    req->head = malloc(LWS_PRE + HEAD_ROOM + SMALL_BODY);
    if (!req->head)
        return false;
    head.text = (char *)req->head + LWS_PRE;
    put(&head, "HTTP/1.1 %d %s\r\n", span.status, web_status_words(span.status));
    put_date(&head);
    for (size_t i = 0; i < n; i++)
        if (may_send(&headers[i]))
            put(&head, "%s: %s\r\n", headers[i].name, headers[i].value);
    if (!web_header_named(headers, n, "cache-control"))
        put(&head, "cache-control: no-store\r\n");
    if (span.text[0])
        put(&head, "content-range: %s\r\n", span.text);
    else if (span.status == 200 && req->method == VTB_WEB_GET && web_header_named(headers, n, "etag"))
        put(&head, "accept-ranges: bytes\r\n");
    if (!is_bodyless)
        put(&head, "content-length: %zu\r\n", len);
    put_security(&head, req);
    put(&head, "%s\r\n", req->close_after ? "connection: close\r\n" : "");
    if (head.is_full)
        return false;
    req->head_len = head.len;
    req->at = span.at;
    req->end = is_bodyless || req->is_head ? span.at : span.end;
    if (body && req->end - req->at <= SMALL_BODY) {
        memcpy(req->head + LWS_PRE + head.len, body + req->at, req->end - req->at);
        req->head_len += req->end - req->at;
        req->at = req->end;
    }
    return true;
}

bool web_answer_set(struct vtb_web_request *req, int status, const struct vtb_web_header *headers,
                    size_t n, const uint8_t *body, size_t total, size_t at, size_t end)
{
    struct web_span span = { .status = status, .at = at, .end = end };
    struct vtb_web_figures *figures = &req->conn->web->figures;

    if (at == 0 && end == total)
        span = web_span_of(req, status, headers, n, total);
    figures->answers_4xx += span.status >= 400 && span.status < 500;
    figures->answers_5xx += span.status >= 500;
    req->stage = WEB_WRITING;
    if (build(req, span, headers, n, body))
        return true;
    free(req->head); /* no memory for a header, or one that does not fit: hang up */
    req->head = NULL;
    req->at = req->end = 0;
    req->is_broken = true;
    return false;
}

static size_t refusal_text(const char *word, const char *message, char *out, size_t cap)
{
    size_t at = 0;
    int n = snprintf(out, cap, "{\"error\":\"%s\",\"message\":\"", word);

    if (n < 0 || (size_t)n >= cap)
        return 0;
    at = (size_t)n;
    for (const char *c = message; *c && at + 8 < cap; c++) {
        if (*c == '"' || *c == '\\')
            out[at++] = '\\';
        if ((unsigned char)*c >= ' ')
            out[at++] = *c;
    }
    out[at++] = '"';
    out[at++] = '}';
    return at;
}

void web_answer_refuse(struct vtb_web_request *req, int status, const char *word,
                       const char *message, const char *allow)
{
    char text[1024];
    size_t len = refusal_text(word, message, text, sizeof text);
    struct vtb_web_header headers[3] = { { "content-type", "application/json" } };
    size_t n = 1;

    if (allow)
        headers[n++] = (struct vtb_web_header){ "allow", allow };
    if (status == 503)
        headers[n++] = (struct vtb_web_header){ "retry-after", "1" };
    (void)web_answer_set(req, status, headers, n, (const uint8_t *)text, len, 0, len);
}

/* ---- writing ---- */

static int finish(struct vtb_web_request *req)
{
    struct web_conn *conn = req->conn;
    bool is_short = req->body_len < req->body_declared || req->is_unsure;

    if (req->close_after && is_short) {
        /* Closing with bytes unread would reset the link and take our answer with it. */
        req->stage = WEB_LINGER;
        req->due_ms = web_now_ms(conn->web) + WEB_LINGER_MS;
        return 0;
    }
    if (req->close_after)
        return -1;
    conn->req = NULL;
    web_request_free(req);
    return lws_http_transaction_completed(conn->wsi) ? -1 : 0;
}

int web_write_bytes(struct web_conn *conn, uint8_t *at, size_t len, enum lws_write_protocol how)
{
    if (lws_write(conn->wsi, at, len, how) < 0)
        return -1;
    conn->web->figures.bytes_out += len;
    /* A reader that takes nothing for this long is gone; armed anew with every piece. */
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_HTTP_CONTENT, 30);
    return 0;
}

int web_answer_write(struct web_conn *conn)
{
    struct vtb_web_request *req = conn->req;
    size_t n;

    if (!req || req->stage != WEB_WRITING)
        return 0;
    if (req->is_broken)
        return -1;
    if (req->head) {
        if (web_write_bytes(conn, req->head + LWS_PRE, req->head_len, LWS_WRITE_HTTP_HEADERS))
            return -1;
        free(req->head);
        req->head = NULL;
    } else if (req->file) {
        if (web_file_write(req))
            return -1;
    } else if (req->at < req->end) {
        n = req->end - req->at < WEB_PIECE ? req->end - req->at : WEB_PIECE;
        if (web_write_bytes(conn, vtb_blob_data(req->blob) + req->at, n, LWS_WRITE_HTTP))
            return -1;
        req->at += n;
    }
    if (req->at >= req->end)
        return finish(req);
    if (req->file)
        return web_file_next(req); /* asks for its turn when the disk has answered */
    lws_callback_on_writable(conn->wsi);
    return 0;
}

/* ---- the caller's side ---- */

static struct vtb_web_request *open_request(struct vtb_web *web, vtb_web_handle handle)
{
    struct vtb_web_request *req = web_request_find(web, handle);

    return req && req->stage == WEB_HANDLING ? req : NULL;
}

void vtb_web_answer(struct vtb_web *web, vtb_web_handle handle, int status,
                    const struct vtb_web_header *headers, size_t n_headers, struct vtb_blob *body)
{
    struct vtb_web_request *req = open_request(web, handle);
    size_t total = body ? vtb_blob_len(body) : 0;

    if (!req)
        return;
    if (web_answer_set(req, status, headers, n_headers, body ? vtb_blob_data(body) : NULL, total,
                       0, total) &&
        req->at < req->end)
        req->blob = vtb_blob_ref(body);
    lws_callback_on_writable(req->conn->wsi);
}

void vtb_web_answer_json(struct vtb_web *web, vtb_web_handle handle, int status,
                         const char *json, size_t len)
{
    static const struct vtb_web_header type = { "content-type", "application/json" };
    struct vtb_blob *blob = vtb_blob_make(json, len);

    if (!blob) {
        vtb_web_answer_error(web, handle, VTB_NOMEM, "The server is out of memory just now.");
        return;
    }
    vtb_web_answer(web, handle, status, &type, 1, blob);
    vtb_blob_unref(blob);
}

void web_answer_refuse_now(struct vtb_web_request *req, int status, const char *word,
                           const char *message)
{
    req->close_after = true;
    web_answer_refuse(req, status, word, message, NULL);
    if (req->head)
        (void)web_write_bytes(req->conn, req->head + LWS_PRE, req->head_len,
                              LWS_WRITE_HTTP_HEADERS);
}

static int status_of(enum vtb_err err)
{
    switch (err) {
    case VTB_OK:
        return 200;
    case VTB_PARSE:
        return 400;
    case VTB_DENIED:
        return 403;
    case VTB_STALE:
        return 409;
    case VTB_ABSENT:
        return 404;
    case VTB_LIMIT:
        return 413;
    case VTB_AGAIN:
    case VTB_CLOSED:
        return 503;
    case VTB_TIMEOUT:
        return 504;
    case VTB_NOMEM:
    case VTB_SYS:
    case VTB_CORRUPT:
        return 500;
    }
    return 500;
}

void vtb_web_answer_error(struct vtb_web *web, vtb_web_handle handle, enum vtb_err err,
                          const char *message)
{
    vtb_web_answer_refusal(web, handle, status_of(err), vtb_err_name(err), message);
}

void vtb_web_answer_refusal(struct vtb_web *web, vtb_web_handle handle, int status,
                            const char *word, const char *message)
{
    struct vtb_web_request *req = open_request(web, handle);

    if (!req)
        return;
    web_answer_refuse(req, status, word, message, NULL);
    lws_callback_on_writable(req->conn->wsi);
}
