#include "serve.h"

#include "api/api.h"
#include "app/config.h"
#include "app/health.h"
#include "app/metrics.h"
#include "app/options.h"
#include "app/safety.h"
#include "app/signals.h"
#include "base/clock.h"
#include "base/log.h"
#include "documents/documents.h"
#include "films/films.h"
#include "identity/identity.h"
#include "live/live.h"
#include "media/media.h"
#include "record/sign.h"
#include "store/keys.h"
#include "store/store.h"
#include "web/web.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUTES_MAX 64
#define FDS_SPARE  64u

struct server {
    struct vtb_config cfg;
    uv_loop_t loop;
    uv_async_t store_wake, media_wake;
    struct vtb_store *store;
    struct vtb_keys keys;
    char record_dir[VTB_CONFIG_TEXT + 16];
    struct vtb_sessions *sessions;
    struct vtb_media *media;
    struct vtb_documents *documents;
    struct vtb_films *films;
    char film_path[VTB_CONFIG_TEXT + 64];
    struct vtb_live *live;
    struct vtb_api *api;
    struct vtb_web *web;
    struct vtb_metrics *metrics;
    struct vtb_health health;
    struct vtb_signals signals;
    struct vtb_web_route routes[ROUTES_MAX];
    uint64_t ticks_seen, ticks_at_us;
    char turn_secret[256];
    bool is_demo;
};

static void wake(void *ctx)
{
    uv_async_send(ctx);
}

static void on_store(uv_async_t *async)
{
    struct server *server = async->data;

    vtb_store_turn(server->store);
}

static void on_media(uv_async_t *async)
{
    struct server *server = async->data;

    if (server->live)
        vtb_live_media_turn(server->live);
}

static bool store_is_well(void *ctx)
{
    const struct server *server = ctx;

    return vtb_store_figures(server->store).failing_since_us == 0;
}

/* The worker ticks fifty times a second; two seconds without one is not well. */
static bool media_is_well(void *ctx)
{
    struct server *server = ctx;
    struct vtb_media_figures figures;
    uint64_t now = vtb_mono_us();

    vtb_media_figures(server->media, &figures);
    if (figures.ticks != server->ticks_seen) {
        server->ticks_seen = figures.ticks;
        server->ticks_at_us = now;
    }
    return now - server->ticks_at_us < 2000000u;
}

static void alive(void *ctx, struct vtb_web_request *req)
{
    struct server *server = ctx;

    vtb_health_answer_alive(server->web, req);
}

static void ready(void *ctx, struct vtb_web_request *req)
{
    struct server *server = ctx;

    vtb_health_answer_ready(&server->health, server->web, req);
}

/* One series for each connection, by number: who it is stands in no metric. */
static void fill_links(const struct server *server, struct vtb_metrics_out *out)
{
    static const struct {
        const char *name, *help;
        size_t at;
        bool is_wide;
    } kinds[] = {
        { "consilium_link_lost_down_percent", "Packets lost to the listener.", offsetof(struct vtb_media_link, lost_down_pct), false },
        { "consilium_link_lost_up_percent", "Packets lost on the way here.", offsetof(struct vtb_media_link, lost_up_pct), false },
        { "consilium_link_made_up_percent", "Of the voice, concealed.", offsetof(struct vtb_media_link, made_up_pct), false },
        { "consilium_link_jitter_down_ms", "At the listener.", offsetof(struct vtb_media_link, jitter_down_ms), true },
        { "consilium_link_jitter_up_ms", "Here.", offsetof(struct vtb_media_link, jitter_up_ms), true },
        { "consilium_link_delay_up_ms", "Buffered here.", offsetof(struct vtb_media_link, delay_up_ms), true },
        { "consilium_link_rtt_ms", "Round trip, 0 unknown.", offsetof(struct vtb_media_link, rtt_ms), true },
    };
    static struct vtb_live_link links[VTB_MEDIA_PEERS_MAX];
    size_t n = vtb_live_links(server->live, links, VTB_COUNT(links));

    for (size_t k = 0; k < VTB_COUNT(kinds); k++) {
        for (size_t i = 0; i < n; i++) {
            const uint8_t *from = (const uint8_t *)&links[i].link + kinds[k].at;
            char peer[12];
            uint16_t wide;

            snprintf(peer, sizeof peer, "%u", links[i].peer);
            memcpy(&wide, from, sizeof wide);
            vtb_metrics_gauge(out, kinds[k].name, kinds[k].help, "peer", peer, kinds[k].is_wide ? wide : *from);
        }
    }
}

