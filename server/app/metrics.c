/*
 * metrics.c - a listener small enough to be read at one sitting: one request a connection.
 */
#include "app/metrics.h"

#include "base/log.h"
#include "web/web.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#define CLIENTS   8
#define ASK_MAX   2048
#define CLIENT_MS 5000u

struct client {
    struct vtb_metrics *metrics;
    uv_tcp_t tcp;
    uv_timer_t timer;
    int open; /* handles not yet closed */
    char ask[ASK_MAX + 1];
    size_t len;
    bool is_answered;
    uv_write_t write;
    char *answer;
};

struct vtb_metrics {
    uv_tcp_t tcp;
    const struct vtb_health *health;
    struct {
        void (*fill)(void *ctx, struct vtb_metrics_out *out);
        void *ctx;
    } sources[VTB_METRICS_SOURCES];
    size_t n_sources;
    struct client *clients[CLIENTS];
    uint16_t port;
    bool is_stopping, is_closed;
};

struct vtb_metrics_out {
    FILE *to;
    const char *family; /* HELP and TYPE stand once above the values of a name */
};

/* ---- text ---- */

static void begin(struct vtb_metrics_out *out, const char *name, const char *help,
                  const char *type, const char *label, const char *value_of)
{
    if (!out->family || strcmp(out->family, name) != 0)
        fprintf(out->to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
    out->family = name;
    if (label)
        fprintf(out->to, "%s{%s=\"%s\"} ", name, label, value_of);
    else
        fprintf(out->to, "%s ", name);
}

void vtb_metrics_counter(struct vtb_metrics_out *out, const char *name, const char *help,
                         const char *label, const char *value_of, uint64_t value)
{
    begin(out, name, help, "counter", label, value_of);
    fprintf(out->to, "%" PRIu64 "\n", value);
}

void vtb_metrics_gauge(struct vtb_metrics_out *out, const char *name, const char *help,
                       const char *label, const char *value_of, double value)
{
    begin(out, name, help, "gauge", label, value_of);
    fprintf(out->to, "%.17g\n", value);
}

/* ---- clients ---- */

static void maybe_free(struct vtb_metrics *metrics)
{
    if (!metrics->is_closed)
        return;
    for (size_t i = 0; i < CLIENTS; i++)
        if (metrics->clients[i])
            return;
    free(metrics);
}

static void on_client_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    struct vtb_metrics *metrics = client->metrics;

    if (--client->open > 0)
        return;
    for (size_t i = 0; i < CLIENTS; i++)
        if (metrics->clients[i] == client)
            metrics->clients[i] = NULL;
    free(client->answer);
    free(client);
    maybe_free(metrics);
}

static void client_close(struct client *client)
{
    if (uv_is_closing((uv_handle_t *)&client->tcp))
        return;
    uv_close((uv_handle_t *)&client->tcp, on_client_closed);
    uv_close((uv_handle_t *)&client->timer, on_client_closed);
}

static void on_timeout(uv_timer_t *timer)
{
    client_close(timer->data);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    client_close(write->data);
}

static void send_answer(struct client *client, int status, const char *type, const char *body,
                        size_t len)
{
    size_t room = len + 256;
    uv_buf_t buf;
    int n;

    client->is_answered = true;
    client->answer = malloc(room);
    if (!client->answer) {
        client_close(client);
        return;
    }
    n = snprintf(client->answer, room,
                 "HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %zu\r\n"
                 "cache-control: no-store\r\nconnection: close\r\n\r\n", status,
                 status == 200 ? "OK" : "No", type, len);
    memcpy(client->answer + n, body, len);
    client->write.data = client;
    buf = uv_buf_init(client->answer, (unsigned)((size_t)n + len));
    if (uv_write(&client->write, (uv_stream_t *)&client->tcp, &buf, 1, on_written) != 0)
        client_close(client);
}

static void send_metrics(struct client *client)
{
    struct vtb_metrics *metrics = client->metrics;
    char *text = NULL;
    size_t len = 0;
    struct vtb_metrics_out out = { .to = open_memstream(&text, &len) };

    if (!out.to) {
        client_close(client);
        return;
    }
    for (size_t i = 0; i < metrics->n_sources; i++)
        metrics->sources[i].fill(metrics->sources[i].ctx, &out);
    if (fclose(out.to) == 0)
        send_answer(client, 200, "text/plain; version=0.0.4; charset=utf-8", text, len);
    else
        client_close(client);
    free(text);
}

