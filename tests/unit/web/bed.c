#include "bed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct vtb_web_header plain = { "content-type", "text/plain" };

static void answer_text(struct bed *bed, struct vtb_web_request *req, const void *text, size_t len)
{
    struct vtb_blob *blob = vtb_blob_make(text, len);

    vtb_web_answer(bed->web, vtb_web_request_handle(req), 200, &plain, 1, blob);
    vtb_blob_unref(blob);
}

static void hello(void *ctx, struct vtb_web_request *req)
{
    struct bed *bed = ctx;
    struct vtb_str name = vtb_web_request_param(req, "name");
    struct vtb_str q = vtb_web_request_query(req, "q");
    struct vtb_str cookie = vtb_web_request_cookie(req, "s");
    char text[512];
    int n = snprintf(text, sizeof text, "%.*s|%.*s|%.*s|%s|%s", (int)name.len, name.at, (int)q.len,
                     q.at, (int)cookie.len, cookie.at, vtb_web_request_peer(req),
                     vtb_web_request_local(req));

    bed->handled++;
    answer_text(bed, req, text, (size_t)n);
}

static void echo(void *ctx, struct vtb_web_request *req)
{
    struct bed *bed = ctx;
    struct vtb_str body = vtb_web_request_body(req);

    bed->handled++;
    answer_text(bed, req, body.at, body.len);
}

static void upload(void *ctx, struct vtb_web_request *req)
{
    struct bed *bed = ctx;
    size_t len;
    uint8_t *body = vtb_web_request_body_take(req, &len);
    char text[32];
    int n = snprintf(text, sizeof text, "%zu", len);

    bed->handled++;
    free(body);
    answer_text(bed, req, text, (size_t)n);
}

static void big(void *ctx, struct vtb_web_request *req)
{
    struct bed *bed = ctx;
    const struct vtb_web_header headers[] = { plain, { "etag", "\"big\"" } };

    vtb_web_answer(bed->web, vtb_web_request_handle(req), 200, headers, 2, bed->big);
}

static void file(void *ctx, struct vtb_web_request *req)
{
    struct bed *bed = ctx;
    const struct vtb_web_header headers[] = { plain, { "etag", "\"file\"" } };

    vtb_web_answer_file(bed->web, vtb_web_request_handle(req), headers, 2,
                        open(bed->file, O_RDONLY | O_CLOEXEC));
}

static void late(void *ctx, struct vtb_web_request *req)
{
    struct bed *bed = ctx;

    bed->late = vtb_web_request_handle(req);
    bed->handled++;
}

static void hostile(void *ctx, struct vtb_web_request *req)
{
    struct bed *bed = ctx;
    const struct vtb_web_header headers[] = { { "x-good", "1" },
                                              { "x-bad", "1\r\nset-cookie: s=stolen" } };

    vtb_web_answer(bed->web, vtb_web_request_handle(req), 200, headers, 2, NULL);
}

static void denied(void *ctx, struct vtb_web_request *req)
{
    struct bed *bed = ctx;

    vtb_web_answer_error(bed->web, vtb_web_request_handle(req), VTB_DENIED,
                         "Only the \"chair\" may do this.");
}

static const struct vtb_web_route routes[] = {
    { VTB_WEB_GET, "/api/hello/{name}", 0, hello, 0, NULL },
    { VTB_WEB_GET, "/api/hello/late", 0, late, 0, NULL },
    { VTB_WEB_POST, "/api/echo", VTB_WEB_BODY_SMALL, echo, 0, NULL },
    { VTB_WEB_POST, "/api/machine", VTB_WEB_BODY_SMALL, echo, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_PUT, "/api/upload/{id}", VTB_WEB_BODY_PIECE, upload, 0, NULL },
    { VTB_WEB_PUT, "/api/gated", VTB_WEB_BODY_PIECE, upload, VTB_WEB_LATE_BODY, NULL },
    { VTB_WEB_DELETE, "/api/echo", 0, echo, 0, NULL },
    { VTB_WEB_GET, "/api/big", 0, big, 0, NULL },
    { VTB_WEB_GET, "/api/file", 0, file, 0, NULL },
    { VTB_WEB_GET, "/api/hostile", 0, hostile, 0, NULL },
    { VTB_WEB_GET, "/api/denied", 0, denied, 0, NULL },
    { .path = NULL },
};