static void fill_metrics(void *ctx, struct vtb_metrics_out *out)
{
    struct server *server = ctx;
    struct vtb_media_figures media;
    struct vtb_live_figures live;
    struct vtb_store_figures store = vtb_store_figures(server->store);

    vtb_media_figures(server->media, &media);
    vtb_live_figures(server->live, &live);
    vtb_metrics_gauge(out, "consilium_rooms", "Meetings in memory.", NULL, NULL, live.rooms);
    vtb_metrics_gauge(out, "consilium_connections", "Browsers on the socket.", NULL, NULL, live.connections);
    vtb_metrics_gauge(out, "consilium_waiting", "Guests who wait for their item.", NULL, NULL, live.waiting);
    vtb_metrics_counter(out, "consilium_requests_total", "Requests on the socket.", NULL, NULL, live.requests);
    vtb_metrics_counter(out, "consilium_requests_refused_total", "Of these, refused.", NULL, NULL, live.refused);
    vtb_metrics_counter(out, "consilium_snapshots_total", "Snapshots sent.", NULL, NULL, live.snapshots);
    vtb_metrics_counter(out, "consilium_store_commits_total", "Transactions made durable.", NULL, NULL, store.commits);
    vtb_metrics_counter(out, "consilium_store_events_total", "Events made durable.", NULL, NULL, store.events);
    vtb_metrics_gauge(out, "consilium_store_commit_p99_us", "Of the last 1024 commits.", NULL, NULL, store.commit_p99_us);
    vtb_metrics_gauge(out, "consilium_store_waiting", "Appends not durable yet.", NULL, NULL, store.waiting);
    vtb_metrics_gauge(out, "consilium_media_peers", "Media connections.", NULL, NULL, media.peers);
    vtb_metrics_counter(out, "consilium_media_ticks_total", "20 ms ticks.", NULL, NULL, media.ticks);
    vtb_metrics_counter(out, "consilium_media_ticks_late_total", "Ticks over 5 ms late.", NULL, NULL, media.ticks_late_5ms);
    vtb_metrics_counter(out, "consilium_media_ticks_skipped_total", "Ticks skipped after a stall.", NULL, NULL, media.ticks_skipped);
    vtb_metrics_gauge(out, "consilium_media_lateness_p99_us", "Of the last 3000 ticks.", NULL, NULL, (double)media.lateness_us_p99);
    vtb_metrics_counter(out, "consilium_media_packets_in_total", "Datagrams taken.", NULL, NULL, media.packets_in);
    vtb_metrics_counter(out, "consilium_media_packets_out_total", "Datagrams sent.", NULL, NULL, media.packets_out);
    vtb_metrics_counter(out, "consilium_media_dropped_total", "Datagrams dropped.", "why", "authentication", media.dropped_auth);
    vtb_metrics_counter(out, "consilium_media_dropped_total", "Datagrams dropped.", "why", "unknown", media.dropped_unknown);
    vtb_metrics_counter(out, "consilium_media_dropped_total", "Datagrams dropped.", "why", "source", media.dropped_source);
    vtb_metrics_counter(out, "consilium_media_stream_frames_total", "Frames to web connections.", "what", "sent", media.stream_out);
    vtb_metrics_counter(out, "consilium_media_stream_frames_total", "Frames to web connections.", "what", "not_taken", media.stream_dropped);
    vtb_metrics_counter(out, "consilium_media_repeats_total", "Packets asked for again (NACK).", "answer", "sent", media.repeated);
    vtb_metrics_counter(out, "consilium_media_repeats_total", "Packets asked for again (NACK).", "answer", "refused", media.repeats_refused);
    for (uint8_t r = 0; r < VTB_MEDIA_RUNGS; r++)
        vtb_metrics_gauge(out, "consilium_media_listeners", "Listeners by what they are sent.", "rung", vtb_media_rung_name(r), media.listeners[r]);
    vtb_metrics_gauge(out, "consilium_recordings", "Recordings under way.", NULL, NULL, media.recordings);
    vtb_metrics_counter(out, "consilium_recording_dropped_total", "Frames that could not be recorded.", NULL, NULL, media.record_dropped);
    vtb_metrics_counter(out, "consilium_media_encodes_total", "Frames encoded.", NULL, NULL, media.encodes);
    vtb_metrics_counter(out, "consilium_media_decodes_total", "Frames decoded.", NULL, NULL, media.decodes);
    vtb_metrics_counter(out, "consilium_media_handshakes_total", "DTLS handshakes done.", NULL, NULL, media.handshakes);
    vtb_metrics_counter(out, "consilium_media_handshakes_failed_total", "DTLS handshakes failed.", NULL, NULL, media.handshakes_failed);
    fill_links(server, out);
}

