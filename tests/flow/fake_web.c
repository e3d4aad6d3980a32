/* fake_web.c - sockets that are arrays, and a clock that is a number. */
#include "fakes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOCKETS 64

int64_t fake_wall_us = INT64_C(1764000000000000);
uint64_t fake_mono_us = 1000000;
static uv_timer_t *timer;
static uv_timer_cb timer_fires;
static uint64_t timer_ms;
static struct vtb_web_live web, audio;
static struct fake_socket *sockets[SOCKETS];
static uint32_t sockets_n;

int64_t vtb_wall_us(void);
uint64_t vtb_mono_us(void);
int64_t vtb_wall_us(void)
{
    return fake_wall_us;
}
uint64_t vtb_mono_us(void)
{
    return fake_mono_us;
}

int uv_timer_init(uv_loop_t *loop, uv_timer_t *handle)
{
    (void)loop;
    timer = handle;
    return 0;
}
int uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, uint64_t timeout, uint64_t repeat)
{
    assert(handle == timer && timeout == repeat);
    timer_fires = cb;
    timer_ms = repeat;
    return 0;
}
int uv_timer_stop(uv_timer_t *handle)
{
    assert(handle == timer);
    timer_fires = NULL;
    return 0;
}
int uv_is_closing(const uv_handle_t *handle)
{
    (void)handle;
    return 0;
}
void uv_close(uv_handle_t *handle, uv_close_cb cb)
{
    (void)handle;
    (void)cb;
}

void fake_pass(uint64_t us)
{
    while (us > 0) {
        uint64_t step = us < timer_ms * 1000 ? us : timer_ms * 1000;

        fake_mono_us += step;
        fake_wall_us += (int64_t)step;
        us -= step;
        if (step == timer_ms * 1000 && timer_fires)
            timer_fires(timer);
        if (!fake_store.hold)
            fake_store_run();
        fake_web_turn();
    }
}

/* ---- sockets ---- */

static struct fake_socket *of(vtb_web_socket id)
{
    return id.index < sockets_n && id.generation ? sockets[id.index] : NULL;
}

static json_t *read_blob(struct vtb_blob *blob)
{
    json_t *message = json_loadb((const char *)vtb_blob_data(blob), vtb_blob_len(blob), 0, NULL);

    assert(message);
    return message;
}

void vtb_web_send(struct vtb_web *unused, vtb_web_socket id, struct vtb_blob *blob)
{
    struct fake_socket *socket = of(id);

    (void)unused;
    if (socket && !socket->is_over && !socket->code)
        json_array_append_new(socket->inbox, read_blob(blob));
}

void vtb_web_send_latest(struct vtb_web *unused, vtb_web_socket id, unsigned kind, struct vtb_blob *blob)
{
    struct fake_socket *socket = of(id);

    (void)unused;
    assert(kind < VTB_WEB_SLOTS);
    if (!socket || socket->is_over || socket->code)
        return;
    json_decref(socket->slots[kind]);
    socket->slots[kind] = read_blob(blob);
    socket->slot_sends[kind]++;
}

void vtb_web_socket_close(struct vtb_web *unused, vtb_web_socket id, unsigned code, const char *reason)
{
    struct fake_socket *socket = of(id);

    (void)unused;
    (void)reason;
    if (socket && !socket->code)
        socket->code = code;
}

struct vtb_str vtb_web_request_field(const struct vtb_web_request *req, enum vtb_web_field field)
{
    return vtb_str_of(field == VTB_WEB_COOKIE ? req->cookie : "");
}
const char *vtb_web_request_local(const struct vtb_web_request *req)
{
    (void)req;
    return "192.0.2.1";
}

struct vtb_str vtb_web_request_query(const struct vtb_web_request *req, const char *name)
{
    assert(strcmp(name, "meeting") == 0);
    return vtb_str_of(req->meeting ? req->meeting : "");
}
void vtb_web_send_frame(struct vtb_web *unused, vtb_web_socket id, struct vtb_blob *blob)
{
    struct fake_socket *socket = of(id);

    (void)unused;
    (void)blob;
    if (socket && !socket->is_over && !socket->code)
        socket->frames++;
}

void fake_web_open(struct vtb_web_live live, struct vtb_web_live sound)
{
    web = live;
    audio = sound;
    sockets_n = 0;
}

static struct fake_socket *dial(const struct vtb_web_live *use, const char *token, const char *meeting, int *out_status)
{
    struct vtb_web_request req = { .meeting = meeting };
    struct fake_socket *socket = calloc(1, sizeof *socket);

    assert(socket && sockets_n < SOCKETS);
    snprintf(req.cookie, sizeof req.cookie, "other=1; %s=%s", VTB_COOKIE_SESSION, token);
    *out_status = use->admit(use->ctx, &req, &socket->user);
    if (*out_status != 0) {
        free(socket);
        return NULL;
    }
    socket->use = use;
    socket->inbox = json_array();
    socket->id = (vtb_web_socket){ sockets_n, 1 };
    sockets[sockets_n++] = socket;
    use->opened(use->ctx, socket->id, socket->user);
    return socket;
}

struct fake_socket *fake_dial(const char *token)
{
    int status;

    return dial(&web, token, NULL, &status);
}

struct fake_socket *fake_dial_audio(const char *token, const char *meeting, int *out_status)
{
    return dial(&audio, token, meeting, out_status);
}

void fake_frame(struct fake_socket *socket, const void *bytes, size_t len)
{
    audio.message(audio.ctx, socket->id, socket->user, (struct vtb_str){ bytes, len });
}

void fake_hang_up(struct fake_socket *socket)
{
    if (socket->is_over)
        return;
    socket->is_over = true;
    socket->use->closed(socket->use->ctx, socket->id, socket->user);
}

void fake_say(struct fake_socket *socket, const char *text)
{
    /* A copy without a terminator, so that a read past the end is seen by the sanitizer. */
    size_t len = strlen(text);
    char *exact = malloc(len ? len : 1);

    assert(exact);
    memcpy(exact, text, len);
    web.message(web.ctx, socket->id, socket->user, (struct vtb_str){ exact, len });
    free(exact);
}

void fake_web_turn(void)
{
    for (uint32_t i = 0; i < sockets_n; i++)
        if (sockets[i]->code)
            fake_hang_up(sockets[i]);
}

void fake_web_close(void)
{
    for (uint32_t i = 0; i < sockets_n; i++) {
        fake_hang_up(sockets[i]);
        json_decref(sockets[i]->inbox);
        for (size_t k = 0; k < VTB_WEB_SLOTS; k++)
            json_decref(sockets[i]->slots[k]);
        free(sockets[i]);
    }
    sockets_n = 0;
}