static int gate(void *ctx, struct vtb_web_request *req)
{
    (void)ctx;
    return vtb_str_is(vtb_web_request_cookie(req, "s"), VTB_LIT("ok")) ? 0 : 401;
}

/* ---- sockets ---- */

static int admit(void *ctx, struct vtb_web_request *req, void **out_user)
{
    *out_user = ctx;
    return gate(ctx, req);
}

static void opened(void *ctx, vtb_web_socket socket, void *user)
{
    struct bed *bed = ctx;

    CHECK(user == ctx);
    bed->opened++;
    if (bed->n_sockets < BED_SOCKETS)
        bed->sockets[bed->n_sockets++] = socket;
}

static void closed(void *ctx, vtb_web_socket socket, void *user)
{
    struct bed *bed = ctx;

    CHECK(user == ctx);
    bed->closed++;
    for (size_t i = 0; i < bed->n_sockets; i++)
        if (vtb_web_socket_is(bed->sockets[i], socket)) {
            bed->sockets[i] = bed->sockets[--bed->n_sockets];
            break;
        }
}

static void send_text(struct bed *bed, vtb_web_socket socket, const char *text)
{
    struct vtb_blob *blob = vtb_blob_make(text, strlen(text));

    vtb_web_send(bed->web, socket, blob);
    vtb_blob_unref(blob);
}

/* N numbered messages of SIZE bytes to every socket; one blob each for all. */
static void flood(struct bed *bed, int n, size_t size)
{
    char *text = malloc(size + 1);

    for (int i = 0; i < n; i++) {
        struct vtb_blob *blob;

        memset(text, '.', size);
        text[snprintf(text, size, "%d", bed->messages++)] = ' ';
        blob = vtb_blob_make(text, size);
        for (size_t s = 0; s < bed->n_sockets; s++)
            vtb_web_send(bed->web, bed->sockets[s], blob);
        vtb_blob_unref(blob);
    }
    free(text);
}

/* N values in slot 3, then one in slot 5: only the last of each may arrive. */
static void latest(struct bed *bed, vtb_web_socket socket, int n)
{
    char text[32];

    for (int i = 0; i <= n; i++) {
        struct vtb_blob *blob;

        snprintf(text, sizeof text, i < n ? "view %d" : "level %d", i);
        blob = vtb_blob_make(text, strlen(text));
        vtb_web_send_latest(bed->web, socket, i < n ? 3 : 5, blob);
        vtb_blob_unref(blob);
    }
}

static void message(void *ctx, vtb_web_socket socket, void *user, struct vtb_str text)
{
    struct bed *bed = ctx;
    char word[128] = "";
    int n = 0;
    size_t size = 0;

    (void)user;
    bed->last_len = text.len;
    if (text.len < sizeof word) {
        memcpy(word, text.at, text.len);
        word[text.len] = '\0';
    }
    if (strcmp(word, "ping") == 0)
        send_text(bed, socket, "pong");
    else if (strcmp(word, "bye") == 0) {
        send_text(bed, socket, "last words");
        vtb_web_socket_close(bed->web, socket, 4001, "signed out");
        send_text(bed, socket, "never");
    } else if (sscanf(word, "flood %d %zu", &n, &size) == 2)
        flood(bed, n, size);
    else if (sscanf(word, "latest %d", &n) == 1)
        latest(bed, socket, n);
    else
        send_text(bed, socket, "got it");
}

static void resync(void *ctx, vtb_web_socket socket, void *user)
{
    struct bed *bed = ctx;
    char text[32];

    (void)user;
    bed->resyncs++;
    snprintf(text, sizeof text, "snapshot %d", bed->messages);
    send_text(bed, socket, text);
}