/* ---- start ---- */

static int refuse(const char *why)
{
    fprintf(stderr, "consilium: %s\n", why);
    return 1;
}

static void add_address(struct vtb_media_config *media, const char *text)
{
    for (size_t i = 0; i < media->addresses; i++)
        if (strcmp(media->address[i], text) == 0)
            return;
    if (media->addresses < VTB_MEDIA_ADDRESSES &&
        vtb_str_copy(vtb_str_of(text), media->address[media->addresses], sizeof media->address[0]) == VTB_OK)
        media->addresses++;
}

/* Addresses of this machine that are up; for a wildcard listener and for the demo. */
static void add_own_addresses(struct vtb_media_config *media, size_t most)
{
    struct ifaddrs *list = NULL;
    char text[INET_ADDRSTRLEN];

    if (getifaddrs(&list) != 0)
        return;
    for (struct ifaddrs *at = list; at && media->addresses < most; at = at->ifa_next) {
        if (!at->ifa_addr || at->ifa_addr->sa_family != AF_INET || !(at->ifa_flags & IFF_UP) || (at->ifa_flags & IFF_LOOPBACK))
            continue;
        struct sockaddr_in in;
        memcpy(&in, at->ifa_addr, sizeof in);
        if (inet_ntop(AF_INET, &in.sin_addr, text, sizeof text))
            add_address(media, text);
    }
    freeifaddrs(list);
}

static void media_addresses(const struct server *server, struct vtb_media_config *media)
{
    const struct vtb_config *cfg = &server->cfg;

    for (size_t i = 0; i < cfg->media_address.n; i++)
        add_address(media, cfg->media_address.at[i]);
    if (media->addresses)
        return;
    if (server->is_demo) { /* Firefox sends nothing to 127.0.0.1: one more of this machine's own */
        add_address(media, "127.0.0.1");
        add_own_addresses(media, 2);
        return;
    }
    for (size_t i = 0; i < cfg->listen.n; i++) {
        if (strcmp(cfg->listen.at[i], "0.0.0.0") == 0 || strcmp(cfg->listen.at[i], "::") == 0)
            add_own_addresses(media, VTB_MEDIA_ADDRESSES);
        else
            add_address(media, cfg->listen.at[i]);
    }
    if (media->addresses == 0)
        add_address(media, "127.0.0.1");
}

static enum vtb_err start_media(struct server *server)
{
    const struct vtb_config *cfg = &server->cfg;
    uint32_t port = cfg->media_port == VTB_MEDIA_PORT_AS_WEB ? cfg->port : cfg->media_port;
    struct vtb_media_config media = { .port = (uint16_t)port, .max_speakers = 3, .bitrate = 32000,
                                      .join_from = cfg->media_join_from,
                                      .own_addresses_only = server->is_demo, .notify = wake, .notify_ctx = &server->media_wake,
                                      .record_dir = server->record_dir, .record_key = server->keys.recording };