/* A page on some website must not read us through a name of its own that resolves to 127.0.0.1. */
static bool is_local_host(const char *ask)
{
    static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
    const char *host = strcasestr(ask, "\r\nhost:");

    if (!host)
        return true; /* HTTP/1.0; no browser leaves it out */
    host += 7;
    host += strspn(host, " \t");
    for (size_t i = 0; i < VTB_COUNT(names); i++) {
        size_t n = strlen(names[i]);

        if (strncasecmp(host, names[i], n) == 0 && (host[n] == ':' || host[n] == '\r'))
            return true;
    }
    return false;
}

static bool asks_for(const struct client *client, const char *path)
{
    size_t n = strlen(path);

    return strncmp(client->ask, "GET ", 4) == 0 && strncmp(client->ask + 4, path, n) == 0 &&
           (client->ask[4 + n] == ' ' || client->ask[4 + n] == '?');
}

static void answer(struct client *client)
{
    static const char alive[] = "{\"alive\":true}", absent[] = "{\"error\":\"absent\"}",
                      denied[] = "{\"error\":\"denied\"}";
    char text[640];
    bool is_ready;

    if (!is_local_host(client->ask)) {
        send_answer(client, 403, "application/json", denied, sizeof denied - 1);
    } else if (asks_for(client, "/metrics")) {
        send_metrics(client);
    } else if (asks_for(client, "/healthz")) {
        send_answer(client, 200, "application/json", alive, sizeof alive - 1);
    } else if (asks_for(client, "/readyz")) {
        is_ready = vtb_health_write(client->metrics->health, text, sizeof text);
        send_answer(client, is_ready ? 200 : 503, "application/json", text, strlen(text));
    } else {
        send_answer(client, 404, "application/json", absent, sizeof absent - 1);
    }
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct client *client = handle->data;

    (void)suggested;
    *out = uv_buf_init(client->ask + client->len, (unsigned)(ASK_MAX - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct client *client = stream->data;

    (void)buf;
    if (got < 0) { /* gone, or the request does not end within its room (ENOBUFS) */
        client_close(client);
        return;
    }
    client->len += (size_t)got;
    client->ask[client->len] = '\0';
    if (!client->is_answered && strstr(client->ask, "\r\n\r\n")) {
        uv_read_stop(stream);
        answer(client);
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct vtb_metrics *metrics = listener->data;
    struct client *client;
    size_t place = 0;

    while (place < CLIENTS && metrics->clients[place])
        place++;
    client = calloc(1, sizeof *client);
    if (!client || status != 0) {
        free(client);
        return;
    }
    client->metrics = metrics;
    uv_tcp_init(listener->loop, &client->tcp);
    uv_timer_init(listener->loop, &client->timer);
    client->tcp.data = client->timer.data = client;
    client->open = 2;
    if (place < CLIENTS)
        metrics->clients[place] = client;
    if (uv_accept(listener, (uv_stream_t *)&client->tcp) != 0 || place == CLIENTS ||
        uv_timer_start(&client->timer, on_timeout, CLIENT_MS, 0) != 0 ||
        uv_read_start((uv_stream_t *)&client->tcp, on_room, on_read) != 0)
        client_close(client);
}

/* ---- life ---- */

static void on_listener_closed(uv_handle_t *handle)
{
    struct vtb_metrics *metrics = handle->data;

    metrics->is_closed = true;
    maybe_free(metrics);
}

enum vtb_err vtb_metrics_start(uv_loop_t *loop, uint16_t port, const struct vtb_health *health,
                               struct vtb_metrics **out_metrics)
{
    struct vtb_metrics *metrics = calloc(1, sizeof *metrics);
    struct sockaddr_in at;
    int len = sizeof at;

    if (!metrics)
        return VTB_NOMEM;
    metrics->health = health;
    uv_ip4_addr("127.0.0.1", port, &at);
    uv_tcp_init(loop, &metrics->tcp);
    metrics->tcp.data = metrics;
    if (uv_tcp_bind(&metrics->tcp, (struct sockaddr *)&at, 0) != 0 ||
        uv_listen((uv_stream_t *)&metrics->tcp, 8, on_connection) != 0 ||
        uv_tcp_getsockname(&metrics->tcp, (struct sockaddr *)&at, &len) != 0) {
        VTB_LOG(VTB_ERROR, "metrics.cannot_listen", VTB_U64("port", port));
        vtb_metrics_stop(metrics);
        return VTB_SYS;
    }
    metrics->port = ntohs(at.sin_port);
    *out_metrics = metrics;
    return VTB_OK;
}

uint16_t vtb_metrics_port(const struct vtb_metrics *metrics)
{
    return metrics->port;
}

void vtb_metrics_stop(struct vtb_metrics *metrics)
{
    if (!metrics || metrics->is_stopping)
        return;
    metrics->is_stopping = true;
    for (size_t i = 0; i < CLIENTS; i++)
        if (metrics->clients[i])
            client_close(metrics->clients[i]);
    uv_close((uv_handle_t *)&metrics->tcp, on_listener_closed);
}

enum vtb_err vtb_metrics_add(struct vtb_metrics *metrics,
                             void (*fill)(void *ctx, struct vtb_metrics_out *out), void *ctx)
{
    if (metrics->n_sources == VTB_METRICS_SOURCES)
        return VTB_LIMIT;
    metrics->sources[metrics->n_sources].fill = fill;
    metrics->sources[metrics->n_sources].ctx = ctx;
    metrics->n_sources++;
    return VTB_OK;
}

/* ---- sources of the house ---- */

void vtb_metrics_web(void *ctx, struct vtb_metrics_out *out)
{
    struct vtb_web_figures f;

    vtb_web_figures(ctx, &f);
    vtb_metrics_gauge(out, "consilium_web_connections", "Open connections.", NULL, NULL,
                      (double)f.connections_now);
    vtb_metrics_gauge(out, "consilium_web_sockets", "Open WebSockets.", NULL, NULL,
                      (double)f.sockets_now);
    vtb_metrics_gauge(out, "consilium_web_body_bytes", "Request bodies in memory.", NULL, NULL,
                      (double)f.bodies_bytes_now);
    vtb_metrics_counter(out, "consilium_web_connections_total", "Connections accepted.", NULL,
                        NULL, f.connections);
    vtb_metrics_counter(out, "consilium_web_refused_total", "Connections refused by address.",
                        NULL, NULL, f.refused_address);
    vtb_metrics_counter(out, "consilium_web_requests_total", "Requests.", NULL, NULL, f.requests);
    vtb_metrics_counter(out, "consilium_web_errors_total", "Answers that refuse or fail.",
                        "class", "4xx", f.answers_4xx);
    vtb_metrics_counter(out, "consilium_web_errors_total", "Answers that refuse or fail.",
                        "class", "5xx", f.answers_5xx);
    vtb_metrics_counter(out, "consilium_web_slow_bodies_total", "Bodies cut off for slowness.",
                        NULL, NULL, f.slow_bodies);
    vtb_metrics_counter(out, "consilium_web_messages_total", "WebSocket messages.", "way", "in",
                        f.messages_in);
    vtb_metrics_counter(out, "consilium_web_messages_total", "WebSocket messages.", "way", "out",
                        f.messages_out);
    vtb_metrics_counter(out, "consilium_web_frames_total", "Frames of sound on WebSockets.", "way", "in",
                        f.frames_in);
    vtb_metrics_counter(out, "consilium_web_frames_total", "Frames of sound on WebSockets.", "way", "out",
                        f.frames_out);
    vtb_metrics_counter(out, "consilium_web_frames_total", "Frames of sound on WebSockets.", "way", "dropped",
                        f.frames_dropped);
    vtb_metrics_counter(out, "consilium_web_sent_bytes_total", "Bytes written, without TLS.",
                        NULL, NULL, f.bytes_out);
    vtb_metrics_counter(out, "consilium_web_overflows_total",
                        "Ordered lanes dropped and resynchronised.", NULL, NULL, f.overflows);
    vtb_metrics_counter(out, "consilium_web_closed_slow_total", "Sockets closed as too slow.",
                        NULL, NULL, f.closed_slow);
}

static double count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    double n = -1; /* the directory itself */

    if (!dir)
        return 0;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 2; /* . and .. */
}

void vtb_metrics_process(void *ctx, struct vtb_metrics_out *out)
{
    struct rusage usage;
    long pages = 0, shared = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    (void)ctx;
    if (file) {
        if (fscanf(file, "%ld %ld", &shared, &pages) != 2)
            pages = 0;
        fclose(file);
    }
    vtb_metrics_gauge(out, "process_resident_memory_bytes", "Resident memory.", NULL, NULL,
                      (double)pages * (double)sysconf(_SC_PAGESIZE));
    vtb_metrics_gauge(out, "process_open_fds", "Open file descriptors.", NULL, NULL,
                      count_descriptors());
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        begin(out, "process_cpu_seconds_total", "CPU, user and system.", "counter", NULL, NULL);
        fprintf(out->to, "%.6f\n",
                (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    }
}
