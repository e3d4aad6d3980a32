/* child.c - consilium-export behind the walls of consilium-sandbox: started, fed, listened to, ended. */
#include "inner.h"

#include "base/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_BYTES "2147483648"
#define FILM_BYTES   "1073741824" /* of memory, while it is made: an hour has some 55 MB */
#define CPU_S        "10800"
#define WALL_MS      (4u * 3600u * 1000u)

static void closed(uv_handle_t *handle)
{
    struct film_child *child = handle->data;

    if (--child->handles == 0)
        child->over(child);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, closed);
}

static void room_to_read(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
    struct film_child *child = handle->data;

    (void)wanted;
    *out = uv_buf_init(child->scratch, sizeof child->scratch);
}

static void has_line(struct film_child *child)
{
    unsigned percent;

    child->said[child->said_n] = '\0';
    if (sscanf(child->said, "progress %u", &percent) == 1 && percent <= 100)
        child->percent = percent;
    else if (strncmp(child->said, "consilium-export: ", 18) == 0 || strncmp(child->said, "consilium-sandbox: ", 19) == 0)
        VTB_LOG(VTB_WARN, "films.child", VTB_STR("says", child->said)); /* our own sentences, of nobody */
    child->said_n = 0;
}

static void has_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *from)
{
    struct film_child *child = stream->data;

    if (n < 0) {
        close_handle((uv_handle_t *)stream);
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        if (from->base[i] == '\n')
            has_line(child);
        else if (child->said_n + 1 < sizeof child->said)
            child->said[child->said_n++] = from->base[i];
    }
}

static void has_exited(uv_process_t *process, int64_t status, int sig)
{
    struct film_child *child = process->data;

    child->is_over = true;
    child->status = status;
    child->signal = sig;
    close_handle((uv_handle_t *)&child->wall);
    close_handle((uv_handle_t *)&child->in);
    close_handle((uv_handle_t *)process);
}

static void wall_ran_out(uv_timer_t *timer)
{
    film_child_kill(timer->data);
}

static int spawn(struct film_child *child, uv_loop_t *loop, const struct film_child_spec *spec)
{
    static char *const env[] = { "PATH=/usr/bin", "LC_ALL=C.UTF-8", "HOME=.", "TMPDIR=.", "XDG_CACHE_HOME=.",
                                 "MALLOC_ARENA_MAX=2", NULL };
    char parent[24], uid[24];
    const char *const words[] = { spec->sandbox, "--write", spec->folder, "--cpu", CPU_S, "--memory", MEMORY_BYTES, "--file",
                                  FILM_BYTES, "--parent", parent, "--uid", uid, "--read", spec->program, "--pairs", "--",
                                  spec->program, NULL };
    uv_stdio_container_t stdio[3] = {
        { .flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&child->in },
        { .flags = UV_INHERIT_FD, .data.fd = spec->film },
        { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&child->words },
    };
    char *argv[VTB_COUNT(words)];
    uv_process_options_t options = { .exit_cb = has_exited, .file = spec->sandbox, .args = argv, .env = (char **)env,
                                     .stdio = stdio, .stdio_count = 3 };

    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    snprintf(uid, sizeof uid, "%lu", (unsigned long)spec->uid);
    memcpy(argv, words, sizeof words); /* libuv copies nothing and writes nothing */
    return uv_spawn(loop, &child->process, &options);
}

enum vtb_err film_child_start(struct film_child *child, uv_loop_t *loop, const struct film_child_spec *spec)
{
    int rc;

    uv_pipe_init(loop, &child->in, 0);
    uv_pipe_init(loop, &child->words, 0);
    uv_timer_init(loop, &child->wall);
    child->in.data = child->words.data = child->wall.data = child->process.data = child;
    child->handles = 4;
    child->is_started = true;
    rc = spawn(child, loop, spec);
    if (rc) {
        VTB_LOG(VTB_ERROR, "films.spawn", VTB_I64("uv", rc));
        child->is_over = true;
        child->status = -1;
        close_handle((uv_handle_t *)&child->in);
        close_handle((uv_handle_t *)&child->words);
        close_handle((uv_handle_t *)&child->wall);
        close_handle((uv_handle_t *)&child->process);
        return VTB_SYS;
    }
    uv_read_start((uv_stream_t *)&child->words, room_to_read, has_read);
    uv_timer_start(&child->wall, wall_ran_out, WALL_MS, 0);
    return VTB_OK;
}

static void has_written(uv_write_t *write, int status)
{
    struct film_child *child = write->data;

    child->is_writing = false;
    child->written(child, status == 0);
}

enum vtb_err film_child_give(struct film_child *child, const uv_buf_t *parts, unsigned n)
{
    child->write.data = child;
    if (child->is_over || uv_is_closing((uv_handle_t *)&child->in) ||
        uv_write(&child->write, (uv_stream_t *)&child->in, parts, n, has_written) != 0)
        return VTB_CLOSED;
    child->is_writing = true;
    return VTB_OK;
}

void film_child_end_input(struct film_child *child)
{
    close_handle((uv_handle_t *)&child->in);
}

void film_child_kill(struct film_child *child)
{
    if (child->is_started && !child->is_over)
        uv_process_kill(&child->process, SIGKILL);
}
