/*
 * web.c - start, stop and figures.
 *
 * The stop was measured: lws_context_destroy once from a uv callback (closes), the loop runs
 * until every handle is closed, lws_context_destroy a second time (frees), the loop once more.
 */
#include "inner.h"

#include <stdlib.h>
#include <unistd.h>

#define OR(value, otherwise) ((value) ? (value) : (otherwise))

uint32_t web_generation(struct vtb_web *web)
{
    if (++web->generation == 0)
        web->generation = 1;
    return web->generation;
}

uint64_t web_now_ms(const struct vtb_web *web)
{
    return uv_now(web->cfg.loop);
}

uint16_t vtb_web_port(const struct vtb_web *web)
{
    return web->port;
}

void vtb_web_figures(const struct vtb_web *web, struct vtb_web_figures *out)
{
    *out = web->figures;
}

static char *copy_or_null(const char *text)
{
    return text ? strdup(text) : NULL;
}

static bool copy_texts(struct vtb_web *web, const struct vtb_web_config *cfg)
{
    web->cert = copy_or_null(cfg->cert);
    web->key = copy_or_null(cfg->key);
    web->root = copy_or_null(cfg->root);
    web->unix_path = copy_or_null(cfg->unix_path);
    if ((cfg->cert && !web->cert) || (cfg->key && !web->key) || (cfg->root && !web->root) ||
        (cfg->unix_path && !web->unix_path))
        return false;
    web->origins.hosts = calloc(cfg->n_hosts + 1, sizeof *web->origins.hosts);
    if (!web->origins.hosts)
        return false;
    for (size_t i = 0; i < cfg->n_hosts; i++) {
        web->origins.hosts[i] = strdup(cfg->hosts[i]);
        if (!web->origins.hosts[i])
            return false;
        web->origins.n++;
    }
    return true;
}

/* 'self' covers the socket in today's browsers; older ones want the wss: origin by name. */
static bool make_policy(struct vtb_web *web)
{
    static const char front[] =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "font-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; manifest-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; connect-src 'self'";
    size_t room = sizeof front, at;

    for (size_t i = 0; i < web->origins.n; i++)
        room += strlen(web->origins.hosts[i]) * 2 + 32;
    web->csp = malloc(room);
    if (!web->csp)
        return false;
    memcpy(web->csp, front, sizeof front);
    at = sizeof front - 1;
    for (size_t i = 0; i < web->origins.n; i++) {
        int n = snprintf(web->csp + at, room - at, " wss://%s wss://%s:%u", web->origins.hosts[i],
                         web->origins.hosts[i], web->port);

        if (n < 0 || (size_t)n >= room - at)
            return false;
        at += (size_t)n;
    }
    return true;
}

static bool make_places(struct vtb_web *web)
{
    size_t n = web->cfg.fd_limit;

    web->conns = calloc(n, sizeof *web->conns);
    web->free_places = calloc(n, sizeof *web->free_places);
    if (!web->conns || !web->free_places)
        return false;
    for (size_t i = 0; i < n; i++)
        web->free_places[i] = (uint32_t)(n - 1 - i);
    web->n_free = n;
    return true;
}

enum vtb_err vtb_web_start(const struct vtb_web_config *cfg, struct vtb_web **out_web)
{
    enum vtb_err err = VTB_NOMEM;
    struct vtb_web *web = calloc(1, sizeof *web);

