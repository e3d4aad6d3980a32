/*
 * listen.c - the libwebsockets context and one vhost an address.
 *
 * The numbers were measured (design, control plane, 1): a large header pool so that half-sent
 * requests do not make others wait, pt_serv_buf_size 16384, tx_packet_size 65536 so that large
 * messages are not sliced, HTTP/1.1 only because h2 of 4.1.6 stalls uploads and loses messages.
 */
#include "inner.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct lws_protocols protocols[] = {
    { .name = "http", .callback = web_edge, .rx_buffer_size = 4096, .tx_packet_size = 65536 },
    { .name = WEB_PROTOCOL, .callback = web_edge, .rx_buffer_size = 4096,
      .tx_packet_size = 65536 },
    { .name = WEB_AUDIO, .callback = web_edge, .rx_buffer_size = 4096, .tx_packet_size = 4096 },
    { .name = NULL },
};

/* origin without `protocol`: the connection stays in a state in which a leaving client is seen. */
static const struct lws_http_mount mount = {
    .mountpoint = "/",
    .mountpoint_len = 1,
    .origin = "http",
    .origin_protocol = LWSMPRO_CALLBACK,
};

static const lws_retry_bo_t liveness = {
    .secs_since_valid_ping = 20,
    .secs_since_valid_hangup = 40,
};

/* lws writes what it was sent into its lines, so none of them may reach our log. */
static void drop_line(int level, const char *line)
{
    (void)level;
    (void)line;
}

static enum vtb_err make_context(struct vtb_web *web)
{
    void *loops[] = { web->cfg.loop };
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_VALIDATE_UTF8,
        .port = CONTEXT_PORT_NO_LISTEN,
        .foreign_loops = loops,
        .fd_limit_per_thread = web->cfg.fd_limit + 16, /* the listeners come on top */
        .max_http_header_data = 8192,
        .max_http_header_pool = 1024,
        .pt_serv_buf_size = 16384,
        .timeout_secs = 10,
        .user = web,
    };

    lws_set_log_level(LLL_ERR, drop_line);
    web->lws = lws_create_context(&info);
    return web->lws ? VTB_OK : VTB_SYS;
}

static struct lws_vhost *add_vhost(struct vtb_web *web, const char *name, const char *address,
                                   bool is_unix)
{
    bool is_any = !is_unix && (strcmp(address, "::") == 0 || strcmp(address, "0.0.0.0") == 0);
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | LWS_SERVER_OPTION_VALIDATE_UTF8,
        .vhost_name = name,
        .iface = is_any ? NULL : address,
        .port = is_unix ? 0 : web->port,
        .protocols = protocols,
        .mounts = &mount,
        .keepalive_timeout = 60,
        .timeout_secs = 10,
        .retry_and_idle_policy = &liveness,
        .alpn = "http/1.1",
        .user = web,
    };

    if (is_unix)
        info.options |= LWS_SERVER_OPTION_UNIX_SOCK;
    else if (!strchr(address, ':'))
        info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    if (web->cert && !is_unix) {
        info.ssl_cert_filepath = web->cert;
        info.ssl_private_key_filepath = web->key;
        info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_SSLv3;
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    }
    return lws_create_vhost(web->lws, &info);
}

static enum vtb_err listen_unix(struct vtb_web *web)
{
    struct stat st;

    /* A path left by a killed process would make bind fail; anything but a socket is not ours. */
    if (lstat(web->unix_path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(web->unix_path);
    if (!add_vhost(web, "unix", web->unix_path, true))
        return VTB_SYS;
    return chmod(web->unix_path, 0660) == 0 ? VTB_OK : VTB_SYS;
}

enum vtb_err web_listen(struct vtb_web *web)
{
    enum vtb_err err = make_context(web);
    char name[32];

    if (err)
        return err;
    if (web->cert) {
        err = web_tls_check(web->cert, web->key);
        if (err) {
            VTB_LOG(VTB_ERROR, "web.certificate_bad", VTB_STR("cert", web->cert),
                    VTB_STR("key", web->key ? web->key : ""), VTB_ERR(err));
            return VTB_SYS;
        }
    }
    web->port = web->cfg.port;
    web->vhosts = calloc(web->cfg.n_addresses + 1, sizeof *web->vhosts);
    if (!web->vhosts)
        return VTB_NOMEM;
    for (size_t i = 0; i < web->cfg.n_addresses; i++) {
        snprintf(name, sizeof name, "listener%zu", i);
        web->vhosts[i] = add_vhost(web, name, web->cfg.addresses[i], false);
        if (!web->vhosts[i]) {
            VTB_LOG(VTB_ERROR, "web.cannot_listen", VTB_STR("address", web->cfg.addresses[i]),
                    VTB_U64("port", web->port));
            return VTB_SYS;
        }
        web->n_vhosts++;
        if (web->port == 0)
            web->port = (uint16_t)lws_get_vhost_listen_port(web->vhosts[i]);
    }
    if (web->unix_path && listen_unix(web)) {
        VTB_LOG(VTB_ERROR, "web.cannot_listen", VTB_STR("path", web->unix_path));
        return VTB_SYS;
    }
    return VTB_OK;
}
