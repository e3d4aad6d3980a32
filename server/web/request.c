/*
 * request.c - from header to handler: the gates, the body, the accessors.
 *
 * lws takes a body by Content-Length and parses what follows as the next request, whatever
 * Transfer-Encoding says. So anything ambiguous about where a body ends is refused and closed
 * (request smuggling; RFC 9112, 6.3).
 */
#include "inner.h"

#include <stdlib.h>

static const enum lws_token_indexes tokens[VTB_WEB_FIELDS] = {
    [VTB_WEB_COOKIE] = WSI_TOKEN_HTTP_COOKIE,
    [VTB_WEB_ORIGIN] = WSI_TOKEN_ORIGIN,
    [VTB_WEB_HOST] = WSI_TOKEN_HOST,
    [VTB_WEB_IF_NONE_MATCH] = WSI_TOKEN_HTTP_IF_NONE_MATCH,
    [VTB_WEB_IF_RANGE] = WSI_TOKEN_HTTP_IF_RANGE,
    [VTB_WEB_RANGE] = WSI_TOKEN_HTTP_RANGE,
    [VTB_WEB_CONTENT_TYPE] = WSI_TOKEN_HTTP_CONTENT_TYPE,
    [VTB_WEB_ACCEPT_ENCODING] = WSI_TOKEN_HTTP_ACCEPT_ENCODING,
    [VTB_WEB_ACCEPT_LANGUAGE] = WSI_TOKEN_HTTP_ACCEPT_LANGUAGE,
    [VTB_WEB_USER_AGENT] = WSI_TOKEN_HTTP_USER_AGENT,
    [VTB_WEB_AUTHORIZATION] = WSI_TOKEN_HTTP_AUTHORIZATION,
    [VTB_WEB_ACCEPT] = WSI_TOKEN_HTTP_ACCEPT,
    [VTB_WEB_IF_MATCH] = WSI_TOKEN_HTTP_IF_MATCH,
};

static struct vtb_str copy_header(struct vtb_web_request *req, enum lws_token_indexes token)
{
    int len = lws_hdr_total_length(req->conn->wsi, token);
    char *text;
    int n;

    if (len <= 0)
        return (struct vtb_str){ NULL, 0 };
    text = vtb_arena_take(&req->arena, (size_t)len + 64); /* joined fragments get separators */
    if (!text)
        return (struct vtb_str){ NULL, 0 };
    n = lws_hdr_copy(req->conn->wsi, text, len + 64, token);
    return n > 0 ? (struct vtb_str){ text, (size_t)n } : (struct vtb_str){ NULL, 0 };
}

static void copy_args(struct vtb_web_request *req)
{
    struct lws *wsi = req->conn->wsi;

    for (int i = 0; i < WEB_ARGS; i++) {
        int len = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i);
        char *text, *equals;

        if (len <= 0)
            return;
        text = vtb_arena_take(&req->arena, (size_t)len + 1);
        if (!text)
            return;
        len = lws_hdr_copy_fragment(wsi, text, len + 1, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (len <= 0)
            return;
        equals = memchr(text, '=', (size_t)len);
        if (!equals)
            equals = text + len;
        req->args[req->n_args++] = (struct web_pair){
            .name = { text, (size_t)(equals - text) },
            .value = { equals + 1,
                       equals < text + len ? (size_t)(text + len - equals - 1) : 0 },
        };
    }
}

/* The address the request came from: ours to see, or told by our own proxy on the unix socket. */
static void find_peer(struct vtb_web_request *req)
{
    struct vtb_str told;

    memcpy(req->peer, req->conn->peer, sizeof req->peer);
    if (!req->conn->is_proxied)
        return;
    told = web_text_forwarded(copy_header(req, WSI_TOKEN_X_FORWARDED_FOR));
    if (vtb_str_copy(told, req->peer, sizeof req->peer))
        req->peer[0] = '\0';
}

struct vtb_web_request *web_request_read(struct web_conn *conn)
{
    struct vtb_web_request *req = calloc(1, sizeof *req);
    struct vtb_str version;
    char *uri = NULL, *path;
    int len = 0;