/* ---- life ---- */

static void on_call(uv_async_t *async)
{
    struct bed *bed = async->data;

    if (bed->fn) {
        bed->fn(bed, bed->fn_ctx);
        bed->fn = NULL;
        uv_sem_post(&bed->called);
    }
}

static void *serve(void *ctx)
{
    struct bed *bed = ctx;

    bed->start_err = vtb_web_start(&bed->cfg, &bed->web);
    if (!bed->start_err)
        bed->port = vtb_web_port(bed->web);
    uv_sem_post(&bed->started);
    if (!bed->start_err) {
        uv_run(&bed->loop, UV_RUN_DEFAULT);
        vtb_web_destroy(bed->web);
    } else {
        uv_close((uv_handle_t *)&bed->call, NULL);
        uv_run(&bed->loop, UV_RUN_DEFAULT);
    }
    CHECK_EQ(uv_loop_close(&bed->loop), 0); /* no handle was forgotten */
    return NULL;
}

static struct vtb_blob *make_big(void)
{
    size_t len = 300000;
    uint8_t *bytes = malloc(len);
    struct vtb_blob *blob;

    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    blob = vtb_blob_make(bytes, len);
    free(bytes);
    return blob;
}

struct bed *bed_start(void (*change)(struct vtb_web_config *cfg))
{
    static const char *const loopback[] = { "127.0.0.1" };
    struct bed *bed = calloc(1, sizeof *bed);
    int fd;

    bed->cfg = (struct vtb_web_config){
        .loop = &bed->loop, .addresses = loopback, .n_addresses = 1, .routes = routes,
        .ctx = bed, .gate = gate, .new_per_second = 1000,
        .live = { bed, admit, opened, message, resync, closed },
    };
    if (change)
        change(&bed->cfg);
    bed->big = make_big();
    snprintf(bed->file, sizeof bed->file, "%s", "/tmp/consilium-web-XXXXXX");
    fd = mkstemp(bed->file);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, vtb_blob_data(bed->big), vtb_blob_len(bed->big)), vtb_blob_len(bed->big));
    close(fd);
    CHECK_EQ(uv_loop_init(&bed->loop), 0);
    CHECK_EQ(uv_async_init(&bed->loop, &bed->call, on_call), 0);
    bed->call.data = bed;
    uv_sem_init(&bed->started, 0);
    uv_sem_init(&bed->called, 0);
    CHECK_EQ(pthread_create(&bed->thread, NULL, serve, bed), 0);
    uv_sem_wait(&bed->started);
    return bed;
}

void bed_call(struct bed *bed, void (*fn)(struct bed *bed, void *ctx), void *ctx)
{
    bed->fn_ctx = ctx;
    bed->fn = fn;
    uv_async_send(&bed->call);
    uv_sem_wait(&bed->called);
}

static void copy_figures(struct bed *bed, void *ctx)
{
    vtb_web_figures(bed->web, ctx);
}

struct vtb_web_figures bed_figures(struct bed *bed)
{
    struct vtb_web_figures figures;

    bed_call(bed, copy_figures, &figures);
    return figures;
}

static void on_stopped(void *ctx)
{
    struct bed *bed = ctx;

    uv_close((uv_handle_t *)&bed->call, NULL);
}

static void stop(struct bed *bed, void *ctx)
{
    (void)ctx;
    vtb_web_stop(bed->web, on_stopped, bed);
}

void bed_begin_stop(struct bed *bed)
{
    bed->is_stopped = true;
    bed_call(bed, stop, NULL);
}

void bed_stop(struct bed *bed)
{
    if (!bed->start_err && !bed->is_stopped)
        bed_begin_stop(bed);
    pthread_join(bed->thread, NULL);
    CHECK_EQ(bed->opened, bed->closed);
    CHECK_EQ(bed->n_sockets, 0);
    unlink(bed->file);
    vtb_blob_unref(bed->big);
    uv_sem_destroy(&bed->started);
    uv_sem_destroy(&bed->called);
    free(bed);
}
