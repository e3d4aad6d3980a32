#include "child.h"

#include "files.h"

#include "base/log.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MEMORY_BYTES 2147483648u
#define FILE_BYTES   1073741824u
#define FOLDER_FILES 4096u
#define FOLDER_BYTES 1073741824u
#define WATCH_MS     250u

enum { EXIT_SANDBOX_FIRST = 120, EXIT_SANDBOX_LAST = 127 }; /* launcher.c */

struct gather {
    uv_pipe_t pipe;
    char *text;
    size_t len, cap; /* what comes beyond is read and forgotten */
};

struct child {
    struct vtb_documents *docs;
    child_done_fn *done; /* NULL when abandoned */
    void *ctx;
    uv_process_t process;
    uv_timer_t wall, watch;
    struct gather out, err;
    unsigned open_handles;
    bool exited, counting;
    int64_t status;
    int signal;
    struct child_end end;
    char folder[PATH_MAX];
    char output[CHILD_OUTPUT + 1], errors[CHILD_ERRORS + 1], scratch[4096];
};

static void judge(struct child *child)
{
    struct child_end *end = &child->end;

    end->output = child->output;
    end->errors = child->errors;
    end->exit = child->signal ? -1 : (int)child->status;
    if (child->signal == SIGXCPU)
        end->too_long = true;
    if (child->signal == SIGXFSZ)
        end->over_quota = true;
    /* The tools leave with 0 to 99; these are the launcher's own. */
    if (end->exit >= EXIT_SANDBOX_FIRST && end->exit <= EXIT_SANDBOX_LAST)
        end->broken = true;
}

static void finish_if_quiet(struct child *child)
{
    struct vtb_documents *docs = child->docs;

    if (child->open_handles > 0 || child->counting)
        return;
    if (child->done && !docs->closed) {
        judge(child);
        child->done(child->ctx, &child->end);
    }
    free(child);
    documents_release(docs);
}

static void closed(uv_handle_t *handle)
{
    struct child *child = handle->data;

    child->open_handles--;
    finish_if_quiet(child);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, closed);
}

static void end_now(struct child *child)
{
    if (!child->exited)
        uv_process_kill(&child->process, SIGKILL);
}

static void wall_ran_out(uv_timer_t *timer)
{
    struct child *child = timer->data;

    child->end.too_long = true;
    end_now(child);
}

static void room_to_read(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
    struct child *child = handle->data;

    (void)wanted;
    *out = uv_buf_init(child->scratch, sizeof child->scratch);
}

static void has_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *from)
{
    struct gather *gather = (struct gather *)stream;

    if (n < 0) {
        close_handle((uv_handle_t *)stream);
        return;
    }
    if ((size_t)n > gather->cap - gather->len)
        n = (ssize_t)(gather->cap - gather->len);
    if (n > 0)
        memcpy(gather->text + gather->len, from->base, (size_t)n);
    gather->len += (size_t)n;
}

static void has_exited(uv_process_t *process, int64_t status, int sig)
{
    struct child *child = process->data;

    child->exited = true;
    child->status = status;
    child->signal = sig;
    close_handle((uv_handle_t *)&child->wall);
    close_handle((uv_handle_t *)&child->watch);
    close_handle((uv_handle_t *)process);
}

/* ---- the folder's quota, counted in the pool while the child runs ---- */

struct count {
    struct work work;
    struct child *child;
    char folder[PATH_MAX];
    bool over;
};

static void count_run(struct work *work)
{
    struct count *count = (struct count *)work;
    uint64_t files, bytes;

    files_count(count->folder, FOLDER_FILES, FOLDER_BYTES, &files, &bytes);
    count->over = files > FOLDER_FILES || bytes > FOLDER_BYTES;
}

static void count_done(struct work *work)
{
    struct count *count = (struct count *)work;
    struct child *child = count->child;

    child->counting = false;
    if (count->over) {
        child->end.over_quota = true;
        end_now(child);
    }
    free(count);
    finish_if_quiet(child);
}

static void watch(uv_timer_t *timer)
{
    struct child *child = timer->data;
    struct count *count;

    if (child->counting)
        return;
    count = calloc(1, sizeof *count);
    if (!count)
        return; /* the next turn counts */
    count->child = child;
    memcpy(count->folder, child->folder, sizeof count->folder);
    if (documents_work(child->docs, &count->work, count_run, count_done))
        free(count);
    else
        child->counting = true;
}

/* ---- start ---- */

struct words {
    char *argv[CHILD_ARGS + 24];
    size_t n;
    char cpu[24], memory[24], file[24], parent[24], uid[24];
};

static void add(struct words *words, const char *word)
{
    if (words->n + 1 < VTB_COUNT(words->argv))
        words->argv[words->n++] = (char *)word; /* libuv copies nothing and writes nothing */
}