    snprintf(server->record_dir, sizeof server->record_dir, "%s/recordings", server->cfg.data);
    media_addresses(server, &media);
    return vtb_media_start(&media, &server->media);
}

static enum vtb_err start_store(struct server *server)
{
    struct vtb_store_config cfg = { .data_dir = server->cfg.data, .wake = wake, .wake_ctx = &server->store_wake };
    enum vtb_err err = vtb_store_start(&cfg, &server->store);

    /* The store has made the keys if this is the first start. */
    return err ? err : vtb_keys_load(server->cfg.data, false, &server->keys);
}

static enum vtb_err film_tile(void *ctx, struct vtb_id document, const char *digest, uint32_t z, uint32_t x, uint32_t y,
                              vtb_doc_blob_fn *done, void *done_ctx)
{
    return vtb_documents_tile(ctx, document, digest, z, x, y, done, done_ctx);
}

static void film_over(void *ctx, const struct vtb_film_end *end)
{
    struct server *server = ctx;

    vtb_api_film_over(server->api, end);
}

/* The program lies beside the sandbox when installed, and in its own room's folder in a build. */
static enum vtb_err start_films(struct server *server)
{
    struct vtb_films_config films = { .loop = &server->loop, .data_dir = server->cfg.data,
        .sandbox_path = server->cfg.sandbox_path, .program_path = server->film_path, .record_dir = server->record_dir,
        .record_key = server->keys.recording, .tile = film_tile, .tile_ctx = server->documents, .done = film_over, .ctx = server };
    const char *slash = strrchr(server->cfg.sandbox_path, '/');
    int n = slash ? (int)(slash - server->cfg.sandbox_path) : 0;

    snprintf(server->film_path, sizeof server->film_path, "%.*s/consilium-export", n, server->cfg.sandbox_path);
    if (access(server->film_path, X_OK) != 0)
        snprintf(server->film_path, sizeof server->film_path, "%.*s/../recording/consilium-export", n, server->cfg.sandbox_path);
    if (access(server->film_path, X_OK) != 0) {
        VTB_LOG(VTB_WARN, "films.absent"); /* recordings are kept and played; the page offers no film */
        return VTB_OK;
    }
    return vtb_films_create(&films, &server->films);
}

static enum vtb_err start_rooms(struct server *server)
{
    struct vtb_documents_config documents = { .data_dir = server->cfg.data, .sandbox_path = server->cfg.sandbox_path,
                                              .loop = &server->loop };
    struct vtb_live_config live = { .loop = &server->loop, .store = server->store, .sign_seed = server->keys.sign_secret,
                                    .record_dir = server->record_dir, .record_key = server->keys.recording, .record_days = server->cfg.recording_days,
                                    .turn = { server->cfg.media_turn.at, server->cfg.media_turn.n, server->turn_secret } };
    struct vtb_api_config api = { .loop = &server->loop, .store = server->store, .sign_seed = server->keys.sign_secret,
                                  .is_demo = server->is_demo, .record_dir = server->record_dir,
                                  .record_key = server->keys.recording, .record_days = server->cfg.recording_days };
    enum vtb_err err = vtb_documents_create(&documents, &server->documents);

    if (!err)
        err = vtb_sessions_create(server->store, &server->sessions);
    live.sessions = server->sessions;
    if (!err)
        err = vtb_live_create(&live, &server->live);
    api.sessions = server->sessions;
    api.live = server->live;
    api.documents = server->documents;
    if (!err)
        err = start_films(server);
    api.films = server->films;
    if (!err)
        err = vtb_api_create(&api, &server->api);
    return err;
}