    if (!req)
        return NULL;
    req->conn = conn;
    req->generation = web_generation(conn->web);
    if (lws_http_get_uri_and_method(conn->wsi, &uri, &len) < 0 || !uri || len <= 0)
        goto fail;
    path = vtb_arena_take(&req->arena, (size_t)len);
    if (!path)
        goto fail;
    memcpy(path, uri, (size_t)len);
    req->path = (struct vtb_str){ path, (size_t)len };
    for (size_t i = 0; i < VTB_WEB_FIELDS; i++)
        req->fields[i] = copy_header(req, tokens[i]);
    copy_args(req);
    find_peer(req);
    version = copy_header(req, WSI_TOKEN_HTTP);
    /* "Connection: close" and HTTP/1.0: lws closes, and our header says so. */
    req->close_after = version.len < 8 || memcmp(version.at, "HTTP/1.1", 8) != 0 ||
                       web_text_has_token(copy_header(req, WSI_TOKEN_CONNECTION), "close");
    return req;

fail:
    web_request_free(req);
    return NULL;
}

static void body_free(struct vtb_web_request *req)
{
    req->conn->web->figures.bodies_bytes_now -= req->body_room;
    free(req->body);
    req->body = NULL;
    req->body_room = req->body_len = 0;
}

void web_request_free(struct vtb_web_request *req)
{
    if (req->file)
        web_file_drop(req->file);
    body_free(req);
    vtb_blob_unref(req->blob);
    free(req->head);
    vtb_arena_fini(&req->arena);
    free(req);
}

/* ---- the gates: 0 goes on; else the request was answered and the value is lws's ---- */

struct verdict {
    int status; /* 0: fine */
    const char *word, *message, *allow;
};

static struct verdict method_gate(struct vtb_web_request *req)
{
    char *uri;
    int len;

    switch (lws_http_get_uri_and_method(req->conn->wsi, &uri, &len)) {
    case LWSHUMETH_HEAD:
        req->is_head = true;
        req->method = VTB_WEB_GET;
        break;
    case LWSHUMETH_GET:
        req->method = VTB_WEB_GET;
        break;
    case LWSHUMETH_POST:
        req->method = VTB_WEB_POST;
        break;
    case LWSHUMETH_PUT:
        req->method = VTB_WEB_PUT;
        break;
    case LWSHUMETH_PATCH:
        req->method = VTB_WEB_PATCH;
        break;
    case LWSHUMETH_DELETE:
        req->method = VTB_WEB_DELETE;
        break;
    case LWSHUMETH_OPTIONS:
        req->method = VTB_WEB_OPTIONS;
        break;
    default:
        return (struct verdict){ 405, "method", "This address does not take that method.",
                                 "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" };
    }
    return (struct verdict){ 0 };
}

static struct verdict length_gate(struct vtb_web_request *req)
{
    struct lws *wsi = req->conn->wsi;
    bool has_length = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
    uint64_t length = 0;

    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return has_length
            ? (struct verdict){ 400, "ambiguous", "The request gives two lengths.", NULL }
            : (struct verdict){ 411, "length", "Send the length of the body first.", NULL };
    if (has_length &&
        (lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, 1) > 0 ||
         web_text_length(copy_header(req, WSI_TOKEN_HTTP_CONTENT_LENGTH), &length)))
        return (struct verdict){ 400, "ambiguous", "The length of the body is not readable.",
                                 NULL };
    if (!has_length && (req->method == VTB_WEB_POST || req->method == VTB_WEB_PUT ||
                        req->method == VTB_WEB_PATCH))
        return (struct verdict){ 411, "length", "Send the length of the body first.", NULL };
    if (req->method == VTB_WEB_GET && length > 0)
        return (struct verdict){ 400, "body", "A GET has no body.", NULL };
    req->body_declared = (size_t)length;
    return (struct verdict){ 0 };
}