static void compose(struct words *words, const struct vtb_documents *docs,
                    const struct child_spec *spec)
{
    snprintf(words->cpu, sizeof words->cpu, "%u", spec->cpu_s);
    snprintf(words->memory, sizeof words->memory, "%u", MEMORY_BYTES);
    snprintf(words->file, sizeof words->file, "%u", FILE_BYTES);
    snprintf(words->parent, sizeof words->parent, "%ld", (long)getpid());
    snprintf(words->uid, sizeof words->uid, "%lu", (unsigned long)docs->child_uid);
    const char *const fixed[] = { docs->sandbox, "--write",    spec->folder,  "--cpu",
                                  words->cpu,    "--memory",   words->memory, "--file",
                                  words->file,   "--parent",   words->parent, "--uid",
                                  words->uid };

    for (size_t i = 0; i < VTB_COUNT(fixed); i++)
        add(words, fixed[i]);
    if (docs->require_landlock)
        add(words, "--require-landlock");
    add(words, "--");
    for (size_t i = 0; i < CHILD_ARGS && spec->argv[i]; i++)
        add(words, spec->argv[i]);
}

static enum vtb_err spawn(struct child *child, const struct child_spec *spec, int source)
{
    static char *const env[] = { "PATH=/usr/bin", "LC_ALL=C.UTF-8", "HOME=.", "TMPDIR=.",
                                 "VIPS_BLOCK_UNTRUSTED=1", "VIPS_CONCURRENCY=2",
                                 "VIPS_NO_VECTOR=1", "MALLOC_ARENA_MAX=2", NULL };
    struct words words = { .n = 0 };
    uv_stdio_container_t stdio[3] = {
        { .flags = UV_INHERIT_FD, .data.fd = source },
        { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&child->out },
        { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&child->err },
    };
    uv_process_options_t options = {
        .exit_cb = has_exited, .env = (char **)env, .stdio = stdio, .stdio_count = 3
    };
    int rc;

    compose(&words, child->docs, spec);
    options.args = words.argv;
    options.file = words.argv[0];
    rc = uv_spawn(child->docs->loop, &child->process, &options);
    if (rc) {
        VTB_LOG(VTB_ERROR, "documents.spawn", VTB_I64("uv", rc));
        return VTB_SYS;
    }
    uv_read_start((uv_stream_t *)&child->out, room_to_read, has_read);
    uv_read_start((uv_stream_t *)&child->err, room_to_read, has_read);
    uv_timer_start(&child->wall, wall_ran_out, spec->wall_s * 1000u, 0);
    uv_timer_start(&child->watch, watch, WATCH_MS, WATCH_MS);
    return VTB_OK;
}

static struct child *make(struct vtb_documents *docs, child_done_fn *done, void *ctx)
{
    struct child *child = calloc(1, sizeof *child);

    if (!child)
        return NULL;
    child->docs = docs;
    child->done = done;
    child->ctx = ctx;
    child->out.text = child->output;
    child->out.cap = CHILD_OUTPUT;
    child->err.text = child->errors;
    child->err.cap = CHILD_ERRORS;
    uv_pipe_init(docs->loop, &child->out.pipe, 0);
    uv_pipe_init(docs->loop, &child->err.pipe, 0);
    uv_timer_init(docs->loop, &child->wall);
    uv_timer_init(docs->loop, &child->watch);
    child->out.pipe.data = child->err.pipe.data = child;
    child->wall.data = child->watch.data = child->process.data = child;
    child->open_handles = 5;
    documents_hold(docs);
    return child;
}

enum vtb_err child_start(struct vtb_documents *docs, const struct child_spec *spec,
                         child_done_fn *done, void *ctx, struct child **out_child)
{
    int source = open(spec->source ? spec->source : "/dev/null",
                      O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct child *child;
    enum vtb_err err;

    if (source < 0)
        return VTB_ABSENT;
    child = make(docs, done, ctx);
    if (!child) {
        close(source);
        return VTB_NOMEM;
    }
    snprintf(child->folder, sizeof child->folder, "%s", spec->folder);
    err = spawn(child, spec, source);
    close(source);
    if (err) {
        child->done = NULL;
        child->exited = true;
        close_handle((uv_handle_t *)&child->out);
        close_handle((uv_handle_t *)&child->err);
        close_handle((uv_handle_t *)&child->wall);
        close_handle((uv_handle_t *)&child->watch);
        close_handle((uv_handle_t *)&child->process);
        return err;
    }
    *out_child = child;
    return VTB_OK;
}

void child_kill(struct child *child)
{
    end_now(child);
}

void child_abandon(struct child *child)
{
    child->done = NULL;
    end_now(child);
}