static enum vtb_err start_web(struct server *server)
{
    const struct vtb_config *cfg = &server->cfg;
    size_t n = 0;
    struct vtb_web_config web = {
        .loop = &server->loop, .addresses = cfg->listen.at, .n_addresses = cfg->listen.n, .port = (uint16_t)cfg->port,
        .unix_path = cfg->socket[0] ? cfg->socket : NULL, .cert = cfg->tls_cert[0] ? cfg->tls_cert : NULL,
        .key = cfg->tls_key[0] ? cfg->tls_key : NULL, .root = cfg->web_root[0] ? cfg->web_root : NULL,
        .hosts = cfg->public_host.at, .n_hosts = cfg->public_host.n, .fd_limit = cfg->web_connections,
        .per_address = cfg->web_connections_per_address, .new_per_second = cfg->web_new_per_second,
        .routes = server->routes, .ctx = server->api, .gate = vtb_api_gate, .live = vtb_live_sockets(server->live), .audio = vtb_live_audio(server->live),
    };
    enum vtb_err err;

    for (const struct vtb_web_route *route = vtb_api_routes; route->path && n < ROUTES_MAX - 3; route++)
        server->routes[n++] = *route;
    server->routes[n++] = (struct vtb_web_route){ VTB_WEB_GET, "/healthz", 0, alive, 0, server };
    server->routes[n++] = (struct vtb_web_route){ VTB_WEB_GET, "/readyz", 0, ready, 0, server };
    err = vtb_web_start(&web, &server->web);
    if (err)
        return err;
    vtb_live_attach(server->live, server->web, server->media);
    vtb_api_attach(server->api, server->web);
    vtb_api_resume(server->api);
    return VTB_OK;
}

static enum vtb_err start_figures(struct server *server)
{
    enum vtb_err err = vtb_health_add(&server->health, "store", store_is_well, server);

    if (!err)
        err = vtb_health_add(&server->health, "media", media_is_well, server);
    if (err || server->cfg.metrics_port == 0)
        return err;
    err = vtb_metrics_start(&server->loop, (uint16_t)server->cfg.metrics_port, &server->health, &server->metrics);
    if (!err)
        err = vtb_metrics_add(server->metrics, fill_metrics, server);
    if (!err)
        err = vtb_metrics_add(server->metrics, vtb_metrics_web, server->web);
    if (!err)
        err = vtb_metrics_add(server->metrics, vtb_metrics_process, NULL);
    return err;
}

/* ---- stop: the other way round ---- */

static void close_rest(struct server *server)
{
    vtb_metrics_stop(server->metrics);
    if (server->live)
        vtb_live_stop(server->live);
    vtb_films_destroy(server->films);
    server->films = NULL;
    if (server->documents)
        vtb_documents_destroy(server->documents);
    server->documents = NULL;
    vtb_signals_fini(&server->signals);
}

static void web_stopped(void *ctx)
{
    struct server *server = ctx;

    close_rest(server);
    vtb_api_stop(server->api);
    /* The last events are written and answered before the wakes close. */
    vtb_store_stop(server->store);
    server->store = NULL;
    vtb_live_attach(server->live, server->web, NULL);
    vtb_media_stop(server->media);
    server->media = NULL;
    uv_close((uv_handle_t *)&server->store_wake, NULL);
    uv_close((uv_handle_t *)&server->media_wake, NULL);
}

static void on_stop(void *ctx)
{
    struct server *server = ctx;

    VTB_LOG(VTB_INFO, "server.stopping");
    server->health.is_stopping = true;
    vtb_web_stop(server->web, web_stopped, server);
}

static void on_reload(void *ctx)
{
    struct server *server = ctx;
    enum vtb_err err = vtb_web_reload(server->web);

    VTB_LOG(err ? VTB_ERROR : VTB_INFO, "server.reloaded", VTB_ERR(err));
}

static void finish(struct server *server)
{
    vtb_live_destroy(server->live);
    vtb_web_destroy(server->web);
    vtb_api_destroy(server->api);
    vtb_sessions_destroy(server->sessions);
    vtb_keys_wipe(&server->keys);
    memset(server->turn_secret, 0, sizeof server->turn_secret);
}

static bool has_demo(const char *data)
{
    char path[VTB_CONFIG_TEXT + 8];

    snprintf(path, sizeof path, "%s/demo", data);
    return access(path, F_OK) == 0;
}

