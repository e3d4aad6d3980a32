/*
 * edge.c - every call from libwebsockets comes in here and is handed to the file that knows.
 *
 * Connection records hang on the wsi as opaque user data from the moment it is adopted
 * (after the TLS set-up began) until it is destroyed.
 */
#include "inner.h"

#include <stdlib.h>

struct web_conn *web_conn_of(struct lws *wsi)
{
    return lws_get_opaque_user_data(wsi);
}

static struct vtb_web *web_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

static int conn_add(struct vtb_web *web, struct lws *wsi)
{
    struct sockaddr_storage peer = { 0 }, local = { 0 };
    socklen_t peer_len = sizeof peer, local_len = sizeof local;
    int fd = lws_get_socket_fd(wsi);
    struct web_conn *conn;

    if (web->n_free == 0)
        return -1;
    if (getpeername(fd, (struct sockaddr *)&peer, &peer_len) != 0 ||
        getsockname(fd, (struct sockaddr *)&local, &local_len) != 0)
        return -1; /* gone already */
    conn = calloc(1, sizeof *conn);
    if (!conn)
        return -1;
    conn->web = web;
    conn->wsi = wsi;
    conn->is_proxied = local.ss_family == AF_UNIX;
    conn->is_tls = lws_is_ssl(wsi) != 0;
    web_address_write(&peer, conn->peer);
    web_address_write(&local, conn->local);
    if (!conn->is_proxied)
        conn->address = web_address_ref(web, &peer);
    conn->index = web->free_places[--web->n_free];
    web->conns[conn->index] = conn;
    web->figures.connections++;
    web->figures.connections_now++;
    lws_set_opaque_user_data(wsi, conn);
    return 0;
}

void web_conn_forget(struct web_conn *conn)
{
    if (conn->req) {
        web_request_free(conn->req);
        conn->req = NULL;
    }
    web_socket_gone(conn);
}

void web_conn_free(struct web_conn *conn)
{
    struct vtb_web *web = conn->web;

    web_conn_forget(conn);
    web_address_unref(conn->address);
    web->conns[conn->index] = NULL;
    web->free_places[web->n_free++] = conn->index;
    web->figures.connections_now--;
    free(conn);
}

static int filter_network(struct vtb_web *web, const struct lws_filter_network_conn_args *args)
{
    if (web->is_stopping || web->n_free == 0)
        return -1;
    if (web_address_may(web, &args->cli_addr))
        return 0;
    web->figures.refused_address++;
    return -1;
}

static int refuse_upgrade(struct web_conn *conn)
{
    struct vtb_web_request *req = web_request_read(conn);

    if (req) {
        web_answer_refuse_now(req, 400, "upgrade",
                              "This server speaks HTTP/1.1 and WebSockets only.");
        web_request_free(req);
    }
    return -1;
}

/* What only concerns a connection that has a record. */
static int on_conn(struct web_conn *conn, enum lws_callback_reasons why, void *in, size_t len)
{
    switch ((int)why) { /* of some hundred reasons these are ours */
    case LWS_CALLBACK_HTTP:
        return web_request_begin(conn);
    case LWS_CALLBACK_HTTP_BODY:
        return web_request_body(conn, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return web_request_complete(conn);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return web_answer_write(conn);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        if (conn->req)
            return -1;
        return in && strcasecmp(in, "websocket") == 0 ? web_socket_confirm(conn)
                                                      : refuse_upgrade(conn);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return web_socket_filter(conn);
    case LWS_CALLBACK_ESTABLISHED:
        return web_socket_open(conn);
    case LWS_CALLBACK_RECEIVE:
        return conn->is_audio ? web_audio_frame(conn, in, len) : web_socket_text(conn, in, len);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return web_socket_peer_closes(conn);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return web_socket_write(conn);
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_CLOSED:
        web_conn_forget(conn);
        return 0;
    default:
        return 0;
    }
}

int web_edge(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t len)
{
    struct web_conn *conn;

    switch ((int)why) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return filter_network(web_of(wsi), user);
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return conn_add(web_of(wsi), wsi);
    case LWS_CALLBACK_RAW_ADOPT: /* CONNECT would turn the connection into a raw pipe */
    case LWS_CALLBACK_RAW_RX:
        return -1;
    case LWS_CALLBACK_WSI_DESTROY:
        conn = web_conn_of(wsi);
        if (conn) {
            lws_set_opaque_user_data(wsi, NULL);
            web_conn_free(conn);
        }
        return 0;
    case LWS_CALLBACK_PROTOCOL_INIT:
    case LWS_CALLBACK_PROTOCOL_DESTROY:
    case LWS_CALLBACK_WSI_CREATE:
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        return 0; /* some come without a connection */
    default:
        break;
    }
    conn = wsi ? web_conn_of(wsi) : NULL;
    return conn ? on_conn(conn, why, in, len) : 0;
}