    if (!web)
        return VTB_NOMEM;
    web->cfg = *cfg;
    web->cfg.fd_limit = OR(cfg->fd_limit, 4096);
    web->is_home_free = cfg->per_address == 0;
    web->is_home_fast = cfg->new_per_second == 0;
    web->cfg.per_address = OR(cfg->per_address, 64);
    web->cfg.new_per_second = OR(cfg->new_per_second, 20);
    web->cfg.bodies_bytes = OR(cfg->bodies_bytes, (size_t)256 * 1024 * 1024);
    web->cfg.body_window_ms = OR(cfg->body_window_ms, 30000);
    web->cfg.answer_ms = OR(cfg->answer_ms, 60000);
    /* A random start: a handle of the process before this one must not fit by luck. */
    vtb_random(&web->generation, sizeof web->generation);
    if (!copy_texts(web, cfg) || !make_places(web))
        goto fail;
    if (web->root) {
        err = web_fixed_load(web->root, &web->fixed);
        if (err)
            goto fail;
    }
    if (uv_timer_init(cfg->loop, &web->sweep) != 0)
        goto fail;
    web->sweep.data = web;
    web->has_timer = true;
    err = web_listen(web);
    if (err)
        goto fail;
    err = VTB_NOMEM;
    if (!make_policy(web) || uv_timer_start(&web->sweep, web_sweep, 1000, 1000) != 0)
        goto fail;
    VTB_LOG(VTB_INFO, "web.listening", VTB_U64("port", web->port),
            VTB_STR("tls", web->cert ? "yes" : "no"));
    *out_web = web;
    return VTB_OK;

fail:
    vtb_web_destroy(web);
    return err;
}

enum vtb_err vtb_web_reload(struct vtb_web *web)
{
    struct web_fixed *fixed = NULL;
    enum vtb_err err = VTB_OK;

    if (web->root) {
        err = web_fixed_load(web->root, &fixed);
        if (!err) {
            web_fixed_free(web->fixed); /* answers under way hold blobs of their own */
            web->fixed = fixed;
        }
    }
    if (web->cert) {
        enum vtb_err tls = web_tls_check(web->cert, web->key);

        /* lws answers 0 whatever happens, so only a pair that was seen to load is handed on. */
        if (!tls)
            lws_tls_cert_updated(web->lws, web->cert, web->key, NULL, 0, NULL, 0);
        VTB_LOG(tls ? VTB_ERROR : VTB_INFO, "web.certificate_reloaded", VTB_ERR(tls));
        err = err ? err : tls;
    }
    return err;
}

void vtb_web_stop(struct vtb_web *web, void (*stopped)(void *ctx), void *ctx)
{
    if (web->is_stopping)
        return;
    web->is_stopping = true;
    web->stopped = stopped;
    web->stopped_ctx = ctx;
    web->stop_ms = web_now_ms(web) + 2000;
    for (size_t i = 0; i < web->cfg.fd_limit; i++)
        if (web->conns[i] && web->conns[i]->socket)
            web_socket_end(web->conns[i], LWS_CLOSE_STATUS_GOINGAWAY, "restarting");
    uv_timer_start(&web->sweep, web_sweep, 20, 20);
}

void web_finish(struct vtb_web *web)
{
    if (web->is_closed)
        return;
    web->is_closed = true;
    if (web->lws)
        lws_context_destroy(web->lws);
    if (web->has_timer)
        uv_close((uv_handle_t *)&web->sweep, NULL);
    if (web->stopped)
        web->stopped(web->stopped_ctx);
}

void vtb_web_destroy(struct vtb_web *web)
{
    if (!web)
        return;
    if (!web->is_closed) { /* not stopped politely: close, and let the loop see it */
        web->stopped = NULL;
        web_finish(web);
    }
    /* With handles of the caller still open the loop cannot be run to its end. */
    for (int i = 0; i < 16; i++)
        uv_run(web->cfg.loop, UV_RUN_NOWAIT);
    if (web->lws)
        lws_context_destroy(web->lws);
    uv_run(web->cfg.loop, UV_RUN_NOWAIT);

    for (size_t i = 0; web->conns && i < web->cfg.fd_limit; i++)
        if (web->conns[i])
            web_conn_free(web->conns[i]);
    web_address_fini(web);
    web_fixed_free(web->fixed);
    for (size_t i = 0; i < web->origins.n; i++)
        free(web->origins.hosts[i]);
    if (web->unix_path)
        unlink(web->unix_path);
    free(web->origins.hosts);
    free(web->conns);
    free(web->free_places);
    free(web->vhosts);
    free(web->csp);
    free(web->cert);
    free(web->key);
    free(web->root);
    free(web->unix_path);
    free(web);
}