static bool read_turn_secret(struct server *server)
{
    const char *path = server->cfg.media_turn_secret;
    FILE *file = path[0] ? fopen(path, "re") : NULL;
    bool is_read = file && fgets(server->turn_secret, sizeof server->turn_secret, file);

    if (file)
        fclose(file);
    if (is_read)
        server->turn_secret[strcspn(server->turn_secret, "\r\n")] = '\0';
    if (server->cfg.media_turn.n == 0)
        return path[0] == '\0';
    return is_read && strlen(server->turn_secret) >= 16;
}

/* Where nothing is said: beside the program, as it is installed. */
static void find_sandbox(struct vtb_config *cfg)
{
    static const char name[] = "consilium-sandbox";
    ssize_t n = cfg->sandbox_path[0] ? 0 : readlink("/proc/self/exe", cfg->sandbox_path, sizeof cfg->sandbox_path - sizeof name);
    char *slash;

    if (n <= 0)
        return;
    cfg->sandbox_path[n] = '\0';
    slash = strrchr(cfg->sandbox_path, '/');
    if (slash)
        memcpy(slash + 1, name, sizeof name);
}

static int configure(struct server *server, int argc, char **argv)
{
    extern char **environ;
    char why[600];

    if (vtb_options_load((size_t)argc, (const char *const *)argv, (const char *const *)environ, &server->cfg, why, sizeof why) != VTB_OK)
        return refuse(why);
    if (vtb_safety_check(&server->cfg, why, sizeof why) != VTB_OK)
        return refuse(why);
    find_sandbox(&server->cfg);
    vtb_log_level((enum vtb_level)server->cfg.log_level);
    server->is_demo = has_demo(server->cfg.data);
    if (!read_turn_secret(server))
        return refuse("media.turn and media.turn_secret belong together: the file must hold the relays' static-auth-secret, "
                      "one line of 16 to 255 characters.");
    uint64_t hard;
    if (vtb_raise_fd_limit(server->cfg.web_connections + FDS_SPARE, &hard) != VTB_OK)
        return refuse("The limit of open files is too low. Raise it (ulimit -n, LimitNOFILE) or lower web.connections.");
    return 0;
}

static const char *start(struct server *server)
{
    if (vtb_identity_init() != VTB_OK || vtb_sign_init() != VTB_OK)
        return "The crypto library does not start.";
    if (start_store(server) != VTB_OK)
        return "The data folder cannot be opened: is another consilium running on it, is the disk full, are its keys readable?";
    if (start_media(server) != VTB_OK)
        return "The media port cannot be bound. Choose another with media.port, or check media.address.";
    if (start_rooms(server) != VTB_OK)
        return "The data folder cannot be written.";
    if (start_web(server) != VTB_OK)
        return "The web port cannot be bound or the certificate does not load; the line above says which.";
    if (start_figures(server) != VTB_OK)
        return "The metrics port is taken. Choose another with metrics.port.";
    return NULL;
}

int vtb_serve_main(int argc, char **argv)
{
    struct server *server = calloc(1, sizeof *server);
    const char *why;
    int status;

    if (!server)
        return 1;
    setenv("UV_THREADPOOL_SIZE", "2", 0); /* decision 20 */
    umask(0077);
    status = configure(server, argc, argv);
    if (status) {
        free(server);
        return status;
    }
    uv_loop_init(&server->loop);
    uv_async_init(&server->loop, &server->store_wake, on_store);
    uv_async_init(&server->loop, &server->media_wake, on_media);
    server->store_wake.data = server->media_wake.data = server;
    why = start(server);
    if (!why && vtb_signals_init(&server->signals, &server->loop, on_stop, on_reload, server) != VTB_OK)
        why = "Signals cannot be watched.";
    if (why) {
        /* Nothing runs yet that holds unsaved words: the process ends here. */
        status = refuse(why);
        exit(status);
    }
    VTB_LOG(VTB_INFO, "server.ready", VTB_U64("port", vtb_web_port(server->web)),
            VTB_U64("media_port", vtb_media_port(server->media)));
    uv_run(&server->loop, UV_RUN_DEFAULT);
    finish(server);
    uv_run(&server->loop, UV_RUN_DEFAULT);
    uv_loop_close(&server->loop);
    free(server);
    return 0;
}