static const char *allow_text(unsigned methods, char out[static 64])
{
    static const char *const names[] = { "GET, HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < VTB_COUNT(names); i++)
        if (methods >> i & 1)
            at += (size_t)snprintf(out + at, 64 - at, "%s%s", at ? ", " : "", names[i]);
    return out;
}

static struct verdict policy_gate(struct vtb_web_request *req)
{
    const struct web_conn *conn = req->conn;
    enum web_scheme scheme = conn->is_proxied ? WEB_EITHER : conn->is_tls ? WEB_HTTPS : WEB_HTTP;
    int status;

    if (req->method != VTB_WEB_GET && !(req->route->flags & VTB_WEB_ANY_ORIGIN) &&
        !web_text_is_ours(&conn->web->origins, scheme, req->fields[VTB_WEB_ORIGIN],
                          req->fields[VTB_WEB_HOST]))
        return (struct verdict){ 403, "origin", "This request did not come from this site.",
                                 NULL };
    if (req->body_declared > req->route->body_cap)
        return (struct verdict){ 413, "limit", "This is larger than may be sent here.", NULL };
    if (req->route->flags & VTB_WEB_LATE_BODY && conn->web->cfg.gate) {
        status = conn->web->cfg.gate(conn->web->cfg.ctx, req);
        if (status)
            return (struct verdict){ status, "denied", "You may not send this. Nothing was kept.",
                                     NULL };
    }
    return (struct verdict){ 0 };
}

static int refuse(struct vtb_web_request *req, struct verdict v, bool is_unsure)
{
    struct web_conn *conn = req->conn;

    /* Where a body is or may be on its way, the connection cannot be used again. */
    req->is_unsure = is_unsure;
    if (is_unsure || req->body_declared > req->body_len)
        req->close_after = true;
    web_answer_refuse(req, v.status, v.word, v.message, v.allow);
    /* At once: what follows may be parsed before the socket is asked whether it is writable. */
    return web_answer_write(conn);
}

static int hand_over(struct vtb_web_request *req)
{
    struct vtb_web *web = req->conn->web;

    req->stage = WEB_HANDLING;
    req->due_ms = web_now_ms(web) + web->cfg.answer_ms;
    lws_set_timeout(req->conn->wsi, NO_PENDING_TIMEOUT, 0); /* the sweep watches from here */
    req->route->handle(req->route->ctx ? req->route->ctx : web->cfg.ctx, req);
    return 0;
}

static bool is_page(struct vtb_str path)
{
    static const struct vtb_str ours[] = { { "/api", 4 }, { "/t", 2 }, { "/ws", 3 } };

    for (size_t i = 0; i < VTB_COUNT(ours); i++)
        if (path.len >= ours[i].len && memcmp(path.at, ours[i].at, ours[i].len) == 0 &&
            (path.len == ours[i].len || path.at[ours[i].len] == '/'))
            return false;
    return true;
}

static int no_route(struct vtb_web_request *req, unsigned methods)
{
    char allow[64];

    if (methods == 0 && req->method == VTB_WEB_GET && is_page(req->path)) {
        if (web_fixed_answer(req)) {
            lws_callback_on_writable(req->conn->wsi);
            return 0;
        }
    }
    if (methods)
        return refuse(req, (struct verdict){ 405, "method",
                                             "This address does not take that method.",
                                             allow_text(methods, allow) }, false);
    return refuse(req, (struct verdict){ 404, "absent", "There is nothing at this address.",
                                         NULL }, false);
}

int web_request_begin(struct web_conn *conn)
{
    struct vtb_web *web = conn->web;
    struct vtb_web_request *req;
    struct verdict v;
    unsigned methods;

    if (conn->req)
        return -1; /* the next request before the answer to the last: browsers never do */
    req = conn->req = web_request_read(conn);
    if (!req)
        return -1;
    web->figures.requests++;
    req->window_ms = web_now_ms(web);
    if (web->is_stopping)
        return refuse(req, (struct verdict){ 503, "restarting",
                                             "The server is restarting. Try again in a moment.",
                                             NULL }, true);
    v = method_gate(req);
    if (v.status)
        return refuse(req, v, true);
    v = length_gate(req);
    if (v.status)
        return refuse(req, v, true);
    req->route = web_route_find(web->cfg.routes, req->method, req->path, req->params,
                                &req->n_params, &methods);
    if (!req->route)
        return no_route(req, methods);
    v = policy_gate(req);
    if (v.status)
        return refuse(req, v, false);
    if (req->body_declared)
        return 0; /* the body comes */
    req->is_empty_body = true;
    return hand_over(req);
}

/* Memory follows what arrived, not what was announced. */
static bool make_room(struct vtb_web_request *req, size_t more)
{
    struct vtb_web_figures *figures = &req->conn->web->figures;
    size_t want = req->body_room ? req->body_room : 16384;
    uint8_t *body;

    if (req->body_len + more <= req->body_room)
        return true;
    while (want < req->body_len + more)
        want *= 2;
    if (want > req->body_declared)
        want = req->body_declared;
    if (figures->bodies_bytes_now - req->body_room + want > req->conn->web->cfg.bodies_bytes)
        return false;
    body = realloc(req->body, want);
    if (!body)
        return false;
    figures->bodies_bytes_now += want - req->body_room;
    req->body = body;
    req->body_room = want;
    return true;
}

int web_request_body(struct web_conn *conn, const uint8_t *in, size_t len)
{
    struct vtb_web_request *req = conn->req;

    if (!req || len == 0)
        return len ? -1 : 0;
    if (req->stage != WEB_READING) {
        req->swallowed += len;
        return req->swallowed > WEB_LINGER_BYTES ? -1 : 0;
    }
    if (len > req->body_declared - req->body_len)
        return -1;
    if (!make_room(req, len)) {
        body_free(req);
        return refuse(req, (struct verdict){ 503, "again",
                                             "The server is busy with other uploads. Nothing of "
                                             "this one was kept; try again in a moment.",
                                             NULL }, true);
    }
    memcpy(req->body + req->body_len, in, len);
    req->body_len += len;
    req->window_bytes += len;
    return 0;
}

int web_request_complete(struct web_conn *conn)
{
    struct vtb_web_request *req = conn->req;

    if (!req)
        return 0;
    if (req->is_empty_body) { /* lws announces the end of no body as well */
        req->is_empty_body = false;
        return 0;
    }
    if (req->stage != WEB_READING || req->body_len != req->body_declared)
        return -1; /* refused and swallowed; or bytes after the body */
    return hand_over(req);
}

/* ---- accessors ---- */

struct vtb_web_request *web_request_find(struct vtb_web *web, vtb_web_handle handle)
{
    struct web_conn *conn = handle.index < web->cfg.fd_limit ? web->conns[handle.index] : NULL;

    if (!conn || !conn->req || handle.generation == 0 || conn->req->generation != handle.generation)
        return NULL;
    return conn->req;
}

vtb_web_handle vtb_web_request_handle(const struct vtb_web_request *req)
{
    return (vtb_web_handle){ req->conn->index, req->generation };
}

enum vtb_web_method vtb_web_request_method(const struct vtb_web_request *req)
{
    return req->method;
}

struct vtb_str vtb_web_request_path(const struct vtb_web_request *req)
{
    return req->path;
}

static struct vtb_str named(const struct web_pair *pairs, size_t n, const char *name)
{
    struct vtb_str wanted = vtb_str_of(name);

    for (size_t i = 0; i < n; i++)
        if (vtb_str_is(pairs[i].name, wanted))
            return pairs[i].value;
    return (struct vtb_str){ NULL, 0 };
}

struct vtb_str vtb_web_request_param(const struct vtb_web_request *req, const char *name)
{
    return named(req->params, req->n_params, name);
}

struct vtb_str vtb_web_request_query(const struct vtb_web_request *req, const char *name)
{
    return named(req->args, req->n_args, name);
}

struct vtb_str vtb_web_request_field(const struct vtb_web_request *req, enum vtb_web_field field)
{
    return req->fields[field];
}

struct vtb_str vtb_web_request_cookie(const struct vtb_web_request *req, const char *name)
{
    return web_text_cookie(req->fields[VTB_WEB_COOKIE], name);
}

struct vtb_str vtb_web_request_body(const struct vtb_web_request *req)
{
    return (struct vtb_str){ (const char *)req->body, req->body_len };
}

uint8_t *vtb_web_request_body_take(struct vtb_web_request *req, size_t *out_len)
{
    uint8_t *body = req->body;

    *out_len = req->body_len;
    req->body = NULL;
    body_free(req);
    return body;
}

const char *vtb_web_request_peer(const struct vtb_web_request *req)
{
    return req->peer;
}

const char *vtb_web_request_local(const struct vtb_web_request *req)
{
    return req->conn->is_proxied ? "" : req->conn->local;
}

bool vtb_web_request_is_tls(const struct vtb_web_request *req)
{
    return req->conn->is_tls;
}
